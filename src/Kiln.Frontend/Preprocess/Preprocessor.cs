using System.Runtime.CompilerServices;
using Kiln.Base;
using Kiln.Frontend.Diagnostics;
using Kiln.Frontend.Lex;
using Kiln.Target;

namespace Kiln.Frontend.Preprocess;

/// <summary>
/// Translation phase 4 (C17 6.10): directives and macros. In: the main file by name. Out: one token a call of
/// <see cref="Next"/>, without allocation.
/// </summary>
/// <remarks>
/// Tokens come from a stack of files and, above it, a stack of contexts: the replacement lists that are being read again. A macro is disabled
/// while its context is on the stack, and a name met then is marked so that it is never expanded (6.10.3.4). Between the parts of an
/// expansion stand placemarkers that tell whether white space separates them; only <c>#</c> and <c>-E</c> look at them.
/// The parts of this class: this file reads tokens; Expansion replaces macros; Directives, Conditions, Definitions, Inclusion, Pragmas, Embed
/// handle one family of directives each; DynamicMacros has <c>__LINE__</c> and its like.
/// </remarks>
public sealed partial class Preprocessor
{
    private readonly Interner _names;
    private readonly SourceMap _map;
    private readonly DiagnosticEngine _diagnostics;
    private readonly FileCache _files;
    private readonly PreprocessorOptions _options;
    private readonly TargetInfo _target;
    private readonly Lexer _lexer;
    private readonly Spellings _spellings;

    private Context[] _contexts = new Context[64];
    private int _depth;

    /// <summary>Tokens of contexts, a stack. An old array stays readable for contexts that point to it.</summary>
    private Token[] _arena = new Token[1 << 10];
    private int _arenaTop;

    private int _preventExpansion;
    private ArgumentState _argumentState;
    private bool _inDirective;
    private bool _finished;

    /// <summary>A token of the current file that was read too early.</summary>
    private Token _lookahead;
    private bool _hasLookahead;

    private enum ArgumentState : byte
    {
        None,
        /// <summary>Looking whether a parenthesis follows a function-like macro's name.</summary>
        Peeking,
        Collecting,
    }

    /// <summary>Tokens to be read before the file goes on.</summary>
    private struct Context
    {
        public Token[] Tokens;
        public int Position;
        public int End;
        /// <summary>Added to the tokens' locations.</summary>
        public uint Shift;
        /// <summary>What the arena is cut to when the context is left, or -1.</summary>
        public int ArenaStart;
        /// <summary>The macro that is enabled again when the context is left.</summary>
        public Macro? Macro;
        /// <summary>An argument that is expanded on its own: its end is an end of input.</summary>
        public bool IsArgument;
    }

    /// <summary>Makes a preprocessor; <see cref="Start"/> gives it its main file.</summary>
    public Preprocessor(
        PreprocessorOptions options, TargetInfo target, FileCache files, Interner names, SourceMap map, DiagnosticEngine diagnostics)
    {
        _options = options;
        _target = target;
        _files = files;
        _names = names;
        _map = map;
        _diagnostics = diagnostics;
        bool c99 = options.StandardYear >= 1999;
        bool c11 = options.StandardYear >= 2011;
        bool c23 = options.StandardYear >= 2023;
        var lexerOptions = new LexerOptions
        {
            LineComments = c99 || options.IsGnu || options.Assembly,
            DigitsOfC99 = options.StandardYear == 1999,
            Digraphs = c99 || options.IsGnu || options.StandardYear >= 1994,
            UnicodeLiterals = c11 || c99 && options.IsGnu,
            Utf8Characters = c23,
            DigitSeparators = c23,
            Scope = c23,
            HexFloats = c99 || options.IsGnu,
            ExtendedIdentifiers = c99 && !options.Assembly || options.IsGnu,
            Dollars = options.Dollars ?? !options.Assembly,
            Assembly = options.Assembly,
        };
        _lexer = new Lexer(names, diagnostics) { Options = lexerOptions, KeepComments = options.KeepComments };
        _pasteLexer = new Lexer(names, diagnostics) { Options = lexerOptions, Quiet = true };
        _spellings = new Spellings(names, map);
        Search = new IncludeSearch(options, files);
        NameDirectives();
        NameDynamicMacros();
    }

    /// <summary>The macros.</summary>
    public MacroTable Macros { get; } = new();

    /// <summary>The names.</summary>
    public Interner Names => _names;

    /// <summary>The source map.</summary>
    public SourceMap Map => _map;

    /// <summary>Where messages go.</summary>
    public DiagnosticEngine Diagnostics => _diagnostics;

    /// <summary>The options.</summary>
    public PreprocessorOptions Options => _options;

    /// <summary>The search path.</summary>
    internal IncludeSearch Search { get; }

    /// <summary>Who is told of files and definitions: the printer of -E.</summary>
    internal IPreprocessObserver? Observer { get; set; }

    /// <summary>Reads the next token for a parser: placemarkers are gone, and what no parser can take is reported and left out.</summary>
    public void Next(ref Token token)
    {
        for (; ; )
        {
            GetToken(ref token);
            if (token.Kind is not (TokenKind.Placemarker or TokenKind.Other or TokenKind.Comment))
                return;
            if (token.Kind == TokenKind.Other)
                ReportStray(token);
        }
    }

    /// <summary>The bytes of a token as written.</summary>
    public ReadOnlySpan<byte> Spelling(in Token token) => _spellings.Of(token);

    private void ReportStray(in Token token)
    {
        ReadOnlySpan<byte> spelling = Spelling(token);
        if (spelling[0] is (byte)'"' or (byte)'\'' && !_options.Assembly)
            _diagnostics.Report(token.Location, Messages.MissingTerminatorError, (char)spelling[0]);
        else if (spelling.Length == 1 && spelling[0] is > 0x20 and < 0x7f)
            _diagnostics.Report(token.Location, Messages.StrayToken, (char)spelling[0]);
        else
            _diagnostics.Report(token.Location, Messages.StrayToken, Octal(spelling));
    }

    private static string Octal(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > 1 && bytes[0] < 0x80)
            return System.Text.Encoding.UTF8.GetString(bytes);
        string text = "";
        foreach (byte b in bytes)
            text += $"\\{Convert.ToString(b, 8)}";
        return text;
    }

    /// <summary>Reads the next token with placemarkers: macros are expanded unless that is prevented.</summary>
    internal void GetToken(ref Token token)
    {
        for (; ; )
        {
            if (_depth == 0)
            {
                LexToken(ref token);
            }
            else
            {
                ref Context context = ref _contexts[_depth - 1];
                if (context.Position < context.End)
                {
                    token = context.Tokens[context.Position++];
                    token.Location = new Location(token.Location.Offset + context.Shift);
                }
                else if (context.IsArgument)
                {
                    token = default;
                    return;
                }
                else
                {
                    PopContext();
                    if (_inDirective)
                        continue;
                    token = Placemarker(PaddingSource.None);
                    return;
                }
            }
            if (token.Kind != TokenKind.Identifier)
                return;
            Macro? macro = Macros[token.Payload];
            if (macro is null || (token.Flags & TokenFlags.NoExpand) != 0)
                return;
            if (macro.IsDisabled)
            {
                token.Flags |= TokenFlags.NoExpand;
                return;
            }
            if (macro.Kind >= MacroKind.Poisoned)
            {
                ReportReserved(macro, token);
                return;
            }
            if (_preventExpansion != 0)
                return;
            PaddingSource source = (token.Flags & TokenFlags.SpaceBefore) != 0 ? PaddingSource.White : PaddingSource.Tight;
            Location at = token.Location;
            if (!Enter(macro, ref token))
                return;
            if (_inDirective)
                continue;
            token = Placemarker(source);
            token.Location = at;
            return;
        }
    }

    /// <summary>Reads the next token that is no placemarker.</summary>
    private void GetSolid(ref Token token)
    {
        do
            GetToken(ref token);
        while (token.Kind == TokenKind.Placemarker);
    }

    /// <summary>Reads a token of the current file, obeying directives and leaving files that end.</summary>
    private void LexToken(ref Token token)
    {
        for (; ; )
        {
            if (_hasLookahead)
            {
                token = _lookahead;
                _hasLookahead = false;
            }
            else
            {
                _lexer.Lex(ref token);
            }
            if (token.Kind == TokenKind.Hash)
            {
                if ((token.Flags & TokenFlags.StartOfLine) != 0 && !_inDirective && _argumentState != ArgumentState.Peeking
                    && Directive(ref token))
                {
                    if (_depth > 0)
                    {
                        // A pragma for the parser was pushed.
                        ref Context context = ref _contexts[_depth - 1];
                        token = context.Tokens[context.Position++];
                        return;
                    }
                    continue;
                }
            }
            else if (token.Kind == TokenKind.End)
            {
                if (_argumentState != ArgumentState.None || _finished || !LeaveFile())
                    return;
                continue;
            }
            _guardIsValid = false;
            if (Observer is not null && (token.Flags & TokenFlags.StartOfLine) != 0 && !_inDirective && _argumentState == ArgumentState.None)
                Observer.LineStarted(token);
            return;
        }
    }

    /// <summary>Whether white space stands where a part of an expansion begins or ends.</summary>
    internal enum PaddingSource : byte
    {
        /// <summary>As the next token says.</summary>
        None,
        /// <summary>As before the replaced name, which had white space.</summary>
        White,
        /// <summary>As before the replaced name, which had none.</summary>
        Tight,
    }

    private static Token Placemarker(PaddingSource source) =>
        new() { Kind = TokenKind.Placemarker, Payload = (int)source };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref Context PushContext()
    {
        if (_depth == _contexts.Length)
            Array.Resize(ref _contexts, _depth * 2);
        return ref _contexts[_depth++];
    }

    private void PushTokens(Token[] tokens, int start, int end, uint shift, Macro? macro, int arenaStart)
    {
        ref Context context = ref PushContext();
        context.Tokens = tokens;
        context.Position = start;
        context.End = end;
        context.Shift = shift;
        context.Macro = macro;
        context.ArenaStart = arenaStart;
        context.IsArgument = false;
        if (macro is not null)
            macro.IsDisabled = true;
    }

    /// <summary>Pushes one token, in the arena.</summary>
    private void PushToken(in Token token)
    {
        int start = _arenaTop;
        Emit(token);
        PushTokens(_arena, start, _arenaTop, 0, null, start);
    }

    private void PopContext()
    {
        ref Context context = ref _contexts[--_depth];
        if (context.Macro is not null)
            context.Macro.IsDisabled = false;
        if (context.ArenaStart >= 0)
            _arenaTop = context.ArenaStart;
    }

    private void Emit(in Token token)
    {
        if (_arenaTop == _arena.Length)
            Array.Resize(ref _arena, _arena.Length * 2);
        _arena[_arenaTop++] = token;
    }

    /// <summary>Puts back the token that was read last.</summary>
    private void PutBack(in Token token)
    {
        if (token.Kind is TokenKind.End or TokenKind.EndOfLine)
            return;
        if (_depth > 0)
        {
            _contexts[_depth - 1].Position--;
            return;
        }
        _lookahead = token;
        _hasLookahead = true;
    }

    private void ReportReserved(Macro macro, in Token token)
    {
        if (macro.Kind == MacroKind.Poisoned)
            _diagnostics.Report(token.Location, Messages.PoisonedUse, _names.Text(macro.Name));
        else if (macro.Name == _vaArgs)
            _diagnostics.Report(token.Location, Messages.VaArgsOutside);
        else
            _diagnostics.Report(token.Location, Messages.VaOptOutside);
    }
}

/// <summary>Who is told what the preprocessor does besides tokens.</summary>
internal interface IPreprocessObserver
{
    /// <summary>A file was entered or left, or a line directive obeyed. The token before it is done.</summary>
    void FileChanged(FileChange change, Location at);

    /// <summary>A macro was defined by a directive.</summary>
    void Defined(Macro macro, Location directive);

    /// <summary>A macro was undefined by a directive.</summary>
    void Undefined(int name, Location directive);

    /// <summary>An #include directive was read.</summary>
    void Included(ReadOnlySpan<byte> directive, ReadOnlySpan<byte> header, Location at);

    /// <summary>A directive that goes to the output as it is: #pragma, #ident; or _Pragma, after which the line goes on.</summary>
    void PassThrough(Location at, ReadOnlySpan<byte> text, bool isOperator);

    /// <summary>A macro is about to be expanded or asked for with #ifdef.</summary>
    void Used(int name, Location at);

    /// <summary>The first token of a line was read; it is no directive.</summary>
    void LineStarted(in Token token);
}

/// <summary>Why the file changed.</summary>
internal enum FileChange : byte
{
    /// <summary>Text that nothing includes: the main file before its first line, predefined macros, the command line.</summary>
    Begin,
    Enter,
    Leave,
    /// <summary>A line directive.</summary>
    Rename,
    /// <summary>The first line of the main file comes next.</summary>
    MainBegins,
}
