/*
 * The wait that lends its slot meanwhile: what it answers, when the slot is
 * back, and chains of them on one slot.
 */
#include "queued.h"

enum { NEAR_MS = 30 };

/* --- the wait that lends -------------------------------------------------- */

static moor_error wait_lending(moor_registry *registry, moor_agent who,
                               moor_agent for_whom, uint64_t timeout_ms,
                               moor_waited *answer)
{
    return moor_wait_lending(registry, who, MOOR_WAIT_ALL, MOOR_UNTIL_FINAL,
                             &for_whom, 1, timeout_ms, answer);
}

/* One that waits in a thread of its own. */
struct lending {
    moor_registry *registry;
    moor_agent who, for_whom;
    uint64_t timeout_ms;
    moor_error error;
    moor_waited answer;
    pthread_t thread;
};

static void *lending_run(void *argument)
{
    struct lending *one = (struct lending *)argument;

    one->error = wait_lending(one->registry, one->who, one->for_whom,
                              one->timeout_ms, &one->answer);
    return NULL;
}

/* Until it has lent its slot, and the slot is there. */
static void begins(struct lending *one)
{
    cr_assert_eq(pthread_create(&one->thread, NULL, lending_run, one), 0);
    together_end = event_deadline(TOGETHER_MS);
    while (
        (!info_of(one->registry, one->who).lent || used(one->registry) > 0) &&
        in_time()) {
    }
    expect_lent(one->registry, one->who, true);
    cr_assert_eq(used(one->registry), 0);
}

static void expect_ended(struct lending *one, moor_error error)
{
    cr_assert_eq(pthread_join(one->thread, NULL), 0);
    cr_assert_eq(one->error, error, "told %s", moor_error_name(one->error));
}

/* A full registry of one slot, in which `who` may lend it while it waits for
 * one that has stopped, but not for good. */
static struct lending given_lending(uint32_t places, moor_release release)
{
    struct lending one = {.registry = given_queue(places, release),
                          .timeout_ms = TOGETHER_MS};

    one.for_whom = spawn_below(one.registry, nobody, "child");
    cr_assert_eq(moor_start(one.registry, one.for_whom), MOOR_OK);
    cr_assert_eq(moor_interrupt(one.registry, one.for_whom), MOOR_OK);
    cr_assert_eq(moor_reap(one.registry, NULL), MOOR_OK);
    if (release == MOOR_ON_CLOSE) {
        cr_assert_eq(moor_run_again(one.registry, one.for_whom, NULL), MOOR_OK);
        cr_assert_eq(moor_lend(one.registry, one.for_whom), MOOR_OK);
    }
    one.who = runs(one.registry, "parent");
    return one;
}

Test(lending, the_wait_has_its_slot_back_under_every_policy)
{
    for (int release = 0; release < MOOR_RELEASES; release++) {
        struct lending one = given_lending(4, (moor_release)release);
        moor_registry *registry = one.registry;

        begins(&one);
        cr_assert_eq(used(registry), 0);
        cr_assert_eq(close_it(registry, one.for_whom), MOOR_OK);
        expect_ended(&one, MOOR_OK);
        cr_assert(one.answer.met);
        expect_lent(registry, one.who, false);
        cr_assert_eq(used(registry), 1);
        done(registry);
    }
}

Test(lending, what_is_met_at_once_lends_nothing)
{
    struct lending one = given_lending(4, MOOR_ON_COMPLETION);
    moor_waited answer = {0};

    cr_assert_eq(close_it(one.registry, one.for_whom), MOOR_OK);
    cr_assert_eq(wait_lending(one.registry, one.who, one.for_whom, 0, &answer),
                 MOOR_OK);
    cr_assert(answer.met);
    expect_lent(one.registry, one.who, false);
    done(one.registry);
}

/* What it is told goes by the lender, not by whether all is met by now: OK says
 * that it has its slot. */
Test(lending, who_has_nothing_to_lend_is_told_though_all_is_met)
{
    struct lending one = given_lending(4, MOOR_ON_COMPLETION);
    moor_waited answer = {0};
    moor_agent pending;

    cr_assert_eq(close_it(one.registry, one.for_whom), MOOR_OK);
    cr_assert_eq(moor_lend(one.registry, one.who), MOOR_OK);
    cr_expect_eq(wait_lending(one.registry, one.who, one.for_whom, 0, &answer),
                 MOOR_WRONG_STATUS, "lent");
    expect_lent(one.registry, one.who, true);
    pending = spawn(one.registry);
    cr_expect_eq(wait_lending(one.registry, pending, one.for_whom, 0, &answer),
                 MOOR_WRONG_STATUS, "pending");
    completes(one.registry, pending);
    cr_expect_eq(wait_lending(one.registry, pending, one.for_whom, 0, &answer),
                 MOOR_WRONG_STATUS, "idle");
    cr_assert_eq(moor_take_back(one.registry, one.who, NULL, NULL), MOOR_OK);
    cr_expect_eq(wait_lending(one.registry, one.who, one.for_whom, 0, &answer),
                 MOOR_OK);
    cr_assert(answer.met);
    done(one.registry);
}

Test(lending, the_deadline_comes_first)
{
    static const uint64_t timeouts[] = {0, NEAR_MS};

    for (int i = 0; i < 2; i++) {
        struct lending one = given_lending(4, MOOR_ON_COMPLETION);
        moor_waited answer;

        memset(&answer, 0x5a, sizeof answer);
        cr_assert_eq(wait_lending(one.registry, one.who, one.for_whom,
                                  timeouts[i], &answer),
                     MOOR_TIMED_OUT);
        cr_assert_not(answer.met);
        cr_assert_eq(answer.status, MOOR_STATUS_INTERRUPTED);
        expect_lent(one.registry, one.who, true);
        cr_assert_eq(used(one.registry), 0);
        cr_assert_eq(take_back(one.registry, one.who), MOOR_OK);
        done(one.registry);
    }
}

/* Met, but the slot is not back in time. */
Test(lending, the_deadline_comes_before_the_slot)
{
    struct lending one = given_lending(4, MOOR_ON_COMPLETION);

    one.timeout_ms = 2000;
    begins(&one);
    (void)runs(one.registry, "other");
    cr_assert_eq(close_it(one.registry, one.for_whom), MOOR_OK);
    expect_ended(&one, MOOR_TIMED_OUT);
    cr_assert(one.answer.met);
    expect_lent(one.registry, one.who, true);
    cr_assert_eq(used(one.registry), 1);
    done(one.registry);
}

/* Met, and it waits for its slot ahead of who came before. */
Test(lending, met_it_comes_before_the_queue)
{
    struct lending one = given_lending(4, MOOR_ON_COMPLETION);
    struct queued spawner = {.registry = one.registry, .kind = A_SPAWN};
    moor_agent holder;

    one.timeout_ms = MOOR_FOREVER;
    begins(&one);
    holder = runs(one.registry, "other");
    comes(&spawner);
    cr_assert_eq(close_it(one.registry, one.for_whom), MOOR_OK);
    so_many_wait(one.registry, 2);
    completes(one.registry, holder);
    expect_ended(&one, MOOR_OK);
    cr_assert_not(is_back(&spawner));
    completes(one.registry, one.who);
    EXPECT_TOLD(&spawner, MOOR_OK);
    done(one.registry);
}

Test(lending, met_but_the_queue_is_full)
{
    struct lending one = given_lending(0, MOOR_ON_COMPLETION);

    begins(&one);
    (void)runs(one.registry, "other");
    cr_assert_eq(close_it(one.registry, one.for_whom), MOOR_OK);
    expect_ended(&one, MOOR_QUEUE_FULL);
    cr_assert(one.answer.met);
    expect_lent(one.registry, one.who, true);
    done(one.registry);
}

Test(lending, the_lender_ends_or_has_a_slot_meanwhile)
{
    for (int how = 0; how < 3; how++) {
        struct lending one = given_lending(4, MOOR_ON_COMPLETION);

        begins(&one);
        if (how == 0) completes(one.registry, one.who);
        if (how == 1) cr_assert_eq(close_it(one.registry, one.who), MOOR_OK);
        if (how == 2) {
            cr_assert_eq(take_back(one.registry, one.who), MOOR_OK);
        }
        cr_assert_eq(close_it(one.registry, one.for_whom), MOOR_OK);
        expect_ended(&one, how == 1 ? MOOR_STALE : MOOR_NOT_LENT);
        cr_assert_eq(used(one.registry), how == 2);
        done(one.registry);
    }
}

Test(lending, errors_of_the_wait)
{
    struct lending one = given_lending(4, MOOR_ON_COMPLETION);
    moor_registry *registry = one.registry;
    moor_agent who = one.who, child = one.for_whom, closed;
    moor_waited answer;
    struct picture *before;

    cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_RUNNING, 9), MOOR_OK);
    closed = spawn(registry);
    cr_assert_eq(close_it(registry, closed), MOOR_OK);
    before = picture(registry);
#define WAIT(registry, who, what, until, agents, count, answers)        \
    moor_wait_lending(registry, who, (moor_wait_for)(what),             \
                      (moor_wait_until)(until), agents, count, NEAR_MS, \
                      answers)
    cr_expect_eq(WAIT(NULL, who, 0, 0, &child, 1, &answer), MOOR_BAD_ARGUMENT);
    cr_expect_eq(WAIT(registry, who, 2, 0, &child, 1, &answer),
                 MOOR_BAD_ARGUMENT);
    cr_expect_eq(WAIT(registry, who, 0, 2, &child, 1, &answer),
                 MOOR_BAD_ARGUMENT);
    cr_expect_eq(WAIT(registry, who, 0, 0, NULL, 1, &answer),
                 MOOR_BAD_ARGUMENT);
    cr_expect_eq(WAIT(registry, who, 0, 0, &child, 0, &answer),
                 MOOR_BAD_ARGUMENT);
    cr_expect_eq(WAIT(registry, who, 0, 0, &child, 1, NULL), MOOR_BAD_ARGUMENT);
    cr_expect_eq(WAIT(registry, nobody, 0, 0, &child, 1, &answer),
                 MOOR_NOT_FOUND);
    cr_expect_eq(WAIT(registry, closed, 0, 0, &child, 1, &answer), MOOR_STALE);
    cr_expect_eq(WAIT(registry, moor_root(registry), 0, 0, &child, 1, &answer),
                 MOOR_IS_ROOT);
    cr_expect_eq(WAIT(registry, child, 0, 0, &who, 1, &answer),
                 MOOR_WRONG_STATUS);
#undef WAIT
    unchanged(registry, before, "an error");
    cr_assert_eq(moor_lend(registry, who), MOOR_OK);
    cr_expect_eq(wait_lending(registry, who, child, NEAR_MS, &answer),
                 MOOR_WRONG_STATUS);
    expect_lent(registry, who, true);
    done(registry);
}

/* --- limit 1: everybody waits for the one below --------------------------- */

enum { LINKS = 3 };

struct link {
    moor_registry *registry;
    moor_agent *chain; /* the first one runs, the others have stopped */
    int self;
    moor_error ran, waited, ended;
    moor_waited answer;
};

/* Runs when the one above has lent its slot, waits for the one below, ends. */
static void *link_run(void *argument)
{
    struct link *link = (struct link *)argument;
    moor_agent self = link->chain[link->self];
    const moor_patience patience = {.timeout_ms = TOGETHER_MS};

    if (link->self > 0) {
        moor_agent above = link->chain[link->self - 1];
        moor_status status = MOOR_STATUS_INTERRUPTED;

        while (status != MOOR_STATUS_RUNNING && in_time()) {
            (void)moor_status_of(link->registry, above, &status);
        }
        link->ran =
            moor_run_again_queued(link->registry, self, &patience, NULL);
    }
    if (link->self < LINKS - 1) {
        link->waited =
            wait_lending(link->registry, self, link->chain[link->self + 1],
                         TOGETHER_MS, &link->answer);
    }
    link->ended = finish(link->registry, self, MOOR_STATUS_COMPLETED);
    return NULL;
}

Test(lending, a_chain_on_one_slot)
{
    for (int round = 0; round < 50; round++) {
        moor_registry *registry = given_queue(4, MOOR_ON_COMPLETION);
        moor_agent chain[LINKS] = {{0}};
        struct link links[LINKS];

        for (int i = 0; i < LINKS; i++) {
            chain[i] =
                spawn_below(registry, i == 0 ? nobody : chain[i - 1], "link");
            cr_assert_eq(moor_start(registry, chain[i]), MOOR_OK);
            cr_assert_eq(moor_interrupt(registry, chain[i]), MOOR_OK);
        }
        cr_assert_eq(moor_run_again(registry, chain[0], NULL), MOOR_OK);
        for (int i = 0; i < LINKS; i++) {
            links[i] =
                (struct link){.registry = registry, .chain = chain, .self = i};
        }
        together(link_run, LINKS, links, sizeof links[0]);
        for (int i = 0; i < LINKS; i++) {
            cr_assert_eq(links[i].ran, MOOR_OK, "%d", i);
            cr_assert_eq(links[i].waited, MOOR_OK, "%d: %s", i,
                         moor_error_name(links[i].waited));
            cr_assert_eq(links[i].ended, MOOR_OK, "%d", i);
            cr_assert_eq(status_of(registry, chain[i]), MOOR_STATUS_COMPLETED);
        }
        cr_assert_eq(used(registry), 0);
        cr_assert_eq(stats_of(registry).released, 2 * LINKS);
        done(registry);
    }
}
