// A real operand has no imaginary part: constants keep their zeros' signs as values known at run time do.
#include <stdio.h>

#define SHOW(x) do { _Complex double z = (x); printf("%g %g\n", __real__ z, __imag__ z); } while (0)

_Complex double fixed[] = { 0.0 - 0.0i, -0.0 - 0.0i, 0.0i - 0.0, 2.0 * -0.0i };

int main(void)
{
    volatile double r = -0.0;
    volatile _Complex double c = -0.0 - 0.0i;
    SHOW(0.0 + 0.0i); SHOW(0.0 - 0.0i); SHOW(-0.0 - 0.0i); SHOW(0.0i - 0.0);
    SHOW(r + c); SHOW(r - c); SHOW(c - r); SHOW(r * c); SHOW(c / 2.0); SHOW(-c); SHOW(~c); SHOW(c * -1.0);
    for (int i = 0; i < 4; i++)
        SHOW(fixed[i]);
}
