using System.Globalization;
using System.Text;

namespace Kiln.TableGen.X86;

/// <summary>Writes C# source that holds columns of data.</summary>
internal sealed class DataWriter
{
    private readonly StringBuilder _text = new();

    public DataWriter(string header)
    {
        _text.Append("// Made by `dotnet run --project gen/Kiln.TableGen`. Do not edit: change X86.table and run it again.\n\n");
        _text.Append(header);
    }

    public void Line(string line = "") => _text.Append(line).Append('\n');

    public void Column(string type, string name, string summary, IEnumerable<string> values)
    {
        Line($"    /// <summary>{summary}</summary>");
        Line($"    public static ReadOnlySpan<{type}> {name} =>");
        Line("    [");
        var line = new StringBuilder("        ");
        foreach (string value in values)
        {
            if (line.Length + value.Length + 2 > 130)
            {
                Line(line.ToString().TrimEnd());
                line.Clear().Append("        ");
            }
            line.Append(value).Append(", ");
        }
        if (line.Length > 8)
            Line(line.ToString().TrimEnd());
        Line("    ];");
        Line();
    }

    public void Column(string type, string name, string summary, IEnumerable<int> values) =>
        Column(type, name, summary, values.Select(v => v.ToString(CultureInfo.InvariantCulture)));

    public void Column(string type, string name, string summary, IEnumerable<ulong> values) =>
        Column(type, name, summary, values.Select(v => "0x" + v.ToString("x", CultureInfo.InvariantCulture)));

    public void Blob(string name, string summary, string text)
    {
        Line($"    /// <summary>{summary}</summary>");
        Line($"    public static ReadOnlySpan<byte> {name} =>");
        for (int i = 0; i < text.Length; i += 110)
        {
            string part = text[i..Math.Min(text.Length, i + 110)].Replace("\0", "\\0", StringComparison.Ordinal);
            Line($"        \"{part}\"u8{(i + 110 < text.Length ? " +" : ";")}");
        }
        Line();
    }

    public override string ToString() => _text.ToString().TrimEnd() + "\n";
}
