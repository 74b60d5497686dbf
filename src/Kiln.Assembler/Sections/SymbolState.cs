using Kiln.Base;

namespace Kiln.Assembler.Sections;

/// <summary>What a symbol stands for.</summary>
internal enum SymbolKind : byte
{
    Undefined,
    /// <summary>A place in a part.</summary>
    Label,
    /// <summary>Another value.</summary>
    Equated,
    /// <summary>Uninitialized storage that the linker places.</summary>
    Common,
    /// <summary>The number of a line row among those of one address.</summary>
    View,
}

/// <summary>What is asked of a symbol's binding.</summary>
internal enum BindingState : byte
{
    Unset,
    Local,
    Global,
    Weak,
    Unique,
}

/// <summary>What the object sink knows of a symbol.</summary>
internal struct SymbolState
{
    public SymbolKind Kind;
    public BindingState Binding;

    /// <summary>st_type and the visibility.</summary>
    public byte Type, Visibility;

    /// <summary>Whether it belongs in the symbol table whatever it is: its type or binding was set, or it was referred to.</summary>
    public bool IsMentioned;

    /// <summary>Whether code or data refers to it by name; an undefined weak symbol without that is dropped.</summary>
    public bool IsReferenced;

    /// <summary>Whether a relocation names it.</summary>
    public bool IsInRelocation;

    /// <summary>Its value is being found: meeting it again is a loop.</summary>
    public bool IsBusy;

    /// <summary>Whether another definition took its name over (<c>.set</c> twice).</summary>
    public bool IsStale;

    /// <summary>Referred to by way of a weakref alias only.</summary>
    public bool IsWeakReferenced;

    /// <summary>Not for the symbol table: a versioned name took its place.</summary>
    public bool IsRenamed;

    /// <summary>What its versions make of it.</summary>
    public VersionedOriginal Original;

    /// <summary>A weakref alias: references go to its value.</summary>
    public bool IsWeakAlias;

    /// <summary>Stands for the start of its section, and so for the section in relocations.</summary>
    public bool IsSectionStart;

    /// <summary>Label: where it is. View: the part, and in Position the number of the row. Common: in Position the alignment.</summary>
    public int Part, Fragment, Position;

    /// <summary>Equated: the value. Common: 0.</summary>
    public int Value;

    /// <summary>Equated: what is added. Common: the size.</summary>
    public long Addend;

    /// <summary>Number of its size among the sizes given, or 0.</summary>
    public int Size;

    /// <summary>Index in the file's symbol table plus 1, once written.</summary>
    public int Index;

    public Location Location;
}

/// <summary>The size of a symbol: a value plus a number.</summary>
internal record struct SymbolSize(int Value, long Addend);

/// <summary>A value in the form that relocations take: a symbol, less a symbol, plus a number.</summary>
internal record struct LinearValue(int Add, int Subtract, long Constant)
{
    public readonly bool IsAbsolute => Add == 0 && Subtract == 0;
}
