#define JOIN2(a, b) a##b
#define JOIN(a, b) JOIN2(a, b)
#define TEXT(x) #x
#define EACH(f, ...) __VA_OPT__(f(__VA_ARGS__))
#define MAX(a, b) ({ __typeof__(a) _a = (a); __typeof__(b) _b = (b); _a > _b ? _a : _b; })

#if defined(__GNUC__) && (__GNUC__ > 3 || !0) /* comment */
#define HAVE 1
#else
#error none
#endif

extern int printf(const char *, ...);

static int JOIN(func, __LINE__)(int n) { return n < 2 ? 1 : n * 2; }

__attribute__((noinline)) static long asm_add(long a, long b)
{
    __asm__ volatile("addq %1, %0" : "+r"(a) : "r"(b) : "cc");
    return a;
}

static unsigned char table[256] = { 1, 2, 3, [100 ... 110] = 7, [255] = '\xff' };
_Static_assert(sizeof table == 256, "table");

int main(void)
{
    unsigned sum = 0;
    for (unsigned i = 0; i < sizeof table; i++)
        sum = sum * 31 + table[i];
    void *labels[] = { &&first, &&second };
    goto *labels[sum & 1];
first:
    printf("%s\n", TEXT(a "quoted\n" 'x'));
second:
    printf("%ld %d %u\n", asm_add(40, 2), MAX(3, 4), sum);
    return _Generic(sum, unsigned: 0, default: 1);
}
