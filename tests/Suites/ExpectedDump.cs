using System.Text.RegularExpressions;

namespace Kiln.Suites;

/// <summary>
/// Compares what a tool printed with the lines that a test of DejaGnu expects, which are regular expressions: blank lines count on neither
/// side, <c>#...</c> skips to the next line that matches, <c>#?</c> is a line that may be missing, <c>!</c> one that must not match,
/// <c>#pass</c> ends the comparison, <c>#failif</c> turns its result around. Other lines that start with <c>#</c> are remarks.
/// </summary>
internal sealed class ExpectedDump(string[] expected)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>Null where the output is as expected, else the first line that differs.</summary>
    public string? Difference(string output)
    {
        string[] lines = [.. output.Split('\n').Where(static line => line.Length > 0)];
        bool failsOnMatch = false;
        string? difference = Compare(lines, ref failsOnMatch);
        if (!failsOnMatch)
            return difference;
        return difference is null ? "matches what it must not" : null;
    }

    private string? Compare(string[] lines, ref bool failsOnMatch)
    {
        int at = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            string line = expected[i];
            if (line.Length == 0)
                continue;
            if (line.StartsWith("#pass", StringComparison.Ordinal))
                return null;
            if (line.StartsWith("#failif", StringComparison.Ordinal))
            {
                failsOnMatch = true;
                continue;
            }
            if (line.StartsWith("#...", StringComparison.Ordinal))
            {
                if (++i >= expected.Length)
                    return null;
                while (at < lines.Length && !Matches(expected[i], lines[at]))
                    at++;
                if (at >= lines.Length)
                    return $"no line is like: {expected[i]}";
                at++;
                continue;
            }
            if (line.StartsWith("#?", StringComparison.Ordinal))
            {
                if (at < lines.Length && Matches(line[2..], lines[at]))
                    at++;
                continue;
            }
            if (line[0] == '#')
                continue;
            if (at >= lines.Length)
                return $"the output ends before: {line}";
            if (!Matches(line, lines[at]))
                return $"expected {line}, got {lines[at]}";
            at++;
        }
        return at < lines.Length ? $"more than expected: {lines[at]}" : null;
    }

    private static bool Matches(string pattern, string line)
    {
        bool isNegated = pattern.StartsWith('!');
        if (isNegated)
            pattern = pattern[1..];
        return pattern == line || Find("^(?:" + pattern + ")$", line) != isNegated;
    }

    /// <summary>Whether an expression of Tcl's is found in a text. What .NET's cannot read is taken as not found.</summary>
    public static bool Find(string pattern, string text)
    {
        try
        {
            return Regex.IsMatch(text, pattern.Replace("[[:space:]]", "\\s").Replace("[:xdigit:]", "0-9a-fA-F").Replace("[:alnum:]", "0-9a-zA-Z"),
                RegexOptions.CultureInvariant, Limit);
        }
        catch (Exception e) when (e is ArgumentException or RegexMatchTimeoutException)
        {
            return false;
        }
    }
}
