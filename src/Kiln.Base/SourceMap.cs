namespace Kiln.Base;

/// <summary>
/// The global space of source offsets. Every inclusion of a file and every macro expansion owns a range of it, so
/// that a 32-bit <see cref="Location"/> tells file, line, column and the whole chain of includes and expansions.
/// Ranges are handed out in growing order and never freed; looking one up is a binary search with a memory of the last hit.
/// </summary>
public sealed class SourceMap
{
    private const int ArgumentBit = 1 << 30;

    /// <summary>Past this offset expansions are no longer recorded: what is left of the space belongs to files.</summary>
    private const uint ExpansionLimit = 0xE000_0000;

    private readonly GrowBuffer<Entry> _entries = new(64);
    private readonly GrowBuffer<SourceFile> _files = new(16);
    private uint _next = 1;
    private int _last;

    /// <summary>16 bytes: there may be millions.</summary>
    private struct Entry
    {
        public uint Start;
        /// <summary>File: where it was included. Expansion: where the macro was named (its place in the including text).</summary>
        public uint Parent;
        /// <summary>Expansion: where the text of this range is spelled.</summary>
        public uint Spelling;
        /// <summary>Expansion: the macro, with a bit for an argument. File: the complement of its index.</summary>
        public int Subject;

        public readonly bool IsFile => Subject < 0;
    }

    /// <summary>Adds an inclusion of a file; its bytes are the offsets from the result on.</summary>
    public Location AddFile(SourceFile file, Location includedFrom)
    {
        int index = _files.Add(file);
        return Add(new Entry { Parent = includedFrom.Offset, Subject = ~index }, (uint)file.Text.Length + 1);
    }

    /// <summary>
    /// Adds an expansion: <paramref name="length"/> offsets that stand for the text spelled from
    /// <paramref name="spelling"/> on, put in at <paramref name="expandedAt"/>.
    /// </summary>
    /// <param name="spelling">The first byte of the macro's body, or of the argument.</param>
    /// <param name="expandedAt">Where the macro was named; for an argument, the parameter's place in the expansion.</param>
    /// <param name="length">Bytes of the spelled text.</param>
    /// <param name="macro">The macro's name (interned), or 0.</param>
    /// <param name="isArgument">Whether the text is an argument of the macro and not of its body.</param>
    /// <returns>The first offset of the range, or no place when the space is nearly used up.</returns>
    public Location AddExpansion(Location spelling, Location expandedAt, int length, int macro, bool isArgument = false)
    {
        if (_next >= ExpansionLimit)
            return default;
        return Add(
            new Entry { Parent = expandedAt.Offset, Spelling = spelling.Offset, Subject = isArgument ? macro | ArgumentBit : macro },
            (uint)length + 1);
    }

    private Location Add(Entry entry, uint length)
    {
        if (_next + (ulong)length > uint.MaxValue)
            throw new InvalidOperationException("the translation unit is larger than 4 GiB of text");
        entry.Start = _next;
        _next += length;
        _entries.Add(entry);
        return new Location(entry.Start);
    }

    private uint EndOf(int index) => index + 1 < _entries.Count ? _entries[index + 1].Start : _next;

    private int Find(Location location)
    {
        uint offset = location.Offset;
        int last = _last;
        if (last < _entries.Count && offset >= _entries[last].Start && offset < EndOf(last))
            return last;
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

    /// <summary>The end of the range that holds the place: places before it belong to the same file or expansion.</summary>
    public Location RangeEnd(Location location) => location.IsValid ? new Location(EndOf(Find(location))) : location;

    /// <summary>Whether the place is in a macro's expansion.</summary>
    public bool IsExpansion(Location location) =>
        location.IsValid && !_entries[Find(location)].IsFile;

    /// <summary>One step outwards: where the expansion that holds the place was asked for.</summary>
    /// <returns>The place; <paramref name="macro"/> is the macro's name.</returns>
    public Location ExpandedFrom(Location location, out int macro, out bool isArgument)
    {
        ref Entry entry = ref _entries[Find(location)];
        macro = entry.Subject & ~ArgumentBit;
        isArgument = (entry.Subject & ArgumentBit) != 0;
        return new Location(entry.Parent);
    }

    /// <summary>One step inwards: where the text at an expansion's place is spelled.</summary>
    public Location SpelledAt(Location location)
    {
        ref Entry entry = ref _entries[Find(location)];
        return entry.Spelling == 0 ? default : new Location(entry.Spelling + (location.Offset - entry.Start));
    }

    /// <summary>The place in a file where the outermost expansion that holds the place was asked for.</summary>
    public Location FileLocation(Location location)
    {
        while (location.IsValid)
        {
            ref Entry entry = ref _entries[Find(location)];
            if (entry.IsFile)
                return location;
            location = new Location(entry.Parent);
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
        includedFrom = new Location(entry.Parent);
        return entry.IsFile ? _files[~entry.Subject] : null;
    }

    /// <summary>Whether the text of a place is spelled in a system header.</summary>
    public bool IsInSystemHeader(Location location)
    {
        for (; ; )
        {
            SourceFile? file = File(SpellingLocation(location), out int offset, out _);
            if (file is null)
                return false;
            if (!file.IsBuiltIn || !IsExpansion(location))
                return file.IsSystemAt(offset);
            // The text of a predefined macro belongs to where the macro is used.
            location = ExpandedFrom(location, out _, out _);
        }
    }

    /// <summary>Whether the text of a place is spelled by the compiler itself: a predefined macro's body.</summary>
    public bool IsBuiltIn(Location location)
    {
        SourceFile? file = File(SpellingLocation(location), out _, out _);
        return file is null || file.IsBuiltIn;
    }

    /// <summary>Whether one place is read before another: text of an included file comes where it was included.</summary>
    public bool IsBefore(Location first, Location second)
    {
        first = FileLocation(first);
        second = FileLocation(second);
        if (!first.IsValid || !second.IsValid)
            return !first.IsValid && second.IsValid;
        int firstEntry = Find(first), secondEntry = Find(second);
        while (firstEntry != secondEntry)
        {
            // The later range is the deeper or the later one: climb from it.
            if (firstEntry > secondEntry)
            {
                Location parent = FileLocation(new Location(_entries[firstEntry].Parent));
                if (!parent.IsValid)
                    return false;
                int entry = Find(parent);
                if (entry == secondEntry)
                    return parent.Offset < second.Offset;
                first = parent;
                firstEntry = entry;
            }
            else
            {
                Location parent = FileLocation(new Location(_entries[secondEntry].Parent));
                if (!parent.IsValid)
                    return true;
                int entry = Find(parent);
                if (entry == firstEntry)
                    return first.Offset <= parent.Offset;
                second = parent;
                secondEntry = entry;
            }
        }
        return first.Offset < second.Offset;
    }

    /// <summary>File, line and column of the outermost place, with <c>#line</c> obeyed.</summary>
    public FilePosition Position(Location location)
    {
        SourceFile? file = File(FileLocation(location), out int offset, out _);
        return file is null ? new FilePosition("<built-in>", 0, 0) : file.Position(offset);
    }
}
