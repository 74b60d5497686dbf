using System.Runtime.InteropServices;
using Kiln.Base;

namespace Kiln.IR;

/// <summary>An instruction, constant or parameter. 40 bytes; lives in its function's pool.</summary>
public struct Instruction
{
    public Op Op;
    public IrType Type;

    /// <summary>Facts; for AtomicRmw also the <see cref="RmwOperation"/> (see <see cref="Function.Rmw"/>).</summary>
    public InstructionFlags Flags;
    public Value A;
    public Value B;
    public Value C;

    /// <summary>The block it stands in; none for leaves and for what was removed.</summary>
    public Block Block;
    public Value Next;
    public Value Previous;
    public Location Location;

    /// <summary>What the operation says: a constant, a packed MemoryAccess, an index of a table.</summary>
    public long Aux;
}

/// <summary>A list of ints in the function's pool.</summary>
public struct PoolList
{
    public int Start;
    public int Count;
    public int Capacity;
}

/// <summary>A basic block's data.</summary>
public struct BlockData
{
    public Value First;
    public Value Last;
    public PoolList Predecessors;
    public PoolList Successors;

    /// <summary>How often it runs for each call of the function; 1 where nothing is known.</summary>
    public float Frequency;

    /// <summary>Whether its address is taken (computed goto, non-local goto).</summary>
    public bool AddressTaken;

    /// <summary>Whether it was removed.</summary>
    public bool IsDead;

    /// <summary>Whether the source says that it is hardly ever reached (cold call, __builtin_expect).</summary>
    public bool IsCold;
}

/// <summary>A stack slot: an object of fixed size in the frame.</summary>
public struct SlotData
{
    public int Size;
    public int AlignmentLog2;

    /// <summary>The debug variable it holds, as an index of <see cref="Function.Variables"/> plus 1, or 0.</summary>
    public int Variable;

    /// <summary>Whether other functions (nested ones) or handlers reach it through the frame: it may not be promoted or shared.</summary>
    public bool IsPinned;

    /// <summary>Whether it guards the return address: it lies above all others.</summary>
    public bool IsGuard;
}

/// <summary>
/// The SSA form of one function. Handles index pooled arrays; <see cref="Reset"/> keeps the storage for the next function.
/// A block's instructions are a doubly linked list: phis first, one terminator last. Block order is creation order; code
/// generation chooses its own. Predecessor lists are kept in step by every edge operation here, phi operands with them.
/// </summary>
public sealed class Function
{
    private readonly GrowBuffer<Instruction> _instructions = new(256);
    private readonly GrowBuffer<BlockData> _blocks = new(32);
    private readonly GrowBuffer<SlotData> _slots = new(16);
    private readonly GrowBuffer<int> _pool = new(256);
    private int[] _leafTable = new int[64];
    private int _leafCount;

    /// <summary>Makes an empty function; call <see cref="Reset"/> before use.</summary>
    public Function() => Clear();

    /// <summary>The module it belongs to.</summary>
    public Module Module { get; private set; } = null!;

    /// <summary>Its symbol.</summary>
    public Symbol Symbol { get; private set; }

    /// <summary>What it is called with.</summary>
    public Signature Signature { get; set; } = null!;

    /// <summary>The parameters' values, one for each part of the signature.</summary>
    public GrowBuffer<Value> Parameters { get; } = new(8);

    /// <summary>The entry block; it has no predecessors.</summary>
    public Block Entry { get; set; }

    public GrowBuffer<CallInfo> Calls { get; } = new(16);
    public GrowBuffer<AsmInfo> Asms { get; } = new(0);
    public GrowBuffer<SwitchInfo> Switches { get; } = new(0);

    /// <summary>Constants wider than 64 bits: i128, and the bits of f80 and f128.</summary>
    public GrowBuffer<UInt128> Wide { get; } = new(0);

    /// <summary>Bytes of vector constants and shuffle masks.</summary>
    public ByteWriter ConstantBytes { get; } = new(0);

    /// <summary>The variables that a debugger sees, parameters first.</summary>
    public GrowBuffer<DebugVariable> Variables { get; } = new(0);

    /// <summary>Lexical scopes: the parent's index each; scope 0 is the function.</summary>
    public GrowBuffer<DebugScope> Scopes { get; } = new(0);

    /// <summary>The debug types that mean something in this function's frame only (<see cref="DebugType.IsLocal"/>).</summary>
    public GrowBuffer<int> LocalTypes { get; } = new(0);

    /// <summary>Facts about the whole function.</summary>
    public FunctionFlags Flags { get; set; }

    /// <summary>What of the target it may use, as the target's bits; 0: what the command line says.</summary>
    public ulong Features { get; set; }

    /// <summary>Where it is defined, and where its body ends.</summary>
    public Location Location { get; set; }

    /// <summary>The closing brace.</summary>
    public Location EndLocation { get; set; }

    /// <summary>Starts a new function.</summary>
    public void Reset(Module module, Symbol symbol, Signature signature)
    {
        Clear();
        Module = module;
        Symbol = symbol;
        Signature = signature;
        Features = module.Features;
        for (int i = 0; i < signature.Parameters.Length; i++)
            Parameters.Add(NewLeaf(Op.Parameter, signature.Parameters[i].Type, default, i));
    }

    private void Clear()
    {
        _instructions.Clear();
        _blocks.Clear();
        _slots.Clear();
        _pool.Clear();
        _instructions.AddDefault(1);
        _blocks.AddDefault(1);
        _slots.AddDefault(1);
        _pool.AddDefault(1);
        Array.Clear(_leafTable);
        _leafCount = 0;
        Parameters.Clear();
        Calls.Clear();
        Asms.Clear();
        Switches.Clear();
        Wide.Clear();
        ConstantBytes.Clear();
        Variables.Clear();
        Scopes.Clear();
        LocalTypes.Clear();
        Entry = default;
        Flags = default;
        Features = 0;
        Location = default;
        EndLocation = default;
    }

    // Instructions

    /// <summary>One more than the greatest value id: the length of a side table by value.</summary>
    public int ValueCount => _instructions.Count;

    /// <summary>An instruction's data; valid until the next instruction is made.</summary>
    public ref Instruction this[Value value] => ref _instructions[value.Id];

    /// <summary>Makes room for values up to a number, which the IR text's parser fills in itself.</summary>
    internal void ReserveValues(int greatest)
    {
        if (greatest >= _instructions.Count)
            _instructions.AddDefault(greatest + 1 - _instructions.Count);
    }

    /// <summary>A value's type.</summary>
    public IrType TypeOf(Value value) => _instructions[value.Id].Type;

    /// <summary>A value's operation.</summary>
    public Op OpOf(Value value) => _instructions[value.Id].Op;

    /// <summary>The operation of an AtomicRmw.</summary>
    public RmwOperation Rmw(Value value) => (RmwOperation)((int)_instructions[value.Id].Flags >> 8 & 7);

    /// <summary>The flags that carry an operation of AtomicRmw.</summary>
    public static InstructionFlags RmwFlags(RmwOperation operation) => (InstructionFlags)((int)operation << 8);

    /// <summary>
    /// The values that an instruction uses, to be read or overwritten; valid until the next instruction or list is made. A.Id of
    /// leaves (a symbol, slot or block) is no operand.
    /// </summary>
    public Span<Value> Operands(Value value)
    {
        ref Instruction instruction = ref _instructions[value.Id];
        if (OpInfo.HasList(instruction.Op))
            return MemoryMarshal.Cast<int, Value>(_pool.Span.Slice(instruction.A.Id, instruction.B.Id));
        return MemoryMarshal.CreateSpan(ref instruction.A, OpInfo.OperandCount(instruction.Op));
    }

    /// <summary>Makes an instruction that stands nowhere yet.</summary>
    public Value New(Op op, IrType type, Value a = default, Value b = default, Value c = default, long aux = 0, Location location = default) =>
        new(_instructions.Add(new Instruction { Op = op, Type = type, A = a, B = b, C = c, Aux = aux, Location = location }));

    /// <summary>Makes an instruction with a list of operands that stands nowhere yet.</summary>
    public Value NewList(Op op, IrType type, ReadOnlySpan<Value> operands, long aux = 0, Location location = default)
    {
        int start = _pool.AddRange(MemoryMarshal.Cast<Value, int>(operands));
        return New(op, type, new Value(start), new Value(operands.Length), new Value(operands.Length), aux, location);
    }

    /// <summary>Gives an instruction that has an operand list another one.</summary>
    public void SetOperands(Value value, ReadOnlySpan<Value> operands)
    {
        ref Instruction instruction = ref _instructions[value.Id];
        if (operands.Length > instruction.C.Id)
        {
            instruction.A = new Value(_pool.AddRange(MemoryMarshal.Cast<Value, int>(operands)));
            instruction.C = new Value(operands.Length);
        }
        else
        {
            operands.CopyTo(MemoryMarshal.Cast<int, Value>(_pool.Span.Slice(instruction.A.Id, operands.Length)));
        }
        instruction.B = new Value(operands.Length);
    }

    /// <summary>Puts an instruction at the end of a block.</summary>
    public Value Append(Block block, Value value)
    {
        ref BlockData data = ref _blocks[block.Id];
        ref Instruction instruction = ref _instructions[value.Id];
        instruction.Block = block;
        instruction.Previous = data.Last;
        instruction.Next = default;
        if (data.Last.IsNone)
            data.First = value;
        else
            _instructions[data.Last.Id].Next = value;
        data.Last = value;
        return value;
    }

    /// <summary>Puts an instruction before another one.</summary>
    public Value InsertBefore(Value place, Value value)
    {
        ref Instruction next = ref _instructions[place.Id];
        ref Instruction instruction = ref _instructions[value.Id];
        instruction.Block = next.Block;
        instruction.Next = place;
        instruction.Previous = next.Previous;
        if (next.Previous.IsNone)
            _blocks[next.Block.Id].First = value;
        else
            _instructions[next.Previous.Id].Next = value;
        next.Previous = value;
        return value;
    }

    /// <summary>Puts an instruction behind another one.</summary>
    public Value InsertAfter(Value place, Value value)
    {
        Value next = _instructions[place.Id].Next;
        return next.IsNone ? Append(_instructions[place.Id].Block, value) : InsertBefore(next, value);
    }

    /// <summary>Puts an instruction first in a block (before its phis: meant for phis).</summary>
    public Value Prepend(Block block, Value value)
    {
        Value first = _blocks[block.Id].First;
        return first.IsNone ? Append(block, value) : InsertBefore(first, value);
    }

    /// <summary>Takes an instruction out of its block; its id is not used again.</summary>
    public void Remove(Value value)
    {
        ref Instruction instruction = ref _instructions[value.Id];
        ref BlockData data = ref _blocks[instruction.Block.Id];
        if (instruction.Previous.IsNone)
            data.First = instruction.Next;
        else
            _instructions[instruction.Previous.Id].Next = instruction.Next;
        if (instruction.Next.IsNone)
            data.Last = instruction.Previous;
        else
            _instructions[instruction.Next.Id].Previous = instruction.Previous;
        instruction.Block = default;
        instruction.Next = default;
        instruction.Previous = default;
    }

    // Leaves

    /// <summary>The integer or pointer constant of a type; the value is cut to the type and sign-extended.</summary>
    public Value Constant(IrType type, long value)
    {
        if (type.Kind == ScalarKind.I128)
            return Constant(type, (UInt128)(Int128)value);
        int unused = 64 - type.LaneBits;
        return Leaf(Op.Constant, type, default, value << unused >> unused);
    }

    /// <summary>The integer or pointer constant of a type.</summary>
    public Value Constant(IrType type, int value) => Constant(type, (long)value);

    /// <summary>The integer constant of a type up to 128 bits.</summary>
    public Value Constant(IrType type, UInt128 value) =>
        type.Kind == ScalarKind.I128 ? WideLeaf(Op.Constant, type, value) : Constant(type, (long)(ulong)value);

    /// <summary>The floating-point constant with these bits.</summary>
    public Value FloatConstant(IrType type, UInt128 bits) =>
        type.LaneBits > 64 ? WideLeaf(Op.FloatConstant, type, bits) : Leaf(Op.FloatConstant, type, default, (long)(ulong)bits);

    /// <summary>The vector constant with these bytes.</summary>
    public Value VectorConstant(IrType type, ReadOnlySpan<byte> bytes)
    {
        int at = ConstantBytes.Length;
        ConstantBytes.Bytes(bytes);
        return NewLeaf(Op.VectorConstant, type, default, at);
    }

    /// <summary>The bits of a Constant or FloatConstant: an integer sign-extended to 128 bits, a float's pattern.</summary>
    public UInt128 ConstantBits(Value value)
    {
        ref Instruction instruction = ref _instructions[value.Id];
        if (instruction.Type.LaneBits > 64)
            return Wide[(int)instruction.Aux];
        return instruction.Op == Op.FloatConstant ? (ulong)instruction.Aux : (UInt128)(Int128)instruction.Aux;
    }

    /// <summary>The bytes of a VectorConstant or the mask of a Shuffle.</summary>
    public ReadOnlySpan<byte> Bytes(Value value)
    {
        ref Instruction instruction = ref _instructions[value.Id];
        return ConstantBytes.Span.Slice((int)instruction.Aux, instruction.Op == Op.Shuffle ? instruction.Type.Lanes : instruction.Type.Size);
    }

    /// <summary>The address of a symbol plus an offset.</summary>
    public Value SymbolAddress(Symbol symbol, long offset = 0) => Leaf(Op.SymbolAddress, IrType.Pointer, new Value(symbol.Id), offset);

    /// <summary>The address of a stack slot.</summary>
    public Value SlotAddress(StackSlot slot) => Leaf(Op.SlotAddress, IrType.Pointer, new Value(slot.Id), 0);

    /// <summary>The address of a block.</summary>
    public Value BlockAddress(Block block)
    {
        _blocks[block.Id].AddressTaken = true;
        return Leaf(Op.BlockAddress, IrType.Pointer, new Value(block.Id), 0);
    }

    /// <summary>One arbitrary value of a type.</summary>
    public Value Any(IrType type) => Leaf(Op.Any, type, default, 0);

    private Value NewLeaf(Op op, IrType type, Value a, long aux) => New(op, type, a, default, default, aux);

    private Value WideLeaf(Op op, IrType type, UInt128 bits)
    {
        int at = Wide.Span.IndexOf(bits);
        return Leaf(op, type, default, at >= 0 ? at : Wide.Add(bits));
    }

    private Value Leaf(Op op, IrType type, Value a, long aux)
    {
        if (_leafCount * 2 >= _leafTable.Length)
            RehashLeaves();
        for (uint i = LeafHash(op, type, a, aux); ; i++)
        {
            ref int entry = ref _leafTable[i & (uint)(_leafTable.Length - 1)];
            if (entry == 0)
            {
                _leafCount++;
                Value made = NewLeaf(op, type, a, aux);
                entry = made.Id;
                return made;
            }
            ref Instruction known = ref _instructions[entry];
            if (known.Op == op && known.Type == type && known.A == a && known.Aux == aux)
                return new Value(entry);
        }
    }

    private void RehashLeaves()
    {
        int[] old = _leafTable;
        _leafTable = new int[old.Length * 2];
        foreach (int id in old)
        {
            if (id == 0)
                continue;
            ref Instruction leaf = ref _instructions[id];
            uint i = LeafHash(leaf.Op, leaf.Type, leaf.A, leaf.Aux);
            while (_leafTable[i & (uint)(_leafTable.Length - 1)] != 0)
                i++;
            _leafTable[i & (uint)(_leafTable.Length - 1)] = id;
        }
    }

    private static uint LeafHash(Op op, IrType type, Value a, long aux)
    {
        ulong hash = ((ulong)aux * 0x9E3779B97F4A7C15 ^ (uint)a.Id * 0x85EBCA6Bu) + (uint)((int)op << 8 | type.Code) * 0xC2B2AE3Du;
        return (uint)(hash >> 32 ^ hash);
    }

    // Stack slots

    /// <summary>One more than the greatest slot id.</summary>
    public int SlotCount => _slots.Count;

    /// <summary>A slot's data.</summary>
    public ref SlotData this[StackSlot slot] => ref _slots[slot.Id];

    /// <summary>Makes a stack slot.</summary>
    public StackSlot NewSlot(int size, int alignmentLog2) =>
        new(_slots.Add(new SlotData { Size = size, AlignmentLog2 = alignmentLog2 }));

    // Blocks and edges

    /// <summary>One more than the greatest block id.</summary>
    public int BlockCount => _blocks.Count;

    /// <summary>A block's data.</summary>
    public ref BlockData this[Block block] => ref _blocks[block.Id];

    /// <summary>Makes an empty block without edges.</summary>
    public Block NewBlock() => new(_blocks.Add(new BlockData { Frequency = 1 }));

    /// <summary>The block's terminator, or none while it is being built.</summary>
    public Value Terminator(Block block)
    {
        Value last = _blocks[block.Id].Last;
        return !last.IsNone && OpInfo.IsTerminator(_instructions[last.Id].Op) ? last : default;
    }

    /// <summary>The predecessors, one for each edge, in the order of phi operands.</summary>
    public ReadOnlySpan<Block> Predecessors(Block block) => ListSpan(in _blocks[block.Id].Predecessors);

    /// <summary>The successors, one for each edge.</summary>
    public ReadOnlySpan<Block> Successors(Block block) => ListSpan(in _blocks[block.Id].Successors);

    private Span<Block> ListSpan(in PoolList list) => MemoryMarshal.Cast<int, Block>(_pool.Span.Slice(list.Start, list.Count));

    private void ListAdd(ref PoolList list, int item)
    {
        if (list.Count == list.Capacity)
        {
            int capacity = Math.Max(2, list.Capacity * 2);
            int start = _pool.AddDefault(capacity);
            _pool.Span.Slice(list.Start, list.Count).CopyTo(_pool.Span[start..]);
            list.Start = start;
            list.Capacity = capacity;
        }
        _pool[list.Start + list.Count++] = item;
    }

    private void ListRemoveAt(ref PoolList list, int index)
    {
        Span<int> items = _pool.Span.Slice(list.Start, list.Count);
        items[(index + 1)..].CopyTo(items[index..]);
        list.Count--;
    }

    /// <summary>Adds an edge; the target's phis get <paramref name="phiValue"/>'s answer later: use <see cref="AddPhiOperand"/> for each.</summary>
    public void AddEdge(Block from, Block to)
    {
        ListAdd(ref _blocks[from.Id].Successors, to.Id);
        ListAdd(ref _blocks[to.Id].Predecessors, from.Id);
    }

    /// <summary>Gives a block's predecessors, with parallel edges as often as there are, another order; phis are the caller's business.</summary>
    internal void OrderPredecessors(Block block, ReadOnlySpan<Block> order) => order.CopyTo(ListSpan(in _blocks[block.Id].Predecessors));

    /// <summary>Appends an operand to a phi, for an edge added last to its block.</summary>
    public void AddPhiOperand(Value phi, Value operand)
    {
        ref Instruction instruction = ref _instructions[phi.Id];
        var list = new PoolList { Start = instruction.A.Id, Count = instruction.B.Id, Capacity = instruction.C.Id };
        ListAdd(ref list, operand.Id);
        instruction = ref _instructions[phi.Id];
        instruction.A = new Value(list.Start);
        instruction.B = new Value(list.Count);
        instruction.C = new Value(list.Capacity);
    }

    /// <summary>Removes the successor edge number <paramref name="successorIndex"/> with its phi operands. The terminator is the caller's business.</summary>
    public void RemoveEdge(Block from, int successorIndex)
    {
        Block to = Successors(from)[successorIndex];
        int predecessorIndex = PredecessorIndex(from, successorIndex);
        ListRemoveAt(ref _blocks[from.Id].Successors, successorIndex);
        ListRemoveAt(ref _blocks[to.Id].Predecessors, predecessorIndex);
        for (Value phi = _blocks[to.Id].First; !phi.IsNone && _instructions[phi.Id].Op == Op.Phi; phi = _instructions[phi.Id].Next)
        {
            ref Instruction instruction = ref _instructions[phi.Id];
            var list = new PoolList { Start = instruction.A.Id, Count = instruction.B.Id };
            ListRemoveAt(ref list, predecessorIndex);
            instruction.B = new Value(list.Count);
        }
    }

    /// <summary>Which predecessor of its target the successor edge number <paramref name="successorIndex"/> is. Of several edges
    /// between the same two blocks the n-th successor is the n-th predecessor.</summary>
    public int PredecessorIndex(Block from, int successorIndex)
    {
        ReadOnlySpan<Block> successors = Successors(from);
        Block to = successors[successorIndex];
        // Few ways lead to most blocks, and many leave a switch: the predecessors are looked at first.
        int only = OnlyIndex(Predecessors(to), from);
        if (only >= 0)
            return only;
        int nth = 0;
        for (int i = 0; i < successorIndex; i++)
        {
            if (successors[i] == to)
                nth++;
        }
        ReadOnlySpan<Block> predecessors = Predecessors(to);
        for (int i = 0; i < predecessors.Length; i++)
        {
            if (predecessors[i] == from && nth-- == 0)
                return i;
        }
        throw new InvalidOperationException($"{from} is no predecessor of {to}");
    }

    private static int OnlyIndex(ReadOnlySpan<Block> blocks, Block block)
    {
        int first = blocks.IndexOf(block);
        return first >= 0 && blocks[(first + 1)..].IndexOf(block) < 0 ? first : -1;
    }

    /// <summary>Sends the successor edge to another block without phis for it (add operands afterwards with <see cref="AddPhiOperand"/>).</summary>
    public void RedirectEdge(Block from, int successorIndex, Block to)
    {
        Block old = Successors(from)[successorIndex];
        int predecessorIndex = PredecessorIndex(from, successorIndex);
        ListRemoveAt(ref _blocks[old.Id].Predecessors, predecessorIndex);
        for (Value phi = _blocks[old.Id].First; !phi.IsNone && _instructions[phi.Id].Op == Op.Phi; phi = _instructions[phi.Id].Next)
        {
            ref Instruction instruction = ref _instructions[phi.Id];
            var list = new PoolList { Start = instruction.A.Id, Count = instruction.B.Id };
            ListRemoveAt(ref list, predecessorIndex);
            instruction.B = new Value(list.Count);
        }
        ListSpan(in _blocks[from.Id].Successors)[successorIndex] = to;
        ListAdd(ref _blocks[to.Id].Predecessors, from.Id);
        ReorderParallelEdges(from, to);
    }

    /// <summary>
    /// Gives a block other successors, in time that does not depend on how many there are of each. Blocks with phis must be in both lists,
    /// in the same order; their edges stay as they are.
    /// </summary>
    public void ReplaceSuccessors(Block from, ReadOnlySpan<Block> successors)
    {
        foreach (Block old in ListSpan(in _blocks[from.Id].Successors))
        {
            ref PoolList list = ref _blocks[old.Id].Predecessors;
            if (!StartsWithPhi(old) && list.Count > 0 && ListSpan(in list).Contains(from))
                ListRemoveAll(ref list, from.Id);
        }
        PoolList made = default;
        foreach (Block successor in successors)
        {
            ListAdd(ref made, successor.Id);
            if (!StartsWithPhi(successor))
                ListAdd(ref _blocks[successor.Id].Predecessors, from.Id);
        }
        _blocks[from.Id].Successors = made;
    }

    private bool StartsWithPhi(Block block) => !_blocks[block.Id].First.IsNone && _instructions[_blocks[block.Id].First.Id].Op == Op.Phi;

    private void ListRemoveAll(ref PoolList list, int item)
    {
        Span<int> items = _pool.Span.Slice(list.Start, list.Count);
        int kept = 0;
        foreach (int i in items)
        {
            if (i != item)
                items[kept++] = i;
        }
        list.Count = kept;
    }

    /// <summary>Makes <paramref name="newFrom"/> the predecessor where <paramref name="oldFrom"/> was, phi operands unchanged:
    /// for moving a terminator with all its edges to another block.</summary>
    public void MoveSuccessors(Block oldFrom, Block newFrom)
    {
        ref BlockData source = ref _blocks[oldFrom.Id];
        foreach (Block to in ListSpan(in source.Successors))
        {
            foreach (ref Block predecessor in ListSpan(in _blocks[to.Id].Predecessors))
            {
                if (predecessor == oldFrom)
                    predecessor = newFrom;
            }
        }
        _blocks[newFrom.Id].Successors = source.Successors;
        source.Successors = default;
    }

    /// <summary>Puts a new block in the middle of an edge, ending in a Branch; phis of the target keep their operands.</summary>
    public Block SplitEdge(Block from, int successorIndex)
    {
        Block to = Successors(from)[successorIndex];
        int predecessorIndex = PredecessorIndex(from, successorIndex);
        Block middle = NewBlock();
        _blocks[middle.Id].Frequency = Math.Min(_blocks[from.Id].Frequency, _blocks[to.Id].Frequency);
        ListSpan(in _blocks[from.Id].Successors)[successorIndex] = middle;
        ListAdd(ref _blocks[middle.Id].Predecessors, from.Id);
        ListAdd(ref _blocks[middle.Id].Successors, to.Id);
        ListSpan(in _blocks[to.Id].Predecessors)[predecessorIndex] = middle;
        Append(middle, New(Op.Branch, IrType.Void));
        return middle;
    }

    // With parallel edges (both arms of a branch to one block) the n-th successor must be the n-th predecessor. A redirected edge
    // comes last among the predecessors; phi operands are added afterwards, so that only fresh edges can be out of step: refuse.
    private void ReorderParallelEdges(Block from, Block to)
    {
        int edges = 0;
        foreach (Block successor in Successors(from))
        {
            if (successor == to)
                edges++;
        }
        if (edges > 1 && !_blocks[to.Id].First.IsNone && _instructions[_blocks[to.Id].First.Id].Op == Op.Phi && Successors(from)[^1] != to)
            throw new InvalidOperationException("redirecting an edge beside a parallel one into a block with phis");
    }
}
