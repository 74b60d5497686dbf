using Kiln.CodeGen.Machine;
using Kiln.IR;
using M = Kiln.Isa.X86.Mnemonic;

namespace Kiln.CodeGen.Targets.X86;

// Vectors of 4, 8 and 16 bytes in xmm registers; those shorter than 16 lie in the low bytes, with nothing said of the rest. What has
// no instruction goes lane by lane (legalization), or through memory (lanes and shuffles without a pattern).
public sealed partial class X86Target
{
    // By the lane's bytes: 1, 2, 4, 8.
    private static int LaneIndex(IrType type) => type.LaneBits switch { 8 => 0, 16 => 1, 32 => 2, _ => 3 };

    private static bool IsFloatVector(IrType type) => type.Kind is ScalarKind.F32 or ScalarKind.F64;

    private bool IsLegalVector(Op op, IrType type, IrType operand)
    {
        IrType vector = operand.IsVector ? operand : type;
        if (ActionOf(vector) != TypeAction.Legal || (type.IsVector && ActionOf(type) != TypeAction.Legal))
            return false;
        int bits = vector.LaneBits;
        bool isFloat = IsFloatVector(vector);
        if (vector.Size == 32 && !_features.Avx2 && IsIntegerOnly(op, vector, type))
            return false;
        switch (op)
        {
            case Op.Add or Op.Sub or Op.And or Op.Or or Op.Xor:
                return !isFloat;
            case Op.Mul:
                return bits is 16 or 32;
            case Op.MinSigned or Op.MaxSigned:
                return bits == 16 || (_features.Sse41 && bits < 64);
            case Op.MinUnsigned or Op.MaxUnsigned:
                return bits == 8 || (_features.Sse41 && bits < 64);
            case Op.FloatAdd or Op.FloatSub or Op.FloatMul or Op.FloatDiv or Op.FloatSqrt or Op.FloatNegate or Op.FloatAbs or Op.FloatCopySign:
                return isFloat;
            case Op.FloatFloor or Op.FloatCeil or Op.FloatTruncate or Op.FloatRint:
                return isFloat && _features.Sse41;
            case Op.Compare:
                return bits < 64 || _features.Sse42;
            case Op.FloatCompare:
                return true;
            case Op.Select:
                return true;
            case Op.SignedToFloat:
                return operand.LaneBits == 32 && type.LaneBits == 32;
            case Op.FloatToSigned:
                return operand.LaneBits == 32 && type.LaneBits == 32;
            case Op.Bitcast:
                return type.IsVector && operand.IsVector || type.Size is 4 or 8 || (type.Size == 16 && !type.IsVector && type.IsFloat) || (operand.IsFloat && operand.Size == 16);
            case Op.ExtractLane or Op.InsertLane or Op.Splat or Op.Opaque or Op.Load or Op.Store or Op.Target1 or Op.Target2 or Op.Target3:
                return true;
            case Op.Shuffle:
                return type == operand;
            case Op.ShiftLeft or Op.ShiftRightUnsigned or Op.ShiftRightSigned:
                // By one number, or (AVX2) every lane by its own.
                return (!operand.IsVector || _features.Avx2 && bits >= 32) && bits >= 16 && !(bits == 64 && op == Op.ShiftRightSigned);
            case Op.FloatFma:
                return _features.Fma && isFloat;
            default:
                return false;
        }
    }

    /// <summary>Selects an operation on vectors; false for those that the scalar ways do as well.</summary>
    private bool SelectVector(Value v)
    {
        IrType type = _f[v].Type;
        int lane = LaneIndex(type);
        switch (_f.OpOf(v))
        {
            case Op.Load or Op.Store or Op.Opaque or Op.Bitcast or Op.Call or Op.Asm or Op.AsmGoto or Op.Result or Op.TargetOp or Op.DebugValue
                or Op.Target1 or Op.Target2 or Op.Target3:
                return false;
            case Op.Select:
                if (!_f.TypeOf(_f[v].A).IsVector)
                    return false;
                VectorBlend(v);
                return true;
            case Op.Add: VectorBinary(v, lane switch { 0 => M.Paddb, 1 => M.Paddw, 2 => M.Paddd, _ => M.Paddq }, true); return true;
            case Op.Sub: VectorBinary(v, lane switch { 0 => M.Psubb, 1 => M.Psubw, 2 => M.Psubd, _ => M.Psubq }, false); return true;
            case Op.And: VectorBinary(v, IntegerLogic(type) ? M.Pand : M.Andps, true); return true;
            case Op.Or: VectorBinary(v, IntegerLogic(type) ? M.Por : M.Orps, true); return true;
            case Op.Xor: VectorBinary(v, IntegerLogic(type) ? M.Pxor : M.Xorps, true); return true;
            case Op.Mul: VectorMultiply(v, type); return true;
            case Op.MinSigned: VectorBinary(v, lane switch { 0 => M.Pminsb, 1 => M.Pminsw, _ => M.Pminsd }, true); return true;
            case Op.MaxSigned: VectorBinary(v, lane switch { 0 => M.Pmaxsb, 1 => M.Pmaxsw, _ => M.Pmaxsd }, true); return true;
            case Op.MinUnsigned: VectorBinary(v, lane switch { 0 => M.Pminub, 1 => M.Pminuw, _ => M.Pminud }, true); return true;
            case Op.MaxUnsigned: VectorBinary(v, lane switch { 0 => M.Pmaxub, 1 => M.Pmaxuw, _ => M.Pmaxud }, true); return true;
            case Op.FloatAdd or Op.FloatSub when TryContract(v): return true;
            case Op.FloatAdd: VectorBinary(v, lane == 2 ? M.Addps : M.Addpd, true); return true;
            case Op.FloatSub: VectorBinary(v, lane == 2 ? M.Subps : M.Subpd, false); return true;
            case Op.FloatMul: VectorBinary(v, lane == 2 ? M.Mulps : M.Mulpd, true); return true;
            case Op.FloatDiv: VectorBinary(v, lane == 2 ? M.Divps : M.Divpd, false); return true;
            case Op.FloatSqrt: VectorUnary(v, lane == 2 ? M.Sqrtps : M.Sqrtpd); return true;
            case Op.FloatNegate: VectorMask(v, M.Xorps, type, true); return true;
            case Op.FloatAbs: VectorMask(v, M.Andps, type, false); return true;
            case Op.FloatCopySign: VectorCopySign(v, type); return true;
            case Op.FloatFloor: VectorRound(v, type, 9); return true;
            case Op.FloatCeil: VectorRound(v, type, 10); return true;
            case Op.FloatTruncate: VectorRound(v, type, 11); return true;
            case Op.FloatRint: VectorRound(v, type, 4); return true;
            case Op.Compare: VectorCompare(v); return true;
            case Op.FloatCompare: VectorFloatCompare(v); return true;
            case Op.SignedToFloat: VectorUnary(v, M.Cvtdq2ps); return true;
            case Op.FloatToSigned: VectorUnary(v, M.Cvttps2dq); return true;
            case Op.ShiftLeft or Op.ShiftRightUnsigned or Op.ShiftRightSigned: VectorShift(v, type); return true;
            case Op.FloatFma: VectorFma(v, type); return true;
            case Op.InsertLane when type.Size == 32: InsertWideLane(v, type); return true;
            case Op.InsertLane: InsertLane(v, type); return true;
            case Op.Splat when type.Size == 32 || _features.Avx2: SplatWide(v, type); return true;
            case Op.Splat: Splat(v, type); return true;
            case Op.Shuffle when type.Size == 32: ShuffleWide(v, type); return true;
            case Op.Shuffle: Shuffle(v, type); return true;
            default:
                throw new NotSupportedException($"x86 selection of {_f.OpOf(v)} on {type}");
        }
    }

    private bool IntegerLogic(IrType type) => type.Size <= 16 || _features.Avx2;

    private void VectorBinary(Value v, M mnemonic, bool isCommutative)
    {
        int width = VectorWidth(_f[v].Type);
        Value a = _f[v].A, b = _f[v].B;
        if (isCommutative && IsVectorInMemory(a) && !IsVectorInMemory(b))
            (a, b) = (b, a);
        Reg d = Def(v);
        Reg first = Use(a);
        Arg second = VectorSource(b);
        Copy(d, first);
        Emit(mnemonic, width, d, second);
    }

    // Memory operands must be whole and aligned.
    private bool IsVectorInMemory(Value v) => _f.TypeOf(v).Size is 16 or 32 && IsFoldableVector(v, _f.TypeOf(v).Size);

    private Arg VectorSource(Value v)
    {
        int size = _f.TypeOf(v).Size;
        if (_f.OpOf(v) == Op.VectorConstant && size is 16 or 32)
        {
            ReadOnlySpan<byte> bytes = _f.Bytes(v);
            if (bytes.ContainsAnyExcept((byte)0) && bytes.ContainsAnyExcept((byte)255))
                return new Address { Scale = 1, Size = (byte)size, Space = SymbolSpace.Constant, Symbol = _s.Constants.Add(bytes) };
        }
        return IsVectorInMemory(v) ? MemoryOf(v).OfSize(size) : Use(v);
    }

    private void VectorUnary(Value v, M mnemonic)
    {
        int width = VectorWidth(_f[v].Type);
        Reg d = Def(v);
        Arg source = VectorSource(_f[v].A);
        Emit(mnemonic, width, d, source);
    }

    private Address SplatConstant(ulong lane, int bits, int width = 16)
    {
        if (bits < 64)
            lane &= (1UL << bits) - 1;
        for (int have = bits; have < 64; have *= 2)
            lane |= lane << have;
        if (width == 16)
            return ConstantPair(lane, lane);
        Span<byte> bytes = stackalloc byte[32];
        System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ulong>(bytes).Fill(lane);
        return new Address { Scale = 1, Size = 32, Space = SymbolSpace.Constant, Symbol = _s.Constants.Add(bytes) };
    }

    private void VectorMask(Value v, M mnemonic, IrType type, bool keepSignBit)
    {
        int width = VectorWidth(type);
        ulong sign = 1UL << type.LaneBits - 1;
        Reg d = Def(v);
        Copy(d, Use(_f[v].A));
        Emit(mnemonic, width, d, SplatConstant(keepSignBit ? sign : sign - 1, type.LaneBits, width));
    }

    private void VectorCopySign(Value v, IrType type)
    {
        int width = VectorWidth(type);
        ulong sign = 1UL << type.LaneBits - 1;
        Reg d = Def(v);
        Reg magnitude = Use(_f[v].A), from = Use(_f[v].B);
        Reg bit = NewVector(width), result = NewVector(width);
        Copy(bit, from);
        Emit(M.Andps, width, bit, SplatConstant(sign, type.LaneBits, width));
        Copy(result, magnitude);
        Emit(M.Andps, width, result, SplatConstant(sign - 1, type.LaneBits, width));
        Emit(M.Orps, width, result, bit);
        Copy(d, result);
    }

    private void VectorRound(Value v, IrType type, int mode)
    {
        int width = VectorWidth(type);
        Reg d = Def(v);
        Reg source = Use(_f[v].A);
        Emit(type.LaneBits == 32 ? M.Roundps : M.Roundpd, width, d, source, Arg.Imm(mode));
    }

    private void VectorMultiply(Value v, IrType type)
    {
        if (type.LaneBits == 16)
        {
            VectorBinary(v, M.Pmullw, true);
            return;
        }
        if (_features.Sse41)
        {
            VectorBinary(v, M.Pmulld, true);
            return;
        }
        // Even and odd lanes by pmuludq, the low halves put together.
        Reg d = Def(v);
        Reg a = Use(_f[v].A), b = Use(_f[v].B);
        Reg even = NewVector(16), odd = NewVector(16), high = NewVector(16);
        Copy(even, a);
        Emit(M.Pmuludq, 16, even, b);
        Emit(M.Pshufd, 16, odd, a, Arg.Imm(0xf5));
        Emit(M.Pshufd, 16, high, b, Arg.Imm(0xf5));
        Emit(M.Pmuludq, 16, odd, high);
        Reg low = NewVector(16), second = NewVector(16);
        Emit(M.Pshufd, 16, low, even, Arg.Imm(0x08));
        Emit(M.Pshufd, 16, second, odd, Arg.Imm(0x08));
        Emit(M.Punpckldq, 16, low, second);
        Copy(d, low);
    }

    private void VectorBlend(Value v)
    {
        int width = VectorWidth(_f[v].Type);
        Reg d = Def(v);
        Reg mask = Use(_f[v].A), whenTrue = Use(_f[v].B), whenFalse = Use(_f[v].C);
        if (_features.Avx)
        {
            // The mask's lanes are all ones or zeros: their sign bits are enough.
            EmitBlend(width == 16 || _features.Avx2 ? M.Pblendvb : M.Blendvps, width, d, whenFalse, whenTrue, mask);
            return;
        }
        Reg chosen = NewVector(16), rest = NewVector(16);
        Copy(chosen, mask);
        Emit(M.Pand, 16, chosen, whenTrue);
        Copy(rest, mask);
        Emit(M.Pandn, 16, rest, whenFalse);
        Emit(M.Por, 16, rest, chosen);
        Copy(d, rest);
    }

    // Comparisons give 0 or -1 in every lane.

    private void VectorCompare(Value v)
    {
        int width = VectorWidth(_f.TypeOf(_f[v].A));
        Value a = _f[v].A, b = _f[v].B;
        IrType type = _f.TypeOf(a);
        var predicate = (IntPredicate)_f[v].Aux;
        int lane = LaneIndex(type);
        Reg d = Def(v);
        Reg x = Use(a), y = Use(b);
        M equal = lane switch { 0 => M.Pcmpeqb, 1 => M.Pcmpeqw, 2 => M.Pcmpeqd, _ => M.Pcmpeqq };
        M greater = lane switch { 0 => M.Pcmpgtb, 1 => M.Pcmpgtw, 2 => M.Pcmpgtd, _ => M.Pcmpgtq };
        if (predicate is IntPredicate.Equal or IntPredicate.NotEqual)
        {
            Copy(d, x);
            Emit(equal, width, d, y);
            if (predicate == IntPredicate.NotEqual)
                Invert(d, width);
            return;
        }
        if (predicate >= IntPredicate.LessUnsigned)
        {
            // With the sign bits turned over, signed order is unsigned order.
            Address sign = SplatConstant(1UL << type.LaneBits - 1, type.LaneBits, width);
            Reg turnedX = NewVector(width), turnedY = NewVector(width);
            Copy(turnedX, x);
            Emit(M.Pxor, width, turnedX, sign);
            Copy(turnedY, y);
            Emit(M.Pxor, width, turnedY, sign);
            (x, y) = (turnedX, turnedY);
        }
        bool swap = predicate is IntPredicate.LessSigned or IntPredicate.LessUnsigned or IntPredicate.GreaterEqualSigned or IntPredicate.GreaterEqualUnsigned;
        if (swap)
            (x, y) = (y, x);
        Copy(d, x);
        Emit(greater, width, d, y);
        if (predicate is IntPredicate.LessEqualSigned or IntPredicate.LessEqualUnsigned or IntPredicate.GreaterEqualSigned or IntPredicate.GreaterEqualUnsigned)
            Invert(d, width);
    }

    private void Invert(Reg d, int width)
    {
        Reg ones = NewVector(width);
        EmitOnes(ones, width);
        Emit(_features.Avx2 || width == 16 ? M.Pxor : M.Xorps, width, d, ones);
    }

    private void VectorFloatCompare(Value v)
    {
        int width = VectorWidth(_f.TypeOf(_f[v].A));
        Value a = _f[v].A, b = _f[v].B;
        IrType type = _f.TypeOf(a);
        FloatPredicate predicate = (FloatPredicate)_f[v].Aux & FloatPredicate.Always;
        M compare = type.LaneBits == 32 ? M.Cmpps : M.Cmppd;
        Reg d = Def(v);
        if (predicate == FloatPredicate.Never)
        {
            EmitZeroVector(d, 16);
            return;
        }
        if (predicate == FloatPredicate.Always)
        {
            EmitOnes(d, width);
            return;
        }
        Reg x = Use(a), y = Use(b);
        if (predicate is FloatPredicate.LessGreater or FloatPredicate.UnorderedEqual)
        {
            bool isEqual = predicate == FloatPredicate.UnorderedEqual;
            Reg first = NewVector(width), second = NewVector(width);
            Copy(first, x);
            Emit(compare, width, first, y, Arg.Imm(isEqual ? 0 : 4));
            Copy(second, x);
            Emit(compare, width, second, y, Arg.Imm(isEqual ? 3 : 7));
            Emit(isEqual ? M.Orps : M.Andps, width, first, second);
            Copy(d, first);
            return;
        }
        bool swap = predicate is FloatPredicate.Greater or FloatPredicate.GreaterEqual or FloatPredicate.UnorderedLess or FloatPredicate.UnorderedLessEqual;
        if (swap)
        {
            (x, y) = (y, x);
            predicate = Conditions.Swap(predicate);
        }
        int code = predicate switch
        {
            FloatPredicate.Equal => 0,
            FloatPredicate.Less => 1,
            FloatPredicate.LessEqual => 2,
            FloatPredicate.Unordered => 3,
            FloatPredicate.NotEqual => 4,
            FloatPredicate.UnorderedGreaterEqual => 5,
            FloatPredicate.UnorderedGreater => 6,
            FloatPredicate.Ordered => 7,
            _ => throw new InvalidOperationException($"comparison {predicate}"),
        };
        Copy(d, x);
        Emit(compare, width, d, y, Arg.Imm(code));
    }

    // Lanes

    private void SelectExtractLane(Value v)
    {
        Value a = _f[v].A, index = _f[v].B;
        IrType vector = _f.TypeOf(a);
        Reg d = Def(v);
        Reg x = Use(a);
        if (!IsConstant(index))
        {
            ExtractAtRuntime(d, x, vector, index);
            return;
        }
        int lane = (int)(_f[index].Aux & vector.Lanes - 1);
        if (vector.Size == 32 && lane >= vector.Lanes / 2)
        {
            Reg high = NewVector(16);
            EmitRow(M.Vextractf128, 32, high, 16, [Arg.Narrow(x, 32), Arg.Imm(1)]);
            x = Resolve(high);
            lane -= vector.Lanes / 2;
        }
        switch (vector.LaneBits)
        {
            case 8 when _features.Sse41:
                Emit(M.Pextrb, 4, d, Arg.Narrow(x, 16), Arg.Imm(lane));
                break;
            case 8:
                Emit(M.Pextrw, 4, d, Arg.Narrow(x, 16), Arg.Imm(lane / 2));
                if ((lane & 1) != 0)
                    Emit(M.Shr, 4, d, Arg.Imm(8));
                break;
            case 16:
                Emit(M.Pextrw, 4, d, Arg.Narrow(x, 16), Arg.Imm(lane));
                break;
            case 32 when IsFloatVector(vector):
                if (lane == 0)
                    HandOnVector(d, x);
                else
                    Emit(M.Pshufd, 16, d, x, Arg.Imm(lane));
                break;
            case 64 when IsFloatVector(vector):
                if (lane == 0)
                    HandOnVector(d, x);
                else
                    Emit(M.Pshufd, 16, d, x, Arg.Imm(0xee));
                break;
            case 32:
                Emit(M.Movd, 4, d, LaneToFront(x, lane, 32));
                break;
            case 64:
                Emit(M.Movq, 8, d, LaneToFront(x, lane, 64));
                break;
            default:
                throw new NotSupportedException($"lane of {vector}");
        }
    }

    // A part of a vector register as a value of its own: a copy of the whole.
    private void HandOnVector(Reg d, Reg x) => Emit(M.Movaps, 16, d, x);

    private Reg LaneToFront(Reg x, int lane, int bits)
    {
        if (lane == 0)
            return x;
        Reg front = NewVector(16);
        Emit(M.Pshufd, 16, front, x, Arg.Imm(bits == 64 ? 0xee : lane));
        return front;
    }

    private void ExtractAtRuntime(Reg d, Reg x, IrType vector, Value index)
    {
        int bytes = vector.LaneBits / 8;
        Address slot = Transfer();
        if (vector.Size == 32)
        {
            slot = new Address { Slot = _s.Machine.NewFrameObject(32, 4), Scale = 1 };
            Emit(M.Vmovups, 32, slot.OfSize(32), x);
        }
        else
        {
            Emit(M.Movaps, 16, slot.OfSize(16), x);
        }
        Address place = LanePlace(slot, index, vector);
        EmitLoad(d, place, vector.Lane);
        _ = bytes;
    }

    // The place of a lane, chosen at run time, of a vector in memory.
    private Address LanePlace(Address slot, Value index, IrType vector)
    {
        Reg number = NewReg(8);
        Reg source = _f.TypeOf(index).LaneBits < 32 ? Extended(index, false, 4) : Use(index);
        Copy(number, source);
        Emit(M.And, 4, number, Arg.Imm(vector.Lanes - 1));
        Reg start = NewReg(8);
        Emit(M.Lea, 8, start, slot);
        return new Address { Base = start, Index = number, Scale = (byte)(vector.LaneBits / 8) };
    }

    private void InsertLane(Value v, IrType type)
    {
        Value a = _f[v].A, value = _f[v].B, index = _f[v].C;
        Reg d = Def(v);
        Reg x = Use(a);
        int lane = IsConstant(index) ? (int)(_f[index].Aux & type.Lanes - 1) : -1;
        if (lane >= 0)
        {
            switch (type.LaneBits)
            {
                case 16:
                    {
                        Reg word = Use(value);
                        Copy(d, x);
                        Emit(M.Pinsrw, 4, d, Arg.Narrow(word, 4), Arg.Imm(lane));
                        return;
                    }
                case 8 when _features.Sse41:
                    EmitRow(M.Pinsrb, 16, d, 16, [Arg.Narrow(x, 16), Arg.Narrow(Use(value), 4), Arg.Imm(lane)]);
                    return;
                case 32 when _features.Sse41 && !IsFloatVector(type):
                    EmitRow(M.Pinsrd, 16, d, 16, [Arg.Narrow(x, 16), Arg.Narrow(Use(value), 4), Arg.Imm(lane)]);
                    return;
                case 32 when _features.Sse41 && lane > 0:
                    EmitRow(M.Insertps, 16, d, 16, [Arg.Narrow(x, 16), Arg.Narrow(Use(value), 16), Arg.Imm(lane << 4)]);
                    return;
                case 32 when IsFloatVector(type) && lane == 0:
                    {
                        Reg scalar = Use(value);
                        Copy(d, x);
                        Emit(M.Movss, 16, d, scalar);
                        return;
                    }
                case 64 when IsFloatVector(type):
                    {
                        Reg scalar = Use(value);
                        Copy(d, x);
                        Emit(lane == 0 ? M.Movsd : M.Unpcklpd, 16, d, scalar);
                        return;
                    }
                case 64:
                    {
                        Reg moved = NewVector(16);
                        Emit(M.Movq, 8, moved, Use(value));
                        Copy(d, x);
                        Emit(lane == 0 ? M.Movsd : M.Punpcklqdq, 16, d, moved);
                        return;
                    }
                case 32 when !IsFloatVector(type):
                    {
                        // Two words.
                        Reg low = Use(value), high = NewReg(4);
                        Copy(high, low);
                        Emit(M.Shr, 4, high, Arg.Imm(16));
                        Copy(d, x);
                        Emit(M.Pinsrw, 4, d, Arg.Narrow(low, 4), Arg.Imm(lane * 2));
                        Emit(M.Pinsrw, 4, d, Arg.Narrow(high, 4), Arg.Imm(lane * 2 + 1));
                        return;
                    }
            }
        }
        Address slot = Transfer();
        Emit(M.Movaps, 16, slot.OfSize(16), x);
        Address place = lane >= 0 ? slot.Plus(lane * (type.LaneBits / 8)) : LanePlace(slot, index, type);
        StoreValue(place, value, type.Lane);
        Emit(M.Movaps, 16, d, slot.OfSize(16));
    }

    private void Splat(Value v, IrType type)
    {
        Value a = _f[v].A;
        Reg d = Def(v);
        Reg source = Use(a);
        if (IsFloatVector(type))
        {
            Emit(M.Pshufd, 16, d, source, Arg.Imm(type.LaneBits == 32 ? 0 : 0x44));
            return;
        }
        Reg x = NewVector(16);
        Emit(type.LaneBits == 64 ? M.Movq : M.Movd, type.LaneBits == 64 ? 8 : 4, x, source);
        switch (type.LaneBits)
        {
            case 8:
                Emit(M.Punpcklbw, 16, x, x);
                Emit(M.Pshuflw, 16, d, x, Arg.Imm(0));
                Emit(M.Punpcklqdq, 16, d, d);
                break;
            case 16:
                Emit(M.Pshuflw, 16, d, x, Arg.Imm(0));
                Emit(M.Punpcklqdq, 16, d, d);
                break;
            case 32:
                Emit(M.Pshufd, 16, d, x, Arg.Imm(0));
                break;
            default:
                Emit(M.Punpcklqdq, 16, x, x);
                Copy(d, x);
                break;
        }
    }

    // Shuffles: one of the patterns with an instruction, or lane by lane through memory.

    private void Shuffle(Value v, IrType type)
    {
        Span<byte> mask = stackalloc byte[16];
        ReadOnlySpan<byte> source = _f.Bytes(v);
        int lanes = type.Lanes;
        source.CopyTo(mask);
        mask = mask[..lanes];
        Value a = _f[v].A, b = _f[v].B;
        bool usesA = false, usesB = false;
        foreach (byte lane in mask)
        {
            usesA |= lane < lanes;
            usesB |= lane >= lanes && lane != 255;
        }
        Reg d = Def(v);
        if (!usesB || a == b || !usesA)
        {
            Reg only = Use(usesB && !usesA ? b : a);
            for (int i = 0; i < lanes; i++)
                mask[i] = mask[i] == 255 ? (byte)i : (byte)(mask[i] & lanes - 1);
            if (ShuffleOne(d, only, mask, type))
                return;
            ShuffleInMemory(d, only, only, mask, type);
            return;
        }
        Reg x = Use(a), y = Use(b);
        if (ShuffleTwo(d, x, y, mask, type))
            return;
        ShuffleInMemory(d, x, y, mask, type);
    }

    private bool ShuffleOne(Reg d, Reg x, ReadOnlySpan<byte> mask, IrType type)
    {
        bool isSame = true;
        for (int i = 0; i < mask.Length; i++)
            isSame &= mask[i] == i;
        if (isSame)
        {
            Copy(d, x);
            return true;
        }
        if (type.LaneBits == 64 && mask.Length == 2)
        {
            Emit(M.Pshufd, 16, d, x, Arg.Imm((mask[0] == 0 ? 0x4 : 0xe) | (mask[1] == 0 ? 0x40 : 0xe0)));
            return true;
        }
        if (type.LaneBits == 32)
        {
            int control = 0;
            for (int i = 0; i < 4; i++)
                control |= (i < mask.Length ? mask[i] : i) << i * 2;
            Emit(M.Pshufd, 16, d, x, Arg.Imm(control));
            return true;
        }
        if (_features.Ssse3)
        {
            int bytes = type.LaneBits / 8;
            Span<byte> control = stackalloc byte[16];
            for (int i = 0; i < 16; i++)
                control[i] = i / bytes < mask.Length ? (byte)(mask[i / bytes] * bytes + i % bytes) : (byte)i;
            Copy(d, x);
            Emit(M.Pshufb, 16, d, new Address { Scale = 1, Size = 16, Space = SymbolSpace.Constant, Symbol = _s.Constants.Add(control) });
            return true;
        }
        return false;
    }

    private bool ShuffleTwo(Reg d, Reg x, Reg y, ReadOnlySpan<byte> mask, IrType type)
    {
        int lanes = mask.Length;
        int index = LaneIndex(type);
        if (IsInterleave(mask, 0))
        {
            Copy(d, x);
            Emit(index switch { 0 => M.Punpcklbw, 1 => M.Punpcklwd, 2 => M.Punpckldq, _ => M.Punpcklqdq }, 16, d, y);
            return true;
        }
        if (type.Size == 16 && IsInterleave(mask, lanes / 2))
        {
            Copy(d, x);
            Emit(index switch { 0 => M.Punpckhbw, 1 => M.Punpckhwd, 2 => M.Punpckhdq, _ => M.Punpckhqdq }, 16, d, y);
            return true;
        }
        if (lanes == 2 && type.LaneBits == 64)
        {
            bool firstFromY = mask[0] >= 2 && mask[0] != 255, secondFromY = mask[1] >= 2;
            if (firstFromY == secondFromY && mask[1] != 255)
                return false;
            int control = (mask[0] & 1) | (mask[1] & 1) << 1;
            Copy(d, firstFromY ? y : x);
            Emit(M.Shufpd, 16, d, firstFromY ? x : y, Arg.Imm(control));
            return true;
        }
        if (lanes == 4 && type.LaneBits == 32)
        {
            // The low half from one operand, the high half from the other.
            int low = Side(mask[0], mask[1]), high = Side(mask[2], mask[3]);
            if (low < 0 || high < 0)
                return false;
            int control = 0;
            for (int i = 0; i < 4; i++)
                control |= (mask[i] == 255 ? 0 : mask[i] & 3) << i * 2;
            Copy(d, low == 0 ? x : y);
            Emit(M.Shufps, 16, d, high == 0 ? x : y, Arg.Imm(control));
            return true;
        }
        return false;

        static int Side(byte a, byte b)
        {
            int first = a == 255 ? -2 : a < 4 ? 0 : 1, second = b == 255 ? -2 : b < 4 ? 0 : 1;
            if (first == -2)
                return second == -2 ? 0 : second;
            return second == -2 || first == second ? first : -1;
        }
    }

    private static bool IsInterleave(ReadOnlySpan<byte> mask, int start)
    {
        int lanes = mask.Length;
        for (int i = 0; i < lanes; i++)
        {
            int wanted = start + i / 2 + ((i & 1) != 0 ? lanes : 0);
            if (mask[i] != 255 && mask[i] != wanted)
                return false;
        }
        return true;
    }

    private void ShuffleInMemory(Reg d, Reg x, Reg y, ReadOnlySpan<byte> mask, IrType type)
    {
        int bytes = type.LaneBits / 8, size = type.Size;
        Address source = Transfer();
        int slot = _s.Machine.NewFrameObject(16, 4);
        var result = new Address { Slot = slot, Scale = 1 };
        Emit(M.Movaps, 16, source.OfSize(16), x);
        Emit(M.Movaps, 16, source.Plus(16).OfSize(16), y);
        for (int i = 0; i < mask.Length; i++)
        {
            if (mask[i] == 255)
                continue;
            int from = mask[i] < mask.Length ? mask[i] * bytes : 16 + (mask[i] - mask.Length) * bytes;
            Reg lane = NewReg(8);
            EmitLoadZero(lane, source.Plus(from), bytes);
            Emit(M.Mov, bytes, result.Plus(i * bytes).OfSize(bytes), lane);
        }
        Emit(MoveOf(size, true), size, d, result.OfSize(size));
    }
}
