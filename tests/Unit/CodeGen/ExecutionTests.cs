using Kiln.IR;
using Xunit;

namespace Kiln.Tests.CodeGen;

/// <summary>Small functions through selection, allocation and emission, at both ends of the scale; results by C.</summary>
public class ExecutionTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void ALoopWithPhisSumsUp(int level)
    {
        var run = new MachineRun(level);
        (Function f, Builder b) = run.Begin("sum", IrType.I64, IrType.I64);
        Block head = f.NewBlock(), body = f.NewBlock(), exit = f.NewBlock();
        Block entry = b.Current;
        b.Branch(head);
        b.Current = head;
        Value i = f.Append(head, f.NewList(Op.Phi, IrType.I64, []));
        Value sum = f.Append(head, f.NewList(Op.Phi, IrType.I64, []));
        b.BranchIf(b.Compare(IntPredicate.LessSigned, i, f.Parameters[0]), body, exit);
        b.Current = body;
        Value nextSum = b.Binary(Op.Add, sum, b.Binary(Op.Mul, i, i));
        Value nextI = b.Binary(Op.Add, i, f.Constant(IrType.I64, 1L));
        b.Branch(head);
        f.SetOperands(i, [f.Constant(IrType.I64, 0L), nextI]);
        f.SetOperands(sum, [f.Constant(IrType.I64, 0L), nextSum]);
        b.Current = exit;
        b.Return([sum]);
        _ = entry;
        run.Compile(f);
        Assert.Equal("285\n", run.Run("""
            #include <stdio.h>
            long sum(long);
            int main(void) { printf("%ld\n", sum(10)); }
            """));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void ASwitchReachesEveryCase(int level)
    {
        var run = new MachineRun(level);
        (Function f, Builder b) = run.Begin("pick", IrType.I32, IrType.I32);
        long[] labels = [-5, 1, 2, 3, 4, 6, 7, 100, 1000, 1001, 1002, 5000];
        var info = new SwitchInfo();
        var targets = new Block[labels.Length + 1];
        for (int k = 0; k < targets.Length; k++)
            targets[k] = f.NewBlock();
        for (int k = 0; k < labels.Length; k++)
            info.Cases.Add((labels[k], labels[k], k + 1));
        b.Switch(f.Parameters[0], info, targets);
        for (int k = 0; k < targets.Length; k++)
        {
            b.Current = targets[k];
            b.Return([f.Constant(IrType.I32, k == 0 ? -1 : labels[k - 1] * 3)]);
        }
        run.Compile(f);
        Assert.Equal("0\n", run.Run("""
            #include <stdio.h>
            int pick(int);
            int main(void) {
                int labels[] = {-5, 1, 2, 3, 4, 6, 7, 100, 1000, 1001, 1002, 5000}, bad = 0;
                for (int i = -20000; i < 20000; i++) {
                    int want = -1;
                    for (int k = 0; k < 12; k++) if (labels[k] == i) want = i * 3;
                    bad += pick(i) != want;
                }
                printf("%d\n", bad);
            }
            """));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void CallsPassManyArguments(int level)
    {
        var run = new MachineRun(level);
        var types = new IrType[10];
        for (int k = 0; k < 10; k++)
            types[k] = k % 3 == 2 ? IrType.F64 : IrType.I32;
        (Function f, Builder b) = run.Begin("turn", IrType.F64, types);
        Symbol callee = run.Module.Intern("other");
        var arguments = new Value[10];
        for (int k = 0; k < 10; k++)
            arguments[k] = f.Parameters[k];
        (arguments[0], arguments[1]) = (arguments[1], arguments[0]);
        (arguments[2], arguments[8]) = (arguments[8], arguments[2]);
        (arguments[3], arguments[9]) = (arguments[9], arguments[3]);
        Value first = b.Call(new CallInfo(MachineRun.SignatureOf(IrType.F64, types), callee, CallFlags.None), arguments);
        (arguments[4], arguments[6]) = (arguments[6], arguments[4]);
        Value second = b.Call(new CallInfo(MachineRun.SignatureOf(IrType.F64, types), callee, CallFlags.None), arguments);
        b.Return([b.Binary(Op.FloatSub, first, second)]);
        run.Compile(f);
        Assert.Equal("-72.00\n", run.Run("""
            #include <stdio.h>
            double turn(int, int, double, int, int, double, int, int, double, int);
            double other(int a, int b, double c, int d, int e, double f, int g, int h, double i, int j) {
                return a * 1 + b * 3 + c * 5 + d * 7 + e * 11 + f * 13 + g * 17 * 2 + h * 19 + i * 23 + j * 29;
            }
            int main(void) {
                double x = turn(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
                double first = other(2, 1, 9, 10, 5, 6, 7, 8, 3, 4), second = other(2, 1, 9, 10, 7, 6, 5, 8, 3, 4);
                printf("%.2f\n", x == first - second ? -72.0 : x);
            }
            """));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void WideIntegersAreLegalized(int level)
    {
        var run = new MachineRun(level);
        Op[] ops = [Op.Add, Op.Sub, Op.Mul, Op.ShiftLeft, Op.ShiftRightSigned, Op.ShiftRightUnsigned, Op.DivSigned, Op.RemUnsigned, Op.RotateLeft,
            Op.CountLeadingZeros, Op.CountTrailingZeros, Op.PopulationCount];
        for (int k = 0; k < ops.Length; k++)
        {
            (Function f, Builder b) = run.Begin($"wide{k}", IrType.Void, IrType.Pointer, IrType.Pointer, IrType.Pointer);
            var access = new MemoryAccess(4);
            Value left = b.Load(IrType.I128, f.Parameters[1], access);
            Value right = b.Load(IrType.I128, f.Parameters[2], access);
            b.Store(f.Parameters[0], OpInfo.OperandCount(ops[k]) == 1 ? b.Emit(ops[k], IrType.I128, left) : b.Binary(ops[k], left, right), access);
            b.Return([]);
            run.Compile(f);
        }
        Assert.Equal("0\n", run.Run("""
            #include <stdio.h>
            typedef __int128 S; typedef unsigned __int128 U;
            #define D(n) void wide##n(U*, U*, U*);
            D(0) D(1) D(2) D(3) D(4) D(5) D(6) D(7) D(8) D(9) D(10) D(11)
            int clz(U x) { int n = 0; for (int i = 127; i >= 0 && !(x >> i & 1); i--) n++; return n; }
            int ctz(U x) { int n = 0; for (int i = 0; i < 128 && !(x >> i & 1); i++) n++; return n; }
            int pop(U x) { int n = 0; for (int i = 0; i < 128; i++) n += x >> i & 1; return n; }
            int main(void) {
                U values[] = {1, 5, 64, 127, 100, ~(U)0, (U)1 << 127, (U)0x123456789abcdef << 40, (U)77 << 64, 0xffffffffffffffff, (U)3 << 63};
                int n = sizeof values / sizeof *values, bad = 0;
                for (int i = 0; i < n; i++) for (int k = 0; k < n; k++) {
                    U a = values[i], b = values[k], r; int s = b & 127;
                    #define T(n, want) wide##n(&r, &a, &b); if (r != (U)(want)) bad |= 1 << n;
                    T(0, a + b) T(1, a - b) T(2, a * b) T(3, a << s) T(4, (S)a >> s) T(5, a >> s) T(6, (S)a / (S)b) T(7, a % b)
                    T(8, s ? a << s | a >> (128 - s) : a) T(9, clz(a)) T(10, ctz(a)) T(11, pop(a))
                }
                printf("%d\n", bad);
            }
            """));
    }
}
