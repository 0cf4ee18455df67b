/*
 * Reserve, spawn, commit, abandon; and the arguments of all operations.
 */
#include "ops.h"

/* --- arguments ------------------------------------------------------------ */

const char *take_word(const char *const *words, size_t count)
{
    return words[input_below(&ops.input, (unsigned)count)];
}

int take_agent(moor_agent *handle)
{
    /* The zero handle; an entry that nobody has had; no entry at all. */
    const uint64_t strange[] = {
        0, 0, ops.model.entries[MODEL_ROOT].bits + (1 << 20), UINT64_MAX};
    unsigned byte = input_byte(&ops.input);
    int which = (int)(byte / 4 % (unsigned)ops.model.count);

    if (byte % 64 == 63) {
        handle->bits = strange[byte / 64];
        return MODEL_NOBODY;
    }
    while (!ops.model.entries[which].was_agent) {
        which--; /* the root was */
    }
    handle->bits = ops.model.entries[which].bits;
    return which;
}

int take_ticket(moor_ticket *handle)
{
    int which = (int)input_below(&ops.input, (unsigned)ops.model.count);

    while (which > MODEL_ROOT && !ops.model.entries[which].was_ticket) {
        which--;
    }
    if (which == MODEL_ROOT) { /* the root's handle is no ticket's */
        handle->bits = input_byte(&ops.input) == 1 ? UINT64_MAX : 0;
        return MODEL_NOBODY;
    }
    handle->bits = ops.model.entries[which].bits;
    return which;
}

const moor_id *take_id(void)
{
    static const moor_id ids[] = {{{0}}, {{1}}, {{1, 2}}, {{0xff}}};
    unsigned which = input_below(&ops.input, 12);

    return which < sizeof ids / sizeof ids[0] ? &ids[which] : NULL;
}

uint32_t take_limit(void)
{
    unsigned value = input_below(&ops.input, 16);

    return value > 8 ? MOOR_UNLIMITED : value;
}

const char *path_of(int which)
{
    return which == MODEL_NOBODY ? "(nobody)" : ops.model.entries[which].path;
}

/* --- admission ------------------------------------------------------------ */

static struct model_ask take_ask(moor_spawn_options *options)
{
    static const char *const names[] = {NULL, "a", "b", "c",       NULL,
                                        "a",  "b", "d", "agent_3", NULL,
                                        "a",  "A", "",  "root",    NULL};
    static const char *const roles[] = {NULL, NULL, "explorer", "r", NULL, ""};
    static const char *const nicknames[] = {NULL,    NULL, NULL, "Ada",
                                            "Plato", "X",  "",   NULL};
    struct model_ask ask = {0};

    ask.parent = take_agent(&options->parent);
    if (ask.parent == MODEL_NOBODY && options->parent.bits == 0) {
        ask.parent = MODEL_ROOT;
    }
    ask.name = options->name = TAKE_WORD(names);
    ask.role = options->role = TAKE_WORD(roles);
    ask.nickname = options->nickname = TAKE_WORD(nicknames);
    return ask;
}

static void say_ask(const char *call, const struct model_ask *ask)
{
    judge_step("%s below %s name \"%s\" role \"%s\" nickname \"%s\" id %d",
               call, path_of(ask->parent),
               ask->name == NULL ? "(none)" : ask->name,
               ask->role == NULL ? "(none)" : ask->role,
               ask->nickname == NULL ? "(none)" : ask->nickname,
               ask->id == NULL ? -1 : ask->id->bytes[0]);
}

/* An id of the registry's making is nobody else's. */
static void learn_id(int which, const moor_info *info)
{
    judge_number("version of the id", 7, info->id.bytes[6] >> 4);
    judge_that("an id of its own",
               model_of_id(&ops.model, &info->id) == MODEL_NOBODY);
    ops.model.entries[which].id = info->id;
}

/* What the registry chose. */
static void learn(int which, const struct model_ask *ask, const moor_info *info)
{
    const char *wrong = model_learn(&ops.model, which, ask, info);

    judge_text("what was chosen", "", wrong == NULL ? "" : wrong);
    judge_note("%s, nickname \"%s\"", info->path, info->nickname);
    if (ops.model.entries[which].kind == MODEL_AGENT && ask->id == NULL) {
        learn_id(which, info);
    }
}

static void judge_no_handle(uint64_t bits)
{
    judge_number("the handle, which was not to be written", 7, bits);
}

void op_reserve(void)
{
    moor_spawn_options options = {0};
    struct model_ask ask = take_ask(&options);
    moor_refusal want_refusal, refusal;
    bool tell = input_below(&ops.input, 4) != 0;
    moor_ticket ticket = {7};
    moor_info info;
    int which;
    moor_error want, error;

    say_ask("reserve", &ask);
    want = model_reserve(&ops.model, &ask, &which, &want_refusal);
    error =
        moor_reserve(ops.registry, &options, &ticket, tell ? &refusal : NULL);
    judge_error(want, error);
    if (error == MOOR_OK) {
        ops.model.entries[which].bits = ticket.bits;
        ops.model.entries[which].was_ticket = true;
        judge_error(MOOR_OK, moor_ticket_info(ops.registry, ticket, &info));
        learn(which, &ask, &info);
        return;
    }
    judge_no_handle(ticket.bits);
    if (error == MOOR_REFUSED && tell) {
        ops_judge_refusal(&want_refusal, &refusal);
    }
}

void op_spawn(void)
{
    moor_spawn_options options = {0};
    struct model_ask ask = take_ask(&options);
    moor_refusal want_refusal, refusal;
    moor_agent agent = {7};
    moor_info info;
    int which;
    moor_error want, error;

    ask.id = options.id = take_id();
    say_ask("spawn", &ask);
    want = model_reserve(&ops.model, &ask, &which, &want_refusal);
    error = moor_spawn(ops.registry, &options, &agent, &refusal);
    judge_error(want, error);
    if (error == MOOR_OK) {
        model_become_agent(&ops.model, which);
        ops.model.entries[which].bits = agent.bits;
        judge_error(MOOR_OK, moor_info_of(ops.registry, agent, &info));
        learn(which, &ask, &info);
        return;
    }
    judge_no_handle(agent.bits);
    if (error == MOOR_REFUSED) {
        ops_judge_refusal(&want_refusal, &refusal);
    }
}

void op_commit(void)
{
    static const char *const others[] = {"/root/a", "/root", "a", "/root/a/b",
                                         ""};
    moor_ticket ticket;
    int which = take_ticket(&ticket);
    const moor_id *id = take_id();
    unsigned with = input_below(&ops.input, 4);
    const char *path = with == 0                            ? TAKE_WORD(others)
                       : with == 1 && which != MODEL_NOBODY ? path_of(which)
                                                            : NULL;
    moor_agent agent = {7};
    moor_info info;
    moor_error want, error;

    judge_step("commit %s at %s id %d", path_of(which),
               path == NULL ? "(none)" : path, id == NULL ? -1 : id->bytes[0]);
    want = model_commit(&ops.model, which, id, path);
    error = moor_commit(ops.registry, ticket, id, path, &agent);
    judge_error(want, error);
    if (error != MOOR_OK) {
        judge_no_handle(agent.bits);
        return;
    }
    ops.model.entries[which].bits = agent.bits;
    judge_error(MOOR_OK, moor_info_of(ops.registry, agent, &info));
    if (id == NULL) {
        learn_id(which, &info);
    }
}

void op_abandon(void)
{
    moor_ticket ticket;
    int which = take_ticket(&ticket);

    judge_step("abandon %s", path_of(which));
    judge_error(model_abandon(&ops.model, which),
                moor_abandon(ops.registry, ticket));
}
