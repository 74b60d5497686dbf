using System.Text;
using Kiln.Base;

namespace Kiln.Frontend.Diagnostics;

/// <summary>Ends a compilation after a fatal error or after as many errors as -fmax-errors allows. Caught by the driver alone.</summary>
public sealed class CompilationStoppedException(string reason) : Exception(reason);

/// <summary>
/// Decides what becomes of each message: the options -W, -Werror, -w, -pedantic, the <c>#pragma GCC diagnostic</c> in force
/// at its place, and whether it stands in a system header. What is to be shown goes on to a sink, in most cases a
/// <see cref="DiagnosticPrinter"/>. Asking whether a warning is on costs an array access.
/// </summary>
public sealed class DiagnosticEngine : IDiagnosticSink
{
    private readonly IDiagnosticSink _output;
    private readonly byte[] _on = new byte[(int)Warning.Count];
    private readonly byte[] _rank = new byte[(int)Warning.Count];
    private readonly sbyte[] _asError = new sbyte[(int)Warning.Count];
    private readonly GrowBuffer<Change> _changes = new(0);
    private bool _lastWasShown = true;

    private record struct Change(Location At, Warning Warning, Severity Severity, int PopTo);

    /// <summary>Makes an engine with the state that gcc has without options.</summary>
    public DiagnosticEngine(SourceMap map, IDiagnosticSink output)
    {
        Map = map;
        _output = output;
        for (int i = 1; i < _on.Length; i++)
            _on[i] = WarningTable.Flags((Warning)i).Contains('D') ? (byte)1 : (byte)0;
    }

    /// <summary>The map that places are looked up in.</summary>
    public SourceMap Map { get; }

    /// <inheritdoc/>
    public int ErrorCount { get; private set; }

    /// <summary>How many warnings were shown.</summary>
    public int WarningCount { get; private set; }

    /// <summary>Whether a warning became an error by -Werror: the driver says so at the end.</summary>
    public bool SawWarningAsError { get; private set; }

    /// <summary>-Werror.</summary>
    public bool WarningsAreErrors { get; set; }

    /// <summary>-w.</summary>
    public bool NoWarnings { get; set; }

    /// <summary>-pedantic.</summary>
    public bool Pedantic => _on[(int)Warning.Pedantic] != 0;

    /// <summary>-pedantic-errors.</summary>
    public bool PedanticErrors { get; set; }

    /// <summary>-Wfatal-errors: the first error ends the compilation.</summary>
    public bool FatalErrors { get; set; }

    /// <summary>-fmax-errors=N, or 0.</summary>
    public int MaxErrors { get; set; }

    /// <summary>The function that is being compiled, for the line <c>In function 'f':</c>; null at top level.</summary>
    public string? Function { get; set; }

    /// <summary>
    /// Takes what follows <c>-W</c> (<c>all</c>, <c>no-unused</c>, <c>error=format</c>, <c>shadow</c>, <c>pedantic</c>).
    /// </summary>
    /// <returns>Whether the warning is known.</returns>
    public bool SetOption(string option)
    {
        bool on = true;
        ReadOnlySpan<char> name = option;
        if (name is "error" or "no-error")
        {
            WarningsAreErrors = name is "error";
            return true;
        }
        if (name is "fatal-errors" or "no-fatal-errors")
        {
            FatalErrors = name is "fatal-errors";
            return true;
        }
        if (name.StartsWith("error=") || name.StartsWith("no-error="))
        {
            bool isError = name[0] == 'e';
            name = name[(name.IndexOf('=') + 1)..];
            return SetError(name, isError);
        }
        if (name is "error-implicit-function-declaration")
            return SetError("implicit-function-declaration", true);
        if (name.StartsWith("no-"))
        {
            on = false;
            name = name[3..];
        }
        return Set(name, on);
    }

    private bool SetError(ReadOnlySpan<char> name, bool isError)
    {
        bool known = false;
        foreach (Warning warning in Members(name))
        {
            known = true;
            _asError[(int)warning] = isError ? (sbyte)1 : (sbyte)-1;
            if (isError)
            {
                Turn(warning, true, 3);
                if (name.IndexOf('=') is > 0 and var equal && int.TryParse(name[(equal + 1)..], out int level))
                    _level[(int)warning] = level;
            }
        }
        return known;
    }

    private bool Set(ReadOnlySpan<char> name, bool on)
    {
        switch (name)
        {
            case "all":
                TurnGroup('A', on, 1);
                return true;
            case "extra" or "":
                TurnGroup('X', on, 1);
                return true;
            case "pedantic":
                TurnGroup('P', on, 1);
                return true;
        }
        bool isMember = false;
        int equal = name.IndexOf('=');
        int level = equal > 0 && int.TryParse(name[(equal + 1)..], out int number) ? number : -1;
        on &= level != 0;
        foreach (Warning warning in Members(name))
        {
            if (!isMember)
                _level[(int)warning] = Math.Max(0, level);
            Turn(warning, on, isMember ? (byte)2 : (byte)3);
            isMember = true;
        }
        return isMember;
    }

    /// <summary>The warning of a name, and behind it those that it turns on as a group.</summary>
    private static Warning[] Members(ReadOnlySpan<char> name)
    {
        Warning named = WarningTable.Find(name);
        int equal = name.IndexOf('=');
        if (named == Warning.None && equal > 0)
            named = WarningTable.Find(name[..equal]);
        switch (named)
        {
            case Warning.None:
                return [];
            case Warning.Unused:
                var members = new List<Warning> { named };
                for (int i = 1; i < (int)Warning.Count; i++)
                {
                    if (WarningTable.Flags((Warning)i).Contains('U'))
                        members.Add((Warning)i);
                }
                return [.. members];
            case Warning.Implicit:
                return [named, Warning.ImplicitFunctionDeclaration, Warning.ImplicitInt];
            case Warning.Format:
                return equal > 0 && name[(equal + 1)..] is "2"
                    ? [named, Warning.FormatContainsNul, Warning.FormatExtraArgs, Warning.FormatZeroLength,
                        Warning.FormatNonliteral, Warning.FormatSecurity, Warning.FormatY2k]
                    : [named, Warning.FormatContainsNul, Warning.FormatExtraArgs, Warning.FormatZeroLength];
            case Warning.Conversion:
                return [named, Warning.FloatConversion, Warning.SignConversion];
            case Warning.Shadow:
                return [named, Warning.ShadowLocal, Warning.ShadowCompatibleLocal];
            case Warning.Parentheses:
                return [named, Warning.DanglingElse];
            case Warning.Uninitialized:
                return [named];
            default:
                return [named];
        }
    }

    private void TurnGroup(char group, bool on, byte rank)
    {
        for (int i = 1; i < (int)Warning.Count; i++)
        {
            if (WarningTable.Flags((Warning)i).Contains(group))
                Turn((Warning)i, on, rank);
        }
        // -Wall and -Wextra together watch parameters as well.
        if (group is 'A' or 'X')
        {
            _groups = on ? _groups | (group == 'A' ? 1 : 2) : _groups & ~(group == 'A' ? 1 : 2);
            if (_groups == 3 || !on)
            {
                Turn(Warning.UnusedParameter, on, rank);
                Turn(Warning.UnusedButSetParameter, on, rank);
            }
        }
    }

    private int _groups;

    /// <summary>-Wall: some warnings have no option of their own.</summary>
    public bool All => (_groups & 1) != 0;

    private void Turn(Warning warning, bool on, byte rank)
    {
        if (rank < _rank[(int)warning])
            return;
        _rank[(int)warning] = rank;
        _on[(int)warning] = on ? (byte)1 : (byte)0;
    }

    /// <summary>Turns a warning on or off as a default of the language's standard; what the command line says outranks it.</summary>
    public void SetDefault(Warning warning, bool on) => Turn(warning, on, 0);

    /// <summary>Whether a warning is on by the command line (pragmas are not asked). Ask this before costly checks.</summary>
    public bool IsOn(Warning warning) => !NoWarnings && _on[(int)warning] != 0 || _changes.Count > 0;

    /// <summary>Whether a pragma has changed a warning.</summary>
    public bool HasPragmas => _changes.Count > 0;

    private readonly int[] _level = new int[(int)Warning.Count];

    /// <summary>The number behind an option (-Wimplicit-fallthrough=2); 0 where there is none.</summary>
    public int Level(Warning warning) => _level[(int)warning];

    /// <summary>Whether an option or a group turned the warning on or off.</summary>
    public bool IsExplicit(Warning warning) => _rank[(int)warning] > 0;

    /// <summary>Whether a message would be shown at a place.</summary>
    public bool IsShown(Message message, Location at) => Classify(message, at, out _) > Severity.Ignored;

    /// <summary>
    /// Reports a message. A note belongs to the message before it and is shown if that was.
    /// </summary>
    /// <returns>Whether it is shown.</returns>
    public bool Report(Location at, Message message, params ReadOnlySpan<object?> arguments) =>
        Report(at, null, message, arguments);

    /// <summary>Reports a message that underlines ranges.</summary>
    public bool Report(Location at, SourceRange[]? ranges, Message message, params ReadOnlySpan<object?> arguments)
    {
        if (message.Kind == MessageKind.Note && !_lastWasShown)
            return false;
        Severity severity = Classify(message, at, out string? option);
        if (message.Kind != MessageKind.Note)
            _lastWasShown = severity != Severity.Ignored;
        if (severity == Severity.Ignored)
            return false;
        Show(new Diagnostic(severity, at, Format(message.Text, arguments), option) { Ranges = ranges, Function = Function });
        return true;
    }

    /// <inheritdoc/>
    public void Report(in Diagnostic diagnostic)
    {
        Severity severity = diagnostic.Severity;
        if (severity == Severity.Warning)
            severity = NoWarnings ? Severity.Ignored : WarningsAreErrors ? Severity.Error : severity;
        if (severity != Severity.Ignored)
            Show(diagnostic with { Severity = severity });
    }

    private void Show(in Diagnostic diagnostic)
    {
        if (diagnostic.Severity == Severity.Warning)
            WarningCount++;
        if (diagnostic.Severity >= Severity.Error)
            ErrorCount++;
        _output.Report(diagnostic);
        if (diagnostic.Severity == Severity.Fatal)
            throw new CompilationStoppedException("compilation terminated.");
        if (diagnostic.Severity == Severity.Error)
        {
            if (FatalErrors)
                throw new CompilationStoppedException("compilation terminated due to -Wfatal-errors.");
            if (MaxErrors > 0 && ErrorCount >= MaxErrors)
                throw new CompilationStoppedException($"compilation terminated due to -fmax-errors={MaxErrors}.");
        }
    }

    private Severity Classify(Message message, Location at, out string? option)
    {
        option = null;
        switch (message.Kind)
        {
            case MessageKind.Note:
                return Severity.Note;
            case MessageKind.Fatal:
                return Severity.Fatal;
            case MessageKind.Error:
                return Severity.Error;
        }
        if (NoWarnings)
            return Severity.Ignored;
        Warning warning = message.Option;
        if (_changes.Count == 0 && warning != Warning.None && _on[(int)warning] == 0)
            return Severity.Ignored;
        if (_on[(int)Warning.SystemHeaders] == 0 && at.IsValid && Map.IsInSystemHeader(at))
            return Severity.Ignored;
        bool isPedanticError = message.Kind == MessageKind.Pedwarn && PedanticErrors;
        if (warning == Warning.None)
        {
            if (isPedanticError)
                return Severity.Error;
            if (!WarningsAreErrors)
                return Severity.Warning;
            option = "Werror";
            SawWarningAsError = true;
            return Severity.Error;
        }
        Severity severity = FromPragmas(warning, at);
        if (severity == Severity.Ignored)
            return Severity.Ignored;
        option = "W" + WarningTable.ShownName(warning);
        if (isPedanticError)
            return Severity.Error;
        if (severity == Severity.Error)
        {
            option = "Werror=" + WarningTable.ShownName(warning);
            SawWarningAsError = true;
        }
        return severity;
    }

    private Severity FromPragmas(Warning warning, Location at)
    {
        for (int i = _changes.Count - 1; i >= 0; i--)
        {
            ref Change change = ref _changes[i];
            if (at.IsValid && !Map.IsBefore(change.At, at))
                continue;
            if (change.PopTo >= 0)
                i = change.PopTo;
            else if (change.Warning == warning)
                return change.Severity;
        }
        if (_on[(int)warning] == 0)
            return Severity.Ignored;
        int asError = _asError[(int)warning];
        return asError > 0 || asError == 0 && WarningsAreErrors ? Severity.Error : Severity.Warning;
    }

    /// <summary>Takes <c>#pragma GCC diagnostic ignored|warning|error "-Wname"</c>.</summary>
    /// <returns>Whether the option is known.</returns>
    public bool SetAt(Location at, ReadOnlySpan<char> name, Severity severity)
    {
        Warning[] members = name switch
        {
            "all" => Group('A'),
            "extra" => Group('X'),
            _ => Members(name),
        };
        foreach (Warning warning in members)
            _changes.Add(new Change(at, warning, severity, -1));
        return members.Length > 0;
    }

    private static Warning[] Group(char group)
    {
        var members = new List<Warning>();
        for (int i = 1; i < (int)Warning.Count; i++)
        {
            if (WarningTable.Flags((Warning)i).Contains(group))
                members.Add((Warning)i);
        }
        return [.. members];
    }

    private readonly GrowBuffer<int> _pushes = new(0);

    /// <summary>Takes <c>#pragma GCC diagnostic push</c>.</summary>
    public void Push() => _pushes.Add(_changes.Count);

    /// <summary>Takes <c>#pragma GCC diagnostic pop</c>: from here on what was in force at the push is in force again.</summary>
    public void Pop(Location at)
    {
        int to = _pushes.Count > 0 ? _pushes.Pop() : 0;
        if (_changes.Count != to)
            _changes.Add(new Change(at, Warning.None, Severity.Ignored, to));
    }

    /// <summary>Puts arguments into a message's text.</summary>
    public static string Format(string text, ReadOnlySpan<object?> arguments)
    {
        if (arguments.Length == 0)
            return text;
        var result = new StringBuilder(text.Length + 32);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '{' && i + 2 < text.Length && text[i + 2] == '}' && text[i + 1] - '0' < arguments.Length)
            {
                result.Append(arguments[text[i + 1] - '0']);
                i += 2;
            }
            else
            {
                result.Append(text[i]);
            }
        }
        return result.ToString();
    }
}
