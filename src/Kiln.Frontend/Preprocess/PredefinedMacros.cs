using System.Globalization;
using System.Text;
using Kiln.Base;
using Kiln.Target;

namespace Kiln.Frontend.Preprocess;

/// <summary>What the predefined macros depend on besides target and standard.</summary>
public sealed record PredefinedOptions
{
    /// <summary>-O level: '0', '1', '2', '3', 's', 'g'.</summary>
    public char OptimizeLevel { get; init; } = '0';

    /// <summary>-fpic is 1, -fPIC is 2.</summary>
    public int PicLevel { get; init; }

    /// <summary>-fpie is 1, -fPIE is 2 and the default.</summary>
    public int PieLevel { get; init; } = 2;

    /// <summary>The version that __GNUC__ and its like tell, as 120200; 0 for none of them.</summary>
    public int GnucVersion { get; init; } = 120200;

    /// <summary>-ffreestanding.</summary>
    public bool IsFreestanding { get; init; }

    /// <summary>-funsigned-char, -fsigned-char.</summary>
    public bool? CharIsSigned { get; init; }

    /// <summary>-fshort-wchar.</summary>
    public bool ShortWideChar { get; init; }

    /// <summary>-ffast-math.</summary>
    public bool FastMath { get; init; }
    public bool AssociativeMath { get; init; }
    public bool ReciprocalMath { get; init; }
    public bool NoSignedZeros { get; init; }
    public bool NoTrappingMath { get; init; }
    public bool RoundingMath { get; init; }

    /// <summary>-ffinite-math-only.</summary>
    public bool FiniteMathOnly { get; init; }

    /// <summary>-fno-math-errno.</summary>
    public bool NoMathErrno { get; init; }

    /// <summary>-fgnu89-inline; null: as the standard has it.</summary>
    public bool? Gnu89Inline { get; init; }

    /// <summary>Whether .cfi directives are written (-fasynchronous-unwind-tables).</summary>
    public bool CfiAssembly { get; init; } = true;

    /// <summary>-fstack-protector: 0 none, 1 plain, 2 all, 3 strong, 4 explicit.</summary>
    public int StackProtector { get; init; }

    /// <summary>-fcf-protection: 1 branch, 2 return, 3 full.</summary>
    public int CfProtection { get; init; }

    /// <summary>-mcmodel.</summary>
    public string CodeModel { get; init; } = "small";

    /// <summary>The instruction set extensions that are on, implied ones included, by gcc's names without -m; null for the architecture's own.</summary>
    public IReadOnlyCollection<string>? Features { get; init; }

    /// <summary>-march's name.</summary>
    public string March { get; init; } = "x86-64";

    /// <summary>-pthread.</summary>
    public bool Pthread { get; init; }
}

/// <summary>
/// The predefined macros of a target, standard and options, as directives: those of gcc 12.2 and <c>__KILN__</c>. In: data of the target.
/// Out: the text of <c>&lt;built-in&gt;</c>. What an architecture adds stands in a file of its own.
/// </summary>
public static partial class PredefinedMacros
{
    /// <summary>The version of Kiln: major * 10000 + minor * 100 + patch.</summary>
    public const int KilnVersion = 100;

    /// <summary>The text that is read before the main file.</summary>
    public static string Text(TargetInfo target, PreprocessorOptions options)
    {
        var writer = new Writer(target, options);
        writer.Language();
        if (!options.Undef)
        {
            writer.Gnu();
            writer.Integers();
            writer.Floats();
            writer.System();
            if (target.Architecture is Architecture.X86_64 or Architecture.I386)
                writer.X86();
        }
        return writer.ToString();
    }

    private sealed partial class Writer(TargetInfo target, PreprocessorOptions options)
    {
        private readonly StringBuilder _text = new(1 << 14);
        private readonly PredefinedOptions _options = options.Predefined;
        private readonly bool _isStrict = !options.IsGnu && !options.Assembly;

        public override string ToString() => _text.ToString();

        private void Define(string name, string value) => _text.Append("#define ").Append(name).Append(' ').Append(value).Append('\n');

        private void Define(string name, int value = 1) => Define(name, value.ToString(CultureInfo.InvariantCulture));

        /// <summary>What the standard wants.</summary>
        public void Language()
        {
            Define("__STDC__");
            if (!options.Assembly)
            {
                if (options.StandardYear >= 1994)
                {
                    Define("__STDC_VERSION__", options.StandardYear switch
                    {
                        1994 => "199409L",
                        1999 => "199901L",
                        2011 => "201112L",
                        2017 => "201710L",
                        _ => "202000L",
                    });
                }
                if (options.StandardYear >= 2011 || options.IsGnu && options.StandardYear >= 1999)
                {
                    Define("__STDC_UTF_16__");
                    Define("__STDC_UTF_32__");
                }
            }
            Define("__STDC_HOSTED__", _options.IsFreestanding ? 0 : 1);
            if (options.Assembly)
                Define("__ASSEMBLER__");
            if (_isStrict)
                Define("__STRICT_ANSI__");
            Define("__KILN__", KilnVersion);
        }

        /// <summary>What tells the compiler and its options.</summary>
        public void Gnu()
        {
            int version = _options.GnucVersion;
            if (version > 0)
            {
                Define("__GNUC__", version / 10000);
                Define("__GNUC_MINOR__", version / 100 % 100);
                Define("__GNUC_PATCHLEVEL__", version % 100);
                Define("__VERSION__", $"\"{version / 10000}.{version / 100 % 100}.{version % 100}\"");
                Define("__GXX_ABI_VERSION", 1017);
            }
            bool gnuInline = _options.Gnu89Inline ?? options.StandardYear < 1999;
            Define(gnuInline ? "__GNUC_GNU_INLINE__" : "__GNUC_STDC_INLINE__");
            Define("__GNUC_EXECUTION_CHARSET_NAME", "\"UTF-8\"");
            Define("__GNUC_WIDE_EXECUTION_CHARSET_NAME", _options.ShortWideChar ? "\"UTF-16LE\"" : "\"UTF-32LE\"");
            if (_options.OptimizeLevel == '0')
                Define("__NO_INLINE__");
            else
                Define("__OPTIMIZE__");
            if (_options.OptimizeLevel is 's' or 'z')
                Define("__OPTIMIZE_SIZE__");
            Define("__FINITE_MATH_ONLY__", _options.FastMath || _options.FiniteMathOnly ? 1 : 0);
            Define("__GCC_IEC_559", IsIeee ? 2 : 0);
            Define("__GCC_IEC_559_COMPLEX", IsIeee ? 2 : 0);
            foreach ((bool isDefined, string name) in ((bool, string)[])[(_options.FastMath, "__FAST_MATH__"),
                (_options.AssociativeMath, "__ASSOCIATIVE_MATH__"), (_options.ReciprocalMath, "__RECIPROCAL_MATH__"),
                (_options.NoSignedZeros, "__NO_SIGNED_ZEROS__"), (_options.NoTrappingMath, "__NO_TRAPPING_MATH__"),
                (_options.RoundingMath, "__ROUNDING_MATH__")])
            {
                if (isDefined)
                    Define(name);
            }
            if (_options.NoMathErrno || _options.FastMath)
                Define("__NO_MATH_ERRNO__");
            int pic = _options.PicLevel > 0 ? _options.PicLevel : _options.PieLevel;
            if (pic > 0)
            {
                Define("__pic__", pic);
                Define("__PIC__", pic);
            }
            if (_options.PicLevel == 0 && _options.PieLevel > 0)
            {
                Define("__pie__", _options.PieLevel);
                Define("__PIE__", _options.PieLevel);
            }
            switch (_options.StackProtector)
            {
                case 1:
                    Define("__SSP__");
                    break;
                case 2:
                    Define("__SSP_ALL__", 2);
                    break;
                case 3:
                    Define("__SSP_STRONG__", 3);
                    break;
                case 4:
                    Define("__SSP_EXPLICIT__", 4);
                    break;
            }
            if (_options.CfiAssembly)
                Define("__GCC_HAVE_DWARF2_CFI_ASM");
            if (_options.Pthread)
                Define("_REENTRANT");
            Define("__HAVE_SPECULATION_SAFE_VALUE");
            Define("__PRAGMA_REDEFINE_EXTNAME");
            Define("__USER_LABEL_PREFIX__", "");
            Define("__REGISTER_PREFIX__", "");
            Define("__ELF__");
            Define("__ATOMIC_RELAXED", 0);
            Define("__ATOMIC_SEQ_CST", 5);
            Define("__ATOMIC_ACQUIRE", 2);
            Define("__ATOMIC_RELEASE", 3);
            Define("__ATOMIC_ACQ_REL", 4);
            Define("__ATOMIC_CONSUME", 1);
            foreach (string type in (string[])["BOOL", "CHAR", "CHAR16_T", "CHAR32_T", "WCHAR_T", "SHORT", "INT", "LONG", "LLONG", "POINTER"])
                Define($"__GCC_ATOMIC_{type}_LOCK_FREE", 2);
            Define("__GCC_ATOMIC_TEST_AND_SET_TRUEVAL");
            foreach (int size in (int[])[1, 2, 4, 8])
                Define($"__GCC_HAVE_SYNC_COMPARE_AND_SWAP_{size}");
            Define("__GCC_DESTRUCTIVE_SIZE", 64);
            Define("__GCC_CONSTRUCTIVE_SIZE", 64);
            Define("__ORDER_LITTLE_ENDIAN__", 1234);
            Define("__ORDER_BIG_ENDIAN__", 4321);
            Define("__ORDER_PDP_ENDIAN__", 3412);
            Define("__BYTE_ORDER__", "__ORDER_LITTLE_ENDIAN__");
            Define("__FLOAT_WORD_ORDER__", "__ORDER_LITTLE_ENDIAN__");
        }

        /// <summary>Integer types: sizes, limits, names.</summary>
        public void Integers()
        {
            bool is64 = target.LongSize == 8;
            Define("__CHAR_BIT__", 8);
            if (!(_options.CharIsSigned ?? target.CharIsSigned))
                Define("__CHAR_UNSIGNED__");
            if (target.PointerSize == 8 && is64)
            {
                Define("_LP64");
                Define("__LP64__");
            }
            else if (target.PointerSize == 4)
            {
                Define("_ILP32");
                Define("__ILP32__");
            }
            Define("__BIGGEST_ALIGNMENT__", BiggestAlignment);
            Size("INT", 4);
            Size("LONG", target.LongSize);
            Size("LONG_LONG", 8);
            Size("SHORT", 2);
            Size("FLOAT", 4);
            Size("DOUBLE", 8);
            Size("LONG_DOUBLE", target.LongDoubleSize);
            Size("SIZE_T", target.PointerSize);
            Size("WCHAR_T", _options.ShortWideChar ? 2 : 4);
            Size("WINT_T", 4);
            Size("PTRDIFF_T", target.PointerSize);
            Size("POINTER", target.PointerSize);
            if (target.HasInt128)
                Size("INT128", 16);
            Width("SCHAR", 8);
            Width("SHRT", 16);
            Width("INT", 32);
            Width("LONG", target.LongSize * 8);
            Width("LONG_LONG", 64);
            Define("__SCHAR_MAX__", "0x7f");
            Define("__SHRT_MAX__", "0x7fff");
            Define("__INT_MAX__", "0x7fffffff");
            Define("__LONG_MAX__", is64 ? "0x7fffffffffffffffL" : "0x7fffffffL");
            Define("__LONG_LONG_MAX__", "0x7fffffffffffffffLL");

            string word = target.PointerSize == 8 ? "long int" : "int";
            string unsignedWord = target.PointerSize == 8 ? "long unsigned int" : "unsigned int";
            string wide = is64 ? "long int" : "long long int";
            string unsignedWide = is64 ? "long unsigned int" : "long long unsigned int";
            int wordBits = target.PointerSize * 8;
            Type("SIZE", unsignedWord, wordBits, hasMinimum: false);
            Type("PTRDIFF", word, wordBits, hasMinimum: false);
            Type("INTPTR", word, wordBits, hasMinimum: false);
            Define("__UINTPTR_TYPE__", unsignedWord);
            Define("__UINTPTR_MAX__", Maximum(unsignedWord, wordBits));
            if (_options.ShortWideChar)
                Type("WCHAR", "short unsigned int", 16, hasMinimum: true);
            else
                Type("WCHAR", target.WideCharIsSigned ? "int" : "unsigned int", 32, hasMinimum: true);
            Type("WINT", "unsigned int", 32, hasMinimum: true);
            Type("SIG_ATOMIC", "int", 32, hasMinimum: true);
            Type("INTMAX", wide, 64, hasMinimum: false);
            Define("__UINTMAX_TYPE__", unsignedWide);
            Define("__UINTMAX_MAX__", Maximum(unsignedWide, 64));
            Define("__INTMAX_C(c)", is64 ? "c ## L" : "c ## LL");
            Define("__UINTMAX_C(c)", is64 ? "c ## UL" : "c ## ULL");
            Define("__CHAR16_TYPE__", "short unsigned int");
            Define("__CHAR32_TYPE__", "unsigned int");
            foreach (int bits in (int[])[8, 16, 32, 64])
            {
                (string signed, string unsigned) = bits switch
                {
                    8 => ("signed char", "unsigned char"),
                    16 => ("short int", "short unsigned int"),
                    32 => ("int", "unsigned int"),
                    _ => (wide, unsignedWide),
                };
                string fast = bits is 16 or 32 ? word : signed;
                string unsignedFast = bits is 16 or 32 ? unsignedWord : unsigned;
                int fastBits = bits is 16 or 32 ? wordBits : bits;
                Define($"__INT{bits}_TYPE__", signed);
                Define($"__UINT{bits}_TYPE__", unsigned);
                Define($"__INT{bits}_MAX__", Maximum(signed, bits));
                Define($"__UINT{bits}_MAX__", Maximum(unsigned, bits));
                string suffix = bits < 64 ? "" : is64 ? "L" : "LL";
                Define($"__INT{bits}_C(c)", suffix == "" ? "c" : $"c ## {suffix}");
                Define($"__UINT{bits}_C(c)", bits < 32 ? "c" : $"c ## U{suffix}");
                Least("LEAST", bits, signed, unsigned, bits);
                Least("FAST", bits, fast, unsignedFast, fastBits);
            }
        }

        private void Least(string kind, int bits, string signed, string unsigned, int width)
        {
            Define($"__INT_{kind}{bits}_TYPE__", signed);
            Define($"__INT_{kind}{bits}_MAX__", Maximum(signed, width));
            Define($"__INT_{kind}{bits}_WIDTH__", width);
            Define($"__UINT_{kind}{bits}_TYPE__", unsigned);
            Define($"__UINT_{kind}{bits}_MAX__", Maximum(unsigned, width));
        }

        private void Size(string name, int size) => Define($"__SIZEOF_{name}__", size);

        private void Width(string name, int bits) => Define($"__{name}_WIDTH__", bits);

        private void Type(string name, string type, int bits, bool hasMinimum)
        {
            Define($"__{name}_TYPE__", type);
            Define($"__{name}_MAX__", Maximum(type, bits));
            Width(name, bits);
            if (hasMinimum)
                Define($"__{name}_MIN__", !type.Contains("unsigned") ? $"(-__{name}_MAX__ - 1)" : bits < 32 ? "0" : "0U");
        }

        private static string Maximum(string type, int bits)
        {
            bool isUnsigned = type.Contains("unsigned");
            string digits = bits switch { 8 => "f", 16 => "fff", 32 => "fffffff", _ => "fffffffffffffff" };
            string suffix = (isUnsigned && bits >= 32 ? "U" : "") + (type.StartsWith("long long") ? "LL" : type.StartsWith("long") ? "L" : "");
            return $"0x{(isUnsigned ? "f" : "7")}{digits}{suffix}";
        }

        /// <summary>Floating types: the characteristics of each format.</summary>
        public void Floats()
        {
            bool isX87Math = HasX87Math;
            Define("__FLT_RADIX__", 2);
            Define("__FLT_EVAL_METHOD__", EvaluationMethod);
            Define("__FLT_EVAL_METHOD_TS_18661_3__", EvaluationMethod);
            Define("__DEC_EVAL_METHOD__", 2);
            FloatRow extended = Row(target.LongDoubleFormat);
            Float("FLT", Row(FloatFormat.Single), "F");
            // double's constants are written as long double and cast, so that nothing rounds them twice.
            Float("DBL", Row(FloatFormat.Double), "L", isCast: true);
            Float("LDBL", extended, "L");
            Define("__DECIMAL_DIG__", extended.DecimalDigits);
            if (!isX87Math)
                Float("FLT16", Row(FloatFormat.Half), "F16");
            Float("FLT32", Row(FloatFormat.Single), "F32");
            Float("FLT64", Row(FloatFormat.Double), "F64");
            Float("FLT128", Row(FloatFormat.Quad), "F128");
            Float("FLT32X", Row(FloatFormat.Double), "F32x");
            Float("FLT64X", target.LongDoubleFormat == FloatFormat.X87 ? extended : Row(FloatFormat.Quad), "F64x");
            _text.Append(DecimalText);
        }

        private void Float(string name, in FloatRow row, string suffix, bool isCast = false)
        {
            string Constant(string digits) => isCast ? $"((double){digits}{suffix})" : digits + suffix;
            Define($"__{name}_MANT_DIG__", row.Mantissa);
            Define($"__{name}_DIG__", row.Digits);
            Define($"__{name}_MIN_EXP__", $"({row.MinExponent})");
            Define($"__{name}_MIN_10_EXP__", $"({row.MinDecimal})");
            Define($"__{name}_MAX_EXP__", row.MaxExponent);
            Define($"__{name}_MAX_10_EXP__", row.MaxDecimal);
            Define($"__{name}_DECIMAL_DIG__", row.DecimalDigits);
            Define($"__{name}_MAX__", Constant(row.Max));
            Define($"__{name}_NORM_MAX__", Constant(row.Max));
            Define($"__{name}_MIN__", Constant(row.Min));
            Define($"__{name}_EPSILON__", Constant(row.Epsilon));
            Define($"__{name}_DENORM_MIN__", Constant(row.Denormal));
            Define($"__{name}_HAS_DENORM__");
            Define($"__{name}_HAS_INFINITY__");
            Define($"__{name}_HAS_QUIET_NAN__");
            Define($"__{name}_IS_IEC_60559__", 2);
        }

        // What the options leave of IEC 60559 arithmetic.
        private bool IsIeee => !(_options.FastMath || _options.FiniteMathOnly || _options.AssociativeMath || _options.ReciprocalMath
            || _options.NoSignedZeros);

        private readonly record struct FloatRow(
            int Mantissa, int Digits, int MinExponent, int MinDecimal, int MaxExponent, int MaxDecimal, int DecimalDigits,
            string Max, string Min, string Epsilon, string Denormal);

        /// <summary>The characteristics of a format (C17 5.2.4.2.2), as gcc writes them.</summary>
        private static FloatRow Row(FloatFormat format) => format switch
        {
            FloatFormat.Half => new(11, 3, -13, -4, 16, 4, 5,
                "6.55040000000000000000000000000000000e+4", "6.10351562500000000000000000000000000e-5",
                "9.76562500000000000000000000000000000e-4", "5.96046447753906250000000000000000000e-8"),
            FloatFormat.Single => new(24, 6, -125, -37, 128, 38, 9,
                "3.40282346638528859811704183484516925e+38", "1.17549435082228750796873653722224568e-38",
                "1.19209289550781250000000000000000000e-7", "1.40129846432481707092372958328991613e-45"),
            FloatFormat.Double => new(53, 15, -1021, -307, 1024, 308, 17,
                "1.79769313486231570814527423731704357e+308", "2.22507385850720138309023271733240406e-308",
                "2.22044604925031308084726333618164062e-16", "4.94065645841246544176568792868221372e-324"),
            FloatFormat.X87 => new(64, 18, -16381, -4931, 16384, 4932, 21,
                "1.18973149535723176502126385303097021e+4932", "3.36210314311209350626267781732175260e-4932",
                "1.08420217248550443400745280086994171e-19", "3.64519953188247460252840593361941982e-4951"),
            FloatFormat.Quad => new(113, 33, -16381, -4931, 16384, 4932, 36,
                "1.18973149535723176508575932662800702e+4932", "3.36210314311209350626267781732175260e-4932",
                "1.92592994438723585305597794258492732e-34", "6.47517511943802511092443895822764655e-4966"),
            _ => throw new InvalidOperationException(format.ToString()),
        };

        private const string DecimalText = """
            #define __DEC32_MANT_DIG__ 7
            #define __DEC32_MIN_EXP__ (-94)
            #define __DEC32_MAX_EXP__ 97
            #define __DEC32_MIN__ 1E-95DF
            #define __DEC32_MAX__ 9.999999E96DF
            #define __DEC32_EPSILON__ 1E-6DF
            #define __DEC32_SUBNORMAL_MIN__ 0.000001E-95DF
            #define __DEC64_MANT_DIG__ 16
            #define __DEC64_MIN_EXP__ (-382)
            #define __DEC64_MAX_EXP__ 385
            #define __DEC64_MIN__ 1E-383DD
            #define __DEC64_MAX__ 9.999999999999999E384DD
            #define __DEC64_EPSILON__ 1E-15DD
            #define __DEC64_SUBNORMAL_MIN__ 0.000000000000001E-383DD
            #define __DEC128_MANT_DIG__ 34
            #define __DEC128_MIN_EXP__ (-6142)
            #define __DEC128_MAX_EXP__ 6145
            #define __DEC128_MIN__ 1E-6143DL
            #define __DEC128_MAX__ 9.999999999999999999999999999999999E6144DL
            #define __DEC128_EPSILON__ 1E-33DL
            #define __DEC128_SUBNORMAL_MIN__ 0.000000000000000000000000000000001E-6143DL
            #define __DECIMAL_BID_FORMAT__ 1

            """;

        /// <summary>What tells the operating system.</summary>
        public void System()
        {
            Define("__gnu_linux__");
            SystemName("linux");
            SystemName("unix");
        }

        /// <summary>A name that a strict standard leaves to the program has its underscored forms alone there.</summary>
        private void SystemName(string name)
        {
            Define($"__{name}");
            Define($"__{name}__");
            if (!_isStrict)
                Define(name);
        }
    }
}
