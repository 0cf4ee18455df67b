/*
 * Operations on one agent between commit and close: the steps of its life, its
 * residence, the requests to it, and its close.
 */
#include <string.h>

#include "play.h"
#include "play_children.h"
#include "scenario_reader.h"

/* Steps that take an agent and answer no more than an outcome. */
static moor_error (*const steps[OP_KINDS])(moor_registry *, moor_agent) = {
    [OP_START] = moor_start,
    [OP_START_FAILED] = moor_start_failed,
    [OP_DIED] = moor_died,
    [OP_INTERRUPT] = moor_interrupt,
    [OP_RENEW] = moor_renew,
    [OP_LEND] = moor_lend,
    [OP_UNLOADED] = moor_unloaded,
    [OP_TOUCH] = moor_touch,
    [OP_PIN] = moor_pin,
    [OP_UNPIN] = moor_unpin,
};

void op_step(struct player *player, const struct operation *operation,
             struct answer *answer)
{
    answer_error(answer, steps[operation->spec->kind](
                             player->play->registry,
                             label_agent(player, operation->given.agent)));
}

void op_finish(struct player *player, const struct operation *operation,
               struct answer *answer)
{
    const struct arguments *given = &operation->given;
    moor_agent agent = label_agent(player, given->agent);
    moor_status status = given->status != 0 ? (moor_status)given->status
                                            : MOOR_STATUS_COMPLETED;
    size_t length = given->result != NULL ? strlen(given->result) : 0;
    moor_error error = moor_finish(player->play->registry, agent, status,
                                   given->result, length);

    answer_error(answer, error);
    /* The run has ended in good order: its process is not killed. */
    if (error == MOOR_OK) children_forget(player->play->children, agent);
}

void op_close(struct player *player, const struct operation *operation,
              struct answer *answer)
{
    const struct arguments *given = &operation->given;
    moor_close_scope scope = given->tree ? MOOR_CLOSE_TREE
                                         : (moor_close_scope)given->rule;
    moor_closed closed;
    moor_error error = moor_close(player->play->registry,
                                  label_agent(player, given->agent), scope,
                                  &closed);

    answer_error(answer, error);
    if (error == MOOR_OK || error == MOOR_STALE) {
        answer_text(answer, "previous", moor_status_name(closed.previous));
    }
    if (error == MOOR_OK) answer_number(answer, "closed", closed.closed);
}

void op_request(struct player *player, const struct operation *operation,
                struct answer *answer)
{
    const struct arguments *given = &operation->given;

    answer_error(answer, moor_request(player->play->registry,
                                      label_agent(player, given->agent),
                                      (moor_request_kind)given->what));
}

void op_poll(struct player *player, const struct operation *operation,
             struct answer *answer)
{
    static const char *const names[MOOR_REQUESTS] = {
        [MOOR_REQUEST_INTERRUPT] = "interrupt",
        [MOOR_REQUEST_SHUTDOWN] = "shutdown",
    };
    moor_request_kind what;
    moor_error error = moor_poll(player->play->registry,
                                 label_agent(player, operation->given.agent),
                                 &what);

    answer_error(answer, error);
    if (error == MOOR_OK) answer_text(answer, "requested", names[what]);
}

void op_evict(struct player *player, const struct operation *operation,
              struct answer *answer)
{
    label_number label = operation->given.evict;
    moor_agent evicted = {0};
    moor_error error = moor_evict(
        player->play->registry,
        label == 0 ? evicted : label_agent(player, label - 1), &evicted);

    answer_error(answer, error);
    if (error == MOOR_OK) {
        answer_json(answer, "agent", agent_name(player, evicted));
    }
}
