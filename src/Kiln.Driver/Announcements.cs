namespace Kiln.Driver;

/// <summary>
/// What the tools say about themselves. Build systems read these lines before anything else: libtool looks for <c>GNU</c>, meson for the
/// Free Software Foundation and for <c>GNU</c>, FFmpeg for a line that begins with <c>gcc</c>, kernels and C libraries for the last word,
/// perlasm for the number behind <c>GNU assembler version</c>. So each first line ends with the version of the tool whose place is taken, and
/// Kiln's own number stands on a line of its own.
/// </summary>
internal static class Announcements
{
    /// <summary>The GNU assembler whose instructions are all known here: 2.25 brought AVX-512, which is missing.</summary>
    private const string AssemblerVersion = "2.24";

    private const string LinkerVersion = "2.40";

    private static readonly string _own = $"kiln {CarriedFiles.Version}";

    /// <summary><c>gcc --version</c>; the version is that of <c>-fgnuc-version=</c>.</summary>
    public static string Compiler(string gnucVersion) => $"""
        kiln (gcc compatible) {gnucVersion}
        {_own}
        Does what gcc of the Free Software Foundation does, and has no part of it.
        """;

    /// <summary><c>gcc -v</c>.</summary>
    public static string CompilerDetails(string triple, string gnucVersion) => $"""
        {_own}
        Target: {triple}
        Thread model: posix
        gcc version {gnucVersion} (compatible, {_own})
        """;

    /// <summary><c>as --version</c>.</summary>
    public static string Assembler() => $"GNU assembler (compatible, kiln) {AssemblerVersion}\n{_own}";

    /// <summary><c>as -v</c>.</summary>
    public static string AssemblerDetails(string triple) => $"GNU assembler version {AssemblerVersion} ({triple}) compatible, {_own}";

    /// <summary><c>ld --version</c>, and the one line that <c>ld -v</c> prints.</summary>
    public static string Linker(bool isShort) => $"GNU ld (compatible, kiln) {LinkerVersion}" + (isShort ? "" : "\n" + _own);

    /// <summary><c>--version</c> of the small tools.</summary>
    public static string Tool(string name) => $"GNU {name} (compatible, kiln) {LinkerVersion}\n{_own}";
}
