namespace Kiln.Driver.Tools;

// What --help says. Build systems search it for an option's name, and libtool for the line of targets: without that line it makes no
// shared library.
public sealed partial class LdTool
{
    /// <summary>The text of <c>ld --help</c>: the options that are taken.</summary>
    internal const string Help = """
        Usage: ld [options] file...
        Options:
          -o FILE, --output FILE      Name the output
          -e NAME, --entry NAME       Start at this symbol
          -l NAME, --library NAME     Link a library
          -L DIR, --library-path DIR  Search libraries in DIR
          -r, --relocatable           Make an object that can be linked again
          -shared, -Bshareable        Make a shared library
          -pie, --pic-executable      Make an executable that can lie anywhere
          -no-pie                     Make an executable at a fixed address
          -static, -Bstatic, -dn      Do not link against shared libraries
          -Bdynamic, -dy              Link against shared libraries
          -Bsymbolic                  Bind global references locally
          -Bsymbolic-functions        Bind global function references locally
          -h NAME, -soname NAME       Name the shared library
          -rpath PATH                 Where the dynamic linker searches
          -rpath-link PATH            Where libraries of libraries are searched
          --dynamic-linker PROGRAM    Name the dynamic linker
          --no-dynamic-linker         Make an executable without one
          --sysroot=DIR               Search absolute library paths below DIR
          -m EMULATION                Choose the kind of machine
          -(, --start-group  -), --end-group
                                      Search the archives between again and again
          --as-needed, --no-as-needed Name only libraries that are used
          --whole-archive, --no-whole-archive
                                      Link all members of archives
          --push-state, --pop-state   Keep the state of these, and take it back
          --copy-dt-needed-entries, --no-copy-dt-needed-entries
                                      Use libraries that libraries name
          --defsym NAME=EXPRESSION    Define a symbol
          --wrap NAME                 Send references through __wrap_NAME
          -u NAME, --undefined NAME   Start with an undefined reference
          --require-defined NAME      The same, and it must get defined
          -y NAME, --trace-symbol NAME  Show where a symbol is named
          -E, --export-dynamic, --no-export-dynamic
                                      Export all symbols of an executable
          --export-dynamic-symbol NAME, --export-dynamic-symbol-list FILE, --dynamic-list FILE
                                      Export these
          --exclude-libs LIBS         Hide symbols of archives
          --version-script FILE       Read versions of symbols
          --undefined-version, --no-undefined-version
                                      Take versions of symbols that are not there
          --no-undefined, -z defs     Refuse undefined symbols in shared libraries
          --allow-shlib-undefined, --no-allow-shlib-undefined
                                      Take undefined symbols in shared libraries that are linked
          --unresolved-symbols METHOD, --warn-unresolved-symbols, --error-unresolved-symbols
                                      What to do about undefined symbols
          --allow-multiple-definition, -z muldefs
                                      Take the first of several definitions
          --gc-sections, --no-gc-sections, --print-gc-sections, --gc-keep-exported
                                      Leave unused sections out
          --build-id[=STYLE]          Make a note that names the build
          --hash-style=sysv|gnu|both  The kind of symbol hash
          --eh-frame-hdr, --no-eh-frame-hdr
                                      Make a table for unwinding
          --emit-relocs               Keep relocations in the output
          --relax, --no-relax         Shorten code where possible
          --enable-new-dtags, --disable-new-dtags
                                      DT_RUNPATH or DT_RPATH
          -s, --strip-all  -S, --strip-debug
                                      Leave out all symbols, or debug information
          -x, --discard-all  -X, --discard-locals
                                      Leave out local symbols
          -init NAME, -fini NAME      Functions for start and end
          -Ttext ADDRESS, -Tdata ADDRESS, -Tbss ADDRESS, -Ttext-segment ADDRESS, --section-start NAME=ADDRESS
                                      Where sections lie
          -N, --omagic  -n, --nmagic  Do not lay out by pages
          --sort-common, --sort-section name|alignment
                                      Sort what is laid out
          -M, --print-map, -Map FILE  Show the layout
          -t, --trace                 Show the files
          --fatal-warnings, --no-fatal-warnings, -w, --no-warnings
                                      What warnings are
          --warn-common, --warn-execstack, --warn-rwx-segments
                                      Warn of these
          --noinhibit-exec            Write an output in spite of errors
          --dependency-file=FILE      Write a rule for make
          @FILE                       Read options from FILE
          -v, --version, --help       Show the version, or this
          -z KEYWORD                  relro norelro now lazy execstack noexecstack defs undefs text notext combreloc nocombreloc
                                      separate-code noseparate-code nocopyreloc origin nodelete nodlopen nodump nodefaultlib interpose
                                      initfirst max-page-size=SIZE common-page-size=SIZE stack-size=SIZE start-stop-gc nostart-stop-gc

        ld: supported targets: elf64-x86-64
        ld: supported emulations: elf_x86_64
        """;
}
