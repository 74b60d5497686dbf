using System.Text;
using Kiln.Base;
using Kiln.Linker.Inputs;
using Kiln.Linker.Layout;
using Kiln.Linker.Sections;
using Kiln.Object.Elf;

namespace Kiln.Linker.Symbols;

/// <summary>
/// The symbols that the linker defines: ends of sections that C libraries ask for, __start_ and __stop_ of sections named like a C
/// identifier, and those of --defsym. Most are made only where somebody refers to them and nobody defines them.
/// </summary>
internal sealed class LinkerSymbols(LinkJob job)
{
    private enum Place : byte
    {
        SectionStart,
        SectionEnd,
        SectionSize,
        ImageStart,
        TextEnd,
        DataEnd,
        BssStart,
        ImageEnd,
        Dynamic,
        Got,
        Headers,
        IRelativeStart,
        IRelativeEnd,
        Expression,
    }

    private readonly List<(int Symbol, Place Place, string Section)> _defined = [];

    private void Provide(string name, Place place, string section, int visibility)
    {
        int id = job.Symbols.Find(name);
        if (id == 0)
            return;
        id = job.Symbols.Final(id);
        ref Symbol symbol = ref job.Symbols[id];
        if (symbol.State is SymbolState.Defined or SymbolState.Common
            || !symbol.Has(SymbolTraits.InObject | SymbolTraits.InLibrary) && symbol.State == SymbolState.Undefined)
            return;
        if (!symbol.Has(SymbolTraits.InObject) && visibility == SymbolVisibility.Hidden)
            return;
        Define(id, place, section, visibility);
    }

    private void Define(int id, Place place, string section, int visibility)
    {
        ref Symbol symbol = ref job.Symbols[id];
        symbol.State = SymbolState.Defined;
        symbol.Type = SymbolType.NoType;
        symbol.Binding = SymbolBinding.Global;
        symbol.Section = -1;
        symbol.Value = 0;
        symbol.Size = 0;
        symbol.File = -1;
        symbol.Traits |= SymbolTraits.LinkerDefined;
        if (visibility != SymbolVisibility.Default)
            symbol.Visibility = symbol.Visibility == 0 ? (byte)visibility : Math.Min(symbol.Visibility, (byte)visibility);
        _defined.Add((id, place, section));
    }

    /// <summary>Defines what is asked for; addresses follow in <see cref="Resolve"/>. Before the garbage collection.</summary>
    public void Declare()
    {
        const int hidden = SymbolVisibility.Hidden, plain = SymbolVisibility.Default;
        bool isExecutable = job.IsExecutable;
        if (isExecutable)
        {
            Provide("__executable_start", Place.ImageStart, "", plain);
            Array(".preinit_array");
            Array(".init_array");
            Array(".fini_array");
        }
        if (job.Options.Kind == OutputKind.Executable)
        {
            Provide("__rela_iplt_start", Place.IRelativeStart, "", hidden);
            Provide("__rela_iplt_end", Place.IRelativeEnd, "", hidden);
        }
        foreach (string name in (ReadOnlySpan<string>)["__etext", "_etext", "etext"])
            Provide(name, Place.TextEnd, "", plain);
        foreach (string name in (ReadOnlySpan<string>)["_edata", "edata"])
            Provide(name, Place.DataEnd, "", plain);
        Provide("__bss_start", Place.BssStart, "", plain);
        foreach (string name in (ReadOnlySpan<string>)["_end", "end"])
            Provide(name, Place.ImageEnd, "", plain);
        Provide("__ehdr_start", Place.Headers, "", hidden);
        if (job.IsDynamic)
            Provide("_DYNAMIC", Place.Dynamic, "", hidden);
        Provide("_GLOBAL_OFFSET_TABLE_", Place.Got, "", hidden);
        StartStop();
        foreach ((string name, string expression) in job.Options.DefinedSymbols)
        {
            int id = job.Symbols.Find(name);
            job.Symbols[id].Section = SymbolExpression.IsNumber(expression) ? 0 : -1;
            _defined.Add((id, Place.Expression, expression));
        }

        void Array(string section)
        {
            string stem = "__" + section[1..];
            Provide(stem + "_start", Place.SectionStart, section, hidden);
            Provide(stem + "_end", Place.SectionEnd, section, hidden);
        }
    }

    // __start_NAME and __stop_NAME for every section NAME that could be an identifier.
    private void StartStop()
    {
        HashSet<string>? names = null;
        for (int id = 1; id < job.Symbols.Count; id++)
        {
            ref Symbol symbol = ref job.Symbols[id];
            if (symbol.State is SymbolState.Defined or SymbolState.Common || symbol.Alias != 0 || !symbol.Has(SymbolTraits.InObject))
                continue;
            ReadOnlySpan<byte> name = symbol.Name.Span;
            if (name.StartsWith(".startof."u8) || name.StartsWith(".sizeof."u8))
            {
                // what assembly code writes as .startof.(.text)
                bool isPlace = name[2] == 't';
                Define(id, isPlace ? Place.SectionStart : Place.SectionSize, Encoding.UTF8.GetString(name[(isPlace ? 9 : 8)..]),
                    SymbolVisibility.Hidden);
                symbol.Section = isPlace ? symbol.Section : 0;
                continue;
            }
            bool isStart = name.StartsWith("__start_"u8);
            if (!isStart && !name.StartsWith("__stop_"u8))
                continue;
            names ??= SectionIdentifiers();
            string section = Encoding.UTF8.GetString(name[(isStart ? 8 : 7)..]);
            if (names.Contains(section))
                Define(id, isStart ? Place.SectionStart : Place.SectionEnd, section, job.Options.StartStopVisibility);
        }
    }

    private HashSet<string> SectionIdentifiers()
    {
        var names = new HashSet<string>();
        for (int id = 1; id < job.Sections.Count; id++)
        {
            ref InputSection section = ref job.Sections[id];
            if (section.IsLive && section.IsAllocated && section.Name.Length > 0 && section.Name[0] != (byte)'.')
                names.Add(Encoding.UTF8.GetString(section.Name.Span));
        }
        return names;
    }

    /// <summary>Gives the symbols their addresses and sections.</summary>
    public void Resolve()
    {
        foreach ((int id, Place place, string section) in _defined)
        {
            if (place == Place.Expression)
                continue;
            (ulong address, OutputSection? output) = Find(place, section);
            job.Addresses[id] = address;
            job.Symbols[id].Value = address;
            job.Symbols[id].Section = output is null ? 0 : ~(output.Index - 1);
        }
        // Expressions may name any other symbol.
        foreach ((int id, Place place, string text) in _defined)
            if (place == Place.Expression)
                ResolveExpression(id, text);
    }

    private void ResolveExpression(int id, string text)
    {
        var expression = new SymbolExpression(job, text);
        if (!expression.Evaluate(out ulong value, out int relativeTo))
        {
            job.Error(expression.Problem);
            return;
        }
        ref Symbol symbol = ref job.Symbols[id];
        job.Addresses[id] = value;
        symbol.Value = value;
        symbol.Section = 0;
        if (relativeTo == 0)
            return;
        ref Symbol target = ref job.Symbols[relativeTo];
        symbol.Type = target.Type;
        OutputSection? section = target.Section > 0 ? job.OutputOf(target.Section) : null;
        if (section is not null)
            symbol.Section = ~(section.Index - 1);
        else if (target.Section < 0)
            symbol.Section = target.Section;
    }

    private (ulong Address, OutputSection? Section) Find(Place place, string name)
    {
        List<OutputSection> outputs = job.Outputs;
        switch (place)
        {
            case Place.ImageStart or Place.Headers:
                return (job.ImageBase, outputs.Count > 0 && outputs[0].IsAllocated ? outputs[0] : null);
            case Place.SectionSize:
                foreach (OutputSection section in outputs)
                    if (section.Name == name)
                        return (section.Size, null);
                return (0, null);
            case Place.SectionStart or Place.SectionEnd:
                foreach (OutputSection section in outputs)
                    if (section.Name == name)
                        return (place == Place.SectionStart ? section.Address : section.Address + section.Size, section);
                // An array that is not there begins and ends at the same place, any one.
                OutputSection? any = Last(static x => x.IsAllocated);
                return (any?.Address ?? job.ImageBase, any);
            case Place.TextEnd:
                return End(Last(static x => x.IsCode));
            case Place.DataEnd:
                return End(Last(static x => x.IsAllocated && x.IsWritable && !x.HasNoBits) ?? Last(static x => x.IsAllocated && !x.HasNoBits));
            case Place.BssStart:
                foreach (OutputSection section in outputs)
                    if (section.Name == ".bss")
                        return (section.Address, section);
                return End(Last(static x => x.IsAllocated && !x.HasNoBits));
            case Place.ImageEnd:
                OutputSection? last = Last(static x => x.IsAllocated && x.TakesAddresses);
                return last is null ? (job.ImageBase, null) : (last.Address + last.Size + 7 & ~7UL, last);
            case Place.Dynamic:
                return (job.Synthetic.Dynamic.Address, job.Synthetic.Dynamic.Section);
            case Place.Got:
                return (job.GotBase, job.Synthetic.GotPlt.Section ?? job.Synthetic.Got.Section);
            case Place.IRelativeStart or Place.IRelativeEnd:
                // In a dynamic executable the dynamic linker does these relocations.
                ulong start = job.Synthetic.RelaPlt.Address;
                ulong size = job.IsDynamic || place == Place.IRelativeStart ? 0 : job.Synthetic.RelaPlt.Size;
                return (start + size, job.Synthetic.RelaPlt.Section);
            default:
                throw new InvalidOperationException($"place {place}");
        }
    }

    private OutputSection? Last(Func<OutputSection, bool> test)
    {
        for (int i = job.Outputs.Count - 1; i >= 0; i--)
            if (test(job.Outputs[i]))
                return job.Outputs[i];
        return null;
    }

    private (ulong Address, OutputSection? Section) End(OutputSection? section) =>
        section is null ? (job.ImageBase, null) : (section.Address + section.Size, section);
}
