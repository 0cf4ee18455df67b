/* What the files of the scenario reader share; see scenario.h. */
#ifndef MOORAGE_TOOL_SCENARIO_READER_H
#define MOORAGE_TOOL_SCENARIO_READER_H

#include "scenario.h"

/* ---- lines: scenario_lines.c ------------------------------------------- */

/* A file's bytes; `next` is the line that lines_next gives. */
struct lines {
    char *bytes;
    size_t size, next;
    size_t number; /* of the line given last, from 1 */
};

enum lines_answer { LINES_LINE, LINES_END, LINES_BAD };

bool lines_open(const char *file, struct lines *lines,
                struct complaint *complaint);
/* The next line that is neither blank nor a comment, ended by a NUL. */
enum lines_answer lines_next(struct lines *lines, const char **text,
                             size_t *length, struct complaint *complaint);
void lines_close(struct lines *lines);

/* ---- places: scenario_where.c ------------------------------------------ */

/* A value inside a line: the steps down to it, innermost first. */
struct place {
    const struct place *up; /* null: this is the line's value */
    const char *key;        /* a member of an object, or null: */
    size_t index;           /* an element of an array */
};

enum place_part { PLACE_VALUE, PLACE_KEY };

/* Column, in characters from 1, of a place in a line of valid JSON. */
size_t place_column(const char *line, const struct place *place,
                    enum place_part part);
/* Column of the token that reaches `offset` bytes of any line; behind the last
 * one, of the end. */
size_t token_column(const char *line, size_t length, size_t offset);

/* ---- the reader -------------------------------------------------------- */

struct session; /* session.h */

struct reader {
    struct scenario *scenario;
    struct complaint *complaint;
    const char *text; /* the line being read */
    size_t line;
    unsigned nesting; /* repeats and parallels around */
    bool in_parallel;
    struct label_range hidden; /* what sibling threads define */
    /* Of a session, which is told of each label that is used; null: a file. */
    void (*meet)(struct session *session, label_number number);
    struct session *session;
};

/* Set the complaint and answer false. */
bool reader_fail(struct reader *reader, const struct place *place,
                 enum place_part part, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Note that a valid file needs what this build does not have; the first such
 * need is kept. */
void reader_needs(struct reader *reader, const char *what);

/* ---- the table: scenario_spec.c ---------------------------------------- */

struct word {
    const char *name;
    int value;
};

/* Ended by a null name. */
extern const struct word limit_words[], release_words[], close_rule_words[];

enum key_type {
    KEY_AS,       /* defines a label */
    KEY_AGENT,    /* an agent's label */
    KEY_LENDER,   /* the same, or a flag: LABEL_PARENT */
    KEY_SOME_AGENT, /* the same, plus one: 0 if none was given */
    KEY_TICKET,   /* a ticket's label */
    KEY_AGENTS,   /* a list of agents' labels, not empty */
    KEY_TEXT,     /* a string; min to max bytes, max 0: any */
    KEY_TEXTS,    /* a list of strings, each min to max bytes */
    KEY_NUMBER,   /* min to max */
    KEY_FLAG,     /* true or false */
    KEY_WORD,     /* one of the words */
    KEY_STATUSES, /* a status name, or a list of them */
    KEY_LIMIT,    /* a number or "unlimited" */
    KEY_LIMITS,   /* an object with any of the limits */
    KEY_ROLES,    /* an object: role name -> {"nicknames": [...]} */
    KEY_BLOCK,    /* a list of operations */
    KEY_BLOCKS    /* a list of lists of operations, one a thread */
};

/* When a key asks for something that this build does not have. */
enum key_unbuilt { BUILT, UNBUILT, UNBUILT_UNLESS_ZERO };

struct key_spec {
    const char *name;
    enum key_type type;
    size_t at; /* offset of its member in the struct to fill */
    bool required;
    uint32_t min, max;
    const struct word *words;
    enum key_unbuilt unbuilt;
};

enum field_type {
    FIELD_NUMBER,
    FIELD_TEXT,
    FIELD_FLAG,
    FIELD_LIMIT_NAME,  /* of the five */
    FIELD_LIMIT_VALUE, /* a number or "unlimited" */
    FIELD_USE,         /* {used, limit} */
    FIELD_BY_LIMIT,    /* a number, or limit -> number */
    FIELD_AGENT,       /* a label, or the path of an agent without one */
    FIELD_NAMES,       /* a set of agents and tickets */
    FIELD_TEXTS,       /* an ordered list of strings */
    FIELD_OF_NAMES,    /* agent or ticket -> text */
    FIELD_OF_AGENTS,   /* agent -> text */
    FIELD_EVENTS       /* a list of [agent, status] */
};

struct field_spec {
    const char *name;
    enum field_type type;
};

struct op_spec {
    const char *name;
    enum op_kind kind;
    const struct key_spec *keys; /* ended by a null name */
    const struct field_spec *fields;
    bool admission; /* may be refused: has the fields of a refusal, too */
    bool unbuilt;   /* not in this build */
};

extern const struct key_spec header_keys[], limits_keys[];

const struct op_spec *op_spec_find(const char *name);
/* The type of an answer field; null when the operation has none such. */
const struct field_spec *op_field_find(const struct op_spec *spec,
                                       const char *name);
bool error_name_known(const char *name);
const struct word *word_find(const struct word *words, const char *name);
bool status_find(const char *name, moor_status *status);

/* ---- one value: scenario_keys.c ---------------------------------------- */

/* A whole number from 0 to 4,294,967,295; 2.0 and 1e3 are whole, too. */
bool whole_number(const json_t *value, uint32_t *number);

/* Read a JSON object by a table of keys into the struct at `to`.  Keys in
 * `also` (ended by null) are known and left alone. */
bool keys_read(struct reader *reader, const struct place *place,
               const json_t *object, const struct key_spec *keys,
               const char *const also[], void *to);

/* ---- labels: scenario_labels.c ----------------------------------------- */

enum label_kind { LABEL_AGENT, LABEL_TICKET, LABEL_EITHER };

void labels_init(struct labels *labels);
void labels_free(struct labels *labels);
label_number labels_append(struct labels *labels, const char *name,
                           bool is_ticket);
/* The one with the highest number. */
void labels_forget_last(struct labels *labels);
bool label_define(struct reader *reader, const struct place *place,
                  const json_t *name, bool is_ticket, label_number *number);
bool label_use(struct reader *reader, const struct place *place,
               enum place_part part, const char *name, enum label_kind kind,
               label_number *number);

/* ---- expectations: scenario_expect.c ----------------------------------- */

/* The value of the key `expect`. */
bool expect_valid(struct reader *reader, const struct place *place,
                  const json_t *expected, const struct op_spec *spec);
/* One field of it. */
bool expect_field_valid(struct reader *reader, const struct place *place,
                        const json_t *expected, enum field_type type);

/* ---- operations: scenario_read.c --------------------------------------- */

/* The reader's text as JSON; null: a complaint. */
json_t *reader_parse(struct reader *reader, size_t length);

/* One operation; *operation is zeroed before, and to be freed in any case. */
bool operation_read(struct reader *reader, const struct place *place,
                    const json_t *object, struct operation *operation);
void operation_free(struct operation *operation);

bool block_read(struct reader *reader, const struct place *place,
                const json_t *list, struct block *block);
bool blocks_read(struct reader *reader, const struct place *place,
                 const json_t *list, struct block_list *blocks);

#endif
