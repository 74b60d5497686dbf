using Kiln.Base;
using Kiln.Frontend.Ast;
using Kiln.Frontend.Builtins;
using Kiln.Frontend.Lex;
using Kiln.Frontend.Sema;
using Kiln.Frontend.Types;
using Kiln.Frontend.Warnings;

namespace Kiln.Frontend.Parse;

// Declarations of functions: nested and linked ones, builtins among them, and what a later declaration adds to an earlier one
// (C11 6.2.7, 6.7.6.3).
public sealed partial class Parser
{
    private FunctionDeclaration DeclareFunction(
        in Specifiers specifiers, in Declarator declarator, QualType type, AttributeList? attributes, int assemblerName, bool isDefinition)
    {
        int name = declarator.Name;
        string text = _names.Text(name);
        bool isFile = _scopes.Depth == 0;
        if (specifiers.IsThreadLocal)
            _report.Error(declarator.Location, $"storage class specified for function '{text}'");
        if (specifiers.HasAlignas)
            _report.Error(declarator.Location, $"alignment specified for function '{text}'");
        if (isFile ? specifiers.Storage is Keyword.Auto or Keyword.Register
            : specifiers.Storage is Keyword.Register or Keyword.Static || specifiers.Storage == Keyword.Auto && !isDefinition && false)
        {
            _report.Error(declarator.Location, isFile ? $"function definition declared '{(specifiers.Storage == Keyword.Auto ? "auto" : "register")}'"
                : $"invalid storage class for function '{text}'");
        }
        if (specifiers.IsNoreturn)
            type = type.WithType(_types.WithFlags((FunctionType)type.Type, ((FunctionType)type.Type).Flags | FunctionTypeFlags.NoReturn, ((FunctionType)type.Type).Convention));
        bool isNested = !isFile && (isDefinition || specifiers.Storage == Keyword.Auto);
        if (!isNested && ((FunctionType)type.Type).Result.Type.IsVariablyModified)
            _report.Error(declarator.Location, "non-nested function with variably modified type");
        FunctionDeclaration function;
        if (isNested)
            function = DeclareNested(declarator, type, isDefinition);
        else
            function = DeclareLinkedFunction(specifiers, declarator, type, isDefinition);
        if (specifiers.IsInline)
            function.Flags |= FunctionFlags.Inline;
        if (specifiers.IsNoreturn)
            function.Flags |= FunctionFlags.NoReturn;
        if (attributes is not null)
            FunctionAttributes(function, attributes);
        if ((function.FunctionType.Flags & FunctionTypeFlags.NoReturn) != 0)
            function.Flags |= FunctionFlags.NoReturn;
        if (_pragmaTarget is not null && isDefinition && function.TargetFeatures is null)
            function.TargetFeatures = _pragmaTarget;
        else if (_pragmaTarget is not null && isDefinition && !ReferenceEquals(function.TargetFeatures, _pragmaTarget))
            function.TargetFeatures = _pragmaTarget + "," + function.TargetFeatures;
        if (assemblerName != 0)
        {
            SymbolOf(function).AssemblerName = assemblerName;
            function.SymbolName = assemblerName;
            if (function.Builtin is not null)
                _consumer.LibraryFunctionRenamed(function);
        }
        if (_visibility is { } visibility && function.Linkage == Linkage.External && function.Symbol is not { HasVisibility: true })
        {
            SymbolOf(function).Visibility = visibility;
            SymbolOf(function).HasVisibility = true;
        }
        if (!isNested)
        {
            bool isInlineDeclaration = specifiers.IsInline;
            bool isGnu = (function.Flags & FunctionFlags.GnuInline) != 0 || _options.Gnu89Inline || _options.Standard < CStandard.C99;
            if (function.Linkage == Linkage.External && !isGnu && isFile && (!isInlineDeclaration || specifiers.Storage == Keyword.Extern))
            {
                function.HasInlineDeclarationOnly = false;
                if (function.IsDefined && function.IsInlineOnly)
                {
                    function.IsInlineOnly = false;
                    function.MustEmit = true;
                }
            }
        }
        if (function.Symbol is { WeakReferenceTo: not 0 } && function.Linkage == Linkage.External)
            _report.Error(declarator.Location, $"'weakref' symbol '{text}' must have static linkage");
        if (function.Symbol is { IsWeak: true } && function.Linkage == Linkage.Internal && function.Symbol.WeakReferenceTo == 0)
            _report.Error(declarator.Location, $"weak declaration of '{text}' must be public");
        if (function.Symbol is not null && function.Linkage != Linkage.None)
            NoteSymbol(function);
        return function;
    }

    /// <summary>Whether an external function's definition may be taken by other units' calls (C17 6.7.4p3): it must not depend on this unit.</summary>
    private bool IsInlineForOthers(FunctionDeclaration function) =>
        (function.Flags & FunctionFlags.Inline) != 0 && (function.Flags & FunctionFlags.GnuInline) == 0
        && _options.Standard >= CStandard.C99 && !_options.Gnu89Inline;

    private FunctionDeclaration DeclareNested(in Declarator declarator, QualType type, bool isDefinition)
    {
        int name = declarator.Name;
        if (_scopes.LookUpHere(name) is FunctionDeclaration { Linkage: Linkage.None } known)
        {
            if (known.IsDefined && isDefinition)
            {
                _report.Error(declarator.Location, $"redefinition of '{_names.Text(name)}'");
                NotePrevious(known);
            }
            if (!TypeRelations.Compatible(known.Type, type))
            {
                _report.Error(declarator.Location, $"conflicting types for '{_names.Text(name)}'; have '{_sema.Print(type)}'");
                NotePrevious(known);
            }
            else
                known.Type = TypeRelations.Composite(_types, known.Type, type);
            return known;
        }
        CheckLocalRedeclaration(name, declarator.Location);
        var function = new FunctionDeclaration(name, declarator.Location)
        {
            Type = type,
            Linkage = Linkage.None,
            Function = _sema.Function,
            SymbolName = _names.Intern(_names.Text(name) + "." + (_localCounter++).ToString(System.Globalization.CultureInfo.InvariantCulture)),
        };
        _scopes.Bind(name, function);
        if (!isDefinition)
            (_state!.Promised ??= []).Add(function);
        return function;
    }

    private FunctionDeclaration DeclareLinkedFunction(in Specifiers specifiers, in Declarator declarator, QualType type, bool isDefinition)
    {
        int name = declarator.Name;
        string text = _names.Text(name);
        bool isStatic = specifiers.Storage == Keyword.Static && _scopes.Depth == 0;
        Declaration? visible = _scopes.LookUpHere(name);
        if (visible is not null and not FunctionDeclaration)
        {
            _report.Error(declarator.Location, $"'{text}' redeclared as different kind of symbol");
            NotePrevious(visible);
            return NewFunction(declarator, type, isStatic);
        }
        EntityDeclaration? linked = _scopes.Linked(name);
        if (linked is VariableDeclaration)
        {
            _report.Error(declarator.Location, $"'{text}' redeclared as different kind of symbol");
            NotePrevious(linked);
            return NewFunction(declarator, type, isStatic);
        }
        if (linked is not FunctionDeclaration known)
        {
            FunctionDeclaration made = NewFunction(declarator, type, isStatic);
            if (isStatic && !isDefinition)
                _staticFunctions.Add(made);
            return made;
        }
        if (isStatic && known is { Linkage: Linkage.External, IsDefined: true, IsInlineOnly: true })
            known.Linkage = Linkage.Internal; // a GNU extern inline gives way
        else if (isStatic && known.Linkage == Linkage.External)
        {
            if (known.WasImplicit)
                known.Linkage = Linkage.Internal;
            _report.Error(declarator.Location, $"static declaration of '{text}' follows non-static declaration");
            NotePrevious(known);
        }
        if (known.IsDefined && isDefinition)
        {
            // GNU inline: an inline-only definition may be followed by the real one.
            if (!known.IsInlineOnly || (known.Flags & FunctionFlags.GnuInline) == 0 && _options.Standard >= CStandard.C99 && !_options.Gnu89Inline)
            {
                _report.Error(declarator.Location, $"redefinition of '{text}'");
                NotePrevious(known);
            }
            else
            {
                known.Definition = null;
                known.IsDefined = false;
                known.IsInlineOnly = false;
                known.Flags &= ~(FunctionFlags.GnuInline | FunctionFlags.Inline | FunctionFlags.AlwaysInline);
            }
        }
        MergeFunctionType(known, declarator, type, isDefinition, specifiers.IsImplicitInt);
        if (isDefinition)
            known.Location = declarator.Location;
        _scopes.Bind(name, known);
        return known;
    }

    private FunctionDeclaration NewFunction(in Declarator declarator, QualType type, bool isStatic)
    {
        int name = declarator.Name;
        var function = new FunctionDeclaration(name, declarator.Location)
        {
            Type = type,
            Linkage = isStatic ? Linkage.Internal : Linkage.External,
            SymbolName = _renames.TryGetValue(name, out int renamed) ? renamed : name,
        };
        if (!isStatic || true)
            AttachBuiltin(function, declarator.Location);
        foreach ((int weak, int alias) in _weakPragmas)
        {
            if (weak == name)
            {
                SymbolOf(function).IsWeak = true;
                SymbolOf(function).AliasOf = alias;
            }
        }
        if (isStatic)
            _internal.Add(function);
        _scopes.SetLinked(name, function);
        _scopes.Bind(name, function);
        return function;
    }

    /// <summary>Notes that a function is a library builtin, where its type agrees.</summary>
    private void AttachBuiltin(FunctionDeclaration function, Location location)
    {
        if (_builtins.FindPlain(function.Name, _options) is not { } builtin || function.Linkage == Linkage.Internal)
            return;
        FunctionType? expected = _builtins.TypeOf(builtin);
        if (expected is null)
            return;
        var type = (FunctionType)function.Type.Type;
        if (!BuiltinAgrees(type, expected))
        {
            if (location.IsValid && type.HasPrototype)
                _report.Warning("Wbuiltin-declaration-mismatch", location, $"conflicting types for built-in function '{_names.Text(function.Name)}'; expected '{_sema.Print(expected)}'");
            return;
        }
        function.Builtin = builtin;
        if ((builtin.Flags & BuiltinFlags.NoReturn) != 0)
            function.Flags |= FunctionFlags.NoReturn;
        FunctionTypeFlags flags = _builtins.TypeFlags(builtin);
        if (flags != 0)
            function.Type = function.Type.WithType(_types.WithFlags(type, type.Flags | flags, type.Convention));
    }

    /// <summary>Whether a declared type is near enough to a builtin's: same shapes of result and parameters.</summary>
    private static bool BuiltinAgrees(FunctionType type, FunctionType expected)
    {
        if (!Near(type.Result.Type, expected.Result.Type))
            return false;
        if (!type.HasPrototype)
            return TypeRelations.Compatible(type, expected) || !expected.IsVariadic;
        if (type.IsVariadic != expected.IsVariadic || type.Parameters.Length != expected.Parameters.Length)
            return false;
        for (int i = 0; i < type.Parameters.Length; i++)
        {
            if (!Near(type.Parameters[i].Type, expected.Parameters[i].Type))
                return false;
        }
        return true;
    }

    private static bool Near(CType a, CType b)
    {
        if (TypeRelations.Compatible(a, b))
            return true;
        // FILE * and struct tm * are void * in the table.
        return a.IsPointer && b.IsPointer;
    }

    private void MergeFunctionType(FunctionDeclaration known, in Declarator declarator, QualType type, bool isDefinition, bool isImplicitInt)
    {
        string text = _names.Text(known.Name);
        if (type.Type.IsError)
            return;
        var newType = (FunctionType)type.Type;
        var oldType = (FunctionType)known.Type.Type;
        if (!known.Location.IsValid)
        {
            // Made for a call of __builtin_X: the program's own declaration says more.
            known.Type = type;
            known.Location = declarator.Location;
            if (known.Builtin is { } builtin && _builtins.TypeOf(builtin) is { } expected && !BuiltinAgrees(newType, expected))
                known.Builtin = null;
            return;
        }
        if (isDefinition && declarator.Parameters is { OldNames: not null } && oldType.HasPrototype && TypeRelations.Compatible(oldType.Result.Type, newType.Result.Type))
        {
            // An old style definition is compared with the prototype parameter by parameter, where its types are known.
            if (oldType.IsVariadic)
                _report.Warning(declarator.Location, $"'{text}' defined as variadic function without prototype");
            else if (declarator.Parameters.OldNames.Count != oldType.Parameters.Length)
            {
                _report.Error(declarator.Location, "number of arguments doesn't match prototype");
                _report.Error(known.Location, "prototype declaration");
            }
            return;
        }
        if (!TypeRelations.Compatible(known.Type.Type, type.Type))
        {
            if (known.WasImplicit && (newType.Result.Type.IsVoid || newType.Result.Type.IsInteger))
            {
                // gcc takes a later declaration of an implicitly declared void function with a warning.
                _report.Warning(declarator.Location, $"conflicting types for '{text}'; have '{_sema.Print(type)}'");
                NotePrevious(known);
                known.Type = type;
                known.WasImplicit = false;
                return;
            }
            if (isImplicitInt && oldType.Result.Type.IsVoid)
            {
                // f() { } after void f(): gcc lets the old type stand.
                _report.Pedwarn(null, declarator.Location, $"conflicting types for '{text}'; have '{_sema.Print(type)}'");
                NotePrevious(known);
                return;
            }
            _report.Error(declarator.Location, $"conflicting types for '{text}'; have '{_sema.Print(type)}'");
            NotePrevious(known);
            return;
        }
        if (known.OldParameters is { } old && newType.HasPrototype)
            CheckAgainstOldDefinition(old, newType, text, declarator.Location);
        known.WasImplicit = false;
        known.Type = TypeRelations.Composite(_types, known.Type, type);
        if (!known.Location.IsValid)
            known.Location = declarator.Location;
    }

    /// <summary>A prototype behind an old style definition agrees with its promoted parameters (C17 6.7.6.3p15).</summary>
    private void CheckAgainstOldDefinition(VariableDeclaration[] old, FunctionType type, string name, Location location)
    {
        if (type.Parameters.Length != old.Length)
        {
            _report.Error(location, $"prototype for '{name}' declares {(type.Parameters.Length > old.Length ? "more" : "fewer")} arguments than previous old-style definition");
            return;
        }
        for (int i = 0; i < old.Length; i++)
        {
            if (!TypeRelations.Compatible(_sema.PromotedType(old[i].Type.Type), type.Parameters[i].Type))
                _report.Error(location, $"prototype for '{name}' declares argument {i + 1} with incompatible type");
        }
    }

    // ---- The end of the unit ----

    /// <summary>The functions that were first declared static and not defined there: a use asks for a definition (C17 6.9p3).</summary>
    private readonly List<FunctionDeclaration> _staticFunctions = [];

    /// <summary>Variables and functions of internal linkage, in order.</summary>
    private readonly List<EntityDeclaration> _internal = [];
}
