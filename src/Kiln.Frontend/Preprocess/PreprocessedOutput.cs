using System.Globalization;
using System.Text;
using Kiln.Base;
using Kiln.Frontend.Lex;

namespace Kiln.Frontend.Preprocess;

/// <summary>
/// Prints what <c>-E</c> shows, in gcc's form: each token in its line and about its column, line markers, and a space wherever two
/// tokens would otherwise be read as one. In: a preprocessor that was not started. Out: bytes on a stream.
/// </summary>
public sealed class PreprocessedOutput : IPreprocessObserver
{
    private const int FlushSize = 1 << 16;

    private readonly Preprocessor _preprocessor;
    private readonly PreprocessorOptions _options;
    private readonly Interner _names;
    private readonly SourceMap _map;
    private readonly Spellings _spellings;
    private readonly Stream _stream;
    private readonly ByteWriter _out = new(FlushSize + 4096);
    private readonly bool _markers;

    private int _line = 1;
    private bool _printed;
    private bool _wasSystem;
    private Token _previous;
    private bool _hasPrevious;
    private bool _mainBegan;

    private PreprocessedOutput(Preprocessor preprocessor, Stream stream)
    {
        _preprocessor = preprocessor;
        _options = preprocessor.Options;
        _names = preprocessor.Names;
        _map = preprocessor.Map;
        _spellings = new Spellings(_names, _map);
        _stream = stream;
        _markers = !_options.NoLineMarkers && (_options.Dump & DumpKinds.Macros) == 0;
    }

    /// <summary>Preprocesses a file and prints the result.</summary>
    /// <returns>Whether the file could be read.</returns>
    public static bool Write(Preprocessor preprocessor, string path, Stream stream)
    {
        var output = new PreprocessedOutput(preprocessor, stream);
        preprocessor.Observer = output;
        if (!preprocessor.Start(path))
            return false;
        if ((output._options.Dump & DumpKinds.Macros) != 0)
            output.DumpMacros();
        else
            output.Tokens();
        output.Flush(force: true);
        return true;
    }

    private void Flush(bool force)
    {
        if (!force && _out.Length < FlushSize)
            return;
        _stream.Write(_out.Span);
        _out.Clear();
    }

    private void DumpMacros()
    {
        Token token = default;
        do
            _preprocessor.GetToken(ref token);
        while (token.Kind != TokenKind.End);
        _out.Clear();
        foreach (Macro? macro in _preprocessor.Macros.All)
        {
            if (macro is not { Kind: MacroKind.Object or MacroKind.Function })
                continue;
            _out.Bytes("#define "u8);
            MacroText.Write(macro, _names, _spellings, _out);
            _out.U8('\n');
        }
    }

    private void Tokens()
    {
        Token token = default;
        bool avoidPaste = false, markerWritten = false, inPragma = false;
        var source = Preprocessor.PaddingSource.None;
        bool adjustsLines = _markers && !_options.Assembly;
        for (; ; )
        {
            _preprocessor.GetToken(ref token);
            if (_lineStarted)
            {
                // The line change forgets what came before on the old line.
                source = Preprocessor.PaddingSource.None;
                _lineStarted = false;
            }
            if (token.Kind == TokenKind.Placemarker)
            {
                avoidPaste = true;
                var padding = (Preprocessor.PaddingSource)token.Payload;
                if (source == Preprocessor.PaddingSource.None
                    || source == Preprocessor.PaddingSource.Tight && padding == Preprocessor.PaddingSource.None)
                    source = padding;
                continue;
            }
            if (token.Kind == TokenKind.End)
                break;
            bool hasSpace = (token.Flags & TokenFlags.SpaceBefore) != 0;
            if (avoidPaste)
            {
                bool space = source == Preprocessor.PaddingSource.None ? hasSpace : source == Preprocessor.PaddingSource.White;
                if (adjustsLines && !inPragma && LineOf(token.Location) != _line)
                {
                    markerWritten = ChangeLine(token.Location);
                    _out.U8(' ');
                    _printed = true;
                }
                else if (space || _hasPrevious && WouldPaste(_previous, token) || !_hasPrevious && token.Kind == TokenKind.Hash)
                    _out.U8(' ');
            }
            else if (hasSpace)
            {
                if (adjustsLines && !inPragma && LineOf(token.Location) != _line)
                    markerWritten = ChangeLine(token.Location);
                _out.U8(' ');
                _printed = true;
            }
            else if (_hasPrevious && WouldContinue(_previous, token))
            {
                _out.U8(' ');
            }
            avoidPaste = false;
            source = Preprocessor.PaddingSource.None;
            _previous = token;
            _hasPrevious = true;
            if (adjustsLines && !inPragma && !markerWritten)
            {
                bool isSystem = IsSystem(token);
                if (isSystem != _wasSystem && !_map.IsBuiltIn(token.Location))
                {
                    ChangeLine(token.Location);
                    _wasSystem = isSystem;
                }
            }
            _out.Bytes(_spellings.Of(token));
            markerWritten = false;
            _printed = true;
            if (token.Kind == TokenKind.Comment)
                _line += _spellings.Of(token).Count((byte)'\n');
            Flush(force: false);
        }
        if (_printed)
            _out.U8('\n');
    }

    private bool IsSystem(in Token token) =>
        (token.Flags & TokenFlags.FromMacro) == 0 ? (token.Flags & TokenFlags.System) != 0 : _map.IsInSystemHeader(token.Location);

    private int LineOf(Location location) => _map.Position(location).Line;

    /// <summary>Brings the output to the line and column of a token.</summary>
    /// <returns>Whether a line marker was written.</returns>
    private bool ChangeLine(Location location)
    {
        bool written = MaybeMarker(location);
        _hasPrevious = false;
        int spaces = _map.Position(location).Column - 2;
        _printed = true;
        if (spaces > 0)
            _out.Fill((byte)' ', spaces);
        return written;
    }

    /// <summary>Goes to the line of a place: by newlines if it is near, else by a marker.</summary>
    private bool MaybeMarker(Location location)
    {
        int line = LineOf(location);
        if (_printed)
        {
            _out.U8('\n');
            _line++;
            _printed = false;
        }
        if (_markers && line >= _line && line < _line + 8)
        {
            while (line > _line)
            {
                _out.U8('\n');
                _line++;
            }
            return false;
        }
        return Marker(location, "");
    }

    private bool Marker(Location location, string flags)
    {
        if (_printed)
            _out.U8('\n');
        _printed = false;
        if (!_markers)
            return false;
        FilePosition position = _map.Position(location);
        SourceFile? file = _map.File(_map.FileLocation(location), out int offset, out _);
        int system = file is null || !_map.IsInSystemHeader(location) ? 0 : file.IsPragmaSystem ? 1 : 2;
        Marker(file is { IsBuiltIn: true } ? 0 : position.Line, position.File, flags, system);
        return true;
    }

    private void Marker(int line, string file, string flags, int system)
    {
        _line = line;
        _out.Text(string.Create(CultureInfo.InvariantCulture, $"# {line} \""));
        foreach (byte b in Encoding.UTF8.GetBytes(file))
        {
            if (b is (byte)'\\' or (byte)'"')
                _out.U8('\\');
            _out.U8(b);
        }
        _out.U8('"');
        _out.Text(flags);
        _out.Text(system switch { 0 => "", 1 => " 3", _ => " 3 4" });
        _out.U8('\n');
    }

    private bool _lineStarted;

    void IPreprocessObserver.LineStarted(in Token token)
    {
        if (token.Kind == TokenKind.End)
            return;
        ChangeLine(token.Location);
        _lineStarted = true;
    }

    void IPreprocessObserver.FileChanged(FileChange change, Location at)
    {
        if (!_markers)
            return;
        switch (change)
        {
            case FileChange.Begin:
                FilePosition begun = _map.Position(at);
                Marker(0, begun.File, "", 0);
                break;
            case FileChange.MainBegins:
                _mainBegan = true;
                Marker(at, "");
                break;
            case FileChange.Enter:
                _map.File(_map.FileLocation(at), out _, out Location from);
                if (_mainBegan && from.IsValid)
                    MaybeMarker(from);
                Marker(at, " 1");
                break;
            case FileChange.Leave:
                Marker(at, " 2");
                break;
            case FileChange.Rename:
                Marker(at, "");
                break;
            default:
                throw new InvalidOperationException(change.ToString());
        }
    }

    void IPreprocessObserver.Defined(Macro macro, Location directive)
    {
        if ((_options.Dump & (DumpKinds.Definitions | DumpKinds.Names)) == 0 || (_options.Dump & DumpKinds.Macros) != 0)
            return;
        StartDirective(directive);
        _out.Bytes("#define "u8);
        if ((_options.Dump & DumpKinds.Definitions) != 0)
            MacroText.Write(macro, _names, _spellings, _out);
        else
            _out.Bytes(_names.Bytes(macro.Name));
        EndDirective(directive);
    }

    void IPreprocessObserver.Undefined(int name, Location directive)
    {
        if ((_options.Dump & (DumpKinds.Definitions | DumpKinds.Names)) == 0 || (_options.Dump & DumpKinds.Macros) != 0)
            return;
        StartDirective(directive);
        _out.Bytes("#undef "u8);
        _out.Bytes(_names.Bytes(name));
        EndDirective(directive);
    }

    void IPreprocessObserver.Included(ReadOnlySpan<byte> directive, ReadOnlySpan<byte> header, Location at)
    {
        if ((_options.Dump & DumpKinds.Includes) == 0)
            return;
        StartDirective(at);
        _out.U8('#');
        _out.Bytes(directive);
        _out.U8(' ');
        _out.Bytes(header);
        EndDirective(at);
    }

    void IPreprocessObserver.PassThrough(Location at, ReadOnlySpan<byte> text, bool isOperator)
    {
        if ((_options.Dump & DumpKinds.Macros) != 0)
            return;
        if (isOperator)
            Marker(at, "");
        else
            StartDirective(at);
        _out.Bytes(text);
        EndDirective(at);
        if (isOperator)
            Marker(at, "");
    }

    void IPreprocessObserver.Used(int name, Location at)
    {
    }

    private void StartDirective(Location at)
    {
        SourceFile? file = _map.File(_map.FileLocation(at), out _, out _);
        if (file is { IsBuiltIn: true })
        {
            if (_printed)
                _out.U8('\n');
            _printed = false;
            return;
        }
        MaybeMarker(at);
    }

    private void EndDirective(Location at)
    {
        _out.U8('\n');
        _printed = false;
        _hasPrevious = false;
        SourceFile? file = _map.File(_map.FileLocation(at), out _, out _);
        if (file is not { IsBuiltIn: true })
            _line++;
    }

    // A word or number that ends where it would go on in a source came out of ##.
    private bool WouldContinue(in Token left, in Token right)
    {
        return left.Kind switch
        {
            TokenKind.Identifier => right.Kind == TokenKind.Identifier || right.Kind == TokenKind.Number && _spellings.Of(right)[0] != '.',
            TokenKind.Number => right.Kind is TokenKind.Number or TokenKind.Identifier
                || right.Kind is TokenKind.Plus or TokenKind.Minus && (_spellings.Of(left)[^1] | 0x20) is 'e' or 'p',
            _ => false,
        };
    }

    /// <summary>Whether two tokens written without a space might be read as something else.</summary>
    private bool WouldPaste(in Token left, in Token right)
    {
        ReadOnlySpan<byte> spelling = right.Kind >= TokenKind.LeftBracket ? _spellings.Of(right) : [];
        int c = spelling.IsEmpty ? -1 : spelling[0];
        switch (left.Kind)
        {
            case TokenKind.Greater:
                return c is '>' or '=';
            case TokenKind.Less:
                return c is '<' or '%' or ':' or '=';
            case TokenKind.Plus:
                return c is '+' or '=';
            case TokenKind.Minus:
                return c is '-' or '>' or '=';
            case TokenKind.Slash:
                return c is '/' or '*' or '=';
            case TokenKind.Percent:
                return c is ':' or '%' or '=';
            case TokenKind.Ampersand:
                return c is '&' or '=';
            case TokenKind.Bar:
                return c is '|' or '=';
            case TokenKind.Equal or TokenKind.Exclamation or TokenKind.Star or TokenKind.Caret or TokenKind.LessLess or TokenKind.GreaterGreater:
                return c == '=';
            case TokenKind.Colon:
                return c is ':' or '>';
            case TokenKind.Arrow:
                return c == '*';
            case TokenKind.Dot:
                return c is '.' or '%' || right.Kind == TokenKind.Number;
            case TokenKind.Hash:
                return c is '#' or '%';
            case TokenKind.Identifier:
                return right.Kind is TokenKind.Identifier or TokenKind.Character or TokenKind.String
                    || right.Kind == TokenKind.Number && char.IsAsciiLetterOrDigit((char)_spellings.Of(right)[0]);
            case TokenKind.Number:
                return right.Kind is TokenKind.Number or TokenKind.Identifier or TokenKind.Character || c is '.' or '+' or '-';
            case TokenKind.Other:
                return _spellings.Of(left)[0] == '\\' && right.Kind == TokenKind.Identifier;
            default:
                return false;
        }
    }
}
