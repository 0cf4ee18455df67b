/*
 * Hashes: published values, an implementation of its own kind beside each, and
 * what crowds of alike keys do to the buckets.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "hash.h"
#include "random.h"

/* --- SipHash-1-3, from its definition ------------------------------------- */

struct sip {
    uint64_t a, b, c, d;
};

static uint64_t turn_left(uint64_t x, unsigned by)
{
    return x << by | x >> (64 - by);
}

static void sip_round(struct sip *s)
{
    s->a += s->b;
    s->c += s->d;
    s->b = turn_left(s->b, 13) ^ s->a;
    s->d = turn_left(s->d, 16) ^ s->c;
    s->a = turn_left(s->a, 32);
    s->c += s->b;
    s->a += s->d;
    s->b = turn_left(s->b, 17) ^ s->c;
    s->d = turn_left(s->d, 21) ^ s->a;
    s->c = turn_left(s->c, 32);
}

/* Byte by byte: the message, then zeros, the last byte is the length. */
static uint64_t sip13(uint64_t k0, uint64_t k1, const uint8_t *bytes,
                      size_t length)
{
    struct sip s = {k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d,
                    k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573};
    size_t padded = (length / 8 + 1) * 8;
    uint64_t word = 0;

    for (size_t i = 0; i < padded; i++) {
        uint64_t byte = i < length        ? bytes[i]
                        : i == padded - 1 ? length & 0xff
                                          : 0;

        word |= byte << i % 8 * 8;
        if (i % 8 != 7) continue;
        s.d ^= word;
        sip_round(&s);
        s.a ^= word;
        word = 0;
    }
    s.c ^= 0xff;
    for (int i = 0; i < 3; i++) {
        sip_round(&s);
    }
    return s.a ^ s.b ^ s.c ^ s.d;
}

/* The values for the bytes 0, 1, 2, ... that other implementations publish:
 * under the key 00 01 .. 0f, and under the key of zeros. */
static const struct vector {
    size_t length;
    uint64_t counted_key, zero_key;
} vectors[] = {
    {0, 0xabac0158050fc4dc, 0xd1fba762150c532c},
    {1, 0xc9f49bf37d57ca93, 0x68a914128e01e473},
    {7, 0xd3927d989bb11140, 0x2f098ab0c751325a},
    {8, 0x369095118d299a8e, 0xead411e67ebe2eea},
    {9, 0x25a48eb36c063de4, 0x75927f9d95124362},
    {15, 0xd320d86d2a519956, 0xf30eb725bb91c9ea},
    {16, 0xcc4fdd1a7d908b66, 0x8972188433a5c5b7},
    {63, 0x9d199062b7bbb3a8, 0x385d3e39e5f37359},
};

static const struct hash_key counted = {
    {0x0706050403020100, 0x0f0e0d0c0b0a0908}};
static const struct hash_key zeros = {{0}};

static void count_up(char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        bytes[i] = (char)i;
    }
}

Test(hash, text_gives_the_published_values)
{
    char bytes[64];

    count_up(bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        cr_expect_eq(hash_text(&counted, bytes, vectors[i].length),
                     vectors[i].counted_key, "length %zu", vectors[i].length);
        cr_expect_eq(hash_text(&zeros, bytes, vectors[i].length),
                     vectors[i].zero_key, "length %zu", vectors[i].length);
    }
    cr_expect_eq(hash_text(&zeros, "siphash", 7), 0x8264ceeccb16bcbe);
}

Test(hash, text_is_siphash_for_each_length_and_alignment)
{
    char bytes[1100];

    count_up(bytes, sizeof bytes);
    for (size_t length = 0; length <= 1024; length++) {
        struct hash_key key = {{random_next(), random_next()}};
        const char *text = bytes + length % 9;

        cr_assert_eq(
            hash_text(&key, text, length),
            sip13(key.word[0], key.word[1], (const uint8_t *)text, length),
            "length %zu", length);
    }
}

Test(hash, text_depends_on_each_bit)
{
    char bytes[40];
    uint64_t before;

    count_up(bytes, sizeof bytes);
    before = hash_text(&counted, bytes, sizeof bytes);
    for (size_t bit = 0; bit < sizeof bytes * 8; bit++) {
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
        cr_expect_neq(hash_text(&counted, bytes, sizeof bytes), before);
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
    }
    for (int half = 0; half < 2; half++) {
        struct hash_key key = counted;

        key.word[half] ^= 1;
        cr_expect_neq(hash_text(&key, bytes, sizeof bytes), before);
    }
}

/* --- the id hash ---------------------------------------------------------- */

static struct hash_key random_key(void)
{
    struct hash_key key;

    for (int i = 0; i < 6; i++) {
        key.word[i] = random_next();
    }
    return key;
}

Test(hash, id_depends_on_each_bit)
{
    for (int round = 0; round < 100; round++) {
        struct hash_key key = random_key();
        uint64_t high = random_next(), low = random_next();
        uint64_t before = hash_id(&key, high, low);

        cr_assert_eq(hash_id(&key, high, low), before);
        for (int bit = 0; bit < 64; bit++) {
            uint64_t turned = UINT64_C(1) << bit;

            cr_expect_neq(hash_id(&key, high ^ turned, low), before);
            cr_expect_neq(hash_id(&key, high, low ^ turned), before);
        }
    }
}

/* Whoever counts his ids, in whichever bits, must not crowd a bucket, whatever
 * the key: a bucket has only so many slots. */
enum { BUCKETS = 256, PER_BUCKET = 4, CROWD = 24, KEYS = 200 };

static unsigned most_crowded(const struct hash_key *key, bool in_high,
                             unsigned shift)
{
    unsigned counts[BUCKETS] = {0};
    unsigned most = 0;

    for (uint64_t i = 0; i < BUCKETS * PER_BUCKET; i++) {
        uint64_t word = i << shift;
        uint64_t hash = in_high ? hash_id(key, word, 5) : hash_id(key, 5, word);
        unsigned *count = &counts[hash % BUCKETS];

        (*count)++;
        most = *count > most ? *count : most;
    }
    return most;
}

Test(hash, alike_ids_do_not_crowd_a_bucket)
{
    for (int round = 0; round < KEYS; round++) {
        struct hash_key key = random_key();

        for (unsigned shift = 0; shift <= 54; shift += 9) {
            cr_assert_leq(most_crowded(&key, false, shift), CROWD);
            cr_assert_leq(most_crowded(&key, true, shift), CROWD);
        }
    }
}

Test(hash, different_keys_scatter_the_same_ids)
{
    struct hash_key one = random_key(), other = random_key();
    int same = 0;

    for (uint64_t i = 0; i < 1000; i++) {
        same +=
            hash_id(&one, 0, i) % BUCKETS == hash_id(&other, 0, i) % BUCKETS;
    }
    cr_assert_lt(same, 100);
}
