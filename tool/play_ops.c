/*
 * Which function performs which operation, and what holds for all of them.
 */
#include "play.h"

#include "play_children.h"
#include "scenario_reader.h"

/* Kinds without a row are played by play.c, or not at all in this build. */
static const struct {
    op_performer *perform;
    bool changes_runs; /* ends or begins runs: excludes the watcher of the
                          children */
} performers[OP_KINDS] = {
    [OP_SPAWN] = {op_spawn, false},
    [OP_RESERVE] = {op_reserve, false},
    [OP_COMMIT] = {op_commit, false},
    [OP_ABANDON] = {op_abandon, false},
    [OP_START] = {op_step, false},
    [OP_START_FAILED] = {op_step, true},
    [OP_DIED] = {op_step, true},
    [OP_INTERRUPT] = {op_step, true},
    [OP_FINISH] = {op_finish, true},
    [OP_RUN_AGAIN] = {op_run_again, true},
    [OP_CLOSE] = {op_close, true},
    [OP_RENEW] = {op_step, false},
    [OP_LEND] = {op_step, false},
    [OP_TAKE_BACK] = {op_take_back, false},
    [OP_WAIT] = {op_wait, false},
    [OP_EVENTS] = {op_events, false},
    [OP_TURN_BEGIN] = {op_turn_begin, false},
    [OP_TURN_END] = {op_turn_end, true},
    [OP_SET_LIMIT] = {op_set_limit, false},
#ifdef MOORAGE_STORE
    [OP_RESTART] = {op_restart, false},
#endif
    [OP_REAP] = {op_reap, false},
    [OP_EVICT] = {op_evict, false},
    [OP_UNLOADED] = {op_step, false},
    [OP_LOAD] = {op_load, false},
    [OP_TOUCH] = {op_step, false},
    [OP_PIN] = {op_step, false},
    [OP_UNPIN] = {op_step, false},
    [OP_LIST] = {op_list, false},
    [OP_LOOKUP] = {op_lookup, false},
    [OP_CAPACITY] = {op_capacity, false},
    /* The watcher must not be in the middle of a call while it is judged. */
    [OP_CHECK] = {op_check, true},
    [OP_EXPECT] = {op_expect, false},
    [OP_EXEC] = {op_exec, false},
    [OP_REQUEST] = {op_request, false},
    [OP_POLL] = {op_poll, false},
    [OP_SLEEP] = {op_sleep, false},
};

/* An unbound label means not_found for every operation that names one agent or
 * ticket, also for those where no handle at all would mean the root. */
static bool labels_are_bound(const struct player *player,
                             const struct operation *operation)
{
    const struct arguments *given = &operation->given;
    const label_number used[] = {
        given->agent, given->ticket, given->parent, given->from, given->of,
        given->lend == LABEL_PARENT ? LABEL_ROOT : given->lend,
        given->evict == 0 ? LABEL_ROOT : given->evict - 1};

    for (size_t i = 0; i < sizeof used / sizeof used[0]; i++) {
        /* A key that was not given reads as the root, always bound. */
        if (!label_is_bound(player, used[i])) return false;
    }
    return true;
}

void op_perform(struct player *player, const struct operation *operation,
                struct answer *answer)
{
    enum op_kind kind = operation->spec->kind;
    struct children *children = player->play->children;

    if (!labels_are_bound(player, operation)) {
        answer_error(answer, MOOR_NOT_FOUND);
        return;
    }
    /* Nor is the watcher kept out while ends are waited for that it tells. */
    if (!performers[kind].changes_runs || operation->given.timeout_ms > 0) {
        performers[kind].perform(player, operation, answer);
        return;
    }
    children_enter(children);
    performers[kind].perform(player, operation, answer);
    children_settle(children);
    children_leave(children);
}
