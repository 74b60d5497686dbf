namespace Kiln.Linker.Relocations;

/// <summary>What a relocation asks for, whatever the machine. S is the symbol's address, A the addend, P the place.</summary>
internal enum RelocationKind : byte
{
    /// <summary>The machine has no such relocation.</summary>
    Unknown,

    /// <summary>Nothing to do.</summary>
    None,

    /// <summary>S + A</summary>
    Absolute,

    /// <summary>S + A - P</summary>
    PcRelative,

    /// <summary>The same to the PLT entry, if the symbol needs one.</summary>
    Plt,

    /// <summary>The PLT entry or the symbol, from the GOT's base.</summary>
    PltFromGot,

    /// <summary>The symbol's GOT slot - P</summary>
    GotPc,

    /// <summary>The same, in an instruction that may be rewritten to do without the slot.</summary>
    GotPcRelaxable,

    /// <summary>The symbol's GOT slot from the GOT's base.</summary>
    GotSlot,

    /// <summary>The GOT's base - P</summary>
    GotBasePc,

    /// <summary>S + A from the GOT's base.</summary>
    FromGot,

    /// <summary>The symbol's size + A</summary>
    Size,

    /// <summary>General dynamic: the pair of slots for module and offset - P</summary>
    TlsGd,

    /// <summary>Local dynamic: the pair of slots for the own module - P</summary>
    TlsLd,

    /// <summary>The offset in the module's own block.</summary>
    TlsModuleOffset,

    /// <summary>Initial exec: the slot with the offset from the thread pointer - P</summary>
    TlsIe,

    /// <summary>Local exec: the offset from the thread pointer.</summary>
    TlsLe,

    /// <summary>The descriptor's pair of slots - P</summary>
    TlsDescriptor,

    /// <summary>Marks the call through a descriptor.</summary>
    TlsDescriptorCall,

    /// <summary>Valid in a loaded image only.</summary>
    DynamicOnly,
}

/// <summary>How a field holds its value.</summary>
internal enum FieldCheck : byte
{
    /// <summary>Any value is cut to the field.</summary>
    None,

    /// <summary>The value must be the sign extension of the field.</summary>
    Signed,

    /// <summary>The value must be the zero extension of the field.</summary>
    Unsigned,

    /// <summary>Either.</summary>
    Either,
}
