namespace Kiln.Lowering;

/// <summary>
/// Something to be done when control leaves a place outwards: a cleanup function to call, or stack to give back. The nodes that are
/// active at a place form a list from the innermost outwards; a jump does what stands between its own place and its
/// target's.
/// </summary>
internal sealed class Cleanup(Cleanup? outer)
{
    public Cleanup? Outer { get; } = outer;

    public int Depth { get; } = outer is null ? 1 : outer.Depth + 1;

    /// <summary>The variable with a cleanup function, or null.</summary>
    public VariableDeclaration? Variable { get; init; }

    /// <summary>The slot that holds the stack pointer to restore.</summary>
    public StackSlot SavedStack { get; init; }

    /// <summary>Whether the scope called alloca since: its memory lives until the function returns, so nothing is given back.</summary>
    public bool KeepsStack { get; set; }
}

// Statements and jumps. A forward goto does not know yet what its label's scope is: where cleanups are active it goes to a pending
// block, which is filled at the function's end.
internal sealed partial class FunctionLowering
{
    private Cleanup? _cleanups;
    private readonly List<(Block Block, Cleanup? From, LabelDeclaration Label, Location Location)> _pendingGotos = [];
    private readonly Dictionary<LabelDeclaration, Cleanup?> _labelCleanups = [];
    private readonly Dictionary<BreakableStatement, Cleanup?> _breakCleanups = [];

    // Computed goto: one block from which all indirect jumps of the function go (the optimizer may copy it late).
    private Block _indirectBlock;
    private readonly GrowBuffer<Value> _indirectTargets = new(8);
    private readonly HashSet<Block> _addressInData = [];

    private void Statement(Statement statement)
    {
        if (!CompilationStack.HasRoom)
            throw new InsufficientExecutionStackException("nesting too deep");
        if (!IsReachable)
        {
            // Nothing falls into it: it runs only through a label.
            if (!ContainsLabel(statement))
                return;
            Open();
        }
        _b.Location = statement.Location;
        switch (statement.Kind)
        {
            case StatementKind.Null:
                break;
            case StatementKind.Expression:
                Discard(((ExpressionStatement)statement).Expression);
                break;
            case StatementKind.Declaration:
                Declaration((DeclarationStatement)statement);
                break;
            case StatementKind.Compound:
                LowerCompound((CompoundStatement)statement);
                break;
            case StatementKind.If:
                If((IfStatement)statement);
                break;
            case StatementKind.While:
                While((WhileStatement)statement);
                break;
            case StatementKind.Do:
                Do((DoStatement)statement);
                break;
            case StatementKind.For:
                For((ForStatement)statement);
                break;
            case StatementKind.Switch:
                Switch((SwitchStatement)statement);
                break;
            case StatementKind.Case:
                Case((CaseStatement)statement);
                break;
            case StatementKind.Label:
                Label((LabelStatement)statement);
                break;
            case StatementKind.Goto:
                Goto((GotoStatement)statement);
                break;
            case StatementKind.ComputedGoto:
                ComputedGoto((ComputedGotoStatement)statement);
                break;
            case StatementKind.Break:
                BreakableStatement broken = ((BreakStatement)statement).Target;
                LeaveTo(_breakCleanups.GetValueOrDefault(broken), BreakBlock(broken));
                break;
            case StatementKind.Continue:
                BreakableStatement continued = ((ContinueStatement)statement).Target;
                LeaveTo(_breakCleanups.GetValueOrDefault(continued), ContinueBlock(continued));
                break;
            case StatementKind.Return:
                Return((ReturnStatement)statement);
                break;
            case StatementKind.Asm:
                Asm((AsmStatement)statement);
                break;
            default:
                throw new InvalidOperationException($"statement {statement.Kind}");
        }
    }

    /// <summary>Whether a label or case stands in a statement, so that jumps may come into it.</summary>
    private static bool ContainsLabel(Statement? statement)
    {
        switch (statement)
        {
            case LabelStatement or CaseStatement:
                return true;
            case CompoundStatement compound:
                foreach (Statement inner in compound.Statements)
                {
                    if (ContainsLabel(inner))
                        return true;
                }
                return false;
            case IfStatement choice:
                return ContainsLabel(choice.Then) || ContainsLabel(choice.Else);
            case SwitchStatement:
                return ContainsLabelBehindCases(((SwitchStatement)statement).Body);
            case BreakableStatement loop:
                return ContainsLabel(loop.Body);
            default:
                return false;
        }
    }

    private static Statement BehindCases(CaseStatement label)
    {
        while (label.Body is CaseStatement next)
            label = next;
        return label.Body;
    }

    /// <summary>Labels in a switch that nothing reaches: its own cases do not count.</summary>
    private static bool ContainsLabelBehindCases(Statement? statement) => statement switch
    {
        LabelStatement => true,
        CaseStatement @case => ContainsLabelBehindCases(BehindCases(@case)),
        CompoundStatement compound => Array.Exists(compound.Statements, ContainsLabelBehindCases),
        IfStatement choice => ContainsLabelBehindCases(choice.Then) || ContainsLabelBehindCases(choice.Else),
        SwitchStatement inner => ContainsLabelBehindCases(inner.Body),
        BreakableStatement loop => ContainsLabelBehindCases(loop.Body),
        _ => false,
    };

    // Scopes

    private void LowerCompound(CompoundStatement compound)
    {
        Cleanup? outer = _cleanups, around = _scopeOuter;
        _scopeOuter = outer;
        int scope = EnterScope(compound);
        foreach (Statement statement in compound.Statements)
            Statement(statement);
        LeaveScope(outer, compound.EndLocation);
        ExitScope(scope);
        _scopeOuter = around;
    }

    // What is to be done outside the scope that is being lowered.
    private Cleanup? _scopeOuter;

    /// <summary>Memory that the program asked for; gcc keeps it past the end of a scope with variable length arrays.</summary>
    private Value Alloca(Value size, int alignment)
    {
        for (Cleanup? cleanup = _cleanups; cleanup is not null && cleanup != _scopeOuter; cleanup = cleanup.Outer)
            cleanup.KeepsStack = true;
        return AllocateStack(size, alignment);
    }

    /// <summary>Does what the scope's end asks for, where control gets there.</summary>
    private void LeaveScope(Cleanup? outer, Location end)
    {
        if (_cleanups == outer)
            return;
        if (IsReachable)
        {
            _b.Location = end;
            RunCleanups(_cleanups, outer);
        }
        _cleanups = outer;
    }

    private void RunCleanups(Cleanup? from, Cleanup? to)
    {
        Cleanup? saved = _cleanups;
        for (Cleanup? cleanup = from; cleanup != to && cleanup is not null; cleanup = cleanup.Outer)
        {
            _cleanups = cleanup.Outer;
            if (!_b.IsOpen)
                break;
            RunCleanup(cleanup);
        }
        _cleanups = saved;
    }

    private void RunCleanup(Cleanup cleanup)
    {
        if (cleanup.Variable is not { } variable)
        {
            if (cleanup.KeepsStack)
                return;
            Value stack = _b.Load(IrType.Pointer, _function.SlotAddress(cleanup.SavedStack), new MemoryAccess(3));
            _b.Emit(Op.StackRestore, IrType.Void, stack);
            NoteStackChange();
            return;
        }
        FunctionDeclaration function = variable.Cleanup!;
        FunctionType type = function.FunctionType;
        CType pointer = unit.CTypes.PointerTo(variable.Type);
        (Signature signature, CallLayout layout) = unit.MakeSignature(type, [pointer], 1);
        Value chain = (function.Flags & SourceFunctionFlags.NeedsStaticChain) != 0 ? ChainFor(function) : default;
        Symbol symbol = unit.Reference(function);
        CallFlags flags = Lowering.TypeCallFlags(type) | Module[symbol].CallFlags | CalleeFlags(function);
        CType result = type.Result.Type;
        Value into = Lowering.ClassOf(result) is TypeClass.Memory or TypeClass.Complex ? Temporary(result) : default;
        EmitCall(signature, layout, result, symbol, default, chain, [new Operand(pointer, AddressOf(variable))], flags, into);
    }

    /// <summary>Jumps outwards, doing what stands between.</summary>
    private void LeaveTo(Cleanup? target, Block block)
    {
        RunCleanups(_cleanups, target);
        if (_b.IsOpen)
            _b.Branch(block);
    }

    // Declarations

    private void Declaration(DeclarationStatement statement)
    {
        foreach (VariableBound bound in statement.Bounds)
            EvaluateBound(bound);
        if (statement.Variable is not { IsAutomatic: true } variable)
            return;
        if (IsOnStackTop(variable))
            DeclareVariableArray(variable);
        else if (Options.Debug && variable.IsCaptured)
            DescribeCaptured(variable);
        else if (Options.Debug || IsOptimizing)
            // With optimization always: -g must not change the code.
            AddressOf(variable);
        if (variable.Initializer is not null)
            InitializeVariable(variable);
        if (Options.AutomaticValues != AutomaticValues.None)
            FillAutomatic(variable);
        if (variable.Cleanup is not null)
        {
            Open();
            _cleanups = new Cleanup(_cleanups) { Variable = variable };
        }
    }

    /// <summary>Whether a variable's memory is taken when its declaration is reached: its size is not known before, or too large for a frame.</summary>
    private bool IsOnStackTop(VariableDeclaration variable) =>
        variable.Type.Type.HasVariableSize || variable.IsAutomatic && variable.Type.Type.IsComplete && variable.Type.Type.Size > LargestSlot
            && Array.IndexOf(_definition.Parameters, variable) < 0;

    /// <summary>Makes room for a variable length array; the scope's first one saves the stack pointer.</summary>
    private void DeclareVariableArray(VariableDeclaration variable)
    {
        Open();
        StackSlot saved = NewSlot(8, 8);
        _b.Store(_function.SlotAddress(saved), _b.Emit(Op.StackSave, IrType.Pointer), new MemoryAccess(3));
        _cleanups = new Cleanup(_cleanups) { SavedStack = saved };
        Value size = RuntimeSize(variable.Type.Type);
        Value address = AllocateStack(size, Math.Max(16, variable.Alignment));
        _b.Store(VariableArrayPointer(variable), address, new MemoryAccess(3));
        DescribeVariableArray(variable);
    }

    private Value AllocateStack(Value size, int alignment)
    {
        _function.Flags |= FunctionFlags.HasDynamicStack;
        Value address = _b.Emit(Op.StackAllocate, IrType.Pointer, size, aux: alignment);
        NoteStackChange();
        return address;
    }

    // Choice and loops

    private void If(IfStatement statement)
    {
        if (ConstantTruth(statement.Condition) is { } known)
        {
            if (!HasNoEffects(statement.Condition))
                Discard(statement.Condition);
            DecidedIf(known ? statement.Then : statement.Else, known ? statement.Else : statement.Then);
            return;
        }
        Block then = NewBlock(), end = NewBlock();
        Block otherwise = statement.Else is null ? end : NewBlock();
        BranchOn(statement.Condition, then, otherwise);
        Resume(then);
        Statement(statement.Then);
        LeaveOpen(end);
        if (statement.Else is not null)
        {
            Resume(otherwise);
            Statement(statement.Else);
            LeaveOpen(end);
        }
        Resume(end);
    }

    /// <summary>Branches to a block if the current place is open, and starts it later.</summary>
    private void LeaveOpen(Block block)
    {
        if (_b.IsOpen)
            _b.Branch(block);
    }

    /// <summary>One arm runs; the other one is there only if a label is in it.</summary>
    private void DecidedIf(Statement? taken, Statement? dropped)
    {
        if (taken is not null)
            Statement(taken);
        if (!ContainsLabel(dropped))
            return;
        Block end = NewBlock();
        LeaveOpen(end);
        Statement(dropped!);
        LeaveOpen(end);
        Resume(end);
    }

    /// <summary>Goes on at a block to which all branches have been made: where there are none, nothing runs here.</summary>
    private void Resume(Block block) => _b.Current = _function.Predecessors(block).Length > 0 ? block : default;

    private Block BreakBlock(BreakableStatement statement)
    {
        if (statement.BreakSlot == 0)
            Remember(statement).BreakSlot = NewBlock().Id;
        return new Block(statement.BreakSlot);
    }

    private Block ContinueBlock(BreakableStatement statement)
    {
        if (statement.ContinueSlot == 0)
            Remember(statement).ContinueSlot = NewBlock().Id;
        return new Block(statement.ContinueSlot);
    }

    private void NoteLoop(BreakableStatement statement)
    {
        if (_cleanups is not null)
            _breakCleanups[statement] = _cleanups;
    }

    private void While(WhileStatement statement)
    {
        NoteLoop(statement);
        Block head = ContinueBlock(statement), end = BreakBlock(statement), body = NewBlock();
        Begin(head);
        BranchOn(statement.Condition, body, end);
        Resume(body);
        Statement(statement.Body);
        if (_b.IsOpen)
        {
            _b.Location = statement.Location;
            _b.Branch(head);
        }
        Resume(end);
    }

    private void Do(DoStatement statement)
    {
        NoteLoop(statement);
        Block body = NewBlock(), test = ContinueBlock(statement), end = BreakBlock(statement);
        Begin(body);
        Statement(statement.Body);
        LeaveOpen(test);
        Resume(test);
        if (_b.IsOpen)
            BranchOn(statement.Condition, body, end);
        Resume(end);
    }

    private void For(ForStatement statement)
    {
        foreach (Statement initial in statement.Initialize)
            Statement(initial);
        Open();
        NoteLoop(statement);
        Block head = NewBlock(), body = NewBlock(), step = ContinueBlock(statement), end = BreakBlock(statement);
        Begin(head);
        if (statement.Condition is not null)
            BranchOn(statement.Condition, body, end);
        else
            _b.Branch(body);
        Resume(body);
        Statement(statement.Body);
        LeaveOpen(step);
        Resume(step);
        if (statement.Step is not null && _b.IsOpen)
            Discard(statement.Step);
        LeaveOpen(head);
        Resume(end);
    }

    // Jumps

    private Block LabelBlock(LabelDeclaration label)
    {
        if (label.Slot == 0)
            Remember(label).Slot = NewBlock().Id;
        return new Block(label.Slot);
    }

    private void Label(LabelStatement statement)
    {
        LabelDeclaration label = statement.Label;
        if (_cleanups is not null)
            _labelCleanups[label] = _cleanups;
        Begin(LabelBlock(label));
        Statement(statement.Body);
    }

    private void Goto(GotoStatement statement)
    {
        LabelDeclaration label = statement.Label;
        if (label.Function != _definition.Owner)
        {
            NonLocalGoto(label);
            return;
        }
        Block target = LabelBlock(label);
        if (_cleanups is not null)
        {
            target = NewBlock();
            _pendingGotos.Add((target, _cleanups, label, statement.Location));
        }
        _b.Branch(target);
    }

    /// <summary>Now that every label's place is known: what the jumps leave is cleaned up on the way.</summary>
    private void LowerPendingGotos()
    {
        for (int i = 0; i < _pendingGotos.Count; i++)
        {
            (Block block, Cleanup? from, LabelDeclaration label, Location location) = _pendingGotos[i];
            Cleanup? target = _labelCleanups.GetValueOrDefault(label);
            Cleanup? common = from;
            while (common is not null && !IsAround(common, target))
                common = common.Outer;
            _b.Current = block;
            _b.Location = location;
            RunCleanups(from, common);
            LeaveOpen(LabelBlock(label));
        }
    }

    private static bool IsAround(Cleanup node, Cleanup? inner)
    {
        while (inner is not null && inner.Depth > node.Depth)
            inner = inner.Outer;
        return inner == node;
    }

    private void ComputedGoto(ComputedGotoStatement statement)
    {
        Value target = Scalar(statement.Target);
        Open();
        if (_indirectBlock.IsNone)
            _indirectBlock = NewBlock();
        _indirectTargets.Add(target);
        _b.Branch(_indirectBlock);
    }

    private void LowerIndirectGotos()
    {
        if (_indirectBlock.IsNone)
            return;
        _b.Current = _indirectBlock;
        Value target = _indirectTargets.Count == 1
            ? _indirectTargets[0]
            : _b.EmitList(Op.Phi, IrType.Pointer, _indirectTargets.Span);
        var blocks = new List<Block>();
        foreach (LabelDeclaration label in _definition.Labels)
        {
            if (label.IsAddressTaken && label.Function == _definition.Owner && label.IsDefined)
                blocks.Add(AddressedBlock(label));
        }
        _b.BranchIndirect(target, blocks.ToArray());
    }

    private Value LabelAddressValue(LabelAddress e)
    {
        if (e.Label.Function == _definition.Owner)
            return _function.BlockAddress(AddressedBlock(e.Label));
        // The label's function keeps the address in its frame record.
        FunctionLowering owner = Owning(e.Label);
        return _b.Load(IrType.Pointer, OffsetBy(FrameRecord(owner), owner.LabelAddressOffset(e.Label)), new MemoryAccess(3));
    }

    /// <summary>The function around this one (or this one) whose label it is.</summary>
    internal FunctionLowering Owning(LabelDeclaration label)
    {
        FunctionLowering? owner = this;
        while (owner is not null && owner._definition.Owner != label.Function)
            owner = owner._parent;
        return owner ?? throw new InvalidOperationException("label of a function that is not being lowered");
    }

    /// <summary>A label's block, whose address something holds.</summary>
    internal Block AddressedBlock(LabelDeclaration label)
    {
        Block block = LabelBlock(label);
        _function[block].AddressTaken = true;
        _addressInData.Add(block);
        return block;
    }

    private void Return(ReturnStatement statement)
    {
        CType result = _declaration.FunctionType.Result.Type;
        Expression? e = statement.Value;
        Value value = default;
        switch (Lowering.ClassOf(result))
        {
            case TypeClass.Void:
                if (e is not null)
                    Discard(e);
                break;
            case TypeClass.Scalar when _layout.IsStructReturn:
                if (e is not null)
                {
                    Value inMemory = Scalar(e);
                    Open();
                    _b.Store(StructReturnPointer(), inMemory, new MemoryAccess(AlignmentLog2(result.Alignment)));
                }
                break;
            case TypeClass.Scalar:
                value = e is null ? _function.Any(Lowering.IrTypeOf(result)) : Scalar(e);
                break;
            default:
                if (e is not null)
                    ReturnObject(e, result);
                break;
        }
        Open();
        _b.Location = statement.Location;
        RunCleanups(_cleanups, null);
        if (_b.IsOpen)
            JumpToReturn(value);
    }

    private void ReturnObject(Expression e, CType result)
    {
        // An object that is copied whole may go to the caller's memory at once; what is built piece by piece might read it meanwhile
        // only through the caller's pointer, which no expression of this function knows.
        Value address = _layout.IsStructReturn ? StructReturnPointer() : _function.SlotAddress(ReturnSlot());
        EvaluateInto(e, MemoryLvalue(address, result));
    }

    // Statement expressions

    private void DiscardStatementExpression(StatementExpression e)
    {
        LowerCompound(e.Body);
        Open();
    }

    /// <summary>Lowers all but the value of a statement expression's body; gives the expression that is its value.</summary>
    private Expression? StartStatementExpression(StatementExpression e)
    {
        Statement[] statements = e.Body.Statements;
        for (int i = 0; i < statements.Length - 1; i++)
            Statement(statements[i]);
        if (statements.Length == 0)
            return null;
        Statement last = statements[^1];
        while (last is LabelStatement label)
        {
            if (_cleanups is not null)
                _labelCleanups[label.Label] = _cleanups;
            Begin(LabelBlock(label.Label));
            last = label.Body;
        }
        Open();
        if (last is ExpressionStatement value)
            return value.Expression;
        Statement(last);
        return null;
    }

    private Value StatementExpressionScalar(StatementExpression e)
    {
        if (Lowering.ClassOf(e.Type) == TypeClass.Void)
        {
            DiscardStatementExpression(e);
            return default;
        }
        Cleanup? outer = _cleanups;
        int scope = EnterScope(e.Body);
        Value value = StartStatementExpression(e) is { } last ? Scalar(last) : default;
        Open();
        LeaveScope(outer, e.Body.EndLocation);
        ExitScope(scope);
        Open();
        return value.IsNone ? _function.Any(Lowering.IrTypeOf(e.Type)) : value;
    }

    /// <summary>A statement expression that gives an object: put into a place, or where there is none into fresh memory.</summary>
    private Value StatementExpressionMemory(StatementExpression e, in Lvalue place)
    {
        Cleanup? outer = _cleanups;
        int scope = EnterScope(e.Body);
        Expression? last = StartStatementExpression(e);
        Value address = place.Address;
        if (last is not null && address.IsNone)
        {
            // Its memory must outlive the scope's variable length arrays: nothing is given back.
            Value from = MemoryValue(last);
            Value size = RuntimeSize(e.Type);
            address = AllocateStack(size, e.Type.Alignment);
            _b.Emit(Op.MemoryCopy, IrType.Void, address, from, size, new MemoryAccess(0).Pack());
            _cleanups = outer;
        }
        else if (last is not null)
        {
            EvaluateInto(last, place);
        }
        Open();
        LeaveScope(outer, e.Body.EndLocation);
        ExitScope(scope);
        Open();
        return address.IsNone ? _function.Any(IrType.Pointer) : address;
    }
}
