/*
 * A record's packed words: the stamp of an admission and the place below the
 * parent; and when a life still has its record.
 */
#include <criterion/criterion.h>

#include "record.h"

enum { ROUND = 1 << TOTAL_NUMBER_BITS };

Test(record, a_stamp_gives_back_the_milliseconds)
{
    static const uint64_t times[] = {0, 1, 123456789, (UINT64_C(1) << 44) - 1};

    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        cr_expect_eq(stamp_ms(stamp_of(times[i], 0)), times[i]);
        cr_expect_eq(stamp_ms(stamp_of(times[i], ROUND - 1)), times[i]);
    }
}

static void older(uint64_t stamp, uint64_t other)
{
    cr_expect(stamp_is_older(stamp, other));
    cr_expect_not(stamp_is_older(other, stamp));
}

Test(record, stamps_are_in_order)
{
    older(stamp_of(7, 0), stamp_of(8, 0));
    older(stamp_of(7, ROUND - 1), stamp_of(8, 0));
    older(stamp_of(7, 5), stamp_of(8, ROUND - 1));
    cr_expect_not(stamp_is_older(stamp_of(7, 3), stamp_of(7, 3)));
}

Test(record, stamps_of_one_tick_are_in_order_across_the_wrap)
{
    for (uint32_t number = 0; number < ROUND; number += 977) {
        for (uint32_t ahead = 1; ahead < ROUND / 2; ahead = ahead * 3 + 1) {
            older(stamp_of(7, number), stamp_of(7, (number + ahead) % ROUND));
        }
    }
}

Test(record, a_place_gives_back_depth_node_and_parent)
{
    static const uint32_t indexes[] = {0, 1, 0xfffffff};

    for (uint32_t depth = 0; depth <= MOOR_SEGMENTS_MAX; depth++) {
        for (int i = 0; i < 9; i++) {
            uint32_t node = indexes[i / 3], parent = indexes[i % 3];
            uint64_t place = place_of(depth, node, parent);

            cr_expect_eq(place_depth(place), depth);
            cr_expect_eq(place_node(place), node);
            cr_expect_eq(place_parent(place), parent);
        }
    }
}

Test(record, is_taken_by_one_life_until_it_has_left)
{
    for (int phase = 0; phase < WORD_PHASES; phase++) {
        uint64_t word = word_make(9, (enum word_phase)phase);
        bool taken = phase != WORD_FREE && phase != WORD_LEFT;

        cr_expect_eq(record_is_taken(word, life_of(9, 4)), taken);
        cr_expect_not(record_is_taken(word, life_of(8, 4)));
        cr_expect_not(record_is_taken(word, life_of(10, 4)));
    }
}
