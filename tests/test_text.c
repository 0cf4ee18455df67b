/*
 * Result texts: made, looked at, dropped, and what a reader may still see.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "word.h"

static struct arena texts;

static void begin(void)
{
    memset(&texts, 0, sizeof texts);
    cr_assert(reclaim_ready());
    text_init(&texts);
}

static uint32_t make(const char *bytes, size_t length)
{
    uint32_t index = 0;

    cr_assert(text_make(&texts, bytes, length, &index));
    return index;
}

static void expect(uint32_t index, const char *bytes, size_t length)
{
    const char *got = NULL;
    size_t got_length = 12345;

    reclaim_enter();
    text_look(&texts, index, &got, &got_length);
    cr_assert_eq(got_length, length);
    cr_assert_not_null(got);
    cr_assert_eq(memcmp(got, bytes, length), 0);
    reclaim_leave();
}

Test(text, none_has_no_length)
{
    begin();
    cr_assert_eq(make(NULL, 0), WORD_NO_TEXT);
    cr_assert_eq(make("ignored", 0), WORD_NO_TEXT);
    expect(WORD_NO_TEXT, "", 0);
    text_drop(&texts, WORD_NO_TEXT);
    text_destroy(&texts);
}

Test(text, died_is_always_there)
{
    begin();
    expect(WORD_TEXT_DIED, "died", 4);
    text_drop(&texts, WORD_TEXT_DIED);
    expect(WORD_TEXT_DIED, "died", 4);
    text_destroy(&texts);
}

Test(text, bytes_are_copied_nul_and_all)
{
    char bytes[] = "a\0b\xff";
    uint32_t index;

    begin();
    index = make(bytes, 4);
    cr_assert_geq(index, WORD_TEXTS_FIXED);
    bytes[0] = 'x';
    expect(index, "a\0b\xff", 4);
    text_drop(&texts, index);
    text_destroy(&texts);
}

Test(text, one_byte_and_a_megabyte)
{
    enum { LARGE = 1 << 20 };
    char *large = malloc(LARGE);
    uint32_t small, big;

    cr_assert_not_null(large);
    memset(large, 'x', LARGE);
    large[LARGE - 1] = 'y';
    begin();
    small = make("1", 1);
    big = make(large, LARGE);
    cr_assert_neq(small, big);
    expect(small, "1", 1);
    expect(big, large, LARGE);
    text_drop(&texts, big);
    text_drop(&texts, small);
    text_destroy(&texts);
    free(large);
}

Test(text, a_length_that_no_memory_holds_is_refused)
{
    uint32_t index = 99;

    begin();
    cr_assert_not(text_make(&texts, "x", SIZE_MAX, &index));
    cr_assert_not(
        text_make(&texts, "x", SIZE_MAX - sizeof(struct text) + 1, &index));
    text_destroy(&texts);
}

Test(text, many_at_once_are_apart)
{
    enum { MANY = 300 };
    uint32_t index[MANY];

    begin();
    for (uint32_t i = 0; i < MANY; i++) {
        index[i] = make((const char *)&i, sizeof i);
    }
    for (uint32_t i = 0; i < MANY; i++) {
        expect(index[i], (const char *)&i, sizeof i);
    }
    for (uint32_t i = 0; i < MANY; i += 2) {
        text_drop(&texts, index[i]);
    }
    for (uint32_t i = 1; i < MANY; i += 2) {
        expect(index[i], (const char *)&i, sizeof i);
    }
    text_destroy(&texts); /* and what was not dropped goes with it */
}

Test(text, a_dropped_ones_place_is_used_again)
{
    uint32_t index, end;

    begin();
    index = make("one", 3);
    end = arena_end(&texts);
    for (int i = 0; i < 1000; i++) {
        text_drop(&texts, index);
        index = make("another", 7);
    }
    cr_assert_eq(arena_end(&texts), end);
    expect(index, "another", 7);
    text_drop(&texts, index);
    text_destroy(&texts);
}

Test(text, a_dropped_one_is_seen_no_more)
{
    uint32_t index;

    begin();
    index = make("gone", 4);
    text_drop(&texts, index);
    expect(index, "", 0);
    text_destroy(&texts);
}
