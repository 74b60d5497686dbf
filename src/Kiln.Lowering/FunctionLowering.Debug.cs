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
        _function.Scopes.Add(new DebugScope(-1, _declaration.Location, _definition.EndLocation));
    }

    private void FinishDebug()
    {
    }

    /// <summary>Enters a block; gives the scope around it, to which <see cref="ExitScope"/> goes back.</summary>
    private int EnterScope(CompoundStatement compound)
    {
        int outer = _scope;
        // The body shares the function's own scope with the parameters; a block without variables is none to a debugger.
        if (Options.Debug && compound != _definition.Body && compound.Variables.Length > 0)
            _scope = _function.Scopes.Add(new DebugScope(outer, compound.Location, compound.EndLocation));
        return outer;
    }

    private void ExitScope(int outer) => _scope = outer;

    private int AddVariable(VariableDeclaration variable, int type, int parameter) =>
        _function.Variables.Add(new DebugVariable(unit.Names.Text(variable.Name), type, _scope, variable.Location, parameter));

    /// <summary>Describes a variable that lives in a slot.</summary>
    private void DescribeLocal(VariableDeclaration variable, StackSlot slot)
    {
        if (!Options.Debug || variable.Name == 0)
            return;
        int parameter = variable.Storage == StorageClass.Parameter ? variable.ParameterIndex + 1 : 0;
        _function[slot].Variable = AddVariable(variable, unit.DebugType(variable.Type), parameter) + 1;
    }

    /// <summary>Describes a parameter that has no slot: it is where the caller put it.</summary>
    private void DescribeParameter(VariableDeclaration parameter, int index)
    {
        if (!Options.Debug || parameter.Name == 0 || parameter.Slot >= 0)
            return;
        int variable = AddVariable(parameter, unit.DebugType(parameter.Type), index + 1);
        // The variable is the memory at this address.
        _b.Emit(Op.DebugValue, IrType.Void, _places[-parameter.Slot].Address, new Value(int.MinValue), aux: variable);
    }

    private void DescribeVariableArray(VariableDeclaration variable)
    {
        if (!Options.Debug || variable.Name == 0 || variable.IsCaptured)
            return;
        int described = AddVariable(variable, unit.DebugType(variable.Type), 0);
        _b.Emit(Op.DebugValue, IrType.Void, VariableArrayAddress(variable), new Value(int.MinValue), aux: described);
    }
}
