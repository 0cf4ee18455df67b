#include "text.h"

#include <stdlib.h>
#include <string.h>

#include "word.h"

static const char *const fixed[WORD_TEXTS_FIXED] = {
    [WORD_NO_TEXT] = "",
    [WORD_TEXT_DIED] = "died",
    [WORD_TEXT_LEASE] = "lease expired",
};

/* Those that need no memory have the first group of the arena. */
enum { FIRST_TEXT = ARENA_GROUP };

_Static_assert((int)FIRST_TEXT >= (int)WORD_TEXTS_FIXED, "beyond the fixed");

void text_init(struct arena *texts)
{
    arena_init(texts, sizeof(struct text_cell),
               offsetof(struct text_cell, link), FIRST_TEXT,
               (uint32_t)WORD_TEXT);
}

static struct text_cell *cell_at(const struct arena *texts, uint32_t index)
{
    return (struct text_cell *)arena_at(texts, index,
                                        sizeof(struct text_cell));
}

void text_destroy(struct arena *texts)
{
    uint32_t end = arena_end(texts);

    for (uint32_t i = FIRST_TEXT; i < end; i++) {
        free(moor_pointer_relaxed(&cell_at(texts, i)->text)); /* alone */
    }
    arena_destroy(texts);
}

bool text_make(struct arena *texts, const char *bytes, size_t length,
               uint32_t *index)
{
    struct text *text;

    *index = WORD_NO_TEXT;
    if (length == 0) {
        return true;
    }
    text = length > SIZE_MAX - sizeof *text ? NULL
                                            : malloc(sizeof *text + length);
    if (text == NULL) {
        return false;
    }
    text->length = length;
    memcpy(text->bytes, bytes, length);
    if (!arena_take(texts, index)) {
        free(text);
        return false;
    }
    /* release, X1; readers that still look for a former text of this cell
     * take this one and find the state word changed. */
    moor_pointer_release(&cell_at(texts, *index)->text, text);
    return true;
}

void text_drop(struct arena *texts, uint32_t index)
{
    if (index < WORD_TEXTS_FIXED) {
        return;
    }
    reclaim_retire(moor_pointer_exchange(&cell_at(texts, index)->text, NULL));
    arena_give(texts, index);
}

void text_look(const struct arena *texts, uint32_t index, const char **bytes,
               size_t *length)
{
    const struct text *text = NULL;

    *bytes = fixed[index < WORD_TEXTS_FIXED ? index : WORD_NO_TEXT];
    *length = strlen(*bytes);
    if (index >= WORD_TEXTS_FIXED) {
        text = moor_pointer_acquire(&cell_at(texts, index)->text); /* X1 */
    }
    if (text != NULL) {
        *bytes = text->bytes;
        *length = text->length;
    }
}
