using System.Globalization;
using Kiln.Isa.X86;

namespace Kiln.TableGen.X86;

/// <summary>A type of operands as the table names it.</summary>
internal sealed record OperandType(string Name, OperandBits Bits, ImmediateKind Immediate, int MemorySize, bool IsFixed, bool IsRelative)
{
    private static readonly Dictionary<string, OperandType> Known = [];

    public static OperandType Of(string name)
    {
        if (!Known.TryGetValue(name, out OperandType? type))
            Known.Add(name, type = Make(name));
        return type;
    }

    private static OperandType Make(string name)
    {
        OperandBits bits = OperandBits.None;
        int size = 0;
        switch (name)
        {
            case "imm8": return new(name, OperandBits.AnyNumber, ImmediateKind.Byte, 0, false, false);
            case "imm8s": return new(name, OperandBits.Number, ImmediateKind.SignedByte, 0, false, false);
            case "imm16": return new(name, OperandBits.AnyNumber, ImmediateKind.Word, 0, false, false);
            case "imm32": return new(name, OperandBits.AnyNumber, ImmediateKind.Long, 0, false, false);
            case "imm32s": return new(name, OperandBits.AnyNumber, ImmediateKind.SignedLong, 0, false, false);
            case "imm64": return new(name, OperandBits.AnyNumber, ImmediateKind.Quad, 0, false, false);
            case "rel8": return new(name, OperandBits.Target, ImmediateKind.Byte, 0, false, true);
            case "rel16": return new(name, OperandBits.Target, ImmediateKind.Word, 0, false, true);
            case "rel32": return new(name, OperandBits.Target, ImmediateKind.Long, 0, false, true);
        }
        OperandBits fixedBits = name switch
        {
            "al" => OperandBits.Al,
            "ax" => OperandBits.Ax,
            "eax" => OperandBits.Eax,
            "rax" => OperandBits.Rax,
            "cl" => OperandBits.Cl,
            "dx" => OperandBits.Dx,
            "edx" => OperandBits.Edx,
            "es" => OperandBits.Es,
            "cs" => OperandBits.Cs,
            "ss" => OperandBits.Ss,
            "ds" => OperandBits.Ds,
            "fs" => OperandBits.Fs,
            "gs" => OperandBits.Gs,
            "st0" => OperandBits.St0,
            "xmm0" => OperandBits.Xmm0,
            "1" => OperandBits.One,
            "3" => OperandBits.Three,
            _ => OperandBits.None,
        };
        if (fixedBits != 0)
            return new(name, fixedBits, ImmediateKind.None, 0, true, false);
        if (name.StartsWith("r/m", StringComparison.Ordinal))
            name = "r" + name[3..] + "/" + name[2..];
        foreach (string part in name.Split('/'))
        {
            bits |= part switch
            {
                "r8" => OperandBits.R8,
                "r16" => OperandBits.R16,
                "r32" => OperandBits.R32,
                "r64" => OperandBits.R64,
                "sreg" => OperandBits.Segment,
                "cr" => OperandBits.Control,
                "dr" => OperandBits.Debug,
                "st(i)" => OperandBits.St,
                "mm" => OperandBits.Mmx,
                "xmm" => OperandBits.Xmm,
                "ymm" => OperandBits.Ymm,
                "m" => OperandBits.MAny,
                "m16:16" => OperandBits.M32,
                "m16:32" => OperandBits.M48,
                "m16:64" => OperandBits.M80,
                "vm32x" or "vm64x" => OperandBits.MVectorX,
                "vm32y" or "vm64y" => OperandBits.MVectorY,
                ['m', 'o', 'f', 'f', 's', ..] => OperandBits.MOffset,
                ['m', .. var digits] => Memory(digits, ref size),
                _ => throw new FormatException($"unknown operand type {part}"),
            };
            if (part.StartsWith("moffs", StringComparison.Ordinal))
                size = int.Parse(part[5..], CultureInfo.InvariantCulture) / 8;
            else if (part.StartsWith("m16:", StringComparison.Ordinal))
                size = 2 + int.Parse(part[4..], CultureInfo.InvariantCulture) / 8;
        }
        return new(name, bits, ImmediateKind.None, size, false, false);
    }

    private static OperandBits Memory(string digits, ref int size)
    {
        int bits = int.Parse(digits, CultureInfo.InvariantCulture);
        size = bits / 8;
        return bits switch
        {
            8 => OperandBits.M8,
            16 => OperandBits.M16,
            32 => OperandBits.M32,
            48 => OperandBits.M48,
            64 => OperandBits.M64,
            80 => OperandBits.M80,
            128 => OperandBits.M128,
            256 => OperandBits.M256,
            512 => OperandBits.M512,
            _ => throw new FormatException($"unknown memory size {bits}"),
        };
    }
}
