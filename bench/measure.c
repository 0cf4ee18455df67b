#include "measure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double read_clock(clockid_t clock)
{
    struct timespec time;

    clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

double now(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

double now_cpu(void)
{
    return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

double ns_per_tick(void)
{
    static double found;

    if (found <= 0) {
        double begin = now(), end;
        uint64_t first = ticks();

        do end = now();
        while (end - begin < 0.02);
        found = (end - begin) * 1e9 / (double)(ticks() - first);
    }
    return found;
}

void histogram_merge(struct histogram *into, const struct histogram *from)
{
    for (unsigned i = 0; i < HISTOGRAM_CELLS; i++) {
        into->cells[i] += from->cells[i];
    }
    into->count += from->count;
    if (from->most > into->most) into->most = from->most;
}

/* The upper end of a cell. */
static uint64_t cell_end(unsigned cell)
{
    if (cell < 2 * HISTOGRAM_STEPS) return cell;
    unsigned shift = cell / HISTOGRAM_STEPS - 1;
    uint64_t within = cell % HISTOGRAM_STEPS + HISTOGRAM_STEPS;
    return ((within + 1) << shift) - 1;
}

uint64_t histogram_at(const struct histogram *histogram, double share)
{
    const double wanted = share * (double)histogram->count;
    uint64_t seen = 0;

    for (unsigned i = 0; i < HISTOGRAM_CELLS; i++) {
        seen += histogram->cells[i];
        if (seen > 0 && (double)seen >= wanted) {
            uint64_t end = cell_end(i);
            return end < histogram->most ? end : histogram->most;
        }
    }
    return histogram->most;
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

double median(const double *values, unsigned count)
{
    double sorted[ROUNDS_MAX];

    if (count == 0) return 0;
    memcpy(sorted, values, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare);
    return (sorted[count / 2] + sorted[(count - 1) / 2]) / 2;
}

double variation(const double *values, unsigned count)
{
    double sum = 0, squares = 0;

    if (count < 2) return 0;
    for (unsigned i = 0; i < count; i++) sum += values[i];
    double mean = sum / count;
    for (unsigned i = 0; i < count; i++) {
        squares += (values[i] - mean) * (values[i] - mean);
    }
    return mean > 0 ? sqrt(squares / (count - 1)) / mean : 0;
}
