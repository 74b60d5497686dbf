using Kiln.Target;

namespace Kiln.Frontend.Preprocess;

/// <summary>What x86-64 and i386 predefine.</summary>
public static partial class PredefinedMacros
{
    private sealed partial class Writer
    {
        private static readonly string[] DefaultX86Features = ["mmx", "sse", "sse2", "fxsr"];

        private bool HasFeature(string name)
        {
            foreach (string feature in _options.Features ?? (target.Architecture == Architecture.X86_64 ? DefaultX86Features : []))
            {
                if (feature == name)
                    return true;
            }
            return false;
        }

        /// <summary>Whether float and double are computed by the x87: then there is no _Float16 and everything is extended.</summary>
        private bool HasX87Math => target.Architecture is Architecture.X86_64 or Architecture.I386 && !(HasFeature("sse2") && target.Architecture == Architecture.X86_64);

        private int EvaluationMethod => !HasX87Math ? 0 : HasFeature("sse") && target.Architecture == Architecture.X86_64 ? -1 : 2;

        private int BiggestAlignment => HasFeature("avx512f") ? 64 : HasFeature("avx") ? 32 : target.BiggestAlignment;

        /// <summary>Macros of features whose names do not follow from the option's.</summary>
        private static string FeatureMacro(string feature) => feature switch
        {
            "cx16" => "__GCC_HAVE_SYNC_COMPARE_AND_SWAP_16",
            "sahf" => "__LAHF_SAHF__",
            "3dnow" => "__3dNOW__",
            "sse4" or "hle" => "",
            _ => $"__{feature.ToUpperInvariant().Replace('.', '_').Replace('-', '_')}__",
        };

        /// <summary>Architecture, code model and instruction set extensions.</summary>
        public void X86()
        {
            bool is64 = target.Architecture == Architecture.X86_64;
            if (is64)
            {
                foreach (string name in (string[])["__amd64", "__amd64__", "__x86_64", "__x86_64__"])
                    Define(name);
                Define($"__code_model_{_options.CodeModel}__");
            }
            else
            {
                Define("__i386");
                Define("__i386__");
                if (!_isStrict)
                    Define("i386");
                Define("__code_model_32__");
            }
            string processor = _options.March switch
            {
                "x86-64" => is64 ? "k8" : "i686",
                "x86-64-v2" or "x86-64-v3" or "x86-64-v4" or "k8-sse3" or "opteron" or "opteron-sse3" or "athlon64" or "athlon64-sse3" or "athlon-fx" => "k8",
                "barcelona" => "amdfam10",
                _ when _options.March.StartsWith("nano", StringComparison.Ordinal) || _options.March.StartsWith("eden", StringComparison.Ordinal) => "k8",
                _ => _options.March.Replace('-', '_'),
            };
            Define($"__{processor}");
            Define($"__{processor}__");
            string? other = processor switch
            {
                "corei7_avx" or "core_avx_i" => "sandybridge",
                "core_avx2" => "haswell",
                "atom" => "bonnell",
                "slm" => "silvermont",
                _ => null,
            };
            if (other is not null)
            {
                Define($"__{other}");
                Define($"__{other}__");
            }
            Define("__SIZEOF_FLOAT80__", target.LongDoubleSize);
            Define("__SIZEOF_FLOAT128__", 16);
            Define("__GCC_ASM_FLAG_OUTPUTS__");
            Define("__ATOMIC_HLE_ACQUIRE", 65536);
            Define("__ATOMIC_HLE_RELEASE", 131072);
            Define("__SEG_FS");
            Define("__SEG_GS");
            if (_options.CfProtection > 0)
                Define("__CET__", _options.CfProtection);
            foreach (string feature in _options.Features ?? (is64 ? DefaultX86Features : []))
            {
                string macro = FeatureMacro(feature);
                if (macro.Length > 0)
                    Define(macro);
            }
            if (is64 && HasFeature("sse"))
            {
                Define("__SSE_MATH__");
                if (HasFeature("sse2"))
                {
                    Define("__SSE2_MATH__");
                    Define("__MMX_WITH_SSE__");
                }
            }
            if (HasFeature("fma") || HasFeature("fma4") || HasFeature("avx512f"))
            {
                foreach (string name in (string[])["FMA", "FMAF", "FMAF32", "FMAF64", "FMAF32x"])
                    Define($"__FP_FAST_{name}");
            }
        }
    }
}
