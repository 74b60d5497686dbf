using System.Globalization;
using System.Text;
using Kiln.Base;

namespace Kiln.Frontend.Types;

/// <summary>Writes types as gcc's messages do: <c>long unsigned int</c>, <c>int (*)(const char *)</c>, <c>struct s[3]</c>.</summary>
public sealed class TypePrinter(Interner names)
{
    /// <summary>The type in gcc's notation.</summary>
    public string Print(QualType type)
    {
        var text = new StringBuilder();
        // Derivations are collected from the outside in; the base stands first in C's notation.
        string declarator = "";
        bool lastWasPointer = false, isBareFunction = false;
        QualType at = type;
        while (true)
        {
            if (at.Type is PointerType pointer)
            {
                string quals = QualifierText(at.Qualifiers);
                string inner = declarator.Length > 0 && quals.Length > 0 && declarator[0] != ')' && declarator[0] != '(' && declarator[0] != '['
                    ? quals + " " + declarator
                    : quals + declarator;
                declarator = "*" + inner;
                isBareFunction = false;
                lastWasPointer = true;
                at = pointer.Pointee;
            }
            else if (at.Type is ArrayType array)
            {
                string bound = array.Count >= 0 ? array.Count.ToString(CultureInfo.InvariantCulture)
                    : array.Bound is not null ? array.Bound.Count is null ? "*" : "" : "";
                declarator = (lastWasPointer ? "(" + declarator + ")" : declarator) + "[" + bound + "]";
                lastWasPointer = false;
                at = array.Element.With(at.Qualifiers);
            }
            else if (at.Type is FunctionType function)
            {
                isBareFunction = declarator.Length == 0;
                declarator = (lastWasPointer ? "(" + declarator + ")" : declarator) + ParameterText(function);
                lastWasPointer = false;
                at = function.Result;
            }
            else
                break;
        }
        string qualifiers = QualifierText(at.Qualifiers);
        if (qualifiers.Length > 0)
            text.Append(qualifiers).Append(' ');
        text.Append(BaseName(at.Type));
        if (declarator.Length > 0)
        {
            // Arrays and parameters follow a bare type without a space (int[3], int(void)); all else with one.
            if (declarator[0] != '[' && !isBareFunction)
                text.Append(' ');
            text.Append(declarator);
        }
        return text.ToString();
    }

    private string ParameterText(FunctionType function)
    {
        if (!function.HasPrototype)
            return "()";
        if (function.Parameters.Length == 0 && !function.IsVariadic)
            return "(void)";
        var text = new StringBuilder("(");
        for (int i = 0; i < function.Parameters.Length; i++)
            text.Append(i > 0 ? ", " : "").Append(Print(function.Parameters[i]));
        if (function.IsVariadic)
            text.Append(function.Parameters.Length > 0 ? ", ..." : "...");
        return text.Append(')').ToString();
    }

    private static string QualifierText(Qualifiers qualifiers)
    {
        if ((qualifiers & Qualifiers.All) == 0)
            return "";
        var text = new StringBuilder();
        if ((qualifiers & Qualifiers.Atomic) != 0)
            text.Append("_Atomic ");
        if ((qualifiers & Qualifiers.Const) != 0)
            text.Append("const ");
        if ((qualifiers & Qualifiers.Volatile) != 0)
            text.Append("volatile ");
        if ((qualifiers & Qualifiers.Restrict) != 0)
            text.Append("restrict ");
        return text.ToString(0, text.Length - 1);
    }

    private string BaseName(CType type) => type switch
    {
        RecordType record => (record.IsUnion ? "union " : "struct ") + TagName(record.Tag),
        EnumType enumeration => "enum " + TagName(enumeration.Tag),
        ComplexType complex => "_Complex " + BaseName(complex.Element),
        VectorType vector => "__vector(" + vector.Count.ToString(CultureInfo.InvariantCulture) + ") " + BaseName(vector.Element),
        _ => KindName(type.Kind),
    };

    private string TagName(int tag) => tag != 0 ? names.Text(tag) : "<anonymous>";

    private static string KindName(TypeKind kind) => kind switch
    {
        TypeKind.Error => "<error>",
        TypeKind.Void => "void",
        TypeKind.Bool => "_Bool",
        TypeKind.Char => "char",
        TypeKind.SignedChar => "signed char",
        TypeKind.UnsignedChar => "unsigned char",
        TypeKind.Short => "short int",
        TypeKind.UnsignedShort => "short unsigned int",
        TypeKind.Int => "int",
        TypeKind.UnsignedInt => "unsigned int",
        TypeKind.Long => "long int",
        TypeKind.UnsignedLong => "long unsigned int",
        TypeKind.LongLong => "long long int",
        TypeKind.UnsignedLongLong => "long long unsigned int",
        TypeKind.Int128 => "__int128",
        TypeKind.UnsignedInt128 => "__int128 unsigned",
        TypeKind.Float16 => "_Float16",
        TypeKind.BFloat16 => "__bf16",
        TypeKind.Float => "float",
        TypeKind.Float32 => "_Float32",
        TypeKind.Double => "double",
        TypeKind.Float64 => "_Float64",
        TypeKind.Float32x => "_Float32x",
        TypeKind.LongDouble => "long double",
        TypeKind.Float64x => "_Float64x",
        TypeKind.Float128 => "_Float128",
        TypeKind.Decimal32 => "_Decimal32",
        TypeKind.Decimal64 => "_Decimal64",
        TypeKind.Decimal128 => "_Decimal128",
        TypeKind.NullPointer => "typeof (nullptr)",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };
}
