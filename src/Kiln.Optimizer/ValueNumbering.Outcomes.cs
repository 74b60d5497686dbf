using Kiln.Base;
using Kiln.IR;

namespace Kiln.Optimizer;

// What the branches on the way to a block say of comparisons in it.
public sealed partial class ValueNumbering
{
    /// <summary>How many of the nearest branches are asked.</summary>
    private const int MaximumOutcomes = 24;

    // In the block and below, two values stand to each other in one of some relations; or a condition is true or false.
    private readonly GrowBuffer<Outcome> _outcomes = new(16);

    private struct Outcome
    {
        public Value Condition;
        public Value Left;
        public Value Right;
        public Relations Relations;
        public bool IsTrue;
    }

    // How two integers can stand to each other, in the signed and in the unsigned order: one bit is true of each pair.
    [Flags]
    private enum Relations : byte
    {
        None = 0,
        Equal = 1,
        LessBoth = 2,               // less in both orders
        LessSignedGreaterUnsigned = 4,
        GreaterSignedLessUnsigned = 8,
        GreaterBoth = 16,
        All = 31,
    }

    private static Relations RelationsOf(IntPredicate predicate) => predicate switch
    {
        IntPredicate.Equal => Relations.Equal,
        IntPredicate.NotEqual => Relations.All & ~Relations.Equal,
        IntPredicate.LessSigned => Relations.LessBoth | Relations.LessSignedGreaterUnsigned,
        IntPredicate.LessEqualSigned => Relations.Equal | Relations.LessBoth | Relations.LessSignedGreaterUnsigned,
        IntPredicate.GreaterSigned => Relations.GreaterBoth | Relations.GreaterSignedLessUnsigned,
        IntPredicate.GreaterEqualSigned => Relations.Equal | Relations.GreaterBoth | Relations.GreaterSignedLessUnsigned,
        IntPredicate.LessUnsigned => Relations.LessBoth | Relations.GreaterSignedLessUnsigned,
        IntPredicate.LessEqualUnsigned => Relations.Equal | Relations.LessBoth | Relations.GreaterSignedLessUnsigned,
        IntPredicate.GreaterUnsigned => Relations.GreaterBoth | Relations.LessSignedGreaterUnsigned,
        IntPredicate.GreaterEqualUnsigned => Relations.Equal | Relations.GreaterBoth | Relations.LessSignedGreaterUnsigned,
        _ => throw new ArgumentOutOfRangeException(nameof(predicate), predicate, "no such predicate"),
    };

    private static Relations Swapped(Relations relations) => (relations & Relations.Equal)
        | ((relations & Relations.LessBoth) != 0 ? Relations.GreaterBoth : 0)
        | ((relations & Relations.GreaterBoth) != 0 ? Relations.LessBoth : 0)
        | ((relations & Relations.LessSignedGreaterUnsigned) != 0 ? Relations.GreaterSignedLessUnsigned : 0)
        | ((relations & Relations.GreaterSignedLessUnsigned) != 0 ? Relations.LessSignedGreaterUnsigned : 0);

    // The block is entered by one way out of the branch alone.
    private void LearnOutcome(Block from, Block block)
    {
        Value branch = _function[from].Last;
        if (_function.OpOf(branch) != Op.BranchIf)
            return;
        Value condition = _function[branch].A;
        bool isTrue = _function.Successors(from)[0] == block;
        var outcome = new Outcome { Condition = condition, IsTrue = isTrue };
        if (_function.OpOf(condition) == Op.Compare)
        {
            ref Instruction compare = ref _function[condition];
            outcome.Left = compare.A;
            outcome.Right = compare.B;
            outcome.Relations = RelationsOf((IntPredicate)compare.Aux);
            if (!isTrue)
                outcome.Relations = Relations.All & ~outcome.Relations;
        }
        _outcomes.Add(outcome);
    }

    // A comparison that the outcomes decide: its constant.
    private Value Decide(Value v)
    {
        ref Instruction compare = ref _function[v];
        if (compare.Type.IsVector)
            return default;
        Relations possible = Relations.All;
        int last = Math.Max(0, _outcomes.Count - MaximumOutcomes);
        for (int i = _outcomes.Count - 1; i >= last; i--)
        {
            ref Outcome outcome = ref _outcomes[i];
            if (outcome.Left == compare.A && outcome.Right == compare.B && !outcome.Left.IsNone)
                possible &= outcome.Relations;
            else if (outcome.Left == compare.B && outcome.Right == compare.A && !outcome.Left.IsNone)
                possible &= Swapped(outcome.Relations);
        }
        if (possible == Relations.All)
            return default;
        Relations asked = RelationsOf((IntPredicate)compare.Aux);
        if ((possible & ~asked) == 0)
            return _function.Constant(IrType.I1, 1);
        return (possible & asked) == 0 ? _function.Constant(IrType.I1, 0) : default;
    }

    // A branch on a condition, made before an outcome was known, that the outcome decides.
    private void DecideBranch(Value branch)
    {
        Value condition = _function[branch].A;
        if (_function.OpOf(condition) == Op.Constant)
            return;
        int last = Math.Max(0, _outcomes.Count - MaximumOutcomes);
        for (int i = _outcomes.Count - 1; i >= last; i--)
        {
            if (_outcomes[i].Condition != condition)
                continue;
            Value outcome = _function.Constant(IrType.I1, _outcomes[i].IsTrue ? 1 : 0);
            _function[branch].A = outcome;
            _changed = true;
            return;
        }
        if (_function.OpOf(condition) == Op.Compare && Decide(condition) is { IsNone: false } known)
        {
            _function[branch].A = known;
            _changed = true;
        }
    }
}
