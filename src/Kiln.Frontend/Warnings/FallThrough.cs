// -Wimplicit-fallthrough: a case that runs into the next one, with neither the attribute nor a comment that says so. The comments are read
// from the source when a warning is due: what stands between the label and the token before it.

using System.Text;
using System.Text.RegularExpressions;
using Kiln.Base;
using Kiln.Frontend.Ast;
using Kiln.Frontend.Sema;

namespace Kiln.Frontend.Warnings;

/// <summary>Looks at the labels of a switch.</summary>
internal sealed partial class FallThrough(Semantics sema)
{
    private Reporter Report => sema.Report;

    public void Check(SwitchStatement choice)
    {
        if (!Report.IsEnabled("Wimplicit-fallthrough"))
            return;
        Walk(choice.Body, choice);
    }

    private void Walk(Statement statement, SwitchStatement choice)
    {
        switch (statement)
        {
            case CompoundStatement compound:
                Block(compound.Statements, choice);
                break;
            case CaseStatement { Body: { } body }:
                Walk(body, choice);
                break;
            case LabelStatement label:
                Walk(label.Body, choice);
                break;
            case IfStatement branch:
                Walk(branch.Then, choice);
                if (branch.Else is not null)
                    Walk(branch.Else, choice);
                break;
            case SwitchStatement:
                break;
            case BreakableStatement loop:
                Walk(loop.Body, choice);
                break;
        }
    }

    private void Block(Statement[] statements, SwitchStatement choice)
    {
        for (int i = 0; i < statements.Length; i++)
        {
            Walk(statements[i], choice);
            if (i == 0 || statements[i] is not CaseStatement label || !ReferenceEquals(label.Switch, choice))
                continue;
            int previous = i - 1;
            while (previous > 0 && statements[previous] is NullStatement { IsFallThrough: false })
                previous--;
            Statement before = statements[previous];
            if (Last(before) is not { } last || last is NullStatement { IsFallThrough: true } || !Completion.Completes(before) || IsHarmless(label, statements, i))
                continue;
            if (IsBareLabel(before) || HasComment(label.Location))
                continue;
            Report.Warning("Wimplicit-fallthrough", Place(last), "this statement may fall through");
            Report.Note(label.Location, "here");
        }
    }

    /// <summary>The statement that control leaves last, in source order.</summary>
    private static Statement? Last(Statement statement)
    {
        while (true)
        {
            switch (statement)
            {
                case CaseStatement { Body: { } body }:
                    statement = body;
                    continue;
                case LabelStatement label:
                    statement = label.Body;
                    continue;
                case CompoundStatement { Statements: [.., { } last] }:
                    statement = last;
                    continue;
                case CompoundStatement:
                    return null;
                case NullStatement { IsFallThrough: false }:
                    return null;
                case DeclarationStatement { Variable.Initializer: null }:
                    return null;
                case IfStatement { Else: null } branch:
                    // gcc does not see through conditions of several parts where the branch itself does not fall through.
                    return branch.Condition is LogicalExpression && !Completion.Completes(branch.Then) ? null : statement;
                case IfStatement { Else: { } otherwise } branch:
                    // gcc speaks of the branch that falls through.
                    statement = Completion.Completes(otherwise) || !Completion.Completes(branch.Then) ? otherwise : branch.Then;
                    continue;
                default:
                    return statement;
            }
        }
    }

    private static Location Place(Statement statement) => statement switch
    {
        ExpressionStatement expression => expression.Expression.Location,
        _ => statement.Location,
    };

    private static bool IsBareLabel(Statement statement)
    {
        while (statement is CaseStatement { Body: { } body })
            statement = body;
        return statement is NullStatement;
    }

    /// <summary>A label behind which nothing comes but a break, a goto or the end of the switch.</summary>
    private static bool IsHarmless(CaseStatement label, Statement[] statements, int index)
    {
        Statement? body = label;
        while (body is CaseStatement next)
            body = next.Body;
        while (body is LabelStatement named)
            body = named.Body;
        if (body is NullStatement or null)
            return index == statements.Length - 1 || statements[index + 1] is BreakStatement;
        return body is BreakStatement or GotoStatement or CompoundStatement { Statements: [BreakStatement or GotoStatement, ..] };
    }

    // ---- Comments ----

    private bool HasComment(Location label)
    {
        if (Report.Map is not { } map || map.File(map.SpellingLocation(label), out int offset, out _) is not { } file)
            return false;
        int level = Report.Level("Wimplicit-fallthrough", 3);
        if (level >= 5)
            return false;
        ReadOnlySpan<byte> text = file.Text.Span;
        int at = offset;
        while (true)
        {
            while (at > 0 && text[at - 1] is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r' or (byte)'\f' or (byte)'\\')
                at--;
            if (at >= 2 && text[at - 1] == '/' && text[at - 2] == '*')
            {
                int open = text[..(at - 2)].LastIndexOf("/*"u8);
                if (open < 0)
                    return false;
                if (Says(Encoding.Latin1.GetString(text[(open + 2)..(at - 2)]), level))
                    return true;
                at = open;
                continue;
            }
            int line = text[..at].LastIndexOf((byte)'\n') + 1;
            ReadOnlySpan<byte> head = text[line..at];
            int slashes = head.IndexOf("//"u8);
            if (slashes >= 0)
            {
                if (Says(Encoding.Latin1.GetString(head[(slashes + 2)..]), level))
                    return true;
                at = line + slashes;
                continue;
            }
            // A conditional directive between comment and label is looked past.
            if (head.TrimStart(" \t"u8) is [(byte)'#', ..] directive && !directive.StartsWith("#define"u8))
            {
                at = line;
                continue;
            }
            if (head.TrimStart(" \t"u8) is [(byte)'}'] && at > 0)
            {
                at--;
                continue;
            }
            return false;
        }
    }

    private static bool Says(string comment, int level) => level switch
    {
        1 => true,
        2 => Loose().IsMatch(comment),
        3 => Marker().IsMatch(comment) || Upper().IsMatch(comment) || Mixed().IsMatch(comment),
        _ => Marker().IsMatch(comment) || Strict().IsMatch(comment),
    };

    [GeneratedRegex("falls?[ \t-]*thr(ough|u)", RegexOptions.IgnoreCase)]
    private static partial Regex Loose();

    [GeneratedRegex(@"^(-fallthrough|@fallthrough@|lint -fallthrough[ \t]*)$")]
    private static partial Regex Marker();

    [GeneratedRegex(@"^[ \t.!]*((ELSE,? |INTENTIONAL(LY)? )?FALL(S | |-)?THR(OUGH|U))[ \t.!]*(-[^\n\r]*)?\s*$")]
    private static partial Regex Upper();

    [GeneratedRegex(@"^[ \t.!]*(([Ee]lse,? |[Ii]ntentional(ly)? )?[Ff]all(s | |-)?[Tt]hr(ough|u))[ \t.!]*(-[^\n\r]*)?\s*$")]
    private static partial Regex Mixed();

    [GeneratedRegex(@"^[ \t]*FALLTHR(OUGH|U)[ \t]*$")]
    private static partial Regex Strict();
}
