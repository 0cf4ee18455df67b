#include "session.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

enum { SWEEP_FIRST = 256 };

/* ---- labels -------------------------------------------------------------- */

static struct labels *labels_of(struct session *session)
{
    return &session->scenario.labels;
}

static const char *name_of(struct session *session, label_number number)
{
    return labels_of(session)->all[number].name;
}

static bool is_path(const char *name)
{
    return name[0] == '/';
}

static void make_room(struct session *session)
{
    label_number count = labels_of(session)->count;

    if (count <= session->room) return;
    session->play.bindings = must_resize(session->play.bindings, 2 * count,
                                         sizeof *session->play.bindings);
    for (label_number i = session->room; i < 2 * count; i++) {
        session->play.bindings[i].bound = false;
    }
    session->room = 2 * count;
}

/* The reader's: a label or a path is used. */
static void meet(struct session *session, label_number number)
{
    const char *name = name_of(session, number);
    moor_agent agent;

    make_room(session);
    if (!is_path(name)) return;
    session->play.bindings[number].bound =
        moor_find_path(session->play.registry, (moor_agent){0}, name, &agent) ==
        MOOR_OK;
    session->play.bindings[number].bits = agent.bits;
}

/* Paths are looked up anew each time, and who is not bound needs no label. */
static void forget_unused(struct session *session, label_number before)
{
    struct labels *labels = labels_of(session);

    while (labels->count > before &&
           (is_path(name_of(session, labels->count - 1)) ||
            !session->play.bindings[labels->count - 1].bound)) {
        labels_forget_last(labels);
        session->play.bindings[labels->count].bound = false;
    }
}

static bool is_gone(struct session *session, label_number number)
{
    const struct label *label = &labels_of(session)->all[number];
    uint64_t bits = session->play.bindings[number].bits;
    moor_status status;
    moor_info info;

    if (!session->play.bindings[number].bound || is_path(label->name)) {
        return true;
    }
    return label->is_ticket
               ? moor_ticket_info(session->play.registry, (moor_ticket){bits},
                                  &info) != MOOR_OK
               : moor_status_of(session->play.registry, (moor_agent){bits},
                                &status) != MOOR_OK;
}

/* Those that are not gone, in their order, as if they had come first. */
static void sweep(struct session *session)
{
    struct labels kept = {0}, *labels = labels_of(session);
    struct binding *bindings = session->play.bindings;

    labels_init(&kept);
    for (label_number i = LABEL_ROOT + 1; i < labels->count; i++) {
        if (is_gone(session, i)) continue;
        bindings[labels_append(&kept, labels->all[i].name,
                               labels->all[i].is_ticket)] = bindings[i];
    }
    for (label_number i = kept.count; i < labels->count; i++) {
        bindings[i].bound = false;
    }
    labels_free(labels);
    *labels = kept;
    session->sweep_at = SWEEP_FIRST + 2 * kept.count;
}

moor_agent session_agent(struct session *session, const char *name)
{
    const json_t *found = json_object_get(labels_of(session)->by_name, name);
    moor_agent agent = {0};

    if (found != NULL) {
        return label_agent(&session->player,
                           (label_number)json_integer_value(found));
    }
    if (moor_find_path(session->play.registry, agent, name, &agent) !=
        MOOR_OK) {
        agent.bits = 0;
    }
    return agent;
}

/* ---- requests ------------------------------------------------------------ */

static bool is_for_files(enum op_kind kind)
{
    return kind == OP_REPEAT || kind == OP_PARALLEL || kind == OP_RESTART ||
           kind == OP_EXPECT;
}

/* What a file may ask for, and a session may not. */
static bool judge(struct reader *reader, const struct operation *operation)
{
    struct session *session = reader->session;
    const char *name = operation->spec->name;

    if (is_for_files(operation->spec->kind)) {
        return reader_fail(reader, NULL, PLACE_VALUE,
                           "%s is for scenario files: moorage run", name);
    }
    if (operation->expect != NULL) {
        return reader_fail(reader, NULL, PLACE_VALUE,
                           "expectations are for scenario files: moorage run");
    }
    if (operation->spec->kind == OP_EXEC && session->play.children == NULL) {
        return reader_fail(reader, NULL, PLACE_VALUE,
                           "no programs are run here: exec is refused");
    }
    if (labels_of(session)->count > SESSION_LABELS_MAX) {
        return reader_fail(reader, NULL, PLACE_VALUE,
                           "more than %d labels of agents that are there: "
                           "close some, or name them by their paths",
                           SESSION_LABELS_MAX);
    }
    return true;
}

/* What is refused leaves a label as it was. */
static void perform(struct session *session, const struct operation *operation,
                    struct answer *answer)
{
    label_number as = operation->given.as;

    *answer = (struct answer){"ok", must_json(json_object())};
    session->player.from_before = labels_of(session)->count;
    op_perform(&session->player, operation, answer);
    if (as != LABEL_NONE && strcmp(answer->outcome, "ok") == 0) {
        labels_of(session)->all[as].is_ticket =
            operation->spec->kind == OP_RESERVE;
    }
}

json_t *session_parse(const char *text, size_t length,
                      struct complaint *complaint)
{
    struct reader reader = {.complaint = complaint, .text = text, .line = 1};

    return reader_parse(&reader, length);
}

bool session_perform(struct session *session, const char *text,
                     const json_t *request, struct answer *answer,
                     struct complaint *complaint)
{
    const struct place whole = {NULL, NULL, 0};
    struct operation operation = {0};
    struct reader reader = {.scenario = &session->scenario,
                            .complaint = complaint,
                            .text = text,
                            .line = 1,
                            .meet = meet,
                            .session = session};
    label_number before;
    bool valid;

    if (labels_of(session)->count >= session->sweep_at) sweep(session);
    before = labels_of(session)->count;
    valid = operation_read(&reader, &whole, request, &operation) &&
            judge(&reader, &operation);
    make_room(session);
    if (valid) perform(session, &operation, answer);
    operation_free(&operation);
    forget_unused(session, before);
    return valid;
}

/* ---- from beginning to end ----------------------------------------------- */

void session_begin(struct session *session, moor_registry *registry,
                   struct children *children)
{
    *session = (struct session){0};
    labels_init(labels_of(session));
    session->scenario.kept = must_json(json_array());
    session->play.scenario = &session->scenario;
    session->play.registry = registry;
    session->play.children = children;
    session->player.play = &session->play;
    session->player.in_parallel = true; /* with whoever else is there */
    session->sweep_at = SWEEP_FIRST;
    make_room(session);
    session->play.bindings[LABEL_ROOT] =
        (struct binding){true, moor_root(registry).bits};
}

void session_end(struct session *session)
{
    free(session->play.bindings);
    scenario_free(&session->scenario);
}
