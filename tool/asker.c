#include "asker.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "memory.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* guards all: */
static struct asker *first;
static size_t count;
static int changed = -1; /* rung when they are others than before; -1: nobody
                            watches yet */

/* The descriptor that rings, and those of all who have not left. */
static struct pollfd *list_all(nfds_t *length)
{
    struct pollfd *all;

    pthread_mutex_lock(&mutex);
    all = must_alloc(count + 1, sizeof *all);
    all[0] = (struct pollfd){.fd = changed, .events = POLLIN};
    *length = 1;
    for (const struct asker *at = first; at != NULL; at = at->next) {
        /* relaxed: it is written under the mutex. */
        if (!atomic_load_explicit(&at->left, memory_order_relaxed)) {
            all[(*length)++].fd = at->fd;
        }
    }
    pthread_mutex_unlock(&mutex);
    return all;
}

/* Who is here by then: a descriptor may be another's since it was listed, so it
 * is asked again. */
static void note_left(void)
{
    pthread_mutex_lock(&mutex);
    for (struct asker *at = first; at != NULL; at = at->next) {
        struct pollfd one = {.fd = at->fd};

        if (poll(&one, 1, 0) == 1) {
            /* relaxed: it carries nothing else.  To cancel twice is the same
             * as once. */
            atomic_store_explicit(&at->left, true, memory_order_relaxed);
            (void)moor_cancel(at->registry, &at->cancellation);
        }
    }
    pthread_mutex_unlock(&mutex);
}

/* POLLHUP and POLLERR are told unasked; of a socket only when it is closed, not
 * when no more is sent. */
static void *watch(void *argument)
{
    for (;;) {
        nfds_t length;
        struct pollfd *all = list_all(&length);
        uint64_t times;

        if ((poll(all, length, -1) < 0 && errno != EINTR) ||
            all[0].revents != 0) {
            (void)!read(all[0].fd, &times, sizeof times);
        }
        free(all);
        note_left();
    }
    return argument;
}

static bool begin_watching(void)
{
    pthread_t thread;
    int bell;

    if (changed >= 0) return true;
    bell = eventfd(0, EFD_CLOEXEC);
    if (bell < 0) return false;
    changed = bell;
    if (pthread_create(&thread, NULL, watch, NULL) != 0) {
        (void)close(bell);
        changed = -1;
        return false;
    }
    (void)pthread_detach(thread);
    return true;
}

static void ring(void)
{
    const uint64_t once = 1;

    (void)!write(changed, &once, sizeof once);
}

void asker_begin(struct asker *asker, moor_registry *registry, int fd)
{
    *asker = (struct asker){.registry = registry, .fd = fd};
}

moor_cancellation *asker_watch(struct asker *asker)
{
    if (asker == NULL) return NULL;
    if (asker->watched) return &asker->cancellation;
    pthread_mutex_lock(&mutex);
    asker->watched = begin_watching();
    if (asker->watched) {
        asker->next = first;
        first = asker;
        count++;
        ring();
    }
    pthread_mutex_unlock(&mutex);
    return &asker->cancellation;
}

void asker_end(struct asker *asker)
{
    struct asker **at = &first;

    if (!asker->watched) return;
    pthread_mutex_lock(&mutex);
    while (*at != asker)
        at = &(*at)->next;
    *at = asker->next;
    count--;
    ring();
    pthread_mutex_unlock(&mutex);
}

bool asker_has_left(struct asker *asker)
{
    /* relaxed: as where it is written. */
    return asker != NULL &&
           atomic_load_explicit(&asker->left, memory_order_relaxed);
}
