namespace Kiln.Target.Abi;

/// <summary>
/// The System V calling convention of x86-64 (psABI 1.0, 3.2.3), as gcc understands it: every eightbyte of a type gets a class from the
/// leaves in it, and the classes decide between integer registers, vector registers, the x87 stack and memory.
/// Where gcc and the document differ (one-lane vectors of double go to memory, a vector wider
/// than the machine's registers goes to memory), gcc is followed, for its objects are what ours are linked with.
/// </summary>
internal static class SystemVX86_64
{
    private enum Class : byte
    {
        None,
        Integer,
        Sse,
        SseUp,
        X87,
        X87Up,
        ComplexX87,
        Memory,
    }

    /// <summary>Classes of the eightbytes; none at all for memory.</summary>
    private sealed record Classified(Class[] Classes)
    {
        public static Classified Memory { get; } = new([]);
        public bool IsMemory => Classes.Length == 0;
    }

    private const int MaxEightbytes = 8;

    private static ReadOnlySpan<byte> IntegerArguments => [7, 6, 2, 1, 8, 9];

    private const int VectorArguments = 8;

    private static readonly Place ChainPlace = Place.InRegister(RegisterBank.Integer, 10, 8);

    private static Classified Classify(TypeShape shape, int vectorSize)
    {
        if (shape.Classification is Classified known)
            return known;
        Classified made = ClassifyEightbytes(shape, vectorSize);
        shape.Classification = made;
        return made;
    }

    private static Classified ClassifyEightbytes(TypeShape shape, int vectorSize)
    {
        if (shape.Size > MaxEightbytes * 8)
            return Classified.Memory;
        Span<Class> classes = stackalloc Class[MaxEightbytes];
        int count = (int)(shape.Size + 7) / 8;
        if (shape is { Kind: ShapeKind.Complex, Leaves: [{ Kind: LeafKind.X87 }, ..] })
            return new Classified([Class.ComplexX87]);
        foreach (ShapeLeaf leaf in shape.Leaves)
        {
            if (!AddLeaf(classes, leaf, vectorSize))
                return Classified.Memory;
        }
        return Settle(classes[..count]) ? new Classified(classes[..Math.Max(count, 1)].ToArray()) : Classified.Memory;
    }

    private static bool AddLeaf(Span<Class> classes, ShapeLeaf leaf, int vectorSize)
    {
        int first = leaf.Offset / 8;
        if (leaf.Kind == LeafKind.BitField)
        {
            for (int i = first; i <= (leaf.Offset + leaf.Size - 1) / 8; i++)
                Merge(ref classes[i], Class.Integer);
            return true;
        }
        // An unaligned leaf sends the whole object to memory.
        if (leaf.Offset % leaf.Size != 0)
            return false;
        switch (leaf.Kind)
        {
            case LeafKind.Integer:
                Merge(ref classes[first], Class.Integer);
                if (leaf.Size > 8)
                    Merge(ref classes[first + 1], Class.Integer);
                return true;
            case LeafKind.Half or LeafKind.Single or LeafKind.Double:
                Merge(ref classes[first], Class.Sse);
                return true;
            case LeafKind.X87:
                Merge(ref classes[first], Class.X87);
                Merge(ref classes[first + 1], Class.X87Up);
                return true;
            case LeafKind.IntegerVector when leaf.Size < 8:
                Merge(ref classes[first], Class.Integer);
                return true;
            case LeafKind.Quad or LeafKind.IntegerVector or LeafKind.FloatVector:
                if (leaf.Size > Math.Max(vectorSize, 16))
                    return false;
                Merge(ref classes[first], Class.Sse);
                for (int i = 1; i < leaf.Size / 8; i++)
                    Merge(ref classes[first + i], Class.SseUp);
                return true;
            case LeafKind.MemoryVector:
                return false;
            default:
                throw new InvalidOperationException($"leaf {leaf.Kind}");
        }
    }

    /// <summary>psABI 3.2.3, rule 4 of the classification of aggregates.</summary>
    private static void Merge(ref Class into, Class other)
    {
        if (into == other || other == Class.None)
            return;
        if (into == Class.None)
            into = other;
        else if (into == Class.Memory || other == Class.Memory)
            into = Class.Memory;
        else if (into == Class.Integer || other == Class.Integer)
            into = Class.Integer;
        else if (into is Class.X87 or Class.X87Up or Class.ComplexX87 || other is Class.X87 or Class.X87Up or Class.ComplexX87)
            into = Class.Memory;
        else
            into = Class.Sse;
    }

    /// <summary>The clean-up behind the merger (rule 5); false for memory.</summary>
    private static bool Settle(Span<Class> classes)
    {
        for (int i = 0; i < classes.Length; i++)
        {
            if (classes[i] == Class.Memory)
                return false;
            if (classes[i] == Class.X87Up && (i == 0 || classes[i - 1] != Class.X87))
                return false;
            if (classes[i] == Class.SseUp && (i == 0 || classes[i - 1] is not (Class.Sse or Class.SseUp)))
                classes[i] = Class.Sse;
        }
        if (classes.Length > 2)
        {
            if (classes[0] != Class.Sse)
                return false;
            foreach (Class c in classes[1..])
            {
                if (c != Class.SseUp)
                    return false;
            }
        }
        return true;
    }

    private static void Count(Classified classified, out int integers, out int vectors)
    {
        integers = 0;
        vectors = 0;
        foreach (Class c in classified.Classes)
        {
            integers += c == Class.Integer ? 1 : 0;
            vectors += c == Class.Sse ? 1 : 0;
        }
    }

    /// <summary>Whether arguments of these classes can travel in registers.</summary>
    private static bool FitsRegisters(Classified classified)
    {
        foreach (Class c in classified.Classes)
        {
            if (c is Class.X87 or Class.X87Up or Class.ComplexX87)
                return false;
        }
        return !classified.IsMemory;
    }

    public static CallLayout Lay(in CallShape call)
    {
        int integers = 0, vectors = 0, stack = 0;
        Place structReturn = default, structReturnResult = default;
        Piece[] result = [];
        Classified resultClass = Classify(call.Result, call.VectorSize);
        if (call.Result.Kind != ShapeKind.Void && resultClass.IsMemory)
        {
            structReturn = Place.InRegister(RegisterBank.Integer, IntegerArguments[integers++], 8);
            structReturnResult = Place.InRegister(RegisterBank.Integer, 0, 8);
        }
        else if (call.Result.Kind != ShapeKind.Void && call.Result.Size > 0)
        {
            result = LayResult(call.Result, resultClass);
        }

        var named = (Integer: integers, Vector: 0, Stack: 0);
        var parameters = new Piece[call.Parameters.Length][];
        for (int i = 0; i < parameters.Length; i++)
        {
            TypeShape shape = call.Parameters[i];
            parameters[i] = LayParameter(shape, call.VectorSize, i < call.NamedCount, ref integers, ref vectors, ref stack);
            if (i < call.NamedCount)
                named = (integers, vectors, stack);
        }
        return new CallLayout
        {
            Result = result,
            StructReturn = structReturn,
            StructReturnResult = structReturnResult,
            Parameters = parameters,
            StackSize = stack + 7 & ~7,
            NamedUse = named,
            StaticChain = ChainPlace,
        };
    }

    private static Piece[] LayParameter(
        TypeShape shape, int vectorSize, bool isNamed, ref int integers, ref int vectors, ref int stack)
    {
        if (shape.Size == 0)
            return [];
        Classified classified = Classify(shape, vectorSize);
        Count(classified, out int neededIntegers, out int neededVectors);
        // Unnamed vectors past 16 bytes are fetched from memory by va_arg.
        bool isWideUnnamed = !isNamed && classified.Classes.Length > 2;
        if (FitsRegisters(classified) && !isWideUnnamed
            && integers + neededIntegers <= IntegerArguments.Length && vectors + neededVectors <= VectorArguments)
        {
            var pieces = new Piece[neededIntegers + neededVectors];
            int made = 0;
            for (int i = 0; i < classified.Classes.Length; i++)
            {
                if (classified.Classes[i] == Class.Integer)
                    pieces[made++] = IntegerPiece(shape, i, IntegerArguments[integers++]);
                else if (classified.Classes[i] == Class.Sse)
                    pieces[made++] = VectorPiece(shape, classified, i, vectors++);
            }
            return pieces;
        }
        int alignment = Math.Max(8, shape.Alignment);
        stack = stack + alignment - 1 & -alignment;
        int offset = stack;
        stack += (int)(shape.Size + 7) & ~7;
        return LayOnStack(shape, offset, alignment);
    }

    private static Piece[] LayOnStack(TypeShape shape, int offset, int alignment)
    {
        int size = (int)shape.Size;
        if (shape.Kind != ShapeKind.Scalar)
            return [new Piece(PieceKind.Memory, 0, size, Place.InStackMemory(offset, size, alignment))];
        switch (shape.Leaves[0].Kind)
        {
            case LeafKind.Integer when size == 16:
                return
                [
                    new Piece(PieceKind.Integer, 0, 8, Place.OnStack(offset, 8, alignment)),
                    new Piece(PieceKind.Integer, 8, 8, Place.OnStack(offset + 8, 8, 8)),
                ];
            case LeafKind.Integer:
                return [new Piece(PieceKind.Integer, 0, size, Place.OnStack(offset, size, alignment))];
            case LeafKind.Half or LeafKind.Single or LeafKind.Double:
                return [new Piece(PieceKind.Float, 0, size, Place.OnStack(offset, size, alignment))];
            case LeafKind.X87:
                return [new Piece(PieceKind.X87, 0, size, Place.OnStack(offset, size, alignment))];
            case LeafKind.Quad:
                return [new Piece(PieceKind.Quad, 0, size, Place.OnStack(offset, size, alignment))];
            default:
                return [new Piece(PieceKind.Memory, 0, size, Place.InStackMemory(offset, size, alignment))];
        }
    }

    private static Piece IntegerPiece(TypeShape shape, int eightbyte, int register)
    {
        int size = (int)Math.Min(8, shape.Size - eightbyte * 8);
        return new Piece(PieceKind.Integer, eightbyte * 8, size, Place.InRegister(RegisterBank.Integer, register, size));
    }

    private static Piece VectorPiece(TypeShape shape, Classified classified, int eightbyte, int register)
    {
        int offset = eightbyte * 8, last = eightbyte + 1;
        while (last < classified.Classes.Length && classified.Classes[last] == Class.SseUp)
            last++;
        int size = (int)Math.Min((last - eightbyte) * 8, shape.Size - offset);
        PieceKind kind = PieceKind.Float;
        foreach (ShapeLeaf leaf in shape.Leaves)
        {
            if (leaf.Offset == offset && leaf.Kind == LeafKind.Quad)
                kind = PieceKind.Quad;
            else if (leaf.Offset == offset && leaf.Kind is LeafKind.IntegerVector or LeafKind.FloatVector && kind == PieceKind.Float)
                kind = PieceKind.Vector;
        }
        return new Piece(kind, offset, size, Place.InRegister(RegisterBank.Vector, register, size));
    }

    private static Piece[] LayResult(TypeShape shape, Classified classified)
    {
        if (classified.Classes[0] == Class.ComplexX87)
        {
            int half = (int)shape.Size / 2;
            return
            [
                new Piece(PieceKind.X87, 0, half, Place.InRegister(RegisterBank.X87, 0, half)),
                new Piece(PieceKind.X87, half, half, Place.InRegister(RegisterBank.X87, 1, half)),
            ];
        }
        int integers = 0, vectors = 0, made = 0;
        var pieces = new Piece[2];
        for (int i = 0; i < classified.Classes.Length; i++)
        {
            switch (classified.Classes[i])
            {
                case Class.Integer:
                    pieces[made++] = IntegerPiece(shape, i, integers++ == 0 ? 0 : 2);
                    break;
                case Class.Sse:
                    pieces[made++] = VectorPiece(shape, classified, i, vectors++);
                    break;
                case Class.X87:
                    pieces[made++] = new Piece(PieceKind.X87, i * 8, 16, Place.InRegister(RegisterBank.X87, 0, 16));
                    break;
            }
        }
        return pieces[..made];
    }

    /// <summary>psABI 3.5.7: the register save area holds six integer registers, then eight vector registers of 16 bytes.
    /// The place's register of a piece is relative to the next free one of its bank.</summary>
    public static VariableArgument FetchVariable(TypeShape shape, int vectorSize)
    {
        int alignment = Math.Max(8, shape.Alignment);
        long stackSize = shape.Size + 7 & ~7L;
        Classified classified = Classify(shape, vectorSize);
        if (shape.Size == 0 || !FitsRegisters(classified) || classified.Classes.Length > 2)
            return new VariableArgument([], 0, 0, alignment, stackSize);
        Count(classified, out int neededIntegers, out int neededVectors);
        var pieces = new Piece[neededIntegers + neededVectors];
        int integers = 0, vectors = 0, made = 0;
        for (int i = 0; i < classified.Classes.Length; i++)
        {
            if (classified.Classes[i] == Class.Integer)
                pieces[made++] = IntegerPiece(shape, i, integers++);
            else if (classified.Classes[i] == Class.Sse)
                pieces[made++] = VectorPiece(shape, classified, i, vectors++);
        }
        return new VariableArgument(pieces, neededIntegers, neededVectors, alignment, stackSize);
    }
}
