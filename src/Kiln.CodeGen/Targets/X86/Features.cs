namespace Kiln.CodeGen.Targets.X86;

/// <summary>The instruction set extensions that code may use, from -march and -m options.</summary>
internal readonly record struct Features(IReadOnlySet<string> Names)
{
    public bool Sse2 { get; } = !Names.Contains("no-sse") && !Names.Contains("no-sse2") && !Names.Contains("general-regs-only");
    public bool X87 { get; } = !Names.Contains("no-80387") && !Names.Contains("general-regs-only") && !Names.Contains("soft-float");
    public bool Sse3 { get; } = Names.Contains("sse3") || Names.Contains("ssse3") || Names.Contains("sse4.1") || Names.Contains("sse4.2") || Names.Contains("avx") || Names.Contains("avx2");
    public bool Ssse3 { get; } = Names.Contains("ssse3") || Names.Contains("sse4.1") || Names.Contains("sse4.2") || Names.Contains("avx") || Names.Contains("avx2");
    public bool Sse41 { get; } = Names.Contains("sse4.1") || Names.Contains("sse4.2") || Names.Contains("sse4") || Names.Contains("avx") || Names.Contains("avx2");
    public bool Sse42 { get; } = Names.Contains("sse4.2") || Names.Contains("sse4") || Names.Contains("avx") || Names.Contains("avx2");
    public bool Avx { get; } = Names.Contains("avx") || Names.Contains("avx2");
    public bool Avx2 { get; } = Names.Contains("avx2");
    public bool Fma { get; } = Names.Contains("fma");
    public bool Popcnt { get; } = Names.Contains("popcnt") || Names.Contains("sse4.2") || Names.Contains("avx") || Names.Contains("avx2");
    public bool Lzcnt { get; } = Names.Contains("lzcnt");
    public bool Bmi1 { get; } = Names.Contains("bmi");
    public bool Bmi2 { get; } = Names.Contains("bmi2");
    public bool Cx16 { get; } = Names.Contains("cx16");
}
