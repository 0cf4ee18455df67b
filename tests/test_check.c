/*
 * Check: silent on sound books, and each kind of damage is found and named.
 * The damage is done to the words of the books themselves.
 */
#include "given.h"

#include "books.h"

/* Some of everything. */
static moor_registry *books(moor_release release)
{
    moor_registry *registry = given_policy(release, 10);
    moor_agent a = spawn_below(registry, nobody, "a");
    moor_agent b = spawn_below(registry, a, "b");

    completes(registry, b);
    (void)reserve_below(registry, a, "t");
    bring(registry, spawn(registry), MOOR_STATUS_RUNNING);
    return registry;
}

static void names(moor_registry *registry, const char *invariant,
                  const char *what)
{
    char text[200] = "";

    cr_assert_eq(moor_check(registry, true, text, sizeof text), MOOR_VIOLATED,
                 "%s", what);
    cr_assert_not_null(strstr(text, invariant), "%s: said: %s", what, text);
}

static moor_word *state_of(moor_registry *registry, moor_agent agent)
{
    return &books_record(registry, agent.bits)->state;
}

Test(check, is_silent_on_sound_books)
{
    for (int release = 0; release < MOOR_RELEASES; release++) {
        moor_registry *registry = books((moor_release)release);
        char text[50];

        for (int quiet = 0; quiet < 2; quiet++) {
            memset(text, 'x', sizeof text);
            cr_assert_eq(moor_check(registry, quiet == 1, text, sizeof text),
                         MOOR_OK);
            cr_assert_str_eq(text, "");
            cr_assert_eq(moor_check(registry, quiet == 1, NULL, 0), MOOR_OK);
        }
        done(registry);
    }
}

Test(check, a_counter_that_is_too_high_or_too_low)
{
    moor_registry *registry = books(MOOR_ON_COMPLETION);

    (void)moor_add_relaxed(&registry->running.word, 1);
    names(registry, "I1", "one too many");
    (void)moor_sub_release(&registry->running.word, 2);
    names(registry, "I1", "one too few");
    (void)moor_add_relaxed(&registry->running.word, 1);
    done(registry);
}

Test(check, a_slot_bit_that_is_missing_or_left)
{
    moor_registry *registry = books(MOOR_ON_COMPLETION);
    moor_agent a = at_path(registry, "/root/a");
    moor_agent b = at_path(registry, "/root/a/b");
    uint64_t before = moor_load_relaxed(state_of(registry, a));

    moor_store_relaxed(state_of(registry, a), before & ~WORD_SLOT);
    names(registry, "I1", "a live agent without its slot");
    cr_assert_eq(moor_check(registry, false, NULL, 0), MOOR_VIOLATED,
                 "at every instant");
    moor_store_relaxed(state_of(registry, a), before);
    before = moor_load_relaxed(state_of(registry, b));
    moor_store_relaxed(state_of(registry, b), before | WORD_SLOT);
    names(registry, "I1", "an idle agent with a slot");
    moor_store_relaxed(state_of(registry, b), before);
    done(registry);
}

/* Under load a run may be on its way to its end, but has given up its slot. */
Test(check, a_run_that_is_ending)
{
    moor_registry *registry = books(MOOR_ON_COMPLETION);
    moor_word *state = state_of(registry, at_path(registry, "/root/a"));
    uint64_t before = moor_load_relaxed(state);
    uint64_t ending = word_ended(before, WORD_COMPLETED, 0, true);

    moor_store_relaxed(state, ending);
    cr_assert_eq(moor_check(registry, false, NULL, 0), MOOR_OK);
    (void)moor_sub_release(&registry->running.word, 1); /* as it had given up */
    names(registry, "I1", "ending, and nobody is there to end it");
    (void)moor_add_relaxed(&registry->running.word, 1);
    moor_store_relaxed(state, ending | WORD_SLOT);
    cr_assert_eq(moor_check(registry, false, NULL, 0), MOOR_VIOLATED);
    moor_store_relaxed(state, before);
    done(registry);
}

/* One that has lent its slot runs, and has none. */
Test(check, a_slot_that_is_lent_and_had)
{
    moor_registry *registry = given();
    moor_agent agent = spawn(registry);
    moor_word *state = state_of(registry, agent);
    uint64_t lent;

    cr_assert_eq(moor_start(registry, agent), MOOR_OK);
    cr_assert_eq(moor_lend(registry, agent), MOOR_OK);
    lent = moor_load_relaxed(state);
    moor_store_relaxed(state, lent | WORD_SLOT);
    names(registry, "I1", "lent, and had");
    moor_store_relaxed(state, word_with_phase(lent, WORD_PENDING));
    names(registry, "I1", "lent by one that does not run");
    moor_store_relaxed(state, lent);
    done(registry);
}

/* Who is live is loaded, and nobody is about to evict it. */
Test(check, a_live_agent_that_is_not_loaded)
{
    static const enum word_residence wrong[] = {WORD_NOT_LOADED, WORD_CLAIMED};
    moor_registry *registry = given();
    moor_word *state = state_of(registry, spawn(registry));
    uint64_t before = moor_load_relaxed(state);

    for (int i = 0; i < 2; i++) {
        moor_store_relaxed(state, word_with_residence(before, wrong[i]));
        names(registry, "I7", "live, and not loaded");
    }
    moor_store_relaxed(state, before);
    done(registry);
}

Test(check, a_request_that_outlived_its_run)
{
    moor_registry *registry = books(MOOR_ON_COMPLETION);
    moor_word *state = state_of(registry, at_path(registry, "/root/a/b"));
    uint64_t before = moor_load_relaxed(state);

    moor_store_relaxed(state, before | WORD_ASKED);
    names(registry, "I11", "idle and still asked");
    moor_store_relaxed(state, before);
    done(registry);
}

Test(check, an_agent_that_is_deeper_or_less_deep_than_it_is)
{
    moor_registry *registry = books(MOOR_ON_COMPLETION);
    moor_agent b = at_path(registry, "/root/a/b");
    moor_word *place = &books_record(registry, b.bits)->place;
    uint64_t before = moor_load_relaxed(place);
    uint32_t above = place_parent(before), node = place_node(before);

    moor_store_relaxed(place, place_of(3, node, above));
    names(registry, "I3", "deeper than below its parent");
    moor_store_relaxed(place, place_of(1, node, above));
    names(registry, "I3", "less deep");
    moor_store_relaxed(place, before);
    done(registry);
}

/* Beyond all records that are judged, in a segment that is there already. */
Test(check, an_agent_below_one_that_nobody_has_been)
{
    enum { AGENTS = 18, SEGMENT_END = 32 };
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, AGENTS);
    moor_agent a = nobody;
    moor_word *place;
    uint64_t before;

    for (int i = 0; i < AGENTS; i++) {
        a = spawn(registry);
    }
    cr_assert_lt(books_end(registry), SEGMENT_END);
    place = &books_record(registry, a.bits)->place;
    before = moor_load_relaxed(place);
    moor_store_relaxed(place,
                       place_of(1, place_node(before), books_end(registry)));
    names(registry, "I3", "not below the one that counts it");
    moor_store_relaxed(place, before);
    done(registry);
}

Test(check, children_that_do_not_add_up)
{
    moor_registry *registry = books(MOOR_ON_COMPLETION);
    moor_agent a = at_path(registry, "/root/a");
    struct tree *tree = &registry->tree;
    struct record *of_a = books_record(registry, a.bits);
    uint64_t used_up;

    tree_discharge(tree, of_a);
    names(registry, "I3", "one child too few");
    cr_assert_eq(tree_charge(tree, of_a, a.bits, &used_up), MOOR_OK);
    cr_assert_eq(tree_charge(tree, of_a, a.bits, &used_up), MOOR_OK);
    names(registry, "I3", "one child too many");
    tree_discharge(tree, of_a);
    tree_discharge(tree, books_record(registry, registry->root));
    names(registry, "I3", "one child of the root too few");
    moor_destroy(registry);
}

/* A childless agent whose count says otherwise, and the reverse. */
Test(check, a_count_of_zero_is_checked_too)
{
    moor_registry *registry = given();
    moor_agent a = spawn(registry);

    (void)spawn_below(registry, a, NULL);
    tree_discharge(&registry->tree, books_record(registry, a.bits));
    names(registry, "I3", "no child counted, one found");
    moor_destroy(registry);
}

Test(check, an_agent_that_look_ups_miss)
{
    moor_registry *registry = books(MOOR_ON_COMPLETION);
    moor_agent a = at_path(registry, "/root/a");
    const struct record *record = books_record(registry, a.bits);

    map_remove(&registry->paths,
               plate_path_hash(record_plate(record), &registry->key), a.bits);
    names(registry, "I10", "not in the map of paths");
    moor_destroy(registry);
    registry = books(MOOR_ON_COMPLETION);
    a = at_path(registry, "/root/a");
    record = books_record(registry, a.bits);
    map_remove(&registry->ids,
               hash_id(&registry->key, moor_load_relaxed(&record->id_high),
                       moor_load_relaxed(&record->id_low)),
               a.bits);
    names(registry, "I10", "not in the map of ids");
    moor_destroy(registry);
}

Test(check, the_text_ends_where_the_room_ends)
{
    moor_registry *registry = books(MOOR_ON_COMPLETION);
    char text[20];

    (void)moor_add_relaxed(&registry->running.word, 1);
    for (size_t room = 1; room < sizeof text; room++) {
        memset(text, 'x', sizeof text);
        cr_assert_eq(moor_check(registry, true, text, room), MOOR_VIOLATED);
        cr_assert_not_null(memchr(text, '\0', room));
        cr_assert_eq(text[room], 'x');
    }
    cr_assert_eq(moor_check(registry, true, NULL, 0), MOOR_VIOLATED);
    moor_destroy(registry);
}

Test(check, bad_arguments)
{
    moor_registry *registry = given();

    cr_assert_eq(moor_check(NULL, true, NULL, 0), MOOR_BAD_ARGUMENT);
    cr_assert_eq(moor_check(registry, true, NULL, 1), MOOR_BAD_ARGUMENT);
    done(registry);
}
