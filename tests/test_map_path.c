/*
 * The map by path: names in the records, paths that are prefixes of each
 * other, names that were taken away; and the map between threads.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "map.h"
#include "random.h"
#include "threads.h"

enum { GENERATION = 5 };

static struct arena records;
static struct hash_key key;
static struct map map;
static struct plates plates;

static void begin(const struct map_kind *kind)
{
    memset(&records, 0, sizeof records);
    memset(&map, 0, sizeof map);
    memset(&plates, 0, sizeof plates);
    arena_init(&records, sizeof(struct record), offsetof(struct record, stamp),
               1, LIFE_INDEX_MAX);
    for (int i = 0; i < 4; i++) {
        key.word[i] = random_next();
    }
    cr_assert(map_init(&map, kind, &key, &records));
}

static void end(void)
{
    plate_destroy(&plates);
    map_destroy(&map);
    arena_destroy(&records);
}

static struct map_key key_of(const char *path)
{
    struct map_key made;

    map_key_set_path(&made, &key, path, strlen(path));
    return made;
}

static moor_error enter(const char *path, life *which)
{
    struct map_key sought = key_of(path);
    uint64_t words[4] = {0};
    const struct plate_names names = {
        .path = words, .path_length = (uint32_t)strlen(path)};
    struct plate *plate = plate_take(&plates, 4);
    struct record *record;
    uint32_t index = 0;

    cr_assert(arena_take(&records, &index));
    cr_assert_not_null(plate);
    memcpy(words, path, strlen(path));
    plate_write(plate, &names);
    record = record_at(&records, index);
    moor_pointer_release(&record->plate, plate);
    moor_store_release(&record->state, word_make(GENERATION, WORD_RUNNING));
    *which = life_of(GENERATION, index);
    return map_insert(&map, &sought, *which);
}

static life find(const char *path)
{
    struct map_key sought = key_of(path);
    uint64_t word;

    return map_find(&map, &sought, &word);
}

Test(map_path, whole_paths_are_compared)
{
    static const char *const paths[] = {"/root", "/root/a", "/root/a/b",
                                        "/root/ab", "/root/b"};
    life which[5];

    begin(&map_by_path);
    for (int i = 0; i < 5; i++) {
        cr_assert_eq(find(paths[i]), 0);
        cr_assert_eq(enter(paths[i], &which[i]), MOOR_OK);
    }
    for (int i = 0; i < 5; i++) {
        life other;

        cr_assert_eq(find(paths[i]), which[i]);
        cr_assert_eq(enter(paths[i], &other), MOOR_PATH_TAKEN);
    }
    cr_assert_eq(find("/root/"), 0);
    cr_assert_eq(find("/roo"), 0);
    cr_assert_eq(find(""), 0);
    end();
}

/* Equal hashes are not equal paths. */
Test(map_path, a_hash_is_not_believed)
{
    struct map_key forged;
    life which;
    uint64_t word;

    begin(&map_by_path);
    cr_assert_eq(enter("/root/a", &which), MOOR_OK);
    forged = key_of("/root/a");
    forged.path = "/root/b";
    cr_assert_eq(map_find(&map, &forged, &word), 0);
    forged.path = "/root/a/b";
    forged.length = 9;
    cr_assert_eq(map_find(&map, &forged, &word), 0);
    end();
}

Test(map_path, a_record_without_a_plate_does_not_answer)
{
    life which;

    begin(&map_by_path);
    cr_assert_eq(enter("/root/a", &which), MOOR_OK);
    moor_pointer_release(&record_of(&records, which)->plate, NULL);
    cr_assert_eq(find("/root/a"), 0);
    end();
}

/* --- threads: of two that enter one key, one does ------------------------- */

enum { THREADS = 2, KEYS = 5000 };

/* They meet before each key; so many have arrived, at all keys together. */
static moor_word arrived;

static void meet(uint64_t key_number)
{
    (void)moor_add_acq_rel(&arrived, 1);
    while (moor_load_acquire(&arrived) < (key_number + 1) * THREADS &&
           in_time()) {
    }
}

struct worker {
    life lives[KEYS];
    bool entered[KEYS];
    int wrong;
};

static life new_record(uint64_t low)
{
    uint32_t index = 0;

    if (!arena_take(&records, &index)) return 0;
    moor_store_relaxed(&record_at(&records, index)->id_low, low);
    moor_store_release(&record_at(&records, index)->state,
                       word_make(GENERATION, WORD_RUNNING));
    return life_of(GENERATION, index);
}

static void *enter_all(void *argument)
{
    struct worker *worker = (struct worker *)argument;

    for (uint64_t i = 0; i < KEYS; i++) {
        struct map_key sought;
        uint64_t word;
        moor_error error;

        map_grow(&map, (uint32_t)i * THREADS);
        map_key_set_id(&sought, &key, 0, i);
        worker->lives[i] = new_record(i);
        meet(i);
        error = map_insert(&map, &sought, worker->lives[i]);
        worker->entered[i] = error == MOOR_OK;
        worker->wrong += error != MOOR_OK && error != MOOR_PATH_TAKEN;
        /* Whoever won, it is there from now on. */
        worker->wrong += map_find(&map, &sought, &word) == 0;
    }
    return NULL;
}

Test(map_path, of_two_that_enter_one_key_one_wins)
{
    static struct worker workers[THREADS];

    begin(&map_by_id);
    together(enter_all, THREADS, workers, sizeof workers[0]);
    for (int t = 0; t < THREADS; t++) {
        cr_assert_eq(workers[t].wrong, 0);
    }
    for (uint64_t i = 0; i < KEYS; i++) {
        struct map_key sought;
        uint64_t word;
        int winners = 0;

        map_key_set_id(&sought, &key, 0, i);
        for (int t = 0; t < THREADS; t++) {
            if (!workers[t].entered[i]) continue;
            winners++;
            cr_assert_eq(map_find(&map, &sought, &word), workers[t].lives[i]);
        }
        cr_assert_eq(winners, 1, "key %d", (int)i);
    }
    end();
}
