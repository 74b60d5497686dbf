namespace Kiln.Lowering;

/// <summary>What automatic variables without an initializer hold.</summary>
public enum AutomaticValues : byte
{
    None,
    Zero,

    /// <summary>Bytes of 0xfe.</summary>
    Pattern,
}

/// <summary>-fstack-protector and its kin.</summary>
public enum StackProtector : byte
{
    None,
    Default,
    Strong,
    All,
    Explicit,
}

/// <summary>How much of the addresses the linker and the loader decide (-fpic, -fpie and their capitals).</summary>
public enum PositionIndependence : byte
{
    None,
    /// <summary>Part of an executable that may be loaded anywhere.</summary>
    Executable,
    /// <summary>Part of a shared library: definitions with default visibility may be replaced.</summary>
    Library,
}

/// <summary>What the command line says that matters when C becomes IR.</summary>
public sealed record LoweringOptions
{
    /// <summary>-O: 0 lowers for the fast path (no facts are written that only the optimizer reads).</summary>
    public int OptimizationLevel { get; init; }

    public PositionIndependence PositionIndependence { get; init; } = PositionIndependence.Executable;

    /// <summary>-fvisibility.</summary>
    public Visibility DefaultVisibility { get; init; }

    /// <summary>-g: fill the module's debug tables.</summary>
    public bool Debug { get; init; }

    /// <summary>-fwrapv: signed overflow wraps.</summary>
    public bool WrapSigned { get; init; }

    /// <summary>-ftrapv: signed overflow of addition, subtraction, multiplication aborts.</summary>
    public bool TrapSigned { get; init; }

    /// <summary>What automatic variables without an initializer hold (-ftrivial-auto-var-init=).</summary>
    public AutomaticValues AutomaticValues { get; init; }

    /// <summary>-fstrict-aliasing: types tell what accesses may touch the same memory.</summary>
    public bool StrictAliasing { get; init; }

    /// <summary>-fdelete-null-pointer-checks: what is accessed is not null.</summary>
    public bool DeleteNullChecks { get; init; } = true;

    /// <summary>-fcommon: tentative definitions become common symbols.</summary>
    public bool Common { get; init; }

    /// <summary>-fcx-limited-range: complex multiplication and division by the school formulas.</summary>
    public bool ComplexLimitedRange { get; init; }

    /// <summary>-ffast-math's freedoms on every operation.</summary>
    public bool FastMath { get; init; }

    /// <summary>-ffp-contract=fast: a*b+c may become one operation.</summary>
    public bool Contract { get; init; }

    /// <summary>-fno-math-errno: math functions do not set errno.</summary>
    public bool MathErrno { get; init; } = true;

    /// <summary>-ffreestanding or -fno-builtin: main is an ordinary function, plain names mean no builtins.</summary>
    public bool Freestanding { get; init; }

    /// <summary>Which functions check whether their frame was overrun.</summary>
    public StackProtector StackProtector { get; init; }

    /// <summary>Which functions tell of their entries and exits; null: none.</summary>
    public Instrumentation? Instrumentation { get; init; }

    /// <summary>-fno-plt.</summary>
    public bool NoPlt { get; init; }

    /// <summary>-ftls-model: the strongest model that may be assumed; null: found from the kind of output.</summary>
    public TlsModel? TlsModel { get; init; }

    /// <summary>-ffunction-sections, -fdata-sections are CodeGen's; a C section attribute always wins.</summary>
    public bool FunctionSections { get; init; }

    public bool DataSections { get; init; }

    /// <summary>The target's features (-march, -m...) as its bits.</summary>
    public ulong Features { get; init; } = Kiln.Target.X86.X86Features.Base64;

    /// <summary>-finline: consider plain inline functions (-O1 and up); always_inline is obeyed at every level.</summary>
    public bool KeepInlineBodies => OptimizationLevel > 0;

    /// <summary>The compilation's directory, producer and main file, for debug information.</summary>
    public string Directory { get; init; } = "";

    public string Producer { get; init; } = "";

    /// <summary>The year of the C standard in force, for debug information.</summary>
    public int StandardYear { get; init; } = 2017;

    public string MainFile { get; init; } = "";
}

/// <summary>Receives functions as they are finished. It owns their storage: Lowering asks for an empty one and hands it over full.</summary>
public interface IFunctionSink
{
    /// <summary>An empty function, pooled or new. Several may be out at a time (nested functions, functions to be inlined).</summary>
    Function Rent();

    /// <summary>
    /// Takes a finished function, which the receiver keeps or puts back into its pool. Functions to be inlined by force
    /// come before their callers where their bodies are known in time.
    /// </summary>
    void Finished(Function function);
}
