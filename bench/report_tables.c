#include "report_parts.h"

#include <math.h>
#include <string.h>

#include "page.h"

enum { RIVALS_SHOWN = 16 };

static const char *const ours_name = "moorage";

/* The rivals of a workload, as they come. */
struct columns {
    const char *at[RIVALS_SHOWN];
    unsigned count;
};

static void put_column(struct columns *columns, const char *rival)
{
    for (unsigned i = 0; i < columns->count; i++) {
        if (strcmp(columns->at[i], rival) == 0) return;
    }
    if (columns->count < RIVALS_SHOWN) columns->at[columns->count++] = rival;
}

static const char *class_of(const char *rival)
{
    return strcmp(rival, ours_name) == 0 ? " class=\"ours\"" : "";
}

static void write_rival(FILE *to, const char *rival)
{
    fprintf(to, "<span class=\"dot\" style=\"background:%s\"></span>",
            plot_colour(rival));
    page_text(to, rival);
}

static void write_pair(FILE *to, const char *what, const char *text)
{
    if (*text == '\0') return;
    fprintf(to, "<dt>%s</dt><dd>", what);
    page_text(to, text);
    fputs("</dd>\n", to);
}

void table_context(FILE *to, const struct document *document)
{
    const struct document_context *context = &document->context;

    fputs("<dl>\n", to);
    write_pair(to, "date", context->date);
    write_pair(to, "commit", context->commit);
    write_pair(to, "processor", context->model);
    write_pair(to, "processors in use", context->processors);
    write_pair(to, "compiler", context->compiler);
    write_pair(to, "build", context->build);
    fputs("</dl>\n", to);
}

static const struct entry *find(const struct document *document,
                                const char *workload, unsigned agents,
                                unsigned threads, const char *rival)
{
    for (unsigned i = 0; i < document->count; i++) {
        const struct entry *entry = &document->entries[i];
        if (part_is_of(entry, workload) && entry->agents == agents &&
            entry->threads == threads && strcmp(entry->rival, rival) == 0) {
            return entry;
        }
    }
    return NULL;
}

/* Round by round, as the goals are judged. */
static double times_ours(const struct entry *rival, const struct entry *ours)
{
    double ratios[ROUNDS_MAX];
    unsigned count = 0;

    for (unsigned i = 0; i < rival->rounds && i < ours->rounds; i++) {
        if (rival->real[i] > 0 && ours->real[i] > 0) {
            ratios[count++] = rival->real[i] / ours->real[i];
        }
    }
    return count > 0 ? median(ratios, count) : NAN;
}

static void write_cell(FILE *to, const struct entry *entry,
                       const struct entry *ours)
{
    if (entry == NULL) {
        fputs("<td class=\"soft\">&ndash;</td>", to);
        return;
    }
    fprintf(to, "<td%s>", class_of(entry->rival));
    page_number(to, entry_median(entry));
    fputs("<small>", to);
    if (ours != NULL && entry != ours) {
        double ratio = times_ours(entry, ours);
        if (!isnan(ratio)) {
            fputs("&times; ", to);
            page_number(to, ratio);
            fputs(" ", to);
        }
    }
    fprintf(to, "&plusmn; %.0f %%</small></td>", entry_variation(entry) * 100);
}

static void write_row(FILE *to, const struct document *document,
                      const char *workload, const struct columns *columns,
                      unsigned agents, unsigned threads)
{
    const struct entry *ours =
        find(document, workload, agents, threads, ours_name);
    double harness = NAN;

    for (unsigned i = 0; i < columns->count; i++) {
        const struct entry *entry =
            find(document, workload, agents, threads, columns->at[i]);
        if (entry != NULL) harness = entry->harness;
    }
    fputs("<tr><td>", to);
    page_number(to, agents);
    fprintf(to, "</td><td>%u</td>", threads);
    for (unsigned i = 0; i < columns->count; i++) {
        write_cell(to,
                   find(document, workload, agents, threads, columns->at[i]),
                   ours);
    }
    fputs("<td class=\"soft\">", to);
    if (!isnan(harness)) page_number(to, harness);
    fputs("</td></tr>\n", to);
}

static bool has_row(const struct document *document, const char *workload,
                    unsigned agents, unsigned threads)
{
    for (unsigned i = 0; i < document->count; i++) {
        const struct entry *entry = &document->entries[i];
        if (part_is_of(entry, workload) && entry->agents == agents &&
            entry->threads == threads) {
            return true;
        }
    }
    return false;
}

void table_rounds(FILE *to, const struct document *document,
                  const char *workload)
{
    const struct values agents = part_agents(document, workload);
    const struct values threads = part_threads(document, workload);
    struct columns columns = { .count = 0 };

    for (unsigned i = 0; i < document->count; i++) {
        if (part_is_of(&document->entries[i], workload)) {
            put_column(&columns, document->entries[i].rival);
        }
    }
    fputs("<div class=\"wide\"><table>\n<thead><tr><th>agents</th>"
          "<th>threads</th>", to);
    for (unsigned i = 0; i < columns.count; i++) {
        fprintf(to, "<th%s>", class_of(columns.at[i]));
        write_rival(to, columns.at[i]);
        fputs("</th>", to);
    }
    fputs("<th>harness</th></tr></thead>\n<tbody>\n", to);
    for (unsigned i = 0; i < agents.count; i++) {
        for (unsigned k = 0; k < threads.count; k++) {
            if (has_row(document, workload, agents.at[i], threads.at[k])) {
                write_row(to, document, workload, &columns, agents.at[i],
                          threads.at[k]);
            }
        }
    }
    fputs("</tbody></table></div>\n", to);
}

static void write_latency(FILE *to, const struct entry *entry)
{
    const char *class = strcmp(entry->rival, ours_name) == 0 ? " ours" : "";

    fprintf(to, "<tr><td class=\"text%s\">", class);
    page_text(to, *entry->call != '\0' ? entry->call : entry->workload);
    fprintf(to, "</td><td class=\"text%s\">", class);
    write_rival(to, entry->rival);
    fputs("</td>", to);
    for (unsigned i = 0; i < PERCENTILES; i++) {
        fprintf(to, "<td%s>", class_of(entry->rival));
        page_time(to, entry->latency[i]);
        fputs("</td>", to);
    }
    fputs("</tr>\n", to);
}

/* Call by call, and the rivals of each side by side. */
void table_latencies(FILE *to, const struct document *document,
                     const char *workload, unsigned agents, unsigned threads)
{
    struct columns calls = { .count = 0 };

    fputs("<div class=\"wide\"><table>\n<thead><tr><th class=\"text\">call"
          "</th><th class=\"text\">rival</th>", to);
    for (unsigned i = 0; i < PERCENTILES; i++) {
        fprintf(to, "<th>%s</th>", percentile_names[i]);
    }
    fputs("</tr></thead>\n<tbody>\n", to);
    for (unsigned i = 0; i < document->count; i++) {
        const struct entry *entry = &document->entries[i];
        if (entry->timed && strcmp(entry->workload, workload) == 0) {
            put_column(&calls, entry->call);
        }
    }
    for (unsigned call = 0; call < calls.count; call++) {
        for (unsigned i = 0; i < document->count; i++) {
            const struct entry *entry = &document->entries[i];
            if (entry->timed && entry->agents == agents &&
                entry->threads == threads &&
                strcmp(entry->workload, workload) == 0 &&
                strcmp(entry->call, calls.at[call]) == 0) {
                write_latency(to, entry);
            }
        }
    }
    fputs("</tbody></table></div>\n", to);
}

/* Without what all figures have in front. */
static const char *short_name(const struct entry *entry)
{
    return strncmp(entry->name, "figure/", 7) == 0 ? entry->name + 7
                                                   : entry->name;
}

static void write_bound(FILE *to, const struct entry *entry)
{
    const bool held = entry->real[0] <= entry->most;

    if (entry->most <= 0) {
        fputs("<td></td><td></td>", to);
        return;
    }
    fputs("<td>&le; ", to);
    page_number(to, entry->most);
    fprintf(to, "</td><td class=\"text %s\">%s</td>", held ? "yes" : "no",
            held ? "yes" : "no");
}

static void write_figure(FILE *to, const struct entry *entry)
{
    fputs("<tr><td class=\"text\">", to);
    page_text(to, short_name(entry));
    fputs("</td><td>", to);
    page_number(to, entry->real[0]);
    fputs("</td><td class=\"text\">", to);
    page_text(to, entry->unit);
    fputs("</td>", to);
    write_bound(to, entry);
    fputs("<td class=\"note\">", to);
    page_text(to, entry->note);
    fputs("</td></tr>\n", to);
}

void table_figures(FILE *to, const struct document *document)
{
    fputs("<div class=\"wide\"><table>\n<thead><tr><th class=\"text\">figure"
          "</th><th>seen</th><th class=\"text\">unit</th><th>bound</th>"
          "<th class=\"text\">held</th><th class=\"text\"></th></tr></thead>\n"
          "<tbody>\n", to);
    for (unsigned i = 0; i < document->count; i++) {
        const struct entry *entry = &document->entries[i];
        if (entry->figure) write_figure(to, entry);
    }
    fputs("</tbody></table></div>\n", to);
}
