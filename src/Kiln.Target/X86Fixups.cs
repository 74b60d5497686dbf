namespace Kiln.Target;

/// <summary>
/// What an x86 fixup asks for: which value goes into how wide a field. Object maps a kind with its modifier to the
/// ELF relocation. Branch kinds are pc-relative, and the linker may route them through the PLT.
/// </summary>
public enum X86FixupKind : byte
{
    None,
    Abs8,
    Abs16,

    /// <summary>32 bits that are read as unsigned (R_X86_64_32).</summary>
    Abs32,

    /// <summary>32 bits that are read as signed (R_X86_64_32S).</summary>
    Abs32S,
    Abs64,
    PcRel8,
    PcRel16,
    PcRel32,
    PcRel64,
    Branch8,
    Branch16,
    Branch32,

    /// <summary>No bytes: marks the call through a TLS descriptor (R_X86_64_TLSDESC_CALL).</summary>
    Mark,
}

/// <summary>
/// How a symbol in an x86 operand or datum is meant: what stands behind <c>@</c>. The three relaxable forms have no
/// spelling of their own: the encoder chooses them by the instruction that the field stands in.
/// </summary>
public enum X86Modifier : byte
{
    None,
    Plt,
    PltOff,
    Got,

    /// <summary>i386: <c>@GOT</c> in an instruction that the linker may relax (R_386_GOT32X).</summary>
    GotX,
    GotPlt,
    GotOff,
    GotPcRel,

    /// <summary><c>@GOTPCREL</c> in an instruction without a REX prefix that the linker may relax.</summary>
    GotPcRelX,

    /// <summary><c>@GOTPCREL</c> in an instruction with a REX prefix that the linker may relax.</summary>
    RexGotPcRelX,

    /// <summary>The distance to the global offset table itself (written as the name <c>_GLOBAL_OFFSET_TABLE_</c>).</summary>
    GotPc,
    TlsGd,
    TlsLd,
    TlsLdm,
    DtpOff,
    TpOff,
    GotTpOff,
    NtpOff,
    IndNtpOff,
    GotNtpOff,
    TlsDesc,
    TlsCall,
    Size,
}
