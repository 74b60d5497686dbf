using Kiln.Target.X86;

namespace Kiln.CodeGen.Targets.X86;

/// <summary>The instruction set extensions that a function's code may use: the bits of <see cref="X86Features"/>, asked by name.</summary>
internal readonly struct Features(ulong bits)
{
    public bool Sse2 { get; } = Has(bits, "sse2") && !Has(bits, "general-regs-only");
    public bool X87 { get; } = Has(bits, "80387") && !Has(bits, "general-regs-only");
    public bool Sse3 { get; } = Has(bits, "sse3");
    public bool Ssse3 { get; } = Has(bits, "ssse3");
    public bool Sse41 { get; } = Has(bits, "sse4.1");
    public bool Sse42 { get; } = Has(bits, "sse4.2");
    public bool Avx { get; } = Has(bits, "avx");
    public bool Avx2 { get; } = Has(bits, "avx2");
    public bool Fma { get; } = Has(bits, "fma");
    public bool F16c { get; } = Has(bits, "f16c");
    public bool Popcnt { get; } = Has(bits, "popcnt");
    public bool Lzcnt { get; } = Has(bits, "lzcnt");
    public bool Bmi1 { get; } = Has(bits, "bmi");
    public bool Bmi2 { get; } = Has(bits, "bmi2");
    public bool Movbe { get; } = Has(bits, "movbe");
    public bool Cx16 { get; } = Has(bits, "cx16");
    public bool PrefetchWrite { get; } = Has(bits, "prfchw");

    private static bool Has(ulong bits, string name) => X86Features.Has(bits, name);
}
