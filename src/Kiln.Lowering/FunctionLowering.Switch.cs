namespace Kiln.Lowering;

// switch: one Switch operation with ranges; its form (table, tree, bit test) is CodeGen's.
internal sealed partial class FunctionLowering
{
    private SwitchStatement? _currentSwitch;

    private void Switch(SwitchStatement statement)
    {
        NoteLoop(statement);
        CType type = statement.Value.Type;
        bool isKnown = IntegerValue(statement.Value, out Int128 known);
        Value value = Scalar(statement.Value);
        Open();
        _b.Location = statement.Location;
        Block end = BreakBlock(statement);
        Block otherwise = statement.Default is { } fallback ? CaseBlock(fallback) : end;
        if (isKnown)
            _b.Branch(CaseOf(statement, known, type) is { } taken ? CaseBlock(taken) : otherwise);
        else if (type.Size > 8)
            CompareChain(statement, value, type, otherwise);
        else
            EmitSwitch(statement, value, type, otherwise);

        SwitchStatement? outer = _currentSwitch;
        _currentSwitch = statement;
        Statement(statement.Body);
        _currentSwitch = outer;
        LeaveOpen(end);
        Resume(end);
    }

    private Block CaseBlock(CaseStatement @case)
    {
        if (@case.Slot == 0)
            Remember(@case).Slot = NewBlock().Id;
        return new Block(@case.Slot);
    }

    private static CaseStatement? CaseOf(SwitchStatement statement, Int128 value, CType type)
    {
        foreach (CaseStatement @case in statement.Cases)
        {
            bool isIn = Lowering.IsSigned(type)
                ? (Int128)@case.Low <= value && value <= (Int128)@case.High
                : @case.Low <= (UInt128)value && (UInt128)value <= @case.High;
            if (isIn)
                return @case;
        }
        return null;
    }

    private void EmitSwitch(SwitchStatement statement, Value value, CType type, Block otherwise)
    {
        var info = new SwitchInfo();
        var targets = new GrowBuffer<Block>(statement.Cases.Length + 1);
        targets.Add(otherwise);
        var numbers = new Dictionary<Block, int> { [otherwise] = 0 };
        int unused = 64 - (int)type.Size * 8;
        foreach (CaseStatement @case in statement.Cases)
        {
            Block block = CaseBlock(@case);
            if (!numbers.TryGetValue(block, out int number))
            {
                number = targets.Add(block);
                numbers.Add(block, number);
            }
            long low = (long)(ulong)@case.Low << unused >> unused, high = (long)(ulong)@case.High << unused >> unused;
            if (low <= high)
            {
                info.Cases.Add((low, high, number));
                continue;
            }
            // An unsigned range across the middle is two ranges of sign-extended values.
            info.Cases.Add((low, long.MaxValue >> unused, number));
            info.Cases.Add((long.MinValue >> unused, high, number));
        }
        if (info.Cases.Count == 0)
            _b.Branch(otherwise);
        else
            _b.Switch(value, info, targets.Span);
    }

    /// <summary>Values wider than 64 bits are compared one after another.</summary>
    private void CompareChain(SwitchStatement statement, Value value, CType type, Block otherwise)
    {
        IrType irType = Lowering.IrTypeOf(type);
        bool isSigned = Lowering.IsSigned(type);
        foreach (CaseStatement @case in statement.Cases)
        {
            Block next = NewBlock();
            Value low = _function.Constant(irType, @case.Low);
            if (@case.Low == @case.High)
            {
                _b.BranchIf(_b.Compare(IntPredicate.Equal, value, low), CaseBlock(@case), next);
            }
            else
            {
                Block upper = NewBlock();
                Value high = _function.Constant(irType, @case.High);
                _b.BranchIf(_b.Compare(isSigned ? IntPredicate.GreaterEqualSigned : IntPredicate.GreaterEqualUnsigned, value, low), upper, next);
                _b.Current = upper;
                _b.BranchIf(_b.Compare(isSigned ? IntPredicate.LessEqualSigned : IntPredicate.LessEqualUnsigned, value, high), CaseBlock(@case), next);
            }
            _b.Current = next;
        }
        _b.Branch(otherwise);
    }

    private void Case(CaseStatement statement)
    {
        Begin(CaseBlock(statement));
        // Labels one behind the other are many in generated code: no recursion.
        Statement body = statement.Body;
        while (body is CaseStatement next)
        {
            Begin(CaseBlock(next));
            body = next.Body;
        }
        Statement(body);
    }
}
