namespace Kiln.Object.Elf;

// Relocation numbers (r_type) of the supplements of each architecture.

/// <summary>Relocations of x86-64 (psABI 4.4.1). PC32 and PLT32 on calls differ only in what a linker may put between.</summary>
public static class X86_64Relocation
{
    public const int None = 0, Abs64 = 1, Pc32 = 2, Got32 = 3, Plt32 = 4, Copy = 5, GlobDat = 6, JumpSlot = 7, Relative = 8, GotPcRel = 9,
        Abs32 = 10, Abs32S = 11, Abs16 = 12, Pc16 = 13, Abs8 = 14, Pc8 = 15, DtpMod64 = 16, DtpOff64 = 17, TpOff64 = 18, TlsGd = 19,
        TlsLd = 20, DtpOff32 = 21, GotTpOff = 22, TpOff32 = 23, Pc64 = 24, GotOff64 = 25, GotPc32 = 26, Got64 = 27, GotPcRel64 = 28,
        GotPc64 = 29, GotPlt64 = 30, PltOff64 = 31, Size32 = 32, Size64 = 33, GotPc32TlsDesc = 34, TlsDescCall = 35, TlsDesc = 36,
        IRelative = 37, Relative64 = 38, GotPcRelX = 41, RexGotPcRelX = 42, GnuVtInherit = 250, GnuVtEntry = 251;
}

/// <summary>Relocations of i386.</summary>
public static class I386Relocation
{
    public const int None = 0, Abs32 = 1, Pc32 = 2, Got32 = 3, Plt32 = 4, Copy = 5, GlobDat = 6, JumpSlot = 7, Relative = 8, GotOff = 9,
        GotPc = 10, TlsTpOff = 14, TlsIe = 15, TlsGotIe = 16, TlsLe = 17, TlsGd = 18, TlsLdm = 19, Abs16 = 20, Pc16 = 21, Abs8 = 22,
        Pc8 = 23, TlsLdo32 = 32, TlsIe32 = 33, TlsLe32 = 34, TlsDtpMod32 = 35, TlsDtpOff32 = 36, TlsTpOff32 = 37, Size32 = 38,
        TlsGotDesc = 39, TlsDescCall = 40, TlsDesc = 41, IRelative = 42, Got32X = 43, GnuVtInherit = 250, GnuVtEntry = 251;
}

/// <summary>Relocations of AArch64 (ELF for the Arm 64-bit Architecture).</summary>
public static class AArch64Relocation
{
    public const int None = 0, Abs64 = 257, Abs32 = 258, Abs16 = 259, Prel64 = 260, Prel32 = 261, Prel16 = 262,
        MovwUabsG0 = 263, MovwUabsG0Nc = 264, MovwUabsG1 = 265, MovwUabsG1Nc = 266, MovwUabsG2 = 267, MovwUabsG2Nc = 268, MovwUabsG3 = 269,
        MovwSabsG0 = 270, MovwSabsG1 = 271, MovwSabsG2 = 272, LdPrelLo19 = 273, AdrPrelLo21 = 274, AdrPrelPgHi21 = 275,
        AdrPrelPgHi21Nc = 276, AddAbsLo12Nc = 277, LdSt8AbsLo12Nc = 278, TstBr14 = 279, CondBr19 = 280, Jump26 = 282, Call26 = 283,
        LdSt16AbsLo12Nc = 284, LdSt32AbsLo12Nc = 285, LdSt64AbsLo12Nc = 286, LdSt128AbsLo12Nc = 299, AdrGotPage = 311, Ld64GotLo12Nc = 312,
        Ld64GotPageLo15 = 313, TlsGdAdrPage21 = 513, TlsGdAddLo12Nc = 514, TlsLdAdrPage21 = 518, TlsLdAddLo12Nc = 519,
        TlsLdAddDtpRelHi12 = 528, TlsLdAddDtpRelLo12 = 529, TlsLdAddDtpRelLo12Nc = 530, TlsIeAdrGotTpRelPage21 = 541,
        TlsIeLd64GotTpRelLo12Nc = 542, TlsLeAddTpRelHi12 = 549, TlsLeAddTpRelLo12 = 550, TlsLeAddTpRelLo12Nc = 551,
        TlsDescAdrPage21 = 562, TlsDescLd64Lo12 = 563, TlsDescAddLo12 = 564, TlsDescCall = 569,
        Copy = 1024, GlobDat = 1025, JumpSlot = 1026, Relative = 1027, TlsDtpMod = 1028, TlsDtpRel = 1029, TlsTpRel = 1030, TlsDesc = 1031,
        IRelative = 1032;
}

/// <summary>Relocations of RISC-V (psABI).</summary>
public static class RiscVRelocation
{
    public const int None = 0, Abs32 = 1, Abs64 = 2, Relative = 3, Copy = 4, JumpSlot = 5, TlsDtpMod32 = 6, TlsDtpMod64 = 7,
        TlsDtpRel32 = 8, TlsDtpRel64 = 9, TlsTpRel32 = 10, TlsTpRel64 = 11, TlsDesc = 12, Branch = 16, Jal = 17, Call = 18, CallPlt = 19,
        GotHi20 = 20, TlsGotHi20 = 21, TlsGdHi20 = 22, PcRelHi20 = 23, PcRelLo12I = 24, PcRelLo12S = 25, Hi20 = 26, Lo12I = 27,
        Lo12S = 28, TpRelHi20 = 29, TpRelLo12I = 30, TpRelLo12S = 31, TpRelAdd = 32, Add8 = 33, Add16 = 34, Add32 = 35, Add64 = 36,
        Sub8 = 37, Sub16 = 38, Sub32 = 39, Sub64 = 40, Got32PcRel = 41, Align = 43, RvcBranch = 44, RvcJump = 45, Relax = 51, Sub6 = 52,
        Set6 = 53, Set8 = 54, Set16 = 55, Set32 = 56, Pc32 = 57, IRelative = 58, Plt32 = 59, SetUleb128 = 60, SubUleb128 = 61;
}
