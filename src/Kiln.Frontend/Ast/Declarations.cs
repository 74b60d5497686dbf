// Declarations: what names stand for. A redeclaration adds to the object that the first one made, so that one entity
// is one object throughout the translation unit, whatever scopes its declarations stand in.

using Kiln.Base;
using Kiln.Frontend.Builtins;
using Kiln.Frontend.Types;

namespace Kiln.Frontend.Ast;

public enum DeclarationKind : byte
{
    Variable,
    Function,
    Typedef,
    EnumConstant,
    Label,
}

/// <summary>Who else can see a name (C17 6.2.2).</summary>
public enum Linkage : byte
{
    None,
    Internal,
    External,
}

/// <summary>ELF visibility.</summary>
public enum Visibility : byte
{
    Default,
    Internal,
    Hidden,
    Protected,
}

/// <summary>How a thread-local variable is reached (attribute tls_model; the consumer strengthens Default).</summary>
public enum TlsModel : byte
{
    /// <summary>Not thread-local.</summary>
    None,
    /// <summary>Thread-local, model chosen by -ftls-model and the kind of output.</summary>
    Default,
    GlobalDynamic,
    LocalDynamic,
    InitialExec,
    LocalExec,
}

/// <summary>Something that a name stands for.</summary>
public abstract class Declaration : ISlotted
{
    private protected Declaration(DeclarationKind kind, int name, Location location)
    {
        Kind = kind;
        Name = name;
        Location = location;
    }

    public DeclarationKind Kind { get; }

    /// <summary>The name (interned), or 0.</summary>
    public int Name { get; }

    /// <summary>The place of the name in its (defining, once seen) declaration.</summary>
    public Location Location { get; internal set; }

    /// <summary>The type.</summary>
    public QualType Type { get; internal set; }

    /// <summary>The message of attribute deprecated or unavailable, or null.</summary>
    public string? Deprecated { get; internal set; }

    internal bool IsUnavailable { get; set; }

    /// <summary>Whether something names it (unevaluated operands aside).</summary>
    public bool IsUsed { get; internal set; }

    /// <summary>Free for the consumer of the tree.</summary>
    public int Slot { get; set; }

    void ISlotted.ClearSlots() => Slot = 0;
}

/// <summary>What a variable or a function is as a symbol of the object file.</summary>
public sealed class SymbolAttributes
{
    /// <summary>The name given by an asm label, interned, as it stands in the object file; or 0.</summary>
    public int AssemblerName { get; internal set; }

    /// <summary>The section, or null.</summary>
    public string? Section { get; internal set; }

    /// <summary>The symbol that this one is an alias of (interned), or 0. No definition goes with it.</summary>
    public int AliasOf { get; internal set; }

    /// <summary>The symbol that calls go to when this weak reference is undefined (attribute weakref), or 0.</summary>
    public int WeakReferenceTo { get; internal set; }

    /// <summary>The resolver of an indirect function (attribute ifunc), or 0.</summary>
    public int IndirectResolver { get; internal set; }

    public bool IsWeak { get; internal set; }

    /// <summary>Kept in the output whether referred to or not (attribute used).</summary>
    public bool IsUsed { get; internal set; }

    /// <summary>Kept by the linker too (attribute retain).</summary>
    public bool IsRetained { get; internal set; }

    public Visibility Visibility { get; internal set; }

    /// <summary>Whether an attribute says the visibility (else -fvisibility does).</summary>
    public bool HasVisibility { get; internal set; }

    /// <summary>The symbol version (attribute symver), or null.</summary>
    public string? SymbolVersion { get; internal set; }
}

/// <summary>A variable or a function: an entity that a symbol may stand for.</summary>
public abstract class EntityDeclaration : Declaration
{
    private protected EntityDeclaration(DeclarationKind kind, int name, Location location) : base(kind, name, location)
    {
    }

    public Linkage Linkage { get; internal set; }

    /// <summary>Attributes of the symbol, or null where there are none.</summary>
    public SymbolAttributes? Symbol { get; internal set; }

    /// <summary>The function in whose body it is declared, or null.</summary>
    public FunctionDeclaration? Function { get; internal set; }

    /// <summary>Alignment in bytes asked for by an attribute or <c>_Alignas</c>, or 0.</summary>
    public int RequestedAlignment { get; internal set; }

    /// <summary>The name (interned) that its symbol has in the object file.</summary>
    public int SymbolName { get; internal set; }

    public bool IsWeak => Symbol is { IsWeak: true };
}

/// <summary>How long a variable lives and where.</summary>
public enum StorageClass : byte
{
    /// <summary>In the frame of its function.</summary>
    Automatic,
    /// <summary>Automatic, declared <c>register</c>; in a named register where <see cref="VariableDeclaration.RegisterName"/> is set.</summary>
    Register,
    /// <summary>A parameter.</summary>
    Parameter,
    /// <summary>In the image, at file scope or declared <c>static</c>; thread-local where a TLS model is set.</summary>
    Static,
    /// <summary>Declared <c>extern</c> (until a definition makes it Static).</summary>
    Extern,
}

/// <summary>A variable or a parameter.</summary>
public sealed class VariableDeclaration : EntityDeclaration
{
    internal VariableDeclaration(int name, Location location) : base(DeclarationKind.Variable, name, location)
    {
    }

    public StorageClass Storage { get; internal set; }

    /// <summary>Whether -ftrivial-auto-var-init leaves it alone (attribute uninitialized).</summary>
    public bool IsUninitialized { get; internal set; }

    /// <summary>Whether this unit defines it (tentative definitions included).</summary>
    public bool IsDefined { get; internal set; }

    /// <summary>Defined without an initializer at file scope: becomes a common symbol where -fcommon or attribute common says so.</summary>
    public bool IsTentative { get; internal set; }

    /// <summary>Attribute common (true), nocommon (false), or neither.</summary>
    public bool? Common { get; internal set; }

    public TlsModel TlsModel { get; internal set; }

    /// <summary>The initial value of a variable in the image; null for zero.</summary>
    public StaticImage? Image { get; internal set; }

    /// <summary>The initial value of an automatic variable: an expression, or an <see cref="InitializerList"/>; null for none.</summary>
    public Expression? Initializer { get; internal set; }

    /// <summary>The register of <c>register int x asm("ebx")</c>, without a percent sign, or null.</summary>
    public string? RegisterName { get; internal set; }

    /// <summary>The function to call with its address when its scope ends (attribute cleanup), or null.</summary>
    public FunctionDeclaration? Cleanup { get; internal set; }

    /// <summary>Whether its address is taken, so that it must be in memory (arrays and records aside).</summary>
    public bool IsAddressTaken { get; internal set; }

    /// <summary>Whether a nested function reads or writes it through the static chain.</summary>
    public bool IsCaptured { get; internal set; }

    /// <summary>Whether something assigns to it after its initialization, or may.</summary>
    public bool IsAssigned { get; internal set; }

    /// <summary>Attribute unused or [[maybe_unused]].</summary>
    public bool MayBeUnused { get; internal set; }

    /// <summary>Whether its name occurs behind its declaration, be it in what is not evaluated (for warnings).</summary>
    internal bool IsMentioned { get; set; }

    /// <summary>Whether something may read it (for warnings).</summary>
    internal bool IsRead { get; set; }

    /// <summary>A parameter's number, from 0.</summary>
    public int ParameterIndex { get; internal set; }

    /// <summary>The value that each read gives of a <c>const</c> or <c>constexpr</c> variable of scalar type, where known.</summary>
    internal Expression? ConstantValue { get; set; }

    /// <summary>The alignment in bytes of the variable.</summary>
    public int Alignment => RequestedAlignment > Type.Alignment || RequestedAlignment != 0 && Type.AlignmentCode == 0 && RequestedAlignment > Type.Type.Alignment
        ? RequestedAlignment
        : Type.Alignment;

    /// <summary>Whether it lives in a function's frame (or a register).</summary>
    public bool IsAutomatic => Storage <= StorageClass.Parameter;
}

/// <summary>What a function's attributes and specifiers say of its code.</summary>
[Flags]
public enum FunctionFlags : uint
{
    None = 0,
    Inline = 1,
    AlwaysInline = 2,
    NoInline = 4,
    /// <summary>gnu_inline: an inline definition with <c>extern</c> is for inlining alone, one without is external.</summary>
    GnuInline = 8,
    NoReturn = 1 << 4,
    /// <summary>No prologue, no epilogue; the body is asm.</summary>
    Naked = 1 << 5,
    Cold = 1 << 6,
    Hot = 1 << 7,
    /// <summary>Attribute used aside (it is the symbol's): never cloned, nor its calls folded.</summary>
    NoClone = 1 << 8,
    NoIpa = 1 << 9,
    Artificial = 1 << 10,
    Flatten = 1 << 11,
    NoInstrument = 1 << 12,
    NoStackProtector = 1 << 13,
    Interrupt = 1 << 14,
    /// <summary>Its prologue may not save registers in other than the default way (attribute no_caller_saved_registers).</summary>
    NoCallerSaved = 1 << 15,
    /// <summary>Has the address of a label or <c>__builtin_setjmp</c>, calls a returns_twice function, or <c>__builtin_apply_args</c>: not to be inlined.</summary>
    NotInlinable = 1 << 16,
    /// <summary>Calls alloca.</summary>
    CallsAlloca = 1 << 17,
    /// <summary>Calls a returns_twice function, or __builtin_setjmp.</summary>
    CallsReturnsTwice = 1 << 18,
    /// <summary>A nested function reads its frame through the static chain, or jumps to a label of it.</summary>
    HasNestedFunctions = 1 << 19,
    /// <summary>A nested function that reads the static chain.</summary>
    NeedsStaticChain = 1 << 20,
    /// <summary>No optimization (attribute optimize("O0")).</summary>
    OptimizeNone = 1 << 21,
    ForceAlignArgPointer = 1 << 22,
    NoPlt = 1 << 23,
    /// <summary>Uses va_start.</summary>
    UsesVaStart = 1 << 24,
    MayBeUnused = 1 << 25,
    /// <summary>Accesses memory without regard to types (attribute optimize("no-strict-aliasing")).</summary>
    NoStrictAliasing = 1 << 26,
    /// <summary>Uses __builtin_va_arg_pack or __builtin_va_arg_pack_len.</summary>
    UsesArgumentPack = 1 << 27,
}

/// <summary>A function.</summary>
public sealed class FunctionDeclaration : EntityDeclaration
{
    internal FunctionDeclaration(int name, Location location) : base(DeclarationKind.Function, name, location)
    {
    }

    /// <summary>The type.</summary>
    public FunctionType FunctionType => (FunctionType)Type.Type;

    public FunctionFlags Flags { get; internal set; }

    /// <summary>Whether this unit defines it (its tree may have been dropped since).</summary>
    public bool IsDefined { get; internal set; }

    /// <summary>
    /// The definition, once seen. The consumer drops it by setting null when it has lowered the function; a function
    /// that need not be emitted keeps it until something refers to it.
    /// </summary>
    public FunctionDefinition? Definition { get; set; }

    /// <summary>Whether this unit must emit the definition although nothing refers to it. Final at the end of the unit only for
    /// inline functions (C17 6.7.4p7: a declaration without <c>inline</c> makes the definition external).</summary>
    public bool MustEmit { get; internal set; }

    /// <summary>Whether a definition is for inlining alone: calls that are not inlined go to another unit's.</summary>
    public bool IsInlineOnly { get; internal set; }

    /// <summary>The builtin that calls to it mean (<c>memcpy</c>), or null. A definition of the unit's own does not take that away.</summary>
    public BuiltinInfo? Builtin { get; internal set; }

    /// <summary>The priority of a constructor (65535 where not given), or -1.</summary>
    public int ConstructorPriority { get; internal set; } = -1;

    /// <summary>The priority of a destructor (65535 where not given), or -1.</summary>
    public int DestructorPriority { get; internal set; } = -1;

    /// <summary>The string of attribute target, or null.</summary>
    public string? TargetFeatures { get; internal set; }

    /// <summary>Parameters (from 1) that are never null; null for none; empty for all pointers.</summary>
    public int[]? NonNullParameters { get; internal set; }

    /// <summary>The message of attribute error or warning: to be given for a call that is left after optimization.</summary>
    public string? CallMessage { get; internal set; }

    /// <summary>Whether <see cref="CallMessage"/> is an error.</summary>
    public bool IsCallError { get; internal set; }

    /// <summary>Attribute alloc_size, from 1: the parameter with the size, and with the number of elements or 0.</summary>
    public (int Size, int Count) AllocationSize { get; internal set; }

    /// <summary>Attribute assume_aligned on the result, in bytes; 0 for none.</summary>
    public int ResultAlignment { get; internal set; }

    internal bool HasInlineDeclarationOnly { get; set; } = true;
    internal bool WasImplicit { get; set; }

    /// <summary>The parameters of its old style definition, or null.</summary>
    internal VariableDeclaration[]? OldParameters { get; set; }
    internal SentinelAttribute? Sentinel { get; set; }

    /// <summary>Attributes format, or null.</summary>
    internal FormatAttribute[]? Formats { get; set; }

    /// <summary>Attributes format_arg: the parameters (from 1) that formats come through, or null.</summary>
    internal int[]? FormatArguments { get; set; }
}

internal sealed record SentinelAttribute(int Position);

internal sealed record FormatAttribute(int Kind, int FormatIndex, int FirstArgument);

/// <summary>A function's body with its parameters.</summary>
public sealed class FunctionDefinition
{
    public required FunctionDeclaration Declaration { get; init; }

    /// <summary>The function that the body's labels, variables and bounds name as theirs: not <see cref="Declaration"/> where a body
    /// is shared (<see cref="ArgumentPack"/>).</summary>
    public FunctionDeclaration Owner => SharedFrom ?? Declaration;

    internal FunctionDeclaration? SharedFrom { get; init; }

    /// <summary>The parameters in order; of the type's own types, except that old style definitions' arguments
    /// arrive promoted: <see cref="PromotedParameters"/>.</summary>
    public required VariableDeclaration[] Parameters { get; init; }

    /// <summary>Whether arguments arrive by the default promotions and are narrowed on entry (K&amp;R definition).</summary>
    public bool PromotedParameters { get; internal set; }

    /// <summary>Bounds of the parameters' variably modified types, to be evaluated on entry, in order.</summary>
    public VariableBound[] ParameterBounds { get; internal set; } = [];

    /// <summary>The body.</summary>
    public CompoundStatement Body { get; internal set; } = null!;

    /// <summary>Every label, local ones included.</summary>
    public LabelDeclaration[] Labels { get; internal set; } = [];

    /// <summary>Functions defined in this one; lowered with it.</summary>
    public FunctionDefinition[] NestedFunctions { get; internal set; } = [];

    /// <summary>The function around a nested one.</summary>
    public FunctionDefinition? Parent { get; internal set; }

    /// <summary>Static variables declared in the body, in order; each is to be emitted when the function is.</summary>
    public VariableDeclaration[] StaticVariables { get; internal set; } = [];

    /// <summary>The parameters that <c>__builtin_va_arg_pack</c> stands for; null where it may not be used (<see cref="ArgumentPack"/>).</summary>
    public VariableDeclaration[]? PackedArguments { get; internal set; }

    /// <summary>Where the body's closing brace stands.</summary>
    public Location EndLocation { get; internal set; }
}

/// <summary>A name for a type.</summary>
public sealed class TypedefDeclaration : Declaration
{
    internal TypedefDeclaration(int name, Location location, QualType type) : base(DeclarationKind.Typedef, name, location) => Type = type;

    /// <summary>Its number among the unit's <see cref="TypeSpellings"/>, or 0.</summary>
    internal int Spelling { get; set; }
}

/// <summary>An enumerator.</summary>
public sealed class EnumConstantDeclaration : Declaration
{
    internal EnumConstantDeclaration(int name, Location location, UInt128 value, QualType type)
        : base(DeclarationKind.EnumConstant, name, location)
    {
        Value = value;
        Type = type;
    }

    /// <summary>The value, sign-extended to 128 bits where its type is signed.</summary>
    public UInt128 Value { get; internal set; }

    internal EnumType? Enumeration { get; set; }
}

/// <summary>A label of a function.</summary>
public sealed class LabelDeclaration : Declaration
{
    internal LabelDeclaration(int name, Location location) : base(DeclarationKind.Label, name, location)
    {
    }

    /// <summary>The function whose label it is.</summary>
    public FunctionDeclaration Function { get; internal set; } = null!;

    /// <summary>Whether its place was seen.</summary>
    public bool IsDefined { get; internal set; }

    /// <summary>Whether <c>&amp;&amp;label</c> occurs: a computed goto may come here.</summary>
    public bool IsAddressTaken { get; internal set; }

    /// <summary>Whether a goto in a nested function comes here.</summary>
    public bool IsNonLocalTarget { get; internal set; }

    /// <summary>Declared by <c>__label__</c>.</summary>
    public bool IsLocal { get; internal set; }

    internal bool MayBeUnused { get; set; }

    /// <summary>Where it was last used before it was defined.</summary>
    internal Location UseLocation { get; set; }
    internal int ScopeDepth { get; set; }
    internal object? Mark { get; set; }
}
