using System.Text;

namespace Kiln.Driver.Options;

/// <summary>Replaces <c>@file</c> by the words in the file, as libiberty does: white space separates, quotes and backslashes protect.</summary>
internal static class ResponseFiles
{
    private const int MaximumDepth = 64;

    /// <summary>The words with every readable <c>@file</c> replaced; others stay as they are.</summary>
    public static List<string> Expand(ReadOnlySpan<string> words)
    {
        var result = new List<string>(words.Length);
        foreach (string word in words)
            Add(word, result, 0);
        return result;
    }

    private static void Add(string word, List<string> result, int depth)
    {
        if (word.Length < 2 || word[0] != '@' || depth >= MaximumDepth || !File.Exists(word[1..]))
        {
            result.Add(word);
            return;
        }
        foreach (string inner in Split(File.ReadAllText(word[1..])))
            Add(inner, result, depth + 1);
    }

    private static List<string> Split(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        bool inWord = false;
        char quote = '\0';
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '\\' && i + 1 < text.Length)
            {
                word.Append(text[++i]);
                inWord = true;
            }
            else if (quote != '\0')
            {
                if (c == quote)
                    quote = '\0';
                else
                    word.Append(c);
            }
            else if (c is '\'' or '"')
            {
                quote = c;
                inWord = true;
            }
            else if (char.IsWhiteSpace(c))
            {
                if (inWord)
                    words.Add(word.ToString());
                word.Clear();
                inWord = false;
            }
            else
            {
                word.Append(c);
                inWord = true;
            }
        }
        if (inWord)
            words.Add(word.ToString());
        return words;
    }
}
