namespace Kiln.Base;

/// <summary>
/// The text of one file and where its lines start. Line numbers are found only when somebody asks.
/// <see cref="Text"/> is what offsets count in. It differs from <see cref="Raw"/>, the bytes as read, where something was
/// taken out before reading (line splices, trigraphs, carriage returns); lines and columns are always those of the raw bytes.
/// </summary>
public sealed class SourceFile
{
    private readonly ReadOnlyMemory<byte> _raw;
    private readonly TextCuts? _cuts;
    private readonly GrowBuffer<LineDirective> _directives = new(0);
    private int[]? _lineStarts;
    private int _lastLine;

    private record struct LineDirective(int PhysicalLine, int Line, string? File, bool IsSystem, int IncludedAt);

    /// <summary>Makes a file whose text is read as it is.</summary>
    public SourceFile(string name, ReadOnlyMemory<byte> text)
        : this(name, text, text, null)
    {
    }

    /// <summary>Makes a file whose text was made from the raw bytes by cutting some out.</summary>
    public SourceFile(string name, ReadOnlyMemory<byte> text, ReadOnlyMemory<byte> raw, TextCuts? cuts)
    {
        Name = name;
        Text = text;
        _raw = raw;
        _cuts = cuts;
    }

    /// <summary>The same text for another inclusion, with line directives of its own.</summary>
    public SourceFile Again() => new(Name, Text, _raw, _cuts) { _lineStarts = _lineStarts };

    /// <summary>The name as messages show it.</summary>
    public string Name { get; }

    /// <summary>The bytes that offsets count in.</summary>
    public ReadOnlyMemory<byte> Text { get; }

    /// <summary>The bytes as read.</summary>
    public ReadOnlyMemory<byte> Raw => _raw;

    /// <summary>Where bytes were taken out, or null.</summary>
    public TextCuts? Cuts => _cuts;

    /// <summary>Whether warnings in it are off (system header).</summary>
    public bool IsSystem { get; set; }

    /// <summary>Whether it is no file but text of the compiler's own: predefined macros, the command line.</summary>
    public bool IsBuiltIn { get; set; }

    /// <summary>Whether it made itself a system header by a pragma.</summary>
    public bool IsPragmaSystem { get; set; }

    /// <summary>Whether the text has line directives.</summary>
    public bool HasLineDirectives => _directives.Count > 0;

    /// <summary>
    /// Says that the physical line after <paramref name="physicalLine"/> is numbered <paramref name="line"/> (and in another file).
    /// </summary>
    /// <param name="physicalLine">The line that holds the directive.</param>
    /// <param name="line">The number of the next line.</param>
    /// <param name="file">The presumed file, or null to keep the one in force.</param>
    /// <param name="isSystem">Whether the presumed file is a system header.</param>
    /// <param name="includedAt">The physical line at which the presumed file was included, or 0.</param>
    public void AddLineDirective(int physicalLine, int line, string? file, bool isSystem = false, int includedAt = 0) =>
        _directives.Add(new LineDirective(
            physicalLine, line, file ?? (_directives.Count > 0 ? _directives.Last.File : null), isSystem, includedAt));

    /// <summary>The offset in the raw bytes of an offset in the text.</summary>
    public int RawOffset(int offset) => _cuts is null ? offset : _cuts.RawOffset(offset);

    /// <summary>The physical line, from 1, that holds an offset.</summary>
    public int PhysicalLine(int offset)
    {
        offset = RawOffset(offset);
        int[] starts = LineStarts;
        int last = _lastLine;
        if (last < starts.Length && starts[last] <= offset)
        {
            for (int line = last; line < last + 8 && line + 1 < starts.Length; line++)
            {
                if (starts[line + 1] > offset)
                {
                    _lastLine = line;
                    return line + 1;
                }
            }
        }
        int index = Array.BinarySearch(starts, offset);
        int found = index >= 0 ? index + 1 : ~index;
        _lastLine = found - 1;
        return found;
    }

    /// <summary>How many lines there are.</summary>
    public int LineCount => LineStarts.Length;

    /// <summary>The bytes of a physical line, without its end.</summary>
    public ReadOnlySpan<byte> Line(int physicalLine)
    {
        if (physicalLine < 1 || physicalLine > LineStarts.Length)
            return [];
        int start = LineStarts[physicalLine - 1];
        ReadOnlySpan<byte> rest = _raw.Span[start..];
        int end = rest.IndexOf((byte)'\n');
        if (end > 0 && rest[end - 1] == '\r')
            end--;
        return end < 0 ? rest : rest[..end];
    }

    /// <summary>The column, from 1 and in bytes, of an offset in its physical line.</summary>
    public int Column(int offset) => RawOffset(offset) - LineStarts[PhysicalLine(offset) - 1] + 1;

    /// <summary>Line and column of an offset, with <c>#line</c> obeyed.</summary>
    public FilePosition Position(int offset)
    {
        int physical = PhysicalLine(offset);
        return Presumed(physical, RawOffset(offset) - LineStarts[physical - 1] + 1);
    }

    /// <summary>The presumed position of a physical line.</summary>
    public FilePosition Presumed(int physicalLine, int column)
    {
        int index = DirectiveBefore(physicalLine);
        if (index < 0)
            return new FilePosition(Name, physicalLine, column);
        ref LineDirective directive = ref _directives[index];
        return new FilePosition(directive.File ?? Name, directive.Line + (physicalLine - directive.PhysicalLine - 1), column);
    }

    /// <summary>Whether an offset lies in a system header: the whole file, or by its line markers.</summary>
    public bool IsSystemAt(int offset)
    {
        if (_directives.Count == 0)
            return IsSystem;
        int index = DirectiveBefore(PhysicalLine(offset));
        return index < 0 ? IsSystem : _directives[index].IsSystem;
    }

    /// <summary>The physical line at which the presumed file of a physical line was included by its line markers, or 0.</summary>
    public int PresumedInclusion(int physicalLine)
    {
        int index = DirectiveBefore(physicalLine);
        return index < 0 ? 0 : _directives[index].IncludedAt;
    }

    private int DirectiveBefore(int physicalLine)
    {
        int low = -1, high = _directives.Count - 1;
        while (low < high)
        {
            int middle = low + high + 1 >> 1;
            if (_directives[middle].PhysicalLine < physicalLine)
                low = middle;
            else
                high = middle - 1;
        }
        return low;
    }

    private int[] LineStarts => _lineStarts ??= FindLineStarts(_raw.Span);

    private static int[] FindLineStarts(ReadOnlySpan<byte> text)
    {
        var starts = new GrowBuffer<int>(text.Length / 24 + 16);
        starts.Add(0);
        int at = 0;
        for (; ; )
        {
            int next = text[at..].IndexOf((byte)'\n');
            if (next < 0)
                break;
            at += next + 1;
            starts.Add(at);
        }
        return starts.Span.ToArray();
    }
}

/// <summary>Where bytes were taken out of a file before it was read: a map from text offsets to raw offsets.</summary>
public sealed class TextCuts
{
    private readonly GrowBuffer<int> _at = new(64);
    private readonly GrowBuffer<int> _removed = new(64);

    /// <summary>Text offsets of line splices with blanks behind the backslash, or null.</summary>
    public List<int>? SpacedSplices { get; set; }

    /// <summary>Says that <paramref name="count"/> more raw bytes are missing before the text's offset <paramref name="at"/>.</summary>
    public void Add(int at, int count)
    {
        int before = _removed.Count > 0 ? _removed.Last : 0;
        if (_at.Count > 0 && _at.Last == at)
        {
            _removed.Last = before + count;
            return;
        }
        _at.Add(at);
        _removed.Add(before + count);
    }

    /// <summary>The raw offset of a text offset.</summary>
    public int RawOffset(int offset)
    {
        ReadOnlySpan<int> at = _at.Span;
        int index = at.BinarySearch(offset);
        if (index < 0)
            index = ~index - 1;
        return index < 0 ? offset : offset + _removed[index];
    }

    /// <summary>Whether bytes are missing inside a run of the text.</summary>
    public bool AnyInside(int start, int end)
    {
        int index = _at.Span.BinarySearch(start + 1);
        if (index < 0)
            index = ~index;
        return index < _at.Count && _at[index] <= end;
    }
}
