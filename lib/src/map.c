#include "map.h"

#include "layout.h"
#include "map_inner.h"
#include "plant.h"

/* Is the life the key's?  *word is the state that says so, if its key is still
 * taken. */
static inline bool life_matches(const struct map *map, life which,
                                const struct map_key *key, bool by_path,
                                uint64_t *word)
{
    const struct record *record = record_of(map->records, which);

    if (!map_key_is_of(key, by_path, record)) {
        return false;
    }
    /* acquire, R1: that life still, so the key was its own.  (It cannot have
     * been that of an earlier one: M2.) */
    *word = moor_load_acquire(&record->state);
    return word_generation(*word) == life_generation(which) ||
           MOOR_PLANTED(8); /* believe the key without a second look */
}

/* Who has the key, `but` excepted; 0: nobody, and *vacated are the slots that
 * count and are 0.  The later phase comes first: an insert that will fail may
 * be seen for a moment in the slot of a dead entry (claim_slot went by an older
 * head), and must not hide a ticket or an agent. */
static life scan(const struct map *map, struct bucket *bucket, uint64_t head,
                 const struct map_key *key, life but, uint64_t *word,
                 uint64_t *vacated)
{
    uint64_t slots = bucket_bitmap(head);
    life found = 0;

    *vacated = 0;
    while (slots != 0 && (found == 0 || !word_is_agent(*word))) {
        unsigned at = next_slot(&slots);
        /* acquire, M2. */
        uint64_t entry = moor_load_acquire(bucket_slot(bucket, at));
        life which = entry_life(entry);
        uint64_t seen;

        *vacated |= (uint64_t)(entry == 0) << at;
        if (bucket_same_tag(entry, key->hash) && which != but &&
            life_matches(map, which, key, map->kind->by_path, &seen) &&
            word_is_taken(seen) &&
            (found == 0 || word_phase(seen) > word_phase(*word))) {
            found = which;
            *word = seen;
        }
    }
    return found;
}

MOOR_SELDOM static life find_scanning(const struct map *map,
                                      const struct map_key *key,
                                      uint64_t *word)
{
    for (;;) {
        uint64_t number, head, vacated;
        struct bucket *bucket = map_locate(map, key->hash, &number, &head);
        life found = scan(map, bucket, head, key, 0, word, &vacated);

        if (found != 0 || MOOR_PLANTED(12)) { /* miss without a second look */
            return found;
        }
        /* acquire, M1: if the share moved while we looked, look there.  At
         * the same level no living entry has left its slot. */
        if (bucket_level(moor_load_acquire(&bucket->head)) ==
            bucket_level(head)) {
            return 0;
        }
    }
}

/* Nobody has the key, if none of the bucket's own slots has its tag: it has no
 * blocks in use, and no share of it has moved meanwhile. */
static inline bool is_missed(const struct bucket *bucket, uint64_t head,
                             uint64_t levels)
{
    return (bucket_bitmap(head) & ~BUCKET_OWN) == 0 &&
           bucket_level(head) == map_level(levels) &&
           (moor_load_acquire(&bucket->head) == head ||
            MOOR_PLANTED(12)); /* miss without a second look */
}

/* An agent that has the key is the answer wherever it is found: most likely in
 * the bucket of the last level, in one of its own slots. */
MOOR_USUAL life find(const struct map *map, const struct map_key *key,
                     bool by_path, uint64_t *word)
{
    const uint64_t hash = key->hash;
    uint64_t levels = moor_load_acquire(&map->levels); /* M3 */
    struct bucket *bucket = map_bucket(map, bucket_of(hash, levels));
    uint64_t head = moor_load_acquire(&bucket->head); /* M1 */
    struct bucket_look seen;

    bucket_look(bucket, head, hash, &seen);
    if (seen.tagged > BUCKET_LIFE) {
        if (is_missed(bucket, head, levels)) {
            return 0;
        }
    } else if (life_matches(map, seen.tagged, key, by_path, word) &&
               word_is_agent(*word)) {
        return seen.tagged;
    }
    return find_scanning(map, key, word);
}

/* Two copies, each without the other's key, and apart: so neither saves the
 * registers that only the other needs. */
static __attribute__((noinline)) life find_id(const struct map *map,
                                              const struct map_key *key,
                                              uint64_t *word)
{
    return find(map, key, false, word);
}

static __attribute__((noinline)) life find_path(const struct map *map,
                                                const struct map_key *key,
                                                uint64_t *word)
{
    return find(map, key, true, word);
}

life map_find(const struct map *map, const struct map_key *key, uint64_t *word)
{
    return map->kind->by_path ? find_path(map, key, word)
                              : find_id(map, key, word);
}

/* May the slot, whose bit is down, be taken?  Not if it is another insert's
 * that is under way here. */
static bool is_left_over(const struct map *map, uint64_t number, uint64_t head,
                         uint64_t entry)
{
    uint64_t hash;

    return MOOR_PLANTED(21) || /* planted: take another's that is under way */
           entry == 0 || !entry_hash(map, entry, &hash) ||
           !map_is_home(hash, number, head);
}

/* Puts the entry into a free slot.  BUCKET_SLOTS_MOST: there is none. */
static unsigned claim_slot(const struct map *map, struct bucket *bucket,
                           uint64_t number, uint64_t head, uint64_t entry)
{
    uint64_t slots = ~head & BUCKET_BITMAP;

    while (slots != 0) {
        unsigned at = next_slot(&slots);
        moor_word *slot = bucket_slot(bucket, at);
        uint64_t seen;

        if (slot == NULL) {
            break;
        }
        seen = moor_load_acquire(slot); /* M2 */
        /* release, M2: who finds the entry finds the key. */
        if (is_left_over(map, number, head, seen) &&
            moor_cas_acq_rel(slot, &seen, entry)) {
            return at;
        }
    }
    return BUCKET_SLOTS_MOST;
}

/* The slots that count and whose entry is gone or dead. */
static uint64_t dead_slots(const struct map *map, struct bucket *bucket,
                           uint64_t head)
{
    uint64_t slots = bucket_bitmap(head);
    uint64_t dead = 0;

    while (slots != 0) {
        uint64_t rest = slots;
        unsigned at = next_slot(&slots);
        /* acquire, M2. */
        uint64_t entry = moor_load_acquire(bucket_slot(bucket, at));

        if (entry == 0 || !entry_alive(map, entry)) {
            dead |= rest & ~slots;
        }
    }
    return dead;
}

/* Takes bits down; true: *head is what the head is then.  acquire and release,
 * M1.  Failure: somebody changed it, look again. */
static inline bool take_down(struct bucket *bucket, uint64_t *head,
                             uint64_t slots)
{
    uint64_t after = bucket_without(*head, slots);
    bool cleared = moor_cas_acq_rel(&bucket->head, head, after);

    if (cleared) {
        *head = after;
    }
    return cleared;
}

/* Takes the bits of dead entries down; true if there were any. */
static bool sweep(const struct map *map, struct bucket *bucket, uint64_t head)
{
    uint64_t dead = dead_slots(map, bucket, head);

    if (dead != 0) {
        (void)take_down(bucket, &head, dead);
    }
    return dead != 0;
}

/* Room for one more: sweep, else another block, else the share of a child. */
static bool make_room(struct map *map, uint64_t number, struct bucket *bucket,
                      uint64_t head)
{
    unsigned at = 0;

    if (sweep(map, bucket, head)) {
        return true;
    }
    while (at < BUCKET_SLOTS_MOST && bucket_slot(bucket, at) != NULL) {
        at++;
    }
    return at < BUCKET_SLOTS_MOST ? bucket_reserve(bucket, at)
                                  : map_catch_up(map, number, head);
}

/* The slot that counts and in which the entry stands. */
static unsigned find_entry(struct bucket *bucket, uint64_t head,
                           uint64_t entry)
{
    uint64_t own = bucket_same_entries(bucket, head, entry);
    uint64_t slots = bucket_bitmap(head) & ~BUCKET_OWN;

    if (own != 0) {
        return (unsigned)__builtin_ctzll(own);
    }

    while (slots != 0) {
        unsigned at = next_slot(&slots);

        if (moor_load_acquire(bucket_slot(bucket, at)) == entry) { /* M2 */
            return at;
        }
    }
    return BUCKET_SLOTS_MOST;
}

/* Makes the slot count.  acquire and release, M1: the head is as it was since
 * the scan, so nobody entered the same key, and what was vacated is so still.
 */
static inline bool enter_slot(struct bucket *bucket, uint64_t head,
                              unsigned at, uint64_t vacated)
{
    bool entered;

    do {
        entered = moor_cas_acq_rel(&bucket->head, &head,
                                   bucket_with(head & ~vacated, at));
    } while (!entered && MOOR_PLANTED(7)); /* whatever came in between */
    return entered;
}

static void withdraw(struct bucket *bucket, unsigned at, uint64_t entry)
{
    (void)moor_cas_acq_rel(bucket_slot(bucket, at), &entry, 0);
}

enum tried { NOT_TRIED, WITHDRAWN, ENTERED };

/* The usual case: the bucket has its share, none of its slots may have the key,
 * and one of its own is spare, or will be when the bits of the vacated ones are
 * down.  (Not with its bit up: what stands there is seen before it is entered.)
 */
MOOR_USUAL enum tried insert_at_once(struct map *map, uint64_t hash,
                                     uint64_t entry)
{
    uint64_t levels = moor_load_acquire(&map->levels); /* M3 */
    struct bucket *bucket = map_bucket(map, bucket_of(hash, levels));
    uint64_t head = moor_load_acquire(&bucket->head); /* M1 */
    struct bucket_look seen;
    uint64_t vacated, spare, none = 0;
    unsigned at;

    bucket_look(bucket, head, hash, &seen);
    if (!bucket_is_open(head, levels >> MAP_LEVEL_SHIFT) ||
        seen.tagged <= BUCKET_LIFE ||
        (bucket_bitmap(head) & ~BUCKET_OWN) != 0) {
        return NOT_TRIED;
    }
    vacated = head & ~seen.filled & BUCKET_OWN;
    spare = ~(head | seen.filled) & BUCKET_OWN;
    if (spare == 0) {
        if (vacated == 0 || !take_down(bucket, &head, vacated)) {
            return NOT_TRIED;
        }
        spare = vacated;
        vacated = 0;
    }
    at = next_slot(&spare);
    /* release, M2: who finds the entry finds the key. */
    if (!moor_cas_acq_rel(&bucket->slots[at], &none, entry)) {
        return NOT_TRIED;
    }
    if (enter_slot(bucket, head, at, vacated)) {
        return ENTERED;
    }
    withdraw(bucket, at, entry);
    return WITHDRAWN;
}

MOOR_SELDOM static moor_error insert_slowly(struct map *map,
                                            const struct map_key *key,
                                            life which, enum tried tried)
{
    uint64_t entry = bucket_entry(key->hash, which);

    while (tried != ENTERED) {
        uint64_t head, number, vacated, word = 0;
        struct bucket *bucket =
            map_locate_home(map, key->hash, &number, &head);
        unsigned at;

        if (bucket == NULL) {
            return MOOR_NO_MEMORY;
        }
        if (scan(map, bucket, head, key, which, &word, &vacated) != 0) {
            return MOOR_PATH_TAKEN;
        }
        /* A split may have carried an earlier try into the child. */
        if (tried == WITHDRAWN &&
            find_entry(bucket, head, entry) != BUCKET_SLOTS_MOST) {
            return MOOR_OK;
        }
        /* Before a slot of a block is taken: a bucket that has none in use is
         * quicker. */
        if ((~head & BUCKET_OWN) == 0 && vacated != 0) {
            (void)take_down(bucket, &head, vacated);
            continue;
        }
        at = claim_slot(map, bucket, number, head, entry);
        if (at == BUCKET_SLOTS_MOST) {
            if (!make_room(map, number, bucket, head)) {
                return MOOR_NO_MEMORY;
            }
        } else if (enter_slot(bucket, head, at, vacated)) {
            tried = ENTERED;
        } else {
            withdraw(bucket, at, entry);
            tried = WITHDRAWN;
        }
    }
    return MOOR_OK;
}

moor_error map_insert(struct map *map, const struct map_key *key, life which)
{
    enum tried tried =
        insert_at_once(map, key->hash, bucket_entry(key->hash, which));

    return tried == ENTERED ? MOOR_OK
                            : insert_slowly(map, key, which, tried);
}

/* Vacates the slot that the bucket's own slots name; false: none does. */
MOOR_USUAL bool remove_at_once(const struct map *map, uint64_t hash,
                               uint64_t entry)
{
    uint64_t levels = moor_load_acquire(&map->levels); /* M3 */
    struct bucket *bucket = map_bucket(map, bucket_of(hash, levels));
    uint64_t head = moor_load_acquire(&bucket->head); /* M1 */
    uint64_t own = bucket_same_entries(bucket, head, entry);

    if (own == 0) {
        return false;
    }
    if (MOOR_PLANTED(43)) { /* whoever stands there now */
        moor_store_release(&bucket->slots[__builtin_ctzll(own)], 0);
        return true;
    }
    /* Failure: somebody swept it and filled the slot anew. */
    (void)moor_cas_acq_rel(&bucket->slots[__builtin_ctzll(own)], &entry, 0);
    return true;
}

MOOR_SELDOM static void remove_slowly(struct map *map, uint64_t hash,
                                      uint64_t entry)
{
    do {
        uint64_t number, head;
        struct bucket *bucket = map_locate(map, hash, &number, &head);
        unsigned at = find_entry(bucket, head, entry);
        uint64_t seen = entry;

        if (at != BUCKET_SLOTS_MOST) {
            /* release: nothing is published.  Failure: somebody swept it and
             * filled the slot anew. */
            (void)moor_cas_acq_rel(bucket_slot(bucket, at), &seen, 0);
            return;
        }
        /* acquire, M1: it moved, or somebody swept it. */
        if (moor_load_acquire(&bucket->head) == head) {
            return;
        }
    } while (!remove_at_once(map, hash, entry));
}

void map_remove(struct map *map, uint64_t hash, life which)
{
    uint64_t entry = bucket_entry(hash, which);

    if (!remove_at_once(map, hash, entry)) {
        remove_slowly(map, hash, entry);
    }
}
