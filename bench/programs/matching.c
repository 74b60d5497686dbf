/* Pattern matching: a small regular expression matcher with backtracking, and Knuth-Morris-Pratt. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int match_here(const char *pattern, const char *text);

static int match_one(const char **pattern, char c)
{
    const char *p = *pattern;
    if (*p == '[') {
        int found = 0;
        for (p++; *p != ']'; p++) {
            if (p[1] == '-') {
                found |= c >= p[0] && c <= p[2];
                p += 2;
            } else {
                found |= c == *p;
            }
        }
        *pattern = p + 1;
        return found && c;
    }
    *pattern = p + 1;
    return c && (*p == '.' || *p == c);
}

static int match_star(const char *element, const char *rest, const char *text)
{
    const char *end = text;
    for (;;) {
        const char *p = element;
        if (!match_one(&p, *end))
            break;
        end++;
    }
    for (; end >= text; end--)
        if (match_here(rest, end))
            return 1;
    return 0;
}

static int match_here(const char *pattern, const char *text)
{
    for (;;) {
        if (!*pattern)
            return 1;
        if (pattern[0] == '$' && !pattern[1])
            return !*text;
        const char *after = pattern;
        int ok = match_one(&after, *text);
        if (*after == '*')
            return match_star(pattern, after + 1, text);
        if (!ok)
            return 0;
        pattern = after;
        text++;
    }
}

static int search(const char *pattern, const char *text)
{
    if (*pattern == '^')
        return match_here(pattern + 1, text);
    do
        if (match_here(pattern, text))
            return 1;
    while (*text++);
    return 0;
}

static int occurrences(const char *needle, const char *text)
{
    int fail[64], n = (int)strlen(needle), count = 0;
    fail[0] = 0;
    for (int i = 1, k = 0; i < n; i++) {
        while (k && needle[i] != needle[k])
            k = fail[k - 1];
        if (needle[i] == needle[k])
            k++;
        fail[i] = k;
    }
    for (int k = 0; *text; text++) {
        while (k && *text != needle[k])
            k = fail[k - 1];
        if (*text == needle[k])
            k++;
        if (k == n) {
            count++;
            k = fail[k - 1];
        }
    }
    return count;
}

int main(void)
{
    enum { LINES = 4000 };
    static const char *const patterns[] = { "[a-c]*x[0-9]*y", "^ab.*z$", "q[a-z]*q", "a.c.e", "[0-9][0-9]*[a-f]$", "zz*y" };
    char *lines[LINES], *all = malloc(LINES * 64 + 1), *end = all;
    unsigned seed = 3;
    for (int i = 0; i < LINES; i++) {
        lines[i] = malloc(64);
        for (int j = 0; j < 60; j++) {
            seed = seed * 1103515245 + 12345;
            lines[i][j] = "abcabcdefxyz0123zqab"[(seed >> 16) % 20];
        }
        lines[i][60] = 0;
        memcpy(end, lines[i], 60);
        end += 60;
    }
    *end = 0;
    int found = 0;
    for (int round = 0; round < 12; round++)
        for (int i = 0; i < LINES; i++)
            for (size_t p = 0; p < sizeof patterns / sizeof *patterns; p++)
                found += search(patterns[p], lines[i]);
    for (int round = 0; round < 60; round++)
        found += occurrences(round & 1 ? "abcab" : "zzabc", all);
    printf("%d\n", found);
    return 0;
}
