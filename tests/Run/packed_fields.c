/* Bit-fields under #pragma pack cross the boundaries of their types; those of no width align as ever. Layouts as gcc's. */
#include <stdio.h>
#include <string.h>

#pragma pack(push, 1)
struct a { unsigned x : 12; unsigned char y : 7; unsigned long long z : 28, w : 3; };
struct b { unsigned long long x : 16; unsigned char y; unsigned z : 22; int : 0; };
#pragma pack(pop)
#pragma pack(push, 16)
struct c { unsigned char x : 5; unsigned y : 30; };
#pragma pack(pop)
struct d { unsigned char x : 5; unsigned y : 30; };

#define SHOW(type, field) do { struct type v; unsigned char bytes[sizeof v]; memset(&v, 0, sizeof v); v.field = -1; memcpy(bytes, &v, sizeof v); \
    printf("%s.%s", #type, #field); for (unsigned i = 0; i < sizeof v; i++) printf(" %02x", bytes[i]); puts(""); } while (0)

int main(void)
{
    SHOW(a, x); SHOW(a, y); SHOW(a, z); SHOW(a, w);
    SHOW(b, x); SHOW(b, y); SHOW(b, z);
    SHOW(c, x); SHOW(c, y); SHOW(d, y);
}
