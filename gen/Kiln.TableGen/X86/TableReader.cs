namespace Kiln.TableGen.X86;

/// <summary>Reads X86.table: comments, cpu lines, `each` templates, and the size letters of a row.</summary>
internal static class TableReader
{
    public static List<TableRow> Read(string path)
    {
        var rows = new List<TableRow>();
        string cpu = "BASE";
        List<string[]>? values = null;
        int number = 0;
        foreach (string raw in File.ReadLines(path))
        {
            number++;
            int comment = raw.IndexOf('#');
            string line = (comment >= 0 ? raw[..comment] : raw).Trim();
            if (line.Length == 0 || line == "{")
                continue;
            if (line == "}")
                values = null;
            else if (line.StartsWith("cpu ", StringComparison.Ordinal))
                cpu = line[4..].Trim();
            else if (line.StartsWith("each ", StringComparison.Ordinal))
                values = [.. line[5..].Split(';').Select(v => v.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
            else if (values is null)
                Expand(line, cpu, number, rows);
            else
                foreach (string[] parameters in values)
                    Expand(Substitute(line, parameters), cpu, number, rows);
        }
        return rows;
    }

    private static string Substitute(string line, string[] parameters)
    {
        for (int i = 9; i >= 0; i--)
            line = line.Replace("$" + i, i < parameters.Length ? parameters[i] : "", StringComparison.Ordinal);
        return line;
    }

    /// <summary>Makes the rows of 16, 32 and 64 (or 128 and 256) bits that a row with size letters stands for.</summary>
    private static void Expand(string line, string cpu, int number, List<TableRow> rows)
    {
        string[] fields = line.Split('|');
        if (fields.Length != 4)
            throw new FormatException($"line {number}: a row has four fields: {line}");
        string[] operands = fields[1].Split(',', StringSplitOptions.TrimEntries);
        bool v = operands.Any(o => o.EndsWith('v') || o.EndsWith("immz", StringComparison.Ordinal));
        bool y = operands.Any(o => o.EndsWith('y') && !o.EndsWith("2y", StringComparison.Ordinal) && !o.StartsWith("vm", StringComparison.Ordinal));
        bool x = operands.Any(o => o.EndsWith(":vx", StringComparison.Ordinal) || o is "vx" || o.EndsWith("mx", StringComparison.Ordinal));
        string[] sizes = v ? ["16", "32", "64"] : y ? ["32", "64"] : x ? ["128", "256"] : [""];
        foreach (string size in sizes)
        {
            if (size.Length == 0)
            {
                rows.Add(TableRow.Parse(line, cpu, number));
                continue;
            }
            for (int i = 0; i < operands.Length; i++)
                operands[i] = SizeOperand(fields[1].Split(',', StringSplitOptions.TrimEntries)[i], size);
            string encoding = string.Join(' ', fields[2].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(t => SizeToken(t, size)));
            rows.Add(TableRow.Parse($"{fields[0]}|{string.Join(", ", operands)}|{encoding}|{fields[3]}", cpu, number));
        }
    }

    private static string SizeOperand(string operand, string size)
    {
        int colon = operand.IndexOf(':');
        string access = colon >= 0 && operand[..colon] is "w" or "rw" ? operand[..(colon + 1)] : "";
        string type = operand[access.Length..];
        return access + type switch
        {
            "rv" or "ry" => "r" + size,
            "r/mv" or "r/my" => "r/m" + size,
            "mv" or "my" => "m" + size,
            "av" => size switch { "16" => "ax", "32" => "eax", _ => "rax" },
            "immz" => size switch { "16" => "imm16", "32" => "imm32", _ => "imm32s" },
            "vx" => size == "128" ? "xmm" : "ymm",
            "vx/mx" => size == "128" ? "xmm/m128" : "ymm/m256",
            "mx" => "m" + size,
            _ => type,
        };
    }

    private static string SizeToken(string token, string size) => token switch
    {
        "ov" or "oy" => "o" + size,
        "wy" => "w" + size,
        "iz" => size == "16" ? "iw" : "id",
        _ when token.StartsWith("VEX.", StringComparison.Ordinal) =>
            token.Replace(".x.", $".{size}.", StringComparison.Ordinal).Replace(".Wy", $".W{size}", StringComparison.Ordinal),
        _ => token,
    };
}
