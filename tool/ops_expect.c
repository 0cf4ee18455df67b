/*
 * The operation `expect`: figures of the registry, status and result of agents.
 * It always answers ok; what counts is whether the figures meet its keys.
 */
#include <stdlib.h>

#include "memory.h"
#include "play.h"

/* By limit, or their sum: in the form in which it was asked for. */
static json_t *refused(const json_t *asked, const moor_stats *stats)
{
    json_t *by_limit = must_json(json_object());
    uint64_t sum = 0;

    for (int i = 0; i < MOOR_LIMITS; i++) {
        sum += stats->refused[i];
        json_object_set_new(by_limit, moor_limit_name((moor_limit)i),
                            json_integer((json_int_t)stats->refused[i]));
    }
    if (json_is_object(asked) && json_object_get(asked, "min") == NULL &&
        json_object_get(asked, "max") == NULL) {
        return by_limit;
    }
    json_decref(by_limit);
    return json_integer((json_int_t)sum);
}

static void answer_figures(struct answer *answer, const moor_stats *stats,
                           const json_t *asked)
{
    const struct {
        const char *name;
        uint64_t value;
    } figures[] = {
        {"used", stats->used},           {"live", stats->live},
        {"idle", stats->idle},           {"agents", stats->live + stats->idle},
        {"tickets", stats->tickets},     {"resident", stats->resident},
        {"turn", stats->turn},           {"spawned", stats->spawned},
        {"completed", stats->completed}, {"closed", stats->closed},
        {"reaped", stats->reaped},       {"released", stats->released},
    };

    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
        answer_number(answer, figures[i].name, figures[i].value);
    }
    answer_json(answer, "refused",
                refused(json_object_get(asked, "refused"), stats));
}

static json_t *status_json(moor_registry *registry, moor_agent agent)
{
    moor_status status = MOOR_STATUS_NOT_FOUND;

    moor_status_of(registry, agent, &status);
    return json_string(moor_status_name(status));
}

/* Null when there is none, or no agent any more. */
static json_t *result_json(moor_registry *registry, moor_agent agent)
{
    size_t length = 0, room = 0;
    char *text = NULL;
    moor_error error;

    /* Again with more room, as long as it is a longer one each time. */
    do {
        room = length;
        text = must_resize(text, room, 1);
        error = moor_result(registry, agent, text, room, &length);
    } while (error == MOOR_OK && length > room);
    json_t *result = error == MOOR_OK && length > 0
                         ? json_stringn(text, length)
                         : json_null();
    free(text);
    return result;
}

/* An agent by its label, or by the path that stands for one without. */
static moor_agent named(const struct player *player, const char *name)
{
    const struct scenario *scenario = player->play->scenario;
    const json_t *number = json_object_get(scenario->labels.by_name, name);
    moor_agent agent = {0};

    if (number != NULL) {
        return label_agent(player,
                           (label_number)json_integer_value(number));
    }
    moor_find_path(player->play->registry, agent, name, &agent);
    return agent;
}

/* Ask about each agent that the expectation names. */
static void answer_agents(const struct player *player, struct answer *answer,
                          const char *field, const json_t *asked,
                          json_t *(*ask)(moor_registry *, moor_agent))
{
    json_t *answers = json_object();
    const char *name;
    json_t *unused;

    json_object_foreach((json_t *)asked, name, unused) {
        json_object_set_new(answers, name,
                            must_json(ask(player->play->registry,
                                          named(player, name))));
    }
    answer_json(answer, field, answers);
}

void op_expect(struct player *player, const struct operation *operation,
               struct answer *answer)
{
    moor_stats stats;
    moor_error error = moor_stats_of(player->play->registry, &stats);
    const json_t *status = json_object_get(operation->expect, "status");
    const json_t *result = json_object_get(operation->expect, "result");

    answer_error(answer, error);
    if (error != MOOR_OK) return;
    answer_figures(answer, &stats, operation->expect);
    if (json_is_object(status)) {
        answer_agents(player, answer, "status", status, status_json);
    }
    if (json_is_object(result)) {
        answer_agents(player, answer, "result", result, result_json);
    }
}
