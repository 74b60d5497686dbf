using System.Text;
using Kiln.Target;
using Kiln.Target.Abi;
using Xunit;

namespace Kiln.Tests.Target;

/// <summary>Expectations by hand from the psABI, section 3.2.3, checked against gcc's code.</summary>
public class SystemVTests
{
    private static readonly string[] _integerNames = ["rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10"];

    // A type is written "size/alignment leaf@offset ..."; a leaf is i4, b3 (bit-field bytes), h, f, d, x (x87), q, v16, V16 (float vector), m.
    // A lone leaf without '/' is a scalar, "c" before a leaf a complex number.
    private static TypeShape Shape(string text)
    {
        if (text == "void")
            return TypeShape.Void;
        if (text[0] == 'c')
        {
            ShapeLeaf part = Leaf(text[1..] + "@0");
            return new TypeShape
            {
                Kind = ShapeKind.Complex,
                Size = part.Size * 2,
                Alignment = part.Size,
                Leaves = [part, part with { Offset = part.Size }],
            };
        }
        if (!text.Contains('/'))
        {
            ShapeLeaf leaf = Leaf(text + "@0");
            return new TypeShape { Kind = ShapeKind.Scalar, Size = leaf.Size, Alignment = leaf.Size, Leaves = [leaf] };
        }
        string[] words = text.Split(' ');
        string[] layout = words[0].Split('/');
        return new TypeShape
        {
            Kind = ShapeKind.Aggregate,
            Size = int.Parse(layout[0]),
            Alignment = int.Parse(layout[1]),
            Leaves = [.. words[1..].Select(Leaf)],
        };
    }

    private static ShapeLeaf Leaf(string text)
    {
        string[] parts = text.Split('@');
        int size = parts[0].Length > 1 ? int.Parse(parts[0][1..]) : 0;
        (LeafKind kind, int bytes) = parts[0][0] switch
        {
            'i' => (LeafKind.Integer, size),
            'b' => (LeafKind.BitField, size),
            'h' => (LeafKind.Half, 2),
            'f' => (LeafKind.Single, 4),
            'd' => (LeafKind.Double, 8),
            'x' => (LeafKind.X87, 16),
            'q' => (LeafKind.Quad, 16),
            'v' => (LeafKind.IntegerVector, size),
            'V' => (LeafKind.FloatVector, size),
            _ => (LeafKind.MemoryVector, size),
        };
        return new ShapeLeaf(int.Parse(parts[1]), bytes, kind);
    }

    private static string Name(Piece piece)
    {
        Place place = piece.Place;
        string where = place.Kind switch
        {
            PlaceKind.Register => place.Bank switch
            {
                RegisterBank.Integer => _integerNames[place.Register],
                RegisterBank.Vector => $"xmm{place.Register}",
                _ => $"st{place.Register}",
            },
            PlaceKind.Stack => $"[{place.StackOffset}]",
            PlaceKind.StackMemory => $"mem[{place.StackOffset}]",
            _ => "none",
        };
        return $"{where}:{piece.Size}";
    }

    private static string Lay(string result, int named, params string[] parameters)
    {
        CallLayout layout = CallingConvention.Lay(TargetInfo.X86_64, new CallShape
        {
            Result = Shape(result),
            Parameters = parameters.Select(Shape).ToArray(),
            NamedCount = named,
            VectorSize = 16,
        });
        var text = new StringBuilder(layout.IsStructReturn ? "sret" : string.Join('+', layout.Result.Select(Name)));
        text.Append(" (");
        text.AppendJoin(", ", layout.Parameters.Select(p => string.Join('+', p.Select(Name))));
        return text.Append(") ").Append(layout.StackSize).ToString();
    }

    [Theory]
    [InlineData("i4", "rax:4 (rdi:4) 0")]
    // { long a; double b }: mixed classes
    [InlineData("16/8 i8@0 d@8", "rax:8+xmm0:8 (rdi:8+xmm0:8) 0")]
    [InlineData("16/8 d@0 i8@8", "xmm0:8+rax:8 (xmm0:8+rdi:8) 0")]
    [InlineData("16/8 i8@0 i8@8", "rax:8+rdx:8 (rdi:8+rsi:8) 0")]
    // { float a, b, c }
    [InlineData("12/4 f@0 f@4 f@8", "xmm0:8+xmm1:4 (xmm0:8+xmm1:4) 0")]
    // { int a; float b; float c }
    [InlineData("12/4 i4@0 f@4 f@8", "rax:8+xmm0:4 (rdi:8+xmm0:4) 0")]
    // { char c[3] }
    [InlineData("3/1 i1@0 i1@1 i1@2", "rax:3 (rdi:3) 0")]
    // packed { char; int }: unaligned, so in memory
    [InlineData("5/1 i1@0 i4@1", "sret (mem[0]:5) 8")]
    // bit-fields may straddle
    [InlineData("16/8 b8@0 d@8", "rax:8+xmm0:8 (rdi:8+xmm0:8) 0")]
    [InlineData("24/8 i8@0 i8@8 i8@16", "sret (mem[0]:24) 24")]
    [InlineData("x", "st0:16 ([0]:16) 16")]
    [InlineData("16/16 x@0", "st0:16 (mem[0]:16) 16")]
    // union { long double; int }
    [InlineData("16/16 x@0 i4@0", "sret (mem[0]:16) 16")]
    [InlineData("cf", "xmm0:8 (xmm0:8) 0")]
    [InlineData("cd", "xmm0:8+xmm1:8 (xmm0:8+xmm1:8) 0")]
    [InlineData("cx", "st0:16+st1:16 (mem[0]:32) 32")]
    [InlineData("i16", "rax:8+rdx:8 (rdi:8+rsi:8) 0")]
    [InlineData("q", "xmm0:16 (xmm0:16) 0")]
    [InlineData("v16", "xmm0:16 (xmm0:16) 0")]
    [InlineData("v8", "xmm0:8 (xmm0:8) 0")]
    [InlineData("v4", "rax:4 (rdi:4) 0")]
    [InlineData("m8", "sret (mem[0]:8) 8")]
    [InlineData("v32", "sret (mem[0]:32) 32")]
    [InlineData("32/16 V16@0 V16@16", "sret (mem[0]:32) 32")]
    [InlineData("0/1", " () 0")]
    // { int x } aligned(16): one register
    [InlineData("16/16 i4@0", "rax:8 (rdi:8) 0")]
    public void TypesAreClassified(string type, string expected) => Assert.Equal(expected, Lay(type, 1, type));

    [Fact]
    public void AnArgumentIsWhollyInRegistersOrNot()
    {
        // The sixth integer register is left for a later int after a pair did not fit.
        Assert.Equal(
            " (rdi:8, rsi:8, rdx:8, rcx:8, r8:8, mem[0]:16, r9:4, [16]:4) 24",
            Lay("void", 8, "i8", "i8", "i8", "i8", "i8", "16/8 i8@0 i8@8", "i4", "i4"));
        // An __int128 that doesn't fit is aligned to 16 on the stack.
        Assert.Equal(
            " (rdi:8, rsi:8, rdx:8, rcx:8, r8:8, r9:8, [0]:8, [16]:8+[24]:8) 32",
            Lay("void", 8, "i8", "i8", "i8", "i8", "i8", "i8", "i8", "i16"));
    }

    [Fact]
    public void TheHiddenPointerTakesTheFirstRegister()
    {
        CallLayout layout = CallingConvention.Lay(TargetInfo.X86_64, new CallShape
        {
            Result = Shape("24/8 i8@0 i8@8 i8@16"),
            Parameters = new[] { Shape("i4"), Shape("d"), Shape("x") },
            NamedCount = 3,
            VectorSize = 16,
        });
        Assert.Equal(7, layout.StructReturn.Register);
        Assert.Equal(0, layout.StructReturnResult.Register);
        Assert.Equal("rsi:4", Name(layout.Parameters[0][0]));
        Assert.Equal((2, 1, 16), layout.NamedUse);
    }

    [Fact]
    public void VariableArgumentsOfWideVectorsAreInMemory()
    {
        CallLayout layout = CallingConvention.Lay(TargetInfo.X86_64, new CallShape
        {
            Result = TypeShape.Void,
            Parameters = new[] { Shape("v32"), Shape("v32") },
            NamedCount = 1,
            VectorSize = 32,
        });
        Assert.Equal("xmm0:32", Name(layout.Parameters[0][0]));
        Assert.Equal("mem[0]:32", Name(layout.Parameters[1][0]));
    }

    [Fact]
    public void VaArgTakesFromTheSaveArea()
    {
        VariableArgument mixed = CallingConvention.FetchVariable(TargetInfo.X86_64, Shape("16/8 i8@0 d@8"), 16);
        Assert.Equal((1, 1), (mixed.IntegerRegisters, mixed.VectorRegisters));
        VariableArgument wide = CallingConvention.FetchVariable(TargetInfo.X86_64, Shape("x"), 16);
        Assert.Empty(wide.Pieces);
        Assert.Equal((16, 16L), (wide.StackAlignment, wide.StackSize));
    }
}
