/* list_agents: all that is there, sorted by name, as much as fits. */
#include <stdlib.h>
#include <string.h>

#include "mcp_agents.h"
#include "mcp_answers.h"
#include "mcp_calls.h"
#include "memory.h"

struct entry {
    char *path;
    moor_agent agent;
    moor_id id;
};

struct entries {
    struct entry *all;
    size_t count, room;
};

static void add(struct entries *entries, const moor_info *info)
{
    if (entries->count == entries->room) {
        entries->room = 2 * entries->room + 64;
        entries->all =
            must_resize(entries->all, entries->room, sizeof *entries->all);
    }
    char *path = strdup(info->path);
    if (path == NULL) must_json(NULL);
    entries->all[entries->count++] =
        (struct entry){path, info->agent, info->id};
}

static void entries_free(struct entries *entries)
{
    for (size_t i = 0; i < entries->count; i++)
        free(entries->all[i].path);
    free(entries->all);
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->path,
                  ((const struct entry *)b)->path);
}

static moor_error collect(struct mcp *mcp, const char *prefix,
                          struct entries *entries)
{
    const moor_list_filter filter = {.prefix = prefix};
    moor_agent root = moor_root(mcp->registry);
    moor_info infos[16];
    uint64_t cursor = 0;
    size_t count;

    do {
        moor_error error =
            moor_list(mcp->registry, &filter, &cursor, infos, 16, &count);

        if (error != MOOR_OK) return error;
        for (size_t i = 0; i < count; i++) {
            if (infos[i].agent.bits != root.bits) add(entries, &infos[i]);
        }
    } while (cursor != 0);
    if (entries->count > 0) {
        qsort(entries->all, entries->count, sizeof *entries->all, by_path);
    }
    return MOOR_OK;
}

enum { RESULT_IN_LIST = 4096 };

static json_t *entry_json(struct mcp *mcp, const struct entry *entry)
{
    const char *message = agent_notes(mcp, entry->agent)->last_message;
    char id[MOOR_ID_TEXT];

    moor_id_format(entry->id, id);
    return must_json(json_pack(
        "{sssssoss?}", "agent_name", entry->path, "agent_id", id,
        "agent_status", status_json_short(mcp, entry->agent, RESULT_IN_LIST),
        "last_task_message", message));
}

static size_t size_of(const json_t *value)
{
    return json_dumpb(value, NULL, 0, JSON_COMPACT);
}

json_t *call_list(struct mcp *mcp, struct call *call)
{
    const char *prefix =
        json_string_value(json_object_get(call->arguments, "path_prefix"));
    json_t *agents = must_json(json_array());
    struct entries entries = {0};
    size_t i = 0, bytes = 0;

    moor_error error = collect(mcp, prefix, &entries);
    for (; error == MOOR_OK && i < entries.count && bytes < MCP_LIST_BYTES;
         i++) {
        json_t *one = entry_json(mcp, &entries.all[i]);

        bytes += size_of(one);
        json_array_append_new(agents, one);
    }
    json_int_t more = (json_int_t)(entries.count - i);
    entries_free(&entries);
    if (error != MOOR_OK) {
        json_decref(agents);
        return tool_error_of(error, prefix);
    }
    return tool_result(
        must_json(json_pack("{sosI}", "agents", agents, "more", more)));
}
