// Function definitions (C17 6.9.1), old style ones and nested ones too, and what is kept while a body is read.

using Kiln.Base;
using Kiln.Frontend.Ast;
using Kiln.Frontend.Lex;
using Kiln.Frontend.Sema;
using Kiln.Frontend.Types;

namespace Kiln.Frontend.Parse;

public sealed partial class Parser
{
    /// <summary>What is known of the function whose body is being read.</summary>
    private sealed class FunctionState(FunctionDefinition definition, FunctionState? outer)
    {
        public FunctionDefinition Definition { get; } = definition;
        public FunctionDeclaration Declaration => Definition.Declaration;
        public FunctionState? Outer { get; } = outer;
        public Dictionary<int, LabelDeclaration>? Labels;
        public readonly List<LabelDeclaration> AllLabels = [];
        public readonly List<LabelDeclaration> LocalLabels = [];
        public readonly List<VariableDeclaration> StaticVariables = [];
        public readonly List<FunctionDefinition> Nested = [];
        /// <summary>Nested functions declared in the block being read that are to be defined in it.</summary>
        public List<FunctionDeclaration>? Promised;
        public List<TypedefDeclaration>? Typedefs;
        public HashSet<int>? Undeclared;
        public BreakableStatement? BreakTarget;
        public BreakableStatement? ContinueTarget;
        public SwitchState? Switch;
        public VariableDeclaration? NameVariable;
        /// <summary>What may not be jumped into and is open here.</summary>
        public ScopeMark? Mark;
        public readonly List<(LabelDeclaration Label, ScopeMark? From, Location Location)> Jumps = [];
        // The block being read.
        public List<VariableDeclaration>? ScopeVariables;
        public bool ScopeHasCleanups;
        public bool ScopeHasArrays;
    }

    /// <summary>Something that no jump may enter: the scope of a variably modified type from its declaration on, a statement expression.</summary>
    private sealed class ScopeMark(ScopeMark? outer, Declaration? declared, Location location)
    {
        public ScopeMark? Outer { get; } = outer;
        /// <summary>What is of variably modified type; null of a statement expression.</summary>
        public Declaration? Declared { get; } = declared;
        public Location Location { get; } = location;

        /// <summary>The outermost mark that a jump from one place to another would enter, or null.</summary>
        public static ScopeMark? Entered(ScopeMark? from, ScopeMark? to)
        {
            ScopeMark? entered = null;
            for (ScopeMark? at = to; at is not null; at = at.Outer)
            {
                bool isOpen = false;
                for (ScopeMark? open = from; open is not null; open = open.Outer)
                    isOpen |= ReferenceEquals(open, at);
                if (isOpen)
                    break;
                entered = at;
            }
            return entered;
        }
    }

    private FunctionState? _state;

    private void FunctionDefinition(in Specifiers specifiers, Declarator declarator, bool isExternal, List<Statement>? statements)
    {
        AttributeList? attributes = Merge(specifiers.Attributes, declarator.Attributes);
        string name = _names.Text(declarator.Name);
        if (specifiers.Storage is Keyword.Typedef or Keyword.Register)
            _report.Error(declarator.Location, $"function definition declared '{(specifiers.Storage == Keyword.Typedef ? "typedef" : "register")}'");
        ParameterList? list = declarator.Parameters;
        if (list is null)
        {
            _report.Error(declarator.Location, $"expected '=', ',', ';', 'asm' or '__attribute__' before '{{' token");
            SkipDeclaration();
            return;
        }
        VariableDeclaration[] parameters = list.Parameters;
        bool isOld = list.OldNames is not null;
        List<VariableBound>? bounds = list.Bounds;
        if (isOld)
            parameters = OldParameters(list, ref bounds);
        QualType type = declarator.Type;
        if (attributes is not null)
            type = TypeAttributes(type, attributes, isTypedef: false, fromSpecifiers: false);
        if (specifiers.IsImplicitInt && _options.Standard < CStandard.C99 || !list.HasPrototype && !isOld)
        {
            // f() { }: no parameters; calls are not checked before C23.
        }
        bool isNested = _sema.Function is not null;
        if (isNested)
        {
            _report.Pedantic(declarator.Location, "ISO C forbids nested functions");
            if (specifiers.Storage == Keyword.Extern)
                _report.Error(declarator.Location, $"nested function '{name}' declared 'extern'");
        }
        bool wasDeclared = _scopes.Linked(declarator.Name) is FunctionDeclaration { WasImplicit: false, Location.IsValid: true };
        bool hadPrototype = wasDeclared && _scopes.Linked(declarator.Name) is FunctionDeclaration { Type.Type: FunctionType { HasPrototype: true } };
        Location prototype = _scopes.Linked(declarator.Name) is { } before ? before.Location : declarator.Location;
        FunctionDeclaration function = DeclareFunction(specifiers, declarator, type, attributes, 0, isDefinition: true);
        WarnPrototype(function, list, isFirst: !wasDeclared, hadPrototype, specifiers);
        FunctionType functionType = function.FunctionType;
        QualType result = ((FunctionType)type.Type).Result;
        if (!result.Type.IsVoid && !result.Type.IsComplete)
        {
            _report.Error(declarator.Location, "return type is an incomplete type");
        }
        if (Array.Exists(parameters, p => IsStar(p.Type)))
            _report.Error(isOld ? Here : declarator.Location, "'[*]' not allowed in other than function prototype scope");
        CheckMain(function, functionType, specifiers, declarator.Location);
        if (function.Symbol is { AliasOf: not 0 } or { IndirectResolver: not 0 } or { WeakReferenceTo: not 0 })
        {
            string which = function.Symbol.AliasOf != 0 ? "alias" : function.Symbol.IndirectResolver != 0 ? "ifunc" : "weakref";
            _report.Warning("Wattributes", declarator.Location, $"'{which}' attribute ignored because function is defined");
            function.Symbol.AliasOf = function.Symbol.IndirectResolver = function.Symbol.WeakReferenceTo = 0;
        }
        bool promoted = isOld;
        if (isOld && functionType.HasPrototype)
        {
            // A prototype was in force: its types are what arrives (C17 6.9.1p8 asks for compatible ones).
            promoted = false;
            for (int i = 0; i < parameters.Length && i < functionType.Parameters.Length; i++)
            {
                if (!TypeRelations.Compatible(parameters[i].Type.Type, functionType.Parameters[i].Type))
                {
                    if (TypeRelations.Compatible(_sema.PromotedType(parameters[i].Type.Type), functionType.Parameters[i].Type))
                        promoted = true;
                    else if (ReferenceEquals(_sema.PromotedType(functionType.Parameters[i].Type), _sema.PromotedType(parameters[i].Type.Type))
                        || functionType.Parameters[i].Type.Kind == TypeKind.Float && parameters[i].Type.Type.Kind == TypeKind.Double)
                        _report.Error(parameters[i].Location, $"argument '{_names.Text(parameters[i].Name)}' doesn't match prototype");
                    else
                        _report.Error(parameters[i].Location, $"argument '{_names.Text(parameters[i].Name)}' doesn't match prototype");
                    if (!promoted || !TypeRelations.Compatible(_sema.PromotedType(parameters[i].Type.Type), functionType.Parameters[i].Type))
                        _report.Error(prototype, "prototype declaration");
                }
                else if (!ReferenceEquals(_sema.PromotedType(parameters[i].Type.Type), parameters[i].Type.Type) && parameters[i].Type.Type is not EnumType && _report.IsPedantic)
                {
                    _report.Pedantic(parameters[i].Location, $"promoted argument '{_names.Text(parameters[i].Name)}' doesn't match prototype");
                    _report.Pedantic(prototype, "prototype declaration");
                }
            }
        }
        var definition = new FunctionDefinition
        {
            Declaration = function,
            Parameters = parameters,
            PromotedParameters = promoted,
            ParameterBounds = bounds is null ? [] : [.. bounds],
            Parent = _state?.Definition,
        };
        if (isOld && !functionType.HasPrototype)
            function.OldParameters = parameters;
        int errors = _report.ErrorCount;
        foreach (VariableBound bound in definition.ParameterBounds)
            bound.Function = function;
        function.IsDefined = true;
        Body(definition, list, specifiers.IsImplicitInt);
        if (_report.ErrorCount > errors)
            definition.Body ??= new CompoundStatement(declarator.Location);
        _ = isExternal;
        if (isNested)
        {
            _state!.Nested.Add(definition);
            function.Definition = definition;
            if (statements is not null && bounds is null)
                _state.Declaration.Flags |= FunctionFlags.NotInlinable;
            return;
        }
        DecideEmission(function, specifiers);
        function.Definition = definition;
        if (_report.ErrorCount == 0)
            _consumer.FunctionDefined(definition);
        else
            function.Definition = null;
    }

    /// <summary>-Wmissing-prototypes and its kin: what a definition should have had before it.</summary>
    private void WarnPrototype(FunctionDeclaration function, ParameterList list, bool isFirst, bool hadPrototype, in Specifiers specifiers)
    {
        string name = _names.Text(function.Name);
        bool isPlain = function.Linkage == Linkage.External && function.Name != _nameMain && !specifiers.IsInline;
        if (isPlain && !hadPrototype && _report.IsEnabled("Wmissing-prototypes"))
            _report.Warning("Wmissing-prototypes", function.Location, $"no previous prototype for '{name}'");
        else if (isPlain && isFirst)
            _report.Warning("Wmissing-declarations", function.Location, $"no previous declaration for '{name}'");
        if (!list.HasPrototype && !hadPrototype)
            _report.Warning("Wstrict-prototypes", function.Location, "function declaration isn't a prototype");
        if (list.HasPrototype)
            return;
        if (_options.Standard >= CStandard.C23 && list.OldNames is not null)
            _report.Pedwarn(_report.IsExplicit("Wold-style-definition") ? "Wold-style-definition" : null, function.Location, "old-style function definition");
        else if (_options.Standard < CStandard.C23)
            _report.Warning("Wold-style-definition", function.Location, "old-style function definition");
    }

    /// <summary>Whether the unit must emit a definition (C17 6.7.4p7; GNU's older inline where asked for).</summary>
    private void DecideEmission(FunctionDeclaration function, in Specifiers specifiers)
    {
        bool isInline = (function.Flags & FunctionFlags.Inline) != 0;
        bool isGnu = (function.Flags & FunctionFlags.GnuInline) != 0 || _options.Gnu89Inline || _options.Standard < CStandard.C99;
        if (function.Linkage == Linkage.External)
        {
            function.IsInlineOnly = isInline && (isGnu
                ? specifiers.Storage == Keyword.Extern && specifiers.IsInline
                : function.HasInlineDeclarationOnly);
            function.MustEmit = !function.IsInlineOnly;
        }
        if (function.Symbol is { IsUsed: true } or { IsRetained: true } || function.ConstructorPriority >= 0 || function.DestructorPriority >= 0)
            function.MustEmit = true;
    }

    private void CheckMain(FunctionDeclaration function, FunctionType type, in Specifiers specifiers, Location location)
    {
        if (function.Name != _nameMain || function.Linkage != Linkage.External || _sema.Function is not null || _options.IsFreestanding)
            return;
        if (type.Result.Type.Kind != TypeKind.Int)
            _report.Pedwarn("Wmain", location, "return type of 'main' is not 'int'");
        CheckMainParameters(type, location);
        if (specifiers.IsInline)
            _report.Pedwarn(null, location, "cannot inline function 'main'");
        if (specifiers.IsNoreturn)
            _report.Pedwarn(null, location, "'main' declared '_Noreturn'");
    }

    private static bool IsStar(QualType type) => type.Type switch
    {
        PointerType pointer => IsStar(pointer.Pointee),
        ArrayType array => array.Bound is { Count: null } || IsStar(array.Element),
        _ => false,
    };

    /// <summary>None, or int, char ** and perhaps char ** again (C17 5.1.2.2.1, with POSIX's third).</summary>
    private void CheckMainParameters(FunctionType type, Location location)
    {
        if (type.IsVariadic)
            _report.Pedwarn("Wmain", location, "'main' declared as variadic function");
        for (int i = 0; i < type.Parameters.Length && i < 3; i++)
        {
            CType parameter = type.Parameters[i].Type;
            bool isRight = i == 0 ? parameter.Kind == TypeKind.Int
                : parameter is PointerType { Pointee.Type: PointerType { Pointee.Type.Kind: TypeKind.Char } };
            if (!isRight)
                _report.Pedwarn("Wmain", location, $"{(i == 0 ? "first" : i == 1 ? "second" : "third")} argument of 'main' should be '{(i == 0 ? "int" : "char **")}'");
        }
        if (type.Parameters.Length is 1 or > 3)
            _report.Pedwarn("Wmain", location, "'main' takes only zero or two arguments");
    }

    /// <summary>The parameter declarations of an old style definition, in the order of the names.</summary>
    private VariableDeclaration[] OldParameters(ParameterList list, ref List<VariableBound>? bounds)
    {
        var parameters = new VariableDeclaration[list.OldNames!.Count];
        _scopes.Push();
        _prototypeDepth++;
        List<VariableBound>? outer = _bounds;
        _bounds = null;
        // All names are known as int before the declarations say more.
        for (int i = 0; i < parameters.Length; i++)
        {
            (int name, Location location) = list.OldNames[i];
            parameters[i] = new VariableDeclaration(name, location) { Type = _types.Int, Storage = StorageClass.Parameter, ParameterIndex = i, IsDefined = true };
            if (_scopes.LookUpHere(name) is not null)
                _report.Error(location, $"multiple parameters named '{_names.Text(name)}'");
            _scopes.Bind(name, parameters[i]);
        }
        var declared = new bool[parameters.Length];
        while (Kind is not (TokenKind.LeftBrace or TokenKind.End))
        {
            if (!StartsDeclaration(_token))
            {
                SyntaxError("expected declaration specifiers");
                SkipTo(TokenKind.LeftBrace);
                break;
            }
            Specifiers specifiers = ParseSpecifiers(allowStorage: true);
            if (Kind == TokenKind.Semicolon)
            {
                EmptyDeclaration(specifiers);
                Advance();
                continue;
            }
            do
            {
                Declarator declarator = ParseDeclarator(specifiers.Type, DeclaratorKind.Concrete);
                AttributeList? attributes = Merge(specifiers.Attributes, declarator.Attributes);
                if (CurrentKeyword == Keyword.Attribute)
                    GnuAttributes(ref attributes);
                QualType type = declarator.Type;
                if (attributes is not null)
                    type = TypeAttributes(type, attributes, isTypedef: false, fromSpecifiers: false);
                int index = Array.FindIndex(parameters, p => p.Name == declarator.Name);
                if (Kind == TokenKind.Equal)
                {
                    _report.Error(declarator.Location, $"parameter '{_names.Text(declarator.Name)}' is initialized");
                    Advance();
                    DiscardInitializer();
                }
                if (index < 0)
                {
                    if (declarator.Name != 0)
                        _report.Error(declarator.Location, $"declaration for parameter '{_names.Text(declarator.Name)}' but no such parameter");
                    continue;
                }
                if (declared[index])
                    _report.Error(declarator.Location, $"redefinition of parameter '{_names.Text(declarator.Name)}'");
                declared[index] = true;
                if (type.Type.IsVoid)
                {
                    _report.Error(declarator.Location, $"parameter '{_names.Text(declarator.Name)}' declared with void type");
                    type = _types.Int;
                }
                parameters[index].Type = AdjustParameter(type);
                parameters[index].Location = declarator.Location;
                if (attributes is not null)
                    VariableAttributes(parameters[index], attributes);
            }
            while (Accept(TokenKind.Comma));
            Semicolon();
        }
        for (int i = 0; i < declared.Length; i++)
        {
            if (declared[i])
                continue;
            string text = $"type of '{_names.Text(parameters[i].Name)}' defaults to 'int'";
            if (_options.Standard >= CStandard.C99)
                _report.Pedwarn("Wimplicit-int", parameters[i].Location, text);
            else
                _report.Warning("Wmissing-parameter-type", parameters[i].Location, text);
        }
        list.Tags = _scopes.TagsHere();
        bounds = _bounds;
        _bounds = outer;
        _prototypeDepth--;
        _scopes.Pop();
        return parameters;
    }

    private void Body(FunctionDefinition definition, ParameterList list, bool isImplicitInt)
    {
        int errors = _report.ErrorCount;
        FunctionDeclaration function = definition.Declaration;
        FunctionDeclaration? outerFunction = _sema.Function;
        FunctionState? outerState = _state;
        int outerUnevaluated = _sema.Unevaluated;
        bool outerStatic = _sema.InStaticInitializer;
        _sema.Unevaluated = 0;
        _sema.InStaticInitializer = false;
        _sema.Function = function;
        _report.SetFunction(_names.Text(function.Name));
        var state = new FunctionState(definition, outerState);
        _state = state;
        _scopes.Push();
        if (list.Tags is not null)
        {
            foreach ((int tag, CType tagType) in list.Tags)
                _scopes.BindTag(tag, tagType);
        }
        foreach (VariableDeclaration parameter in definition.Parameters)
        {
            parameter.Function = function;
            if (parameter.Name != 0)
            {
                WarnShadow(parameter.Name, parameter.Location, parameter.Type);
                _scopes.Bind(parameter.Name, parameter);
            }
            else if (_options.Standard < CStandard.C23)
                _report.Pedantic(parameter.Location, "ISO C does not support omitting parameter names in function definitions before C2X");
            if (!parameter.Type.Type.IsComplete && !parameter.Type.Type.IsError)
            {
                _report.Error(parameter.Location, $"parameter {parameter.ParameterIndex + 1} ('{_names.Text(parameter.Name)}') has incomplete type");
                parameter.Type = _types.Error;
            }
        }
        Location location = Here;
        if (!Expect(TokenKind.LeftBrace))
        {
            SkipDeclaration();
            definition.Body = new CompoundStatement(location);
        }
        else
            definition.Body = BlockItems(location, isFunctionBody: true);
        definition.EndLocation = definition.Body.EndLocation;
        definition.Labels = [.. state.AllLabels];
        definition.NestedFunctions = [.. state.Nested];
        FinishLabels(state);
        if ((_warnsFunctions || _report.HasPragmas) && _report.ErrorCount == errors)
        {
            bool isMain = function.Name == _nameMain && function.Linkage == Linkage.External && !_options.IsFreestanding && _options.Standard >= CStandard.C99;
            _functionWarnings.Check(definition, isImplicitInt, isMain);
            foreach (TypedefDeclaration typedef in state.Typedefs ?? [])
            {
                if (!typedef.IsUsed)
                    _report.Warning("Wunused-local-typedefs", typedef.Location, $"typedef '{_names.Text(typedef.Name)}' locally defined but not used");
            }
        }
        _scopes.Pop();
        definition.StaticVariables = [.. state.StaticVariables];
        _state = outerState;
        _sema.Function = outerFunction;
        _report.SetFunction(outerFunction is null ? null : _names.Text(outerFunction.Name));
        _sema.Unevaluated = outerUnevaluated;
        _sema.InStaticInitializer = outerStatic;
    }

    private void FinishLabels(FunctionState state)
    {
        foreach ((LabelDeclaration label, ScopeMark? from, Location location) in state.Jumps)
        {
            if (!label.IsDefined || ScopeMark.Entered(from, label.Mark as ScopeMark) is not { } entered)
                continue;
            _report.Error(location, entered.Declared is null ? "jump into statement expression" : "jump into scope of identifier with variably modified type");
            _report.Note(label.Location, $"label '{_names.Text(label.Name)}' defined here");
            if (entered.Declared is not null)
                _report.Note(entered.Location, $"'{_names.Text(entered.Declared.Name)}' declared here");
        }
        foreach (LabelDeclaration label in state.AllLabels)
        {
            if (!label.IsDefined && !label.IsLocal)
                _report.Error(label.Location, $"label '{_names.Text(label.Name)}' used but not defined");
        }
    }

    /// <summary>The label that a name means here; a new one of the function where it is not known.</summary>
    private LabelDeclaration LookUpLabel(int name, Location location)
    {
        for (int i = _state!.LocalLabels.Count - 1; i >= 0; i--)
        {
            if (_state.LocalLabels[i].Name == name)
                return _state.LocalLabels[i];
        }
        if (_state.Labels is not null && _state.Labels.TryGetValue(name, out LabelDeclaration? known))
            return known;
        // A label that a function around this one declares with __label__.
        for (FunctionState? outer = _state.Outer; outer is not null; outer = outer.Outer)
        {
            for (int i = outer.LocalLabels.Count - 1; i >= 0; i--)
            {
                if (outer.LocalLabels[i].Name == name)
                {
                    outer.LocalLabels[i].IsNonLocalTarget = true;
                    _sema.NeedChain(outer.Declaration);
                    outer.Declaration.Flags |= FunctionFlags.NotInlinable;
                    return outer.LocalLabels[i];
                }
            }
        }
        var label = new LabelDeclaration(name, location) { Function = _state.Declaration };
        (_state.Labels ??= []).Add(name, label);
        _state.AllLabels.Add(label);
        return label;
    }
}
