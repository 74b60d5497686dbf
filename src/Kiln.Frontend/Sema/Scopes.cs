using Kiln.Frontend.Ast;
using Kiln.Frontend.Types;

namespace Kiln.Frontend.Sema;

/// <summary>
/// What names mean where the parser stands: an array by interned name holds the innermost binding, and a list of what it hid is
/// undone when a scope ends. Looking up a name is one array access.
/// </summary>
internal sealed class Scopes
{
    private Binding[] _ordinary = new Binding[1 << 13];
    private TagBinding[] _tags = new TagBinding[1 << 12];
    private EntityDeclaration?[] _linked = new EntityDeclaration?[1 << 13];
    private readonly Kiln.Base.GrowBuffer<Undo> _undo = new(256);
    private readonly Kiln.Base.GrowBuffer<int> _marks = new(64);

    private struct Binding
    {
        public Declaration? Declaration;
        public int Depth;
    }

    private struct TagBinding
    {
        public CType? Type;
        public int Depth;
    }

    private struct Undo
    {
        public int Name;
        public bool IsTag;
        public int Depth;
        public object? Hidden;
    }

    /// <summary>0 at file scope.</summary>
    public int Depth => _marks.Count;

    public void Push() => _marks.Add(_undo.Count);

    public void Pop()
    {
        int mark = _marks.Pop();
        for (int i = _undo.Count - 1; i >= mark; i--)
        {
            ref Undo undo = ref _undo[i];
            if (undo.IsTag)
                _tags[undo.Name] = new TagBinding { Type = (CType?)undo.Hidden, Depth = undo.Depth };
            else
                _ordinary[undo.Name] = new Binding { Declaration = (Declaration?)undo.Hidden, Depth = undo.Depth };
        }
        _undo.Truncate(mark);
    }

    /// <summary>What an ordinary identifier means, or null.</summary>
    public Declaration? LookUp(int name) => (uint)name < (uint)_ordinary.Length ? _ordinary[name].Declaration : null;

    /// <summary>What an identifier means if it was declared in the current scope itself.</summary>
    public Declaration? LookUpHere(int name) =>
        (uint)name < (uint)_ordinary.Length && _ordinary[name].Depth == Depth ? _ordinary[name].Declaration : null;

    /// <summary>The depth of the scope in which a name is declared.</summary>
    public int DepthOf(int name) => (uint)name < (uint)_ordinary.Length ? _ordinary[name].Depth : 0;

    public CType? LookUpTag(int name) => (uint)name < (uint)_tags.Length ? _tags[name].Type : null;

    public CType? LookUpTagHere(int name) =>
        (uint)name < (uint)_tags.Length && _tags[name].Depth == Depth ? _tags[name].Type : null;

    /// <summary>The variable or function with linkage of this name, visible or not; null for none.</summary>
    public EntityDeclaration? Linked(int name) => (uint)name < (uint)_linked.Length ? _linked[name] : null;

    public void SetLinked(int name, EntityDeclaration entity)
    {
        if (name >= _linked.Length)
            Array.Resize(ref _linked, Math.Max(name + 1, _linked.Length * 2));
        _linked[name] = entity;
    }

    public void Bind(int name, Declaration declaration)
    {
        if (name >= _ordinary.Length)
            Array.Resize(ref _ordinary, Math.Max(name + 1, _ordinary.Length * 2));
        ref Binding binding = ref _ordinary[name];
        if (Depth > 0)
            _undo.Add(new Undo { Name = name, Depth = binding.Depth, Hidden = binding.Declaration });
        binding.Declaration = declaration;
        binding.Depth = Depth;
    }

    public void BindTag(int name, CType type)
    {
        if (name >= _tags.Length)
            Array.Resize(ref _tags, Math.Max(name + 1, _tags.Length * 2));
        ref TagBinding binding = ref _tags[name];
        if (Depth > 0)
            _undo.Add(new Undo { Name = name, IsTag = true, Depth = binding.Depth, Hidden = binding.Type });
        binding.Type = type;
        binding.Depth = Depth;
    }

    /// <summary>Binds at file scope although the parser stands deeper (implicit declarations in gnu89 are not: they are local).</summary>
    public void BindAtFileScope(int name, Declaration declaration)
    {
        if (Depth == 0)
        {
            Bind(name, declaration);
            return;
        }
        // The hidden value at the bottom of the name's undo entries is what file scope will show.
        for (int i = 0; i < _undo.Count; i++)
        {
            if (_undo[i].Name == name && !_undo[i].IsTag)
            {
                _undo[i].Hidden = declaration;
                _undo[i].Depth = 0;
                return;
            }
        }
        if (name >= _ordinary.Length)
            Array.Resize(ref _ordinary, Math.Max(name + 1, _ordinary.Length * 2));
        _ordinary[name] = new Binding { Declaration = declaration, Depth = 0 };
    }

    /// <summary>What is declared in the current scope, tags as types, in order.</summary>
    public List<object> DeclaredHere()
    {
        var declared = new List<object>();
        for (int i = _marks.Last; i < _undo.Count; i++)
            declared.Add(_undo[i].IsTag ? _tags[_undo[i].Name].Type! : _ordinary[_undo[i].Name].Declaration!);
        return declared;
    }

    /// <summary>The names of the tags bound in the current scope, so that a function's body can take over its prototype's.</summary>
    public List<(int Name, CType Type)>? TagsHere()
    {
        List<(int, CType)>? tags = null;
        for (int i = _marks.Last; i < _undo.Count; i++)
        {
            if (_undo[i].IsTag)
                (tags ??= []).Add((_undo[i].Name, _tags[_undo[i].Name].Type!));
        }
        return tags;
    }
}
