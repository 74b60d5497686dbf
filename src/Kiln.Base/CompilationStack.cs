using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Kiln.Base;

/// <summary>Runs work on a thread whose stack is large enough for deep recursion, and guards that recursion.</summary>
public static class CompilationStack
{
    private const int StackSize = 256 << 20;

    /// <summary>Runs <paramref name="work"/> on a thread with a 256 MB stack; an exception in it is thrown here.</summary>
    public static T Run<T>(Func<T> work)
    {
        T result = default!;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(
            () =>
            {
                try
                {
                    result = work();
                }
                catch (Exception e)
                {
                    failure = ExceptionDispatchInfo.Capture(e);
                }
            },
            StackSize);
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result;
    }

    /// <summary>Whether a recursive descent may go one level deeper; where not, report <c>nesting too deep</c>.</summary>
    public static bool HasRoom => RuntimeHelpers.TryEnsureSufficientExecutionStack();

    /// <summary>Where the stack stands; the difference of two tells how many bytes lie between them.</summary>
    public static unsafe nint Position
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        get
        {
            byte here;
            return (nint)(&here);
        }
    }
}
