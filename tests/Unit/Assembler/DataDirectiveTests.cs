using Xunit;

namespace Kiln.Tests.Assembler;

/// <summary>Directives and expressions give the bytes, relocations and symbols that GNU as gives.</summary>
public class DataDirectiveTests
{
    [Theory]
    [InlineData(".byte 1,2,-1,0xff,'a','\\n,'b'\n.short 0x7fff\n.value -1\n.long 1\n.quad 0x1122334455667788\n.octa 0x112233445566778899aabbccddeeff00,-1")]
    [InlineData(".long 2+3*4, (2+3)*4, 7/2, -7/2, 7%3, ~0, !5, 3==3, 3<4, 4<>4, 1&&0, 2||0, 6^3, 6!3, 0x10>>2, 1<<4|1, 5-3-1, 1+2==3")]
    [InlineData(".ascii \"a\\n\\t\\\"\\101\\x41\" \"def\"\n.asciz \"a\",\"b\"\n.string \"\"\n.string16 \"hi\"\n.string32 \"x\"")]
    [InlineData(".zero 10\n.skip 4,0xaa\n.space 3\n.fill 3,2,0x1234\n.fill 2,8,0x1122334455667788\n.fill 2")]
    [InlineData(".byte 1\n.balign 16\n.byte 2\n.p2align 3,0xcc\n.short 1\n.balignw 8,0x1234\n.p2align 4,,3\n.byte 5\n.align 4")]
    [InlineData(".float 1.5,-2.25e10,0f3.0\n.double 3.14159,-1e-300,.5\n.tfloat 1.0,-0.1\n.single 1e30")]
    [InlineData("x: .skip 300\ny: .uleb128 300,y-x,0,127,128\n.sleb128 -5,128,63,64,-64,-65,x-y")]
    [InlineData(".dc.b 1\n.dc.l 2\n.dcb.w 3,7\n.dcb.l 2\n.ds.l 2\n.ds.b 3")]
    [InlineData("x: .long 1f-.\n1: .long 1b-.,1b-1f\n.skip 5\n1:\n.quad 1b,x")]
    [InlineData(".set a,5\nb=a*3\nc==b+1\n.equ d,c\n.equiv e,7\n.long a,b,c,d,e\n.set a,6\n.long a")]
    [InlineData(".set a,.+4\n.long a\n.set a,.+8\n.long a")]
    [InlineData(".org 16\nx: .byte 1\n.org x+20,0xff\n.byte 2\n. = 100\n.byte 3")]
    [InlineData(".struct 8\nf1: .skip 4\nf2: .long 0\nf3:\n.text\n.long f1,f2,f3")]
    [InlineData("a: .skip (c-b)*2,0x11\nb: .long 1\nc: .long 2\n.skip d-e\n.if c-b==4\n.byte 7\n.endif\ne: .long 3\nd:")]
    [InlineData(".skip -((2f-1f)-(4f-3f)>0)*((2f-1f)-(4f-3f)),0x90\n1: .byte 1\n2:\n.section .x,\"a\"\n3: .byte 1,2,3\n4:")]
    public void Data(string source) => Gas.AssertSame(".data\n" + source + "\n");

    [Theory]
    [InlineData(".data\nx: .quad x,ext,x+8,ext-4\n.long x,ext-.,x-.,ext2+4-.\n.globl g\ng: .quad g\n.long g-x")]
    [InlineData(".globl u1\n.weak u2\n.hidden u3\n.type u4,@function\n.size u5,4\n.data\n.quad u6\n.weak u7\n.quad u7")]
    [InlineData(".section .rodata.str1.1,\"aMS\",@progbits,1\n.LC0: .string \"hello\"\n.LC1: .string \"x\"\n.section .rodata\n.quad .LC0,.LC1,.LC1+1\nlocal: .quad local")]
    [InlineData(".comm cc,40,32\n.comm c3,3\n.lcomm ll,8\n.local zz\n.comm zz,4\n.comm big,100\n.data\n.quad cc,ll,zz")]
    [InlineData(".section .foo,\"axG\",@progbits,grp,comdat\n.quad x\n.section .foo,\"axG\",@progbits,grp2,comdat\ngrp2: .quad x\n.section .bar,\"a?\"\n.byte 1")]
    [InlineData(".section .tdata,\"awT\"\nt: .long 5\n.section .tbss,\"awT\",@nobits\nu: .zero 4\n.type t,@object\n.size t,4\n.data\n.quad t@dtpoff")]
    [InlineData("f: .skip 4\n.type f,@function\n.size f,.-f\n.globl al\n.set al,f\n.set al2,f+2\n.set al3,ext\n.weak al4\nal4=f\n.data\n.quad al,al2,al3,al4")]
    [InlineData("v: .long 1\n.symver v,v@V1\n.symver w,w@V2\n.quad w\n.globl y\ny: .long 2\n.symver y,y@@V3\n.globl z\nz: .long 4\n.symver z,z@@@V4")]
    [InlineData(".weakref a,b\n.weakref c,d\n.data\n.quad a\n.quad c,d")]
    [InlineData(".type i,%gnu_indirect_function\ni: .long 1\n.data\n.quad i")]
    [InlineData(".file \"a.c\"\n.file \"b.c\"\n.ident \"x y\"\n.ident \"z\"\n.section .note.GNU-stack,\"\",@progbits")]
    [InlineData(".section .a,\"a\"\n.byte 1\n.section .b,\"a\"\n.byte 2\n.previous\n.byte 3\n.previous\n.byte 4\n.pushsection .c,\"a\"\n.byte 5\n.pushsection .d\n.byte 6\n.popsection\n.byte 7\n.popsection\n.byte 8")]
    [InlineData(".text\n.long 1\n.text 2\n.long 2\n.text 1\n.long 3\n.subsection 0\n.long 4\n.data 1\n.long x\n.data 0\n.long 7\nx:")]
    [InlineData(".section .init_array,\"aw\"\n.quad f\n.section .fini_array\n.quad f\n.section .init_array.00100,\"aw\",@init_array\n.quad f\n.section .x,\"awo\",@progbits,f\n.byte 1\n.text\nf:")]
    [InlineData(".section .x,\"a\",@progbits,unique,3\n.byte 1\n.section .x,\"a\",@progbits,unique,4\n.byte 2\n.section .y,\"awR\"\n.byte 1\n.section .z,\"ae\"\n.byte 2")]
    [InlineData(".bss\nx: .skip 100\n.balign 32\ny: .zero 4096\n.long 0\n.size y,4096\n.type y,@object\n.globl y")]
    [InlineData("\"a b\": .long 1\n.globl \"a b\"\n.long \"a b\"-.\nfoo$bar=3\n.long foo$bar")]
    public void Symbols(string source) => Gas.AssertSame(source + "\n");

    [Theory]
    [InlineData(".cfi_startproc\n.skip 1,0x55\n.cfi_def_cfa_offset 16\n.cfi_offset 6,-16\n.skip 3\n.cfi_def_cfa_register 6\n.skip 200\n.cfi_remember_state\n.cfi_restore 6\n.cfi_def_cfa 7,8\n.skip 70000\n.cfi_restore_state\n.cfi_endproc")]
    [InlineData(".cfi_startproc\n.skip 4\n.cfi_escape 0x2e,0x10\n.cfi_undefined rip\n.cfi_same_value %rbx\n.cfi_register rbx,r12\n.cfi_rel_offset 3,8\n.cfi_adjust_cfa_offset 8\n.cfi_val_offset 3,-24\n.cfi_endproc")]
    [InlineData(".cfi_startproc\n.skip 5\n.cfi_endproc\n.cfi_startproc\n.cfi_signal_frame\n.skip 4\n.cfi_endproc\n.cfi_startproc simple\n.cfi_def_cfa 7,16\n.skip 4\n.cfi_endproc\n.cfi_startproc\n.skip 3\n.cfi_endproc")]
    [InlineData(".cfi_sections .eh_frame,.debug_frame\n.cfi_startproc\n.skip 5\n.cfi_def_cfa_offset 16\n.cfi_endproc\n.section .text.y,\"ax\"\n.cfi_startproc\n.cfi_signal_frame\n.skip 5\n.cfi_endproc")]
    [InlineData(".cfi_startproc\n.cfi_personality 0x9b,DW.ref.p\n.cfi_lsda 0x1b,.L1\n.skip 9\n.cfi_endproc\n.cfi_startproc\n.cfi_personality 0x3,p\n.cfi_lsda 0x3,.L1\n.skip 9\n.cfi_endproc\n.section .gcc_except_table,\"a\"\n.L1: .byte 1")]
    public void CallFrames(string source) => Gas.AssertSame(source + "\n");
}
