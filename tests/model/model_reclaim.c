/*
 * Threads that begin and end at once, and what is retired by threads that are
 * no readers.
 *
 * Goal    No epoch record belongs to two threads, and one that was put back is
 *         taken up again; nothing that is retired is lost or freed twice.
 * Method  every schedule up to the order of independent steps.
 * Limits  two threads.  Between runs threads 0 and 1 have a record each, and so
 *         has who judges; threads 2 and 3 never have one.
 *
 * The program is linked so that the library's aligned_alloc(), free() and
 * pthread_key_create() come here first.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "atomic.h"
#include "explore.h"
#include "reclaim.h"

enum { THREADS = 2, READERS = THREADS + 1, FROZEN_MOST = 500 };

/* What the library made for itself: first the domain, then the records of
 * readers number 1, 2, 3. */
static void *blocks[1 + READERS + FROZEN_MOST];
static int blocks_count;
static int blocks_most = 1 + READERS; /* more: one is kept by each frozen */
static bool out_of_memory;
static void (*put_back)(void *reader);

void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
int __real_pthread_key_create(pthread_key_t *key, void (*at_exit)(void *));
int __wrap_pthread_key_create(pthread_key_t *key, void (*at_exit)(void *));
void __real_free(void *block);
void __wrap_free(void *block);

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    if (out_of_memory || blocks_count == blocks_most) return NULL;
    return blocks[blocks_count++] = __real_aligned_alloc(alignment, size);
}

int __wrap_pthread_key_create(pthread_key_t *key, void (*at_exit)(void *))
{
    put_back = at_exit;
    return __real_pthread_key_create(key, at_exit);
}

/* --- who is who ---------------------------------------------------------- */

static moor_word owners[1 + READERS + FROZEN_MOST];

static void begin(void)
{
    if (!reclaim_ready()) model_fail("no record was left");
}

/* As when a thread ends and the next one begins. */
static void end_and_begin(void)
{
    moor_word *owner;

    put_back(blocks[reclaim_number()]);
    begin();
    owner = &owners[reclaim_number()];
    if (moor_exchange_seq_cst(owner, 1) != 0) {
        model_fail("record %u belongs to two", reclaim_number());
    }
    if (moor_exchange_seq_cst(owner, 0) != 1) model_fail("not any more");
}

static void nothing(void)
{
}

/* --- orphans ------------------------------------------------------------- */

static struct reclaim_node *nodes[THREADS];
static int freed[THREADS];

void __wrap_free(void *block)
{
    for (int i = 0; i < THREADS; i++)
        freed[i] += block != NULL && block == nodes[i];
    __real_free(block);
}

static void no_memory(void)
{
    for (int i = 0; i < THREADS; i++) {
        nodes[i] = malloc(sizeof *nodes[i]);
        freed[i] = 0;
    }
    out_of_memory = true;
}

static void retire(void)
{
    reclaim_retire(nodes[model_self() - THREADS]);
}

/* The next that is a reader takes over what was left; then the epoch moves. */
static void judge_orphans(void)
{
    enum { PLENTY = 400, OTHER_SIZE = 256 }; /* so at other addresses */

    out_of_memory = false;
    for (int i = 0; i < PLENTY; i++)
        reclaim_retire(malloc(OTHER_SIZE));
    for (int i = 0; i < THREADS; i++) {
        if (freed[i] != 1) model_fail("%d was freed %d times", i, freed[i]);
        nodes[i] = NULL;
    }
}

/* clang-format off */
static const struct model_case cases[] = {
    {"no_readers", no_memory, {nothing, nothing, retire, retire}, 4,
     judge_orphans, 0},
    {"end_and_begin", NULL, {end_and_begin, end_and_begin}, 2, NULL, 0},
};
/* clang-format on */

/* Once a process: who has a record between runs gets it. */
static void warm_up(void)
{
    static const struct model_case both = {
        .name = "begin", .threads = {begin, begin}, .threads_count = THREADS};
    static const struct model_options once = {.mode = MODEL_RANDOM,
                                              .random_count = 1};
    struct model_result result;

    begin(); /* first, so that one domain is made */
    (void)model_run(&both, &once, &result);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--park") == 0) blocks_most += FROZEN_MOST;
    warm_up();
    return model_main(cases, (int)(sizeof(cases) / sizeof *(cases)), argc,
                      argv);
}
