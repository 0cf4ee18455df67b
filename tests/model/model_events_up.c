/*
 * Completion events of those whose parent is closed by adoption meanwhile.
 *
 * Goal    What is seen to have ended only behind that close has its event in
 *         the queue of who adopted it; what had ended before goes with the
 *         queue.  None comes twice.
 * Method  as each case's line says.
 *
 *   root - p - a, under a policy that keeps the slot: so the end of one run may
 *   be told as late as while the next one ends, which may take several steps.
 */
#include "books.h"
#include "world/world.h"

enum { MOST = 8 };

static moor_agent root, p, a;
static moor_event events[MOST]; /* what came to the root */
static size_t count;
static unsigned died;   /* how often a did */
static bool ends_later; /* p was closed, and a had not died then */

static void below_p(void)
{
    moor_config config;

    moor_config_default(&config);
    config.release = MOOR_ON_TURN_END;
    config.events = true;
    world_make_with(&config);
    root = moor_root(world);
    p = world_spawn(root, "p");
    a = world_spawn(p, "a");
    count = died = 0;
    ends_later = false;
}

/* Its first end is told to p, and it runs again. */
static void below_p_unread(void)
{
    below_p();
    world_expect_error("finish", world_finish(a), MOOR_OK);
    world_expect_error("again", moor_run_again(world, a, NULL), MOOR_OK);
}

static void finish(void)
{
    (void)world_finish(a);
}

static void die(void)
{
    died += moor_died(world, a) == MOOR_OK;
}

static void again_and_die(void)
{
    if (moor_run_again(world, a, NULL) == MOOR_OK) die();
}

static void adopt(void)
{
    world_expect_error("adopt", moor_close(world, p, MOOR_CLOSE_ADOPT, NULL),
                       MOOR_OK);
    ends_later = world_status(a) != MOOR_STATUS_ERRORED;
}

static void adopt_and_die(void)
{
    adopt();
    die();
}

static void read_p(void)
{
    moor_event event;
    size_t one = 0;

    (void)moor_events(world, p, &event, 1, &one);
}

static unsigned came(moor_agent agent, moor_status status)
{
    unsigned sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += events[i].agent.bits == agent.bits && events[i].status == status;
    return sum;
}

static void expect(moor_agent agent, moor_status status, unsigned least,
                   unsigned most)
{
    unsigned sum = came(agent, status);

    if (sum < least || sum > most) {
        model_fail("%u events, %s; at least %u, at most %u", sum,
                   moor_status_name(status), least, most);
    }
}

static void read_root(void)
{
    world_expect_error("events", moor_events(world, root, events, MOST, &count),
                       MOOR_OK);
    expect(p, MOOR_STATUS_SHUTDOWN, 1, 1);
    expect(a, MOOR_STATUS_ERRORED, ends_later ? died : 0, died);
}

/* The end that was told late may go, or come up. */
static void judge(void)
{
    read_root();
    expect(a, MOOR_STATUS_COMPLETED, 0, 1);
    world_end();
}

/* Nobody had the earlier end in hand: it has gone. */
static void judge_gone(void)
{
    read_root();
    expect(a, MOOR_STATUS_COMPLETED, 0, 0);
    world_end();
}

/* clang-format off */
static const struct model_case cases[] = {
    {"told_late", below_p, {finish, again_and_die, adopt}, 3, judge, 2},
    {"in_a_readers_hand", below_p_unread, {die, adopt, read_p}, 3, judge, 3},
    {"in_nobodys_hand", below_p_unread, {adopt_and_die}, 1, judge_gone, 0},
    {"die_adopt", below_p_unread, {die, adopt}, 2, judge, 0},
};
/* clang-format on */

WORLD_MAIN(cases)
