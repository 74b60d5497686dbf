// Names, members, subscripts, addresses, calls and casts (C17 6.5.1 to 6.5.4).

using Kiln.Base;
using Kiln.Frontend.Ast;
using Kiln.Frontend.Constants;
using Kiln.Frontend.Types;

namespace Kiln.Frontend.Sema;

internal sealed partial class Semantics
{
    /// <summary>Names a variable, function or enumerator.</summary>
    public Expression Reference(Declaration declaration, Location location)
    {
        if (declaration.Deprecated is { } message && Unevaluated == 0)
            WarnDeprecated(declaration, message, location);
        if (Function is { Linkage: Linkage.External } inline && (inline.Flags & (FunctionFlags.Inline | FunctionFlags.GnuInline)) == FunctionFlags.Inline
            && declaration is EntityDeclaration { Linkage: Linkage.Internal } && Unevaluated == 0
            && Options.Standard >= CStandard.C99 && !Options.Gnu89Inline && Report.IsPedanticHere)
        {
            InlineStatics.Add((inline, location, $"'{Text(declaration.Name)}' is static but used in inline function '{Text(inline.Name)}' which is not static"));
        }
        switch (declaration)
        {
            case VariableDeclaration variable:
                variable.IsMentioned = true;
                if (Unevaluated == 0)
                    variable.IsUsed = true;
                else
                    variable.IsRead = true;
                if (variable.IsAutomatic && variable.Function is not null && !ReferenceEquals(variable.Function, Function) && Function is not null)
                    Capture(variable);
                return new VariableReference(variable, location);
            case FunctionDeclaration function:
                if (Unevaluated == 0)
                    function.IsUsed = true;
                if (function.Function is not null && function.Linkage == Linkage.None && !ReferenceEquals(function, Function))
                    NeedChain(function.Function);
                return new FunctionReference(function, location);
            case EnumConstantDeclaration constant:
                constant.IsUsed = true;
                return new IntegerConstant(constant.Type, constant.Value, location)
                {
                    Flags = ExpressionFlags.StrictConstant,
                    Enumerator = constant,
                };
            default:
                throw new ArgumentOutOfRangeException(nameof(declaration), declaration.Kind, null);
        }
    }

    private void WarnDeprecated(Declaration declaration, string message, Location location)
    {
        string name = Text(declaration.Name);
        if (declaration.IsUnavailable)
            Report.Error(location, message.Length > 0 ? $"'{name}' is unavailable: {message}" : $"'{name}' is unavailable");
        else
            Report.Warning("Wdeprecated-declarations", location, message.Length > 0 ? $"'{name}' is deprecated: {message}" : $"'{name}' is deprecated");
    }

    /// <summary>A nested function reads a variable of a function around it.</summary>
    private void Capture(VariableDeclaration variable)
    {
        variable.IsCaptured = true;
        variable.IsAddressTaken = true;
        CaptureBounds(variable.Type.Type);
        NeedChain(variable.Function!);
    }

    /// <summary>Bounds of a variable length array of an outer function, which a nested one reads.</summary>
    public void CaptureBounds(CType type)
    {
        while (true)
        {
            switch (type)
            {
                case ArrayType array:
                    if (array.Bound is { Function: not null } bound && !ReferenceEquals(bound.Function, Function) && Function is not null)
                    {
                        bound.IsCaptured = true;
                        NeedChain(bound.Function);
                    }
                    type = array.Element.Type;
                    continue;
                case PointerType pointer when pointer.IsVariablyModified:
                    type = pointer.Pointee.Type;
                    continue;
                case RecordType { VariableSize: not null } record:
                    foreach (Field field in record.Fields)
                        CaptureBounds(field.Type.Type);
                    return;
                default:
                    return;
            }
        }
    }

    /// <summary>Every function from the current one out to <paramref name="owner"/> needs the static chain.</summary>
    public void NeedChain(FunctionDeclaration owner)
    {
        for (FunctionDeclaration? f = Function; f is not null && !ReferenceEquals(f, owner); f = f.Function)
            f.Flags |= FunctionFlags.NeedsStaticChain;
        owner.Flags |= FunctionFlags.HasNestedFunctions;
    }

    /// <summary>base.name, and base->name.</summary>
    public Expression Member(Expression record, int name, bool isArrow, Location location)
    {
        if (isArrow)
        {
            record = Value(record);
            if (record.Type.IsError)
                return record;
            if (record.Type is not PointerType pointer)
                return Error(location, $"invalid type argument of '->' (have '{Print(record.Type)}')");
            record = Dereference(record, location, "->");
            if (record.Type.IsError)
                return record;
            if (!pointer.Pointee.Type.IsRecord)
                return Error(location, $"request for member '{Text(name)}' in something not a structure or union");
        }
        if (record.Type.IsError)
            return record;
        if (record.Type is not RecordType type)
        {
            return record.Type is PointerType { Pointee.Type: RecordType }
                ? Error(location, $"'{Describe(record)}' is a pointer; did you mean to use '->'?")
                : Error(location, $"request for member '{Text(name)}' in something not a structure or union");
        }
        if (!type.IsDefined)
            return Error(location, isArrow ? $"invalid use of undefined type '{Print(type)}'" : $"invalid use of undefined type '{Print(type)}'");
        Expression? member = FindMember(record, type, name, location);
        return member ?? Error(location, $"'{Print(type)}' has no member named '{Text(name)}'");
    }

    private Expression? FindMember(Expression record, RecordType type, int name, Location location)
    {
        Field? field = LookUp(type, name);
        if (field is null)
            return null;
        if (ReferenceEquals(field.Record, type))
            return MemberOf(record, field, location);
        // Inside of an anonymous member: the path leads through it.
        foreach (Field outer in type.Fields)
        {
            if (outer.Name == 0 && outer.Type.Type is RecordType inner && LookUp(inner, name) is not null)
                return FindMember(MemberOf(record, outer, location), inner, name, location);
        }
        return null;
    }

    public MemberExpression MemberOf(Expression record, Field field, Location location)
    {
        QualType type = field.Type;
        // A member has the qualifiers of its object too, restrict apart (C17 6.5.2.3p3).
        Qualifiers outer = record.QualType.Qualifiers & (Qualifiers.Const | Qualifiers.Volatile | Qualifiers.MayAlias);
        if (type.Type is RecordType { MayAlias: true } || ((RecordType)record.Type).MayAlias)
            outer |= Qualifiers.MayAlias;
        return new MemberExpression(record, field, type.With(outer), location)
        {
            Flags = record.Flags & ExpressionFlags.Lvalue,
        };
    }

    /// <summary>A member by name, anonymous members' members included; null where there is none.</summary>
    public static Field? LookUp(RecordType type, int name)
    {
        if (type.Lookup is null)
        {
            if (type.Fields.Length <= 8 || !type.IsDefined)
                return Scan(type, name);
            var lookup = new Dictionary<int, Field>(type.Fields.Length);
            Collect(type, lookup);
            type.Lookup = lookup;
        }
        return type.Lookup.GetValueOrDefault(name);
    }

    private static Field? Scan(RecordType type, int name)
    {
        foreach (Field field in type.Fields)
        {
            if (field.Name == name && name != 0)
                return field;
            if (field.Name == 0 && field.Type.Type is RecordType inner && LookUp(inner, name) is { } found)
                return found;
        }
        return null;
    }

    private static void Collect(RecordType type, Dictionary<int, Field> lookup)
    {
        foreach (Field field in type.Fields)
        {
            if (field.Name != 0)
                lookup.TryAdd(field.Name, field);
            else if (field.Type.Type is RecordType inner)
                Collect(inner, lookup);
        }
    }

    /// <summary>*pointer.</summary>
    public Expression Dereference(Expression pointer, Location location, string op = "unary *")
    {
        pointer = Value(pointer);
        if (pointer.Type.IsError)
            return pointer;
        if (pointer.Type is not PointerType type)
            return Error(location, $"invalid type argument of {(op == "unary *" ? op : "'" + op + "'")} (have '{Print(pointer.Type)}')");
        QualType pointee = type.Pointee;
        if (pointee.Type.IsFunction)
        {
            // *f is the function again.
            if (pointer is CastExpression { CastKind: CastKind.FunctionDecay, Operand: FunctionReference function })
                return function;
            return new DereferenceExpression(pointer, pointee, location);
        }
        if (pointee.Type.IsVoid && Unevaluated == 0 && op == "unary *")
            Report.Warning(location, "dereferencing 'void *' pointer");
        if (!pointee.Type.IsComplete && pointee.Type is RecordType && op == "->")
            return Error(location, $"invalid use of undefined type '{Print(pointee.Unqualified)}'");
        // *&x is x.
        if (pointer is AddressOfExpression address && address.Operand.QualType == pointee)
            return address.Operand;
        return new DereferenceExpression(pointer, pointee, location);
    }

    /// <summary>array[index].</summary>
    public Expression Subscript(Expression array, Expression index, Location location)
    {
        if (array.Type.IsError || index.Type.IsError)
            return Error(location);
        if (array.Type is VectorType vector)
            return VectorElement(array, vector, Value(index), location);
        if (array.Type is not (ArrayType or PointerType or SimpleType) && (index.Type is ArrayType or PointerType))
            (array, index) = (index, array);
        if (array is { IsLvalue: false, Type: ArrayType } and not (StringLiteral or CompoundLiteralExpression) && array.Kind != ExpressionKind.Member)
            return Error(location, "subscripted value is neither array nor pointer nor vector");
        if (array is { IsLvalue: false, Type: ArrayType, Kind: ExpressionKind.Member } && Options.Standard < CStandard.C99)
            Report.Pedantic(location, "ISO C90 forbids subscripting non-lvalue array");
        Expression pointer = array is { IsLvalue: false, Type: ArrayType, Kind: ExpressionKind.Member } ? Decay(array) : Unmarked(array);
        if (array.Type is not ArrayType)
            MarkRead(array);
        index = Value(index);
        if (pointer.Type.IsError || index.Type.IsError)
            return Error(location);
        if (pointer.Type is not PointerType type)
            return Error(location, "subscripted value is neither array nor pointer nor vector");
        if (!index.Type.IsInteger)
            return Error(location, "array subscript is not an integer");
        if (index.Type.Kind == TypeKind.Char && !Folding.IsConstant(index))
            Report.Warning("Wchar-subscripts", location, "array subscript has type 'char'");
        if (type.Pointee.Type.IsFunction)
            return Error(location, "subscripted value is pointer to function");
        if (type.Pointee.Type.IsVoid && Unevaluated == 0)
            Report.Warning(location, "dereferencing 'void *' pointer");
        if (!CheckPointee(type.Pointee, location))
            return Error(location);
        index = Promote(index);
        Expression place = index is IntegerConstant { Value: var zero } && zero == 0 ? pointer : new PointerOffset(pointer, index, false, type, location);
        return new DereferenceExpression(place, type.Pointee, location)
        {
            Flags = ExpressionFlags.Lvalue,
        };
    }

    private Expression VectorElement(Expression vector, VectorType type, Expression index, Location location)
    {
        if (index.Type.IsError)
            return index;
        if (!index.Type.IsInteger)
            return Error(location, "array subscript is not an integer");
        if (vector is VariableReference { Variable: { } variable } && index is not IntegerConstant)
            variable.IsAddressTaken = true;
        QualType element = new(type.Element, vector.QualType.Qualifiers);
        return new VectorElementExpression(vector, Promote(index), element, location)
        {
            Flags = vector.Flags & ExpressionFlags.Lvalue,
        };
    }

    /// <summary>&amp;operand.</summary>
    public Expression AddressOf(Expression operand, Location location)
    {
        CType type = operand.Type;
        if (type.IsError)
            return operand;
        MarkRead(operand);
        if (type.IsFunction)
        {
            if (operand is FunctionReference { Function: { } function } reference)
            {
                function.IsUsed = true;
                return new CastExpression(CastKind.FunctionDecay, reference, Types.PointerTo(reference.QualType.Unqualified), location);
            }
            if (operand is DereferenceExpression designator)
                return designator.Pointer;
        }
        if (type.IsVoid && operand.QualType.Qualifiers == 0 && (operand is not DereferenceExpression || Options.Standard < CStandard.C99))
            Report.Pedwarn(null, location, "taking address of expression of type 'void'");
        if (operand is DereferenceExpression dereference)
        {
            // &*p is p, &a[i] is a + i: not an lvalue, and no bit-field.
            Expression pointer = dereference.Pointer;
            return pointer.QualType.Type is PointerType { Pointee: var pointee } && pointee == operand.QualType
                ? pointer
                : new CastExpression(CastKind.Pointer, pointer, Types.PointerTo(operand.QualType), location);
        }
        if (!operand.IsLvalue)
        {
            if (type.IsVoid && operand.Kind == ExpressionKind.Variable)
                return new AddressOfExpression(operand, Types.PointerTo(operand.QualType), location);
            return Error(location, "lvalue required as unary '&' operand");
        }
        if (!MarkAddressTaken(operand, location))
            return Error(location);
        return new AddressOfExpression(operand, Types.PointerTo(operand.QualType), location);
    }

    private bool MarkAddressTaken(Expression e, Location location)
    {
        MarkRead(e);
        while (true)
        {
            switch (e)
            {
                case VariableReference { Variable: { } variable }:
                    if (variable.RegisterName is not null)
                    {
                        Report.Error(location, $"address of {(variable.Linkage == Linkage.None ? "" : "global ")}register variable '{Text(variable.Name)}' requested");
                        return false;
                    }
                    if (variable.Storage == StorageClass.Register)
                    {
                        Report.Error(location, $"address of register variable '{Text(variable.Name)}' requested");
                        return false;
                    }
                    variable.IsAddressTaken = true;
                    variable.IsAssigned = true;
                    return true;
                case MemberExpression member:
                    if (member.Field.IsBitField)
                    {
                        Report.Error(location, $"cannot take address of bit-field '{Text(member.Field.Name)}'");
                        return false;
                    }
                    e = member.Record;
                    continue;
                case PartExpression part:
                    e = part.Operand;
                    continue;
                case VectorElementExpression element:
                    e = element.Vector;
                    continue;
                case CompoundLiteralExpression literal:
                    literal.Variable.IsAddressTaken = true;
                    return true;
                case EvaluateBoundsExpression bounds:
                    e = bounds.Operand;
                    continue;
                default:
                    return true;
            }
        }
    }

    /// <summary>__real__ and __imag__.</summary>
    public Expression Part(bool imaginary, Expression operand, Location location)
    {
        if (operand.Type.IsError)
            return operand;
        if (operand.Type is ComplexType complex)
        {
            if (operand is ComplexConstant constant)
                return Folding.Scalar(imaginary ? constant.Imaginary : constant.Real, complex.Element, location);
            QualType type = new(complex.Element, operand.QualType.Qualifiers);
            return new PartExpression(imaginary, operand, type, location) { Flags = operand.Flags & ExpressionFlags.Lvalue };
        }
        if (!operand.Type.IsReal)
            return Error(location, $"wrong type argument to {(imaginary ? "__imag__" : "__real__")}");
        if (!imaginary)
            return operand;
        Expression value = Value(operand);
        CType result = value.Type;
        Expression zero = Convert(Int(0, location), result);
        return Folding.IsConstant(value) || value is CastExpression { CastKind: CastKind.LvalueToRvalue } ? zero : Comma(value, zero, location);
    }

    /// <summary>A cast that the program writes.</summary>
    public Expression ExplicitCast(QualType target, Expression operand, Location location)
    {
        CType to = target.Type;
        MarkRead(operand);
        if (to.IsVoid)
            return operand.Type.IsError ? operand : new CastExpression(CastKind.ToVoid, operand.IsLvalue && !operand.QualType.IsVolatile ? operand : operand.Type.IsArray || operand.Type.IsFunction ? operand : Value(operand), to, location) { Flags = ExpressionFlags.Explicit };
        Expression e = Value(operand);
        CType from = e.Type;
        if (to.IsError || from.IsError)
            return Error(location);
        if (to.IsArray)
            return Error(location, "cast specifies array type");
        if (to.IsFunction)
            return Error(location, "cast specifies function type");
        if (from.IsVoid)
            return Error(location, "void value not ignored as it ought to be");
        if (!to.IsComplete)
            return Error(location, to.IsRecord ? $"conversion to incomplete type" : "invalid use of incomplete type");
        if (to is RecordType record)
            return CastToRecord(record, e, location);
        if (from.IsRecord)
        {
            return to.IsPointer ? Error(location, "cannot convert to a pointer type")
                : Error(location, "aggregate value used where an integer was expected".Replace("an integer", to.IsFloat ? "a floating-point" : to.IsComplex ? "a complex" : to.IsInteger ? "an integer" : "a scalar"));
        }
        if (to.IsVector && from.IsFloat || to.IsVector && from.IsComplex)
            return Error(location, "cannot convert value to a vector");
        if (to.IsVector || from.IsVector)
        {
            if (to.Size != from.Size || to.IsVector && !(from.IsVector || from.IsInteger || from.IsFloat) || from.IsVector && !to.IsVector && !to.IsInteger)
            {
                return to.IsVector && !from.IsVector && !from.IsReal
                    ? Error(location, $"cannot convert value to a vector")
                    : Error(location, $"cannot convert a value of type '{Print(from)}' to vector type '{Print(to)}' which has different size");
            }
            return ReferenceEquals(from, to) ? e : Cast(CastKind.BitCast, e, to, location);
        }
        if (to.IsPointer && from.IsFloat || to.IsPointer && from.IsComplex)
            return Error(location, "cannot convert to a pointer type");
        if (from.IsPointer && (to.IsFloat || to.IsComplex))
            return Error(location, $"pointer value used where a {(to.IsFloat ? "floating-point" : "complex")} was expected");
        if (to is PointerType pointed && from is PointerType source)
            WarnPointerCast(source, pointed, location);
        if (to.IsPointer && from.IsInteger && from.Size != to.Size && e is not IntegerConstant)
            Report.Warning("Wint-to-pointer-cast", location, "cast to pointer from integer of different size");
        if (from.IsPointer && to.IsInteger && to.Size != from.Size && to.Kind != TypeKind.Bool && e is not IntegerConstant)
            Report.Warning("Wpointer-to-int-cast", location, "cast from pointer to integer of different size");
        bool wasNull = IsStrictZero(e) && from.IsInteger;
        Expression result = Convert(e, to, location);
        if (ReferenceEquals(result, e))
        {
            // A cast to the same type is an rvalue, and no bit-field any more.
            result = Cast(CastKind.NoOp, e, to, location);
            if (e is FloatConstant or ComplexConstant)
                return result;
        }
        if (result is CastExpression cast)
            cast.Flags |= ExpressionFlags.Explicit;
        if (result is ComplexConstant { IsReal: true } complex)
            return new ComplexConstant(complex.Type, complex.Real, complex.Imaginary, location);
        if (result is IntegerConstant constant)
        {
            if (to.IsPointer)
                constant.Flags = wasNull && ReferenceEquals(to, Types.VoidPointer) ? ExpressionFlags.StrictConstant : ExpressionFlags.None;
            else if (e is FloatConstant && operand is FloatConstant && (constant.Flags & ExpressionFlags.Overflow) == 0)
                constant.Flags |= ExpressionFlags.StrictConstant;
            constant.Flags |= ExpressionFlags.Explicit;
            if (!to.IsPointer)
                constant.Flags &= ~ExpressionFlags.Overflow;
        }
        return result;
    }

    /// <summary>-Wcast-qual and -Wcast-function-type.</summary>
    private void WarnPointerCast(PointerType from, PointerType to, Location location)
    {
        if (from.Pointee.Type is FunctionType a && to.Pointee.Type is FunctionType b)
        {
            if (!ReferenceEquals(a, b) && !CallsAgree(a, b))
                Report.Warning("Wcast-function-type", location, $"cast between incompatible function types from '{Print(from)}' to '{Print(to)}'");
            return;
        }
        Qualifiers lost = DeepQualifiers(from.Pointee) & ~DeepQualifiers(to.Pointee) & (Qualifiers.Const | Qualifiers.Volatile);
        if (lost != 0 && !from.Pointee.Type.IsFunction && !to.Pointee.Type.IsFunction)
            Report.Warning("Wcast-qual", location, $"cast discards '{((lost & Qualifiers.Const) != 0 ? "const" : "volatile")}' qualifier from pointer target type");
    }

    /// <summary>Whether a call through the one type of function does for the other: all that registers hold alike is one.</summary>
    private static bool CallsAgree(FunctionType a, FunctionType b)
    {
        if (a.Result.Type.IsVoid && a is { HasPrototype: true, Parameters.Length: 0, IsVariadic: false }
            || b.Result.Type.IsVoid && b is { HasPrototype: true, Parameters.Length: 0, IsVariadic: false })
            return true;
        if (!PassAlike(a.Result.Type, b.Result.Type))
            return false;
        if (!a.HasPrototype || !b.HasPrototype)
            return true;
        for (int i = 0; i < a.Parameters.Length && i < b.Parameters.Length; i++)
        {
            if (!PassAlike(a.Parameters[i].Type, b.Parameters[i].Type))
                return false;
        }
        return a.Parameters.Length == b.Parameters.Length || a.Parameters.Length < b.Parameters.Length && a.IsVariadic
            || b.Parameters.Length < a.Parameters.Length && b.IsVariadic;
    }

    private static bool PassAlike(CType a, CType b) =>
        a.IsPointer && b.IsPointer || a.IsInteger && b.IsInteger && IntegerArithmetic.Width(a) == IntegerArithmetic.Width(b) || TypeRelations.Compatible(a, b);

    private Expression CastToRecord(RecordType record, Expression e, Location location)
    {
        if (ReferenceEquals(record, e.Type))
        {
            Report.Pedantic(location, "ISO C forbids casting nonscalar to the same type");
            return e;
        }
        if (record.IsUnion)
        {
            foreach (Field field in record.Fields)
            {
                if (TypeRelations.Compatible(field.Type.Type, e.Type) && !field.IsBitField)
                {
                    Report.Pedantic(location, "ISO C forbids casts to union type");
                    return new CastExpression(CastKind.ToUnion, Convert(e, field.Type.Type), record, location) { Flags = ExpressionFlags.Explicit };
                }
            }
            return Error(location, "cast to union type from type not present in union");
        }
        return Error(location, "conversion to non-scalar type requested");
    }

    /// <summary>callee(arguments).</summary>
    public Expression Call(Expression callee, Expression[] arguments, Location location)
    {
        FunctionDeclaration? direct = (callee as FunctionReference)?.Function;
        Expression function = direct is not null ? callee : Value(callee);
        if (function.Type.IsError)
            return function;
        FunctionType? type = direct is not null ? direct.Type.Type as FunctionType : (function.Type as PointerType)?.Pointee.Type as FunctionType;
        if (type is null)
        {
            string? name = CalleeName(callee);
            return Error(location, name is not null
                ? $"called object '{name}' is not a function or function pointer"
                : "called object is not a function or function pointer");
        }
        if (!type.Result.Type.IsVoid && !type.Result.Type.IsComplete)
            return Error(location, $"invalid use of undefined type '{Print(type.Result)}'");
        bool isGood = ConvertArguments(type, direct, CalleeName(callee), arguments, location);
        if (direct is not null && (direct.Flags & FunctionFlags.CallsReturnsTwice) == 0 && Function is not null && Unevaluated == 0
            && (type.Flags & FunctionTypeFlags.ReturnsTwice) != 0)
            Function.Flags |= FunctionFlags.CallsReturnsTwice;
        if (!isGood)
            return new ErrorExpression(type.Result.Type.IsVoid ? Types.Error : type.Result.Type, location);
        if (direct?.Builtin is { } builtin)
        {
            // void *alloca (); alloca () says nothing that the builtin could take: an ordinary call, as in gcc.
            bool lacksArguments = arguments.Length == 0 && builtin.Signature.Length > 1;
            if ((builtin.Flags & Frontend.Builtins.BuiltinFlags.Library) == 0 && !lacksArguments)
                return CallBuiltin(builtin, type, arguments, location);
            if (BuiltinFolding.Fold(this, builtin, arguments, type.Result, location) is { } folded)
                return folded;
        }
        return new CallExpression(function, type, arguments, type.Result.Unqualified, location);
    }

    private bool ConvertArguments(FunctionType type, FunctionDeclaration? direct, string? name, Expression[] arguments, Location location)
    {
        bool isGood = true;
        int count = type.Parameters.Length;
        if (direct is { WasImplicit: true, Builtin: not null } && (arguments.Length < count || arguments.Length > count && !type.IsVariadic))
        {
            Report.Warning("Wbuiltin-declaration-mismatch", location,
                $"too {(arguments.Length < count ? "few" : "many")} arguments to built-in function '{name}' expecting {count}");
        }
        else if (type.HasPrototype)
        {
            if (arguments.Length < count)
            {
                Report.Error(location, name is not null ? $"too few arguments to function '{name}'" : "too few arguments to function");
                NoteDeclared(direct);
                return false;
            }
            if (arguments.Length > count && !type.IsVariadic)
            {
                Report.Error(arguments[count].Location, name is not null ? $"too many arguments to function '{name}'" : "too many arguments to function");
                NoteDeclared(direct);
                return false;
            }
        }
        for (int i = 0; i < arguments.Length; i++)
        {
            Expression argument = arguments[i];
            if (type.HasPrototype && i < count)
            {
                QualType parameter = type.Parameters[i];
                if (!parameter.Type.IsComplete && !parameter.Type.IsArray)
                {
                    Report.Error(argument.Location, $"type of formal parameter {i + 1} is incomplete");
                    isGood = false;
                    continue;
                }
                argument = ConvertForAssignment(argument, parameter, AssignmentContext.Argument, argument.Location, name, i + 1);
            }
            else
            {
                argument = Value(argument);
                if (argument.Type.IsVoid)
                    argument = Error(argument.Location, "invalid use of void expression");
                else
                    argument = PromoteArgument(argument);
            }
            isGood &= !argument.Type.IsError;
            arguments[i] = argument;
        }
        return isGood;
    }

    private void NoteDeclared(FunctionDeclaration? function)
    {
        if (function is not null && function.Location.IsValid)
            Report.Note(function.Location, "declared here");
    }

    /// <summary>sizeof: a constant, or a VariableSize.</summary>
    public Expression SizeOf(QualType type, Location location, bool isAlignof = false)
    {
        CType measured = type.Type;
        string op = isAlignof ? "__alignof__" : "sizeof";
        if (measured.IsError)
            return Error(location);
        if (isAlignof)
        {
            if (measured.IsFunction || measured.IsVoid)
            {
                Report.Pedantic(location, $"ISO C does not permit '_Alignof' applied to a {(measured.IsVoid ? "void" : "function")} type");
                return Size(1, location);
            }
            CType at = measured;
            while (at is ArrayType array)
                at = array.Element.Type;
            if (!at.IsComplete)
                return Error(location, $"invalid application of '{op}' to incomplete type '{Print(measured)}'");
            return Size(type.Alignment, location);
        }
        if (measured.IsFunction || measured.IsVoid)
        {
            Report.Pedwarn("Wpointer-arith", location, $"invalid application of 'sizeof' to a {(measured.IsVoid ? "void" : "function")} type");
            return Size(1, location);
        }
        if (!measured.IsComplete)
            return Error(location, $"invalid application of 'sizeof' to incomplete type '{Print(measured)}'");
        if (measured.HasVariableSize)
        {
            CaptureBounds(measured);
            return new VariableSizeExpression(measured, Types.SizeType, location);
        }
        return Size(measured.Size, location);
    }
}
