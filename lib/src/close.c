/*
 * Closing by rule, and the failed start, which closes what is below it.
 */
#include "moorage/close.h"

#include <assert.h>

#include "completion.h"
#include "ending.h"
#include "charge.h"
#include "fence.h"
#include "held.h"
#include "hook.h"
#include "leave.h"
#include "moorage/lifecycle.h"
#include "plant.h"
#include "remove.h"

/* With all that is below it.  The caller holds it. */
static moor_error close_tree(moor_registry *books, life which,
                             moor_closed *answer)
{
    if (!fence_set(books, which)) {
        return MOOR_STALE;
    }
    if (!MOOR_PLANTED(56)) { /* leave what is below */
        answer->closed = remove_below(books, which);
    }
    if (which == books->root) {
        answer->previous = MOOR_STATUS_RUNNING;
        return MOOR_OK; /* it stays, and lets nobody in any more */
    }
    if (!remove_agent(books, which, &answer->previous)) {
        return MOOR_STALE;
    }
    answer->closed++;
    return MOOR_OK;
}

/* Alone: its children move up in the step in which it leaves; or it is refused
 * when there are any.  The caller holds it. */
static moor_error close_one(moor_registry *books, life which, bool refuse,
                            moor_closed *answer)
{
    moor_error error = refuse ? tree_seal(&books->tree, which) : MOOR_OK;

    if (error != MOOR_OK) {
        return error;
    }
    if (!remove_agent(books, which, &answer->previous)) {
        return MOOR_STALE;
    }
    answer->closed = 1;
    return MOOR_OK;
}

/* What a scope comes down to. */
static moor_close_rule rule_of(const moor_registry *books,
                               moor_close_scope scope)
{
    switch (scope) {
    case MOOR_CLOSE_BY_RULE:
        return books->close_rule;
    case MOOR_CLOSE_ADOPT:
        return MOOR_ADOPT;
    case MOOR_CLOSE_REFUSE:
        return MOOR_REFUSE;
    default:
        return MOOR_CASCADE;
    }
}

static moor_error close_held(moor_registry *books, life which,
                             moor_close_scope scope, moor_closed *answer)
{
    moor_close_rule rule = rule_of(books, scope);

    return rule == MOOR_CASCADE
               ? close_tree(books, which, answer)
               : close_one(books, which, rule == MOOR_REFUSE, answer);
}

/* What nothing hangs below goes without a fence and a walk. */
static moor_error close_leaf(moor_registry *books, life which,
                             moor_closed *answer)
{
    answer->closed = remove_leaf(books, which, &answer->previous);
    return answer->closed > 0 ? MOOR_OK : MOOR_STALE;
}

static moor_error close_agent(moor_registry *books, life which,
                              moor_close_scope scope, moor_closed *answer)
{
    moor_error error;

    if (which != books->root && rule_of(books, scope) == MOOR_CASCADE &&
        tree_children(books_record(books, which)) == 0) {
        return close_leaf(books, which, answer);
    }
    if (!leave_hold(books, which)) {
        return MOOR_STALE;
    }
    error = close_held(books, which, scope, answer);
    leave_let_go(books, which);
    return error;
}

moor_error moor_close(moor_registry *registry, moor_agent agent,
                      moor_close_scope scope, moor_closed *answer)
{
    moor_closed closed = {.previous = MOOR_STATUS_NOT_FOUND};
    uint64_t word;
    moor_error error;

    if (registry == NULL || (unsigned)scope >= MOOR_CLOSE_SCOPES) {
        return MOOR_BAD_ARGUMENT;
    }
    if (agent.bits == registry->root && scope != MOOR_CLOSE_TREE) {
        return MOOR_IS_ROOT;
    }
    error = books_agent(registry, agent.bits, &word);
    if (error == MOOR_OK) {
        error = close_agent(registry, agent.bits, scope, &closed);
    }
    if (answer != NULL && (error == MOOR_OK || error == MOOR_STALE)) {
        *answer = closed;
    }
    return error;
}

/* --- a failed start ------------------------------------------------------- */

/* A close has taken it between the two steps: so it was closed, as one that had
 * not failed, but the slot was taken here. */
static void tell_of_close(moor_registry *books, life which)
{
    if (books->events) {
        completion_tell(books, which, WORD_SHUTDOWN, false);
        completion_ring(books);
    }
    hook_released(books, which, MOOR_STATUS_SHUTDOWN);
}

/* With the mark of an end that was not told: if the thread is killed behind it,
 * recovery tells of it, for then it is seen as shut down.  Nothing is told of
 * one that has not run yet, so the mark is that of the swap. */
static bool begin_to_fail(moor_registry *books, life which)
{
    bool odd = books->events && completion_mark(books, which) != 0;

    return books_step(books, which, WORD_PENDING,
                      odd ? word_start_failed_odd : word_start_failed, NULL);
}

/* The caller holds it.  As with a finish, the slot is back before anybody sees
 * that it is gone; until then a close can still take it as any other agent. */
static moor_error fail_start(moor_registry *books, life which)
{
    /* Of its only charge, if it is pending still. */
    uint64_t since = held_since(books, which), word;

    if (!begin_to_fail(books, which)) {
        moor_error error = books_subject(books, which, &word);

        return error == MOOR_OK ? MOOR_WRONG_STATUS : error;
    }
    if (!MOOR_PLANTED(35)) { /* keep the slot */
        charge_give(books);
    }
    held_end(books, since);
    if (!books_step(books, which, WORD_ENDING_SHUTDOWN, word_failing, &word)) {
        tell_of_close(books, which);
        return MOOR_STALE;
    }
    assert(word_is_resident(word)); /* I7: it was live */
    slots_give(&books->resident);
    if (word_is_watched(word)) {
        event_signal(&books->event);
    }
    total_give(&books->lifetime);
    (void)remove_below(books, which);
    remove_failing(books, which);
    return MOOR_OK;
}

moor_error moor_start_failed(moor_registry *registry, moor_agent agent)
{
    uint64_t word;
    moor_error error;

    if (registry == NULL) {
        return MOOR_BAD_ARGUMENT;
    }
    error = books_subject(registry, agent.bits, &word);
    if (error != MOOR_OK) {
        return error;
    }
    if (!word_may_start(word)) {
        return MOOR_WRONG_STATUS;
    }
    if (!leave_hold(registry, agent.bits)) {
        return MOOR_STALE;
    }
    error = fail_start(registry, agent.bits);
    leave_let_go(registry, agent.bits);
    return error;
}
