using Kiln.CodeGen.Machine;
using Kiln.IR;

namespace Kiln.CodeGen.Targets.X86;

// What selection takes as it is; the rest is split or called by legalization.
public sealed partial class X86Target
{
    public override ushort JumpOpcode => (ushort)Isa.X86.Mnemonic.Jmp;

    /// <inheritdoc/>
    public override string? OpcodeName(int opcode) => opcode < GenericOp.FirstTargetPseudo
        ? System.Text.Encoding.ASCII.GetString(Isa.X86.Names.Of((Isa.X86.Mnemonic)opcode))
        : Pseudo.NameOf(opcode);

    public override int InlineCopyLimit(Function function) => InlineLimit;

    public override TypeAction ActionOf(IrType type)
    {
        if (!type.IsVector)
            return type.Kind == ScalarKind.I128 ? TypeAction.Split : TypeAction.Legal;
        if (!_features.Sse2)
            return TypeAction.Scalarize;
        if (type.Kind is ScalarKind.I128 or ScalarKind.F16 or ScalarKind.F80 or ScalarKind.F128 or ScalarKind.I1)
            return TypeAction.Scalarize;
        if (type.Size < 4)
            return TypeAction.Scalarize;
        return type.Size > (_features.Avx ? 32 : 16) ? TypeAction.Split : TypeAction.Legal;
    }

    public override bool IsLegal(Op op, IrType type, IrType operand)
    {
        if (type.IsVector || operand.IsVector)
            return IsLegalVector(op, type, operand);
        if (type.Kind == ScalarKind.I128 || operand.Kind == ScalarKind.I128)
            return op is Op.CompareExchange or Op.Load or Op.Store;
        if (type.Kind is ScalarKind.F16 || operand.Kind is ScalarKind.F16)
            return op is Op.Load or Op.Store or Op.Bitcast or Op.Select or Op.Opaque or Op.FloatNegate or Op.FloatAbs or Op.FloatCopySign;
        if (type.Kind is ScalarKind.F128 || operand.Kind is ScalarKind.F128)
            return op is Op.Load or Op.Store or Op.Select or Op.Opaque or Op.FloatNegate or Op.FloatAbs or Op.FloatCopySign;
        if (type.Kind == ScalarKind.F80 || operand.Kind == ScalarKind.F80)
        {
            return op is not (Op.FloatMin or Op.FloatMax or Op.FloatFma or Op.FloatFloor or Op.FloatCeil or Op.FloatTruncate or Op.Bitcast
                or Op.AtomicRmw or Op.CompareExchange);
        }
        return op switch
        {
            Op.FloatFloor or Op.FloatCeil or Op.FloatTruncate or Op.FloatRint => _features.Sse41,
            Op.FloatFma => _features.Fma,
            _ => true,
        };
    }

    public override bool IsCostly(Function function, Value user, int operand)
    {
        Value leaf = function.Operands(user)[operand];
        ref Instruction data = ref function[leaf];
        Op op = function.OpOf(user);
        switch (data.Op)
        {
            case Op.Constant:
                return data.Type.LaneBits == 64 && data.Aux != (int)data.Aux && data.Aux != uint.MaxValue
                    && op is not (Op.DivSigned or Op.DivUnsigned or Op.RemSigned or Op.RemUnsigned or Op.Call or Op.Return or Op.Asm or Op.AsmGoto
                        or Op.TargetOp or Op.MemoryCopy or Op.MemoryMove or Op.MemorySet);
            case Op.FloatConstant:
                return data.Type.LaneBits <= 64 && function.ConstantBits(leaf) != 0 && IsFloatInRegister(function, user, operand);
            case Op.SymbolAddress:
                {
                    if (op is Op.Asm or Op.AsmGoto or Op.TargetOp)
                        return false;
                    bool isAddress = operand == 0 && op is Op.Load or Op.Store;
                    return ReferenceOf(function.Module[new Symbol(data.A.Id)]) switch
                    {
                        SymbolReference.Absolute => false,
                        SymbolReference.ThreadLocalExec => !isAddress,
                        SymbolReference.RipRelative => !isAddress && op is not (Op.Call or Op.Return)
                            && !(op == Op.PointerAdd && function.OpOf(function[user].B) == Op.Constant),
                        _ => true,
                    };
                }
            default:
                return false;
        }
    }

    // Operands that instructions take in a register alone; the others come from memory at no cost.
    private static bool IsFloatInRegister(Function function, Value user, int operand) => function.OpOf(user) switch
    {
        Op.FloatSub or Op.FloatDiv => operand == 0,
        Op.FloatCompare => operand == (Conditions.Of(Ordinary((FloatPredicate)function[user].Aux)).Swap ? 1 : 0),
        Op.Select => operand > 0,
        Op.FloatFma => true,
        _ => false,
    };

    private static FloatPredicate Ordinary(FloatPredicate predicate)
    {
        predicate &= FloatPredicate.Always;
        return predicate is FloatPredicate.Never or FloatPredicate.Always ? FloatPredicate.Equal : predicate;
    }
}
