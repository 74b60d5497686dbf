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

    /// <summary>-fpie is 1, -fPIE is 2; gcc of Debian has 2 by default.</summary>
    public int PieLevel { get; init; }

    /// <summary>The version that __GNUC__ and its like tell, as 120200.</summary>
    public int GnucVersion { get; init; } = 120200;

    /// <summary>-ffreestanding.</summary>
    public bool IsFreestanding { get; init; }

    /// <summary>-funsigned-char, -fsigned-char.</summary>
    public bool? CharIsSigned { get; init; }

    /// <summary>-fshort-wchar.</summary>
    public bool ShortWideChar { get; init; }

    /// <summary>-ffast-math.</summary>
    public bool FastMath { get; init; }

    /// <summary>-ffinite-math-only.</summary>
    public bool FiniteMathOnly { get; init; }

    /// <summary>-fgnu89-inline.</summary>
    public bool? Gnu89Inline { get; init; }

    /// <summary>-fno-inline leaves __NO_INLINE__; -O0 does too.</summary>
    public bool NoInline { get; init; }

    /// <summary>-fno-unwind-tables and such: whether .cfi directives are written (__GCC_HAVE_DWARF2_CFI_ASM).</summary>
    public bool CfiAssembly { get; init; } = true;

    /// <summary>-fstack-protector level: 0 none, 1, 2 all, 3 strong, 4 explicit.</summary>
    public int StackProtector { get; init; }

    /// <summary>-fcf-protection: 1 branch, 2 return, 3 both.</summary>
    public int CfProtection { get; init; }

    /// <summary>-mcmodel.</summary>
    public string CodeModel { get; init; } = "small";

    /// <summary>-march and -m switches: features that are on, by gcc's option name without -m (sse3, avx2, bmi).</summary>
    public IReadOnlyList<string> Features { get; init; } = [];

    /// <summary>-march's name.</summary>
    public string March { get; init; } = "x86-64";

    /// <summary>-pthread: _REENTRANT.</summary>
    public bool Pthread { get; init; }

    /// <summary>The version of Kiln as a number: major * 10000 + minor * 100 + patch.</summary>
    public int KilnVersion { get; init; } = 100;
}

/// <summary>The predefined macros of a target, standard and options, as directives: gcc 12.2's, and <c>__KILN__</c>.</summary>
public static partial class PredefinedMacros
{
    /// <summary>The text that is read before the main file.</summary>
    public static string Text(TargetInfo target, PreprocessorOptions options)
    {
        var text = new StringBuilder(16384);
        if (target.Architecture == Architecture.X86_64)
            text.Append(X86_64Text);
        return text.ToString();
    }
}
