/* Two files of results, side by side, round by round. */
#ifndef BENCH_COMPARE_H
#define BENCH_COMPARE_H

/*
 * `bench compare A B [--threshold PERCENT]`.  The exit status: 0, or 1 when a
 * row of moorage got slower by more than the threshold, and not by chance; 2
 * when that cannot be told.
 */
int compare_main(int count, char **arguments);

#endif
