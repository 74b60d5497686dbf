using System.Text;
using Kiln.Linker.Inputs;
using Kiln.Linker.Sections;
using Kiln.Object.Dwarf;
using Kiln.Object.Elf;

namespace Kiln.Linker;

/// <summary>
/// Says where in an object or its source a place is, in ld's forms: <c>a.o: in function `f':</c> and on the next line
/// <c>a.c:12</c> where debug information tells, else <c>a.c:(.text+0x5)</c>. The function is named when it is another than last time.
/// </summary>
internal sealed class Places(LinkJob job)
{
    private ObjectFile? _lastFile;
    private string? _lastFunction;

    /// <summary>The place of a reference or of a second definition, with the function where that is new.</summary>
    public string OfReference(ObjectFile file, int section, ulong offset)
    {
        if (section == 0)
            return file.Name;
        string? line = LinePlaces.Find(job, file, section, offset);
        (string? function, string? source) = Function(file, section, offset);
        string spot = $"({job.SectionText(section)}+0x{offset:x})";
        if (function is null)
            return $"{file.Name}:{line ?? spot}";
        string place = line ?? (source is null ? $"{file.Name}:{spot}" : $"{source}:{spot}");
        if (_lastFile == file && _lastFunction == function)
            return place;
        _lastFile = file;
        _lastFunction = function;
        return $"{file.Name}: in function `{function}':\n{place}";
    }

    /// <summary>The place of a definition, on one line.</summary>
    public string OfDefinition(ObjectFile file, int section, ulong offset)
    {
        if (section <= 0)
            return file.Name;
        string? line = LinePlaces.Find(job, file, section, offset);
        (_, string? source) = Function(file, section, offset);
        string spot = $"({job.SectionText(section)}+0x{offset:x})";
        return line is not null ? $"{file.Name}:{line}" : source is null ? $"{file.Name}:{spot}" : $"{file.Name}:{source}:{spot}";
    }

    // The function that holds an offset and the name of its source file, by the object's symbols.
    private (string? Function, string? Source) Function(ObjectFile file, int section, ulong offset)
    {
        ElfSymbols symbols = file.Symbols;
        ReadOnlySpan<ElfSymbol> span = symbols.Span;
        int index = job.Sections[section].Index;
        int best = 0;
        int source = 0, sourceOfBest = 0;
        int sources = 0;
        for (int i = 1; i < span.Length; i++)
        {
            ref readonly ElfSymbol symbol = ref span[i];
            if (symbol.Type == SymbolType.File)
            {
                source = i;
                sources++;
                continue;
            }
            if (symbol.Type is not (SymbolType.Function or SymbolType.GnuIFunc) || symbols.Section(i) != index || symbol.Value > offset)
                continue;
            if (best != 0 && symbol.Value < span[best].Value)
                continue;
            best = i;
            sourceOfBest = symbol.Binding == SymbolBinding.Local || sources == 1 ? source : 0;
        }
        if (best == 0)
            return (null, null);
        string? sourceName = sourceOfBest != 0 ? Encoding.UTF8.GetString(symbols.Name(span[sourceOfBest]).Span) : null;
        return (Encoding.UTF8.GetString(symbols.Name(span[best]).Span), sourceName);
    }
}

/// <summary>Finds the source line of a place by the object's .debug_line.</summary>
internal static class LinePlaces
{
    /// <summary>The file and line (<c>/src/a.c:12</c>) of an offset in a section, or null.</summary>
    public static string? Find(LinkJob job, ObjectFile file, int section, ulong offset)
    {
        int lines = FindSection(job, file, ".debug_line"u8);
        if (lines == 0)
            return null;
        Dictionary<ulong, (int Section, long Addend)> relocations = file.LineRelocations ??= Relocations(job, file, lines);
        int lineStrings = FindSection(job, file, ".debug_line_str"u8), strings = FindSection(job, file, ".debug_str"u8);
        var reader = new LineReader(job.Sections[lines].Data.Span, Data(job, lineStrings), Data(job, strings), relocations);
        return reader.Find(job.Sections[section].Index, offset) is { } found ? $"{found.File}:{found.Line}" : null;
    }

    private static ReadOnlySpan<byte> Data(LinkJob job, int section) => section == 0 ? [] : job.Sections[section].Data.Span;

    private static int FindSection(LinkJob job, ObjectFile file, ReadOnlySpan<byte> name)
    {
        for (int id = file.FirstSection + 1; id < file.FirstSection + file.SectionCount; id++)
            if (job.Sections[id].Name.Span.SequenceEqual(name))
                return id;
        return 0;
    }

    // By the offset of the field: the section that the relocation leads to, and the place there.
    private static Dictionary<ulong, (int Section, long Addend)> Relocations(LinkJob job, ObjectFile file, int lines)
    {
        var result = new Dictionary<ulong, (int Section, long Addend)>();
        ElfSymbols symbols = file.Symbols;
        foreach (ref readonly ElfRelocation relocation in file.Elf.Relocations(job.Sections[lines].Relocations))
        {
            if ((uint)relocation.Symbol >= (uint)symbols.Count)
                continue;
            result[relocation.Offset] = (symbols.Section(relocation.Symbol), (long)symbols.Span[relocation.Symbol].Value + relocation.Addend);
        }
        return result;
    }
}
