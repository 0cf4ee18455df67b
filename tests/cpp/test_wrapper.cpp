/*
 * moorage.hpp: each guard gives back what it holds on each way out, once, and
 * nothing is allocated on the way.
 *
 * A plain program; what fails is printed with its line, and the end is 1.
 */
#include <moorage/moorage.hpp>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <stdexcept>
#include <thread>
#include <type_traits>
#include <vector>

#include <fcntl.h>

namespace
{

int failures;
long allocations; /* of C++, by the main thread only */

void expect(bool holds, const char *what, int line)
{
    if (holds) return;
    std::printf("test_wrapper.cpp:%d: not so: %s\n", line, what);
    failures++;
}

#define EXPECT(holds) expect(static_cast<bool>(holds), #holds, __LINE__)

template <typename T> constexpr bool moves_only()
{
    return std::is_nothrow_move_constructible_v<T> &&
           std::is_nothrow_move_assignable_v<T> &&
           !std::is_copy_constructible_v<T> && !std::is_copy_assignable_v<T> &&
           std::is_nothrow_destructible_v<T>;
}

static_assert(moves_only<moorage::registry>());
static_assert(moves_only<moorage::ticket>());
static_assert(moves_only<moorage::run>());
static_assert(moves_only<moorage::lend>());
static_assert(!std::is_convertible_v<moorage::run, bool>);

moorage::registry with_running(uint32_t limit)
{
    moor_config config = moorage::default_config();
    config.limits[MOOR_LIMIT_RUNNING] = limit;
    config.events = true; /* nobody reads them here */
    return moorage::registry(config);
}

uint64_t used(const moorage::registry &in)
{
    moor_stats stats;
    moorage::check(moor_stats_of(in.get(), &stats));
    return stats.used;
}

uint64_t tickets(const moorage::registry &in)
{
    moor_stats stats;
    moorage::check(moor_stats_of(in.get(), &stats));
    return stats.tickets;
}

uint64_t waiting(const moorage::registry &in)
{
    moor_stats stats;
    moorage::check(moor_stats_of(in.get(), &stats));
    return stats.waiting;
}

/* A descriptor that is there until the registry is destroyed. */
int witness(const moorage::registry &in)
{
    int fd = -1;
    moorage::check(moor_events_fd(in.get(), &fd));
    return fd;
}

bool is_there(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

moor_status status(const moorage::registry &in, moor_agent agent)
{
    moor_status now = MOOR_STATUS_NOT_FOUND;
    static_cast<void>(moor_status_of(in.get(), agent, &now));
    return now;
}

bool healthy(const moorage::registry &in)
{
    return moor_check(in.get(), true, nullptr, 0) == MOOR_OK;
}

/* What a call throws; MOOR_OK when it does not. */
template <typename Call> std::error_code thrown(Call call)
{
    try {
        call();
    } catch (const std::system_error &error) {
        return error.code();
    }
    return {};
}

const moor_spawn_options plain{};

void registries()
{
    moorage::registry empty;
    EXPECT(!empty);
    moorage::registry first = with_running(1);
    moor_registry *const made = first.get();
    EXPECT(first && made);
    moorage::registry second(std::move(first));
    EXPECT(!first && second.get() == made);
    empty = std::move(second);
    EXPECT(!second && empty.get() == made);
    moorage::registry &itself = empty;
    empty = std::move(itself);
    EXPECT(empty.get() == made);
    int fd = witness(empty);
    EXPECT(is_there(fd));
    moorage::registry other = with_running(2);
    empty = std::move(other); /* the one it held is destroyed */
    EXPECT(!is_there(fd) && empty && !other);
    fd = witness(empty);
    moor_registry *const taken = empty.release();
    EXPECT(!empty);
    EXPECT(is_there(fd));
    moorage::registry again(taken);
    again.reset();
    EXPECT(!again && !is_there(fd));
    {
        moorage::registry last = with_running(1);
        fd = witness(last);
        EXPECT(is_there(fd));
    }
    EXPECT(!is_there(fd));

    std::error_code error;
    moor_config wrong = moorage::default_config();
    wrong.queue = MOOR_QUEUE_MAX + 1;
    moorage::registry none(&wrong, error);
    EXPECT(!none && error == moorage::code(MOOR_BAD_ARGUMENT));
    EXPECT(thrown([&] { moorage::registry r(wrong); }) == error);
    moorage::registry defaults(nullptr, error);
    EXPECT(defaults && !error);
}

void tickets_are_abandoned()
{
    moorage::registry in = with_running(2);
    {
        moorage::ticket one(in, plain);
        EXPECT(one && used(in) == 1 && tickets(in) == 1);
    }
    EXPECT(used(in) == 0 && tickets(in) == 0);
    try {
        moorage::ticket one(in, plain);
        throw std::runtime_error("on the way");
    } catch (const std::runtime_error &) {
        EXPECT(used(in) == 0);
    }
    moorage::ticket one(in, plain);
    moorage::ticket two(std::move(one));
    EXPECT(!one && two && used(in) == 1);
    one.reset(); /* it is the other's */
    EXPECT(used(in) == 1);
    moorage::ticket three(in, plain);
    EXPECT(used(in) == 2);
    three = std::move(two); /* its own is given back, this one is not */
    EXPECT(!two && three && used(in) == 1);
    moorage::ticket &itself = three;
    three = std::move(itself);
    EXPECT(three && used(in) == 1);
    const moor_ticket kept = three.release();
    three.reset();
    EXPECT(used(in) == 1);
    EXPECT(moor_abandon(in.get(), kept) == MOOR_OK && used(in) == 0);
    EXPECT(healthy(in));
}

void tickets_commit()
{
    moorage::registry in = with_running(2);
    moor_agent agent;
    {
        moorage::ticket one(in, plain);
        moorage::run begun = one.commit();
        agent = begun.get();
        EXPECT(!one && begun && used(in) == 1);
        one.reset();
        EXPECT(status(in, agent) == MOOR_STATUS_PENDING_INIT);
    }
    EXPECT(status(in, agent) == MOOR_STATUS_ERRORED && used(in) == 0);

    /* A commit that fails ends the ticket, and a second is told so. */
    const moor_id nil{};
    moorage::ticket two(in, plain);
    EXPECT(thrown([&] { static_cast<void>(two.commit(&nil)); }) ==
           moorage::code(MOOR_BAD_ID));
    EXPECT(!two && used(in) == 0);

    moorage::ticket three(in, plain);
    std::error_code error;
    moorage::run none = three.commit(nullptr, "/root/elsewhere", error);
    EXPECT(!none && !three && error == moorage::code(MOOR_PATH_MISMATCH));
    EXPECT(used(in) == 0);

    /* Taken by a close from above. */
    moorage::ticket four(in, plain);
    EXPECT(moor_close(in.get(), moor_root(in.get()), MOOR_CLOSE_TREE,
                      nullptr) == MOOR_OK);
    none = four.commit(nullptr, nullptr, error);
    EXPECT(!none && !four && error == moorage::code(MOOR_STALE));
    EXPECT(used(in) == 0 && healthy(in));
    moorage::ticket fenced(in, plain, nullptr, error);
    EXPECT(!fenced && error == moorage::code(MOOR_FENCED));
    /* An empty one. */
    none = fenced.commit(nullptr, nullptr, error);
    EXPECT(!none && error == moorage::code(MOOR_BAD_ARGUMENT));
}

void runs_end()
{
    moorage::registry in = with_running(2);
    moor_agent agent;
    {
        moorage::run one(in, plain);
        agent = one.get();
        EXPECT(used(in) == 1);
    }
    EXPECT(status(in, agent) == MOOR_STATUS_ERRORED && used(in) == 0);
    try {
        moorage::run one(in, plain);
        agent = one.get();
        throw std::runtime_error("on the way");
    } catch (const std::runtime_error &) {
        EXPECT(status(in, agent) == MOOR_STATUS_ERRORED && used(in) == 0);
    }
    moorage::run one(in, plain);
    moorage::run two(std::move(one));
    EXPECT(!one && two && used(in) == 1);
    agent = two.get();
    one = moorage::run(in, plain);
    const moor_agent other = one.get();
    one = std::move(two); /* the other's run ends here */
    EXPECT(status(in, other) == MOOR_STATUS_ERRORED);
    EXPECT(status(in, agent) == MOOR_STATUS_PENDING_INIT && !two && one);
    one.complete("well");
    EXPECT(!one && status(in, agent) == MOOR_STATUS_COMPLETED);
    char text[8];
    size_t length = 0;
    EXPECT(moor_result(in.get(), agent, text, sizeof text, &length) == MOOR_OK);
    EXPECT(std::string_view(text, length) == "well");

    two = moorage::run(in, plain);
    agent = two.get();
    two.interrupt();
    EXPECT(!two && status(in, agent) == MOOR_STATUS_INTERRUPTED);
    moorage::check(moor_run_again(in.get(), agent, nullptr));
    two = moorage::run(in, agent);
    EXPECT(two.release().bits == agent.bits && !two);
    EXPECT(status(in, agent) == MOOR_STATUS_RUNNING && used(in) == 1);

    /* Ended by somebody else: told, and nothing is touched. */
    two = moorage::run(in, agent);
    moorage::check(moor_finish(in.get(), agent, MOOR_STATUS_COMPLETED, "x", 1));
    std::error_code error;
    two.finish(MOOR_STATUS_ERRORED, "late", error);
    EXPECT(error == moorage::code(MOOR_WRONG_STATUS) && !two);
    EXPECT(status(in, agent) == MOOR_STATUS_COMPLETED);

    /* What is not a way to end leaves the run to the guard. */
    {
        moorage::run three(in, plain);
        agent = three.get();
        EXPECT(thrown([&] { three.finish(MOOR_STATUS_RUNNING); }) ==
               moorage::code(MOOR_BAD_ARGUMENT));
        EXPECT(three && used(in) == 1);
    }
    EXPECT(status(in, agent) == MOOR_STATUS_ERRORED && used(in) == 0);
    EXPECT(healthy(in));
}

void refusals()
{
    moorage::registry in = with_running(1);
    moorage::run only(in, plain);
    try {
        moorage::run more(in, plain);
        EXPECT(!"refused");
    } catch (const moorage::refused &why) {
        EXPECT(why.code() == moorage::code(MOOR_REFUSED));
        EXPECT(why.refusal().limit == MOOR_LIMIT_RUNNING);
        EXPECT(why.refusal().holders_count == 1);
        EXPECT(why.refusal().holders[0].agent.bits == only.get().bits);
    }
    EXPECT(thrown([&] { moorage::ticket more(in, plain); }) ==
           moorage::code(MOOR_REFUSED));
    std::error_code error;
    moor_refusal why{};
    moorage::ticket more(in, plain, &why, error);
    EXPECT(!more && error == moorage::code(MOOR_REFUSED) && why.used == 1);
    moorage::run also(in, plain, nullptr, error);
    EXPECT(!also && error == moorage::code(MOOR_REFUSED));
    EXPECT(error.message() == moor_error_text(MOOR_REFUSED));
    EXPECT(error.category().name() == std::string_view("moorage"));
    EXPECT(used(in) == 1 && healthy(in));
}

void lending()
{
    moorage::registry in = with_running(1);
    moorage::run parent(in, plain);
    moorage::check(moor_start(in.get(), parent.get()));
    {
        moorage::lend slot(in, parent.get(), 0);
        EXPECT(slot && used(in) == 0);
        moorage::run child(in, plain);
        EXPECT(used(in) == 1);
        std::error_code error;
        slot.take_back(error);
        EXPECT(slot && error == moorage::code(MOOR_REFUSED));
        child.complete();
    }
    EXPECT(used(in) == 1); /* it is the parent's again */
    try {
        moorage::lend slot(in, parent.get(), 0);
        throw std::runtime_error("on the way");
    } catch (const std::runtime_error &) {
        EXPECT(used(in) == 1);
    }
    {
        moorage::lend slot(in, parent.get(), 0);
        moorage::lend other(std::move(slot));
        EXPECT(!slot && other && used(in) == 0);
        slot = std::move(other);
        EXPECT(slot && !other && used(in) == 0);
        slot.take_back();
        EXPECT(!slot && used(in) == 1);
    }
    EXPECT(used(in) == 1);

    /* Blocks for it, as it was told to: the child ends when it does. */
    std::atomic<bool> passed{false};
    bool blocked = false;
    std::thread executor;
    {
        moorage::lend slot(in, parent.get(), MOOR_FOREVER);
        moorage::run child(in, plain);
        executor = std::thread([&, ended = std::move(child)]() mutable {
            while (!blocked && !passed) {
                std::this_thread::yield();
                blocked = waiting(in) == 1;
            }
            std::error_code error;
            ended.finish(MOOR_STATUS_COMPLETED, {}, error);
        });
    }
    passed = true;
    executor.join();
    EXPECT(blocked && used(in) == 1);

    /* A lender that has ended has nothing to take back. */
    {
        moorage::lend slot(in, parent.get(), MOOR_FOREVER);
        parent.complete();
    }
    EXPECT(used(in) == 0);
    const moor_agent ended = parent.get();
    EXPECT(thrown([&] { moorage::lend slot(in, ended, 0); }) ==
           moorage::code(MOOR_WRONG_STATUS));
    EXPECT(used(in) == 0 && healthy(in));
}

void nothing_is_allocated()
{
    moorage::registry in = with_running(2);
    std::error_code error;
    const long before = allocations;
    for (int i = 0; i < 100; i++) {
        moorage::ticket one(in, plain, nullptr, error);
        moorage::run two = one.commit(nullptr, nullptr, error);
        moorage::run three(std::move(two));
        three.finish(MOOR_STATUS_COMPLETED, {}, error);
        moorage::run four(in, plain, nullptr, error);
    }
    EXPECT(!error && used(in) == 0 && allocations == before);
}

/* Guards on several threads; some are dropped at every stage. */
void many_threads()
{
    enum { THREADS = 4, ROUNDS = 500 };
    moorage::registry in = with_running(3);
    long granted[THREADS] = {};
    std::vector<std::thread> threads;
    for (int t = 0; t < THREADS; t++) {
        threads.emplace_back([&in, &count = granted[t]] {
            for (int i = 0; i < ROUNDS; i++) {
                std::error_code error;
                moorage::ticket one(in, plain, nullptr, error);
                if (error) continue;
                count++;
                if (i % 3 == 0) continue;
                moorage::run two = one.commit(nullptr, nullptr, error);
                if (i % 3 == 1) two.finish(MOOR_STATUS_COMPLETED, {}, error);
            }
        });
    }
    long all = 0;
    for (int t = 0; t < THREADS; t++) {
        threads[static_cast<size_t>(t)].join();
        all += granted[t];
    }
    EXPECT(all > 0 && used(in) == 0 && tickets(in) == 0 && healthy(in));
}

} /* namespace */

void *operator new(std::size_t size)
{
    allocations++;
    void *memory = std::malloc(size);
    if (!memory) throw std::bad_alloc();
    return memory;
}

void operator delete(void *memory) noexcept
{
    std::free(memory);
}

void operator delete(void *memory, std::size_t) noexcept
{
    std::free(memory);
}

namespace
{

void all()
{
    registries();
    tickets_are_abandoned();
    tickets_commit();
    runs_end();
    refusals();
    lending();
    nothing_is_allocated();
    many_threads();
}

} /* namespace */

int main()
{
    try {
        all();
    } catch (const std::exception &error) {
        std::printf("test_wrapper.cpp: thrown: %s\n", error.what());
        failures++;
    }
    if (failures == 0) std::puts("all guards give back what they hold");
    return failures != 0;
}
