using Kiln.Base;
using Kiln.Isa;
using Kiln.Object.Elf;
using Kiln.Target;

namespace Kiln.Assembler.Sections;

// The sink that makes an ELF object. This file takes what is emitted into parts (subsections): fixed bytes with fixups, cut
// into fragments where a length is not known yet (a branch with a short form, padding, LEB128 of a difference ...).
// ObjectEmitter.Symbols.cs has the symbols, Values.cs finds values, Layout.cs relaxes, Output.cs makes the file,
// Debug.cs has call frame information and line rows.
//
// A branch is encoded long, then cut back to what both forms share; one that goes back over fixed bytes only is
// settled at once. Everything else waits for Finish, as symbols may still change.

/// <summary>Emits into an ELF object. See the file's header and <see cref="Emitter"/>.</summary>
public sealed partial class ObjectEmitter : Emitter
{
    private readonly InstructionSet _isa;
    private readonly RelocationMap _relocations;
    private readonly FrameRules _frameRules;
    private readonly GrowBuffer<SymbolState> _symbols = new(256);
    private readonly List<Part> _parts = [];
    private readonly List<List<int>> _partsOfSection = [[], [], [], []];
    private readonly GrowBuffer<FragmentDetail> _details = new(16);
    private readonly GrowBuffer<Fixup> _encoded = new(8);
    private readonly ByteWriter _scratch = new(64);
    private Part _part;
    private int _partIndex;
    private bool _isInBits = true;

    /// <summary>The symbol that stands for the global offset table, or 0: references to it have relocations of their own.</summary>
    private int _offsetTable;

    /// <summary>Makes an empty object for a target.</summary>
    public ObjectEmitter(TargetInfo target, IDiagnosticSink diagnostics)
        : base(target, diagnostics)
    {
        _isa = InstructionSet.For(target.Architecture);
        _relocations = RelocationMap.For(target);
        _frameRules = FrameRules.For(target.Architecture);
        Mode = target.PointerSize * 8;
        _symbols.Resize(1);
        _details.Resize(1);
        _sizes.Resize(1);
        _frames = new Object.Dwarf.FrameTable(target.PointerSize, _frameRules.DataAlignment, _frameRules.CodeAlignment);
        _part = FindPart(TextSection, 0);
    }

    private protected override void SymbolMade(int symbol)
    {
        _symbols.Resize(symbol + 1);
        if (!IsUnnamed(symbol) && NameOf(symbol).SequenceEqual("_GLOBAL_OFFSET_TABLE_"u8))
            _offsetTable = symbol;
    }

    private protected override void SectionMade(int section)
    {
        while (_partsOfSection.Count <= section)
            _partsOfSection.Add([]);
    }

    private protected override void SectionEntered(int section, int subsection) => _part = FindPart(section, subsection);

    private Part FindPart(int section, int number)
    {
        _isInBits = SectionInfo(section).Type != SectionType.NoBits;
        foreach (int index in _partsOfSection[section])
        {
            if (_parts[index].Number == number)
            {
                _partIndex = index;
                return _parts[index];
            }
        }
        _partIndex = _parts.Count;
        var part = new Part(_partIndex, section, number);
        part.Fragments.Add(default);
        _parts.Add(part);
        _partsOfSection[section].Add(_partIndex);
        return part;
    }

    private void Error(string message) => Error(Location, message);

    private void Error(Location location, string message) =>
        Diagnostics.Report(new Diagnostic(Severity.Error, location, message));

    private void Warn(Location location, string message) =>
        Diagnostics.Report(new Diagnostic(Severity.Warning, location, message));

    // ---- code ----

    /// <summary>The width of the code that is emitted, in bits.</summary>
    public int Mode { get; private set; }

    public override void CodeWidth(int bits) => Mode = bits;

    public override void Instruction(in Instruction instruction)
    {
        if (_lineIsPending)
            AddLineRow();
        Part part = _part;
        if (instruction.Operand0.Kind == OperandKind.Target && _isa.TryRelax(in instruction, Mode, out RelaxableInstruction branch))
        {
            Branch(part, in branch);
            return;
        }
        int start = part.Bytes.Length;
        _encoded.Clear();
        EncodeStatus status = _isa.Encode(in instruction, Mode, part.Bytes, _encoded);
        if (status != EncodeStatus.Ok)
        {
            Error(_isa.Explain(status, in instruction, Mode));
            return;
        }
        if (!_isInBits)
            RefuseContents(part, start);
        foreach (ref readonly Fixup fixup in _encoded.Span)
        {
            if (fixup.Symbol > 0)
                _symbols[fixup.Symbol].IsReferenced = true;
            // the distance to the offset table counts from the instruction, not from the field
            bool isFromStart = _offsetTable != 0 && !_isa.IsPcRelative(fixup.Kind) && NamesOffsetTable(fixup.Symbol, 0);
            part.Fixups.Add(new PartFixup
            {
                Position = start + fixup.Offset,
                Fragment = part.Current,
                Value = fixup.Symbol,
                Addend = fixup.Addend + (isFromStart ? fixup.Offset : 0),
                Kind = fixup.Kind,
                Size = fixup.Size,
                Modifier = fixup.Modifier,
                Location = Location,
            });
        }
    }

    private bool NamesOffsetTable(int value, int depth)
    {
        if (value >= 0)
            return value == _offsetTable && value != 0;
        ExpressionNode node = Node(value);
        return node.Operator == ExpressionOperator.Add && depth < 100
            && (NamesOffsetTable(node.Left, depth + 1) || NamesOffsetTable(node.Right, depth + 1));
    }

    private void RefuseContents(Part part, int start)
    {
        if (part.Bytes.Span[start..].ContainsAnyExcept((byte)0))
            Error($"attempt to store non-zero value in section `{SectionInfo(part.Section).Name}'");
        int count = part.Bytes.Length - start;
        part.Bytes.Truncate(start);
        Zero(count);
    }

    private void Branch(Part part, in RelaxableInstruction branch)
    {
        int value = branch.Symbol;
        if (value > 0)
        {
            ref SymbolState target = ref _symbols[value];
            target.IsReferenced = true;
            if (target.Kind == SymbolKind.Label && target.Part == _partIndex && target.Fragment == part.Current && IsUnnamed(value))
            {
                WriteSettled(part.Bytes, in branch, target.Position + branch.Addend);
                return;
            }
        }
        if (!_isInBits)
            Error($"attempt to store non-zero value in section `{SectionInfo(part.Section).Name}'");
        int detail = branch.Addend == 0 ? 0 : _details.Add(new FragmentDetail { Addend = branch.Addend });
        ref Fragment fragment = ref part.Close(FragmentKind.Branch);
        fragment.Form = branch.Form;
        fragment.ShortSize = branch.ShortSize;
        fragment.LongSize = branch.LongSize;
        fragment.Mode = (byte)Mode;
        fragment.Value = value;
        fragment.Detail = detail;
        fragment.Location = Location;
    }

    /// <summary>Writes a branch whose distance is known: no bytes of unknown length lie between.</summary>
    private void WriteSettled(ByteWriter code, in RelaxableInstruction branch, long target)
    {
        int start = code.Length;
        bool isLong = target - (start + branch.ShortSize) is < sbyte.MinValue or > sbyte.MaxValue;
        _encoded.Clear();
        _isa.WriteRelaxed(in branch, isLong, Mode, code, _encoded);
        ref Fixup fixup = ref _encoded[0];
        int field = start + fixup.Offset;
        _isa.ApplyFixup(code.Span.Slice(field, fixup.Size), fixup.Kind, target - branch.Addend + fixup.Addend - field);
    }

    // ---- data ----

    public override void Data(ReadOnlySpan<byte> bytes)
    {
        if (!_isInBits)
        {
            if (bytes.ContainsAnyExcept((byte)0))
                Error($"attempt to store non-zero value in section `{SectionInfo(_part.Section).Name}'");
            Zero(bytes.Length);
            return;
        }
        _part.Bytes.Bytes(bytes);
    }

    public override void Integer(ulong value, int size)
    {
        if (_isInBits)
            _part.Bytes.Little(value, size);
        else if (value != 0)
            Error($"attempt to store non-zero value in section `{SectionInfo(_part.Section).Name}'");
        else
            Zero(size);
    }

    public override void Value(int value, int size, long addend = 0, int modifier = 0)
    {
        if (value == 0 && modifier == 0)
        {
            Integer((ulong)addend, size);
            return;
        }
        int kind = _isa.DataFixup(size, false);
        if (kind == 0)
        {
            Error($"cannot represent relocation of size {size}");
            return;
        }
        if (!_isInBits)
        {
            Error($"attempt to store non-zero value in section `{SectionInfo(_part.Section).Name}'");
            return;
        }
        if (value > 0)
            _symbols[value].IsReferenced = true;
        _part.Fixups.Add(new PartFixup
        {
            Position = _part.Bytes.Length,
            Fragment = _part.Current,
            Value = value,
            Addend = addend,
            Kind = (byte)kind,
            Size = (byte)size,
            Modifier = (byte)modifier,
            Location = Location,
        });
        _part.Bytes.Fill(0, size);
    }

    public override void Zero(long count)
    {
        if (_isInBits && count <= 1024)
        {
            _part.Bytes.Fill(0, (int)count);
            return;
        }
        if (count <= 0)
            return;
        int detail = _details.Add(new FragmentDetail { Addend = count, PatternSize = 1 });
        ref Fragment fragment = ref _part.Close(FragmentKind.Fill);
        fragment.Detail = detail;
        fragment.Location = Location;
    }

    public override void Fill(int count, int size, ulong pattern)
    {
        if (!_isInBits && pattern != 0)
            Error($"attempt to fill section `{SectionInfo(_part.Section).Name}' with non-zero value");
        int detail = _details.Add(new FragmentDetail { Pattern = pattern, PatternSize = size });
        ref Fragment fragment = ref _part.Close(FragmentKind.Fill);
        fragment.Value = count;
        fragment.Detail = detail;
        fragment.Location = Location;
    }

    public override void Align(int alignment, int maximumSkip = 0) =>
        Align(new FragmentDetail
        {
            Alignment = alignment,
            MaximumSkip = maximumSkip,
            IsCode = SectionInfo(_part.Section).IsCode,
            CodeWidth = (byte)Mode,
            PatternSize = 1,
        });

    public override void AlignWith(int alignment, int maximumSkip, ulong pattern, int patternSize) =>
        Align(new FragmentDetail { Alignment = alignment, MaximumSkip = maximumSkip, Pattern = pattern, PatternSize = patternSize });

    private void Align(in FragmentDetail detail)
    {
        // a limit below what any padding could need makes it idle, but the section keeps the alignment
        if (detail.Alignment > 1)
        {
            int index = _details.Add(detail);
            ref Fragment fragment = ref _part.Close(FragmentKind.Align);
            fragment.Detail = index;
            fragment.Location = Location;
        }
        _part.Alignment = Math.Max(_part.Alignment, detail.Alignment);
    }

    public override void Org(int value, long addend, byte fill)
    {
        int detail = _details.Add(new FragmentDetail { Addend = addend, Pattern = fill, PatternSize = 1 });
        ref Fragment fragment = ref _part.Close(FragmentKind.Org);
        fragment.Value = value;
        fragment.Detail = detail;
        fragment.Location = Location;
    }

    public override void Leb128(int value, long addend, bool isSigned)
    {
        if (value == 0)
        {
            if (isSigned)
                _part.Bytes.Sleb(addend);
            else
                _part.Bytes.Uleb((ulong)addend);
            return;
        }
        int detail = _details.Add(new FragmentDetail { Addend = addend });
        ref Fragment fragment = ref _part.Close(isSigned ? FragmentKind.Sleb128 : FragmentKind.Uleb128);
        fragment.Value = value;
        fragment.Detail = detail;
        fragment.Location = Location;
    }

    public override void Nops(long count, int maximum = 0) => Nops(count, 0, maximum);

    public override void NopsOf(int count, int maximum = 0) => Nops(0, count, maximum);

    private void Nops(long count, int value, int maximum)
    {
        int detail = _details.Add(new FragmentDetail { Addend = count, PatternSize = maximum, CodeWidth = (byte)Mode });
        ref Fragment fragment = ref _part.Close(FragmentKind.Nops);
        fragment.Value = value;
        fragment.Detail = detail;
        fragment.Location = Location;
    }

    public override void Relocation(int place, long placeAddend, ReadOnlySpan<byte> name, int value, long addend)
    {
        int type = _relocations.FindByName(name);
        if (type < 0)
        {
            Error("unrecognized relocation type");
            return;
        }
        if (value > 0)
            _symbols[value].IsReferenced = true;
        _namedRelocations.Add(new NamedRelocation
        {
            Place = place,
            PlaceAddend = placeAddend,
            Type = type,
            Value = value,
            Addend = addend,
            Part = _partIndex,
            Location = Location,
        });
    }

    private readonly GrowBuffer<NamedRelocation> _namedRelocations = new(0);

    private struct NamedRelocation
    {
        public int Place, Type, Value, Part;
        public long PlaceAddend, Addend;
        public Location Location;
    }
}
