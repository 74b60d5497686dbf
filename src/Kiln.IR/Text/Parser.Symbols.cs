using System.Globalization;
using Kiln.Base;

namespace Kiln.IR.Text;

// Everything outside functions.
public sealed partial class Parser
{
    private void Declaration()
    {
        switch (_scan.Word())
        {
            case "alias":
                Number(_module.AliasTags.Count);
                string name = Text();
                Word("in");
                _module.AliasTags.Add(new AliasTag(name, _scan.Int()));
                break;
            case "symbol":
                SymbolLine();
                break;
            case "assembly":
                _module.TopLevelAsm.Add((_scan.Quoted(), default));
                break;
            case "ident":
                _module.Idents.Add(Text());
                break;
            case "features":
                _module.Features = Features();
                break;
            case "executable_stack":
                _module.NeedsExecutableStack = true;
                break;
            default:
                throw _scan.Error("expected features, alias, symbol, assembly, ident, executable_stack or function");
        }
        if (!_scan.IsAtLineEnd)
            throw _scan.Error("text behind the declaration");
    }

    private ulong Features() =>
        ulong.TryParse(_scan.Hexadecimal("0x"), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong bits)
            ? bits : throw _scan.Error("expected the target's bits");

    // Declares what is not there yet: a name, or a name with the next number.
    private SymbolData NewSymbol()
    {
        _scan.Expect('@');
        string name = _scan.Peek() == '"' ? Text() : _scan.Name();
        if (_scan.Try('#'))
        {
            Number(_module.Symbols.Count);
            return _module[_module.NewLocal(name)];
        }
        if (!_module.Find(name).IsNone)
            throw _scan.Error($"symbol '{name}' is there twice");
        return _module[_module.Intern(name)];
    }

    private void SymbolLine()
    {
        SymbolData data = NewSymbol();
        data.Kind = Enum<SymbolKind>();
        data.Linkage = Enum<Linkage>();
        data.BindsLocally = false;
        while (!_scan.IsAtLineEnd)
        {
            if (_scan.Peek() == '+')
                data.CallFlags = (CallFlags)Flags<CallFlags>('+');
            else if (_scan.Try('['))
                References(data);
            else
                Attribute(data);
        }
    }

    private void Attribute(SymbolData data)
    {
        string word = _scan.Word();
        switch (word)
        {
            case "visibility":
                data.Visibility = Enum<Visibility>();
                break;
            case "tls":
                data.Tls = Enum<TlsModel>();
                break;
            case "section":
                data.Section = Text();
                break;
            case "size":
                data.Size = _scan.Long();
                break;
            case "align":
                data.AlignmentLog2 = AlignmentLog2();
                break;
            case "characters":
                data.StringUnit = (byte)_scan.Int();
                break;
            case "target":
                data.AliasTarget = new Symbol(_scan.Int());
                break;
            case "constructor":
                data.ConstructorPriority = _scan.Int();
                break;
            case "destructor":
                data.DestructorPriority = _scan.Int();
                break;
            case "library":
                _module.RenameLibrary(Text(), new Symbol(_module.Symbols.IndexOf(data)));
                break;
            case "version":
                data.Version = Text();
                break;
            case "data":
                data.Data = _scan.Bytes();
                break;
            default:
                SetFact(data, Spelling<SymbolFacts>.TryParse(word, out SymbolFacts fact) ? fact : throw _scan.Error($"unknown attribute '{word}'"));
                break;
        }
    }

    private static void SetFact(SymbolData data, SymbolFacts fact)
    {
        data.BindsLocally |= fact == SymbolFacts.BindsLocally;
        data.IsReadOnly |= fact == SymbolFacts.ReadOnly;
        data.IsUsed |= fact == SymbolFacts.Used;
        data.IsRetained |= fact == SymbolFacts.Retained;
        data.IsMergeable |= fact == SymbolFacts.Mergeable;
        data.IsReferenced |= fact == SymbolFacts.Referenced;
        data.IsAddressTaken |= fact == SymbolFacts.AddressTaken;
        data.IsInlineOnly |= fact == SymbolFacts.InlineOnly;
        data.IsDeclaredObject |= fact == SymbolFacts.DeclaredObject;
    }

    private void References(SymbolData data)
    {
        data.References = [];
        while (!_scan.Try(']'))
        {
            int offset = _scan.Int();
            _scan.Expect(':');
            int size = _scan.Int();
            var symbol = new Symbol(_scan.Int());
            long addend = _scan.Long();
            Block block = _scan.Peek() == 'b' ? DataBlock() : default;
            Block minus = _scan.TryWord("minus") ? DataBlock() : default;
            data.References.Add(new DataReference(offset, size, symbol, addend, block, minus));
        }
    }

    // A block of a function that is read later.
    private Block DataBlock() =>
        _scan.Word() is ['b', .. var digits] && int.TryParse(digits, out int number) && number > 0
            ? new Block(number) : throw _scan.Error("expected a block");
}
