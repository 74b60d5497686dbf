using System.Text;
using Kiln.Base;
using Kiln.Frontend.Diagnostics;
using Kiln.Frontend.Lex;

namespace Kiln.Frontend.Preprocess;

/// <summary>
/// <c>#pragma</c> and <c>_Pragma</c> (C17 6.10.6, 6.10.9). What concerns the preprocessor or the diagnostics is obeyed here; the rest goes to the parser
/// as tokens between <see cref="TokenKind.Pragma"/> and <see cref="TokenKind.PragmaEnd"/>, or to the printer of -E as text.
/// </summary>
public sealed partial class Preprocessor
{
    private readonly Dictionary<int, Stack<Macro?>> _pushedMacros = [];

    private void Pragma(in Token hash, bool isOperator = false)
    {
        Token first = default, second = default;
        int start = _lexer.Position;
        _lexer.Lex(ref first);
        if (first.Kind == TokenKind.Identifier)
        {
            int position = _lexer.Position;
            PragmaName name = NameOf(first);
            if (name == PragmaName.Gcc)
            {
                _lexer.Lex(ref second);
                name = second.Kind == TokenKind.Identifier ? GccNameOf(second) : PragmaName.Other;
            }
            else
            {
                second = first;
            }
            if (name is PragmaName.Diagnostic)
            {
                position = _lexer.Position;
                DiagnosticPragma(second);
            }
            else if (name != PragmaName.Other)
            {
                Observer?.LineStarted(first);
                Obey(name, second);
                return;
            }
            if (name is PragmaName.Diagnostic && Observer is null)
                return;
            _lexer.Position = position;
        }
        _lexer.Position = start;
        if (Observer is not null)
            Observer.PassThrough(hash.Location, Encoding.UTF8.GetBytes(PragmaText()), isOperator);
        else
            DeferPragma(hash.Location);
    }

    /// <summary>The pragmas that are obeyed here.</summary>
    private enum PragmaName : byte
    {
        Other,
        Gcc,
        Once,
        PushMacro,
        PopMacro,
        Poison,
        SystemHeader,
        Dependency,
        Warning,
        Error,
        Diagnostic,
    }

    private PragmaName NameOf(in Token token) => _names.Text(token.Payload) switch
    {
        "once" => PragmaName.Once,
        "push_macro" => PragmaName.PushMacro,
        "pop_macro" => PragmaName.PopMacro,
        "poison" => PragmaName.Poison,
        "GCC" => PragmaName.Gcc,
        _ => PragmaName.Other,
    };

    private PragmaName GccNameOf(in Token token) => _names.Text(token.Payload) switch
    {
        "poison" => PragmaName.Poison,
        "system_header" => PragmaName.SystemHeader,
        "dependency" => PragmaName.Dependency,
        "warning" => PragmaName.Warning,
        "error" => PragmaName.Error,
        "diagnostic" => PragmaName.Diagnostic,
        _ => PragmaName.Other,
    };

    /// <summary>The text of a pragma as -E prints it.</summary>
    private string PragmaText()
    {
        string text = RestOfLine("");
        return text.StartsWith(' ') ? "#pragma" + text : "#pragma " + text;
    }

    /// <summary>Obeys a pragma of the preprocessor's own.</summary>
    private void Obey(PragmaName name, in Token word)
    {
        switch (name)
        {
            case PragmaName.Once:
                if (_frames.Count == 1)
                    _diagnostics.Report(word.Location, Messages.OnceInMain);
                MarkOnce(_frames.Last.File);
                ExpectEndOfLine("pragma once");
                break;
            case PragmaName.PushMacro:
                PushMacro(word);
                break;
            case PragmaName.PopMacro:
                PopMacro(word);
                break;
            case PragmaName.Poison:
                Poison();
                break;
            case PragmaName.SystemHeader:
                if (_frames.Count == 1)
                {
                    _diagnostics.Report(word.Location, Messages.SystemHeaderOutside);
                    break;
                }
                _frames.Last.IsSystem = true;
                CurrentSource.IsPragmaSystem = !CurrentSource.IsSystem;
                CurrentSource.IsSystem = true;
                _lexer.SetSystem(true);
                _lexer.SkipLine();
                if (CurrentSource.HasLineDirectives)
                    MarkSystemFromHere();
                Observer?.FileChanged(FileChange.Rename, _lexer.Here.Add(1));
                break;
            case PragmaName.Dependency:
                Dependency(word);
                break;
            case PragmaName.Warning:
            case PragmaName.Error:
                string text = PragmaMessage(word, out Location at);
                if (text.Length > 0)
                    _diagnostics.Report(at, name == PragmaName.Error ? Messages.PragmaError : Messages.PragmaWarning, text);
                break;
            default:
                throw new InvalidOperationException(name.ToString());
        }
    }

    private void MarkSystemFromHere()
    {
        int line = PhysicalLine();
        FilePosition here = CurrentSource.Presumed(line, 1);
        CurrentSource.AddLineDirective(line, here.Line + 1, here.File, true, CurrentSource.PresumedInclusion(line));
    }

    private string PragmaMessage(in Token word, out Location at)
    {
        var text = new StringBuilder();
        Token token = default;
        at = default;
        for (_lexer.Lex(ref token); token.Kind == TokenKind.String; _lexer.Lex(ref token))
        {
            if (!at.IsValid)
                at = token.Location;
            text.Append(FileNameOf(token));
        }
        if (token.Kind == TokenKind.EndOfLine && text.Length > 0)
            return text.ToString();
        _diagnostics.Report(word.Location, Messages.InvalidPragma, _names.Text(word.Payload));
        return "";
    }

    private void DiagnosticPragma(in Token word)
    {
        Token kind = default, option = default;
        _lexer.Lex(ref kind);
        string name = kind.Kind == TokenKind.Identifier ? _names.Text(kind.Payload) : "";
        Severity severity;
        switch (name)
        {
            case "push":
                _diagnostics.Push();
                return;
            case "pop":
                _diagnostics.Pop(word.Location);
                return;
            case "ignored":
                severity = Severity.Ignored;
                break;
            case "warning":
                severity = Severity.Warning;
                break;
            case "error":
                severity = Severity.Error;
                break;
            default:
                _diagnostics.Report(kind.Location, Messages.DiagnosticPragmaKind);
                return;
        }
        _lexer.Lex(ref option);
        if (option.Kind != TokenKind.String)
        {
            _diagnostics.Report(option.Location, Messages.DiagnosticPragmaOption);
            return;
        }
        string text = FileNameOf(option);
        // Warnings that gcc knows and Kiln does not give are taken in silence.
        if (!text.StartsWith("-W", StringComparison.Ordinal))
            _diagnostics.Report(option.Location, Messages.DiagnosticPragmaOption);
        else if (!_diagnostics.SetAt(word.Location, text.AsSpan(2), severity))
            _diagnostics.Report(option.Location, Messages.DiagnosticPragmaUnknown);
    }

    private void Poison()
    {
        Token token = default;
        for (_lexer.Lex(ref token); token.Kind != TokenKind.EndOfLine; _lexer.Lex(ref token))
        {
            if (token.Kind != TokenKind.Identifier)
            {
                _diagnostics.Report(token.Location, Messages.InvalidPoison);
                return;
            }
            if (Macros[token.Payload] is { Kind: MacroKind.Poisoned })
                continue;
            if (Macros.IsDefined(token.Payload))
                _diagnostics.Report(token.Location, Messages.PoisoningMacro, _names.Text(token.Payload));
            Macros.Set(token.Payload, new Macro { Name = token.Payload, Kind = MacroKind.Poisoned, Location = token.Location });
        }
    }

    private bool ReadPragmaMacro(in Token word, out int name)
    {
        Token token = default;
        name = 0;
        _lexer.Lex(ref token);
        if (token.Kind == TokenKind.LeftParenthesis)
        {
            _lexer.Lex(ref token);
            if (token.Kind == TokenKind.String)
            {
                name = _names.Intern(FileNameOf(token));
                _lexer.Lex(ref token);
                if (token.Kind == TokenKind.RightParenthesis)
                    return true;
            }
        }
        _diagnostics.Report(word.Location, Messages.InvalidMacroPragma, _names.Text(word.Payload));
        return false;
    }

    private void PushMacro(in Token word)
    {
        if (!ReadPragmaMacro(word, out int name))
            return;
        if (!_pushedMacros.TryGetValue(name, out Stack<Macro?>? stack))
            _pushedMacros.Add(name, stack = []);
        stack.Push(Macros[name]);
    }

    private void PopMacro(in Token word)
    {
        if (!ReadPragmaMacro(word, out int name) || !_pushedMacros.TryGetValue(name, out Stack<Macro?>? stack) || stack.Count == 0)
            return;
        Macros.Set(name, stack.Pop());
    }

    /// <summary><c>#pragma GCC dependency "file" text</c>: warns if the file is newer than this one.</summary>
    private void Dependency(in Token word)
    {
        if (!ReadHeaderName("pragma dependency", out string name, out bool isAngled, out Token header))
            return;
        FoundHeader found = FindHeader(name, isAngled, isNext: false);
        if (found.File is null)
        {
            _diagnostics.Report(header.Location, Messages.FileNotFound, name, "No such file or directory");
            return;
        }
        if (found.File.LastChange > _frames.Last.File.LastChange)
        {
            _diagnostics.Report(word.Location, Messages.FileIsOlder, name);
            string rest = RestOfLine("").Trim();
            if (rest.Length > 0)
                _diagnostics.Report(word.Location, Messages.DependencyText, rest);
        }
    }

    /// <summary>Passes the rest of the line on to the parser. Macros in it are expanded where gcc expands them.</summary>
    private void DeferPragma(Location hash)
    {
        Token token = default;
        var tokens = new GrowBuffer<Token>(16);
        tokens.Add(new Token { Kind = TokenKind.Pragma, Location = hash, Flags = TokenFlags.StartOfLine });
        _lexer.Lex(ref token);
        bool expands = token.Kind == TokenKind.Identifier && _names.Text(token.Payload) is "redefine_extname" or "message" or "omp";
        while (token.Kind != TokenKind.EndOfLine)
        {
            // What was looked at once must not be expanded when the parser's turn comes.
            if (token.Kind == TokenKind.Identifier)
                token.Flags |= TokenFlags.NoExpand;
            tokens.Add(token);
            if (expands)
                GetSolid(ref token);
            else
                _lexer.Lex(ref token);
        }
        tokens.Add(new Token { Kind = TokenKind.PragmaEnd, Location = token.Location });
        PushTokens(tokens.Span.ToArray(), 0, tokens.Count, 0, null, -1);
    }

    /// <summary>Obeys <c>_Pragma("text")</c>.</summary>
    private bool PragmaOperator(in Token name)
    {
        Token token = default;
        _preventExpansion++;
        GetSolid(ref token);
        bool isGood = token.Kind == TokenKind.LeftParenthesis;
        Token text = default;
        if (isGood)
        {
            GetSolid(ref text);
            isGood = text.Kind == TokenKind.String;
            if (isGood)
            {
                GetSolid(ref token);
                isGood = token.Kind == TokenKind.RightParenthesis;
            }
        }
        else
        {
            PutBack(token);
        }
        _preventExpansion--;
        if (!isGood)
        {
            _diagnostics.Report(name.Location, Messages.PragmaOperatorNeedsString);
            return false;
        }
        RunPragma(Destringize(Spelling(text)), text.Location, name.Location);
        return true;
    }

    private static byte[] Destringize(ReadOnlySpan<byte> literal)
    {
        var text = new ByteWriter(literal.Length);
        ReadOnlySpan<byte> inner = literal[(literal.IndexOf((byte)'"') + 1)..^1];
        for (int i = 0; i < inner.Length; i++)
        {
            if (inner[i] == '\\' && i + 1 < inner.Length && inner[i + 1] is (byte)'\\' or (byte)'"')
                i++;
            text.U8(inner[i] == '\n' ? ' ' : inner[i]);
        }
        text.U8('\n');
        text.Fill(0, TextCleaner.Padding + 1);
        return text.ToArray();
    }

    /// <summary>Runs a pragma's text. The contexts below stay untouched: what it leaves for the parser is pushed on top.</summary>
    private void RunPragma(byte[] text, Location spelled, Location at)
    {
        Lexer.State state = _lexer.Save();
        bool hasLookahead = _hasLookahead;
        bool inDirective = _inDirective;
        bool lexerInDirective = _lexer.InDirective;
        bool keepComments = _lexer.KeepComments;
        bool inArguments = _lexer.InArguments;
        Token lookahead = _lookahead;
        Context[] contexts = _contexts;
        int depth = _depth;
        int arena = _arenaTop;

        // The directive is read with no context in the way, in an arena part above all of theirs.
        int length = text.Length - TextCleaner.Padding - 1;
        Location range = _map.AddExpansion(spelled, at, length, 0);
        _contexts = new Context[8];
        _depth = 0;
        _hasLookahead = false;
        _lexer.Open(text, length, range.IsValid ? range : at, InSystemHeader);
        _inDirective = _lexer.InDirective = true;
        _lexer.KeepComments = false;
        _lexer.InArguments = false;
        Pragma(new Token { Kind = TokenKind.Hash, Location = at }, isOperator: true);
        Token[]? tokens = null;
        if (_depth > 0)
        {
            ref Context context = ref _contexts[0];
            tokens = context.Tokens.AsSpan(context.Position, context.End - context.Position).ToArray();
        }
        _contexts = contexts;
        _depth = depth;
        _arenaTop = arena;
        _lexer.Restore(state);
        _hasLookahead = hasLookahead;
        _lookahead = lookahead;
        _inDirective = inDirective;
        _lexer.InDirective = lexerInDirective;
        _lexer.KeepComments = keepComments;
        _lexer.InArguments = inArguments;
        if (tokens is null)
            PushTokens([], 0, 0, 0, null, -1);
        else
            PushTokens(tokens, 0, tokens.Length, 0, null, -1);
    }
}
