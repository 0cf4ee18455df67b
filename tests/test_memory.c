/*
 * Out of memory: on every call the first, second, third ... allocation fails.
 * Each time the answer is no_memory or the call succeeded all the same; nothing
 * else has changed, and the next try succeeds.
 *
 * The program is linked so that the library's allocations come here first.
 */
#include "calls.h"

#include <pthread.h>

#include "atomic.h"
#include "event.h"
#include "map_inner.h"
#include "reclaim.h"

#if defined(__SANITIZE_ADDRESS__)
#define LEAK_CHECK 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LEAK_CHECK 1
#endif
#endif
#ifdef LEAK_CHECK
int __lsan_do_recoverable_leak_check(void);
#endif

/* --- allocations that fail ------------------------------------------------ */

static unsigned asked, failing; /* allocations so far; the one to fail, or 0 */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
char *__wrap_strdup(const char *text);

static bool fails(void)
{
    return ++asked == failing;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return fails() ? NULL : __real_aligned_alloc(alignment, size);
}

char *__wrap_strdup(const char *text)
{
    return fails() ? NULL : __real_strdup(text);
}

static void nothing_leaked(void)
{
#ifdef LEAK_CHECK
    cr_assert_eq(__lsan_do_recoverable_leak_check(), 0);
#endif
}

/* --- the nth allocation fails --------------------------------------------- */

/* Of the call alone; true if it came to that. */
static bool with_failure(const struct subject *subject, struct world *w,
                         unsigned nth, moor_error *error)
{
    bool reached;

    asked = 0;
    failing = nth;
    *error = subject->call(w);
    reached = asked >= nth;
    failing = 0;
    return reached;
}

/* A call without memory: as before, and the next try succeeds. */
static void after_failure(const struct subject *subject, struct world *w,
                          struct picture *before)
{
    if ((subject->is & ENDS_THE_TICKET) != 0) {
        memcpy(before, w->without_ticket, sizeof *before);
    }
    unchanged(w->registry, before, subject->name);
    cr_assert_eq(subject->call(w),
                 (subject->is & ENDS_THE_TICKET) != 0 ? MOOR_STALE : MOOR_OK);
}

static bool fail_nth(const struct subject *subject, unsigned agents,
                     unsigned nth)
{
    struct world w = world(agents);
    struct picture *before = picture(w.registry);
    moor_error error;
    bool reached = with_failure(subject, &w, nth, &error);

    if (error == MOOR_NO_MEMORY && reached) {
        after_failure(subject, &w, before);
    } else {
        cr_assert_eq(error, MOOR_OK, "%s, allocation %u: %s", subject->name,
                     nth, moor_error_name(error));
        free(before);
    }
    end(&w);
    return reached;
}

static void fail_each(const struct subject *subject, unsigned agents)
{
    unsigned nth = 1;

    while (fail_nth(subject, agents, nth)) {
        cr_assert_lt(nth, 50, "%s allocates for ever", subject->name);
        cr_assert_eq(subject->is & NEVER_ALLOCATES, 0, "%s allocates",
                     subject->name);
        nth++;
    }
}

Test(memory, fails_in_any_call)
{
    for (int i = 0; i < SUBJECTS; i++) {
        fail_each(&subjects[i], 0);
    }
    nothing_leaked();
}

/* Records, maps, bags and texts grow when there are 8, 16, 32, 64 of something;
 * a few of them are there anyway. */
static bool near_a_size(unsigned agents)
{
    return agents <= 16 || (agents >= 22 && agents <= 32) ||
           (agents >= 54 && agents <= 64);
}

Test(memory, fails_while_something_grows)
{
    for (unsigned agents = 0; agents <= 64; agents++) {
        for (int i = 0; near_a_size(agents) && i < SUBJECTS; i++) {
            if ((subjects[i].is & GROWS) != 0) fail_each(&subjects[i], agents);
        }
    }
    nothing_leaked();
}

static void fail_each_of_create(void)
{
    unsigned nth = 0;
    moor_error error;

    bool failed;

    do {
        moor_config given_for = config();
        moor_registry *registry = NULL;

        asked = 0;
        failing = ++nth;
        error = moor_create(&given_for, &registry);
        failed = asked >= nth;
        failing = 0;
        cr_assert_eq(error, failed ? MOOR_NO_MEMORY : MOOR_OK, "allocation %u",
                     nth);
        cr_assert_eq(registry != NULL, error == MOOR_OK);
        if (error == MOOR_OK) done(registry);
        cr_assert_lt(nth, 100);
    } while (failed);
    cr_assert_gt(nth, 10, "names and roles were copied");
    cr_assert_eq(error, MOOR_OK);
}

/* The first time for a thread that is not ready yet, so that what it needs
 * itself is among what fails; then for one that has it all. */
Test(memory, fails_while_a_registry_is_made)
{
    fail_each_of_create();
    fail_each_of_create();
    nothing_leaked();
}

/* A bucket is full, the map is behind its records, and cannot grow now. */
Test(memory, fails_while_a_map_catches_up)
{
    struct arena records = {.most = 0};
    const struct hash_key key = {{1, 2, 3, 4}};
    struct map map;
    uint64_t head;

    memset(&map, 0, sizeof map);
    arena_init(&records, sizeof(struct record), offsetof(struct record, stamp),
               1, LIFE_INDEX_MAX);
    cr_assert(map_init(&map, &map_by_id, &key, &records));
    for (uint32_t index = 0; arena_end(&records) < 10;) {
        cr_assert(arena_take(&records, &index));
    }
    head = bucket_head(1, BUCKET_BITMAP);
    asked = 0;
    failing = 1;
    cr_assert_not(map_catch_up(&map, MAP_ROOT, head));
    cr_assert_eq(asked, 1);
    failing = 0;
    cr_assert_eq(map_level(moor_load_acquire(&map.levels)), 1);
    cr_assert(map_catch_up(&map, MAP_ROOT, head));
    cr_assert_eq(map_level(moor_load_acquire(&map.levels)), 2);
    map_destroy(&map);
    arena_destroy(&records);
}

/* --- a thread's first call ------------------------------------------------ */

/* A thread that has called before takes up the epoch record that another left
 * behind, so that the next thread has to make one. */
static struct event event;
static moor_word ready, over;

static void wait_for(moor_word *word, uint64_t want)
{
    struct timespec far = event_deadline(10000);
    uint32_t value = event_value(&event);

    while (moor_load_acquire(word) < want && event_wait(&event, value, &far)) {
        value = event_value(&event);
    }
}

static void *take_record(void *unused)
{
    (void)unused;
    (void)reclaim_ready();
    (void)moor_add_acq_rel(&ready, 1);
    event_signal(&event);
    wait_for(&over, 1);
    return NULL;
}

struct first_call {
    const struct subject *subject;
    struct world *w;
    moor_error first;
};

static void *call_first(void *argument)
{
    struct first_call *call = (struct first_call *)argument;

    asked = 0;
    failing = 1;
    call->first = call->subject->call(call->w);
    failing = 0;
    return NULL;
}

static void first_call(const struct subject *subject)
{
    struct world w = world(0);
    struct picture *before = picture(w.registry);
    struct first_call call = {.subject = subject, .w = &w};
    pthread_t thread;

    cr_assert_eq(pthread_create(&thread, NULL, call_first, &call), 0);
    cr_assert_eq(pthread_join(thread, NULL), 0);
    cr_assert(call.first == MOOR_OK || call.first == MOOR_NO_MEMORY);
    if (call.first == MOOR_NO_MEMORY) {
        after_failure(subject, &w, before);
    } else {
        free(before);
    }
    end(&w);
}

Test(memory, fails_in_a_threads_first_call)
{
    pthread_t holders[SUBJECTS];

    event_init(&event);
    cr_assert(reclaim_ready());
    for (int i = 0; i < SUBJECTS; i++) {
        cr_assert_eq(pthread_create(&holders[i], NULL, take_record, NULL), 0);
        wait_for(&ready, (uint64_t)i + 1);
        first_call(&subjects[i]);
    }
    moor_store_release(&over, 1);
    event_signal(&event);
    for (int i = 0; i < SUBJECTS; i++) {
        cr_assert_eq(pthread_join(holders[i], NULL), 0);
    }
}
