using System.Text;
using Kiln.Assembler.Language;
using Kiln.Assembler.Sections;
using Kiln.Base;
using Kiln.Isa;
using Kiln.Target;
using Xunit;

namespace Kiln.Tests.Assembler;

/// <summary>Branches relax, references become relocations and padding becomes no-operations as with GNU as.</summary>
public class CodeTests
{
    [Theory]
    [InlineData("call g\ncall loc\ncall f\njmp f\njmp loc\njmp w\njne g\njmp g@PLT\ncall loc@PLT\njmp f@PLT\n.globl f\nf: nop\n.weak w\nw: nop\nloc: ret")]
    [InlineData("jmp 1f\n.skip 126\n1: jmp 2f\n.skip 127\n2: jmp 3f\n.skip 128\n3: jmp 3b\njne 2b\njrcxz 3b\njmp .\njmp .+2\njmp 1b+5")]
    [InlineData("a: jne b\n.skip 120\njne a\njne b\nb: jne a\n.p2align 4\njmp a\n.skip 100\njmp c\n.skip 120\n.p2align 5\nc:")]
    [InlineData(".rept 60\njmp 9f\n.endr\n.skip 10\n9: .rept 40\njne 9b\n.endr")]
    [InlineData("nop\n.p2align 4\nnop\n.p2align 4,,10\n.byte 1,2\n.p2align 5\n.balign 64\n.skip 13\n.p2align 6\n.p2align 8\n.nops 9\n.nops 20,3\nret\n.p2align 3,0x90\n.align 1024")]
    [InlineData("leaq .LC0(%rip), %rax\nleaq d(%rip), %rax\nmovl $.LC0, %eax\nmovabsq $d, %rax\nmovq $d, %rax\nmovl $5, d+4(%rip)\ncmpl $0x12345678, d(%rip)\nmovq d-4(,%rax,8), %rcx\n.section .rodata.str1.1,\"aMS\",@progbits,1\n.LC0: .string \"x\"\n.data\nd: .long 1")]
    [InlineData("movq e@GOTPCREL(%rip), %rax\nmovl e@GOTPCREL(%rip), %eax\ncall *e@GOTPCREL(%rip)\njmp *e@GOTPCREL(%rip)\npushq e@GOTPCREL(%rip)\ncmpq e@GOTPCREL(%rip), %rax\n.data\n.long e@GOTPCREL,e@PLT,e@GOT\n.quad e@GOTOFF")]
    [InlineData("leaq t@tlsgd(%rip), %rdi\nleaq t@tlsld(%rip), %rdi\nmovq t@gottpoff(%rip), %rax\nmovq %fs:t@tpoff, %rax\nleaq t@dtpoff(%rax), %rax\nleaq t@tlsdesc(%rip), %rax\ncall *t@tlscall(%rax)\n.section .tdata,\"awT\"\nt: .long 1")]
    [InlineData("addq $_GLOBAL_OFFSET_TABLE_, %rax\nleaq _GLOBAL_OFFSET_TABLE_(%rip), %rax\nmovl $_GLOBAL_OFFSET_TABLE_+[.-x], %eax\nx: .long _GLOBAL_OFFSET_TABLE_-.\n.quad _GLOBAL_OFFSET_TABLE_-.")]
    [InlineData("movl $x-y, %eax\ny: movl $2f-1f, %ecx\n1: nop\n2: x: leaq x-y(%rax), %rax\n.long .data, .text+4\n.reloc 0, R_X86_64_NONE, foo\n.reloc .-4, R_X86_64_32, y+3")]
    [InlineData(".set counter, %rcx\nmovq %rax, counter\n.intel_syntax noprefix\nmov eax, dword ptr [rbx+4*rcx+8]\nlea rax, [rip+x]\ncall x\njne x\nmov eax, offset x\n.att_syntax\nmovl %eax, %ebx\nx:")]
    [InlineData("lock; incl (%rax)\nrep; movsb\nlock incl (%rax)\nrep movsb\nrep ; nop; cs; nop\n{disp32} jmp 1f\n1: notrack jmp *%rax")]
    [InlineData(".macro push2 a, b\npushq \\a\npushq \\b\n.endm\npush2 %rax, %rbx\npush2 $1 $2\npush2 8(%rax), (%rbx)\n.macro try, op, from, to\n9: \\op \\from, \\to\n.pushsection .ex,\"a\"\n.quad 9b\n.popsection\n.endm\ntry movl, (%rax), %ebx")]
    [InlineData(".code32\nmovl %eax, %ebx\npushl %eax\n.code16\nmovl %eax, %ebx\nmovw %ax, %bx\njmp 1f\n.skip 200\n1: .code64\nmovq %rax, %rbx")]
    public void SameAsGas(string source) => Gas.AssertSame(source + "\n");

    [Theory]
    [InlineData("call g\njmp loc\nloc: jne loc\nmovq $5, x+4(%rip)\nleaq x-4(,%rax,8), %rcx\nmovq e@GOTPCREL(%rip), %rax\ncall *e@GOTPCREL+0(%rip)\n.data\nx: .quad loc, x+4, x-., e-.\n.long x-loc2\nloc2:")]
    [InlineData("f: .cfi_startproc\npushq %rbp\n.cfi_def_cfa_offset 16\n.cfi_offset 6, -16\nmovq %rsp, %rbp\n.cfi_remember_state\n.cfi_def_cfa_register 6\nleave\n.cfi_restore_state\n.cfi_escape 0x2e,0x10\nret\n.cfi_endproc\n.size f,.-f\n.type f,@function\n.globl f\n.hidden f")]
    [InlineData(".section .a,\"axG\",@progbits,g,comdat\n.long 1\n.subsection 2\n.long 2\n.section .b,\"aMS\",@progbits,1\n.string \"a\\\"b\\n\\001\\377\"\n.bss\ny: .zero 10\n.comm c,4,4\n.local d\n.comm d,8,8\n.text\n.p2align 4,,10\n.p2align 4,0xcc\n.org 100\n.fill 3,2,7\n.uleb128 200,b-a\na: .skip 300\nb:")]
    [InlineData(".set a,5\n.set b,c+4\n.weak w\n.set w,c\n.weakref wr,target\n.quad wr, b, w\n.symver c,c@@V1\n.globl c\nc: .long a, (b-c)*2, -(b-c), ~(b-c), 7&(b-c)|1\n.ident \"x\"\n.file \"x.c\"\n.reloc 0,R_X86_64_NONE,c")]
    [InlineData(".section .debug_info\n.long 1\n.text\n.file 1 \"x.c\"\nf: .loc 1 5 3\nnop\n.loc 1 6 7 is_stmt 0 discriminator 3\nnop\n.loc 1 7 prologue_end\nret")]
    public void TextSinkSaysTheSame(string source)
    {
        Gas.Require();
        byte[] bytes = Encoding.UTF8.GetBytes(source + "\n");
        byte[]? direct = Gas.Assemble(bytes);
        byte[] text = Gas.Rewrite(bytes);
        byte[]? again = Gas.Assemble(text);
        Assert.True(direct is not null && again is not null, Encoding.UTF8.GetString(text));
        Gas.AssertNoDifference(again, direct);
        byte[]? ours = Gas.AssembleOurs(text, out IReadOnlyList<string> messages);
        Assert.True(ours is not null, string.Join('\n', messages));
        Gas.AssertNoDifference(ours, direct);
    }

    /// <summary>Pieces of inline assembly keep their macros, reach the emitter's labels, and name their places.</summary>
    [Fact]
    public void InlineAssembly()
    {
        Gas.Require();
        var map = new SourceMap();
        var messages = new AssemblerMessages(map);
        byte[] direct = Emit(new ObjectEmitter(TargetInfo.X86_64, messages), map);
        byte[] text = Emit(new TextEmitter(TargetInfo.X86_64, messages), map);
        Assert.Empty(messages.Lines);
        Assert.Contains("#APP", Encoding.UTF8.GetString(text));
        byte[]? assembled = Gas.Assemble(text);
        Assert.True(assembled is not null, Encoding.UTF8.GetString(text));
        // a label without a name keeps the one that the text had to give it
        Gas.AssertNoDifference(direct, assembled);
        Gas.AssertNoDifference(Gas.AssembleOurs(text, out _)!, assembled);
    }

    private static byte[] Emit(Emitter emitter, SourceMap map)
    {
        var reader = new AssemblyReader(emitter, new AssemblerOptions { Target = TargetInfo.X86_64, Map = map });
        reader.ReadInline(".macro twice x\n\\x\n\\x\n.endm\n.set k, 7"u8);
        int function = emitter.Symbol("f"), target = emitter.Temporary();
        emitter.SwitchSection(Emitter.TextSection);
        emitter.Attribute(function, SymbolAttribute.Global);
        emitter.Label(function);
        reader.ReadInline(Encoding.UTF8.GetBytes("twice nop; movl $k, %eax\n\tjne " + Encoding.UTF8.GetString(emitter.NameOf(target))));
        emitter.Label(target);
        reader.ReadInline("1: jmp 1b\n.pushsection .data\n.quad 1b\n.popsection"u8);
        emitter.Size(function, emitter.Difference(emitter.Here(), function));
        var output = new ByteWriter();
        Assert.True(emitter.Finish(output));
        return output.ToArray();
    }

    [Fact]
    public void InlineAssemblyNamesItsLine()
    {
        var map = new SourceMap();
        Location file = map.AddFile(new SourceFile("x.c", "one\ntwo\nthree\n"u8.ToArray()), default);
        var messages = new AssemblerMessages(map);
        var emitter = new ObjectEmitter(TargetInfo.X86_64, messages);
        var reader = new AssemblyReader(emitter, new AssemblerOptions { Target = TargetInfo.X86_64, Map = map });
        reader.ReadInline("nop\n\tfoo %eax"u8, file, file.Add(5));
        Assert.Equal(["x.c:2: Error: no such instruction: `foo %eax'"], messages.Lines);
    }

    [Fact]
    public void ManySections()
    {
        Gas.Require();
        var source = new StringBuilder();
        for (int i = 0; i < 70_000; i++)
            source.Append($".section .s{i},\"a\"\nl{i}: .quad l{i}\n");
        byte[]? made = Gas.AssembleOurs(Encoding.ASCII.GetBytes(source.ToString()), out _);
        Assert.NotNull(made);
        var dump = new ElfDump(made);
        Assert.Equal(70_003, dump.Sections.Count);
        Assert.Contains("l69999 .s69999 value=0 size=0 bind=0 type=0 other=0", dump.Symbols);
        Assert.Equal("000000 type=1 .s69999+0", dump.Sections[^1].Relocations[0]);
    }

    [Theory]
    [InlineData("140: testl %eax,%eax\n141: .nops -(((144f-143f)-(141b-140b)) > 0)*((144f-143f)-(141b-140b)),7\n142: .section .alt,\"ax\"\n143: jmp foo\n144:")]
    [InlineData(".text\nnop\n.section foo,\"aG\",%progbits,grp\n.long 0\n.text\n.attach_to_group grp")]
    [InlineData("movl $x@SIZE+2,%eax\nmovl $z@SIZE,%eax\nmovq $y@SIZE,%r15\n.local z\n.comm z,40,8\n.data\n.type x,%object\n.size x,80\nx: .zero 80\n.long x@SIZE-1")]
    [InlineData("jmp near@PLT\n.globl g\ng: jmp g@PLT\njmp g\n.type near,@function\nnear: ret")]
    [InlineData(".data\n.quad .startof.(.text), .sizeof.(.text)")]
    [InlineData(".data\nhere: .set s, here\n.long s\n.set s, 0x11\n.long s\n.comm s,1\n.long s")]
    [InlineData(".section s,\"a\",%0x60000011\n.word 1\n.section t,\"a\",\"0x80000009\"\n.word 2")]
    [InlineData("addr32 mov 0x89abcdef,%rax\naddr32 mov 0x600898,%al\naddr32 mov %rbx,0x89abcdef\nmov 0x80000000,%eax\nxrelease addr32 movb %al,0x87654321")]
    [InlineData("movq foo@GOTPCREL,%rax\nmovq foo@GOTPCREL(%rip),%rax\ncall *foo@GOTPCREL(%rcx)\njmp *foo@GOTPCREL(%rip)")]
    [InlineData(".intel_syntax noprefix\nmov ebx,[0xee000f0]\ncvtsi2ssq xmm1,rax\ncallq rax\ncall far ptr [rbx]\nvcvtsi2sdq xmm6,xmm4,rcx")]
    [InlineData("rexz movss %xmm0,%xmm0\njmp.d32 foo\nmov.d32 8(%rax),%ecx\nloopl .\nloopq .")]
    [InlineData(".symver foo,foo@@V2,local\n.symver foo,foo@V1\n.globl foo\n.data\nfoo: .byte 0")]
    public void SuiteFindingsAreAsGasHasThem(string source) => Gas.AssertSame(source + "\n");

    [Theory]
    [InlineData(".file 1 \"dir/x.c\"\n.file 2 \"y.h\"\n.loc 1 1\nnop\n.loc 2 9 3 discriminator 2\nnop\n.loc 1 200 is_stmt 0\n.skip 17,0x90\n.loc 1 200 prologue_end\nnop\n.skip 300,0x90\n.loc 1 201\nnop")]
    [InlineData(".file 1 \"x.c\"\n.loc 1 1 view -0\n.loc 1 2 view v\nnop\n.loc 1 3 view -0\n.loc 1 4 view -0\nnop\n.data\n.uleb128 v")]
    [InlineData(".file 0 \"/dir\" \"x.c\"\n.file 1 \"x.c\"\n.loc 1 5\nnop")]
    public void LineTableIsThatOfGas(string source)
    {
        Gas.Require();
        byte[] bytes = Encoding.ASCII.GetBytes(source + "\n");
        byte[]? theirs = Gas.Assemble(bytes), ours = Gas.AssembleOurs(bytes, out _);
        Assert.NotNull(theirs);
        Assert.NotNull(ours);
        ElfDump.Section Lines(byte[] file) => new ElfDump(file).Sections.Find(static section => section.Name == ".debug_line")!;
        Assert.Equal(Convert.ToHexString(Lines(theirs).Data), Convert.ToHexString(Lines(ours).Data));
        // the order of strings is a choice of the assembler
        static List<string> Places(ElfDump.Section lines) => lines.Relocations.FindAll(static line => !line.Contains("debug_line_str"));
        Assert.Equal(Places(Lines(theirs)), Places(Lines(ours)));
    }
}
