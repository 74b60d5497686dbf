// Initializers (C17 6.7.9): braces that may be left out, designators (GNU ranges and old forms too), strings. The initializer is read in
// step with the type; what comes out is flat: an image for static storage, a list of (place, value) for automatic.

using Kiln.Base;
using Kiln.Frontend.Ast;
using Kiln.Frontend.Constants;
using Kiln.Frontend.Lex;
using Kiln.Frontend.Sema;
using Kiln.Frontend.Types;

namespace Kiln.Frontend.Parse;

public sealed partial class Parser
{
    /// <summary>Collects the values of one object under initialization.</summary>
    private sealed class InitializerSink(bool isStatic)
    {
        public bool IsStatic { get; } = isStatic;
        public bool HasDesignators;
        /// <summary>How many aggregates are open.</summary>
        public int Depth;
        /// <summary>How many of them are arrays.</summary>
        public int Arrays;
        public bool Failed;
        public bool IsTooLarge;
        /// <summary>A part was initialized without braces of its own (-Wmissing-braces).</summary>
        public bool MissesBraces;
        /// <summary>How many values there are, and whether all are zero: { 0 } stands for all of a thing.</summary>
        public int Values;
        public bool HasNonZero;
        private const long MaximumSize = 1L << 30;
        /// <summary>Static: the bytes; grown as needed.</summary>
        public byte[] Bytes = [];
        public int Length;
        public readonly List<ImageRelocation> Relocations = [];
        public readonly List<InitializerElement> Elements = [];
        /// <summary>The end of a flexible array member's elements, or 0.</summary>
        public long FlexibleEnd;

        public Span<byte> At(long offset, long size)
        {
            if ((ulong)offset > MaximumSize || (ulong)size > MaximumSize || offset + size > MaximumSize)
            {
                // More than an object file can carry: reported where the initializer ends.
                IsTooLarge = true;
                return new byte[Math.Clamp(size, 0, 1 << 16)];
            }
            int end = (int)(offset + size);
            if (end > Bytes.Length)
                Array.Resize(ref Bytes, Math.Max(end, Math.Max(64, Bytes.Length * 2)));
            Length = Math.Max(Length, end);
            return Bytes.AsSpan((int)offset, (int)size);
        }

        /// <summary>Forgets what a range holds.</summary>
        public void Clear(long offset, long size)
        {
            if (IsStatic)
            {
                if (offset >= 0 && offset < Length)
                    Bytes.AsSpan((int)offset, (int)Math.Min(size, Length - offset)).Clear();
                Relocations.RemoveAll(r => r.Offset >= offset && r.Offset < offset + size);
            }
            else
                Elements.RemoveAll(e => e.Offset >= offset && e.Offset < offset + size && e.Offset + e.Type.Type.Size <= offset + size);
        }
    }

    private InitializerSink _sink = null!;
    private Expression? _pending;

    /// <summary>Reads the initializer of a variable; completes its type where that is an array of unknown length.</summary>
    private void VariableInitializer(VariableDeclaration variable, bool isStatic)
    {
        Location location = Here;
        InitializerSink outerSink = _sink;
        Expression? outerPending = _pending;
        bool outerStatic = _sema.InStaticInitializer;
        _pending = null;
        _sink = new InitializerSink(isStatic);
        _sema.InStaticInitializer = isStatic;
        QualType type = variable.Type;
        if (type.Type.HasVariableSize && !(Kind == TokenKind.LeftBrace && Peek().Kind == TokenKind.RightBrace))
        {
            _report.Error(variable.Location, "variable-sized object may not be initialized");
            _sink.Failed = true;
        }
        long count = -1;
        Expression? value = null;
        if (Kind != TokenKind.LeftBrace && !type.Type.IsArray)
        {
            value = AssignmentExpression();
            if (type.Type is VectorType or ComplexType or RecordType || !isStatic || true)
                value = InitializeWhole(variable, value, location);
        }
        else if (type.Type is ArrayType array)
            count = InitializeArray(array, location);
        else if (type.Type.IsScalar)
            value = InitializeWhole(variable, ScalarInBraces(type), location);
        else
            Braced(type, 0);
        if (type.Type is ArrayType { Count: < 0, Bound: null } open)
        {
            variable.Type = new QualType(_types.ArrayOf(open.Element, Math.Max(0, count)), type.Qualifiers, type.AlignmentCode).Spelled(type.Spelling);
            if (count == 0 && variable.Type.Type.Size == 0 && !_sink.Failed)
                _report.Pedantic(location, $"zero or negative size array '{_names.Text(variable.Name)}'");
        }
        if (_sink.MissesBraces && !(_sink.Values == 1 && !_sink.HasNonZero))
            _report.Warning("Wmissing-braces", location, "missing braces around initializer");
        FinishInitializer(variable, value, isStatic, location);
        _sink = outerSink;
        _pending = outerPending;
        _sema.InStaticInitializer = outerStatic;
    }

    private void FinishInitializer(VariableDeclaration variable, Expression? value, bool isStatic, Location location)
    {
        if (_sink.IsTooLarge)
        {
            _report.Error(location, "initializer is too large");
            _sink.Failed = true;
        }
        if (_sink.Failed)
        {
            variable.Initializer = isStatic ? null : new ErrorExpression(variable.Type, location);
            return;
        }
        if (isStatic)
        {
            if (_sink.Relocations.Count > 1)
                _sink.Relocations.Sort(static (a, b) => a.Offset.CompareTo(b.Offset));
            variable.Image = new StaticImage
            {
                Bytes = _sink.Bytes,
                Length = _sink.Length,
                Size = Math.Max(variable.Type.Type.Size, _sink.FlexibleEnd),
                Relocations = _sink.Relocations.Count > 0 ? [.. _sink.Relocations] : [],
            };
            if (value is not null && variable.Type.Type.IsScalar)
            {
                Expression folded = Semantics.FoldFully(value);
                if (Folding.IsConstant(folded))
                    variable.ConstantValue = folded;
            }
            return;
        }
        variable.Initializer = value ?? new InitializerList([.. _sink.Elements], variable.Type.Unqualified, location)
        {
            Image = null,
        };
        if (value is not null && variable.Type.IsConst && Folding.IsConstant(value))
            variable.ConstantValue = value;
    }

    /// <summary>An initializer that is one expression for the whole object.</summary>
    private Expression? InitializeWhole(VariableDeclaration variable, Expression value, Location location)
    {
        QualType type = variable.Type;
        if (_sink.IsStatic && value is CompoundLiteralExpression { Variable.Image: { } image } && ReferenceEquals(value.Type, type.Type))
        {
            _report.Pedantic(location, "initializer element is not constant");
            CopyImage(image, 0);
            return null;
        }
        Expression converted = _sema.ConvertForAssignment(value, type.Unqualified, AssignmentContext.Initialization, location);
        if (converted.Type.IsError || converted is ErrorExpression)
        {
            _sink.Failed = true;
            return null;
        }
        if (_sink.IsStatic)
            StoreStatic(0, null, type, converted, location);
        return converted;
    }

    /// <summary>{ value } around a scalar, in any number of braces.</summary>
    private Expression ScalarInBraces(QualType type)
    {
        if (!HasRoom())
            return _sema.Error(Here);
        Location location = Here;
        Advance();
        if (Kind == TokenKind.RightBrace)
        {
            Advance();
            if (_options.Standard < CStandard.C23)
                _report.Error(location, "empty scalar initializer");
            return _sema.Convert(_sema.Int(0, location), type.Type);
        }
        Expression value;
        if (Kind == TokenKind.LeftBrace)
        {
            _report.Warning(Here, "braces around scalar initializer");
            value = ScalarInBraces(type);
        }
        else
        {
            if (IsDesignator(Kind, Peek().Kind))
            {
                _report.Error(Here, Kind == TokenKind.LeftBracket ? "array index in non-array initializer" : "field name not in record or union initializer");
                _sink.Failed = true;
                SkipTo(TokenKind.RightBrace);
                Accept(TokenKind.RightBrace);
                return _sema.Error(location);
            }
            value = AssignmentExpression();
        }
        while (Accept(TokenKind.Comma))
        {
            if (Kind == TokenKind.RightBrace)
                break;
            _report.Pedwarn(null, Here, "excess elements in scalar initializer");
            DiscardInitializer();
        }
        ExpectClosing(TokenKind.RightBrace);
        return value;
    }

    private void DiscardInitializer()
    {
        if (Kind == TokenKind.LeftBrace)
        {
            int depth = 0;
            do
            {
                if (Kind == TokenKind.LeftBrace)
                    depth++;
                else if (Kind == TokenKind.RightBrace)
                    depth--;
                Advance();
            }
            while (depth > 0 && Kind != TokenKind.End);
            return;
        }
        AssignmentExpression();
    }

    /// <summary>The initializer of an array that is a whole object; gives the number of elements.</summary>
    private long InitializeArray(ArrayType array, Location location)
    {
        QualType type = array;
        if (Kind == TokenKind.LeftBrace)
        {
            if (IsCharacterArray(array) && Peek().Kind is TokenKind.String or TokenKind.LeftParenthesis)
            {
                {
                    Advance();
                    Expression text = AssignmentExpression();
                    if (text is StringLiteral literal && StringFits(array, literal))
                    {
                        long length = StoreString(array, 0, literal);
                        while (Accept(TokenKind.Comma))
                        {
                            if (Kind == TokenKind.RightBrace)
                                break;
                            _report.Error(Here, "excess elements in 'char' array initializer");
                            DiscardInitializer();
                        }
                        ExpectClosing(TokenKind.RightBrace);
                        return length;
                    }
                    _pending = text;
                    return AggregateItems(type, 0, braced: true, designatorFirst: false);
                }
            }
            return Braced(type, 0);
        }
        Expression value = AssignmentExpression();
        if (value is StringLiteral whole && IsCharacterArray(array))
        {
            if (StringFits(array, whole))
                return StoreString(array, 0, whole);
            _report.Error(location, $"array of inappropriate type initialized from string constant".Replace("array of inappropriate type", WideText(array, whole)));
            _sink.Failed = true;
            return 0;
        }
        if (value is CompoundLiteralExpression { Type: ArrayType } literalArray && TypeRelations.Compatible(literalArray.Type, array))
        {
            // GNU C89: an array from a compound literal.
            _report.Pedantic(location, "initializer is not a constant array");
            if (_sink.IsStatic && literalArray.Variable.Image is { } image)
                CopyImage(image, 0);
            else if (literalArray.Variable.Initializer is InitializerList list)
                _sink.Elements.AddRange(list.Elements);
            return ((ArrayType)literalArray.Type).Count;
        }
        _sink.Failed = true;
        if (!value.Type.IsError)
            _report.Error(location, value is StringLiteral ? "array of inappropriate type initialized from string constant" : "invalid initializer");
        return 0;
    }

    private string WideText(ArrayType array, StringLiteral text) =>
        array.Element.Type.Size == 1 ? "char-array" : $"wide character array";

    /// <summary>The token behind the run of string literals that begins behind the current token.</summary>
    private Token PeekPastStrings()
    {
        int at = 1;
        Token token = Peek(at);
        while (token.Kind == TokenKind.String && at < 14)
            token = Peek(++at);
        return token;
    }

    private static bool IsCharacterArray(ArrayType array) =>
        array.Element.Type is IntegerType { Kind: not TypeKind.Bool, Size: <= 4 };

    private static bool StringFits(ArrayType array, StringLiteral text)
    {
        CType element = array.Element.Type;
        CType from = ((ArrayType)text.Type).Element.Type;
        if (from.Size == 1)
            return element.Kind is TypeKind.Char or TypeKind.SignedChar or TypeKind.UnsignedChar;
        return element is IntegerType && element.Size == from.Size;
    }

    /// <summary>Puts a string into an array; gives the number of elements that the string has.</summary>
    private long StoreString(ArrayType array, long offset, StringLiteral text)
    {
        long unit = array.Element.Type.Size;
        long length = text.Bytes.Length / unit;
        if ((text.Flags & ExpressionFlags.Parenthesized) != 0)
            _report.Pedantic(text.Location, "array initialized from parenthesized string constant");
        if (array.Count >= 0)
        {
            if (length - 1 > array.Count)
                _report.Pedwarn(null, text.Location, $"initializer-string for array of '{_sema.Print(array.Element.Unqualified)}' is too long");
            length = Math.Min(length, array.Count);
        }
        if (_sink.HasDesignators)
            _sink.Clear(offset, array.Count >= 0 ? array.Size : length * unit);
        if (_sink.IsStatic)
            text.Bytes.AsSpan(0, (int)(length * unit)).CopyTo(_sink.At(offset, length * unit));
        else
        {
            QualType place = array.Count >= 0 ? array : _types.ArrayOf(array.Element, length);
            _sink.Elements.Add(new InitializerElement(offset, null, text, place));
        }
        return length;
    }

    /// <summary>{ ... } for an aggregate at an offset; gives the number of elements of an array.</summary>
    private long Braced(QualType type, long offset)
    {
        if (!HasRoom())
            return 0;
        if (!type.Type.IsArray && !type.Type.IsRecord && !type.Type.IsVector)
        {
            Location location = Here;
            Expression value = ScalarInBraces(type);
            Store(offset, null, type, value, location);
            return 1;
        }
        if (type.Type is RecordType { IsDefined: false })
        {
            DiscardInitializer();
            return 0;
        }
        Advance();
        if (Kind == TokenKind.RightBrace && _options.Standard < CStandard.C23)
            _report.Pedantic(Here, "ISO C forbids empty initializer braces");
        if (_sink.HasDesignators && !type.Type.HasVariableSize)
            _sink.Clear(offset, type.Type.Size);
        return AggregateItems(type, offset, braced: true, designatorFirst: false);
    }

    private bool IsDesignator(TokenKind first, TokenKind second) =>
        first == TokenKind.Dot || first == TokenKind.LeftBracket && second != TokenKind.LeftBracket
        || first == TokenKind.Identifier && second == TokenKind.Colon;

    /// <summary>The members or elements of an aggregate, in braces (the opening one read already) or without.</summary>
    /// <param name="type">The aggregate.</param>
    /// <param name="offset">Where it begins in the object.</param>
    /// <param name="braced">Whether to read up to a closing brace.</param>
    /// <param name="designatorFirst">The current token is a designator into this aggregate (the rest of a longer one).</param>
    private long AggregateItems(QualType type, long offset, bool braced, bool designatorFirst)
    {
        if (!HasRoom())
            return 0;
        int arrays = type.Type.IsArray ? 1 : 0;
        _sink.Depth++;
        _sink.Arrays += arrays;
        long count = Items(type, offset, braced, designatorFirst);
        _sink.Arrays -= arrays;
        _sink.Depth--;
        return count;
    }

    private long Items(QualType type, long offset, bool braced, bool designatorFirst)
    {
        var record = type.Type as RecordType;
        QualType element = type.Type switch
        {
            ArrayType array => array.Element.With(type.Qualifiers & Qualifiers.All),
            VectorType vector => vector.Element,
            _ => default,
        };
        long limit = type.Type switch
        {
            ArrayType array => array.Count >= 0 ? array.Count : long.MaxValue,
            VectorType vector => vector.Count,
            _ => record!.IsUnion ? Math.Min(1, record.Fields.Length) : record.Fields.Length,
        };
        long position = 0;
        long greatest = 0;
        bool isInner = designatorFirst;
        bool isNested = false;
        bool hasDesignators = designatorFirst;
        int valuesBefore = _sink.Values;
        bool nonZeroBefore = _sink.HasNonZero;
        _sink.HasNonZero = false;
        bool warnedExcess = false;
        int outerRanges = designatorFirst ? _ranges.Count : 0;
        while (true)
        {
            if (braced && Kind == TokenKind.RightBrace && _pending is null)
                break;
            if (Kind == TokenKind.End)
                break;
            long last = -1;
            bool isDesignated = false;
            if (_pending is null && (designatorFirst || braced && IsDesignator(Kind, Kind is TokenKind.LeftBracket or TokenKind.Identifier ? Peek().Kind : TokenKind.End)))
            {
                _sink.HasDesignators = true;
                if (!designatorFirst)
                    _ranges = [];
                designatorFirst = false;
                isDesignated = true;
                hasDesignators = true;
                if (!Designator(type, element, limit, ref position, out last, out bool isInside))
                {
                    _sink.Failed = true;
                    AssignmentExpressionOrBraces();
                    goto next;
                }
                if (isInside)
                {
                    // The name is a member of an anonymous member: go in there with the designator unread.
                    Field outer = record!.Fields[position];
                    AggregateItems(outer.Type, offset + outer.Offset, braced: false, designatorFirst: true);
                    goto designated;
                }
            }
            if (position >= limit && (record is null || !record.IsUnion || !isDesignated))
            {
                if (!braced)
                    return Math.Max(greatest, position);
                if (Kind == TokenKind.LeftBrace && _pending is null && record is not null)
                {
                    _report.Error(Here, "extra brace group at end of initializer");
                    _sink.Failed = true;
                }
                else if (!warnedExcess)
                {
                    _report.Pedwarn(null, _pending?.Location ?? Here, record is null ? type.Type.IsVector ? "excess elements in vector initializer" : "excess elements in array initializer"
                        : record.IsUnion ? "excess elements in union initializer" : "excess elements in struct initializer");
                    warnedExcess = true;
                }
                if (_pending is not null)
                    _pending = null;
                else
                    DiscardInitializer();
                goto next;
            }
            isNested |= Kind == TokenKind.LeftBrace && _pending is null;
            Field? field = record?.Fields[position];
            QualType subtype = field is not null ? field.Type.With(type.Qualifiers & Qualifiers.All) : element;
            long suboffset = offset + (field is not null ? field.Offset : position * element.Type.Size);
            if (isDesignated && Kind is TokenKind.Dot or TokenKind.LeftBracket && (subtype.Type.IsArray || subtype.Type.IsRecord || subtype.Type.IsVector))
            {
                List<DesignatedRange> ranges = _ranges;
                if (last > position)
                    ranges.Add(new DesignatedRange(suboffset, element.Type.Size, last - position, _sink.Elements.Count));
                long count = AggregateItems(subtype, suboffset, braced: false, designatorFirst: true);
                if (subtype.Type is ArrayType { Count: < 0, Bound: null } flexible)
                    _sink.FlexibleEnd = Math.Max(_sink.FlexibleEnd, suboffset + count * flexible.Element.Type.Size);
                if (last > position)
                    ranges.RemoveAt(ranges.Count - 1);
            }
            else
            {
                if (isDesignated && !Accept(TokenKind.Equal))
                {
                    if (!_oldDesignator && (field is not null || isInner) || Kind is TokenKind.Comma or TokenKind.RightBrace)
                        SyntaxError("expected '='");
                    else if (!_oldDesignator)
                        _report.Pedantic(Here, "obsolete use of designated initializer without '='");
                }
                _oldDesignator = false;
                int firstElement = _sink.Elements.Count;
                if (field is not null && record!.IsUnion && isDesignated)
                    _sink.Clear(offset, record.Size);
                List<DesignatedRange> ranges = _ranges;
                Subobject(subtype, suboffset, field);
                _ranges = ranges;
                if (last > position)
                    Repeat(suboffset, element.Type.Size, last - position, firstElement);
                // The value is that of all ranges of the designator; what comes behind it belongs to the last of their elements.
                for (int i = isDesignated ? ranges.Count - 1 : -1; i >= 0; i--)
                    Repeat(ranges[i].Offset, ranges[i].Stride, ranges[i].Times, ranges[i].FirstElement);
            }
            if (last > position)
                position = last;
        designated:
            for (; isDesignated && outerRanges > 0; outerRanges--)
                offset += _ranges[outerRanges - 1].Stride * _ranges[outerRanges - 1].Times;
            position++;
            greatest = Math.Max(greatest, position);
            if (record is { IsUnion: true })
                position = limit;
        next:
            if (braced)
            {
                if (!Accept(TokenKind.Comma))
                    break;
                continue;
            }
            if (position >= limit || Kind != TokenKind.Comma)
                return greatest;
            Token second = Peek();
            if (second.Kind == TokenKind.RightBrace || IsDesignator(second.Kind, second.Kind is TokenKind.LeftBracket or TokenKind.Identifier ? Peek(2).Kind : TokenKind.End))
                return greatest;
            Advance();
        }
        if (braced && record is { IsUnion: false } && !hasDesignators && greatest > 0 && greatest < record.Fields.Length)
            WarnMissing(record, greatest, isZero: greatest == 1 && !isNested && _sink.Values == valuesBefore + 1 && !_sink.HasNonZero);
        _sink.HasNonZero |= nonZeroBefore;
        if (braced && !Expect(TokenKind.RightBrace))
        {
            _sink.Failed = true;
            SkipTo(TokenKind.RightBrace);
            Accept(TokenKind.RightBrace);
        }
        return greatest;
    }

    /// <summary>A range in a designator, <c>[1 ... 3]</c>: its first element, how many follow it and how far they are apart.</summary>
    private readonly record struct DesignatedRange(long Offset, long Stride, long Times, int FirstElement);

    // The ranges of the designator that is being read, but for that of its last part; of those around a brace none counts.
    private List<DesignatedRange> _ranges = [];

    private bool _oldDesignator;

    /// <summary>-Wmissing-field-initializers: of a list without designators, and not of { 0 }.</summary>
    private void WarnMissing(RecordType record, long given, bool isZero)
    {
        for (long i = given; i < record.Fields.Length && !isZero; i++)
        {
            Field field = record.Fields[i];
            if (field.Name == 0 && field.IsBitField || field.Type.Type is ArrayType { Count: <= 0 })
                continue;
            string name = field.Name != 0 ? $"'{_names.Text(field.Name)}'" : "'<anonymous>'";
            _report.Warning("Wmissing-field-initializers", Here, $"missing initializer for field {name} of '{_sema.Print(record)}'");
            if (field.Name != 0)
                _report.Note(field.Location, $"{name} declared here");
            return;
        }
    }

    private void AssignmentExpressionOrBraces()
    {
        while (Kind is TokenKind.Dot or TokenKind.LeftBracket)
        {
            if (Kind == TokenKind.LeftBracket)
            {
                Advance();
                ConstantExpression();
                ExpectClosing(TokenKind.RightBracket);
            }
            else
            {
                Advance();
                if (Kind == TokenKind.Identifier)
                    Advance();
            }
        }
        Accept(TokenKind.Equal);
        DiscardInitializer();
    }

    /// <summary>One designator: sets the position (and the last one of a range).</summary>
    private bool Designator(QualType type, QualType element, long limit, ref long position, out long last, out bool isInside)
    {
        last = -1;
        isInside = false;
        Location location = Here;
        if (Kind == TokenKind.LeftBracket)
        {
            Advance();
            _report.Before(CStandard.C99, location, "forbids specifying subobject to initialize");
            Expression first = Semantics.FoldFully(_sema.Value(ConstantExpression()));
            Expression? end = null;
            if (Accept(TokenKind.Ellipsis))
            {
                _report.Pedantic(location, "ISO C forbids specifying range of elements to initialize");
                end = Semantics.FoldFully(_sema.Value(ConstantExpression()));
            }
            ExpectClosing(TokenKind.RightBracket);
            if (type.Type.IsRecord || !type.Type.IsArray && !type.Type.IsVector)
            {
                _report.Error(location, "array index in non-array initializer");
                return false;
            }
            if (first is not IntegerConstant low || !first.Type.IsInteger || end is not null and not IntegerConstant)
            {
                if (!first.Type.IsError)
                    _report.Error(location, first.Type.IsInteger ? "nonconstant array index in initializer" : "array index in initializer not of integer type");
                return false;
            }
            if (((end is null ? low.Flags : low.Flags & end.Flags) & ExpressionFlags.StrictConstant) == 0)
                _report.Pedantic(location, "array index in initializer is not an integer constant expression");
            if ((Int128)low.Value < 0 || low.Value >= (UInt128)limit)
            {
                _report.Error(location, "array index in initializer exceeds array bounds");
                return false;
            }
            position = (long)low.Value;
            if (end is IntegerConstant high)
            {
                if ((Int128)high.Value < (Int128)low.Value)
                {
                    _report.Error(location, "empty index range in initializer");
                    return false;
                }
                if (high.Value >= (UInt128)limit)
                {
                    _report.Error(location, "array index range in initializer exceeds array bounds");
                    return false;
                }
                last = (long)high.Value;
            }
            _ = element;
            return true;
        }
        bool isOld = Kind == TokenKind.Identifier;
        if (!isOld)
            _report.Before(CStandard.C99, location, "forbids specifying subobject to initialize");
        if (!isOld && Peek().Kind != TokenKind.Identifier)
        {
            Advance();
            SyntaxError("expected identifier");
            return false;
        }
        int name = isOld ? _token.Payload : Peek().Payload;
        if (type.Type is not RecordType record)
        {
            Advance();
            Advance();
            _report.Error(location, "field name not in record or union initializer");
            return false;
        }
        for (int i = 0; i < record.Fields.Length; i++)
        {
            Field field = record.Fields[i];
            if (field.Name == name)
            {
                Advance();
                Advance();
                _oldDesignator = isOld;
                if (isOld)
                    _report.Pedantic(location, "obsolete use of designated initializer with ':'");
                position = i;
                return true;
            }
            if (field.Name == 0 && field.Type.Type is RecordType inner && Semantics.LookUp(inner, name) is not null)
            {
                position = i;
                isInside = true;
                return true;
            }
        }
        Advance();
        Advance();
        _report.Error(location, $"'{_sema.Print(record)}' has no member named '{_names.Text(name)}'");
        return false;
    }

    /// <summary>Copies the value just stored at a place to the places behind it.</summary>
    private void Repeat(long offset, long stride, long times, int firstElement)
    {
        if (_sink.Failed || stride == 0)
            return;
        if (_sink.IsStatic)
        {
            long total = stride * times;
            if (total > 1 << 30)
            {
                _report.Error(Here, "initializer is too large");
                _sink.Failed = true;
                return;
            }
            _sink.Clear(offset + stride, total);
            Span<byte> all = _sink.At(offset, stride + total);
            for (long i = 1; i <= times; i++)
                all[..(int)stride].CopyTo(all[(int)(i * stride)..]);
            int count = _sink.Relocations.Count;
            for (int r = 0; r < count; r++)
            {
                ImageRelocation relocation = _sink.Relocations[r];
                if (relocation.Offset < offset || relocation.Offset >= offset + stride)
                    continue;
                for (long i = 1; i <= times; i++)
                    _sink.Relocations.Add(relocation with { Offset = relocation.Offset + i * stride });
            }
            return;
        }
        // Overridden values of the range are gone, the elements just stored stay.
        int added = _sink.Elements.Count;
        for (int i = Math.Min(firstElement, added); i < added; i++)
        {
            InitializerElement element = _sink.Elements[i];
            if (element.Offset < offset || element.Offset >= offset + stride)
                continue;
            if (element.Count == 1)
                _sink.Elements[i] = element with { Count = times + 1, Stride = stride };
            else
            {
                for (long t = 1; t <= times; t++)
                    _sink.Elements.Add(element with { Offset = element.Offset + t * stride });
            }
        }
    }

    /// <summary>Initializes a member or element: in braces, by one expression, or by as many as its own parts need.</summary>
    private void Subobject(QualType type, long offset, Field? field)
    {
        if (type.Type is ArrayType { Count: < 0, Bound: null } flexible)
        {
            FlexibleMember(flexible, offset);
            return;
        }
        Location location = Here;
        if (Kind == TokenKind.LeftBrace && _pending is null)
        {
            if (type.Type is ArrayType characters && IsCharacterArray(characters) && Peek().Kind is TokenKind.String or TokenKind.LeftParenthesis)
            {
                if (_sink.HasDesignators)
                    _sink.Clear(offset, characters.Size);
                {
                    Advance();
                    Expression text = AssignmentExpression();
                    if (text is StringLiteral literal && StringFits(characters, literal))
                    {
                        StoreString(characters, offset, literal);
                        Accept(TokenKind.Comma);
                        if (Kind != TokenKind.RightBrace)
                        {
                            _report.Error(Here, "excess elements in 'char' array initializer");
                            SkipTo(TokenKind.RightBrace);
                        }
                        ExpectClosing(TokenKind.RightBrace);
                        return;
                    }
                    _pending = text;
                    AggregateItems(type, offset, braced: true, designatorFirst: false);
                    return;
                }
            }
            if (type.Type.IsScalar)
            {
                if (field is not { IsBitField: true } || true)
                    Store(offset, field, type, ScalarInBraces(type), location);
                return;
            }
            Braced(type, offset);
            return;
        }
        Expression value = _pending ?? AssignmentExpression();
        location = value.Location;
        _pending = null;
        if (type.Type is ArrayType array)
        {
            if (value is StringLiteral text && StringFits(array, text))
            {
                StoreString(array, offset, text);
                return;
            }
            if (value is CompoundLiteralExpression { Type: ArrayType } whole && TypeRelations.Compatible(whole.Type, array) && _sink.IsStatic
                && whole.Variable.Image is { } image)
            {
                CopyImage(image, offset);
                return;
            }
            if (array.Count == 0)
            {
                _report.Pedwarn(null, location, "excess elements in array initializer");
                return;
            }
            _pending = value;
            _sink.MissesBraces = true;
            AggregateItems(type, offset, braced: false, designatorFirst: false);
            return;
        }
        if (type.Type is RecordType record && !value.Type.IsError && !ReferenceEquals(value.Type, record) && !TypeRelations.Compatible(value.Type, record))
        {
            if (record.Fields.Length == 0)
            {
                _report.Pedwarn(null, location, record.IsUnion ? "excess elements in union initializer" : "excess elements in struct initializer");
                return;
            }
            _pending = value;
            _sink.MissesBraces = true;
            AggregateItems(type, offset, braced: false, designatorFirst: false);
            return;
        }
        if (type.Type is VectorType && !value.Type.IsError && !value.Type.IsVector)
        {
            _pending = value;
            AggregateItems(type, offset, braced: false, designatorFirst: false);
            return;
        }
        Store(offset, field, type, value, location);
    }

    /// <summary>A flexible array member (GNU C): takes as many elements as are given; static storage only.</summary>
    private void FlexibleMember(ArrayType array, long offset)
    {
        Location location = Here;
        long count;
        if (_sink.Depth == 1 && _sink.IsStatic)
            _report.Pedantic(location, "initialization of a flexible array member");
        if (Kind == TokenKind.LeftBrace || Kind == TokenKind.String)
        {
            // A string is taken at any depth of records, as gcc does.
            bool isString = Kind == TokenKind.String || Peek().Kind == TokenKind.String;
            if (isString ? _sink.Arrays > 0 : _sink.Depth > 1 && Peek().Kind != TokenKind.RightBrace)
            {
                _report.Error(location, "initialization of flexible array member in a nested context");
                _sink.Failed = true;
            }
            else if (!_sink.IsStatic && !(Kind == TokenKind.LeftBrace && Peek().Kind == TokenKind.RightBrace))
            {
                _report.Error(location, "non-static initialization of a flexible array member");
                _sink.Failed = true;
            }
            if (Kind == TokenKind.String)
            {
                Expression value = AssignmentExpression();
                if (value is StringLiteral text && StringFits(array, text))
                    count = StoreString(array, offset, text);
                else
                {
                    _report.Error(location, "invalid initializer");
                    _sink.Failed = true;
                    count = 0;
                }
            }
            else if (IsCharacterArray(array) && Peek().Kind == TokenKind.String && PeekPastStrings().Kind == TokenKind.RightBrace)
            {
                Advance();
                count = AssignmentExpression() is StringLiteral text && StringFits(array, text) ? StoreString(array, offset, text) : 0;
                ExpectClosing(TokenKind.RightBrace);
            }
            else
                count = Braced(array, offset);
        }
        else if (_sink.Depth == 1 && _sink.IsStatic)
        {
            // The elements stand without braces of their own.
            count = AggregateItems(array, offset, braced: false, designatorFirst: false);
        }
        else
        {
            _report.Error(location, "initialization of flexible array member in a nested context");
            _sink.Failed = true;
            _pending = null;
            if (Kind is not (TokenKind.Comma or TokenKind.RightBrace))
                DiscardInitializer();
            return;
        }
        _sink.FlexibleEnd = Math.Max(_sink.FlexibleEnd, offset + count * array.Element.Type.Size);
    }
}
