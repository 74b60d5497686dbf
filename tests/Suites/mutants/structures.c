#include <stdio.h>
#include <string.h>

struct point { int x, y; };
enum color { RED, GREEN = 5, BLUE };
typedef struct node { struct node *next; union { int i; double d; char s[8]; } u; unsigned flag : 3, rest : 29; } node;

static node pool[16];
static const char *const names[] = { [RED] = "red", [GREEN] = "green", [BLUE] = "blue" };

static struct point add(struct point a, struct point b)
{
    return (struct point){ a.x + b.x, a.y + b.y };
}

static double sum(const double *values, int count)
{
    double total = 0;
    for (int i = 0; i < count; i++)
        total += values[i] * (i % 2 ? -1.5 : 2.25);
    return total;
}

int main(int argc, char **argv)
{
    node *list = 0;
    for (int i = 0; i < 16; i++) {
        pool[i].next = list;
        pool[i].u.i = i * i;
        pool[i].flag = i & 7;
        list = &pool[i];
    }
    int count = 0;
    while (list) {
        switch (list->flag) {
        case 0: case 1: count += 1; break;
        case 2 ... 4: count += 10; break;
        default: count += 100;
        }
        list = list->next;
    }
    struct point p = add((struct point){ argc, 2 }, (struct point){ .y = 3 });
    double values[] = { 1.0, 2.5, 3e2, 0x1p-3 };
    printf("%d %d %s %g %zu\n", count, p.x * p.y, names[GREEN], sum(values, 4), strlen(argv[0]) > 0);
    return count > 1000 ? 1 : 0;
}
