/*
 * Inputs by chance: what the driver makes of a corpus without the help of a
 * compiler.  One seed makes one row of inputs.
 */
#ifndef FUZZ_MUTATE_H
#define FUZZ_MUTATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes {
    uint8_t *at;
    size_t size;
};

/* Inputs, or the words of a dictionary. */
struct pool {
    struct bytes *all;
    size_t count;
};

void pool_add(struct pool *pool, const uint8_t *at, size_t size);
/* All files below a folder, or one file; false: errno says why. */
bool pool_read(struct pool *pool, const char *path);
/* The quoted words of a dictionary, as libFuzzer and AFL++ read it. */
bool pool_read_words(struct pool *pool, const char *file);
void pool_free(struct pool *pool);

struct chance {
    uint64_t state;
};

uint64_t chance_next(struct chance *chance);

/* Writes an input of at most `room` bytes, made from the corpus or of chance
 * alone; answers its size. */
size_t mutate(struct chance *chance, const struct pool *corpus,
              const struct pool *words, uint8_t *to, size_t room);

#endif
