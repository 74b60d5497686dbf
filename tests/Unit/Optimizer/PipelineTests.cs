using Kiln.IR;
using Kiln.Optimizer;
using Kiln.Target;
using Kiln.Target.Abi;
using Xunit;

namespace Kiln.Tests.Optimizer;

/// <summary>Random functions give the same results before and after the passes, and obey the law after each.</summary>
public sealed class PipelineTests
{
    private static readonly SignaturePart Int = new(IrType.I32, Place.InRegister(RegisterBank.Integer, 7, 4));

    private static readonly Signature TwoInts = new() { Parameters = [Int, Int], Results = [Int] };

    // A loop over memory slots with arithmetic, comparisons and a switch, drawn from a seed.
    private static Function Draw(Module module, int seed)
    {
        var random = new Random(seed);
        var function = new Function();
        Symbol symbol = module.Intern("f" + seed);
        module[symbol].Kind = SymbolKind.Function;
        function.Reset(module, symbol, TwoInts);
        var builder = new Builder(function);
        var access = new MemoryAccess(2);
        var slots = new Value[4];
        Block entry = function.NewBlock(), head = function.NewBlock(), body = function.NewBlock(), exit = function.NewBlock();
        function.Entry = entry;
        builder.Current = entry;
        for (int i = 0; i < slots.Length; i++)
        {
            slots[i] = function.SlotAddress(function.NewSlot(4, 2));
            builder.Store(slots[i], i < 2 ? function.Parameters[i] : function.Constant(IrType.I32, random.Next(-5, 300)), access);
        }
        Value counter = function.SlotAddress(function.NewSlot(4, 2));
        builder.Store(counter, function.Constant(IrType.I32, 0), access);
        builder.Branch(head);
        builder.Current = head;
        Value count = builder.Load(IrType.I32, counter, access);
        builder.BranchIf(builder.Compare(IntPredicate.LessSigned, count, function.Constant(IrType.I32, random.Next(1, 9))), body, exit);
        builder.Current = body;
        for (int i = 0; i < 12; i++)
            DrawStatement(function, builder, random, slots, access);
        builder.Store(counter, builder.Binary(Op.Add, builder.Load(IrType.I32, counter, access), function.Constant(IrType.I32, 1)), access);
        builder.Branch(head);
        builder.Current = exit;
        Value result = builder.Load(IrType.I32, slots[0], access);
        for (int i = 1; i < slots.Length; i++)
            result = builder.Binary(Op.Xor, builder.Binary(Op.Mul, result, function.Constant(IrType.I32, 31)), builder.Load(IrType.I32, slots[i], access));
        builder.Return([result]);
        return function;
    }

    private static void DrawStatement(Function function, Builder builder, Random random, Value[] slots, MemoryAccess access)
    {
        Value a = builder.Load(IrType.I32, slots[random.Next(slots.Length)], access);
        Value b = random.Next(3) == 0
            ? function.Constant(IrType.I32, random.Next(4) switch { 0 => 0, 1 => 1 << random.Next(31), 2 => -1, _ => random.Next(-40, 40) })
            : builder.Load(IrType.I32, slots[random.Next(slots.Length)], access);
        Op[] operations =
        [
            Op.Add, Op.Sub, Op.Mul, Op.And, Op.Or, Op.Xor, Op.ShiftLeft, Op.ShiftRightSigned, Op.ShiftRightUnsigned, Op.RotateLeft, Op.MinSigned, Op.MaxUnsigned,
        ];
        Value made;
        switch (random.Next(5))
        {
            case 0:
                Value condition = builder.Compare((IntPredicate)random.Next(10), a, b);
                made = random.Next(2) == 0 ? builder.Convert(Op.ZeroExtend, IrType.I32, condition) : builder.Select(condition, b, a);
                break;
            case 1:
                IrType narrow = random.Next(2) == 0 ? IrType.I8 : IrType.I16;
                made = builder.Convert(random.Next(2) == 0 ? Op.SignExtend : Op.ZeroExtend, IrType.I32, builder.Convert(Op.Truncate, narrow, a));
                break;
            case 2:
                Block yes = function.NewBlock(), no = function.NewBlock(), join = function.NewBlock();
                builder.BranchIf(builder.Compare((IntPredicate)random.Next(10), a, b), yes, no);
                builder.Current = yes;
                builder.Store(slots[random.Next(slots.Length)], b, access);
                builder.Branch(join);
                builder.Current = no;
                builder.Store(slots[random.Next(slots.Length)], builder.Binary(Op.Add, a, function.Constant(IrType.I32, 3)), access);
                builder.Branch(join);
                builder.Current = join;
                return;
            case 3 when random.Next(2) == 0:
                made = builder.Binary(random.Next(2) == 0 ? Op.DivUnsigned : Op.RemUnsigned, a, function.Constant(IrType.I32, random.Next(1, 70)));
                break;
            default:
                made = builder.Binary(operations[random.Next(operations.Length)], a, b);
                break;
        }
        builder.Store(slots[random.Next(slots.Length)], made, access);
    }

    [Fact]
    public void PassesKeepWhatFunctionsCompute()
    {
        var verifier = new Verifier();
        for (int seed = 1; seed <= 300; seed++)
        {
            var module = new Module();
            Function function = Draw(module, seed);
            verifier.Require(function, "drawing");
            UInt128[] before = Results(module, function);
            var pipeline = new Pipeline(TargetInfo.X86_64) { AfterPass = verifier.Require };
            pipeline.Early(function);
            Assert.Equal(before, Results(module, function));
            pipeline.Late(function);
            Assert.Equal(before, Results(module, function));
        }
    }

    private static UInt128[] Results(Module module, Function function)
    {
        var results = new List<UInt128>();
        foreach ((int a, int b) in ((int, int)[])[(0, 0), (1, -1), (77, 12345678), (int.MinValue, int.MaxValue), (-3, 200)])
            results.Add(new Interpreter(module, _ => null).Call(function, (uint)a, (uint)b)[0]);
        return [.. results];
    }

    [Fact]
    public void PromotionLeavesNoSlotAccess()
    {
        var module = new Module();
        Function function = Draw(module, 5);
        new Pipeline(TargetInfo.X86_64).Early(function);
        for (int b = 1; b < function.BlockCount; b++)
        {
            for (Value v = function[new Block(b)].First; !v.IsNone; v = function[v].Next)
                Assert.False(function.OpOf(v) is Op.Load or Op.Store);
        }
    }
}
