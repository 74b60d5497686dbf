using System.Text;
using Kiln.Base;
using Kiln.Object.Elf;

namespace Kiln.Assembler.Sections;

// Definitions and attributes of symbols. Nothing is decided here: binding and place in the symbol table are found at the end.

public sealed partial class ObjectEmitter
{
    private readonly GrowBuffer<SymbolSize> _sizes = new(64);
    private readonly List<(int Symbol, byte[] Name, VersionedOriginal Original)> _versions = [];

    private string TextOf(int symbol) => Encoding.UTF8.GetString(NameOf(symbol));

    public override void Label(int symbol)
    {
        if (_symbols[symbol].Kind == SymbolKind.Equated && !_symbols[symbol].IsWeakAlias)
        {
            // a name that was set before may become a label
            symbol = TakeOver(symbol);
            _symbols[symbol].Kind = SymbolKind.Undefined;
        }
        ref SymbolState state = ref _symbols[symbol];
        if (state.Kind != SymbolKind.Undefined)
        {
            Error($"symbol `{TextOf(symbol)}' is already defined");
            return;
        }
        state.Kind = SymbolKind.Label;
        state.Part = _partIndex;
        state.Fragment = _part.Current;
        state.Position = _part.Bytes.Length;
        state.Location = Location;
        if ((SectionInfo(_part.Section).Flags & SectionFlags.Tls) != 0)
            state.Type = SymbolType.Tls;
        if (_marksLabels && _lineFile != 0 && SectionInfo(_part.Section).IsCode)
            AddLineRow();
    }

    /// <summary>Whether the symbol has a definition.</summary>
    public override bool IsDefined(int symbol) => _symbols[symbol].Kind != SymbolKind.Undefined;

    /// <summary>Whether the symbol was referred to or given an attribute.</summary>
    public override bool IsReferenced(int symbol) => _symbols[symbol].IsReferenced || _symbols[symbol].IsMentioned;

    /// <summary>The value that a symbol was made equal to, or 0.</summary>
    public override int EquatedValue(int symbol, out long addend)
    {
        ref SymbolState state = ref _symbols[symbol];
        addend = state.Addend;
        return state.Kind == SymbolKind.Equated && !state.IsWeakAlias ? state.Value : 0;
    }

    /// <summary>Whether a symbol is equal to a number known now.</summary>
    public override bool IsNumber(int symbol, out long number)
    {
        ref SymbolState state = ref _symbols[symbol];
        number = state.Addend;
        return state.Kind == SymbolKind.Equated && state.Value == 0;
    }

    public override void Attribute(int symbol, SymbolAttribute attribute)
    {
        ref SymbolState state = ref _symbols[symbol];
        state.IsMentioned = true;
        switch (attribute)
        {
            case SymbolAttribute.Global:
                if (state.Binding is BindingState.Unset or BindingState.Local)
                    state.Binding = BindingState.Global;
                break;
            case SymbolAttribute.Local:
                state.Binding = BindingState.Local;
                break;
            case SymbolAttribute.Weak:
                state.Binding = BindingState.Weak;
                break;
            case SymbolAttribute.Unique:
                state.Binding = BindingState.Unique;
                state.Type = SymbolType.Object;
                break;
            case SymbolAttribute.Hidden:
                state.Visibility = SymbolVisibility.Hidden;
                break;
            case SymbolAttribute.Protected:
                state.Visibility = SymbolVisibility.Protected;
                break;
            case SymbolAttribute.Internal:
                state.Visibility = SymbolVisibility.Internal;
                break;
            case SymbolAttribute.NoType:
                state.Type = SymbolType.NoType;
                break;
            case SymbolAttribute.Object:
                if (state.Type != SymbolType.Tls)
                    state.Type = SymbolType.Object;
                break;
            case SymbolAttribute.Function:
                if (state.Type != SymbolType.GnuIFunc)
                    state.Type = SymbolType.Function;
                break;
            case SymbolAttribute.Tls:
                state.Type = SymbolType.Tls;
                break;
            case SymbolAttribute.Common:
                state.Type = SymbolType.Object;
                break;
            case SymbolAttribute.IndirectFunction:
                state.Type = SymbolType.GnuIFunc;
                break;
            default:
                throw new InvalidOperationException($"attribute {attribute}");
        }
    }

    public override void Size(int symbol, int value, long addend = 0)
    {
        ref SymbolState state = ref _symbols[symbol];
        state.Size = _sizes.Add(new SymbolSize(value, addend));
        state.IsMentioned = true;
    }

    public override void Set(int symbol, int value, long addend = 0)
    {
        ref SymbolState state = ref _symbols[symbol];
        if (state.Kind is not (SymbolKind.Undefined or SymbolKind.Equated))
        {
            Error($"symbol `{TextOf(symbol)}' is already defined");
            return;
        }
        // a name that changes from one place to another must not move what was said before
        if (state.Kind == SymbolKind.Equated && state.Value != 0)
        {
            symbol = TakeOver(symbol);
            state = ref _symbols[symbol];
        }
        if (TryEvaluate(value, out long number))
            (value, addend) = (0, addend + number);
        state.Kind = SymbolKind.Equated;
        state.Value = value;
        state.Addend = addend;
        state.Location = Location;
        if (value > 0)
            _symbols[value].IsReferenced = true;
    }

    /// <summary>Makes a new symbol of the same name and attributes; what named the old one keeps its value.</summary>
    private int TakeOver(int symbol)
    {
        int made = Rename(symbol);
        _symbols[made] = _symbols[symbol] with { Index = 0 };
        _symbols[symbol].IsStale = true;
        return made;
    }

    public override void Common(int symbol, long size, long alignment)
    {
        if (_symbols[symbol].Kind == SymbolKind.Equated && !_symbols[symbol].IsWeakAlias)
        {
            // a name that was set before may become common
            symbol = TakeOver(symbol);
            _symbols[symbol] = _symbols[symbol] with { Kind = SymbolKind.Undefined, Value = 0, Addend = 0 };
        }
        ref SymbolState state = ref _symbols[symbol];
        if (state.Kind is not (SymbolKind.Undefined or SymbolKind.Common))
        {
            Error($"symbol `{TextOf(symbol)}' is already defined");
            return;
        }
        if (state.Binding == BindingState.Local)
        {
            LocalCommon(symbol, size, alignment);
            return;
        }
        state.Kind = SymbolKind.Common;
        state.Addend = Math.Max(size, state.Addend);
        state.Position = (int)Math.Max(alignment, state.Position);
        state.IsMentioned = true;
        if (state.Type is SymbolType.NoType)
            state.Type = SymbolType.Object;
        if (state.Binding == BindingState.Unset)
            state.Binding = BindingState.Global;
    }

    public override void LocalCommon(int symbol, long size, long alignment)
    {
        ref SymbolState state = ref _symbols[symbol];
        if (state.Kind != SymbolKind.Undefined)
        {
            Error($"symbol `{TextOf(symbol)}' is already defined");
            return;
        }
        (Part part, int partIndex, bool isInBits) = (_part, _partIndex, _isInBits);
        // behind what the source itself puts there
        _part = FindPart(BssSection, 1);
        if (alignment > 1)
            Align((int)alignment);
        Label(symbol);
        Zero(size);
        (_part, _partIndex, _isInBits) = (part, partIndex, isInBits);
        state = ref _symbols[symbol];
        state.Type = SymbolType.Object;
        state.Size = _sizes.Add(new SymbolSize(0, size));
    }

    public override void SymbolVersion(int symbol, ReadOnlySpan<byte> versionedName, VersionedOriginal original = VersionedOriginal.Kept)
    {
        _symbols[symbol].IsMentioned = true;
        _versions.Add((symbol, versionedName.ToArray(), original));
    }

    public override void WeakReference(int alias, int target)
    {
        ref SymbolState state = ref _symbols[alias];
        if (state.Kind != SymbolKind.Undefined)
        {
            Error($"symbol `{TextOf(alias)}' is already defined");
            return;
        }
        for (int at = target, steps = 0; at > 0 && steps < 1000 && (at == alias || _symbols[at].IsWeakAlias); at = _symbols[at].Value, steps++)
        {
            if (at != alias)
                continue;
            Error($"{TextOf(alias)}: would close weakref loop");
            return;
        }
        state.Kind = SymbolKind.Equated;
        state.IsWeakAlias = true;
        state.Value = target;
        state.Location = Location;
    }
}
