namespace Kiln.Suites;

/// <summary>Counts results of one suite at one level and prints what failed, a line each.</summary>
internal sealed class Report(string suite, IReadOnlyDictionary<string, string> known)
{
    private readonly object _lock = new();
    private int _passed;
    private int _failed;
    private int _skipped;

    public int Passed => _passed;
    public int Failed => _failed;
    public int Skipped => _skipped;

    public void Pass(string test)
    {
        lock (_lock)
        {
            _passed++;
            if (known.ContainsKey($"{suite} {test}"))
                Console.WriteLine($"NOTE {suite} {test}: passes now, but stands in the list of known failures");
        }
    }

    public void Fail(string test, string reason)
    {
        lock (_lock)
        {
            if (known.TryGetValue($"{suite} {test}", out string? why))
            {
                _skipped++;
                Console.WriteLine($"KNOWN {suite} {test}: {why} ({reason})");
                return;
            }
            _failed++;
            Console.WriteLine($"ERROR {suite} {test}: {reason}");
        }
    }

    public void Skip(string test, string reason)
    {
        lock (_lock)
        {
            _skipped++;
            Console.WriteLine($"SKIP {suite} {test}: {reason}");
        }
    }

    public void Close()
    {
        int judged = _passed + _failed;
        Console.WriteLine($"{suite}: {_passed} of {judged} pass ({(judged == 0 ? 0 : 100.0 * _passed / judged):F2} %), {_skipped} skipped");
    }
}
