/*
 * Playing a scenario: a registry by its header, then the operations in order,
 * repeats and parallels unfolded.
 */
#include "play.h"

#include <pthread.h>
#include <stdlib.h>

#include "memory.h"
#include "play_children.h"
#include "scenario_reader.h"

static void play_block(struct player *player, const struct block *block);

static void play_one(struct player *player, const struct operation *operation)
{
    struct answer answer = {"ok", must_json(json_object())};

    op_perform(player, operation, &answer);
    bool held = answer_meets(operation, &answer);
    player->played++;
    if (!held) player->broken++;
    report_operation(player->play, operation, &answer, held);
    json_decref(answer.fields);
}

static void play_repeat(struct player *player,
                        const struct operation *operation)
{
    const struct block *body = operation->given.blocks.all;

    for (uint32_t pass = 0; pass < operation->given.times; pass++) {
        labels_unbind(player->play, body->labels);
        play_block(player, body);
    }
}

/* ---- parallel ----------------------------------------------------------- */

struct thread {
    pthread_t handle;
    pthread_barrier_t *start;
    struct player player;
    const struct block *block;
};

static void *run_thread(void *argument)
{
    struct thread *thread = argument;

    /* All start together: without this the first would often be done before
     * the last exists, and nothing would overlap. */
    pthread_barrier_wait(thread->start);
    play_block(&thread->player, thread->block);
    return NULL;
}

static void start_thread(struct thread *thread)
{
    if (pthread_create(&thread->handle, NULL, run_thread, thread) != 0) {
        /* Those already started wait for a start that will not come. */
        fputs("moorage: cannot start a thread\n", stderr);
        exit(EXIT_COULD_NOT);
    }
}

static void play_parallel(struct player *player,
                          const struct operation *operation)
{
    const struct block_list *blocks = &operation->given.blocks;
    struct thread *threads = must_alloc(blocks->count, sizeof *threads);
    pthread_barrier_t start;

    pthread_barrier_init(&start, NULL, (unsigned)blocks->count);
    for (size_t i = 0; i < blocks->count; i++) {
        threads[i].start = &start;
        threads[i].block = &blocks->all[i];
        threads[i].player = (struct player){
            .play = player->play,
            .in_parallel = true,
            .from_before = blocks->all[0].labels.first,
            .own = blocks->all[i].labels,
        };
        start_thread(&threads[i]);
    }
    for (size_t i = 0; i < blocks->count; i++) {
        pthread_join(threads[i].handle, NULL);
        player->played += threads[i].player.played;
        player->broken += threads[i].player.broken;
    }
    pthread_barrier_destroy(&start);
    free(threads);
}

static void play_block(struct player *player, const struct block *block)
{
    for (size_t i = 0; i < block->count; i++) {
        const struct operation *operation = &block->all[i];

        switch (operation->spec->kind) {
        case OP_REPEAT: play_repeat(player, operation); break;
        case OP_PARALLEL: play_parallel(player, operation); break;
        default: play_one(player, operation); break;
        }
    }
}

/* ---- the whole ---------------------------------------------------------- */

void play_config(const struct header *header, moor_config *config)
{
    moor_config_default(config);
    for (int i = 0; i < MOOR_LIMITS; i++) {
        if (!header->limits[i].given) continue;
        config->limits[i] = header->limits[i].value;
    }
    config->release = (moor_release)header->release;
    config->close_rule = (moor_close_rule)header->close_rule;
    config->queue = header->queue;
    config->nicknames = header->nicknames.all;
    config->nicknames_count = header->nicknames.count;
    config->roles = header->roles.all;
    config->roles_count = header->roles.count;
    config->track_use = true;
    config->events = true;
}

static void open_registry(struct play *play)
{
    moor_config config;
    moor_error error;

#ifdef MOORAGE_STORE
    if (play->scenario->has_restart) {
        kept_open(play);
        return;
    }
#endif
    play_config(&play->scenario->header, &config);
    error = moor_create(&config, &play->registry);
    if (error != MOOR_OK) {
        fprintf(stderr, "%s: no registry can be made: %s\n", play->file,
                moor_error_text(error));
        exit(EXIT_COULD_NOT);
    }
}

static void close_registry(struct play *play)
{
#ifdef MOORAGE_STORE
    if (play->kept != NULL) {
        kept_close(play);
        return;
    }
#endif
    moor_destroy(play->registry);
}

void play_start_children(struct play *play)
{
    if (!play->scenario->has_exec) return;
    play->children = children_create(play->registry);
    if (play->children == NULL) {
        fputs("moorage: cannot start a thread\n", stderr);
        close_registry(play);
        exit(EXIT_COULD_NOT);
    }
}

/* The check at the end: children are kept still, so that it is exact. */
static bool is_sound(const struct play *play, char *text, size_t room)
{
    children_enter(play->children);
#ifdef MOORAGE_STORE
    kept_settle(play);
#endif
    moor_error error = moor_check(play->registry, true, text, room);
    children_leave(play->children);
    return error != MOOR_VIOLATED;
}

static int play_and_tell(struct play *play)
{
    label_number labels = play->scenario->labels.count;
    struct player player = {.play = play, .from_before = labels};
    char text[512];

    play->bindings[LABEL_ROOT] = (struct binding){
        true, moor_root(play->registry).bits};
    play_block(&player, &play->scenario->play);

    bool sound = is_sound(play, text, sizeof text);
    if (!sound) player.broken++;
    report_end(play, player.played, player.broken, sound ? NULL : text);
    return player.broken == 0 ? EXIT_HELD : EXIT_BROKEN;
}

int play_scenario(const char *file, const struct scenario *scenario,
                  bool as_json)
{
    struct play play = {.file = file, .scenario = scenario, .json = as_json};

    open_registry(&play);
    play_start_children(&play);
    play.bindings = must_alloc(scenario->labels.count, sizeof *play.bindings);
    int code = play_and_tell(&play);
    children_destroy(play.children);
    close_registry(&play);
    free(play.bindings);
    return code;
}
