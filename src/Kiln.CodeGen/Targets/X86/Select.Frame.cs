using Kiln.CodeGen.Machine;
using Kiln.IR;
using Kiln.Target.Abi;
using M = Kiln.Isa.X86.Mnemonic;

namespace Kiln.CodeGen.Targets.X86;

// What looks at the frame: variadic arguments, stack allocation, frame and return addresses, setjmp and longjmp.
public sealed partial class X86Target
{
    private int NewLocalLabel() => ++_frame.LocalLabels;

    private const int SaveAreaSize = 176, IntegerSaveSize = 48;

    private static ReadOnlySpan<byte> ArgumentNumbers => [7, 6, 2, 1, 8, 9];

    // struct va_list: gp_offset, fp_offset, overflow_arg_area, reg_save_area (System V ABI, figure 3.34).
    private void SelectVaStart(Value v)
    {
        Signature signature = _f.Signature;
        if (_frame.SaveArea == 0)
            _frame.SaveArea = _s.Machine.NewFrameObject(_vectors ? SaveAreaSize : IntegerSaveSize, 4);
        Address list = AddressOf(_f[v].A);
        Emit(M.Mov, 4, list.OfSize(4), Arg.Imm(signature.NamedUse.Integer * 8));
        Emit(M.Mov, 4, list.Plus(4).OfSize(4), Arg.Imm(IntegerSaveSize + signature.NamedUse.Vector * 16));
        Reg overflow = NewReg(8), save = NewReg(8);
        int incoming = _s.Machine.NewFixedObject(8, signature.NamedUse.Stack);
        Emit(M.Lea, 8, overflow, new Address { Slot = incoming, Scale = 1 });
        Emit(M.Mov, 8, list.Plus(8).OfSize(8), overflow);
        Emit(M.Lea, 8, save, new Address { Slot = _frame.SaveArea, Scale = 1 });
        Emit(M.Mov, 8, list.Plus(16).OfSize(8), save);
    }

    private readonly List<(Reg Value, int Number)> _entrySaves = [];
    private Reg _vectorCount;
    private Reg _chain;

    // The other registers that the entry defines: those to be saved for va_arg, and the static chain.
    private void SelectEntryState()
    {
        _entrySaves.Clear();
        if (!_chain.IsNone)
            _s.DefFixed(_chain, Regs.R10.Number);
        if (_frame.SaveArea == 0)
            return;
        for (int i = _f.Signature.NamedUse.Integer; i < 6; i++)
            _entrySaves.Add((EntryRegister(ArgumentNumbers[i]), ArgumentNumbers[i]));
        if (!_vectors)
            return;
        for (int i = _f.Signature.NamedUse.Vector; i < 8; i++)
            _entrySaves.Add((EntryRegister(Regs.FirstVector + i), Regs.FirstVector + i));
        _vectorCount = EntryRegister(Regs.Rax.Number);
    }

    // The register that a physical register's value at entry is in: a parameter's, or a new one.
    private Reg EntryRegister(int number)
    {
        SignaturePart[] parts = _f.Signature.Parameters;
        for (int i = 0; i < parts.Length; i++)
        {
            if (parts[i].Place.Kind == PlaceKind.Register && NumberOf(parts[i].Place) == number && !_s.Requested(_f.Parameters[i]).IsNone)
                return _s.Requested(_f.Parameters[i]);
        }
        Reg r = number >= Regs.FirstVector ? NewVector(16) : NewReg(8);
        r = Define(r);
        _s.DefFixed(r, number);
        return r;
    }

    private void SelectEntrySaves()
    {
        if (_frame.SaveArea == 0)
            return;
        for (int i = 0; i < _entrySaves.Count; i++)
        {
            (Reg value, int number) = _entrySaves[i];
            if (number >= Regs.FirstVector)
                continue;
            int at = ArgumentNumbers.IndexOf((byte)number) * 8;
            Emit(M.Mov, 8, new Address { Slot = _frame.SaveArea, Scale = 1, Displacement = at, Size = 8 }, value);
        }
        if (!_vectors || _f.Signature.NamedUse.Vector >= 8)
            return;
        // al is zero where no vector register carries an argument.
        int skip = NewLocalLabel();
        _s.Begin(Pseudo.SaveRegisters, 8);
        _s.Open.Info = skip;
        _s.Use(_vectorCount);
        foreach ((Reg value, int number) in _entrySaves)
        {
            if (number >= Regs.FirstVector)
                _s.Register(value, Role.Use, Constraint.Fixed, number);
        }
        _s.Memory(default, default, 1, IntegerSaveSize, 16, SymbolSpace.None, 0, 0, _frame.SaveArea);
        _s.End();
    }

    private void SelectStaticChain(Value v)
    {
        // Defined at the entry; here only handed on.
        if (_chain.IsNone)
        {
            _chain = _s.Machine.NewRegister(RegisterClass.General, 8);
            _s.MarkGlobal(_chain);
        }
        Copy(Def(v), _chain);
    }

    // Dynamic allocation: the room lies above the outgoing arguments, which stay at the stack pointer.
    private void SelectStackAllocate(Value v)
    {
        Value size = _f[v].A;
        int alignment = (int)Math.Max(16, _f[v].Aux);
        Reg d = Def(v);
        _s.Machine.HasDynamicStack = true;
        Reg bytes = NewReg(8);
        if (IsConstant(size))
        {
            long rounded = _f[size].Aux + 15 & ~15L;
            EmitConstant(bytes, rounded + (alignment > 16 ? alignment : 0), 8);
        }
        else
        {
            Copy(bytes, Use(size));
            Emit(M.Add, 8, bytes, Arg.Imm(alignment > 16 ? alignment + 15 : 15));
            Emit(M.And, 8, bytes, Arg.Imm(-16));
        }
        Reg amount = Resolve(bytes);
        Reg place = Define(d);
        _s.Begin(Pseudo.AllocateStack, 8);
        _s.Open.Info = alignment;
        _s.Register(place, Role.Def | Role.Early);
        _s.Use(amount);
        _s.End();
    }

    private void SelectStackSave(Value v)
    {
        Reg r = Define(Def(v));
        _s.Begin(Pseudo.GetStack, 8);
        _s.Def(r);
        _s.End();
    }

    private void SelectStackRestore(Value v)
    {
        Reg saved = Resolve(Use(_f[v].A));
        _s.Machine.HasDynamicStack = true;
        _s.Begin(Pseudo.SetStack, 8);
        _s.Use(saved);
        _s.End();
    }

    // The function has a frame pointer where this is asked for.
    private void SelectFrameAddress(Value v)
    {
        Reg d = Def(v);
        Reg frame = FrameAtLevel((int)_f[v].Aux);
        Copy(d, frame);
    }

    private Reg FrameAtLevel(int levels)
    {
        Reg frame = NewReg(8);
        Reg r = Define(frame);
        _s.Begin(Pseudo.FrameAddress, 8);
        _s.Def(r);
        _s.End();
        for (int i = 0; i < levels; i++)
        {
            Reg next = NewReg(8);
            Emit(M.Mov, 8, next, new Address { Base = frame, Scale = 1, Size = 8 });
            frame = next;
        }
        return frame;
    }

    private void SelectReturnAddress(Value v)
    {
        Reg d = Def(v);
        int levels = (int)_f[v].Aux;
        if (levels == 0)
        {
            int slot = _s.Machine.NewFixedObject(8, -8);
            Emit(M.Mov, 8, d, new Address { Slot = slot, Scale = 1, Size = 8 });
            return;
        }
        Reg frame = FrameAtLevel(levels);
        Emit(M.Mov, 8, d, new Address { Base = frame, Scale = 1, Displacement = 8, Size = 8 });
    }

    // __builtin_setjmp: the buffer holds frame pointer, address to go on at, stack pointer. Nothing is in a register afterwards.
    private void SelectSetJump(Value v)
    {
        Reg buffer = Resolve(Use(_f[v].A));
        Reg d = Def(v);
        _frame.SavesAll = true;
        _s.Machine.HasCalls = true;
        Reg result = Define(d);
        _s.Begin(Pseudo.SetJump, 8, MachineFlags.Call);
        _s.Open.Info = NewLocalLabel();
        NewLocalLabel();
        _s.UseFixed(buffer, Regs.Rdi.Number);
        _s.DefFixed(result, Regs.Rax.Number);
        RegisterSet all = (Regs.General | Regs.Vector).Without(Regs.Rsp.Number).Without(Regs.Rbp.Number).Without(Regs.Rax.Number);
        _s.Clobbers(all);
        _s.End();
    }

    private void SelectLongJump(Value v)
    {
        Reg buffer = Resolve(Use(_f[v].A));
        _s.Begin(Pseudo.LongJump, 8, MachineFlags.Terminator);
        _s.UseFixed(buffer, Regs.Rdi.Number);
        _s.End();
    }

    private void SelectPrefetch(Value v)
    {
        int hint = (int)_f[v].Aux;
        M mnemonic = (hint >> 1 & 3) switch { 0 => M.Prefetchnta, 1 => M.Prefetcht2, 2 => M.Prefetcht1, _ => M.Prefetcht0 };
        if ((hint & 1) != 0 && _features.PrefetchWrite)
            mnemonic = M.Prefetchw;
        Emit(mnemonic, 0, AddressOf(_f[v].A).OfSize(1));
    }
}
