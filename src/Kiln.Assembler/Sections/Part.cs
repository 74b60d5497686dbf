using Kiln.Base;
using Kiln.Object.Dwarf;

namespace Kiln.Assembler.Sections;

/// <summary>What the variable end of a fragment is.</summary>
internal enum FragmentKind : byte
{
    None,
    /// <summary>A branch with a short and a long form.</summary>
    Branch,
    /// <summary>Padding to a power of two.</summary>
    Align,
    /// <summary>Copies of a pattern, their number a value.</summary>
    Fill,
    /// <summary>Padding up to a place.</summary>
    Org,
    Uleb128,
    Sleb128,
    /// <summary>No-operations of a number of bytes.</summary>
    Nops,
}

/// <summary>
/// A run of bytes of fixed length followed by a part whose length is found by relaxation. The fixed bytes are
/// <c>Length</c> bytes of the part's buffer from <c>Start</c> on; the variable ones are not in the buffer.
/// </summary>
internal struct Fragment
{
    /// <summary>Offset in the section.</summary>
    public long Address;

    /// <summary>Length of the variable end, as far as known.</summary>
    public long Extra;

    public int Start;
    public int Length;

    /// <summary>What the variable end depends on.</summary>
    public int Value;

    /// <summary>Index of its <see cref="FragmentDetail"/>; 0: none.</summary>
    public int Detail;

    public FragmentKind Kind;

    /// <summary>Branch: 0 short, 1 long.</summary>
    public byte State;

    /// <summary>Branch: the length of both forms, and the width of the code.</summary>
    public byte ShortSize, LongSize, Mode;

    /// <summary>Branch: which one, as Kiln.Isa numbers them.</summary>
    public uint Form;

    /// <summary>Grows with every alignment: within one region, a stretch moves everything alike.</summary>
    public int Region;

    public Location Location;
}

/// <summary>What few fragments need.</summary>
internal struct FragmentDetail
{
    public long Addend;
    public ulong Pattern;
    public int PatternSize;
    public int Alignment;
    public int MaximumSkip;
    public bool IsCode;
    public byte CodeWidth;
}

/// <summary>A field in the fixed bytes that a value goes into.</summary>
internal struct PartFixup
{
    /// <summary>Offset of the field in the part's buffer.</summary>
    public int Position;

    public int Fragment;
    public int Value;
    public long Addend;
    public byte Kind;
    public byte Size;
    public byte Modifier;
    public Location Location;
}

/// <summary>A row of the line table at a place in a part.</summary>
internal struct PartLine
{
    public int Fragment;
    public int Position;
    public int File, Line, Column, Discriminator;
    public byte Isa;
    public LineFlags Flags;
    public bool ResetsView;
}

/// <summary>A subsection: bytes and fragments in the order they were emitted.</summary>
internal sealed class Part(int index, int section, int number)
{
    public int Index { get; } = index;
    public int Section { get; } = section;
    public int Number { get; } = number;
    public ByteWriter Bytes { get; } = new(256);
    public GrowBuffer<Fragment> Fragments { get; } = new(4);
    public GrowBuffer<PartFixup> Fixups { get; } = new(4);
    public GrowBuffer<PartLine> Lines { get; } = new(0);

    /// <summary>The description of a frame that is being taken down here.</summary>
    public OpenFrame? Frame { get; set; }

    /// <summary>Offset of the part in its section.</summary>
    public long Address { get; set; }

    /// <summary>Length of the part once laid out.</summary>
    public long Size { get; set; }

    /// <summary>The greatest alignment asked for.</summary>
    public long Alignment { get; set; } = 1;

    /// <summary>Whether any fragment's length may still change.</summary>
    public bool IsVariable { get; set; }

    public bool IsEmpty => Bytes.Length == 0 && Fragments.Count == 1;

    /// <summary>Number of the fragment that bytes go to.</summary>
    public int Current => Fragments.Count - 1;

    /// <summary>Ends the current fragment's fixed bytes and gives it a variable end; bytes go on in a new fragment.</summary>
    public ref Fragment Close(FragmentKind kind)
    {
        ref Fragment closed = ref Fragments.Last;
        closed.Length = Bytes.Length - closed.Start;
        closed.Kind = kind;
        int index = Current;
        int region = closed.Region + (kind is FragmentKind.Align or FragmentKind.Org ? 1 : 0);
        Fragments.Add(new Fragment { Start = Bytes.Length, Region = region });
        IsVariable = true;
        return ref Fragments[index];
    }

    /// <summary>Ends the last fragment's fixed bytes.</summary>
    public void CloseLast()
    {
        ref Fragment last = ref Fragments.Last;
        last.Length = Bytes.Length - last.Start;
    }
}

/// <summary>Where a step of a frame description is: an advance gets its length from the place after it.</summary>
internal record struct FramePlace(int Part, int Fragment, int Position);

/// <summary>A frame description between its start and its end.</summary>
internal sealed class OpenFrame
{
    public bool IsOpen { get; set; }

    /// <summary>Its number in the frame table.</summary>
    public int Procedure { get; private set; }

    public Location Location { get; private set; }

    /// <summary>The frame's distance from its register, for the rules that count from it.</summary>
    public long Offset { get; set; }

    public FramePlace LastPlace { get; set; }

    public GrowBuffer<long> SavedOffsets { get; } = new(0);

    public GrowBuffer<FrameStep> Steps { get; } = new(16);

    public GrowBuffer<FramePlace> Places { get; } = new(16);

    public void Start(int procedure, FramePlace place, Location location)
    {
        (Procedure, LastPlace, Location, Offset, IsOpen) = (procedure, place, location, 0, true);
        SavedOffsets.Clear();
        Steps.Clear();
        Places.Clear();
    }

    public void Add(FrameStep step)
    {
        Steps.Add(step);
        Places.Add(LastPlace);
    }
}
