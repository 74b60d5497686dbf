using Kiln.Frontend.Types;

namespace Kiln.Frontend.Ast;

/// <summary>A node that has room for numbers of the consumer's, which are 0 before they are used.</summary>
public interface ISlotted
{
    /// <summary>Makes them 0 again.</summary>
    void ClearSlots();
}

/// <summary>
/// Functions that hand on the arguments they were called with (<c>__builtin_va_arg_pack</c>; gcc's manual, "Constructing Function Calls").
/// Which these are only a call tells: for each list of their types there is a definition of its own, in which they are parameters.
/// The body is the same tree, so that a consumer that writes to its slots clears them (<see cref="ISlotted"/>).
/// </summary>
public static class ArgumentPack
{
    /// <summary>Makes the definition for calls with some types behind the named parameters'.</summary>
    /// <param name="definition">A variadic function's definition.</param>
    /// <param name="types">Where the function's type is made.</param>
    /// <param name="packed">The types of the arguments behind the named ones, after the default argument promotions.</param>
    /// <param name="isFirst">Whether this is the first one: it has the body's static variables.</param>
    public static FunctionDefinition Specialize(FunctionDefinition definition, TypeTable types, ReadOnlySpan<QualType> packed, bool isFirst)
    {
        FunctionDeclaration general = definition.Declaration;
        FunctionType type = general.FunctionType;
        var parameters = new QualType[definition.Parameters.Length + packed.Length];
        for (int i = 0; i < definition.Parameters.Length; i++)
            parameters[i] = type.Parameters[i];
        packed.CopyTo(parameters.AsSpan(definition.Parameters.Length));
        var declaration = new FunctionDeclaration(general.Name, general.Location)
        {
            Type = new QualType(types.FunctionOf(type.Result, parameters, hasPrototype: true, isVariadic: false, type.Flags)),
            Flags = general.Flags & ~FunctionFlags.UsesArgumentPack,
            Linkage = Linkage.None,
            IsDefined = true,
            TargetFeatures = general.TargetFeatures,
            NonNullParameters = general.NonNullParameters,
        };
        var made = new VariableDeclaration[packed.Length];
        for (int i = 0; i < made.Length; i++)
        {
            made[i] = new VariableDeclaration(0, general.Location)
            {
                Type = packed[i],
                Storage = StorageClass.Parameter,
                IsDefined = true,
                Function = declaration,
            };
        }
        var specialized = new FunctionDefinition
        {
            Declaration = declaration,
            Parameters = [.. definition.Parameters, .. made],
            ParameterBounds = definition.ParameterBounds,
            Body = definition.Body,
            Labels = definition.Labels,
            StaticVariables = isFirst ? definition.StaticVariables : [],
            EndLocation = definition.EndLocation,
            PackedArguments = made,
            SharedFrom = general,
        };
        declaration.Definition = specialized;
        return specialized;
    }
}
