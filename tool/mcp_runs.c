#include "mcp_runs.h"

#include <stdlib.h>
#include <string.h>

#include "mcp_answers.h"

static bool has_process(const struct mcp *mcp)
{
    return mcp->options.exec != NULL;
}

bool run_first(struct mcp *mcp, moor_agent agent, const char *task,
               const struct child_told *told)
{
    struct mcp_agent *notes = agent_notes(mcp, agent);

    agent_message(notes, task);
    if (has_process(mcp) &&
        !child_start(mcp, notes, agent_read_mail(mcp, notes, task), told)) {
        moor_start_failed(mcp->registry, agent);
        agents_forget(mcp, false);
        return false;
    }
    moor_start(mcp->registry, agent);
    return true;
}

json_t *run_failed(const struct mcp *mcp)
{
    return tool_error("exec_failed", "\"%.128s\" cannot be run: %s",
                      mcp->options.exec[0], strerror(mcp->start_error));
}

/* It was admitted. */
static bool begin_again(struct mcp *mcp, struct mcp_agent *notes,
                        const char *message)
{
    static const char text[] = "exec_failed";
    char *task = agent_read_mail(mcp, notes, message);

    agent_message(notes, task);
    if (!has_process(mcp)) {
        free(task);
        return true;
    }
    if (child_start(mcp, notes, task, NULL)) return true;
    moor_finish(mcp->registry, notes->agent, MOOR_STATUS_ERRORED, text,
                sizeof text - 1);
    agent_news(mcp, notes);
    return false;
}

json_t *run_again(struct mcp *mcp, struct mcp_agent *notes, const char *message)
{
    moor_refusal refusal;
    moor_error error = moor_run_again(mcp->registry, notes->agent, &refusal);

    if (error == MOOR_REFUSED) return tool_refused(mcp, &refusal);
    if (error != MOOR_OK) return tool_error_of(error, "the agent");
    if (begin_again(mcp, notes, message)) return NULL;
    return run_failed(mcp);
}

moor_error run_ended(struct mcp *mcp, struct mcp_agent *notes,
                     moor_status status, const char *text, size_t length)
{
    moor_error error =
        moor_finish(mcp->registry, notes->agent, status, text, length);

    /* Without memory for the text the slot must come back all the same. */
    if (error == MOOR_NO_MEMORY) {
        error = moor_died(mcp->registry, notes->agent);
    }
    if (error != MOOR_OK) return error;
    agent_news(mcp, notes);
    /* Its own slot has just come back; if a lowered limit is in the way, the
     * messages stay for the next task. */
    if (notes->mail_wakes &&
        moor_run_again(mcp->registry, notes->agent, NULL) == MOOR_OK) {
        begin_again(mcp, notes, NULL);
    }
    return MOOR_OK;
}

moor_error run_interrupt(struct mcp *mcp, moor_agent agent)
{
    moor_error error = moor_interrupt(mcp->registry, agent);

    if (error == MOOR_OK) {
        struct mcp_agent *notes = agent_notes(mcp, agent);

        child_kill(notes->child);
        agent_news(mcp, notes);
    }
    return error;
}

void runs_settle(struct mcp *mcp)
{
    for (struct child *c = mcp->children; c != NULL; c = c->next) {
        moor_status status = MOOR_STATUS_NOT_FOUND;

        if (c->notes == NULL) continue;
        moor_status_of(mcp->registry, c->notes->agent, &status);
        if (!moor_holds_slot(status)) child_kill(c);
    }
    agents_forget(mcp, false);
    mcp->changed = true;
}
