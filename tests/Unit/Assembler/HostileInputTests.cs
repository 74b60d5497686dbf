using System.Diagnostics;
using System.Text;
using Xunit;

namespace Kiln.Tests.Assembler;

/// <summary>Bad input ends in messages, soon, and never in a crash.</summary>
public class HostileInputTests
{
    [Theory]
    [InlineData(".macro m\nm\n.endm\nm")]
    [InlineData(".macro m\nm\nm\n.endm\nm")]
    [InlineData(".rept 1000000000\n.byte 1\n.endr")]
    [InlineData(".rept 100000\n.rept 100000\n.byte 1\n.endr\n.endr")]
    [InlineData(".skip 0x7fffffffffffffff,1")]
    [InlineData(".fill 0x7fffffffffffffff,8,1")]
    [InlineData(".org 0x7fffffffffffffff")]
    [InlineData(".org -1")]
    [InlineData(".uleb128 a-b\na: .uleb128 b-a\nb: .skip (a-b)*2+100")]
    [InlineData("a: .skip b-a\nb: .skip a-b+10\n.skip c-b\nc:")]
    [InlineData(".long -(((")]
    [InlineData(".macro")]
    [InlineData(".irp")]
    [InlineData(".section")]
    [InlineData(".ascii \"")]
    [InlineData("/* ")]
    [InlineData("'")]
    [InlineData(".long '")]
    [InlineData(".file 4000000000 \"x\"")]
    [InlineData(".loc 77 1\nnop")]
    [InlineData(".p2align 4000000000000")]
    [InlineData(".set x,x+1\n.long x")]
    [InlineData(".long a\n.set a,b\n.set b,c\n.set c,a")]
    public void Ends(string source) => AssertEnds(Encoding.UTF8.GetBytes(source + "\n"));

    [Fact]
    public void DeepNesting()
    {
        AssertEnds(Encoding.ASCII.GetBytes(".long " + new string('(', 100_000) + "1\n"));
        AssertEnds(Encoding.ASCII.GetBytes(".long " + new string('-', 100_000) + "x\n"));
        AssertEnds(Encoding.ASCII.GetBytes(".long " + string.Concat(Enumerable.Range(0, 20_000).Select(i => $"x{i}+")) + "1\n"));
        AssertEnds(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 20_000).Select(i => $"x{i} = x{i + 1} + y{i}\n")) + ".long x0\n"));
        AssertEnds(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(".if 1\n", 100_000))));
    }

    [Fact]
    public void Mutants()
    {
        byte[] seed = Encoding.UTF8.GetBytes("""
            .file "a.c"
            .text
            .globl f
            .type f, @function
            f: .cfi_startproc
            .macro m a, b=7, c:vararg
            .long \a, \b
            .ifnb \c
            .byte \@
            .endif
            .endm
            m 1, 2, x
            pushq %rbp
            .cfi_def_cfa_offset 16
            1: jmp 1b
            jne 2f
            movl $5, x+4(%rip)
            2: .p2align 4,,10
            .rept 3
            .byte 9
            .endr
            .cfi_endproc
            .size f, .-f
            .section .rodata.str1.1,"aMS",@progbits,1
            .LC0: .string "hello\n"
            .data
            x: .quad f, .LC0+1, x-., 'a'
            .set y, x+4*(1<<3)
            .uleb128 y-x
            .comm c,4,4
            .irp r, a, b
            .ascii "\r"
            .endr
            """ + "\n");
        var random = new Random(12345);
        for (int i = 0; i < 1500; i++)
        {
            var mutant = new List<byte>(seed);
            for (int k = random.Next(1, 6); k > 0; k--)
            {
                int at = random.Next(mutant.Count);
                int count = Math.Min(random.Next(1, 12), mutant.Count - at);
                switch (random.Next(4))
                {
                    case 0:
                        mutant[at] = (byte)random.Next(256);
                        break;
                    case 1:
                        mutant.RemoveRange(at, count);
                        break;
                    case 2:
                        mutant.InsertRange(at, mutant.GetRange(random.Next(mutant.Count - count), count));
                        break;
                    default:
                        mutant[at] = "()+-*/<>,.:;\"'\\$%@#=!"u8[random.Next(21)];
                        break;
                }
            }
            AssertEnds(mutant.ToArray());
        }
    }

    private static void AssertEnds(byte[] source)
    {
        var watch = Stopwatch.StartNew();
        try
        {
            byte[]? made = Gas.AssembleOurs(source, out IReadOnlyList<string> messages);
            Assert.True(made is not null || messages.Count > 0, "refused without a message");
        }
        catch (Exception e) when (e is not Xunit.Sdk.XunitException)
        {
            Assert.Fail(Encoding.Latin1.GetString(source) + "\n" + e);
        }
        // ten seconds are the limit of a published build; this one is neither optimized nor alone on its machine
        Assert.True(watch.ElapsedMilliseconds < 30_000, "took too long: " + Encoding.Latin1.GetString(source.AsSpan(0, Math.Min(2000, source.Length))));
    }
}
