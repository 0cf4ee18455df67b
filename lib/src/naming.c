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

moor_error naming_compose(const moor_registry *books, life parent,
                          const char *name, size_t length,
                          struct naming *naming)
{
    const struct record *record = books_record(books, parent);
    const struct plate *plate = record_plate(record);
    uint64_t header = plate_header(plate);
    size_t above = plate_path_length(header);
    uint64_t word;

    plate_copy_path(plate, header, naming->path);
    /* acquire, R1: still the parent's record, so the path is the parent's. */
    word = moor_load_acquire(&record->state);
    if (word_generation(word) != life_generation(parent)) {
        return MOOR_STALE;
    }
    if (above + 1 + length > MOOR_PATH_MAX ||
        plate_segments(header) == MOOR_SEGMENTS_MAX) {
        return MOOR_BAD_PATH;
    }
    naming->path[above] = '/';
    memcpy(naming->path + above + 1, name, length);
    naming->path_length = (uint32_t)(above + 1 + length);
    naming->segments = plate_segments(header) + 1;
    return MOOR_OK;
}

static struct plate_names names_of(const struct naming *naming)
{
    const moor_spawn_options *options = naming->options;
    struct plate_names names = {.path = naming->path,
                                .path_length = naming->path_length,
                                .segments = naming->segments};

    if (options->role != NULL) {
        names.role = options->role;
        names.role_length = (uint32_t)strlen(options->role);
    }
    if (options->nickname != NULL) {
        names.nickname = options->nickname;
        names.nickname_length = (uint32_t)strlen(options->nickname);
    }
    return names;
}

static bool is_to_be_drawn(const struct naming *naming)
{
    return naming->list != NULL && naming->options->nickname == NULL;
}

bool naming_write(moor_registry *books, const struct naming *naming,
                  struct record *record)
{
    struct plate *plate = moor_pointer_relaxed(&record->plate); /* own */
    struct plate_names names = names_of(naming), room = names;

    if (is_to_be_drawn(naming)) {
        room.nickname_length = MOOR_NICKNAME_TEXT - 1;
    }
    if (plate == NULL || !plate_has_room(plate, &room)) {
        struct plate *larger = plate_take(&books->plates, &room);

        if (larger == NULL) {
            return false;
        }
        /* release: who finds the larger one finds the state moved on (R1). */
        moor_pointer_release(&record->plate, larger);
        if (plate != NULL) {
            plate_give(&books->plates, plate);
        }
        plate = larger;
    }
    plate_write(plate, &names);
    return true;
}

struct nickname_drawn naming_draw(const struct naming *naming,
                                  struct record *record)
{
    char text[MOOR_NICKNAME_TEXT];
    struct nickname_drawn drawn = {0};

    if (is_to_be_drawn(naming)) {
        drawn = nickname_draw(naming->list, text);
        plate_add_nickname(record_plate(record), text, (uint32_t)strlen(text));
    }
    return drawn;
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
