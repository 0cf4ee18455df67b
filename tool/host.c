#include "host.h"

#include <stdio.h>

#include "memory.h"
#include "play.h"
#include "text.h"

#ifdef MOORAGE_STORE
#include <moorage/store.h>
#endif

/* ---- options ------------------------------------------------------------- */

static error_t host_option(int key, char *argument, struct argp_state *state)
{
    struct host_options *options = state->input;

    switch (key) {
    case 'g': options->settings = argument; break;
    case 's': options->store = argument; break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp_option host_option_rows[] = {
    {"settings", 'g', "JSON", 0,
     "The registry's, as the header of a scenario file: "
     "{\"moorage\":1,\"limits\":{\"running\":6}}", 0},
    {"store", 's', "FILE", 0, "Keep the agents in FILE, and take them up again",
     0},
    {NULL, 0, NULL, 0, NULL, 0},
};

const struct argp host_argp = {
    host_option_rows, host_option, NULL, NULL, NULL, NULL, NULL,
};

/* ---- a registry ---------------------------------------------------------- */

static int say(const char *what, const char *why, int code)
{
    fprintf(stderr, "moorage: %s: %s\n", what, why);
    return code;
}

static int open_in_memory(struct host *host, const moor_config *config)
{
    moor_error error = moor_create(config, &host->registry);

    return error == MOOR_OK ? EXIT_HELD
                            : say("no registry can be made",
                                  moor_error_text(error), EXIT_COULD_NOT);
}

#ifdef MOORAGE_STORE
static int open_store(struct host *host, const moor_config *config,
                      const char *path)
{
    moor_store_report report;

    return moor_store_open(path, config, NULL, &host->store, &host->registry,
                           &report) == MOOR_STORE_OK
               ? EXIT_HELD
               : say("its store", report.text, EXIT_COULD_NOT);
}

int host_settle(struct host *host)
{
    moor_store_state state = {.text = ""};
    int code = EXIT_HELD;

    if (host->store == NULL) return code;
    if (moor_store_flush(host->store, MOOR_FOREVER) != MOOR_STORE_OK) {
        (void)moor_store_state_of(host->store, &state);
        code = say("its store", state.text, EXIT_COULD_NOT);
    }
    (void)moor_store_close(host->store);
    host->store = NULL;
    return code;
}
#else
static int open_store(struct host *host, const moor_config *config,
                      const char *path)
{
    (void)host;
    (void)config;
    return say(path, "this program was built without SQLite, and has no stores",
               EXIT_COULD_NOT);
}

int host_settle(struct host *host)
{
    (void)host;
    return EXIT_HELD;
}
#endif

int host_open(struct host *host, const struct host_options *options)
{
    struct scenario scenario;
    struct complaint complaint;
    moor_config config;
    int code = EXIT_HELD;

    *host = (struct host){NULL, NULL};
    if (!scenario_header(options->settings == NULL ? "{\"moorage\":1}"
                                                   : options->settings,
                         &scenario, &complaint)) {
        fprintf(stderr, "moorage: the settings, column %zu: ",
                complaint.column);
        text_print(stderr, complaint.text);
        putc('\n', stderr);
        code = EXIT_INVALID;
    } else {
        play_config(&scenario.header, &config);
        code = options->store == NULL
                   ? open_in_memory(host, &config)
                   : open_store(host, &config, options->store);
    }
    scenario_free(&scenario);
    return code;
}

int host_close(struct host *host)
{
    int code = host_settle(host);

    moor_destroy(host->registry);
    return code;
}
