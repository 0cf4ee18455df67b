#include "plate.h"

#include "block.h"

/* Of each size, without header and turn.  The last takes the longest names. */
static const uint16_t words_in[PLATE_SIZES] = {2,  3,  4,  5,  6,  7,
                                               11, 15, 23, 31, 63, 151};

static struct arena *arena_of(const struct plates *plates, uint32_t size)
{
    return (struct arena *)moor_pointer_acquire(&plates->arenas[size]); /* A1 */
}

/* Sees to it that plates of that size can be had. */
static struct arena *have_arena(struct plates *plates, uint32_t size)
{
    struct arena *arena = arena_of(plates, size);
    void *seen = NULL;

    if (arena != NULL) {
        return arena;
    }
    arena = block_make(sizeof *arena);
    if (arena == NULL) {
        return arena_of(plates, size); /* another may have had more luck */
    }
    arena_init(arena, (2U + words_in[size]) * sizeof(moor_word),
               offsetof(struct plate, text), 1, LIFE_INDEX_MAX);
    if (!moor_pointer_cas(&plates->arenas[size], &seen, arena)) { /* A1 */
        block_free(arena, sizeof *arena);
        arena = (struct arena *)seen;
    }
    return arena;
}

static uint32_t size_of(uint64_t header)
{
    return (uint32_t)(header >> LIFE_INDEX_BITS) & 15;
}

struct plate *plate_take(struct plates *plates, uint32_t words)
{
    uint32_t size = 0;
    struct arena *arena;
    struct plate *plate;
    uint32_t index;

    while (words_in[size] < words) {
        size++;
    }
    arena = have_arena(plates, size);
    if (arena == NULL || !arena_take(arena, &index)) {
        return NULL;
    }
    plate = (struct plate *)arena_at(arena, index, arena->size);
    /* release, N1; no names yet. */
    moor_store_release(&plate->header,
                       (uint64_t)size << LIFE_INDEX_BITS | index);
    return plate;
}

void plate_give(struct plates *plates, struct plate *plate)
{
    uint64_t header = moor_load_relaxed(&plate->header); /* own */

    arena_give(arena_of(plates, size_of(header)),
               (uint32_t)(header & LIFE_INDEX_MAX));
}

void plate_destroy(struct plates *plates)
{
    for (uint32_t size = 0; size < PLATE_SIZES; size++) {
        struct arena *arena = arena_of(plates, size);

        if (arena != NULL) {
            arena_destroy(arena);
            block_free(arena, sizeof *arena);
        }
    }
}

uint32_t plate_capacity(const struct plate *plate)
{
    /* relaxed: the size is constant. */
    return words_in[size_of(moor_load_relaxed(&plate->header))];
}

/* --- writing -------------------------------------------------------------- */

moor_word *plate_write_text(moor_word *to, const char *text, size_t length)
{
    for (size_t at = 0; at < length; at += 8) {
        moor_store_release(to++, hash_word_at(text, at, length)); /* N1 */
    }
    return to;
}

void plate_add_nickname(struct plate *plate, const char *nickname,
                        uint32_t length)
{
    uint64_t header = moor_load_relaxed(&plate->header); /* own */

    (void)plate_write_text(plate->text +
                               plate_words(plate_path_length(header)) +
                               plate_words(plate_role_length(header)),
                           nickname, length);
    /* release, N1. */
    moor_store_release(&plate->header, header | (uint64_t)length << 50);
}

/* --- reading -------------------------------------------------------------- */

static void copy_text(const moor_word *from, char *text, size_t length)
{
    uint64_t word;

    for (; length >= 8; length -= 8, text += 8) {
        word = moor_load_acquire(from++); /* N1 */
        memcpy(text, &word, 8);
    }
    if (length > 0) {
        word = moor_load_acquire(from); /* N1 */
        memcpy(text, &word, length);
    }
}

void plate_copy_path(const struct plate *plate, uint64_t header, char *path)
{
    copy_text(plate->text, path, plate_path_length(header));
}

void plate_copy_role(const struct plate *plate, uint64_t header, char *role)
{
    copy_text(plate->text + plate_words(plate_path_length(header)), role,
              plate_role_length(header));
}

void plate_copy_nickname(const struct plate *plate, uint64_t header,
                         char *nickname)
{
    copy_text(plate->text + plate_words(plate_path_length(header)) +
                  plate_words(plate_role_length(header)),
              nickname, plate_nickname_length(header));
}
