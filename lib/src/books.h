/*
 * The books: what a registry is made of, and how a handle is looked up.
 * Internal; the public calls lie in the files above this one.
 */
#ifndef MOOR_BOOKS_H
#define MOOR_BOOKS_H

#include "moorage/registry.h"
#include "bell.h"
#include "event.h"
#include "map.h"
#include "marks.h"
#include "nickname.h"
#include "queue.h"
#include "slots.h"
#include "stats.h"
#include "text.h"
#include "total.h"
#include "tree.h"

/* The explorer has fewer threads, and steps through each. */
#if defined(MOOR_STEP)
enum { BOOKS_STACKS = 2 };
#else
enum { BOOKS_STACKS = 4 };
#endif

/* annex.h */
struct annex {
    moor_word touched;  /* use.h: when it was last used */
    moor_word lease;    /* lease.c: when it expires, and its time-to-live */
    moor_word entry;    /* lease.c: its entry in the wheel */
    moor_word unread;   /* completion.c: ends of runs that nobody has read */
    moor_word next;     /* completion.c: behind it in the list it stands in */
    moor_word arrived;  /* completion.c: children with such, latest first */
    moor_word in_order; /* completion.c: the same, oldest first */
    moor_word born;     /* journal.c: when it was admitted first; is it kept */
};

_Static_assert(sizeof(struct annex) == MOOR_LINE, "an annex is one line");

/* journal.h */
struct journal {
    moor_word rung;     /* has the taker been told that there is something */
    moor_word behind;   /* somebody left and was not kept */
    struct marks marks; /* who has changed */
    struct event event;
    struct marks_pass pass; /* the taker's own */
    moor_word kept;         /* how many are, that have left */
};

struct role_list {
    char *role;
    struct nickname_list nicknames;
};

struct moor_registry {
    /* Constant after creation, but for one flag that every life looks at. */
    struct hash_key key;
    life root;
    moor_word tracks_use; /* use.h: not 0 from when on it keeps track of uses */
    struct journal *journal; /* null: it keeps none */
    moor_pointer wheel;      /* of leases; null: there never was one */
    moor_release release;
    moor_close_rule close_rule;
    bool tells;  /* of ends, releases, changes or times: what few do */
    bool events; /* of ends */
    uint64_t first_generation;
    struct held *held;          /* held.h; null: it does not measure that */
    moor_on_release on_release; /* null: nobody is told of releases */
    void *on_release_context;
    struct nickname_list nicknames;
    struct role_list *roles;
    size_t roles_count;

    /* Seldom written, read by every life. */
    moor_word depth_limit;
    moor_word turn;
    struct map paths;
    struct map ids;
    struct plates plates;
    moor_word root_plate[PLATE_FEWEST_WORDS];
    struct arena texts;
    struct arena annexes; /* by the indices of the records */
    struct tree tree;
    struct event event;
    struct queue queue; /* for running slots */
    struct bell bell;

    /* Written by every life: one line, because a spawn charges all of them. */
    MOOR_ON_OWN_LINE struct slots running;
    struct slots resident; /* tickets and loaded agents */
    struct total lifetime;
    moor_word names_made; /* by the registry: agent_1, agent_2, ... */
    MOOR_ON_OWN_LINE struct arena records;
    struct arena_stack vacant[BOOKS_STACKS]; /* of the records */
    struct stats stats;
};

static inline struct record *books_record(const moor_registry *books,
                                          life which)
{
    return record_of(&books->records, which);
}

/* Why a life is not the agent that somebody takes it for. */
moor_error books_why_not(const moor_registry *books, life which,
                         uint64_t word);

/* The state word of a life, if a record was ever handed out at its index.
 * Nothing outside the arena is ever read, whatever the handle says. */
static inline bool books_state(const moor_registry *books, life which,
                               uint64_t *word)
{
    const struct record *record = (const struct record *)arena_find(
        &books->records, life_index(which), sizeof *record);

    if (record == NULL) {
        return false;
    }
    *word = moor_load_acquire(&record->state); /* R1 */
    return true;
}

/*
 * The state of the agent of a handle.
 *   MOOR_OK, MOOR_STALE (it was), MOOR_NOT_FOUND (it never was)
 * Wait-free: one load of its record.  Order: acquires, R1.
 */
static inline moor_error books_agent(const moor_registry *books, life which,
                                     uint64_t *word)
{
    if (!books_state(books, which, word)) {
        return MOOR_NOT_FOUND;
    }
    if (word_generation(*word) == life_generation(which) &&
        word_is_agent(*word)) {
        return MOOR_OK;
    }
    return books_why_not(books, which, *word);
}

/* The same for a ticket. */
moor_error books_ticket(const moor_registry *books, life which,
                        uint64_t *word);

/* The same for an agent to be changed; the root is MOOR_IS_ROOT. */
static inline moor_error books_subject(const moor_registry *books, life which,
                                       uint64_t *word)
{
    return which == books->root ? MOOR_IS_ROOT
                                : books_agent(books, which, word);
}

/* One step of a life's state, `from` -> `to`; *before (may be null) is what it
 * replaced.  False: it is not, or no more, in that phase.  Of all that try, one
 * wins.  Lock-free.  Order: acquires and releases, R1; seq_cst, F1, because the
 * step of a failed start sets the fence. */
static inline bool books_step(moor_registry *books, life which,
                              enum word_phase from, uint64_t (*to)(uint64_t),
                              uint64_t *before)
{
    moor_word *state = &books_record(books, which)->state;
    uint64_t word = moor_load_acquire(state); /* R1 */

    do {
        if (word_generation(word) != life_generation(which) ||
            word_phase(word) != from) {
            return false;
        }
    } while (!moor_cas_seq_cst(state, &word, to(word))); /* R1, F1 */
    if (before != NULL) {
        *before = word;
    }
    return true;
}

/* A handle from outside as a life; the zero handle of a parent is the root. */
static inline life books_parent(const moor_registry *books, moor_agent agent)
{
    return agent.bits == 0 ? books->root : agent.bits;
}

/* Where the next walk over all records ends. */
static inline uint32_t books_end(const moor_registry *books)
{
    return arena_end(&books->records);
}

/* The nickname list of a role: its own or the registry's; null: none. */
struct nickname_list *books_nicknames(moor_registry *books, const char *role);

#endif
