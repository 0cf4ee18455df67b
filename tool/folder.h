/* A folder with a store in it, which goes with it. */
#ifndef MOORAGE_TOOL_FOLDER_H
#define MOORAGE_TOOL_FOLDER_H

#include <stdbool.h>

struct folder {
    char path[256];
    char store[264]; /* the path of the store */
};

/* In $TMPDIR, else in /tmp.  False: it cannot be made, and errno says why. */
bool folder_make(struct folder *folder);
void folder_remove(const struct folder *folder);

#endif
