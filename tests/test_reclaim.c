/*
 * Reclamation: what is retired is freed, but not before every section that was
 * open at that time has ended; and what a thread leaves behind is not lost.
 *
 * The program is linked so that the library's free() and aligned_alloc() come
 * here first.
 */
#include <criterion/criterion.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "atomic.h"
#include "event.h"
#include "reclaim.h"

enum { FAR_MS = 10000, PLENTY = 400, LOOK = 32 };

struct thing {
    struct reclaim_node node;
    int body;
};

static moor_pointer watched; /* its free is counted */
static moor_word freed, freed_any, aligned;
static bool out_of_memory;
static _Thread_local void (*when_allocated)(void *block);

void __real_free(void *block);
void *__real_aligned_alloc(size_t alignment, size_t size);
void __wrap_free(void *block);
void *__wrap_aligned_alloc(size_t alignment, size_t size);

void __wrap_free(void *block)
{
    if (block != NULL && block == moor_pointer_acquire(&watched)) {
        (void)moor_add_acq_rel(&freed, 1);
    }
    (void)moor_add_acq_rel(&freed_any, 1);
    __real_free(block);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    void *block = out_of_memory ? NULL : __real_aligned_alloc(alignment, size);

    (void)moor_add_relaxed(&aligned, 1);
    if (when_allocated != NULL) when_allocated(block);
    return block;
}

static struct thing *thing(void)
{
    return (struct thing *)calloc(1, sizeof(struct thing));
}

static void retire_another(void)
{
    struct thing *another = thing();

    if (another != NULL) reclaim_retire(&another->node);
}

static void retire_watched(void)
{
    struct thing *it = thing();

    moor_pointer_release(&watched, it);
    reclaim_retire(&it->node);
}

/* Retires others until the watched one is freed; false: it never is. */
static bool freed_in_time(void)
{
    for (int i = 0; i < PLENTY && moor_load_acquire(&freed) == 0; i++) {
        retire_another();
    }
    return moor_load_acquire(&freed) == 1;
}

Test(reclaim, getting_ready_twice_is_getting_ready)
{
    uint64_t once;

    cr_assert(reclaim_ready());
    once = moor_load_relaxed(&aligned);
    cr_assert(reclaim_ready());
    cr_assert_eq(moor_load_relaxed(&aligned), once);
}

/* What failed once is tried again. */
Test(reclaim, the_first_thread_may_fail_to_get_ready)
{
    pthread_key_t key, last = 0;
    bool any = false;

    out_of_memory = true;
    cr_assert_not(reclaim_ready());
    out_of_memory = false;
    while (pthread_key_create(&key, NULL) == 0) {
        any = true;
        last = key;
    }
    cr_assert(any);
    cr_assert_not(reclaim_ready());
    cr_assert_eq(pthread_key_delete(last), 0);
    cr_assert(reclaim_ready());
    cr_assert_eq(reclaim_number(), 1);
    retire_watched();
    cr_assert(freed_in_time());
}

Test(reclaim, null_is_retired_without_harm)
{
    cr_assert(reclaim_ready());
    reclaim_retire(NULL);
}

Test(reclaim, what_nobody_reads_is_freed_soon_and_once)
{
    cr_assert(reclaim_ready());
    retire_watched();
    cr_assert(freed_in_time());
    moor_pointer_release(&watched, NULL); /* the address may come again */
    for (int i = 0; i < PLENTY; i++) {
        retire_another();
    }
    cr_assert_eq(moor_load_relaxed(&freed), 1);
}

Test(reclaim, own_sections_that_ended_hold_nothing)
{
    cr_assert(reclaim_ready());
    for (int i = 0; i < 10; i++) {
        reclaim_enter();
        reclaim_leave();
    }
    retire_watched();
    cr_assert(freed_in_time());
}

/* --- a reader in another thread ------------------------------------------- */

enum stage { BEFORE, INSIDE, ASKED_TO_LEAVE, OUTSIDE };

static struct event event;
static moor_word stage;

static void go_to(enum stage next)
{
    moor_store_release(&stage, next);
    event_signal(&event);
}

static bool wait_for(enum stage want)
{
    struct timespec far = event_deadline(FAR_MS);

    for (;;) {
        uint32_t value = event_value(&event);

        if (moor_load_acquire(&stage) >= (uint64_t)want) return true;
        if (!event_wait(&event, value, &far)) return false;
    }
}

static void *read_long(void *ok)
{
    if (!reclaim_ready()) return NULL;
    reclaim_enter();
    go_to(INSIDE);
    *(bool *)ok = wait_for(ASKED_TO_LEAVE);
    reclaim_leave();
    go_to(OUTSIDE);
    return NULL;
}

Test(reclaim, nothing_is_freed_before_the_section_has_ended)
{
    pthread_t reader;
    bool ok = false;

    event_init(&event);
    cr_assert(reclaim_ready());
    cr_assert_eq(pthread_create(&reader, NULL, read_long, &ok), 0);
    cr_assert(wait_for(INSIDE));
    retire_watched();
    for (int i = 0; i < PLENTY; i++) {
        retire_another();
    }
    cr_assert_eq(moor_load_acquire(&freed_any), 0, "freed under a reader");
    cr_assert_gt(reclaim_unfreed(), PLENTY - LOOK);
    cr_assert_leq(reclaim_unfreed(), PLENTY + 1);
    go_to(ASKED_TO_LEAVE);
    cr_assert(wait_for(OUTSIDE));
    cr_assert(freed_in_time());
    for (int i = 0; i < PLENTY; i++) {
        retire_another();
    }
    cr_assert_lt(reclaim_unfreed(), 4 * LOOK);
    cr_assert_eq(pthread_join(reader, NULL), 0);
    cr_assert(ok);
}

static void *read_short(void *unused)
{
    (void)unused;
    if (!reclaim_ready()) return NULL;
    reclaim_enter();
    reclaim_leave();
    go_to(INSIDE);
    (void)wait_for(ASKED_TO_LEAVE);
    return NULL;
}

Test(reclaim, a_thread_outside_of_sections_holds_nothing)
{
    pthread_t idle;

    event_init(&event);
    cr_assert(reclaim_ready());
    cr_assert_eq(pthread_create(&idle, NULL, read_short, NULL), 0);
    cr_assert(wait_for(INSIDE));
    retire_watched();
    cr_assert(freed_in_time());
    go_to(ASKED_TO_LEAVE);
    cr_assert_eq(pthread_join(idle, NULL), 0);
}

/* --- two threads that are the first --------------------------------------- */

/* What all threads share is made by whoever needs it first; here by one that
 * has just got the memory for it when another is done. */
static void let_another_be_first(void *block)
{
    when_allocated = NULL;
    moor_pointer_release(&watched, block);
    go_to(INSIDE);
    (void)wait_for(ASKED_TO_LEAVE);
}

static void *get_ready_late(void *ready)
{
    when_allocated = let_another_be_first;
    *(bool *)ready = reclaim_ready();
    return NULL;
}

static unsigned keys_left(void)
{
    static pthread_key_t keys[PTHREAD_KEYS_MAX];
    unsigned count = 0;

    while (count < PTHREAD_KEYS_MAX &&
           pthread_key_create(&keys[count], NULL) == 0) {
        count++;
    }
    for (unsigned i = 0; i < count; i++) {
        cr_assert_eq(pthread_key_delete(keys[i]), 0);
    }
    return count;
}

Test(reclaim, who_is_late_gives_back_what_all_share)
{
    unsigned keys = keys_left();
    pthread_t late;
    bool ready = false;

    event_init(&event);
    cr_assert_eq(pthread_create(&late, NULL, get_ready_late, &ready), 0);
    cr_assert(wait_for(INSIDE));
    cr_assert(reclaim_ready());
    go_to(ASKED_TO_LEAVE);
    cr_assert_eq(pthread_join(late, NULL), 0);
    cr_assert(ready);
    cr_assert_eq(moor_load_acquire(&freed), 1, "its memory leaked");
    cr_assert_eq(keys_left(), keys - 1, "its key leaked");
}

/* --- threads that go ------------------------------------------------------ */

/* From here on each aligned allocation is a record. */
static void count_records(void)
{
    cr_assert(reclaim_ready());
    moor_store_relaxed(&aligned, 0); /* alone */
}

static void *retire_and_go(void *unused)
{
    (void)unused;
    if (reclaim_ready()) retire_watched();
    return NULL;
}

static void *come_after(void *in_time)
{
    if (reclaim_ready()) *(bool *)in_time = freed_in_time();
    return NULL;
}

Test(reclaim, what_a_thread_left_behind_is_freed_by_the_next)
{
    pthread_t thread;
    bool in_time = false;

    count_records();
    cr_assert_eq(pthread_create(&thread, NULL, retire_and_go, NULL), 0);
    cr_assert_eq(pthread_join(thread, NULL), 0);
    cr_assert_eq(moor_load_relaxed(&aligned), 1);
    cr_assert_eq(moor_load_acquire(&freed), 0, "too early to tell");
    cr_assert_eq(pthread_create(&thread, NULL, come_after, &in_time), 0);
    cr_assert_eq(pthread_join(thread, NULL), 0);
    cr_assert(in_time);
    cr_assert_eq(moor_load_relaxed(&aligned), 1, "it took over the record");
}

static void *get_ready(void *ready)
{
    *(bool *)ready = reclaim_ready();
    if (*(bool *)ready) retire_another();
    return NULL;
}

Test(reclaim, there_are_no_more_records_than_threads_at_once)
{
    count_records();
    for (int i = 0; i < 50; i++) {
        pthread_t threads[2];
        bool ready[2] = {false, false};

        for (int t = 0; t < 2; t++) {
            cr_assert_eq(
                pthread_create(&threads[t], NULL, get_ready, &ready[t]), 0);
        }
        for (int t = 0; t < 2; t++) {
            cr_assert_eq(pthread_join(threads[t], NULL), 0);
            cr_assert(ready[t]);
        }
    }
    cr_assert_leq(moor_load_relaxed(&aligned), 2);
}

/* --- numbers of threads --------------------------------------------------- */

enum { NUMBERED = 4 };

static pthread_barrier_t all_have_one;

static void *take_number(void *number)
{
    *(unsigned *)number = reclaim_number();
    (void)pthread_barrier_wait(&all_have_one); /* until then all live */
    return NULL;
}

/* Of threads that live at once each has its own; of those that come after, the
 * lowest that are free: so there are no more numbers than threads at once. */
Test(reclaim, each_living_thread_has_a_number_of_its_own)
{
    pthread_barrier_init(&all_have_one, NULL, NUMBERED);
    for (int round = 0; round < 20; round++) {
        pthread_t threads[NUMBERED];
        unsigned numbers[NUMBERED] = {0}, seen = 0;

        for (int t = 0; t < NUMBERED; t++) {
            cr_assert_eq(pthread_create(&threads[t], NULL, take_number,
                                        &numbers[t]), 0);
        }
        for (int t = 0; t < NUMBERED; t++) {
            cr_assert_eq(pthread_join(threads[t], NULL), 0);
            cr_assert(numbers[t] >= 1 && numbers[t] <= NUMBERED);
            seen |= 1U << numbers[t];
        }
        cr_assert_eq(seen, 0x1e, "two had the same");
    }
}

/* --- readers and a writer at full speed ----------------------------------- */

enum { SWAPS = 30000, READERS = 2, ALIVE = 0x5afe };

static moor_pointer shared;
static moor_word done, wrong;

static void *read_shared(void *unused)
{
    (void)unused;
    if (!reclaim_ready()) (void)moor_add_relaxed(&wrong, 1);
    while (moor_load_acquire(&done) == 0) {
        struct thing *it;

        reclaim_enter();
        it = (struct thing *)moor_pointer_acquire(&shared);
        if (it->body != ALIVE) (void)moor_add_relaxed(&wrong, 1);
        reclaim_leave();
    }
    return NULL;
}

static struct thing *alive(void)
{
    struct thing *it = thing();

    cr_assert_not_null(it);
    it->body = ALIVE;
    return it;
}

Test(reclaim, readers_never_see_freed_memory)
{
    pthread_t readers[READERS];

    cr_assert(reclaim_ready());
    moor_pointer_release(&shared, alive());
    for (int r = 0; r < READERS; r++) {
        cr_assert_eq(pthread_create(&readers[r], NULL, read_shared, NULL), 0);
    }
    for (int i = 0; i < SWAPS; i++) {
        struct thing *old =
            (struct thing *)moor_pointer_exchange(&shared, alive());

        reclaim_retire(&old->node);
    }
    moor_store_release(&done, 1);
    for (int r = 0; r < READERS; r++) {
        cr_assert_eq(pthread_join(readers[r], NULL), 0);
    }
    cr_assert_eq(moor_load_relaxed(&wrong), 0);
    free(moor_pointer_relaxed(&shared));
}
