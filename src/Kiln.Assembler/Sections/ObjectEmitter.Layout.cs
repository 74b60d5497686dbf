using Kiln.Base;

namespace Kiln.Assembler.Sections;

// Relaxation: finds the length of every fragment. All branches start short; a pass walks a section's fragments in order, gives each its
// address and lengthens what does not fit; passes repeat until nothing changes. A branch never shrinks again, so they end.
// What a pass has not reached yet is taken to move as far as the place itself just did, unless an alignment stands between
// that may absorb it: the same guess as GNU as makes, so that both choose the same forms.

public sealed partial class ObjectEmitter
{
    private const int MaximumPasses = 200;

    /// <summary>How many passes the current section took; past many, lengths only grow.</summary>
    private int _passes;

    private void Layout()
    {
        for (int section = 1; section < _partsOfSection.Count; section++)
        {
            _partsOfSection[section].Sort((a, b) => _parts[a].Number.CompareTo(_parts[b].Number));
            foreach (int index in _partsOfSection[section])
                _parts[index].CloseLast();
            PlaceFirst(_partsOfSection[section]);
        }
        _isLaidOut = true;
        for (int round = 0; RelaxAll(round); round++)
        {
            if (round >= MaximumPasses)
            {
                Error(default, "the lengths of the sections' parts do not settle");
                return;
            }
        }
    }

    /// <summary>Relaxes every section until it rests; whether anything changed, as sections may depend on each other.</summary>
    private bool RelaxAll(int round)
    {
        bool isChanged = false;
        for (int section = 1; section < _partsOfSection.Count; section++)
        {
            _passes = round;
            while (Relax(_partsOfSection[section]) && _passes < MaximumPasses)
            {
                isChanged = true;
                _passes++;
            }
        }
        return isChanged;
    }

    /// <summary>Gives first addresses: branches short, padding and unknown lengths at their least.</summary>
    private void PlaceFirst(List<int> parts)
    {
        long address = 0;
        foreach (int index in parts)
        {
            Part part = _parts[index];
            part.Address = address;
            long at = 0;
            foreach (ref Fragment fragment in part.Fragments.Span)
            {
                fragment.Address = at;
                at += fragment.Length;
                fragment.Extra = FirstLength(ref fragment, address + at, index);
                at += fragment.Extra;
            }
            part.Size = at;
            address += at;
        }
    }

    private long FirstLength(ref Fragment fragment, long address, int part)
    {
        switch (fragment.Kind)
        {
            case FragmentKind.None:
                return 0;
            case FragmentKind.Branch:
                if (!IsSettledHere(in fragment, part))
                    fragment.State = 1;
                return fragment.State != 0 ? fragment.LongSize : fragment.ShortSize;
            case FragmentKind.Align:
                return Padding(in _details[fragment.Detail], address);
            case FragmentKind.Fill:
                ref FragmentDetail fill = ref _details[fragment.Detail];
                return fragment.Value == 0 ? fill.Addend : 0;
            case FragmentKind.Nops:
                return fragment.Value == 0 ? _details[fragment.Detail].Addend : 0;
            case FragmentKind.Org:
                return 0;
            case FragmentKind.Uleb128 or FragmentKind.Sleb128:
                return 1;
            default:
                throw new InvalidOperationException($"fragment {fragment.Kind}");
        }
    }

    private static long Padding(in FragmentDetail detail, long address)
    {
        long padding = -address & detail.Alignment - 1;
        return detail.MaximumSkip != 0 && padding > detail.MaximumSkip ? 0 : padding;
    }

    /// <summary>Whether a branch's target is in its own section and cannot be another object's in its stead.</summary>
    private bool IsSettledHere(in Fragment fragment, int part)
    {
        if (!ResolveBranch(in fragment, out LinearValue target) || target.Add == 0 || target.Subtract != 0)
            return false;
        int section = SectionOf(target.Add, out _);
        return section == _parts[part].Section && !MayBePreempted(target.Add, _isa.IsLinkage(fragment.Form));
    }

    private bool ResolveBranch(in Fragment fragment, out LinearValue target) =>
        Resolve(fragment.Value, fragment.Detail == 0 ? 0 : _details[fragment.Detail].Addend, 0, out target);

    /// <summary>Whether a branch to a symbol must be left to the linker although the symbol is here.</summary>
    private bool MayBePreempted(int symbol, bool isLinkage)
    {
        ref SymbolState state = ref _symbols[symbol];
        return state.Type == Object.Elf.SymbolType.GnuIFunc || state.Binding == BindingState.Weak ||
            isLinkage && state.Binding is BindingState.Global or BindingState.Unique && state.Visibility == 0;
    }

    /// <summary>One pass over a section; whether a length changed.</summary>
    private bool Relax(List<int> parts)
    {
        long address = 0, stretch = 0;
        bool isChanged = false;
        foreach (int index in parts)
        {
            Part part = _parts[index];
            stretch = address - part.Address;
            part.Address = address;
            if (!part.IsVariable)
            {
                isChanged |= stretch != 0;
                address += part.Size;
                continue;
            }
            isChanged |= Relax(part, index, address);
            address += part.Size;
        }
        return isChanged;
    }

    private bool Relax(Part part, int index, long address)
    {
        long at = 0;
        bool isChanged = false;
        for (int i = 0; i < part.Fragments.Count; i++)
        {
            ref Fragment fragment = ref part.Fragments[i];
            long stretch = at - fragment.Address;
            fragment.Address = at;
            at += fragment.Length;
            if (fragment.Kind != FragmentKind.None)
            {
                long length = Length(ref fragment, part, index, i, address + at, stretch);
                isChanged |= length != fragment.Extra;
                fragment.Extra = length;
                at += length;
            }
        }
        part.Size = at;
        return isChanged;
    }

    private long Length(ref Fragment fragment, Part part, int partIndex, int index, long address, long stretch)
    {
        switch (fragment.Kind)
        {
            case FragmentKind.Branch:
                if (fragment.State == 0 && !ReachesShort(in fragment, part, partIndex, index, address, stretch))
                    fragment.State = 1;
                return fragment.State != 0 ? fragment.LongSize : fragment.ShortSize;
            case FragmentKind.Align:
                return Padding(in _details[fragment.Detail], address);
            case FragmentKind.Fill:
                return FillLength(ref fragment);
            case FragmentKind.Nops:
                return NopsLength(ref fragment);
            case FragmentKind.Org:
                return OrgLength(ref fragment, part, address);
            case FragmentKind.Uleb128 or FragmentKind.Sleb128:
                if (!Resolve(fragment.Value, _details[fragment.Detail].Addend, 0, out LinearValue value) || !value.IsAbsolute)
                    return 1;
                _scratch.Clear();
                if (fragment.Kind == FragmentKind.Uleb128)
                    _scratch.Uleb((ulong)value.Constant);
                else
                    _scratch.Sleb(value.Constant);
                // a length that grew once stays, or two that depend on each other might swing for ever
                return _passes > MaximumPasses / 2 ? Math.Max(fragment.Extra, _scratch.Length) : _scratch.Length;
            default:
                throw new InvalidOperationException($"fragment {fragment.Kind}");
        }
    }

    private bool ReachesShort(in Fragment fragment, Part part, int partIndex, int index, long address, long stretch)
    {
        int symbol = fragment.Value;
        long addend = fragment.Detail == 0 ? 0 : _details[fragment.Detail].Addend;
        if (symbol <= 0 || _symbols[symbol].Kind != SymbolKind.Label)
        {
            if (!Resolve(symbol, addend, 0, out LinearValue target))
                return true;
            (symbol, addend) = (target.Add, target.Constant);
        }
        ref SymbolState state = ref _symbols[symbol];
        long place;
        if (state.Kind == SymbolKind.Label)
        {
            place = Address(state.Part, state.Fragment, state.Position) + addend;
            if (stretch != 0 && state.Part == partIndex && state.Fragment > index)
            {
                ref Fragment at = ref part.Fragments[state.Fragment];
                if (stretch < 0 || at.Region == fragment.Region)
                    place += stretch;
                else if (place < address && index + 1 < part.Fragments.Count)
                    place = Math.Max(place, part.Address + part.Fragments[index + 1].Address + stretch);
            }
        }
        else
        {
            SectionOf(symbol, out place);
            place += addend;
        }
        long distance = place - (address + fragment.ShortSize);
        // when the passes go on and on, what is near the limit is made long at once
        if (_passes >= 50)
            distance *= 2;
        return distance is >= sbyte.MinValue and <= sbyte.MaxValue;
    }

    private long FillLength(ref Fragment fragment)
    {
        ref FragmentDetail detail = ref _details[fragment.Detail];
        if (fragment.Value == 0)
            return detail.Addend;
        if (!Resolve(fragment.Value, 0, 0, out LinearValue count) || !count.IsAbsolute)
        {
            ReportOnce(ref fragment, ".space specifies non-absolute value");
            return 0;
        }
        if (count.Constant < 0 || count.Constant > int.MaxValue)
        {
            if (_passes > 2)
                ReportOnce(ref fragment, ".space repeat count is negative, ignored", isWarning: true);
            return 0;
        }
        return count.Constant * detail.PatternSize;
    }

    private long NopsLength(ref Fragment fragment)
    {
        if (fragment.Value == 0)
            return fragment.Extra;
        if (!Resolve(fragment.Value, 0, 0, out LinearValue count) || !count.IsAbsolute)
        {
            ReportOnce(ref fragment, ".nops specifies non-absolute value");
            return 0;
        }
        if (count.Constant is >= 0 and <= int.MaxValue)
            return count.Constant;
        if (_passes > 2)
            ReportOnce(ref fragment, ".nops specifies a size that is out of range");
        return 0;
    }

    private long OrgLength(ref Fragment fragment, Part part, long address)
    {
        ref FragmentDetail detail = ref _details[fragment.Detail];
        if (!Resolve(fragment.Value, detail.Addend, 0, out LinearValue target) || target.Subtract != 0)
        {
            ReportOnce(ref fragment, "invalid argument to .org");
            return 0;
        }
        long place = target.Constant;
        if (target.Add != 0)
        {
            int section = SectionOf(target.Add, out long symbolAddress);
            if (section != part.Section)
            {
                ReportOnce(ref fragment, "invalid segment in .org");
                return 0;
            }
            place += symbolAddress;
        }
        if (place < address)
        {
            // forward of what is not placed yet; judged when all else is settled
            detail.IsCode = true;
            return 0;
        }
        detail.IsCode = false;
        if (place - address > int.MaxValue)
        {
            ReportOnce(ref fragment, "attempt to .org too far");
            return 0;
        }
        return place - address;
    }

    private void ReportOnce(ref Fragment fragment, string message, bool isWarning = false)
    {
        if (fragment.State == 0xff)
            return;
        fragment.State = 0xff;
        if (isWarning)
            Warn(fragment.Location, message);
        else
            Error(fragment.Location, message);
    }
}
