using System.Diagnostics;
using Kiln.Base;
using Kiln.Linker;
using Xunit;

namespace Kiln.Tests.Linker;

/// <summary>Changed objects, archives and libraries are linked or refused with a message, soon, and never crash the linker.</summary>
public class HostileInputTests
{
    private const int Seed = 20261121, Rounds = 150;

    private const string Source = """
        #include <stdio.h>
        static int im(int x) { return x; } static int (*rs(void))(int) { return im; } int ifn(int) __attribute__((ifunc("rs")));
        __thread int tv = 3; extern char **environ; const char *strs[] = {"a", "bb", "abb"};
        __attribute__((constructor)) void k(void) { } int com; int weakf(void) __attribute__((weak));
        int main(void) { printf("%d %s %p %d\n", ifn(tv), strs[1], environ, com); return weakf ? weakf() : 0; }
        """;

    private sealed class Messages : ILinkMessages
    {
        public int Count { get; private set; }

        public void Report(Severity severity, string text) => Count++;
    }

    [Theory]
    [InlineData("object", OutputKind.Pie, false)]
    [InlineData("object", OutputKind.Shared, true)]
    [InlineData("object", OutputKind.Relocatable, false)]
    [InlineData("compressed", OutputKind.Shared, false)]
    [InlineData("archive", OutputKind.Pie, false)]
    [InlineData("library", OutputKind.Pie, false)]
    public void Mutants(string what, OutputKind kind, bool collects)
    {
        using var shop = new Workshop();
        byte[] victim = Victim(shop, what);
        for (int i = 0; i < Rounds; i++)
        {
            byte[] mutant = Mutate(new Random(Seed + i), victim);
            var options = new LinkOptions { Kind = kind, Output = null, GcSections = collects, EhFrameHeader = true, Entry = "main", AllowShlibUndefined = true };
            options.MemoryFiles = new Dictionary<string, ReadOnlyMemory<byte>> { ["victim"] = mutant };
            options.Undefined.Add("main");
            LinkInput[] inputs = what == "library" ? [new(LinkInputKind.File, shop.PathOf("user.o")), new(LinkInputKind.File, "victim")]
                : [new(LinkInputKind.File, "victim"), .. kind == OutputKind.Pie ? (LinkInput[])[new(LinkInputKind.File, shop.PathOf("libc.so"))] : []];
            var messages = new Messages();
            long before = GC.GetAllocatedBytesForCurrentThread();
            Stopwatch watch = Stopwatch.StartNew();
            bool isLinked = Kiln.Linker.Linker.Link(options, inputs, messages, out byte[]? image);
            Assert.True(isLinked ? image is not null : messages.Count > 0, $"round {i}: no message");
            Assert.True(watch.ElapsedMilliseconds < 10_000, $"round {i} took {watch.ElapsedMilliseconds} ms");
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 29, $"round {i} took too much memory");
        }
    }

    private static byte[] Victim(Workshop shop, string what)
    {
        shop.Make("shared", "libc.so", shop.Compile("c", "char **environ; int printf(const char *f, ...) { return 0; }", "-fPIC"));
        string name = shop.Compile("victim", Source, what == "compressed" ? ["-g", "-gz", "-fPIC", "-fcommon"] : ["-g", "-fPIC", "-fcommon", "-ffunction-sections"]);
        switch (what)
        {
            case "archive":
                Assert.Equal(0, shop.Tool("ar", "rcs", "v.a", name).Status);
                return File.ReadAllBytes(shop.PathOf("v.a"));
            case "library":
                shop.Compile("user", "extern int tv_; extern char **environ; int printf(const char *, ...); int main(void) { return printf(\"%p\", environ); }");
                return File.ReadAllBytes(shop.PathOf("libc.so"));
            default:
                return File.ReadAllBytes(shop.PathOf(name));
        }
    }

    // Half of the changes hit any bytes, half the tables that others are found by.
    private static byte[] Mutate(Random random, byte[] original)
    {
        byte[] bytes = (byte[])original.Clone();
        long[] odd = [-1, 0, 1, long.MaxValue, 1L << 32, 0x7fffffff, -0x7fffffff, 0xff00, 0xfff1];
        for (int n = random.Next(1, 6); n > 0 && bytes.Length > 80; n--)
        {
            int at = random.Next(bytes.Length);
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    BitConverter.TryWriteBytes(bytes.AsSpan(Math.Min(at, bytes.Length - 8)), odd[random.Next(odd.Length)]);
                    break;
                case 3:
                    int length = Math.Min(random.Next(64), bytes.Length - at);
                    Array.Copy(bytes, at, bytes, random.Next(bytes.Length - length + 1), length);
                    break;
                case 4:
                    int table = (int)Math.Clamp(BitConverter.ToInt64(bytes, 40), 0, bytes.Length - 8);
                    BitConverter.TryWriteBytes(bytes.AsSpan(Math.Min(table + random.Next(2000) & ~7, bytes.Length - 8)), odd[random.Next(odd.Length)]);
                    break;
                case 5:
                    if (random.Next(8) == 0)
                        bytes = bytes[..random.Next(1, bytes.Length)];
                    break;
            }
        }
        return bytes;
    }
}
