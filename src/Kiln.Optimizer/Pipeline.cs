using Kiln.IR;
using Kiln.Target;

namespace Kiln.Optimizer;

/// <summary>The passes over one function, in their order. One object serves one thread; its passes keep their tables.</summary>
public sealed class Pipeline
{
    private const int PeelingRounds = 3; // a loop is one block when those within are written out

    private readonly ControlFlow _controlFlow = new();
    private readonly CopySplitting _copySplitting = new();
    private readonly Promotion _promotion = new();
    private readonly Simplifier _simplifier = new();
    private readonly ValueNumbering _valueNumbering = new();
    private readonly DeadStores _deadStores = new();
    private readonly DeadCode _deadCode = new();
    private readonly IfConversion _ifConversion = new();
    private readonly JumpThreading _jumpThreading = new();
    private readonly SquareRoots _squareRoots = new();
    private readonly LoopPeeling _loopPeeling = new();
    private readonly LoopRotation _loopRotation = new();
    private readonly InductionWidening _inductionWidening = new();
    private readonly LoopInvariants _loopInvariants = new();
    private readonly LoopPromotion _loopPromotion = new();
    private readonly ComparisonCopies _comparisonCopies = new();
    private readonly IncrementSinking _incrementSinking = new();
    private readonly LibraryCalls _libraryCalls;

    /// <summary>Makes the passes for a target, whose calling convention new calls follow.</summary>
    public Pipeline(TargetInfo target) => _libraryCalls = new LibraryCalls(target);

    /// <summary>Called after each pass with its name, for verifying and dumping; null: not called.</summary>
    public Action<Function, string>? AfterPass { get; set; }

    /// <summary>What makes a function small before it may be put into others.</summary>
    public void Early(Function function)
    {
        Check(function, "control flow", _controlFlow.Run(function));          // promotion wants reachable blocks alone
        Check(function, "copy splitting", _copySplitting.Run(function));      // records become scalars, which promotion takes
        Check(function, "promotion", _promotion.Run(function));               // everything else works on values
        Check(function, "simplifier", _simplifier.Run(function));             // constants first, so that branches fold
        FoldLibraryCalls(function, decides: false);                           // calls that cost nothing must not keep a function from inlining
        Check(function, "control flow", _controlFlow.Run(function));          // fewer blocks make the rest cheaper
        Check(function, "dead code", _deadCode.Run(function));                // what promotion and folding left
    }

    /// <summary>Whether a function asks what is constant, or how large an object is: where it is inlined the answer may be another.</summary>
    public static bool IsUndecided(Function function)
    {
        if (LibraryCalls.AsksForSizes(function))
            return true;
        for (int b = 1; b < function.BlockCount; b++)
        {
            for (Value v = function[new Block(b)].First; !v.IsNone; v = function[v].Next)
            {
                if (function.OpOf(v) == Op.IsConstant)
                    return true;
            }
        }
        return false;
    }

    /// <summary>The optimizations proper, after inlining. With <paramref name="decides"/>, what is not known to be constant by now never will
    /// be, and objects that are not seen are of unknown size.</summary>
    public void Late(Function function, bool decides = true)
    {
        Check(function, "copy splitting", _copySplitting.Run(function));      // arguments and results of inlined callees
        Check(function, "promotion", _promotion.Run(function));               // inlined callees freed slots whose address was an argument
        Check(function, "simplifier", _simplifier.Run(function));             // arguments became constants
        Check(function, "control flow", _controlFlow.Run(function));          // and branches fold
        Thread(function, acrossLoops: false);                                 // what an inlined callee's result decides
        Check(function, "induction widening", _inductionWidening.Run(function)); // before equal extensions are looked for
        Check(function, "value numbering", _valueNumbering.Run(function));    // equal addresses make equal loads
        FoldLibraryCalls(function, decides);                                  // objects of known sizes
        Check(function, "simplifier", _simplifier.Run(function, decides));    // what equal values reveal; the last word on what is constant
        Check(function, "control flow", _controlFlow.Run(function));
        if (_loopRotation.Run(function))                                      // loops that run once they are entered let loads go
        {
            Check(function, "loop rotation", true);
            Check(function, "promotion", _promotion.Run(function));
            Check(function, "simplifier", _simplifier.Run(function));         // the first test is often decided
            Check(function, "control flow", _controlFlow.Run(function));
            ConvertBranches(function);
            for (int round = 0; round < PeelingRounds && _loopPeeling.Run(function); round++) // loops have their test at the end now, and constant beginnings
            {
                Check(function, "loop peeling", true);
                Check(function, "control flow", _controlFlow.Run(function));
                Check(function, "simplifier", _simplifier.Run(function));     // counters are constants
                Check(function, "control flow", _controlFlow.Run(function));
            }
        }
        Check(function, "loop invariants", _loopInvariants.Run(function));    // after numbering: fewer and canonical computations
        if (_loopPromotion.Run(function))                                     // after invariants: addresses have left their loops
        {
            Check(function, "loop promotion", true);
            Check(function, "promotion", _promotion.Run(function));
        }
        Check(function, "value numbering", _valueNumbering.Run(function));    // what left loops meets its equals
        Check(function, "square roots", _squareRoots.Run(function));          // behind what looks for equal calls and loads between
        ConvertBranches(function);                                            // late: it makes branches, which others learn from, disappear
        Thread(function, acrossLoops: true);                                  // behind all that works on loops: it makes cycles of many entries
        Check(function, "dead stores", _deadStores.Run(function));            // after loads took their values from stores
        Check(function, "comparison copies", _comparisonCopies.Run(function)); // behind numbering, which would undo it
        Check(function, "dead code", _deadCode.Run(function));
        Check(function, "increment sinking", _incrementSinking.Run(function)); // when all uses are where they stay
        Check(function, "control flow", _controlFlow.Run(function));          // last: empty blocks that dead code left
    }

    /// <summary>For a function that is not to be optimized but has inlined callees: settles what they left open.</summary>
    public void Settle(Function function)
    {
        FoldLibraryCalls(function, decides: true);
        Check(function, "simplifier", _simplifier.Run(function, decides: true));
        Check(function, "control flow", _controlFlow.Run(function));
    }

    private void Thread(Function function, bool acrossLoops)
    {
        for (int round = 0; round < 3 && _jumpThreading.Run(function, acrossLoops); round++)
        {
            Check(function, "jump threading", true);
            Check(function, "control flow", _controlFlow.Run(function));
            Check(function, "promotion", _promotion.Run(function));
            Check(function, "simplifier", _simplifier.Run(function));
            Check(function, "control flow", _controlFlow.Run(function));
        }
    }

    private void ConvertBranches(Function function)
    {
        if (!_ifConversion.Run(function))
            return;
        AfterPass?.Invoke(function, "if conversion");
        Check(function, "control flow", _controlFlow.Run(function));
        Check(function, "simplifier", _simplifier.Run(function));
    }

    // What a folded call gives may make another call's arguments constant.
    private void FoldLibraryCalls(Function function, bool decides)
    {
        if (!LibraryCalls.IsWanted(function))
            return;
        for (int round = 0; round < 3 && _libraryCalls.Run(function, decides); round++)
        {
            Check(function, "library calls", true);
            Check(function, "simplifier", _simplifier.Run(function));
        }
    }

    private void Check(Function function, string pass, bool changed)
    {
        if (changed)
            AfterPass?.Invoke(function, pass);
    }
}
