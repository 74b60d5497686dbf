using System.Text;
using Kiln.Base;
using Kiln.Linker.Sections;
using Kiln.Linker.Symbols;
using Kiln.Object.Elf;

namespace Kiln.Linker.Inputs;

/// <summary>
/// Decides, as files come, which definition a name gets. An object's definition goes before a library's, a strong one before a
/// weak one, a definition before a common symbol, the first before the next; two strong ones are an error. References take the
/// first library that defines the name. Follows the gABI's chapter on symbols and GNU ld where that is silent.
/// </summary>
internal sealed class SymbolResolver(LinkJob job)
{
    private readonly HashSet<int> _wrapped = [];
    private readonly Dictionary<int, int> _wrapTargets = [];
    private readonly Dictionary<int, int> _realTargets = [];

    /// <summary>Ids that were undefined at some time, in the order of their first reference.</summary>
    public GrowBuffer<int> Undefined { get; } = new(256);

    /// <summary>Ids that were common at some time.</summary>
    public List<int> Commons { get; } = [];

    private SymbolTable Symbols => job.Symbols;

    /// <summary>Enters what the command line asks for: -u, -e, --wrap, -y, --defsym.</summary>
    public void AddCommandLineSymbols()
    {
        LinkOptions options = job.Options;
        foreach (string name in options.Wrap)
        {
            int plain = Symbols.Intern(name);
            int wrap = Symbols.Intern("__wrap_" + name);
            _wrapTargets[plain] = wrap;
            _realTargets[Symbols.Intern("__real_" + name)] = plain;
        }
        foreach (string name in options.TraceSymbols)
            Symbols[Symbols.Intern(name)].Traits |= SymbolTraits.Traced;
        foreach ((string name, _) in options.DefinedSymbols)
        {
            int id = Symbols.Intern(name);
            ref Symbol symbol = ref Symbols[id];
            symbol.State = SymbolState.Defined;
            symbol.Binding = SymbolBinding.Global;
            symbol.Traits |= SymbolTraits.InObject | SymbolTraits.LinkerDefined | SymbolTraits.Kept;
        }
        if (!job.IsRelocatable && (options.EntryGiven || job.IsExecutable))
            AddUndefined(options.Entry, isNumberAllowed: true);
        foreach (string name in options.Undefined)
            AddUndefined(name);
    }

    /// <summary>Enters a name that must be found in archives though nobody refers to it.</summary>
    public void AddUndefined(string name, bool isNumberAllowed = false)
    {
        if (isNumberAllowed && name.Length > 0 && char.IsAsciiDigit(name[0]))
            return;
        int id = Symbols.Intern(name);
        Symbols[id].Traits |= SymbolTraits.Kept;
        Undefined.Add(id);
    }

    /// <summary>Whether an archive should give a definition.</summary>
    public bool WantsDefinition(int id)
    {
        ref Symbol symbol = ref Symbols[id];
        return symbol.State == SymbolState.Undefined && symbol.Alias == 0
            && symbol.Has(SymbolTraits.StrongReference | SymbolTraits.StrongLibraryReference | SymbolTraits.Kept);
    }

    /// <summary>Forgets ids that are defined by now.</summary>
    public void CompactUndefined()
    {
        int kept = 0;
        for (int i = 0; i < Undefined.Count; i++)
            if (Symbols[Undefined[i]].State == SymbolState.Undefined)
                Undefined[kept++] = Undefined[i];
        Undefined.Truncate(kept);
    }

    /// <summary>Enters a reference of an object and returns the symbol's id.</summary>
    public int Reference(ObjectFile file, in ElfSymbol elf, Bytes name)
    {
        int at = name.Span.IndexOf((byte)'@');
        int id = at > 0 ? Symbols.InternVersioned(name, at) : Symbols.Intern(name);
        if (at > 0)
            Symbols[id].Traits |= SymbolTraits.HasVersionSuffix;
        if (_wrapTargets.Count > 0)
        {
            if (_wrapTargets.TryGetValue(id, out int wrap))
                id = wrap;
            else if (_realTargets.TryGetValue(id, out int real))
                id = real;
        }
        int final = Symbols.Final(id);
        ref Symbol symbol = ref Symbols[final];
        bool isStrong = elf.Binding != SymbolBinding.Weak;
        bool isNew = !symbol.Has(SymbolTraits.InObject);
        bool wasStrong = symbol.Has(SymbolTraits.StrongReference);
        symbol.Traits |= SymbolTraits.InObject | (isStrong ? SymbolTraits.StrongReference : 0);
        symbol.Visibility = Constrain(symbol.Visibility, elf.Visibility);
        if (symbol.Has(SymbolTraits.Traced))
            job.Note($"{file.Name}: reference to {Symbols.Text(final)}");
        if (symbol.State == SymbolState.Undefined)
        {
            if (symbol.File < 0)
                symbol.File = file.Index;
            if (elf.Type != SymbolType.NoType)
                symbol.Type = (byte)elf.Type;
            if (isNew || isStrong && !wasStrong)
            {
                Undefined.Add(final);
                FindInLibraries(final);
            }
        }
        else if (symbol.State == SymbolState.Shared && isStrong)
            ((SharedFile)job.Files[symbol.File]).IsUsed = true;
        return id;
    }

    private static byte Constrain(byte a, int b) => a == 0 ? (byte)b : b == 0 ? a : (byte)Math.Min(a, b);

    private void FindInLibraries(int id)
    {
        foreach (SharedFile library in job.Libraries)
            if (BindTo(library, id))
                return;
    }

    private bool BindTo(SharedFile library, int id)
    {
        ref Symbol symbol = ref Symbols[id];
        int found = library.Find(symbol.Name.Span, symbol.VersionName.Span, symbol.Hash);
        if (found == 0)
            return false;
        // A library that only another one needs does not serve the objects' own references.
        if (library.IsIndirect)
            return false;
        ref readonly ElfSymbol elf = ref library.Symbols.Span[found];
        symbol.State = SymbolState.Shared;
        symbol.File = library.Index;
        symbol.ElfIndex = found;
        symbol.Section = 0;
        symbol.Value = elf.Value;
        symbol.Size = elf.Size;
        symbol.Type = (byte)elf.Type;
        symbol.Binding = (byte)elf.Binding;
        if (symbol.Has(SymbolTraits.StrongReference))
            library.IsUsed = true;
        if (symbol.Has(SymbolTraits.Traced))
            job.Note($"{library.Name}: definition of {Symbols.Text(id)}");
        return true;
    }

    /// <summary>Enters a library: what is undefined so far may be found in it, and what it lacks itself is asked for.</summary>
    public void AddLibrary(SharedFile library)
    {
        if (!library.IsIndirect)
        {
            CompactUndefined();
            int count = Undefined.Count;
            for (int i = 0; i < count; i++)
                if (Symbols[Undefined[i]].Alias == 0)
                    BindTo(library, Undefined[i]);
        }
        foreach ((Bytes name, string text) in library.Warnings())
        {
            int warned = Symbols.Intern(name);
            Symbols[warned].Traits |= SymbolTraits.HasWarning;
            job.SymbolWarnings.TryAdd(warned, text);
        }
        ReadOnlySpan<ElfSymbol> symbols = library.Symbols.Span;
        int end = library.IsIndirect ? 0 : library.UndefinedEnd;
        for (int i = 1; i < end; i++)
        {
            ref readonly ElfSymbol elf = ref symbols[i];
            if (elf.Section != ElfSectionIndex.Undefined || elf.Binding == SymbolBinding.Local)
                continue;
            Bytes name = library.Symbols.Name(elf);
            if (name.Length == 0)
                continue;
            int id = Symbols.Final(Symbols.Intern(name));
            ref Symbol symbol = ref Symbols[id];
            bool isNew = !symbol.Has(SymbolTraits.StrongLibraryReference | SymbolTraits.InLibrary);
            symbol.Traits |= SymbolTraits.InLibrary;
            if (elf.Binding != SymbolBinding.Weak)
                symbol.Traits |= SymbolTraits.StrongLibraryReference;
            if (symbol.State != SymbolState.Undefined || !isNew)
                continue;
            if (symbol.File < 0)
                symbol.File = library.Index;
            Undefined.Add(id);
            FindInLibraries(id);
        }
    }

    /// <summary>Enters a definition or common symbol of an object and returns the symbol's id.</summary>
    public int Define(ObjectFile file, int elfIndex, in ElfSymbol elf, int section, Bytes name)
    {
        int at = name.Span.IndexOf((byte)'@');
        bool isDefault = at > 0 && at + 1 < name.Length && name[at + 1] == (byte)'@';
        int id = at <= 0 ? Symbols.Intern(name) : Symbols.InternVersioned(name, at);
        if (at > 0)
        {
            if (isDefault)
                id = MakeDefault(id, name.Slice(0, at));
            else
                Symbols[id].Traits |= SymbolTraits.HasVersionSuffix;
        }
        id = Symbols.Final(id);
        ref Symbol symbol = ref Symbols[id];
        symbol.Traits |= SymbolTraits.InObject;
        symbol.Visibility = Constrain(symbol.Visibility, elf.Visibility);
        if (symbol.Has(SymbolTraits.Traced))
            job.Note($"{file.Name}: definition of {Symbols.Text(id)}");
        bool isCommon = section is ElfSymbols.Common or ElfSymbols.LargeCommon;
        if (isCommon)
            DefineCommon(file, id, elfIndex, elf);
        else if (Replaces(file, ref symbol, id, elf, section))
            Take(file, ref symbol, elfIndex, elf, section);
        return id;
    }

    // f@@V defines f; f@V becomes another name of it.
    private int MakeDefault(int versioned, Bytes bare)
    {
        int id = Symbols.Final(Symbols.Intern(bare));
        if (id == versioned)
            return id;
        ref Symbol named = ref Symbols[versioned];
        ref Symbol symbol = ref Symbols[id];
        if (symbol.Has(SymbolTraits.HasVersionSuffix) && symbol.Has(SymbolTraits.DefaultVersion)
            && !symbol.VersionName.Span.SequenceEqual(named.VersionName.Span) && symbol.State == SymbolState.Defined)
            job.Error($"multiple default versions of `{Encoding.UTF8.GetString(bare.Span)}'");
        symbol.Traits |= SymbolTraits.DefaultVersion | SymbolTraits.HasVersionSuffix
            | named.Traits & (SymbolTraits.InObject | SymbolTraits.StrongReference | SymbolTraits.InLibrary | SymbolTraits.StrongLibraryReference);
        _defaultVersions[id] = named.VersionName;
        named.Alias = id;
        return id;
    }

    private readonly Dictionary<int, Bytes> _defaultVersions = [];

    private bool Replaces(ObjectFile file, ref Symbol symbol, int id, in ElfSymbol elf, int section)
    {
        bool isWeak = elf.Binding == SymbolBinding.Weak;
        switch (symbol.State)
        {
            case SymbolState.Undefined or SymbolState.Shared:
                return true;
            case SymbolState.Common:
                if (!isWeak && job.Options.WarnCommon)
                    job.Warning($"{file.Name}: definition of `{Symbols.Text(id)}' overriding common");
                return !isWeak;
            case SymbolState.Defined:
                if (symbol.Has(SymbolTraits.LinkerDefined))
                    return false;
                if (isWeak)
                    return false;
                if (symbol.IsWeak)
                    return true;
                ReportDuplicate(file, ref symbol, id, elf, section);
                return false;
            default:
                throw new InvalidOperationException($"symbol state {symbol.State}");
        }
    }

    private void ReportDuplicate(ObjectFile file, ref Symbol symbol, int id, in ElfSymbol elf, int section)
    {
        if (job.Options.AllowMultipleDefinition)
            return;
        // Two names for one absolute value are no conflict.
        if (symbol.Section == 0 && section == ElfSymbols.Absolute && symbol.Value == elf.Value)
            return;
        var first = job.Files[symbol.File];
        int secondSection = section > 0 ? file.FirstSection + section : 0;
        string second = job.Places.OfReference(file, secondSection, elf.Value);
        string place = job.Places.OfDefinition((ObjectFile)first, symbol.Section, symbol.Value);
        job.SoftError($"{second}: multiple definition of `{Symbols.Text(id)}'; {place}: first defined here");
    }

    private static void Take(ObjectFile file, ref Symbol symbol, int elfIndex, in ElfSymbol elf, int section)
    {
        symbol.State = SymbolState.Defined;
        symbol.File = file.Index;
        symbol.ElfIndex = elfIndex;
        symbol.Section = section == ElfSymbols.Absolute ? 0 : file.FirstSection + section;
        symbol.Value = elf.Value;
        symbol.Size = elf.Size;
        symbol.Type = (byte)elf.Type;
        symbol.Binding = (byte)elf.Binding;
    }

    private void DefineCommon(ObjectFile file, int id, int elfIndex, in ElfSymbol elf)
    {
        ref Symbol symbol = ref Symbols[id];
        ulong size = elf.Size;
        ulong alignment = Math.Max(elf.Value, 1);
        switch (symbol.State)
        {
            case SymbolState.Undefined:
                break;
            case SymbolState.Shared:
                size = Math.Max(size, symbol.Type is SymbolType.Object or SymbolType.Common ? symbol.Size : 0);
                break;
            case SymbolState.Common:
                if (job.Options.WarnCommon)
                    job.Warning($"{file.Name}: multiple common of `{Symbols.Text(id)}'");
                symbol.Value = Math.Max(symbol.Value, alignment);
                symbol.Size = Math.Max(symbol.Size, size);
                return;
            case SymbolState.Defined:
                if (!symbol.IsWeak || symbol.Has(SymbolTraits.LinkerDefined))
                {
                    if (job.Options.WarnCommon)
                        job.Warning($"{file.Name}: common of `{Symbols.Text(id)}' overridden by definition");
                    return;
                }
                break;
            default:
                throw new InvalidOperationException($"symbol state {symbol.State}");
        }
        symbol.State = SymbolState.Common;
        symbol.File = file.Index;
        symbol.ElfIndex = elfIndex;
        symbol.Section = 0;
        symbol.Value = alignment;
        symbol.Size = size;
        symbol.Type = elf.Type == SymbolType.Tls ? (byte)SymbolType.Tls : (byte)SymbolType.Object;
        symbol.Binding = SymbolBinding.Global;
        Commons.Add(id);
    }

    /// <summary>Ends the resolution: ids in the files become those of the symbols that aliases lead to.</summary>
    public void Finish()
    {
        foreach ((int id, Bytes version) in _defaultVersions)
            Symbols[id].VersionName = version;
        bool hasAliases = _defaultVersions.Count > 0;
        if (!hasAliases)
            return;
        foreach (ObjectFile file in job.Objects)
            foreach (ref int id in file.SymbolIds.AsSpan())
                if (id != 0)
                    id = Symbols.Final(id);
    }
}
