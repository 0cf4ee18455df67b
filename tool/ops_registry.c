/* Operations on the registry as a whole: turns, limits, reap. */
#include "play.h"

void op_turn_begin(struct player *player, const struct operation *operation,
                   struct answer *answer)
{
    uint64_t turn;
    moor_error error = moor_turn_begin(player->play->registry, &turn);

    (void)operation;
    answer_error(answer, error);
    if (error == MOOR_OK) answer_number(answer, "turn", turn);
}

void op_turn_end(struct player *player, const struct operation *operation,
                 struct answer *answer)
{
    moor_turn_ended ended;
    moor_error error = moor_turn_end(player->play->registry,
                                     (moor_left)operation->given.left, &ended);

    answer_error(answer, error);
    if (error != MOOR_OK) return;
    answer_number(answer, "turn", ended.turn);
    answer_number(answer, "ended", ended.ended);
    answer_number(answer, "released", ended.released);
}

void op_set_limit(struct player *player, const struct operation *operation,
                  struct answer *answer)
{
    const struct limit_value *limits = operation->given.limits;
    moor_error error = MOOR_OK;

    for (int i = 0; i < MOOR_LIMITS && error == MOOR_OK; i++) {
        if (!limits[i].given) continue;
        error = moor_set_limit(player->play->registry, (moor_limit)i,
                               limits[i].value);
    }
    answer_error(answer, error);
}

void op_reap(struct player *player, const struct operation *operation,
             struct answer *answer)
{
    uint64_t reaped;
    moor_error error = moor_reap(player->play->registry, &reaped);

    (void)operation;
    answer_error(answer, error);
    if (error == MOOR_OK) answer_number(answer, "reaped", reaped);
}
