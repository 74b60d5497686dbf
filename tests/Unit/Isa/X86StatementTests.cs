using System.Text;
using Kiln.Base;
using Kiln.Isa;
using Kiln.Isa.X86;
using Kiln.Target;
using Xunit;

namespace Kiln.Tests.Isa;

/// <summary>Statements with the bytes and fixups that GNU as 2.40 makes of them.</summary>
public sealed class X86StatementTests
{
    private static readonly X86InstructionSet Isa = X86InstructionSet.Instance;

    private static string Assemble(string line, int mode, AssemblySyntax syntax)
    {
        if (!Isa.Parse(Encoding.UTF8.GetBytes(line), mode, syntax, NumberParser.Instance, out Instruction instruction, out string? error))
            return "error: " + error;
        ByteWriter code = new();
        GrowBuffer<Fixup> fixups = new();
        EncodeStatus status = Isa.Encode(in instruction, mode, code, fixups);
        if (status != EncodeStatus.Ok)
            return "error: " + Isa.Explain(status, in instruction, mode);
        var result = new StringBuilder(Convert.ToHexStringLower(code.Span));
        foreach (ref Fixup fixup in fixups.Span)
            result.Append($" {fixup.Offset}:{(X86FixupKind)fixup.Kind}{(fixup.Modifier == 0 ? "" : "@" + (X86Modifier)fixup.Modifier)}{fixup.Addend:+0;-0;+0}");
        return result.ToString();
    }

    [Theory]
    [InlineData("call sym1", "e800000000 1:Branch32-4")]
    [InlineData("call sym1@PLT", "e800000000 1:Branch32@Plt-4")]
    [InlineData("call *sym1@GOTPCREL(%rip)", "ff1500000000 2:PcRel32@GotPcRelX-4")]
    [InlineData("movq sym1@GOTPCREL(%rip), %rax", "488b0500000000 3:PcRel32@RexGotPcRelX-4")]
    [InlineData("movl sym1@GOTPCREL(%rip), %eax", "8b0500000000 2:PcRel32@GotPcRelX-4")]
    [InlineData("cmpq $0, sym1@GOTPCREL(%rip)", "48833d0000000000 3:PcRel32@GotPcRel-5")]
    [InlineData("movl $5, sym1(%rip)", "c7050000000005000000 2:PcRel32-8")]
    [InlineData("movb $5, sym1+8(%rip)", "c6050000000005 2:PcRel32+3")]
    [InlineData("leaq sym1@tlsgd(%rip), %rdi", "488d3d00000000 3:PcRel32@TlsGd-4")]
    [InlineData("movl %fs:sym1@tpoff, %eax", "648b042500000000 4:Abs32S@TpOff+0")]
    [InlineData("call *sym1@tlscall(%rax)", "ff10 0:Mark@TlsCall+0")]
    [InlineData("movq $sym1, %rax", "48c7c000000000 3:Abs32S+0")]
    [InlineData("movl $sym1, %eax", "b800000000 1:Abs32+0")]
    [InlineData("movabsq $sym1, %rax", "48b80000000000000000 2:Abs64+0")]
    [InlineData("mov sym1(%eax), %ecx", "678b8800000000 3:Abs32+0")]
    [InlineData("mov %eax, sym1(,%rcx,4)", "89048d00000000 3:Abs32S+0")]
    [InlineData("mov $0x80000000, %rax", "48b80000008000000000")]
    [InlineData("mov $-1, %rax", "48c7c0ffffffff")]
    [InlineData("add $0xffff, %ax", "6683c0ff")]
    [InlineData("add $0xffffffff, %eax", "83c0ff")]
    [InlineData("add $0x80, %eax", "0580000000")]
    [InlineData("xchg %rcx, %rax", "4891")]
    [InlineData("xchg %eax, %eax", "87c0")]
    [InlineData("movzb (%rax), %ecx", "0fb608")]
    [InlineData("movslq (%rax), %rcx", "486308")]
    [InlineData("movq %rax, %xmm0", "66480f6ec0")]
    [InlineData("movq %xmm0, %xmm1", "f30f7ec8")]
    [InlineData("movq $5, (%rax)", "48c70005000000")]
    [InlineData("movsd", "a5")]
    [InlineData("movsd %xmm0, %xmm1", "f20f10c8")]
    [InlineData("cmpltsd %xmm0, %xmm1", "f20fc2c801")]
    [InlineData("vcmpneq_oqps %ymm0, %ymm1, %ymm2", "c5f4c2d00c")]
    [InlineData("fsubp %st, %st(1)", "dee1")]
    [InlineData("fsubrp %st, %st(1)", "dee9")]
    [InlineData("fsub %st(3), %st", "d8e3")]
    [InlineData("fistpll (%rax)", "df38")]
    [InlineData("inb (%dx), %al", "ec")]
    [InlineData("rep stos %al, %es:(%rdi)", "f3aa")]
    [InlineData("movsb %fs:(%rsi), %es:(%rdi)", "64a4")]
    [InlineData("stosq %rax, (%edi)", "6748ab")]
    [InlineData("notrack jmp *%rax", "3effe0")]
    [InlineData("{disp32} mov (%rax), %ecx", "8b8800000000")]
    [InlineData("{vex3} vaddps %xmm0, %xmm1, %xmm2", "c4e17058d0")]
    [InlineData("vaddps %xmm8, %xmm1, %xmm2", "c4c17058d0")]
    [InlineData("vmovaps %xmm8, %xmm1", "c57829c1")]
    [InlineData("{load} mov %eax, %ecx", "8bc8")]
    [InlineData("{rex} mov %al, %cl", "4088c1")]
    [InlineData("mov %ds:(%rbp), %eax", "3e8b4500")]
    [InlineData("mov %ds:(%rax), %eax", "8b00")]
    [InlineData("lock xaddl %eax, (%rcx)", "f00fc101")]
    [InlineData("mov %gs:0x28, %rax", "65488b042528000000")]
    [InlineData("lea (%rax,%rcx), %rdx", "488d1408")]
    [InlineData("add $1, (%rax)", "830001")]
    [InlineData("mov.s %eax, %ecx", "8bc8")]
    [InlineData("movaps.s %xmm1, %xmm2", "0f29ca")]
    [InlineData("movsb %al, %ecx", "0fbec8")]
    [InlineData("monitor %rax, %ecx, %edx", "0f01c8")]
    [InlineData("monitor %eax, %ecx, %edx", "670f01c8")]
    [InlineData("xlat %cs:(%rbx)", "2ed7")]
    [InlineData("mov 0x1122334455667788, %eax", "a18877665544332211")]
    [InlineData("vcmpge_osps %xmm0, %xmm1, %xmm2", "c5f0c2d00d")]
    [InlineData("umonitor %eax", "67f30faef0")]
    public void Att(string line, string expected) => Assert.Equal(expected, Assemble(line, 64, AssemblySyntax.Gnu));

    [Theory]
    [InlineData("mov eax, DWORD PTR [rbx+rcx*4+8]", "8b448b08")]
    [InlineData("mov eax, [rbx + 8 + 4*rcx]", "8b448b08")]
    [InlineData("mov eax, sym1[rip]", "8b0500000000 2:PcRel32-4")]
    [InlineData("mov eax, DWORD PTR [rip+sym1+4]", "8b0500000000 2:PcRel32+0")]
    [InlineData("mov rax, OFFSET FLAT:sym1", "48c7c000000000 3:Abs32S+0")]
    [InlineData("mov rax, QWORD PTR fs:sym1@tpoff", "64488b042500000000 5:Abs32S@TpOff+0")]
    [InlineData("jmp [QWORD PTR sym1[0+rax*8]]", "ff24c500000000 3:Abs32S+0")]
    [InlineData("lea rax, [rax+rsp]", "488d0404")]
    [InlineData("movzx eax, byte ptr [fs:[rax]]", "640fb600")]
    [InlineData("mov eax, DWORD PTR FLAT:[0x22222222]", "8b042522222222")]
    [InlineData("rep stos qword ptr es:[rdi]", "f348ab")]
    [InlineData("fsubp st(1), st", "dee9")]
    [InlineData("movsx rax, WORD PTR [rdi]", "480fbf07")]
    [InlineData("call sym1", "e800000000 1:Branch32-4")]
    [InlineData("add DWORD PTR [rsp+4], 1", "8344240401")]
    public void Intel(string line, string expected) => Assert.Equal(expected, Assemble(line, 64, AssemblySyntax.Intel));

    [Fact]
    public void Mutants_never_throw()
    {
        string[] seeds =
        [
            "lock cmpxchg16b %fs:sym1@tpoff+8(%rax,%rcx,8)", "{vex3} vfmadd231sd -8(%rsp), %xmm1, %xmm2", "rep movsb (%rsi), %es:(%rdi)",
            "mov eax, DWORD PTR fs:[rbx+rcx*4+sym1-8]", "jmp [QWORD PTR sym1[0+rax*8]]", "cmpltsd xmm1, xmm0", "ljmp *sym1(,%rax,8)",
            "fsubrp %st, %st(3)", "enter $16, $1", "in (%dx), %al", "vpgatherdd %ymm0, (%rax,%ymm1,4), %ymm2", "push OFFSET FLAT:sym1",
            "notrack jmp *%rax", "{disp32} movzbl 4(%rip), %ecx", "monitor %rax, %ecx, %edx", "imul $10, %rax, %rcx", "data16 rex.W call sym1@PLT",
        ];
        const string Pieces = "%$(),*[]{}+-:.@ abcdefgilmnopqrstuvwxyz0123456789";
        var random = new Random(7);
        int parsed = 0;
        for (int i = 0; i < 60_000; i++)
        {
            var line = new StringBuilder(seeds[random.Next(seeds.Length)]);
            for (int edits = random.Next(4); edits >= 0 && line.Length > 0; edits--)
            {
                int at = random.Next(line.Length);
                switch (random.Next(4))
                {
                    case 0: line.Remove(at, 1); break;
                    case 1: line.Insert(at, Pieces[random.Next(Pieces.Length)]); break;
                    case 2: line[at] = (char)random.Next(1, 255); break;
                    default: line.Append(line.ToString(at, random.Next(line.Length - at + 1))); break;
                }
            }
            var syntax = (AssemblySyntax)random.Next(4);
            int mode = 16 << random.Next(3);
            if (!Isa.Parse(Encoding.Latin1.GetBytes(line.ToString()), mode, syntax, TolerantParser.Instance, out Instruction instruction, out _))
                continue;
            ByteWriter code = new();
            GrowBuffer<Fixup> fixups = new();
            Isa.Encode(in instruction, mode, code, fixups);
            Isa.TryRelax(in instruction, mode, out _);
            Isa.Print(in instruction, mode, syntax, NoSymbols.Instance, code);
            parsed++;
        }
        Assert.True(parsed > 2000, parsed.ToString());
    }

    /// <summary>Reads digits and names, and takes anything for zero.</summary>
    private sealed class TolerantParser : IExpressionParser
    {
        public static TolerantParser Instance { get; } = new();

        public bool ParseExpression(ReadOnlySpan<byte> text, ref int position, out ExpressionValue value)
        {
            int start = position;
            while (position < text.Length && text[position] is not ((byte)'(' or (byte)')' or (byte)',' or (byte)'[' or (byte)']' or (byte)'%' or (byte)'$'))
                position++;
            value = new ExpressionValue { Addend = position - start, Symbol = position > start && text[start] == 's' ? 1 : 0 };
            return position > start;
        }

        public int AbsoluteSymbol(long value) => 1;

        public int RegisterSymbol(ReadOnlySpan<byte> name) => 0;
    }

    [Fact]
    public void Intel_wants_a_size() =>
        Assert.Equal("error: ambiguous operand size for `add'", Assemble("add [rax], 1", 64, AssemblySyntax.Intel));

    [Theory]
    [InlineData("push $5", "666a05")]
    [InlineData("call sym1", "66e800000000 2:Branch32-4")]
    [InlineData("ret", "66c3")]
    [InlineData("push %ax", "50")]
    [InlineData("push %eax", "6650")]
    [InlineData("pushl %ds", "661e")]
    [InlineData("pushw $5", "6a05")]
    [InlineData("movl %eax, %ecx", "6689c1")]
    public void Code16gcc(string line, string expected)
    {
        Assert.True(Isa.Parse(Encoding.UTF8.GetBytes(line), 16, AssemblySyntax.Gnu, NumberParser.Instance, out Instruction instruction, out _));
        Isa.WidenStackOperation(ref instruction);
        ByteWriter code = new();
        GrowBuffer<Fixup> fixups = new();
        Assert.Equal(EncodeStatus.Ok, Isa.Encode(in instruction, 16, code, fixups));
        string result = Convert.ToHexStringLower(code.Span);
        foreach (ref Fixup fixup in fixups.Span)
            result += $" {fixup.Offset}:{(X86FixupKind)fixup.Kind}{fixup.Addend:+0;-0;+0}";
        Assert.Equal(expected, result);
    }

    [Theory]
    [InlineData("inc %eax", 32, "40")]
    [InlineData("movl sym1, %eax", 32, "a100000000 1:Abs32+0")]
    [InlineData("movl sym1@GOT(%ebx), %eax", 32, "8b8300000000 2:Abs32@GotX+0")]
    [InlineData("push sym1", 32, "ff3500000000 2:Abs32+0")]
    [InlineData("ljmp $0x10, $0x1234", 32, "ea341200001000")]
    [InlineData("push $5", 16, "6a05")]
    [InlineData("pushl $5", 16, "666a05")]
    [InlineData("movw $5, (%bx,%si)", 16, "c7000500")]
    [InlineData("mov (%eax), %ecx", 16, "67668b08")]
    [InlineData("ret", 16, "c3")]
    [InlineData("call sym1", 16, "e80000 1:Branch16-2")]
    [InlineData("lgdtl (%eax)", 16, "67660f0110")]
    public void Other_modes(string line, int mode, string expected) => Assert.Equal(expected, Assemble(line, mode, AssemblySyntax.Gnu));

    [Theory]
    [InlineData("frobnicate %eax", "no such instruction: `frobnicate %eax'")]
    [InlineData("add %eax, %cl", "operand type mismatch for `add'")]
    [InlineData("movzbl %eax, %ecx", "operand type mismatch for `movzbl'")]
    [InlineData("mov %ah, %r8b", "can't encode register ah, bh, ch or dh in an instruction requiring REX prefix")]
    [InlineData("mov %qax, %rax", "bad register name `%qax'")]
    [InlineData("lock mov %eax, (%rax)", "expecting lockable instruction after `lock'")]
    [InlineData("mov (%rax,%rsp), %eax", "not a valid base/index expression")]
    public void Errors(string line, string expected) => Assert.Equal("error: " + expected, Assemble(line, 64, AssemblySyntax.Gnu));

    [Theory]
    [InlineData("jmp sym1", 64, "eb00 1:Branch8-1", "e900000000 1:Branch32-4")]
    [InlineData("jne sym1+3", 64, "7500 1:Branch8+2", "0f8500000000 2:Branch32-1")]
    [InlineData("je,pn sym1", 64, "2e7400 2:Branch8-1", "2e0f8400000000 3:Branch32-4")]
    [InlineData("jmp sym1", 16, "eb00 1:Branch8-1", "e90000 1:Branch16-2")]
    public void Branches_relax(string line, int mode, string expectedShort, string expectedLong)
    {
        Assert.True(Isa.Parse(Encoding.UTF8.GetBytes(line), mode, AssemblySyntax.Gnu, NumberParser.Instance, out Instruction instruction, out _));
        Assert.True(Isa.TryRelax(in instruction, mode, out RelaxableInstruction relaxable));
        foreach (bool isLong in (bool[])[false, true])
        {
            ByteWriter code = new();
            GrowBuffer<Fixup> fixups = new();
            Isa.WriteRelaxed(in relaxable, isLong, mode, code, fixups);
            Assert.Equal(isLong ? relaxable.LongSize : relaxable.ShortSize, code.Length);
            Assert.Equal(isLong ? expectedLong : expectedShort,
                $"{Convert.ToHexStringLower(code.Span)} {fixups[0].Offset}:{(X86FixupKind)fixups[0].Kind}{fixups[0].Addend:+0;-0;+0}");
        }
    }

    [Theory]
    [InlineData(64, 5, "0f1f440000")]
    [InlineData(64, 13, "66662e0f1f8400000000006690")]
    [InlineData(32, 5, "8d74260090")]
    [InlineData(32, 15, "8db426000000008db4260000000090")]
    [InlineData(32, 22, "eb148db426000000008db426000000008db600000000")]
    [InlineData(16, 11, "8db400008db400008d7400")]
    [InlineData(16, 12, "eb0a8db400008db400006690")]
    public void Padding_is_as_gnu_pads(int mode, int size, string expected)
    {
        byte[] bytes = new byte[size];
        Isa.Nops(bytes, mode);
        Assert.Equal(expected, Convert.ToHexStringLower(bytes));
    }

    [Fact]
    public void Long_padding_is_jumped_over()
    {
        byte[] bytes = new byte[200];
        Isa.Nops(bytes, 64);
        Assert.Equal("e9c300000066662e", Convert.ToHexStringLower(bytes.AsSpan(0, 8)));
    }

    [Theory]
    [InlineData(X86FixupKind.Abs8, 255, true)]
    [InlineData(X86FixupKind.Abs8, 256, false)]
    [InlineData(X86FixupKind.Branch8, 127, true)]
    [InlineData(X86FixupKind.Branch8, 128, false)]
    [InlineData(X86FixupKind.Abs32S, 0x80000000L, false)]
    [InlineData(X86FixupKind.Abs32, 0xffffffffL, true)]
    [InlineData(X86FixupKind.PcRel32, -0x80000001L, false)]
    public void Fixups_tell_overflow(X86FixupKind kind, long value, bool fits) =>
        Assert.Equal(fits, Isa.ApplyFixup(new byte[8], (int)kind, value));

    [Fact]
    public void Register_names_go_both_ways()
    {
        for (int register = 1; register < Registers.Limit; register++)
        {
            ReadOnlySpan<byte> name = Registers.NameOf(register);
            if (name.Length > 0)
                Assert.Equal(register, Registers.Find(name));
        }
        Assert.Equal(Registers.St0, Registers.Find("st"u8));
        Assert.Equal(Registers.Dr0 + 7, Registers.Find("DR7"u8));
        Assert.Equal(0, Registers.Find("foo"u8));
    }
}
