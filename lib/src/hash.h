/*
 * Keyed hashes.  Ids and paths come from outside and may be chosen, so both
 * are hashed with a random key of the registry: nobody who does not know it can
 * crowd a bucket.
 *
 *   id    multilinear modulo 2^128, the upper half: strongly universal; then a
 *         mix, because ids that count up would still crowd some buckets
 *   path  SipHash-1-3
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

static inline uint64_t hash_rotate(uint64_t x, int by)
{
    return (x << by) | (x >> (64 - by));
}

static inline void hash_sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = hash_rotate(v[1], 13) ^ v[0];
    v[0] = hash_rotate(v[0], 32);
    v[2] += v[3];
    v[3] = hash_rotate(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = hash_rotate(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = hash_rotate(v[1], 17) ^ v[2];
    v[2] = hash_rotate(v[2], 32);
}

static inline uint64_t hash_text(const struct hash_key *key, const char *text,
                                 size_t length)
{
    uint64_t v[4] = {key->word[0] ^ 0x736f6d6570736575U,
                     key->word[1] ^ 0x646f72616e646f6dU,
                     key->word[0] ^ 0x6c7967656e657261U,
                     key->word[1] ^ 0x7465646279746573U};
    uint64_t word;
    size_t at = 0;

    for (; at + 8 <= length; at += 8) {
        memcpy(&word, text + at, 8);
        v[3] ^= word;
        hash_sip_round(v);
        v[0] ^= word;
    }
    word = 0;
    memcpy(&word, text + at, length - at);
    word |= (uint64_t)length << 56;
    v[3] ^= word;
    hash_sip_round(v);
    v[0] ^= word;
    v[2] ^= 0xff;
    hash_sip_round(v);
    hash_sip_round(v);
    hash_sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

#endif
