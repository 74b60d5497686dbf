using Kiln.Base;

namespace Kiln.Frontend.Lex;

/// <summary>
/// Translation phases 1 and 2 (C17 5.1.1.2): trigraphs are replaced, spliced lines joined, and the carriage return before a
/// newline and a leading byte order mark dropped. A file that has none of these, which is most of them, is used as it is;
/// the others are copied once, with a map back to the raw offsets. After this the lexer never has to think of splices.
/// The text always ends in a newline and is followed by at least <see cref="Padding"/> zero bytes.
/// </summary>
public static class TextCleaner
{
    /// <summary>How many zero bytes must follow a text in its array.</summary>
    public const int Padding = 16;

    /// <summary>Makes a source file of raw bytes.</summary>
    /// <param name="name">The name to show.</param>
    /// <param name="raw">The bytes, followed by at least <see cref="Padding"/> spare bytes of any value.</param>
    /// <param name="length">How many bytes count.</param>
    /// <param name="trigraphs">Whether trigraphs are replaced.</param>
    public static SourceFile Clean(string name, byte[] raw, int length, bool trigraphs) =>
        Clean(name, raw, length, trigraphs, out _);

    /// <summary>Makes a source file; <paramref name="text"/> is the array that holds its text.</summary>
    public static SourceFile Clean(string name, byte[] raw, int length, bool trigraphs, out byte[] text)
    {
        ReadOnlySpan<byte> from = raw.AsSpan(0, length);
        byte[]? to = null;
        int written = 0, copied = 0, at = 0;
        TextCuts? cuts = null;
        if (from.StartsWith("\uFEFF"u8))
            Cut(0, 3, -1);
        for (; ; )
        {
            int next = trigraphs
                ? from[at..].IndexOfAny((byte)'\\', (byte)'\r', (byte)'?')
                : from[at..].IndexOfAny((byte)'\\', (byte)'\r');
            if (next < 0)
                break;
            at += next;
            switch (from[at])
            {
                case (byte)'\r':
                    if (at + 1 < length && from[at + 1] == '\n')
                        Cut(at, 1, -1);
                    else
                        at++;
                    break;
                case (byte)'?':
                    int replacement = at + 2 < length && from[at + 1] == '?' ? Trigraph(from[at + 2]) : -1;
                    if (replacement < 0)
                    {
                        at++;
                    }
                    else if (replacement == '\\' && SpliceLength(from, at + 3) is var after and > 0)
                    {
                        Cut(at, 3 + after, -1);
                    }
                    else
                    {
                        Cut(at, 3, replacement);
                    }
                    break;
                default:
                    int splice = SpliceLength(from, at + 1);
                    if (splice == 0)
                    {
                        at++;
                        break;
                    }
                    bool isSpaced = from[at + 1] is not ((byte)'\n' or (byte)'\r');
                    Cut(at, 1 + splice, -1);
                    if (isSpaced)
                        (cuts!.SpacedSplices ??= []).Add(written);
                    break;
            }
        }
        if (to is null)
        {
            text = raw;
            written = length;
            if (text.Length < length + Padding)
                Array.Resize(ref text, length + Padding);
        }
        else
        {
            from[copied..].CopyTo(to.AsSpan(written));
            written += length - copied;
            text = to;
        }
        if (written == 0 || text[written - 1] != '\n')
            text[written++] = (byte)'\n';
        text.AsSpan(written, Math.Min(Padding - 1, text.Length - written)).Clear();
        return new SourceFile(name == "-" ? "<stdin>" : name, text.AsMemory(0, written), raw.AsMemory(0, length), cuts);

        void Cut(int start, int count, int replacement)
        {
            to ??= new byte[raw.AsSpan(0, length).Length + Padding];
            cuts ??= new TextCuts();
            raw.AsSpan(copied, start - copied).CopyTo(to.AsSpan(written));
            written += start - copied;
            if (replacement >= 0)
            {
                to[written++] = (byte)replacement;
                cuts.Add(written, count - 1);
            }
            else
            {
                cuts.Add(written, count);
            }
            copied = at = start + count;
        }
    }

    /// <summary>The bytes from after a backslash to the end of its line, or 0 if something other than blanks stands there.</summary>
    private static int SpliceLength(ReadOnlySpan<byte> text, int at)
    {
        int start = at;
        while (at < text.Length && text[at] is (byte)' ' or (byte)'\t' or (byte)'\f' or (byte)'\v')
            at++;
        if (at < text.Length && text[at] == '\r' && at + 1 < text.Length && text[at + 1] == '\n')
            at++;
        return at < text.Length && text[at] == '\n' ? at + 1 - start : 0;
    }

    private static int Trigraph(byte third) => third switch
    {
        (byte)'=' => '#',
        (byte)'(' => '[',
        (byte)'/' => '\\',
        (byte)')' => ']',
        (byte)'\'' => '^',
        (byte)'<' => '{',
        (byte)'!' => '|',
        (byte)'>' => '}',
        (byte)'-' => '~',
        _ => -1,
    };
}
