using Kiln.Base;
using Kiln.CodeGen.Machine;
using Kiln.IR;

namespace Kiln.CodeGen.DebugInfo;

// Variables and where they are (DWARF 5, 2.6 and 4.1).
internal sealed partial class UnitDescription
{
    private readonly ByteWriter _expression = new(32);
    private readonly ByteWriter _locationBytes = new(64);
    private readonly GrowBuffer<(int Label, int Start, int End, int First, int Length)> _locations = new(16);

    /// <summary>A variable of file scope, or one that is only declared.</summary>
    private void GlobalVariable(Symbol symbol, in DebugSymbol described)
    {
        SymbolData data = _module[symbol];
        bool isExternal = data.Linkage != Linkage.Internal;
        _entries.Begin(Tag.Variable);
        _entries.String(At.Name, described.Name);
        Declared(described.Location);
        if (isExternal && data.Name != described.Name)
            _entries.String(At.LinkageName, data.Name);
        TypeOf(described.Type);
        if (isExternal)
            _entries.Present(At.External);
        if (data.Kind is SymbolKind.Object or SymbolKind.Common or SymbolKind.Alias)
            Image(symbol, data);
        else
            _entries.Present(At.Declaration);
        _entries.End();
    }

    private void Image(Symbol symbol, SymbolData data)
    {
        int handle = _emission.SymbolOf(symbol);
        if (data.Tls == TlsModel.None)
            _entries.SymbolExpression(At.Location, handle);
        else
            _entries.ThreadExpression(At.Location, handle, _target.TlsOffsetModifier);
    }

    /// <summary>A variable or parameter of a function.</summary>
    private void Variable(MachineFunction machine, int number, Tag tag)
    {
        Function function = machine.Source;
        DebugVariable variable = function.Variables[number];
        _entries.Begin(tag);
        _entries.String(At.Name, variable.Name);
        Declared(variable.Location);
        TypeOf(variable.Type);
        _expression.Clear();
        switch (variable.Place)
        {
            case DebugPlace.None:
                break;
            case DebugPlace.Slot:
                if (IsInFrame(machine, variable.Id))
                    FramePlace(machine, variable.Id, variable.Offset);
                break;
            case DebugPlace.Pointer:
                if (!IsInFrame(machine, variable.Id))
                    break;
                FramePlace(machine, variable.Id, variable.Offset);
                _expression.U8(Do.Dereference);
                break;
            case DebugPlace.Argument:
                Target.Abi.Place place = function.Signature.Parameters[variable.Id].Place;
                if (place.Kind != Target.Abi.PlaceKind.StackMemory)
                    break;
                _expression.U8(Do.FrameBase);
                _expression.Sleb(place.StackOffset);
                break;
            case DebugPlace.Symbol:
                var symbol = new Symbol(variable.Id);
                if (_module[symbol].Kind is SymbolKind.Object or SymbolKind.Common)
                    Image(symbol, _module[symbol]);
                break;
            default:
                throw new InvalidOperationException($"no such place: {variable.Place}");
        }
        if (_expression.Length > 0)
            _entries.Expression(At.Location, _expression.Span);
        else if (variable.Part != 0)
            Argument(machine, number, variable.Part - 1);
        _entries.End();
    }

    // A parameter that left its slot: where the argument is as long as it is anywhere.
    private void Argument(MachineFunction machine, int number, int part)
    {
        Target.Abi.Place place = machine.Source.Signature.Parameters[part].Place;
        if (place.Kind == Target.Abi.PlaceKind.Stack)
        {
            _expression.U8(Do.FrameBase);
            _expression.Sleb(place.StackOffset);
            _entries.Expression(At.Location, _expression.Span);
            return;
        }
        int list = 0;
        foreach (ref readonly ArgumentPlaces.Stretch stretch in _arguments.Stretches)
        {
            if (stretch.Variable != number)
                continue;
            _expression.Clear();
            if (stretch.Place < 0)
                FramePlace(machine, -stretch.Place, 0);
            else
                InRegister(_target.DwarfNumber(stretch.Place - 1));
            int first = _locationBytes.Length;
            _locationBytes.Bytes(_expression.Span);
            int label = 0;
            if (list == 0)
            {
                label = list = _emitter.Temporary();
                _entries.SectionOffset(At.Location, list);
            }
            _locations.Add((label, stretch.Start, stretch.End, first, _expression.Length));
        }
    }

    private void InRegister(int register)
    {
        if (register < 32)
        {
            _expression.U8(Do.Register0 + register);
            return;
        }
        _expression.U8(Do.RegisterX);
        _expression.Uleb((ulong)register);
    }

    private void EmitLocationLists()
    {
        if (_locations.Count == 0)
            return;
        int finish = ListHeader(".debug_loclists");
        bool isFirst = true;
        foreach ((int label, int from, int to, int first, int length) in _locations.Span)
        {
            if (label != 0)
            {
                if (!isFirst)
                    _emitter.Integer(ListEntry.End, 1);
                _emitter.Label(label);
                isFirst = false;
            }
            _emitter.Integer(ListEntry.LocationStartLength, 1);
            _emitter.Value(from, _emitter.Target.PointerSize);
            _emitter.Leb128(_emitter.Difference(to, from), 0, false);
            _emitter.Integer((ulong)length, 1);
            _emitter.Data(_locationBytes.Span.Slice(first, length));
        }
        _emitter.Integer(ListEntry.End, 1);
        _emitter.Label(finish);
    }

    private static bool IsInFrame(MachineFunction machine, int slot) => !machine.FrameObjects[slot].IsUnused;

    /// <summary>Appends the address of a frame object to the expression at hand. The frame base is the CFA.</summary>
    private void FramePlace(MachineFunction machine, int slot, int offset)
    {
        (int register, long displacement) = _target.FramePlace(machine, slot);
        if (register < 0)
        {
            _expression.U8(Do.FrameBase);
        }
        else if (register < 32)
        {
            _expression.U8(Do.BaseRegister0 + register);
        }
        else
        {
            _expression.U8(Do.BaseRegisterX);
            _expression.Uleb((ulong)register);
        }
        _expression.Sleb(displacement + offset);
    }
}
