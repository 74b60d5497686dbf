namespace Kiln.CodeGen.Machine;

/// <summary>The target's registers as allocation sees them. Numbers are 0 to 63.</summary>
public sealed class RegisterFile
{
    /// <summary>Names by number, for dumps.</summary>
    public required string[] Names { get; init; }

    /// <summary>All registers of the class General, reserved ones too.</summary>
    public required RegisterSet General { get; init; }

    /// <summary>All registers of the class Vector.</summary>
    public required RegisterSet Vector { get; init; }

    /// <summary>General registers in the order in which they are preferred (those that cost nothing first). Reserved ones do not stand here.</summary>
    public required byte[] GeneralOrder { get; init; }

    /// <summary>The same for vectors.</summary>
    public required byte[] VectorOrder { get; init; }

    /// <summary>What a call by the platform's convention keeps.</summary>
    public required RegisterSet CalleeSaved { get; init; }

    /// <summary>
    /// A reserved register of the class Vector through which moves between frame objects and cycles of moves go, or -1: then the target
    /// moves between frame objects by itself and cycles are broken by Swap.
    /// </summary>
    public required int Scratch { get; init; }

    /// <summary>The allocatable registers of a class.</summary>
    public RegisterSet Allocatable(RegisterClass registerClass)
    {
        ulong bits = 0;
        foreach (byte number in Order(registerClass))
            bits |= 1UL << number;
        return new RegisterSet(bits);
    }

    /// <summary>The preferred order of a class.</summary>
    public ReadOnlySpan<byte> Order(RegisterClass registerClass) => registerClass switch
    {
        RegisterClass.General => GeneralOrder,
        RegisterClass.Vector => VectorOrder,
        RegisterClass.Memory => [],
        _ => throw new ArgumentOutOfRangeException(nameof(registerClass), registerClass, "no such class"),
    };
}
