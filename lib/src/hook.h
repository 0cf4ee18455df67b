/*
 * The on-release hook: runs once for each charge of an agent, by the thread
 * whose swap took the slot bit, outside of sections.
 */
#ifndef MOOR_HOOK_H
#define MOOR_HOOK_H

#include "books.h"

static inline void hook_released(moor_registry *books, life which,
                                 moor_status status)
{
    if (books->on_release != NULL) {
        books->on_release(books->on_release_context, books, (moor_agent){which},
                          status);
    }
}

#endif
