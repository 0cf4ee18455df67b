/*
 * Eviction: the places of residents against the agents that have them.
 *
 * Actors take any agent, and evict it, say that it is unloaded, load it, let it
 * run again, finish it or close it; who evicts unloads when its claim was the
 * one that won.  A comer wants a place for an agent of its own.
 *
 * Stands for:
 *   residency.c: change_residence moor_evict moor_unloaded look_before_load
 *   residency.c: load_agent
 *   lifecycle.c: charge_resident give_unneeded
 *   remove.c: note_gone
 *   word.h: word_may_evict
 *   word_steps.h: word_claimed word_unloaded word_loaded
 *
 * Shows:
 *   I1  what is counted is what the words hold, and what is charged or taken
 *       on its way; equal when all is quiet
 *   I2  the count never exceeds the limit
 *   I6  every statement can always be executed
 *   I7  eviction, load, run_again, finish and close contend on one word: what is
 *       claimed does not run, and what runs is loaded
 *
 * Switches, each refuted:
 *   CLAIM_BY_STORE   a claim by look, then store
 *   GIVE_AT_CLAIM    a place is given back with the claim
 *   UNLOAD_TWICE     who unloads does not look whether it is claimed still
 *   RUN_UNCHARGED    an agent that is not loaded runs again without a place
 *   KEEP_CHARGE      a load keeps the place that it turned out not to need
 *   CLOSE_FORGETS    a close leaves the place of a claimed agent to the host
 *
 * Left out: pins (a flag of the same word), the order of eviction, running slots
 * (lives.pml), records that are used again (lives.pml).
 *
 * Sizes: AGENTS, ACTORS, ROUNDS (of each), LIMIT
 */
#ifndef AGENTS
#define AGENTS 2
#endif
#ifndef ACTORS
#define ACTORS 2
#endif
#ifndef ROUNDS
#define ROUNDS 2
#endif
#ifndef LIMIT
#define LIMIT 2
#endif
#define THREADS (ACTORS + 1)

/* A state word: the phase, and where the runtime is. */
#define IDLE 0
#define RUNNING 1
#define LEFT 2
#define UNLOADED 0
#define LOADED 1
#define CLAIMED 2

byte phase[AGENTS];
byte res[AGENTS];
byte used;

/* Ghosts: places charged or taken from a word, and not yet noted or given. */
byte on_way, done;

byte k; /* of d_steps only, 0 outside */

/* One compare-and-swap that takes a place if one is vacant. */
inline charge()
{
    d_step {
        if
        :: used < LIMIT -> used++; on_way++; charged = true
        :: else
        fi;
        assert(used <= LIMIT) /* I2 */
    }
}

inline give()
{
    d_step {
        assert(used > 0 && on_way > 0); /* I1: never lower */
        used--;
        on_way--
    }
}

/* What the words hold. */
inline check_sum()
{
    d_step {
        k = 0;
        sum = on_way;
        do
        :: k < AGENTS ->
            sum = sum + (phase[k] != LEFT && res[k] != UNLOADED);
            assert(phase[k] != RUNNING || res[k] == LOADED); /* I7 */
            k++
        :: else -> break
        od;
        k = 0;
        assert(used == sum) /* I1 */
    }
}

#define SAME (phase[a] == p && res[a] == r)

inline look()
{
    d_step { p = phase[a]; r = res[a] }
}

inline evict()
{
    look();
    if
    :: p == IDLE && r == LOADED ->
#ifdef CLAIM_BY_STORE
        d_step { phase[a] = p; res[a] = CLAIMED; won = true };
#else
        d_step {
            won = SAME;
            if
            :: won -> res[a] = CLAIMED
            :: else
            fi
        };
#endif
        if
        :: won ->
#ifdef GIVE_AT_CLAIM
            d_step { used--; on_way = on_way };
#endif
            unloaded()
        :: else
        fi
    :: else
    fi
}

/* The host has unloaded what it was given to evict. */
inline unloaded()
{
    look();
#ifdef UNLOAD_TWICE
    if
    :: p != LEFT ->
        d_step { res[a] = UNLOADED; on_way++ };
        give()
    :: else
    fi
#else
    if
    :: p != LEFT && r == CLAIMED ->
        d_step {
            won = SAME;
            if
            :: won ->
                res[a] = UNLOADED;
#ifndef GIVE_AT_CLAIM
                on_way++
#endif
            :: else
            fi
        };
        if
        :: won ->
#ifndef GIVE_AT_CLAIM
            give()
#else
            skip
#endif
        :: else
        fi
    :: else
    fi
#endif
}

/* Loads it, or lets it run again; what was charged in vain goes back. */
inline load(again)
{
    charged = false;
    won = false;
    do
    :: look();
       if
       :: p != IDLE || r == CLAIMED || (r == LOADED && !again) -> break
       :: else
       fi;
#ifdef RUN_UNCHARGED
       if
       :: r == UNLOADED && !charged && !again -> charge()
       :: else
       fi;
       if
       :: r == UNLOADED && !charged && !again -> break
       :: else
       fi;
#else
       if
       :: r == UNLOADED && !charged -> charge()
       :: else
       fi;
       if
       :: r == UNLOADED && !charged -> break
       :: else
       fi;
#endif
       d_step {
           won = SAME;
           if
           :: won ->
               if
               :: r == UNLOADED && charged ->
                   on_way--; charged = false
               :: else
               fi;
               res[a] = LOADED;
               phase[a] = (again -> RUNNING : IDLE)
           :: else
           fi
       };
       if
       :: won -> break
       :: else
       fi
    od;
#ifndef KEEP_CHARGE
    if
    :: charged -> give()
    :: else
    fi
#endif
}

inline finish()
{
    d_step {
        if
        :: phase[a] == RUNNING -> phase[a] = IDLE
        :: else
        fi
    }
}

inline close()
{
    won = false;
    d_step {
        if
        :: phase[a] != LEFT ->
            phase[a] = LEFT;
#ifdef CLOSE_FORGETS
            won = res[a] == LOADED;
#else
            won = res[a] != UNLOADED;
#endif
            on_way = on_way + won
        :: else
        fi
    };
    if
    :: won -> give()
    :: else
    fi
}

inline ended()
{
    check_sum();
    d_step {
        done++;
        if
        :: done == THREADS -> assert(on_way == 0)
        :: else
        fi
    }
}

proctype actor()
{
    byte a, p, r, sum, round;
    bool won, charged;

    do
    :: round == ROUNDS -> break
    :: else ->
        round++;
        select(a : 0 .. AGENTS - 1);
        if
        :: evict()
        :: unloaded()
        :: load(false)
        :: load(true)
        :: finish()
        :: close()
        fi;
        check_sum()
    od;
    ended()
}

/* An admission, which gives its place back when it is closed. */
proctype comer()
{
    byte sum;
    bool charged;

    charge();
    if
    :: charged -> give()
    :: else
    fi;
    ended()
}

init {
    byte i;

    atomic {
        /* The first is loaded, the others are not. */
        res[0] = LOADED;
        used = 1;
        do
        :: i < ACTORS -> run actor(); i++
        :: else -> break
        od;
        run comer()
    }
}
