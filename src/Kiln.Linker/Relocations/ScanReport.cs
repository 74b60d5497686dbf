using System.Text;
using Kiln.Linker.Inputs;
using Kiln.Linker.Sections;
using Kiln.Linker.Symbols;
using Kiln.Linker.Targets;
using Kiln.Object.Elf;

namespace Kiln.Linker.Relocations;

/// <summary>Tells of the references that the scan could not bind, in ld's words.</summary>
internal sealed class ScanReport(LinkJob job)
{
    private const int MostInARow = 5;
    private int _lastUndefined;
    private int _inARow;
    private readonly HashSet<int> _warned = [];

    /// <summary>Reports the problems of one object.</summary>
    public void Report(ObjectFile file, List<ScanProblem> problems)
    {
        foreach (ScanProblem problem in problems)
            switch (problem.Kind)
            {
                case ScanProblemKind.Undefined:
                    Undefined(file, problem);
                    break;
                case ScanProblemKind.NeedsPic:
                    NeedsPic(file, problem);
                    break;
                case ScanProblemKind.Discarded:
                    Discarded(file, problem);
                    break;
                case ScanProblemKind.OutOfRange:
                    job.Error($"{file.Name}({job.SectionText(problem.Section)}+0x{problem.Offset:x}): "
                        + $"bad relocation offset or symbol in a relocation of type {X86_64.Name(problem.Type)}");
                    break;
                case ScanProblemKind.Unsupported:
                    job.Error($"{file.Name}: unsupported relocation type 0x{problem.Type:x} in section `{job.SectionText(problem.Section)}'");
                    break;
                case ScanProblemKind.TlsMismatch:
                    job.Error($"{file.Name}({job.SectionText(problem.Section)}+0x{problem.Offset:x}): TLS relocation "
                        + $"{X86_64.Name(problem.Type)} against `{Name(problem.Symbol)}', which is not thread-local");
                    break;
                case ScanProblemKind.Warning:
                    if (_warned.Add(problem.Symbol) && job.SymbolWarnings.TryGetValue(problem.Symbol, out string? text))
                        job.PlainWarning($"{job.Places.OfReference(file, problem.Section, problem.Offset)}: warning: {text}");
                    break;
                default:
                    throw new InvalidOperationException($"problem {problem.Kind}");
            }
    }

    private string Name(int symbol) => symbol == 0 ? "a local symbol" : job.Symbols.Text(symbol);

    private void Undefined(ObjectFile file, in ScanProblem problem)
    {
        string name = job.Symbols.Text(problem.Symbol);
        if (job.Options.IgnoreUnresolved.Contains(name))
            return;
        _inARow = _lastUndefined == problem.Symbol ? _inARow + 1 : 0;
        _lastUndefined = problem.Symbol;
        if (_inARow > MostInARow)
            return;
        bool isWarning = job.Options.WarnUnresolved || job.Options.UnresolvedInObjects == UnresolvedPolicy.Warn;
        string text;
        if (_inARow == MostInARow)
            text = $"{job.Places.OfDefinition(file, problem.Section, problem.Offset)}: more undefined references to `{name}' follow";
        else
        {
            ref Symbol symbol = ref job.Symbols[problem.Symbol];
            string place = job.Places.OfReference(file, problem.Section, problem.Offset);
            text = symbol.Visibility switch
            {
                SymbolVisibility.Hidden => $"{place}: undefined reference to `{name}'",
                _ => $"{place}: undefined reference to `{name}'",
            };
        }
        if (isWarning)
            job.PlainWarning(text.Insert(text.LastIndexOf(": ", StringComparison.Ordinal) + 2, "warning: "));
        else
            job.Error(text);
    }

    private void NeedsPic(ObjectFile file, in ScanProblem problem)
    {
        string output = job.IsShared ? "shared object" : job.IsPositionIndependent ? "PIE object" : "PDE object";
        string option = job.IsShared ? "-fPIC" : "-fPIE";
        string what;
        if (problem.Symbol != 0)
        {
            ref Symbol symbol = ref job.Symbols[problem.Symbol];
            string kind = symbol.State == SymbolState.Undefined ? "undefined " : symbol.Visibility switch
            {
                SymbolVisibility.Hidden => "hidden ",
                SymbolVisibility.Internal => "internal ",
                SymbolVisibility.Protected => "protected ",
                _ => "",
            };
            what = $"{kind}symbol `{job.Symbols.Text(problem.Symbol)}'";
        }
        else
            what = LocalName(file, problem);
        job.Error($"{file.Name}: relocation {X86_64.Name(problem.Type)} against {what} can not be used when making a {output}; "
            + $"recompile with {option}");
    }

    // A local symbol, or the section it stands for: found again by the place of the relocation.
    private string LocalName(ObjectFile file, in ScanProblem problem)
    {
        foreach (ref readonly ElfRelocation relocation in file.Elf.Relocations(job.Sections[problem.Section].Relocations))
        {
            if (relocation.Offset != problem.Offset || relocation.Type != problem.Type)
                continue;
            ref readonly ElfSymbol symbol = ref file.Symbols.Span[relocation.Symbol];
            int section = file.Symbols.Section(relocation.Symbol);
            return symbol.Type == SymbolType.Section && section > 0
                ? $"`{job.SectionText(file.FirstSection + section)}'"
                : $"symbol `{Encoding.UTF8.GetString(file.Symbols.Name(symbol).Span)}'";
        }
        return "a local symbol";
    }

    private void Discarded(ObjectFile file, in ScanProblem problem)
    {
        ref readonly ElfSymbol symbol = ref file.Symbols.Span[problem.Symbol];
        string target = job.SectionText(problem.Type);
        string name = symbol.Type == SymbolType.Section ? target : Encoding.UTF8.GetString(file.Symbols.Name(symbol).Span);
        job.Error($"`{name}' referenced in section `{job.SectionText(problem.Section)}' of {file.Name}: defined in discarded section "
            + $"`{target}' of {file.Name}");
    }
}
