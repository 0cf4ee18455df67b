/*
 * Memory that fails at random, over thousands of calls: a call without memory
 * has done nothing, calls that need none succeed, and when memory comes back
 * everything works.  Beside the registry a model says who must be there.
 */
#include "given.h"

#include <stdio.h>
#include <time.h>

#include "atomic.h"
#include "failing.h"
#include "threads.h"

#if defined(MOOR_YIELD)
enum { STEPS = 4000, ROUNDS = 3 };
#else
enum { STEPS = 10000, ROUNDS = 8 };
#endif

enum { CAST = 64, PLAYERS = 3, TOP = -1 };

enum phase { NOBODY, TICKET, LIVE, IDLE, PHASES };

struct member {
    enum phase phase;
    int parent; /* another member, or TOP */
    uint64_t bits;
    unsigned name;
    bool result;
};

/* One thread's part: its own agents, all below its top. */
struct play {
    moor_registry *registry;
    moor_agent top;
    struct member cast[CAST];
    uint64_t numbers;
    unsigned names, failed; /* calls that were told no_memory */
    const char *wrong;      /* what was, first */
};

/* --- judging -------------------------------------------------------------- */

static void judge(struct play *play, bool right, const char *what)
{
    if (!right && play->wrong == NULL) play->wrong = what;
}

/* A call that may be told no_memory, but only if an allocation has failed;
 * true if it succeeded. */
static bool may_fail(struct play *play, moor_error error, const char *what)
{
    judge(play,
          error == MOOR_OK || (error == MOOR_NO_MEMORY && failing.failed > 0),
          what);
    play->failed += error == MOOR_NO_MEMORY;
    return error == MOOR_OK;
}

static unsigned draw(struct play *play, unsigned bound)
{
    return (unsigned)(failing_number(&play->numbers) % bound);
}

/* --- the model ------------------------------------------------------------ */

static moor_agent agent_of(const struct play *play, int which)
{
    return which == TOP ? play->top : (moor_agent){play->cast[which].bits};
}

static bool is_agent(const struct member *member)
{
    return member->phase == LIVE || member->phase == IDLE;
}

/* Tickets and live agents hold a slot. */
static unsigned slots_held(const struct play *play)
{
    unsigned held = 0;

    for (int i = 0; i < CAST; i++) {
        held += play->cast[i].phase == TICKET || play->cast[i].phase == LIVE;
    }
    return held;
}

/* It leaves, and all below it; how many agents did. */
static unsigned leaves(struct play *play, int which)
{
    unsigned agents = is_agent(&play->cast[which]);

    play->cast[which].phase = NOBODY;
    for (int i = 0; i < CAST; i++) {
        if (play->cast[i].phase != NOBODY && play->cast[i].parent == which) {
            agents += leaves(play, i);
        }
    }
    return agents;
}

static void moves_up(struct play *play, int which)
{
    for (int i = 0; i < CAST; i++) {
        if (play->cast[i].parent == which) {
            play->cast[i].parent = play->cast[which].parent;
        }
    }
    play->cast[which].phase = NOBODY;
}

/* --- steps: one call, and what the model says of it ----------------------- */

static int draw_parent(struct play *play)
{
    int which = (int)draw(play, CAST);

    return is_agent(&play->cast[which]) && draw(play, 3) > 0 ? which : TOP;
}

static void name_next(struct play *play, char name[16])
{
    (void)snprintf(name, 16, "m%u", ++play->names);
}

static moor_id id_next(struct play *play)
{
    moor_id id;
    uint64_t words[2] = {failing_number(&play->numbers),
                         failing_number(&play->numbers)};

    memcpy(id.bytes, words, sizeof id.bytes);
    return id;
}

static void enters(struct play *play, int which, int parent, enum phase phase,
                   uint64_t bits)
{
    play->cast[which] =
        (struct member){phase, parent, bits, play->names, false};
}

static void step_spawn(struct play *play, int which)
{
    char name[16];
    int parent = draw_parent(play);
    moor_id id = id_next(play);
    moor_spawn_options options = {.parent = agent_of(play, parent),
                                  .name = name,
                                  .role = draw(play, 2) ? "explorer" : NULL,
                                  .nickname = draw(play, 2) ? "Plato" : NULL,
                                  .id = draw(play, 2) ? &id : NULL};
    moor_agent agent;

    name_next(play, name);
    if (may_fail(play, moor_spawn(play->registry, &options, &agent, NULL),
                 "spawn")) {
        enters(play, which, parent, LIVE, agent.bits);
    }
}

static void step_reserve(struct play *play, int which)
{
    char name[16];
    int parent = draw_parent(play);
    moor_spawn_options options = {.parent = agent_of(play, parent),
                                  .name = name};
    moor_ticket ticket;

    name_next(play, name);
    if (may_fail(play, moor_reserve(play->registry, &options, &ticket, NULL),
                 "reserve")) {
        enters(play, which, parent, TICKET, ticket.bits);
    }
}

/* One that fails has given everything back. */
static void step_commit(struct play *play, int which)
{
    moor_id id = id_next(play);
    moor_ticket ticket = {play->cast[which].bits};
    moor_agent agent;
    bool ok =
        may_fail(play,
                 moor_commit(play->registry, ticket,
                             draw(play, 3) > 0 ? &id : NULL, NULL, &agent),
                 "commit");

    play->cast[which].phase = ok ? LIVE : NOBODY;
    if (ok) play->cast[which].bits = agent.bits;
}

static void step_abandon(struct play *play, int which)
{
    moor_ticket ticket = {play->cast[which].bits};

    judge(play, moor_abandon(play->registry, ticket) == MOOR_OK, "abandon");
    play->cast[which].phase = NOBODY;
}

static void step_finish_with_text(struct play *play, int which)
{
    static const char text[300] = "a long text";

    if (may_fail(play,
                 moor_finish(play->registry, agent_of(play, which),
                             MOOR_STATUS_COMPLETED, text,
                             1 + draw(play, sizeof text - 1)),
                 "finish with text")) {
        play->cast[which].phase = IDLE;
        play->cast[which].result = true;
    }
}

static void step_end(struct play *play, int which)
{
    moor_agent agent = agent_of(play, which);
    bool died = draw(play, 2) == 0;
    moor_error error = died ? moor_died(play->registry, agent)
                            : moor_interrupt(play->registry, agent);

    judge(play, error == MOOR_OK, "died or interrupt");
    play->cast[which].phase = IDLE;
    play->cast[which].result = died;
}

static void step_run_again(struct play *play, int which)
{
    judge(play,
          moor_run_again(play->registry, agent_of(play, which), NULL) ==
              MOOR_OK,
          "run_again");
    play->cast[which].phase = LIVE;
    play->cast[which].result = false;
}

static void step_close(struct play *play, int which)
{
    bool adopt = draw(play, 3) == 0;
    moor_closed answer = {0};
    moor_error error =
        moor_close(play->registry, agent_of(play, which),
                   adopt ? MOOR_CLOSE_ADOPT : MOOR_CLOSE_CASCADE, &answer);

    judge(play, error == MOOR_OK, "close");
    if (adopt) {
        moves_up(play, which);
    } else {
        judge(play, answer.closed == leaves(play, which), "agents closed");
    }
}

static void step_read(struct play *play, int which)
{
    moor_agent agent = agent_of(play, which);
    char text[300];
    size_t length = 0;
    moor_info info;

    judge(play, moor_info_of(play->registry, agent, &info) == MOOR_OK, "info");
    judge(play, info.slot == (play->cast[which].phase == LIVE), "slot");
    judge(play,
          moor_result(play->registry, agent, text, sizeof text, &length) ==
              MOOR_OK,
          "result");
    judge(play, (length > 0) == play->cast[which].result, "result's length");
}

static void (*const steps[PHASES][4])(struct play *play, int which) = {
    [NOBODY] = {step_spawn, step_spawn, step_spawn, step_reserve},
    [TICKET] = {step_commit, step_commit, step_commit, step_abandon},
    [LIVE] = {step_finish_with_text, step_end, step_close, step_read},
    [IDLE] = {step_run_again, step_read, step_read, step_close},
};

static void one_step(struct play *play)
{
    int which = (int)draw(play, CAST);

    steps[play->cast[which].phase][draw(play, 4)](play, which);
}

/* --- plays ---------------------------------------------------------------- */

static uint64_t seed_of_run(void)
{
    const char *given_seed = getenv("MOOR_SEED");
    uint64_t seed = given_seed != NULL ? strtoull(given_seed, NULL, 10)
                                       : (uint64_t)time(NULL);

    printf("seed %llu (MOOR_SEED)\n", (unsigned long long)seed);
    return seed;
}

static struct play begin(moor_registry *registry, const char *top,
                         uint64_t seed)
{
    struct play play = {.registry = registry, .numbers = seed};

    play.top = spawn_below(registry, nobody, top);
    completes(registry, play.top);
    return play;
}

/* With memory again: everybody ends what has begun, and new ones come. */
static void memory_is_back(struct play *play)
{
    for (int i = 0; i < CAST; i++) {
        if (play->cast[i].phase == NOBODY) step_spawn(play, i);
        if (play->cast[i].phase == TICKET) step_commit(play, i);
        if (play->cast[i].phase == LIVE) step_finish_with_text(play, i);
        judge(play, play->cast[i].phase == IDLE, "memory is back");
        step_read(play, i);
    }
}

static void judged(const struct play *play)
{
    cr_assert_null(play->wrong, "%s", play->wrong);
}

static void ends(struct play *play)
{
    moor_closed answer;

    cr_assert_eq(
        moor_close(play->registry, play->top, MOOR_CLOSE_TREE, &answer),
        MOOR_OK);
    cr_assert_eq(answer.closed, CAST + 1);
}

/* From a registry that can hardly be made up to one that seldom fails. */
static moor_registry *make_at_last(unsigned one_in, uint64_t seed)
{
    static const char *const nicknames[] = {"Atlas", "Plato"};
    static const moor_role roles[] = {{"explorer", nicknames, 2}};
    moor_config config;
    moor_registry *registry = NULL;
    moor_error error;

    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = MOOR_UNLIMITED;
    config.roles = roles;
    config.roles_count = 1;
    config.measure_held = one_in % 2 != 0;
    fail_at_random(FAILING_MEMORY, 4 * one_in, seed);
    do {
        error = moor_create(&config, &registry);
        cr_assert(error == MOOR_OK || error == MOOR_NO_MEMORY);
    } while (error != MOOR_OK);
    fail_none();
    return registry;
}

static const unsigned one_in[] = {2, 3, 5, 20};

enum { DENSITIES = sizeof one_in / sizeof one_in[0] };

static void play_alone(unsigned density, uint64_t seed)
{
    moor_registry *registry = make_at_last(density, seed);
    struct play play = begin(registry, "top", seed);

    for (int step = 0; step < STEPS; step++) {
        fail_at_random(FAILING_MEMORY, density, failing_number(&play.numbers));
        one_step(&play);
        fail_none();
        judged(&play);
        if (step % 16 == 0) {
            cr_assert_eq(used(registry), slots_held(&play), "step %d", step);
        }
        if (step % 1024 == 0) sound(registry);
    }
    cr_assert_gt(play.failed, 0);
    failing.failed = 0;
    memory_is_back(&play);
    judged(&play);
    cr_assert_eq(used(registry), 0);
    ends(&play);
    done(registry);
}

Test(no_memory, fails_at_random)
{
    uint64_t seed = seed_of_run();

    for (unsigned round = 0; round < ROUNDS; round++) {
        play_alone(one_in[round % DENSITIES], seed + round);
    }
}

/* Memory goes away altogether, time and again, and comes back. */
Test(no_memory, comes_and_goes)
{
    moor_registry *registry = make_at_last(5, 1);
    struct play play = begin(registry, "top", seed_of_run());

    for (int step = 0; step < STEPS; step++) {
        bool away = step / 100 % 2 == 0;

        fail_from(away ? FAILING_MEMORY : 0, 1);
        one_step(&play);
        fail_none();
        judged(&play);
        if (!away) cr_assert_eq(failing.failed, 0);
    }
    cr_assert_eq(used(registry), slots_held(&play));
    memory_is_back(&play);
    judged(&play);
    ends(&play);
    done(registry);
}

/* --- the queue ------------------------------------------------------------ */

/* Its places are made when the first admission waits.  Without memory for them
 * it has done nothing, and the next one tries again. */
Test(no_memory, for_the_places_of_the_queue)
{
    const moor_patience patience = {.timeout_ms = 1};
    const moor_spawn_options options = {.name = "next", .patience = &patience};
    moor_config config;
    moor_registry *registry;
    moor_agent holder, agent;
    struct picture *before;

    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = 1;
    config.queue = MOOR_QUEUE_MAX;
    registry = given_config(&config);
    holder = spawn_below(registry, nobody, "holder");
    cr_assert_eq(moor_start(registry, holder), MOOR_OK);
    before = picture(registry);
    fail_from(FAILING_MEMORY, 1);
    cr_assert_eq(moor_spawn(registry, &options, &agent, NULL), MOOR_NO_MEMORY);
    fail_none();
    cr_assert_gt(failing.failed, 0);
    unchanged(registry, before, "no memory");
    /* Who needs none is not asked to wait for it. */
    cr_assert_eq(moor_lend(registry, holder), MOOR_OK);
    fail_from(FAILING_MEMORY, 1);
    cr_assert_eq(moor_take_back(registry, holder, &patience, NULL), MOOR_OK);
    fail_none();
    cr_assert_eq(moor_spawn(registry, &options, &agent, NULL), MOOR_REFUSED);
    completes(registry, holder);
    cr_assert_eq(moor_spawn(registry, &options, &agent, NULL), MOOR_OK);
    done(registry);
}

/* --- threads -------------------------------------------------------------- */

/* Others' failures are not this one's: only whose own allocation has failed is
 * told no_memory. */
static void *play_on(void *one)
{
    struct play *play = (struct play *)one;

    for (int step = 0; step < STEPS; step++) {
        fail_at_random(FAILING_MEMORY, one_in[step % DENSITIES],
                       failing_number(&play->numbers));
        one_step(play);
    }
    fail_none();
    failing.failed = 0;
    return NULL;
}

Test(no_memory, fails_in_several_threads)
{
    static const char *const tops[PLAYERS] = {"a", "b", "c"};
    uint64_t seed = seed_of_run();
    moor_registry *registry = make_at_last(5, seed);
    struct play plays[PLAYERS];
    unsigned held = 0;

    for (unsigned p = 0; p < PLAYERS; p++) {
        plays[p] = begin(registry, tops[p], seed + 1000 * p);
    }
    together(play_on, PLAYERS, plays, sizeof plays[0]);
    for (unsigned p = 0; p < PLAYERS; p++) {
        judged(&plays[p]);
        cr_assert_gt(plays[p].failed, 0);
        held += slots_held(&plays[p]);
    }
    cr_assert_eq(used(registry), held);
    sound(registry);
    for (unsigned p = 0; p < PLAYERS; p++) {
        memory_is_back(&plays[p]);
        judged(&plays[p]);
        ends(&plays[p]);
    }
    cr_assert_eq(used(registry), 0);
    done(registry);
}
