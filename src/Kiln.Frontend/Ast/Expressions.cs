// Expressions after semantic analysis. Laws:
// - Every conversion is a Cast node; the operands of a Binary have one type (shifts aside), which is its result's but
//   for comparisons, whose type is int, or a vector of integers.
// - An lvalue is VariableReference, Dereference, Member of an lvalue, VectorElement of an lvalue, CompoundLiteral, StringLiteral, Part
//   (__real__, __imag__) of an lvalue, and EvaluateBounds of an lvalue. A value is read from it by a Cast LvalueToRvalue
//   (which takes qualifiers off), or its address taken by a Cast ArrayDecay or by AddressOf.
// - A Call, Assign, Conditional, StatementExpression, VaArg... of record type is an rvalue in memory; Member of it is an rvalue too.
// - Integer constant expressions are folded to IntegerConstant wherever the standard or gcc demands a constant; elsewhere folding
//   of literals happens when it costs nothing.

using Kiln.Base;
using Kiln.Frontend.Builtins;
using Kiln.Frontend.Types;

namespace Kiln.Frontend.Ast;

public enum ExpressionKind : byte
{
    /// <summary>Stands where an expression was wrong and has been reported.</summary>
    Error,
    Integer,
    Float,
    ComplexConstant,
    VectorConstant,
    String,
    Variable,
    Function,
    LabelAddress,
    Unary,
    Increment,
    Binary,
    PointerOffset,
    PointerDifference,
    Logical,
    Comma,
    Conditional,
    OmittedMiddle,
    Assign,
    CompoundAssign,
    Cast,
    AddressOf,
    Dereference,
    Member,
    VectorElement,
    Part,
    MakeComplex,
    Call,
    Builtin,
    CompoundLiteral,
    InitializerList,
    StatementExpression,
    VaArg,
    VariableSize,
    EvaluateBounds,
}

[Flags]
public enum ExpressionFlags : byte
{
    None = 0,
    Lvalue = 1,
    /// <summary>Stands in parentheses (for warnings).</summary>
    Parenthesized = 2,
    /// <summary>An integer constant expression in the standard's sense (IntegerConstant), not merely one that folds.</summary>
    StrictConstant = 4,
    /// <summary>A cast that the program writes.</summary>
    Explicit = 8,
    /// <summary>IntegerConstant: overflowed in folding. Binary: must not be assumed free of overflow.</summary>
    Overflow = 16,
    /// <summary>A character constant or an enumerator (for warnings). Increment: postfix.</summary>
    Postfix = 32,
    /// <summary>Increment: downwards.</summary>
    Decrement = 64,
    /// <summary>IntegerConstant: folds, but is no constant expression of any kind in the standard's sense (C17 6.6): a shift that
    /// is undefined, or an operand that is not evaluated and holds what C90 forbids.</summary>
    Loose = 64,
    /// <summary>Call: written <c>__builtin_X</c>, which means X although -fno-builtin is given.</summary>
    BuiltinSpelling = 128,
}

/// <summary>An expression.</summary>
public abstract class Expression
{
    private CType _type;
    private Qualifiers _qualifiers;
    private byte _alignment;

    private protected Expression(ExpressionKind kind, QualType type, Location location)
    {
        Kind = kind;
        _type = type.Type;
        _qualifiers = type.Qualifiers;
        _alignment = (byte)type.AlignmentCode;
        Location = location;
    }

    public ExpressionKind Kind { get; }
    public ExpressionFlags Flags { get; internal set; }
    public Location Location { get; internal set; }

    /// <summary>The type with what stands beside it; qualifiers matter of lvalues only.</summary>
    public QualType QualType
    {
        get => new(_type, _qualifiers, _alignment);
        internal set
        {
            _type = value.Type;
            _qualifiers = value.Qualifiers;
            _alignment = (byte)value.AlignmentCode;
        }
    }

    /// <summary>The type.</summary>
    public CType Type => _type;

    /// <summary>Whether it designates an object or a function.</summary>
    public bool IsLvalue => (Flags & ExpressionFlags.Lvalue) != 0;
}

public sealed class ErrorExpression(QualType type, Location location) : Expression(ExpressionKind.Error, type, location);

/// <summary>An integer constant of integer, enumeration, bool or pointer type. Sign-extended to 128 bits where the type is signed.</summary>
public sealed class IntegerConstant(QualType type, UInt128 value, Location location) : Expression(ExpressionKind.Integer, type, location)
{
    public UInt128 Value { get; } = value;

    /// <summary>The enumerator that the constant was written as, or null.</summary>
    internal EnumConstantDeclaration? Enumerator { get; set; }
}

/// <summary>A real floating constant: bits in its type's format.</summary>
public sealed class FloatConstant(QualType type, UInt128 bits, Location location) : Expression(ExpressionKind.Float, type, location)
{
    public UInt128 Bits { get; } = bits;
}

/// <summary>A complex constant: each part an integer value or floating bits, as the element type says.</summary>
public sealed class ComplexConstant(QualType type, UInt128 real, UInt128 imaginary, Location location)
    : Expression(ExpressionKind.ComplexConstant, type, location)
{
    public UInt128 Real { get; } = real;
    public UInt128 Imaginary { get; } = imaginary;

    /// <summary>
    /// Whether the constant is a real operand that was converted for an operation: it has no imaginary part, not one of +0
    /// (C17 annex G.5.1, G.5.2).
    /// </summary>
    public bool IsReal { get; init; }
}

/// <summary>A vector whose elements are all constants: values or floating bits, one for each element.</summary>
public sealed class VectorConstant(QualType type, UInt128[] elements, Location location)
    : Expression(ExpressionKind.VectorConstant, type, location)
{
    public UInt128[] Elements { get; } = elements;
}

/// <summary>A string literal, an lvalue of array type. Equal objects are the same object.</summary>
public sealed class StringLiteral : Expression
{
    internal StringLiteral(QualType type, byte[] bytes, Location location) : base(ExpressionKind.String, type, location)
    {
        Bytes = bytes;
        Flags = ExpressionFlags.Lvalue;
    }

    /// <summary>The bytes of the array, the closing NUL included.</summary>
    public byte[] Bytes { get; }

    /// <summary>Free for the consumer of the tree.</summary>
    public int Slot { get; set; }
}

/// <summary>Names a variable: an lvalue.</summary>
public sealed class VariableReference : Expression
{
    internal VariableReference(VariableDeclaration variable, Location location) : base(ExpressionKind.Variable, variable.Type, location)
    {
        Variable = variable;
        Flags = ExpressionFlags.Lvalue;
    }

    public VariableDeclaration Variable { get; }
}

/// <summary>Names a function: a function designator; a value by a Cast FunctionDecay or AddressOf. The address of a nested
/// function (Flags NeedsStaticChain) is that of a trampoline, when it is not called directly.</summary>
public sealed class FunctionReference(FunctionDeclaration function, Location location)
    : Expression(ExpressionKind.Function, function.Type, location)
{
    public FunctionDeclaration Function { get; } = function;
}

/// <summary><c>&amp;&amp;label</c>.</summary>
public sealed class LabelAddress(LabelDeclaration label, QualType type, Location location)
    : Expression(ExpressionKind.LabelAddress, type, location)
{
    public LabelDeclaration Label { get; } = label;
}

public enum UnaryOperator : byte
{
    Negate,
    /// <summary>Of integers and vectors of them: each bit turned.</summary>
    Complement,
    /// <summary>Of complex values: the sign of the imaginary part turned (GNU C writes it ~).</summary>
    Conjugate,
    /// <summary>Of a scalar: whether it is zero, as int. Of a vector: each element compared with zero.</summary>
    LogicalNot,
}

public sealed class UnaryExpression(UnaryOperator op, Expression operand, QualType type, Location location)
    : Expression(ExpressionKind.Unary, type, location)
{
    public UnaryOperator Operator { get; } = op;
    public Expression Operand { get; } = operand;
}

/// <summary>++ and --, before or behind, on a real, complex, vector or pointer lvalue, bit-fields and atomics included.
/// The value is of the operand's unqualified type. Flags Postfix and Decrement tell which.</summary>
public sealed class IncrementExpression(Expression operand, QualType type, Location location)
    : Expression(ExpressionKind.Increment, type, location)
{
    public Expression Operand { get; } = operand;
    public bool IsPostfix => (Flags & ExpressionFlags.Postfix) != 0;
    public bool IsDecrement => (Flags & ExpressionFlags.Decrement) != 0;
}

public enum BinaryOperator : byte
{
    Multiply,
    Divide,
    Remainder,
    Add,
    Subtract,
    ShiftLeft,
    ShiftRight,
    Less,
    Greater,
    LessEqual,
    GreaterEqual,
    Equal,
    NotEqual,
    And,
    Xor,
    Or,
}

/// <summary>Arithmetic, shifts, comparisons and bit operations. Operands of one type: arithmetic, pointers (comparisons only) or
/// vectors. Signedness and format come from the operands' type. A shift's right operand keeps its own promoted type.
/// A comparison of vectors gives -1 and 0 in each element.</summary>
public sealed class BinaryExpression(BinaryOperator op, Expression left, Expression right, QualType type, Location location)
    : Expression(ExpressionKind.Binary, type, location)
{
    public BinaryOperator Operator { get; } = op;
    public Expression Left { get; internal set; } = left;
    public Expression Right { get; internal set; } = right;
}

/// <summary>Pointer plus or minus an integer that counts elements. The element size is the pointee's (1 for void and
/// functions; may be variable). The index keeps its own promoted type and signedness.</summary>
public sealed class PointerOffset(Expression pointer, Expression index, bool subtract, QualType type, Location location)
    : Expression(ExpressionKind.PointerOffset, type, location)
{
    public Expression Pointer { get; } = pointer;
    public Expression Index { get; } = index;
    public bool IsSubtraction { get; } = subtract;
}

/// <summary>Pointer minus pointer, in elements; of type ptrdiff_t.</summary>
public sealed class PointerDifference(Expression left, Expression right, QualType type, Location location)
    : Expression(ExpressionKind.PointerDifference, type, location)
{
    public Expression Left { get; } = left;
    public Expression Right { get; } = right;
}

/// <summary>&amp;&amp; and ||, of scalars: of type int, the right side evaluated only where it decides.</summary>
public sealed class LogicalExpression(bool isOr, Expression left, Expression right, QualType type, Location location)
    : Expression(ExpressionKind.Logical, type, location)
{
    public bool IsOr { get; } = isOr;
    public Expression Left { get; } = left;
    public Expression Right { get; } = right;
}

public sealed class CommaExpression(Expression left, Expression right, Location location)
    : Expression(ExpressionKind.Comma, right.QualType, location)
{
    public Expression Left { get; } = left;
    public Expression Right { get; } = right;
}

/// <summary>a ? b : c. The condition is a scalar (or an integer vector: elementwise choice, both sides evaluated). Both sides are
/// of the result's type, or the result is void.</summary>
public sealed class ConditionalExpression(Expression condition, Expression whenTrue, Expression whenFalse, QualType type, Location location)
    : Expression(ExpressionKind.Conditional, type, location)
{
    public Expression Condition { get; } = condition;
    public Expression WhenTrue { get; } = whenTrue;
    public Expression WhenFalse { get; } = whenFalse;
}

/// <summary>a ?: c (GNU C): <see cref="Value"/> is evaluated once; where it is not zero, it is converted to the result's type by
/// <see cref="WhenTrue"/>, in which the <see cref="ValuePlaceholder"/> stands for the evaluated value.</summary>
public sealed class OmittedMiddleExpression(
    Expression value, VariableDeclaration placeholder, Expression whenTrue, Expression whenFalse, QualType type, Location location)
    : Expression(ExpressionKind.OmittedMiddle, type, location)
{
    public Expression Value { get; } = value;

    /// <summary>An automatic variable that holds the value; <see cref="WhenTrue"/> reads it.</summary>
    public VariableDeclaration Placeholder { get; } = placeholder;

    public Expression WhenTrue { get; } = whenTrue;
    public Expression WhenFalse { get; } = whenFalse;
}

/// <summary>Simple assignment. The value is of the target's unqualified type; so is the result, which is what the target holds after it
/// (a bit-field's value is truncated).</summary>
public sealed class AssignExpression(Expression target, Expression value, QualType type, Location location)
    : Expression(ExpressionKind.Assign, type, location)
{
    public Expression Target { get; } = target;
    public Expression Value { get; } = value;
}

/// <summary>Target op= value: the target is read once, converted to <see cref="OperationType"/>, combined with the value (of that type; of
/// its own type for shifts; a count of elements for pointers), and converted back. The casts are of the kinds that an
/// explicit conversion between these types has.</summary>
public sealed class CompoundAssignExpression(
    BinaryOperator op, Expression target, Expression value, CType operationType, QualType type, Location location)
    : Expression(ExpressionKind.CompoundAssign, type, location)
{
    public BinaryOperator Operator { get; } = op;
    public Expression Target { get; } = target;
    public Expression Value { get; } = value;

    /// <summary>The type that the operation is done in; the target's own pointer type for pointer arithmetic.</summary>
    public CType OperationType { get; } = operationType;
}

public enum CastKind : byte
{
    /// <summary>Same representation: only the type changes (qualifiers, typedefs, compatible types, enum to its integer type).</summary>
    NoOp,
    /// <summary>Reads an lvalue. Of atomic type: a sequentially consistent load.</summary>
    LvalueToRvalue,
    /// <summary>The address of an array's first element.</summary>
    ArrayDecay,
    /// <summary>The address of a function.</summary>
    FunctionDecay,
    /// <summary>Integer, bool or enum to integer or enum: truncated, or extended as the operand's type says.</summary>
    Integral,
    /// <summary>Real floating to real floating.</summary>
    Floating,
    IntegralToFloating,
    FloatingToIntegral,
    /// <summary>Arithmetic or pointer to bool: not equal to zero.</summary>
    ToBool,
    /// <summary>Pointer to pointer.</summary>
    Pointer,
    /// <summary>Integer to pointer: extended or truncated as the operand's type says.</summary>
    IntegralToPointer,
    /// <summary>Pointer to integer (truncated where narrower, zero-extended where wider).</summary>
    PointerToIntegral,
    /// <summary>Real to complex: the imaginary part is zero. The operand is of the element type already.</summary>
    RealToComplex,
    /// <summary>Complex to real of the element type: the imaginary part dropped.</summary>
    ComplexToReal,
    /// <summary>Complex to complex: each part converted.</summary>
    Complex,
    /// <summary>Vector to vector, or vector to and from an integer or float of the same size: the bits reinterpreted.</summary>
    BitCast,
    /// <summary>A scalar of the element type to a vector: copied to each element.</summary>
    Splat,
    /// <summary>Each element converted (__builtin_convertvector).</summary>
    VectorConvert,
    /// <summary>The value is dropped.</summary>
    ToVoid,
    /// <summary>To a union from one of its members' types (GNU C): the union's bytes are the value's.</summary>
    ToUnion,
    /// <summary>nullptr or a null pointer constant to a pointer.</summary>
    NullToPointer,
    /// <summary>Float16 and such to float formats through excess precision (-fexcess-precision=standard); elsewhere Floating.</summary>
    ExcessPrecision,
}

/// <summary>A conversion; explicit where the flag says so.</summary>
public sealed class CastExpression(CastKind castKind, Expression operand, QualType type, Location location)
    : Expression(ExpressionKind.Cast, type, location)
{
    public CastKind CastKind { get; } = castKind;
    public Expression Operand { get; } = operand;
}

/// <summary>The address of an lvalue or of a function.</summary>
public sealed class AddressOfExpression(Expression operand, QualType type, Location location)
    : Expression(ExpressionKind.AddressOf, type, location)
{
    public Expression Operand { get; } = operand;
}

/// <summary>What a pointer points to: an lvalue (or a function designator). Subscripts are a Dereference of a PointerOffset.</summary>
public sealed class DereferenceExpression : Expression
{
    internal DereferenceExpression(Expression pointer, QualType type, Location location) : base(ExpressionKind.Dereference, type, location)
    {
        Pointer = pointer;
        Flags = ExpressionFlags.Lvalue;
    }

    public Expression Pointer { get; }
}

/// <summary>A member of a record; an lvalue where the record is one. -> is a Member of a Dereference.</summary>
public sealed class MemberExpression(Expression record, Field field, QualType type, Location location)
    : Expression(ExpressionKind.Member, type, location)
{
    public Expression Record { get; } = record;
    public Field Field { get; } = field;
}

/// <summary>An element of a vector; an lvalue where the vector is one.</summary>
public sealed class VectorElementExpression(Expression vector, Expression index, QualType type, Location location)
    : Expression(ExpressionKind.VectorElement, type, location)
{
    public Expression Vector { get; } = vector;
    public Expression Index { get; } = index;
}

/// <summary>__real__ and __imag__ of a complex; an lvalue where the operand is one.</summary>
public sealed class PartExpression(bool imaginary, Expression operand, QualType type, Location location)
    : Expression(ExpressionKind.Part, type, location)
{
    public bool IsImaginary { get; } = imaginary;
    public Expression Operand { get; } = operand;
}

/// <summary>__builtin_complex: a complex value of two parts.</summary>
public sealed class MakeComplexExpression(Expression real, Expression imaginary, QualType type, Location location)
    : Expression(ExpressionKind.MakeComplex, type, location)
{
    public Expression Real { get; } = real;
    public Expression Imaginary { get; } = imaginary;
}

/// <summary>A call. The callee is a FunctionReference (direct) or a pointer value. Arguments are converted to the parameters' types, or by
/// the default promotions. Where the callee's declaration names a <see cref="FunctionDeclaration.Builtin"/> (memcpy), the consumer may expand it.</summary>
public sealed class CallExpression(Expression callee, FunctionType functionType, Expression[] arguments, QualType type, Location location)
    : Expression(ExpressionKind.Call, type, location)
{
    public Expression Callee { get; } = callee;
    public FunctionType FunctionType { get; } = functionType;
    public Expression[] Arguments { get; } = arguments;

    /// <summary>Must be a tail call (attribute musttail); false today.</summary>
    public bool MustTail => false;
}

/// <summary>An operation of the builtin table that is no library function. Arguments are converted as its row says; the generic ones
/// (atomics, overflow) are resolved: operand types tell the size.</summary>
public sealed class BuiltinExpression(BuiltinInfo builtin, Expression[] arguments, QualType type, Location location)
    : Expression(ExpressionKind.Builtin, type, location)
{
    public BuiltinInfo Builtin { get; } = builtin;
    public Expression[] Arguments { get; } = arguments;

    /// <summary>__builtin_shuffle and __builtin_shufflevector: the constant element numbers, or null where they are the last argument.
    /// -1: any value.</summary>
    public int[]? Elements { get; internal set; }
}

/// <summary>A compound literal: an lvalue. Static ones have an <see cref="VariableDeclaration.Image"/>, automatic ones are initialized each time
/// they are evaluated.</summary>
public sealed class CompoundLiteralExpression : Expression
{
    internal CompoundLiteralExpression(VariableDeclaration variable, QualType type, Location location)
        : base(ExpressionKind.CompoundLiteral, type, location)
    {
        Variable = variable;
        Flags = ExpressionFlags.Lvalue;
    }

    /// <summary>The unnamed object, with its initializer.</summary>
    public VariableDeclaration Variable { get; }
}

/// <summary>({ ... }) (GNU C). Its value is that of the body's last statement, an ExpressionStatement, where the type isn't void.</summary>
public sealed class StatementExpression(CompoundStatement body, QualType type, Location location)
    : Expression(ExpressionKind.StatementExpression, type, location)
{
    public CompoundStatement Body { get; } = body;
}

/// <summary>va_arg: the list is an lvalue of va_list's type, or a pointer to its record where the list is a parameter (already decayed: a pointer value).</summary>
public sealed class VaArgExpression(Expression list, QualType type, Location location)
    : Expression(ExpressionKind.VaArg, type, location)
{
    public Expression List { get; } = list;
}

/// <summary>The size in bytes of a type whose size is known at run time only (sizeof), of type size_t. Its bounds have been evaluated.</summary>
public sealed class VariableSizeExpression(CType measured, QualType type, Location location)
    : Expression(ExpressionKind.VariableSize, type, location)
{
    public CType Measured { get; } = measured;
}

/// <summary>Evaluates bounds of variable length arrays, in order, then its operand (a type name in a cast, sizeof, va_arg, compound literal).
/// An lvalue where the operand is.</summary>
public sealed class EvaluateBoundsExpression(VariableBound[] bounds, Expression operand, Location location)
    : Expression(ExpressionKind.EvaluateBounds, operand.QualType, location)
{
    public VariableBound[] Bounds { get; } = bounds;
    public Expression Operand { get; } = operand;
}
