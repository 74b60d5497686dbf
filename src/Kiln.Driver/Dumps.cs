using System.Globalization;
using Kiln.CodeGen;
using Kiln.Driver.Options;
using Kiln.IR;
using Kiln.IR.Text;
using Kiln.Lowering;

namespace Kiln.Driver;

/// <summary>
/// <c>-fdump-tree-KIND</c> and <c>-fdump-rtl-KIND</c>: what the compiler makes of each function, in files named as gcc 12 names them.
/// What stands in them is Kiln's own: the text of its IR (docs/ir.md) where gcc writes trees, its machine code where gcc writes RTL.
/// Kinds of gcc's that have no counterpart here are refused.
/// </summary>
internal sealed class Dumps
{
    private readonly record struct Kind(string Option, string Suffix, string Stage);

    private static readonly Kind[] Kinds =
    [
        new("tree-original", "005t.original", "lowered"),
        new("tree-gimple", "006t.gimple", "lowered"),
        new("tree-ssa", "021t.ssa", "promotion"),
        new("tree-optimized", "252t.optimized", "optimized"),
        new("rtl-expand", "253r.expand", nameof(MachineStage.Selected)),
        new("rtl-reload", "302r.reload", nameof(MachineStage.Allocated)),
        new("rtl-final", "337r.final", nameof(MachineStage.Final)),
    ];

    private readonly List<(Kind Kind, string File, StringWriter Text)> _files = [];
    private readonly HashSet<(string Stage, string Function)> _seen = [];
    private readonly bool _promotes;

    /// <summary>Prepares the dumps that the options ask for.</summary>
    public Dumps(DriverOptions options, string input)
    {
        _promotes = options.OptimizeLevel != '0';
        foreach ((string option, string? file) in options.Dumps)
        {
            Kind kind = Array.Find(Kinds, k => k.Option == option);
            _files.Add((kind, file ?? $"{AuxiliaryNames.Dump(options, input)}.{kind.Suffix}", new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" }));
        }
    }

    /// <summary>Reads the end of an option, behind <c>-fdump-</c>: a kind, and perhaps the file's name.</summary>
    /// <exception cref="UsageException">There is no such kind.</exception>
    public static (string Option, string? File) Parse(string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        string option = equals < 0 ? text : text[..equals];
        if (!Array.Exists(Kinds, k => k.Option == option))
            throw new UsageException($"unrecognized command-line option '-fdump-{text}'");
        return (option, equals < 0 ? null : text[(equals + 1)..]);
    }

    /// <summary>Lets functions pass on to a consumer and writes them as they come.</summary>
    public IFunctionSink Watch(IFunctionSink consumer) => new Watcher(this, consumer);

    /// <summary>After a pass of the optimizer; the first run of a pass over a function counts.</summary>
    public void AfterPass(Function function, string pass) => Add(pass, function);

    /// <summary>Before code generation.</summary>
    public void Optimized(Function function)
    {
        if (!_promotes)
            Add("promotion", function);
        Add("optimized", function);
    }

    /// <summary>Machine code on its way.</summary>
    public void Machine(Function function, MachineStage stage, Func<string> text) => Add(stage.ToString(), function, text);

    /// <summary>Writes the files.</summary>
    public void Write(TextWriter error)
    {
        foreach ((_, string file, StringWriter text) in _files)
        {
            byte[] bytes = System.Text.Encoding.UTF8.GetBytes(text.ToString());
            if (file is "-" or "stdout")
                OutputFiles.WriteStandard(bytes);
            else if (file == "stderr")
                error.Write(text.ToString());
            else
                OutputFiles.Write(file, bytes, error);
        }
    }

    private void Add(string stage, Function function) => Add(stage, function, () => Printer.Print(function, showsLocations: false));

    private void Add(string stage, Function function, Func<string> print)
    {
        string name = function.Module[function.Symbol].Name;
        string? text = null;
        foreach ((Kind kind, _, StringWriter writer) in _files)
        {
            if (kind.Stage != stage || text is null && !_seen.Add((stage, name)))
                continue;
            text ??= print();
            writer.Write($"\n;; Function {name}\n\n{text}");
        }
    }

    private sealed class Watcher(Dumps dumps, IFunctionSink consumer) : IFunctionSink
    {
        public Function Rent() => consumer.Rent();

        public void Finished(Function function)
        {
            dumps.Add("lowered", function);
            consumer.Finished(function);
        }
    }
}
