/* Sorting: quicksort and heapsort by hand, and the library's qsort with a callback. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void quick(int *a, int low, int high)
{
    while (low < high) {
        int pivot = a[low + (high - low) / 2], i = low, j = high;
        while (i <= j) {
            while (a[i] < pivot)
                i++;
            while (a[j] > pivot)
                j--;
            if (i <= j) {
                int t = a[i];
                a[i++] = a[j];
                a[j--] = t;
            }
        }
        if (j - low < high - i) {
            quick(a, low, j);
            low = i;
        } else {
            quick(a, i, high);
            high = j;
        }
    }
}

static void sift(int *a, int root, int count)
{
    for (int child; (child = 2 * root + 1) < count; root = child) {
        if (child + 1 < count && a[child] < a[child + 1])
            child++;
        if (a[root] >= a[child])
            return;
        int t = a[root];
        a[root] = a[child];
        a[child] = t;
    }
}

static void heap(int *a, int count)
{
    for (int i = count / 2 - 1; i >= 0; i--)
        sift(a, i, count);
    for (int i = count - 1; i > 0; i--) {
        int t = a[0];
        a[0] = a[i];
        a[i] = t;
        sift(a, 0, i);
    }
}

static int compare(const void *left, const void *right)
{
    int a = *(const int *)left, b = *(const int *)right;
    return (a > b) - (a < b);
}

int main(void)
{
    enum { N = 1000000 };
    int *source = malloc(N * sizeof *source), *copy = malloc(N * sizeof *copy);
    unsigned state = 1, sum = 0;
    for (int i = 0; i < N; i++)
        source[i] = (int)((state = state * 1664525 + 1013904223) >> 4);
    for (int round = 0; round < 3; round++) {
        memcpy(copy, source, N * sizeof *copy);
        quick(copy, 0, N - 1);
        sum = sum * 31 + (unsigned)copy[N / 3];
        memcpy(copy, source, N * sizeof *copy);
        heap(copy, N);
        sum = sum * 31 + (unsigned)copy[N / 2];
        memcpy(copy, source, N * sizeof *copy);
        qsort(copy, N, sizeof *copy, compare);
        sum = sum * 31 + (unsigned)copy[N / 5];
    }
    printf("%u\n", sum);
    return 0;
}
