namespace Kiln.IR;

/// <summary>What an operand of an inline assembly statement is bound to.</summary>
public enum AsmOperandKind : byte
{
    /// <summary>A register result: Result value or the asm's own (number by order among the outputs of this kind).</summary>
    OutputRegister,
    /// <summary>Output or input in memory: the IR operand is its address.</summary>
    Memory,
    /// <summary>An input in a register.</summary>
    InputRegister,
    /// <summary>A constant: the IR operand is a Constant or SymbolAddress.</summary>
    Immediate,
    /// <summary>A label of asm goto: index of the successor.</summary>
    Label,
}

/// <summary>An operand of inline assembly, in the order in which templates number them.</summary>
/// <param name="Kind">What it is bound to, decided by Lowering from the constraint alternatives.</param>
/// <param name="Constraint">The constraint's letters that are allowed, modifiers taken off (<c>r</c>, <c>q</c>, <c>a</c>, <c>x</c>, <c>m</c>, <c>i</c>…).</param>
/// <param name="Type">Type of the value (of the memory, for Memory).</param>
/// <param name="FixedRegister">A register's name given by an asm register variable or by flags (<c>@ccz</c>), or null.</param>
/// <param name="TiedTo">Input: the operand number of the output whose register it must share, or -1.</param>
/// <param name="EarlyClobber">Output: written before all inputs are read.</param>
/// <param name="Input">Index of the IR operand (inputs, memory, immediates), else -1.</param>
/// <param name="Name">The symbolic name (<c>[name]</c>), or null.</param>
public sealed record AsmOperand(
    AsmOperandKind Kind,
    string Constraint,
    IrType Type,
    string? FixedRegister = null,
    int TiedTo = -1,
    bool EarlyClobber = false,
    int Input = -1,
    string? Name = null);

/// <summary>An inline assembly statement.</summary>
public sealed class AsmInfo
{
    /// <summary>The template, as written (basic asm: no operand substitution).</summary>
    public required byte[] Template { get; init; }

    /// <summary>Whether <c>%</c> is an ordinary character (asm without colons).</summary>
    public bool IsBasic { get; init; }

    public bool IsVolatile { get; init; }

    /// <summary>Outputs, then inputs, then labels, in the order in which templates number them.</summary>
    public required AsmOperand[] Operands { get; init; }

    /// <summary>Names of clobbered registers; <c>memory</c> and <c>cc</c> are flags below.</summary>
    public string[] Clobbers { get; init; } = [];

    public bool ClobbersMemory { get; init; }

    public bool ClobbersFlags { get; init; }

    /// <summary>For asm goto: how many labels there are (successors 1 and on).</summary>
    public int LabelCount { get; init; }
}

/// <summary>The cases of a switch.</summary>
public sealed class SwitchInfo
{
    /// <summary>Ranges of values (sign-extended, both ends in), which do not overlap, and the successor's index each goes to.</summary>
    public List<(long Low, long High, int Successor)> Cases { get; } = [];

    /// <summary>Whether the cases are all that can happen (the default is unreachable).</summary>
    public bool IsExhaustive { get; set; }
}
