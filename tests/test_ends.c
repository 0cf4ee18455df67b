/*
 * Ends of numbers and sizes: generations, versions, indices and numbers that
 * are used up or come round; the deepest tree, the longest names, the most
 * children.
 *
 * Where an end is far away the books are set shortly before it by hand.
 */
#include "given.h"

#include <stdio.h>

#include "books.h"
#include "map_inner.h"
#include "threads.h"

#if defined(MOOR_YIELD)
enum { CHILDREN = 5000 };
#else
enum { CHILDREN = 100000 };
#endif

enum { LIVES = 500 };

static moor_registry *unlimited(void)
{
    return given_limit(MOOR_LIMIT_RUNNING, MOOR_UNLIMITED);
}

/* Agents come and go, several at once; each is found while it is there. */
static void churn(moor_registry *registry, int lives)
{
    enum { AT_ONCE = 16 };
    moor_agent agents[AT_ONCE] = {{0}};

    for (int i = 0; i < lives + AT_ONCE; i++) {
        moor_agent *agent = &agents[i % AT_ONCE];

        if (agent->bits != 0) {
            moor_info info = info_of(registry, *agent);
            moor_agent found = {0};

            cr_assert_eq(at_path(registry, info.path).bits, agent->bits);
            cr_assert_eq(moor_find_id(registry, &info.id, &found), MOOR_OK);
            cr_assert_eq(found.bits, agent->bits);
            cr_assert_eq(close_it(registry, *agent), MOOR_OK);
        }
        agent->bits = i < lives ? spawn(registry).bits : 0;
    }
}

/* --- generations ---------------------------------------------------------- */

/* Fresh records begin so many lives before the last. */
static moor_registry *with_lives(uint64_t lives)
{
    moor_registry *registry = given();

    registry->first_generation = LIFE_GENERATION_MAX - lives + 1;
    return registry;
}

static void all_stale(moor_registry *registry, const moor_agent *agents)
{
    for (int i = 0; i < LIVES; i++) {
        moor_status status;

        cr_assert_eq(moor_status_of(registry, agents[i], &status), MOOR_STALE);
        cr_assert_eq(moor_start(registry, agents[i]), MOOR_STALE);
        cr_assert_eq(close_it(registry, agents[i]), MOOR_STALE);
        for (int j = 0; j < i; j++) {
            cr_assert_neq(agents[i].bits, agents[j].bits);
        }
    }
}

/* A record is retired after its last one. */
Test(ends, generations_do_not_come_again)
{
    for (uint64_t lives = 1; lives <= 3; lives++) {
        moor_registry *registry = with_lives(lives);
        moor_agent agents[LIVES];

        for (int i = 0; i < LIVES; i++) {
            agents[i] = spawn_below(registry, nobody, "worker");
            cr_assert_leq(life_generation(agents[i].bits), LIFE_GENERATION_MAX);
            cr_assert_eq(agents[i].bits >> 56, 0, "room for a tag");
            completes(registry, agents[i]);
            cr_assert_eq(close_it(registry, agents[i]), MOOR_OK);
        }
        all_stale(registry, agents);
        cr_assert_geq(books_end(registry), LIVES / lives);
        cr_assert_eq(used(registry), 0);
        done(registry);
    }
}

/* Whoever hangs below one that is retired goes on. */
Test(ends, a_parent_at_its_last_generation)
{
    moor_registry *registry = with_lives(1);
    moor_agent parent = spawn(registry);
    moor_agent child = spawn_below(registry, parent, "child");

    cr_assert_eq(moor_close(registry, parent, MOOR_CLOSE_ADOPT, NULL), MOOR_OK);
    completes(registry, child);
    cr_assert_eq(info_of(registry, child).parent.bits,
                 moor_root(registry).bits);
    cr_assert_eq(moor_run_again(registry, child, NULL), MOOR_OK);
    cr_assert_eq(close_it(registry, child), MOOR_OK);
    cr_assert_eq(close_it(registry, child), MOOR_STALE);
    done(registry);
}

/* --- entries -------------------------------------------------------------- */

Test(ends, without_entries_no_admission_and_nothing_charged)
{
    moor_registry *registry = unlimited();
    moor_agent agents[20];
    int count = 0;

    registry->records.most = 14;
    while (moor_spawn(registry, &(moor_spawn_options){0}, &agents[count],
                      NULL) == MOOR_OK) {
        cr_assert_lt(++count, 20);
    }
    cr_assert_eq(count, 13, "the root has one");
    for (int i = 0; i < 100; i++) {
        moor_ticket ticket;

        cr_assert_eq(
            moor_reserve(registry, &(moor_spawn_options){0}, &ticket, NULL),
            MOOR_NO_MEMORY);
    }
    cr_assert_eq(used(registry), 13);
    cr_assert_eq(use_of(registry, nobody, MOOR_LIMIT_LIFETIME).used, 13);
    cr_assert_eq(use_of(registry, nobody, MOOR_LIMIT_CHILDREN).used, 13);
    completes(registry, agents[7]);
    cr_assert_eq(close_it(registry, agents[7]), MOOR_OK);
    (void)spawn(registry);
    done(registry);
}

/* Results need an entry of their own. */
Test(ends, without_entries_for_texts_agents_end_without_one)
{
    moor_registry *registry = unlimited();
    moor_agent agents[40];
    int with_text = 0;

    registry->texts.most = 20;
    for (int i = 0; i < 40; i++) {
        moor_error error;

        agents[i] = spawn(registry);
        error = moor_finish(registry, agents[i], MOOR_STATUS_COMPLETED, "t", 1);
        with_text += error == MOOR_OK;
        if (error != MOOR_OK) {
            cr_assert_eq(error, MOOR_NO_MEMORY);
            cr_assert_eq(used(registry), 1);
            completes(registry, agents[i]);
        }
    }
    cr_assert_lt(with_text, 20);
    cr_assert_gt(with_text, 0);
    cr_assert(result_is(registry, agents[0], "t"));
    cr_assert_eq(moor_run_again(registry, agents[0], NULL), MOOR_OK);
    cr_assert_eq(
        moor_finish(registry, agents[39], MOOR_STATUS_COMPLETED, "u", 1),
        MOOR_WRONG_STATUS);
    cr_assert_eq(
        moor_finish(registry, agents[0], MOOR_STATUS_COMPLETED, "u", 1),
        MOOR_OK);
    done(registry);
}

/* Children need a node, those of the root none. */
Test(ends, without_nodes_children_of_the_root_only)
{
    moor_registry *registry = unlimited();
    moor_agent parent = spawn(registry), child;
    moor_spawn_options options = {.parent = parent};
    unsigned count = 0;

    registry->tree.nodes.most = 12;
    while (moor_spawn(registry, &options, &child, NULL) == MOOR_OK) {
        cr_assert_lt(++count, 12);
    }
    cr_assert_eq(moor_spawn(registry, &options, &child, NULL), MOOR_NO_MEMORY);
    cr_assert_eq(used(registry), 1 + count);
    cr_assert_eq(use_of(registry, parent, MOOR_LIMIT_CHILDREN).used, count);
    (void)spawn(registry);
    cr_assert_eq(close_it(registry, parent), MOOR_OK);
    parent = spawn(registry);
    (void)spawn_below(registry, parent, NULL);
    done(registry);
}

/* --- versions ------------------------------------------------------------- */

/* As if each bucket that is in use had changed so often that its version is at
 * its last. */
static void age_buckets(struct map *map)
{
    uint64_t levels = moor_load_acquire(&map->levels);

    for (uint64_t i = 0; i < buckets_at(map_level(levels)); i++) {
        uint64_t number =
            bucket_of(i << (MAP_LEVELS - map_level(levels)), levels);
        struct bucket *bucket = map_bucket(map, number);
        uint64_t head = moor_load_acquire(&bucket->head);

        if (head != 0) {
            moor_store_release(&bucket->head, head | ~(BUCKET_VERSION - 1));
        }
    }
}

Test(ends, versions_of_buckets_come_round)
{
    moor_registry *registry = unlimited();

    for (int round = 0; round < 20; round++) {
        moor_agent kept = spawn(registry);

        age_buckets(&registry->paths);
        age_buckets(&registry->ids);
        churn(registry, LIVES);
        cr_assert_eq(status_of(registry, kept), MOOR_STATUS_PENDING_INIT);
        cr_assert_eq(at_path(registry, info_of(registry, kept).path).bits,
                     kept.bits);
        sound(registry);
    }
    done(registry);
}

static void age_stack(moor_word *head)
{
    moor_store_release(head, moor_load_acquire(head) | ~LIFE_INDEX_MAX);
}

Test(ends, versions_of_vacant_entries_come_round)
{
    moor_registry *registry = unlimited();

    churn(registry, LIVES);
    for (int round = 0; round < 20; round++) {
        uint32_t end = books_end(registry);

        for (int i = 0; i < BOOKS_STACKS; i++) {
            age_stack(&registry->vacant[i].head);
        }
        age_stack(&registry->texts.vacant);
        age_stack(&registry->tree.nodes.vacant);
        churn(registry, LIVES);
        cr_assert_eq(books_end(registry), end);
        sound(registry);
    }
    done(registry);
}

/* --- numbers -------------------------------------------------------------- */

/* The numbers of admissions are compared round their end. */
Test(ends, holders_are_in_order_when_their_numbers_come_round)
{
    for (uint64_t before = 1; before < MOOR_HOLDERS_MAX; before++) {
        moor_registry *registry =
            given_limit(MOOR_LIMIT_RUNNING, MOOR_HOLDERS_MAX);
        moor_agent agents[MOOR_HOLDERS_MAX], another;
        moor_refusal refusal;

        moor_store_release(&registry->lifetime.word,
                           (uint64_t)0 - (before << TOTAL_USED_BITS));
        for (int i = 0; i < MOOR_HOLDERS_MAX; i++) {
            agents[i] = spawn(registry);
        }
        cr_assert_eq(
            moor_spawn(registry, &(moor_spawn_options){0}, &another, &refusal),
            MOOR_REFUSED);
        cr_assert_eq(refusal.holders_count, MOOR_HOLDERS_MAX);
        for (int i = 0; i < MOOR_HOLDERS_MAX; i++) {
            cr_assert_eq(refusal.holders[i].agent.bits, agents[i].bits);
        }
        cr_assert_eq(use_of(registry, nobody, MOOR_LIMIT_LIFETIME).used,
                     MOOR_HOLDERS_MAX);
        done(registry);
    }
}

Test(ends, made_names_of_the_last_numbers)
{
    moor_registry *registry = unlimited();
    moor_agent last;

    moor_store_release(&registry->names_made, UINT64_MAX - 1);
    last = spawn(registry);
    cr_assert_str_eq(info_of(registry, last).path,
                     "/root/agent_18446744073709551615");
    cr_assert_str_eq(info_of(registry, spawn(registry)).path, "/root/agent_0");
    cr_assert_str_eq(info_of(registry, spawn(registry)).path, "/root/agent_1");
    moor_store_release(&registry->names_made, UINT64_MAX - 1);
    cr_assert_str_eq(info_of(registry, spawn(registry)).path, "/root/agent_2");
    done(registry);
}

Test(ends, the_last_turns)
{
    moor_registry *registry = given_policy(MOOR_ON_TURN_END, 2);
    moor_agent agent;
    moor_turn_ended ended;
    uint64_t turn;

    moor_store_release(&registry->turn, UINT64_MAX - 1);
    cr_assert_eq(moor_turn_begin(registry, &turn), MOOR_OK);
    cr_assert_eq(turn, UINT64_MAX);
    agent = spawn(registry);
    cr_assert_eq(info_of(registry, agent).turn, UINT64_MAX);
    cr_assert_eq(moor_turn_end(registry, MOOR_LEFT_INTERRUPT, &ended), MOOR_OK);
    cr_assert_eq(ended.turn, UINT64_MAX);
    cr_assert_eq(ended.ended, 1);
    cr_assert_eq(ended.released, 1);
    done(registry);
}

/* --- the event's value ---------------------------------------------------- */

struct part {
    moor_registry *registry;
    moor_agent agent;
    bool waits;
    moor_error answer;
};

static void *wait_or_end(void *one)
{
    struct part *self = (struct part *)one;
    moor_waited answer;

    self->answer =
        self->waits
            ? moor_wait(self->registry, MOOR_WAIT_ALL, MOOR_UNTIL_FINAL,
                        &self->agent, 1, TOGETHER_MS, &answer)
            : finish(self->registry, self->agent, MOOR_STATUS_COMPLETED);
    return NULL;
}

Test(ends, no_wake_up_is_lost_when_the_events_value_comes_round)
{
    moor_registry *registry = given();

    for (int i = 0; i < LIVES; i++) {
        struct part both[2] = {{.registry = registry, .waits = true},
                               {.registry = registry}};

        ck_ec32_init(&registry->event.count, INT32_MAX);
        both[0].agent = both[1].agent = spawn(registry);
        together(wait_or_end, 2, both, sizeof both[0]);
        cr_assert_eq(both[0].answer, MOOR_OK);
        cr_assert_eq(both[1].answer, MOOR_OK);
    }
    done(registry);
}

/* --- the deepest, the longest, the most ----------------------------------- */

/* A chain down to the last segment, its path of exactly the longest length. */
static moor_agent longest(moor_registry *registry, moor_agent *top)
{
    char name[MOOR_SEGMENT_MAX + 1];
    moor_agent agent = nobody;
    size_t length = strlen("/root");

    for (int depth = 1; depth < MOOR_SEGMENTS_MAX; depth++) {
        size_t bytes = depth < MOOR_SEGMENTS_MAX - 1
                           ? 32
                           : (size_t)MOOR_PATH_MAX - length - 1;

        memset(name, 'a' + depth % 26, bytes);
        name[bytes] = '\0';
        agent = spawn_below(registry, agent, name);
        if (depth == 1) *top = agent;
        length += 1 + bytes;
    }
    return agent;
}

Test(ends, the_deepest_agent_with_the_longest_path)
{
    moor_registry *registry = unlimited();
    moor_agent top, agent = longest(registry, &top), none;
    moor_info info = info_of(registry, agent);
    moor_closed answer;

    cr_assert_eq(strlen(info.path), MOOR_PATH_MAX);
    cr_assert_eq(info.depth, MOOR_SEGMENTS_MAX - 1);
    cr_assert_eq(at_path(registry, info.path).bits, agent.bits);
    cr_assert_eq(at_path(registry, info.path + strlen("/root/")).bits,
                 agent.bits);
    cr_assert_eq(moor_spawn(registry,
                            &(moor_spawn_options){.parent = agent, .name = "x"},
                            &none, NULL),
                 MOOR_BAD_PATH);
    cr_assert_eq(moor_spawn(registry, &(moor_spawn_options){.parent = agent},
                            &none, NULL),
                 MOOR_BAD_PATH);
    completes(registry, agent);
    cr_assert_eq(close_it(registry, top), MOOR_OK);
    cr_assert_eq(used(registry), 0);
    agent = longest(registry, &top); /* anew, in the same places */
    cr_assert_eq(moor_close(registry, top, MOOR_CLOSE_ADOPT, &answer), MOOR_OK);
    cr_assert_str_eq(info_of(registry, agent).path, info.path);
    done(registry);
}

static void long_result(moor_registry *registry, size_t length)
{
    char *text = malloc(length + 1), *seen = malloc(length + 1);
    moor_agent agent = spawn(registry);
    size_t told = 0;

    cr_assert(text != NULL && seen != NULL);
    memset(text, 'x', length);
    text[length - 1] = 'y';
    cr_assert_eq(
        moor_finish(registry, agent, MOOR_STATUS_ERRORED, text, length),
        MOOR_OK);
    for (size_t room = length - 1; room <= length + 1; room++) {
        memset(seen, 'z', length + 1);
        cr_assert_eq(moor_result(registry, agent, seen, room, &told), MOOR_OK);
        cr_assert_eq(told, length);
        cr_assert_eq(memcmp(seen, text, room < length ? room : length), 0);
        cr_assert_eq(seen[length], 'z');
    }
    cr_assert_eq(close_it(registry, agent), MOOR_OK);
    free(text);
    free(seen);
}

Test(ends, results_of_any_length)
{
    moor_registry *registry = given();

    for (size_t length = 1; length <= (16 << 20); length *= 16) {
        long_result(registry, length);
    }
    done(registry);
}

/* Of one parent; adopted all at once, and closed all at once. */
Test(ends, very_many_children)
{
    moor_registry *registry = unlimited();
    moor_agent top = spawn(registry), parent = spawn_below(registry, top, NULL);
    moor_closed answer;

    for (int i = 0; i < CHILDREN; i++) {
        (void)spawn_below(registry, parent, NULL);
    }
    cr_assert_eq(use_of(registry, parent, MOOR_LIMIT_CHILDREN).used, CHILDREN);
    cr_assert_eq(moor_close(registry, parent, MOOR_CLOSE_ADOPT, &answer),
                 MOOR_OK);
    cr_assert_eq(answer.closed, 1);
    cr_assert_eq(use_of(registry, top, MOOR_LIMIT_CHILDREN).used, CHILDREN);
    cr_assert_eq(moor_close(registry, top, MOOR_CLOSE_TREE, &answer), MOOR_OK);
    cr_assert_eq(answer.closed, CHILDREN + 1);
    cr_assert_eq(used(registry), 0);
    done(registry);
}
