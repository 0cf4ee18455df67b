/* Operations that take time: wait and sleep. */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "memory.h"
#include "play.h"

/* The status of each agent that met the wait, by its label. */
static json_t *met(const struct player *player, const struct label_list *list,
                   const moor_waited *waited)
{
    json_t *statuses = json_object();

    for (size_t i = 0; i < list->count; i++) {
        const struct label *label =
            &player->play->scenario->labels.all[list->all[i]];
        if (!waited[i].met) continue;
        json_object_set_new(statuses, label->name,
                            json_string(moor_status_name(waited[i].status)));
    }
    return statuses;
}

static moor_agent lender(const struct player *player,
                         const struct arguments *given)
{
    moor_info info = {.parent = {0}};

    if (given->lend != LABEL_PARENT) return label_agent(player, given->lend);
    (void)moor_info_of(player->play->registry,
                       label_agent(player, given->agents.all[0]), &info);
    return info.parent;
}

/* After so long it is looked whether whoever asked is still there. */
enum { PIECE_MS = 500 };

static uint64_t piece_of(const struct player *player, uint64_t left_ms)
{
    return player->asker != NULL && left_ms > PIECE_MS ? PIECE_MS : left_ms;
}

static moor_error wait_in_pieces(const struct player *player,
                                 const struct arguments *given,
                                 const moor_agent *agents, moor_waited *waited)
{
    uint64_t left_ms = given->timeout_ms, piece;
    moor_error error;

    if (left_ms > 0) (void)asker_watch(player->asker);
    do {
        piece = piece_of(player, left_ms);
        error = moor_wait(player->play->registry,
                          (moor_wait_for)given->wait_for,
                          (moor_wait_until)given->until, agents,
                          given->agents.count, piece, waited);
        left_ms -= piece;
    } while (error == MOOR_TIMED_OUT && left_ms > 0 &&
             !asker_has_left(player->asker));
    return error;
}

/* Waits; whoever is named in `lend` lends its slot meanwhile. */
static moor_error wait_for_agents(const struct player *player,
                                  const struct arguments *given,
                                  const moor_agent *agents, moor_waited *waited)
{
    return given->lend == 0
               ? wait_in_pieces(player, given, agents, waited)
               : moor_wait_lending(player->play->registry,
                                   lender(player, given),
                                   (moor_wait_for)given->wait_for,
                                   (moor_wait_until)given->until, agents,
                                   given->agents.count, given->timeout_ms,
                                   waited);
}

void op_wait(struct player *player, const struct operation *operation,
             struct answer *answer)
{
    const struct arguments *given = &operation->given;
    size_t count = given->agents.count;
    moor_agent *agents = must_alloc(count, sizeof *agents);
    moor_waited *waited = must_alloc(count, sizeof *waited);

    /* An unbound label waits for the zero handle: nobody, met as not_found. */
    for (size_t i = 0; i < count; i++) {
        agents[i] = label_agent(player, given->agents.all[i]);
    }
    moor_error error = wait_for_agents(player, given, agents, waited);
    bool answered = error == MOOR_OK || error == MOOR_TIMED_OUT;
    answer_error(answer, answered ? MOOR_OK : error);
    if (answered) {
        answer_json(answer, "timed_out", json_boolean(error == MOOR_TIMED_OUT));
        answer_json(answer, "status", met(player, &given->agents, waited));
    }
    free(agents);
    free(waited);
}

static void sleep_for(uint64_t ms)
{
    struct timespec left = {(time_t)(ms / 1000), (long)(ms % 1000) * 1000000};

    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR) {
    }
}

void op_sleep(struct player *player, const struct operation *operation,
              struct answer *answer)
{
    uint64_t left_ms = operation->given.ms;

    if (left_ms > 0) (void)asker_watch(player->asker);
    while (left_ms > 0 && !asker_has_left(player->asker)) {
        uint64_t piece = piece_of(player, left_ms);

        sleep_for(piece);
        left_ms -= piece;
    }
    answer_error(answer, MOOR_OK);
}
