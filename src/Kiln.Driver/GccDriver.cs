using System.Text;
using Kiln.Base;
using Kiln.Driver.Options;
using Kiln.Driver.Tools;
using Kiln.Frontend.Preprocess;
using Kiln.Target;

namespace Kiln.Driver;

/// <summary>
/// The compiler driver's role: reads gcc's command line, takes each input as far as is asked, links, and runs the result for -run.
/// No process is started and no temporary file written, but for -save-temps; an output appears whole or not at all.
/// </summary>
internal sealed class GccDriver
{
    private readonly string _program;
    private readonly TextWriter _output;
    private readonly TextWriter _error;
    private readonly DriverOptions _options;
    private readonly TargetInfo _target;
    private readonly SystemPaths _paths;
    private readonly Dictionary<string, ReadOnlyMemory<byte>> _memoryFiles = [];
    private bool _failed;

    private GccDriver(string program, DriverOptions options, TextWriter output, TextWriter error)
    {
        _program = program;
        _output = output;
        _error = error;
        _options = options;
        _target = Targets.Find(options.Target) ?? throw new UsageException($"unknown target '{options.Target}'");
        _paths = new SystemPaths(options, _target);
    }

    /// <summary>Runs the driver and returns its exit status.</summary>
    public static int Run(string program, ReadOnlySpan<string> arguments, TextWriter output, TextWriter error)
    {
        int errors = 0;
        DriverOptions options = OptionParser.Parse(arguments, message =>
        {
            error.WriteLine($"{program}: error: {message}");
            errors++;
        });
        if (errors > 0)
            return 1;
        try
        {
            var driver = new GccDriver(program, options, output, error);
            return options.Questions.Count > 0
                ? Questions.Answer(options, driver._target, driver._paths, output)
                : driver.Run();
        }
        catch (UsageException e)
        {
            error.WriteLine($"{program}: error: {e.Message}");
            return 1;
        }
    }

    private int Run()
    {
        if (_options.Verbose || _options.DryRun)
            ShowVersion();
        if (AnswersForTool())
            return 0;
        if (!HasFileInput())
        {
            if (_options.Verbose)
                return 0;
            _error.WriteLine($"{_program}: fatal error: no input files");
            _error.WriteLine("compilation terminated.");
            return 1;
        }
        CheckOutput();
        List<DriverInput> linked = [];
        foreach (DriverInput input in _options.Inputs)
            linked.Add(input.Kind == DriverInputKind.File ? Take(input) : input);
        if (_failed)
            return 1;
        if (_options.Stage != Stage.Link)
        {
            WarnOfUnusedInputs();
            return 0;
        }
        return Link(linked);
    }

    private bool HasFileInput()
    {
        foreach (DriverInput input in _options.Inputs)
        {
            if (input.Kind is DriverInputKind.File or DriverInputKind.Library)
                return true;
        }
        return false;
    }

    // -Wl,--version, -Wl,--help and -Wa,--version, which the tools answer and do nothing else.
    private bool AnswersForTool()
    {
        if (_options.Stage == Stage.Link && _options.Inputs.Exists(i => i is { Kind: DriverInputKind.LinkerOption, Text: "--version" }))
            _output.WriteLine(Announcements.Linker(isShort: false));
        else if (_options.Stage == Stage.Link && _options.Inputs.Exists(i => i is { Kind: DriverInputKind.LinkerOption, Text: "--help" }))
            _output.WriteLine(LdTool.Help);
        else if (_options.Stage is Stage.Object or Stage.Link && _options.AssemblerOptions.Contains("--version")
            && _options.Inputs.Exists(i => i.Kind == DriverInputKind.File))
            _output.WriteLine(Announcements.Assembler());
        else
            return false;
        return true;
    }

    private void ShowVersion()
    {
        _error.WriteLine(Announcements.CompilerDetails(_target.Triple, _options.GnucVersionText));
    }

    private void CheckOutput()
    {
        if (_options.Output is null || _options.Stage == Stage.Link)
            return;
        int sources = 0;
        foreach (DriverInput input in _options.Inputs)
        {
            if (input.Kind == DriverInputKind.File && LanguageOf(input) is not null)
                sources++;
        }
        if (sources > 1)
            throw new UsageException("cannot specify '-o' with '-c', '-S' or '-E' with multiple files");
    }

    /// <summary>The language of an input by <c>-x</c> or by its name; null: something for the linker.</summary>
    private string? LanguageOf(DriverInput input)
    {
        if (input.Language is not null)
            return input.Language;
        if (input.Text == "-")
            return _options.Stage == Stage.Preprocess ? "c" : throw new UsageException("-E or -x required when input is from standard input");
        return Path.GetExtension(input.Text) switch
        {
            ".c" => "c",
            ".h" => "c-header",
            ".i" => "cpp-output",
            ".s" => "assembler",
            ".S" or ".sx" => "assembler-with-cpp",
            ".cc" or ".cpp" or ".cxx" or ".C" or ".c++" or ".cp" or ".ii" => throw new UsageException($"{input.Text}: C++ compiler not installed on this system"),
            ".m" or ".mi" or ".mm" => throw new UsageException($"{input.Text}: Objective-C compiler not installed on this system"),
            ".f" or ".F" or ".f90" or ".f95" or ".F90" => throw new UsageException($"{input.Text}: Fortran compiler not installed on this system"),
            _ => null,
        };
    }

    private void WarnOfUnusedInputs()
    {
        foreach (DriverInput input in _options.Inputs)
        {
            if (input.Kind == DriverInputKind.File && LanguageOf(input) is null)
                _error.WriteLine($"{_program}: warning: {input.Text}: linker input file unused because linking not done");
        }
    }

    // Compiles an input; gives what the linker is to take in its place.
    private DriverInput Take(DriverInput input)
    {
        string? language = LanguageOf(input);
        if (language is null)
        {
            if (!File.Exists(input.Text))
            {
                _error.WriteLine($"{_program}: error: {input.Text}: No such file or directory");
                _failed = true;
            }
            return input;
        }
        if (language == "c-header" && _options.Stage is Stage.Link or Stage.Object)
            throw new UsageException($"{input.Text}: precompiled headers are not supported");
        if (input.Text != "-" && !File.Exists(input.Text))
        {
            _error.WriteLine($"{_program}: error: {input.Text}: No such file or directory");
            _error.WriteLine($"{_program}: fatal error: no input files");
            _error.WriteLine("compilation terminated.");
            _failed = true;
            return input;
        }
        string objectName = ObjectName(input.Text);
        if (_options.DryRun)
        {
            _error.WriteLine($" kiln -cc1 {input.Text} -o {objectName}");
            return input with { Text = objectName };
        }
        var output = new ByteWriter(1 << 12);
        bool compares = _options.CompareDebug is not null && language is "c" or "cpp-output" && _options.Stage is not (Stage.Preprocess or Stage.SyntaxOnly);
        var unit = new CompileUnit(_options, _target, _paths, _error) { FinalCode = compares ? new StringBuilder() : null };
        if (!unit.Run(input.Text, language, output) || compares && !IsSameWithoutDebug(input.Text, language, unit.FinalCode!))
        {
            _failed = true;
            return input;
        }
        WriteDependencies(unit, input.Text);
        if (_options.SaveTemps && language is "c" or "cpp-output" or "assembler-with-cpp")
            SaveTemporaries(input.Text, language);
        if (_options.Stage == Stage.Link)
        {
            _memoryFiles[objectName] = output.ToArray();
            if (_options.SaveTemps)
                Write(AuxiliaryNames.Stem(_options, input.Text) + ".o", output);
            return input with { Text = objectName };
        }
        if (_options.Stage != Stage.SyntaxOnly && !(language == "assembler" && _options.Stage is Stage.Preprocess or Stage.Assembly && language == "assembler"))
            Write(OutputName(input.Text), output);
        return input;
    }

    // -fcompare-debug: the code must be the same with debug information as without (or with the options that it names).
    private bool IsSameWithoutDebug(string input, string language, StringBuilder code)
    {
        (int level, bool quiet) = (_options.DebugLevel, _options.NoWarnings);
        OptionParser.ToggleDebug(_options, _options.CompareDebug!);
        _options.NoWarnings = true;
        var again = new CompileUnit(_options, _target, _paths, TextWriter.Null) { FinalCode = new StringBuilder() };
        bool isSame = again.Run(input, language, new ByteWriter(1 << 12)) && again.FinalCode!.Equals(code);
        (_options.DebugLevel, _options.NoWarnings) = (level, quiet);
        if (!isSame)
            _error.WriteLine($"{_program}: error: {input}: '-fcompare-debug' failure");
        return isSame;
    }

    // -save-temps: the stages before the one that is asked for, each from the source, since nothing is written and read again on the way.
    private void SaveTemporaries(string input, string language)
    {
        string stem = AuxiliaryNames.Stem(_options, input);
        Stage last = _options.Stage;
        if (last is Stage.Preprocess or Stage.SyntaxOnly)
            return;
        if (language != "cpp-output")
            Save(Stage.Preprocess, language == "c" ? ".i" : ".s");
        if (last != Stage.Assembly && language != "assembler-with-cpp")
            Save(Stage.Assembly, ".s");
        _options.Stage = last;

        void Save(Stage stage, string suffix)
        {
            _options.Stage = stage;
            var text = new ByteWriter(1 << 12);
            new CompileUnit(_options, _target, _paths, TextWriter.Null).Run(input, language, text);
            Write(stem + suffix, text);
        }
    }

    // In memory, objects have names that no file can have, one for each input.
    private string ObjectName(string input) =>
        $"/tmp/{Path.GetFileNameWithoutExtension(input)}-{_memoryFiles.Count + 1}.o";

    private string? OutputName(string input)
    {
        if (_options.Output is { } given)
            return given == "-" ? null : given;
        string name = Path.GetFileName(input);
        return _options.Stage switch
        {
            Stage.Preprocess => null,
            Stage.Assembly => Path.ChangeExtension(name, _options.EmitIr ? ".ir" : ".s"),
            _ => Path.ChangeExtension(name, ".o"),
        };
    }

    private void WriteDependencies(CompileUnit unit, string input)
    {
        if (unit.Preprocessor is not { } preprocessor || !(_options.Dependencies || _options.DependenciesToo))
            return;
        var text = new ByteWriter(1024);
        var options = new DependencyOptions
        {
            SystemHeaders = _options.SystemDependencies,
            PhonyTargets = _options.DependencyPhony,
            Targets = DependencyTargets(input),
        };
        text.Text(DependencyText.Make(preprocessor, options));
        Write(DependencyName(input), text);
    }

    private List<(string Name, bool Quote)> DependencyTargets(string input)
    {
        if (_options.DependencyTargets.Count > 0)
            return _options.DependencyTargets;
        bool named = _options.Output is not null && !_options.Dependencies;
        return [(named ? _options.Output! : DependencyText.DefaultTarget(input), true)];
    }

    private string? DependencyName(string input)
    {
        if (_options.DependencyFile is { } given)
            return given == "-" ? null : given;
        if (_options.Dependencies)
            return _options.Output;
        return AuxiliaryNames.Dependencies(_options, input);
    }

    // Null is standard output.
    private void Write(string? name, ByteWriter bytes)
    {
        if (name is null)
            OutputFiles.WriteStandard(bytes.Span);
        else
            OutputFiles.Write(name, bytes.Span, _error);
    }

    private int Link(List<DriverInput> inputs)
    {
        var command = new LinkCommand(_options, _target, _paths);
        List<string> words = command.Build(inputs, _options.Output ?? "a.out");
        if (_options.DryRun || _options.Verbose)
            _error.WriteLine(" kiln-ld " + string.Join(' ', words));
        if (_options.DryRun)
            return 0;
        if (CarriedFiles.OnDisk is null)
            LendCarriedFiles(words);
        if (_options.RunResult)
        {
            int status = LdTool.Run("ld", words.ToArray(), _memoryFiles, _output, _error, inMemory: true, out byte[]? image);
            return status != 0 || image is null ? 1 : MemoryProgram.Execute(image, _options.Inputs[^1].Text, _options.RunArguments, _error);
        }
        if (LdTool.Run("ld", words.ToArray(), _memoryFiles, _output, _error) == 0)
            return 0;
        _error.WriteLine("collect2: error: ld returned 1 exit status");
        return 1;
    }

    private void LendCarriedFiles(List<string> words)
    {
        foreach (string word in words)
        {
            if (word.StartsWith(CarriedFiles.PseudoRoot, StringComparison.Ordinal)
                && CarriedFiles.Read(word[(CarriedFiles.PseudoRoot.Length + 1)..]) is { } bytes)
                _memoryFiles[word] = bytes;
        }
    }
}
