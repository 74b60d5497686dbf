/* Allocation: binary trees built and dropped. */
#include <stdio.h>
#include <stdlib.h>

struct tree { struct tree *left, *right; };

static struct tree *build(int depth)
{
    struct tree *t = malloc(sizeof *t);
    t->left = depth > 0 ? build(depth - 1) : NULL;
    t->right = depth > 0 ? build(depth - 1) : NULL;
    return t;
}

static int check(const struct tree *t)
{
    return t ? 1 + check(t->left) + check(t->right) : 0;
}

static void drop(struct tree *t)
{
    if (t) {
        drop(t->left);
        drop(t->right);
        free(t);
    }
}

int main(void)
{
    int total = 0;
    for (int i = 0; i < 700; i++) {
        struct tree *t = build(13);
        total += check(t);
        drop(t);
    }
    printf("%d\n", total);
    return 0;
}
