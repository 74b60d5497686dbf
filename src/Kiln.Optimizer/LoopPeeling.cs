using Kiln.Base;
using Kiln.IR;
using Kiln.IR.Analyses;

namespace Kiln.Optimizer;

/// <summary>
/// Writes loops of one block that run a small, known number of times out as straight code: the block's instructions are repeated with the
/// counter's values, which then are constants. The number of rounds comes from a phi that starts as a constant, goes on by an addition of
/// one, and is compared with one at the end; the rounds are counted by running it.
///
/// Needs: the verifier's law; loops that test at the bottom (LoopRotation). Changes: the edge back goes; the loop's block stays.
/// </summary>
public sealed class LoopPeeling
{
    private const int MostRounds = 16;
    private const int LargestResult = 96;

    private readonly BitSet _vanishing = new();
    private Value[] _copyOf = [];
    private Value[] _next = [];
    private Function _function = null!;

    /// <summary>Peels what it can; tells whether it changed anything.</summary>
    public bool Run(Function function)
    {
        _function = function;
        bool changed = false;
        for (int b = 1; b < function.BlockCount; b++)
        {
            var block = new Block(b);
            if (function[block].IsDead || function[block].AddressTaken || function.OpOf(function[block].Last) != Op.BranchIf)
                continue;
            int back = function.Successors(block).IndexOf(block);
            if (back < 0 || function.Successors(block)[1 - back] == block || function.Predecessors(block).Length != 2)
                continue;
            int rounds = Rounds(block, back, out Value counter);
            if (rounds == 0 || rounds * Size(block, counter) > LargestResult)
                continue;
            Peel(block, back, rounds);
            changed = true;
        }
        _function = null!;
        return changed;
    }

    // The instructions of a round but for those that vanish: what follows from the counter and from constants is a constant in each round,
    // what comes from outside is the same in all. Very many where one cannot be copied.
    private int Size(Block block, Value counter)
    {
        int size = 0;
        _vanishing.Reset(_function.ValueCount);
        _vanishing.Add(counter.Id);
        for (Value v = _function[block].First; v != _function[block].Last; v = _function[v].Next)
        {
            Op op = _function.OpOf(v);
            if (op is Op.Phi or Op.DebugValue)
                continue;
            if (!OpInfo.IsPure(op) && op is not (Op.Load or Op.Store))
                return LargestResult + 1;
            if (OpInfo.IsPure(op) && Vanishes(v, block))
                _vanishing.Add(v.Id);
            else
                size++;
        }
        return Math.Max(size, 1);
    }

    // An address of the counter is an offset in the access.
    private bool Vanishes(Value v, Block block)
    {
        foreach (Value operand in _function.Operands(v))
        {
            if (_function[operand].Block == block && !_vanishing[operand.Id])
                return false;
        }
        return true;
    }

    // How often the block runs once it is entered; 0: unknown or too often.
    private int Rounds(Block block, int back, out Value phi)
    {
        phi = default;
        Value compare = _function[_function[block].Last].A;
        if (_function.OpOf(compare) != Op.Compare || _function.OpOf(_function[compare].B) != Op.Constant)
            return 0;
        Value compared = _function[compare].A;
        IrType type = _function.TypeOf(compared);
        Value counter = _function.OpOf(compared) == Op.Truncate ? _function[compared].A : compared; // of one that was widened
        IrType wide = _function.TypeOf(counter);
        if (!type.IsInteger || !wide.IsInteger || wide.LaneBits > 64)
            return 0;
        bool testsNext = _function.OpOf(counter) == Op.Add;
        phi = testsNext ? _function[counter].A : counter;
        if (_function.OpOf(phi) != Op.Phi || _function[phi].Block != block)
            return 0;
        int entry = 1 - _function.PredecessorIndex(block, back);
        Value start = _function.Operands(phi)[entry], next = _function.Operands(phi)[1 - entry];
        if (_function.OpOf(start) != Op.Constant || _function.OpOf(next) != Op.Add || _function[next].A != phi || testsNext && next != counter
            || _function.OpOf(_function[next].B) != Op.Constant)
            return 0;
        UInt128 value = Bits(start), step = Bits(_function[next].B), limit = Bits(_function[compare].B);
        for (int round = 1; round <= MostRounds; round++)
        {
            UInt128 after = ScalarEvaluator.Cut(wide, value + step);
            UInt128 tested = ScalarEvaluator.Cut(type, testsNext ? after : value);
            if (!ScalarEvaluator.TryEvaluate(Op.Compare, IrType.I1, type, tested, limit, 0, _function[compare].Aux, out UInt128 holds))
                return 0;
            if ((holds & 1) != (back == 0 ? 1u : 0u))
                return round;
            value = after;
        }
        return 0;
    }

    private UInt128 Bits(Value constant) => ScalarEvaluator.Cut(_function.TypeOf(constant), (UInt128)(Int128)_function[constant].Aux);

    private void Peel(Block block, int back, int rounds)
    {
        int values = _function.ValueCount;
        if (_copyOf.Length < values)
        {
            _copyOf = new Value[values * 2];
            _next = new Value[values * 2];
        }
        else
        {
            Array.Clear(_copyOf);
        }
        int entry = 1 - _function.PredecessorIndex(block, back);
        Value last = _function[block].Last, end = _function[last].Previous;
        // The first round is the block as it stands.
        for (Value v = _function[block].First; v != last; v = _function[v].Next)
            _copyOf[v.Id] = v;
        for (int round = 2; round <= rounds; round++)
        {
            for (Value phi = _function[block].First; _function.OpOf(phi) == Op.Phi; phi = _function[phi].Next)
                _next[phi.Id] = Copy(_function.Operands(phi)[1 - entry]);
            for (Value v = _function[block].First; ; v = _function[v].Next)
            {
                _copyOf[v.Id] = _function.OpOf(v) == Op.Phi ? _next[v.Id] : CopyOf(v, last);
                if (v == end)
                    break;
            }
        }
        // Behind the loop its values are those of the last round.
        if (rounds > 1)
            Apply(block);
        ControlFlow.MakeBranch(_function, block, 1 - back);
    }

    private Value Copy(Value value) => value.Id < _copyOf.Length && !_copyOf[value.Id].IsNone ? _copyOf[value.Id] : value;

    private Value CopyOf(Value v, Value place)
    {
        Instruction original = _function[v];
        Value made = _function.New(original.Op, original.Type, original.A, original.B, original.C, original.Aux, original.Location);
        _function[made].Flags = original.Flags;
        foreach (ref Value operand in _function.Operands(made))
            operand = Copy(operand);
        return _function.InsertBefore(place, made);
    }

    // Uses in other blocks, and phis of other blocks.
    private void Apply(Block block)
    {
        for (int b = 1; b < _function.BlockCount; b++)
        {
            if (b == block.Id || _function[new Block(b)].IsDead)
                continue;
            for (Value v = _function[new Block(b)].First; !v.IsNone; v = _function[v].Next)
            {
                foreach (ref Value operand in _function.Operands(v))
                    operand = Copy(operand);
            }
        }
    }
}
