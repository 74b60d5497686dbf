namespace Kiln.Driver.Options;

/// <summary>
/// The names of gcc 12's flags, sorted into what Kiln does with them. A name that stands here is one whose effect Kiln's own tables
/// (<see cref="OptionTable"/>) do not describe: harmless on purpose, or refused.
/// </summary>
internal static class FlagNames
{
    /// <summary>Tuning of gcc's own passes, and of its reports: they change neither meaning nor interface of the code.</summary>
    public const string HarmlessCodeFlags = """
        aggressive-loop-optimizations align-functions align-functions= align-jumps align-jumps= align-labels
        align-labels= align-loops align-loops= allocation-dce allow-parameterless-variadic-functions
        allow-store-data-races argument-alias argument-noalias argument-noalias-anything argument-noalias-global
        auto-inc-dec bit-tests branch-count-reg branch-target-load-optimize branch-target-load-optimize2
        btr-bb-exclusive caller-saves check-data-deps code-hoisting combine-stack-adjustments compare-elim
        conserve-stack cprop-registers crossjumping cse-follow-jumps cse-skip-blocks dce debug-cpp defer-pop
        delayed-branch delete-dead-exceptions dse early-inlining eliminate-dwarf2-dups eliminate-unused-debug-symbols
        eliminate-unused-debug-types emit-class-debug-always emit-struct-debug-baseonly emit-struct-debug-detailed=
        emit-struct-debug-reduced expensive-optimizations finite-loops fold-simple-inlines force-addr
        forward-propagate fp-int-builtin-inexact function-cse gcse gcse-after-reload gcse-las gcse-lm
        gcse-sm guess-branch-probability hoist-adjacent-loads if-conversion if-conversion2 indirect-inlining
        inline-atomics inline-functions-called-once inline-limit- inline-limit= ipa-bit-cp ipa-cp ipa-cp-alignment
        ipa-cp-clone ipa-icf ipa-icf-functions ipa-icf-variables ipa-matrix-reorg ipa-modref ipa-profile ipa-pta
        ipa-pure-const ipa-ra ipa-reference ipa-reference-addressable ipa-sra ipa-stack-alignment ipa-strict-aliasing
        ipa-struct-reorg ipa-vrp ira-algorithm= ira-hoist-pressure ira-loop-pressure ira-region= ira-share-save-slots
        ira-share-spill-slots ira-verbose= isolate-erroneous-paths-attribute isolate-erroneous-paths-dereference
        ivopts lifetime-dse lifetime-dse= limit-function-alignment live-range-shrinkage loop-block loop-flatten
        graphite graphite-identity loop-interchange loop-nest-optimize loop-parallelize-all tree-parallelize-loops= loop-optimize loop-strip-mine loop-unroll-and-jam lra-remat
        merge-debug-strings modulo-sched modulo-sched-allow-regmoves move-loop-invariants move-loop-stores
        optimize-register-move optimize-strlen partial-inlining peel-loops peephole peephole2 post-ipa-mem-report
        pre-ipa-mem-report predictive-commoning prefetch-loop-arrays ree regmove rename-registers reorder-blocks
        reorder-blocks-algorithm= reorder-blocks-and-partition reorder-functions rerun-cse-after-loop
        rerun-loop-opt reschedule-modulo-scheduled-loops sched-critical-path-heuristic sched-dep-count-heuristic
        sched-group-heuristic sched-interblock sched-last-insn-heuristic sched-pressure sched-rank-heuristic
        sched-spec sched-spec-insn-heuristic sched-spec-load sched-spec-load-dangerous sched-stalled-insns
        sched-stalled-insns-dep sched-stalled-insns-dep= sched-stalled-insns= sched-verbose= sched2-use-superblocks
        sched2-use-traces schedule-fusion schedule-insns schedule-insns2 section-anchors see sel-sched-pipelining
        sel-sched-pipelining-outer-loops sel-sched-reschedule-pipelined selective-scheduling selective-scheduling2
        shrink-wrap shrink-wrap-separate simd-cost-model= split-ivs-in-unroller split-loops split-paths
        split-wide-types split-wide-types-early ssa-backprop ssa-phiopt store-merging strength-reduce thread-jumps
        tracer tree-bit-ccp tree-builtin-call-dce tree-ccp tree-ch tree-coalesce-inlined-vars tree-coalesce-vars
        tree-copy-prop tree-copyrename tree-cselim tree-dce tree-dominator-opts tree-dse tree-forwprop tree-fre
        tree-loop-distribute-patterns tree-loop-distribution tree-loop-if-convert tree-loop-if-convert-stores
        tree-loop-im tree-loop-ivcanon tree-loop-linear tree-loop-optimize tree-loop-vectorize tree-lrs
        tree-partial-pre tree-phiprop tree-pre tree-pta tree-reassoc tree-salias tree-scev-cprop tree-sink
        tree-slp-vectorize tree-slsr tree-sra tree-store-ccp tree-store-copy-prop tree-switch-conversion
        tree-tail-merge tree-ter tree-vect-loop-version tree-vectorize tree-vectorizer-verbose= tree-vrp
        unconstrained-commons unit-at-a-time unroll-all-loops unroll-completely-grow-size unroll-loops
        unsafe-loop-optimizations unswitch-loops use-linker-plugin var-tracking var-tracking-assignments
        var-tracking-assignments-toggle var-tracking-uninit variable-expansion-in-unroller vect-cost-model
        vect-cost-model= version-loops-for-strides vpt web zee
        """;

    /// <summary>Flags that ask for what Kiln does not do: an error, as from a gcc that was built without it.</summary>
    public const string RefusedCodeFlags = """
        analyzer analyzer-call-summaries analyzer-checker= analyzer-feasibility analyzer-fine-grained
        analyzer-show-duplicate-count analyzer-state-merge analyzer-state-purge analyzer-transitivity
        analyzer-verbose-edges analyzer-verbose-state-changes analyzer-verbosity= asan-shadow-offset=
        auto-profile auto-profile= branch-probabilities building-libgcc callgraph-info callgraph-info=
        check-pointer-bounds chkp-check-incomplete-type chkp-check-read chkp-check-write
        chkp-first-field-has-own-bounds chkp-flexible-struct-trailing-arrays chkp-instrument-calls
        chkp-instrument-marked-only chkp-narrow-bounds chkp-narrow-to-innermost-array chkp-optimize
        chkp-store-bounds chkp-treat-zero-dynamic-size-as-infinite chkp-use-fast-string-functions
        chkp-use-nochk-string-functions chkp-use-static-bounds chkp-use-static-const-bounds chkp-use-wrappers
        chkp-zero-input-bounds-for-main cilkplus compare-debug-second dbg-cnt-list dbg-cnt= disable-
        dump- dump-ada-spec dump-ada-spec-slim dump-analyzer dump-analyzer-callgraph dump-analyzer-exploded-graph
        dump-analyzer-exploded-nodes dump-analyzer-exploded-nodes-2 dump-analyzer-exploded-nodes-3
        dump-analyzer-exploded-paths dump-analyzer-feasibility dump-analyzer-json dump-analyzer-state-purge
        dump-analyzer-stderr dump-analyzer-supergraph dump-analyzer-untracked dump-final-insns=filename
        dump-go-spec=filename dump-internal-locations dump-noaddr dump-passes dump-unnumbered dump-unnumbered-links
        enable- gimple gnu-tm harden-compares harden-conditional-branches help help=
        live-patching live-patching= lto lto-compression-level= lto-odr-type-merging
        lto-partition= lto-report lto-report-wpa lto= mem-report mem-report-wpa mudflap mudflapir
        mudflapth offload-abi= offload-options= openacc openacc-dim= openmp openmp-simd opt-info pch-deps
        pch-preprocess plugin-arg- plugin= profile profile-abs-path profile-arcs profile-correction
        profile-dir= profile-exclude-files= profile-filter-files= profile-generate profile-generate=
        profile-info-section profile-info-section= profile-note= profile-partial-training profile-prefix-map=
        profile-prefix-path= profile-reorder-functions profile-report profile-reproducible= profile-update=
        profile-use profile-use= profile-values report-bug sanitize-address-use-after-scope sanitize-coverage=
        sanitize-recover sanitize-recover= sanitize-sections= sanitize-undefined-trap-on-error sanitize=
        self-test= split-stack target-help test-coverage time-report
        time-report-details version vtable-verify= vtv-counts vtv-debug
        """;

    /// <summary>Warnings that gcc 12 knows for C, and those for other languages which its C driver takes too.</summary>
    public const string Warnings = """
        NSObject-attribute absolute-value address address-of-packed-member aggregate-return
        aggressive-loop-optimizations aliasing align-commons aligned-new= alloc-size-larger-than=
        alloc-zero alloca alloca-larger-than= ampersand analyzer-double-fclose analyzer-double-free
        analyzer-exposure-through-output-file analyzer-file-leak analyzer-free-of-non-heap
        analyzer-malloc-leak analyzer-mismatching-deallocation analyzer-null-argument analyzer-null-dereference
        analyzer-possible-null-argument analyzer-possible-null-dereference analyzer-shift-count-negative
        analyzer-shift-count-overflow analyzer-stale-setjmp-buffer analyzer-tainted-allocation-size
        analyzer-tainted-array-index analyzer-tainted-divisor analyzer-tainted-offset analyzer-tainted-size
        analyzer-too-complex analyzer-unsafe-call-within-signal-handler analyzer-use-after-free
        analyzer-use-of-pointer-in-stale-stack-frame analyzer-use-of-uninitialized-value analyzer-write-to-const
        analyzer-write-to-string-literal arith-conversion array-bounds array-bounds= array-compare
        array-parameter array-parameter= array-temporaries assign-intercept attribute-alias attribute-alias=
        attribute-warning attributes bad-function-cast bidi-chars bidi-chars= bidi-chars=none bool-compare
        bool-operation builtin-declaration-mismatch builtin-macro-redefined c++-compat c++0x-compat
        c++11-compat c++11-extensions c++14-compat c++14-extensions c++17-compat c++17-extensions
        c++1z-compat c++20-compat c++20-extensions c++23-extensions c++2a-compat c-binding-type c11-c2x-compat
        c90-c99-compat c99-c11-compat cannot-profile cast-align cast-align=strict cast-function-type cast-qual
        cast-result catch-value catch-value= char-subscripts character-truncation chkp class-conversion
        class-memaccess clobbered comma-subscript comment comments compare-reals conditionally-supported
        conversion conversion-extra conversion-null coverage-invalid-line-number coverage-mismatch cpp
        ctad-maybe-unsupported ctor-dtor-privacy dangling-else dangling-pointer dangling-pointer= date-time
        declaration-after-statement delete-incomplete delete-non-virtual-dtor deprecated deprecated-copy
        deprecated-copy-dtor deprecated-declarations deprecated-enum-enum-conversion deprecated-enum-float-conversion
        designated-init disabled-optimization discarded-array-qualifiers discarded-qualifiers div-by-zero
        do-subscript double-promotion duplicate-decl-specifier duplicated-branches duplicated-cond effc++ empty-body
        endif-labels enum-compare enum-conversion exceptions expansion-to-defined extra-semi float-conversion
        float-equal format format-contains-nul format-diag format-extra-args format-nonliteral format-overflow
        format-overflow= format-security format-signedness format-truncation format-truncation= format-y2k
        format-zero-length format= frame-address frame-larger-than= free-nonheap-object function-elimination hsa
        if-not-aligned ignored-attributes ignored-qualifiers implicit implicit-fallthrough implicit-fallthrough=
        implicit-function-declaration implicit-int implicit-interface implicit-procedure inaccessible-base
        incompatible-pointer-types infinite-recursion inherited-variadic-ctor init-list-lifetime init-self
        inline int-conversion int-in-bool-context int-to-pointer-cast integer-division interference-size
        intrinsic-shadow intrinsics-std invalid-imported-macros invalid-memory-model invalid-offsetof invalid-pch
        jump-misses-init larger-than- larger-than= line-truncation literal-suffix logical-not-parentheses
        logical-op long-long lto-type-mismatch main maybe-uninitialized memset-elt-size memset-transposed-args
        misleading-indentation mismatched-dealloc mismatched-new-delete mismatched-tags missing-attributes
        missing-braces missing-declarations missing-field-initializers missing-format-attribute
        missing-include-dirs missing-noreturn missing-parameter-type missing-profile missing-prototypes
        missing-requires missing-template-keyword multichar multiple-inheritance multistatement-macros
        namespaces narrowing nested-externs noexcept noexcept-type non-template-friend non-virtual-dtor
        nonnull nonnull-compare normalized normalized= normalized=none null-dereference objc-root-class odr
        old-style-cast old-style-declaration old-style-definition openacc-parallelism openmp-simd overflow
        overlength-strings overloaded-virtual override-init override-init-side-effects overwrite-recursive packed
        packed-bitfield-compat packed-not-aligned padded parentheses pessimizing-move placement-new placement-new=
        pmf-conversions pointer-arith pointer-compare pointer-sign pointer-to-int-cast pragmas prio-ctor-dtor
        property-assign-default protocol psabi range-loop-construct real-q-constant realloc-lhs realloc-lhs-all
        redundant-decls redundant-move redundant-tags register reorder restrict return-local-addr return-type
        scalar-storage-order selector sequence-point shadow shadow-compatible-local shadow-ivar shadow-local
        shadow=compatible-local shadow=global shadow=local shift-count-negative shift-count-overflow
        shift-negative-value shift-overflow shift-overflow= sign-compare sign-conversion sign-promo
        sized-deallocation sizeof-array-argument sizeof-array-div sizeof-pointer-div sizeof-pointer-memaccess
        stack-protector stack-usage= strict-aliasing strict-aliasing= strict-null-sentinel strict-overflow
        strict-overflow= strict-prototypes strict-selector-match string-compare stringop-overflow stringop-overflow=
        stringop-overread stringop-truncation subobject-linkage suggest-attribute=cold suggest-attribute=const
        suggest-attribute=format suggest-attribute=malloc suggest-attribute=noreturn suggest-attribute=pure
        suggest-final-methods suggest-final-types suggest-override surprising switch switch-bool switch-default
        switch-enum switch-outside-range switch-unreachable sync-nand synth system-headers tabs target-lifetime
        tautological-compare templates terminate traditional traditional-conversion trampolines trigraphs
        trivial-auto-var-init tsan type-limits undeclared-selector undef undefined-do-loop underflow
        uninitialized unknown-pragmas unreachable-code unsafe-loop-optimizations unsuffixed-float-constants
        unused unused-but-set-parameter unused-but-set-variable unused-const-variable unused-const-variable=
        unused-dummy-argument unused-function unused-label unused-local-typedefs unused-macros unused-parameter
        unused-result unused-value unused-variable use-after-free use-after-free= use-without-only useless-cast
        varargs variadic-macros vector-operation-performance vexing-parse virtual-inheritance virtual-move-assign
        vla vla-larger-than= vla-parameter volatile volatile-register-var write-strings zero-as-null-pointer-constant
        zero-length-bounds zerotrip
        """;

    /// <summary>Whether a list holds a name.</summary>
    public static bool Contains(string list, ReadOnlySpan<char> name)
    {
        for (ReadOnlySpan<char> rest = list; ;)
        {
            int at = rest.IndexOf(name, StringComparison.Ordinal);
            if (at < 0 || name.IsEmpty)
                return false;
            bool starts = at == 0 || char.IsWhiteSpace(rest[at - 1]);
            rest = rest[(at + name.Length)..];
            if (starts && (rest.IsEmpty || char.IsWhiteSpace(rest[0])))
                return true;
        }
    }

    /// <summary>Whether a list holds a name, or a name ending in <c>=</c> that the flag starts with.</summary>
    public static bool ContainsFlag(string list, ReadOnlySpan<char> flag)
    {
        int equal = flag.IndexOf('=');
        return Contains(list, equal < 0 ? flag : flag[..(equal + 1)]);
    }
}
