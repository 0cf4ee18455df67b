/*
 * Nameplates: what is written is read, in every size; plates are used again,
 * and a reader never leaves the plate it looks at.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "moorage/agent.h"
#include "plate.h"
#include "random.h"

static struct plates plates;

static void begin(void)
{
    memset(&plates, 0, sizeof plates);
}

static void end(void)
{
    plate_destroy(&plates);
}

/* Texts of these lengths, all different from each other. */
static struct plate_names names_of(uint32_t path, uint32_t role,
                                   uint32_t nickname)
{
    static char texts[2][MOOR_NICKNAME_TEXT];
    static uint64_t words[MOOR_PATH_MAX / 8];
    char *bytes = (char *)words;

    for (size_t i = 0; i < sizeof texts; i++) {
        ((char *)texts)[i] = (char)('a' + random_next() % 26);
    }
    memset(words, 0, sizeof words);
    for (uint32_t i = 0; i < path; i++) {
        bytes[i] = (char)('a' + random_next() % 26);
    }
    return (struct plate_names){.path = words,
                                .role = texts[0],
                                .nickname = texts[1],
                                .path_length = path,
                                .role_length = role,
                                .nickname_length = nickname,
                                .segments = 1 + path % MOOR_SEGMENTS_MAX};
}

static uint32_t room_of(const struct plate_names *names)
{
    return plate_words_for(names->path_length, names->role_length,
                      names->nickname_length);
}

static void expect_names(const struct plate *plate,
                         const struct plate_names *names)
{
    uint64_t header = plate_header(plate);
    char path[MOOR_PATH_MAX], role[MOOR_ROLE_MAX], nickname[MOOR_NICKNAME_TEXT];

    cr_assert_eq(plate_path_length(header), names->path_length);
    cr_assert_eq(plate_role_length(header), names->role_length);
    cr_assert_eq(plate_nickname_length(header), names->nickname_length);
    cr_assert_eq(plate_segments(header), names->segments);
    plate_copy_path(plate, header, path);
    plate_copy_role(plate, header, role);
    plate_copy_nickname(plate, header, nickname);
    cr_assert_eq(memcmp(path, names->path, names->path_length), 0);
    cr_assert_eq(memcmp(role, names->role, names->role_length), 0);
    cr_assert_eq(memcmp(nickname, names->nickname, names->nickname_length), 0);
    cr_assert(plate_has_path(plate, (const char *)names->path,
                             names->path_length));
}

Test(plate, gives_back_what_was_written_in_every_length)
{
    begin();
    for (uint32_t path = 1; path <= MOOR_PATH_MAX; path++) {
        struct plate_names names =
            names_of(path, path % (MOOR_ROLE_MAX + 1), path % 96);
        struct plate *plate = plate_take(&plates, room_of(&names));

        cr_assert_not_null(plate);
        cr_assert_geq(plate_capacity(plate), room_of(&names));
        plate_write(plate, &names);
        expect_names(plate, &names);
    }
    end();
}

Test(plate, a_path_that_differs_in_a_byte_or_a_length_is_another)
{
    begin();
    for (uint32_t length = 1; length <= 40; length++) {
        struct plate_names names = names_of(length, 3, 0);
        struct plate *plate = plate_take(&plates, room_of(&names));
        char path[48];

        memcpy(path, (const char *)names.path, sizeof path);
        plate_write(plate, &names);
        for (uint32_t i = 0; i < length; i++) {
            path[i] ^= 1;
            cr_assert_not(plate_has_path(plate, path, length));
            path[i] ^= 1;
        }
        cr_assert(plate_has_path(plate, path, length));
        cr_assert_not(plate_has_path(plate, path, length - 1));
        cr_assert_not(plate_has_path(plate, path, length + 1));
    }
    end();
}

Test(plate, a_nickname_is_added_behind_the_rest)
{
    struct plate_names names = names_of(13, 9, 0), room;
    struct plate *plate;

    begin();
    room = names;
    room.nickname_length = MOOR_NICKNAME_TEXT - 1;
    plate = plate_take(&plates, room_of(&room));
    plate_write(plate, &names);
    names.nickname_length = MOOR_NICKNAME_TEXT - 1;
    plate_add_nickname(plate, names.nickname, names.nickname_length);
    expect_names(plate, &names);
    end();
}

Test(plate, a_smaller_tenant_leaves_nothing_of_the_larger_one)
{
    struct plate_names large = names_of(200, 64, 64);
    struct plate_names small = names_of(7, 0, 0);
    struct plate *plate;

    begin();
    plate = plate_take(&plates, room_of(&large));
    plate_write(plate, &large);
    cr_assert_geq(plate_capacity(plate), room_of(&small));
    plate_write(plate, &small);
    expect_names(plate, &small);
    end();
}

Test(plate, those_given_back_are_taken_again)
{
    struct plate_names names = names_of(20, 0, 0), larger = names_of(21, 9, 0);
    struct plate *first, *second;

    begin();
    first = plate_take(&plates, room_of(&names));
    second = plate_take(&plates, room_of(&names));
    cr_assert_neq(first, second);
    cr_assert_lt(plate_capacity(first), room_of(&larger));
    plate_write(first, &names);
    plate_give(&plates, first);
    cr_assert_eq(plate_take(&plates, room_of(&names)), first);
    cr_assert_eq(plate_path_length(plate_header(first)), 0, "and are empty");
    end();
}

/* The words copied out are the path, filled up with zeros. */
Test(plate, a_path_is_copied_as_words)
{
    begin();
    for (uint32_t length = 1; length <= 40; length++) {
        struct plate_names names = names_of(length, 0, 0);
        struct plate *plate = plate_take(&plates, room_of(&names));
        uint64_t words[5];

        plate_write(plate, &names);
        plate_copy_words(plate, plate_header(plate), words);
        cr_assert_eq(memcmp(words, names.path, plate_words(length) * 8), 0);
    }
    end();
}

/* Each size is as large as it says: the neighbour is untouched. */
Test(plate, a_full_plate_leaves_its_neighbour_alone)
{
    begin();
    for (uint32_t length = 8; length <= MOOR_PATH_MAX; length += 8) {
        struct plate_names names = names_of(length, 0, 0);
        struct plate *one = plate_take(&plates, room_of(&names));
        struct plate *two = plate_take(&plates, room_of(&names));
        struct plate_names full = names;

        full.path_length = plate_capacity(one) * 8;
        if (full.path_length > MOOR_PATH_MAX) full.path_length = MOOR_PATH_MAX;
        plate_write(two, &names);
        plate_write(one, &full);
        expect_names(two, &names);
        plate_write(one, &full);
        plate_write(two, &full);
        expect_names(one, &full);
    }
    end();
}
