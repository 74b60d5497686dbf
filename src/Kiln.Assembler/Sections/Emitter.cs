using Kiln.Base;
using Kiln.Isa;
using Kiln.Object.Elf;
using Kiln.Target;

namespace Kiln.Assembler.Sections;

// The one way to make an object. The assembler language and the code generators call the same methods; two sinks stand
// behind them: ObjectEmitter (fragments in memory, then ELF bytes) and TextEmitter (GNU assembler text for -S).
//
// In:  symbols and expressions as int handles, instructions in the neutral form of Kiln.Isa, data, alignment, call frame
//      information, line rows.
// Out: Finish() gives the bytes of the file.
//
// Handles. One int names a value: 0 is none, above 0 a symbol, below 0 an expression (a tree over symbols and numbers).
// Wherever a `value` is asked for, either may be given; Instruction's operands carry them in Operand.Symbol. A symbol
// is made by name (`Symbol`) or without one (`Temporary`: a label that no symbol table shows; text names it `.LK` and its number).
// An undefined symbol that is referred to is external.
//
// The hot path (Instruction, Label) allocates nothing.

/// <summary>The target of a symbol's attribute change.</summary>
public enum SymbolAttribute : byte
{
    Global,
    Local,
    Weak,
    Unique,
    Hidden,
    Protected,
    Internal,
    NoType,
    Object,
    Function,
    Tls,
    Common,
    IndirectFunction,
}

/// <summary>What becomes of a symbol that gets a versioned name.</summary>
public enum VersionedOriginal : byte
{
    Kept,
    Hidden,
    Local,
    Removed,
}

/// <summary>An operation of call frame information (<c>.cfi_*</c>).</summary>
public enum CfiOperation : byte
{
    DefineCfa,
    DefineCfaRegister,
    DefineCfaOffset,
    AdjustCfaOffset,
    Offset,
    RelativeOffset,
    ValueOffset,
    Register,
    Restore,
    Undefined,
    SameValue,
    RememberState,
    RestoreState,
    WindowSave,
    ArgumentsSize,
    LineLabel,
}

/// <summary>Flags of a line row.</summary>
[Flags]
public enum LineFlags : byte
{
    None = 0,
    IsStatement = 1,
    BasicBlock = 2,
    PrologueEnd = 4,
    EpilogueBegin = 8,
}

/// <summary>What an expression's node does with its operands.</summary>
public enum ExpressionOperator : byte
{
    Constant,
    Negate,
    Complement,
    LogicalNot,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    ShiftLeft,
    ShiftRight,
    And,
    Or,
    OrNot,
    Xor,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    LogicalAnd,
    LogicalOr,
}

/// <summary>A node of an expression: operands are handles of values; a constant carries its number.</summary>
public struct ExpressionNode
{
    public ExpressionOperator Operator;
    public int Left;
    public int Right;
    public long Value;
}

/// <summary>What a section is made with.</summary>
public sealed class SectionInfo
{
    public required string Name { get; init; }

    /// <summary>sh_type.</summary>
    public uint Type { get; set; }

    /// <summary>sh_flags.</summary>
    public ulong Flags { get; set; }

    /// <summary>sh_entsize of a mergeable section.</summary>
    public int EntrySize { get; set; }

    /// <summary>The signature symbol of the group it is in, or 0.</summary>
    public int Group { get; private set; }

    /// <summary>Whether the group is a COMDAT group.</summary>
    public bool IsComdat { get; private set; }

    /// <summary>A symbol in the section that it goes with (<c>SHF_LINK_ORDER</c>), or 0.</summary>
    public int LinkedTo { get; init; }

    /// <summary>Sections of one name with different numbers are different; -1: the usual one.</summary>
    public int Unique { get; init; } = -1;

    /// <summary>Puts it into a group after the fact (<c>.attach_to_group</c>).</summary>
    public void AttachTo(int group, bool isComdat)
    {
        (Group, IsComdat) = (group, isComdat);
        Flags |= SectionFlags.Group;
    }

    /// <summary>Whether it holds instructions: alignment then pads with no-operations.</summary>
    public bool IsCode => (Flags & SectionFlags.ExecInstr) != 0;
}

/// <summary>Takes the parts of an object file, in order, and makes the file. See the file's header.</summary>
public abstract class Emitter
{
    public const int TextSection = 1, DataSection = 2, BssSection = 3;

    private readonly Interner _names = new();
    private readonly GrowBuffer<int> _symbolByName = new(256);
    private readonly GrowBuffer<int> _nameOfSymbol = new(256);
    private readonly GrowBuffer<ExpressionNode> _expressions = new(64);
    private readonly List<SectionInfo> _sections = [];
    private readonly Dictionary<(string Name, int Group, int LinkedTo, int Unique), int> _sectionByKey = [];
    private readonly List<(int Section, int Subsection, int PreviousSection, int PreviousSubsection)> _stack = [];
    private int _temporaries;
    private int _section = TextSection, _subsection, _previousSection, _previousSubsection;

    private protected Emitter(TargetInfo target, IDiagnosticSink diagnostics)
    {
        Target = target;
        Diagnostics = diagnostics;
        _nameOfSymbol.Add(0);
        _expressions.Add(default);
        _sections.Add(new SectionInfo { Name = "" });
        Section(".text", SectionType.ProgBits, SectionFlags.Alloc | SectionFlags.ExecInstr);
        Section(".data", SectionType.ProgBits, SectionFlags.Alloc | SectionFlags.Write);
        Section(".bss", SectionType.NoBits, SectionFlags.Alloc | SectionFlags.Write);
    }

    /// <summary>What is made code for.</summary>
    public TargetInfo Target { get; }

    /// <summary>Where errors go.</summary>
    public IDiagnosticSink Diagnostics { get; }

    /// <summary>The place in the source of what is emitted next; errors that show late name it.</summary>
    public Location Location { get; set; }

    // ---- symbols ----

    /// <summary>The symbol of a name; made when it is new.</summary>
    public int Symbol(ReadOnlySpan<byte> name)
    {
        int id = _names.Intern(name);
        if (id >= _symbolByName.Count)
            _symbolByName.Resize(id + 1);
        int symbol = _symbolByName[id];
        if (symbol == 0)
        {
            symbol = _nameOfSymbol.Add(id);
            _symbolByName[id] = symbol;
            SymbolMade(symbol);
        }
        return symbol;
    }

    /// <summary>The symbol of a name; made when it is new.</summary>
    public int Symbol(string name)
    {
        Span<byte> bytes = name.Length <= 128 ? stackalloc byte[512] : new byte[name.Length * 3];
        return Symbol(bytes[..System.Text.Encoding.UTF8.GetBytes(name, bytes)]);
    }

    /// <summary>The symbol of a name, or 0 where nobody named it yet.</summary>
    public int FindSymbol(ReadOnlySpan<byte> name)
    {
        int id = _names.Find(name);
        return id < 0 || id >= _symbolByName.Count ? 0 : _symbolByName[id];
    }

    /// <summary>A new symbol without a name, for a label that stays inside the object. The same calls give it the same number with
    /// either sink, so that an object names it as text does.</summary>
    public int Temporary()
    {
        int symbol = _nameOfSymbol.Add(-++_temporaries);
        SymbolMade(symbol);
        return symbol;
    }

    /// <summary>A new symbol without a name that takes no number: what one sink needs and the other does not.</summary>
    internal int Anonymous()
    {
        int symbol = _nameOfSymbol.Add(0);
        SymbolMade(symbol);
        return symbol;
    }

    /// <summary>The name of a symbol. A temporary gets the name <c>.LK</c> and its number, by which text finds it again.</summary>
    public ReadOnlySpan<byte> NameOf(int symbol)
    {
        ref int id = ref _nameOfSymbol[symbol];
        if (id <= 0)
        {
            id = id < 0 ? FreeLocalName(".LK"u8, -id) : FreeLocalName(".LA"u8, symbol);
            _symbolByName[id] = symbol;
        }
        return _names.Bytes(id);
    }

    /// <summary>A name of a prefix and a number that no other symbol has.</summary>
    private int FreeLocalName(ReadOnlySpan<byte> prefix, int number)
    {
        Span<byte> name = stackalloc byte[32];
        prefix.CopyTo(name);
        while (true)
        {
            number.TryFormat(name[3..], out int digits);
            int id = _names.Intern(name[..(digits + 3)]);
            if (id >= _symbolByName.Count)
                _symbolByName.Resize(id + 1);
            if (_symbolByName[id] == 0)
                return id;
            number += 1_000_000;
        }
    }

    /// <summary>Whether the symbol was made by <see cref="Temporary"/> and never named in text.</summary>
    private protected bool IsUnnamed(int symbol) => _nameOfSymbol[symbol] <= 0;

    /// <summary>Gives the name of a symbol to a new one; what named the old one keeps it.</summary>
    private protected int Rename(int symbol)
    {
        int id = _nameOfSymbol[symbol];
        int made = _nameOfSymbol.Add(id);
        _symbolByName[id] = made;
        SymbolMade(made);
        return made;
    }

    private protected abstract void SymbolMade(int symbol);

    // ---- expressions ----

    /// <summary>A value made of others.</summary>
    public int Expression(ExpressionOperator op, int left, int right = 0) =>
        -_expressions.Add(new ExpressionNode { Operator = op, Left = left, Right = right });

    /// <summary>A number as a value.</summary>
    public int Constant(long value) =>
        -_expressions.Add(new ExpressionNode { Operator = ExpressionOperator.Constant, Value = value });

    /// <summary>A value plus a number.</summary>
    public int Sum(int value, long addend) =>
        addend == 0 ? value : value == 0 ? Constant(addend) : Expression(ExpressionOperator.Add, value, Constant(addend));

    /// <summary>The distance between two values.</summary>
    public int Difference(int left, int right) => Expression(ExpressionOperator.Subtract, left, right);

    /// <summary>The node of an expression (a value below 0).</summary>
    public ref readonly ExpressionNode Node(int expression) => ref _expressions[-expression];

    /// <summary>The current place in the current section, as a value.</summary>
    public int Here()
    {
        int symbol = Temporary();
        Label(symbol);
        return symbol;
    }

    /// <summary>The same by a symbol that takes no number.</summary>
    internal int AnonymousHere()
    {
        int symbol = Anonymous();
        Label(symbol);
        return symbol;
    }

    // ---- sections ----

    /// <summary>The section of these properties; made when it is new. Name, group, linked section and number tell sections apart.</summary>
    public int Section(string name, uint type, ulong flags, int entrySize = 0, int group = 0, bool isComdat = true, int linkedTo = 0,
        int unique = -1)
    {
        (string, int, int, int) key = (name, group, linkedTo, Variant(unique, (flags & SectionFlags.GnuRetain) != 0));
        if (_sectionByKey.TryGetValue(key, out int found))
            return found;
        int section = _sections.Count;
        _sections.Add(new SectionInfo
        {
            Name = name,
            Type = type,
            Flags = flags | (group != 0 ? SectionFlags.Group : 0) | (linkedTo != 0 ? SectionFlags.LinkOrder : 0),
            EntrySize = entrySize,
            LinkedTo = linkedTo,
            Unique = unique,
        });
        if (group != 0)
            _sections[section].AttachTo(group, isComdat);
        _sectionByKey.Add(key, section);
        SectionMade(section);
        return section;
    }

    /// <summary>The section of these properties where it exists, or 0.</summary>
    public int FindSection(string name, int group = 0, int linkedTo = 0, int unique = -1, bool isRetained = false) =>
        _sectionByKey.GetValueOrDefault((name, group, linkedTo, Variant(unique, isRetained)));

    /// <summary>What tells sections of one name apart: their number, or that the linker must keep one of them.</summary>
    private static int Variant(int unique, bool isRetained) => unique >= 0 ? unique : isRetained ? -2 : -1;

    /// <summary>What a section was made with.</summary>
    public SectionInfo SectionInfo(int section) => _sections[section];

    /// <summary>How many section numbers are taken; they start at 1.</summary>
    public int SectionLimit => _sections.Count;

    /// <summary>The section that is written to.</summary>
    public int CurrentSection => _section;

    /// <summary>The subsection that is written to.</summary>
    public int CurrentSubsection => _subsection;

    /// <summary>Goes on in another section. Subsections of a section follow each other in the order of their numbers.</summary>
    public void SwitchSection(int section, int subsection = 0)
    {
        (_previousSection, _previousSubsection) = (_section, _subsection);
        Enter(section, subsection);
    }

    /// <summary>Remembers the current section and goes on in another.</summary>
    public void PushSection(int section, int subsection = 0)
    {
        _stack.Add((_section, _subsection, _previousSection, _previousSubsection));
        SwitchSection(section, subsection);
    }

    /// <summary>Goes back to the section remembered last; false where none is.</summary>
    public bool PopSection()
    {
        if (_stack.Count == 0)
            return false;
        (int section, int subsection, _previousSection, _previousSubsection) = _stack[^1];
        _stack.RemoveAt(_stack.Count - 1);
        Enter(section, subsection);
        return true;
    }

    /// <summary>Swaps the current section with the one before it; false where there was none.</summary>
    public bool PreviousSection()
    {
        if (_previousSection == 0)
            return false;
        SwitchSection(_previousSection, _previousSubsection);
        return true;
    }

    private void Enter(int section, int subsection)
    {
        (_section, _subsection) = (section, subsection);
        SectionEntered(section, subsection);
    }

    private protected abstract void SectionMade(int section);

    private protected abstract void SectionEntered(int section, int subsection);

    // ---- code and data ----

    /// <summary>Defines a symbol as the current place.</summary>
    public abstract void Label(int symbol);

    /// <summary>Emits an instruction; symbols in its operands are values of this emitter.</summary>
    public abstract void Instruction(in Instruction instruction);

    /// <summary>Says which width the code has that follows: 16, 32 or 64 bits.</summary>
    public abstract void CodeWidth(int bits);

    /// <summary>Emits bytes.</summary>
    public abstract void Data(ReadOnlySpan<byte> bytes);

    /// <summary>Emits a number of 1 to 8 bytes.</summary>
    public abstract void Integer(ulong value, int size);

    /// <summary>Emits a value plus a number as <paramref name="size"/> bytes; the modifier is one of the target's (<c>@GOTOFF</c>).</summary>
    public abstract void Value(int value, int size, long addend = 0, int modifier = 0);

    /// <summary>Emits a number of zero bytes.</summary>
    public abstract void Zero(long count);

    /// <summary>Emits a number, known late, of copies of a pattern of <paramref name="size"/> (at most 8) bytes.</summary>
    public abstract void Fill(int count, int size, ulong pattern);

    /// <summary>Pads to a power of two, with no-operations in code and else with zeros.</summary>
    /// <param name="alignment">The power of two itself.</param>
    /// <param name="maximumSkip">Pads not at all where more bytes than this were needed; 0: no limit.</param>
    public abstract void Align(int alignment, int maximumSkip = 0);

    /// <summary>Pads to a power of two with a pattern of <paramref name="patternSize"/> bytes.</summary>
    public abstract void AlignWith(int alignment, int maximumSkip, ulong pattern, int patternSize);

    /// <summary>Advances to a place in the section.</summary>
    public abstract void Org(int value, long addend, byte fill);

    /// <summary>Emits a value plus a number as LEB128.</summary>
    public abstract void Leb128(int value, long addend, bool isSigned);

    /// <summary>Emits no-operations of a number of bytes in total, none longer than <paramref name="maximum"/> (0: the target's choice).</summary>
    public abstract void Nops(long count, int maximum = 0);

    /// <summary>The same of a number of bytes that is known late.</summary>
    public abstract void NopsOf(int count, int maximum = 0);

    /// <summary>Puts a relocation of a name at a place (<c>.reloc</c>).</summary>
    public abstract void Relocation(int place, long placeAddend, ReadOnlySpan<byte> name, int value, long addend);

    // ---- symbols' properties ----

    /// <summary>Whether the symbol has a definition so far.</summary>
    public abstract bool IsDefined(int symbol);

    /// <summary>Whether the symbol was referred to or given an attribute so far.</summary>
    public abstract bool IsReferenced(int symbol);

    /// <summary>Whether a symbol is equal to a number known now.</summary>
    public abstract bool IsNumber(int symbol, out long number);

    /// <summary>The value that a symbol was made equal to, or 0.</summary>
    public abstract int EquatedValue(int symbol, out long addend);

    /// <summary>A value as a number, where that is known now.</summary>
    public abstract bool TryEvaluate(int value, out long number);

    /// <summary>Gives a symbol a binding, visibility or type.</summary>
    public abstract void Attribute(int symbol, SymbolAttribute attribute);

    /// <summary>Sets a symbol's size.</summary>
    public abstract void Size(int symbol, int value, long addend = 0);

    /// <summary>Makes a symbol equal to a value plus a number; it may be set again.</summary>
    public abstract void Set(int symbol, int value, long addend = 0);

    /// <summary>Makes a common symbol.</summary>
    public abstract void Common(int symbol, long size, long alignment);

    /// <summary>Makes a local symbol in <c>.bss</c>.</summary>
    public abstract void LocalCommon(int symbol, long size, long alignment);

    /// <summary>Gives a symbol another, versioned name (<c>name@VERSION</c>, <c>@@</c>, <c>@@@</c>).</summary>
    public abstract void SymbolVersion(int symbol, ReadOnlySpan<byte> versionedName, VersionedOriginal original = VersionedOriginal.Kept);

    /// <summary>Makes a symbol an alias whose target is weak where it is referred to only through the alias.</summary>
    public abstract void WeakReference(int alias, int target);

    // ---- call frame information ----

    /// <summary>Which tables <c>.cfi_*</c> make; <c>.eh_frame</c> alone by default.</summary>
    public abstract void CfiSections(bool ehFrame, bool debugFrame);

    /// <summary>Starts the description of a function's frames. Simple: without the target's initial rules.</summary>
    public abstract void CfiStartProcedure(bool isSimple = false);

    /// <summary>Ends the description of a function's frames.</summary>
    public abstract void CfiEndProcedure();

    /// <summary>A rule from the current place on. Registers are DWARF numbers.</summary>
    public abstract void Cfi(CfiOperation operation, long first = 0, long second = 0);

    /// <summary>Bytes of call frame instructions from the current place on.</summary>
    public abstract void CfiEscape(ReadOnlySpan<byte> bytes);

    /// <summary>The function's personality routine, with its DW_EH_PE encoding.</summary>
    public abstract void CfiPersonality(int encoding, int value, long addend = 0);

    /// <summary>The function's language-specific data area, with its DW_EH_PE encoding.</summary>
    public abstract void CfiLsda(int encoding, int value, long addend = 0);

    /// <summary>Marks the frame as a signal handler's caller.</summary>
    public abstract void CfiSignalFrame();

    /// <summary>The DWARF column of the return address.</summary>
    public abstract void CfiReturnColumn(int register);

    public void CfiDefineCfa(int register, long offset) => Cfi(CfiOperation.DefineCfa, register, offset);
    public void CfiDefineCfaRegister(int register) => Cfi(CfiOperation.DefineCfaRegister, register);
    public void CfiDefineCfaOffset(long offset) => Cfi(CfiOperation.DefineCfaOffset, offset);
    public void CfiAdjustCfaOffset(long delta) => Cfi(CfiOperation.AdjustCfaOffset, delta);
    public void CfiOffset(int register, long offset) => Cfi(CfiOperation.Offset, register, offset);
    public void CfiRestore(int register) => Cfi(CfiOperation.Restore, register);
    public void CfiRememberState() => Cfi(CfiOperation.RememberState);
    public void CfiRestoreState() => Cfi(CfiOperation.RestoreState);

    // ---- line rows and the rest ----

    /// <summary>The translation unit's name in the symbol table (<c>.file "name"</c>).</summary>
    public abstract void FileName(ReadOnlySpan<byte> name);

    /// <summary>Names a file of the line table. File 0 is the translation unit's own, as DWARF 5 has it.</summary>
    public abstract void LineFile(int number, ReadOnlySpan<byte> directory, ReadOnlySpan<byte> name, UInt128? md5 = null);

    /// <summary>The next instruction comes from this line.</summary>
    public abstract void Line(int file, int line, int column, LineFlags flags = LineFlags.IsStatement, int discriminator = 0, int isa = 0);

    /// <summary>
    /// Makes a symbol the view number of the row that <see cref="Line"/> asked for last: 0, or one more than the row before it where that has
    /// the same address. Reset: the number is 0 whatever came before. Debug information refers to rows by these numbers.
    /// </summary>
    /// <param name="symbol">The symbol, or 0.</param>
    /// <param name="isReset">Whether the row starts the count.</param>
    /// <param name="isZero">Whether the number is to be 0; it is an error where it is not.</param>
    public abstract void LineView(int symbol, bool isReset, bool isZero = false);

    /// <summary>The version of DWARF of line tables that need no later one; 0: 5.</summary>
    public int LineVersion { get; set; }

    /// <summary>Whether a line table without a unit gets one.</summary>
    public bool MakesUnit { get; set; }

    /// <summary>The directory of the compilation where no <c>.file 0</c> names one.</summary>
    public string WorkingDirectory { get; set; } = "";

    /// <summary>Whether labels get rows of their own (<c>.loc_mark_labels</c>).</summary>
    public abstract void LineMarkLabels(bool on);

    /// <summary>A string in <c>.comment</c>.</summary>
    public abstract void Ident(ReadOnlySpan<byte> text);

    /// <summary>Text for a person who reads <c>-S</c>; an object has no place for it.</summary>
    public virtual void Comment(string text)
    {
    }

    /// <summary>Makes the file; false where errors were reported, and then nothing is to be used.</summary>
    public abstract bool Finish(ByteWriter output);
}
