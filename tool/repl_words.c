#include "repl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

/* ---- words of a line ----------------------------------------------------- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* One word from *from to *to, without its quotes; false: one is open. */
static bool copy_word(const char **from, char **to)
{
    char quote = '\0';

    for (; **from != '\0' && (quote != '\0' || !is_blank(**from)); ++*from) {
        if (quote == '\0' && (**from == '"' || **from == '\'')) {
            quote = **from;
        } else if (**from == quote) {
            quote = '\0';
        } else {
            *(*to)++ = **from;
        }
    }
    *(*to)++ = '\0';
    return quote == '\0';
}

bool words_split(const char *line, struct words *words)
{
    char *to = words->text = must_alloc(strlen(line) + 2, 1);

    words->count = 0;
    for (;;) {
        while (is_blank(*line)) line++;
        if (*line == '\0' || words->count == REPL_WORDS_MAX) {
            return *line == '\0';
        }
        words->all[words->count++] = to;
        if (!copy_word(&line, &to)) return false;
    }
}

void words_free(struct words *words)
{
    free(words->text);
}

/* ---- verbs --------------------------------------------------------------- */

/* What stands at a position: a key; with `...` all that are left are its. */
static const struct verb {
    const char *name, *op;
    const char *positions[3];
    const char *usage;
} verbs[] = {
    {"spawn", "spawn", {"as"}, "spawn [LABEL] [parent=A] [name=N] [role=R]"},
    {"reserve", "reserve", {"as"}, "reserve LABEL [parent=A] [name=N]"},
    {"commit", "commit", {"ticket", "as"}, "commit TICKET [LABEL]"},
    {"abandon", "abandon", {"ticket"}, "abandon TICKET"},
    {"exec", "exec", {"as", "argv..."}, "exec LABEL PROGRAM [ARGUMENT...]"},
    {"start", "start", {"agent"}, "start AGENT"},
    {"start_failed", "start_failed", {"agent"}, "start_failed AGENT"},
    {"finish", "finish", {"agent", "status", "result"},
     "finish AGENT [completed|errored|shutdown] [\"TEXT\"]"},
    {"died", "died", {"agent"}, "died AGENT"},
    {"interrupt", "interrupt", {"agent"}, "interrupt AGENT"},
    {"again", "run_again", {"agent"}, "again AGENT [timeout_ms=N]"},
    {"close", "close", {"agent"}, "close AGENT [tree=true] [rule=RULE]"},
    {"wait", "wait", {"agents..."},
     "wait AGENT... [for=any|all] [until=final|idle] [timeout_ms=N]"},
    {"lend", "lend", {"agent"}, "lend AGENT"},
    {"take_back", "take_back", {"agent"}, "take_back AGENT [timeout_ms=N]"},
    {"request", "request", {"agent", "what"},
     "request AGENT interrupt|shutdown"},
    {"poll", "poll", {"agent"}, "poll AGENT"},
    {"renew", "renew", {"agent"}, "renew AGENT"},
    {"events", "events", {"of"}, "events [AGENT]"},
    {"turn", "turn_begin", {NULL}, "turn"},
    {"turn_end", "turn_end", {"left"},
     "turn_end [keep|interrupt|shutdown|fence]"},
    {"limit", "set_limit", {NULL},
     "limit running=N|resident=N|depth=N|children=N|lifetime=N..."},
    {"reap", "reap", {NULL}, "reap"},
    {"load", "load", {"agent"}, "load AGENT"},
    {"unloaded", "unloaded", {"agent"}, "unloaded AGENT"},
    {"evict", "evict", {"agent"}, "evict [AGENT]"},
    {"touch", "touch", {"agent"}, "touch AGENT"},
    {"pin", "pin", {"agent"}, "pin AGENT"},
    {"unpin", "unpin", {"agent"}, "unpin AGENT"},
    {"list", "list", {"prefix"}, "list [PATH] [status=STATUS]"},
    {"lookup", "lookup", {"path"}, "lookup PATH"},
    {"capacity", "capacity", {"parent"}, "capacity [AGENT]"},
    {"check", "check", {NULL}, "check"},
    {"sleep", "sleep", {"ms"}, "sleep MS"},
    {"tree", NULL, {NULL}, "tree"},
    {"why", NULL, {NULL}, "why AGENT"},
    {"stats", NULL, {NULL}, "stats"},
    {"help", NULL, {NULL}, "help [VERB]"},
    {"quit", NULL, {NULL}, "quit"},
};

static const struct verb *find_verb(const char *name)
{
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        if (strcmp(verbs[i].name, name) == 0 ||
            (verbs[i].op != NULL && strcmp(verbs[i].op, name) == 0)) {
            return &verbs[i];
        }
    }
    return NULL;
}

const char *words_usage(const char *name)
{
    const struct verb *verb = find_verb(name);

    return verb == NULL ? NULL : verb->usage;
}

const char *words_verb(size_t number)
{
    return number < sizeof verbs / sizeof *verbs ? verbs[number].name : NULL;
}

/* ---- a request ----------------------------------------------------------- */

static const struct key_spec *find_key(const struct verb *verb,
                                       const char *name, size_t length)
{
    const struct key_spec *key = op_spec_find(verb->op)->keys;

    while (key->name != NULL && (strlen(key->name) != length ||
                                 strncmp(key->name, name, length) != 0)) {
        key++;
    }
    return key->name == NULL ? NULL : key;
}

static bool is_number(const char *text)
{
    return *text != '\0' && text[strspn(text, "0123456789")] == '\0' &&
           strlen(text) < 19;
}

/* A text in the type of its key; what does not fit stays a text, and is
 * complained of by whoever reads the request. */
static json_t *value_of(const struct key_spec *key, const char *text)
{
    switch (key->type) {
    case KEY_NUMBER:
    case KEY_LIMIT:
        return is_number(text) ? json_integer(atoll(text)) : json_string(text);
    case KEY_FLAG:
        return strcmp(text, "true") == 0    ? json_true()
               : strcmp(text, "false") == 0 ? json_false()
                                            : json_string(text);
    default: return json_string(text);
    }
}

static bool put(json_t *request, const char *key, json_t *value)
{
    return value != NULL && json_object_set_new(request, key, value) == 0;
}

static bool is_list(const char *position)
{
    return position != NULL && strstr(position, "...") != NULL;
}

/* Adds to the list of a key. */
static bool put_more(json_t *request, const char *position, const char *text)
{
    char key[32];
    json_t *list;

    snprintf(key, sizeof key, "%.*s", (int)(strlen(position) - 3), position);
    list = json_object_get(request, key);
    if (list == NULL) {
        list = json_array();
        if (!put(request, key, list)) return false;
    }
    return json_array_append_new(list, json_string(text)) == 0;
}

static bool put_pair(const struct verb *verb, json_t *request, const char *word,
                     const char *equals)
{
    const struct key_spec *key = find_key(verb, word, (size_t)(equals - word));

    return key != NULL && put(request, key->name, value_of(key, equals + 1));
}

static bool put_position(const struct verb *verb, json_t *request, size_t at,
                         const char *word)
{
    const char *position = at < 3 ? verb->positions[at] : NULL;

    return position != NULL &&
           put(request, position,
               value_of(find_key(verb, position, strlen(position)), word));
}

/* The text behind a label may have any form, also that of a pair. */
static bool put_words(const struct verb *verb, const struct words *words,
                      json_t *request)
{
    size_t at = 0;

    for (size_t i = 1; i < words->count; i++) {
        const char *word = words->all[i];
        const char *equals = strchr(word, '=');
        const char *position = at < 3 ? verb->positions[at] : NULL;

        if (equals != NULL && put_pair(verb, request, word, equals)) continue;
        if (is_list(position) ? !put_more(request, position, word)
                              : !put_position(verb, request, at++, word)) {
            return false;
        }
    }
    return true;
}

/* What a file has to say, and a person leaves out. */
static bool put_defaults(const struct verb *verb, json_t *request)
{
    return strcmp(verb->op, "wait") != 0 ||
           ((json_object_get(request, "for") != NULL ||
             put(request, "for", json_string("all"))) &&
            (json_object_get(request, "timeout_ms") != NULL ||
             put(request, "timeout_ms", json_integer(60000))));
}

json_t *words_request(const struct words *words, char *why, size_t room)
{
    const struct verb *verb = find_verb(words->all[0]);
    json_t *request;

    if (verb == NULL || verb->op == NULL) {
        snprintf(why, room, "%s is no verb: help lists them", words->all[0]);
        return NULL;
    }
    request = must_json(json_object());
    if (put(request, "op", json_string(verb->op)) &&
        put_words(verb, words, request) && put_defaults(verb, request)) {
        return request;
    }
    snprintf(why, room, "it is called so: %s", verb->usage);
    json_decref(request);
    return NULL;
}
