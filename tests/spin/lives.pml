/*
 * Lives: what a record goes through from tenant to tenant, and the slot that
 * each of them holds now and then.
 *
 * A spawner fills records as long as it finds vacant ones.  Actors take the
 * handle of any agent that ever was, and finish it, run it again or close it;
 * or they reap.  All hangs below the root.  Policies: the slot goes with the
 * end; it is reaped; an admission takes it over.
 *
 * Stands for:
 *   lifecycle.c: judge_run_again run_again moor_run_again_queued note_turn
 *   lifecycle.c: note_stamp
 *   ending.c: ending_give_slot settle swap_to_end give_and_settle end_run
 *   reap.c: take_slot reap_idle
 *   charge.c: charge_running
 *   close.c: close_leaf close_agent
 *   remove.c: swap_out take_out remove_leaf remove_agent
 *   leave.c: free_record leave_reuse leave_let_go leave_hold leave_tree
 *   leave.c: leave_for_good
 *   tree.c: tree_begin tree_hold tree_let_go tree_leave
 *   grant.c: take_record charge grant_undo grant_show publish
 *   admission.c: become_agent
 *   books.h: books_agent books_step
 *   word_steps.h: word_ended word_settled word_closing word_run_again word_released
 *   word_steps.h: word_left word_freed word_reserving word_reserved word_committed
 *
 * Shows:
 *   I1  each charge is given back once, by one thread; when all is quiet the
 *       counter is what the state words hold
 *   I2  the counter never exceeds the limit
 *   I4  a handle of one life does nothing to another, and nobody is handed a
 *       record that somebody else holds
 *   I6  every statement can always be executed
 *   I7  of finish, run_again, reap and close one wins
 *
 * Switches, each refuted:
 *   NO_GENERATION      a swap of the state does not compare the generation
 *   GENERATION_ONCE    a swap that failed is tried again without comparing it
 *   WRAP_AT_2          generations come again instead of retiring a record
 *   SAME_GENERATION    a record is used again in the same generation
 *   FREED_LATE         a record can be had before its generation moved on
 *   NO_HOLD            run_again does not hold the record
 *   KEEP_CHARGE        run_again keeps a charge that it did not need
 *   CHARGE_TWICE       it charges for an agent that has its slot (LIMIT=2)
 *   CLOSE_KEEPS_SLOT   a close does not subtract
 *   CLOSE_GIVES_BLIND  a close subtracts whether there was a slot or not
 *   FINISH_BY_STORE    an end by look, then store
 *   SETTLE_BY_STORE    its last step overwrites what came in between
 *   REAP_BY_STORE      a slot is reaped by look, then store
 *   TAKEN_AND_GIVEN    a slot that is taken over is given back, too (RECORDS=2)
 *
 * Left out: maps, texts, what hangs below (fence.pml), a limit that changes
 * (slots.pml), the versions of the arena's stacks, shutdown, from which nothing
 * runs again.
 *
 * Sizes: RECORDS (1 or 2), LIVES (of each, then it is retired), SPAWNS, ACTORS, ROUNDS (of
 * each), LIMIT
 */
#ifndef RECORDS
#define RECORDS 1
#endif
#ifndef LIVES
#define LIVES 3
#endif
#ifndef SPAWNS
#define SPAWNS 3
#endif
#ifndef ACTORS
#define ACTORS 2
#endif
#ifndef ROUNDS
#define ROUNDS 2
#endif
#ifndef LIMIT
#define LIMIT 1
#endif

/* A state word: generation, phase, slot. */
#define FREE 0
#define RESERVING 1
#define COMMITTING 2
#define LIVE 3
#define ENDING 4
#define IDLE 5
#define LEFT 6
#define WORD(g, p, s) ((g) * 16 + (p) * 2 + (s))
#define GENERATION(w) ((w) / 16)
#define PHASE(w) (((w) / 2) % 8)
#define SLOT(w) ((w) % 2)
#define WITH(w, p) WORD(GENERATION(w), p, SLOT(w))
#define BARE(w, p) WORD(GENERATION(w), p, 0)
#define IS_AGENT(w) (PHASE(w) >= LIVE && PHASE(w) < LEFT)

#ifdef WRAP_AT_2
#define NUMBER(t) (1 + ((t) - 1) % 2)
#define RETIRED(t) false
#elif defined(SAME_GENERATION)
#define NUMBER(t) 1
#define RETIRED(t) ((t) == LIVES)
#else
#define NUMBER(t) (t)
#define RETIRED(t) ((t) == LIVES)
#endif
#ifdef NO_GENERATION
#define SAME(w) true
#define STILL(w) true
#elif defined(GENERATION_ONCE)
#define SAME(w) (GENERATION(w) == NUMBER(t))
#define STILL(w) true
#else
#define SAME(w) (GENERATION(w) == NUMBER(t))
#define STILL(w) SAME(w)
#endif

/* When a slot is given up. */
#define ON_COMPLETION 0
#define ON_TURN_END 1
#define ON_RESERVE 2
byte policy;

byte word[RECORDS] = WORD(1, FREE, 0);
byte used;
bit vacant[RECORDS] = 1;

/* The links: references, left, the lowest bit of the generation. */
byte references[RECORDS];
bit left[RECORDS], low[RECORDS] = 1;

/* Ghosts: who lives there, counted from 1; which lives were handed out; what
 * each life owes to the counter. */
byte tenant[RECORDS] = 1, known[RECORDS];
#define OWES(r, t) owes[(r) * (SPAWNS + 2) + (t)]
byte owes[RECORDS * (SPAWNS + 2)];

byte k, sum; /* of d_steps only, 0 outside */

/* --- the counter ------------------------------------------------------------ */

/* For a life's charge, or for one that never became a life's. */
inline give()
{
    d_step { assert(used > 0); used-- }
}

/* The slot of record q, life x, is this thread's from now on. */
inline collect(q, x)
{
    assert(OWES(q, x) == 1); /* I1 */
    OWES(q, x)--
}

/* Takes what is idle: the first one in place of a charge if `over`. */
inline reap(over)
{
    q = 0;
    do
    :: q == RECORDS -> break
    :: q < RECORDS ->
        v = word[q];
        do
        :: PHASE(v) == IDLE && SLOT(v) ->
            d_step {
#ifdef REAP_BY_STORE
                mine = 1;
                x = tenant[q];
                word[q] = BARE(v, IDLE);
                collect(q, x);
#else
                mine = word[q] == v;
                if
                :: mine ->
                    word[q] = BARE(v, IDLE);
                    collect(q, tenant[q])
                :: else
                fi;
#endif
                v = word[q];
                x = 0
            }
            if
            :: mine -> break
            :: else
            fi
        :: else -> break
        od;
        if
        :: mine && over && !taken ->
            taken = 1;
#ifdef TAKEN_AND_GIVEN
            give()
#endif
        :: mine && !(over && !taken) -> give()
        :: else
        fi;
        d_step { reaped = reaped || mine; mine = 0; v = 0; q++ }
    od;
    q = 0
}

/* Sets taken. */
inline charge()
{
    do
    :: true ->
        d_step {
            taken = used < LIMIT;
            used = used + taken;
            u = used
        }
        if
        :: taken || policy != ON_RESERVE -> break
        :: else -> reaped = 0; reap(1)
        fi;
        if
        :: taken -> break
        :: !taken && !reaped && used == u -> break
        :: else
        fi
    od;
    reaped = 0;
    u = 0
}

/* --- the record ------------------------------------------------------------- */

/* It is this thread's alone. */
inline free_record(r)
{
    if
    :: !RETIRED(tenant[r]) ->
#ifdef FREED_LATE
        vacant[r] = 1;
#endif
        d_step {
            assert(left[r] && references[r] == 0); /* I4 */
            left[r] = 0;
            low[r] = (tenant[r] + 1) % 2
        }
        d_step {
            assert(PHASE(word[r]) == LEFT); /* I4 */
            tenant[r]++;
            word[r] = WORD(NUMBER(tenant[r]), FREE, 0)
        }
#ifndef FREED_LATE
        vacant[r] = 1
#endif
    :: else
    fi
}

inline let_go(r)
{
    true ->
    d_step {
        assert(references[r] > 0);
        references[r]--;
        last = left[r] && references[r] == 0
    }
    if
    :: last -> last = 0; free_record(r)
    :: else
    fi
}

/* Its word is LEFT. */
inline leave(r)
{
    true ->
    d_step {
        assert(!left[r]);
        left[r] = 1;
        last = references[r] == 0;
        references[r] = references[r] + 1 - last
    }
    if
    :: last -> last = 0; free_record(r)
    :: else -> let_go(r)
    fi
}

/* Sets held. */
inline hold(r)
{
    do
    :: true ->
        d_step { n = references[r]; b = left[r]; held = low[r] == t % 2 }
        v = word[r];
        if
        :: !held || !SAME(v) || PHASE(v) == FREE || (b && n == 0) ->
            held = 0;
            break
        :: else ->
            d_step {
                held = references[r] == n && left[r] == b && low[r] == t % 2;
                references[r] = references[r] + held
            }
        fi;
        if
        :: held -> break
        :: else
        fi
    od;
    n = 0;
    d_step { b = 0; v = 0 }
    if
    :: held && !SAME(word[r]) -> held = 0; let_go(r)
    :: else
    fi
}

/* --- what actors do --------------------------------------------------------- */

/* A swap by handle t has been done on record r. */
inline acted()
{
    assert(tenant[r] == t) /* I4 */
}

inline finish()
{
    w = word[r];
    if
    :: !SAME(w) -> goto done
    :: else
    fi;
    do
    :: STILL(w) && PHASE(w) == LIVE ->
        d_step {
#ifdef FINISH_BY_STORE
            won = 1;
#else
            won = word[r] == w;
#endif
            if
            :: won ->
                acted();
                if
                :: policy == ON_COMPLETION ->
                    word[r] = BARE(w, ENDING);
                    collect(r, t)
                :: else -> word[r] = WITH(w, IDLE)
                fi
            :: else
            fi;
            w = word[r]
        }
        if
        :: won -> break
        :: else
        fi
    :: else -> break
    od;
    if
    :: won && policy == ON_COMPLETION -> give(); settle()
    :: else
    fi
}

inline settle()
{
    d_step {
#ifdef SETTLE_BY_STORE
        word[r] = BARE(w, IDLE);
        acted()
#else
        if
        :: word[r] == w -> word[r] = BARE(w, IDLE)
        :: else
        fi
#endif
    }
}

/* held; charged: `taken` is not yet anybody's. */
inline run_again()
{
    w = word[r];
    do
    :: STILL(w) && PHASE(w) == IDLE ->
        if
#ifdef CHARGE_TWICE
        :: !taken ->
#else
        :: !taken && !SLOT(w) ->
#endif
            charge();
            if
            :: !taken -> break /* refused */
            :: else
            fi
        :: else
        fi;
        d_step {
            won = word[r] == w;
            if
            :: won ->
                acted();
                word[r] = WORD(GENERATION(w), LIVE, 1);
                OWES(r, t) = OWES(r, t) + 1 - SLOT(w);
                assert(OWES(r, t) == 1) /* I1 */
            :: else -> w = word[r]
            fi
        }
        if
        :: won -> break
        :: else
        fi
    :: else -> break
    od;
    if
#ifdef CHARGE_TWICE
    :: taken && !won -> give()
#elif !defined(KEEP_CHARGE)
    :: taken && (!won || SLOT(w)) -> give()
#endif
    :: else
    fi;
    taken = 0;
    if
    :: won -> acted() /* notes the admission with the record */
    :: else
    fi
}

inline run_again_held()
{
    w = word[r];
    if
    :: SAME(w) && PHASE(w) == IDLE ->
#ifdef NO_HOLD
        run_again()
#else
        hold(r);
        if
        :: held -> run_again(); held = 0; let_go(r)
        :: else
        fi
#endif
    :: else
    fi
}

inline close()
{
    w = word[r];
    if
    :: !SAME(w) -> goto done
    :: else
    fi;
    do
    :: STILL(w) && IS_AGENT(w) ->
        d_step {
            won = word[r] == w;
            if
            :: won ->
                acted();
                if
                :: SLOT(w) ->
                    word[r] =
                        BARE(w, (PHASE(w) == LIVE -> ENDING : PHASE(w)));
                    collect(r, t)
                :: else -> word[r] = BARE(w, LEFT)
                fi
            :: else -> w = word[r]
            fi
        }
        if
#ifdef CLOSE_GIVES_BLIND
        :: won && PHASE(word[r]) != LEFT -> won = 0; give(); w = word[r]
        :: won && PHASE(word[r]) == LEFT -> give(); break
#elif defined(CLOSE_KEEPS_SLOT)
        :: won && SLOT(w) -> won = 0; w = word[r]
        :: won && !SLOT(w) -> break
#else
        :: won && SLOT(w) -> won = 0; give(); w = word[r]
        :: won && !SLOT(w) -> break
#endif
        :: else
        fi
    :: else -> break
    od;
    if
    :: won -> leave(r)
    :: else
    fi
}

proctype actor()
{
    byte r, t, w, q, v, u, x, n, round;
    bit won, mine, taken, reaped, held, last, b;

    do
    :: round == ROUNDS -> break
    :: round < ROUNDS ->
        atomic {
            if
            :: known[0] > 0 -> r = 0
            :: known[RECORDS - 1] > 0 -> r = RECORDS - 1
            fi;
            select(t : 1 .. known[r])
        }
        if
        :: finish()
        :: run_again_held()
        :: close()
        :: policy == ON_TURN_END -> reap(0)
        fi;
done:   skip;
        d_step { r = 0; t = 0; w = 0; won = 0; round++ }
    od
}

proctype spawner()
{
    byte r, w, q, v, u, x, round;
    bit mine, taken, reaped, last;

    do
    :: round == SPAWNS -> break
    :: round < SPAWNS ->
        atomic {
            if
            :: vacant[0] -> r = 0; vacant[r] = 0; w = 1
#if RECORDS > 1
            :: vacant[1] -> r = 1; vacant[r] = 0; w = 1
#endif
            :: !vacant[0] && !vacant[RECORDS - 1]
            fi
        }
        if
        :: w ->
            d_step {
                w = word[r];
                assert(PHASE(w) == FREE); /* I4 */
                word[r] = WITH(w, RESERVING)
            }
            charge();
            if
            :: taken ->
                d_step {
                    taken = 0;
                    word[r] = WORD(GENERATION(w), COMMITTING, 1);
                    OWES(r, tenant[r])++
                }
                d_step {
                    assert(PHASE(word[r]) == COMMITTING);
                    word[r] = WITH(word[r], LIVE);
                    known[r] = tenant[r]
                }
            :: else ->
                word[r] = BARE(w, LEFT);
                leave(r)
            fi
        :: else
        fi;
        d_step { r = 0; w = 0; round++ }
    od
}

/* When nobody can go on. */
proctype judge()
{
    timeout;
    d_step {
        k = 0;
        do
        :: k < RECORDS ->
            assert(PHASE(word[k]) != ENDING && references[k] == 0);
            sum = sum + SLOT(word[k]);
            k++
        :: else -> break
        od;
        assert(used == sum); /* I1 */
        assert(used <= LIMIT); /* I2 */
        k = 0;
        sum = 0
    }
}

init {
    byte n;

    atomic {
        select(policy : ON_COMPLETION .. ON_RESERVE);
        run spawner();
        do
        :: n < ACTORS -> run actor(); n++
        :: else -> break
        od;
        run judge()
    }
}
