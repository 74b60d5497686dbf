using System.Text;

namespace Kiln.Lowering;

/// <summary>What one alternative of a constraint allows.</summary>
internal struct AsmConstraint
{
    /// <summary>The register class letters, modifiers taken off.</summary>
    public string Registers;
    public bool AllowsMemory;
    public bool AllowsImmediate;

    /// <summary>The immediate letters that restrict the value (I, J, n…).</summary>
    public string Immediates;

    /// <summary>An address (constraint p).</summary>
    public bool IsAddress;

    /// <summary>The number of the operand that this one must match, or -1.</summary>
    public int Matching;
    public bool IsEarlyClobber;

    /// <summary>How unwelcome the alternative is (?, !).</summary>
    public int Penalty;

    /// <summary>A flag output (@ccX), with its condition.</summary>
    public string? Flag;

    public readonly bool AllowsRegister => Registers.Length > 0;
}

// Inline assembly: for every operand the alternative and the kind of binding are chosen here; registers are CodeGen's choice.
internal sealed partial class FunctionLowering
{
    /// <summary>An output as it is worked on.</summary>
    private struct AsmOutput
    {
        public Lvalue Place;
        public AsmConstraint Constraint;
        public IrType Type;
        public bool IsRead;
        public bool IsRegister;

        /// <summary>A pair of general registers: <see cref="Type"/> is that of a half, the upper half is an operand of its own.</summary>
        public bool IsPair;
        public int ResultNumber;
        public int HighNumber;
    }

    // The upper halves of operands in register pairs. They stand behind all that a template can name.
    private readonly List<(string Constraint, int Output, Value Input)> _asmHighHalves = [];

    private void Asm(AsmStatement statement)
    {
        byte[] template = Encoding.UTF8.GetBytes(statement.Template);
        bool clobbersMemory = false, clobbersFlags = false;
        var clobbers = new List<string>();
        foreach (string clobber in statement.Clobbers)
        {
            switch (clobber)
            {
                case "memory":
                    clobbersMemory = true;
                    break;
                case "cc":
                    clobbersFlags = true;
                    break;
                case "redzone":
                    break;
                default:
                    clobbers.Add(clobber.TrimStart('%'));
                    break;
            }
        }
        var operands = new List<AsmOperand>();
        var inputs = new List<Value>();
        var addresses = new List<(int Operand, Value Address)>();
        int alternative = ChooseAlternative(statement);
        if (alternative < 0)
        {
            AsmFault(statement.Location, "impossible constraint in 'asm'");
            return;
        }
        _asmIsFaulty = false;
        AsmOutput[] outputs = BindOutputs(statement, alternative, operands, addresses);
        BindInputs(statement, alternative, outputs, operands, inputs, addresses);
        BindReadOutputs(outputs, operands, inputs, addresses);
        if (_asmIsFaulty)
        {
            _asmHighHalves.Clear();
            return;
        }
        // The IR's operands: inputs, then addresses.
        foreach ((int operand, Value address) in addresses)
        {
            operands[operand] = operands[operand] with { Input = inputs.Count };
            inputs.Add(address);
        }
        for (int i = 0; i < statement.Labels.Length; i++)
        {
            operands.Add(new AsmOperand(AsmOperandKind.Label, "", IrType.Void, Input: i,
                Name: statement.LabelNames.Length > i && statement.LabelNames[i] != 0 ? unit.Names.Text(statement.LabelNames[i])
                    : statement.Labels[i].Name != 0 ? unit.Names.Text(statement.Labels[i].Name) : null));
        }
        BindHighHalves(outputs, operands, inputs);
        bool hasRegisterOutput = Array.Exists(outputs, o => o.IsRegister);
        var info = new AsmInfo
        {
            Template = template,
            IsBasic = statement.IsBasic,
            IsVolatile = statement.IsVolatile || statement.IsGoto || outputs.Length == 0,
            Operands = [.. operands],
            Clobbers = [.. clobbers],
            ClobbersMemory = clobbersMemory || statement.IsBasic,
            ClobbersFlags = clobbersFlags || unit.Target.Architecture is Architecture.X86_64 or Architecture.I386,
            LabelCount = statement.Labels.Length,
        };
        Open();
        _b.Location = statement.Location;
        int index = _function.Asms.Add(info);
        if (statement.IsGoto)
        {
            EmitAsmGoto(statement, index, outputs, inputs);
            return;
        }
        IrType first = hasRegisterOutput ? Array.Find(outputs, o => o.IsRegister).Type : IrType.Void;
        Value asm = _b.EmitList(Op.Asm, first, inputs.ToArray(), index);
        StoreOutputs(asm, outputs, isGoto: false);
    }

    private bool _asmIsFaulty;

    // A statement with a fault is told of and left out.
    private void AsmFault(Location location, string message)
    {
        unit.Error(location, message);
        _asmIsFaulty = true;
    }

    /// <summary>Puts the register outputs of an asm where they belong.</summary>
    private void StoreOutputs(Value asm, AsmOutput[] outputs, bool isGoto)
    {
        var values = new Value[outputs.Length];
        // Results stand directly behind the asm, before any store.
        for (int i = 0; i < outputs.Length; i++)
        {
            if (!outputs[i].IsRegister)
                continue;
            int number = outputs[i].ResultNumber;
            values[i] = isGoto || number != 0 ? _b.Result(asm, number, outputs[i].Type) : asm;
        }
        for (int i = 0; i < outputs.Length; i++)
        {
            if (outputs[i].IsPair)
                values[i] = Joined(values[i], _b.Result(asm, outputs[i].HighNumber, IrType.I64));
        }
        for (int i = 0; i < outputs.Length; i++)
        {
            if (outputs[i].IsRegister)
                StoreAsmValue(outputs[i].Place, values[i], outputs[i].Constraint.Flag is not null);
        }
    }

    private void StoreAsmValue(in Lvalue place, Value value, bool isFlag)
    {
        CType type = place.Type.Type;
        switch (Lowering.ClassOf(type))
        {
            case TypeClass.Scalar:
                IrType wanted = Lowering.IrTypeOf(type);
                if (isFlag)
                    value = ConvertScalar(value, unit.CTypes.Bool, type);
                else if (_function.TypeOf(value) != wanted)
                    value = _function.TypeOf(value).Size == wanted.Size ? _b.Emit(Op.Bitcast, wanted, value) : Resize(value, wanted, false);
                Store(place, value);
                break;
            default:
                _b.Store(place.Address, value, new MemoryAccess(place.AlignmentLog2, place.Type.IsVolatile));
                break;
        }
    }

    private void EmitAsmGoto(AsmStatement statement, int index, AsmOutput[] outputs, List<Value> inputs)
    {
        Value asm = _b.EmitList(Op.AsmGoto, IrType.Void, inputs.ToArray(), index);
        Block from = _b.Current, next = NewBlock();
        bool hasOutputs = Array.Exists(outputs, o => o.IsRegister);
        _function.AddEdge(from, next);
        var landings = new List<(Block Block, LabelDeclaration Label)>();
        foreach (LabelDeclaration label in statement.Labels)
        {
            if (!hasOutputs && _cleanups is null)
            {
                _function.AddEdge(from, LabelBlock(label));
                continue;
            }
            Block landing = NewBlock();
            _function.AddEdge(from, landing);
            landings.Add((landing, label));
        }
        foreach ((Block landing, LabelDeclaration label) in landings)
        {
            _b.Current = landing;
            StoreOutputs(asm, outputs, isGoto: true);
            Block target = LabelBlock(label);
            if (_cleanups is not null)
            {
                target = NewBlock();
                _pendingGotos.Add((target, _cleanups, label, statement.Location));
            }
            _b.Branch(target);
        }
        _b.Current = next;
        StoreOutputs(asm, outputs, isGoto: true);
    }

    // Operands

    private string? OperandName(SourceAsmOperand operand) => operand.Name != 0 ? unit.Names.Text(operand.Name) : null;

    /// <summary>The register of an operand that is a local register variable.</summary>
    private static string? FixedRegister(Expression e)
    {
        while (e is CastExpression { CastKind: CastKind.LvalueToRvalue or CastKind.NoOp } cast)
            e = cast.Operand;
        return e is VariableReference { Variable: { RegisterName: { } name } variable } && (variable.Function is not null || variable.IsAutomatic || variable.Storage == StorageClass.Register)
            ? name.TrimStart('%')
            : null;
    }

    private AsmOutput[] BindOutputs(
        AsmStatement statement, int alternative, List<AsmOperand> operands, List<(int, Value)> addresses)
    {
        var outputs = new AsmOutput[statement.Outputs.Length];
        int registers = 0;
        for (int i = 0; i < outputs.Length; i++)
        {
            SourceAsmOperand source = statement.Outputs[i];
            ref AsmOutput output = ref outputs[i];
            output.Constraint = ParseConstraint(source.Constraint, alternative, statement);
            output.IsRead = source.Constraint.Contains('+');
            output.Place = LvalueOf(source.Value);
            CType type = source.Value.Type;
            output.IsRegister = output.Constraint.Flag is not null
                || output.Constraint.AllowsRegister && FitsRegister(type) && !(output.Constraint.AllowsMemory && IsPairObject(type));
            output.Type = output.Constraint.Flag is not null ? IrType.I8 : AsmType(type);
            if (output.Constraint.Flag is not null && (output.IsRead || Lowering.ClassOf(type) != TypeClass.Scalar))
            {
                AsmFault(statement.Location, "invalid type for 'asm' flag output");
                output.IsRead = false;
                output.Constraint.Flag = null;
            }
            if (output.IsRegister && output.Constraint.Flag is null)
            {
                IrType held = RegisterType(output.Constraint.Registers, output.Type);
                if (held.IsVoid && !output.Constraint.AllowsMemory)
                    AsmFault(statement.Location, "impossible constraint in 'asm'");
                output.IsRegister = !held.IsVoid;
                output.IsPair = held == IrType.I128;
                if (output.IsRegister)
                    output.Type = output.IsPair ? IrType.I64 : held;
            }
            if (output.IsRegister)
            {
                output.ResultNumber = registers++;
                string? fixedRegister = output.Constraint.Flag ?? FixedRegister(source.Value);
                string letters = output.IsPair ? HalfOf(output.Constraint.Registers, isHigh: false) : output.Constraint.Registers;
                operands.Add(new AsmOperand(AsmOperandKind.OutputRegister, letters, output.Type, fixedRegister,
                    EarlyClobber: output.Constraint.IsEarlyClobber, Name: OperandName(source)));
                if (output.IsPair)
                    _asmHighHalves.Add((HalfOf(output.Constraint.Registers, isHigh: true), i, default));
            }
            else
            {
                if (output.Place.Kind != LvalueKind.Memory)
                    AsmFault(statement.Location, "memory operand of 'asm' is not in memory");
                addresses.Add((operands.Count, output.Place.Address));
                operands.Add(new AsmOperand(AsmOperandKind.Memory, "m", output.Type, Name: OperandName(source)));
            }
        }
        return outputs;
    }

    private void BindInputs(
        AsmStatement statement, int alternative, AsmOutput[] outputs, List<AsmOperand> operands, List<Value> inputs,
        List<(int, Value)> addresses)
    {
        foreach (SourceAsmOperand source in statement.Inputs)
        {
            AsmConstraint constraint = ParseConstraint(source.Constraint, alternative, statement);
            Expression e = source.Value;
            string? name = OperandName(source);
            if (constraint.Matching >= 0 && constraint.Matching < outputs.Length)
            {
                BindMatching(outputs, constraint.Matching, e, name, operands, inputs, addresses);
                continue;
            }
            bool isScalar = Lowering.ClassOf(e.Type) == TypeClass.Scalar;
            bool fitsRegister = FitsRegister(e.Type) && !(constraint.AllowsMemory && IsPairObject(e.Type)) && !RegisterType(constraint.Registers, AsmType(e.Type)).IsVoid;
            bool inMemoryOnly = !constraint.IsAddress && !constraint.AllowsImmediate && (!constraint.AllowsRegister || !fitsRegister)
                || constraint.AllowsMemory && !fitsRegister && !ConstantOperand(e);
            if (constraint.IsAddress)
            {
                Value pointer = isScalar ? Scalar(e) : _function.Any(IrType.Pointer);
                if (!isScalar || _function.TypeOf(pointer) != IrType.Pointer && _function.TypeOf(pointer) != IrType.I64)
                {
                    AsmFault(statement.Location, "impossible constraint in 'asm'");
                    pointer = _function.Any(IrType.Pointer);
                }
                addresses.Add((operands.Count, pointer));
                operands.Add(new AsmOperand(AsmOperandKind.Memory, "p", IrType.I8, Name: name));
                continue;
            }
            if (inMemoryOnly || !FitsRegister(e.Type))
            {
                if (!constraint.AllowsMemory && constraint.AllowsRegister)
                    AsmFault(statement.Location, "impossible constraint in 'asm'");
                addresses.Add((operands.Count, AsmMemory(e)));
                operands.Add(new AsmOperand(AsmOperandKind.Memory, "m", AsmType(e.Type), Name: name));
                continue;
            }
            Value value = isScalar ? Scalar(e) : AsmObject(e);
            Open();
            bool isConstant = _function.OpOf(value) is Op.Constant or Op.SymbolAddress or Op.BlockAddress;
            bool isImmediate = constraint.AllowsImmediate
                && (!constraint.AllowsRegister || !fitsRegister || isConstant && FitsImmediate(constraint, e, value));
            string letters = constraint.Registers;
            if (!isImmediate)
                value = InRegister(value, ref letters, -1);
            else if (_function.OpOf(value) == Op.Constant && _function.TypeOf(value) == IrType.I128)
                value = Constant(IrType.I64, (long)_function.ConstantBits(value));
            else if (_function.TypeOf(value).Size > 8)
            {
                AsmFault(statement.Location, "impossible constraint in 'asm'");
                value = Constant(IrType.I64, 0);
            }
            operands.Add(new AsmOperand(
                isImmediate ? AsmOperandKind.Immediate : AsmOperandKind.InputRegister,
                isImmediate ? constraint.Immediates : letters,
                _function.TypeOf(value), isImmediate ? null : FixedRegister(e), Input: inputs.Count, Name: name));
            inputs.Add(value);
        }
    }

    private void BindMatching(
        AsmOutput[] outputs, int number, Expression e, string? name, List<AsmOperand> operands, List<Value> inputs, List<(int, Value)> addresses)
    {
        ref AsmOutput output = ref outputs[number];
        if (output.Constraint.Flag is not null)
        {
            AsmFault(e.Location, "inconsistent operand constraints in an 'asm'");
            return;
        }
        if (!output.IsRegister)
        {
            // The output is memory: the input's value goes there first.
            EvaluateInto(e, output.Place);
            addresses.Add((operands.Count, output.Place.Address));
            operands.Add(new AsmOperand(AsmOperandKind.Memory, "m", output.Type, Name: name));
            return;
        }
        Value value = Lowering.ClassOf(e.Type) == TypeClass.Scalar ? Scalar(e) : AsmObject(e);
        Open();
        string letters = output.Constraint.Registers;
        if (output.IsPair)
        {
            IrType known = _function.TypeOf(value);
            if (known.IsInteger && known != IrType.I128)
                value = Resize(value, IrType.I128, Lowering.IsSigned(e.Type));
        }
        value = InRegister(value, ref letters, output.IsPair ? number : -1);
        IrType type = _function.TypeOf(value);
        if (type != output.Type && type.Size != output.Type.Size && !type.IsFloat && !type.IsVector && !output.Type.IsFloat && !output.Type.IsVector)
            value = Resize(value, output.Type.Size > type.Size ? output.Type : type, Lowering.IsSigned(e.Type));
        operands.Add(new AsmOperand(AsmOperandKind.InputRegister, letters, _function.TypeOf(value),
            operands[number].FixedRegister, TiedTo: number, Input: inputs.Count, Name: name));
        inputs.Add(value);
    }

    /// <summary>Outputs that are read too ("+") are inputs once more, behind the written ones.</summary>
    private void BindReadOutputs(AsmOutput[] outputs, List<AsmOperand> operands, List<Value> inputs, List<(int, Value)> addresses)
    {
        for (int i = 0; i < outputs.Length; i++)
        {
            ref AsmOutput output = ref outputs[i];
            if (!output.IsRead)
                continue;
            if (!output.IsRegister)
            {
                addresses.Add((operands.Count, output.Place.Address));
                operands.Add(new AsmOperand(AsmOperandKind.Memory, "m", output.Type));
                continue;
            }
            Value value = Lowering.ClassOf(output.Place.Type.Type) == TypeClass.Scalar
                ? Load(output.Place)
                : _b.Load(AsmType(output.Place.Type.Type), output.Place.Address, new MemoryAccess(output.Place.AlignmentLog2));
            string letters = output.Constraint.Registers;
            value = InRegister(value, ref letters, output.IsPair ? i : -1);
            operands.Add(new AsmOperand(AsmOperandKind.InputRegister, letters, output.Type,
                operands[i].FixedRegister, TiedTo: i, Input: inputs.Count));
            inputs.Add(value);
        }
    }

    /// <summary>
    /// The type as which registers of these letters hold a value: i128 where that is a pair of general registers, void where none
    /// of them can hold it.
    /// </summary>
    private IrType RegisterType(string letters, IrType type)
    {
        bool vector = letters.AsSpan().ContainsAny("xvY"), x87 = letters.AsSpan().ContainsAny("ftu");
        bool general = letters.AsSpan().ContainsAny("rqQRlpgXabcdSDAU");
        if (type == IrType.I128)
            return vector ? IrType.I64.VectorOf(1) : general ? type : IrType.Void;
        if (type == IrType.F80)
            return x87 ? type : IrType.Void;
        if (type.Size > 8)
            return vector && type.Size <= unit.VectorSize ? type : IrType.Void;
        return x87 && !vector && !general && !(type.IsFloat && type.Size >= 4) ? IrType.Void : type;
    }

    // Constraint A is the pair rdx:rax; of other letters two registers of the same kind.
    private static string HalfOf(string letters, bool isHigh) =>
        letters.Contains('A') ? isHigh ? "d" : "a" : letters.Replace("a", isHigh ? "d" : "a", StringComparison.Ordinal);

    /// <summary>A value as its registers hold it; the upper half of a pair is put by for <see cref="BindHighHalves"/>.</summary>
    private Value InRegister(Value value, ref string letters, int output)
    {
        IrType type = _function.TypeOf(value), held = RegisterType(letters, type);
        if (held == IrType.I128)
        {
            Value high = _b.Convert(Op.Truncate, IrType.I64, _b.Binary(Op.ShiftRightUnsigned, value, Constant(IrType.I128, 64)));
            _asmHighHalves.Add((HalfOf(letters, isHigh: true), output, high));
            letters = HalfOf(letters, isHigh: false);
            return _b.Convert(Op.Truncate, IrType.I64, value);
        }
        return held.IsVoid || held == type ? value : _b.Emit(Op.Bitcast, held, value);
    }

    private void BindHighHalves(AsmOutput[] outputs, List<AsmOperand> operands, List<Value> inputs)
    {
        int results = outputs.Count(o => o.IsRegister);
        var places = new int[outputs.Length];
        foreach ((string letters, int output, Value input) in _asmHighHalves)
        {
            if (input.IsNone)
            {
                outputs[output].HighNumber = results++;
                places[output] = operands.Count;
                operands.Add(new AsmOperand(AsmOperandKind.OutputRegister, letters, IrType.I64, EarlyClobber: outputs[output].Constraint.IsEarlyClobber));
                continue;
            }
            operands.Add(new AsmOperand(AsmOperandKind.InputRegister, letters, IrType.I64, TiedTo: output >= 0 ? places[output] : -1, Input: inputs.Count));
            inputs.Add(input);
        }
        _asmHighHalves.Clear();
    }

    private Value Joined(Value low, Value high) =>
        _b.Binary(Op.Or, _b.Emit(Op.ZeroExtend, IrType.I128, low),
            _b.Binary(Op.ShiftLeft, _b.Emit(Op.ZeroExtend, IrType.I128, high), Constant(IrType.I128, 64)));

    /// <summary>Whether a value of a type can be in one register (or a pair).</summary>
    private static bool FitsRegister(CType type) => Lowering.ClassOf(type) switch
    {
        TypeClass.Scalar => true,
        TypeClass.Memory => type.Size is 1 or 2 or 4 or 8 or 16 && !type.IsArray,
        TypeClass.Complex => type.Size is 2 or 4 or 8,
        _ => false,
    };

    // Records of two registers are left in memory where they may be.
    private static bool IsPairObject(CType type) => Lowering.ClassOf(type) == TypeClass.Memory && type.Size > 8;

    private static IrType AsmType(CType type) => Lowering.ClassOf(type) switch
    {
        TypeClass.Scalar => Lowering.IrTypeOf(type),
        _ => type.Size switch
        {
            1 => IrType.I8,
            2 => IrType.I16,
            4 => IrType.I32,
            16 => IrType.I128,
            _ => IrType.I64,
        },
    };

    private Value AsmObject(Expression e)
    {
        Value address = MemoryValue(e);
        Open();
        return _b.Load(AsmType(e.Type), address, new MemoryAccess(AlignmentLog2(e.Type.Alignment)));
    }

    /// <summary>The address of a memory operand.</summary>
    private Value AsmMemory(Expression e)
    {
        while (e is CastExpression { CastKind: CastKind.LvalueToRvalue } cast)
            e = cast.Operand;
        return LvalueOf(e).Address;
    }

    // Constraints

    /// <summary>Which of the alternatives fits all operands best; -1 for none.</summary>
    private int ChooseAlternative(AsmStatement statement)
    {
        int count = 1;
        foreach (SourceAsmOperand operand in statement.Outputs)
            count = Math.Max(count, operand.Constraint.AsSpan().Count(',') + 1);
        foreach (SourceAsmOperand operand in statement.Inputs)
            count = Math.Max(count, operand.Constraint.AsSpan().Count(',') + 1);
        if (count == 1)
            return 0;
        int best = -1, bestCost = int.MaxValue;
        for (int i = 0; i < count; i++)
        {
            int cost = 0;
            foreach (SourceAsmOperand operand in statement.Outputs)
                cost += AlternativeCost(operand, ParseConstraint(operand.Constraint, i, statement), isOutput: true);
            foreach (SourceAsmOperand operand in statement.Inputs)
                cost += AlternativeCost(operand, ParseConstraint(operand.Constraint, i, statement), isOutput: false);
            if (cost < bestCost)
                (best, bestCost) = (i, cost);
        }
        return bestCost >= 10000 ? -1 : best;
    }

    private int AlternativeCost(SourceAsmOperand operand, in AsmConstraint constraint, bool isOutput)
    {
        int cost = constraint.Penalty;
        Expression e = operand.Value;
        if (!isOutput && constraint.AllowsImmediate && ConstantOperand(e) && FitsImmediate(constraint, e, default))
            return cost;
        if (constraint.Matching >= 0 || constraint.Flag is not null || constraint.IsAddress)
            return cost + 1;
        if (constraint.AllowsRegister && FitsRegister(e.Type))
            return cost + 1;
        if (constraint.AllowsMemory)
            return cost + (IsInMemory(e) ? 2 : 4);
        return constraint.AllowsImmediate && !isOutput && !ConstantOperand(e) && !constraint.AllowsMemory ? 5000 : 10000;
    }

    private static bool IsInMemory(Expression e) => e.IsLvalue || e is CastExpression { CastKind: CastKind.LvalueToRvalue };

    private static bool ConstantOperand(Expression e) => IntegerValue(e, out _) || e switch
    {
        CastExpression { CastKind: not CastKind.LvalueToRvalue } cast => ConstantOperand(cast.Operand),
        AddressOfExpression { Operand: VariableReference { Variable.IsAutomatic: false } or FunctionReference } => true,
        VariableReference { Variable.IsAutomatic: false } => e.Type.IsArray,
        FunctionReference or StringLiteral or LabelAddress => true,
        PointerOffset offset => ConstantOperand(offset.Pointer) && ConstantOperand(offset.Index),
        _ => false,
    };

    /// <summary>Whether a constant is in the range that the immediate letters of x86 name.</summary>
    private bool FitsImmediate(in AsmConstraint constraint, Expression e, Value lowered)
    {
        bool isNumber = IntegerValue(e, out Int128 value);
        if (!isNumber && !lowered.IsNone && _function.OpOf(lowered) == Op.Constant)
        {
            value = (Int128)_function.ConstantBits(lowered);
            isNumber = true;
        }
        foreach (char letter in constraint.Immediates)
        {
            bool fits = letter switch
            {
                'i' or 'X' or 'g' => true,
                'n' => isNumber,
                's' => !isNumber,
                'I' => isNumber && value >= 0 && value <= 31,
                'J' => isNumber && value >= 0 && value <= 63,
                'K' => isNumber && value >= -128 && value <= 127,
                'L' => isNumber && (value == 0xff || value == 0xffff || value == 0xffffffff),
                'M' => isNumber && value >= 0 && value <= 3,
                'N' => isNumber && value >= 0 && value <= 255,
                'O' => isNumber && value >= 0 && value <= 127,
                'e' => !isNumber || value >= int.MinValue && value <= int.MaxValue,
                'Z' => !isNumber || value >= 0 && value <= uint.MaxValue,
                _ => false,
            };
            if (fits)
                return true;
        }
        return false;
    }

    /// <summary>Reads alternative number <paramref name="alternative"/> of a constraint (gcc's manual, Constraints for asm Operands).</summary>
    private AsmConstraint ParseConstraint(string text, int alternative, AsmStatement statement)
    {
        var constraint = new AsmConstraint { Registers = "", Immediates = "", Matching = -1 };
        var registers = new StringBuilder();
        var immediates = new StringBuilder();
        int current = 0;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == ',')
            {
                current++;
                continue;
            }
            if (c is '=' or '+' or '%' or ' ' or '\t')
                continue;
            if (c == '@' && text.AsSpan(i).StartsWith("@cc"))
            {
                constraint.Flag = text[i..];
                break;
            }
            if (current != alternative)
                continue;
            switch (c)
            {
                case '&':
                    constraint.IsEarlyClobber = true;
                    break;
                case '?':
                    constraint.Penalty += 6;
                    break;
                case '!':
                    constraint.Penalty += 600;
                    break;
                case '*' or '^' or '$':
                    break;
                case '#':
                    while (i + 1 < text.Length && text[i + 1] != ',')
                        i++;
                    break;
                case >= '0' and <= '9':
                    constraint.Matching = 0;
                    for (; i < text.Length && char.IsAsciiDigit(text[i]); i++)
                        constraint.Matching = constraint.Matching * 10 + (text[i] - '0');
                    i--;
                    break;
                case '[':
                    int end = text.IndexOf(']', i);
                    constraint.Matching = NamedOperand(statement, text[(i + 1)..(end < 0 ? text.Length : end)]);
                    i = end < 0 ? text.Length : end;
                    break;
                case 'm' or 'o' or 'V' or '<' or '>':
                    constraint.AllowsMemory = true;
                    break;
                case 'p':
                    constraint.IsAddress = true;
                    break;
                case 'g' or 'X':
                    constraint.AllowsMemory = true;
                    constraint.AllowsImmediate = true;
                    immediates.Append('i');
                    registers.Append('r');
                    break;
                case 'i' or 'n' or 's' or 'I' or 'J' or 'K' or 'L' or 'M' or 'N' or 'O' or 'e' or 'Z' or 'E' or 'F' or 'G' or 'C':
                    constraint.AllowsImmediate = true;
                    immediates.Append(c);
                    break;
                case 'Y' or 'T' or 'B' or 'W' when i + 1 < text.Length:
                    registers.Append(c).Append(text[++i]);
                    break;
                default:
                    registers.Append(c);
                    break;
            }
        }
        constraint.Registers = registers.ToString();
        constraint.Immediates = immediates.ToString();
        return constraint;
    }

    private int NamedOperand(AsmStatement statement, string name)
    {
        for (int i = 0; i < statement.Outputs.Length; i++)
        {
            if (OperandName(statement.Outputs[i]) == name)
                return i;
        }
        return -1;
    }

    // Global register variables

    private static bool IsStackPointer(string register) => register is "rsp" or "esp" or "sp";

    private Value ReadRegister(in Lvalue place)
    {
        IrType type = Lowering.IrTypeOf(place.Type.Type);
        if (IsStackPointer(place.Register!))
            return Resize(_b.Emit(Op.StackSave, IrType.Pointer), type, false);
        int index = _function.Asms.Add(new AsmInfo
        {
            Template = [],
            IsVolatile = true,
            Operands = [new AsmOperand(AsmOperandKind.OutputRegister, "r", type, place.Register)],
        });
        return _b.EmitList(Op.Asm, type, [], index);
    }

    private void WriteRegister(in Lvalue place, Value value)
    {
        if (IsStackPointer(place.Register!))
        {
            // asm volatile ("" : "+r" (stack_pointer)) of the kernel: written back as it was.
            return;
        }
        int index = _function.Asms.Add(new AsmInfo
        {
            Template = [],
            IsVolatile = true,
            Operands = [new AsmOperand(AsmOperandKind.InputRegister, "r", _function.TypeOf(value), place.Register, Input: 0)],
            Clobbers = [place.Register!],
        });
        _b.EmitList(Op.Asm, IrType.Void, [value], index);
    }
}
