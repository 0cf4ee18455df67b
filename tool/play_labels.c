/*
 * What labels name while a scenario is played, and back from handles to labels.
 */
#include "play.h"

#include "memory.h"

void label_bind(struct player *player, label_number label, uint64_t bits)
{
    if (label == LABEL_NONE) return;
    player->play->bindings[label] = (struct binding){true, bits};
}

void labels_unbind(struct play *play, struct label_range range)
{
    for (label_number i = range.first; i < range.end; i++) {
        if (i != LABEL_ROOT) play->bindings[i].bound = false;
    }
}

bool label_is_bound(const struct player *player, label_number label)
{
    return player->play->bindings[label].bound;
}

moor_agent label_agent(const struct player *player, label_number label)
{
    const struct binding *binding = &player->play->bindings[label];

    return (moor_agent){binding->bound ? binding->bits : 0};
}

moor_ticket label_ticket(const struct player *player, label_number label)
{
    const struct binding *binding = &player->play->bindings[label];

    return (moor_ticket){binding->bound ? binding->bits : 0};
}

/* The label in `range` that is bound to the handle; null if there is none. */
static const char *find_in(const struct play *play, struct label_range range,
                           bool is_ticket, uint64_t bits)
{
    const struct label *labels = play->scenario->labels.all;

    for (label_number i = range.first; i < range.end; i++) {
        const struct binding *binding = &play->bindings[i];
        if (labels[i].is_ticket == is_ticket && binding->bound &&
            binding->bits == bits) {
            return labels[i].name;
        }
    }
    return NULL;
}

/* Only labels that the thread may see are looked at: what its siblings define
 * may be bound at this very moment. */
static const char *find(const struct player *player, bool is_ticket,
                        uint64_t bits)
{
    struct label_range before = {0, player->from_before};
    const char *name = find_in(player->play, before, is_ticket, bits);

    if (name != NULL) return name;
    return find_in(player->play, player->own, is_ticket, bits);
}

/* Without a label: the path, or what is known when it left meanwhile. */
static json_t *path_name(moor_error error, const moor_info *info)
{
    return must_json(json_string(error == MOOR_OK ? info->path : "/?"));
}

json_t *agent_name(const struct player *player, moor_agent agent)
{
    const char *name = find(player, false, agent.bits);
    moor_info info;

    if (name != NULL) return must_json(json_string(name));
    return path_name(moor_info_of(player->play->registry, agent, &info), &info);
}

json_t *ticket_name(const struct player *player, moor_ticket ticket)
{
    const char *name = find(player, true, ticket.bits);
    moor_info info;

    if (name != NULL) return must_json(json_string(name));
    return path_name(moor_ticket_info(player->play->registry, ticket, &info),
                     &info);
}
