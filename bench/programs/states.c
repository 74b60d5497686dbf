/* A tokenizer as a state machine of switches, over generated source text; counts what it finds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum state { START, NAME, NUMBER, HEX, STRING, ESCAPE, SLASH, LINE, BLOCK, STAR, OPERATOR };
struct counts { long names, numbers, strings, comments, operators, lines; unsigned hash; };

static void scan(const char *text, size_t length, struct counts *counts)
{
    enum state state = START;
    const char *end = text + length;
    while (text < end) {
        unsigned char c = (unsigned char)*text++;
        if (c == '\n')
            counts->lines++;
        switch (state) {
        case START:
        restart:
            switch (c) {
            case ' ': case '\t': case '\n': state = START; break;
            case '"': state = STRING; break;
            case '/': state = SLASH; break;
            case '0': state = HEX; break;
            case '1': case '2': case '3': case '4': case '5': case '6': case '7': case '8': case '9': state = NUMBER; break;
            case '+': case '-': case '*': case '=': case '<': case '>': case '&': case '|': state = OPERATOR; break;
            case '(': case ')': case '{': case '}': case ';': case ',': counts->operators++; state = START; break;
            default: counts->hash = c; state = NAME; break;
            }
            break;
        case NAME:
            if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_') {
                counts->hash = counts->hash * 33 ^ c;
                break;
            }
            counts->names += counts->hash % 7 + 1;
            goto restart;
        case NUMBER:
            if (c >= '0' && c <= '9')
                break;
            counts->numbers++;
            goto restart;
        case HEX:
            if (c == 'x' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))
                break;
            counts->numbers++;
            goto restart;
        case STRING:
            if (c == '\\')
                state = ESCAPE;
            else if (c == '"') {
                counts->strings++;
                state = START;
            }
            break;
        case ESCAPE: state = STRING; break;
        case SLASH:
            if (c == '/')
                state = LINE;
            else if (c == '*')
                state = BLOCK;
            else {
                counts->operators++;
                goto restart;
            }
            break;
        case LINE:
            if (c == '\n') {
                counts->comments++;
                state = START;
            }
            break;
        case BLOCK:
            if (c == '*')
                state = STAR;
            break;
        case STAR:
            if (c == '/') {
                counts->comments++;
                state = START;
            } else if (c != '*')
                state = BLOCK;
            break;
        case OPERATOR:
            counts->operators++;
            if (c == '=' || c == '&' || c == '|' || c == '+' || c == '-') {
                state = START;
                break;
            }
            goto restart;
        }
    }
}

int main(void)
{
    static const char *const pieces[] = { "int main(void)\n", "{ return 0x1f + count_9; }\n", "/* a * comment */ ", "// to the end\n",
        "x += y * 37 - z; ", "\"text \\\" more\" ", "for (i = 0; i < 100; i++) ", "if (a && b || c) " , "call(name, 123456, other_name);\n" };
    size_t room = 4 << 20, length = 0;
    char *text = malloc(room);
    unsigned seed = 9;
    while (length < room - 64) {
        seed = seed * 1103515245 + 12345;
        const char *piece = pieces[(seed >> 16) % 9];
        size_t n = strlen(piece);
        memcpy(text + length, piece, n);
        length += n;
    }
    struct counts counts = { 0 };
    for (int round = 0; round < 16; round++)
        scan(text, length, &counts);
    printf("%ld %ld %ld %ld %ld %ld\n", counts.names, counts.numbers, counts.strings, counts.comments, counts.operators, counts.lines);
    return 0;
}
