using Kiln.Base;

namespace Kiln.Assembler.Sections;

// Finds what values are: numbers, places, or symbols of other objects plus a number. Before the layout a distance is known
// only across bytes of fixed length; afterwards all are.

public sealed partial class ObjectEmitter
{
    private const int MaximumDepth = 2000;
    private bool _isLaidOut;

    /// <summary>A value as a number, where that is known now.</summary>
    public override bool TryEvaluate(int value, out long number)
    {
        number = 0;
        if (value == 0)
            return true;
        if (!Resolve(value, 0, 0, out LinearValue linear) || !linear.IsAbsolute)
            return false;
        number = linear.Constant;
        return true;
    }

    /// <summary>A value as a symbol, less a symbol, plus a number; false where it has no such form.</summary>
    private bool Resolve(int value, long addend, int depth, out LinearValue result)
    {
        if (depth > MaximumDepth)
        {
            result = default;
            return false;
        }
        if (value > 0)
            return ResolveSymbol(value, addend, depth, out result);
        if (value == 0)
        {
            result = new LinearValue(0, 0, addend);
            return true;
        }
        ExpressionNode node = Node(value);
        if (node.Operator == ExpressionOperator.Constant)
        {
            result = new LinearValue(0, 0, node.Value + addend);
            return true;
        }
        if (!Resolve(node.Left, 0, depth + 1, out result))
            return false;
        LinearValue right = default;
        if (node.Operator > ExpressionOperator.LogicalNot && !Resolve(node.Right, 0, depth + 1, out right))
            return false;
        switch (node.Operator)
        {
            case ExpressionOperator.Negate:
                result = new LinearValue(result.Subtract, result.Add, -result.Constant);
                break;
            case ExpressionOperator.Add:
                if (!Join(result, right, out result))
                    return false;
                break;
            case ExpressionOperator.Subtract:
                if (!Join(result, new LinearValue(right.Subtract, right.Add, -right.Constant), out result))
                    return false;
                break;
            default:
                if (!Compute(node.Operator, result, right, out long number))
                    return false;
                result = new LinearValue(0, 0, number);
                break;
        }
        result.Constant += addend;
        return true;
    }

    private bool ResolveSymbol(int symbol, long addend, int depth, out LinearValue result)
    {
        ref SymbolState state = ref _symbols[symbol];
        result = new LinearValue(symbol, 0, addend);
        if (state.Kind == SymbolKind.View && _isLaidOut)
        {
            result = new LinearValue(0, 0, ViewOf(state.Part, state.Position) + addend);
            return true;
        }
        if (state.Kind != SymbolKind.Equated)
            return true;
        if (state.IsBusy)
        {
            Error(state.Location, $"symbol definition loop encountered at `{TextOf(symbol)}'");
            return false;
        }
        state.IsBusy = true;
        bool isKnown = Resolve(state.Value, state.Addend, depth + 1, out LinearValue meaning);
        _symbols[symbol].IsBusy = false;
        if (!isKnown)
            return false;
        // an alias of a place is a symbol of its own; an alias of something outside stands for it
        bool isPlace = meaning.Subtract == 0 && meaning.Add != 0 && _symbols[meaning.Add].Kind is SymbolKind.Label or SymbolKind.Equated;
        if (!isPlace || state.IsStale || state.IsWeakAlias || IsUnnamed(symbol))
            result = meaning with { Constant = meaning.Constant + addend };
        return true;
    }

    /// <summary>Adds two linear values; places of one section cancel out.</summary>
    private bool Join(LinearValue a, LinearValue b, out LinearValue result)
    {
        result = default;
        long constant = a.Constant + b.Constant;
        (int add1, int add2) = (a.Add, b.Add);
        (int subtract1, int subtract2) = (a.Subtract, b.Subtract);
        Cancel(ref add1, ref subtract2, ref constant);
        Cancel(ref add2, ref subtract1, ref constant);
        Cancel(ref add1, ref subtract1, ref constant);
        Cancel(ref add2, ref subtract2, ref constant);
        if (add1 != 0 && add2 != 0 || subtract1 != 0 && subtract2 != 0)
            return false;
        result = new LinearValue(add1 + add2, subtract1 + subtract2, constant);
        return true;
    }

    private void Cancel(ref int add, ref int subtract, ref long constant)
    {
        if (add == 0 || subtract == 0 || !TryDistance(subtract, add, out long distance))
            return;
        (add, subtract) = (0, 0);
        constant += distance;
    }

    /// <summary>The distance from one symbol to another where it is known.</summary>
    private bool TryDistance(int from, int to, out long distance)
    {
        distance = 0;
        if (from == to)
            return true;
        if (!TryPlace(from, out int fromPart, out int fromFragment, out int fromPosition, out long fromAddend)
            || !TryPlace(to, out int toPart, out int toFragment, out int toPosition, out long toAddend))
            return false;
        if (_isLaidOut)
        {
            if (_parts[fromPart].Section != _parts[toPart].Section)
                return false;
            distance = Address(toPart, toFragment, toPosition) + toAddend - Address(fromPart, fromFragment, fromPosition) - fromAddend;
            return true;
        }
        if (fromPart != toPart)
            return false;
        distance = toPosition - fromPosition + toAddend - fromAddend;
        Part part = _parts[toPart];
        for (int i = Math.Min(fromFragment, toFragment); i < Math.Max(fromFragment, toFragment); i++)
        {
            ref Fragment fragment = ref part.Fragments[i];
            if (fragment.Kind == FragmentKind.Fill && fragment.Value == 0)
                distance += toFragment > fromFragment ? _details[fragment.Detail].Addend : -_details[fragment.Detail].Addend;
            else if (fragment.Kind == FragmentKind.Nops && fragment.Value == 0)
                distance += toFragment > fromFragment ? _details[fragment.Detail].Addend : -_details[fragment.Detail].Addend;
            else
                return false;
        }
        return true;
    }

    /// <summary>The place that a symbol stands for, also by way of others.</summary>
    private bool TryPlace(int symbol, out int part, out int fragment, out int position, out long addend)
    {
        part = fragment = position = 0;
        addend = 0;
        for (int steps = 0; steps < 100; steps++)
        {
            ref SymbolState state = ref _symbols[symbol];
            if (state.Kind == SymbolKind.Label)
            {
                (part, fragment, position) = (state.Part, state.Fragment, state.Position);
                return true;
            }
            if (state.Kind != SymbolKind.Equated || !Resolve(state.Value, state.Addend, steps + 1, out LinearValue meaning)
                || meaning.Add == 0 || meaning.Subtract != 0)
                return false;
            addend += meaning.Constant;
            symbol = meaning.Add;
        }
        return false;
    }

    private long Address(int part, int fragment, int position)
    {
        Part of = _parts[part];
        ref Fragment at = ref of.Fragments[fragment];
        return of.Address + at.Address + (position - at.Start);
    }

    /// <summary>The section and address of a symbol once laid out; section 0: it is not a place.</summary>
    private int SectionOf(int symbol, out long address)
    {
        address = 0;
        if (!TryPlace(symbol, out int part, out int fragment, out int position, out long addend))
            return 0;
        if (_isLaidOut)
            address = Address(part, fragment, position) + addend;
        return _parts[part].Section;
    }

    private bool Compute(ExpressionOperator op, LinearValue left, LinearValue right, out long number)
    {
        number = 0;
        if (op is >= ExpressionOperator.Equal and <= ExpressionOperator.GreaterOrEqual
            && (!left.IsAbsolute || !right.IsAbsolute))
        {
            // places are compared by their distance
            if (!Join(left, new LinearValue(right.Subtract, right.Add, -right.Constant), out LinearValue difference))
                return false;
            if (!difference.IsAbsolute)
                return false;
            (left, right) = (difference, default);
        }
        if (!left.IsAbsolute || !right.IsAbsolute)
            return false;
        return ExpressionArithmetic.TryCompute(op, left.Constant, right.Constant, out number);
    }
}

/// <summary>The operators of the assembler's expressions on numbers.</summary>
public static class ExpressionArithmetic
{
    /// <summary>Computes; false for a division by zero. Comparisons give -1 for true, logical operators 1.</summary>
    public static bool TryCompute(ExpressionOperator op, long left, long right, out long result)
    {
        result = 0;
        switch (op)
        {
            case ExpressionOperator.Negate:
                result = -left;
                return true;
            case ExpressionOperator.Complement:
                result = ~left;
                return true;
            case ExpressionOperator.LogicalNot:
                result = left == 0 ? 1 : 0;
                return true;
            case ExpressionOperator.Add:
                result = left + right;
                return true;
            case ExpressionOperator.Subtract:
                result = left - right;
                return true;
            case ExpressionOperator.Multiply:
                result = left * right;
                return true;
            case ExpressionOperator.Divide:
                if (right == 0)
                    return false;
                result = right == -1 ? -left : left / right;
                return true;
            case ExpressionOperator.Remainder:
                if (right == 0)
                    return false;
                result = right == -1 ? 0 : left % right;
                return true;
            case ExpressionOperator.ShiftLeft:
                result = (ulong)right > 63 ? 0 : left << (int)right;
                return true;
            case ExpressionOperator.ShiftRight:
                result = (ulong)right > 63 ? 0 : (long)((ulong)left >> (int)right);
                return true;
            case ExpressionOperator.And:
                result = left & right;
                return true;
            case ExpressionOperator.Or:
                result = left | right;
                return true;
            case ExpressionOperator.OrNot:
                result = left | ~right;
                return true;
            case ExpressionOperator.Xor:
                result = left ^ right;
                return true;
            case ExpressionOperator.Equal:
                result = left == right ? -1 : 0;
                return true;
            case ExpressionOperator.NotEqual:
                result = left != right ? -1 : 0;
                return true;
            case ExpressionOperator.Less:
                result = left < right ? -1 : 0;
                return true;
            case ExpressionOperator.LessOrEqual:
                result = left <= right ? -1 : 0;
                return true;
            case ExpressionOperator.Greater:
                result = left > right ? -1 : 0;
                return true;
            case ExpressionOperator.GreaterOrEqual:
                result = left >= right ? -1 : 0;
                return true;
            case ExpressionOperator.LogicalAnd:
                result = left != 0 && right != 0 ? 1 : 0;
                return true;
            case ExpressionOperator.LogicalOr:
                result = left != 0 || right != 0 ? 1 : 0;
                return true;
            default:
                throw new InvalidOperationException($"operator {op}");
        }
    }
}
