// asm statements and declarations (GNU C).

using System.Text;
using Kiln.Base;
using Kiln.Frontend.Ast;
using Kiln.Frontend.Lex;
using Kiln.Frontend.Types;

namespace Kiln.Frontend.Parse;

public sealed partial class Parser
{
    private void TopLevelAsm()
    {
        Location location = Here;
        Advance();
        if (!Expect(TokenKind.LeftParenthesis))
        {
            SkipDeclaration();
            return;
        }
        if (Kind != TokenKind.String)
        {
            SyntaxError("expected string literal");
            SkipDeclaration();
            return;
        }
        string text = StringText();
        ExpectClosing(TokenKind.RightParenthesis);
        Semicolon();
        if (_report.ErrorCount == 0)
            _consumer.TopLevelAsm(new AsmStatement(text, location) { IsBasic = true, IsVolatile = true });
    }

    private Statement Asm()
    {
        Location location = Here;
        Advance();
        bool isVolatile = false, isInline = false, isGoto = false;
        while (true)
        {
            bool isTwice = CurrentKeyword == Keyword.Volatile && isVolatile || CurrentKeyword == Keyword.Inline && isInline || CurrentKeyword == Keyword.Goto && isGoto;
            if (isTwice)
                _report.Error(Here, $"duplicate 'asm' qualifier '{_names.Text(_token.Payload)}'");
            switch (CurrentKeyword)
            {
                case Keyword.Volatile:
                    isVolatile = true;
                    Advance();
                    continue;
                case Keyword.Inline:
                    isInline = true;
                    Advance();
                    continue;
                case Keyword.Goto:
                    isGoto = true;
                    Advance();
                    continue;
                case Keyword.Const or Keyword.Restrict:
                    _report.Error(Here, $"'{_names.Text(_token.Payload)}' is not a valid 'asm' qualifier".Replace(" a valid ", " an "));
                    Advance();
                    continue;
            }
            break;
        }
        if (!Expect(TokenKind.LeftParenthesis))
        {
            SkipDeclaration();
            return new NullStatement(location);
        }
        if (Kind != TokenKind.String)
        {
            SyntaxError("expected string literal");
            SkipDeclaration();
            return new NullStatement(location);
        }
        var statement = new AsmStatement(StringText(), location) { IsVolatile = isVolatile, IsInline = isInline, IsGoto = isGoto };
        int errors = _report.ErrorCount;
        if (Kind == TokenKind.RightParenthesis)
        {
            statement.IsBasic = true;
            statement.IsVolatile = true;
            if (isGoto)
                SyntaxError("expected ':'");
        }
        else
            AsmOperands(statement);
        CheckAsmNames(statement);
        if (statement.Outputs.Length + statement.Inputs.Length + statement.Labels.Length > 30)
            _report.Error(location, "more than 30 operands in 'asm'");
        ExpectClosing(TokenKind.RightParenthesis);
        StatementEnd();
        if (statement.Outputs.Length == 0)
            statement.IsVolatile = true;
        if (isGoto)
            statement.IsVolatile = true;
        return _report.ErrorCount > errors ? new NullStatement(location) : statement;
    }

    /// <summary>The sections behind the template: outputs, inputs, clobbers, labels; :: stands for two colons.</summary>
    private void AsmOperands(AsmStatement statement)
    {
        int section = 0;
        while (Kind is TokenKind.Colon or TokenKind.ColonColon)
        {
            section += Kind == TokenKind.ColonColon ? 2 : 1;
            Advance();
            if (Kind is TokenKind.Colon or TokenKind.ColonColon or TokenKind.RightParenthesis)
                continue;
            switch (section)
            {
                case 1:
                    statement.Outputs = AsmOperandList(isOutput: true, statement);
                    break;
                case 2:
                    statement.Inputs = AsmOperandList(isOutput: false, statement);
                    break;
                case 3:
                    statement.Clobbers = AsmClobbers();
                    break;
                case 4:
                    AsmLabels(statement);
                    break;
                default:
                    SyntaxError("expected ')'");
                    return;
            }
        }
    }

    /// <summary>Operands' names differ, and the template names none that isn't there.</summary>
    private void CheckAsmNames(AsmStatement statement)
    {
        if (statement.IsBasic)
            return;
        var known = new HashSet<string>();
        foreach (AsmOperand operand in statement.Outputs.Concat(statement.Inputs))
        {
            if (operand.Name != 0 && !known.Add(_names.Text(operand.Name)))
                _report.Error(statement.Location, $"duplicate 'asm' operand name '{_names.Text(operand.Name)}'");
        }
        foreach (int label in statement.LabelNames)
        {
            if (!known.Add(_names.Text(label)))
                _report.Error(statement.Location, $"duplicate 'asm' operand name '{_names.Text(label)}'");
        }
        string text = statement.Template;
        for (int i = text.IndexOf('%'); i >= 0 && i + 1 < text.Length; i = text.IndexOf('%', i))
        {
            i++;
            if (i < text.Length && text[i] is '%' or '{' or '|' or '}' or '=')
            {
                i++;
                continue;
            }
            int open = i;
            if (open < text.Length && char.IsAsciiLetter(text[open]))
                open++;
            if (open >= text.Length || text[open] != '[')
                continue;
            int close = text.IndexOf(']', open);
            if (close < 0)
            {
                _report.Error(statement.Location, "missing close brace for named operand");
                return;
            }
            if (!known.Contains(text[(open + 1)..close]))
                _report.Error(statement.Location, $"undefined named operand '{text[(open + 1)..close]}'");
            i = close;
        }
    }

    private AsmOperand[] AsmOperandList(bool isOutput, AsmStatement statement)
    {
        var operands = new List<AsmOperand>(4);
        do
        {
            int name = 0;
            if (Accept(TokenKind.LeftBracket))
            {
                if (Kind == TokenKind.Identifier)
                {
                    name = _token.Payload;
                    Advance();
                }
                else
                    SyntaxError("expected identifier");
                ExpectClosing(TokenKind.RightBracket);
            }
            if (Kind != TokenKind.String)
            {
                SyntaxError("expected string literal");
                break;
            }
            Location location = Here;
            string constraint = StringText();
            foreach (char c in constraint)
            {
                if (c is < ' ' or > '~')
                    _report.Error(statement.Location, $"invalid punctuation '\\x{(int)c:x2}' in constraint");
            }
            if (!Expect(TokenKind.LeftParenthesis))
                break;
            Expression value = Expression();
            ExpectClosing(TokenKind.RightParenthesis);
            if (value.Type.IsError)
                continue;
            value = isOutput ? AsmOutput(value, constraint, location) : AsmInput(value, constraint, location, statement, operands.Count);
            operands.Add(new AsmOperand(name, constraint, value));
        }
        while (Accept(TokenKind.Comma));
        return [.. operands];
    }

    private Expression AsmOutput(Expression value, string constraint, Location location)
    {
        if (!constraint.StartsWith('=') && !constraint.StartsWith('+') && !constraint.Contains('='))
        {
            _report.Error(location, "output operand constraint lacks '='");
            return value;
        }
        // A cast around an lvalue was an lvalue once; gcc still takes it here.
        while (value is CastExpression { Operand: { } operand } cast && !value.IsLvalue
            && (cast.Flags & Ast.ExpressionFlags.Explicit) != 0 && operand.Type.Size == value.Type.Size)
            value = operand is CastExpression { CastKind: CastKind.LvalueToRvalue } read ? read.Operand : operand;
        if (value.Type.IsVoid && !AllowsMemoryOnly(constraint))
            return _sema.Error(location, "invalid use of void expression");
        if (constraint.Contains('+'))
            Sema.Semantics.MarkRead(value);
        _sema.AsmOutput(value, location);
        if (AllowsMemoryOnly(constraint))
            _sema.AddressOf(value, location);
        return value;
    }

    private Expression AsmInput(Expression value, string constraint, Location location, AsmStatement statement, int index)
    {
        if (AllowsMemoryOnly(constraint) && value.IsLvalue && !value.Type.IsFunction)
        {
            if (value.Type.IsArray || value is not MemberExpression { Field.IsBitField: true })
                _sema.AddressOf(value, location);
            return value;
        }
        if (value.Type.IsVoid)
            return _sema.Error(location, "invalid use of void expression");
        if (AllowsMemoryOnly(constraint) && value.Kind is not (ExpressionKind.Call or ExpressionKind.Cast or ExpressionKind.StatementExpression) && !value.Type.IsFunction)
            return _sema.Error(statement.Location, $"memory input {index} is not directly addressable");
        Expression read = _sema.Value(value);
        return Sema.Semantics.FoldFully(read);
    }

    /// <summary>Whether a constraint allows memory, but no register and no constant.</summary>
    private static bool AllowsMemoryOnly(string constraint)
    {
        bool memory = false;
        for (int i = 0; i < constraint.Length; i++)
        {
            switch (constraint[i])
            {
                case '=' or '+' or '&' or '%' or ',' or '*' or '#' or '?' or '!' or ' ':
                    break;
                case 'm' or 'o' or 'V' or '<' or '>':
                    memory = true;
                    break;
                default:
                    return false;
            }
        }
        return memory;
    }

    private string[] AsmClobbers()
    {
        var clobbers = new List<string>(4);
        do
        {
            if (Kind != TokenKind.String)
            {
                SyntaxError("expected string literal");
                break;
            }
            clobbers.Add(StringText());
        }
        while (Accept(TokenKind.Comma));
        return [.. clobbers];
    }

    private void AsmLabels(AsmStatement statement)
    {
        var labels = new List<LabelDeclaration>(2);
        var names = new List<int>(2);
        do
        {
            int name = 0;
            if (Accept(TokenKind.LeftBracket))
            {
                if (Kind == TokenKind.Identifier)
                {
                    name = _token.Payload;
                    Advance();
                }
                ExpectClosing(TokenKind.RightBracket);
            }
            if (!IsPlainIdentifier)
            {
                SyntaxError("expected identifier");
                break;
            }
            LabelDeclaration label = LookUpLabel(_token.Payload, Here);
            label.IsUsed = true;
            names.Add(name != 0 ? name : _token.Payload);
            labels.Add(label);
            Advance();
        }
        while (Accept(TokenKind.Comma));
        statement.Labels = [.. labels];
        statement.LabelNames = [.. names];
    }
}
