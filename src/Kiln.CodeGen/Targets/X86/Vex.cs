using Kiln.CodeGen.Machine;
using Kiln.IR;
using Kiln.Isa.X86;
using Kiln.Target.Abi;
using IsaInstruction = Kiln.Isa.Instruction;
using IsaOperand = Kiln.Isa.Operand;
using M = Kiln.Isa.X86.Mnemonic;

namespace Kiln.CodeGen.Targets.X86;

// VEX encodings. Selection is written with the SSE mnemonics. With AVX every one of them is the VEX twin in the end: a two-address
// instruction becomes one of three operands as it is selected (TryEmitVex), which needs no copy; what is left (moves of allocation, pseudo
// instructions, scalar conversions) is turned as it is put out (PutOut). So no function mixes the encodings, which costs on real processors.
//
// Functions that use ymm registers clear the upper halves before a return or call that passes none (System V ABI, 3.2.1; Intel's optimization
// manual, 15.3): vzeroupper stands directly before the call or return.
public sealed partial class X86Target
{
    /// <summary>In Info of a call: vectors of 32 bytes are passed.</summary>
    private const int KeepsUppers = 1;

    private static readonly Lazy<ushort[]> _vexTwins = new(FindVexTwins);
    private static readonly Lazy<Dictionary<string, M>> _mnemonics = new(ReadMnemonics);
    private bool _isWide;

    private bool UsesVex(int size) => _features.Avx || size == 32;

    private static Dictionary<string, M> ReadMnemonics()
    {
        var names = new Dictionary<string, M>(1200);
        for (int i = 1; i < Forms.MnemonicCount; i++)
            names.TryAdd(System.Text.Encoding.ASCII.GetString(Names.Of((M)i)), (M)i);
        return names;
    }

    private static ushort[] FindVexTwins()
    {
        Dictionary<string, M> names = _mnemonics.Value;
        var twins = new ushort[Forms.MnemonicCount];
        foreach ((string name, M mnemonic) in names)
        {
            if (names.TryGetValue("v" + name, out M twin) && Forms.IsVex(twin))
                twins[(int)mnemonic] = (ushort)twin;
        }
        // With a mask in xmm0 here, with a fourth operand there.
        twins[(int)M.Blendvps] = twins[(int)M.Blendvpd] = twins[(int)M.Pblendvb] = 0;
        return twins;
    }

    /// <summary>The VEX mnemonic that does what an SSE one does, or none.</summary>
    private static M VexTwin(M mnemonic) => (M)_vexTwins.Value[(int)mnemonic];

    // False for what has no twin, and for what keeps a part of a register that holds nothing yet: PutOut sees to that.
    private bool TryEmitVex(M mnemonic, int size, FirstRole role, in Arg a, in Arg b, in Arg c, MachineFlags flags)
    {
        M twin = VexTwin(mnemonic);
        if (twin == M.None)
        {
            // A VEX mnemonic already: nothing to do.
            return false;
        }
        int count = b.Kind == ArgKind.None ? 1 : c.Kind == ArgKind.None ? 2 : 3;
        if (role == FirstRole.Changed && a.Kind == ArgKind.Register && Forms.Find(twin, count + 1) >= 0)
        {
            Reg old = Resolve(a.Register);
            Reg second = b.Kind == ArgKind.Register ? Resolve(b.Register) : default;
            Reg third = c.Kind == ArgKind.Register ? Resolve(c.Register) : default;
            Address memory = b.Kind == ArgKind.Memory ? b.Address : c.Address;
            memory.Base = Resolve(memory.Base);
            memory.Index = Resolve(memory.Index);
            _s.Begin((int)twin, size, flags);
            _s.Def(Define(a.Register), a.Size);
            _s.Use(old, a.Size);
            EmitArg(b, second, in memory, b.Kind == ArgKind.Register && c.Kind == ArgKind.None && TakesMemory(mnemonic, size));
            EmitArg(c, third, in memory, false);
            _s.End();
            return true;
        }
        if (Forms.Find(twin, count) < 0 || role == FirstRole.Changed)
            return false;
        Emit(twin, size, a, b, c, flags);
        return true;
    }

    // Emission

    private void PutOut(ref IsaInstruction instruction)
    {
        if (_features.Avx)
            TurnToVex(ref instruction);
        _out.Instruction(in instruction);
    }

    private static void TurnToVex(ref IsaInstruction instruction)
    {
        M twin = VexTwin((M)instruction.Mnemonic);
        if (twin == M.None || !HasVector(in instruction))
            return;
        int count = instruction.OperandCount;
        bool isStore = instruction.Operand0.Kind == Isa.OperandKind.Memory;
        bool isScalarMove = (M)instruction.Mnemonic is M.Movss or M.Movsd && instruction.Operand1.Kind == Isa.OperandKind.Register && !isStore;
        bool mergesLoad = (M)instruction.Mnemonic is M.Movlps or M.Movhps or M.Movlpd or M.Movhpd && !isStore;
        if (!isScalarMove && !mergesLoad && Forms.Find(twin, count) >= 0)
        {
            instruction.Mnemonic = (ushort)twin;
            return;
        }
        if (Forms.Find(twin, count + 1) < 0)
            return;
        instruction.Mnemonic = (ushort)twin;
        for (int i = count; i > 0; i--)
            instruction[i] = instruction[i - 1];
        instruction.OperandCount = (byte)(count + 1);
    }

    private static bool HasVector(in IsaInstruction instruction) =>
        (M)instruction.Mnemonic is M.Ldmxcsr or M.Stmxcsr || IsVector(instruction.Operand0) || IsVector(instruction.Operand1) || IsVector(instruction.Operand2);

    private static bool IsVector(in IsaOperand operand) =>
        operand.Kind == Isa.OperandKind.Register && Registers.ClassOf(operand.Register) is Isa.X86.RegisterClass.Xmm or Isa.X86.RegisterClass.Ymm;

    private bool UsesWideVectors()
    {
        foreach (ref MachineInstruction instruction in _machine.Code.Span)
        {
            if (instruction.Size == 32)
                return true;
        }
        return PassesWide(_machine.Source.Signature.Parameters);
    }

    private static bool PassesWide(SignaturePart[] parts)
    {
        foreach (SignaturePart part in parts)
        {
            if (part.Type.Size == 32 && part.Type.IsVector && part.Place.Kind == PlaceKind.Register)
                return true;
        }
        return false;
    }

    private void ClearUppers(SignaturePart[] passed)
    {
        if (!PassesWide(passed))
            Put(M.Vzeroupper);
    }
}
