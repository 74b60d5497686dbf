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

    // How two integers can stand to each other, in the signed and in the unsigned order, or two floating-point numbers: one bit is true of
    // each pair.
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
        Unordered = 32,
        AllOfFloats = Equal | LessBoth | GreaterBoth | Unordered,
    }

    // All relations that the operands of a comparison may have.
    private static Relations AllOf(Op comparison) => comparison == Op.Compare ? Relations.All : Relations.AllOfFloats;

    private static Relations RelationsOf(Op comparison, uint predicate) =>
        comparison == Op.Compare ? RelationsOf((IntPredicate)predicate) : RelationsOf((FloatPredicate)predicate);

    private static Relations RelationsOf(FloatPredicate predicate) => ((predicate & FloatPredicate.Less) != 0 ? Relations.LessBoth : 0)
        | ((predicate & FloatPredicate.Equal) != 0 ? Relations.Equal : 0)
        | ((predicate & FloatPredicate.Greater) != 0 ? Relations.GreaterBoth : 0)
        | ((predicate & FloatPredicate.Unordered) != 0 ? Relations.Unordered : 0);

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

    private static Relations Swapped(Relations relations) => (relations & (Relations.Equal | Relations.Unordered))
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
        Op comparison = _function.OpOf(condition);
        if (comparison is Op.Compare or Op.FloatCompare)
        {
            ref Instruction compare = ref _function[condition];
            outcome.Left = compare.A;
            outcome.Right = compare.B;
            outcome.Relations = RelationsOf(comparison, (uint)compare.Aux);
            if (!isTrue)
                outcome.Relations = AllOf(comparison) & ~outcome.Relations;
        }
        _outcomes.Add(outcome);
    }

    // A comparison that the outcomes decide: its constant.
    private Value Decide(Value v)
    {
        ref Instruction compare = ref _function[v];
        if (compare.Type.IsVector)
            return default;
        Op comparison = _function.OpOf(v);
        Relations possible = AllOf(comparison);
        int last = Math.Max(0, _outcomes.Count - MaximumOutcomes);
        for (int i = _outcomes.Count - 1; i >= last; i--)
        {
            ref Outcome outcome = ref _outcomes[i];
            if (outcome.Left == compare.A && outcome.Right == compare.B && !outcome.Left.IsNone)
                possible &= outcome.Relations;
            else if (outcome.Left == compare.B && outcome.Right == compare.A && !outcome.Left.IsNone)
                possible &= Swapped(outcome.Relations);
        }
        if (possible == AllOf(comparison))
            return default;
        Relations asked = RelationsOf(comparison, (uint)compare.Aux);
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
        if (_function.OpOf(condition) is Op.Compare or Op.FloatCompare && Decide(condition) is { IsNone: false } known)
        {
            _function[branch].A = known;
            _changed = true;
        }
    }
}
