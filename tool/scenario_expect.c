/*
 * The grammar of expectations.
 *
 *   expect := outcome | object | [outcome or object, ...]
 *   object := {"refused": LIMIT} or {"error": NAME} or neither, and any fields
 *             of the operation's answer
 *
 * A field's expectation has the field's type.  null says that there is none;
 * for a number a range also does, for a string a list of alternatives.
 */
#include "scenario_reader.h"

#include <string.h>

/* Everything that the functions of one field share. */
struct at {
    struct reader *reader;
    const struct place *place;
};

static bool fail(const struct at *at, const char *wanted)
{
    return reader_fail(at->reader, at->place, PLACE_VALUE, "expected here: %s",
                       wanted);
}

static bool element_valid(const struct at *at, size_t index,
                          const json_t *list,
                          bool (*valid)(const struct at *, const json_t *))
{
    struct place place = {at->place, NULL, index};
    struct at inner = {at->reader, &place};

    return valid(&inner, json_array_get(list, index));
}

/* A value that `valid` takes, or a list of such. */
static bool one_or_list(const struct at *at, const json_t *value,
                        bool (*valid)(const struct at *, const json_t *))
{
    if (!json_is_array(value)) return valid(at, value);
    for (size_t i = 0; i < json_array_size(value); i++) {
        if (!element_valid(at, i, value, valid)) return false;
    }
    return true;
}

static bool text_valid(const struct at *at, const json_t *value)
{
    return json_is_string(value) || fail(at, "a string");
}

static bool flag_valid(const struct at *at, const json_t *value)
{
    return json_is_boolean(value) || fail(at, "true or false");
}

static bool limit_name_valid(const struct at *at, const json_t *value)
{
    return (json_is_string(value) &&
            word_find(limit_words, json_string_value(value)) != NULL) ||
           fail(at, "the name of a limit");
}

static bool error_name_valid(const struct at *at, const json_t *value)
{
    return (json_is_string(value) &&
            error_name_known(json_string_value(value))) ||
           fail(at, "the name of an error");
}

/* {"min": n, "max": m}, one of them at least and nothing else. */
static bool is_range(const json_t *value)
{
    size_t bounds = json_object_get(value, "min") != NULL ? 1 : 0;

    if (json_object_get(value, "max") != NULL) bounds++;
    return bounds > 0 && json_object_size(value) == bounds;
}

static bool number_valid(const struct at *at, const json_t *value)
{
    uint32_t number;

    if (!json_is_object(value)) {
        return whole_number(value, &number) ||
               fail(at, "a whole number from 0 to 4294967295");
    }
    if (!is_range(value)) return fail(at, "{\"min\": n, \"max\": m}");
    const char *bound;
    json_t *limit;
    json_object_foreach((json_t *)value, bound, limit) {
        struct place place = {at->place, bound, 0};
        struct at inner = {at->reader, &place};
        if (!whole_number(limit, &number)) {
            return fail(&inner, "a whole number from 0 to 4294967295");
        }
    }
    return true;
}

static bool limit_value_valid(const struct at *at, const json_t *value)
{
    if (!json_is_string(value)) return number_valid(at, value);
    return strcmp(json_string_value(value), "unlimited") == 0 ||
           fail(at, "a number or \"unlimited\"");
}

/* An agent or ticket in an answer goes by its label; one without a label by
 * its path, which no label can be mistaken for. */
static bool name_valid(const struct at *at, const json_t *value,
                       enum label_kind kind)
{
    const char *name = json_string_value(value);
    label_number number;

    if (name == NULL) return fail(at, "a label");
    return name[0] == '/' || label_use(at->reader, at->place, PLACE_VALUE, name,
                                       kind, &number);
}

static bool agent_valid(const struct at *at, const json_t *value)
{
    return name_valid(at, value, LABEL_AGENT);
}

static bool holder_valid(const struct at *at, const json_t *value)
{
    return name_valid(at, value, LABEL_EITHER);
}

static bool list_valid(const struct at *at, const json_t *value,
                       bool (*valid)(const struct at *, const json_t *))
{
    return json_is_array(value) ? one_or_list(at, value, valid)
                                : fail(at, "a list");
}

/* Agent, or agent or ticket, -> text. */
static bool map_valid(const struct at *at, const json_t *map,
                      enum label_kind kind)
{
    const char *name;
    json_t *value;
    label_number number;

    if (!json_is_object(map)) return fail(at, "an object with labels as keys");
    json_object_foreach((json_t *)map, name, value) {
        struct place place = {at->place, name, 0};
        struct at inner = {at->reader, &place};
        if (name[0] != '/' &&
            !label_use(at->reader, &place, PLACE_KEY, name, kind, &number)) {
            return false;
        }
        if (!json_is_null(value) && !one_or_list(&inner, value, text_valid)) {
            return false;
        }
    }
    return true;
}

/* Members of an object whose keys and values have each their own check. */
static bool use_valid(const struct at *at, const json_t *value)
{
    const char *key;
    json_t *member;

    if (!json_is_object(value)) return fail(at, "{\"used\": n, \"limit\": m}");
    json_object_foreach((json_t *)value, key, member) {
        struct place place = {at->place, key, 0};
        struct at inner = {at->reader, &place};
        bool is_limit = strcmp(key, "limit") == 0;
        if (!is_limit && strcmp(key, "used") != 0) {
            return reader_fail(at->reader, &place, PLACE_KEY,
                               "unknown key \"%.80s\"", key);
        }
        if (json_is_null(member)) continue;
        if (is_limit ? !one_or_list(&inner, member, limit_value_valid)
                     : !number_valid(&inner, member)) {
            return false;
        }
    }
    return true;
}

static bool by_limit_valid(const struct at *at, const json_t *value)
{
    const char *key;
    json_t *member;

    if (!json_is_object(value) || is_range(value)) {
        return number_valid(at, value);
    }
    json_object_foreach((json_t *)value, key, member) {
        struct place place = {at->place, key, 0};
        struct at inner = {at->reader, &place};
        if (word_find(limit_words, key) == NULL) {
            return reader_fail(at->reader, &place, PLACE_KEY,
                               "\"%.80s\" is no limit", key);
        }
        if (!json_is_null(member) && !number_valid(&inner, member)) {
            return false;
        }
    }
    return true;
}

static bool event_valid(const struct at *at, const json_t *event)
{
    if (json_array_size(event) != 2) return fail(at, "[label, status]");
    return element_valid(at, 0, event, agent_valid) &&
           element_valid(at, 1, event, text_valid);
}

bool expect_field_valid(struct reader *reader, const struct place *place,
                        const json_t *expected, enum field_type type)
{
    const struct at at = {reader, place};

    if (json_is_null(expected)) return true;
    switch (type) {
    case FIELD_NUMBER: return number_valid(&at, expected);
    case FIELD_TEXT: return one_or_list(&at, expected, text_valid);
    case FIELD_FLAG: return flag_valid(&at, expected);
    case FIELD_LIMIT_NAME: return one_or_list(&at, expected, limit_name_valid);
    case FIELD_LIMIT_VALUE:
        return one_or_list(&at, expected, limit_value_valid);
    case FIELD_USE: return use_valid(&at, expected);
    case FIELD_BY_LIMIT: return by_limit_valid(&at, expected);
    case FIELD_AGENT: return one_or_list(&at, expected, agent_valid);
    case FIELD_NAMES: return list_valid(&at, expected, holder_valid);
    case FIELD_TEXTS: return list_valid(&at, expected, text_valid);
    case FIELD_OF_NAMES: return map_valid(&at, expected, LABEL_EITHER);
    case FIELD_OF_AGENTS: return map_valid(&at, expected, LABEL_AGENT);
    case FIELD_EVENTS: return list_valid(&at, expected, event_valid);
    }
    return false;
}

static bool outcome_valid(const struct at *at, const char *outcome)
{
    static const char *const others[] = {"ok", "refused", "any"};

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (strcmp(outcome, others[i]) == 0) return true;
    }
    return error_name_known(outcome) ||
           fail(at, "\"ok\", \"refused\", \"any\" or the name of an error");
}

static bool member_valid(const struct at *at, const char *key,
                         const json_t *value, const struct op_spec *spec)
{
    const struct field_spec *field = op_field_find(spec, key);

    if (strcmp(key, "refused") == 0) {
        return expect_field_valid(at->reader, at->place, value,
                                  FIELD_LIMIT_NAME);
    }
    if (strcmp(key, "error") == 0) {
        return json_is_null(value) || one_or_list(at, value, error_name_valid);
    }
    if (field == NULL) {
        return reader_fail(at->reader, at->place, PLACE_KEY,
                           "%s answers no field \"%.80s\"", spec->name, key);
    }
    return expect_field_valid(at->reader, at->place, value, field->type);
}

static bool object_valid(const struct at *at, const json_t *expected,
                         const struct op_spec *spec)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)expected, key, value) {
        struct place place = {at->place, key, 0};
        struct at inner = {at->reader, &place};
        if (!member_valid(&inner, key, value, spec)) return false;
    }
    if (json_object_get(expected, "refused") != NULL &&
        json_object_get(expected, "error") != NULL) {
        return fail(at, "\"refused\" or \"error\", not both");
    }
    return true;
}

static bool alternative_valid(const struct at *at, const json_t *expected,
                              const struct op_spec *spec)
{
    if (json_is_string(expected)) {
        return outcome_valid(at, json_string_value(expected));
    }
    if (json_is_object(expected)) return object_valid(at, expected, spec);
    return fail(at, "a string or an object");
}

bool expect_valid(struct reader *reader, const struct place *place,
                  const json_t *expected, const struct op_spec *spec)
{
    const struct at at = {reader, place};

    if (!json_is_array(expected)) return alternative_valid(&at, expected, spec);
    for (size_t i = 0; i < json_array_size(expected); i++) {
        struct place element = {place, NULL, i};
        struct at inner = {reader, &element};
        if (!alternative_valid(&inner, json_array_get(expected, i), spec)) {
            return false;
        }
    }
    return true;
}
