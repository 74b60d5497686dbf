namespace Kiln.Frontend.Builtins;

/// <summary>
/// What a builtin does, where Lowering or folding may know it. A name that takes several types (clz, clzl, clzll) is one id: the
/// arguments' types tell which. Library functions in this list may be expanded, and fall back to a call.
/// </summary>
public enum BuiltinId : ushort
{
    /// <summary>A library function that nothing is known of but its row.</summary>
    None,

    // Memory and strings (library).
    Memcpy, Mempcpy, Memmove, Memset, Memcmp, Memchr, Bcmp, Bcopy, Bzero,
    Strlen, Strcpy, Stpcpy, Strncpy, Strcat, Strncat, Strcmp, Strncmp, Strchr, Strrchr, Strstr, Strspn, Strcspn, Strpbrk, Strnlen, Strdup,
    MemcpyChk, MempcpyChk, MemmoveChk, MemsetChk, StrcpyChk, StpcpyChk, StrncpyChk, StrcatChk, StrncatChk,
    // Output (library).
    Printf, Fprintf, Puts, Putchar, Fputs, Fputc, Fwrite, Sprintf, Snprintf,
    // Allocation and control (library).
    Malloc, Calloc, Realloc, Free, AlignedAlloc, Abort, Exit,
    // Arithmetic (library).
    Abs, Fabs, Sqrt, Floor, Ceil, Trunc, Round, Rint, Nearbyint, Lrint, Lround, Copysign, Fmin, Fmax, Fma, Fmod, Pow, Sin, Cos, Exp, Log,
    Conj, Creal, Cimag, Cabs, Ldexp, Frexp, Modf, Toupper, Tolower, IsDigit, IsAscii, ToAscii,
    Ffs,

    // Bits.
    Clz, Ctz, Popcount, Parity, Clrsb, Bswap, Bitreverse,

    // Facts and control.
    Expect, ExpectWithProbability, Unreachable, Trap, Prefetch, AssumeAligned, Assume,
    ObjectSize, DynamicObjectSize, ConstantP, SpeculationSafeValue, HasAttribute, ClassifyType, ExtendPointer, ClearPadding, Launder,
    ClearCache,

    // Floating point.
    Inf, HugeVal, Nan, Nans, IsNan, IsInf, IsInfSign, IsFinite, IsNormal, FpClassify, SignBit, IsSignaling,
    IsGreater, IsGreaterEqual, IsLess, IsLessEqual, IsLessGreater, IsUnordered, IsEqSig,
    FltRounds, Powi,

    // Overflow: the last argument is a pointer to the result (or, of the _p forms, a value of the result's type).
    AddOverflow, SubOverflow, MulOverflow, AddOverflowP, SubOverflowP, MulOverflowP,

    // The stack.
    Alloca, AllocaWithAlign, AllocaWithAlignAndMax, StackSave, StackRestore, FrameAddress, ReturnAddress, ExtractReturnAddress, FrobReturnAddress,
    DwarfCfa, DwarfSpColumn, InitDwarfRegSizes, EhReturn, EhReturnDataRegno, UnwindInit,
    Apply, ApplyArgs, Return, NextArg, ArgsInfo, SaveRegs,
    CallWithStaticChain, NonLocalSetjmp, NonLocalLongjmp,

    // Variable arguments. The list is as in VaArgExpression.
    VaStart, VaEnd, VaCopy, VaArgPack, VaArgPackLen,

    // Vectors.
    Shuffle, ShuffleVector, ConvertVector,

    // Complex.
    Complex,

    // Resolved by the parser; not in the tree.
    ChooseExpression, TypesCompatible, OffsetOf, Line, File, FunctionName, TgMath, CoAwait,

    // Processor features.
    CpuInit, CpuIs, CpuSupports, ThreadPointer,

    // Atomics. Memory orders are the last arguments, as values; absent ones of __sync_ mean sequentially consistent.
    /// <summary>(pointer, order): the value.</summary>
    AtomicLoadN,
    /// <summary>(pointer, pointer to the result, order).</summary>
    AtomicLoad,
    /// <summary>(pointer, value, order).</summary>
    AtomicStoreN,
    /// <summary>(pointer, pointer to the value, order).</summary>
    AtomicStore,
    AtomicExchangeN,
    /// <summary>(pointer, pointer to the value, pointer to the result, order).</summary>
    AtomicExchange,
    /// <summary>(pointer, pointer to the expected, desired, weak, order, order).</summary>
    AtomicCompareExchangeN,
    /// <summary>(pointer, pointer to the expected, pointer to the desired, weak, order, order).</summary>
    AtomicCompareExchange,
    /// <summary>(pointer, value, order): the old value.</summary>
    AtomicFetchAdd, AtomicFetchSub, AtomicFetchAnd, AtomicFetchXor, AtomicFetchOr, AtomicFetchNand,
    /// <summary>(pointer, value, order): the new value.</summary>
    AtomicAddFetch, AtomicSubFetch, AtomicAndFetch, AtomicXorFetch, AtomicOrFetch, AtomicNandFetch,
    AtomicTestAndSet, AtomicClear, AtomicThreadFence, AtomicSignalFence, AtomicAlwaysLockFree, AtomicIsLockFree,
    SyncFetchAdd, SyncFetchSub, SyncFetchOr, SyncFetchAnd, SyncFetchXor, SyncFetchNand,
    SyncAddFetch, SyncSubFetch, SyncOrFetch, SyncAndFetch, SyncXorFetch, SyncNandFetch,
    SyncBoolCompareSwap, SyncValueCompareSwap, SyncLockTestSet, SyncLockRelease, SyncSynchronize,

    // Function multiversioning and others that a target brings come from the intrinsic table.
    Intrinsic,
}
