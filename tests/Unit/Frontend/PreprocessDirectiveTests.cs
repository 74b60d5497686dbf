using Kiln.Frontend.Lex;
using Kiln.Frontend.Preprocess;
using Xunit;

namespace Kiln.Tests.Frontend;

public class PreprocessDirectiveTests
{
    [Theory]
    [InlineData("1 + 2 * 3 == 7", true)]
    [InlineData("(2 || 1/0) && !(0 && 1/0)", true)]
    [InlineData("-1 > 0u", true)]
    [InlineData("-1 >> 1 == -1 && -1 / 2 == 0", true)]
    [InlineData("0x10 + 0b11 + 010 == 27", true)]
    [InlineData("'a' == 97 && L'\\xff' == 255 && '\\377' < 0", true)]
    [InlineData("1 ? 2 : 1/0", true)]
    [InlineData("(0 ? -1 : 0u) - 1 > 0", true)]
    [InlineData("undefined_name", false)]
    [InlineData("defined x || defined(__GNUC__) && !defined y", true)]
    [InlineData("18446744073709551615u == -1", true)]
    [InlineData("1 << 3 >> 2 == 2 && (~0 ^ 1) == -2", true)]
    [InlineData("__has_include(\"t.c\") && !__has_include(<none.h>)", true)]
    [InlineData("__has_attribute(packed) && __has_attribute(__packed__) && !__has_attribute(zork)", true)]
    [InlineData("__has_builtin(__builtin_expect) && !__has_builtin(zork)", true)]
    [InlineData("__has_c_attribute(nodiscard) == 202003L", true)]
    public void Evaluates(string condition, bool expected) =>
        Assert.Equal(expected ? "yes" : "no", PreprocessRun.Expand($"#if {condition}\nyes\n#else\nno\n#endif"));

    [Theory]
    [InlineData("#if 0\n#if 1\na\n#else\nb\n#endif\n#elif 1\nc\n#elif 1\nd\n#else\ne\n#endif", "c")]
    [InlineData("#if 0\nit's /* \n /* \n#endif\n */ \"/*\"\n#else\nx\n#endif", "x")]
    [InlineData("#ifdef a\n#elifndef b\n1\n#elifdef c\n2\n#endif", "1")]
    [InlineData("#if 0\n#bogus\n#include <none>\n#error\n#endif\nx", "x")]
    [InlineData("  /* a */ # /* b */ if /* c */ 1 /*\n*/\nx\n # endif", "x")]
    [InlineData("#if 1 \\\n && 0\na\n#else // c\nb\n#endif", "b")]
    public void Includes_groups(string text, string expected) => Assert.Equal(expected, PreprocessRun.Expand(text));

    [Theory]
    [InlineData("#if 1\n", "t.c:1:1: error: unterminated #if")]
    [InlineData("#endif\n", "t.c:1:2: error: #endif without #if")]
    [InlineData("#else\n", "t.c:1:2: error: #else without #if")]
    [InlineData("#if 1\n#else\n#else\n#endif", "t.c:3:2: error: #else after #else", "t.c:1:1: error: the conditional began here")]
    [InlineData("#if 1 2\n#endif", "t.c:1:7: error: missing binary operator before token \"2\"")]
    [InlineData("#if (1\n#endif", "t.c:1:5: error: missing ')' in expression")]
    [InlineData("#if 1/0\n#endif", "t.c:1:6: error: division by zero in #if")]
    [InlineData("#foo", "t.c:1:2: error: invalid preprocessing directive #foo")]
    [InlineData("#error  a   b", "t.c:1:2: error: #error a b")]
    [InlineData("#warning w", "t.c:1:2: warning: #warning w [-Wcpp]")]
    [InlineData("#include \"none.h\"", "t.c:1:10: fatal error: none.h: No such file or directory")]
    [InlineData("#line 7 \"t.c\"\n#error x", "t.c:7:2: error: #error x")]
    [InlineData("/* x", "t.c:1:1: error: unterminated comment")]
    [InlineData("int a = 'x\n;", "t.c:1:9: warning: missing terminating ' character", "t.c:1:9: error: missing terminating ' character")]
    [InlineData("`", "t.c:1:1: error: stray '`' in program")]
    public void Complains(string text, params string[] expected) => Assert.Equal(expected, PreprocessRun.Complaints(text));

    [Fact]
    public void A_guarded_header_is_opened_but_once()
    {
        MemoryFiles files = PreprocessRun.Files("#include \"a.h\"\n#include \"a.h\"\n#include \"b.h\"\n#include \"b.h\"\n#import \"c.h\"\n#import \"c.h\"\n")
            .Add("a.h", "// comment\n#ifndef A_H\n#define A_H\na\n#endif\n\n")
            .Add("b.h", "#pragma once\nb\n")
            .Add("c.h", "c\n");
        PreprocessRun run = PreprocessRun.Of(files, warnings: "no-deprecated");
        Assert.Equal("a b c", run.Tokens());
        Assert.Equal("", run.Messages);
        Assert.All(run.Preprocessor.OpenedFiles, file => Assert.Equal(1, file.Inclusions));
    }

    [Theory]
    [InlineData("#ifndef X\n#define X\n#endif\nafter")]
    [InlineData("before\n#ifndef X\n#define X\n#endif")]
    [InlineData("#ifndef X\n#define X\n#else\nelse\n#endif")]
    public void What_stands_outside_a_guard_is_read_again(string header)
    {
        PreprocessRun run = PreprocessRun.Of(PreprocessRun.Files("#include \"a.h\"\n#include \"a.h\"\n").Add("a.h", header));
        run.Tokens();
        Assert.Equal(2, run.Preprocessor.OpenedFiles[1].Inclusions);
    }

    [Fact]
    public void Headers_are_searched_in_gccs_order()
    {
        MemoryFiles files = PreprocessRun.Files("#include \"q.h\"\n#include <i.h>\n#include <s.h>\n#include \"d/x.h\"\n")
            .Add("/quote/q.h", "quote")
            .Add("/inc/i.h", "inc\n#include_next <i.h>\n")
            .Add("/sys/i.h", "sys\n#if __has_include_next(<i.h>)\n#include_next <i.h>\n#endif\n")
            .Add("/after/i.h", "after\n#if __has_include_next(<i.h>)\nmore\n#endif\n")
            .Add("/after/s.h", "wrong")
            .Add("/sys/s.h", "right")
            .Add("d/x.h", "#include \"y.h\"")
            .Add("d/y.h", "own")
            .Add("/quote/y.h", "wrong");
        var options = new PreprocessorOptions
        {
            QuoteDirectories = ["/quote", "/nowhere"],
            IncludeDirectories = ["/inc/", "/sys"],
            SystemDirectories = ["/sys"],
            AfterDirectories = ["/after"],
        };
        PreprocessRun run = PreprocessRun.Of(files, options);
        Assert.Equal("quote inc sys after right own", run.Tokens());
        Assert.Equal("", run.Messages);
    }

    [Fact]
    public void The_command_line_comes_first()
    {
        MemoryFiles files = PreprocessRun.Files("A B f(C) D")
            .Add("i.h", "#define C 3\nbody\n").Add("m.h", "#define D 4\nbody\n");
        var options = new PreprocessorOptions
        {
            Macros = [new('D', "A"), new('D', "B=2"), new('D', "f(x)=[x]"), new('D', "E"), new('U', "A")],
            Includes = ["i.h"],
            MacroIncludes = ["m.h"],
        };
        PreprocessRun run = PreprocessRun.Of(files, options);
        Assert.Equal("body A 2 [ 3 ] 4", run.Tokens());
    }

    [Fact]
    public void Embeds_bytes()
    {
        MemoryFiles files = PreprocessRun.Files("""
            int a[] = {
            #embed "b" limit(3) prefix(7,) suffix(,8)
            };
            #embed "e" if_empty(none) prefix(x)
            #embed "b" __offset__(2) gnu::limit(1)
            """.Replace("__offset__(2) gnu::limit(1)", "gnu::offset(2) limit(2)") + "\n#embed \"big\"\n#if __has_embed(\"b\") == 1 && __has_embed(\"e\") == 2 && !__has_embed(\"n\")\nok\n#endif")
            .Add("b", [1, 2, 255, 0, 5]).Add("e", "").Add("big", new byte[100]);
        PreprocessRun run = PreprocessRun.Of(files, new PreprocessorOptions { StandardYear = 2023 });
        Assert.Equal("int a [ ] = { 7 , 1 , 2 , 255 , 8 } ; none 255 , 0 <100 bytes> ok", run.Tokens());
        Assert.Equal("", run.Messages);
    }

    [Fact]
    public void Pragmas_for_the_parser_come_as_tokens()
    {
        const string Text = "#define p 1\n#pragma pack(push, p)\n#pragma STDC FP_CONTRACT ON\n#pragma message p\nx\n";
        Assert.Equal("#pragma pack ( push , p ) ; #pragma STDC FP_CONTRACT ON ; #pragma message 1 ; x", PreprocessRun.Expand(Text));
    }

    [Fact]
    public void Assembly_keeps_what_it_does_not_know()
    {
        const string Text = "# it's a comment\n#define R %eax\nmovl $1, R # don't\n#if 1\n.byte 'a\n#endif\n# 1 2\n";
        PreprocessRun run = PreprocessRun.Of(PreprocessRun.Files(Text), new PreprocessorOptions { Assembly = true, ForOutput = true, NoLineMarkers = true });
        string output = run.Output();
        Assert.Contains("# it's a comment", output);
        Assert.Contains("movl $1, %eax", output);
        Assert.Contains(".byte 'a", output);
        Assert.Contains("# 1 2", output);
        Assert.Equal("", run.Messages);
    }

    [Fact]
    public void Line_markers_of_preprocessed_text_place_messages()
    {
        const string Text = "# 1 \"x.c\"\n# 1 \"h.h\" 1\n\n`\n# 2 \"x.c\" 2\n`\n# 1 \"s.h\" 1 3\n#define a 1\na\n";
        PreprocessRun run = PreprocessRun.Of(PreprocessRun.Files(Text), new PreprocessorOptions { Preprocessed = true });
        run.Tokens();
        Assert.Contains("In file included from x.c:1:\nh.h:2:1: error: stray '`' in program", run.Messages);
        Assert.Contains("x.c:2:1: error: stray '`' in program", run.Messages);
    }

    [Fact]
    public void Locations_survive_splices_and_tabs()
    {
        PreprocessRun run = PreprocessRun.Of(PreprocessRun.Files("a\\\nb\\\n  `\n\t`\n"));
        run.Tokens();
        Assert.Contains("t.c:3:3: error", run.Messages);
        Assert.Contains("t.c:4:9: error", run.Messages);
    }

    [Fact]
    public void Tokens_are_sixteen_bytes() => Assert.True(System.Runtime.CompilerServices.Unsafe.SizeOf<Token>() <= 16);
}
