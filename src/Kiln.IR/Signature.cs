using Kiln.Target.Abi;

namespace Kiln.IR;

/// <summary>One argument, parameter or result: its IR type and where the ABI puts it.</summary>
/// <param name="Type">The type of the IR value; a pointer for <see cref="PlaceKind.StackMemory"/>.</param>
/// <param name="Place">Where it lives at the call.</param>
/// <param name="Extension">Integer narrower than a register: whether the caller extends it, and how.</param>
public readonly record struct SignaturePart(IrType Type, Place Place, Extension Extension = Extension.None);

/// <summary>How a narrow integer argument is widened by who passes it.</summary>
public enum Extension : byte
{
    None,
    Zero,
    Sign,
}

/// <summary>
/// What a call passes and gets back, in IR values. A structure is several parts, or an address (struct return: an ordinary pointer
/// parameter, whose address the callee also returns in the result register where the ABI says so).
/// Immutable; made by Lowering from Target/Abi.
/// </summary>
public sealed class Signature
{
    /// <summary>The parameters; at a variadic call all arguments.</summary>
    public required SignaturePart[] Parameters { get; init; }

    /// <summary>The results: none, one, or several registers (rax:rdx, xmm0:xmm1, st0:st1 or mixed).</summary>
    public required SignaturePart[] Results { get; init; }

    /// <summary>Whether the function is variadic (x86-64: al tells the number of vector registers used).</summary>
    public bool IsVariadic { get; init; }

    /// <summary>How many of the parameters are named (for VaStart).</summary>
    public int NamedCount { get; init; }

    /// <summary>Variadic function: integer registers, vector registers and stack bytes that the named parameters take.</summary>
    public (int Integer, int Vector, int Stack) NamedUse { get; init; }

    /// <summary>Bytes of the stack argument area.</summary>
    public int StackSize { get; init; }

    /// <summary>Bytes of arguments that the callee pops (stdcall, struct return on i386).</summary>
    public int CalleePops { get; init; }

    /// <summary>The registers that the call keeps: a number of the target's tables, 0 the platform's default, 1 ms_abi, 2 no caller-saved registers.</summary>
    public byte PreservedSet { get; init; }
}

/// <summary>A call site's facts.</summary>
[Flags]
public enum CallFlags : ushort
{
    None = 0,
    NoReturn = 1,
    /// <summary>May return a second time (setjmp, vfork).</summary>
    ReturnsTwice = 2,
    /// <summary>Reads no memory, has no effect, always returns (attribute const).</summary>
    Const = 4,
    /// <summary>Reads memory, has no effect (attribute pure).</summary>
    Pure = 8,
    /// <summary>Does not throw or unwind.</summary>
    NoThrow = 16,
    /// <summary>Must be a tail call.</summary>
    MustTail = 32,
    /// <summary>Has a static chain: it is the last operand, passed in the target's chain register.</summary>
    StaticChain = 64,
    /// <summary>The result is a fresh object (attribute malloc).</summary>
    Malloc = 128,
    /// <summary>The callee may jump to a label of this function or an enclosing one (non-local goto).</summary>
    MayJumpNonLocally = 256,
    /// <summary>The callee is never inlined here.</summary>
    NoInline = 512,
    /// <summary>The callee must be inlined here if it can be (always_inline).</summary>
    AlwaysInline = 1024,
    /// <summary>Calls through the GOT and not the PLT (-fno-plt, attribute noplt).</summary>
    NoPlt = 2048,
    /// <summary>The struct-return pointer is parameter 0.</summary>
    StructReturn = 4096,
    /// <summary>The callee does what the C standard, POSIX or gcc's manual says of the library function of its name.</summary>
    Library = 8192,
}

/// <summary>A call site.</summary>
/// <param name="Signature">What is passed.</param>
/// <param name="Callee">The symbol called, or none where operand 0 is the callee's address.</param>
/// <param name="Flags">Facts.</param>
public readonly record struct CallInfo(Signature Signature, Symbol Callee, CallFlags Flags);
