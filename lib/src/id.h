/*
 * Ids inside the books: two words, most significant first; and the making of
 * UUIDv7 (milliseconds since 1970 above, random below).
 */
#ifndef MOOR_ID_H
#define MOOR_ID_H

#include <string.h>

#include "moorage/agent.h"
#include "clock.h"
#include "random.h"

struct id_words {
    uint64_t high, low;
};

/* Most significant byte first: the bytes of a word, turned round. */
static inline struct id_words id_words_of(const moor_id *id)
{
    struct id_words words;

    memcpy(&words.high, id->bytes, 8);
    memcpy(&words.low, id->bytes + 8, 8);
    words.high = __builtin_bswap64(words.high);
    words.low = __builtin_bswap64(words.low);
    return words;
}

static inline moor_id id_of_words(struct id_words words)
{
    moor_id id;

    words.high = __builtin_bswap64(words.high);
    words.low = __builtin_bswap64(words.low);
    memcpy(id.bytes, &words.high, 8);
    memcpy(id.bytes + 8, &words.low, 8);
    return id;
}

static inline bool id_is_nil(struct id_words words)
{
    return (words.high | words.low) == 0;
}

static inline struct id_words id_make(void)
{
    struct id_words words;

    words.high = clock_unix_ms() << 16 | UINT64_C(0x7000) |
                 (random_next() & 0xfff);
    words.low = UINT64_C(1) << 63 | (random_next() >> 2);
    return words;
}

#endif
