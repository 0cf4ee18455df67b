/* What an answer means, for a log. */
#include <moorage/moorage.h>

#include "need.h"

static void say(moor_error error)
{
    if (error == MOOR_OK) return;
    fprintf(stderr, "%s: %s\n", moor_error_name(error), moor_error_text(error));
}

int main(void)
{
    say(MOOR_WRONG_STATUS);
    need(moor_error_text(MOOR_OK) != NULL);
    return need_failed;
}
