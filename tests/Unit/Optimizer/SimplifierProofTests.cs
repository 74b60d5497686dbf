using Kiln.IR;
using Kiln.IR.Text;
using Kiln.Optimizer;
using Kiln.Target.Abi;
using Xunit;

namespace Kiln.Tests.Optimizer;

/// <summary>
/// The rules of the simplifier, proved at small widths: a function of one or two operations is evaluated before and after the
/// simplifier for every i8 that its parameter may be. Inputs for which a flag is violated, or a division traps, prove nothing; the
/// simplified function may neither trap nor violate a flag where the original did not.
/// </summary>
public sealed class SimplifierProofTests
{
    private static readonly long[] Constants = [0, 1, 5, 7, 8, 127, -128, -1];

    private static readonly Op[] Binary =
    [
        Op.Add, Op.Sub, Op.Mul, Op.DivSigned, Op.DivUnsigned, Op.RemSigned, Op.RemUnsigned, Op.And, Op.Or, Op.Xor, Op.ShiftLeft,
        Op.ShiftRightUnsigned, Op.ShiftRightSigned, Op.RotateLeft, Op.RotateRight, Op.MinSigned, Op.MaxSigned, Op.MinUnsigned, Op.MaxUnsigned,
    ];

    private readonly Module _module = new();
    private readonly Function _function = new();
    private readonly Function _original = new();
    private Function _f = null!;
    private Builder _builder = null!;
    private readonly Simplifier _simplifier = new();
    private readonly Verifier _verifier = new();
    private readonly UInt128[] _values = new UInt128[256];
    private readonly UInt128?[] _expected = new UInt128?[256];
    private int _proved;

    private Value Begin(Function function, int parameters, IrType result)
    {
        _f = function;
        _builder = new Builder(function);
        SignaturePart part = new(IrType.I8, Place.InRegister(RegisterBank.Integer, 7, 1));
        var signature = new Signature
        {
            Parameters = parameters == 1 ? [part] : [part, part],
            Results = [new(result, Place.InRegister(RegisterBank.Integer, 0, Math.Max(1, result.Size)))],
        };
        Symbol symbol = _module.Intern("f");
        _module[symbol].Kind = SymbolKind.Function;
        _f.Reset(_module, symbol, signature);
        _f.Entry = _f.NewBlock();
        _builder.Current = _f.Entry;
        return _f.Parameters[0];
    }

    // One evaluation of the straight line; null where it traps or violates a flag.
    private UInt128? Evaluate(Function f, UInt128 x, UInt128 y)
    {
        UInt128[] values = _values;
        for (Value v = f[f.Entry].First; ; v = f[v].Next)
        {
            ref Instruction i = ref f[v];
            if (i.Op == Op.Return)
                return Operand(f.Operands(v)[0]);
            Span<Value> operands = f.Operands(v);
            IrType from = f.TypeOf(operands[0]);
            UInt128 a = Operand(operands[0]), b = operands.Length > 1 ? Operand(operands[1]) : 0, c = operands.Length > 2 ? Operand(operands[2]) : 0;
            if (!ScalarEvaluator.TryEvaluate(i.Op, i.Type, from, a, b, c, i.Aux, out UInt128 result) || IsViolated(in i, from, a, b, result))
                return null;
            values[v.Id] = ScalarEvaluator.Cut(i.Type, result);
        }

        UInt128 Operand(Value value) => f.OpOf(value) switch
        {
            Op.Parameter => f[value].Aux == 0 ? x : y,
            Op.Constant => ScalarEvaluator.Cut(f.TypeOf(value), f.ConstantBits(value)),
            _ => values[value.Id],
        };
    }

    private static bool IsViolated(in Instruction i, IrType from, UInt128 a, UInt128 b, UInt128 result)
    {
        if ((i.Flags & (InstructionFlags.NoSignedWrap | InstructionFlags.NoUnsignedWrap)) == 0)
            return false;
        Int128 sa = ScalarEvaluator.Signed(from, a), sb = ScalarEvaluator.Signed(from, b), signed = ScalarEvaluator.Signed(i.Type, result);
        int amount = (int)(b & (UInt128)(from.LaneBits - 1));
        (Int128 exactSigned, Int128 exactUnsigned) = i.Op switch
        {
            Op.Add => (sa + sb, (Int128)(a + b)),
            Op.Sub => (sa - sb, (Int128)a - (Int128)b),
            Op.Mul => (sa * sb, (Int128)(a * b)),
            Op.ShiftLeft => (sa << amount, (Int128)(a << amount)),
            _ => (signed, (Int128)ScalarEvaluator.Cut(i.Type, result)),
        };
        return (i.Flags & InstructionFlags.NoSignedWrap) != 0 && exactSigned != signed
            || (i.Flags & InstructionFlags.NoUnsignedWrap) != 0 && exactUnsigned != (Int128)ScalarEvaluator.Cut(i.Type, result);
    }

    // What `build` makes of the parameters, before and after, for every x and one y. Nothing is to be proved where nothing changes.
    private void Prove(int parameters, IrType result, Func<Value, Value, Value> build, UInt128 y = default)
    {
        Make(_function);
        if (!_simplifier.Run(_function))
            return;
        Make(_original);
        Assert.True(_verifier.Check(_function).Count == 0);
        for (int x = 0; x < 256; x++)
        {
            if (Evaluate(_original, (UInt128)x, y) is not { } expected)
                continue;
            _proved++;
            UInt128? given = Evaluate(_function, (UInt128)x, y);
            if (given != expected)
                Assert.Fail($"x = {x}, y = {y}: expected {expected}, is {given?.ToString() ?? "a trap or violated flag"}\n{Printer.Print(_original)}{Printer.Print(_function)}");
        }

        void Make(Function function)
        {
            Value x = Begin(function, parameters, result);
            _builder.Return([build(x, function.Parameters[parameters - 1])]);
        }
    }

    private Value Apply(Op op, Value a, Value b, bool flags) =>
        _builder.Binary(op, a, b, flags && MayWrap(op) ? InstructionFlags.NoSignedWrap : 0);

    private static bool MayWrap(Op op) => op is Op.Add or Op.Sub or Op.Mul or Op.ShiftLeft;

    private Value Number(IrType type, long value) => _f.Constant(type, value);

    [Fact]
    public void PairsOfOperationsWithConstants()
    {
        foreach (Op first in Binary)
        {
            foreach (Op second in Binary)
            {
                for (int variant = 0; variant < 8; variant++)
                {
                    bool flags = (variant & 4) != 0;
                    if (flags && !MayWrap(first) && !MayWrap(second))
                        continue;
                    foreach (long c in Constants)
                    {
                        foreach (long d in Constants)
                        {
                            Prove(1, IrType.I8, (x, _) =>
                            {
                                Value k = Number(IrType.I8, c), l = Number(IrType.I8, d);
                                Value inner = (variant & 1) == 0 ? Apply(first, x, k, flags) : Apply(first, k, x, flags);
                                return (variant & 2) == 0 ? Apply(second, inner, l, flags) : Apply(second, l, inner, flags);
                            });
                        }
                    }
                }
            }
        }
        Assert.True(_proved > 1_000_000, $"{_proved}");
    }

    [Fact]
    public void ComparisonsOfOperations()
    {
        foreach (Op first in Binary)
        {
            foreach (IntPredicate predicate in Enum.GetValues<IntPredicate>())
            {
                foreach (long c in Constants)
                {
                    foreach (long d in Constants)
                    {
                        Prove(1, IrType.I1, (x, _) => _builder.Compare(predicate, _builder.Binary(first, x, Number(IrType.I8, c)), Number(IrType.I8, d)));
                        Prove(1, IrType.I8, (x, _) =>
                        {
                            Value test = _builder.Emit(Op.Xor, IrType.I1, _builder.Compare(predicate, Number(IrType.I8, d), x), Number(IrType.I1, c));
                            return _builder.Select(test, Number(IrType.I8, c), _builder.Binary(first, x, Number(IrType.I8, d)));
                        });
                    }
                }
            }
        }
        Assert.True(_proved > 100_000, $"{_proved}");
    }

    [Fact]
    public void ConversionsOfOperations()
    {
        IrType[] types = [IrType.I8, IrType.I16, IrType.I32, IrType.I64];
        foreach (Op extend in (Op[])[Op.ZeroExtend, Op.SignExtend])
        {
            foreach (Op again in (Op[])[Op.ZeroExtend, Op.SignExtend, Op.Truncate])
            {
                foreach (IrType middle in types)
                {
                    foreach (IrType last in types)
                    {
                        if (again == Op.Truncate ? last.LaneBits < middle.LaneBits : last.LaneBits > middle.LaneBits)
                            ProveConversions(extend, again, middle, last);
                    }
                }
            }
        }
        Assert.True(_proved > 100_000, $"{_proved}");
    }

    private void ProveConversions(Op extend, Op again, IrType middle, IrType last)
    {
        foreach (Op op in Binary)
        {
            foreach (long c in Constants)
            {
                foreach (bool flags in (bool[])[false, true])
                {
                    Prove(1, last, (x, _) => _builder.Convert(again, last, Apply(op, _builder.Convert(extend, middle, x), Number(middle, c), flags)));
                    Prove(1, last, (x, _) =>
                        Apply(Op.ShiftLeft, Apply(op, _builder.Convert(again, last, _builder.Convert(extend, middle, x)), Number(last, c), flags), Number(last, 3), flags));
                    Prove(1, IrType.I1, (x, _) => _builder.Compare((IntPredicate)(c & 7),
                        _builder.Convert(again, last, Apply(op, _builder.Convert(extend, middle, x), Number(middle, c), flags)), Number(last, c)));
                }
            }
        }
    }

    [Fact]
    public void OperationsOfTwoValues()
    {
        foreach (Op first in Binary)
        {
            foreach (Op second in Binary)
            {
                for (int variant = 0; variant < 4; variant++)
                {
                    foreach (long other in Constants)
                    {
                        Prove(2, IrType.I8, (x, y) =>
                        {
                            Value inner = _builder.Binary(first, x, y), last = (variant & 1) == 0 ? x : y;
                            return (variant & 2) == 0 ? _builder.Binary(second, inner, last) : _builder.Binary(second, last, inner);
                        }, (UInt128)(byte)other);
                        // Of the other value's complement to the width: rotations.
                        Prove(2, IrType.I8, (x, y) =>
                            _builder.Binary(Op.Or, _builder.Binary(first, x, y), _builder.Binary(second, x, _builder.Binary(Op.Sub, Number(IrType.I8, variant * 4), y))),
                            (UInt128)(byte)other);
                    }
                }
            }
        }
        Assert.True(_proved > 10_000, $"{_proved}");
    }
}
