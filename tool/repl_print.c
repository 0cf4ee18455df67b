#include "repl.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memory.h"
#include "text.h"

struct paint paint_for(int descriptor)
{
    static const struct paint none = {"", "", "", ""};
    static const struct paint some = {"\033[32m", "\033[31m", "\033[2m",
                                      "\033[0m"};
    const char *no_colour = getenv("NO_COLOR"), *terminal = getenv("TERM");

    return isatty(descriptor) != 0 &&
                   (no_colour == NULL || no_colour[0] == '\0') &&
                   terminal != NULL && strcmp(terminal, "dumb") != 0
               ? some
               : none;
}

/* A text without its quotes, anything else as JSON. */
static void print_value(const json_t *value)
{
    char *text;

    if (json_is_string(value)) {
        text_print(stdout, json_string_value(value));
        return;
    }
    text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    if (text == NULL) must_json(NULL);
    text_print(stdout, text);
    free(text);
}

static void print_fields(const struct paint *paint, const json_t *fields)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)fields, key, value) {
        if (json_is_null(value)) continue;
        printf("  %s%s=%s", paint->dim, key, paint->end);
        print_value(value);
    }
    putchar('\n');
}

static void print_list(const json_t *list)
{
    size_t i;
    json_t *item;

    json_array_foreach((json_t *)list, i, item) {
        fputs("  ", stdout);
        print_value(item);
        putchar('\n');
    }
}

/* Who holds what was wanted, and what each of them could do about it. */
static void print_refusal(const struct paint *paint, const json_t *fields)
{
    const char *limit = json_string_value(json_object_get(fields, "refused"));
    const char *holder;
    json_t *freed_by;

    printf("%srefused%s: ", paint->bad, paint->end);
    print_value(json_object_get(fields, "used"));
    printf(" of ");
    print_value(json_object_get(fields, "limit"));
    printf(" %s in use\n", limit == NULL ? "" : limit);
    json_object_foreach(json_object_get(fields, "freed_by"), holder, freed_by) {
        printf("  %s holds one, until it is freed by ", holder);
        print_value(freed_by);
        putchar('\n');
    }
}

void print_answer(const struct paint *paint, const struct answer *answer)
{
    const json_t *paths = json_object_get(answer->fields, "paths");
    bool good = strcmp(answer->outcome, "ok") == 0;

    if (strcmp(answer->outcome, "refused") == 0) {
        print_refusal(paint, answer->fields);
    } else if (good && paths != NULL) {
        print_list(paths);
        print_list(json_object_get(answer->fields, "tickets"));
    } else {
        printf("%s%s%s", good ? paint->good : paint->bad, answer->outcome,
               paint->end);
        print_fields(paint, answer->fields);
    }
}
