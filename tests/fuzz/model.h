/*
 * The registry once more, for one thread: a plain array of agents and tickets,
 * and what each operation does to it, word by word after the public headers.
 *
 * It shares nothing with the library but the types of its answers.  What the
 * library may choose (a made name, a drawn nickname, an id) it is told by
 * model_learn(), which judges the choice.
 */
#ifndef FUZZ_MODEL_H
#define FUZZ_MODEL_H

#include "model_names.h"

enum {
    MODEL_ROOT = 0,
    MODEL_NOBODY = -1, /* the entry of a handle that was never given out */
    MODEL_ENTRIES = 64,
    MODEL_PATH = MOOR_PATH_MAX + 1,
    MODEL_TEXT = 300
};

enum model_kind { MODEL_TICKET, MODEL_AGENT, MODEL_GONE };

/* One that is there, or was. */
struct model_entry {
    enum model_kind kind;
    bool was_agent, was_ticket; /* its handle is one of the library's */
    uint64_t bits;              /* that handle */
    int parent;                 /* the one it hangs below now */
    moor_status status;         /* of an agent */
    bool slot, fenced;
    moor_request_kind requested;
    uint32_t depth;
    uint64_t turn, admission; /* of its last admission: turn and number */
    moor_id id;
    char path[MODEL_PATH];
    char nickname[MOOR_NICKNAME_TEXT];
    char role[MOOR_ROLE_MAX + 1];
    const char *text; /* null: none */
    size_t length;
};

struct model {
    uint32_t limits[MOOR_LIMITS];
    moor_release release;
    moor_close_rule rule;
    struct model_nicknames nicknames, role_nicknames;
    const char *role; /* the one that has a list */

    struct model_entry entries[MODEL_ENTRIES];
    int count;
    uint64_t lifetime, admissions;
    moor_stats counted; /* only what is not found by counting entries */
};

/* Only with the root. */
void model_begin(struct model *model, const moor_config *config);

/* --- admission: model.c --------------------------------------------------- */

struct model_ask {
    int parent;
    const char *name, *role, *nickname;
    const moor_id *id;
};

/* *which is the new ticket; *refusal is written when it is refused.  There is
 * an entry left. */
moor_error model_reserve(struct model *model, const struct model_ask *ask,
                         int *which, moor_refusal *refusal);
moor_error model_commit(struct model *model, int which, const moor_id *id,
                        const char *path);
moor_error model_abandon(struct model *model, int which);

/* Spawn is reserve and this. */
void model_become_agent(struct model *model, int which);

/* What the library chose for a new ticket or agent; null, or what is wrong. */
const char *model_learn(struct model *model, int which,
                        const struct model_ask *ask, const moor_info *info);

/* Agents and tickets that count as loaded. */
uint64_t model_resident(const struct model *model);

/* Is a slot free, by the release policy, if need be by reaping? */
bool model_charge(struct model *model);

void model_refuse(struct model *model, moor_limit limit, uint64_t used,
                  int parent, moor_refusal *refusal);

/* --- life, turns, close: model_life.c ------------------------------------- */

moor_error model_start(struct model *model, int which);
moor_error model_start_failed(struct model *model, int which);
moor_error model_finish(struct model *model, int which, moor_status status,
                        const char *text, size_t length);
moor_error model_died(struct model *model, int which);
moor_error model_run_again(struct model *model, int which,
                           moor_refusal *refusal);
moor_error model_request(struct model *model, int which,
                         moor_request_kind what);
moor_error model_close(struct model *model, int which, moor_close_scope scope,
                       moor_closed *answer);
uint64_t model_reap(struct model *model); /* by the policy */
uint64_t model_release_idle(struct model *model);
moor_error model_turn_end(struct model *model, moor_left left,
                          moor_turn_ended *answer);

/* A ticket or agent that leaves the tree. */
void model_leave(struct model *model, int which);

/* --- reading: model_read.c ------------------------------------------------ */

/* Is it an agent: OK, STALE, NOT_FOUND; to be changed: also IS_ROOT. */
moor_error model_agent(const struct model *model, int which);
moor_error model_subject(const struct model *model, int which);
moor_error model_ticket(const struct model *model, int which);

bool model_is_live(const struct model_entry *entry);
bool model_is_idle(const struct model_entry *entry);
bool model_is_there(const struct model_entry *entry);

uint64_t model_used(const struct model *model);
uint64_t model_children(const struct model *model, int parent);
bool model_is_fenced(const struct model *model, int which);
int model_at_path(const struct model *model, const char *path);
int model_of_id(const struct model *model, const moor_id *id);

moor_stats model_stats(const struct model *model);
/* Of one that is an agent; would_limit only when it would be refused. */
moor_capacity model_capacity(const struct model *model, int parent);
moor_error model_wait(const struct model *model, moor_wait_for what,
                      moor_wait_until until, const int *which, size_t count,
                      moor_waited *answers);

#endif
