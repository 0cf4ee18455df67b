/*
 * A bucket: its head as arithmetic, tags, and slots that live in blocks.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "bucket.h"

static const uint64_t bitmaps[] = {0, 1, 0x5555555, 0x7ffffff};

enum { BITMAPS = sizeof bitmaps / sizeof bitmaps[0] };

Test(bucket, a_head_gives_back_level_and_bitmap)
{
    for (uint32_t level = 1; level < 32; level++) {
        for (int b = 0; b < BITMAPS; b++) {
            uint64_t head = bucket_head(level, bitmaps[b]);

            cr_assert_eq(bucket_level(head), level);
            cr_assert_eq(bucket_bitmap(head), bitmaps[b]);
            cr_assert_eq(head & BUCKET_SEALED, 0);
            cr_assert_neq(head, 0, "0 is a bucket without its share");
        }
    }
}

static uint64_t version(uint64_t head)
{
    return head >> BUCKET_VERSION_SHIFT;
}

Test(bucket, each_change_is_a_new_version)
{
    uint64_t head = bucket_head(5, 0x2a);
    uint64_t with = bucket_with(head, 26);
    uint64_t without = bucket_without(with, 0x0a);

    cr_assert_eq(bucket_bitmap(with), 0x2a | 1 << 26);
    cr_assert_eq(version(with), version(head) + 1);
    cr_assert_eq(bucket_bitmap(without), 0x20 | 1 << 26);
    cr_assert_eq(version(without), version(head) + 2);
    cr_assert_eq(bucket_level(without), 5);
}

Test(bucket, a_split_is_one_level_on_without_seal_and_share)
{
    uint64_t sealed = bucket_head(5, 0x2f) | BUCKET_SEALED;
    uint64_t split = bucket_split(sealed, 0x0c);

    cr_assert_eq(bucket_level(split), 6);
    cr_assert_eq(bucket_bitmap(split), 0x23);
    cr_assert_eq(split & BUCKET_SEALED, 0);
    cr_assert_gt(version(split), version(sealed));
}

Test(bucket, the_version_wraps_into_nothing)
{
    uint64_t last = bucket_head(3, 5) | UINT64_MAX << BUCKET_VERSION_SHIFT;

    cr_assert_eq(bucket_bitmap(bucket_with(last, 1)), 7);
    cr_assert_eq(bucket_level(bucket_with(last, 1)), 3);
}

Test(bucket, an_entry_is_a_tag_and_a_life)
{
    life which = life_of(0xfffffff, 0xfffffff);
    uint64_t entry = bucket_entry(0xab00000000000001, which);

    cr_assert_eq(entry & BUCKET_LIFE, which);
    cr_assert_eq(entry >> BUCKET_TAG_SHIFT, 0xab);
    cr_assert(bucket_same_tag(entry, 0xabffffffffffffff));
    cr_assert_not(bucket_same_tag(entry, 0xa900000000000001));
    for (uint64_t tag = 0; tag < 256; tag++) { /* a vacant slot has no tag */
        cr_assert_not(bucket_same_tag(0, tag << BUCKET_TAG_SHIFT));
    }
}

Test(bucket, slots_are_apart_and_stay_where_they_are)
{
    struct bucket *bucket = aligned_alloc(MOOR_LINE, sizeof *bucket);
    moor_word *slots[BUCKET_SLOTS_MOST];

    cr_assert_not_null(bucket);
    memset(bucket, 0, sizeof *bucket);
    for (unsigned s = 0; s < BUCKET_SLOTS_MOST; s++) {
        cr_assert_eq(bucket_slot(bucket, s) == NULL,
                     s >= BUCKET_SLOTS &&
                         (s - BUCKET_SLOTS) % BUCKET_BLOCK_SLOTS == 0,
                     "slot %u", s);
        cr_assert(bucket_reserve(bucket, s));
        slots[s] = bucket_slot(bucket, s);
        cr_assert_eq(moor_load_relaxed(slots[s]), 0);
        moor_store_relaxed(slots[s], s + 100);
    }
    for (unsigned s = 0; s < BUCKET_SLOTS_MOST; s++) {
        cr_assert_eq(bucket_slot(bucket, s), slots[s]);
        cr_assert_eq(moor_load_relaxed(slots[s]), s + 100);
    }
    bucket_destroy(bucket);
    free(bucket);
}

Test(bucket, a_far_slot_brings_all_blocks_before_it)
{
    struct bucket *bucket = aligned_alloc(MOOR_LINE, sizeof *bucket);

    cr_assert_not_null(bucket);
    memset(bucket, 0, sizeof *bucket);
    cr_assert(bucket_reserve(bucket, BUCKET_SLOTS_MOST - 1));
    for (unsigned s = 0; s < BUCKET_SLOTS_MOST; s++) {
        cr_assert_not_null(bucket_slot(bucket, s));
    }
    bucket_destroy(bucket);
    free(bucket);
}
