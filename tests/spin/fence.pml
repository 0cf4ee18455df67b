/*
 * The fence: linking below an agent against fencing and closing it.
 *
 * Root, agent A below it, agent B below A.  Linkers spawn below A, B or what
 * another linker spawned, or reserve there and commit later.  A fencer sets the
 * fence of the root, of A or of B (turn_end with fence), or closes its tree.  An
 * adopter closes B by adoption, so what hangs below it moves up.
 *
 * Stands for:
 *   fence.c: fence_is_above fence_look fence_set
 *   grant.c: judge_parent link_parent enter grant_show publish
 *   admission.c: become_agent moor_reserve moor_spawn judge_commit moor_commit
 *   leave.c: free_record leave_reuse leave_let_go leave_tree leave_for_good
 *   leave.c: leave_ticket
 *   remove.c: swap_out take_out remove_agent remove_leaf remove_held
 *   remove.c: remove_member remove_all remove_below
 *   close.c: close_tree close_one close_leaf close_agent
 *   turn.c: apply
 *   tree.c: tree_charge add_children tree_discharge tree_part tree_hold
 *   tree.c: tree_let_go tree_leave bag_next
 *   walk.h: walk_at
 *
 * Shows:
 *   I3  when all is quiet each parent counts those that hang below it, and each
 *       record is held by those linked to it, by nobody else
 *   I6  every statement can always be executed
 *   I8  what is published, or begins its commit, after the fence becomes no
 *       agent; nothing below survives the close of a tree
 *
 * Switches, each refuted:
 *   NO_RECHECK         a linker does not look at the fences once it published
 *   RECHECK_FIRST      it looks before it publishes
 *   PARENT_UNSEEN      it does not look whether its parent is still there
 *   NAMED_LATE         the bag names it after its look at the fences
 *   COMMIT_UNCHECKED   a commit does not look at the fences
 *   ADOPTED_UNCHECKED  a look ends at a parent that left by adoption
 *   ADOPTED_UNWALKED   a walk does not go through one that left by adoption
 *   WALK_FIRST         a close walks, then sets the fence
 *   LEAF_UNWALKED      a close of a leaf leaves what was linked meanwhile
 *   COUNTED_BELOW      children are counted with a parent that has left
 *   FORGOTTEN          who leaves forgets its children
 *
 * Left out: the first look at the fences, which only saves work; slots (slots.pml,
 * lives.pml), maps, limits, records that are used again (lives.pml), the rule
 * `refuse`, a failed start, nodes of the bag that are taken again.
 *
 * Sizes: LINKERS (1 or 2), ADOPTERS (0 or 1), TARGET: whose fence (all three).
 * Two linkers beside an adopter are too many for the default run: the fence of B
 * alone (TARGET=2) has twenty million states, and is searched to its end with
 * PAN=-DCOLLAPSE; those of the root and of A have not been.
 */
#ifndef LINKERS
#define LINKERS 1
#endif
#ifndef ADOPTERS
#define ADOPTERS 1
#endif
#define ROOT 0
#define A 1
#define B 2
#define FIRST 3 /* of the linkers */
#define RECORDS (FIRST + LINKERS)

/* Phases of a state word; ticket and agent, in this order, are in the tree. */
#define FREE 0
#define RESERVING 1
#define TICKET 2
#define COMMITTING 3
#define AGENT 4
#define LEFT 5
#define IS_TICKET(p) ((p) == TICKET || (p) == COMMITTING)
#define IN_TREE(p) ((p) >= TICKET && (p) <= AGENT)

/* The state words. */
byte phase[RECORDS];
bit fenced[RECORDS];

/* The links. */
byte children[RECORDS], references[RECORDS];
bit left[RECORDS];

/* The record it was linked to; does the bag of that name it? */
byte parent[RECORDS];
bit named[RECORDS];

/* Ghosts: whose fence it is; is it up; is the one gone, so that nothing is linked
 * to itself any more: a leaf is closed without a fence, and what overlaps that
 * further below is taken by the walk; is the fence over, because the adopter took
 * that one out; was its tree closed. */
byte target;
bit up, gone, over, closed;

byte k, n, sum; /* of d_steps only, 0 outside */

/* --- counting, holding, leaving --------------------------------------------- */

inline add_children(from, count)
{
    x = from;
    do
#ifdef COUNTED_BELOW
    :: true -> atomic { children[x] = (children[x] + (count)) % 256; break }
#else
    :: left[x] -> x = parent[x]
    :: atomic { !left[x] -> children[x] = (children[x] + (count)) % 256; break }
#endif
    od;
    x = 0
}

/* Its last reference is gone, and with it perhaps the last of those above. */
inline let_go(r)
{
    x = r;
    do
    :: true ->
        d_step {
            assert(references[x] > 0);
            references[x]--;
            last = left[x] && references[x] == 0
        }
        if
        :: last ->
            d_step { named[x] = 0; phase[x] = FREE; last = 0 }
            x = parent[x]
        :: else -> break
        fi
    od;
    x = 0
}

/* Its word is LEFT.  Sets keeps if a reference was left to the caller. */
inline leave_tree(r)
{
    moved = 0;
    do
    :: true ->
        y = children[r];
#ifndef FORGOTTEN
        if
        :: y != moved -> add_children(parent[r], y + 256 - moved); moved = y
        :: else
        fi;
#endif
        d_step {
            if
            :: children[r] == y ->
                left[r] = 1;
                children[r] = 0;
                keeps = references[r] > 0;
                references[r] = references[r] + keeps;
                last = 1
            :: else
            fi
        }
        if
        :: last -> break
        :: else
        fi
    od;
    last = 0;
    d_step { y = 0; moved = 0 }
    if
    :: keeps -> add_children(parent[r], 255)
    :: else ->
        d_step { named[r] = 0; phase[r] = FREE }
        /* tree_part */
        d_step {
            last = !left[parent[r]];
            if
            :: last -> children[parent[r]]--; references[parent[r]]--
            :: else
            fi
        }
        if
        :: last -> last = 0
        :: else -> add_children(parent[r], 255); let_go(parent[r])
        fi
    fi
}

inline leave_for_good(r)
{
    leave_tree(r);
    if
    :: keeps -> keeps = 0; let_go(r)
    :: else
    fi
}

/* Sets done. */
inline hold(r)
{
    d_step {
        done = phase[r] != FREE && !(left[r] && references[r] == 0);
        references[r] = references[r] + done
    }
}

/* From what it is to LEFT; sets done. */
inline take_out(r)
{
    d_step {
        done = phase[r] == AGENT;
        if
        :: done ->
            phase[r] = LEFT;
            fenced[r] = 0;
            gone = gone || (r == target && fencing);
            over = over || (r == target && !fencing)
        :: else
        fi
    }
}

/* A ticket at whose end others may try, too; sets done. */
inline take_ticket(r, claimed)
{
    d_step {
        done = phase[r] == TICKET || (phase[r] == COMMITTING && claimed);
        if
        :: done -> phase[r] = LEFT; fenced[r] = 0
        :: else
        fi
    }
}

/* --- linkers ---------------------------------------------------------------- */

/* Sets refused. */
inline look_at_fences(may_have_left)
{
    true ->
    d_step { c = p; q = phase[c]; b = fenced[c] }
    if
#ifndef PARENT_UNSEEN
    :: !may_have_left && q != AGENT -> refused = 1
#endif
    :: else ->
        do
        :: q != LEFT && b -> refused = 1; break
        :: !(q != LEFT && b) && c == ROOT -> break
#ifdef ADOPTED_UNCHECKED
        :: !(q != LEFT && b) && c != ROOT && q == LEFT -> break
        :: !(q != LEFT && b) && c != ROOT && q != LEFT ->
#else
        :: !(q != LEFT && b) && c != ROOT ->
#endif
            c = parent[c];
            d_step { q = phase[c]; b = fenced[c] }
        od;
#ifndef PARENT_UNSEEN
        if
        :: !may_have_left && phase[p] != AGENT -> refused = 1
        :: else
        fi
#endif
    fi;
    c = 0;
    d_step { q = 0; b = 0 }
}

/* Was the fence up above it when this began? */
inline note_late(left_counts)
{
    n = p;
    do
    :: n == target || n == ROOT -> break
    :: else -> n = parent[n]
    od;
    late = (up && n == target) || (gone && p == target && left_counts);
    n = 0
}

/* Sets done. */
inline become(from, to)
{
    d_step {
        done = phase[r] == from;
        if
        :: done ->
            phase[r] = to;
            assert(to != AGENT || !late || over) /* I8 */
        :: else
        fi
    }
}

proctype linker(byte r)
{
    byte p, c, q, x, y, moved;
    bit b, last, keeps, done, refused, late, fencing;

    if
    :: p = A
    :: p = B
    :: r > FIRST -> p = r - 1
    fi;
    if
    :: phase[p] != AGENT -> goto out
    :: else
    fi;
    d_step { /* tree_charge */
        done = !left[p] && phase[p] != FREE;
        children[p] = children[p] + done;
        references[p] = references[p] + done
    }
    if
    :: !done -> goto out
    :: else
    fi;
    d_step { done = 0; parent[r] = p; phase[r] = RESERVING }
#ifndef NAMED_LATE
    named[r] = 1;
#endif
#ifdef RECHECK_FIRST
    look_at_fences(0);
#endif
    d_step { phase[r] = COMMITTING; note_late(1) }
#if !defined(RECHECK_FIRST) && !defined(NO_RECHECK)
    look_at_fences(0);
#endif
#ifdef NAMED_LATE
    named[r] = 1;
#endif
    if
    :: refused -> take_ticket(r, 1)
    :: !refused -> become(COMMITTING, AGENT); goto out
    :: !refused ->
        become(COMMITTING, TICKET);
        if
        :: !done -> goto out
        :: else
        fi;
        /* moor_commit, which anybody may call */
        d_step { done = 0; note_late(0) }
#ifndef COMMIT_UNCHECKED
        look_at_fences(1);
#endif
        if
        :: refused -> take_ticket(r, 0)
        :: else -> become(TICKET, AGENT); goto out
        fi
    fi;
    if
    :: done -> leave_for_good(r)
    :: else
    fi;
out:
    p = 0;
    d_step { done = 0; refused = 0; late = 0 }
}

/* --- who closes ------------------------------------------------------------- */

proctype adopter()
{
    byte x, y, moved;
    bit last, keeps, done, fencing;

    hold(B);
    if
    :: done ->
        take_out(B);
        if
        :: done -> leave_for_good(B)
        :: else
        fi;
        let_go(B)
    :: else
    fi;
    done = 0
}

/* Sets done. */
inline set_fence(r)
{
    d_step {
        done = IN_TREE(phase[r]);
        if
        :: done ->
            fenced[r] = 1;
            up = up || r == target
        :: else
        fi
    }
}

/* One of those that the bag names, or the walk meets. */
inline remove_member(r)
{
    p = phase[r];
    if
    :: IS_TICKET(p) -> take_ticket(r, 1)
    :: else
    fi;
    if
    :: done -> done = 0; leave_for_good(r)
    :: !done && p != FREE ->
        if
        :: children[r] == 0 -> take_out(r)
        :: else
        fi;
        if
        :: done -> done = 0; leave_leaf(r)
        :: else ->
#ifdef ADOPTED_UNWALKED
            done = 0;
            if
            :: phase[r] != LEFT -> hold(r)
            :: else
            fi;
#else
            hold(r);
#endif
            if
            :: done -> set_fence(r); go_below(r, 1)
            :: else
            fi
        fi
    :: else
    fi;
    d_step { done = 0; p = 0 }
}

/* What nobody had linked to, when this looked. */
inline leave_leaf(r)
{
    leave_tree(r);
    if
    :: keeps ->
        keeps = 0;
#ifdef LEAF_UNWALKED
        let_go(r)
#else
        go_below(r, 0)
#endif
    :: else
    fi
}

/* The walk of another bag, in the middle of this one. */
inline go_below(r, out)
{
    true ->
    d_step {
        above[r] = cur;
        takes[r] = out;
        cur = r;
        at = 0
    }
}

#define NOBODY RECORDS

/* A walk through the bags, down and up again, until all is done. */
inline walk()
{
    do
    :: cur == NOBODY -> break
    :: cur != NOBODY && at + 1 < RECORDS ->
        at++;
        if
        :: cur == ROOT && IN_TREE(phase[at]) -> remove_next()
        :: cur != ROOT && named[at] && parent[at] == cur -> remove_next()
        :: else
        fi
    :: cur != NOBODY && at + 1 == RECORDS ->
        if
        :: takes[cur] ->
#ifdef WALK_FIRST
            if
            :: cur == target -> set_fence(cur)
            :: else
            fi;
#endif
            take_out(cur);
            if
            :: done -> done = 0; leave_for_good(cur)
            :: else
            fi
        :: else
        fi;
        if
        :: cur != ROOT -> let_go(cur)
        :: else
        fi;
        d_step {
            at = (above[cur] == NOBODY -> 0 : cur);
            p = above[cur];
            above[cur] = 0;
            takes[cur] = 0;
            cur = p;
            p = 0
        }
    od
}

inline remove_next()
{
    m = at;
    remove_member(m);
    m = 0
}

proctype fencer()
{
    byte p, m, x, y, moved, at, cur = NOBODY;
    byte above[RECORDS];
    bit takes[RECORDS];
    bit last, keeps, done, fencing = 1;

    if
    :: set_fence(target); goto out
    :: target != ROOT && children[target] == 0 ->
        take_out(target);
        if
        :: done -> done = 0; closed = 1; leave_leaf(target)
        :: else -> goto out
        fi
    :: target == ROOT || children[target] > 0 ->
        if
        :: target != ROOT -> hold(target)
        :: else -> done = 1
        fi;
        if
        :: done -> done = 0
        :: else -> goto out
        fi;
#ifndef WALK_FIRST
        set_fence(target);
        if
        :: !done -> let_go(target); goto out
        :: else
        fi;
#endif
        done = 0;
        closed = 1;
        go_below(target, target != ROOT)
    fi;
    walk();
out:
    skip;
    d_step { cur = 0; at = 0; done = 0 }
}

/* When nobody can go on. */
proctype judge()
{
    timeout;
    d_step {
        k = 1;
        do
        :: k < RECORDS ->
            /* Above it, the next that has not left. */
            n = parent[k];
            sum = n == target;
            do
            :: n == ROOT || !left[n] -> break
            :: else -> n = parent[n]; sum = sum || n == target
            od;
            if
            :: IN_TREE(phase[k]) -> children[n]--
            :: else
            fi;
            do
            :: n == ROOT -> break
            :: else -> n = parent[n]; sum = sum || n == target
            od;
            assert(!(closed && sum && IN_TREE(phase[k]))); /* I8 */
            assert(phase[k] != RESERVING && phase[k] != COMMITTING);
            if
            :: phase[k] != FREE -> references[parent[k]]--
            :: else
            fi;
            k++
        :: else -> break
        od;
        k = 0;
        do
        :: k < RECORDS ->
            assert(children[k] == 0 && references[k] == 0); /* I3 */
            k++
        :: else -> break
        od;
        k = 0;
        n = 0;
        sum = 0
    }
}

init {
    atomic {
        phase[ROOT] = AGENT;
        phase[A] = AGENT;
        phase[B] = AGENT;
        parent[B] = A;
        named[A] = 1;
        named[B] = 1;
        children[ROOT] = 1;
        children[A] = 1;
        references[ROOT] = 1;
        references[A] = 1;
#ifdef TARGET
        target = TARGET;
#else
        select(target : ROOT .. B);
#endif
        run fencer();
        run linker(FIRST);
#if LINKERS > 1
        run linker(FIRST + 1);
#endif
#if ADOPTERS > 0
        run adopter();
#endif
        run judge()
    }
}
