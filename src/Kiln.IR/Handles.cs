namespace Kiln.IR;

/// <summary>A value: the instruction, constant or parameter that makes it. 0: none.</summary>
public readonly record struct Value(int Id)
{
    public bool IsNone => Id == 0;
    public override string ToString() => $"%{Id}";
}

/// <summary>A basic block of a function. 0: none.</summary>
public readonly record struct Block(int Id)
{
    public bool IsNone => Id == 0;
    public override string ToString() => $"b{Id}";
}

/// <summary>A symbol of the module: a function, an object, or an alias. 0: none.</summary>
public readonly record struct Symbol(int Id)
{
    public bool IsNone => Id == 0;
}

/// <summary>A stack slot of a function with a fixed size. 0: none.</summary>
public readonly record struct StackSlot(int Id)
{
    public bool IsNone => Id == 0;
}
