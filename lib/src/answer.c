/*
 * The names of things, as scenario files spell them.
 */
#include <stddef.h>

#include "moorage/admission.h"

struct answer {
    const char *name;
    const char *text;
};

static const struct answer errors[MOOR_ERRORS] = {
    [MOOR_OK] = {"ok", "it was done"},
    [MOOR_REFUSED] = {"refused", "a limit is reached; the refusal names it, "
                                 "its holders and what would free them"},
    [MOOR_TIMED_OUT] = {"timed_out", "the deadline passed; wait again, or "
                                     "with a later deadline"},
    [MOOR_BAD_ARGUMENT] = {"bad_argument", "an argument is null or outside "
                                           "its range; see the header"},
    [MOOR_NO_MEMORY] = {"no_memory", "no memory or no entry is left; nothing "
                                     "was charged, close agents and retry"},
    [MOOR_NOT_FOUND] = {"not_found", "nothing of that name was ever known to "
                                     "this registry"},
    [MOOR_STALE] = {"stale", "its agent or ticket has ended; look it up anew"},
    [MOOR_WRONG_STATUS] = {"wrong_status", "the agent's status does not allow "
                                           "this; read its status first"},
    [MOOR_BAD_PATH] = {"bad_path", "a path segment is 1 to 64 of a-z, 0-9 and "
                                   "_, not `root`; a path has at most 32 "
                                   "segments and 1024 bytes"},
    [MOOR_BAD_ID] = {"bad_id", "an id is 36 characters of 8-4-4-4-12 "
                               "hexadecimal digits, and not nil"},
    [MOOR_PATH_TAKEN] = {"path_taken", "an agent or ticket of that path "
                                       "exists; close it or choose another"},
    [MOOR_ID_TAKEN] = {"id_taken", "an agent of that id exists; close it or "
                                   "choose another"},
    [MOOR_PATH_MISMATCH] = {"path_mismatch", "the path is not the one that "
                                             "was reserved; reserve again"},
    [MOOR_FENCED] = {"fenced", "the parent or an agent above it is being "
                               "closed; spawn elsewhere"},
    [MOOR_HAS_CHILDREN] = {"has_children", "the agent has children or "
                                           "tickets; close them first, or "
                                           "close the tree"},
    [MOOR_IS_ROOT] = {"is_root", "the root runs for ever; only its tree can "
                                 "be closed"},
    [MOOR_QUEUE_FULL] = {"queue_full", "as many admissions wait as may; try "
                                       "again later, or with a longer queue"},
    [MOOR_NOT_LENT] = {"not_lent", "the agent's slot was not lent, or is back "
                                   "already"},
    [MOOR_NOT_RESIDENT] = {"not_resident", "the agent is not loaded; load it "
                                           "first"},
    [MOOR_EVICTING] = {"evicting", "the agent is being evicted; wait until it "
                                   "is unloaded"},
    [MOOR_NOT_EVICTABLE] = {"not_evictable", "only an idle agent that is not "
                                             "pinned can be evicted"},
    [MOOR_STOPPED] = {"stopped", "the callback wanted no more; what it was "
                                 "given so far is not whole"},
    [MOOR_VIOLATED] = {"violated", "an invariant does not hold; this is a "
                                   "bug in the registry"},
};

const char *moor_error_name(moor_error error)
{
    return (unsigned)error < MOOR_ERRORS ? errors[error].name : "unknown";
}

const char *moor_error_text(moor_error error)
{
    return (unsigned)error < MOOR_ERRORS ? errors[error].text
                                         : "no error of this library";
}

static const char *const statuses[MOOR_STATUSES] = {
    "not_found",   "reserved",  "pending_init", "running",
    "interrupted", "completed", "errored",      "shutdown"};
static const char *const limit_names[MOOR_LIMITS] = {
    "running", "resident", "depth", "children", "lifetime"};
static const char *const releases[MOOR_RELEASES] = {
    "on_completion", "on_turn_end", "on_reserve", "on_close"};
static const char *const rules[MOOR_CLOSE_RULES] = {"cascade", "adopt",
                                                    "refuse"};
static const char *const frees[MOOR_FREED_BYS] = {
    "finish", "turn_end", "close", "abandon", "evict", "unpin", "unloaded"};

static const char *name_in(const char *const *names, unsigned count,
                           unsigned which)
{
    return which < count ? names[which] : "unknown";
}

const char *moor_status_name(moor_status status)
{
    return name_in(statuses, MOOR_STATUSES, (unsigned)status);
}

const char *moor_limit_name(moor_limit limit)
{
    return name_in(limit_names, MOOR_LIMITS, (unsigned)limit);
}

const char *moor_release_name(moor_release release)
{
    return name_in(releases, MOOR_RELEASES, (unsigned)release);
}

const char *moor_close_rule_name(moor_close_rule rule)
{
    return name_in(rules, MOOR_CLOSE_RULES, (unsigned)rule);
}

const char *moor_freed_by_name(moor_freed_by freed_by)
{
    return name_in(frees, MOOR_FREED_BYS, (unsigned)freed_by);
}
