using System.Numerics;

namespace Kiln.Lowering;

/// <summary>
/// The room's door: takes a translation unit's typed tree, one external declaration at a time, and makes IR of it. Comes in:
/// declarations with types, resolved conversions and constant-folded initializers. Goes out: symbols with their data in a
/// <see cref="Module"/>, finished functions to an <see cref="IFunctionSink"/>.
/// A function is lowered when its definition arrives if the unit must emit it; a static or inline one waits until something that
/// is lowered refers to it, and is never lowered otherwise. The same holds for the data of static variables.
/// This file is the order of things; what a declaration becomes stands in the other parts: Globals (symbols, data),
/// Types (IR types, shapes for the ABI, alias classes, signatures), Debug; bodies are <see cref="FunctionLowering"/>'s.
/// </summary>
public sealed partial class Lowering : ITranslationUnitConsumer
{
    private readonly IFunctionSink _sink;
    private readonly IDiagnosticSink _diagnostics;
    private readonly Stack<FunctionLowering> _pool = new();
    private readonly List<FunctionDeclaration> _waiting = [];
    private readonly Queue<FunctionDeclaration> _wanted = new();
    private int _depth;

    /// <summary>Starts the lowering of a unit.</summary>
    public Lowering(
        TargetInfo target, LoweringOptions options, TypeTable types, Interner names, Module module, IDiagnosticSink diagnostics, IFunctionSink sink)
    {
        Target = target;
        Options = options;
        CTypes = types;
        Names = names;
        Module = module;
        Module.Features = options.Features;
        _diagnostics = diagnostics;
        _sink = sink;
        if (options.Debug)
            StartDebugTables();
    }

    internal TargetInfo Target { get; }

    internal LoweringOptions Options { get; }

    internal TypeTable CTypes { get; }

    internal Interner Names { get; }

    /// <summary>What is filled.</summary>
    public Module Module { get; }

    internal void Error(Location location, string message) =>
        _diagnostics.Report(new Diagnostic(Severity.Error, location, message));

    /// <summary>What belongs to the message before.</summary>
    internal void Remark(Location location, string message) =>
        _diagnostics.Report(new Diagnostic(Severity.Note, location, message));

    internal void Warn(Location location, string message, string? option = null) =>
        _diagnostics.Report(new Diagnostic(Severity.Warning, location, message, option));

    /// <inheritdoc/>
    public void FunctionDefined(FunctionDefinition function)
    {
        FunctionDeclaration declaration = function.Declaration;
        if (declaration.MustEmit || IsWanted(declaration))
        {
            Lower(declaration);
            LowerWanted();
        }
        else
        {
            _waiting.Add(declaration);
        }
    }

    /// <summary>Whether something lowered before refers to it.</summary>
    private bool IsWanted(FunctionDeclaration declaration) =>
        declaration.Slot != 0 && Module[new Symbol(declaration.Slot)].IsReferenced
        && !IsUseless(declaration);

    /// <summary>What may only be inlined is of no use where nothing is.</summary>
    private bool IsUseless(FunctionDeclaration declaration) => declaration.IsInlineOnly
        && ((declaration.Flags & SourceFunctionFlags.UsesArgumentPack) != 0
            || Options.OptimizationLevel == 0 && (declaration.Flags & SourceFunctionFlags.AlwaysInline) == 0);

    /// <summary>Called when lowered code or emitted data refers to a function.</summary>
    private void Want(FunctionDeclaration declaration)
    {
        if (declaration.Definition is { Parent: null } && !IsUseless(declaration))
            _wanted.Enqueue(declaration);
    }

    private void LowerWanted()
    {
        while (_depth == 0 && _wanted.TryDequeue(out FunctionDeclaration? declaration))
            Lower(declaration);
    }

    /// <summary>Lowers a function now, even in the middle of another one: for callees that are inlined by force.</summary>
    internal void LowerNow(FunctionDeclaration declaration)
    {
        if (declaration.Definition is { Parent: null } && _depth < 100)
            Lower(declaration);
    }

    private void Lower(FunctionDeclaration declaration)
    {
        if (declaration.Definition is not { } definition)
            return;
        declaration.Definition = null;
        FunctionLowering lowering = RentFunctionLowering();
        _depth++;
        lowering.Lower(definition, null);
        _depth--;
        ReturnFunctionLowering(lowering);
    }

    internal FunctionLowering RentFunctionLowering() => _pool.TryPop(out FunctionLowering? known) ? known : new FunctionLowering(this);

    internal void ReturnFunctionLowering(FunctionLowering lowering) => _pool.Push(lowering);

    internal Function RentFunction() => _sink.Rent();

    internal void Finished(Function function) => _sink.Finished(function);

    /// <inheritdoc/>
    public void VariableDefined(VariableDeclaration variable)
    {
        DefineVariable(variable);
        LowerWanted();
    }

    /// <inheritdoc/>
    public void SymbolDeclared(EntityDeclaration declaration) => DeclareSymbol(declaration);

    /// <inheritdoc/>
    public void LibraryFunctionRenamed(FunctionDeclaration function) => Module.RenameLibrary(Names.Text(function.Name), SymbolOf(function));

    /// <inheritdoc/>
    public void TopLevelAsm(AsmStatement statement) =>
        Module.TopLevelAsm.Add((System.Text.Encoding.UTF8.GetBytes(statement.Template), statement.Location));

    /// <inheritdoc/>
    public void WeakSymbol(int name, int aliasOf)
    {
        SymbolData symbol = Module[Module.Intern(Names.Text(name))];
        if (aliasOf == 0)
        {
            symbol.Linkage = symbol.Kind == SymbolKind.Undefined ? Linkage.WeakReference : Linkage.Weak;
            return;
        }
        symbol.Kind = SymbolKind.Alias;
        symbol.Linkage = Linkage.Weak;
        symbol.AliasTarget = Module.Intern(Names.Text(aliasOf));
        symbol.IsReferenced = true;
    }

    /// <inheritdoc/>
    public void Ident(string text) => Module.Idents.Add(text);

    /// <inheritdoc/>
    public void EndOfUnit()
    {
        foreach (FunctionDeclaration declaration in _waiting)
        {
            if (declaration.MustEmit || IsWanted(declaration))
                Lower(declaration);
        }
        LowerWanted();
        // What only an alias refers to.
        EmitWantedVariables();
        LowerWanted();
        _waiting.Clear();
        if (Options.Debug)
            CompleteDebugTypes();
        foreach (SymbolData symbol in Module.Symbols)
        {
            // An undefined symbol that nothing binds stays a plain reference; aliases keep their targets alive.
            if (symbol is { Kind: SymbolKind.Alias or SymbolKind.IndirectFunction })
                Module[symbol.AliasTarget].IsReferenced = true;
        }
    }

    private static int Log2(long alignment) => BitOperations.Log2((ulong)Math.Max(1, alignment));
}
