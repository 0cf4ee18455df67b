/*
 * Hashes for the rivals: the library's own, with a random key for each set of
 * books, so that the choice of a hash favours nobody.
 */
#ifndef BENCH_RIVAL_KEY_H
#define BENCH_RIVAL_KEY_H

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <moorage/agent.h>

#include "hash.h"

static inline struct hash_key hash_key_make(void)
{
    struct hash_key key;

    if (getrandom(&key, sizeof key, 0) != (ssize_t)sizeof key) abort();
    return key;
}

static inline uint64_t hash_of_id(const struct hash_key *key,
                                  const moor_id *id)
{
    uint64_t words[2];

    memcpy(words, id, sizeof words);
    return hash_id(key, words[0], words[1]);
}

static inline bool hash_same_id(const moor_id *a, const moor_id *b)
{
    uint64_t left[2], right[2];

    memcpy(left, a, sizeof left);
    memcpy(right, b, sizeof right);
    return ((left[0] ^ right[0]) | (left[1] ^ right[1])) == 0;
}

#endif
