using System.Text;
using Kiln.Base;
using Kiln.Object.Dwarf;
using Kiln.Object.Elf;

namespace Kiln.Assembler.Sections;

// Call frame information and line rows. Both are taken down with their places while code is emitted, and become tables after
// the layout, when all distances are known.

public sealed partial class ObjectEmitter
{
    // ---- call frame information ----

    private readonly FrameTable _frames;
    private readonly GrowBuffer<FramePlace> _framePlaces = new(16);
    private readonly GrowBuffer<FramePlace> _frameEnds = new(16);
    /// <summary>The version of the common information in <c>.debug_frame</c>.</summary>
    public int FrameVersion { get => _frames.Version; init => _frames.Version = value; }

    private bool _makesEhFrame = true, _makesDebugFrame;

    private FramePlace CurrentPlace => new(_partIndex, _part.Current, _part.Bytes.Length);

    public override void CfiSections(bool ehFrame, bool debugFrame) => (_makesEhFrame, _makesDebugFrame) = (ehFrame, debugFrame);

    /// <summary>The description that is open in this part; reports where none is.</summary>
    private OpenFrame? RequireFrame()
    {
        if (_part.Frame is { IsOpen: true } frame)
            return frame;
        Error("CFI instruction used without previous .cfi_startproc");
        return null;
    }

    public override void CfiStartProcedure(bool isSimple = false)
    {
        OpenFrame frame = _part.Frame ??= new OpenFrame();
        if (frame.IsOpen)
        {
            Error("previous CFI entry not closed (missing .cfi_endproc)");
            return;
        }
        frame.Start(_frames.Procedures.Count, CurrentPlace, Location);
        _frames.Procedures.Add(new FrameProcedure
        {
            Start = AnonymousHere(),
            PersonalityEncoding = PointerEncoding.Omit,
            LsdaEncoding = PointerEncoding.Omit,
            ReturnColumn = _frameRules.ReturnColumn,
            IsInEhFrame = _makesEhFrame,
            IsInDebugFrame = _makesDebugFrame,
        });
        if (isSimple)
            return;
        frame.Offset = _frameRules.FrameOffset;
        frame.Add(new FrameStep(FrameStepKind.DefineCfa, _frameRules.FrameRegister, frame.Offset));
        if (_frameRules.ReturnOffset != 0)
            frame.Add(new FrameStep(FrameStepKind.Offset, _frameRules.ReturnColumn, _frameRules.ReturnOffset));
    }

    public override void CfiEndProcedure()
    {
        if (_part.Frame is not { IsOpen: true } frame)
        {
            Error(".cfi_endproc without corresponding .cfi_startproc");
            return;
        }
        Close(frame);
    }

    private void Close(OpenFrame frame)
    {
        frame.IsOpen = false;
        ref FrameProcedure procedure = ref _frames.Procedures[frame.Procedure];
        procedure.FirstStep = _frames.Steps.AddRange(frame.Steps.Span);
        procedure.StepCount = frame.Steps.Count;
        _framePlaces.AddRange(frame.Places.Span);
        // the length is found from this place
        procedure.Length = _frameEnds.Add(CurrentPlace);
    }

    /// <summary>Steps to the current place where code was emitted since the last rule.</summary>
    private void AdvanceFrame(OpenFrame frame)
    {
        FramePlace place = CurrentPlace;
        if (place == frame.LastPlace)
            return;
        frame.LastPlace = place;
        frame.Add(new FrameStep(FrameStepKind.Advance, 0, 0));
    }

    /// <summary>Reports an offset that the table cannot hold.</summary>
    private bool CheckOffset(long offset)
    {
        if (offset % _frameRules.DataAlignment == 0)
            return true;
        Error($"register save offset not a multiple of {-_frameRules.DataAlignment}");
        return false;
    }

    public override void Cfi(CfiOperation operation, long first = 0, long second = 0)
    {
        if (RequireFrame() is not OpenFrame frame)
            return;
        AdvanceFrame(frame);
        switch (operation)
        {
            case CfiOperation.DefineCfa:
                frame.Offset = second;
                frame.Add(new FrameStep(FrameStepKind.DefineCfa, first, second));
                break;
            case CfiOperation.DefineCfaRegister:
                frame.Add(new FrameStep(FrameStepKind.DefineCfaRegister, first, 0));
                break;
            case CfiOperation.DefineCfaOffset:
                frame.Offset = first;
                frame.Add(new FrameStep(FrameStepKind.DefineCfaOffset, first, 0));
                break;
            case CfiOperation.AdjustCfaOffset:
                frame.Offset += first;
                frame.Add(new FrameStep(FrameStepKind.DefineCfaOffset, frame.Offset, 0));
                break;
            case CfiOperation.Offset:
                if (CheckOffset(second))
                    frame.Add(new FrameStep(FrameStepKind.Offset, first, second));
                break;
            case CfiOperation.RelativeOffset:
                if (CheckOffset(second - frame.Offset))
                    frame.Add(new FrameStep(FrameStepKind.Offset, first, second - frame.Offset));
                break;
            case CfiOperation.ValueOffset:
                if (CheckOffset(second))
                    frame.Add(new FrameStep(FrameStepKind.ValueOffset, first, second));
                break;
            case CfiOperation.Register:
                frame.Add(new FrameStep(FrameStepKind.Register, first, second));
                break;
            case CfiOperation.Restore:
                frame.Add(new FrameStep(FrameStepKind.Restore, first, 0));
                break;
            case CfiOperation.Undefined:
                frame.Add(new FrameStep(FrameStepKind.Undefined, first, 0));
                break;
            case CfiOperation.SameValue:
                frame.Add(new FrameStep(FrameStepKind.SameValue, first, 0));
                break;
            case CfiOperation.RememberState:
                frame.SavedOffsets.Add(frame.Offset);
                frame.Add(new FrameStep(FrameStepKind.RememberState, 0, 0));
                break;
            case CfiOperation.RestoreState:
                if (frame.SavedOffsets.Count == 0)
                {
                    Error("CFI state restore without previous remember");
                    break;
                }
                frame.Offset = frame.SavedOffsets.Pop();
                frame.Add(new FrameStep(FrameStepKind.RestoreState, 0, 0));
                break;
            case CfiOperation.WindowSave:
                frame.Add(new FrameStep(FrameStepKind.WindowSave, 0, 0));
                break;
            case CfiOperation.ArgumentsSize:
                _scratch.Clear();
                _scratch.U8(0x2e);
                _scratch.Uleb((ulong)first);
                AddEscape(frame, _scratch.Span);
                break;
            default:
                throw new InvalidOperationException($"CFI operation {operation}");
        }
    }

    private void AddEscape(OpenFrame frame, ReadOnlySpan<byte> bytes)
    {
        frame.Add(new FrameStep(FrameStepKind.Escape, _frames.Escapes.Length, bytes.Length));
        _frames.Escapes.Bytes(bytes);
    }

    public override void CfiEscape(ReadOnlySpan<byte> bytes)
    {
        if (RequireFrame() is not OpenFrame frame)
            return;
        AdvanceFrame(frame);
        AddEscape(frame, bytes);
    }

    public override void CfiPersonality(int encoding, int value, long addend = 0)
    {
        if (RequireFrame() is not OpenFrame frame)
            return;
        ref FrameProcedure procedure = ref _frames.Procedures[frame.Procedure];
        (procedure.PersonalityEncoding, procedure.Personality, procedure.PersonalityAddend) = (encoding, value, addend);
    }

    public override void CfiLsda(int encoding, int value, long addend = 0)
    {
        if (RequireFrame() is not OpenFrame frame)
            return;
        ref FrameProcedure procedure = ref _frames.Procedures[frame.Procedure];
        (procedure.LsdaEncoding, procedure.Lsda, procedure.LsdaAddend) = (encoding, value, addend);
    }

    public override void CfiSignalFrame()
    {
        if (RequireFrame() is OpenFrame frame)
            _frames.Procedures[frame.Procedure].IsSignalFrame = true;
    }

    public override void CfiReturnColumn(int register)
    {
        if (RequireFrame() is OpenFrame frame)
            _frames.Procedures[frame.Procedure].ReturnColumn = register;
    }

    private void FinishFrames()
    {
        for (int i = 0; i < _parts.Count; i++)
        {
            if (_parts[i].Frame is not { IsOpen: true } frame)
                continue;
            Error(frame.Location, "open CFI at the end of file; missing .cfi_endproc directive");
            (_part, _partIndex) = (_parts[i], i);
            Close(frame);
        }
    }

    /// <summary>Fills in what the layout told and makes <c>.eh_frame</c> and <c>.debug_frame</c>.</summary>
    private void WriteFrames()
    {
        if (_frames.Procedures.Count == 0)
            return;
        bool hasEhFrame = false, hasDebugFrame = false;
        foreach (ref FrameProcedure procedure in _frames.Procedures.Span)
        {
            MeasureProcedure(ref procedure);
            hasEhFrame |= procedure.IsInEhFrame;
            hasDebugFrame |= procedure.IsInDebugFrame;
        }
        if (hasEhFrame)
        {
            int section = Section(".eh_frame", SectionType.ProgBits, SectionFlags.Alloc);
            AddTable(section, Target.PointerSize, (bytes, fixups) => _frames.WriteEhFrame(bytes, fixups));
        }
        if (hasDebugFrame)
        {
            int section = Section(".debug_frame", SectionType.ProgBits, 0);
            SwitchSection(section);
            int start = SectionStart();
            AddTable(section, Target.PointerSize, (bytes, fixups) => _frames.WriteDebugFrame(bytes, fixups, start));
        }
    }

    private void MeasureProcedure(ref FrameProcedure procedure)
    {
        SymbolState start = _symbols[procedure.Start];
        long last = Address(start.Part, start.Fragment, start.Position);
        FramePlace end = _frameEnds[(int)procedure.Length];
        procedure.Length = Address(end.Part, end.Fragment, end.Position) - last;
        for (int i = 0; i < procedure.StepCount; i++)
        {
            ref FrameStep step = ref _frames.Steps[procedure.FirstStep + i];
            if (step.Kind != FrameStepKind.Advance)
                continue;
            FramePlace place = _framePlaces[procedure.FirstStep + i];
            long address = Address(place.Part, place.Fragment, place.Position);
            step.First = address - last;
            last = address;
        }
    }

    /// <summary>A symbol at the start of the current section.</summary>
    private int SectionStart()
    {
        int symbol = Anonymous();
        ref SymbolState state = ref _symbols[symbol];
        state.Kind = SymbolKind.Label;
        state.IsSectionStart = true;
        state.Part = _partsOfSection[CurrentSection][0];
        return symbol;
    }

    /// <summary>Appends a finished table to a section and lays the section out again.</summary>
    private void AddTable(int section, int alignment, Action<ByteWriter, GrowBuffer<DwarfFixup>> write)
    {
        SwitchSection(section);
        var fixups = new GrowBuffer<DwarfFixup>(64);
        write(_part.Bytes, fixups);
        foreach (ref readonly DwarfFixup fixup in fixups.Span)
        {
            int kind = _isa.DataFixup(fixup.Size, fixup.IsPcRelative);
            if (kind == 0)
            {
                Error("invalid or unsupported encoding in .cfi_personality or .cfi_lsda");
                return;
            }
            _part.Fixups.Add(new PartFixup
            {
                Position = fixup.Offset,
                Fragment = _part.Current,
                Value = fixup.Symbol,
                Addend = fixup.Addend,
                Kind = (byte)kind,
                Size = (byte)fixup.Size,
            });
            if (fixup.Symbol > 0)
                _symbols[fixup.Symbol].IsReferenced = true;
        }
        _part.Alignment = Math.Max(_part.Alignment, alignment);
        _part.CloseLast();
        PlaceFirst(_partsOfSection[section]);
        Relax(_partsOfSection[section]);
    }

    // ---- line rows ----

    private readonly List<(int Number, string Directory, string Name, UInt128? Md5)> _lineFiles = [];
    private bool _lineIsPending, _marksLabels;
    private int _lineFile, _line, _lineColumn, _lineDiscriminator, _lineIsa;
    private LineFlags _lineFlags;
    private bool _hasLines;

    public override void LineFile(int number, ReadOnlySpan<byte> directory, ReadOnlySpan<byte> name, UInt128? md5 = null) =>
        _lineFiles.Add((number, Encoding.UTF8.GetString(directory), Encoding.UTF8.GetString(name), md5));

    public override void Line(int file, int line, int column, LineFlags flags = LineFlags.IsStatement, int discriminator = 0, int isa = 0)
    {
        if (file != _lineFile || _lineFiles.Count == 0)
        {
            if (!_lineFiles.Exists(known => known.Number == file))
            {
                Error($"unassigned file number {file}");
                return;
            }
        }
        if (_lineIsPending)
            AddLineRow();
        (_lineFile, _line, _lineColumn, _lineFlags, _lineDiscriminator, _lineIsa) = (file, line, column, flags, discriminator, isa);
        _lineIsPending = true;
    }

    // a row that is counted stands where it was asked for, and does not wait for an instruction
    public override void LineView(int symbol, bool isReset, bool isZero = false)
    {
        (_view, _resetsView) = (symbol, isReset);
        if (_lineIsPending)
            AddLineRow();
        if (isZero)
            _zeroViews.Add((_partIndex, _part.Lines.Count - 1, Location));
    }

    private readonly List<(int Part, int Row, Location Location)> _zeroViews = [];

    /// <summary>Reports rows whose view was asserted to be zero and is not.</summary>
    private void CheckViews()
    {
        foreach ((int part, int row, Location location) in _zeroViews)
        {
            if (ViewOf(part, row) != 0)
                Error(location, "view number mismatch");
        }
    }

    private int _view;
    private bool _resetsView;

    /// <summary>The view of a row: how many rows of the same address stand directly before it.</summary>
    private long ViewOf(int part, int row)
    {
        GrowBuffer<PartLine> lines = _parts[part].Lines;
        long view = 0;
        for (; row > 0 && !lines[row].ResetsView; row--)
        {
            ref PartLine here = ref lines[row], before = ref lines[row - 1];
            if (Address(part, here.Fragment, here.Position) != Address(part, before.Fragment, before.Position))
                break;
            view++;
        }
        return view;
    }

    public override void LineMarkLabels(bool on) => _marksLabels = on;

    private void AddLineRow()
    {
        _lineIsPending = false;
        _hasLines = true;
        _part.Lines.Add(new PartLine
        {
            Fragment = _part.Current,
            Position = _part.Bytes.Length,
            File = _lineFile,
            Line = _line,
            Column = _lineColumn,
            Discriminator = _lineDiscriminator,
            Isa = (byte)_lineIsa,
            Flags = _lineFlags,
            ResetsView = _resetsView,
        });
        if (_view != 0)
        {
            ref SymbolState view = ref _symbols[_view];
            if (view.Kind != SymbolKind.Undefined)
                Error($"symbol `{TextOf(_view)}' is already defined");
            (view.Kind, view.Part, view.Position) = (SymbolKind.View, _partIndex, _part.Lines.Count - 1);
        }
        (_view, _resetsView) = (0, false);
        _lineDiscriminator = 0;
        _lineFlags &= LineFlags.IsStatement;
    }

    /// <summary>Makes <c>.debug_line</c> and <c>.debug_line_str</c> where rows or files were given.</summary>
    private void WriteLines()
    {
        // a program with files and rows has a table; files alone without rows make none unless somebody refers to the section
        if (!_hasLines && (_lineFiles.Count == 0 || FindSection(".debug_line") == 0))
            return;
        int version = LineVersion == 0 ? 5 : LineVersion;
        if (_lineFiles.Exists(static file => file.Number == 0 || file.Md5 is not null))
            version = 5;
        var table = new LineTable(Target.PointerSize, _frameRules.CodeAlignment, Math.Max(version, 3));
        AddFiles(table);
        CheckViews();
        for (int section = 1; section < _partsOfSection.Count; section++)
            AddSequence(table, section);
        bool hasUnit = FindSection(".debug_info") != 0;
        int lines = Section(".debug_line", SectionType.ProgBits, 0);
        if (version < 5)
        {
            AddTable(lines, 1, (bytes, fixups) => table.Write(bytes, fixups, bytes, 0));
            if (!hasUnit && MakesUnit && table.Sequences.Count > 0)
                WriteUnit(table, lines, version);
            return;
        }
        int strings = Section(".debug_line_str", SectionType.ProgBits, SectionFlags.Merge | SectionFlags.Strings, 1);
        SwitchSection(strings);
        int stringsStart = SectionStart();
        // offsets of strings count from what stands there already
        Part stringsPart = _part;
        AddTable(lines, 1, (bytes, fixups) => table.Write(bytes, fixups, stringsPart.Bytes, stringsStart));
        SwitchSection(strings);
        _part.CloseLast();
        PlaceFirst(_partsOfSection[strings]);
        if (!hasUnit && MakesUnit && table.Sequences.Count > 0)
            WriteUnit(table, lines, version);
    }

    /// <summary>A source in assembly that brings no debug information of its own gets a unit, or no debugger would find its lines.</summary>
    private void WriteUnit(LineTable table, int lines, int version)
    {
        var code = new List<(int Start, long Length)>();
        foreach (ref readonly LineSequence sequence in table.Sequences.Span)
            code.Add((sequence.Start, sequence.Length));
        (int _, string directory, string name, UInt128? _) = _lineFiles[0];
        var unit = new AssemblyUnit(Target.PointerSize, version) { Name = name, Directory = directory, ProducedBy = "Kiln", Code = code };
        int info = Section(".debug_info", SectionType.ProgBits, 0);
        int abbreviations = Section(".debug_abbrev", SectionType.ProgBits, 0);
        int addresses = Section(".debug_aranges", SectionType.ProgBits, 0);
        int ranges = code.Count > 1 ? Section(unit.RangesSection, SectionType.ProgBits, 0) : 0;
        int abbreviationsStart = StartOf(abbreviations), linesStart = StartOf(lines), infoStart = StartOf(info);
        int rangesStart = ranges != 0 ? StartOf(ranges) : 0;
        AddTable(info, 1, (bytes, fixups) => unit.WriteUnit(bytes, fixups, abbreviationsStart, linesStart, rangesStart));
        AddTable(abbreviations, 1, (bytes, _) => unit.WriteAbbreviations(bytes));
        AddTable(addresses, Target.PointerSize * 2, (bytes, fixups) => unit.WriteAddressRanges(bytes, fixups, infoStart));
        if (ranges != 0)
            AddTable(ranges, 1, unit.WriteRanges);
    }

    private int StartOf(int section)
    {
        SwitchSection(section);
        return SectionStart();
    }

    private void AddFiles(LineTable table)
    {
        (int Number, string Directory, string Name, UInt128? Md5) unit = _lineFiles.Find(static file => file.Number == 0);
        table.Directory(unit.Directory is { Length: > 0 } given ? given : WorkingDirectory);
        if (unit.Name is not null)
        {
            // GNU as cuts the unit's name too, and enters its directory even where that is the compilation's.
            int cut = unit.Name.LastIndexOf('/');
            if (cut > 0)
                table.File(0, unit.Name[(cut + 1)..], table.NewDirectory(unit.Name[..cut]), unit.Md5);
            else
                table.File(0, unit.Name, 0, unit.Md5);
        }
        foreach ((int number, string directory, string name, UInt128? md5) in _lineFiles)
        {
            if (number == 0)
                continue;
            int slash = name.LastIndexOf('/');
            if (directory.Length == 0 && slash > 0)
                table.File(number, name[(slash + 1)..], table.Directory(name[..slash]), md5);
            else
                table.File(number, name, directory.Length == 0 ? 0 : table.Directory(directory), md5);
            if (number == 1 && unit.Name is null)
                table.File(0, name, 0, md5);
        }
    }

    private void AddSequence(LineTable table, int section)
    {
        List<int> parts = _partsOfSection[section];
        int first = table.Rows.Count;
        long end = 0;
        foreach (int index in parts)
        {
            Part part = _parts[index];
            end = part.Address + part.Size;
            foreach (ref readonly PartLine row in part.Lines.Span)
            {
                if (!table.HasFile(row.File))
                    Error($"unassigned file number {row.File}");
                table.Rows.Add(new LineRow
                {
                    Offset = Address(index, row.Fragment, row.Position),
                    File = row.File,
                    Line = row.Line,
                    Column = row.Column,
                    Discriminator = row.Discriminator,
                    Isa = row.Isa,
                    IsStatement = (row.Flags & LineFlags.IsStatement) != 0,
                    BasicBlock = (row.Flags & LineFlags.BasicBlock) != 0,
                    PrologueEnd = (row.Flags & LineFlags.PrologueEnd) != 0,
                    EpilogueBegin = (row.Flags & LineFlags.EpilogueBegin) != 0,
                    ResetsView = row.ResetsView,
                });
            }
        }
        int count = table.Rows.Count - first;
        if (count == 0)
            return;
        (int current, int subsection) = (CurrentSection, CurrentSubsection);
        SwitchSection(section, _parts[parts[0]].Number);
        int start = SectionStart();
        SwitchSection(current, subsection);
        table.Sequences.Add(new LineSequence(start, 0, end, first, count));
    }
}
