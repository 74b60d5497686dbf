using Kiln.Base;
using Kiln.CodeGen.Allocation;
using Kiln.CodeGen.Blocks;
using Kiln.CodeGen.Machine;
using Kiln.IR;
using Kiln.IR.Analyses;
using Xunit;

namespace Kiln.Tests.CodeGen;

/// <summary>Random machine functions, with all kinds of operands and few registers: the checker proves each allocation.</summary>
public class AllocatorTests
{
    private static RegisterFile File { get; } = new()
    {
        Names = [.. Enumerable.Range(0, 64).Select(i => $"r{i}")],
        General = RegisterSet.Range(0, 7),
        Vector = RegisterSet.Range(16, 21),
        GeneralOrder = [0, 1, 2, 3, 4, 5, 6],
        VectorOrder = [16, 17, 18, 19, 20],
        CalleeSaved = RegisterSet.Range(4, 6),
        Scratch = 21,
    };

    [Fact]
    public void RandomFunctionsAreAllocatedRight()
    {
        var allocation = new RegisterAllocation();
        for (int seed = 1; seed <= 300; seed++)
            Try(seed, (machine, _) => allocation.Run(machine, File, true));
    }

    [Fact]
    public void RandomFunctionsAreAllocatedRightTheFastWay()
    {
        var allocation = new FastAllocation();
        for (int seed = 1; seed <= 300; seed++)
            Try(seed, (machine, _) => allocation.Run(machine, File, true));
    }

    private static void Try(int seed, Action<MachineFunction, int> allocate)
    {
        MachineFunction machine = new RandomFunction(seed).Make();
        string before = MachinePrinter.Print(machine, File);
        try
        {
            allocate(machine, seed);
        }
        catch (Exception e)
        {
            Assert.Fail($"seed {seed}: {e}\n{before}\nbecame\n{MachinePrinter.Print(machine, File)}");
        }
    }

    private sealed class RandomFunction(int seed)
    {
        private readonly Random _random = new(seed);
        private readonly Function _ir = new();
        private readonly MachineFunction _machine = new();
        private readonly List<List<Reg>> _made = [];

        public MachineFunction Make()
        {
            var module = new Module();
            _ir.Reset(module, module.Intern("f"), new Signature { Parameters = [], Results = [] });
            MakeGraph();
            var order = new BlockOrder();
            order.Compute(_ir);
            EdgeSplitting.DropUnreachable(_ir, order);
            EdgeSplitting.Split(_ir, order.PostOrder, false, new GrowBuffer<(Block, Block)>());
            order.Compute(_ir);
            var dominators = new Dominators();
            dominators.Compute(_ir);
            var loops = new Loops();
            loops.Compute(_ir, dominators);
            Frequencies.Estimate(_ir, dominators, loops);
            new BlockLayout().Run(_ir, order, dominators, loops);
            MakeCode(order, dominators);
            for (int i = 1; i < loops.Count; i++)
                _machine.Loops.Add((loops[i].Parent, loops[i].Depth));
            foreach (ref MachineBlock block in _machine.Blocks.Span)
                block.Loop = loops.LoopOf(block.Block);
            return _machine;
        }

        private void MakeGraph()
        {
            int count = 1 + _random.Next(_random.Next(30) + 1);
            var blocks = new Block[count + 1];
            for (int i = 0; i <= count; i++)
                blocks[i] = _ir.NewBlock();
            _ir.Entry = blocks[0];
            var builder = new Builder(_ir);
            for (int i = 0; i <= count; i++)
            {
                builder.Current = blocks[i];
                if (i == count)
                    builder.Return([]);
                else if (i == 0 || _random.Next(3) == 0)
                    builder.Branch(blocks[i + 1]);
                else
                    builder.BranchIf(_ir.Constant(IrType.I1, 1L), blocks[i + 1], blocks[1 + _random.Next(count)]);
            }
        }

        private void MakeCode(BlockOrder order, Dominators dominators)
        {
            _machine.Reset(_ir);
            int count = order.Layout.Length;
            _machine.PositionOfBlock.AddDefault(_ir.BlockCount);
            for (int i = 0; i < count; i++)
            {
                _machine.PositionOfBlock[order.Layout[i].Id] = i;
                _made.Add([]);
            }
            for (int i = 0; i < count; i++)
            {
                Block block = order.Layout[i];
                int predecessors = _machine.Edges.Count;
                foreach (Block p in _ir.Predecessors(block))
                    _machine.Edges.Add(_machine.Position(p));
                int successors = _machine.Edges.Count;
                foreach (Block s in _ir.Successors(block))
                    _machine.Edges.Add(_machine.Position(s));
                _machine.Blocks.Add(new MachineBlock
                {
                    Block = block,
                    Frequency = _ir[block].Frequency,
                    PredecessorStart = predecessors,
                    PredecessorCount = successors - predecessors,
                    SuccessorStart = successors,
                    SuccessorCount = _machine.Edges.Count - successors,
                });
            }
            MakePhis(count);
            var code = new List<MachineInstruction>[count];
            foreach (Block block in dominators.Order)
                code[_machine.Position(block)] = MakeBlock(block, dominators);
            for (int i = 0; i < count; i++)
            {
                _machine.Blocks[i].Start = _machine.Code.Count;
                foreach (MachineInstruction instruction in code[i])
                    _machine.Code.Add(instruction);
                _machine.Blocks[i].End = _machine.Code.Count;
            }
            FillPhis(count, dominators);
        }

        private Reg NewRegister(bool isVector, bool isGlobal = true)
        {
            int kind = isVector ? 1 : _random.Next(40) == 0 ? 2 : 0;
            Reg made = _machine.NewRegister((RegisterClass)kind, kind == 2 ? 16 : _random.Next(2) == 0 ? 4 : 8);
            _machine.Data(made).IsGlobal = isGlobal;
            return made;
        }

        private void MakePhis(int count)
        {
            for (int i = 1; i < count; i++)
            {
                ref MachineBlock block = ref _machine.Blocks[i];
                block.PhiStart = _machine.PhiRegisters.Count;
                if (block.PredecessorCount == 0)
                    continue;
                block.PhiCount = _random.Next(4) == 0 ? _random.Next(10) : _random.Next(3);
                for (int k = 0; k < block.PhiCount; k++)
                {
                    Reg phi = NewRegister(_random.Next(4) == 0);
                    _machine.PhiRegisters.Add(phi.Id);
                    _made[i].Add(phi);
                }
                _machine.PhiRegisters.AddDefault(block.PhiCount * block.PredecessorCount);
            }
        }

        private void FillPhis(int count, Dominators dominators)
        {
            for (int i = 1; i < count; i++)
            {
                for (int p = 0; p < _machine.Blocks[i].PredecessorCount; p++)
                {
                    List<Reg> there = Available(_machine.Blocks[_machine.Predecessors(i)[p]].Block, dominators);
                    for (int k = 0; k < _machine.Blocks[i].PhiCount; k++)
                    {
                        Reg phi = new(_machine.PhiDefs(i)[k]);
                        _machine.PhiArguments(i, p)[k] = Pick(there, _machine.Data(phi).Class).Id;
                    }
                }
            }
        }

        private List<Reg> Available(Block block, Dominators dominators)
        {
            var list = new List<Reg>();
            for (Block b = block; !b.IsNone; b = dominators.Immediate(b))
                list.AddRange(_made[_machine.Position(b)]);
            return list;
        }

        private Reg Pick(List<Reg> from, RegisterClass registerClass)
        {
            for (int tries = 0; tries < 200; tries++)
            {
                Reg pick = from[_random.Next(_random.Next(2) == 0 ? Math.Min(from.Count, 8) : from.Count)];
                if (_machine.Data(pick).Class == registerClass)
                    return pick;
            }
            return from.First(r => _machine.Data(r).Class == registerClass);
        }

        private MachineInstruction Open(ushort opcode, MachineFlags flags = 0) =>
            new() { Opcode = opcode, Flags = flags, FirstOperand = _machine.Operands.Count };

        private MachineInstruction Close(MachineInstruction instruction) =>
            instruction with { OperandCount = (ushort)(_machine.Operands.Count - instruction.FirstOperand) };

        private void Operand(Reg register, Role role, Constraint constraint = Constraint.Register, int extra = 0, long value = 0) =>
            _machine.Operands.Add(new MachineOperand
            {
                Kind = OperandKind.Register,
                Register = register.Id,
                Role = role,
                Constraint = _machine.Data(register).Class == RegisterClass.Memory ? Constraint.Any : constraint,
                Extra = (byte)extra,
                Value = value,
            });

        private List<MachineInstruction> MakeBlock(Block block, Dominators dominators)
        {
            int position = _machine.Position(block);
            var code = new List<MachineInstruction>();
            List<Reg> there = Available(block, dominators);
            there.Reverse();
            void Made(Reg register)
            {
                there.Insert(0, register);
                _made[position].Add(register);
            }
            if (block == _ir.Entry)
            {
                MachineInstruction entry = Open(GenericOp.Entry);
                for (int k = 0; k < 6; k++)
                {
                    Reg r = _machine.NewRegister(k < 3 ? RegisterClass.General : k < 5 ? RegisterClass.Vector : RegisterClass.Memory, k == 5 ? 16 : 8);
                    _machine.Data(r).IsGlobal = true;
                    Operand(r, Role.Def, k == 5 ? Constraint.Any : Constraint.Fixed, k < 3 ? k : 16 + k - 3);
                    Made(r);
                }
                code.Add(Close(entry));
            }
            int count = _random.Next(12);
            for (int i = 0; i < count; i++)
                code.Add(MakeInstruction(there, Made));
            code.Add(Close(Open(0x100, MachineFlags.Terminator)));
            return code;
        }

        private MachineInstruction MakeInstruction(List<Reg> there, Action<Reg> made)
        {
            bool isVector = _random.Next(3) == 0;
            RegisterClass kind = isVector ? RegisterClass.Vector : RegisterClass.General;
            int first = isVector ? 16 : 0;
            Reg def = NewRegister(isVector);
            RegisterClass defClass = _machine.Data(def).Class;
            MachineInstruction instruction;
            switch (defClass == RegisterClass.Memory ? 9 : _random.Next(9))
            {
                case 0:
                    instruction = Open(0x101, MachineFlags.Rematerializable);
                    Operand(def, Role.Def);
                    break;
                case 1:
                    instruction = Open(GenericOp.Copy);
                    Operand(def, Role.Def, Constraint.Any);
                    Operand(Pick(there, kind), Role.Use, Constraint.Any);
                    break;
                case 2:
                    instruction = Open(0x102);
                    Operand(def, Role.Def, Constraint.Tied, 1);
                    Operand(Pick(there, kind), Role.Use | Role.Implicit);
                    Operand(Pick(there, kind), Role.Use, Constraint.Any);
                    break;
                case 3:
                    // A shift: the amount in register 1.
                    instruction = Open(0x103);
                    Operand(def, Role.Def, Constraint.Tied, 1);
                    Operand(Pick(there, kind), Role.Use | Role.Implicit);
                    Operand(Pick(there, kind), Role.Use | Role.Implicit, Constraint.Fixed, first + 1);
                    break;
                case 4:
                    // A division: register 0 in and out, register 2 out early.
                    instruction = Open(0x104);
                    Reg rest = NewRegister(isVector);
                    while (_machine.Data(rest).Class != kind)
                        rest = NewRegister(isVector);
                    Operand(def, Role.Def | Role.Implicit, Constraint.Fixed, first);
                    Operand(rest, Role.Def | Role.Early | Role.Implicit, Constraint.Fixed, first + 2);
                    Operand(Pick(there, kind), Role.Use | Role.Implicit, Constraint.Fixed, first);
                    Operand(Pick(there, kind), Role.Use, Constraint.Any);
                    made(rest);
                    break;
                case 5:
                    instruction = Open(0x105, MachineFlags.Call);
                    Operand(def, Role.Def | Role.Implicit, Constraint.Fixed, first);
                    for (int k = 0; k < 3; k++)
                        Operand(Pick(there, RegisterClass.General), Role.Use | Role.Implicit, Constraint.Fixed, k);
                    Operand(Pick(there, RegisterClass.Vector), Role.Use | Role.Implicit, Constraint.Fixed, 16);
                    _machine.Operands.Add(new MachineOperand
                    {
                        Kind = OperandKind.Clobbers,
                        Value = (long)(RegisterSet.Range(0, 3) | RegisterSet.Range(16, 21)).Bits,
                    });
                    break;
                case 6:
                    instruction = Open(0x106);
                    Operand(def, Role.Def | Role.Early);
                    Operand(Pick(there, kind), Role.Use);
                    Operand(Pick(there, kind), Role.Use, Constraint.Any);
                    break;
                case 7:
                    instruction = Open(0x107);
                    Operand(def, Role.Def);
                    Operand(Pick(there, kind), Role.Use, Constraint.Set, 0, 0b1110L << first);
                    Operand(Pick(there, kind), Role.Use);
                    break;
                case 9:
                    instruction = Open(0x109);
                    Operand(def, Role.Def, Constraint.Any);
                    Operand(Pick(there, RegisterClass.Memory), Role.Use, Constraint.Any);
                    Operand(Pick(there, RegisterClass.General), Role.Use);
                    break;
                default:
                    instruction = Open(0x108);
                    Operand(def, Role.Def);
                    Operand(Pick(there, kind), Role.Use);
                    Operand(Pick(there, kind), Role.Use);
                    break;
            }
            made(def);
            return Close(instruction);
        }
    }
}
