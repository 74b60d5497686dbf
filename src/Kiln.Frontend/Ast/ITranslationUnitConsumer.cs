using Kiln.Base;

namespace Kiln.Frontend.Ast;

/// <summary>
/// Takes a translation unit, one external declaration at a time, in order. All is called on the parser's thread, while the rest of the unit has
/// not been read: what a declaration says may still grow (a later attribute, a later definition).
/// </summary>
public interface ITranslationUnitConsumer
{
    /// <summary>
    /// A function's body was read without errors. Where <see cref="FunctionDeclaration.MustEmit"/> holds it is to be lowered; else it may
    /// wait (in <see cref="FunctionDeclaration.Definition"/>) until something that is emitted refers to it.
    /// </summary>
    void FunctionDefined(FunctionDefinition function);

    /// <summary>
    /// A variable with an initializer, or at the unit's end a tentative one, is defined at file scope. Static variables of functions come with
    /// their function (<see cref="FunctionDefinition.StaticVariables"/>); static compound literals at file scope come here.
    /// </summary>
    void VariableDefined(VariableDeclaration variable);

    /// <summary>At the unit's end: a declaration that makes a symbol without a definition in C: alias, weakref, ifunc, or a weak reference.</summary>
    void SymbolDeclared(EntityDeclaration declaration);

    /// <summary>An asm at file scope.</summary>
    void TopLevelAsm(AsmStatement statement);

    /// <summary>At the unit's end: <c>#pragma weak name</c> or <c>#pragma weak name = alias</c> for a name that no declaration has.</summary>
    /// <param name="name">The symbol, interned.</param>
    /// <param name="aliasOf">The symbol that it is an alias of, or 0.</param>
    void WeakSymbol(int name, int aliasOf);

    /// <summary>The text of <c>#ident</c> or <c>#pragma ident</c>, for the comment section.</summary>
    void Ident(string text);

    /// <summary>The unit has been read. Inline functions' <see cref="FunctionDeclaration.MustEmit"/> is final.</summary>
    void EndOfUnit();

    /// <summary>An asm label gave a library function another symbol: what calls the function by its own will must use that too.</summary>
    void LibraryFunctionRenamed(FunctionDeclaration function)
    {
    }
}
