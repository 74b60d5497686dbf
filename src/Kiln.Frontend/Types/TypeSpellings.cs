// How types are written, for a debugger: types are interned and forget the typedef names that they were made with; what
// -g needs of them stands here, and a QualType carries the number. Kept only with -g; else every number is 0 and nothing is stored.
// A type that is written without typedef names has no spelling.

using Kiln.Base;
using Kiln.Frontend.Ast;

namespace Kiln.Frontend.Types;

/// <summary>What a spelling adds to a type.</summary>
public enum SpellingKind : byte
{
    /// <summary>A typedef's name.</summary>
    Typedef,
    /// <summary>A pointer to something spelled.</summary>
    Pointer,
    /// <summary>An array of something spelled.</summary>
    Array,
    /// <summary>A function type in which something is spelled.</summary>
    Function,
}

/// <summary>How a type is written.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Typedef">The typedef, of a name.</param>
/// <param name="Inner">What is pointed to, the element, or the result.</param>
/// <param name="Parameters">A function's parameters as declared.</param>
public readonly record struct Spelling(SpellingKind Kind, TypedefDeclaration? Typedef, QualType Inner, QualType[]? Parameters = null);

/// <summary>The spellings of a unit. See the file's header.</summary>
public sealed class TypeSpellings
{
    private readonly GrowBuffer<Spelling> _spellings = new(64);

    /// <summary>Makes an empty table.</summary>
    public TypeSpellings() => _spellings.AddDefault(1);

    /// <summary>A spelling by its number.</summary>
    public ref readonly Spelling this[int spelling] => ref _spellings[spelling];

    /// <summary>The type that a typedef names, under that name.</summary>
    internal QualType Name(TypedefDeclaration typedef)
    {
        if (typedef.Spelling == 0)
            typedef.Spelling = _spellings.Add(new Spelling(SpellingKind.Typedef, typedef, default));
        return typedef.Type.Spelled(typedef.Spelling);
    }

    /// <summary>A pointer or array type that was made of <paramref name="inner"/>.</summary>
    internal QualType Derive(SpellingKind kind, QualType made, QualType inner) =>
        inner.Spelling == 0 ? made : made.Spelled(_spellings.Add(new Spelling(kind, null, inner)));

    /// <summary>The pointer that a parameter of array type is.</summary>
    internal QualType Decay(QualType pointer, QualType array)
    {
        while (array.Spelling != 0 && _spellings[array.Spelling].Kind == SpellingKind.Typedef)
            array = _spellings[array.Spelling].Typedef!.Type;
        return array.Spelling == 0 ? pointer : Derive(SpellingKind.Pointer, pointer, _spellings[array.Spelling].Inner);
    }

    /// <summary>A function type that was made of these.</summary>
    internal QualType Function(QualType made, QualType result, ReadOnlySpan<VariableDeclaration> parameters)
    {
        bool isSpelled = result.Spelling != 0;
        foreach (VariableDeclaration parameter in parameters)
            isSpelled |= parameter.Type.Spelling != 0;
        if (!isSpelled)
            return made;
        var types = new QualType[parameters.Length];
        for (int i = 0; i < types.Length; i++)
            types[i] = parameters[i].Type.WithOnly(Qualifiers.None);
        return made.Spelled(_spellings.Add(new Spelling(SpellingKind.Function, null, result, types)));
    }
}
