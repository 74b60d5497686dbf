using System.Diagnostics;
using System.Globalization;

// bench KILN DIRECTORY [--rounds N] speed|compile|all
// Compares with gcc, clang and tcc side by side: rounds interleaved, medians of wall time, ratios to gcc.
// speed: the programs of bench/programs and, where they were built, Lua, SQLite and zlib.  compile: SQLite's amalgamation, all of Lua.

string kiln = Path.GetFullPath(args[0]), directory = Path.GetFullPath(args[1]);
int rounds = 5;
string what = "all";
for (int i = 2; i < args.Length; i++)
{
    if (args[i] == "--rounds")
        rounds = int.Parse(args[++i], CultureInfo.InvariantCulture);
    else
        what = args[i];
}
string work = Directory.CreateTempSubdirectory("kiln-bench-").FullName;
try
{
    if (what is "speed" or "all")
        Speed();
    if (what is "compile" or "all")
        Compile();
}
finally
{
    Directory.Delete(work, recursive: true);
}
return 0;

void Speed()
{
    (string Name, string Program, string Level)[] compilers =
    [
        ("gcc -O2", "gcc", "-O2"), ("gcc -O1", "gcc", "-O1"), ("gcc -O0", "gcc", "-O0"), ("clang -O2", "clang", "-O2"),
        ("kiln -O1", kiln, "-O1"), ("kiln -O0", kiln, "-O0"), ("tcc", "tcc", "-O0"),
    ];
    var logs = new double[compilers.Length];
    var counts = new int[compilers.Length];
    Console.WriteLine($"{"code speed (s)",-16}{string.Concat(compilers.Select(c => $"{c.Name,11}"))}");
    string[] programs = Directory.GetFiles(Path.Combine(directory, "programs"), "*.c");
    Array.Sort(programs, StringComparer.Ordinal);
    foreach (string source in programs)
    {
        string name = Path.GetFileNameWithoutExtension(source);
        var times = new List<double>[compilers.Length];
        string? expected = null;
        for (int c = 0; c < compilers.Length; c++)
        {
            string output = Path.Combine(work, $"{name}-{c}");
            if (Run(work, compilers[c].Program, [compilers[c].Level, "-w", "-o", output, source, "-lm"], out _, out _) == 0
                && Run(work, output, [], out _, out string printed) == 0 && (expected ??= printed) == printed)
                times[c] = [];
        }
        for (int round = 0; round < rounds; round++)
        {
            for (int c = 0; c < compilers.Length; c++)
            {
                if (times[c] is null)
                    continue;
                Run(work, Path.Combine(work, $"{name}-{c}"), [], out double seconds, out _);
                times[c].Add(seconds);
            }
        }
        double gcc = Median(times[0]);
        string line = $"{name,-16}";
        for (int c = 0; c < compilers.Length; c++)
        {
            if (times[c] is null)
            {
                line += $"{"fails",11}";
                continue;
            }
            double median = Median(times[c]);
            logs[c] += Math.Log(median / gcc);
            counts[c]++;
            line += $"{median.ToString("F3", CultureInfo.InvariantCulture),11}";
        }
        Console.WriteLine(line);
    }
    Console.WriteLine($"{"geomean/gcc -O2",-16}{string.Concat(logs.Select((l, c) => counts[c] == 0 ? $"{"-",11}" : $"{Math.Exp(l / counts[c]).ToString("F2", CultureInfo.InvariantCulture),11}"))}");
}

void Compile()
{
    string cache = Environment.GetEnvironmentVariable("KILN_CACHE") ?? Path.Combine(Environment.GetEnvironmentVariable("HOME")!, ".cache/kiln-tests");
    string sqlite = Path.Combine(cache, "sqlite-build/sqlite3.c"), lua = Path.Combine(cache, "lua5.4/src");
    (string Name, string Program)[] compilers = [("gcc", "gcc"), ("clang", "clang"), ("kiln", kiln), ("tcc", "tcc")];
    foreach (string level in (string[])["-O0", "-O1"])
    {
        foreach ((string name, string[] sources) in ((string, string[])[])[("sqlite", [sqlite]), ("lua", Directory.Exists(lua) ? Directory.GetFiles(lua, "*.c") : [])])
        {
            if (sources.Length == 0 || !File.Exists(sources[0]))
            {
                Console.WriteLine($"compile {name}: its source is not in the cache; run ./test programs first");
                continue;
            }
            var times = compilers.Select(_ => new List<double>()).ToArray();
            var memory = new long[compilers.Length];
            var fails = new bool[compilers.Length];
            for (int round = 0; round <= rounds; round++)
            {
                for (int c = 0; c < compilers.Length; c++)
                {
                    double total = 0;
                    foreach (string source in sources)
                    {
                        string[] words = [level, "-w", "-c", "-I" + Path.GetDirectoryName(source), "-DLUA_USE_LINUX", "-o", Path.Combine(work, "out.o"), source];
                        fails[c] |= RunMeasured(work, compilers[c].Program, words, true, out double seconds, out _, out long peak) != 0;
                        total += seconds;
                        memory[c] = Math.Max(memory[c], peak);
                    }
                    if (round > 0)
                        times[c].Add(total);
                }
            }
            double gcc = Median(times[0]);
            for (int c = 0; c < compilers.Length; c++)
                Console.WriteLine(fails[c]
                    ? $"compile {level} {name}: {compilers[c].Name} fails"
                    : string.Create(CultureInfo.InvariantCulture, $"compile {level} {name}: {compilers[c].Name} {Median(times[c]):F3} s, {Median(times[c]) / gcc:F2} of gcc; peak {memory[c] / 1024} MiB, {(double)memory[c] / memory[0]:F2} of gcc"));
        }
    }
    Hello(compilers);
}

void Hello((string Name, string Program)[] compilers)
{
    string source = Path.Combine(work, "hello.c");
    File.WriteAllText(source, "#include <stdio.h>\nint main(void) { printf(\"Hello, world!\\n\"); return 0; }\n");
    var times = compilers.Select(_ => new List<double>()).ToArray();
    for (int round = 0; round <= rounds * 2; round++)
    {
        for (int c = 0; c < compilers.Length; c++)
        {
            int status = Run(work, compilers[c].Program, ["-o", Path.Combine(work, "hello"), source], out double seconds, out _);
            if (round > 0 && status == 0)
                times[c].Add(seconds);
        }
    }
    for (int c = 0; c < compilers.Length; c++)
    {
        if (times[c].Count > 0)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"hello.c to executable: {compilers[c].Name} {Median(times[c]) * 1000:F1} ms, {Median(times[c]) / Median(times[0]):F2} of gcc"));
    }
}

int Run(string where, string program, string[] words, out double seconds, out string output) => RunMeasured(where, program, words, false, out seconds, out output, out _);

// The peak is what GNU time tells, in KiB; it is asked for only where memory is wanted, so that it does not disturb times.
int RunMeasured(string where, string program, string[] words, bool measured, out double seconds, out string output, out long peak)
{
    var start = new ProcessStartInfo(measured ? "/usr/bin/time" : program) { WorkingDirectory = where, RedirectStandardOutput = true, RedirectStandardError = true };
    if (measured)
    {
        start.ArgumentList.Add("-f");
        start.ArgumentList.Add("peak %M");
        start.ArgumentList.Add(program);
    }
    foreach (string word in words)
        start.ArgumentList.Add(word);
    seconds = 0;
    output = "";
    peak = 0;
    try
    {
        var watch = Stopwatch.StartNew();
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        seconds = watch.Elapsed.TotalSeconds;
        int at = error.Result.LastIndexOf("peak ", StringComparison.Ordinal);
        if (measured && at >= 0)
            long.TryParse(error.Result.AsSpan(at + 5).Trim(), out peak);
        return process.ExitCode;
    }
    catch (System.ComponentModel.Win32Exception)
    {
        return -1;
    }
}

double Median(List<double> values)
{
    List<double> sorted = [.. values.Order()];
    return sorted.Count == 0 ? double.NaN : sorted[sorted.Count / 2];
}
