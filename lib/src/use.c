#include "use.h"

#include "clock.h"

MOOR_SELDOM void use_track(moor_registry *books)
{
    uint32_t end = books_end(books);

    /* relaxed: a flag, which carries nothing. */
    moor_store_relaxed(&books->tracks_use, 1);
    for (uint32_t at = 0; at < end;) {
        uint32_t segment = arena_segment_of(at);

        (void)arena_cover(&books->annexes, at);
        at = arena_segment_begin(segment) + arena_segment_length(segment);
    }
}

MOOR_SELDOM void use_note(moor_registry *books, life which)
{
    const moor_word *state = &books_record(books, which)->state;
    struct annex *annex = annex_of(books, which);
    uint64_t seen, stamp;

    if (annex == NULL) {
        return;
    }
    stamp = stamp_of(clock_coarse_ms(), total_number(&books->lifetime));
    seen = moor_load_acquire(&annex->touched); /* U1 */
    do {
        /* acquire, R1: behind the drawing, so that a later tenant's stamp is
         * later than this one. */
        if (word_generation(moor_load_acquire(state)) !=
                life_generation(which) ||
            !stamp_is_older(seen, stamp)) {
            return;
        }
    } while (!moor_cas_acq_rel(&annex->touched, &seen, stamp)); /* U1 */
}

uint64_t use_stamp(const moor_registry *books, life which)
{
    /* acquire, R1: the caller looks at the life again. */
    uint64_t stamp = moor_load_acquire(&books_record(books, which)->stamp);
    const struct annex *annex = annex_of(books, which);
    uint64_t touched =
        annex == NULL ? 0 : moor_load_acquire(&annex->touched); /* U1 */

    return stamp_is_older(stamp, touched) ? touched : stamp;
}
