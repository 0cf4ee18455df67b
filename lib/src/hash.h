/*
 * Keyed hashes.  Ids and paths come from outside and may be chosen, so both
 * are hashed with a random key of the registry: nobody who does not know it can
 * crowd a bucket.
 *
 *   id    multilinear modulo 2^128, the upper half: strongly universal; then a
 *         mix, because ids that count up would still crowd some buckets
 *   path  products of 16 bytes each, blinded by secret words and folded
 */
#ifndef MOOR_HASH_H
#define MOOR_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

__extension__ typedef unsigned __int128 hash_wide;

struct hash_key {
    uint64_t word[6];
};

static inline hash_wide hash_widen(uint64_t high, uint64_t low)
{
    return ((hash_wide)high << 64) | low;
}

/* A bijection that leaves no arithmetic progression as it is. */
static inline uint64_t hash_mix(uint64_t x)
{
    x ^= x >> 32;
    x *= 0xd6e8feb86659fd93U;
    x ^= x >> 32;
    x *= 0xd6e8feb86659fd93U;
    return x ^ (x >> 32);
}

static inline uint64_t hash_id(const struct hash_key *key, uint64_t high,
                               uint64_t low)
{
    hash_wide sum = hash_widen(key->word[0], key->word[1]) * high +
                    hash_widen(key->word[2], key->word[3]) * low +
                    hash_widen(key->word[4], key->word[5]);

    return hash_mix((uint64_t)(sum >> 64));
}

/* Both halves of the product, folded into one. */
static inline uint64_t hash_fold(uint64_t a, uint64_t b)
{
    hash_wide product = (hash_wide)a * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t hash_word(const char *text)
{
    uint64_t word;

    memcpy(&word, text, sizeof word);
    return word;
}

/* Up to 7 bytes, as two reads that may overlap and one byte at each end. */
static inline uint64_t hash_few(const char *text, size_t length)
{
    const unsigned char *at = (const unsigned char *)text;
    uint32_t first, last;

    if (length >= 4) {
        memcpy(&first, text, 4);
        memcpy(&last, text + length - 4, 4);
        return (uint64_t)first << 32 | last;
    }
    return length == 0 ? 0
                       : (uint64_t)at[0] << 16 | (uint64_t)at[length / 2] << 8 |
                             at[length - 1];
}

static inline uint64_t hash_text(const struct hash_key *key, const char *text,
                                 size_t length)
{
    const uint64_t *k = key->word;
    const char *end = text + length;
    uint64_t sum = k[0], first, last;

    for (; end - text > 16; text += 16) {
        sum = hash_fold(hash_word(text) ^ k[1], hash_word(text + 8) ^ sum);
    }
    if (length >= 16) {
        first = hash_word(end - 16);
        last = hash_word(end - 8);
    } else if (length >= 8) {
        first = hash_word(text);
        last = hash_word(end - 8);
    } else {
        first = hash_few(text, length);
        last = 0;
    }
    sum = hash_fold(first ^ k[2], last ^ sum);
    return hash_fold(sum ^ k[3], length ^ k[4]);
}

#endif
