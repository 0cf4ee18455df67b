/*
 * The page is made in memory and written at the end, so that one that could
 * not be finished is not taken for one that could.
 */
#include "report.h"

#include "page.h"
#include "report_parts.h"
#include "workload.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { CAPTION = 160 };

static const char usage[] =
    "usage: bench report FILE [--out PAGE] [--svg DIR]\n"
    "  FILE   what `bench --out` wrote\n"
    "  --out  the page; default report.html\n"
    "  --svg  also write life.svg, tails.svg and open.svg there\n";

struct report {
    const struct document *document;
    FILE *to;
    unsigned plots;
    bool fine;
};

static const char *noun(unsigned count, const char *one, const char *many)
{
    return count == 1 ? one : many;
}

/* "life; 1,000 agents; 2 threads"; what is 0 is left out. */
static void describe(char caption[CAPTION], const char *workload,
                     const char *call, unsigned agents, unsigned threads)
{
    FILE *to = fmemopen(caption, CAPTION, "w");

    if (to == NULL) abort();
    fprintf(to, "%.40s%s%.40s", workload, *call != '\0' ? ", " : "", call);
    if (agents > 0) {
        fputs("; ", to);
        page_number(to, agents);
        fputs(noun(agents, " agent", " agents"), to);
    }
    if (threads > 0) {
        fprintf(to, "; %u %s", threads, noun(threads, "thread", "threads"));
    }
    fclose(to);
}

static void show(struct report *report, struct plot *plot, const char *title)
{
    if (!report->fine) return;
    plot->title = title;
    char *drawn = plot_draw(plot, ++report->plots);
    report->fine = drawn != NULL;
    if (drawn == NULL) return;
    fputs("<figure>\n", report->to);
    fputs(drawn, report->to);
    fputs("</figure>\n", report->to);
    free(drawn);
}

static void show_threads(struct report *report, const char *workload,
                         unsigned agents)
{
    struct plot plot;
    char title[CAPTION];

    if (!curve_threads(report->document, workload, agents, &plot)) return;
    describe(title, workload, "", agents, 0);
    show(report, &plot, title);
}

static void show_agents(struct report *report, const char *workload,
                        unsigned threads)
{
    struct plot plot;
    char title[CAPTION];

    if (!curve_agents(report->document, workload, threads, &plot)) return;
    describe(title, workload, "", 0, threads);
    show(report, &plot, title);
}

static void show_tail(struct report *report, const char *workload,
                      const char *call, unsigned agents, unsigned threads)
{
    struct plot plot;
    char title[CAPTION];

    if (!curve_tail(report->document, workload, call, agents, threads, &plot)) {
        return;
    }
    describe(title, workload, call, agents, threads);
    show(report, &plot, title);
}

static void write_title(struct report *report, const char *workload)
{
    fputs("<h2>", report->to);
    page_text(report->to, workload);
    fputs("</h2>\n", report->to);
    for (unsigned i = 0; i < workloads_count; i++) {
        if (strcmp(workloads[i].name, workload) != 0) continue;
        fputs("<p>", report->to);
        page_text(report->to, workloads[i].what);
        fputs("</p>\n", report->to);
    }
}

/* The one to show if only one is shown. */
static unsigned chosen(const struct values *values, unsigned wish)
{
    return values_have(values, wish) ? wish : values->at[values->count - 1];
}

/* A whole life is looked at from more sides than the rest. */
static void write_curves(struct report *report, const char *workload)
{
    const struct values agents = part_agents(report->document, workload);
    const struct values threads = part_threads(report->document, workload);

    fputs("<div class=\"curves\">\n", report->to);
    if (strstr(workload, "life") != NULL) {
        for (unsigned i = 0; i < agents.count; i++) {
            show_threads(report, workload, agents.at[i]);
        }
        for (unsigned i = 0; i < threads.count; i++) {
            show_agents(report, workload, threads.at[i]);
        }
    } else {
        show_threads(report, workload, chosen(&agents, 1000));
        show_agents(report, workload, chosen(&threads, 2));
    }
    fputs("</div>\n", report->to);
}

static void write_rounds(struct report *report, const char *workload)
{
    write_title(report, workload);
    write_curves(report, workload);
    fputs("<details><summary>All numbers: ns, the harness taken off; times "
          "moorage, round by round; spread</summary>\n", report->to);
    table_rounds(report->to, report->document, workload);
    fputs("</details>\n", report->to);
}

/* The calls that were timed one by one; "" is the whole. */
static void write_tail_curves(struct report *report, const char *workload,
                              unsigned agents, unsigned threads)
{
    const struct document *document = report->document;

    for (unsigned i = 0; i < document->count; i++) {
        const struct entry *entry = &document->entries[i];
        if (entry->timed && entry->agents == agents &&
            entry->threads == threads &&
            strcmp(entry->workload, workload) == 0 &&
            strcmp(entry->rival, "moorage") == 0) {
            show_tail(report, workload, entry->call, agents, threads);
        }
    }
}

/* With the crews from `first` on. */
static void write_tails_of(struct report *report, const char *workload,
                           unsigned agents, const struct values *threads,
                           unsigned first)
{
    fputs("<div class=\"curves\">\n", report->to);
    for (unsigned i = first; i < threads->count; i++) {
        write_tail_curves(report, workload, agents, threads->at[i]);
    }
    fputs("</div>\n<details><summary>All numbers</summary>\n", report->to);
    for (unsigned i = first; i < threads->count; i++) {
        fprintf(report->to, "<p>%u %s</p>\n", threads->at[i],
                noun(threads->at[i], "thread", "threads"));
        table_latencies(report->to, report->document, workload, agents,
                        threads->at[i]);
    }
    fputs("</details>\n", report->to);
}

/* The rate at which the open loop sends, if this was one. */
static double rate_of(const struct document *document, const char *workload,
                      unsigned threads)
{
    for (unsigned i = 0; i < document->count; i++) {
        const struct entry *entry = &document->entries[i];
        if (entry->rate > 0 && entry->threads == threads &&
            strcmp(entry->workload, workload) == 0) {
            return entry->rate;
        }
    }
    return 0;
}

static void write_rates(struct report *report, const char *workload,
                        const struct values *threads)
{
    fputs("<p>Whole lives that begin by the clock, whether the one before has "
          "ended or not, at the same rate for all; each is timed from when it "
          "should have begun. &ldquo;Nothing&rdquo; is the harness, alone "
          "with the clock.", report->to);
    for (unsigned i = 0; i < threads->count; i++) {
        fprintf(report->to, " With %u %s: ", threads->at[i],
                noun(threads->at[i], "thread", "threads"));
        page_number(report->to,
                    rate_of(report->document, workload, threads->at[i]));
        fputs(" lives a second.", report->to);
    }
    fputs("</p>\n", report->to);
}

/* A clock is shown with every crew, calls only with the largest. */
static void write_tails(struct report *report, const char *workload)
{
    const struct values agents = part_agents(report->document, workload);
    const struct values threads = part_threads(report->document, workload);
    const unsigned last = threads.count - 1, shown = chosen(&agents, 1000);

    write_title(report, workload);
    if (rate_of(report->document, workload, threads.at[last]) > 0) {
        write_rates(report, workload, &threads);
        write_tails_of(report, workload, shown, &threads, 0);
        return;
    }
    fputs("<p>The calls of a life, each one timed, one after the other. A "
          "thread that loses its processor within a call is charged for it."
          "</p>\n", report->to);
    write_tails_of(report, workload, shown, &threads, last);
}

static bool is_first(const struct document *document, unsigned at)
{
    for (unsigned i = 0; i < at; i++) {
        if (strcmp(document->entries[i].workload,
                   document->entries[at].workload) == 0) {
            return false;
        }
    }
    return true;
}

/* What is measured in rounds; the whole life before its parts. */
static void write_all_rounds(struct report *report, bool lives)
{
    const struct document *document = report->document;

    for (unsigned i = 0; i < document->count; i++) {
        const struct entry *entry = &document->entries[i];
        const bool life = strcmp(entry->workload, "life") == 0;

        if (is_first(document, i) && part_is_of(entry, entry->workload) &&
            life == lives) {
            write_rounds(report, entry->workload);
        }
    }
}

static void write_all_tails(struct report *report)
{
    const struct document *document = report->document;

    for (unsigned i = 0; i < document->count; i++) {
        if (is_first(document, i) && document->entries[i].timed) {
            write_tails(report, document->entries[i].workload);
        }
    }
}

static bool has_figures(const struct document *document)
{
    for (unsigned i = 0; i < document->count; i++) {
        if (document->entries[i].figure) return true;
    }
    return false;
}

static void write_sections(struct report *report)
{
    write_all_rounds(report, true);
    write_all_tails(report);
    write_all_rounds(report, false);
    if (!has_figures(report->document)) return;
    fputs("<h2>Figures</h2>\n<p>What is not a comparison: memory, pauses, "
          "and the cost beside the floor of the machine.</p>\n", report->to);
    table_figures(report->to, report->document);
}

static void write_page(struct report *report)
{
    page_begin(report->to, "moorage beside its rivals");
    fputs("<p>Every rival keeps the same books, and does the same work, in "
          "the same run; they take turns, round by round. Nanoseconds drift "
          "with the machine: the ratios are what counts.</p>\n", report->to);
    table_context(report->to, report->document);
    fputs("<p class=\"soft\">Curves are the medians of all rounds, of one "
          "operation on one processor, on logarithmic axes: lower is better, "
          "and flat is what more threads should cost. &ldquo;Agents&rdquo; "
          "are in the books throughout, besides those that are measured. In "
          "the curves of latencies, each step to the right leaves a tenth as "
          "many calls. What the harness costs by itself was taken off, and "
          "stands in the tables.</p>\n", report->to);
    write_sections(report);
    page_end(report->to);
}

/* The page as text, for free(); null: it could not be finished. */
static char *make_page(const struct document *document)
{
    struct report report = { .document = document, .fine = true };
    char *text = NULL;
    size_t length;

    report.to = open_memstream(&text, &length);
    if (report.to == NULL) abort();
    write_page(&report);
    bool fine = ferror(report.to) == 0;
    if ((fclose(report.to) != 0 || !fine) && report.fine) {
        fputs("bench: no memory for the page\n", stderr);
        report.fine = false;
    }
    if (report.fine) return text;
    free(text);
    return NULL;
}

static bool write_file(const char *name, const char *text)
{
    FILE *to = fopen(name, "w");
    bool fine = to != NULL && fputs(text, to) >= 0;

    if (to != NULL) fine &= fclose(to) == 0;
    if (!fine) fprintf(stderr, "bench: %s: %s\n", name, strerror(errno));
    return fine;
}

/* For a text that shows the picture by itself, on a page of any lightness. */
static bool write_svg(const char *folder, const char *name, struct plot *plot)
{
    static const char style[] =
        "<style>svg { color: #1f2328 } @media (prefers-color-scheme: dark) "
        "{ svg { color: #e6edf3 } }</style>";
    char *drawn = plot_draw(plot, 0), *text = NULL, *file = NULL;
    bool fine = drawn != NULL;

    if (fine) {
        char *body = strchr(drawn, '>') + 1;
        if (asprintf(&text, "%.*s%s%s", (int)(body - drawn), drawn, style,
                     body) < 0 ||
            asprintf(&file, "%s/%s", folder, name) < 0) {
            abort();
        }
        fine = write_file(file, text);
    }
    free(drawn);
    free(text);
    free(file);
    return fine;
}

struct picture {
    const char *file, *title, *workload, *call;
};

static const struct picture pictures[] = {
    { "life.svg", "A whole life; 1,000 agents", "life", NULL },
    { "tails.svg", "One spawn; 1,000 agents, 16 threads", "life_calls",
      "spawn" },
    { "open.svg", "Lives begun by the clock; 1,000 agents, 16 threads",
      "life_open", "" },
};
enum { PICTURES = sizeof pictures / sizeof *pictures };

static bool plot_picture(const struct document *document,
                         const struct picture *picture, struct plot *plot)
{
    bool fine = picture->call == NULL
                    ? curve_threads(document, picture->workload, 1000, plot)
                    : curve_tail(document, picture->workload, picture->call,
                                 1000, 16, plot);

    plot->title = picture->title;
    return fine;
}

/* Those that the file has the numbers for. */
static bool write_svgs(const struct document *document, const char *folder)
{
    bool fine = true, any = false;

    if (mkdir(folder, 0777) != 0 && errno != EEXIST) {
        fprintf(stderr, "bench: %s: %s\n", folder, strerror(errno));
        return false;
    }
    for (unsigned i = 0; i < PICTURES && fine; i++) {
        struct plot plot;

        if (!plot_picture(document, &pictures[i], &plot)) continue;
        any = true;
        fine = write_svg(folder, pictures[i].file, &plot);
    }
    if (!any) {
        fprintf(stderr, "bench: %s: has no life of 1,000 agents to draw\n",
                document->file);
    }
    return fine && any;
}

bool report_write(const char *file, const char *page, const char *svg)
{
    struct document document;

    if (!document_read(&document, file)) return false;
    char *text = make_page(&document);
    bool fine = text != NULL && write_file(page, text);
    if (fine && svg != NULL) fine = write_svgs(&document, svg);
    free(text);
    document_free(&document);
    return fine;
}

static int fail(const char *what)
{
    fprintf(stderr, "bench report: %s\n%s", what, usage);
    return 2;
}

int report_main(int count, char **arguments)
{
    static const struct option known[] = {
        { "out", required_argument, NULL, 1 },
        { "svg", required_argument, NULL, 2 },
        { NULL, 0, NULL, 0 },
    };
    const char *page = "report.html", *svg = NULL;
    int option;

    while ((option = getopt_long(count, arguments, "", known, NULL)) != -1) {
        switch (option) {
        case 1: page = optarg; break;
        case 2: svg = optarg; break;
        default: return fail("unknown option");
        }
    }
    if (count - optind != 1) return fail("one file, please");
    return report_write(arguments[optind], page, svg) ? 0 : 2;
}
