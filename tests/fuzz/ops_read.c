/*
 * What is read with arguments; what needs none is read after every operation.
 */
#include <string.h>

#include "ops.h"

/* --- wait ----------------------------------------------------------------- */

enum { WAITS_MOST = 4 };

void op_wait(void)
{
    moor_agent agents[WAITS_MOST];
    int which[WAITS_MOST];
    moor_waited want[WAITS_MOST], seen[WAITS_MOST];
    size_t count = 1 + input_below(&ops.input, WAITS_MOST);
    moor_wait_for what = (moor_wait_for)input_below(&ops.input, 2);
    moor_wait_until until = (moor_wait_until)input_below(&ops.input, 2);

    judge_step("wait for %s of %zu", what == MOOR_WAIT_ANY ? "any" : "all",
               count);
    for (size_t i = 0; i < count; i++) {
        which[i] = take_agent(&agents[i]);
    }
    judge_error(model_wait(&ops.model, what, until, which, count, want),
                moor_wait(ops.registry, what, until, agents, count, 0, seen));
    for (size_t i = 0; i < count; i++) {
        judge_number("met", want[i].met, seen[i].met);
        judge_status("status", want[i].status, seen[i].status);
        judge_number("requested", want[i].requested, seen[i].requested);
    }
}

/* --- look-ups ------------------------------------------------------------- */

void op_find_path(void)
{
    static const char *const paths[] = {"/root/a", "/root", "a",    "a/b",
                                        "b",       "/a",    "a//b", ""};
    moor_agent from, found = {7};
    int which = take_agent(&from);
    const char *path = TAKE_WORD(paths);
    char resolved[MOOR_PATH_MAX + 1];
    moor_error want = MOOR_OK;
    int there;

    if (which == MODEL_NOBODY && from.bits == 0) {
        which = MODEL_ROOT;
    }
    judge_step("find %s from %s", path, path_of(which));
    if (path[0] != '/') {
        want = model_agent(&ops.model, which);
    }
    if (want == MOOR_OK) {
        want = model_resolve(which == MODEL_NOBODY ? "/root" : path_of(which),
                             path, resolved)
                   ? MOOR_OK
                   : MOOR_BAD_PATH;
    }
    there =
        want == MOOR_OK ? model_at_path(&ops.model, resolved) : MODEL_NOBODY;
    if (want == MOOR_OK && model_agent(&ops.model, there) != MOOR_OK) {
        want = MOOR_NOT_FOUND; /* nobody, or a ticket */
    }
    judge_error(want, moor_find_path(ops.registry, from, path, &found));
    judge_number("found", want == MOOR_OK ? ops.model.entries[there].bits : 7,
                 found.bits);
}

void op_find_id(void)
{
    static const moor_id nil;
    const moor_id *given = take_id();
    int which = (int)input_below(&ops.input, (unsigned)ops.model.count);
    moor_id id = given != NULL ? *given : ops.model.entries[which].id;
    moor_agent found = {7};
    int there = model_of_id(&ops.model, &id);
    moor_error want = memcmp(&id, &nil, sizeof id) == 0 ? MOOR_BAD_ID
                      : there == MODEL_NOBODY           ? MOOR_NOT_FOUND
                                                        : MOOR_OK;

    judge_step("find an id, perhaps that of %s", path_of(which));
    judge_error(want, moor_find_id(ops.registry, &id, &found));
    judge_number("found", want == MOOR_OK ? ops.model.entries[there].bits : 7,
                 found.bits);
}

/* Into less room than there is text, or more: nothing behind is touched. */
void op_result(void)
{
    moor_agent agent;
    int which = take_agent(&agent);
    size_t room = input_byte(&ops.input), length = 99, written;
    moor_error want = model_agent(&ops.model, which);
    char text[256];

    judge_step("result of %s, room for %zu", path_of(which), room);
    memset(text, '#', sizeof text);
    judge_error(want, moor_result(ops.registry, agent, text, room, &length));
    judge_number("length",
                 want == MOOR_OK ? ops.model.entries[which].length : 99,
                 length);
    written = want != MOOR_OK ? 0 : length < room ? length : room;
    judge_that("its text",
               written == 0 ||
                   memcmp(text, ops.model.entries[which].text, written) == 0);
    judge_that("what is behind", text[written] == '#');
}

/* --- list ----------------------------------------------------------------- */

static bool is_listed(int which, const char *prefix, uint32_t statuses)
{
    const struct model_entry *entry = &ops.model.entries[which];
    moor_status status =
        entry->kind == MODEL_TICKET ? MOOR_STATUS_RESERVED : entry->status;

    return model_is_there(entry) && model_is_below(entry->path, prefix) &&
           (statuses == 0 || (statuses >> status & 1) != 0);
}

/* Each entry is one that was not listed yet; how many. */
static uint64_t judge_page(const moor_info *infos, size_t count,
                           bool listed[MODEL_ENTRIES])
{
    for (size_t i = 0; i < count; i++) {
        int which = model_at_path(&ops.model, infos[i].path);

        judge_that("it is there", which != MODEL_NOBODY);
        judge_that("listed once", !listed[which]);
        listed[which] = true;
        ops_judge_info(&ops.model, which, &infos[i]);
    }
    return count;
}

void op_list(void)
{
    int which = (int)input_below(&ops.input, (unsigned)ops.model.count);
    uint32_t statuses = input_byte(&ops.input);
    size_t room = 1 + input_below(&ops.input, 8), count = 0;
    const moor_list_filter filter = {{0}, path_of(which), statuses};
    bool listed[MODEL_ENTRIES] = {false};
    moor_info infos[8];
    uint64_t cursor = 0, seen = 0, want = 0;

    judge_step("list %s, statuses %x, %zu a page", path_of(which), statuses,
               room);
    do {
        judge_error(MOOR_OK, moor_list(ops.registry, &filter, &cursor, infos,
                                       room, &count));
        judge_that("no more than there is room for", count <= room);
        seen += judge_page(infos, count, listed);
    } while (cursor != 0);
    for (int i = 0; i < ops.model.count; i++) {
        bool is = is_listed(i, path_of(which), statuses);

        judge_that("listed if it should be", is == listed[i]);
        want += is;
    }
    judge_number("entries", want, seen);
}

/* --- capacity ------------------------------------------------------------- */

void op_capacity(void)
{
    moor_agent parent;
    int which = take_agent(&parent);
    moor_capacity want, seen;
    moor_error error;

    if (which == MODEL_NOBODY && parent.bits == 0) {
        which = MODEL_ROOT;
    }
    judge_step("capacity of %s", path_of(which));
    error = model_agent(&ops.model, which);
    judge_error(error, moor_capacity_of(ops.registry, parent, &seen));
    if (error == MOOR_OK) {
        want = model_capacity(&ops.model, which);
        ops_judge_capacity(&want, &seen);
    }
}
