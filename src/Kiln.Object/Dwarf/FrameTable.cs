using Kiln.Base;

namespace Kiln.Object.Dwarf;

// Writes call frame information: .eh_frame (LSB Core 10.6) and .debug_frame (DWARF 5, 6.4).
//
// In:  procedures with their rules in the order of code; the distances between rules are known.
// Out: the section's bytes and the fields that symbols go into.
//
// A CIE holds the rules that stand before the first advance of its first procedure; later procedures that begin with these
// rules and have the same personality, encodings, return column and signal mark share it, the newest CIE first. This is how
// GNU as shares them, so that both make the same bytes.

/// <summary>A step of a procedure's frame description.</summary>
public enum FrameStepKind : byte
{
    Advance,
    DefineCfa,
    DefineCfaRegister,
    DefineCfaOffset,
    Offset,
    ValueOffset,
    Register,
    Restore,
    Undefined,
    SameValue,
    RememberState,
    RestoreState,
    WindowSave,
    Escape,
}

/// <summary>A step: a rule with its registers and offsets, or an advance of the location by First bytes, or Second bytes of
/// <see cref="FrameTable.Escapes"/> from First on.</summary>
public record struct FrameStep(FrameStepKind Kind, long First, long Second);

/// <summary>A procedure's frame description.</summary>
public struct FrameProcedure
{
    public int Start;
    public long StartAddend;
    public long Length;
    public int FirstStep, StepCount;
    public int PersonalityEncoding, Personality;
    public long PersonalityAddend;
    public int LsdaEncoding, Lsda;
    public long LsdaAddend;
    public int ReturnColumn;
    public bool IsSignalFrame;

    /// <summary>Which tables describe it.</summary>
    public bool IsInEhFrame, IsInDebugFrame;
}

/// <summary>The frame descriptions of one object. See the file's header.</summary>
public sealed class FrameTable(int addressSize, int dataAlignment, int codeAlignment)
{
    private const int AdvanceLoc = 0x40, OffsetRule = 0x80, RestoreRule = 0xc0, AdvanceLoc1 = 2, AdvanceLoc2 = 3, AdvanceLoc4 = 4,
        OffsetExtended = 5, RestoreExtended = 6, Undefined = 7, SameValue = 8, RegisterRule = 9, RememberState = 10, RestoreState = 11,
        DefCfa = 12, DefCfaRegister = 13, DefCfaOffset = 14, OffsetExtendedSf = 0x11, DefCfaSf = 0x12, DefCfaOffsetSf = 0x13,
        ValOffset = 0x14, ValOffsetSf = 0x15, WindowSave = 0x2d;

    private struct Cie
    {
        public int Offset;
        public int Procedure;
        public int InitialSteps;
    }

    private readonly GrowBuffer<Cie> _cies = new(4);
    private ByteWriter _output = null!;
    private GrowBuffer<DwarfFixup> _fixups = null!;
    private bool _isEh;
    private int _sectionSymbol;

    public GrowBuffer<FrameProcedure> Procedures { get; } = new(16);

    public GrowBuffer<FrameStep> Steps { get; } = new(64);

    /// <summary>Bytes of escapes.</summary>
    public ByteWriter Escapes { get; } = new(0);

    /// <summary>Appends <c>.eh_frame</c>.</summary>
    public void WriteEhFrame(ByteWriter output, GrowBuffer<DwarfFixup> fixups) => Write(output, fixups, true, 0);

    /// <summary>Appends <c>.debug_frame</c>; <paramref name="sectionSymbol"/> stands for its start.</summary>
    public void WriteDebugFrame(ByteWriter output, GrowBuffer<DwarfFixup> fixups, int sectionSymbol) => Write(output, fixups, false, sectionSymbol);

    private void Write(ByteWriter output, GrowBuffer<DwarfFixup> fixups, bool isEh, int sectionSymbol)
    {
        (_output, _fixups, _isEh, _sectionSymbol) = (output, fixups, isEh, sectionSymbol);
        _cies.Clear();
        int start = output.Length;
        int last = Procedures.Count - 1;
        while (last >= 0 && !IsInTable(last))
            last--;
        for (int i = 0; i <= last; i++)
        {
            if (!IsInTable(i))
                continue;
            int cie = FindCie(i);
            bool isLast = i == last;
            WriteFde(in Procedures[i], in _cies[cie], start, !isEh || isLast ? addressSize : 4);
        }
    }

    /// <summary>The version of the common information: 1, 3 or 4.</summary>
    public int Version { get; set; } = 1;

    private bool IsInTable(int procedure) => _isEh ? Procedures[procedure].IsInEhFrame : Procedures[procedure].IsInDebugFrame;

    private ReadOnlySpan<FrameStep> StepsOf(in FrameProcedure procedure) => Steps.Span.Slice(procedure.FirstStep, procedure.StepCount);

    /// <summary>The length of the common beginning: what comes before the first change within the code.</summary>
    private static int InitialSteps(ReadOnlySpan<FrameStep> steps)
    {
        int count = 0;
        while (count < steps.Length && !EndsInitial(steps[count].Kind))
            count++;
        return count;
    }

    private static bool EndsInitial(FrameStepKind kind) =>
        kind is FrameStepKind.Advance or FrameStepKind.RememberState or FrameStepKind.Escape;

    private int FindCie(int index)
    {
        ref readonly FrameProcedure procedure = ref Procedures[index];
        ReadOnlySpan<FrameStep> steps = StepsOf(in procedure);
        for (int c = _cies.Count - 1; c >= 0; c--)
        {
            ref readonly FrameProcedure other = ref Procedures[_cies[c].Procedure];
            int initial = _cies[c].InitialSteps;
            if (HaveSameAugmentation(in procedure, in other)
                && steps.Length >= initial
                && steps[..initial].SequenceEqual(StepsOf(in other)[..initial]))
                return c;
        }
        int made = _cies.Add(new Cie { Offset = _output.Length, Procedure = index, InitialSteps = InitialSteps(steps) });
        WriteCie(in procedure, steps[.._cies[made].InitialSteps]);
        return made;
    }

    private bool HaveSameAugmentation(in FrameProcedure a, in FrameProcedure b)
    {
        if (a.ReturnColumn != b.ReturnColumn || a.IsSignalFrame != b.IsSignalFrame)
            return false;
        return !_isEh
            || a.PersonalityEncoding == b.PersonalityEncoding && a.LsdaEncoding == b.LsdaEncoding
            && (a.PersonalityEncoding == PointerEncoding.Omit
                || a.Personality == b.Personality && a.PersonalityAddend == b.PersonalityAddend);
    }

    private void WriteCie(in FrameProcedure procedure, ReadOnlySpan<FrameStep> initial)
    {
        int start = _output.Length;
        bool hasPersonality = procedure.PersonalityEncoding != PointerEncoding.Omit;
        bool hasLsda = procedure.LsdaEncoding != PointerEncoding.Omit;
        _output.U32(0);
        _output.U32(_isEh ? 0 : 0xffffffff);
        bool isWideColumn = procedure.ReturnColumn > 255;
        int version = isWideColumn && !_isEh ? Math.Max(3, Version) : Version;
        _output.U8(version);
        if (_isEh)
        {
            _output.Text("z");
            if (hasPersonality)
                _output.Text("P");
            if (hasLsda)
                _output.Text("L");
            _output.Text("R");
        }
        if (procedure.IsSignalFrame)
            _output.Text("S");
        _output.U8(0);
        if (version >= 4)
        {
            _output.U8(addressSize);
            _output.U8(0);
        }
        _output.Uleb((ulong)codeAlignment);
        _output.Sleb(dataAlignment);
        _output.Uleb((ulong)procedure.ReturnColumn);
        if (_isEh)
        {
            int personalitySize = PointerEncoding.Size(procedure.PersonalityEncoding, addressSize);
            _output.Uleb((ulong)(1 + (hasPersonality ? 1 + personalitySize : 0) + (hasLsda ? 1 : 0)));
            if (hasPersonality)
            {
                _output.U8(procedure.PersonalityEncoding);
                Pointer(procedure.PersonalityEncoding, procedure.Personality, procedure.PersonalityAddend);
            }
            if (hasLsda)
                _output.U8(procedure.LsdaEncoding);
            _output.U8(PointerEncoding.PcRelative | PointerEncoding.SData4);
        }
        foreach (ref readonly FrameStep step in initial)
            WriteStep(in step);
        Close(start, _isEh ? 4 : addressSize);
    }

    private void Pointer(int encoding, int symbol, long addend)
    {
        int size = PointerEncoding.Size(encoding, addressSize);
        _fixups.Add(new DwarfFixup(_output.Length, size, symbol, addend, (encoding & 0x70) == PointerEncoding.PcRelative));
        _output.Fill(0, size);
    }

    private void WriteFde(in FrameProcedure procedure, in Cie cie, int sectionStart, int alignment)
    {
        int start = _output.Length;
        _output.U32(0);
        if (_isEh)
        {
            _output.U32(_output.Length - cie.Offset);
            Pointer(PointerEncoding.PcRelative | PointerEncoding.SData4, procedure.Start, procedure.StartAddend);
            _output.U32(procedure.Length);
            int lsdaSize = PointerEncoding.Size(procedure.LsdaEncoding, addressSize);
            _output.Uleb((ulong)lsdaSize);
            if (lsdaSize != 0)
                Pointer(procedure.LsdaEncoding, procedure.Lsda, procedure.LsdaAddend);
        }
        else
        {
            _fixups.Add(new DwarfFixup(_output.Length, 4, _sectionSymbol, cie.Offset - sectionStart, false));
            _output.U32(0);
            Pointer(PointerEncoding.Absolute, procedure.Start, procedure.StartAddend);
            _output.Little((ulong)procedure.Length, addressSize);
        }
        foreach (ref readonly FrameStep step in StepsOf(in procedure)[cie.InitialSteps..])
            WriteStep(in step);
        Close(start, alignment);
    }

    /// <summary>Pads an entry with DW_CFA_nop and sets its length.</summary>
    private void Close(int start, int alignment)
    {
        _output.Align(alignment);
        _output.PatchU32(start, _output.Length - start - 4);
    }

    private void WriteStep(in FrameStep step)
    {
        long first = step.First;
        switch (step.Kind)
        {
            case FrameStepKind.Advance:
                WriteAdvance(first / codeAlignment);
                break;
            case FrameStepKind.DefineCfa:
                _output.U8(step.Second < 0 ? DefCfaSf : DefCfa);
                _output.Uleb((ulong)first);
                if (step.Second < 0)
                    _output.Sleb(step.Second / dataAlignment);
                else
                    _output.Uleb((ulong)step.Second);
                break;
            case FrameStepKind.DefineCfaRegister:
                WriteRegisters(DefCfaRegister, first);
                break;
            case FrameStepKind.DefineCfaOffset:
                _output.U8(first < 0 ? DefCfaOffsetSf : DefCfaOffset);
                if (first < 0)
                    _output.Sleb(first / dataAlignment);
                else
                    _output.Uleb((ulong)first);
                break;
            case FrameStepKind.Offset:
                WriteOffset(first, step.Second / dataAlignment);
                break;
            case FrameStepKind.ValueOffset:
                long factored = step.Second / dataAlignment;
                _output.U8(factored < 0 ? ValOffsetSf : ValOffset);
                _output.Uleb((ulong)first);
                if (factored < 0)
                    _output.Sleb(factored);
                else
                    _output.Uleb((ulong)factored);
                break;
            case FrameStepKind.Register:
                WriteRegisters(RegisterRule, first);
                _output.Uleb((ulong)step.Second);
                break;
            case FrameStepKind.Restore:
                if (first < 64)
                    _output.U8(RestoreRule + (int)first);
                else
                    WriteRegisters(RestoreExtended, first);
                break;
            case FrameStepKind.Undefined:
                WriteRegisters(Undefined, first);
                break;
            case FrameStepKind.SameValue:
                WriteRegisters(SameValue, first);
                break;
            case FrameStepKind.RememberState:
                _output.U8(RememberState);
                break;
            case FrameStepKind.RestoreState:
                _output.U8(RestoreState);
                break;
            case FrameStepKind.WindowSave:
                _output.U8(WindowSave);
                break;
            case FrameStepKind.Escape:
                _output.Bytes(Escapes.Span.Slice((int)first, (int)step.Second));
                break;
            default:
                throw new InvalidOperationException($"frame step {step.Kind}");
        }
    }

    private void WriteRegisters(int operation, long register)
    {
        _output.U8(operation);
        _output.Uleb((ulong)register);
    }

    private void WriteOffset(long register, long factored)
    {
        if (factored < 0)
        {
            WriteRegisters(OffsetExtendedSf, register);
            _output.Sleb(factored);
            return;
        }
        if (register < 64)
            _output.U8(OffsetRule + (int)register);
        else
            WriteRegisters(OffsetExtended, register);
        _output.Uleb((ulong)factored);
    }

    private void WriteAdvance(long delta)
    {
        if (delta == 0)
            return;
        if (delta < 64)
        {
            _output.U8(AdvanceLoc + (int)delta);
        }
        else if (delta < 256)
        {
            _output.U8(AdvanceLoc1);
            _output.U8((int)delta);
        }
        else if (delta < 65536)
        {
            _output.U8(AdvanceLoc2);
            _output.U16((int)delta);
        }
        else
        {
            _output.U8(AdvanceLoc4);
            _output.U32(delta);
        }
    }
}
