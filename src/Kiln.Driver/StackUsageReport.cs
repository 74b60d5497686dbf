using System.Text;
using Kiln.Base;
using Kiln.IR;

namespace Kiln.Driver;

/// <summary>
/// The file of <c>-fstack-usage</c> (gcc's manual, section 3.18): a line a function with its place, its bytes of stack, and whether that is all
/// (static) or what alloca and variable length arrays take comes on top (dynamic).
/// </summary>
internal sealed class StackUsageReport(SourceMap sources, Module module)
{
    private readonly StringBuilder _lines = new();

    /// <summary>Adds a function.</summary>
    public void Add(Function function, long bytes)
    {
        FilePosition at = sources.Position(function.Location);
        string kind = (function.Flags & FunctionFlags.HasDynamicStack) != 0 ? "dynamic" : "static";
        _lines.Append(at.File).Append(':').Append(at.Line).Append(':').Append(at.Column).Append(':').Append(module[function.Symbol].Name)
            .Append('\t').Append(bytes).Append('\t').Append(kind).Append('\n');
    }

    /// <summary>The file's bytes.</summary>
    public byte[] Text => Encoding.UTF8.GetBytes(_lines.ToString());
}
