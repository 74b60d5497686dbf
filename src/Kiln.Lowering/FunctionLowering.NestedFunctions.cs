namespace Kiln.Lowering;

// Nested functions (GNU C). A function whose variables a nested one uses keeps them in its frame record, one stack slot:
//     0            the record of the function around it, where it is a nested function itself
//     then         captured variables, bounds, trampolines, and for each label that nested functions jump to a buffer as
//                  __builtin_setjmp fills it
// A nested function gets the record's address as its static chain. Places in the record are given out as they are first
// asked for: the nested functions are lowered before the one around them is handed on.
internal sealed partial class FunctionLowering
{
    private StackSlot _frame;
    private int _frameSize;

    /// <summary>The slot that holds the static chain this function was called with.</summary>
    private Value _chain;
    private readonly Dictionary<FunctionDeclaration, int> _trampolines = [];
    private readonly Dictionary<LabelDeclaration, int> _longJumpBuffers = [];

    private readonly Dictionary<LabelDeclaration, int> _labelAddresses = [];

    private const int LongJumpBufferSize = 5 * 8;
    private const int TrampolineSize = 24;

    private void EnterFrame()
    {
        if ((_declaration.Flags & SourceFunctionFlags.NeedsStaticChain) == 0)
            return;
        Value chain = _b.Emit(Op.StaticChain, IrType.Pointer);
        _chain = _function.SlotAddress(NewSlot(8, 8));
        _b.Store(_chain, chain, new MemoryAccess(3));
        // Its own nested functions find the way further out through the record.
        if (_definition.NestedFunctions.Length > 0)
            _b.Store(_function.SlotAddress(Frame()), chain, new MemoryAccess(3));
    }

    private StackSlot Frame()
    {
        if (_frame.IsNone)
        {
            _frame = NewSlot(8, 16);
            _function[_frame].IsPinned = true;
            _frameSize = 8;
        }
        return _frame;
    }

    private void CloseFrame()
    {
        if (_frame.IsNone)
            return;
        _function[_frame].Size = _frameSize;
        // Addresses of labels that nested functions give away are written at the entry, before anything else.
        foreach ((LabelDeclaration label, int offset) in _labelAddresses)
        {
            Value first = _function[_function.Entry].First;
            Value place = _function.New(Op.PointerAdd, IrType.Pointer, _function.SlotAddress(_frame), SizeConstant(offset));
            Value store = _function.New(
                Op.Store, IrType.Void, place, _function.BlockAddress(AddressedBlock(label)), default, new MemoryAccess(3).Pack());
            _function.InsertBefore(first, place);
            _function.InsertBefore(first, store);
        }
    }

    private int LabelAddressOffset(LabelDeclaration label)
    {
        if (!_labelAddresses.TryGetValue(label, out int offset))
            _labelAddresses.Add(label, offset = AllocateInFrame(8, 8));
        return offset;
    }

    private int AllocateInFrame(long size, int alignment)
    {
        Frame();
        ref SlotData slot = ref _function[_frame];
        slot.AlignmentLog2 = Math.Max(slot.AlignmentLog2, AlignmentLog2(alignment));
        int offset = _frameSize + alignment - 1 & -alignment;
        _frameSize = offset + (int)size;
        return offset;
    }

    /// <summary>The address of the frame record of this function or one around it.</summary>
    private Value FrameRecord(FunctionLowering owner)
    {
        if (owner == this)
            return _function.SlotAddress(Frame());
        if (_chain.IsNone)
            throw new InvalidOperationException($"{unit.Names.Text(_declaration.Name)} has no static chain");
        Value record = _b.Load(IrType.Pointer, _chain, new MemoryAccess(3));
        for (FunctionLowering at = _parent!; at != owner; at = at._parent!)
            record = _b.Load(IrType.Pointer, record, new MemoryAccess(3));
        return record;
    }

    private FunctionLowering OwnerOf(FunctionDeclaration? function)
    {
        FunctionLowering? owner = this;
        while (owner is not null && owner._definition.Owner != function)
            owner = owner._parent;
        return owner ?? this;
    }

    private Value CapturedAddress(VariableDeclaration variable)
    {
        if (IsOnStackTop(variable))
            return _b.Load(IrType.Pointer, CapturedSlotAddress(variable, 8, 8), new MemoryAccess(3));
        return CapturedSlotAddress(variable, Math.Max(1, variable.Type.Type.Size), variable.Alignment);
    }

    private Value CapturedSlotAddress(VariableDeclaration variable, long size, int alignment)
    {
        FunctionLowering owner = OwnerOf(variable.Function);
        if (variable.Slot == 0)
            Remember(variable).Slot = owner.AllocateInFrame(size, alignment) + 1;
        return OffsetBy(FrameRecord(owner), variable.Slot - 1);
    }

    private Value CapturedBoundAddress(VariableBound bound)
    {
        FunctionLowering owner = OwnerOf(bound.Function);
        if (bound.Slot == 0)
            Remember(bound).Slot = owner.AllocateInFrame(8, 8) + 1;
        return OffsetBy(FrameRecord(owner), bound.Slot - 1);
    }

    /// <summary>The function that a nested function is defined in.</summary>
    private FunctionLowering DefinerOf(FunctionDeclaration nested) => OwnerOf(nested.Function);

    /// <summary>The static chain to call a nested function with.</summary>
    private Value ChainFor(FunctionDeclaration nested)
    {
        Open();
        return FrameRecord(DefinerOf(nested));
    }

    /// <summary>
    /// The address of a nested function as a plain function pointer: of a few instructions in the definer's frame record, which load the chain
    /// and jump. They are written wherever the address is taken; writing them again writes the same.
    /// </summary>
    private Value TrampolineOf(FunctionDeclaration nested)
    {
        Open();
        Module.NeedsExecutableStack = true;
        FunctionLowering definer = DefinerOf(nested);
        if (!definer._trampolines.TryGetValue(nested, out int offset))
        {
            offset = definer.AllocateInFrame(TrampolineSize, 8);
            definer._trampolines.Add(nested, offset);
        }
        Value record = FrameRecord(definer);
        Value trampoline = OffsetBy(record, offset);
        Value target = _function.SymbolAddress(unit.Reference(nested));
        if (unit.Target.Architecture != Architecture.X86_64)
            throw new NotSupportedException($"no trampolines yet for {unit.Target.Triple}");
        // movabs $target, %r11; movabs $record, %r10; jmp *%r11
        StoreCode(trampoline, 0, IrType.I16, 0xbb49);
        _b.Store(OffsetBy(trampoline, 2), target, new MemoryAccess(0));
        StoreCode(trampoline, 10, IrType.I16, 0xba49);
        _b.Store(OffsetBy(trampoline, 12), record, new MemoryAccess(0));
        StoreCode(trampoline, 20, IrType.I32, unchecked((int)0x90e3ff49));
        return _b.Emit(Op.Opaque, IrType.Pointer, trampoline);
    }

    private void StoreCode(Value at, int offset, IrType type, long bytes) =>
        _b.Store(OffsetBy(at, offset), Constant(type, bytes), new MemoryAccess(0));

    private void LowerNested(FunctionDefinition nested)
    {
        // One that nothing refers to is dropped.
        if (nested.Declaration.Slot == 0 || !Module[new Symbol(nested.Declaration.Slot)].IsReferenced)
            return;
        if (_loweredNested.Contains(nested))
            return;
        _loweredNested.Add(nested);
        nested.Declaration.Definition = null;
        FunctionLowering lowering = unit.RentFunctionLowering();
        lowering.Lower(nested, this);
        unit.ReturnFunctionLowering(lowering);
    }

    private readonly HashSet<FunctionDefinition> _loweredNested = [];

    /// <summary>Nested functions, until no more of them refer to others.</summary>
    private void LowerNestedFunctions()
    {
        int before;
        do
        {
            before = _loweredNested.Count;
            foreach (FunctionDefinition nested in _definition.NestedFunctions)
                LowerNested(nested);
        }
        while (_loweredNested.Count != before);
        _loweredNested.Clear();
    }

    // Jumps out of nested functions

    /// <summary>What parameters must know before they are stored: whether jumps come back into this function.</summary>
    private void NoteNonLocalLabels()
    {
        foreach (LabelDeclaration label in _definition.Labels)
        {
            if (label.IsNonLocalTarget && label.Function == _definition.Owner)
                _function.Flags |= FunctionFlags.HasNonLocalEntries | FunctionFlags.NoInline;
        }
    }

    /// <summary>On entry, each label that nested functions jump to gets a buffer that says how to come back here.</summary>
    private void EnterNonLocalLabels()
    {
        foreach (LabelDeclaration label in _definition.Labels)
        {
            if (!label.IsNonLocalTarget || label.Function != _definition.Owner)
                continue;
            int offset = AllocateInFrame(LongJumpBufferSize, 8);
            _longJumpBuffers.Add(label, offset);
            Value buffer = OffsetBy(_function.SlotAddress(Frame()), offset);
            Value comesBack = _b.Emit(Op.SetJump, IrType.I32, buffer);
            Block next = NewBlock();
            _b.BranchIf(_b.Compare(IntPredicate.NotEqual, comesBack, Constant(IrType.I32, 0)), LabelBlock(label), next);
            _b.Current = next;
        }
    }

    /// <summary>After the stack pointer moved, jumps from nested functions have to restore the new one.</summary>
    private void NoteStackChange()
    {
        foreach ((_, int offset) in _longJumpBuffers)
        {
            Value place = OffsetBy(_function.SlotAddress(Frame()), offset + 16);
            _b.Store(place, _b.Emit(Op.StackSave, IrType.Pointer), new MemoryAccess(3));
        }
    }

    private void NonLocalGoto(LabelDeclaration label)
    {
        FunctionLowering owner = Owning(label);
        RunCleanups(_cleanups, null);
        if (!_b.IsOpen)
            return;
        if (!owner._longJumpBuffers.TryGetValue(label, out int offset))
            throw new InvalidOperationException($"label {unit.Names.Text(label.Name)} has no buffer");
        _b.Emit(Op.LongJump, IrType.Void, OffsetBy(FrameRecord(owner), offset));
        _b.End(Op.Unreachable);
    }
}
