using System.Text;
using Kiln.Base;
using Kiln.Object.Archives;
using Kiln.Object.Elf;

namespace Kiln.Linker.Inputs;

/// <summary>
/// Reads the inputs in the order of the command line. An archive gives the members that define what is undefined when it is
/// reached; a group of archives is gone through until nothing new comes; a text file is a linker script that names
/// further inputs. Symbols are resolved as files come (SymbolResolver), because which members are taken depends on it.
/// </summary>
internal sealed class InputReader : IDisposable
{
    private readonly LinkJob _job;
    private readonly SymbolResolver _resolver;
    private readonly ObjectReader _objects;
    private readonly List<MappedFile> _mapped = [];
    private readonly Dictionary<string, ArchiveInput> _archives = [];
    private readonly Dictionary<string, SharedFile> _libraries = [];
    private readonly Dictionary<string, SharedFile> _soNames = [];
    private readonly List<string> _directories = [];
    private readonly List<ArchiveInput> _group = [];
    private int _groupDepth;
    private int _scriptDepth;

    public InputReader(LinkJob job)
    {
        _job = job;
        _resolver = new SymbolResolver(job);
        _objects = new ObjectReader(job, _resolver);
        foreach (string directory in job.Options.LibraryDirectories)
            _directories.Add(WithSysroot(directory));
    }

    /// <summary>Reads everything.</summary>
    public void Run(IReadOnlyList<LinkInput> inputs)
    {
        _resolver.AddCommandLineSymbols();
        for (int i = 0; i < inputs.Count; i++)
            ReadInput(inputs[i]);
        if (_groupDepth > 0)
            EndGroup();
        if (_job.Objects.Count == 0 && _job.ErrorCount == 0 && _job.Libraries.Count == 0)
            _job.Error("no input files");
        if (!_job.IsRelocatable)
            new NeededLibraries(_job, _resolver, this).Run();
        _resolver.Finish();
    }

    private string WithSysroot(string path)
    {
        if (path.StartsWith('='))
            return _job.Options.Sysroot + path[1..];
        return path.StartsWith("$SYSROOT", StringComparison.Ordinal) ? _job.Options.Sysroot + path[8..] : path;
    }

    private void ReadInput(LinkInput input)
    {
        switch (input.Kind)
        {
            case LinkInputKind.File:
                ReadPath(WithSysroot(input.Name), input.State, mustExist: true);
                break;
            case LinkInputKind.Library:
                ReadLibrary(input.Name, input.State);
                break;
            case LinkInputKind.GroupStart:
                _groupDepth++;
                break;
            case LinkInputKind.GroupEnd:
                if (_groupDepth > 0 && --_groupDepth == 0)
                    EndGroup();
                break;
            case LinkInputKind.JustSymbols:
                ReadSymbolsOnly(WithSysroot(input.Name));
                break;
            default:
                throw new InvalidOperationException($"input kind {input.Kind}");
        }
    }

    // -R: the symbols of a linked file, at the addresses they have there.
    private void ReadSymbolsOnly(string path)
    {
        if (!Open(path, mustExist: true, out Bytes bytes))
            return;
        if (ElfFile.Read(bytes, out string? problem) is { } elf)
            _objects.ReadSymbolsOnly(path, bytes, elf);
        else
            _job.Error($"{path}: {problem}");
    }

    // Goes through a group's archives until a whole round takes no member.
    private void EndGroup()
    {
        _groupDepth = 0;
        for (bool again = true; again;)
        {
            again = false;
            foreach (ArchiveInput archive in _group)
                again |= TakeMembers(archive);
        }
        _group.Clear();
    }

    private void ReadLibrary(string name, LinkInputState state)
    {
        bool isStatic = (state & LinkInputState.Static) != 0;
        bool isExact = name.StartsWith(':');
        for (int i = 0; i < _directories.Count; i++)
        {
            string start = _directories[i] + "/";
            if (isExact)
            {
                if (ReadPath(start + name[1..], state, mustExist: false))
                    return;
                continue;
            }
            if (!isStatic && ReadPath($"{start}lib{name}.so", state, mustExist: false, searched: name))
                return;
            if (ReadPath($"{start}lib{name}.a", state, mustExist: false, searched: name))
                return;
        }
        string shown = isExact ? "-l" + name : "-l" + name;
        _job.Error($"cannot find {shown}: No such file or directory");
    }

    // True when the file is there and was read (or had an error of its own).
    private bool ReadPath(string path, LinkInputState state, bool mustExist, string? searched = null)
    {
        if (_archives.TryGetValue(path, out ArchiveInput? known))
        {
            ReadArchive(known, state);
            return true;
        }
        if (_libraries.TryGetValue(path, out SharedFile? library))
        {
            library.AsNeeded &= (state & LinkInputState.AsNeeded) != 0;
            return true;
        }
        if (!Open(path, mustExist, out Bytes bytes))
            return false;
        ReadOnlySpan<byte> span = bytes.Span;
        if (ElfFile.IsElf(span))
            return ReadElf(path, bytes, state, searched);
        if (Archive.IsArchive(span))
        {
            var archive = Archive.Read(bytes, out string? problem);
            if (archive is null)
                _job.Error($"{path}: {problem}");
            else
                ReadArchive(_archives[path] = new ArchiveInput(path, archive), state);
        }
        else
            ReadScript(path, bytes, state);
        return true;
    }

    /// <summary>The bytes of a file in memory or on disk.</summary>
    public bool Open(string path, bool mustExist, out Bytes bytes)
    {
        bytes = default;
        try
        {
            MappedFile mapped;
            if (_job.Options.MemoryFiles is { } memory && memory.TryGetValue(path, out ReadOnlyMemory<byte> content))
                mapped = MappedFile.Copy(content.Span);
            else
            {
                if (!File.Exists(path))
                {
                    if (mustExist)
                        _job.Error(Directory.Exists(path) ? $"cannot find {path}: file format not recognized"
                            : $"cannot find {path}: No such file or directory");
                    return false;
                }
                mapped = MappedFile.Open(path);
            }
            _mapped.Add(mapped);
            _job.ReadPaths.Add(path);
            bytes = mapped.Bytes;
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (mustExist)
                _job.Error($"cannot open {path}: {(e is UnauthorizedAccessException ? "Permission denied" : e.Message)}");
            return false;
        }
    }

    // An ELF file on the command line: an object or a library. False where a search has to go on, as its machine is another.
    private bool ReadElf(string path, Bytes bytes, LinkInputState state, string? searched)
    {
        var elf = ElfFile.Read(bytes, out string? problem);
        if (elf is null)
        {
            _job.Error($"{path}: {problem}");
            return true;
        }
        if (elf.Machine != _job.Target.Machine || elf.Is64 != _job.Target.Is64)
        {
            if (searched is not null)
            {
                _job.PlainWarning($"skipping incompatible {path} when searching for -l{searched}");
                return false;
            }
            _job.Error($"{path}: file in wrong format");
            return true;
        }
        switch (elf.Type)
        {
            case ElfType.Relocatable:
                if (_job.Options.Trace)
                    _job.Note(path);
                _objects.Read(path, bytes, elf, null);
                break;
            case ElfType.Shared:
                ReadShared(path, bytes, elf, state, searched is not null);
                break;
            case ElfType.Executable:
                _job.Error($"cannot use executable file '{path}' as input to a link");
                break;
            default:
                _job.Error($"{path}: file format not recognized");
                break;
        }
        return true;
    }

    private void ReadShared(string path, Bytes bytes, ElfFile elf, LinkInputState state, bool isSearched)
    {
        if (_job.IsRelocatable || (state & LinkInputState.Static) != 0)
        {
            _job.Error($"attempted static link of dynamic object `{path}'");
            return;
        }
        var library = SharedFile.Read(path, bytes, _job.Files.Count, elf, out string? problem);
        if (library is null)
        {
            _job.Error($"{path}: {problem}");
            return;
        }
        if (_job.Options.Trace)
            _job.Note(path);
        library.AsNeeded = (state & LinkInputState.AsNeeded) != 0;
        library.GivenAsLibrary = isSearched;
        AddLibrary(path, library);
    }

    private void AddLibrary(string path, SharedFile library)
    {
        _libraries[path] = library;
        string name = library.NeededName;
        if (_soNames.TryGetValue(name, out SharedFile? twin))
        {
            twin.AsNeeded &= library.AsNeeded;
            return;
        }
        _soNames[name] = library;
        _job.Files.Add(library);
        _job.Libraries.Add(library);
        _resolver.AddLibrary(library);
    }

    /// <summary>Whether a library of a name is loaded.</summary>
    public bool HasLibrary(string soName) => _soNames.ContainsKey(soName);

    /// <summary>Loads a library that only another library needs. False where it is not that.</summary>
    public bool ReadIndirect(string path)
    {
        if (!Open(path, mustExist: false, out Bytes bytes) || ElfFile.Read(bytes, out _) is not { Type: ElfType.Shared } elf
            || elf.Machine != _job.Target.Machine || elf.Is64 != _job.Target.Is64)
            return false;
        var library = SharedFile.Read(path, bytes, _job.Files.Count, elf, out _);
        if (library is null)
            return false;
        library.IsIndirect = true;
        AddLibrary(path, library);
        return true;
    }

    private void ReadArchive(ArchiveInput archive, LinkInputState state)
    {
        if ((state & LinkInputState.WholeArchive) != 0)
        {
            TakeAll(archive);
            return;
        }
        if (archive.Archive is { HasIndex: false } empty)
        {
            if (empty.Member(empty.FirstMember, out _))
                _job.Error($"{archive.Path}: error adding symbols: archive has no index; run ranlib to add one");
            return;
        }
        if (_groupDepth > 0)
            _group.Add(archive);
        TakeMembers(archive);
    }

    private void TakeAll(ArchiveInput archive)
    {
        int at = archive.Archive.FirstMember;
        while (archive.Archive.Member(at, out ArchiveMember member))
        {
            TakeMember(archive, at);
            at = member.Next;
        }
    }

    // Takes the members that define undefined symbols, and what those need in turn. The list of undefined symbols grows meanwhile.
    private bool TakeMembers(ArchiveInput archive)
    {
        bool any = false;
        GrowBuffer<int> undefined = _resolver.Undefined;
        _resolver.CompactUndefined();
        for (int i = 0; i < undefined.Count; i++)
        {
            int id = undefined[i];
            if (!_resolver.WantsDefinition(id))
                continue;
            int member = archive.Find(_job.Symbols[id].Name.Span, _job.Symbols[id].Hash);
            if (member < 0 || archive.Taken.Contains(member))
                continue;
            int referrer = _job.Symbols[id].File;
            if (TakeMember(archive, member))
            {
                any = true;
                if (archive.Archive.Member(member, out ArchiveMember taken))
                    _job.MemberReasons.Add(($"{archive.Path}({taken.Name})", referrer >= 0 ? _job.Files[referrer].Name : "", _job.Symbols.Text(id)));
            }
        }
        for (int i = 0; i < _resolver.Commons.Count; i++)
        {
            int id = _resolver.Commons[i];
            if (_job.Symbols[id].State != Symbols.SymbolState.Common)
                continue;
            int member = archive.Find(_job.Symbols[id].Name.Span, _job.Symbols[id].Hash);
            if (member >= 0 && !archive.Taken.Contains(member) && DefinesStrongly(archive, member, _job.Symbols[id].Name.Span))
                any |= TakeMember(archive, member);
        }
        return any;
    }

    // A common symbol takes a member only for a definition that is not common itself.
    private bool DefinesStrongly(ArchiveInput archive, int header, ReadOnlySpan<byte> name)
    {
        if (!archive.Archive.Member(header, out ArchiveMember member) || ElfFile.Read(member.Data, out _) is not { } elf)
            return false;
        ElfSymbols symbols = elf.Symbols(elf.FindSection(SectionType.SymTab));
        for (int i = symbols.FirstGlobal; i < symbols.Count; i++)
        {
            ref readonly ElfSymbol symbol = ref symbols.Span[i];
            if (symbol.Section is not (ElfSectionIndex.Undefined or ElfSectionIndex.Common)
                && symbols.Name(symbol).Span.SequenceEqual(name))
                return true;
        }
        return false;
    }

    private bool TakeMember(ArchiveInput archive, int header)
    {
        if (!archive.Taken.Add(header))
            return false;
        if (!archive.Archive.Member(header, out ArchiveMember member))
        {
            _job.Error($"{archive.Path}: malformed archive");
            return false;
        }
        string name = $"{archive.Path}({member.Name})";
        Bytes bytes = member.Data;
        if (archive.Archive.IsThin)
        {
            name = Path.Combine(Path.GetDirectoryName(archive.Path) ?? "", member.Name);
            if (!Open(name, mustExist: true, out bytes))
                return false;
            name = $"{archive.Path}({member.Name})";
        }
        if (_job.Options.Trace)
            _job.Note(name);
        if (!ElfFile.IsElf(bytes.Span))
        {
            // ld's whole-archive passes over members that are no objects, such as text.
            return false;
        }
        var elf = ElfFile.Read(bytes, out string? problem);
        if (elf is null)
            _job.Error($"{name}: {problem}");
        else if (elf.Machine != _job.Target.Machine || elf.Is64 != _job.Target.Is64 || elf.Type != ElfType.Relocatable)
            _job.Error($"{name}: file in wrong format");
        else
            _objects.Read(name, bytes, elf, archive.Path);
        return true;
    }

    private void ReadScript(string path, Bytes bytes, LinkInputState state)
    {
        if (_scriptDepth > 16)
        {
            _job.Error($"{path}: scripts include each other too deeply");
            return;
        }
        var script = new InputScript(_job, path, bytes.Span, state);
        if (!script.Parse())
            return;
        _scriptDepth++;
        foreach (string directory in script.SearchDirectories)
            _directories.Add(WithSysroot(directory));
        foreach (LinkInput input in script.Inputs)
        {
            if (input.Kind == LinkInputKind.File)
                ReadScriptPath(path, input);
            else
                ReadInput(input);
        }
        foreach (string name in script.ExternSymbols)
            _resolver.AddUndefined(name);
        _scriptDepth--;
    }

    // A name in a script: below the sysroot when the script is, else as it stands, beside the script, or in the directories.
    private void ReadScriptPath(string script, LinkInput input)
    {
        string sysroot = _job.Options.Sysroot;
        string name = WithSysroot(input.Name);
        if (name.StartsWith('/'))
        {
            if (sysroot.Length > 0 && Path.GetFullPath(script).StartsWith(sysroot + "/", StringComparison.Ordinal)
                && ReadPath(sysroot + name, input.State, mustExist: false))
                return;
            ReadPath(name, input.State, mustExist: true);
            return;
        }
        if (ReadPath(name, input.State, mustExist: false)
            || ReadPath(Path.Combine(Path.GetDirectoryName(script) ?? "", name), input.State, mustExist: false))
            return;
        for (int i = 0; i < _directories.Count; i++)
            if (ReadPath($"{_directories[i]}/{name}", input.State, mustExist: false))
                return;
        _job.Error($"cannot find {name}: No such file or directory");
    }

    /// <summary>The directories of libraries, with the sysroot filled in.</summary>
    public List<string> Directories => _directories;

    /// <summary>Frees all mapped files.</summary>
    public void Dispose()
    {
        foreach (MappedFile mapped in _mapped)
            mapped.Dispose();
        foreach (ObjectFile file in _job.Objects)
            foreach (MappedFile owned in file.Owned)
                owned.Dispose();
        _job.Symbols.Free();
        _job.Groups.Free();
    }
}
