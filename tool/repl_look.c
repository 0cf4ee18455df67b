#include "repl.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <moorage/snapshot.h>

#include "text.h"

static bool print_piece(void *context, const char *bytes, size_t length)
{
    (void)context;
    return fwrite(bytes, 1, length, stdout) == length;
}

void look_tree(struct session *session)
{
    moor_error error = moor_snapshot(session->play.registry,
                                     MOOR_SNAPSHOT_TREE, print_piece, NULL);

    if (error != MOOR_OK) printf("%s\n", moor_error_text(error));
}

void look_stats(struct session *session)
{
    moor_stats stats;

    if (moor_stats_of(session->play.registry, &stats) != MOOR_OK) return;
    printf("%" PRIu64 " running slots in use, %" PRIu64 " at most so far; %"
           PRIu64 " wait for one\n",
           stats.used, stats.used_most, stats.waiting);
    printf("%" PRIu64 " live, %" PRIu64 " idle, %" PRIu64 " reserved; turn %"
           PRIu64 "\n",
           stats.live, stats.idle, stats.tickets, stats.turn);
    printf("%" PRIu64 " spawned, %" PRIu64 " completed, %" PRIu64 " closed, %"
           PRIu64 " slots released\n",
           stats.spawned, stats.completed, stats.closed, stats.released);
    for (int i = 0; i < MOOR_LIMITS; i++) {
        if (stats.refused[i] == 0) continue;
        printf("%" PRIu64 " refused: %s\n", stats.refused[i],
               moor_limit_name((moor_limit)i));
    }
}

/* ---- why ----------------------------------------------------------------- */

static const char *freed_by(const moor_info *info)
{
    if (info->lent) return "it has lent its slot: take_back asks for it again";
    if (!info->slot) return "it holds no running slot";
    if (moor_holds_slot(info->status)) {
        return "it holds a running slot until it finishes, dies or is closed";
    }
    return "it has ended and keeps its slot, as the release policy says: "
           "reap, turn_end or close frees it";
}

static void print_chain(struct session *session, const moor_info *info)
{
    moor_info above = *info;

    while (above.parent.bits != 0 &&
           moor_info_of(session->play.registry, above.parent, &above) ==
               MOOR_OK) {
        printf("  below %s, %s\n", above.path, moor_status_name(above.status));
    }
}

void look_why(struct session *session, const char *name)
{
    moor_agent agent = session_agent(session, name);
    moor_info info;

    if (agent.bits == 0 ||
        moor_info_of(session->play.registry, agent, &info) != MOOR_OK) {
        text_print(stdout, name);
        puts(" names nobody who is there: tree shows who is");
        return;
    }
    printf("%s is %s%s, for %" PRIu64 ".%03u s, of turn %" PRIu64 "\n",
           info.path, moor_status_name(info.status),
           info.fenced ? ", and nothing new may hang below it" : "",
           info.age_ms / 1000, (unsigned)(info.age_ms % 1000), info.turn);
    printf("  %s\n", freed_by(&info));
    if (info.pinned) printf("  pinned: it is not evicted\n");
    print_chain(session, &info);
}
