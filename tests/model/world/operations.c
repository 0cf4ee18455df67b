#include "operations.h"

#include <string.h>

enum { MANY = 8 /* slots */ };

/* --- admissions ----------------------------------------------------------- */

/* Below its subject by one name, whoever calls; below the root each by its own.
 */
static moor_spawn_options below_subject(const struct call *call)
{
    return (moor_spawn_options){.parent = call->subject, .name = "n"};
}

static moor_spawn_options below_root(const struct call *call)
{
    static const char *const names[] = {"r0", "r1", "r2", "r3", "r4", "r5"};

    return (moor_spawn_options){.name = names[call->number]};
}

static void note_refusal(struct call *call, const moor_refusal *refusal)
{
    if (call->error == MOOR_REFUSED) call->answers[0] = 1 + refusal->limit;
}

static void reserve_by(struct call *call, moor_spawn_options options)
{
    moor_refusal refusal = {.limit = MOOR_LIMITS};
    moor_ticket ticket;

    call->error = moor_reserve(world, &options, &ticket, &refusal);
    note_refusal(call, &refusal);
}

static void spawn_by(struct call *call, moor_spawn_options options)
{
    moor_refusal refusal = {.limit = MOOR_LIMITS};
    moor_agent agent;

    call->error = moor_spawn(world, &options, &agent, &refusal);
    note_refusal(call, &refusal);
}

static void reserve(struct call *call)
{
    reserve_by(call, below_subject(call));
}

static void reserve_root(struct call *call)
{
    reserve_by(call, below_root(call));
}

static void spawn(struct call *call)
{
    spawn_by(call, below_subject(call));
}

static void spawn_root(struct call *call)
{
    spawn_by(call, below_root(call));
}

static void commit_as(struct call *call, const moor_id *id, const char *path)
{
    const moor_ticket ticket = {call->subject.bits};
    moor_agent agent;

    call->error = moor_commit(world, ticket, id, path, &agent);
}

static void commit(struct call *call)
{
    commit_as(call, NULL, NULL);
}

/* Each call has an id of its own. */
static void commit_id(struct call *call)
{
    const moor_id id = {{(uint8_t)(call->number + 1)}};

    commit_as(call, &id, NULL);
}

static void commit_other_path(struct call *call)
{
    commit_as(call, NULL, "/root/other");
}

static void abandon(struct call *call)
{
    call->error = moor_abandon(world, (moor_ticket){call->subject.bits});
}

static void run_again(struct call *call)
{
    moor_refusal refusal = {.limit = MOOR_LIMITS};

    call->error = moor_run_again(world, call->subject, &refusal);
    note_refusal(call, &refusal);
}

/* --- a run ---------------------------------------------------------------- */

static void start(struct call *call)
{
    call->error = moor_start(world, call->subject);
}

static void start_failed(struct call *call)
{
    call->error = moor_start_failed(world, call->subject);
}

static void finish(struct call *call)
{
    call->error = world_finish(call->subject);
}

static void finish_text(struct call *call)
{
    call->error = moor_finish(world, call->subject, MOOR_STATUS_ERRORED,
                              "broken", sizeof "broken" - 1);
}

static void interrupt(struct call *call)
{
    call->error = moor_interrupt(world, call->subject);
}

static void died(struct call *call)
{
    call->error = moor_died(world, call->subject);
}

static void request(struct call *call)
{
    call->error = moor_request(world, call->subject, MOOR_REQUEST_SHUTDOWN);
}

/* --- closing -------------------------------------------------------------- */

static void close_as(struct call *call, moor_close_scope scope)
{
    moor_closed closed = {MOOR_STATUS_NOT_FOUND, 0};

    call->error = moor_close(world, call->subject, scope, &closed);
    call->answers[0] = closed.previous;
    call->answers[1] = closed.closed;
}

static void close_tree(struct call *call)
{
    close_as(call, MOOR_CLOSE_TREE);
}

static void close_adopt(struct call *call)
{
    close_as(call, MOOR_CLOSE_ADOPT);
}

static void close_refuse(struct call *call)
{
    close_as(call, MOOR_CLOSE_REFUSE);
}

void operation_close_root(struct call *call)
{
    moor_closed closed = {MOOR_STATUS_NOT_FOUND, 0};

    call->error = moor_close(world, moor_root(world), MOOR_CLOSE_TREE, &closed);
    call->answers[0] = closed.closed;
}

/* --- the whole registry --------------------------------------------------- */

void operation_reap(struct call *call)
{
    call->error = moor_reap(world, &call->answers[0]);
}

static void set_limit(struct call *call, moor_limit which, uint32_t value)
{
    call->error = moor_set_limit(world, which, value);
}

static void lower(struct call *call)
{
    set_limit(call, MOOR_LIMIT_RUNNING, 0);
}

static void raise(struct call *call)
{
    set_limit(call, MOOR_LIMIT_RUNNING, MANY);
}

static void no_children(struct call *call)
{
    set_limit(call, MOOR_LIMIT_CHILDREN, 0);
}

static void no_lives(struct call *call)
{
    set_limit(call, MOOR_LIMIT_LIFETIME, 0);
}

static void no_depth(struct call *call)
{
    set_limit(call, MOOR_LIMIT_DEPTH, 0);
}

static void turn_begin(struct call *call)
{
    call->error = moor_turn_begin(world, &call->answers[0]);
}

static void turn_end_as(struct call *call, moor_left left)
{
    moor_turn_ended ended = {0};

    call->error = moor_turn_end(world, left, &ended);
    call->answers[0] = ended.turn;
    call->answers[1] = ended.ended;
    call->answers[2] = ended.released;
}

static void turn_end(struct call *call)
{
    turn_end_as(call, MOOR_LEFT_KEEP);
}

static void turn_fence(struct call *call)
{
    turn_end_as(call, MOOR_LEFT_FENCE);
}

static void turn_shutdown(struct call *call)
{
    turn_end_as(call, MOOR_LEFT_SHUTDOWN);
}

/* --- reading -------------------------------------------------------------- */

/* Who it is, in words that do not change from run to run. */
static uint64_t known(moor_agent agent)
{
    if (agent.bits == 0) return 0;
    if (agent.bits == moor_root(world).bits) return 1;
    if (agent.bits == scene_a.bits) return 2;
    return agent.bits == scene_b.bits ? 3 : 4;
}

static void note_info(struct call *call, const moor_info *info)
{
    if (call->error != MOOR_OK) return;
    call->answers[0] = info->status;
    call->answers[1] = (uint64_t)info->slot + 2 * info->fenced;
    call->answers[2] = known(info->parent);
}

static void info(struct call *call)
{
    moor_info seen;

    call->error = moor_info_of(world, call->subject, &seen);
    note_info(call, &seen);
}

static void ticket_info(struct call *call)
{
    const moor_ticket ticket = {call->subject.bits};
    moor_info seen;

    call->error = moor_ticket_info(world, ticket, &seen);
    note_info(call, &seen);
}

static void status(struct call *call)
{
    moor_status seen = MOOR_STATUS_NOT_FOUND;

    call->error = moor_status_of(world, call->subject, &seen);
    call->answers[0] = seen;
}

static void result(struct call *call)
{
    size_t length = 0;

    call->error = moor_result(world, call->subject, NULL, 0, &length);
    call->answers[0] = length;
}

static void poll(struct call *call)
{
    moor_request_kind what = MOOR_REQUEST_NONE;

    call->error = moor_poll(world, call->subject, &what);
    call->answers[0] = what;
}

static void find_path(struct call *call)
{
    moor_agent found = {0};

    call->error = moor_find_path(
        world, (moor_agent){0},
        call->subject.bits == scene_a.bits ? "/root/a" : "/root/a/b", &found);
    call->answers[0] = known(found);
}

static void find_below(struct call *call)
{
    moor_agent found = {0};

    call->error = moor_find_path(world, call->subject, "n", &found);
    call->answers[0] = known(found);
}

/* By the id that commit_id gives when it is the other call. */
static void find_id(struct call *call)
{
    const moor_id id = {{(uint8_t)(call->number == 0 ? 2 : 1)}};
    moor_agent found = {0};

    call->error = moor_find_id(world, &id, &found);
    call->answers[0] = known(found);
}

/* No snapshot: what it gives is not compared. */
static void list(struct call *call)
{
    moor_info seen[2];
    uint64_t cursor = 0;
    size_t count;

    do {
        call->error = moor_list(world, NULL, &cursor, seen, 2, &count);
    } while (call->error == MOOR_OK && cursor != 0);
}

static void wait_idle(struct call *call)
{
    moor_waited waited;

    call->error = moor_wait(world, MOOR_WAIT_ANY, MOOR_UNTIL_IDLE,
                            &call->subject, 1, 0, &waited);
    call->answers[0] = waited.met;
    call->answers[1] = waited.status;
}

/* Figures of their own instants: they are not compared. */
static void capacity(struct call *call)
{
    moor_capacity seen;

    call->error = moor_capacity_of(world, call->subject, &seen);
}

/* The same. */
static void stats(struct call *call)
{
    moor_stats seen;

    call->error = moor_stats_of(world, &seen);
}

static void check(struct call *call)
{
    char text[200];

    call->error = moor_check(world, false, text, sizeof text);
    if (call->error != MOOR_OK) model_fail("%s", text);
}

/* --- the table ------------------------------------------------------------ */

#define IN(state)  (1U << SCENE_##state)
#define MAY(error) (1U << MOOR_##error)

enum {
    LIVE = IN(PENDING) | IN(RUNNING),
    AGENT = LIVE | IN(IDLE) | IN(KEPT),
    PARENT = IN(RUNNING) | IN(IDLE) | IN(KEPT),
    ANY = AGENT | IN(TICKET),
    SOME = IN(RUNNING) | IN(KEPT),

    OK = MAY(OK),
    GONE = OK | MAY(STALE),
    WRONG = GONE | MAY(WRONG_STATUS),
    ADMITTED = OK | MAY(REFUSED) | MAY(FENCED) | MAY(PATH_TAKEN),
    FOUND = OK | MAY(NOT_FOUND),
};

/* clang-format off */
const struct operation operations[] = {
    {"reserve", reserve, PARENT, ADMITTED | MAY(STALE),
     KIND_ADMITS | KIND_LINKS},
    {"reserve_root", reserve_root, PARENT, ADMITTED,
     KIND_ADMITS | KIND_LINKS},
    {"spawn", spawn, PARENT, ADMITTED | MAY(STALE), KIND_ADMITS | KIND_LINKS},
    {"spawn_root", spawn_root, PARENT, ADMITTED, KIND_ADMITS | KIND_LINKS},
    {"commit", commit, IN(TICKET), GONE | MAY(FENCED), KIND_COMMITS},
    {"commit_id", commit_id, IN(TICKET), GONE | MAY(FENCED), KIND_COMMITS},
    {"commit_other_path", commit_other_path, IN(TICKET),
     MAY(STALE) | MAY(FENCED) | MAY(PATH_MISMATCH), KIND_COMMITS},
    {"abandon", abandon, IN(TICKET), GONE, KIND_COMMITS},
    {"start", start, LIVE, WRONG, 0},
    {"start_failed", start_failed, IN(PENDING), WRONG, KIND_CLOSES},
    {"finish", finish, LIVE, WRONG, KIND_ENDS},
    {"finish_text", finish_text, IN(RUNNING), WRONG, KIND_ENDS},
    {"interrupt", interrupt, LIVE, WRONG, KIND_ENDS},
    {"died", died, LIVE, WRONG, KIND_ENDS},
    {"run_again", run_again, PARENT, WRONG | MAY(REFUSED),
     KIND_ADMITS | KIND_AGAIN},
    {"request", request, LIVE, WRONG, 0},
    {"close_tree", close_tree, AGENT, GONE, KIND_CLOSES},
    {"close_adopt", close_adopt, AGENT, GONE, KIND_CLOSES},
    {"close_refuse", close_refuse, AGENT, GONE | MAY(HAS_CHILDREN),
     KIND_CLOSES},
    {"close_root", operation_close_root, ANY, OK, KIND_CLOSES},
    {"reap", operation_reap, SOME, OK, KIND_REAPS},
    {"lower", lower, PARENT, OK, KIND_LIMITS},
    {"raise", raise, PARENT, OK, KIND_LIMITS},
    {"no_children", no_children, PARENT, OK, KIND_LIMITS},
    {"no_lives", no_lives, PARENT, OK, KIND_LIMITS},
    {"no_depth", no_depth, PARENT, OK, KIND_LIMITS},
    {"turn_begin", turn_begin, SOME, OK, 0},
    {"turn_end", turn_end, SOME, OK, KIND_REAPS},
    {"turn_fence", turn_fence, LIVE | IN(KEPT), OK, KIND_REAPS | KIND_FENCES},
    {"turn_shutdown", turn_shutdown, LIVE | IN(KEPT), OK,
     KIND_REAPS | KIND_ENDS},
    {"info", info, AGENT, GONE, KIND_READS},
    {"ticket_info", ticket_info, IN(TICKET), GONE, KIND_READS},
    {"status", status, AGENT, GONE, KIND_READS},
    {"result", result, AGENT, GONE, KIND_READS},
    {"poll", poll, LIVE, GONE, KIND_READS},
    {"find_path", find_path, ANY, FOUND, KIND_READS},
    {"find_below", find_below, PARENT, FOUND | MAY(STALE), KIND_READS},
    {"find_id", find_id, IN(TICKET) | IN(RUNNING), FOUND, KIND_READS},
    {"list", list, ANY, OK, KIND_READS},
    {"wait_idle", wait_idle, LIVE | IN(IDLE), OK | MAY(TIMED_OUT), KIND_READS},
    {"capacity", capacity, PARENT, GONE, KIND_READS},
    {"stats", stats, ANY, OK, KIND_READS},
    {"check", check, ANY, OK, KIND_READS},
};
/* clang-format on */

const int operations_count = (int)(sizeof operations / sizeof *operations);

const struct operation *operation_named(const char *name)
{
    for (int i = 0; i < operations_count; i++) {
        if (!strcmp(operations[i].name, name)) return &operations[i];
    }
    return NULL;
}

void operation_call(struct call *call)
{
    call->error = MOOR_ERRORS;
    memset(call->answers, 0, sizeof call->answers);
    call->operation->run(call);
    if (!(call->operation->legal >> call->error & 1)) {
        model_fail("%s answers %s", call->operation->name,
                   moor_error_name(call->error));
    }
}
