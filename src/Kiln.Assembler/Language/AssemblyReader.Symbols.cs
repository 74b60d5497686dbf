using Kiln.Assembler.Sections;
using Kiln.Object.Elf;

namespace Kiln.Assembler.Language;

// Directives about sections and symbols.

public sealed partial class AssemblyReader
{
    // ---- sections ----

    private void ReadSectionDirective(Directive directive)
    {
        if (directive != Directive.Struct)
            _expressions.AbsolutePlace = null;
        switch (directive)
        {
            case Directive.Text:
                SwitchTo(Emitter.TextSection);
                break;
            case Directive.Data:
                SwitchTo(Emitter.DataSection);
                break;
            case Directive.Bss:
                SwitchTo(Emitter.BssSection);
                break;
            case Directive.Section:
                if (ReadSection(out int section, out _))
                    _emitter.SwitchSection(section);
                break;
            case Directive.PushSection:
                if (ReadSection(out int pushed, out int subsection))
                    _emitter.PushSection(pushed, subsection);
                break;
            case Directive.PopSection:
                if (!_emitter.PopSection())
                    Warn(".popsection without corresponding .pushsection; ignored");
                break;
            case Directive.Previous:
                if (!_emitter.PreviousSection())
                    Warn(".previous without corresponding .section; ignored");
                break;
            case Directive.Subsection:
                if (ReadNumber(out long number))
                    _emitter.SwitchSection(_emitter.CurrentSection, (int)number);
                break;
            case Directive.AttachToGroup:
                AttachToGroup();
                break;
            case Directive.Struct:
                if (ReadNumber(out long place))
                {
                    // .previous leads back from here
                    _emitter.SwitchSection(_emitter.CurrentSection, _emitter.CurrentSubsection);
                    _expressions.AbsolutePlace = place;
                }
                break;
            default:
                throw new InvalidOperationException($"directive {directive}");
        }
        ExpectEnd();
    }

    /// <summary>Puts the current section into a group that another section made.</summary>
    private void AttachToGroup()
    {
        int group = ReadSymbol();
        if (group == 0)
            return;
        SectionInfo current = _emitter.SectionInfo(_emitter.CurrentSection);
        if (current.Group != 0)
        {
            Warn($"section {current.Name} already has a group (ignored)");
            return;
        }
        for (int section = 1; section < _emitter.SectionLimit; section++)
        {
            SectionInfo other = _emitter.SectionInfo(section);
            if (other.Group != group)
                continue;
            current.AttachTo(group, other.IsComdat);
            return;
        }
        Warn($"group name '{Text(_emitter.NameOf(group))}' not found");
    }

    private void SwitchTo(int section)
    {
        long subsection = 0;
        if (!IsAtEnd)
            ReadNumber(out subsection);
        _emitter.SwitchSection(section, (int)subsection);
    }

    /// <summary>The type and flags of a section by its name alone.</summary>
    private (uint Type, ulong Flags) DefaultsOf(string name)
    {
        bool Is(string prefix) => name == prefix || name.StartsWith(prefix + ".", StringComparison.Ordinal);
        const ulong data = SectionFlags.Alloc | SectionFlags.Write;
        if (Is(".text") || name is ".init" or ".fini" or ".plt" || name.StartsWith(".gnu.linkonce.t.", StringComparison.Ordinal))
            return (SectionType.ProgBits, SectionFlags.Alloc | SectionFlags.ExecInstr);
        if (Is(".data") || name == ".data1" || name.StartsWith(".gnu.linkonce.d.", StringComparison.Ordinal))
            return (SectionType.ProgBits, data);
        if (Is(".bss") || name.StartsWith(".gnu.linkonce.b.", StringComparison.Ordinal) || Is(".sbss"))
            return (SectionType.NoBits, data);
        if (Is(".tdata"))
            return (SectionType.ProgBits, data | SectionFlags.Tls);
        if (Is(".tbss"))
            return (SectionType.NoBits, data | SectionFlags.Tls);
        if (Is(".rodata") || name is ".rodata1" or ".interp" || name.StartsWith(".gnu.linkonce.r.", StringComparison.Ordinal))
            return (SectionType.ProgBits, SectionFlags.Alloc);
        if (Is(".init_array"))
            return (SectionType.InitArray, data);
        if (Is(".fini_array"))
            return (SectionType.FiniArray, data);
        if (Is(".preinit_array"))
            return (SectionType.PreInitArray, data);
        if (name.StartsWith(".note", StringComparison.Ordinal) && name != ".note.GNU-stack")
            return (SectionType.Note, 0);
        if (name == ".eh_frame")
            return (SectionType.ProgBits, SectionFlags.Alloc);
        if (Is(".noinit") || name.StartsWith(".gnu.linkonce.n.", StringComparison.Ordinal) || Is(".persistent.bss"))
            return (SectionType.NoBits, data);
        if (Is(".persistent") || name.StartsWith(".gnu.linkonce.p.", StringComparison.Ordinal))
            return (SectionType.ProgBits, data);
        if (name.StartsWith(".gnu.lto_", StringComparison.Ordinal))
            return (SectionType.ProgBits, SectionFlags.Exclude);
        if (Is(".lbss"))
            return (SectionType.NoBits, data | SectionFlags.X86_64Large);
        if (Is(".ldata"))
            return (SectionType.ProgBits, data | SectionFlags.X86_64Large);
        if (Is(".lrodata"))
            return (SectionType.ProgBits, SectionFlags.Alloc | SectionFlags.X86_64Large);
        return (SectionType.ProgBits, 0);
    }

    private string ReadSectionName()
    {
        SkipSpace();
        if (Peek == '"')
            return ReadString(out byte[] quoted) ? Text(quoted) : "";
        int start = _at;
        while (_at < _length && _line[_at] is not ((byte)',' or (byte)' ' or (byte)'"'))
            _at++;
        return Text(_line.AsSpan(start, _at - start));
    }

    /// <summary>Reads <c>name, "flags", @type, size, linked, group, comdat, unique, number</c>.</summary>
    private bool ReadSection(out int section, out int subsection)
    {
        section = subsection = 0;
        string name = ReadSectionName();
        if (name.Length == 0)
        {
            Error("missing name");
            _at = _length;
            return false;
        }
        (uint type, ulong flags) = DefaultsOf(name);
        bool hasFlags = false, hasType = false;
        int entrySize = 0, group = 0, linkedTo = 0, unique = -1;
        bool isComdat = false, isInCurrentGroup = false;
        if (Accept(','))
        {
            SkipSpace();
            if (Peek != '"')
            {
                // .pushsection name, subsection
                if (ReadNumber(out long number))
                    subsection = (int)number;
                if (!Accept(','))
                    goto found;
                SkipSpace();
            }
            if (Peek == '"')
            {
                if (!ReadString(out byte[] letters) || !ReadFlags(letters, out flags, out isInCurrentGroup))
                    return false;
                hasFlags = true;
                if (Accept(',') && !ReadSectionDetails(flags, ref type, ref hasType, ref entrySize, ref linkedTo, ref group, ref isComdat, ref unique))
                    return false;
            }
        }
        if (isInCurrentGroup)
        {
            SectionInfo current = _emitter.SectionInfo(_emitter.CurrentSection);
            (group, isComdat) = (current.Group, current.IsComdat);
        }
    found:
        section = _emitter.FindSection(name, group, linkedTo, unique, (flags & SectionFlags.GnuRetain) != 0);
        if (section == 0)
        {
            if (_emitter.FindSymbol(System.Text.Encoding.UTF8.GetBytes(name)) is > 0 and int symbol && _emitter.IsDefined(symbol) &&
                _emitter.EquatedValue(symbol, out _) == 0 && !_emitter.IsNumber(symbol, out _))
            {
                Error($"section name '{name}' already defined as another symbol");
                return false;
            }
            if (hasFlags && name.StartsWith(".gnu.lto_", StringComparison.Ordinal))
                flags |= SectionFlags.Exclude;
            if (type is SectionType.InitArray or SectionType.FiniArray or SectionType.PreInitArray && entrySize == 0)
                entrySize = _options.Target.PointerSize;
            section = _emitter.Section(name, type, flags, entrySize, group, isComdat, linkedTo, unique);
            return true;
        }
        SectionInfo info = _emitter.SectionInfo(section);
        const ulong ofGroup = SectionFlags.Group | SectionFlags.LinkOrder;
        if (hasType && info.Type != type && !(info.Type == SectionType.X86_64Unwind && type == SectionType.ProgBits))
            Error($"changed section type for {name}, ignored");
        else if (hasFlags && ((info.Flags ^ flags) & ~ofGroup) != 0 && DefaultsOf(name) == (SectionType.ProgBits, 0UL))
            Error($"changed section attributes for {name}");
        else if (hasFlags && ((info.Flags ^ flags) & ~ofGroup) != 0)
            Warn($"ignoring changed section attributes for {name}");
        return true;
    }

    private bool ReadFlags(byte[] letters, out ulong flags, out bool isInCurrentGroup)
    {
        flags = 0;
        isInCurrentGroup = false;
        for (int i = 0; i < letters.Length; i++)
        {
            ulong flag;
            switch (letters[i])
            {
                case (byte)'a':
                    flag = SectionFlags.Alloc;
                    break;
                case (byte)'w':
                    flag = SectionFlags.Write;
                    break;
                case (byte)'x':
                    flag = SectionFlags.ExecInstr;
                    break;
                case (byte)'M':
                    flag = SectionFlags.Merge;
                    break;
                case (byte)'S':
                    flag = SectionFlags.Strings;
                    break;
                case (byte)'T':
                    flag = SectionFlags.Tls;
                    break;
                case (byte)'G':
                    flag = SectionFlags.Group;
                    break;
                case (byte)'e':
                    flag = SectionFlags.Exclude;
                    break;
                case (byte)'o':
                    flag = SectionFlags.LinkOrder;
                    break;
                case (byte)'R':
                    flag = SectionFlags.GnuRetain;
                    break;
                case (byte)'l' when _options.Target.Architecture == Target.Architecture.X86_64:
                    flag = SectionFlags.X86_64Large;
                    break;
                case (byte)'?':
                    isInCurrentGroup = true;
                    continue;
                case >= (byte)'0' and <= (byte)'9':
                    int end = i;
                    while (end < letters.Length && char.IsAsciiHexDigit((char)letters[end]) || end == i + 1 && end < letters.Length && letters[end] == 'x')
                        end++;
                    string digits = Text(letters.AsSpan(i, end - i));
                    bool isHexadecimal = digits.StartsWith("0x", StringComparison.Ordinal);
                    if (!ulong.TryParse(isHexadecimal ? digits[2..] : digits,
                        isHexadecimal ? System.Globalization.NumberStyles.HexNumber : System.Globalization.NumberStyles.None, null, out flag))
                    {
                        Error("bad number in section flags");
                        return false;
                    }
                    i = end - 1;
                    break;
                default:
                    Error("bad .section directive: want a,e,o,l,w,x,M,S,G,T in string");
                    _at = _length;
                    return false;
            }
            flags |= flag;
        }
        return true;
    }

    private bool ReadSectionDetails(ulong flags, ref uint type, ref bool hasType, ref int entrySize, ref int linkedTo, ref int group,
        ref bool isComdat, ref int unique)
    {
        SkipSpace();
        if (Peek is (byte)'@' or (byte)'%' or (byte)'"')
        {
            if (!ReadSectionType(ref type))
                return false;
            hasType = true;
            if (!Accept(','))
            {
                if ((flags & SectionFlags.Group) != 0)
                    Warn("group name for SHF_GROUP not specified");
                return true;
            }
        }
        if ((flags & SectionFlags.Merge) != 0)
        {
            if (!ReadNumber(out long size))
                return false;
            if (size <= 0)
                Error("invalid merge entity size");
            entrySize = (int)Math.Clamp(size, 1, int.MaxValue);
            if (!Accept(','))
                return true;
        }
        if ((flags & SectionFlags.LinkOrder) != 0)
        {
            if (Peek == '0' && (_at + 1 >= _length || _line[_at + 1] == ','))
                _at++;
            else
                linkedTo = ReadSymbol();
            if (!Accept(','))
                return true;
        }
        if ((flags & SectionFlags.Group) != 0)
        {
            group = ReadSymbol();
            if (Accept(','))
            {
                int before = _at;
                string word = Text(ReadName());
                if (word == "comdat")
                {
                    isComdat = true;
                    if (!Accept(','))
                        return true;
                }
                else
                {
                    _at = before;
                }
            }
        }
        if (IsAtEnd)
            return true;
        if (Text(ReadName()) != "unique" || !Accept(',') || !ReadNumber(out long number))
        {
            ExpectEnd();
            return true;
        }
        unique = (int)number;
        return true;
    }

    private bool ReadSectionType(ref uint type)
    {
        if (Peek == '"')
        {
            if (!ReadString(out byte[] quoted))
                return false;
            return FindSectionType(Text(quoted), ref type);
        }
        _at++;
        if (char.IsAsciiDigit((char)Peek))
        {
            if (!ReadNumber(out long number))
                return false;
            type = (uint)number;
            return true;
        }
        return FindSectionType(Text(ReadName()), ref type);
    }

    private bool FindSectionType(string name, ref uint type)
    {
        uint found = name switch
        {
            "progbits" => SectionType.ProgBits,
            "nobits" => SectionType.NoBits,
            "note" => SectionType.Note,
            "init_array" => SectionType.InitArray,
            "fini_array" => SectionType.FiniArray,
            "preinit_array" => SectionType.PreInitArray,
            "unwind" => SectionType.X86_64Unwind,
            _ => 0,
        };
        if (found == 0 && char.IsAsciiDigit(name.Length > 0 ? name[0] : ' '))
        {
            bool isHexadecimal = name.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
            uint.TryParse(isHexadecimal ? name[2..] : name,
                isHexadecimal ? System.Globalization.NumberStyles.HexNumber : System.Globalization.NumberStyles.None, null, out found);
        }
        if (found == 0)
        {
            Error("unrecognized section type");
            _at = _length;
            return false;
        }
        type = found;
        return true;
    }

    // ---- symbols ----

    private void ReadSymbolDirective(Directive directive)
    {
        switch (directive)
        {
            case Directive.Global:
                ReadAttribute(SymbolAttribute.Global);
                break;
            case Directive.Weak:
                ReadAttribute(SymbolAttribute.Weak);
                break;
            case Directive.Hidden:
                ReadAttribute(SymbolAttribute.Hidden);
                break;
            case Directive.Protected:
                ReadAttribute(SymbolAttribute.Protected);
                break;
            case Directive.Internal:
                ReadAttribute(SymbolAttribute.Internal);
                break;
            case Directive.Local:
                ReadAttribute(SymbolAttribute.Local);
                break;
            case Directive.Common or Directive.LocalCommon:
                ReadCommon(directive == Directive.LocalCommon);
                break;
            case Directive.TlsCommon:
                int start = _at;
                int variable = ReadSymbol();
                _at = start;
                ReadCommon(isLocal: false);
                if (variable != 0)
                    _emitter.Attribute(variable, SymbolAttribute.Tls);
                break;
            case Directive.Type:
                ReadType();
                break;
            case Directive.Size:
                int sized = ReadSymbol();
                if (sized == 0)
                    return;
                Accept(',');
                if (ReadValue(out ReadValue size))
                    _emitter.Size(sized, size.Value, size.Addend);
                break;
            case Directive.Set or Directive.SetOnce:
                byte[] name = ReadName();
                if (name.Length == 0)
                {
                    Error("expected symbol name");
                    _at = _length;
                    return;
                }
                if (!Accept(','))
                {
                    Error($"expected comma after \"{Text(name)}\"");
                    _at = _length;
                    return;
                }
                Assign(name, directive == Directive.SetOnce);
                return;
            case Directive.SymbolVersion:
                ReadSymbolVersion();
                break;
            case Directive.WeakReference:
                int alias = ReadSymbol();
                if (alias == 0 || !Accept(','))
                {
                    Error("expected comma after name in .weakref directive");
                    _at = _length;
                    return;
                }
                int target = ReadSymbol();
                if (target != 0)
                    _emitter.WeakReference(alias, target);
                break;
            default:
                throw new InvalidOperationException($"directive {directive}");
        }
        ExpectEnd();
    }

    private void ReadAttribute(SymbolAttribute attribute)
    {
        do
        {
            int symbol = ReadSymbol();
            if (symbol == 0)
                return;
            _emitter.Attribute(symbol, attribute);
        }
        while (Accept(','));
    }

    private void ReadCommon(bool isLocal)
    {
        int symbol = ReadSymbol();
        if (symbol == 0)
            return;
        Accept(',');
        if (!ReadNumber(out long size))
            return;
        if (size < 0)
        {
            Error(".COMMon length out of range ignored");
            return;
        }
        long alignment = 0;
        if (Accept(',') && ReadNumber(out alignment) && (alignment < 0 || alignment > 1 << 30 || alignment != 0 && !System.Numerics.BitOperations.IsPow2(alignment)))
        {
            Error("alignment not a power of 2");
            return;
        }
        if (alignment == 0)
        {
            // as strict as the size asks for: the linker's are rounded up to sixteen bytes, ours down to eight
            alignment = 1;
            while (isLocal ? alignment * 2 <= size && alignment < 8 : alignment < size && alignment < 16)
                alignment *= 2;
        }
        if (isLocal)
            _emitter.LocalCommon(symbol, size, alignment);
        else
            _emitter.Common(symbol, size, alignment);
    }

    private void ReadType()
    {
        int symbol = ReadSymbol();
        if (symbol == 0)
            return;
        Accept(',');
        SkipSpace();
        if (Peek is (byte)'@' or (byte)'%' or (byte)'#')
            _at++;
        string name = char.IsAsciiDigit((char)Peek) && ReadNumber(out long number) ? number.ToString() : Text(ReadName());
        SymbolAttribute? attribute = name switch
        {
            "function" or "STT_FUNC" or "2" => SymbolAttribute.Function,
            "object" or "STT_OBJECT" or "1" => SymbolAttribute.Object,
            "tls_object" or "STT_TLS" or "6" => SymbolAttribute.Tls,
            "common" or "STT_COMMON" or "5" => SymbolAttribute.Common,
            "notype" or "STT_NOTYPE" or "0" => SymbolAttribute.NoType,
            "gnu_indirect_function" or "STT_GNU_IFUNC" or "10" => SymbolAttribute.IndirectFunction,
            "gnu_unique_object" => SymbolAttribute.Unique,
            _ => null,
        };
        if (attribute is SymbolAttribute known)
            _emitter.Attribute(symbol, known);
        else
            Error($"unrecognized symbol type \"{name}\"");
    }

    private void ReadSymbolVersion()
    {
        int symbol = ReadSymbol();
        if (symbol == 0)
            return;
        if (!Accept(','))
        {
            Error("expected comma after name in .symver");
            _at = _length;
            return;
        }
        SkipSpace();
        int start = _at;
        while (_at < _length && _line[_at] is not ((byte)',' or (byte)' '))
            _at++;
        byte[] name = _line[start.._at];
        if (!name.AsSpan().Contains((byte)'@'))
        {
            Error("missing version name in `" + Text(name) + "' for symbol `" + Text(_emitter.NameOf(symbol)) + "'");
            return;
        }
        VersionedOriginal original = VersionedOriginal.Kept;
        if (Accept(','))
        {
            string word = Text(ReadName());
            original = word switch
            {
                "remove" => VersionedOriginal.Removed,
                "hidden" => VersionedOriginal.Hidden,
                "local" => VersionedOriginal.Local,
                _ => VersionedOriginal.Kept,
            };
            if (original == VersionedOriginal.Kept)
                Error("unrecognized .symver option");
        }
        _emitter.SymbolVersion(symbol, name, original);
    }
}
