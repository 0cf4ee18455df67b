/*
 * Hashes for the rivals: folded multiplication, the fastest of the good ones.
 * Not keyed, which spares the rivals what moorage pays for chosen ids.
 */
#ifndef BENCH_RIVAL_HASH_H
#define BENCH_RIVAL_HASH_H

#include <moorage/agent.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

__extension__ typedef unsigned __int128 hash_product;

static inline uint64_t hash_fold(uint64_t a, uint64_t b)
{
    hash_product product = (hash_product)a * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t hash_read(const char *from, size_t bytes)
{
    uint64_t word = 0;

    memcpy(&word, from, bytes);
    return word;
}

static inline uint64_t hash_of_id(const moor_id *id)
{
    const char *bytes = (const char *)id->bytes;

    return hash_fold(hash_read(bytes, 8) ^ 0x8bb84b93962eacc9U,
                     hash_read(bytes + 8, 8) ^ 0x2d358dccaa6c78a5U);
}

static inline uint64_t hash_of_path(const char *path, size_t length)
{
    uint64_t hash = 0x4b33a62ed433d4a3U ^ length;

    if (length < 16) {
        return hash_fold(hash ^ hash_read(path, length < 8 ? length : 8),
                         length > 8 ? hash_read(path + length - 8, 8) ^
                                          0x2d358dccaa6c78a5U
                                    : 0x2d358dccaa6c78a5U);
    }
    size_t at = 0;
    for (; at + 16 < length; at += 16) {
        hash = hash_fold(hash ^ hash_read(path + at, 8),
                         hash_read(path + at + 8, 8) ^ 0x8bb84b93962eacc9U);
    }
    return hash_fold(hash ^ hash_read(path + length - 16, 8),
                     hash_read(path + length - 8, 8) ^ 0x2d358dccaa6c78a5U);
}

static inline bool hash_same_id(const moor_id *a, const moor_id *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

#ifdef __cplusplus
}
#endif
#endif
