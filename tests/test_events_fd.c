/*
 * The descriptor that tells of completion events.
 */
#include "told.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

static bool rings(int fd)
{
    eventfd_t ignored;

    return eventfd_read(fd, &ignored) == 0;
}

static int new_fd(void)
{
    int fd = -1;

    cr_assert_eq(moor_events_fd(registry, &fd), MOOR_OK);
    cr_assert_geq(fd, 0);
    cr_assert(rings(fd)); /* at first */
    return fd;
}

Test(events_fd, the_descriptor_rings_once_a_look)
{
    moor_agent agents[3];
    int fd, same;

    plain();
    for (int i = 0; i < 3; i++) {
        agents[i] = spawn(registry);
    }
    fd = new_fd();
    cr_assert_eq(moor_events_fd(registry, &same), MOOR_OK);
    cr_assert_eq(same, fd);
    cr_assert_not(rings(fd));
    completes(registry, agents[0]);
    cr_assert(rings(fd));
    completes(registry, agents[1]); /* nobody has looked since */
    cr_assert_not(rings(fd));
    cr_assert_eq(reads(nobody, MOST), 2);
    completes(registry, agents[2]);
    cr_assert(rings(fd));
    cr_assert_eq(reads(nobody, MOST), 1);
    cr_assert_eq(close_it(registry, agents[0]), MOOR_OK); /* idle: no event */
    cr_assert_not(rings(fd));
    cr_assert_eq(moor_run_again(registry, agents[1], NULL), MOOR_OK);
    cr_assert_eq(close_it(registry, agents[1]), MOOR_OK);
    cr_assert(rings(fd));
    all_free();
}

Test(events_fd, too_little_room_rings_again)
{
    int fd;

    plain();
    for (int i = 0; i < 3; i++) {
        completes(registry, spawn(registry));
    }
    fd = new_fd();
    cr_assert_eq(reads(nobody, 2), 2);
    cr_assert(rings(fd));
    cr_assert_eq(reads(nobody, 1), 1);
    cr_assert_not(rings(fd));
    all_free();
}

Test(events_fd, no_descriptor_is_left)
{
    struct rlimit before;
    int fd;

    plain();
    cr_assert_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &(struct rlimit){0, before.rlim_max}),
                 0);
    cr_assert_eq(moor_events_fd(registry, &fd), MOOR_NO_MEMORY);
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
    (void)new_fd();
    all_free();
}

Test(events_fd, the_descriptor_goes_with_its_registry)
{
    int fd;

    plain();
    fd = new_fd();
    done(registry);
    cr_assert_eq(fcntl(fd, F_GETFD), -1);
}

/* A host may have closed its standard input. */
Test(events_fd, a_descriptor_may_be_0)
{
    int fd = -1;

    plain();
    (void)close(0);
    cr_assert_eq(moor_events_fd(registry, &fd), MOOR_OK);
    cr_assert_eq(fd, 0);
    cr_assert_eq(moor_events_fd(registry, &fd), MOOR_OK);
    cr_assert_eq(fd, 0);
    done(registry);
    cr_assert_eq(fcntl(0, F_GETFD), -1);
}

static void *ask_for_fd(void *argument)
{
    (void)moor_events_fd(registry, argument);
    return NULL;
}

Test(events_fd, all_get_the_same_descriptor)
{
    int fds[8] = {-1, -1, -1, -1, -1, -1, -1, -1};

    plain();
    together(ask_for_fd, 8, fds, sizeof *fds);
    for (int i = 0; i < 8; i++) {
        cr_assert_geq(fds[i], 0);
        cr_assert_eq(fds[i], fds[0]);
    }
    done(registry);
}
