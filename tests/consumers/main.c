/* A program that uses the library, and, with STORE, a store. */
#include <stdio.h>
#include <string.h>

#include <moorage/moorage.h>
#if defined(STORE)
#include <moorage/store.h>
#endif

/* The library has functions of these names, and keeps them to itself. */
void queue_init(void);
void store_close(void);

void queue_init(void)
{
}

void store_close(void)
{
}

static int fails(const char *what)
{
    printf("%s failed\n", what);
    return 1;
}

/* Limit 1: what ends gives its slot back. */
static int live_twice(moor_registry *registry)
{
    moor_agent agent, other;
    moor_spawn_options options;

    memset(&options, 0, sizeof options);
    for (int i = 0; i < 2; i++) {
        if (moor_spawn(registry, &options, &agent, NULL) != MOOR_OK ||
            moor_spawn(registry, &options, &other, NULL) != MOOR_REFUSED ||
            moor_finish(registry, agent, MOOR_STATUS_COMPLETED, NULL, 0) !=
                MOOR_OK) {
            return fails("a life");
        }
    }
    return moor_check(registry, true, NULL, 0) == MOOR_OK ? 0 : fails("check");
}

int main(int argc, char **argv)
{
    moor_registry *registry;
    moor_config config;
    int status;

    moor_config_default(&config);
    config.limits[MOOR_LIMIT_RUNNING] = 1;
#if defined(STORE)
    moor_store_report report;
    moor_store *store;

    if (argc != 2 || moor_store_open(argv[1], &config, NULL, &store, &registry,
                                     &report) != MOOR_STORE_OK) {
        return fails("open");
    }
    status = live_twice(registry);
    if (moor_store_close(store) != MOOR_STORE_OK) status = fails("close");
#else
    (void)argc;
    (void)argv;
    if (moor_create(&config, &registry) != MOOR_OK) return fails("create");
    status = live_twice(registry);
#endif
    moor_destroy(registry);
    if (status == 0) puts("consumed");
    return status;
}
