namespace Kiln.IR.Text;

/// <summary>The spelling of operations and predicates in the text form.</summary>
public static class OpNames
{
    private static readonly string[] Predicates = ["eq", "ne", "lt", "le", "gt", "ge", "ult", "ule", "ugt", "uge"];

    /// <summary>An operation's spelling: the enum's name in snake case.</summary>
    public static string Name(Op op) => Spelling<Op>.Of(op);

    /// <summary>A predicate's spelling.</summary>
    public static string Name(IntPredicate predicate) => Predicates[(int)predicate];

    /// <summary>A predicate's spelling: the comparison, and <c>.quiet</c> behind it.</summary>
    public static string Name(FloatPredicate predicate) =>
        Spelling<FloatPredicate>.Of(predicate & FloatPredicate.Always) + ((predicate & FloatPredicate.Quiet) != 0 ? ".quiet" : "");

    /// <summary>The predicate of a spelling, or -1.</summary>
    public static int Predicate(string name) => Array.IndexOf(Predicates, name);
}
