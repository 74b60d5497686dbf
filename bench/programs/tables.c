/* Dynamic programming and tables: edit distance, knapsack, shortest paths, histogram, prefix sums. */
#include <stdio.h>
#include <string.h>

static int min(int a, int b) { return a < b ? a : b; }

static int distance(const char *a, int n, const char *b, int m)
{
    static int row[2001];
    for (int j = 0; j <= m; j++)
        row[j] = j;
    for (int i = 1; i <= n; i++) {
        int diagonal = row[0];
        row[0] = i;
        for (int j = 1; j <= m; j++) {
            int up = row[j];
            row[j] = min(min(row[j] + 1, row[j - 1] + 1), diagonal + (a[i - 1] != b[j - 1]));
            diagonal = up;
        }
    }
    return row[m];
}

static int graph[160][160];

static void shortest(int n)
{
    for (int k = 0; k < n; k++)
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++)
                if (graph[i][k] + graph[k][j] < graph[i][j])
                    graph[i][j] = graph[i][k] + graph[k][j];
}

static int knapsack(const int *weight, const int *value, int n, int room)
{
    static int best[10001];
    memset(best, 0, sizeof best);
    for (int i = 0; i < n; i++)
        for (int w = room; w >= weight[i]; w--) {
            int with = best[w - weight[i]] + value[i];
            if (with > best[w])
                best[w] = with;
        }
    return best[room];
}

int main(void)
{
    static char a[2000], b[2000];
    int weight[200], value[200];
    long sum = 0;
    unsigned seed = 5;
    for (int i = 0; i < 2000; i++) {
        seed = seed * 1103515245 + 12345;
        a[i] = (char)('a' + (seed >> 16) % 4);
        b[i] = (char)('a' + (seed >> 20) % 4);
    }
    for (int i = 0; i < 200; i++) {
        weight[i] = a[i] % 50 + i % 37 + 1;
        value[i] = b[i] + i % 11;
    }
    for (int round = 0; round < 8; round++)
        sum += distance(a, 2000 - round, b, 2000);
    for (int round = 0; round < 6; round++) {
        for (int i = 0; i < 160; i++)
            for (int j = 0; j < 160; j++)
                graph[i][j] = i == j ? 0 : (i * 71 + j * 37 + round) % 997 + 3;
        shortest(160);
        sum += graph[3][99];
    }
    for (int round = 0; round < 10; round++)
        sum += knapsack(weight, value, 200, 10000 - round);
    unsigned histogram[256] = { 0 };
    for (int round = 0; round < 3000; round++)
        for (int i = 0; i < 2000; i++)
            histogram[(unsigned char)a[i] + (unsigned char)b[(i + round) % 2000] & 255]++;
    for (int i = 0; i < 256; i++)
        sum += (long)histogram[i] * i;
    printf("%ld\n", sum);
    return 0;
}
