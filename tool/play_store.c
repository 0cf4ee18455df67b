/*
 * The store of a scenario that restarts, and the operation `restart`.
 *
 * A restart is what a host's would be: the executors are gone, the books are in
 * the file, and agents are known by their ids.
 */
#include "play.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <moorage/store.h>

#include "folder.h"
#include "memory.h"
#include "play_children.h"

struct kept {
    moor_store *store;
    struct folder folder;
};

/* What came back, in the order of spawns. */
struct back {
    moor_agent *agents;
    moor_restored *outcomes;
    size_t count, room;
};

/* ---- the store ---------------------------------------------------------- */

/* The store of a scenario is this program's own: if it fails, the play cannot
 * go on. */
static void give_up(struct play *play, const char *text)
{
    fprintf(stderr, "%s: its store: %s\n", play->file, text);
    folder_remove(&play->kept->folder);
    exit(EXIT_COULD_NOT);
}

static void came_back(void *context, const moor_kept *agent, moor_agent handle,
                      moor_restored outcome)
{
    struct back *back = context;

    (void)agent;
    if (back->count == back->room) {
        back->room = back->room > 0 ? 2 * back->room : 64;
        back->agents =
            must_resize(back->agents, back->room, sizeof *back->agents);
        back->outcomes =
            must_resize(back->outcomes, back->room, sizeof *back->outcomes);
    }
    back->agents[back->count] = handle;
    back->outcomes[back->count++] = outcome;
}

static void open_store(struct play *play, struct back *back)
{
    const moor_store_options options = {.restored = came_back, .context = back};
    moor_store_report report;
    moor_config config;

    play_config(&play->scenario->header, &config);
    if (moor_store_open(play->kept->folder.store, &config, &options,
                        &play->kept->store, &play->registry,
                        &report) != MOOR_STORE_OK) {
        give_up(play, report.text);
    }
}

void kept_open(struct play *play)
{
    struct kept *kept = must_alloc(1, sizeof *kept);
    struct back back = {0};

    play->kept = kept;
    if (!folder_make(&kept->folder)) {
        fprintf(stderr, "%s: no folder can be made for its store: %s\n",
                play->file, strerror(errno));
        exit(EXIT_COULD_NOT);
    }
    open_store(play, &back);
}

static void close_store(struct play *play)
{
    moor_store_state state = {.text = ""};

    if (moor_store_flush(play->kept->store, MOOR_FOREVER) != MOOR_STORE_OK) {
        moor_store_state_of(play->kept->store, &state);
        give_up(play, state.text);
    }
    moor_store_close(play->kept->store);
    moor_destroy(play->registry);
}

void kept_close(struct play *play)
{
    close_store(play);
    folder_remove(&play->kept->folder);
    free(play->kept);
}

void kept_settle(const struct play *play)
{
    if (play->kept != NULL) moor_store_flush(play->kept->store, MOOR_FOREVER);
}

/* ---- labels ------------------------------------------------------------- */

/* By label number; nil: not bound, a ticket's, or the agent has left. */
static moor_id *ids_of_labels(const struct play *play)
{
    const struct labels *labels = &play->scenario->labels;
    moor_id *ids = must_alloc(labels->count, sizeof *ids);

    for (label_number i = 0; i < labels->count; i++) {
        moor_agent agent = {play->bindings[i].bits};
        moor_info info;

        if (i != LABEL_ROOT && play->bindings[i].bound &&
            !labels->all[i].is_ticket &&
            moor_info_of(play->registry, agent, &info) == MOOR_OK) {
            ids[i] = info.id;
        }
    }
    return ids;
}

static void bind_again(struct play *play, const moor_id *ids)
{
    const struct labels *labels = &play->scenario->labels;

    play->bindings[LABEL_ROOT].bits = moor_root(play->registry).bits;
    for (label_number i = 0; i < labels->count; i++) {
        moor_agent agent = {0};

        if (i == LABEL_ROOT) continue;
        play->bindings[i].bound =
            moor_find_id(play->registry, &ids[i], &agent) == MOOR_OK;
        play->bindings[i].bits = agent.bits;
    }
}

/* ---- the operation ------------------------------------------------------ */

static void tell(struct player *player, const struct back *back,
                 struct answer *answer)
{
    json_t *restored = must_json(json_array());
    json_t *charged = must_json(json_array());
    json_t *interrupted = must_json(json_array());

    for (size_t i = 0; i < back->count; i++) {
        json_t *name = agent_name(player, back->agents[i]);

        json_array_append(restored, name);
        if (back->outcomes[i] == MOOR_RESTORED_LIVE) {
            json_array_append(charged, name);
        } else if (back->outcomes[i] == MOOR_RESTORED_INTERRUPTED) {
            json_array_append(interrupted, name);
        }
        json_decref(name);
    }
    answer_json(answer, "restored", restored);
    answer_json(answer, "charged", charged);
    answer_json(answer, "interrupted", interrupted);
}

void op_restart(struct player *player, const struct operation *operation,
                struct answer *answer)
{
    struct play *play = player->play;
    struct back back = {0};
    moor_id *ids;

    (void)operation;
    children_destroy(play->children); /* what ends so is told to nobody */
    play->children = NULL;
    ids = ids_of_labels(play);
    close_store(play);
    open_store(play, &back);
    play_start_children(play);
    bind_again(play, ids);
    tell(player, &back, answer);
    free(ids);
    free(back.agents);
    free(back.outcomes);
}
