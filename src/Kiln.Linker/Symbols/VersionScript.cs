using System.Text;
using Kiln.Base;
using Kiln.Object.Elf;

namespace Kiln.Linker.Symbols;

/// <summary>A version of a version script: its name (empty for the anonymous one), what it exports and what it hides.</summary>
internal sealed class VersionNode(string name)
{
    public string Name => name;

    /// <summary>Its index in .gnu.version_d.</summary>
    public int Index { get; set; } = 1;

    public List<string> Dependencies { get; } = [];
    public NamePatterns Globals { get; } = new();
    public NamePatterns Locals { get; } = new();
}

/// <summary>A list of names and wildcard patterns.</summary>
internal sealed class NamePatterns
{
    private readonly List<byte[]> _wildcards = [];

    public HashSet<string> Exact { get; } = [];

    /// <summary>Whether <c>*</c> itself is in the list.</summary>
    public bool HasStar { get; private set; }

    public bool HasWildcards => _wildcards.Count > 0;

    public void Add(string pattern, bool isQuoted)
    {
        if (!isQuoted && pattern == "*")
            HasStar = true;
        else if (!isQuoted && pattern.AsSpan().IndexOfAny("*?[\\") >= 0)
            _wildcards.Add(Encoding.UTF8.GetBytes(pattern));
        else
            Exact.Add(pattern);
    }

    public bool MatchesWildcard(ReadOnlySpan<byte> name)
    {
        foreach (byte[] pattern in _wildcards)
            if (Glob(pattern, name))
                return true;
        return false;
    }

    public bool Matches(string text, ReadOnlySpan<byte> name) => HasStar || Exact.Contains(text) || MatchesWildcard(name);

    /// <summary>Matches as fnmatch does. Going back is needed to the last star alone, so the time is at most the product of the lengths.</summary>
    public static bool Glob(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> name)
    {
        int p = 0, n = 0, star = -1, mark = 0;
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                mark = n;
            }
            else if (p < pattern.Length && One(pattern, ref p, name[n]))
                n++;
            else if (star >= 0)
            {
                p = star + 1;
                n = ++mark;
            }
            else
                return false;
        }
        while (p < pattern.Length && pattern[p] == '*')
            p++;
        return p == pattern.Length;
    }

    // One character of the name against one element of the pattern.
    private static bool One(ReadOnlySpan<byte> pattern, ref int p, byte c)
    {
        switch (pattern[p])
        {
            case (byte)'?':
                p++;
                return true;
            case (byte)'\\' when p + 1 < pattern.Length:
                p += 2;
                return pattern[p - 1] == c;
            case (byte)'[':
                return Bracket(pattern, ref p, c);
            default:
                return pattern[p++] == c;
        }
    }

    private static bool Bracket(ReadOnlySpan<byte> pattern, ref int p, byte c)
    {
        int at = p + 1;
        bool isNegated = at < pattern.Length && pattern[at] is (byte)'!' or (byte)'^';
        if (at < pattern.Length && pattern[at] is (byte)'!' or (byte)'^')
            at++;
        bool isIn = false;
        for (int first = at; at < pattern.Length && (pattern[at] != ']' || at == first); at++)
        {
            if (at + 2 < pattern.Length && pattern[at + 1] == '-' && pattern[at + 2] != ']')
            {
                isIn |= c >= pattern[at] && c <= pattern[at + 2];
                at += 2;
            }
            else
                isIn |= pattern[at] == c;
        }
        if (at >= pattern.Length)
        {
            // No closing bracket: an ordinary character.
            return pattern[p++] == c;
        }
        p = at + 1;
        return isIn != isNegated;
    }
}

/// <summary>
/// --version-script, --dynamic-list and the lists of --export-dynamic-symbol: which symbols are exported, under which version, and
/// which are hidden. Exact names go before patterns, patterns before the lone star, global before local, as in ld.
/// </summary>
internal sealed class VersionScript
{
    private readonly List<VersionNode> _nodes = [];
    private readonly List<NamePatterns> _dynamicLists = [];

    /// <summary>The versions that have names, in order.</summary>
    public List<VersionNode> NamedNodes { get; } = [];

    public int NamedCount => NamedNodes.Count;

    /// <summary>Reads what the options name; null where they name nothing.</summary>
    public static VersionScript? Read(LinkJob job)
    {
        LinkOptions options = job.Options;
        var script = new VersionScript();
        foreach (string path in options.VersionScripts)
            if (Text(job, path) is { } text)
                new Parser(job, path, text).Script(script._nodes);
        foreach (string path in options.DynamicLists)
            script.ReadList(job, path);
        foreach (string path in options.ExportDynamicSymbolLists)
            script.ReadList(job, path);
        if (options.ExportDynamicSymbols.Count > 0)
        {
            var list = new NamePatterns();
            foreach (string pattern in options.ExportDynamicSymbols)
                list.Add(pattern, isQuoted: false);
            script._dynamicLists.Add(list);
        }
        script.Number(job);
        return script;
    }

    private void ReadList(LinkJob job, string path)
    {
        if (Text(job, path) is not { } text)
            return;
        var nodes = new List<VersionNode>();
        new Parser(job, path, text).Script(nodes);
        foreach (VersionNode node in nodes)
            _dynamicLists.Add(node.Globals);
    }

    private static byte[]? Text(LinkJob job, string path)
    {
        try
        {
            job.ReadPaths.Add(path);
            if (job.Options.MemoryFiles is { } memory && memory.TryGetValue(path, out ReadOnlyMemory<byte> bytes))
                return bytes.ToArray();
            return File.ReadAllBytes(Find(job, path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            job.Error($"cannot open linker script file {path}: No such file or directory");
            return null;
        }
    }

    // As given, else in the directories of -L.
    private static string Find(LinkJob job, string path)
    {
        if (!File.Exists(path) && !Path.IsPathRooted(path))
            foreach (string directory in job.Options.LibraryDirectories)
                if (!directory.StartsWith('=') && Path.Combine(directory, path) is var candidate && File.Exists(candidate))
                    return candidate;
        return path;
    }

    private void Number(LinkJob job)
    {
        int next = 2;
        foreach (VersionNode node in _nodes)
        {
            if (node.Name.Length == 0)
            {
                if (_nodes.Count > 1)
                    job.Error("anonymous version tag cannot be combined with other version tags");
                continue;
            }
            foreach (VersionNode other in NamedNodes)
                if (other.Name == node.Name)
                    job.Error($"duplicate version tag `{node.Name}'");
            node.Index = next++;
            NamedNodes.Add(node);
        }
        foreach (VersionNode node in NamedNodes)
            foreach (string dependency in node.Dependencies)
                if (!NamedNodes.Exists(other => other.Name == dependency))
                    job.Error($"unable to find version dependency `{dependency}'");
    }

    /// <summary>Gives the defined symbols their versions, and hides those that are local.</summary>
    public void Apply(LinkJob job)
    {
        AddImplicitNodes(job);
        for (int id = 1; id < job.Symbols.Count; id++)
        {
            ref Symbol symbol = ref job.Symbols[id];
            if (symbol.State is not (SymbolState.Defined or SymbolState.Common) || symbol.Alias != 0)
                continue;
            if (_nodes.Count > 0 || symbol.VersionName.Length > 0)
                ApplyVersion(job, id, ref symbol);
            if (_dynamicLists.Count == 0)
                continue;
            ReadOnlySpan<byte> name = symbol.Name.Span;
            string text = Encoding.UTF8.GetString(name);
            foreach (NamePatterns list in _dynamicLists)
                if (list.Matches(text, name))
                    symbol.Traits |= SymbolTraits.ListedDynamic;
        }
        if (!job.Options.UndefinedVersion)
            ReportUndefined(job);
    }

    // An executable may define versions without a script.
    private void AddImplicitNodes(LinkJob job)
    {
        if (!job.IsExecutable)
            return;
        for (int id = 1; id < job.Symbols.Count; id++)
        {
            ref Symbol symbol = ref job.Symbols[id];
            if (symbol.State != SymbolState.Defined || symbol.VersionName.Length == 0 || symbol.Alias != 0)
                continue;
            string name = Encoding.UTF8.GetString(symbol.VersionName.Span);
            if (!NamedNodes.Exists(node => node.Name == name))
                NamedNodes.Add(new VersionNode(name) { Index = NamedNodes.Count + 2 });
        }
    }

    private void ApplyVersion(LinkJob job, int id, ref Symbol symbol)
    {
        if (symbol.VersionName.Length > 0)
        {
            string version = Encoding.UTF8.GetString(symbol.VersionName.Span);
            VersionNode? named = NamedNodes.Find(node => node.Name == version);
            if (named is null)
                job.Error($"{job.Files[symbol.File].Name}: version node not found for symbol {job.Symbols.Text(id)}");
            else
                symbol.Version = (ushort)named.Index;
            return;
        }
        ReadOnlySpan<byte> name = symbol.Name.Span;
        string text = Encoding.UTF8.GetString(name);
        VersionNode? global = null, local = null, starGlobal = null, starLocal = null;
        foreach (VersionNode node in _nodes)
        {
            if (node.Globals.Exact.Contains(text))
            {
                symbol.Version = (ushort)node.Index;
                return;
            }
            if (node.Globals.MatchesWildcard(name))
                (global, local) = (node, null);
            if (node.Globals.HasStar)
                starGlobal = node;
        }
        foreach (VersionNode node in _nodes)
        {
            if (node.Locals.Exact.Contains(text))
            {
                symbol.Traits |= SymbolTraits.ForcedLocal;
                return;
            }
            if (node.Locals.MatchesWildcard(name))
                local = node;
            if (node.Locals.HasStar)
                starLocal = node;
        }
        VersionNode? chosen = global ?? (local is null ? starGlobal : null);
        if (chosen is not null)
            symbol.Version = (ushort)chosen.Index;
        else if (local is not null || starLocal is not null)
            symbol.Traits |= SymbolTraits.ForcedLocal;
    }

    private void ReportUndefined(LinkJob job)
    {
        foreach (VersionNode node in _nodes)
            foreach (string name in node.Globals.Exact)
            {
                int id = job.Symbols.Find(name);
                if (id == 0 || job.Symbols[job.Symbols.Final(id)].State is not (SymbolState.Defined or SymbolState.Common))
                    job.Error($"version script assignment of `{node.Name}' to symbol `{name}' failed: symbol not defined");
            }
    }

    /// <summary>Reads the language of version scripts.</summary>
    private ref struct Parser(LinkJob job, string path, ReadOnlySpan<byte> text)
    {
        private readonly ReadOnlySpan<byte> _text = text;
        private int _at;
        private bool _isQuoted;

        /// <summary>All nodes of a file.</summary>
        public void Script(List<VersionNode> nodes)
        {
            while (Word(out string word))
            {
                var node = new VersionNode(word == "{" ? "" : word);
                if (word != "{" && (!Word(out string open) || open != "{") || !Body(node) || !Tail(node))
                {
                    Fail();
                    return;
                }
                nodes.Add(node);
            }
        }

        private readonly void Fail()
        {
            if (job.ErrorCount == 0)
                job.Error($"{path}:{1 + _text[..Math.Min(_at, _text.Length)].Count((byte)'\n')}: syntax error in VERSION script");
        }

        // After the closing brace: the versions this one follows, and a semicolon.
        private bool Tail(VersionNode node)
        {
            while (Word(out string word))
            {
                if (word == ";")
                    return true;
                if (word is "{" or "}" or ":")
                    return false;
                node.Dependencies.Add(word);
            }
            return false;
        }

        private bool Body(VersionNode node)
        {
            NamePatterns to = node.Globals;
            while (Word(out string word))
            {
                if (word == "}" && !_isQuoted)
                    return true;
                if (word == ";")
                    continue;
                bool isQuoted = _isQuoted;
                if (!isQuoted && word is "global" or "local" && PeekColon())
                {
                    to = word == "global" ? node.Globals : node.Locals;
                    continue;
                }
                if (!isQuoted && word == "extern")
                {
                    if (!Extern(to))
                        return false;
                    continue;
                }
                if (!isQuoted && word is "{" or ":")
                    return false;
                to.Add(word, isQuoted);
                if (!EndOfPattern())
                    return false;
            }
            return false;
        }

        // A pattern ends with a semicolon, or with the brace that ends the list.
        private bool EndOfPattern()
        {
            int before = _at;
            if (!Word(out string word))
                return false;
            if (word == "}")
                _at = before;
            return word is ";" or "}";
        }

        private bool PeekColon()
        {
            int before = _at;
            if (Word(out string word) && word == ":")
                return true;
            _at = before;
            return false;
        }

        private bool Extern(NamePatterns to)
        {
            if (!Word(out string language) || !Word(out string open) || open != "{")
                return false;
            if (language != "C")
            {
                job.Error($"{path}: extern \"{language}\" in version scripts is not supported");
                return false;
            }
            while (Word(out string word))
            {
                if (word == "}" && !_isQuoted)
                {
                    int before = _at;
                    if (!Word(out string next) || next != ";")
                        _at = before;
                    return true;
                }
                if (word == ";")
                    continue;
                to.Add(word, _isQuoted);
            }
            return false;
        }

        private bool Word(out string word)
        {
            word = "";
            _isQuoted = false;
            if (!SkipSpace())
                return false;
            int start = _at;
            byte first = _text[_at];
            if (first == '"')
            {
                int end = _text[(_at + 1)..].IndexOf((byte)'"');
                if (end < 0)
                    return false;
                word = Encoding.UTF8.GetString(_text.Slice(_at + 1, end));
                _at += end + 2;
                _isQuoted = true;
                return true;
            }
            if (IsMark(first))
                _at++;
            else
                while (_at < _text.Length && _text[_at] > 32 && !IsMark(_text[_at]))
                    _at++;
            word = Encoding.UTF8.GetString(_text[start.._at]);
            return true;
        }

        // A colon inside a name (a C++ scope) belongs to it; after global and local it stands alone.
        private readonly bool IsMark(byte b) => b is (byte)'{' or (byte)'}' or (byte)';' || b == ':' && !IsScope();

        private readonly bool IsScope() => _at + 1 < _text.Length && _text[_at + 1] == ':' || _at > 0 && _text[_at - 1] == ':';

        private bool SkipSpace()
        {
            while (_at < _text.Length)
            {
                if (_text[_at] <= 32)
                    _at++;
                else if (_text[_at] == '#')
                {
                    int end = _text[_at..].IndexOf((byte)'\n');
                    _at = end < 0 ? _text.Length : _at + end;
                }
                else if (_text[_at..].StartsWith("/*"u8))
                {
                    int end = _text[(_at + 2)..].IndexOf("*/"u8);
                    _at = end < 0 ? _text.Length : _at + end + 4;
                }
                else
                    return true;
            }
            return false;
        }
    }
}
