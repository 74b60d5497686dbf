using System.Numerics;
using Kiln.Base;
using Kiln.IR;

namespace Kiln.Optimizer;

/// <summary>
/// Cuts copies and fills of whole records into scalar loads and stores where one side is a stack slot that promotion could take apart. How a
/// slot is cut is told by the scalar accesses to it, and by those to the slots it is copied from and to; what no scalar access names is
/// copied in integers of up to eight bytes.
///
/// Needs: the verifier's law. Keeps: the CFG. A copy of a memory place to itself stays right: all pieces are read before the first is written.
/// Leaves out: copies of more than <see cref="MaximumPieces"/> pieces.
/// </summary>
public sealed class CopySplitting
{
    private const int MaximumPieces = 24;
    private const int MaximumBytes = 512;
    private const int MaximumRounds = 8;

    private readonly GrowBuffer<Copy> _copies = new(16);
    private readonly GrowBuffer<Piece> _pieces = new(32);
    private readonly GrowBuffer<Piece> _shapes = new(64);
    private readonly GrowBuffer<Value> _loaded = new(32);
    private bool[] _isWhole = [];
    private int[] _firstShape = [];
    private int[] _shapeCount = [];
    private Function _function = null!;

    // A MemoryCopy, MemoryMove or MemorySet; slots are 0 where the side is no candidate.
    private struct Copy
    {
        public Value Instruction;
        public int To;
        public int ToOffset;
        public int From;
        public int FromOffset;
        public int Size;
    }

    // A range of a slot, or of a copy; shapes of one slot are linked by Next.
    private struct Piece
    {
        public int Offset;
        public int Size;
        public IrType Type;
        public int Next;
    }

    /// <summary>Splits what can be split; tells whether anything was.</summary>
    public bool Run(Function function)
    {
        if (function.SlotCount <= 1 || (function.Flags & (FunctionFlags.CallsReturnsTwice | FunctionFlags.HasNonLocalEntries)) != 0)
            return false;
        _function = function;
        bool changed = Collect() && Split();
        _function = null!;
        return changed;
    }

    private bool Collect()
    {
        _copies.Clear();
        _shapes.Clear();
        _shapes.AddDefault(1);
        int slots = _function.SlotCount;
        if (_isWhole.Length < slots)
        {
            _isWhole = new bool[slots * 2];
            _firstShape = new int[slots * 2];
            _shapeCount = new int[slots * 2];
        }
        _firstShape.AsSpan(0, slots).Clear();
        _shapeCount.AsSpan(0, slots).Clear();
        for (int i = 1; i < slots; i++)
            _isWhole[i] = _function[new StackSlot(i)] is not { IsPinned: true } and { Size: <= MaximumBytes };
        for (int b = 1; b < _function.BlockCount; b++)
        {
            for (Value v = _function[new Block(b)].First; !v.IsNone; v = _function[v].Next)
                Collect(v);
        }
        return _copies.Count > 0;
    }

    private void Collect(Value v)
    {
        ref Instruction instruction = ref _function[v];
        switch (instruction.Op)
        {
            case Op.PointerAdd:
                if (_function.OpOf(instruction.B) != Op.Constant)
                    Escape(instruction.A);
                return;
            case Op.DebugValue:
                return;
            case Op.Load or Op.Store:
                IrType type = instruction.Op == Op.Load ? instruction.Type : _function.TypeOf(instruction.B);
                if (instruction.Op == Op.Store)
                    Escape(instruction.B);
                if (!MemoryAccess.Unpack(instruction.Aux).IsSimple || !Place(instruction.A, type.Size, out int slot, out int offset))
                    Escape(instruction.A);
                else
                    AddShape(slot, offset, type);
                return;
            case Op.MemoryCopy or Op.MemoryMove or Op.MemorySet:
                CollectCopy(v);
                return;
        }
        foreach (Value operand in _function.Operands(v))
        {
            if (!operand.IsNone)
                Escape(operand);
        }
    }

    private void CollectCopy(Value v)
    {
        ref Instruction instruction = ref _function[v];
        bool isSet = instruction.Op == Op.MemorySet;
        Value to = instruction.A, from = instruction.B;
        if (!MemoryAccess.Unpack(instruction.Aux).IsSimple || _function.OpOf(instruction.C) != Op.Constant || _function[instruction.C].Aux is <= 0 or > MaximumBytes
            || isSet && _function.OpOf(from) != Op.Constant)
        {
            Escape(to);
            if (!isSet)
                Escape(from);
            return;
        }
        var copy = new Copy { Instruction = v, Size = (int)_function[instruction.C].Aux };
        if (!Place(to, copy.Size, out copy.To, out copy.ToOffset))
            Escape(to);
        if (!isSet && !Place(from, copy.Size, out copy.From, out copy.FromOffset))
            Escape(from);
        if (copy.To == copy.From && copy.To != 0)
        {
            Escape(to);
            return;
        }
        if (copy.To != 0 || copy.From != 0)
            _copies.Add(copy);
    }

    private void Escape(Value pointer)
    {
        while (_function.OpOf(pointer) == Op.PointerAdd)
            pointer = _function[pointer].A;
        if (_function.OpOf(pointer) == Op.SlotAddress)
            _isWhole[_function[pointer].A.Id] = false;
    }

    private bool Place(Value pointer, int size, out int slot, out int offset)
    {
        long at = 0;
        while (_function.OpOf(pointer) == Op.PointerAdd && _function.OpOf(_function[pointer].B) == Op.Constant)
        {
            at += _function[_function[pointer].B].Aux;
            pointer = _function[pointer].A;
        }
        slot = _function.OpOf(pointer) == Op.SlotAddress ? _function[pointer].A.Id : 0;
        offset = (int)at;
        if (slot != 0 && at >= 0 && at + size <= _function[new StackSlot(slot)].Size)
            return true;
        slot = 0;
        return false;
    }

    private bool AddShape(int slot, int offset, IrType type)
    {
        int size = type.Size;
        for (int i = _firstShape[slot]; i != 0; i = _shapes[i].Next)
        {
            if (_shapes[i].Offset == offset && _shapes[i].Size == size)
                return false;
        }
        if (_shapeCount[slot]++ >= MaximumPieces * 4)
        {
            _isWhole[slot] = false;
            return false;
        }
        _firstShape[slot] = _shapes.Add(new Piece { Offset = offset, Size = size, Type = type, Next = _firstShape[slot] });
        return true;
    }

    private bool Split()
    {
        // Shapes of scalar accesses first, through chains of copies; what is left over is cut only then.
        foreach (bool fillsGaps in (ReadOnlySpan<bool>)[false, true])
        {
            bool again = true;
            for (int round = 0; again && round < MaximumRounds; round++)
            {
                again = false;
                for (int i = 0; i < _copies.Count; i++)
                    again |= Spread(_copies[i], fillsGaps);
            }
        }
        bool changed = false;
        foreach (Copy copy in _copies.Span)
        {
            if (IsCandidate(copy.To) || IsCandidate(copy.From))
            {
                Cut(copy, true);
                if (_pieces.Count > MaximumPieces)
                    continue;
                Rewrite(copy);
                changed = true;
            }
        }
        return changed;
    }

    private bool IsCandidate(int slot) => slot != 0 && _isWhole[slot];

    private bool Spread(in Copy copy, bool fillsGaps)
    {
        if (!IsCandidate(copy.To) && !IsCandidate(copy.From))
            return false;
        Cut(copy, fillsGaps);
        if (_pieces.Count > MaximumPieces)
        {
            _isWhole[copy.To] = _isWhole[copy.From] = false;
            return true;
        }
        bool changed = false;
        foreach (Piece piece in _pieces.Span)
        {
            if (IsCandidate(copy.To))
                changed |= AddShape(copy.To, copy.ToOffset + piece.Offset, piece.Type);
            if (IsCandidate(copy.From))
                changed |= AddShape(copy.From, copy.FromOffset + piece.Offset, piece.Type);
        }
        return changed;
    }

    // The pieces of a copy, in order: shapes of either side that nothing overlaps, or that cover what overlaps them; integers elsewhere.
    private void Cut(in Copy copy, bool fillsGaps)
    {
        _pieces.Clear();
        if (IsCandidate(copy.To))
            AddPieces(copy.To, copy.ToOffset, copy.Size);
        if (IsCandidate(copy.From))
            AddPieces(copy.From, copy.FromOffset, copy.Size);
        Span<Piece> found = _pieces.Span;
        // By offset, the larger first: a few, nearly in order.
        for (int i = 1; i < found.Length; i++)
        {
            Piece moving = found[i];
            int at = i;
            for (; at > 0 && (found[at - 1].Offset > moving.Offset || found[at - 1].Offset == moving.Offset && found[at - 1].Size < moving.Size); at--)
                found[at] = found[at - 1];
            found[at] = moving;
        }
        int count = found.Length, end = 0;
        for (int i = 0; i < count;)
        {
            Piece first = _pieces[i];
            int clusterEnd = first.Offset + first.Size;
            for (i++; i < count && _pieces[i].Offset < clusterEnd; i++)
                clusterEnd = Math.Max(clusterEnd, _pieces[i].Offset + _pieces[i].Size);
            if (fillsGaps)
                AddIntegers(end, first.Offset);
            end = clusterEnd;
            if (first.Offset + first.Size == clusterEnd)
                _pieces.Add(first);
            else
                AddIntegers(first.Offset, clusterEnd);
            if (_pieces.Count - count > MaximumPieces)
                break;
        }
        if (fillsGaps)
            AddIntegers(end, copy.Size);
        _pieces.Span[count..].CopyTo(_pieces.Span);
        _pieces.Truncate(_pieces.Count - count);
    }

    private void AddPieces(int slot, int offset, int size)
    {
        for (int i = _firstShape[slot]; i != 0; i = _shapes[i].Next)
        {
            Piece shape = _shapes[i];
            shape.Offset -= offset;
            if (shape.Offset >= 0 && shape.Offset + shape.Size <= size)
                _pieces.Add(shape);
        }
    }

    private void AddIntegers(int from, int to)
    {
        while (from < to)
        {
            int size = Math.Min(8, from == 0 ? 8 : from & -from);
            while (size > to - from)
                size /= 2;
            _pieces.Add(new Piece { Offset = from, Size = size, Type = IrType.Integer(size * 8) });
            from += size;
        }
    }

    private void Rewrite(in Copy copy)
    {
        Value v = copy.Instruction;
        Value to = _function[v].A, from = _function[v].B;
        MemoryAccess access = MemoryAccess.Unpack(_function[v].Aux);
        bool isSet = _function.OpOf(v) == Op.MemorySet;
        _loaded.Clear();
        foreach (Piece piece in _pieces.Span)
        {
            if (isSet)
            {
                _loaded.Add(Filled(piece.Type, (byte)_function[from].Aux));
                continue;
            }
            Value load = _function.New(Op.Load, piece.Type, Address(v, from, piece.Offset), default, default, At(access, piece.Offset), _function[v].Location);
            _loaded.Add(_function.InsertBefore(v, load));
        }
        for (int i = 0; i < _pieces.Count; i++)
        {
            Value store = _function.New(Op.Store, IrType.Void, Address(v, to, _pieces[i].Offset), _loaded[i], default, At(access, _pieces[i].Offset),
                _function[v].Location);
            _function.InsertBefore(v, store);
        }
        _function.Remove(v);
    }

    private static long At(MemoryAccess access, int offset) =>
        (access with { AlignmentLog2 = offset == 0 ? access.AlignmentLog2 : (byte)Math.Min(access.AlignmentLog2, BitOperations.TrailingZeroCount(offset)) }).Pack();

    private Value Address(Value before, Value pointer, int offset)
    {
        if (offset == 0)
            return pointer;
        Value address = _function.New(Op.PointerAdd, IrType.Pointer, pointer, _function.Constant(IrType.I64, (long)offset), default, 0, _function[before].Location);
        _function[address].Flags = InstructionFlags.InBounds;
        return _function.InsertBefore(before, address);
    }

    // The constant whose bytes are all alike.
    private Value Filled(IrType type, byte value)
    {
        if (type.IsVector)
        {
            Span<byte> bytes = stackalloc byte[64];
            bytes.Fill(value);
            return _function.VectorConstant(type, bytes[..type.Size]);
        }
        UInt128 bits = value * (UInt128.MaxValue / 255);
        bits = ScalarEvaluator.Cut(type, bits);
        return type.IsFloat ? _function.FloatConstant(type, bits) : _function.Constant(type, bits);
    }
}
