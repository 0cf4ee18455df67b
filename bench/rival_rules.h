/*
 * What every registry has to judge, before and while it spawns: one name, the
 * path that it makes below the parent's, an id that is not nil, and limits
 * that may be unlimited.  Names and ids are hashed with the library's own
 * keyed hashes (rival_key.h).
 *
 * The path that a look-up asks for is not judged, as moorage judges it: one
 * that is not well formed is just not found.
 */
#ifndef BENCH_RIVAL_RULES_H
#define BENCH_RIVAL_RULES_H

#include <time.h>

#include "rival.h"
#include "rival_key.h"

/* A spawn under way. */
struct rules_spawn {
    const struct rival_agent *agent;
    size_t name_length; /* 0: the name is not well formed */
    bool id_fine;
    uint64_t id_hash, path_hash;
    size_t length; /* of the path */
    uint32_t depth;
    char path[MOOR_PATH_MAX + 1];
};

static inline bool rules_name_byte(unsigned char byte)
{
    /* '0' to '9'; '_' and 'a' to 'z' */
    static const uint64_t fine[2] = { UINT64_C(0x3ff) << 48,
                                      UINT64_C(0x3ffffff) << 33 |
                                          UINT64_C(1) << 31 };

    return byte < 128 && (fine[byte / 64] >> (byte % 64) & 1) != 0;
}

/* The length of a name that is well formed, else 0. */
static inline size_t rules_name_length(const char *name)
{
    size_t length = 0;

    while (rules_name_byte((unsigned char)name[length])) {
        if (++length > MOOR_SEGMENT_MAX) return 0;
    }
    if (name[length] != '\0') return 0;
    return length == 4 && memcmp(name, "root", 4) == 0 ? 0 : length;
}

static inline bool rules_id_is_nil(const moor_id *id)
{
    static const moor_id nil = { { 0 } };

    return hash_same_id(id, &nil);
}

/* What needs no lock; a null key: no hash. */
static inline void rules_begin(struct rules_spawn *spawn,
                               const struct hash_key *key,
                               const struct rival_agent *agent)
{
    spawn->agent = agent;
    spawn->name_length = rules_name_length(agent->name);
    spawn->id_fine = !rules_id_is_nil(&agent->id);
    spawn->id_hash = key == NULL ? 0 : hash_of_id(key, &agent->id);
}

/* Writes the path below a parent of that path and depth; false: the name, or
 * the whole path, is not well formed. */
static inline bool rules_compose(struct rules_spawn *spawn, const char *above,
                                 size_t above_length, uint32_t above_depth)
{
    const size_t length = above_length + 1 + spawn->name_length;

    if (spawn->name_length == 0 || length > MOOR_PATH_MAX ||
        above_depth + 2 > MOOR_SEGMENTS_MAX) {
        return false;
    }
    memcpy(spawn->path, above, above_length);
    spawn->path[above_length] = '/';
    memcpy(spawn->path + above_length + 1, spawn->agent->name,
           spawn->name_length + 1);
    spawn->length = length;
    spawn->depth = above_depth + 1;
    return true;
}

static inline void rules_hash_path(struct rules_spawn *spawn,
                                   const struct hash_key *key)
{
    spawn->path_hash = hash_text(key, spawn->path, spawn->length);
}

static inline bool rules_reached(uint32_t limit, uint64_t used)
{
    return limit != MOOR_UNLIMITED && used >= limit;
}

/* By this an admission is stamped, and by its number. */
static inline uint64_t rules_clock_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

#endif
