/*
 * Ids: text and back, every malformed kind, words and bytes, and the bits that
 * make a UUIDv7.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "id.h"

static const char good[] = "0190b5c2-7e1f-7abc-8def-0123456789ab";
static const uint8_t good_bytes[16] = {0x01, 0x90, 0xb5, 0xc2, 0x7e, 0x1f,
                                       0x7a, 0xbc, 0x8d, 0xef, 0x01, 0x23,
                                       0x45, 0x67, 0x89, 0xab};

Test(id, parses_most_significant_byte_first)
{
    moor_id id;

    cr_assert_eq(moor_id_parse(good, &id), MOOR_OK);
    cr_assert_eq(memcmp(id.bytes, good_bytes, 16), 0);
}

Test(id, either_case_is_the_same_number)
{
    moor_id id;

    cr_assert_eq(moor_id_parse("0190B5C2-7e1F-7ABC-8dEF-0123456789Ab", &id),
                 MOOR_OK);
    cr_assert_eq(memcmp(id.bytes, good_bytes, 16), 0);
}

Test(id, formats_36_lower_case_characters_and_a_nul)
{
    char text[MOOR_ID_TEXT];
    moor_id id;

    memset(text, 'x', sizeof text);
    memcpy(id.bytes, good_bytes, 16);
    moor_id_format(id, text);
    cr_assert_str_eq(text, good);
    cr_assert_eq(strlen(text), 36);
}

Test(id, nil_formats_as_zeros)
{
    char text[MOOR_ID_TEXT];

    moor_id_format((moor_id){{0}}, text);
    cr_assert_str_eq(text, "00000000-0000-0000-0000-000000000000");
}

Test(id, each_single_bit_survives)
{
    for (int bit = 0; bit < 128; bit++) {
        char text[MOOR_ID_TEXT];
        moor_id id = {{0}};
        moor_id back;

        id.bytes[bit / 8] = (uint8_t)(1 << bit % 8);
        moor_id_format(id, text);
        cr_assert_eq(moor_id_parse(text, &back), MOOR_OK, "bit %d", bit);
        cr_assert_eq(memcmp(&id, &back, 16), 0, "bit %d", bit);
    }
}

static void bad(const char *text)
{
    moor_id id;

    memset(&id, 0x5a, sizeof id);
    cr_expect_eq(moor_id_parse(text, &id), MOOR_BAD_ID, "\"%s\"", text);
    for (int i = 0; i < 16; i++) {
        cr_expect_eq(id.bytes[i], 0x5a, "written although bad");
    }
}

Test(id, malformed_ones_are_bad)
{
    static const char *const texts[] = {
        "",
        "0",
        "00000000-0000-0000-0000-000000000000",  /* nil */
        "0190b5c27e1f7abc8def0123456789ab",      /* no dashes */
        "0190b5c2-7e1f-7abc-8def-0123456789a",   /* short */
        "0190b5c2-7e1f-7abc-8def-0123456789abc", /* long */
        "0190b5c2-7e1f-7abc-8def-0123456789ab ", /* a blank after it */
        " 0190b5c2-7e1f-7abc-8def-0123456789a",
        "{190b5c2-7e1f-7abc-8def-0123456789a}",
        "0190b5c27-e1f-7abc-8def-0123456789ab", /* a dash too late */
        "0190b5c-27e1f-7abc-8def-0123456789ab", /* and too early */
        "0190b5c2_7e1f_7abc_8def_0123456789ab",
        "0190b5c2-7e1f-7abc-8def-0123456789ag",
        "0190b5c2-7e1f-7abc-8def-0123456789a\xc3\xa4",
        "0x90b5c2-7e1f-7abc-8def-0123456789ab",
        "+190b5c2-7e1f-7abc-8def-0123456789ab",
        "0190b5c2-7e1f-7abc-8def-0123456789a\n",
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        bad(texts[i]);
    }
}

/* Each character in turn becomes something that it may not be. */
Test(id, no_place_takes_a_foreign_character)
{
    for (int at = 0; at < 36; at++) {
        static const char foreign[] = "gG-/:@`{ \t\x80\xff";

        for (const char *c = foreign; *c != '\0'; c++) {
            char text[MOOR_ID_TEXT];

            memcpy(text, good, sizeof text);
            if (text[at] == *c) continue;
            text[at] = *c;
            bad(text);
        }
    }
}

/* The text may end anywhere; nothing behind its end is read. */
Test(id, a_text_may_end_early)
{
    for (size_t length = 0; length < 36; length++) {
        char *text = malloc(length + 1);

        cr_assert_not_null(text);
        memcpy(text, good, length);
        text[length] = '\0';
        bad(text);
        free(text);
    }
}

Test(id, null_is_a_bad_argument)
{
    moor_id id;

    cr_expect_eq(moor_id_parse(NULL, &id), MOOR_BAD_ARGUMENT);
    cr_expect_eq(moor_id_parse(good, NULL), MOOR_BAD_ARGUMENT);
}

Test(id, words_are_big_endian_and_come_back)
{
    struct id_words words;
    moor_id id, back;

    memcpy(id.bytes, good_bytes, 16);
    words = id_words_of(&id);
    cr_assert_eq(words.high, 0x0190b5c27e1f7abc);
    cr_assert_eq(words.low, 0x8def0123456789ab);
    back = id_of_words(words);
    cr_assert_eq(memcmp(&id, &back, 16), 0);
}

Test(id, only_zero_is_nil)
{
    cr_assert(id_is_nil((struct id_words){0, 0}));
    cr_assert_not(id_is_nil((struct id_words){1, 0}));
    cr_assert_not(id_is_nil((struct id_words){0, 1}));
    cr_assert_not(id_is_nil((struct id_words){UINT64_C(1) << 63, 0}));
}

/* RFC 9562: 48 bits of milliseconds since 1970, version 7, variant 10. */
Test(id, made_ones_are_uuid_version_7)
{
    struct timespec now;
    uint64_t ones = 0, zeros = 0;

    clock_gettime(CLOCK_REALTIME, &now);
    for (int i = 0; i < 1000; i++) {
        struct id_words words = id_make();
        uint64_t ms = words.high >> 16;
        uint64_t real =
            (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;

        cr_assert_eq(words.high >> 12 & 15, 7);
        cr_assert_eq(words.low >> 62, 2);
        cr_assert_lt(ms > real ? ms - real : real - ms, 60000);
        ones |= words.low;
        zeros |= ~words.low;
    }
    cr_assert_eq(ones, UINT64_C(1) << 63 | UINT64_MAX >> 2);
    cr_assert_eq(zeros & UINT64_MAX >> 2, UINT64_MAX >> 2, "no bit is stuck");
}

Test(id, made_ones_differ)
{
    enum { MANY = 2000 };
    static struct id_words made[MANY];

    for (int i = 0; i < MANY; i++) {
        made[i] = id_make();
        for (int j = 0; j < i; j++) {
            cr_assert(made[i].low != made[j].low ||
                      made[i].high != made[j].high);
        }
    }
}
