using Kiln.Base;
using Kiln.IR;
using Kiln.Target.Abi;

namespace Kiln.Optimizer;

/// <summary>
/// Puts the bodies of called functions in the place of calls: those that must be (always_inline), those that are small, and local
/// ones with a single call. Callees are expected to be simplified already (bottom-up over the call graph).
///
/// Needs: the verifier's law. Changes: blocks, slots, values of the caller. The caller's clean-up passes run afterwards.
/// </summary>
public sealed class Inliner
{
    /// <summary>Instructions up to which a function that calls nothing goes into every caller: its call costs as much as it does.</summary>
    private const int SmallLeafSize = 24;

    /// <summary>The same for functions that call others: a call more beside theirs is not felt, but their arguments are repeated.</summary>
    private const int SmallSize = 10;

    /// <summary>The same for functions that the source declares inline.</summary>
    private const int HintedSize = 70;

    /// <summary>The same for local functions that are called from one place.</summary>
    private const int SingleCallSize = 1500;

    /// <summary>A caller does not grow past this by optional inlining.</summary>
    private const int LargestCaller = 12000;

    /// <summary>Called for each call that is inlined, before it is: the caller, the call, the callee.</summary>
    public Action<Function, Value, Function>? Inlined { get; init; }

    private readonly GrowBuffer<Value> _calls = new(16);
    private readonly GrowBuffer<(Block From, int FirstValue)> _returns = new(8);
    private readonly GrowBuffer<Value> _returned = new(16);
    private readonly GrowBuffer<Value> _operands = new(16);
    private Value[] _valueMap = [];
    private Block[] _blockMap = [];
    private StackSlot[] _slotMap = [];
    private Value[] _replacement = [];

    /// <summary>What the inliner must know of functions: their bodies, and how often local ones are called.</summary>
    public interface ICallees
    {
        /// <summary>The body of a function, if it is at hand and may stand in for a call.</summary>
        Function? Body(Symbol symbol);

        /// <summary>Whether the one call of it in the module is its only use.</summary>
        bool IsCalledOnce(Symbol symbol);
    }

    /// <summary>How many instructions stand in the function's blocks.</summary>
    public static int Size(Function function)
    {
        int size = 0;
        for (int b = 1; b < function.BlockCount; b++)
        {
            for (Value v = function[new Block(b)].First; !v.IsNone; v = function[v].Next)
            {
                if (function.OpOf(v) is not (Op.DebugValue or Op.Phi or Op.Result))
                    size++;
            }
        }
        return size;
    }

    /// <summary>Inlines calls of a function; tells whether any was.</summary>
    /// <param name="caller">The function.</param>
    /// <param name="callees">Bodies to be had.</param>
    /// <param name="onlyAlways">Whether only always_inline functions are inlined (-O0).</param>
    public bool Run(Function caller, ICallees callees, bool onlyAlways)
    {
        bool any = false;
        int size = onlyAlways ? 0 : Size(caller);
        CollectCalls(caller);
        if (_calls.Count == 0)
            return false;
        Array.Clear(_replacement);
        for (int i = 0; i < _calls.Count; i++)
        {
            Value call = _calls[i];
            CallInfo info = caller.Calls[(int)caller[call].Aux];
            Function? callee = callees.Body(info.Callee);
            if (callee is null || callee == caller || !CanInline(caller, call, in info, callee))
                continue;
            if ((callee.Flags & FunctionFlags.AlwaysInline) == 0)
            {
                if (onlyAlways)
                    continue;
                int calleeSize = Size(callee);
                if (!IsWorthIt(callee, calleeSize, callees.IsCalledOnce(info.Callee), size, caller[caller[call].Block].IsCold))
                    continue;
                size += calleeSize;
            }
            Inlined?.Invoke(caller, call, callee);
            Inline(caller, call, in info, callee);
            any = true;
        }
        if (any)
            Replacement.Apply(caller, _replacement);
        return any;
    }

    private void CollectCalls(Function caller)
    {
        _calls.Clear();
        for (int b = 1; b < caller.BlockCount; b++)
        {
            for (Value v = caller[new Block(b)].First; !v.IsNone; v = caller[v].Next)
            {
                if (caller.OpOf(v) == Op.Call && !caller.Calls[(int)caller[v].Aux].Callee.IsNone)
                    _calls.Add(v);
            }
        }
    }

    private static bool IsWorthIt(Function callee, int size, bool isCalledOnce, int callerSize, bool isCold)
    {
        if ((callee.Flags & (FunctionFlags.NoInline | FunctionFlags.Cold | FunctionFlags.NoOptimization)) != 0 || callerSize > LargestCaller)
            return false;
        if (isCalledOnce)
            return size <= SingleCallSize;
        // What a call costs besides the callee: moving arguments and saving registers.
        int limit = (callee.Flags & FunctionFlags.InlineHint) != 0 ? HintedSize : SmallLeafSize;
        if (isCold)
            limit = SmallSize;
        if (size > limit + callee.Parameters.Count)
            return false;
        return limit != SmallLeafSize || size <= SmallSize + callee.Parameters.Count || !Calls(callee);
    }

    private static bool Calls(Function function)
    {
        for (int b = 1; b < function.BlockCount; b++)
        {
            for (Value v = function[new Block(b)].First; !v.IsNone; v = function[v].Next)
            {
                if (function.OpOf(v) == Op.Call)
                    return true;
            }
        }
        return false;
    }

    private static bool CanInline(Function caller, Value call, in CallInfo info, Function callee)
    {
        const FunctionFlags Unfit = FunctionFlags.CallsReturnsTwice | FunctionFlags.HasNonLocalEntries | FunctionFlags.UsesStaticChain
            | FunctionFlags.Naked | FunctionFlags.SavesAllRegisters;
        if ((callee.Flags & Unfit) != 0 || callee.Signature.IsVariadic || (info.Flags & (CallFlags.NoInline | CallFlags.MustTail | CallFlags.StaticChain)) != 0)
            return false;
        if ((callee.Flags & FunctionFlags.HasDynamicStack) != 0 && (callee.Flags & FunctionFlags.AlwaysInline) == 0)
            return false;
        if ((callee.Features & ~caller.Features) != 0)
            return false;
        if (!SameParts(info.Signature.Parameters, callee.Signature.Parameters))
            return false;
        SignaturePart[] results = info.Signature.Results;
        if (results.Length != 0 && !SameParts(results, callee.Signature.Results))
            return false;
        for (int b = 1; b < callee.BlockCount; b++)
        {
            if (callee[new Block(b)].AddressTaken)
                return false;
            for (Value v = callee[new Block(b)].First; !v.IsNone; v = callee[v].Next)
            {
                if (callee.OpOf(v) is Op.VaStart or Op.StaticChain or Op.AsmGoto)
                    return false;
                // These are the surrounding function's then, which only always_inline asks for.
                if (callee.OpOf(v) is Op.FrameAddress or Op.ReturnAddress && (callee.Flags & FunctionFlags.AlwaysInline) == 0)
                    return false;
            }
        }
        return caller.Operands(call).Length == callee.Parameters.Count;
    }

    private static bool SameParts(SignaturePart[] left, SignaturePart[] right)
    {
        if (left.Length != right.Length)
            return false;
        for (int i = 0; i < left.Length; i++)
        {
            if (left[i].Type != right[i].Type || left[i].Place.Kind == PlaceKind.StackMemory != (right[i].Place.Kind == PlaceKind.StackMemory))
                return false;
        }
        return true;
    }

    private void Inline(Function caller, Value call, in CallInfo info, Function callee)
    {
        Block before = caller[call].Block;
        Block after = SplitAfter(caller, call, before);
        MapEverything(caller, call, callee, before);
        _returns.Clear();
        _returned.Clear();
        for (int b = 1; b < callee.BlockCount; b++)
        {
            if (!callee[new Block(b)].IsDead)
                CopyBlock(caller, callee, new Block(b), after);
        }
        CopyEdges(caller, callee);
        FillOperands(caller, callee);
        caller.Flags |= callee.Flags & (FunctionFlags.HasDynamicStack | FunctionFlags.NeedsFramePointer);
        // The call becomes a jump to the copy of the entry.
        caller.Remove(call);
        caller.Append(before, caller.New(Op.Branch, IrType.Void, default, default, default, 0, caller[call].Location));
        caller.AddEdge(before, _blockMap[callee.Entry.Id]);
        BindResults(caller, call, in info, after);
    }

    private static Block SplitAfter(Function caller, Value call, Block before)
    {
        Block after = caller.NewBlock();
        caller[after].Frequency = caller[before].Frequency;
        caller[after].IsCold = caller[before].IsCold;
        for (Value v = caller[call].Next; !v.IsNone;)
        {
            Value next = caller[v].Next;
            caller.Remove(v);
            caller.Append(after, v);
            v = next;
        }
        caller.MoveSuccessors(before, after);
        return after;
    }

    private void MapEverything(Function caller, Value call, Function callee, Block before)
    {
        Grow(ref _valueMap, callee.ValueCount);
        Grow(ref _blockMap, callee.BlockCount);
        Grow(ref _slotMap, callee.SlotCount);
        for (int i = 1; i < callee.SlotCount; i++)
        {
            SlotData slot = callee[new StackSlot(i)];
            _slotMap[i] = caller.NewSlot(slot.Size, slot.AlignmentLog2);
            caller[_slotMap[i]].IsPinned = slot.IsPinned;
            caller[_slotMap[i]].IsGuard = slot.IsGuard;
        }
        for (int i = 1; i < callee.BlockCount; i++)
        {
            BlockData block = callee[new Block(i)];
            if (block.IsDead)
                continue;
            _blockMap[i] = caller.NewBlock();
            caller[_blockMap[i]].IsCold = block.IsCold || caller[before].IsCold;
        }
        for (int i = 0; i < callee.Parameters.Count; i++)
            _valueMap[callee.Parameters[i].Id] = Argument(caller, call, callee, i);
    }

    // A by-value object is copied, as the call would have done.
    private static Value Argument(Function caller, Value call, Function callee, int index)
    {
        Value argument = caller.Operands(call)[index];
        Place place = callee.Signature.Parameters[index].Place;
        if (place.Kind != PlaceKind.StackMemory)
            return argument;
        int alignment = System.Numerics.BitOperations.Log2((uint)Math.Max(1, place.Alignment));
        StackSlot slot = caller.NewSlot(place.Size, alignment);
        Value address = caller.SlotAddress(slot);
        Value copy = caller.New(Op.MemoryCopy, IrType.Void, address, argument, caller.Constant(IrType.I64, place.Size), new MemoryAccess(0).Pack(), caller[call].Location);
        caller.InsertBefore(call, copy);
        return address;
    }

    private static void Grow<T>(ref T[] table, int count)
    {
        if (table.Length < count)
            table = new T[Math.Max(count, table.Length * 2)];
        else
            Array.Clear(table);
    }

    // Copies instructions without their operands, which may come later in the order of blocks.
    private void CopyBlock(Function caller, Function callee, Block block, Block after)
    {
        Block to = _blockMap[block.Id];
        for (Value v = callee[block].First; !v.IsNone; v = callee[v].Next)
        {
            Instruction instruction = callee[v];
            if (instruction.Op == Op.DebugValue)
                continue;
            if (instruction.Op == Op.Return)
            {
                _returns.Add((to, _returned.Count));
                _returned.AddRange(callee.Operands(v));
                caller.Append(to, caller.New(Op.Branch, IrType.Void, default, default, default, 0, instruction.Location));
                caller.AddEdge(to, after);
                continue;
            }
            Value copy = OpInfo.HasList(instruction.Op)
                ? caller.NewList(instruction.Op, instruction.Type, callee.Operands(v), instruction.Aux, instruction.Location)
                : caller.New(instruction.Op, instruction.Type, instruction.A, instruction.B, instruction.C, instruction.Aux, instruction.Location);
            caller[copy].Flags = instruction.Flags;
            CopyTables(caller, callee, v, copy);
            caller.Append(to, copy);
            _valueMap[v.Id] = copy;
        }
    }

    private static void CopyTables(Function caller, Function callee, Value from, Value copy)
    {
        ref Instruction instruction = ref caller[copy];
        switch (instruction.Op)
        {
            case Op.Call:
                instruction.Aux = caller.Calls.Add(callee.Calls[(int)instruction.Aux]);
                break;
            case Op.Asm:
                instruction.Aux = caller.Asms.Add(callee.Asms[(int)instruction.Aux]);
                break;
            case Op.Switch:
                var cases = new SwitchInfo { IsExhaustive = callee.Switches[(int)instruction.Aux].IsExhaustive };
                cases.Cases.AddRange(callee.Switches[(int)instruction.Aux].Cases);
                instruction.Aux = caller.Switches.Add(cases);
                break;
            case Op.Shuffle:
                ReadOnlySpan<byte> mask = callee.Bytes(from);
                instruction.Aux = caller.ConstantBytes.Length;
                caller.ConstantBytes.Bytes(mask);
                break;
        }
    }

    private void CopyEdges(Function caller, Function callee)
    {
        // Predecessors in the callee's order, so that phi operands fit; the n-th of parallel edges stays the n-th.
        for (int b = 1; b < callee.BlockCount; b++)
        {
            if (callee[new Block(b)].IsDead)
                continue;
            Block block = new(b);
            for (int i = 0; i < callee.Successors(block).Length; i++)
                caller.AddEdge(_blockMap[b], _blockMap[callee.Successors(block)[i].Id]);
        }
        for (int b = 1; b < callee.BlockCount; b++)
        {
            if (!callee[new Block(b)].IsDead)
                OrderPhis(caller, callee, new Block(b));
        }
    }

    // The copy's predecessors may come in another order: phi operands follow them.
    private void OrderPhis(Function caller, Function callee, Block block)
    {
        Value first = callee[block].First;
        if (first.IsNone || callee.OpOf(first) != Op.Phi)
            return;
        Block copy = _blockMap[block.Id];
        int count = caller.Predecessors(copy).Length;
        Span<int> from = count <= 64 ? stackalloc int[count] : new int[count];
        for (int i = 0; i < count; i++)
        {
            Block predecessor = caller.Predecessors(copy)[i];
            int nth = 0;
            for (int j = 0; j < i; j++)
            {
                if (caller.Predecessors(copy)[j] == predecessor)
                    nth++;
            }
            ReadOnlySpan<Block> original = callee.Predecessors(block);
            for (int j = 0; j < original.Length; j++)
            {
                if (_blockMap[original[j].Id] == predecessor && nth-- == 0)
                {
                    from[i] = j;
                    break;
                }
            }
        }
        for (Value phi = first; !phi.IsNone && callee.OpOf(phi) == Op.Phi; phi = callee[phi].Next)
        {
            _operands.Clear();
            for (int i = 0; i < count; i++)
                _operands.Add(callee.Operands(phi)[from[i]]);
            caller.SetOperands(_valueMap[phi.Id], _operands.Span);
        }
    }

    private void FillOperands(Function caller, Function callee)
    {
        for (int b = 1; b < callee.BlockCount; b++)
        {
            if (callee[new Block(b)].IsDead)
                continue;
            for (Value v = caller[_blockMap[b]].First; !v.IsNone; v = caller[v].Next)
            {
                int count = caller.Operands(v).Length;
                for (int i = 0; i < count; i++)
                {
                    Value operand = caller.Operands(v)[i];
                    if (!operand.IsNone)
                    {
                        Value mapped = Map(caller, callee, operand);
                        caller.Operands(v)[i] = mapped;
                    }
                }
            }
        }
        for (int i = 0; i < _returned.Count; i++)
            _returned[i] = Map(caller, callee, _returned[i]);
    }

    private Value Map(Function caller, Function callee, Value value)
    {
        Value known = _valueMap[value.Id];
        if (!known.IsNone)
            return known;
        Instruction leaf = callee[value];
        Value made = leaf.Op switch
        {
            Op.Constant => caller.Constant(leaf.Type, callee.ConstantBits(value)),
            Op.FloatConstant => caller.FloatConstant(leaf.Type, callee.ConstantBits(value)),
            Op.VectorConstant => caller.VectorConstant(leaf.Type, callee.Bytes(value)),
            Op.SymbolAddress => caller.SymbolAddress(new Symbol(leaf.A.Id), leaf.Aux),
            Op.SlotAddress => caller.SlotAddress(_slotMap[leaf.A.Id]),
            Op.Any => caller.Any(leaf.Type),
            _ => throw new InvalidOperationException($"{leaf.Op} {value} of an inlined function has no copy"),
        };
        _valueMap[value.Id] = made;
        return made;
    }

    // The call's results are what the returns give: one value, or a phi of them.
    private void BindResults(Function caller, Value call, in CallInfo info, Block after)
    {
        SignaturePart[] results = info.Signature.Results;
        int width = _returns.Count > 0 ? _returned.Count / _returns.Count : 0;
        for (int index = results.Length - 1; index >= 0; index--)
        {
            Value result = ResultOf(caller, call, after, index);
            if (result.IsNone)
                continue;
            Value value = default;
            if (_returns.Count == 0 || index >= width)
            {
                value = caller.Any(results[index].Type);
            }
            else if (_returns.Count == 1)
            {
                value = _returned[index];
            }
            else
            {
                _operands.Clear();
                for (int r = 0; r < _returns.Count; r++)
                    _operands.Add(_returned[_returns[r].FirstValue + index]);
                value = caller.Prepend(after, caller.NewList(Op.Phi, results[index].Type, _operands.Span));
            }
            if (result != call)
                caller.Remove(result);
            if (result.Id >= _replacement.Length)
                Array.Resize(ref _replacement, Math.Max(caller.ValueCount, _replacement.Length * 2));
            _replacement[result.Id] = value;
        }
    }

    private static Value ResultOf(Function caller, Value call, Block after, int index)
    {
        if (index == 0)
            return call;
        for (Value v = caller[after].First; !v.IsNone; v = caller[v].Next)
        {
            if (caller.OpOf(v) == Op.Result && caller[v].A == call && caller[v].Aux == index)
                return v;
        }
        return default;
    }
}
