using Kiln.Base;
using Kiln.IR.Analyses;

namespace Kiln.IR;

/// <summary>
/// Enforces the IR's law on a function. What it checks is the list of laws:
/// <list type="number">
/// <item>The entry has no predecessors; every block that is not dead and can be reached ends in exactly one terminator, and has none before.</item>
/// <item>Lists of instructions are linked both ways, and each instruction knows its block.</item>
/// <item>Successors and predecessors mirror each other, edge by edge; a terminator has as many successors as its operation wants.</item>
/// <item>Phis stand first in their block, with one operand of the phi's type for each predecessor.</item>
/// <item>An operand is a leaf, or is defined in a block and dominates its use (of a phi: the end of the predecessor).</item>
/// <item>Operand types fit the operation, as docs/ir.md says.</item>
/// <item>Results of calls and asm stand directly behind them; slots, symbols, blocks and table indices that are named exist.</item>
/// </list>
/// </summary>
public sealed class Verifier
{
    private readonly Dominators _dominators = new();
    private readonly List<string> _errors = [];
    private Function _function = null!;
    private int[] _position = [];

    /// <summary>The laws that a function breaks, a line each; empty if none.</summary>
    public IReadOnlyList<string> Check(Function function)
    {
        _errors.Clear();
        _function = function;
        if (function.Entry.IsNone || function[function.Entry].IsDead)
        {
            _errors.Add("the function has no entry");
            return _errors;
        }
        CheckLists();
        if (_errors.Count > 0)
            return _errors;
        CheckEdges();
        if (_errors.Count > 0)
            return _errors;
        _dominators.Compute(function);
        NumberPositions();
        foreach (Block block in _dominators.Order)
        {
            for (Value v = function[block].First; !v.IsNone; v = function[v].Next)
                CheckInstruction(block, v);
        }
        return _errors;
    }

    /// <summary>Throws with the broken laws and the function's text.</summary>
    public void Require(Function function, string after)
    {
        IReadOnlyList<string> errors = Check(function);
        if (errors.Count > 0)
        {
            throw new InvalidOperationException(
                $"after {after}, {function.Module[function.Symbol].Name} breaks the IR's law:\n  {string.Join("\n  ", errors)}\n{Text.Printer.Print(function)}");
        }
    }

    private void Error(string text)
    {
        if (_errors.Count < 20)
            _errors.Add(text);
    }

    private void CheckLists()
    {
        for (int b = 1; b < _function.BlockCount; b++)
        {
            var block = new Block(b);
            if (_function[block].IsDead)
                continue;
            Value previous = default;
            int limit = _function.ValueCount;
            for (Value v = _function[block].First; !v.IsNone; v = _function[v].Next)
            {
                ref Instruction instruction = ref _function[v];
                if (instruction.Block != block)
                    Error($"{v} stands in {block} but says {instruction.Block}");
                if (instruction.Previous != previous)
                    Error($"{v} in {block} is not linked back to {previous}");
                if (OpInfo.IsTerminator(instruction.Op) && !instruction.Next.IsNone)
                    Error($"the terminator {v} is not last in {block}");
                if (OpInfo.IsLeaf(instruction.Op))
                    Error($"the leaf {v} stands in {block}");
                previous = v;
                if (--limit < 0)
                {
                    Error($"the list of {block} is a circle");
                    return;
                }
            }
            if (_function[block].Last != previous)
                Error($"{block} does not end where its list ends");
            if (previous.IsNone || !OpInfo.IsTerminator(_function.OpOf(previous)))
                Error($"{block} has no terminator");
        }
    }

    private void CheckEdges()
    {
        if (_function.Predecessors(_function.Entry).Length > 0)
            Error("the entry has predecessors");
        for (int b = 1; b < _function.BlockCount; b++)
        {
            var block = new Block(b);
            if (_function[block].IsDead)
            {
                if (_function.Predecessors(block).Length + _function.Successors(block).Length > 0)
                    Error($"the dead {block} has edges");
                continue;
            }
            CheckSuccessorCount(block);
            foreach (Block successor in _function.Successors(block))
            {
                if (Count(_function.Successors(block), successor) != Count(_function.Predecessors(successor), block))
                    Error($"edges from {block} to {successor} do not match");
            }
            foreach (Block predecessor in _function.Predecessors(block))
            {
                if (Count(_function.Successors(predecessor), block) == 0)
                    Error($"{predecessor} is no way to {block}");
            }
        }
    }

    private static int Count(ReadOnlySpan<Block> blocks, Block wanted)
    {
        int count = 0;
        foreach (Block block in blocks)
        {
            if (block == wanted)
                count++;
        }
        return count;
    }

    private void CheckSuccessorCount(Block block)
    {
        Value last = _function[block].Last;
        int count = _function.Successors(block).Length;
        bool fits = _function.OpOf(last) switch
        {
            Op.Branch => count >= 1,
            Op.BranchIf => count == 2,
            Op.Switch => count >= 1 && SwitchFits(_function.Switches[(int)_function[last].Aux], count),
            Op.BranchIndirect => true,
            Op.AsmGoto => count >= 1,
            Op.Return or Op.Unreachable or Op.Trap => count == 0,
            Op op => throw new InvalidOperationException($"{op} is no terminator"),
        };
        if (!fits)
            Error($"{block} has {count} successors, which {_function.OpOf(last)} cannot have");
    }

    private static bool SwitchFits(SwitchInfo info, int count)
    {
        foreach ((long low, long high, int successor) in info.Cases)
        {
            if (low > high || successor < 0 || successor >= count)
                return false;
        }
        return true;
    }

    private void NumberPositions()
    {
        if (_position.Length < _function.ValueCount)
            _position = new int[_function.ValueCount * 2];
        int position = 0;
        foreach (Block block in _dominators.Order)
        {
            for (Value v = _function[block].First; !v.IsNone; v = _function[v].Next)
                _position[v.Id] = position++;
        }
    }

    private void CheckInstruction(Block block, Value v)
    {
        ref Instruction instruction = ref _function[v];
        if (instruction.Op == Op.Phi)
        {
            CheckPhi(block, v);
            return;
        }
        foreach (Value operand in _function.Operands(v))
        {
            if (operand.IsNone)
            {
                Error($"{v} ({instruction.Op}) lacks an operand");
                return;
            }
            if (!IsThere(operand, block, v))
                Error($"{v} ({instruction.Op}) in {block} uses {operand} ({_function.OpOf(operand)}), which does not dominate it");
            if (_function.TypeOf(operand).IsVoid && !(instruction.Op == Op.Result && _function.OpOf(operand) == Op.AsmGoto))
                Error($"{v} ({instruction.Op}) uses {operand}, which has no value");
            if (_function.OpOf(operand) == Op.SlotAddress && _function[operand].A.Id >= _function.SlotCount)
                Error($"{v} names a slot that does not exist");
        }
        CheckTypes(v);
    }

    private bool IsThere(Value operand, Block block, Value user)
    {
        if (OpInfo.IsLeaf(_function.OpOf(operand)))
            return true;
        Block home = _function[operand].Block;
        if (home.IsNone || _function[home].IsDead)
            return false;
        if (!_dominators.IsReachable(home))
            return false;
        return home == block ? _position[operand.Id] < _position[user.Id] : _dominators.Dominates(home, block);
    }

    private void CheckPhi(Block block, Value phi)
    {
        Value previous = _function[phi].Previous;
        if (!previous.IsNone && _function.OpOf(previous) != Op.Phi)
            Error($"the phi {phi} is not at the head of {block}");
        ReadOnlySpan<Block> predecessors = _function.Predecessors(block);
        Span<Value> operands = _function.Operands(phi);
        if (operands.Length != predecessors.Length)
        {
            Error($"the phi {phi} has {operands.Length} operands for {predecessors.Length} predecessors of {block}");
            return;
        }
        for (int i = 0; i < operands.Length; i++)
        {
            Value operand = operands[i];
            if (!_dominators.IsReachable(predecessors[i]))
                continue;
            if (operand.IsNone)
                Error($"the phi {phi} lacks the operand from {predecessors[i]}");
            else if (_function.TypeOf(operand) != _function.TypeOf(phi))
                Error($"the phi {phi} of {_function.TypeOf(phi)} has an operand of {_function.TypeOf(operand)}");
            else if (!OpInfo.IsLeaf(_function.OpOf(operand)) && !ReachesEnd(operand, predecessors[i]))
                Error($"the phi {phi} uses {operand}, which does not reach the end of {predecessors[i]}");
        }
    }

    private bool ReachesEnd(Value operand, Block block)
    {
        Block home = _function[operand].Block;
        return !home.IsNone && !_function[home].IsDead && _dominators.IsReachable(home) && _dominators.Dominates(home, block);
    }

    private void CheckTypes(Value v)
    {
        ref Instruction i = ref _function[v];
        IrType a = i.A.IsNone || OpInfo.HasList(i.Op) || OpInfo.OperandCount(i.Op) < 1 ? IrType.Void : _function.TypeOf(i.A);
        IrType b = i.B.IsNone || OpInfo.HasList(i.Op) || OpInfo.OperandCount(i.Op) < 2 ? IrType.Void : _function.TypeOf(i.B);
        IrType c = i.C.IsNone || OpInfo.HasList(i.Op) || OpInfo.OperandCount(i.Op) < 3 ? IrType.Void : _function.TypeOf(i.C);
        bool fits = i.Op switch
        {
            >= Op.Add and <= Op.MaxUnsigned => i.Type == a && a == b && IsInteger(a),
            >= Op.AddOverflowsSigned and <= Op.MulOverflowsUnsigned => i.Type == IrType.I1 && a == b && a.IsInteger,
            >= Op.CountLeadingZeros and <= Op.BitReverse => i.Type == a && IsInteger(a),
            Op.FloatFma => i.Type == a && a == b && b == c && IsFloat(a),
            >= Op.FloatAdd and <= Op.FloatDiv or Op.FloatCopySign or Op.FloatMin or Op.FloatMax => i.Type == a && a == b && IsFloat(a),
            >= Op.FloatNegate and <= Op.FloatRint => i.Type == a && IsFloat(a),
            Op.Compare => a == b && !IsFloat(a) && i.Aux is >= 0 and <= (long)IntPredicate.GreaterEqualUnsigned && IsMaskOf(i.Type, a),
            Op.FloatCompare => a == b && IsFloat(a) && IsMaskOf(i.Type, a),
            Op.Select => i.Type == b && b == c && (a == IrType.I1 || IsMaskOf(a, b)),
            Op.Truncate => IsInteger(i.Type) && IsInteger(a) && i.Type.Lanes == a.Lanes && i.Type.LaneBits < a.LaneBits,
            Op.ZeroExtend or Op.SignExtend => IsInteger(i.Type) && IsInteger(a) && i.Type.Lanes == a.Lanes && i.Type.LaneBits > a.LaneBits,
            Op.FloatNarrow => IsFloat(i.Type) && IsFloat(a) && i.Type.Lanes == a.Lanes && i.Type.LaneBits < a.LaneBits,
            Op.FloatExtend => IsFloat(i.Type) && IsFloat(a) && i.Type.Lanes == a.Lanes && i.Type.LaneBits > a.LaneBits,
            Op.SignedToFloat or Op.UnsignedToFloat => IsFloat(i.Type) && IsInteger(a) && i.Type.Lanes == a.Lanes,
            Op.FloatToSigned or Op.FloatToUnsigned => IsInteger(i.Type) && IsFloat(a) && i.Type.Lanes == a.Lanes,
            Op.Bitcast => i.Type.TotalBits == a.TotalBits,
            Op.PointerAdd => i.Type == IrType.Pointer && a == IrType.Pointer && b == IrType.I64,
            Op.Load => a == IrType.Pointer && !i.Type.IsVoid,
            Op.Store => a == IrType.Pointer && i.Type.IsVoid,
            Op.MemoryCopy or Op.MemoryMove => a == IrType.Pointer && b == IrType.Pointer && c == IrType.I64,
            Op.MemorySet => a == IrType.Pointer && b == IrType.I8 && c == IrType.I64,
            Op.AtomicRmw => a == IrType.Pointer && i.Type == b,
            Op.CompareExchange => a == IrType.Pointer && i.Type == b && b == c,
            Op.StackAllocate => i.Type == IrType.Pointer && a == IrType.I64,
            Op.ExtractLane => a.IsVector && i.Type == a.Lane,
            Op.InsertLane => a.IsVector && i.Type == a && b == a.Lane,
            Op.Splat => i.Type.IsVector && a == i.Type.Lane,
            Op.Shuffle => a == b && a.IsVector && i.Type.IsVector && i.Type.Lane == a.Lane,
            Op.BranchIf => a == IrType.I1,
            Op.Switch => a.IsInteger,
            Op.BranchIndirect => a == IrType.Pointer,
            Op.Call => CallFits(v),
            Op.Return => ReturnFits(v),
            Op.Result => ResultFits(v),
            _ => true,
        };
        if (!fits)
            Error($"{v}: {i.Op} of {i.Type} does not take ({a}, {b}, {c})");
    }

    private static bool IsInteger(IrType type) => type.Lane.IsInteger;

    private static bool IsFloat(IrType type) => type.Lane.IsFloat;

    private static bool IsMaskOf(IrType mask, IrType type) =>
        type.IsVector ? mask.IsVector && mask.Lane.IsInteger && mask.Lanes == type.Lanes && mask.LaneBits == type.LaneBits : mask == IrType.I1;

    private bool CallFits(Value call)
    {
        CallInfo info = _function.Calls[(int)_function[call].Aux];
        Span<Value> operands = _function.Operands(call);
        int first = info.Callee.IsNone ? 1 : 0;
        int chain = (info.Flags & CallFlags.StaticChain) != 0 ? 1 : 0;
        SignaturePart[] parameters = info.Signature.Parameters;
        if (operands.Length != parameters.Length + first + chain)
            return false;
        for (int i = 0; i < parameters.Length; i++)
        {
            if (_function.TypeOf(operands[first + i]) != parameters[i].Type)
                return false;
        }
        SignaturePart[] results = info.Signature.Results;
        return _function.TypeOf(call) == (results.Length > 0 ? results[0].Type : IrType.Void);
    }

    private bool ReturnFits(Value value)
    {
        Span<Value> operands = _function.Operands(value);
        SignaturePart[] results = _function.Signature.Results;
        if (operands.Length != results.Length)
            return false;
        for (int i = 0; i < operands.Length; i++)
        {
            if (_function.TypeOf(operands[i]) != results[i].Type)
                return false;
        }
        return true;
    }

    private bool ResultFits(Value value)
    {
        Value source = _function[value].A;
        if (_function.OpOf(source) == Op.AsmGoto)
            return true;
        for (Value v = _function[value].Previous; !v.IsNone; v = _function[v].Previous)
        {
            if (v == source)
                return _function.OpOf(source) is Op.Call or Op.Asm;
            if (_function.OpOf(v) != Op.Result)
                return false;
        }
        return false;
    }
}
