/*
 * What the system refuses now and then: memory while the maps grow, whole
 * segments, a key for threads that end, a thread's value under it.  The call
 * that meets it says no_memory or does without; what was charged is given back,
 * and once there is enough again everything works.
 */
#include "calls.h"

#include <stdio.h>

#include "books.h"
#include "failing.h"
#include "reclaim.h"

/* Builds with sanitizers are slower and want fewer. */
#if defined(MOOR_YIELD)
enum { MANY = 6000, SOME = 500, FEWEST_SEGMENTS = 1 };
#else
enum { MANY = 40000, SOME = 2000, FEWEST_SEGMENTS = 5 };
#endif

static moor_registry *unlimited(void)
{
    return given_limit(MOOR_LIMIT_RUNNING, MOOR_UNLIMITED);
}

static moor_error spawn_named(moor_registry *registry, unsigned number)
{
    char name[20];
    moor_spawn_options options = {.name = name};
    moor_agent agent = {0};
    moor_error error;

    (void)snprintf(name, sizeof name, "worker_%u", number);
    error = moor_spawn(registry, &options, &agent, NULL);
    cr_assert(error == MOOR_OK || agent.bits == 0);
    return error;
}

static bool is_there(moor_registry *registry, unsigned number)
{
    char path[32];

    (void)snprintf(path, sizeof path, "/root/worker_%u", number);
    return at_path(registry, path).bits != 0;
}

/* --- maps that could not grow in time ------------------------------------ */

/* With as little memory as will do: all allocations but the first few fail.
 * So a new segment of records or names comes to be, in one of the tries, and
 * the allocation by which a map would have grown fails after it; that is no
 * error while its buckets have room. */
static void spawn_short(moor_registry *registry, unsigned number)
{
    unsigned tries = 0;
    moor_error error;

    do {
        cr_assert_lt(tries, 60, "worker %u: no_memory for ever", number);
        fail_from(FAILING_MEMORY, 1 + tries++ / 3);
        error = spawn_named(registry, number);
        fail_none();
        cr_assert_eq(used(registry), number + (error == MOOR_OK));
    } while (error == MOOR_NO_MEMORY);
    cr_assert_eq(error, MOOR_OK);
}

Test(failure, maps_that_could_not_grow_catch_up)
{
    moor_registry *registry = unlimited();

    for (unsigned i = 0; i < SOME; i++) {
        spawn_short(registry, i);
    }
    sound(registry);
    for (unsigned i = SOME; i < 2 * SOME; i++) {
        cr_assert_eq(spawn_named(registry, i), MOOR_OK, "worker %u", i);
    }
    for (unsigned i = 0; i < 2 * SOME; i++) {
        cr_assert(is_there(registry, i), "worker %u", i);
    }
    done(registry);
}

/* --- no memory at all for a while ----------------------------------------- */

/* Spawns till there is no memory, which has to come. */
static unsigned spawn_till_none(moor_registry *registry, unsigned from)
{
    unsigned number = from;
    moor_error error;

    do {
        cr_assert_lt(number, from + MANY, "memory came from somewhere");
        error = spawn_named(registry, number++);
    } while (error == MOOR_OK);
    cr_assert_eq(error, MOOR_NO_MEMORY);
    return number - 1;
}

/* Ends a worker and spawns it anew in its place. */
static moor_error replace(moor_registry *registry, unsigned number)
{
    char path[32];
    moor_agent agent;

    (void)snprintf(path, sizeof path, "/root/worker_%u", number);
    agent = at_path(registry, path);
    completes(registry, agent);
    cr_assert_eq(close_it(registry, agent), MOOR_OK);
    return spawn_named(registry, number);
}

/* A new id may need a place in a bucket that is full, so not each replacement
 * has to succeed. */
static unsigned replace_each(moor_registry *registry, unsigned count)
{
    unsigned replaced = 0;

    for (unsigned i = 0; i < count; i++) {
        moor_error error = replace(registry, i);

        cr_assert(error == MOOR_OK || error == MOOR_NO_MEMORY);
        replaced += error == MOOR_OK;
    }
    return replaced;
}

Test(failure, without_memory_agents_end_and_places_are_used_again)
{
    moor_registry *registry = unlimited();
    unsigned count = 0, replaced;

    while (count < 500) {
        cr_assert_eq(spawn_named(registry, count++), MOOR_OK);
    }
    fail_from(FAILING_MEMORY, 1);
    count = spawn_till_none(registry, count);
    for (unsigned i = 0; i < 100; i++) {
        /* Another id may find room. */
        count += spawn_named(registry, count) == MOOR_OK;
        cr_assert_eq(used(registry), count, "try %u", i);
    }
    replaced = replace_each(registry, count);
    fail_none();
    cr_assert_gt(replaced, count - count / 10);
    cr_assert_eq(used(registry), replaced);
    sound(registry);
    for (unsigned i = 0; i < count + 1000; i++) {
        bool there = is_there(registry, i);

        cr_assert_eq(spawn_named(registry, i),
                     there ? MOOR_PATH_TAKEN : MOOR_OK);
    }
    done(registry);
}

/* A longer name than there was any: its plate is what cannot be had. */
Test(failure, what_a_failed_spawn_took_is_used_again)
{
    static const char name[] =
        "a_name_of_some_length_for_which_no_plate_has_been_made_so_far";
    moor_registry *registry = unlimited();
    moor_agent agent;
    uint32_t end;

    for (unsigned i = 0; i < 300; i++) {
        cr_assert_eq(spawn_named(registry, i), MOOR_OK);
    }
    end = books_end(registry);
    fail_from(FAILING_MEMORY, 1);
    for (unsigned i = 0; i < 100; i++) {
        moor_error error = moor_spawn(
            registry, &(moor_spawn_options){.name = name}, &agent, NULL);

        cr_assert_eq(error, MOOR_NO_MEMORY);
    }
    fail_none();
    cr_assert_eq(books_end(registry), end);
    (void)spawn_below(registry, nobody, name);
    cr_assert_leq(books_end(registry), end + ARENA_GROUP);
    done(registry);
}

/* --- segments ------------------------------------------------------------- */

Test(failure, segments_that_cannot_be_mapped)
{
    moor_registry *registry = unlimited();
    unsigned count;

    fail_from(FAILING_MMAP, 1);
    count = spawn_till_none(registry, 0);
    cr_assert_gt(count, 1000, "small segments do not need mmap");
    cr_assert_eq(used(registry), count);
    fail_none();
    sound(registry);
    for (unsigned i = count; i < MANY; i++) {
        cr_assert_eq(spawn_named(registry, i), MOOR_OK);
    }
    cr_assert_eq(used(registry), MANY);
    cr_assert_gt(failing_mapped, 0);
    done(registry);
    cr_assert_eq(failing_mapped, 0, "mappings leaked");
}

/* Of each kind once: records, maps, nodes, plates. */
static bool one_segment_fails(unsigned nth)
{
    moor_registry *registry = unlimited();
    unsigned failed = 0;

    fail_only(FAILING_MMAP, nth);
    for (unsigned i = 0; i < MANY; i++) {
        moor_error error = spawn_named(registry, i);

        if (error != MOOR_OK) {
            cr_assert_eq(error, MOOR_NO_MEMORY);
            failed++;
            cr_assert_eq(used(registry), i);
            cr_assert_eq(spawn_named(registry, i), MOOR_OK);
        }
    }
    fail_none();
    cr_assert_leq(failed, failing.failed);
    cr_assert_eq(used(registry), MANY);
    done(registry);
    cr_assert_eq(failing_mapped, 0);
    return failing.failed == 1;
}

Test(failure, each_segment_fails_once)
{
    unsigned nth = 1;

    while (one_segment_fails(nth)) {
        nth++;
    }
    cr_assert_gt(nth, FEWEST_SEGMENTS);
}

/* Behind its segments lies the stack of vacant entries, which is none. */
Test(failure, an_arena_unmaps_what_was_mapped_for_it_and_nothing_else)
{
    struct arena arena = {.most = 0};
    uint32_t index = 0;

    arena_init(&arena, MOOR_LINE, 0, 1, LIFE_INDEX_MAX);
    while (failing_mapped == 0) {
        cr_assert_lt(index, MANY);
        cr_assert(arena_take(&arena, &index));
    }
    arena_give(&arena, index);
    arena_destroy(&arena);
    cr_assert_eq(failing_mapped, 0);
}

/* --- keys ----------------------------------------------------------------- */

Test(failure, a_key_that_is_not_to_be_had_is_asked_for_again)
{
    moor_registry *registry = NULL;

    fail_from(FAILING_KEY_CREATE, 1);
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(moor_create(NULL, &registry), MOOR_NO_MEMORY);
        cr_assert_null(registry);
    }
    fail_none();
    cr_assert_eq(failing.failed, 3);
    registry = given();
    completes(registry, spawn(registry));
    cr_assert_eq(used(registry), 0);
    done(registry);
}

/* --- threads that cannot be registered ------------------------------------ */

struct one_thread {
    void (*run)(struct one_thread *self);
    const struct subject *subject;
    struct world *w;
    moor_error answer;
    unsigned number, failed;
};

static void *enter(void *one)
{
    struct one_thread *self = (struct one_thread *)one;

    self->run(self);
    self->failed = failing.failed;
    return NULL;
}

static void in_a_thread(struct one_thread *one)
{
    pthread_t thread;

    cr_assert_eq(pthread_create(&thread, NULL, enter, one), 0);
    cr_assert_eq(pthread_join(thread, NULL), 0);
}

static void call_subject(struct one_thread *self)
{
    fail_from(FAILING_SETSPECIFIC, 1);
    self->answer = self->subject->call(self->w);
}

/* Whatever a thread calls first; the next thread has more luck. */
Test(failure, a_thread_that_cannot_be_registered)
{
    unsigned failed = 0;

    for (int i = 0; i < SUBJECTS; i++) {
        struct world w = world(0);
        struct picture *before = picture(w.registry);
        struct one_thread one = {call_subject, &subjects[i], &w, 0, 0, 0};

        in_a_thread(&one);
        failed += one.failed;
        if (one.answer == MOOR_NO_MEMORY &&
            (subjects[i].is & ENDS_THE_TICKET) == 0) {
            unchanged(w.registry, before, subjects[i].name);
            cr_assert_eq(subjects[i].call(&w), MOOR_OK);
        } else {
            cr_assert(one.answer == MOOR_OK || one.answer == MOOR_NO_MEMORY);
            free(before);
        }
        end(&w);
    }
    cr_assert_gt(failed, 0, "some call registers its thread");
}

static void fail_to_register(struct one_thread *self)
{
    fail_from(FAILING_SETSPECIFIC, 1);
    self->number = reclaim_number();
}

static void register_it(struct one_thread *self)
{
    self->number = reclaim_number();
}

/* Each gives back what it had taken before that failed. */
Test(failure, threads_that_cannot_be_registered_leave_nothing_behind)
{
    struct one_thread one = {.run = fail_to_register};
    moor_registry *registry = given();

    for (int i = 0; i < 200; i++) {
        in_a_thread(&one);
        cr_assert_eq(one.number, 0);
        cr_assert_eq(one.failed, 1);
    }
    one.run = register_it;
    in_a_thread(&one);
    cr_assert_eq(reclaim_number(), 1);
    cr_assert_eq(one.number, 2);
    done(registry);
}

/* All that gives something back works in such a thread. */
static void give_back(struct one_thread *self)
{
    moor_registry *registry = self->w->registry;

    fail_from(FAILING_SETSPECIFIC | FAILING_MEMORY, 1);
    self->answer = finish(registry, self->w->live, MOOR_STATUS_COMPLETED);
    if (self->answer == MOOR_OK) {
        self->answer = moor_abandon(registry, self->w->ticket);
    }
    if (self->answer == MOOR_OK) {
        self->answer =
            moor_close(registry, self->w->parent, MOOR_CLOSE_TREE, NULL);
    }
}

Test(failure, giving_back_needs_nothing)
{
    struct world w = world(20);
    struct one_thread one = {.run = give_back, .w = &w};

    in_a_thread(&one);
    cr_assert_eq(one.answer, MOOR_OK);
    cr_assert_eq(used(w.registry), 0);
    cr_assert_eq(stats_of(w.registry).live + stats_of(w.registry).idle, 0);
    end(&w);
}
