using System.Text;
using Kiln.Base;
using Kiln.Frontend.Diagnostics;
using Kiln.Frontend.Lex;

namespace Kiln.Frontend.Preprocess;

/// <summary>Conditional inclusion (C17 6.10.1). A group that is left out is passed over by lines and never made tokens of.</summary>
public sealed partial class Preprocessor
{
    private readonly GrowBuffer<Conditional> _conditionals = new(64);

    private struct Conditional
    {
        public Location Location;
        /// <summary>A group was read: the others are left out.</summary>
        public bool WasTaken;
        public bool SawElse;
        /// <summary>The macro of an <c>#ifndef</c> at the start of the file.</summary>
        public int Guard;
        public DirectiveKind Kind;

        /// <summary>How messages call it.</summary>
        public readonly string Name => Kind switch
        {
            DirectiveKind.If => "#if",
            DirectiveKind.Ifdef => "#ifdef",
            DirectiveKind.Ifndef => "#ifndef",
            DirectiveKind.Else => "#else",
            DirectiveKind.Elif => "#elif",
            DirectiveKind.Elifdef => "#elifdef",
            DirectiveKind.Elifndef => "#elifndef",
            _ => Kind.ToString(),
        };
    }

    private void OpenConditional(DirectiveKind kind, in Token name, in Token hash, bool guardIsValid)
    {
        int guard = 0;
        bool isTrue = kind == DirectiveKind.If ? Condition(name, out guard) : IfDefined(kind, name, out guard);
        _conditionals.Add(new Conditional
        {
            Location = hash.Location,
            WasTaken = isTrue,
            Kind = kind,
            Guard = guardIsValid && _guardMacro == 0 ? guard : 0,
        });
        _guardIsValid = false;
        if (!isTrue)
            SkipGroups();
    }

    private bool IfDefined(DirectiveKind kind, in Token name, out int guard)
    {
        guard = 0;
        bool wantsUndefined = kind is DirectiveKind.Ifndef or DirectiveKind.Elifndef;
        if (!ReadMacroName(kind, out Token macro))
            return false;
        ExpectEndOfLine(WordOf(kind));
        Observer?.Used(macro.Payload, macro.Location);
        if (Macros[macro.Payload] is { } entry)
            entry.IsUsed = true;
        if (kind == DirectiveKind.Ifndef)
            guard = macro.Payload;
        return Macros.IsDefined(macro.Payload) != wantsUndefined;
    }

    private static string WordOf(DirectiveKind kind) => kind switch
    {
        DirectiveKind.Ifdef => "ifdef",
        DirectiveKind.Ifndef => "ifndef",
        DirectiveKind.Elifdef => "elifdef",
        DirectiveKind.Elifndef => "elifndef",
        DirectiveKind.If => "if",
        DirectiveKind.Elif => "elif",
        DirectiveKind.Define => "define",
        DirectiveKind.Undef => "undef",
        _ => kind.ToString(),
    };

    /// <summary>Reads the condition of #if or #elif.</summary>
    private bool Condition(in Token directive, out int guard)
    {
        bool isTrue = EvaluateCondition(directive, out guard);
        // What is left of an expression with an error is not looked at.
        while (_depth > 0 && !_contexts[_depth - 1].IsArgument)
            PopContext();
        _hasLookahead = false;
        return isTrue;
    }

    /// <summary>#elif and #else met while their conditional was read: all that follows is left out.</summary>
    private void AlternativeAfterTaken(DirectiveKind kind, in Token name)
    {
        if (_conditionals.Count <= _frames.Last.Conditionals)
        {
            _diagnostics.Report(name.Location, Messages.AlternativeWithoutIf, AlternativeName(kind));
            return;
        }
        ref Conditional open = ref _conditionals.Last;
        if (open.SawElse)
        {
            _diagnostics.Report(name.Location, Messages.AlternativeAfterElse, AlternativeName(kind));
            _diagnostics.Report(open.Location, Messages.ConditionalBegan);
        }
        if (kind == DirectiveKind.Else)
        {
            open.SawElse = true;
            if (!InSystemHeader)
                ExpectEndOfLine("else", governed: true);
        }
        open.WasTaken = true;
        open.Guard = 0;
        open.Kind = kind;
        SkipGroups();
    }

    private static string AlternativeName(DirectiveKind kind) => kind switch
    {
        DirectiveKind.Else => "#else",
        DirectiveKind.Elif => "#elif",
        DirectiveKind.Elifdef => "#elifdef",
        _ => "#elifndef",
    };

    private void CloseConditional(in Token name)
    {
        if (_conditionals.Count <= _frames.Last.Conditionals)
        {
            _diagnostics.Report(name.Location, Messages.EndifWithoutIf);
            return;
        }
        if (!InSystemHeader)
            ExpectEndOfLine("endif", governed: true);
        CloseConditional();
    }

    private void CloseConditional()
    {
        Conditional closed = _conditionals.Pop();
        if (_conditionals.Count == _frames.Last.Conditionals && closed.Guard != 0)
        {
            _guardIsValid = true;
            _guardMacro = closed.Guard;
        }
    }

    /// <summary>Passes over lines until a group that is to be read, or the end of the innermost conditional.</summary>
    private void SkipGroups()
    {
        int nesting = 0;
        Token name = default;
        _lexer.SkipLine();
        while (_lexer.SkipToDirective())
        {
            _lexer.Lex(ref name);
            DirectiveKind kind = KindOf(name);
            switch (kind)
            {
                case DirectiveKind.If:
                case DirectiveKind.Ifdef:
                case DirectiveKind.Ifndef:
                    nesting++;
                    _conditionals.Add(new Conditional { Location = name.Location, WasTaken = true, Kind = kind });
                    break;
                case DirectiveKind.Endif:
                    if (nesting > 0)
                    {
                        nesting--;
                        _conditionals.Pop();
                        break;
                    }
                    if (!InSystemHeader)
                        ExpectEndOfLine("endif", governed: true);
                    CloseConditional();
                    return;
                case DirectiveKind.Else:
                case DirectiveKind.Elif:
                case DirectiveKind.Elifdef:
                case DirectiveKind.Elifndef:
                    if (nesting == 0 && Alternative(kind, name))
                        return;
                    break;
            }
            _lexer.SkipLine();
        }
        _lexer.Position = Math.Max(0, _lexer.Text.Length - 1);
    }

    /// <summary>An #else or #elif behind a group that was left out.</summary>
    /// <returns>Whether its group is to be read.</returns>
    private bool Alternative(DirectiveKind kind, in Token name)
    {
        ref Conditional open = ref _conditionals.Last;
        if (open.SawElse)
        {
            _diagnostics.Report(name.Location, Messages.AlternativeAfterElse, AlternativeName(kind));
            _diagnostics.Report(open.Location, Messages.ConditionalBegan);
        }
        open.Guard = 0;
        if (kind == DirectiveKind.Else)
        {
            open.SawElse = true;
            if (!InSystemHeader)
                ExpectEndOfLine("else", governed: true);
            open.Kind = kind;
            bool reads = !open.WasTaken;
            open.WasTaken = true;
            return reads;
        }
        open.Kind = kind;
        if (open.WasTaken)
            return false;
        if (kind != DirectiveKind.Elif && _options.StandardYear < 2023 && _diagnostics.Pedantic)
            _diagnostics.Report(name.Location, Messages.ElifdefExtension, WordOf(kind));
        bool isTrue = kind == DirectiveKind.Elif ? Condition(name, out _) : IfDefined(kind, name, out _);
        _conditionals.Last.WasTaken = isTrue;
        return isTrue;
    }
}
