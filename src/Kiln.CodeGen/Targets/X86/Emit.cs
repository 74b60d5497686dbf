using Kiln.Assembler.Sections;
using Kiln.CodeGen.Machine;
using Kiln.IR;
using Kiln.Target;
using IsaInstruction = Kiln.Isa.Instruction;
using IsaOperand = Kiln.Isa.Operand;
using M = Kiln.Isa.X86.Mnemonic;
using R = Kiln.Isa.X86.Registers;

namespace Kiln.CodeGen.Targets.X86;

// Emission: allocated machine instructions to the emitter, with prologue, epilogues and call frame information; here pseudo
// instructions become what they stand for.
public sealed partial class X86Target
{
    private FunctionEmission _emission = null!;
    private Emitter _out = null!;
    private MachineFunction _machine = null!;
    private int[] _localLabelSymbols = [];
    private bool _unwind;
    private const int CfaAtEntry = 8;

    public override void Emit(MachineFunction function, FunctionEmission emission)
    {
        _machine = function;
        _emission = emission;
        _out = emission.Emitter;
        ReportAsmFaults();
        _frame = (FrameState)function.TargetState!;
        _unwind = Options.UnwindTables || Options.DebugLevel > 0;
        _isWide = _features.Avx && UsesWideVectors();
        if (_localLabelSymbols.Length <= _frame.LocalLabels)
            _localLabelSymbols = new int[_frame.LocalLabels + 16];
        else
            Array.Clear(_localLabelSymbols);
        if (_unwind)
            _out.CfiStartProcedure();
        emission.Location(function.Source.Location);
        EmitPrologue();
        for (int b = 0; b < function.Blocks.Count; b++)
        {
            ref MachineBlock block = ref function.Blocks[b];
            bool hasAddress = block.AddressOf > 0 || (block.AddressOf == 0 && function.Source[block.Block].AddressTaken);
            if (_isTarget[b] || hasAddress)
                emission.BeginBlock(b);
            if (hasAddress && Options.BranchProtection)
                Put(M.Endbr64);
            if (block.IsAbnormalEntry)
                RestoreBase();
            bool isLast = b == function.Blocks.Count - 1;
            for (int i = block.Start; i < block.End; i++)
            {
                ref MachineInstruction instruction = ref function.Code[i];
                emission.Location(instruction.Location);
                emission.Instruction(b, i);
                EmitInstruction(in instruction, isLast && i == block.End - 1);
            }
        }
        if (_unwind)
            _out.CfiEndProcedure();
        emission.EmitJumpTables();
    }

    // Building instructions

    private static int General(int number, int size) => R.General(number, size);

    private static IsaOperand G(int number, int size = 8) => IsaOperand.Reg(General(number, size));

    private static IsaOperand X(int number, int size = 16) => IsaOperand.Reg((size == 32 ? R.Ymm0 : R.Xmm0) + number);

    private void Put(M mnemonic)
    {
        var instruction = new IsaInstruction { Mnemonic = (ushort)mnemonic };
        PutOut(ref instruction);
    }

    private void Put(M mnemonic, in IsaOperand a)
    {
        var instruction = new IsaInstruction { Mnemonic = (ushort)mnemonic, OperandCount = 1, Operand0 = a };
        PutOut(ref instruction);
    }

    private void Put(M mnemonic, in IsaOperand a, in IsaOperand b)
    {
        var instruction = new IsaInstruction { Mnemonic = (ushort)mnemonic, OperandCount = 2, Operand0 = a, Operand1 = b };
        PutOut(ref instruction);
    }

    private void Put(M mnemonic, in IsaOperand a, in IsaOperand b, in IsaOperand c)
    {
        var instruction = new IsaInstruction { Mnemonic = (ushort)mnemonic, OperandCount = 3, Operand0 = a, Operand1 = b, Operand2 = c };
        PutOut(ref instruction);
    }

    private IsaOperand FrameOperand(int frameObject, int size, long displacement = 0)
    {
        (int register, long offset) = Place(_frame, in _machine.FrameObjects[frameObject]);
        return IsaOperand.Mem(size, R.Rax + register, 0, 1, offset + displacement);
    }

    private IsaOperand RegisterOperand(Reg register, int size) =>
        register.Number >= Regs.FirstVector ? X(register.Number - Regs.FirstVector, size) : G(register.Number, size is 1 or 2 or 4 or 8 ? size : 8);

    // The operand at an index of the array; memory operands take three entries.
    private IsaOperand Convert(ref int at, in MachineInstruction instruction)
    {
        ref MachineOperand operand = ref _machine.Operands[at];
        int size = operand.Size != 0 ? operand.Size : instruction.Size;
        at++;
        switch (operand.Kind)
        {
            case OperandKind.Register:
                return RegisterOperand(operand.Reg, size);
            case OperandKind.Frame:
                return FrameOperand(operand.Register, size, operand.Value);
            case OperandKind.Immediate when operand.Segment == X87Mark:
                return IsaOperand.Reg(R.St0 + (int)operand.Value);
            case OperandKind.Immediate:
                return operand.Space == SymbolSpace.None
                    ? IsaOperand.Imm(operand.Value)
                    : IsaOperand.SymbolImm(_emission.Value(in operand), operand.Value, operand.Modifier);
            case OperandKind.Block:
                return IsaOperand.Label(_emission.Label(operand.Symbol));
            case OperandKind.Target:
                return IsaOperand.Label(_emission.Value(in operand), operand.Value, operand.Modifier);
            case OperandKind.Memory:
                at += 2;
                return MemoryOperand(in operand, in _machine.Operands[at - 2], in _machine.Operands[at - 1], size);
            default:
                throw new InvalidOperationException($"operand {operand.Kind} in the code");
        }
    }

    private IsaOperand MemoryOperand(in MachineOperand head, in MachineOperand @base, in MachineOperand index, int size)
    {
        bool isAbsolute = (head.Segment & AbsoluteMark) != 0;
        int segment = head.Segment & ~AbsoluteMark;
        long displacement = head.Value;
        int baseRegister = @base.Kind == OperandKind.Register ? R.Rax + @base.Reg.Number : 0;
        int indexRegister = index.Kind != OperandKind.Register ? 0
            : index.Reg.Number >= Regs.FirstVector ? (index.Size == 32 ? R.Ymm0 : R.Xmm0) + index.Reg.Number - Regs.FirstVector
            : R.Rax + index.Reg.Number;
        int scale = head.Extra;
        if (head.Register != 0)
        {
            (int register, long offset) = Place(_frame, in _machine.FrameObjects[head.Register]);
            displacement += offset;
            if (baseRegister != 0)
            {
                // A base beside the frame's register: it becomes the index.
                if (indexRegister != 0)
                    throw new InvalidOperationException("frame object with base and index");
                indexRegister = baseRegister;
                scale = 1;
            }
            baseRegister = R.Rax + register;
        }
        int symbol = _emission.Value(in head);
        if (baseRegister == 0 && indexRegister == 0 && symbol != 0 && !isAbsolute)
            baseRegister = R.Rip;
        IsaOperand result = IsaOperand.Mem(size, baseRegister, indexRegister, Math.Max(1, scale), displacement, symbol, head.Modifier);
        if (segment != 0)
            result.Segment = (ushort)(segment == Regs.Fs ? R.Fs : R.Gs);
        return result;
    }

    private void EmitInstruction(in MachineInstruction instruction, bool isLast)
    {
        if (instruction.Opcode < GenericOp.FirstTargetPseudo)
        {
            EmitTableInstruction(in instruction);
            return;
        }
        switch (instruction.Opcode)
        {
            case GenericOp.Nothing or GenericOp.Entry or GenericOp.DebugValue or GenericOp.Undefined or GenericOp.Keep:
                break;
            case GenericOp.Move or GenericOp.Copy:
                EmitMove(in instruction);
                break;
            case GenericOp.Swap:
                {
                    Reg a = _machine.Operands[instruction.FirstOperand].Reg, b = _machine.Operands[instruction.FirstOperand + 1].Reg;
                    Put(M.Xchg, G(a.Number), G(b.Number));
                    break;
                }
            case Pseudo.Return:
                EmitEpilogue(isLast);
                break;
            case Pseudo.LocalLabel:
                _out.Label(LocalLabel(instruction.Info));
                break;
            default:
                EmitPseudo(in instruction, isLast);
                break;
        }
    }

    private int LocalLabel(int number)
    {
        ref int symbol = ref _localLabelSymbols[number];
        if (symbol == 0)
            symbol = _out.Temporary();
        return symbol;
    }

    private void EmitTableInstruction(in MachineInstruction instruction)
    {
        var result = new IsaInstruction { Mnemonic = instruction.Opcode };
        bool isJump = ConditionOfJump((M)instruction.Opcode) is not null;
        if (_isWide && (instruction.Flags & MachineFlags.Call) != 0 && instruction.Info != KeepsUppers)
            Put(M.Vzeroupper);
        if (!isJump)
            result.Prefixes = instruction.Extra;
        int at = instruction.FirstOperand, end = at + instruction.OperandCount;
        int count = 0;
        while (at < end)
        {
            ref MachineOperand operand = ref _machine.Operands[at];
            if (operand.IsImplicit || operand.Kind is OperandKind.Clobbers or OperandKind.None)
            {
                at++;
                continue;
            }
            if (isJump && instruction.Extra != 0)
            {
                result.Operand0 = IsaOperand.Label(LocalLabel((int)operand.Value));
                count = 1;
                break;
            }
            result[count++] = Convert(ref at, in instruction);
        }
        result.OperandCount = (byte)count;
        // These keep the upper part of their target: cut it off from what was in there before.
        if ((M)instruction.Opcode is M.Cvtsi2sd or M.Cvtsi2ss && Options.OptimizationLevel > 0)
            Put(M.Xorps, result.Operand0, result.Operand0);
        if (count == 2 && result.Operand1.Kind == Isa.OperandKind.Immediate && result.Operand0.Kind == Isa.OperandKind.Register)
            ShortenConstant(ref result);
        PutOut(ref result);
    }

    // mov of a 64-bit constant: the encoder takes the form of the size that is asked for.
    private static void ShortenConstant(ref IsaInstruction instruction)
    {
        if ((M)instruction.Mnemonic != M.Mov || instruction.Operand1.Symbol != 0)
            return;
        long value = instruction.Operand1.Value;
        if (R.ClassOf(instruction.Operand0.Register) == Isa.X86.RegisterClass.Gpr64 && value is >= 0 and <= uint.MaxValue)
            instruction.Operand0.Register = (ushort)R.General(R.NumberOf(instruction.Operand0.Register), 4);
        if (R.ClassOf(instruction.Operand0.Register) == Isa.X86.RegisterClass.Gpr64 && value != (int)value)
            instruction.Mnemonic = (ushort)M.Movabs;
    }

    private void EmitMove(in MachineInstruction instruction)
    {
        ref MachineOperand to = ref _machine.Operands[instruction.FirstOperand];
        ref MachineOperand from = ref _machine.Operands[instruction.FirstOperand + 1];
        int size = instruction.Size;
        if (to.Kind == OperandKind.Register && from.Kind == OperandKind.Register)
        {
            int target = to.Reg.Number, source = from.Reg.Number;
            if (target == source)
                return;
            if (target < Regs.FirstVector && source < Regs.FirstVector)
                Put(M.Mov, G(target, size <= 4 ? 4 : 8), G(source, size <= 4 ? 4 : 8));
            else
                PutVectorMove(target, source, size);
            return;
        }
        if (to.Kind == OperandKind.Frame && from.Kind == OperandKind.Frame)
        {
            EmitFrameToFrame(in to, in from, size);
            return;
        }
        bool isLoad = to.Kind == OperandKind.Register;
        ref MachineOperand register = ref isLoad ? ref to : ref from;
        ref MachineOperand frame = ref isLoad ? ref from : ref to;
        IsaOperand memory = FrameOperand(frame.Register, size, frame.Value);
        if (register.Reg.Number < Regs.FirstVector)
        {
            IsaOperand general = G(register.Reg.Number, size <= 4 ? 4 : 8);
            memory.Size = (byte)(size <= 4 ? 4 : 8);
            if (isLoad)
                Put(M.Mov, general, memory);
            else
                Put(M.Mov, memory, general);
            return;
        }
        PutVectorMemory(register.Reg.Number, memory, size, isLoad);
    }

    // Without a vector register to spare: through the stack.
    private void EmitFrameToFrame(in MachineOperand to, in MachineOperand from, int size)
    {
        for (int at = 0; at < size; at += 8)
        {
            Put(M.Push, FrameOperand(from.Register, 8, from.Value + at));
            Put(M.Pop, FrameOperand(to.Register, 8, to.Value + at));
        }
    }

    // Prologue and epilogue

    private void EmitPrologue()
    {
        if (Options.BranchProtection && !_machine.Source.Module[_machine.Source.Symbol].BindsLocally)
            Put(M.Endbr64);
        if ((_machine.Source.Flags & FunctionFlags.Naked) != 0)
            return;
        int cfa = CfaAtEntry;
        if (_frame.UsesFramePointer)
        {
            Put(M.Push, G(5));
            cfa += 8;
            if (_unwind)
            {
                _out.CfiDefineCfaOffset(cfa);
                _out.CfiOffset(6, -cfa);
            }
            Put(M.Mov, G(5), G(4));
            if (_unwind)
                _out.CfiDefineCfaRegister(6);
        }
        for (int number = 15; number >= 0; number--)
        {
            if (!_frame.Saved.Contains(number))
                continue;
            Put(M.Push, G(number));
            cfa += 8;
            if (!_unwind)
                continue;
            if (!_frame.UsesFramePointer)
                _out.CfiDefineCfaOffset(cfa);
            _out.CfiOffset(DwarfNumber(number), -cfa);
        }
        if (_frame.IsRealigned)
            Put(M.And, G(4), IsaOperand.Imm(-_frame.Alignment));
        if (_frame.Size != 0 && !_frame.InRedZone)
        {
            int size = _frame.IsRealigned ? _frame.Size + _frame.Alignment - 1 & -_frame.Alignment : _frame.Size;
            TakeStack(size, _unwind && !_frame.UsesFramePointer ? cfa : -1);
        }
        if (_frame.UsesBasePointer)
            Put(M.Mov, G(3), G(4));
        MoveVectors(isSaving: true);
    }

    // The vector registers that the Microsoft convention keeps, to or from their places in the frame.
    private void MoveVectors(bool isSaving)
    {
        int item = _frame.FirstVectorObject;
        for (int number = Regs.FirstVector; number < Regs.FirstVector + 16; number++)
        {
            if (!_frame.SavedVectors.Contains(number))
                continue;
            IsaOperand place = FrameOperand(item++, 16, 0);
            IsaOperand register = X(number - Regs.FirstVector);
            Put(M.Movups, isSaving ? place : register, isSaving ? register : place);
        }
    }

    // Everything of the prologue undone but for the return address.
    private void EmitUnwind()
    {
        MoveVectors(isSaving: false);
        int saved = _frame.Saved.Count;
        if (_frame.UsesFramePointer)
        {
            bool moved = _frame.IsRealigned || _machine.HasDynamicStack;
            if (saved == 0)
            {
                if (moved || (_frame.Size != 0 && !_frame.InRedZone))
                    Put(M.Leave);
                else
                    Put(M.Pop, G(5));
                if (_unwind)
                    _out.CfiDefineCfa(7, 8);
                return;
            }
            if (moved)
                Put(M.Lea, G(4), IsaOperand.Mem(8, R.Rbp, 0, 1, -8 * saved));
            else if (_frame.Size != 0 && !_frame.InRedZone)
                Put(M.Add, G(4), IsaOperand.Imm(_frame.Size));
        }
        else if (_frame.Size != 0 && !_frame.InRedZone)
        {
            Put(M.Add, G(4), IsaOperand.Imm(_frame.Size));
            if (_unwind)
                _out.CfiDefineCfaOffset(CfaAtEntry + 8 * saved);
        }
        int cfa = CfaAtEntry + 8 * saved;
        for (int number = 0; number < 16; number++)
        {
            if (!_frame.Saved.Contains(number))
                continue;
            Put(M.Pop, G(number));
            cfa -= 8;
            if (_unwind && !_frame.UsesFramePointer)
                _out.CfiDefineCfaOffset(cfa);
        }
        if (_frame.UsesFramePointer)
        {
            Put(M.Pop, G(5));
            if (_unwind)
                _out.CfiDefineCfa(7, 8);
        }
    }

    private bool ChangesFrame => _frame.UsesFramePointer || _frame.Saved.Count > 0 || (_frame.Size != 0 && !_frame.InRedZone);

    private void EmitEpilogue(bool isLast)
    {
        if ((_machine.Source.Flags & FunctionFlags.Naked) != 0)
            return;
        bool remember = _unwind && !isLast && ChangesFrame;
        if (remember)
            _out.CfiRememberState();
        EmitUnwind();
        if (_isWide)
            ClearUppers(_machine.Source.Signature.Results);
        int pops = _machine.Source.Signature.CalleePops;
        if (pops != 0)
            Put(M.Ret, IsaOperand.Imm(pops));
        else
            Put(M.Ret);
        if (remember)
            _out.CfiRestoreState();
    }
}
