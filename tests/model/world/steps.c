#include "steps.h"

#include <string.h>

#include "ending.h"
#include "fence.h"
#include "leave.h"
#include "remove.h"
#include "walk.h"

static moor_word *state_of(life which)
{
    return &books_record(world, which)->state;
}

static bool is_now(life which, uint64_t word)
{
    return which != 0 && word_generation(word) == life_generation(which);
}

/* Swaps to what is next, if the word is one of that life and `may` says so. */
static bool swap(life which, bool may(uint64_t), uint64_t next(uint64_t))
{
    uint64_t word;

    if (which == 0) return false;
    word = moor_load_acquire(state_of(which));
    return is_now(which, word) && may(word) &&
           moor_cas_acq_rel(state_of(which), &word, next(word));
}

/* What earlier steps have closed or reaped is told with the rest. */
static void tell_earlier(struct call *call, bool had_slot)
{
    if (call->operation->run == operation_reap ||
        call->operation->run == operation_close_root) {
        call->answers[0] += call->counted;
    } else if ((call->operation->kind & KIND_CLOSES)) {
        call->answers[1] += call->counted;
        /* It is what it was when a slot was last taken from it. */
        if (call->began && !had_slot && call->error == MOOR_OK) {
            call->answers[0] = call->previous;
        }
    }
}

void script_whole(struct call *call)
{
    uint64_t word = moor_load_acquire(state_of(call->subject.bits));

    call->operation->run(call);
    tell_earlier(call, word_has_slot(word));
}

/* A slot that a step has taken comes back with a later one. */
static void give_back(struct call *call)
{
    if (call->in_hand) ending_give_slot(world);
    call->in_hand = false;
}

/* --- closing: the fence, then those below, each its slot first ------------ */

static bool has_slot_to_give(uint64_t word)
{
    return word_is_agent(word) && word_has_slot(word);
}

static void take_slot(struct call *call, life which)
{
    call->in_hand = swap(which, has_slot_to_give, word_closing);
}

static void fence_own(struct call *call)
{
    (void)fence_set(world, call->subject.bits);
}

static void fence_root(struct call *call)
{
    (void)call;
    (void)fence_set(world, world->root);
}

static void seal_own(struct call *call)
{
    (void)tree_seal(&world->tree, call->subject.bits);
}

static void take_own(struct call *call)
{
    moor_status previous = world_status(call->subject);

    take_slot(call, call->subject.bits);
    if (call->in_hand) {
        call->began = true;
        call->previous = previous;
    }
}

static void take_a(struct call *call)
{
    take_slot(call, scene_a.bits);
}

static void take_b(struct call *call)
{
    if (call->subject.bits != scene_b.bits ||
        call->operation->run == operation_close_root) {
        take_slot(call, scene_b.bits);
    }
}

static void close_one(struct call *call, moor_agent agent)
{
    moor_closed closed = {MOOR_STATUS_NOT_FOUND, 0};
    uint64_t word;

    if (agent.bits == 0) return;
    word = moor_load_acquire(state_of(agent.bits));
    if (is_now(agent.bits, word) && word_is_ticket(word)) {
        (void)leave_ticket(world, agent.bits, LEAVE_CLOSED);
        return;
    }
    (void)moor_close(world, agent, MOOR_CLOSE_TREE, &closed);
    call->counted += closed.closed;
}

static void close_b(struct call *call)
{
    if (call->subject.bits != scene_b.bits ||
        call->operation->run == operation_close_root) {
        close_one(call, scene_b);
    }
}

static void close_a(struct call *call)
{
    close_one(call, scene_a);
}

/* --- an end: decided and the slot back, then to be seen ------------------- */

static bool may_settle(uint64_t word)
{
    return word_is_ending(word);
}

static bool end_one(life which, const struct ending *how, bool *released)
{
    bool release = how->release || world->release == MOOR_ON_COMPLETION;
    uint64_t word, after;

    *released = false;
    if (which == 0) return false;
    word = moor_load_acquire(state_of(which));
    if (!is_now(which, word) || !word_may_end(word)) return false;
    after = word_ended(word, how->idle, how->text, release);
    if (!moor_cas_acq_rel(state_of(which), &word, after)) return false;
    if (how->idle == WORD_COMPLETED) {
        stats_add(&world->stats, STATS_COMPLETED, 1);
    }
    *released = word_is_ending(after);
    return true;
}

static void end_by(struct call *call, struct ending how)
{
    call->began = end_one(call->subject.bits, &how, &call->in_hand);
    if (!call->began) text_drop(&world->texts, how.text);
}

static void end_finish(struct call *call)
{
    end_by(call, (struct ending){.idle = WORD_COMPLETED});
}

static void end_finish_text(struct call *call)
{
    struct ending how = {.idle = WORD_ERRORED};

    if (text_make(&world->texts, "broken", sizeof "broken" - 1, &how.text)) {
        end_by(call, how);
    }
}

static void end_interrupt(struct call *call)
{
    end_by(call, (struct ending){.idle = WORD_INTERRUPTED});
}

static void end_died(struct call *call)
{
    end_by(call, (struct ending){.idle = WORD_ERRORED,
                                 .text = WORD_TEXT_DIED,
                                 .release = true});
}

static void settle_own(struct call *call)
{
    if (call->began) {
        (void)swap(call->subject.bits, may_settle, word_settled);
        call->error = MOOR_OK;
    } else {
        script_whole(call);
    }
}

/* --- a commit: judged, then done ------------------------------------------ */

static void judge_commit(struct call *call)
{
    life which = call->subject.bits;
    uint64_t word = moor_load_acquire(state_of(which));

    call->began =
        is_now(which, word) && word_is_ticket(word) &&
        fence_look(world,
                   record_parent(&world->records, books_record(world, which)),
                   true) == MOOR_OK;
}

static void swap_commit(struct call *call)
{
    life which = call->subject.bits;

    if (!call->began) {
        script_whole(call);
    } else if (books_step(world, which, WORD_TICKET, word_committed, NULL)) {
        stats_add(&world->stats, STATS_SPAWNED, 1);
        call->error = MOOR_OK;
    } else {
        call->error = MOOR_STALE;
    }
}

/* --- a failed start ------------------------------------------------------- */

static void fail_first(struct call *call)
{
    life which = call->subject.bits;

    if (!leave_hold(world, which)) return;
    call->began =
        books_step(world, which, WORD_PENDING, word_start_failed, NULL);
    if (call->began) {
        slots_give(&world->running);
    } else {
        leave_let_go(world, which);
    }
}

static void fail_then(struct call *call)
{
    if (!call->began) return;
    call->lost = !books_step(world, call->subject.bits, WORD_ENDING_SHUTDOWN,
                             word_failing, NULL);
    if (!call->lost) total_give(&world->lifetime);
}

static bool is_failing(const struct call *call)
{
    return call->began && !call->lost;
}

static void fail_take_b(struct call *call)
{
    if (is_failing(call)) take_b(call);
}

static void fail_close_b(struct call *call)
{
    give_back(call);
    if (is_failing(call)) close_b(call);
}

static void fail_last(struct call *call)
{
    life which = call->subject.bits;

    if (!call->began) {
        script_whole(call);
        return;
    }
    if (is_failing(call)) {
        (void)remove_below(world, which);
        remove_failing(world, which);
    }
    leave_let_go(world, which);
    call->error = call->lost ? MOOR_STALE : MOOR_OK;
}

/* --- taking slots from idle agents, one after the other ------------------- */

static void reap_one(struct call *call, life which)
{
    if (!swap(which, word_may_release, word_released)) return;
    call->in_hand = true;
    stats_add(&world->stats, STATS_REAPED, 1);
    call->counted++;
}

/* A walk over all records goes by their indices. */
static life early(void)
{
    bool b_first = scene_b.bits != 0 &&
                   life_index(scene_b.bits) < life_index(scene_a.bits);

    return b_first ? scene_b.bits : scene_a.bits;
}

static life late(void)
{
    return early() == scene_a.bits ? scene_b.bits : scene_a.bits;
}

static void reap_early(struct call *call)
{
    reap_one(call, early());
}

static void reap_late(struct call *call)
{
    reap_one(call, late());
}

/* An admission that finds no slot free, under on_reserve. */
static void reap_first(struct call *call)
{
    (void)call;
    (void)moor_reap(world, NULL);
}

/* --- the end of a turn: which it is, then one after the other ------------- */

static void turn_look(struct call *call)
{
    call->answers[0] = moor_load_acquire(&world->turn);
}

static bool is_left(const struct call *call, life which)
{
    uint64_t word;

    if (which == 0) return false;
    word = moor_load_acquire(state_of(which));
    return is_now(which, word) && word_is_live(word) &&
           moor_load_acquire(&record_plate(books_record(world, which))->turn) ==
               call->answers[0];
}

static void leave_over(struct call *call, life which)
{
    static const struct ending how = {.idle = WORD_SHUTDOWN};

    if (!is_left(call, which)) return;
    if (call->operation->kind & KIND_FENCES) {
        (void)fence_set(world, which);
    } else if (end_one(which, &how, &call->in_hand)) {
        call->answers[1]++;
        call->answers[2] += call->in_hand;
    }
}

static void turn_early(struct call *call)
{
    leave_over(call, early());
}

static void turn_late(struct call *call)
{
    leave_over(call, late());
}

static void settle_early(struct call *call)
{
    (void)call;
    (void)swap(early(), may_settle, word_settled);
}

static void settle_late(struct call *call)
{
    (void)call;
    (void)swap(late(), may_settle, word_settled);
}

/* Who was not there at first. */
static void turn_others(struct call *call)
{
    uint32_t end = books_end(world);

    for (uint32_t i = 1; i < end; i++) {
        uint64_t word;
        life which = walk_at(world, i, &word);

        if (which == scene_a.bits || which == scene_b.bits) continue;
        leave_over(call, which);
        give_back(call);
        if (which != 0) (void)swap(which, may_settle, word_settled);
    }
}

static void turn_reap(struct call *call)
{
    uint64_t reaped = 0;

    if (world->release == MOOR_ON_TURN_END) moor_reap(world, &reaped);
    call->answers[2] += call->counted + reaped;
    call->error = MOOR_OK;
}

static void turn_reap_early(struct call *call)
{
    if (world->release == MOOR_ON_TURN_END) reap_early(call);
}

static void turn_reap_late(struct call *call)
{
    if (world->release == MOOR_ON_TURN_END) reap_late(call);
}

/* --- the table ------------------------------------------------------------ */

#define WITHOUT(step) (1U << (step))

/* A close of one below which nothing hung when it was looked at sets no fence,
 * and one may have to take a slot twice, because the agent ran again; the end
 * of a turn may miss who came late, or not. */
static const struct {
    const char *name;
    struct script script;
} table[] = {
    {"finish", {{end_finish, give_back, settle_own}, 3, 0}},
    {"finish_text", {{end_finish_text, give_back, settle_own}, 3, 0}},
    {"interrupt", {{end_interrupt, give_back, settle_own}, 3, 0}},
    {"died", {{end_died, give_back, settle_own}, 3, 0}},
    {"commit", {{judge_commit, swap_commit}, 2, 0}},
    {"commit_id", {{judge_commit, swap_commit}, 2, 0}},
    {"start_failed",
     {{fail_first, fail_then, fail_take_b, fail_close_b, fail_last}, 5, 0}},
    {"close_tree",
     {{fence_own, take_b, give_back, close_b, take_own, give_back, take_own,
       give_back, script_whole},
      9,
      WITHOUT(0)}},
    {"close_adopt",
     {{take_own, give_back, take_own, give_back, script_whole}, 5, 0}},
    {"close_refuse",
     {{seal_own, take_own, give_back, take_own, give_back, script_whole},
      6,
      0}},
    {"close_root",
     {{fence_root, take_b, give_back, close_b, take_a, give_back, close_a,
       script_whole},
      8,
      0}},
    {"reap",
     {{reap_early, give_back, reap_late, give_back, script_whole}, 5, 0}},
    {"turn_end",
     {{turn_look, turn_reap_early, give_back, turn_reap_late, give_back,
       turn_reap},
      6,
      0}},
    {"turn_fence",
     {{turn_look, turn_others, turn_early, turn_late, turn_others,
       turn_reap_early, give_back, turn_reap_late, give_back, turn_reap},
      10,
      WITHOUT(1) | WITHOUT(4)}},
    {"turn_shutdown",
     {{turn_look, turn_early, give_back, settle_early, turn_late, give_back,
       settle_late, turn_others, turn_reap_early, give_back, turn_reap_late,
       give_back, turn_reap},
      13,
      WITHOUT(7)}},
};

struct script script_of(const struct operation *operation, moor_release release)
{
    if (release == MOOR_ON_RESERVE && (operation->kind & KIND_ADMITS)) {
        return (struct script){{reap_first, script_whole}, 2, WITHOUT(0)};
    }
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (!strcmp(table[i].name, operation->name)) return table[i].script;
    }
    return (struct script){{script_whole}, 1, 0};
}
