using Kiln.Target;

namespace Kiln.Assembler.Sections;

/// <summary>What a target's call frame information starts from. Registers are DWARF numbers.</summary>
/// <param name="ReturnColumn">The column of the return address.</param>
/// <param name="FrameRegister">The register that the frame is counted from on entry.</param>
/// <param name="FrameOffset">The frame's distance from that register on entry.</param>
/// <param name="ReturnOffset">The return address's place from the frame on entry, or 0 where it is in a register.</param>
/// <param name="DataAlignment">What offsets of registers are multiples of.</param>
/// <param name="CodeAlignment">What the length of an instruction is a multiple of.</param>
internal readonly record struct FrameRules(
    int ReturnColumn, int FrameRegister, int FrameOffset, int ReturnOffset, int DataAlignment, int CodeAlignment)
{
    public static FrameRules For(Architecture architecture) => architecture switch
    {
        Architecture.X86_64 => new FrameRules(16, 7, 8, -8, -8, 1),
        Architecture.I386 => new FrameRules(8, 4, 4, -4, -4, 1),
        Architecture.AArch64 => new FrameRules(30, 31, 0, 0, -8, 4),
        Architecture.RiscV64 => new FrameRules(1, 2, 0, 0, -8, 2),
        _ => throw new InvalidOperationException($"architecture {architecture}"),
    };
}
