using Kiln.Base;
using Kiln.Frontend.Ast;
using Kiln.Frontend.Builtins;
using Kiln.Frontend.Constants;
using Kiln.Frontend.Lex;
using Kiln.Frontend.Sema;
using Kiln.Frontend.Types;

namespace Kiln.Frontend.Parse;

// Expressions that begin with a keyword or a builtin of their own syntax: _Generic, va_arg, offsetof and the like.
public sealed partial class Parser
{
    private Expression KeywordExpression()
    {
        Location location = Here;
        switch (CurrentKeyword)
        {
            case Keyword.Generic:
                _report.Before(CStandard.C11, location, "does not support '_Generic'");
                return Generic();
            case Keyword.FunctionName:
                if (_names.Text(_token.Payload) == "__func__")
                    _report.Before(CStandard.C99, location, "does not support '__func__' predefined identifier");
                return FunctionName();
            case Keyword.True or Keyword.False:
                bool isTrue = CurrentKeyword == Keyword.True;
                Advance();
                return _sema.Int(isTrue ? 1 : 0, location, _types.Bool);
            case Keyword.NullPointer:
                Advance();
                return new IntegerConstant(_types.NullPointer, 0, location) { Flags = ExpressionFlags.StrictConstant };
            case Keyword.BuiltinVaArg:
                return VaArg();
            case Keyword.BuiltinOffsetof:
                return Offsetof();
            case Keyword.BuiltinChooseExpr:
                return ChooseExpression();
            case Keyword.BuiltinTypesCompatible:
                return TypesCompatible();
            case Keyword.BuiltinHasAttribute:
                return HasAttribute();
            case Keyword.BuiltinShuffle or Keyword.BuiltinShuffleVector:
                bool isVector = CurrentKeyword == Keyword.BuiltinShuffleVector;
                Advance();
                return BuiltinArguments(out Expression[] shuffled) ? _sema.Shuffle(shuffled, isVector, location) : _sema.Error(location);
            case Keyword.BuiltinConvertVector:
                return ConvertVector();
            case Keyword.BuiltinComplex:
                Advance();
                return BuiltinArguments(out Expression[] parts) ? _sema.MakeComplex(parts, location) : _sema.Error(location);
            case Keyword.BuiltinAssocBarrier:
                Advance();
                if (!BuiltinArguments(out Expression[] barred))
                    return _sema.Error(location);
                return barred.Length == 1 ? _sema.Value(barred[0]) : _sema.Error(location, "wrong number of arguments to '__builtin_assoc_barrier'");
            case Keyword.BuiltinTgMath:
                Advance();
                return BuiltinArguments(out Expression[] candidates) ? _sema.TypeGeneric(candidates, location) : _sema.Error(location);
            case Keyword.BuiltinCallWithStaticChain:
                Advance();
                if (BuiltinArguments(out Expression[] chained) && chained.Length == 2)
                {
                    Expression pointer = _sema.Convert(_sema.Value(chained[1]), _types.VoidPointer);
                    return new BuiltinExpression(_builtins.Known(BuiltinId.CallWithStaticChain), [chained[0], pointer], chained[0].QualType, location);
                }
                return _sema.Error(location);
            default:
                SyntaxError("expected expression");
                if (CurrentKeyword is < Keyword.If or > Keyword.Label)
                    Advance();
                return _sema.Error(location);
        }
    }

    private bool BuiltinArguments(out Expression[] arguments)
    {
        if (Kind != TokenKind.LeftParenthesis)
        {
            SyntaxError("expected '('");
            arguments = [];
            return false;
        }
        arguments = Arguments();
        foreach (Expression argument in arguments)
        {
            if (argument.Type.IsError)
                return false;
        }
        return true;
    }

    private Expression FunctionName()
    {
        Location location = Here;
        int spelled = _token.Payload;
        Advance();
        _ = spelled;
        if (_state is null)
        {
            _report.Pedwarn(null, location, $"'{_names.Text(spelled)}' is not defined outside of function scope");
            return Text("", location);
        }
        // Each function has one such array; all the names for it mean it.
        if (_state.NameVariable is null)
        {
            byte[] name = [.. _names.Bytes(_state.Declaration.Name), 0];
            _state.NameVariable = new VariableDeclaration(spelled, location)
            {
                Type = new QualType(_types.ArrayOf(new QualType(_types.Char, Qualifiers.Const), name.Length)),
                Storage = StorageClass.Static,
                Function = _sema.Function,
                IsDefined = true,
                SymbolName = _names.Intern("__func__." + (_localCounter++).ToString(System.Globalization.CultureInfo.InvariantCulture)),
                Image = new StaticImage { Bytes = name, Length = name.Length, Size = name.Length },
            };
            _state.StaticVariables.Add(_state.NameVariable);
        }
        return _sema.Reference(_state.NameVariable, location);
    }

    private Expression Generic()
    {
        Location location = Here;
        Advance();
        if (!Expect(TokenKind.LeftParenthesis))
            return _sema.Error(location);
        _sema.Unevaluated++;
        Expression control = _sema.Value(AssignmentExpression());
        _sema.Unevaluated--;
        Expression? chosen = null, fallback = null;
        var seen = new List<CType>();
        CType type = control.Type;
        while (Accept(TokenKind.Comma))
        {
            bool isDefault = CurrentKeyword == Keyword.Default;
            Location at = Here;
            bool matches = false;
            if (isDefault)
                Advance();
            else
            {
                QualType association = TypeName();
                if (association.Type.IsFunction)
                    _report.Error(at, "'_Generic' association has function type");
                else if (!association.Type.IsComplete && !association.Type.IsError)
                    _report.Error(at, "'_Generic' association has incomplete type");
                foreach (CType other in seen)
                {
                    if (association.Qualifiers == 0 && TypeRelations.Compatible(other, association.Type) && !association.Type.IsError)
                        _report.Error(at, "'_Generic' specifies two compatible types");
                }
                if ((association.Qualifiers & Qualifiers.All) == 0)
                    seen.Add(association.Type);
                matches = (association.Qualifiers & Qualifiers.All) == 0 && TypeRelations.Compatible(type, association.Type) && !type.IsError;
            }
            if (!Expect(TokenKind.Colon))
            {
                SkipTo(TokenKind.RightParenthesis);
                break;
            }
            bool keeps = matches && chosen is null || isDefault;
            _sema.Unevaluated += keeps ? 0 : 1;
            Expression e = AssignmentExpression();
            _sema.Unevaluated -= keeps ? 0 : 1;
            if (isDefault)
            {
                if (fallback is not null)
                    _report.Error(at, "duplicate 'default' case in '_Generic'");
                fallback = e;
            }
            else if (matches && chosen is null)
                chosen = e;
        }
        ExpectClosing(TokenKind.RightParenthesis);
        if (type.IsError)
            return _sema.Error(location);
        return chosen ?? fallback ?? _sema.Error(location, $"'_Generic' selector of type '{_sema.Print(type)}' is not compatible with any association");
    }

    private Expression VaArg()
    {
        Location location = Here;
        Advance();
        if (!Expect(TokenKind.LeftParenthesis))
            return _sema.Error(location);
        Expression list = AssignmentExpression();
        if (!Expect(TokenKind.Comma))
        {
            SkipTo(TokenKind.RightParenthesis);
            Accept(TokenKind.RightParenthesis);
            return _sema.Error(location);
        }
        Location at = Here;
        QualType type = TypeNameWithBounds(out VariableBound[] bounds);
        ExpectClosing(TokenKind.RightParenthesis);
        return WithBounds(bounds, _sema.VaArg(list, type, location, at), location);
    }

    private Expression Offsetof()
    {
        Location location = Here;
        Advance();
        if (!Expect(TokenKind.LeftParenthesis))
            return _sema.Error(location);
        QualType type = TypeName();
        if (!Expect(TokenKind.Comma))
        {
            SkipTo(TokenKind.RightParenthesis);
            Accept(TokenKind.RightParenthesis);
            return _sema.Error(location);
        }
        // The path is walked on an object at address zero, which is never there.
        Expression place = new DereferenceExpression(new IntegerConstant(_types.PointerTo(type), 0, location), type, location);
        if (type.Type.IsError)
            place = _sema.Error(location);
        bool isFirst = true;
        while (true)
        {
            Location at = Here;
            if (isFirst || Kind is TokenKind.Dot or TokenKind.Arrow)
            {
                bool isArrow = Kind == TokenKind.Arrow;
                if (!isFirst)
                    Advance();
                isFirst = false;
                if (Kind != TokenKind.Identifier)
                {
                    SyntaxError("expected identifier");
                    SkipTo(TokenKind.RightParenthesis);
                    break;
                }
                if (isArrow)
                    place = _sema.Subscript(place, _sema.Int(0, at), at);
                place = _sema.Member(place, _token.Payload, false, Here);
                Advance();
            }
            else if (Kind == TokenKind.LeftBracket)
            {
                Advance();
                Expression index = Expression();
                ExpectClosing(TokenKind.RightBracket);
                place = _sema.Subscript(place, index, at);
            }
            else
                break;
        }
        ExpectClosing(TokenKind.RightParenthesis);
        if (place.Type.IsError)
            return _sema.Error(location);
        if (place is MemberExpression { Field.IsBitField: true } bits)
            return _sema.Error(location, $"attempt to take address of bit-field structure member '{_names.Text(bits.Field.Name)}'".Replace("structure member ", ""));
        if (Evaluator.Address(place, out Constant constant) && constant.Kind == ConstantKind.Integer)
            return new IntegerConstant(_types.SizeType, constant.A, location) { Flags = ExpressionFlags.StrictConstant };
        if (LeavesObject(place))
            return _sema.Error(location, "cannot apply 'offsetof' to a non constant address");
        Expression address = _sema.AddressOf(place, location);
        return _sema.Convert(address, _types.SizeType);
    }

    /// <summary>Whether a place is reached through a pointer that the object holds.</summary>
    private static bool LeavesObject(Expression e)
    {
        while (true)
        {
            switch (e)
            {
                case MemberExpression member:
                    e = member.Record;
                    break;
                case DereferenceExpression dereference:
                    e = dereference.Pointer;
                    break;
                case PointerOffset offset:
                    e = offset.Pointer;
                    break;
                case CastExpression { CastKind: CastKind.ArrayDecay or CastKind.Pointer or CastKind.NoOp } cast:
                    e = cast.Operand;
                    break;
                case IntegerConstant:
                    return false;
                default:
                    return true;
            }
        }
    }

    private Expression ChooseExpression()
    {
        Location location = Here;
        Advance();
        if (!Expect(TokenKind.LeftParenthesis))
            return _sema.Error(location);
        // The choice is made now: what __builtin_constant_p asks must be known now too.
        bool wasStatic = _sema.InStaticInitializer;
        _sema.InStaticInitializer = true;
        Expression condition = Semantics.FoldFully(_sema.Value(AssignmentExpression()));
        _sema.InStaticInitializer = wasStatic;
        Expect(TokenKind.Comma);
        bool? truth = condition is IntegerConstant constant ? constant.Value != 0 : null;
        _sema.Unevaluated += truth == false ? 1 : 0;
        Expression first = AssignmentExpression();
        _sema.Unevaluated -= truth == false ? 1 : 0;
        Expect(TokenKind.Comma);
        _sema.Unevaluated += truth == true ? 1 : 0;
        Expression second = AssignmentExpression();
        _sema.Unevaluated -= truth == true ? 1 : 0;
        ExpectClosing(TokenKind.RightParenthesis);
        if (truth is not { } known)
        {
            return condition.Type.IsError ? condition : _sema.Error(location, "first argument to '__builtin_choose_expr' not a constant");
        }
        return known ? first : second;
    }

    private Expression TypesCompatible()
    {
        Location location = Here;
        Advance();
        if (!Expect(TokenKind.LeftParenthesis))
            return _sema.Error(location);
        _sema.Unevaluated++;
        QualType a = TypeNameWithBounds(out _);
        Expect(TokenKind.Comma);
        QualType b = TypeNameWithBounds(out _);
        _sema.Unevaluated--;
        ExpectClosing(TokenKind.RightParenthesis);
        // Qualifiers at the top do not count, and two enumerations differ.
        bool same = a.Type is EnumType != b.Type is EnumType ? TypeRelations.Compatible(a.Type, b.Type) : TypeRelations.Compatible(a.Type, b.Type);
        if (a.Type is ArrayType x && b.Type is ArrayType y)
            same = TypeRelations.Compatible(x.Element.Type, y.Element.Type) && (x.Count < 0 || y.Count < 0 || x.Count == y.Count);
        return _sema.Int(same ? 1 : 0, location);
    }

    private Expression HasAttribute()
    {
        Location location = Here;
        Advance();
        if (!Expect(TokenKind.LeftParenthesis))
            return _sema.Error(location);
        object? target;
        if (StartsTypeName(_token))
            target = TypeNameWithBounds(out _);
        else
        {
            _sema.Unevaluated++;
            target = AssignmentExpression();
            _sema.Unevaluated--;
        }
        Expect(TokenKind.Comma);
        AttributeUse? use = Kind == TokenKind.Identifier ? OneAttribute(isStandard: false) : null;
        ExpectClosing(TokenKind.RightParenthesis);
        return _sema.Int(use is not null && Holds(target, use) ? 1 : 0, location);
    }

    /// <summary>Whether an entity or type has an attribute, as far as the tree keeps it.</summary>
    private bool Holds(object? target, AttributeUse use)
    {
        QualType type = target is QualType named ? named : ((Expression)target!).QualType;
        EntityDeclaration? entity = target switch
        {
            VariableReference variable => variable.Variable,
            FunctionReference function => function.Function,
            _ => null,
        };
        FunctionTypeFlags flags = type.Type switch
        {
            FunctionType function => function.Flags,
            PointerType { Pointee.Type: FunctionType pointed } => pointed.Flags,
            _ => 0,
        };
        FunctionFlags functionFlags = (entity as FunctionDeclaration)?.Flags ?? 0;
        return use.Kind switch
        {
            AttributeKind.NoReturn => (flags & FunctionTypeFlags.NoReturn) != 0 || (functionFlags & FunctionFlags.NoReturn) != 0,
            AttributeKind.Const => (flags & FunctionTypeFlags.Const) != 0,
            AttributeKind.Pure => (flags & FunctionTypeFlags.Pure) != 0,
            AttributeKind.Malloc => (flags & FunctionTypeFlags.Malloc) != 0,
            AttributeKind.ReturnsNonNull => (flags & FunctionTypeFlags.ReturnsNonNull) != 0,
            AttributeKind.ReturnsTwice => (flags & FunctionTypeFlags.ReturnsTwice) != 0,
            AttributeKind.NoThrow => (flags & FunctionTypeFlags.NoThrow) != 0,
            AttributeKind.AlwaysInline => (functionFlags & FunctionFlags.AlwaysInline) != 0,
            AttributeKind.NoInline => (functionFlags & FunctionFlags.NoInline) != 0,
            AttributeKind.GnuInline => (functionFlags & FunctionFlags.GnuInline) != 0,
            AttributeKind.Cold => (functionFlags & FunctionFlags.Cold) != 0,
            AttributeKind.Hot => (functionFlags & FunctionFlags.Hot) != 0,
            AttributeKind.Weak => entity is { IsWeak: true },
            AttributeKind.Alias => entity?.Symbol is { AliasOf: not 0 },
            AttributeKind.Section => entity?.Symbol is { Section: not null },
            AttributeKind.Visibility => entity?.Symbol is { HasVisibility: true },
            AttributeKind.Used => entity?.Symbol is { IsUsed: true },
            AttributeKind.Deprecated => entity is { Deprecated: not null },
            AttributeKind.Aligned => type.AlignmentCode != 0 || entity is { RequestedAlignment: not 0 },
            AttributeKind.Packed => type.Type is RecordType { IsPacked: true } || target is MemberExpression { Field.IsPacked: true },
            AttributeKind.MayAlias => (type.Qualifiers & Qualifiers.MayAlias) != 0 || type.Type is RecordType { MayAlias: true },
            AttributeKind.TransparentUnion => type.Type is RecordType { IsTransparentUnion: true },
            AttributeKind.VectorSize => type.Type is VectorType,
            AttributeKind.Constructor => entity is FunctionDeclaration { ConstructorPriority: >= 0 },
            AttributeKind.Destructor => entity is FunctionDeclaration { DestructorPriority: >= 0 },
            AttributeKind.NonNull => entity is FunctionDeclaration { NonNullParameters: not null },
            AttributeKind.WarnUnusedResult => (flags & FunctionTypeFlags.WarnUnusedResult) != 0,
            _ => false,
        };
    }

    private Expression ConvertVector()
    {
        Location location = Here;
        Advance();
        if (!Expect(TokenKind.LeftParenthesis))
            return _sema.Error(location);
        Expression operand = _sema.Value(AssignmentExpression());
        Expect(TokenKind.Comma);
        QualType type = TypeName();
        ExpectClosing(TokenKind.RightParenthesis);
        if (operand.Type.IsError || type.Type.IsError)
            return _sema.Error(location);
        if (operand.Type is not VectorType from)
            return _sema.Error(location, "'__builtin_convertvector' first argument must be an integer or floating vector");
        if (type.Type is not VectorType to)
            return _sema.Error(location, "'__builtin_convertvector' second argument must be an integer or floating vector type");
        if (from.Count != to.Count)
            return _sema.Error(location, "'__builtin_convertvector' number of elements of the first argument vector and the second argument vector type should be the same");
        return ReferenceEquals(from, to) ? operand : new CastExpression(CastKind.VectorConvert, operand, to, location);
    }

    /// <summary>A call of a builtin whose arguments are checked by code of its own.</summary>
    private Expression BuiltinCall(BuiltinInfo builtin, Location location)
    {
        bool unevaluated = builtin.Id is BuiltinId.ConstantP or BuiltinId.ClassifyType or BuiltinId.ObjectSize or BuiltinId.DynamicObjectSize;
        _sema.Unreached += unevaluated ? 1 : 0;
        Expression[] arguments = Arguments();
        _sema.Unreached -= unevaluated ? 1 : 0;
        foreach (Expression argument in arguments)
        {
            if (argument.Type.IsError)
                return _sema.Error(location);
        }
        switch (builtin.Id)
        {
            case BuiltinId.Line:
                return _sema.Int(_sourceLine?.Invoke(location).Line ?? 0, location);
            case BuiltinId.File:
                return _sema.Value(Text(_sourceLine?.Invoke(location).File ?? "", location));
            case BuiltinId.FunctionName:
                return _sema.Value(Text(_state is null ? "" : _names.Text(_state.Declaration.Name), location));
        }
        if (builtin.Id == BuiltinId.VaStart)
            CheckVaStart(arguments, location);
        return _sema.SpecialBuiltin(builtin, arguments, location);
    }

    private readonly Func<Location, FilePosition>? _sourceLine;

    private void CheckVaStart(Expression[] arguments, Location location)
    {
        if (_state is null)
            return;
        FunctionType type = _state.Declaration.FunctionType;
        if (!type.IsVariadic)
        {
            _report.Error(location, "'va_start' used in function with fixed arguments");
            return;
        }
        _state.Declaration.Flags |= FunctionFlags.UsesVaStart;
        if (arguments.Length == 2)
        {
            Expression last = arguments[1];
            while (last is CastExpression cast)
                last = cast.Operand;
            VariableDeclaration[] parameters = _state.Definition.Parameters;
            if (parameters.Length > 0 && !(last is VariableReference { Variable: { } variable } && ReferenceEquals(variable, parameters[^1])) && last is not IntegerConstant)
                _report.Warning("Wvarargs", location, "second parameter of 'va_start' not last named argument");
        }
    }
}
