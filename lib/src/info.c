#include "info.h"

#include "clock.h"
#include "id.h"
#include "plant.h"

static bool is_there(uint64_t word, life which)
{
    return word_generation(word) == life_generation(which) &&
           (word_is_agent(word) || word_is_ticket(word));
}

static void copy_names(const struct record *record, moor_info *info)
{
    const struct plate *plate = record_plate(record);
    uint64_t header = plate_header(plate);

    plate_copy_path(plate, header, info->path);
    plate_copy_role(plate, header, info->role);
    plate_copy_nickname(plate, header, info->nickname);
    info->path[plate_path_length(header)] = '\0';
    info->role[plate_role_length(header)] = '\0';
    info->nickname[plate_nickname_length(header)] = '\0';
}

static void copy_words(const moor_registry *books, life which,
                       const struct record *record, moor_info *info)
{
    /* acquire, so that the state is looked at again after them. */
    struct id_words id = {moor_load_acquire(&record->id_high),
                          moor_load_acquire(&record->id_low)};
    uint64_t then = stamp_ms(moor_load_acquire(&record->stamp));
    uint64_t now = clock_coarse_ms();

    info->id = id_of_words(id);
    info->depth = place_depth(moor_load_acquire(&record->place));
    info->turn = moor_load_acquire(&record_plate(record)->turn);
    info->age_ms = now > then ? now - then : 0;
    info->parent.bits = tree_parent(&books->tree, which);
}

static void copy_state(uint64_t word, life which, moor_info *info)
{
    bool is_ticket = word_is_ticket(word);

    info->agent.bits = is_ticket ? 0 : which;
    info->ticket.bits = is_ticket ? which : 0;
    info->status = word_status(word);
    info->slot = word_has_slot(word);
    info->lent = word_is_lent(word);
    info->fenced = word_is_fenced(word);
    info->loaded = word_is_resident(word);
    info->pinned = word_residence(word) == WORD_PINNED;
    info->evicting = word_is_claimed(word);
    if (is_ticket) {
        info->id = (moor_id){{0}};
    }
}

void info_copy(const moor_registry *books, life which, uint64_t word,
               moor_info *info)
{
    const struct record *record = books_record(books, which);

    copy_names(record, info);
    copy_words(books, which, record, info);
    copy_state(word, which, info);
}

bool info_read(const moor_registry *books, life which, moor_info *info)
{
    const struct record *record = books_record(books, which);
    uint64_t word = moor_load_acquire(&record->state); /* R1 */
    uint64_t before;

    do {
        if (!is_there(word, which)) {
            return false;
        }
        info_copy(books, which, word, info);
        before = word;
        /* acquire, R1: unchanged, so all that was copied was its own. */
        word = moor_load_acquire(&record->state);
    } while (word != before && !MOOR_PLANTED(49)); /* planted: believe it */
    return true;
}
