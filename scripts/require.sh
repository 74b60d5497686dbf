# What the build and the tests need on the machine; sourced. Installs through apt where that can be done, else says what to install.

# need COMMAND PACKAGE...: makes sure that a command is there.
need() {
    command -v "$1" >/dev/null 2>&1 && return 0
    shift
    install_packages "$@"
}

# install_packages PACKAGE...: installs what is missing, or says what to install and fails.
install_packages() {
    local missing=() package
    for package in "$@"; do
        dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
        export DEBIAN_FRONTEND=noninteractive
        apt-get install -y -q "${missing[@]}" >/dev/null 2>&1 && return 0
        apt-get update -q >/dev/null 2>&1 && apt-get install -y -q "${missing[@]}" >/dev/null 2>&1 && return 0
    fi
    echo "Please install: ${missing[*]} (apt-get install ${missing[*]})" >&2
    return 1
}

need_dotnet() {
    command -v dotnet >/dev/null 2>&1 && dotnet --list-sdks 2>/dev/null | grep -q '^10\.' && return 0
    install_packages dotnet-sdk-10.0 || { echo "Kiln is built with the .NET SDK 10.0: https://dotnet.microsoft.com/download" >&2; exit 1; }
}

# NativeAOT links with a C compiler as linker driver.
need_native_linker() {
    command -v clang >/dev/null 2>&1 || command -v gcc >/dev/null 2>&1 || install_packages gcc libc6-dev || exit 1
    [ -e /usr/include/zlib.h ] || install_packages zlib1g-dev || exit 1
    if ! command -v clang >/dev/null 2>&1; then
        export CppCompilerAndLinker=gcc
    fi
}

need_libc() {
    [ -e /usr/include/stdio.h ] || install_packages libc6-dev || exit 1
}
