using Kiln.Base;
using Kiln.CodeGen.Machine;
using Kiln.IR;
using Kiln.Isa.X86;
using Kiln.Target.X86;
using M = Kiln.Isa.X86.Mnemonic;
using OperandKind = Kiln.CodeGen.Machine.OperandKind;
using RegisterClass = Kiln.CodeGen.Machine.RegisterClass;
using Role = Kiln.CodeGen.Machine.Role;

namespace Kiln.CodeGen.Targets.X86;

// Selection for x86, in files by kind of operation; here stand the dispatch and the words that the others are written with.
//
// The words. Machine code before allocation is in SSA form, but two-address instructions are read best as changes of a register.
// So the methods here write `Copy(d, x); Emit(Add, d, y)`: within the code of one IR instruction a register is a variable. Copy makes it
// another name of x; an instruction that changes it defines a new register behind the name (tied to the old one), and when
// the IR instruction is done, the last one gets the name that its users know (Finish). No copies are left but where a value is
// only handed on.
public sealed partial class X86Target(CodeGenOptions options) : TargetMachine(options)
{
    private Selection _s = null!;
    private Function _f = null!;
    private ulong _featureBits;
    private Features _features;
    private bool _optimize;
    private bool _vectors;
    private int[] _addressUses = [];
    private int[] _twins = [];
    private byte[] _done = [];
    private readonly GrowBuffer<int> _alias = new(1024);
    private readonly GrowBuffer<byte> _state = new(1024);
    private readonly GrowBuffer<int> _touched = new(64);
    private readonly GrowBuffer<(Reg Register, IrType Type)> _groupDefs = new(4);
    private int _groupOperands;

    private const byte Owned = 1, Defined = 2;

    // Values

    private Block CurrentBlock => _s.CurrentBlock;

    private bool IsConstant(Value v) => _f.OpOf(v) == Op.Constant && _f.TypeOf(v) != IrType.I128;

    /// <summary>Whether the current instruction may compute the value in its own place, and nobody else needs it.</summary>
    private bool IsCovered(Value v) => _s.IsFoldable(v);

    private int Uses(Value v) => _s.UseCount(v);

    /// <summary>Whether the current instruction is likely the last use of a value: the only one, and not in a loop that the value is
    /// made outside of. Its register may then be changed.</summary>
    private bool DiesHere(Value v)
    {
        if (Uses(v) > 1)
            return false;
        Block block = _f[v].Block;
        if (block == CurrentBlock)
            return true;
        float made = block.IsNone ? 1 : _f[block].Frequency;
        return _f[CurrentBlock].Frequency <= made * 1.5f;
    }

    /// <summary>The register of a value.</summary>
    private Reg Use(Value v) => _s.Register(v);

    /// <summary>The register that the instruction being selected defines for a value.</summary>
    private Reg Def(Value v)
    {
        Reg r = _s.Result(v);
        Own(r);
        _groupDefs.Add((r, _f.TypeOf(v)));
        return r;
    }

    /// <summary>Defines a value of an earlier instruction of the block here, in passing.</summary>
    private Reg DefineEarly(Value v)
    {
        _s.Register(v);
        _done[v.Id] = 1;
        return Def(v);
    }

    private Reg NewReg(int size)
    {
        Reg r = _s.Machine.NewRegister(RegisterClass.General, 8);
        Own(r);
        return r;
    }

    private Reg NewVector(int size)
    {
        Reg r = _s.Machine.NewRegister(RegisterClass.Vector, Math.Max(4, size));
        Own(r);
        return r;
    }

    private void Own(Reg r)
    {
        int index = r.Index;
        if (index >= _state.Count)
        {
            _state.Resize(index + 64);
            _alias.Resize(index + 64);
        }
        if (_state[index] == 0)
            _touched.Add(index);
        _state[index] = Owned;
        _alias[index] = 0;
    }

    private Reg Resolve(Reg r)
    {
        if (!r.IsVirtual || r.Index >= _alias.Count || _alias[r.Index] == 0)
            return r;
        return new Reg(_alias[r.Index]);
    }

    /// <summary>Makes a register another name of what <paramref name="source"/> is now.</summary>
    private void Copy(Reg d, Reg source) => _alias[d.Index] = Resolve(source).Id;

    /// <summary>The register that a new definition of <paramref name="d"/> goes to.</summary>
    private Reg Define(Reg d)
    {
        ref byte state = ref _state[d.Index];
        if (state == Owned)
        {
            state = Defined;
            _alias[d.Index] = 0;
            return d;
        }
        VirtualRegister data = _s.Machine.Data(d);
        Reg fresh = _s.Machine.NewRegister(data.Class, data.SpillSize);
        Own(fresh);
        _state[fresh.Index] = Defined;
        _alias[d.Index] = fresh.Id;
        return fresh;
    }

    /// <summary>Gives the last definition of every value defined here its lasting name.</summary>
    private void Finish()
    {
        for (int i = 0; i < _groupDefs.Count; i++)
        {
            (Reg d, IrType type) = _groupDefs[i];
            Reg last = Resolve(d);
            if (last == d)
            {
                if (_state[d.Index] != Defined)
                    throw new InvalidOperationException($"{_f.OpOf(_s.Current)} does not define its result");
                continue;
            }
            bool own = last.IsVirtual && last.Index < _state.Count && _state[last.Index] == Defined && !IsGroupDef(last);
            if (own)
            {
                SwapNames(d, last);
            }
            else
            {
                if (_state[d.Index] == Defined)
                    SwapNames(d, NewReg(8));
                _state[d.Index] = Defined;
                EmitCopy(d, last, type);
            }
            _alias[d.Index] = 0;
        }
        _groupDefs.Clear();
        foreach (int index in _touched.Span)
        {
            _state[index] = 0;
            _alias[index] = 0;
        }
        _touched.Clear();
    }

    private bool IsGroupDef(Reg r)
    {
        foreach ((Reg d, _) in _groupDefs.Span)
        {
            if (d == r)
                return true;
        }
        return false;
    }

    private void SwapNames(Reg a, Reg b)
    {
        ref VirtualRegister x = ref _s.Machine.Data(a);
        ref VirtualRegister y = ref _s.Machine.Data(b);
        x.SpillSize = y.SpillSize = Math.Max(x.SpillSize, y.SpillSize);
        y.Class = x.Class;
        Span<MachineOperand> operands = _s.Machine.Operands.Span;
        for (int i = _groupOperands; i < operands.Length; i++)
        {
            ref MachineOperand operand = ref operands[i];
            if (operand.Kind != OperandKind.Register)
                continue;
            if (operand.Register == a.Id)
                operand.Register = b.Id;
            else if (operand.Register == b.Id)
                operand.Register = a.Id;
        }
        for (int i = 0; i < _touched.Count; i++)
        {
            ref int alias = ref _alias[_touched[i]];
            if (alias == a.Id)
                alias = b.Id;
            else if (alias == b.Id)
                alias = a.Id;
        }
    }

    private void EmitCopy(Reg d, Reg source, IrType type)
    {
        int size = _s.Machine.Data(d).Class == RegisterClass.General ? type.LaneBits <= 32 ? 4 : 8 : Math.Max((int)_s.Machine.Data(d).SpillSize, 4);
        _s.Begin(GenericOp.Copy, size);
        _s.Register(d, Role.Def, Constraint.Any);
        _s.Register(source, Role.Use, Constraint.Any);
        _s.End();
    }

    // Instructions

    private enum FirstRole : byte
    {
        Changed,
        Written,
        Read,
    }

    private static FirstRole RoleOf(M mnemonic, int count)
    {
        int form = Forms.Find(mnemonic, count);
        if (form < 0)
            throw new InvalidOperationException($"{mnemonic} with {count} operands");
        return Forms.Access(form, 0) switch
        {
            OperandAccess.Write => FirstRole.Written,
            OperandAccess.ReadWrite => FirstRole.Changed,
            _ => FirstRole.Read,
        };
    }

    // Whether the last register operand may as well be memory: it then stays in its spill slot.
    private static bool TakesMemory(M mnemonic, int size)
    {
        switch (mnemonic)
        {
            case M.Add or M.Sub or M.And or M.Or or M.Xor or M.Adc or M.Sbb or M.Cmp or M.Imul or M.Mov or M.Movzx or M.Movsx or M.Movsxd
                or M.Popcnt or M.Lzcnt or M.Tzcnt or M.Bsf or M.Bsr or M.Andn:
                return size >= 1;
            case M.Addss or M.Addsd or M.Subss or M.Subsd or M.Mulss or M.Mulsd or M.Divss or M.Divsd or M.Ucomiss or M.Ucomisd
                or M.Cvttss2si or M.Cvttsd2si or M.Minss or M.Minsd or M.Maxss or M.Maxsd:
                return true;
            default:
                return false;
        }
    }

    private void Emit(M mnemonic, int size, in Arg a = default, in Arg b = default, in Arg c = default, MachineFlags flags = 0)
    {
        bool threeOperands = c.Kind != ArgKind.None;
        FirstRole role = RoleOf(mnemonic, a.Kind == ArgKind.None ? 0 : b.Kind == ArgKind.None ? 1 : threeOperands ? 3 : 2);
        if (mnemonic is M.Movss or M.Movsd && a.Kind == ArgKind.Register && b.Kind == ArgKind.Register)
            role = FirstRole.Changed;
        // A register that has no value yet cannot be changed: what the instruction keeps of it is of no interest.
        if (role == FirstRole.Changed && a.Kind == ArgKind.Register && _state[a.Register.Index] == Owned && _alias[a.Register.Index] == 0)
            role = FirstRole.Written;
        if (UsesVex(size) && TryEmitVex(mnemonic, size, role, in a, in b, in c, flags))
            return;
        // The old value of a changed register is found before the new one is made.
        Reg old = role == FirstRole.Changed && a.Kind == ArgKind.Register ? Resolve(a.Register) : default;
        Reg second = b.Kind is ArgKind.Register or ArgKind.Fixed ? Resolve(b.Register) : default;
        Reg third = c.Kind is ArgKind.Register or ArgKind.Fixed ? Resolve(c.Register) : default;
        Address memory = a.Kind == ArgKind.Memory ? a.Address : b.Kind == ArgKind.Memory ? b.Address : c.Address;
        memory.Base = Resolve(memory.Base);
        memory.Index = Resolve(memory.Index);
        _s.Begin((int)mnemonic, size, flags);
        bool anyMemory = a.Kind == ArgKind.Memory || b.Kind == ArgKind.Memory || c.Kind == ArgKind.Memory;
        bool mayBeMemory = !anyMemory && TakesMemory(mnemonic, size);
        switch (a.Kind)
        {
            case ArgKind.Register when role == FirstRole.Read:
                _s.Register(Resolve(a.Register), Role.Use, mayBeMemory && b.Kind != ArgKind.Register ? Constraint.Any : Constraint.Register, 0, a.Size);
                break;
            case ArgKind.Register when role == FirstRole.Written:
                _s.Def(Define(a.Register), a.Size);
                break;
            case ArgKind.Register:
                _s.DefTied(Define(a.Register), old, a.Size);
                break;
            default:
                EmitArg(a, default, in memory, false);
                break;
        }
        EmitArg(b, second, in memory, mayBeMemory && (!threeOperands || c.Kind == ArgKind.Immediate));
        EmitArg(c, third, in memory, mayBeMemory && mnemonic == M.Andn);
        if (ReadsFlags(mnemonic, a.Kind == ArgKind.None ? 0 : b.Kind == ArgKind.None ? 1 : threeOperands ? 3 : 2))
            _s.Open.Flags |= MachineFlags.ReadsFlags;
        _s.End();
    }

    private void EmitArg(in Arg arg, Reg register, in Address memory, bool mayBeMemory)
    {
        switch (arg.Kind)
        {
            case ArgKind.None:
                break;
            case ArgKind.Register:
                _s.Register(register, Role.Use, mayBeMemory ? Constraint.Any : Constraint.Register, 0, arg.Size);
                break;
            case ArgKind.Fixed:
                _s.Register(register, Role.Use, Constraint.Fixed, arg.Number, arg.Size);
                break;
            case ArgKind.Immediate when arg.Address.Space != SymbolSpace.None:
                _s.SymbolImmediate(arg.Address.Space, arg.Address.Symbol, arg.Value, (int)arg.Address.Modifier);
                break;
            case ArgKind.Immediate:
                _s.Immediate(arg.Value);
                break;
            case ArgKind.Memory:
                EmitMemory(in memory);
                break;
            case ArgKind.Block:
                _s.Block(arg.Block);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(arg), arg.Kind, "no such operand");
        }
    }

    private void EmitMemory(in Address address) =>
        _s.Memory(
            address.Base,
            address.Index,
            Math.Max((byte)1, address.Scale),
            address.Displacement,
            address.Size,
            address.Space,
            address.Symbol,
            (int)address.Modifier,
            address.Slot,
            address.Segment | (address.IsAbsolute ? AbsoluteMark : 0));

    /// <summary>In the segment of a memory operand: the symbol without registers is absolute, not relative to rip.</summary>
    internal const int AbsoluteMark = 0x80;

    private static bool ReadsFlags(M mnemonic, int count) => Forms.FlagsRead(Forms.Find(mnemonic, count)) != 0;

    /// <summary>An instruction with implicit registers: those it reads with the values in them, those it writes, those it destroys.</summary>
    private void EmitFixed(
        M mnemonic,
        int size,
        in Arg operand,
        ReadOnlySpan<(Reg Value, Reg Physical)> reads,
        ReadOnlySpan<(Reg Value, Reg Physical)> writes,
        RegisterSet clobbers = default,
        int prefixes = 0)
    {
        Reg register = operand.Kind == ArgKind.Register ? Resolve(operand.Register) : default;
        Address memory = operand.Address;
        memory.Base = Resolve(memory.Base);
        memory.Index = Resolve(memory.Index);
        Span<Reg> sources = stackalloc Reg[reads.Length];
        for (int i = 0; i < reads.Length; i++)
            sources[i] = Resolve(reads[i].Value);
        _s.Begin((int)mnemonic, size);
        _s.Open.Extra = (ushort)prefixes;
        EmitArg(operand, register, in memory, operand.Kind == ArgKind.Register && size >= 1);
        for (int i = 0; i < reads.Length; i++)
            _s.UseFixed(sources[i], reads[i].Physical.Number);
        for (int i = 0; i < writes.Length; i++)
            _s.DefFixed(Define(writes[i].Value), writes[i].Physical.Number);
        if (!clobbers.IsEmpty)
            _s.Clobbers(clobbers);
        _s.End();
    }

    // Operands

    /// <summary>The constant that a value is, where an immediate operand can say it.</summary>
    private bool TryImmediate(Value v, int size, out long constant)
    {
        constant = 0;
        if (!IsConstant(v))
            return false;
        constant = _f[v].Aux;
        return size <= 4 || constant == (int)constant;
    }

    private Arg RegisterOrImmediate(Value v, int size) => TryImmediate(v, size, out long constant) ? Arg.Imm(constant) : Use(v);

    /// <summary>A source operand: an immediate, a load in memory, a register.</summary>
    private Arg Source(Value v, int size)
    {
        if (TryImmediate(v, size, out long constant))
            return Arg.Imm(constant);
        if (CanFoldLoad(v, size))
            return MemoryOf(v).OfSize(size);
        return Use(v);
    }

    private void EmitBinary(M mnemonic, int size, Reg d, Value a, Value b, bool isCommutative)
    {
        bool narrow = _f.TypeOf(a).LaneBits < 32;
        if (isCommutative && (IsConstant(a) || (!narrow && CanFoldLoad(a, size) && !CanFoldLoad(b, size))))
            (a, b) = (b, a);
        Reg first = Use(a);
        Arg second = narrow ? RegisterOrImmediate(b, size) : Source(b, size);
        Copy(d, first);
        Emit(mnemonic, size, d, second);
    }

    private void EmitUnary(M mnemonic, int size, Reg d, Value a)
    {
        Copy(d, Use(a));
        Emit(mnemonic, size, d);
    }

    private void EmitConstant(Reg d, long value, int size) =>
        Emit(M.Mov, size == 8 && value is >= 0 and <= uint.MaxValue ? 4 : size, d, Arg.Imm(value), default, MachineFlags.Rematerializable);

    // Twins: two operations on the same operands that one instruction does.

    /// <summary>An earlier operation of the block on the operands of <paramref name="v"/> whose result can be defined by the current
    /// instruction: nobody uses it before.</summary>
    private Value FindTwin(Value v, Op op)
    {
        Value a = _f[v].A, b = _f[v].B;
        Value twin = default;
        int left = 12;
        for (Value w = _f[v].Previous; !w.IsNone && left-- > 0; w = _f[w].Previous)
        {
            ref IR.Instruction instruction = ref _f[w];
            if (instruction.Op == op && ((instruction.A == a && instruction.B == b) || (OpInfo.IsCommutative(op) && instruction.A == b && instruction.B == a)))
            {
                twin = w;
                break;
            }
        }
        if (twin.IsNone || _done[twin.Id] != 0 || Uses(twin) == 0)
            return default;
        for (Value w = _f[twin].Next; !w.IsNone && w != _s.Current; w = _f[w].Next)
        {
            foreach (Value operand in _f.Operands(w))
            {
                if (operand == twin)
                    return default;
            }
        }
        foreach (Value operand in _f.Operands(_s.Current))
        {
            if (operand == twin)
                return default;
        }
        return twin;
    }

    /// <summary>Leaves an operation to an earlier one on the same operands, which then defines both results.</summary>
    private bool DeferTo(Value v, Op op)
    {
        if (_twins[v.Id] != 0)
            return false; // it makes another's value already
        Value a = _f[v].A, b = _f[v].B;
        int left = 12;
        for (Value w = _f[v].Previous; !w.IsNone && left-- > 0; w = _f[w].Previous)
        {
            ref IR.Instruction instruction = ref _f[w];
            if (instruction.Op == op && instruction.A == a && instruction.B == b && _done[w.Id] == 0 && _twins[w.Id] == 0)
            {
                _s.Register(w);
                _twins[w.Id] = v.Id;
                return true;
            }
        }
        return false;
    }

    /// <summary>The operation that was left to <paramref name="v"/>, or none.</summary>
    private Value TwinOf(Value v) => new(_twins[v.Id]);

    // Dispatch

    public override bool Enter(Function function)
    {
        ulong bits = function.Features != 0 ? function.Features : Options.Features != 0 ? Options.Features : X86Features.Base64;
        if (bits == _featureBits)
            return false;
        _featureBits = bits;
        _features = new Features(bits);
        return true;
    }

    public override void BeginFunction(Selection selection)
    {
        _s = selection;
        _f = selection.Function;
        _vectors = _features.Sse2;
        _optimize = Options.OptimizationLevel > 0 && (_f.Flags & FunctionFlags.NoOptimization) == 0;
        int count = _f.ValueCount;
        if (_twins.Length < count)
        {
            _twins = new int[count * 2];
            _done = new byte[count * 2];
            _addressUses = new int[count * 2];
        }
        else
        {
            Array.Clear(_twins, 0, count);
            Array.Clear(_done, 0, count);
        }
        _tailCall = default;
        _mayTailCall = _optimize && FrameIsPrivate();
        if (_optimize)
            CountAddressUses();
        _gotoResults.Clear();
        BeginFrame();
    }

    // How often a value is an address (or the address less a constant) of a load or store, or a scaled index in one.
    private void CountAddressUses()
    {
        Array.Clear(_addressUses, 0, _f.ValueCount);
        for (int i = 1; i < _f.BlockCount; i++)
        {
            if (_f[new Block(i)].IsDead)
                continue;
            for (Value v = _f[new Block(i)].First; !v.IsNone; v = _f[v].Next)
            {
                if (_f[v].Op is Op.Load or Op.Store)
                    _addressUses[_f[v].A.Id]++;
                else if (_f[v].Op is Op.PointerAdd && _f.OpOf(_f[v].B) is Op.ShiftLeft)
                    _addressUses[_f[v].B.Id]++;
            }
        }
    }

    public override void Select(Selection selection, Value v)
    {
        if (_done[v.Id] != 0)
            return;
        _groupOperands = _s.Machine.Operands.Count;
        _inside = true;
        Dispatch(v);
        Finish();
        _inside = false;
    }

    private void Dispatch(Value v)
    {
        ref IR.Instruction instruction = ref _f[v];
        if (instruction.Type.IsVector || (instruction.Op is Op.Compare or Op.FloatCompare && _f.TypeOf(instruction.A).IsVector))
        {
            if (SelectVector(v))
                return;
        }
        else if (instruction.Type == IrType.F80 || (!instruction.A.IsNone && !OpInfo.HasList(instruction.Op)
            && OpInfo.OperandCount(instruction.Op) > 0 && _f.TypeOf(instruction.A) == IrType.F80))
        {
            if (SelectX87(v))
                return;
        }
        switch (instruction.Op)
        {
            case Op.Add: SelectAdd(v); break;
            case Op.Sub: SelectSub(v); break;
            case Op.Mul: SelectMul(v); break;
            case Op.DivSigned: SelectDivision(v, true, false); break;
            case Op.DivUnsigned: SelectDivision(v, false, false); break;
            case Op.RemSigned: SelectDivision(v, true, true); break;
            case Op.RemUnsigned: SelectDivision(v, false, true); break;
            case Op.MulHighSigned: SelectMulHigh(v, true); break;
            case Op.MulHighUnsigned: SelectMulHigh(v, false); break;
            case Op.And: SelectLogic(v, M.And); break;
            case Op.Or: SelectLogic(v, M.Or); break;
            case Op.Xor: SelectLogic(v, M.Xor); break;
            case Op.ShiftLeft: SelectShift(v, M.Shl); break;
            case Op.ShiftRightUnsigned: SelectShift(v, M.Shr); break;
            case Op.ShiftRightSigned: SelectShift(v, M.Sar); break;
            case Op.RotateLeft: SelectRotate(v, true); break;
            case Op.RotateRight: SelectRotate(v, false); break;
            case Op.MinSigned: SelectMinMax(v, Condition.Less); break;
            case Op.MaxSigned: SelectMinMax(v, Condition.Greater); break;
            case Op.MinUnsigned: SelectMinMax(v, Condition.Below); break;
            case Op.MaxUnsigned: SelectMinMax(v, Condition.Above); break;
            case Op.AddOverflowsSigned or Op.AddOverflowsUnsigned or Op.SubOverflowsSigned or Op.SubOverflowsUnsigned
                or Op.MulOverflowsSigned or Op.MulOverflowsUnsigned:
                SelectOverflow(v);
                break;
            case Op.CountLeadingZeros: SelectCountLeading(v); break;
            case Op.CountTrailingZeros: SelectCountTrailing(v); break;
            case Op.PopulationCount: SelectPopulationCount(v); break;
            case Op.ByteSwap: SelectByteSwap(v); break;
            case Op.BitReverse: SelectBitReverse(v); break;

            case Op.FloatAdd or Op.FloatSub when TryContract(v): break;
            case Op.FloatAdd: SelectFloatBinary(v, M.Addss, M.Addsd, true); break;
            case Op.FloatSub: SelectFloatBinary(v, M.Subss, M.Subsd, false); break;
            case Op.FloatMul: SelectFloatBinary(v, M.Mulss, M.Mulsd, true); break;
            case Op.FloatDiv: SelectFloatBinary(v, M.Divss, M.Divsd, false); break;
            case Op.FloatNegate: SelectFloatSign(v, M.Xorps, true); break;
            case Op.FloatAbs: SelectFloatSign(v, M.Andps, false); break;
            case Op.FloatSqrt: SelectFloatSqrt(v); break;
            case Op.FloatCopySign: SelectCopySign(v); break;
            case Op.FloatMin: SelectFloatMinMax(v, true); break;
            case Op.FloatMax: SelectFloatMinMax(v, false); break;
            case Op.FloatFma: SelectFma(v); break;
            case Op.FloatFloor: SelectRound(v, 9); break;
            case Op.FloatCeil: SelectRound(v, 10); break;
            case Op.FloatTruncate: SelectRound(v, 11); break;
            case Op.FloatRint: SelectRound(v, 4); break;

            case Op.Compare: SelectCompare(v); break;
            case Op.FloatCompare: SelectFloatCompare(v); break;
            case Op.Select: SelectSelect(v); break;

            case Op.Truncate: SelectTruncate(v); break;
            case Op.ZeroExtend: SelectExtend(v, false); break;
            case Op.SignExtend: SelectExtend(v, true); break;
            case Op.FloatNarrow: SelectFloatConversion(v, M.Cvtsd2ss); break;
            case Op.FloatExtend: SelectFloatConversion(v, M.Cvtss2sd); break;
            case Op.SignedToFloat: SelectIntegerToFloat(v, true); break;
            case Op.UnsignedToFloat: SelectIntegerToFloat(v, false); break;
            case Op.FloatToSigned: SelectFloatToInteger(v, true); break;
            case Op.FloatToUnsigned: SelectFloatToInteger(v, false); break;
            case Op.Bitcast: SelectBitcast(v); break;

            case Op.PointerAdd: SelectPointerAdd(v); break;
            case Op.Load: SelectLoad(v); break;
            case Op.Store: SelectStore(v); break;
            case Op.MemoryCopy: SelectMemoryCopy(v, false); break;
            case Op.MemoryMove: SelectMemoryCopy(v, true); break;
            case Op.MemorySet: SelectMemorySet(v); break;
            case Op.AtomicRmw: SelectAtomicRmw(v); break;
            case Op.CompareExchange: SelectCompareExchange(v); break;
            case Op.Fence: SelectFence(v); break;
            case Op.StackAllocate: SelectStackAllocate(v); break;
            case Op.StackSave: SelectStackSave(v); break;
            case Op.StackRestore: SelectStackRestore(v); break;
            case Op.Prefetch: SelectPrefetch(v); break;

            case Op.ExtractLane: SelectExtractLane(v); break;

            case Op.VaStart: SelectVaStart(v); break;
            case Op.FrameAddress: SelectFrameAddress(v); break;
            case Op.ReturnAddress: SelectReturnAddress(v); break;
            case Op.StaticChain: SelectStaticChain(v); break;
            case Op.SetJump: SelectSetJump(v); break;
            case Op.LongJump: SelectLongJump(v); break;
            case Op.ThreadPointer: SelectThreadPointer(v); break;
            case Op.Opaque: Copy(Def(v), Use(_f[v].A)); break;
            case Op.DebugValue: break;
            case Op.Result:
                if (_f.OpOf(instruction.A) == Op.AsmGoto)
                    SelectGotoResult(v);
                else if (_f.OpOf(instruction.A) == Op.Asm)
                    _s.Register(instruction.A); // a statement without effects is wanted where any of its results is
                break;

            case Op.Call: SelectCall(v); break;
            case Op.Asm or Op.AsmGoto: SelectAsm(v); break;
            case Op.Target1 or Op.Target2 or Op.Target3 or Op.TargetOp: SelectIntrinsic(v); break;

            case Op.Branch: Emit(M.Jmp, 0, Arg.To(_f.Successors(CurrentBlock)[0]), default, default, MachineFlags.Terminator); break;
            case Op.BranchIf: SelectBranchIf(v); break;
            case Op.Switch: SelectSwitch(v); break;
            case Op.BranchIndirect: SelectBranchIndirect(v); break;
            case Op.Return: SelectReturn(v); break;
            case Op.Unreachable: SelectUnreachable(v); break;
            case Op.Trap: EmitTrap(); break;
            default:
                throw new NotSupportedException($"x86 selection of {instruction.Op} on {instruction.Type}");
        }
    }

    private void EmitTrap()
    {
        _s.Begin((int)M.Ud2, 0, MachineFlags.Terminator);
        _s.End();
    }

    private void SelectUnreachable(Value v)
    {
        // Nothing is emitted: control never comes here. A terminator keeps the block's form.
        _s.Begin(GenericOp.Nothing, 0, MachineFlags.Terminator);
        _s.End();
    }
}
