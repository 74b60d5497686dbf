using System.Numerics;

namespace Kiln.Base;

/// <summary>A set of small nonnegative integers. Its size is fixed until <see cref="Reset"/>.</summary>
public sealed class BitSet
{
    private ulong[] _words;
    private int _wordCount;

    /// <summary>Makes an empty set for the integers below <paramref name="size"/>.</summary>
    public BitSet(int size = 0)
    {
        _wordCount = (size + 63) >> 6;
        _words = new ulong[_wordCount];
    }

    /// <summary>Empties the set and makes it one for the integers below <paramref name="size"/>.</summary>
    public void Reset(int size)
    {
        _wordCount = (size + 63) >> 6;
        if (_words.Length < _wordCount)
            _words = new ulong[Math.Max(_wordCount, _words.Length * 2)];
        else
            _words.AsSpan(0, _wordCount).Clear();
    }

    /// <summary>Whether <paramref name="i"/> is in the set.</summary>
    public bool this[int i] => (_words[i >> 6] >> (i & 63) & 1) != 0;

    /// <summary>Adds <paramref name="i"/>; tells whether it is new.</summary>
    public bool Add(int i)
    {
        ref ulong word = ref _words[i >> 6];
        ulong bit = 1UL << (i & 63);
        bool isNew = (word & bit) == 0;
        word |= bit;
        return isNew;
    }

    /// <summary>Removes <paramref name="i"/>.</summary>
    public void Remove(int i) => _words[i >> 6] &= ~(1UL << (i & 63));

    /// <summary>Adds all of <paramref name="other"/>; tells whether the set changed.</summary>
    public bool UnionWith(BitSet other)
    {
        ulong changed = 0;
        for (int i = 0; i < _wordCount; i++)
        {
            ulong before = _words[i];
            ulong after = before | other._words[i];
            _words[i] = after;
            changed |= before ^ after;
        }
        return changed != 0;
    }

    /// <summary>Makes the set (<paramref name="a"/> without <paramref name="kill"/>) joined with <paramref name="gen"/>;
    /// tells whether it changed. The transfer function of a liveness analysis.</summary>
    public bool AssignTransfer(BitSet a, BitSet kill, BitSet gen)
    {
        ulong changed = 0;
        for (int i = 0; i < _wordCount; i++)
        {
            ulong after = a._words[i] & ~kill._words[i] | gen._words[i];
            changed |= _words[i] ^ after;
            _words[i] = after;
        }
        return changed != 0;
    }

    /// <summary>Keeps what is also in <paramref name="other"/>.</summary>
    public void IntersectWith(BitSet other)
    {
        for (int i = 0; i < _wordCount; i++)
            _words[i] &= other._words[i];
    }

    /// <summary>Makes this a copy of <paramref name="other"/>.</summary>
    public void CopyFrom(BitSet other)
    {
        if (_words.Length < other._wordCount)
            _words = new ulong[other._wordCount];
        _wordCount = other._wordCount;
        other._words.AsSpan(0, _wordCount).CopyTo(_words);
    }

    /// <summary>Removes everything.</summary>
    public void Clear() => _words.AsSpan(0, _wordCount).Clear();

    /// <summary>The first element that is at least <paramref name="from"/>, or -1.</summary>
    public int NextFrom(int from)
    {
        int index = from >> 6;
        if (index >= _wordCount)
            return -1;
        ulong word = _words[index] & ~0UL << (from & 63);
        while (word == 0)
        {
            if (++index >= _wordCount)
                return -1;
            word = _words[index];
        }
        return (index << 6) + BitOperations.TrailingZeroCount(word);
    }

    /// <summary>How many elements there are.</summary>
    public int PopulationCount()
    {
        int count = 0;
        for (int i = 0; i < _wordCount; i++)
            count += BitOperations.PopCount(_words[i]);
        return count;
    }
}
