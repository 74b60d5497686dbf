using System.Text;

namespace Kiln.CodeGen.Machine;

/// <summary>Shows machine code to a person: a line an instruction, numbered; roles as <c>=</c> def, <c>!</c> early, <c>~</c> implicit.</summary>
public static class MachinePrinter
{
    /// <summary>The text of a function.</summary>
    public static string Print(MachineFunction function, RegisterFile file, Func<int, string?>? mnemonic = null)
    {
        var text = new StringBuilder();
        for (int b = 0; b < function.Blocks.Count; b++)
        {
            MachineBlock block = function.Blocks[b];
            text.Append($"block {b} ({block.Block}, {block.Frequency:g3}) from {string.Join(' ', function.Predecessors(b).ToArray())}");
            text.Append($" to {string.Join(' ', function.Successors(b).ToArray())}\n");
            for (int k = 0; k < block.PhiCount; k++)
            {
                text.Append($"        {Name(function.PhiDefs(b)[k], file)} = phi");
                for (int p = 0; p < block.PredecessorCount; p++)
                    text.Append($" {Name(function.PhiArguments(b, p)[k], file)}");
                text.Append('\n');
            }
            for (int i = block.Start; i < block.End; i++)
                PrintInstruction(text, function, file, i, mnemonic);
        }
        return text.ToString();
    }

    private static void PrintInstruction(StringBuilder text, MachineFunction function, RegisterFile file, int index, Func<int, string?>? mnemonic)
    {
        ref MachineInstruction instruction = ref function.Code[index];
        text.Append($"{index,6}  {mnemonic?.Invoke(instruction.Opcode) ?? OpcodeName(instruction.Opcode)}.{instruction.Size}");
        foreach (ref MachineOperand operand in function.OperandsOf(in instruction))
        {
            text.Append(' ');
            text.Append(operand.Kind switch
            {
                OperandKind.None => "-",
                OperandKind.Register => Roles(in operand) + Name(operand.Register, file) + Place(in operand, file),
                OperandKind.Frame => Roles(in operand) + $"frame{operand.Register}",
                OperandKind.Immediate => $"${operand.Space switch { SymbolSpace.None => "", _ => $"{operand.Space}{operand.Symbol}+" }}{operand.Value}",
                OperandKind.Memory => $"[{operand.Space switch { SymbolSpace.None => "", _ => $"{operand.Space}{operand.Symbol}+" }}"
                    + $"{(operand.Register != 0 ? $"frame{operand.Register}+" : "")}{operand.Value} *{operand.Extra}]",
                OperandKind.Block => $"b{operand.Symbol}",
                OperandKind.Target => $"symbol{operand.Symbol}",
                OperandKind.Clobbers => $"clobbers {operand.Value:x}",
                _ => operand.Kind.ToString(),
            });
        }
        text.Append('\n');
    }

    private static string Roles(in MachineOperand operand) =>
        (operand.IsDef ? "=" : "") + ((operand.Role & Role.Early) != 0 ? "!" : "") + (operand.IsImplicit ? "~" : "");

    private static string Place(in MachineOperand operand, RegisterFile file) => operand.Constraint switch
    {
        Constraint.Fixed => $"@{file.Names[operand.Extra]}",
        Constraint.Tied => $"@tied{operand.Extra}",
        Constraint.Any => "@any",
        Constraint.Set => $"@set{operand.Value:x}",
        _ => "",
    };

    private static string Name(int register, RegisterFile file)
    {
        var reg = new Reg(register);
        return reg.IsPhysical ? file.Names[reg.Number] : reg.ToString();
    }

    private static string OpcodeName(int opcode) => opcode switch
    {
        GenericOp.Copy => "copy",
        GenericOp.Move => "move",
        GenericOp.Swap => "swap",
        GenericOp.Entry => "entry",
        GenericOp.Nothing => "nothing",
        GenericOp.Undefined => "undefined",
        GenericOp.Keep => "keep",
        GenericOp.DebugValue => "debug",
        _ => $"op{opcode:x}",
    };
}
