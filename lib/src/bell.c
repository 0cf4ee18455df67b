#include "bell.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include "plant.h"

int bell_descriptor(struct bell *bell)
{
    uint64_t seen = moor_load_acquire(&bell->descriptor); /* B1 */
    int made;

    if (seen != 0) {
        return (int)(seen - 1);
    }
    /* Readable at once: what arrived before rang no bell. */
    made = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
    if (made < 0) {
        return -1;
    }
    /* seq_cst, B1: who arrives and finds none precedes the first look. */
    if (!moor_cas_seq_cst(&bell->descriptor, &seen, (uint64_t)made + 1)) {
        (void)close(made); /* nobody has seen it */
        return (int)(seen - 1);
    }
    return made;
}

void bell_destroy(struct bell *bell)
{
    uint64_t descriptor = moor_load_relaxed(&bell->descriptor); /* alone */

    if (descriptor != 0) {
        (void)close((int)(descriptor - 1));
    }
}

void bell_ring_now(struct bell *bell, uint64_t descriptor)
{
    uint64_t heard = moor_load_seq_cst(&bell->heard); /* B1 */
    uint64_t rung = moor_load_acquire(&bell->rung);   /* B2 */

    if (MOOR_PLANTED(70) ? rung == 0 /* once and for all */
                         : rung != heard + 1) {
        /* When the count is full it is readable as well. */
        (void)eventfd_write((int)(descriptor - 1), 1);
        /* release, B2.  A late one of an earlier look makes others write once
         * more than they need. */
        moor_store_release(&bell->rung, heard + 1);
    }
}

void bell_hear_now(struct bell *bell)
{
    uint64_t heard = moor_load_seq_cst(&bell->heard); /* B1 */

    /* seq_cst, B1, in both: before the look.  If another look was faster, it
     * began after this one did: the load has seen all that began before. */
    (void)moor_cas_seq_cst(&bell->heard, &heard, heard + 1);
}
