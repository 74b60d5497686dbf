#error "<varargs.h> is not supported; use <stdarg.h>"
