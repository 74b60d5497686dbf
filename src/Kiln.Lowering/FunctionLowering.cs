namespace Kiln.Lowering;

/// <summary>
/// Lowers one function's body. What comes in is a <see cref="FunctionDefinition"/>; what goes out is a <see cref="Function"/> in which
/// every local variable lives in a stack slot (SSA construction is the optimizer's), every block can be reached, and
/// every instruction has its source place. Scalars are one IR value, complex numbers two, records the address of memory.
/// Objects are pooled; <see cref="Lower"/> starts anew.
/// Code behind a jump is not lowered unless a label in it can be reached; where an expression goes on behind a call that
/// does not return, a block without predecessors takes it, and <see cref="RemoveUnreachable"/> drops it at the end.
/// The parts: Expressions, Conditions, Conversions, Lvalues, BitFields, Calls, Statements, Switch, Initializers, Complex, Vectors,
/// Builtins, Atomics, VarArgs, Asm, NestedFunctions.
/// </summary>
internal sealed partial class FunctionLowering(Lowering unit)
{
    private Function _function = null!;
    private Builder _b = null!;
    private FunctionDefinition _definition = null!;
    private FunctionDeclaration _declaration = null!;
    private FunctionLowering? _parent;
    private CallLayout _layout = null!;
    private Block _dead;
    private readonly List<FunctionDeclaration> _inlineFirst = [];
    private readonly GrowBuffer<Block> _worklist = new(32);

    // The result.
    private Block _returnBlock;
    private readonly GrowBuffer<Value> _returnValues = new(8);
    private StackSlot _returnSlot;
    private Value _structReturn;

    private Module Module => unit.Module;

    private LoweringOptions Options => unit.Options;

    private bool IsOptimizing => unit.Options.OptimizationLevel > 0;

    /// <summary>Whether code at the current place can run, as far as is known here.</summary>
    private bool IsReachable => _b.IsOpen && _b.Current != _dead;

    /// <summary>What of the target this function may use.</summary>
    private ulong _features;

    /// <summary>Lowers a definition and hands it to the sink.</summary>
    public void Lower(FunctionDefinition definition, FunctionLowering? parent)
    {
        _definition = definition;
        _declaration = definition.Declaration;
        _parent = parent;
        _function = unit.RentFunction();
        Clear();
        int vectorSize = unit.VectorSize;
        _features = unit.FeaturesOf(_declaration, parent?._features ?? Options.Features);
        unit.VectorSize = X86Features.Has(_features, "avx") ? 32 : 16;

        Symbol symbol = unit.DefineFunction(_declaration);
        FunctionType type = _declaration.FunctionType;
        Signature signature;
        (signature, _layout) = DefinitionSignature(type);
        _function.Reset(Module, symbol, signature);
        _function.Location = _declaration.Location;
        _function.EndLocation = definition.EndLocation;
        _function.Flags = ConvertFlags(_declaration);
        unit.IsUntyped = (_declaration.Flags & SourceFunctionFlags.NoStrictAliasing) != 0;
        _function.Features = _features;
        _b = new Builder(_function) { Location = _declaration.Location };
        _function.Entry = NewBlock();
        _b.Current = _function.Entry;

        unit.PrepareStatics(definition.StaticVariables);
        StartDebug();
        NoteNonLocalLabels();
        EnterFrame();
        StoreParameters();
        TellOfEntry();
        EnterNonLocalLabels();
        LowerBody(definition.Body);
        Finish();
        unit.VectorSize = vectorSize;
    }

    // A body that is lowered more than once gets its tree back as it was.
    private readonly List<ISlotted> _slotted = [];

    private T Remember<T>(T node) where T : ISlotted
    {
        if (_definition.PackedArguments is not null)
            _slotted.Add(node);
        return node;
    }

    private void ClearSlots()
    {
        foreach (ISlotted node in _slotted)
            node.ClearSlots();
        _slotted.Clear();
    }

    private void Clear()
    {
        _dead = default;
        _inlineFirst.Clear();
        _returnBlock = default;
        _returnValues.Clear();
        _returnSlot = default;
        _guard = default;
        _wantsGuard = false;
        _structReturn = default;
        _places.Clear();
        _places.Add(default);
        _cleanups = null;
        _pendingGotos.Clear();
        _labelCleanups.Clear();
        _breakCleanups.Clear();
        _indirectBlock = default;
        _indirectTargets.Clear();
        _frame = default;
        _frameSize = 0;
        _chain = default;
        _trampolines.Clear();
        _longJumpBuffers.Clear();
        _labelAddresses.Clear();
        _currentSwitch = null;
        _scope = 0;
        _variableArguments = null;
    }

    private (Signature Signature, CallLayout Layout) DefinitionSignature(FunctionType type)
    {
        VariableDeclaration[] parameters = _definition.Parameters;
        if (type.HasPrototype && !type.IsVariadic && !_definition.PromotedParameters)
            return unit.SignatureOf(type);
        var types = new CType[parameters.Length];
        for (int i = 0; i < types.Length; i++)
            types[i] = ParameterType(parameters[i]);
        return unit.MakeSignature(type, types, types.Length, isDefinition: true);
    }

    /// <summary>The type in which a parameter arrives.</summary>
    private CType ParameterType(VariableDeclaration parameter) =>
        _definition.PromotedParameters ? Promote(parameter.Type.Type) : parameter.Type.Type;

    /// <summary>The default argument promotions (C17 6.5.2.2p6).</summary>
    private CType Promote(CType type) => type switch
    {
        EnumType enumeration => Promote(enumeration.Underlying),
        IntegerType { Size: < 4 } => unit.CTypes.Int,
        FloatType { Kind: TypeKind.Float } => unit.CTypes.Double,
        _ => type,
    };

    private static FunctionFlags ConvertFlags(FunctionDeclaration declaration)
    {
        SourceFunctionFlags from = declaration.Flags;
        FunctionFlags flags = 0;
        if ((from & SourceFunctionFlags.Inline) != 0)
            flags |= FunctionFlags.InlineHint;
        if ((from & SourceFunctionFlags.AlwaysInline) != 0)
            flags |= FunctionFlags.AlwaysInline;
        if ((from & (SourceFunctionFlags.NoInline | SourceFunctionFlags.NoIpa | SourceFunctionFlags.NotInlinable | SourceFunctionFlags.Naked)) != 0)
            flags |= FunctionFlags.NoInline;
        if ((from & SourceFunctionFlags.Cold) != 0)
            flags |= FunctionFlags.Cold;
        if ((from & SourceFunctionFlags.Hot) != 0)
            flags |= FunctionFlags.Hot;
        if ((from & SourceFunctionFlags.Naked) != 0)
            flags |= FunctionFlags.Naked;
        if ((from & SourceFunctionFlags.NoStackProtector) != 0)
            flags |= FunctionFlags.NoStackProtector;
        if ((from & SourceFunctionFlags.Interrupt) != 0)
            flags |= FunctionFlags.SavesAllRegisters;
        if ((from & SourceFunctionFlags.CallsReturnsTwice) != 0)
            flags |= FunctionFlags.CallsReturnsTwice;
        if ((from & SourceFunctionFlags.NeedsStaticChain) != 0)
            flags |= FunctionFlags.UsesStaticChain;
        if ((from & SourceFunctionFlags.OptimizeNone) != 0)
            flags |= FunctionFlags.NoOptimization;
        return flags;
    }

    private Block NewBlock() => _function.NewBlock();

    /// <summary>Starts a block; falls into it where the current one is open.</summary>
    private void Begin(Block block)
    {
        if (_b.IsOpen)
            _b.Branch(block);
        _b.Current = block;
    }

    /// <summary>Makes sure that instructions can be appended: behind a jump, to a block that nothing reaches.</summary>
    private void Open()
    {
        if (_b.IsOpen)
            return;
        if (_dead.IsNone || !_function.Terminator(_dead).IsNone)
            _dead = NewBlock();
        _b.Current = _dead;
    }

    private Value Constant(IrType type, long value) => _function.Constant(type, value);

    private Value SizeConstant(long value) => _function.Constant(IrType.I64, value);

    // Displacements from the frame's base have 32 bits: what is larger is allocated at run time.
    private const long LargestSlot = 1L << 26;

    private StackSlot NewSlot(long size, int alignment)
    {
        if (size > LargestSlot)
            unit.Error(_b.Location, "total size of local objects is too large");
        return _function.NewSlot((int)Math.Min(size, LargestSlot), System.Numerics.BitOperations.Log2((uint)Math.Max(1, alignment)));
    }

    /// <summary>The address of fresh memory in the frame for a value of a type.</summary>
    private Value Temporary(CType type)
    {
        if (type.Size <= LargestSlot)
            return _function.SlotAddress(NewSlot(Math.Max(1, type.Size), type.Alignment));
        Open();
        return AllocateStack(SizeConstant(type.Size), Math.Max(16, type.Alignment));
    }

    private static byte AlignmentLog2(int alignment) => (byte)System.Numerics.BitOperations.Log2((uint)Math.Max(1, alignment));

    // Parameters

    /// <summary>Puts the incoming parts of every parameter into the parameter's memory.</summary>
    private void StoreParameters()
    {
        int part = 0;
        if (_layout.IsStructReturn)
        {
            Value pointer = _function.Parameters[part++];
            // A jump back into this function may find no register as it was.
            _structReturn = HasNonLocalEntries ? SpillPointer(pointer) : pointer;
        }
        VariableDeclaration[] parameters = _definition.Parameters;
        for (int i = 0; i < parameters.Length; i++)
        {
            VariableDeclaration parameter = parameters[i];
            Piece[] pieces = _layout.Parameters[i];
            StoreParameter(parameter, ParameterType(parameter), pieces, part, _layout.ByReference is { } byReference && byReference[i]);
            DescribeParameter(parameter, i, part, pieces.Length);
            part += pieces.Length;
        }
        foreach (VariableBound bound in _definition.ParameterBounds)
            EvaluateBound(bound);
    }

    private bool HasNonLocalEntries => (_function.Flags & (FunctionFlags.HasNonLocalEntries | FunctionFlags.CallsReturnsTwice)) != 0;

    private Value SpillPointer(Value pointer)
    {
        StackSlot slot = NewSlot(8, 8);
        Value address = _function.SlotAddress(slot);
        _b.Store(address, pointer, new MemoryAccess(3));
        return address;
    }

    private Value StructReturnPointer() =>
        HasNonLocalEntries ? _b.Load(IrType.Pointer, _structReturn, new MemoryAccess(3)) : _structReturn;

    private void StoreParameter(VariableDeclaration parameter, CType arriving, Piece[] pieces, int part, bool byReference)
    {
        ReadOnlySpan<Value> values = _function.Parameters.Span.Slice(part, pieces.Length);
        if (arriving.HasVariableSize)
        {
            // The address of the caller's copy.
            _b.Store(VariableArrayPointer(parameter), values[0], new MemoryAccess(3));
            return;
        }
        bool isInMemory = pieces.Length == 1 && (pieces[0].Kind == PieceKind.Memory || byReference);
        if (isInMemory && !parameter.IsCaptured && !HasNonLocalEntries && parameter.Alignment <= Math.Max(8, arriving.Alignment))
        {
            // The caller's copy is the variable.
            _places.Add(new VariablePlace { Kind = VariablePlaceKind.Address, Address = values[0] });
            Remember(parameter).Slot = -(_places.Count - 1);
            return;
        }
        Value address = AddressOf(parameter);
        if (isInMemory)
        {
            CopyMemory(address, values[0], arriving.Size, parameter.Type.Alignment, Math.Max(8, arriving.Alignment), false);
            return;
        }
        if (Lowering.ClassOf(arriving) != TypeClass.Scalar)
        {
            for (int i = 0; i < pieces.Length; i++)
                StorePiece(address, pieces[i], values[i], parameter.Alignment);
            return;
        }
        Value value = pieces.Length == 0 ? default : JoinPieces(arriving, pieces, values);
        CType type = parameter.Type.Type;
        if (type != arriving)
            value = ConvertScalar(value, arriving, type);
        if (!value.IsNone)
            _b.Store(address, value, new MemoryAccess(AlignmentLog2(parameter.Alignment), AliasTag: unit.AliasTagOf(parameter.Type)));
    }

    // The end

    private void LowerBody(CompoundStatement body)
    {
        LowerCompound(body);
        if (_b.IsOpen)
            FallOffEnd();
        LowerReturnBlock();
        LowerPendingGotos();
        LowerIndirectGotos();
    }

    /// <summary>The closing brace was reached.</summary>
    private void FallOffEnd()
    {
        _b.Location = _definition.EndLocation;
        CType result = _declaration.FunctionType.Result.Type;
        if ((_function.Flags & FunctionFlags.Naked) != 0)
        {
            _b.End(Op.Unreachable);
            return;
        }
        bool isMain = _declaration.Linkage == SourceLinkage.External && !Options.Freestanding
            && unit.Names.Bytes(_declaration.Name).SequenceEqual("main"u8);
        switch (Lowering.ClassOf(result))
        {
            case TypeClass.Scalar:
                IrType type = Lowering.IrTypeOf(result);
                JumpToReturn(isMain ? Constant(type, 0) : _function.Any(type));
                break;
            default:
                JumpToReturn(default);
                break;
        }
    }

    /// <summary>Goes to the one place where the function returns; <paramref name="value"/> is a scalar result, others are in memory already.</summary>
    private void JumpToReturn(Value value)
    {
        if (_returnBlock.IsNone)
            _returnBlock = NewBlock();
        if (!value.IsNone)
            _returnValues.Add(value);
        _b.Branch(_returnBlock);
    }

    private void LowerReturnBlock()
    {
        if (_returnBlock.IsNone)
            return;
        PlaceGuard();
        _b.Current = _returnBlock;
        _b.Location = _definition.EndLocation;
        CType result = _declaration.FunctionType.Result.Type;
        if (_layout.IsStructReturn)
        {
            Leave(_function.Signature.Results.Length > 0 ? [StructReturnPointer()] : []);
            return;
        }
        Piece[] pieces = _layout.Result;
        if (pieces.Length == 0)
        {
            Leave([]);
            return;
        }
        Span<Value> values = stackalloc Value[pieces.Length];
        if (Lowering.ClassOf(result) == TypeClass.Scalar)
        {
            Value value = _returnValues.Count == 1
                ? _returnValues[0]
                : _b.EmitList(Op.Phi, _function.TypeOf(_returnValues[0]), _returnValues.Span);
            SplitPieces(value, result, pieces, values);
        }
        else
        {
            Value address = _function.SlotAddress(ReturnSlot());
            for (int i = 0; i < pieces.Length; i++)
                values[i] = LoadPiece(address, Lowering.PieceType(result, pieces[i]), pieces[i], result.Alignment);
        }
        Leave(values);
    }

    /// <summary>Where a result that travels in several registers is put together.</summary>
    private StackSlot ReturnSlot()
    {
        CType result = _declaration.FunctionType.Result.Type;
        if (_returnSlot.IsNone)
            _returnSlot = NewSlot(Math.Max(1, result.Size), result.Alignment);
        return _returnSlot;
    }

    private void Finish()
    {
        LowerNestedFunctions();
        CloseFrame();
        unit.EmitWantedVariables(this);
        RemoveUnreachable();
        ClearSlots();
        foreach (FunctionDeclaration callee in _inlineFirst)
            unit.LowerNow(callee);
        unit.Finished(_function);
        _function = null!;
    }

    /// <summary>Marks what the entry reaches and drops the rest, phi operands of its edges with it.</summary>
    private void RemoveUnreachable()
    {
        int count = _function.BlockCount;
        var reached = new BitSet(count);
        Visit(_function.Entry, reached);
        // A block whose address stands in data, in a function that never jumps to it, is kept by an abnormal edge.
        for (int i = 1; i < count; i++)
        {
            var block = new Block(i);
            if (reached[i] || !_function[block].AddressTaken || !_addressInData.Contains(block))
                continue;
            KeepAlive(block);
            Visit(block, reached);
        }
        for (int i = 1; i < count; i++)
        {
            if (!reached[i])
                DropBlock(new Block(i));
            else if (_function.Terminator(new Block(i)).IsNone)
                _function.Append(new Block(i), _function.New(Op.Unreachable, IrType.Void));
        }
        _addressInData.Clear();
    }

    private void Visit(Block start, BitSet reached)
    {
        if (!reached.Add(start.Id))
            return;
        _worklist.Add(start);
        while (_worklist.Count > 0)
        {
            foreach (Block successor in _function.Successors(_worklist.Pop()))
            {
                if (reached.Add(successor.Id))
                    _worklist.Add(successor);
            }
        }
    }

    /// <summary>Gives the entry an edge to a block that is never entered from there.</summary>
    private void KeepAlive(Block block)
    {
        Block entry = _function.Entry;
        if (_function.OpOf(_function.Terminator(entry)) != Op.Branch)
        {
            // The entry's work moves on to a block of its own.
            Block body = NewBlock();
            _function.MoveSuccessors(entry, body);
            Value first = _function[entry].First;
            while (!first.IsNone)
            {
                Value next = _function[first].Next;
                _function.Remove(first);
                _function.Append(body, first);
                first = next;
            }
            _b.Current = entry;
            _b.Branch(body);
        }
        _function.AddEdge(entry, block);
    }

    private void DropBlock(Block block)
    {
        while (_function.Successors(block).Length > 0)
            _function.RemoveEdge(block, _function.Successors(block).Length - 1);
        while (!_function[block].First.IsNone)
            _function.Remove(_function[block].First);
        _function[block].IsDead = true;
        _function[block].AddressTaken = false;
    }
}
