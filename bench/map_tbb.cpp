/*
 * The map level with oneTBB's concurrent_hash_map.  An element is id and
 * status; a handle is its address, which nobody checks.  An accessor keeps
 * what was found by id from being erased.
 */
#include "map_rival.h"

#include <atomic>

#include <tbb/concurrent_hash_map.h>

namespace
{

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

/* moor_status; NOT_FOUND: closed. */
using status_word = std::atomic<unsigned>;
using id_map = tbb::concurrent_hash_map<moor_id, status_word, id_rules>;

struct map_books {
    id_map by_id{id_rules{hash_key_make()}};
    std::uint64_t limit;
    alignas(128) std::atomic<std::uint64_t> used{0};
};

map_books *books_of(void *of)
{
    return static_cast<map_books *>(of);
}

id_map::value_type *element_of(std::uint64_t handle)
{
    return reinterpret_cast<id_map::value_type *>(handle);
}

void *tbb_create(std::uint32_t limit)
{
    auto *books = new map_books;

    books->limit = limit;
    return books;
}

void tbb_destroy(void *of)
{
    delete books_of(of);
}

bool charge(map_books *books)
{
    std::uint64_t used = books->used.load(std::memory_order_relaxed);

    do {
        if (used >= books->limit) return false;
    } while (!books->used.compare_exchange_weak(used, used + 1));
    return true;
}

moor_error tbb_spawn(void *of, const rival_agent *wanted,
                     std::uint64_t *handle)
{
    map_books *books = books_of(of);
    id_map::const_accessor entered;

    if (!charge(books)) return MOOR_REFUSED;
    if (!books->by_id.emplace(entered, wanted->id, MOOR_STATUS_RUNNING)) {
        books->used.fetch_sub(1);
        return MOOR_ID_TAKEN;
    }
    *handle = reinterpret_cast<std::uint64_t>(&*entered);
    return MOOR_OK;
}

moor_status status_of(const status_word &word)
{
    return static_cast<moor_status>(word.load(std::memory_order_acquire));
}

moor_status tbb_status_of(void *, std::uint64_t handle)
{
    return status_of(element_of(handle)->second);
}

moor_status tbb_status_id(void *of, const moor_id *id)
{
    id_map::const_accessor found;

    return books_of(of)->by_id.find(found, *id) ? status_of(found->second)
                                                : MOOR_STATUS_NOT_FOUND;
}

bool tbb_finish(void *of, std::uint64_t handle)
{
    unsigned running = MOOR_STATUS_RUNNING;

    if (!element_of(handle)->second.compare_exchange_strong(
            running, MOOR_STATUS_COMPLETED)) {
        return false;
    }
    books_of(of)->used.fetch_sub(1);
    return true;
}

bool tbb_close(void *of, std::uint64_t handle)
{
    map_books *books = books_of(of);
    id_map::value_type *element = element_of(handle);
    unsigned was = element->second.exchange(MOOR_STATUS_NOT_FOUND);

    if (was == MOOR_STATUS_NOT_FOUND) return false;
    if (was == MOOR_STATUS_RUNNING) books->used.fetch_sub(1);
    const moor_id id = element->first;
    return books->by_id.erase(id);
}

void tbb_count(void *of, std::uint64_t *used, std::uint64_t *agents)
{
    *used = books_of(of)->used.load();
    *agents = books_of(of)->by_id.size();
}

rival table()
{
    rival made = {};

    made.name = "tbb";
    made.level = RIVAL_MAP;
    made.trusts_handles = true;
    made.create = tbb_create;
    made.destroy = tbb_destroy;
    made.spawn = tbb_spawn;
    made.start = map_start;
    made.status_of = tbb_status_of;
    made.status_id = tbb_status_id;
    made.finish = tbb_finish;
    made.close = tbb_close;
    made.count = tbb_count;
    return made;
}

} // namespace

const rival map_tbb = table();
