using Kiln.CodeGen.Machine;
using Kiln.IR;

namespace Kiln.CodeGen.Targets.X86;

public sealed partial class X86Target
{
    public override bool HasEffects(Function function, Value instruction) => true;

    private void SelectAsm(Value v) => throw new NotSupportedException($"inline assembly {v}");

    private void SelectTargetOp(Value v) => throw new NotSupportedException($"target operation {v}");

    private void EmitAsm(in MachineInstruction instruction) => throw new NotSupportedException($"inline assembly {instruction.Info}");

    private void MarkAsmTargets(MachineFunction function)
    {
    }
}
