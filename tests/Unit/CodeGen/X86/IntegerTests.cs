using Kiln.IR;
using Xunit;

namespace Kiln.Tests.CodeGen.X86;

public sealed class IntegerTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void HelloIsPrinted(int level)
    {
        var machine = new X86Machine(level);
        Symbol text = machine.Module.NewLocal(".Ltext");
        machine.Module[text].Kind = SymbolKind.Object;
        machine.Module[text].Data = "hello %d\n\0"u8.ToArray();
        machine.Module[text].Size = 10;
        machine.Module[text].IsReadOnly = true;
        Symbol printf = machine.Module.Intern("printf");
        machine.Add("hello", X86Machine.Sign(IrType.I32, IrType.I32), (b, p) =>
        {
            StackSlot slot = b.Function.NewSlot(4, 2);
            Value address = b.Function.SlotAddress(slot);
            b.Store(address, p[0], new MemoryAccess(2));
            Value sum = b.Binary(Op.Add, b.Load(IrType.I32, address, new MemoryAccess(2)), b.Function.Constant(IrType.I32, 1L));
            Signature signature = X86Machine.Sign(IrType.I32, IrType.Pointer, IrType.I32);
            var variadic = new Signature { Parameters = signature.Parameters, Results = signature.Results, IsVariadic = true };
            b.Call(new CallInfo(variadic, printf, CallFlags.None), [b.Function.SymbolAddress(text), sum]);
            b.Return([sum]);
        });
        Assert.Equal("hello 42\n", machine.Run("int hello(int); int main() { return hello(41) != 42; }"));
    }

    // Every operation on every width, against C on the same operands.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void ArithmeticAgreesWithC(int level)
    {
        var machine = new X86Machine(level);
        var main = new System.Text.StringBuilder();
        var calls = new System.Text.StringBuilder();
        (Op Op, string Signed, string Text)[] operations =
        [
            (Op.Add, "u", "a + b"), (Op.Sub, "u", "a - b"), (Op.Mul, "u", "a * b"), (Op.And, "u", "a & b"), (Op.Or, "u", "a | b"),
            (Op.Xor, "u", "a ^ b"), (Op.DivSigned, "", "b == 0 || b == -1 ? 0 : a / b"), (Op.DivUnsigned, "u", "b == 0 ? 0 : a / b"),
            (Op.RemSigned, "", "b == 0 || b == -1 ? 0 : a % b"), (Op.RemUnsigned, "u", "b == 0 ? 0 : a % b"),
            (Op.ShiftLeft, "u", "a << (b & W - 1)"), (Op.ShiftRightSigned, "", "a >> (b & W - 1)"), (Op.ShiftRightUnsigned, "u", "a >> (b & W - 1)"),
            (Op.RotateLeft, "u", "a << (b & W - 1) | a >> (-b & W - 1)"), (Op.RotateRight, "u", "a >> (b & W - 1) | a << (-b & W - 1)"),
            (Op.MinSigned, "", "a < b ? a : b"), (Op.MaxUnsigned, "u", "a > b ? a : b"),
            (Op.MulHighSigned, "", "(__int128)a * b >> W"), (Op.MulHighUnsigned, "u", "(unsigned __int128)a * b >> W"),
        ];
        long[] constants = [1, 2, 3, 5, 7, 10, 16, 25, 100, 127, 128, -1, -2, -7, 641, 1000, 12345];
        foreach (int bits in (ReadOnlySpan<int>)[8, 16, 32, 64])
        {
            IrType type = IrType.Integer(bits);
            foreach ((Op op, string sign, string text) in operations)
            {
                string name = $"f_{op}_{bits}";
                bool divides = op is Op.DivSigned or Op.DivUnsigned or Op.RemSigned or Op.RemUnsigned;
                if (!divides)
                    machine.Expression(name, type, [type, type], (b, p) => b.Binary(op, p[0], p[1]));
                string c = $"{sign}int{bits}_t";
                string formula = text.Replace("W", bits.ToString());
                if (!divides)
                {
                    main.AppendLine($"{c} {name}({c}, {c}); static {c} r_{name}({c} a, {c} b) {{ return {formula}; }}");
                    calls.AppendLine($"for (int i = 0; i < N; i++) for (int j = 0; j < N; j++) if ({name}(v[i], v[j]) != r_{name}(v[i], v[j])) " +
                        $"printf(\"{name} %llx %llx: %llx\\n\", v[i], v[j], (long long){name}(v[i], v[j]));");
                }
                foreach (long constant in constants)
                {
                    if (divides && (constant == -1 || (constant == 0)))
                        continue;
                    long cut = constant << 64 - bits >> 64 - bits;
                    if (divides && cut is 0 or -1)
                        continue;
                    string own = $"{name}_{(cut < 0 ? "m" : "")}{Math.Abs(cut)}";
                    if (main.ToString().Contains(own + "("))
                        continue;
                    machine.Expression(own, type, [type], (b, p) => b.Binary(op, p[0], b.Function.Constant(type, cut)));
                    main.AppendLine($"{c} {own}({c}); static {c} r_{own}({c} a) {{ {c} b = {cut}; return {formula}; }}");
                    calls.AppendLine($"for (int i = 0; i < N; i++) if ({own}(v[i]) != r_{own}(v[i])) " +
                        $"printf(\"{own} %llx: %llx\\n\", v[i], (long long){own}(v[i]));");
                }
            }
        }
        string program = main + """
            static long long v[] = { 0, 1, 2, 3, 5, 7, 8, 15, 31, 63, 100, 127, 128, 255, 256, 1000, 32767, 32768, 65535, 65536, 99999, 2147483647,
                2147483648, 4294967295, 4294967296, 0x123456789abcdef, 0x7fffffffffffffff, -1, -2, -3, -7, -100, -128, -129, -32768, -2147483648LL,
                0x8000000000000000 };
            enum { N = sizeof v / sizeof *v };
            int main() {
            """ + calls + " return 0; }";
        Assert.Equal("", machine.Run(program));
    }
}
