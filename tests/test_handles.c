/*
 * Handles that name nobody: zero, closed, of another registry, forged.  On
 * every public call they get an answer and change nothing.
 */
#include "given.h"

#include <stdio.h>
#include <time.h>

/* --- every call that takes an agent --------------------------------------- */

typedef moor_error (*agent_call)(moor_registry *registry, moor_agent agent);

static moor_error call_completed(moor_registry *registry, moor_agent agent)
{
    return finish(registry, agent, MOOR_STATUS_COMPLETED);
}

static moor_error call_finish_text(moor_registry *registry, moor_agent agent)
{
    return moor_finish(registry, agent, MOOR_STATUS_ERRORED, "text", 4);
}

static moor_error call_run_again(moor_registry *registry, moor_agent agent)
{
    moor_refusal refusal;

    return moor_run_again(registry, agent, &refusal);
}

static moor_error call_request(moor_registry *registry, moor_agent agent)
{
    return moor_request(registry, agent, MOOR_REQUEST_SHUTDOWN);
}

static moor_error call_poll(moor_registry *registry, moor_agent agent)
{
    moor_request_kind kind;

    return moor_poll(registry, agent, &kind);
}

static moor_error call_close(moor_registry *registry, moor_agent agent)
{
    return moor_close(registry, agent, MOOR_CLOSE_CASCADE, NULL);
}

static moor_error call_tree(moor_registry *registry, moor_agent agent)
{
    return moor_close(registry, agent, MOOR_CLOSE_TREE, NULL);
}

static moor_error call_adopt(moor_registry *registry, moor_agent agent)
{
    return moor_close(registry, agent, MOOR_CLOSE_ADOPT, NULL);
}

static moor_error call_refuse(moor_registry *registry, moor_agent agent)
{
    return moor_close(registry, agent, MOOR_CLOSE_REFUSE, NULL);
}

static moor_error call_status(moor_registry *registry, moor_agent agent)
{
    moor_status status = MOOR_STATUSES;
    moor_error error = moor_status_of(registry, agent, &status);

    cr_assert(error == MOOR_OK || error == MOOR_BAD_ARGUMENT ||
              status == MOOR_STATUS_NOT_FOUND);
    return error;
}

static moor_error call_info(moor_registry *registry, moor_agent agent)
{
    moor_info info;

    return moor_info_of(registry, agent, &info);
}

static moor_error call_result(moor_registry *registry, moor_agent agent)
{
    char text[4];
    size_t length;

    return moor_result(registry, agent, text, sizeof text, &length);
}

static const struct {
    const char *name;
    agent_call call;
} calls[] = {
    {"start", moor_start},         {"start_failed", moor_start_failed},
    {"finish", call_completed},    {"finish with text", call_finish_text},
    {"interrupt", moor_interrupt}, {"died", moor_died},
    {"run_again", call_run_again}, {"request", call_request},
    {"poll", call_poll},           {"close", call_close},
    {"close tree", call_tree},     {"close adopt", call_adopt},
    {"close refuse", call_refuse}, {"status_of", call_status},
    {"info_of", call_info},        {"result", call_result},
};

enum { CALLS = sizeof calls / sizeof calls[0] };

/* Those for which a zero handle is the root. */
static moor_error call_spawn(moor_registry *registry, moor_agent parent)
{
    moor_agent agent;

    return moor_spawn(registry, &(moor_spawn_options){.parent = parent}, &agent,
                      NULL);
}

static moor_error call_reserve(moor_registry *registry, moor_agent parent)
{
    moor_ticket ticket;

    return moor_reserve(registry, &(moor_spawn_options){.parent = parent},
                        &ticket, NULL);
}

static moor_error call_find(moor_registry *registry, moor_agent from)
{
    moor_agent agent;

    return moor_find_path(registry, from, "nobody", &agent);
}

static moor_error call_list(moor_registry *registry, moor_agent from)
{
    moor_list_filter filter = {.from = from, .prefix = "nobody"};
    uint64_t cursor = 0;
    moor_info info;
    size_t count;

    return moor_list(registry, &filter, &cursor, &info, 1, &count);
}

static moor_error call_capacity(moor_registry *registry, moor_agent parent)
{
    moor_capacity capacity;

    return moor_capacity_of(registry, parent, &capacity);
}

static const struct {
    const char *name;
    agent_call call;
} below[] = {{"spawn", call_spawn},
             {"reserve", call_reserve},
             {"find_path", call_find},
             {"list", call_list},
             {"capacity_of", call_capacity}};

enum { BELOW = sizeof below / sizeof below[0] };

/* --- the stages ----------------------------------------------------------- */

/* A registry with some of everything, and some that left. */
static moor_registry *populated(void)
{
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, MOOR_UNLIMITED);
    moor_agent parent = spawn(registry);

    for (int i = 0; i < 5; i++) {
        moor_agent agent = spawn_below(registry, parent, NULL);

        bring(registry, agent, (moor_status)(MOOR_STATUS_RUNNING + i));
        cr_assert_eq(close_it(registry, spawn(registry)), MOOR_OK);
        (void)reserve_below(registry, agent, NULL);
    }
    return registry;
}

/* All calls with a handle that is nobody's: the answer, and nothing changed. */
static void nobody_is(moor_registry *registry, moor_agent agent,
                      moor_error want)
{
    struct picture *before = picture(registry);
    moor_ticket ticket = {agent.bits};
    moor_agent made;
    moor_info info;

    for (int i = 0; i < CALLS; i++) {
        cr_expect_eq(calls[i].call(registry, agent), want, "%s of %016llx",
                     calls[i].name, (unsigned long long)agent.bits);
    }
    for (int i = 0; i < BELOW && agent.bits != 0; i++) {
        cr_expect_eq(below[i].call(registry, agent), want, "%s", below[i].name);
    }
    cr_expect_neq(moor_commit(registry, ticket, NULL, NULL, &made), MOOR_OK);
    cr_expect_neq(moor_abandon(registry, ticket), MOOR_OK);
    cr_expect_neq(moor_ticket_info(registry, ticket, &info), MOOR_OK);
    unchanged(registry, before, "a handle of nobody");
}

Test(handles, zero)
{
    moor_registry *registry = populated();

    nobody_is(registry, nobody, MOOR_NOT_FOUND);
    for (int i = 0; i < BELOW; i++) {
        cr_expect(below[i].call(registry, nobody) == MOOR_OK ||
                      below[i].call == call_find,
                  "%s: zero is the root", below[i].name);
    }
    done(registry);
}

Test(handles, stale)
{
    moor_registry *registry = populated();

    for (int i = 0; i < 20; i++) {
        moor_agent gone = spawn(registry);

        cr_assert_eq(close_it(registry, gone), MOOR_OK);
        nobody_is(registry, gone, MOOR_STALE);
        if (i % 3 == 0) (void)spawn(registry); /* in its record, perhaps */
        nobody_is(registry, gone, MOOR_STALE);
    }
    done(registry);
}

Test(handles, of_a_record_that_was_never_used)
{
    moor_registry *registry = populated();
    moor_agent last = spawn(registry);

    /* Beyond the group in which the last one lies. */
    for (uint64_t ahead = 8; ahead < 100; ahead++) {
        nobody_is(registry, (moor_agent){last.bits + ahead}, MOOR_NOT_FOUND);
    }
    done(registry);
}

/* One generation on, in a record that is in use: nobody has been there yet. */
Test(handles, of_a_life_that_is_yet_to_come)
{
    moor_registry *registry = populated();
    moor_agent agent = spawn(registry);

    for (uint64_t later = 1; later < 50; later++) {
        nobody_is(registry, (moor_agent){agent.bits + (later << 28)},
                  MOOR_NOT_FOUND);
    }
    done(registry);
}

/* Bits above the generation. */
Test(handles, of_bits_that_no_handle_has)
{
    moor_registry *registry = populated();
    moor_agent agent = spawn(registry);

    for (int bit = 56; bit < 64; bit++) {
        nobody_is(registry, (moor_agent){agent.bits | UINT64_C(1) << bit},
                  MOOR_NOT_FOUND);
    }
    done(registry);
}

/* --- of another registry -------------------------------------------------- */

/* Generations begin at a random salt, so a handle of another registry is most
 * likely unknown here; that it is known has odds of one in millions. */
Test(handles, of_another_registry)
{
    moor_registry *here = populated(), *there = populated();
    moor_agent foreign = spawn(there);

    for (int i = 0; i < 20; i++) {
        moor_status status;
        moor_error error = moor_status_of(here, foreign, &status);

        cr_assert_neq(error, MOOR_OK);
        nobody_is(here, foreign, error);
        foreign = spawn(there);
    }
    nobody_is(here, moor_root(there), MOOR_NOT_FOUND);
    done(here);
    done(there);
}

Test(handles, registries_begin_at_different_salts)
{
    enum { MANY = 50 };
    uint64_t roots[MANY];
    int same = 0;

    for (int i = 0; i < MANY; i++) {
        moor_registry *registry = given();

        roots[i] = moor_root(registry).bits;
        for (int j = 0; j < i; j++) {
            same += roots[i] == roots[j];
        }
        done(registry);
    }
    cr_assert_leq(same, 1);
}

/* --- forged --------------------------------------------------------------- */

#define LIFE_INDEX ((UINT64_C(1) << 28) - 1)

static uint64_t state;

static uint64_t draw(void)
{
    state = state * 6364136223846793005U + 1442695040888963407U;
    return state ^ state >> 29;
}

/* Bits of all kinds: noise, small numbers, and true handles with a few bits
 * turned over. */
static uint64_t forge(uint64_t model)
{
    uint64_t turned = model;

    switch (draw() % 4) {
    case 0:
        return draw() << 32 ^ draw();
    case 1:
        return draw() % 1000;
    case 2:
        return (model & ~LIFE_INDEX) | draw() % 64;
    default:
        for (uint64_t i = draw() % 3 + 1; i > 0; i--) {
            turned ^= UINT64_C(1) << draw() % 64;
        }
        return turned;
    }
}

/* Is it, in spite of all, the handle of somebody? */
static bool is_somebody(const struct picture *now, uint64_t bits)
{
    for (size_t i = 0; i < now->count; i++) {
        if (now->infos[i].agent.bits == bits ||
            now->infos[i].ticket.bits == bits) {
            return true;
        }
    }
    return false;
}

static void all_calls(moor_registry *registry, uint64_t bits)
{
    moor_agent agent = {bits}, made;
    moor_ticket ticket = {bits};
    moor_info info;

    for (int i = 0; i < CALLS; i++) {
        moor_error error = calls[i].call(registry, agent);

        cr_assert(error == MOOR_NOT_FOUND || error == MOOR_STALE,
                  "%s of %016llx: %s", calls[i].name, (unsigned long long)bits,
                  moor_error_name(error));
    }
    for (int i = 0; i < BELOW && bits != 0; i++) {
        moor_error error = below[i].call(registry, agent);

        cr_assert(error == MOOR_NOT_FOUND || error == MOOR_STALE,
                  "%s of %016llx: %s", below[i].name, (unsigned long long)bits,
                  moor_error_name(error));
    }
    cr_assert_neq(moor_commit(registry, ticket, NULL, NULL, &made), MOOR_OK);
    cr_assert_neq(moor_abandon(registry, ticket), MOOR_OK);
    cr_assert_neq(moor_ticket_info(registry, ticket, &info), MOOR_OK);
}

Test(handles, forged)
{
    enum { FORGED = 20000 };
    const char *given_seed = getenv("MOOR_SEED");
    moor_registry *registry = populated();
    uint64_t model = spawn(registry).bits;
    struct picture *before = picture(registry);

    state = given_seed != NULL ? strtoull(given_seed, NULL, 10)
                               : (uint64_t)time(NULL);
    printf("seed %llu (MOOR_SEED)\n", (unsigned long long)state);
    for (int i = 0; i < FORGED; i++) {
        uint64_t bits = forge(model);

        if (!is_somebody(before, bits)) all_calls(registry, bits);
        model = before->infos[draw() % before->count].agent.bits;
    }
    unchanged(registry, before, "forged handles");
    done(registry);
}

/* --- no registry at all --------------------------------------------------- */

Test(handles, without_a_registry)
{
    for (int i = 0; i < CALLS; i++) {
        cr_expect_eq(calls[i].call(NULL, (moor_agent){77}), MOOR_BAD_ARGUMENT,
                     "%s", calls[i].name);
    }
    for (int i = 0; i < BELOW; i++) {
        cr_expect_eq(below[i].call(NULL, nobody), MOOR_BAD_ARGUMENT, "%s",
                     below[i].name);
    }
}
