/* Operators && and || of operands whose values are known though they have effects. */
#include <stdio.h>
static int f(void) { return 3; }
int main(void){
 int x=1;
 printf("%d", (x , 0) || 5);
 printf("%d", (f() , 0) || 5);
 printf("%d", 0 || 5);
 printf("%d", !1 || 5);
 printf("%d", (f(), 0) || f());
 printf("%d", (f(), 1) && 5);
 printf("%d", (f(), 1) && 0);
 printf("%d", (f(), 1) || 0);
 printf("%d", x || 5);
 printf("%d", x && 5);
 printf("%d\n", (x , 0) ? 7 : 5);
 return 0;}
