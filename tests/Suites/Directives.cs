using System.Text;
using System.Text.RegularExpressions;

namespace Kiln.Suites;

/// <summary>One directive of a test of gcc's: <c>{ dg-NAME WORD... }</c> in a comment.</summary>
internal readonly record struct Directive(string Name, int Line, IReadOnlyList<string> Words);

/// <summary>
/// The directives of one test of gcc's suites, read as DejaGnu reads them: a Tcl list that begins with <c>dg-</c>.
/// What a test asks of its target is answered by <see cref="EffectiveTargets"/>; a question that has no answer there
/// makes the test not count, with a reason.
/// </summary>
internal sealed partial class Directives
{
    private readonly List<Directive> _all = [];
    private readonly Dictionary<string, int> _lines = [];

    public Directives(string file)
    {
        string text = File.ReadAllText(file, Encoding.Latin1);
        int line = 1, at = 0;
        foreach (Match match in Start().Matches(text))
        {
            for (; at < match.Index; at++)
            {
                if (text[at] == '\n')
                    line++;
            }
            int end = Close(text, match.Index);
            if (end < 0)
                continue;
            List<string> words = Split(text[(match.Index + 1)..end]);
            var directive = new Directive(words[0], line, words[1..]);
            if (directive.Name == "dg-line" && directive.Words.Count > 0)
                _lines[directive.Words[0]] = line;
            _all.Add(directive);
        }
    }

    /// <summary>What the test does: compile, run, preprocess, assemble or link; null where it has no <c>dg-do</c>.</summary>
    public string? Action { get; private set; }

    /// <summary>The sources beside the test that it is built from.</summary>
    public IEnumerable<string> Sources =>
        Named("dg-additional-sources").SelectMany(d => d.Words[0].Split(' ', StringSplitOptions.RemoveEmptyEntries));

    /// <summary>The options that the test asks for on this target, or the default ones where it names none.</summary>
    public List<string> Options(params IReadOnlyList<string> defaults)
    {
        List<string> flags = [.. defaults];
        foreach (Directive directive in Named("dg-options"))
        {
            if (Applies(directive, 1))
                flags = Flags(directive.Words[0]);
        }
        foreach (Directive directive in Named("dg-additional-options"))
        {
            if (Applies(directive, 1))
                flags.AddRange(Flags(directive.Words[0]));
        }
        return flags;
    }

    /// <summary>Why the test is not for this target (with these options), or null where it is.</summary>
    public string? Skips(IReadOnlyList<string> options)
    {
        foreach (Directive directive in _all)
        {
            string? reason = directive.Name switch
            {
                _ when directive.Words.Count == 0 => null,
                "dg-do" => Does(directive),
                "dg-require-effective-target" => Requires(directive),
                "dg-skip-if" or "dg-xfail-if" or "dg-xfail-run-if" or "dg-ice" => Avoids(directive, options),
                "dg-shouldfail" or "dg-set-target-env-var" or "dg-set-compiler-env-var" or "dg-excess-errors" => directive.Name,
                _ when directive.Name.StartsWith("dg-require-") && !EffectiveTargets.Holds(directive.Name["dg-require-".Length..]).GetValueOrDefault() =>
                    directive.Name,
                _ => null,
            };
            if (reason is not null)
                return reason;
        }
        return null;
    }

    /// <summary>The lines that the test says an error must be at.</summary>
    public SortedSet<int> ErrorLines()
    {
        var lines = new SortedSet<int>();
        foreach (Directive directive in Named("dg-error"))
        {
            if (!Applies(directive, 2))
                continue;
            string where = directive.Words.Count > 3 ? directive.Words[3] : ".";
            if (where == ".")
                lines.Add(directive.Line);
            else if (where.StartsWith('.') && int.TryParse(where[1..], out int distance))
                lines.Add(directive.Line + distance);
            else if (_lines.TryGetValue(where, out int named))
                lines.Add(named);
            else if (int.TryParse(where, out int number) && number > 0)
                lines.Add(number);
        }
        return lines;
    }

    /// <summary>Does the test expect errors, on whatever line and target?</summary>
    public bool HasErrors => Named("dg-error").Any();

    private IEnumerable<Directive> Named(string name) => _all.Where(d => d.Name == name && d.Words.Count > 0);

    private string? Does(Directive directive)
    {
        if (directive.Words.Count > 1 && Selected(directive.Words[1]) != true)
            return Selected(directive.Words[1]) is null ? $"unknown target {directive.Words[1]}" : "not for this target";
        Action = directive.Words[0];
        return null;
    }

    private static string? Requires(Directive directive)
    {
        if (directive.Words.Count > 1 && Selected(directive.Words[1]) == false)
            return null;
        return EffectiveTargets.Holds(directive.Words[0]) switch
        {
            true => null,
            false => $"needs {directive.Words[0]}",
            null => $"unknown effective target {directive.Words[0]}",
        };
    }

    // "comment" { selector } { options it is for } { options it is not for }
    private static string? Avoids(Directive directive, IReadOnlyList<string> options)
    {
        if (directive.Words.Count > 1 && Selected(directive.Words[1]) == false)
            return null;
        bool Given(string pattern) => Flags(pattern).All(flag => flag == "*" || options.Any(option => Glob(flag, option)));
        List<string> with = directive.Words.Count > 2 ? Split(directive.Words[2]) : [];
        List<string> without = directive.Words.Count > 3 ? Split(directive.Words[3]) : [];
        if ((with.Count > 0 && !with.Any(Given)) || without.Any(pattern => pattern.Length > 0 && Given(pattern)))
            return null;
        return $"{directive.Name} {directive.Words[0]}";
    }

    private static bool Applies(Directive directive, int selector) =>
        directive.Words.Count <= selector || Selected(directive.Words[selector]) == true;

    /// <summary><c>target LIST</c>, <c>xfail LIST</c> or both; null where an effective target is unknown.</summary>
    private static bool? Selected(string selector)
    {
        List<string> words = Split(selector);
        if (words.Count == 0)
            return true;
        int xfail = words.IndexOf("xfail");
        bool? chosen = true;
        if (words[0] == "target")
            chosen = Any(words[1..(xfail < 0 ? words.Count : xfail)]);
        else if (xfail != 0)
            chosen = Any(words);
        if (xfail >= 0 && chosen == true)
            chosen = !Any(words[(xfail + 1)..]);
        return chosen;
    }

    // A list of triplets, effective targets and expressions in braces: one that holds is enough.
    private static bool? Any(List<string> words)
    {
        if (words.Contains("&&") || words.Contains("||") || (words.Count > 0 && words[0] == "!"))
            return Expression(words);
        bool? result = false;
        foreach (string word in words)
            result = Or(result, Term(word));
        return result;
    }

    private static bool? Expression(List<string> words)
    {
        int or = words.IndexOf("||");
        if (or >= 0)
            return Or(Expression(words[..or]), Expression(words[(or + 1)..]));
        int and = words.IndexOf("&&");
        if (and >= 0)
        {
            bool? left = Expression(words[..and]), right = Expression(words[(and + 1)..]);
            return left == false || right == false ? false : left is null || right is null ? null : true;
        }
        return words[0] == "!" ? !Expression(words[1..]) : Term(words[0]);
    }

    private static bool? Or(bool? left, bool? right) => left == true || right == true ? true : left is null || right is null ? null : false;

    private static bool? Term(string word)
    {
        if (word.Contains(' '))
            return Any(Split(word));
        if (word.StartsWith('!'))
            return !Term(word[1..]);
        return word.Contains('-') ? Glob(word, "x86_64-pc-linux-gnu") : EffectiveTargets.Holds(word);
    }

    private static bool Glob(string pattern, string text) =>
        Regex.IsMatch(text, "^" + Regex.Escape(pattern).Replace("\\*", ".*").Replace("\\?", ".").Replace("\\[", "[") + "$");

    // A shell would take the quotes away that some tests put round an option.
    private static List<string> Flags(string words) =>
        [.. words.Split([' ', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries).Select(w => w.Trim('"'))];

    private static int Close(string text, int open)
    {
        int depth = 0;
        bool quoted = false;
        for (int i = open; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '\\')
                i++;
            else if (c == '"')
                quoted = !quoted;
            else if (quoted)
                continue;
            else if (c == '{')
                depth++;
            else if (c == '}' && --depth == 0)
                return i;
            else if (c == '\n' && depth == 1)
                return -1;
        }
        return -1;
    }

    /// <summary>The words of a Tcl list: bare, "quoted" or {braced}.</summary>
    private static List<string> Split(string list)
    {
        var words = new List<string>();
        for (int i = 0; i < list.Length;)
        {
            if (char.IsWhiteSpace(list[i]))
            {
                i++;
                continue;
            }
            int start = i;
            if (list[i] == '{' && Close(list, i) is >= 0 and int close)
            {
                words.Add(list[(start + 1)..close].Trim());
                i = close + 1;
            }
            else if (list[i] == '"')
            {
                for (i++; i < list.Length && list[i] != '"'; i++)
                {
                    if (list[i] == '\\')
                        i++;
                }
                words.Add(list[(start + 1)..Math.Min(i, list.Length)].Replace("\\", ""));
                i++;
            }
            else
            {
                while (i < list.Length && !char.IsWhiteSpace(list[i]))
                    i++;
                words.Add(list[start..i]);
            }
        }
        return words;
    }

    [GeneratedRegex("""\{[ \t]*dg-[a-z-]+[ \t}]""")]
    private static partial Regex Start();
}
