/* Boolean type and values (C17 7.18; C23 7.19). */
#ifndef _STDBOOL_H
#define _STDBOOL_H
#define bool _Bool
#if __STDC_VERSION__ < 202000L
#define true 1
#define false 0
#else
#define true ((_Bool)+1u)
#define false ((_Bool)+0u)
#endif
#define __bool_true_false_are_defined 1
#endif
