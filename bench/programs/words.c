/* Strings: splitting, comparing and counting words. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct word { struct word *next; unsigned count; char text[]; };
static struct word *table[4096];

static unsigned hash(const char *text)
{
    unsigned h = 5381;
    while (*text)
        h = h * 33 ^ (unsigned char)*text++;
    return h % 4096;
}

static void note(const char *text)
{
    struct word **slot = &table[hash(text)];
    for (struct word *w = *slot; w; w = w->next) {
        if (strcmp(w->text, text) == 0) {
            w->count++;
            return;
        }
    }
    struct word *made = malloc(sizeof *made + strlen(text) + 1);
    made->next = *slot;
    made->count = 1;
    strcpy(made->text, text);
    *slot = made;
}

int main(void)
{
    enum { SIZE = 1 << 20 };
    char *text = malloc(SIZE + 1), word[64];
    unsigned state = 12345, distinct = 0, most = 0;
    for (int i = 0; i < SIZE; i++) {
        state = state * 1103515245 + 12345;
        unsigned r = state >> 16;
        text[i] = r % 5 == 0 ? ' ' : (char)((r & 64 ? 'A' : 'a') + r / 7 % 12);
    }
    text[SIZE] = 0;
    for (int round = 0; round < 8; round++) {
        int length = 0;
        for (const char *p = text; *p; p++) {
            if (isalpha((unsigned char)*p) && length < 63) {
                word[length++] = (char)tolower((unsigned char)*p);
            } else if (length) {
                word[length] = 0;
                note(word);
                length = 0;
            }
        }
    }
    for (int i = 0; i < 4096; i++)
        for (struct word *w = table[i]; w; w = w->next) {
            distinct++;
            if (w->count > most)
                most = w->count;
        }
    printf("%u %u\n", distinct, most);
    return 0;
}
