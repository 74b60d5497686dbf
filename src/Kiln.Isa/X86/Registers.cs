namespace Kiln.Isa.X86;

// The registers of x86. A number is its class (a multiple of 32) plus its hardware number, so that class and number come apart with a
// shift and a mask, and the width of a general register changes by changing the class. 0 is none.

/// <summary>The classes of registers; times 32 they are the first number of the class.</summary>
public enum RegisterClass : byte
{
    None,
    Gpr64,
    Gpr32,
    Gpr16,

    /// <summary>al cl dl bl spl bpl sil dil r8b...</summary>
    Gpr8,

    /// <summary>ah ch dh bh, with the hardware numbers 4..7.</summary>
    Gpr8High,
    Xmm,
    Ymm,
    Zmm,
    Mask,
    Mmx,

    /// <summary>st(0)..st(7).</summary>
    X87,
    Segment,
    Control,
    Debug,

    /// <summary>rip eip riz eiz.</summary>
    Special,
    Bound,
}

/// <summary>Numbers and names of the registers.</summary>
public static class Registers
{
    public const int None = 0;

    public const int Rax = 32, Rcx = 33, Rdx = 34, Rbx = 35, Rsp = 36, Rbp = 37, Rsi = 38, Rdi = 39,
        R8 = 40, R9 = 41, R10 = 42, R11 = 43, R12 = 44, R13 = 45, R14 = 46, R15 = 47;

    public const int Eax = 64, Ecx = 65, Edx = 66, Ebx = 67, Esp = 68, Ebp = 69, Esi = 70, Edi = 71,
        R8d = 72, R9d = 73, R10d = 74, R11d = 75, R12d = 76, R13d = 77, R14d = 78, R15d = 79;

    public const int Ax = 96, Cx = 97, Dx = 98, Bx = 99, Sp = 100, Bp = 101, Si = 102, Di = 103,
        R8w = 104, R9w = 105, R10w = 106, R11w = 107, R12w = 108, R13w = 109, R14w = 110, R15w = 111;

    public const int Al = 128, Cl = 129, Dl = 130, Bl = 131, Spl = 132, Bpl = 133, Sil = 134, Dil = 135,
        R8b = 136, R9b = 137, R10b = 138, R11b = 139, R12b = 140, R13b = 141, R14b = 142, R15b = 143;

    public const int Ah = 164, Ch = 165, Dh = 166, Bh = 167;

    /// <summary>The first of a class; add the number.</summary>
    public const int Xmm0 = 192, Ymm0 = 224, Zmm0 = 256, K0 = 288, Mm0 = 320, St0 = 352, Cr0 = 416, Dr0 = 448, Bnd0 = 512;

    public const int Es = 384, Cs = 385, Ss = 386, Ds = 387, Fs = 388, Gs = 389;

    /// <summary>Bases of instruction-relative addresses, and the index that is none (it forces a SIB byte).</summary>
    public const int Rip = 480, Eip = 481, Riz = 482, Eiz = 483;

    /// <summary>Numbers are below this.</summary>
    public const int Limit = 544;

    /// <summary>The class of a register.</summary>
    public static RegisterClass ClassOf(int register) => (RegisterClass)(register >> 5);

    /// <summary>The hardware number of a register (0..31).</summary>
    public static int NumberOf(int register) => register & 31;

    /// <summary>The general register of hardware number <paramref name="number"/> that is <paramref name="size"/> (1, 2, 4 or 8) bytes wide.</summary>
    public static int General(int number, int size) => size switch
    {
        1 => Al + number,
        2 => Ax + number,
        4 => Eax + number,
        8 => Rax + number,
        _ => throw new ArgumentOutOfRangeException(nameof(size), size, null),
    };

    /// <summary>Size of a register in bytes.</summary>
    public static int SizeOf(int register) => ClassOf(register) switch
    {
        RegisterClass.Gpr64 or RegisterClass.Mmx or RegisterClass.Mask => 8,
        RegisterClass.Gpr32 => 4,
        RegisterClass.Gpr16 or RegisterClass.Segment => 2,
        RegisterClass.Gpr8 or RegisterClass.Gpr8High => 1,
        RegisterClass.Xmm or RegisterClass.Bound => 16,
        RegisterClass.Ymm => 32,
        RegisterClass.Zmm => 64,
        RegisterClass.X87 => 10,
        RegisterClass.Control or RegisterClass.Debug => 8,
        _ => 0,
    };

    /// <summary>The DWARF number of a register (System V ABI: x86-64 figure 3.36, i386 figure 2.14), or -1.</summary>
    public static int DwarfNumber(int register, int mode)
    {
        int number = NumberOf(register);
        ReadOnlySpan<byte> order = [0, 2, 1, 3, 7, 6, 4, 5];
        switch (ClassOf(register))
        {
            case RegisterClass.Gpr64:
                return number < 8 ? order[number] : number;
            case RegisterClass.Gpr32:
                return mode != 64 ? number : -1;
            case RegisterClass.Xmm:
                return mode != 64 ? 21 + number : number < 16 ? 17 + number : 67 + number - 16;
            case RegisterClass.X87:
                return mode != 64 ? 11 + number : 33 + number;
            case RegisterClass.Mmx:
                return mode != 64 ? 29 + number : 41 + number;
            case RegisterClass.Segment:
                return mode != 64 ? 40 + number : 50 + number;
            case RegisterClass.Mask:
                return mode != 64 ? 93 + number : 118 + number;
            case RegisterClass.Special:
                return register == Rip && mode == 64 ? 16 : register == Eip && mode != 64 ? 8 : -1;
            default:
                return -1;
        }
    }

    /// <summary>The name of a register without <c>%</c>; empty for none.</summary>
    public static ReadOnlySpan<byte> NameOf(int register) =>
        (uint)register < Limit ? RegisterNames.Names.Slice(register * 6, 6).TrimEnd((byte)' ') : default;

    /// <summary>The register of a name without <c>%</c>, in any case; or 0.</summary>
    public static int Find(ReadOnlySpan<byte> name)
    {
        if (name.Length is 0 or > 5)
            return 0;
        ulong key = 0;
        for (int i = name.Length - 1; i >= 0; i--)
        {
            uint c = name[i];
            if (c - 'A' < 26)
                c |= 0x20;
            key = key << 8 | c;
        }
        int at = RegisterNames.Keys.BinarySearch(key);
        return at >= 0 ? RegisterNames.Numbers[at] : 0;
    }
}
