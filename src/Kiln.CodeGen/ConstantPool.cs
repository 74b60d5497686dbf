using Kiln.Assembler.Sections;
using Kiln.Object.Elf;

namespace Kiln.CodeGen;

/// <summary>
/// Read-only constants of a module that code loads from memory: each distinct pattern once, in .rodata.cst4/8/16/32 (merged by the
/// linker). Ids are dense from 0; the label is made at once, the bytes at the module's end.
/// </summary>
public sealed class ConstantPool(Emitter emitter)
{
    private readonly Dictionary<(UInt128 Low, UInt128 High, int Size), int> _ids = [];
    private readonly List<(UInt128 Low, UInt128 High, int Size, int Label)> _entries = [];

    /// <summary>The id of a constant of 4, 8 or 16 bytes.</summary>
    public int Add(UInt128 bits, int size) => Add(bits, 0, size);

    /// <summary>The id of a constant of 4, 8, 16 or 32 bytes.</summary>
    public int Add(UInt128 low, UInt128 high, int size)
    {
        if (!_ids.TryGetValue((low, high, size), out int id))
        {
            id = _entries.Count;
            _entries.Add((low, high, size, emitter.Temporary()));
            _ids.Add((low, high, size), id);
        }
        return id;
    }

    /// <summary>The id of a constant given by its bytes: 4, 8, 16 or 32.</summary>
    public int Add(ReadOnlySpan<byte> bytes)
    {
        UInt128 low = 0, high = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            if (i < 16)
                low |= (UInt128)bytes[i] << i * 8;
            else
                high |= (UInt128)bytes[i] << (i - 16) * 8;
        }
        return Add(low, high, bytes.Length);
    }

    /// <summary>The emitter's label of a constant.</summary>
    public int Label(int id) => _entries[id].Label;

    /// <summary>Emits all constants.</summary>
    public void Emit()
    {
        foreach (int size in (ReadOnlySpan<int>)[32, 16, 8, 4])
        {
            bool isEntered = false;
            foreach ((UInt128 low, UInt128 high, int entrySize, int label) in _entries)
            {
                if (entrySize != size)
                    continue;
                if (!isEntered)
                {
                    emitter.SwitchSection(emitter.Section($".rodata.cst{size}", SectionType.ProgBits, SectionFlags.Alloc | SectionFlags.Merge,
                        size));
                    emitter.Align(size);
                    isEntered = true;
                }
                emitter.Label(label);
                emitter.Integer((ulong)low, Math.Min(size, 8));
                if (size >= 16)
                    emitter.Integer((ulong)(low >> 64), 8);
                if (size == 32)
                {
                    emitter.Integer((ulong)high, 8);
                    emitter.Integer((ulong)(high >> 64), 8);
                }
            }
        }
        _entries.Clear();
        _ids.Clear();
    }
}
