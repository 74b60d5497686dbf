using System.Text;
using Kiln.Linker.Inputs;
using Kiln.Linker.Layout;
using Kiln.Linker.Sections;
using Kiln.Linker.Symbols;
using Kiln.Linker.Synthetic;

namespace Kiln.Linker.Output;

/// <summary>The map of the link, in the form of ld's without the script's own lines, and the dependency file.</summary>
internal static class Reports
{
    /// <summary>Writes what was asked for.</summary>
    public static void Write(LinkJob job)
    {
        if (job.Options.MapFile is not null || job.Options.PrintMap)
        {
            string map = Map(job);
            if (job.Options.MapFile is not { } path || path == "-")
                job.Note(map);
            else
                WriteText(job, Directory.Exists(path) ? Path.Combine(path, Path.GetFileName(job.Options.Output) + ".map") : path, map);
        }
        if (job.Options.DependencyFile is { } dependencies)
            WriteText(job, dependencies, Dependencies(job));
    }

    private static void WriteText(LinkJob job, string path, string text)
    {
        try
        {
            File.WriteAllText(path, text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            job.Error($"cannot open map file {path}: {e.Message}");
        }
    }

    private static string Dependencies(LinkJob job)
    {
        var text = new StringBuilder($"{job.Options.Output}:");
        foreach (string path in job.ReadPaths)
            text.Append($" \\\n  {path}");
        text.Append("\n\n");
        foreach (string path in job.ReadPaths)
            text.Append($"{path}:\n\n");
        return text.ToString();
    }

    // A name in a column of its own where it is short, else on a line before.
    private static void Row(StringBuilder text, string name, ulong address, ulong size, string file)
    {
        text.Append(name.Length <= 15 ? name.PadRight(16) : name + "\n                ");
        text.Append($"0x{address:x16} {"0x" + size.ToString("x"),10}");
        if (file.Length > 0)
            text.Append(' ').Append(file);
        text.Append('\n');
    }

    private static string Map(LinkJob job)
    {
        var text = new StringBuilder();
        if (job.MemberReasons.Count > 0)
        {
            text.Append("Archive member included to satisfy reference by file (symbol)\n\n");
            foreach ((string member, string reference, string symbol) in job.MemberReasons)
                text.Append($"{(member.Length < 29 ? member.PadRight(30) : member + "\n" + new string(' ', 30))}{reference} ({symbol})\n");
            text.Append('\n');
        }
        text.Append("Discarded input sections\n\n");
        for (int id = 1; id < job.Sections.Count; id++)
        {
            ref InputSection section = ref job.Sections[id];
            if (section.Fate is SectionFate.Duplicate or SectionFate.Dropped or SectionFate.Collected)
                Row(text, " " + job.SectionText(id), 0, section.Size, job.ObjectOf(id).Name);
        }
        text.Append("\nMemory Configuration\n\nName             Origin             Length             Attributes\n");
        text.Append("*default*        0x0000000000000000 0xffffffffffffffff\n\nLinker script and memory map\n\n");
        foreach (InputFile file in job.Files)
            text.Append($"LOAD {file.Name}\n");
        Dictionary<int, List<int>> symbols = SymbolsBySection(job);
        foreach (OutputSection section in job.Outputs)
            AddSection(job, text, section, symbols);
        text.Append($"OUTPUT({job.Options.Output} elf64-x86-64)\n");
        return text.ToString();
    }

    private static Dictionary<int, List<int>> SymbolsBySection(LinkJob job)
    {
        var result = new Dictionary<int, List<int>>();
        for (int id = 1; id < job.Symbols.Count; id++)
        {
            ref Symbol symbol = ref job.Symbols[id];
            if (symbol.State != SymbolState.Defined || symbol.Section <= 0 || symbol.Has(SymbolTraits.Local) || symbol.Alias != 0)
                continue;
            if (!result.TryGetValue(symbol.Section, out List<int>? list))
                result[symbol.Section] = list = [];
            list.Add(id);
        }
        foreach (List<int> list in result.Values)
            list.Sort((a, b) => job.Addresses[a] != job.Addresses[b] ? job.Addresses[a].CompareTo(job.Addresses[b]) : a.CompareTo(b));
        return result;
    }

    private static void AddSection(LinkJob job, StringBuilder text, OutputSection section, Dictionary<int, List<int>> symbols)
    {
        text.Append('\n');
        Row(text, section.Name, section.Address, section.Size, "");
        foreach (int part in section.Parts.Span)
        {
            if (part < 0)
            {
                Chunk chunk = section.Chunks[~part];
                if (chunk.Size > 0)
                    Row(text, " " + section.Name, section.Address + chunk.Offset, chunk.Size, "");
                continue;
            }
            ref InputSection input = ref job.Sections[part];
            if (input.Size > 0)
                Row(text, " " + job.SectionText(part), section.Address + input.Offset, input.Size, job.ObjectOf(part).Name);
            if (!symbols.TryGetValue(part, out List<int>? inside))
                continue;
            foreach (int id in inside)
                text.Append($"                0x{job.Addresses[id]:x16}                {job.Symbols.Text(id)}\n");
        }
    }
}
