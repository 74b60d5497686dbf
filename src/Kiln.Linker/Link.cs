using Kiln.Linker.Inputs;
using Kiln.Linker.Layout;
using Kiln.Linker.Output;
using Kiln.Linker.Relocations;
using Kiln.Linker.Sections;
using Kiln.Linker.Symbols;
using Kiln.Linker.Synthetic;

namespace Kiln.Linker;

/// <summary>The passes of a link, in their order.</summary>
internal static class Link
{
    /// <summary>Runs a link; the image goes to the file, or comes back where there is none. False after an error.</summary>
    public static bool Run(LinkJob job, IReadOnlyList<LinkInput> inputs, out byte[]? image)
    {
        image = null;

        // Version scripts are read first, as an error in them ends the link before any work.
        job.Versions = VersionScript.Read(job);
        if (job.HasFailed)
            return false;

        // Which archive members take part depends on the symbols known so far: reading and resolving are one pass.
        using var reader = new InputReader(job);
        reader.Run(inputs);
        if (job.HardErrorCount > 0 || job.ErrorCount > 0 && job.IsRelocatable)
            return false;
        if (job.IsRelocatable)
            return RelocatableOutput.Run(job, out image);
        job.Synthetic = new SyntheticSections();

        // The linker's own symbols come before anybody asks whether a name is defined.
        var linkerSymbols = new LinkerSymbols(job);
        linkerSymbols.Declare();

        // What is exported is a root of the garbage collection; what may be preempted decides what relocations need.
        SymbolClassification.Run(job);

        // Call frame information is taken apart before the collection, which must not follow it backwards.
        job.Synthetic.EhFrame.Parse(job);
        if (job.Options.GcSections)
            new GarbageCollection(job).Run();
        job.Synthetic.EhFrame.MarkLive(job);

        // Now the sections that stay are known: what their relocations need is noted, and what is undefined is told.
        var scan = new RelocationScan(job);
        job.Synthetic.Scan = scan;
        scan.Run();
        UndefinedInLibraries.Report(job);
        RequiredSymbols.Check(job);
        if (job.HasFailed && !job.Options.NoInhibitExec)
            return false;

        // Sizes of all tables follow from the needs; merged strings and frames from the live sections.
        OutputBuilder.AllocateCommons(job);
        SlotAssignment.Run(job);
        OutputBuilder.MergeSections(job);
        job.Synthetic.EhFrame.Place(job);
        PropertyNotes.Run(job);
        StackPermission.Run(job);
        GnuExtensions.Find(job);
        BuildId.Reserve(job);

        // With all sizes known sections are placed; .dynamic is the last to know its length, as it lists the others.
        new OutputBuilder(job).Run();
        if (job.IsDynamic)
            job.Synthetic.Dynamic.Collect(job);
        new AddressAssignment(job).Run();
        AddressAssignment.ResolveSymbols(job);
        linkerSymbols.Resolve();
        EntryPoint.Find(job);
        SegmentWarnings.Run(job);

        // Addresses are final: the image is written, then named by its contents.
        using var writer = new ImageWriter(job);
        if (!writer.Write() || job.HasFailed && !job.Options.NoInhibitExec)
            return false;
        BuildId.Fill(job, writer.Image);
        Reports.Write(job);
        if (job.Options.Output is not { } path)
        {
            image = writer.Image.ToArray();
            return true;
        }
        if (OutputFile.Write(path, writer.Image, isExecutable: true) is not { } problem)
            return true;
        job.Error(problem);
        return false;
    }
}
