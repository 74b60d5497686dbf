using IsaOperand = Kiln.Isa.Operand;
using M = Kiln.Isa.X86.Mnemonic;
using R = Kiln.Isa.X86.Registers;

namespace Kiln.CodeGen.Targets.X86;

// Taking room off the stack pointer, with -fstack-clash-protection a page at a time.
//
// The invariant: the stack pointer is never more than a page below the last address that was touched, so that no write can leap over the
// guard page below the stack. A call touches what the stack pointer shows; a frame of less than a page therefore needs no probe.
public sealed partial class X86Target
{
    private const int ProbeInterval = 4096;

    // Up to so many pages are probed without a loop.
    private const int UnrolledProbes = 4;

    // cfa: how far the CFA is above the stack pointer so far, or -1 where it does not follow the stack pointer.
    private void TakeStack(int size, int cfa)
    {
        if (Options.StackProbes && size >= ProbeInterval)
        {
            int probed = size & -ProbeInterval;
            if (probed <= UnrolledProbes * ProbeInterval)
                ProbePages(probed, ref cfa);
            else
                ProbeInLoop(probed, ref cfa);
            size -= probed;
        }
        if (size > 0)
            LowerStack(size, ref cfa);
    }

    private void LowerStack(int size, ref int cfa)
    {
        Put(M.Sub, G(4), IsaOperand.Imm(size));
        if (cfa < 0)
            return;
        cfa += size;
        _out.CfiDefineCfaOffset(cfa);
    }

    private void Probe() => Put(M.Or, IsaOperand.Mem(8, R.Rsp), IsaOperand.Imm(0));

    private void ProbePages(int size, ref int cfa)
    {
        for (int done = 0; done < size; done += ProbeInterval)
        {
            LowerStack(ProbeInterval, ref cfa);
            Probe();
        }
    }

    // r11 is free at a function's entry. While it holds the end, the CFA is counted from it.
    private void ProbeInLoop(int size, ref int cfa)
    {
        Put(M.Lea, G(11), IsaOperand.Mem(8, R.Rsp, 0, 1, -size));
        if (cfa >= 0)
            _out.CfiDefineCfa(11, cfa + size);
        int again = _out.Temporary();
        _out.Label(again);
        Put(M.Sub, G(4), IsaOperand.Imm(ProbeInterval));
        Probe();
        Put(M.Cmp, G(4), G(11));
        PutJump(Condition.NotEqual, again);
        if (cfa < 0)
            return;
        cfa += size;
        _out.CfiDefineCfaRegister(7);
    }

    // The new stack pointer is computed in a register that the result goes to afterwards.
    private void TakeDynamicStack(int bytes, int scratch)
    {
        if (!Options.StackProbes)
        {
            Put(M.Sub, G(4), G(bytes));
            return;
        }
        int again = _out.Temporary();
        Put(M.Mov, G(scratch), G(4));
        Put(M.Sub, G(scratch), G(bytes));
        _out.Label(again);
        Probe();
        Put(M.Sub, G(4), IsaOperand.Imm(ProbeInterval));
        Put(M.Cmp, G(4), G(scratch));
        PutJump(Condition.Above, again);
        Put(M.Mov, G(4), G(scratch));
        Probe();
    }
}
