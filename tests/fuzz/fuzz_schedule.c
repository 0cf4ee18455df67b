/*
 * Schedules: two or three threads under the deterministic scheduler.
 *
 * Goal    whatever the threads do and in whatever order their atomic steps
 *         come: all of them end, the counter is never above the highest limit,
 *         of those who end one run, one ticket or one agent at most one wins,
 *         and at the end everything holds that must hold when nobody is under
 *         way (world_end() of the models).
 * Method  the bytes are a registry, what is in it, up to two operations for
 *         each thread, and then the schedule: each byte says who goes on, and
 *         for how many steps.  Where they end the threads run one after the
 *         other.
 * Limits  sequentially consistent orders only, as for the models; what single
 *         calls answer is judged by who wins, not call by call.
 */
#include "fuzz.h"
#include "judge.h"
#include "books.h"
#include "run.h"
#include "world/world.h"

enum { THREADS = 3, EACH = 2, STEPS_MOST = 8000, AGENTS = 3 };

/* What threads can win or lose, each once. */
enum prize { NO_PRIZE, END_OF_RUN, RUN_AGAIN, THE_TICKET, THE_AGENT };

struct action {
    uint8_t kind, subject, detail;
};

static struct {
    struct input input;
    struct action actions[THREADS][EACH];
    int threads;
    moor_config config;
    uint8_t agent_kinds[AGENTS], ticket_kind;
    moor_agent agents[AGENTS];
    moor_ticket ticket;
    unsigned won[THE_AGENT + 1][AGENTS];
    int last;       /* who goes on */
    unsigned steps; /* for how many steps more */
    uint64_t used_most;
    int lifetime;                /* what must be charged to it */
    bool with_all_below[AGENTS]; /* closed so */
    char paths[AGENTS][MOOR_PATH_MAX + 1];
} race;

/* --- operations ----------------------------------------------------------- */

static moor_spawn_options options_of(const struct action *action)
{
    static const char *const names[] = {"a", "b", "t", NULL};

    return (moor_spawn_options){.parent = action->detail % 2 == 0
                                              ? (moor_agent){0}
                                              : race.agents[action->subject],
                                .name = names[action->detail / 2 % 4]};
}

/* Spawns are charged to the lifetime; a ticket that was taken by a close, and
 * is stale for that reason, stays charged. */
static moor_error charged(moor_error error)
{
    race.lifetime += error == MOOR_OK;
    return error;
}

static moor_error given_back(moor_error error)
{
    race.lifetime -= error == MOOR_OK;
    return error;
}

static moor_error committed(moor_error error)
{
    race.lifetime -= error == MOOR_ID_TAKEN || error == MOOR_FENCED;
    return error;
}

static moor_error do_spawn(const struct action *action, moor_agent agent)
{
    const moor_spawn_options options = options_of(action);
    moor_refusal refusal;

    return charged(moor_spawn(world, &options, &agent,
                              action->detail > 127 ? &refusal : NULL));
}

static moor_error do_reserve(const struct action *action, moor_agent agent)
{
    const moor_spawn_options options = options_of(action);
    moor_ticket ticket;
    moor_error error = charged(moor_reserve(world, &options, &ticket, NULL));

    if (error != MOOR_OK) {
        return error;
    }
    return action->detail > 127
               ? given_back(moor_abandon(world, ticket))
               : committed(moor_commit(world, ticket, NULL, NULL, &agent));
}

static moor_error do_commit(const struct action *action, moor_agent agent)
{
    static const moor_id id = {{1}};

    return committed(moor_commit(world, race.ticket,
                                 action->detail % 2 == 0 ? NULL : &id, NULL,
                                 &agent));
}

static moor_error do_abandon(const struct action *action, moor_agent agent)
{
    (void)action;
    (void)agent;
    return given_back(moor_abandon(world, race.ticket));
}

static moor_error do_start(const struct action *action, moor_agent agent)
{
    (void)action;
    return moor_start(world, agent);
}

static moor_error do_start_failed(const struct action *action, moor_agent agent)
{
    moor_error error = given_back(moor_start_failed(world, agent));

    race.with_all_below[action->subject] |= error == MOOR_OK;
    return error;
}

static moor_error do_finish(const struct action *action, moor_agent agent)
{
    return moor_finish(world, agent, MOOR_STATUS_COMPLETED, "text",
                       action->detail % 2 * 4);
}

static moor_error do_died(const struct action *action, moor_agent agent)
{
    return action->detail % 2 == 0 ? moor_died(world, agent)
                                   : moor_interrupt(world, agent);
}

static moor_error do_run_again(const struct action *action, moor_agent agent)
{
    (void)action;
    return moor_run_again(world, agent, NULL);
}

static moor_error do_request(const struct action *action, moor_agent agent)
{
    return moor_request(world, agent,
                        action->detail % 2 == 0 ? MOOR_REQUEST_INTERRUPT
                                                : MOOR_REQUEST_SHUTDOWN);
}

static moor_error do_close(const struct action *action, moor_agent agent)
{
    moor_close_scope scope =
        (moor_close_scope)(action->detail % MOOR_CLOSE_SCOPES);
    moor_error error = moor_close(world, agent, scope, NULL);

    race.with_all_below[action->subject] |=
        error == MOOR_OK &&
        (scope == MOOR_CLOSE_TREE || scope == MOOR_CLOSE_CASCADE);
    return error;
}

static moor_error do_reap(const struct action *action, moor_agent agent)
{
    (void)action;
    (void)agent;
    return moor_reap(world, NULL);
}

static moor_error do_turn_end(const struct action *action, moor_agent agent)
{
    (void)agent;
    return moor_turn_end(world, (moor_left)(action->detail % MOOR_LEFTS), NULL);
}

static moor_error do_lower(const struct action *action, moor_agent agent)
{
    (void)agent;
    return moor_set_limit(world, (moor_limit)(action->detail % MOOR_LIMITS),
                          action->detail / MOOR_LIMITS % 2);
}

static moor_error do_read(const struct action *action, moor_agent agent)
{
    uint64_t cursor = 0;
    moor_info info;
    size_t count;

    switch (action->detail % 4) {
    case 0:
        return moor_info_of(world, agent, &info);
    case 1:
        return moor_find_path(world, (moor_agent){0}, "/root/a", &agent);
    case 2:
        return moor_list(world, NULL, &cursor, &info, 1, &count);
    default: /* only what holds at every instant */
        if (moor_check(world, false, NULL, 0) != MOOR_OK) {
            model_fail("violated on the way");
        }
        return MOOR_OK;
    }
}

static const struct operation {
    const char *name;
    moor_error (*perform)(const struct action *action, moor_agent agent);
    enum prize prize;
} operations[] = {
    {"spawn", do_spawn, NO_PRIZE},
    {"spawn", do_spawn, NO_PRIZE},
    {"reserve and more", do_reserve, NO_PRIZE},
    {"commit", do_commit, THE_TICKET},
    {"abandon", do_abandon, THE_TICKET},
    {"start", do_start, NO_PRIZE},
    {"start_failed", do_start_failed, THE_AGENT},
    {"finish", do_finish, END_OF_RUN},
    {"finish", do_finish, END_OF_RUN},
    {"died or interrupt", do_died, END_OF_RUN},
    {"run_again", do_run_again, RUN_AGAIN},
    {"request", do_request, NO_PRIZE},
    {"close", do_close, THE_AGENT},
    {"close", do_close, THE_AGENT},
    {"reap", do_reap, NO_PRIZE},
    {"turn_end", do_turn_end, NO_PRIZE},
    {"set_limit", do_lower, NO_PRIZE},
    {"read", do_read, NO_PRIZE},
};

enum { OPERATIONS = sizeof operations / sizeof operations[0] };

/* The body of every thread. */
static void act(void)
{
    int self = model_self();

    for (int i = 0; i < EACH; i++) {
        const struct action *action = &race.actions[self][i];
        const struct operation *operation = &operations[action->kind];

        if (operation->perform(action, race.agents[action->subject]) ==
            MOOR_OK) {
            race.won[operation->prize]
                    [operation->prize == THE_TICKET ? 0 : action->subject]++;
        }
    }
}

/* --- before --------------------------------------------------------------- */

static void make_agent(int which)
{
    static const char *const names[] = {"a", "p", "c"};
    unsigned kind = race.agent_kinds[which];
    moor_spawn_options options = {.name = names[which]};
    moor_info info;

    if (kind / 8 % 2 == 1 && which > 0) {
        options.parent = race.agents[which - 1];
    }
    race.agents[which].bits = 0;
    race.paths[which][0] = '\0';
    if (charged(moor_spawn(world, &options, &race.agents[which], NULL)) !=
            MOOR_OK ||
        moor_info_of(world, race.agents[which], &info) != MOOR_OK) {
        return; /* its handle is nobody's, and all calls say so */
    }
    strcpy(race.paths[which], info.path);
    if (kind % 4 > 0) {
        (void)moor_start(world, race.agents[which]);
    }
    if (kind % 4 > 1) {
        (void)moor_finish(world, race.agents[which], MOOR_STATUS_ERRORED,
                          "text", kind % 4 == 2 ? 0 : 4);
    }
}

static void before(void)
{
    const moor_spawn_options options = {
        .name = "t",
        .parent = race.ticket_kind % 4 < 2 ? (moor_agent){0} : race.agents[0]};

    world_make_with(&race.config);
    race.lifetime = 0;
    for (int i = 0; i < AGENTS; i++) {
        make_agent(i);
    }
    race.ticket.bits = 0;
    if (race.ticket_kind % 2 == 1) {
        (void)charged(moor_reserve(world, &options, &race.ticket, NULL));
    }
    memset(race.won, 0, sizeof race.won);
    memset(race.with_all_below, 0, sizeof race.with_all_below);
    race.used_most = 0;
    race.last = 0;
    race.steps = 0;
}

static void take_race(void)
{
    static const uint32_t limits[] = {1, 2, 3, 4};

    moor_config_default(&race.config);
    race.config.release = (moor_release)input_below(&race.input, 4);
    race.config.close_rule = (moor_close_rule)input_below(&race.input, 3);
    race.config.limits[MOOR_LIMIT_RUNNING] =
        limits[input_below(&race.input, 4)];
    race.threads = 2 + (int)input_below(&race.input, 2);
    for (int i = 0; i < AGENTS; i++) {
        race.agent_kinds[i] = input_byte(&race.input);
    }
    race.ticket_kind = input_byte(&race.input);
    for (int t = 0; t < race.threads; t++) {
        for (int i = 0; i < EACH; i++) {
            race.actions[t][i] = (struct action){
                .kind = (uint8_t)input_below(&race.input, OPERATIONS),
                .subject = (uint8_t)input_below(&race.input, AGENTS),
                .detail = input_byte(&race.input)};
            judge_step("thread %d: %s of %d, %d", t,
                       operations[race.actions[t][i].kind].name,
                       race.actions[t][i].subject, race.actions[t][i].detail);
        }
    }
}

/* --- the schedule --------------------------------------------------------- */

/* By itself, not by a call of the library, whose look would be a step. */
static uint32_t used_now(void)
{
    uint64_t word;

    memcpy(&word, (const void *)&world->running.word, sizeof word);
    return (uint32_t)word; /* slots.c: the limit is above */
}

static int choose(size_t step, unsigned live)
{
    uint64_t used = used_now();

    (void)step;
    race.used_most = used > race.used_most ? used : race.used_most;
    if (race.steps == 0 || (live >> race.last & 1) == 0) {
        unsigned byte = input_byte(&race.input);
        unsigned skip = byte % 4;

        race.steps = 1 + byte / 4;
        race.last = run_lowest(live);
        while (skip-- > 0) {
            race.last = run_in_turn(live, race.last);
        }
    }
    race.steps--;
    return race.last;
}

/* --- after ---------------------------------------------------------------- */

/* Could children have been adopted by somebody above? */
static bool may_adopt(void)
{
    bool may = false;

    for (int t = 0; t < race.threads; t++) {
        for (int i = 0; i < EACH; i++) {
            const struct action *action = &race.actions[t][i];
            unsigned scope = action->detail % MOOR_CLOSE_SCOPES;

            may |= operations[action->kind].perform == do_close &&
                   (scope == MOOR_CLOSE_ADOPT || scope == MOOR_CLOSE_BY_RULE);
        }
    }
    return may;
}

/* Nothing hangs below what was closed with all that is below it. */
static void judge_closed(const char *path)
{
    for (int i = 0; i < AGENTS && !may_adopt(); i++) {
        size_t length = strlen(race.paths[i]);

        if (race.with_all_below[i] && path[length] == '/' &&
            strncmp(path, race.paths[i], length) == 0) {
            model_fail("I8: %s is there, and %s was closed", path,
                       race.paths[i]);
        }
    }
}

static void after(void)
{
    moor_info info;
    uint64_t cursor = 0;
    size_t count;

    do {
        if (moor_list(world, NULL, &cursor, &info, 1, &count) == MOOR_OK &&
            count == 1) {
            judge_closed(info.path);
        }
    } while (cursor != 0);
    if (world_lifetime_used() != (uint64_t)race.lifetime) {
        model_fail("I3: %llu charged to the lifetime, not %d",
                   (unsigned long long)world_lifetime_used(), race.lifetime);
    }
    world_end();
}

/* At most one wins, but for runs that were begun again in between. */
static void judge_winners(void)
{
    judge_that("a ticket ends once", race.won[THE_TICKET][0] <= 1);
    for (int i = 0; i < AGENTS; i++) {
        judge_that("a run ends once",
                   race.won[END_OF_RUN][i] <= 1 + race.won[RUN_AGAIN][i]);
        judge_that("an agent leaves once", race.won[THE_AGENT][i] <= 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool warm;
    uint64_t limit;
    struct model_case model = {.name = "race",
                               .before = before,
                               .threads = {act, act, act},
                               .after = after};

    if (!warm) {
        world_warm_up();
        warm = true;
    }
    judge_begin(data, size);
    race.input = input_of(data, size);
    take_race();
    model.threads_count = race.threads;
    judge_step("the race");
    (void)run_case(&model, choose, STEPS_MOST);
    judge_note("schedule %s", run_schedule());
    judge_text("what must hold at the end", "", run.failed ? run.message : "");
    limit = race.config.limits[MOOR_LIMIT_RUNNING]; /* the highest */
    judge_that("used is never above the limit", race.used_most <= limit);
    judge_winners();
    return 0;
}
