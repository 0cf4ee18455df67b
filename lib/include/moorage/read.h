/*
 * Reading: look-ups, lists, capacity, counters, times, check.
 *
 * Each answer about one agent is true at one instant of the call.  A list is
 * no snapshot: each entry was there at some instant of the call.
 */
#ifndef MOORAGE_READ_H
#define MOORAGE_READ_H

#include "admission.h"

#ifdef __cplusplus
extern "C" {
#endif

/* An agent or a ticket, copied out. */
typedef struct moor_info {
    moor_agent agent;   /* zero when it is a ticket */
    moor_ticket ticket; /* zero when it is an agent */
    moor_agent parent;  /* the one it hangs below now; zero for the root */
    moor_id id;         /* nil for a ticket and for the root */
    moor_status status;
    bool slot; /* holds a running slot now */
    bool lent; /* runs without: it has lent its slot */
    bool fenced;
    bool loaded;   /* counts as resident, as a ticket does; residency.h */
    bool pinned;
    bool evicting; /* loaded, and claimed by an eviction */
    uint32_t depth;
    uint64_t turn;   /* of its last admission */
    uint64_t age_ms; /* since its last admission, to a few milliseconds */
    char path[MOOR_PATH_MAX + 1];
    char nickname[MOOR_NICKNAME_TEXT]; /* empty: none */
    char role[MOOR_ROLE_MAX + 1];      /* empty: none */
} moor_info;

/* Read a status by handle: not_found with MOOR_STALE and MOOR_NOT_FOUND.
 *   Threads any. Progress wait-free: one load. Order acquires the end.
 *   Errors  also MOOR_BAD_ARGUMENT */
moor_error moor_status_of(const moor_registry *registry, moor_agent agent,
                          moor_status *status);

/* Copy out everything about one agent or ticket.
 *   Threads any. Progress lock-free.
 *   Errors  MOOR_BAD_ARGUMENT, MOOR_NOT_FOUND, MOOR_STALE */
moor_error moor_info_of(moor_registry *registry, moor_agent agent,
                        moor_info *info);
moor_error moor_ticket_info(moor_registry *registry, moor_ticket ticket,
                            moor_info *info);

/*
 * Copy out the text of the last run.  Writes at most `room` bytes and no NUL;
 * *length is the whole length (call again with more room).  Length 0: there is
 * none.  `text` may be null with room 0.
 *
 *   Threads any. Progress lock-free.
 *   Errors  MOOR_BAD_ARGUMENT, MOOR_NOT_FOUND, MOOR_STALE
 */
moor_error moor_result(moor_registry *registry, moor_agent agent, char *text,
                       size_t room, size_t *length);

/* Find an agent by its id.
 *   Threads any. Progress lock-free.
 *   Errors  MOOR_BAD_ID (nil), MOOR_NOT_FOUND, MOOR_BAD_ARGUMENT */
moor_error moor_find_id(moor_registry *registry, const moor_id *id,
                        moor_agent *agent);

/* Find an agent by its path: absolute, or relative down from `from` (zero: the
 * root).  Never finds a ticket.
 *   Threads any. Progress lock-free.
 *   Errors  MOOR_BAD_PATH, MOOR_NOT_FOUND, MOOR_STALE (`from`),
 *           MOOR_BAD_ARGUMENT */
moor_error moor_find_path(moor_registry *registry, moor_agent from,
                          const char *path, moor_agent *agent);

/* Which entries a list gives; null: all. */
typedef struct moor_list_filter {
    moor_agent from;    /* for a relative prefix; zero: the root */
    const char *prefix; /* whole segments; null: "/root" */
    uint32_t statuses;  /* bit 1 << status; 0: all, tickets included */
} moor_list_filter;

/*
 * List agents and tickets, a page at a time.
 *
 *   cursor   0 at the start; *cursor is 0 again when nothing is left
 *   infos    room for `room` (at least 1) entries; *count of them are written
 *   Threads  any. Progress lock-free.
 *   Errors   MOOR_BAD_ARGUMENT, MOOR_BAD_PATH, MOOR_STALE, MOOR_NOT_FOUND
 *            (`from`)
 *
 * Everything that is there throughout the calls is listed exactly once, in no
 * particular order.
 */
moor_error moor_list(moor_registry *registry, const moor_list_filter *filter,
                     uint64_t *cursor, moor_info *infos, size_t room,
                     size_t *count);

typedef struct moor_use {
    uint64_t used;
    uint32_t limit;
} moor_use;

typedef struct moor_capacity {
    moor_use of[MOOR_LIMITS]; /* by moor_limit; depth: that of the parent */
    moor_error would;         /* of a spawn now: OK, REFUSED or FENCED */
    moor_limit would_limit;   /* which limit, when REFUSED */
} moor_capacity;

/* Tell what a spawn would meet now, below `parent` (zero: the root); changes
 * nothing.  Each figure is of an instant of its own.
 *   Threads any. Progress lock-free.
 *   Errors  MOOR_NOT_FOUND, MOOR_STALE, MOOR_BAD_ARGUMENT: then *capacity says
 *           nothing */
moor_error moor_capacity_of(moor_registry *registry, moor_agent parent,
                            moor_capacity *capacity);

/* Counters since the start; each is exact when nothing runs. */
typedef struct moor_stats {
    uint64_t used; /* running slots counted now */
    uint64_t live, idle, tickets;
    uint64_t waiting; /* admissions in the queue for a running slot */
    uint64_t resident; /* tickets and loaded agents counted now */
    uint64_t turn;
    uint64_t spawned;              /* commits that succeeded */
    uint64_t refused[MOOR_LIMITS]; /* one per refused call */
    uint64_t completed;            /* runs that ended completed */
    uint64_t closed;
    uint64_t reaped;   /* slots given back by reap, on_reserve or turn_end */
    uint64_t released; /* slots given up by agents */
    uint64_t used_most, resident_most; /* the most there ever were at once: what
                                          limits can be set by */
    uint64_t unfreed;  /* results of the whole process that wait to be freed,
                          roughly; more and more of them: a thread was killed,
                          or is suspended, inside moor_result */
} moor_stats;

/* Read all counters.
 *   Threads any. Progress lock-free: one pass over all agents for live, idle
 *           and tickets.
 *   Errors  MOOR_BAD_ARGUMENT */
moor_error moor_stats_of(moor_registry *registry, moor_stats *stats);

enum { MOOR_TIMES_BUCKETS = 34 };

/* How long something took, each time that it was. */
typedef struct moor_times {
    uint64_t count;
    uint64_t sum_us;                      /* microseconds, all together */
    uint64_t buckets[MOOR_TIMES_BUCKETS]; /* how often as long as its bound, or
                                             less, but longer than the one
                                             before */
} moor_times;

/* The bound of a bucket in microseconds: 1, 2, 5, 10, 20, and so on to 50,000
 * seconds; of the last one, and of what is none, UINT64_MAX.  Wait-free. */
uint64_t moor_times_bound_us(unsigned bucket);

/*
 * Read what took how long since the start.  Either may be null.
 *
 *   waited   in the queue for a running slot: all admissions that came to wait,
 *            granted or not
 *   held     running slots: from the charge to an agent or ticket until it was
 *            given up, whatever for.  Lending ends this, taking back begins it
 *            anew; so what is added to its sum in a second is how many were
 *            held on average.  Only with `measure_held` of the registry's
 *            config; else all zero
 *   Threads  any. Progress wait-free. Each number is exact when nothing runs.
 *   Errors   MOOR_BAD_ARGUMENT
 */
moor_error moor_times_of(moor_registry *registry, moor_times *waited,
                         moor_times *held);

/*
 * Verify the invariants.  Exact when no other call runs; under load only what
 * must hold at every instant is judged.
 *
 *   text     room for what is wrong, a sentence with its invariant's number;
 *            may be null with room 0; always ends in a NUL when room > 0
 *   Returns  MOOR_OK, MOOR_VIOLATED, MOOR_BAD_ARGUMENT; MOOR_NO_MEMORY when
 *            `quiet`
 */
moor_error moor_check(moor_registry *registry, bool quiet, char *text,
                      size_t room);

#ifdef __cplusplus
}
#endif
#endif
