/*
 * What the operations of fuzz_ops.c share: the library's registry, the model,
 * and the arguments that the input gives.
 */
#ifndef FUZZ_OPS_H
#define FUZZ_OPS_H

#include "fuzz.h"
#include "model.h"
#include "ops_judge.h"

struct ops {
    struct input input;
    moor_registry *registry;
    struct model model;
};

extern struct ops ops;

/* --- arguments ------------------------------------------------------------ */

/* An entry whose handle was once given out, as an agent's or a ticket's; now
 * and then MODEL_NOBODY, with a handle that was not. */
int take_agent(moor_agent *handle);
int take_ticket(moor_ticket *handle);

/* An id of a few; null: the registry is to make one. */
const moor_id *take_id(void);

uint32_t take_limit(void);

const char *take_word(const char *const *words, size_t count);
#define TAKE_WORD(words) take_word(words, sizeof(words) / sizeof *(words))

/* For telling. */
const char *path_of(int which);

/* --- operations ----------------------------------------------------------- */

typedef void ops_operation(void);

ops_operation op_reserve, op_spawn, op_commit, op_abandon;
ops_operation op_start, op_start_failed, op_finish, op_interrupt, op_died;
ops_operation op_run_again, op_request, op_close;
ops_operation op_reap, op_set_limit, op_turn_begin, op_turn_end;
ops_operation op_wait, op_find_path, op_find_id, op_result, op_list,
    op_capacity;

#endif
