using Kiln.Assembler.Language;
using Kiln.Assembler.Sections;
using Kiln.Base;
using Kiln.CodeGen.DebugInfo;
using Kiln.CodeGen.Machine;
using Kiln.IR;
using Kiln.Object.Elf;

namespace Kiln.CodeGen;

// Writes a module's symbols and data through the emitter.
//
// Functions come in the order of the source, each written at once (BeginFunction, the target's Emit, EndFunction); objects when their
// data is final (Object), at the latest from Finish, which writes all objects that were not written before, then aliases,
// attributes of symbols, constants, debug information and the module's last words.

/// <summary>Writes a module's symbols and data. See the file's header.</summary>
public sealed class ModuleEmitter
{
    private readonly GrowBuffer<int> _symbols = new(256);
    private AssemblyReader? _assembly;
    private int _assemblyRead;
    private readonly BitSet _written = new(1 << 12);
    private readonly Dictionary<(int Function, int Block), int> _blockLabels = [];
    private readonly SectionChoice _sections;
    private int _writtenSize = 1 << 12;

    /// <summary>Starts a module.</summary>
    public ModuleEmitter(Module module, Emitter emitter, CodeGenOptions options)
    {
        Module = module;
        Emitter = emitter;
        Options = options;
        Constants = new ConstantPool(emitter);
        _sections = new SectionChoice(module, emitter, options);
        if (options.FileName is { } name)
            emitter.FileName(System.Text.Encoding.UTF8.GetBytes(name));
    }

    public Module Module { get; }

    public Emitter Emitter { get; }

    public CodeGenOptions Options { get; }

    /// <summary>Constants that code loads.</summary>
    public ConstantPool Constants { get; }

    /// <summary>Reads inline and top-level assembly into the emitter; macros and symbols stay from one piece to the next.</summary>
    public AssemblyReader Assembly => _assembly ??= new AssemblyReader(Emitter, new AssemblerOptions { Target = Emitter.Target });

    /// <summary>What a debugger is told, or null without -g.</summary>
    internal UnitDescription? Debug { get; private set; }

    /// <summary>Starts what a debugger is told; the module's tables are there by now.</summary>
    private void StartDebug()
    {
        if (Options.DebugLevel > 0 && Debug is null && Module.Debug is not null && Target is not null)
            Debug = new UnitDescription(this, Target);
    }

    /// <summary>The target; set before any function is compiled.</summary>
    internal TargetMachine? Target { get; set; }

    /// <summary>The emitter's symbol of a symbol of the module.</summary>
    public int SymbolOf(Symbol symbol)
    {
        if (symbol.Id >= _symbols.Count)
            _symbols.Resize(Math.Max(symbol.Id + 1, Module.Symbols.Count));
        ref int handle = ref _symbols[symbol.Id];
        if (handle == 0)
        {
            SymbolData data = Module[symbol];
            handle = data.Linkage == Linkage.Internal && data.Name.StartsWith(".L", StringComparison.Ordinal)
                ? Emitter.Temporary()
                : Emitter.Symbol(data.Name);
        }
        return handle;
    }

    /// <summary>The label that the address of a block means, in code and in data.</summary>
    public int BlockLabel(Symbol function, Block block)
    {
        if (!_blockLabels.TryGetValue((function.Id, block.Id), out int label))
        {
            label = Emitter.Temporary();
            _blockLabels.Add((function.Id, block.Id), label);
        }
        return label;
    }

    // Assembly outside functions: what stands before a function in the source comes before it here, as macros for its own assembly may.
    private void TopLevelAssembly()
    {
        for (; _assemblyRead < Module.TopLevelAsm.Count; _assemblyRead++)
        {
            (byte[] text, Location location) = Module.TopLevelAsm[_assemblyRead];
            Emitter.SwitchSection(Emitter.TextSection);
            Assembly.ReadInline(text, location);
        }
    }

    // Functions

    internal void BeginFunction(MachineFunction machine)
    {
        Function function = machine.Source;
        TopLevelAssembly();
        SymbolData symbol = Module[function.Symbol];
        int handle = SymbolOf(function.Symbol);
        MarkWritten(function.Symbol);
        Emitter.SwitchSection(_sections.OfFunction(symbol, function.Flags));
        int alignment = Math.Max(1 << symbol.AlignmentLog2, FunctionAlignment(function));
        if (alignment > 1)
            Emitter.Align(alignment);
        Bind(symbol, handle);
        Emitter.Attribute(handle, SymbolAttribute.Function);
        StartDebug();
        Emitter.Label(handle);
        Debug?.BeginFunction(machine, handle);
    }

    private int FunctionAlignment(Function function)
    {
        if (Options.FunctionAlignment > 0)
            return Options.FunctionAlignment;
        return Options.OptimizationLevel > 0 && !Options.OptimizeForSize && (function.Flags & FunctionFlags.Cold) == 0 ? 16 : 1;
    }

    internal void EndFunction(MachineFunction machine)
    {
        Symbol function = machine.Source.Symbol;
        SymbolData symbol = Module[function];
        int handle = SymbolOf(function);
        int end = Emitter.Here();
        Emitter.Size(handle, Emitter.Difference(end, handle));
        Debug?.EndFunction(machine, handle, end);
        if (symbol.ConstructorPriority >= 0)
            AddToArray(".init_array", SectionType.InitArray, symbol.ConstructorPriority, handle);
        if (symbol.DestructorPriority >= 0)
            AddToArray(".fini_array", SectionType.FiniArray, symbol.DestructorPriority, handle);
    }

    private void AddToArray(string name, uint type, int priority, int handle)
    {
        if (priority < 65535)
            name = $"{name}.{priority:D5}";
        Emitter.PushSection(Emitter.Section(name, type, SectionFlags.Alloc | SectionFlags.Write));
        Emitter.Align(Emitter.Target.PointerSize);
        Emitter.Value(handle, Emitter.Target.PointerSize);
        Emitter.PopSection();
    }

    internal void EnterJumpTables(Function function)
    {
        string name = Options.FunctionSections ? $".rodata.{Module[function.Symbol].Name}" : ".rodata";
        Emitter.PushSection(Emitter.Section(name, SectionType.ProgBits, SectionFlags.Alloc));
    }

    internal void LeaveJumpTables() => Emitter.PopSection();

    // Objects

    /// <summary>Writes an object (or common symbol) whose data is final; once.</summary>
    public void Object(Symbol symbol)
    {
        if (!MarkWritten(symbol))
            return;
        SymbolData data = Module[symbol];
        int handle = SymbolOf(symbol);
        Bind(data, handle);
        long alignment = 1L << data.AlignmentLog2;
        Emitter.Attribute(handle, data.Tls == TlsModel.None ? SymbolAttribute.Object : SymbolAttribute.Tls);
        if (data.Kind == SymbolKind.Common)
        {
            if (data.Linkage == Linkage.Internal)
                Emitter.LocalCommon(handle, data.Size, alignment);
            else
                Emitter.Common(handle, data.Size, alignment);
            return;
        }
        Emitter.SwitchSection(_sections.OfObject(data));
        if (alignment > 1)
            Emitter.Align((int)alignment);
        Emitter.Size(handle, 0, data.Size);
        Emitter.Label(handle);
        WriteBytes(data);
    }

    private void WriteBytes(SymbolData symbol)
    {
        ReadOnlySpan<byte> bytes = symbol.Data ?? [];
        if (bytes.Length > symbol.Size)
            bytes = bytes[..(int)symbol.Size];
        long at = 0;
        if (symbol.References is { Count: > 0 } references)
        {
            for (int i = 1; i < references.Count; i++)
            {
                if (references[i].Offset < references[i - 1].Offset)
                {
                    references.Sort(static (a, b) => a.Offset.CompareTo(b.Offset));
                    break;
                }
            }
            foreach (DataReference reference in references)
            {
                Run(bytes, at, reference.Offset);
                Reference(reference);
                at = reference.Offset + reference.Size;
            }
        }
        Run(bytes, at, symbol.Size);
    }

    private void Reference(in DataReference reference)
    {
        if (reference.Block.IsNone)
        {
            Emitter.Value(SymbolOf(reference.Symbol), reference.Size, reference.Addend);
            return;
        }
        int label = BlockLabel(reference.Symbol, reference.Block);
        if (!reference.Minus.IsNone)
            label = Emitter.Difference(label, BlockLabel(reference.Symbol, reference.Minus));
        Emitter.Value(label, reference.Size, reference.Addend);
    }

    private void Run(ReadOnlySpan<byte> bytes, long from, long to)
    {
        if (from < bytes.Length && from < to)
        {
            ReadOnlySpan<byte> run = bytes[(int)from..(int)Math.Min(to, bytes.Length)];
            Emitter.Data(run);
            from += run.Length;
        }
        if (from < to)
            Emitter.Zero(to - from);
    }

    private bool MarkWritten(Symbol symbol)
    {
        if (symbol.Id >= _writtenSize)
        {
            var larger = new BitSet(_writtenSize * 4 + symbol.Id);
            int size = _writtenSize * 4 + symbol.Id;
            for (int i = _written.NextFrom(0); i >= 0; i = _written.NextFrom(i + 1))
                larger.Add(i);
            _written.CopyFrom(larger);
            _writtenSize = size;
        }
        return _written.Add(symbol.Id);
    }

    // Symbols

    private void Bind(SymbolData symbol, int handle)
    {
        switch (symbol.Linkage)
        {
            case Linkage.External:
                Emitter.Attribute(handle, SymbolAttribute.Global);
                break;
            case Linkage.Weak or Linkage.WeakReference:
                Emitter.Attribute(handle, SymbolAttribute.Weak);
                break;
            case Linkage.Internal:
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(symbol), symbol.Linkage, "no such linkage");
        }
        ShowTo(symbol, handle);
    }

    private void ShowTo(SymbolData symbol, int handle)
    {
        switch (symbol.Visibility)
        {
            case Visibility.Default:
                break;
            case Visibility.Hidden:
                Emitter.Attribute(handle, SymbolAttribute.Hidden);
                break;
            case Visibility.Protected:
                Emitter.Attribute(handle, SymbolAttribute.Protected);
                break;
            case Visibility.Internal:
                Emitter.Attribute(handle, SymbolAttribute.Internal);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(symbol), symbol.Visibility, "no such visibility");
        }
    }

    /// <summary>Writes what is left: objects, aliases, attributes of references, constants, the module's last words.</summary>
    public void Finish()
    {
        TopLevelAssembly();
        for (int i = 1; i < Module.Symbols.Count; i++)
        {
            var symbol = new Symbol(i);
            SymbolData data = Module[symbol];
            switch (data.Kind)
            {
                case SymbolKind.Object or SymbolKind.Common:
                    Object(symbol);
                    break;
                case SymbolKind.Alias:
                    Alias(symbol, data);
                    break;
                case SymbolKind.IndirectFunction:
                    Bind(data, SymbolOf(symbol));
                    Emitter.Attribute(SymbolOf(symbol), SymbolAttribute.IndirectFunction);
                    Emitter.Set(SymbolOf(symbol), SymbolOf(data.AliasTarget));
                    break;
                case SymbolKind.Undefined:
                    Reference(symbol, data);
                    break;
                case SymbolKind.Function:
                    break;
                default:
                    throw new InvalidOperationException($"no such kind of symbol: {data.Kind}");
            }
            if (data.Version is { } version)
                Emitter.SymbolVersion(SymbolOf(symbol), System.Text.Encoding.UTF8.GetBytes(version));
        }
        Constants.Emit();
        StartDebug();
        Debug?.Finish();
        if (Options.Ident is { } ident)
            Emitter.Ident(System.Text.Encoding.UTF8.GetBytes(ident));
        ulong stackFlags = Module.NeedsExecutableStack ? SectionFlags.ExecInstr : 0;
        Emitter.SwitchSection(Emitter.Section(".note.GNU-stack", SectionType.ProgBits, stackFlags));
    }

    private void Alias(Symbol symbol, SymbolData data)
    {
        int handle = SymbolOf(symbol);
        SymbolData target = Module[data.AliasTarget];
        if (data.Linkage == Linkage.WeakReference)
        {
            Emitter.WeakReference(handle, SymbolOf(data.AliasTarget));
            return;
        }
        Bind(data, handle);
        SymbolAttribute kind = target.Tls != TlsModel.None ? SymbolAttribute.Tls
            : target.Kind is SymbolKind.Object or SymbolKind.Common ? SymbolAttribute.Object
            : SymbolAttribute.Function;
        Emitter.Attribute(handle, kind);
        Emitter.Set(handle, SymbolOf(data.AliasTarget));
        if (kind != SymbolAttribute.Function)
            Emitter.Size(handle, 0, target.Size);
    }

    // A symbol that is only referred to needs a word if it is weak or its visibility is not the default.
    private void Reference(Symbol symbol, SymbolData data)
    {
        bool isNamed = symbol.Id < _symbols.Count && _symbols[symbol.Id] != 0;
        if (!isNamed)
            return;
        if (data.Linkage is Linkage.Weak or Linkage.WeakReference)
            Emitter.Attribute(_symbols[symbol.Id], SymbolAttribute.Weak);
        ShowTo(data, _symbols[symbol.Id]);
    }
}
