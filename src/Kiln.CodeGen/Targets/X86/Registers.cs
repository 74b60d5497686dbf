using Kiln.CodeGen.Machine;

namespace Kiln.CodeGen.Targets.X86;

/// <summary>The registers as allocation numbers them: general registers 0 to 15 and xmm registers 16 to 31, by hardware number.</summary>
internal static class Regs
{
    public static Reg Rax => Reg.Physical(0);
    public static Reg Rcx => Reg.Physical(1);
    public static Reg Rdx => Reg.Physical(2);
    public static Reg Rbx => Reg.Physical(3);
    public static Reg Rsp => Reg.Physical(4);
    public static Reg Rbp => Reg.Physical(5);
    public static Reg Rsi => Reg.Physical(6);
    public static Reg Rdi => Reg.Physical(7);
    public static Reg R10 => Reg.Physical(10);
    public static Reg R11 => Reg.Physical(11);

    public const int FirstVector = 16;

    /// <summary>The vector register that moves between frame objects go through; nothing else lives in it.</summary>
    public const int Scratch = 31;

    /// <summary>Segment numbers in <see cref="MachineOperand.Segment"/>.</summary>
    public const byte Fs = 1, Gs = 2;

    public static Reg Xmm(int number) => Reg.Physical(FirstVector + number);

    /// <summary>rbx, rbp, r12 to r15 (System V ABI, figure 3.4).</summary>
    public static RegisterSet CalleeSaved => new(1 << 3 | 1 << 5 | 1 << 12 | 1 << 13 | 1 << 14 | 1 << 15);

    /// <summary>What the Microsoft convention keeps beyond that: rsi, rdi, xmm6 to xmm15.</summary>
    public static RegisterSet MicrosoftSaved => new(1 << 6 | 1 << 7 | 0xffc0UL << FirstVector);

    public static RegisterSet General => RegisterSet.Range(0, 15);

    public static RegisterSet Vector => RegisterSet.Range(16, 31);

    /// <summary>Everything that a call destroys.</summary>
    public static RegisterSet CallerSaved => (General | Vector) & ~CalleeSaved & ~RegisterSet.Of(4);

    // Those first that need no prefix and no saving; then the saved ones.
    private static ReadOnlySpan<byte> Order => [0, 1, 2, 6, 7, 8, 9, 10, 11, 3, 14, 15, 12, 13];

    private static string[] Names { get; } =
    [
        "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
        "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15",
    ];

    /// <summary>The register file: rbp is a general register where there is no frame pointer; rbx is the base of realigned frames.</summary>
    public static RegisterFile File(bool framePointer, bool basePointer, bool vectors)
    {
        var general = new List<byte>(15);
        foreach (byte number in Order)
        {
            if (number != 3 || !basePointer)
                general.Add(number);
        }
        if (!framePointer)
            general.Add(5);
        var vector = new byte[vectors ? 15 : 0];
        for (int i = 0; i < vector.Length; i++)
            vector[i] = (byte)(FirstVector + i);
        return new RegisterFile
        {
            Names = Names,
            General = General,
            Vector = Vector,
            GeneralOrder = [.. general],
            VectorOrder = vector,
            CalleeSaved = CalleeSaved,
            Scratch = vectors ? Scratch : -1,
        };
    }
}
