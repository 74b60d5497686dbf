using System.Text;
using Kiln.Assembler.Sections;
using Kiln.Base;

namespace Kiln.CodeGen.DebugInfo;

/// <summary>Turns source places into files and line rows of the emitter (DWARF 5, 6.2). File 0 is the unit's own, and so is the first.</summary>
internal sealed class LineRows
{
    private readonly SourceMap _sources;
    private readonly Emitter _emitter;
    private readonly Func<string, string> _mapped;
    private readonly Dictionary<string, int> _files = [];
    private string? _lastName;
    private int _lastFile;
    private int _file, _line, _column;
    private uint _declared, _body;
    private bool _isPrologue;

    /// <summary>Names the unit's file.</summary>
    public LineRows(SourceMap sources, Emitter emitter, string directory, string mainFile, Func<string, string> mapped)
    {
        _sources = sources;
        _emitter = emitter;
        _mapped = mapped;
        emitter.LineFile(0, Encoding.UTF8.GetBytes(mapped(directory)), Encoding.UTF8.GetBytes(mapped(mainFile)));
        File(mainFile);
    }

    /// <summary>The number of a file.</summary>
    public int File(string name)
    {
        if (ReferenceEquals(name, _lastName))
            return _lastFile;
        if (!_files.TryGetValue(name, out int number))
        {
            number = _files.Count + 1;
            _files.Add(name, number);
            _emitter.LineFile(number, [], Encoding.UTF8.GetBytes(_mapped(name)));
        }
        (_lastName, _lastFile) = (name, number);
        return number;
    }

    /// <summary>Starts a function: what comes from between its name and its body (parameters) is the prologue.</summary>
    public void BeginFunction(Location location, Location body)
    {
        (_file, _line, _column) = (0, 0, 0);
        _isPrologue = false;
        Row(location);
        (_declared, _body) = (location.Offset, body.Offset);
        _isPrologue = true;
    }

    /// <summary>The next instruction comes from this place.</summary>
    public void Row(Location location)
    {
        if (_isPrologue && location.Offset >= _declared && location.Offset < _body)
            return;
        FilePosition position = _sources.Position(location);
        if (position.Line == 0)
            return;
        int file = File(position.File);
        LineFlags flags = LineFlags.IsStatement;
        if (_isPrologue)
        {
            _isPrologue = false;
            flags |= LineFlags.PrologueEnd;
        }
        else if (file == _file && position.Line == _line && position.Column == _column)
        {
            return;
        }
        (_file, _line, _column) = (file, position.Line, position.Column);
        _emitter.Line(file, position.Line, position.Column, flags);
    }
}
