using System.Globalization;
using System.Text;

namespace Kiln.IR.Text;

/// <summary>How an enum's members are spelled in the text form: their names in snake case.</summary>
internal static class Spelling<T> where T : struct, Enum
{
    private static readonly T[] Values = Enum.GetValues<T>();
    private static readonly string[] Names = SnakeCase(Enum.GetNames<T>());

    /// <summary>A member's spelling.</summary>
    public static string Of(T value)
    {
        int index = Array.IndexOf(Values, value);
        return index >= 0 ? Names[index] : throw new ArgumentOutOfRangeException(nameof(value), value, "no such member");
    }

    /// <summary>The flags that are set, a word each with <paramref name="before"/> in front.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A bit is set that has no name.</exception>
    public static string Flags(uint bits, string before)
    {
        var words = new StringBuilder();
        for (int i = 0; i < Values.Length; i++)
        {
            uint flag = Convert.ToUInt32(Values[i], CultureInfo.InvariantCulture);
            if (flag == 0 || (bits & flag) != flag)
                continue;
            words.Append(before).Append(Names[i]);
            bits &= ~flag;
        }
        return bits == 0 ? words.ToString() : throw new ArgumentOutOfRangeException(nameof(bits), bits, "flags without a name");
    }

    /// <summary>The member of a spelling.</summary>
    /// <returns>Whether there is one.</returns>
    public static bool TryParse(ReadOnlySpan<char> name, out T value)
    {
        for (int i = 0; i < Names.Length; i++)
        {
            if (name.SequenceEqual(Names[i]))
            {
                value = Values[i];
                return true;
            }
        }
        value = default;
        return false;
    }

    private static string[] SnakeCase(string[] names)
    {
        for (int i = 0; i < names.Length; i++)
        {
            var text = new StringBuilder();
            foreach (char c in names[i])
            {
                if (char.IsUpper(c) && text.Length > 0)
                    text.Append('_');
                text.Append(char.ToLowerInvariant(c));
            }
            names[i] = text.ToString();
        }
        return names;
    }
}
