#include "folder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

bool folder_make(struct folder *folder)
{
    const char *above = getenv("TMPDIR");
    int length;

    if (above == NULL || above[0] == '\0') above = "/tmp";
    length = snprintf(folder->path, sizeof folder->path, "%s/moorage-XXXXXX",
                      above);
    if (length >= (int)sizeof folder->path) {
        errno = ENAMETOOLONG;
        return false;
    }
    if (mkdtemp(folder->path) == NULL) return false;
    snprintf(folder->store, sizeof folder->store, "%s/store", folder->path);
    return true;
}

void folder_remove(const struct folder *folder)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-lock"};

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char path[sizeof folder->store + 8];

        snprintf(path, sizeof path, "%s%s", folder->store, ends[i]);
        (void)unlink(path);
    }
    (void)rmdir(folder->path);
}
