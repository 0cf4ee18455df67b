/*
 * Fences: who is asked about a life that is gone, and where a climb through
 * records that were used again meanwhile comes to its end.
 */
#include "given.h"

#include "fence.h"

static bool is_above(moor_registry *registry, moor_agent agent)
{
    const struct record *record = books_record(registry, agent.bits);

    return fence_is_above(registry, agent.bits,
                          moor_load_acquire(&record->state));
}

Test(fence, is_seen_from_below_and_not_from_above)
{
    moor_registry *registry = given();
    moor_agent a = spawn(registry);
    moor_agent b = spawn_below(registry, a, NULL);
    moor_agent c = spawn_below(registry, b, NULL);

    cr_assert(fence_set(registry, b.bits));
    cr_assert(fence_set(registry, b.bits)); /* again */
    cr_assert_not(is_above(registry, a));
    cr_assert(is_above(registry, b));
    cr_assert(is_above(registry, c));
    done(registry);
}

Test(fence, is_not_set_on_another_life_or_on_one_that_left)
{
    moor_registry *registry = given();
    moor_agent a = spawn(registry), next;

    cr_assert_not(fence_set(
        registry, life_of(life_generation(a.bits) + 1, life_index(a.bits))));
    cr_assert_eq(close_it(registry, a), MOOR_OK);
    cr_assert_not(fence_set(registry, a.bits));
    next = spawn(registry);
    cr_assert_eq(life_index(next.bits), life_index(a.bits));
    cr_assert_not(fence_set(registry, a.bits));
    cr_assert_not(info_of(registry, next).fenced);
    done(registry);
}

/* Two records that were used again while somebody climbed through them may
 * name each other. */
Test(fence, a_climb_in_a_circle_ends)
{
    moor_registry *registry = given();
    moor_agent a = spawn(registry);
    moor_agent b = spawn_below(registry, a, NULL);
    moor_word *place = &books_record(registry, a.bits)->place;
    uint64_t before = moor_load_relaxed(place);

    moor_store_relaxed(place,
                       place_of(1, place_node(before), life_index(b.bits)));
    cr_assert_not(is_above(registry, b));
    moor_store_relaxed(place, before);
    done(registry);
}
