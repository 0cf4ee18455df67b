/*
 * Rounds of one number are compared with each other, and the median of those
 * ratios is what is seen.  Its spread is the middle half of them: a row has
 * got slower when even its lower quarter is past the threshold.  So a single
 * disturbed round decides nothing.
 *
 * Only rows of moorage are judged.  Those of the rivals tell how much of it
 * was the machine: their code has not changed.
 */
#include "compare.h"

#include "document.h"

#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAIRS_MIN = 3 }; /* fewer have no quarters */

static const char usage[] =
    "usage: bench compare A B [--threshold PERCENT]\n"
    "  A, B         files that `bench --out` wrote, the older one first\n"
    "  --threshold  how much slower moorage may have become; default 10\n";

struct comparison {
    double ratio, low, high; /* of B to A: median, and quarters */
    unsigned pairs;
};

struct tally {
    unsigned common, judged, slower, rounds_few;
    double *rivals; /* ratios of the rows that are not moorage's */
    unsigned rivals_count;
};

static int ascending(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

static struct comparison compare(const struct entry *a, const struct entry *b)
{
    struct comparison made = { .ratio = NAN, .low = NAN, .high = NAN };
    double ratios[ROUNDS_MAX];

    for (unsigned i = 0; i < a->rounds && i < b->rounds; i++) {
        if (a->real[i] > 0 && b->real[i] > 0) {
            ratios[made.pairs++] = b->real[i] / a->real[i];
        }
    }
    if (made.pairs == 0) return made;
    qsort(ratios, made.pairs, sizeof *ratios, ascending);
    made.ratio = median(ratios, made.pairs);
    made.low = ratios[made.pairs / 4];
    made.high = ratios[made.pairs - 1 - made.pairs / 4];
    return made;
}

/* A row of moorage that is slower is the only thing to shout about. */
static const char *verdict(const struct comparison *seen, double threshold,
                           bool ours)
{
    if (seen->pairs < PAIRS_MIN) return "";
    if (seen->low > 1 + threshold) return ours ? "SLOWER" : "slower";
    if (seen->high < 1 / (1 + threshold)) return "faster";
    if (seen->ratio > 1 + threshold) return "slower? within its spread";
    return "same";
}

static void print_row(const struct entry *a, const struct entry *b,
                      const struct comparison *seen, const char *word)
{
    printf("%-52s %11.1f %11.1f %7.3f", a->name, entry_median(a),
           entry_median(b), seen->ratio);
    if (seen->pairs >= PAIRS_MIN) {
        printf("  %6.3f to %6.3f", seen->low, seen->high);
    } else {
        printf("  %-16s", seen->pairs == 1 ? "one round" : "few rounds");
    }
    printf("%s%s\n", *word != '\0' ? "  " : "", word);
}

static void judge(const struct entry *a, const struct entry *b,
                  double threshold, struct tally *tally)
{
    const struct comparison seen = compare(a, b);
    const bool ours = strcmp(a->rival, "moorage") == 0;
    const bool judged = ours && seen.pairs >= PAIRS_MIN;

    tally->common++;
    tally->judged += judged;
    tally->rounds_few += ours && !judged;
    tally->slower += judged && seen.low > 1 + threshold;
    if (!ours && !a->figure && seen.pairs > 0) {
        tally->rivals[tally->rivals_count++] = seen.ratio;
    }
    print_row(a, b, &seen, verdict(&seen, threshold, ours));
}

/* Names of `of` that `other` does not have. */
static void print_alone(const struct document *of, const struct document *other)
{
    unsigned count = 0;

    for (unsigned i = 0; i < of->count; i++) {
        if (document_find(other, of->entries[i].name) != NULL) continue;
        if (count++ == 0) printf("only in %s:\n", of->file);
        printf("  %s\n", of->entries[i].name);
    }
}

static void warn(const char *what, const char *a, const char *b)
{
    if (strcmp(a, b) == 0) return;
    printf("not the same %s: \"%s\" and \"%s\"\n", what, a, b);
}

static void print_context(const struct document *a, const struct document *b)
{
    printf("A: %s (commit %s, %s)\nB: %s (commit %s, %s)\n", a->file,
           a->context.commit, a->context.date, b->file, b->context.commit,
           b->context.date);
    warn("machine", a->context.model, b->context.model);
    warn("number of processors", a->context.processors, b->context.processors);
    warn("compiler", a->context.compiler, b->context.compiler);
    warn("build type", a->context.build, b->context.build);
}

static int conclude(const struct tally *tally, double threshold)
{
    if (tally->rivals_count > 0) {
        qsort(tally->rivals, tally->rivals_count, sizeof *tally->rivals,
              ascending);
        printf("rows of the others, which tell what the machine did: "
               "median ratio %.3f\n",
               tally->rivals[tally->rivals_count / 2]);
    }
    if (tally->rounds_few > 0) {
        printf("rows of moorage with fewer than %d rounds, not judged: %u\n",
               PAIRS_MIN, tally->rounds_few);
    }
    if (tally->judged == 0) {
        fprintf(stderr, "bench: no row of moorage has %d rounds in both files:"
                        " nothing to judge\n", PAIRS_MIN);
        return 2;
    }
    printf("%u rows of moorage judged, %u slower by more than %g %%\n",
           tally->judged, tally->slower, threshold * 100);
    return tally->slower > 0 ? 1 : 0;
}

static int compare_documents(const struct document *a,
                             const struct document *b, double threshold)
{
    struct tally tally = { .rivals = calloc(a->count, sizeof(double)) };

    if (tally.rivals == NULL) abort();
    print_context(a, b);
    printf("%-52s %11s %11s %7s  %-16s\n", "ns, medians of the rounds", "A",
           "B", "B / A", "middle half");
    for (unsigned i = 0; i < a->count; i++) {
        const struct entry *other = document_find(b, a->entries[i].name);
        if (other != NULL) judge(&a->entries[i], other, threshold, &tally);
    }
    print_alone(a, b);
    print_alone(b, a);
    int status = conclude(&tally, threshold);
    free(tally.rivals);
    return status;
}

static int fail(const char *what)
{
    fprintf(stderr, "bench compare: %s\n%s", what, usage);
    return 2;
}

int compare_main(int count, char **arguments)
{
    static const struct option known[] = {
        { "threshold", required_argument, NULL, 1 },
        { NULL, 0, NULL, 0 },
    };
    struct document a, b;
    double threshold = 10;
    int option;

    while ((option = getopt_long(count, arguments, "", known, NULL)) != -1) {
        char *end;
        if (option != 1) return fail("unknown option");
        threshold = strtod(optarg, &end);
        if (end == optarg || *end != '\0' ||
            !(threshold >= 0 && threshold <= 1000)) {
            return fail("the threshold is a percentage, 0 to 1000");
        }
    }
    if (count - optind != 2) return fail("two files, please");
    if (!document_read(&a, arguments[optind])) return 2;
    if (!document_read(&b, arguments[optind + 1])) {
        document_free(&a);
        return 2;
    }
    int status = compare_documents(&a, &b, threshold / 100);
    document_free(&a);
    document_free(&b);
    return status;
}
