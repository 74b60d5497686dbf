using Kiln.Base;
using Kiln.Frontend.Diagnostics;
using Kiln.Frontend.Lex;

namespace Kiln.Frontend.Preprocess;

/// <summary>Macro replacement (C17 6.10.3, C23 6.10.5).</summary>
public sealed partial class Preprocessor
{
    private readonly Lexer _pasteLexer;
    private readonly ByteWriter _text = new(256);
    private byte[] _pasteText = new byte[256];

    /// <summary>Arguments as collected and as expanded, a stack. An old array stays readable for contexts that point to it.</summary>
    private Token[] _scratch = new Token[1 << 10];
    private int _scratchTop;
    private readonly GrowBuffer<Argument> _arguments = new(64);

    private struct Argument
    {
        public int Start;
        public int Count;
        /// <summary>The expanded tokens; a start of -1 means they were not needed yet.</summary>
        public int ExpandedStart;
        public int ExpandedCount;
        /// <summary>The variable argument was left out altogether, comma and all.</summary>
        public bool IsOmitted;
    }

    private void AddScratch(in Token token)
    {
        if (_scratchTop == _scratch.Length)
            Array.Resize(ref _scratch, _scratch.Length * 2);
        _scratch[_scratchTop++] = token;
    }

    /// <summary>Starts the expansion of a macro whose name was read.</summary>
    /// <returns>Whether a context was pushed; if not, the token stands for itself.</returns>
    private bool Enter(Macro macro, ref Token name)
    {
        Observer?.Used(macro.Name, name.Location);
        if (macro.Kind == MacroKind.Dynamic)
            return EnterDynamic(macro, ref name);
        if (macro.Kind == MacroKind.Function)
            return EnterFunction(macro, name);
        macro.IsUsed = true;
        if (macro.Body.Length == 0 || !macro.HasPaste)
        {
            Location start = macro.Body.Length == 0 ? default
                : _map.AddExpansion(macro.BodyStart, name.Location, macro.BodyLength, macro.Name);
            if (start.IsValid || macro.Body.Length == 0)
            {
                PushTokens(macro.Body, 0, macro.Body.Length, start.Offset - macro.BodyStart.Offset, macro, -1);
                return true;
            }
        }
        Build(macro, name.Location, 0);
        return true;
    }

    private bool EnterFunction(Macro macro, in Token name)
    {
        int firstArgument = _arguments.Count;
        int scratch = _scratchTop;
        if (!FollowedByParenthesis())
            return false;
        bool isComplete = Collect(macro, name, out int count, out Location end);
        if (isComplete && CheckCount(macro, end, count, firstArgument))
        {
            macro.IsUsed = true;
            Build(macro, name.Location, firstArgument);
        }
        else
        {
            isComplete = false;
        }
        _arguments.Truncate(firstArgument);
        _scratchTop = scratch;
        return isComplete;
    }

    /// <summary>Looks for the parenthesis that makes a function-like macro's name an invocation.</summary>
    private bool FollowedByParenthesis()
    {
        ArgumentState state = _argumentState;
        _argumentState = ArgumentState.Peeking;
        _preventExpansion++;
        Token token = default;
        bool anyPadding = false;
        PaddingSource padding = PaddingSource.None;
        for (; ; )
        {
            GetToken(ref token);
            if (token.Kind == TokenKind.Placemarker)
            {
                if (!anyPadding || padding == PaddingSource.None
                    || padding == PaddingSource.Tight && (PaddingSource)token.Payload == PaddingSource.None)
                    padding = (PaddingSource)token.Payload;
                anyPadding = true;
            }
            else if (token.Kind != TokenKind.Comment)
            {
                break;
            }
        }
        _preventExpansion--;
        _argumentState = state;
        if (token.Kind == TokenKind.LeftParenthesis)
            return true;
        PutBack(token);
        if (anyPadding && token.Kind != TokenKind.End)
            PushToken(Placemarker(padding));
        return false;
    }

    /// <summary>Reads the arguments up to the closing parenthesis.</summary>
    private bool Collect(Macro macro, in Token name, out int count, out Location end)
    {
        ArgumentState state = _argumentState;
        bool keepComments = _lexer.KeepComments;
        bool inArguments = _lexer.InArguments;
        _argumentState = ArgumentState.Collecting;
        _lexer.InArguments = true;
        if (!_options.KeepMacroComments)
            _lexer.KeepComments = false;
        _preventExpansion++;
        Token token = default;
        int nesting = 0;
        bool isComplete;
        int start = _scratchTop;
        count = 0;
        end = name.Location;
        for (; ; )
        {
            GetToken(ref token);
            if (token.Kind is not (TokenKind.End or TokenKind.Placemarker))
                end = token.Location;
            switch (token.Kind)
            {
                case TokenKind.Placemarker:
                    if (_scratchTop == start)
                        continue;
                    break;
                case TokenKind.LeftParenthesis:
                    nesting++;
                    break;
                case TokenKind.RightParenthesis:
                    if (nesting-- == 0)
                    {
                        isComplete = true;
                        goto done;
                    }
                    break;
                case TokenKind.Comma:
                    if (nesting == 0 && !(macro.IsVariadic && count + 1 >= macro.ParameterCount))
                    {
                        FinishArgument(start);
                        count++;
                        start = _scratchTop;
                        continue;
                    }
                    break;
                case TokenKind.Pragma:
                    while (token.Kind is not (TokenKind.PragmaEnd or TokenKind.End))
                    {
                        AddScratch(token);
                        GetToken(ref token);
                    }
                    break;
                case TokenKind.End:
                case TokenKind.EndOfLine:
                    isComplete = false;
                    goto done;
            }
            AddScratch(token);
        }

    done:
        FinishArgument(start);
        count++;
        _preventExpansion--;
        _argumentState = state;
        _lexer.InArguments = inArguments;
        _lexer.KeepComments = keepComments;
        if (!isComplete)
            _diagnostics.Report(end, Messages.UnterminatedArguments, _names.Text(macro.Name));
        return isComplete;
    }

    private void FinishArgument(int start)
    {
        while (_scratchTop > start && _scratch[_scratchTop - 1].Kind == TokenKind.Placemarker)
            _scratchTop--;
        _arguments.Add(new Argument { Start = start, Count = _scratchTop - start, ExpandedStart = -1 });
    }

    private bool CheckCount(Macro macro, Location at, int count, int first)
    {
        int wanted = macro.ParameterCount;
        if (count == 1 && wanted == 0 && _arguments[first].Count == 0)
            return true;
        bool isEmptySingle = count == 1 && _arguments[first].Count == 0;
        if (macro.IsVariadic && (count < wanted || isEmptySingle && wanted == 1 && !IsStrict))
        {
            if (count + 1 == wanted)
            {
                if (_options.StandardYear < 2023 && _diagnostics.Pedantic && !macro.IsSystem)
                    _diagnostics.Report(at, Messages.VariadicNeedsOne);
                _arguments.Add(new Argument { Start = _scratchTop, ExpandedStart = -1, IsOmitted = true });
                return true;
            }
            if (count == wanted)
            {
                _arguments[first + wanted - 1].IsOmitted = true;
                return true;
            }
        }
        if (count == wanted)
            return true;
        if (count < wanted)
            _diagnostics.Report(at, Messages.TooFewArguments, _names.Text(macro.Name), wanted, count);
        else
            _diagnostics.Report(at, Messages.TooManyArguments, _names.Text(macro.Name), count, wanted);
        NoteDefinition(macro);
        return false;
    }

    private bool IsStrict => !_options.IsGnu && !_options.Assembly;

    private void NoteDefinition(Macro macro)
    {
        if (macro.Location.IsValid)
            _diagnostics.Report(macro.Location, Messages.MacroDefinedHere, _names.Text(macro.Name));
    }

    /// <summary>Builds the expansion of a macro in the arena and pushes it.</summary>
    private void Build(Macro macro, Location name, int firstArgument)
    {
        Location start = macro.Body.Length == 0 ? default : _map.AddExpansion(macro.BodyStart, name, macro.BodyLength, macro.Name);
        if (macro.Kind == MacroKind.Function)
            ExpandArguments(macro, firstArgument);
        int arena = _arenaTop;
        _substitution = new Substitution
        {
            Macro = macro,
            First = firstArgument,
            Shift = start.Offset - macro.BodyStart.Offset,
            HasShift = start.IsValid,
            At = name,
        };
        Substitute(0, macro.Body.Length, arena);
        if (macro.HasPaste)
            Paste(arena);
        PushTokens(_arena, arena, _arenaTop, 0, macro, arena);
    }

    private struct Substitution
    {
        public Macro Macro;
        public int First;
        public uint Shift;
        public bool HasShift;
        public Location At;
    }

    private Substitution _substitution;

    private Location Shifted(Location location) =>
        _substitution.HasShift ? new Location(location.Offset + _substitution.Shift) : _substitution.At;

    /// <summary>Expands the arguments that stand somewhere without # and ##.</summary>
    private void ExpandArguments(Macro macro, int first)
    {
        Token[] body = macro.Body;
        for (int i = 0; i < body.Length; i++)
        {
            ref Token token = ref body[i];
            if (token.Kind != TokenKind.Parameter)
                continue;
            bool isRaw = (token.Flags & (TokenFlags.Stringify | TokenFlags.PasteLeft)) != 0
                || i > 0 && (body[i - 1].Flags & TokenFlags.PasteLeft) != 0;
            if (!isRaw && _arguments[first + token.Payload].ExpandedStart < 0)
                Expand(first + token.Payload);
        }
        if (macro.HasVaOpt && _arguments[first + macro.ParameterCount - 1].ExpandedStart < 0)
            Expand(first + macro.ParameterCount - 1);
    }

    /// <summary>Expands one argument as if it were the rest of the file (6.10.3.1).</summary>
    private void Expand(int index)
    {
        Argument argument = _arguments[index];
        if (!NeedsExpansion(_scratch.AsSpan(argument.Start, argument.Count)))
        {
            argument.ExpandedStart = argument.Start;
            argument.ExpandedCount = argument.Count;
            _arguments[index] = argument;
            return;
        }
        int prevented = _preventExpansion;
        ArgumentState state = _argumentState;
        _preventExpansion = 0;
        _argumentState = ArgumentState.None;
        int depth = _depth;
        ref Context context = ref PushContext();
        context.Tokens = _scratch;
        context.Position = argument.Start;
        context.End = argument.Start + argument.Count;
        context.Shift = 0;
        context.Macro = null;
        context.ArenaStart = -1;
        context.IsArgument = true;
        argument.ExpandedStart = _scratchTop;
        Token token = default;
        for (; ; )
        {
            GetToken(ref token);
            if (token.Kind == TokenKind.End)
                break;
            AddScratch(token);
        }
        argument.ExpandedCount = _scratchTop - argument.ExpandedStart;
        _arguments[index] = argument;
        _depth = depth;
        _preventExpansion = prevented;
        _argumentState = state;
    }

    private bool NeedsExpansion(ReadOnlySpan<Token> tokens)
    {
        foreach (ref readonly Token token in tokens)
        {
            if (token.Kind == TokenKind.Identifier && (token.Flags & TokenFlags.NoExpand) == 0 && Macros[token.Payload] is not null)
                return true;
        }
        return false;
    }

    /// <summary>Puts a part of the body into the arena with the parameters replaced.</summary>
    /// <param name="from">The first token of the body.</param>
    /// <param name="to">The one past the last.</param>
    /// <param name="bottom">Where in the arena the part begins.</param>
    private void Substitute(int from, int to, int bottom)
    {
        Token[] body = _substitution.Macro.Body;
        for (int i = from; i < to; i++)
        {
            Token source = body[i];
            source.Location = Shifted(source.Location);
            if (source.Kind != TokenKind.Parameter)
            {
                if ((source.Flags & TokenFlags.VaOpt) != 0)
                    i = SubstituteVaOpt(i, from, bottom);
                else
                    Emit(source);
                continue;
            }
            int index = _substitution.First + source.Payload;
            if ((source.Flags & TokenFlags.Stringify) != 0)
            {
                Argument raw = _arguments[index];
                Token text = Stringify(_scratch.AsSpan(raw.Start, raw.Count), source);
                if (i > from && (body[i - 1].Flags & TokenFlags.PasteLeft) == 0 && !_inDirective)
                    Emit(Placemarker((source.Flags & TokenFlags.SpaceBefore) != 0 ? PaddingSource.White : PaddingSource.Tight));
                text.Flags |= source.Flags & TokenFlags.PasteLeft;
                Emit(text);
                if (!_inDirective && (source.Flags & TokenFlags.PasteLeft) == 0)
                    Emit(Placemarker(PaddingSource.None));
                continue;
            }
            SubstituteParameter(source, index, i > from && (body[i - 1].Flags & TokenFlags.PasteLeft) != 0, i == from, bottom);
        }
    }

    private void SubstituteParameter(in Token source, int index, bool isRight, bool isFirst, int bottom)
    {
        Macro macro = _substitution.Macro;
        ref Argument argument = ref _arguments[index];
        bool isLeft = (source.Flags & TokenFlags.PasteLeft) != 0;
        int start = argument.Start, count = argument.Count;
        int flagged = -1;
        if (isLeft)
        {
        }
        else if (isRight)
        {
            int last = _arenaTop - 1;
            if (last >= bottom && _arena[last].Kind == TokenKind.Comma && macro.IsVariadic && source.Payload == macro.ParameterCount - 1)
            {
                // GNU: ", ## __VA_ARGS__" drops the comma if the argument was left out, and pastes nothing otherwise.
                if (argument.IsOmitted)
                    _arenaTop--;
                else
                    flagged = last;
            }
            else if (count == 0 && last >= bottom)
            {
                flagged = last;
            }
        }
        else
        {
            start = argument.ExpandedStart;
            count = argument.ExpandedCount;
        }
        if (!_inDirective && !isFirst && !isRight)
            Emit(Placemarker((source.Flags & TokenFlags.SpaceBefore) != 0 ? PaddingSource.White : PaddingSource.Tight));
        if (count > 0)
        {
            EmitArgument(start, count, source.Location, macro.Name);
            if (isLeft)
                flagged = _arenaTop - 1;
        }
        if (!_inDirective && !isLeft)
            Emit(Placemarker(PaddingSource.None));
        if (flagged >= 0)
        {
            if (isLeft)
                _arena[flagged].Flags |= TokenFlags.PasteLeft;
            else
                _arena[flagged].Flags &= ~TokenFlags.PasteLeft;
        }
    }

    /// <summary>Copies tokens of an argument, giving them places in an expansion of the argument at the parameter.</summary>
    private void EmitArgument(int start, int count, Location parameter, int macro)
    {
        int i = start, end = start + count;
        while (i < end)
        {
            // A run of tokens from one file or expansion, in order, shares one range.
            Location first = _scratch[i].Location;
            if (!first.IsValid || _scratch[i].Kind == TokenKind.Placemarker)
            {
                Emit(_scratch[i++]);
                continue;
            }
            uint limit = Math.Min(_map.RangeEnd(first).Offset, first.Offset + 0x4000);
            int last = i;
            uint top = first.Offset;
            int next = i + 1;
            for (; next < end; next++)
            {
                ref Token token = ref _scratch[next];
                if (token.Kind == TokenKind.Placemarker)
                    continue;
                if (token.Location.Offset < top || token.Location.Offset >= limit)
                    break;
                top = token.Location.Offset;
                last = next;
            }
            int length = (int)(top - first.Offset) + Math.Max(1, _scratch[last].Length);
            Location range = _map.AddExpansion(first, parameter, length, macro, isArgument: true);
            uint shift = range.Offset - first.Offset;
            for (; i <= last; i++)
            {
                Token copy = _scratch[i];
                if (copy.Kind != TokenKind.Placemarker)
                    copy.Location = range.IsValid ? new Location(copy.Location.Offset + shift) : _substitution.At;
                copy.Flags = copy.Flags & ~TokenFlags.StartOfLine | TokenFlags.FromMacro;
                Emit(copy);
            }
        }
    }

    /// <summary>Replaces <c>__VA_OPT__(...)</c> (C23 6.10.5.1).</summary>
    /// <returns>The index of its closing token.</returns>
    private int SubstituteVaOpt(int open, int from, int bottom)
    {
        Macro macro = _substitution.Macro;
        Token source = macro.Body[open];
        source.Location = Shifted(source.Location);
        int close = source.Payload;
        bool isLeft = (macro.Body[close].Flags & TokenFlags.PasteLeft) != 0;
        bool isRight = open > from && (macro.Body[open - 1].Flags & TokenFlags.PasteLeft) != 0;
        ref Argument variable = ref _arguments[_substitution.First + macro.ParameterCount - 1];
        bool isPresent = HasTokens(variable.ExpandedStart, variable.ExpandedCount);
        bool isText = (source.Flags & TokenFlags.Stringify) != 0;
        if (!_inDirective && open > from && !isRight)
            Emit(Placemarker((source.Flags & TokenFlags.SpaceBefore) != 0 ? PaddingSource.White : PaddingSource.Tight));
        int start = _arenaTop;
        if (isPresent)
            Substitute(open + 1, close, start);
        // Placemarkers at the borders would keep ## from finding its operands.
        TrimPlacemarkers(start, isRight || isText, isLeft || isText);
        if (isText)
        {
            Paste(start);
            Token text = Stringify(_arena.AsSpan(start, _arenaTop - start), source);
            _arenaTop = start;
            Emit(text);
        }
        bool isEmpty = _arenaTop == start;
        if (isPresent && !isText && !isEmpty)
        {
            // A ## inside whose operands are both empty leaves a placemarker, which is what the ## outside meets.
            isLeft &= !IsPlacemarker(close - 1, open, -1);
            if (isRight && start > bottom && IsPlacemarker(open + 1, close, 1))
                _arena[start - 1].Flags &= ~TokenFlags.PasteLeft;
        }
        if (isLeft && !isEmpty)
            _arena[_arenaTop - 1].Flags |= TokenFlags.PasteLeft;
        if (isRight && isEmpty && !isLeft && start > bottom)
            _arena[start - 1].Flags &= ~TokenFlags.PasteLeft;
        if (!_inDirective && (macro.Body[close].Flags & TokenFlags.PasteLeft) == 0)
            Emit(Placemarker(PaddingSource.None));
        return close;
    }

    /// <summary>Whether the operands of ## at the border of __VA_OPT__ are all empty.</summary>
    private bool IsPlacemarker(int at, int border, int step)
    {
        Token[] body = _substitution.Macro.Body;
        if (at == border || (body[step > 0 ? at : at - 1].Flags & TokenFlags.PasteLeft) == 0 || step < 0 && at - 1 == border)
            return false;
        for (; at != border; at += step)
        {
            ref Token token = ref body[at];
            if (token.Kind != TokenKind.Parameter || (token.Flags & TokenFlags.Stringify) != 0
                || _arguments[_substitution.First + token.Payload].Count > 0)
                return false;
            bool goesOn = step > 0 ? (token.Flags & TokenFlags.PasteLeft) != 0 : (body[at - 1].Flags & TokenFlags.PasteLeft) != 0;
            if (!goesOn)
                return true;
        }
        return true;
    }

    private bool HasTokens(int start, int count)
    {
        for (int i = start; i < start + count; i++)
        {
            if (_scratch[i].Kind != TokenKind.Placemarker)
                return true;
        }
        return false;
    }

    private void TrimPlacemarkers(int start, bool atStart, bool atEnd)
    {
        if (atEnd)
        {
            while (_arenaTop > start && _arena[_arenaTop - 1].Kind == TokenKind.Placemarker)
                _arenaTop--;
        }
        if (!atStart)
            return;
        int skip = start;
        while (skip < _arenaTop && _arena[skip].Kind == TokenKind.Placemarker)
            skip++;
        if (skip == start)
            return;
        _arena.AsSpan(skip, _arenaTop - skip).CopyTo(_arena.AsSpan(start));
        _arenaTop -= skip - start;
    }

    /// <summary>Makes a string of tokens (6.10.3.2).</summary>
    private Token Stringify(ReadOnlySpan<Token> tokens, in Token hash)
    {
        _text.Clear();
        _text.U8('"');
        int backslashes = 0;
        PaddingSource padding = PaddingSource.None;
        bool anyPadding = false;
        foreach (ref readonly Token token in tokens)
        {
            if (token.Kind == TokenKind.Placemarker)
            {
                if (!anyPadding || padding == PaddingSource.None
                    || padding == PaddingSource.Tight && (PaddingSource)token.Payload == PaddingSource.None)
                    padding = (PaddingSource)token.Payload;
                anyPadding = true;
                continue;
            }
            bool space = padding == PaddingSource.None ? (token.Flags & TokenFlags.SpaceBefore) != 0 : padding == PaddingSource.White;
            if (space && _text.Length > 1)
                _text.U8(' ');
            padding = PaddingSource.None;
            anyPadding = false;
            ReadOnlySpan<byte> spelling = Spelling(token);
            bool escapes = token.Kind is TokenKind.String or TokenKind.Character or TokenKind.HeaderName
                || token.Kind == TokenKind.Other && spelling[0] is (byte)'"' or (byte)'\'';
            if (!escapes)
            {
                _text.Bytes(spelling);
                backslashes = token.Kind == TokenKind.Other && spelling.SequenceEqual("\\"u8) ? backslashes + 1 : 0;
                continue;
            }
            backslashes = 0;
            foreach (byte b in spelling)
            {
                if (b is (byte)'"' or (byte)'\\')
                    _text.U8('\\');
                if (b == '\n')
                {
                    _text.Text("\\n");
                    continue;
                }
                _text.U8(b);
            }
        }
        if ((backslashes & 1) != 0)
        {
            _diagnostics.Report(hash.Location, Messages.InvalidStringLiteral);
            _text.Truncate(_text.Length - 1);
        }
        _text.U8('"');
        return new Token
        {
            Kind = TokenKind.String,
            Flags = hash.Flags & (TokenFlags.SpaceBefore | TokenFlags.System) | TokenFlags.FromMacro,
            Location = hash.Location,
            Length = hash.Length,
            Payload = _names.Intern(_text.Span),
        };
    }

    /// <summary>Performs the ## operators in the arena from a place on (6.10.3.3).</summary>
    private void Paste(int start)
    {
        int to = start;
        for (int from = start; from < _arenaTop; from++)
        {
            Token left = _arena[from];
            while ((left.Flags & TokenFlags.PasteLeft) != 0)
            {
                int next = from + 1;
                while (next < _arenaTop && _arena[next].Kind == TokenKind.Placemarker)
                    next++;
                if (next >= _arenaTop)
                {
                    left.Flags &= ~TokenFlags.PasteLeft;
                    break;
                }
                ref Token right = ref _arena[next];
                TokenFlags after = right.Flags & TokenFlags.PasteLeft;
                if (!PasteTwo(ref left, right))
                {
                    left.Flags &= ~TokenFlags.PasteLeft;
                    // What stands to the right may still be pasted with what follows it.
                    break;
                }
                left.Flags |= after;
                from = next;
            }
            _arena[to++] = left;
        }
        _arenaTop = to;
    }

    private bool PasteTwo(ref Token left, in Token right)
    {
        ReadOnlySpan<byte> a = Spelling(left);
        ReadOnlySpan<byte> b = Spelling(right);
        int length = a.Length + b.Length;
        if (_pasteText.Length < length + 2 + TextCleaner.Padding)
            _pasteText = new byte[length * 2 + 2 + TextCleaner.Padding];
        a.CopyTo(_pasteText);
        b.CopyTo(_pasteText.AsSpan(a.Length));
        _pasteText[length] = (byte)'\n';
        _pasteText.AsSpan(length + 1, TextCleaner.Padding).Clear();
        // A comment cannot come into being here.
        bool isComment = left.Kind == TokenKind.Slash && b.Length > 0 && b[0] is (byte)'/' or (byte)'*';
        if (!isComment && length > 0)
        {
            Token result = default;
            _pasteLexer.Open(_pasteText, length + 1, default, false);
            _pasteLexer.Lex(ref result);
            if (_pasteLexer.Position == length && !(result.Kind == TokenKind.Other && length > 1))
            {
                result.Flags = result.Flags & TokenFlags.Digraph | left.Flags & TokenFlags.SpaceBefore
                    | (left.Flags | right.Flags) & TokenFlags.System | TokenFlags.FromMacro;
                if (result.Kind == TokenKind.HashHash)
                    result.Flags |= TokenFlags.NotAnOperator;
                result.Location = left.Location;
                result.Length = left.Length;
                left = result;
                return true;
            }
        }
        if (!_options.Assembly)
        {
            _diagnostics.Report(
                left.Location, Messages.InvalidPaste, System.Text.Encoding.UTF8.GetString(Spelling(left)),
                System.Text.Encoding.UTF8.GetString(Spelling(right)));
        }
        return false;
    }
}
