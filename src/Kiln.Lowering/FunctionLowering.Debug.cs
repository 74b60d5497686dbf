namespace Kiln.Lowering;

// Scopes and variables of a function for the debugger. Without -g nothing here does anything.
internal sealed partial class FunctionLowering
{
    /// <summary>The current scope's index in the function's scopes.</summary>
    private int _scope;

    private void StartDebug()
    {
        if (!Options.Debug)
            return;
        unit.DescribeFunction(_declaration, _function.Symbol);
        _function.Scopes.Add(new DebugScope(-1, _definition.Body.Location, _definition.EndLocation));
    }

    /// <summary>Enters a block; gives the scope around it, to which <see cref="ExitScope"/> goes back.</summary>
    private int EnterScope(CompoundStatement compound)
    {
        int outer = _scope;
        if (!Options.Debug)
            return outer;
        // The body shares the function's own scope with the parameters; a block without variables is none to a debugger.
        if (compound != _definition.Body && compound.Variables.Length > 0)
            _scope = _function.Scopes.Add(new DebugScope(outer, compound.Location, compound.EndLocation));
        foreach (VariableDeclaration variable in compound.Variables)
        {
            if (!variable.IsAutomatic && variable.Name != 0 && variable.Linkage == SourceLinkage.None)
                AddVariable(variable, 0, DebugPlace.Symbol, unit.SymbolOf(variable).Id);
        }
        return outer;
    }

    private void ExitScope(int outer) => _scope = outer;

    private int AddVariable(VariableDeclaration variable, int parameter, DebugPlace place, int id, int offset = 0) =>
        _function.Variables.Add(new DebugVariable
        {
            Name = unit.Names.Text(variable.Name),
            Type = unit.DebugType(variable.Type, this),
            Scope = _scope,
            Location = variable.Location,
            Parameter = parameter,
            Place = place,
            Id = id,
            Offset = offset,
        });

    private static int ParameterNumber(VariableDeclaration variable) =>
        variable.Storage == StorageClass.Parameter ? variable.ParameterIndex + 1 : 0;

    /// <summary>Describes a variable that lives in a slot.</summary>
    private void DescribeLocal(VariableDeclaration variable, StackSlot slot)
    {
        if (!Options.Debug || variable.Name == 0)
            return;
        int described = AddVariable(variable, ParameterNumber(variable), DebugPlace.Slot, slot.Id);
        _function[slot].Variable = described + 1;
    }

    /// <summary>Describes a parameter that has no slot of its own: it is where the caller put it, or in the frame record.</summary>
    private void DescribeParameter(VariableDeclaration parameter, int index, int part, int parts)
    {
        if (!Options.Debug || parameter.Name == 0)
            return;
        if (parameter.IsCaptured)
            DescribeCaptured(parameter);
        else if (parameter.Slot < 0 && _places[-parameter.Slot].Kind == VariablePlaceKind.PointerSlot)
            DescribeVariableArray(parameter);
        else if (parameter.Slot < 0)
            AddVariable(parameter, index + 1, DebugPlace.Argument, part);
        else if (parts == 1 && !parameter.IsAssigned && !parameter.IsAddressTaken && !_definition.PromotedParameters
            && Lowering.ClassOf(parameter.Type.Type) == TypeClass.Scalar && _function[new StackSlot(parameter.Slot)].Variable is > 0 and var variable)
            _function.Variables[variable - 1].Part = part + 1;
    }

    /// <summary>Describes a variable that nested functions use: it lives in the frame record.</summary>
    private void DescribeCaptured(VariableDeclaration variable)
    {
        if (!Options.Debug || variable.Name == 0)
            return;
        bool isArray = IsOnStackTop(variable);
        if (variable.Slot == 0 && !isArray)
            CapturedAddress(variable);
        AddVariable(variable, ParameterNumber(variable), isArray ? DebugPlace.Pointer : DebugPlace.Slot, Frame().Id, Math.Max(0, variable.Slot - 1));
    }

    private void DescribeVariableArray(VariableDeclaration variable)
    {
        if (variable.IsCaptured)
        {
            DescribeCaptured(variable);
            return;
        }
        if (!Options.Debug || variable.Name == 0)
            return;
        Value pointer = _places[-variable.Slot].Address;
        AddVariable(variable, ParameterNumber(variable), DebugPlace.Pointer, _function[pointer].A.Id);
    }

    /// <summary>The slot in which a bound is kept, or 0 where it is in no slot of this function.</summary>
    internal int BoundSlot(VariableBound bound)
    {
        if (bound.Count is null || bound.IsCaptured || bound.Function != _definition.Owner)
            return 0;
        BoundAddress(bound);
        return bound.Slot;
    }

    internal void AddLocalType(int type) => _function.LocalTypes.Add(type);
}
