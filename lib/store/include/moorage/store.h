/*
 * The store: a registry's agents in a file, and the way back from it.
 *
 * A thread of the store follows the registry's journal and writes what has
 * changed into an SQLite database, many changes in one transaction.  No call on
 * the registry waits for it, nor for the disk.  When the process ends, at
 * whatever instruction, the file holds what the latest transaction left, and
 * moor_store_open makes a registry of it.
 *
 * Beside the file there are three more of its name: -wal and -shm are
 * SQLite's, -lock says that a store is open.  One that is open is nobody
 * else's; its rows may be read by other programs at any time.  What is in the
 * tables: SCHEMA.md.
 *
 * This is a library of its own, moorage_store: the registry knows nothing of
 * it, and does not link SQLite.
 */
#ifndef MOORAGE_STORE_H
#define MOORAGE_STORE_H

#include <moorage/journal.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct moor_store moor_store;

typedef enum moor_store_error {
    MOOR_STORE_OK = 0,
    MOOR_STORE_BAD_ARGUMENT, /* a null pointer, an empty path, a registry that
                                cannot be made of that config */
    MOOR_STORE_NO_MEMORY,
    MOOR_STORE_TIMED_OUT,
    MOOR_STORE_CANNOT_OPEN, /* no such folder, no permission */
    MOOR_STORE_NOT_A_STORE, /* a file of another kind */
    MOOR_STORE_NEWER,       /* made by a later version of moorage */
    MOOR_STORE_NOT_EMPTY,   /* an import wants a new store */
    MOOR_STORE_LOCKED,      /* another process, or another store, has it */
    MOOR_STORE_READ_ONLY,
    MOOR_STORE_FULL, /* no space left, or bytes_max reached */
    MOOR_STORE_IO,   /* the disk failed */
    MOOR_STORE_CORRUPT,
    MOOR_STORE_ERRORS /* how many there are */
} moor_store_error;

/* The name of an error: "not_a_store", ...; "unknown" for none of them. */
const char *moor_store_error_name(moor_store_error error);

enum { MOOR_STORE_TEXT = 512 };

/* All zero: the defaults.  May be null. */
typedef struct moor_store_options {
    /* Told of each agent that was kept, in the order of their spawns, before
     * moor_store_open returns.  `kept` is there only during the call. */
    void (*restored)(void *context, const moor_kept *kept, moor_agent agent,
                     moor_restored outcome);
    void *context;
    uint64_t bytes_max; /* the database does not grow beyond; 0: the disk is the
                           limit */
} moor_store_options;

/* What moor_store_open found. */
typedef struct moor_store_report {
    bool created;       /* there was none, or an empty file */
    int version;        /* of the file as it was; 0 when created */
    size_t restored;    /* agents that are in the registry: */
    size_t live;        /* of these, charged */
    size_t interrupted; /* of these, were live and did not fit */
    uint64_t turn, lifetime;
    char text[MOOR_STORE_TEXT]; /* of an error: what, where, and what to do */
} moor_store_report;

/*
 * Open a store, or make one, and a registry of what is in it.
 *
 *   path    UTF-8; its folder exists
 *   config  as for moor_create, may be null.  For a new store all of it counts.
 *           From a file come the limits, the release policy and the close rule
 *           in force when it was last written, and the turn, the lifetime
 *           count and all names; from config the queue, the nickname lists, and
 *           a limit that the file does not know.  The registry always has a
 *           journal, which is the store's alone
 *   report  may be null
 *   Errors  all of the above; then there is neither store nor registry, and the
 *           file is as it was (but for a change of its version)
 *
 * End with moor_store_close, and then moor_destroy.
 */
moor_store_error moor_store_open(const char *path, const moor_config *config,
                                 const moor_store_options *options,
                                 moor_store **store, moor_registry **registry,
                                 moor_store_report *report);

/*
 * Wait until the file is up to date: all is in it that calls on the registry
 * have changed which returned before this one began.  On any error nothing is
 * lost: the store goes on trying.
 *
 *   Threads   any, any number at once.  Blocks up to timeout_ms, or
 *             MOOR_FOREVER
 *   Returns   MOOR_STORE_OK: committed, also for a loss of power.
 *             MOOR_STORE_TIMED_OUT, MOOR_STORE_BAD_ARGUMENT; what the latest
 *             attempt met: MOOR_STORE_FULL, _LOCKED, _READ_ONLY, _IO, _CORRUPT,
 *             _NO_MEMORY
 */
moor_store_error moor_store_flush(moor_store *store, uint64_t timeout_ms);

typedef struct moor_store_state {
    moor_store_error error; /* of the latest attempt; OK: all is well */
    size_t waiting;         /* agents in hand whose rows are not committed */
    bool behind;            /* more had changed than can be noted: all agents
                               are going to be written anew */
    uint64_t transactions;  /* that were committed */
    uint64_t failures;      /* attempts in vain */
    char text[MOOR_STORE_TEXT]; /* of the latest error; empty: there was none */
} moor_store_state;

/* Tell how the store fares; does not wait for the disk.
 *   Threads  any
 *   Errors   MOOR_STORE_BAD_ARGUMENT */
moor_store_error moor_store_state_of(moor_store *store,
                                     moor_store_state *state);

/*
 * Write what is left, once, and end the store.  The registry is still there,
 * and unstored.  The last call on the store; null is allowed.
 *   Returns  as moor_store_flush; then what could not be written is lost
 */
moor_store_error moor_store_close(moor_store *store);

/* --- from codex ----------------------------------------------------------- */

typedef struct moor_store_imported {
    size_t edges;               /* rows of its table */
    size_t agents;              /* that were made */
    size_t sessions;            /* of these, threads that nobody spawned */
    size_t closed;              /* rows left out: closed, */
    size_t below;               /* or open below a closed one, or of a ring */
    char text[MOOR_STORE_TEXT]; /* of an error */
} moor_store_imported;

/*
 * Make a store of what codex has kept: of the table thread_spawn_edges in one
 * of its state databases, which is only read.
 *
 * A thread becomes an agent with the thread's id, a name of the registry's
 * making, and status interrupted: the table does not say how its work ended,
 * so it is charged with nothing and can be run again.  A thread that nobody
 * spawned is a session's own; there may be many of them in one database, and
 * each becomes a child of the root.  As when codex resumes, what hangs below a
 * closed edge is left out.
 *
 *   Errors  as moor_store_open for both files; MOOR_STORE_NOT_EMPTY: there is a
 *           store at `to` with agents in it.  On an error a new `to` is removed
 */
moor_store_error moor_store_import_codex(const char *from, const char *to,
                                         moor_store_imported *imported);

#ifdef __cplusplus
}
#endif
#endif
