using Kiln.Linker;
using Kiln.Object.Elf;

namespace Kiln.Driver.Tools;

public sealed partial class LdTool
{
    // Options whose effect is on speed, memory or messages alone, or that concern what Kiln's inputs cannot be.
    private static bool IsHarmless(string name) => name is "no-keep-memory" or "reduce-memory-overheads" or "stats" or "check-sections"
        or "no-check-sections" or "demangle" or "no-demangle" or "warn-once" or "warn-constructors" or "warn-multiple-gp"
        or "warn-section-align" or "warn-alternate-em" or "warn-textrel" or "no-accept-unknown-input-arch" or "accept-unknown-input-arch"
        or "force-exe-suffix" or "no-warn-mismatch" or "traditional-format" or "no-warn-search-mismatch" or "disable-multiple-abs-defs" or "EL" or "Qy"
        or "qmagic" or "map-whole-files" or "no-map-whole-files" or "flto" or "print-map-discarded" or "no-print-map-discarded"
        or "ctf-variables" or "no-ctf-variables" or "strip-discarded" or "no-strip-discarded" or "no-ld-generated-unwind-info"
        or "ld-generated-unwind-info" or "no-add-needed" or "no-copy-dt-needed-entries" or "dc" or "dp" or "d" or "g" or "nostdlib++"
        or "no-print-gc-sections" or "no-fatal-warnings" or "no-export-dynamic" or "no-gc-sections" or "no-omagic" or "no-warn-execstack"
        or "no-warn-rwx-segments" or "disable-new-dtags" or "no-warnings";

    // The same, with an argument that is skipped.
    private static bool IsHarmlessWithArgument(string name) => name is "plugin" or "plugin-opt" or "hash-size" or "max-cache-size"
        or "spare-dynamic-tags" or "assert" or "flto-partition" or "fuse-ld" or "ctf-share-types" or "orphan-handling" or "architecture";

    private string? LongOption(string name, string? value, string word)
    {
        if (value is null)
        {
            if (Flag(name, out string? problem))
                return problem;
            if (IsHarmless(name))
                return Quiet(name);
        }
        if (OptionalValue(name, value, out string? answer))
            return answer;
        if (IsHarmlessWithArgument(name))
            return Argument(ref value, out string? missing, word) ? null : missing;
        if (TakesArgument(name))
            return Argument(ref value, out string? missing, word) ? WithValue(name, value!, word) : missing;
        return NotKnown;
    }

    // Harmless names that undo something.
    private string? Quiet(string name)
    {
        switch (name)
        {
            case "no-print-gc-sections":
                _options.PrintGcSections = false;
                break;
            case "no-fatal-warnings":
                _options.FatalWarnings = false;
                break;
            case "no-export-dynamic":
                _options.ExportDynamic = false;
                break;
            case "no-gc-sections":
                _options.GcSections = false;
                break;
            case "no-omagic":
                _options.OMagic = _options.NMagic = false;
                break;
            case "no-warn-execstack":
                _options.WarnExecStack = false;
                break;
            case "no-warn-rwx-segments":
                _options.WarnRwxSegments = false;
                break;
            case "disable-new-dtags":
                _options.NewDynamicTags = false;
                break;
            case "no-warnings":
                _options.NoWarnings = true;
                break;
            case "no-copy-dt-needed-entries" or "no-add-needed":
                return State(LinkInputState.CopyNeeded, false);
            case "dc" or "dp" or "d":
                _forcesCommon = true;
                break;
        }
        return null;
    }

    private bool Flag(string name, out string? problem)
    {
        problem = null;
        LinkOptions o = _options;
        switch (name)
        {
            case "(" or "start-group":
                problem = Input(LinkInputKind.GroupStart, "");
                break;
            case ")" or "end-group":
                problem = Input(LinkInputKind.GroupEnd, "");
                break;
            case "as-needed":
                problem = State(LinkInputState.AsNeeded, true);
                break;
            case "no-as-needed":
                problem = State(LinkInputState.AsNeeded, false);
                break;
            case "whole-archive":
                problem = State(LinkInputState.WholeArchive, true);
                break;
            case "no-whole-archive":
                problem = State(LinkInputState.WholeArchive, false);
                break;
            case "copy-dt-needed-entries" or "add-needed":
                problem = State(LinkInputState.CopyNeeded, true);
                break;
            case "Bstatic" or "dn" or "non_shared" or "static":
                problem = State(LinkInputState.Static, true);
                break;
            case "Bdynamic" or "dy" or "call_shared":
                problem = State(LinkInputState.Static, false);
                break;
            case "push-state":
                _saved.Push(_state);
                break;
            case "pop-state":
                if (_saved.Count == 0)
                    problem = "no state pushed before popping";
                else
                    _state = _saved.Pop();
                break;
            case "shared" or "Bshareable":
                o.Kind = OutputKind.Shared;
                break;
            case "pie" or "pic-executable":
                o.Kind = OutputKind.Pie;
                break;
            case "no-pie":
                o.Kind = OutputKind.Executable;
                break;
            case "r" or "i" or "relocatable" or "Ur":
                o.Kind = OutputKind.Relocatable;
                break;
            case "Bsymbolic":
                o.Symbolic = SymbolicBinding.All;
                break;
            case "Bsymbolic-functions":
                o.Symbolic = SymbolicBinding.Functions;
                break;
            case "Bno-symbolic":
                o.Symbolic = SymbolicBinding.None;
                break;
            case "Bgroup":
                o.DynamicFlags1 |= DynamicFlags1.Group;
                break;
            case "E" or "export-dynamic":
                o.ExportDynamic = true;
                break;
            case "no-dynamic-linker":
                o.NoDynamicLinker = true;
                break;
            case "enable-new-dtags":
                o.NewDynamicTags = true;
                break;
            case "eh-frame-hdr":
                o.EhFrameHeader = true;
                break;
            case "no-eh-frame-hdr":
                o.EhFrameHeader = false;
                break;
            case "gc-sections":
                o.GcSections = true;
                break;
            case "print-gc-sections":
                o.PrintGcSections = true;
                break;
            case "gc-keep-exported":
                o.GcKeepExported = true;
                break;
            case "no-undefined":
                o.NoUndefined = true;
                break;
            case "allow-shlib-undefined":
                o.AllowShlibUndefined = true;
                break;
            case "no-allow-shlib-undefined":
                o.AllowShlibUndefined = false;
                break;
            case "allow-multiple-definition":
                o.AllowMultipleDefinition = true;
                break;
            case "undefined-version":
                o.UndefinedVersion = true;
                break;
            case "no-undefined-version":
                o.UndefinedVersion = false;
                break;
            case "dynamic-list-data":
                o.DynamicListData = true;
                break;
            case "s" or "strip-all":
                o.Strip = StripKind.All;
                break;
            case "S" or "strip-debug":
                o.Strip = StripKind.Debug;
                break;
            case "x" or "discard-all":
                o.Discard = DiscardKind.All;
                break;
            case "X" or "discard-locals":
                o.Discard = DiscardKind.Temporary;
                break;
            case "discard-none":
                o.Discard = DiscardKind.None;
                break;
            case "n" or "nmagic":
                o.NMagic = true;
                State(LinkInputState.Static, true);
                break;
            case "N" or "omagic":
                o.OMagic = true;
                State(LinkInputState.Static, true);
                break;
            case "q" or "emit-relocs":
                o.EmitRelocations = true;
                break;
            case "relax":
                o.Relax = true;
                break;
            case "no-relax":
                o.Relax = false;
                break;
            case "M" or "print-map":
                o.PrintMap = true;
                break;
            case "t" or "trace":
                o.Trace = true;
                break;
            case "fatal-warnings":
                o.FatalWarnings = true;
                break;
            case "w":
                o.NoWarnings = true;
                break;
            case "noinhibit-exec":
                o.NoInhibitExec = true;
                break;
            case "warn-common":
                o.WarnCommon = true;
                break;
            case "warn-execstack":
                o.WarnExecStack = true;
                break;
            case "warn-rwx-segments":
                o.WarnRwxSegments = true;
                break;
            case "warn-unresolved-symbols":
                o.WarnUnresolved = true;
                break;
            case "error-unresolved-symbols":
                o.WarnUnresolved = false;
                break;
            case "nostdlib":
                _defaultLibraryPaths = false;
                break;
            case "v" or "version" or "V":
                _output.WriteLine(Announcements.Linker(isShort: name == "v"));
                _versionShown = true;
                break;
            case "help":
                _output.WriteLine(Help);
                _versionShown = true;
                break;
            case "print-sysroot":
                _output.WriteLine(o.Sysroot);
                _versionShown = true;
                break;
            case "print-output-format":
                _output.WriteLine("elf64-x86-64");
                _versionShown = true;
                break;
            default:
                return false;
        }
        return true;
    }

    // Options whose value may be left away.
    private bool OptionalValue(string name, string? value, out string? problem)
    {
        problem = null;
        switch (name)
        {
            case "build-id":
                problem = BuildId(value ?? "sha1");
                return true;
            case "verbose":
                _verbose = true;
                return true;
            case "sort-common":
                _options.SortCommon = value is not "ascending";
                problem = value is null or "ascending" or "descending" ? null : $"invalid common section sorting option: {value}";
                return true;
            case "demangle":
                return true;
            case "compress-debug-sections" when value is "none":
                return true;
            case "icf" when value is "none":
                return true;
            default:
                return false;
        }
    }

    private string? BuildId(string style)
    {
        _options.BuildId = style is "none" ? null : style;
        if (style is "none" or "sha1" or "md5" or "uuid" || style.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            return null;
        return $"unrecognized --build-id style `{style}'";
    }

    private static bool TakesArgument(string name) => name is "entry" or "output" or "library" or "library-path" or "sysroot" or "soname"
        or "dynamic-linker" or "undefined" or "require-defined" or "rpath" or "rpath-link" or "version-script" or "dynamic-list"
        or "export-dynamic-symbol" or "export-dynamic-symbol-list" or "exclude-libs" or "hash-style" or "Map" or "defsym" or "wrap"
        or "unresolved-symbols" or "ignore-unresolved-symbol" or "init" or "fini" or "Ttext" or "Tdata" or "Tbss" or "Ttext-segment"
        or "Trodata-segment" or "Tldata-segment" or "image-base" or "section-start" or "sort-section" or "dependency-file" or "script"
        or "default-script" or "dT" or "filter" or "auxiliary" or "trace-symbol" or "just-symbols" or "format" or "oformat" or "threads"
        or "retain-symbols-file" or "mri-script" or "audit" or "depaudit" or "split-by-file" or "split-by-reloc" or "package-metadata";

    private string? WithValue(string name, string value, string word)
    {
        LinkOptions o = _options;
        switch (name)
        {
            case "entry":
                return LetterWithValue('e', value, word);
            case "output":
                return LetterWithValue('o', value, word);
            case "library":
                return LetterWithValue('l', value, word);
            case "library-path":
                return LetterWithValue('L', value, word);
            case "undefined":
                return LetterWithValue('u', value, word);
            case "soname":
                return LetterWithValue('h', value, word);
            case "dynamic-linker":
                return LetterWithValue('I', value, word);
            case "filter":
                return LetterWithValue('F', value, word);
            case "auxiliary":
                return LetterWithValue('f', value, word);
            case "trace-symbol":
                return LetterWithValue('y', value, word);
            case "just-symbols":
                return LetterWithValue('R', value, word);
            case "script" or "default-script" or "dT":
                return LetterWithValue('T', value, word);
            case "format":
                return LetterWithValue('b', value, word);
            case "oformat":
                return value is "elf64-x86-64" ? null : $"output format {value} is not supported";
            case "sysroot":
                o.Sysroot = value.TrimEnd('/');
                return null;
            case "require-defined":
                o.Undefined.Add(value);
                o.RequireDefined.Add(value);
                return null;
            case "rpath":
                o.RunPaths.AddRange(value.Split(':'));
                return null;
            case "rpath-link":
                o.RunPathLinks.AddRange(value.Split(':'));
                return null;
            case "version-script":
                o.VersionScripts.Add(value);
                return null;
            case "dynamic-list":
                o.DynamicLists.Add(value);
                return null;
            case "export-dynamic-symbol":
                o.ExportDynamicSymbols.Add(value);
                return null;
            case "export-dynamic-symbol-list":
                o.ExportDynamicSymbolLists.Add(value);
                return null;
            case "exclude-libs":
                o.ExcludeLibraries.AddRange(value.Split(',', ':'));
                return null;
            case "hash-style":
                return Hash(value);
            case "Map":
                o.MapFile = value;
                return null;
            case "defsym":
                return DefSym(value);
            case "wrap":
                o.Wrap.Add(value);
                return null;
            case "unresolved-symbols":
                return Unresolved(value);
            case "ignore-unresolved-symbol":
                o.IgnoreUnresolved.Add(value);
                return null;
            case "init":
                o.InitSymbol = value;
                return null;
            case "fini":
                o.FiniSymbol = value;
                return null;
            case "Ttext":
                return Address(value, word, v => o.TextAddress = v);
            case "Tdata":
                return Address(value, word, v => o.DataAddress = v);
            case "Tbss":
                return Address(value, word, v => o.BssAddress = v);
            case "Ttext-segment":
                return Address(value, word, v => o.TextSegment = v);
            case "Trodata-segment":
                return Address(value, word, v => o.RodataSegment = v);
            case "image-base":
                return Address(value, word, v => o.ImageBase = v);
            case "section-start":
                return SectionStart(value, word);
            case "sort-section":
                o.SortSections = value is "alignment" ? SectionSort.Alignment : SectionSort.Name;
                return value is "alignment" or "name" ? null : $"invalid section sorting option: {value}";
            case "dependency-file":
                o.DependencyFile = value;
                return null;
            case "threads":
                if (!Number(value, hex: false, out ulong threads))
                    return $"invalid number `{value}'";
                o.Threads = (int)Math.Min(threads, 256);
                return null;
            default:
                return $"option '{word}' is not supported";
        }
    }

    private string? Hash(string style)
    {
        switch (style)
        {
            case "sysv":
                _options.HashStyle = HashStyle.SysV;
                return null;
            case "gnu":
                _options.HashStyle = HashStyle.Gnu;
                return null;
            case "both":
                _options.HashStyle = HashStyle.Both;
                return null;
            default:
                return $"invalid hash style `{style}'";
        }
    }

    private string? DefSym(string text)
    {
        int equals = text.IndexOf('=');
        if (equals <= 0)
            return $"--defsym:1: syntax error in `{text}'";
        _options.DefinedSymbols.Add((text[..equals].Trim(), text[(equals + 1)..].Trim()));
        return null;
    }

    private string? SectionStart(string text, string word)
    {
        int equals = text.IndexOf('=');
        if (equals <= 0)
            return $"invalid argument to option \"--section-start\"";
        return Address(text[(equals + 1)..], word, v => _options.SectionStarts.Add((text[..equals], v)));
    }

    private string? Unresolved(string method)
    {
        LinkOptions o = _options;
        (UnresolvedPolicy objects, UnresolvedPolicy libraries)? policy = method switch
        {
            "ignore-all" => (UnresolvedPolicy.Ignore, UnresolvedPolicy.Ignore),
            "report-all" => (UnresolvedPolicy.Report, UnresolvedPolicy.Report),
            "ignore-in-object-files" => (UnresolvedPolicy.Ignore, UnresolvedPolicy.Report),
            "ignore-in-shared-libs" => (UnresolvedPolicy.Report, UnresolvedPolicy.Ignore),
            _ => null,
        };
        if (policy is not { } p)
            return $"bad --unresolved-symbols option: {method}";
        (o.UnresolvedInObjects, o.UnresolvedInLibraries) = p;
        if (p.libraries == UnresolvedPolicy.Report)
            o.AllowShlibUndefined = false;
        return null;
    }

    // -z KEYWORD. An unknown keyword is warned of by ld; here it is refused, as a build that asks wants to know.
    private string? Keyword(string keyword)
    {
        LinkOptions o = _options;
        int equals = keyword.IndexOf('=');
        string? value = equals < 0 ? null : keyword[(equals + 1)..];
        switch (equals < 0 ? keyword : keyword[..equals])
        {
            case "now":
                o.BindNow = true;
                return null;
            case "lazy":
                o.BindNow = false;
                return null;
            case "relro":
                o.Relro = true;
                return null;
            case "norelro":
                o.Relro = false;
                return null;
            case "execstack":
                o.Stack = StackFlags.Executable;
                return null;
            case "noexecstack":
                o.Stack = StackFlags.NotExecutable;
                return null;
            case "separate-code":
                o.SeparateCode = true;
                return null;
            case "noseparate-code":
                o.SeparateCode = false;
                return null;
            case "defs":
                o.NoUndefined = true;
                return null;
            case "undefs":
                o.NoUndefined = false;
                o.UnresolvedInObjects = UnresolvedPolicy.Ignore;
                return null;
            case "muldefs":
                o.AllowMultipleDefinition = true;
                return null;
            case "text":
                o.TextRelocationsAreErrors = true;
                return null;
            case "notext" or "textoff":
                o.TextRelocationsAreErrors = false;
                return null;
            case "combreloc":
                o.CombineRelocations = true;
                return null;
            case "nocombreloc":
                o.CombineRelocations = false;
                return null;
            case "nocopyreloc":
                o.CopyRelocations = false;
                return null;
            case "origin":
                o.DynamicFlags |= DynamicFlags.Origin;
                o.DynamicFlags1 |= DynamicFlags1.Origin;
                return null;
            case "nodelete":
                o.DynamicFlags1 |= DynamicFlags1.NoDelete;
                return null;
            case "nodlopen":
                o.DynamicFlags1 |= DynamicFlags1.NoOpen;
                return null;
            case "nodump":
                o.DynamicFlags1 |= DynamicFlags1.NoDump;
                return null;
            case "nodefaultlib":
                o.DynamicFlags1 |= DynamicFlags1.NoDefLib;
                return null;
            case "interpose":
                o.DynamicFlags1 |= DynamicFlags1.Interpose;
                return null;
            case "initfirst":
                o.DynamicFlags1 |= DynamicFlags1.InitFirst;
                return null;
            case "loadfltr":
                o.DynamicFlags1 |= DynamicFlags1.LoadFltr;
                return null;
            case "global":
                o.DynamicFlags1 |= DynamicFlags1.Global;
                return null;
            case "start-stop-gc":
                o.StartStopGc = true;
                return null;
            case "nostart-stop-gc":
                o.StartStopGc = false;
                return null;
            case "start-stop-visibility":
                o.StartStopVisibility = value switch { "default" => 0, "internal" => 1, "hidden" => 2, "protected" => 3, _ => -1 };
                return o.StartStopVisibility < 0 ? $"invalid visibility in `-z {keyword}'" : null;
            case "dynamic-undefined-weak":
                o.DynamicUndefinedWeak = true;
                return null;
            case "nodynamic-undefined-weak":
                o.DynamicUndefinedWeak = false;
                return null;
            case "noreloc-overflow":
                o.CheckOverflow = false;
                return null;
            case "shstk":
                o.ForcedX86Features |= NoteType.X86FeatureShadowStack;
                return null;
            case "x86-64-baseline":
                o.X86IsaNeeded |= 1;
                return null;
            case "x86-64-v2":
                o.X86IsaNeeded |= 2;
                return null;
            case "x86-64-v3":
                o.X86IsaNeeded |= 4;
                return null;
            case "x86-64-v4":
                o.X86IsaNeeded |= 8;
                return null;
            case "call-nop":
                return CallPadding(value ?? "");
            case "max-page-size":
                return PageSize(value, keyword, v => o.MaxPageSize = v);
            case "common-page-size":
                return PageSize(value, keyword, v => o.CommonPageSize = v);
            case "stack-size":
                if (value is null || !Number(value, hex: false, out ulong size))
                    return $"invalid stack size `{value}'";
                o.StackSize = size;
                return null;
            // What these ask for is the only thing there is, or touches reports alone.
            case "common" or "nocommon" or "nounique-symbol" or "nounique" or "noindirect-extern-access" or "noextern-protected-data"
                or "cet-report" or "lam-u48-report" or "lam-u57-report" or "lam-report" or "keep-text-section-prefix"
                or "rel" or "rela" or "nopack-relative-relocs":
                return null;
            default:
                return $"-z {keyword} is not supported";
        }
    }

    // prefix-addr, suffix-nop, prefix-BYTE or suffix-BYTE
    private string? CallPadding(string value)
    {
        ulong padding = value switch { "prefix-addr" => 0x67, "suffix-nop" => 0x90, _ => 0 };
        bool isBehind = value.StartsWith("suffix-", StringComparison.Ordinal);
        if (padding == 0 && !isBehind && !value.StartsWith("prefix-", StringComparison.Ordinal))
            return $"unsupported option: -z call-nop={value}";
        if (padding == 0 && (!Number(value[7..], hex: false, out padding) || padding > 255))
            return $"invalid number for -z call-nop={value[..7]}: {value[7..]}";
        (_options.CallPadding, _options.CallPaddingIsBehind) = ((byte)padding, isBehind);
        return null;
    }

    private static string? PageSize(string? value, string keyword, Action<ulong> set)
    {
        if (value is null || !Number(value, hex: false, out ulong size) || !System.Numerics.BitOperations.IsPow2(size) || size > 1UL << 32)
            return $"invalid page size in `-z {keyword}'";
        set(size);
        return null;
    }
}
