/*
 * Nameplates: path, role and nickname of one agent; and the turn of its last
 * admission, which few calls look at.
 *
 * Type-stable, like the record that a plate hangs on: it is written anew for
 * the next tenant and not freed while the registry lives; so a look at a plate
 * is never a look at foreign memory, and a record keeps its plate as long as it
 * is large enough.  All of it is words, because late readers may look while it
 * is written anew: they look at the record's state again afterwards and drop
 * what they read if the life has changed.
 *
 * Plates come in a few sizes, the small ones close together: a header, the
 * turn, then path, role and nickname, each from a word's begin, without NUL.
 *
 *   62      57 56      50 49  43 42  32 31  28 27     0
 *   +---------+----------+------+------+------+-------+
 *   |segments | nickname | role | path | size | index |
 *   +---------+----------+------+------+------+-------+
 *
 * Lengths in bytes; size and index are the plate's own and constant, so whoever
 * reads a length never reads beyond that plate.
 *
 *   pair  release side     acquire side  what it carries
 *   N1    a store of a word  a load of it  that the state word has moved on, if
 *                                          it is the next tenant's
 */
#ifndef MOOR_PLATE_H
#define MOOR_PLATE_H

#include <stddef.h>

#include "arena.h"
#include "hash.h"

enum { PLATE_SIZES = 12, PLATE_FEWEST_WORDS = 3 };

struct plate {
    moor_word header;
    moor_word turn; /* of the record's last admission */
    moor_word text[]; /* text[0] is the arena's link while it is vacant */
};

/* All plates of a registry: an arena for each size, made when it is needed. */
struct plates {
    moor_pointer arenas[PLATE_SIZES];
};

/* What stands on a plate. */
struct plate_names {
    const uint64_t *path; /* as words, see hash.h */
    const char *role, *nickname;
    uint32_t path_length, role_length, nickname_length;
    uint32_t segments; /* of the path */
};

static inline uint32_t plate_words(uint32_t bytes)
{
    return (bytes + 7) / 8;
}

static inline uint32_t plate_path_length(uint64_t header)
{
    return (uint32_t)(header >> 32) & 0x7ff;
}

static inline uint32_t plate_role_length(uint64_t header)
{
    return (uint32_t)(header >> 43) & 0x7f;
}

static inline uint32_t plate_nickname_length(uint64_t header)
{
    return (uint32_t)(header >> 50) & 0x7f;
}

static inline uint32_t plate_segments(uint64_t header)
{
    return (uint32_t)(header >> 57) & 0x3f;
}

static inline uint64_t plate_header(const struct plate *plate)
{
    return moor_load_acquire(&plate->header); /* N1 */
}

/* The words that names of these lengths take. */
static inline uint32_t plate_words_for(uint32_t path, uint32_t role,
                                  uint32_t nickname)
{
    return plate_words(path) + plate_words(role) + plate_words(nickname);
}

/* A plate with room for so many words; null: no memory.  Lock-free. */
struct plate *plate_take(struct plates *plates, uint32_t words);

/* It hangs on no record any more.  Lock-free. */
void plate_give(struct plates *plates, struct plate *plate);

/* Nobody else may use them any more. */
void plate_destroy(struct plates *plates);

/* How many words there is room for. */
uint32_t plate_capacity(const struct plate *plate);

/* Writes a text from there on; where the next one begins. */
moor_word *plate_write_text(moor_word *to, const char *text, size_t length);

/* Writes the nickname, where none is so far. */
void plate_add_nickname(struct plate *plate, const char *nickname,
                        uint32_t length);

/* Copies out of a plate, as of the header that was read of it. */
void plate_copy_path(const struct plate *plate, uint64_t header, char *path);
void plate_copy_role(const struct plate *plate, uint64_t header, char *role);
void plate_copy_nickname(const struct plate *plate, uint64_t header,
                         char *nickname);

/* Writes them; by the thread that makes the admission. */
static inline void plate_write(struct plate *plate,
                               const struct plate_names *names)
{
    uint64_t own = moor_load_relaxed(&plate->header) & /* own */
                   ((UINT64_C(1) << 32) - 1);
    uint32_t count = plate_words(names->path_length);

    moor_store_release(&plate->header,
                       own | (uint64_t)names->path_length << 32 |
                           (uint64_t)names->role_length << 43 |
                           (uint64_t)names->nickname_length << 50 |
                           (uint64_t)names->segments << 57); /* N1 */
    for (uint32_t i = 0; i < count; i++) {
        moor_store_release(&plate->text[i], names->path[i]); /* N1 */
    }
    if ((names->role_length | names->nickname_length) != 0) {
        moor_word *at = plate_write_text(plate->text + count, names->role,
                                         names->role_length);

        (void)plate_write_text(at, names->nickname, names->nickname_length);
    }
}

/* Is that the path? */
static inline bool plate_has_path(const struct plate *plate, const char *path,
                                  size_t length)
{
    const moor_word *word = plate->text;
    uint64_t different = 0;

    if (plate_path_length(plate_header(plate)) != length) {
        return false;
    }
    for (size_t at = 0; at < length; at += 8) {
        different |= hash_word_at(path, at, length) ^
                     moor_load_acquire(word++); /* N1 */
    }
    return different == 0;
}

/* The hash of the path; if it is written anew meanwhile, any. */
static inline uint64_t plate_path_hash(const struct plate *plate,
                                       const struct hash_key *key)
{
    size_t length = plate_path_length(plate_header(plate));
    const moor_word *word = plate->text;
    uint64_t sum = hash_begin(key);

    for (size_t left = plate_words((uint32_t)length); left > 0;) {
        uint64_t first = moor_load_acquire(word++); /* N1 */
        uint64_t second = 0;

        left--;
        if (left > 0) {
            second = moor_load_acquire(word++); /* N1 */
            left--;
        }
        sum = hash_pair(key, sum, first, second);
    }
    return hash_end(key, sum, length);
}

/* Copies the path as words, the last one filled up. */
static inline void plate_copy_words(const struct plate *plate, uint64_t header,
                                    uint64_t *words)
{
    uint32_t count = plate_words(plate_path_length(header));

    for (uint32_t i = 0; i < count; i++) {
        words[i] = moor_load_acquire(&plate->text[i]); /* N1 */
    }
}

#endif
