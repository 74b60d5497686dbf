using System.Numerics;
using System.Runtime.CompilerServices;

namespace Kiln.CodeGen.Machine;

/// <summary>What a virtual register may live in.</summary>
public enum RegisterClass : byte
{
    /// <summary>Integers and pointers.</summary>
    General,

    /// <summary>Floating point and vectors.</summary>
    Vector,

    /// <summary>Always in the frame (x87 values): operands of this class must be <see cref="Constraint.Any"/> and become frame operands.</summary>
    Memory,
}

/// <summary>
/// A register: 0 none, 1 to 64 physical (number 0 to 63 of the target's <see cref="RegisterFile"/>), from 128 on virtual.
/// The width is no property of a register but of the operand.
/// </summary>
public readonly record struct Reg(int Id)
{
    /// <summary>The id of the first virtual register.</summary>
    public const int FirstVirtual = 128;

    public static Reg Physical(int number) => new(number + 1);

    public bool IsNone => Id == 0;
    public bool IsPhysical => Id is > 0 and < FirstVirtual;
    public bool IsVirtual => Id >= FirstVirtual;

    /// <summary>Physical: its number, 0 to 63.</summary>
    public int Number => Id - 1;

    /// <summary>Virtual: its index, from 0.</summary>
    public int Index => Id - FirstVirtual;

    public override string ToString() => IsNone ? "-" : IsVirtual ? $"v{Index}" : $"p{Number}";
}

/// <summary>A set of physical registers, by number.</summary>
public readonly record struct RegisterSet(ulong Bits)
{
    public static RegisterSet None => default;
    public static RegisterSet All => new(~0UL);

    public static RegisterSet Of(int number) => new(1UL << number);

    /// <summary>The registers <paramref name="first"/> to <paramref name="last"/>.</summary>
    public static RegisterSet Range(int first, int last) => new(~0UL >> 63 - (last - first) << first);

    public bool IsEmpty => Bits == 0;
    public int Count => BitOperations.PopCount(Bits);

    /// <summary>The lowest number in the set; 64 of the empty one.</summary>
    public int First => BitOperations.TrailingZeroCount(Bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Contains(int number) => (Bits >> number & 1) != 0;

    public RegisterSet With(int number) => new(Bits | 1UL << number);
    public RegisterSet Without(int number) => new(Bits & ~(1UL << number));
    public RegisterSet WithoutFirst() => new(Bits & Bits - 1);

    public static RegisterSet operator |(RegisterSet a, RegisterSet b) => new(a.Bits | b.Bits);
    public static RegisterSet operator &(RegisterSet a, RegisterSet b) => new(a.Bits & b.Bits);
    public static RegisterSet operator ~(RegisterSet a) => new(~a.Bits);
}
