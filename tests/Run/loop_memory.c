/* Places in memory that loops read and write, which optimization keeps in registers: what is there after the loop, by every way out. */
#include <stdio.h>
#include <stdlib.h>

#define CHECK(condition) do { if (!(condition)) { printf("line %d: %s\n", __LINE__, #condition); exit(1); } } while (0)
#define NOINLINE __attribute__((noinline))

struct Counter { int count; long sum; };

static const char *cursor;
static int total, calls;
static int limit = 100;                 /* never written */
static const int fixed = 7;             /* in read-only memory */
static int table[8];

NOINLINE static void always(struct Counter *c, int n)
{
    for (int i = 0; i < n; i++) {
        c->count++;
        c->sum += i;
    }
}

NOINLINE static void skip(void)
{
    while (*cursor == ' ' || *cursor == '\t')
        cursor++;
}

NOINLINE static int several_exits(const int *a, int n)
{
    for (int i = 0; i < n; i++) {
        if (a[i] < 0) {
            total += a[i];
            if (total < -limit)
                return i;
        }
        if (a[i] == 99)
            break;
        total++;
    }
    return -1;
}

/* Must not write where the source does not: the place may be read-only. */
NOINLINE static int never_writes(int *place, const int *a, int n)
{
    int sum = 0;
    for (int i = 0; i < n; i++) {
        sum += *place;
        if (a[i] == 12345)
            *place = i;
    }
    return sum;
}

/* Must not read where the source does not: the pointer is null when the loop does not run. */
NOINLINE static void not_entered(struct Counter *c, int n)
{
    while (n-- > 0)
        c->count += n;
}

NOINLINE static void same_object(struct Counter *c, int *inside, int n)
{
    for (int i = 0; i < n; i++) {
        c->count += 2;
        *inside += 1;
    }
}

NOINLINE static void part(struct Counter *c, int n)
{
    for (int i = 0; i < n; i++) {
        c->sum += 0x101;
        ((unsigned char *)&c->sum)[0] ^= 1;
    }
}

NOINLINE static void count_call(void) { calls += total; }

NOINLINE static void with_call(int n)
{
    for (int i = 0; i < n; i++) {
        total++;
        count_call();
    }
}

NOINLINE static void nested(struct Counter *c, int n)
{
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < i; k++) {
            c->sum += k;
            if (c->sum == 10)
                goto out;
        }
        c->count = i;
    }
out:
    c->sum *= 2;
}

NOINLINE static void by_index(int n)
{
    for (int i = 0; i < n; i++) {
        table[i & 7] += i;
        table[3]++;
    }
}

NOINLINE static int by_switch(const char *s)
{
    for (;; s++) {
        switch (*s) {
        case 0: return total;
        case 'a': total += 1; break;
        case 'b': total += 10; break;
        case 'c': total -= 3; continue;
        case 'd': return -total;
        default: break;
        }
        total += 100;
    }
}

NOINLINE static int least(const float *a, int n, float *value)
{
    float best = 1e30f;
    int at = -1;
    for (int i = 0; i < n; i++) {
        if (a[i] < best) {
            best = a[i];
            at = i;
        }
    }
    *value = best;
    return at;
}

NOINLINE static double squares(const double *p, double (*q)[4])
{
    double s = 0;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 4; j++) {
            double d = p[j] - q[i][j];
            s += d * d * (i ? 1 : 2);
        }
    return s;
}

NOINLINE static int copied(int *to, const int *from, int n)
{
    int *start = to;
    while (n-- && (*to++ = *from++) != 0)
        ;
    return (int)(to - start);
}

int main(void)
{
    struct Counter c = { 1, 2 };
    always(&c, 5);
    CHECK(c.count == 6 && c.sum == 12);
    always(&c, 0);
    CHECK(c.count == 6 && c.sum == 12);

    cursor = " \t  x ";
    skip();
    CHECK(*cursor == 'x');
    skip();
    CHECK(*cursor == 'x');

    int a[] = { 1, 2, -3, 4, -500, 6 }, b[] = { 5, 99, -1 };
    CHECK(several_exits(a, 6) == 4 && total == -499);
    total = 0;
    CHECK(several_exits(b, 3) == -1 && total == 1);
    CHECK(several_exits(a, 3) == -1 && total == 1);
    CHECK(never_writes((int *)&fixed, a, 6) == 42);
    int place = 1, c2[] = { 0, 12345, 0 };
    CHECK(never_writes(&place, c2, 3) == 3 && place == 1);

    not_entered(NULL, 0);
    not_entered(&c, 3);
    CHECK(c.count == 9);
    same_object(&c, &c.count, 3);
    CHECK(c.count == 18);
    c.sum = 0;
    part(&c, 3);
    CHECK(c.sum == 0x300);

    total = 0;
    with_call(4);
    CHECK(total == 4 && calls == 10);
    c.sum = c.count = 0;
    nested(&c, 4);
    CHECK(c.sum == 8 && c.count == 3);
    c.sum = 6;
    nested(&c, 4);
    CHECK(c.sum == 20 && c.count == 2);
    by_index(16);
    CHECK(table[0] == 8 && table[3] == 3 + 11 + 16 && table[7] == 22);
    total = 0;
    CHECK(by_switch("abcx") == 308 && by_switch("d") == -308);

    float f[] = { 3, 1, 2, 1, -0.0f, 0.0f }, value;
    CHECK(least(f, 4, &value) == 1 && value == 1);
    CHECK(least(f, 6, &value) == 4 && value == 0);
    CHECK(least(f, 0, &value) == -1 && value == 1e30f);
    double p[4] = { 1, 2, 3, 4 }, q[3][4] = { { 0, 0, 0, 0 }, { 1, 2, 3, 4 }, { 2, 2, 2, 2 } };
    CHECK(squares(p, q) == 60 + 6);
    int to[4], from[] = { 5, 6, 0, 7 };
    CHECK(copied(to, from, 4) == 3 && to[1] == 6 && copied(to, from, 2) == 2);
    puts("ok");
    return 0;
}
