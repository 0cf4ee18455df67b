/*
 * Reading everything: list, stats and check against spawns and closes.
 *
 * Goal    I10: what is there throughout is listed once, whole; what is listed
 *         was there; a check never finds an invariant broken because others
 *         are under way.
 * Method  as each case's line says: every schedule up to the order of
 *         independent steps, or with a bound of preemptions.
 */
#include <string.h>

#include "world/world.h"

static moor_agent stays, goes, comes;
static moor_ticket ticket;
static moor_info gone; /* what `goes` was */

static void make(void)
{
    world_make(6, MOOR_ON_COMPLETION);
    goes = world_spawn((moor_agent){0}, "goes");
    moor_info_of(world, goes, &gone);
    stays = world_spawn((moor_agent){0}, "stays");
    ticket = world_reserve((moor_agent){0}, "t");
    comes = (moor_agent){0};
}

static void idle(void)
{
    make();
    world_finish(stays);
}

/* --- readers ------------------------------------------------------------- */

static bool is_gone(const moor_info *info)
{
    return info->agent.bits == gone.agent.bits &&
           strcmp(info->path, gone.path) == 0 &&
           memcmp(&info->id, &gone.id, sizeof gone.id) == 0 &&
           info->parent.bits == gone.parent.bits && info->depth == gone.depth;
}

static void expect_entry(const moor_info *info)
{
    bool is_ticket = info->ticket.bits != 0;

    if (is_ticket == (info->agent.bits != 0) ||
        is_ticket != (info->status == MOOR_STATUS_RESERVED) ||
        strncmp(info->path, "/root", 5) != 0) {
        model_fail("listed as %s: %s, agent %llx, ticket %llx", info->path,
                   moor_status_name(info->status),
                   (unsigned long long)info->agent.bits,
                   (unsigned long long)info->ticket.bits);
    }
    if ((info->agent.bits == goes.bits || strcmp(info->path, gone.path) == 0) &&
        !is_gone(info)) {
        model_fail("%s has something of another", info->path);
    }
}

/* Pages of one entry; what each says. */
static int list(moor_info *infos, int most)
{
    uint64_t cursor = 0;
    int listed = 0;

    do {
        size_t count = 0;
        world_expect_error(
            "list", moor_list(world, NULL, &cursor, &infos[listed], 1, &count),
            MOOR_OK);
        if (count > 0) {
            expect_entry(&infos[listed]);
            listed++;
        }
    } while (cursor != 0 && listed < most);
    return listed;
}

static int count_path(const moor_info *infos, int count, const char *path)
{
    int met = 0;

    for (int i = 0; i < count; i++)
        met += strcmp(infos[i].path, path) == 0;
    return met;
}

enum { LISTED_MOST = 7 };

static void list_all(void)
{
    static moor_info all[MODEL_THREADS_MAX][LISTED_MOST];
    moor_info *infos = all[model_self()];
    int count = list(infos, LISTED_MOST);

    WORLD_EXPECT(count_path(infos, count, "/root") == 1);
    WORLD_EXPECT(count_path(infos, count, "/root/stays") == 1);
    WORLD_EXPECT(count_path(infos, count, "/root/t") <= 1);
    WORLD_EXPECT(count_path(infos, count, "/root/comes") <= 1);
}

static void read_info(void)
{
    static moor_info infos[MODEL_THREADS_MAX];
    moor_info *info = &infos[model_self()];

    if (moor_info_of(world, goes, info) != MOOR_OK) return;
    if (!is_gone(info)) model_fail("read of another: %s", info->path);
}

static void check(void)
{
    char text[200];

    if (moor_check(world, false, text, sizeof text) != MOOR_OK) {
        model_fail("under load: %s", text);
    }
}

static void read_stats(void)
{
    moor_stats stats;

    world_expect_error("stats", moor_stats_of(world, &stats), MOOR_OK);
    WORLD_EXPECT(stats.live + stats.idle + stats.tickets >= 1);
}

/* --- writers ------------------------------------------------------------- */

static void spawn(void)
{
    world_expect_error(
        "spawn", world_try_spawn((moor_agent){0}, "comes", &comes), MOOR_OK);
}

static void close_goes(void)
{
    world_expect_error("close", world_close_tree(goes), MOOR_OK);
}

static void close_and_spawn(void)
{
    close_goes();
    spawn();
}

/* Its record goes to one at another place of the tree. */
static void close_and_spawn_below(void)
{
    close_goes();
    world_expect_error("spawn", world_try_spawn(stays, "below", &comes),
                       MOOR_OK);
}

static void commit(void)
{
    moor_agent agent;

    world_expect_error("commit", moor_commit(world, ticket, NULL, NULL, &agent),
                       MOOR_OK);
}

static void finish(void)
{
    world_expect_error("finish", world_finish(goes), MOOR_OK);
}

static void run_again(void)
{
    world_expect_error("run_again", moor_run_again(world, stays, NULL),
                       MOOR_OK);
}

/* clang-format off */
static const struct model_case cases[] = {
    {"list_close_spawn", make, {list_all, close_and_spawn}, 2, world_end, 0},
    {"list_commit", make, {list_all, commit}, 2, world_end, 0},
    {"list_two", make, {list_all, close_goes, spawn}, 3, world_end, 2},
    {"info_close_spawn", make, {read_info, close_and_spawn}, 2, world_end, 0},
    {"info_close_spawn_below", make, {read_info, close_and_spawn_below}, 2,
     world_end, 0},
    {"list_close_spawn_below", make, {list_all, close_and_spawn_below}, 2,
     world_end, 0},
    {"check_close_spawn", make, {check, close_and_spawn}, 2, world_end, 3},
    {"check_two", make, {check, close_goes, spawn}, 3, world_end, 2},
    {"check_ends", idle, {check, finish, run_again}, 3, world_end, 3},
    {"stats_close_spawn", make, {read_stats, close_and_spawn}, 2, world_end, 0},
};
/* clang-format on */

WORLD_MAIN(cases)
