using System.Globalization;
using System.Runtime.InteropServices;
using Kiln.Base;

namespace Kiln.IR.Text;

// Functions: a line for each scope, variable, slot, parameter, block head and instruction.
public sealed partial class Parser
{
    private readonly List<Value> _operands = [];
    private readonly List<(Block From, Block To)> _edges = [];
    private readonly List<(Block Block, Block[] Order)> _orders = [];
    private readonly HashSet<int> _defined = [];
    private readonly HashSet<int> _used = [];
    private Function _function = null!;
    private Block _block;

    private Function Function()
    {
        _function = new Function();
        _block = default;
        _edges.Clear();
        _orders.Clear();
        _defined.Clear();
        _used.Clear();
        Symbol symbol = Symbol();
        if (_module[symbol].Kind == SymbolKind.Undefined)
            _module[symbol].Kind = SymbolKind.Function;
        _function.Reset(_module, symbol, Signature());
        _function.Flags = (FunctionFlags)Flags<FunctionFlags>('!');
        if (_scan.TryWord("features"))
            _function.Features = Features();
        _function.Location = Place();
        if (_scan.Try('.'))
        {
            _scan.Expect('.');
            _function.EndLocation = new Location((uint)_scan.Long());
        }
        _scan.Expect('\n');
        _scan.Expect('{');
        _function.ReserveValues(_scan.GreatestValue());
        while (!_scan.Try('}'))
        {
            if (!_scan.NextLine())
                throw _scan.Error("the function does not end");
            if (_scan.Peek() != '}')
                Line();
        }
        Link();
        return _function;
    }

    private void Line()
    {
        switch (_scan.PeekWord())
        {
            case "scope":
                _scan.Word();
                Number(_function.Scopes.Count);
                Word("in");
                _function.Scopes.Add(new DebugScope((int)_scan.Long(), Place(), Place()));
                break;
            case "variable":
                _scan.Word();
                Variable();
                break;
            case "slot":
                _scan.Word();
                Slot();
                break;
            case "parameter":
                _scan.Word();
                Value parameter = ValueNumber();
                if (parameter.Id > _function.Parameters.Count || _function.Parameters[parameter.Id - 1] != parameter)
                    throw _scan.Error($"the function has no parameter {parameter}");
                _scan.Expect('=');
                if (Type() != _function.TypeOf(parameter))
                    throw _scan.Error($"{parameter} has another type in the signature");
                _defined.Add(parameter.Id);
                break;
            case ['b', >= '0' and <= '9', ..]:
                Head();
                break;
            default:
                Instruction();
                break;
        }
        if (!_scan.IsAtLineEnd)
            throw _scan.Error("text behind the instruction");
    }

    private void Word(string word)
    {
        if (!_scan.TryWord(word))
            throw _scan.Error($"expected '{word}'");
    }

    // Tables are numbered in order.
    private void Number(int expected)
    {
        int number = _scan.Int();
        if (number != expected)
            throw _scan.Error($"expected number {expected}, not {number}");
    }

    private void Variable()
    {
        Number(_function.Variables.Count);
        string name = Text();
        Word("type");
        int type = _scan.Int();
        Word("scope");
        int scope = _scan.Int();
        var variable = new DebugVariable { Name = name, Type = type, Scope = scope };
        variable.Parameter = _scan.TryWord("parameter") ? _scan.Int() : 0;
        if (_scan.TryWord("slot"))
            FramePlace(DebugPlace.Slot, ref variable);
        else if (_scan.TryWord("pointer"))
            FramePlace(DebugPlace.Pointer, ref variable);
        else if (_scan.TryWord("argument"))
            (variable.Place, variable.Id) = (DebugPlace.Argument, _scan.Int());
        else if (_scan.TryWord("symbol"))
            (variable.Place, variable.Id) = (DebugPlace.Symbol, Symbol().Id);
        if (_scan.TryWord("part"))
            variable.Part = _scan.Int();
        variable.Location = Place();
        _function.Variables.Add(variable);
    }

    private void FramePlace(DebugPlace place, ref DebugVariable variable)
    {
        (variable.Place, variable.Id) = (place, _scan.Int());
        Word("offset");
        variable.Offset = _scan.Int();
    }

    private void Slot()
    {
        if (SlotNumber(_scan.Word()) != _function.SlotCount)
            throw _scan.Error("slots are numbered in order");
        Word("size");
        int size = _scan.Int();
        Word("align");
        StackSlot slot = _function.NewSlot(size, AlignmentLog2());
        _function[slot].IsPinned = _scan.TryWord("pinned");
        _function[slot].IsGuard = _scan.TryWord("guard");
        if (_scan.TryWord("variable"))
            _function[slot].Variable = _scan.Int() + 1;
    }

    private int SlotNumber(string word) =>
        word[0] == 's' && int.TryParse(word.AsSpan(1), CultureInfo.InvariantCulture, out int number) && number > 0
            ? number : throw _scan.Error($"'{word}' is no slot");

    private Value ValueNumber()
    {
        _scan.Expect('%');
        int number = _scan.Int();
        return number > 0 ? new Value(number) : throw _scan.Error("values are numbered from 1");
    }

    private Block BlockName()
    {
        string word = _scan.Word();
        if (word[0] != 'b' || !int.TryParse(word.AsSpan(1), CultureInfo.InvariantCulture, out int number) || number is < 1 or > 10_000_000)
            throw _scan.Error($"'{word}' is no block");
        while (_function.BlockCount <= number)
            _function[_function.NewBlock()].IsDead = true;
        return new Block(number);
    }

    private void Head()
    {
        _block = BlockName();
        if (!_function[_block].IsDead)
            throw _scan.Error($"{_block} is there twice");
        _function[_block].IsDead = false;
        _scan.Expect(':');
        if (_scan.TryWord("entry"))
            _function.Entry = _block;
        _function[_block].AddressTaken |= _scan.TryWord("address_taken");
        _function[_block].IsCold = _scan.TryWord("cold");
        if (_scan.TryWord("frequency"))
            _function[_block].Frequency = _scan.Float();
        if (!_scan.TryWord("from"))
            return;
        var order = new List<Block>();
        while (!_scan.IsAtLineEnd)
            order.Add(BlockName());
        _orders.Add((_block, [.. order]));
    }

    private void Instruction()
    {
        if (_block.IsNone)
            throw _scan.Error("an instruction before the first block");
        Value value = default;
        if (_scan.Peek() == '%')
        {
            value = ValueNumber();
            if (!_defined.Add(value.Id))
                throw _scan.Error($"{value} is defined twice");
            _scan.Expect('=');
        }
        Op op = Enum<Op>();
        if (op == Op.None || OpInfo.IsLeaf(op))
            throw _scan.Error("no instruction");
        IrType type = value.IsNone ? IrType.Void : Type();
        if (value.IsNone)
            value = _function.New(op, type);
        var instruction = new Instruction { Op = op, Type = type };
        Detail(ref instruction);
        Operands();
        Successors(ref instruction);
        instruction.Location = Place();
        Place(value, in instruction);
    }

    private void Place(Value value, in Instruction instruction)
    {
        _function[value] = instruction;
        if (OpInfo.HasList(instruction.Op))
            _function.SetOperands(value, CollectionsMarshal.AsSpan(_operands));
        else if (_operands.Count == OpInfo.OperandCount(instruction.Op))
            CollectionsMarshal.AsSpan(_operands).CopyTo(_function.Operands(value));
        else
            throw _scan.Error($"{OpNames.Name(instruction.Op)} has {OpInfo.OperandCount(instruction.Op)} operands");
        _function.Append(_block, value);
    }

    private void Detail(ref Instruction instruction)
    {
        uint flags = 0;
        switch (instruction.Op)
        {
            case Op.Compare:
                _scan.Expect('.');
                string predicate = _scan.Word();
                instruction.Aux = OpNames.Predicate(predicate) is >= 0 and var number ? number : throw _scan.Error($"unknown predicate '{predicate}'");
                break;
            case Op.FloatCompare:
                _scan.Expect('.');
                instruction.Aux = (long)Enum<FloatPredicate>();
                if (_scan.Try('.'))
                    instruction.Aux |= (long)Enum<FloatPredicate>();
                break;
            case Op.AtomicRmw:
                _scan.Expect('.');
                flags = (uint)Kiln.IR.Function.RmwFlags(Enum<RmwOperation>());
                instruction.Aux = Access();
                break;
            case Op.Load or Op.Store or Op.MemoryCopy or Op.MemoryMove or Op.MemorySet or Op.CompareExchange:
                instruction.Aux = Access();
                break;
            case Op.Fence or Op.StackAllocate or Op.Prefetch or Op.FrameAddress or Op.ReturnAddress or Op.DebugValue or Op.Result
                or Op.TargetOp or Op.Target1 or Op.Target2 or Op.Target3 or Op.BranchIf:
                _scan.Expect('#');
                instruction.Aux = _scan.Long();
                break;
            case Op.Shuffle:
                instruction.Aux = Mask(instruction.Type);
                break;
            case Op.Call:
                Symbol callee = _scan.TryWord("indirect") ? default : Symbol();
                instruction.Aux = _function.Calls.Add(new CallInfo(Signature(), callee, (CallFlags)Flags<CallFlags>('+')));
                break;
            case Op.Asm or Op.AsmGoto:
                instruction.Aux = _function.Asms.Add(Asm());
                break;
        }
        instruction.Flags = (InstructionFlags)(flags | Flags<InstructionFlags>('!'));
    }

    private long Mask(IrType type)
    {
        int at = _function.ConstantBytes.Length;
        _scan.Expect('[');
        while (!_scan.Try(']'))
            _function.ConstantBytes.U8((byte)_scan.Int());
        return _function.ConstantBytes.Length - at == type.Lanes ? at : throw _scan.Error($"a mask of {type.Lanes} lanes is needed");
    }

    private void Operands()
    {
        _operands.Clear();
        while (!_scan.IsAtLineEnd && _scan.Peek() is not ('-' or '{') && _scan.PeekWord() is not "exhaustive")
        {
            if (_operands.Count > 0 && !_scan.Try(','))
                return;
            if (!TryOperand(out Value operand))
                return;
            _operands.Add(operand);
        }
    }

    // A place in the source behind the operands looks like a symbol up to its first character, which is a digit.
    private bool TryOperand(out Value operand)
    {
        operand = default;
        switch (_scan.Peek())
        {
            case '%':
                operand = ValueNumber();
                _used.Add(operand.Id);
                return true;
            case '&':
                _scan.Expect('&');
                if (_scan.Peek() == 'b')
                    operand = _function.BlockAddress(BlockName());
                else
                    operand = SlotNumber(_scan.Word()) is var slot && slot < _function.SlotCount
                        ? _function.SlotAddress(new StackSlot(slot)) : throw _scan.Error("no such slot");
                return true;
            case '@':
                if (_scan.IsNumberNext)
                    return false;
                Symbol symbol = Symbol();
                long offset = _scan.Try('+') || _scan.Peek() == '-' ? _scan.Long() : 0;
                operand = _function.SymbolAddress(symbol, offset);
                return true;
            default:
                if (!_scan.TryWord("none"))
                    operand = Constant(Type());
                return true;
        }
    }

    private Value Constant(IrType type)
    {
        if (_scan.TryWord("any"))
            return _function.Any(type);
        if (type.IsVector)
        {
            byte[] bytes = _scan.Bytes();
            return bytes.Length == type.Size ? _function.VectorConstant(type, bytes) : throw _scan.Error($"{type} has {type.Size} bytes");
        }
        if (!type.IsFloat)
            return _function.Constant(type, (UInt128)_scan.Wide());
        return UInt128.TryParse(_scan.Hexadecimal("0x"), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out UInt128 bits)
            ? _function.FloatConstant(type, bits) : throw _scan.Error("expected a floating-point number's bits");
    }

    private void Successors(ref Instruction instruction)
    {
        if (instruction.Op == Op.Switch)
            instruction.Aux = _function.Switches.Add(Cases());
        if (!OpInfo.IsTerminator(instruction.Op) || !_scan.Try('-'))
            return;
        _scan.Expect('>');
        do
            _edges.Add((_block, BlockName()));
        while (_scan.Try(','));
    }

    private SwitchInfo Cases()
    {
        var info = new SwitchInfo { IsExhaustive = _scan.TryWord("exhaustive") };
        _scan.Expect('{');
        while (!_scan.Try('}'))
        {
            long low = _scan.Long(), high = low;
            if (_scan.Try('.'))
            {
                _scan.Expect('.');
                high = _scan.Long();
            }
            _scan.Expect(':');
            info.Cases.Add((low, high, _scan.Int()));
        }
        return info;
    }

    // Edges last: the order of predecessors is the one that the heads give.
    private void Link()
    {
        if (_function.Entry.IsNone)
            throw _scan.Error("the function has no entry");
        foreach (int value in _used)
        {
            if (!_defined.Contains(value))
                throw _scan.Error($"%{value} is used, but not defined");
        }
        foreach ((Block from, Block to) in _edges)
        {
            if (_function[to].IsDead)
                throw _scan.Error($"{from} goes to {to}, which is not there");
            _function.AddEdge(from, to);
        }
        foreach ((Block block, Block[] order) in _orders)
        {
            Block[] made = _function.Predecessors(block).ToArray(), given = [.. order];
            Array.Sort(made, (a, b) => a.Id - b.Id);
            Array.Sort(given, (a, b) => a.Id - b.Id);
            if (!made.AsSpan().SequenceEqual(given))
                throw _scan.Error($"the predecessors of {block} are not those whose branches go there");
            _function.OrderPredecessors(block, order);
        }
    }
}
