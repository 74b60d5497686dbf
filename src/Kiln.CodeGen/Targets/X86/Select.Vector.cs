using Kiln.IR;

namespace Kiln.CodeGen.Targets.X86;

public sealed partial class X86Target
{
    private bool SelectVector(Value v) => throw new NotSupportedException($"vector {v}");

    private void SelectExtractLane(Value v) => throw new NotSupportedException($"vector {v}");
}
