using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Kiln.Base;
using Kiln.Target;

namespace Kiln.Isa.X86;

// Writes the bytes of an instruction by its row: prefixes in GNU as's order (wait, segment, address size, operand size, repeat, lock, REX),
// opcode, ModRM, SIB, displacement, immediates. Intel SDM volume 2, chapter 2.

internal ref struct Encoder
{
    private readonly ref readonly Instruction _instruction;
    private readonly GrowBuffer<Fixup> _fixups;
    private readonly int _mode;
    private readonly int _firstFixup;
    private Span<byte> _bytes;
    private int _at;

    private Encoder(in Instruction instruction, int mode, Span<byte> bytes, GrowBuffer<Fixup> fixups)
    {
        _instruction = ref instruction;
        _fixups = fixups;
        _firstFixup = fixups.Count;
        _mode = mode;
        _bytes = bytes;
    }

    public static EncodeStatus Encode(in Instruction instruction, int mode, ByteWriter code, GrowBuffer<Fixup> fixups)
    {
        int row = Matcher.Find(in instruction, mode, out EncodeStatus status);
        if (row < 0)
            return status;
        if ((instruction.Prefixes & (uint)Prefixes.FenceAsLockAdd) != 0 &&
            (Mnemonic)instruction.Mnemonic is Mnemonic.Lfence or Mnemonic.Mfence or Mnemonic.Sfence)
        {
            // lock addl $0, (%rsp)
            code.Bytes(mode == 16 ? [0x67, 0x66, 0xf0, 0x83, 0x04, 0x24, 0x00] : [0xf0, 0x83, 0x04, 0x24, 0x00]);
            return EncodeStatus.Ok;
        }
        Span<byte> bytes = stackalloc byte[32];
        var encoder = new Encoder(in instruction, mode, bytes, fixups);
        status = encoder.Encode(row);
        if (status != EncodeStatus.Ok)
        {
            fixups.Truncate(encoder._firstFixup);
            return status;
        }
        code.Bytes(bytes[..encoder._at]);
        return EncodeStatus.Ok;
    }

    private EncodeStatus Encode(int row)
    {
        ulong e = Table.Encodings[row];
        if ((e & RowEncoding.HasTwin) != 0)
            row = ShorterVex(row, ref e);

        // Where the operands go.
        int reg = 0, rm = -1, vex = 0, is4 = -1, opcodeRegister = 0;
        ref readonly Operand memory = ref Unsafe.NullRef<Operand>();
        bool needsRex = false, forbidsRex = false;
        uint roles = Table.Roles[row];
        for (int i = 0; i < _instruction.OperandCount; i++, roles >>= 4)
        {
            ref readonly Operand operand = ref OperandAt(i);
            var role = (Role)(roles & 15);
            if (operand.Kind == OperandKind.Register)
            {
                int register = operand.Register, number = register & 31;
                if (register < Registers.Xmm0 && register >= Registers.Al)
                {
                    if (register >= Registers.Ah)
                        forbidsRex = true;
                    else if (number is >= 4 and < 8)
                        needsRex = true;
                }
                switch (role)
                {
                    case Role.ModReg: reg = number; break;
                    case Role.ModRm: rm = number; break;
                    case Role.ModBoth: reg = rm = number; break;
                    case Role.Vex: vex = number; break;
                    case Role.Is4: is4 = number; break;
                    case Role.Opcode: opcodeRegister = number; break;
                }
            }
            else if (operand.Kind == OperandKind.Memory && role is Role.ModRm)
                memory = ref operand;
        }
        if (RowEncoding.Extension(e) < 8)
            reg = RowEncoding.Extension(e);

        // Registers past the eighth: 64-bit mode alone has them.
        int rexBits = (reg >> 3 & 1) << 2 | ((rm > 0 ? rm : 0) | opcodeRegister) >> 3 & 1;
        int addressSize = RowEncoding.AddressSize(e) == 0 ? 0 : 8 << RowEncoding.AddressSize(e);
        int segment = (int)(_instruction.Prefixes >> 20 & 7);
        if (!Unsafe.IsNullRef(in memory))
        {
            int size = AddressSizeOf(in memory);
            if (size < 0)
                return EncodeStatus.BadAddress;
            if (size != 0 && addressSize != 0 && size != addressSize)
                return EncodeStatus.BadAddress;
            if (size != 0)
                addressSize = size;
            else if (addressSize == 0 && (_instruction.Prefixes & (uint)Prefixes.Addr) != 0)
                addressSize = _mode == 32 ? 16 : 32;
            rexBits |= (memory.Register < Registers.Rip ? memory.Register >> 3 & 1 : 0) |
                (memory.Index < Registers.Rip ? memory.Index >> 3 & 1 : 0) << 1;
        }
        else if (addressSize == 0 && (_instruction.Prefixes & (uint)Prefixes.Addr) != 0 && HasOffset(roles: Table.Roles[row]))
            addressSize = _mode == 32 ? 16 : 32;
        if (_mode != 64 && (rexBits != 0 || needsRex || vex > 7 || is4 > 7))
            return EncodeStatus.NotInMode;
        for (int i = 0; i < _instruction.OperandCount; i++)
        {
            // moffs and memory alike may carry a segment.
            ref readonly Operand operand = ref OperandAt(i);
            if (operand.Kind == OperandKind.Memory && operand.Segment != 0 && operand.Segment != DefaultSegment(in operand))
                segment = (operand.Segment & 31) + 1;
        }

        EncodeStatus status = WritePrefixes(e, segment, addressSize);
        if (status != EncodeStatus.Ok)
            return status;
        if (RowEncoding.Space(e) == 0)
        {
            if (WantsWide(e) && !((e & RowEncoding.IsExchange) != 0 && _instruction.Operand0.Register == _instruction.Operand1.Register))
                rexBits |= 8; // xchg %rax, %rax is a plain 90.
            if (rexBits != 0 || needsRex || (_instruction.Prefixes & (uint)Prefixes.Rex) != 0)
            {
                if (forbidsRex)
                    return EncodeStatus.RexConflict;
                if (_mode != 64)
                    return EncodeStatus.NotInMode;
                Put(0x40 | rexBits | (int)(_instruction.Prefixes >> 16 & 15));
            }
            int map = RowEncoding.Map(e);
            if (map != 0)
            {
                Put(0x0f);
                if (map > 1)
                    Put(map == 2 ? 0x38 : map == 3 ? 0x3a : 0x0f);
            }
        }
        else
            WriteVex(e, rexBits, vex);

        bool inSecond = (e & RowEncoding.LowByteRegister) != 0;
        bool isSuffix = RowEncoding.Map(e) == RowEncoding.SuffixMap;
        if (!isSuffix)
            Put(RowEncoding.Opcode(e) + (inSecond ? 0 : opcodeRegister & 7));
        if (RowEncoding.Extension(e) == RowEncoding.ExtensionFixed)
            Put(RowEncoding.Second(e) + (inSecond ? opcodeRegister & 7 : 0));
        else if (!Unsafe.IsNullRef(in memory))
        {
            status = WriteMemory(reg & 7, in memory, addressSize == 0 ? _mode : addressSize, rexBits);
            if (status != EncodeStatus.Ok)
                return status;
        }
        else if (RowEncoding.Extension(e) != RowEncoding.ExtensionNone)
            Put(0xc0 | (reg & 7) << 3 | (rm < 0 ? 0 : rm & 7));
        if (isSuffix)
            Put(RowEncoding.Opcode(e));
        return WriteImmediates(row, is4, addressSize == 0 ? _mode : addressSize);
    }

    /// <summary>Whether an operand is an absolute address without ModRM.</summary>
    private static bool HasOffset(uint roles) => (Role)(roles & 15) == Role.Offset || (Role)(roles >> 4 & 15) == Role.Offset;

    private readonly ref readonly Operand OperandAt(int index) => ref Unsafe.Add(ref Unsafe.AsRef(in _instruction.Operand0), index);

    private void Put(int value) => _bytes[_at++] = (byte)value;

    private void Put32(long value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_bytes[_at..], (int)value);
        _at += 4;
    }

    private static bool WantsWide(ulong e) =>
        RowEncoding.OperandSize(e) == 4 && (e & (RowEncoding.Default64 | RowEncoding.Forced64)) == 0 || RowEncoding.Wide(e) == 1;

    /// <summary>
    /// The two-byte VEX prefix has no room for the high bit of ModRM.rm. Where it alone is in the way of a move, GNU as uses the form that has
    /// its operands the other way around.
    /// </summary>
    private readonly int ShorterVex(int row, ref ulong e)
    {
        if ((_instruction.Prefixes & (uint)(Prefixes.Vex3 | Prefixes.Load | Prefixes.Store)) != 0)
            return row;
        int last = _instruction.OperandCount - 1;
        ref readonly Operand source = ref OperandAt(last);
        if (source.Kind != OperandKind.Register || (source.Register & 31) < 8 || (_instruction.Operand0.Register & 31) >= 8)
            return row;
        for (int twin = row + 1; twin < Table.FirstRow[_instruction.Mnemonic + 1]; twin++)
        {
            ulong other = Table.Encodings[twin];
            if ((other & RowEncoding.HasTwin) == 0 && RowEncoding.Length(other) == RowEncoding.Length(e) &&
                Forms.OperandCount(twin) == last + 1 && (Role)(Table.Roles[twin] & 15) == Role.ModRm &&
                (Table.TypeBits[(int)(Table.Operands[twin] & 0xff)] & RegisterNames.Bits[_instruction.Operand0.Register]) != 0)
            {
                e = other;
                return twin;
            }
        }
        return row;
    }

    private EncodeStatus WritePrefixes(ulong e, int segment, int addressSize)
    {
        uint prefixes = _instruction.Prefixes;
        OpcodePrefix mandatory = RowEncoding.Space(e) == 0 ? RowEncoding.Prefix(e) : OpcodePrefix.Any;
        if (mandatory == OpcodePrefix.P9B)
            Put(0x9b);
        if ((prefixes & (uint)Prefixes.NoTrack) != 0)
            Put(0x3e);
        if (segment != 0)
        {
            ReadOnlySpan<byte> bytes = [0, 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0];
            Put(bytes[segment]);
        }
        if (addressSize != 0 && addressSize != _mode)
        {
            if (addressSize == 16 && _mode == 64)
                return EncodeStatus.BadAddress;
            if (addressSize == 64)
                return EncodeStatus.NotInMode;
            Put(0x67);
        }
        else if ((prefixes & (uint)Prefixes.Addr) != 0)
            Put(0x67);
        int operandSize = RowEncoding.OperandSize(e);
        if (operandSize == 2 && _mode != 16 || operandSize == 3 && _mode == 16 || mandatory == OpcodePrefix.P66 ||
            (prefixes & (uint)Prefixes.Data16) != 0)
            Put(0x66);
        if (mandatory is OpcodePrefix.PF2 || (prefixes & (uint)Prefixes.Repne) != 0)
            Put(0xf2);
        if (mandatory is OpcodePrefix.PF3 || (prefixes & (uint)Prefixes.Rep) != 0)
            Put(0xf3);
        if ((prefixes & (uint)Prefixes.Lock) != 0)
            Put(0xf0);
        return EncodeStatus.Ok;
    }

    private void WriteVex(ulong e, int rexBits, int vex)
    {
        int length = RowEncoding.Length(e) == 1 || RowEncoding.Length(e) == 3 && (_instruction.Prefixes & (uint)Prefixes.LongWhereIgnored) != 0 ? 4 : 0;
        OpcodePrefix prefix = RowEncoding.Prefix(e);
        int pp = prefix switch { OpcodePrefix.P66 => 1, OpcodePrefix.PF3 => 2, OpcodePrefix.PF2 => 3, _ => 0 };
        int tail = (~vex & 15) << 3 | length | pp;
        bool isWide = RowEncoding.Wide(e) == 1 || RowEncoding.Wide(e) == 2 && (_instruction.Prefixes & (uint)Prefixes.WideWhereIgnored) != 0;
        if ((rexBits & 3) == 0 && !isWide && RowEncoding.Map(e) == 1 && (_instruction.Prefixes & (uint)Prefixes.Vex3) == 0)
        {
            Put(0xc5);
            Put((rexBits & 4) != 0 ? tail : tail | 0x80);
            return;
        }
        Put(0xc4);
        Put((~rexBits & 7) << 5 | RowEncoding.Map(e));
        Put(isWide ? tail | 0x80 : tail);
    }

    /// <summary>Address size of a memory operand by its registers: 0 where there are none, -1 where they cannot go together.</summary>
    private static int AddressSizeOf(in Operand memory)
    {
        int size = memory.Register == 0 ? 0 : SizeByClass(memory.Register);
        int index = memory.Index == 0 || memory.Index is >= Registers.Xmm0 and < Registers.K0 ? 0 : SizeByClass(memory.Index);
        if (size < 0 || index < 0 || size != 0 && index != 0 && size != index)
            return -1;
        if (memory.Register is Registers.Rip or Registers.Eip && memory.Index != 0)
            return -1;
        return size | index;
    }

    private static int SizeByClass(int register) => Registers.ClassOf(register) switch
    {
        RegisterClass.Gpr64 => 64,
        RegisterClass.Gpr32 => 32,
        RegisterClass.Gpr16 => 16,
        RegisterClass.Special => register is Registers.Rip or Registers.Riz ? 64 : 32,
        _ => -1,
    };

    private static int DefaultSegment(in Operand memory)
    {
        int number = memory.Register & 31;
        return memory.Register is not 0 and < Registers.Ax && number is 4 or 5 && memory.Register < Registers.Ax ? Registers.Ss : Registers.Ds;
    }

    private EncodeStatus WriteMemory(int reg, in Operand memory, int addressSize, int rexBits)
    {
        if (addressSize == 16)
            return WriteMemory16(reg, in memory);
        int scale = memory.Scale switch { 0 or 1 => 0, 2 => 1, 4 => 2, 8 => 3, _ => -1 };
        if (scale < 0)
            return EncodeStatus.BadAddress;
        long displacement = memory.Value;
        int symbol = memory.Symbol;
        bool isWide = addressSize == 64;
        if (symbol != 0 && memory.Modifier == (byte)X86Modifier.TlsCall)
        {
            // The displacement names the descriptor for the linker; the instruction has none.
            _fixups.Add(new Fixup { Kind = (byte)X86FixupKind.Mark, Modifier = memory.Modifier, Symbol = symbol, Addend = displacement });
            symbol = 0;
            displacement = 0;
        }
        if ((Mnemonic)_instruction.Mnemonic == Mnemonic.Lea && Registers.SizeOf(_instruction.Operand0.Register) <= 4 && displacement is > 0 and <= uint.MaxValue)
            displacement = (int)displacement; // what lies past 32 bits is cut off anyway
        if (symbol == 0 && (isWide ? displacement != (int)displacement : displacement is < int.MinValue or > uint.MaxValue))
            return EncodeStatus.DisplacementRange;
        X86FixupKind kind = isWide ? X86FixupKind.Abs32S : X86FixupKind.Abs32;

        int index = memory.Index, @base = memory.Register;
        if (@base is Registers.Rip or Registers.Eip)
        {
            Put(reg << 3 | 5);
            Displacement(X86FixupKind.PcRel32, in memory, symbol, displacement, rexBits);
            return EncodeStatus.Ok;
        }
        if (index == 0 && @base == 0 && _mode != 64)
        {
            Put(reg << 3 | 5);
            Displacement(kind, in memory, symbol, displacement, rexBits);
            return EncodeStatus.Ok;
        }
        int indexNumber = 4;
        if (index != 0 && index < Registers.Rip)
        {
            indexNumber = index & 31;
            if (indexNumber == 4 && index < Registers.Xmm0)
                return EncodeStatus.BadAddress;
        }
        if (@base == 0)
        {
            Put(reg << 3 | 4);
            Put(scale << 6 | (indexNumber & 7) << 3 | 5);
            Displacement(kind, in memory, symbol, displacement, rexBits);
            return EncodeStatus.Ok;
        }
        uint prefixes = _instruction.Prefixes;
        int low = @base & 7;
        int mod;
        if ((prefixes & (uint)Prefixes.Disp32) != 0)
            mod = 2;
        else if ((prefixes & (uint)Prefixes.Disp8) != 0 && (symbol != 0 || FitsByte(displacement, isWide)))
            mod = 1;
        else if (symbol != 0)
            mod = 2;
        else if (displacement == 0 && low != 5)
            mod = 0;
        else
            mod = FitsByte(displacement, isWide) ? 1 : 2;
        if (index != 0 || low == 4)
        {
            Put(mod << 6 | reg << 3 | 4);
            Put(scale << 6 | (indexNumber & 7) << 3 | low);
        }
        else
            Put(mod << 6 | reg << 3 | low);
        if (mod == 1)
        {
            if (symbol != 0)
                AddFixup(X86FixupKind.Abs8, 1, symbol, displacement, memory.Modifier);
            Put((int)displacement);
        }
        else if (mod == 2)
            Displacement(kind, in memory, symbol, displacement, rexBits);
        return EncodeStatus.Ok;
    }

    private static bool FitsByte(long displacement, bool isWide) =>
        isWide ? displacement == (sbyte)displacement : (int)displacement == (sbyte)displacement;

    private EncodeStatus WriteMemory16(int reg, in Operand memory)
    {
        int first = memory.Register == 0 ? memory.Index : memory.Register;
        int second = memory.Register == 0 ? 0 : memory.Index;
        if (memory.Scale > 1)
            return EncodeStatus.BadAddress;
        if (second is Registers.Bx or Registers.Bp)
            (first, second) = (second, first);
        int rm = (first, second) switch
        {
            (Registers.Bx, Registers.Si) => 0,
            (Registers.Bx, Registers.Di) => 1,
            (Registers.Bp, Registers.Si) => 2,
            (Registers.Bp, Registers.Di) => 3,
            (Registers.Si, 0) => 4,
            (Registers.Di, 0) => 5,
            (Registers.Bp, 0) => 6,
            (Registers.Bx, 0) => 7,
            (0, 0) => 8,
            _ => -1,
        };
        if (rm < 0)
            return EncodeStatus.BadAddress;
        if (memory.Symbol == 0 && memory.Value is < short.MinValue or > ushort.MaxValue)
            return EncodeStatus.DisplacementRange;
        int mod = rm == 8 ? 0 : (_instruction.Prefixes & (uint)Prefixes.Disp32) != 0 || memory.Symbol != 0 ? 2 :
            memory.Value == 0 && rm != 6 && (_instruction.Prefixes & (uint)Prefixes.Disp8) == 0 ? 0 : (short)memory.Value == (sbyte)memory.Value ? 1 : 2;
        Put(mod << 6 | reg << 3 | (rm == 8 ? 6 : rm));
        if (mod == 1)
            Put((int)memory.Value);
        else if (mod == 2 || rm == 8)
        {
            if (memory.Symbol != 0)
                AddFixup(X86FixupKind.Abs16, 2, memory.Symbol, memory.Value, memory.Modifier);
            Put((int)memory.Value);
            Put((int)memory.Value >> 8);
        }
        return EncodeStatus.Ok;
    }

    private void Displacement(X86FixupKind kind, in Operand memory, int symbol, long value, int rexBits)
    {
        if (symbol != 0)
        {
            byte modifier = memory.Modifier;
            if (modifier is (byte)X86Modifier.GotPcRel or (byte)X86Modifier.Got && (_instruction.Prefixes & (uint)Prefixes.Data16) == 0 &&
                (_instruction.Prefixes & (uint)Prefixes.NoGotRelaxation) == 0 && (_mode != 64 || memory.Register is Registers.Rip or Registers.Eip) &&
                IsRelaxableLoad())
            {
                if (modifier == (byte)X86Modifier.GotPcRel)
                    modifier = (byte)(rexBits != 0 || (_instruction.Prefixes & (uint)Prefixes.Rex) != 0 ? X86Modifier.RexGotPcRelX : X86Modifier.GotPcRelX);
                else if (_mode != 64)
                    modifier = (byte)X86Modifier.GotX;
            }
            AddFixup(kind, 4, symbol, value, modifier);
            value = 0;
        }
        Put32(value);
    }

    /// <summary>The instructions whose load from the GOT a linker may rewrite (x86-64 ABI, appendix B.2): mov, test, the two-operand
    /// arithmetic, indirect call and jmp.</summary>
    private readonly bool IsRelaxableLoad()
    {
        switch ((Mnemonic)_instruction.Mnemonic)
        {
            case Mnemonic.Call or Mnemonic.Jmp:
                return true;
            case Mnemonic.Mov or Mnemonic.Add or Mnemonic.Or or Mnemonic.Adc or Mnemonic.Sbb or Mnemonic.And or Mnemonic.Sub or Mnemonic.Xor or Mnemonic.Cmp:
                return _instruction.Operand0.Kind == OperandKind.Register && Registers.SizeOf(_instruction.Operand0.Register) >= 2 &&
                    Registers.ClassOf(_instruction.Operand0.Register) < RegisterClass.Gpr8;
            case Mnemonic.Test:
                return _instruction.Operand1.Kind == OperandKind.Register && Registers.ClassOf(_instruction.Operand1.Register) < RegisterClass.Gpr8 ||
                    _instruction.Operand0.Kind == OperandKind.Register && Registers.ClassOf(_instruction.Operand0.Register) < RegisterClass.Gpr8;
            default:
                return false;
        }
    }

    private void AddFixup(X86FixupKind kind, int size, int symbol, long addend, byte modifier) =>
        _fixups.Add(new Fixup
        {
            Offset = _at,
            Kind = (byte)kind,
            Size = (byte)size,
            Modifier = modifier,
            Symbol = symbol,
            Addend = addend,
        });

    private EncodeStatus WriteImmediates(int row, int is4, int addressSize)
    {
        uint roles = Table.Roles[row];
        int second = -1;
        for (int i = 0; i < _instruction.OperandCount; i++, roles >>= 4)
        {
            var role = (Role)(roles & 15);
            if (role is Role.Immediate or Role.Relative)
                WriteImmediate(row, i, role);
            else if (role == Role.Immediate2)
                second = i;
            else if (role == Role.Offset)
            {
                ref readonly Operand memory = ref OperandAt(i);
                int size = addressSize / 8;
                if (size < 8 && memory.Symbol == 0 && memory.Value >>> addressSize != 0 && memory.Value >> addressSize - 1 != -1)
                    return EncodeStatus.DisplacementRange;
                if (memory.Symbol != 0)
                    AddFixup(size == 8 ? X86FixupKind.Abs64 : size == 4 ? X86FixupKind.Abs32 : X86FixupKind.Abs16, size, memory.Symbol, memory.Value, memory.Modifier);
                PutNumber(memory.Symbol != 0 ? 0 : memory.Value, size);
            }
        }
        if (second >= 0)
            WriteImmediate(row, second, Role.Immediate2);
        if (is4 >= 0)
            Put(is4 << 4);
        // A pc-relative field counts from the instruction's end.
        for (int i = _firstFixup; i < _fixups.Count; i++)
        {
            ref Fixup fixup = ref _fixups[i];
            if (IsPcRelative((X86FixupKind)fixup.Kind) && fixup.Modifier != ImmediateGotPc)
                fixup.Addend -= _at - fixup.Offset;
            else if (fixup.Modifier == ImmediateGotPc)
                fixup.Modifier = (byte)X86Modifier.GotPc;
        }
        return EncodeStatus.Ok;
    }

    private const byte ImmediateGotPc = 0xff;

    public static bool IsPcRelative(X86FixupKind kind) =>
        kind is >= X86FixupKind.PcRel8 and <= X86FixupKind.Branch32;

    private void WriteImmediate(int row, int index, Role role)
    {
        ref readonly Operand operand = ref OperandAt(index);
        var kind = (ImmediateKind)Table.TypeImmediates[(int)(Table.Operands[row] >> index * 8 & 0xff)];
        int size = (int)(kind & ImmediateKind.SizeMask);
        if (operand.Symbol == 0)
        {
            PutNumber(operand.Value, size);
            return;
        }
        X86FixupKind fixup;
        if (role == Role.Relative)
            fixup = size switch { 1 => X86FixupKind.Branch8, 2 => X86FixupKind.Branch16, _ => X86FixupKind.Branch32 };
        else
            fixup = kind switch
            {
                ImmediateKind.Byte or ImmediateKind.SignedByte => X86FixupKind.Abs8,
                ImmediateKind.Word => X86FixupKind.Abs16,
                ImmediateKind.Long => X86FixupKind.Abs32,
                ImmediateKind.SignedLong => X86FixupKind.Abs32S,
                _ => X86FixupKind.Abs64,
            };
        byte modifier = operand.Modifier;
        long addend = operand.Value;
        if (modifier == (byte)X86Modifier.GotPc)
        {
            // add $_GLOBAL_OFFSET_TABLE_, %ebx: the distance counts from the instruction's start.
            fixup = size == 8 ? X86FixupKind.PcRel64 : X86FixupKind.PcRel32;
            addend += _at;
            modifier = ImmediateGotPc;
        }
        AddFixup(fixup, size, operand.Symbol, addend, modifier);
        PutNumber(0, size);
    }

    private void PutNumber(long value, int size)
    {
        for (int i = 0; i < size; i++, value >>= 8)
            Put((int)value);
    }
}
