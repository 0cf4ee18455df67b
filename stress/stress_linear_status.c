/*
 * One agent's status, linearizable.
 *
 * Question  Do all calls on one agent between its commit and its close, and the
 *           counter of its registry, look as if they came one after the other,
 *           but for what tests/linear/spec_status.c allows?
 * Method    Histories of real threads, judged (linear_crew.h).  A window has a
 *           new agent in a registry with one or two slots.  Whoever has seen
 *           it idle spawns another now and then, and must not be refused for
 *           its sake.
 * Limits    on_completion; one agent without children.
 */
#include "linear/specs.h"
#include "linear_crew.h"

enum { TEXT_ROOM = 8, TEXT_DIED = 1000 };

static struct {
    moor_registry *registry;
    moor_agent agent;
    uint32_t limit;
} stage;

static moor_agent spawn_one(void)
{
    moor_spawn_options options = { .name = NULL };
    moor_agent agent = { 0 };

    (void)moor_spawn(stage.registry, &options, &agent, NULL);
    return agent;
}

/* --- calls ---------------------------------------------------------------- */

static void start(struct record_lane *lane)
{
    struct linear_call *call = record_begin(lane, STATUS_START, 0);

    record_end(lane, call, moor_start(stage.registry, stage.agent));
}

static void start_failed(struct record_lane *lane)
{
    struct linear_call *call = record_begin(lane, STATUS_START_FAILED, 0);

    record_end(lane, call, moor_start_failed(stage.registry, stage.agent));
}

static void interrupt(struct record_lane *lane)
{
    struct linear_call *call = record_begin(
        lane, STATUS_FINISH, status_end(MOOR_STATUS_INTERRUPTED, 0));

    record_end(lane, call, moor_interrupt(stage.registry, stage.agent));
}

static void died(struct record_lane *lane)
{
    struct linear_call *call = record_begin(
        lane, STATUS_FINISH, status_end(MOOR_STATUS_ERRORED, TEXT_DIED));

    record_end(lane, call, moor_died(stage.registry, stage.agent));
}

static void finish(struct record_lane *lane)
{
    static const moor_status statuses[] = { MOOR_STATUS_COMPLETED,
                                            MOOR_STATUS_COMPLETED,
                                            MOOR_STATUS_ERRORED,
                                            MOOR_STATUS_SHUTDOWN };
    unsigned which = random_below(lane->random, 16);
    moor_status status = which == 3 ? statuses[3] : statuses[which % 3];
    uint32_t number = 0;
    char text[TEXT_ROOM];
    size_t length = 0;
    struct linear_call *call;

    if (random_chance(lane->random, 4)) {
        number = 1 + random_below(lane->random, TEXT_DIED - 1);
        length = (size_t)snprintf(text, sizeof text, "%u", number);
    }
    call = record_begin(lane, STATUS_FINISH, status_end(status, number));
    record_end(lane, call, moor_finish(stage.registry, stage.agent, status,
                                       text, length));
}

static void run_again(struct record_lane *lane)
{
    struct linear_call *call = record_begin(lane, STATUS_RUN_AGAIN, 0);

    record_end(lane, call, moor_run_again(stage.registry, stage.agent, NULL));
}

static void request(struct record_lane *lane)
{
    moor_request_kind kind = random_chance(lane->random, 2)
                                 ? MOOR_REQUEST_INTERRUPT
                                 : MOOR_REQUEST_SHUTDOWN;
    struct linear_call *call = record_begin(lane, STATUS_REQUEST, kind);

    record_end(lane, call, moor_request(stage.registry, stage.agent, kind));
}

static void poll_request(struct record_lane *lane)
{
    struct linear_call *call = record_begin(lane, STATUS_POLL, 0);
    moor_request_kind kind = MOOR_REQUEST_NONE;
    moor_error error = moor_poll(stage.registry, stage.agent, &kind);

    record_end(lane, call, error);
    call->value = kind;
}

static moor_status look(struct record_lane *lane)
{
    struct linear_call *call = record_begin(lane, STATUS_LOOK, 0);
    moor_status status;
    moor_error error = moor_status_of(stage.registry, stage.agent, &status);

    record_end(lane, call, error);
    call->value = status;
    return status;
}

static void read_info(struct record_lane *lane)
{
    struct linear_call *call = record_begin(lane, STATUS_INFO, 0);
    moor_info info;
    moor_error error = moor_info_of(stage.registry, stage.agent, &info);

    record_end(lane, call, error);
    if (error == MOOR_OK) {
        call->value = status_info(info.status, info.slot, info.fenced);
    }
}

static void read_result(struct record_lane *lane)
{
    struct linear_call *call = record_begin(lane, STATUS_RESULT, 0);
    char text[TEXT_ROOM] = "";
    size_t length = 0;
    moor_error error = moor_result(stage.registry, stage.agent, text,
                                   sizeof text - 1, &length);

    record_end(lane, call, error);
    call->value = strcmp(text, "died") == 0 ? TEXT_DIED
                                            : strtoull(text, NULL, 10);
}

static void close_it(struct record_lane *lane)
{
    struct linear_call *call = record_begin(lane, STATUS_CLOSE, 0);
    moor_closed closed = { .previous = MOOR_STATUS_NOT_FOUND };
    moor_error error = moor_close(stage.registry, stage.agent,
                                  MOOR_CLOSE_BY_RULE, &closed);

    record_end(lane, call, error);
    call->value = closed.previous;
}

static void read_used(struct record_lane *lane)
{
    struct linear_call *call = record_begin(lane, STATUS_USED, 0);
    moor_capacity capacity;
    moor_error error =
        moor_capacity_of(stage.registry, (moor_agent){ 0 }, &capacity);

    record_end(lane, call, error);
    call->value = capacity.of[MOOR_LIMIT_RUNNING].used;
}

/* Another agent, for as long as it takes to close it. */
static void spawn_other(struct record_lane *lane)
{
    struct linear_call *call = record_begin(lane, STATUS_SPAWN, 0);
    moor_spawn_options options = { .name = NULL };
    moor_agent other;
    moor_error error = moor_spawn(stage.registry, &options, &other, NULL);

    record_end(lane, call, error);
    if (error == MOOR_OK) {
        call = record_begin(lane, STATUS_CLOSE_OTHER, 0);
        error = moor_close(stage.registry, other, MOOR_CLOSE_BY_RULE, NULL);
        record_end(lane, call, error);
    }
}

static void look_and_spawn(struct record_lane *lane)
{
    moor_status status = look(lane);

    if (!moor_holds_slot(status)) {
        spawn_other(lane);
    }
}

/* --- windows -------------------------------------------------------------- */

/* So many in a hundred. */
static const struct weight {
    unsigned percent;
    void (*make)(struct record_lane *lane);
} weights[] = {
    { 8, start },      { 2, start_failed }, { 18, finish },
    { 3, interrupt },  { 2, died },         { 18, run_again },
    { 7, request },    { 6, poll_request }, { 12, look_and_spawn },
    { 6, read_info },  { 6, read_result },  { 4, spawn_other },
    { 5, read_used },  { 3, close_it },
};

enum { WEIGHTS = sizeof weights / sizeof weights[0] };

static void play(struct record_lane *lane, unsigned calls)
{
    unsigned end = lane->count + calls;

    while (lane->count + 3 <= end) { /* room for the longest of them */
        unsigned rest = random_below(lane->random, 100), which = 0;

        while (which + 1 < WEIGHTS && rest >= weights[which].percent) {
            rest -= weights[which++].percent;
        }
        weights[which].make(lane);
    }
}

static void open_window(struct random *random, struct crew_start *start_words)
{
    stage.limit = 1 + random_below(random, 2);
    (void)moor_set_limit(stage.registry, MOOR_LIMIT_RUNNING, stage.limit);
    stage.agent = spawn_one();
    start_words->words[0] = stage.limit;
}

static void close_window(struct record_lane *lane)
{
    read_info(lane);
    read_result(lane);
    read_used(lane);
    (void)moor_close(stage.registry, stage.agent, MOOR_CLOSE_TREE, NULL);
}

static void translate(const struct crew_start *start_words,
                      struct linear_history *history)
{
    history->state = status_state((uint32_t)start_words->words[0], 0);
}

int main(int argc, char **argv)
{
    static const struct linear_trial trial = {
        .spec = &linear_status,
        .calls = LINEAR_CALLS_MAX - RECORD_FINAL_MAX,
        .open = open_window,
        .play = play,
        .close = close_window,
        .translate = translate,
    };

    stage.registry = audit_create(NULL);
    return crew_main(argc, argv, &trial, stage.registry);
}
