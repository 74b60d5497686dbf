using System.Text;

namespace Kiln.Target.X86;

/// <summary>A parameter or result of an intrinsic.</summary>
/// <param name="Lane">The letter of the lane or scalar, as <see cref="IntrinsicRows"/> explains them; <c>#</c> a constant.</param>
/// <param name="Size">Bytes of a vector; 0 of a scalar.</param>
/// <param name="Limit">The greatest value of a constant.</param>
public readonly record struct IntrinsicType(char Lane, int Size, int Limit = 0)
{
    /// <summary>Whether it is a vector.</summary>
    public bool IsVector => Size > 0;

    /// <summary>Whether the argument must be a constant.</summary>
    public bool IsImmediate => Lane == '#';
}

/// <summary>A <c>__builtin_ia32_*</c> function.</summary>
public sealed class Intrinsic
{
    internal Intrinsic(int number, string name, string signature, string feature, string instruction)
    {
        Number = number;
        Name = name;
        Feature = feature == "-" ? 0 : X86Features.Bit(feature);
        HasEffects = instruction.StartsWith('!');
        instruction = instruction.TrimStart('!');
        Swaps = instruction.EndsWith('~');
        instruction = instruction.TrimEnd('~');
        int condition = instruction.IndexOf('?');
        Condition = condition < 0 ? "" : instruction[(condition + 1)..];
        if (condition >= 0)
            instruction = instruction[..condition];
        if (instruction.StartsWith('@'))
        {
            int colon = instruction.IndexOf(':');
            Way = colon < 0 ? instruction[1..] : instruction[1..colon];
            instruction = colon < 0 ? "" : instruction[(colon + 1)..];
        }
        int comma = instruction.IndexOf(',');
        Immediate = comma < 0 ? -1 : int.Parse(instruction.AsSpan(comma + 1), System.Globalization.CultureInfo.InvariantCulture);
        Instruction = comma < 0 ? instruction : instruction[..comma];
        int equals = signature.IndexOf('=');
        int at = 0;
        Result = Type(signature, ref at);
        at = equals + 1;
        var parameters = new List<IntrinsicType>(4);
        while (at < signature.Length)
            parameters.Add(Type(signature, ref at));
        Parameters = [.. parameters];
    }

    /// <summary>The place in the table, by which IR knows it.</summary>
    public int Number { get; }

    /// <summary>The name without <c>__builtin_ia32_</c>.</summary>
    public string Name { get; }

    /// <summary>The bit of the feature that must be on, or 0.</summary>
    public ulong Feature { get; }

    /// <summary>Whether it touches memory or state.</summary>
    public bool HasEffects { get; }

    /// <summary>Whether the first two operands change places in the instruction.</summary>
    public bool Swaps { get; }

    /// <summary>The condition of the flags that the result is, or nothing.</summary>
    public string Condition { get; }

    /// <summary>A way of selection of its own, or nothing.</summary>
    public string Way { get; } = "";

    /// <summary>The mnemonic.</summary>
    public string Instruction { get; }

    /// <summary>An immediate put behind the operands, or -1.</summary>
    public int Immediate { get; }

    public IntrinsicType Result { get; }

    public IntrinsicType[] Parameters { get; }

    private static IntrinsicType Type(string text, ref int at)
    {
        char letter = text[at++];
        if (letter == '#')
        {
            int limit = 0;
            while (at < text.Length && char.IsAsciiDigit(text[at]))
                limit = limit * 10 + text[at++] - '0';
            return new IntrinsicType(letter, 0, limit);
        }
        return char.IsAsciiLetterUpper(letter) ? new IntrinsicType(letter, 8 << text[at++] - '0') : new IntrinsicType(letter, 0);
    }
}

/// <summary>
/// The intrinsic table of x86: what the front end, lowering and code generation know of <c>__builtin_ia32_*</c>. It is read at the first
/// question; programs that ask none pay nothing.
/// </summary>
public static class IntrinsicTable
{
    /// <summary>What the names begin with.</summary>
    public const string Prefix = "__builtin_ia32_";

    private static readonly Lazy<(Dictionary<string, Intrinsic> ByName, List<Intrinsic> All)> _table = new(Read);

    /// <summary>The intrinsic of a name without its prefix, or null.</summary>
    public static Intrinsic? Find(string name) => _table.Value.ByName.GetValueOrDefault(name);

    /// <summary>The intrinsic of a number.</summary>
    public static Intrinsic Get(long number) => _table.Value.All[(int)number];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Intrinsic> All => _table.Value.All;

    private static (Dictionary<string, Intrinsic>, List<Intrinsic>) Read()
    {
        var byName = new Dictionary<string, Intrinsic>(900);
        var all = new List<Intrinsic>(900);
        foreach (string line in Encoding.ASCII.GetString(IntrinsicRows.Text).Split('\n'))
        {
            int alternatives = 1;
            int open = line.IndexOf('{');
            if (open >= 0)
                alternatives = line.AsSpan(open, line.IndexOf('}') - open).Count('|') + 1;
            for (int i = 0; i < alternatives; i++)
            {
                string[] row = (open < 0 ? line : Alternative(line, i)).Split(' ');
                char family = row[0][^1];
                if (family is not ('%' or '$'))
                {
                    Add(row[0], row[1], row[2], row[3]);
                    continue;
                }
                string stem = row[0][..^1];
                int slash = row[2].IndexOf('/');
                Add(family == '%' ? stem + "128" : stem, Wide(row[1], '1'), slash < 0 ? row[2] : row[2][..slash], row[3]);
                Add(stem + "256", Wide(row[1], '2'), row[2][(slash + 1)..], row[3]);
            }
        }
        return (byName, all);

        void Add(string name, string signature, string feature, string instruction)
        {
            var made = new Intrinsic(all.Count, name, signature, feature, instruction);
            all.Add(made);
            byName.Add(name, made);
        }
    }

    // Every {a|b|c} by its alternative of that number.
    private static string Alternative(string line, int number)
    {
        var text = new StringBuilder(line.Length);
        for (int at = 0; at < line.Length;)
        {
            if (line[at] != '{')
            {
                text.Append(line[at++]);
                continue;
            }
            int end = line.IndexOf('}', at);
            text.Append(line[(at + 1)..end].Split('|')[number]);
            at = end + 1;
        }
        return text.ToString();
    }

    // Vectors without a width get the row's.
    private static string Wide(string signature, char width)
    {
        var text = new StringBuilder(signature.Length + 4);
        for (int i = 0; i < signature.Length; i++)
        {
            text.Append(signature[i]);
            if (char.IsAsciiLetterUpper(signature[i]) && (i + 1 == signature.Length || !char.IsAsciiDigit(signature[i + 1])))
                text.Append(width);
        }
        return text.ToString();
    }
}
