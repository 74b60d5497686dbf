namespace Kiln.Target.X86;

/// <summary>
/// The instruction set extensions of x86, by the names of gcc's <c>-m</c> options, and sets of them as the bits of a number. What implies
/// what, what the processors of <c>-march=</c> have, and the language of <c>__attribute__((target("avx2,no-fma,arch=haswell")))</c>.
/// Driver, Frontend, Lowering and CodeGen ask here.
/// </summary>
public static class X86Features
{
    // What each implies; what implies a feature goes with it when it is turned off.
    private static readonly (string Name, string Implies)[] _rows =
    [
        ("mmx", ""), ("sse", ""), ("sse2", "sse"), ("sse3", "sse2"), ("ssse3", "sse3"), ("sse4.1", "ssse3"), ("sse4.2", "sse4.1 popcnt crc32"),
        ("sse4", "sse4.2"), ("avx", "sse4.2 xsave"), ("avx2", "avx"), ("fma", "avx"), ("f16c", "avx"), ("bmi", ""), ("bmi2", ""), ("lzcnt", ""),
        ("abm", "lzcnt popcnt"), ("popcnt", ""), ("movbe", ""), ("aes", "sse2"), ("pclmul", "sse2"), ("sha", "sse2"), ("adx", ""), ("rdrnd", ""),
        ("rdseed", ""), ("fsgsbase", ""), ("cx16", ""), ("sahf", ""), ("fxsr", ""), ("xsave", ""), ("xsaveopt", "xsave"), ("xsavec", "xsave"),
        ("xsaves", "xsave"), ("crc32", ""), ("clflushopt", ""), ("clwb", ""), ("prfchw", ""), ("rdpid", ""), ("shstk", ""), ("vaes", "avx aes"),
        ("vpclmulqdq", "avx pclmul"), ("gfni", "sse2"), ("movdiri", ""), ("movdir64b", ""), ("serialize", ""), ("waitpkg", ""), ("ptwrite", ""),
        ("pku", ""), ("3dnow", "mmx"), ("cldemote", ""), ("wbnoinvd", ""), ("rtm", ""), ("80387", ""), ("general-regs-only", ""), ("mwaitx", ""),
        ("clzero", ""),
    ];

    // The levels of the psABI and the processors: what they have beyond SSE2. What Kiln has no instructions for (AVX-512, FMA4, XOP, SSE4a...)
    // is left out: code without it runs on them, and no macro says that it is there.
    private static readonly (string Name, string Features)[] _processors =
    [
        ("x86-64", ""), ("k8", ""), ("nocona", "sse3"), ("core2", "ssse3 cx16 sahf"), ("nehalem", "sse4.2 cx16 sahf"), ("corei7", "sse4.2 cx16 sahf"),
        ("x86-64-v2", "sse4.2 cx16 sahf"), ("westmere", "sse4.2 cx16 sahf pclmul"), ("sandybridge", "avx cx16 sahf pclmul xsaveopt"),
        ("ivybridge", "avx cx16 sahf pclmul xsaveopt f16c rdrnd fsgsbase"), ("x86-64-v3", "avx2 cx16 sahf f16c fma bmi bmi2 lzcnt movbe"),
        ("haswell", "avx2 cx16 sahf f16c fma bmi bmi2 lzcnt movbe pclmul xsaveopt rdrnd fsgsbase"),
        ("broadwell", "avx2 cx16 sahf f16c fma bmi bmi2 lzcnt movbe pclmul xsaveopt rdrnd fsgsbase adx rdseed prfchw"),
        ("skylake", "avx2 cx16 sahf f16c fma bmi bmi2 lzcnt movbe pclmul aes rdrnd fsgsbase adx rdseed prfchw clflushopt xsaveopt xsavec xsaves"),
        ("znver1", "avx2 abm cx16 sahf f16c fma bmi bmi2 lzcnt movbe pclmul aes rdrnd fsgsbase adx rdseed prfchw clflushopt xsaveopt xsavec xsaves sha clzero mwaitx"),
        ("znver2", "avx2 abm cx16 sahf f16c fma bmi bmi2 lzcnt movbe pclmul aes rdrnd fsgsbase adx rdseed prfchw clflushopt xsaveopt xsavec xsaves sha clwb rdpid wbnoinvd clzero mwaitx"),
        ("znver3", "avx2 abm cx16 sahf f16c fma bmi bmi2 lzcnt movbe vpclmulqdq vaes rdrnd fsgsbase adx rdseed prfchw clflushopt xsaveopt xsavec xsaves sha clwb rdpid wbnoinvd pku clzero mwaitx"),
        ("corei7-avx", "avx pclmul cx16 sahf xsaveopt"),
        ("core-avx-i", "f16c pclmul rdrnd fsgsbase cx16 sahf xsaveopt"),
        ("core-avx2", "avx2 fma f16c bmi bmi2 lzcnt movbe pclmul rdrnd fsgsbase cx16 sahf xsaveopt"),
        ("bonnell", "ssse3 movbe cx16 sahf"),
        ("atom", "ssse3 movbe cx16 sahf"),
        ("silvermont", "sse4.2 movbe pclmul rdrnd cx16 sahf prfchw"),
        ("slm", "sse4.2 movbe pclmul rdrnd cx16 sahf prfchw"),
        ("goldmont", "sse4.2 movbe aes pclmul sha rdrnd rdseed fsgsbase cx16 sahf xsaveopt xsavec xsaves clflushopt prfchw"),
        ("goldmont-plus", "sse4.2 movbe aes pclmul sha rdrnd rdseed fsgsbase cx16 sahf xsaveopt xsavec xsaves clflushopt prfchw rdpid ptwrite"),
        ("tremont", "sse4.2 movbe aes pclmul sha rdrnd rdseed fsgsbase cx16 sahf xsaveopt xsavec xsaves clflushopt clwb prfchw rdpid gfni movdiri movdir64b waitpkg ptwrite cldemote"),
        ("k8-sse3", "sse3"),
        ("opteron", ""),
        ("opteron-sse3", "sse3"),
        ("athlon64", ""),
        ("athlon64-sse3", "sse3"),
        ("athlon-fx", ""),
        ("amdfam10", "sse3 abm cx16 sahf prfchw"),
        ("barcelona", "sse3 abm cx16 sahf prfchw"),
        ("bdver1", "avx abm aes pclmul cx16 sahf prfchw"),
        ("bdver2", "fma f16c bmi abm aes pclmul cx16 sahf prfchw"),
        ("bdver3", "fma f16c bmi abm aes pclmul fsgsbase cx16 sahf xsaveopt prfchw"),
        ("bdver4", "avx2 fma f16c bmi bmi2 abm movbe aes pclmul rdrnd fsgsbase cx16 sahf xsaveopt prfchw mwaitx"),
        ("btver1", "ssse3 abm cx16 sahf xsave prfchw"),
        ("btver2", "f16c bmi abm movbe aes pclmul cx16 sahf xsaveopt prfchw"),
        ("nano", "ssse3 sahf"),
        ("nano-1000", "ssse3 sahf"),
        ("nano-2000", "ssse3 sahf"),
        ("nano-3000", "sse4.1 sahf"),
        ("nano-x2", "sse4.1 sahf"),
        ("nano-x4", "sse4.1 sahf"),
        ("eden-x2", "sse3 sahf"),
        ("eden-x4", "sse4.1 sahf"),
        ("alderlake", "avx2 fma f16c bmi bmi2 lzcnt movbe sha adx rdrnd rdseed fsgsbase cx16 sahf xsaveopt xsavec xsaves clflushopt clwb prfchw rdpid vaes vpclmulqdq gfni movdiri movdir64b serialize waitpkg ptwrite pku cldemote"),
        ("skylake-avx512", "avx2 fma f16c bmi bmi2 lzcnt movbe aes pclmul adx rdrnd rdseed fsgsbase cx16 sahf xsaveopt xsavec xsaves clflushopt clwb prfchw pku"),
        ("cascadelake", "avx2 fma f16c bmi bmi2 lzcnt movbe aes pclmul adx rdrnd rdseed fsgsbase cx16 sahf xsaveopt xsavec xsaves clflushopt clwb prfchw pku"),
        ("cooperlake", "avx2 fma f16c bmi bmi2 lzcnt movbe aes pclmul adx rdrnd rdseed fsgsbase cx16 sahf xsaveopt xsavec xsaves clflushopt clwb prfchw pku"),
        ("cannonlake", "avx2 fma f16c bmi bmi2 lzcnt movbe aes pclmul sha adx rdrnd rdseed fsgsbase cx16 sahf xsaveopt xsavec xsaves clflushopt prfchw pku"),
        ("icelake-client", "avx2 fma f16c bmi bmi2 lzcnt movbe sha adx rdrnd rdseed fsgsbase cx16 sahf xsaveopt xsavec xsaves clflushopt prfchw rdpid vaes vpclmulqdq gfni pku"),
        ("icelake-server", "avx2 fma f16c bmi bmi2 lzcnt movbe sha adx rdrnd rdseed fsgsbase cx16 sahf xsaveopt xsavec xsaves clflushopt clwb prfchw rdpid vaes vpclmulqdq gfni pku wbnoinvd"),
        ("rocketlake", "avx2 fma f16c bmi bmi2 lzcnt movbe sha adx rdrnd rdseed fsgsbase cx16 sahf xsaveopt xsavec xsaves clflushopt prfchw rdpid vaes vpclmulqdq gfni pku"),
        ("tigerlake", "avx2 fma f16c bmi bmi2 lzcnt movbe sha adx rdrnd rdseed fsgsbase cx16 sahf xsaveopt xsavec xsaves clflushopt clwb prfchw rdpid vaes vpclmulqdq gfni movdiri movdir64b pku"),
        ("sapphirerapids", "avx2 fma f16c bmi bmi2 lzcnt movbe sha adx rdrnd rdseed fsgsbase cx16 sahf xsaveopt xsavec xsaves clflushopt clwb prfchw rdpid vaes vpclmulqdq gfni movdiri movdir64b serialize waitpkg ptwrite pku cldemote wbnoinvd"),
        ("knl", "avx2 fma f16c bmi bmi2 lzcnt movbe pclmul adx rdrnd rdseed fsgsbase cx16 sahf xsaveopt prfchw"),
        ("knm", "avx2 fma f16c bmi bmi2 lzcnt movbe pclmul adx rdrnd rdseed fsgsbase cx16 sahf xsaveopt prfchw"),
        ("x86-64-v4", "avx2 fma f16c bmi bmi2 lzcnt movbe cx16 sahf"),
    ];

    /// <summary>What every x86-64 processor has.</summary>
    public static ulong Base64 { get; } = Set("mmx sse sse2 fxsr 80387");

    /// <summary>The bit of a feature; 0 where there is no such name.</summary>
    public static ulong Bit(ReadOnlySpan<char> name)
    {
        for (int i = 0; i < _rows.Length; i++)
        {
            if (name.SequenceEqual(_rows[i].Name))
                return 1UL << i;
        }
        return 0;
    }

    /// <summary>Whether a set has a feature.</summary>
    public static bool Has(ulong set, string name) => (set & Bit(name)) != 0;

    /// <summary>The name of the lowest feature of a set.</summary>
    public static string NameOf(ulong set) => _rows[System.Numerics.BitOperations.TrailingZeroCount(set)].Name;

    /// <summary>The names of a set's features.</summary>
    public static IEnumerable<string> Names(ulong set)
    {
        for (int i = 0; i < _rows.Length; i++)
        {
            if ((set & 1UL << i) != 0 && _rows[i].Name is not ("80387" or "general-regs-only"))
                yield return _rows[i].Name;
        }
    }

    /// <summary>Whether <c>-march=</c> knows a processor.</summary>
    public static bool IsProcessor(string name) => Array.Exists(_processors, p => p.Name == name);

    /// <summary>What a processor has; the base where the name is unknown.</summary>
    public static ulong OfProcessor(string name)
    {
        foreach ((string processor, string features) in _processors)
        {
            if (processor == name)
                return Base64 | Set(features);
        }
        return Base64;
    }

    /// <summary>A set with a feature and what it implies.</summary>
    public static ulong With(ulong set, string name) => set | Set(name);

    /// <summary>A set without a feature and what implies it.</summary>
    public static ulong Without(ulong set, string name)
    {
        if (name == "sse4")
            name = "sse4.1";
        ulong bit = Bit(name);
        set &= ~bit;
        for (int i = 0; i < _rows.Length; i++)
        {
            if ((set & 1UL << i) != 0 && (Closure(i) & bit) != 0)
                set &= ~(1UL << i);
        }
        return set;
    }

    /// <summary>The set that the words of a target attribute or pragma make of another one. False with the word that means nothing.</summary>
    public static bool TryApply(ref ulong set, string words, out string bad)
    {
        bad = "";
        foreach (string part in words.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            string word = part.StartsWith("-m", StringComparison.Ordinal) ? part[2..] : part;
            if (word.StartsWith("arch=", StringComparison.Ordinal))
            {
                if (!IsProcessor(word[5..]))
                    return Refuse(part, out bad);
                set |= OfProcessor(word[5..]);
            }
            else if (word.StartsWith("no-", StringComparison.Ordinal) && Bit(word.AsSpan(3)) != 0)
            {
                set = Without(set, word[3..]);
            }
            else if (Bit(word) != 0)
            {
                set = With(set, word);
            }
            else if (!IsHarmless(word))
            {
                return Refuse(part, out bad);
            }
        }
        return true;
    }

    private static bool Refuse(string word, out string bad)
    {
        bad = word;
        return false;
    }

    // Words that choose no instructions: what is tuned for, and what is code generation's anyway. AVX-512 can be turned off: it is never on.
    private static bool IsHarmless(string word) =>
        word is "default" or "fpmath=sse" or "ieee-fp" or "no-recip" or "recip" or "inline-all-stringops" or "no-inline-all-stringops"
            or "inline-stringops-dynamically" or "no-inline-stringops-dynamically" or "align-stringops" or "no-align-stringops"
            or "prefer-vector-width=128" or "prefer-vector-width=256" or "no-fma4" or "no-xop" or "no-sse4a" or "no-tbm" or "fancy-math-387"
        || word.StartsWith("tune=", StringComparison.Ordinal) || word.StartsWith("no-avx512", StringComparison.Ordinal);

    private static ulong Closure(int row)
    {
        ulong set = 1UL << row;
        if (_rows[row].Implies.Length > 0)
            set |= Set(_rows[row].Implies);
        return set;
    }

    private static ulong Set(string names)
    {
        ulong set = 0;
        foreach (Range range in names.AsSpan().Split(' '))
        {
            ulong bit = Bit(names.AsSpan()[range]);
            if (bit != 0)
                set |= Closure(System.Numerics.BitOperations.TrailingZeroCount(bit));
        }
        return set;
    }
}
