using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Kiln.Base;
using Kiln.Linker.Layout;
using Kiln.Linker.Relocations;
using Kiln.Linker.Sections;
using Kiln.Linker.Synthetic;
using Kiln.Object.Elf;

namespace Kiln.Linker.Output;

/// <summary>Writes the image into memory: sections with their relocations applied, the linker's chunks, symbols, headers.</summary>
internal sealed unsafe class ImageWriter(LinkJob job) : IDisposable
{
    private const ulong LargestImage = int.MaxValue - 4096;
    private byte* _image;
    private int _size;
    private readonly ByteWriter _sectionNames = new();
    private readonly List<OutputSection> _tables = [];
    private readonly List<byte[]> _emitted = [];
    private ulong _sectionHeaders;

    /// <summary>The image.</summary>
    public Span<byte> Image => new(_image, _size);

    /// <summary>Writes everything; false when it cannot be.</summary>
    public bool Write()
    {
        SymbolTableWriter? symbols = null;
        if (job.Options.Strip != StripKind.All)
        {
            symbols = new SymbolTableWriter(job);
            symbols.Build();
        }
        PlaceTables(symbols);
        ulong input = 1 << 28;
        foreach (Inputs.InputFile file in job.Files)
            input += (ulong)file.Bytes.Length * 4;
        if (job.FileEnd > LargestImage || job.FileEnd > input)
        {
            job.Error($"{job.Options.Output}: the output would take {job.FileEnd} bytes");
            return false;
        }
        _size = (int)job.FileEnd;
        _image = (byte*)NativeMemory.AllocZeroed((nuint)Math.Max(_size, 1));
        WriteSections();
        WriteChunks();
        WriteTables(symbols);
        WriteHeaders();
        return true;
    }

    // Symbol table, names and section headers stand behind the sections.
    private void PlaceTables(SymbolTableWriter? symbols)
    {
        ulong at = job.FileEnd;
        int next = job.Outputs.Count + 1;
        if (symbols is not null)
        {
            at = at + 7 & ~7UL;
            _tables.Add(new OutputSection(".symtab")
            {
                Type = SectionType.SymTab,
                Offset = at,
                Size = (ulong)symbols.Bytes.Length,
                Alignment = 8,
                EntrySize = ElfFormat.SymbolSize64,
                Link = next + 1,
                Info = symbols.FirstGlobal,
                Index = next,
            });
            at += (ulong)symbols.Bytes.Length;
            _tables.Add(new OutputSection(".strtab") { Type = SectionType.StrTab, Offset = at, Size = (ulong)symbols.Strings.Length, Index = next + 1 });
            at += (ulong)symbols.Strings.Length;
        }
        if (symbols is not null && job.Options.EmitRelocations)
            foreach ((OutputSection section, byte[] bytes) in new EmittedRelocations(job, symbols).Build())
            {
                at = at + 7 & ~7UL;
                _emitted.Add(bytes);
                _tables.Add(new OutputSection(".rela" + section.Name)
                {
                    Type = SectionType.Rela,
                    Flags = SectionFlags.InfoLink,
                    Offset = at,
                    Size = (ulong)bytes.Length,
                    Alignment = 8,
                    EntrySize = ElfFormat.RelaSize64,
                    Link = next,
                    Info = section.Index,
                    Index = job.Outputs.Count + _tables.Count + 1,
                });
                at += (ulong)bytes.Length;
            }
        var names = new OutputSection(".shstrtab") { Type = SectionType.StrTab, Offset = at, Index = job.Outputs.Count + _tables.Count + 1 };
        _tables.Add(names);
        _sectionNames.U8(0);
        foreach (OutputSection section in job.Outputs)
            NameSection(section);
        foreach (OutputSection section in _tables)
            NameSection(section);
        names.Size = (ulong)_sectionNames.Length;
        at += names.Size;
        _sectionHeaders = at + 7 & ~7UL;
        job.FileEnd = _sectionHeaders + (ulong)(job.Outputs.Count + _tables.Count + 1) * ElfFormat.SectionHeaderSize64;
    }

    private void NameSection(OutputSection section)
    {
        section.NameOffset = (uint)_sectionNames.Length;
        _sectionNames.CString(section.Name);
    }

    private Span<byte> Room(ulong offset, ulong size) => new(_image + offset, (int)size);

    // Input sections, cut into runs for the threads. Each place is written by one thread, so the bytes are the same for any number.
    private void WriteSections()
    {
        var work = new List<(OutputSection Section, int Id)>();
        ulong total = 0;
        foreach (OutputSection section in job.Outputs)
        {
            if (section.HasNoBits)
                continue;
            foreach (int part in section.Parts.Span)
                if (part > 0 && job.Sections[part].Size > 0)
                {
                    work.Add((section, part));
                    total += job.Sections[part].Size;
                }
        }
        int threads = total < 1 << 20 ? 1 : Math.Min(job.Threads, 16);
        var writers = new RelocationWriter[threads];
        if (threads == 1)
            WriteRun(writers, 0, work, 0, work.Count);
        else
            Parallel.For(0, threads, t => WriteRun(writers, t, work, (int)((long)work.Count * t / threads), (int)((long)work.Count * (t + 1) / threads)));
        var errors = new List<(int Section, ulong Offset, string Text)>();
        foreach (RelocationWriter writer in writers)
            errors.AddRange(writer.Errors);
        Report(errors);
    }

    private void WriteRun(RelocationWriter[] writers, int index, List<(OutputSection Section, int Id)> work, int from, int to)
    {
        var writer = new RelocationWriter(job);
        writers[index] = writer;
        for (int i = from; i < to; i++)
        {
            (OutputSection section, int id) = work[i];
            ref InputSection input = ref job.Sections[id];
            if (input.Type == SectionType.NoBits)
                continue;
            Span<byte> room = Room(section.Offset + input.Offset, input.Size);
            input.Data.Span.CopyTo(room);
            // Gaps in code are filled so that a disassembler keeps in step.
            writer.Apply(id, room, section.Address + input.Offset);
        }
    }

    private void Report(List<(int Section, ulong Offset, string Text)> errors)
    {
        errors.Sort(static (a, b) => a.Section != b.Section ? a.Section.CompareTo(b.Section) : a.Offset.CompareTo(b.Offset));
        foreach ((int section, ulong offset, string text) in errors)
            job.Error(text[0] == '\0' ? job.Places.OfReference(job.ObjectOf(section), section, offset) + text[1..] : text);
    }

    // Chunks in an order that lets one read what another wrote: relocation tables last.
    private void WriteChunks()
    {
        SyntheticSections s = job.Synthetic;
        foreach (OutputSection section in job.Outputs)
            foreach (Chunk chunk in section.Chunks)
                if (!section.HasNoBits && chunk != s.RelaDyn && chunk != s.RelaPlt && chunk != s.Dynamic && chunk != s.EhFrameHeader && chunk.Size > 0)
                    chunk.Write(job, RoomOf(chunk));
        if (s.EhFrameHeader.Exists)
            s.EhFrameHeader.WriteTable(job, RoomOf(s.EhFrameHeader), RoomOf(s.EhFrame));
        for (int i = 0; i < s.CopiedSymbols.Count; i++)
        {
            (int symbol, ZeroChunk room, ulong offset) = s.CopiedSymbols[i];
            s.RelaDyn.Set(s.CopyStart + i, room.Address + offset, s.Slots[symbol].Dynamic, X86_64Relocation.Copy, 0);
        }
        if (s.RelaDyn.Exists)
        {
            if (job.Options.CombineRelocations)
                s.RelaDyn.Sort();
            s.RelaDyn.Write(job, RoomOf(s.RelaDyn));
        }
        if (s.RelaPlt.Exists)
            s.RelaPlt.Write(job, RoomOf(s.RelaPlt));
        if (s.Dynamic.Exists)
            s.Dynamic.Write(job, RoomOf(s.Dynamic));
    }

    private Span<byte> RoomOf(Chunk chunk) => Room(chunk.Section!.Offset + chunk.Offset, chunk.Size);

    private void WriteTables(SymbolTableWriter? symbols)
    {
        foreach (OutputSection table in _tables)
        {
            ReadOnlySpan<byte> bytes = table.Name switch
            {
                ".symtab" => symbols!.Bytes,
                ".strtab" => symbols!.Strings.Span,
                _ when table.Type == SectionType.Rela => _emitted[table.Index - job.Outputs.Count - 3],
                _ => _sectionNames.Span,
            };
            bytes.CopyTo(Room(table.Offset, table.Size));
        }
    }

    private void WriteHeaders()
    {
        Span<byte> h = Image;
        BinaryPrimitives.WriteUInt32LittleEndian(h, ElfFormat.MagicLittle);
        h[ElfFormat.IdentClass] = ElfFormat.Class64;
        h[ElfFormat.IdentData] = ElfFormat.DataLittle;
        h[ElfFormat.IdentVersion] = ElfFormat.VersionCurrent;
        h[ElfFormat.IdentOsAbi] = (byte)(job.UsesGnuExtensions ? ElfFormat.OsAbiGnu : ElfFormat.OsAbiNone);
        BinaryPrimitives.WriteUInt16LittleEndian(h[16..], (ushort)(job.IsPositionIndependent ? ElfType.Shared : ElfType.Executable));
        BinaryPrimitives.WriteUInt16LittleEndian(h[18..], (ushort)job.Target.Machine);
        BinaryPrimitives.WriteUInt32LittleEndian(h[20..], ElfFormat.VersionCurrent);
        BinaryPrimitives.WriteUInt64LittleEndian(h[24..], job.EntryAddress);
        BinaryPrimitives.WriteUInt64LittleEndian(h[32..], ElfFormat.HeaderSize64);
        BinaryPrimitives.WriteUInt64LittleEndian(h[40..], _sectionHeaders);
        BinaryPrimitives.WriteUInt16LittleEndian(h[52..], ElfFormat.HeaderSize64);
        BinaryPrimitives.WriteUInt16LittleEndian(h[54..], ElfFormat.ProgramHeaderSize64);
        BinaryPrimitives.WriteUInt16LittleEndian(h[56..], (ushort)job.Segments.Count);
        BinaryPrimitives.WriteUInt16LittleEndian(h[58..], ElfFormat.SectionHeaderSize64);
        BinaryPrimitives.WriteUInt16LittleEndian(h[60..], (ushort)(job.Outputs.Count + _tables.Count + 1));
        BinaryPrimitives.WriteUInt16LittleEndian(h[62..], (ushort)(job.Outputs.Count + _tables.Count));
        Span<ElfProgramHeader> segments = MemoryMarshal.Cast<byte, ElfProgramHeader>(h[ElfFormat.HeaderSize64..]);
        for (int i = 0; i < job.Segments.Count; i++)
        {
            Segment segment = job.Segments[i];
            segments[i] = new ElfProgramHeader
            {
                Type = segment.Type,
                Flags = segment.Flags,
                Offset = segment.Offset,
                Address = segment.Address,
                PhysicalAddress = segment.Address,
                FileSize = segment.FileSize,
                MemorySize = segment.MemorySize,
                Alignment = segment.Alignment,
            };
        }
        Span<ElfSectionHeader> headers = MemoryMarshal.Cast<byte, ElfSectionHeader>(Room(_sectionHeaders, job.FileEnd - _sectionHeaders));
        SetLinks();
        foreach (OutputSection section in job.Outputs)
            headers[section.Index] = HeaderOf(section);
        foreach (OutputSection section in _tables)
            headers[section.Index] = HeaderOf(section);
    }

    private static ElfSectionHeader HeaderOf(OutputSection section) => new()
    {
        Name = section.NameOffset,
        Type = section.Type,
        Flags = section.Flags,
        Address = section.Address,
        Offset = section.Offset,
        Size = section.Size,
        Link = (uint)section.Link,
        Info = (uint)section.Info,
        Alignment = section.Alignment,
        EntrySize = section.EntrySize,
    };

    // sh_link and sh_info between the dynamic tables.
    private void SetLinks()
    {
        SyntheticSections s = job.Synthetic;
        DynamicSymbolTable symbols = s.DynamicSymbols;
        int symbolTable = symbols.Section?.Index ?? 0;
        int strings = symbols.Strings.Section?.Index ?? 0;
        if (symbols.Section is { } table)
        {
            table.Link = strings;
            table.Info = 1;
        }
        Set(symbols.SysVHash, symbolTable, 0);
        Set(symbols.GnuHash, symbolTable, 0);
        Set(symbols.Versions, symbolTable, 0);
        Set(symbols.Definitions, strings, symbols.DefinitionCount);
        Set(symbols.Needs, strings, symbols.NeedCount);
        Set(s.Dynamic, strings, 0);
        Set(s.RelaDyn, symbolTable, 0);
        Set(s.RelaPlt, symbolTable, s.GotPlt.Section?.Index ?? 0);

        static void Set(Chunk chunk, int link, int info)
        {
            if (chunk.Section is not { } section)
                return;
            section.Link = link;
            section.Info = info;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.Free(_image);
        _image = null;
    }
}
