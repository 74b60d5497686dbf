using Kiln.Target;

namespace Kiln.Object.Elf;

// Maps a fixup (a target's kind and modifier) to the ELF relocation, and tells what the relocation asks of its symbol.

/// <summary>The relocations of a target's fixups.</summary>
public abstract class RelocationMap
{
    /// <summary>The map of a target.</summary>
    public static RelocationMap For(TargetInfo target) => target.Architecture switch
    {
        Architecture.X86_64 => new X86RelocationMap(is64: true),
        Architecture.I386 => new X86RelocationMap(is64: false),
        _ => throw new NotSupportedException($"no relocations for {target.Triple}"),
    };

    /// <summary>The relocation of a fixup, or -1. Outside: the symbol may be another object's.</summary>
    public abstract int Find(int kind, int modifier, bool isOutside);

    /// <summary>Whether the linker must see the symbol itself, whatever it is.</summary>
    public abstract bool NeedsSymbol(int kind, int modifier);

    /// <summary>Whether the symbol is one of thread-local storage.</summary>
    public abstract bool IsThreadLocal(int modifier);

    /// <summary>Whether a branch with this modifier goes through a linkage table, so that another definition may take its place.</summary>
    public abstract bool IsLinkage(int modifier);

    /// <summary>Whether what is asked for is the symbol's size.</summary>
    public abstract bool IsSize(int modifier);

    /// <summary>The relocation of a reference to the global offset table itself, or -1.</summary>
    public abstract int FindOffsetTable(int kind);

    /// <summary>The relocation of a name such as <c>R_X86_64_NONE</c>, or -1.</summary>
    public abstract int FindByName(ReadOnlySpan<byte> name);
}

/// <summary>x86-64 and i386.</summary>
internal sealed class X86RelocationMap(bool is64) : RelocationMap
{
    public override int FindOffsetTable(int kind)
    {
        bool is8 = (X86FixupKind)kind is X86FixupKind.Abs64 or X86FixupKind.PcRel64;
        return is64 ? is8 ? X86_64Relocation.GotPc64 : X86_64Relocation.GotPc32 : I386Relocation.GotPc;
    }

    public override bool IsLinkage(int modifier) => (X86Modifier)modifier is X86Modifier.Plt;

    public override bool NeedsSymbol(int kind, int modifier) =>
        (X86Modifier)modifier is not (X86Modifier.None or X86Modifier.GotOff) || (X86Modifier)modifier == X86Modifier.GotOff && is64;

    public override bool IsThreadLocal(int modifier) =>
        (X86Modifier)modifier is >= X86Modifier.TlsGd and <= X86Modifier.TlsCall;

    public override bool IsSize(int modifier) => (X86Modifier)modifier == X86Modifier.Size;

    public override int Find(int kind, int modifier, bool isOutside) =>
        is64 ? Find64((X86FixupKind)kind, (X86Modifier)modifier, isOutside) : Find32((X86FixupKind)kind, (X86Modifier)modifier);

    private static int Find64(X86FixupKind kind, X86Modifier modifier, bool isOutside)
    {
        bool is8 = kind is X86FixupKind.Abs64 or X86FixupKind.PcRel64;
        switch (modifier)
        {
            case X86Modifier.None:
                return kind switch
                {
                    X86FixupKind.Abs8 => X86_64Relocation.Abs8,
                    X86FixupKind.Abs16 => X86_64Relocation.Abs16,
                    X86FixupKind.Abs32 => X86_64Relocation.Abs32,
                    X86FixupKind.Abs32S => X86_64Relocation.Abs32S,
                    X86FixupKind.Abs64 => X86_64Relocation.Abs64,
                    X86FixupKind.PcRel8 or X86FixupKind.Branch8 => X86_64Relocation.Pc8,
                    X86FixupKind.PcRel16 or X86FixupKind.Branch16 => X86_64Relocation.Pc16,
                    X86FixupKind.PcRel32 => X86_64Relocation.Pc32,
                    X86FixupKind.Branch32 => isOutside ? X86_64Relocation.Plt32 : X86_64Relocation.Pc32,
                    X86FixupKind.PcRel64 => X86_64Relocation.Pc64,
                    _ => -1,
                };
            case X86Modifier.Plt:
                return is8 ? -1 : X86_64Relocation.Plt32;
            case X86Modifier.PltOff:
                return is8 ? X86_64Relocation.PltOff64 : -1;
            case X86Modifier.Got or X86Modifier.GotX:
                return is8 ? X86_64Relocation.Got64 : X86_64Relocation.Got32;
            case X86Modifier.GotPlt:
                return is8 ? X86_64Relocation.GotPlt64 : -1;
            case X86Modifier.GotOff:
                return is8 ? X86_64Relocation.GotOff64 : -1;
            case X86Modifier.GotPcRel:
                return is8 ? X86_64Relocation.GotPcRel64 : X86_64Relocation.GotPcRel;
            case X86Modifier.GotPcRelX:
                return X86_64Relocation.GotPcRelX;
            case X86Modifier.RexGotPcRelX:
                return X86_64Relocation.RexGotPcRelX;
            case X86Modifier.GotPc:
                return is8 ? X86_64Relocation.GotPc64 : X86_64Relocation.GotPc32;
            case X86Modifier.TlsGd:
                return X86_64Relocation.TlsGd;
            case X86Modifier.TlsLd:
                return X86_64Relocation.TlsLd;
            case X86Modifier.DtpOff:
                return is8 ? X86_64Relocation.DtpOff64 : X86_64Relocation.DtpOff32;
            case X86Modifier.TpOff:
                return is8 ? X86_64Relocation.TpOff64 : X86_64Relocation.TpOff32;
            case X86Modifier.GotTpOff:
                return X86_64Relocation.GotTpOff;
            case X86Modifier.TlsDesc:
                return X86_64Relocation.GotPc32TlsDesc;
            case X86Modifier.TlsCall:
                return X86_64Relocation.TlsDescCall;
            case X86Modifier.Size:
                return is8 ? X86_64Relocation.Size64 : X86_64Relocation.Size32;
            default:
                return -1;
        }
    }

    private static int Find32(X86FixupKind kind, X86Modifier modifier) => modifier switch
    {
        X86Modifier.None => kind switch
        {
            X86FixupKind.Abs8 => I386Relocation.Abs8,
            X86FixupKind.Abs16 => I386Relocation.Abs16,
            X86FixupKind.Abs32 or X86FixupKind.Abs32S => I386Relocation.Abs32,
            X86FixupKind.PcRel8 or X86FixupKind.Branch8 => I386Relocation.Pc8,
            X86FixupKind.PcRel16 or X86FixupKind.Branch16 => I386Relocation.Pc16,
            X86FixupKind.PcRel32 or X86FixupKind.Branch32 => I386Relocation.Pc32,
            _ => -1,
        },
        X86Modifier.Plt => I386Relocation.Plt32,
        X86Modifier.Got => I386Relocation.Got32,
        X86Modifier.GotX => I386Relocation.Got32X,
        X86Modifier.GotOff => I386Relocation.GotOff,
        X86Modifier.GotPc => I386Relocation.GotPc,
        X86Modifier.TlsGd => I386Relocation.TlsGd,
        X86Modifier.TlsLdm => I386Relocation.TlsLdm,
        X86Modifier.DtpOff => I386Relocation.TlsLdo32,
        X86Modifier.TpOff => I386Relocation.TlsLe32,
        X86Modifier.NtpOff => I386Relocation.TlsLe,
        X86Modifier.GotTpOff => I386Relocation.TlsIe32,
        X86Modifier.IndNtpOff => I386Relocation.TlsIe,
        X86Modifier.GotNtpOff => I386Relocation.TlsGotIe,
        X86Modifier.TlsDesc => I386Relocation.TlsGotDesc,
        X86Modifier.TlsCall => I386Relocation.TlsDescCall,
        X86Modifier.Size => I386Relocation.Size32,
        _ => -1,
    };

    public override int FindByName(ReadOnlySpan<byte> name)
    {
        string text = System.Text.Encoding.UTF8.GetString(name);
        return text switch
        {
            "BFD_RELOC_NONE" => 0,
            "BFD_RELOC_8" => is64 ? X86_64Relocation.Abs8 : I386Relocation.Abs8,
            "BFD_RELOC_16" => is64 ? X86_64Relocation.Abs16 : I386Relocation.Abs16,
            "BFD_RELOC_32" => is64 ? X86_64Relocation.Abs32 : I386Relocation.Abs32,
            "BFD_RELOC_64" => is64 ? X86_64Relocation.Abs64 : -1,
            _ => is64 ? FindName64(text) : FindName32(text),
        };
    }

    private static int FindName64(string name) => name switch
    {
        "R_X86_64_NONE" => X86_64Relocation.None,
        "R_X86_64_64" => X86_64Relocation.Abs64,
        "R_X86_64_PC32" => X86_64Relocation.Pc32,
        "R_X86_64_GOT32" => X86_64Relocation.Got32,
        "R_X86_64_PLT32" => X86_64Relocation.Plt32,
        "R_X86_64_GOTPCREL" => X86_64Relocation.GotPcRel,
        "R_X86_64_32" => X86_64Relocation.Abs32,
        "R_X86_64_32S" => X86_64Relocation.Abs32S,
        "R_X86_64_16" => X86_64Relocation.Abs16,
        "R_X86_64_PC16" => X86_64Relocation.Pc16,
        "R_X86_64_8" => X86_64Relocation.Abs8,
        "R_X86_64_PC8" => X86_64Relocation.Pc8,
        "R_X86_64_DTPOFF64" => X86_64Relocation.DtpOff64,
        "R_X86_64_TPOFF64" => X86_64Relocation.TpOff64,
        "R_X86_64_TLSGD" => X86_64Relocation.TlsGd,
        "R_X86_64_TLSLD" => X86_64Relocation.TlsLd,
        "R_X86_64_DTPOFF32" => X86_64Relocation.DtpOff32,
        "R_X86_64_GOTTPOFF" => X86_64Relocation.GotTpOff,
        "R_X86_64_TPOFF32" => X86_64Relocation.TpOff32,
        "R_X86_64_PC64" => X86_64Relocation.Pc64,
        "R_X86_64_GOTOFF64" => X86_64Relocation.GotOff64,
        "R_X86_64_GOTPC32" => X86_64Relocation.GotPc32,
        "R_X86_64_GOT64" => X86_64Relocation.Got64,
        "R_X86_64_GOTPCREL64" => X86_64Relocation.GotPcRel64,
        "R_X86_64_GOTPC64" => X86_64Relocation.GotPc64,
        "R_X86_64_PLTOFF64" => X86_64Relocation.PltOff64,
        "R_X86_64_SIZE32" => X86_64Relocation.Size32,
        "R_X86_64_SIZE64" => X86_64Relocation.Size64,
        "R_X86_64_GOTPC32_TLSDESC" => X86_64Relocation.GotPc32TlsDesc,
        "R_X86_64_TLSDESC_CALL" => X86_64Relocation.TlsDescCall,
        "R_X86_64_GOTPCRELX" => X86_64Relocation.GotPcRelX,
        "R_X86_64_REX_GOTPCRELX" => X86_64Relocation.RexGotPcRelX,
        _ => -1,
    };

    private static int FindName32(string name) => name switch
    {
        "R_386_NONE" => I386Relocation.None,
        "R_386_32" => I386Relocation.Abs32,
        "R_386_PC32" => I386Relocation.Pc32,
        "R_386_GOT32" => I386Relocation.Got32,
        "R_386_PLT32" => I386Relocation.Plt32,
        "R_386_GOTOFF" => I386Relocation.GotOff,
        "R_386_GOTPC" => I386Relocation.GotPc,
        "R_386_16" => I386Relocation.Abs16,
        "R_386_PC16" => I386Relocation.Pc16,
        "R_386_8" => I386Relocation.Abs8,
        "R_386_PC8" => I386Relocation.Pc8,
        "R_386_TLS_GD" => I386Relocation.TlsGd,
        "R_386_TLS_LE" => I386Relocation.TlsLe,
        "R_386_TLS_IE" => I386Relocation.TlsIe,
        "R_386_TLS_LDM" => I386Relocation.TlsLdm,
        "R_386_TLS_LDO_32" => I386Relocation.TlsLdo32,
        "R_386_SIZE32" => I386Relocation.Size32,
        "R_386_GOT32X" => I386Relocation.Got32X,
        _ => -1,
    };
}
