/*
 * Hashes: an implementation from the definition beside that of paths, and what
 * crowds of alike keys do to the buckets.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "random.h"

/* --- the path hash, from its definition ----------------------------------- */

/* Schoolbook multiplication, both halves folded. */
static uint64_t fold(uint64_t a, uint64_t b)
{
    uint64_t a0 = (uint32_t)a, a1 = a >> 32, b0 = (uint32_t)b, b1 = b >> 32;
    uint64_t low = a0 * b0, one = a1 * b0, two = a0 * b1, high = a1 * b1;
    uint64_t middle = (low >> 32) + (uint32_t)one + (uint32_t)two;

    low = middle << 32 | (uint32_t)low;
    high += (one >> 32) + (two >> 32) + (middle >> 32);
    return low ^ high;
}

static uint64_t word_at(const char *text, size_t at, size_t bytes)
{
    uint64_t word = 0;

    for (size_t i = 0; i < bytes; i++) {
        word |= (uint64_t)(unsigned char)text[at + i] << i * 8;
    }
    return word;
}

/* Words of 8 bytes, the last one filled up with zeros, two by two. */
static uint64_t defined(const uint64_t *k, const char *text, size_t length)
{
    uint64_t sum = k[0];

    for (size_t at = 0; at < length; at += 16) {
        size_t rest = length - at;
        uint64_t first = word_at(text, at, rest < 8 ? rest : 8);
        uint64_t second =
            rest <= 8 ? 0 : word_at(text, at + 8, rest < 16 ? rest - 8 : 8);

        sum = fold(first ^ k[1], second ^ sum);
    }
    return fold(sum ^ k[2], length ^ k[3]);
}

static void count_up(char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        bytes[i] = (char)i;
    }
}

static struct hash_key random_key(void)
{
    struct hash_key key;

    for (int i = 0; i < 4; i++) {
        key.word[i] = random_next();
    }
    return key;
}

Test(hash, text_is_as_defined_for_each_length_and_alignment)
{
    char bytes[1100];

    count_up(bytes, sizeof bytes);
    for (size_t length = 0; length <= 1024; length++) {
        struct hash_key key = random_key();
        const char *text = bytes + length % 9;

        uint64_t words[1024 / 8] = {0};

        cr_assert_eq(hash_text(&key, text, length),
                     defined(key.word, text, length), "length %zu", length);
        memcpy(words, text, length);
        cr_assert_eq(hash_words(&key, words, length),
                     hash_text(&key, text, length), "length %zu", length);
    }
}

/* Texts of their own size, for a sanitizer to see what is read beyond. */
Test(hash, words_of_a_text_at_each_offset)
{
    for (size_t length = 1; length <= 40; length++) {
        char *text = malloc(length);

        cr_assert_not_null(text);
        count_up(text, length);
        for (size_t at = 0; at < length; at++) {
            size_t rest = length - at;

            cr_assert_eq(hash_word_at(text, at, length),
                         word_at(text, at, rest < 8 ? rest : 8),
                         "%zu of %zu", at, length);
        }
        free(text);
    }
}

Test(hash, text_depends_on_each_bit_of_text_and_key)
{
    for (size_t length = 1; length <= 40; length++) {
        struct hash_key key = random_key();
        char bytes[40];
        uint64_t before;

        count_up(bytes, sizeof bytes);
        before = hash_text(&key, bytes, length);
        for (size_t bit = 0; bit < length * 8; bit++) {
            bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
            cr_expect_neq(hash_text(&key, bytes, length), before);
            bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
        }
        for (int word = 0; word < 4; word++) {
            key.word[word] ^= 1;
            cr_expect_neq(hash_text(&key, bytes, length), before);
            key.word[word] ^= 1;
        }
    }
}

/* A text and the same with zeros behind it differ by their length alone. */
Test(hash, text_depends_on_the_length)
{
    static const char zeros[64];
    struct hash_key key = random_key();

    for (size_t length = 1; length < sizeof zeros; length++) {
        cr_expect_neq(hash_text(&key, zeros, length),
                      hash_text(&key, zeros, length - 1));
    }
}

/* --- the id hash ---------------------------------------------------------- */

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

/* Names that are counted are the usual ones. */
Test(hash, alike_paths_do_not_crowd_a_bucket)
{
    for (int round = 0; round < KEYS; round++) {
        struct hash_key key = random_key();
        unsigned counts[BUCKETS] = {0};

        for (unsigned i = 0; i < BUCKETS * PER_BUCKET; i++) {
            char path[64];
            int length =
                snprintf(path, sizeof path, "/root/%s/agent_%u",
                         round % 2 == 0 ? "planner" : "a", i);
            uint64_t hash = hash_text(&key, path, (size_t)length);

            cr_assert_leq(++counts[hash % BUCKETS], CROWD);
        }
    }
}
