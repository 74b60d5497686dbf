using Kiln.CodeGen.Machine;
using Kiln.IR;
using M = Kiln.Isa.X86.Mnemonic;

namespace Kiln.CodeGen.Targets.X86;

// Atomic operations. Loads and stores of up to 8 bytes are atomic by themselves, and x86 keeps all orders but store-load: a
// sequentially consistent store is an xchg, the other operations carry lock.
public sealed partial class X86Target
{
    private const int LockPrefix = (int)Isa.X86.Prefixes.Lock;

    private void SelectAtomicStore(Value v)
    {
        Value value = _f[v].B;
        IrType type = _f.TypeOf(value);
        int bytes = type.Size;
        Reg old = NewReg(bytes);
        Reg source = Use(value);
        if (type.IsFloat || type.IsVector)
        {
            Reg bits = NewReg(bytes);
            Emit(bytes <= 4 ? M.Movd : M.Movq, bytes <= 4 ? 4 : 8, bits, source);
            source = bits;
        }
        Address address = AddressOf(_f[v].A);
        Copy(old, source);
        EmitExchange(old, address, bytes);
    }

    // d and memory change places.
    private void EmitExchange(Reg d, Address address, int bytes)
    {
        Reg before = Resolve(d);
        address = ResolveAll(address).OfSize(bytes);
        Reg after = Define(d);
        _s.Begin((int)M.Xchg, bytes);
        EmitMemory(in address);
        _s.DefTied(after, before);
        _s.End();
    }

    private void EmitLocked(M mnemonic, int bytes, Address address, in Arg operand)
    {
        Reg register = operand.Kind == ArgKind.Register ? Resolve(operand.Register) : default;
        address = ResolveAll(address).OfSize(bytes);
        _s.Begin((int)mnemonic, bytes);
        _s.Open.Extra = LockPrefix;
        EmitMemory(in address);
        EmitArg(operand, register, default, false);
        _s.End();
    }

    private void SelectAtomicRmw(Value v)
    {
        Value pointer = _f[v].A, value = _f[v].B;
        IrType type = _f[v].Type;
        int bytes = type.Size;
        RmwOperation operation = _f.Rmw(v);
        bool isUsed = !_s.Requested(v).IsNone;
        if (operation == RmwOperation.Exchange)
        {
            Reg d = Def(v);
            Reg source = Use(value);
            Address address = AddressOf(pointer);
            Copy(d, source);
            EmitExchange(d, address, bytes);
            return;
        }
        if (!isUsed && operation != RmwOperation.Nand)
        {
            M mnemonic = operation switch
            {
                RmwOperation.Add => M.Add,
                RmwOperation.Sub => M.Sub,
                RmwOperation.And => M.And,
                RmwOperation.Or => M.Or,
                _ => M.Xor,
            };
            Arg operand = RegisterOrImmediate(value, bytes);
            if (operand.Kind == ArgKind.Immediate && bytes < 4)
                operand = Arg.Imm(bytes == 1 ? (sbyte)operand.Value : (short)operand.Value);
            EmitLocked(mnemonic, bytes, AddressOf(pointer), operand);
            return;
        }
        if (operation is RmwOperation.Add or RmwOperation.Sub)
        {
            Reg d = Def(v);
            Reg amount = NewReg(bytes);
            if (operation == RmwOperation.Sub && IsConstant(value))
            {
                EmitConstant(amount, bytes == 8 ? -_f[value].Aux : (int)-_f[value].Aux, Math.Max(4, bytes));
            }
            else
            {
                Copy(amount, Use(value));
                if (operation == RmwOperation.Sub)
                    Emit(M.Neg, Math.Max(4, bytes), amount);
            }
            Address address = ResolveAll(AddressOf(pointer)).OfSize(bytes);
            Reg before = Resolve(amount);
            Copy(d, amount);
            Reg after = Define(d);
            _s.Begin((int)M.Xadd, bytes);
            _s.Open.Extra = LockPrefix;
            EmitMemory(in address);
            _s.DefTied(after, before);
            _s.End();
            return;
        }
        SelectRmwLoop(v, operation, bytes);
    }

    // The rest in a loop of cmpxchg, as one pseudo instruction: 1: mov old, new; op value, new; lock cmpxchg new, (p); jne 1b.
    private void SelectRmwLoop(Value v, RmwOperation operation, int bytes)
    {
        Reg d = Def(v);
        Reg value = Resolve(Use(_f[v].B));
        Address address = ResolveAll(AddressOf(_f[v].A)).OfSize(bytes);
        Reg old = NewReg(bytes);
        EmitLoadZero(old, address, bytes);
        Reg start = Resolve(old);
        Reg result = Define(d), next = Define(NewReg(bytes));
        _s.Begin(Pseudo.RmwLoop, bytes);
        _s.Open.Info = NewLocalLabel();
        _s.Open.Extra = (ushort)operation;
        EmitMemory(in address);
        _s.Register(value, Role.Use | Role.Early);
        _s.Register(next, Role.Def | Role.Early);
        _s.UseFixed(start, Regs.Rax.Number);
        _s.DefFixed(result, Regs.Rax.Number);
        _s.End();
        // Base and index are read after the definitions: mark them late.
        LateMemoryUses();
    }

    // The registers of the memory operand of the last instruction are read until its end.
    private void LateMemoryUses()
    {
        Span<MachineOperand> operands = _s.Machine.Operands.Span;
        for (int i = operands.Length - 1; i >= 0; i--)
        {
            if (operands[i].Kind != OperandKind.Memory)
                continue;
            operands[i + 1].Role |= Role.Early;
            operands[i + 2].Role |= Role.Early;
            return;
        }
    }

    private void SelectCompareExchange(Value v)
    {
        IrType type = _f[v].Type;
        int bytes = type.Size;
        Reg d = Def(v);
        Reg expected = Use(_f[v].B), desired = Use(_f[v].C);
        Address address = ResolveAll(AddressOf(_f[v].A)).OfSize(bytes);
        expected = Resolve(expected);
        desired = Resolve(desired);
        Reg old = Define(d);
        _s.Begin((int)M.Cmpxchg, bytes);
        _s.Open.Extra = LockPrefix;
        EmitMemory(in address);
        _s.Use(desired);
        _s.UseFixed(expected, Regs.Rax.Number);
        _s.DefFixed(old, Regs.Rax.Number);
        _s.End();
    }

    private void SelectFence(Value v)
    {
        // Only the strongest fence needs an instruction; the others keep the compiler from moving.
        if ((MemoryOrder)_f[v].Aux != MemoryOrder.SequentiallyConsistent)
            return;
        EmitLocked(M.Or, 4, new Address { Base = Regs.Rsp, Scale = 1 }, Arg.Imm(0));
    }
}
