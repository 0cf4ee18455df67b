/*
 * ConcurrencyKit's epochs, as the library uses them and a little further.
 *
 * Goal    Nothing is freed while a section that may see it is open; nothing
 *         that is retired is lost or freed twice; a section that does not end
 *         stops the freeing, and nobody; a record belongs to one thread.
 * Method  ck_epoch.c of the package that is installed, its atomic operations
 *         and fences steps of the explorer (ck_pr.h): every schedule up to the
 *         order of independent steps, or the bound that a case's line names.
 * Limits  sequential consistency: what the processor's store buffer does to
 *         ck_epoch is not seen (lib/src/reclaim.h: unlink by exchange).  A
 *         barrier that waits for a section gives up after PATIENCE looks.
 *
 * What is shown to readers is a thing; who replaces it retires the old one.  A
 * thing is looked at in a step of its own, and freed in one.
 */
#include <ck_epoch.h>
#include <setjmp.h>
#include <string.h>

#include "atomic.h"
#include "explore.h"

enum {
    THINGS = 6,
    RECORDS = MODEL_THREADS_MAX,
    LARGE = 3 | MODEL_IF_LARGE,
    PATIENCE = 3,
    ENOUGH = 8, /* polls, when nobody reads: all is freed */
};

struct thing {
    ck_epoch_entry_t entry; /* first */
    unsigned freed;
    bool retired;
};

static ck_epoch_t epoch;
static ck_epoch_record_t records[RECORDS];
static struct thing things[THINGS];
static moor_pointer shown;
static moor_word next;           /* the thing that is shown next */
static const struct thing *held; /* by who does not leave, as: */
static ck_epoch_record_t *holder;
static jmp_buf given_up[MODEL_THREADS_MAX];

/* --- what is done to things ---------------------------------------------- */

static void free_thing(ck_epoch_entry_t *entry)
{
    struct thing *thing = (struct thing *)(void *)entry;

    model_touch(&thing->freed, true);
    thing->freed++;
}

static void look_at(const struct thing *thing)
{
    model_touch(&thing->freed, false);
    if (thing->freed > 0) model_fail("freed under a reader's eyes");
}

static const struct thing *enter_and_look(ck_epoch_record_t *own)
{
    const struct thing *seen;

    ck_epoch_begin(own, NULL);
    seen = moor_pointer_acquire(&shown);
    look_at(seen);
    return seen;
}

static void read_as(ck_epoch_record_t *own)
{
    (void)enter_and_look(own);
    (void)ck_epoch_end(own, NULL);
}

static void retire_as(ck_epoch_record_t *own, struct thing *old)
{
    old->retired = true;
    ck_epoch_call(own, &old->entry, free_thing);
}

static struct thing *replace(void)
{
    struct thing *made = &things[moor_add_relaxed(&next, 1)];

    return moor_pointer_exchange(&shown, made);
}

static void poll_as(ck_epoch_record_t *own, int count)
{
    for (int i = 0; i < count; i++)
        (void)ck_epoch_poll(own);
}

/* --- the threads ---------------------------------------------------------- */

static ck_epoch_record_t *own_record(void)
{
    return &records[model_self()];
}

static void reader(void)
{
    read_as(own_record());
}

static void reader_twice(void)
{
    reader();
    reader();
}

static void reader_for_ever(void)
{
    holder = own_record();
    held = enter_and_look(holder);
}

static void poller(void)
{
    poll_as(own_record(), 2);
}

static void poller_once(void)
{
    poll_as(own_record(), 1);
}

static void writer(void)
{
    retire_as(own_record(), replace());
    poll_as(own_record(), 3);
}

static void writer_twice(void)
{
    retire_as(own_record(), replace());
    poll_as(own_record(), 1);
    retire_as(own_record(), replace());
    poll_as(own_record(), 2);
}

/* The barrier has looked often enough. */
static void lose_patience(ck_epoch_t *global, ck_epoch_record_t *whom,
                          void *looks)
{
    (void)global;
    (void)whom;
    if (++*(int *)looks == PATIENCE) longjmp(given_up[model_self()], 1);
}

static void barrier(void)
{
    int looks = 0;

    retire_as(own_record(), replace());
    if (setjmp(given_up[model_self()]) == 0) {
        ck_epoch_barrier_wait(own_record(), lose_patience, &looks);
    }
}

/* What the caller frees itself. */
static void synchronize(void)
{
    struct thing *old = replace();
    int looks = 0;

    old->retired = true;
    if (setjmp(given_up[model_self()]) == 0) {
        ck_epoch_synchronize_wait(&epoch, lose_patience, &looks);
        free_thing(&old->entry);
    } else {
        ck_epoch_call(own_record(), &old->entry, free_thing);
    }
}

/* Ends as a reader; its record is anybody's. */
static void read_and_go(void)
{
    reader();
    ck_epoch_unregister(own_record());
}

/* Begins as a reader: with a record that is left, or else with a new one. */
static void come_and_read(void)
{
    ck_epoch_record_t *own = ck_epoch_recycle(&epoch, own_record());

    if (own == NULL) {
        own = own_record();
        ck_epoch_register(&epoch, own, own);
    } else if (ck_epoch_record_ct(own) != own_record()) {
        model_fail("a record belongs to two");
    }
    read_as(own);
    if (ck_epoch_record_ct(own) != own_record()) {
        model_fail("a record was taken from its thread");
    }
}

/* --- before and after ----------------------------------------------------- */

/* Whose records are registered, a bit each; and whose were, and are left. */
static void start_with(unsigned registered, unsigned left, unsigned at)
{
    memset(things, 0, sizeof things);
    memset(records, 0, sizeof records);
    held = NULL;
    ck_epoch_init(&epoch);
    epoch.epoch = at;
    for (unsigned i = 0; i < RECORDS; i++) {
        if ((registered | left) >> i & 1) {
            ck_epoch_register(&epoch, &records[i], &records[i]);
        }
        if (left >> i & 1) ck_epoch_unregister(&records[i]);
    }
    next.value = 1;
    shown.value = &things[0];
}

static void start(void)
{
    start_with(7, 0, 1);
}

static void start_four(void)
{
    start_with(15, 0, 1);
}

/* The count of epochs goes through zero. */
static void start_at_end(void)
{
    start_with(7, 0, UINT32_MAX);
}

/* Only the writer has a record; another is left. */
static void start_one_left(void)
{
    start_with(1, 8, 1);
}

/* The last thread has none. */
static void start_without_last(void)
{
    start_with(3, 0, 1);
}

static void poll_all(void)
{
    for (int i = 0; i < RECORDS; i++) {
        if (records[i].global != NULL) poll_as(&records[i], ENOUGH);
    }
}

/* What is held stays, however often somebody polls; without that, each thing
 * that was retired, and no other, was freed once. */
static void judge(void)
{
    if (held != NULL) {
        poll_all();
        look_at(held);
        (void)ck_epoch_end(holder, NULL);
    }
    poll_all();
    for (int i = 0; i < THINGS; i++) {
        if (things[i].freed != things[i].retired) {
            model_fail("thing %d was freed %u times", i, things[i].freed);
        }
    }
}

/* clang-format off */
static const struct model_case cases[] = {
    {"poll", start, {writer, reader, reader}, 3, judge, 0},
    {"poll_at_end", start_at_end, {writer, reader, reader}, 3, judge, 0},
    {"poll_reader_twice", start, {writer, reader_twice}, 2, judge, 0},
    {"poll_two_things", start, {writer_twice, reader_twice}, 2, judge, 0},
    {"poll_two_writers", start, {writer, writer, reader}, 3, judge, 0},
    {"poll_beside_poller", start, {writer, poller, reader_twice}, 3, judge,
     0},
    {"stalled", start, {writer, reader_for_ever, reader}, 3, judge, 0},
    {"stalled_two_writers", start, {writer, writer, reader_for_ever}, 3, judge,
     0},
    {"barrier", start, {barrier, reader, reader}, 3, judge, 0},
    {"barrier_at_end", start_at_end, {barrier, reader, reader}, 3, judge,
     0},
    {"barrier_reader_twice", start, {barrier, reader_twice}, 2, judge, 0},
    {"barrier_two", start, {barrier, barrier, reader}, 3, judge, 0},
    {"barrier_two_sections", start, {barrier, barrier, reader_twice}, 3, judge,
     LARGE},
    {"barrier_beside_poller", start_four,
     {barrier, poller_once, reader, reader_twice}, 4, judge, LARGE},
    {"barrier_beside_writer", start, {barrier, writer, reader}, 3, judge,
     0},
    {"barrier_stalled", start, {barrier, reader_for_ever, reader}, 3, judge,
     0},
    {"synchronize", start, {synchronize, reader, reader}, 3, judge, 0},
    {"two_come", start_one_left, {writer, come_and_read, come_and_read}, 3,
     judge, 0},
    {"go_and_come", start_without_last, {writer, read_and_go, come_and_read},
     3, judge, 0},
};
/* clang-format on */

MODEL_MAIN(cases)
