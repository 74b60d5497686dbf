namespace Kiln.Lowering;

// Calls of functions that use __builtin_va_arg_pack go to a definition that is made for the types of the call's arguments.
public sealed partial class Lowering
{
    private sealed class PackUser(FunctionDefinition definition)
    {
        public readonly FunctionDefinition Definition = definition;
        public readonly List<(QualType[] Packed, FunctionDeclaration Function)> Known = [];
    }

    private readonly Dictionary<FunctionDeclaration, PackUser> _packUsers = [];

    /// <summary>The function to call in place of one that hands its arguments on.</summary>
    /// <param name="general">A function with <see cref="SourceFunctionFlags.UsesArgumentPack"/>.</param>
    /// <param name="packed">The types of the arguments behind the named parameters.</param>
    internal FunctionDeclaration Specialize(FunctionDeclaration general, QualType[] packed)
    {
        if (!_packUsers.TryGetValue(general, out PackUser? user))
            _packUsers.Add(general, user = new PackUser(general.Definition!));
        foreach ((QualType[] types, FunctionDeclaration known) in user.Known)
        {
            if (types.AsSpan().SequenceEqual(packed))
                return known;
        }
        FunctionDefinition made = ArgumentPack.Specialize(user.Definition, CTypes, packed, isFirst: user.Known.Count == 0);
        user.Known.Add((packed, made.Declaration));
        return made.Declaration;
    }

    /// <summary>Whether calls of a function are to be specialized: it hands its arguments on, and its body is known.</summary>
    internal bool IsPackUser(FunctionDeclaration function) =>
        (function.Flags & SourceFunctionFlags.UsesArgumentPack) != 0 && (function.Definition is not null || _packUsers.ContainsKey(function));
}
