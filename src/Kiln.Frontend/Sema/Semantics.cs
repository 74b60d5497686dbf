// Builds the typed tree: every method takes operands that have been analysed and gives a node whose conversions are explicit, or
// reports what the language forbids and gives an ErrorExpression. The parser calls it; it never reads tokens.

using Kiln.Base;
using Kiln.Frontend.Ast;
using Kiln.Frontend.Constants;
using Kiln.Frontend.Types;

namespace Kiln.Frontend.Sema;

/// <summary>The type checker.</summary>
internal sealed partial class Semantics
{
    private readonly TypePrinter _printer;

    public Semantics(TypeTable types, Interner names, LanguageOptions options, Reporter report)
    {
        Types = types;
        Names = names;
        Options = options;
        Report = report;
        _printer = new TypePrinter(names);
    }

    public TypeTable Types { get; }
    public Interner Names { get; }
    public LanguageOptions Options { get; }
    public Reporter Report { get; }

    /// <summary>The function whose body is being read, or null.</summary>
    public FunctionDeclaration? Function { get; set; }

    /// <summary>Uses of what only this unit has, in functions that may turn out to be for other units' calls too (C17 6.7.4p3).</summary>
    public List<(FunctionDeclaration Function, Location Location, string Text)> InlineStatics { get; } = [];

    /// <summary>Where the pieces of string literals that are written in several pieces begin: kept where -Wformat wants to point there.</summary>
    public Dictionary<StringLiteral, (int Offset, Location Location)[]> StringPieces { get; } = [];

    /// <summary>Not zero inside of sizeof, typeof, _Generic and such, where nothing is evaluated.</summary>
    public int Unevaluated { get; set; }

    /// <summary>Not zero in operands that a constant condition leaves out: no warnings about values.</summary>
    public int Unreached { get; set; }

    /// <summary>Whether an initializer with static storage is being read: more is folded.</summary>
    public bool InStaticInitializer { get; set; }

    public string Print(QualType type) => _printer.Print(type);

    public string Print(CType type) => _printer.Print(type);

    public string Text(int name) => Names.Text(name);

    public ErrorExpression Error(Location location) => new(Types.Error, location);

    public ErrorExpression Error(Location location, string message)
    {
        Report.Error(location, message);
        return new ErrorExpression(Types.Error, location);
    }

    public IntegerConstant Int(long value, Location location, CType? type = null) =>
        new(type ?? Types.Int, (UInt128)(Int128)value, location) { Flags = ExpressionFlags.StrictConstant };

    public IntegerConstant Size(long value, Location location) => Int(value, location, Types.SizeType);

    /// <summary>The expression without parentheses' mark matters not; the node itself.</summary>
    public static bool IsStrictZero(Expression e) =>
        e is IntegerConstant { Value: var value } && value == 0 && (e.Flags & ExpressionFlags.StrictConstant) != 0;

    /// <summary>A null pointer constant (C17 6.3.2.3p3).</summary>
    public bool IsNullPointerConstant(Expression e)
    {
        if (e.Type.Kind == TypeKind.NullPointer)
            return true;
        if (e is not IntegerConstant { Value: var value } || value != 0
            || (e.Flags & (ExpressionFlags.StrictConstant | ExpressionFlags.Overflow)) != ExpressionFlags.StrictConstant)
            return false;
        return e.Type.IsInteger
            || ReferenceEquals(e.Type, Types.VoidPointer);
    }

    /// <summary>A type with the qualifiers of an array moved to its element's (C17 6.7.3p9).</summary>
    public QualType ElementType(QualType array) => ((ArrayType)array.Type).Element.With(array.Qualifiers & Qualifiers.All);

    /// <summary>The name that messages call a function or a variable by, or null.</summary>
    private string? CalleeName(Expression callee) => callee switch
    {
        FunctionReference function => Text(function.Function.Name),
        VariableReference variable => Text(variable.Variable.Name),
        CastExpression { CastKind: CastKind.FunctionDecay or CastKind.LvalueToRvalue } cast => CalleeName(cast.Operand),
        DereferenceExpression dereference => "*" + CalleeName(dereference.Pointer),
        MemberExpression member => (member.Record is DereferenceExpression d ? CalleeName(d.Pointer) + "->" : CalleeName(member.Record) + ".")
            + Text(member.Field.Name),
        _ => null,
    };

    /// <summary>Folds an rvalue to a constant node where it has a constant value; else the node itself.</summary>
    public static Expression FoldFully(Expression e)
    {
        if (Folding.IsConstant(e))
            return e;
        if (Evaluator.Evaluate(e, out Constant value) && Evaluator.ToNode(value, e.QualType, e.Location) is { } node)
            return node;
        return e;
    }
}
