using System.Text;
using Kiln.IR;
using Xunit;

namespace Kiln.Tests.CodeGen.X86;

public sealed class FloatTests
{
    private static readonly (IrType Type, string C)[] Types = [(IrType.F32, "float"), (IrType.F64, "double"), (IrType.F80, "long double")];

    private const string Values = """
        static long double v[] = { 0.0L, -0.0L, 1, -1, 1.5L, -2.5L, 3.999L, 1e10L, -1e10L, 4294967296.0L, 9223372036854775808.0L, 1.8e19L, 1e300L, 1e-40L,
            __builtin_inf(), -__builtin_inf(), __builtin_nan("") };
        enum { N = sizeof v / sizeof *v };
        static long long w[] = { 0, 1, -1, 127, -128, 255, 32767, -32768, 65535, 2147483647, -2147483648LL, 4294967295, 4294967297, 0x7fffffffffffffff,
            0x8000000000000000, 0xfffffffffffffbff, 0xffffffffffffffff, 0x20000000000001, 16777217 };
        enum { W = sizeof w / sizeof *w };
        """;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1, "sse4.1")]
    public void ArithmeticAgreesWithC(int level, params string[] features)
    {
        var machine = new X86Machine(level, features);
        var main = new StringBuilder(Values);
        var calls = new StringBuilder();
        foreach ((IrType type, string c) in Types)
        {
            foreach ((Op op, string text) in ((Op, string)[])[(Op.FloatAdd, "a + b"), (Op.FloatSub, "a - b"), (Op.FloatMul, "a * b"), (Op.FloatDiv, "a / b"),
                (Op.FloatCopySign, "__builtin_copysignl(a, b)")])
            {
                string name = $"f_{op}_{type}";
                machine.Expression(name, type, [type, type], (b, p) => b.Binary(op, p[0], p[1]));
                main.AppendLine($"{c} {name}({c}, {c}); static {c} r_{name}({c} a, {c} b) {{ return {text}; }}");
                calls.AppendLine($"for (int i = 0; i < N; i++) for (int j = 0; j < N; j++) {{ {c} x = {name}(v[i], v[j]), y = r_{name}(v[i], v[j]); " +
                    $"if (x != y && !(x != x && y != y)) printf(\"{name} %Lg %Lg: %Lg\\n\", v[i], v[j], (long double)x); }}");
            }
            foreach ((Op op, string text) in ((Op, string)[])[(Op.FloatNegate, "-a"), (Op.FloatAbs, "__builtin_fabsl(a)")])
            {
                string name = $"f_{op}_{type}";
                machine.Expression(name, type, [type], (b, p) => b.Emit(op, type, p[0]));
                main.AppendLine($"{c} {name}({c}); static {c} r_{name}({c} a) {{ return {text}; }}");
                calls.AppendLine($"for (int i = 0; i < N; i++) {{ {c} x = {name}(v[i]), y = r_{name}(v[i]); " +
                    $"if (x != y && !(x != x && y != y)) printf(\"{name} %Lg: %Lg\\n\", v[i], (long double)x); }}");
            }
            for (int predicate = 0; predicate < 16; predicate++)
            {
                string name = $"c_{predicate}_{type}", branch = $"b_{predicate}_{type}", select = $"s_{predicate}_{type}";
                int aux = predicate;
                machine.Expression(name, IrType.I1, [type, type], (b, p) => b.Compare((FloatPredicate)aux, p[0], p[1]));
                machine.Expression(select, type, [type, type], (b, p) => b.Select(b.Compare((FloatPredicate)aux, p[0], p[1]), p[0], p[1]));
                machine.Add(branch, X86Machine.Sign(IrType.I32, type, type), (b, p) =>
                {
                    Block yes = b.Function.NewBlock(), no = b.Function.NewBlock();
                    b.BranchIf(b.Compare((FloatPredicate)(aux | 16), p[0], p[1]), yes, no);
                    b.Current = yes;
                    b.Return([b.Function.Constant(IrType.I32, 1L)]);
                    b.Current = no;
                    b.Return([b.Function.Constant(IrType.I32, 0L)]);
                });
                main.AppendLine($"_Bool {name}({c}, {c}); int {branch}({c}, {c}); {c} {select}({c}, {c}); static int r_{name}({c} a, {c} b) {{ " +
                    $"return a < b ? {predicate & 1} : a == b ? {predicate >> 1 & 1} : a > b ? {predicate >> 2 & 1} : {predicate >> 3 & 1}; }}");
                calls.AppendLine($"for (int i = 0; i < N; i++) for (int j = 0; j < N; j++) {{ {c} a = v[i], b = v[j]; int r = r_{name}(a, b); {c} s = {select}(a, b), t = r ? a : b; " +
                    $"if ({name}(a, b) != r || {branch}(a, b) != r || memcmp(&s, &t, sizeof s > 10 ? 10 : sizeof s)) " +
                    $"printf(\"{name} %Lg %Lg %d %d %Lg\\n\", v[i], v[j], {name}(a, b), {branch}(a, b), (long double)s); }}");
            }
        }
        Assert.Equal("", machine.Run(main + "int main() {" + calls + " return 0; }"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void ConversionsAgreeWithC(int level)
    {
        var machine = new X86Machine(level);
        var main = new StringBuilder(Values);
        var calls = new StringBuilder();
        foreach ((IrType type, string c) in Types)
        {
            foreach (int bits in (ReadOnlySpan<int>)[8, 16, 32, 64])
            {
                IrType integer = IrType.Integer(bits);
                foreach (bool signed in (ReadOnlySpan<bool>)[true, false])
                {
                    string i = $"{(signed ? "" : "u")}int{bits}_t", to = $"to_{type}_{i}", from = $"from_{type}_{i}";
                    machine.Expression(to, integer, [type], (b, p) => b.Emit(signed ? Op.FloatToSigned : Op.FloatToUnsigned, integer, p[0]));
                    machine.Expression(from, type, [integer], (b, p) => b.Emit(signed ? Op.SignedToFloat : Op.UnsignedToFloat, type, p[0]));
                    string least = signed ? $"-{Math.Pow(2, bits - 1):F0}.0L" : "-0.99L", most = $"{Math.Pow(2, bits - (signed ? 1 : 0)):F0}.0L";
                    main.AppendLine($"{i} {to}({c}); {c} {from}({i});");
                    calls.AppendLine($"for (int i = 0; i < N; i++) {{ {c} a = v[i]; if (a >= {least} && a < {most} && {to}(a) != ({i})a) printf(\"{to} %Lg %llx\\n\", v[i], (long long){to}(a)); }}");
                    calls.AppendLine($"for (int i = 0; i < W; i++) {{ {i} a = w[i]; if ({from}(a) != ({c})a) printf(\"{from} %llx %La\\n\", w[i], (long double){from}(a)); }}");
                }
            }
            foreach ((IrType other, string d) in Types)
            {
                if (other == type)
                    continue;
                Op op = other.LaneBits > type.LaneBits ? Op.FloatExtend : Op.FloatNarrow;
                string name = $"conv_{type}_{other}";
                machine.Expression(name, other, [type], (b, p) => b.Emit(op, other, p[0]));
                main.AppendLine($"{d} {name}({c});");
                calls.AppendLine($"for (int i = 0; i < N - 1; i++) {{ {c} a = v[i]; if ({name}(a) != ({d})a) printf(\"{name} %Lg\\n\", v[i]); }}");
            }
        }
        Assert.Equal("", machine.Run(main + "int main() {" + calls + " return 0; }"));
    }
}
