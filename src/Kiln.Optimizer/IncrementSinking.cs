using Kiln.IR;

namespace Kiln.Optimizer;

/// <summary>
/// Moves the step of a loop's variable behind the last use of what it was: in <c>x = *p++</c> the pointer is counted up before it is read
/// through, so that both values would live at once and need two registers, and a copy in each round.
///
/// Needs: the verifier's law. Keeps: the CFG.
/// </summary>
public sealed class IncrementSinking
{
    private int[] _firstUse = []; // by value: positions, counted from blocks' ends
    private Value[] _lastUser = [];
    private int[] _lastUse = [];
    private int _position;

    /// <summary>Sinks what it can; tells whether anything moved.</summary>
    public bool Run(Function function)
    {
        int count = function.ValueCount;
        if (_firstUse.Length < count)
        {
            _firstUse = new int[count * 2];
            _lastUse = new int[count * 2];
            _lastUser = new Value[count * 2];
        }
        else
        {
            Array.Clear(_firstUse, 0, count);
            Array.Clear(_lastUse, 0, count);
        }
        _position = 0;
        bool changed = false;
        for (int b = 1; b < function.BlockCount; b++)
            changed |= Visit(function, new Block(b));
        return changed;
    }

    // Backwards: at an instruction all uses behind it in the block are known. Positions of earlier blocks are told apart by going on counting.
    private bool Visit(Function function, Block block)
    {
        bool changed = false;
        int end = _position;
        for (Value v = function[block].Last; !v.IsNone && function.OpOf(v) != Op.Phi;)
        {
            Value before = function[v].Previous;
            _position++;
            if (function.OpOf(v) != Op.DebugValue)
            {
                if (IsStep(function, v))
                    changed |= Sink(function, v, end);
                foreach (Value operand in function.Operands(v))
                    Note(operand, v, end);
            }
            v = before;
        }
        return changed;
    }

    private void Note(Value value, Value user, int end)
    {
        if (value.IsNone)
            return;
        _firstUse[value.Id] = _position;
        if (_lastUse[value.Id] <= end)
        {
            _lastUse[value.Id] = _position;
            _lastUser[value.Id] = user;
        }
    }

    // x + c, where x is a phi and the sum what it is next.
    private static bool IsStep(Function function, Value v) =>
        function.OpOf(v) is Op.Add or Op.PointerAdd && function.OpOf(function[v].B) == Op.Constant && function.OpOf(function[v].A) == Op.Phi
        && function.Operands(function[v].A).Contains(v);

    private bool Sink(Function function, Value step, int end)
    {
        Value phi = function[step].A;
        bool isUsed = _firstUse[step.Id] > end;
        if (_lastUse[phi.Id] <= end || isUsed && _firstUse[step.Id] >= _lastUse[phi.Id] || OpInfo.IsTerminator(function.OpOf(_lastUser[phi.Id])))
            return false;
        Value place = function[_lastUser[phi.Id]].Next, following = function[step].Next;
        function.Remove(step);
        function.InsertBefore(place, step);
        // Marks for the debugger come along.
        while (following != step)
        {
            Value next = function[following].Next;
            if (function.OpOf(following) == Op.DebugValue && function.Operands(following).Contains(step))
            {
                function.Remove(following);
                function.InsertBefore(place, following);
            }
            following = next;
        }
        return true;
    }
}
