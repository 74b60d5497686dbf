using Kiln.CodeGen.Machine;
using Kiln.IR;
using Kiln.Isa.X86;
using M = Kiln.Isa.X86.Mnemonic;

namespace Kiln.CodeGen.Targets.X86;

// Vectors of 32 bytes in ymm registers. Arithmetic is that of Select.Vector.cs with a width; here stands what knows that a ymm register is
// two halves: lanes, splats, shuffles.
public sealed partial class X86Target
{
    // What AVX alone has not at 32 bytes: arithmetic of integers. Logic is done as on floating point.
    private static bool IsIntegerOnly(Op op, IrType vector, IrType type)
    {
        if (op is Op.And or Op.Or or Op.Xor or Op.Select or Op.Bitcast or Op.ExtractLane or Op.InsertLane or Op.Splat or Op.Opaque or Op.Load or Op.Store
            or Op.Shuffle or Op.Target1 or Op.Target2 or Op.Target3 or Op.SignedToFloat or Op.FloatToSigned)
            return false;
        _ = type;
        return !IsFloatVector(vector);
    }

    private void EmitOnes(Reg d, int width)
    {
        if (width == 32 && !_features.Avx2)
        {
            Span<byte> bytes = stackalloc byte[32];
            bytes.Fill(0xff);
            Emit(M.Vmovups, 32, d, new Address { Scale = 1, Size = 32, Space = SymbolSpace.Constant, Symbol = _s.Constants.Add(bytes) });
            return;
        }
        EmitOnesVector(d, width);
    }

    private void VectorShift(Value v, IrType type)
    {
        int width = VectorWidth(type);
        Op op = _f.OpOf(v);
        Value count = _f[v].B;
        Reg d = Def(v);
        Arg x = Arg.Narrow(Use(_f[v].A), width);
        M byOne = (op, type.LaneBits) switch
        {
            (Op.ShiftLeft, 16) => M.Psllw,
            (Op.ShiftLeft, 32) => M.Pslld,
            (Op.ShiftLeft, _) => M.Psllq,
            (Op.ShiftRightUnsigned, 16) => M.Psrlw,
            (Op.ShiftRightUnsigned, 32) => M.Psrld,
            (Op.ShiftRightUnsigned, _) => M.Psrlq,
            (_, 16) => M.Psraw,
            _ => M.Psrad,
        };
        if (_f.OpOf(count) == Op.VectorConstant && IsUniformConstant(count))
        {
            EmitRow(byOne, width, d, width, [x, Arg.Imm(_f.Bytes(count)[0])]);
            return;
        }
        if (_f.OpOf(count) == Op.Splat)
        {
            Value number = _f[count].A;
            Reg extended = type.LaneBits < 32 ? Extended(number, false, 4) : Use(number);
            Reg moved = NewVector(16);
            EmitRow(type.LaneBits == 64 ? M.Movq : M.Movd, 16, moved, 16, [Arg.Narrow(extended, type.LaneBits == 64 ? 8 : 4)]);
            EmitRow(byOne, width, d, width, [x, Arg.Narrow(moved, 16)]);
            return;
        }
        M each = (op, type.LaneBits) switch
        {
            (Op.ShiftLeft, 32) => M.Vpsllvd,
            (Op.ShiftLeft, _) => M.Vpsllvq,
            (Op.ShiftRightUnsigned, 32) => M.Vpsrlvd,
            (Op.ShiftRightUnsigned, _) => M.Vpsrlvq,
            _ => M.Vpsravd,
        };
        EmitRow(each, width, d, width, [x, Arg.Narrow(Use(count), width)]);
    }

    private bool IsUniformConstant(Value vector)
    {
        ReadOnlySpan<byte> bytes = _f.Bytes(vector);
        int size = _f.TypeOf(vector).Lane.Size;
        return bytes[size..].SequenceEqual(bytes[..^size]);
    }

    // a * b + c and its kin as one operation, where the language lets it (-ffp-contract=fast) and the product is of no other use.
    private bool TryContract(Value v)
    {
        if (!_features.Fma || !_optimize || (_f[v].Flags & InstructionFlags.Contract) == 0)
            return false;
        IrType type = _f[v].Type;
        if (type.Kind is not (ScalarKind.F32 or ScalarKind.F64))
            return false;
        bool isSub = _f.OpOf(v) == Op.FloatSub;
        Value a = _f[v].A, b = _f[v].B;
        bool isFirst = IsProduct(a);
        if (!isFirst && !IsProduct(b))
            return false;
        Value product = isFirst ? a : b, other = isFirst ? b : a;
        int width = RegisterWidth(type);
        bool isSingle = type.LaneBits == 32;
        Reg d = Def(v);
        Arg x = Arg.Narrow(Use(_f[product].A), width), y = Arg.Narrow(Use(_f[product].B), width), z = Arg.Narrow(Use(other), width);
        M mnemonic = (type.IsVector, isSub, isFirst) switch
        {
            (true, false, _) => isSingle ? M.Vfmadd213ps : M.Vfmadd213pd,
            (true, true, true) => isSingle ? M.Vfmsub213ps : M.Vfmsub213pd,
            (true, true, false) => isSingle ? M.Vfnmadd213ps : M.Vfnmadd213pd,
            (false, false, _) => isSingle ? M.Vfmadd213ss : M.Vfmadd213sd,
            (false, true, true) => isSingle ? M.Vfmsub213ss : M.Vfmsub213sd,
            _ => isSingle ? M.Vfnmadd213ss : M.Vfnmadd213sd,
        };
        EmitRow(mnemonic, width, d, width, [x, y, z]);
        return true;
    }

    private bool IsProduct(Value v) =>
        _f.OpOf(v) == Op.FloatMul && IsCovered(v) && (_f[v].Flags & InstructionFlags.Contract) != 0;

    private void VectorFma(Value v, IrType type)
    {
        int width = VectorWidth(type);
        Reg d = Def(v);
        Reg a = Use(_f[v].A), b = Use(_f[v].B), c = Use(_f[v].C);
        EmitRow(type.LaneBits == 32 ? M.Vfmadd213ps : M.Vfmadd213pd, width, d, width, [Arg.Narrow(a, width), Arg.Narrow(b, width), Arg.Narrow(c, width)]);
    }

    // The half with the lane is changed and put back.
    private void InsertWideLane(Value v, IrType type)
    {
        Value value = _f[v].B, index = _f[v].C;
        Reg d = Def(v);
        Reg x = Use(_f[v].A);
        if (!IsConstant(index))
        {
            var slot = new Address { Slot = _s.Machine.NewFrameObject(32, 4), Scale = 1 };
            Emit(M.Vmovups, 32, slot.OfSize(32), x);
            StoreValue(LanePlace(slot, index, type), value, type.Lane);
            Emit(M.Vmovups, 32, d, slot.OfSize(32));
            return;
        }
        int lanes = type.Lanes / 2, lane = (int)(_f[index].Aux & type.Lanes - 1);
        int half = lane / lanes;
        lane %= lanes;
        Reg part = NewVector(16), changed = NewVector(16);
        if (half == 0)
            EmitRow(M.Movaps, 16, part, 16, [Arg.Narrow(x, 16)]);
        else
            EmitRow(M.Vextractf128, 32, part, 16, [Arg.Narrow(x, 32), Arg.Imm(1)]);
        Reg lanewise = Use(value);
        switch (type.LaneBits)
        {
            case 8: EmitRow(M.Pinsrb, 16, changed, 16, [Arg.Narrow(part, 16), Arg.Narrow(lanewise, 4), Arg.Imm(lane)]); break;
            case 16: EmitRow(M.Pinsrw, 16, changed, 16, [Arg.Narrow(part, 16), Arg.Narrow(lanewise, 4), Arg.Imm(lane)]); break;
            case 32 when IsFloatVector(type):
                EmitRow(M.Insertps, 16, changed, 16, [Arg.Narrow(part, 16), Arg.Narrow(lanewise, 16), Arg.Imm(lane << 4)]);
                break;
            case 32: EmitRow(M.Pinsrd, 16, changed, 16, [Arg.Narrow(part, 16), Arg.Narrow(lanewise, 4), Arg.Imm(lane)]); break;
            case 64 when IsFloatVector(type):
                EmitRow(lane == 0 ? M.Movsd : M.Unpcklpd, 16, changed, 16, [Arg.Narrow(part, 16), Arg.Narrow(lanewise, 16)]);
                break;
            default: EmitRow(M.Pinsrq, 16, changed, 16, [Arg.Narrow(part, 16), Arg.Narrow(lanewise, 8), Arg.Imm(lane)]); break;
        }
        EmitRow(M.Vinsertf128, 32, d, 32, [Arg.Narrow(x, 32), Arg.Narrow(changed, 16), Arg.Imm(half)]);
    }

    private void SplatWide(Value v, IrType type)
    {
        int width = VectorWidth(type);
        Value lane = _f[v].A;
        Reg d = Def(v);
        bool isFloat = IsFloatVector(type);
        if (_features.Avx2)
        {
            Reg source = Use(lane);
            if (!isFloat)
            {
                Reg moved = NewVector(16);
                EmitRow(type.LaneBits == 64 ? M.Movq : M.Movd, 16, moved, 16, [Arg.Narrow(source, type.LaneBits == 64 ? 8 : 4)]);
                source = Resolve(moved);
            }
            M broadcast = type.LaneBits switch
            {
                8 => M.Vpbroadcastb,
                16 => M.Vpbroadcastw,
                32 => isFloat ? M.Vbroadcastss : M.Vpbroadcastd,
                _ => !isFloat || width == 16 ? M.Vpbroadcastq : M.Vbroadcastsd,
            };
            EmitRow(broadcast, width, d, width, [Arg.Narrow(source, 16)]);
            return;
        }
        // A half is made, and doubled.
        Reg half = NewVector(16);
        SplatHalf(half, Use(lane), type);
        EmitRow(M.Vinsertf128, 32, d, 32, [Arg.Narrow(half, 32), Arg.Narrow(half, 16), Arg.Imm(1)]);
    }

    private void SplatHalf(Reg d, Reg source, IrType type)
    {
        if (IsFloatVector(type))
        {
            Emit(M.Pshufd, 16, d, source, Arg.Imm(type.LaneBits == 32 ? 0 : 0x44));
            return;
        }
        Reg x = NewVector(16);
        EmitRow(type.LaneBits == 64 ? M.Movq : M.Movd, 16, x, 16, [Arg.Narrow(source, type.LaneBits == 64 ? 8 : 4)]);
        switch (type.LaneBits)
        {
            case 8 or 16:
                if (type.LaneBits == 8)
                    Emit(M.Punpcklbw, 16, x, x);
                Emit(M.Pshuflw, 16, d, x, Arg.Imm(0));
                Emit(M.Punpcklqdq, 16, d, d);
                break;
            default:
                Emit(M.Pshufd, 16, d, x, Arg.Imm(type.LaneBits == 64 ? 0x44 : 0));
                break;
        }
    }

    // Shuffles

    private void ShuffleWide(Value v, IrType type)
    {
        int lanes = type.Lanes, half = lanes / 2;
        Span<byte> mask = stackalloc byte[32];
        _f.Bytes(v).CopyTo(mask);
        mask = mask[..lanes];
        Value a = _f[v].A, b = _f[v].B;
        Reg d = Def(v);
        Reg x = Use(a), y = a == b ? x : Use(b);
        if (a == b)
        {
            foreach (ref byte lane in mask)
                lane = lane == 255 ? lane : (byte)(lane & lanes - 1);
        }
        if (IsIdentity(mask, 0))
        {
            Copy(d, x);
            return;
        }
        if (IsIdentity(mask, lanes))
        {
            Copy(d, y);
            return;
        }
        Arg wideX = Arg.Narrow(x, 32), wideY = Arg.Narrow(y, 32);
        if (HalvesOf(mask, half) is { } control)
        {
            EmitRow(M.Vperm2f128, 32, d, 32, [wideX, wideY, Arg.Imm(control)]);
            return;
        }
        bool isOne = true;
        foreach (byte lane in mask)
            isOne &= lane == 255 || lane < lanes;
        if (isOne && type.LaneBits == 64 && _features.Avx2)
        {
            int order = 0;
            for (int i = 0; i < 4; i++)
                order |= (mask[i] == 255 ? i : mask[i]) << i * 2;
            EmitRow(IsFloatVector(type) ? M.Vpermpd : M.Vpermq, 32, d, 32, [wideX, Arg.Imm(order)]);
            return;
        }
        if (TryInterleaveWide(d, wideX, wideY, mask, type) || (isOne && TryPermuteLanes(d, wideX, mask, type)))
            return;
        ShuffleWideInMemory(d, x, y, mask, type);
    }

    private static bool IsIdentity(ReadOnlySpan<byte> mask, int from)
    {
        for (int i = 0; i < mask.Length; i++)
        {
            if (mask[i] != 255 && mask[i] != from + i)
                return false;
        }
        return true;
    }

    // vperm2f128's control where each half of the result is a half of an operand.
    private static int? HalvesOf(ReadOnlySpan<byte> mask, int half)
    {
        int control = 0;
        for (int part = 0; part < 2; part++)
        {
            int from = -1;
            for (int i = 0; i < half; i++)
            {
                int lane = mask[part * half + i];
                if (lane == 255)
                    continue;
                if (lane % half != i || (from >= 0 && from != lane / half))
                    return null;
                from = lane / half;
            }
            control |= Math.Max(0, from) << part * 4;
        }
        return control;
    }

    // unpack works in each half by itself.
    private bool TryInterleaveWide(Reg d, Arg x, Arg y, ReadOnlySpan<byte> mask, IrType type)
    {
        int lanes = mask.Length, half = lanes / 2;
        for (int high = 0; high < 2; high++)
        {
            bool fits = true;
            for (int i = 0; i < lanes; i++)
            {
                int part = i / half, within = i % half;
                int wanted = part * half + high * (half / 2) + within / 2 + ((within & 1) != 0 ? lanes : 0);
                fits &= mask[i] == 255 || mask[i] == wanted;
            }
            if (!fits || (type.LaneBits < 32 && !_features.Avx2))
                continue;
            M mnemonic = type.LaneBits switch
            {
                8 => high == 0 ? M.Punpcklbw : M.Punpckhbw,
                16 => high == 0 ? M.Punpcklwd : M.Punpckhwd,
                32 => high == 0 ? M.Unpcklps : M.Unpckhps,
                _ => high == 0 ? M.Unpcklpd : M.Unpckhpd,
            };
            EmitRow(mnemonic, 32, d, 32, [x, y]);
            return true;
        }
        return false;
    }

    // Lanes of one operand that stay in their half, or any lanes of 32 bits, by a vector of numbers.
    private bool TryPermuteLanes(Reg d, Arg x, ReadOnlySpan<byte> mask, IrType type)
    {
        int lanes = mask.Length, half = lanes / 2, bytes = type.LaneBits / 8;
        bool staysInHalf = true;
        for (int i = 0; i < lanes; i++)
            staysInHalf &= mask[i] == 255 || mask[i] / half == i / half;
        Span<byte> control = stackalloc byte[32];
        if (staysInHalf && _features.Avx2)
        {
            for (int i = 0; i < 32; i++)
            {
                int lane = mask[i / bytes] == 255 ? i / bytes : mask[i / bytes];
                control[i] = (byte)(lane % half * bytes + i % bytes);
            }
            EmitRow(M.Pshufb, 32, d, 32, [x, WideConstant(control)]);
            return true;
        }
        if (type.LaneBits != 32 || !_features.Avx2)
            return false;
        control.Clear();
        for (int i = 0; i < 8; i++)
            control[i * 4] = mask[i] == 255 ? (byte)i : mask[i];
        Reg order = NewVector(32);
        Emit(M.Vmovups, 32, order, WideConstant(control).Address);
        EmitRow(M.Vpermps, 32, d, 32, [Arg.Narrow(order, 32), x]);
        return true;
    }

    private Arg WideConstant(ReadOnlySpan<byte> bytes) =>
        new Address { Scale = 1, Size = 32, Space = SymbolSpace.Constant, Symbol = _s.Constants.Add(bytes) };

    private void ShuffleWideInMemory(Reg d, Reg x, Reg y, ReadOnlySpan<byte> mask, IrType type)
    {
        int bytes = type.LaneBits / 8;
        var source = new Address { Slot = _s.Machine.NewFrameObject(64, 4), Scale = 1 };
        var result = new Address { Slot = _s.Machine.NewFrameObject(32, 4), Scale = 1 };
        Emit(M.Vmovups, 32, source.OfSize(32), x);
        Emit(M.Vmovups, 32, source.Plus(32).OfSize(32), y);
        for (int i = 0; i < mask.Length; i++)
        {
            if (mask[i] == 255)
                continue;
            Reg lane = NewReg(8);
            EmitLoadZero(lane, source.Plus(mask[i] * bytes), bytes);
            Emit(M.Mov, bytes, result.Plus(i * bytes).OfSize(bytes), lane);
        }
        Emit(M.Vmovups, 32, d, result.OfSize(32));
    }
}
