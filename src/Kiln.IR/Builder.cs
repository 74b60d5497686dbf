using Kiln.Base;

namespace Kiln.IR;

/// <summary>
/// Appends instructions to the end of a current block. Thin on purpose: it folds nothing but what keeps the form small at -O0
/// (casts to the same type).
/// </summary>
public sealed class Builder(Function function)
{
    /// <summary>The function being built.</summary>
    public Function Function => function;

    /// <summary>The block that instructions are appended to; none after a terminator.</summary>
    public Block Current { get; set; }

    /// <summary>The place that new instructions get.</summary>
    public Location Location { get; set; }

    /// <summary>Whether the current place can be reached: a block is open.</summary>
    public bool IsOpen => !Current.IsNone;

    public Value Emit(Op op, IrType type, Value a = default, Value b = default, Value c = default, long aux = 0, InstructionFlags flags = 0)
    {
        Value value = function.New(op, type, a, b, c, aux, Location);
        function[value].Flags = flags;
        return function.Append(Current, value);
    }

    public Value EmitList(Op op, IrType type, ReadOnlySpan<Value> operands, long aux = 0) =>
        function.Append(Current, function.NewList(op, type, operands, aux, Location));

    public Value Binary(Op op, Value a, Value b, InstructionFlags flags = 0) => Emit(op, function.TypeOf(a), a, b, default, 0, flags);

    /// <summary>Overflow tests: i1.</summary>
    public Value Overflows(Op op, Value a, Value b) => Emit(op, IrType.I1, a, b);

    public Value Compare(IntPredicate predicate, Value a, Value b) => Emit(Op.Compare, CompareType(a), a, b, default, (long)predicate);

    public Value Compare(FloatPredicate predicate, Value a, Value b) => Emit(Op.FloatCompare, CompareType(a), a, b, default, (long)predicate);

    private IrType CompareType(Value a)
    {
        IrType type = function.TypeOf(a);
        return type.IsVector ? IrType.Integer(type.LaneBits).VectorOf(type.LanesLog2) : IrType.I1;
    }

    /// <summary>A conversion; none is made where the type is the same.</summary>
    public Value Convert(Op op, IrType type, Value a) => function.TypeOf(a) == type ? a : Emit(op, type, a);

    public Value Select(Value condition, Value whenTrue, Value whenFalse) =>
        Emit(Op.Select, function.TypeOf(whenTrue), condition, whenTrue, whenFalse);

    public Value Load(IrType type, Value address, MemoryAccess access) => Emit(Op.Load, type, address, default, default, access.Pack());

    public Value Store(Value address, Value value, MemoryAccess access) =>
        Emit(Op.Store, IrType.Void, address, value, default, access.Pack());

    public Value PointerAdd(Value pointer, Value offset, InstructionFlags flags = 0) =>
        Emit(Op.PointerAdd, IrType.Pointer, pointer, offset, default, 0, flags);

    /// <summary>A pointer plus a constant number of bytes.</summary>
    public Value PointerAdd(Value pointer, long offset) =>
        offset == 0 ? pointer : PointerAdd(pointer, function.Constant(IrType.I64, offset), InstructionFlags.InBounds);

    /// <summary>A call; gives result 0 (of type void if there is none). Further results: <see cref="Result"/> directly behind.</summary>
    public Value Call(in CallInfo info, ReadOnlySpan<Value> operands)
    {
        SignaturePart[] results = info.Signature.Results;
        int index = function.Calls.Add(info);
        return EmitList(Op.Call, results.Length > 0 ? results[0].Type : IrType.Void, operands, index);
    }

    /// <summary>Result number <paramref name="index"/> (from 1) of a call or asm.</summary>
    public Value Result(Value call, int index, IrType type) => Emit(Op.Result, type, call, default, default, index);

    public void Branch(Block to)
    {
        Emit(Op.Branch, IrType.Void);
        function.AddEdge(Current, to);
        Current = default;
    }

    public void BranchIf(Value condition, Block whenTrue, Block whenFalse, int probability = 0)
    {
        Emit(Op.BranchIf, IrType.Void, condition, default, default, probability);
        function.AddEdge(Current, whenTrue);
        function.AddEdge(Current, whenFalse);
        Current = default;
    }

    /// <summary>A switch; <paramref name="targets"/> are the distinct successors, the default first.</summary>
    public void Switch(Value value, SwitchInfo info, ReadOnlySpan<Block> targets)
    {
        Emit(Op.Switch, IrType.Void, value, default, default, function.Switches.Add(info));
        foreach (Block target in targets)
            function.AddEdge(Current, target);
        Current = default;
    }

    public void BranchIndirect(Value address, ReadOnlySpan<Block> targets)
    {
        Emit(Op.BranchIndirect, IrType.Void, address);
        foreach (Block target in targets)
            function.AddEdge(Current, target);
        Current = default;
    }

    public void Return(ReadOnlySpan<Value> values)
    {
        EmitList(Op.Return, IrType.Void, values);
        Current = default;
    }

    /// <summary>Unreachable or Trap.</summary>
    public void End(Op op)
    {
        Emit(op, IrType.Void);
        Current = default;
    }
}
