/*
 * Keyed hashes.  Ids and paths come from outside and may be chosen, so both
 * are hashed with a random key of the registry: nobody who does not know it can
 * crowd a bucket.
 *
 *   id    the product of its two words, each blinded by a secret one, folded,
 *         and once more: ids that count up would crowd some buckets otherwise
 *   path  the same, two words after two
 */
#ifndef MOOR_HASH_H
#define MOOR_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

__extension__ typedef unsigned __int128 hash_wide;

struct hash_key {
    uint64_t word[4];
};

/* Both halves of the product, folded into one. */
static inline uint64_t hash_fold(uint64_t a, uint64_t b)
{
    hash_wide product = (hash_wide)a * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t hash_id(const struct hash_key *key, uint64_t high,
                               uint64_t low)
{
    uint64_t sum = hash_fold(high ^ key->word[0], low ^ key->word[1]);

    return hash_fold(sum ^ key->word[2], key->word[3]);
}

/*
 * A text as words of 8 bytes, the last one filled up with zeros: what is not
 * in that form is read so.
 */
static inline uint64_t hash_word(const char *text)
{
    uint64_t word;

    memcpy(&word, text, sizeof word);
    return word;
}

/* The word of 1 to 7 bytes, in two or three looks that may overlap. */
static inline uint64_t hash_few(const char *text, size_t bytes)
{
    const unsigned char *at = (const unsigned char *)text;
    uint32_t first, last;

    if (bytes < 4) {
        return at[0] | (uint64_t)at[bytes / 2] << 8 * (bytes / 2) |
               (uint64_t)at[bytes - 1] << 8 * (bytes - 1);
    }
    memcpy(&first, text, sizeof first);
    memcpy(&last, text + bytes - 4, sizeof last);
    return first | (uint64_t)last << 8 * (bytes - 4);
}

/* The word that begins at `at`, before the text's end.  What is less than a
 * word comes of one look at the last 8 bytes, where there are so many. */
static inline uint64_t hash_word_at(const char *text, size_t at, size_t length)
{
    if (at + 8 <= length) {
        return hash_word(text + at);
    }
    if (length >= 8) {
        return hash_word(text + length - 8) >> 8 * (at + 8 - length);
    }
    return hash_few(text + at, length - at);
}

/* The word of the last bytes, up to 7. */
static inline uint64_t hash_tail(const char *text, size_t length)
{
    return length % 8 == 0 ? 0
                           : hash_word_at(text, length - length % 8, length);
}

static inline uint64_t hash_begin(const struct hash_key *key)
{
    return key->word[0];
}

static inline uint64_t hash_pair(const struct hash_key *key, uint64_t sum,
                                 uint64_t first, uint64_t second)
{
    return hash_fold(first ^ key->word[1], second ^ sum);
}

static inline uint64_t hash_end(const struct hash_key *key, uint64_t sum,
                                size_t length)
{
    return hash_fold(sum ^ key->word[2], length ^ key->word[3]);
}

static inline uint64_t hash_text(const struct hash_key *key, const char *text,
                                 size_t length)
{
    uint64_t sum = hash_begin(key);
    size_t at = 0;

    for (; at + 16 <= length; at += 16) {
        sum = hash_pair(key, sum, hash_word(text + at),
                        hash_word(text + at + 8));
    }
    if (at < length) {
        sum = hash_pair(key, sum, hash_word_at(text, at, length),
                        at + 8 < length ? hash_word_at(text, at + 8, length)
                                        : 0);
    }
    return hash_end(key, sum, length);
}

/* The same of a text that is words already. */
static inline uint64_t hash_words(const struct hash_key *key,
                                  const uint64_t *words, size_t length)
{
    uint64_t sum = hash_begin(key);
    size_t count = (length + 7) / 8;

    for (size_t i = 0; i < count; i += 2) {
        sum = hash_pair(key, sum, words[i], i + 1 < count ? words[i + 1] : 0);
    }
    return hash_end(key, sum, length);
}

#endif
