/*
 * Threads come and go, and a thread that goes may leave texts behind that are
 * not yet free to be freed.  So its epoch record is not unregistered (that
 * would lose them) but put back for the next thread to take over, texts and
 * all.  Records are never freed: there are as many as threads ran at once.
 *
 *   pair  release side  acquire side  what it carries
 *   E2    give_back     take_over     the record's own counters and lists
 *   E5    find_domain   find_domain   the epoch and the key
 *   E4    leave_orphan  adopt_orphans the retired text
 */
#include "reclaim.h"

#include <ck_epoch.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "atomic.h"
#include "layout.h"

_Static_assert(sizeof(struct reclaim_node) == sizeof(ck_epoch_entry_t),
               "a node is an epoch entry");

struct reader {
    ck_epoch_record_t record;
    moor_word busy;
    struct reader *next; /* both set before it is published, then constant */
    unsigned number;
    unsigned retired; /* since the last look */
    moor_word unfreed; /* when it last retired one; only its thread writes it */
};

/* Retired texts of one thread between two looks whether some can be freed. */
#if defined(MOOR_TEST_SMALL)
enum { RETIRED_PER_POLL = 1 };
#else
enum { RETIRED_PER_POLL = 32 };
#endif

/* Made by the first thread that can; then constant, and never freed. */
struct domain {
    ck_epoch_t epoch;
    pthread_key_t at_exit;
};

static moor_pointer domain;
static moor_pointer readers;
static moor_pointer orphans; /* retired by threads that are no readers */

#if defined(MOOR_STEP)
/* The explorer's threads are fibers of one thread. */
int model_self(void);
static struct reader *own_readers[8];
#define OWN own_readers[model_self() + 1]
#else
static _Thread_local struct reader *own_reader;
_Thread_local unsigned reclaim_own_number;
#define OWN own_reader
#endif

/* The thread ends.  A destructor of the host's that runs later and calls the
 * library registers the thread anew, and this runs once more. */
static void give_back(void *reader)
{
    OWN = NULL;
#if !defined(MOOR_STEP)
    reclaim_own_number = 0;
#endif
    moor_store_release(&((struct reader *)reader)->busy, 0); /* E2 */
}

/* Memory for whole lines. */
static void *make_lines(size_t size)
{
    return aligned_alloc(MOOR_LINE,
                         (size + MOOR_LINE - 1) / MOOR_LINE * MOOR_LINE);
}

static struct domain *make_domain(void)
{
    struct domain *made = make_lines(sizeof *made);

    if (made == NULL) {
        return NULL;
    }
    if (pthread_key_create(&made->at_exit, give_back) != 0) {
        free(made);
        return NULL;
    }
    ck_epoch_init(&made->epoch);
    return made;
}

/* Null: no memory or no key, this time. */
static struct domain *find_domain(void)
{
    void *seen = moor_pointer_acquire(&domain); /* E5 */
    struct domain *made;

    if (seen != NULL) {
        return seen;
    }
    made = make_domain();
    if (made != NULL && !moor_pointer_cas(&domain, &seen, made)) {
        (void)pthread_key_delete(made->at_exit);
        free(made);
        return seen; /* release and acquire, E5 */
    }
    return made;
}

/* The idle one with the lowest number; the list has them in falling order. */
static struct reader *find_idle(void)
{
    struct reader *reader = moor_pointer_acquire(&readers);
    struct reader *idle = NULL;

    for (; reader != NULL; reader = reader->next) {
        /* relaxed: the swap in take_over decides. */
        if (moor_load_relaxed(&reader->busy) == 0) {
            idle = reader;
        }
    }
    return idle;
}

static struct reader *take_over(void)
{
    struct reader *reader;

    while ((reader = find_idle()) != NULL) {
        uint64_t idle = 0;

        if (moor_cas_acq_rel(&reader->busy, &idle, 1)) { /* E2 */
            return reader;
        }
    }
    return NULL;
}

static struct reader *make(struct domain *own)
{
    struct reader *reader = make_lines(sizeof *reader);
    void *head;

    if (reader == NULL) {
        return NULL;
    }
    memset(reader, 0, sizeof *reader);
    moor_store_relaxed(&reader->busy, 1); /* published by the swap below */
    ck_epoch_register(&own->epoch, &reader->record, NULL);
    head = moor_pointer_acquire(&readers);
    do {
        reader->next = head;
        reader->number =
            head == NULL ? 1 : ((const struct reader *)head)->number + 1;
    } while (!moor_pointer_cas(&readers, &head, reader));
    return reader;
}

bool reclaim_ready(void)
{
    struct reader *reader = OWN;
    struct domain *own;

    if (reader != NULL) {
        return true;
    }
    own = find_domain();
    if (own == NULL) {
        return false;
    }
    reader = take_over();
    if (reader == NULL) {
        reader = make(own);
    }
    if (reader == NULL) {
        return false;
    }
#if !defined(MOOR_STEP)
    if (pthread_setspecific(own->at_exit, reader) != 0) {
        give_back(reader);
        return false;
    }
    reclaim_own_number = reader->number;
#endif
    OWN = reader;
    return true;
}

#if defined(MOOR_STEP)
unsigned reclaim_number(void)
#else
unsigned reclaim_number_anew(void)
#endif
{
    return reclaim_ready() ? OWN->number : 0;
}

void reclaim_enter(void)
{
    ck_epoch_begin(&OWN->record, NULL);
}

void reclaim_leave(void)
{
    MOOR_EDGE_RELEASE(&readers); /* E1 */
    ck_epoch_end(&OWN->record, NULL);
}

static void free_node(ck_epoch_entry_t *entry)
{
    MOOR_EDGE_ACQUIRE(&readers); /* E1 */
    free(entry);
}

static struct reclaim_node **next_orphan(struct reclaim_node *node)
{
    return (struct reclaim_node **)&node->space[0];
}

static void leave_orphan(struct reclaim_node *node)
{
    void *head = moor_pointer_acquire(&orphans);

    do {
        *next_orphan(node) = head;
    } while (!moor_pointer_cas(&orphans, &head, node)); /* release, E4 */
}

static void retire_as(struct reader *self, struct reclaim_node *node)
{
    ck_epoch_call(&self->record, (ck_epoch_entry_t *)(void *)node, free_node);
    self->retired++;
}

static void adopt_orphans(struct reader *self)
{
    struct reclaim_node *node;

    if (moor_pointer_acquire(&orphans) == NULL) {
        return;
    }
    node = moor_pointer_exchange(&orphans, NULL); /* acquire, E4 */
    while (node != NULL) {
        struct reclaim_node *next = *next_orphan(node);

        retire_as(self, node);
        node = next;
    }
}

void reclaim_retire(struct reclaim_node *node)
{
    struct reader *self;

    if (node == NULL) {
        return;
    }
    if (!reclaim_ready()) {
        leave_orphan(node);
        return;
    }
    self = OWN;
    adopt_orphans(self);
    retire_as(self, node);
    if (self->retired >= RETIRED_PER_POLL) {
        self->retired = 0;
        ck_epoch_poll(&self->record);
    }
    /* relaxed: a figure. */
    moor_store_relaxed(&self->unfreed, self->record.n_pending);
}

uint64_t reclaim_unfreed(void)
{
    const struct reader *reader = moor_pointer_acquire(&readers);
    uint64_t sum = 0;

    for (; reader != NULL; reader = reader->next) {
        sum += moor_load_relaxed(&reader->unfreed); /* a figure */
    }
    return sum;
}
