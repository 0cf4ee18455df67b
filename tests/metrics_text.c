/*
 * Writes the metrics of a registry in which much has happened, and goes on
 * happening meanwhile: for metrics.sh to show to others that read them.
 *
 *   metrics_text openmetrics | prometheus
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <moorage/moorage.h>

enum { THREADS = 2, SLOTS = 3, ROUNDS = 2000 };

static moor_registry *registry;
static atomic_uint done;

static void must(bool right, const char *what)
{
    if (!right) {
        fprintf(stderr, "metrics_text: %s\n", what);
        exit(2);
    }
}

/* Spawns, waits in the queue, finishes, closes; some are refused. */
static void *churn(void *unused)
{
    const moor_patience patience = {.timeout_ms = 1};

    (void)unused;
    for (unsigned i = 0; i < ROUNDS; i++) {
        moor_spawn_options options = {.patience = i % 2 ? &patience : NULL};
        moor_agent agent;

        if (moor_spawn(registry, &options, &agent, NULL) == MOOR_OK) {
            (void)moor_finish(registry, agent, MOOR_STATUS_COMPLETED, NULL, 0);
            if (i % 3) (void)moor_run_again(registry, agent, NULL);
            (void)moor_close(registry, agent, MOOR_CLOSE_BY_RULE, NULL);
        }
    }
    (void)atomic_fetch_add(&done, 1);
    return NULL;
}

/* All slots are taken, and one waits in vain. */
static void fill(void)
{
    const moor_patience patience = {.timeout_ms = 1};
    moor_spawn_options options = {.patience = &patience};
    moor_agent agents[SLOTS], none;

    for (int i = 0; i < SLOTS; i++) {
        must(moor_spawn(registry, &options, &agents[i], NULL) == MOOR_OK,
             "a slot was not free");
    }
    must(moor_spawn(registry, &options, &none, NULL) == MOOR_REFUSED,
         "none was free");
    must(moor_close(registry, agents[0], MOOR_CLOSE_BY_RULE, NULL) == MOOR_OK,
         "could not be closed");
}

static bool put(void *file, const char *bytes, size_t length)
{
    return fwrite(bytes, 1, length, (FILE *)file) == length;
}

static bool forget(void *unused, const char *bytes, size_t length)
{
    (void)unused;
    (void)bytes;
    return length > 0;
}

int main(int argc, char **argv)
{
    bool prometheus = argc == 2 && strcmp(argv[1], "prometheus") == 0;
    moor_metrics_form form =
        prometheus ? MOOR_METRICS_PROMETHEUS : MOOR_METRICS_OPENMETRICS;
    pthread_t threads[THREADS];
    moor_config config;

    must(prometheus || (argc == 2 && strcmp(argv[1], "openmetrics") == 0),
         "openmetrics or prometheus?");
    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = SLOTS;
    config.measure_held = true;
    must(moor_create(&config, &registry) == MOOR_OK, "no registry");
    fill();
    for (int t = 0; t < THREADS; t++) {
        must(pthread_create(&threads[t], NULL, churn, NULL) == 0, "no thread");
    }
    while (atomic_load(&done) == 0) { /* they are at work */
        must(moor_metrics(registry, form, forget, NULL) == MOOR_OK, "failed");
    }
    must(moor_metrics(registry, form, put, stdout) == MOOR_OK, "failed");
    for (int t = 0; t < THREADS; t++) {
        (void)pthread_join(threads[t], NULL);
    }
    moor_destroy(registry);
    return fflush(stdout) == 0 ? 0 : 2;
}
