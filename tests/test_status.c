/*
 * Every status against every operation under every release policy: the answer,
 * the status and the slot afterwards, and what was counted.  What is illegal
 * changes nothing that can be read.
 */
#include "given.h"

#include <stdio.h>

enum { CLOSED = MOOR_STATUSES, ROOT, SUBJECTS };

enum operation {
    START,
    START_FAILED,
    COMPLETE,
    FAIL,
    SHUT_DOWN,
    INTERRUPT,
    DIED,
    RUN_AGAIN,
    CLOSE,
    REQUEST,
    POLL,
    OPERATIONS
};

static const char *const operation_names[OPERATIONS] = {"start",
                                                        "start_failed",
                                                        "finish completed",
                                                        "finish errored",
                                                        "finish shutdown",
                                                        "interrupt",
                                                        "died",
                                                        "run_again",
                                                        "close",
                                                        "request",
                                                        "poll"};

static moor_error perform(moor_registry *registry, moor_agent agent,
                          enum operation operation)
{
    moor_request_kind kind;

    switch (operation) {
    case START:
        return moor_start(registry, agent);
    case START_FAILED:
        return moor_start_failed(registry, agent);
    case COMPLETE:
        return moor_finish(registry, agent, MOOR_STATUS_COMPLETED, "r", 1);
    case FAIL:
        return moor_finish(registry, agent, MOOR_STATUS_ERRORED, "e", 1);
    case SHUT_DOWN:
        return moor_finish(registry, agent, MOOR_STATUS_SHUTDOWN, "s", 1);
    case INTERRUPT:
        return moor_interrupt(registry, agent);
    case DIED:
        return moor_died(registry, agent);
    case RUN_AGAIN:
        return moor_run_again(registry, agent, NULL);
    case CLOSE:
        return close_it(registry, agent);
    case REQUEST:
        return moor_request(registry, agent, MOOR_REQUEST_INTERRUPT);
    case POLL:
        return moor_poll(registry, agent, &kind);
    case OPERATIONS:
        break;
    }
    return MOOR_OK;
}

/* --- what must come of it, from the table of statuses --------------------- */

/* What an operation answers: legal, and the status it leads to.  NOT_FOUND:
 * the agent is gone. */
static const struct legal {
    unsigned from; /* bit 1 << status */
    moor_status to;
} legals[OPERATIONS] = {
#define BIT(status) (1U << MOOR_STATUS_##status)
#define LIVE        (BIT(PENDING_INIT) | BIT(RUNNING))
#define AGAIN       (BIT(INTERRUPTED) | BIT(COMPLETED) | BIT(ERRORED))
    [START] = {BIT(PENDING_INIT), MOOR_STATUS_RUNNING},
    [START_FAILED] = {BIT(PENDING_INIT), MOOR_STATUS_NOT_FOUND},
    [COMPLETE] = {LIVE, MOOR_STATUS_COMPLETED},
    [FAIL] = {LIVE, MOOR_STATUS_ERRORED},
    [SHUT_DOWN] = {LIVE, MOOR_STATUS_SHUTDOWN},
    [INTERRUPT] = {LIVE, MOOR_STATUS_INTERRUPTED},
    [DIED] = {LIVE, MOOR_STATUS_ERRORED},
    [RUN_AGAIN] = {AGAIN, MOOR_STATUS_RUNNING},
    [CLOSE] = {LIVE | AGAIN | BIT(SHUTDOWN), MOOR_STATUS_NOT_FOUND},
    [REQUEST] = {LIVE, MOOR_STATUSES}, /* stays as it is */
    [POLL] = {LIVE | AGAIN | BIT(SHUTDOWN), MOOR_STATUSES},
};

static bool is_live(moor_status status)
{
    return (LIVE >> status & 1) != 0;
}

struct seen {
    moor_registry *registry;
    moor_agent agent, bystander;
    moor_status status;
    moor_release release;
    bool slot;
    moor_stats before;
    struct picture *picture;
};

/* One agent in that status, and a bystander. */
static struct seen stage(moor_release release, int subject)
{
    struct seen seen = {.registry = given_policy(release, 6),
                        .status = MOOR_STATUS_NOT_FOUND,
                        .release = release};

    seen.bystander = spawn(seen.registry);
    seen.agent = spawn_below(seen.registry, nobody, "subject");
    if (subject == ROOT) {
        seen.agent = moor_root(seen.registry);
    } else if (subject == CLOSED) {
        cr_assert_eq(close_it(seen.registry, seen.agent), MOOR_OK);
    } else {
        seen.status = (moor_status)subject;
        bring(seen.registry, seen.agent, seen.status);
        seen.slot = is_live(seen.status) || release != MOOR_ON_COMPLETION;
        cr_assert_eq(info_of(seen.registry, seen.agent).slot, seen.slot);
    }
    seen.before = stats_of(seen.registry);
    seen.picture = picture(seen.registry);
    return seen;
}

/* Does the agent hold its slot after a legal operation? */
static bool slot_after(const struct seen *seen, enum operation operation)
{
    switch (operation) {
    case START_FAILED:
    case CLOSE:
    case DIED:
        return false;
    case COMPLETE:
    case FAIL:
    case SHUT_DOWN:
    case INTERRUPT:
        return seen->release != MOOR_ON_COMPLETION;
    case RUN_AGAIN:
        return true;
    default:
        return seen->slot;
    }
}

/* A run that ends, or is closed while it is idle and holds a slot, gives it
 * up; run_again with a slot is a release and an admission in one step; a
 * failed start gives back, which is no release. */
static uint64_t released_by(const struct seen *seen, enum operation operation)
{
    if (operation == START_FAILED) return 0;
    if (operation == RUN_AGAIN) return seen->slot ? 1 : 0;
    return seen->slot && !slot_after(seen, operation) ? 1 : 0;
}

static moor_stats stats_after(const struct seen *seen, enum operation operation,
                              moor_status to)
{
    moor_stats stats = seen->before;
    bool live_after = to == MOOR_STATUSES ? is_live(seen->status) : is_live(to);

    stats.used += slot_after(seen, operation);
    stats.used -= seen->slot;
    if (is_live(seen->status)) {
        stats.live--;
    } else {
        stats.idle--;
    }
    stats.live += live_after;
    stats.idle += !live_after && to != MOOR_STATUS_NOT_FOUND;
    stats.completed += operation == COMPLETE;
    stats.closed += operation == CLOSE;
    stats.released += released_by(seen, operation);
    return stats;
}

static void expect_stats(const moor_stats *got, const moor_stats *want,
                         const char *what)
{
    cr_expect_eq(got->used, want->used, "%s: used", what);
    cr_expect_eq(got->live, want->live, "%s: live", what);
    cr_expect_eq(got->idle, want->idle, "%s: idle", what);
    cr_expect_eq(got->tickets, want->tickets, "%s: tickets", what);
    cr_expect_eq(got->completed, want->completed, "%s: completed", what);
    cr_expect_eq(got->closed, want->closed, "%s: closed", what);
    cr_expect_eq(got->reaped, want->reaped, "%s: reaped", what);
    cr_expect_eq(got->released, want->released, "%s: released", what);
}

static void expect_legal(struct seen *seen, enum operation operation,
                         const char *what)
{
    moor_status to = legals[operation].to;
    moor_stats want = stats_after(seen, operation, to);
    moor_stats got = stats_of(seen->registry);

    expect_stats(&got, &want, what);
    if (to == MOOR_STATUSES) to = seen->status;
    cr_expect_eq(status_of(seen->registry, seen->agent), to, "%s", what);
    if (to != MOOR_STATUS_NOT_FOUND) {
        cr_expect_eq(info_of(seen->registry, seen->agent).slot,
                     slot_after(seen, operation), "%s: slot", what);
    } else {
        cr_expect_eq(at_path(seen->registry, "/root/subject").bits, 0);
    }
    cr_expect_eq(status_of(seen->registry, seen->bystander),
                 MOOR_STATUS_PENDING_INIT);
    free(seen->picture);
}

static void judge(moor_release release, int subject, enum operation operation)
{
    struct seen seen = stage(release, subject);
    moor_error error = perform(seen.registry, seen.agent, operation);
    moor_error want = MOOR_WRONG_STATUS;
    char what[100];

    (void)snprintf(what, sizeof what, "%s, subject %d, %s",
                   moor_release_name(release), subject,
                   operation_names[operation]);
    if (subject == ROOT) want = MOOR_IS_ROOT;
    if (subject == CLOSED) want = MOOR_STALE;
    if (subject < CLOSED && (legals[operation].from >> subject & 1) != 0) {
        want = MOOR_OK;
    }
    cr_expect_eq(error, want, "%s: %s", what, moor_error_name(error));
    if (want == MOOR_OK) {
        expect_legal(&seen, operation, what);
    } else {
        unchanged(seen.registry, seen.picture, what);
    }
    done(seen.registry);
}

static void judge_all(moor_release release)
{
    for (int subject = MOOR_STATUS_PENDING_INIT; subject < SUBJECTS;
         subject++) {
        for (int operation = 0; operation < OPERATIONS; operation++) {
            judge(release, subject, (enum operation)operation);
        }
    }
}

Test(status, every_operation_under_on_completion)
{
    judge_all(MOOR_ON_COMPLETION);
}

Test(status, every_operation_under_on_turn_end)
{
    judge_all(MOOR_ON_TURN_END);
}

Test(status, every_operation_under_on_reserve)
{
    judge_all(MOOR_ON_RESERVE);
}

Test(status, every_operation_under_on_close)
{
    judge_all(MOOR_ON_CLOSE);
}

/* --- tickets -------------------------------------------------------------- */

/* A ticket is no agent yet: nothing that is done to agents touches it. */
Test(status, no_operation_on_agents_touches_a_ticket)
{
    for (int release = 0; release < MOOR_RELEASES; release++) {
        for (int operation = 0; operation < OPERATIONS; operation++) {
            moor_registry *registry = given_policy((moor_release)release, 6);
            moor_ticket ticket = reserve(registry);
            moor_agent forged = {ticket.bits}, agent;
            struct picture *before = picture(registry);

            cr_assert_eq(perform(registry, forged, (enum operation)operation),
                         MOOR_NOT_FOUND, "%s", operation_names[operation]);
            unchanged(registry, before, operation_names[operation]);
            cr_assert_eq(moor_commit(registry, ticket, NULL, NULL, &agent),
                         MOOR_OK);
            done(registry);
        }
    }
}

/* And no operation on tickets touches an agent, whatever its status. */
Test(status, no_operation_on_tickets_touches_an_agent)
{
    for (int status = MOOR_STATUS_PENDING_INIT; status < MOOR_STATUSES;
         status++) {
        moor_registry *registry = given();
        moor_agent agent = spawn(registry), other;
        moor_ticket forged = {agent.bits};
        struct picture *before;

        bring(registry, agent, (moor_status)status);
        before = picture(registry);
        cr_assert_neq(moor_commit(registry, forged, NULL, NULL, &other),
                      MOOR_OK);
        cr_assert_neq(moor_abandon(registry, forged), MOOR_OK);
        unchanged(registry, before, "commit or abandon");
        done(registry);
    }
}

/* The root is no ticket either. */
Test(status, the_root_is_no_ticket)
{
    moor_registry *registry = given();
    moor_ticket forged = {moor_root(registry).bits};
    struct picture *before = picture(registry);
    moor_agent other;

    cr_assert_neq(moor_commit(registry, forged, NULL, NULL, &other), MOOR_OK);
    cr_assert_neq(moor_abandon(registry, forged), MOOR_OK);
    unchanged(registry, before, "commit or abandon");
    done(registry);
}
