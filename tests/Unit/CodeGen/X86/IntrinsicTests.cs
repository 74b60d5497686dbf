using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Kiln.Driver;
using Kiln.Target.X86;
using Xunit;

namespace Kiln.Tests.CodeGen.X86;

/// <summary>The intrinsic table and its headers against gcc: the same names, and for every builtin without effects the same results.</summary>
public sealed partial class IntrinsicTests : IDisposable
{
    private const string GccHeaders = "/usr/lib/gcc/x86_64-linux-gnu/12/include";

    private readonly string _directory = Directory.CreateTempSubdirectory("kiln-intrinsics").FullName;

    public void Dispose() => Directory.Delete(_directory, true);

    // The kernel's names of features where they are not gcc's.
    private static readonly Dictionary<string, string> _kernelNames = new()
    {
        ["sse3"] = "pni",
        ["sse4.1"] = "sse4_1",
        ["sse4.2"] = "sse4_2",
        ["crc32"] = "sse4_2",
        ["bmi"] = "bmi1",
        ["lzcnt"] = "abm",
        ["pclmul"] = "pclmulqdq",
        ["sha"] = "sha_ni",
    };

    private static bool Runs(Intrinsic intrinsic, HashSet<string> processor)
    {
        if (intrinsic.Feature == 0)
            return true;
        string name = X86Features.NameOf(intrinsic.Feature);
        return processor.Contains(_kernelNames.GetValueOrDefault(name, name));
    }

    private static string TypeName(IntrinsicType type) => type.Lane switch
    {
        'v' => "void",
        'c' => "char",
        'b' => "unsigned char",
        's' => "short",
        'h' => "unsigned short",
        'i' or '#' => "int",
        'u' => "unsigned",
        'q' => "long long",
        'y' => "unsigned long long",
        'f' => "float",
        'd' => "double",
        _ => $"{type.Lane}{type.Size}",
    };

    [Theory]
    [InlineData("-O0")]
    [InlineData("-O1")]
    public void BuiltinsGiveWhatGccsGive(string level)
    {
        HashSet<string> processor = [.. File.ReadLines("/proc/cpuinfo").First(l => l.StartsWith("flags", StringComparison.Ordinal)).Split(' ')];
        if (!processor.Contains("avx2"))
            return;
        string source = Path.Combine(_directory, "a.c"), made = Path.Combine(_directory, "a.o");
        File.WriteAllText(source, Program(processor));
        string[] options =
        [
            level, "-w", "-ffp-contract=off", "-march=x86-64-v3", "-maes", "-mpclmul", "-msha", "-mgfni", "-mvaes", "-mvpclmulqdq", "-mfsgsbase", "-c", source, "-o",
        ];
        var messages = new StringWriter();
        Assert.True(Roles.Run("cc", [.. options, made], messages, messages) == 0, messages.ToString());
        string theirs = Path.Combine(_directory, "b.o");
        Command("gcc", [.. options, theirs]);
        Command("gcc", [made, "-o", made + ".run"]);
        Command("gcc", [theirs, "-o", theirs + ".run"]);
        string[] expected = Command(theirs + ".run").Split('\n'), found = Command(made + ".run").Split('\n');
        Assert.True(expected.Length > 5000);
        Assert.Equal(expected, found);
    }

    [Fact]
    public void HeadersHaveAllNamesOfGccs()
    {
        if (!Directory.Exists(GccHeaders))
            return;
        string[] headers =
        [
            "mmintrin", "xmmintrin", "emmintrin", "pmmintrin", "tmmintrin", "smmintrin", "wmmintrin", "avxintrin", "avx2intrin", "fmaintrin", "f16cintrin",
            "bmiintrin", "bmi2intrin", "lzcntintrin", "popcntintrin", "shaintrin", "adxintrin", "ia32intrin", "xsaveintrin", "xsaveoptintrin", "xsavecintrin",
            "xsavesintrin", "fxsrintrin", "clflushoptintrin", "clwbintrin", "prfchwintrin", "rdseedintrin", "x86gprintrin", "pkuintrin",
        ];
        var missing = new List<string>();
        string ours = Path.Combine(RepositoryRoot(), "include");
        var known = new HashSet<string>();
        foreach (string file in Directory.GetFiles(ours, "*intrin.h"))
            known.UnionWith(IntrinsicName().Matches(File.ReadAllText(file)).Select(m => m.Value));
        foreach (string header in headers)
        {
            foreach (Match name in IntrinsicName().Matches(CComment().Replace(File.ReadAllText(Path.Combine(GccHeaders, header + ".h")), " ")))
            {
                if (!known.Contains(name.Value))
                    missing.Add(name.Value);
            }
        }
        missing.RemoveAll(n => n is "_mm_malloc" or "_mm_free");
        Assert.Empty(missing.Distinct());
    }

    [Theory]
    [InlineData("int f(void) { return 0; } typedef char v __attribute__((vector_size(32))); v g(v a) { return __builtin_ia32_pabsb256(a); }",
        "'__builtin_ia32_pabsb256' needs isa option -mavx2")]
    [InlineData("#include <immintrin.h>\n__m256i g(__m256i a) { return _mm256_abs_epi8(a); }",
        "inlining failed in call to 'always_inline' '_mm256_abs_epi8': target specific option mismatch")]
    [InlineData("#include <immintrin.h>\n__m128i g(__m128i a) { return _mm_shuffle_epi32(a, 256); }", "the last argument must be an 8-bit immediate")]
    [InlineData("__attribute__((target(\"nonsense\"))) void f(void) { }", "'nonsense'")]
    public void MisuseIsAnError(string text, string message)
    {
        string source = Path.Combine(_directory, "bad.c");
        File.WriteAllText(source, text);
        var messages = new StringWriter();
        Assert.Equal(1, Roles.Run("cc", ["-w", "-c", source, "-o", source + ".o"], messages, messages));
        Assert.Contains(message, messages.ToString());
    }

    // Every builtin on random vectors; results as bytes, numbers as numbers.
    private static string Program(HashSet<string> processor)
    {
        var text = new StringBuilder("""
            #include <stdio.h>
            #include <string.h>
            #include <math.h>

            """);
        foreach ((char lane, string type) in new[] { ('B', "char"), ('S', "short"), ('I', "int"), ('L', "long long"), ('F', "float"), ('D', "double") })
        {
            for (int size = 8; size <= 32; size *= 2)
                text.Append($"typedef {type} {lane}{size} __attribute__((vector_size({size})));\n");
        }
        text.Append("""
            static unsigned long long seed = 88172645463325252ull;
            static unsigned long long next(void) { seed ^= seed << 13; seed ^= seed >> 7; seed ^= seed << 17; return seed; }
            static void fill(void *p, int n, char lane)
            {
                static const double some[] = { 0, -0.0, 1, -1, 1.5, -2.5, 1e30, 1e-30, 2147483648.0, -7.75, 0.5, -0.5 };
                unsigned char *b = p;
                int way = next() % 4;
                if (lane == 'F' || lane == 'f') { for (int i = 0; i < n / 4; i++) ((float *)p)[i] = next() % 3 ? (int)(next() % 2000) / 8.0f - 100 : some[next() % 12]; return; }
                if (lane == 'D' || lane == 'd') { for (int i = 0; i < n / 8; i++) ((double *)p)[i] = next() % 3 ? (int)(next() % 2000) / 8.0 - 100 : some[next() % 12]; return; }
                for (int i = 0; i < n; i++)
                    b[i] = way == 0 ? next() : way == 1 ? (next() & 1 ? 255 : 0) : way == 2 ? next() % 5 : next() & 1 ? 0x80 : 0x7f;
            }
            static void show(const char *name, const void *p, int n, char lane)
            {
                printf("%s", name);
                if (lane == 'F' || lane == 'f') for (int i = 0; i < n / 4; i++) { float f = ((const float *)p)[i]; if (f != f) printf(" nan"); else printf(" %a", f); }
                else if (lane == 'D' || lane == 'd') for (int i = 0; i < n / 8; i++) { double f = ((const double *)p)[i]; if (f != f) printf(" nan"); else printf(" %a", f); }
                else for (int i = 0; i < n; i++) printf("%02x", ((const unsigned char *)p)[i]);
                printf("\n");
            }

            """);
        var calls = new StringBuilder();
        foreach (Intrinsic intrinsic in IntrinsicTable.All)
        {
            // vfmsubadd is our own (gcc negates); a cast leaves upper lanes open; bsr and the counts of zero differ by processor.
            if (intrinsic.HasEffects || intrinsic.Way is "cast" or "bsr" or "load" or "store" || intrinsic.Parameters.Length == 0 || intrinsic.Name.StartsWith("vfmsubadd", StringComparison.Ordinal) || !Runs(intrinsic, processor))
                continue;
            int limit = Array.Find(intrinsic.Parameters, p => p.IsImmediate).Limit;
            int[] immediates = limit == 0 ? [0] : limit == 2047 ? [0, 8, 40, 128, 200] : [.. new[] { 0, 1, limit / 3, limit / 2, limit }.Distinct()];
            foreach (int immediate in immediates)
                AddCall(text, calls, intrinsic, immediate);
        }
        return text.Append("int main(void) { for (int i = 0; i < 8; i++) {\n").Append(calls).Append("} return 0; }\n").ToString();
    }

    private static void AddCall(StringBuilder text, StringBuilder calls, Intrinsic intrinsic, int immediate)
    {
        string function = $"t_{intrinsic.Name}_{immediate}";
        var arguments = new List<string>();
        text.Append($"static void {function}(void)\n{{\n");
        for (int i = 0; i < intrinsic.Parameters.Length; i++)
        {
            IntrinsicType parameter = intrinsic.Parameters[i];
            if (parameter.IsImmediate)
            {
                arguments.Add($"{immediate}");
                continue;
            }
            text.Append($"    {TypeName(parameter)} a{i}; fill(&a{i}, sizeof a{i}, '{parameter.Lane}');\n");
            // Shift counts and string lengths in their range.
            if (parameter.Lane == 'i' && intrinsic.Way is "shift" or "string")
                text.Append($"    a{i} &= 63;\n");
            arguments.Add($"a{i}");
        }
        text.Append($"    {TypeName(intrinsic.Result)} r = __builtin_ia32_{intrinsic.Name}({string.Join(", ", arguments)});\n");
        text.Append($"    show(\"{intrinsic.Name} {immediate} \", &r, sizeof r, '{intrinsic.Result.Lane}');\n}}\n");
        calls.Append($"{function}();\n");
    }

    private static string RepositoryRoot()
    {
        string? directory = AppContext.BaseDirectory;
        while (directory is not null && !File.Exists(Path.Combine(directory, "Kiln.slnx")))
            directory = Path.GetDirectoryName(directory);
        return directory ?? throw new InvalidOperationException("not inside the repository");
    }

    private static string Command(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program}: {error.Result}");
        return output;
    }

    [GeneratedRegex(@"\b(_mm(256)?_[a-z0-9_]+[a-z0-9]|_m_[a-z0-9]+|_CMP_[A-Z_]+|_SIDD_[A-Z_]+|__?(bextr|andn|bls[a-z]+|tzcnt|lzcnt|bzhi|pdep|pext)_u(16|32|64))\b")]
    private static partial Regex IntrinsicName();

    [GeneratedRegex(@"/\*.*?\*/", RegexOptions.Singleline)]
    private static partial Regex CComment();
}
