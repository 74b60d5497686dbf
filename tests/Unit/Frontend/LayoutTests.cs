using System.Globalization;
using System.Text;
using Kiln.Frontend.Types;
using Xunit;

namespace Kiln.Tests.Frontend;

/// <summary>Sizes, alignments and offsets against gcc's, bit-fields by the image that an initializer makes.</summary>
public class LayoutTests
{
    private const string Records = """
        struct a { char c; int i; short s; };
        struct b { char c; double d; char e; };
        struct c { char c; int i; } __attribute__((packed));
        struct d { char c; int i __attribute__((packed)); short s; };
        struct e { int a : 3; int b : 30; int c : 5; };
        struct f { char a; int b : 4; short c; int d : 20; };
        struct g { long a : 33; int b : 31; char c; };
        struct h { char a : 7; char b : 2; short : 0; char c : 1; };
        struct i { int a : 3; int : 0; int b : 3; };
        struct j { char c; } __attribute__((aligned(16)));
        struct k { char c; struct j j; };
        struct l { int n; char d[]; };
        union m { char c[5]; int i; };
        struct n { union m m; char c; };
        struct o { char c; long double x; _Complex float z; __int128 q; };
        struct p { _Bool a : 1; unsigned char b : 4; _Bool c; };
        struct q { int a : 3; int b : 31; int c : 31; } __attribute__((packed));
        struct r { char c; int x __attribute__((aligned(32))); };
        struct s { struct { char a; union { int b; char c; }; }; char d; };
        typedef int u4 __attribute__((aligned(1)));
        struct t { char c; u4 x; };
        typedef char v16 __attribute__((vector_size(16)));
        struct u { char c; v16 v; };
        struct v { enum { A, B = 300 } e : 9; unsigned x : 23; unsigned char y; };
        #pragma pack(push, 2)
        struct w { char c; int i; long l; int b : 5; long d : 40; };
        #pragma pack(pop)
        struct x { char c; __attribute__((aligned(8))) int b : 3; int e : 29; };
        struct y { unsigned long long a : 60; unsigned long long b : 60; char c; };
        struct z { };
        struct za { struct z z; int i; };
        struct zb { int i; int a[0]; };
        struct zc { short s; long l : 15; char c; } __attribute__((packed, aligned(4)));
        """;

    [Fact]
    public void LayoutsAreGccs()
    {
        var unit = new AnalysedUnit(Records + Uses());
        Assert.Equal([], unit.Messages);
        var asserts = new StringBuilder(Records).AppendLine();
        foreach (string name in RecordNames())
        {
            var record = (RecordType)unit.Variable("v_" + name.Split(' ')[1]).Type.Type;
            asserts.AppendLine(CultureInfo.InvariantCulture, $"_Static_assert(sizeof({name}) == {record.Size}, \"size of {name}\");");
            asserts.AppendLine(CultureInfo.InvariantCulture, $"_Static_assert(_Alignof({name}) == {record.Alignment}, \"alignment of {name}\");");
            foreach (Field field in record.Fields)
            {
                if (!field.IsBitField && field.Name != 0)
                {
                    asserts.AppendLine(CultureInfo.InvariantCulture,
                        $"_Static_assert(__builtin_offsetof({name}, {unit.Names.Text(field.Name)}) == {field.Offset}, \"{name}.{unit.Names.Text(field.Name)}\");");
                }
            }
        }
        if (AnalysedUnit.Gcc(asserts.ToString(), "-w -fsyntax-only") is not { } gcc)
        {
            Assert.Skip("no gcc");
            return;
        }
        Assert.Equal("", gcc.Output);
    }

    [Fact]
    public void BitFieldsAreWhereGccPutsThem()
    {
        // Each bit-field in turn is all ones: the bytes must be those that gcc's program prints.
        var source = new StringBuilder(Records).AppendLine();
        var names = new List<string>();
        var unit = new AnalysedUnit(Records + Uses());
        foreach (string name in RecordNames())
        {
            var record = (RecordType)unit.Variable("v_" + name.Split(' ')[1]).Type.Type;
            foreach (Field field in record.Fields)
            {
                if (!field.IsBitField)
                    continue;
                string variable = $"b_{name.Split(' ')[1]}_{unit.Names.Text(field.Name)}";
                names.Add(variable);
                source.AppendLine(CultureInfo.InvariantCulture, $"{name} {variable} = {{ .{unit.Names.Text(field.Name)} = {(field.Type.Type.Kind == TypeKind.Bool ? "1" : "-1")} }};");
            }
        }
        var images = new AnalysedUnit(source.ToString());
        Assert.Equal(0, images.ErrorCount);
        source.AppendLine("int printf(const char *, ...); static void show(const char *n, const void *p, int s)"
            + " { const unsigned char *b = p; printf(\"%s \", n); for (int i = 0; i < s; i++) printf(\"%02x\", b[i]); printf(\"\\n\"); } int main(void) {");
        foreach (string name in names)
            source.AppendLine(CultureInfo.InvariantCulture, $"show(\"{name}\", &{name}, sizeof {name});");
        source.AppendLine("}");
        string program = Path.Combine(Path.GetTempPath(), "kiln-layout-" + Guid.NewGuid().ToString("n"));
        if (AnalysedUnit.Gcc(source.ToString(), $"-w -O0 -o {program}") is not { } gcc)
        {
            Assert.Skip("no gcc");
            return;
        }
        Assert.Equal("", gcc.Output);
        try
        {
            using var run = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(program) { RedirectStandardOutput = true })!;
            string[] lines = run.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
            var ours = new List<string>();
            foreach (string name in names)
            {
                Kiln.Frontend.Ast.StaticImage image = images.Variable(name).Image!;
                var bytes = new byte[image.Size];
                image.Bytes.AsSpan(0, image.Length).CopyTo(bytes);
                ours.Add(name + " " + Convert.ToHexStringLower(bytes));
            }
            Assert.Equal(lines, ours);
        }
        finally
        {
            File.Delete(program);
        }
    }

    private static IEnumerable<string> RecordNames()
    {
        foreach (string line in Records.Split('\n'))
        {
            string[] words = line.Split(' ');
            if (words[0] is "struct" or "union")
                yield return words[0] + " " + words[1];
        }
    }

    private static string Uses() => "\n" + string.Concat(RecordNames().Select(n => $"{n} v_{n.Split(' ')[1]};\n"));
}
