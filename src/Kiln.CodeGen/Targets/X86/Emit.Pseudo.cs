using Kiln.CodeGen.Machine;
using Kiln.IR;
using Kiln.Target;
using IsaInstruction = Kiln.Isa.Instruction;
using IsaOperand = Kiln.Isa.Operand;
using M = Kiln.Isa.X86.Mnemonic;
using R = Kiln.Isa.X86.Registers;

namespace Kiln.CodeGen.Targets.X86;

// What pseudo instructions become.
public sealed partial class X86Target
{
    private Reg RegisterAt(in MachineInstruction instruction, int index) => _machine.Operands[instruction.FirstOperand + index].Reg;

    private void PutVectorMove(int target, int source, int size)
    {
        bool targetIsVector = target >= Regs.FirstVector, sourceIsVector = source >= Regs.FirstVector;
        if (targetIsVector && sourceIsVector)
        {
            if (size == 32)
                Put(M.Vmovaps, X(target - Regs.FirstVector, 32), X(source - Regs.FirstVector, 32));
            else
                Put(M.Movaps, X(target - Regs.FirstVector), X(source - Regs.FirstVector));
            return;
        }
        IsaOperand general = G(targetIsVector ? source : target, size <= 4 ? 4 : 8);
        IsaOperand vector = X((targetIsVector ? target : source) - Regs.FirstVector);
        M mnemonic = size <= 4 ? M.Movd : M.Movq;
        if (targetIsVector)
            Put(mnemonic, vector, general);
        else
            Put(mnemonic, general, vector);
    }

    private void PutVectorMemory(int register, in IsaOperand memory, int size, bool isLoad)
    {
        IsaOperand vector = X(register - Regs.FirstVector, size);
        M mnemonic = size switch { 4 => M.Movss, 8 => M.Movsd, 16 => M.Movaps, 32 => M.Vmovups, _ => M.Movups };
        if (isLoad)
            Put(mnemonic, vector, memory);
        else
            Put(mnemonic, memory, vector);
    }

    private void EmitPseudo(in MachineInstruction instruction, bool isLast)
    {
        switch (instruction.Opcode)
        {
            case Pseudo.ZeroVector:
                {
                    IsaOperand x = X(RegisterAt(instruction, 0).Number - Regs.FirstVector);
                    Put(M.Xorps, x, x);
                    break;
                }
            case Pseudo.OnesVector:
                {
                    IsaOperand x = X(RegisterAt(instruction, 0).Number - Regs.FirstVector, instruction.Size == 32 ? 32 : 16);
                    Put(M.Pcmpeqd, x, x);
                    break;
                }
            case Pseudo.SelectVector:
                {
                    int skip = _out.Temporary();
                    PutJump(Conditions.Negate((Condition)instruction.Extra), skip);
                    int target = RegisterAt(instruction, 0).Number, source = RegisterAt(instruction, 2).Number;
                    PutVectorMove(target, source, instruction.Size);
                    _out.Label(skip);
                    break;
                }
            case Pseudo.SelectX87:
                {
                    int skip = _out.Temporary();
                    int at = instruction.FirstOperand;
                    IsaOperand to = Convert(ref at, in instruction), whenFalse = Convert(ref at, in instruction), whenTrue = Convert(ref at, in instruction);
                    Put(M.Fld, whenFalse);
                    PutJump(Conditions.Negate((Condition)instruction.Extra), skip);
                    Put(M.Fstp, IsaOperand.Reg(R.St0));
                    Put(M.Fld, whenTrue);
                    _out.Label(skip);
                    Put(M.Fstp, to);
                    break;
                }
            case Pseudo.TlsCall:
                EmitTlsSequence(in instruction);
                break;
            case Pseudo.SaveRegisters:
                EmitSaveRegisters(in instruction);
                break;
            case Pseudo.SetStack:
                Put(M.Mov, G(4), G(RegisterAt(instruction, 0).Number));
                break;
            case Pseudo.GetStack:
                Put(M.Mov, G(RegisterAt(instruction, 0).Number), G(4));
                break;
            case Pseudo.AllocateStack:
                {
                    int place = RegisterAt(instruction, 0).Number, bytes = RegisterAt(instruction, 1).Number;
                    int outgoing = _machine.OutgoingSize;
                    TakeDynamicStack(bytes, place);
                    Put(M.Lea, G(place), IsaOperand.Mem(8, R.Rsp, 0, 1, outgoing + (instruction.Info > 16 ? instruction.Info - 1 : 0)));
                    if (instruction.Info > 16)
                        Put(M.And, G(place), IsaOperand.Imm(-instruction.Info));
                    break;
                }
            case Pseudo.FrameAddress:
                Put(M.Mov, G(RegisterAt(instruction, 0).Number), G(5));
                break;
            case Pseudo.SetJump:
                EmitSetJump(in instruction);
                break;
            case Pseudo.LongJump:
                // rdi is the buffer.
                Put(M.Mov, G(5), IsaOperand.Mem(8, R.Rdi));
                Put(M.Mov, G(1), IsaOperand.Mem(8, R.Rdi, 0, 1, 8));
                Put(M.Mov, G(4), IsaOperand.Mem(8, R.Rdi, 0, 1, 16));
                Put(M.Jmp, G(1));
                break;
            case Pseudo.TableJump:
                {
                    int index = RegisterAt(instruction, 0).Number, table = RegisterAt(instruction, 2).Number;
                    Put(M.Lea, G(table), IsaOperand.Mem(8, R.Rip, 0, 1, 0, _emission.TableLabel(instruction.Info)));
                    Put(M.Movsxd, G(index), IsaOperand.Mem(4, R.Rax + table, R.Rax + index, 4));
                    Put(M.Add, G(index), G(table));
                    Put(M.Jmp, G(index));
                    break;
                }
            case Pseudo.RmwLoop:
                EmitRmwLoop(in instruction);
                break;
            case Pseudo.TailCall:
                EmitTailCall(in instruction, isLast);
                break;
            case Pseudo.Asm:
                EmitAsm(in instruction);
                break;
            default:
                throw new InvalidOperationException($"pseudo instruction {instruction.Opcode:x}");
        }
    }

    private void PutJump(Condition condition, int label)
    {
        var instruction = new IsaInstruction { Mnemonic = (ushort)Jump(condition), OperandCount = 1, Operand0 = IsaOperand.Label(label) };
        PutOut(ref instruction);
    }

    // The sequences are those of the TLS ABI, with the padding that the linker needs to rewrite them.
    private void EmitTlsSequence(in MachineInstruction instruction)
    {
        ref MachineOperand symbol = ref _machine.Operands[instruction.FirstOperand];
        int value = _emission.Value(in symbol);
        int getAddress = _out.Symbol("__tls_get_addr");
        bool isLocal = instruction.Extra != 0;
        if (!isLocal)
            Put(M.Data16);
        Put(M.Lea, G(7), IsaOperand.Mem(8, R.Rip, 0, 1, 0, value, (int)(isLocal ? X86Modifier.TlsLd : X86Modifier.TlsGd)));
        if (isLocal)
        {
            Put(M.Call, IsaOperand.Label(getAddress, 0, (int)X86Modifier.Plt));
            return;
        }
        // .value 0x6666; rex64; call
        _out.Data([0x66, 0x66, 0x48]);
        Put(M.Call, IsaOperand.Label(getAddress, 0, (int)X86Modifier.Plt));
    }

    private void EmitSaveRegisters(in MachineInstruction instruction)
    {
        int skip = LocalLabel(instruction.Info);
        int count = RegisterAt(instruction, 0).Number;
        Put(M.Test, G(count, 1), G(count, 1));
        PutJump(Condition.Equal, skip);
        int area = instruction.FirstOperand + instruction.OperandCount - 3;
        int at = area;
        IsaOperand memory = Convert(ref at, in instruction);
        long start = memory.Value;
        for (int i = instruction.FirstOperand + 1; i < area; i++)
        {
            int number = _machine.Operands[i].Reg.Number - Regs.FirstVector;
            memory.Value = start + number * 16;
            Put(M.Movaps, memory, X(number));
        }
        _out.Label(skip);
    }

    private void EmitSetJump(in MachineInstruction instruction)
    {
        int again = LocalLabel(instruction.Info), done = LocalLabel(instruction.Info + 1);
        Put(M.Mov, IsaOperand.Mem(8, R.Rdi), G(5));
        Put(M.Lea, G(0), IsaOperand.Mem(8, R.Rip, 0, 1, 0, again));
        Put(M.Mov, IsaOperand.Mem(8, R.Rdi, 0, 1, 8), G(0));
        Put(M.Mov, IsaOperand.Mem(8, R.Rdi, 0, 1, 16), G(4));
        Put(M.Xor, G(0, 4), G(0, 4));
        Put(M.Jmp, IsaOperand.Label(done));
        _out.Label(again);
        if (Options.BranchProtection)
            Put(M.Endbr64);
        RestoreBase();
        Put(M.Mov, G(0, 4), IsaOperand.Imm(1));
        _out.Label(done);
    }

    // After a jump from elsewhere only rsp and rbp are right.
    private void RestoreBase()
    {
        if (_frame.UsesBasePointer)
            Put(M.Mov, G(3), G(4));
    }

    private void EmitRmwLoop(in MachineInstruction instruction)
    {
        int at = instruction.FirstOperand;
        IsaOperand memory = Convert(ref at, in instruction);
        int value = _machine.Operands[at].Reg.Number, next = _machine.Operands[at + 1].Reg.Number;
        int size = instruction.Size, wide = Math.Max(4, size);
        int loop = LocalLabel(instruction.Info);
        _out.Label(loop);
        Put(M.Mov, G(next, wide), G(0, wide));
        switch ((RmwOperation)instruction.Extra)
        {
            case RmwOperation.And: Put(M.And, G(next, wide), G(value, wide)); break;
            case RmwOperation.Or: Put(M.Or, G(next, wide), G(value, wide)); break;
            case RmwOperation.Xor: Put(M.Xor, G(next, wide), G(value, wide)); break;
            case RmwOperation.Nand:
                Put(M.And, G(next, wide), G(value, wide));
                Put(M.Not, G(next, wide));
                break;
            default:
                throw new InvalidOperationException($"loop for {(RmwOperation)instruction.Extra}");
        }
        var exchange = new IsaInstruction
        {
            Mnemonic = (ushort)M.Cmpxchg,
            Prefixes = LockPrefix,
            OperandCount = 2,
            Operand0 = memory,
            Operand1 = G(next, size),
        };
        PutOut(ref exchange);
        PutJump(Condition.NotEqual, loop);
    }

    private void EmitTailCall(in MachineInstruction instruction, bool isLast)
    {
        bool remember = _unwind && !isLast && ChangesFrame;
        if (remember)
            _out.CfiRememberState();
        EmitUnwind();
        if (_isWide && instruction.Info != KeepsUppers)
            Put(M.Vzeroupper);
        int at = instruction.FirstOperand;
        Put(M.Jmp, Convert(ref at, in instruction));
        if (remember)
            _out.CfiRestoreState();
    }
}
