using System.Text;
using Kiln.Base;

namespace Kiln.Frontend.Diagnostics;

/// <summary>How messages are shown.</summary>
public sealed record DiagnosticPrinterOptions
{
    /// <summary>-fdiagnostics-show-caret.</summary>
    public bool ShowCaret { get; init; } = true;

    /// <summary>-fdiagnostics-show-option.</summary>
    public bool ShowOption { get; init; } = true;

    /// <summary>-fshow-column.</summary>
    public bool ShowColumn { get; init; } = true;

    /// <summary>-ftrack-macro-expansion: what a macro brings is shown where the macro's definition has it, not where it is used.</summary>
    public bool TrackMacros { get; init; } = true;

    /// <summary>-fdiagnostics-color: with escape sequences.</summary>
    public bool Color { get; init; }

    /// <summary>-ftabstop.</summary>
    public int TabStop { get; init; } = 8;

    /// <summary>The width of the terminal, or 0: lines are not cut.</summary>
    public int Width { get; init; }

    /// <summary>What messages without a place begin with: the name of the program.</summary>
    public string Program { get; init; } = "kiln";
}

/// <summary>
/// Writes messages as gcc does: the chain of includes, the function, <c>file:line:column: severity: text [-Woption]</c>, the line of source with a
/// caret, and a note for each macro whose expansion leads there.
/// </summary>
public sealed class DiagnosticPrinter(TextWriter writer, SourceMap map, Interner names, DiagnosticPrinterOptions options) : IDiagnosticSink
{
    private SourceFile? _lastFile;
    private Location _lastInclusion;
    private int _lastMarkerInclusion;
    private string? _lastFunction;

    /// <inheritdoc/>
    public int ErrorCount { get; private set; }

    /// <inheritdoc/>
    public void Report(in Diagnostic diagnostic)
    {
        if (diagnostic.Severity >= Severity.Error)
            ErrorCount++;
        Location at = Visible(diagnostic.Location);
        Location spelled = map.SpellingLocation(at);
        PrintInclusions(spelled);
        PrintFunction(diagnostic.Function, spelled);
        PrintMessage(diagnostic, spelled);
        PrintSource(spelled, diagnostic.Ranges);
        PrintExpansions(at, spelled);
        writer.Flush();
    }

    /// <summary>A place in a system header's macro is shown where the macro is used.</summary>
    private Location Visible(Location at)
    {
        if (!options.TrackMacros)
            return map.FileLocation(at);
        while (map.IsExpansion(at))
        {
            SourceFile? file = map.File(map.SpellingLocation(at), out int offset, out _);
            if (file is not null && !file.IsBuiltIn && !file.IsSystemAt(offset))
                break;
            at = map.ExpandedFrom(at, out _, out bool isArgument);
            if (isArgument)
                at = map.ExpandedFrom(at, out _, out _);
        }
        return at;
    }

    private void PrintInclusions(Location spelled)
    {
        SourceFile? file = map.File(spelled, out int offset, out Location includedFrom);
        if (file is null)
            return;
        int marker = file.HasLineDirectives ? file.PresumedInclusion(file.PhysicalLine(offset)) : 0;
        if (file == _lastFile && includedFrom == _lastInclusion && marker == _lastMarkerInclusion)
            return;
        _lastFile = file;
        _lastInclusion = includedFrom;
        _lastMarkerInclusion = marker;
        bool isFirst = true;
        while (marker > 0)
        {
            PrintInclusion(file.Presumed(marker, 1), ref isFirst);
            marker = file.PresumedInclusion(marker);
        }
        while (includedFrom.IsValid)
        {
            SourceFile? outer = map.File(map.FileLocation(includedFrom), out int at, out Location next);
            if (outer is null)
                break;
            PrintInclusion(outer.Position(at), ref isFirst);
            includedFrom = next;
        }
        if (!isFirst)
            writer.Write(":\n");
    }

    private void PrintInclusion(FilePosition position, ref bool isFirst)
    {
        writer.Write(isFirst ? "In file included from " : ",\n                 from ");
        isFirst = false;
        Color("\u001b[01m\u001b[K");
        writer.Write(position.File[0] == '<' ? position.File : $"{position.File}:{position.Line}");
        Color("\u001b[m\u001b[K");
    }

    private void PrintFunction(string? function, Location spelled)
    {
        if (function == _lastFunction)
            return;
        _lastFunction = function;
        string file = map.Position(spelled).File;
        Color("\u001b[01m\u001b[K");
        writer.Write($"{file}:");
        Color("\u001b[m\u001b[K");
        if (function is null)
        {
            writer.Write(" At top level:\n");
            return;
        }
        writer.Write(" In function '");
        Color("\u001b[01m\u001b[K");
        writer.Write(function);
        Color("\u001b[m\u001b[K");
        writer.Write("':\n");
    }

    private void PrintMessage(in Diagnostic diagnostic, Location spelled)
    {
        Color("\u001b[01m\u001b[K");
        SourceFile? file = map.File(spelled, out int offset, out _);
        if (file is null)
        {
            writer.Write($"{options.Program}:");
        }
        else
        {
            FilePosition position = file.Position(offset);
            if (position.File[0] == '<' && file.IsBuiltIn)
                writer.Write($"{position.File}:");
            else if (options.ShowColumn)
                writer.Write($"{position.File}:{position.Line}:{DisplayColumn(file, offset)}:");
            else
                writer.Write($"{position.File}:{position.Line}:");
        }
        Color("\u001b[m\u001b[K");
        (string word, string color) = diagnostic.Severity switch
        {
            Severity.Note => ("note: ", "\u001b[01;36m\u001b[K"),
            Severity.Remark => ("remark: ", "\u001b[01;36m\u001b[K"),
            Severity.Warning => ("warning: ", "\u001b[01;35m\u001b[K"),
            Severity.Error => ("error: ", "\u001b[01;31m\u001b[K"),
            Severity.Fatal => ("fatal error: ", "\u001b[01;31m\u001b[K"),
            _ => throw new InvalidOperationException(diagnostic.Severity.ToString()),
        };
        writer.Write(' ');
        Color(color);
        writer.Write(word);
        Color("\u001b[m\u001b[K");
        writer.Write(diagnostic.Message);
        if (diagnostic.Option is not null && options.ShowOption)
        {
            writer.Write(" [");
            Color(color);
            writer.Write($"-{diagnostic.Option}");
            Color("\u001b[m\u001b[K");
            writer.Write(']');
        }
        writer.Write('\n');
    }

    private void Color(string sequence)
    {
        if (options.Color)
            writer.Write(sequence);
    }

    /// <summary>The column as a terminal shows it, from 1: tabs go to the next stop, characters may be wide.</summary>
    private int DisplayColumn(SourceFile file, int offset)
    {
        ReadOnlySpan<byte> line = file.Line(file.PhysicalLine(offset));
        return Displayed(line[..Math.Min(line.Length, file.Column(offset) - 1)], null) + 1;
    }

    /// <summary>The width of bytes on a terminal; writes them with tabs made spaces.</summary>
    private int Displayed(ReadOnlySpan<byte> bytes, StringBuilder? to)
    {
        int column = 0;
        while (!bytes.IsEmpty)
        {
            if (bytes[0] == '\t')
            {
                int next = options.TabStop <= 0 ? column + 1 : column - column % options.TabStop + options.TabStop;
                to?.Append(' ', next - column);
                column = next;
                bytes = bytes[1..];
                continue;
            }
            int consumed = 1;
            if (bytes[0] < 0x80)
            {
                to?.Append(bytes[0] < 0x20 ? ' ' : (char)bytes[0]);
                column++;
            }
            else if (Rune.DecodeFromUtf8(bytes, out Rune rune, out consumed) == System.Buffers.OperationStatus.Done)
            {
                to?.Append(rune.ToString());
                column += Width(rune.Value);
            }
            else
            {
                consumed = 1;
                to?.Append($"<{bytes[0]:x2}>");
                column += 4;
            }
            bytes = bytes[consumed..];
        }
        return column;
    }

    private static int Width(int codePoint) => codePoint switch
    {
        >= 0x300 and <= 0x36F or >= 0x200B and <= 0x200F or >= 0x20D0 and <= 0x20FF or >= 0xFE00 and <= 0xFE0F => 0,
        >= 0x1100 and <= 0x115F or >= 0x2E80 and <= 0x303E or >= 0x3041 and <= 0xA4CF or >= 0xAC00 and <= 0xD7A3
            or >= 0xF900 and <= 0xFAFF or >= 0xFE30 and <= 0xFE6F or >= 0xFF00 and <= 0xFF60 or >= 0xFFE0 and <= 0xFFE6
            or >= 0x1F300 and <= 0x1F64F or >= 0x1F900 and <= 0x1F9FF or >= 0x20000 and <= 0x3FFFD => 2,
        _ => 1,
    };

    private void PrintSource(Location spelled, SourceRange[]? ranges)
    {
        if (!options.ShowCaret)
            return;
        SourceFile? file = map.File(spelled, out int offset, out _);
        if (file is null || file.IsBuiltIn)
            return;
        int lineNumber = file.PhysicalLine(offset);
        ReadOnlySpan<byte> line = file.Line(lineNumber);
        int caret = file.Column(offset) - 1;
        if (line.IsEmpty || caret > line.Length)
            return;
        // What the caret line shows: for each byte column, nothing, a tilde or the caret.
        var marks = new byte[line.Length + 2];
        if (ranges is not null)
        {
            foreach (SourceRange range in ranges)
                Mark(range, file, lineNumber, line.Length, marks);
        }
        else
        {
            int end = Math.Min(line.Length, caret + TokenLength(line[caret..]));
            marks.AsSpan(caret, Math.Max(0, end - caret)).Fill((byte)'~');
        }
        marks[caret] = (byte)'^';
        var text = new StringBuilder();
        Displayed(line, text);
        string number = file.Presumed(lineNumber, 1).Line.ToString(System.Globalization.CultureInfo.InvariantCulture).PadLeft(5);
        writer.Write($"{number} | {text.ToString().TrimEnd()}\n");
        text.Clear();
        int last = Math.Max(caret, Array.LastIndexOf(marks, (byte)'~'));
        int column = 0;
        for (int i = 0; i <= last; i++)
        {
            int width = i < line.Length ? Displayed(line[..i], null) : column;
            text.Append(' ', Math.Max(0, width - column));
            column = Math.Max(column, width);
            if (i < line.Length && (line[i] & 0xC0) == 0x80)
                continue;
            text.Append(marks[i] == 0 ? ' ' : (char)marks[i]);
            column++;
        }
        writer.Write(new string(' ', number.Length + 1));
        writer.Write("| ");
        writer.Write(text.ToString().TrimEnd());
        writer.Write('\n');
    }

    private void Mark(SourceRange range, SourceFile file, int line, int length, byte[] marks)
    {
        if (!range.Start.IsValid || !range.End.IsValid)
            return;
        Location start = map.SpellingLocation(Visible(range.Start));
        Location last = map.SpellingLocation(Visible(range.End.Add(-1)));
        if (map.File(start, out int from, out _) != file || map.File(last, out int to, out _) != file)
            return;
        int firstLine = file.PhysicalLine(from), lastLine = file.PhysicalLine(to);
        if (firstLine > line || lastLine < line)
            return;
        int first = firstLine == line ? file.Column(from) - 1 : 0;
        int end = lastLine == line ? file.Column(to) : length;
        for (int i = first; i < end && i < length; i++)
            marks[i] = (byte)'~';
    }

    /// <summary>The bytes of the token at the start of a text.</summary>
    private static int TokenLength(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
            return 1;
        int i = 0;
        byte c = text[0];
        if (c is (byte)'"' or (byte)'\'' || c is (byte)'L' or (byte)'u' or (byte)'U' && text.Length > 1 && text[1] is (byte)'"' or (byte)'\'')
        {
            i = c is (byte)'"' or (byte)'\'' ? 0 : 1;
            byte quote = text[i++];
            for (; i < text.Length && text[i] != quote; i++)
            {
                if (text[i] == '\\')
                    i++;
            }
            return Math.Min(i + 1, text.Length);
        }
        if (char.IsAsciiDigit((char)c))
        {
            while (i < text.Length && (char.IsAsciiLetterOrDigit((char)text[i]) || text[i] is (byte)'.' or (byte)'_'
                || text[i] is (byte)'+' or (byte)'-' && i > 0 && (text[i - 1] | 0x20) is 'e' or 'p'))
                i++;
            return i;
        }
        while (i < text.Length && (char.IsAsciiLetterOrDigit((char)text[i]) || text[i] is (byte)'_' or (byte)'$' or >= 0x80))
            i++;
        if (i > 0)
            return i;
        ReadOnlySpan<byte> three = "...<<=>>="u8;
        for (int k = 0; k < three.Length; k += 3)
        {
            if (text.StartsWith(three.Slice(k, 3)))
                return 3;
        }
        ReadOnlySpan<byte> two = "->++--<<>><=>===!=&&||*=/=%=+=-=&=^=|=##"u8;
        for (int k = 0; k < two.Length; k += 2)
        {
            if (text.StartsWith(two.Slice(k, 2)))
                return 2;
        }
        return 1;
    }

    /// <summary>Says through which macros a place came about, from the innermost one outwards.</summary>
    private void PrintExpansions(Location at, Location shown)
    {
        if (!map.IsExpansion(at))
            return;
        SourceFile? outermost = map.File(map.FileLocation(at), out int outerOffset, out _);
        if (outermost is null || outermost.IsSystemAt(outerOffset))
            return;
        map.File(shown, out int shownOffset, out _);
        int shownLine = map.Position(shown).Line;
        bool isFirst = true;
        while (map.IsExpansion(at))
        {
            Location parent = map.ExpandedFrom(at, out int macro, out bool isArgument);
            Location definition, expansion, next;
            if (isArgument)
            {
                definition = map.SpellingLocation(parent);
                expansion = map.ExpandedFrom(parent, out _, out _);
                Location spelled = map.SpelledAt(at);
                next = map.IsExpansion(spelled) ? spelled : expansion;
            }
            else
            {
                definition = map.SpellingLocation(at);
                expansion = parent;
                next = parent;
            }
            SourceFile? file = map.File(definition, out int offset, out _);
            if (file is not null && !file.IsBuiltIn && !file.IsSystemAt(offset) && macro != 0)
            {
                bool inDefinition = isFirst && file.Position(offset).Line != shownLine;
                Location place = inDefinition ? definition : map.SpellingLocation(expansion);
                Note(place, inDefinition ? $"in definition of macro '{names.Text(macro)}'" : $"in expansion of macro '{names.Text(macro)}'");
            }
            isFirst = false;
            at = next;
        }
    }

    private void Note(Location place, string text)
    {
        PrintInclusions(place);
        PrintMessage(new Diagnostic(Severity.Note, place, text), place);
        PrintSource(place, null);
    }
}
