/* Operations that read: list, lookup, capacity, check. */
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "play.h"

enum { PAGE_DEFAULT = 64, PAGE_ROOM_MAX = 4096 };

/* ---- list --------------------------------------------------------------- */

struct path_list {
    char **all;
    size_t count;
};

static void append(struct path_list *list, const char *path)
{
    list->all = must_resize(list->all, list->count + 1, sizeof *list->all);
    list->all[list->count] = must_alloc(strlen(path) + 1, 1);
    strcpy(list->all[list->count++], path);
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Sorted, as JSON; frees the list. */
static json_t *to_json(struct path_list *list)
{
    json_t *paths = json_array();

    if (list->count > 0) {
        qsort(list->all, list->count, sizeof *list->all, by_bytes);
    }
    for (size_t i = 0; i < list->count; i++) {
        json_array_append_new(paths, json_string(list->all[i]));
        free(list->all[i]);
    }
    free(list->all);
    return paths;
}

/* Read page by page and join what they give. */
static moor_error read_pages(moor_registry *registry,
                             const moor_list_filter *filter, size_t room,
                             struct path_list *agents,
                             struct path_list *tickets)
{
    moor_info *infos = must_alloc(room, sizeof *infos);
    uint64_t cursor = 0;
    size_t count = 0;
    moor_error error;

    do {
        error = moor_list(registry, filter, &cursor, infos, room, &count);
        for (size_t i = 0; error == MOOR_OK && i < count; i++) {
            bool is_ticket = infos[i].status == MOOR_STATUS_RESERVED;
            append(is_ticket ? tickets : agents, infos[i].path);
        }
    } while (error == MOOR_OK && cursor != 0);
    free(infos);
    return error;
}

void op_list(struct player *player, const struct operation *operation,
             struct answer *answer)
{
    const struct arguments *given = &operation->given;
    const moor_list_filter filter = {label_agent(player, given->from),
                                     given->prefix, given->statuses};
    /* A page larger than this is the same list in fewer steps. */
    size_t room = given->page == 0 ? PAGE_DEFAULT : given->page;
    struct path_list agents = {0}, tickets = {0};

    if (room > PAGE_ROOM_MAX) room = PAGE_ROOM_MAX;
    moor_error error = read_pages(player->play->registry, &filter, room,
                                  &agents, &tickets);
    json_t *paths = to_json(&agents);
    json_t *ticket_paths = to_json(&tickets);
    answer_error(answer, error);
    if (error == MOOR_OK) {
        answer_json(answer, "paths", paths);
        answer_json(answer, "tickets", ticket_paths);
    } else {
        json_decref(paths);
        json_decref(ticket_paths);
    }
}

/* ---- lookup ------------------------------------------------------------- */

static void answer_found(const struct player *player, const moor_info *info,
                         struct answer *answer)
{
    bool is_root = info->parent.bits == 0;

    answer_json(answer, "agent", agent_name(player, info->agent));
    answer_text(answer, "path", info->path);
    answer_text(answer, "status", moor_status_name(info->status));
    answer_text(answer, "nickname", info->nickname);
    answer_text(answer, "role", info->role);
    answer_number(answer, "depth", info->depth);
    answer_json(answer, "parent",
                is_root ? json_null() : agent_name(player, info->parent));
    answer_number(answer, "turn", info->turn);
}

void op_lookup(struct player *player, const struct operation *operation,
               struct answer *answer)
{
    moor_registry *registry = player->play->registry;
    moor_agent agent;
    moor_info info;
    moor_error error = moor_find_path(
        registry, label_agent(player, operation->given.from),
        operation->given.path, &agent);

    if (error == MOOR_OK) {
        error = moor_info_of(registry, agent, &info);
        /* Closed between the two calls: by now there is none of that path. */
        if (error == MOOR_STALE) error = MOOR_NOT_FOUND;
    }
    answer_error(answer, error);
    if (error == MOOR_OK) answer_found(player, &info, answer);
    if (error == MOOR_NOT_FOUND) {
        answer_text(answer, "status", moor_status_name(MOOR_STATUS_NOT_FOUND));
    }
}

/* ---- capacity ----------------------------------------------------------- */

static json_t *use_json(uint64_t used, uint32_t limit)
{
    json_t *use = must_json(json_object());

    json_object_set_new(use, "used", json_integer((json_int_t)used));
    json_object_set_new(use, "limit", limit_json(limit));
    return use;
}

void op_capacity(struct player *player, const struct operation *operation,
                 struct answer *answer)
{
    moor_registry *registry = player->play->registry;
    moor_capacity capacity;
    moor_error error = moor_capacity_of(
        registry, label_agent(player, operation->given.parent), &capacity);

    answer_error(answer, error);
    if (error != MOOR_OK) return;
    for (int i = 0; i < MOOR_LIMITS; i++) {
        answer_json(answer, moor_limit_name((moor_limit)i),
                    use_json(capacity.of[i].used, capacity.of[i].limit));
    }
    answer_text(answer, "would",
                capacity.would == MOOR_REFUSED
                    ? moor_limit_name(capacity.would_limit)
                    : moor_error_name(capacity.would));
}

/* ---- check -------------------------------------------------------------- */

void op_check(struct player *player, const struct operation *operation,
              struct answer *answer)
{
    char text[512];
    /* Exact only when nobody else is at work. */
    bool quiet = !player->in_parallel;
#ifdef MOORAGE_STORE
    kept_settle(player->play);
#endif
    moor_error error = moor_check(player->play->registry, quiet, text,
                                  sizeof text);

    (void)operation;
    answer_error(answer, error);
    if (error == MOOR_VIOLATED) answer_text(answer, "violated", text);
}
