using System.Buffers.Binary;
using System.Text;
using Kiln.Base;

namespace Kiln.Object.Elf;

/// <summary>The versions of a file's dynamic symbols: .gnu.version, .gnu.version_d and .gnu.version_r (LSB 5, 10.7).</summary>
public sealed class SymbolVersions
{
    private readonly Dictionary<int, string> _names = [];
    private Bytes _indices;

    /// <summary>Reads the tables; without any, all symbols are unversioned.</summary>
    public static SymbolVersions Read(ElfFile elf)
    {
        var versions = new SymbolVersions();
        ReadOnlySpan<ElfSectionHeader> sections = elf.Sections;
        for (int i = 1; i < sections.Length; i++)
        {
            Bytes strings = elf.Data((int)Math.Min(sections[i].Link, int.MaxValue));
            switch (sections[i].Type)
            {
                case SectionType.GnuVerSym:
                    versions._indices = elf.Data(i);
                    break;
                case SectionType.GnuVerDef:
                    versions.ReadChain(elf.Data(i).Span, strings.Span, isDefinition: true);
                    break;
                case SectionType.GnuVerNeed:
                    versions.ReadChain(elf.Data(i).Span, strings.Span, isDefinition: false);
                    break;
            }
        }
        return versions;
    }

    private static uint U32(ReadOnlySpan<byte> data, uint at) => BinaryPrimitives.ReadUInt32LittleEndian(data[(int)at..]);
    private static int U16(ReadOnlySpan<byte> data, uint at) => BinaryPrimitives.ReadUInt16LittleEndian(data[(int)at..]);

    private void ReadChain(ReadOnlySpan<byte> data, ReadOnlySpan<byte> strings, bool isDefinition)
    {
        uint size = isDefinition ? 20u : 16u;
        uint at = 0;
        for (int guard = 0; guard < 1 << 15 && at + size <= (uint)data.Length; guard++)
        {
            uint aux = at + U32(data, at + (isDefinition ? 12u : 8u));
            if (isDefinition)
            {
                if (aux >= at && aux + 8 <= (uint)data.Length && (U16(data, at + 2) & SymbolVersion.FlagBase) == 0)
                    _names[U16(data, at + 4) & 0x7fff] = Encoding.UTF8.GetString(ElfFile.String(strings, U32(data, aux)));
            }
            else
                ReadNeeds(data, strings, aux);
            uint next = U32(data, at + (isDefinition ? 16u : 12u));
            if (next == 0 || at + next < at)
                break;
            at += next;
        }
    }

    private void ReadNeeds(ReadOnlySpan<byte> data, ReadOnlySpan<byte> strings, uint at)
    {
        for (int guard = 0; guard < 1 << 15 && at + 16 <= (uint)data.Length && at + 16 > at; guard++)
        {
            _names[U16(data, at + 6) & 0x7fff] = Encoding.UTF8.GetString(ElfFile.String(strings, U32(data, at + 8)));
            uint next = U32(data, at + 12);
            if (next == 0 || at + next < at)
                break;
            at += next;
        }
    }

    /// <summary>What nm writes behind a symbol's name: <c>@VERSION</c>, or <c>@@VERSION</c> for a default one.</summary>
    public string Suffix(int symbol, bool isUndefined)
    {
        if (_indices.Length < (symbol + 1) * 2)
            return "";
        int index = BinaryPrimitives.ReadUInt16LittleEndian(_indices.Span[(symbol * 2)..]);
        if (!_names.TryGetValue(index & 0x7fff, out string? name) || (index & 0x7fff) < 2)
            return "";
        return isUndefined || (index & SymbolVersion.Hidden) != 0 ? "@" + name : "@@" + name;
    }
}
