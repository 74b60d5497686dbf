using Kiln.Base;
using Kiln.CodeGen.Machine;
using Kiln.IR;

namespace Kiln.CodeGen;

// Selection: IR to machine instructions, bottom-up.
//
// Blocks are visited in post-order and each from its last instruction to its first, so that every use is seen before its definition
// (loops apart, where phis stand between). A value is emitted only if it has effects or somebody asked for its register before:
// what all users folded vanishes. The target's Select emits one IR instruction with all that it folds, forwards; the groups
// are turned around here, and the blocks put in final order at the end.
//
// Folding: IsFoldable(value) says whether the current instruction may compute the value itself at its own place: single use, same
// block, and for a load no effect in between. The target just does not ask for the register of what it folds, but for those of the
// operands. A value with several uses may be folded too where computing it again is free (address arithmetic).
//
// In:  a legal IR function, the block order. Out: MachineFunction before allocation (its header has the invariants).

/// <summary>Selects one function, and is what a target emits instructions with. See the file's header.</summary>
public sealed class Selection(TargetMachine target, MachineFunction machine, ConstantPool constants)
{
    private readonly GrowBuffer<MachineInstruction> _group = new(64);
    private readonly GrowBuffer<MachineInstruction> _code = new(1024);
    private readonly GrowBuffer<(int Start, int End)> _groups = new(64);
    private readonly GrowBuffer<MachineInstruction> _groupCode = new(1024);
    private int[] _registers = [];
    private int[] _uses = [];
    private int[] _epochs = [];
    private int _firstOperand;
    private MachineInstruction _open;
    private int _epoch;
    private Block _block;

    // Next values of phis that may be made at their block's end; values that something else than a phi asked for.
    private readonly BitSet _steps = new();
    private readonly BitSet _direct = new();
    private bool _isInPhis;
    private Location _location;
    private RegisterClass[] _classes = new RegisterClass[256];
    private byte[] _spillSizes = new byte[256];

    /// <summary>The function in IR.</summary>
    public Function Function { get; private set; } = null!;

    /// <summary>The machine code being made.</summary>
    public MachineFunction Machine => machine;

    /// <summary>Constants in memory.</summary>
    public ConstantPool Constants => constants;

    /// <summary>The instruction being selected.</summary>
    public Value Current { get; private set; }

    /// <summary>The block being selected.</summary>
    public Block CurrentBlock => _block;

    // Values

    /// <summary>How many operands name a value (debug markers apart).</summary>
    public int UseCount(Value value) => _uses[value.Id];

    /// <summary>The register that a value is in. For a leaf, code that makes it is emitted here, before the instruction being built.</summary>
    public Reg Register(Value value)
    {
        if (target.Options.OptimizationLevel != 0)
            value = Widest(value);
        ref Instruction instruction = ref Function[value];
        if (OpInfo.IsLeaf(instruction.Op) && instruction.Op != Op.Parameter)
            return target.Materialize(this, value);
        if (!_isInPhis)
            _direct.Add(value.Id);
        int register = _registers[value.Id];
        if (register == 0)
        {
            register = NewRegister(instruction.Type).Id;
            _registers[value.Id] = register;
        }
        if (instruction.Block != _block && (instruction.Op != Op.Parameter || _block != Function.Entry))
            machine.Data(new Reg(register)).IsGlobal = true;
        return new Reg(register);
    }

    // The lower bits of a register are in the register: upper bits are unspecified, so that no copy is needed.
    private Value Widest(Value value)
    {
        while (Function.OpOf(value) == Op.Truncate && Function.TypeOf(value) is { IsVector: false, LaneBits: > 1 }
            && Function.TypeOf(Function[value].A) is { IsVector: false, LaneBits: <= 64 })
            value = Function[value].A;
        return value;
    }

    /// <summary>The register that users of a value asked for, or none: then nobody needs the value.</summary>
    public Reg Requested(Value value) => new(_registers[value.Id]);

    /// <summary>The register to define the value in: as <see cref="Requested"/>, or a new one if nobody asked (for instructions with effects).</summary>
    public Reg Result(Value value) => _registers[value.Id] != 0 ? new Reg(_registers[value.Id]) : NewRegister(Function.TypeOf(value));

    /// <summary>A new register for values of a type.</summary>
    public Reg NewRegister(IrType type)
    {
        int code = type.Code;
        if (_spillSizes[code] == 0)
        {
            (RegisterClass registerClass, int size) = target.RegisterFor(type);
            _classes[code] = registerClass;
            _spillSizes[code] = (byte)size;
        }
        return machine.NewRegister(_classes[code], _spillSizes[code]);
    }

    /// <summary>Marks a register that is used in another block than it is defined in (results of asm goto).</summary>
    public void MarkGlobal(Reg register) => machine.Data(register).IsGlobal = true;

    /// <summary>Whether the current instruction may compute the value itself, and nobody else needs it. See the header.</summary>
    public bool IsFoldable(Value value)
    {
        ref Instruction instruction = ref Function[value];
        if (_uses[value.Id] != 1 || instruction.Block != _block)
            return false;
        if (instruction.Op == Op.Load)
            return _epochs[value.Id] == _epoch && MemoryAccess.Unpack(instruction.Aux).IsSimple;
        return OpInfo.IsPure(instruction.Op);
    }

    /// <summary>Whether the value is a load that <see cref="IsFoldable"/> says may be done here.</summary>
    public bool IsFoldableLoad(Value value) => Function.OpOf(value) == Op.Load && IsFoldable(value);

    /// <summary>Whether nothing with effects stands between a load of this block and the current instruction.</summary>
    public bool IsMemoryUnchangedSince(Value load) => Function[load].Block == _block && _epochs[load.Id] == _epoch;

    // Instructions: Begin, operands, End. Operands come in the order of the vendor's manual, implicit ones last.

    /// <summary>Starts an instruction. Ask for the registers of its operands before: leaves emit code.</summary>
    public void Begin(int opcode, int size = 0, MachineFlags flags = 0)
    {
        _firstOperand = machine.Operands.Count;
        _open = new MachineInstruction
        {
            Opcode = (ushort)opcode,
            Size = (byte)size,
            Flags = flags,
            FirstOperand = _firstOperand,
            Location = _location,
        };
    }

    /// <summary>The instruction that was begun, for setting Extra, Info and Flags.</summary>
    public ref MachineInstruction Open => ref _open;

    /// <summary>Ends the instruction.</summary>
    public void End()
    {
        _open.OperandCount = (ushort)(machine.Operands.Count - _firstOperand);
        _group.Add(_open);
    }

    /// <summary>How many operands the open instruction has: the index that the next one gets.</summary>
    public int OperandCount => machine.Operands.Count - _firstOperand;

    /// <summary>An operand as it stands.</summary>
    public void Operand(in MachineOperand operand) => machine.Operands.Add(operand);

    /// <summary>A register with a role and constraint.</summary>
    public void Register(Reg register, Role role, Constraint constraint = Constraint.Register, int extra = 0, int size = 0) =>
        machine.Operands.Add(new MachineOperand
        {
            Kind = OperandKind.Register,
            Role = role,
            Constraint = constraint,
            Extra = (byte)extra,
            Size = (byte)size,
            Register = register.Id,
        });

    /// <summary>A definition in any register.</summary>
    public void Def(Reg register, int size = 0) => Register(register, Role.Def, Constraint.Register, 0, size);

    /// <summary>A definition in the register of the use behind it, and that use: the first operand of a two-address instruction.</summary>
    public void DefTied(Reg register, Reg use, int size = 0)
    {
        Register(register, Role.Def, Constraint.Tied, OperandCount + 1, size);
        Register(use, Role.Use | Role.Implicit, Constraint.Register, 0, size);
    }

    /// <summary>A use in any register.</summary>
    public void Use(Reg register, int size = 0) => Register(register, Role.Use, Constraint.Register, 0, size);

    /// <summary>A use in any register or in memory.</summary>
    public void UseAny(Reg register, int size = 0) => Register(register, Role.Use, Constraint.Any, 0, size);

    /// <summary>An implicit use in a given physical register.</summary>
    public void UseFixed(Reg register, int number) => Register(register, Role.Use | Role.Implicit, Constraint.Fixed, number);

    /// <summary>An implicit definition in a given physical register.</summary>
    public void DefFixed(Reg register, int number) => Register(register, Role.Def | Role.Implicit, Constraint.Fixed, number);

    /// <summary>A number.</summary>
    public void Immediate(long value, int size = 0) =>
        machine.Operands.Add(new MachineOperand { Kind = OperandKind.Immediate, Value = value, Size = (byte)size });

    /// <summary>A symbol's address as an immediate operand.</summary>
    public void SymbolImmediate(SymbolSpace space, int symbol, long addend = 0, int modifier = 0) =>
        machine.Operands.Add(new MachineOperand
        {
            Kind = OperandKind.Immediate,
            Space = space,
            Symbol = symbol,
            Value = addend,
            Modifier = (byte)modifier,
        });

    /// <summary>A memory operand; see <see cref="OperandKind.Memory"/>.</summary>
    public void Memory(
        Reg @base,
        Reg index = default,
        int scale = 1,
        long displacement = 0,
        int size = 0,
        SymbolSpace space = SymbolSpace.None,
        int symbol = 0,
        int modifier = 0,
        int frameObject = 0,
        int segment = 0)
    {
        int at = machine.Operands.AddDefault(3);
        ref MachineOperand head = ref machine.Operands[at];
        head.Kind = OperandKind.Memory;
        head.Extra = (byte)scale;
        head.Size = (byte)size;
        head.Space = space;
        head.Symbol = symbol;
        head.Modifier = (byte)modifier;
        head.Segment = (byte)segment;
        head.Register = frameObject;
        head.Value = displacement;
        MemoryRegister(ref machine.Operands[at + 1], @base);
        MemoryRegister(ref machine.Operands[at + 2], index);
    }

    private static void MemoryRegister(ref MachineOperand operand, Reg register)
    {
        if (register.IsNone)
            return;
        operand.Kind = OperandKind.Register;
        operand.Role = Role.Use;
        operand.Register = register.Id;
    }

    /// <summary>A branch target.</summary>
    public void Block(Block block) => machine.Operands.Add(new MachineOperand { Kind = OperandKind.Block, Symbol = block.Id });

    /// <summary>The callee of a direct call.</summary>
    public void Target(Symbol symbol, int modifier = 0) =>
        machine.Operands.Add(new MachineOperand
        {
            Kind = OperandKind.Target,
            Space = SymbolSpace.Module,
            Symbol = symbol.Id,
            Modifier = (byte)modifier,
        });

    /// <summary>Registers that the instruction destroys.</summary>
    public void Clobbers(RegisterSet registers) =>
        machine.Operands.Add(new MachineOperand { Kind = OperandKind.Clobbers, Value = (long)registers.Bits });

    /// <summary>Copies one virtual register to another.</summary>
    public void Copy(Reg to, Reg from)
    {
        Begin(GenericOp.Copy, machine.Data(to).SpillSize);
        Register(to, Role.Def, Constraint.Any);
        Register(from, Role.Use, Constraint.Any);
        End();
    }

    // The walk

    /// <summary>Selects a function whose blocks are emitted in the given order.</summary>
    /// <param name="function">A legal function without critical edges.</param>
    /// <param name="layout">The final order; the entry first.</param>
    /// <param name="postOrder">The same blocks in post-order.</param>
    /// <param name="loopDepths">By block id.</param>
    public void Run(Function function, ReadOnlySpan<Block> layout, ReadOnlySpan<Block> postOrder, ReadOnlySpan<int> loopDepths)
    {
        Function = function;
        machine.Reset(function);
        int count = function.ValueCount;
        if (_registers.Length < count)
        {
            _registers = new int[count * 2];
            _uses = new int[count * 2];
            _epochs = new int[count * 2];
        }
        Array.Clear(_registers, 0, count);
        Array.Clear(_uses, 0, count);
        _code.Clear();
        _steps.Reset(count);
        _direct.Reset(count);
        CountUses(postOrder);
        LayOut(layout, loopDepths);
        target.BeginFunction(this);
        RequestPhis(layout);
        foreach (Block block in postOrder)
            SelectBlock(block);
        Assemble(layout);
    }

    private void CountUses(ReadOnlySpan<Block> blocks)
    {
        foreach (Block block in blocks)
        {
            int epoch = 0;
            for (Value v = Function[block].First; !v.IsNone;)
            {
                ref Instruction instruction = ref Function[v];
                _epochs[v.Id] = epoch;
                if (instruction.Op is Op.Load)
                {
                    _uses[instruction.A.Id]++;
                    if (!MemoryAccess.Unpack(instruction.Aux).IsSimple)
                        epoch++;
                }
                else if (instruction.Op != Op.DebugValue)
                {
                    foreach (Value operand in Function.Operands(v))
                        _uses[operand.Id]++;
                    if (!OpInfo.IsPure(instruction.Op) && instruction.Op is not (Op.Phi or Op.Result or Op.Opaque))
                        epoch++;
                }
                v = instruction.Next;
            }
        }
    }

    private void LayOut(ReadOnlySpan<Block> layout, ReadOnlySpan<int> loopDepths)
    {
        machine.PositionOfBlock.AddDefault(Function.BlockCount);
        machine.PositionOfBlock.Span.Fill(-1);
        for (int i = 0; i < layout.Length; i++)
            machine.PositionOfBlock[layout[i].Id] = i;
        foreach (Block block in layout)
        {
            ref BlockData source = ref Function[block];
            int predecessorStart = machine.Edges.Count;
            foreach (Block predecessor in Function.Predecessors(block))
                machine.Edges.Add(machine.PositionOfBlock[predecessor.Id]);
            int successorStart = machine.Edges.Count;
            foreach (Block successor in Function.Successors(block))
                machine.Edges.Add(machine.PositionOfBlock[successor.Id]);
            machine.Blocks.Add(new MachineBlock
            {
                Block = block,
                PredecessorStart = predecessorStart,
                PredecessorCount = successorStart - predecessorStart,
                SuccessorStart = successorStart,
                SuccessorCount = machine.Edges.Count - successorStart,
                Frequency = source.Frequency,
                LoopDepth = loopDepths[block.Id],
            });
        }
    }

    // Phis that anybody uses get their registers first: their arguments are asked for at the end of predecessors, maybe before
    // the phi itself is seen.
    private void RequestPhis(ReadOnlySpan<Block> layout)
    {
        for (int i = 0; i < layout.Length; i++)
        {
            ref MachineBlock block = ref machine.Blocks[i];
            block.PhiStart = machine.PhiRegisters.Count;
            for (Value phi = Function[layout[i]].First; !phi.IsNone && Function.OpOf(phi) == Op.Phi; phi = Function[phi].Next)
            {
                if (_uses[phi.Id] == 0)
                    continue;
                Reg register = NewRegister(Function.TypeOf(phi));
                machine.Data(register).IsGlobal = true;
                _registers[phi.Id] = register.Id;
                machine.PhiRegisters.Add(register.Id);
                block.PhiCount++;
            }
            machine.PhiRegisters.AddDefault(block.PhiCount * block.PredecessorCount);
        }
    }

    private void SelectBlock(Block block)
    {
        _block = block;
        _groups.Clear();
        _groupCode.Clear();
        Value v = Function[block].Last;
        bool isTerminator = true;
        int endGroups = 0;
        while (!v.IsNone)
        {
            ref Instruction instruction = ref Function[v];
            if (instruction.Op == Op.Phi)
                break;
            Value previous = instruction.Previous;
            if (_registers[v.Id] != 0 || IsRoot(v, instruction.Op))
            {
                Current = v;
                _epoch = _epochs[v.Id];
                _location = instruction.Location;
                target.Select(this, v);
                // A step that no instruction asked for goes to the block's end.
                if (_steps[v.Id] && !_direct[v.Id])
                    EndGroup(endGroups);
                else
                    EndGroup();
            }
            if (isTerminator)
            {
                isTerminator = false;
                _isInPhis = true;
                SelectPhiArguments(block);
                _isInPhis = false;
                EndGroup();
                endGroups = _groups.Count;
            }
            v = previous;
        }
        if (block == Function.Entry)
        {
            _location = Function.Location;
            target.SelectEntry(this);
            EndGroup();
        }
        ref MachineBlock data = ref machine.Blocks[machine.PositionOfBlock[block.Id]];
        data.Start = _code.Count;
        for (int i = _groups.Count - 1; i >= 0; i--)
        {
            (int start, int end) = _groups[i];
            _code.AddRange(_groupCode.Span[start..end]);
        }
        data.End = _code.Count;
    }

    private void EndGroup()
    {
        if (_group.Count == 0)
            return;
        int start = _groupCode.AddRange(_group.Span);
        _groups.Add((start, _groupCode.Count));
        _group.Clear();
    }

    private void EndGroup(int place)
    {
        int before = _groups.Count;
        EndGroup();
        for (int i = _groups.Count - 1; i > place && before < _groups.Count; i--)
            (_groups[i - 1], _groups[i]) = (_groups[i], _groups[i - 1]);
    }

    private bool IsRoot(Value value, Op op)
    {
        if (OpInfo.IsPure(op))
            return false;
        return op switch
        {
            Op.Load => !MemoryAccess.Unpack(Function[value].Aux).IsSimple,
            Op.Result or Op.DebugValue or Op.FrameAddress or Op.ReturnAddress or Op.StaticChain or Op.ThreadPointer or Op.Opaque
                or Op.StackSave => false,
            Op.TargetOp or Op.Asm => target.HasEffects(Function, value),
            _ => true,
        };
    }

    // Asks, at the end of a block, for the values that the phis of its successors get from it.
    private void SelectPhiArguments(Block block)
    {
        int position = machine.PositionOfBlock[block.Id];
        int count = machine.Blocks[position].SuccessorCount;
        for (int i = 0; i < count; i++)
        {
            int successor = machine.Edges[machine.Blocks[position].SuccessorStart + i];
            if (machine.Blocks[successor].PhiCount == 0)
                continue;
            Block successorBlock = machine.Blocks[successor].Block;
            int predecessor = Function.PredecessorIndex(block, i);
            int at = machine.Blocks[successor].PhiStart + (predecessor + 1) * machine.Blocks[successor].PhiCount;
            for (Value phi = Function[successorBlock].First; !phi.IsNone && Function.OpOf(phi) == Op.Phi; phi = Function[phi].Next)
            {
                if (_uses[phi.Id] == 0)
                    continue;
                Value argument = Function.Operands(phi)[predecessor];
                if (count == 1 && IsStep(argument, phi, block))
                    _steps.Add(argument.Id);
                machine.PhiRegisters[at++] = Register(argument).Id;
            }
        }
    }

    // A phi's next value, made of the phi and a constant: the old value may still be read behind it, and then they could not share a register.
    private bool IsStep(Value value, Value phi, Block block)
    {
        ref Instruction instruction = ref Function[value];
        return instruction.Op is Op.Add or Op.Sub or Op.PointerAdd && instruction.A == phi && instruction.Block == block
            && Function.OpOf(instruction.B) == Op.Constant && !_direct[value.Id];
    }

    private void Assemble(ReadOnlySpan<Block> layout)
    {
        for (int i = 0; i < layout.Length; i++)
        {
            ref MachineBlock block = ref machine.Blocks[i];
            int start = machine.Code.AddRange(_code.Span[block.Start..block.End]);
            block.Start = start;
            block.End = machine.Code.Count;
        }
    }
}
