/*
 * Reading completion events: completion.h says how they come into a queue.
 */
#include "moorage/events.h"

#include "completion.h"
#include "id.h"
#include "leave.h"
#include "plant.h"

struct reading {
    moor_registry *books;
    uint32_t owner;
    uint32_t depth; /* the owner's */
    moor_event *events;
    size_t room;
    size_t count;
    uint32_t aside; /* those with ends that are left; linked by `next` */
};

static moor_word *unread_at(const moor_registry *books, uint32_t index)
{
    return &((struct annex *)arena_at(&books->annexes, index,
                                      sizeof(struct annex)))
                ->unread;
}

static moor_word *next_at(const moor_registry *books, uint32_t index)
{
    return &((struct annex *)arena_at(&books->annexes, index,
                                      sizeof(struct annex)))
                ->next;
}

/* As many of the ends as there is room for. */
static uint64_t that_fit(uint64_t ends, size_t room)
{
    uint64_t fit = 0;

    for (int i = WORD_INTERRUPTED; i <= WORD_SHUTDOWN && room > 0; i++) {
        enum word_phase idle = (enum word_phase)i;
        uint64_t count = ends_count(ends, idle);

        count = count < room ? count : room;
        fit += count * ends_one(idle);
        room -= count;
    }
    return fit;
}

/* They are the caller's: no other thread tells of them. */
static void write_events(struct reading *reading, uint32_t index,
                         uint64_t state, uint64_t ends)
{
    const struct record *record = record_at(&reading->books->records, index);
    /* relaxed: the membership was linked after they were written, C1. */
    struct id_words id = {moor_load_relaxed(&record->id_high),
                          moor_load_relaxed(&record->id_low)};
    moor_event event = {.agent.bits = life_of(word_generation(state), index),
                        .id = id_of_words(id)};

    for (int i = WORD_INTERRUPTED; i <= WORD_SHUTDOWN; i++) {
        enum word_phase idle = (enum word_phase)i;

        event.status = word_status(word_make(0, idle));
        for (uint64_t n = ends_count(ends, idle); n > 0; n--) {
            reading->events[reading->count++] = event;
        }
    }
}

static void set_aside(struct reading *reading, uint32_t index)
{
    /* relaxed: in hand. */
    moor_store_relaxed(next_at(reading->books, index), reading->aside);
    reading->aside = index;
}

/* What becomes of a member in hand of which `left` ends are left. */
static void be_done_with(struct reading *reading, uint32_t index, uint64_t left)
{
    struct record *record = record_at(&reading->books->records, index);

    if (ends_any(left)) {
        set_aside(reading, index);
    } else if (tree_let_go(record)) {
        leave_reuse(reading->books, index);
    }
}

static void read_member(struct reading *reading, uint32_t index)
{
    moor_registry *books = reading->books;
    moor_word *unread = unread_at(books, index);
    uint64_t ends = moor_load_acquire(unread); /* C3 */
    uint64_t state, taken;

    do {
        if (ends_depth(ends) != reading->depth) {
            completion_pass_on(books, index);
            return;
        }
        /* acquire, R1, C3: behind the count, so an end that is in it and is
         * not ENDING any more can be seen. */
        state = moor_load_acquire(&record_at(&books->records, index)->state);
        taken = that_fit(ends - (MOOR_PLANTED(71) ? 0 /* too early */
                                                  : ends_unseen(ends, state)),
                         reading->room - reading->count);
        if (MOOR_PLANTED(102) && !ends_any(taken)) { /* does not look again */
            break;
        }
        /* acquire and release, C3: when it is the last one, whoever counts the
         * next finds the member unlinked.  Although none is taken: else the
         * state may be that of a later end. */
    } while (!moor_cas_acq_rel(unread, &ends, ends - taken));
    write_events(reading, index, state, taken);
    be_done_with(reading, index, ends - taken);
}

/* Back into the queue.  The bell for those that can be read by now: who made
 * them so may have rung it while they were in hand. */
static void put_all_back(struct reading *reading)
{
    moor_registry *books = reading->books;

    while (reading->aside != 0) {
        uint32_t index = reading->aside;
        const moor_word *state = &record_at(&books->records, index)->state;

        /* relaxed: in hand. */
        reading->aside = (uint32_t)moor_load_relaxed(next_at(books, index));
        completion_put_back(books, reading->owner, index);
        /* seq_cst, B1: it is back, and then it is looked at. */
        if (!word_is_ending(moor_load_seq_cst(state))) {
            completion_ring(books);
        }
    }
}

/* The caller holds the owner. */
static void read_queue(struct reading *reading)
{
    uint32_t index = 0;

    bell_hear(&reading->books->bell);
    while (reading->count < reading->room &&
           (index = completion_take(reading->books, reading->owner)) != 0) {
        read_member(reading, index);
    }
    if (reading->count == reading->room &&
        !completion_is_empty(reading->books, reading->owner)) {
        completion_ring(reading->books); /* there was too little room */
    }
    put_all_back(reading);
}

moor_error moor_events(moor_registry *registry, moor_agent owner,
                       moor_event *events, size_t room, size_t *count)
{
    struct reading reading = {
        .books = registry, .events = events, .room = room};
    uint64_t word;
    life which;
    moor_error error;

    if (registry == NULL || count == NULL || (events == NULL && room > 0) ||
        !registry->events) {
        return MOOR_BAD_ARGUMENT;
    }
    which = books_parent(registry, owner);
    error = books_agent(registry, which, &word);
    if (error != MOOR_OK) {
        return error;
    }
    if (!leave_hold(registry, which)) {
        return MOOR_STALE;
    }
    reading.owner = life_index(which);
    /* acquire, R1: held. */
    reading.depth =
        place_depth(moor_load_acquire(&books_record(registry, which)->place));
    read_queue(&reading);
    leave_let_go(registry, which);
    *count = reading.count;
    return MOOR_OK;
}

moor_error moor_events_fd(moor_registry *registry, int *fd)
{
    int made;

    if (registry == NULL || fd == NULL || !registry->events) {
        return MOOR_BAD_ARGUMENT;
    }
    made = bell_descriptor(&registry->bell);
    if (made < 0) {
        return MOOR_NO_MEMORY;
    }
    *fd = made;
    return MOOR_OK;
}
