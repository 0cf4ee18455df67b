/*
 * Nicknames: ordinals in words, each name once an ordinal, preferred ones,
 * and threads that draw from one list.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nickname.h"
#include "threads.h"

static struct nickname_list list;

static void begin(const char *const *names, size_t count)
{
    cr_assert(nickname_init(&list, names, count));
}

static void expect(const char *want)
{
    char text[MOOR_NICKNAME_TEXT];

    nickname_draw(&list, text);
    cr_assert_str_eq(text, want);
}

/* --- ordinals ------------------------------------------------------------- */

static const struct ordinal {
    int number;
    const char *text;
} ordinals[] = {{1, "Plato"},
                {2, "Plato the 2nd"},
                {3, "Plato the 3rd"},
                {4, "Plato the 4th"},
                {5, "Plato the 5th"},
                {10, "Plato the 10th"},
                {11, "Plato the 11th"},
                {12, "Plato the 12th"},
                {13, "Plato the 13th"},
                {14, "Plato the 14th"},
                {20, "Plato the 20th"},
                {21, "Plato the 21st"},
                {22, "Plato the 22nd"},
                {23, "Plato the 23rd"},
                {24, "Plato the 24th"},
                {100, "Plato the 100th"},
                {101, "Plato the 101st"},
                {102, "Plato the 102nd"},
                {103, "Plato the 103rd"},
                {111, "Plato the 111th"},
                {112, "Plato the 112th"},
                {113, "Plato the 113th"},
                {121, "Plato the 121st"},
                {1011, "Plato the 1011th"},
                {1021, "Plato the 1021st"}};

Test(nickname, ordinals_as_words)
{
    static const char *const names[] = {"Plato"};
    int drawn = 0;

    begin(names, 1);
    for (size_t i = 0; i < sizeof ordinals / sizeof ordinals[0]; i++) {
        char text[MOOR_NICKNAME_TEXT] = "";

        for (; drawn < ordinals[i].number; drawn++) {
            nickname_draw(&list, text);
        }
        cr_expect_str_eq(text, ordinals[i].text);
    }
    nickname_destroy(&list);
}

Test(nickname, the_longest_has_room_for_any_ordinal)
{
    char longest[MOOR_NICKNAME_MAX + 1];
    char want[MOOR_NICKNAME_TEXT];
    const char *names[] = {longest};

    memset(longest, 'x', MOOR_NICKNAME_MAX);
    longest[MOOR_NICKNAME_MAX] = '\0';
    begin(names, 1);
    moor_store_relaxed(&list.ordinal, 4294967291); /* as if drawn so often */
    (void)snprintf(want, sizeof want, "%s the 4294967291st", longest);
    expect(want);
    nickname_destroy(&list);
}

/* --- each name once an ordinal -------------------------------------------- */

enum { NAMES_MOST = 200 };

static char texts[NAMES_MOST][16];
static const char *names[NAMES_MOST];

static void make_names(size_t count)
{
    for (unsigned i = 0; i < count; i++) {
        (void)snprintf(texts[i], sizeof texts[i], "n%u", i);
        names[i] = texts[i];
    }
    begin(names, count);
}

/* Reads "n17 the 3rd" back: which name, of which ordinal. */
static size_t read_back(const char *text, unsigned *ordinal)
{
    unsigned which = NAMES_MOST;

    *ordinal = 1;
    if (sscanf(text, "n%u the %u", &which, ordinal) < 1) return NAMES_MOST;
    return which;
}

static void draw_ordinal(size_t count, unsigned ordinal)
{
    bool seen[NAMES_MOST] = {false};

    for (size_t i = 0; i < count; i++) {
        char text[MOOR_NICKNAME_TEXT];
        unsigned got;
        size_t which;

        nickname_draw(&list, text);
        which = read_back(text, &got);
        cr_assert_lt(which, count, "%s", text);
        cr_assert_eq(got, ordinal, "%s", text);
        cr_assert_not(seen[which], "%s came twice", text);
        seen[which] = true;
    }
}

Test(nickname, each_name_once_before_the_list_starts_again)
{
    static const size_t counts[] = {1, 2, 3, 31, 32, 33, 63, 64, 65, 200};

    for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++) {
        make_names(counts[c]);
        for (unsigned ordinal = 1; ordinal <= 4; ordinal++) {
            draw_ordinal(counts[c], ordinal);
        }
        nickname_destroy(&list);
    }
}

Test(nickname, the_order_is_not_always_the_same)
{
    char first[MOOR_NICKNAME_TEXT], other[MOOR_NICKNAME_TEXT];
    bool differ = false;

    make_names(20);
    nickname_draw(&list, first);
    nickname_destroy(&list);
    for (int i = 0; i < 200 && !differ; i++) {
        begin(names, 20);
        nickname_draw(&list, other);
        nickname_destroy(&list);
        differ = strcmp(first, other) != 0;
    }
    cr_assert(differ);
}

Test(nickname, the_names_are_copied)
{
    char name[] = "Plato";
    const char *given[] = {name};

    begin(given, 1);
    name[0] = 'X';
    expect("Plato");
    nickname_destroy(&list);
}

Test(nickname, an_empty_list_is_made_and_destroyed)
{
    begin(NULL, 0);
    cr_assert_eq(list.count, 0);
    nickname_use(&list, "Plato"); /* nobody's */
    cr_assert_eq(list.count, 0);
    nickname_destroy(&list);
}

Test(nickname, a_name_that_stands_twice_counts_once)
{
    static const char *const twice[] = {"Plato", "Atlas", "Plato", "Plato"};
    char text[MOOR_NICKNAME_TEXT];

    begin(twice, 4);
    nickname_use(&list, "Atlas");
    expect("Plato");
    nickname_draw(&list, text);
    cr_assert_not_null(strstr(text, " the 2nd"));
    nickname_destroy(&list);
}

/* --- preferred ones ------------------------------------------------------- */

static const char *const two[] = {"Plato", "Atlas"};

Test(nickname, a_preferred_one_counts_as_used)
{
    begin(two, 2);
    nickname_use(&list, "Atlas");
    expect("Plato");
    for (int i = 0; i < 2; i++) { /* both again, as the 2nd */
        char text[MOOR_NICKNAME_TEXT];

        nickname_draw(&list, text);
        cr_assert_not_null(strstr(text, " the 2nd"));
    }
    nickname_destroy(&list);
}

Test(nickname, all_of_them_preferred_start_the_list_again)
{
    char text[MOOR_NICKNAME_TEXT];

    begin(two, 2);
    nickname_use(&list, "Atlas");
    nickname_use(&list, "Plato");
    nickname_draw(&list, text);
    cr_assert_not_null(strstr(text, " the 2nd"), "%s", text);
    nickname_destroy(&list);
}

Test(nickname, a_foreign_one_or_one_used_before_changes_nothing)
{
    begin(two, 2);
    nickname_use(&list, "Socrates");
    nickname_use(&list, "Plato the 2nd");
    nickname_use(&list, "Plat");
    nickname_use(&list, "Atlas");
    nickname_use(&list, "Atlas");
    expect("Plato");
    nickname_destroy(&list);
}

Test(nickname, a_preferred_one_counts_in_the_ordinal_of_its_day)
{
    char text[MOOR_NICKNAME_TEXT];

    begin(two, 2);
    nickname_draw(&list, text);
    nickname_draw(&list, text);
    nickname_draw(&list, text); /* the first of the 2nd */
    nickname_use(&list, strncmp(text, "Atlas", 5) == 0 ? "Plato" : "Atlas");
    nickname_draw(&list, text);
    cr_assert_not_null(strstr(text, " the 3rd"), "%s", text);
    nickname_destroy(&list);
}

/* --- put back ------------------------------------------------------------- */

Test(nickname, what_was_put_back_is_drawn_again_before_the_list_starts_again)
{
    char text[MOOR_NICKNAME_TEXT];
    struct nickname_drawn first, last;

    begin(two, 2);
    first = nickname_draw(&list, text);
    last = nickname_draw(&list, text);
    nickname_put_back(&list, first);
    expect(list.names[first.which]);
    nickname_put_back(&list, last);
    expect(list.names[last.which]);
    nickname_draw(&list, text);
    cr_assert_not_null(strstr(text, " the 2nd"));
    nickname_destroy(&list);
}

Test(nickname, what_is_put_back_late_does_not_come_twice)
{
    char text[MOOR_NICKNAME_TEXT];
    struct nickname_drawn drawn;

    begin(two, 2);
    drawn = nickname_draw(&list, text);
    nickname_draw(&list, text);
    nickname_draw(&list, text); /* the list has started again */
    nickname_draw(&list, text);
    nickname_put_back(&list, drawn);
    nickname_draw(&list, text);
    cr_assert_not_null(strstr(text, " the 3rd"), "%s", text);
    nickname_destroy(&list);
}

/* --- threads -------------------------------------------------------------- */

enum {
    THREADS = 3,
    NAMES = 40,
    ORDINALS = 60,
    EACH = NAMES * ORDINALS / THREADS
};

struct drawer {
    char text[EACH][MOOR_NICKNAME_TEXT];
};

static void *draw(void *argument)
{
    struct drawer *drawer = (struct drawer *)argument;

    for (int i = 0; i < EACH; i++) {
        nickname_draw(&list, drawer->text[i]);
    }
    return NULL;
}

static void tick_off(const struct drawer *drawer, bool *seen)
{
    for (int i = 0; i < EACH; i++) {
        unsigned ordinal;
        size_t which = read_back(drawer->text[i], &ordinal);

        cr_assert_lt(which, NAMES);
        cr_assert_leq(ordinal, ORDINALS);
        cr_assert_not(seen[(ordinal - 1) * NAMES + which], "%s came twice",
                      drawer->text[i]);
        seen[(ordinal - 1) * NAMES + which] = true;
    }
}

Test(nickname, threads_never_draw_the_same)
{
    static struct drawer drawers[THREADS];
    static bool seen[NAMES * ORDINALS];

    make_names(NAMES);
    together(draw, THREADS, drawers, sizeof drawers[0]);
    for (int t = 0; t < THREADS; t++) {
        tick_off(&drawers[t], seen);
    }
    nickname_destroy(&list);
}
