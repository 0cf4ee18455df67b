#include <moorage/store.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    const char *path = argc > 1 ? argv[1] : "agents.moorage";
    moor_registry *registry = NULL;
    moor_store *store = NULL;
    moor_store_report report;
    moor_agent agent;

    if (moor_store_open(path, NULL, NULL, &store, &registry, &report) != 0) {
        fprintf(stderr, "%s\n", report.text);
        return 1;
    }
    printf("%zu agents are back, %zu live, %zu interrupted\n", report.restored,
           report.live, report.interrupted);
    moor_spawn(registry, &(moor_spawn_options){0}, &agent, NULL);
    moor_store_error error = moor_store_flush(store, 1000); /* or never */
    moor_store_close(store);
    moor_destroy(registry);
    return error != MOOR_STORE_OK;
}
