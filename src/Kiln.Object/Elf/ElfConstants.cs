namespace Kiln.Object.Elf;

// Numbers of the ELF format, as the generic ABI (gABI 4.1 and its drafts), the x86-64, i386, AArch64 and RISC-V
// supplements and the GNU extensions give them. Plain constants: fields are integers in the file, and unknown values
// must pass through. Relocation numbers stand in Relocations.cs.

/// <summary>Sizes of the file's records, offsets into the identification and its values.</summary>
public static class ElfFormat
{
    public const uint MagicLittle = 0x464c457f;
    public const int Class32 = 1, Class64 = 2;
    public const int DataLittle = 1, DataBig = 2;
    public const int VersionCurrent = 1;
    public const int IdentClass = 4, IdentData = 5, IdentVersion = 6, IdentOsAbi = 7, IdentAbiVersion = 8, IdentSize = 16;
    public const int OsAbiNone = 0, OsAbiGnu = 3, OsAbiFreeBsd = 9;

    public const int HeaderSize64 = 64, HeaderSize32 = 52;
    public const int SectionHeaderSize64 = 64, SectionHeaderSize32 = 40;
    public const int ProgramHeaderSize64 = 56, ProgramHeaderSize32 = 32;
    public const int SymbolSize64 = 24, SymbolSize32 = 16;
    public const int RelaSize64 = 24, RelaSize32 = 12, RelSize64 = 16, RelSize32 = 8;
    public const int DynamicSize64 = 16, DynamicSize32 = 8;
}

/// <summary>e_type.</summary>
public static class ElfType
{
    public const int None = 0, Relocatable = 1, Executable = 2, Shared = 3, Core = 4;
}

/// <summary>e_machine.</summary>
public static class ElfMachine
{
    public const int I386 = 3, X86_64 = 62, AArch64 = 183, RiscV = 243;
}

/// <summary>e_flags of RISC-V.</summary>
public static class RiscVFlags
{
    public const uint Compressed = 1, FloatSoft = 0, FloatSingle = 2, FloatDouble = 4, FloatQuad = 6, FloatMask = 6,
        Embedded = 8, TotalStoreOrder = 16;
}

/// <summary>Reserved section indices.</summary>
public static class ElfSectionIndex
{
    public const int Undefined = 0, LoReserve = 0xff00, Absolute = 0xfff1, Common = 0xfff2, Extended = 0xffff,
        LargeCommonX86_64 = 0xff02;
}

/// <summary>sh_type.</summary>
public static class SectionType
{
    public const uint Null = 0, ProgBits = 1, SymTab = 2, StrTab = 3, Rela = 4, Hash = 5, Dynamic = 6, Note = 7, NoBits = 8, Rel = 9,
        ShLib = 10, DynSym = 11, InitArray = 14, FiniArray = 15, PreInitArray = 16, Group = 17, SymTabShndx = 18, Relr = 19,
        GnuIncrementalInputs = 0x6fff4700, GnuAttributes = 0x6ffffff5, GnuHash = 0x6ffffff6, GnuLibList = 0x6ffffff7,
        GnuVerDef = 0x6ffffffd, GnuVerNeed = 0x6ffffffe, GnuVerSym = 0x6fffffff,
        LoProc = 0x70000000, X86_64Unwind = 0x70000001, ArmAttributes = 0x70000003, RiscVAttributes = 0x70000003,
        HiProc = 0x7fffffff, LoUser = 0x80000000, LlvmAddrsig = 0x6fff4c03;
}

/// <summary>sh_flags.</summary>
public static class SectionFlags
{
    public const ulong Write = 1, Alloc = 2, ExecInstr = 4, Merge = 0x10, Strings = 0x20, InfoLink = 0x40, LinkOrder = 0x80,
        OsNonConforming = 0x100, Group = 0x200, Tls = 0x400, Compressed = 0x800, GnuRetain = 0x200000, GnuMbind = 0x01000000,
        X86_64Large = 0x10000000, Exclude = 0x80000000;
}

/// <summary>The first word of a group section.</summary>
public static class GroupFlags
{
    public const uint Comdat = 1;
}

/// <summary>The binding of a symbol (upper half of st_info).</summary>
public static class SymbolBinding
{
    public const int Local = 0, Global = 1, Weak = 2, GnuUnique = 10;
}

/// <summary>The type of a symbol (lower half of st_info).</summary>
public static class SymbolType
{
    public const int NoType = 0, Object = 1, Function = 2, Section = 3, File = 4, Common = 5, Tls = 6, GnuIFunc = 10;
}

/// <summary>The visibility of a symbol (lower two bits of st_other).</summary>
public static class SymbolVisibility
{
    public const int Default = 0, Internal = 1, Hidden = 2, Protected = 3;
}

/// <summary>p_type.</summary>
public static class SegmentType
{
    public const uint Null = 0, Load = 1, Dynamic = 2, Interp = 3, Note = 4, ShLib = 5, Phdr = 6, Tls = 7,
        GnuEhFrame = 0x6474e550, GnuStack = 0x6474e551, GnuRelro = 0x6474e552, GnuProperty = 0x6474e553, GnuSFrame = 0x6474e554,
        RiscVAttributes = 0x70000003;
}

/// <summary>p_flags.</summary>
public static class SegmentFlags
{
    public const uint Execute = 1, Write = 2, Read = 4;
}

/// <summary>d_tag.</summary>
public static class DynamicTag
{
    public const long Null = 0, Needed = 1, PltRelSz = 2, PltGot = 3, Hash = 4, StrTab = 5, SymTab = 6, Rela = 7, RelaSz = 8, RelaEnt = 9,
        StrSz = 10, SymEnt = 11, Init = 12, Fini = 13, SoName = 14, RPath = 15, Symbolic = 16, Rel = 17, RelSz = 18, RelEnt = 19,
        PltRel = 20, Debug = 21, TextRel = 22, JmpRel = 23, BindNow = 24, InitArray = 25, FiniArray = 26, InitArraySz = 27,
        FiniArraySz = 28, RunPath = 29, Flags = 30, PreInitArray = 32, PreInitArraySz = 33, SymTabShndx = 34, RelrSz = 35, Relr = 36,
        RelrEnt = 37, X86_64Plt = 0x70000000, X86_64PltSz = 0x70000001, X86_64PltEnt = 0x70000003,
        AArch64BtiPlt = 0x70000001, AArch64PacPlt = 0x70000003, AArch64VariantPcs = 0x70000005, RiscVVariantCc = 0x70000001,
        GnuHash = 0x6ffffef5, TlsDescPlt = 0x6ffffef6, TlsDescGot = 0x6ffffef7, VerSym = 0x6ffffff0, RelaCount = 0x6ffffff9,
        RelCount = 0x6ffffffa, Flags1 = 0x6ffffffb, VerDef = 0x6ffffffc, VerDefNum = 0x6ffffffd, VerNeed = 0x6ffffffe,
        VerNeedNum = 0x6fffffff, Auxiliary = 0x7ffffffd, Filter = 0x7fffffff;
}

/// <summary>Values of DT_FLAGS.</summary>
public static class DynamicFlags
{
    public const ulong Origin = 1, Symbolic = 2, TextRel = 4, BindNow = 8, StaticTls = 16;
}

/// <summary>Values of DT_FLAGS_1.</summary>
public static class DynamicFlags1
{
    public const ulong Now = 1, Global = 2, Group = 4, NoDelete = 8, LoadFltr = 0x10, InitFirst = 0x20, NoOpen = 0x40, Origin = 0x80,
        Interpose = 0x400, NoDefLib = 0x800, NoDump = 0x1000, Pie = 0x08000000;
}

/// <summary>Indices and flags of symbol versions.</summary>
public static class SymbolVersion
{
    public const int Local = 0, Global = 1, Hidden = 0x8000;
    public const int FlagBase = 1, FlagWeak = 2;
    public const int Current = 1;
}

/// <summary>n_type of notes named <c>GNU</c>, and GNU properties.</summary>
public static class NoteType
{
    public const int GnuAbiTag = 1, GnuHwCap = 2, GnuBuildId = 3, GnuGoldVersion = 4, GnuProperty = 5;
    public const uint PropertyStackSize = 1, PropertyNoCopyOnProtected = 2, Property1Needed = 0xb0008000,
        PropertyX86Feature1And = 0xc0000002, PropertyX86Isa1Needed = 0xc0008002, PropertyX86Isa1Used = 0xc0010002,
        PropertyX86Feature2Used = 0xc0010001, PropertyAArch64Feature1And = 0xc0000000;
    public const uint X86FeatureIbt = 1, X86FeatureShadowStack = 2;
}
