namespace Kiln.IR;

/// <summary>Facts about operations, by table.</summary>
public static class OpInfo
{
    /// <summary>How many of A, B, C are operands (0 for those with a list).</summary>
    public static int OperandCount(Op op) => op switch
    {
        Op.None or Op.Any or (>= Op.Constant and <= Op.Parameter) => 0,
        >= Op.Add and <= Op.MulOverflowsUnsigned => 2,
        >= Op.CountLeadingZeros and <= Op.BitReverse => 1,
        >= Op.FloatAdd and <= Op.FloatDiv => 2,
        Op.FloatNegate or Op.FloatAbs or Op.FloatSqrt => 1,
        Op.FloatCopySign or Op.FloatMin or Op.FloatMax => 2,
        Op.FloatFma => 3,
        >= Op.FloatFloor and <= Op.FloatRint => 1,
        Op.Compare or Op.FloatCompare => 2,
        Op.Select => 3,
        >= Op.Truncate and <= Op.Bitcast => 1,
        Op.PointerAdd => 2,
        Op.Load => 1,
        Op.Store => 2,
        Op.MemoryCopy or Op.MemoryMove or Op.MemorySet => 3,
        Op.AtomicRmw => 2,
        Op.CompareExchange => 3,
        Op.Fence => 0,
        Op.StackAllocate => 1,
        Op.StackSave => 0,
        Op.StackRestore or Op.Prefetch => 1,
        Op.ExtractLane => 2,
        Op.InsertLane => 3,
        Op.Splat => 1,
        Op.Shuffle => 2,
        Op.Target1 => 1,
        Op.Target2 => 2,
        Op.Target3 => 3,
        Op.VaStart => 1,
        Op.FrameAddress or Op.ReturnAddress or Op.StaticChain or Op.ThreadPointer => 0,
        Op.SetJump or Op.LongJump or Op.Opaque or Op.IsConstant or Op.DebugValue or Op.Result => 1,
        Op.BranchIf or Op.Switch or Op.BranchIndirect => 1,
        Op.Branch or Op.Unreachable or Op.Trap => 0,
        Op.Phi or Op.Call or Op.Asm or Op.TargetOp or Op.AsmGoto or Op.Return => 0,
        _ => throw new ArgumentOutOfRangeException(nameof(op), op, "no such operation"),
    };

    /// <summary>Whether the operands are a list in the pool.</summary>
    public static bool HasList(Op op) => op is Op.Phi or Op.Call or Op.Asm or Op.TargetOp or Op.AsmGoto or Op.Return;

    /// <summary>Whether it stands in no block.</summary>
    public static bool IsLeaf(Op op) => op is >= Op.Constant and <= Op.Any;

    /// <summary>Whether it ends a block.</summary>
    public static bool IsTerminator(Op op) => op >= Op.Branch;

    /// <summary>Whether the result depends on the operands alone and computing it has no effect; it may still trap (division).</summary>
    public static bool IsPure(Op op) =>
        op is >= Op.Add and <= Op.PointerAdd or >= Op.ExtractLane and <= Op.Target3 || IsLeaf(op);

    /// <summary>Whether it may trap, and so must not be run where the program does not.</summary>
    public static bool MayTrap(Op op) => op is >= Op.DivSigned and <= Op.RemUnsigned && op is not (Op.MulHighSigned or Op.MulHighUnsigned);

    /// <summary>Whether A op B equals B op A.</summary>
    public static bool IsCommutative(Op op) => op is Op.Add or Op.Mul or Op.And or Op.Or or Op.Xor or Op.MulHighSigned or Op.MulHighUnsigned
        or (>= Op.MinSigned and <= Op.MaxUnsigned) or Op.AddOverflowsSigned or Op.AddOverflowsUnsigned or Op.MulOverflowsSigned
        or Op.MulOverflowsUnsigned or Op.FloatAdd or Op.FloatMul or Op.FloatMin or Op.FloatMax;
}
