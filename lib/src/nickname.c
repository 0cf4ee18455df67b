#include "nickname.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plant.h"
#include "random.h"

enum { PER_WORD = 32, RANDOM_TRIES = 8 };

void nickname_destroy(struct nickname_list *list)
{
    for (size_t i = 0; list->names != NULL && i < list->count; i++) {
        free(list->names[i]);
    }
    free(list->names);
    free(list->used);
    *list = (struct nickname_list){0};
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* In order, each once. */
static void sort_names(struct nickname_list *list)
{
    size_t kept = 1;

    qsort(list->names, list->count, sizeof *list->names, compare_names);
    for (size_t i = 1; i < list->count; i++) {
        if (strcmp(list->names[i], list->names[kept - 1]) == 0) {
            free(list->names[i]);
        } else {
            list->names[kept++] = list->names[i];
        }
    }
    list->count = kept;
}

bool nickname_init(struct nickname_list *list, const char *const *names,
                   size_t count)
{
    *list = (struct nickname_list){.count = count};
    moor_store_relaxed(&list->ordinal, 1);
    if (count == 0) {
        return true;
    }
    list->names = calloc(count, sizeof *list->names);
    list->used = calloc((count + PER_WORD - 1) / PER_WORD, sizeof(moor_word));
    for (size_t i = 0; list->names != NULL && i < count; i++) {
        list->names[i] = strdup(names[i]);
        if (list->names[i] == NULL) {
            nickname_destroy(list);
            return false;
        }
    }
    if (list->names == NULL || list->used == NULL) {
        nickname_destroy(list);
        return false;
    }
    sort_names(list);
    return true;
}

enum taken { TAKEN, USED_BEFORE, LIST_MOVED_ON };

/* Marks name `which` as used in `ordinal`. */
static enum taken take(struct nickname_list *list, size_t which,
                       uint64_t ordinal)
{
    moor_word *word = &list->used[which / PER_WORD];
    uint64_t bit = UINT64_C(1) << (which % PER_WORD);
    uint64_t seen = moor_load_relaxed(word);

    for (;;) {
        uint64_t now = seen;

        if (now >> 32 > ordinal) {
            return LIST_MOVED_ON;
        }
        if (now >> 32 < ordinal) {
            now = ordinal << 32;
        }
        if ((now & bit) != 0) {
            return USED_BEFORE;
        }
        if (MOOR_PLANTED(45)) { /* look, then store */
            moor_store_relaxed(word, now | bit);
            return TAKEN;
        }
        if (moor_cas_relaxed(word, &seen, now | bit)) {
            return TAKEN;
        }
    }
}

/* A few tries anywhere, then one after the other. */
static enum taken take_any(struct nickname_list *list, uint64_t ordinal,
                           size_t *which)
{
    enum taken taken = USED_BEFORE;

    for (int i = 0; i < RANDOM_TRIES && taken == USED_BEFORE; i++) {
        *which = (size_t)(random_next() % list->count);
        taken = take(list, *which, ordinal);
    }
    for (size_t i = 0; i < list->count && taken == USED_BEFORE; i++) {
        *which = (*which + 1) % list->count;
        taken = take(list, *which, ordinal);
    }
    return taken;
}

static const char *suffix_of(uint64_t ordinal)
{
    uint64_t tens = ordinal / 10 % 10;

    if (tens == 1) {
        return "th";
    }
    switch (ordinal % 10) {
    case 1:
        return "st";
    case 2:
        return "nd";
    case 3:
        return "rd";
    default:
        return "th";
    }
}

static void write_name(const char *name, uint64_t ordinal,
                       char text[MOOR_NICKNAME_TEXT])
{
    if (ordinal == 1) {
        (void)snprintf(text, MOOR_NICKNAME_TEXT, "%s", name);
        return;
    }
    (void)snprintf(text, MOOR_NICKNAME_TEXT, "%s the %lu%s", name,
                   (unsigned long)ordinal, suffix_of(ordinal));
}

struct nickname_drawn nickname_draw(struct nickname_list *list,
                                    char text[MOOR_NICKNAME_TEXT])
{
    size_t which;
    uint64_t ordinal = moor_load_relaxed(&list->ordinal);

    for (;;) {
        enum taken taken = take_any(list, ordinal, &which);

        if (taken == TAKEN) {
            write_name(list->names[which], ordinal, text);
            return (struct nickname_drawn){which, ordinal};
        }
        if (taken == LIST_MOVED_ON) {
            ordinal = moor_load_relaxed(&list->ordinal);
            continue;
        }
        /* All used: start again.  A failed swap means that another did. */
        if (moor_cas_relaxed(&list->ordinal, &ordinal, ordinal + 1)) {
            ordinal++;
        }
    }
}

void nickname_put_back(struct nickname_list *list, struct nickname_drawn drawn)
{
    moor_word *word = &list->used[drawn.which / PER_WORD];
    uint64_t bit = UINT64_C(1) << (drawn.which % PER_WORD);
    uint64_t seen = moor_load_relaxed(word);

    while (seen >> 32 == drawn.ordinal &&
           !moor_cas_relaxed(word, &seen, seen & ~bit)) {
    }
}

void nickname_use(struct nickname_list *list, const char *name)
{
    char **found = list->count == 0
                       ? NULL
                       : bsearch(&name, list->names, list->count,
                                 sizeof *list->names, compare_names);

    while (found != NULL &&
           take(list, (size_t)(found - list->names),
                moor_load_relaxed(&list->ordinal)) == LIST_MOVED_ON) {
    }
}
