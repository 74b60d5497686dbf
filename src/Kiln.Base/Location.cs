namespace Kiln.Base;

/// <summary>
/// A place in the source: one offset into the global space of a <see cref="SourceMap"/>, in which every file
/// inclusion and every macro expansion owns a range. 0 means no place.
/// </summary>
public readonly record struct Location(uint Offset)
{
    /// <summary>No place: built in, or from the command line.</summary>
    public static Location None => default;

    /// <summary>Whether this names a place.</summary>
    public bool IsValid => Offset != 0;

    /// <summary>The place <paramref name="delta"/> bytes further on in the same file or expansion.</summary>
    public Location Add(int delta) => new(Offset + (uint)delta);
}

/// <summary>A place as a person reads it: line and column count from 1; the column counts bytes.</summary>
public readonly record struct FilePosition(string File, int Line, int Column);
