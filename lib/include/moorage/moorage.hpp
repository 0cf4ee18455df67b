/*
 * moorage for C++17: guards that give back what they hold when they go.
 *
 *   registry   a registry;            its end: moor_destroy
 *   ticket     a reservation;         its end, unless committed: moor_abandon
 *   run        the run of an agent;   its end, unless ended: errored
 *   lend       a slot that was lent;  its end: moor_take_back
 *
 * A guard moves and does not copy; one that was moved from, or whose thing has
 * ended, is empty and does nothing.  What it holds may end without it: an agent
 * is closed from above, another thread finishes it.  Then the guard's call is
 * told so and touches nothing, as the handles of C are.  A registry has to
 * outlive the guards of what is in it.
 *
 * All else is called as in C, with get().  A guard adds no allocation, no lock
 * and no thread; two threads may not use one guard at a time, but any number of
 * guards on one registry.
 *
 * Errors.  What can fail comes in two forms, as in std::filesystem: with a
 * std::error_code & as the last argument it does not throw, and without it
 * throws std::system_error, or moorage::refused, which carries the holders.
 * (Passing a null refusal to the first form saves the search for holders.)  An
 * answer compares with the errors of C: error == moorage::code(MOOR_STALE).
 * No destructor throws, and none needs memory.
 */
#ifndef MOORAGE_MOORAGE_HPP
#define MOORAGE_MOORAGE_HPP

#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "moorage.h"

namespace moorage
{

/* --- errors --------------------------------------------------------------- */

class error_category final : public std::error_category
{
  public:
    const char *name() const noexcept override
    {
        return "moorage";
    }
    std::string message(int error) const override
    {
        return moor_error_text(static_cast<moor_error>(error));
    }
};

inline const std::error_category &category() noexcept
{
    static const error_category only;
    return only;
}

inline std::error_code code(moor_error error) noexcept
{
    return {static_cast<int>(error), category()};
}

/* A limit refused the admission. */
class refused : public std::system_error
{
  public:
    explicit refused(const moor_refusal &why)
        : std::system_error(moorage::code(MOOR_REFUSED),
                            moor_limit_name(why.limit)),
          refusal_(why)
    {
    }
    const moor_refusal &refusal() const noexcept
    {
        return refusal_;
    }

  private:
    moor_refusal refusal_;
};

/* Throws, unless all is well.  `why` is that of a call that may be refused. */
inline void check(std::error_code error, const moor_refusal *why = nullptr)
{
    if (!error) return;
    if (why && error == code(MOOR_REFUSED)) throw refused(*why);
    throw std::system_error(error);
}

inline void check(moor_error error)
{
    check(code(error));
}

/* --- registry ------------------------------------------------------------- */

class registry
{
  public:
    registry() noexcept = default; /* empty */

    explicit registry(const moor_config &config)
    {
        check(moor_create(&config, &registry_));
    }
    /* A null config: the defaults.  Empty on an error. */
    registry(const moor_config *config, std::error_code &error) noexcept
    {
        error = code(moor_create(config, &registry_));
    }
    /* Takes one that was made in C. */
    explicit registry(moor_registry *taken) noexcept : registry_(taken)
    {
    }
    registry(registry &&other) noexcept : registry_(other.release())
    {
    }
    registry &operator=(registry &&other) noexcept
    {
        if (this != &other) reset(other.release());
        return *this;
    }
    registry(const registry &) = delete;
    registry &operator=(const registry &) = delete;
    ~registry()
    {
        reset();
    }

    moor_registry *get() const noexcept
    {
        return registry_;
    }
    explicit operator bool() const noexcept
    {
        return registry_ != nullptr;
    }
    /* Gives it to the caller, who has to destroy it. */
    [[nodiscard]] moor_registry *release() noexcept
    {
        return std::exchange(registry_, nullptr);
    }
    /* Destroys what it holds, and takes another. */
    void reset(moor_registry *other = nullptr) noexcept
    {
        moor_destroy(std::exchange(registry_, other));
    }

  private:
    moor_registry *registry_ = nullptr;
};

inline moor_config default_config() noexcept
{
    moor_config config;
    moor_config_default(&config);
    return config;
}

/* --- what the three others have in common --------------------------------- */

namespace detail
{

template <typename Handle, void (*End)(moor_registry *, Handle) noexcept>
class guard
{
  public:
    guard(guard &&other) noexcept
        : registry_(std::exchange(other.registry_, nullptr)),
          handle_(other.handle_)
    {
    }
    guard &operator=(guard &&other) noexcept
    {
        if (this == &other) return *this;
        reset();
        registry_ = std::exchange(other.registry_, nullptr);
        handle_ = other.handle_;
        return *this;
    }
    guard(const guard &) = delete;
    guard &operator=(const guard &) = delete;

    explicit operator bool() const noexcept
    {
        return registry_ != nullptr;
    }
    /* Ends it now. */
    void reset() noexcept
    {
        if (registry_) End(std::exchange(registry_, nullptr), handle_);
    }

  protected:
    guard() noexcept = default;
    guard(moor_registry *registry, Handle handle) noexcept
        : registry_(registry), handle_(handle)
    {
    }
    ~guard()
    {
        reset();
    }
    /* It has ended, or is another's from now on. */
    void forget() noexcept
    {
        registry_ = nullptr;
    }

    moor_registry *registry_ = nullptr;
    Handle handle_{};
};

inline void end_ticket(moor_registry *registry, moor_ticket ticket) noexcept
{
    moor_abandon(registry, ticket);
}

/* Without a text: needs no memory. */
inline void end_run(moor_registry *registry, moor_agent agent) noexcept
{
    moor_finish(registry, agent, MOOR_STATUS_ERRORED, nullptr, 0);
}

struct lent {
    moor_agent agent;
    uint64_t timeout_ms;
};

inline moor_error take_back(moor_registry *registry, lent from) noexcept
{
    const moor_patience patience = {from.timeout_ms, nullptr};
    return moor_take_back(registry, from.agent,
                          from.timeout_ms ? &patience : nullptr, nullptr);
}

inline void end_lend(moor_registry *registry, lent from) noexcept
{
    take_back(registry, from);
}

} /* namespace detail */

/* --- run ------------------------------------------------------------------ */

/*
 * The run of an agent by whoever executes it: from spawn, commit or run_again
 * until its end.  If nobody says how it ended, it is errored.
 */
class run : public detail::guard<moor_agent, detail::end_run>
{
  public:
    run() noexcept = default; /* empty */

    /* Spawns. */
    run(const registry &in, const moor_spawn_options &options)
    {
        moor_refusal why;
        std::error_code error;
        *this = run(in, options, &why, error);
        check(error, &why);
    }
    run(const registry &in, const moor_spawn_options &options,
        moor_refusal *refusal, std::error_code &error) noexcept
    {
        moor_agent agent{};
        error = code(moor_spawn(in.get(), &options, &agent, refusal));
        if (!error) *this = run(in, agent);
    }
    /* Of an agent that is live. */
    run(const registry &in, moor_agent agent) noexcept : guard(in.get(), agent)
    {
    }

    moor_agent get() const noexcept
    {
        return handle_;
    }
    /* The run goes on without the guard. */
    [[nodiscard]] moor_agent release() noexcept
    {
        forget();
        return handle_;
    }

    /*
     * Ends the run: as moor_finish.  For want of memory for the text it has not
     * ended, and still is the guard's.
     */
    void finish(moor_status status, std::string_view text,
                std::error_code &error) noexcept
    {
        ended(moor_finish(registry_, handle_, status, text.data(), text.size()),
              error);
    }
    void finish(moor_status status, std::string_view text = {})
    {
        std::error_code error;
        finish(status, text, error);
        check(error);
    }
    void complete(std::string_view result = {})
    {
        finish(MOOR_STATUS_COMPLETED, result);
    }
    void interrupt(std::error_code &error) noexcept
    {
        ended(moor_interrupt(registry_, handle_), error);
    }
    void interrupt()
    {
        std::error_code error;
        interrupt(error);
        check(error);
    }

  private:
    friend class ticket;
    run(moor_registry *in, moor_agent agent) noexcept : guard(in, agent)
    {
    }
    void ended(moor_error error, std::error_code &answer) noexcept
    {
        answer = code(error);
        if (error != MOOR_NO_MEMORY && error != MOOR_BAD_ARGUMENT) forget();
    }
};

/* --- ticket --------------------------------------------------------------- */

class ticket : public detail::guard<moor_ticket, detail::end_ticket>
{
  public:
    ticket() noexcept = default; /* empty */

    /* Reserves. */
    ticket(const registry &in, const moor_spawn_options &options)
    {
        moor_refusal why;
        std::error_code error;
        *this = ticket(in, options, &why, error);
        check(error, &why);
    }
    ticket(const registry &in, const moor_spawn_options &options,
           moor_refusal *refusal, std::error_code &error) noexcept
    {
        moor_ticket reserved{};
        error = code(moor_reserve(in.get(), &options, &reserved, refusal));
        if (!error) *this = ticket(in, reserved);
    }
    /* Takes one that was reserved in C. */
    ticket(const registry &in, moor_ticket reserved) noexcept
        : guard(in.get(), reserved)
    {
    }

    moor_ticket get() const noexcept
    {
        return handle_;
    }
    [[nodiscard]] moor_ticket release() noexcept
    {
        forget();
        return handle_;
    }

    /*
     * Makes the agent, whose run has a guard from here on: as moor_commit.
     * Whatever it answers but MOOR_BAD_ARGUMENT, the ticket has ended.
     */
    run commit(const moor_id *id, const char *path,
               std::error_code &error) noexcept
    {
        moor_agent agent{};
        const moor_error answer =
            moor_commit(registry_, handle_, id, path, &agent);
        error = code(answer);
        if (answer == MOOR_BAD_ARGUMENT) return run();
        moor_registry *in = std::exchange(registry_, nullptr);
        return answer == MOOR_OK ? run(in, agent) : run();
    }
    run commit(const moor_id *id = nullptr, const char *path = nullptr)
    {
        std::error_code error;
        run committed = commit(id, path, error);
        check(error);
        return committed;
    }
};

/* --- lend ----------------------------------------------------------------- */

/*
 * While it is there, others may have the agent's slot.  At its end it takes a
 * slot back, and blocks up to `timeout_ms` for that: 0 tries once, and with
 * MOOR_FOREVER the slot is back for certain, if anybody ever gives one up.  One
 * who has to know calls take_back.
 */
class lend : public detail::guard<detail::lent, detail::end_lend>
{
  public:
    lend(const registry &in, moor_agent agent, uint64_t timeout_ms)
    {
        std::error_code error;
        *this = lend(in, agent, timeout_ms, error);
        check(error);
    }
    lend(const registry &in, moor_agent agent, uint64_t timeout_ms,
         std::error_code &error) noexcept
    {
        error = code(moor_lend(in.get(), agent));
        if (!error) {
            registry_ = in.get();
            handle_ = {agent, timeout_ms};
        }
    }

    /* MOOR_REFUSED, MOOR_QUEUE_FULL, MOOR_NO_MEMORY: still lent, and the
     * guard's. */
    void take_back(std::error_code &error) noexcept
    {
        const moor_error answer = detail::take_back(registry_, handle_);
        error = code(answer);
        switch (answer) {
        case MOOR_REFUSED:
        case MOOR_QUEUE_FULL:
        case MOOR_NO_MEMORY:
        case MOOR_BAD_ARGUMENT:
            return;
        default:
            forget();
        }
    }
    void take_back()
    {
        std::error_code error;
        take_back(error);
        check(error);
    }
};

} /* namespace moorage */

#endif
