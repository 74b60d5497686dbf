/* Compression: LZ77 with hash chains, and back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE = 1 << 20, WINDOW = 1 << 15, HASHES = 1 << 14 };
static unsigned char input[SIZE], packed[SIZE * 2], output[SIZE];
static int head[HASHES], previous[SIZE];

static unsigned hash(const unsigned char *p)
{
    return (p[0] << 10 ^ p[1] << 5 ^ p[2]) % HASHES;
}

static int pack(void)
{
    int out = 0;
    memset(head, -1, sizeof head);
    for (int at = 0; at < SIZE;) {
        int best = 0, distance = 0;
        if (at + 3 < SIZE) {
            int tries = 24;
            for (int from = head[hash(input + at)]; from >= 0 && at - from < WINDOW && tries--; from = previous[from]) {
                int length = 0;
                while (length < 255 && at + length < SIZE && input[from + length] == input[at + length])
                    length++;
                if (length > best) {
                    best = length;
                    distance = at - from;
                }
            }
        }
        int step = best >= 4 ? best : 1;
        if (best >= 4) {
            packed[out++] = 1;
            packed[out++] = (unsigned char)best;
            packed[out++] = (unsigned char)distance;
            packed[out++] = (unsigned char)(distance >> 8);
        } else {
            packed[out++] = 0;
            packed[out++] = input[at];
        }
        for (; step > 0; step--, at++) {
            if (at + 3 < SIZE) {
                unsigned h = hash(input + at);
                previous[at] = head[h];
                head[h] = at;
            }
        }
    }
    return out;
}

static void unpack(int size)
{
    int to = 0;
    for (int at = 0; at < size;) {
        if (packed[at]) {
            int length = packed[at + 1], distance = packed[at + 2] | packed[at + 3] << 8;
            for (int i = 0; i < length; i++, to++)
                output[to] = output[to - distance];
            at += 4;
        } else {
            output[to++] = packed[at + 1];
            at += 2;
        }
    }
}

int main(void)
{
    unsigned state = 7;
    for (int i = 0; i < SIZE; i++) {
        state = state * 1103515245 + 12345;
        input[i] = i > 1000 && state >> 28 ? input[i - 1 - (state >> 20 & 511)] : (unsigned char)(state >> 16 & 63);
    }
    int size = 0;
    for (int round = 0; round < 5; round++) {
        size = pack();
        unpack(size);
    }
    printf("%d %d\n", size, memcmp(input, output, SIZE));
    return 0;
}
