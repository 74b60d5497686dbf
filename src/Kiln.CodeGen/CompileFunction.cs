using Kiln.Base;
using Kiln.CodeGen.Allocation;
using Kiln.CodeGen.Blocks;
using Kiln.CodeGen.Legalize;
using Kiln.CodeGen.Machine;
using Kiln.IR;
using Kiln.IR.Analyses;

namespace Kiln.CodeGen;

/// <summary>Where machine code is on its way to the emitter.</summary>
public enum MachineStage : byte
{
    /// <summary>Instructions are selected; registers are virtual.</summary>
    Selected,
    /// <summary>Registers are real.</summary>
    Allocated,
    /// <summary>The frame is laid out, and what peepholes can better is done.</summary>
    Final,
}

/// <summary>
/// From a function in IR to its machine code in the emitter. One object serves the functions of a module one after the other and keeps
/// its tables. The function is changed on the way (legalization); it is of no use afterwards.
/// </summary>
public sealed class CompileFunction
{
    private readonly TargetMachine _target;
    private readonly ModuleEmitter _module;
    private readonly MachineFunction _machine = new();
    private readonly Selection _selection;
    private readonly FunctionEmission _emission;
    private readonly SwitchLowering _switches = new();
    private readonly BlockOrder _order = new();
    private readonly LeafPlacement _leaves = new();
    private readonly Legalization _legalization;
    private readonly FastAllocation _fastAllocation = new();
    private readonly GrowBuffer<(Block Landing, Block Target)> _landings = new(4);
    private readonly Dominators _dominators = new();
    private readonly Loops _loops = new();
    private readonly BlockLayout _layout = new();
    private int[] _loopDepths = [];
    private RegisterAllocation? _allocation; // made for the first function that is not compiled on the fast path

    /// <summary>Makes a compiler of functions for a module.</summary>
    public CompileFunction(TargetMachine target, ModuleEmitter module)
    {
        _target = target;
        _module = module;
        module.Target = target;
        _selection = new Selection(target, _machine, module.Constants);
        _emission = new FunctionEmission(module);
        _legalization = new Legalization(target, module.Emitter.Target);
    }

    /// <summary>Called on the way with each stage and a function that makes the machine code's text; null: not called.</summary>
    public Action<Function, MachineStage, Func<string>>? AfterStage { get; set; }

    /// <summary>Called with each function's stack usage in bytes; null: not called.</summary>
    public Action<Function, long>? StackUsage { get; init; }

    /// <summary>Compiles a function.</summary>
    public void Run(Function function)
    {
        bool isFast = (_target.Options.OptimizationLevel == 0 || (function.Flags & FunctionFlags.NoOptimization) != 0) && !HasGotoResults(function);
        if (_target.Enter(function))
            _legalization.Forget();
        // Switches first: legalization sees the comparisons that they become.
        _switches.Run(function, _target.Options.JumpTables, _target.Options.OptimizeForSize);
        OrderBlocks(function, isFast);
        _selection.Run(function, _order.Layout, _order.PostOrder, _loopDepths);
        MarkEntries(function);
        AfterStage?.Invoke(function, MachineStage.Selected, Text(function));
        if (isFast)
            _fastAllocation.Run(_machine, _target.RegistersOf(function), _target.Options.Verify);
        else
            Allocate(function);
        AfterStage?.Invoke(function, MachineStage.Allocated, Text(function));
        _target.LayoutFrame(_machine);
        _target.Peephole(_machine);
        AfterStage?.Invoke(function, MachineStage.Final, Text(function));
        StackUsage?.Invoke(function, _target.StackUsage(_machine));
        _module.BeginFunction(_machine);
        _emission.Begin(_machine, _module.SymbolOf(function.Symbol));
        _target.Emit(_machine, _emission);
        _module.EndFunction(_machine);
    }

    private Func<string> Text(Function function) => () => MachinePrinter.Print(_machine, _target.RegistersOf(function), _target.OpcodeName);

    // The fast path stores results behind the instruction that makes them; those of asm goto are also wanted where it jumps to.
    private static bool HasGotoResults(Function function)
    {
        foreach (AsmInfo info in function.Asms.Span)
        {
            if (info.LabelCount > 0 && Array.Exists(info.Operands, static o => o.Kind == AsmOperandKind.OutputRegister))
                return true;
        }
        return false;
    }

    private void OrderBlocks(Function function, bool isFast)
    {
        _order.Compute(function);
        EdgeSplitting.DropUnreachable(function, _order);
        _legalization.Run(function, _order);
        if (EdgeSplitting.Split(function, _order.PostOrder, isFast, _landings))
            _order.Compute(function);
        if (_loopDepths.Length < function.BlockCount)
            _loopDepths = new int[function.BlockCount * 2];
        if (isFast)
            return;
        _dominators.Compute(function);
        _loops.Compute(function, _dominators);
        Frequencies.Estimate(function, _dominators, _loops);
        foreach (Block block in _order.PostOrder)
            _loopDepths[block.Id] = _loops.Depth(block);
        _leaves.Run(function, _target, _order, _dominators, _loops);
        _layout.Run(function, _order, _dominators, _loops);
    }

    private void Allocate(Function function)
    {
        DescribeLoops();
        _allocation ??= new RegisterAllocation();
        _allocation.Run(_machine, _target.RegistersOf(function), _target.Options.Verify);
    }

    private void DescribeLoops()
    {
        for (int i = 1; i < _loops.Count; i++)
            _machine.Loops.Add((_loops[i].Parent, _loops[i].Depth));
        foreach (ref MachineBlock block in _machine.Blocks.Span)
            block.Loop = _loops.LoopOf(block.Block);
    }

    private void MarkEntries(Function function)
    {
        foreach ((Block landing, Block target) in _landings.Span)
        {
            _machine.Blocks[_machine.Position(landing)].AddressOf = target.Id;
            _machine.Blocks[_machine.Position(target)].AddressOf = -1;
        }
        if ((function.Flags & (FunctionFlags.HasNonLocalEntries | FunctionFlags.CallsReturnsTwice)) == 0)
            return;
        for (int i = 0; i < _machine.Blocks.Count; i++)
        {
            ref MachineBlock block = ref _machine.Blocks[i];
            if (block.SuccessorCount < 2 || function.OpOf(function[block.Block].Last) != Op.Branch)
                continue;
            for (int k = 1; k < block.SuccessorCount; k++)
                _machine.Blocks[_machine.Edges[block.SuccessorStart + k]].IsAbnormalEntry = true;
        }
    }
}
