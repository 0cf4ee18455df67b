/*
 * Expectation against answer.
 *
 * The reader has checked every type, so matching needs to know only the kinds
 * of JSON on both sides:
 *
 *   expected      seen          holds when
 *   null          anything      it is null or not there
 *   number        number        equal
 *   {min, max}    number        between
 *   text          text          equal
 *   list          text, number  one of the list matches
 *   list          list          the same set; FIELD_TEXTS: the same list;
 *                               FIELD_EVENTS: the same, each as often
 *   object        object        each member that is named matches
 */
#include "play.h"

#include <string.h>

#include "scenario_reader.h"

static bool matches(const json_t *expected, const json_t *seen,
                    enum field_type type);

static bool in_range(const json_t *range, json_int_t number)
{
    uint32_t min = 0, max = UINT32_MAX;
    const json_t *upper = json_object_get(range, "max");

    if (json_object_get(range, "min") != NULL) {
        whole_number(json_object_get(range, "min"), &min);
    }
    if (upper != NULL) whole_number(upper, &max);
    return number >= min && (upper == NULL || number <= max);
}

static bool any_matches(const json_t *alternatives, const json_t *seen,
                        enum field_type type)
{
    for (size_t i = 0; i < json_array_size(alternatives); i++) {
        if (matches(json_array_get(alternatives, i), seen, type)) return true;
    }
    return false;
}

/* Each element of one list is in the other, both ways. */
static bool same_set(const json_t *a, const json_t *b, enum field_type type)
{
    for (size_t i = 0; i < json_array_size(a); i++) {
        if (!any_matches(b, json_array_get(a, i), type)) return false;
    }
    for (size_t i = 0; i < json_array_size(b); i++) {
        if (!any_matches(a, json_array_get(b, i), type)) return false;
    }
    return true;
}

static size_t how_often(const json_t *list, const json_t *element)
{
    size_t count = 0;

    for (size_t i = 0; i < json_array_size(list); i++) {
        count += json_equal(json_array_get(list, i), element) != 0;
    }
    return count;
}

static bool same_multiset(const json_t *a, const json_t *b)
{
    if (json_array_size(a) != json_array_size(b)) return false;
    for (size_t i = 0; i < json_array_size(a); i++) {
        const json_t *element = json_array_get(a, i);
        if (how_often(a, element) != how_often(b, element)) return false;
    }
    return true;
}

static bool list_matches(const json_t *expected, const json_t *seen,
                         enum field_type type)
{
    if (!json_is_array(seen)) return any_matches(expected, seen, type);
    if (type == FIELD_TEXTS) return json_equal(expected, seen);
    if (type == FIELD_EVENTS) return same_multiset(expected, seen);
    return same_set(expected, seen, type);
}

static bool object_matches(const json_t *expected, const json_t *seen,
                           enum field_type type)
{
    const char *key;
    json_t *member;

    if (json_is_integer(seen)) {
        return in_range(expected, json_integer_value(seen));
    }
    if (!json_is_object(seen)) return false;
    json_object_foreach((json_t *)expected, key, member) {
        if (!matches(member, json_object_get(seen, key), type)) return false;
    }
    return true;
}

static bool matches(const json_t *expected, const json_t *seen,
                    enum field_type type)
{
    uint32_t number;

    if (seen == NULL || json_is_null(seen)) return json_is_null(expected);
    switch (json_typeof(expected)) {
    case JSON_ARRAY: return list_matches(expected, seen, type);
    case JSON_OBJECT: return object_matches(expected, seen, type);
    case JSON_INTEGER:
    case JSON_REAL:
        return json_is_integer(seen) && whole_number(expected, &number) &&
               json_integer_value(seen) == (json_int_t)number;
    case JSON_STRING:
    case JSON_TRUE:
    case JSON_FALSE: return json_equal(expected, seen);
    case JSON_NULL: break;
    }
    return false;
}

/* Members of an expectation that are not fields to compare. */
static bool is_no_field(const struct op_spec *spec, const char *key)
{
    if (spec->kind == OP_EXPECT) return strcmp(key, "op") == 0;
    return strcmp(key, "error") == 0;
}

static bool fields_match(const struct op_spec *spec, const json_t *expected,
                         const struct answer *answer)
{
    const char *key;
    json_t *member;

    json_object_foreach((json_t *)expected, key, member) {
        const struct field_spec *field = op_field_find(spec, key);
        if (is_no_field(spec, key)) continue;
        if (!matches(member, json_object_get(answer->fields, key),
                     field != NULL ? field->type : FIELD_LIMIT_NAME)) {
            return false;
        }
    }
    return true;
}

/* An object says refused, an error, or else ok. */
static bool outcome_matches(const struct op_spec *spec, const json_t *expected,
                            const char *outcome)
{
    const json_t *refused = json_object_get(expected, "refused");
    const json_t *error = json_object_get(expected, "error");
    const char *name = json_string_value(error);

    if (spec->kind == OP_EXPECT) return strcmp(outcome, "ok") == 0;
    if (refused != NULL && !json_is_null(refused)) {
        return strcmp(outcome, "refused") == 0;
    }
    for (size_t i = 0; i < json_array_size(error); i++) {
        if (strcmp(json_string_value(json_array_get(error, i)), outcome) == 0) {
            return true;
        }
    }
    if (json_is_array(error)) return false;
    return strcmp(outcome, name != NULL ? name : "ok") == 0;
}

static bool meets(const struct op_spec *spec, const json_t *expected,
                  const struct answer *answer)
{
    const char *text = json_string_value(expected);

    if (text != NULL) {
        return strcmp(text, "any") == 0 || strcmp(text, answer->outcome) == 0;
    }
    return outcome_matches(spec, expected, answer->outcome) &&
           fields_match(spec, expected, answer);
}

bool answer_meets(const struct operation *operation,
                  const struct answer *answer)
{
    const json_t *expected = operation->expect;

    if (expected == NULL) return strcmp(answer->outcome, "ok") == 0;
    if (!json_is_array(expected)) {
        return meets(operation->spec, expected, answer);
    }
    for (size_t i = 0; i < json_array_size(expected); i++) {
        if (meets(operation->spec, json_array_get(expected, i), answer)) {
            return true;
        }
    }
    return false;
}
