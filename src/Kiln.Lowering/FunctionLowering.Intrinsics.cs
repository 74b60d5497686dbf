namespace Kiln.Lowering;

// Intrinsics of the target: operations of its table, pure ones with their operands in place, the others with a list.
internal sealed partial class FunctionLowering
{
    private Value IntrinsicValue(BuiltinExpression e)
    {
        Intrinsic intrinsic = e.Builtin.Intrinsic!;
        IrType type = Lowering.ClassOf(e.Type) == TypeClass.Void ? IrType.Void : Lowering.IrTypeOf(e.Type);
        Expression[] arguments = e.Arguments;
        var values = new Value[arguments.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = Argument(e, i);
        // A vector of one lane is a scalar to the IR, but in a vector register here.
        IrType pair = IrType.I32.VectorOf(1);
        bool isSingle = intrinsic.Result is { Lane: 'L', Size: 8 };
        if (isSingle)
            type = pair;
        for (int i = 0; i < values.Length; i++)
        {
            if (intrinsic.Parameters[i] is { Lane: 'L', Size: 8 })
                values[i] = _b.Emit(Op.Bitcast, pair, values[i]);
        }
        Value made = IntrinsicOperation(e, intrinsic, type, values);
        return isSingle ? _b.Emit(Op.Bitcast, IrType.I64, made) : made;
    }

    private Value IntrinsicOperation(BuiltinExpression e, Intrinsic intrinsic, IrType type, Value[] values)
    {
        if ((intrinsic.Feature & ~_features) != 0)
        {
            unit.Error(e.Location, $"'{IntrinsicTable.Prefix}{intrinsic.Name}' needs isa option -m{X86Features.NameOf(intrinsic.Feature)}");
            return type.IsVoid ? default : _function.Any(type);
        }
        switch (intrinsic.Way)
        {
            case "nothing":
                return default;
            case "load":
                return _b.Load(type, values[0], new MemoryAccess(0));
            case "store":
                _b.Store(values[0], values[1], new MemoryAccess(0));
                return default;
            case "storeq":
                _b.Store(values[0], values[1], new MemoryAccess(3));
                return default;
            case "extract":
                return _b.Emit(Op.ExtractLane, type, values[0], values[1]);
        }
        bool isPure = !intrinsic.HasEffects && values.Length is >= 1 and <= 3;
        if (isPure)
        {
            Op op = values.Length switch { 1 => Op.Target1, 2 => Op.Target2, _ => Op.Target3 };
            return _b.Emit(op, type, values[0], values.Length > 1 ? values[1] : default, values.Length > 2 ? values[2] : default, intrinsic.Number);
        }
        return _b.EmitList(Op.TargetOp, type, values, intrinsic.Number);
    }
}
