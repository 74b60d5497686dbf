using Kiln.Target;

namespace Kiln.Isa.X86;

/// <summary>The spellings of what stands behind <c>@</c>.</summary>
internal static class Modifiers
{
    public static ReadOnlySpan<byte> NameOf(X86Modifier modifier) => modifier switch
    {
        X86Modifier.None or X86Modifier.GotPc => ""u8,
        X86Modifier.Plt => "PLT"u8,
        X86Modifier.PltOff => "PLTOFF"u8,
        X86Modifier.Got or X86Modifier.GotX => "GOT"u8,
        X86Modifier.GotPlt => "GOTPLT"u8,
        X86Modifier.GotOff => "GOTOFF"u8,
        X86Modifier.GotPcRel or X86Modifier.GotPcRelX or X86Modifier.RexGotPcRelX => "GOTPCREL"u8,
        X86Modifier.TlsGd => "TLSGD"u8,
        X86Modifier.TlsLd => "TLSLD"u8,
        X86Modifier.TlsLdm => "TLSLDM"u8,
        X86Modifier.DtpOff => "DTPOFF"u8,
        X86Modifier.TpOff => "TPOFF"u8,
        X86Modifier.GotTpOff => "GOTTPOFF"u8,
        X86Modifier.NtpOff => "NTPOFF"u8,
        X86Modifier.IndNtpOff => "INDNTPOFF"u8,
        X86Modifier.GotNtpOff => "GOTNTPOFF"u8,
        X86Modifier.TlsDesc => "TLSDESC"u8,
        X86Modifier.TlsCall => "TLSCALL"u8,
        X86Modifier.Size => "SIZE"u8,
        _ => throw new ArgumentOutOfRangeException(nameof(modifier), modifier, null),
    };

    public static int Find(ReadOnlySpan<byte> name)
    {
        for (X86Modifier modifier = X86Modifier.Plt; modifier <= X86Modifier.Size; modifier++)
        {
            ReadOnlySpan<byte> spelling = NameOf(modifier);
            if (spelling.Length == name.Length && System.Text.Ascii.EqualsIgnoreCase(spelling, name))
                return (int)modifier;
        }
        return -1;
    }
}
