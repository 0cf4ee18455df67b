/*
 * What is carried by residence, by the last use, by leases and by charges of
 * several at once.
 *
 * Goal    R1, T1, T2 and Z1 each carry what they say.  A use that comes too
 *         late does not count for who has the record next.
 * Method  with loads that may be late (weak.c).
 */
#include "carry.h"

#include "annex.h"
#include "clock.h"
#include "lease.h"
#include "total.h"
#include "wheel.h"

enum { TTL = 3 };

static moor_agent a, above;
static struct total total;

/* --- before --------------------------------------------------------------- */

static void make(moor_release release, uint32_t ttl_ms)
{
    const moor_spawn_options options = {.name = "a", .ttl_ms = ttl_ms};

    carry_nothing();
    clock_step_ms = 1;
    world_make(3, release);
    (void)moor_spawn(world, &options, &a, NULL);
}

static void idle(void)
{
    make(MOOR_ON_COMPLETION, 0);
    (void)world_finish(a);
}

static void unloaded(void)
{
    idle();
    (void)moor_evict(world, a, NULL);
    (void)moor_unloaded(world, a);
}

static void claimed(void)
{
    idle();
    (void)moor_evict(world, a, NULL);
}

static void keeps_slot(void)
{
    make(MOOR_ON_TURN_END, 0);
    (void)world_finish(a);
}

/* Uses are noted. */
static void tracked(void)
{
    make(MOOR_ON_COMPLETION, 0);
    (void)moor_touch(world, a);
}

static void with_child(void)
{
    carry_nothing();
    world_make(4, MOOR_ON_COMPLETION);
    above = world_spawn((moor_agent){0}, "q");
    a = world_spawn((moor_agent){0}, "a");
    (void)world_spawn(a, "child");
}

static void no_lease(void)
{
    make(MOOR_ON_COMPLETION, 0);
}

static void due(void)
{
    make(MOOR_ON_COMPLETION, TTL);
    clock_step_ms += TTL;
}

static void total_of(uint32_t limit, uint32_t used)
{
    struct total_view seen;

    make(MOOR_ON_COMPLETION, 0);
    total_init(&total, limit);
    if (used > 0) (void)total_take_many(&total, used, &seen);
}

static void total_empty(void)
{
    total_of(2, 0);
}

static void total_full(void)
{
    total_of(2, 2);
}

/* --- what is looked at ---------------------------------------------------- */

static moor_info info(void)
{
    moor_info seen = {.loaded = false};

    (void)moor_info_of(world, a, &seen);
    return seen;
}

static moor_error evict_any(void)
{
    moor_agent evicted;

    return moor_evict(world, (moor_agent){0}, &evicted);
}

static void reap(void)
{
    (void)moor_reap(world, NULL);
}

static bool took_one(void)
{
    struct total_view seen;

    return total_take(&total, &seen);
}

static bool took_two(void)
{
    struct total_view seen;

    return total_take_many(&total, 2, &seen);
}

static void give_two(void)
{
    total_give(&total);
    total_give(&total);
}

CARRY(pin, moor_pin(world, a), info().pinned)
CARRY(evict, moor_evict(world, a, NULL), info().evicting)
CARRY(evict_any, evict_any(), info().evicting)
CARRY(unload, moor_unloaded(world, a), !info().loaded)
CARRY(load, moor_load(world, a, NULL), info().loaded)
CARRY(reap, reap(), !info().slot)
CARRY(two_given, give_two(), took_two())
CARRY(two_refused, took_one(), !took_two())
CARRY(two_taken, took_two(), total_look(&total).used == 2)
CARRY(expired, reap(), moor_renew(world, a) == MOOR_WRONG_STATUS)

/* --- a late use ----------------------------------------------------------- */

static void use_again(void)
{
    (void)world_close_tree(a);
    (void)world_spawn((moor_agent){0}, "b");
    moor_store_relaxed(&over, 1);
}

static void touch(void)
{
    (void)moor_touch(world, a);
}

static void touch_late(void)
{
    await();
    touch();
}

static void judge_use(void)
{
    uint64_t word = moor_load_relaxed(&books_record(world, a.bits)->state);
    uint64_t stamp = moor_load_relaxed(&books_record(world, a.bits)->stamp);
    uint64_t touched = moor_load_relaxed(&annex_of(world, a.bits)->touched);

    if (word_generation(word) != life_generation(a.bits) &&
        stamp_is_older(stamp, touched)) {
        model_fail("a use of who was there counts for who is");
    }
    world_end();
}

/* --- what had a child comes to be deeper --------------------------------- */

static void spawn_above(const char *name)
{
    moor_agent agent;

    (void)world_try_spawn(above, name, &agent);
}

static void use_parent_again(void)
{
    (void)world_close_tree(a);
    spawn_above("b");
    spawn_above("c");
    moor_store_relaxed(&over, 1);
}

static void check(void)
{
    char text[MOOR_PATH_MAX + 80];

    if (moor_check(world, false, text, sizeof text) != MOOR_OK) {
        model_fail("%s", text);
    }
}

static void check_late(void)
{
    await();
    check();
}

/* --- the first lease ------------------------------------------------------ */

static void spawn_leased(void)
{
    const moor_spawn_options options = {.name = "x", .ttl_ms = TTL};
    moor_agent agent;

    (void)moor_spawn(world, &options, &agent, NULL);
    moor_store_relaxed(&over, 1);
}

static void end_due(void)
{
    lease_end_due(world);
}

static void end_due_late(void)
{
    await();
    end_due();
}

/* --- a node that is laid by, taken, and laid by again -------------------- */

static bool taken_and_laid, heard;

static moor_word *entry_of_a(void)
{
    return &annex_of(world, a.bits)->entry;
}

static void laid_by(void)
{
    uint32_t node = 0;
    life which;

    make(MOOR_ON_COMPLETION, TTL);
    WORLD_EXPECT(wheel_take(moor_pointer_relaxed(&world->wheel),
                            clock_exact_ms() + 2 * TTL, &node, &which));
    moor_store_relaxed(entry_of_a(), moor_load_relaxed(entry_of_a()) | node);
    taken_and_laid = heard = false;
}

/* As a run and its end do; the note is about the node. */
static void take_and_lay_by(void)
{
    uint64_t entry = moor_load_acquire(entry_of_a());
    uint64_t node = entry & LIFE_INDEX_MAX;

    if (node != 0 && moor_cas_acq_rel(entry_of_a(), &entry, entry ^ node)) {
        say();
        (void)moor_exchange_seq_cst(entry_of_a(), entry);
        taken_and_laid = true;
    }
}

static void enter(void)
{
    lease_enter(world, a.bits);
    heard = moor_load_relaxed(&note[0]) == 1;
}

static void judge_entered(void)
{
    bool taken = (moor_load_relaxed(entry_of_a()) & LIFE_INDEX_MAX) == 0;

    if (taken && taken_and_laid && !heard) {
        model_fail("a node is taken, and what was done with it is not seen");
    }
    world_end();
}

#define CASE(before, name) CARRY_CASE(before, name, world_end)

/* clang-format off */
static const struct model_case cases[] = {
    CASE(idle, pin),
    CASE(idle, evict),
    CASE(idle, evict_any),
    CASE(claimed, unload),
    CASE(unloaded, load),
    CASE(keeps_slot, reap),
    CASE(total_full, two_given),
    CASE(total_empty, two_refused),
    CASE(total_empty, two_taken),
    CASE(due, expired),
    {"touch use_again", tracked, {use_again, touch}, 2, judge_use, 0},
    {"touch_late use_again", tracked, {use_again, touch_late}, 2, judge_use,
     0},
    {"check use_parent_again", with_child, {use_parent_again, check}, 2,
     world_end, 0},
    {"check_late use_parent_again", with_child, {use_parent_again, check_late},
     2, world_end, 0},
    {"enter take_and_lay_by", laid_by, {take_and_lay_by, enter}, 2,
     judge_entered, 0},
    {"end_due spawn_leased", no_lease, {spawn_leased, end_due}, 2, world_end,
     0},
    {"end_due_late spawn_leased", no_lease, {spawn_leased, end_due_late}, 2,
     world_end, 0},
};
/* clang-format on */

WORLD_MAIN(cases)
