using Kiln.CodeGen.Machine;
using Kiln.IR;
using Kiln.Target;
using Kiln.Target.Abi;
using M = Kiln.Isa.X86.Mnemonic;

namespace Kiln.CodeGen.Targets.X86;

// Calls, parameters, returns. Where everything goes stands in the Signature; here values are brought there.
public sealed partial class X86Target
{
    private static int NumberOf(Place place) => place.Bank == RegisterBank.Vector ? Regs.FirstVector + place.Register : place.Register;

    private void SelectCall(Value v)
    {
        CallInfo info = _f.Calls[(int)_f[v].Aux];
        Signature signature = info.Signature;
        Value[] operands = _f.Operands(v).ToArray();
        bool isIndirect = info.Callee.IsNone;
        int first = isIndirect ? 1 : 0;
        SignaturePart[] parts = signature.Parameters;
        bool isTail = v == _tailCall;
        if (!isTail)
            _s.Machine.HasCalls = true;
        _s.Machine.OutgoingSize = Math.Max(_s.Machine.OutgoingSize, signature.StackSize + 15 & ~15);

        // The stack area first: it needs registers that arguments travel in.
        for (int i = 0; i < parts.Length; i++)
            PassOnStack(operands[first + i], parts[i].Place);

        var fixedUses = new List<(Reg Value, int Number)>(8);
        int vectors = 0;
        for (int i = 0; i < parts.Length; i++)
        {
            if (parts[i].Place.Kind != PlaceKind.Register)
                continue;
            if (parts[i].Place.Bank == RegisterBank.Vector)
                vectors++;
            fixedUses.Add((Resolve(ArgumentRegister(operands[first + i], parts[i])), NumberOf(parts[i].Place)));
        }
        if ((info.Flags & CallFlags.StaticChain) != 0)
            fixedUses.Add((Resolve(Use(operands[first + parts.Length])), Regs.R10.Number));
        Address memory = default;
        Reg target = default;
        if (isIndirect)
        {
            Value callee = operands[0];
            if (CanFoldLoad(callee, 8) && _optimize && !isTail)
                memory = ResolveAll(MemoryOf(callee).OfSize(8));
            else
                target = Resolve(Use(callee));
        }
        if (signature.IsVariadic)
        {
            Reg count = NewReg(4);
            EmitConstant(count, vectors, 4);
            fixedUses.Add((Resolve(count), Regs.Rax.Number));
        }

        if (isTail)
            _s.Begin(Pseudo.TailCall, 8, MachineFlags.Terminator | MachineFlags.Return);
        else
            _s.Begin((int)M.Call, 8, MachineFlags.Call);
        if (PassesWide(parts))
            _s.Open.Info = KeepsUppers;
        if (!target.IsNone && isTail)
            _s.Register(target, Role.Use, Constraint.Fixed, Regs.R11.Number);
        else if (!target.IsNone)
            _s.UseAny(target);
        else if (isIndirect)
            EmitMemory(in memory);
        else
            EmitCallee(info);
        foreach ((Reg value, int number) in fixedUses)
            _s.UseFixed(value, number);
        if (isTail)
            _s.End();
        else
            FinishCall(v, info);
    }

    private Address ResolveAll(Address address)
    {
        address.Base = Resolve(address.Base);
        address.Index = Resolve(address.Index);
        return address;
    }

    private void EmitCallee(in CallInfo info)
    {
        SymbolData data = _f.Module[info.Callee];
        bool throughGot = !data.BindsLocally && Options.Relocation != RelocationModel.Static
            && ((info.Flags & CallFlags.NoPlt) != 0 || !Options.UsePlt);
        if (throughGot)
        {
            Address got = GotAddress(info.Callee).OfSize(8);
            EmitMemory(in got);
            return;
        }
        bool plt = !data.BindsLocally && Options.Relocation != RelocationModel.Static;
        _s.Target(info.Callee, plt ? (int)X86Modifier.Plt : 0);
    }

    // The results, and what is destroyed; then the x87 stack is emptied into the values.
    private void FinishCall(Value v, in CallInfo info)
    {
        SignaturePart[] results = info.Signature.Results;
        RegisterSet clobbers = info.Signature.PreservedSet == 1 ? MicrosoftClobbers : Regs.CallerSaved;
        int stack = 0;
        for (int i = 0; i < results.Length; i++)
        {
            Place place = results[i].Place;
            if (place.Kind != PlaceKind.Register)
                continue;
            if (place.Bank == RegisterBank.X87)
            {
                stack++;
                continue;
            }
            Value result = ResultOf(v, i);
            if (result.IsNone || _s.Requested(result).IsNone)
                continue;
            int number = NumberOf(place);
            Reg d = i == 0 ? Def(result) : DefineEarly(result);
            _s.DefFixed(Define(d), number);
            clobbers = clobbers.Without(number);
        }
        _s.Clobbers(clobbers);
        _s.End();
        for (int n = 0; n < stack; n++)
        {
            // st(0) is stored first, then what was st(1).
            int index = Array.FindIndex(results, part => part.Place.Bank == RegisterBank.X87 && part.Place.Register == n);
            Value result = ResultOf(v, index);
            if (result.IsNone || _s.Requested(result).IsNone)
            {
                EmitX87(M.Fstp, 0);
                continue;
            }
            Reg d = index == 0 ? Def(result) : DefineEarly(result);
            EmitX87StoreTo(d);
        }
    }

    private static RegisterSet MicrosoftClobbers =>
        new(1 << 0 | 1 << 1 | 1 << 2 | 1 << 8 | 1 << 9 | 1 << 10 | 1 << 11 | 0x3fUL << Regs.FirstVector);

    // The value that is result number index of a call: the call itself, or a Result behind it.
    private Value ResultOf(Value call, int index)
    {
        if (index == 0)
            return call;
        for (Value w = _f[call].Next; !w.IsNone && _f[w].Op == Op.Result; w = _f[w].Next)
        {
            if (_f[w].A == call && _f[w].Aux == index)
                return w;
        }
        return default;
    }

    // An argument in a register, widened where the convention wants it.
    private Reg ArgumentRegister(Value argument, in SignaturePart part)
    {
        if (part.Extension == Extension.None || part.Type.LaneBits >= 32)
            return Use(argument);
        return Extended(argument, part.Extension == Extension.Sign, 4);
    }

    private void PassOnStack(Value argument, Place place)
    {
        if (place.Kind == PlaceKind.Stack)
        {
            var slot = new Address { Base = Regs.Rsp, Scale = 1, Displacement = place.StackOffset };
            StoreValue(slot, argument, _f.TypeOf(argument), true);
        }
        else if (place.Kind == PlaceKind.StackMemory && place.Size > 0)
        {
            var slot = new Address { Base = Regs.Rsp, Scale = 1, Displacement = place.StackOffset };
            if (place.Size <= InlineLimit)
                CopyBytes(slot, AddressOf(argument), place.Size);
            else
                CopyByString(slot, Use(argument), place.Size);
        }
    }

    // rep movsq, and the tail by parts.
    private void CopyByString(Address to, Reg from, int size)
    {
        Reg target = NewReg(8), count = NewReg(8), source = NewReg(8);
        Copy(source, from);
        Emit(M.Lea, 8, target, to);
        EmitConstant(count, size / 8, 4);
        Reg targetEnd = NewReg(8), sourceEnd = NewReg(8), countEnd = NewReg(8);
        EmitFixed(
            M.Movsq,
            8,
            default,
            [(target, Regs.Rdi), (source, Regs.Rsi), (count, Regs.Rcx)],
            [(targetEnd, Regs.Rdi), (sourceEnd, Regs.Rsi), (countEnd, Regs.Rcx)],
            default,
            (int)Isa.X86.Prefixes.Rep);
        if (size % 8 != 0)
            CopyBytes(new Address { Base = targetEnd, Scale = 1 }, new Address { Base = sourceEnd, Scale = 1 }, size % 8);
    }

    /// <summary>Stores a value; whole words where it fills a stack argument's place.</summary>
    private void StoreValue(Address address, Value value, IrType type, bool whole = false)
    {
        if (type == IrType.F80)
        {
            PushX87(value);
            EmitX87Memory(M.Fstp, address, 10);
            return;
        }
        if (type.IsFloat || type.IsVector)
        {
            Reg vector = Use(value);
            EmitVectorStore(address, vector, type.Size, type);
            return;
        }
        int bytes = type.Size;
        if (IsConstant(value) && _f[value].Aux == (int)_f[value].Aux)
        {
            Emit(M.Mov, whole ? 8 : bytes, address.OfSize(whole ? 8 : bytes), Arg.Imm(_f[value].Aux));
            return;
        }
        Reg register = whole && type.LaneBits < 32 ? Extended(value, true, 4) : Use(value);
        Emit(M.Mov, whole ? 8 : bytes, address.OfSize(whole ? 8 : bytes), register);
    }

    /// <summary>A call of a function of the support or C library with arguments in integer registers and a result in rax.</summary>
    private void EmitLibraryCall(string name, ReadOnlySpan<Reg> arguments, Reg result = default)
    {
        ReadOnlySpan<byte> numbers = [7, 6, 2, 1, 8, 9];
        _s.Machine.HasCalls = true;
        Symbol callee = _f.Module.Intern(name);
        var info = new CallInfo(null!, callee, CallFlags.None);
        Span<Reg> registers = stackalloc Reg[arguments.Length];
        for (int i = 0; i < arguments.Length; i++)
            registers[i] = Resolve(arguments[i]);
        _s.Begin((int)M.Call, 8, MachineFlags.Call);
        EmitCallee(info);
        for (int i = 0; i < arguments.Length; i++)
            _s.UseFixed(registers[i], numbers[i]);
        RegisterSet clobbers = Regs.CallerSaved;
        if (!result.IsNone)
        {
            _s.DefFixed(Define(result), 0);
            clobbers = clobbers.Without(0);
        }
        _s.Clobbers(clobbers);
        _s.End();
    }

    /// <summary>A call with arguments and result in vector registers.</summary>
    private void EmitFloatLibraryCall(string name, ReadOnlySpan<Reg> arguments, Reg result)
    {
        _s.Machine.HasCalls = true;
        Symbol callee = _f.Module.Intern(name);
        Span<Reg> registers = stackalloc Reg[arguments.Length];
        for (int i = 0; i < arguments.Length; i++)
            registers[i] = Resolve(arguments[i]);
        _s.Begin((int)M.Call, 8, MachineFlags.Call);
        EmitCallee(new CallInfo(null!, callee, CallFlags.None));
        for (int i = 0; i < arguments.Length; i++)
            _s.UseFixed(registers[i], Regs.FirstVector + i);
        _s.DefFixed(Define(result), Regs.FirstVector);
        _s.Clobbers(Regs.CallerSaved.Without(Regs.FirstVector));
        _s.End();
    }

    // A call directly before the return of its own results becomes a jump: then the return emits nothing, and the call ends the block.
    private Value _tailCall;

    private bool IsTailReturn(Value v)
    {
        if (!_optimize || !_mayTailCall)
            return false;
        Value call = _f[v].Previous;
        while (!call.IsNone && _f[call].Op is Op.Result or Op.DebugValue)
            call = _f[call].Previous;
        if (call.IsNone || _f[call].Op != Op.Call)
            return false;
        CallInfo info = _f.Calls[(int)_f[call].Aux];
        Signature callee = info.Signature, own = _f.Signature;
        if ((info.Flags & (CallFlags.NoReturn | CallFlags.ReturnsTwice | CallFlags.MayJumpNonLocally | CallFlags.StaticChain)) != 0)
            return false;
        if (callee.StackSize > 0 || callee.CalleePops != own.CalleePops || callee.PreservedSet != own.PreservedSet)
            return false;
        ReadOnlySpan<Value> values = _f.Operands(v);
        if (values.Length != own.Results.Length || values.Length > callee.Results.Length)
            return false;
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i] != ResultOf(call, i) || Uses(values[i]) != 1 || own.Results[i].Place != callee.Results[i].Place)
                return false;
            if (own.Results[i].Extension != Extension.None)
                return false;
        }
        for (int i = 0; i < callee.Results.Length; i++)
        {
            if (callee.Results[i].Place.Bank == RegisterBank.X87 && i >= values.Length)
                return false;
        }
        _tailCall = call;
        return true;
    }

    private bool _mayTailCall;

    // Whether nobody can have the address of this function's frame when it ends in a call.
    private bool FrameIsPrivate()
    {
        if ((_f.Flags & (FunctionFlags.HasDynamicStack | FunctionFlags.CallsReturnsTwice | FunctionFlags.HasNonLocalEntries
            | FunctionFlags.SavesAllRegisters | FunctionFlags.Naked)) != 0)
            return false;
        foreach (SignaturePart part in _f.Signature.Parameters)
        {
            if (part.Place.Kind == PlaceKind.StackMemory)
                return false;
        }
        if (_f.SlotCount <= 1)
            return true;
        for (int i = 1; i < _f.BlockCount; i++)
        {
            if (_f[new Block(i)].IsDead)
                continue;
            for (Value v = _f[new Block(i)].First; !v.IsNone; v = _f[v].Next)
            {
                Op op = _f[v].Op;
                ReadOnlySpan<Value> operands = _f.Operands(v);
                for (int k = 0; k < operands.Length; k++)
                {
                    if (_f.OpOf(operands[k]) == Op.SlotAddress && !(k == 0 && op is Op.Load or Op.Store) && op != Op.DebugValue)
                        return false;
                }
            }
        }
        return true;
    }

    private void SelectReturn(Value v)
    {
        if (IsTailReturn(v))
            return;
        Value[] values = _f.Operands(v).ToArray();
        SignaturePart[] results = _f.Signature.Results;
        var uses = new List<(Reg Value, int Number)>(4);
        for (int i = 0; i < Math.Min(values.Length, results.Length); i++)
        {
            if (results[i].Place.Kind != PlaceKind.Register || results[i].Place.Bank == RegisterBank.X87)
                continue;
            uses.Add((Resolve(ArgumentRegister(values[i], results[i])), NumberOf(results[i].Place)));
        }
        // The x87 stack is filled last: st(1) first.
        for (int n = 1; n >= 0; n--)
        {
            int index = Array.FindIndex(results, part => part.Place.Bank == RegisterBank.X87 && part.Place.Register == n);
            if (index >= 0 && index < values.Length)
                PushX87(values[index]);
        }
        _s.Begin(Pseudo.Return, 0, MachineFlags.Terminator | MachineFlags.Return);
        foreach ((Reg value, int number) in uses)
            _s.UseFixed(value, number);
        _s.End();
    }

    // The entry: register parameters are defined by one instruction, those on the stack are loaded.
    public override void SelectEntry(Selection selection)
    {
        _groupOperands = _s.Machine.Operands.Count;
        _inside = true;
        SignaturePart[] parts = _f.Signature.Parameters;
        _s.Begin(GenericOp.Entry);
        for (int i = 0; i < parts.Length; i++)
        {
            Reg r = _s.Requested(_f.Parameters[i]);
            if (!r.IsNone && parts[i].Place.Kind == PlaceKind.Register)
                _s.DefFixed(r, NumberOf(parts[i].Place));
        }
        SelectEntryState();
        if (_s.OperandCount > 0)
            _s.End();
        SelectEntrySaves();
        for (int i = 0; i < parts.Length; i++)
        {
            Value parameter = _f.Parameters[i];
            if (_s.Requested(parameter).IsNone)
                continue;
            Place place = parts[i].Place;
            switch (place.Kind)
            {
                case PlaceKind.Stack:
                    {
                        IrType type = parts[i].Type;
                        var slot = new Address { Slot = _s.Machine.NewFixedObject(Math.Max(8, place.Size), place.StackOffset), Scale = 1 };
                        Reg d = Def(parameter);
                        if (type == IrType.F80)
                        {
                            EmitX87Memory(M.Fld, slot, 10);
                            EmitX87StoreTo(d);
                        }
                        else
                        {
                            EmitLoad(d, slot, type);
                        }
                        break;
                    }
                case PlaceKind.StackMemory:
                    {
                        int slot = _s.Machine.NewFixedObject(place.Size, place.StackOffset);
                        Emit(M.Lea, 8, Def(parameter), new Address { Slot = slot, Scale = 1 }, default, MachineFlags.Rematerializable);
                        break;
                    }
                case PlaceKind.None:
                    EmitUndefined(Def(parameter));
                    break;
            }
        }
        Finish();
        _inside = false;
    }
}
