using System.Text;

namespace Kiln.IR.Text;

/// <summary>The spelling of operations and predicates in the text form: the enum's name in snake case.</summary>
public static class OpNames
{
    private static readonly string[] Operations = SnakeCase(Enum.GetNames<Op>());
    private static readonly string[] Predicates = ["eq", "ne", "lt", "le", "gt", "ge", "ult", "ule", "ugt", "uge"];

    /// <summary>An operation's spelling.</summary>
    public static string Name(Op op) => Operations[(int)op];

    /// <summary>A predicate's spelling.</summary>
    public static string Name(IntPredicate predicate) => Predicates[(int)predicate];

    /// <summary>The operation of a spelling, or None.</summary>
    public static Op Operation(string name) => (Op)Math.Max(0, Array.IndexOf(Operations, name));

    /// <summary>The predicate of a spelling, or -1.</summary>
    public static int Predicate(string name) => Array.IndexOf(Predicates, name);

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
