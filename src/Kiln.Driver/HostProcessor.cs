using System.Runtime.Intrinsics.X86;
using Kiln.Target.X86;

namespace Kiln.Driver;

/// <summary>
/// What the processor of this machine has, for <c>-march=native</c>: the bits of the CPUID instruction (Intel's manual, volume 2A), as far as
/// Kiln has a name for them. What needs the system's help (AVX and what is built on it) counts only where the system gives it.
/// </summary>
internal static class HostProcessor
{
    private enum Register : byte
    {
        Eax,
        Ebx,
        Ecx,
        Edx,
    }

    private static readonly (uint Leaf, int Subleaf, Register Register, int Bit, string Name)[] _bits =
    [
        (1, 0, Register.Ecx, 0, "sse3"), (1, 0, Register.Ecx, 1, "pclmul"), (1, 0, Register.Ecx, 9, "ssse3"), (1, 0, Register.Ecx, 12, "fma"),
        (1, 0, Register.Ecx, 13, "cx16"), (1, 0, Register.Ecx, 19, "sse4.1"), (1, 0, Register.Ecx, 20, "sse4.2"), (1, 0, Register.Ecx, 22, "movbe"),
        (1, 0, Register.Ecx, 23, "popcnt"), (1, 0, Register.Ecx, 25, "aes"), (1, 0, Register.Ecx, 26, "xsave"), (1, 0, Register.Ecx, 28, "avx"),
        (1, 0, Register.Ecx, 29, "f16c"), (1, 0, Register.Ecx, 30, "rdrnd"),
        (7, 0, Register.Ebx, 0, "fsgsbase"), (7, 0, Register.Ebx, 3, "bmi"), (7, 0, Register.Ebx, 5, "avx2"), (7, 0, Register.Ebx, 8, "bmi2"),
        (7, 0, Register.Ebx, 18, "rdseed"), (7, 0, Register.Ebx, 19, "adx"), (7, 0, Register.Ebx, 23, "clflushopt"), (7, 0, Register.Ebx, 24, "clwb"),
        (7, 0, Register.Ebx, 29, "sha"), (7, 0, Register.Ecx, 5, "waitpkg"), (7, 0, Register.Ecx, 8, "gfni"), (7, 0, Register.Ecx, 9, "vaes"),
        (7, 0, Register.Ecx, 10, "vpclmulqdq"), (7, 0, Register.Ecx, 22, "rdpid"), (7, 0, Register.Ecx, 25, "cldemote"),
        (7, 0, Register.Ecx, 27, "movdiri"), (7, 0, Register.Ecx, 28, "movdir64b"), (7, 0, Register.Edx, 14, "serialize"),
        (0xd, 1, Register.Eax, 0, "xsaveopt"), (0xd, 1, Register.Eax, 1, "xsavec"), (0xd, 1, Register.Eax, 3, "xsaves"),
        (0x80000001, 0, Register.Ecx, 0, "sahf"), (0x80000001, 0, Register.Ecx, 5, "lzcnt"), (0x80000001, 0, Register.Ecx, 8, "prfchw"),
        (0x80000001, 0, Register.Ecx, 29, "mwaitx"), (0x80000008, 0, Register.Ebx, 0, "clzero"), (0x80000008, 0, Register.Ebx, 9, "wbnoinvd"),
    ];

    /// <summary>The features as a set of <see cref="X86Features"/>.</summary>
    /// <exception cref="Options.UsageException">This machine is not an x86.</exception>
    public static ulong Features()
    {
        if (!X86Base.IsSupported)
            throw new Options.UsageException("'-march=native' is not supported on this machine");
        ulong set = X86Features.Base64;
        foreach ((uint leaf, int subleaf, Register register, int bit, string name) in _bits)
        {
            (int last, _, _, _) = X86Base.CpuId(unchecked((int)(leaf & 0x80000000)), 0);
            if ((uint)last < leaf)
                continue;
            (int eax, int ebx, int ecx, int edx) = X86Base.CpuId(unchecked((int)leaf), subleaf);
            int word = register switch
            {
                Register.Eax => eax,
                Register.Ebx => ebx,
                Register.Ecx => ecx,
                _ => edx,
            };
            if ((word >> bit & 1) != 0)
                set = X86Features.With(set, name);
        }
        // The upper halves of the registers must be saved by the system too.
        return Avx.IsSupported ? set : X86Features.Without(set, "avx");
    }
}
