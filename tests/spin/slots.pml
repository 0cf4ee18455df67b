/*
 * Admission and completion: the counter of running slots against the ends of
 * those that hold them.
 *
 * Takers are admitted, publish their agents and start them; enders end whatever
 * agent they like, whoever else does; a limiter lowers the limit and raises it
 * again.  Each step is one atomic operation of the library.
 *
 * Stands for:
 *   slots.c: slots_take slots_return slots_try_limit
 *   slots.h: slots_return_at_once
 *   charge.c: charge_give charge_set_limit
 *   ending.c: ending_give_slot settle swap_to_end give_and_settle end_run
 *   lifecycle.c: moor_start
 *   word.h: word_may_end
 *   word_steps.h: word_ended word_ending word_settled
 *
 * Shows:
 *   I1  the counter is never below what is held, and equal when all is quiet
 *   I2  an admission never exceeds the limit in force; a refusal had a moment
 *       within its call in which nothing was free.  Free is also what an agent
 *       held that has been seen idle
 *   I6  every statement can always be executed: no step waits for another's
 *   I7  of all that end an agent one wins
 *
 * Switches, each refuted:
 *   ADD_THEN_UNDO   admission adds first and undoes what was too much
 *   TAKE_BY_STORE   admission by look, then store
 *   SETTLE_FIRST    the idle status can be seen before the subtraction
 *   END_BY_STORE    an end by look, then store
 *
 * Left out: the turn an end may ask for, memory orders (Spin's are sequentially
 * consistent), a close that comes between swap and settling.
 *
 * Sizes: TAKERS, ROUNDS (admissions of each), ENDERS, ENDS (of each), LIMIT
 */
#ifndef TAKERS
#define TAKERS 3
#endif
#ifndef ROUNDS
#define ROUNDS 1
#endif
#ifndef ENDERS
#define ENDERS 2
#endif
#ifndef ENDS
#define ENDS 1
#endif
#ifndef LIMIT
#define LIMIT 2
#endif
#define AGENTS (TAKERS * ROUNDS)
#define THREADS (TAKERS + ENDERS + 1)

/* Phases of a state word. */
#define NONE 0
#define PENDING 1
#define RUNNING 2
#define ENDING 3
#define IDLE 4
#define LIVE(p) ((p) == PENDING || (p) == RUNNING)

/* The word of the counter. */
byte used, limit = LIMIT;

/* The state words. */
byte phase[AGENTS];
bit slot[AGENTS];

/* Ghosts: slots that are held as far as anybody can know: charged, and neither
 * given back nor seen to be free; which calls had a moment without a free
 * one; who won. */
#define OUT 0  /* of a call */
#define ROOM 1 /* there was always one */
#define FULL 2
byte held, done;
byte call[TAKERS];
byte ended[AGENTS];

byte k; /* of d_steps only, 0 outside */

inline note_full()
{
    k = 0;
    do
    :: k < TAKERS ->
        call[k] = ((call[k] == ROOM && held >= limit) -> FULL : call[k]);
        k++
    :: else -> break
    od;
    k = 0
}

inline ended_thread()
{
    d_step {
        done++;
        if
        :: done == THREADS ->
            k = 0;
            do
            :: k < AGENTS ->
                assert(phase[k] != ENDING);
                held = held - slot[k];
                used = used - slot[k];
                k++
            :: else -> break
            od;
            k = 0;
            assert(used == 0 && held == 0) /* I1 */
        :: else
        fi
    }
}

/* The call begins with its load of the word. */
inline load_slots()
{
    d_step {
        call[i] = (held >= limit -> FULL : ROOM);
        u = used;
        l = limit
    }
}

inline charged()
{
    held++;
    assert(held <= limit); /* I2 */
    note_full()
}

proctype taker(byte i)
{
    byte u, l, round, r;
    bool taken;

    do
    :: round == ROUNDS -> break
    :: else ->
        taken = false;
        r = i * ROUNDS + round;
#ifdef ADD_THEN_UNDO
        d_step {
            call[i] = (held >= limit -> FULL : ROOM);
            u = used;
            l = limit;
            used++;
            taken = u < l;
            if
            :: taken -> charged()
            :: else
            fi
        }
        if
        :: !taken -> d_step { used--; assert(call[i] == FULL) } /* I2 */
        :: else
        fi;
#else
        load_slots();
        do
        :: taken -> break
        :: !taken && u >= l -> break
        ::  d_step {
                !taken && u < l;
#ifdef TAKE_BY_STORE
                taken = true;
                limit = l;
                used = u + 1;
#else
                taken = used == u && limit == l;
                used = used + taken;
#endif
                if
                :: taken -> charged()
                :: else
                fi;
                u = used;
                l = limit
            }
        od;
        assert(taken || call[i] == FULL); /* I2 */
#endif
        d_step { call[i] = OUT; u = 0; l = 0 }
        if
        :: taken ->
            d_step { phase[r] = PENDING; slot[r] = 1 } /* publish */
            /* moor_start: the swap fails if it was ended meanwhile */
            d_step {
                if
                :: phase[r] == PENDING -> phase[r] = RUNNING
                :: else
                fi
            }
        :: else
        fi;
        round++
    od;
    ended_thread()
}

inline give(seen_before)
{
    d_step {
        assert(used > 0);
        used--;
        held = held - (1 - seen_before);
        assert(used >= held) /* I1 */
    }
}

inline settle(seen_first)
{
    d_step {
        assert(phase[r] == ENDING);
        phase[r] = IDLE;
        held = held - seen_first
    }
}

proctype ender()
{
    byte p, r, round;
    bool won;

    do
    :: round == ENDS -> break
    :: round < ENDS ->
        select(r : 0 .. AGENTS - 1);
        p = phase[r]; /* load */
        do
        :: won -> break
        :: !won && !LIVE(p) -> break
        :: !won && LIVE(p) ->
            d_step {
#ifdef END_BY_STORE
                won = true;
#else
                won = phase[r] == p;
#endif
                if
                :: won ->
                    phase[r] = ENDING;
                    slot[r] = 0;
                    ended[r]++;
                    assert(ended[r] == 1) /* I7 */
                :: else
                fi;
                p = phase[r]
            }
        od;
        if
        :: won ->
#ifdef SETTLE_FIRST
            settle(1);
            give(1)
#else
            give(0);
            settle(0)
#endif
        :: else
        fi;
        d_step { p = 0; r = 0; won = false; round++ }
    od;
    ended_thread()
}

inline set_limit(to)
{
    d_step { u = used; l = limit }
    do
    :: set -> break
    :: !set ->
        d_step {
            set = used == u && limit == l;
            limit = (set -> to : limit);
            u = used;
            l = limit;
            note_full()
        }
    od;
    set = false
}

proctype limiter()
{
    byte u, l;
    bool set;

    set_limit(LIMIT - 1);
    set_limit(LIMIT);
    ended_thread()
}

init {
    byte n;

    atomic {
        do
        :: n < TAKERS -> run taker(n); n++
        :: else -> break
        od;
        n = 0;
        do
        :: n < ENDERS -> run ender(); n++
        :: else -> break
        od;
        run limiter()
    }
}
