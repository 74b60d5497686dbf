int collatz(unsigned long n)
{
    int steps = 0;
    while (n != 1) {
        n = n & 1 ? 3 * n + 1 : n / 2;
        steps++;
    }
    return steps;
}
const char *name(int c)
{
    switch (c) {
    case 1: case 2: return "low";
    case 10 ... 20: return "middle";
    default: return 0;
    }
}
