/*
 * The queue for running slots: waiters enter a place, say so in the counter's
 * word, and sleep; whoever gives a slot back while somebody may wait hands it to
 * the oldest.
 *
 * A holder gives its slot up, or leaves it with an idle agent, as the policy
 * says.  Who was served gives the slot back.  One of the waiters may go without at
 * any time, as at a deadline or when it is cancelled.  There may be a limiter, who
 * raises the limit to two, and perhaps lowers it to none before, and a comer who
 * does not wait.  Each step is one atomic operation of the library; a loop that
 * only repeats a swap which failed is the swap that succeeds.
 *
 * Stands for:
 *   queue.c: queue_enter enter_any first_of queue_hand queue_is_handed queue_vacate
 *   queue.c: queue_withdraw queue_wake
 *   slots.c: slots_take slots_return slots_return_last slots_take_or_wait
 *   slots.c: slots_try_limit slots_widen slots_are_waited_for
 *   charge.c: give charge_give charge_set_limit announce wait_for_slot
 *   charge.c: charge_wait
 *   reap.c: take_slot reap_one reap_idle
 *   ending.c: offer_slot
 *
 * Shows:
 *   I1  when all is quiet what is used is what idle agents keep
 *   I2  nobody takes a slot beyond the limit in force
 *   I6  who waits is served at last, if all who hold a slot give it back
 *       (served, under weak fairness); so nobody sleeps while a slot is free
 *   and that where the mark is set no slot is free, so takers need not look at
 *   it; that a slot is freed only when none waits who has said so, unless the
 *   rounds have come again meanwhile; that a slot goes to the oldest of those
 *   that wait from the giver's look on until it is handed over
 *
 * Switches, each refuted:
 *   FORGET_MARK        who comes to wait does not say so
 *   FORGET_ROUND       the swap that frees a slot does not look at the round
 *   HAND_BY_STORE      a slot is handed over by look, then store
 *   SAY_BEFORE_ENTER   a waiter says so, and then enters its place
 *   LOOK_BEFORE_MARK   a waiter looks for idle agents before it says so
 *   END_LOOKS_FIRST    an end looks for waiters before the agent is idle
 *   NO_LOOK_BEHIND     a giver who found nobody does not wake those that came
 *   VALUE_AFTER_LOOK   the event's value is read behind the look at the place
 *   FORGET_HANDED      who goes without forgets what it was handed
 *   KEEP_BOTH          who took a slot keeps what it was handed besides
 *   RAISE_BY_SWAP      a limit is raised whoever waits
 *   MARK_STAYS         the swap that frees a slot leaves the mark
 *   YOUNGEST_FIRST     a slot is handed to the one that came last
 *
 * Left out: classes, which place a waiter finds, that a queue is full, that an
 * idle agent's slot is taken over by who need not wait, how a sleep ends when it
 * was signalled (wait.pml), memory orders (Spin's are sequentially consistent).
 *
 * Sizes: WAITERS, HASTY (how many of them may go), HOLDERS, APART (rounds that
 * are told apart), LIMITER (1: raises, 2: lowers first), COMER (1: there is one),
 * KEEPS (0: an end gives the slot up, 1: the idle agent keeps it, 2: either)
 */
#ifndef WAITERS
#define WAITERS 2
#endif
#ifndef HASTY
#define HASTY 1
#endif
#ifndef HOLDERS
#define HOLDERS 1
#endif
#ifndef APART
#define APART 2
#endif
#ifndef LIMITER
#define LIMITER 0
#endif
#ifndef COMER
#define COMER 0
#endif
#ifndef KEEPS
#define KEEPS 2
#endif
#if LIMITER > 0
#define LIMITERS 1
#else
#define LIMITERS 0
#endif
#define THREADS (WAITERS + HOLDERS + LIMITERS + COMER)
#define NOBODY 255

/* Of a place. */
#define VACANT 0
#define WAITING 1
#define HANDED 2

/* The word of the counter. */
byte used = HOLDERS, limit = HOLDERS, round;
bit mark;

/* The places, one for each waiter. */
byte state[WAITERS], number[WAITERS], next;
bit signalled[WAITERS]; /* since its owner read the value */

/* Does the policy keep the slot of an idle agent, and how many have one? */
bit keeps;
byte idle;

/* Ghosts: who has said that it waits; how often that was done since a giver read
 * the word, up to APART; who waited when it began to look. */
bit said[WAITERS];
byte since[THREADS];
bit waited[THREADS * WAITERS];
byte done;

byte back;

byte k; /* of d_steps only, 0 outside */

inline sane()
{
    assert(!mark || used >= limit)
}

inline ended_thread()
{
    d_step {
        done++;
        assert(done < THREADS || used == idle) /* I1 */
    }
}

/* --- give ------------------------------------------------------------------- */

/* slots_return: gives, or reads the word of which one waits. */
inline return_slot()
{
    d_step {
        if
        :: mark && used <= limit ->
            u = used;
            l = limit;
            r = round;
            since[me] = 0
        :: else ->
            assert(used > 0);
            used--;
            given = 1
        fi;
        sane()
    }
}

/* first_of: place by place. */
inline look()
{
    d_step {
        k = 0;
        do
        :: k < WAITERS ->
            waited[me * WAITERS + k] = state[k] == WAITING;
            k++
        :: else -> break
        od;
        k = 0;
        best = NOBODY;
        i = 0
    }
    do
    :: i == WAITERS -> break
    :: i < WAITERS ->
        d_step {
            if
#ifdef YOUNGEST_FIRST
            :: state[i] == WAITING &&
                    (best == NOBODY || number[i] > number[best]) ->
#else
            :: state[i] == WAITING &&
                    (best == NOBODY || number[i] < number[best]) ->
#endif
                best = i
            :: else
            fi;
            i++
        }
    od
}

/* queue_hand: until somebody has it, or nobody is found. */
inline hand()
{
    do
    :: given -> break
    :: !given ->
        look();
        if
        :: best == NOBODY -> break
        :: best != NOBODY ->
            d_step {
#ifdef HAND_BY_STORE
                given = 1;
#else
                given = state[best] == WAITING;
#endif
                if
                :: given ->
                    state[best] = HANDED;
                    k = 0;
                    do
                    :: k < WAITERS ->
                        assert(!(waited[me * WAITERS + k] &&
                                 state[k] == WAITING &&
                                 number[k] < number[best]));
                        k++
                    :: else -> break
                    od;
                    k = 0
                :: else
                fi
            }
            if
            :: given -> signalled[best] = 1
            :: else
            fi
        fi
    od;
    best = 0;
    d_step {
        i = 0;
        k = 0;
        do
        :: k < WAITERS -> waited[me * WAITERS + k] = 0; k++
        :: else -> break
        od;
        k = 0
    }
}

/* slots_return_last */
inline free_slot()
{
    d_step {
#ifdef FORGET_ROUND
        freed = used == u && limit == l && mark;
#else
        freed = used == u && limit == l && mark && round == r;
#endif
        if
        :: freed ->
            k = 0;
            do
            :: k < WAITERS ->
                assert(!(state[k] == WAITING && said[k] && since[me] < APART));
                k++
            :: else -> break
            od;
            k = 0;
            used--;
#ifndef MARK_STAYS
            mark = 0;
#endif
            sane()
        :: else
        fi
    }
}

inline wake()
{
#ifndef NO_LOOK_BEHIND
    i = 0;
    do
    :: i == WAITERS -> break
    :: i < WAITERS ->
        if
        :: state[i] == WAITING -> signalled[i] = 1
        :: else
        fi;
        i++
    od;
    i = 0;
#endif
    skip
}

inline give()
{
    true ->
    do
    :: given -> break
    :: !given ->
        return_slot();
        if
        :: given -> break
        :: else
        fi;
        hand();
        if
        :: given -> break
        :: !given ->
            free_slot();
            if
            :: freed ->
                wake();
                break
            :: else
            fi
        fi
    od;
    given = 0;
    d_step { freed = 0; u = 0; l = 0; r = 0; since[me] = 0 }
}

/* --- idle agents, where the policy keeps their slots ------------------------ */

/* Of all that take the slot of an idle agent one wins. */
inline reap()
{
    d_step {
        mine = idle > 0;
        idle = idle - mine
    }
    if
    :: mine -> mine = 0; give()
    :: else
    fi
}

/* --- wait ------------------------------------------------------------------- */

/* slots_take_or_wait */
inline take_or_say()
{
    d_step {
        if
        :: used < limit ->
            used++;
            taken = 1
        :: else ->
#ifndef FORGET_MARK
            mark = 1;
#endif
            round = (round + 1) % APART;
            said[me] = 1;
            k = 0;
            do
            :: k < THREADS ->
                since[k] = (since[k] < APART -> since[k] + 1 : APART);
                k++
            :: else -> break
            od;
            k = 0
        fi;
        sane()
    }
}

inline withdraw()
{
    d_step {
        both = state[me] == HANDED;
        state[me] = VACANT
    }
}

inline enter()
{
    d_step { number[me] = next; next++ }
    state[me] = WAITING
}

inline wait_for_slot()
{
    do
    :: true ->
#ifndef VALUE_AFTER_LOOK
        signalled[me] = 0; /* read the value */
#endif
        if
        :: state[me] == HANDED -> state[me] = VACANT; taken = 1
        :: else
        fi;
        if
        :: taken -> break
        :: else
        fi;
#ifdef LOOK_BEFORE_MARK
        if
        :: keeps -> reap()
        :: else
        fi;
#endif
#ifndef SAY_BEFORE_ENTER
        take_or_say();
#endif
        if
        :: taken ->
            withdraw();
#ifdef KEEP_BOTH
            both = 0;
#endif
            if
            :: both -> both = 0; give()
            :: else
            fi;
            break
        :: else
        fi;
#ifndef LOOK_BEFORE_MARK
        if
        :: keeps -> reap()
        :: else
        fi;
#endif
        if
        :: over ->
            withdraw();
#ifndef FORGET_HANDED
            taken = both;
#endif
            both = 0;
            break
        :: else
        fi;
#ifdef VALUE_AFTER_LOOK
        signalled[me] = 0;
#endif
        if
        :: signalled[me]
        :: me < HASTY -> over = 1
        fi
    od;
    said[me] = 0
}

proctype waiter(byte me)
{
    byte u, l, r, best, i;
    bit given, freed, taken, both, over, mine;

    /* slots_take */
    d_step {
        taken = used < limit;
        used = used + taken
    }
    if
    :: taken
    :: else ->
#ifdef SAY_BEFORE_ENTER
        take_or_say();
        if
        :: taken
        :: else -> enter(); wait_for_slot()
        fi
#else
        enter();
        wait_for_slot()
#endif
    fi;
    if
    :: taken -> taken = 0; give()
    :: else
    fi;
    d_step { over = 0; signalled[me] = 0; number[me] = 0; back++ }
    ended_thread()
}

/* --- the others ------------------------------------------------------------- */

proctype holder(byte me)
{
    byte u, l, r, best, i;
    bit given, freed, mine, seen;

    if
    :: keeps ->
#ifdef END_LOOKS_FIRST
        seen = mark;
        idle++;
#else
        idle++;
        seen = mark;
#endif
        if
        :: seen -> seen = 0; reap()
        :: else
        fi
    :: else -> give()
    fi;
    ended_thread()
}

inline set_limit(to)
{
    do
    :: true ->
        d_step { /* slots_try_limit */
#ifdef RAISE_BY_SWAP
            set = 1;
#else
            set = !(mark && used < to);
#endif
            if
            :: set -> limit = to
            :: else -> u = used; l = limit; r = round
            fi;
#ifndef RAISE_BY_SWAP
            sane()
#endif
        }
        if
        :: set -> break
        :: else
        fi;
        d_step { /* slots_widen */
            if
            :: used == u && limit == l && mark && round == r ->
                used++;
                limit = used;
                widened = 1
            :: else
            fi;
            sane()
        }
        if
        :: widened -> widened = 0; give()
        :: else
        fi
    od;
    set = 0
}

proctype limiter(byte me)
{
    byte u, l, r, best, i;
    bit given, freed, set, widened;

#if LIMITER > 1
    set_limit(0);
#endif
    set_limit(2);
    ended_thread()
}

/* Comes once, and does not wait. */
proctype comer(byte me)
{
    byte u, l, r, best, i;
    bit given, freed, taken;

    d_step {
        taken = used < limit;
        used = used + taken;
        assert(!taken || used <= limit) /* I2 */
    }
    if
    :: taken -> taken = 0; give()
    :: else
    fi;
    ended_thread()
}

ltl served { <> (back == WAITERS) }

init {
    byte n;

    atomic {
        if
        :: KEEPS != 0 -> keeps = 1
        :: KEEPS != 1 -> keeps = 0
        fi;
        do
        :: n < WAITERS -> run waiter(n); n++
        :: else -> break
        od;
        do
        :: n < WAITERS + HOLDERS -> run holder(n); n++
        :: else -> break
        od;
#if LIMITER > 0
        run limiter(n);
        n++;
#endif
#if COMER
        run comer(n)
#endif
    }
}
