using Kiln.Frontend.Ast;
using Kiln.Frontend.Types;
using Kiln.IR;

namespace Kiln.Lowering;

// -fstack-protector: a word of the thread's control block is kept in a slot above all other objects of the frame, and compared before the
// function returns; where it was overwritten, __stack_chk_fail ends the program. Which functions get one is decided by their variables, as
// in gcc's manual: arrays of 8 characters and more (plain), any array and any variable whose address is taken (strong), all functions.
internal sealed partial class FunctionLowering
{
    // glibc and musl: stack_guard of tcbhead_t, at %fs:40.
    private const int GuardOffset = 40;

    private StackSlot _guard;
    private bool _wantsGuard;

    private void NoteForGuard(VariableDeclaration variable) => _wantsGuard |= Options.StackProtector switch
    {
        StackProtector.Default => HoldsArray(variable.Type.Type, charactersOnly: true),
        StackProtector.Strong => variable.IsAddressTaken || HoldsArray(variable.Type.Type, charactersOnly: false),
        _ => false,
    };

    private static bool HoldsArray(CType type, bool charactersOnly)
    {
        if (type is ArrayType array)
            return !charactersOnly || array.Element.Type is IntegerType { Size: 1 } && array.Size >= 8 || HoldsArray(array.Element.Type, charactersOnly);
        return type is RecordType record && Array.Exists(record.Fields, f => HoldsArray(f.Type.Type, charactersOnly));
    }

    // At the end of the body, when all variables are known.
    private void PlaceGuard()
    {
        StackProtector mode = Options.StackProtector;
        bool hasDynamicStack = (_function.Flags & FunctionFlags.HasDynamicStack) != 0;
        bool wanted = mode == StackProtector.All || _wantsGuard || hasDynamicStack && mode is (StackProtector.Default or StackProtector.Strong);
        if (!wanted || (_function.Flags & (FunctionFlags.Naked | FunctionFlags.NoStackProtector)) != 0)
            return;
        _guard = NewSlot(8, 8);
        _function[_guard].IsPinned = true;
        _function[_guard].IsGuard = true;
        long access = new MemoryAccess(3, IsVolatile: true).Pack();
        Value first = _function[_function.Entry].First;
        Value thread = _function.New(Op.ThreadPointer, IrType.Pointer);
        Value place = _function.New(Op.PointerAdd, IrType.Pointer, thread, SizeConstant(GuardOffset));
        Value word = _function.New(Op.Load, IrType.I64, place, aux: access);
        Value store = _function.New(Op.Store, IrType.Void, _function.SlotAddress(_guard), word, aux: access);
        foreach (Value made in (ReadOnlySpan<Value>)[thread, place, word, store])
            _function.InsertBefore(first, made);
    }

    private void Leave(ReadOnlySpan<Value> values)
    {
        if (_isInstrumented)
            CallInstrument("__cyg_profile_func_exit");
        if (!_guard.IsNone)
            CheckGuard();
        _b.Return(values);
    }

    private void CheckGuard()
    {
        var access = new MemoryAccess(3, IsVolatile: true);
        Block failed = NewBlock(), sound = NewBlock();
        Value kept = _b.Load(IrType.I64, _function.SlotAddress(_guard), access);
        Value word = _b.Load(IrType.I64, OffsetBy(_b.Emit(Op.ThreadPointer, IrType.Pointer), GuardOffset), access);
        _b.BranchIf(_b.Compare(IntPredicate.NotEqual, kept, word), failed, sound, probability: 1);
        _b.Current = failed;
        _function[failed].IsCold = true;
        CallLibrary("__stack_chk_fail", unit.CTypes.Void, [], CallFlags.NoReturn, default);
        if (_b.IsOpen)
            _b.End(Op.Unreachable);
        _b.Current = sound;
    }
}
