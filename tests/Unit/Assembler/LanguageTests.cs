using Xunit;

namespace Kiln.Tests.Assembler;

/// <summary>Macros, repetitions, conditions and comments mean what they mean to GNU as.</summary>
public class LanguageTests
{
    [Theory]
    [InlineData("\"x y\" z")]
    [InlineData("x y z")]
    [InlineData("1 + 2, 3")]
    [InlineData("1 - 2")]
    [InlineData("(%rax,%rbx), q")]
    [InlineData("\"x,y\" z")]
    [InlineData("%rax %rbx")]
    [InlineData("a=5 c=6")]
    [InlineData("-8(%rbp), 5")]
    [InlineData("<a b>, c")]
    [InlineData(", b")]
    [InlineData("a , , c")]
    [InlineData("'a'")]
    [InlineData("x + y z")]
    [InlineData("(1 + 2) * 3, 4")]
    [InlineData("(a b c), 4")]
    [InlineData("!x, ~y")]
    [InlineData("$1 $2")]
    [InlineData("\"a\\\"b\" c")]
    [InlineData("[a b] , c")]
    [InlineData("*a *b")]
    [InlineData("a /b")]
    public void MacroArguments(string arguments) => Gas.AssertSame(".macro foo a b c\n.ascii \"[\\a][\\b][\\c]\"\n.endm\nfoo " + arguments + "\n");

    [Theory]
    [InlineData(".macro m a, b=7, c:vararg\n.long \\a,\\b\n.ascii \"\\c\"\n.ifnb \\c\n.byte \\@\n.endif\n.endm\nm 1\nm 1,2\nm 1,2,x y, z\nm b=3 a=4")]
    [InlineData(".macro sum from=0, to=5\n.long \\from\n.if \\to-\\from\nsum \"(\\from+1)\",\\to\n.endif\n.endm\nsum 0,5")]
    [InlineData(".macro a\n.macro b x\n.byte \\x\n.endm\n.endm\na\nb 3\n.purgem b\n.macro b\n.byte 9\n.endm\nb")]
    [InlineData(".macro m x\n.if \\x>3\n.byte 1\n.exitm\n.endif\n.byte 2\n.endm\nm 5\nm 1")]
    [InlineData(".macro l x\nlab\\x: .byte 1\nlab\\x\\()b: .long lab\\x\n.endm\nl 1; l 2; .byte 3")]
    [InlineData(".rept 3\n.byte 9\n.rept 2\n.byte 8\n.endr\n.endr\n.rept 0\n.byte 1\n.endr")]
    [InlineData(".irp r, a, b, \"c d\"\n.ascii \"\\r;\"\n.endr\n.irpc c, xyz\n.byte '\\c'\n.endr\n.irp x\n.ascii \"[\\x]\"\n.endr\n.irp p 1 2 3\n.byte \\p\n.endr")]
    [InlineData(".irp x, 1, 2\n.irp y, 3, 4\n.if \\x*\\y==6\n.exitm\n.endif\n.byte \\x, \\y\n.endr\n.endr")]
    [InlineData(".altmacro\n.macro m a, b\nlocal l\nl: .ascii \"&a\"\n.long b, l\n.endm\nm <x y>, %1+2\nm q, 7\n.noaltmacro")]
    public void Macros(string source) => Gas.AssertSame(source + "\n");

    [Theory]
    [InlineData("x=5\n.if x==5\n.byte 1\n.else\n.byte 2\n.endif\n.if x>9\n.byte 3\n.elseif x>3\n.byte 4\n.elseif x\n.byte 5\n.else\n.byte 6\n.endif")]
    [InlineData(".ifdef nope\n.byte 1\n.if 1\n.byte 2\n.else\n.byte 3\n.endif\n.else\n.byte 4\n.endif\n.ifndef nope\n.byte 5\n.endif\nyes=1\n.ifdef yes\n.byte 6\n.endif")]
    [InlineData(".ifc a b,a b\n.byte 1\n.endif\n.ifnc a,b\n.byte 2\n.endif\n.ifeqs \"x\",\"x\"\n.byte 3\n.endif\n.ifnes \"x\",\"x\"\n.byte 4\n.endif\n.ifb\n.byte 5\n.endif\n.ifnb x\n.byte 6\n.endif")]
    [InlineData(".ifeq 0\n.byte 1\n.endif\n.ifne 0\n.byte 2\n.endif\n.ifge -1\n.byte 3\n.endif\n.ifgt 1\n.byte 4\n.endif\n.ifle 0\n.byte 5\n.endif\n.iflt 0\n.byte 6\n.endif")]
    [InlineData(".byte 1 # comment ; .byte 2\n# .byte 3\n/* .byte 4\n.byte 5 */ .byte 6\n.byte 7; .byte 8 /* x */; .byte 9\n / .byte 10\n.ascii \"# ; /* */\"")]
    [InlineData("# 12 \"foo.c\"\n.byte 1\n#APP\n.byte 2\n#NO_APP\n\t.byte\t3\t,\t4\nlab : .byte 5\nlab2:lab3: .byte 6")]
    [InlineData(".byte 1\n.end\n.byte 2\ngarbage )(")]
    [InlineData(".BYTE 1\n.Long 2\n.MACRO q\n.byte 3\n.ENDM\nQ")]
    public void Conditions(string source) => Gas.AssertSame(source + "\n");
}
