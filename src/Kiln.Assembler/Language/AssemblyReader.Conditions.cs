using Kiln.Base;

namespace Kiln.Assembler.Language;

// .if and its kin. While a branch is skipped, only directives about conditions are seen.

public sealed partial class AssemblyReader
{
    private readonly List<Condition> _conditions = [];
    private bool _isSkipping;

    private record struct Condition(Location Location, bool IsTaken, bool WasTaken, bool HasElse, bool IsDead);

    private void UpdateSkipping() => _isSkipping = _conditions.Count > 0 && (!_conditions[^1].IsTaken || _conditions[^1].IsDead);

    private void SkipStatement()
    {
        Directive directive = BodyDirective(Statement);
        if (directive is < Directive.If or > Directive.EndIf)
            return;
        _at = Statement.IndexOf((byte)'.');
        _at = ExpressionReader.NameEnd(Statement, _at);
        SkipSpace();
        ReadCondition(directive);
    }

    private void Open(bool isTaken)
    {
        bool isDead = _isSkipping;
        _conditions.Add(new Condition(_location, isTaken && !isDead, isTaken && !isDead, false, isDead));
        UpdateSkipping();
    }

    private void ReadCondition(Directive directive)
    {
        if (directive < Directive.ElseIf)
        {
            Open(!_isSkipping && Test(directive));
            return;
        }
        if (_conditions.Count == 0)
        {
            Error(directive switch
            {
                Directive.ElseIf => "\".elseif\" without matching \".if\"",
                Directive.Else => "\".else\" without matching \".if\"",
                _ => "\".endif\" without \".if\"",
            });
            return;
        }
        Condition condition = _conditions[^1];
        switch (directive)
        {
            case Directive.EndIf:
                _conditions.RemoveAt(_conditions.Count - 1);
                break;
            case Directive.Else:
                if (condition.HasElse)
                    Error("duplicate \".else\"");
                _conditions[^1] = condition with { IsTaken = !condition.WasTaken, WasTaken = true, HasElse = true };
                break;
            default:
                if (condition.HasElse)
                    Error("\".elseif\" after \".else\"");
                bool isTaken = !condition.WasTaken && !condition.IsDead && Test(Directive.If);
                _conditions[^1] = condition with { IsTaken = isTaken, WasTaken = condition.WasTaken || isTaken };
                break;
        }
        UpdateSkipping();
        if (!_isSkipping && directive != Directive.ElseIf)
            ExpectEnd();
    }

    private bool Test(Directive directive)
    {
        switch (directive)
        {
            case Directive.IfDefined or Directive.IfNotDefined:
                byte[] name = ReadName();
                if (name.Length == 0)
                    Error("invalid identifier for \".ifdef\"");
                int symbol = _emitter.FindSymbol(name);
                bool isDefined = symbol != 0 && _emitter.IsDefined(symbol) || _expressions.FindRegister(name) != 0;
                ExpectEnd();
                return isDefined == (directive == Directive.IfDefined);
            case Directive.IfBlank or Directive.IfNotBlank:
                bool isBlank = IsAtEnd;
                return isBlank == (directive == Directive.IfBlank);
            case Directive.IfSame or Directive.IfNotSame:
                return TestSame() == (directive == Directive.IfSame);
            case Directive.IfStrings or Directive.IfNotStrings:
                if (!ReadString(out byte[] left))
                    return false;
                if (!Accept(','))
                    Error(".ifeqs syntax error");
                if (!ReadString(out byte[] right))
                    return false;
                return left.AsSpan().SequenceEqual(right) == (directive == Directive.IfStrings);
            default:
                return TestNumber(directive);
        }
    }

    private bool TestNumber(Directive directive)
    {
        if (!ReadValue(out Language.ReadValue value))
            return false;
        if (!value.IsNumber && !value.IsMissing)
        {
            Error("non-constant expression in \".if\" statement");
            return false;
        }
        ExpectEnd();
        long number = value.IsMissing ? 0 : value.Addend;
        return directive switch
        {
            Directive.If => number != 0,
            Directive.IfZero => number == 0,
            Directive.IfNotNegative => number >= 0,
            Directive.IfPositive => number > 0,
            Directive.IfNotPositive => number <= 0,
            Directive.IfNegative => number < 0,
            _ => throw new InvalidOperationException($"condition {directive}"),
        };
    }

    /// <summary>Compares the two texts of <c>.ifc</c>, each up to a comma or quoted by apostrophes.</summary>
    private bool TestSame()
    {
        byte[] left = ReadText();
        if (!Accept(','))
            Error("bad format for ifc or ifnc");
        byte[] right = ReadText();
        ExpectEnd();
        return left.AsSpan().SequenceEqual(right);
    }

    private byte[] ReadText()
    {
        SkipSpace();
        int start = _at;
        if (Peek == '\'')
        {
            int end = Statement[(_at + 1)..].IndexOf((byte)'\'');
            end = end < 0 ? _length : _at + 1 + end;
            byte[] quoted = _line[(_at + 1)..end];
            _at = Math.Min(end + 1, _length);
            return quoted;
        }
        bool isInString = false;
        while (_at < _length && (isInString || _line[_at] != ','))
        {
            if (_line[_at] == '"')
                isInString = !isInString;
            _at++;
        }
        int stop = _at;
        while (stop > start && _line[stop - 1] == ' ')
            stop--;
        return _line[start..stop];
    }
}
