using Kiln.IR;
using Kiln.Lowering;
using Kiln.Optimizer;

namespace Kiln.Driver;

/// <summary>
/// Takes functions as Lowering finishes them. At -O0 each is compiled at once and its storage used again, unless it must be inlined or
/// calls one that must. With optimization all are kept, simplified on arrival; at the unit's end they are optimized bottom-up over
/// the call graph and written in the order of the source, without those that nothing refers to any more.
/// </summary>
internal sealed class UnitFunctions(
    Module module, Action<Function> compile, int level, Pipeline pipeline, Action<Function, Value, Function>? inlined = null)
    : IFunctionSink, Inliner.ICallees
{
    private readonly Stack<Function> _free = new();
    private readonly List<Function> _kept = [];
    private readonly Dictionary<int, Function> _bodies = [];
    private readonly Dictionary<int, int> _references = [];
    private readonly HashSet<int> _done = [];
    private readonly HashSet<int> _undecided = [];
    private readonly HashSet<int> _entered = [];
    private readonly Inliner _inliner = new() { Inlined = inlined };

    /// <inheritdoc/>
    public Function Rent() => _free.Count > 0 ? _free.Pop() : new Function();

    /// <inheritdoc/>
    public void Finished(Function function)
    {
        if (level > 0)
        {
            if ((function.Flags & FunctionFlags.NoOptimization) == 0)
                pipeline.Early(function);
            Keep(function);
        }
        else if ((function.Flags & FunctionFlags.AlwaysInline) != 0 || CallsAlwaysInline(function))
        {
            Keep(function);
        }
        else
        {
            compile(function);
            _free.Push(function);
        }
    }

    private void Keep(Function function)
    {
        _kept.Add(function);
        _bodies[function.Symbol.Id] = function;
    }

    private bool CallsAlwaysInline(Function function)
    {
        foreach (ref CallInfo call in function.Calls.Span)
        {
            if ((call.Flags & CallFlags.AlwaysInline) != 0 || (module.Symbols[call.Callee.Id]?.CallFlags & CallFlags.AlwaysInline) > 0)
                return true;
        }
        return false;
    }

    /// <summary>Optimizes and compiles what was kept; called once, at the unit's end.</summary>
    public void Finish()
    {
        CountReferences();
        if (level > 0)
            PrivateObjects.Find(module, _kept);
        foreach (Function function in _kept)
            Process(function);
        _references.Clear();
        CountReferences();
        foreach (Function function in _kept)
        {
            if (!IsNeeded(function))
                continue;
            if (_undecided.Contains(function.Symbol.Id))
                pipeline.Late(function);
            compile(function);
        }
    }

    // Callees first. Recursion is cut where it comes back.
    private void Process(Function function)
    {
        if (!_entered.Add(function.Symbol.Id))
            return;
        foreach (CallInfo call in function.Calls.Span.ToArray())
        {
            if (!call.Callee.IsNone && _bodies.TryGetValue(call.Callee.Id, out Function? callee))
                Process(callee);
        }
        bool inlined = _inliner.Run(function, this, onlyAlways: level == 0 || (function.Flags & FunctionFlags.NoOptimization) != 0);
        if (level > 0 && (function.Flags & FunctionFlags.NoOptimization) == 0)
        {
            if (inlined)
                pipeline.Early(function);
            bool waits = MayBeInlined(function) && Pipeline.IsUndecided(function);
            if (waits)
                _undecided.Add(function.Symbol.Id);
            pipeline.Late(function, decides: !waits);
        }
        else if (level > 0 && inlined)
        {
            pipeline.Settle(function);
        }
        _done.Add(function.Symbol.Id);
    }

    // What callers inline must not be decided before it is known what they call it with.
    private bool MayBeInlined(Function function) => (function.Flags & FunctionFlags.NoInline) == 0
        && ((function.Flags & (FunctionFlags.AlwaysInline | FunctionFlags.InlineHint)) != 0 || module[function.Symbol].Linkage == Linkage.Internal);

    /// <inheritdoc/>
    public Function? Body(Symbol symbol)
    {
        if (!_done.Contains(symbol.Id) || !_bodies.TryGetValue(symbol.Id, out Function? body))
            return null;
        SymbolData data = module[symbol];
        bool isThisOne = data.BindsLocally || data.Linkage == Linkage.Internal
            || (body.Flags & (FunctionFlags.InlineHint | FunctionFlags.AlwaysInline)) != 0 && data.Linkage != Linkage.Weak;
        return isThisOne ? body : null;
    }

    /// <inheritdoc/>
    public bool IsCalledOnce(Symbol symbol) =>
        module[symbol].Linkage == Linkage.Internal && !module[symbol].IsUsed && _references.GetValueOrDefault(symbol.Id) == 1;

    // References from code that is kept and from data.
    private void CountReferences()
    {
        foreach (Function function in _kept)
        {
            for (int b = 1; b < function.BlockCount; b++)
            {
                for (Value v = function[new Block(b)].First; !v.IsNone; v = function[v].Next)
                    CountFrom(function, v);
            }
        }
        for (int i = 1; i < module.Symbols.Count; i++)
        {
            SymbolData data = module.Symbols[i];
            if (!data.AliasTarget.IsNone)
                Count(data.AliasTarget.Id);
            if (data.References is null)
                continue;
            foreach (DataReference reference in data.References)
                Count(reference.Symbol.Id);
        }
    }

    private void CountFrom(Function function, Value value)
    {
        if (function.OpOf(value) == Op.Call)
            Count(function.Calls[(int)function[value].Aux].Callee.Id);
        foreach (Value operand in function.Operands(value))
        {
            if (!operand.IsNone && function.OpOf(operand) == Op.SymbolAddress)
                Count(function[operand].A.Id);
        }
    }

    private void Count(int symbol) => _references[symbol] = _references.GetValueOrDefault(symbol) + 1;

    private bool IsNeeded(Function function)
    {
        SymbolData data = module[function.Symbol];
        if (data.IsInlineOnly)
            return false;
        if (data.Linkage != Linkage.Internal || data.IsUsed || data.ConstructorPriority >= 0 || data.DestructorPriority >= 0
            || _references.GetValueOrDefault(function.Symbol.Id) > 0)
            return true;
        // At -O0 references from functions that were compiled at once are not counted: calls of a function to be inlined are never among them.
        return level == 0 && ((function.Flags & FunctionFlags.AlwaysInline) == 0 || data.IsAddressTaken);
    }
}
