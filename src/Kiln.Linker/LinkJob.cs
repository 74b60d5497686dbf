using System.Text;
using Kiln.Base;
using Kiln.Linker.Inputs;
using Kiln.Linker.Layout;
using Kiln.Linker.Sections;
using Kiln.Linker.Symbols;
using Kiln.Linker.Synthetic;
using Kiln.Linker.Targets;
using Kiln.Object.Elf;

namespace Kiln.Linker;

/// <summary>All that one link knows. Passes read and fill it in the order of Link.cs; nothing outlives it but the output.</summary>
internal sealed class LinkJob
{
    private readonly Lock _messageLock = new();
    private readonly ILinkMessages _messages;

    public LinkJob(LinkOptions options, ILinkMessages messages)
    {
        Options = options;
        _messages = messages;
        Places = new Places(this);
    }

    public LinkOptions Options { get; }

    /// <summary>Says where in the source something is.</summary>
    public Places Places { get; }

    /// <summary>What is special about the machine.</summary>
    public X86_64 Target { get; } = new();

    /// <summary>Objects and shared libraries in the order of loading.</summary>
    public List<InputFile> Files { get; } = [];

    /// <summary>The objects among them.</summary>
    public List<ObjectFile> Objects { get; } = [];

    /// <summary>The shared libraries among them.</summary>
    public List<SharedFile> Libraries { get; } = [];

    /// <summary>Every path that was read, for dependency files.</summary>
    public List<string> ReadPaths { get; } = [];

    public SymbolTable Symbols { get; } = new();

    /// <summary>Signatures of COMDAT groups and names of link-once sections that were seen.</summary>
    public SymbolTable Groups { get; } = new();

    /// <summary>The sections of all objects, by id.</summary>
    public GrowBuffer<InputSection> Sections { get; } = new(256);

    /// <summary>Text of .gnu.warning sections by symbol.</summary>
    public Dictionary<int, string> SymbolWarnings { get; } = [];

    /// <summary>Why archive members were taken: the member, the file that refers to the symbol, the symbol.</summary>
    public List<(string Member, string Reference, string Symbol)> MemberReasons { get; } = [];

    public VersionScript? Versions { get; set; }

    /// <summary>The sections of the output in their order, once they are placed.</summary>
    public List<OutputSection> Outputs { get; } = [];

    /// <summary>The sections that the linker itself makes.</summary>
    public SyntheticSections Synthetic { get; set; } = null!;

    /// <summary>The segments of the output.</summary>
    public List<Segment> Segments { get; } = [];

    /// <summary>The final address of every symbol, by id.</summary>
    public ulong[] Addresses { get; set; } = [];

    /// <summary>Size of the headers at the start of the image.</summary>
    public ulong HeadersSize { get; set; }

    /// <summary>The address of offset 0 of the file.</summary>
    public ulong ImageBase { get; set; }

    /// <summary>Where the thread-local template begins and what its end, aligned, is: the thread pointer's origin on x86-64.</summary>
    public ulong TlsStart { get; set; }
    public ulong TlsEnd { get; set; }

    public bool IsRelocatable => Options.Kind == OutputKind.Relocatable;
    public bool IsShared => Options.Kind == OutputKind.Shared;
    public bool IsExecutable => Options.Kind is OutputKind.Executable or OutputKind.Pie;

    /// <summary>Whether the image may be loaded anywhere.</summary>
    public bool IsPositionIndependent => Options.Kind is OutputKind.Pie or OutputKind.Shared;

    /// <summary>Whether the output has dynamic sections.</summary>
    public bool IsDynamic => IsPositionIndependent || Libraries.Count > 0 && !IsRelocatable;

    /// <summary>Whether symbols may come from elsewhere at run time.</summary>
    public bool HasInterpreter => IsExecutable && IsDynamic && !Options.NoDynamicLinker;

    public int Threads => Options.Threads > 0 ? Options.Threads : Environment.ProcessorCount;

    public int ErrorCount { get; private set; }

    public bool HasFatalWarnings { get; private set; }

    /// <summary>Whether nothing may be written.</summary>
    public bool HasFailed => ErrorCount > 0 || HasFatalWarnings;

    public void Error(string text)
    {
        lock (_messageLock)
        {
            ErrorCount++;
            HardErrorCount++;
            _messages.Report(Severity.Error, text);
        }
    }

    /// <summary>How many errors make it senseless to go on: all but those that a later pass can add to.</summary>
    public int HardErrorCount { get; private set; }

    /// <summary>An error after which the link goes on, to tell of others: a second definition.</summary>
    public void SoftError(string text)
    {
        Error(text);
        HardErrorCount--;
    }

    public void Warning(string text)
    {
        lock (_messageLock)
        {
            HasFatalWarnings |= Options.FatalWarnings;
            if (!Options.NoWarnings)
                _messages.Report(Severity.Warning, "warning: " + text);
        }
    }

    /// <summary>A warning whose text says so itself.</summary>
    public void PlainWarning(string text)
    {
        lock (_messageLock)
        {
            HasFatalWarnings |= Options.FatalWarnings;
            if (!Options.NoWarnings)
                _messages.Report(Severity.Warning, text);
        }
    }

    public void Note(string text)
    {
        lock (_messageLock)
            _messages.Report(Severity.Note, text);
    }

    /// <summary>The object that a section belongs to.</summary>
    public ObjectFile ObjectOf(int section) => (ObjectFile)Files[Sections[section].File];

    /// <summary>A section's name as text.</summary>
    public string SectionText(int section) => Encoding.UTF8.GetString(Sections[section].Name.Span);

    /// <summary>The address that _GLOBAL_OFFSET_TABLE_ has.</summary>
    public ulong GotBase => Synthetic.GotPlt.Exists ? Synthetic.GotPlt.Address : Synthetic.Got.Address;

    /// <summary>The address of an offset in an input section that is in the output.</summary>
    public ulong AddressIn(int sectionId, ulong offset)
    {
        ref InputSection section = ref Sections[sectionId];
        switch (section.Fate)
        {
            case SectionFate.Kept:
                return section.Output < 0 ? 0 : Outputs[section.Output].Address + section.Offset + offset;
            case SectionFate.Merged:
                MergedChunk merged = Synthetic.Merged[section.Output];
                return merged.Address + merged.Map(section.Special, offset);
            case SectionFate.EhFrame:
                return Synthetic.EhFrame.Address + Synthetic.EhFrame.Map(section.Special, offset);
            case SectionFate.Duplicate when section.KeptTwin != 0:
                return AddressIn(section.KeptTwin, offset);
            default:
                return 0;
        }
    }

    /// <summary>The output section of an input section that is in the output, or null.</summary>
    public OutputSection? OutputOf(int sectionId)
    {
        ref InputSection section = ref Sections[sectionId];
        return section.Fate switch
        {
            SectionFate.Kept => section.Output < 0 ? null : Outputs[section.Output],
            SectionFate.Merged => Synthetic.Merged[section.Output].Section,
            SectionFate.EhFrame => Synthetic.EhFrame.Section,
            SectionFate.Duplicate when section.KeptTwin != 0 => OutputOf(section.KeptTwin),
            _ => null,
        };
    }

    /// <summary>Where a call to a symbol goes: its PLT entry if it has one, else the symbol.</summary>
    public ulong PltAddress(int id, ulong value)
    {
        ref SymbolSlots slots = ref Synthetic.Slots[id];
        if (slots.Plt != 0)
            return Synthetic.Plt.AddressOf(slots.Plt - 1);
        return slots.PltGot != 0 ? Synthetic.PltGot.AddressOf(slots.PltGot - 1) : value;
    }

    /// <summary>The address of a symbol's GOT slot.</summary>
    public ulong GotAddress(int id) => Synthetic.Got.AddressOf(Synthetic.Slots[id].Got - 1);

    /// <summary>The address of the resolver of an indirect function, whose symbol's own address is that of its PLT entry.</summary>
    public ulong ResolverAddress(int id) => AddressIn(Symbols[id].Section, Symbols[id].Value);

    /// <summary>Where the sections of the output end in the file.</summary>
    public ulong FileEnd { get; set; }

    /// <summary>Where the program starts.</summary>
    public ulong EntryAddress { get; set; }

    /// <summary>Whether the image has what the GNU system alone knows: indirect functions or unique symbols.</summary>
    public bool UsesGnuExtensions { get; set; }

    /// <summary>Whether the stack must be executable.</summary>
    public bool HasExecutableStack { get; set; }

    /// <summary>A symbol as the tables of the output give it, without its name.</summary>
    public ElfSymbol OutputSymbol(int id)
    {
        ref Symbol symbol = ref Symbols[id];
        var elf = new ElfSymbol { Size = symbol.Size, Other = symbol.Visibility };
        int type = symbol.Type;
        int binding = symbol.Binding;
        bool isPlaced = symbol.State is SymbolState.Defined or SymbolState.Common || symbol.Has(SymbolTraits.Copied);
        if (isPlaced)
        {
            elf.Value = Addresses[id];
            elf.Section = (ushort)SectionIndexOf(id);
            if (type == SymbolType.Tls)
                elf.Value -= TlsStart;
            // An indirect function whose address is a PLT entry is an ordinary one to others.
            if (type == SymbolType.GnuIFunc && !symbol.IsPreemptible && Synthetic.Slots[id].Plt != 0)
            {
                type = SymbolType.Function;
                elf.Section = (ushort)(Synthetic.Plt.Section?.Index ?? 0);
                elf.Size = 0;
            }
            if (type == SymbolType.Common)
                type = SymbolType.Object;
        }
        else
        {
            binding = symbol.Has(SymbolTraits.StrongReference) ? SymbolBinding.Global : SymbolBinding.Weak;
            elf.Size = 0;
            elf.Other = 0;
            if (type == SymbolType.GnuIFunc)
                type = SymbolType.Function;
            if (symbol.Has(SymbolTraits.CanonicalPlt))
                elf.Value = Addresses[id];
        }
        elf.Info = (byte)(binding << 4 | type);
        return elf;
    }

    private int SectionIndexOf(int id)
    {
        ref Symbol symbol = ref Symbols[id];
        if (Synthetic.CopyPlaces.TryGetValue(id, out (ZeroChunk Room, ulong Offset) place))
            return place.Room.Section?.Index ?? 0;
        if (symbol.Section == 0)
            return ElfSectionIndex.Absolute;
        return symbol.Section < 0 ? Outputs[~symbol.Section].Index : OutputOf(symbol.Section)?.Index ?? ElfSectionIndex.Absolute;
    }
}
