using Kiln.Dev;
using Kiln.Frontend;
using Xunit;

namespace Kiln.Tests.Frontend;

/// <summary>One small program for each constraint of C11's section 6 and for GNU C's rules: refused at gcc's line, and its valid twin taken.</summary>
public class ConstraintTests
{
    private static readonly string Table = Path.Combine(GoldenCases.Root, "..", "Unit", "Frontend", "constraints.txt");

    public static TheoryData<string> Rows
    {
        get
        {
            var rows = new TheoryData<string>();
            foreach (string row in File.ReadLines(Table))
            {
                if (!row.StartsWith('#'))
                    rows.Add(row);
            }
            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void InvalidIsRefusedAndValidTaken(string row)
    {
        string[] parts = row.Split(" | ");
        Assert.Equal(4, parts.Length);
        AnalysedUnit invalid = Analyse(parts[2]), valid = Analyse(parts[3]);
        string? first = invalid.Messages.Find(m => m.Contains("error: ") || m.Contains("fatal: "));
        Assert.NotNull(first);
        Assert.StartsWith($"{parts[1]}: ", first);
        Assert.DoesNotContain(valid.Messages, m => m.Contains("error: ") || m.Contains("fatal: "));
    }

    private static AnalysedUnit Analyse(string program) => new(
        program.Replace('~', '\n').Replace('`', '~') + "\n",
        new LanguageOptions { Standard = CStandard.C11, IsGnu = false, Pedantic = true, PedanticErrors = true });
}
