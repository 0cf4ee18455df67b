/*
 * oneTBB's concurrent_hash_map, one by id and one by path.  Keys of the second
 * point at the text in the agent, which is made in one piece.  An accessor
 * keeps what it found from being erased; a handle is a pointer that nobody
 * checks.
 *
 * Leaves out: the list of an agent's children (they are only counted), so
 * there is no cascade.
 */
#include "rival_hash.h"
#include "rival.h"

#include <atomic>
#include <cstdlib>
#include <new>

#include <tbb/concurrent_hash_map.h>

namespace
{

struct agent {
    moor_id id;
    agent *parent; /* null: the root */
    std::atomic<unsigned> status; /* moor_status; NOT_FOUND: closed */
    std::atomic<unsigned> children;
    std::size_t length;

    char *path()
    {
        return reinterpret_cast<char *>(this + 1);
    }
};

struct path_key {
    const char *text;
    std::size_t length;
};

struct id_rules {
    static std::size_t hash(const moor_id &id)
    {
        return hash_of_id(&id);
    }
    static bool equal(const moor_id &a, const moor_id &b)
    {
        return hash_same_id(&a, &b);
    }
};

struct path_rules {
    static std::size_t hash(const path_key &key)
    {
        return hash_of_path(key.text, key.length);
    }
    static bool equal(const path_key &a, const path_key &b)
    {
        return a.length == b.length &&
               std::memcmp(a.text, b.text, a.length) == 0;
    }
};

using id_map = tbb::concurrent_hash_map<moor_id, agent *, id_rules>;
using path_map = tbb::concurrent_hash_map<path_key, agent *, path_rules>;

struct tbb_books {
    id_map by_id;
    path_map by_path;
    std::uint64_t limit;
    alignas(128) std::atomic<std::uint64_t> used{0};
    alignas(128) std::atomic<std::uint64_t> agents{0};
};

tbb_books *books_of(void *of)
{
    return static_cast<tbb_books *>(of);
}

agent *agent_of(std::uint64_t handle)
{
    return reinterpret_cast<agent *>(handle);
}

bool calls_for_slot(unsigned status)
{
    return status == MOOR_STATUS_PENDING_INIT || status == MOOR_STATUS_RUNNING;
}

void *tbb_create(std::uint32_t limit)
{
    auto *books = new tbb_books;

    books->limit = limit;
    return books;
}

void tbb_destroy(void *of)
{
    delete books_of(of);
}

bool charge(tbb_books *books)
{
    std::uint64_t used = books->used.load(std::memory_order_relaxed);

    do {
        if (used >= books->limit) return false;
    } while (!books->used.compare_exchange_weak(used, used + 1));
    return true;
}

agent *make(const rival_agent *wanted)
{
    void *memory = std::malloc(sizeof(agent) + wanted->length + 1);

    if (memory == nullptr) std::abort();
    auto *made = new (memory) agent;
    made->id = wanted->id;
    made->parent = agent_of(wanted->parent);
    made->status.store(MOOR_STATUS_PENDING_INIT, std::memory_order_relaxed);
    made->children.store(0, std::memory_order_relaxed);
    made->length = wanted->length;
    std::memcpy(made->path(), wanted->path, wanted->length + 1);
    return made;
}

/* Without a slot: what stands in the way before the limit does? */
moor_error refuse(tbb_books *books, const rival_agent *wanted)
{
    if (books->by_path.count({wanted->path, wanted->length}) > 0) {
        return MOOR_PATH_TAKEN;
    }
    return books->by_id.count(wanted->id) > 0 ? MOOR_ID_TAKEN : MOOR_REFUSED;
}

moor_error insert(tbb_books *books, agent *made)
{
    const path_key key = {made->path(), made->length};

    if (!books->by_path.insert({key, made})) return MOOR_PATH_TAKEN;
    if (!books->by_id.insert({made->id, made})) {
        books->by_path.erase(key);
        return MOOR_ID_TAKEN;
    }
    return MOOR_OK;
}

moor_error tbb_spawn(void *of, const rival_agent *wanted,
                     std::uint64_t *handle)
{
    tbb_books *books = books_of(of);
    agent *parent = agent_of(wanted->parent);

    if (parent != nullptr && parent->status.load() == 0) return MOOR_STALE;
    if (!charge(books)) return refuse(books, wanted);
    agent *made = make(wanted);
    moor_error error = insert(books, made);
    if (error != MOOR_OK) {
        std::free(made);
        books->used.fetch_sub(1);
        return error;
    }
    if (parent != nullptr) parent->children.fetch_add(1);
    books->agents.fetch_add(1);
    *handle = reinterpret_cast<std::uint64_t>(made);
    return MOOR_OK;
}

bool tbb_start(void *, std::uint64_t handle)
{
    unsigned pending = MOOR_STATUS_PENDING_INIT;

    return agent_of(handle)->status.compare_exchange_strong(
        pending, MOOR_STATUS_RUNNING);
}

moor_status tbb_status_of(void *, std::uint64_t handle)
{
    return static_cast<moor_status>(
        agent_of(handle)->status.load(std::memory_order_acquire));
}

moor_status tbb_status_id(void *of, const moor_id *id)
{
    id_map::const_accessor found;

    if (!books_of(of)->by_id.find(found, *id)) return MOOR_STATUS_NOT_FOUND;
    return static_cast<moor_status>(
        found->second->status.load(std::memory_order_acquire));
}

moor_status tbb_status_path(void *of, const char *path, std::size_t length)
{
    path_map::const_accessor found;

    if (!books_of(of)->by_path.find(found, {path, length})) {
        return MOOR_STATUS_NOT_FOUND;
    }
    return static_cast<moor_status>(
        found->second->status.load(std::memory_order_acquire));
}

bool tbb_finish(void *of, std::uint64_t handle)
{
    agent *which = agent_of(handle);
    unsigned status = which->status.load();

    do {
        if (!calls_for_slot(status)) return false;
    } while (!which->status.compare_exchange_weak(status,
                                                  MOOR_STATUS_COMPLETED));
    books_of(of)->used.fetch_sub(1);
    return true;
}

bool tbb_wait(void *of, std::uint64_t handle)
{
    return moor_is_final(tbb_status_of(of, handle));
}

/* After both erasures nobody can be looking at the agent through a map. */
bool tbb_close(void *of, std::uint64_t handle)
{
    tbb_books *books = books_of(of);
    agent *which = agent_of(handle);

    if (which->children.load() > 0) return false;
    unsigned was = which->status.exchange(MOOR_STATUS_NOT_FOUND);
    if (was == MOOR_STATUS_NOT_FOUND) return false;
    if (calls_for_slot(was)) books->used.fetch_sub(1);
    books->by_id.erase(which->id);
    books->by_path.erase({which->path(), which->length});
    if (which->parent != nullptr) which->parent->children.fetch_sub(1);
    books->agents.fetch_sub(1);
    std::free(which);
    return true;
}

void tbb_count(void *of, std::uint64_t *used, std::uint64_t *agents)
{
    *used = books_of(of)->used.load();
    *agents = books_of(of)->agents.load();
}

} // namespace

const rival rival_tbb = {
    "tbb",
    0,
    true,  /* trusts_handles */
    false, /* trusts_ids */
    tbb_create,
    tbb_destroy,
    nullptr, /* enter, leave, rest */
    nullptr,
    nullptr,
    tbb_spawn,
    tbb_start,
    tbb_status_of,
    tbb_status_id,
    tbb_status_path,
    tbb_finish,
    tbb_wait,
    tbb_close,
    tbb_count,
    nullptr, /* reap, list */
    nullptr,
};
