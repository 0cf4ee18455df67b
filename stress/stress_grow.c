/*
 * The registry grows from nothing while it is read.
 *
 * Question  Is an agent that is there always found, by handle, id, path and
 *           list, while others make the registry grow and leave holes in it?
 *           Does whoever finds an agent see what its spawner wrote before?
 * Method    Rounds, each with a fresh registry and a few stable agents.  Half
 *           of the workers spawn hundreds of agents below them and close
 *           every few; the others look up the stable ones, and those of the
 *           growers that were announced and are never closed.  A grower
 *           writes a plain word before it spawns; a finder reads it.
 * Limits    The plain word proves an order only under the thread sanitizer.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <moorage/moorage.h>

#include "load/audit.h"
#include "load/options.h"
#include "load/outcome.h"
#include "load/threads.h"

enum saw {
    GROWN,
    FOUND_STABLE,
    FOUND_GROWN,
    NOT_YET,
    LISTED,
    MISSED_STABLE,
    MISSED_GROWN,
    LISTED_WRONG,
    WORD_UNSEEN,
    ODD_ANSWER,
    BAD_END,
    SAWS
};

static const struct outcome outcomes[SAWS] = {
    [GROWN] = { "spawned", MUST_OCCUR, "growth" },
    [FOUND_STABLE] = { "stable agent found", MUST_OCCUR, "always" },
    [FOUND_GROWN] = { "grown agent found", MUST_OCCUR, "by its path" },
    [NOT_YET] = { "grown agent not found", EXPECTED, "too early, or closed" },
    [LISTED] = { "list while growing", MUST_OCCUR, "stable ones once each" },
    [MISSED_STABLE] = { "stable agent not found", FORBIDDEN, "it is there" },
    [MISSED_GROWN] = { "announced agent not found", FORBIDDEN,
                       "it is there" },
    [LISTED_WRONG] = { "stable agent not listed once", FORBIDDEN,
                       "list's promise" },
    [WORD_UNSEEN] = { "spawner's word not seen", FORBIDDEN,
                      "commit releases" },
    [ODD_ANSWER] = { "answer that cannot be", FORBIDDEN, "contract" },
    [BAD_END] = { "books wrong afterwards", FORBIDDEN, "check, audit" },
};

enum { STABLE = 6, GROWTH = 300, HOLE_EVERY = 5, NAME_ROOM = 24, PAGE = 6 };

struct stable {
    moor_agent agent;
    moor_id id;
    char path[2 * NAME_ROOM];
};

/* One grower's part; `words` are written once in a round, before a spawn. */
struct grower {
    alignas(128) _Atomic uint32_t announced; /* those below are spawned */
    uint32_t words[GROWTH];
};

struct field {
    moor_registry *registry;
    uint32_t round;
    struct stable stable[STABLE];
    unsigned growers_count;
    struct grower *growers;
    alignas(128) _Atomic unsigned growing;
};

static bool stays(uint32_t k)
{
    return k % HOLE_EVERY != 0;
}

static void grow_one(struct worker *worker, struct grower *grower, uint32_t k)
{
    struct field *field = worker->shared;
    moor_spawn_options options = { .name = NULL };
    char name[NAME_ROOM];
    moor_agent agent;
    moor_error error;

    snprintf(name, sizeof name, "g%u_%u", worker->index, k);
    options.name = name;
    options.parent = field->stable[k % STABLE].agent;
    grower->words[k] = field->round;
    threads_step(worker, "spawn");
    error = moor_spawn(field->registry, &options, &agent, NULL);
    if (error == MOOR_OK && !stays(k)) {
        threads_step(worker, "close");
        error = moor_close(field->registry, agent, MOOR_CLOSE_BY_RULE, NULL);
    }
    if (error != MOOR_OK) {
        outcome_blame(&worker->tally, ODD_ANSWER, "grow: %s",
                      moor_error_name(error));
    }
    outcome_count(&worker->tally, GROWN);
    /* relaxed: the finder's order must come from the look-up */
    atomic_store_explicit(&grower->announced, k + 1, memory_order_relaxed);
}

static void grow(struct worker *worker)
{
    struct field *field = worker->shared;
    struct grower *grower = &field->growers[worker->index];

    for (uint32_t k = 0; k < GROWTH; k++) {
        grow_one(worker, grower, k);
    }
    atomic_fetch_sub_explicit(&field->growing, 1, memory_order_relaxed);
}

static void find_stable(struct worker *worker)
{
    struct field *field = worker->shared;
    uint32_t which = random_below(&worker->random, STABLE);
    const struct stable *stable = &field->stable[which];
    moor_agent by_path = { 0 }, by_id = { 0 };
    moor_status status = MOOR_STATUS_NOT_FOUND;

    threads_step(worker, "find stable");
    (void)moor_find_path(field->registry, (moor_agent){ 0 }, stable->path,
                         &by_path);
    (void)moor_find_id(field->registry, &stable->id, &by_id);
    (void)moor_status_of(field->registry, stable->agent, &status);
    if (by_path.bits == stable->agent.bits &&
        by_id.bits == stable->agent.bits && status == MOOR_STATUS_RUNNING) {
        outcome_count(&worker->tally, FOUND_STABLE);
    } else {
        outcome_blame(&worker->tally, MISSED_STABLE, "%s: %llx, %llx, %s",
                      stable->path, (unsigned long long)by_path.bits,
                      (unsigned long long)by_id.bits,
                      moor_status_name(status));
    }
}

static void find_grown(struct worker *worker)
{
    struct field *field = worker->shared;
    uint32_t of = random_below(&worker->random, field->growers_count);
    struct grower *grower = &field->growers[of];
    uint32_t announced =
        atomic_load_explicit(&grower->announced, memory_order_relaxed);
    uint32_t to = announced + 2 < GROWTH ? announced + 2 : GROWTH;
    uint32_t k = random_below(&worker->random, to);
    char name[NAME_ROOM];
    moor_agent agent;

    if (random_chance(&worker->random, 2)) {
        k = to - 1; /* the newest, or the one to come */
    }
    snprintf(name, sizeof name, "g%u_%u", of, k);
    threads_step(worker, "find grown");
    if (moor_find_path(field->registry, field->stable[k % STABLE].agent, name,
                       &agent) == MOOR_OK) {
        outcome_count(&worker->tally, FOUND_GROWN);
        if (grower->words[k] != field->round) {
            outcome_count(&worker->tally, WORD_UNSEEN);
        }
        return;
    }
    outcome_count(&worker->tally, NOT_YET);
    if (k < announced && stays(k)) {
        outcome_blame(&worker->tally, MISSED_GROWN, "%s", name);
    }
}

static void count_stable(const struct field *field, const moor_info *infos,
                         size_t count, unsigned seen[STABLE])
{
    for (size_t i = 0; i < count; i++) {
        for (unsigned k = 0; k < STABLE; k++) {
            seen[k] += infos[i].agent.bits == field->stable[k].agent.bits;
        }
    }
}

static void list(struct worker *worker)
{
    struct field *field = worker->shared;
    unsigned seen[STABLE] = { 0 };
    moor_info infos[PAGE];
    uint64_t cursor = 0;
    moor_error error;

    do {
        size_t count = 0;

        threads_step(worker, "list");
        error = moor_list(field->registry, NULL, &cursor, infos, PAGE,
                          &count);
        count_stable(field, infos, count, seen);
    } while (error == MOOR_OK && cursor != 0);
    outcome_count(&worker->tally, LISTED);
    for (unsigned k = 0; k < STABLE; k++) {
        if (seen[k] != 1) {
            outcome_blame(&worker->tally, LISTED_WRONG,
                          "%s: %u times (%s)", field->stable[k].path,
                          seen[k], moor_error_name(error));
        }
    }
}

static void read_all(struct worker *worker)
{
    struct field *field = worker->shared;

    while (atomic_load_explicit(&field->growing, memory_order_relaxed) > 0) {
        uint32_t what = random_below(&worker->random, 64);

        if (what == 0) {
            list(worker);
        } else if (what < 32) {
            find_stable(worker);
        } else {
            find_grown(worker);
        }
    }
}

static void plant(struct worker *worker, struct field *field, unsigned k)
{
    struct stable *stable = &field->stable[k];
    moor_spawn_options options = { .id = &stable->id };
    char name[NAME_ROOM];

    snprintf(name, sizeof name, "s%u", k);
    snprintf(stable->path, sizeof stable->path, "/root/%s", name);
    options.name = name;
    for (unsigned i = 0; i < sizeof stable->id.bytes; i++) {
        stable->id.bytes[i] = (uint8_t)random_next(&worker->random);
    }
    if (moor_spawn(field->registry, &options, &stable->agent, NULL) !=
            MOOR_OK ||
        moor_start(field->registry, stable->agent) != MOOR_OK) {
        outcome_count(&worker->tally, ODD_ANSWER);
    }
}

static void between(struct worker *worker, bool last)
{
    struct field *field = worker->shared;
    char why[AUDIT_WHY];
    moor_config config;

    if (field->registry != NULL && !audit_end(field->registry, why)) {
        outcome_blame(&worker->tally, BAD_END, "%s", why);
    }
    field->registry = NULL;
    if (last) {
        return;
    }
    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = MOOR_UNLIMITED;
    field->registry = audit_create(&config);
    field->round++;
    field->growing = field->growers_count;
    for (unsigned i = 0; i < field->growers_count; i++) {
        field->growers[i].announced = 0;
    }
    for (unsigned k = 0; k < STABLE; k++) {
        plant(worker, field, k);
    }
}

static void body(struct worker *worker)
{
    struct field *field = worker->shared;

    while (threads_round(worker, between)) {
        if (worker->index < field->growers_count) {
            grow(worker);
        } else {
            read_all(worker);
        }
    }
}

int main(int argc, char **argv)
{
    static struct field field;
    struct options options = options_read(argc, argv);
    struct tally sum = { .detail = "" };

    options.threads = options.threads < 2 ? 2 : options.threads;
    field.growers_count = options.threads / 2;
    field.growers = aligned_alloc(alignof(struct grower),
                                  field.growers_count *
                                      sizeof *field.growers);
    if (field.growers == NULL) {
        abort();
    }
    memset(field.growers, 0, field.growers_count * sizeof *field.growers);
    threads_run(&options, options.threads, body, &field, &sum);
    free(field.growers);
    return outcome_verdict(&options, outcomes, SAWS, &sum);
}
