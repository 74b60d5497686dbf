namespace Kiln.Isa.X86;

// How a row of X86.table is packed into the columns of Table.g.cs. gen/Kiln.TableGen compiles this file too: it is the only thing
// that the writer and the reader of the data share.

/// <summary>Where an explicit operand stands in the encoding.</summary>
public enum Role : byte
{
    /// <summary>Nowhere: the opcode implies it.</summary>
    Implied,
    ModReg,
    ModRm,

    /// <summary>VEX.vvvv.</summary>
    Vex,

    /// <summary>The high half of an immediate byte.</summary>
    Is4,

    /// <summary>The low bits of the opcode.</summary>
    Opcode,

    /// <summary>The first immediate.</summary>
    Immediate,

    /// <summary>The second immediate.</summary>
    Immediate2,

    /// <summary>A pc-relative displacement.</summary>
    Relative,

    /// <summary>An absolute address without ModRM.</summary>
    Offset,

    /// <summary>ModRM.reg and ModRM.rm at once.</summary>
    ModBoth,
}

/// <summary>Mandatory prefix of an opcode.</summary>
public enum OpcodePrefix : byte
{
    Any,
    P66,
    PF3,
    PF2,

    /// <summary>None of the three may stand before it.</summary>
    None,

    /// <summary>The x87 wait prefix, an instruction of its own.</summary>
    P9B,
}

/// <summary>AT&amp;T's suffix letters with their sizes.</summary>
public enum Suffix : byte
{
    None,
    B,
    W,
    L,
    Q,

    /// <summary>x87: 4-byte float.</summary>
    FloatS,

    /// <summary>x87: 8-byte float.</summary>
    FloatL,

    /// <summary>x87: 10-byte float.</summary>
    FloatT,

    /// <summary>x87: 2-byte integer.</summary>
    IntegerS,

    /// <summary>x87: 4-byte integer.</summary>
    IntegerL,

    /// <summary>x87: 8-byte integer.</summary>
    IntegerLL,

    /// <summary>x and y: vectors of 16 and 32 bytes (<c>vcvtpd2psx</c>).</summary>
    X,
    Y,
}

/// <summary>What an operand is, as bits: an actual operand has the bits of all that it can pass for, a row's operand type the bits it takes.</summary>
[Flags]
public enum OperandBits : ulong
{
    None = 0,
    R8 = 1UL << 0,
    R16 = 1UL << 1,
    R32 = 1UL << 2,
    R64 = 1UL << 3,
    Al = 1UL << 4,
    Ax = 1UL << 5,
    Eax = 1UL << 6,
    Rax = 1UL << 7,
    Cl = 1UL << 8,
    Dx = 1UL << 9,
    Edx = 1UL << 10,
    Segment = 1UL << 11,
    Es = 1UL << 12,
    Cs = 1UL << 13,
    Ss = 1UL << 14,
    Ds = 1UL << 15,
    Fs = 1UL << 16,
    Gs = 1UL << 17,
    Control = 1UL << 18,
    Debug = 1UL << 19,
    St0 = 1UL << 20,
    St = 1UL << 21,
    Mmx = 1UL << 22,
    Xmm = 1UL << 23,
    Xmm0 = 1UL << 24,
    Ymm = 1UL << 25,
    Zmm = 1UL << 26,
    Mask = 1UL << 27,

    /// <summary>xmm16..31, ymm16..31: EVEX alone reaches them.</summary>
    HighVector = 1UL << 28,
    Bound = 1UL << 29,

    Number = 1UL << 30,
    One = 1UL << 31,
    Three = 1UL << 32,

    /// <summary>An immediate with a symbol in it.</summary>
    SymbolNumber = 1UL << 33,
    Target = 1UL << 34,

    M8 = 1UL << 35,
    M16 = 1UL << 36,
    M32 = 1UL << 37,
    M48 = 1UL << 38,
    M64 = 1UL << 39,
    M80 = 1UL << 40,
    M128 = 1UL << 41,
    M256 = 1UL << 42,
    M512 = 1UL << 43,

    /// <summary>Memory of any other size, or of none.</summary>
    MOther = 1UL << 44,

    /// <summary>Memory without base and index, as moffs takes it.</summary>
    MOffset = 1UL << 45,

    /// <summary>Memory whose index is a vector.</summary>
    MVectorX = 1UL << 46,
    MVectorY = 1UL << 47,

    MAny = M8 | M16 | M32 | M48 | M64 | M80 | M128 | M256 | M512 | MOther,
    AnyNumber = Number | SymbolNumber,
}

/// <summary>What an operand is, roughly. Four operands' sets of these make a row's signature, 16 bits each.</summary>
public enum CoarseClass : byte
{
    None,
    R8,
    R16,
    R32,
    R64,
    Memory,
    Number,
    Xmm,
    Ymm,
    Mmx,
    X87,
    Segment,
    Target,
    Zmm,
    Other,
}

/// <summary>What an immediate type means; the low bits are its size in bytes.</summary>
public enum ImmediateKind : byte
{
    None = 0,
    Byte = 1,
    Word = 2,
    Long = 4,
    Quad = 8,

    /// <summary>A byte that is sign-extended to the operand size.</summary>
    SignedByte = 0x11,

    /// <summary>Four bytes that are sign-extended to 64 bits.</summary>
    SignedLong = 0x14,

    SizeMask = 0x0f,
}

/// <summary>Makes signatures.</summary>
public static class Signature
{
    /// <summary>The rough classes of what an operand type takes, as a set.</summary>
    public static int Of(OperandBits bits)
    {
        int set = 0;
        void Add(OperandBits some, CoarseClass coarse) => set |= (bits & some) != 0 ? 1 << (int)coarse : 0;
        Add(OperandBits.R8 | OperandBits.Al | OperandBits.Cl, CoarseClass.R8);
        Add(OperandBits.R16 | OperandBits.Ax | OperandBits.Dx, CoarseClass.R16);
        Add(OperandBits.R32 | OperandBits.Eax | OperandBits.Edx, CoarseClass.R32);
        Add(OperandBits.R64 | OperandBits.Rax, CoarseClass.R64);
        Add(OperandBits.MAny | OperandBits.MOffset | OperandBits.MVectorX | OperandBits.MVectorY, CoarseClass.Memory);
        Add(OperandBits.AnyNumber | OperandBits.One | OperandBits.Three, CoarseClass.Number);
        Add(OperandBits.Xmm | OperandBits.Xmm0, CoarseClass.Xmm);
        Add(OperandBits.Ymm, CoarseClass.Ymm);
        Add(OperandBits.HighVector, CoarseClass.Other);
        Add(OperandBits.Mmx, CoarseClass.Mmx);
        Add(OperandBits.St | OperandBits.St0, CoarseClass.X87);
        Add(OperandBits.Segment | OperandBits.Es | OperandBits.Cs | OperandBits.Ss | OperandBits.Ds | OperandBits.Fs | OperandBits.Gs, CoarseClass.Segment);
        Add(OperandBits.Target, CoarseClass.Target);
        Add(OperandBits.Zmm, CoarseClass.Zmm);
        Add(OperandBits.Control | OperandBits.Debug | OperandBits.Mask | OperandBits.Bound, CoarseClass.Other);
        return set;
    }
}

/// <summary>Reads the fields of a row's 64-bit encoding.</summary>
public static class RowEncoding
{
    public const int OpcodeShift = 0, SecondShift = 8, MapShift = 16, PrefixShift = 20, ExtensionShift = 23, OperandSizeShift = 27,
        WideShift = 30, LengthShift = 32, SpaceShift = 34, ModesShift = 36, AddressSizeShift = 52, SuffixShift = 54;

    /// <summary>Values of the ModRM extension past the digits 0..7.</summary>
    public const int ExtensionRegister = 8, ExtensionNone = 9, ExtensionFixed = 10;

    /// <summary>The opcode map behind 0F 0F, whose opcodes stand behind the operands.</summary>
    public const int SuffixMap = 4;

    public const ulong Default64 = 1UL << 39, Forced64 = 1UL << 40, Lockable = 1UL << 41, Repeatable = 1UL << 42, RepeatableEqual = 1UL << 43, NeedsVexPrefix = 1UL << 44,
        NoDecode = 1UL << 45, NeedsSize = 1UL << 46, DefaultSize = 1UL << 47, IsExchange = 1UL << 48,
        IsString = 1UL << 49, IsRelaxable = 1UL << 50, SwappedName = 1UL << 51, SuffixOptional = 1UL << 58, IsFar = 1UL << 59,
        HasTwin = 1UL << 60, IsStore = 1UL << 61, OnlySized = 1UL << 62, LowByteRegister = 1UL << 63;

    public static int Opcode(ulong e) => (int)(e & 0xff);
    public static int Second(ulong e) => (int)(e >> SecondShift & 0xff);
    public static int Map(ulong e) => (int)(e >> MapShift & 15);
    public static OpcodePrefix Prefix(ulong e) => (OpcodePrefix)(e >> PrefixShift & 7);
    public static int Extension(ulong e) => (int)(e >> ExtensionShift & 15);

    /// <summary>0: none; 1, 2, 3, 4: 8, 16, 32, 64 bits.</summary>
    public static int OperandSize(ulong e) => (int)(e >> OperandSizeShift & 7);

    /// <summary>0: W0 or none; 1: W1; 2: ignored.</summary>
    public static int Wide(ulong e) => (int)(e >> WideShift & 3);

    /// <summary>0: 128; 1: 256; 2: 512; 3: ignored.</summary>
    public static int Length(ulong e) => (int)(e >> LengthShift & 3);

    /// <summary>0: legacy; 1: VEX; 2: EVEX; 3: XOP.</summary>
    public static int Space(ulong e) => (int)(e >> SpaceShift & 3);

    /// <summary>Bit 0: 16-bit mode; bit 1: 32; bit 2: 64.</summary>
    public static int Modes(ulong e) => (int)(e >> ModesShift & 7);

    /// <summary>0: none; 1, 2, 3: 16, 32, 64 bits.</summary>
    public static int AddressSize(ulong e) => (int)(e >> AddressSizeShift & 3);

    public static Suffix SuffixOf(ulong e) => (Suffix)(e >> SuffixShift & 15);

    /// <summary>The size in bytes that a suffix stands for.</summary>
    public static int SizeOf(Suffix suffix)
    {
        ReadOnlySpan<byte> sizes = [0, 1, 2, 4, 8, 4, 8, 10, 2, 4, 8, 16, 32];
        return sizes[(int)suffix];
    }
}
