using System.Globalization;
using System.Text;
using Kiln.Base;
using Kiln.Target.Abi;

namespace Kiln.IR.Text;

/// <summary>
/// Reads the IR's text form as <see cref="Printer"/> and <see cref="ModulePrinter"/> write it (docs/ir.md). Values, blocks, slots and
/// symbols keep their numbers. It checks the form alone; run <see cref="Verifier"/> on what it gives for the IR's law.
/// </summary>
public sealed partial class Parser
{
    private readonly TextScanner _scan;
    private readonly Module _module;

    private Parser(string text, Module module)
    {
        _scan = new TextScanner(text);
        _module = module;
    }

    /// <summary>Reads a module's symbols, alias classes and functions into a new module.</summary>
    /// <exception cref="IrTextException">The text is no IR.</exception>
    public static (Module Module, List<Function> Functions) ParseModule(string text)
    {
        var parser = new Parser(text, new Module());
        var functions = new List<Function>();
        while (parser._scan.NextLine())
        {
            if (parser._scan.TryWord("function"))
                functions.Add(parser.Function());
            else
                parser.Declaration();
        }
        return (parser._module, functions);
    }

    /// <summary>Reads one function into a module. Symbols that it names and the module lacks are made, undefined.</summary>
    /// <exception cref="IrTextException">The text is no IR.</exception>
    public static Function ParseFunction(string text, Module module)
    {
        var parser = new Parser(text, module);
        parser._scan.NextLine();
        if (!parser._scan.TryWord("function"))
            throw parser._scan.Error("expected a function");
        Function function = parser.Function();
        return parser._scan.NextLine() ? throw parser._scan.Error("text behind the function") : function;
    }

    private T Enum<T>() where T : struct, Enum
    {
        string word = _scan.Word();
        return Spelling<T>.TryParse(word, out T value) ? value : throw _scan.Error($"unknown {typeof(T).Name} '{word}'");
    }

    // Words of flags with a mark before each.
    private uint Flags<T>(char mark) where T : struct, Enum
    {
        uint flags = 0;
        while (_scan.Try(mark))
            flags |= Convert.ToUInt32(Enum<T>(), CultureInfo.InvariantCulture);
        return flags;
    }

    private string Text() => Encoding.UTF8.GetString(_scan.Quoted());

    private byte AlignmentLog2()
    {
        long alignment = _scan.Long();
        return long.IsPow2(alignment) ? (byte)long.Log2(alignment) : throw _scan.Error($"{alignment} is no power of two");
    }

    private IrType Type()
    {
        string word = _scan.Word();
        return TryType(word, out IrType type) ? type : throw _scan.Error($"unknown type '{word}'");
    }

    private static bool TryType(ReadOnlySpan<char> word, out IrType type)
    {
        int lanesLog2 = 0;
        type = default;
        if (word.Length > 2 && word[0] == 'v' && char.IsAsciiDigit(word[1]))
        {
            int end = 1;
            while (char.IsAsciiDigit(word[end]) && end + 1 < word.Length)
                end++;
            int lanes = int.Parse(word[1..end], CultureInfo.InvariantCulture);
            if (!int.IsPow2(lanes) || lanes < 2)
                return false;
            lanesLog2 = int.Log2(lanes);
            word = word[end..];
        }
        ScalarKind kind;
        if (word is "ptr")
            kind = ScalarKind.Pointer;
        else if (word is "pointer" || !Spelling<ScalarKind>.TryParse(word, out kind))
            return false;
        type = new IrType(kind, lanesLog2);
        return true;
    }

    private Symbol Symbol()
    {
        _scan.Expect('@');
        string name = _scan.Peek() == '"' ? Text() : _scan.Name();
        if (!_scan.Try('#'))
            return name.Length == 0 ? default : _module.Intern(name);
        int number = _scan.Int();
        return number > 0 && number < _module.Symbols.Count && _module.Symbols[number].Name == name
            ? new Symbol(number) : throw _scan.Error($"symbol {number} is not '{name}'");
    }

    // Leaves the scanner where it is if no place in the source is next.
    private Location Place() => _scan.Try('@') ? new Location((uint)_scan.Long()) : default;

    private Signature Signature()
    {
        SignaturePart[] parameters = Parts();
        _scan.Expect('-');
        _scan.Expect('>');
        SignaturePart[] results = Parts();
        bool isVariadic = _scan.TryWord("variadic");
        int namedCount = 0;
        (int, int, int) namedUse = default;
        if (isVariadic)
        {
            _scan.Expect('(');
            namedCount = _scan.Int();
            namedUse = (_scan.Int(), _scan.Int(), _scan.Int());
            _scan.Expect(')');
        }
        return new Signature
        {
            Parameters = parameters,
            Results = results,
            IsVariadic = isVariadic,
            NamedCount = namedCount,
            NamedUse = namedUse,
            StackSize = Option("stack"),
            CalleePops = Option("pops"),
            PreservedSet = (byte)Option("preserves"),
        };
    }

    private int Option(string name)
    {
        if (!_scan.TryWord(name))
            return 0;
        _scan.Expect('(');
        int number = _scan.Int();
        _scan.Expect(')');
        return number;
    }

    private SignaturePart[] Parts()
    {
        var parts = new List<SignaturePart>();
        _scan.Expect('(');
        while (!_scan.Try(')'))
        {
            if (parts.Count > 0)
                _scan.Expect(',');
            IrType type = Type();
            Extension extension = _scan.TryWord("sext") ? Extension.Sign : _scan.TryWord("zext") ? Extension.Zero : Extension.None;
            parts.Add(new SignaturePart(type, PartPlace(), extension));
        }
        return [.. parts];
    }

    private Place PartPlace()
    {
        if (_scan.TryWord("nowhere"))
            return default;
        bool isMemory = _scan.TryWord("memory");
        if (!isMemory && !_scan.TryWord("stack"))
        {
            RegisterBank bank = Enum<RegisterBank>();
            int register = _scan.Int();
            _scan.Expect(':');
            return Target.Abi.Place.InRegister(bank, register, _scan.Int());
        }
        int offset = _scan.Int();
        _scan.Expect(':');
        int size = _scan.Int();
        _scan.Expect(':');
        int alignment = _scan.Int();
        return isMemory ? Target.Abi.Place.InStackMemory(offset, size, alignment) : Target.Abi.Place.OnStack(offset, size, alignment);
    }

    private long Access()
    {
        if (!_scan.TryWord("align"))
            throw _scan.Error("expected an alignment");
        byte alignment = AlignmentLog2();
        bool isVolatile = _scan.TryWord("volatile");
        MemoryOrder order = MemoryOrder.Plain;
        if (Spelling<MemoryOrder>.TryParse(_scan.PeekWord(), out MemoryOrder given))
            (order, _) = (given, _scan.Word());
        return new MemoryAccess(alignment, isVolatile, order, _scan.TryWord("alias") ? _scan.Int() : 0).Pack();
    }

    private AsmInfo Asm()
    {
        byte[] template = _scan.Quoted();
        bool isBasic = _scan.TryWord("basic");
        bool isVolatile = _scan.TryWord("volatile");
        var operands = new List<AsmOperand>();
        var clobbers = new List<string>();
        _scan.Expect('[');
        while (!_scan.Try(']'))
        {
            if (operands.Count > 0)
                _scan.Expect(',');
            operands.Add(new AsmOperand(
                Enum<AsmOperandKind>(),
                Text(),
                Type(),
                _scan.TryWord("in") ? Text() : null,
                _scan.TryWord("tied") ? _scan.Int() : -1,
                _scan.TryWord("early"),
                _scan.TryWord("input") ? _scan.Int() : -1,
                _scan.TryWord("named") ? Text() : null));
        }
        while (_scan.TryWord("clobber"))
            clobbers.Add(Text());
        return new AsmInfo
        {
            Template = template,
            IsBasic = isBasic,
            IsVolatile = isVolatile,
            Operands = [.. operands],
            Clobbers = [.. clobbers],
            ClobbersMemory = _scan.TryWord("clobbers_memory"),
            ClobbersFlags = _scan.TryWord("clobbers_flags"),
            LabelCount = _scan.TryWord("labels") ? _scan.Int() : 0,
        };
    }
}
