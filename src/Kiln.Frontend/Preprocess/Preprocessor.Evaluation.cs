using System.Text;
using Kiln.Base;
using Kiln.Frontend.Diagnostics;
using Kiln.Frontend.Lex;

namespace Kiln.Frontend.Preprocess;

/// <summary>The expressions of <c>#if</c> (C17 6.10.1 paragraph 4): integers of 64 bits, signed or not.</summary>
public sealed partial class Preprocessor
{
    /// <summary>A value with its signedness.</summary>
    private readonly record struct Value(long Bits, bool IsUnsigned = false)
    {
        public bool IsTrue => Bits != 0;
    }

    private Token _operand;

    /// <summary>The operator whose right operand is read, or none.</summary>
    private TokenKind _pending;
    private bool _failed;
    /// <summary>How deep the evaluation is in a part that does not count: <c>0 &amp;&amp; x</c>.</summary>
    private int _unevaluated;
    private int _guardCandidate;
    private bool _guardPossible;
    private string _conditionWord = "if";

    private bool EvaluateCondition(in Token directive, out int guard)
    {
        _conditionWord = KindOf(directive) == DirectiveKind.Elif ? "elif" : "if";
        _failed = false;
        _unevaluated = 0;
        _guardCandidate = 0;
        _guardPossible = true;
        _pending = TokenKind.End;
        Advance();
        guard = 0;
        if (_operand.Kind == TokenKind.EndOfLine)
        {
            _diagnostics.Report(directive.Location, Messages.IfWithoutExpression, _conditionWord);
            return false;
        }
        bool startsWithNot = _operand.Kind == TokenKind.Exclamation;
        Value value = Comma();
        if (!_failed && _operand.Kind != TokenKind.EndOfLine)
        {
            if (_operand.Kind == TokenKind.RightParenthesis)
                Fail(_operand.Location, Messages.MissingOpenParenthesis);
            else if (_operand.Kind is TokenKind.Colon)
                Fail(_operand.Location, Messages.ColonWithoutQuestion);
            else
                FailToken(missingOperator: true);
        }
        if (_failed)
            return false;
        guard = startsWithNot && _guardPossible ? _guardCandidate : 0;
        return value.IsTrue;
    }

    private void Advance() => GetSolid(ref _operand);

    private void Fail(Location at, Message message, params ReadOnlySpan<object?> arguments)
    {
        if (!_failed)
            _diagnostics.Report(at, message, arguments);
        _failed = true;
    }

    private void FailToken(bool missingOperator)
    {
        string text = Encoding.UTF8.GetString(Spelling(_operand));
        switch (_operand.Kind)
        {
            case TokenKind.EndOfLine:
                Fail(_operand.Location, Messages.ConditionEnds, "#" + _conditionWord);
                break;
            case TokenKind.Equal:
                Fail(_operand.Location, Messages.AssignmentInCondition);
                break;
            case TokenKind.Number or TokenKind.Identifier or TokenKind.Character when missingOperator:
                Fail(_operand.Location, Messages.MissingOperator, text);
                break;
            case TokenKind.LeftParenthesis when missingOperator:
                Fail(_operand.Location, Messages.MissingOperator, text);
                break;
            default:
                Fail(_operand.Location, Messages.NotValidInCondition, text);
                break;
        }
    }

    private Value Comma()
    {
        Value left = Ternary();
        while (!_failed && _operand.Kind == TokenKind.Comma)
        {
            _guardPossible = false;
            if (_diagnostics.Pedantic && (_options.StandardYear < 1999 || _unevaluated == 0))
                _diagnostics.Report(_operand.Location, Messages.CommaInCondition);
            Advance();
            left = Ternary();
        }
        return left;
    }

    private Value Ternary()
    {
        Value condition = Binary(1);
        if (_failed || _operand.Kind != TokenKind.Question)
            return condition;
        _guardPossible = false;
        Advance();
        if (!condition.IsTrue)
            _unevaluated++;
        Value yes = Comma();
        if (!condition.IsTrue)
            _unevaluated--;
        if (_failed)
            return yes;
        if (_operand.Kind != TokenKind.Colon)
        {
            Fail(_operand.Location, Messages.QuestionWithoutColon);
            return yes;
        }
        Advance();
        if (condition.IsTrue)
            _unevaluated++;
        Value no = Ternary();
        if (condition.IsTrue)
            _unevaluated--;
        return (condition.IsTrue ? yes : no) with { IsUnsigned = yes.IsUnsigned || no.IsUnsigned };
    }

    private static int Precedence(TokenKind kind) => kind switch
    {
        TokenKind.BarBar => 1,
        TokenKind.AmpersandAmpersand => 2,
        TokenKind.Bar => 3,
        TokenKind.Caret => 4,
        TokenKind.Ampersand => 5,
        TokenKind.EqualEqual or TokenKind.ExclamationEqual => 6,
        TokenKind.Less or TokenKind.Greater or TokenKind.LessEqual or TokenKind.GreaterEqual => 7,
        TokenKind.LessLess or TokenKind.GreaterGreater => 8,
        TokenKind.Plus or TokenKind.Minus => 9,
        TokenKind.Star or TokenKind.Slash or TokenKind.Percent => 10,
        _ => 0,
    };

    private Value Binary(int minimum)
    {
        Value left = Unary();
        for (; ; )
        {
            TokenKind kind = _operand.Kind;
            int precedence = Precedence(kind);
            if (_failed || precedence < minimum || precedence == 0)
                return left;
            Location at = _operand.Location;
            _guardPossible = false;
            _pending = kind;
            Advance();
            bool skips = kind == TokenKind.BarBar && left.IsTrue || kind == TokenKind.AmpersandAmpersand && !left.IsTrue;
            if (skips)
                _unevaluated++;
            Value right = Binary(precedence + 1);
            if (skips)
                _unevaluated--;
            if (_failed)
                return left;
            left = Apply(kind, left, right, at);
        }
    }

    private Value Apply(TokenKind kind, Value left, Value right, Location at)
    {
        bool isUnsigned = left.IsUnsigned || right.IsUnsigned;
        long a = left.Bits, b = right.Bits;
        if (isUnsigned && _unevaluated == 0 && _diagnostics.All && Precedence(kind) is > 2 and not 8)
        {
            string text = Encoding.UTF8.GetString(Punctuators.Spelling(kind));
            if (!left.IsUnsigned && a < 0)
                _diagnostics.Report(at, Messages.SignChange, "left", text);
            else if (!right.IsUnsigned && b < 0)
                _diagnostics.Report(at, Messages.SignChange, "right", text);
        }
        switch (kind)
        {
            case TokenKind.BarBar:
                return new Value(a != 0 || b != 0 ? 1 : 0);
            case TokenKind.AmpersandAmpersand:
                return new Value(a != 0 && b != 0 ? 1 : 0);
            case TokenKind.Bar:
                return new Value(a | b, isUnsigned);
            case TokenKind.Caret:
                return new Value(a ^ b, isUnsigned);
            case TokenKind.Ampersand:
                return new Value(a & b, isUnsigned);
            case TokenKind.EqualEqual:
                return new Value(a == b ? 1 : 0);
            case TokenKind.ExclamationEqual:
                return new Value(a != b ? 1 : 0);
            case TokenKind.Less:
                return new Value((isUnsigned ? (ulong)a < (ulong)b : a < b) ? 1 : 0);
            case TokenKind.Greater:
                return new Value((isUnsigned ? (ulong)a > (ulong)b : a > b) ? 1 : 0);
            case TokenKind.LessEqual:
                return new Value((isUnsigned ? (ulong)a <= (ulong)b : a <= b) ? 1 : 0);
            case TokenKind.GreaterEqual:
                return new Value((isUnsigned ? (ulong)a >= (ulong)b : a >= b) ? 1 : 0);
            case TokenKind.LessLess:
                return Shift(left, right, toLeft: true, at);
            case TokenKind.GreaterGreater:
                return Shift(left, right, toLeft: false, at);
            case TokenKind.Plus:
                Overflow(!isUnsigned && (~(a ^ b) & (a ^ a + b)) < 0, at);
                return new Value(a + b, isUnsigned);
            case TokenKind.Minus:
                Overflow(!isUnsigned && ((a ^ b) & (a ^ a - b)) < 0, at);
                return new Value(a - b, isUnsigned);
            case TokenKind.Star:
                Overflow(!isUnsigned && (Int128)a * b != a * b, at);
                return new Value(a * b, isUnsigned);
            case TokenKind.Slash:
            case TokenKind.Percent:
                return Divide(kind, a, b, isUnsigned, at);
            default:
                throw new InvalidOperationException(kind.ToString());
        }
    }

    private void Overflow(bool overflows, Location at)
    {
        if (overflows && _unevaluated == 0)
            _diagnostics.Report(at, Messages.ConditionOverflow);
    }

    private Value Divide(TokenKind kind, long a, long b, bool isUnsigned, Location at)
    {
        if (b == 0)
        {
            if (_unevaluated == 0)
                Fail(at, Messages.DivisionByZero);
            return new Value(0, isUnsigned);
        }
        if (isUnsigned)
            return new Value((long)(kind == TokenKind.Slash ? (ulong)a / (ulong)b : (ulong)a % (ulong)b), true);
        if (b == -1)
        {
            Overflow(kind == TokenKind.Slash && a == long.MinValue, at);
            return new Value(kind == TokenKind.Slash ? -a : 0);
        }
        return new Value(kind == TokenKind.Slash ? a / b : a % b);
    }

    private Value Shift(Value left, Value right, bool toLeft, Location at)
    {
        ulong count = (ulong)right.Bits;
        if (!right.IsUnsigned && right.Bits < 0)
        {
            toLeft = !toLeft;
            count = (ulong)-right.Bits;
        }
        if (toLeft)
        {
            long shifted = count >= 64 ? 0 : left.Bits << (int)count;
            Overflow(!left.IsUnsigned && left.Bits != 0 && (count >= 64 || shifted >> (int)count != left.Bits), at);
            return left with { Bits = shifted };
        }
        if (left.IsUnsigned)
            return left with { Bits = count >= 64 ? 0 : (long)((ulong)left.Bits >> (int)count) };
        return left with { Bits = left.Bits >> (int)Math.Min(count, 63) };
    }

    private Value Unary()
    {
        Location at = _operand.Location;
        if (_operand.Kind is TokenKind.Plus or TokenKind.Minus or TokenKind.Tilde or TokenKind.Exclamation)
            _pending = _operand.Kind;
        switch (_operand.Kind)
        {
            case TokenKind.Plus:
                _guardPossible = false;
                Advance();
                return Unary();
            case TokenKind.Minus:
                _guardPossible = false;
                Advance();
                Value value = Unary();
                Overflow(!value.IsUnsigned && value.Bits == long.MinValue, at);
                return value with { Bits = -value.Bits };
            case TokenKind.Tilde:
                _guardPossible = false;
                Advance();
                value = Unary();
                return value with { Bits = ~value.Bits };
            case TokenKind.Exclamation:
                Advance();
                return new Value(Unary().IsTrue ? 0 : 1);
            default:
                return Primary();
        }
    }

    private Value Primary()
    {
        if (_failed)
            return default;
        Token token = _operand;
        switch (token.Kind)
        {
            case TokenKind.LeftParenthesis:
                _pending = TokenKind.LeftParenthesis;
                if (!CompilationStack.HasRoom)
                {
                    Fail(token.Location, Messages.NestingTooDeep);
                    return default;
                }
                Advance();
                Value inner = Comma();
                if (_failed)
                    return inner;
                if (_operand.Kind != TokenKind.RightParenthesis)
                {
                    if (_operand.Kind == TokenKind.EndOfLine)
                        Fail(token.Location, Messages.MissingCloseParenthesis);
                    else
                        FailToken(missingOperator: true);
                    return inner;
                }
                Advance();
                return inner;
            case TokenKind.Number:
                _guardPossible = false;
                Value number = NumberValue(token);
                Advance();
                return number;
            case TokenKind.Character:
                _guardPossible = false;
                long character = Literals.CharacterValue(Spelling(token), token.Location, LiteralOptions, _diagnostics, out bool isUnsigned);
                Advance();
                return new Value(character, isUnsigned);
            case TokenKind.Identifier:
                return NameValue(token);
            case TokenKind.Hash:
                _guardPossible = false;
                bool holds = AssertionHolds();
                Advance();
                return new Value(holds ? 1 : 0);
            case TokenKind.String:
                Fail(token.Location, Messages.NotValidInCondition, Encoding.UTF8.GetString(Spelling(token)));
                return default;
            default:
                MissingOperand(token);
                return default;
        }
    }

    /// <summary>An operand is missing: says which operator wants it.</summary>
    private void MissingOperand(in Token token)
    {
        bool isOperator = Precedence(token.Kind) > 0
            || token.Kind is TokenKind.Question or TokenKind.Comma or TokenKind.RightParenthesis or TokenKind.Colon or TokenKind.EndOfLine;
        if (!isOperator)
            FailToken(missingOperator: false);
        else if (token.Kind == TokenKind.RightParenthesis && _pending == TokenKind.LeftParenthesis)
            Fail(token.Location, Messages.MissingExpressionInParentheses);
        else if (_pending is not (TokenKind.End or TokenKind.LeftParenthesis))
            Fail(token.Location, Messages.OperatorWithoutRight, Encoding.UTF8.GetString(Punctuators.Spelling(_pending)));
        else if (token.Kind == TokenKind.EndOfLine)
            Fail(token.Location, Messages.MissingCloseParenthesis);
        else if (token.Kind == TokenKind.RightParenthesis)
            Fail(token.Location, Messages.MissingOpenParenthesis);
        else
            Fail(token.Location, Messages.OperatorWithoutOperand, Encoding.UTF8.GetString(Spelling(token)));
    }

    private bool AssertionHolds()
    {
        if (_diagnostics.Pedantic)
            _diagnostics.Report(_operand.Location, Messages.AssertionsExtension);
        if (!ReadAssertion(answerIsOptional: true, out int predicate, out string? answer))
        {
            _failed = true;
            return false;
        }
        return _assertions.TryGetValue(predicate, out List<string>? answers) && (answer is null ? answers.Count > 0 : answers.Contains(answer));
    }

    private Value NameValue(in Token name)
    {
        if (name.Payload == _defined)
            return DefinedValue(name);
        Macro? macro = Macros[name.Payload];
        if (macro is { Kind: MacroKind.Dynamic, Dynamic: >= DynamicMacro.HasInclude })
        {
            _guardPossible = false;
            long value = HasValue(macro);
            Advance();
            return new Value(value);
        }
        _guardPossible = false;
        if (_options.StandardYear >= 2023 && Spelling(name).SequenceEqual("true"u8))
        {
            Advance();
            return new Value(1);
        }
        if (_unevaluated == 0 && _diagnostics.IsOn(Warning.Undef)
            && !(_options.StandardYear >= 2023 && Spelling(name).SequenceEqual("false"u8)))
            _diagnostics.Report(name.Location, Messages.UndefinedInCondition, _names.Text(name.Payload));
        Advance();
        return new Value(0);
    }

    private Value DefinedValue(in Token word)
    {
        // A "defined" that a macro made is undefined behaviour which gcc gives the obvious meaning.
        if ((word.Flags & TokenFlags.FromMacro) != 0 && _diagnostics.IsOn(Warning.ExpansionToDefined))
            _diagnostics.Report(word.Location, Messages.ExpansionToDefined);
        Token token = default;
        _preventExpansion++;
        GetSolid(ref token);
        bool hasParenthesis = token.Kind == TokenKind.LeftParenthesis;
        if (hasParenthesis)
            GetSolid(ref token);
        bool isName = token.Kind == TokenKind.Identifier;
        Token name = token;
        if (isName && hasParenthesis)
        {
            GetSolid(ref token);
            if (token.Kind != TokenKind.RightParenthesis)
            {
                _preventExpansion--;
                Fail(token.Location, Messages.MissingParenthesisAfter, "defined");
                return default;
            }
        }
        _preventExpansion--;
        if (!isName)
        {
            Fail(token.Location, Messages.DefinedWithoutName);
            return default;
        }
        Observer?.Used(name.Payload, name.Location);
        if (Macros[name.Payload] is { } macro)
            macro.IsUsed = true;
        _guardCandidate = _guardCandidate == 0 ? name.Payload : -1;
        if (_guardCandidate < 0)
            _guardPossible = false;
        Advance();
        return new Value(Macros.IsDefined(name.Payload) ? 1 : 0);
    }

    private Value NumberValue(in Token token)
    {
        ReadOnlySpan<byte> text = Spelling(token);
        NumberLiteral number = Literals.Number(text, token.Location, LiteralOptions, _diagnostics);
        if (number.Kind == NumberKind.Invalid)
        {
            _failed = true;
            return default;
        }
        if (number.Kind == NumberKind.Floating)
        {
            Fail(token.Location, Messages.FloatingInCondition);
            return default;
        }
        if (number.IsImaginary)
        {
            Fail(token.Location, Messages.ImaginaryInCondition);
            return default;
        }
        bool isUnsigned = number.IsUnsigned;
        if (number.Value > ulong.MaxValue)
            _diagnostics.Report(token.Location, Messages.IntegerTooLarge);
        if (!isUnsigned && (ulong)number.Value > long.MaxValue)
        {
            if (number.IsDecimal)
                _diagnostics.Report(token.Location, Messages.IntegerSoLargeUnsigned);
            isUnsigned = true;
        }
        return new Value((long)(ulong)number.Value, isUnsigned);
    }

    private LiteralOptions? _literalOptions;

    /// <summary>What the meaning of literals depends on.</summary>
    public LiteralOptions LiteralOptions => _literalOptions ??= new LiteralOptions
    {
        StandardYear = _options.StandardYear,
        CharIsSigned = _options.Predefined.CharIsSigned ?? _target.CharIsSigned,
        WideCharSize = _options.Predefined.ShortWideChar ? 2 : 4,
        WideCharIsSigned = !_options.Predefined.ShortWideChar && _target.WideCharIsSigned,
    };
}
