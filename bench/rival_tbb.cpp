/*
 * oneTBB's concurrent_hash_map, one by id and one by path.  Keys of the second
 * point at the text in the agent, which is made in one piece.  An accessor
 * keeps what it found from being erased.  What is left out: see rival_free.h.
 */
#include "rival_free.h"

#include <tbb/concurrent_hash_map.h>

namespace
{

struct path_key {
    const char *text;
    std::size_t length;
    std::uint64_t hash;
};

struct id_rules {
    hash_key key;

    std::size_t hash(const moor_id &id) const
    {
        return hash_of_id(&key, &id);
    }
    bool equal(const moor_id &a, const moor_id &b) const
    {
        return hash_same_id(&a, &b);
    }
};

struct path_rules {
    static std::size_t hash(const path_key &path)
    {
        return path.hash;
    }
    static bool equal(const path_key &a, const path_key &b)
    {
        return a.length == b.length &&
               std::memcmp(a.text, b.text, a.length) == 0;
    }
};

using id_map = tbb::concurrent_hash_map<moor_id, free_agent *, id_rules>;
using path_map = tbb::concurrent_hash_map<path_key, free_agent *, path_rules>;

/* The one map hashes ids by itself; a path brings its hash. */
struct tbb_books {
    free_books own;
    id_map by_id{id_rules{hash_key_make()}};
    path_map by_path;
};

tbb_books *books_of(void *of)
{
    return static_cast<tbb_books *>(of);
}

void *tbb_create(std::uint32_t limit)
{
    auto *books = new tbb_books;

    free_open(&books->own, limit);
    return books;
}

void tbb_destroy(void *of)
{
    delete books_of(of);
}

void tbb_enter(void *of)
{
    tally_enter(&books_of(of)->own.tally);
}

void tbb_leave(void *)
{
    tally_leave();
}

path_key key_of(const free_agent *agent)
{
    return {agent->path, agent->length, agent->path_hash};
}

moor_error insert(tbb_books *books, free_agent *agent)
{
    if (!books->by_path.insert({key_of(agent), agent})) return MOOR_PATH_TAKEN;
    if (!books->by_id.insert({agent->id, agent})) {
        books->by_path.erase(key_of(agent));
        return MOOR_ID_TAKEN;
    }
    return MOOR_OK;
}

/* A limit is reached; but path and id come first. */
moor_error refuse(tbb_books *books, const rules_spawn *spawn, moor_limit limit)
{
    const path_key key = {spawn->path, spawn->length, spawn->path_hash};

    if (books->by_path.count(key) > 0) return MOOR_PATH_TAKEN;
    if (books->by_id.count(spawn->agent->id) > 0) return MOOR_ID_TAKEN;
    tally_refused(limit);
    return MOOR_REFUSED;
}

moor_error tbb_spawn(void *of, const rival_agent *wanted,
                     std::uint64_t *handle)
{
    tbb_books *books = books_of(of);
    rules_spawn spawn;
    free_agent *parent;
    std::uint64_t number;

    rules_begin(&spawn, nullptr, wanted);
    moor_error error = free_judge(&books->own, &spawn, &parent);
    if (error != MOOR_OK) return error;
    moor_limit limit = free_charge(&books->own, &spawn, parent, &number);
    if (limit != MOOR_LIMITS) return refuse(books, &spawn, limit);
    void *memory = std::malloc(sizeof(free_agent) + spawn.length + 1);
    if (memory == nullptr) std::abort();
    auto *agent = static_cast<free_agent *>(memory);
    agent->path = reinterpret_cast<char *>(agent + 1);
    free_fill(&books->own, agent, &spawn, parent, number);
    error = insert(books, agent);
    if (error != MOOR_OK) {
        free_discharge(&books->own, parent);
        std::free(memory);
        return error;
    }
    tally_add(TALLY_SPAWNED);
    *handle = free_handle(agent);
    return MOOR_OK;
}

bool tbb_start(void *, std::uint64_t handle)
{
    return free_start(free_of(handle));
}

moor_status tbb_status_of(void *, std::uint64_t handle)
{
    return free_status(free_of(handle));
}

moor_status tbb_status_id(void *of, const moor_id *id)
{
    id_map::const_accessor found;

    return books_of(of)->by_id.find(found, *id) ? free_status(found->second)
                                                : MOOR_STATUS_NOT_FOUND;
}

moor_status tbb_status_path(void *of, const char *path, std::size_t length)
{
    tbb_books *books = books_of(of);
    const path_key key = {path, length,
                          hash_text(&books->own.key, path, length)};
    path_map::const_accessor found;

    return books->by_path.find(found, key)
               ? free_status(found->second)
               : MOOR_STATUS_NOT_FOUND;
}

bool tbb_finish(void *of, std::uint64_t handle)
{
    return free_finish(&books_of(of)->own, free_of(handle));
}

bool tbb_wait(void *of, std::uint64_t handle)
{
    return moor_is_final(tbb_status_of(of, handle));
}

/* After both erasures nobody can be looking at the agent through a map. */
bool tbb_close(void *of, std::uint64_t handle)
{
    tbb_books *books = books_of(of);
    free_agent *agent = free_of(handle);

    if (!free_close(&books->own, agent)) return false;
    books->by_id.erase(agent->id);
    books->by_path.erase(key_of(agent));
    free_give(&agent->parent->children);
    std::free(agent);
    return true;
}

void tbb_count(void *of, std::uint64_t *used, std::uint64_t *agents)
{
    free_count(&books_of(of)->own, used, agents);
}

void tbb_set_limit(void *of, moor_limit which, std::uint32_t value)
{
    books_of(of)->own.limits[which] = value;
}

void tbb_fence(void *, std::uint64_t handle)
{
    free_fence(free_of(handle));
}

void tbb_stats(void *of, moor_stats *stats)
{
    tally_stats(&books_of(of)->own.tally, stats);
}

rival table()
{
    rival made = {};

    made.name = "tbb";
    made.level = RIVAL_REGISTRY;
    made.trusts_handles = true;
    made.create = tbb_create;
    made.destroy = tbb_destroy;
    made.enter = tbb_enter;
    made.leave = tbb_leave;
    made.spawn = tbb_spawn;
    made.start = tbb_start;
    made.status_of = tbb_status_of;
    made.status_id = tbb_status_id;
    made.status_path = tbb_status_path;
    made.finish = tbb_finish;
    made.wait = tbb_wait;
    made.close = tbb_close;
    made.count = tbb_count;
    made.set_limit = tbb_set_limit;
    made.fence = tbb_fence;
    made.stats = tbb_stats;
    return made;
}

} // namespace

const rival rival_tbb = table();
