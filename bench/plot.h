/*
 * Curves of rivals, drawn by gnuplot as SVG that fits a light and a dark page:
 * ink is `currentColor`, and each rival has one colour that both can show.
 */
#ifndef BENCH_PLOT_H
#define BENCH_PLOT_H

#include <stdbool.h>

enum { CURVES_MAX = 16, POINTS_MAX = 16, TICS_MAX = 8 };

struct curve {
    const char *rival;
    double x[POINTS_MAX], y[POINTS_MAX];
    unsigned points;
};

struct tic {
    double at;
    const char *text;
};

/* y is nanoseconds, on a logarithm; x is one, too, unless told not to be. */
struct plot {
    const char *title, *x;
    bool x_linear;
    struct tic tics[TICS_MAX]; /* of x */
    unsigned tics_count;
    struct curve curves[CURVES_MAX];
    unsigned curves_count;
};

/* The curve of a rival, a new one if need be; null: there are too many. */
struct curve *plot_curve(struct plot *plot, const char *rival);

void curve_add(struct curve *curve, double x, double y);

/* "#rrggbb" */
const char *plot_colour(const char *rival);

/* An <svg> element, for free(); `id` keeps the names inside apart from those
 * of other elements of one page.  Null: stderr was told why. */
char *plot_draw(const struct plot *plot, unsigned id);

#endif
