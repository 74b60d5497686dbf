using Kiln.Base;
using Kiln.CodeGen.Blocks;
using Kiln.IR;
using Kiln.Target;

namespace Kiln.CodeGen.Legalize;

// Legalization: after it, every value has a type that fits one register of the target, and every operation is one that the target
// selects. The last change of a function in IR.
//
// Values of an illegal type have parts: i128 two i64 (low first), a vector the vectors or lanes it is split into (first lanes
// first). A part may itself have parts. Such a value does not stand in a block any more; side tables say its parts, or for a
// replaced value of legal type the value in its place.
//
// Everything is made by Make(op, type, operands): it emits the operation before the current instruction if it is legal, else
// expands it, by more calls of Make. Expansion makes no control flow. Instructions are visited in reverse post-order, so that operands
// are done before their uses; phis get their operands at the end.
//
// Most functions have nothing illegal: a scan finds that out first.

/// <summary>Legalizes a function. See the file's header.</summary>
public sealed partial class Legalization(TargetMachine target, TargetInfo info)
{
    private readonly LibraryCalls _calls = new(info);
    private readonly GrowBuffer<Value> _parts = new(64);
    private readonly GrowBuffer<(Value Phi, int FirstPart, int Count)> _phis = new(16);
    private readonly int[] _legality = new int[1024];
    private readonly byte[] _action = new byte[256];
    private int[] _partsOf = [];
    private Value[] _replacement = [];
    private Function _function = null!;
    private Value _at;
    private Location _location;

    /// <summary>Forgets what the target said is legal.</summary>
    public void Forget()
    {
        Array.Clear(_legality);
        Array.Clear(_action);
    }

    /// <summary>Legalizes a function whose reachable blocks are given.</summary>
    public void Run(Function function, BlockOrder order)
    {
        _function = function;
        if (!IsAnythingIllegal(order))
            return;
        int count = function.ValueCount;
        if (_partsOf.Length < count)
        {
            _partsOf = new int[count * 2];
            _replacement = new Value[count * 2];
        }
        Array.Clear(_partsOf);
        Array.Clear(_replacement);
        _parts.Clear();
        _parts.AddDefault(1);
        _phis.Clear();
        LegalizeSignature();
        for (int i = order.PostOrder.Length - 1; i >= 0; i--)
            LegalizeBlock(order.PostOrder[i]);
        FinishPhis(order);
    }

    // The scan

    private bool IsAnythingIllegal(BlockOrder order)
    {
        foreach (Block block in order.PostOrder)
        {
            for (Value v = _function[block].First; !v.IsNone; v = _function[v].Next)
            {
                if (!IsLegal(v))
                    return true;
            }
        }
        return false;
    }

    /// <summary>Whether an instruction may stand as it is.</summary>
    private bool IsLegal(Value value)
    {
        ref Instruction instruction = ref _function[value];
        if (Action(instruction.Type) != TypeAction.Legal)
            return false;
        Op op = instruction.Op;
        switch (op)
        {
            case Op.Load or Op.Branch or Op.Unreachable or Op.Trap or Op.DebugValue or Op.BranchIf or Op.Switch or Op.Result:
                return true;
            case Op.Store:
                return Action(_function.TypeOf(instruction.B)) == TypeAction.Legal;
            case Op.MemoryCopy or Op.MemoryMove or Op.MemorySet:
                return IsInlineSize(instruction.C);
            case >= Op.Add and <= Op.PointerAdd or >= Op.ExtractLane and <= Op.Target3:
                IrType operand = _function.TypeOf(instruction.A);
                if (Action(operand) != TypeAction.Legal)
                    return false;
                if (op == Op.Shuffle && !IsShuffleLegal(value))
                    return false;
                // Shifts of all lanes by one number are asked for with the number's type.
                if (op is Op.ShiftLeft or Op.ShiftRightUnsigned or Op.ShiftRightSigned && instruction.Type.IsVector && IsUniform(instruction.B))
                    operand = operand.Lane;
                return IsLegal(op, instruction.Type, operand);
            default:
                foreach (Value used in _function.Operands(value))
                {
                    if (Action(_function.TypeOf(used)) != TypeAction.Legal)
                        return false;
                }
                return true;
        }
    }

    private bool IsUniform(Value vector)
    {
        if (_function.OpOf(vector) == Op.Splat)
            return true;
        if (_function.OpOf(vector) != Op.VectorConstant)
            return false;
        ReadOnlySpan<byte> bytes = _function.Bytes(vector);
        int size = _function.TypeOf(vector).Lane.Size;
        for (int i = size; i < bytes.Length; i++)
        {
            if (bytes[i] != bytes[i - size])
                return false;
        }
        return true;
    }

    private bool IsInlineSize(Value size) =>
        _function.OpOf(size) == Op.Constant && (ulong)_function[size].Aux <= (ulong)target.InlineCopyLimit(_function);

    // What the target said, kept: 1 legal, 2 not, in the low bits of a key.
    private bool IsLegal(Op op, IrType type, IrType operand)
    {
        int key = (int)op << 16 | type.Code << 8 | operand.Code;
        ref int entry = ref _legality[(uint)key * 0x9E3779B1u >> 22];
        if (entry >> 2 != key || (entry & 3) == 0)
            entry = key << 2 | (target.IsLegal(op, type, operand) ? 1 : 2);
        return (entry & 3) == 1;
    }

    private TypeAction Action(IrType type)
    {
        ref byte action = ref _action[type.Code];
        if (action == 0)
            action = (byte)(1 + (int)(type.IsVoid ? TypeAction.Legal : target.ActionOf(type)));
        return (TypeAction)(action - 1);
    }

    private bool IsLegalType(IrType type) => Action(type) == TypeAction.Legal;

    // The walk

    private void LegalizeBlock(Block block)
    {
        Value next;
        for (Value v = _function[block].First; !v.IsNone; v = next)
        {
            next = _function[v].Next;
            Op op = _function.OpOf(v);
            if (op == Op.Phi)
            {
                SplitPhi(v);
                continue;
            }
            ReplaceOperands(v, op);
            if (IsLegal(v))
                continue;
            _at = v;
            _location = _function[v].Location;
            Instruction instruction = _function[v];
            Value made = op switch
            {
                Op.Call => LegalizeCall(v),
                Op.Return => LegalizeReturn(v),
                Op.DebugValue => default,
                Op.Result => throw Unsupported(op, instruction.Type),
                _ when OpInfo.HasList(op) => throw Unsupported(op, instruction.Type),
                _ => Expand(op, instruction.Type, instruction.A, instruction.B, instruction.C, instruction.Aux, instruction.Flags),
            };
            if (made == v)
                continue;
            if (!instruction.Type.IsVoid)
                Replace(v, made);
            _function.Remove(v);
        }
    }

    private static NotSupportedException Unsupported(Op op, IrType type) =>
        new($"{op} of type {type} is not supported on this target");

    private void ReplaceOperands(Value value, Op op)
    {
        if (op is Op.Constant)
            return;
        foreach (ref Value operand in _function.Operands(value))
            operand = Resolve(operand);
    }

    private Value Resolve(Value value) =>
        value.Id < _replacement.Length && !_replacement[value.Id].IsNone ? _replacement[value.Id] : value;

    private void Replace(Value old, Value made)
    {
        Reserve(old);
        _replacement[old.Id] = made;
    }

    private void Reserve(Value value)
    {
        if (value.Id < _partsOf.Length)
            return;
        Array.Resize(ref _partsOf, value.Id * 2);
        Array.Resize(ref _replacement, value.Id * 2);
    }

    // Parts

    /// <summary>The type of an illegal type's parts.</summary>
    private IrType PartType(IrType type)
    {
        if (!type.IsVector)
            return type.IsInteger ? IrType.Integer(type.LaneBits / 2) : throw Unsupported(Op.None, type);
        IrType part = type;
        while (Action(part) == TypeAction.Split && part.LanesLog2 > 1)
            part = part.VectorOf(part.LanesLog2 - 1);
        return Action(part) == TypeAction.Legal ? part : part.Lane;
    }

    private int PartCount(IrType type)
    {
        IrType part = PartType(type);
        return type.IsVector ? type.Lanes / part.Lanes : 2;
    }

    /// <summary>Part number <paramref name="index"/> of a value of an illegal type.</summary>
    private Value Part(Value value, int index)
    {
        Reserve(value);
        if (_partsOf[value.Id] == 0)
            SplitLeaf(value);
        return _parts[_partsOf[value.Id] + index];
    }

    private void SetParts(Value value, ReadOnlySpan<Value> parts)
    {
        Reserve(value);
        _partsOf[value.Id] = _parts.AddRange(parts);
    }

    /// <summary>A new value of an illegal type that is its parts.</summary>
    private Value Whole(IrType type, ReadOnlySpan<Value> parts)
    {
        Value whole = _function.New(Op.None, type);
        SetParts(whole, parts);
        return whole;
    }

    private Value Whole(IrType type, Value low, Value high) => Whole(type, [low, high]);

    private void SplitLeaf(Value value)
    {
        IrType type = _function.TypeOf(value);
        IrType part = PartType(type);
        Span<Value> parts = stackalloc Value[PartCount(type)];
        switch (_function.OpOf(value))
        {
            case Op.Constant:
                UInt128 bits = _function.ConstantBits(value);
                parts[0] = _function.Constant(part, bits);
                parts[1] = _function.Constant(part, bits >> part.LaneBits);
                break;
            case Op.Any:
                parts.Fill(_function.Any(part));
                break;
            case Op.VectorConstant:
                byte[] bytes = _function.Bytes(value).ToArray();
                for (int i = 0; i < parts.Length; i++)
                    parts[i] = ConstantOf(part, bytes.AsSpan(i * part.Size, part.Size));
                break;
            default:
                throw Unsupported(_function.OpOf(value), type);
        }
        SetParts(value, parts);
    }

    private Value ConstantOf(IrType type, ReadOnlySpan<byte> bytes)
    {
        if (type.IsVector)
            return _function.VectorConstant(type, bytes);
        UInt128 bits = 0;
        for (int i = 0; i < bytes.Length; i++)
            bits |= (UInt128)bytes[i] << i * 8;
        return type.IsFloat ? _function.FloatConstant(type, bits) : _function.Constant(type, bits);
    }

    private void SplitPhi(Value phi)
    {
        IrType type = _function.TypeOf(phi);
        if (IsLegalType(type))
            return;
        int first = _parts.Count;
        AddPhiParts(phi, phi, type);
        _ = first;
    }

    // Makes the parts of a phi, of parts' parts too; the operands come later.
    private void AddPhiParts(Value place, Value phi, IrType type)
    {
        IrType part = PartType(type);
        Span<Value> parts = stackalloc Value[PartCount(type)];
        foreach (ref Value made in parts)
        {
            made = _function.NewList(Op.Phi, part, []);
            if (IsLegalType(part))
                _function.InsertBefore(place, made);
            else
                AddPhiParts(place, made, part);
        }
        SetParts(phi, parts);
        _phis.Add((phi, _partsOf[phi.Id], parts.Length));
    }

    private void FinishPhis(BlockOrder order)
    {
        // Outer parts come after inner ones in the list: go backwards.
        for (int i = _phis.Count - 1; i >= 0; i--)
        {
            (Value phi, int first, int count) = _phis[i];
            Value[] operands = _function.Operands(phi).ToArray();
            for (int k = 0; k < count; k++)
            {
                var list = new Value[operands.Length];
                for (int n = 0; n < list.Length; n++)
                    list[n] = Part(Resolve(operands[n]), k);
                _function.SetOperands(_parts[first + k], list);
            }
            if (!_function[phi].Block.IsNone)
                _function.Remove(phi);
        }
        foreach (Block block in order.PostOrder)
        {
            for (Value v = _function[block].First; !v.IsNone && _function.OpOf(v) == Op.Phi; v = _function[v].Next)
            {
                foreach (ref Value operand in _function.Operands(v))
                    operand = Resolve(operand);
            }
        }
    }

    // Making

    private Value Make(Op op, IrType type, Value a, Value b = default, Value c = default, long aux = 0, InstructionFlags flags = 0)
    {
        Value made = _function.New(op, type, a, b, c, aux, _location);
        _function[made].Flags = flags;
        if (IsLegal(made))
            return _function.InsertBefore(_at, made);
        return Expand(op, type, a, b, c, aux, flags);
    }

    private Value Binary(Op op, Value a, Value b) => Make(op, _function.TypeOf(a), a, b);

    private Value Compare(IntPredicate predicate, Value a, Value b) => Make(Op.Compare, IrType.I1, a, b, default, (long)predicate);

    private Value Select(Value condition, Value a, Value b) => Make(Op.Select, _function.TypeOf(a), condition, a, b);

    private Value Constant(IrType type, long value) => _function.Constant(type, value);

    private Value Convert(Op op, IrType type, Value a) => _function.TypeOf(a) == type ? a : Make(op, type, a);

    private Value Call(string name, IrType result, params ReadOnlySpan<Value> arguments) => CallLibrary(name, true, result, arguments);

    private Value CallLibrary(string name, bool isPure, IrType result, ReadOnlySpan<Value> arguments)
    {
        Span<IrType> types = stackalloc IrType[arguments.Length];
        var operands = new Value[arguments.Length * 2];
        int count = 0;
        for (int i = 0; i < arguments.Length; i++)
        {
            types[i] = _function.TypeOf(arguments[i]);
            if (IsLegalType(types[i]))
            {
                operands[count++] = arguments[i];
                continue;
            }
            operands[count++] = Part(arguments[i], 0);
            operands[count++] = Part(arguments[i], 1);
        }
        int index = _function.Calls.Add(_calls.Call(_function.Module, name, result, types, isPure));
        SignaturePart[] results = _function.Calls[index].Signature.Results;
        IrType first = results.Length == 0 ? IrType.Void : results[0].Type;
        Value call = _function.InsertBefore(_at, _function.NewList(Op.Call, first, operands.AsSpan(0, count), index, _location));
        if (results.Length < 2)
            return call;
        Value second = _function.InsertBefore(_at, _function.New(Op.Result, results[1].Type, call, default, default, 1, _location));
        return Whole(result, call, second);
    }

    // The choice of an expansion: by the type that is the trouble.

    private Value Expand(Op op, IrType type, Value a, Value b, Value c, long aux, InstructionFlags flags)
    {
        IrType operand = a.IsNone ? type : _function.TypeOf(a);
        switch (op)
        {
            case Op.Load:
                return ExpandLoad(type, a, aux, flags);
            case Op.Store:
                return ExpandStore(a, b, aux);
            case Op.MemoryCopy or Op.MemoryMove or Op.MemorySet:
                return ExpandBlockOperation(op, a, b, c);
            case Op.Bitcast:
                return ExpandBitcast(type, a);
            case Op.Opaque:
                return MapParts(op, type, a, b, c, aux, flags);
        }
        if (type.IsVector || operand.IsVector)
            return ExpandVector(op, type, a, b, c, aux, flags);
        if (op is >= Op.FloatNarrow and <= Op.FloatToUnsigned)
            return ExpandFloatConversion(op, type, a);
        if (operand.IsFloat && op != Op.Select)
            return ExpandFloat(op, type, a, b, c, aux);
        if (op == Op.Select && type.IsFloat)
            throw Unsupported(op, type);
        bool isWide = !IsLegalType(type) || !IsLegalType(operand);
        return isWide ? ExpandWide(op, type, a, b, c, aux) : ExpandNarrow(op, type, a, b, aux);
    }
}
