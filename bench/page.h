/* What stands around the tables and curves of a report. */
#ifndef BENCH_PAGE_H
#define BENCH_PAGE_H

#include <stdio.h>

void page_begin(FILE *to, const char *title);
void page_end(FILE *to);

/* Text that is not ours, so that it stays text. */
void page_text(FILE *to, const char *text);

/* "614", "1,526", "0.61": three digits or more. */
void page_number(FILE *to, double number);

/* "614 ns", "1.53 µs" */
void page_time(FILE *to, double ns);

#endif
