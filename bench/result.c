#include "result.h"

#include <stdlib.h>
#include <string.h>

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

