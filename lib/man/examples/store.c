/* A registry in a file: store.c FILE */
#include <moorage/moorage.h>
#include <moorage/store.h>
#include <stdlib.h>
#include <unistd.h>

#include "need.h"

/* What was there is there again; at the end all is in the file. */
static moor_store_error session(const char *path)
{
    moor_registry *registry;
    moor_store *store;
    moor_store_report report;
    moor_agent agent;
    moor_store_error error =
        moor_store_open(path, NULL, NULL, &store, &registry, &report);

    if (error != MOOR_STORE_OK) {
        fprintf(stderr, "%s: %s\n", moor_store_error_name(error), report.text);
        return error;
    }
    (void)moor_spawn(registry, &(moor_spawn_options){0}, &agent, NULL);
    error = moor_store_close(store);
    moor_destroy(registry);
    return error;
}

/* Before something that cannot be taken back: is all of it on the disk? */
static bool is_safe(moor_store *store)
{
    moor_store_state state;

    if (moor_store_flush(store, 1000) == MOOR_STORE_OK) return true;
    if (moor_store_state_of(store, &state) == MOOR_STORE_OK) {
        fprintf(stderr, "%s\n", state.text);
    }
    return false;
}

/* The threads that a codex has kept, as a new store. */
static bool take_over(const char *from, const char *to)
{
    moor_store_imported imported;

    if (moor_store_import_codex(from, to, &imported) == MOOR_STORE_OK) {
        printf("%zu agents\n", imported.agents);
        return true;
    }
    fprintf(stderr, "%s\n", imported.text);
    return false;
}

int main(void)
{
    char folder[] = "/tmp/moorage_example.XXXXXX";
    moor_registry *registry;
    moor_store *store;

    if (mkdtemp(folder) == NULL || chdir(folder) != 0) return 1;
    need(session("agents") == MOOR_STORE_OK);
    need(moor_store_open("agents", NULL, NULL, &store, &registry, NULL) ==
         MOOR_STORE_OK);
    need(is_safe(store));
    need(moor_store_close(store) == MOOR_STORE_OK);
    moor_destroy(registry);
    need(!take_over("no_such_file", "other"));
    (void)unlink("agents");
    (void)unlink("agents-wal");
    (void)unlink("agents-shm");
    (void)unlink("agents-lock");
    need(chdir("/") == 0 && rmdir(folder) == 0);
    return need_failed;
}
