using System.Numerics;
using Kiln.IR;

namespace Kiln.CodeGen.Legalize;

// Memory: loads and stores of values with parts, copies that become calls, bitcasts through memory; calls and returns of values
// with parts.
public sealed partial class Legalization
{
    private static long AccessAt(long aux, int offset)
    {
        MemoryAccess access = MemoryAccess.Unpack(aux);
        if (access.Order != MemoryOrder.Plain)
            throw new NotSupportedException("an atomic access is wider than the target's atomic operations");
        int log2 = offset == 0 ? access.AlignmentLog2 : Math.Min(access.AlignmentLog2, BitOperations.TrailingZeroCount(offset));
        return (access with { AlignmentLog2 = (byte)log2 }).Pack();
    }

    private Value At(Value address, int offset) =>
        offset == 0 ? address : Make(Op.PointerAdd, IrType.Pointer, address, Constant(IrType.I64, offset), default, 0, InstructionFlags.InBounds);

    private Value ExpandLoad(IrType type, Value address, long aux, InstructionFlags flags)
    {
        IrType part = PartType(type);
        Span<Value> parts = stackalloc Value[PartCount(type)];
        for (int i = 0; i < parts.Length; i++)
            parts[i] = Make(Op.Load, part, At(address, i * part.Size), default, default, AccessAt(aux, i * part.Size), flags);
        return Whole(type, parts);
    }

    private Value ExpandStore(Value address, Value value, long aux)
    {
        IrType type = _function.TypeOf(value);
        IrType part = PartType(type);
        int count = PartCount(type);
        for (int i = 0; i < count; i++)
            Make(Op.Store, IrType.Void, At(address, i * part.Size), Part(value, i), default, AccessAt(aux, i * part.Size));
        return default;
    }

    private Value ExpandBlockOperation(Op op, Value to, Value from, Value size)
    {
        if (op == Op.MemorySet)
            from = Convert(Op.ZeroExtend, IrType.I32, from);
        string name = op switch
        {
            Op.MemoryCopy => "memcpy",
            Op.MemoryMove => "memmove",
            _ => "memset",
        };
        CallLibrary(name, false, IrType.Pointer, [to, from, size]);
        return default;
    }

    private Value ExpandBitcast(IrType type, Value a)
    {
        IrType from = _function.TypeOf(a);
        if (IsLegalType(type) != IsLegalType(from))
        {
            // A pair of integers and something in a vector register.
            IrType pair = IrType.I64.VectorOf(1);
            IrType wide = IsLegalType(type) ? from : type;
            IrType other = IsLegalType(type) ? type : from;
            if (wide.Kind == ScalarKind.I128 && !wide.IsVector && IsLegalType(pair)
                && (other == pair || IsLegal(Op.Bitcast, pair, other) && IsLegal(Op.Bitcast, other, pair)))
            {
                return wide == from ? PairToVector(type, a, pair) : VectorToPair(type, a, pair);
            }
        }
        else if (!IsLegalType(type) && PartCount(type) == PartCount(from))
        {
            Span<Value> parts = stackalloc Value[PartCount(type)];
            for (int i = 0; i < parts.Length; i++)
                parts[i] = Convert(Op.Bitcast, PartType(type), Part(a, i));
            return Whole(type, parts);
        }
        return ThroughMemory(type, a);
    }

    private Value PairToVector(IrType type, Value a, IrType pair)
    {
        Value vector = Make(Op.InsertLane, pair, _function.Any(pair), Part(a, 0), Constant(IrType.I32, 0));
        vector = Make(Op.InsertLane, pair, vector, Part(a, 1), Constant(IrType.I32, 1));
        return Convert(Op.Bitcast, type, vector);
    }

    private Value VectorToPair(IrType type, Value a, IrType pair)
    {
        Value vector = Convert(Op.Bitcast, pair, a);
        return Whole(type,
            Make(Op.ExtractLane, IrType.I64, vector, Constant(IrType.I32, 0)),
            Make(Op.ExtractLane, IrType.I64, vector, Constant(IrType.I32, 1)));
    }

    private Value ThroughMemory(IrType type, Value a)
    {
        Value slot = Spill(a);
        return Make(Op.Load, type, slot, default, default, SlotAccess(type));
    }

    /// <summary>Stores a value to a new stack slot and gives its address.</summary>
    private Value Spill(Value value)
    {
        IrType type = _function.TypeOf(value);
        StackSlot slot = _function.NewSlot(type.Size, Math.Min(4, BitOperations.Log2((uint)type.Size)));
        Value address = _function.SlotAddress(slot);
        Make(Op.Store, IrType.Void, address, value, default, SlotAccess(type));
        return address;
    }

    private static long SlotAccess(IrType type) =>
        new MemoryAccess((byte)Math.Min(4, BitOperations.Log2((uint)type.Size))).Pack();

    // Calls: a value of illegal type in one register (a short vector) travels as a float of its size; in memory as its parts.

    private Value LegalizeCall(Value call)
    {
        CallInfo info = _function.Calls[(int)_function[call].Aux];
        Signature signature = info.Signature;
        int shift = info.Callee.IsNone ? 1 : 0;
        Value[] operands = _function.Operands(call).ToArray();
        var parts = new List<SignaturePart>();
        var arguments = new List<Value>();
        for (int i = 0; i < operands.Length; i++)
        {
            int index = i - shift;
            if (index < 0 || index >= signature.Parameters.Length)
            {
                arguments.Add(operands[i]);
                continue;
            }
            SignaturePart part = signature.Parameters[index];
            if (IsLegalType(part.Type))
            {
                parts.Add(part);
                arguments.Add(operands[i]);
            }
            else if (part.Place.Kind == Target.Abi.PlaceKind.Register)
            {
                IrType carrier = Carrier(part.Type);
                parts.Add(part with { Type = carrier });
                arguments.Add(ThroughMemory(carrier, operands[i]));
            }
            else
            {
                AddStackParts(parts, arguments, part, operands[i]);
            }
        }
        Signature legal = CopyOf(signature, [.. parts], LegalResults(signature));
        int made = _function.Calls.Add(info with { Signature = legal });
        IrType type = legal.Results.Length > 0 ? legal.Results[0].Type : IrType.Void;
        Value replaced = _function.NewList(Op.Call, type, [.. arguments], made, _location);
        _function[replaced].Flags = _function[call].Flags;
        _function.InsertBefore(call, replaced);
        // Further results stand directly behind the call: they follow it to its new self.
        for (Value v = _function[call].Next; !v.IsNone && _function.OpOf(v) == Op.Result && _function[v].A == call; v = _function[v].Next)
            _function[v].A = replaced;
        if (type == _function.TypeOf(call))
            return replaced;
        _at = _function[call].Next;
        return ThroughMemory(_function.TypeOf(call), replaced);
    }

    private void AddStackParts(List<SignaturePart> parts, List<Value> arguments, SignaturePart whole, Value value)
    {
        IrType type = PartType(whole.Type);
        for (int i = 0; i < PartCount(whole.Type); i++)
        {
            Target.Abi.Place place = whole.Place with
            {
                StackOffset = whole.Place.StackOffset + i * type.Size,
                Size = type.Size,
                Alignment = Math.Min(whole.Place.Alignment, Math.Max(8, type.Size)),
            };
            var part = new SignaturePart(type, place);
            if (IsLegalType(type))
            {
                parts.Add(part);
                arguments.Add(Part(value, i));
            }
            else
            {
                AddStackParts(parts, arguments, part, Part(value, i));
            }
        }
    }

    private static IrType Carrier(IrType type) => type.Size switch
    {
        4 => IrType.F32,
        8 => IrType.F64,
        _ => throw Unsupported(Op.Call, type),
    };

    private SignaturePart[] LegalResults(Signature signature)
    {
        var results = (SignaturePart[])signature.Results.Clone();
        foreach (ref SignaturePart result in results.AsSpan())
        {
            if (!IsLegalType(result.Type))
                result = result with { Type = Carrier(result.Type) };
        }
        return results;
    }

    private static Signature CopyOf(Signature signature, SignaturePart[] parameters, SignaturePart[] results) => new()
    {
        Parameters = parameters,
        Results = results,
        IsVariadic = signature.IsVariadic,
        NamedCount = signature.NamedCount + parameters.Length - signature.Parameters.Length,
        NamedUse = signature.NamedUse,
        StackSize = signature.StackSize,
        CalleePops = signature.CalleePops,
        PreservedSet = signature.PreservedSet,
    };

    private Value LegalizeReturn(Value value)
    {
        Value[] operands = _function.Operands(value).ToArray();
        foreach (ref Value operand in operands.AsSpan())
        {
            if (!IsLegalType(_function.TypeOf(operand)))
                operand = ThroughMemory(Carrier(_function.TypeOf(operand)), operand);
        }
        _function.SetOperands(value, operands);
        return value;
    }

    // Parameters of illegal types: those in registers arrive as floats of their size.
    private void LegalizeSignature()
    {
        Signature signature = _function.Signature;
        bool isLegal = true;
        foreach (SignaturePart part in signature.Parameters)
            isLegal &= IsLegalType(part.Type);
        foreach (SignaturePart part in signature.Results)
            isLegal &= IsLegalType(part.Type);
        if (isLegal)
            return;
        var parts = (SignaturePart[])signature.Parameters.Clone();
        _at = _function[_function.Entry].First;
        _location = _function.Location;
        for (int i = 0; i < parts.Length; i++)
        {
            if (IsLegalType(parts[i].Type))
                continue;
            IrType carrier = Carrier(parts[i].Type);
            parts[i] = parts[i] with { Type = carrier };
            Value parameter = _function.Parameters[i];
            Value arrives = _function.New(Op.Parameter, carrier, default, default, default, i);
            _function.Parameters[i] = arrives;
            Replace(parameter, ThroughMemory(_function.TypeOf(parameter), arrives));
        }
        _function.Signature = CopyOf(signature, parts, LegalResults(signature));
    }
}
