using System.Globalization;
using System.Text;
using Kiln.Base;
using Kiln.Frontend.Diagnostics;
using Kiln.Frontend.Lex;

namespace Kiln.Frontend.Preprocess;

/// <summary>The macros whose value is made when they are used, and the <c>__has_*</c> operators.</summary>
public sealed partial class Preprocessor
{
    private uint _counter;
    private DateTime? _now;
    private FrontendFeatures? _features;

    private static (string Name, DynamicMacro Kind)[] DynamicNames =>
    [
        ("__LINE__", DynamicMacro.Line),
        ("__FILE__", DynamicMacro.File),
        ("__FILE_NAME__", DynamicMacro.FileName),
        ("__BASE_FILE__", DynamicMacro.BaseFile),
        ("__INCLUDE_LEVEL__", DynamicMacro.IncludeLevel),
        ("__DATE__", DynamicMacro.Date),
        ("__TIME__", DynamicMacro.Time),
        ("__TIMESTAMP__", DynamicMacro.Timestamp),
        ("__COUNTER__", DynamicMacro.Counter),
        ("_Pragma", DynamicMacro.Pragma),
        ("__has_include", DynamicMacro.HasInclude),
        ("__has_include_next", DynamicMacro.HasIncludeNext),
        ("__has_embed", DynamicMacro.HasEmbed),
        ("__has_attribute", DynamicMacro.HasAttribute),
        ("__has_c_attribute", DynamicMacro.HasCAttribute),
        ("__has_builtin", DynamicMacro.HasBuiltin),
    ];

    private void NameDynamicMacros()
    {
        foreach ((string name, _) in DynamicNames)
            _names.Intern(name);
    }

    private void DefineDynamicMacros()
    {
        foreach ((string name, DynamicMacro kind) in DynamicNames)
        {
            // gcc 12 has no #embed: what it does not define must not be found by #ifdef, unless the language has it.
            if (kind == DynamicMacro.Pragma && _options.StandardYear < 1999 && !_options.IsGnu)
                continue;
            if (kind == DynamicMacro.HasCAttribute && _options.Assembly)
                continue;
            int id = _names.Intern(name);
            Macros.Set(id, new Macro { Name = id, Kind = MacroKind.Dynamic, Dynamic = kind, IsBuiltin = true });
        }
    }

    /// <summary>Makes the tokens of a dynamic macro.</summary>
    private bool EnterDynamic(Macro macro, ref Token name)
    {
        switch (macro.Dynamic)
        {
            case DynamicMacro.Pragma:
                return !_inDirective && PragmaOperator(name);
            case DynamicMacro.HasInclude:
            case DynamicMacro.HasIncludeNext:
            case DynamicMacro.HasEmbed:
                if (!_inDirective)
                {
                    _diagnostics.Report(name.Location, Messages.HasIncludeOutside, _names.Text(macro.Name));
                    return false;
                }
                break;
            case DynamicMacro.Date or DynamicMacro.Time or DynamicMacro.Timestamp when _diagnostics.IsOn(Warning.DateTime):
                _diagnostics.Report(name.Location, Messages.DateTime, _names.Text(macro.Name));
                break;
        }
        bool isText = macro.Dynamic is DynamicMacro.File or DynamicMacro.FileName or DynamicMacro.BaseFile
            or DynamicMacro.Date or DynamicMacro.Time or DynamicMacro.Timestamp;
        string text = macro.Dynamic >= DynamicMacro.HasInclude
            ? HasValue(macro).ToString(CultureInfo.InvariantCulture)
            : DynamicText(macro.Dynamic, name);
        Location at = _map.AddExpansion(name.Location, name.Location, name.Length, macro.Name);
        PushToken(new Token
        {
            Kind = isText ? TokenKind.String : TokenKind.Number,
            Flags = name.Flags & TokenFlags.System | TokenFlags.FromMacro,
            Location = at.IsValid ? at : name.Location,
            Length = name.Length,
            Payload = _names.Intern(isText ? Quote(text) : text),
        });
        return true;
    }

    private static string Quote(string text) => '"' + text.Replace("\\", "\\\\").Replace("\"", "\\\"") + '"';

    private string DynamicText(DynamicMacro kind, in Token name)
    {
        switch (kind)
        {
            case DynamicMacro.Line:
                return _map.Position(name.Location).Line.ToString(CultureInfo.InvariantCulture);
            case DynamicMacro.File:
                return Mapped(_map.Position(name.Location).File);
            case DynamicMacro.FileName:
                string file = _map.Position(name.Location).File;
                return file[(file.LastIndexOf('/') + 1)..];
            case DynamicMacro.BaseFile:
                return Mapped(_mainPath);
            case DynamicMacro.IncludeLevel:
                return IncludeLevel.ToString(CultureInfo.InvariantCulture);
            case DynamicMacro.Counter:
                return (_counter++).ToString(CultureInfo.InvariantCulture);
            case DynamicMacro.Date:
                DateTime date = Now;
                return $"{Months.Substring(date.Month * 3 - 3, 3)} {date.Day,2} {date.Year:D4}";
            case DynamicMacro.Time:
                return Now.ToString("HH:mm:ss", CultureInfo.InvariantCulture);
            case DynamicMacro.Timestamp:
                DateTime changed = _options.SourceDateEpoch is not null ? Now : _frames.Last.File.LastChange;
                return $"{Days.Substring((int)changed.DayOfWeek * 3, 3)} {Months.Substring(changed.Month * 3 - 3, 3)} {changed.Day,2} "
                    + changed.ToString("HH:mm:ss", CultureInfo.InvariantCulture) + $" {changed.Year:D4}";
            default:
                throw new InvalidOperationException(kind.ToString());
        }
    }

    private const string Months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    private const string Days = "SunMonTueWedThuFriSat";

    private DateTime Now => _now ??= _options.SourceDateEpoch is { } seconds ? DateTime.UnixEpoch.AddSeconds(seconds) : DateTime.Now;

    /// <summary>A file's name with -fmacro-prefix-map obeyed.</summary>
    private string Mapped(string file)
    {
        for (int i = _options.MacroPrefixMap.Count - 1; i >= 0; i--)
        {
            (string from, string to) = _options.MacroPrefixMap[i];
            if (file.StartsWith(from, StringComparison.Ordinal))
                return to + file[from.Length..];
        }
        return file;
    }

    /// <summary>The value of a <c>__has_*</c> operator whose name was read.</summary>
    private long HasValue(Macro macro)
    {
        string word = _names.Text(macro.Name);
        switch (macro.Dynamic)
        {
            case DynamicMacro.HasInclude:
                return HasIncludeValue(word, isNext: false);
            case DynamicMacro.HasIncludeNext:
                return HasIncludeValue(word, isNext: true);
            case DynamicMacro.HasEmbed:
                return HasEmbedValue(word);
        }
        Token token = default;
        bool isAttribute = macro.Dynamic != DynamicMacro.HasBuiltin;
        if (!isAttribute)
            _preventExpansion++;
        try
        {
            GetSolid(ref token);
            if (token.Kind != TokenKind.LeftParenthesis)
            {
                _diagnostics.Report(token.Location, Messages.MissingParenthesisBefore, word);
                PutBack(token);
                return 0;
            }
            GetSolid(ref token);
            string scope = "", name = "";
            if (token.Kind == TokenKind.Identifier)
            {
                name = _names.Text(token.Payload);
            }
            else
            {
                _diagnostics.Report(token.Location, Messages.HasBuiltinNeedsName, word);
                if (token.Kind == TokenKind.RightParenthesis)
                    return 0;
            }
            GetSolid(ref token);
            if (isAttribute && token.Kind is TokenKind.Colon or TokenKind.ColonColon)
            {
                if (token.Kind == TokenKind.Colon)
                    GetSolid(ref token);
                GetSolid(ref token);
                scope = name;
                if (token.Kind == TokenKind.Identifier)
                    name = _names.Text(token.Payload);
                else
                    _diagnostics.Report(token.Location, Messages.AttributeNameAfterScope);
                GetSolid(ref token);
            }
            // An attribute's arguments are passed over.
            for (int nesting = 0; token.Kind is not (TokenKind.EndOfLine or TokenKind.End); GetSolid(ref token))
            {
                if (token.Kind == TokenKind.LeftParenthesis)
                    nesting++;
                else if (token.Kind == TokenKind.RightParenthesis && nesting-- == 0)
                    break;
            }
            if (token.Kind != TokenKind.RightParenthesis)
                _diagnostics.Report(token.Location, Messages.MissingParenthesisAfter, word);
            IFeatureOracle features = _options.Features ?? (_features ??= new FrontendFeatures());
            if (name.Length == 0)
                return 0;
            return macro.Dynamic switch
            {
                DynamicMacro.HasAttribute => scope is "" ? features.HasAttribute(Plain(name)) : features.HasCAttribute(Plain(scope), Plain(name)),
                DynamicMacro.HasCAttribute => features.HasCAttribute(Plain(scope), Plain(name)),
                _ => features.HasBuiltin(name),
            };
        }
        finally
        {
            if (!isAttribute)
                _preventExpansion--;
        }
    }

    private static string Plain(string name) =>
        name.Length > 4 && name.StartsWith("__", StringComparison.Ordinal) && name.EndsWith("__", StringComparison.Ordinal) ? name[2..^2] : name;
}
