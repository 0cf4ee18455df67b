/*
 * The state word: every state against every operation.
 *
 * The expected words come from an independent model: a struct of the fields as
 * word.h draws them, and a table of who may go where.
 */
#include <criterion/criterion.h>
#include <signal.h>

#include "word_steps.h"

struct fields {
    uint64_t generation;
    unsigned phase, lent, residence, asked, watched, fence, slot;
    uint32_t text;
};

/* --- the drawing ---------------------------------------------------------- */

static uint64_t pack(struct fields f)
{
    return f.generation << 36 | (uint64_t)f.phase << 32 |
           (uint64_t)f.lent << 31 | (uint64_t)f.residence << 29 |
           (uint64_t)f.asked << 27 | (uint64_t)f.watched << 26 |
           (uint64_t)f.fence << 25 | (uint64_t)f.slot << 24 | f.text;
}

/* Calls `visit` for each combination of the fields. */
static void each_flags(struct fields f, void (*visit)(struct fields))
{
    static const uint32_t texts[] = {0, 1, 2, 0xabcdef, 0xffffff};

    for (unsigned bits = 0; bits < 32; bits++) {
        f.slot = bits & 1;
        f.fence = bits >> 1 & 1;
        f.watched = bits >> 2 & 1;
        f.asked = bits >> 3;
        for (size_t t = 0; t < sizeof texts / sizeof texts[0]; t++) {
            f.text = texts[t];
            visit(f);
        }
    }
}

static void each_state(void (*visit)(struct fields))
{
    static const uint64_t generations[] = {1, 0x5a5a5a5, 0xffffffe};

    for (unsigned phase = 0; phase < WORD_PHASES; phase++) {
        for (unsigned i = 0; i < 3 * 8; i++) {
            each_flags((struct fields){.generation = generations[i / 8],
                                       .phase = phase,
                                       .lent = i / 4 % 2,
                                       .residence = i % 4},
                       visit);
        }
    }
}

/* --- the fields ----------------------------------------------------------- */

static void check_fields(struct fields f)
{
    uint64_t word = pack(f);

    cr_assert_eq(word_generation(word), f.generation);
    cr_assert_eq((unsigned)word_phase(word), f.phase);
    cr_assert_eq(word_text(word),
                 f.phase == WORD_PENDING || f.phase == WORD_RUNNING ? 0
                                                                    : f.text);
    cr_assert_eq(word_has_slot(word), f.slot == 1);
    cr_assert_eq(word_is_fenced(word), f.fence == 1);
    cr_assert_eq(word_is_watched(word), f.watched == 1);
    cr_assert_eq((unsigned)word_residence(word), f.residence);
    cr_assert_eq((word & WORD_ASKED_INTERRUPT) != 0, (f.asked & 1) != 0);
    cr_assert_eq((word & WORD_ASKED_SHUTDOWN) != 0, (f.asked & 2) != 0);
}

Test(word, fields_lie_where_the_drawing_says)
{
    each_state(check_fields);
}

static void check_make(struct fields f)
{
    struct fields bare = {.generation = f.generation, .phase = f.phase};
    struct fields moved = f;

    cr_assert_eq(word_make(f.generation, (enum word_phase)f.phase), pack(bare));
    for (unsigned phase = 0; phase < WORD_PHASES; phase++) {
        moved.phase = phase;
        cr_assert_eq(word_with_phase(pack(f), (enum word_phase)phase),
                     pack(moved));
    }
}

Test(word, made_from_generation_and_phase)
{
    each_state(check_make);
}

/* --- what each phase is --------------------------------------------------- */

enum { TAKEN = 1, TICKET = 2, AGENT = 4, LIVE = 8, IDLE = 16, ENDING = 32 };

static const struct phase_row {
    unsigned is;
    moor_status seen;
} phases[WORD_PHASES] = {
    [WORD_FREE] = {0, MOOR_STATUS_NOT_FOUND},
    [WORD_RESERVING] = {TAKEN, MOOR_STATUS_NOT_FOUND},
    [WORD_TICKET] = {TAKEN | TICKET, MOOR_STATUS_RESERVED},
    [WORD_COMMITTING] = {TAKEN | TICKET, MOOR_STATUS_RESERVED},
    [WORD_PENDING] = {TAKEN | AGENT | LIVE, MOOR_STATUS_PENDING_INIT},
    [WORD_RUNNING] = {TAKEN | AGENT | LIVE, MOOR_STATUS_RUNNING},
    [WORD_INTERRUPTED] = {TAKEN | AGENT | IDLE, MOOR_STATUS_INTERRUPTED},
    [WORD_COMPLETED] = {TAKEN | AGENT | IDLE, MOOR_STATUS_COMPLETED},
    [WORD_ERRORED] = {TAKEN | AGENT | IDLE, MOOR_STATUS_ERRORED},
    [WORD_SHUTDOWN] = {TAKEN | AGENT | IDLE, MOOR_STATUS_SHUTDOWN},
    [WORD_ENDING_INTERRUPTED] = {TAKEN | AGENT | ENDING, MOOR_STATUS_RUNNING},
    [WORD_ENDING_COMPLETED] = {TAKEN | AGENT | ENDING, MOOR_STATUS_RUNNING},
    [WORD_ENDING_ERRORED] = {TAKEN | AGENT | ENDING, MOOR_STATUS_RUNNING},
    [WORD_ENDING_SHUTDOWN] = {TAKEN | AGENT | ENDING, MOOR_STATUS_RUNNING},
    [WORD_LEFT] = {0, MOOR_STATUS_NOT_FOUND},
    [WORD_FAILING] = {TAKEN, MOOR_STATUS_NOT_FOUND},
};

/* A run that is ending is seen as it was: running, or pending, which the first
 * of the asked bits then tells. */
static moor_status seen_of(struct fields f)
{
    bool ending = (phases[f.phase].is & ENDING) != 0;

    return ending && (f.asked & 1) != 0 ? MOOR_STATUS_PENDING_INIT
                                        : phases[f.phase].seen;
}

static moor_request_kind requested_of(struct fields f)
{
    if ((phases[f.phase].is & LIVE) == 0) return MOOR_REQUEST_NONE;
    if ((f.asked & 2) != 0) return MOOR_REQUEST_SHUTDOWN;
    return (f.asked & 1) != 0 ? MOOR_REQUEST_INTERRUPT : MOOR_REQUEST_NONE;
}

static void check_questions(struct fields f)
{
    const struct phase_row *row = &phases[f.phase];
    uint64_t word = pack(f);

    cr_assert_eq(word_is_taken(word), (row->is & TAKEN) != 0);
    cr_assert_eq(word_is_ticket(word), (row->is & TICKET) != 0);
    cr_assert_eq(word_is_agent(word), (row->is & AGENT) != 0);
    cr_assert_eq(word_is_live(word), (row->is & LIVE) != 0);
    cr_assert_eq(word_is_idle(word), (row->is & IDLE) != 0);
    cr_assert_eq(word_is_ending(word), (row->is & ENDING) != 0);
    cr_assert_eq(word_status(word), seen_of(f), "phase %u", f.phase);
    cr_assert_eq(word_requested(word), requested_of(f));
}

Test(word, what_each_phase_is)
{
    each_state(check_questions);
}

/* --- who may do what ------------------------------------------------------ */

static void check_permissions(struct fields f)
{
    uint64_t word = pack(f);
    bool live = f.phase == WORD_PENDING || f.phase == WORD_RUNNING;
    bool again = f.phase == WORD_INTERRUPTED || f.phase == WORD_COMPLETED ||
                 f.phase == WORD_ERRORED;
    bool idle = again || f.phase == WORD_SHUTDOWN;

    cr_assert_eq(word_may_start(word), f.phase == WORD_PENDING);
    cr_assert_eq(word_may_end(word), live);
    cr_assert_eq(word_may_run_again(word), again);
    cr_assert_eq(word_may_release(word), idle && f.slot == 1);
    cr_assert_eq(word_is_resident(word), f.residence != WORD_NOT_LOADED);
    cr_assert_eq(word_is_claimed(word), f.residence == WORD_CLAIMED);
    cr_assert_eq(word_may_evict(word), idle && f.residence == WORD_LOADED);
    cr_assert_eq(word_may_pin(word), (phases[f.phase].is & AGENT) != 0 &&
                                         (f.residence == WORD_LOADED ||
                                          f.residence == WORD_PINNED));
}

Test(word, illegal_operations_are_not_permitted)
{
    each_state(check_permissions);
}

/* --- transitions ---------------------------------------------------------- */

static void expect(uint64_t got, struct fields f, const char *what)
{
    cr_assert_eq(got, pack(f), "%s: phase %u: got %016llx, expected %016llx",
                 what, f.phase, (unsigned long long)got,
                 (unsigned long long)pack(f));
}

static void check_admission(struct fields f)
{
    uint64_t word = pack(f);
    struct fields to = f;

    switch (f.phase) {
    case WORD_FREE:
        to.phase = WORD_RESERVING;
        expect(word_reserving(word), to, "reserving");
        break;
    case WORD_RESERVING:
        to.phase = WORD_COMMITTING;
        to.slot = 1;
        to.residence = WORD_LOADED;
        expect(word_reserved(word), to, "reserved");
        break;
    case WORD_TICKET:
        to.phase = WORD_COMMITTING;
        expect(word_committing(word), to, "committing");
        to.phase = WORD_PENDING;
        expect(word_committed(word), to, "committed");
        break;
    case WORD_COMMITTING:
        to.phase = WORD_TICKET;
        expect(word_ticketed(word), to, "ticketed");
        to.phase = WORD_PENDING;
        expect(word_committed(word), to, "committed");
        break;
    case WORD_PENDING:
        to.phase = WORD_RUNNING;
        expect(word_started(word), to, "started");
        break;
    default:
        break;
    }
}

Test(word, admission_changes_phase_slot_and_residence_alone)
{
    each_state(check_admission);
}

/* On its way to an idle phase, without its slot; still watched. */
static struct fields ending(struct fields f, unsigned idle)
{
    f.asked = f.phase == WORD_PENDING ? 1 : 0;
    f.phase = idle - WORD_INTERRUPTED + WORD_ENDING_INTERRUPTED;
    f.slot = 0;
    return f;
}

/* The end of a run with and without release, to each idle phase, with each
 * kind of text. */
static void check_end(struct fields f)
{
    static const uint32_t texts[] = {0, 1, 0x123456};

    if (f.phase != WORD_PENDING && f.phase != WORD_RUNNING) return;
    for (unsigned idle = WORD_INTERRUPTED; idle <= WORD_SHUTDOWN; idle++) {
        for (unsigned i = 0; i < 6; i++) {
            bool release = i % 2 == 1;
            struct fields to = f;

            to.text = texts[i / 2];
            to.asked = 0;
            to.phase = idle;
            to.watched = 0;
            to.lent = 0; /* what was lent is not lent any more */
            if (release && f.slot == 1) {
                to = ending(f, idle);
                to.lent = f.lent;
                to.text = texts[i / 2];
            }
            expect(word_ended(pack(f), (enum word_phase)idle, texts[i / 2],
                              release),
                   to, release ? "ended, released" : "ended");
        }
    }
}

Test(word, the_end_of_a_run)
{
    each_state(check_end);
}

static void check_settle(struct fields f)
{
    static const unsigned settles[WORD_PHASES] = {
        [WORD_ENDING_INTERRUPTED] = WORD_INTERRUPTED,
        [WORD_ENDING_COMPLETED] = WORD_COMPLETED,
        [WORD_ENDING_ERRORED] = WORD_ERRORED,
        [WORD_ENDING_SHUTDOWN] = WORD_SHUTDOWN,
    };
    struct fields to = f;

    if (settles[f.phase] == 0) return;
    to.phase = settles[f.phase];
    to.watched = 0;
    to.asked = 0; /* never up in these phases */
    expect(word_settled(pack(f)), to, "settled");
}

Test(word, an_ending_run_settles)
{
    each_state(check_settle);
}

/* The first step of a close: a live run ends, an idle agent loses its slot. */
static void check_closing(struct fields f)
{
    struct fields to = f;

    if ((phases[f.phase].is & AGENT) == 0 || f.slot == 0) return;
    to.slot = 0;
    if ((phases[f.phase].is & LIVE) != 0) {
        to = ending(f, WORD_SHUTDOWN);
        to.text = 0; /* that was the number of the run */
    }
    expect(word_closing(pack(f)), to, "closing");
}

Test(word, a_close_takes_the_slot_first)
{
    each_state(check_closing);
}

static void check_failed_start(struct fields f)
{
    struct fields to = f;

    if (f.phase == WORD_PENDING) {
        to = ending(f, WORD_SHUTDOWN);
        to.fence = 1;
        expect(word_start_failed(pack(f)), to, "start failed");
    } else if (f.phase == WORD_ENDING_SHUTDOWN) {
        to.phase = WORD_FAILING;
        to.residence = WORD_NOT_LOADED;
        to.watched = 0;
        to.asked = 0;
        expect(word_failing(pack(f)), to, "failing");
    }
}

Test(word, a_failed_start_is_fenced_and_takes_the_slot_first)
{
    each_state(check_failed_start);
}

static void check_again(struct fields f)
{
    struct fields to = f;

    if (f.phase != WORD_INTERRUPTED && f.phase != WORD_COMPLETED &&
        f.phase != WORD_ERRORED) {
        return;
    }
    if (f.residence == WORD_CLAIMED) return; /* judged before: it is evicting */
    if (f.residence == WORD_NOT_LOADED) to.residence = WORD_LOADED;
    to.phase = WORD_RUNNING;
    to.slot = 1;
    to.text = 0x123;
    expect(word_run_again(pack(f), 0x123), to, "run_again");
    cr_assert_eq(word_text(word_run_again(pack(f), 0x123)), 0);
}

Test(word, run_again_clears_the_result_and_holds_a_slot)
{
    each_state(check_again);
}

static void check_flags(struct fields f)
{
    uint64_t word = pack(f);
    struct fields to = f;

    to.fence = 1;
    expect(word_fenced(word), to, "fenced");
    to = f;
    to.watched = 1;
    expect(word_watched(word), to, "watched");
    to = f;
    to.slot = 0;
    if (f.slot == 1) expect(word_released(word), to, "released");
    if (f.phase != WORD_PENDING && f.phase != WORD_RUNNING) return;
    to = f;
    to.asked = f.asked | 1;
    expect(word_asked(word, WORD_ASKED_INTERRUPT), to, "asked");
    to.asked = f.asked | 2;
    expect(word_asked(word, WORD_ASKED_SHUTDOWN), to, "asked");
    to.asked = 3;
    expect(word_asked(word, ~UINT64_C(0)), to, "asked all");
}

Test(word, flags_change_nothing_else)
{
    each_state(check_flags);
}

static void expect_residence(uint64_t got, struct fields f, unsigned residence,
                             const char *what)
{
    f.residence = residence;
    expect(got, f, what);
}

/* Each from where it is legal, and nothing else changes. */
static void check_residence(struct fields f)
{
    uint64_t word = pack(f);
    bool agent = (phases[f.phase].is & AGENT) != 0;
    bool idle = (phases[f.phase].is & IDLE) != 0;

    if (!agent) return;
    switch (f.residence) {
    case WORD_NOT_LOADED:
        expect_residence(word_loaded(word), f, WORD_LOADED, "loaded");
        break;
    case WORD_LOADED:
        if (idle) {
            expect_residence(word_claimed(word), f, WORD_CLAIMED, "claimed");
        }
        expect_residence(word_pinned(word), f, WORD_PINNED, "pinned");
        expect_residence(word_unpinned(word), f, WORD_LOADED, "unpinned");
        break;
    case WORD_PINNED:
        expect_residence(word_pinned(word), f, WORD_PINNED, "pinned");
        expect_residence(word_unpinned(word), f, WORD_LOADED, "unpinned");
        break;
    default:
        expect_residence(word_unloaded(word), f, WORD_NOT_LOADED, "unloaded");
    }
}

Test(word, residence_changes_alone)
{
    each_state(check_residence);
}

#ifndef NDEBUG
Test(word, a_running_agent_is_not_claimed, .signal = SIGABRT)
{
    (void)word_claimed(
        word_with_residence(word_make(1, WORD_RUNNING), WORD_LOADED));
}

Test(word, a_claimed_agent_does_not_run_again, .signal = SIGABRT)
{
    (void)word_run_again(
        word_with_residence(word_make(1, WORD_COMPLETED), WORD_CLAIMED),
        1);
}
#endif

static void check_leave(struct fields f)
{
    static const moor_status last[WORD_PHASES] = {
        [WORD_PENDING] = MOOR_STATUS_SHUTDOWN,
        [WORD_RUNNING] = MOOR_STATUS_SHUTDOWN,
        [WORD_INTERRUPTED] = MOOR_STATUS_INTERRUPTED,
        [WORD_COMPLETED] = MOOR_STATUS_COMPLETED,
        [WORD_ERRORED] = MOOR_STATUS_ERRORED,
        [WORD_SHUTDOWN] = MOOR_STATUS_SHUTDOWN,
        [WORD_ENDING_INTERRUPTED] = MOOR_STATUS_INTERRUPTED,
        [WORD_ENDING_COMPLETED] = MOOR_STATUS_COMPLETED,
        [WORD_ENDING_ERRORED] = MOOR_STATUS_ERRORED,
        [WORD_ENDING_SHUTDOWN] = MOOR_STATUS_SHUTDOWN,
    };
    struct fields to = {.generation = f.generation,
                        .phase = WORD_LEFT,
                        .text = (uint32_t)last[f.phase]};

    if (f.phase == WORD_LEFT) {
        to.generation = f.generation + 1;
        to.phase = WORD_FREE;
        to.text = 0;
        expect(word_freed(pack(f)), to, "freed");
    } else if (f.phase != WORD_FREE) {
        expect(word_left(pack(f)), to, "left");
        cr_assert_eq(word_last_status(word_left(pack(f))), last[f.phase]);
    }
}

Test(word, leaving_keeps_the_generation_and_freeing_raises_it)
{
    each_state(check_leave);
}
