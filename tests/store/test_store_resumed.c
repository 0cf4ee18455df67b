/*
 * What is in a file and was left there by many owners of a path, or by another
 * hand: it comes back all the same.
 */
#include "kept.h"

TestSuite(store_resumed, .init = make_folder, .fini = remove_folder);

/* Leaves a child to be adopted. */
static void leaves_one_behind(const char *name)
{
    moor_agent agent = spawn_below(registry, nobody, name);

    (void)spawn_below(registry, agent, "left");
    cr_assert_eq(moor_close(registry, agent, MOOR_CLOSE_ADOPT, NULL), MOOR_OK);
}

/* Three owners of one path, the first two with a child that was adopted; and
 * others before and behind it. */
Test(store_resumed, whom_several_have_left_behind)
{
    static const char *const names[] = {"b", "c", "d"};

    opens();
    cr_assert_eq(moor_set_limit(registry, MOOR_LIMIT_RUNNING, MOOR_UNLIMITED),
                 MOOR_OK);
    leaves_one_behind("_");
    leaves_one_behind("z");
    for (int i = 0; i < 3; i++) {
        moor_agent a = spawn_below(registry, nobody, "a");

        (void)spawn_below(registry, a, names[i]);
        if (i < 2) {
            cr_assert_eq(moor_close(registry, a, MOOR_CLOSE_ADOPT, NULL),
                         MOOR_OK);
        }
    }
    for (int i = 0; i < 2; i++) {
        moor_agent a;

        closes();
        if (i == 1) sql("UPDATE agents SET seq=-seq");
        opens();
        cr_assert_eq(report.restored, 6);
        a = at_path(registry, "/root/a");
        for (int child = 0; child < 3; child++) {
            char name[16];

            snprintf(name, sizeof name, "/root/a/%s", names[child]);
            cr_assert_eq(info_of(registry, at_path(registry, name)).parent.bits,
                         child < 2 ? moor_root(registry).bits : a.bits);
        }
    }
    closes();
}

/* By whatever wrote it. */
Test(store_resumed, a_limit_that_is_no_number_of_ours_is_none)
{
    opens();
    closes();
    sql("UPDATE meta SET value=5000000000 WHERE name='limit_depth'");
    opens();
    cr_assert_eq(use_of(registry, nobody, MOOR_LIMIT_DEPTH).limit,
                 MOOR_UNLIMITED);
    closes();
}
