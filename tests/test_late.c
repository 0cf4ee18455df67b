/*
 * Memory that all share is made by whoever needs it first; when two make it at
 * once, the one that is late gives his back.
 *
 * The program is linked so that the library's allocations come here first. Then
 * one of them makes the same call once more, which so becomes the first.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "given.h"

#include "books.h"
#include "clock.h"
#include "lease.h"
#include "map_inner.h"
#include "plate.h"
#include "queue.h"
#include "wheel.h"

static void (*meanwhile)(void); /* behind the next allocation, once */
static unsigned skipped;        /* or as many later */
static long blocks;             /* that are not freed */

void *__real_calloc(size_t count, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void __real_free(void *block);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void __wrap_free(void *block);

static void *allocated(void *block)
{
    void (*call)(void) = skipped == 0 ? meanwhile : NULL;

    skipped -= skipped > 0;
    meanwhile = call != NULL ? NULL : meanwhile;
    blocks += block != NULL;
    if (call != NULL) call();
    return block;
}

void *__wrap_calloc(size_t count, size_t size)
{
    return allocated(__real_calloc(count, size));
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return allocated(__real_aligned_alloc(alignment, size));
}

void __wrap_free(void *block)
{
    blocks -= block != NULL;
    __real_free(block);
}

/* --- plates of a size ----------------------------------------------------- */

enum { WORDS = 2 };

static struct plates plates;
static struct plate *first_plate;

static void take_first_plate(void)
{
    first_plate = plate_take(&plates, WORDS);
}

Test(late, with_the_arena_of_a_size_of_plates)
{
    struct plate *plate;

    meanwhile = take_first_plate;
    plate = plate_take(&plates, WORDS);
    cr_assert_not_null(first_plate);
    cr_assert_not_null(plate);
    cr_assert_neq(plate, first_plate);
    plate_destroy(&plates);
    cr_assert_eq(blocks, 0);
}

/* --- a segment of an arena ------------------------------------------------ */

static struct arena arena;
static uint32_t first_index;

static void take_first_entry(void)
{
    cr_assert(arena_take(&arena, &first_index));
}

Test(late, with_a_segment_of_an_arena)
{
    uint32_t index = 0;

    arena_init(&arena, MOOR_LINE, 0, 1, ARENA_GROUP);
    meanwhile = take_first_entry;
    cr_assert(arena_take(&arena, &index));
    cr_assert_eq(first_index, arena_spread(1));
    cr_assert_eq(index, arena_spread(2));
    arena_destroy(&arena);
    cr_assert_eq(blocks, 0);
}

/* --- the wheel of the leases ---------------------------------------------- */

enum { TTL = 60000 };

static moor_registry *registry;
static moor_agent first_leased;

static moor_agent spawn_leased(void)
{
    const moor_spawn_options options = {.ttl_ms = TTL};
    moor_agent agent = {0};

    cr_assert_eq(moor_spawn(registry, &options, &agent, NULL), MOOR_OK);
    return agent;
}

static void spawn_first(void)
{
    first_leased = spawn_leased();
}

static void are_both_in_the_wheel(moor_agent one, moor_agent other)
{
    const uint64_t later = clock_exact_ms() + 2 * TTL;
    struct wheel *wheel = moor_pointer_acquire(&registry->wheel);
    uint32_t node;
    life which, both[2] = {0, 0};

    for (int i = 0; i < 2; i++) {
        cr_assert(wheel_take(wheel, later, &node, &which));
        both[i] = which;
    }
    cr_assert((both[0] == one.bits && both[1] == other.bits) ||
              (both[1] == one.bits && both[0] == other.bits));
    cr_assert_not(wheel_take(wheel, later, &node, &which));
}

/* Whichever of its allocations it is. */
Test(late, with_the_wheel_of_the_leases)
{
    moor_agent agent;
    unsigned behind = 0;

    do {
        cr_assert_eq(moor_create(NULL, &registry), MOOR_OK);
        skipped = behind++;
        meanwhile = spawn_first;
        agent = spawn_leased();
        if (meanwhile == NULL) {
            are_both_in_the_wheel(first_leased, agent);
        }
        moor_destroy(registry);
    } while (meanwhile == NULL);
    meanwhile = NULL;
    cr_assert_gt(behind, 3);
}

/* --- a level of a map ----------------------------------------------------- */

enum { FOR_TWO_LEVELS = 7 }; /* records */

static struct map map;

static void grow_first(void)
{
    map_grow(&map, FOR_TWO_LEVELS);
}

Test(late, with_a_level_of_a_map)
{
    const struct hash_key key = {{1, 2, 3, 4}};

    cr_assert(map_init(&map, &map_by_id, &key, &arena));
    meanwhile = grow_first;
    map_grow(&map, FOR_TWO_LEVELS);
    cr_assert_null(meanwhile);
    cr_assert_eq(map_level(moor_load_relaxed(&map.levels)), 2);
    map_destroy(&map);
    cr_assert_eq(blocks, 0);
}

/* --- the places of a queue ------------------------------------------------ */

static struct queue queue;
static struct queue_place *first_place;

static void enter_first(void)
{
    cr_assert_eq(queue_enter(&queue, QUEUE_ADMISSION, &first_place),
                 QUEUE_ENTERED);
}

Test(late, with_the_places_of_a_queue)
{
    struct queue_place *place;

    queue_init(&queue, 2);
    meanwhile = enter_first;
    cr_assert_eq(queue_enter(&queue, QUEUE_ADMISSION, &place), QUEUE_ENTERED);
    cr_assert_neq(place, first_place);
    cr_assert_eq(queue_length(&queue), 2);
    queue_destroy(&queue);
    cr_assert_eq(blocks, 0);
}

/* --- what the loser leaves ------------------------------------------------ */

static moor_ticket first_ticket;

static void lease_first(void)
{
    cr_assert(lease_reserve(registry, first_ticket.bits, TTL));
}

/* How many blocks a registry leaves behind, in which two make it. */
static long left_behind(void)
{
    long before = blocks;
    moor_ticket ticket;
    moor_agent agent;

    registry = given();
    first_ticket = reserve_below(registry, nobody, "first");
    ticket = reserve_below(registry, nobody, "late");
    meanwhile = lease_first;
    cr_assert(lease_reserve(registry, ticket.bits, TTL));
    cr_assert_null(meanwhile);
    cr_assert_eq(moor_commit(registry, ticket, NULL, NULL, &agent), MOOR_OK);
    cr_assert_eq(moor_commit(registry, first_ticket, NULL, NULL, &agent),
                 MOOR_OK);
    cr_assert(lease_is_kept(registry, agent.bits));
    done(registry);
    return blocks - before;
}

Test(late, with_the_wheel_of_leases)
{
    (void)left_behind(); /* a thread's first call makes what stays */
    cr_assert_eq(left_behind(), 0);
}
