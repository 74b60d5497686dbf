// Format strings (C17 7.21.6, 7.27.3.5, POSIX, glibc): -Wformat and its kin. A string is read directive by directive, and each argument's
// type is held against what the directive asks for. The tables say which conversions exist and what they want.

using System.Text;
using Kiln.Base;
using Kiln.Frontend.Ast;
using Kiln.Frontend.Sema;
using Kiln.Frontend.Types;

namespace Kiln.Frontend.Warnings;

/// <summary>Which language a format string speaks.</summary>
internal enum FormatKind : byte
{
    None,
    Print,
    Scan,
    Time,
}

/// <summary>Checks the calls of functions that take a format.</summary>
internal sealed class FormatStrings(Semantics sema)
{
    /// <summary>The library's functions that take formats: the format's number and that of the first argument (0: a va_list).</summary>
    private static readonly Dictionary<string, (FormatKind Kind, int Format, int First)> Library = new()
    {
        ["printf"] = (FormatKind.Print, 1, 2),
        ["printf_unlocked"] = (FormatKind.Print, 1, 2),
        ["fprintf"] = (FormatKind.Print, 2, 3),
        ["fprintf_unlocked"] = (FormatKind.Print, 2, 3),
        ["sprintf"] = (FormatKind.Print, 2, 3),
        ["snprintf"] = (FormatKind.Print, 3, 4),
        ["vprintf"] = (FormatKind.Print, 1, 0),
        ["vfprintf"] = (FormatKind.Print, 2, 0),
        ["vsprintf"] = (FormatKind.Print, 2, 0),
        ["vsnprintf"] = (FormatKind.Print, 3, 0),
        ["scanf"] = (FormatKind.Scan, 1, 2),
        ["fscanf"] = (FormatKind.Scan, 2, 3),
        ["sscanf"] = (FormatKind.Scan, 2, 3),
        ["vscanf"] = (FormatKind.Scan, 1, 0),
        ["vfscanf"] = (FormatKind.Scan, 2, 0),
        ["vsscanf"] = (FormatKind.Scan, 2, 0),
        ["strftime"] = (FormatKind.Time, 3, 0),
        ["__sprintf_chk"] = (FormatKind.Print, 4, 5),
        ["__snprintf_chk"] = (FormatKind.Print, 5, 6),
        ["__fprintf_chk"] = (FormatKind.Print, 3, 4),
        ["__printf_chk"] = (FormatKind.Print, 2, 3),
        ["__vsprintf_chk"] = (FormatKind.Print, 4, 0),
        ["__vsnprintf_chk"] = (FormatKind.Print, 5, 0),
        ["__vfprintf_chk"] = (FormatKind.Print, 3, 0),
        ["__vprintf_chk"] = (FormatKind.Print, 2, 0),
    };

    private Reporter Report => sema.Report;

    private FormatKind _kind;
    private Expression[] _arguments = [];
    private Location _place;
    private int _first;
    private int _next;
    private bool _isVariadic;

    /// <summary>The kind that an attribute's first word names.</summary>
    public static FormatKind KindOf(string word) => word.Trim('_') switch
    {
        "printf" or "gnu_printf" => FormatKind.Print,
        "scanf" or "gnu_scanf" => FormatKind.Scan,
        "strftime" or "gnu_strftime" => FormatKind.Time,
        _ => FormatKind.None,
    };

    /// <summary>Checks a call, where its function takes a format.</summary>
    /// <param name="call">The call.</param>
    /// <param name="caller">The function that it stands in.</param>
    public void Check(CallExpression call, FunctionDeclaration caller)
    {
        if (call.Callee is not FunctionReference { Function: { } function })
            return;
        foreach (FormatAttribute format in function.Formats ?? [])
            Check(call, KindOf(sema.Text(format.Kind)), format.FormatIndex, format.FirstArgument, caller);
        if (function.Formats is null && function.Linkage == Linkage.External && Library.TryGetValue(sema.Text(function.Name), out (FormatKind Kind, int Format, int First) row))
            Check(call, row.Kind, row.Format, row.First, caller);
    }

    private void Check(CallExpression call, FormatKind kind, int index, int first, FunctionDeclaration caller)
    {
        if (kind == FormatKind.None || index < 1 || index > call.Arguments.Length)
            return;
        _kind = kind;
        _arguments = call.Arguments;
        _first = first - 1;
        _isVariadic = first > 0;
        Expression format = call.Arguments[index - 1];
        _place = format.Location;
        Judge(format, caller);
    }

    private static Expression Bare(Expression e)
    {
        while (e is CastExpression { CastKind: CastKind.Pointer or CastKind.NoOp } cast)
            e = cast.Operand;
        return e;
    }

    private void Judge(Expression format, FunctionDeclaration caller)
    {
        format = Bare(format);
        switch (format)
        {
            case ConditionalExpression choice:
                Judge(choice.WhenTrue, caller);
                Judge(choice.WhenFalse, caller);
                return;
            case CallExpression { Callee: FunctionReference { Function.FormatArguments: { } positions } } inner:
                // gettext and its kin give back a format like the one they get.
                foreach (int position in positions)
                {
                    if (position >= 1 && position <= inner.Arguments.Length)
                        Judge(inner.Arguments[position - 1], caller);
                }
                return;
            case PointerOffset { IsSubtraction: false, Index: IntegerConstant { Value: var skipped }, Pointer: { } pointer } when Literal(pointer) is { } text
                && skipped < (UInt128)text.Bytes.Length:
                Read(text, (int)skipped);
                return;
            case IntegerConstant:
                return;
        }
        if (Literal(format) is { } literal)
            Read(literal, 0);
        else if (Constant(format) is { } bytes)
            Read(bytes, 0, null);
        else
            NonLiteral(caller);
    }

    private static StringLiteral? Literal(Expression e) =>
        Bare(e) is CastExpression { CastKind: CastKind.ArrayDecay, Operand: StringLiteral text } ? text : null;

    /// <summary>The bytes of a constant array of characters, or of what a constant pointer points to.</summary>
    private static byte[]? Constant(Expression e)
    {
        VariableDeclaration? variable = e switch
        {
            CastExpression { CastKind: CastKind.ArrayDecay, Operand: VariableReference { Variable: { } array } } when array.Type.Type is ArrayType { Element.IsConst: true } => array,
            CastExpression { CastKind: CastKind.LvalueToRvalue, Operand: VariableReference { Variable: { } pointer } } when pointer.Type.IsConst => pointer,
            _ => null,
        };
        if (variable?.Image is { Relocations: [{ Target: StringLiteral text, Offset: 0, Addend: 0 }, ..] } && variable.Type.Type.IsPointer)
            return text.Bytes;
        if (variable?.Image is { Relocations.Length: 0 } image)
            return image.Bytes[..image.Length];
        return variable?.Initializer switch
        {
            InitializerList { Elements: [{ Value: StringLiteral whole }] } => whole.Bytes,
            { } value when Literal(value) is { } pointed => pointed.Bytes,
            _ => null,
        };
    }

    private void NonLiteral(FunctionDeclaration caller)
    {
        if (_kind == FormatKind.Time)
            Report.Warning("Wformat-nonliteral", _place, "format not a string literal, format string not checked");
        else if (_isVariadic)
        {
            if (_first >= _arguments.Length)
            {
                Report.Warning(Report.IsEnabled("Wformat-nonliteral") ? "Wformat-nonliteral" : "Wformat-security", _place, "format not a string literal and no format arguments");
                return;
            }
            Report.Warning("Wformat-nonliteral", _place, "format not a string literal, argument types not checked");
        }
        else if (caller.Formats is null)
            Report.Warning("Wformat-nonliteral", _place, "format not a string literal, argument types not checked");
    }

    // ---- Reading ----

    private void Read(StringLiteral text, int from)
    {
        if (((ArrayType)text.Type).Element.Type.Size != 1)
        {
            Report.Warning("Wformat", _place, "format is a wide character string");
            return;
        }
        Read(text.Bytes, from, text);
    }

    private string Language => _kind switch { FormatKind.Print => "gnu_printf", FormatKind.Scan => "gnu_scanf", _ => "gnu_strftime" };

    private void Read(byte[] bytes, int from, StringLiteral? literal)
    {
        ReadOnlySpan<byte> text = bytes.AsSpan(from);
        int end = text.IndexOf((byte)0);
        if (end < 0)
        {
            Report.Warning("Wformat", _place, "unterminated format string");
            return;
        }
        if (end < text.Length - 1 && literal is not null)
            Report.Warning("Wformat-contains-nul", Place(literal, from + end), "embedded '\\0' in format");
        text = text[..end];
        if (text.IsEmpty)
        {
            Report.Warning("Wformat-zero-length", _place, $"zero-length {Language} format string");
            if (_isVariadic && _first < _arguments.Length)
                Report.Warning("Wformat-extra-args", _place, "too many arguments for format");
            return;
        }
        _next = _first;
        bool usesPositions = false;
        for (int at = 0; at < text.Length;)
        {
            int percent = text[at..].IndexOf((byte)'%');
            if (percent < 0)
                break;
            at += percent + 1;
            if (at >= text.Length)
            {
                Report.Warning("Wformat", Place(literal, from + at - 1), "spurious trailing '%' in format");
                return;
            }
            if (text[at] == '%')
            {
                at++;
                continue;
            }
            Location place = Place(literal, from + at);
            bool goesOn = _kind == FormatKind.Time ? Time(text, ref at, place) : Directive(text, ref at, place, ref usesPositions);
            if (!goesOn)
                return;
        }
        if (_isVariadic && !usesPositions && _next < _arguments.Length && _next >= 0)
            Report.Warning("Wformat-extra-args", _place, "too many arguments for format");
    }

    /// <summary>Where a directive stands: in the piece of the literal that holds it.</summary>
    private Location Place(StringLiteral? literal, int offset)
    {
        if (literal is null || !sema.StringPieces.TryGetValue(literal, out (int Offset, Location Location)[]? pieces))
            return _place;
        Location place = _place;
        foreach ((int start, Location location) in pieces)
        {
            if (start <= offset)
                place = location;
        }
        return place;
    }

    private static bool IsFlag(byte c, FormatKind kind) =>
        kind == FormatKind.Print && c is (byte)'-' or (byte)'+' or (byte)' ' or (byte)'#' or (byte)'0' or (byte)'\'' or (byte)'I';

    private bool Time(ReadOnlySpan<byte> text, ref int at, Location place)
    {
        while (at < text.Length && text[at] is (byte)'_' or (byte)'-' or (byte)'0' or (byte)'^' or (byte)'#')
            at++;
        while (at < text.Length && text[at] is >= (byte)'0' and <= (byte)'9')
            at++;
        if (at < text.Length && text[at] is (byte)'E' or (byte)'O')
            at++;
        if (at >= text.Length)
        {
            Report.Warning("Wformat", place, "conversion lacks type at end of format");
            return false;
        }
        byte c = text[at++];
        if ("aAbBcCdDeFgGhHIjklmMnpPrRsStTuUVwWxXyYzZ%+"u8.IndexOf(c) < 0)
            Unknown(c, place);
        else if (c is (byte)'y' or (byte)'g' or (byte)'D')
            Report.Warning("Wformat-y2k", place, $"'%{(char)c}' yields only last 2 digits of year");
        else if (c is (byte)'c' or (byte)'x')
            Report.Warning("Wformat-y2k", place, $"'%{(char)c}' yields only last 2 digits of year in some locales");
        return true;
    }

    private void Unknown(byte c, Location place) =>
        Report.Warning("Wformat", place, c is > 32 and < 127
            ? $"unknown conversion type character '{(char)c}' in format"
            : $"unknown conversion type character 0x{c:x} in format");

    private Expression? Take(ref bool missing)
    {
        if (!_isVariadic)
            return null;
        if (_next >= _arguments.Length)
        {
            missing = true;
            return null;
        }
        return _arguments[_next++];
    }

    private static int Digits(ReadOnlySpan<byte> text, ref int at)
    {
        int value = 0;
        while (at < text.Length && text[at] is >= (byte)'0' and <= (byte)'9')
            value = Math.Min(value * 10 + text[at++] - '0', 1 << 20);
        return value;
    }

    /// <summary>One directive of printf's or scanf's.</summary>
    /// <returns>False where what follows cannot be told any more.</returns>
    private bool Directive(ReadOnlySpan<byte> text, ref int at, Location place, ref bool usesPositions)
    {
        int position = Position(text, ref at);
        usesPositions |= position > 0;
        bool suppressed = false, missing = false;
        int flags = at;
        while (at < text.Length && IsFlag(text[at], _kind))
            at++;
        ReadOnlySpan<byte> given = text[flags..at];
        if (_kind == FormatKind.Scan && at < text.Length && text[at] == '*')
        {
            suppressed = true;
            at++;
        }
        bool hasPrecision = false;
        if (at < text.Length && text[at] == '*')
        {
            at++;
            if (!Star(text, ref at, "field width", "*", place, ref missing, ref usesPositions))
                return false;
        }
        else
            Digits(text, ref at);
        if (_kind == FormatKind.Print && at < text.Length && text[at] == '.')
        {
            hasPrecision = true;
            at++;
            if (at < text.Length && text[at] == '*')
            {
                at++;
                if (!Star(text, ref at, "field precision", ".*", place, ref missing, ref usesPositions))
                    return false;
            }
            else
                Digits(text, ref at);
        }
        int lengthAt = at;
        bool allocates = false;
        if (_kind == FormatKind.Scan && at < text.Length && text[at] == 'm')
        {
            allocates = true;
            at++;
            lengthAt = at;
        }
        string length = Length(text, ref at);
        if (at >= text.Length)
        {
            Report.Warning("Wformat", place, "conversion lacks type at end of format");
            return false;
        }
        byte c = text[at++];
        if (_kind == FormatKind.Scan && c == '[')
        {
            if (at < text.Length && text[at] == '^')
                at++;
            if (at < text.Length && text[at] == ']')
                at++;
            while (at < text.Length && text[at] != ']')
                at++;
            if (at >= text.Length)
            {
                Report.Warning("Wformat", place, "no closing ']' for '%[' format");
                return false;
            }
            at++;
        }
        string known = _kind == FormatKind.Print ? "diouxXfFeEgGaAcspnmCS" : "diouxXfFeEgGaAcspnCS[";
        if (!known.Contains((char)c))
        {
            Unknown(c, place);
            return true;
        }
        if (c == 'C' || c == 'S')
        {
            length = "l";
            c += 32;
        }
        else if (!Fits(length, c))
        {
            Report.Warning("Wformat", place, $"use of '{length}' length modifier with '{(char)c}' type character has either no effect or undefined behavior");
            length = "";
        }
        Flags(given, hasPrecision, c, place);
        if (c == 'm' && _kind == FormatKind.Print || suppressed)
            return true;
        string directive = $"%{Encoding.Latin1.GetString(text[flags..lengthAt])}{length}{(char)c}{(c == '[' ? Encoding.Latin1.GetString(text[(lengthAt + length.Length + 1)..at]) : "")}";
        Expression? argument = position > 0 ? At(position, ref missing) : Take(ref missing);
        int number = position > 0 ? _first + position : _next;
        (CType? wanted, string name) = Wanted(c, length, allocates);
        if (missing)
        {
            Report.Warning("Wformat", place, $"format '{directive}' expects a matching '{name}' argument");
            return false;
        }
        if (argument is null || argument.Type.IsError)
            return true;
        if (!Agrees(argument, wanted, c, length))
            Mismatch(directive, name, argument, number, place);
        return true;
    }

    private Expression? At(int position, ref bool missing)
    {
        if (!_isVariadic)
            return null;
        int index = _first + position - 1;
        if (index < _arguments.Length)
            return _arguments[index];
        missing = true;
        return null;
    }

    private static int Position(ReadOnlySpan<byte> text, ref int at)
    {
        int end = at;
        int value = Digits(text, ref end);
        if (end == at || end >= text.Length || text[end] != '$')
            return 0;
        at = end + 1;
        return value;
    }

    private bool Star(ReadOnlySpan<byte> text, ref int at, string what, string spelling, Location place, ref bool missing, ref bool usesPositions)
    {
        int position = Position(text, ref at);
        usesPositions |= position > 0;
        Expression? argument = position > 0 ? At(position, ref missing) : Take(ref missing);
        if (missing)
        {
            Report.Warning("Wformat", place, $"{what} specifier '{spelling}' expects a matching 'int' argument");
            return false;
        }
        if (argument is not null && !argument.Type.IsError && !(argument.Type.IsInteger && argument.Type.Size == 4))
        {
            Report.Warning("Wformat", place, $"{what} specifier '{spelling}' expects argument of type 'int', "
                + $"but argument {(position > 0 ? _first + position : _next)} has type '{sema.Print(argument.QualType)}'");
        }
        return true;
    }

    private static string Length(ReadOnlySpan<byte> text, ref int at)
    {
        if (at >= text.Length)
            return "";
        switch (text[at])
        {
            case (byte)'h' or (byte)'l':
                bool isTwice = at + 1 < text.Length && text[at + 1] == text[at];
                string length = new((char)text[at], isTwice ? 2 : 1);
                at += length.Length;
                return length;
            case (byte)'L' or (byte)'j' or (byte)'z' or (byte)'t' or (byte)'q' or (byte)'Z':
                return ((char)text[at++]).ToString();
            default:
                return "";
        }
    }

    private static bool Fits(string length, byte c) => length switch
    {
        "" => true,
        "l" => (char)c is not 'p' and not 'm',
        "L" or "q" => (char)c is not ('c' or 's' or 'p' or 'm' or '['),
        _ => (char)c is 'd' or 'i' or 'o' or 'u' or 'x' or 'X' or 'n',
    };

    private void Flags(ReadOnlySpan<byte> flags, bool hasPrecision, byte c, Location place)
    {
        foreach (byte flag in flags)
        {
            string? allowed = (char)flag switch
            {
                '+' or ' ' => "difFeEgGaA",
                '#' => "oxXfFeEgGaA",
                '0' => "diouxXfFeEgGaA",
                '\'' or 'I' => "diufFgGeEaA",
                _ => null,
            };
            if (allowed is not null && !allowed.Contains((char)c))
                Report.Warning("Wformat", place, $"'{(char)flag}' flag used with '%{(char)c}' {Language} format");
        }
        if (hasPrecision && c is (byte)'c' or (byte)'p' or (byte)'n')
            Report.Warning("Wformat", place, $"precision used with '%{(char)c}' {Language} format");
        if (flags.IndexOf((byte)' ') >= 0 && flags.IndexOf((byte)'+') >= 0)
            Report.Warning("Wformat", place, $"' ' flag ignored with '+' flag in {Language} format");
        if (flags.IndexOf((byte)'0') >= 0 && flags.IndexOf((byte)'-') >= 0)
            Report.Warning("Wformat", place, $"'0' flag ignored with '-' flag in {Language} format");
        else if (flags.IndexOf((byte)'0') >= 0 && hasPrecision && "diouxX".Contains((char)c))
            Report.Warning("Wformat", place, $"'0' flag ignored with precision and '%{(char)c}' {Language} format");
    }

    // ---- Types ----

    /// <summary>What a conversion asks for (of scanf's: what the pointer points to), and its name in messages.</summary>
    private (CType? Type, string Name) Wanted(byte c, string length, bool allocates)
    {
        TypeTable types = sema.Types;
        bool isUnsigned = (char)c is 'o' or 'u' or 'x' or 'X';
        CType? type;
        switch ((char)c)
        {
            case 'd' or 'i' or 'o' or 'u' or 'x' or 'X' or 'n':
                type = length switch
                {
                    "hh" => isUnsigned ? types.UnsignedChar : types.SignedChar,
                    "h" => isUnsigned ? types.UnsignedShort : types.Short,
                    "l" or "t" or "j" or "z" or "Z" => isUnsigned ? types.UnsignedLong : types.Long,
                    "ll" or "L" or "q" => isUnsigned ? types.UnsignedLongLong : types.LongLong,
                    _ => isUnsigned ? types.UnsignedInt : types.Int,
                };
                break;
            case 'c':
                type = length == "l" ? _kind == FormatKind.Print ? types.UnsignedInt : types.WideChar : _kind == FormatKind.Print ? types.Int : types.Char;
                break;
            case 's' or '[':
                type = length == "l" ? types.WideChar : types.Char;
                if (_kind == FormatKind.Print)
                    return (type, sema.Print(types.PointerTo(type)));
                break;
            case 'p':
                return (types.Void, _kind == FormatKind.Print ? "void *" : "void **");
            default:
                type = length switch
                {
                    "L" => types.LongDouble,
                    "l" => types.Double,
                    _ => _kind == FormatKind.Print ? types.Double : types.Float,
                };
                break;
        }
        string name = length switch
        {
            "z" or "Z" when c != 'n' => isUnsigned ? "size_t" : "ssize_t",
            "t" when c != 'n' => isUnsigned ? "unsigned ptrdiff_t" : "ptrdiff_t",
            "j" when c != 'n' => isUnsigned ? "uintmax_t" : "intmax_t",
            "l" when c == 'c' && _kind == FormatKind.Print => "wint_t",
            _ => "",
        };
        if (_kind == FormatKind.Scan || c == 'n')
        {
            string pointer = name.Length > 0 ? $"{name} *" : sema.Print(types.PointerTo(allocates ? types.PointerTo(type) : type));
            if (name is "size_t" or "ssize_t" or "ptrdiff_t" or "intmax_t" or "uintmax_t")
                pointer += $"' {{aka '{sema.Print(types.PointerTo(type))}'}}";
            return (allocates ? types.PointerTo(type) : type, pointer.EndsWith('}') ? pointer[..^1] + "}" : pointer);
        }
        if (length is "hh" or "h")
            return (type, "int");
        return (type, name.Length > 0 ? name : sema.Print(type));
    }

    private bool Agrees(Expression argument, CType? wanted, byte c, string length)
    {
        CType type = argument.Type;
        if (_kind == FormatKind.Scan || c == 'n' || c == 's' || c == 'p')
        {
            if (type is not PointerType { Pointee: var pointee })
                return false;
            if (argument is IntegerConstant)
                return true;
            if (c == 'p')
                return _kind == FormatKind.Print || pointee.Type.IsPointer || pointee.Type.IsVoid;
            if (_kind == FormatKind.Scan && pointee.IsConst)
            {
                Report.Warning("Wformat", argument.Location, $"writing into constant object (argument {Array.IndexOf(_arguments, argument) + 1})");
                return true;
            }
            return SameKind(pointee.Type, wanted!, c is (byte)'s' or (byte)'[' or (byte)'c');
        }
        if (wanted is FloatType)
            return ReferenceEquals(type, wanted);
        if (!type.IsInteger)
            return false;
        // What is narrower than int arrives as int.
        return SameKind(type, sema.PromotedType(wanted!), false) && (length != "l" || c != 'c' || type.Size == 4);
    }

    /// <summary>The same type but for its sign; of characters any.</summary>
    private static bool SameKind(CType type, CType wanted, bool isText)
    {
        if (type is PointerType a && wanted is PointerType b)
            return SameKind(a.Pointee.Type, b.Pointee.Type, true);
        if (type is EnumType enumeration)
            type = enumeration.Underlying;
        if (type is not IntegerType x || wanted is not IntegerType y)
            return ReferenceEquals(type, wanted);
        if (isText && y.Size == 1)
            return x.Size == 1 && x.Kind != TypeKind.Bool;
        if (x.Size == 1 && y.Size == 1)
            return true;
        return x.Rank == y.Rank;
    }

    private void Mismatch(string directive, string name, Expression argument, int number, Location place)
    {
        string close = name.EndsWith('}') ? "" : "'";
        Report.Warning("Wformat", place,
            $"format '{directive}' expects argument of type '{name}{close}, but argument {number} has type '{sema.Print(argument.QualType)}'");
    }
}
