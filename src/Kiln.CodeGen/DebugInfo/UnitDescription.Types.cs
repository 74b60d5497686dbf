using Kiln.Base;
using Kiln.CodeGen.Machine;
using Kiln.IR;

namespace Kiln.CodeGen.DebugInfo;

// Types: an entry each for those that something refers to (DWARF 5, chapter 5).
internal sealed partial class UnitDescription
{
    private readonly GrowBuffer<int> _typeOffsets = new(256);
    private readonly GrowBuffer<int> _wantedTypes = new(256);
    private readonly BitSet _isWanted = new(1024);
    private int _wantedLimit = 1024;
    private int _sizeType = -1;

    /// <summary>The type attribute of the entry at hand; void has none.</summary>
    private void TypeOf(int type)
    {
        if (type == 0)
            return;
        Want(type);
        _entries.Type(At.Type, type);
    }

    private void Want(int type)
    {
        if (type >= _wantedLimit)
        {
            int limit = Math.Max(type + 1, _wantedLimit * 4);
            var larger = new BitSet(limit);
            for (int i = _isWanted.NextFrom(0); i >= 0; i = _isWanted.NextFrom(i + 1))
                larger.Add(i);
            _isWanted.Reset(limit);
            _isWanted.CopyFrom(larger);
            _wantedLimit = limit;
        }
        if (_isWanted.Add(type))
            _wantedTypes.Add(type);
    }

    private bool IsWritten(int type) => type < _typeOffsets.Count && _typeOffsets[type] != 0;

    /// <summary>The types that mean something in the function's frame only.</summary>
    private void LocalTypes(MachineFunction machine)
    {
        foreach (int type in machine.Source.LocalTypes.Span)
        {
            if (!IsWritten(type))
                WriteType(type, machine);
        }
    }

    /// <summary>Writes all types that were referred to, and those that they refer to.</summary>
    private void WriteTypes()
    {
        for (int i = 0; i < _wantedTypes.Count; i++)
        {
            if (!IsWritten(_wantedTypes[i]))
                WriteType(_wantedTypes[i], null);
        }
        if (_typeOffsets.Count < _tables.Types.Count)
            _typeOffsets.Resize(_tables.Types.Count);
    }

    private void WriteType(int index, MachineFunction? machine)
    {
        if (_typeOffsets.Count <= index)
            _typeOffsets.Resize(Math.Max(index + 1, _tables.Types.Count));
        _typeOffsets[index] = _entries.Length;
        DebugType type = _tables.Types[index];
        switch (type.Kind)
        {
            case DebugTypeKind.Signed:
                BaseType(type, BaseEncoding.Signed);
                break;
            case DebugTypeKind.Unsigned:
                BaseType(type, BaseEncoding.Unsigned);
                break;
            case DebugTypeKind.SignedChar:
                BaseType(type, BaseEncoding.SignedChar);
                break;
            case DebugTypeKind.UnsignedChar:
                BaseType(type, BaseEncoding.UnsignedChar);
                break;
            case DebugTypeKind.Boolean:
                BaseType(type, BaseEncoding.Boolean);
                break;
            case DebugTypeKind.Float:
                BaseType(type, BaseEncoding.Float);
                break;
            case DebugTypeKind.ComplexFloat:
                BaseType(type, BaseEncoding.ComplexFloat);
                break;
            case DebugTypeKind.ComplexInteger:
                BaseType(type, BaseEncoding.ComplexInteger);
                break;
            case DebugTypeKind.Unspecified:
                _entries.Begin(Tag.UnspecifiedType);
                _entries.String(At.Name, type.Name!);
                _entries.End();
                break;
            case DebugTypeKind.Pointer:
                _entries.Begin(Tag.PointerType);
                _entries.Number(At.ByteSize, type.Size);
                TypeOf(type.Base);
                _entries.End();
                break;
            case DebugTypeKind.Const:
                Modified(Tag.ConstType, type);
                break;
            case DebugTypeKind.Volatile:
                Modified(Tag.VolatileType, type);
                break;
            case DebugTypeKind.Restrict:
                Modified(Tag.RestrictType, type);
                break;
            case DebugTypeKind.Atomic:
                Modified(Tag.AtomicType, type);
                break;
            case DebugTypeKind.Typedef:
                _entries.Begin(Tag.Typedef);
                _entries.String(At.Name, type.Name!);
                Declared(type.Location);
                TypeOf(type.Base);
                if (type.Alignment != 0)
                    _entries.Number(At.Alignment, type.Alignment);
                _entries.End();
                break;
            case DebugTypeKind.Array or DebugTypeKind.Vector:
                ArrayType(type, machine);
                break;
            case DebugTypeKind.Structure or DebugTypeKind.Union:
                RecordType(type);
                break;
            case DebugTypeKind.Enumeration:
                EnumerationType(type);
                break;
            case DebugTypeKind.Function:
                SubroutineType(type);
                break;
            default:
                throw new InvalidOperationException($"an entry for a type of kind {type.Kind}");
        }
    }

    private void BaseType(DebugType type, int encoding)
    {
        _entries.Begin(Tag.BaseType);
        _entries.Number(At.ByteSize, type.Size);
        _entries.Number(At.Encoding, encoding);
        _entries.String(At.Name, type.Name!);
        _entries.End();
    }

    private void Modified(Tag tag, DebugType type)
    {
        _entries.Begin(tag);
        TypeOf(type.Base);
        _entries.End();
    }

    // All dimensions are one entry.
    private void ArrayType(DebugType type, MachineFunction? machine)
    {
        DebugType element = type;
        int elementIndex;
        do
        {
            elementIndex = element.Base;
            element = _tables.Types[elementIndex];
        }
        while (type.Kind == DebugTypeKind.Array && element.Kind == DebugTypeKind.Array);
        _entries.Begin(Tag.ArrayType, hasChildren: true);
        if (type.Kind == DebugTypeKind.Vector)
            _entries.Present(At.GnuVector);
        TypeOf(elementIndex);
        _entries.End();
        for (DebugType dimension = type; ; dimension = _tables.Types[dimension.Base])
        {
            Dimension(dimension, machine);
            if (dimension.Base == elementIndex)
                break;
        }
        _entries.EndChildren();
    }

    private void Dimension(DebugType dimension, MachineFunction? machine)
    {
        _entries.Begin(Tag.SubrangeType);
        TypeOf(SizeType());
        if (dimension.Count > 0)
            _entries.Number(At.UpperBound, dimension.Count - 1);
        else if (dimension.Count == 0)
            _entries.Number(At.Count, 0);
        else if (dimension.BoundSlot != 0 && machine is not null && IsInFrame(machine, dimension.BoundSlot))
        {
            _expression.Clear();
            FramePlace(machine, dimension.BoundSlot, 0);
            _expression.U8(Do.Dereference);
            _expression.U8(Do.Literal0 + 1);
            _expression.U8(Do.Minus);
            _entries.Expression(At.UpperBound, _expression.Span);
        }
        _entries.End();
    }

    /// <summary>The type of subscripts: size_t's.</summary>
    private int SizeType()
    {
        if (_sizeType >= 0)
            return _sizeType;
        int size = _emitter.Target.PointerSize;
        string name = size == _emitter.Target.LongSize ? "long unsigned int" : "unsigned int";
        _sizeType = _tables.Types.FindIndex(type => type.Kind == DebugTypeKind.Unsigned && type.Name == name);
        if (_sizeType < 0)
        {
            _sizeType = _tables.Types.Count;
            _tables.Types.Add(new DebugType { Kind = DebugTypeKind.Unsigned, Name = name, Size = size });
        }
        return _sizeType;
    }

    private void RecordType(DebugType type)
    {
        bool hasMembers = type.Members.Count > 0;
        _entries.Begin(type.Kind == DebugTypeKind.Union ? Tag.UnionType : Tag.StructureType, hasMembers);
        if (type.Name is not null)
            _entries.String(At.Name, type.Name);
        if (type.IsOpen)
            _entries.Present(At.Declaration);
        else if (type.Size >= 0)
            _entries.Number(At.ByteSize, type.Size);
        if (!type.IsOpen)
            Declared(type.Location);
        _entries.End();
        if (!hasMembers)
            return;
        foreach (DebugMember member in type.Members)
        {
            _entries.Begin(Tag.Member);
            if (member.Name is not null)
            {
                _entries.String(At.Name, member.Name);
                Declared(member.Location);
            }
            TypeOf(member.Type);
            if (member.BitSize != 0)
            {
                _entries.Number(At.BitSize, member.BitSize);
                _entries.Number(At.DataBitOffset, member.BitOffset);
            }
            else if (type.Kind == DebugTypeKind.Structure && member.Offset >= 0)
            {
                _entries.Number(At.DataMemberLocation, member.Offset);
            }
            _entries.End();
        }
        _entries.EndChildren();
    }

    private void EnumerationType(DebugType type)
    {
        bool hasMembers = type.Members.Count > 0;
        _entries.Begin(Tag.EnumerationType, hasMembers);
        if (type.Name is not null)
            _entries.String(At.Name, type.Name);
        if (type.IsOpen)
        {
            _entries.Present(At.Declaration);
        }
        else
        {
            DebugTypeKind values = _tables.Types[type.Base].Kind;
            _entries.Number(At.Encoding, values == DebugTypeKind.Signed ? BaseEncoding.Signed : BaseEncoding.Unsigned);
            _entries.Number(At.ByteSize, type.Size);
            TypeOf(type.Base);
            Declared(type.Location);
        }
        _entries.End();
        if (!hasMembers)
            return;
        foreach (DebugMember member in type.Members)
        {
            _entries.Begin(Tag.Enumerator);
            _entries.String(At.Name, member.Name!);
            _entries.Number(At.ConstantValue, member.Offset);
            _entries.End();
        }
        _entries.EndChildren();
    }

    private void SubroutineType(DebugType type)
    {
        bool hasChildren = type.IsPrototyped && (type.Members.Count > 0 || type.IsOpen);
        _entries.Begin(Tag.SubroutineType, hasChildren);
        if (type.IsPrototyped)
            _entries.Present(At.Prototyped);
        TypeOf(type.Base);
        _entries.End();
        if (!hasChildren)
            return;
        foreach (DebugMember parameter in type.Members)
        {
            _entries.Begin(Tag.FormalParameter);
            TypeOf(parameter.Type);
            _entries.End();
        }
        if (type.IsOpen)
        {
            _entries.Begin(Tag.UnspecifiedParameters);
            _entries.End();
        }
        _entries.EndChildren();
    }
}
