using System.Text;
using Xunit;

namespace Kiln.Tests.Assembler;

/// <summary>What is wrong is refused, with the place and in GNU as's words.</summary>
public class ErrorTests
{
    [Theory]
    [InlineData(".bogus", "x.s:1: Error: unknown pseudo-op: `.bogus'")]
    [InlineData("\nx:\nx:", "x.s:3: Error: symbol `x' is already defined")]
    [InlineData(".long 1 2", "x.s:1: Error: junk at end of line, first unrecognized character is `2'")]
    [InlineData(".error \"abc\"", "x.s:1: Error: abc")]
    [InlineData(".err", "x.s:1: Error: .err encountered")]
    [InlineData(".if 1\n.byte 1", "x.s:1: Error: end of file inside conditional")]
    [InlineData(".endif", "x.s:1: Error: \".endif\" without \".if\"")]
    [InlineData(".else", "x.s:1: Error: \".else\" without matching \".if\"")]
    [InlineData(".if foo\n.endif", "x.s:1: Error: non-constant expression in \".if\" statement")]
    [InlineData(".macro a\n.byte 1", "x.s:1: Error: unexpected end of file in macro `a' definition")]
    [InlineData(".rept 3\n.byte 1", "x.s:1: Error: .rept without matching .endr")]
    [InlineData("a=b\nb=a\n.long a", "Error: symbol definition loop encountered at")]
    [InlineData(".long ext1-ext2", "Error: can't resolve ext1 - ext2")]
    [InlineData(".long 1f", "is not defined")]
    [InlineData(".long 1b", "backward ref to unknown label \"1:\"")]
    [InlineData(".byte 1\n.org 0\n.byte 1", "attempt to move .org backwards")]
    [InlineData(".bss\n.long 5", "attempt to store non-zero value in section `.bss'")]
    [InlineData(".cfi_endproc", "x.s:1: Error: .cfi_endproc without corresponding .cfi_startproc")]
    [InlineData(".cfi_startproc", "open CFI at the end of file; missing .cfi_endproc directive")]
    [InlineData(".cfi_def_cfa_offset 8", "CFI instruction used without previous .cfi_startproc")]
    [InlineData(".incbin \"/nonexistent\"", "file not found: /nonexistent")]
    [InlineData(".include \"/nonexistent\"", "can't open /nonexistent for reading: No such file or directory")]
    [InlineData(".balign 3", "alignment not a power of 2")]
    [InlineData(".section .x,\"zz\"", "bad .section directive")]
    [InlineData(".insn r 1", ".insn is not supported")]
    [InlineData(".bundle_align_mode 5", ".bundle_align_mode is not supported")]
    [InlineData(".macro m x:req\n.byte \\x\n.endm\nm", "Missing value for required parameter `x' of macro `m'")]
    [InlineData(".macro m\n.bogus\n.endm\n\nm", "x.s:2: Error: unknown pseudo-op: `.bogus'")]
    [InlineData(".macro m\n.bogus\n.endm\n\nm", "x.s:5:  Info: macro invoked from here")]
    [InlineData(".uleb128 ext", "leb128 operand is not an absolute expression")]
    [InlineData(".float abc", "bad floating literal")]
    [InlineData(".size f,g\nf:", "does not evaluate to a constant")]
    [InlineData("# 70 \"foo.c\"\n.bogus", "foo.c:70: Error: unknown pseudo-op")]
    [InlineData(".file 1 \"x.c\"\n.loc 1 1\n.loc 1 2 view 0\nnop", "x.s:3: Error: view number mismatch")]
    [InlineData(".weak c\n.comm c,8", "symbol `c' can not be both weak and common")]
    [InlineData(".set a,c\n.globl a\n.comm c,8", "`a' can't be equated to common symbol `c'")]
    [InlineData("foo:\n.section foo,\"a\"", "x.s:2: Error: section name 'foo' already defined as another symbol")]
    [InlineData(".symver c,c@V\n.comm c,8", "`c@V' can't be versioned to common symbol 'c'")]
    [InlineData("vpdpbusd %xmm1,%xmm2,%xmm3", "operand type mismatch for `vpdpbusd'")]
    public void Refused(string source, string message)
    {
        byte[]? made = Gas.AssembleOurs(Encoding.UTF8.GetBytes(source + "\n"), out IReadOnlyList<string> messages);
        Assert.Null(made);
        Assert.Contains(messages, line => line.Contains(message));
    }

    [Theory]
    [InlineData(".byte 300", "x.s:1: Warning: value 0x12c truncated to 0x2c")]
    [InlineData(".warning \"w\"", "x.s:1: Warning: w")]
    [InlineData(".popsection", "Warning: .popsection without corresponding .pushsection; ignored")]
    public void Warned(string source, string message)
    {
        byte[]? made = Gas.AssembleOurs(Encoding.UTF8.GetBytes(source + "\n"), out IReadOnlyList<string> messages);
        Assert.NotNull(made);
        Assert.Contains(messages, line => line.Contains(message));
    }
}
