namespace Kiln.Base;

/// <summary>The text of one file and where its lines start. Line numbers are found only when somebody asks.</summary>
public sealed class SourceFile(string name, ReadOnlyMemory<byte> text)
{
    private readonly GrowBuffer<LineDirective> _directives = new(0);
    private int[]? _lineStarts;

    private record struct LineDirective(int PhysicalLine, int Line, string? File);

    /// <summary>The name as messages show it.</summary>
    public string Name => name;

    /// <summary>The bytes, as read.</summary>
    public ReadOnlyMemory<byte> Text => text;

    /// <summary>Whether warnings in it are off (system header).</summary>
    public bool IsSystem { get; set; }

    /// <summary>Says that the physical line after <paramref name="physicalLine"/> is numbered <paramref name="line"/> (and in another file).</summary>
    public void AddLineDirective(int physicalLine, int line, string? file) =>
        _directives.Add(new LineDirective(physicalLine, line, file ?? (_directives.Count > 0 ? _directives.Last.File : null)));

    /// <summary>The physical line, from 1, that holds an offset.</summary>
    public int PhysicalLine(int offset)
    {
        int index = Array.BinarySearch(LineStarts, offset);
        return index >= 0 ? index + 1 : ~index;
    }

    /// <summary>The bytes of a physical line, without its end.</summary>
    public ReadOnlySpan<byte> Line(int physicalLine)
    {
        int start = LineStarts[physicalLine - 1];
        ReadOnlySpan<byte> rest = text.Span[start..];
        int end = rest.IndexOfAny((byte)'\n', (byte)'\r');
        return end < 0 ? rest : rest[..end];
    }

    /// <summary>Line and column of an offset, with <c>#line</c> obeyed.</summary>
    public FilePosition Position(int offset)
    {
        int physical = PhysicalLine(offset);
        int column = offset - LineStarts[physical - 1] + 1;
        for (int i = _directives.Count - 1; i >= 0; i--)
        {
            ref LineDirective directive = ref _directives[i];
            if (directive.PhysicalLine < physical)
                return new FilePosition(directive.File ?? name, directive.Line + (physical - directive.PhysicalLine - 1), column);
        }
        return new FilePosition(name, physical, column);
    }

    private int[] LineStarts => _lineStarts ??= FindLineStarts(text.Span);

    private static int[] FindLineStarts(ReadOnlySpan<byte> text)
    {
        var starts = new GrowBuffer<int>(text.Length / 24 + 16);
        starts.Add(0);
        for (int i = 0; i < text.Length; i++)
        {
            int next = text[i..].IndexOfAny((byte)'\n', (byte)'\r');
            if (next < 0)
                break;
            i += next;
            if (text[i] == '\r' && i + 1 < text.Length && text[i + 1] == '\n')
                i++;
            starts.Add(i + 1);
        }
        return starts.Span.ToArray();
    }
}
