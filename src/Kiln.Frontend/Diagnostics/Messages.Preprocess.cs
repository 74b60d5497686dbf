namespace Kiln.Frontend.Diagnostics;

/// <summary>Messages of the preprocessor.</summary>
public static partial class Messages
{
    // Files
    public static Message CannotOpen => Fatal("{0}: {1}");
    public static Message FileNotFound => Fatal("{0}: {1}");
    public static Message HeaderNotFound => Fatal("{0}: No such file or directory");
    public static Message MissingDirectory => Warn(Warning.MissingIncludeDirs, "{0}: No such file or directory");
    public static Message EmptyHeaderName => Error("empty filename in #{0}");
    public static Message ExpectsHeaderName => Error("#{0} expects \"FILENAME\" or <FILENAME>");
    public static Message MissingGreater => Error("missing terminating > character");
    public static Message IncludeTooDeep => Fatal("#include nested depth {0} exceeds maximum of {0} (use -fmax-include-depth=DEPTH to increase the maximum)");
    public static Message IncludeNextInMain => Warn(Warning.None, "#include_next in primary source file");
    public static Message ImportDeprecated => Warn(Warning.Deprecated, "#import is a deprecated GCC extension");

    // Directives
    public static Message InvalidDirective => Error("invalid preprocessing directive #{0}");
    public static Message DirectiveInArguments => Pedwarn(Warning.Pedantic, "embedding a directive within macro arguments is not portable");
    public static Message DirectiveIsExtension => Pedwarn(Warning.Pedantic, "#{0} is a GCC extension");
    public static Message DirectiveIsDeprecated => Pedwarn(Warning.Deprecated, "#{0} is a deprecated GCC extension");
    public static Message ElifdefExtension => Pedwarn(Warning.Pedantic, "#{0} before C2X is a GCC extension");
    public static Message ErrorDirective => Error("{0}");
    public static Message WarningDirective => Warn(Warning.Cpp, "{0}");
    public static Message ExtraTokens => Pedwarn(Warning.None, "extra tokens at end of #{0} directive");
    public static Message ExtraTokensLabels => Pedwarn(Warning.EndifLabels, "extra tokens at end of #{0} directive");
    public static Message InvalidIdent => Error("invalid #{0} directive");
    public static Message UnexpectedEndAfterLine => Error("unexpected end of file after #line");
    public static Message InvalidLineNumber => Error("\"{0}\" after #line is not a positive integer");
    public static Message InvalidLineMarker => Error("\"{0}\" after # is not a positive integer");
    public static Message InvalidFileName => Error("\"{0}\" is not a valid filename");
    public static Message InvalidMarkerFlag => Error("invalid flag \"{0}\" in line directive");
    public static Message LineOutOfRange => Pedwarn(Warning.Pedantic, "line number out of range");
    public static Message LineOutOfRangeAlways => Pedwarn(Warning.None, "line number out of range");
    public static Message LineMarkerStyle => Pedwarn(Warning.Pedantic, "style of line directive is a GCC extension");

    // Conditionals
    public static Message UnterminatedConditional => Error("unterminated {0}");
    public static Message EndifWithoutIf => Error("#endif without #if");
    public static Message AlternativeWithoutIf => Error("{0} without #if");
    public static Message AlternativeAfterElse => Error("{0} after #else");
    public static Message ConditionalBegan => Error("the conditional began here");
    public static Message IfWithoutExpression => Error("#{0} with no expression");
    public static Message ConditionEnds => Error("expression ended where an operand was expected in {0}");
    public static Message MissingOperator => Error("missing binary operator before token \"{0}\"");
    public static Message NotValidInCondition => Error("token \"{0}\" is not valid in preprocessor expressions");
    public static Message AssignmentInCondition => Error("token \"=\" is not valid in preprocessor expressions");
    public static Message OperatorWithoutOperand => Error("operator '{0}' has no left operand");
    public static Message MissingOpenParenthesis => Error("missing '(' in expression");
    public static Message MissingCloseParenthesis => Error("missing ')' in expression");
    public static Message MissingExpressionInParentheses => Error("missing expression between '(' and ')'");
    public static Message ColonWithoutQuestion => Error(" ':' without preceding '?'");
    public static Message QuestionWithoutColon => Error("'?' without following ':'");
    public static Message CommaInCondition => Pedwarn(Warning.Pedantic, "comma operator in operand of #if");
    public static Message DivisionByZero => Error("division by zero in #if");
    public static Message ConditionOverflow => Pedwarn(Warning.None, "integer overflow in preprocessor expression");
    public static Message FloatingInCondition => Error("floating constant in preprocessor expression");
    public static Message ImaginaryInCondition => Error("imaginary number in preprocessor expression");
    public static Message UndefinedInCondition => Warn(Warning.Undef, "\"{0}\" is not defined, evaluates to 0");
    public static Message ExpansionToDefined => Pedwarn(Warning.ExpansionToDefined, "this use of \"defined\" may not be portable");
    public static Message DefinedWithoutName => Error("operator \"defined\" requires an identifier");
    public static Message MissingParenthesisBefore => Error("missing '(' before \"{0}\" operand");
    public static Message MissingParenthesisAfter => Error("missing ')' after \"{0}\"");
    public static Message NestingTooDeep => Error("nesting too deep");
    public static Message HasIncludeOutside => Error("\"{0}\" used outside of preprocessing directive");
    public static Message MissingParenthesisOperand => Error("missing ')' after \"{0}\" operand");
    public static Message HasIncludeNeedsName => Error("operator \"{0}\" requires a header-name");
    public static Message OperatorWithoutRight => Error("operator '{0}' has no right operand");
    public static Message SignChange => Warn(Warning.None, "the {0} operand of \"{1}\" changes sign when promoted");
    public static Message HasBuiltinNeedsName => Error("macro \"{0}\" requires an identifier");
    public static Message AttributeNameAfterScope => Error("attribute identifier required after scope");

    // Assertions
    public static Message AssertionWithoutPredicate => Error("assertion without predicate");
    public static Message PredicateNotIdentifier => Error("predicate must be an identifier");
    public static Message MissingParenthesisPredicate => Error("missing '(' after predicate");
    public static Message MissingParenthesisAnswer => Error("missing ')' to complete answer");
    public static Message EmptyAnswer => Error("predicate's answer is empty");
    public static Message Reasserted => Warn(Warning.None, "\"{0}\" re-asserted");
    public static Message AssertionsExtension => Pedwarn(Warning.Pedantic, "assertions are a GCC extension");

    // Definitions
    public static Message CannotDefine => Error("\"{0}\" cannot be used as a macro name");
    public static Message NoMacroName => Error("no macro name given in #{0} directive");
    public static Message MacroNameNotIdentifier => Error("macro names must be identifiers");
    public static Message MissingSpaceC99 => Pedwarn(Warning.None, "ISO C99 requires whitespace after the macro name");
    public static Message MissingSpace => Warn(Warning.None, "missing whitespace after the macro name");
    public static Message Redefined => Pedwarn(Warning.None, "\"{0}\" redefined");
    public static Message RedefiningBuiltin => Pedwarn(Warning.BuiltinMacroRedefined, "\"{0}\" redefined");
    public static Message UndefiningBuiltin => Warn(Warning.BuiltinMacroRedefined, "undefining \"{0}\"");
    public static Message UndefiningBuiltinQuiet => Warn(Warning.None, "undefining \"{0}\"");
    public static Message PreviousDefinition => Note("this is the location of the previous definition");
    public static Message DuplicateParameter => Error("duplicate macro parameter \"{0}\"");
    public static Message ExpectedParameterName => Error("expected parameter name, found \"{0}\"");
    public static Message ExpectedCommaNotName => Error("expected ',' or ')', found \"{0}\"");
    public static Message ExpectedParenthesisAfterEllipsis => Error("expected ')' after \"...\"");
    public static Message ExpectedNameBeforeEnd => Error("expected parameter name before end of line");
    public static Message ExpectedParenthesisBeforeEnd => Error("expected ')' before end of line");
    public static Message NamedVariadic => Pedwarn(Warning.VariadicMacros, "ISO C does not permit named variadic macros");
    public static Message AnonymousVariadic => Pedwarn(Warning.VariadicMacros, "anonymous variadic macros were introduced in C99");
    public static Message PasteAtEnd => Error("'##' cannot appear at either end of a macro expansion");
    public static Message PasteAtEndOfVaOpt => Error("'##' cannot appear at either end of __VA_OPT__");
    public static Message HashWithoutParameter => Error("'#' is not followed by a macro parameter");
    public static Message VaArgsOutside => Pedwarn(Warning.None, "__VA_ARGS__ can only appear in the expansion of a C99 variadic macro");
    public static Message VaOptOutside => Pedwarn(Warning.None, "__VA_OPT__ can only appear in the expansion of a C++20 variadic macro");
    public static Message VaOptExtension => Pedwarn(Warning.Pedantic, "__VA_OPT__ is not available until C2X");
    public static Message VaOptNested => Error("__VA_OPT__ may not appear in a __VA_OPT__");
    public static Message VaOptNeedsParenthesis => Error("__VA_OPT__ must be followed by an open parenthesis");
    public static Message VaOptUnterminated => Error("unterminated __VA_OPT__");
    public static Message UnusedMacro => Warn(Warning.UnusedMacros, "macro \"{0}\" is not used");

    // Expansion
    public static Message UnterminatedArguments => Error("unterminated argument list invoking macro \"{0}\"");
    public static Message TooFewArguments => Error("macro \"{0}\" requires {1} arguments, but only {2} given");
    public static Message TooManyArguments => Error("macro \"{0}\" passed {1} arguments, but takes just {2}");
    public static Message MacroDefinedHere => Note("macro \"{0}\" defined here");
    public static Message VariadicNeedsOne => Pedwarn(Warning.Pedantic, "ISO C99 requires at least one argument for the \"...\" in a variadic macro");
    public static Message InvalidPaste => Error("pasting \"{0}\" and \"{1}\" does not give a valid preprocessing token");
    public static Message InvalidStringLiteral => Warn(Warning.None, "invalid string literal, ignoring final '\\'");
    public static Message PoisonedUse => Error("attempt to use poisoned \"{0}\"");
    public static Message DateTime => Warn(Warning.DateTime, "macro \"{0}\" might prevent reproducible builds");

    // Pragmas
    public static Message OnceInMain => Warn(Warning.None, "#pragma once in main file");
    public static Message InvalidPoison => Error("invalid #pragma GCC poison directive");
    public static Message PoisoningMacro => Warn(Warning.None, "poisoning existing macro \"{0}\"");
    public static Message SystemHeaderOutside => Warn(Warning.None, "#pragma system_header ignored outside include file");
    public static Message FileIsOlder => Warn(Warning.None, "current file is older than {0}");
    public static Message DependencyText => Warn(Warning.None, "{0}");
    public static Message PragmaWarning => Warn(Warning.None, "{0}");
    public static Message PragmaError => Error("{0}");
    public static Message InvalidPragma => Error("invalid \"#pragma GCC {0}\" directive");
    public static Message InvalidMacroPragma => Warn(Warning.None, "invalid #pragma {0} directive");
    public static Message PragmaOperatorNeedsString => Error("_Pragma takes a parenthesized string literal");
    public static Message DiagnosticPragmaKind => Warn(Warning.Pragmas, "expected [error|warning|ignored|push|pop] after '#pragma GCC diagnostic'");
    public static Message DiagnosticPragmaOption => Warn(Warning.Pragmas, "missing option after '#pragma GCC diagnostic' kind");
    public static Message DiagnosticPragmaUnknown => Warn(Warning.Pragmas, "unknown option after '#pragma GCC diagnostic' kind");

    // #embed
    public static Message EmbedUnknownParameter => Error("unknown embed parameter '{0}'");
    public static Message EmbedDuplicateParameter => Error("duplicate embed parameter '{0}'");
    public static Message EmbedNeedsOperand => Error("expected '(' after embed parameter '{0}'");
    public static Message EmbedNegative => Error("negative embed parameter operand");
    public static Message EmbedUnbalanced => Error("unbalanced '{0}'");
    public static Message EmbedExtension => Pedwarn(Warning.Pedantic, "#embed is a C2X feature");
}
