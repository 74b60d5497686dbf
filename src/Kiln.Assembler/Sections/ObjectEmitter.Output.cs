using Kiln.Base;
using Kiln.Object.Elf;

namespace Kiln.Assembler.Sections;

// Makes the file: bytes of the sections, relocations, symbol table, groups.
//
// What becomes a relocation, and against what, is as GNU as has it: a pc-relative field whose target is a local symbol of the same
// section is settled; a relocation names the section in place of a local symbol, except where the linker must see the
// symbol itself (mergeable and thread-local sections, GOT and PLT references, indirect functions).

public sealed partial class ObjectEmitter
{
    private readonly List<byte[]> _fileNames = [];
    private readonly ByteWriter _ident = new(0);
    private RelocatableFile _file = null!;
    private bool[] _sectionInRelocation = [];

    public override void FileName(ReadOnlySpan<byte> name) => _fileNames.Add(name.ToArray());

    public override void Ident(ReadOnlySpan<byte> text)
    {
        if (_ident.Length == 0)
        {
            Section(".comment", SectionType.ProgBits, SectionFlags.Merge | SectionFlags.Strings, 1);
            _ident.U8(0);
        }
        _ident.Bytes(text);
        _ident.U8(0);
    }

    public override bool Finish(ByteWriter output)
    {
        FinishFrames();
        if (_ident.Length > 0)
        {
            SwitchSection(FindSection(".comment"));
            _part.Bytes.Bytes(_ident.Span);
        }
        if (Diagnostics.ErrorCount > 0)
            return false;
        NameSections();
        Layout();
        WriteLines();
        WriteFrames();
        if (Diagnostics.ErrorCount > 0)
            return false;
        _file = new RelocatableFile
        {
            Machine = Target.ElfMachine,
            Is64 = Target.PointerSize == 8,
            UsesRela = Target.Architecture != Kiln.Target.Architecture.I386,
        };
        _sectionInRelocation = new bool[SectionLimit];
        for (int section = 1; section < SectionLimit; section++)
            MakeSection(section);
        PlaceNamedRelocations();
        MakeSymbols();
        MakeGroups();
        if (Diagnostics.ErrorCount > 0)
            return false;
        _file.Write(output);
        return true;
    }

    /// <summary>An undefined symbol with a section's name is the section's start.</summary>
    private void NameSections()
    {
        for (int section = 1; section < SectionLimit; section++)
        {
            int symbol = FindSymbol(System.Text.Encoding.UTF8.GetBytes(SectionInfo(section).Name));
            if (symbol == 0 || _symbols[symbol].Kind != SymbolKind.Undefined || _symbols[symbol].IsMentioned)
                continue;
            SwitchSection(section);
            ref SymbolState state = ref _symbols[symbol];
            state.Kind = SymbolKind.Label;
            state.IsSectionStart = true;
            state.Part = _partsOfSection[section][0];
        }
    }

    // ---- sections ----

    private void MakeSection(int section)
    {
        SectionInfo info = SectionInfo(section);
        var made = new ObjectSection { Name = info.Name, Type = info.Type, Flags = info.Flags, EntrySize = info.EntrySize };
        _file.Sections.Add(made);
        if (info.LinkedTo != 0)
            made.Link = SectionOf(info.LinkedTo, out _);
        List<int> parts = _partsOfSection[section];
        foreach (int index in parts)
        {
            made.Alignment = Math.Max(made.Alignment, _parts[index].Alignment);
            made.Size = _parts[index].Address + _parts[index].Size;
        }
        if (info.Type == SectionType.NoBits)
            return;
        if (made.Size > MaxContents)
        {
            Error(LargestFragment(parts), $"section `{info.Name}' is too large: {made.Size} bytes, of which {MaxContents} can be written");
            return;
        }
        ByteWriter bytes;
        if (parts.Count == 1 && !_parts[parts[0]].IsVariable)
        {
            bytes = _parts[parts[0]].Bytes;
        }
        else
        {
            bytes = new ByteWriter((int)made.Size);
            foreach (int index in parts)
                WriteFragments(_parts[index], bytes, made);
        }
        foreach (int index in parts)
            ApplyFixups(_parts[index], bytes.Span, made);
        made.Data = bytes.Memory;
    }

    // Bytes of one section: an object is put together in memory, and a typing error in an alignment or a count is to be found soon.
    private const long MaxContents = 384L << 20;

    private Location LargestFragment(List<int> parts)
    {
        Location location = default;
        long largest = 0;
        foreach (int index in parts)
        {
            foreach (ref Fragment fragment in _parts[index].Fragments.Span)
            {
                if (fragment.Extra > largest)
                    (largest, location) = (fragment.Extra, fragment.Location);
            }
        }
        return location;
    }

    private void WriteFragments(Part part, ByteWriter to, ObjectSection section)
    {
        ReadOnlySpan<byte> bytes = part.Bytes.Span;
        for (int i = 0; i < part.Fragments.Count; i++)
        {
            ref Fragment fragment = ref part.Fragments[i];
            to.Bytes(bytes.Slice(fragment.Start, fragment.Length));
            if (fragment.Kind == FragmentKind.None)
                continue;
            long address = part.Address + fragment.Address + fragment.Length;
            WriteEnd(in fragment, part, address, to.Append((int)fragment.Extra), section);
        }
    }

    private void WriteEnd(in Fragment fragment, Part part, long address, Span<byte> to, ObjectSection section)
    {
        ref FragmentDetail detail = ref _details[fragment.Detail];
        switch (fragment.Kind)
        {
            case FragmentKind.Branch:
                WriteBranch(in fragment, part, address, to, section);
                break;
            case FragmentKind.Align when detail.IsCode:
                _isa.Nops(to, detail.CodeWidth);
                break;
            case FragmentKind.Align:
                // what is left of the pattern comes first, as zeros
                int rest = detail.PatternSize > 0 ? to.Length % detail.PatternSize : 0;
                to[..rest].Clear();
                WritePattern(to[rest..], detail.Pattern, detail.PatternSize);
                break;
            case FragmentKind.Fill:
                WritePattern(to, detail.Pattern, detail.PatternSize);
                break;
            case FragmentKind.Org:
                if (detail.IsCode)
                    Error(fragment.Location, "attempt to move .org backwards");
                WritePattern(to, detail.Pattern, 1);
                break;
            case FragmentKind.Nops:
                _isa.Nops(to, detail.CodeWidth, detail.PatternSize);
                break;
            case FragmentKind.Uleb128 or FragmentKind.Sleb128:
                WriteLeb(in fragment, detail.Addend, to);
                break;
            default:
                throw new InvalidOperationException($"fragment {fragment.Kind}");
        }
    }

    private static void WritePattern(Span<byte> to, ulong pattern, int size)
    {
        if (pattern == 0 || size <= 1)
        {
            to.Fill((byte)pattern);
            return;
        }
        for (int i = 0; i < to.Length; i++)
            to[i] = i % size < 8 ? (byte)(pattern >> i % size * 8) : (byte)0;
    }

    private void WriteLeb(in Fragment fragment, long addend, Span<byte> to)
    {
        if (!Resolve(fragment.Value, addend, 0, out LinearValue value) || !value.IsAbsolute)
        {
            Error(fragment.Location, "leb128 operand is not an absolute expression");
            return;
        }
        ulong rest = (ulong)value.Constant;
        for (int i = 0; i < to.Length; i++)
        {
            to[i] = (byte)(rest & 0x7f | (i < to.Length - 1 ? 0x80u : 0));
            rest = fragment.Kind == FragmentKind.Uleb128 ? rest >> 7 : (ulong)((long)rest >> 7);
        }
    }

    private void WriteBranch(in Fragment fragment, Part part, long address, Span<byte> to, ObjectSection section)
    {
        bool isLong = fragment.State != 0;
        long addend = fragment.Detail == 0 ? 0 : _details[fragment.Detail].Addend;
        var branch = new Isa.RelaxableInstruction
        {
            Form = fragment.Form,
            ShortSize = fragment.ShortSize,
            LongSize = fragment.LongSize,
            Symbol = fragment.Value,
            Addend = addend,
        };
        _scratch.Clear();
        _encoded.Clear();
        _isa.WriteRelaxed(in branch, isLong, fragment.Mode, _scratch, _encoded);
        _scratch.Span.CopyTo(to);
        Isa.Fixup fixup = _encoded[0];
        Span<byte> bytes = to.Slice(fixup.Offset, fixup.Size);
        if (IsSettledHere(in fragment, part.Index) && ResolveBranch(in fragment, out LinearValue target))
        {
            SectionOf(target.Add, out long place);
            long value = place + target.Constant - addend + fixup.Addend - (address + fixup.Offset);
            if (!_isa.ApplyFixup(bytes, fixup.Kind, value))
                Error(fragment.Location, "branch target out of range");
            return;
        }
        var field = new PartFixup
        {
            Value = fragment.Value,
            Addend = fixup.Addend,
            Kind = fixup.Kind,
            Size = fixup.Size,
            Modifier = fixup.Modifier,
            Location = fragment.Location,
        };
        Apply(in field, part.Section, address + fixup.Offset, bytes, section);
    }

    // ---- fixups ----

    private void ApplyFixups(Part part, Span<byte> bytes, ObjectSection section)
    {
        foreach (ref readonly PartFixup fixup in part.Fixups.Span)
        {
            ref Fragment fragment = ref part.Fragments[fixup.Fragment];
            long place = part.Address + fragment.Address + (fixup.Position - fragment.Start);
            Apply(in fixup, part.Section, place, bytes.Slice((int)place, fixup.Size), section);
        }
    }

    private void Apply(in PartFixup fixup, int section, long place, Span<byte> field, ObjectSection to)
    {
        if (!Resolve(fixup.Value, fixup.Addend, 0, out LinearValue value))
        {
            Error(fixup.Location, "invalid operands for an expression that is not constant");
            return;
        }
        int kind = fixup.Kind;
        if (value.Subtract != 0 && !MakePcRelative(ref value, ref kind, section, place, fixup.Location))
            return;
        bool isPcRelative = _isa.IsPcRelative(kind);
        bool needsSymbol = _relocations.NeedsSymbol(kind, fixup.Modifier);
        if (value.Add == 0)
        {
            if (needsSymbol && fixup.Value > 0)
            {
                _symbols[fixup.Value].IsInRelocation = true;
                Relocate(to, place, kind, in fixup, fixup.Value, fixup.Addend, field);
            }
            else if (isPcRelative || needsSymbol)
                Relocate(to, place, kind, in fixup, 0, value.Constant, field);
            else
                Store(in fixup, kind, value.Constant, field);
            return;
        }
        int target = SectionOf(value.Add, out long address);
        ref SymbolState state = ref _symbols[value.Add];
        bool isOutside = target == 0 || state.Binding is BindingState.Global or BindingState.Weak or BindingState.Unique
            || state.Type == SymbolType.GnuIFunc;
        if (isPcRelative && target == section && !isOutside && (!needsSymbol || _relocations.IsLinkage(fixup.Modifier)))
        {
            Store(in fixup, kind, address + value.Constant - place, field);
            return;
        }
        if (_relocations.IsSize(fixup.Modifier) && state.Kind != SymbolKind.Undefined
            && state.Binding is BindingState.Unset or BindingState.Local)
        {
            Store(in fixup, kind, SizeOf(value.Add) + value.Constant, field);
            return;
        }
        bool keepsSymbol = isOutside || needsSymbol || !state.IsSectionStart && IsKeptIn(target, isPcRelative && _file.UsesRela || fixup.Modifier != 0, value.Constant);
        if (_relocations.IsThreadLocal(fixup.Modifier))
            state.Type = SymbolType.Tls;
        if (keepsSymbol)
        {
            if (target == 0)
                value.Add = Underlying(value.Add);
            _symbols[value.Add].IsInRelocation = true;
            Relocate(to, place, kind, in fixup, value.Add, value.Constant, field);
        }
        else
        {
            _sectionInRelocation[target] = true;
            Relocate(to, place, kind, in fixup, -target, value.Constant + address, field);
        }
    }

    /// <summary>Whether relocations to local symbols of a section must name them: the linker takes it apart, and what counts from
    /// elsewhere, or has an addend, would be taken for another piece.</summary>
    private bool IsKeptIn(int section, bool isFromElsewhere, long addend)
    {
        ulong flags = SectionInfo(section).Flags;
        if ((flags & SectionFlags.Tls) != 0)
            return true;
        return (flags & SectionFlags.Merge) != 0 && (addend != 0 || isFromElsewhere);
    }

    /// <summary>The symbol that a weakref alias stands for.</summary>
    private int Underlying(int symbol)
    {
        for (int steps = 0; steps < 100 && _symbols[symbol].Kind == SymbolKind.Equated && _symbols[symbol].Value > 0; steps++)
            symbol = _symbols[symbol].Value;
        return symbol;
    }

    /// <summary>Turns <c>a - b</c> with b in this section into a pc-relative reference to a.</summary>
    private bool MakePcRelative(ref LinearValue value, ref int kind, int section, long place, Location location)
    {
        int subtracted = SectionOf(value.Subtract, out long address);
        int pcRelative = _isa.IsPcRelative(kind) ? 0 : _isa.DataFixup(_isa.FieldSize(kind), true);
        if (subtracted != section || pcRelative == 0 || value.Add == 0)
        {
            string left = value.Add == 0 ? "0" : TextOf(value.Add);
            Error(location, $"can't resolve {left} - {TextOf(value.Subtract)}");
            return false;
        }
        value = new LinearValue(value.Add, 0, value.Constant + place - address);
        kind = pcRelative;
        return true;
    }

    private void Store(in PartFixup fixup, int kind, long value, Span<byte> field)
    {
        if (!_isa.ApplyFixup(field, kind, value))
            Error(fixup.Location, $"value of {value} too large for field of {fixup.Size} byte{(fixup.Size == 1 ? "" : "s")}");
    }

    /// <summary>Adds a relocation. The symbol is a handle, or a section below 0, until the symbol table is made.</summary>
    private void Relocate(ObjectSection to, long place, int kind, in PartFixup fixup, int symbol, long addend, Span<byte> field)
    {
        int type = symbol > 0 && symbol == _offsetTable && fixup.Modifier == 0
            ? _relocations.FindOffsetTable(kind)
            : _relocations.Find(kind, fixup.Modifier, symbol > 0 && MayBeOutside(symbol));
        if (type < 0)
        {
            Error(fixup.Location, $"cannot represent relocation of size {fixup.Size}");
            return;
        }
        if (!_file.UsesRela)
        {
            for (int i = 0; i < field.Length; i++)
                field[i] = (byte)(addend >> i * 8);
        }
        to.Relocations.Add(new ObjectRelocation(place, symbol, type, addend));
    }

    private bool MayBeOutside(int symbol) =>
        _symbols[symbol].Kind == SymbolKind.Undefined
        || _symbols[symbol].Binding is BindingState.Global or BindingState.Weak or BindingState.Unique;

    private void PlaceNamedRelocations()
    {
        foreach (ref readonly NamedRelocation relocation in _namedRelocations.Span)
        {
            if (!Resolve(relocation.Place, relocation.PlaceAddend, 0, out LinearValue place)
                || !Resolve(relocation.Value, relocation.Addend, 0, out LinearValue value)
                || place.Subtract != 0 || value.Subtract != 0)
            {
                Error(relocation.Location, ".reloc offset is not representable");
                continue;
            }
            int section = _parts[relocation.Part].Section;
            if (place.Add != 0)
            {
                section = SectionOf(place.Add, out long address);
                place.Constant += address;
                if (section == 0)
                {
                    Error(relocation.Location, ".reloc offset is not representable");
                    continue;
                }
            }
            ObjectSection to = _file.Sections[section - 1];
            int symbol = value.Add;
            if (symbol != 0)
            {
                // what is asked for by name names its symbol, unless that has no name
                if (IsUnnamed(symbol))
                {
                    int target = SectionOf(symbol, out long address);
                    symbol = -target;
                    value.Constant += address;
                    _sectionInRelocation[target] = true;
                }
                else
                {
                    _symbols[symbol].IsInRelocation = true;
                }
            }
            to.Relocations.Add(new ObjectRelocation(place.Constant, symbol, relocation.Type, value.Constant));
        }
    }

    // ---- symbols ----

    private void MakeSymbols()
    {
        foreach (byte[] name in _fileNames)
            _file.AddSymbol(new ObjectSymbol { Name = _file.AddName(name), Type = SymbolType.File, Section = ObjectSymbol.Absolute });
        var sectionSymbols = new int[SectionLimit];
        for (int section = 1; section < SectionLimit; section++)
        {
            if (_sectionInRelocation[section])
                sectionSymbols[section] = _file.AddSymbol(new ObjectSymbol { Type = SymbolType.Section, Section = section });
        }
        FindWeakReferences();
        ApplyVersions();
        int count = _symbols.Count;
        for (int symbol = 1; symbol < count; symbol++)
        {
            if (IsInTable(symbol) && !_symbols[symbol].IsRenamed)
                _symbols[symbol].Index = AddOriginal(symbol);
        }
        AddVersions();
        foreach (ObjectSection section in _file.Sections)
        {
            foreach (ref ObjectRelocation relocation in section.Relocations.Span)
                relocation.Symbol = relocation.Symbol < 0 ? sectionSymbols[-relocation.Symbol] : _symbols[relocation.Symbol].Index;
        }
    }

    private bool IsInTable(int symbol)
    {
        ref SymbolState state = ref _symbols[symbol];
        if (state.IsInRelocation)
            return true;
        if (state.IsStale || state.IsWeakAlias || state.IsSectionStart || IsUnnamed(symbol))
            return false;
        bool isOutside = state.Binding is BindingState.Global or BindingState.Weak or BindingState.Unique;
        switch (state.Kind)
        {
            case SymbolKind.Undefined:
                return state.Binding != BindingState.Weak && state.IsMentioned;
            case SymbolKind.Equated when Resolve(state.Value, state.Addend, 0, out LinearValue value)
                && value.Add != 0 && SectionOf(value.Add, out _) == 0:
                if (isOutside && _symbols[value.Add].Kind == SymbolKind.Common)
                    Error(state.Location, $"`{TextOf(symbol)}' can't be equated to common symbol `{TextOf(value.Add)}'");
                return false;
            default:
                return isOutside || !NameOf(symbol).StartsWith(".L"u8);
        }
    }

    /// <summary>Adds a symbol by its own name; having versions may hide it.</summary>
    private int AddOriginal(int symbol)
    {
        SymbolState before = _symbols[symbol];
        if (before.Original == VersionedOriginal.Hidden)
            _symbols[symbol].Visibility = SymbolVisibility.Hidden;
        int index = AddSymbol(symbol, NameOf(symbol), before.Original == VersionedOriginal.Local ? BindingState.Local : before.Binding);
        _symbols[symbol].Visibility = before.Visibility;
        return index;
    }

    private int AddSymbol(int symbol, ReadOnlySpan<byte> name, BindingState binding)
    {
        ref SymbolState state = ref _symbols[symbol];
        var made = new ObjectSymbol { Name = _file.AddName(name), Type = state.Type, Other = state.Visibility };
        bool isDefined = state.Kind != SymbolKind.Undefined;
        made.Binding = (byte)(binding switch
        {
            BindingState.Global => SymbolBinding.Global,
            BindingState.Weak => SymbolBinding.Weak,
            BindingState.Unique => SymbolBinding.GnuUnique,
            _ => isDefined ? SymbolBinding.Local : state.IsWeakReferenced ? SymbolBinding.Weak : SymbolBinding.Global,
        });
        switch (state.Kind)
        {
            case SymbolKind.Undefined:
                break;
            case SymbolKind.Common when state.Binding == BindingState.Weak:
                Error(default, $"symbol `{TextOf(symbol)}' can not be both weak and common");
                break;
            case SymbolKind.Label:
                made.Section = SectionOf(symbol, out long place);
                made.Value = (ulong)place;
                break;
            case SymbolKind.View:
                made.Section = ObjectSymbol.Absolute;
                made.Value = (ulong)ViewOf(state.Part, state.Position);
                break;
            case SymbolKind.Common:
                made.Section = ObjectSymbol.Common;
                made.Value = (ulong)Math.Max(1, state.Position);
                made.Size = (ulong)state.Addend;
                break;
            case SymbolKind.Equated:
                PlaceEquated(symbol, ref made);
                break;
            default:
                throw new InvalidOperationException($"symbol kind {state.Kind}");
        }
        if (state.Size != 0)
            made.Size = (ulong)FindSize(symbol);
        if (made.Type == SymbolType.GnuIFunc || made.Binding == SymbolBinding.GnuUnique)
            _file.OsAbi = ElfFormat.OsAbiGnu;
        return _file.AddSymbol(in made);
    }

    private void PlaceEquated(int symbol, ref ObjectSymbol made)
    {
        ref SymbolState state = ref _symbols[symbol];
        if (!Resolve(state.Value, state.Addend, 0, out LinearValue value) || value.Subtract != 0)
        {
            Error(state.Location, $"can't resolve the value of symbol `{TextOf(symbol)}'");
            return;
        }
        made.Section = ObjectSymbol.Absolute;
        made.Value = (ulong)value.Constant;
        if (value.Add == 0)
            return;
        int section = SectionOf(value.Add, out long address);
        made.Section = section;
        made.Value = (ulong)(address + value.Constant);
        ref SymbolState source = ref _symbols[value.Add];
        if (made.Type == SymbolType.NoType)
            made.Type = source.Type;
        if (state.Size == 0 && source.Size != 0)
            made.Size = (ulong)FindSize(value.Add);
    }

    /// <summary>The size of a symbol that is defined here; that of a section for its start.</summary>
    private long SizeOf(int symbol)
    {
        ref SymbolState state = ref _symbols[symbol];
        if (state.Kind == SymbolKind.Common)
            return state.Addend;
        if (!state.IsSectionStart)
            return state.Size != 0 ? FindSize(symbol) : 0;
        Part last = _parts[_partsOfSection[SectionOf(symbol, out _)][^1]];
        return last.Address + last.Size;
    }

    private long FindSize(int symbol)
    {
        ref SymbolState state = ref _symbols[symbol];
        SymbolSize given = _sizes[state.Size];
        if (Resolve(given.Value, given.Addend, 0, out LinearValue size) && size.IsAbsolute)
            return size.Constant;
        Error(state.Location, $".size expression for {TextOf(symbol)} does not evaluate to a constant");
        return 0;
    }

    /// <summary>The targets of weakref aliases that nothing else names become weak.</summary>
    private void FindWeakReferences()
    {
        for (int symbol = 1; symbol < _symbols.Count; symbol++)
        {
            ref SymbolState alias = ref _symbols[symbol];
            if (!alias.IsWeakAlias || alias.Value <= 0)
                continue;
            ref SymbolState target = ref _symbols[Underlying(symbol)];
            if (target.Kind == SymbolKind.Undefined && !target.IsReferenced && target.Binding == BindingState.Unset)
                target.IsWeakReferenced = true;
        }
    }

    private void ApplyVersions()
    {
        foreach ((int symbol, byte[] name, VersionedOriginal original) in _versions)
        {
            ref SymbolState state = ref _symbols[symbol];
            if (state.Kind == SymbolKind.Common)
                Error(state.Location, $"`{System.Text.Encoding.UTF8.GetString(name)}' can't be versioned to common symbol '{TextOf(symbol)}'");
            bool isDefined = state.Kind != SymbolKind.Undefined;
            bool isThree = name.AsSpan().IndexOf("@@@"u8) >= 0;
            if (!isDefined && !isThree && name.AsSpan().IndexOf("@@"u8) >= 0)
                Error(state.Location, $"invalid attempt to declare external version name as default in symbol `{System.Text.Encoding.UTF8.GetString(name)}'");
            // a reference takes the versioned name; so does a definition where @@@ or `remove' asks for it
            if (!isDefined || isThree || original == VersionedOriginal.Removed)
                state.IsRenamed = true;
            if (original != VersionedOriginal.Kept)
                state.Original = original;
        }
    }

    private void AddVersions()
    {
        // symbol by symbol, the version given last first: the order that GNU as has
        _versions.Reverse();
        foreach ((int symbol, byte[] name, VersionedOriginal _) in _versions.OrderBy(static version => version.Symbol))
        {
            ref SymbolState state = ref _symbols[symbol];
            if (state.Original == VersionedOriginal.Removed && state.IsInRelocation && _versions.Exists(other => other.Symbol == symbol && other.Name != name))
            {
                Error(state.Location, $"multiple versions for symbol `{TextOf(symbol)}' that is removed");
                return;
            }
            bool isDefined = state.Kind != SymbolKind.Undefined;
            if (!isDefined && !state.IsInRelocation)
                continue;
            byte[] text = name;
            int at = name.AsSpan().IndexOf("@@@"u8);
            if (at >= 0)
                text = [.. name[..(isDefined ? at + 2 : at + 1)], .. name[(at + 3)..]];
            int index = AddSymbol(symbol, text, state.Binding);
            if (state.IsRenamed)
                state.Index = index;
        }
    }

    private void MakeGroups()
    {
        var members = new Dictionary<int, List<int>>();
        for (int section = 1; section < SectionLimit; section++)
        {
            int group = SectionInfo(section).Group;
            if (group == 0)
                continue;
            if (!members.TryGetValue(group, out List<int>? list))
                members.Add(group, list = []);
            list.Add(section);
        }
        foreach ((int signature, List<int> list) in members)
        {
            ref SymbolState state = ref _symbols[signature];
            if (state.Index == 0)
                state.Index = _file.AddSymbol(new ObjectSymbol
                {
                    Name = _file.AddName(NameOf(signature)),
                    Section = ObjectSymbol.FirstGroup - _file.GroupCount,
                });
            _file.AddGroup(state.Index, SectionInfo(list[0]).IsComdat ? GroupFlags.Comdat : 0, list);
        }
        for (int section = 1; section < SectionLimit; section++)
        {
            if ((SectionInfo(section).Flags & SectionFlags.GnuRetain) != 0)
                _file.OsAbi = ElfFormat.OsAbiGnu;
        }
    }
}
