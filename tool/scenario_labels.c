/*
 * Labels while a file is read: each is defined once, before its use, and no
 * thread of a `parallel` uses what a sibling defines.
 *
 * Numbers are given in the order of the text.  So what an operation may use is
 * everything with a smaller number, but for the stretch that its sibling
 * threads have defined (reader->hidden).
 *
 * In a session (session.c) a label may be defined anew, and one that is not
 * defined names nobody; the session is told of each that is met.
 */
#include "scenario_reader.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

enum { LABEL_BYTES_MAX = 64 };

label_number labels_append(struct labels *labels, const char *name,
                           bool is_ticket)
{
    label_number number = labels->count++;

    labels->all = must_resize(labels->all, labels->count, sizeof *labels->all);
    if (json_object_set_new(labels->by_name, name,
                            must_json(json_integer(number))) != 0) {
        must_json(NULL);
    }
    /* The key of the object outlives the text that it was read from. */
    name = json_object_iter_key(json_object_iter_at(labels->by_name, name));
    labels->all[number] = (struct label){name, is_ticket};
    return number;
}

void labels_forget_last(struct labels *labels)
{
    labels->count--;
    (void)json_object_del(labels->by_name, labels->all[labels->count].name);
}

void labels_init(struct labels *labels)
{
    labels->by_name = must_json(json_object());
    (void)labels_append(labels, "root", false);
}

void labels_free(struct labels *labels)
{
    json_decref(labels->by_name);
    free(labels->all);
}

/* [A-Za-z_][A-Za-z0-9_]{0,63}, by bytes: no locale has a say. */
static bool is_well_formed(const char *name)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz0123456789";
    size_t length = strlen(name);

    return length >= 1 && length <= LABEL_BYTES_MAX &&
           strspn(name, letters) == length && (name[0] < '0' || name[0] > '9');
}

/* Of a label that there is. */
static label_number label_known(const struct labels *labels, const char *name)
{
    return (label_number)json_integer_value(
        json_object_get(labels->by_name, name));
}

bool label_define(struct reader *reader, const struct place *place,
                  const json_t *name, bool is_ticket, label_number *number)
{
    struct labels *labels = &reader->scenario->labels;
    const char *text = json_string_value(name);

    if (text == NULL) {
        return reader_fail(reader, place, PLACE_VALUE,
                           "a label is a string");
    }
    if (!is_well_formed(text)) {
        return reader_fail(reader, place, PLACE_VALUE,
                           "\"%.80s\" is no label: letters, digits and _, not "
                           "a digit first, at most 64", text);
    }
    if (strcmp(text, "root") == 0) {
        return reader_fail(reader, place, PLACE_VALUE,
                           "the label \"root\" names the root");
    }
    if (json_object_get(labels->by_name, text) == NULL) {
        *number = labels_append(labels, text, is_ticket);
        return true;
    }
    if (reader->meet == NULL) {
        return reader_fail(reader, place, PLACE_VALUE,
                           "the label \"%s\" is already defined", text);
    }
    *number = label_known(labels, text); /* of that kind when it is bound */
    return true;
}

bool label_use(struct reader *reader, const struct place *place,
               enum place_part part, const char *name, enum label_kind kind,
               label_number *number)
{
    struct labels *labels = &reader->scenario->labels;

    if (json_object_get(labels->by_name, name) != NULL) {
        *number = label_known(labels, name);
    } else if (reader->meet != NULL) {
        *number = labels_append(labels, name, kind == LABEL_TICKET);
    } else {
        return reader_fail(reader, place, part,
                           "the label \"%.80s\" is not defined before this",
                           name);
    }
    if (reader->meet != NULL) reader->meet(reader->session, *number);
    if (*number >= reader->hidden.first && *number < reader->hidden.end) {
        return reader_fail(reader, place, part,
                           "the label \"%s\" belongs to another thread of "
                           "this parallel", name);
    }
    bool is_ticket = labels->all[*number].is_ticket;
    if (kind == LABEL_AGENT && is_ticket) {
        return reader_fail(reader, place, part,
                           "\"%s\" is a ticket; an agent is wanted", name);
    }
    if (kind == LABEL_TICKET && !is_ticket) {
        return reader_fail(reader, place, part,
                           "\"%s\" is an agent; a ticket is wanted", name);
    }
    return true;
}
