using System.Buffers.Binary;
using Kiln.Base;
using Kiln.Target.Abi;

namespace Kiln.IR;

/// <summary>What the interpreted program did wrong: undefined behaviour, a trap, or something that is not interpreted.</summary>
public sealed class InterpreterException(string message) : Exception(message);

/// <summary>
/// Runs IR directly, as docs/ir.md says what each operation does: the oracle of passes. Memory is a flat space of objects with gaps
/// between them, so that an access out of bounds is found; <c>any</c> is one value drawn from a seed for each leaf. Values have up to 128
/// bits, vectors lane by lane in them. Not interpreted: inline assembly, jumps between functions, wider vectors.
/// </summary>
public sealed class Interpreter(Module module, Func<Symbol, Function?> bodies, int seed = 1)
{
    private const long StepLimit = 50_000_000;
    private const int Gap = 64;

    private readonly List<(ulong Start, byte[] Bytes)> _objects = [];
    private readonly Dictionary<int, ulong> _symbols = [];
    private readonly Dictionary<ulong, Symbol> _functions = [];
    private ulong _next = 0x10000;
    private long _steps;
    private int _depth;

    /// <summary>Functions without a body, by name: they get the arguments' bits and give the result's.</summary>
    public Dictionary<string, Func<UInt128[], UInt128>> Externals { get; } = [];

    /// <summary>Calls a function.</summary>
    /// <returns>Its results' bits.</returns>
    public UInt128[] Call(Function function, params ReadOnlySpan<UInt128> arguments)
    {
        if (++_depth > 500)
            throw new InterpreterException("the calls are nested too deep");
        try
        {
            return new Frame(this, function, arguments).Run();
        }
        finally
        {
            _depth--;
        }
    }

    /// <summary>Makes an object of some bytes and gives its address.</summary>
    public ulong Allocate(long size, int alignment = 16)
    {
        _next = (_next + (ulong)alignment - 1) & ~(ulong)(alignment - 1);
        ulong start = _next;
        _objects.Add((start, new byte[size]));
        _next += (ulong)size + Gap;
        return start;
    }

    /// <summary>The bytes at an address.</summary>
    public Span<byte> Memory(ulong address, long size)
    {
        int low = 0, high = _objects.Count - 1;
        while (low <= high)
        {
            int middle = low + high >> 1;
            (ulong start, byte[] bytes) = _objects[middle];
            if (address < start)
                high = middle - 1;
            else if (address - start >= (ulong)bytes.Length + (size == 0 ? 1UL : 0))
                low = middle + 1;
            else if (address - start + (ulong)size <= (ulong)bytes.Length)
                return bytes.AsSpan((int)(address - start), (int)size);
            else
                break;
        }
        throw new InterpreterException($"an access of {size} bytes at 0x{address:x} is outside of every object");
    }

    /// <summary>The address of a symbol; its data is laid out when it is first asked for.</summary>
    public ulong AddressOf(Symbol symbol)
    {
        if (_symbols.TryGetValue(symbol.Id, out ulong known))
            return known;
        SymbolData data = module[symbol];
        ulong address = Allocate(Math.Max(1, data.Size), 1 << Math.Max(4, data.AlignmentLog2));
        _symbols.Add(symbol.Id, address);
        _functions.Add(address, symbol);
        data.Data?.CopyTo(Memory(address, data.Data.Length));
        foreach (DataReference reference in data.References ?? [])
        {
            if (!reference.Block.IsNone)
                throw new InterpreterException("addresses of labels are not interpreted");
            ulong value = AddressOf(reference.Symbol) + (ulong)reference.Addend;
            Write(address + (ulong)reference.Offset, reference.Size, value);
        }
        return address;
    }

    private UInt128 Read(ulong address, int size)
    {
        UInt128 value = 0;
        Span<byte> bytes = Memory(address, size);
        for (int i = size - 1; i >= 0; i--)
            value = value << 8 | bytes[i];
        return value;
    }

    private void Write(ulong address, int size, UInt128 value)
    {
        Span<byte> bytes = Memory(address, size);
        for (int i = 0; i < size; i++, value >>= 8)
            bytes[i] = (byte)value;
    }

    private UInt128[] CallSymbol(Symbol symbol, ReadOnlySpan<UInt128> arguments)
    {
        if (bodies(symbol) is { } body)
            return Call(body, arguments);
        string name = module[symbol].Name;
        return Externals.TryGetValue(name, out Func<UInt128[], UInt128>? external)
            ? [external(arguments.ToArray())]
            : throw new InterpreterException($"{name} has no body");
    }

    // One activation of a function.
    private sealed class Frame
    {
        private readonly Interpreter _machine;
        private readonly Function _function;
        private readonly UInt128[] _values;
        private readonly ulong[] _slots;
        private readonly Dictionary<int, UInt128[]> _results = [];

        public Frame(Interpreter machine, Function function, ReadOnlySpan<UInt128> arguments)
        {
            _machine = machine;
            _function = function;
            _values = new UInt128[function.ValueCount];
            _slots = new ulong[function.SlotCount];
            if (arguments.Length != function.Parameters.Count)
                throw new InterpreterException($"{arguments.Length} arguments for {function.Parameters.Count} parameters");
            for (int i = 0; i < arguments.Length; i++)
                _values[function.Parameters[i].Id] = ByValue(i, arguments[i]);
            for (int i = 1; i < function.SlotCount; i++)
            {
                ref SlotData slot = ref function[new StackSlot(i)];
                _slots[i] = machine.Allocate(Math.Max(1, slot.Size), 1 << Math.Max(4, slot.AlignmentLog2));
            }
        }

        private UInt128 ByValue(int index, UInt128 argument)
        {
            Place place = _function.Signature.Parameters[index].Place;
            IrType type = _function.Signature.Parameters[index].Type;
            if (place.Kind != PlaceKind.StackMemory)
                return type.IsVector ? argument : ScalarEvaluator.Cut(type, argument);
            ulong copy = _machine.Allocate(place.Size);
            _machine.Memory((ulong)argument, place.Size).CopyTo(_machine.Memory(copy, place.Size));
            return copy;
        }

        public UInt128[] Run()
        {
            Block from = default, block = _function.Entry;
            while (true)
            {
                Value at = EnterBlock(from, block);
                for (; ; at = _function[at].Next)
                {
                    if (++_machine._steps > StepLimit)
                        throw new InterpreterException("the program does not end");
                    Op op = _function.OpOf(at);
                    if (op == Op.Return)
                        return ReturnValues(at);
                    if (OpInfo.IsTerminator(op))
                        break;
                    Execute(at);
                }
                from = block;
                block = _function.Successors(block)[Successor(at)];
            }
        }

        private UInt128[] ReturnValues(Value value)
        {
            Span<Value> operands = _function.Operands(value);
            var results = new UInt128[operands.Length];
            for (int i = 0; i < operands.Length; i++)
                results[i] = Get(operands[i]);
            return results;
        }

        // Phis read their operands all at once.
        private Value EnterBlock(Block from, Block block)
        {
            Value v = _function[block].First;
            if (_function.OpOf(v) != Op.Phi)
                return v;
            int edge = _function.Predecessors(block).IndexOf(from);
            var staged = new List<(Value Phi, UInt128 Bits)>();
            for (; _function.OpOf(v) == Op.Phi; v = _function[v].Next)
                staged.Add((v, Get(_function.Operands(v)[edge])));
            foreach ((Value phi, UInt128 bits) in staged)
                _values[phi.Id] = bits;
            return v;
        }

        private int Successor(Value terminator)
        {
            ref Instruction instruction = ref _function[terminator];
            switch (instruction.Op)
            {
                case Op.Branch:
                    return 0;
                case Op.BranchIf:
                    return (Get(instruction.A) & 1) != 0 ? 0 : 1;
                case Op.Switch:
                    long value = (long)ScalarEvaluator.Signed(_function.TypeOf(instruction.A), Get(instruction.A));
                    foreach ((long low, long high, int successor) in _function.Switches[(int)instruction.Aux].Cases)
                    {
                        if (value >= low && value <= high)
                            return successor;
                    }
                    return 0;
                case Op.BranchIndirect:
                    Block target = new((int)(ulong)Get(instruction.A));
                    int index = _function.Successors(instruction.Block).IndexOf(target);
                    return index >= 0 ? index : throw new InterpreterException("an indirect branch goes to no label");
                default:
                    throw new InterpreterException($"{instruction.Op} was reached");
            }
        }

        private UInt128 Get(Value value)
        {
            ref Instruction instruction = ref _function[value];
            switch (instruction.Op)
            {
                case Op.Constant or Op.FloatConstant:
                    return ScalarEvaluator.Cut(instruction.Type, _function.ConstantBits(value));
                case Op.VectorConstant:
                    UInt128 bits = 0;
                    ReadOnlySpan<byte> bytes = _function.Bytes(value);
                    for (int i = bytes.Length - 1; i >= 0; i--)
                        bits = bits << 8 | bytes[i];
                    return bits;
                case Op.SymbolAddress:
                    return _machine.AddressOf(new Symbol(instruction.A.Id)) + (ulong)instruction.Aux;
                case Op.SlotAddress:
                    return _slots[instruction.A.Id];
                case Op.BlockAddress:
                    return (ulong)instruction.A.Id;
                case Op.Any:
                    return CutVector(instruction.Type, (UInt128)((ulong)value.Id * 0x9E3779B97F4A7C15 ^ (ulong)_machine.Seed));
                default:
                    return _values[value.Id];
            }
        }

        private static UInt128 CutVector(IrType type, UInt128 bits) =>
            type.TotalBits >= 128 ? bits : bits & (UInt128.One << type.TotalBits) - 1;

        private void Execute(Value v)
        {
            Instruction instruction = _function[v];
            if (instruction.Type.TotalBits > 128)
                throw new InterpreterException($"values of {instruction.Type} are not interpreted");
            if (OpInfo.IsPure(instruction.Op))
            {
                _values[v.Id] = Pure(v, in instruction);
                return;
            }
            switch (instruction.Op)
            {
                case Op.Load:
                    UInt128 loaded = _machine.Read((ulong)Get(instruction.A), MemorySize(instruction.Type));
                    _values[v.Id] = CutVector(instruction.Type, loaded);
                    break;
                case Op.Store:
                    _machine.Write((ulong)Get(instruction.A), MemorySize(_function.TypeOf(instruction.B)), Get(instruction.B));
                    break;
                case Op.MemoryCopy or Op.MemoryMove:
                    long size = (long)Get(instruction.C);
                    _machine.Memory((ulong)Get(instruction.B), size).CopyTo(_machine.Memory((ulong)Get(instruction.A), size));
                    break;
                case Op.MemorySet:
                    _machine.Memory((ulong)Get(instruction.A), (long)Get(instruction.C)).Fill((byte)Get(instruction.B));
                    break;
                case Op.AtomicRmw:
                    _values[v.Id] = ReadModifyWrite(v, in instruction);
                    break;
                case Op.CompareExchange:
                    UInt128 old = _machine.Read((ulong)Get(instruction.A), instruction.Type.Size);
                    if (old == Get(instruction.B))
                        _machine.Write((ulong)Get(instruction.A), instruction.Type.Size, Get(instruction.C));
                    _values[v.Id] = old;
                    break;
                case Op.StackAllocate:
                    _values[v.Id] = _machine.Allocate((long)Get(instruction.A), (int)Math.Max(16, instruction.Aux));
                    break;
                case Op.Call:
                    ExecuteCall(v, in instruction);
                    break;
                case Op.Result:
                    _values[v.Id] = _results[instruction.A.Id][(int)instruction.Aux];
                    break;
                case Op.Opaque:
                    _values[v.Id] = Get(instruction.A);
                    break;
                case Op.IsConstant:
                    _values[v.Id] = 0;
                    break;
                case Op.Fence or Op.StackSave or Op.StackRestore or Op.Prefetch or Op.DebugValue:
                    break;
                default:
                    throw new InterpreterException($"{instruction.Op} is not interpreted");
            }
        }

        private static int MemorySize(IrType type) => type.LaneBits == 80 ? 10 : type.Size;

        private UInt128 ReadModifyWrite(Value v, in Instruction instruction)
        {
            ulong address = (ulong)Get(instruction.A);
            UInt128 old = _machine.Read(address, instruction.Type.Size), operand = Get(instruction.B);
            UInt128 made = _function.Rmw(v) switch
            {
                RmwOperation.Exchange => operand,
                RmwOperation.Add => old + operand,
                RmwOperation.Sub => old - operand,
                RmwOperation.And => old & operand,
                RmwOperation.Or => old | operand,
                RmwOperation.Xor => old ^ operand,
                RmwOperation.Nand => ~(old & operand),
                RmwOperation operation => throw new InterpreterException($"no operation {operation}"),
            };
            _machine.Write(address, instruction.Type.Size, ScalarEvaluator.Cut(instruction.Type, made));
            return old;
        }

        private void ExecuteCall(Value v, in Instruction instruction)
        {
            CallInfo info = _function.Calls[(int)instruction.Aux];
            Span<Value> operands = _function.Operands(v);
            Symbol callee = info.Callee;
            int first = 0;
            if (callee.IsNone)
            {
                first = 1;
                if (!_machine._functions.TryGetValue((ulong)Get(operands[0]), out callee))
                    throw new InterpreterException("an indirect call goes to no function");
            }
            var arguments = new UInt128[operands.Length - first];
            for (int i = 0; i < arguments.Length; i++)
                arguments[i] = Get(operands[first + i]);
            UInt128[] results = _machine.CallSymbol(callee, arguments);
            _results[v.Id] = results;
            if (results.Length > 0)
                _values[v.Id] = results[0];
        }

        private UInt128 Pure(Value v, in Instruction instruction)
        {
            if (instruction.Op is Op.ExtractLane or Op.InsertLane or Op.Splat or Op.Shuffle)
                return VectorOperation(v, in instruction);
            IrType operand = instruction.A.IsNone ? instruction.Type : _function.TypeOf(instruction.A);
            UInt128 a = instruction.A.IsNone ? 0 : Get(instruction.A);
            UInt128 b = OpInfo.OperandCount(instruction.Op) > 1 ? Get(instruction.B) : 0;
            UInt128 c = OpInfo.OperandCount(instruction.Op) > 2 ? Get(instruction.C) : 0;
            if (!instruction.Type.IsVector || instruction.Op == Op.Bitcast || instruction.Op == Op.Select && operand == IrType.I1)
                return Scalar(instruction.Op, instruction.Type, operand, a, b, c, instruction.Aux);
            UInt128 result = 0;
            IrType lane = instruction.Type.Lane, laneOfA = operand.Lane;
            for (int i = instruction.Type.Lanes - 1; i >= 0; i--)
            {
                UInt128 x = ScalarEvaluator.Cut(laneOfA, a >> i * laneOfA.LaneBits);
                IrType laneOfB = instruction.Op == Op.Select ? lane : laneOfA;
                UInt128 y = ScalarEvaluator.Cut(laneOfB, b >> i * laneOfB.LaneBits);
                UInt128 z = ScalarEvaluator.Cut(laneOfB, c >> i * laneOfB.LaneBits);
                UInt128 made = Scalar(instruction.Op, lane, laneOfA, x, y, z, instruction.Aux);
                if (instruction.Op is Op.Compare or Op.FloatCompare && made != 0)
                    made = ScalarEvaluator.Cut(lane, UInt128.MaxValue);
                result = result << lane.LaneBits | ScalarEvaluator.Cut(lane, made);
            }
            return result;
        }

        private static UInt128 Scalar(Op op, IrType type, IrType operand, UInt128 a, UInt128 b, UInt128 c, long aux)
        {
            if (op is Op.Select or Op.Bitcast)
                return op == Op.Bitcast ? a : (a & 1) != 0 ? b : c;
            if (ScalarEvaluator.TryEvaluate(op, type, operand, a, b, c, aux, out UInt128 result))
                return result;
            return OpInfo.MayTrap(op) ? throw new InterpreterException($"{op} traps") : result;
        }

        private UInt128 VectorOperation(Value v, in Instruction instruction)
        {
            UInt128 a = Get(instruction.A);
            IrType lane = instruction.Op == Op.ExtractLane ? instruction.Type : instruction.Type.Lane;
            int bits = lane.LaneBits;
            switch (instruction.Op)
            {
                case Op.ExtractLane:
                    int from = (int)((uint)Get(instruction.B) & (uint)(_function.TypeOf(instruction.A).Lanes - 1));
                    return ScalarEvaluator.Cut(lane, a >> from * bits);
                case Op.InsertLane:
                    int at = (int)((uint)Get(instruction.C) & (uint)(instruction.Type.Lanes - 1));
                    UInt128 mask = ScalarEvaluator.Cut(lane, UInt128.MaxValue) << at * bits;
                    return a & ~mask | ScalarEvaluator.Cut(lane, Get(instruction.B)) << at * bits;
                case Op.Splat:
                    UInt128 all = 0;
                    for (int i = 0; i < instruction.Type.Lanes; i++)
                        all = all << bits | ScalarEvaluator.Cut(lane, a);
                    return all;
                default:
                    UInt128 b = Get(instruction.B), result = 0;
                    int lanes = _function.TypeOf(instruction.A).Lanes;
                    ReadOnlySpan<byte> chosen = _function.Bytes(v);
                    for (int i = chosen.Length - 1; i >= 0; i--)
                    {
                        UInt128 source = chosen[i] < lanes ? a >> chosen[i] * bits : b >> (chosen[i] - lanes) * bits;
                        result = result << bits | ScalarEvaluator.Cut(lane, chosen[i] == 255 ? 0 : source);
                    }
                    return result;
            }
        }
    }

    private long Seed => seed;
}
