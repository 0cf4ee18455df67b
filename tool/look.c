#include "look.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

/* ---- figures ------------------------------------------------------------- */

static void put_number(json_t *object, const char *key, uint64_t number)
{
    must_put(object, key, json_integer((json_int_t)number));
}

static json_t *refused_json(const moor_stats *stats)
{
    json_t *by_limit = must_json(json_object());

    for (int i = 0; i < MOOR_LIMITS; i++) {
        put_number(by_limit, moor_limit_name((moor_limit)i), stats->refused[i]);
    }
    return by_limit;
}

static json_t *limits_json(moor_registry *registry)
{
    json_t *by_limit = must_json(json_object());
    moor_capacity capacity;

    if (moor_capacity_of(registry, (moor_agent){0}, &capacity) != MOOR_OK) {
        return by_limit;
    }
    for (int i = 0; i < MOOR_LIMITS; i++) {
        uint32_t limit = capacity.of[i].limit;

        must_put(by_limit, moor_limit_name((moor_limit)i),
            limit == MOOR_UNLIMITED ? json_string("unlimited")
                                    : json_integer(limit));
    }
    return by_limit;
}

json_t *look_figures(moor_registry *registry)
{
    json_t *figures = must_json(json_object());
    moor_times waited = {0};
    moor_stats stats;

    if (moor_stats_of(registry, &stats) != MOOR_OK) return figures;
    (void)moor_times_of(registry, &waited, NULL);
    const struct {
        const char *name;
        uint64_t value;
    } numbers[] = {
        {"used", stats.used},           {"used_most", stats.used_most},
        {"waiting", stats.waiting},     {"waited", waited.count},
        {"live", stats.live},           {"idle", stats.idle},
        {"tickets", stats.tickets},     {"resident", stats.resident},
        {"turn", stats.turn},           {"spawned", stats.spawned},
        {"completed", stats.completed}, {"closed", stats.closed},
        {"reaped", stats.reaped},       {"released", stats.released},
    };

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        put_number(figures, numbers[i].name, numbers[i].value);
    }
    must_put(figures, "refused", refused_json(&stats));
    must_put(figures, "limits", limits_json(registry));
    return figures;
}

/* ---- snapshots ----------------------------------------------------------- */

struct text {
    char *bytes;
    size_t length, room;
};

static bool append(void *context, const char *bytes, size_t length)
{
    struct text *text = context;

    if (text->room - text->length <= length) {
        text->room = 2 * (text->length + length) + 256;
        text->bytes = must_resize(text->bytes, text->room, 1);
    }
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
    return true;
}

char *look_snapshot(moor_registry *registry, moor_snapshot_format form)
{
    struct text text = {NULL, 0, 0};

    if (moor_snapshot(registry, form, append, &text) == MOOR_OK) {
        return text.bytes;
    }
    free(text.bytes);
    return NULL;
}

bool look_form_find(const char *name, moor_snapshot_format *form)
{
    static const char *const names[MOOR_SNAPSHOT_FORMATS] = {
        [MOOR_SNAPSHOT_TREE] = "tree",
        [MOOR_SNAPSHOT_JSON] = "json",
        [MOOR_SNAPSHOT_DOT] = "dot",
    };

    for (int i = 0; i < MOOR_SNAPSHOT_FORMATS; i++) {
        *form = (moor_snapshot_format)i;
        if (strcmp(names[i], name) == 0) return true;
    }
    return false;
}
