/* The life of an agent, from its first input to its end. */
#include <moorage/moorage.h>

#include "need.h"

/* The first input goes out; if it cannot, the agent never was. */
static moor_error begin(moor_registry *registry, moor_agent agent, bool sent)
{
    if (!sent) return moor_start_failed(registry, agent);
    return moor_start(registry, agent);
}

/* With its result; without one, if there is no memory for it. */
static moor_error end(moor_registry *registry, moor_agent agent)
{
    static const char result[] = "42";
    moor_error error = moor_finish(registry, agent, MOOR_STATUS_COMPLETED,
                                   result, sizeof result - 1);

    if (error != MOOR_NO_MEMORY) return error;
    return moor_finish(registry, agent, MOOR_STATUS_COMPLETED, NULL, 0);
}

/* An executor between two steps: is it wanted any more? */
static bool goes_on(moor_registry *registry, moor_agent agent)
{
    moor_request_kind what;

    if (moor_poll(registry, agent, &what) != MOOR_OK) return false;
    if (what == MOOR_REQUEST_NONE) {
        return moor_renew(registry, agent) == MOOR_OK;
    }
    (void)moor_interrupt(registry, agent);
    return false;
}

/* Asks politely: the executor sees it in moor_poll. */
static moor_error ask(moor_registry *registry, moor_agent agent)
{
    return moor_request(registry, agent, MOOR_REQUEST_INTERRUPT);
}

/* One more input for an idle agent; waits up to a second for a slot. */
static moor_error again(moor_registry *registry, moor_agent agent)
{
    const moor_patience patience = {.timeout_ms = 1000};
    moor_error error = moor_run_again(registry, agent, NULL);

    if (error != MOOR_REFUSED) return error;
    return moor_run_again_queued(registry, agent, &patience, NULL);
}

/* The process of the executor has ended without a word. */
static moor_error lost(moor_registry *registry, moor_agent agent)
{
    return moor_died(registry, agent);
}

int main(void)
{
    const moor_spawn_options leased = {.ttl_ms = 60000};
    moor_registry *registry;
    moor_agent agent, gone;

    need(moor_create(NULL, &registry) == MOOR_OK);
    need(moor_spawn(registry, &leased, &agent, NULL) == MOOR_OK);
    need(moor_spawn(registry, &leased, &gone, NULL) == MOOR_OK);
    need(begin(registry, agent, true) == MOOR_OK);
    need(begin(registry, gone, false) == MOOR_OK);
    need(goes_on(registry, agent));
    need(ask(registry, agent) == MOOR_OK);
    need(!goes_on(registry, agent));
    need(again(registry, agent) == MOOR_OK);
    need(end(registry, agent) == MOOR_OK);
    need(end(registry, agent) == MOOR_WRONG_STATUS);
    need(again(registry, agent) == MOOR_OK);
    need(lost(registry, agent) == MOOR_OK);
    moor_destroy(registry);
    return need_failed;
}
