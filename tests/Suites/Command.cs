using System.Diagnostics;
using System.Text;

namespace Kiln.Suites;

/// <summary>What a finished command left: its status (or -1 after the time limit) and what it printed.</summary>
internal readonly record struct CommandResult(int Status, string Output, string Error)
{
    public const int TimedOut = -1;

    /// <summary>The first line of what it said, for reports.</summary>
    public string FirstLine
    {
        get
        {
            foreach (string line in Error.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                if (line.Contains("error") || line.Contains("undefined") || line.Contains("Error") || line.Contains("xception"))
                    return line;
            }
            return Error.Split('\n')[0];
        }
    }
}

/// <summary>Runs commands with limits on time and memory.</summary>
internal static class Command
{
    public static CommandResult Run(string directory, int milliseconds, params IReadOnlyList<string> words) =>
        Run(directory, milliseconds, long.MaxValue, words);

    public static CommandResult Run(string directory, int milliseconds, long memory, IReadOnlyList<string> words)
    {
        // The shell forbids core files and then becomes the command.
        var start = new ProcessStartInfo("/bin/sh")
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            StandardOutputEncoding = Encoding.Latin1,
            StandardErrorEncoding = Encoding.UTF8,
        };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add("ulimit -c 0; exec \"$@\"");
        start.ArgumentList.Add("sh");
        foreach (string word in words)
            start.ArgumentList.Add(word);
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (Wait(process, milliseconds, memory) is { } limit)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            return new CommandResult(CommandResult.TimedOut, "", limit);
        }
        Task.WaitAll([output, error], 2000);
        return new CommandResult(process.ExitCode, output.IsCompleted ? output.Result : "", error.IsCompleted ? error.Result : "");
    }

    // Which limit the process passed, or null where it ended by itself.
    private static string? Wait(Process process, int milliseconds, long memory)
    {
        if (memory == long.MaxValue)
            return process.WaitForExit(milliseconds) ? null : $"no end after {milliseconds / 1000.0} s";
        for (long start = Environment.TickCount64; !process.WaitForExit(20);)
        {
            if (Environment.TickCount64 - start > milliseconds)
                return $"no end after {milliseconds / 1000.0} s";
            if (Uses(process) > memory)
                return $"more than {memory >> 20} MiB";
        }
        return null;
    }

    // The process may end between any two questions.
    private static long Uses(Process process)
    {
        try
        {
            process.Refresh();
            return process.WorkingSet64;
        }
        catch (InvalidOperationException)
        {
            return 0;
        }
    }
}
