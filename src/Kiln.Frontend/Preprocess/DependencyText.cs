using System.Text;

namespace Kiln.Frontend.Preprocess;

/// <summary>What a dependency file is to say.</summary>
public sealed record DependencyOptions
{
    /// <summary>The targets with whether they are to be quoted for make (-MQ) or are (-MT); empty: the object of the main file.</summary>
    public IReadOnlyList<(string Name, bool Quote)> Targets { get; init; } = [];

    /// <summary>Headers found in system directories count too (-M, -MD).</summary>
    public bool SystemHeaders { get; init; } = true;

    /// <summary>-MP: a target without rule for each header.</summary>
    public bool PhonyTargets { get; init; }
}

/// <summary>Makes a rule for make of the files that were opened (-M and its family).</summary>
public static class DependencyText
{
    private const int MaxColumn = 72;

    /// <summary>The text of the rule. Files that come with Kiln are left out.</summary>
    public static string Make(Preprocessor preprocessor, DependencyOptions options)
    {
        var files = new List<string>();
        foreach (CachedFile file in preprocessor.OpenedFiles)
        {
            if (!file.IsCarried && (options.SystemHeaders || !file.IsSystemHeader || files.Count == 0))
                files.Add(Plain(file.Path));
        }
        foreach (string missing in preprocessor.MissingHeaders)
            files.Add(missing);
        var text = new StringBuilder();
        int column = 0;
        if (options.Targets.Count == 0)
            column = Word(text, Quote(DefaultTarget(preprocessor.MainPath)), column);
        foreach ((string name, bool quote) in options.Targets)
            column = Word(text, quote ? Quote(name) : name, column);
        text.Append(':');
        column++;
        foreach (string file in files)
            column = Word(text, Quote(file), column);
        text.Append('\n');
        if (options.PhonyTargets)
        {
            for (int i = 1; i < files.Count; i++)
                text.Append(Quote(files[i])).Append(":\n");
        }
        return text.ToString();
    }

    /// <summary>The object that a source file's compilation makes when nothing else is said.</summary>
    public static string DefaultTarget(string source)
    {
        if (source is "-" or "<stdin>")
            return "-";
        string name = source[(source.LastIndexOf('/') + 1)..];
        int dot = name.LastIndexOf('.');
        return (dot < 0 ? name : name[..dot]) + ".o";
    }

    private static string Plain(string path)
    {
        while (path.StartsWith("./", StringComparison.Ordinal) && path.Length > 2)
            path = path[2..].TrimStart('/');
        return path;
    }

    private static int Word(StringBuilder text, string word, int column)
    {
        if (column > 0)
        {
            if (column + word.Length > MaxColumn)
            {
                text.Append(" \\\n");
                column = 0;
            }
            column++;
            text.Append(' ');
        }
        text.Append(word);
        return column + word.Length;
    }

    /// <summary>Quotes a name for make.</summary>
    public static string Quote(string name)
    {
        var text = new StringBuilder(name.Length);
        for (int i = 0; i < name.Length; i++)
        {
            switch (name[i])
            {
                case ' ' or '\t':
                    // Backslashes before a blank are doubled, and the blank gets one of its own.
                    for (int j = i - 1; j >= 0 && name[j] == '\\'; j--)
                        text.Append('\\');
                    text.Append('\\');
                    break;
                case '$':
                    text.Append('$');
                    break;
                case '#' or ':':
                    text.Append('\\');
                    break;
            }
            text.Append(name[i]);
        }
        return text.ToString();
    }
}
