/*
 * Operations that admit: spawn, reserve and commit, run_again; and abandon.
 */
#include <string.h>

#include "play.h"

/* An id as given.  A malformed one becomes the nil id, which the library turns
 * down in its own order of judgement. */
static const moor_id *given_id(const char *text, moor_id *id)
{
    if (text == NULL) return NULL;
    if (moor_id_parse(text, id) != MOOR_OK) memset(id, 0, sizeof *id);
    return id;
}

/* What an admission is made of, beside its options. */
struct details {
    moor_id id;
    moor_patience patience;
};

/* It ends, too, when whoever asked has left. */
static moor_patience given_patience(const struct player *player,
                                    const struct arguments *given)
{
    return (moor_patience){
        .timeout_ms = given->timeout_ms,
        .cancellation =
            given->timeout_ms == 0 ? NULL : asker_watch(player->asker),
    };
}

static moor_spawn_options given_options(const struct player *player,
                                        const struct arguments *given,
                                        struct details *details)
{
    details->patience = given_patience(player, given);
    return (moor_spawn_options){
        .parent = label_agent(player, given->parent),
        .name = given->name,
        .role = given->role,
        .nickname = given->nickname,
        .id = given_id(given->id, &details->id),
        .patience = &details->patience,
        .ttl_ms = given->ttl_ms,
    };
}

/* ---- answers ------------------------------------------------------------ */

/* What was admitted.  It may be gone again, by another thread's close; then
 * there is nothing to tell but the outcome. */
static void answer_admitted(struct answer *answer, moor_error error,
                            const moor_info *info)
{
    if (error != MOOR_OK) return;
    answer_text(answer, "path", info->path);
    answer_number(answer, "depth", info->depth);
    answer_text(answer, "nickname", info->nickname);
    answer_text(answer, "role", info->role);
    answer_number(answer, "turn", info->turn);
}

static void answer_agent(const struct player *player, moor_agent agent,
                         struct answer *answer)
{
    moor_info info;

    answer_admitted(answer, moor_info_of(player->play->registry, agent, &info),
                    &info);
}

static json_t *holder_name(const struct player *player,
                           const moor_holder *holder)
{
    return holder->status == MOOR_STATUS_RESERVED
               ? ticket_name(player, holder->ticket)
               : agent_name(player, holder->agent);
}

static void answer_refusal(const struct player *player,
                           const moor_refusal *refusal, struct answer *answer)
{
    json_t *holders = json_array();
    json_t *freed_by = json_object();

    answer_text(answer, "refused", moor_limit_name(refusal->limit));
    answer_number(answer, "used", refusal->used);
    answer_json(answer, "limit", limit_json(refusal->limit_value));
    for (uint32_t i = 0; i < refusal->holders_count; i++) {
        const moor_holder *holder = &refusal->holders[i];
        json_t *name = holder_name(player, holder);

        json_object_set_new(freed_by, json_string_value(name),
                            json_string(moor_freed_by_name(holder->freed_by)));
        json_array_append_new(holders, name);
    }
    answer_json(answer, "holders", holders);
    answer_json(answer, "freed_by", freed_by);
}

/* ---- operations --------------------------------------------------------- */

moor_error admission_spawn(struct player *player,
                           const struct operation *operation,
                           moor_agent *agent, struct answer *answer)
{
    struct details details;
    moor_refusal refusal;
    moor_spawn_options options =
        given_options(player, &operation->given, &details);
    moor_error error = moor_spawn(player->play->registry, &options, agent,
                                  &refusal);

    answer_error(answer, error);
    if (error == MOOR_REFUSED) answer_refusal(player, &refusal, answer);
    if (error == MOOR_OK) answer_agent(player, *agent, answer);
    return error;
}

void op_spawn(struct player *player, const struct operation *operation,
              struct answer *answer)
{
    moor_agent agent;

    if (admission_spawn(player, operation, &agent, answer) == MOOR_OK) {
        label_bind(player, operation->given.as, agent.bits);
    }
}

void op_reserve(struct player *player, const struct operation *operation,
                struct answer *answer)
{
    struct details details;
    moor_ticket ticket;
    moor_refusal refusal;
    moor_info info;
    moor_registry *registry = player->play->registry;
    moor_spawn_options options =
        given_options(player, &operation->given, &details);
    moor_error error = moor_reserve(registry, &options, &ticket, &refusal);

    answer_error(answer, error);
    if (error == MOOR_REFUSED) answer_refusal(player, &refusal, answer);
    if (error != MOOR_OK) return;
    label_bind(player, operation->given.as, ticket.bits);
    answer_admitted(answer, moor_ticket_info(registry, ticket, &info), &info);
}

void op_commit(struct player *player, const struct operation *operation,
               struct answer *answer)
{
    const struct arguments *given = &operation->given;
    moor_id id;
    moor_agent agent;
    moor_error error = moor_commit(player->play->registry,
                                   label_ticket(player, given->ticket),
                                   given_id(given->id, &id), given->path,
                                   &agent);

    answer_error(answer, error);
    if (error != MOOR_OK) return;
    label_bind(player, given->as, agent.bits);
    answer_agent(player, agent, answer);
}

void op_abandon(struct player *player, const struct operation *operation,
                struct answer *answer)
{
    answer_error(answer,
                 moor_abandon(player->play->registry,
                              label_ticket(player, operation->given.ticket)));
}

void op_run_again(struct player *player, const struct operation *operation,
                  struct answer *answer)
{
    moor_registry *registry = player->play->registry;
    moor_agent agent = label_agent(player, operation->given.agent);
    const moor_patience patience = given_patience(player, &operation->given);
    moor_refusal refusal;
    moor_info info;
    moor_error error =
        moor_run_again_queued(registry, agent, &patience, &refusal);

    answer_error(answer, error);
    if (error == MOOR_REFUSED) answer_refusal(player, &refusal, answer);
    if (error == MOOR_OK && moor_info_of(registry, agent, &info) == MOOR_OK) {
        answer_number(answer, "turn", info.turn);
    }
}

void op_take_back(struct player *player, const struct operation *operation,
                  struct answer *answer)
{
    const moor_patience patience = given_patience(player, &operation->given);
    moor_refusal refusal;
    moor_error error = moor_take_back(
        player->play->registry, label_agent(player, operation->given.agent),
        &patience, &refusal);

    answer_error(answer, error);
    if (error == MOOR_REFUSED) answer_refusal(player, &refusal, answer);
}

void op_load(struct player *player, const struct operation *operation,
             struct answer *answer)
{
    moor_refusal refusal;
    moor_error error = moor_load(player->play->registry,
                                 label_agent(player, operation->given.agent),
                                 &refusal);

    answer_error(answer, error);
    if (error == MOOR_REFUSED) answer_refusal(player, &refusal, answer);
}
