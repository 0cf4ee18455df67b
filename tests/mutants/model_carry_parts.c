/*
 * What the parts carry: links, plates, arenas, texts; as model_carry.c, but at
 * the functions of tree.h, plate.h, arena.h and text.h, because on the way
 * through a public call another pair most often carries the same.
 *
 * Goal    L1, N1, A1 and X1 each carry by themselves what they say.
 * Method  with loads that may be late (weak.c).
 */
#include "carry.h"

#include <string.h>

#include "books.h"
#include "plate.h"
#include "text.h"
#include "tree.h"

static moor_agent a;
static struct record *record; /* of a */
static struct tree *tree;
static uint64_t used;

/* --- links --------------------------------------------------------------- */

static void linked(void)
{
    carry_nothing();
    world_make(6, MOOR_ON_COMPLETION);
    a = world_spawn((moor_agent){0}, "a");
    tree = &world->tree;
    record = record_of(&world->records, a.bits);
}

static void linked_to_one(void)
{
    linked();
    (void)moor_set_limit(world, MOOR_LIMIT_CHILDREN, 1);
}

static void charged(void)
{
    linked_to_one();
    (void)tree_charge(tree, record, a.bits, &used);
}

static void held(void)
{
    linked();
    (void)tree_hold(tree, a.bits);
}

/* It has left, and two hold it. */
static void held_twice(void)
{
    held();
    (void)tree_leave(tree, record);
}

/* The counts are wrong: nothing is judged. */
static void links_end(void)
{
    moor_destroy(world);
    world = NULL;
}

static moor_error charge(void)
{
    return tree_charge(tree, record, a.bits, &used);
}

static void free_state(void)
{
    moor_store_release(&record->state, word_freed(word_left(
                                           moor_load_relaxed(&record->state))));
}

CARRY(charge_seen, charge(), tree_children(record) == 1)
CARRY(charge_refused, charge(), charge() == MOOR_REFUSED)
CARRY(left_seen, tree_leave(tree, record), charge() == MOOR_STALE)
CARRY(sealed_seen, tree_seal(tree, a.bits), charge() == MOOR_FENCED)
CARRY(part_seen, tree_part(tree, record), tree_children(record) == 0)
CARRY(part_sealed, tree_part(tree, record), tree_seal(tree, a.bits) == MOOR_OK)
CARRY(part_charged, tree_part(tree, record), charge() == MOOR_OK)
CARRY(discharge_seen, tree_discharge(tree, record), tree_children(record) == 0)
CARRY(seal_refused, charge(), tree_seal(tree, a.bits) == MOOR_HAS_CHILDREN)
CARRY(left_sealed, tree_leave(tree, record),
      tree_seal(tree, a.bits) == MOOR_STALE)
CARRY(left_held, tree_leave(tree, record), !tree_hold(tree, a.bits))
CARRY(freed_held, free_state(), !tree_hold(tree, a.bits))

/* Who lets go last sees what the other has done. */
static void let_go(void)
{
    int self = model_self();

    say();
    if (tree_let_go(record)) hear(1 - self);
}

static void leave(void)
{
    say();
    if (tree_leave(tree, record) || tree_let_go(record)) hear(0);
}

static void part(void)
{
    say();
    if (tree_part(tree, record)) hear(1);
}

/* --- plates -------------------------------------------------------------- */

enum { PLATE_WORDS = 16 };

static moor_word memory[PLATE_WORDS]; /* of a plate whose size is not judged */
static struct plates plates;
static struct plate *plate;
static struct plate_names names;
static uint64_t path[MOOR_PATH_MAX / 8];
static uint64_t header; /* as it was */
static struct hash_key key;
static uint64_t other_hash;
static char copied[MOOR_PATH_MAX + 1];

static void name(const char *text, const char *role)
{
    memset(path, 0, sizeof path);
    memcpy(path, text, strlen(text));
    names = (struct plate_names){.path = path,
                                 .path_length = (uint32_t)strlen(text),
                                 .segments = 2,
                                 .role = role,
                                 .role_length = (uint32_t)strlen(role)};
}

/* A plate with names; what is written next. */
static void named(const char *first, const char *role, const char *other,
                  const char *other_role)
{
    carry_nothing();
    plate = (struct plate *)(void *)memory;
    moor_store_relaxed(&plate->header, 0);
    name(other, other_role);
    plate_write(plate, &names);
    other_hash = plate_path_hash(plate, &key);
    name(first, role);
    plate_write(plate, &names);
    header = plate_header(plate);
    name(other, other_role);
}

static void short_path(void)
{
    named("/root/a", "r", "/root/b", "r");
}

static void long_path(void)
{
    named("/root/a/b/c/first", "r", "/root/a/b/c/other", "r");
}

static void ends_otherwise(void)
{
    named("/root/a/b/c/d", "r", "/root/a/b/c/e", "r");
}

static void begins_otherwise(void)
{
    named("/root/a/b/c/first", "r", "/root/b/b/c/first", "r");
}

static void longer_path(void)
{
    named("/root/a", "r", "/root/a/b", "r");
}

static void other_role(void)
{
    named("/root/a", "first", "/root/a", "other");
}

static void write_plate(void)
{
    plate_write(plate, &names);
}

static bool is_copied(const char *wanted)
{
    return strncmp(copied, wanted, strlen(wanted)) == 0;
}

static bool path_copied(const char *wanted)
{
    plate_copy_path(plate, header, copied);
    return is_copied(wanted);
}

static bool role_copied(const char *wanted)
{
    plate_copy_role(plate, header, copied);
    return is_copied(wanted);
}

static bool words_copied(void)
{
    uint64_t words[PLATE_WORDS];

    plate_copy_words(plate, header, words);
    return words[0] == path[0];
}

CARRY(header_seen, write_plate(), plate_path_length(plate_header(plate)) == 9)
CARRY(words_seen, write_plate(), words_copied())
CARRY(path_is, write_plate(), plate_has_path(plate, "/root/b", 7))
CARRY(hash_is, write_plate(), plate_path_hash(plate, &key) == other_hash)
CARRY(second_hash_is, write_plate(), plate_path_hash(plate, &key) == other_hash)
CARRY(last_word_copied, write_plate(), path_copied("/root/b"))
CARRY(whole_word_copied, write_plate(), path_copied("/root/b/b/c/first"))
CARRY(role_copied, write_plate(), role_copied("other"))
CARRY(nickname_seen, plate_add_nickname(plate, "nick", 4),
      plate_nickname_length(plate_header(plate)) == 4)

/* A plate that is taken again loses its names. */
static void given_plate(void)
{
    carry_nothing();
    memset(&plates, 0, sizeof plates);
    plate = plate_take(&plates, 4);
    name("/root/a", "r");
    plate_write(plate, &names);
    plate_give(&plates, plate);
}

static void plates_end(void)
{
    plate_destroy(&plates);
}

CARRY(plate_taken, plate_take(&plates, 4),
      plate_path_length(plate_header(plate)) == 0)

/* --- arenas and texts ---------------------------------------------------- */

static struct arena arena;
static uint32_t index_of_text;

static void vacant_arena(void)
{
    carry_nothing();
    memset(&arena, 0, sizeof arena);
    arena_init(&arena, 2 * sizeof(moor_word), 0, 0, 64);
}

static void arena_end_of_run(void)
{
    arena_destroy(&arena);
}

static void take_one(void)
{
    uint32_t index;

    (void)arena_take(&arena, &index);
}

static void vacant_cell(void)
{
    carry_nothing();
    memset(&arena, 0, sizeof arena);
    text_init(&arena);
    (void)text_make(&arena, "first", 5, &index_of_text);
    text_drop(&arena, index_of_text);
}

static void texts_end(void)
{
    text_destroy(&arena);
}

static void make_text(void)
{
    uint32_t index;

    (void)text_make(&arena, "other", 5, &index);
}

static bool has_text(void)
{
    const char *bytes;
    size_t length;

    text_look(&arena, index_of_text, &bytes, &length);
    return length == 5;
}

CARRY(segment_found, take_one(), arena_find(&arena, 0, arena.size) != NULL)
CARRY(text_seen, make_text(), has_text())

#define LINKS(before, name) CARRY_CASE(before, name, links_end)
#define PLATE(before, name) CARRY_CASE(before, name, NULL)

/* clang-format off */
static const struct model_case cases[] = {
    LINKS(linked, charge_seen),
    LINKS(linked_to_one, charge_refused),
    LINKS(linked, left_seen),
    LINKS(linked, sealed_seen),
    LINKS(charged, part_seen),
    LINKS(charged, part_sealed),
    LINKS(charged, part_charged),
    LINKS(charged, discharge_seen),
    LINKS(linked, seal_refused),
    LINKS(linked, left_sealed),
    LINKS(linked, left_held),
    LINKS(linked, freed_held),
    {"last_lets_go", held_twice, {let_go, let_go}, 2, links_end, 0},
    {"lets_go_or_leaves", held, {let_go, leave}, 2, links_end, 0},
    {"parts_or_leaves", charged, {part, leave}, 2, links_end, 0},
    PLATE(longer_path, header_seen),
    PLATE(short_path, words_seen),
    PLATE(short_path, path_is),
    PLATE(begins_otherwise, hash_is),
    PLATE(long_path, second_hash_is),
    PLATE(ends_otherwise, second_hash_is),
    PLATE(short_path, last_word_copied),
    PLATE(begins_otherwise, whole_word_copied),
    PLATE(other_role, role_copied),
    PLATE(short_path, nickname_seen),
    CARRY_CASE(given_plate, plate_taken, plates_end),
    CARRY_CASE(vacant_arena, segment_found, arena_end_of_run),
    CARRY_CASE(vacant_cell, text_seen, texts_end),
};
/* clang-format on */

WORLD_MAIN(cases)
