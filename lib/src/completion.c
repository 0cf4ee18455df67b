#include "completion.h"

#include "leave.h"
#include "plant.h"

#define HEAD_MEMBER LIFE_INDEX_MAX
#define HEAD_TICK   (UINT64_C(1) << LIFE_INDEX_BITS) /* one version */
#define HEAD_CLOSED (UINT64_C(1) << 63)              /* of both lists */

static uint64_t head_to(uint64_t seen, uint64_t first)
{
    return (((seen & ~HEAD_MEMBER) + HEAD_TICK) & ~HEAD_CLOSED) |
           (seen & HEAD_CLOSED) | first;
}

static struct annex *annex_at(const moor_registry *books, uint32_t index)
{
    return (struct annex *)arena_at(&books->annexes, index,
                                    sizeof(struct annex));
}

static struct record *member_at(const moor_registry *books, uint32_t index)
{
    return record_at(&books->records, index);
}

static uint32_t depth_at(const moor_registry *books, uint32_t index)
{
    /* acquire, R1: the caller knows a life whose record that is. */
    return place_depth(moor_load_acquire(&member_at(books, index)->place));
}

static uint32_t above(const moor_registry *books, uint32_t index)
{
    /* acquire, R1: as above. */
    return place_parent(moor_load_acquire(&member_at(books, index)->place));
}

static bool has_left(const moor_registry *books, uint32_t index)
{
    /* acquire, C2; seq_cst: in the order of all, so that of two who tell none
     * is told of an owner that the other saw leave. */
    return word_phase(moor_load_seq_cst(&member_at(books, index)->state)) ==
           WORD_LEFT;
}

/* The nearest above that has not left. */
static uint32_t owner_now(const moor_registry *books, uint32_t index)
{
    do {
        index = above(books, index);
    } while (has_left(books, index) &&
             !MOOR_PLANTED(69)); /* planted: whom it was linked to */
    return index;
}

static uint32_t above_at_depth(const moor_registry *books, uint32_t index,
                               uint32_t depth)
{
    do {
        index = above(books, index);
    } while (depth_at(books, index) != depth);
    return index;
}

/* --- lists ---------------------------------------------------------------- */

static bool is_closed(uint64_t head)
{
    return (head & HEAD_CLOSED) != 0 &&
           !MOOR_PLANTED(68); /* planted: a closed list takes in, too */
}

/* Only pushed and taken whole, so the head needs no version.  False: the list
 * is closed, and the member in hand still. */
static bool push_arrived(moor_registry *books, uint32_t owner, uint32_t index)
{
    moor_word *head = &annex_at(books, owner)->arrived;
    uint64_t first = moor_load_acquire(head); /* C2; the swap looks again */

    do {
        if (is_closed(first)) {
            return false;
        }
        /* relaxed: published by the swap. */
        moor_store_relaxed(&annex_at(books, index)->next, first);
        /* release, C1; seq_cst, B1: before the bell. */
    } while (!moor_cas_seq_cst(head, &first, index));
    return true;
}

/* A chain whose last member is `last` in front of the others.  False: as
 * above. */
static bool push_in_order(moor_registry *books, uint32_t owner, uint32_t first,
                          uint32_t last)
{
    moor_word *head = &annex_at(books, owner)->in_order;
    uint64_t seen = moor_load_acquire(head); /* C2; the swap looks again */

    do {
        if (is_closed(seen)) {
            return false;
        }
        /* relaxed: published by the swap. */
        moor_store_relaxed(&annex_at(books, last)->next, seen & HEAD_MEMBER);
        /* release, C1; seq_cst, B1, as above. */
    } while (!moor_cas_seq_cst(head, &seen, head_to(seen, first)));
    return true;
}

static uint32_t pop_in_order(moor_registry *books, uint32_t owner)
{
    moor_word *head = &annex_at(books, owner)->in_order;
    uint64_t seen = moor_load_seq_cst(head); /* C1, B1 */

    while ((seen & HEAD_MEMBER) != 0) {
        uint32_t first = (uint32_t)(seen & HEAD_MEMBER);
        /* relaxed: ordered by the acquired head; when another thread has it in
         * hand by now the version makes the swap fail. */
        uint64_t next = moor_load_relaxed(&annex_at(books, first)->next);

        /* acquire, C1.  Not in the one order of B1: that is about what
         * comes in, and an update sees the latest. */
        if (moor_cas_acq_rel(head, &seen, head_to(seen, next & HEAD_MEMBER))) {
            return first;
        }
    }
    return 0;
}

/* Turns a chain in hand round.  *last is what was the first. */
static uint32_t turn_round(moor_registry *books, uint64_t at, uint32_t *last)
{
    uint64_t before = 0;

    *last = (uint32_t)at;
    while (at != 0) {
        moor_word *next = &annex_at(books, (uint32_t)at)->next;
        uint64_t behind = moor_load_relaxed(next); /* own: in hand */

        moor_store_relaxed(next, before);
        before = at;
        at = behind;
    }
    return (uint32_t)before;
}

/* Takes all that arrived, oldest first.  *last is the latest. */
static uint32_t take_arrived(moor_registry *books, uint32_t owner,
                             uint32_t *last)
{
    moor_word *head = &annex_at(books, owner)->arrived;
    uint64_t seen = moor_load_seq_cst(head); /* B1 */

    do {
        if ((seen & HEAD_MEMBER) == 0) {
            return 0;
        }
        /* acquire, C1; release: passes on what the head has. */
    } while (!moor_cas_acq_rel(head, &seen, seen & HEAD_CLOSED));
    return turn_round(books, seen & HEAD_MEMBER, last);
}

static void move_chain_up(moor_registry *books, uint32_t owner, uint64_t at);

static bool sort_arrived(moor_registry *books, uint32_t owner)
{
    uint32_t last = 0, first = take_arrived(books, owner, &last);

    if (first != 0 && !push_in_order(books, owner, first, last)) {
        move_chain_up(books, owner, first);
    }
    return first != 0;
}

uint32_t completion_take(moor_registry *books, uint32_t owner)
{
    uint32_t index;

    do {
        index = pop_in_order(books, owner);
    } while (index == 0 && sort_arrived(books, owner));
    return index;
}

bool completion_is_empty(const moor_registry *books, uint32_t owner)
{
    const struct annex *annex = annex_at(books, owner);

    /* acquire, C1.  seq_cst, B1: behind the hearing; who puts a member into
     * `in_order` reads on, or rings. */
    return (moor_load_acquire(&annex->in_order) & HEAD_MEMBER) == 0 &&
           (moor_load_seq_cst(&annex->arrived) & HEAD_MEMBER) == 0;
}

/* --- a queue that goes ---------------------------------------------------- */

/* The ends of a member in hand whose owner's queue is closed are told to the
 * next one: some may be of runs that are seen to have ended since.  Where to
 * they are told by now. */
static uint32_t move_up(moor_registry *books, uint32_t owner, uint32_t index)
{
    moor_word *unread = &annex_at(books, index)->unread;
    uint64_t ends = moor_load_acquire(unread); /* C3 */

    while (ends_depth(ends) == depth_at(books, owner)) {
        uint64_t next =
            ends_told_to(ends, depth_at(books, owner_now(books, index)));

        /* acquire and release, C3. */
        if (moor_cas_acq_rel(unread, &ends, next)) {
            ends = next;
        }
    }
    return above_at_depth(books, index, ends_depth(ends));
}

/* The caller has the member in hand, or its first end: into the list. */
static void link_member(moor_registry *books, uint32_t owner, uint32_t index)
{
    while (!push_arrived(books, owner, index)) {
        owner = move_up(books, owner, index);
    }
}

static void move_chain_up(moor_registry *books, uint32_t owner, uint64_t at)
{
    while (at != 0) {
        uint32_t index = (uint32_t)at;

        /* relaxed: in hand. */
        at = moor_load_relaxed(&annex_at(books, index)->next);
        link_member(books, move_up(books, owner, index), index);
    }
    completion_ring(books);
}

void completion_pass_on(moor_registry *books, uint32_t index)
{
    /* acquire, C3. */
    uint64_t ends = moor_load_acquire(&annex_at(books, index)->unread);

    link_member(books, above_at_depth(books, index, ends_depth(ends)), index);
    completion_ring(books);
}

static void let_member_go(moor_registry *books, uint32_t index)
{
    if (tree_let_go(member_at(books, index))) {
        leave_reuse(books, index);
    }
}

/* A member in hand, of an owner that has left. */
static void drop_member(moor_registry *books, uint32_t owner, uint32_t index)
{
    moor_word *unread = &annex_at(books, index)->unread;
    uint64_t ends = moor_load_acquire(unread); /* C3 */
    uint64_t kept, next;

    do {
        /* acquire, R1: behind the count. */
        uint64_t word = moor_load_acquire(&member_at(books, index)->state);

        if (ends_depth(ends) != depth_at(books, owner)) {
            completion_pass_on(books, index);
            return;
        }
        kept = ends_unseen(ends, word);
        next = ends_none(ends) | kept;
        if (kept != 0) {
            next |= (uint64_t)depth_at(books, owner_now(books, index))
                    << ENDS_DEPTH_SHIFT;
        }
        /* acquire and release, C3. */
    } while (!moor_cas_acq_rel(unread, &ends, next));
    if (kept != 0) {
        completion_pass_on(books, index);
    } else {
        let_member_go(books, index);
    }
}

/* A chain in hand, of an owner that has left. */
static void drop_chain(moor_registry *books, uint32_t owner, uint64_t at)
{
    while (at != 0) {
        uint32_t index = (uint32_t)at;

        /* relaxed: in hand. */
        at = moor_load_relaxed(&annex_at(books, index)->next);
        drop_member(books, owner, index);
    }
}

/* Both lists, and what is in them goes.  Not undone before the record is used
 * again, so it may be done twice. */
static void close_queue(moor_registry *books, uint32_t owner)
{
    struct annex *annex = annex_at(books, owner);
    uint64_t seen = moor_load_relaxed(&annex->in_order); /* the swap looks */
    uint64_t arrived;
    uint32_t last;

    /* acquire, C1; release, C2: LEFT before; seen by who finds it closed. */
    while (!moor_cas_acq_rel(&annex->in_order, &seen,
                             head_to(seen | HEAD_CLOSED, 0))) {
    }
    arrived =
        moor_exchange_acq_rel(&annex->arrived, HEAD_CLOSED); /* as above */
    drop_chain(books, owner, seen & HEAD_MEMBER);
    drop_chain(books, owner, turn_round(books, arrived & HEAD_MEMBER, &last));
}

void completion_drop(moor_registry *books, life owner)
{
    close_queue(books, life_index(owner));
}

void completion_open(moor_registry *books, uint32_t owner)
{
    struct annex *annex = annex_at(books, owner);

    /* relaxed: the record is the caller's alone, and published by what hands
     * it out, R1. */
    moor_store_relaxed(&annex->arrived, 0);
    moor_store_relaxed(&annex->in_order,
                       moor_load_relaxed(&annex->in_order) & ~HEAD_CLOSED);
}

void completion_put_back(moor_registry *books, uint32_t owner, uint32_t index)
{
    if (!push_in_order(books, owner, index, index)) {
        link_member(books, move_up(books, owner, index), index);
        completion_ring(books);
    }
}

/* --- an end --------------------------------------------------------------- */

enum counted {
    COUNTED_FIRST, /* the caller has to link the agent */
    COUNTED,       /* it is linked, or was counted already */
    COUNTED_ABOVE, /* it is linked to one below, who has left */
    COUNTED_LATE   /* it has told somebody above: the owner has left */
};

/* Counts one end for that owner; *ends is what it replaced.  `again`: it was
 * counted for one that has left, and cannot have been read since.  `marked`:
 * its state has a mark, and this is what the mark speaks of. */
static enum counted count_end(moor_registry *books, uint32_t index,
                              uint32_t owner, enum word_phase idle, bool marked,
                              bool again, uint64_t *ends)
{
    moor_word *unread = &annex_at(books, index)->unread;
    const uint32_t depth = depth_at(books, owner);
    enum counted counted;
    uint64_t next;

    *ends = moor_load_acquire(unread); /* C3 */
    do {
        if (again && (!ends_any(*ends) || ends_depth(*ends) == depth)) {
            /* Who had it in hand has moved it; or it is closed, and dropped,
             * as it might have been before. */
            return COUNTED;
        }
        next = ends_only(*ends, depth, idle);
        if (!ends_any(*ends)) {
            counted = COUNTED_FIRST;
        } else if (ends_depth(*ends) == depth) {
            next = *ends + ends_one(idle);
            counted = COUNTED;
        } else if (ends_depth(*ends) > depth) {
            /* The others come along: one of them may be in several steps
             * still, or be seen to have ended since the owner left. */
            next = ends_told_to(*ends, depth) + (again ? 0 : ends_one(idle));
            counted = COUNTED_ABOVE;
        } else {
            return COUNTED_LATE;
        }
        next ^= marked && !again ? ENDS_ODD : 0;
        if (MOOR_PLANTED(67)) { /* look, then store */
            moor_store_release(unread, next);
            break;
        }
        /* release, C3: the run precedes its end; acquire: who links it sees
         * that it is in nobody's hand. */
    } while (!moor_cas_acq_rel(unread, ends, next));
    return counted;
}

/* Is the caller's end still one that cannot be seen? */
static bool is_unseen(const moor_registry *books, life which)
{
    const moor_word *state = &books_record(books, which)->state;

    /* acquire, R1: the caller holds the life. */
    return word_is_ending(moor_load_acquire(state));
}

void completion_tell(moor_registry *books, life which, enum word_phase idle,
                     bool ending)
{
    uint32_t index = life_index(which), owner;
    /* planted: whatever end is told */
    bool told = false, marked = ending || MOOR_PLANTED(101);
    enum counted counted;
    uint64_t ends; /* before this one */

    do {
        owner = owner_now(books, index);
        counted = count_end(books, index, owner, idle, marked, told, &ends);
        if (counted == COUNTED_FIRST) {
            tree_hold_more(books_record(books, which));
            link_member(books, owner, index);
        } else if (counted == COUNTED_ABOVE) { /* nobody waits for its close */
            close_queue(books, above_at_depth(books, index, ends_depth(ends)));
        }
        told = told || counted != COUNTED_LATE;
        /* While it cannot be seen it cannot be read either: so when the owner
         * has left it is certain that the next one has to be told. */
    } while (!told ||
             (ending && has_left(books, owner) && is_unseen(books, which)));
}

bool completion_has_room(const moor_registry *books, life which)
{
    /* acquire, C3. */
    return ends_have_room(
        moor_load_acquire(&annex_at(books, life_index(which))->unread));
}

uint64_t completion_mark(const moor_registry *books, life which)
{
    /* acquire, C3. */
    return ends_mark(
        moor_load_acquire(&annex_at(books, life_index(which))->unread));
}

bool completion_is_told(const moor_registry *books, life which, uint64_t word)
{
    /* relaxed: alone. */
    return ends_tell_of(
        moor_load_relaxed(&annex_at(books, life_index(which))->unread), word);
}

/* --- recovery ------------------------------------------------------------- */

/* A record that was handed out has an annex.  relaxed: alone. */
static bool has_annex(const moor_registry *books, uint32_t index)
{
    return word_generation(
               moor_load_relaxed(&member_at(books, index)->state)) != 0;
}

/* relaxed: alone. */
static uint64_t unread_of(const moor_registry *books, uint32_t index)
{
    return has_annex(books, index)
               ? moor_load_relaxed(&annex_at(books, index)->unread)
               : 0;
}

/* All references first: an owner that has left lets some go. */
void completion_recover(moor_registry *books, uint32_t end)
{
    for (uint32_t i = 0; i < end; i++) {
        if (has_annex(books, i)) {
            /* relaxed: alone. */
            moor_store_relaxed(&annex_at(books, i)->arrived, 0);
            moor_store_relaxed(&annex_at(books, i)->in_order, 0);
        }
        if (ends_any(unread_of(books, i))) {
            tree_hold_more(member_at(books, i));
        }
    }
    for (uint32_t i = 1; i < end; i++) {
        uint64_t ends = unread_of(books, i);

        if (ends_any(ends)) {
            link_member(books, above_at_depth(books, i, ends_depth(ends)), i);
        }
    }
    for (uint32_t i = 1; i < end; i++) {
        if (has_annex(books, i) && has_left(books, i)) {
            close_queue(books, i);
        }
    }
}
