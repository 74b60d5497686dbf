using Kiln.Assembler.Sections;
using Kiln.Base;
using Kiln.CodeGen.Machine;
using Kiln.IR;
using Kiln.Object.Elf;

namespace Kiln.CodeGen.DebugInfo;

// Describes a translation unit to a debugger, in DWARF 5.
//
// In:  the module's debug tables; each function as it is emitted, with its frame; the names and places of symbols.
// Out: .debug_info, .debug_abbrev, .debug_str, .debug_aranges and .debug_rnglists through the emitter; line rows on the way.
//
// A function's entry is written when its code is, as its IR is gone afterwards; the unit's own entry last, when it is known where all code
// is, and put in front. Types follow functions and variables: only those that something written refers to, each once. Types that
// need a function's frame (variable length arrays) stand among the function's children.
//
// Parts: Types.cs the types, Places.cs where variables are.
// Left out: inlined calls (docs/missing.md).

/// <summary>Describes a unit. See the file's header.</summary>
internal sealed partial class UnitDescription
{
    private readonly Module _module;
    private readonly DebugTables _tables;
    private readonly ModuleEmitter _emission;
    private readonly Emitter _emitter;
    private readonly TargetMachine _target;
    private readonly CodeGenOptions _options;
    private readonly LineRows _lines;
    private readonly ScopeRanges _scopes;
    private readonly ArgumentPlaces _arguments;
    private readonly Abbreviations _abbreviations = new();
    private readonly DebugStrings _strings;
    private readonly EntryWriter _entries;
    private readonly GrowBuffer<(int Section, int Start)> _code = new(4);
    private readonly GrowBuffer<(int Start, int End)> _ranges = new(16);
    private readonly GrowBuffer<(int Label, int Start, int End)> _rangeLists = new(16);
    private Location _last;
    private readonly int _lineStart, _infoStart, _abbreviationStart;

    private const int UnitHeaderSize = 12, CompileUnit = 1;

    /// <summary>Starts a unit's description, before any code.</summary>
    public UnitDescription(ModuleEmitter emission, TargetMachine target)
    {
        _emission = emission;
        _module = emission.Module;
        _tables = _module.Debug!;
        _emitter = emission.Emitter;
        _options = emission.Options;
        _target = target;
        SourceMap sources = _module.Sources!;
        _lines = new LineRows(sources, _emitter, _tables.Directory, _tables.MainFile, Mapped);
        _scopes = new ScopeRanges(sources, _emitter);
        _arguments = new ArgumentPlaces(_emitter, target);
        _strings = new DebugStrings(_emitter);
        _entries = new EntryWriter(_abbreviations, _strings);
        _lineStart = StartOf(".debug_line");
        _infoStart = StartOf(".debug_info");
        _abbreviationStart = StartOf(".debug_abbrev");
        if (!_options.UnwindTables)
            _emitter.CfiSections(ehFrame: false, debugFrame: true);
    }

    private bool IsFull => _options.DebugLevel >= 2;

    /// <summary>A file's name with -fdebug-prefix-map obeyed: the last one that fits counts.</summary>
    private string Mapped(string name)
    {
        for (int i = _options.DebugPrefixMap.Count - 1; i >= 0; i--)
        {
            (string from, string to) = _options.DebugPrefixMap[i];
            if (name.StartsWith(from, StringComparison.Ordinal))
                return to + name[from.Length..];
        }
        return name;
    }

    private int StartOf(string name, ulong flags = 0, int entrySize = 0)
    {
        _emitter.PushSection(_emitter.Section(name, SectionType.ProgBits, flags, entrySize));
        int start = _emitter.Here();
        _emitter.PopSection();
        return start;
    }

    // Functions

    /// <summary>The function's label was just put into the current section.</summary>
    public void BeginFunction(MachineFunction machine, int label)
    {
        Function function = machine.Source;
        int section = _emitter.CurrentSection;
        bool isKnown = false;
        foreach ((int known, int _) in _code.Span)
            isKnown |= known == section;
        if (!isKnown)
            _code.Add((section, label));
        _last = function.Location;
        _lines.BeginFunction(function.Location, function.Scopes.Count > 0 ? function.Scopes[0].Start : default);
        _scopes.Begin(function, label);
        _arguments.Begin(machine, label);
    }

    /// <summary>The instruction at an index of the code, in the block at a position, is emitted next.</summary>
    public void Instruction(int block, int index) => _arguments.Before(block, index);

    /// <summary>The next instruction comes from this place.</summary>
    public void Place(Location location)
    {
        if (location == _last || !location.IsValid)
            return;
        _last = location;
        _scopes.Enter(location);
        _lines.Row(location);
    }

    /// <summary>The function's code was emitted.</summary>
    public void EndFunction(MachineFunction machine, int label, int end)
    {
        Function function = machine.Source;
        _arguments.End(end);
        if (!_tables.Symbols.TryGetValue(function.Symbol, out DebugSymbol symbol))
            return;
        DebugType type = _tables.Types[symbol.Type];
        while (type.Kind == DebugTypeKind.Typedef)
            type = _tables.Types[type.Base];
        SymbolData data = _module[function.Symbol];
        bool hasChildren = IsFull && (function.Variables.Count > 0 || type.IsOpen && type.IsPrototyped || function.LocalTypes.Count > 0);
        _entries.Begin(Tag.Subprogram, hasChildren);
        bool isExternal = data.Linkage != Linkage.Internal;
        if (isExternal)
            _entries.Present(At.External);
        _entries.String(At.Name, symbol.Name);
        Declared(symbol.Location);
        if (isExternal && data.Name != symbol.Name)
            _entries.String(At.LinkageName, data.Name);
        if (type.IsPrototyped)
            _entries.Present(At.Prototyped);
        if (IsFull)
            TypeOf(type.Base);
        if ((data.CallFlags & CallFlags.NoReturn) != 0)
            _entries.Present(At.NoReturn);
        _entries.Address(At.LowPc, label);
        _entries.Distance(At.HighPc, _emitter.Difference(end, label));
        _entries.Expression(At.FrameBase, [Do.CallFrameCfa]);
        _entries.End();
        if (!hasChildren)
            return;
        Parameters(machine);
        if (type.IsOpen && type.IsPrototyped)
        {
            _entries.Begin(Tag.UnspecifiedParameters);
            _entries.End();
        }
        LocalTypes(machine);
        ScopeContents(machine, 0, end);
        _entries.EndChildren();
    }

    private void Parameters(MachineFunction machine)
    {
        Function function = machine.Source;
        // By their numbers: those in the caller's memory and those in slots were described in no fixed order.
        int described = 0;
        foreach (ref readonly DebugVariable variable in function.Variables.Span)
            described = Math.Max(described, variable.Parameter);
        for (int number = 1; number <= described; number++)
        {
            for (int i = 0; i < function.Variables.Count; i++)
            {
                if (function.Variables[i].Parameter == number)
                    Variable(machine, i, Tag.FormalParameter);
            }
        }
    }

    /// <summary>The variables of a scope, and the scopes in it that have code.</summary>
    private void ScopeContents(MachineFunction machine, int scope, int end)
    {
        Function function = machine.Source;
        for (int i = 0; i < function.Variables.Count; i++)
        {
            if (function.Variables[i].Scope == scope && function.Variables[i].Parameter == 0)
                Variable(machine, i, Tag.Variable);
        }
        for (int inner = scope + 1; inner < function.Scopes.Count; inner++)
        {
            if (function.Scopes[inner].Parent != scope)
                continue;
            _ranges.Clear();
            _scopes.RangesOf(inner, end, _ranges);
            if (_ranges.Count == 0)
                continue;
            _entries.Begin(Tag.LexicalBlock, hasChildren: true);
            CodeRanges();
            _entries.End();
            ScopeContents(machine, inner, end);
            _entries.EndChildren();
        }
    }

    /// <summary>The attributes that say where the code of <see cref="_ranges"/> is.</summary>
    private void CodeRanges()
    {
        if (_ranges.Count == 1)
        {
            _entries.Address(At.LowPc, _ranges[0].Start);
            _entries.Distance(At.HighPc, _emitter.Difference(_ranges[0].End, _ranges[0].Start));
            return;
        }
        int list = _emitter.Temporary();
        _entries.SectionOffset(At.Ranges, list);
        foreach ((int start, int end) in _ranges.Span)
        {
            _rangeLists.Add((list, start, end));
            list = 0;
        }
    }

    private void Declared(Location location)
    {
        if (!location.IsValid)
            return;
        FilePosition position = _module.Sources!.Position(location);
        if (position.Line == 0)
            return;
        _entries.Number(At.DeclarationFile, _lines.File(position.File));
        _entries.Number(At.DeclarationLine, position.Line);
        _entries.Number(At.DeclarationColumn, position.Column);
    }

    // The end

    /// <summary>Writes the sections; all code and data were emitted.</summary>
    public void Finish()
    {
        if (IsFull)
        {
            foreach ((Symbol symbol, DebugSymbol described) in _tables.Symbols)
            {
                if (!described.IsFunction)
                    GlobalVariable(symbol, described);
            }
        }
        WriteTypes();
        _entries.EndChildren();
        var head = new EntryWriter(_abbreviations, _strings);
        UnitEntry(head);
        _entries.Resolve(_typeOffsets.Span, UnitHeaderSize + head.Length);
        Enter(".debug_info");
        _emitter.Integer((ulong)(UnitHeaderSize - 4 + head.Length + _entries.Length), 4);
        _emitter.Integer(5, 2);
        _emitter.Integer(CompileUnit, 1);
        _emitter.Integer((ulong)_emitter.Target.PointerSize, 1);
        _emitter.Value(_abbreviationStart, 4);
        head.Emit(_emitter);
        _entries.Emit(_emitter);
        Enter(".debug_abbrev");
        _abbreviations.Emit(_emitter);
        EmitAddressRanges();
        EmitRangeLists();
        EmitLocationLists();
        Enter(".debug_str", SectionFlags.Merge | SectionFlags.Strings, 1);
        _strings.Emit();
        // Everybody who says where in the table something is says the start; the assembler writes the table itself.
        Enter(".debug_line");
    }

    private void Enter(string name, ulong flags = 0, int entrySize = 0) =>
        _emitter.SwitchSection(_emitter.Section(name, SectionType.ProgBits, flags, entrySize));

    private void UnitEntry(EntryWriter head)
    {
        _ranges.Clear();
        foreach ((int section, int start) in _code.Span)
        {
            _emitter.SwitchSection(section);
            _ranges.Add((start, _emitter.Here()));
        }
        head.Begin(Tag.CompileUnit, hasChildren: true);
        head.String(At.Producer, _tables.Producer);
        head.Number(At.Language, _tables.StandardYear switch
        {
            < 1999 => SourceLanguage.C89,
            < 2011 => SourceLanguage.C99,
            _ => SourceLanguage.C11,
        });
        head.String(At.Name, Mapped(_tables.MainFile));
        head.String(At.CompilationDirectory, Mapped(_tables.Directory));
        if (_ranges.Count == 1)
        {
            head.Address(At.LowPc, _ranges[0].Start);
            head.Distance(At.HighPc, _emitter.Difference(_ranges[0].End, _ranges[0].Start));
        }
        else if (_ranges.Count > 1)
        {
            int list = _emitter.Temporary();
            head.SectionOffset(At.Ranges, list);
            // Ranges are whole addresses: the base that expressions and lists count from is zero.
            head.Address(At.LowPc, _emitter.Constant(0));
            foreach ((int start, int end) in _ranges.Span)
            {
                _rangeLists.Add((list, start, end));
                list = 0;
            }
        }
        head.SectionOffset(At.StatementList, _lineStart);
        head.End();
    }

    private void EmitAddressRanges()
    {
        if (_ranges.Count == 0)
            return;
        int size = _emitter.Target.PointerSize;
        Enter(".debug_aranges");
        // Length, version, unit, sizes of addresses and segments, and up to a multiple of two addresses.
        int header = 12 + size * 2 - 1 & -(size * 2);
        header = header < 12 ? header + size * 2 : header;
        _emitter.Integer((ulong)(header - 4 + (_ranges.Count + 1) * size * 2), 4);
        _emitter.Integer(2, 2);
        _emitter.Value(_infoStart, 4);
        _emitter.Integer((ulong)size, 1);
        _emitter.Integer(0, 1);
        _emitter.Zero(header - 12);
        foreach ((int start, int end) in _ranges.Span)
        {
            _emitter.Value(start, size);
            _emitter.Value(_emitter.Difference(end, start), size);
        }
        _emitter.Zero(size * 2);
    }

    /// <summary>The header of a section of lists; gives the label to put at its end.</summary>
    private int ListHeader(string name)
    {
        Enter(name);
        int start = _emitter.Temporary(), finish = _emitter.Temporary();
        _emitter.Value(_emitter.Difference(finish, start), 4);
        _emitter.Label(start);
        _emitter.Integer(5, 2);
        _emitter.Integer((ulong)_emitter.Target.PointerSize, 1);
        _emitter.Integer(0, 1);
        _emitter.Integer(0, 4);
        return finish;
    }

    private void EmitRangeLists()
    {
        if (_rangeLists.Count == 0)
            return;
        int size = _emitter.Target.PointerSize;
        int finish = ListHeader(".debug_rnglists");
        bool isFirst = true;
        foreach ((int label, int from, int to) in _rangeLists.Span)
        {
            if (label != 0)
            {
                if (!isFirst)
                    _emitter.Integer(ListEntry.End, 1);
                _emitter.Label(label);
                isFirst = false;
            }
            _emitter.Integer(ListEntry.RangeStartLength, 1);
            _emitter.Value(from, size);
            _emitter.Leb128(_emitter.Difference(to, from), 0, false);
        }
        _emitter.Integer(ListEntry.End, 1);
        _emitter.Label(finish);
    }
}
