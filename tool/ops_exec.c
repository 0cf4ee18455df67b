/* The operation `exec`: an agent whose executor is a real child process. */
#include "play.h"
#include "play_children.h"

void op_exec(struct player *player, const struct operation *operation,
             struct answer *answer)
{
    struct children *children = player->play->children;
    moor_registry *registry = player->play->registry;
    moor_agent agent;

    if (admission_spawn(player, operation, &agent, answer) != MOOR_OK) return;

    children_enter(children);
    bool runs = children_run(children, agent, operation->given.argv.all);
    if (runs) {
        /* Running before its end can be reported.  It fails only if another
         * thread ended the agent just now; then settle kills the process. */
        moor_start(registry, agent);
    } else {
        moor_start_failed(registry, agent);
    }
    children_settle(children);
    children_leave(children);

    if (runs) {
        label_bind(player, operation->given.as, agent.bits);
    } else {
        answer->outcome = "exec_failed";
        json_object_clear(answer->fields);
    }
}
