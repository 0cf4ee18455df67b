#include "mcp_session.h"

#include <stdio.h>

#ifdef MOORAGE_STORE
#include <moorage/store.h>
#include <sys/stat.h>
#endif

#include "mcp_answers.h"
#include "mcp_runs.h"

static void config_of(const struct mcp *mcp, moor_config *config)
{
    moor_config_default(config);
    config->limits[MOOR_LIMIT_CHILDREN] = MCP_CHILDREN_MAX;
    if (mcp->options.limit_given) {
        config->limits[MOOR_LIMIT_RUNNING] = mcp->options.limit;
    }
    config->release = mcp->options.release;
}

#ifdef MOORAGE_STORE

enum { KEEP_MS = 10000 };

/* Whoever ran them is dead: they hold no slot, and can be given a task. */
static void interrupt_live(struct mcp *mcp)
{
    const moor_list_filter live = {.statuses = 1U << MOOR_STATUS_PENDING_INIT |
                                               1U << MOOR_STATUS_RUNNING};
    moor_info infos[16];
    uint64_t cursor = 0;
    size_t count;

    do {
        if (moor_list(mcp->registry, &live, &cursor, infos, 16, &count) !=
            MOOR_OK) {
            return;
        }
        for (size_t i = 0; i < count; i++) {
            moor_interrupt(mcp->registry, infos[i].agent);
        }
    } while (cursor != 0);
}

/* Which file is at its path?  False: none. */
static bool look_at_file(const struct mcp *mcp, struct stat *file)
{
    return stat(mcp->options.store, file) == 0;
}

/* What goes to a file that was removed or replaced is lost when we end. */
static bool is_still_there(const struct mcp *mcp)
{
    struct stat file;

    return look_at_file(mcp, &file) && file.st_dev == mcp->store_device &&
           file.st_ino == mcp->store_inode;
}

static bool open_store(struct mcp *mcp, const moor_config *config)
{
    moor_store_report report;
    struct stat file = {0};

    if (moor_store_open(mcp->options.store, config, NULL, &mcp->store,
                        &mcp->registry, &report) != MOOR_STORE_OK) {
        fprintf(stderr, "moorage mcp: %s\n", report.text);
        return false;
    }
    look_at_file(mcp, &file);
    mcp->store_device = file.st_dev;
    mcp->store_inode = file.st_ino;
    if (mcp->options.limit_given) {
        moor_set_limit(mcp->registry, MOOR_LIMIT_RUNNING, mcp->options.limit);
    }
    if (mcp->options.exec != NULL) interrupt_live(mcp);
    if (report.restored > 0) {
        fprintf(stderr, "moorage mcp: %zu agents came back, %zu of them live\n",
                report.restored, report.live);
    }
    return true;
}

bool session_keep(struct mcp *mcp, json_t **why)
{
    moor_store_state state = {.text = "its file was removed or replaced"};

    if (mcp->store == NULL) return true;
    if (moor_store_flush(mcp->store, KEEP_MS) != MOOR_STORE_OK) {
        moor_store_state_of(mcp->store, &state);
    } else if (is_still_there(mcp)) {
        return true;
    }
    if (why != NULL) {
        *why = tool_error("store_failed", "the store has not kept it: %s",
                          state.text);
    }
    return false;
}

static void close_store(struct mcp *mcp)
{
    bool lost = mcp->store != NULL && !is_still_there(mcp);

    if (moor_store_close(mcp->store) != MOOR_STORE_OK || lost) {
        fputs("moorage mcp: the store could not keep all\n", stderr);
    }
}

#else

static bool open_store(struct mcp *mcp, const moor_config *config)
{
    (void)mcp;
    (void)config;
    fputs("moorage mcp: this moorage was built without the store\n", stderr);
    return false;
}

bool session_keep(struct mcp *mcp, json_t **why)
{
    (void)mcp;
    (void)why;
    return true;
}

static void close_store(struct mcp *mcp)
{
    (void)mcp;
}

#endif

bool session_open(struct mcp *mcp)
{
    moor_config config;

    config_of(mcp, &config);
    if (mcp->options.store != NULL) return open_store(mcp, &config);
    if (moor_create(&config, &mcp->registry) == MOOR_OK) return true;
    fputs("moorage mcp: no memory\n", stderr);
    return false;
}

void session_close(struct mcp *mcp)
{
    close_store(mcp);
    moor_destroy(mcp->registry);
}
