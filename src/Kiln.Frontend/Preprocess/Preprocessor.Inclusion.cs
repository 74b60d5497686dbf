using System.Text;
using Kiln.Base;
using Kiln.Frontend.Diagnostics;
using Kiln.Frontend.Lex;

namespace Kiln.Frontend.Preprocess;

/// <summary>Files: the main one, -include, <c>#include</c> and its relatives.</summary>
public sealed partial class Preprocessor
{
    private readonly GrowBuffer<Frame> _frames = new(32);
    private readonly Queue<string> _pendingIncludes = new();
    private readonly List<CachedFile> _dependencies = [];
    private readonly HashSet<CachedFile> _dependencySet = [];
    private readonly HashSet<string> _missing = [];
    private readonly List<CachedFile> _onceFiles = [];
    private bool _guardIsValid;
    private int _guardMacro;
    private string _mainPath = "";

    /// <summary>A file that is being read.</summary>
    private struct Frame
    {
        public CachedFile File;
        public SourceFile Source;
        public Location Start;
        /// <summary>The including file's lexer, put aside.</summary>
        public Lexer.State Outer;
        /// <summary>Conditionals above this belong to the file.</summary>
        public int Conditionals;
        /// <summary>The directory of the search chain it was found in, or -1.</summary>
        public int Directory;
        public bool IsSystem;
        /// <summary>The end of the file is an end of input: built-in text and -imacros.</summary>
        public bool StopsAtEnd;
        public int OuterGuardMacro;
    }

    /// <summary>The files that were opened, in order, with the main file first; for dependency files.</summary>
    public IReadOnlyList<CachedFile> OpenedFiles => _dependencies;

    /// <summary>Headers that were not found (-MG), in no order.</summary>
    public IReadOnlyCollection<string> MissingHeaders => _missing;

    /// <summary>How deep the current file is included; the main file is 0.</summary>
    internal int IncludeLevel => _frames.Count - 1;

    /// <summary>The name of the main file.</summary>
    public string MainPath => _mainPath;

    /// <summary>The location of the first byte of the main file.</summary>
    public Location MainLocation { get; private set; }

    /// <summary>Whether the current file is a system header.</summary>
    internal bool InSystemHeader => _frames.Count > 0 && _frames.Last.IsSystem;

    /// <summary>The source of the current file.</summary>
    internal SourceFile CurrentSource => _frames.Last.Source;

    /// <summary>Where the lexer is.</summary>
    internal Location Here => _lexer.Here;

    /// <summary>Opens the main file and reads what the command line puts before it.</summary>
    /// <returns>Whether the file could be read.</returns>
    public bool Start(string path)
    {
        CachedFile? file = _files.Find(path);
        if (file is null)
        {
            string reason = _files.DirectoryExists(path) ? "Is a directory" : "No such file or directory";
            _diagnostics.Report(default, Messages.CannotOpen, path, reason);
            return false;
        }
        Start(file);
        return true;
    }

    /// <summary>Starts with a main file that was opened already.</summary>
    public void Start(CachedFile file)
    {
        _mainPath = file.Path == "-" ? "<stdin>" : file.Path;
        AddDependency(file);
        EnterFile(file, default, isSystem: false, directory: -1);
        MainLocation = _frames[0].Start;
        if (_diagnostics.IsOn(Warning.MissingIncludeDirs))
        {
            foreach (string directory in Search.Missing)
                _diagnostics.Report(default, Messages.MissingDirectory, directory);
        }
        if (_options.Preprocessed)
        {
            _preventExpansion++;
            return;
        }
        DefineDynamicMacros();
        IPreprocessObserver? observer = Observer;
        string predefined = _options.PredefinedText ?? PredefinedMacros.Text(_target, _options);
        _definingBuiltins = true;
        RunText("<built-in>", predefined, isSystem: false);
        _definingBuiltins = false;
        RunText("<command-line>", CommandLineText(), isSystem: false);
        Observer = null;
        foreach (string include in _options.MacroIncludes)
        {
            if (PushCommandLineInclude(include))
            {
                _frames.Last.StopsAtEnd = true;
                Run();
            }
        }
        Observer = observer;
        foreach (string include in _options.Includes)
            _pendingIncludes.Enqueue(include);
        PushStandardPredefinitions();
        if (_frames.Count == 1 && !EnterPending())
            Observer?.FileChanged(FileChange.MainBegins, MainLocation);
    }

    /// <summary>gcc reads <c>stdc-predef.h</c> of the C library, where there is one, before everything else.</summary>
    private void PushStandardPredefinitions()
    {
        if (_options.SystemDirectories.Count == 0 || _options.Predefined.IsFreestanding)
            return;
        FoundHeader found = Search.Find("stdc-predef.h", Search.FirstAngled);
        if (found.File is not null)
            Enter(found, CommandLine);
    }

    private Location _commandLine;

    /// <summary>A place that messages show as the command line.</summary>
    private Location CommandLine
    {
        get
        {
            if (!_commandLine.IsValid)
                _commandLine = _map.AddFile(new SourceFile("<command-line>", "\n"u8.ToArray()) { IsBuiltIn = true }, default);
            return _commandLine;
        }
    }

    /// <summary>Reads directives of a text of our own to its end.</summary>
    private void RunText(string name, string text, bool isSystem)
    {
        CachedFile file = _files.Make(name, Encoding.UTF8.GetBytes(text));
        EnterFile(file, default, isSystem, directory: -1);
        _frames.Last.StopsAtEnd = true;
        _frames.Last.Source.IsBuiltIn = true;
        if (!_definingBuiltins)
            _commandLine = _frames.Last.Start;
        Run();
    }

    private void Run()
    {
        int level = _frames.Count - 1;
        Token token = default;
        while (_frames.Count > level)
        {
            GetToken(ref token);
            if (token.Kind == TokenKind.End)
                break;
        }
    }

    private string CommandLineText()
    {
        var text = new StringBuilder();
        foreach (MacroOption option in _options.Macros)
        {
            switch (option.Kind)
            {
                case 'D':
                    int equal = option.Text.IndexOf('=');
                    text.Append("#define ");
                    // A newline would end the directive: what follows it is dropped, as in gcc.
                    string definition = option.Text.Split('\n')[0];
                    if (equal < 0)
                        text.Append(definition).Append(" 1\n");
                    else
                        text.Append(definition.AsSpan(0, equal)).Append(' ').Append(definition.AsSpan(Math.Min(definition.Length, equal + 1))).Append('\n');
                    break;
                case 'U':
                    text.Append("#undef ").Append(option.Text).Append('\n');
                    break;
                case 'A':
                    bool remove = option.Text.StartsWith('-');
                    string assertion = remove ? option.Text[1..] : option.Text;
                    int at = assertion.IndexOf('=');
                    if (at >= 0)
                        assertion = $"{assertion[..at]} ({assertion[(at + 1)..]})";
                    text.Append(remove ? "#unassert " : "#assert ").Append(assertion).Append('\n');
                    break;
            }
        }
        return text.ToString();
    }

    private bool PushCommandLineInclude(string name)
    {
        // The working directory comes first, then the chain for quotes.
        CachedFile? own = _files.Find(name);
        FoundHeader found = own is not null ? new FoundHeader(own, -1, false) : Search.Find(name, 0);
        if (found.File is null)
        {
            if (NoteMissing(name, isQuoted: true))
                return false;
            _diagnostics.Report(CommandLine, Messages.HeaderNotFound, name);
            return false;
        }
        return Enter(found, CommandLine);
    }

    private bool EnterPending()
    {
        while (_pendingIncludes.TryDequeue(out string? include))
        {
            if (PushCommandLineInclude(include))
                return true;
        }
        return false;
    }

    private void AddDependency(CachedFile file)
    {
        if (_dependencySet.Add(file))
            _dependencies.Add(file);
    }

    /// <summary>Enters a header unless it is known to have nothing more to say.</summary>
    private bool Enter(in FoundHeader found, Location at, bool isImport = false)
    {
        CachedFile file = found.File!;
        AddDependency(file);
        if (isImport)
            MarkOnce(file);
        if (file.GuardMacro != 0 && Macros.IsDefined(file.GuardMacro))
            return false;
        if (file.IsOnce && file.Inclusions > 0 || IsSameAsOnce(file))
            return false;
        bool isSystem = found.IsSystem || at != _commandLine && InSystemHeader;
        EnterFile(file, at, isSystem, found.Directory);
        return true;
    }

    /// <summary>Whether a file with the same text was marked to be read once (gcc compares contents too: links and copies).</summary>
    private bool IsSameAsOnce(CachedFile file)
    {
        foreach (CachedFile once in _onceFiles)
        {
            if (once != file && once.Inclusions > 0 && once.Raw.Length == file.Raw.Length
                && once.LastChange == file.LastChange && once.Raw.Span.SequenceEqual(file.Raw.Span))
                return true;
        }
        return false;
    }

    private void MarkOnce(CachedFile file)
    {
        if (file.IsOnce)
            return;
        file.IsOnce = true;
        _onceFiles.Add(file);
    }

    private void EnterFile(CachedFile file, Location includedFrom, bool isSystem, int directory)
    {
        SourceFile source = FileCache.Enter(file, isSystem);
        Location start = _map.AddFile(source, includedFrom);
        _frames.Add(new Frame
        {
            File = file,
            Source = source,
            Start = start,
            Outer = _lexer.Save(),
            Conditionals = _conditionals.Count,
            Directory = directory,
            IsSystem = isSystem,
            OuterGuardMacro = _guardMacro,
        });
        _guardIsValid = true;
        _guardMacro = 0;
        _lexer.Open(file.Text, source.Text.Length, start, isSystem, source.Cuts);
        Observer?.FileChanged(_frames.Count == 1 || !includedFrom.IsValid ? FileChange.Begin : FileChange.Enter, start);
        if (_options.IncludeTrace is { } trace && _frames.Count > 1 && includedFrom.IsValid)
            trace.WriteLine($"{new string('.', _frames.Count - 1)} {file.Path}");
    }

    /// <summary>Leaves the file whose end was reached.</summary>
    /// <returns>Whether there is more input.</returns>
    private bool LeaveFile()
    {
        ref Frame frame = ref _frames.Last;
        while (_conditionals.Count > frame.Conditionals)
        {
            Conditional open = _conditionals.Pop();
            _diagnostics.Report(open.Location, Messages.UnterminatedConditional, open.Name);
        }
        _lexer.ReportSplices();
        if (_guardIsValid && _guardMacro != 0 && frame.File.GuardMacro == 0)
            frame.File.GuardMacro = _guardMacro;
        if (_frames.Count == 1)
        {
            _finished = true;
            if (_diagnostics.IsOn(Warning.UnusedMacros))
            {
                foreach (Macro? macro in Macros.All)
                    ReportUnused(macro);
            }
            return false;
        }
        bool stops = frame.StopsAtEnd;
        Lexer.State outer = frame.Outer;
        _guardIsValid = false;
        _guardMacro = frame.OuterGuardMacro;
        _frames.Pop();
        _lexer.Restore(outer);
        if (_frames.Count > 1 || _lexer.Position > 0)
        {
            Observer?.FileChanged(FileChange.Leave, _lexer.Here.Add(1));
        }
        else if (!stops)
        {
            Observer?.FileChanged(FileChange.Leave, CommandLine);
            if (!EnterPending())
                Observer?.FileChanged(FileChange.MainBegins, MainLocation);
        }
        return !stops;
    }

    /// <summary>Complains of a macro of the main file that nothing used.</summary>
    private void ReportUnused(Macro? macro)
    {
        if (macro is { Kind: MacroKind.Object or MacroKind.Function, IsUsed: false, IsBuiltin: false }
            && _map.File(macro.Location, out _, out _) == _frames[0].Source)
            _diagnostics.Report(macro.Location, Messages.UnusedMacro, _names.Text(macro.Name));
    }

    /// <summary>Reads what stands behind <c>#include</c> and its relatives.</summary>
    /// <returns>Whether a name was read; it is quoted or in angle brackets.</returns>
    private bool ReadHeaderName(
        ReadOnlySpan<char> directive, out string name, out bool isAngled, out Token header, bool isOperator = false)
    {
        header = default;
        name = "";
        isAngled = false;
        if (!_lexer.LexHeaderName(ref header))
        {
            GetSolid(ref header);
            if (header.Kind == TokenKind.Less)
            {
                isAngled = true;
                return JoinHeaderName(directive, ref header, out name);
            }
        }
        ReadOnlySpan<byte> text = Spelling(header);
        if (header.Kind == TokenKind.HeaderName || header.Kind == TokenKind.String && text[0] == '"')
        {
            isAngled = text[0] == '<';
            name = Encoding.UTF8.GetString(text[1..^1]);
            if (name.Length == 0)
            {
                _diagnostics.Report(header.Location, Messages.EmptyHeaderName, directive.ToString());
                return false;
            }
            return true;
        }
        _diagnostics.Report(header.Location, isOperator ? Messages.HasIncludeNeedsName : Messages.ExpectsHeaderName, directive.ToString());
        return false;
    }

    /// <summary>Joins the tokens that macros left between angle brackets.</summary>
    private bool JoinHeaderName(ReadOnlySpan<char> directive, ref Token header, out string name)
    {
        _text.Clear();
        Token token = default;
        bool isFirst = true;
        for (; ; )
        {
            GetToken(ref token);
            if (token.Kind == TokenKind.Placemarker)
                continue;
            if (token.Kind == TokenKind.Greater)
                break;
            if (token.Kind is TokenKind.EndOfLine or TokenKind.End)
            {
                _diagnostics.Report(header.Location, Messages.MissingGreater);
                break;
            }
            if (!isFirst && (token.Flags & TokenFlags.SpaceBefore) != 0)
                _text.U8(' ');
            isFirst = false;
            _text.Bytes(Spelling(token));
        }
        name = Encoding.UTF8.GetString(_text.Span);
        if (name.Length == 0)
            _diagnostics.Report(header.Location, Messages.EmptyHeaderName, directive.ToString());
        return name.Length > 0;
    }

    /// <summary>Looks for a header as <c>#include</c> in the current file would.</summary>
    private FoundHeader FindHeader(string name, bool isAngled, bool isNext)
    {
        if (name[0] == '/')
            return new FoundHeader(_files.Find(name), -1, false);
        if (isNext && _frames.Count > 1)
        {
            // A file that was not found by the chain has no next directory: the whole chain is searched.
            return Search.Find(name, _frames.Last.Directory + 1);
        }
        if (isAngled)
            return Search.Find(name, Search.FirstAngled);
        string path = _frames.Last.File.Path;
        int slash = path.LastIndexOf('/');
        CachedFile? own = _files.Find(slash < 0 ? name : path[..(slash + 1)] + name);
        if (own is not null)
            return new FoundHeader(own, -1, InSystemHeader);
        return Search.Find(name, 0);
    }

    private bool NoteMissing(string name, bool isQuoted)
    {
        if (!_options.MissingHeadersAreDependencies)
            return false;
        _missing.Add(name);
        return true;
    }

    private void IncludeDirective(in Token directive, DirectiveKind kind)
    {
        string word = kind switch
        {
            DirectiveKind.IncludeNext => "include_next",
            DirectiveKind.Import => "import",
            _ => "include",
        };
        if (kind == DirectiveKind.IncludeNext && _frames.Count == 1)
            _diagnostics.Report(directive.Location, Messages.IncludeNextInMain);
        if (!ReadHeaderName(word, out string name, out bool isAngled, out Token header))
        {
            _lexer.SkipLine();
            return;
        }
        ExpectEndOfLine(word);
        _lexer.SkipLine();
        if (Observer is not null)
            Observer.Included(Encoding.UTF8.GetBytes(word), Encoding.UTF8.GetBytes(isAngled ? $"<{name}>" : $"\"{name}\""), directive.Location);
        if (_frames.Count >= _options.MaxIncludeDepth)
        {
            _diagnostics.Report(header.Location, Messages.IncludeTooDeep, _options.MaxIncludeDepth);
            return;
        }
        FoundHeader found = FindHeader(name, isAngled, kind == DirectiveKind.IncludeNext);
        if (found.File is null)
        {
            if (!NoteMissing(name, !isAngled))
            {
                string reason = !isAngled && _files.DirectoryExists(name) ? "Is a directory" : "No such file or directory";
                _diagnostics.Report(header.Location, [SourceRange.At(header.Location, header.Length)], Messages.FileNotFound, name, reason);
            }
            return;
        }
        _inDirective = _lexer.InDirective = false;
        Enter(found, directive.Location, kind == DirectiveKind.Import);
    }

    /// <summary>Reads <c>__has_include(...)</c> behind its name.</summary>
    private long HasIncludeValue(string word, bool isNext)
    {
        Token token = default;
        _preventExpansion++;
        GetSolid(ref token);
        _preventExpansion--;
        bool hasParenthesis = token.Kind == TokenKind.LeftParenthesis;
        if (!hasParenthesis)
        {
            _diagnostics.Report(token.Location, Messages.MissingParenthesisBefore, word);
            PutBack(token);
        }
        if (!ReadHeaderName(word, out string name, out bool isAngled, out _, isOperator: true))
            return 0;
        if (hasParenthesis)
        {
            GetSolid(ref token);
            if (token.Kind != TokenKind.RightParenthesis)
            {
                _diagnostics.Report(token.Location, Messages.MissingParenthesisOperand, word);
                PutBack(token);
            }
        }
        if (isNext && _frames.Count == 1)
            isNext = false;
        return FindHeader(name, isAngled, isNext).File is null ? 0 : 1;
    }
}
