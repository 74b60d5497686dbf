using System.Text;
using Kiln.IR;
using Xunit;

namespace Kiln.Tests.CodeGen.X86;

public sealed class StatementTests
{
    private static Value Asm(Builder b, IrType type, string template, Value[] inputs, params AsmOperand[] operands)
    {
        var info = new AsmInfo { Template = Encoding.UTF8.GetBytes(template), Operands = operands, IsVolatile = true };
        return b.EmitList(Op.Asm, type, inputs, b.Function.Asms.Add(info));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void InlineAssembly(int level)
    {
        var machine = new X86Machine(level);
        IrType i32 = IrType.I32, i64 = IrType.I64;
        // A tied operand, an immediate, a memory operand.
        machine.Expression("add", i32, [i32, IrType.Pointer], (b, p) => Asm(b, i32, "addl %2, %0\n\taddl %[mem], %k0", [p[0], b.Function.Constant(i32, 5L), p[1]],
            new AsmOperand(AsmOperandKind.OutputRegister, "r", i32),
            new AsmOperand(AsmOperandKind.InputRegister, "r", i32, TiedTo: 0, Input: 0),
            new AsmOperand(AsmOperandKind.Immediate, "i", i32, Input: 1),
            new AsmOperand(AsmOperandKind.Memory, "m", i32, Input: 2, Name: "mem")));
        // Fixed registers, two results.
        machine.Expression("divide", i64, [i64, i64], (b, p) =>
        {
            Value quotient = Asm(b, i64, "div{q %4| %4}", [p[0], b.Function.Constant(i64, 0L), p[1]],
                new AsmOperand(AsmOperandKind.OutputRegister, "a", i64),
                new AsmOperand(AsmOperandKind.OutputRegister, "d", i64),
                new AsmOperand(AsmOperandKind.InputRegister, "a", i64, TiedTo: 0, Input: 0),
                new AsmOperand(AsmOperandKind.InputRegister, "d", i64, TiedTo: 1, Input: 1),
                new AsmOperand(AsmOperandKind.InputRegister, "r", i64, Input: 2));
            Value remainder = b.Result(quotient, 1, i64);
            return b.Binary(Op.Add, b.Binary(Op.Mul, quotient, b.Function.Constant(i64, 1000L)), remainder);
        });
        // A flag, an early clobber, the byte register.
        machine.Expression("less", i32, [i32, i32], (b, p) =>
        {
            Value flag = Asm(b, IrType.I8, "xorl %1, %1; cmpl %3, %2", [p[0], p[1]],
                new AsmOperand(AsmOperandKind.OutputRegister, "", IrType.I8, "@ccl"),
                new AsmOperand(AsmOperandKind.OutputRegister, "r", i32, EarlyClobber: true),
                new AsmOperand(AsmOperandKind.InputRegister, "r", i32, Input: 0),
                new AsmOperand(AsmOperandKind.InputRegister, "r", i32, Input: 1));
            Value zero = b.Result(flag, 1, i32);
            return b.Binary(Op.Add, b.Emit(Op.ZeroExtend, i32, flag), zero);
        });
        // The x87 stack.
        machine.Expression("scale", IrType.F80, [IrType.F80, IrType.F80], (b, p) => Asm(b, IrType.F80, "fscale", [p[0], p[1]],
            new AsmOperand(AsmOperandKind.OutputRegister, "t", IrType.F80),
            new AsmOperand(AsmOperandKind.InputRegister, "t", IrType.F80, TiedTo: 0, Input: 0),
            new AsmOperand(AsmOperandKind.InputRegister, "u", IrType.F80, Input: 1)));
        machine.Expression("root", IrType.F64, [IrType.F64], (b, p) => Asm(b, IrType.F64, "sqrtsd %1, %0", [p[0]],
            new AsmOperand(AsmOperandKind.OutputRegister, "x", IrType.F64),
            new AsmOperand(AsmOperandKind.InputRegister, "x", IrType.F64, Input: 0)));
        // asm goto.
        machine.Add("jump", X86Machine.Sign(i32, i32), (b, p) =>
        {
            Function f = b.Function;
            var info = new AsmInfo
            {
                Template = "testl %0, %0\n\tjne %l[far]\n\t"u8.ToArray(),
                IsVolatile = true,
                LabelCount = 1,
                Operands = [new AsmOperand(AsmOperandKind.InputRegister, "r", i32, Input: 0), new AsmOperand(AsmOperandKind.Label, "", IrType.Void, Input: 0, Name: "far")],
            };
            Block from = b.Current, next = f.NewBlock(), far = f.NewBlock();
            b.EmitList(Op.AsmGoto, IrType.Void, [p[0]], f.Asms.Add(info));
            f.AddEdge(from, next);
            f.AddEdge(from, far);
            b.Current = next;
            b.Return([f.Constant(i32, 10L)]);
            b.Current = far;
            b.Return([f.Constant(i32, 20L)]);
        });
        Assert.Equal("18 3001 1 0 12 1.5 10 20\n", machine.Run("""
            int add(int, int *); long divide(long, long); int less(int, int); long double scale(long double, long double); double root(double); int jump(int);
            int main() { int m = 10; printf("%d %ld %d %d %Lg %g %d %d\n", add(3, &m), divide(10, 3), less(1, 2), less(2, 1), scale(1.5L, 3), root(2.25), jump(0), jump(1)); }
            """));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1, "sse4.2")]
    public void VectorsAgreeWithC(int level, params string[] features)
    {
        var machine = new X86Machine(level, features);
        var main = new StringBuilder("static unsigned long long s = 88172645463325252ULL; static unsigned long long rnd() { s ^= s << 13; s ^= s >> 7; s ^= s << 17; return s & s << 1 ? s : s >> 48; }\n");
        var calls = new StringBuilder();
        (IrType Lane, string C)[] kinds = [(IrType.I8, "char"), (IrType.I16, "short"), (IrType.I32, "int"), (IrType.I64, "long long"), (IrType.F32, "float"), (IrType.F64, "double")];
        foreach (int size in (ReadOnlySpan<int>)[8, 16])
        {
            foreach ((IrType lane, string c) in kinds)
            {
                int lanes = size / lane.Size;
                if (lanes < 2)
                    continue;
                IrType type = lane.VectorOf(System.Numerics.BitOperations.Log2((uint)lanes));
                string v = $"v{lanes}_{c.Replace(' ', '_')}";
                main.AppendLine($"typedef {c} {v} __attribute__((vector_size({size})));");
                (Op Op, string Text)[] operations = lane.IsFloat
                    ? [(Op.FloatAdd, "a + b"), (Op.FloatSub, "a - b"), (Op.FloatMul, "a * b"), (Op.FloatDiv, "a / b")]
                    : [(Op.Add, "a + b"), (Op.Sub, "a - b"), (Op.Mul, "a * b"), (Op.And, "a & b"), (Op.Or, "a | b"), (Op.Xor, "a ^ b")];
                foreach ((Op op, string text) in operations)
                    Check($"{op}_{v}", (b, p) => b.Binary(op, p[0], p[1]), text, v, type);
                IrType mask = IrType.Integer(lane.LaneBits).VectorOf(type.LanesLog2);
                if (!lane.IsFloat)
                {
                    Check($"lt_{v}", (b, p) => b.Compare(IntPredicate.LessSigned, p[0], p[1]), "a < b", v, type);
                    Check($"ne_{v}", (b, p) => b.Compare(IntPredicate.NotEqual, p[0], p[1]), "a != b", v, type);
                    Check($"max_{v}", (b, p) => b.Select(b.Compare(IntPredicate.GreaterUnsigned, p[0], p[1]), p[0], p[1]),
                        $"({{ typedef unsigned {c} u __attribute__((vector_size({size}))); {v} m = ({v})((u)a > (u)b); (a & m) | (b & ~m); }})", v, type);
                }
                else
                {
                    Check($"le_{v}", (b, p) => b.Select(b.Compare(FloatPredicate.LessEqual, p[0], p[1]), p[0], p[1]), "({ typeof(a <= b) m = a <= b; ((typeof(m))a & m) | ((typeof(m))b & ~m); })", v, type);
                }
                // Lanes: the last of b goes first in a; splat of lane 1; reversal; interleaving.
                Check($"put_{v}", (b, p) => b.Emit(Op.InsertLane, type, p[0],
                    b.Emit(Op.ExtractLane, lane, p[1], b.Function.Constant(IrType.I32, (long)lanes - 1)), b.Function.Constant(IrType.I32, 1L)),
                    $"(a[1] = b[{lanes - 1}], a)", v, type);
                Check($"splat_{v}", (b, p) => b.Emit(Op.Splat, type, b.Emit(Op.ExtractLane, lane, p[1], b.Function.Constant(IrType.I32, 1L))),
                    $"({v}){{{string.Join(", ", Enumerable.Repeat("b[1]", lanes))}}}", v, type);
                Shuffled($"rev_{v}", Enumerable.Range(0, lanes).Select(i => lanes - 1 - i).ToArray());
                Shuffled($"zip_{v}", Enumerable.Range(0, lanes).Select(i => i / 2 + (i % 2) * lanes).ToArray());
                Shuffled($"mix_{v}", Enumerable.Range(0, lanes).Select(i => i * 5 % (2 * lanes)).ToArray());
                Shuffled($"half_{v}", Enumerable.Range(0, lanes).Select(i => i < lanes / 2 ? lanes + 1 : i ^ 1).ToArray());

                void Shuffled(string name, int[] order) => Check(name, (b, p) =>
                {
                    int at = b.Function.ConstantBytes.Length;
                    b.Function.ConstantBytes.Bytes(order.Select(i => (byte)i).ToArray());
                    return b.Emit(Op.Shuffle, type, p[0], p[1], default, at);
                }, $"({v}){{{string.Join(", ", order.Select(i => i < lanes ? $"a[{i}]" : $"b[{i - lanes}]"))}}}", v, type);
            }
        }
        Assert.Equal("", machine.Run(main + "int main() {" + calls + " return 0; }"));

        void Check(string name, Func<Builder, Value[], Value> body, string text, string v, IrType type)
        {
            // Through memory: the vector is loaded and stored as a whole.
            machine.Add(name, X86Machine.Sign(null, IrType.Pointer, IrType.Pointer, IrType.Pointer), (b, p) =>
            {
                var access = new MemoryAccess(3);
                Value x = b.Load(type, p[1], access), y = b.Load(type, p[2], access);
                b.Store(p[0], body(b, [x, y]), access);
                b.Return([]);
            });
            main.AppendLine($"void {name}(void *, void *, void *); static {v} r_{name}({v} a, {v} b) {{ return ({v})({text}); }}");
            calls.AppendLine($"for (int n = 0; n < 50; n++) {{ {v} a, b, r, e; for (int i = 0; i < sizeof a / sizeof a[0]; i++) a[i] = rnd(), b[i] = rnd(); {name}(&r, &a, &b); e = r_{name}(a, b); " +
                $"if (memcmp(&r, &e, sizeof r)) {{ printf(\"{name}\\n\"); break; }} }}");
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void AtomicsAndMemory(int level)
    {
        var machine = new X86Machine(level);
        var main = new StringBuilder();
        var calls = new StringBuilder();
        foreach (int bits in (ReadOnlySpan<int>)[8, 16, 32, 64])
        {
            IrType type = IrType.Integer(bits);
            string c = $"uint{bits}_t";
            var order = new MemoryAccess((byte)(System.Numerics.BitOperations.Log2((uint)bits) - 3), Order: MemoryOrder.SequentiallyConsistent);
            foreach (RmwOperation operation in Enum.GetValues<RmwOperation>())
            {
                string name = $"rmw_{operation}_{bits}";
                machine.Expression(name, type, [IrType.Pointer, type], (b, p) =>
                    b.Emit(Op.AtomicRmw, type, p[0], p[1], default, order.Pack(), Function.RmwFlags(operation)));
                string text = operation switch
                {
                    RmwOperation.Exchange => "b",
                    RmwOperation.Add => "a + b",
                    RmwOperation.Sub => "a - b",
                    RmwOperation.And => "a & b",
                    RmwOperation.Or => "a | b",
                    RmwOperation.Xor => "a ^ b",
                    _ => "~(a & b)",
                };
                main.AppendLine($"{c} {name}({c} *, {c});");
                calls.AppendLine($"{{ {c} m = 0xa5a5a5a5a5a5a5a5, a = m, b = 0x123456789abcdef3; {c} o = {name}(&m, b); if (o != a || m != ({c})({text})) printf(\"{name} %llx %llx\\n\", (long long)o, (long long)m); }}");
            }
            string cas = $"cas_{bits}", store = $"store_{bits}", increment = $"inc_{bits}";
            machine.Expression(cas, type, [IrType.Pointer, type, type], (b, p) => b.Emit(Op.CompareExchange, type, p[0], p[1], p[2], order.Pack()));
            machine.Add(store, X86Machine.Sign(null, IrType.Pointer, type), (b, p) =>
            {
                b.Store(p[0], p[1], order);
                b.Return([]);
            });
            machine.Add(increment, X86Machine.Sign(null, IrType.Pointer, type), (b, p) =>
            {
                var plain = new MemoryAccess(0);
                Value place = b.PointerAdd(p[0], (long)bits / 8);
                b.Store(place, b.Binary(Op.Add, b.Load(type, place, plain), p[1]), plain);
                b.Store(p[0], b.Binary(Op.Sub, b.Load(type, p[0], plain), b.Function.Constant(type, 3L)), plain);
                b.Return([]);
            });
            main.AppendLine($"{c} {cas}({c} *, {c}, {c}); void {store}({c} *, {c}); void {increment}({c} *, {c});");
            calls.AppendLine($"{{ {c} m = 5; if ({cas}(&m, 4, 9) != 5 || m != 5 || {cas}(&m, 5, 9) != 5 || m != 9) printf(\"{cas}\\n\"); {store}(&m, 77); if (m != 77) printf(\"{store}\\n\"); }}");
            calls.AppendLine($"{{ {c} m[2] = {{ 100, 50 }}; {increment}(m, 7); if (m[0] != 97 || m[1] != 57) printf(\"{increment}\\n\"); }}");
        }
        foreach (int size in (ReadOnlySpan<int>)[0, 1, 2, 3, 5, 7, 8, 13, 16, 17, 24, 31, 33, 47, 64, 100, 127, 128])
        {
            foreach ((Op op, string name) in ((Op, string)[])[(Op.MemoryCopy, "copy"), (Op.MemoryMove, "move")])
            {
                if (op == Op.MemoryMove && size > 64)
                    continue;
                machine.Add($"{name}_{size}", X86Machine.Sign(null, IrType.Pointer, IrType.Pointer), (b, p) =>
                {
                    b.Emit(op, IrType.Void, p[0], p[1], b.Function.Constant(IrType.I64, (long)size));
                    b.Return([]);
                });
                main.AppendLine($"void {name}_{size}(void *, void *);");
                calls.AppendLine($"{{ char x[300], y[300]; for (int i = 0; i < 300; i++) x[i] = y[i] = i * 7; {name}_{size}(x + {(op == Op.MemoryMove ? 3 : 150)}, x); " +
                    $"memmove(y + {(op == Op.MemoryMove ? 3 : 150)}, y, {size}); if (memcmp(x, y, 300)) printf(\"{name}_{size}\\n\"); }}");
            }
            foreach (int value in (ReadOnlySpan<int>)[0, -1, 0x5a, 256])
            {
                if (value == 256 && size > 32)
                    continue;
                string name = $"set_{size}_{(value < 0 ? "m1" : value)}";
                machine.Add(name, X86Machine.Sign(null, IrType.Pointer, IrType.I8), (b, p) =>
                {
                    b.Emit(Op.MemorySet, IrType.Void, p[0], value == 256 ? p[1] : b.Function.Constant(IrType.I8, (long)value), b.Function.Constant(IrType.I64, (long)size));
                    b.Return([]);
                });
                main.AppendLine($"void {name}(void *, char);");
                calls.AppendLine($"{{ char x[300], y[300]; for (int i = 0; i < 300; i++) x[i] = y[i] = i * 7; {name}(x + 1, 0xc3); memset(y + 1, {(value == 256 ? 0xc3 : value)}, {size}); if (memcmp(x, y, 300)) printf(\"{name}\\n\"); }}");
            }
        }
        Assert.Equal("", machine.Run(main + "int main() {" + calls + " return 0; }"));
    }
}
