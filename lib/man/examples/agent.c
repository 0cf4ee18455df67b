/* Statuses and ids. */
#include <moorage/moorage.h>
#include <string.h>

#include "need.h"

/* What a list of agents shows of each. */
static const char *mark(moor_status status)
{
    if (moor_holds_slot(status)) return "*";
    if (moor_is_final(status)) return "-";
    return moor_is_evictable(status) ? "z" : " ";
}

static void line(moor_status status)
{
    printf("%s %s\n", mark(status), moor_status_name(status));
}

/* An id from elsewhere, and as text again. */
static bool same_text(const char *text)
{
    char again[MOOR_ID_TEXT];
    moor_id id;

    if (moor_id_parse(text, &id) != MOOR_OK) return false;
    moor_id_format(id, again);
    return strcmp(text, again) == 0;
}

int main(void)
{
    line(MOOR_STATUS_RUNNING);
    line(MOOR_STATUS_INTERRUPTED);
    need(same_text("0192f0c1-7a3b-7cde-8f01-23456789abcd"));
    need(!same_text("nobody"));
    return need_failed;
}
