using System.Text;
using Xunit;

namespace Kiln.Tests.Assembler;

/// <summary>What gcc writes becomes the object that GNU as makes of it, and the text sink writes it so that the same comes out.</summary>
public class CompilerOutputTests
{
    private const string Program = """
        #include <stdarg.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <setjmp.h>
        #include <math.h>
        struct node { struct node *left, *right; int key; double weight; char name[20]; };
        static const char *const names[] = { "alpha", "beta", "gamma", 0 };
        static int counter; int common_like; __thread int tls_value = 3; static __thread long tls_zero;
        extern int other(int) __attribute__((weak)); extern void *volatile sink;
        __attribute__((visibility("hidden"))) int hidden_function(int x) { return x * 3 + counter++; }
        static int compare(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }
        static struct node *insert(struct node *n, int key, double w) {
          if (!n) { n = calloc(1, sizeof *n); n->key = key; n->weight = w; snprintf(n->name, sizeof n->name, "n%d", key); return n; }
          if (key < n->key) n->left = insert(n->left, key, w); else n->right = insert(n->right, key, w * 0.5);
          return n;
        }
        double average(int count, ...) {
          va_list list; va_start(list, count); double sum = 0;
          for (int i = 0; i < count; i++) sum += va_arg(list, double);
          va_end(list); return count ? sum / count : NAN;
        }
        int classify(int c, const char *s) {
          switch (c) { case 1: return 7; case 2: return other ? other(c) : 4; case 3: puts(s); return 9; case 4: return -1;
            case 5: return strlen(s); case 6: return s[0]; case 7: case 8: abort(); default: return c ^ 0x55; }
        }
        static void *targets(int op, int *acc) {
          static void *const labels[] = { &&add, &&sub, &&done };
          goto *labels[op % 3]; add: *acc += 2; goto *labels[(op + 1) % 3]; sub: *acc -= 1; done: return acc;
        }
        long double extended(long double x) { return sinl(x) / 3 + 1.5L; }
        float vectors(float *restrict a, const float *restrict b, int n) { float s = 0; for (int i = 0; i < n; i++) { a[i] += b[i] * 2; s += a[i]; } return s; }
        jmp_buf buffer; int jumps(void) { if (setjmp(buffer)) return 1; longjmp(buffer, 1); }
        static inline void pause_cpu(void) { __asm__ volatile("rep; nop\n\t# a comment\n1:\tjmp 2f\n2:" ::: "memory"); }
        __asm__(".pushsection .note.test,\"a\",@note\n.long 1,2,3\n.popsection");
        extern int alias_of(int) __attribute__((alias("hidden_function")));
        __attribute__((constructor, cold)) static void start(void) { tls_zero += tls_value; pause_cpu(); }
        int main(int argc, char **argv) {
          struct node *root = 0; int acc = 0; const char *list[3]; memcpy(list, names, sizeof list);
          qsort(list, 3, sizeof *list, compare);
          for (int i = 0; i < argc * 10; i++) root = insert(root, i * 7919 % 101, i);
          sink = targets(argc, &acc);
          printf("%s %f %d %Lf\n", list[0], average(3, 1.0, 2.0, acc + 0.0), classify(argc, argv[0]), extended(acc));
          return root->key + hidden_function(acc) + (int)vectors(0, 0, 0) + jumps();
        }
        """;

    [Theory]
    [InlineData("-O0")]
    [InlineData("-O0 -g")]
    [InlineData("-O1 -fPIC -g")]
    [InlineData("-O2")]
    [InlineData("-O2 -g")]
    [InlineData("-O2 -g -gdwarf-4")]
    [InlineData("-O3 -mavx2 -mfma -ffast-math")]
    [InlineData("-Os -ffunction-sections -fdata-sections -fPIC -mtls-dialect=gnu2")]
    [InlineData("-O2 -fno-pie -mcmodel=large")]
    [InlineData("-O2 -fexceptions -fcf-protection=full -fasynchronous-unwind-tables -fcommon")]
    [InlineData("-O1 -fno-plt -fPIE -pg")]
    [InlineData("-O2 -masm=intel")]
    public void SameAsGas(string flags)
    {
        Gas.Require();
        Assert.SkipUnless(File.Exists("/usr/bin/gcc"), "gcc is not installed");
        string directory = Directory.CreateTempSubdirectory("kiln-gcc").FullName;
        try
        {
            string source = Path.Combine(directory, "x.c"), text = Path.Combine(directory, "x.s");
            File.WriteAllText(source, Program);
            Assert.NotNull(Gas.Run("gcc", [.. flags.Split(' '), "-w", "-S", source, "-o", text]));
            byte[] bytes = File.ReadAllBytes(text);
            Gas.AssertSame(bytes);
            byte[]? theirs = Gas.Assemble(bytes);
            byte[] rewritten = Gas.Rewrite(bytes);
            byte[]? again = Gas.Assemble(rewritten);
            Assert.True(again is not null, "GNU as refuses the text sink's output");
            Gas.AssertNoDifference(again, theirs!);
        }
        finally
        {
            Directory.Delete(directory, true);
        }
    }
}
