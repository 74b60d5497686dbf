using System.Text;
using Kiln.Base;
using Kiln.CodeGen.Machine;
using Kiln.IR;
using Kiln.Target;
using Kiln.Target.Abi;
using Kiln.Target.X86;
using IsaOperand = Kiln.Isa.Operand;
using M = Kiln.Isa.X86.Mnemonic;
using R = Kiln.Isa.X86.Registers;

namespace Kiln.CodeGen.Targets.X86;

// Inline assembly. Selection makes one pseudo instruction whose operands are those of the statement, in the template's numbering;
// allocation gives them registers; emission writes the template with the operands in it and has the assembler read that.
//
// Constraints: r q R l p and the single registers a b c d S D Q A U; x v Yz; t u f on the x87 stack; m o V and immediates as
// Lowering bound them; flag outputs (@cc).
public sealed partial class X86Target
{
    private readonly Dictionary<(int Asm, int Index), Reg> _gotoResults = [];

    public override bool HasEffects(Function function, Value instruction)
    {
        ref IR.Instruction data = ref function[instruction];
        if (data.Op != Op.Asm)
            return IntrinsicTable.Get(data.Aux).HasEffects;
        AsmInfo info = function.Asms[(int)data.Aux];
        return info.IsVolatile || info.IsBasic || info.ClobbersMemory || !Array.Exists(info.Operands, o => o.Kind == AsmOperandKind.OutputRegister)
            || Array.Exists(info.Operands, o => o.Kind == AsmOperandKind.Memory);
    }

    // What the letters of a constraint allow.
    private enum AsmClass : byte
    {
        General,
        Vector,
        X87,
        Flag,
    }

    private static AsmClass ClassOf(AsmOperand operand, out RegisterSet set)
    {
        set = default;
        if (operand.FixedRegister is { } name)
        {
            if (name.StartsWith('@') || name.StartsWith("cc", StringComparison.Ordinal))
                return AsmClass.Flag;
            return ClassOfRegister(name, out set);
        }
        if (operand.Constraint.StartsWith("@cc", StringComparison.Ordinal))
            return AsmClass.Flag;
        bool vector = false, x87 = false;
        for (int i = 0; i < operand.Constraint.Length; i++)
        {
            switch (operand.Constraint[i])
            {
                case 'r' or 'q' or 'R' or 'l' or 'p' or 'g' or 'X': set |= Regs.General.Without(4); break;
                case 'Q': set |= RegisterSet.Range(0, 3); break;
                case 'a': set = set.With(0); break;
                case 'c': set = set.With(1); break;
                case 'd': set = set.With(2); break;
                case 'b': set = set.With(3); break;
                case 'S': set = set.With(6); break;
                case 'D': set = set.With(7); break;
                case 'A': set |= RegisterSet.Of(0).With(2); break;
                case 'U': set |= Regs.General & ~Regs.CalleeSaved & ~RegisterSet.Of(4); break;
                case 'Y' when i + 1 < operand.Constraint.Length:
                    i++;
                    vector = true;
                    if (operand.Constraint[i] == 'z')
                        set |= RegisterSet.Of(Regs.FirstVector);
                    else
                        set |= Regs.Vector;
                    break;
                case 'x' or 'v':
                    vector = true;
                    set |= Regs.Vector;
                    break;
                case 'f' or 't' or 'u': x87 = true; break;
            }
        }
        bool isFloat = operand.Type.IsFloat || operand.Type.IsVector;
        if (x87 && (operand.Type == IrType.F80 || (!vector && (set & Regs.General).IsEmpty)))
            return AsmClass.X87;
        if (vector && (isFloat || (set & Regs.General).IsEmpty))
        {
            set &= Regs.Vector;
            return AsmClass.Vector;
        }
        set &= Regs.General;
        return AsmClass.General;
    }

    private static AsmClass ClassOfRegister(string name, out RegisterSet set)
    {
        int register = FindRegister(name);
        set = default;
        switch (R.ClassOf(register))
        {
            case Isa.X86.RegisterClass.Gpr64 or Isa.X86.RegisterClass.Gpr32 or Isa.X86.RegisterClass.Gpr16 or Isa.X86.RegisterClass.Gpr8:
                set = RegisterSet.Of(R.NumberOf(register));
                return AsmClass.General;
            case Isa.X86.RegisterClass.Gpr8High:
                set = RegisterSet.Of(R.NumberOf(register) - 4);
                return AsmClass.General;
            case Isa.X86.RegisterClass.Xmm or Isa.X86.RegisterClass.Ymm when R.NumberOf(register) < 16:
                set = RegisterSet.Of(Regs.FirstVector + R.NumberOf(register));
                return AsmClass.Vector;
            case Isa.X86.RegisterClass.X87:
                return AsmClass.X87;
            default:
                return AsmClass.General;
        }
    }

    private static int FindRegister(string name)
    {
        name = name.TrimStart('%').ToLowerInvariant();
        if (name == "st")
            name = "st(0)";
        // gcc takes numbers too: its own, rax rdx rcx rbx rsi rdi rbp rsp r8 ...
        if (int.TryParse(name, out int number) && number < 8)
            name = ((ReadOnlySpan<string>)["rax", "rdx", "rcx", "rbx", "rsi", "rdi", "rbp", "rsp"])[number];
        return R.Find(Encoding.ASCII.GetBytes(name));
    }

    private static int StackPosition(AsmOperand operand, ref int next)
    {
        if (operand.FixedRegister is { } name)
            return R.NumberOf(FindRegister(name));
        return operand.Constraint.Contains('t') ? 0 : operand.Constraint.Contains('u') ? 1 : next++;
    }

    private void SelectAsm(Value v)
    {
        AsmInfo info = _f.Asms[(int)_f[v].Aux];
        bool isGoto = _f.OpOf(v) == Op.AsmGoto;
        Value[] values = _f.Operands(v).ToArray();
        AsmOperand[] operands = info.Operands;
        _s.Machine.HasCalls |= info.IsBasic || Encoding.UTF8.GetString(info.Template).Contains("call");
        int count = operands.Length;
        var classes = new AsmClass[count];
        var sets = new RegisterSet[count];
        var inputs = new Reg[count];
        var memories = new Address[count];
        var stackInputs = new SortedDictionary<int, Value>();
        int nextStack = 2;
        for (int i = 0; i < count; i++)
        {
            AsmOperand operand = operands[i];
            if (operand.Kind is AsmOperandKind.OutputRegister or AsmOperandKind.InputRegister)
                classes[i] = ClassOf(operand.TiedTo >= 0 ? operands[operand.TiedTo] : operand, out sets[i]);
            switch (operand.Kind)
            {
                case AsmOperandKind.InputRegister when classes[i] == AsmClass.X87:
                    stackInputs.TryAdd(StackPosition(operand.TiedTo >= 0 ? operands[operand.TiedTo] : operand, ref nextStack), values[operand.Input]);
                    break;
                case AsmOperandKind.InputRegister:
                    inputs[i] = Resolve(InBank(values[operand.Input], classes[i] == AsmClass.Vector));
                    break;
                case AsmOperandKind.Memory:
                    memories[i] = ResolveAll(AddressOf(values[operand.Input])).OfSize(Math.Min(255, Math.Max(1, operand.Type.Size)));
                    break;
            }
        }
        // Inputs tied to one register must be different values: where one value is tied twice, the second is a copy.
        // Tied values are copied by allocation where they live on.
        foreach (int position in Enumerable.Reverse(stackInputs.Keys))
            PushFloat(stackInputs[position]);
        RegisterSet clobbers = Clobbers(info, out int stackClobbers);
        int popped = 0;
        foreach (int position in stackInputs.Keys)
        {
            bool isTied = Array.Exists(operands, o => o.Kind == AsmOperandKind.InputRegister && o.TiedTo >= 0 && o.Input >= 0
                && values[o.Input] == stackInputs[position]);
            if (isTied || (stackClobbers >> position & 1) != 0)
                popped++;
        }
        EmitAsmInstruction(v, info, isGoto, classes, sets, inputs, memories, values, clobbers);
        StoreStackOutputs(v, operands, classes, isGoto, stackInputs.Count - popped);
        AfterResults();
    }

    private readonly List<(Reg Result, Reg Made, IrType Type)> _bankChanges = [];

    // Results that came in the other register file.
    private void AfterResults()
    {
        foreach ((Reg result, Reg made, IrType type) in _bankChanges)
        {
            bool toVector = type.IsFloat || type.IsVector;
            int size = type.Size <= 4 ? 4 : 8;
            _ = toVector;
            Emit(size == 4 ? M.Movd : M.Movq, size, result, made);
        }
        _bankChanges.Clear();
    }

    private Reg InBank(Value value, bool vector)
    {
        IrType type = _f.TypeOf(value);
        bool isVector = type.IsFloat || type.IsVector;
        if (isVector == vector)
            return Use(value);
        Reg source = Use(value);
        Reg moved = vector ? NewVector(Math.Max(8, type.Size)) : NewReg(8);
        int size = type.Size <= 4 ? 4 : 8;
        Emit(size == 4 ? M.Movd : M.Movq, size, moved, source);
        return moved;
    }

    private void PushFloat(Value value)
    {
        IrType type = _f.TypeOf(value);
        if (type == IrType.F80)
            PushX87(value, DeepestX87);
        else if (type.IsFloat)
            PushExtended(value);
        else
            _asmFaults.Add(("inconsistent operand constraints in an 'asm'", _f[_s.Current].Location));
    }

    private static RegisterSet Clobbers(AsmInfo info, out int stackClobbers)
    {
        RegisterSet clobbers = default;
        stackClobbers = 0;
        foreach (string name in info.Clobbers)
        {
            if (name is "memory" or "cc" or "flags" or "fpsr" or "dirflag" or "redzone")
                continue;
            int register = FindRegister(name);
            if (R.ClassOf(register) == Isa.X86.RegisterClass.X87)
                stackClobbers |= 1 << R.NumberOf(register);
            else
            {
                ClassOfRegister(name, out RegisterSet set);
                clobbers |= set;
            }
        }
        return clobbers.Without(4);
    }

    private Value AsmResult(Value asm, int index) => index == 0 ? asm : ResultOf(asm, index);

    private void EmitAsmInstruction(
        Value v,
        AsmInfo info,
        bool isGoto,
        AsmClass[] classes,
        RegisterSet[] sets,
        Reg[] inputs,
        Address[] memories,
        Value[] values,
        RegisterSet clobbers)
    {
        AsmOperand[] operands = info.Operands;
        // The registers of the outputs are asked for first: a definition may be another's name.
        var outputs = new Reg[operands.Length];
        int index = 0;
        for (int i = 0; i < operands.Length; i++)
        {
            if (operands[i].Kind != AsmOperandKind.OutputRegister)
                continue;
            if (classes[i] != AsmClass.X87)
                outputs[i] = OutputRegister(v, index, operands[i].Type, classes[i] == AsmClass.Vector, isGoto);
            index++;
        }
        _s.Begin(Pseudo.Asm, 8, isGoto ? MachineFlags.Terminator : 0);
        _s.Open.Info = (int)_f[v].Aux;
        var tiedUse = new Dictionary<int, int>();
        for (int i = 0; i < operands.Length; i++)
        {
            if (operands[i].Kind == AsmOperandKind.InputRegister && operands[i].TiedTo >= 0)
                tiedUse[operands[i].TiedTo] = i;
        }
        // The place of each operand's entry, to tie definitions to uses behind them.
        var place = new int[operands.Length];
        int at = 0;
        for (int i = 0; i < operands.Length; i++)
        {
            place[i] = at;
            at += operands[i].Kind switch
            {
                AsmOperandKind.Memory => 3,
                AsmOperandKind.Label => 0,
                AsmOperandKind.OutputRegister or AsmOperandKind.InputRegister => classes[i] == AsmClass.X87 ? 0 : 1,
                _ => 1,
            };
        }
        for (int i = 0; i < operands.Length; i++)
        {
            AsmOperand operand = operands[i];
            switch (operand.Kind)
            {
                case AsmOperandKind.OutputRegister when classes[i] == AsmClass.X87:
                    break;
                case AsmOperandKind.OutputRegister:
                    {
                        // A flag is written when all is done, but so are its inputs' last uses.
                        Role role = Role.Def | (operand.EarlyClobber ? Role.Early : 0);
                        int size = SizeInAsm(operand.Type);
                        if (tiedUse.TryGetValue(i, out int use) && sets[i].Count != 1)
                            _s.Register(outputs[i], role, Constraint.Tied, place[use], size);
                        else
                            SetRegister(outputs[i], role, sets[i], classes[i], size);
                        break;
                    }
                case AsmOperandKind.InputRegister when classes[i] == AsmClass.X87:
                    break;
                case AsmOperandKind.InputRegister:
                    if (operand.TiedTo >= 0 && sets[i].Count != 1)
                        SetRegister(inputs[i], Role.Use, sets[i], classes[i], SizeInAsm(operand.Type));
                    else
                        SetRegister(inputs[i], Role.Use, sets[i], classes[i], SizeInAsm(operand.Type));
                    break;
                case AsmOperandKind.Memory:
                    EmitMemory(in memories[i]);
                    break;
                case AsmOperandKind.Immediate:
                    EmitImmediateOperand(values[operand.Input]);
                    break;
                case AsmOperandKind.Label:
                    break;
                default:
                    throw new ArgumentOutOfRangeException(nameof(info), operand.Kind, "no such asm operand");
            }
        }
        if (isGoto)
        {
            foreach (Block successor in _f.Successors(CurrentBlock))
                _s.Block(successor);
        }
        foreach (RegisterSet set in sets)
        {
            if (set.Count == 1)
                clobbers &= ~set;
        }
        if (!clobbers.IsEmpty)
            _s.Clobbers(clobbers);
        _s.End();
        if (isGoto)
            EmitJump(M.Jmp, _f.Successors(CurrentBlock)[0]);
    }

    private static int SizeInAsm(IrType type) => Math.Max(1, Math.Min(32, type.Size));

    private void SetRegister(Reg register, Role role, RegisterSet set, AsmClass asmClass, int size)
    {
        bool all = asmClass == AsmClass.Vector ? set == Regs.Vector : asmClass == AsmClass.Flag || (set & Regs.General).Count >= 15;
        if (all || set.IsEmpty)
            _s.Register(register, role, Constraint.Register, 0, size);
        else if (set.Count == 1)
            _s.Register(register, role, Constraint.Fixed, set.First, size);
        else
        {
            _s.Operand(new MachineOperand
            {
                Kind = OperandKind.Register,
                Role = role,
                Constraint = Constraint.Set,
                Register = register.Id,
                Size = (byte)size,
                Value = (long)set.Bits,
            });
        }
    }

    private Reg OutputRegister(Value v, int index, IrType type, bool vector, bool isGoto)
    {
        Reg result;
        if (isGoto)
        {
            if (!_gotoResults.TryGetValue((v.Id, index), out Reg r))
                r = _s.NewRegister(type);
            _s.MarkGlobal(r);
            return r;
        }
        Value value = AsmResult(v, index);
        if (value.IsNone)
        {
            result = vector ? NewVector(Math.Max(8, type.Size)) : NewReg(8);
            return Define(result);
        }
        result = index == 0 ? Def(value) : DefineEarly(value);
        bool isVector = type.IsFloat || type.IsVector;
        if (isVector == vector)
            return Define(result);
        Reg made = vector ? NewVector(Math.Max(8, type.Size)) : NewReg(8);
        Reg defined = Define(made);
        _bankChanges.Add((result, made, type));
        return defined;
    }

    /// <summary>A result of asm goto at the head of a successor: the register that the statement defines, handed on.</summary>
    private void SelectGotoResult(Value v)
    {
        var key = (_f[v].A.Id, (int)_f[v].Aux);
        if (!_gotoResults.TryGetValue(key, out Reg r))
        {
            r = _s.NewRegister(_f.TypeOf(v));
            _gotoResults.Add(key, r);
            _s.MarkGlobal(r);
        }
        Copy(Def(v), r);
    }

    private void EmitImmediateOperand(Value value)
    {
        switch (_f.OpOf(value))
        {
            case Op.Constant:
                _s.Immediate(_f[value].Aux);
                break;
            case Op.SymbolAddress:
                _s.SymbolImmediate(SymbolSpace.Module, _f[value].A.Id, _f[value].Aux);
                break;
            case Op.BlockAddress:
                _s.SymbolImmediate(SymbolSpace.Block, _f[value].A.Id);
                break;
            case Op.FloatConstant:
                _s.Immediate((long)(ulong)_f.ConstantBits(value));
                break;
            default:
                _asmFaults.Add(("impossible constraint in 'asm'", _f[_s.Current].Location));
                _s.Immediate(0);
                break;
        }
    }

    private void StoreStackOutputs(Value v, AsmOperand[] operands, AsmClass[] classes, bool isGoto, int left)
    {
        for (int position = 0; position < 8; position++)
        {
            int index = -1, next = 2;
            for (int i = 0; i < operands.Length; i++)
            {
                if (operands[i].Kind != AsmOperandKind.OutputRegister)
                    continue;
                index++;
                if (classes[i] != AsmClass.X87 || StackPosition(operands[i], ref next) != position)
                    continue;
                if (isGoto)
                    throw new NotSupportedException("x87 output of asm goto");
                Value value = AsmResult(v, index);
                if (value.IsNone || (index > 0 && _s.Requested(value).IsNone))
                {
                    EmitX87(M.Fstp, 0);
                    continue;
                }
                Reg d = index == 0 ? Def(value) : DefineEarly(value);
                IrType type = operands[i].Type;
                if (type == IrType.F80)
                {
                    EmitX87StoreTo(d);
                    continue;
                }
                EmitX87Memory(M.Fstp, Transfer(), type.Size);
                Emit(MoveOf(type.Size, true), type.Size, d, Transfer().OfSize(type.Size));
            }
        }
        for (int i = 0; i < left; i++)
            EmitX87(M.Fstp, 0);
    }

    private void MarkAsmTargets(MachineFunction function)
    {
        // Block operands of asm goto are marked with those of the other terminators.
        _ = function;
    }

    // Emission

    private void EmitAsm(in MachineInstruction instruction)
    {
        AsmInfo info = _machine.Source.Asms[instruction.Info];
        var text = new ByteWriter(128);
        if (info.IsBasic)
        {
            text.Bytes(info.Template);
        }
        else
        {
            IsaOperand[] operands = AsmOperands(in instruction, info);
            new AsmTemplate(this, info, operands, text, _asmCounter++).Write();
        }
        text.U8('\n');
        _out.Comment("asm");
        _emission.Module.Assembly.ReadInline(text.Span, instruction.Location);
        WriteFlagOutputs(in instruction, info);
    }

    private int _asmCounter;

    private IsaOperand[] AsmOperands(in MachineInstruction instruction, AsmInfo info)
    {
        var result = new IsaOperand[info.Operands.Length];
        int at = instruction.FirstOperand;
        int label = 1, nextStack = 2;
        for (int i = 0; i < result.Length; i++)
        {
            AsmOperand operand = info.Operands[i];
            switch (operand.Kind)
            {
                case AsmOperandKind.Label:
                    result[i] = IsaOperand.Label(_emission.Label(_machine.Source.Successors(BlockOf(in instruction))[label++].Id));
                    break;
                case AsmOperandKind.OutputRegister or AsmOperandKind.InputRegister
                    when ClassOf(operand.TiedTo >= 0 ? info.Operands[operand.TiedTo] : operand, out _) == AsmClass.X87:
                    result[i] = IsaOperand.Reg(R.St0 + StackPosition(operand.TiedTo >= 0 ? info.Operands[operand.TiedTo] : operand, ref nextStack));
                    break;
                default:
                    result[i] = Convert(ref at, in instruction);
                    break;
            }
        }
        return result;
    }

    // The block of asm goto: its labels are among the operands, but numbers of successors are surer.
    private Block BlockOf(in MachineInstruction instruction)
    {
        for (int b = 0; b < _machine.Blocks.Count; b++)
        {
            ref MachineBlock block = ref _machine.Blocks[b];
            for (int i = block.Start; i < block.End; i++)
            {
                if (_machine.Code[i].FirstOperand == instruction.FirstOperand && _machine.Code[i].Opcode == instruction.Opcode)
                    return block.Block;
            }
        }
        throw new InvalidOperationException("asm goto stands in no block");
    }

    // setcc for each flag output; movzx touches no flags.
    private void WriteFlagOutputs(in MachineInstruction instruction, AsmInfo info)
    {
        int at = instruction.FirstOperand;
        foreach (AsmOperand operand in info.Operands)
        {
            if (operand.Kind != AsmOperandKind.OutputRegister)
                break;
            AsmClass asmClass = ClassOf(operand, out _);
            if (asmClass == AsmClass.X87)
                continue;
            if (asmClass == AsmClass.Flag)
            {
                int number = _machine.Operands[at].Reg.Number;
                string name = (operand.FixedRegister ?? operand.Constraint).TrimStart('@');
                Put(Set(FlagCondition(name.StartsWith("cc", StringComparison.Ordinal) ? name[2..] : name)), G(number, 1));
                if (operand.Type.Size > 1)
                    Put(M.Movzx, G(number, 4), G(number, 1));
            }
            at++;
        }
    }

    private static Condition FlagCondition(string name) => name switch
    {
        "a" or "nbe" => Condition.Above,
        "ae" or "nc" or "nb" => Condition.AboveEqual,
        "b" or "c" or "nae" => Condition.Below,
        "be" or "na" => Condition.BelowEqual,
        "e" or "z" => Condition.Equal,
        "ne" or "nz" => Condition.NotEqual,
        "g" or "nle" => Condition.Greater,
        "ge" or "nl" => Condition.GreaterEqual,
        "l" or "nge" => Condition.Less,
        "le" or "ng" => Condition.LessEqual,
        "o" => Condition.Overflow,
        "no" => Condition.NotOverflow,
        "p" => Condition.Parity,
        "np" => Condition.NotParity,
        "s" => Condition.Sign,
        "ns" => Condition.NotSign,
        _ => throw new NotSupportedException($"asm flag output '@cc{name}'"),
    };

    /// <summary>Reports a fault in a template.</summary>
    private void AsmError(string message) => Report(message, _out.Location);

    private void Report(string message, Location location) =>
        _out.Diagnostics.Report(new Diagnostic(Severity.Error, location, message));

    // Faults of the function's statements that selection found; there is no emitter before emission.
    private readonly List<(string Message, Location Location)> _asmFaults = [];

    private void ReportAsmFaults()
    {
        foreach ((string message, Location location) in _asmFaults)
            Report(message, location);
        _asmFaults.Clear();
    }

    /// <summary>Writes a template with its operands.</summary>
    private readonly struct AsmTemplate(X86Target target, AsmInfo info, IsaOperand[] operands, ByteWriter text, int number)
    {
        public void Write()
        {
            ReadOnlySpan<byte> template = info.Template;
            int alternative = -1;
            for (int i = 0; i < template.Length; i++)
            {
                byte c = template[i];
                switch (c)
                {
                    case (byte)'{' when alternative < 0:
                        alternative = 0;
                        continue;
                    case (byte)'|' when alternative >= 0:
                        alternative++;
                        continue;
                    case (byte)'}' when alternative >= 0:
                        alternative = -1;
                        continue;
                }
                bool shown = alternative <= 0;
                if (c != '%' || i + 1 >= template.Length)
                {
                    if (shown)
                        text.U8(c);
                    continue;
                }
                i++;
                i = Directive(template, i, shown);
            }
        }

        // What stands behind a %: gives the position of its last byte.
        private int Directive(ReadOnlySpan<byte> template, int i, bool shown)
        {
            byte c = template[i];
            switch (c)
            {
                case (byte)'%' or (byte)'{' or (byte)'|' or (byte)'}':
                    if (shown)
                        text.U8(c);
                    return i;
                case (byte)'=':
                    if (shown)
                        text.Text(number.ToString());
                    return i;
                case (byte)'*':
                    if (shown)
                        text.U8('*');
                    return i;
            }
            byte modifier = 0;
            if (char.IsAsciiLetter((char)c))
            {
                modifier = c;
                i++;
            }
            if (i >= template.Length)
            {
                target.AsmError("operand number missing after %-letter");
                return i;
            }
            int index = -1;
            if (template[i] == '[')
            {
                int end = template[i..].IndexOf((byte)']');
                if (end < 0)
                {
                    target.AsmError("missing close bracket for named operand");
                    return template.Length;
                }
                string name = Encoding.UTF8.GetString(template.Slice(i + 1, end - 1));
                index = Array.FindIndex(info.Operands, o => o.Name == name);
                if (index < 0)
                    target.AsmError($"undefined named operand '{name}'");
                i += end;
            }
            else if (char.IsAsciiDigit((char)template[i]))
            {
                index = 0;
                while (i < template.Length && char.IsAsciiDigit((char)template[i]))
                    index = index * 10 + template[i++] - '0';
                i--;
                if (index >= operands.Length)
                {
                    target.AsmError("operand number out of range");
                    index = -1;
                }
            }
            else
            {
                target.AsmError("invalid 'asm': invalid %-code");
            }
            if (index >= 0 && shown)
                Operand(operands[index], info.Operands[index], (char)modifier);
            return i;
        }

        private void Operand(IsaOperand operand, AsmOperand source, char modifier)
        {
            switch (modifier)
            {
                case 'z' or 'Z':
                    text.U8(Suffix(source.Type, modifier == 'Z'));
                    return;
                case 'l' when operand.Kind == Isa.OperandKind.Target:
                    Label(operand);
                    return;
            }
            switch (operand.Kind)
            {
                case Isa.OperandKind.Register:
                    Register(operand.Register, source, modifier);
                    break;
                case Isa.OperandKind.Memory:
                    if (modifier == 'H')
                        operand.Value += 8;
                    Memory(operand);
                    break;
                case Isa.OperandKind.Immediate:
                    Immediate(operand, modifier);
                    break;
                case Isa.OperandKind.Target:
                    Label(operand);
                    break;
            }
        }

        private static byte Suffix(IrType type, bool isX87) => type.Size switch
        {
            1 => (byte)'b',
            2 => (byte)(isX87 && type.IsInteger ? 's' : 'w'),
            4 => (byte)(type.IsFloat ? 's' : 'l'),
            8 => (byte)(type.IsFloat ? 'l' : 'q'),
            _ => (byte)'t',
        };

        private void Register(int register, AsmOperand source, char modifier)
        {
            if (modifier == 'A')
                text.U8('*');
            if (modifier == 'a')
                text.U8('(');
            Isa.X86.RegisterClass registerClass = R.ClassOf(register);
            if (registerClass is Isa.X86.RegisterClass.Gpr64 or Isa.X86.RegisterClass.Gpr32 or Isa.X86.RegisterClass.Gpr16 or Isa.X86.RegisterClass.Gpr8)
            {
                int number = R.NumberOf(register);
                int size = modifier switch
                {
                    'b' => 1,
                    'w' => 2,
                    'k' => 4,
                    'q' or 'a' or 'A' => 8,
                    'h' => 0,
                    _ => source.Type.Size is 1 or 2 or 4 or 8 ? source.Type.Size : 8,
                };
                register = size == 0 ? R.Ah - 4 + number + (number < 4 ? 4 : 0) : R.General(number, size);
                if (size == 0)
                    register = R.Ah + number;
            }
            else if (registerClass is Isa.X86.RegisterClass.Xmm or Isa.X86.RegisterClass.Ymm)
            {
                int number = R.NumberOf(register);
                register = modifier switch
                {
                    'x' => R.Xmm0 + number,
                    't' => R.Ymm0 + number,
                    'g' => R.Zmm0 + number,
                    _ => register,
                };
            }
            if (modifier != 'V')
                text.U8('%');
            if (modifier != 'y' && registerClass == Isa.X86.RegisterClass.X87 && R.NumberOf(register) == 0)
                text.Bytes("st"u8);
            else
                text.Bytes(R.NameOf(register));
            if (modifier == 'a')
                text.U8(')');
        }

        private void Immediate(in IsaOperand operand, char modifier)
        {
            bool isPlain = modifier is 'c' or 'P' or 'p' or 'l' or 'a' or 'n' or 's';
            if (!isPlain)
                text.U8('$');
            if (operand.Symbol != 0)
            {
                SymbolPlus(operand.Symbol, operand.Value, modifier == 'P' ? operand.Modifier : operand.Modifier);
                if (modifier == 'a')
                    text.Bytes("(%rip)"u8);
                return;
            }
            text.Text((modifier == 'n' ? -operand.Value : operand.Value).ToString());
            if (modifier == 's')
                text.Bytes(", "u8);
        }

        private void Label(in IsaOperand operand) => SymbolPlus(operand.Symbol, operand.Value, operand.Modifier);

        private void SymbolPlus(int symbol, long addend, int modifier)
        {
            text.Bytes(target._out.NameOf(symbol));
            if (modifier != 0)
            {
                text.U8('@');
                text.Bytes(Isa.InstructionSet.For(Architecture.X86_64).ModifierName(modifier));
            }
            if (addend > 0)
                text.U8('+');
            if (addend != 0)
                text.Text(addend.ToString());
        }

        private void Memory(in IsaOperand operand)
        {
            if (operand.Segment != 0)
            {
                text.U8('%');
                text.Bytes(R.NameOf(operand.Segment));
                text.U8(':');
            }
            if (operand.Symbol != 0)
                SymbolPlus(operand.Symbol, operand.Value, operand.Modifier);
            else if (operand.Value != 0 || (operand.Register == 0 && operand.Index == 0))
                text.Text(operand.Value.ToString());
            if (operand.Register == 0 && operand.Index == 0)
                return;
            text.U8('(');
            if (operand.Register != 0)
            {
                text.U8('%');
                text.Bytes(R.NameOf(operand.Register));
            }
            if (operand.Index != 0)
            {
                text.Bytes(",%"u8);
                text.Bytes(R.NameOf(operand.Index));
                text.U8(',');
                text.U8((byte)('0' + operand.Scale));
            }
            text.U8(')');
        }
    }
}
