using System.Diagnostics;

namespace Kiln.Dev;

/// <summary>
/// Makes a failing input small: drops runs of lines, halves first, then ever shorter ones, as long as a command (which gets a file's name as its last
/// word) still ends with 0, the sign that the failure is there.
/// </summary>
public static class Reducer
{
    /// <summary>Runs <c>kdev reduce</c>; the file is overwritten by what is left.</summary>
    public static int Run(string[] words)
    {
        if (words.Length < 2)
            throw new InvalidOperationException("kdev reduce FILE COMMAND [WORD...]");
        string[] lines = File.ReadAllLines(words[0]);
        string trial = Path.Combine(Path.GetTempPath(), $"reduce-{Environment.ProcessId}{Path.GetExtension(words[0])}");
        try
        {
            if (!IsInteresting(lines, trial, words))
                throw new InvalidOperationException("the command does not end with 0 on the whole file");
            lines = Reduce(lines, l => IsInteresting(l, trial, words));
            File.WriteAllLines(words[0], lines);
            Console.WriteLine($"{lines.Length} lines are left");
            return 0;
        }
        finally
        {
            File.Delete(trial);
        }
    }

    /// <summary>The fewest lines that this greedy search finds to be interesting.</summary>
    public static string[] Reduce(string[] lines, Func<string[], bool> isInteresting)
    {
        for (int length = Math.Max(1, lines.Length / 2); ; length = Math.Max(1, length / 2))
        {
            bool dropped = false;
            for (int at = 0; at < lines.Length;)
            {
                string[] rest = [.. lines[..at], .. lines[Math.Min(lines.Length, at + length)..]];
                if (isInteresting(rest))
                    (lines, dropped) = (rest, true);
                else
                    at += length;
            }
            if (length == 1 && !dropped)
                return lines;
        }
    }

    private static bool IsInteresting(string[] lines, string trial, string[] words)
    {
        File.WriteAllLines(trial, lines);
        var start = new ProcessStartInfo(words[1]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string word in words.AsSpan(2))
            start.ArgumentList.Add(word);
        start.ArgumentList.Add(trial);
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"cannot start {words[1]}");
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (!process.WaitForExit(20_000))
        {
            process.Kill(entireProcessTree: true);
            return false;
        }
        return process.ExitCode == 0;
    }
}
