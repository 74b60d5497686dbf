using System.Text;
using Kiln.Assembler.Sections;
using Kiln.Base;

namespace Kiln.CodeGen.DebugInfo;

// Writes debugging information entries.
//
// An entry's attributes are collected (name and form in one buffer, values in another) until End, which looks up the abbreviation of
// that shape, numbers it when it is new, and appends the number and the values. Every value has a size that is known at once, so
// that offsets are numbers; what only the assembler knows (addresses, distances, places of strings) is a hole, filled by the
// emitter when the bytes are handed to it. References to types are holes too, filled when all entries are written.

/// <summary>Abbreviations, shared by the writers of one unit.</summary>
internal sealed class Abbreviations
{
    private readonly Interner _shapes = new();

    /// <summary>The number of a shape: tag, whether there are children, then names and forms, all as in <c>.debug_abbrev</c>.</summary>
    public int Number(ReadOnlySpan<byte> shape) => _shapes.Intern(shape);

    public void Emit(Emitter emitter)
    {
        var bytes = new ByteWriter(1024);
        for (int number = 1; number < _shapes.Count; number++)
        {
            bytes.Uleb((ulong)number);
            bytes.Bytes(_shapes.Bytes(number));
            bytes.U16(0);
        }
        bytes.U8(0);
        emitter.Data(bytes.Span);
    }
}

/// <summary>The strings of <c>.debug_str</c>, each once, with a label each: the linker merges them.</summary>
internal sealed class DebugStrings(Emitter emitter)
{
    private readonly Interner _strings = new();
    private readonly GrowBuffer<int> _labels = new(64);

    public int Label(ReadOnlySpan<byte> text)
    {
        int id = _strings.Intern(text);
        if (id >= _labels.Count)
            _labels.Resize(id + 1);
        ref int label = ref _labels[id];
        if (label == 0)
            label = emitter.Temporary();
        return label;
    }

    public void Emit()
    {
        for (int id = 1; id < _labels.Count; id++)
        {
            if (_labels[id] == 0)
                continue;
            emitter.Label(_labels[id]);
            emitter.Data(_strings.Bytes(id));
            emitter.Data([0]);
        }
    }
}

/// <summary>Writes entries. See the file's header.</summary>
internal sealed class EntryWriter(Abbreviations abbreviations, DebugStrings strings)
{
    private record struct Hole(int Offset, int Value, int Size, int Modifier);

    private readonly ByteWriter _bytes = new(4096);
    private readonly GrowBuffer<Hole> _holes = new(256);
    private readonly GrowBuffer<(int Offset, int Type)> _references = new(256);
    private readonly ByteWriter _shape = new(64);
    private readonly ByteWriter _values = new(128);
    private int _entryHoles, _entryReferences;
    private byte[] _text = new byte[256];

    /// <summary>How many bytes are written: the offset of the next entry.</summary>
    public int Length => _bytes.Length;

    /// <summary>Starts an entry; its children come behind it, up to <see cref="EndChildren"/>.</summary>
    public void Begin(Tag tag, bool hasChildren = false)
    {
        _shape.Clear();
        _values.Clear();
        _entryHoles = _holes.Count;
        _entryReferences = _references.Count;
        _shape.Uleb((ulong)tag);
        _shape.U8(hasChildren ? 1 : 0);
    }

    /// <summary>Ends the entry's attributes.</summary>
    public void End()
    {
        _bytes.Uleb((ulong)abbreviations.Number(_shape.Span));
        int at = _bytes.Length;
        for (int i = _entryHoles; i < _holes.Count; i++)
            _holes[i].Offset += at;
        for (int i = _entryReferences; i < _references.Count; i++)
            _references[i].Offset += at;
        _bytes.Bytes(_values.Span);
    }

    public void EndChildren() => _bytes.U8(0);

    private void Attribute(At name, Form form)
    {
        _shape.Uleb((ulong)name);
        _shape.Uleb((ulong)form);
    }

    public void Number(At name, long value)
    {
        if (value >= 0)
        {
            Attribute(name, Form.UData);
            _values.Uleb((ulong)value);
            return;
        }
        Attribute(name, Form.SData);
        _values.Sleb(value);
    }

    public void Present(At name) => Attribute(name, Form.Present);

    public void String(At name, string text)
    {
        int most = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (_text.Length < most)
            _text = new byte[most * 2];
        ReadOnlySpan<byte> bytes = _text.AsSpan(0, Encoding.UTF8.GetBytes(text, _text));
        // No longer than a reference to it: in its place.
        if (bytes.Length < 4)
        {
            Attribute(name, Form.String);
            _values.Bytes(bytes);
            _values.U8(0);
            return;
        }
        Attribute(name, Form.StringPointer);
        Fill(strings.Label(bytes), 4);
    }

    public void Address(At name, int symbol)
    {
        Attribute(name, Form.Address);
        Fill(symbol, 8);
    }

    /// <summary>A distance that the assembler finds.</summary>
    public void Distance(At name, int value)
    {
        Attribute(name, Form.Data8);
        Fill(value, 8);
    }

    public void SectionOffset(At name, int symbol)
    {
        Attribute(name, Form.SectionOffset);
        Fill(symbol, 4);
    }

    /// <summary>A reference to the entry of a type, by the type's number.</summary>
    public void Type(At name, int type)
    {
        Attribute(name, Form.Reference4);
        _references.Add((_values.Length, type));
        _values.U32(0);
    }

    /// <summary>An expression that has no holes.</summary>
    public void Expression(At name, ReadOnlySpan<byte> operations)
    {
        Attribute(name, Form.Expression);
        _values.Uleb((ulong)operations.Length);
        _values.Bytes(operations);
    }

    /// <summary>The expression that is a symbol's address.</summary>
    public void SymbolExpression(At name, int symbol)
    {
        Attribute(name, Form.Expression);
        _values.U8(9);
        _values.U8(Do.Address);
        Fill(symbol, 8);
    }

    /// <summary>The expression that is a thread-local symbol's address in the current thread.</summary>
    public void ThreadExpression(At name, int symbol, int modifier)
    {
        Attribute(name, Form.Expression);
        _values.U8(10);
        _values.U8(Do.Constant8);
        Fill(symbol, 4, modifier);
        _values.U32(0);
        _values.U8(Do.FormTlsAddress);
    }

    private void Fill(int value, int size, int modifier = 0)
    {
        _holes.Add(new Hole(_values.Length, value, size, modifier));
        _values.Fill(0, size);
    }

    /// <summary>Fills the references to types.</summary>
    /// <param name="offsets">Where the entries of types are, by number, from the first byte of this writer on.</param>
    /// <param name="start">Where this writer's first byte is in the unit.</param>
    public void Resolve(ReadOnlySpan<int> offsets, int start)
    {
        foreach ((int offset, int type) in _references.Span)
            _bytes.PatchU32(offset, offsets[type] + start);
    }

    /// <summary>Hands the bytes to the emitter.</summary>
    public void Emit(Emitter emitter)
    {
        int at = 0;
        foreach (ref readonly Hole hole in _holes.Span)
        {
            if (hole.Offset > at)
                emitter.Data(_bytes.Span[at..hole.Offset]);
            emitter.Value(hole.Value, hole.Size, 0, hole.Modifier);
            at = hole.Offset + hole.Size;
        }
        if (at < _bytes.Length)
            emitter.Data(_bytes.Span[at..]);
    }
}
