using Kiln.Suites;

// suites KILN CACHE [--sample N] [--filter TEXT] [--jobs N] [--levels -O0,-O1] [--known FILE]... SUITE...
// SUITE: torture:execute torture:ieee torture:builtins torture:compile dg:run dg:error dg:accept tests2 roundtrip run:DIRECTORY csmith[:COUNT[:SEED]] mutants:KIND[:COUNT]
// gas[:FOLDERS] ld[:FOLDERS]

string[] levels = ["-O0", "-O1"];
int sample = 1, jobs = Environment.ProcessorCount;
string? filter = null;
var knownFiles = new List<string>();
var suites = new List<string>();
for (int i = 2; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--sample":
            sample = int.Parse(args[++i]);
            break;
        case "--filter":
            filter = args[++i];
            break;
        case "--jobs":
            jobs = int.Parse(args[++i]);
            break;
        case "--levels":
            levels = args[++i].Split(',');
            break;
        case "--known":
            knownFiles.Add(args[++i]);
            break;
        default:
            suites.Add(args[i]);
            break;
    }
}
var known = new Dictionary<string, string>();
foreach (string knownFile in knownFiles)
{
    foreach (string line in File.ReadLines(knownFile))
    {
        // SUITE TEST: REASON
        int colon = line.IndexOf(": ", StringComparison.Ordinal);
        if (!line.StartsWith('#') && colon > 0)
            known[line[..colon]] = line[(colon + 2)..];
    }
}
string cache = Path.GetFullPath(args[1]);
var settings = new Settings
{
    Kiln = Path.GetFullPath(args[0]),
    Cache = cache,
    Known = known,
    Levels = levels,
    Sample = sample,
    Filter = filter,
    Jobs = jobs,
};
foreach (string suite in suites)
{
    string[] parts = suite.Split(':');
    int Number(int index, int fallback) => parts.Length > index ? int.Parse(parts[index]) : fallback;
    switch (parts[0])
    {
        case "torture":
            foreach (string level in levels)
                new Torture(settings, Path.Combine(cache, "gcc.c-torture")).Run(parts[1], level);
            break;
        case "dg":
            foreach (string level in parts[1] == "run" ? levels : [""])
                new Dg(settings, cache).Run(parts[1], level);
            break;
        case "tests2":
            foreach (string level in levels)
                new Tests2(settings, Path.Combine(cache, "tests2")).Run(level);
            break;
        case "roundtrip":
            foreach (string level in levels)
                new RoundTrip(settings, cache).Run(level);
            break;
        case "run":
            foreach (string level in levels)
                new Programs(settings, Path.GetFullPath(parts[1])).Run(level);
            break;
        case "csmith":
            new Csmith(settings).Run(Number(1, 20), Number(2, 1));
            break;
        case "gas" or "ld":
            new Binutils(settings, Path.Combine(cache, "binutils")).Run(parts[0], parts.Length > 1 ? parts[1] : "");
            break;
        case "mutants":
            new Mutants(settings, Path.Combine(AppContext.BaseDirectory, "mutants")).Run(parts[1], Number(2, 100), Number(3, 1));
            break;
        default:
            Console.WriteLine($"ERROR no suite is named {suite}");
            return 2;
    }
}
string temporary = Path.Combine(Path.GetTempPath(), $"kiln-suites-{Environment.ProcessId}");
if (Directory.Exists(temporary))
    Directory.Delete(temporary, recursive: true);
Console.WriteLine($"{settings.Passed} passed, {settings.Failed} failed, {settings.Skipped} skipped");
return settings.Failed == 0 ? 0 : 1;
