/*
 * Waiting: waiters mark what they wait for and sleep; whoever takes a marked
 * agent out of the state it was in clears the mark and signals.
 *
 * Each agent has a host that ends its runs and at last ends it for good: it
 * completes or closes it, after it perhaps interrupted it and ran it again.  A
 * rival finishes or closes one of them meanwhile.  Waiters want any or all, final
 * or idle.  Another agent of the registry signals as often as it likes, or for
 * ever.  Both kinds of release policy are looked at.  Each step is one atomic
 * operation of the library, of its event count, or of the kernel's futex.
 *
 * Stands for:
 *   wait.c: meets look_at_agent watch look sleep_until_met
 *   event.c: event_value event_signal event_wait
 *   ending.c: tell_watchers settle swap_to_end give_and_settle end_run
 *   lifecycle.c: run_again
 *   remove.c: swap_out take_out remove_agent
 *   leave.c: leave_tree
 *   word_steps.h: word_ended word_ending word_settled word_closing word_left
 *   word_steps.h: word_run_again word_watched
 *
 * Shows:
 *   I5  an idle status can be waited for: a waiter whose wait is met for good
 *       returns, however often others signal (woken, under weak fairness)
 *   I6  nobody but a waiter ever waits, and none sleeps when all others are done
 *
 * Switches, each refuted:
 *   LATE_MARK           the mark is set whatever came since the look
 *   VALUE_AFTER_LOOK    the event's value is read after the look
 *   WAKE_FIRST          an end signals before its status can be seen
 *   WAKE_BEFORE_LEFT    a close signals before the agent is gone
 *   FIRST_MARK_ONLY     an end forgets a mark that came after its first swap
 *   MARK_LOST           an end drops the mark with its first swap
 *   TELL_NOBODY         a close does not signal
 *   LOOK_UNTIL_QUIET    a look counts only if nobody signalled meanwhile
 *   SLEEP_UNSEEN        the sleep does not look at the event once more
 *
 * Left out: the look before all this, deadlines, what becomes of the record, the
 * counter (slots.pml), reapers, a failed start.  What one reads of the event is
 * whether it was signalled since: its number never comes again.
 *
 * Sizes: WAITERS, AGENTS, RIVALS; CLAIM=0 leaves out what takes longest, to see
 * that waiters return although others signal for ever
 */
#ifndef WAITERS
#define WAITERS 1
#endif
#ifndef AGENTS
#define AGENTS 1
#endif
#ifndef RIVALS
#define RIVALS 1
#endif
#ifndef CLAIM
#define CLAIM 1
#endif

/* Phases of a state word. */
#define RUNNING 0
#define ENDING_INTERRUPTED 1
#define ENDING_COMPLETED 2
#define ENDING_SHUTDOWN 3
#define INTERRUPTED 4
#define COMPLETED 5
#define SHUTDOWN 6
#define LEFT 7
#define TO_IDLE 3 /* from ENDING_x to x */
#define IS_ENDING(p) ((p) >= ENDING_INTERRUPTED && (p) <= ENDING_SHUTDOWN)
#define MEETS(p) ((p) > INTERRUPTED || ((p) == INTERRUPTED && !final[w]))

/* Does the policy keep the slot of an idle agent? */
bit keeps;

/* The state words. */
byte phase[AGENTS];
bit slot[AGENTS] = 1, watched[AGENTS];

/* The event: signalled since waiter w read its value; the flag of its word. */
bit signalled[WAITERS], flag;

/* The kernel's. */
bit asleep[WAITERS];

/* What they want. */
bit all[WAITERS], final[WAITERS];

byte back;

byte k; /* of d_steps only, 0 outside */

/* --- the event -------------------------------------------------------------- */

/* One addition; and if a flag was up, it falls, and the kernel is called. */
inline signal()
{
    d_step {
        k = 0;
        do
        :: k < WAITERS -> signalled[k] = 1; k++
        :: else -> break
        od;
        k = 0;
        flagged = flag
    }
    if
    :: flagged ->
        flag = 0;
        d_step {
            k = 0;
            do
            :: k < WAITERS -> asleep[k] = 0; k++
            :: else -> break
            od;
            k = 0
        }
    :: else
    fi;
    flagged = 0
}

inline sleep()
{
    do
    :: signalled[w] -> break
    :: atomic { !signalled[w] -> flag = 1 } /* a swap */
#ifdef SLEEP_UNSEEN
        asleep[w] = 1;
#else
        /* the kernel compares the whole word */
        d_step {
            if
            :: !signalled[w] && flag -> asleep[w] = 1
            :: else
            fi
        }
#endif
        !asleep[w]
    od
}

/* --- waiters ---------------------------------------------------------------- */

inline look()
{
    do
    :: a == AGENTS -> break
    :: a < AGENTS ->
        d_step { p = phase[a]; s = slot[a]; m = watched[a] } /* load */
        if
        :: MEETS(p) -> d_step { met++; a++ }
        :: !MEETS(p) && m -> a++
        :: !MEETS(p) && !m ->
            d_step {
#ifdef LATE_MARK
                watched[a] = 1;
                a++
#else
                if
                :: phase[a] == p && slot[a] == s && watched[a] == m ->
                    watched[a] = 1;
                    a++
                :: else /* looks again */
                fi
#endif
            }
        fi;
        d_step { p = 0; s = 0; m = 0 }
    od
}

proctype waiter(byte w)
{
    byte a, p, met;
    bit s, m;

    do
    :: true ->
        signalled[w] = 0; /* read the value */
        look();
        if
#ifdef LOOK_UNTIL_QUIET
        :: ((met > 0 && !all[w]) || met == AGENTS) && !signalled[w] -> break
#else
        :: (met > 0 && !all[w]) || met == AGENTS -> break
#endif
        :: else
        fi;
        d_step { met = 0; a = 0 }
#ifdef VALUE_AFTER_LOOK
        signalled[w] = 0;
#endif
        sleep()
    od;
    met = 0;
    d_step { a = 0; back++ }
}

/* --- ends ------------------------------------------------------------------- */

/* RUNNING -> idle, by way of ENDING if the slot goes. */
inline finish(a, idle)
{
    true ->
    d_step {
        won = phase[a] == RUNNING;
        if
        :: won ->
            first = watched[a];
            phase[a] = (keeps -> idle : idle - TO_IDLE);
            slot[a] = keeps;
            mine = !keeps;
#ifdef MARK_LOST
            watched[a] = 0
#else
            watched[a] = (keeps -> 0 : watched[a])
#endif
        :: else
        fi
    }
    if
    :: won && keeps && first -> signal()
    :: won && mine -> settle(a)
    :: else
    fi;
    d_step { won = 0; first = 0; mine = 0 }
}

/* ENDING_x -> x, unless a close was faster. */
inline settle(a)
{
#ifdef WAKE_FIRST
    if
    :: watched[a] -> signal()
    :: else
    fi;
#endif
    d_step {
        if
        :: IS_ENDING(phase[a]) ->
            phase[a] = phase[a] + TO_IDLE;
#ifdef FIRST_MARK_ONLY
            tell = first;
#else
            tell = watched[a];
#endif
            watched[a] = 0
        :: else
        fi
    }
#ifdef WAKE_FIRST
    tell = 0;
#endif
    if
    :: tell -> signal()
    :: else
    fi;
    tell = 0
}

inline run_again(a)
{
    d_step {
        if
        :: phase[a] == INTERRUPTED || phase[a] == COMPLETED ->
            phase[a] = RUNNING;
            slot[a] = 1
        :: else
        fi
    }
}

/* The slot first, then LEFT. */
inline close(a)
{
    true ->
    do
    :: phase[a] == LEFT -> break
    :: phase[a] != LEFT ->
#ifdef WAKE_BEFORE_LEFT
        if
        :: watched[a] -> signal()
        :: else
        fi;
#endif
        d_step {
            if
            :: phase[a] != LEFT && slot[a] ->
                phase[a] =
                    (phase[a] == RUNNING -> ENDING_SHUTDOWN : phase[a]);
                slot[a] = 0
            :: phase[a] != LEFT && !slot[a] ->
                won = 1;
                tell = watched[a];
                phase[a] = LEFT;
                watched[a] = 0
            :: else
            fi
        }
        if
        :: won -> break
        :: else
        fi
    od;
    won = 0;
#if !defined(TELL_NOBODY) && !defined(WAKE_BEFORE_LEFT)
    if
    :: tell -> signal()
    :: else
    fi;
#endif
    tell = 0
}

/* --- who ends them ---------------------------------------------------------- */

/* A rival may have been first; interrupted is not final. */
inline close_unless(a)
{
    if
    :: phase[a] == COMPLETED || phase[a] == SHUTDOWN || phase[a] == LEFT
    :: else -> close(a)
    fi
}

proctype host(byte r)
{
    bit won, first, mine, tell, flagged;

    if
    :: finish(r, INTERRUPTED); run_again(r)
    :: skip
    fi;
    if
    :: finish(r, COMPLETED); close_unless(r)
    :: close(r)
    fi
}

proctype rival()
{
    bit won, first, mine, tell, flagged;
    byte r;

    select(r : 0 .. AGENTS - 1);
    if
    :: finish(r, COMPLETED)
    :: close(r)
    fi
}

/* An agent that others wait for: its signals are one step each. */
proctype other()
{
    do
    :: true ->
        d_step {
            k = 0;
            do
            :: k < WAITERS ->
                signalled[k] = 1;
                asleep[k] = (flag -> 0 : asleep[k]);
                k++
            :: else -> break
            od;
            k = 0;
            flag = 0
        }
    :: break
    od
}

#if CLAIM
ltl woken { <> (back == WAITERS) }
#endif

init {
    byte n;

    atomic {
        if
        :: keeps = 1
        :: keeps = 0
        fi;
        do
        :: n < WAITERS ->
            if
            :: AGENTS > 1 -> all[n] = 1
            :: all[n] = 0
            fi;
            if
            :: final[n] = 1
            :: final[n] = 0
            fi;
            run waiter(n);
            n++
        :: else -> break
        od;
        n = 0;
        do
        :: n < AGENTS -> run host(n); n++
        :: else -> break
        od;
        n = 0;
        do
        :: n < RIVALS -> run rival(); n++
        :: else -> break
        od;
        run other()
    }
}
