#include "order.h"

#include <string.h>

#include "books.h"
#include "steps.h"

void order_begin(const struct play *play, struct call *each)
{
    scene_make(&play->scene);
    for (int i = 0; i < play_calls(play); i++) {
        const struct play_call *from =
            &play->calls[i / play->length][i % play->length];

        each[i] = (struct call){
            .operation = from->operation,
            .subject = from->of_b ? scene_b : scene_a,
            .number = (unsigned)i,
        };
    }
}

void order_look_at(const struct call *call, uint64_t words[CALL_WORDS])
{
    words[0] = call->error;
    memcpy(&words[1], call->answers, sizeof call->answers);
}

enum {
    MOVES_MOST = PLAY_CALLS * SCRIPT_MOST,
    PLACES = 1 << 14, /* that are remembered; a power of two */
};

/* What a call does next: its next step; nothing in its place; or it is left out
 * altogether. */
enum move_kind { STEP, SKIP, LEAVE_OUT, MOVE_KINDS };

struct move {
    int number; /* of the call */
    enum move_kind kind;
};

static struct {
    const struct play *play;
    const struct outcome *seen;
    unsigned may_leave_out;        /* calls, bits */
    unsigned left_out;             /* calls, bits */
    struct script of[PLAY_CALLS];  /* how each goes */
    int done[PLAY_CALLS];          /* steps of each */
    struct move moves[MOVES_MOST]; /* so far */
    struct call calls[PLAY_CALLS]; /* as they are made */
    uint64_t been[PLACES];         /* where it goes on to nothing, hashed */
} order;

static const struct operation *operation_of(int number)
{
    return order.play
        ->calls[number / order.play->length][number % order.play->length]
        .operation;
}

/* --- what is not promised ------------------------------------------------- */

/* A call of this kind may answer so because of an overlapping call of that
 * other kind, although no order of both says so; it has changed nothing. */
static const struct excuse {
    unsigned kind, beside;
    moor_error answer;
    const char *why;
} excuses[] = {
    {KIND_LINKS, KIND_CLOSES | KIND_FENCES, MOOR_REFUSED,
     "it was judged before the fence, and met the limit behind it"},
    {KIND_AGAIN, KIND_CLOSES, MOOR_REFUSED,
     "it was judged before the agent left, and met the limit then"},
    {KIND_ADMITS, KIND_AGAIN, MOOR_REFUSED,
     "a run_again that loses has its slot until it gives it back"},
};

enum { EXCUSES = sizeof excuses / sizeof *excuses };

static bool is_excused_by(const struct excuse *excuse, int number)
{
    int own = number / order.play->length;

    if (!(operation_of(number)->kind & excuse->kind) ||
        order.seen->calls[number][0] != excuse->answer) {
        return false;
    }
    for (int i = 0; i < play_calls(order.play); i++) {
        if (i / order.play->length != own &&
            (operation_of(i)->kind & excuse->beside)) {
            return true;
        }
    }
    return false;
}

static unsigned excused(void)
{
    unsigned set = 0;

    for (int i = 0; i < play_calls(order.play); i++) {
        for (int j = 0; j < EXCUSES; j++) {
            if (is_excused_by(&excuses[j], i)) set |= 1U << i;
        }
    }
    return set;
}

/* --- moves, one after the other ------------------------------------------- */

static bool is_through(int number)
{
    return order.done[number] == order.of[number].length;
}

/* The call that the thread is at; PLAY_CALLS: it is through. */
static int call_of(int thread)
{
    for (int i = 0; i < order.play->length; i++) {
        if (!is_through(thread * order.play->length + i)) {
            return thread * order.play->length + i;
        }
    }
    return PLAY_CALLS;
}

/* From the beginning, so many moves. */
static void replay(int length)
{
    int at[PLAY_CALLS] = {0};

    order_begin(order.play, order.calls);
    for (int i = 0; i < length; i++) {
        const struct move *move = &order.moves[i];
        int step = at[move->number]++;

        if (move->kind == STEP) {
            order.of[move->number].steps[step](&order.calls[move->number]);
        }
    }
}

static bool same_answers(int number)
{
    uint64_t words[CALL_WORDS];

    order_look_at(&order.calls[number], words);
    return !memcmp(words, order.seen->calls[number], sizeof words);
}

/* With those that were refused and are left out. */
static bool same_fields(void)
{
    uint64_t now[OUTCOME_FIELDS];

    outcome_look(now);
    for (int i = 0; i < play_calls(order.play); i++) {
        now[REFUSED] += (order.left_out >> i & 1) &&
                        order.seen->calls[i][0] == MOOR_REFUSED;
    }
    return !memcmp(now, order.seen->fields, sizeof now);
}

static void mix(uint64_t *hash, uint64_t word)
{
    *hash = (*hash ^ word) * 0x9E3779B97F4A7C15u;
    *hash ^= *hash >> 29;
}

/* All that what follows depends on; never 0. */
static uint64_t place(void)
{
    uint64_t fields[OUTCOME_FIELDS];
    uint64_t hash = order.left_out + 1;

    outcome_look(fields);
    for (int i = 0; i < OUTCOME_FIELDS; i++)
        mix(&hash, fields[i]);
    for (uint32_t i = 0; i < books_end(world); i++) {
        const struct record *record = record_at(&world->records, i);
        uint64_t word = moor_load_acquire(&record->state);
        mix(&hash, word_is_taken(word)
                       ? word & ~(~UINT64_C(0) << WORD_GENERATION_SHIFT)
                       : 0);
    }
    for (int i = 0; i < play_calls(order.play); i++) {
        const struct call *call = &order.calls[i];
        mix(&hash, (uint64_t)order.done[i] << 32 | call->counted << 8 |
                       (uint64_t)call->previous << 3 |
                       (uint64_t)call->in_hand << 2 |
                       (uint64_t)call->began << 1 | call->lost);
        for (int j = 0; j < CALL_ANSWERS; j++)
            mix(&hash, call->answers[j]);
    }
    return hash | 1;
}

/* True, once. */
static bool is_new_place(uint64_t hash)
{
    uint64_t *entry = &order.been[hash >> 32 & (PLACES - 1)];

    if (*entry == hash) return false;
    *entry = hash; /* what was there is looked at again */
    return true;
}

static void drop(void)
{
    moor_destroy(world);
    world = NULL;
}

static bool may_move(int number, enum move_kind kind)
{
    switch (kind) {
    case SKIP:
        return order.of[number].optional >> order.done[number] & 1;
    case LEAVE_OUT:
        return order.done[number] == 0 && (order.may_leave_out >> number & 1);
    default:
        return true;
    }
}

static bool go_on(int length);

static bool move_by(struct move move, int length)
{
    int done = order.done[move.number];
    unsigned left_out = order.left_out;
    bool met;

    order.moves[length] = move;
    order.done[move.number]++;
    if (move.kind == LEAVE_OUT) {
        order.done[move.number] = order.of[move.number].length;
        order.left_out |= 1U << move.number;
    }
    replay(length + 1);
    met = (move.kind == LEAVE_OUT || !is_through(move.number) ||
           same_answers(move.number)) &&
          is_new_place(place());
    drop();
    met = met && go_on(length + 1);
    order.done[move.number] = done;
    order.left_out = left_out;
    return met;
}

static bool is_at_end(int length)
{
    bool same;

    replay(length);
    same = same_fields();
    drop();
    return same;
}

static bool go_on(int length)
{
    bool through = true;

    for (int i = 0; i < order.play->threads; i++) {
        int number = call_of(i);

        if (number == PLAY_CALLS) continue;
        through = false;
        for (int kind = 0; kind < MOVE_KINDS; kind++) {
            struct move move = {number, (enum move_kind)kind};
            if (may_move(number, move.kind) && move_by(move, length)) {
                return true;
            }
        }
    }
    return through && is_at_end(length);
}

static bool is_given(bool in_steps)
{
    for (int i = 0; i < play_calls(order.play); i++) {
        order.of[i] =
            in_steps ? script_of(operation_of(i), order.play->scene.release)
                     : (struct script){{script_whole}, 1, 0};
        order.done[i] = 0;
    }
    memset(order.been, 0, sizeof order.been);
    if (in_steps) order.may_leave_out = excused();
    return go_on(0);
}

bool order_gives(const struct play *play, const struct outcome *seen)
{
    memset(&order, 0, sizeof order);
    order.play = play;
    order.seen = seen;
    return is_given(false) || is_given(true);
}
