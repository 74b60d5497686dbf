using System.Runtime.CompilerServices;
using Kiln.Base;

namespace Kiln.Isa.X86;

// Writes an instruction as GNU as reads it back, in either syntax. AT&T's mnemonic carries a suffix wherever the row has one, as compilers
// write it; rows whose suffix is optional get it only where the instruction asks for a size of its own.

internal readonly ref struct Printer
{
    private readonly ref readonly Instruction _instruction;
    private readonly ISymbolWriter _symbols;
    private readonly ByteWriter _output;
    private readonly int _mode;
    private readonly bool _isIntel, _hasPercent;

    private Printer(in Instruction instruction, int mode, AssemblySyntax syntax, ISymbolWriter symbols, ByteWriter output)
    {
        _instruction = ref instruction;
        _mode = mode;
        _isIntel = syntax is AssemblySyntax.Intel or AssemblySyntax.IntelPrefix;
        _hasPercent = syntax is AssemblySyntax.Gnu or AssemblySyntax.IntelPrefix;
        _symbols = symbols;
        _output = output;
    }

    public static void Print(in Instruction instruction, int mode, AssemblySyntax syntax, ISymbolWriter symbols, ByteWriter output)
    {
        int row = Matcher.Find(in instruction, mode, out _);
        new Printer(in instruction, mode, syntax, symbols, output).Print(row);
    }

    private void Print(int row)
    {
        PrintPrefixes();
        if (row < 0)
        {
            _output.Bytes(Names.Of((Mnemonic)_instruction.Mnemonic));
            _output.Bytes(" (bad)"u8);
            return;
        }
        ulong e = Table.Encodings[row];
        PrintName(row, e);
        int count = _instruction.OperandCount;
        bool reversed = !_isIntel && !IsKeptInOrder(in _instruction);
        for (int i = 0; i < count; i++)
        {
            int index = reversed ? count - 1 - i : i;
            _output.Bytes(i == 0 ? " "u8 : ", "u8);
            ref readonly Operand operand = ref Unsafe.Add(ref Unsafe.AsRef(in _instruction.Operand0), index);
            int type = (int)(Table.Operands[row] >> index * 8 & 0xff);
            PrintOperand(in operand, type, row, e);
        }
    }

    /// <summary>AT&amp;T's order is the manual's backwards, but for two immediates (<c>enter</c>, far branches) and <c>bound</c>.</summary>
    public static bool IsKeptInOrder(in Instruction instruction) =>
        instruction.OperandCount < 2 || instruction.OperandCount == 2 && instruction.Operand0.Kind == OperandKind.Immediate &&
        instruction.Operand1.Kind == OperandKind.Immediate || (Mnemonic)instruction.Mnemonic == Mnemonic.Bound;

    private void PrintPrefixes()
    {
        uint prefixes = _instruction.Prefixes;
        if (prefixes == 0)
            return;
        if ((prefixes & (uint)Prefixes.Vex3) != 0)
            _output.Bytes("{vex3} "u8);
        if ((prefixes & (uint)Prefixes.Vex) != 0)
            _output.Bytes("{vex} "u8);
        if ((prefixes & (uint)Prefixes.Disp8) != 0)
            _output.Bytes("{disp8} "u8);
        if ((prefixes & (uint)Prefixes.Disp32) != 0)
            _output.Bytes("{disp32} "u8);
        if ((prefixes & (uint)Prefixes.OtherDirection) == (uint)Prefixes.Load)
            _output.Bytes("{load} "u8);
        if ((prefixes & (uint)Prefixes.OtherDirection) == (uint)Prefixes.Store)
            _output.Bytes("{store} "u8);
        if ((prefixes & (uint)Prefixes.NoTrack) != 0)
            _output.Bytes("notrack "u8);
        int segment = (int)(prefixes >> 20 & 7);
        if (segment != 0)
        {
            _output.Bytes(Registers.NameOf(Registers.Es + segment - 1));
            _output.U8(' ');
        }
        if ((prefixes & (uint)Prefixes.Addr) != 0)
            _output.Bytes(_mode == 32 ? "addr16 "u8 : "addr32 "u8);
        if ((prefixes & (uint)Prefixes.Data16) != 0)
            _output.Bytes(_mode == 16 ? "data32 "u8 : "data16 "u8);
        if ((prefixes & (uint)Prefixes.Repne) != 0)
            _output.Bytes(Forms.HasTarget(_instruction.Mnemonic) ? "bnd "u8 : "repne "u8);
        if ((prefixes & (uint)Prefixes.Rep) != 0)
            _output.Bytes("rep "u8);
        if ((prefixes & (uint)Prefixes.Lock) != 0)
            _output.Bytes("lock "u8);
        if ((prefixes & (uint)Prefixes.Rex) == 0)
            return;
        uint bits = prefixes >> 16 & 15;
        if (bits == 0)
        {
            _output.Bytes("{rex} "u8);
            return;
        }
        _output.Bytes("rex."u8);
        for (int i = 0; i < 4; i++)
        {
            if ((bits & 8 >> i) != 0)
                _output.U8("WRXB"u8[i]);
        }
        _output.U8(' ');
    }

    private void PrintName(int row, ulong e)
    {
        Suffix suffix = RowEncoding.SuffixOf(e);
        bool isSized = suffix != Suffix.None && ((e & RowEncoding.SuffixOptional) == 0 || _instruction.Size != 0);
        if (_isIntel)
        {
            int intel = Table.IntelNames[row];
            _output.Bytes(Names.At(intel));
            // retw, pushw 1: where neither operands nor name nor mode tell the size.
            if (isSized && intel == Table.MnemonicNames[_instruction.Mnemonic] && (e & RowEncoding.IsString) == 0 && !HasSizedOperand())
                _output.Bytes(_mode == 16 ? (suffix == Suffix.L ? "d"u8 : ""u8) : suffix == Suffix.W ? "w"u8 : ""u8);
            return;
        }
        else
            _output.Bytes(Names.At(Table.GnuNames[row]));
        if (isSized)
            _output.Bytes(Letters(suffix));
        if ((_instruction.Prefixes & (uint)Prefixes.OtherDirection) == (uint)Prefixes.OtherDirection)
            _output.Bytes(".s"u8);
    }

    private bool HasSizedOperand()
    {
        for (int i = 0; i < _instruction.OperandCount; i++)
        {
            ref readonly Operand operand = ref Unsafe.Add(ref Unsafe.AsRef(in _instruction.Operand0), i);
            if (operand.Kind is OperandKind.Memory || operand.Kind is OperandKind.Register && Registers.ClassOf(operand.Register) != RegisterClass.Segment)
                return true;
        }
        return false;
    }

    private static ReadOnlySpan<byte> Letters(Suffix suffix) => suffix switch
    {
        Suffix.B => "b"u8,
        Suffix.W => "w"u8,
        Suffix.L or Suffix.FloatL or Suffix.IntegerL => "l"u8,
        Suffix.Q => "q"u8,
        Suffix.FloatS or Suffix.IntegerS => "s"u8,
        Suffix.FloatT => "t"u8,
        Suffix.IntegerLL => "ll"u8,
        Suffix.X => "x"u8,
        Suffix.Y => "y"u8,
        Suffix.None => ""u8,
        _ => throw new ArgumentOutOfRangeException(nameof(suffix), suffix, null),
    };

    private void PrintOperand(in Operand operand, int type, int row, ulong e)
    {
        switch (operand.Kind)
        {
            case OperandKind.Register:
                if (!_isIntel && Forms.HasTarget(_instruction.Mnemonic))
                    _output.U8('*');
                PrintRegister(operand.Register);
                break;
            case OperandKind.Immediate:
                if (!_isIntel)
                    _output.U8('$');
                else if (operand.Symbol != 0)
                    _output.Bytes("OFFSET "u8);
                PrintValue(in operand);
                break;
            case OperandKind.Target:
                if (operand.Symbol != 0)
                    _symbols.WriteSymbol(operand.Symbol, operand.Value, operand.Modifier, _output);
                else
                    PrintDistance(operand.Value);
                break;
            case OperandKind.Memory:
                if (_isIntel)
                    PrintIntelMemory(in operand, type, row);
                else
                    PrintGnuMemory(in operand, row);
                break;
            default:
                throw new InvalidOperationException($"operand of kind {operand.Kind}");
        }
    }

    private void PrintRegister(int register)
    {
        if (_hasPercent)
            _output.U8('%');
        _output.Bytes(register == Registers.St0 ? "st"u8 : Registers.NameOf(register));
    }

    private void PrintValue(in Operand operand)
    {
        if (operand.Symbol != 0)
            _symbols.WriteSymbol(operand.Symbol, operand.Value, operand.Modifier, _output);
        else
            PrintNumber(operand.Value);
    }

    private void PrintNumber(long value)
    {
        Span<byte> digits = stackalloc byte[20];
        value.TryFormat(digits, out int length);
        _output.Bytes(digits[..length]);
    }

    /// <summary>A branch without a symbol (decoded): its place, from this instruction's start.</summary>
    private void PrintDistance(long value)
    {
        var code = new ByteWriter(16);
        Encoder.Encode(in _instruction, _mode, code, new GrowBuffer<Fixup>(4));
        long distance = value + code.Length;
        _output.U8('.');
        if (distance >= 0)
            _output.U8('+');
        PrintNumber(distance);
    }

    private void PrintGnuMemory(in Operand operand, int row)
    {
        if (Forms.HasTarget(_instruction.Mnemonic) || (Mnemonic)_instruction.Mnemonic is Mnemonic.Jmpf or Mnemonic.Callf)
            _output.U8('*');
        if (operand.Segment != 0)
        {
            PrintRegister(operand.Segment);
            _output.U8(':');
        }
        if (operand.Symbol != 0 || operand.Value != 0 || operand.Register == 0 && operand.Index == 0)
            PrintValue(in operand);
        if (operand.Register == 0 && operand.Index == 0)
            return;
        _output.U8('(');
        if (operand.Register != 0)
            PrintRegister(operand.Register);
        if (operand.Index != 0)
        {
            _output.U8(',');
            PrintRegister(operand.Index);
            _output.U8(',');
            PrintNumber(Math.Max((byte)1, operand.Scale));
        }
        _output.U8(')');
    }

    private void PrintIntelMemory(in Operand operand, int type, int row)
    {
        int size = operand.Size != 0 ? operand.Size : Table.TypeSizes[type];
        _output.Bytes(size switch
        {
            1 => "BYTE PTR "u8,
            2 => "WORD PTR "u8,
            4 => "DWORD PTR "u8,
            6 => "FWORD PTR "u8,
            8 => "QWORD PTR "u8,
            10 => "TBYTE PTR "u8,
            16 => "XMMWORD PTR "u8,
            32 => "YMMWORD PTR "u8,
            64 => "ZMMWORD PTR "u8,
            _ => ""u8,
        });
        bool isNumber = operand.Symbol == 0 && operand.Register == 0 && operand.Index == 0;
        if (operand.Segment != 0 || isNumber)
        {
            PrintRegister(operand.Segment != 0 ? operand.Segment : Registers.Ds);
            _output.U8(':');
        }
        if (isNumber)
        {
            PrintNumber(operand.Value);
            return;
        }
        _output.U8('[');
        bool isFirst = true;
        if (operand.Register != 0)
        {
            PrintRegister(operand.Register);
            isFirst = false;
        }
        if (operand.Index != 0)
        {
            if (!isFirst)
                _output.U8('+');
            isFirst = false;
            PrintRegister(operand.Index);
            if (Registers.ClassOf(operand.Index) != RegisterClass.Gpr16)
            {
                _output.U8('*');
                PrintNumber(Math.Max((byte)1, operand.Scale));
            }
        }
        if (operand.Symbol != 0)
        {
            if (!isFirst)
                _output.U8('+');
            _symbols.WriteSymbol(operand.Symbol, operand.Value, operand.Modifier, _output);
        }
        else if (operand.Value != 0)
        {
            if (operand.Value > 0)
                _output.U8('+');
            PrintNumber(operand.Value);
        }
        _output.U8(']');
    }
}
