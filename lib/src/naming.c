#include "naming.h"

#include <string.h>

#include "names.h"

moor_error naming_judge(const moor_spawn_options *options)
{
    if ((options->role != NULL &&
         !names_text_ok(options->role, MOOR_ROLE_MAX)) ||
        (options->nickname != NULL &&
         !names_text_ok(options->nickname, MOOR_NICKNAME_MAX))) {
        return MOOR_BAD_ARGUMENT;
    }
    return MOOR_OK;
}

/* "agent_" and the number.  By hand: a formatted print would be the dearest
 * part of a spawn. */
size_t naming_make(moor_registry *books, char name[NAMING_MADE_TEXT])
{
    static const char begin[] = "agent_";
    /* relaxed: any number will do; the map keeps names apart. */
    uint64_t number = moor_add_relaxed(&books->names_made, 1) + 1;
    size_t length = sizeof begin - 1;
    char digits[NAMING_MADE_TEXT];
    char *at = digits + sizeof digits;

    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    memcpy(name, begin, length);
    memcpy(name + length, at, (size_t)(digits + sizeof digits - at));
    return length + (size_t)(digits + sizeof digits - at);
}

/* Appends a slash and the name to a path of `above` bytes, word by word: each
 * is written once, so who reads it next does not wait for bytes to come
 * together. */
static void append_name(uint64_t *words, size_t above, const char *name,
                        size_t length)
{
    uint64_t *to = words + above / 8;
    size_t begun = above % 8; /* bytes of the word in which the path ends */

    *to = (begun == 0 ? 0 : *to) |
          ('/' | hash_word_at(name, 0, length) << 8) << 8 * begun;
    for (size_t at = 7 - begun; at < length; at += 8) {
        *++to = hash_word_at(name, at, length);
    }
}

moor_error naming_compose(const moor_registry *books, life parent,
                          const char *name, size_t length,
                          struct naming *naming)
{
    const struct record *record = books_record(books, parent);
    const struct plate *plate = record_plate(record);
    uint64_t header = plate_header(plate);
    size_t above = plate_path_length(header);
    uint64_t word;

    plate_copy_words(plate, header, naming->path);
    /* acquire, R1: still the parent's record, so the path is the parent's. */
    word = moor_load_acquire(&record->state);
    if (word_generation(word) != life_generation(parent)) {
        return MOOR_STALE;
    }
    if (above + 1 + length > MOOR_PATH_MAX ||
        plate_segments(header) == MOOR_SEGMENTS_MAX) {
        return MOOR_BAD_PATH;
    }
    append_name(naming->path, above, name, length);
    naming->path_length = (uint32_t)(above + 1 + length);
    naming->segments = plate_segments(header) + 1;
    return MOOR_OK;
}

static bool is_to_be_drawn(const struct naming *naming)
{
    return naming->list != NULL && naming->options->nickname == NULL;
}

static uint32_t length_of(const char *text)
{
    return text == NULL ? 0 : (uint32_t)strlen(text);
}

/* The record's plate has not the room, or there is none. */
MOOR_SELDOM static struct plate *larger_plate(moor_registry *books,
                                              struct record *record,
                                              uint32_t words)
{
    struct plate *plate = moor_pointer_relaxed(&record->plate); /* own */
    struct plate *larger = plate_take(&books->plates, words);

    if (larger == NULL) {
        return NULL;
    }
    /* release: who finds the larger one finds the state moved on (R1). */
    moor_pointer_release(&record->plate, larger);
    if (plate != NULL) {
        plate_give(&books->plates, plate);
    }
    return larger;
}

static struct plate *have_plate(moor_registry *books, struct record *record,
                                uint32_t words)
{
    struct plate *plate = moor_pointer_relaxed(&record->plate); /* own */

    return plate != NULL && plate_capacity(plate) >= words
               ? plate
               : larger_plate(books, record, words);
}

bool naming_write(moor_registry *books, const struct naming *naming,
                  struct record *record)
{
    const moor_spawn_options *options = naming->options;
    const struct plate_names names = {
        .path = naming->path,
        .path_length = naming->path_length,
        .segments = naming->segments,
        .role = options->role,
        .role_length = length_of(options->role),
        .nickname = options->nickname,
        .nickname_length = length_of(options->nickname)};
    uint32_t nickname = is_to_be_drawn(naming) ? MOOR_NICKNAME_TEXT - 1
                                               : names.nickname_length;
    struct plate *plate = have_plate(
        books, record,
        plate_words_for(names.path_length, names.role_length, nickname));

    if (plate != NULL) {
        plate_write(plate, &names);
    }
    return plate != NULL;
}

MOOR_SELDOM static struct nickname_drawn draw(const struct naming *naming,
                                              struct record *record)
{
    char text[MOOR_NICKNAME_TEXT];
    struct nickname_drawn drawn = nickname_draw(naming->list, text);

    plate_add_nickname(record_plate(record), text, (uint32_t)strlen(text));
    return drawn;
}

struct nickname_drawn naming_draw(const struct naming *naming,
                                  struct record *record)
{
    return is_to_be_drawn(naming) ? draw(naming, record)
                                  : (struct nickname_drawn){0};
}

void naming_settle(const struct naming *naming, bool granted,
                   struct nickname_drawn drawn)
{
    if (naming->list == NULL) {
        return;
    }
    if (naming->options->nickname != NULL) {
        if (granted) {
            nickname_use(naming->list, naming->options->nickname);
        }
    } else if (!granted) {
        nickname_put_back(naming->list, drawn);
    }
}
