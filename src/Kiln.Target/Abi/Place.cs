namespace Kiln.Target.Abi;

/// <summary>A register file that arguments travel in.</summary>
public enum RegisterBank : byte
{
    None,
    Integer,
    /// <summary>Floating point and vector registers (xmm on x86).</summary>
    Vector,
    /// <summary>The x87 stack (results only): register 0 is st(0).</summary>
    X87,
}

/// <summary>What kind of place an argument or result has.</summary>
public enum PlaceKind : byte
{
    /// <summary>Nowhere: an empty structure.</summary>
    None,
    Register,
    /// <summary>The value itself, in the stack argument area.</summary>
    Stack,
    /// <summary>An object passed by value in the stack argument area: in the IR the argument is its address, the caller copies
    /// <see cref="Place.Size"/> bytes; in the callee the parameter is the address of that copy.</summary>
    StackMemory,
}

/// <summary>Where one IR argument, parameter or result lives at a call.</summary>
/// <param name="Kind">What kind of place.</param>
/// <param name="Bank">Register: its file.</param>
/// <param name="Register">Register: its hardware number in the file (x86: rax 0, rcx 1, rdx 2, rbx 3, rsp 4, rbp 5, rsi 6, rdi 7, r8..r15; xmm0..15).</param>
/// <param name="StackOffset">Stack and StackMemory: bytes from the start of the argument area (the lowest address; 0 is right above the return address).</param>
/// <param name="Size">Bytes of the value.</param>
/// <param name="Alignment">Stack places: the alignment in bytes.</param>
public readonly record struct Place(
    PlaceKind Kind, RegisterBank Bank = RegisterBank.None, byte Register = 0, int StackOffset = 0, int Size = 0, int Alignment = 0)
{
    public static Place InRegister(RegisterBank bank, int register, int size) => new(PlaceKind.Register, bank, (byte)register, 0, size);

    public static Place OnStack(int offset, int size, int alignment) => new(PlaceKind.Stack, RegisterBank.None, 0, offset, size, alignment);

    public static Place InStackMemory(int offset, int size, int alignment) =>
        new(PlaceKind.StackMemory, RegisterBank.None, 0, offset, size, alignment);
}
