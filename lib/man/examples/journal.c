/* A copy of the books, kept up to date, and the way back from one. */
#include <moorage/moorage.h>

#include "need.h"

enum { ROOM = 32 };

/* Takes what has changed; how many agents that were. */
static size_t follow(moor_registry *registry)
{
    moor_changed changed[ROOM];
    moor_change change;
    char text[256];
    size_t count;
    bool behind;

    if (moor_journal_wait(registry, 1000) != MOOR_OK) return 0;
    need(moor_changes(registry, changed, ROOM, &count, &behind) == MOOR_OK);
    for (size_t i = 0; i < count; i++) {
        if (moor_change_read(registry, changed[i].agent, &change, text,
                             sizeof text) == MOOR_OK) {
            printf("%s is %s\n", change.info.path,
                   moor_status_name(change.info.status));
        }
        need(moor_change_done(registry, &changed[i]) == MOOR_OK);
    }
    return count;
}

/* From another thread, at the end: the one that follows looks once more. */
static void wake(moor_registry *registry)
{
    need(moor_journal_wake(registry) == MOOR_OK);
}

/* Makes it anew, with what has to be kept beside the agents. */
static moor_registry *restore(const moor_registry *from)
{
    const moor_kept kept = {
        .parent = MOOR_KEPT_ROOT,
        .id = {{1}},
        .path = "/root/a",
        .status = MOOR_STATUS_COMPLETED,
    };
    moor_registry *made = NULL;
    moor_restored outcome;
    moor_agent agent;

    need(moor_restore(NULL, &kept, 1, moor_turn_now(from),
                      moor_lifetime_used(from), &made, &agent, &outcome,
                      NULL) == MOOR_OK);
    need(outcome == MOOR_RESTORED_IDLE);
    return made;
}

int main(void)
{
    moor_registry *registry, *again;
    moor_config config;
    moor_agent agent;

    moor_config_default(&config);
    config.journal = true;
    need(moor_create(&config, &registry) == MOOR_OK);
    need(moor_spawn(registry, &(moor_spawn_options){0}, &agent, NULL) ==
         MOOR_OK);
    wake(registry);
    need(follow(registry) == 1);
    again = restore(registry);
    need(again != NULL && moor_lifetime_used(again) == 1);
    moor_destroy(again);
    moor_destroy(registry);
    return need_failed;
}
