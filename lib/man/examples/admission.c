/* Who may start an agent, and what a refusal says. */
#include <moorage/moorage.h>

#include "need.h"

/* Who holds the slots, and what would free them. */
static void explain(const moor_refusal *refusal)
{
    printf("%s: %u of %u used\n", moor_limit_name(refusal->limit),
           (unsigned)refusal->used, refusal->limit_value);
    for (uint32_t i = 0; i < refusal->holders_count; i++) {
        const moor_holder *holder = &refusal->holders[i];
        printf("  %s: freed by %s\n", moor_status_name(holder->status),
               moor_freed_by_name(holder->freed_by));
    }
}

static moor_error spawn(moor_registry *registry, const char *name,
                        moor_agent *agent)
{
    const moor_spawn_options options = {.name = name, .role = "explorer"};
    moor_refusal refusal;
    moor_error error = moor_spawn(registry, &options, agent, &refusal);

    if (error == MOOR_REFUSED) explain(&refusal);
    return error;
}

/* First the slot, then what may fail, then the agent. */
static moor_error prepare(moor_registry *registry, bool (*connect)(void),
                          moor_agent *agent)
{
    const moor_spawn_options options = {.name = "worker"};
    moor_ticket ticket;
    moor_error error = moor_reserve(registry, &options, &ticket, NULL);

    if (error != MOOR_OK) return error;
    if (!connect()) return moor_abandon(registry, ticket);
    return moor_commit(registry, ticket, NULL, NULL, agent);
}

/* Three, or none of them. */
static moor_error three(moor_registry *registry)
{
    const moor_spawn_options options[3] = {
        {.name = "a"}, {.name = "b"}, {.name = "c"}};
    moor_agent agents[3];

    return moor_spawn_many(registry, options, 3, agents, NULL);
}

/* Waits a second for a slot, unless somebody cancels. */
static moor_error patient(moor_registry *registry,
                          moor_cancellation *cancellation)
{
    const moor_patience patience = {1000, cancellation};
    const moor_spawn_options options = {.patience = &patience};
    moor_agent agent;

    return moor_spawn(registry, &options, &agent, NULL);
}

/* From any thread: who waits with it answers at once, or never begins to. */
static void cancel(moor_registry *registry, moor_cancellation *cancellation)
{
    need(moor_cancel(registry, cancellation) == MOOR_OK);
}

static bool yes(void)
{
    return true;
}

static bool no(void)
{
    return false;
}

int main(void)
{
    moor_cancellation cancellation = {0};
    moor_registry *registry;
    moor_config config;
    moor_agent agent = {0};

    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = 2;
    need(moor_create(&config, &registry) == MOOR_OK);
    need(three(registry) == MOOR_REFUSED);
    need(prepare(registry, no, &agent) == MOOR_OK && agent.bits == 0);
    need(prepare(registry, yes, &agent) == MOOR_OK && agent.bits != 0);
    need(spawn(registry, "one", &agent) == MOOR_OK);
    need(spawn(registry, "two", &agent) == MOOR_REFUSED);
    cancel(registry, &cancellation);
    need(patient(registry, &cancellation) == MOOR_REFUSED);
    moor_destroy(registry);
    return need_failed;
}
