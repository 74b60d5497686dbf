// Pragmas that the preprocessor passes on: pack, weak, redefine_extname, GCC visibility; others are known and need nothing here, or are left
// to -Wunknown-pragmas.

using System.Text;
using Kiln.Base;
using Kiln.Frontend.Ast;
using Kiln.Frontend.Lex;
using Kiln.Target.X86;

namespace Kiln.Frontend.Parse;

public sealed partial class Parser
{
    private readonly Stack<(int Name, int Pack)> _packStack = new();
    private readonly Stack<Visibility?> _visibilityStack = new();
    private Visibility? _visibility;
    private readonly Dictionary<int, int> _renames = [];
    private readonly List<(int Name, int AliasOf)> _weakPragmas = [];
    private readonly GrowBuffer<Token> _pragma = new(16);

    /// <summary>Reads a pragma's tokens up to its end and obeys it.</summary>
    private void Pragma(Location location)
    {
        _pragma.Clear();
        while (true)
        {
            _source.Next(out Token token);
            if (token.Kind is TokenKind.PragmaEnd or TokenKind.End)
                break;
            _pragma.Add(token);
        }
        if (_pragma.Count == 0 || _pragma[0].Kind != TokenKind.Identifier)
            return;
        switch (_names.Text(_pragma[0].Payload))
        {
            case "pack":
                PragmaPack(location);
                break;
            case "weak":
                PragmaWeak(location);
                break;
            case "redefine_extname":
                if (_pragma.Count == 3 && _pragma[1].Kind == TokenKind.Identifier && _pragma[2].Kind == TokenKind.Identifier)
                    Rename(_pragma[1].Payload, _pragma[2].Payload, location);
                else
                    _report.Warning("Wpragmas", location, "malformed '#pragma redefine_extname', ignored");
                break;
            case "ident":
                if (_pragma.Count == 2 && _pragma[1].Kind == TokenKind.String)
                    _consumer.Ident(Encoding.UTF8.GetString(DecodeString(_pragma[1])));
                break;
            case "GCC" when _pragma.Count > 1 && _pragma[1].Kind == TokenKind.Identifier:
                PragmaGcc(_names.Text(_pragma[1].Payload), location);
                break;
            case "scalar_storage_order":
                if (_pragma.Count == 2 && _names.Text(_pragma[1].Payload) is "big-endian" or "big")
                    _report.Error(location, "scalar_storage_order other than the target's is not supported");
                break;
            case "STDC" or "omp" or "acc":
                break;
            default:
                _report.Warning("Wunknown-pragmas", location, $"ignoring '#pragma {_names.Text(_pragma[0].Payload)}{(_pragma.Count > 1 && _pragma[1].Kind == TokenKind.Identifier ? " " + _names.Text(_pragma[1].Payload) : "")}'");
                break;
        }
    }

    private void PragmaGcc(string name, Location location)
    {
        switch (name)
        {
            case "visibility" when _pragma.Count > 2 && _pragma[2].Kind == TokenKind.Identifier:
                if (_names.Text(_pragma[2].Payload) == "pop")
                {
                    if (_visibilityStack.Count == 0)
                        _report.Error(location, "no matching push for '#pragma GCC visibility pop'");
                    else
                        _visibility = _visibilityStack.Pop();
                    break;
                }
                if (_pragma.Count < 5 || _pragma[4].Kind != TokenKind.Identifier)
                    break;
                _visibilityStack.Push(_visibility);
                _visibility = _names.Text(_pragma[4].Payload) switch
                {
                    "hidden" => Visibility.Hidden,
                    "internal" => Visibility.Internal,
                    "protected" => Visibility.Protected,
                    _ => Visibility.Default,
                };
                break;
            case "target" or "optimize" or "push_options" or "pop_options" or "reset_options":
                PragmaOptions(name, location);
                break;
            default:
                break;
        }
    }

    private readonly Stack<string?> _targetStack = new();
    private string? _pragmaTarget;

    /// <summary>Target options of pragmas go to the functions that follow; optimization levels are the command line's.</summary>
    private void PragmaOptions(string name, Location location)
    {
        switch (name)
        {
            case "push_options":
                _targetStack.Push(_pragmaTarget);
                break;
            case "pop_options":
                if (_targetStack.Count == 0)
                    _report.Warning("Wpragmas", location, "'#pragma GCC pop_options' without a corresponding '#pragma GCC push_options'");
                else
                    _pragmaTarget = _targetStack.Pop();
                break;
            case "reset_options":
                _pragmaTarget = null;
                break;
            case "target":
                for (int i = 2; i < _pragma.Count; i++)
                {
                    if (_pragma[i].Kind == TokenKind.String)
                    {
                        string? text = TargetWords(Encoding.UTF8.GetString(DecodeString(_pragma[i])).TrimEnd('\0'), location);
                        if (text is not null)
                            _pragmaTarget = _pragmaTarget is null ? text : _pragmaTarget + "," + text;
                    }
                }
                break;
        }
    }

    /// <summary>The words of a target attribute or pragma; null, and told, where one of them means nothing.</summary>
    private string? TargetWords(string? words, Location location)
    {
        ulong features = X86Features.Base64;
        if (words is null || X86Features.TryApply(ref features, words, out string bad))
            return words;
        _report.Error(location, $"attribute 'target' argument '{bad}' is unknown");
        return null;
    }

    private void PragmaPack(Location location)
    {
        // pack(n), pack(), pack(push[, name][, n]), pack(pop[, name]).
        int at = 1;
        if (at >= _pragma.Count || _pragma[at].Kind != TokenKind.LeftParenthesis)
        {
            _report.Warning("Wpragmas", location, "missing '(' after '#pragma pack' - ignored");
            return;
        }
        at++;
        bool push = false, pop = false;
        int name = 0;
        int? value = null;
        while (at < _pragma.Count && _pragma[at].Kind != TokenKind.RightParenthesis)
        {
            ref Token token = ref _pragma[at++];
            if (token.Kind == TokenKind.Identifier)
            {
                string text = _names.Text(token.Payload);
                if (text == "push" && at == 3)
                    push = true;
                else if (text == "pop" && at == 3)
                    pop = true;
                else
                    name = token.Payload;
            }
            else if (token.Kind == TokenKind.Number && int.TryParse(_names.Text(token.Payload).TrimEnd('u', 'U', 'l', 'L'), out int number))
                value = number;
        }
        if (value is not (null or 0 or 1 or 2 or 4 or 8 or 16))
        {
            _report.Warning("Wpragmas", location, "alignment must be a small power of two, not " + value);
            return;
        }
        if (push)
        {
            _packStack.Push((name, _pack));
            if (value is { } pushed)
                _pack = pushed;
        }
        else if (pop)
        {
            if (_packStack.Count == 0)
            {
                _report.Warning("Wpragmas", location, "#pragma pack (pop) encountered without matching #pragma pack (push)");
                return;
            }
            while (_packStack.Count > 0)
            {
                (int pushedName, int pack) = _packStack.Pop();
                _pack = pack;
                if (name == 0 || pushedName == name)
                    break;
            }
        }
        else
            _pack = value ?? _options.PackStruct;
    }

    private void PragmaWeak(Location location)
    {
        if (_pragma.Count < 2 || _pragma[1].Kind != TokenKind.Identifier)
        {
            _report.Warning("Wpragmas", location, "malformed '#pragma weak', ignored");
            return;
        }
        int alias = _pragma.Count >= 4 && _pragma[2].Kind == TokenKind.Equal && _pragma[3].Kind == TokenKind.Identifier ? _pragma[3].Payload : 0;
        int name = _pragma[1].Payload;
        if (_scopes.Linked(name) is { } known)
        {
            SymbolOf(known).IsWeak = true;
            if (alias != 0)
                SymbolOf(known).AliasOf = alias;
            return;
        }
        _weakPragmas.Add((name, alias));
    }

    private void Rename(int name, int to, Location location)
    {
        if (_scopes.Linked(name) is { } known)
        {
            if (known.IsUsed)
                _report.Warning("Wpragmas", location, "'#pragma redefine_extname' ignored due to conflict with previous rename");
            else
                known.SymbolName = to;
            return;
        }
        _renames[name] = to;
    }
}
