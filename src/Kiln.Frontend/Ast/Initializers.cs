// Initial values. Designators, brace elision and string literals are resolved; what remains is flat.

using Kiln.Base;
using Kiln.Frontend.Types;

namespace Kiln.Frontend.Ast;

/// <summary>A value that goes to a place of the object under initialization.</summary>
/// <param name="Offset">Where, in bytes; of a bit-field, its <see cref="Field.Offset"/> within the object.</param>
/// <param name="BitField">The bit-field, or null.</param>
/// <param name="Value">The value, of the member's or element's type. A StringLiteral (an lvalue) for an array of characters: its bytes, cut to the array.</param>
/// <param name="Type">The type of the place.</param>
/// <param name="Count">How many places get the value, which is evaluated once ([a ... b] =).</param>
/// <param name="Stride">The bytes from one of these places to the next.</param>
public readonly record struct InitializerElement(
    long Offset, Field? BitField, Expression Value, QualType Type, long Count = 1, long Stride = 0);

/// <summary>
/// The initial value of an automatic object of aggregate, union, vector or complex type: everything zero (padding too), then the
/// elements in the order of evaluation; no two overlap, except that a member of an element that is a whole record may be overridden by a later one.
/// </summary>
public sealed class InitializerList(InitializerElement[] elements, QualType type, Location location)
    : Expression(ExpressionKind.InitializerList, type, location)
{
    public InitializerElement[] Elements { get; } = elements;

    /// <summary>Whether the elements cover every byte of the object, so that zeroing it first is needless.</summary>
    public bool CoversAll { get; internal set; }

    /// <summary>The whole value as bytes where every element is constant, else null.</summary>
    public StaticImage? Image { get; internal set; }
}

/// <summary>What a relocation of a <see cref="StaticImage"/> puts in its place.</summary>
public enum ImageRelocationKind : byte
{
    /// <summary>The address of <see cref="ImageRelocation.Target"/> plus the addend.</summary>
    Address,
    /// <summary>The address of a label minus that of another one, plus the addend (&amp;&amp;a - &amp;&amp;b).</summary>
    LabelDifference,
}

/// <summary>A place of an image whose value is known at link time only.</summary>
/// <param name="Offset">Where, in bytes.</param>
/// <param name="Size">How many bytes: 8, or less for a label difference.</param>
/// <param name="Kind">What goes there.</param>
/// <param name="Target">A VariableDeclaration, FunctionDeclaration, LabelDeclaration or StringLiteral.</param>
/// <param name="Minus">The label that is subtracted, or null.</param>
/// <param name="Addend">Bytes to add.</param>
public readonly record struct ImageRelocation(
    long Offset, int Size, ImageRelocationKind Kind, object Target, LabelDeclaration? Minus, long Addend);

/// <summary>The initial value of an object in the image: bytes, with relocations in growing order of their place.</summary>
public sealed class StaticImage
{
    /// <summary>The bytes (little-endian as all targets are); what follows up to <see cref="Size"/> is zero.</summary>
    public required byte[] Bytes { get; init; }

    /// <summary>How many bytes of <see cref="Bytes"/> count.</summary>
    public required int Length { get; init; }

    /// <summary>The size of the object, elements of a flexible array member included.</summary>
    public required long Size { get; init; }

    public ImageRelocation[] Relocations { get; init; } = [];
}
