/*
 * The keys of one object, read by a table into the members of a struct.
 *
 * One small function for each type of key; each checks the value, complains at
 * its place, or writes the member.
 */
#include "scenario_reader.h"

#include <string.h>

#include "memory.h"

/* What the functions of one key share. */
struct slot {
    struct reader *reader;
    const struct place *place;
    const struct key_spec *key;
    void *to;
};

bool whole_number(const json_t *value, uint32_t *number)
{
    double real = json_number_value(value);

    if (!json_is_number(value) || real < 0 || real > UINT32_MAX) return false;
    *number = (uint32_t)real;
    return real == *number; /* nothing was cut off */
}

static bool wrong_type(const struct slot *slot, const char *wanted)
{
    return reader_fail(slot->reader, slot->place, PLACE_VALUE,
                       "%s wants %s", slot->key->name, wanted);
}

static bool read_as(const struct slot *slot, const json_t *value)
{
    /* Only `reserve` has to name what it makes: a ticket. */
    bool is_ticket = slot->key->required;

    return label_define(slot->reader, slot->place, value, is_ticket, slot->to);
}

static bool read_agent(const struct slot *slot, const json_t *value)
{
    if (!json_is_string(value)) return wrong_type(slot, "an agent's label");
    return label_use(slot->reader, slot->place, PLACE_VALUE,
                     json_string_value(value), LABEL_AGENT, slot->to);
}

/* Who lends while it waits: a label; true: the parent of whom it waits for. */
static bool read_lender(const struct slot *slot, const json_t *value)
{
    if (!json_is_boolean(value)) return read_agent(slot, value);
    *(label_number *)slot->to = json_is_true(value) ? LABEL_PARENT : 0;
    return true;
}

/* One that need not be given: root is one, too. */
static bool read_some_agent(const struct slot *slot, const json_t *value)
{
    label_number number;
    struct slot inner = *slot;

    inner.to = &number;
    if (!read_agent(&inner, value)) return false;
    *(label_number *)slot->to = number + 1;
    return true;
}

static bool read_ticket(const struct slot *slot, const json_t *value)
{
    if (!json_is_string(value)) return wrong_type(slot, "a ticket's label");
    return label_use(slot->reader, slot->place, PLACE_VALUE,
                     json_string_value(value), LABEL_TICKET, slot->to);
}

static bool read_agents(const struct slot *slot, const json_t *value)
{
    struct label_list *list = slot->to;
    struct slot item = *slot;

    if (json_array_size(value) == 0) {
        return wrong_type(slot, "a list of one label or more");
    }
    list->count = json_array_size(value);
    list->all = must_alloc(list->count, sizeof *list->all);
    for (size_t i = 0; i < list->count; i++) {
        struct place place = {slot->place, NULL, i};
        item.place = &place;
        item.to = &list->all[i];
        if (!read_agent(&item, json_array_get(value, i))) return false;
    }
    return true;
}

static bool read_text(const struct slot *slot, const json_t *value)
{
    const struct key_spec *key = slot->key;
    size_t length = json_string_length(value);

    if (!json_is_string(value)) return wrong_type(slot, "a string");
    if (key->max > 0 && (length < key->min || length > key->max)) {
        return reader_fail(slot->reader, slot->place, PLACE_VALUE,
                           "%s has %zu bytes; %u to %u are allowed", key->name,
                           length, (unsigned)key->min, (unsigned)key->max);
    }
    *(const char **)slot->to = json_string_value(value);
    return true;
}

static bool read_texts(const struct slot *slot, const json_t *value)
{
    struct texts *texts = slot->to;
    struct slot item = *slot;

    if (!json_is_array(value)) return wrong_type(slot, "a list of strings");
    texts->count = json_array_size(value);
    /* One more, left null: argv ends in it. */
    texts->all = must_alloc(texts->count + 1, sizeof *texts->all);
    for (size_t i = 0; i < texts->count; i++) {
        struct place place = {slot->place, NULL, i};
        item.place = &place;
        item.to = &texts->all[i];
        if (!read_text(&item, json_array_get(value, i))) return false;
    }
    return true;
}

static bool read_number(const struct slot *slot, const json_t *value)
{
    uint32_t number = 0;

    if (!whole_number(value, &number)) {
        return wrong_type(slot, "a whole number from 0 to 4294967295");
    }
    if (slot->key->min == slot->key->max && number != slot->key->min) {
        return reader_fail(slot->reader, slot->place, PLACE_VALUE,
                           "%s can only be %u", slot->key->name,
                           (unsigned)slot->key->min);
    }
    if (number < slot->key->min || number > slot->key->max) {
        return reader_fail(slot->reader, slot->place, PLACE_VALUE,
                           "%s is from %u to %u", slot->key->name,
                           (unsigned)slot->key->min, (unsigned)slot->key->max);
    }
    *(uint32_t *)slot->to = number;
    return true;
}

static bool read_flag(const struct slot *slot, const json_t *value)
{
    if (!json_is_boolean(value)) return wrong_type(slot, "true or false");
    *(bool *)slot->to = json_is_true(value);
    return true;
}

static bool read_word(const struct slot *slot, const json_t *value)
{
    const struct word *words = slot->key->words;
    const struct word *found = NULL;

    if (json_is_string(value)) {
        found = word_find(words, json_string_value(value));
    }
    if (found != NULL) {
        *(int *)slot->to = found->value;
        return true;
    }
    char wanted[128] = "one of";
    for (size_t used = strlen(wanted); words->name != NULL; words++) {
        used += (size_t)snprintf(wanted + used, sizeof wanted - used,
                                 " \"%s\"", words->name);
    }
    return wrong_type(slot, wanted);
}

static bool read_status(const struct slot *slot, const json_t *value)
{
    moor_status status;

    if (!json_is_string(value) ||
        !status_find(json_string_value(value), &status)) {
        return wrong_type(slot, "the name of a status");
    }
    *(uint32_t *)slot->to |= UINT32_C(1) << status;
    return true;
}

static bool read_statuses(const struct slot *slot, const json_t *value)
{
    struct slot item = *slot;

    if (!json_is_array(value)) return read_status(slot, value);
    for (size_t i = 0; i < json_array_size(value); i++) {
        struct place place = {slot->place, NULL, i};
        item.place = &place;
        if (!read_status(&item, json_array_get(value, i))) return false;
    }
    /* No bit would mean every status to the library. */
    return json_array_size(value) > 0 ||
           wrong_type(slot, "one status or more");
}

static bool read_limit(const struct slot *slot, const json_t *value)
{
    struct limit_value *limit = slot->to;
    const char *text = json_string_value(value);

    limit->given = true;
    limit->value = MOOR_UNLIMITED;
    if (text != NULL && strcmp(text, "unlimited") == 0) return true;
    return whole_number(value, &limit->value) ||
           wrong_type(slot, "a whole number or \"unlimited\"");
}

static bool read_limits(const struct slot *slot, const json_t *value)
{
    static const char *const nothing_else[] = {NULL};
    struct arguments limits = {0};

    if (!json_is_object(value)) return wrong_type(slot, "an object");
    if (!keys_read(slot->reader, slot->place, value, limits_keys, nothing_else,
                   &limits)) {
        return false;
    }
    memcpy(slot->to, limits.limits, sizeof limits.limits);
    return true;
}

/* The value of one role: an object with the one key `nicknames`. */
static bool read_role(const struct slot *slot, const json_t *value,
                      moor_role *role)
{
    static const struct key_spec keys[] = {
        {"nicknames", KEY_TEXTS, 0, false, 1, MOOR_NICKNAME_MAX, NULL, BUILT},
        {NULL, KEY_TEXT, 0, false, 0, 0, NULL, BUILT},
    };
    static const char *const nothing_else[] = {NULL};
    struct texts nicknames = {0};

    if (!json_is_object(value)) return wrong_type(slot, "objects");
    bool valid = keys_read(slot->reader, slot->place, value, keys,
                           nothing_else, &nicknames);
    /* Also when not valid: scenario_free frees what was read. */
    role->nicknames = nicknames.all;
    role->nicknames_count = nicknames.count;
    return valid;
}

static bool read_roles(const struct slot *slot, const json_t *value)
{
    struct role_list *roles = slot->to;
    const char *name;
    json_t *role;

    if (!json_is_object(value)) return wrong_type(slot, "an object");
    roles->all = must_alloc(json_object_size(value), sizeof *roles->all);
    json_object_foreach((json_t *)value, name, role) {
        struct place place = {slot->place, name, 0};
        struct slot item = *slot;
        size_t length = strlen(name);

        item.place = &place;
        if (length < slot->key->min || length > slot->key->max) {
            return reader_fail(slot->reader, &place, PLACE_KEY,
                               "the name of a role has 1 to %u bytes",
                               (unsigned)slot->key->max);
        }
        moor_role *next = &roles->all[roles->count++];
        next->name = name;
        if (!read_role(&item, role, next)) return false;
    }
    return true;
}

static bool read_block(const struct slot *slot, const json_t *value)
{
    struct block_list *blocks = slot->to;

    if (!json_is_array(value)) return wrong_type(slot, "a list of operations");
    blocks->all = must_alloc(1, sizeof *blocks->all);
    blocks->count = 1;
    return block_read(slot->reader, slot->place, value, blocks->all);
}

static bool read_blocks(const struct slot *slot, const json_t *value)
{
    size_t count = json_array_size(value);

    if (count < slot->key->min || count > slot->key->max) {
        return wrong_type(slot, "1 to 64 lists of operations");
    }
    return blocks_read(slot->reader, slot->place, value, slot->to);
}

static bool (*const read_value[])(const struct slot *, const json_t *) = {
    [KEY_AS] = read_as,           [KEY_AGENT] = read_agent,
    [KEY_SOME_AGENT] = read_some_agent,
    [KEY_TICKET] = read_ticket,   [KEY_AGENTS] = read_agents,
    [KEY_LENDER] = read_lender,
    [KEY_TEXT] = read_text,       [KEY_TEXTS] = read_texts,
    [KEY_NUMBER] = read_number,   [KEY_FLAG] = read_flag,
    [KEY_WORD] = read_word,       [KEY_STATUSES] = read_statuses,
    [KEY_LIMIT] = read_limit,     [KEY_LIMITS] = read_limits,
    [KEY_ROLES] = read_roles,     [KEY_BLOCK] = read_block,
    [KEY_BLOCKS] = read_blocks,
};

/* Does the value ask for what this build does not have?  Unlimited and zero,
 * false ask for nothing. */
static bool asks_for_more(const struct key_spec *key, const json_t *value)
{
    switch (key->unbuilt) {
    case UNBUILT: return !json_is_string(value);
    case UNBUILT_UNLESS_ZERO:
        return json_is_true(value) || json_number_value(value) > 0;
    case BUILT: break;
    }
    return false;
}

static bool is_known(const struct key_spec *keys, const char *const also[],
                     const char *name)
{
    for (; keys->name != NULL; keys++) {
        if (strcmp(keys->name, name) == 0) return true;
    }
    for (; *also != NULL; also++) {
        if (strcmp(*also, name) == 0) return true;
    }
    return false;
}

static bool keys_are_known(struct reader *reader, const struct place *place,
                           const json_t *object, const struct key_spec *keys,
                           const char *const also[])
{
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)object, name, value) {
        struct place inner = {place, name, 0};
        if (!is_known(keys, also, name)) {
            return reader_fail(reader, &inner, PLACE_KEY,
                               "unknown key \"%.80s\"", name);
        }
    }
    return true;
}

bool keys_read(struct reader *reader, const struct place *place,
               const json_t *object, const struct key_spec *keys,
               const char *const also[], void *to)
{
    if (!keys_are_known(reader, place, object, keys, also)) return false;

    for (const struct key_spec *key = keys; key->name != NULL; key++) {
        const json_t *value = json_object_get(object, key->name);
        struct place inner = {place, key->name, 0};
        struct slot slot = {reader, &inner, key, (char *)to + key->at};

        if (value == NULL) {
            if (!key->required) continue;
            return reader_fail(reader, place, PLACE_VALUE,
                               "the key \"%s\" is missing", key->name);
        }
        if (!read_value[key->type](&slot, value)) return false;
        if (asks_for_more(key, value)) reader_needs(reader, key->name);
    }
    return true;
}
