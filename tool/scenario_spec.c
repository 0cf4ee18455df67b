/*
 * The table of operations: for each its keys and the fields of its answer.
 *
 * This is the table of the file format, row by row.  What a later version of
 * the library brings is in it, too, marked as unbuilt: such files are checked
 * in full, and only then told that this build cannot play them.
 */
#include "scenario_reader.h"

#include <string.h>

#define ANY_NUMBER UINT32_MAX

enum {
    TIMEOUT_MS_MAX = 3600000,
    SLEEP_MS_MAX = 10000,
    TIMES_MAX = 100000
};

/* ---- words -------------------------------------------------------------- */

const struct word limit_words[] = {
    {"running", MOOR_LIMIT_RUNNING},   {"resident", MOOR_LIMIT_RESIDENT},
    {"depth", MOOR_LIMIT_DEPTH},       {"children", MOOR_LIMIT_CHILDREN},
    {"lifetime", MOOR_LIMIT_LIFETIME}, {NULL, 0},
};
const struct word release_words[] = {
    {"on_completion", MOOR_ON_COMPLETION}, {"on_turn_end", MOOR_ON_TURN_END},
    {"on_reserve", MOOR_ON_RESERVE},       {"on_close", MOOR_ON_CLOSE},
    {NULL, 0},
};
const struct word close_rule_words[] = {
    {"cascade", MOOR_CASCADE}, {"adopt", MOOR_ADOPT},
    {"refuse", MOOR_REFUSE},   {NULL, 0},
};
/* A rule given with a close; by_rule is what no key reads as. */
static const struct word scope_words[] = {
    {"cascade", MOOR_CLOSE_CASCADE}, {"adopt", MOOR_CLOSE_ADOPT},
    {"refuse", MOOR_CLOSE_REFUSE},   {NULL, 0},
};
/* not_found is what no key reads as: completed. */
static const struct word finish_words[] = {
    {"completed", MOOR_STATUS_COMPLETED}, {"errored", MOOR_STATUS_ERRORED},
    {"shutdown", MOOR_STATUS_SHUTDOWN},   {NULL, 0},
};
static const struct word for_words[] = {
    {"any", MOOR_WAIT_ANY}, {"all", MOOR_WAIT_ALL}, {NULL, 0},
};
static const struct word until_words[] = {
    {"final", MOOR_UNTIL_FINAL}, {"idle", MOOR_UNTIL_IDLE}, {NULL, 0},
};
static const struct word left_words[] = {
    {"keep", MOOR_LEFT_KEEP},         {"interrupt", MOOR_LEFT_INTERRUPT},
    {"shutdown", MOOR_LEFT_SHUTDOWN}, {"fence", MOOR_LEFT_FENCE},
    {NULL, 0},
};
static const struct word what_words[] = {
    {"interrupt", MOOR_REQUEST_INTERRUPT},
    {"shutdown", MOOR_REQUEST_SHUTDOWN},
    {NULL, 0},
};

/* The format's errors; some only a later version of the library answers. */
static const char *const error_names[] = {
    "not_found",     "stale",        "wrong_status",  "bad_path",
    "bad_id",        "path_taken",   "id_taken",      "path_mismatch",
    "fenced",        "has_children", "is_root",       "not_resident",
    "evicting",      "not_evictable", "not_lent",     "queue_full",
    "exec_failed",   "violated",     "no_memory",     "stopped",
};

/* ---- keys --------------------------------------------------------------- */

#define AT(member) offsetof(struct arguments, member)
#define IN_HEADER(member) offsetof(struct header, member)

/* Rows that several operations have.  `as` comes last everywhere: a label is
 * used after it was defined, not by the operation that defines it. */
#define ROW_AS(needed) \
    {"as", KEY_AS, AT(as), needed, 0, 0, NULL, BUILT}
#define ROW_AGENT(needed) \
    {"agent", KEY_AGENT, AT(agent), needed, 0, 0, NULL, BUILT}
#define ROW_TICKET {"ticket", KEY_TICKET, AT(ticket), true, 0, 0, NULL, BUILT}
#define ROW_PARENT \
    {"parent", KEY_AGENT, AT(parent), false, 0, 0, NULL, BUILT}
#define ROW_FROM {"from", KEY_AGENT, AT(from), false, 0, 0, NULL, BUILT}
#define ROW_TTL \
    {"ttl_ms", KEY_NUMBER, AT(ttl_ms), false, 0, ANY_NUMBER, NULL, BUILT}
/* On an admission: how long it queues. */
#define ROW_QUEUE_FOR \
    {"timeout_ms", KEY_NUMBER, AT(timeout_ms), false, 0, TIMEOUT_MS_MAX, \
     NULL, BUILT}
#define ROW_ID {"id", KEY_TEXT, AT(id), false, 0, 0, NULL, BUILT}
#define ROWS_NAMES                                                            \
    ROW_PARENT, {"name", KEY_TEXT, AT(name), false, 0, 0, NULL, BUILT},       \
        {"role", KEY_TEXT, AT(role), false, 1, MOOR_ROLE_MAX, NULL, BUILT},   \
        {"nickname", KEY_TEXT, AT(nickname), false, 1, MOOR_NICKNAME_MAX,     \
         NULL, BUILT}
#define ROW_LIMIT(text, which)                                                \
    {text, KEY_LIMIT, AT(limits) + (which) * sizeof(struct limit_value),      \
     false, 0, 0, NULL, BUILT}
#define END {NULL, KEY_TEXT, 0, false, 0, 0, NULL, BUILT}

static const struct key_spec no_keys[] = {END};
static const struct key_spec agent_keys[] = {ROW_AGENT(true), END};
static const struct key_spec evict_keys[] = {
    {"agent", KEY_SOME_AGENT, AT(evict), false, 0, 0, NULL, BUILT}, END,
};
static const struct key_spec parent_keys[] = {ROW_PARENT, END};

static const struct key_spec spawn_keys[] = {
    ROWS_NAMES, ROW_ID, ROW_TTL, ROW_QUEUE_FOR, ROW_AS(false), END,
};
static const struct key_spec exec_keys[] = {
    ROWS_NAMES, ROW_ID, ROW_TTL, ROW_QUEUE_FOR,
    {"argv", KEY_TEXTS, AT(argv), true, 0, 0, NULL, BUILT},
    ROW_AS(false), END,
};
static const struct key_spec reserve_keys[] = {
    ROWS_NAMES, ROW_TTL, ROW_QUEUE_FOR, ROW_AS(true), END,
};
static const struct key_spec commit_keys[] = {
    ROW_TICKET, ROW_ID,
    {"path", KEY_TEXT, AT(path), false, 0, 0, NULL, BUILT},
    ROW_AS(false), END,
};
static const struct key_spec abandon_keys[] = {ROW_TICKET, END};
static const struct key_spec finish_keys[] = {
    ROW_AGENT(true),
    {"status", KEY_WORD, AT(status), false, 0, 0, finish_words, BUILT},
    {"result", KEY_TEXT, AT(result), false, 0, 0, NULL, BUILT},
    END,
};
static const struct key_spec admit_keys[] = {
    ROW_AGENT(true), ROW_QUEUE_FOR, END,
};
static const struct key_spec close_keys[] = {
    ROW_AGENT(true),
    {"tree", KEY_FLAG, AT(tree), false, 0, 0, NULL, BUILT},
    {"rule", KEY_WORD, AT(rule), false, 0, 0, scope_words, BUILT},
    END,
};
static const struct key_spec wait_keys[] = {
    {"for", KEY_WORD, AT(wait_for), true, 0, 0, for_words, BUILT},
    {"agents", KEY_AGENTS, AT(agents), true, 0, 0, NULL, BUILT},
    {"until", KEY_WORD, AT(until), false, 0, 0, until_words, BUILT},
    {"timeout_ms", KEY_NUMBER, AT(timeout_ms), false, 0, TIMEOUT_MS_MAX, NULL,
     BUILT},
    {"lend", KEY_LENDER, AT(lend), false, 0, 0, NULL, BUILT},
    END,
};
static const struct key_spec events_keys[] = {
    {"of", KEY_AGENT, AT(of), false, 0, 0, NULL, BUILT}, END,
};
static const struct key_spec turn_end_keys[] = {
    {"left", KEY_WORD, AT(left), false, 0, 0, left_words, BUILT}, END,
};
const struct key_spec limits_keys[] = {
    ROW_LIMIT("running", MOOR_LIMIT_RUNNING),
    ROW_LIMIT("resident", MOOR_LIMIT_RESIDENT),
    ROW_LIMIT("depth", MOOR_LIMIT_DEPTH),
    ROW_LIMIT("children", MOOR_LIMIT_CHILDREN),
    ROW_LIMIT("lifetime", MOOR_LIMIT_LIFETIME),
    END,
};
static const struct key_spec list_keys[] = {
    ROW_FROM,
    {"prefix", KEY_TEXT, AT(prefix), false, 0, 0, NULL, BUILT},
    {"status", KEY_STATUSES, AT(statuses), false, 0, 0, NULL, BUILT},
    {"page", KEY_NUMBER, AT(page), false, 1, ANY_NUMBER, NULL, BUILT},
    END,
};
static const struct key_spec lookup_keys[] = {
    ROW_FROM, {"path", KEY_TEXT, AT(path), true, 0, 0, NULL, BUILT}, END,
};
static const struct key_spec request_keys[] = {
    ROW_AGENT(true),
    {"what", KEY_WORD, AT(what), true, 0, 0, what_words, BUILT},
    END,
};
static const struct key_spec sleep_keys[] = {
    {"ms", KEY_NUMBER, AT(ms), false, 0, SLEEP_MS_MAX, NULL, BUILT}, END,
};
static const struct key_spec repeat_keys[] = {
    {"times", KEY_NUMBER, AT(times), true, 0, TIMES_MAX, NULL, BUILT},
    {"do", KEY_BLOCK, AT(blocks), true, 0, 0, NULL, BUILT},
    END,
};
static const struct key_spec parallel_keys[] = {
    {"threads", KEY_BLOCKS, AT(blocks), true, 1, 64, NULL, BUILT}, END,
};

const struct key_spec header_keys[] = {
    {"moorage", KEY_NUMBER, IN_HEADER(moorage), true, 1, 1, NULL, BUILT},
    {"limits", KEY_LIMITS, IN_HEADER(limits), false, 0, 0, NULL, BUILT},
    {"release", KEY_WORD, IN_HEADER(release), false, 0, 0, release_words,
     BUILT},
    {"close_rule", KEY_WORD, IN_HEADER(close_rule), false, 0, 0,
     close_rule_words, BUILT},
    {"nicknames", KEY_TEXTS, IN_HEADER(nicknames), false, 1,
     MOOR_NICKNAME_MAX, NULL, BUILT},
    {"roles", KEY_ROLES, IN_HEADER(roles), false, 1, MOOR_ROLE_MAX, NULL,
     BUILT},
    {"queue", KEY_NUMBER, IN_HEADER(queue), false, 0, MOOR_QUEUE_MAX, NULL,
     BUILT},
    END,
};

/* ---- answer fields ------------------------------------------------------ */

#define NO_MORE {NULL, FIELD_TEXT}

static const struct field_spec no_fields[] = {NO_MORE};
static const struct field_spec refusal_fields[] = {
    {"used", FIELD_NUMBER},      {"limit", FIELD_LIMIT_VALUE},
    {"holders", FIELD_NAMES},    {"freed_by", FIELD_OF_NAMES}, NO_MORE,
};
static const struct field_spec spawn_fields[] = {
    {"path", FIELD_TEXT}, {"depth", FIELD_NUMBER}, {"nickname", FIELD_TEXT},
    {"role", FIELD_TEXT}, {"turn", FIELD_NUMBER},  NO_MORE,
};
static const struct field_spec turn_fields[] = {
    {"turn", FIELD_NUMBER}, NO_MORE,
};
static const struct field_spec close_fields[] = {
    {"previous", FIELD_TEXT}, {"closed", FIELD_NUMBER}, NO_MORE,
};
static const struct field_spec wait_fields[] = {
    {"timed_out", FIELD_FLAG}, {"status", FIELD_OF_AGENTS}, NO_MORE,
};
static const struct field_spec events_fields[] = {
    {"events", FIELD_EVENTS}, NO_MORE,
};
static const struct field_spec turn_end_fields[] = {
    {"turn", FIELD_NUMBER}, {"ended", FIELD_NUMBER},
    {"released", FIELD_NUMBER}, NO_MORE,
};
static const struct field_spec reap_fields[] = {
    {"reaped", FIELD_NUMBER}, NO_MORE,
};
static const struct field_spec evict_fields[] = {
    {"agent", FIELD_AGENT}, NO_MORE,
};
static const struct field_spec restart_fields[] = {
    {"restored", FIELD_NAMES}, {"charged", FIELD_NAMES},
    {"interrupted", FIELD_NAMES}, NO_MORE,
};
static const struct field_spec list_fields[] = {
    {"paths", FIELD_TEXTS}, {"tickets", FIELD_TEXTS}, NO_MORE,
};
static const struct field_spec lookup_fields[] = {
    {"agent", FIELD_AGENT},   {"path", FIELD_TEXT}, {"status", FIELD_TEXT},
    {"nickname", FIELD_TEXT}, {"role", FIELD_TEXT}, {"depth", FIELD_NUMBER},
    {"parent", FIELD_AGENT},  {"turn", FIELD_NUMBER}, NO_MORE,
};
static const struct field_spec capacity_fields[] = {
    {"running", FIELD_USE},  {"resident", FIELD_USE}, {"depth", FIELD_USE},
    {"children", FIELD_USE}, {"lifetime", FIELD_USE}, {"would", FIELD_TEXT},
    NO_MORE,
};
static const struct field_spec check_fields[] = {
    {"violated", FIELD_TEXT}, NO_MORE,
};
static const struct field_spec expect_fields[] = {
    {"used", FIELD_NUMBER},      {"live", FIELD_NUMBER},
    {"idle", FIELD_NUMBER},      {"agents", FIELD_NUMBER},
    {"tickets", FIELD_NUMBER},   {"resident", FIELD_NUMBER},
    {"turn", FIELD_NUMBER},      {"spawned", FIELD_NUMBER},
    {"refused", FIELD_BY_LIMIT}, {"completed", FIELD_NUMBER},
    {"closed", FIELD_NUMBER},    {"reaped", FIELD_NUMBER},
    {"released", FIELD_NUMBER},  {"status", FIELD_OF_AGENTS},
    {"result", FIELD_OF_AGENTS}, NO_MORE,
};
static const struct field_spec poll_fields[] = {
    {"requested", FIELD_TEXT}, NO_MORE,
};

/* ---- operations --------------------------------------------------------- */

enum { NEVER_REFUSED = false, ADMISSION = true };
enum { NOW = false, LATER = true };
#ifdef MOORAGE_STORE
enum { WITH_STORE = NOW };
#else
enum { WITH_STORE = LATER };
#endif

static const struct op_spec op_specs[] = {
    {"spawn", OP_SPAWN, spawn_keys, spawn_fields, ADMISSION, NOW},
    {"reserve", OP_RESERVE, reserve_keys, spawn_fields, ADMISSION, NOW},
    {"commit", OP_COMMIT, commit_keys, spawn_fields, NEVER_REFUSED, NOW},
    {"abandon", OP_ABANDON, abandon_keys, no_fields, NEVER_REFUSED, NOW},
    {"start", OP_START, agent_keys, no_fields, NEVER_REFUSED, NOW},
    {"start_failed", OP_START_FAILED, agent_keys, no_fields, NEVER_REFUSED,
     NOW},
    {"died", OP_DIED, agent_keys, no_fields, NEVER_REFUSED, NOW},
    {"interrupt", OP_INTERRUPT, agent_keys, no_fields, NEVER_REFUSED, NOW},
    {"renew", OP_RENEW, agent_keys, no_fields, NEVER_REFUSED, NOW},
    {"finish", OP_FINISH, finish_keys, no_fields, NEVER_REFUSED, NOW},
    {"run_again", OP_RUN_AGAIN, admit_keys, turn_fields, ADMISSION, NOW},
    {"close", OP_CLOSE, close_keys, close_fields, NEVER_REFUSED, NOW},
    {"lend", OP_LEND, agent_keys, no_fields, NEVER_REFUSED, NOW},
    {"take_back", OP_TAKE_BACK, admit_keys, no_fields, ADMISSION, NOW},
    {"wait", OP_WAIT, wait_keys, wait_fields, NEVER_REFUSED, NOW},
    {"events", OP_EVENTS, events_keys, events_fields, NEVER_REFUSED, NOW},
    {"turn_begin", OP_TURN_BEGIN, no_keys, turn_fields, NEVER_REFUSED, NOW},
    {"turn_end", OP_TURN_END, turn_end_keys, turn_end_fields, NEVER_REFUSED,
     NOW},
    {"set_limit", OP_SET_LIMIT, limits_keys, no_fields, NEVER_REFUSED, NOW},
    {"reap", OP_REAP, no_keys, reap_fields, NEVER_REFUSED, NOW},
    {"evict", OP_EVICT, evict_keys, evict_fields, NEVER_REFUSED, NOW},
    {"unloaded", OP_UNLOADED, agent_keys, no_fields, NEVER_REFUSED, NOW},
    {"load", OP_LOAD, agent_keys, no_fields, ADMISSION, NOW},
    {"touch", OP_TOUCH, agent_keys, no_fields, NEVER_REFUSED, NOW},
    {"pin", OP_PIN, agent_keys, no_fields, NEVER_REFUSED, NOW},
    {"unpin", OP_UNPIN, agent_keys, no_fields, NEVER_REFUSED, NOW},
    {"restart", OP_RESTART, no_keys, restart_fields, NEVER_REFUSED,
     WITH_STORE},
    {"list", OP_LIST, list_keys, list_fields, NEVER_REFUSED, NOW},
    {"lookup", OP_LOOKUP, lookup_keys, lookup_fields, NEVER_REFUSED, NOW},
    {"capacity", OP_CAPACITY, parent_keys, capacity_fields, NEVER_REFUSED,
     NOW},
    {"check", OP_CHECK, no_keys, check_fields, NEVER_REFUSED, NOW},
    {"expect", OP_EXPECT, no_keys, expect_fields, NEVER_REFUSED, NOW},
    {"exec", OP_EXEC, exec_keys, spawn_fields, ADMISSION, NOW},
    {"request", OP_REQUEST, request_keys, no_fields, NEVER_REFUSED, NOW},
    {"poll", OP_POLL, agent_keys, poll_fields, NEVER_REFUSED, NOW},
    {"sleep", OP_SLEEP, sleep_keys, no_fields, NEVER_REFUSED, NOW},
    {"repeat", OP_REPEAT, repeat_keys, no_fields, NEVER_REFUSED, NOW},
    {"parallel", OP_PARALLEL, parallel_keys, no_fields, NEVER_REFUSED, NOW},
};

_Static_assert(sizeof op_specs / sizeof op_specs[0] == OP_KINDS,
               "each operation has one row");

/* ---- look-ups ----------------------------------------------------------- */

const struct op_spec *op_spec_find(const char *name)
{
    for (size_t i = 0; i < OP_KINDS; i++) {
        if (strcmp(op_specs[i].name, name) == 0) return &op_specs[i];
    }
    return NULL;
}

static const struct field_spec *find_in(const struct field_spec *fields,
                                        const char *name)
{
    for (; fields->name != NULL; fields++) {
        if (strcmp(fields->name, name) == 0) return fields;
    }
    return NULL;
}

const struct field_spec *op_field_find(const struct op_spec *spec,
                                       const char *name)
{
    const struct field_spec *field = find_in(spec->fields, name);

    if (field == NULL && spec->admission) field = find_in(refusal_fields, name);
    return field;
}

bool error_name_known(const char *name)
{
    for (size_t i = 0; i < sizeof error_names / sizeof error_names[0]; i++) {
        if (strcmp(error_names[i], name) == 0) return true;
    }
    return false;
}

const struct word *word_find(const struct word *words, const char *name)
{
    for (; words->name != NULL; words++) {
        if (strcmp(words->name, name) == 0) return words;
    }
    return NULL;
}

bool status_find(const char *name, moor_status *status)
{
    for (int i = 0; i < MOOR_STATUSES; i++) {
        *status = (moor_status)i;
        if (strcmp(moor_status_name(*status), name) == 0) return true;
    }
    return false;
}
