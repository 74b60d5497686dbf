using Kiln.CodeGen.Machine;
using Kiln.IR;
using Kiln.Target;
using M = Kiln.Isa.X86.Mnemonic;

namespace Kiln.CodeGen.Targets.X86;

// Constants and addresses in registers.
public sealed partial class X86Target
{
    /// <summary>How the address of a symbol is formed.</summary>
    private enum SymbolReference : byte
    {
        /// <summary>A 32-bit number (code that is not moved).</summary>
        Absolute,

        /// <summary><c>symbol(%rip)</c>.</summary>
        RipRelative,

        /// <summary>Loaded from the global offset table.</summary>
        Got,

        /// <summary><c>%fs:symbol@tpoff</c>.</summary>
        ThreadLocalExec,
        ThreadInitialExec,
        ThreadLocalDynamic,
        ThreadGeneralDynamic,
    }

    private bool _inside;

    private SymbolReference ReferenceOf(Symbol symbol) => ReferenceOf(_f.Module[symbol]);

    private SymbolReference ReferenceOf(SymbolData data)
    {
        switch (data.Tls)
        {
            case TlsModel.LocalExec: return SymbolReference.ThreadLocalExec;
            case TlsModel.InitialExec: return SymbolReference.ThreadInitialExec;
            case TlsModel.LocalDynamic: return SymbolReference.ThreadLocalDynamic;
            case TlsModel.GeneralDynamic: return SymbolReference.ThreadGeneralDynamic;
        }
        if (Options.Relocation == RelocationModel.Static)
            return SymbolReference.Absolute;
        return data.BindsLocally || data.IsDeclaredObject && Options.Relocation == RelocationModel.Pie
            ? SymbolReference.RipRelative : SymbolReference.Got;
    }

    public override Reg Materialize(Selection selection, Value leaf)
    {
        bool outermost = !_inside;
        if (outermost)
            _groupOperands = _s.Machine.Operands.Count;
        // What the sequence defined last is the leaf: its first register may have been left behind by an addition.
        Reg r = Resolve(MaterializeLeaf(leaf));
        if (outermost)
            Finish();
        return r;
    }

    private Reg MaterializeLeaf(Value leaf)
    {
        ref IR.Instruction instruction = ref _f[leaf];
        IrType type = instruction.Type;
        switch (instruction.Op)
        {
            case Op.Constant:
                {
                    Reg r = NewReg(8);
                    long value = instruction.Aux;
                    if (type.LaneBits <= 32)
                        EmitConstant(r, type == IrType.I1 ? value & 1 : (int)value, 4);
                    else
                        EmitConstant(r, value, 8);
                    return r;
                }
            case Op.SymbolAddress:
                return MaterializeSymbol(new Symbol(instruction.A.Id), instruction.Aux);
            case Op.SlotAddress:
                {
                    Reg r = NewReg(8);
                    Emit(M.Lea, 8, r, new Address { Slot = instruction.A.Id, Scale = 1 }, default, MachineFlags.Rematerializable);
                    return r;
                }
            case Op.BlockAddress:
                {
                    Reg r = NewReg(8);
                    Emit(M.Lea, 8, r, new Address { Space = SymbolSpace.Block, Symbol = instruction.A.Id, Scale = 1 }, default, MachineFlags.Rematerializable);
                    return r;
                }
            case Op.Any when !type.IsFloat && !type.IsVector:
                {
                    Reg r = NewReg(8);
                    if (type == IrType.I1)
                        EmitConstant(r, 0, 4);
                    else
                        EmitUndefined(r);
                    return r;
                }
            case Op.Any when type != IrType.F80:
                {
                    Reg r = NewVector(SpillSizeOf(type));
                    EmitUndefined(r);
                    return r;
                }
            default:
                return MaterializeFloat(leaf);
        }
    }

    private void EmitUndefined(Reg r)
    {
        Reg d = Define(r);
        _s.Begin(GenericOp.Undefined);
        _s.Def(d);
        _s.End();
    }

    private Reg MaterializeSymbol(Symbol symbol, long offset)
    {
        Reg r = NewReg(8);
        switch (ReferenceOf(symbol))
        {
            case SymbolReference.Absolute:
                {
                    bool unsigned = Options.CodeModel == CodeModel.Small;
                    if (_f.Module[symbol].Linkage == Linkage.WeakReference)
                        unsigned = true;
                    Emit(M.Mov, unsigned ? 4 : 8, r, Arg.Sym(symbol, offset), default, MachineFlags.Rematerializable);
                    return r;
                }
            case SymbolReference.RipRelative:
                {
                    bool near = offset is > -0x1000000 and < 0x1000000;
                    var address = new Address { Space = SymbolSpace.Module, Symbol = symbol.Id, Scale = 1, Displacement = near ? offset : 0 };
                    Emit(M.Lea, 8, r, address, default, MachineFlags.Rematerializable);
                    if (!near)
                        AddOffset(r, offset);
                    return r;
                }
            case SymbolReference.Got:
                Emit(M.Mov, 8, r, GotAddress(symbol), default, MachineFlags.Rematerializable);
                AddOffset(r, offset);
                return r;
            case SymbolReference.ThreadLocalExec:
                {
                    Emit(M.Mov, 8, r, ThreadBase(), default, MachineFlags.Rematerializable);
                    var place = new Address
                    {
                        Base = r,
                        Scale = 1,
                        Space = SymbolSpace.Module,
                        Symbol = symbol.Id,
                        Modifier = X86Modifier.TpOff,
                        Displacement = offset,
                    };
                    Reg sum = NewReg(8);
                    Emit(M.Lea, 8, sum, place);
                    return sum;
                }
            case SymbolReference.ThreadInitialExec:
                {
                    Emit(M.Mov, 8, r, ThreadBase(), default, MachineFlags.Rematerializable);
                    var entry = new Address { Scale = 1, Space = SymbolSpace.Module, Symbol = symbol.Id, Modifier = X86Modifier.GotTpOff };
                    Emit(M.Add, 8, r, entry);
                    AddOffset(r, offset);
                    return r;
                }
            case SymbolReference.ThreadLocalDynamic:
                {
                    EmitTlsCall(r, symbol, true);
                    var place = new Address
                    {
                        Base = r,
                        Scale = 1,
                        Space = SymbolSpace.Module,
                        Symbol = symbol.Id,
                        Modifier = X86Modifier.DtpOff,
                        Displacement = offset,
                    };
                    Reg sum = NewReg(8);
                    Emit(M.Lea, 8, sum, place);
                    return sum;
                }
            case SymbolReference.ThreadGeneralDynamic:
                EmitTlsCall(r, symbol, false);
                AddOffset(r, offset);
                return r;
            default:
                throw new InvalidOperationException($"reference to {_f.Module[symbol].Name}");
        }
    }

    private static Address GotAddress(Symbol symbol) =>
        new() { Scale = 1, Space = SymbolSpace.Module, Symbol = symbol.Id, Modifier = X86Modifier.GotPcRel };

    private static Address ThreadBase() => new() { Segment = Regs.Fs, Scale = 1, IsAbsolute = true };

    private void AddOffset(Reg r, long offset)
    {
        if (offset == 0)
            return;
        if (offset == (int)offset)
        {
            Emit(M.Add, 8, r, Arg.Imm(offset));
        }
        else
        {
            Reg wide = Constant64(offset, 8);
            Emit(M.Add, 8, r, wide);
        }
    }

    // The call of __tls_get_addr is one sequence that the linker knows and rewrites: it is emitted as one.
    private void EmitTlsCall(Reg r, Symbol symbol, bool isLocal)
    {
        _s.Machine.HasCalls = true;
        Reg result = Define(r);
        _s.Begin(Pseudo.TlsCall, 8, MachineFlags.Call);
        _s.Open.Extra = (ushort)(isLocal ? 1 : 0);
        _s.SymbolImmediate(SymbolSpace.Module, symbol.Id);
        _s.DefFixed(result, Regs.Rax.Number);
        _s.Clobbers(Regs.CallerSaved.Without(Regs.Rax.Number));
        _s.End();
    }

    private void SelectThreadPointer(Value v) => Emit(M.Mov, 8, Def(v), ThreadBase());

    private int SpillSizeOf(IrType type) => RegisterFor(type).SpillSize;

    public override (RegisterClass Class, int SpillSize) RegisterFor(IrType type)
    {
        if (type == IrType.F80)
            return (RegisterClass.Memory, 16);
        if (type.IsVector || type.IsFloat)
            return (RegisterClass.Vector, Math.Max(4, type.Size));
        return (RegisterClass.General, 8);
    }
}
