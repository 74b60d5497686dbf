using Kiln.IR;

namespace Kiln.CodeGen.Targets.X86;

/// <summary>A condition of jcc, setcc and cmovcc, by its hardware number. Bit 0 negates.</summary>
internal enum Condition : byte
{
    Overflow,
    NotOverflow,
    Below,
    AboveEqual,
    Equal,
    NotEqual,
    BelowEqual,
    Above,
    Sign,
    NotSign,
    Parity,
    NotParity,
    Less,
    GreaterEqual,
    LessEqual,
    Greater,
}

/// <summary>How a floating-point comparison reads the flags of ucomis: one condition, or two joined.</summary>
/// <param name="Swap">Whether the operands are exchanged first.</param>
/// <param name="First">The first condition.</param>
/// <param name="Second">The second, where <paramref name="Join"/> is not 0.</param>
/// <param name="Join">0: First alone; 1: First and Second; 2: First or Second.</param>
internal readonly record struct FloatCondition(bool Swap, Condition First, Condition Second = 0, byte Join = 0);

/// <summary>Conditions and what they are made from.</summary>
internal static class Conditions
{
    public static Condition Negate(Condition condition) => condition ^ (Condition)1;

    /// <summary>The condition after the operands of the comparison were exchanged.</summary>
    public static Condition Swap(Condition condition) => condition switch
    {
        Condition.Below => Condition.Above,
        Condition.Above => Condition.Below,
        Condition.AboveEqual => Condition.BelowEqual,
        Condition.BelowEqual => Condition.AboveEqual,
        Condition.Less => Condition.Greater,
        Condition.Greater => Condition.Less,
        Condition.LessEqual => Condition.GreaterEqual,
        Condition.GreaterEqual => Condition.LessEqual,
        _ => condition,
    };

    public static Condition Of(IntPredicate predicate) => predicate switch
    {
        IntPredicate.Equal => Condition.Equal,
        IntPredicate.NotEqual => Condition.NotEqual,
        IntPredicate.LessSigned => Condition.Less,
        IntPredicate.LessEqualSigned => Condition.LessEqual,
        IntPredicate.GreaterSigned => Condition.Greater,
        IntPredicate.GreaterEqualSigned => Condition.GreaterEqual,
        IntPredicate.LessUnsigned => Condition.Below,
        IntPredicate.LessEqualUnsigned => Condition.BelowEqual,
        IntPredicate.GreaterUnsigned => Condition.Above,
        IntPredicate.GreaterEqualUnsigned => Condition.AboveEqual,
        _ => throw new ArgumentOutOfRangeException(nameof(predicate), predicate, "no such predicate"),
    };

    /// <summary>
    /// ucomis a, b sets: a &gt; b: none; a &lt; b: CF; equal: ZF; unordered: CF, ZF, PF. So above and above-equal are false on
    /// unordered operands, below and below-equal true; equality needs parity beside it.
    /// </summary>
    public static FloatCondition Of(FloatPredicate predicate) => (predicate & FloatPredicate.Always) switch
    {
        FloatPredicate.Greater => new(false, Condition.Above),
        FloatPredicate.GreaterEqual => new(false, Condition.AboveEqual),
        FloatPredicate.Less => new(true, Condition.Above),
        FloatPredicate.LessEqual => new(true, Condition.AboveEqual),
        FloatPredicate.UnorderedLess => new(false, Condition.Below),
        FloatPredicate.UnorderedLessEqual => new(false, Condition.BelowEqual),
        FloatPredicate.UnorderedGreater => new(true, Condition.Below),
        FloatPredicate.UnorderedGreaterEqual => new(true, Condition.BelowEqual),
        FloatPredicate.Ordered => new(false, Condition.NotParity),
        FloatPredicate.Unordered => new(false, Condition.Parity),
        FloatPredicate.UnorderedEqual => new(false, Condition.Equal),
        FloatPredicate.LessGreater => new(false, Condition.NotEqual),
        FloatPredicate.Equal => new(false, Condition.Equal, Condition.NotParity, 1),
        FloatPredicate.NotEqual => new(false, Condition.NotEqual, Condition.Parity, 2),
        _ => throw new ArgumentOutOfRangeException(nameof(predicate), predicate, "not a comparison of values"),
    };

    /// <summary>The negation of a predicate: true where it is false.</summary>
    public static FloatPredicate Negate(FloatPredicate predicate) => predicate ^ FloatPredicate.Always;

    /// <summary>The predicate after the operands were exchanged.</summary>
    public static FloatPredicate Swap(FloatPredicate predicate) =>
        predicate & ~FloatPredicate.LessGreater
        | ((predicate & FloatPredicate.Less) != 0 ? FloatPredicate.Greater : 0)
        | ((predicate & FloatPredicate.Greater) != 0 ? FloatPredicate.Less : 0);
}
