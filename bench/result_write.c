/*
 * Results as one JSON document, in the schema of Google Benchmark: each round
 * is a repetition.  Latencies and figures are counters of their own.
 */
#include "result.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The value of the first line "key : value" of a file of /proc. */
static void machine_line(const char *file, const char *key, char *value,
                         size_t room)
{
    FILE *from = fopen(file, "r");
    char line[256];

    snprintf(value, room, "unknown");
    while (from != NULL && fgets(line, sizeof line, from) != NULL) {
        char *colon = strchr(line, ':');
        if (strncmp(line, key, strlen(key)) == 0 && colon != NULL) {
            colon += strspn(colon, ": \t");
            colon[strcspn(colon, "\n")] = '\0';
            snprintf(value, room, "%s", colon);
            break;
        }
    }
    if (from != NULL) fclose(from);
}

/* Text as a JSON string. */
static void write_text(FILE *to, const char *text)
{
    fputc('"', to);
    for (; *text != '\0'; text++) {
        const unsigned char byte = (unsigned char)*text;
        if (byte < ' ') {
            fprintf(to, "\\u%04x", byte);
            continue;
        }
        if (byte == '"' || byte == '\\') fputc('\\', to);
        fputc(byte, to);
    }
    fputc('"', to);
}

static void write_pair(FILE *to, const char *key, const char *text)
{
    fprintf(to, "    \"%s\": ", key);
    write_text(to, text);
    fputs(",\n", to);
}

static void write_context(const char *program, const char *commit, FILE *to)
{
    char model[128], mhz[128], date[64];
    time_t at = time(NULL);
    double load[3] = { 0 };

    machine_line("/proc/cpuinfo", "model name", model, sizeof model);
    machine_line("/proc/cpuinfo", "cpu MHz", mhz, sizeof mhz);
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S+00:00", gmtime(&at));
    if (getloadavg(load, 3) != 3) memset(load, 0, sizeof load);
    fputs("{\n  \"context\": {\n", to);
    write_pair(to, "date", date);
    /* Results are shown to others: no name of a host, no path on it. */
    write_pair(to, "host_name", "");
    write_pair(to, "executable", basename(program));
    write_pair(to, "cpu_model", model);
    write_pair(to, "compiler", __VERSION__);
    write_pair(to, "commit", commit);
#ifdef NDEBUG
    write_pair(to, "library_build_type", "release");
#else
    write_pair(to, "library_build_type", "debug");
#endif
    fprintf(to,
            "    \"num_cpus\": %u,\n    \"mhz_per_cpu\": %.0f,\n"
            "    \"cpu_scaling_enabled\": false,\n    \"caches\": [],\n"
            "    \"load_avg\": [%.2f, %.2f, %.2f]\n  },\n"
            "  \"benchmarks\": [",
            crew_processors(), atof(mhz), load[0], load[1], load[2]);
}

struct writer {
    FILE *to;
    unsigned family;
    bool begun;
};

/* One line for each row: there are thousands. */
static void write_head(struct writer *writer, const char *name,
                       const char *suffix, const struct result *result)
{
    fprintf(writer->to,
            "%s\n    { \"name\": \"%s%s\", \"run_name\": \"%s\", "
            "\"family_index\": %u, \"per_family_instance_index\": 0, "
            "\"threads\": %u, \"repetitions\": %u, ",
            writer->begun ? "," : "", name, suffix, name, writer->family,
            result->threads, result->rounds > 0 ? result->rounds : 1);
    writer->begun = true;
}

static void write_kind(struct writer *writer, unsigned round)
{
    fprintf(writer->to,
            "\"run_type\": \"iteration\", \"repetition_index\": %u, ", round);
}

static void write_tail(struct writer *writer, uint64_t iterations, double real,
                       double cpu)
{
    fprintf(writer->to,
            "\"iterations\": %llu, \"real_time\": %.6g, "
            "\"cpu_time\": %.6g, \"time_unit\": \"ns\" }",
            (unsigned long long)iterations, real, cpu);
}

static void write_aggregate(struct writer *writer, const char *name,
                            const char *what, const char *kind,
                            const struct result *result, double real,
                            double cpu)
{
    char suffix[32];

    snprintf(suffix, sizeof suffix, "_%s", what);
    write_head(writer, name, suffix, result);
    fprintf(writer->to,
            "\"run_type\": \"aggregate\", \"aggregate_name\": \"%s\", "
            "\"aggregate_unit\": \"%s\", \"harness_ns\": %.6g, ",
            what, kind, result->harness);
    write_tail(writer, result->rounds, real, cpu);
}

static void write_rounds(struct writer *writer, const struct result *result)
{
    char name[NAME_MAX_BYTES];
    const unsigned rounds = result->rounds;

    result_name(result, name);
    for (unsigned i = 0; i < rounds; i++) {
        write_head(writer, name, "", result);
        write_kind(writer, i);
        write_tail(writer, result->operations / rounds, result->real[i],
                   result->cpu[i]);
    }
    write_aggregate(writer, name, "median", "time", result,
                    median(result->real, rounds), median(result->cpu, rounds));
    write_aggregate(writer, name, "cv", "percentage", result,
                    variation(result->real, rounds),
                    variation(result->cpu, rounds));
}

/* One call, or a whole life. */
static void write_latency(struct writer *writer, const char *name,
                          const struct result *result, unsigned call)
{
    const struct latency *at = &result->calls[call];

    write_head(writer, name, "", result);
    write_kind(writer, 0);
    if (result->rate > 0) fprintf(writer->to, "\"rate\": %.6g, ", result->rate);
    fprintf(writer->to,
            "\"p50\": %.6g, \"p90\": %.6g, \"p99\": %.6g, "
            "\"p99.9\": %.6g, \"p99.99\": %.6g, \"max\": %.6g, ",
            at->p50, at->p90, at->p99, at->p99_9, at->p99_99, at->most);
    write_tail(writer, result->samples[call], at->p50, at->p50);
}

static void write_latencies(struct writer *writer, const struct result *result)
{
    char name[NAME_MAX_BYTES], call[NAME_MAX_BYTES + 32];

    result_name(result, name);
    if (result->rate > 0) {
        write_latency(writer, name, result, 0);
        return;
    }
    for (unsigned i = 0; i < CALLS; i++) {
        snprintf(call, sizeof call, "%s/call:%s", name, call_names[i]);
        write_latency(writer, call, result, i);
    }
}

/* The value stands where a time would, and its unit beside it. */
static void write_figure(struct writer *writer, const char *probe,
                         const struct figure *figure)
{
    static const struct result alone = { .threads = 1 };
    char name[NAME_MAX_BYTES];

    snprintf(name, sizeof name, "figure/%s/%s", probe, figure->name);
    write_head(writer, name, "", &alone);
    write_kind(writer, 0);
    fputs("\"figure\": true, \"figure_unit\": ", writer->to);
    write_text(writer->to, figure->unit);
    if (figure->most > 0) {
        fprintf(writer->to, ", \"most\": %.9g", figure->most);
    }
    if (figure->note != NULL) {
        fputs(", \"note\": ", writer->to);
        write_text(writer->to, figure->note);
    }
    fputs(", ", writer->to);
    write_tail(writer, 1, figure->value, figure->value);
}

void results_write(const struct results *results, const char *program,
                   const char *commit, FILE *to)
{
    struct writer writer = { .to = to };

    write_context(program, commit, to);
    for (unsigned i = 0; i < results->count; i++) {
        writer.family = i;
        if (results->at[i].timed) {
            write_latencies(&writer, &results->at[i]);
        } else {
            write_rounds(&writer, &results->at[i]);
        }
    }
    for (unsigned i = 0; i < results->figures.count; i++) {
        writer.family = results->count + i;
        write_figure(&writer, results->probes[i], &results->figures.at[i]);
    }
    fputs("\n  ]\n}\n", to);
}

