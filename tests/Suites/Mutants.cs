using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Kiln.Suites;

/// <summary>
/// Damaged inputs: C, assembly, object and archive files with bytes changed, or with tokens (fields) deleted, swapped or doubled. Each
/// must compile or link, or give an error and leave no output, within the limits of time and memory.
/// </summary>
internal sealed partial class Mutants(Settings settings, string samples)
{
    private const int TimeLimit = 10000;
    private const long MemoryLimit = 1L << 30;

    public void Run(string kind, int count, int firstSeed)
    {
        Report report = settings.NewReport("mutants-" + kind);
        byte[][] originals = Originals(kind);
        var seeds = new List<string>();
        for (int i = 0; i < count; i++)
            seeds.Add((firstSeed + i).ToString(CultureInfo.InvariantCulture));
        settings.ForEach(seeds, seed =>
        {
            int number = int.Parse(seed, CultureInfo.InvariantCulture);
            var random = new Random(number);
            byte[] original = originals[random.Next(originals.Length)];
            byte[] mutant = number % 2 == 0 || kind is "object" or "archive" && number % 4 == 1
                ? ChangeBytes(original, random)
                : kind is "object" or "archive" ? ChangeFields(original, random) : ChangeTokens(original, random);
            Try(kind, seed, mutant, report);
        });
        settings.Close(report);
    }

    private byte[][] Originals(string kind)
    {
        string work = settings.NewDirectory();
        var found = new List<byte[]>();
        foreach (string file in Directory.EnumerateFiles(samples, "*.c"))
        {
            string output = Path.Combine(work, Path.GetFileNameWithoutExtension(file));
            switch (kind)
            {
                case "c":
                    found.Add(File.ReadAllBytes(file));
                    break;
                case "assembly":
                    if (Command.Run(work, TimeLimit, "gcc", "-O1", "-g", "-S", "-o", output + ".s", file).Status == 0)
                        found.Add(File.ReadAllBytes(output + ".s"));
                    break;
                case "object":
                    if (Command.Run(work, TimeLimit, "gcc", "-O1", "-g", "-c", "-o", output + ".o", file).Status == 0)
                        found.Add(File.ReadAllBytes(output + ".o"));
                    break;
                case "archive":
                    if (Command.Run(work, TimeLimit, "gcc", "-O1", "-c", "-o", output + ".o", file).Status == 0
                        && Command.Run(work, TimeLimit, "ar", "rcs", output + ".a", output + ".o").Status == 0)
                        found.Add(File.ReadAllBytes(output + ".a"));
                    break;
                default:
                    throw new ArgumentException($"no mutants of kind {kind}");
            }
        }
        settings.Drop(work);
        return [.. found];
    }

    private static byte[] ChangeBytes(byte[] original, Random random)
    {
        byte[] mutant = (byte[])original.Clone();
        for (int changes = random.Next(1, 9); changes > 0; changes--)
            mutant[random.Next(mutant.Length)] = (byte)random.Next(256);
        return mutant;
    }

    // Words of the file format: set to extreme values, swapped or doubled; or the file is cut.
    private static byte[] ChangeFields(byte[] original, Random random)
    {
        byte[] mutant = (byte[])original.Clone();
        int size = 4 << random.Next(2);
        if (random.Next(8) == 0)
            return mutant[..random.Next(mutant.Length)];
        int at = random.Next((mutant.Length - size) / 4) * 4, other = random.Next((mutant.Length - size) / 4) * 4;
        switch (random.Next(4))
        {
            case 0:
                mutant.AsSpan(at, size).Fill(0xff);
                break;
            case 1:
                mutant.AsSpan(at, size).Clear();
                break;
            case 2:
                mutant.AsSpan(other, size).ToArray().CopyTo(mutant, at);
                break;
            default:
                byte[] kept = mutant.AsSpan(at, size).ToArray();
                mutant.AsSpan(other, size).CopyTo(mutant.AsSpan(at));
                kept.CopyTo(mutant, other);
                break;
        }
        return mutant;
    }

    private static byte[] ChangeTokens(byte[] original, Random random)
    {
        string text = Encoding.Latin1.GetString(original);
        List<string> tokens = [];
        foreach (Match match in Token().Matches(text))
            tokens.Add(match.Value);
        for (int changes = random.Next(1, 5); changes > 0 && tokens.Count > 2; changes--)
        {
            int at = random.Next(tokens.Count), other = random.Next(tokens.Count);
            switch (random.Next(3))
            {
                case 0:
                    tokens.RemoveAt(at);
                    break;
                case 1:
                    (tokens[at], tokens[other]) = (tokens[other], tokens[at]);
                    break;
                default:
                    tokens.Insert(at, tokens[at]);
                    break;
            }
        }
        return Encoding.Latin1.GetBytes(string.Concat(tokens));
    }

    [GeneratedRegex("""[A-Za-z_0-9]+|\s+|"(?:[^"\\\n]|\\.)*"|.""", RegexOptions.Singleline)]
    private static partial Regex Token();

    private void Try(string kind, string seed, byte[] mutant, Report report)
    {
        string work = settings.NewDirectory();
        string extension = kind switch { "c" => ".c", "assembly" => ".s", "object" => ".o", _ => ".a" };
        string input = Path.Combine(work, "mutant" + extension), output = Path.Combine(work, "output");
        File.WriteAllBytes(input, mutant);
        List<string> words = kind is "c" or "assembly"
            ? [settings.Kiln, "-w", "-O1", "-c", "-o", output, input]
            : [settings.Kiln, "-nostartfiles", "-nostdlib", "-shared", "-o", output, "-Wl,--whole-archive", input];
        CommandResult result = Command.Run(work, TimeLimit, MemoryLimit, words);
        bool hasOutput = File.Exists(output);
        if (result.Status == 0 && hasOutput)
            report.Pass(seed);
        else if (result.Status == 1 && !hasOutput && result.Error.Length > 0 && !result.Error.Contains("internal error"))
            report.Pass(seed);
        else
            report.Fail(seed, $"status {result.Status}{(hasOutput ? ", output left" : "")}: {result.FirstLine}");
        settings.Drop(work);
    }
}
