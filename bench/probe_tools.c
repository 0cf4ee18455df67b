#include "probe.h"

#include <malloc.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void probe_must(bool fine, const char *what)
{
    if (fine) return;
    fprintf(stderr, "bench: %s\n", what);
    exit(1);
}

void probe_name(char name[PROBE_NAME + 1], char letter, uint32_t number)
{
    name[0] = letter;
    for (int i = PROBE_NAME - 1; i > 0; i--, number >>= 4) {
        name[i] = "0123456789abcdef"[number & 15];
    }
    name[PROBE_NAME] = '\0';
}

void probe_path(char path[PROBE_PATH + 1], char letter, uint32_t number)
{
    memcpy(path, "/root/", 6);
    probe_name(path + 6, letter, number);
}

moor_id probe_id(uint64_t number)
{
    struct random random = { number };
    uint64_t high = random_next(&random);
    moor_id id;

    memcpy(id.bytes, &high, 8);
    memcpy(id.bytes + 8, &number, 8);
    return id;
}

moor_registry *probe_registry(uint32_t running)
{
    moor_registry *registry = NULL;
    moor_config config;

    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = running;
    probe_must(moor_create(&config, &registry) == MOOR_OK, "no registry");
    return registry;
}

struct probe_crowd probe_crowd_open(uint32_t count, uint32_t room)
{
    struct probe_crowd crowd = {
        .registry = probe_registry(count + room),
        .agents = malloc(count * sizeof *crowd.agents),
        .count = count,
    };
    char name[PROBE_NAME + 1];

    probe_must(crowd.agents != NULL, "no memory for a crowd");
    for (uint32_t i = 0; i < count; i++) {
        const moor_id id = probe_id(i);
        const moor_spawn_options options = { .name = name, .id = &id };

        probe_name(name, 'r', i);
        probe_must(moor_spawn(crowd.registry, &options, &crowd.agents[i],
                              NULL) == MOOR_OK &&
                       moor_start(crowd.registry, crowd.agents[i]) == MOOR_OK,
                   "an agent of a crowd did not start");
    }
    return crowd;
}

void probe_crowd_close(struct probe_crowd *crowd)
{
    moor_destroy(crowd->registry);
    free(crowd->agents);
}

/* Pages of this process: `resident`, and private ones that can be written. */
static void read_pages(double *resident, double *data)
{
    unsigned long all, in_memory = 0, shared, text, library, written = 0;
    FILE *from = fopen("/proc/self/statm", "r");

    probe_must(from != NULL && fscanf(from, "%lu %lu %lu %lu %lu %lu", &all,
                                      &in_memory, &shared, &text, &library,
                                      &written) == 6,
               "/proc/self/statm cannot be read");
    fclose(from);
    *resident = (double)in_memory;
    *data = (double)written;
}

struct probe_bytes probe_bytes(void)
{
    const double page = (double)sysconf(_SC_PAGESIZE);
    double resident, data;

    malloc_trim(0);
    read_pages(&resident, &data);
    const struct mallinfo2 heap = mallinfo2();
    return (struct probe_bytes){
        .heap = (double)(heap.uordblks + heap.hblkhd),
        .outside = data * page - (double)(heap.arena + heap.hblkhd),
        .resident = resident * page,
    };
}

unsigned probe_processors(void)
{
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    return (unsigned)CPU_COUNT(&set);
}

static void pin(int processor)
{
    cpu_set_t all, one;

    if (sched_getaffinity(0, sizeof all, &all) != 0) return;
    CPU_ZERO(&one);
    for (int i = 0; i < CPU_SETSIZE; i++) {
        if (CPU_ISSET(i, &all) && processor-- == 0) CPU_SET(i, &one);
    }
    pthread_setaffinity_np(pthread_self(), sizeof one, &one);
}

static void *thread_main(void *argument)
{
    const struct probe_thread *thread = argument;

    if (thread->processor >= 0) pin(thread->processor);
    thread->body(thread->argument);
    return NULL;
}

void probe_start(struct probe_thread *thread, int processor,
                 void (*body)(void *argument), void *argument)
{
    thread->processor = processor;
    thread->body = body;
    thread->argument = argument;
    probe_must(pthread_create(&thread->thread, NULL, thread_main, thread) == 0,
               "no thread");
}

void probe_join(struct probe_thread *thread)
{
    pthread_join(thread->thread, NULL);
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

double probe_share(double *values, unsigned count, double share)
{
    qsort(values, count, sizeof *values, compare);
    return values[(unsigned)(share * (count - 1))];
}

double probe_ratio(const double *a, const double *b, unsigned rounds)
{
    double ratios[ROUNDS_MAX];

    for (unsigned i = 0; i < rounds; i++) ratios[i] = a[i] / b[i];
    return median(ratios, rounds);
}
