namespace Kiln.Linker.Relocations;

/// <summary>What the relocations ask the linker to make for a symbol.</summary>
[Flags]
internal enum Needs : ushort
{
    None = 0,

    /// <summary>A slot with its address in the GOT.</summary>
    Got = 1,

    /// <summary>An entry in the PLT.</summary>
    Plt = 2,

    /// <summary>A PLT entry whose address is the function's, as code takes it without the GOT.</summary>
    CanonicalPlt = 4,

    /// <summary>A copy of a library's variable.</summary>
    Copy = 8,

    /// <summary>Two GOT slots: module and offset of a thread-local variable.</summary>
    TlsGd = 0x10,

    /// <summary>A GOT slot with the offset from the thread pointer.</summary>
    TlsIe = 0x20,

    /// <summary>Two GOT slots for a TLS descriptor.</summary>
    TlsDescriptor = 0x40,

    /// <summary>It must be in the dynamic symbol table, as a dynamic relocation names it.</summary>
    Dynamic = 0x80,
}
