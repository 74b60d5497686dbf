using System.Buffers.Binary;
using Kiln.Linker.Relocations;
using Kiln.Object.Elf;

namespace Kiln.Linker.Targets;

/// <summary>
/// x86-64 (psABI 1.0). What is odd about it: the thread pointer points at the end of the thread-local block, so offsets from it are
/// negative; _GLOBAL_OFFSET_TABLE_ is the start of .got.plt, whose first three words are the dynamic linker's; loads through the GOT
/// (GOTPCRELX) and the TLS sequences are rewritten in place to shorter ways where the symbol turns out to be near.
/// </summary>
internal sealed class X86_64
{
    public const int PltHeaderSize = 16, PltEntrySize = 16, PltGotEntrySize = 8, GotPltReserved = 3;

    public int Machine => ElfMachine.X86_64;
    public bool Is64 => true;
    public int WordSize => 8;

    // By ELF number up to 42: kind, width of the field in bytes, check.
    private static ReadOnlySpan<byte> Kinds =>
    [
        (byte)RelocationKind.None, (byte)RelocationKind.Absolute, (byte)RelocationKind.PcRelative, (byte)RelocationKind.GotSlot,
        (byte)RelocationKind.Plt, (byte)RelocationKind.DynamicOnly, (byte)RelocationKind.DynamicOnly, (byte)RelocationKind.DynamicOnly,
        (byte)RelocationKind.DynamicOnly, (byte)RelocationKind.GotPcRelaxable, (byte)RelocationKind.Absolute, (byte)RelocationKind.Absolute,
        (byte)RelocationKind.Absolute, (byte)RelocationKind.PcRelative, (byte)RelocationKind.Absolute, (byte)RelocationKind.PcRelative,
        (byte)RelocationKind.DynamicOnly, (byte)RelocationKind.TlsModuleOffset, (byte)RelocationKind.TlsLe, (byte)RelocationKind.TlsGd,
        (byte)RelocationKind.TlsLd, (byte)RelocationKind.TlsModuleOffset, (byte)RelocationKind.TlsIe, (byte)RelocationKind.TlsLe,
        (byte)RelocationKind.PcRelative, (byte)RelocationKind.FromGot, (byte)RelocationKind.GotBasePc, (byte)RelocationKind.GotSlot,
        (byte)RelocationKind.GotPc, (byte)RelocationKind.GotBasePc, (byte)RelocationKind.GotSlot, (byte)RelocationKind.PltFromGot,
        (byte)RelocationKind.Size, (byte)RelocationKind.Size, (byte)RelocationKind.TlsDescriptor, (byte)RelocationKind.TlsDescriptorCall,
        (byte)RelocationKind.DynamicOnly, (byte)RelocationKind.DynamicOnly, (byte)RelocationKind.DynamicOnly, (byte)RelocationKind.Unknown,
        (byte)RelocationKind.Unknown, (byte)RelocationKind.GotPcRelaxable, (byte)RelocationKind.GotPcRelaxable,
    ];

    private static ReadOnlySpan<byte> Widths =>
    [
        0, 8, 4, 4, 4, 0, 8, 8, 8, 4, 4, 4, 2, 2, 1, 1, 8, 8, 8, 4, 4, 4, 4, 4, 8, 8, 4, 8, 8, 8, 8, 8, 4, 8, 4, 0, 16, 8, 8, 0, 0, 4, 4,
    ];

    private static ReadOnlySpan<byte> Checks =>
    [
        0, 0, 1, 1, 1, 0, 0, 0, 0, 1, 2, 1, 3, 1, 3, 1, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 2, 0, 1, 0, 0, 0, 0, 0, 0, 1, 1,
    ];

    private static ReadOnlySpan<string?> Names => new string?[]
    {
        "NONE", "64", "PC32", "GOT32", "PLT32", "COPY", "GLOB_DAT", "JUMP_SLOT", "RELATIVE", "GOTPCREL", "32", "32S", "16", "PC16", "8",
        "PC8", "DTPMOD64", "DTPOFF64", "TPOFF64", "TLSGD", "TLSLD", "DTPOFF32", "GOTTPOFF", "TPOFF32", "PC64", "GOTOFF64", "GOTPC32",
        "GOT64", "GOTPCREL64", "GOTPC64", "GOTPLT64", "PLTOFF64", "SIZE32", "SIZE64", "GOTPC32_TLSDESC", "TLSDESC_CALL", "TLSDESC",
        "IRELATIVE", "RELATIVE64", null, null, "GOTPCRELX", "REX_GOTPCRELX",
    };

    /// <summary>What a relocation number asks for.</summary>
    public static RelocationKind Kind(int type)
    {
        if ((uint)type < (uint)Kinds.Length)
            return (RelocationKind)Kinds[type];
        return type is X86_64Relocation.GnuVtInherit or X86_64Relocation.GnuVtEntry ? RelocationKind.None : RelocationKind.Unknown;
    }

    /// <summary>How many bytes the field of a known relocation has.</summary>
    public static int Width(int type) => (uint)type < (uint)Widths.Length ? Widths[type] : 0;

    /// <summary>How the field is checked.</summary>
    public static FieldCheck Check(int type) => (FieldCheck)Checks[type];

    /// <summary>The name of a relocation number in messages.</summary>
    public static string Name(int type) =>
        (uint)type < (uint)Names.Length && Names[type] is { } name ? "R_X86_64_" + name : $"unknown relocation type 0x{type:x}";

    // ---- Loads through the GOT

    /// <summary>How an instruction does without its load from the GOT.</summary>
    public enum GotForm : byte
    {
        /// <summary>It does not.</summary>
        None,

        /// <summary>A mov becomes a lea relative to the instruction.</summary>
        Lea,

        /// <summary>A branch through the slot becomes a direct one.</summary>
        Branch,

        /// <summary>The address becomes an immediate, which needs it to be fixed and low; a mov whose address is not becomes a lea.</summary>
        Immediate,
    }

    /// <summary>
    /// What becomes of an instruction with a GOTPCREL or GOTPCRELX relocation (psABI, B.2) whose symbol is in this image or a constant
    /// (an absolute symbol, or an undefined weak one, which is 0 and does not move with the image).
    /// </summary>
    public static GotForm RelaxedGot(ReadOnlySpan<byte> data, ulong offset, int type, long addend, bool isPositionIndependent, bool isConstant)
    {
        if (addend != -4 || offset < 2 || offset + 4 > (ulong)data.Length)
            return GotForm.None;
        int opcode = data[(int)offset - 2];
        int modRm = data[(int)offset - 1];
        bool isMarked = type is X86_64Relocation.GotPcRelX or X86_64Relocation.RexGotPcRelX;
        if (opcode == 0xff)
            return isMarked && modRm is 0x15 or 0x25 && !(isConstant && isPositionIndependent) ? GotForm.Branch : GotForm.None;
        if ((modRm & 0xc7) != 5 || type == X86_64Relocation.RexGotPcRelX && (offset < 3 || (data[(int)offset - 3] & 0xf0) != 0x40))
            return GotForm.None;
        bool takesImmediate = isMarked && (isConstant || !isPositionIndependent);
        if (opcode == 0x8b)
            return takesImmediate ? GotForm.Immediate : isConstant && isPositionIndependent ? GotForm.None : GotForm.Lea;
        return takesImmediate && (opcode == 0x85 || (opcode & 0xc7) == 3) ? GotForm.Immediate : GotForm.None;
    }

    /// <summary>Rewrites that instruction. <paramref name="target"/> is S, <paramref name="place"/> P. False when S is out of reach.</summary>
    public static bool RelaxGot(Span<byte> data, int offset, int type, ulong target, ulong place, GotForm form, LinkOptions options)
    {
        ref byte opcode = ref data[offset - 2];
        ref byte modRm = ref data[offset - 1];
        long relative = (long)(target - place) - 4;
        bool hasRex = type == X86_64Relocation.RexGotPcRelX;
        bool isWide = hasRex && (data[offset - 3] & 8) != 0;
        bool fitsImmediate = isWide ? (long)target == (int)target : target == (uint)target || (long)target == (int)target;
        if (form == GotForm.Lea || form == GotForm.Immediate && opcode == 0x8b && !fitsImmediate)
        {
            opcode = 0x8d;
            BinaryPrimitives.WriteInt32LittleEndian(data[offset..], (int)relative);
            return relative == (int)relative;
        }
        if (form == GotForm.Branch)
        {
            if (modRm == 0x15 && options.CallPaddingIsBehind)
            {
                // call *f@GOTPCREL(%rip) => call f; nop
                relative++;
                opcode = 0xe8;
                BinaryPrimitives.WriteInt32LittleEndian(data[(offset - 1)..], (int)relative);
                data[offset + 3] = options.CallPadding;
            }
            else if (modRm == 0x15)
            {
                // call *f@GOTPCREL(%rip) => addr32 call f
                opcode = options.CallPadding;
                modRm = 0xe8;
                BinaryPrimitives.WriteInt32LittleEndian(data[offset..], (int)relative);
            }
            else
            {
                // jmp *f@GOTPCREL(%rip) => jmp f; nop
                relative++;
                opcode = 0xe9;
                BinaryPrimitives.WriteInt32LittleEndian(data[(offset - 1)..], (int)relative);
                data[offset + 3] = 0x90;
            }
            return relative == (int)relative;
        }
        int register = modRm >> 3 & 7;
        (opcode, modRm) = opcode switch
        {
            // mov f@GOTPCREL(%rip),%reg => mov $f,%reg
            0x8b => ((byte)0xc7, (byte)(0xc0 | register)),
            // test %reg,f@GOTPCREL(%rip) => test $f,%reg
            0x85 => ((byte)0xf7, (byte)(0xc0 | register)),
            // add f@GOTPCREL(%rip),%reg => add $f,%reg
            _ => ((byte)0x81, (byte)(0xc0 | opcode & 0x38 | register)),
        };
        if (hasRex)
        {
            ref byte rex = ref data[offset - 3];
            rex = (byte)(rex & ~4 | (rex & 4) >> 2);
        }
        BinaryPrimitives.WriteInt32LittleEndian(data[offset..], (int)target);
        return fitsImmediate;
    }

    // ---- Thread-local storage

    // How the call to __tls_get_addr is written after the lea of general and local dynamic.
    private enum TlsCall : byte
    {
        Unknown,
        Direct,
        Indirect,
        Large,
    }

    private static TlsCall CallForm(ReadOnlySpan<byte> data, int after, bool isGeneral)
    {
        if (after + 8 > data.Length && !(after + 5 <= data.Length && !isGeneral))
            return TlsCall.Unknown;
        ReadOnlySpan<byte> call = data[after..];
        if (isGeneral)
        {
            if (call.StartsWith((ReadOnlySpan<byte>)[0x66, 0x66, 0x48, 0xe8]))
                return TlsCall.Direct;
            if (call.StartsWith((ReadOnlySpan<byte>)[0x66, 0x48, 0xff, 0x15]) || call.StartsWith((ReadOnlySpan<byte>)[0x66, 0x48, 0x67, 0xe8]))
                return TlsCall.Indirect;
        }
        else
        {
            if (call[0] == 0xe8)
                return TlsCall.Direct;
            if (call.Length >= 6 && (call[0] == 0xff && call[1] == 0x15 || call[0] == 0x67 && call[1] == 0xe8))
                return TlsCall.Indirect;
        }
        // movabs $__tls_get_addr@pltoff,%rax; add %rbx or %r15,%rax; call *%rax
        return call.Length >= 15 && call[0] == 0x48 && call[1] == 0xb8 && call[11] == 0x01 && call[13] == 0xff && call[14] == 0xd0
            ? TlsCall.Large : TlsCall.Unknown;
    }

    /// <summary>Whether a general dynamic sequence has a form that can be rewritten.</summary>
    public static bool CanRelaxTlsGd(ReadOnlySpan<byte> data, ulong offset)
    {
        if (offset < 3 || offset + 4 > (ulong)data.Length || !data.Slice((int)offset - 3, 3).SequenceEqual((ReadOnlySpan<byte>)[0x48, 0x8d, 0x3d]))
            return false;
        TlsCall form = CallForm(data, (int)offset + 4, isGeneral: true);
        return form == TlsCall.Large || form != TlsCall.Unknown && offset >= 4 && data[(int)offset - 4] == 0x66;
    }

    /// <summary>Whether a local dynamic sequence has a form that can be rewritten.</summary>
    public static bool CanRelaxTlsLd(ReadOnlySpan<byte> data, ulong offset) =>
        offset >= 3 && offset + 9 <= (ulong)data.Length && data.Slice((int)offset - 3, 3).SequenceEqual((ReadOnlySpan<byte>)[0x48, 0x8d, 0x3d])
        && CallForm(data, (int)offset + 4, isGeneral: false) != TlsCall.Unknown;

    /// <summary>
    /// General dynamic to local exec, or with <paramref name="isLocal"/> false to initial exec: <paramref name="value"/> is the offset
    /// from the thread pointer, or the slot's address less that of the byte behind the instruction's field.
    /// </summary>
    public static void RelaxTlsGd(Span<byte> data, int offset, int value, bool isLocal)
    {
        // mov %fs:0,%rax; lea x@tpoff(%rax),%rax  or  add x@gottpoff(%rip),%rax
        ReadOnlySpan<byte> load = [0x64, 0x48, 0x8b, 0x04, 0x25, 0, 0, 0, 0];
        bool isLarge = CallForm(data, offset + 4, isGeneral: true) == TlsCall.Large;
        int start = isLarge ? offset - 3 : offset - 4;
        load.CopyTo(data[start..]);
        ReadOnlySpan<byte> second = isLocal ? [0x48, 0x8d, 0x80] : [0x48, 0x03, 0x05];
        second.CopyTo(data[(start + 9)..]);
        BinaryPrimitives.WriteInt32LittleEndian(data[(start + 12)..], value);
        if (isLarge)
        {
            // nopw 0(%rax,%rax,1) fills the six bytes that are left.
            ReadOnlySpan<byte> fill = [0x66, 0x0f, 0x1f, 0x44, 0, 0];
            fill.CopyTo(data[(start + 16)..]);
        }
    }

    /// <summary>Where the field of the rewritten general dynamic sequence ends, from its relocation's place.</summary>
    public static int TlsGdFieldEnd(ReadOnlySpan<byte> data, int offset) =>
        CallForm(data, offset + 4, isGeneral: true) == TlsCall.Large ? 13 : 12;

    /// <summary>Local dynamic to local exec: the thread pointer itself is loaded.</summary>
    public static void RelaxTlsLd(Span<byte> data, int offset)
    {
        ReadOnlySpan<byte> load = [0x64, 0x48, 0x8b, 0x04, 0x25, 0, 0, 0, 0];
        TlsCall form = CallForm(data, offset + 4, isGeneral: false);
        int length = form switch { TlsCall.Direct => 12, TlsCall.Indirect => 13, _ => 22 };
        Span<byte> sequence = data.Slice(offset - 3, length);
        if (form == TlsCall.Large)
        {
            ReadOnlySpan<byte> nop = [0x66, 0x2e, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0, 0x0f, 0x1f, 0];
            load.CopyTo(sequence);
            nop.CopyTo(sequence[9..]);
            return;
        }
        // Prefixes fill up to the old length.
        sequence[..(length - 9)].Fill(0x66);
        load.CopyTo(sequence[(length - 9)..]);
    }

    /// <summary>Whether an initial exec load can be rewritten: mov or add with a field relative to %rip.</summary>
    public static bool CanRelaxTlsIe(ReadOnlySpan<byte> data, ulong offset)
    {
        if (offset < 3 || offset + 4 > (ulong)data.Length)
            return false;
        int rex = data[(int)offset - 3], opcode = data[(int)offset - 2], modRm = data[(int)offset - 1];
        return (modRm & 0xc7) == 5 && opcode is 0x8b or 0x03 && rex is 0x48 or 0x4c && (modRm & 0xc7) == 5;
    }

    /// <summary>Initial exec to local exec: the offset becomes an immediate.</summary>
    public static void RelaxTlsIe(Span<byte> data, int offset, int value)
    {
        ref byte rex = ref data[offset - 3];
        ref byte opcode = ref data[offset - 2];
        ref byte modRm = ref data[offset - 1];
        int register = modRm >> 3 & 7;
        bool isHigh = rex == 0x4c;
        if (opcode == 0x8b)
        {
            // mov x@gottpoff(%rip),%reg => mov $x,%reg
            rex = isHigh ? (byte)0x49 : (byte)0x48;
            opcode = 0xc7;
            modRm = (byte)(0xc0 | register);
        }
        else if (register == 4)
        {
            // add x@gottpoff(%rip),%rsp or %r12 => add $x,%reg: lea would need one byte more
            rex = isHigh ? (byte)0x49 : (byte)0x48;
            opcode = 0x81;
            modRm = (byte)(0xc0 | register);
        }
        else
        {
            // add x@gottpoff(%rip),%reg => lea x(%reg),%reg
            rex = isHigh ? (byte)0x4d : (byte)0x48;
            opcode = 0x8d;
            modRm = (byte)(0x80 | register << 3 | register);
        }
        BinaryPrimitives.WriteInt32LittleEndian(data[offset..], value);
    }

    /// <summary>Whether the lea of a descriptor can be rewritten.</summary>
    public static bool CanRelaxTlsDescriptor(ReadOnlySpan<byte> data, ulong offset) =>
        offset >= 3 && offset + 4 <= (ulong)data.Length && (data[(int)offset - 3] & 0xfb) == 0x48 && data[(int)offset - 2] == 0x8d
        && (data[(int)offset - 1] & 0xc7) == 5;

    /// <summary>A descriptor's lea to a mov of the offset (local exec) or a load of its slot (initial exec).</summary>
    public static void RelaxTlsDescriptor(Span<byte> data, int offset, int value, bool isLocal)
    {
        if (isLocal)
        {
            ref byte rex = ref data[offset - 3];
            rex = (byte)(0x48 | rex >> 2 & 1);
            data[offset - 2] = 0xc7;
            data[offset - 1] = (byte)(0xc0 | data[offset - 1] >> 3 & 7);
        }
        else
            data[offset - 2] = 0x8b;
        BinaryPrimitives.WriteInt32LittleEndian(data[offset..], value);
    }

    /// <summary>A descriptor's call to a nop of two bytes (three with an address size prefix).</summary>
    public static void RelaxTlsDescriptorCall(Span<byte> data, int offset)
    {
        if (data[offset] == 0x67 && offset + 3 <= data.Length)
        {
            ReadOnlySpan<byte> nop = [0x0f, 0x1f, 0x00];
            nop.CopyTo(data[offset..]);
        }
        else
        {
            data[offset] = 0x66;
            data[offset + 1] = 0x90;
        }
    }

    // ---- Procedure linkage table

    /// <summary>Writes the first PLT entry, which calls the dynamic linker's resolver.</summary>
    public static void WritePltHeader(Span<byte> to, ulong address, ulong gotPlt)
    {
        // push GOT+8(%rip); jmp *GOT+16(%rip); nopl 0(%rax)
        ReadOnlySpan<byte> code = [0xff, 0x35, 0, 0, 0, 0, 0xff, 0x25, 0, 0, 0, 0, 0x0f, 0x1f, 0x40, 0];
        code.CopyTo(to);
        BinaryPrimitives.WriteInt32LittleEndian(to[2..], (int)(gotPlt + 8 - (address + 6)));
        BinaryPrimitives.WriteInt32LittleEndian(to[8..], (int)(gotPlt + 16 - (address + 12)));
    }

    /// <summary>Writes a PLT entry that jumps through its slot, at first back into itself and to the resolver.</summary>
    public static void WritePltEntry(Span<byte> to, ulong address, ulong slot, int index, ulong header)
    {
        // jmp *slot(%rip); push $index; jmp PLT0
        ReadOnlySpan<byte> code = [0xff, 0x25, 0, 0, 0, 0, 0x68, 0, 0, 0, 0, 0xe9, 0, 0, 0, 0];
        code.CopyTo(to);
        BinaryPrimitives.WriteInt32LittleEndian(to[2..], (int)(slot - (address + 6)));
        BinaryPrimitives.WriteInt32LittleEndian(to[7..], index);
        BinaryPrimitives.WriteInt32LittleEndian(to[12..], header == 0 ? 0 : (int)(header - (address + 16)));
    }

    /// <summary>Writes a PLT entry that jumps through an ordinary GOT slot.</summary>
    public static void WritePltGotEntry(Span<byte> to, ulong address, ulong slot)
    {
        // jmp *slot(%rip); xchg %ax,%ax
        ReadOnlySpan<byte> code = [0xff, 0x25, 0, 0, 0, 0, 0x66, 0x90];
        code.CopyTo(to);
        BinaryPrimitives.WriteInt32LittleEndian(to[2..], (int)(slot - (address + 6)));
    }
}
