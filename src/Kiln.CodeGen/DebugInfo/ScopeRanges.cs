using Kiln.Assembler.Sections;
using Kiln.Base;
using Kiln.IR;

namespace Kiln.CodeGen.DebugInfo;

// Which code belongs to which lexical block of the function being emitted.
//
// A block is found by the place of the code in the source: scopes are numbered as they open, so that those inside a scope follow it
// without a gap, and a place lies in the innermost one whose braces are around it. Code from elsewhere (inlined functions) stays in
// the scope that is current. A label is put wherever the scope changes.

/// <summary>Follows the lexical blocks through the code. See the file's header.</summary>
internal sealed class ScopeRanges(SourceMap sources, Emitter emitter)
{
    private struct Span
    {
        public uint Start;
        public uint End;

        /// <summary>The last scope inside this one.</summary>
        public int Last;
    }

    private readonly GrowBuffer<Span> _spans = new(32);
    private readonly GrowBuffer<(int Label, int Scope)> _changes = new(64);
    private Function _function = null!;
    private int _current;

    /// <summary>Starts a function at a label.</summary>
    public void Begin(Function function, int label)
    {
        _function = function;
        _current = 0;
        _spans.Clear();
        _changes.Clear();
        _changes.Add((label, 0));
        int count = function.Scopes.Count;
        if (count <= 1)
            return;
        for (int i = 0; i < count; i++)
        {
            ref readonly DebugScope scope = ref function.Scopes[i];
            _spans.Add(new Span
            {
                Start = sources.FileLocation(scope.Start).Offset,
                End = sources.FileLocation(scope.End).Offset,
                Last = i,
            });
        }
        for (int i = count - 1; i > 0; i--)
        {
            ref Span parent = ref _spans[function.Scopes[i].Parent];
            parent.Last = Math.Max(parent.Last, _spans[i].Last);
        }
    }

    /// <summary>The next code comes from this place.</summary>
    public void Enter(Location location)
    {
        if (_spans.Count == 0)
            return;
        uint at = sources.FileLocation(location).Offset;
        if (!Contains(0, at))
            return;
        int scope = _current;
        while (scope != 0 && !Contains(scope, at))
            scope = _function.Scopes[scope].Parent;
        for (int i = scope + 1; i <= _spans[scope].Last;)
        {
            if (Contains(i, at))
                scope = i++;
            else
                i = _spans[i].Last + 1;
        }
        if (scope == _current)
            return;
        _current = scope;
        _changes.Add((emitter.Here(), scope));
    }

    private bool Contains(int scope, uint at) => _spans[scope].Start <= at && at <= _spans[scope].End;

    /// <summary>Appends the runs of code of a scope, those of the scopes in it among them: start and end.</summary>
    public void RangesOf(int scope, int end, GrowBuffer<(int Start, int End)> ranges)
    {
        int last = _spans.Count == 0 ? scope : _spans[scope].Last;
        int start = 0;
        foreach ((int label, int at) in _changes.Span)
        {
            bool isInside = at >= scope && at <= last;
            if (isInside && start == 0)
                start = label;
            if (!isInside && start != 0)
            {
                ranges.Add((start, label));
                start = 0;
            }
        }
        if (start != 0)
            ranges.Add((start, end));
    }
}
