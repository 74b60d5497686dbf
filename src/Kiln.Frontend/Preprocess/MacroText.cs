using Kiln.Base;
using Kiln.Frontend.Lex;

namespace Kiln.Frontend.Preprocess;

/// <summary>Writes a macro's definition as a directive's text, in gcc's form.</summary>
internal static class MacroText
{
    /// <summary>Writes <c>NAME(a,b) body</c>.</summary>
    public static void Write(Macro macro, Interner names, Spellings spellings, ByteWriter to)
    {
        to.Bytes(names.Bytes(macro.Name));
        if (macro.Kind == MacroKind.Function)
        {
            to.U8('(');
            for (int i = 0; i < macro.ParameterCount; i++)
            {
                if (i > 0)
                    to.U8(',');
                bool isRest = macro.IsVariadic && i == macro.ParameterCount - 1;
                if (!isRest || macro.IsNamedVariadic)
                    to.Bytes(names.Bytes(macro.Parameters[i]));
                if (isRest)
                    to.Bytes("..."u8);
            }
            to.U8(')');
        }
        to.U8(' ');
        for (int i = 0; i < macro.Body.Length; i++)
        {
            ref Token token = ref macro.Body[i];
            bool afterPaste = i > 0 && (macro.Body[i - 1].Flags & TokenFlags.PasteLeft) != 0;
            if ((token.Flags & TokenFlags.SpaceBefore) != 0 || afterPaste)
                to.U8(' ');
            if ((token.Flags & TokenFlags.Stringify) != 0)
                to.U8('#');
            if ((token.Flags & TokenFlags.VaOpt) != 0)
                to.Bytes(token.Payload > i && i < macro.Body.Length - 1 && (macro.Body[token.Payload].Flags & TokenFlags.VaOpt) != 0
                    ? "__VA_OPT__("u8 : ")"u8);
            else if (token.Kind == TokenKind.Parameter)
                to.Bytes(names.Bytes(macro.Parameters[token.Payload]));
            else
                to.Bytes(spellings.Of(token));
            if ((token.Flags & TokenFlags.PasteLeft) != 0)
                to.Bytes(" ##"u8);
        }
    }
}
