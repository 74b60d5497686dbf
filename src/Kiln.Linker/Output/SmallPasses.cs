using Kiln.Base;
using Kiln.Linker.Inputs;
using Kiln.Linker.Layout;
using Kiln.Linker.Symbols;
using Kiln.Object.Elf;

namespace Kiln.Linker.Output;

/// <summary>Decides whether the stack may hold code, by the option or by the objects' notes.</summary>
internal static class StackPermission
{
    public static void Run(LinkJob job)
    {
        switch (job.Options.Stack)
        {
            case StackFlags.Executable:
                job.HasExecutableStack = true;
                if (job.Options.WarnExecStack == true)
                    job.Warning("enabling an executable stack because of -z execstack command line option");
                return;
            case StackFlags.NotExecutable:
                return;
        }
        foreach (ObjectFile file in job.Objects)
        {
            if (!file.WantsExecutableStack || file.SymbolsOnly)
                continue;
            job.HasExecutableStack = true;
            if (job.Options.WarnExecStack == false)
                return;
            string cause = file.HasStackNote ? $"{file.Name}: requires executable stack (because the .note.GNU-stack section is executable)"
                : $"{file.Name}: missing .note.GNU-stack section implies executable stack";
            job.Warning(cause);
            if (!file.HasStackNote)
                job.PlainWarning("NOTE: This behaviour is deprecated and will be removed in a future version of the linker");
            return;
        }
    }
}

/// <summary>Finds where the program starts.</summary>
internal static class EntryPoint
{
    public static void Find(LinkJob job)
    {
        string entry = job.Options.Entry;
        int id = job.Symbols.Find(entry);
        if (id != 0)
            id = job.Symbols.Final(id);
        if (id != 0 && job.Symbols[id].State is SymbolState.Defined)
        {
            job.EntryAddress = job.Addresses[id];
            return;
        }
        if (job.Options.EntryGiven && entry.StartsWith("0x", StringComparison.Ordinal)
            && ulong.TryParse(entry.AsSpan(2), System.Globalization.NumberStyles.AllowHexSpecifier, null, out ulong address)
            || job.Options.EntryGiven && ulong.TryParse(entry, out address))
        {
            job.EntryAddress = address;
            return;
        }
        if (job.IsShared && !job.Options.EntryGiven)
            return;
        foreach (OutputSection section in job.Outputs)
        {
            if (section.Name != ".text")
                continue;
            job.Warning($"cannot find entry symbol {entry}; defaulting to {section.Address:x16}");
            job.EntryAddress = section.Address;
            return;
        }
        job.Warning($"cannot find entry symbol {entry}; not setting start address");
    }
}

/// <summary>Warns of what makes the image easy to attack.</summary>
internal static class SegmentWarnings
{
    public static void Run(LinkJob job)
    {
        const uint everything = SegmentFlags.Read | SegmentFlags.Write | SegmentFlags.Execute;
        if (!job.Options.WarnRwxSegments)
            return;
        foreach (Segment segment in job.Segments)
            if (segment.Type is SegmentType.Load or SegmentType.Tls && (segment.Flags & everything) == everything)
                job.Warning($"{job.Options.Output} has a LOAD segment with RWX permissions");
    }
}

/// <summary>Tells of symbols that --require-defined names and nobody defines.</summary>
internal static class RequiredSymbols
{
    public static void Check(LinkJob job)
    {
        foreach (string name in job.Options.RequireDefined)
        {
            int id = job.Symbols.Find(name);
            if (id == 0 || job.Symbols[job.Symbols.Final(id)].State == SymbolState.Undefined)
                job.Error($"required symbol `{name}' not defined");
        }
    }
}

/// <summary>The note that names the output by its contents.</summary>
internal static class BuildId
{
    /// <summary>Makes room for it.</summary>
    public static void Reserve(LinkJob job)
    {
        if (job.Options.BuildId is not { } style)
            return;
        byte[] description = style switch
        {
            "sha1" => new byte[20],
            "md5" => new byte[16],
            "uuid" => Guid.NewGuid().ToByteArray(),
            _ => Convert.FromHexString(style[2..].Replace("-", "", StringComparison.Ordinal).Replace(":", "", StringComparison.Ordinal)),
        };
        job.Synthetic.BuildId.Set(NoteType.GnuBuildId, description, 4);
    }

    /// <summary>Fills it from the image, in which it is zero so far.</summary>
    public static void Fill(LinkJob job, Span<byte> image)
    {
        if (job.Options.BuildId is not ("sha1" or "md5"))
            return;
        OutputSection section = job.Synthetic.BuildId.Section!;
        Span<byte> room = image.Slice((int)(section.Offset + job.Synthetic.BuildId.Offset) + 16, job.Synthetic.BuildId.Description.Length);
        byte[] hash = job.Options.BuildId == "sha1" ? Digests.Sha1(image) : Digests.Md5(image);
        hash.CopyTo(room);
    }
}

/// <summary>Tells of symbols that only libraries refer to and nobody defines.</summary>
internal static class UndefinedInLibraries
{
    public static void Report(LinkJob job)
    {
        if (job.IsShared && job.Options.AllowShlibUndefined != false || job.Options.AllowShlibUndefined == true
            || job.Options.UnresolvedInLibraries == UnresolvedPolicy.Ignore || job.Libraries.Count == 0)
            return;
        for (int id = 1; id < job.Symbols.Count; id++)
        {
            ref Symbol symbol = ref job.Symbols[id];
            if (symbol.State != SymbolState.Undefined || symbol.Alias != 0 || !symbol.Has(SymbolTraits.StrongLibraryReference)
                || symbol.Has(SymbolTraits.InObject) || symbol.File < 0 || IsFound(job, symbol))
                continue;
            if (job.Files[symbol.File] is not SharedFile { IsNeeded: true } library)
                continue;
            string text = $"{library.Name}: undefined reference to `{job.Symbols.Text(id)}{VersionOf(library, symbol)}'";
            if (job.Options.WarnUnresolved)
                job.Warning(text);
            else
                job.Error(text);
        }
    }

    private static string VersionOf(SharedFile library, in Symbol symbol) => library.NeededVersion(symbol.Name.Span) is { } version ? "@" + version : "";

    private static bool IsFound(LinkJob job, in Symbol symbol)
    {
        foreach (SharedFile library in job.Libraries)
            if (library.Find(symbol.Name.Span, [], symbol.Hash) != 0 || library.FindAnyVersion(symbol.Name.Span, symbol.Hash))
                return true;
        return false;
    }
}

/// <summary>Finds indirect functions and unique symbols, which are GNU's own: the file's header says that it has them.</summary>
internal static class GnuExtensions
{
    public static void Find(LinkJob job)
    {
        for (int id = 1; id < job.Symbols.Count && !job.UsesGnuExtensions; id++)
        {
            ref Symbol symbol = ref job.Symbols[id];
            job.UsesGnuExtensions = symbol.State == SymbolState.Defined && symbol.Has(SymbolTraits.InObject)
                && (symbol.IsIFunc || symbol.Binding == SymbolBinding.GnuUnique);
        }
        foreach (ObjectFile file in job.Objects)
        {
            if (job.UsesGnuExtensions)
                return;
            if (file.Elf.OsAbi != ElfFormat.OsAbiGnu)
                continue;
            foreach (ref readonly ElfSymbol symbol in file.Symbols.Span[..Math.Min(file.Symbols.FirstGlobal, file.Symbols.Count)])
                job.UsesGnuExtensions |= symbol.Type == SymbolType.GnuIFunc;
        }
    }
}
