#include "bucket.h"

#include <stddef.h>

#include "block.h"

/* Where the pointer to block number `number` stands, or null. */
static moor_pointer *block_place(struct bucket *bucket, unsigned number)
{
    moor_pointer *place = &bucket->more;

    for (; number > 0; number--) {
        struct block *block = moor_pointer_acquire(place); /* M3 */

        if (block == NULL) {
            return NULL;
        }
        place = &block->more;
    }
    return place;
}

moor_word *bucket_block_slot(struct bucket *bucket, unsigned slot)
{
    struct block *block;
    moor_pointer *place;

    slot -= BUCKET_SLOTS;
    place = block_place(bucket, slot / BUCKET_BLOCK_SLOTS);
    block = place == NULL ? NULL : moor_pointer_acquire(place); /* M3 */
    return block == NULL ? NULL : &block->slots[slot % BUCKET_BLOCK_SLOTS];
}

bool bucket_reserve(struct bucket *bucket, unsigned slot)
{
    while (bucket_slot(bucket, slot) == NULL) {
        moor_pointer *place = &bucket->more;
        void *seen = NULL;
        void *made = block_make(sizeof(struct block));
        struct block *block;

        if (made == NULL) {
            return false;
        }
        while ((block = moor_pointer_acquire(place)) != NULL) { /* M3 */
            place = &block->more;
        }
        if (!moor_pointer_cas(place, &seen, made)) { /* release, M3 */
            block_free(made, sizeof(struct block));
        }
    }
    return true;
}

void bucket_destroy(struct bucket *bucket)
{
    struct block *block = moor_pointer_relaxed(&bucket->more); /* alone */

    while (block != NULL) {
        struct block *next = moor_pointer_relaxed(&block->more); /* alone */

        block_free(block, sizeof *block);
        block = next;
    }
}
