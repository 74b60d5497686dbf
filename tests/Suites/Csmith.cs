using System.Globalization;

namespace Kiln.Suites;

/// <summary>Random programs: Kiln's program prints the checksum that gcc -O1's prints. Programs that run past the limit do not count,
/// nor those that gcc itself gives two answers for: with <c>--float</c> some convert values that do not fit, which is undefined.</summary>
internal sealed class Csmith(Settings settings)
{
    private const int RunLimit = 2000;

    public void Run(int count, int firstSeed)
    {
        Report report = settings.NewReport("csmith");
        var seeds = new List<string>();
        for (int i = 0; i < count; i++)
            seeds.Add((firstSeed + i).ToString(CultureInfo.InvariantCulture));
        string include = FindInclude();
        settings.ForEach(seeds, seed => Try(seed, include, report));
        settings.Close(report);
    }

    private static string FindInclude()
    {
        foreach (string directory in Directory.EnumerateDirectories("/usr/include", "csmith*"))
            return directory;
        return "/usr/include/csmith";
    }

    private void Try(string seed, string include, Report report)
    {
        string work = settings.NewDirectory();
        try
        {
            string source = Path.Combine(work, "test.c");
            List<string> generate = ["csmith", "--seed", seed, "-o", source];
            if (int.Parse(seed, CultureInfo.InvariantCulture) % 2 == 1)
                generate.Add("--float");
            Command.Run(work, 20000, generate);
            CommandResult built = Command.Run(work, 60000, "gcc", "-w", "-O1", "-I" + include, "-o", Path.Combine(work, "gcc"), source, "-lm");
            if (built.Status != 0)
                return;
            CommandResult wanted = Command.Run(work, RunLimit, Path.Combine(work, "gcc"));
            if (wanted.Status != 0)
                return;
            foreach (string level in settings.Levels)
                Compare(seed, level, include, work, source, wanted, report);
        }
        finally
        {
            settings.Drop(work);
        }
    }

    private void Compare(string seed, string level, string include, string work, string source, CommandResult wanted, Report report)
    {
        string program = Path.Combine(work, "kiln");
        CommandResult built = Command.Run(work, 60000, settings.Kiln, "-w", level, "-I" + include, "-o", program, source, "-lm");
        if (built.Status != 0)
        {
            report.Fail($"{seed}{level}", $"compiler: {built.Status}: {built.FirstLine}");
            return;
        }
        CommandResult ran = Command.Run(work, RunLimit * 5, program);
        if (ran.Status == wanted.Status && ran.Output == wanted.Output)
            report.Pass($"{seed}{level}");
        else if (ran.Status == CommandResult.TimedOut && RunByGcc(level, include, work, source).Status == CommandResult.TimedOut)
            return;
        else if (RunByGcc("-O0", include, work, source).Output is var other && other != wanted.Output)
            report.Skip($"{seed}{level}", $"gcc -O0 prints {other.Trim()}, gcc -O1 {wanted.Output.Trim()}: its behaviour is undefined");
        else
            report.Fail($"{seed}{level}", $"program: status {ran.Status}, {ran.Output.Trim()} and not {wanted.Output.Trim()}");
    }

    private static CommandResult RunByGcc(string level, string include, string work, string source)
    {
        string program = Path.Combine(work, "gcc-level");
        CommandResult built = Command.Run(work, 60000, "gcc", "-w", level, "-I" + include, "-o", program, source, "-lm");
        return built.Status == 0 ? Command.Run(work, RunLimit * 5, program) : built;
    }
}
