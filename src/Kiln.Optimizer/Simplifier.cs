using Kiln.Base;
using Kiln.IR;
using Kiln.IR.Analyses;

namespace Kiln.Optimizer;

/// <summary>
/// Rewrites instructions to simpler ones by rules over a value and its operands, in reverse postorder until nothing changes. The rules
/// stand in the partial files, one a kind of operation, each with its pattern in a comment; constants are folded by
/// <see cref="ScalarEvaluator"/>. Canonical forms: a constant is operand B; x - c is x + -c; x * 2^n is x &lt;&lt; n.
///
/// Needs: the verifier's law. Keeps: the CFG (a BranchIf may be turned round). Leaves what it replaced for DeadCode.
/// </summary>
public sealed partial class Simplifier
{
    private const int MaximumRounds = 4;

    private readonly Dominators _dominators = new();
    private Value[] _replacement = [];
    private int[] _uses = [];
    private Function _function = null!;
    private Value _at;
    private bool _changed;
    private bool _decides;

    /// <summary>Simplifies a function; tells whether anything changed. With <paramref name="decides"/>, what is no constant by now counts as
    /// none in <see cref="Op.IsConstant"/>.</summary>
    public bool Run(Function function, bool decides = false)
    {
        _function = function;
        _decides = decides;
        _dominators.Compute(function);
        bool any = false;
        for (int round = 0; round < MaximumRounds; round++)
        {
            _changed = false;
            CountUses();
            if (_replacement.Length < function.ValueCount)
                _replacement = new Value[Math.Max(function.ValueCount, _replacement.Length * 2)];
            else
                Array.Clear(_replacement);
            foreach (Block block in _dominators.Order)
                SimplifyBlock(block);
            if (!_changed)
                break;
            Replacement.Apply(function, _replacement);
            any = true;
        }
        _function = null!;
        return any;
    }

    private void CountUses()
    {
        int count = _function.ValueCount;
        if (_uses.Length < count)
            _uses = new int[Math.Max(count, _uses.Length * 2)];
        else
            Array.Clear(_uses);
        foreach (Block block in _dominators.Order)
        {
            for (Value v = _function[block].First; !v.IsNone; v = _function[v].Next)
            {
                foreach (Value operand in _function.Operands(v))
                    _uses[operand.Id]++;
            }
        }
    }

    private void SimplifyBlock(Block block)
    {
        for (Value v = _function[block].First; !v.IsNone;)
        {
            Value next = _function[v].Next;
            _at = v;
            Op op = _function.OpOf(v);
            if (op != Op.Phi)
            {
                foreach (ref Value operand in _function.Operands(v))
                    operand = Find(operand);
            }
            Value simpler = Simplify(v, op);
            if (!simpler.IsNone && simpler != v)
            {
                if (v.Id >= _replacement.Length)
                    Array.Resize(ref _replacement, Math.Max(v.Id + 1, _replacement.Length * 2));
                _replacement[v.Id] = simpler;
                _function.Remove(v);
                _changed = true;
            }
            v = next;
        }
    }

    private Value Find(Value value)
    {
        while (value.Id < _replacement.Length && !_replacement[value.Id].IsNone)
            value = _replacement[value.Id];
        return value;
    }

    // The value to stand in v's place, v itself or none for no change.
    private Value Simplify(Value v, Op op)
    {
        if (OpInfo.IsPure(op) && !_function.TypeOf(v).IsVector)
        {
            Value folded = Fold(v);
            if (!folded.IsNone)
                return folded;
        }
        switch (op)
        {
            case Op.Splat:
                return SimplifySplat(v);
            case Op.InsertLane:
                return SimplifyInsertLane(v);
            case Op.ExtractLane:
                return SimplifyExtractLane(v);
            case Op.Add:
                return SimplifyAdd(v);
            case Op.Sub:
                return SimplifySub(v);
            case Op.Mul:
                return SimplifyMul(v);
            case Op.DivUnsigned or Op.RemUnsigned or Op.DivSigned or Op.RemSigned:
                return SimplifyDivision(v, op);
            case Op.And:
                return SimplifyAnd(v);
            case Op.Or:
                return SimplifyOr(v);
            case Op.Xor:
                return SimplifyXor(v);
            case Op.ShiftLeft or Op.ShiftRightUnsigned or Op.ShiftRightSigned or Op.RotateLeft or Op.RotateRight:
                return SimplifyShift(v, op);
            case Op.Compare:
                return SimplifyCompare(v);
            case Op.FloatCompare:
                return SimplifyFloatCompare(v);
            case Op.Load:
                return SimplifyLoad(v);
            case Op.Select:
                return SimplifySelect(v);
            case Op.Truncate:
                return SimplifyTruncate(v);
            case Op.ZeroExtend or Op.SignExtend:
                return SimplifyExtend(v, op);
            case Op.Bitcast:
                return SimplifyBitcast(v);
            case Op.PointerAdd:
                return SimplifyPointerAdd(v);
            case >= Op.FloatAdd and <= Op.FloatCopySign or Op.FloatNarrow:
                return SimplifyFloat(v, op);
            case Op.Phi:
                return SimplifyPhi(v);
            case Op.IsConstant:
                if (_function.OpOf(_function[v].A) is Op.Constant or Op.FloatConstant or Op.VectorConstant)
                    return _function.Constant(IrType.I1, 1L);
                return _decides ? _function.Constant(IrType.I1, 0L) : default;
            case Op.BranchIf:
                SimplifyBranch(v);
                return default;
            default:
                return default;
        }
    }

    private Value Fold(Value v)
    {
        Span<Value> operands = _function.Operands(v);
        Span<UInt128> bits = stackalloc UInt128[3];
        if (operands.Length == 0)
            return default;
        for (int i = 0; i < operands.Length; i++)
        {
            Value operand = operands[i];
            if (_function.OpOf(operand) is not (Op.Constant or Op.FloatConstant))
                return default;
            bits[i] = ScalarEvaluator.Cut(_function.TypeOf(operand), _function.ConstantBits(operand));
        }
        ref Instruction instruction = ref _function[v];
        IrType type = instruction.Type;
        if (!ScalarEvaluator.TryEvaluate(instruction.Op, type, _function.TypeOf(operands[0]), bits[0], bits[1], bits[2], instruction.Aux, out UInt128 result))
            return default;
        return type.IsFloat ? _function.FloatConstant(type, result) : WideConstant(type, result);
    }

    // Building blocks

    private bool IsConstant(Value value, out long constant)
    {
        ref Instruction instruction = ref _function[value];
        constant = instruction.Aux;
        return instruction.Op == Op.Constant && instruction.Type.LaneBits <= 64;
    }

    private bool IsConstant(Value value, long wanted) => IsConstant(value, out long constant) && constant == wanted;

    private bool Is(Value value, Op op) => _function.OpOf(value) == op;

    private IrType TypeOf(Value value) => _function.TypeOf(value);

    private Value A(Value value) => _function[value].A;

    private Value B(Value value) => _function[value].B;

    private bool HasOneUse(Value value) => value.Id < _uses.Length && _uses[value.Id] == 1;

    private Value Constant(IrType type, long value) => _function.Constant(type, value);

    private Value WideConstant(IrType type, UInt128 value) => _function.Constant(type, value);

    private Value New(Op op, IrType type, Value a, Value b = default, long aux = 0, InstructionFlags flags = 0)
    {
        Value made = _function.New(op, type, a, b, default, aux, _function[_at].Location);
        _function[made].Flags = flags;
        _changed = true;
        return _function.InsertBefore(_at, made);
    }

    // Puts a constant on the right of a commutative operation.
    private void Commute(Value v)
    {
        ref Instruction instruction = ref _function[v];
        if (_function.OpOf(instruction.A) is Op.Constant or Op.FloatConstant && _function.OpOf(instruction.B) is not (Op.Constant or Op.FloatConstant))
            (instruction.A, instruction.B) = (instruction.B, instruction.A);
    }

    private void Change(Value v, Op op, Value a, Value b, InstructionFlags flags = 0)
    {
        ref Instruction instruction = ref _function[v];
        instruction.Op = op;
        instruction.A = a;
        instruction.B = b;
        instruction.Flags = flags;
        _changed = true;
    }

    /// <summary>How many low bits of an integer may be set; the rest are zero.</summary>
    private int KnownWidth(Value value, int depth = 0)
    {
        IrType type = TypeOf(value);
        int width = type.LaneBits;
        if (type.IsVector || depth > 4)
            return width;
        ref Instruction instruction = ref _function[value];
        switch (instruction.Op)
        {
            case Op.Constant when width <= 64:
                return instruction.Aux < 0 ? width : 64 - (int)long.LeadingZeroCount(instruction.Aux);
            case Op.ZeroExtend:
                return KnownWidth(instruction.A, depth + 1);
            case Op.And:
                return Math.Min(KnownWidth(instruction.A, depth + 1), KnownWidth(instruction.B, depth + 1));
            case Op.Or or Op.Xor:
                return Math.Max(KnownWidth(instruction.A, depth + 1), KnownWidth(instruction.B, depth + 1));
            case Op.ShiftRightUnsigned when IsConstant(instruction.B, out long amount):
                return Math.Max(0, KnownWidth(instruction.A, depth + 1) - (int)(amount & width - 1));
            case Op.ShiftLeft when IsConstant(instruction.B, out long left):
                return Math.Min(width, KnownWidth(instruction.A, depth + 1) + (int)(left & width - 1));
            case Op.RemUnsigned or Op.DivUnsigned:
                return KnownWidth(instruction.A, depth + 1);
            case Op.Select:
                return Math.Max(KnownWidth(instruction.B, depth + 1), KnownWidth(instruction.C, depth + 1));
            default:
                return width;
        }
    }
}
