namespace Kiln.CodeGen.DebugInfo;

// DWARF 5's numbers (section 7), as far as a C compiler writes them.

internal enum Tag : byte
{
    ArrayType = 0x01,
    EnumerationType = 0x04,
    FormalParameter = 0x05,
    LexicalBlock = 0x0b,
    Member = 0x0d,
    PointerType = 0x0f,
    CompileUnit = 0x11,
    StructureType = 0x13,
    SubroutineType = 0x15,
    Typedef = 0x16,
    UnionType = 0x17,
    UnspecifiedParameters = 0x18,
    SubrangeType = 0x21,
    BaseType = 0x24,
    ConstType = 0x26,
    Enumerator = 0x28,
    Subprogram = 0x2e,
    Variable = 0x34,
    VolatileType = 0x35,
    RestrictType = 0x37,
    UnspecifiedType = 0x3b,
    AtomicType = 0x47,
}

internal enum At : ushort
{
    Location = 0x02,
    Name = 0x03,
    ByteSize = 0x0b,
    BitSize = 0x0d,
    StatementList = 0x10,
    LowPc = 0x11,
    HighPc = 0x12,
    Language = 0x13,
    CompilationDirectory = 0x1b,
    ConstantValue = 0x1c,
    Producer = 0x25,
    Prototyped = 0x27,
    UpperBound = 0x2f,
    Count = 0x37,
    DataMemberLocation = 0x38,
    DeclarationColumn = 0x39,
    DeclarationFile = 0x3a,
    DeclarationLine = 0x3b,
    Declaration = 0x3c,
    Encoding = 0x3e,
    External = 0x3f,
    FrameBase = 0x40,
    Type = 0x49,
    Ranges = 0x55,
    DataBitOffset = 0x6b,
    LinkageName = 0x6e,
    NoReturn = 0x87,
    Alignment = 0x88,
    GnuVector = 0x2107,
}

internal enum Form : byte
{
    Address = 0x01,
    Data8 = 0x07,
    String = 0x08,
    SData = 0x0d,
    StringPointer = 0x0e,
    UData = 0x0f,
    Reference4 = 0x13,
    SectionOffset = 0x17,
    Expression = 0x18,
    Present = 0x19,
}

/// <summary>Operations of expressions (2.5, 2.6).</summary>
internal static class Do
{
    public const int Address = 0x03, Dereference = 0x06, Constant8 = 0x0e, Minus = 0x1c, PlusConstant = 0x23, Literal0 = 0x30,
        Register0 = 0x50, BaseRegister0 = 0x70, RegisterX = 0x90, FrameBase = 0x91, BaseRegisterX = 0x92, FormTlsAddress = 0x9b,
        CallFrameCfa = 0x9c, StackValue = 0x9f;
}

/// <summary>Encodings of base types (7.8).</summary>
internal static class BaseEncoding
{
    public const int Boolean = 2, ComplexFloat = 3, Float = 4, Signed = 5, SignedChar = 6, Unsigned = 7, UnsignedChar = 8,
        ComplexInteger = 0x80;
}

/// <summary>Languages (7.12).</summary>
internal static class SourceLanguage
{
    public const int C89 = 0x01, C99 = 0x0c, C11 = 0x1d;
}

/// <summary>Entries of range lists and location lists (7.25, 7.7.3).</summary>
internal static class ListEntry
{
    public const int End = 0, LocationStartLength = 8, RangeStartLength = 7;
}
