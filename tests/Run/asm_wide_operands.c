// 128-bit operands of asm: in a pair of registers (A, r), in a vector register, in memory.
#include <stdio.h>
typedef unsigned __int128 u128;
static u128 mul(unsigned long a, unsigned long b){ u128 r; asm("mulq %2" : "=A"(r) : "0"((u128)a), "r"(b) : "cc"); return r; }
static u128 add(u128 a, u128 b){ unsigned long lo=b, hi=b>>64; asm("addq %1, %%rax\n\tadcq %2, %%rdx" : "+A"(a) : "r"(lo), "r"(hi) : "cc"); return a;}
static u128 opaque(u128 a){ asm("" : "+r"(a)); return a;}
static u128 vec(u128 a){ asm("paddq %0, %0" : "+x"(a)); return a;}
static u128 mem(u128 a){ asm("addq $1, %0" : "+m"(a)); return a;}
static u128 rm(u128 a){ asm("" : "+rm"(a)); return a;}
static unsigned long in(u128 a){ unsigned long r; asm("mov %%rdx, %0" : "=r"(r) : "A"(a)); return r;}
typedef float F4 __attribute__((vector_size(16)));
struct P { int a, b; };
int main(){
 u128 r = mul(0xffffffffffffffffUL, 0xfffffffffffffff0UL);
 printf("%lx %lx\n", (long)(r>>64), (long)r);
 r = add(r, ((u128)1<<64)|0x20); printf("%lx %lx\n", (long)(r>>64), (long)r);
 r = opaque(r); r = vec(r); printf("%lx %lx\n", (long)(r>>64), (long)r);
 r = mem(r); r=rm(r); printf("%lx %lx\n", (long)(r>>64), (long)r);
 printf("%lx\n", in(r));
 F4 v={1,2,3,4}; asm("addps %0,%0":"+x"(v)); printf("%g %g\n", v[0], v[3]);
 struct P p={1,2}; asm("incq %0":"+r"(p)); printf("%d %d\n",p.a,p.b);
}
