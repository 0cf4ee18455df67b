/*
 * The library's reclaim.c over ConcurrencyKit's epochs, both in steps.
 *
 * Goal    What is retired is not freed while a section that may see it is open,
 *         and is freed once; so, too, with threads that register meanwhile, end
 *         and leave their record to the next, or have no memory for one.
 * Method  reclaim.c with ck_epoch.c of the package that is installed, the
 *         atomic operations of both steps of the explorer: every schedule up
 *         to the order of independent steps, or the bound that a case names.
 *         Each retirement looks whether something can be freed
 *         (MOOR_TEST_SMALL).
 * Limits  sequential consistency.
 *
 * The source is part of this file, so that each run begins without a domain and
 * without records: its memory is a pool that is emptied.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "explore.h"

static void *pool_take(size_t alignment, size_t size);
static void pool_free(void *block);
static int key_create(pthread_key_t *key, void (*at_exit)(void *));
static int key_delete(pthread_key_t key);

#define aligned_alloc      pool_take
#define free               pool_free
#define pthread_key_create key_create
#define pthread_key_delete key_delete
#include "reclaim.c"
#undef aligned_alloc
#undef free

enum {
    PARTS =
        MODEL_THREADS_MAX + 1, /* of the pool: each thread's, and one more */
    BLOCKS = PARTS + 1,        /* of a part: records, and the domain */
    BLOCK_BYTES = 512,
    THINGS = 8,
    ENOUGH = 8, /* polls, when nobody reads: all is freed */
    LARGE = 3 | MODEL_IF_LARGE,
};

_Static_assert(sizeof(struct reader) <= BLOCK_BYTES, "a block is for a record");
_Static_assert(sizeof(struct domain) <= BLOCK_BYTES, "or for a domain");

static _Alignas(MOOR_LINE) char pool[PARTS][BLOCKS][BLOCK_BYTES];
static int taken[PARTS];
static bool no_memory;

struct thing {
    struct reclaim_node node; /* first */
    unsigned freed;
    bool retired;
};

static struct thing things[THINGS];
static moor_pointer shown;
static moor_word next_thing;

/* Each thread has its own: addresses do not depend on the schedule. */
static void *pool_take(size_t alignment, size_t size)
{
    int part = model_self() + 1;

    (void)alignment;
    (void)size;
    if (no_memory || taken[part] == BLOCKS) return NULL;
    return pool[part][taken[part]++];
}

static void pool_free(void *block)
{
    struct thing *thing = block;

    if (thing < things || thing >= things + THINGS) return; /* a domain */
    model_touch(&thing->freed, true);
    thing->freed++;
}

static int key_create(pthread_key_t *key, void (*at_exit)(void *))
{
    (void)at_exit;
    *key = 0;
    return 0;
}

static int key_delete(pthread_key_t key)
{
    (void)key;
    return 0;
}

/* --- the threads ---------------------------------------------------------- */

static void look_at(const struct thing *thing)
{
    model_touch(&thing->freed, false);
    if (thing->freed > 0) model_fail("freed under a reader's eyes");
}

static void section(void)
{
    reclaim_enter();
    look_at(moor_pointer_acquire(&shown));
    reclaim_leave();
}

static void read_once(void)
{
    if (reclaim_ready()) {
        section();
    } else if (!no_memory) {
        model_fail("no record was to be had");
    }
}

static void read_twice(void)
{
    read_once();
    read_once();
}

static void replace(void)
{
    struct thing *made = &things[moor_add_relaxed(&next_thing, 1)];
    struct thing *old = moor_pointer_exchange(&shown, made);

    old->retired = true;
    reclaim_retire(&old->node);
}

static void replace_twice(void)
{
    replace();
    replace();
}

static void replace_thrice(void)
{
    replace_twice();
    replace();
}

static void replace_and_read(void)
{
    replace();
    read_once();
}

static void end(void)
{
    if (OWN != NULL) give_back(OWN);
}

/* The next thread has the same number for the explorer, no other. */
static void read_and_end_and_read(void)
{
    read_once();
    end();
    read_once();
}

static void replace_and_end(void)
{
    replace_twice();
    end();
}

/* --- before and after ----------------------------------------------------- */

static void forget_all(void)
{
    memset(pool, 0, sizeof pool);
    memset(taken, 0, sizeof taken);
    memset(things, 0, sizeof things);
    memset(own_readers, 0, sizeof own_readers);
    domain.value = NULL;
    readers.value = NULL;
    orphans.value = NULL;
    no_memory = false;
    shown.value = &things[0];
    next_thing.value = 1;
}

/* As if the first so many threads had been there for a while. */
static void make_ready(int count)
{
    forget_all();
    for (int i = 1; i <= count; i++)
        own_readers[i] = make(find_domain());
}

static void all_ready(void)
{
    make_ready(MODEL_THREADS_MAX);
}

static void two_ready(void)
{
    make_ready(2);
}

/* One more was there, and has ended. */
static void one_ready_one_idle(void)
{
    make_ready(1);
    make(find_domain())->busy.value = 0;
}

/* The others will not be: there is no memory left. */
static void only_one_ready(void)
{
    make_ready(1);
    no_memory = true;
}

static void only_two_ready(void)
{
    make_ready(2);
    no_memory = true;
}

/* The judge retires one more, as whatever thread, and takes over what was left
 * by those without a record.  Then each record frees what it has. */
static void judge(void)
{
    struct thing *last = &things[THINGS - 1];

    no_memory = false;
    last->retired = true;
    reclaim_retire(&last->node);
    for (struct reader *reader = readers.value; reader != NULL;
         reader = reader->next) {
        for (int i = 0; i < ENOUGH; i++)
            ck_epoch_poll(&reader->record);
    }
    for (int i = 0; i < THINGS; i++) {
        if (things[i].freed != things[i].retired) {
            model_fail("thing %d was freed %u times", i, things[i].freed);
        }
    }
}

/* clang-format off */
static const struct model_case cases[] = {
    {"retire", all_ready, {replace_thrice, read_twice, read_once}, 3, judge,
     LARGE},
    {"retire_both", all_ready, {replace_thrice, replace_and_read}, 2, judge,
     LARGE},
    {"retire_two", all_ready, {replace_twice, replace_twice, read_twice}, 3,
     judge, LARGE},
    {"first_two", forget_all, {replace_twice, read_twice}, 2, judge, LARGE},
    {"first_three", forget_all, {replace_twice, read_once, read_once}, 3,
     judge, LARGE},
    {"end", forget_all, {replace_thrice, read_and_end_and_read}, 2, judge,
     LARGE},
    {"end_and_begin", two_ready, {replace_and_end, read_twice, replace_twice},
     3, judge, LARGE},
    {"two_begin", one_ready_one_idle, {replace_twice, read_once, read_once}, 3,
     judge, LARGE},
    {"orphans_two_takers", only_two_ready, {replace, replace, replace}, 3,
     judge, LARGE},
    {"orphans", only_one_ready, {read_twice, replace, replace}, 3, judge,
     LARGE},
    {"orphans_taken", only_one_ready, {replace_and_read, replace_twice}, 2,
     judge, LARGE},
};
/* clang-format on */

MODEL_MAIN(cases)
