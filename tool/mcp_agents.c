#include "mcp_agents.h"

#include <stdlib.h>
#include <string.h>

#include "mcp_answers.h"
#include "memory.h"
#include "text.h"

/* ---- notes -------------------------------------------------------------- */

static struct mcp_agent **bucket_of(struct mcp *mcp, moor_agent agent)
{
    return &mcp->agents[agent.bits * 0x9E3779B97F4A7C15U >> 54];
}

struct mcp_agent *agent_notes(struct mcp *mcp, moor_agent agent)
{
    struct mcp_agent **bucket = bucket_of(mcp, agent);
    struct mcp_agent *notes = *bucket;

    while (notes != NULL && notes->agent.bits != agent.bits) {
        notes = notes->next;
    }
    if (notes == NULL) {
        notes = must_alloc(1, sizeof *notes);
        notes->agent = agent;
        notes->next = *bucket;
        *bucket = notes;
    }
    return notes;
}

moor_error agent_named(struct mcp *mcp, const char *text, moor_agent *agent)
{
    moor_id id;

    if (moor_id_parse(text, &id) == MOOR_OK) {
        return moor_find_id(mcp->registry, &id, agent);
    }
    return moor_find_path(mcp->registry, moor_root(mcp->registry), text, agent);
}

static char *copy_of(const char *text, size_t length)
{
    char *copy = must_alloc(length + 1, 1);

    memcpy(copy, text, length);
    return copy;
}

void agent_message(struct mcp_agent *notes, const char *message)
{
    free(notes->last_message);
    notes->last_message = copy_of(
        message, text_fitting(message, strlen(message), MCP_MESSAGE_MAX));
}

/* ---- mail --------------------------------------------------------------- */

bool agent_mail(struct mcp *mcp, struct mcp_agent *notes, const char *message,
                bool wakes)
{
    size_t length = strlen(message);

    if (notes->mail_count == MCP_MAIL_MAX ||
        notes->mail_bytes + length > WIRE_LINE_MAX ||
        mcp->mail_bytes + length > MCP_MAIL_BYTES) {
        return false;
    }
    notes->mail[notes->mail_count++] = copy_of(message, length);
    notes->mail_bytes += length;
    mcp->mail_bytes += length;
    notes->mail_wakes = notes->mail_wakes || wakes;
    return true;
}

static void drop_mail(struct mcp *mcp, struct mcp_agent *notes)
{
    for (size_t i = 0; i < notes->mail_count; i++)
        free(notes->mail[i]);
    mcp->mail_bytes -= notes->mail_bytes;
    notes->mail_count = notes->mail_bytes = 0;
    notes->mail_wakes = false;
}

char *agent_read_mail(struct mcp *mcp, struct mcp_agent *notes,
                      const char *message)
{
    size_t last = message == NULL ? 0 : strlen(message);
    char *all =
        must_alloc(notes->mail_bytes + 2 * notes->mail_count + last + 1, 1);
    char *end = all;

    for (size_t i = 0; i < notes->mail_count; i++) {
        if (i > 0) end = stpcpy(end, "\n\n");
        end = stpcpy(end, notes->mail[i]);
    }
    if (message != NULL) {
        if (notes->mail_count > 0) end = stpcpy(end, "\n\n");
        stpcpy(end, message);
    }
    drop_mail(mcp, notes);
    return all;
}

/* ---- news and the end --------------------------------------------------- */

void agent_news(struct mcp *mcp, struct mcp_agent *notes)
{
    mcp->changed = true;
    if (notes->news) return;
    notes->news = true;
    mcp->news++;
}

static bool has_left(struct mcp *mcp, moor_agent agent)
{
    moor_status status;

    return moor_status_of(mcp->registry, agent, &status) != MOOR_OK;
}

void agents_forget(struct mcp *mcp, bool all)
{
    for (size_t i = 0; i < MCP_BUCKETS; i++) {
        struct mcp_agent **link = &mcp->agents[i];

        while (*link != NULL) {
            struct mcp_agent *notes = *link;

            if (!all && !has_left(mcp, notes->agent)) {
                link = &notes->next;
                continue;
            }
            *link = notes->next;
            mcp->news -= notes->news;
            drop_mail(mcp, notes);
            free(notes->last_message);
            free(notes);
        }
    }
}

/* ---- closed agents ------------------------------------------------------ */

void closed_forget(struct mcp_closed *closed)
{
    free(closed->result);
    *closed = (struct mcp_closed){0};
}

static void note_result(struct mcp *mcp, moor_agent agent,
                        struct mcp_closed *closed)
{
    moor_result(mcp->registry, agent, NULL, 0, &closed->length);
    closed->result = must_alloc(closed->length + 1, 1);
    moor_result(mcp->registry, agent, closed->result, closed->length,
                &closed->length);
}

void closed_note(struct mcp *mcp, moor_agent agent)
{
    struct mcp_closed *closed = &mcp->closed[mcp->closed_next];
    moor_info info, parent;

    if (moor_info_of(mcp->registry, agent, &info) != MOOR_OK ||
        moor_info_of(mcp->registry, info.parent, &parent) != MOOR_OK) {
        return;
    }
    mcp->closed_next = (mcp->closed_next + 1) % MCP_CLOSED_MAX;
    closed_forget(closed);
    closed->used = true;
    closed->id = info.id;
    closed->parent = parent.id;
    closed->status = info.status;
    strcpy(closed->name, strrchr(info.path, '/') + 1);
    strcpy(closed->nickname, info.nickname);
    strcpy(closed->role, info.role);
    note_result(mcp, agent, closed);
}

struct mcp_closed *closed_find(struct mcp *mcp, const moor_id *id)
{
    for (size_t i = 0; i < MCP_CLOSED_MAX; i++) {
        struct mcp_closed *closed = &mcp->closed[i];

        if (closed->used && memcmp(&closed->id, id, sizeof *id) == 0) {
            return closed;
        }
    }
    return NULL;
}

void closed_free(struct mcp *mcp)
{
    for (size_t i = 0; i < MCP_CLOSED_MAX; i++)
        closed_forget(&mcp->closed[i]);
    free(mcp->closed);
}
