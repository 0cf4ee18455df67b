/*
 * Look-ups of one agent: status, info, result, by id, by path.
 */
#include "moorage/read.h"

#include <string.h>

#include "id.h"
#include "info.h"
#include "names.h"
#include "resolve.h"

moor_error moor_status_of(const moor_registry *registry, moor_agent agent,
                          moor_status *status)
{
    uint64_t word;
    moor_error error;

    if (registry == NULL || status == NULL) {
        return MOOR_BAD_ARGUMENT;
    }
    error = books_agent(registry, agent.bits, &word);
    *status = error == MOOR_OK ? word_status(word) : MOOR_STATUS_NOT_FOUND;
    return error;
}

/* STALE: gone meanwhile, or a ticket that was committed meanwhile. */
static moor_error read_info(const moor_registry *books, life which,
                            bool is_ticket, moor_info *info)
{
    moor_info read;

    if (!info_read(books, which, &read) ||
        is_ticket != (read.ticket.bits != 0)) {
        return MOOR_STALE;
    }
    *info = read;
    return MOOR_OK;
}

moor_error moor_info_of(moor_registry *registry, moor_agent agent,
                        moor_info *info)
{
    uint64_t word;
    moor_error error;

    if (registry == NULL || info == NULL) {
        return MOOR_BAD_ARGUMENT;
    }
    error = books_agent(registry, agent.bits, &word);
    if (error != MOOR_OK) {
        return error;
    }
    return read_info(registry, agent.bits, false, info);
}

moor_error moor_ticket_info(moor_registry *registry, moor_ticket ticket,
                            moor_info *info)
{
    uint64_t word;
    moor_error error;

    if (registry == NULL || info == NULL) {
        return MOOR_BAD_ARGUMENT;
    }
    error = books_ticket(registry, ticket.bits, &word);
    if (error != MOOR_OK) {
        return error;
    }
    return read_info(registry, ticket.bits, true, info);
}

/* --- result --------------------------------------------------------------- */

/* Inside a section: the text that a state names, if it still does. */
static bool look_at_text(const moor_registry *books, life which, uint64_t word,
                         const char **bytes, size_t *length)
{
    const char *again;
    size_t length_again;

    text_look(&books->texts, word_text(word), bytes, length);
    /* acquire, R1: the state named that cell in between, and the cell had that
     * text all the time. */
    if (moor_load_acquire(&books_record(books, which)->state) != word) {
        return false;
    }
    text_look(&books->texts, word_text(word), &again, &length_again);
    return again == *bytes;
}

moor_error moor_result(moor_registry *registry, moor_agent agent, char *text,
                       size_t room, size_t *length)
{
    const char *bytes;
    size_t whole;
    uint64_t word;
    moor_error error;

    if (registry == NULL || length == NULL || (text == NULL && room > 0)) {
        return MOOR_BAD_ARGUMENT;
    }
    error = books_agent(registry, agent.bits, &word);
    if (error == MOOR_OK && !reclaim_ready()) {
        return MOOR_NO_MEMORY;
    }
    if (error != MOOR_OK) {
        return error;
    }
    reclaim_enter();
    while (error == MOOR_OK && !look_at_text(registry, agent.bits, word, &bytes,
                                             &whole)) {
        error = books_agent(registry, agent.bits, &word);
    }
    if (error == MOOR_OK) {
        if (room > 0) {
            memcpy(text, bytes, whole < room ? whole : room);
        }
        *length = whole;
    }
    reclaim_leave();
    return error;
}

/* --- by name -------------------------------------------------------------- */

static moor_error find_agent(const struct map *map, const struct map_key *key,
                             moor_agent *agent)
{
    uint64_t word;
    life which = map_find(map, key, &word);

    if (which == 0 || !word_is_agent(word)) {
        return MOOR_NOT_FOUND; /* nobody, or a ticket */
    }
    agent->bits = which;
    return MOOR_OK;
}

moor_error moor_find_id(moor_registry *registry, const moor_id *id,
                        moor_agent *agent)
{
    struct id_words words;
    struct map_key key;

    if (registry == NULL || id == NULL || agent == NULL) {
        return MOOR_BAD_ARGUMENT;
    }
    words = id_words_of(id);
    if (id_is_nil(words)) {
        return MOOR_BAD_ID;
    }
    map_key_set_id(&key, &registry->key, words.high, words.low);
    return find_agent(&registry->ids, &key, agent);
}

/* An absolute path is looked up as it is: what is found is well formed. */
static moor_error find_absolute(const moor_registry *books, const char *path,
                                moor_agent *agent)
{
    size_t length = strnlen(path, MOOR_PATH_MAX + 1);
    struct map_key key;
    moor_error error = MOOR_NOT_FOUND;

    if (length <= MOOR_PATH_MAX) {
        map_key_set_path(&key, &books->key, path, length);
        error = find_agent(&books->paths, &key, agent);
    }
    return error == MOOR_OK || names_path_ok(path, NULL) ? error
                                                         : MOOR_BAD_PATH;
}

moor_error moor_find_path(moor_registry *registry, moor_agent from,
                          const char *path, moor_agent *agent)
{
    struct resolved resolved;
    struct map_key key;
    moor_error error;

    if (registry == NULL || path == NULL || agent == NULL) {
        return MOOR_BAD_ARGUMENT;
    }
    if (path[0] == '/') {
        return find_absolute(registry, path, agent);
    }
    error = resolve_path(registry, from, path, &resolved);
    if (error != MOOR_OK) {
        return error;
    }
    map_key_set_path(&key, &registry->key, resolved.text, resolved.length);
    return find_agent(&registry->paths, &key, agent);
}
