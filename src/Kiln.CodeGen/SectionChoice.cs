using Kiln.Assembler.Sections;
using Kiln.IR;
using Kiln.Object.Elf;

namespace Kiln.CodeGen;

/// <summary>
/// Chooses the section of a definition as gcc does: by attribute, else by what is in it (code, zeros, constants, constants with
/// relocations, strings, thread-local data), with the symbol's name behind under -ffunction-sections and -fdata-sections.
/// </summary>
public sealed class SectionChoice(Module module, Emitter emitter, CodeGenOptions options)
{
    /// <summary>The section of a function.</summary>
    public int OfFunction(SymbolData symbol, FunctionFlags flags)
    {
        if (symbol.Section is { } given)
            return Given(symbol, given, SectionType.ProgBits, SectionFlags.Alloc | SectionFlags.ExecInstr);
        string name = ".text";
        if ((flags & FunctionFlags.Cold) != 0)
            name = ".text.unlikely";
        else if ((flags & FunctionFlags.Hot) != 0)
            name = ".text.hot";
        else if (symbol.ConstructorPriority >= 0 && options.OptimizationLevel > 0)
            name = ".text.startup";
        else if (symbol.DestructorPriority >= 0 && options.OptimizationLevel > 0)
            name = ".text.exit";
        if (options.FunctionSections)
            name = $"{name}.{symbol.Name}";
        ulong retain = symbol.IsRetained ? SectionFlags.GnuRetain : 0;
        return emitter.Section(name, SectionType.ProgBits, SectionFlags.Alloc | SectionFlags.ExecInstr | retain);
    }

    /// <summary>The section of an object.</summary>
    public int OfObject(SymbolData symbol)
    {
        bool isZero = IsZero(symbol);
        bool isThreadLocal = symbol.Tls != TlsModel.None;
        bool needsWrite = !symbol.IsReadOnly;
        int relocations = RelocationsOf(symbol);
        ulong flags = SectionFlags.Alloc;
        if (isThreadLocal)
            flags |= SectionFlags.Tls | SectionFlags.Write;
        else if (needsWrite || relocations > 0)
            flags |= SectionFlags.Write;
        if (symbol.Section is { } given)
            return Given(symbol, given, GivenType(given, isZero), symbol.IsReadOnly && relocations == 0 ? flags & ~SectionFlags.Write : flags);
        if (symbol.IsRetained)
            flags |= SectionFlags.GnuRetain;
        if (isThreadLocal)
            return Section(symbol, isZero ? ".tbss" : ".tdata", isZero ? SectionType.NoBits : SectionType.ProgBits, flags);
        if (needsWrite)
        {
            if (isZero && options.ZeroInitializedInBss)
                return Section(symbol, ".bss", SectionType.NoBits, flags);
            string data = relocations switch
            {
                0 => ".data",
                1 => ".data.rel.local",
                _ => ".data.rel",
            };
            return Section(symbol, data, SectionType.ProgBits, flags);
        }
        if (relocations > 0)
            return Section(symbol, relocations == 1 ? ".data.rel.ro.local" : ".data.rel.ro", SectionType.ProgBits, flags);
        return symbol.IsMergeable && options.MergeConstants && Mergeable(symbol, flags) is int merged
            ? merged
            : Section(symbol, ".rodata", SectionType.ProgBits, flags);
    }

    /// <summary>Whether an object's bytes are all zero, with nothing for the linker to fill in.</summary>
    public static bool IsZero(SymbolData symbol) =>
        symbol.References is not { Count: > 0 } && (symbol.Data is null || symbol.Data.AsSpan().IndexOfAnyExcept((byte)0) < 0);

    private int? Mergeable(SymbolData symbol, ulong flags)
    {
        int unit = symbol.StringUnit;
        if (unit is 1 or 2 or 4 && IsString(symbol, unit))
        {
            int alignment = Math.Max(1 << symbol.AlignmentLog2, unit);
            if (alignment > 32)
                return null;
            return emitter.Section($".rodata.str{unit}.{alignment}", SectionType.ProgBits, flags | SectionFlags.Merge | SectionFlags.Strings, unit);
        }
        if (symbol.Size is 4 or 8 or 16 or 32 && 1L << symbol.AlignmentLog2 <= symbol.Size)
            return emitter.Section($".rodata.cst{symbol.Size}", SectionType.ProgBits, flags | SectionFlags.Merge, (int)symbol.Size);
        return null;
    }

    // A mergeable string ends in its only null character.
    private static bool IsString(SymbolData symbol, int unit)
    {
        if (symbol.Data is not { } data || symbol.Size < unit || symbol.Size % unit != 0 || data.Length < symbol.Size - unit)
            return symbol.Size == unit && symbol.Data is null or { Length: 0 };
        for (long at = 0; at + unit <= symbol.Size; at += unit)
        {
            bool isNull = true;
            for (long i = at; i < at + unit && i < data.Length; i++)
                isNull &= data[i] == 0;
            if (isNull)
                return at + unit == symbol.Size;
        }
        return false;
    }

    // 0: nothing that a loader fills in; 1: only addresses of this object's own; 2: others.
    private int RelocationsOf(SymbolData symbol)
    {
        if (options.Relocation == RelocationModel.Static || symbol.References is null)
            return 0;
        int worst = 0;
        foreach (DataReference reference in symbol.References)
        {
            if (!reference.Minus.IsNone)
                continue;
            SymbolData target = module[reference.Symbol];
            bool isLocal = !reference.Block.IsNone || target.Linkage == Linkage.Internal
                || target.BindsLocally && target.Kind != SymbolKind.Undefined || target.Visibility is Visibility.Hidden or Visibility.Internal;
            worst = Math.Max(worst, isLocal ? 1 : 2);
        }
        return worst;
    }

    private int Section(SymbolData symbol, string name, uint type, ulong flags) =>
        emitter.Section(options.DataSections ? $"{name}.{symbol.Name}" : name, type, flags);

    private static uint GivenType(string name, bool isZero)
    {
        if (isZero && (IsOrUnder(name, ".bss") || IsOrUnder(name, ".tbss") || IsOrUnder(name, ".sbss")
            || IsOrUnder(name, ".gnu.linkonce.b") || IsOrUnder(name, ".noinit")))
        {
            return SectionType.NoBits;
        }
        return IsOrUnder(name, ".init_array") ? SectionType.InitArray
            : IsOrUnder(name, ".fini_array") ? SectionType.FiniArray
            : IsOrUnder(name, ".preinit_array") ? SectionType.PreInitArray
            : name.StartsWith(".note", StringComparison.Ordinal) ? SectionType.Note
            : SectionType.ProgBits;
    }

    private static bool IsOrUnder(string name, string prefix) =>
        name.StartsWith(prefix, StringComparison.Ordinal) && (name.Length == prefix.Length || name[prefix.Length] == '.');

    // A section of this name that stands already keeps its type and flags: constants and variables may share one.
    private int Given(SymbolData symbol, string name, uint type, ulong flags)
    {
        int known = emitter.FindSection(name);
        return known != 0 ? known : emitter.Section(name, type, flags | (symbol.IsRetained ? SectionFlags.GnuRetain : 0));
    }
}
