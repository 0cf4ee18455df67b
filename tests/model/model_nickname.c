/*
 * Nicknames: two draw when the list comes to its end.
 *
 * Goal    No name is drawn twice in one ordinal, every name of an ordinal is
 *         drawn before the next one begins, and the ordinals rise by one.
 * Method  every schedule up to the order of independent steps.
 * Limits  a list of one word (32 names) and one of two; random numbers are the
 *         same in every run.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explore.h"
#include "nickname.h"
#include "random.h"

enum { NAMES_MOST = 33, DRAWS_MOST = 40 };

static struct nickname_list list;
static char drawn[DRAWS_MOST][MOOR_NICKNAME_TEXT];
static int draws;

static void draw(void)
{
    char text[MOOR_NICKNAME_TEXT];

    nickname_draw(&list, text);
    memcpy(drawn[draws++], text, sizeof text);
}

static void draw_twice(void)
{
    draw();
    draw();
}

static void make(size_t count, int already)
{
    static char names[NAMES_MOST][24];
    const char *pointers[NAMES_MOST];

    for (size_t i = 0; i < count; i++) {
        snprintf(names[i], sizeof names[i], "n%zu", i);
        pointers[i] = names[i];
    }
    (void)random_seed();
    draws = 0;
    if (!nickname_init(&list, pointers, count)) model_fail("no memory");
    while (already-- > 0)
        draw();
}

static void one_of_two_left(void)
{
    make(2, 1);
}

static void list_of_one(void)
{
    make(1, 1);
}

static void one_of_two_words_left(void)
{
    make(NAMES_MOST, NAMES_MOST - 1);
}

/* One is drawn and will be put back. */
static struct nickname_drawn mine;

static void one_to_put_back(void)
{
    char text[MOOR_NICKNAME_TEXT];

    make(2, 0);
    mine = nickname_draw(&list, text);
}

static void put_back(void)
{
    nickname_put_back(&list, mine);
}

static void use(void)
{
    nickname_use(&list, "n0");
}

/* "n1 the 2nd": 2; "n1": 1. */
static int ordinal_of(const char *text)
{
    const char *the = strstr(text, " the ");

    return the == NULL ? 1 : atoi(the + 5);
}

static int count_ordinal(int ordinal)
{
    int count = 0;

    for (int i = 0; i < draws; i++)
        count += ordinal_of(drawn[i]) == ordinal;
    return count;
}

static void judge_distinct(void)
{
    for (int i = 0; i < draws; i++) {
        for (int j = 0; j < i; j++) {
            if (strcmp(drawn[i], drawn[j]) == 0) {
                model_fail("%s was drawn twice", drawn[i]);
            }
        }
    }
}

/* All of an ordinal, before the next. */
static void judge_drawn(void)
{
    int rest = draws;

    judge_distinct();
    for (int ordinal = 1; rest > 0; ordinal++) {
        int here = count_ordinal(ordinal);
        int expected = rest < (int)list.count ? rest : (int)list.count;

        if (here != expected) {
            model_fail("%d of ordinal %d, not %d", here, ordinal, expected);
            break;
        }
        rest -= here;
    }
    nickname_destroy(&list);
}

/* Both names are to be had once more, in the first ordinal. */
static void judge_put_back(void)
{
    draw();
    if (ordinal_of(drawn[draws - 1]) != 1) model_fail("one is lost");
    judge_drawn();
}

/* One name was taken by the host: each ordinal may lack it. */
static void judge_used(void)
{
    judge_distinct();
    if (ordinal_of(drawn[draws - 1]) > 3) model_fail("%s", drawn[draws - 1]);
    nickname_destroy(&list);
}

/* What was drawn does not come again. */
static void judge_drawn_again(void)
{
    draw();
    judge_distinct();
    nickname_destroy(&list);
}

/* clang-format off */
static const struct model_case cases[] = {
    {"last_of_two", one_of_two_left, {draw, draw}, 2, judge_drawn, 0},
    {"last_of_two_three", one_of_two_left, {draw, draw, draw}, 3,
     judge_drawn, 0},
    {"list_of_one", list_of_one, {draw_twice, draw}, 2, judge_drawn, 0},
    {"last_of_two_words", one_of_two_words_left, {draw, draw}, 2,
     judge_drawn, 0},
    {"put_back_and_draw", one_to_put_back, {put_back, draw}, 2,
     judge_put_back, 0},
    {"use_as_it_begins_anew", list_of_one, {draw, use}, 2,
     judge_drawn_again, 0},
    {"draw_and_use", one_of_two_left, {draw, use}, 2, judge_used, 0},
};
/* clang-format on */

MODEL_MAIN(cases)
