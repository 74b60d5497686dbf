namespace Kiln.Base;

/// <summary>
/// The global space of source offsets. Every inclusion of a file and every macro expansion owns a range of it, so
/// that a 32-bit <see cref="Location"/> tells file, line, column and the whole chain of includes and expansions.
/// Ranges are handed out in growing order and never freed; looking one up is a binary search with a memory of the last hit.
/// </summary>
public sealed class SourceMap
{
    private readonly GrowBuffer<Entry> _entries = new(64);
    private uint _next = 1;
    private int _last;

    private struct Entry
    {
        public uint Start;
        public uint Length;
        public SourceFile? File;
        /// <summary>File: where it was included. Expansion: where the macro was named (its place in the including text).</summary>
        public Location Parent;
        /// <summary>Expansion: where the text of this range is spelled.</summary>
        public Location Spelling;
        public int Macro;
        public bool IsArgument;
    }

    /// <summary>Adds an inclusion of a file; its bytes are the offsets from the result on.</summary>
    public Location AddFile(SourceFile file, Location includedFrom) =>
        Add(new Entry { File = file, Parent = includedFrom }, (uint)file.Text.Length + 1);

    /// <summary>
    /// Adds an expansion: <paramref name="length"/> offsets that stand for the text spelled from
    /// <paramref name="spelling"/> on, put in at <paramref name="expandedAt"/>.
    /// </summary>
    /// <param name="spelling">The first byte of the macro's body, or of the argument.</param>
    /// <param name="expandedAt">Where the macro was named; for an argument, the parameter's place in the expansion.</param>
    /// <param name="length">Bytes of the spelled text.</param>
    /// <param name="macro">The macro's name (interned), or 0.</param>
    /// <param name="isArgument">Whether the text is an argument of the macro and not of its body.</param>
    public Location AddExpansion(Location spelling, Location expandedAt, int length, int macro, bool isArgument = false) =>
        Add(new Entry { Parent = expandedAt, Spelling = spelling, Macro = macro, IsArgument = isArgument }, (uint)length + 1);

    private Location Add(Entry entry, uint length)
    {
        if (_next + (ulong)length > uint.MaxValue)
            throw new InvalidOperationException("the translation unit is larger than 4 GiB of text and expansions");
        entry.Start = _next;
        entry.Length = length;
        _next += length;
        _entries.Add(entry);
        return new Location(entry.Start);
    }

    private int Find(Location location)
    {
        uint offset = location.Offset;
        ref Entry last = ref _entries[_last];
        if (offset >= last.Start && offset - last.Start < last.Length)
            return _last;
        int low = 0, high = _entries.Count - 1;
        while (low < high)
        {
            int middle = low + high + 1 >> 1;
            if (_entries[middle].Start <= offset)
                low = middle;
            else
                high = middle - 1;
        }
        _last = low;
        return low;
    }

    /// <summary>Whether the place is in a macro's expansion.</summary>
    public bool IsExpansion(Location location) =>
        location.IsValid && _entries[Find(location)].File is null;

    /// <summary>One step outwards: where the expansion that holds the place was asked for.</summary>
    /// <returns>The place; <paramref name="macro"/> is the macro's name.</returns>
    public Location ExpandedFrom(Location location, out int macro, out bool isArgument)
    {
        ref Entry entry = ref _entries[Find(location)];
        macro = entry.Macro;
        isArgument = entry.IsArgument;
        return entry.Parent;
    }

    /// <summary>One step inwards: where the text at an expansion's place is spelled.</summary>
    public Location SpelledAt(Location location)
    {
        ref Entry entry = ref _entries[Find(location)];
        return entry.Spelling.Add((int)(location.Offset - entry.Start));
    }

    /// <summary>The place in a file where the outermost expansion that holds the place was asked for.</summary>
    public Location FileLocation(Location location)
    {
        while (location.IsValid)
        {
            ref Entry entry = ref _entries[Find(location)];
            if (entry.File is not null)
                return location;
            location = entry.Parent;
        }
        return location;
    }

    /// <summary>The place in a file where the text is spelled.</summary>
    public Location SpellingLocation(Location location)
    {
        while (IsExpansion(location))
            location = SpelledAt(location);
        return location;
    }

    /// <summary>The file of a place in a file, the place's offset in it, and where it was included.</summary>
    public SourceFile? File(Location fileLocation, out int offset, out Location includedFrom)
    {
        offset = 0;
        includedFrom = default;
        if (!fileLocation.IsValid || _entries.Count == 0)
            return null;
        ref Entry entry = ref _entries[Find(fileLocation)];
        offset = (int)(fileLocation.Offset - entry.Start);
        includedFrom = entry.Parent;
        return entry.File;
    }

    /// <summary>File, line and column of the outermost place, with <c>#line</c> obeyed.</summary>
    public FilePosition Position(Location location)
    {
        SourceFile? file = File(FileLocation(location), out int offset, out _);
        return file is null ? new FilePosition("<built-in>", 0, 0) : file.Position(offset);
    }
}
