using System.Buffers.Binary;

namespace Kiln.Isa.X86;

// Reads one instruction: prefixes, opcode, then the first row of the opcode's list that agrees with everything read. Rows of an opcode
// are in order of how particular they are. What encodings the encoder would not have chosen (a long displacement where a short one fits) is kept
// as a wish in the prefixes where there is one for it.

internal ref struct Decoder
{
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly int _mode;
    private int _at;
    private int _segment, _rex, _repeat;
    private bool _has66, _has67, _hasLock, _hasRex, _isVex, _isBad;
    private int _wide, _length, _vex, _vexPrefix, _map, _opcode;

    private Decoder(ReadOnlySpan<byte> bytes, int mode)
    {
        _bytes = bytes;
        _mode = mode;
    }

    public static int Decode(ReadOnlySpan<byte> bytes, int mode, out Instruction instruction)
    {
        instruction = default;
        var decoder = new Decoder(bytes[..Math.Min(bytes.Length, 15)], mode);
        return decoder.Decode(ref instruction) && !decoder._isBad ? decoder._at : 0;
    }

    private int Next()
    {
        if (_at < _bytes.Length)
            return _bytes[_at++];
        _isBad = true;
        return 0;
    }

    private readonly int Ahead(int distance = 0) => _at + distance < _bytes.Length ? _bytes[_at + distance] : -1;

    private bool Decode(ref Instruction instruction)
    {
        ReadPrefixes();
        ReadOpcode();
        if (_isBad)
            return false;
        int key = (_map + (_isVex ? 4 : 0)) * 256 + _opcode;
        int end = Table.DecodeFirst[key + 1];
        for (int i = Table.DecodeFirst[key]; i < end; i++)
        {
            int row = Table.DecodeRows[i];
            if (!Agrees(row))
                continue;
            int saved = _at;
            instruction = default;
            ReadOperands(row, ref instruction);
            if (_map == RowEncoding.SuffixMap && !_isVex)
                Next();
            if (!_isBad)
                return true;
            _at = saved;
            return false;
        }
        return false;
    }

    private void ReadPrefixes()
    {
        while (true)
        {
            int b = Ahead();
            switch (b)
            {
                case 0x66: _has66 = true; break;
                case 0x67: _has67 = true; break;
                case 0xf0: _hasLock = true; break;
                case 0xf2 or 0xf3: _repeat = b; break;
                case 0x26 or 0x2e or 0x36 or 0x3e: _segment = (b >> 3 & 3) + 1; break;
                case 0x64 or 0x65: _segment = b - 0x64 + 5; break;
                default:
                    if (_mode == 64 && (b & 0xf0) == 0x40)
                    {
                        _rex = b & 15;
                        _hasRex = true;
                        _at++;
                    }
                    return;
            }
            _at++;
        }
    }

    private void ReadOpcode()
    {
        _wide = _rex >> 3;
        int b = Next();
        if (b is 0xc4 or 0xc5 && !_hasRex && (_mode == 64 || Ahead() >= 0xc0))
        {
            _isVex = true;
            int first = Next();
            int last = first;
            _map = 1;
            _rex = (~first >> 7 & 1) << 2;
            if (b == 0xc4)
            {
                _rex = ~first >> 5 & 7;
                _map = first & 31;
                last = Next();
                _wide = last >> 7;
            }
            _vex = ~last >> 3 & 15;
            _length = last >> 2 & 1;
            _vexPrefix = last & 3;
            if (_map is 0 or > 3)
                _isBad = true;
            _opcode = Next();
            return;
        }
        _opcode = b;
        if (b != 0x0f)
            return;
        _map = 1;
        _opcode = Next();
        if (_opcode is 0x38 or 0x3a)
        {
            _map = _opcode == 0x38 ? 2 : 3;
            _opcode = Next();
        }
        else if (_opcode == 0x0f)
        {
            _map = RowEncoding.SuffixMap;
            _opcode = Ahead(ModRmLength());
            _isBad |= _opcode < 0;
        }
    }

    // Bytes of ModRM, SIB and displacement ahead.
    private readonly int ModRmLength()
    {
        int modRm = Ahead();
        int mod = modRm >> 6, rm = modRm & 7;
        if (modRm < 0 || mod == 3)
            return 1;
        if (AddressSize == 16)
            return 1 + (mod == 1 ? 1 : mod == 2 || rm == 6 ? 2 : 0);
        int sib = rm == 4 ? 1 : 0;
        bool isBaseless = mod == 0 && (rm == 5 || rm == 4 && (Ahead(1) & 7) == 5);
        return 1 + sib + (mod == 1 ? 1 : mod == 2 || isBaseless ? 4 : 0);
    }

    /// <summary>1, 2, 3, 4: 8, 16, 32, 64 bits.</summary>
    private readonly int OperandSize(ulong e)
    {
        if (_mode == 64)
            return _wide == 1 ? 4 : _has66 ? 2 : (e & RowEncoding.Default64) != 0 ? 4 : 3;
        return _has66 == (_mode == 32) ? 2 : 3;
    }

    private readonly int AddressSize => _mode == 64 ? _has67 ? 32 : 64 : _has67 == (_mode == 32) ? 16 : 32;

    private readonly bool Agrees(int row)
    {
        ulong e = Table.Encodings[row];
        if ((RowEncoding.Modes(e) & (_mode == 64 ? 4 : _mode == 32 ? 2 : 1)) == 0)
            return false;
        int size = RowEncoding.OperandSize(e);
        if (size > 1 && size != OperandSize(e))
            return false;
        if (_isVex)
        {
            int wanted = RowEncoding.Prefix(e) switch { OpcodePrefix.P66 => 1, OpcodePrefix.PF3 => 2, OpcodePrefix.PF2 => 3, _ => 0 };
            if (wanted != _vexPrefix || RowEncoding.Wide(e) != 2 && RowEncoding.Wide(e) != _wide || RowEncoding.Length(e) != 3 && RowEncoding.Length(e) != _length)
                return false;
        }
        else
        {
            bool fits = RowEncoding.Prefix(e) switch
            {
                OpcodePrefix.Any => true,
                OpcodePrefix.P66 => _has66 && _repeat == 0,
                OpcodePrefix.PF2 => _repeat == 0xf2,
                OpcodePrefix.PF3 => _repeat == 0xf3,
                OpcodePrefix.None => _repeat == 0 && (!_has66 || size > 1),
                _ => false,
            };
            if (!fits || RowEncoding.Wide(e) == 1 && _wide == 0)
                return false;
        }
        if (RowEncoding.AddressSize(e) != 0 && 8 << RowEncoding.AddressSize(e) != AddressSize)
            return false;
        if (_opcode == 0x90 && _map == 0 && (Mnemonic)Table.RowMnemonic[row] == Mnemonic.Nop && (_rex & 1) != 0)
            return false;
        return AgreesModRm(row, e);
    }

    private readonly bool AgreesModRm(int row, ulong e)
    {
        int extension = RowEncoding.Extension(e);
        if (extension == RowEncoding.ExtensionNone)
            return true;
        int modRm = Ahead();
        if (modRm < 0)
            return false;
        if (extension == RowEncoding.ExtensionFixed)
            return (e & RowEncoding.LowByteRegister) != 0 ? (modRm & 0xf8) == RowEncoding.Second(e) : modRm == RowEncoding.Second(e);
        if (extension < 8 && (modRm >> 3 & 7) != extension)
            return false;
        uint roles = Table.Roles[row], types = Table.Operands[row];
        bool usesVex = false;
        for (; types != 0; roles >>= 4, types >>= 8)
        {
            var role = (Role)(roles & 15);
            usesVex |= role == Role.Vex;
            if (role != Role.ModRm)
                continue;
            const OperandBits Memory = OperandBits.MAny | OperandBits.MVectorX | OperandBits.MVectorY;
            var bits = (OperandBits)Table.TypeBits[(int)(types & 0xff)];
            if (modRm < 0xc0 ? (bits & Memory) == 0 : (bits & ~Memory) == 0)
                return false;
        }
        return usesVex || _vex == 0 || !_isVex;
    }

    private void ReadOperands(int row, ref Instruction instruction)
    {
        ulong e = Table.Encodings[row];
        instruction.Mnemonic = Table.RowMnemonic[row];
        int modRm = 0;
        if (RowEncoding.Extension(e) != RowEncoding.ExtensionNone)
            modRm = Next();
        uint roles = Table.Roles[row], types = Table.Operands[row];
        bool usedSegment = false, usedAddress = RowEncoding.AddressSize(e) != 0;
        int count = 0;
        // Memory first: its displacement stands before the immediates.
        var memory = default(Operand);
        if (RowEncoding.Extension(e) <= RowEncoding.ExtensionRegister && modRm < 0xc0)
        {
            for (uint r = roles, t = types; t != 0; r >>= 4, t >>= 8)
            {
                if ((Role)(r & 15) == Role.ModRm)
                    memory = ReadMemory(modRm, (int)(t & 0xff), ref instruction.Prefixes);
            }
            usedSegment = usedAddress = memory.Kind != OperandKind.None;
        }
        int second = -1;
        for (; types != 0; roles >>= 4, types >>= 8, count++)
        {
            int type = (int)(types & 0xff);
            var role = (Role)(roles & 15);
            switch (role)
            {
                case Role.ModRm when modRm < 0xc0:
                    instruction[count] = memory;
                    break;
                case Role.Immediate2:
                    second = count;
                    break;
                case Role.Offset:
                    instruction[count] = Operand.Mem(Table.TypeSizes[type], 0, displacement: ReadNumber(AddressSize / 8));
                    usedAddress = true;
                    break;
                default:
                    instruction[count] = ReadOperand(role, type, modRm);
                    break;
            }
            if (instruction[count].Kind == OperandKind.Memory && _segment != 0)
            {
                instruction[count].Segment = (ushort)(Registers.Es + _segment - 1);
                usedSegment = true;
            }
        }
        if (second >= 0)
            instruction[second] = ReadOperand(Role.Immediate2, (int)(Table.Operands[row] >> second * 8 & 0xff), modRm);
        instruction.OperandCount = (byte)count;
        Suffix suffix = RowEncoding.SuffixOf(e);
        if (suffix != Suffix.None && ((e & RowEncoding.SuffixOptional) == 0 || _has66))
            instruction.Size = (byte)RowEncoding.SizeOf(suffix);
        SetPrefixes(e, usedSegment, usedAddress, ref instruction);
    }

    private readonly void SetPrefixes(ulong e, bool usedSegment, bool usedAddress, ref Instruction instruction)
    {
        var prefixes = (Prefixes)instruction.Prefixes;
        if (_hasLock)
            prefixes |= Prefixes.Lock;
        OpcodePrefix mandatory = RowEncoding.Prefix(e);
        if (_repeat == 0xf3 && mandatory != OpcodePrefix.PF3)
            prefixes |= Prefixes.Rep;
        if (_repeat == 0xf2 && mandatory != OpcodePrefix.PF2)
            prefixes |= Prefixes.Repne;
        if (_has66 && RowEncoding.OperandSize(e) <= 1 && mandatory != OpcodePrefix.P66)
            prefixes |= Prefixes.Data16;
        if (_has67 && !usedAddress)
            prefixes |= Prefixes.Addr;
        if (_segment != 0 && !usedSegment)
            prefixes |= _segment == 4 && Forms.HasTarget(instruction.Mnemonic) && instruction.Operand0.Kind != OperandKind.Target
                ? Prefixes.NoTrack
                : (Prefixes)(_segment << 20);
        if ((e & RowEncoding.NeedsVexPrefix) != 0)
            prefixes |= Prefixes.Vex;
        instruction.Prefixes = (uint)prefixes;
    }

    private Operand ReadOperand(Role role, int type, int modRm)
    {
        var bits = (OperandBits)Table.TypeBits[type];
        var kind = (ImmediateKind)Table.TypeImmediates[type];
        switch (role)
        {
            case Role.Implied:
                return Implied(bits);
            case Role.ModReg:
                return Register(bits, modRm >> 3 & 7 | (_rex & 4) << 1);
            case Role.ModRm:
                return Register(bits, modRm & 7 | (_rex & 1) << 3);
            case Role.ModBoth:
                return Register(bits, modRm >> 3 & 7 | (_rex & 4) << 1);
            case Role.Vex:
                return Register(bits, _mode == 64 ? _vex : _vex & 7);
            case Role.Is4:
                return Register(bits, Next() >> 4 & (_mode == 64 ? 15 : 7));
            case Role.Opcode:
                // x87 keeps the number in the second byte.
                return Register(bits, (modRm != 0 ? modRm : _opcode) & 7 | (_rex & 1) << 3);
            case Role.Immediate or Role.Immediate2:
                long value = ReadNumber((int)(kind & ImmediateKind.SizeMask));
                return Operand.Imm(kind == ImmediateKind.Byte ? value & 0xff : value);
            case Role.Relative:
                return new Operand { Kind = OperandKind.Target, Value = ReadNumber((int)kind) };
            default:
                throw new InvalidOperationException($"role {role}");
        }
    }

    private static Operand Implied(OperandBits bits) => bits switch
    {
        OperandBits.Al => Operand.Reg(Registers.Al),
        OperandBits.Ax => Operand.Reg(Registers.Ax),
        OperandBits.Eax => Operand.Reg(Registers.Eax),
        OperandBits.Rax => Operand.Reg(Registers.Rax),
        OperandBits.Cl => Operand.Reg(Registers.Cl),
        OperandBits.Dx => Operand.Reg(Registers.Dx),
        OperandBits.Edx => Operand.Reg(Registers.Edx),
        OperandBits.Es => Operand.Reg(Registers.Es),
        OperandBits.Cs => Operand.Reg(Registers.Cs),
        OperandBits.Ss => Operand.Reg(Registers.Ss),
        OperandBits.Ds => Operand.Reg(Registers.Ds),
        OperandBits.Fs => Operand.Reg(Registers.Fs),
        OperandBits.Gs => Operand.Reg(Registers.Gs),
        OperandBits.St0 => Operand.Reg(Registers.St0),
        OperandBits.Xmm0 => Operand.Reg(Registers.Xmm0),
        OperandBits.One => Operand.Imm(1),
        OperandBits.Three => Operand.Imm(3),
        _ => throw new InvalidOperationException($"implied operand {bits}"),
    };

    private Operand Register(OperandBits bits, int number)
    {
        int register = (bits & ~OperandBits.MAny) switch
        {
            OperandBits.R8 => !_hasRex && number is >= 4 and < 8 ? Registers.Ah - 4 + number : Registers.Al + number,
            OperandBits.R16 => Registers.Ax + number,
            OperandBits.R32 => Registers.Eax + number,
            OperandBits.R64 => Registers.Rax + number,
            OperandBits.Segment => Registers.Es + (number & 7),
            OperandBits.Control => Registers.Cr0 + number,
            OperandBits.Debug => Registers.Dr0 + number,
            OperandBits.St => Registers.St0 + (number & 7),
            OperandBits.Mmx => Registers.Mm0 + (number & 7),
            OperandBits.Xmm => Registers.Xmm0 + number,
            OperandBits.Ymm => Registers.Ymm0 + number,
            _ => 0,
        };
        if (register is 0 or >= Registers.Es + 6 and < Registers.Cr0)
            _isBad = true;
        return Operand.Reg(register);
    }

    private long ReadNumber(int size)
    {
        if (_at + size > _bytes.Length)
        {
            _isBad = true;
            return 0;
        }
        ReadOnlySpan<byte> at = _bytes[_at..];
        _at += size;
        return size switch
        {
            1 => (sbyte)at[0],
            2 => BinaryPrimitives.ReadInt16LittleEndian(at),
            4 => BinaryPrimitives.ReadInt32LittleEndian(at),
            _ => BinaryPrimitives.ReadInt64LittleEndian(at),
        };
    }

    private Operand ReadMemory(int modRm, int type, ref uint prefixes)
    {
        int mod = modRm >> 6, rm = modRm & 7;
        var operand = new Operand { Kind = OperandKind.Memory, Size = Table.TypeSizes[type] };
        if (AddressSize == 16)
        {
            ReadMemory16(mod, rm, ref operand, ref prefixes);
            return operand;
        }
        int first = AddressSize == 64 ? Registers.Rax : Registers.Eax;
        bool noBase = mod == 0 && rm == 5;
        int low = rm;
        if (rm == 4)
        {
            int sib = Next();
            low = sib & 7;
            int index = sib >> 3 & 7 | (_rex & 2) << 2;
            var bits = (OperandBits)Table.TypeBits[type];
            bool isVector = (bits & (OperandBits.MVectorX | OperandBits.MVectorY)) != 0;
            if (index != 4 || isVector)
            {
                operand.Index = (ushort)((isVector ? (bits & OperandBits.MVectorX) != 0 ? Registers.Xmm0 : Registers.Ymm0 : first) + index);
                operand.Scale = (byte)(1 << (sib >> 6));
            }
            noBase = mod == 0 && low == 5;
        }
        if (!noBase)
            operand.Register = (ushort)(first + (low | (_rex & 1) << 3));
        else if (rm == 5 && _mode == 64)
            operand.Register = (ushort)(AddressSize == 64 ? Registers.Rip : Registers.Eip);
        if (mod == 1)
        {
            operand.Value = ReadNumber(1);
            if (operand.Value == 0 && low != 5)
                prefixes |= (uint)Prefixes.Disp8;
        }
        else if (mod == 2 || noBase)
        {
            operand.Value = ReadNumber(4);
            if (mod == 2 && operand.Value == (sbyte)operand.Value)
                prefixes |= (uint)Prefixes.Disp32;
        }
        return operand;
    }

    private void ReadMemory16(int mod, int rm, ref Operand operand, ref uint prefixes)
    {
        ReadOnlySpan<ushort> bases = [Registers.Bx, Registers.Bx, Registers.Bp, Registers.Bp, Registers.Si, Registers.Di, Registers.Bp, Registers.Bx];
        ReadOnlySpan<ushort> indexes = [Registers.Si, Registers.Di, Registers.Si, Registers.Di];
        if (mod == 0 && rm == 6)
        {
            operand.Value = ReadNumber(2);
            return;
        }
        operand.Register = bases[rm];
        if (rm < 4)
        {
            operand.Index = indexes[rm];
            operand.Scale = 1;
        }
        if (mod == 1)
        {
            operand.Value = ReadNumber(1);
            if (operand.Value == 0 && rm != 6)
                prefixes |= (uint)Prefixes.Disp8;
        }
        else if (mod == 2)
        {
            operand.Value = ReadNumber(2);
            if (operand.Value == (sbyte)operand.Value)
                prefixes |= (uint)Prefixes.Disp32;
        }
    }
}
