/*
 * A life: index and generation in one value.
 */
#include <criterion/criterion.h>

#include "life.h"

static const uint64_t indices[] = {0, 1, 2, 0x7ffffff, 0xffffffe, 0xfffffff};
static const uint64_t generations[] = {0, 1, 2, 0x8000000, 0xfffffff};

enum {
    INDICES = sizeof indices / sizeof indices[0],
    GENERATIONS = sizeof generations / sizeof generations[0]
};

Test(life, gives_back_what_it_was_made_of)
{
    for (int i = 0; i < INDICES; i++) {
        for (int g = 0; g < GENERATIONS; g++) {
            life which = life_of(generations[g], indices[i]);

            cr_assert_eq(life_index(which), indices[i]);
            cr_assert_eq(life_generation(which), generations[g]);
            cr_assert_eq(which, generations[g] << 28 | indices[i]);
            cr_assert_eq(which >> 56, 0, "the map's tag has no room");
        }
    }
}

Test(life, foreign_bits_make_a_generation_beyond_all)
{
    life forged = UINT64_C(1) << 56 | life_of(5, 3);

    cr_assert_eq(life_index(forged), 3);
    cr_assert_gt(life_generation(forged), LIFE_GENERATION_MAX);
}

Test(life, has_room_for_what_the_header_says)
{
    cr_assert_eq(LIFE_INDEX_MAX, 0xfffffff);
    cr_assert_eq(LIFE_GENERATION_MAX, 0xfffffff);
    cr_assert_eq(life_of(0, 0), 0, "life 0 names nobody");
}
