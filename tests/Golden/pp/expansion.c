/* options: -P */
#define EMPTY
#define F(x) x EMPTY(2)
#define G(x, ...) [x|__VA_ARGS__|__VA_OPT__(and) more]
#define STR(x) #x
#define XSTR(x) STR(x)
#define GLUE(a, b) a ## b
#define SELF SELF + 1
F(F)(3);
G(1); G(1, 2, 3); G(,);
XSTR(GLUE(x, 1) "a\n" '\0'   spaced   out);
SELF;
GLUE(1e, -5) GLUE(., 5) GLUE(<, <=);
__LINE__ __COUNTER__ __COUNTER__
