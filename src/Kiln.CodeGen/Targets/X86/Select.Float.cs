using Kiln.CodeGen.Machine;
using Kiln.IR;
using Kiln.Target;
using M = Kiln.Isa.X86.Mnemonic;

namespace Kiln.CodeGen.Targets.X86;

// float and double in SSE registers, and the moves of everything that lives in them.
public sealed partial class X86Target
{
    // Constants in memory

    private Address ConstantAddress(UInt128 bits, int size) =>
        new() { Scale = 1, Size = (byte)size, Space = SymbolSpace.Constant, Symbol = _s.Constants.Add(bits, size) };

    private Address ConstantPair(ulong low, ulong high) => ConstantAddress(new UInt128(high, low), 16);

    private void EmitZeroVector(Reg d, int size)
    {
        Reg r = Define(d);
        _s.Begin(Pseudo.ZeroVector, size, MachineFlags.Rematerializable);
        _s.Def(r);
        _s.End();
    }

    private void EmitOnesVector(Reg d, int size)
    {
        Reg r = Define(d);
        _s.Begin(Pseudo.OnesVector, size, MachineFlags.Rematerializable);
        _s.Def(r);
        _s.End();
    }

    private Reg MaterializeFloat(Value leaf)
    {
        ref IR.Instruction instruction = ref _f[leaf];
        IrType type = instruction.Type;
        if (type == IrType.F80)
        {
            Reg slot = _s.NewRegister(type);
            Own(slot);
            if (instruction.Op == Op.Any)
                Emit87(M.Fldz);
            else
                PushX87(leaf);
            EmitX87StoreTo(slot);
            return Resolve(slot);
        }
        Reg r = NewVector(SpillSizeOf(type));
        if (instruction.Op == Op.VectorConstant)
        {
            Span<byte> bytes = stackalloc byte[32];
            bytes.Clear();
            ReadOnlySpan<byte> source = _f.Bytes(leaf);
            source.CopyTo(bytes);
            EmitVectorConstant(r, bytes[..Math.Max(16, source.Length)], type.Size);
            return r;
        }
        if (instruction.Op != Op.FloatConstant)
            throw new NotSupportedException($"x86: {instruction.Op} of {type} in a register");
        UInt128 bits = _f.ConstantBits(leaf);
        if (bits == 0)
        {
            EmitZeroVector(r, 16);
            return r;
        }
        int size = Math.Max(4, type.Size);
        Emit(MoveOf(size, true), size, r, ConstantAddress(bits, size), default, MachineFlags.Rematerializable);
        return r;
    }

    private void EmitVectorConstant(Reg r, ReadOnlySpan<byte> bytes, int size)
    {
        bool zero = true, ones = true;
        for (int i = 0; i < size; i++)
        {
            zero &= bytes[i] == 0;
            ones &= bytes[i] == 0xff;
        }
        if (zero)
        {
            EmitZeroVector(r, size);
            return;
        }
        if (ones && (size <= 16 || _features.Avx2))
        {
            EmitOnesVector(r, size);
            return;
        }
        var address = new Address { Scale = 1, Space = SymbolSpace.Constant, Symbol = _s.Constants.Add(bytes[..Math.Max(size, 16)]) };
        int loaded = Math.Max(size, 16);
        Emit(MoveOf(loaded, loaded <= 16), loaded, r, address.OfSize(loaded), default, MachineFlags.Rematerializable);
    }

    /// <summary>The move between memory and a vector register of a size.</summary>
    private static M MoveOf(int size, bool isAligned) => size switch
    {
        4 => M.Movss,
        8 => M.Movsd,
        16 => isAligned ? M.Movaps : M.Movups,
        32 => isAligned ? M.Vmovaps : M.Vmovups,
        _ => throw new ArgumentOutOfRangeException(nameof(size), size, "no move of this size"),
    };

    private void EmitVectorLoad(Reg d, Address address, int size, IrType type, int alignmentLog2)
    {
        _ = type;
        if (size == 2)
        {
            Reg word = NewReg(4);
            EmitLoadZero(word, address, 2);
            Emit(M.Movd, 4, d, word);
            return;
        }
        Emit(MoveOf(size, 1 << alignmentLog2 >= size), size, d, address.OfSize(size));
    }

    private void EmitVectorStore(Address address, Reg source, int size, IrType type, int alignmentLog2 = 0)
    {
        _ = type;
        if (size == 2)
        {
            Reg word = NewReg(4);
            Emit(M.Movd, 4, word, source);
            Emit(M.Mov, 2, address.OfSize(2), word);
            return;
        }
        Emit(MoveOf(size, 1 << alignmentLog2 >= size), size, address.OfSize(size), source);
    }

    private void SelectVectorStore(Value v, Value pointer, Value value, IrType type, MemoryAccess access)
    {
        _ = v;
        // Floating-point constants are stored as integers.
        if (_f.OpOf(value) == Op.FloatConstant && type.Size is 4 or 8)
        {
            long bits = (long)(ulong)_f.ConstantBits(value);
            if (type.Size == 4 || bits == (int)bits)
            {
                Emit(M.Mov, type.Size, AddressOf(pointer).OfSize(type.Size), Arg.Imm(type.Size == 4 ? (int)bits : bits));
                return;
            }
        }
        Reg source = Use(value);
        EmitVectorStore(AddressOf(pointer), source, type.Size, type, access.AlignmentLog2);
    }

    // Arithmetic

    /// <summary>A scalar source operand: a constant or load in memory, or a register.</summary>
    private Arg FloatSource(Value v, int size)
    {
        if (_f.OpOf(v) == Op.FloatConstant && _f.ConstantBits(v) != 0)
            return ConstantAddress(_f.ConstantBits(v), size);
        if (CanFoldLoad(v, size))
            return MemoryOf(v).OfSize(size);
        return Use(v);
    }

    private void SelectFloatBinary(Value v, M single, M @double, bool isCommutative)
    {
        Value a = _f[v].A, b = _f[v].B;
        IrType type = _f[v].Type;
        int size = type.Size;
        if (isCommutative && (CanFoldLoad(a, size) || _f.OpOf(a) == Op.FloatConstant) && !CanFoldLoad(b, size))
            (a, b) = (b, a);
        Reg d = Def(v);
        Reg first = Use(a);
        Arg second = b == a ? d : FloatSource(b, size);
        Copy(d, first);
        Emit(size == 4 ? single : @double, size, d, second);
    }

    private static UInt128 SignMask(IrType type) => type.LaneBits == 32 ? 0x80000000 : (UInt128)1 << type.LaneBits - 1;

    private void SelectFloatSign(Value v, M mnemonic, bool keepSignBit)
    {
        IrType type = _f[v].Type;
        UInt128 sign = SignMask(type);
        UInt128 rest = type.LaneBits == 128 ? UInt128.MaxValue : (UInt128.One << type.LaneBits) - 1;
        Reg d = Def(v);
        Copy(d, Use(_f[v].A));
        Emit(mnemonic, 16, d, ConstantAddress(keepSignBit ? sign : rest & ~sign, 16));
    }

    private void SelectFloatSqrt(Value v)
    {
        int size = _f[v].Type.Size;
        Reg d = Def(v);
        Arg source = FloatSource(_f[v].A, size);
        Emit(size == 4 ? M.Sqrtss : M.Sqrtsd, size, d, source);
    }

    private void SelectCopySign(Value v)
    {
        IrType type = _f[v].Type;
        UInt128 sign = SignMask(type);
        UInt128 rest = (type.LaneBits == 128 ? UInt128.MaxValue : (UInt128.One << type.LaneBits) - 1) & ~sign;
        Reg d = Def(v);
        Reg magnitude = Use(_f[v].A), from = Use(_f[v].B);
        Reg bit = NewVector(16), result = NewVector(16);
        Copy(bit, from);
        Emit(M.Andps, 16, bit, ConstantAddress(sign, 16));
        Copy(result, magnitude);
        Emit(M.Andps, 16, result, ConstantAddress(rest, 16));
        Emit(M.Orps, 16, result, bit);
        Copy(d, result);
    }

    // minsd a, b gives b where either is a NaN. fmin wants the number: where a is a NaN, b.
    private void SelectFloatMinMax(Value v, bool isMin)
    {
        IrType type = _f[v].Type;
        int size = type.Size;
        Reg d = Def(v);
        Reg a = Use(_f[v].A), b = Use(_f[v].B);
        M mnemonic = size == 4 ? isMin ? M.Minss : M.Maxss : isMin ? M.Minsd : M.Maxsd;
        Reg least = NewVector(16), mask = NewVector(16), other = NewVector(16);
        Copy(least, b);
        Emit(mnemonic, size, least, a);
        Copy(mask, a);
        Emit(size == 4 ? M.Cmpss : M.Cmpsd, size, mask, a, Arg.Imm(3));
        Copy(other, mask);
        Emit(M.Andps, 16, other, b);
        Emit(M.Andnps, 16, mask, least);
        Emit(M.Orps, 16, mask, other);
        Copy(d, mask);
    }

    // c ? a : b as min or max: exactly what minsd and maxsd do, also for NaNs and zeros.
    private bool TrySelectMinMax(Value v)
    {
        Value condition = _f[v].A, x = _f[v].B, y = _f[v].C;
        IrType type = _f[v].Type;
        if (type != IrType.F32 && type != IrType.F64)
            return false;
        if (_f.OpOf(condition) != Op.FloatCompare || !IsCovered(condition))
            return false;
        Value a = _f[condition].A, b = _f[condition].B;
        FloatPredicate predicate = (FloatPredicate)_f[condition].Aux & FloatPredicate.Always;
        if (x == b && y == a)
        {
            predicate = Conditions.Swap(predicate);
            (a, b) = (b, a);
        }
        if (x != a || y != b || predicate is not (FloatPredicate.Less or FloatPredicate.Greater))
            return false;
        bool isMin = predicate == FloatPredicate.Less;
        Reg d = Def(v);
        Reg first = Use(x), second = Use(y);
        Copy(d, first);
        Emit(type.Size == 4 ? isMin ? M.Minss : M.Maxss : isMin ? M.Minsd : M.Maxsd, type.Size, d, second);
        return true;
    }

    private void SelectFma(Value v)
    {
        IrType type = _f[v].Type;
        Reg d = Def(v);
        Reg a = Use(_f[v].A), b = Use(_f[v].B), c = Use(_f[v].C);
        if (_features.Fma)
        {
            Copy(d, a);
            Emit(type.Size == 4 ? M.Vfmadd213ss : M.Vfmadd213sd, type.Size, d, b, c);
            return;
        }
        EmitFloatLibraryCall(type.Size == 4 ? "fmaf" : "fma", [a, b, c], d);
    }

    private void SelectRound(Value v, int mode)
    {
        IrType type = _f[v].Type;
        Reg d = Def(v);
        if (_features.Sse41)
        {
            Reg source = Use(_f[v].A);
            Emit(type.Size == 4 ? M.Roundss : M.Roundsd, type.Size, d, source, Arg.Imm(mode));
            return;
        }
        string name = mode switch { 9 => "floor", 10 => "ceil", 11 => "trunc", _ => "rint" };
        EmitFloatLibraryCall(type.Size == 4 ? name + "f" : name, [Use(_f[v].A)], d);
    }

    // Comparisons

    /// <summary>Sets the flags for a floating-point comparison with this predicate.</summary>
    private FloatCondition EmitFloatCompareOf(Value v, FloatPredicate predicate)
    {
        Value a = _f[v].A, b = _f[v].B;
        IrType type = _f.TypeOf(a);
        FloatCondition condition = Conditions.Of(predicate);
        if (condition.Swap)
            (a, b) = (b, a);
        if (type == IrType.F80)
        {
            EmitX87Compare(a, b);
            return condition;
        }
        bool isQuiet = (_f[v].Aux & (long)FloatPredicate.Quiet) != 0
            || predicate is FloatPredicate.Equal or FloatPredicate.NotEqual or FloatPredicate.Ordered or FloatPredicate.Unordered
                or FloatPredicate.UnorderedEqual or FloatPredicate.LessGreater;
        int size = type.Size;
        Reg first = Use(a);
        Arg second = FloatSource(b, size);
        Emit(size == 4 ? isQuiet ? M.Ucomiss : M.Comiss : isQuiet ? M.Ucomisd : M.Comisd, size, first, second);
        return condition;
    }

    private void SelectFloatCompare(Value v)
    {
        FloatPredicate predicate = (FloatPredicate)_f[v].Aux & FloatPredicate.Always;
        Reg d = Def(v);
        if (predicate is FloatPredicate.Never or FloatPredicate.Always)
        {
            EmitConstant(d, predicate == FloatPredicate.Always ? 1 : 0, 4);
            return;
        }
        FloatCondition condition = EmitFloatCompareOf(v, predicate);
        if (condition.Join == 0)
        {
            EmitSet(d, condition.First);
            return;
        }
        Reg first = NewReg(4), second = NewReg(4);
        EmitSet(first, condition.First);
        EmitSet(second, condition.Second);
        Copy(d, first);
        Emit(condition.Join == 1 ? M.And : M.Or, 4, d, second);
    }

    // Conversions

    private void SelectFloatConversion(Value v, M mnemonic)
    {
        IrType from = _f.TypeOf(_f[v].A);
        Reg d = Def(v);
        Arg source = FloatSource(_f[v].A, from.Size);
        Emit(mnemonic, from.Size, d, source);
    }

    private void SelectIntegerToFloat(Value v, bool signed)
    {
        Value a = _f[v].A;
        IrType from = _f.TypeOf(a), to = _f[v].Type;
        M mnemonic = to.Size == 4 ? M.Cvtsi2ss : M.Cvtsi2sd;
        Reg d = Def(v);
        if (from.LaneBits < 32)
        {
            Reg narrow = Extended(a, signed, 4);
            Emit(mnemonic, 4, d, Arg.Narrow(narrow, 4));
            return;
        }
        if (signed)
        {
            int size = from.LaneBits / 8;
            Arg source = CanFoldLoad(a, size) ? MemoryOf(a).OfSize(size) : Arg.Narrow(Use(a), size);
            Emit(mnemonic, size, d, source);
            return;
        }
        if (from.LaneBits == 32)
        {
            Reg wide = NewReg(8);
            Emit(M.Mov, 4, wide, Use(a));
            Emit(mnemonic, 8, d, Arg.Narrow(wide, 8));
            return;
        }
        // 64 bits, unsigned: where the top bit is set, half of it (the lost bit kept sticky) is converted and doubled.
        Reg x = Use(a);
        Reg half = NewReg(8), low = NewReg(8);
        Copy(half, x);
        Emit(M.Shr, 8, half, Arg.Imm(1));
        Copy(low, x);
        Emit(M.And, 4, low, Arg.Imm(1));
        Emit(M.Or, 8, half, low);
        Emit(M.Test, 8, x, x);
        Emit(M.Cmovns, 8, half, x);
        Reg converted = NewVector(to.Size), doubled = NewVector(to.Size);
        Emit(mnemonic, 8, converted, Arg.Narrow(half, 8));
        Copy(doubled, converted);
        Emit(to.Size == 4 ? M.Addss : M.Addsd, to.Size, doubled, converted);
        Copy(d, converted);
        Emit(M.Test, 8, x, x);
        EmitSelectStep(d, doubled, Condition.Sign, to);
    }

    private void SelectFloatToInteger(Value v, bool signed)
    {
        Value a = _f[v].A;
        IrType from = _f.TypeOf(a), to = _f[v].Type;
        M mnemonic = from.Size == 4 ? M.Cvttss2si : M.Cvttsd2si;
        Reg d = Def(v);
        if (signed || to.LaneBits < 64)
        {
            int size = to.LaneBits == 64 || (!signed && to.LaneBits == 32) ? 8 : 4;
            Arg source = CanFoldLoad(a, from.Size) ? MemoryOf(a).OfSize(from.Size) : Arg.Narrow(Use(a), from.Size);
            Emit(mnemonic, size, d, source);
            if (to == IrType.I1)
                Emit(M.And, 4, d, Arg.Imm(1));
            return;
        }
        // 64 bits, unsigned: below 2^63 directly; above the first conversion gives only the top bit, and the second the rest.
        Reg x = Use(a);
        Reg direct = NewReg(8), rest = NewReg(8), mask = NewReg(8);
        Reg reduced = NewVector(from.Size);
        Emit(mnemonic, 8, direct, Arg.Narrow(x, from.Size));
        Copy(reduced, x);
        Emit(from.Size == 4 ? M.Subss : M.Subsd, from.Size, reduced, ConstantAddress(from.Size == 4 ? 0x5f000000 : 0x43e0000000000000UL, from.Size));
        Emit(mnemonic, 8, rest, Arg.Narrow(reduced, from.Size));
        Copy(mask, direct);
        Emit(M.Sar, 8, mask, Arg.Imm(63));
        Emit(M.And, 8, mask, rest);
        Emit(M.Or, 8, mask, direct);
        Copy(d, mask);
    }

    private void SelectBitcast(Value v)
    {
        Value a = _f[v].A;
        IrType from = _f.TypeOf(a), to = _f[v].Type;
        bool fromVector = from.IsFloat || from.IsVector, toVector = to.IsFloat || to.IsVector;
        Reg d = Def(v);
        // A load of the other bank's type needs no move.
        if (fromVector != toVector && CanFoldLoad(a, from.Size) && to.Size is 4 or 8)
        {
            EmitLoad(d, MemoryOf(a), to);
            return;
        }
        Reg source = Use(a);
        if (fromVector == toVector)
        {
            Copy(d, source);
            return;
        }
        Emit(from.Size <= 4 ? M.Movd : M.Movq, from.Size <= 4 ? 4 : 8, d, source);
    }
}
