/*
 * A scenario: a file of operations, read and checked before anything is played.
 *
 * Reading turns each line into a struct operation whose keys have their final
 * types: labels are numbers, words are enumerators, limits are values.  What an
 * operation is expected to answer stays JSON, checked, and is compared with the
 * answer when it is played (play_match.c).
 *
 *   scenario_lines.c   bytes to lines
 *   scenario_where.c   the column of a key or value
 *   scenario_spec.c    the table of operations, their keys and answer fields
 *   scenario_keys.c    one key of an object, by its type in the table
 *   scenario_expect.c  the grammar of expectations
 *   scenario_labels.c  which label is defined where
 *   scenario_read.c    header and operations, nesting
 */
#ifndef MOORAGE_TOOL_SCENARIO_H
#define MOORAGE_TOOL_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>
#include <moorage/moorage.h>

enum op_kind {
    OP_SPAWN, OP_RESERVE, OP_COMMIT, OP_ABANDON,
    OP_START, OP_START_FAILED, OP_DIED, OP_INTERRUPT, OP_RENEW,
    OP_FINISH, OP_RUN_AGAIN, OP_CLOSE, OP_LEND, OP_TAKE_BACK,
    OP_WAIT, OP_EVENTS, OP_TURN_BEGIN, OP_TURN_END, OP_SET_LIMIT, OP_REAP,
    OP_EVICT, OP_UNLOADED, OP_LOAD, OP_TOUCH, OP_PIN, OP_UNPIN, OP_RESTART,
    OP_LIST, OP_LOOKUP, OP_CAPACITY, OP_CHECK, OP_EXPECT, OP_EXEC,
    OP_REQUEST, OP_POLL, OP_SLEEP,
    OP_REPEAT, OP_PARALLEL,
    OP_KINDS
};

/* A label's number, in order of definition; the root's is zero, which is also
 * what a key that was not given reads as. */
typedef uint32_t label_number;

/* Of a lender: the parent of whom it waits for. */
#define LABEL_PARENT UINT32_MAX
enum { LABEL_ROOT = 0, LABEL_NONE = 0 };

/* Labels defined in one stretch of the file: first <= number < end. */
struct label_range {
    label_number first, end;
};

struct label {
    const char *name;
    bool is_ticket;
};

struct labels {
    struct label *all;
    label_number count;
    json_t *by_name; /* name -> number */
};

struct texts {
    const char **all;
    size_t count;
};

struct limit_value {
    bool given;
    uint32_t value;
};

struct label_list {
    label_number *all;
    size_t count;
};

struct role_list {
    moor_role *all;
    size_t count;
};

/* The header, by its keys. */
struct header {
    uint32_t moorage, queue;
    struct limit_value limits[MOOR_LIMITS];
    int release, close_rule;
    struct texts nicknames;
    struct role_list roles;
};

struct operation;

/* Operations played one after the other, and the labels they define. */
struct block {
    struct operation *all;
    size_t count;
    struct label_range labels;
};

struct block_list {
    struct block *all;
    size_t count;
};

/* Every key that any operation has; one that was not given is zero. */
struct arguments {
    label_number as, parent, agent, ticket, from, of, lend;
    label_number evict; /* plus one; 0: none was given */
    struct label_list agents;
    const char *name, *role, *nickname, *id, *path, *result, *prefix;
    struct texts argv;
    uint32_t ttl_ms, timeout_ms, ms, page, times, statuses;
    int status, rule, wait_for, until, left, what;
    bool tree;
    struct limit_value limits[MOOR_LIMITS];
    struct block_list blocks; /* repeat: one; parallel: one a thread */
};

struct op_spec;

struct operation {
    const struct op_spec *spec;
    size_t line;
    struct arguments given;
    const json_t *expect; /* null: "ok"; of `expect` the whole operation */
};

struct scenario {
    json_t *kept; /* owns every parsed line */
    struct header header;
    struct block play;
    struct labels labels;
    bool has_exec, has_restart;
    size_t unbuilt_line;   /* 0: this build can play all of it */
    char unbuilt_what[64]; /* else the operation or key that it cannot */
};

/* Where and why a file is not valid; line 0: the file as a whole. */
struct complaint {
    size_t line, column;
    char text[240];
};

enum scenario_verdict {
    SCENARIO_VALID,
    SCENARIO_INVALID,   /* *complaint says where and why */
    SCENARIO_UNREADABLE /* complaint->text says why */
};

/* Read and check a file.  *scenario is to be freed in every case. */
enum scenario_verdict scenario_read(const char *file,
                                    struct scenario *scenario,
                                    struct complaint *complaint);
/* The same of a header alone, a text: a scenario without operations. */
bool scenario_header(const char *text, struct scenario *scenario,
                     struct complaint *complaint);
void scenario_free(struct scenario *scenario);

#endif
