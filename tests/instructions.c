/*
 * Public calls, each many times, for instructions.sh to count.
 *
 * The registry is warm: records, buckets and plates are there, a hundred agents
 * live in it.  Each call is made ROUNDS times, no more and no less.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <moorage/moorage.h>

enum { RESIDENTS = 100, WARM = 1000, ROUNDS = 1000 };

static moor_registry *registry;
static moor_agent residents[RESIDENTS];

static void must(moor_error error, moor_error expected)
{
    if (error != expected) {
        fprintf(stderr, "instructions: %s\n", moor_error_name(error));
        exit(1);
    }
}

static moor_id id_of(int number)
{
    moor_id id = {{0}};

    id.bytes[0] = 1;
    memcpy(id.bytes + 12, &number, sizeof number);
    return id;
}

/* moor_spawn is counted in the rounds alone: others are reserved and committed.
 */
static moor_agent spawn(int number, bool counted)
{
    const moor_id id = id_of(number);
    char name[MOOR_SEGMENT_MAX + 1];
    const moor_spawn_options options = {
        .parent = residents[number % RESIDENTS], .name = name, .id = &id};
    moor_agent agent = {0};
    moor_ticket ticket;

    (void)snprintf(name, sizeof name, "worker_%06d", number);
    if (counted) {
        must(moor_spawn(registry, &options, &agent, NULL), MOOR_OK);
        return agent;
    }
    must(moor_reserve(registry,
                      &(moor_spawn_options){.parent = options.parent,
                                            .name = name},
                      &ticket, NULL),
         MOOR_OK);
    must(moor_commit(registry, ticket, NULL, NULL, &agent), MOOR_OK);
    return agent;
}

static void settle(void)
{
    for (int i = 0; i < RESIDENTS; i++) {
        residents[i] = moor_root(registry);
    }
    for (int i = 0; i < RESIDENTS; i++) {
        residents[i] = spawn(1000000 + i, false);
        must(moor_start(registry, residents[i]), MOOR_OK);
    }
}

static void warm_up(void)
{
    for (int i = 0; i < WARM; i++) {
        moor_agent agent = spawn(2000000 + i, false);

        must(moor_died(registry, agent), MOOR_OK);
        must(moor_close(registry, agent, MOOR_CLOSE_ADOPT, NULL), MOOR_OK);
    }
}

static void look(moor_agent agent, int number)
{
    const moor_id id = id_of(number);
    moor_agent found;
    moor_status status;
    moor_info info;

    must(moor_status_of(registry, agent, &status), MOOR_OK);
    must(moor_find_id(registry, &id, &found), MOOR_OK);
    must(moor_info_of(registry, agent, &info), MOOR_OK);
    must(moor_find_path(registry, (moor_agent){0}, info.path, &found),
         MOOR_OK);
}

static void live(int number)
{
    moor_agent agent = spawn(number, true);
    moor_waited waited;

    look(agent, number);
    must(moor_start(registry, agent), MOOR_OK);
    must(moor_finish(registry, agent, MOOR_STATUS_COMPLETED, NULL, 0),
         MOOR_OK);
    must(moor_wait(registry, MOOR_WAIT_ALL, MOOR_UNTIL_FINAL, &agent, 1, 0,
                   &waited),
         MOOR_OK);
    must(moor_run_again(registry, agent, NULL), MOOR_OK);
    must(moor_interrupt(registry, agent), MOOR_OK);
    must(moor_close(registry, agent, MOOR_CLOSE_BY_RULE, NULL), MOOR_OK);
}

int main(void)
{
    moor_config config;

    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = RESIDENTS + 1;
    must(moor_create(&config, &registry), MOOR_OK);
    settle();
    warm_up();
    for (int i = 0; i < ROUNDS; i++) {
        live(i);
    }
    moor_destroy(registry);
    return 0;
}
