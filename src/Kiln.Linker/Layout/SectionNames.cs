using Kiln.Linker.Sections;
using Kiln.Object.Elf;

namespace Kiln.Linker.Layout;

/// <summary>
/// GNU ld's default layout as data: which output section an input section goes to, its rank among the others there, and the order of
/// the output sections. A name that no pattern takes keeps its name (an orphan) and stands behind its likes.
/// </summary>
internal static class SectionNames
{
    /// <summary>The rank of sections without a priority of their own.</summary>
    public const int PlainRank = 1 << 20;

    /// <summary>The output section of an input section by name, and its rank in it.</summary>
    public static ReadOnlySpan<byte> Map(ReadOnlySpan<byte> name, out int rank)
    {
        rank = PlainRank;
        if (name.Length < 4 || name[0] != '.')
            return name;
        switch (name[1])
        {
            case (byte)'t':
                if (Is(name, ".text"u8))
                {
                    rank = TextRank(name);
                    return ".text"u8;
                }
                if (Is(name, ".tdata"u8))
                    return ".tdata"u8;
                if (Is(name, ".tbss"u8) || name.SequenceEqual(".tcommon"u8))
                    return ".tbss"u8;
                return name;
            case (byte)'r':
                return Is(name, ".rodata"u8) ? ".rodata"u8 : name;
            case (byte)'d':
                if (name.StartsWith(".data.rel.ro"u8))
                    return Is(name, ".data.rel.ro"u8) || name.StartsWith(".data.rel.ro.local"u8) ? RelroRank(name, out rank) : ".data"u8;
                if (Is(name, ".data"u8))
                    return ".data"u8;
                if (Is(name, ".dtors"u8))
                    return Prioritized(name, ".dtors"u8, ".fini_array"u8, isReversed: true, out rank);
                return name.StartsWith(".debug_line."u8) || name.SequenceEqual(".debug_line_end"u8) ? ".debug_line"u8 : name;
            case (byte)'b':
                return Is(name, ".bss"u8) ? ".bss"u8 : name;
            case (byte)'i':
                return Is(name, ".init_array"u8) ? Prioritized(name, ".init_array"u8, ".init_array"u8, isReversed: false, out rank) : name;
            case (byte)'f':
                return Is(name, ".fini_array"u8) ? Prioritized(name, ".fini_array"u8, ".fini_array"u8, isReversed: false, out rank) : name;
            case (byte)'c':
                return Is(name, ".ctors"u8) ? Prioritized(name, ".ctors"u8, ".init_array"u8, isReversed: true, out rank) : name;
            case (byte)'s':
                return name.SequenceEqual(".stub"u8) ? ".text"u8 : name;
            case (byte)'e':
                return name.StartsWith(".eh_frame."u8) ? ".eh_frame"u8 : name;
            case (byte)'l':
                return Is(name, ".lbss"u8) ? ".lbss"u8 : Is(name, ".lrodata"u8) ? ".lrodata"u8 : Is(name, ".ldata"u8) ? ".ldata"u8 : name;
            case (byte)'g':
                return MapGnu(name);
            default:
                return name;
        }
    }

    private static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> stem) =>
        name.StartsWith(stem) && (name.Length == stem.Length || name[stem.Length] == '.');

    private static ReadOnlySpan<byte> RelroRank(ReadOnlySpan<byte> name, out int rank)
    {
        rank = name.StartsWith(".data.rel.ro.local"u8) ? 0 : PlainRank;
        return ".data.rel.ro"u8;
    }

    private static int TextRank(ReadOnlySpan<byte> name)
    {
        if (name.Length == 5)
            return PlainRank;
        ReadOnlySpan<byte> rest = name[5..];
        if (Is(rest, ".unlikely"u8) || rest.EndsWith("_unlikely"u8))
            return 0;
        if (Is(rest, ".exit"u8))
            return 1;
        if (Is(rest, ".startup"u8))
            return 2;
        if (Is(rest, ".hot"u8))
            return 3;
        return rest.StartsWith(".sorted."u8) ? 4 : PlainRank;
    }

    // .init_array.00100: lower numbers first, then those without. .ctors.NNNNN counts the other way.
    private static ReadOnlySpan<byte> Prioritized(ReadOnlySpan<byte> name, ReadOnlySpan<byte> stem, ReadOnlySpan<byte> output, bool isReversed,
        out int rank)
    {
        rank = PlainRank;
        if (name.Length > stem.Length + 1 && int.TryParse(name[(stem.Length + 1)..], out int priority) && priority is >= 0 and <= 65535)
            rank = isReversed ? 65535 - priority : priority;
        return output;
    }

    private static ReadOnlySpan<byte> MapGnu(ReadOnlySpan<byte> name)
    {
        if (name.StartsWith(".gcc_except_table."u8))
            return ".gcc_except_table"u8;
        if (!name.StartsWith(".gnu.linkonce."u8))
            return name.StartsWith(".gnu.build.attributes."u8) ? ".gnu.build.attributes"u8 : name;
        ReadOnlySpan<byte> rest = name[14..];
        if (rest.StartsWith("t."u8))
            return ".text"u8;
        if (rest.StartsWith("r."u8))
            return ".rodata"u8;
        if (rest.StartsWith("d.rel.ro."u8))
            return ".data.rel.ro"u8;
        if (rest.StartsWith("d."u8))
            return ".data"u8;
        if (rest.StartsWith("b."u8))
            return ".bss"u8;
        if (rest.StartsWith("td."u8))
            return ".tdata"u8;
        if (rest.StartsWith("tb."u8))
            return ".tbss"u8;
        return rest.StartsWith("wi."u8) ? ".debug_info"u8 : name;
    }

    // The places of the default script; orphans take the free numbers between.
    public const int OrphanNote = 30, OrphanCode = 250, OrphanReadOnly = 310, OrphanTls = 405, OrphanData = 530, OrphanZero = 560, OrphanDebug = 900;
    private const int FirstRelro = 400, LastRelro = 499, GotPlt = 500;

    /// <summary>The place of an output section among the others.</summary>
    public static int Order(OutputSection section)
    {
        int known = Known(section.Name);
        bool isAllocated = section.IsAllocated;
        // A name of the script with flags that its place does not suit is an orphan too.
        if (known >= 0 && isAllocated == known < 600)
        {
            if (known is >= 320 and < 400 && section.IsWritable)
                return FirstRelro;
            return known;
        }
        if (!isAllocated)
            return OrphanDebug;
        if (section.IsTls)
            return OrphanTls;
        if (section.IsCode)
            return OrphanCode;
        if (section.IsWritable)
            return section.HasNoBits ? OrphanZero : OrphanData;
        return section.Type == SectionType.Note ? OrphanNote : section.Type == SectionType.Rela ? 110 : OrphanReadOnly;
    }

    private static int Known(string name) => name switch
    {
        ".interp" => 10,
        ".note.gnu.property" => 20,
        ".note.gnu.build-id" => 21,
        ".hash" => 40,
        ".gnu.hash" => 50,
        ".dynsym" => 60,
        ".dynstr" => 70,
        ".gnu.version" => 80,
        ".gnu.version_d" => 90,
        ".gnu.version_r" => 100,
        ".rela.dyn" => 110,
        ".rela.plt" => 120,
        ".relr.dyn" => 130,
        ".init" => 200,
        ".plt" => 210,
        ".plt.got" => 220,
        ".plt.sec" => 230,
        ".text" => 240,
        ".fini" => 260,
        ".rodata" => 300,
        ".rodata1" => 320,
        ".eh_frame_hdr" => 330,
        ".eh_frame" => 340,
        ".sframe" => 345,
        ".gcc_except_table" => 350,
        ".gnu_extab" => 360,
        ".exception_ranges" => 370,
        ".tdata" => 401,
        ".tbss" => 406,
        ".preinit_array" => 410,
        ".init_array" => 420,
        ".fini_array" => 430,
        ".ctors" => 440,
        ".dtors" => 450,
        ".jcr" => 460,
        ".data.rel.ro" => 470,
        ".dynamic" => 480,
        ".got" => 490,
        ".got.plt" => GotPlt,
        ".data" => 520,
        ".data1" => 540,
        ".bss" => 550,
        ".lbss" => 570,
        ".lrodata" => 580,
        ".ldata" => 590,
        ".stab" => 700,
        ".stabstr" => 701,
        ".comment" => 705,
        ".gnu.build.attributes" => 706,
        ".debug" => 710,
        ".line" => 711,
        ".debug_aranges" => 720,
        ".debug_pubnames" => 721,
        ".debug_info" => 722,
        ".debug_abbrev" => 723,
        ".debug_line" => 724,
        ".debug_frame" => 725,
        ".debug_str" => 726,
        ".debug_loc" => 727,
        ".debug_macinfo" => 728,
        ".debug_pubtypes" => 740,
        ".debug_ranges" => 741,
        ".debug_addr" => 750,
        ".debug_line_str" => 751,
        ".debug_loclists" => 752,
        ".debug_macro" => 753,
        ".debug_names" => 754,
        ".debug_rnglists" => 755,
        ".debug_str_offsets" => 756,
        ".debug_sup" => 757,
        ".gnu.attributes" => 760,
        _ => -1,
    };

    /// <summary>Whether a section at a place is made read-only after relocation.</summary>
    public static bool IsRelro(OutputSection section, bool bindsNow) =>
        section.IsAllocated && section.IsWritable && section.Order is >= FirstRelro and <= LastRelro || bindsNow && section.Order == GotPlt;

    /// <summary>Whether an unreferenced section must stay when garbage is collected.</summary>
    public static bool IsKept(in InputSection section)
    {
        if ((section.Flags & SectionFlags.GnuRetain) != 0)
            return true;
        switch (section.Type)
        {
            case SectionType.InitArray or SectionType.FiniArray or SectionType.PreInitArray:
                return true;
            case SectionType.Note:
                // A note of a group lives with it.
                return (section.Flags & SectionFlags.Group) == 0;
        }
        ReadOnlySpan<byte> name = section.Name.Span;
        return name.SequenceEqual(".init"u8) || name.SequenceEqual(".fini"u8) || Is(name, ".ctors"u8) || Is(name, ".dtors"u8)
            || name.SequenceEqual(".jcr"u8) || Is(name, ".init_array"u8) || Is(name, ".fini_array"u8) || Is(name, ".preinit_array"u8);
    }
}
