/*
 * Playing a scenario: what the files of the player share.
 *
 * One struct play per run; one struct player per thread of it.  The library is
 * called from all threads at once and nothing here gets between them: bindings
 * are written by the one thread that defines the label, tallies are each
 * thread's own and are added up when it has been joined.  The exception is a
 * scenario with `exec`; see play_children.h.
 */
#ifndef MOORAGE_TOOL_PLAY_H
#define MOORAGE_TOOL_PLAY_H

#include <stdio.h>

#include "asker.h"
#include "scenario.h"

/* What a label names now: an agent's or a ticket's handle. */
struct binding {
    bool bound;
    uint64_t bits;
};

struct children;
struct kept; /* play_store.c */

struct play {
    const char *file;
    const struct scenario *scenario;
    moor_registry *registry;
    struct binding *bindings;  /* by label number */
    struct children *children; /* null: the scenario has no exec */
    struct kept *kept;         /* null: it has no restart */
    bool json;
};

struct player {
    struct play *play;
    bool in_parallel;
    /* Of the labels from `own.first` on only its own are this thread's to see;
     * `from_before` is where the parallel's first label begins. */
    label_number from_before;
    struct label_range own;
    uint64_t played, broken;
    struct asker *asker; /* null: nobody who may leave meanwhile */
};

/* What an operation answered. */
struct answer {
    const char *outcome; /* "ok", "refused" or an error's name */
    json_t *fields;      /* object */
};

/* The registry's settings, by the header. */
void play_config(const struct header *header, moor_config *config);

/* The watcher of the children; ends the program when it cannot be started. */
void play_start_children(struct play *play);

/* Play all of it; answers an exit code. */
int play_scenario(const char *file, const struct scenario *scenario,
                  bool as_json);

/* ---- one operation: play_ops.c ------------------------------------------ */

void op_perform(struct player *player, const struct operation *operation,
                struct answer *answer);

/* Each kind of operation; see the table in play_ops.c. */
typedef void op_performer(struct player *player,
                          const struct operation *operation,
                          struct answer *answer);
op_performer op_spawn, op_reserve, op_commit, op_abandon, op_run_again,
    op_take_back;
op_performer op_step, op_finish, op_close, op_request, op_poll;
op_performer op_evict, op_load;
op_performer op_restart;
op_performer op_turn_begin, op_turn_end, op_set_limit, op_reap;
op_performer op_wait, op_events, op_sleep, op_exec;
op_performer op_list, op_lookup, op_capacity, op_check, op_expect;

/* Shared by spawn and exec: the admission, and what it answers. */
moor_error admission_spawn(struct player *player,
                           const struct operation *operation,
                           moor_agent *agent, struct answer *answer);

/* ---- labels: play_labels.c ---------------------------------------------- */

void label_bind(struct player *player, label_number label, uint64_t bits);
void labels_unbind(struct play *play, struct label_range range);
bool label_is_bound(const struct player *player, label_number label);
/* The handle; the zero handle when unbound. */
moor_agent label_agent(const struct player *player, label_number label);
moor_ticket label_ticket(const struct player *player, label_number label);
/* An agent's or a ticket's label; without one its path. */
json_t *agent_name(const struct player *player, moor_agent agent);
json_t *ticket_name(const struct player *player, moor_ticket ticket);

/* ---- answers: play_answer.c --------------------------------------------- */

void answer_error(struct answer *answer, moor_error error);
/* Add a field; each takes over or copies its value. */
void answer_json(struct answer *answer, const char *field, json_t *value);
void answer_number(struct answer *answer, const char *field, uint64_t number);
/* A null or empty text says that there is none. */
void answer_text(struct answer *answer, const char *field, const char *text);
json_t *limit_json(uint32_t limit);

/* ---- a store: play_store.c, where this build has one --------------------- */

/* Sets play->registry and play->kept: a store in a folder of its own, which
 * goes when the play ends. */
void kept_open(struct play *play);
void kept_close(struct play *play);
/* The store's thread is in no call of the registry; so nothing is half done
 * while that is checked. */
void kept_settle(const struct play *play);

/* ---- judging: play_match.c ---------------------------------------------- */

/* Does the answer meet the expectation of the operation? */
bool answer_meets(const struct operation *operation,
                  const struct answer *answer);

/* ---- telling: play_report.c --------------------------------------------- */

void report_operation(const struct play *play,
                      const struct operation *operation,
                      const struct answer *answer, bool held);
/* `text` is what the check at the end found; null: nothing. */
void report_end(const struct play *play, uint64_t played, uint64_t broken,
                const char *text);

#endif
