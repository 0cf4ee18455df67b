#include "result.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

const char *const call_names[CALLS] = {
    "spawn",       "start",  "status_of", "status_id",
    "status_path", "finish", "wait",      "close",
};

struct result *results_add(struct results *results)
{
    if (results->count == results->room) {
        results->room = results->room * 2 + 64;
        results->at =
            realloc(results->at, results->room * sizeof *results->at);
        if (results->at == NULL) abort();
    }
    struct result *result = &results->at[results->count++];
    memset(result, 0, sizeof *result);
    return result;
}

const struct result *results_find(const struct results *results,
                                  const char *workload, uint32_t agents,
                                  unsigned threads, const char *rival)
{
    for (unsigned i = 0; i < results->count; i++) {
        const struct result *at = &results->at[i];

        if (strcmp(at->workload, workload) == 0 && at->agents == agents &&
            at->threads == threads && strcmp(at->rival->name, rival) == 0) {
            return at;
        }
    }
    return NULL;
}

void result_name(const struct result *result, char name[NAME_MAX_BYTES])
{
    snprintf(name, NAME_MAX_BYTES, "%s/n:%u/threads:%u/rival:%s",
             result->workload, result->agents, result->threads,
             result->rival->name);
}

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
            colon[strcspn(colon, "\n\"\\")] = '\0';
            snprintf(value, room, "%s", colon);
            break;
        }
    }
    if (from != NULL) fclose(from);
}

static void write_context(const char *program, const char *commit, FILE *to)
{
    char model[128], mhz[128], host[128] = "", date[64];
    time_t at = time(NULL);
    double load[3] = { 0 };

    machine_line("/proc/cpuinfo", "model name", model, sizeof model);
    machine_line("/proc/cpuinfo", "cpu MHz", mhz, sizeof mhz);
    gethostname(host, sizeof host - 1);
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S+00:00", gmtime(&at));
    if (getloadavg(load, 3) != 3) memset(load, 0, sizeof load);
    fprintf(to,
            "{\n  \"context\": {\n"
            "    \"date\": \"%s\",\n    \"host_name\": \"%s\",\n"
            "    \"executable\": \"%s\",\n    \"num_cpus\": %u,\n"
            "    \"mhz_per_cpu\": %.0f,\n    \"cpu_model\": \"%s\",\n"
            "    \"cpu_scaling_enabled\": false,\n    \"caches\": [],\n"
            "    \"load_avg\": [%.2f, %.2f, %.2f],\n"
            "    \"compiler\": \"%s\",\n    \"commit\": \"%s\",\n"
            "    \"library_build_type\": \"%s\"\n  },\n"
            "  \"benchmarks\": [",
            date, host, program, crew_processors(), atof(mhz), model, load[0],
            load[1], load[2], __VERSION__, commit,
#ifdef NDEBUG
            "release"
#else
            "debug"
#endif
    );
}

struct writer {
    FILE *to;
    unsigned family;
    bool begun;
};

static void write_head(struct writer *writer, const char *name,
                       const char *suffix, const struct result *result)
{
    fprintf(writer->to,
            "%s\n    {\n      \"name\": \"%s%s\",\n"
            "      \"run_name\": \"%s\",\n"
            "      \"family_index\": %u,\n"
            "      \"per_family_instance_index\": 0,\n"
            "      \"threads\": %u,\n"
            "      \"repetitions\": %u,\n",
            writer->begun ? "," : "", name, suffix, name, writer->family,
            result->threads, result->rounds > 0 ? result->rounds : 1);
    writer->begun = true;
}

static void write_tail(struct writer *writer, uint64_t iterations, double real,
                       double cpu, const char *unit)
{
    fprintf(writer->to,
            "      \"iterations\": %llu,\n      \"real_time\": %.6g,\n"
            "      \"cpu_time\": %.6g,\n      \"time_unit\": \"%s\"",
            (unsigned long long)iterations, real, cpu, unit);
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
            "      \"run_type\": \"aggregate\",\n"
            "      \"aggregate_name\": \"%s\",\n"
            "      \"aggregate_unit\": \"%s\",\n"
            "      \"harness_ns\": %.6g,\n",
            what, kind, result->harness);
    write_tail(writer, result->rounds, real, cpu, "ns");
    fputs("\n    }", writer->to);
}

static void write_rounds(struct writer *writer, const struct result *result)
{
    char name[NAME_MAX_BYTES];
    const unsigned rounds = result->rounds;

    result_name(result, name);
    for (unsigned i = 0; i < rounds; i++) {
        write_head(writer, name, "", result);
        fprintf(writer->to,
                "      \"run_type\": \"iteration\",\n"
                "      \"repetition_index\": %u,\n",
                i);
        write_tail(writer, result->operations / rounds, result->real[i],
                   result->cpu[i], "ns");
        fputs("\n    }", writer->to);
    }
    write_aggregate(writer, name, "median", "time", result,
                    median(result->real, rounds), median(result->cpu, rounds));
    write_aggregate(writer, name, "cv", "percentage", result,
                    variation(result->real, rounds),
                    variation(result->cpu, rounds));
}

static void write_calls(struct writer *writer, const struct result *result)
{
    char name[NAME_MAX_BYTES], call[NAME_MAX_BYTES + 32];

    result_name(result, name);
    for (unsigned i = 0; i < CALLS; i++) {
        const struct latency *at = &result->calls[i];

        snprintf(call, sizeof call, "%s/call:%s", name, call_names[i]);
        write_head(writer, call, "", result);
        fputs("      \"run_type\": \"iteration\",\n"
              "      \"repetition_index\": 0,\n",
              writer->to);
        write_tail(writer, result->samples[i], at->p50, at->p50, "ns");
        fprintf(writer->to,
                ",\n      \"p50\": %.6g,\n      \"p90\": %.6g,\n"
                "      \"p99\": %.6g,\n      \"p99.9\": %.6g,\n"
                "      \"p99.99\": %.6g,\n      \"max\": %.6g\n    }",
                at->p50, at->p90, at->p99, at->p99_9, at->p99_99, at->most);
    }
}

void results_write(const struct results *results, const char *program,
                   const char *commit, FILE *to)
{
    struct writer writer = { .to = to };

    write_context(program, commit, to);
    for (unsigned i = 0; i < results->count; i++) {
        writer.family = i;
        if (results->at[i].timed) {
            write_calls(&writer, &results->at[i]);
        } else {
            write_rounds(&writer, &results->at[i]);
        }
    }
    fputs("\n  ]\n}\n", to);
}

static void print_calls(const struct result *result, FILE *to)
{
    char name[NAME_MAX_BYTES];

    result_name(result, name);
    fprintf(to, "%s\n", name);
    for (unsigned i = 0; i < CALLS; i++) {
        const struct latency *at = &result->calls[i];

        fprintf(to,
                "  %-12s p50 %6.0f  p99 %8.0f  p99.9 %9.0f  p99.99 %10.0f  "
                "max %10.0f\n",
                call_names[i], at->p50, at->p99, at->p99_9, at->p99_99,
                at->most);
    }
}

void results_print(const struct results *results, FILE *to)
{
    char name[NAME_MAX_BYTES];

    fprintf(to, "%-48s %12s %7s %12s\n", "ns of one operation", "median",
            "cv", "harness");
    for (unsigned i = 0; i < results->count; i++) {
        const struct result *at = &results->at[i];

        if (at->timed) {
            print_calls(at, to);
            continue;
        }
        result_name(at, name);
        fprintf(to, "%-48s %12.1f %6.1f%% %12.1f\n", name,
                median(at->real, at->rounds),
                variation(at->real, at->rounds) * 100, at->harness);
    }
}
