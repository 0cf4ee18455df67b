#include "plot.h"

#include <errno.h>
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WIDTH = 560, HEIGHT = 350 };

/* Both ends of a y axis are this far from the outermost points. */
static const double air = 1.25;

/* Names at the ends of curves are at least so far apart, of the height. */
static const double name_height = 0.068;

/* Colours of middling lightness, three to one against white and near-black
 * alike; the shape of the point tells them apart where colour does not. */
static const struct look {
    const char *rival, *colour;
    int point;
} looks[] = {
    { "moorage", "#2273d8", 7 },  { "mutex", "#d9660f", 5 },
    { "sharded", "#2f9a46", 9 },  { "codex", "#93705a", 11 },
    { "ckhs", "#9a5fd4", 13 },    { "lfht", "#0f969c", 4 },
    { "tbb", "#d4468c", 6 },      { "lfht_pool", "#8a8d12", 12 },
    { "nothing", "#838b93", 1 },
};
enum { LOOKS = sizeof looks / sizeof *looks };

/* For rivals that came later. */
static const struct look spare[] = {
    { "", "#3d8f7a", 8 },  { "", "#d64545", 10 }, { "", "#5d77b8", 2 },
    { "", "#b07d12", 14 }, { "", "#6d8f3c", 1 },  { "", "#b25fa8", 3 },
};
enum { SPARE = sizeof spare / sizeof *spare };

static const struct look *look_of(const char *rival)
{
    unsigned sum = 0;

    for (unsigned i = 0; i < LOOKS; i++) {
        if (strcmp(looks[i].rival, rival) == 0) return &looks[i];
    }
    for (const char *at = rival; *at != '\0'; at++) {
        sum = sum * 31 + (unsigned char)*at;
    }
    return &spare[sum % SPARE];
}

const char *plot_colour(const char *rival)
{
    return look_of(rival)->colour;
}

static bool is_ours(const struct curve *curve)
{
    return strcmp(curve->rival, "moorage") == 0;
}

struct curve *plot_curve(struct plot *plot, const char *rival)
{
    for (unsigned i = 0; i < plot->curves_count; i++) {
        if (strcmp(plot->curves[i].rival, rival) == 0) return &plot->curves[i];
    }
    if (plot->curves_count == CURVES_MAX) return NULL;
    struct curve *curve = &plot->curves[plot->curves_count++];
    *curve = (struct curve){ .rival = rival };
    return curve;
}

/* In the order of x; what is not above zero has no place on a logarithm. */
void curve_add(struct curve *curve, double x, double y)
{
    unsigned at = curve->points;

    if (!(y > 0) || at == POINTS_MAX) return;
    for (; at > 0 && curve->x[at - 1] > x; at--) {
        curve->x[at] = curve->x[at - 1];
        curve->y[at] = curve->y[at - 1];
    }
    curve->x[at] = x;
    curve->y[at] = y;
    curve->points++;
}

struct range {
    double low, high;
};

static struct range range_of(const struct plot *plot, bool of_x)
{
    struct range range = { INFINITY, 0 };

    for (unsigned i = 0; i < plot->curves_count; i++) {
        const struct curve *curve = &plot->curves[i];
        for (unsigned k = 0; k < curve->points; k++) {
            double value = of_x ? curve->x[k] : curve->y[k];
            if (value < range.low) range.low = value;
            if (value > range.high) range.high = value;
        }
    }
    return range;
}

/* Names are out of a file: only what a name or a caption needs comes through
 * to gnuplot and to the SVG. */
static char plain(char character)
{
    static const char known[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
        " .,:;()_+-/=%";

    return strchr(known, character) != NULL ? character : '?';
}

/* In single quotes gnuplot replaces nothing. */
static void quote(FILE *to, const char *text)
{
    fputc('\'', to);
    for (; *text != '\0'; text++) fputc(plain(*text), to);
    fputc('\'', to);
}

/* A little room at both ends. */
static void write_x_range(FILE *to, const struct plot *plot)
{
    struct range x = range_of(plot, true);

    if (plot->x_linear) {
        double room = (x.high - x.low) * 0.03 + 1e-9;
        x = (struct range){ x.low - room, x.high + room };
    } else {
        double room = pow(x.high / x.low, 0.03) * 1.000001;
        x = (struct range){ x.low / room, x.high * room };
        fputs("set logscale x\n", to);
    }
    fprintf(to, "set xrange [%.9g:%.9g]\n", x.low, x.high);
}

static void write_time(FILE *to, double ns)
{
    static const char *const units[] = { "ns", "µs", "ms", "s" };
    unsigned unit = 0;

    while (ns > 999.5 && unit < 3) {
        ns /= 1000;
        unit++;
    }
    fprintf(to, "'%.3g %s'", ns, units[unit]);
}

/* At the powers of ten, and at 2 and 5 where there are few of those. */
static void write_y_tics(FILE *to, struct range y)
{
    const bool narrow = y.high / y.low < 300;
    const char *before = "set ytics (";

    for (double ten = pow(10, floor(log10(y.low))); ten <= y.high; ten *= 10) {
        for (unsigned step = 1; step <= 5; step += step == 1 ? 1 : 3) {
            if (step * ten < y.low || step * ten > y.high) continue;
            if (step > 1 && !narrow) continue;
            fputs(before, to);
            write_time(to, step * ten);
            fprintf(to, " %.9g", step * ten);
            before = ", ";
        }
    }
    fputs(before[0] == ',' ? ")\nunset mytics\n" : "", to);
}

static void write_axes(FILE *to, const struct plot *plot, struct range y)
{
    fprintf(to,
            "set terminal svg size %d,%d dynamic noenhanced font "
            "'system-ui,sans-serif,13'\n"
            "set encoding utf8\n"
            "set border 3 lc rgb '#010203' lw 0.6\n"
            "set tics nomirror scale 0.6 tc rgb '#010203'\n"
            "set grid ytics lc rgb '#858585' lw 0.25 dt 1\n"
            "unset key\n"
            "set lmargin 8\nset rmargin 13\nset tmargin 2.5\n"
            "set logscale y\nset yrange [%.9g:%.9g]\n",
            WIDTH, HEIGHT, y.low, y.high);
    write_x_range(to, plot);
    write_y_tics(to, y);
    fputs("set title ", to);
    quote(to, plot->title);
    fputs(" tc rgb '#010203' offset 0,-0.3\nset xlabel ", to);
    quote(to, plot->x);
    fputs(" tc rgb '#010203'\nset xtics (", to);
    for (unsigned i = 0; i < plot->tics_count; i++) {
        fputs(i > 0 ? ", " : "", to);
        quote(to, plot->tics[i].text);
        fprintf(to, " %.9g", plot->tics[i].at);
    }
    fputs(")\nunset mxtics\n", to);
}

/* A name at the right: where its curve ends, and where there is room. */
struct end {
    const struct curve *curve;
    double at, place; /* shares of the height of the axis */
};

static int by_height(const void *a, const void *b)
{
    double left = ((const struct end *)a)->at;
    double right = ((const struct end *)b)->at;

    return (left > right) - (left < right);
}

/* From below, each one is pushed up to clear the one before; if that runs over
 * the top, from above, each one is pushed down. */
static void spread_out(struct end *ends, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        double least = i > 0 ? ends[i - 1].place + name_height : 0;
        ends[i].place = ends[i].at > least ? ends[i].at : least;
    }
    for (unsigned i = count; i-- > 0;) {
        double most = i + 1 < count ? ends[i + 1].place - name_height : 1;
        if (ends[i].place > most) ends[i].place = most;
    }
}

static unsigned find_ends(const struct plot *plot, struct range y,
                          struct end *ends)
{
    unsigned count = 0;

    for (unsigned i = 0; i < plot->curves_count; i++) {
        const struct curve *curve = &plot->curves[i];
        if (curve->points == 0) continue;
        double last = curve->y[curve->points - 1];
        ends[count++] = (struct end){
            .curve = curve,
            .at = log(last / y.low) / log(y.high / y.low),
        };
    }
    qsort(ends, count, sizeof *ends, by_height);
    spread_out(ends, count);
    return count;
}

/* A name stands beside a point of its colour, with a line to where its curve
 * ends. */
static void write_ends(FILE *to, const struct plot *plot, struct range y)
{
    struct end ends[CURVES_MAX];
    unsigned count = find_ends(plot, y, ends);

    for (unsigned i = 0; i < count; i++) {
        const struct curve *curve = ends[i].curve;
        const struct look *look = look_of(curve->rival);
        const unsigned last = curve->points - 1;

        fprintf(to,
                "set arrow from first %.9g,%.9g to graph 1.03,%.4f nohead "
                "lc rgb '%s' lw 0.7 dt 3\nset label ",
                curve->x[last], curve->y[last], ends[i].place, look->colour);
        quote(to, curve->rival);
        fprintf(to,
                " at graph 1.03,%.4f tc rgb '#010203' point pt %d ps %g "
                "lc rgb '%s' offset 0.9,-0.35%s\n",
                ends[i].place, look->point, is_ours(curve) ? 0.9 : 0.65,
                look->colour,
                is_ours(curve) ? " font 'system-ui,sans-serif bold,13'" : "");
    }
}

/* In the order of drawing: moorage comes last, on top of the others. */
static unsigned draw_order(const struct plot *plot, const struct curve **order)
{
    unsigned count = 0;

    for (unsigned i = 0; i < 2 * plot->curves_count; i++) {
        const struct curve *curve = &plot->curves[i % plot->curves_count];
        if (curve->points > 0 && is_ours(curve) == (i >= plot->curves_count)) {
            order[count++] = curve;
        }
    }
    return count;
}

static void write_curves(FILE *to, const struct plot *plot)
{
    const struct curve *order[CURVES_MAX];
    const unsigned count = draw_order(plot, order);

    for (unsigned i = 0; i < count; i++) {
        fprintf(to, "$curve%u << END\n", i);
        for (unsigned k = 0; k < order[i]->points; k++) {
            fprintf(to, "%.9g %.9g\n", order[i]->x[k], order[i]->y[k]);
        }
        fputs("END\n", to);
    }
    for (unsigned i = 0; i < count; i++) {
        const struct look *look = look_of(order[i]->rival);
        const bool ours = is_ours(order[i]);

        fprintf(to,
                "%s$curve%u using 1:2 with linespoints lc rgb '%s' lw %g "
                "pt %d ps %g",
                i == 0 ? "plot " : ", \\\n  ", i, look->colour,
                ours ? 3.0 : 1.2, look->point, ours ? 0.7 : 0.5);
    }
    fputc('\n', to);
}

static FILE *write_script(const struct plot *plot)
{
    FILE *script = tmpfile();
    struct range y = range_of(plot, false);

    if (script == NULL) {
        perror("bench: a temporary file");
        return NULL;
    }
    y.low /= air;
    y.high *= air;
    write_axes(script, plot, y);
    write_ends(script, plot, y);
    write_curves(script, plot);
    if (fflush(script) != 0 || fseek(script, 0, SEEK_SET) != 0) {
        perror("bench: a temporary file");
        fclose(script);
        return NULL;
    }
    return script;
}

/* All that can be read, as a string. */
static char *read_all(int from)
{
    size_t room = 1 << 16, length = 0;
    char *text = malloc(room);
    ssize_t got = 1;

    while (text != NULL && got != 0) {
        if (room - length < 1 << 12) text = realloc(text, room *= 2);
        if (text == NULL) break;
        got = read(from, text + length, room - length - 1);
        if (got < 0 && errno != EINTR) break;
        if (got > 0) length += (size_t)got;
    }
    if (text == NULL) abort();
    text[length] = '\0';
    return text;
}

extern char **environ;

/* Starts it with the script as its input; what it writes is to be read. */
static int start_gnuplot(FILE *script, int out[2], pid_t *child)
{
    char name[] = "gnuplot";
    char *const arguments[] = { name, NULL };
    posix_spawn_file_actions_t actions;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fileno(script), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, out[0]);
    int error =
        posix_spawnp(child, name, &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

static char *run_gnuplot(FILE *script)
{
    int out[2], status;
    pid_t child;

    if (pipe(out) != 0) {
        perror("bench: pipe");
        return NULL;
    }
    int error = start_gnuplot(script, out, &child);
    close(out[1]);
    if (error != 0) {
        close(out[0]);
        fprintf(stderr,
                "bench: gnuplot, which draws the curves, does not start: %s "
                "(Debian and Ubuntu: gnuplot-nox)\n",
                strerror(error));
        return NULL;
    }
    char *drawn = read_all(out[0]);
    close(out[0]);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 ||
        strstr(drawn, "</svg>") == NULL) {
        fputs("bench: gnuplot failed\n", stderr);
        free(drawn);
        return NULL;
    }
    return drawn;
}

/* The text with every `old` made new, for free(); takes `text`. */
static char *replace(char *text, const char *old, const char *new)
{
    const size_t old_length = strlen(old), new_length = strlen(new);
    size_t count = 0;

    for (const char *at = text; (at = strstr(at, old)) != NULL;
         at += old_length) {
        count++;
    }
    char *made = malloc(strlen(text) + count * new_length + 1), *to = made;
    if (made == NULL) abort();
    for (const char *from = text, *at; count > 0; from = at + old_length) {
        at = strstr(from, old);
        memcpy(to, from, (size_t)(at - from));
        memcpy(to + (at - from), new, new_length);
        to += (size_t)(at - from) + new_length;
        if (--count == 0) strcpy(to, at + old_length);
    }
    if (to == made) strcpy(made, text);
    free(text);
    return made;
}

/* No line ends in a blank: a page may be kept where those are not wanted. */
static void trim_lines(char *text)
{
    char *to = text;

    for (const char *from = text; *from != '\0'; from++) {
        if (*from == '\n') {
            while (to > text && (to[-1] == ' ' || to[-1] == '\t')) to--;
        }
        *to++ = *from;
    }
    *to = '\0';
}

/* gnuplot's title of one of its parts, made one that says something. */
static char *name_part(char *drawn, const char *part, const char *name)
{
    char old[64], new[128];

    snprintf(old, sizeof old, "<title>%s</title>", part);
    snprintf(new, sizeof new, "<title>%.100s</title>", name);
    for (char *at = new + 7; *at != '<'; at++) *at = plain(*at);
    return replace(drawn, old, new);
}

/* The titles, which a pointer shows; the names inside; the ink's colour. */
static char *adapt(char *drawn, const struct plot *plot, unsigned id)
{
    static const char *const parts[] = { "gpPt", "gpDot", "gnuplot_" };
    const struct curve *order[CURVES_MAX];
    const unsigned count = draw_order(plot, order);
    char *begin = strstr(drawn, "<svg"), part[32];

    if (begin != NULL) memmove(drawn, begin, strlen(begin) + 1);
    trim_lines(drawn);
    drawn = name_part(drawn, "Gnuplot", plot->title);
    for (unsigned i = 0; i < count; i++) {
        snprintf(part, sizeof part, "$curve%u using 1:2", i);
        drawn = name_part(drawn, part, order[i]->rival);
    }
    for (unsigned i = 0; i < sizeof parts / sizeof *parts; i++) {
        snprintf(part, sizeof part, "p%u%s", id, parts[i]);
        drawn = replace(drawn, parts[i], part);
    }
    drawn = replace(drawn, " color=\"black\"", "");
    drawn = replace(drawn, " color=\"white\"", "");
    drawn = replace(drawn, "rgb(1,2,3)", "currentColor");
    return replace(drawn, "rgb(  1,   2,   3)", "currentColor");
}

char *plot_draw(const struct plot *plot, unsigned id)
{
    FILE *script = write_script(plot);

    if (script == NULL) return NULL;
    char *drawn = run_gnuplot(script);
    fclose(script);
    return drawn == NULL ? NULL : adapt(drawn, plot, id);
}
