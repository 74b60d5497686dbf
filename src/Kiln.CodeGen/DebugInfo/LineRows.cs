using Kiln.Assembler.Sections;
using Kiln.Base;

namespace Kiln.CodeGen.DebugInfo;

/// <summary>Turns source places into line rows of the emitter.</summary>
internal sealed class LineRows
{
    /// <summary>The next instruction comes from this place.</summary>
    public void Row(Emitter emitter, Location location)
    {
        _ = emitter;
        _ = location;
    }
}
