using System.Globalization;
using System.Text;
using Kiln.Base;
using Kiln.Target.Abi;

namespace Kiln.IR.Text;

/// <summary>
/// Prints the IR's text form (docs/ir.md): complete, so that print, parse, print is a fixpoint. Values keep their numbers;
/// leaves are written in place of the operand, with their type. <see cref="Parser"/> reads it.
/// </summary>
public sealed class Printer(Module module, TextWriter to)
{
    /// <summary>Whether source places are printed.</summary>
    public bool ShowsLocations { get; init; } = true;

    /// <summary>A function as text.</summary>
    public static string Print(Function function, bool showsLocations = true)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        new Printer(function.Module, text) { ShowsLocations = showsLocations }.Function(function);
        return text.ToString();
    }

    /// <summary>Whether a character may stand in a name without quotes.</summary>
    internal static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '$';

    /// <summary>A name between quotes, with what is not printable as hexadecimal escapes.</summary>
    public static string Quote(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder("\"");
        foreach (byte b in bytes)
        {
            if (b is >= 0x20 and < 0x7f and not (byte)'"' and not (byte)'\\')
                text.Append((char)b);
            else
                text.Append('\\').Append(b.ToString("x2", CultureInfo.InvariantCulture));
        }
        return text.Append('"').ToString();
    }

    /// <summary>Prints a function.</summary>
    public void Function(Function function)
    {
        to.Write($"function {Name(function.Symbol)} ");
        PrintSignature(function.Signature);
        to.Write(Spelling<FunctionFlags>.Flags((uint)function.Flags, " !"));
        if (function.Features != module.Features)
            to.Write($" features 0x{function.Features:x}");
        PrintLocation(function.Location);
        if (ShowsLocations && function.EndLocation.IsValid)
            to.Write($"..{function.EndLocation.Offset}");
        to.WriteLine();
        to.WriteLine("{");
        PrintVariables(function);
        for (int i = 1; i < function.SlotCount; i++)
        {
            ref SlotData slot = ref function[new StackSlot(i)];
            to.WriteLine($"  slot s{i} size {slot.Size} align {1L << slot.AlignmentLog2}{(slot.IsPinned ? " pinned" : "")}{(slot.IsGuard ? " guard" : "")}{(slot.Variable != 0 ? $" variable {slot.Variable - 1}" : "")}");
        }
        for (int i = 0; i < function.Parameters.Count; i++)
            to.WriteLine($"  parameter {function.Parameters[i]} = {function.TypeOf(function.Parameters[i])}");
        for (int i = 1; i < function.BlockCount; i++)
        {
            if (!function[new Block(i)].IsDead)
                PrintBlock(function, new Block(i));
        }
        to.WriteLine("}");
    }

    private void PrintBlock(Function function, Block block)
    {
        ref BlockData data = ref function[block];
        to.Write($"{block}:");
        if (block == function.Entry)
            to.Write(" entry");
        if (data.AddressTaken)
            to.Write(" address_taken");
        if (data.IsCold)
            to.Write(" cold");
        if (data.Frequency != 1)
            to.Write(string.Create(CultureInfo.InvariantCulture, $" frequency {data.Frequency:R}"));
        ReadOnlySpan<Block> predecessors = function.Predecessors(block);
        if (predecessors.Length > 0)
        {
            to.Write(" from");
            foreach (Block predecessor in predecessors)
                to.Write($" {predecessor}");
        }
        to.WriteLine();
        for (Value value = data.First; !value.IsNone; value = function[value].Next)
            PrintInstruction(function, value);
    }

    private void PrintInstruction(Function function, Value value)
    {
        Instruction instruction = function[value];
        to.Write("  ");
        // The results of an asm goto stand in other blocks and name it, though its own type is void.
        bool isNamed = !instruction.Type.IsVoid || instruction.Op == Op.AsmGoto;
        if (isNamed)
            to.Write($"{value} = ");
        to.Write(OpNames.Name(instruction.Op));
        if (isNamed)
            to.Write($" {instruction.Type}");
        PrintDetail(function, value, in instruction);
        string separator = " ";
        foreach (Value operand in function.Operands(value))
        {
            to.Write(separator);
            PrintOperand(function, operand);
            separator = ", ";
        }
        PrintTail(function, in instruction);
        PrintLocation(instruction.Location);
        to.WriteLine();
    }

    private void PrintLocation(Location location)
    {
        if (ShowsLocations && location.IsValid)
            to.Write($" @{location.Offset}");
    }

    private void PrintVariables(Function function)
    {
        for (int i = 0; i < function.Scopes.Count; i++)
        {
            DebugScope scope = function.Scopes[i];
            to.Write($"  scope {i} in {scope.Parent}");
            PrintLocation(scope.Start);
            PrintLocation(scope.End);
            to.WriteLine();
        }
        for (int i = 0; i < function.Variables.Count; i++)
        {
            DebugVariable variable = function.Variables[i];
            to.Write($"  variable {i} {Quote(Encoding.UTF8.GetBytes(variable.Name))} type {variable.Type} scope {variable.Scope}");
            if (variable.Parameter != 0)
                to.Write($" parameter {variable.Parameter}");
            PrintPlace(in variable);
            if (variable.Part != 0)
                to.Write($" part {variable.Part}");
            PrintLocation(variable.Location);
            to.WriteLine();
        }
    }

    private void PrintPlace(in DebugVariable variable)
    {
        switch (variable.Place)
        {
            case DebugPlace.None:
                break;
            case DebugPlace.Slot:
                to.Write($" slot {variable.Id} offset {variable.Offset}");
                break;
            case DebugPlace.Pointer:
                to.Write($" pointer {variable.Id} offset {variable.Offset}");
                break;
            case DebugPlace.Argument:
                to.Write($" argument {variable.Id}");
                break;
            case DebugPlace.Symbol:
                to.Write($" symbol {Name(new Symbol(variable.Id))}");
                break;
            default:
                throw new InvalidOperationException($"no such place: {variable.Place}");
        }
    }

    private void PrintDetail(Function function, Value value, in Instruction instruction)
    {
        switch (instruction.Op)
        {
            case Op.Compare:
                to.Write($".{OpNames.Name((IntPredicate)instruction.Aux)}");
                break;
            case Op.FloatCompare:
                to.Write($".{OpNames.Name((FloatPredicate)instruction.Aux)}");
                break;
            case Op.AtomicRmw:
                to.Write($".{Spelling<RmwOperation>.Of(function.Rmw(value))}");
                PrintAccess(instruction.Aux);
                break;
            case Op.Load or Op.Store or Op.MemoryCopy or Op.MemoryMove or Op.MemorySet or Op.CompareExchange:
                PrintAccess(instruction.Aux);
                break;
            case Op.Fence or Op.StackAllocate or Op.Prefetch or Op.FrameAddress or Op.ReturnAddress or Op.DebugValue or Op.Result
                or Op.TargetOp or Op.Target1 or Op.Target2 or Op.Target3 or Op.BranchIf:
                to.Write($" #{instruction.Aux}");
                break;
            case Op.Shuffle:
                to.Write($" [{string.Join(' ', function.Bytes(value).ToArray())}]");
                break;
            case Op.Call:
                CallInfo call = function.Calls[(int)instruction.Aux];
                to.Write(call.Callee.IsNone ? " indirect " : $" {Name(call.Callee)} ");
                PrintSignature(call.Signature);
                to.Write(Spelling<CallFlags>.Flags((uint)call.Flags, " +"));
                break;
            case Op.Asm or Op.AsmGoto:
                PrintAsm(function.Asms[(int)instruction.Aux]);
                break;
        }
        to.Write(Spelling<InstructionFlags>.Flags((uint)instruction.Flags & 0xff, " !"));
    }

    private void PrintTail(Function function, in Instruction instruction)
    {
        if (!OpInfo.IsTerminator(instruction.Op))
            return;
        if (instruction.Op == Op.Switch)
        {
            SwitchInfo info = function.Switches[(int)instruction.Aux];
            to.Write(info.IsExhaustive ? " exhaustive {" : " {");
            foreach ((long low, long high, int successor) in info.Cases)
                to.Write(low == high ? $" {low}: {successor}" : $" {low}..{high}: {successor}");
            to.Write(" }");
        }
        ReadOnlySpan<Block> successors = function.Successors(instruction.Block);
        for (int i = 0; i < successors.Length; i++)
            to.Write(i == 0 ? $" -> {successors[i]}" : $", {successors[i]}");
    }

    private void PrintOperand(Function function, Value operand)
    {
        if (operand.IsNone)
        {
            to.Write("none");
            return;
        }
        ref Instruction leaf = ref function[operand];
        switch (leaf.Op)
        {
            case Op.Constant:
                to.Write($"{leaf.Type} {(Int128)function.ConstantBits(operand)}");
                break;
            case Op.FloatConstant:
                to.Write($"{leaf.Type} 0x{function.ConstantBits(operand):x}");
                break;
            case Op.VectorConstant:
                to.Write($"{leaf.Type} x{Convert.ToHexStringLower(function.Bytes(operand))}");
                break;
            case Op.SymbolAddress:
                to.Write(Name(new Symbol(leaf.A.Id)));
                if (leaf.Aux != 0)
                    to.Write($"{(leaf.Aux < 0 ? "" : "+")}{leaf.Aux}");
                break;
            case Op.SlotAddress:
                to.Write($"&s{leaf.A.Id}");
                break;
            case Op.BlockAddress:
                to.Write($"&b{leaf.A.Id}");
                break;
            case Op.Any:
                to.Write($"{leaf.Type} any");
                break;
            default:
                to.Write(operand);
                break;
        }
    }

    private void PrintAccess(long aux)
    {
        MemoryAccess access = MemoryAccess.Unpack(aux);
        to.Write($" align {1L << access.AlignmentLog2}");
        if (access.IsVolatile)
            to.Write(" volatile");
        if (access.Order != MemoryOrder.Plain)
            to.Write($" {Spelling<MemoryOrder>.Of(access.Order)}");
        if (access.AliasTag != 0)
            to.Write($" alias {access.AliasTag}");
    }

    private void PrintSignature(Signature signature)
    {
        PrintParts(signature.Parameters);
        to.Write(" -> ");
        PrintParts(signature.Results);
        if (signature.IsVariadic)
        {
            (int integer, int vector, int stack) = signature.NamedUse;
            to.Write($" variadic({signature.NamedCount} {integer} {vector} {stack})");
        }
        if (signature.StackSize != 0)
            to.Write($" stack({signature.StackSize})");
        if (signature.CalleePops != 0)
            to.Write($" pops({signature.CalleePops})");
        if (signature.PreservedSet != 0)
            to.Write($" preserves({signature.PreservedSet})");
    }

    private void PrintParts(SignaturePart[] parts)
    {
        to.Write('(');
        for (int i = 0; i < parts.Length; i++)
        {
            SignaturePart part = parts[i];
            to.Write($"{(i > 0 ? ", " : "")}{part.Type}");
            if (part.Extension != Extension.None)
                to.Write(part.Extension == Extension.Sign ? " sext" : " zext");
            Place place = part.Place;
            to.Write(place.Kind switch
            {
                PlaceKind.None => " nowhere",
                PlaceKind.Register => $" {Spelling<RegisterBank>.Of(place.Bank)} {place.Register}:{place.Size}",
                PlaceKind.Stack => $" stack {place.StackOffset}:{place.Size}:{place.Alignment}",
                PlaceKind.StackMemory => $" memory {place.StackOffset}:{place.Size}:{place.Alignment}",
                _ => throw new InvalidOperationException($"place {place.Kind}"),
            });
        }
        to.Write(')');
    }

    private void PrintAsm(AsmInfo info)
    {
        to.Write($" {Quote(info.Template)}");
        if (info.IsBasic)
            to.Write(" basic");
        if (info.IsVolatile)
            to.Write(" volatile");
        to.Write(" [");
        for (int i = 0; i < info.Operands.Length; i++)
        {
            AsmOperand operand = info.Operands[i];
            to.Write($"{(i > 0 ? ", " : "")}{Spelling<AsmOperandKind>.Of(operand.Kind)} {Quote(Encoding.UTF8.GetBytes(operand.Constraint))} {operand.Type}");
            if (operand.FixedRegister is not null)
                to.Write($" in {Quote(Encoding.UTF8.GetBytes(operand.FixedRegister))}");
            if (operand.TiedTo >= 0)
                to.Write($" tied {operand.TiedTo}");
            if (operand.EarlyClobber)
                to.Write(" early");
            if (operand.Input >= 0)
                to.Write($" input {operand.Input}");
            if (operand.Name is not null)
                to.Write($" named {Quote(Encoding.UTF8.GetBytes(operand.Name))}");
        }
        to.Write(']');
        foreach (string clobber in info.Clobbers)
            to.Write($" clobber {Quote(Encoding.UTF8.GetBytes(clobber))}");
        if (info.ClobbersMemory)
            to.Write(" clobbers_memory");
        if (info.ClobbersFlags)
            to.Write(" clobbers_flags");
        if (info.LabelCount > 0)
            to.Write($" labels {info.LabelCount}");
    }

    // A name that nobody can ask for is followed by the symbol's number.
    internal string Name(Symbol symbol)
    {
        if (symbol.IsNone)
            return "@\"\"";
        string name = module[symbol].Name;
        bool isPlain = name.Length > 0 && !char.IsAsciiDigit(name[0]);
        foreach (char c in name)
            isPlain &= IsPlain(c);
        string shown = isPlain ? "@" + name : "@" + Quote(Encoding.UTF8.GetBytes(name));
        return module.Find(name) == symbol ? shown : $"{shown}#{symbol.Id}";
    }
}
