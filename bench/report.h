/* A file of results as one page to look at: tables, and drawn curves. */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include <stdbool.h>

/* `bench report FILE [--out page.html] [--svg DIR]`; the exit status. */
int report_main(int count, char **arguments);

/* `svg` is a folder for the few curves that a text may show; it may be null.
 * False: stderr was told why. */
bool report_write(const char *file, const char *page, const char *svg);

#endif
