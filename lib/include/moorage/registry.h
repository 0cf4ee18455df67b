/*
 * The registry: one tree of agents with its limits.
 *
 * Which calls may overlap on one registry?  All of them, freely, from any
 * number of threads, except moor_destroy: it must be the last call, after
 * every other has returned; and moor_recover, which runs alone.
 *
 * A registry has room for 67 million tickets and agents at once, and for 32,768
 * threads in its calls at once.
 *
 * No call blocks unless it was given a deadline; a thread suspended inside
 * any call stops no other.  Each call states its progress class:
 *
 *   wait-free   ends within a bounded number of its own steps
 *   lock-free   may retry, and each retry means that another call succeeded
 */
#ifndef MOORAGE_REGISTRY_H
#define MOORAGE_REGISTRY_H

#include "agent.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct moor_registry moor_registry;

/* A limit of this value does not limit.  Zero means none at all. */
#define MOOR_UNLIMITED UINT32_MAX

typedef enum moor_limit {
    MOOR_LIMIT_RUNNING = 0, /* running slots: tickets, pending, running */
    MOOR_LIMIT_RESIDENT,    /* loaded agents, and tickets: residency.h */
    MOOR_LIMIT_DEPTH,       /* of an agent; the root's is 0 */
    MOOR_LIMIT_CHILDREN,    /* linked below one parent, finished ones too */
    MOOR_LIMIT_LIFETIME,    /* all spawns there ever were */
    MOOR_LIMITS             /* how many there are */
} moor_limit;

/* When an agent that became idle gives up its running slot. */
typedef enum moor_release {
    MOOR_ON_COMPLETION = 0, /* in the step that makes it idle */
    MOOR_ON_TURN_END,       /* at moor_turn_end */
    MOOR_ON_RESERVE,        /* when an admission finds no slot free */
    MOOR_ON_CLOSE,          /* only at close: leaks by design */
    MOOR_RELEASES
} moor_release;

/* What becomes of the children of an agent that is closed. */
typedef enum moor_close_rule {
    MOOR_CASCADE = 0, /* they are closed with it */
    MOOR_ADOPT,       /* the grandparent takes them */
    MOOR_REFUSE,      /* the close is refused while there are any */
    MOOR_CLOSE_RULES
} moor_close_rule;

/* What turn_end does to the live agents of the turn that ends. */
typedef enum moor_left {
    MOOR_LEFT_KEEP = 0,
    MOOR_LEFT_INTERRUPT,
    MOOR_LEFT_SHUTDOWN,
    MOOR_LEFT_FENCE,
    MOOR_LEFTS
} moor_left;

/* A role with a nickname list of its own. */
typedef struct moor_role {
    const char *name;
    const char *const *nicknames; /* as moor_config's */
    size_t nicknames_count;
} moor_role;

enum { MOOR_QUEUE_MAX = 65536 };
/*
 * Told of each running slot that an agent has given up, by the thread whose
 * call took it, when the slot is free, or taken over by an admission: once for
 * each charge, whatever ended it.  `status`: how the run ended; shutdown when a
 * close ended it.  Of a ticket that was rolled back, and of a failed start,
 * nobody is told.  It may call the registry; the agent may be gone by then; and
 * the call that took the slot returns after it.
 */
typedef void (*moor_on_release)(void *context, moor_registry *registry,
                                moor_agent agent, moor_status status);

typedef struct moor_config {
    uint32_t limits[MOOR_LIMITS]; /* by moor_limit */
    moor_release release;
    moor_close_rule close_rule;
    uint32_t queue; /* how many admissions may wait for a running slot at once,
                       at most MOOR_QUEUE_MAX; 0: none */
    bool journal; /* note what changes: journal.h */
    bool measure_held; /* how long slots are held: moor_times_of.  Two looks at
                          the clock for each charge, 8 bytes for each agent */
    const char *const *nicknames; /* copied, each once; null with count 0 */
    size_t nicknames_count;
    const moor_role *roles; /* copied; may be null with count 0 */
    size_t roles_count;
    bool track_use; /* from the start, for moor_evict: see residency.h; a limit
                       of `resident` does that, too */
    bool events;    /* keep completion events: events.h */
    moor_on_release on_release; /* null: nobody is told */
    void *on_release_context;
} moor_config;

/* Write the defaults: running 6, all else unlimited, on_completion, cascade, a
 * queue of 64, no nicknames, no events, nobody is told of releases, and nothing
 * is measured. */
void moor_config_default(moor_config *config);

/*
 * Make a registry.  `config` may be null: the defaults.
 *
 *   Errors  MOOR_BAD_ARGUMENT: a null pointer, an enumerator out of range, a
 *           nickname or role name that is empty, too long or not UTF-8, a role
 *           given twice; MOOR_NO_MEMORY
 */
moor_error moor_create(const moor_config *config, moor_registry **registry);

/* End a registry.  It is the last call on it; its handles die with it.  Null is
 * allowed. */
void moor_destroy(moor_registry *registry);

/* The root's handle; the zero handle for null.  Threads any; wait-free. */
moor_agent moor_root(const moor_registry *registry);

/*
 * Change a limit.  Lowering one evicts nobody; it admits nobody until the
 * count has drained.  No admission that begins after this call returned goes
 * by the old value.  Running slots that become free go to those that wait,
 * oldest first.
 *
 *   Threads any. Progress lock-free. Order acquire and release.
 *   Errors  MOOR_BAD_ARGUMENT
 */
moor_error moor_set_limit(moor_registry *registry, moor_limit which,
                          uint32_t value);

/* Begin a turn: adds one to the turn number, and answers it (`turn` may be
 * null).
 *   Threads any. Progress wait-free.
 *   Errors  MOOR_BAD_ARGUMENT */
moor_error moor_turn_begin(moor_registry *registry, uint64_t *turn);

typedef struct moor_turn_ended {
    uint64_t turn;     /* the number of the turn that ended */
    uint64_t ended;    /* runs that `left` ended */
    uint64_t released; /* slots that came back by this call */
} moor_turn_ended;

/*
 * End the turn: applies `left` to every live agent whose last admission was in
 * the current turn, then, under on_turn_end, releases every idle agent of any
 * turn that still holds its slot.  `answer` may be null.
 *
 *   Threads any. Progress lock-free, one pass over all agents.
 *   Errors  MOOR_BAD_ARGUMENT
 */
moor_error moor_turn_end(moor_registry *registry, moor_left left,
                         moor_turn_ended *answer);

/*
 * Take the slot from every idle agent that still holds one (under on_close:
 * from none) and answer how many came back (`reaped` may be null).  Agents
 * stay in the tree.
 *
 *   Threads any. Progress lock-free, one pass over all agents.
 *   Errors  MOOR_BAD_ARGUMENT
 */
moor_error moor_reap(moor_registry *registry, uint64_t *reaped);

/*
 * After a thread was killed inside a call, put right what it left half done: a
 * run that was ending has ended, an admission that had not returned is taken
 * back, and what is used is counted anew.  `recovered` (may be null): slots
 * that came back.  Not given back: a charge to the lifetime, if the thread was
 * killed in an admission; and, until moor_destroy, memory that it had in hand.
 *
 *   Threads alone: no other call runs on this registry, nor will the killed
 *           one go on. Progress wait-free, some passes over all agents.  What
 *           was taken from the journal and is not done yet counts as done; so
 *           not while a store follows the registry
 *   Errors  MOOR_BAD_ARGUMENT
 */
moor_error moor_recover(moor_registry *registry, uint64_t *recovered);

/* The name of a value, as scenario files spell it; "unknown" for none. */
const char *moor_limit_name(moor_limit limit);
const char *moor_release_name(moor_release release);
const char *moor_close_rule_name(moor_close_rule rule);

#ifdef __cplusplus
}
#endif
#endif
