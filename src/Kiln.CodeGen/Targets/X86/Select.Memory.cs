using System.Numerics;
using Kiln.CodeGen.Machine;
using Kiln.IR;
using Kiln.Target;
using M = Kiln.Isa.X86.Mnemonic;

namespace Kiln.CodeGen.Targets.X86;

// Addresses, loads and stores. An address in the IR is a tree of sums; MatchAddress takes from it what one memory operand can
// say: base + index * scale + displacement, a stack slot, a symbol relative to rip, a thread-local symbol relative to fs.
public sealed partial class X86Target
{
    /// <summary>An address's parts while it is matched, still as values.</summary>
    private struct AddressParts
    {
        public Value Base;
        public Value Index;
        public byte Scale;
        public long Displacement;
        public StackSlot Slot;
        public Symbol Symbol;
        public bool IsThreadLocal;

        public readonly bool HasBase => !Base.IsNone || !Slot.IsNone || !Symbol.IsNone;
    }

    /// <summary>The memory operand for the address that a value is.</summary>
    private Address AddressOf(Value pointer)
    {
        var parts = new AddressParts { Scale = 1 };
        Match(pointer, ref parts, 0, true);
        return Realize(ref parts);
    }

    /// <summary>The memory operand of a load that is folded into its user.</summary>
    private Address MemoryOf(Value load)
    {
        return AddressOf(_f[load].A);
    }

    // A sum of 32 or 64 bits as lea computes it.
    private bool MatchSum(Value v, ref AddressParts parts, int size)
    {
        parts.Scale = 1;
        Value a = _f[v].A, b = _f[v].B;
        if (IsConstant(b) && !FitsDisplacement(_f[b].Aux, size))
            return false;
        return MatchOperands(a, b, ref parts, 0, size == 8, size);
    }

    private static bool FitsDisplacement(long value, int size) => size == 4 || value == (int)value;

    private bool Match(Value v, ref AddressParts parts, int depth, bool wide)
    {
        switch (_f.OpOf(v))
        {
            case Op.SlotAddress when !parts.HasBase:
                parts.Slot = new StackSlot(_f[v].A.Id);
                return true;
            case Op.SymbolAddress when !parts.HasBase && CanAddressDirectly(v, ref parts):
                parts.Symbol = new Symbol(_f[v].A.Id);
                parts.Displacement += _f[v].Aux;
                return true;
            case Op.Constant when depth > 0 || !parts.HasBase:
                {
                    long sum = parts.Displacement + _f[v].Aux;
                    if (sum != (int)sum)
                        break;
                    parts.Displacement = sum;
                    return true;
                }
            case Op.PointerAdd when MayLookThrough(v):
            case Op.Add when _f.TypeOf(v).LaneBits == 64 && MayLookThrough(v) && depth < 6:
                {
                    AddressParts saved = parts;
                    if (MatchOperands(_f[v].A, _f[v].B, ref parts, depth + 1, wide, 8))
                        return true;
                    parts = saved;
                    break;
                }
        }
        if (!parts.HasBase)
        {
            parts.Base = v;
            return true;
        }
        return MatchIndex(v, ref parts, depth);
    }

    private bool MatchOperands(Value a, Value b, ref AddressParts parts, int depth, bool wide, int size)
    {
        if (depth > 6)
            return false;
        if (IsConstant(b))
        {
            long sum = parts.Displacement + _f[b].Aux;
            if (size == 4)
                sum = (int)sum;
            if (sum != (int)sum)
                return false;
            parts.Displacement = sum;
            if (size == 4)
            {
                if (parts.Base.IsNone && MatchScaled(a, ref parts, size))
                    return true;
                parts.Base = a;
                return true;
            }
            return Match(a, ref parts, depth, wide);
        }
        if (size == 4)
        {
            // 32 bits: base + scaled index + constant, one level down.
            if (!MatchScaled(b, ref parts, size))
            {
                if (MatchScaled(a, ref parts, size))
                {
                    (a, b) = (b, a);
                }
                else
                {
                    parts.Index = b;
                    parts.Scale = 1;
                }
            }
            if (_f.OpOf(a) == Op.Add && IsConstant(_f[a].B) && IsCovered(a))
            {
                parts.Displacement = (int)(parts.Displacement + _f[_f[a].B].Aux);
                a = _f[a].A;
            }
            parts.Base = a;
            return true;
        }
        if (!parts.HasBase && parts.Index.IsNone)
        {
            // What can be scaled is the index; the other side is searched further for a base and constants.
            if (MatchScaled(b, ref parts, 8) && Match(a, ref parts, depth, wide))
                return true;
            if (!parts.Index.IsNone)
                return false;
            if (_f.OpOf(a) is not (Op.SlotAddress or Op.SymbolAddress) && MatchScaled(a, ref parts, 8))
                return Match(b, ref parts, depth, wide);
            return Match(a, ref parts, depth, wide) && Match(b, ref parts, depth, wide);
        }
        return Match(a, ref parts, depth, wide) && Match(b, ref parts, depth, wide);
    }

    // x << 1..3, x * 2, 4, 8, and with no base yet x * 3, 5, 9.
    private bool MatchScaled(Value v, ref AddressParts parts, int size)
    {
        if (!parts.Index.IsNone || _f.TypeOf(v).LaneBits != size * 8 || !MayLookThrough(v))
            return false;
        Op op = _f.OpOf(v);
        if (op is not (Op.ShiftLeft or Op.Mul) || !IsConstant(_f[v].B))
            return false;
        long constant = _f[_f[v].B].Aux;
        long scale = op == Op.ShiftLeft ? constant is >= 1 and <= 3 ? 1L << (int)constant : 0 : constant;
        if (scale is not (2 or 4 or 8))
            return false;
        Value index = _f[v].A;
        // (x + c) * scale: the constant goes to the displacement.
        if (size == 8 && _f.OpOf(index) == Op.Add && IsConstant(_f[index].B) && MayLookThrough(index))
        {
            long sum = parts.Displacement + _f[_f[index].B].Aux * scale;
            if (_f[_f[index].B].Aux == (int)_f[_f[index].B].Aux && sum == (int)sum)
            {
                parts.Displacement = sum;
                index = _f[index].A;
            }
        }
        parts.Index = index;
        parts.Scale = (byte)scale;
        return true;
    }

    private bool MatchIndex(Value v, ref AddressParts parts, int depth)
    {
        if (!parts.Index.IsNone)
            return false;
        if (MatchScaled(v, ref parts, 8))
            return true;
        if (_f.OpOf(v) == Op.Add && _f.TypeOf(v).LaneBits == 64 && IsConstant(_f[v].B) && MayLookThrough(v))
        {
            long sum = parts.Displacement + _f[_f[v].B].Aux;
            if (sum == (int)sum)
            {
                parts.Displacement = sum;
                parts.Index = _f[v].A;
                parts.Scale = 1;
                return true;
            }
        }
        parts.Index = v;
        parts.Scale = 1;
        return true;
    }

    // Whether the operands of an address's part are used in place of it: always where it is done once, here; else where only a
    // constant is added (its own register may then not be needed at all), or only addresses use it.
    private bool MayLookThrough(Value v)
    {
        if (_f[v].Block.IsNone)
            return false;
        if (Uses(v) == 1)
            return _f[v].Block == CurrentBlock || (_f.OpOf(v) is Op.PointerAdd && IsConstant(_f[v].B));
        if (!_optimize)
            return false;
        return _f.OpOf(v) is Op.PointerAdd or Op.Add && IsConstant(_f[v].B)
            || (_addressUses[v.Id] == Uses(v) && _f[v].Block == CurrentBlock && Uses(v) <= 4);
    }

    // A symbol in the address itself: relative to rip without registers; absolute with registers where code is not moved. One that is
    // loaded from the global offset table is the base register, and offsets are added where the memory is.
    private bool CanAddressDirectly(Value v, ref AddressParts parts)
    {
        Symbol symbol = new(_f[v].A.Id);
        long offset = parts.Displacement + _f[v].Aux;
        if (offset is < -0x1000000 or > 0x1000000)
            return false;
        switch (ReferenceOf(symbol))
        {
            case SymbolReference.Absolute:
                return true;
            case SymbolReference.RipRelative:
                return true;
            case SymbolReference.Got:
                return true;
            case SymbolReference.ThreadLocalExec:
                parts.IsThreadLocal = true;
                return true;
            default:
                return false;
        }
    }

    /// <summary>Makes the operand of the parts: requests their registers.</summary>
    private Address Realize(ref AddressParts parts)
    {
        var address = new Address { Displacement = parts.Displacement, Scale = Math.Max((byte)1, parts.Scale) };
        if (!parts.Symbol.IsNone)
        {
            SymbolReference reference = ReferenceOf(parts.Symbol);
            address.Space = SymbolSpace.Module;
            address.Symbol = parts.Symbol.Id;
            if (reference == SymbolReference.ThreadLocalExec)
            {
                address.Modifier = X86Modifier.TpOff;
                address.Segment = Regs.Fs;
                address.IsAbsolute = true;
            }
            else if (reference == SymbolReference.RipRelative)
            {
                if (parts.Index.IsNone && parts.Base.IsNone)
                    return address;
                Reg symbol = NewReg(8);
                var place = new Address { Scale = 1, Space = SymbolSpace.Module, Symbol = parts.Symbol.Id };
                Emit(M.Lea, 8, symbol, place, default, MachineFlags.Rematerializable);
                address.Space = SymbolSpace.None;
                address.Symbol = 0;
                address.Base = symbol;
            }
            else if (reference == SymbolReference.Got)
            {
                Reg entry = NewReg(8);
                Emit(M.Mov, 8, entry, GotAddress(parts.Symbol), default, MachineFlags.Rematerializable);
                address.Space = SymbolSpace.None;
                address.Symbol = 0;
                address.Base = entry;
            }
        }
        else if (!parts.Slot.IsNone)
        {
            address.Slot = parts.Slot.Id;
        }
        if (!parts.Base.IsNone)
        {
            if (IsConstant(parts.Base) && _f[parts.Base].Aux == 0 && !parts.Index.IsNone)
                address.Base = default;
            else
                address.Base = Use(parts.Base);
        }
        if (!parts.Index.IsNone)
        {
            address.Index = Use(parts.Index);
            if (address.Scale == 1 && address.Base.IsNone && address.Slot == 0 && address.Symbol == 0)
            {
                address.Base = address.Index;
                address.Index = default;
            }
        }
        return address;
    }

    private void SelectPointerAdd(Value v)
    {
        var parts = new AddressParts { Scale = 1 };
        Reg d = Def(v);
        if (IsConstant(_f[v].B) && _f[_f[v].B].Aux != (int)_f[_f[v].B].Aux)
        {
            Reg far = Use(_f[v].A);
            Reg offset = Constant64(_f[_f[v].B].Aux, 8);
            Copy(d, far);
            Emit(M.Add, 8, d, offset);
            return;
        }
        if (!MatchOperands(_f[v].A, _f[v].B, ref parts, 0, true, 8))
        {
            Reg left = Use(_f[v].A);
            Arg right = Source(_f[v].B, 8);
            Copy(d, left);
            Emit(M.Add, 8, d, right);
            return;
        }
        EmitAddress(d, ref parts);
    }

    // The cheapest instruction for an address: mov, add or lea.
    private void EmitAddress(Reg d, ref AddressParts parts)
    {
        if (parts.IsThreadLocal)
        {
            Reg thread = NewReg(8);
            Emit(M.Mov, 8, thread, new Address { Segment = Regs.Fs, Scale = 1 });
            Address offset = Realize(ref parts);
            offset.Segment = 0;
            if (offset.Base.IsNone)
            {
                offset.Base = thread;
            }
            else if (offset.Index.IsNone)
            {
                offset.Index = thread;
            }
            else
            {
                Reg sum = NewReg(8);
                Copy(sum, thread);
                Emit(M.Add, 8, sum, offset.Base);
                offset.Base = sum;
            }
            Emit(M.Lea, 8, d, offset);
            return;
        }
        bool single = !parts.Base.IsNone && DiesHere(parts.Base);
        Value baseValue = parts.Base, indexValue = parts.Index;
        Address address = Realize(ref parts);
        if (address.Slot == 0 && address.Symbol == 0 && !address.Base.IsNone)
        {
            if (address.Index.IsNone && (single || address.Displacement == 0 || !_optimize))
            {
                Copy(d, address.Base);
                if (address.Displacement != 0)
                    Emit(M.Add, 8, d, Arg.Imm(address.Displacement));
                return;
            }
            if (!address.Index.IsNone && address.Scale == 1 && address.Displacement == 0
                && (!_optimize || (!baseValue.IsNone && DiesHere(baseValue)) || (!indexValue.IsNone && DiesHere(indexValue))))
            {
                bool keepIndex = !indexValue.IsNone && DiesHere(indexValue) && !(!baseValue.IsNone && DiesHere(baseValue));
                Copy(d, keepIndex ? address.Index : address.Base);
                Emit(M.Add, 8, d, keepIndex ? address.Base : address.Index);
                return;
            }
        }
        Emit(M.Lea, 8, d, address);
    }

    // Loads

    /// <summary>Whether a value is a load of this many bytes that the instruction being selected can take as a memory operand: done once,
    /// in this block, with no write to memory between it and here.</summary>
    private bool CanFoldLoad(Value v, int bytes)
    {
        if (_f.OpOf(v) != Op.Load || !IsCovered(v))
            return false;
        ref Instruction load = ref _f[v];
        return load.Type.Size == bytes && load.Type != IrType.F80;
    }

    private void SelectLoad(Value v)
    {
        IrType type = _f[v].Type;
        if (type == IrType.F80)
        {
            _ = SelectX87(v);
            return;
        }
        Reg d = Def(v);
        Address address = AddressOf(_f[v].A);
        EmitLoad(d, address, type, _f[v].Aux);
    }

    private void EmitLoad(Reg d, Address address, IrType type, long access = 0)
    {
        if (type.IsVector || type.IsFloat)
        {
            EmitVectorLoad(d, address, type.Size, type, MemoryAccess.Unpack(access).AlignmentLog2);
            return;
        }
        EmitLoadZero(d, address, type.Size);
    }

    private void EmitLoadZero(Reg d, Address address, int bytes)
    {
        if (bytes < 4)
            Emit(M.Movzx, 4, d, address.OfSize(bytes));
        else
            Emit(M.Mov, bytes, d, address.OfSize(bytes));
    }

    // Stores

    private void SelectStore(Value v)
    {
        Value pointer = _f[v].A, value = _f[v].B;
        IrType type = _f.TypeOf(value);
        MemoryAccess access = MemoryAccess.Unpack(_f[v].Aux);
        if (access.Order == MemoryOrder.SequentiallyConsistent)
        {
            SelectAtomicStore(v);
            return;
        }
        if (type == IrType.F80)
        {
            SelectX87Store(v);
            return;
        }
        if (type.IsVector || type.IsFloat)
        {
            SelectVectorStore(v, pointer, value, type, access);
            return;
        }
        int bytes = type.Size;
        if (TryUpdateMemory(v, pointer, value, type, bytes))
            return;
        if (TryImmediateStore(pointer, value, bytes))
            return;
        // The low part of something wider needs no truncation of its own.
        if (_f.OpOf(value) == Op.Truncate && IsCovered(value) && type != IrType.I1)
        {
            value = _f[value].A;
        }
        if (TryStoreFlag(pointer, value, type))
            return;
        Reg source = Use(value);
        Address address = AddressOf(pointer);
        Emit(M.Mov, bytes, address.OfSize(bytes), source);
    }

    private bool TryImmediateStore(Value pointer, Value value, int bytes)
    {
        long constant;
        if (IsConstant(value))
            constant = _f[value].Aux;
        else if (_f.OpOf(value) == Op.SymbolAddress && ReferenceOf(new Symbol(_f[value].A.Id)) == SymbolReference.Absolute)
        {
            Address place = AddressOf(pointer);
            Emit(M.Mov, 8, place.OfSize(8), Arg.Sym(new Symbol(_f[value].A.Id), _f[value].Aux));
            return true;
        }
        else
            return false;
        if (constant != (int)constant)
            return false;
        if (bytes < 4)
            constant &= (1L << bytes * 8) - 1;
        Address address = AddressOf(pointer);
        Emit(M.Mov, bytes, address.OfSize(bytes), Arg.Imm(constant));
        return true;
    }

    // A comparison stored as a byte: setcc to memory.
    private bool TryStoreFlag(Value pointer, Value value, IrType type)
    {
        if (type.Size != 1 || !_optimize)
            return false;
        Value test = value;
        if (_f.OpOf(test) == Op.ZeroExtend && IsCovered(test) && _f.TypeOf(_f[test].A) == IrType.I1)
            test = _f[test].A;
        if (_f.OpOf(test) != Op.Compare || !IsCovered(test) || !IsScalarCompare(test))
            return false;
        Address address = AddressOf(pointer);
        Condition condition = EmitCompareOf(test);
        Emit(Set(condition), 1, address.OfSize(1));
        return true;
    }

    // *p = *p op x as one instruction on memory.
    private bool TryUpdateMemory(Value store, Value pointer, Value value, IrType type, int bytes)
    {
        Value outer = value;
        if (_f.OpOf(value) == Op.Truncate && IsCovered(value) && _f.TypeOf(_f[value].A).LaneBits is 32 or 64 && type != IrType.I1)
            value = _f[value].A;
        Op op = _f.OpOf(value);
        if (type == IrType.I1 || !IsCovered(value))
            return false;
        if (op is not (Op.Add or Op.Sub or Op.And or Op.Or or Op.Xor or Op.ShiftLeft or Op.ShiftRightSigned or Op.ShiftRightUnsigned))
            return false;
        Value a = _f[value].A, b = _f[value].B;
        bool widened = value != outer;
        bool shiftRight = op is Op.ShiftRightSigned or Op.ShiftRightUnsigned;
        if (widened && (shiftRight || op == Op.ShiftLeft))
            return false;
        Value load = MemoryUnder(a, widened);
        if (load.IsNone || !CanUpdate(load, pointer, bytes))
        {
            if (!OpInfo.IsCommutative(op))
                return false;
            load = MemoryUnder(b, widened);
            if (load.IsNone || !CanUpdate(load, pointer, bytes))
                return false;
            (a, b) = (b, a);
        }
        bool isShift = op is Op.ShiftLeft || shiftRight;
        if (isShift && !IsConstant(b))
            return false;
        if (MemoryAccess.Unpack(_f[load].Aux) is var access && !access.IsSimple)
            return false;
        if (isShift)
        {
            Address shifted = AddressOf(pointer);
            int count = (int)_f[b].Aux & (bytes * 8 - 1);
            if (count != 0)
                Emit(op == Op.ShiftLeft ? M.Shl : op == Op.ShiftRightSigned ? M.Sar : M.Shr, bytes, shifted.OfSize(bytes), Arg.Imm(count));
            return true;
        }
        M mnemonic = op switch { Op.Add => M.Add, Op.Sub => M.Sub, Op.And => M.And, Op.Or => M.Or, _ => M.Xor };
        if (op == Op.Xor && IsConstant(b) && _f[b].Aux == -1)
        {
            Address inverted = AddressOf(pointer);
            Emit(M.Not, bytes, inverted.OfSize(bytes));
            return true;
        }
        Arg operand;
        if (IsConstant(b) && _f[b].Aux == (int)_f[b].Aux)
        {
            long constant = _f[b].Aux;
            if (op == Op.Add && bytes > 1 && constant == 128)
                (mnemonic, constant) = (M.Sub, -128);
            operand = Arg.Imm(bytes == 1 ? (sbyte)constant : bytes == 2 ? (short)constant : constant);
        }
        else
        {
            operand = Use(b);
        }
        Address address = AddressOf(pointer);
        Emit(mnemonic, bytes, address.OfSize(bytes), operand);
        return true;
    }

    // The load under an operand, through the extension that C's promotions put around it.
    private Value MemoryUnder(Value v, bool widened)
    {
        if (_f.OpOf(v) == Op.Load)
            return v;
        if (widened && _f.OpOf(v) is Op.ZeroExtend or Op.SignExtend && IsCovered(v) && _f.OpOf(_f[v].A) == Op.Load)
            return _f[v].A;
        return default;
    }

    private bool CanUpdate(Value load, Value pointer, int bytes) =>
        CanFoldLoad(load, bytes) && SameAddress(_f[load].A, pointer);

    private bool SameAddress(Value a, Value b)
    {
        if (a == b)
            return true;
        ref Instruction x = ref _f[a];
        ref Instruction y = ref _f[b];
        return x.Op == Op.PointerAdd && y.Op == Op.PointerAdd && x.A == y.A && x.B == y.B;
    }

    // Copies of memory

    private const int InlineLimit = 128;

    private void SelectMemoryCopy(Value v, bool mayOverlap)
    {
        Value to = _f[v].A, from = _f[v].B, count = _f[v].C;
        if (!IsConstant(count) || _f[count].Aux > InlineLimit || (mayOverlap && _f[count].Aux > 64))
        {
            Reg target3 = Use(to), source3 = Use(from), count3 = Use(count);
            EmitLibraryCall(mayOverlap ? "memmove" : "memcpy", [target3, source3, count3]);
            return;
        }
        int size = (int)_f[count].Aux;
        if (size == 0)
            return;
        Address target = AddressOf(to), source = AddressOf(from);
        if (mayOverlap)
            CopyThroughRegisters(target, source, size);
        else
            CopyBytes(target, source, size);
    }

    /// <summary>Copies bytes between places that do not overlap.</summary>
    private void CopyBytes(Address target, Address source, int size)
    {
        int at = 0;
        while (at < size)
        {
            int chunk = Chunk(size - at, at);
            int place = chunk > size - at ? size - chunk : at;
            Reg r = NewChunk(chunk);
            LoadChunk(r, source.Plus(place), chunk);
            StoreChunk(target.Plus(place), r, chunk);
            at = place + chunk;
        }
    }

    // All loads before all stores.
    private void CopyThroughRegisters(Address target, Address source, int size)
    {
        Span<Reg> registers = stackalloc Reg[16];
        Span<int> places = stackalloc int[16];
        Span<int> chunks = stackalloc int[16];
        int n = 0;
        for (int at = 0; at < size; n++)
        {
            int chunk = Chunk(size - at, at);
            int place = chunk > size - at ? size - chunk : at;
            registers[n] = NewChunk(chunk);
            places[n] = place;
            chunks[n] = chunk;
            LoadChunk(registers[n], source.Plus(place), chunk);
            at = place + chunk;
        }
        for (int i = 0; i < n; i++)
            StoreChunk(target.Plus(places[i]), registers[i], chunks[i]);
    }

    // The next piece of a copy; it may reach back over what is already done (a tail of 13 bytes: 8 and the last 8).
    private int Chunk(int left, int done)
    {
        int largest = _features.Sse2 ? 16 : 8;
        if (left >= largest)
            return largest;
        int covering = (int)BitOperations.RoundUpToPowerOf2((uint)left);
        if (covering <= largest && done >= covering - left)
            return covering;
        return 1 << BitOperations.Log2((uint)left);
    }

    private Reg NewChunk(int size) => size == 16 ? NewVector(16) : NewReg(size);

    private void LoadChunk(Reg r, Address address, int size)
    {
        if (size == 16)
            Emit(M.Movups, 16, r, address.OfSize(16));
        else
            EmitLoadZero(r, address, size);
    }

    private void StoreChunk(Address address, Reg r, int size)
    {
        if (size == 16)
            Emit(M.Movups, 16, address.OfSize(16), r);
        else
            Emit(M.Mov, size, address.OfSize(size), r);
    }

    private void SelectMemorySet(Value v)
    {
        Value to = _f[v].A, value = _f[v].B, count = _f[v].C;
        if (!IsConstant(count) || _f[count].Aux > InlineLimit || (!IsConstant(value) && _f[count].Aux > 32))
        {
            Reg pointer = Use(to), fill = Use(value), length = Use(count);
            EmitLibraryCall("memset", [pointer, fill, length]);
            return;
        }
        int size = (int)_f[count].Aux;
        if (size == 0)
            return;
        if (IsConstant(value))
        {
            SetToConstant(AddressOf(to), (byte)_f[value].Aux, size);
            return;
        }
        // The byte times 0x01..01.
        Reg wide = NewReg(8);
        EmitExtension(wide, Use(value), 1, false, 4);
        if (size > 1)
        {
            Reg product = NewReg(8);
            if (size <= 4)
                Emit(M.Imul, 4, product, wide, Arg.Imm(0x01010101));
            else
            {
                Copy(product, wide);
                Emit(M.Imul, 8, product, Constant64(0x0101010101010101, 8));
            }
            wide = product;
        }
        Address address = AddressOf(to);
        for (int at = 0; at < size;)
        {
            int left = size - at;
            int chunk = left >= 8 ? 8 : at > 0 ? Math.Min(8, (int)BitOperations.RoundUpToPowerOf2((uint)left)) : 1 << BitOperations.Log2((uint)left);
            int place = chunk > left ? size - chunk : at;
            Emit(M.Mov, chunk, address.Plus(place).OfSize(chunk), wide);
            at = place + chunk;
        }
    }

    private void SetToConstant(Address address, byte fill, int size)
    {
        ulong pattern = fill * 0x0101010101010101UL;
        Reg vector = default, wide = default;
        for (int at = 0; at < size;)
        {
            int chunk = Chunk(size - at, at);
            int place = chunk > size - at ? size - chunk : at;
            Address to = address.Plus(place).OfSize(chunk);
            if (chunk == 16)
            {
                if (vector.IsNone)
                {
                    vector = NewVector(16);
                    EmitSplatConstant(vector, pattern);
                }
                Emit(M.Movups, 16, to, vector);
            }
            else if (chunk == 8 && (long)pattern != (int)pattern)
            {
                if (wide.IsNone)
                    wide = Constant64((long)pattern, 8);
                Emit(M.Mov, 8, to, wide);
            }
            else
            {
                Emit(M.Mov, chunk, to, Arg.Imm(chunk == 8 ? (long)pattern : chunk == 4 ? (int)(uint)pattern : (long)(pattern & (1UL << chunk * 8) - 1)));
            }
            at = place + chunk;
        }
    }

    private void EmitSplatConstant(Reg vector, ulong pattern)
    {
        if (pattern == 0)
        {
            EmitZeroVector(vector, 16);
            return;
        }
        if (pattern == ulong.MaxValue)
        {
            EmitOnesVector(vector, 16);
            return;
        }
        Emit(M.Movups, 16, vector, ConstantPair(pattern, pattern));
    }
}
