/*
 * Lists: prefixes of whole segments, statuses, tickets, pages of every size,
 * and pages between which others come and go.
 */
#include "given.h"

#include <stdio.h>

enum { ENTRIES_MOST = 64 };

static moor_info entries[ENTRIES_MOST];
static size_t entries_count;

/* Lists all pages of that size, sorted by path. */
static moor_error list(moor_registry *registry, moor_list_filter filter,
                       size_t page)
{
    uint64_t cursor = 0;

    entries_count = 0;
    do {
        size_t count = 12345;
        moor_error error = moor_list(registry, &filter, &cursor,
                                     entries + entries_count, page, &count);

        if (error != MOOR_OK) return error;
        cr_assert_leq(count, page);
        entries_count += count;
        cr_assert_leq(entries_count + page, ENTRIES_MOST);
    } while (cursor != 0);
    qsort(entries, entries_count, sizeof entries[0], by_path);
    return MOOR_OK;
}

/* The paths that are listed are exactly these, in order, parted by blanks. */
static void expect_page(moor_registry *registry, moor_list_filter filter,
                        size_t page, const char *paths)
{
    char got[2000] = "";
    size_t at = 0;

    cr_assert_eq(list(registry, filter, page), MOOR_OK);
    for (size_t i = 0; i < entries_count; i++) {
        at += (size_t)snprintf(got + at, sizeof got - at, "%s%s",
                               i == 0 ? "" : " ", entries[i].path);
    }
    cr_assert_str_eq(got, paths);
}

static void expect(moor_registry *registry, moor_list_filter filter,
                   const char *paths)
{
    static const size_t pages[] = {1, 2, 3, 5, 20};

    for (int i = 0; i < 5; i++) {
        expect_page(registry, filter, pages[i], paths);
    }
}

/* /root, a (running), a/b (completed), ab (errored), ticket a/t, ticket u */
struct tree {
    moor_registry *registry;
    moor_agent a, ab;
};

static struct tree tree(void)
{
    struct tree t = {.registry = given()};

    t.a = spawn_below(t.registry, nobody, "a");
    t.ab = spawn_below(t.registry, nobody, "ab");
    bring(t.registry, t.a, MOOR_STATUS_RUNNING);
    bring(t.registry, t.ab, MOOR_STATUS_ERRORED);
    completes(t.registry, spawn_below(t.registry, t.a, "b"));
    (void)reserve_below(t.registry, t.a, "t");
    (void)reserve_below(t.registry, nobody, "u");
    return t;
}

#define PREFIX(path)   ((moor_list_filter){.prefix = (path)})
#define STATUSES(bits) ((moor_list_filter){.statuses = (bits)})
#define BIT(status)    (1U << MOOR_STATUS_##status)

Test(list, all_of_it_root_and_tickets_included)
{
    struct tree t = tree();

    expect(t.registry, (moor_list_filter){0},
           "/root /root/a /root/a/b /root/a/t /root/ab /root/u");
    expect(t.registry, PREFIX("/root"),
           "/root /root/a /root/a/b /root/a/t /root/ab /root/u");
    cr_assert_eq(entries[3].status, MOOR_STATUS_RESERVED);
    cr_assert_neq(entries[3].ticket.bits, 0);
    cr_assert_eq(entries[3].agent.bits, 0);
    done(t.registry);
}

Test(list, by_prefix_of_whole_segments)
{
    struct tree t = tree();

    expect(t.registry, PREFIX("/root/a"), "/root/a /root/a/b /root/a/t");
    expect(t.registry, PREFIX("/root/ab"), "/root/ab");
    expect(t.registry, PREFIX("/root/a/t"), "/root/a/t");
    expect(t.registry, PREFIX("/root/a/b/c"), "");
    expect(t.registry, PREFIX("/root/nobody"), "");
    expect(t.registry, PREFIX("a"), "/root/a /root/a/b /root/a/t");
    expect(t.registry, (moor_list_filter){.from = t.a, .prefix = "b"},
           "/root/a/b");
    expect(t.registry, (moor_list_filter){.from = t.ab, .prefix = "b"}, "");
    expect(t.registry, (moor_list_filter){.from = t.ab, .prefix = "/root/a/b"},
           "/root/a/b");
    done(t.registry);
}

Test(list, by_status)
{
    struct tree t = tree();

    expect(t.registry, STATUSES(BIT(RUNNING)), "/root /root/a");
    expect(t.registry, STATUSES(BIT(COMPLETED)), "/root/a/b");
    expect(t.registry, STATUSES(BIT(RESERVED)), "/root/a/t /root/u");
    expect(t.registry, STATUSES(BIT(PENDING_INIT)), "");
    expect(t.registry, STATUSES(BIT(SHUTDOWN) | BIT(INTERRUPTED)), "");
    expect(t.registry, STATUSES(BIT(ERRORED) | BIT(COMPLETED)),
           "/root/a/b /root/ab");
    expect(t.registry,
           (moor_list_filter){.prefix = "a",
                              .statuses = BIT(RUNNING) | BIT(RESERVED)},
           "/root/a /root/a/t");
    done(t.registry);
}

Test(list, an_entry_is_what_is_read_by_handle)
{
    struct tree t = tree();

    cr_assert_eq(list(t.registry, (moor_list_filter){0}, 4), MOOR_OK);
    for (size_t i = 0; i < entries_count; i++) {
        moor_info info = entries[i].ticket.bits != 0
                             ? ticket_info(t.registry, entries[i].ticket)
                             : info_of(t.registry, entries[i].agent);

        cr_assert(same_info(&info, &entries[i]), "%s", entries[i].path);
    }
    done(t.registry);
}

Test(list, what_was_closed_or_abandoned_is_gone)
{
    struct tree t = tree();
    moor_ticket ticket = reserve_below(t.registry, nobody, "v");

    cr_assert_eq(moor_abandon(t.registry, ticket), MOOR_OK);
    cr_assert_eq(close_it(t.registry, t.a), MOOR_OK);
    expect(t.registry, (moor_list_filter){0}, "/root /root/ab /root/u");
    done(t.registry);
}

Test(list, an_adopted_one_is_listed_under_its_path)
{
    moor_registry *registry = given_rule(MOOR_ADOPT);
    moor_agent a = spawn_below(registry, nobody, "a");

    (void)spawn_below(registry, a, "b");
    cr_assert_eq(close_it(registry, a), MOOR_OK);
    expect(registry, PREFIX("/root/a"), "/root/a/b");
    done(registry);
}

/* --- others come and go between the pages --------------------------------- */

Test(list, what_is_there_throughout_is_listed_once)
{
    enum { STEADY = 30 };
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, MOOR_UNLIMITED);
    moor_agent steady[STEADY], passing[STEADY];
    unsigned seen[STEADY] = {0};
    uint64_t cursor = 0;
    size_t step = 0;

    for (int i = 0; i < STEADY; i++) {
        passing[i] = spawn(registry);
        steady[i] = spawn(registry);
    }
    do {
        moor_info page[2];
        size_t count = 0;

        cr_assert_eq(moor_list(registry, NULL, &cursor, page, 2, &count),
                     MOOR_OK);
        for (size_t n = 0; n < count; n++) {
            for (int i = 0; i < STEADY; i++) {
                seen[i] += page[n].agent.bits == steady[i].bits;
            }
        }
        if (step < STEADY) {
            cr_assert_eq(close_it(registry, passing[step++]), MOOR_OK);
            (void)spawn(registry);
        }
    } while (cursor != 0);
    for (int i = 0; i < STEADY; i++) {
        cr_assert_eq(seen[i], 1, "agent %d", i);
    }
    done(registry);
}

/* What is counted is listed. */
Test(list, as_many_as_are_counted)
{
    struct tree t = tree();
    moor_stats stats = stats_of(t.registry);

    cr_assert_eq(list(t.registry, (moor_list_filter){0}, 3), MOOR_OK);
    cr_assert_eq(entries_count, 1 + stats.live + stats.idle + stats.tickets);
    done(t.registry);
}

/* --- arguments ------------------------------------------------------------ */

Test(list, bad_arguments)
{
    struct tree t = tree();
    moor_list_filter filter = {0};
    moor_info info;
    uint64_t cursor = 0;
    size_t count;

#define LIST(registry, cursor, infos, room, count)                         \
    cr_expect_eq(moor_list(registry, &filter, cursor, infos, room, count), \
                 MOOR_BAD_ARGUMENT)
    LIST(NULL, &cursor, &info, 1, &count);
    LIST(t.registry, NULL, &info, 1, &count);
    LIST(t.registry, &cursor, NULL, 1, &count);
    LIST(t.registry, &cursor, &info, 0, &count);
    LIST(t.registry, &cursor, &info, 1, NULL);
    filter.statuses = UINT32_C(1) << MOOR_STATUSES; /* there is none */
    LIST(t.registry, &cursor, &info, 1, &count);
#undef LIST
    done(t.registry);
}

Test(list, bad_prefixes_and_froms)
{
    static const char *const bad[] = {"",  "/",    "/root/", "a/",
                                      "A", "root", "/a",     ".."};
    struct tree t = tree();
    moor_list_filter filter = {.prefix = "b", .from = t.ab};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        cr_expect_eq(list(t.registry, PREFIX(bad[i]), 1), MOOR_BAD_PATH, "%s",
                     bad[i]);
    }
    cr_assert_eq(close_it(t.registry, t.ab), MOOR_OK);
    cr_expect_eq(list(t.registry, filter, 1), MOOR_STALE);
    filter.from.bits += 1000;
    cr_expect_eq(list(t.registry, filter, 1), MOOR_NOT_FOUND);
    done(t.registry);
}

Test(list, any_cursor_ends)
{
    static const uint64_t cursors[] = {
        1, 7, 100, UINT32_MAX, UINT64_C(1) << 32, UINT64_MAX};
    struct tree t = tree();
    moor_info page[10];

    for (size_t i = 0; i < sizeof cursors / sizeof cursors[0]; i++) {
        uint64_t cursor = cursors[i];
        size_t count = 0;

        (void)moor_list(t.registry, NULL, &cursor, page, 10, &count);
        cr_assert_leq(count, 10);
        cr_assert_eq(cursor, 0);
    }
    done(t.registry);
}
