#include "plate.h"

#include "block.h"

/* Of each size, without the header.  The last one takes the longest names. */
static const uint16_t words_in[PLATE_SIZES] = {2, 3,  4,  5,  6,  7,  9,
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

static moor_word *write_text(moor_word *to, const char *text, size_t length)
{
    size_t at = 0;

    for (; at + 8 <= length; at += 8) {
        moor_store_release(to++, hash_word(text + at)); /* N1 */
    }
    if (at < length) {
        moor_store_release(to++, hash_tail(text, length)); /* N1 */
    }
    return to;
}

static moor_word *write_words(moor_word *to, const uint64_t *words,
                              uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        moor_store_release(to++, words[i]); /* N1 */
    }
    return to;
}

void plate_write(struct plate *plate, const struct plate_names *names)
{
    uint64_t own = moor_load_relaxed(&plate->header) & /* own */
                   ((UINT64_C(1) << 32) - 1);
    moor_word *at = plate->text;

    moor_store_release(&plate->header,
                       own | (uint64_t)names->path_length << 32 |
                           (uint64_t)names->role_length << 43 |
                           (uint64_t)names->nickname_length << 50 |
                           (uint64_t)names->segments << 57); /* N1 */
    at = write_words(at, names->path, plate_words(names->path_length));
    at = write_text(at, names->role, names->role_length);
    (void)write_text(at, names->nickname, names->nickname_length);
}

void plate_add_nickname(struct plate *plate, const char *nickname,
                        uint32_t length)
{
    uint64_t header = moor_load_relaxed(&plate->header); /* own */

    (void)write_text(plate->text + plate_words(plate_path_length(header)) +
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
