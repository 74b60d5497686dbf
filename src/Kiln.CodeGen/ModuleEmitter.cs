using Kiln.Assembler.Sections;
using Kiln.Base;
using Kiln.CodeGen.DebugInfo;
using Kiln.IR;
using Kiln.Object.Elf;

namespace Kiln.CodeGen;

/// <summary>Writes a module's symbols and data through the emitter: sections chosen as gcc chooses them.</summary>
public sealed class ModuleEmitter
{
    private readonly GrowBuffer<int> _symbols = new(256);
    private readonly Dictionary<(int Function, int Block), int> _blockLabels = [];

    /// <summary>Starts a module.</summary>
    public ModuleEmitter(Module module, Emitter emitter, CodeGenOptions options)
    {
        Module = module;
        Emitter = emitter;
        Options = options;
        Constants = new ConstantPool(emitter);
        if (options.FileName is { } name)
            emitter.FileName(System.Text.Encoding.UTF8.GetBytes(name));
    }

    public Module Module { get; }

    public Emitter Emitter { get; }

    public CodeGenOptions Options { get; }

    /// <summary>Constants that code loads.</summary>
    public ConstantPool Constants { get; }

    /// <summary>Line rows, or null without -g.</summary>
    internal LineRows? Lines { get; }

    /// <summary>The emitter's symbol of a symbol of the module.</summary>
    public int SymbolOf(Symbol symbol)
    {
        if (symbol.Id >= _symbols.Count)
            _symbols.Resize(Math.Max(symbol.Id + 1, Module.Symbols.Count));
        ref int handle = ref _symbols[symbol.Id];
        if (handle == 0)
            handle = Emitter.Symbol(Module[symbol].Name);
        return handle;
    }

    /// <summary>The label of a function's block. Blocks whose address is taken can be named from data.</summary>
    public int BlockLabel(Function function, Block block) =>
        function[block].AddressTaken ? BlockLabel(function.Symbol, block) : Emitter.Temporary();

    private int BlockLabel(Symbol function, Block block)
    {
        if (!_blockLabels.TryGetValue((function.Id, block.Id), out int label))
        {
            label = Emitter.Temporary();
            _blockLabels.Add((function.Id, block.Id), label);
        }
        return label;
    }

    internal void EnterJumpTables(Function function) =>
        Emitter.PushSection(Emitter.Section(".rodata", SectionType.ProgBits, SectionFlags.Alloc));

    internal void LeaveJumpTables() => Emitter.PopSection();
}
