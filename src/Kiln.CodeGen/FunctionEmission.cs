using Kiln.Assembler.Sections;
using Kiln.Base;
using Kiln.CodeGen.Machine;
using Kiln.IR;

namespace Kiln.CodeGen;

/// <summary>
/// What a target needs to write a function through the emitter: labels of blocks, handles of symbols, constants, jump tables, line rows.
/// </summary>
public sealed class FunctionEmission(ModuleEmitter module)
{
    private readonly GrowBuffer<int> _labels = new(128);
    private readonly GrowBuffer<int> _tableLabels = new(4);

    /// <summary>The function being emitted.</summary>
    public MachineFunction Function { get; private set; } = null!;

    /// <summary>Where the code goes.</summary>
    public Emitter Emitter => module.Emitter;

    /// <summary>The module being emitted.</summary>
    public ModuleEmitter Module => module;

    /// <summary>The emitter's symbol of the function.</summary>
    public int Symbol { get; private set; }

    internal void Begin(MachineFunction function, int symbol)
    {
        Function = function;
        Symbol = symbol;
        _labels.Clear();
        _labels.AddDefault(function.Source.BlockCount);
        _tableLabels.Clear();
        _tableLabels.AddDefault(function.JumpTables.Count);
    }

    /// <summary>The label of an IR block, for jumps; made when it is first asked for.</summary>
    public int Label(int block)
    {
        ref int label = ref _labels[block];
        if (label == 0)
            label = Emitter.Temporary();
        return label;
    }

    /// <summary>Defines the labels of the block at a position: that of jumps, and that of its address where it is taken.</summary>
    public void BeginBlock(int position)
    {
        ref MachineBlock block = ref Function.Blocks[position];
        if (block.AlignmentLog2 > 0)
            Emitter.Align(1 << block.AlignmentLog2);
        Emitter.Label(Label(block.Block.Id));
        if (block.AddressOf > 0)
            Emitter.Label(AddressLabel(block.AddressOf));
        else if (block.AddressOf == 0 && Function.Source[block.Block].AddressTaken)
            Emitter.Label(AddressLabel(block.Block.Id));
    }

    private int AddressLabel(int block) => module.BlockLabel(Function.Source.Symbol, new Block(block));

    /// <summary>The label of a jump table.</summary>
    public int TableLabel(int table)
    {
        ref int label = ref _tableLabels[table];
        if (label == 0)
            label = Emitter.Temporary();
        return label;
    }

    /// <summary>The emitter's value of an operand's symbol, 0 for none.</summary>
    public int Value(in MachineOperand operand) => operand.Space switch
    {
        SymbolSpace.None => 0,
        SymbolSpace.Module => module.SymbolOf(new Symbol(operand.Symbol)),
        SymbolSpace.Constant => module.Constants.Label(operand.Symbol),
        SymbolSpace.Block => AddressLabel(operand.Symbol),
        SymbolSpace.JumpTable => TableLabel(operand.Symbol),
        SymbolSpace.Emitter => operand.Symbol,
        _ => throw new ArgumentOutOfRangeException(nameof(operand), operand.Space, "no such symbol space"),
    };

    /// <summary>Says the place that the next instruction comes from; a line row is made where it differs from the last one.</summary>
    public void Location(Location location) => module.Debug?.Place(location);

    /// <summary>The instruction at an index of the code, in the block at a position, is emitted next.</summary>
    public void Instruction(int block, int index) => module.Debug?.Instruction(block, index);

    /// <summary>Emits the jump tables: 32-bit distances of the blocks from the table's start, in .rodata.</summary>
    public void EmitJumpTables()
    {
        if (Function.JumpTables.Count == 0)
            return;
        module.EnterJumpTables(Function.Source);
        Emitter.Align(4);
        for (int i = 0; i < Function.JumpTables.Count; i++)
        {
            int label = TableLabel(i);
            Emitter.Label(label);
            (int start, int count) = Function.JumpTables[i];
            foreach (int block in Function.TableBlocks.Span.Slice(start, count))
                Emitter.Value(Emitter.Difference(Label(block), label), 4);
        }
        module.LeaveJumpTables();
    }
}
