#include "marks.h"

#include "plant.h"

void marks_init(struct marks *marks, uint32_t most)
{
    arena_init(&marks->blocks, sizeof(struct marks_block), 0, 1,
               (most >> MARKS_BLOCK_BITS) + 1);
}

void marks_destroy(struct marks *marks)
{
    arena_destroy(&marks->blocks);
}

bool marks_cover(struct marks *marks, uint32_t index)
{
    return arena_cover(&marks->blocks, index >> MARKS_BLOCK_BITS);
}

/* All marks of a word; most have none. */
static uint64_t take_word(struct marks *marks, uint32_t number)
{
    struct marks_block *block = (struct marks_block *)arena_find(
        &marks->blocks, number >> MARKS_WORD_BITS, sizeof *block);
    moor_word *word;
    uint64_t bits;

    if (block == NULL) {
        return 0;
    }
    word = &block->words[number % MARKS_WORDS];
    /* seq_cst, J2: behind the clearing of what says that there is any. */
    bits = moor_load_seq_cst(word);
    if (bits == 0) {
        return 0;
    }
    if (MOOR_PLANTED(89)) { /* look, then store */
        moor_store_release(word, 0);
        return bits;
    }
    return moor_exchange_acq_rel(word, 0); /* acquire, J1 */
}

/* Which index the lowest bit of a word stands for. */
static uint32_t index_of(uint32_t number, uint64_t bits)
{
    uint32_t word = number % MARKS_WORDS;
    uint32_t low = word % (1 << MARKS_LINE_BITS) << MARKS_LINE_BITS |
                   word >> MARKS_LINE_BITS;

    return number >> MARKS_WORD_BITS << MARKS_BLOCK_BITS |
           (uint32_t)__builtin_ctzll(bits) << MARKS_WORD_BITS | low;
}

bool marks_take(struct marks *marks, struct marks_pass *pass, uint32_t end,
                uint32_t *index)
{
    /* Of the last block all words, whatever the end. */
    uint32_t words = ((end - 1) >> MARKS_BLOCK_BITS) + 1;

    words <<= MARKS_WORD_BITS;
    while (pass->bits == 0) {
        if (pass->word >= words) {
            pass->word = 0;
            return false;
        }
        pass->bits = take_word(marks, pass->word++);
    }
    *index = index_of(pass->word - 1, pass->bits);
    pass->bits &= pass->bits - 1;
    return true;
}
