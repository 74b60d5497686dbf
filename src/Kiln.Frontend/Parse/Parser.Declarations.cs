// Declarations and function definitions (C17 6.7, 6.9): what a name comes to mean, linkage, redeclarations, inline.

using Kiln.Base;
using Kiln.Frontend.Ast;
using Kiln.Frontend.Builtins;
using Kiln.Frontend.Lex;
using Kiln.Frontend.Sema;
using Kiln.Frontend.Types;
using Kiln.Frontend.Warnings;

namespace Kiln.Frontend.Parse;

public sealed partial class Parser
{
    private readonly List<VariableDeclaration> _tentative = [];
    private readonly List<EntityDeclaration> _entities = [];
    private int _localCounter;
    private int _nameMain;

    private void InternNames()
    {
        _attributeKinds = AttributeTable.Make(_names);
        _nameGnu = _names.Intern("gnu");
        _nameGnu2 = _names.Intern("__gnu__");
        _nameMain = _names.Intern("main");
    }

    private void PredeclareTypes()
    {
        if (_types.Target.HasInt128)
        {
            Predeclare("__int128_t", _types.Int128);
            Predeclare("__uint128_t", _types.UnsignedInt128);
        }
    }

    private void Predeclare(string name, CType type)
    {
        int id = _names.Intern(name);
        _scopes.Bind(id, new TypedefDeclaration(id, default, type));
    }

    /// <summary>A declaration with its init-declarators; in blocks, what it does at run time is added to the statements.</summary>
    private void ParseDeclaration(bool isExternal, List<Statement>? statements)
    {
        List<VariableBound>? outerBounds = _bounds;
        _bounds = null;
        AttributeList? leading = _leadingAttributes;
        _leadingAttributes = null;
        if (Kind == TokenKind.LeftBracket)
        {
            StandardAttributes(ref leading);
            if (Kind == TokenKind.Semicolon)
            {
                if (isExternal && leading?.Find(AttributeKind.FallThrough) is { } fall)
                    _report.Pedwarn("Wattributes", fall.Location, "'fallthrough' attribute at top level");
                IgnoredStandard(leading, isStatement: true);
                Advance();
                return;
            }
        }
        Location start = Here;
        if (isExternal && IsPlainIdentifier && _scopes.LookUp(_token.Payload) is not TypedefDeclaration)
        {
            // An unknown type, or a declaration without specifiers.
            Token next = Peek();
            if (next.Kind is TokenKind.Identifier && KeywordOf(next) is Keyword.None or Keyword.Const or Keyword.Volatile || next.Kind == TokenKind.Star)
            {
                SyntaxErrorUnknownType();
                Advance();
                SkipDeclaration();
                return;
            }
        }
        Specifiers specifiers = ParseSpecifiers(allowStorage: true);
        specifiers.Attributes = Merge(leading, specifiers.Attributes);
        if (specifiers.IsImplicitInt && Kind is not (TokenKind.Identifier or TokenKind.Star or TokenKind.LeftParenthesis))
        {
            if (Kind == TokenKind.Semicolon && Here != start)
            {
                if (specifiers.IsInline || specifiers.IsNoreturn)
                    _report.Error(start, $"'{(specifiers.IsInline ? "inline" : "_Noreturn")}' in empty declaration");
                if (specifiers.Storage != Keyword.None || specifiers.Type.Qualifiers != 0)
                    _report.Warning(start, specifiers.Storage != Keyword.None ? "useless storage class specifier in empty declaration" : "useless type qualifier in empty declaration");
                _report.Pedwarn(null, start, "empty declaration");
                Advance();
                return;
            }
            SyntaxError(isExternal ? "expected identifier or '('" : "expected declaration specifiers");
            SkipDeclaration();
            if (isExternal)
                Accept(TokenKind.RightBrace);
            return;
        }
        if (Kind == TokenKind.Semicolon)
        {
            EmptyDeclaration(specifiers);
            Advance();
            FlushBounds(statements, start);
            _bounds = outerBounds;
            return;
        }
        if (specifiers.HasBody && CurrentKeyword is >= Keyword.Void and <= Keyword.VaList)
        {
            SyntaxError("expected ';', identifier or '('");
            _bounds = outerBounds;
            return;
        }
        bool isFirst = true;
        while (true)
        {
            AttributeList? own = null;
            if (!isFirst && CurrentKeyword == Keyword.Attribute)
                GnuAttributes(ref own);
            Declarator declarator = ParseDeclarator(specifiers.Type, DeclaratorKind.Concrete);
            if (declarator.Name == 0)
            {
                SkipDeclaration();
                _bounds = outerBounds;
                return;
            }
            if (specifiers.IsImplicitInt)
                ImplicitInt(declarator, specifiers);
            declarator.Attributes = Merge(own, declarator.Attributes);
            if (isFirst && declarator.Type.Type.IsFunction && specifiers.Storage != Keyword.Typedef && BeginsBody(declarator))
            {
                _bounds = outerBounds;
                FunctionDefinition(specifiers, declarator, isExternal, statements);
                return;
            }
            isFirst = false;
            InitDeclarator(specifiers, ref declarator, statements);
            if (!Accept(TokenKind.Comma))
                break;
        }
        _bounds = outerBounds;
        if (Accept(TokenKind.Semicolon))
            return;
        SyntaxError(Kind == TokenKind.LeftBrace || Kind is TokenKind.Identifier && isExternal ? "expected '=', ',', ';', 'asm' or '__attribute__'" : "expected ',' or ';'");
        SkipDeclaration();
    }

    private void EmptyDeclaration(in Specifiers specifiers)
    {
        Location at = specifiers.Location;
        int tag = specifiers.Type.Type switch { RecordType named => named.Tag, EnumType named => named.Tag, _ => 0 };
        bool isSaid = true;
        if (!specifiers.HasTag)
        {
            if (specifiers.IsAutoType)
                _report.Error(at, "'__auto_type' in empty declaration");
            else
                _report.Pedwarn(null, at, "useless type name in empty declaration");
        }
        else if (tag == 0 && specifiers.Type.Type is RecordType)
            _report.Pedwarn(null, at, "unnamed struct/union that defines no instances");
        else if (!specifiers.HasBody && !specifiers.IsFirstReference && specifiers.Storage != Keyword.None)
            _report.Pedwarn(null, at, "empty declaration with storage class specifier does not redeclare tag");
        else if (!specifiers.HasBody && !specifiers.IsFirstReference && (specifiers.Type.Qualifiers & Qualifiers.All) != 0)
            _report.Pedwarn(null, at, "empty declaration with type qualifier does not redeclare tag");
        else if (!specifiers.HasBody && !specifiers.IsFirstReference && specifiers.HasAlignas)
            _report.Pedwarn(null, at, "empty declaration with '_Alignas' does not redeclare tag");
        else
            isSaid = false;
        if (specifiers.IsInline)
            _report.Error(at, "'inline' in empty declaration");
        if (specifiers.IsNoreturn)
            _report.Error(at, "'_Noreturn' in empty declaration");
        if (_scopes.Depth == 0 && specifiers.Storage is Keyword.Auto or Keyword.Register)
            _report.Error(at, $"'{(specifiers.Storage == Keyword.Auto ? "auto" : "register")}' in file-scope empty declaration");
        else if (!isSaid && specifiers.Storage != Keyword.None)
            _report.Warning(at, "useless storage class specifier in empty declaration");
        else if (!isSaid && specifiers.IsThreadLocal)
            _report.Warning(at, "useless '__thread' in empty declaration");
        else if (!isSaid && (specifiers.Type.Qualifiers & Qualifiers.All) != 0)
            _report.Warning(at, "useless type qualifier in empty declaration");
        if (specifiers.Attributes is not null && specifiers.Type.Type is RecordType record && specifiers.DefinesTag && record.IsDefined && specifiers.Attributes.Has(AttributeKind.MayAlias))
            record.MayAlias = true;
    }

    private void ImplicitInt(in Declarator declarator, in Specifiers specifiers)
    {
        if (specifiers.IsAutoType)
            return;
        string name = _names.Text(declarator.Name);
        if (declarator.Type.Type.IsFunction)
        {
            if (specifiers.Storage == Keyword.None && !specifiers.IsInline && specifiers.Type.Qualifiers == 0 && specifiers.Attributes is null
                && Kind is TokenKind.Semicolon or TokenKind.Comma && _scopes.Depth == 0)
                _report.Pedwarn(null, declarator.Location, "data definition has no type or storage class");
            if (_options.Standard >= CStandard.C99)
                _report.Pedwarn("Wimplicit-int", declarator.Location, $"return type defaults to 'int'");
        }
        else if (_options.Standard >= CStandard.C99 || specifiers.Storage == Keyword.None)
            _report.Pedwarn(_options.Standard >= CStandard.C99 ? "Wimplicit-int" : null, declarator.Location,
                specifiers.Storage == Keyword.None && _options.Standard < CStandard.C99 ? "data definition has no type or storage class" : $"type defaults to 'int' in declaration of '{name}'");
    }

    /// <summary>Whether a function's body (or its old style parameter declarations) follows.</summary>
    private bool BeginsBody(in Declarator declarator)
    {
        if (Kind == TokenKind.LeftBrace)
            return true;
        if (declarator.Parameters is { OldNames: not null })
            return StartsDeclaration(_token) && CurrentKeyword is not (Keyword.Attribute or Keyword.Asm);
        return CurrentKeyword == Keyword.Attribute && AttributesBeforeBody();
    }

    /// <summary>An attribute list between declarator and body is refused by gcc; here it is only looked past when a brace follows.</summary>
    private static bool AttributesBeforeBody() => false;

    private void FlushBounds(List<Statement>? statements, Location location)
    {
        if (_bounds is null || _bounds.Count == 0)
            return;
        statements?.Add(new DeclarationStatement(null, [.. _bounds], location));
        _bounds = null;
    }

    private int AsmLabel()
    {
        Advance();
        if (!Expect(TokenKind.LeftParenthesis))
            return 0;
        int name = 0;
        if (Kind == TokenKind.String)
            name = _names.Intern(StringText());
        else
            SyntaxError("expected string literal");
        ExpectClosing(TokenKind.RightParenthesis);
        return name;
    }

    private void InitDeclarator(in Specifiers specifiers, ref Declarator declarator, List<Statement>? statements)
    {
        int assemblerName = 0;
        if (CurrentKeyword == Keyword.Asm)
            assemblerName = AsmLabel();
        AttributeList? attributes = Merge(specifiers.Attributes, declarator.Attributes);
        AttributeList? trailing = null;
        if (CurrentKeyword == Keyword.Attribute)
            GnuAttributes(ref trailing);
        attributes = Merge(attributes, trailing);
        if (CurrentKeyword == Keyword.Asm)
            assemblerName = AsmLabel();
        bool isTypedef = specifiers.Storage == Keyword.Typedef;
        QualType type = declarator.Type;
        if (attributes is not null)
            type = TypeAttributes(type, attributes, isTypedef, fromSpecifiers: false);
        bool hasInitializer = Kind == TokenKind.Equal;
        if (isTypedef)
        {
            FlushBounds(statements, declarator.Location);
            NoFunctionSpecifiers(specifiers, declarator.Location, $"typedef '{_names.Text(declarator.Name)}'");
            if (specifiers.HasAlignas)
                _report.Error(declarator.Location, $"alignment specified for typedef '{_names.Text(declarator.Name)}'");
            DeclareTypedef(declarator, type, attributes);
            if (hasInitializer)
            {
                _report.Error(declarator.Location, $"typedef '{_names.Text(declarator.Name)}' is initialized (use '__typeof__' instead)");
                Advance();
                _sink = new InitializerSink(false);
                DiscardInitializer();
            }
            return;
        }
        if (type.Type.IsFunction)
        {
            if (declarator.Parameters is { OldNames: not null })
                _report.Pedwarn(null, declarator.Location, "parameter names (without types) in function declaration");
            if (type.Type is FunctionType { HasPrototype: false })
                _report.Warning("Wstrict-prototypes", declarator.Location, "function declaration isn't a prototype");
            FunctionDeclaration function = DeclareFunction(specifiers, declarator, type, attributes, assemblerName, isDefinition: false);
            if (function.Name == _nameMain && specifiers.IsInline && function.Linkage == Linkage.External && !_options.IsFreestanding)
                _report.Pedwarn(null, declarator.Location, "cannot inline function 'main'");
            if (hasInitializer)
            {
                _report.Error(declarator.Location, $"function '{_names.Text(function.Name)}' is initialized like a variable");
                Advance();
                DiscardInitializer();
            }
            return;
        }
        VariableDeclarator(specifiers, declarator, type, attributes, assemblerName, hasInitializer, statements);
    }

    private void VariableDeclarator(
        in Specifiers specifiers, in Declarator declarator, QualType type, AttributeList? attributes, int assemblerName,
        bool hasInitializer, List<Statement>? statements)
    {
        string name = _names.Text(declarator.Name);
        if (specifiers.IsAutoType || specifiers.Storage == Keyword.Auto && specifiers.IsImplicitInt && _options.Standard >= CStandard.C23)
        {
            AutoTypeDeclarator(specifiers, declarator, attributes, assemblerName, statements);
            return;
        }
        if (type.Type.IsVoid && !(specifiers.Storage == Keyword.Extern && !hasInitializer))
        {
            _report.Error(declarator.Location, $"variable or field '{name}' declared void");
            type = _types.Error;
        }
        NoFunctionSpecifiers(specifiers, declarator.Location, $"variable '{name}'");
        if (specifiers.Storage == Keyword.Static && _state?.Declaration is { Linkage: Linkage.External } outer && IsInlineForOthers(outer)
            && (type.Qualifiers & Qualifiers.Const) == 0)
        {
            _sema.InlineStatics.Add((outer, declarator.Location, $"'{name}' is static but declared in inline function '{_names.Text(outer.Name)}' which is not static"));
        }
        VariableDeclaration variable = DeclareVariable(specifiers, declarator, type, attributes, assemblerName, hasInitializer);
        MarkScope(variable);
        VariableBound[] bounds = _bounds is { Count: > 0 } ? [.. _bounds] : [];
        _bounds = null;
        bool isStatic = !variable.IsAutomatic;
        if (hasInitializer)
        {
            Advance();
            if (variable.Type.Type is not ArrayType && !variable.Type.Type.IsComplete && !variable.Type.Type.IsError)
            {
                _report.Error(declarator.Location, $"variable '{name}' has initializer but incomplete type");
                variable.Type = _types.Error;
            }
            if (specifiers.Storage == Keyword.Extern)
            {
                if (_sema.Function is not null)
                    _report.Error(declarator.Location, $"'{name}' has both 'extern' and initializer");
                else
                    _report.Warning(declarator.Location, $"'{name}' initialized and declared 'extern'");
            }
            if (variable.Type.Type.IsError)
            {
                _sink ??= new InitializerSink(false);
                DiscardInitializer();
            }
            else
                VariableInitializer(variable, isStatic);
            if (variable.Type.Type.IsPointer || !isStatic)
                variable.IsAssigned |= false;
        }
        CheckComplete(variable, specifiers, hasInitializer);
        if (variable.Type.Type.Size > int.MaxValue / 2 || variable.Type.Type.Size > 256 && variable.Type.Type.Size > _report.Level("Wlarger-than", int.MaxValue))
        {
            _report.Warning("Wlarger-than", variable.Location,
                $"size of '{name}' {variable.Type.Type.Size} bytes exceeds maximum object size {_report.Level("Wlarger-than", int.MaxValue)}");
        }
        if (isStatic)
        {
            if (bounds.Length > 0)
                statements?.Add(new DeclarationStatement(null, bounds, declarator.Location));
            if (variable.Type.Type.IsVariablyModified && !variable.Type.Type.IsError)
                CheckStaticVariable(variable, specifiers);
            if (hasInitializer && _state is null)
                Deliver(variable);
            else if (_state is not null && specifiers.Storage == Keyword.Static)
                _state.StaticVariables.Add(variable);
            if (_state is not null)
                _state.ScopeVariables?.Add(variable);
            return;
        }
        statements?.Add(new DeclarationStatement(variable, bounds, declarator.Location));
        _state?.ScopeVariables?.Add(variable);
        if (_state is not null)
        {
            _state.ScopeHasCleanups |= variable.Cleanup is not null;
            _state.ScopeHasArrays |= variable.Type.Type.HasVariableSize;
        }
    }

    /// <summary>inline and _Noreturn are for functions (C17 6.7.4p2).</summary>
    private void NoFunctionSpecifiers(in Specifiers specifiers, Location location, string what)
    {
        if (specifiers.IsInline)
            _report.Pedwarn(null, location, $"{what} declared 'inline'");
        if (specifiers.IsNoreturn)
            _report.Pedwarn(null, location, $"{what} declared '_Noreturn'");
    }

    private void CheckStaticVariable(VariableDeclaration variable, in Specifiers specifiers)
    {
        string name = _names.Text(variable.Name);
        if (variable.Type.Type.HasVariableSize)
            _report.Error(variable.Location, $"storage size of '{name}' isn't constant");
        else if (specifiers.Storage == Keyword.Extern)
            _report.Error(variable.Location, $"object with variably modified type must have no linkage");
    }

    private void CheckComplete(VariableDeclaration variable, in Specifiers specifiers, bool hasInitializer)
    {
        CType type = variable.Type.Type;
        if (type.IsError || type.IsComplete)
            return;
        if (specifiers.Storage == Keyword.Extern && !hasInitializer)
            return;
        string name = _names.Text(variable.Name);
        bool isFile = _sema.Function is null;
        if (type is ArrayType { Element.Type.IsComplete: true })
        {
            if (isFile && specifiers.Storage != Keyword.Static)
                return; // a tentative definition may be completed later
            if (isFile)
            {
                _report.Pedantic(variable.Location, $"array size missing in '{name}'");
                return;
            }
            _report.Error(variable.Location, $"array size missing in '{name}'");
        }
        else if (isFile && type is RecordType or EnumType)
            return; // checked at the end of the unit
        else
            _report.Error(variable.Location, $"storage size of '{name}' isn't known");
        variable.Type = _types.Error;
    }

    private void AutoTypeDeclarator(
        in Specifiers specifiers, in Declarator declarator, AttributeList? attributes, int assemblerName, List<Statement>? statements)
    {
        string name = _names.Text(declarator.Name);
        if (Kind != TokenKind.Equal)
        {
            _report.Error(declarator.Location, "'__auto_type' requires an initialized data declaration");
            return;
        }
        if (declarator.Type.Type is not SimpleType && declarator.Type.Type is not IntegerType)
            _report.Error(declarator.Location, "'__auto_type' requires a plain identifier as declarator");
        Advance();
        Location location = Here;
        bool wasStatic = _sema.InStaticInitializer;
        bool isFile = _sema.Function is null || specifiers.Storage == Keyword.Static;
        _sema.InStaticInitializer = isFile;
        Expression value = _sema.Value(AssignmentExpression());
        _sema.InStaticInitializer = wasStatic;
        if (value.Type.IsVoid)
        {
            _report.Error(location, $"variable or field '{name}' declared void");
            value = _sema.Error(location);
        }
        QualType type = value.Type;
        type = type.With(declarator.Type.Qualifiers);
        VariableDeclaration variable = DeclareVariable(specifiers, declarator, type, attributes, assemblerName, true);
        VariableBound[] bounds = _bounds is { Count: > 0 } ? [.. _bounds] : [];
        _bounds = null;
        if (variable.IsAutomatic)
        {
            variable.Initializer = value;
            statements?.Add(new DeclarationStatement(variable, bounds, declarator.Location));
            _state?.ScopeVariables?.Add(variable);
            if (_state is not null)
                _state.ScopeHasCleanups |= variable.Cleanup is not null;
            return;
        }
        _sink = new InitializerSink(true);
        if (!value.Type.IsError)
            StoreStatic(0, null, type, value, location);
        FinishInitializer(variable, value, true, location);
        if (_state is null)
            Deliver(variable);
        else
            _state.StaticVariables.Add(variable);
    }

    private void Deliver(VariableDeclaration variable)
    {
        if (variable.Type.Type.IsError || _report.ErrorCount > 0)
            return;
        _consumer.VariableDefined(variable);
    }

    // ---- Typedefs ----

    private void DeclareTypedef(in Declarator declarator, QualType type, AttributeList? attributes)
    {
        string name = _names.Text(declarator.Name);
        if (type.Type is RecordType { Tag: 0, TypedefName: 0 } record)
            record.TypedefName = declarator.Name;
        if (_scopes.LookUpHere(declarator.Name) is { } known)
        {
            if (known is not TypedefDeclaration other)
            {
                _report.Error(declarator.Location, $"'{name}' redeclared as different kind of symbol");
                NotePrevious(known);
                return;
            }
            if (other.Type.Type.IsError)
                other.Type = type;
            else if (!SameType(other.Type, type) && !type.Type.IsError)
            {
                _report.Error(declarator.Location, $"conflicting types for '{name}'; have '{_sema.Print(type)}'");
                NotePrevious(known);
                return;
            }
            else if (!TypeRelations.Same(other.Type, type) && !type.Type.IsError)
            {
                _report.Error(declarator.Location, $"redefinition of typedef '{name}' with different type");
                NotePrevious(known);
                return;
            }
            else if (type.Type.IsVariablyModified)
                _report.Error(declarator.Location, $"redefinition of typedef '{name}' with variably modified type");
            else if (_options.Standard < CStandard.C11)
                _report.Pedantic(declarator.Location, $"redefinition of typedef '{name}'");
            if (type.AlignmentCode > other.Type.AlignmentCode || (type.Qualifiers & Qualifiers.MayAlias) != 0)
                other.Type = type;
            return;
        }
        var made = new TypedefDeclaration(declarator.Name, declarator.Location, type);
        if (attributes is not null)
            DeprecationAttributes(made, attributes);
        if (_state is not null && attributes?.Has(AttributeKind.Unused) != true)
            (_state.Typedefs ??= []).Add(made);
        _scopes.Bind(declarator.Name, made);
        MarkScope(made);
    }

    /// <summary>No jump may enter the scope of a variably modified type.</summary>
    private void MarkScope(Declaration declaration)
    {
        if (_state is not null && declaration.Type.Type.IsVariablyModified)
            _state.Mark = new ScopeMark(_state.Mark, declaration, declaration.Location);
    }

    private static bool SameType(QualType a, QualType b) =>
        (a.Qualifiers & Qualifiers.All) == (b.Qualifiers & Qualifiers.All)
        && (ReferenceEquals(a.Type, b.Type) || a.Type.Kind == b.Type.Kind && TypeRelations.Compatible(a.Type, b.Type));

    // ---- Variables ----

    private VariableDeclaration DeclareVariable(
        in Specifiers specifiers, in Declarator declarator, QualType type, AttributeList? attributes, int assemblerName, bool hasInitializer)
    {
        int name = declarator.Name;
        bool isFile = _scopes.Depth == 0;
        bool isExtern = specifiers.Storage == Keyword.Extern;
        VariableDeclaration variable;
        if (isFile || isExtern)
            variable = DeclareLinkedVariable(specifiers, declarator, type, hasInitializer);
        else
        {
            CheckLocalRedeclaration(name, declarator.Location);
            WarnShadow(name, declarator.Location, type);
            variable = new VariableDeclaration(name, declarator.Location) { Type = type, Function = _sema.Function, IsDefined = true };
            if (specifiers.Storage == Keyword.Static)
            {
                variable.Storage = StorageClass.Static;
                variable.SymbolName = _names.Intern(_names.Text(name) + "." + (_localCounter++).ToString(System.Globalization.CultureInfo.InvariantCulture));
            }
            else
                variable.Storage = specifiers.Storage == Keyword.Register ? StorageClass.Register : StorageClass.Automatic;
            _scopes.Bind(name, variable);
        }
        if (specifiers.IsThreadLocal)
        {
            if (variable.IsAutomatic)
                _report.Error(declarator.Location, $"function-scope '{_names.Text(name)}' implicitly auto and declared '_Thread_local'".Replace("_Thread_local", "__thread"));
            else if (variable.TlsModel == TlsModel.None)
                variable.TlsModel = TlsModel.Default;
        }
        if (specifiers.HasAlignas && specifiers.Storage == Keyword.Register)
            _report.Error(declarator.Location, $"alignment specified for 'register' object '{_names.Text(name)}'");
        if (specifiers.Alignment != 0)
        {
            if (specifiers.Alignment < type.Alignment && !type.Type.IsError)
                _report.Error(declarator.Location, $"'_Alignas' specifiers cannot reduce alignment of '{_names.Text(name)}'");
            variable.RequestedAlignment = Math.Max(variable.RequestedAlignment, specifiers.Alignment);
        }
        if (assemblerName != 0)
        {
            if (specifiers.Storage == Keyword.Register)
            {
                string register = _names.Text(assemblerName);
                variable.RegisterName = register.TrimStart('%');
                variable.Storage = variable.IsAutomatic ? StorageClass.Register : variable.Storage;
            }
            else if (variable.IsAutomatic)
                _report.Warning(declarator.Location, $"ignoring 'asm' specifier for non-static local variable '{_names.Text(name)}'");
            else
            {
                SymbolOf(variable).AssemblerName = assemblerName;
                variable.SymbolName = assemblerName;
            }
        }
        if (isFile && specifiers.Storage is Keyword.Register && assemblerName == 0)
            _report.Error(declarator.Location, $"register name not specified for '{_names.Text(name)}'");
        if (isFile && specifiers.Storage is Keyword.Auto && !specifiers.IsImplicitInt)
            _report.Error(declarator.Location, $"file-scope declaration of '{_names.Text(name)}' specifies 'auto'");
        if (attributes is not null)
            VariableAttributes(variable, attributes);
        if (!variable.IsAutomatic && _visibility is { } visibility && variable.Symbol is not { HasVisibility: true } && variable.Linkage == Linkage.External)
        {
            SymbolOf(variable).Visibility = visibility;
            SymbolOf(variable).HasVisibility = true;
        }
        if (variable.Symbol is { WeakReferenceTo: not 0 } && variable.Linkage == Linkage.External)
            _report.Error(declarator.Location, $"'weakref' symbol '{_names.Text(name)}' must have static linkage");
        if (variable.Symbol is { IsWeak: true } && variable.Linkage != Linkage.External && variable.Symbol.WeakReferenceTo == 0)
            _report.Error(declarator.Location, $"weak declaration of '{_names.Text(name)}' must be public");
        if (variable.Symbol is not null && variable.Linkage != Linkage.None)
            NoteSymbol(variable);
        return variable;
    }

    private void NoteSymbol(EntityDeclaration entity)
    {
        if (entity.Symbol is { } symbol && (symbol.IsWeak || symbol.AliasOf != 0 || symbol.WeakReferenceTo != 0 || symbol.IndirectResolver != 0 || symbol.HasVisibility)
            && !_entities.Contains(entity))
            _entities.Add(entity);
    }

    private void CheckLocalRedeclaration(int name, Location location)
    {
        if (_scopes.LookUpHere(name) is not { } known)
            return;
        string text = _names.Text(name);
        if (known is VariableDeclaration { Linkage: Linkage.None })
        {
            _report.Error(location, known is VariableDeclaration { Storage: StorageClass.Parameter }
                ? $"'{text}' redeclared as different kind of symbol" : $"redeclaration of '{text}' with no linkage");
        }
        else if (known is VariableDeclaration)
            _report.Error(location, $"declaration of '{text}' with no linkage follows extern declaration");
        else
            _report.Error(location, $"'{text}' redeclared as different kind of symbol");
        NotePrevious(known);
    }

    /// <summary>-Wshadow: a name of an inner scope that hides another.</summary>
    private void WarnShadow(int name, Location location, QualType type)
    {
        if (_scopes.LookUp(name) is not { } hidden || ReferenceEquals(_scopes.LookUpHere(name), hidden) || !_report.IsEnabled("Wshadow") || name == 0)
            return;
        // A variable may share its name with a function, but for a pointer to one.
        if (hidden is FunctionDeclaration && !(type.Type.IsFunction || type.Type is PointerType { Pointee.Type.IsFunction: true }))
            return;
        string what = hidden is VariableDeclaration { Storage: StorageClass.Parameter } ? "parameter"
            : _scopes.DepthOf(name) == 0 ? "global declaration" : "previous local";
        _report.Warning("Wshadow", location, $"declaration of '{_names.Text(name)}' shadows a {what}");
        if (hidden.Location.IsValid)
            _report.Note(hidden.Location, "shadowed declaration is here");
    }

    private void NotePrevious(Declaration known)
    {
        if (!known.Location.IsValid)
            return;
        string text = _names.Text(known.Name);
        bool isDefined = known is VariableDeclaration { IsDefined: true, IsTentative: false } or FunctionDeclaration { IsDefined: true };
        string with = known is EntityDeclaration or TypedefDeclaration && !known.Type.IsNone ? $" with type '{_sema.Print(known.Type)}'" : "";
        _report.Note(known.Location, $"previous {(isDefined ? "definition" : "declaration")} of '{text}'{with}");
    }

    private VariableDeclaration DeclareLinkedVariable(in Specifiers specifiers, in Declarator declarator, QualType type, bool hasInitializer)
    {
        int name = declarator.Name;
        string text = _names.Text(name);
        bool isExtern = specifiers.Storage == Keyword.Extern;
        bool isStatic = specifiers.Storage == Keyword.Static;
        Declaration? visible = _scopes.LookUpHere(name);
        if (visible is not null && visible is not VariableDeclaration { Linkage: not Linkage.None })
        {
            _report.Error(declarator.Location, visible is VariableDeclaration
                ? $"extern declaration of '{text}' follows declaration with no linkage" : $"'{text}' redeclared as different kind of symbol");
            NotePrevious(visible);
            var wrong = new VariableDeclaration(name, declarator.Location) { Type = type, Storage = StorageClass.Static, SymbolName = name };
            _scopes.Bind(name, wrong);
            return wrong;
        }
        EntityDeclaration? linked = _scopes.Linked(name);
        if (linked is FunctionDeclaration && visible is null && linked.Location.IsValid)
        {
            _report.Error(declarator.Location, $"'{text}' redeclared as different kind of symbol");
            NotePrevious(linked);
            linked = null;
        }
        if (linked is VariableDeclaration known)
        {
            MergeVariable(known, specifiers, declarator, type, hasInitializer);
            _scopes.Bind(name, known);
            return known;
        }
        var variable = new VariableDeclaration(name, declarator.Location)
        {
            Type = type,
            Linkage = isStatic ? Linkage.Internal : Linkage.External,
            Storage = isExtern && !hasInitializer ? StorageClass.Extern : StorageClass.Static,
            SymbolName = _renames.TryGetValue(name, out int renamed) ? renamed : name,
        };
        if (specifiers.Storage == Keyword.Register)
            variable.Linkage = Linkage.Internal;
        else if (!isExtern || hasInitializer)
        {
            variable.IsDefined = true;
            variable.IsTentative = !hasInitializer;
            if (!hasInitializer)
                _tentative.Add(variable);
        }
        foreach ((int weak, int alias) in _weakPragmas)
        {
            if (weak == name)
            {
                SymbolOf(variable).IsWeak = true;
                SymbolOf(variable).AliasOf = alias;
            }
        }
        if (variable.Linkage == Linkage.Internal)
            _internal.Add(variable);
        _scopes.SetLinked(name, variable);
        _scopes.Bind(name, variable);
        return variable;
    }

    private void MergeVariable(VariableDeclaration known, in Specifiers specifiers, in Declarator declarator, QualType type, bool hasInitializer)
    {
        string text = _names.Text(known.Name);
        bool isExtern = specifiers.Storage == Keyword.Extern;
        if (!type.Type.IsError && !known.Type.Type.IsError)
        {
            if (!TypeRelations.Compatible(known.Type, type))
            {
                _report.Error(declarator.Location, known.Type.Unqualified.Equals(type.Unqualified)
                    ? $"conflicting type qualifiers for '{text}'" : $"conflicting types for '{text}'; have '{_sema.Print(type)}'");
                NotePrevious(known);
                return;
            }
            QualType composite = TypeRelations.Composite(_types, known.Type, type);
            known.Type = composite.AlignmentCode >= type.AlignmentCode ? composite : new QualType(composite.Type, composite.Qualifiers, type.AlignmentCode);
        }
        if (isExtern && known.Linkage == Linkage.Internal && _scopes.Depth > 0 && _scopes.LookUp(known.Name) is VariableDeclaration { Linkage: Linkage.None })
            _report.Error(declarator.Location, "variable previously declared 'static' redeclared 'extern'");
        if (specifiers.Storage == Keyword.Static && known.Linkage == Linkage.External)
        {
            _report.Error(declarator.Location, $"static declaration of '{text}' follows non-static declaration");
            NotePrevious(known);
        }
        else if (specifiers.Storage == Keyword.None && known.Linkage == Linkage.Internal && _scopes.Depth == 0)
        {
            _report.Error(declarator.Location, $"non-static declaration of '{text}' follows static declaration");
            NotePrevious(known);
        }
        if (specifiers.IsThreadLocal != (known.TlsModel != TlsModel.None))
        {
            _report.Error(declarator.Location, specifiers.IsThreadLocal
                ? $"thread-local declaration of '{text}' follows non-thread-local declaration"
                : $"non-thread-local declaration of '{text}' follows thread-local declaration");
            NotePrevious(known);
        }
        if (hasInitializer)
        {
            if (known.IsDefined && !known.IsTentative)
            {
                _report.Error(declarator.Location, $"redefinition of '{text}'");
                NotePrevious(known);
            }
            known.IsTentative = false;
            known.IsDefined = true;
            known.Storage = StorageClass.Static;
            known.Location = declarator.Location;
        }
        else if (!isExtern)
        {
            if (!known.IsDefined)
            {
                known.IsDefined = true;
                known.IsTentative = true;
                known.Storage = StorageClass.Static;
                known.Location = declarator.Location;
                _tentative.Add(known);
            }
        }
    }

    // ---- Functions ----

    /// <summary>-Wunused-function and -Wunused-variable at file scope.</summary>
    private void WarnUnused()
    {
        if (!FunctionWarnings.IsNeeded(_report) && !_report.IsEnabled("Wunused-function") && !_report.IsEnabled("Wunused-const-variable"))
            return;
        foreach (EntityDeclaration entity in _entities)
        {
            if (entity.Symbol is { AliasOf: var alias, IndirectResolver: var resolver })
            {
                foreach (int name in (ReadOnlySpan<int>)[alias, resolver])
                {
                    if (name != 0 && _scopes.Linked(name) is { } target)
                        target.IsUsed = true;
                }
            }
        }
        foreach (EntityDeclaration entity in _internal)
        {
            string name = _names.Text(entity.Name);
            switch (entity)
            {
                case FunctionDeclaration { IsUsed: false } function when (function.Flags & (FunctionFlags.Inline | FunctionFlags.MayBeUnused)) == 0
                    && function.Symbol is null or { AliasOf: 0, WeakReferenceTo: 0, IndirectResolver: 0 }:
                    _report.Warning("Wunused-function", function.Location,
                        function.IsDefined ? $"'{name}' defined but not used" : $"'{name}' declared 'static' but never defined");
                    break;
                case VariableDeclaration { IsUsed: false, IsMentioned: false, MayBeUnused: false, RegisterName: null, IsDefined: true } variable
                    when variable.Symbol is null or { AliasOf: 0, WeakReferenceTo: 0 } && !variable.Type.Type.IsError:
                    bool isConst = variable.Type.IsConst || variable.Type.Type is ArrayType { Element.IsConst: true };
                    if (!isConst)
                        _report.Warning("Wunused-variable", variable.Location, $"'{name}' defined but not used");
                    else if (_report.Level("Wunused-const-variable", 1) > 1 || IsInMainFile(variable.Location))
                        _report.Warning("Wunused-const-variable", variable.Location, $"'{name}' defined but not used");
                    break;
            }
        }
    }

    private bool IsInMainFile(Location at) =>
        _report.Map is { } map && map.File(map.FileLocation(at), out _, out Location includedFrom) is not null && !includedFrom.IsValid;

    private void FinishUnit()
    {
        foreach (VariableDeclaration variable in _tentative)
        {
            if (!variable.IsTentative)
                continue;
            CType type = variable.Type.Type;
            string name = _names.Text(variable.Name);
            if (type.IsError)
                continue;
            if (type is ArrayType { Count: < 0, Bound: null } array && array.Element.Type.IsComplete)
            {
                _report.Warning(variable.Location, $"array '{name}' assumed to have one element");
                variable.Type = variable.Type.WithType(_types.ArrayOf(array.Element, 1));
            }
            else if (!type.IsComplete)
            {
                _report.Error(variable.Location, $"storage size of '{name}' isn't known");
                continue;
            }
            if (variable.Symbol is { AliasOf: not 0 } or { WeakReferenceTo: not 0 })
                continue;
            if (_report.ErrorCount == 0)
                _consumer.VariableDefined(variable);
        }
        foreach ((FunctionDeclaration function, Location location, string text) in _sema.InlineStatics)
        {
            if (function.IsInlineOnly)
                _report.Pedwarn(null, location, text);
        }
        foreach (FunctionDeclaration function in _staticFunctions)
        {
            if (function is { IsUsed: true, IsDefined: false, Linkage: Linkage.Internal, Symbol: null or { AliasOf: 0, WeakReferenceTo: 0, IndirectResolver: 0 } })
                _report.Pedwarn(null, function.Location, $"'{_names.Text(function.Name)}' used but never defined");
        }
        if (_report.ErrorCount > 0)
            return;
        WarnUnused();
        if (_report.ErrorCount > 0)
            return;
        foreach (EntityDeclaration entity in _entities)
            _consumer.SymbolDeclared(entity);
        foreach ((int name, int alias) in _weakPragmas)
        {
            if (_scopes.Linked(name) is null)
                _consumer.WeakSymbol(name, alias);
        }
        _consumer.EndOfUnit();
    }
}
