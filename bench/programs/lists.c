/* Linked structures: merge sort of a singly linked list, and a doubly linked queue with removal in the middle. */
#include <stdio.h>
#include <stdlib.h>

struct node { struct node *next, *previous; int key; };

static struct node *merge(struct node *a, struct node *b)
{
    struct node head = { 0 }, *tail = &head;
    while (a && b) {
        if (a->key <= b->key) {
            tail->next = a;
            a = a->next;
        } else {
            tail->next = b;
            b = b->next;
        }
        tail = tail->next;
    }
    tail->next = a ? a : b;
    return head.next;
}

static struct node *sort(struct node *list)
{
    if (!list || !list->next)
        return list;
    struct node *slow = list, *fast = list->next;
    while (fast && fast->next) {
        slow = slow->next;
        fast = fast->next->next;
    }
    struct node *second = slow->next;
    slow->next = NULL;
    return merge(sort(list), sort(second));
}

int main(void)
{
    enum { COUNT = 60000 };
    static struct node nodes[COUNT];
    unsigned long sum = 0;
    unsigned seed = 1;
    for (int round = 0; round < 15; round++) {
        for (int i = 0; i < COUNT; i++) {
            seed = seed * 1664525 + 1013904223;
            nodes[i].key = (int)(seed >> 8);
            nodes[i].next = i + 1 < COUNT ? &nodes[i + 1] : NULL;
        }
        struct node *list = sort(nodes);
        struct node *before = NULL;
        for (struct node *n = list; n; n = n->next) {
            n->previous = before;
            before = n;
        }
        for (struct node *n = list; n; n = n->next)
            if (n->key & 1 && n->previous && n->next) {
                n->previous->next = n->next;
                n->next->previous = n->previous;
            }
        for (struct node *n = list; n; n = n->next)
            sum = sum * 31 + (unsigned)n->key;
    }
    printf("%lu\n", sum);
    return 0;
}
