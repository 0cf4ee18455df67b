/*
 * A store is only read, by queries that each name what should not be there:
 *
 *   stranded    a live agent, while no process has the store open: nobody runs
 *               it, and a resume will charge its slot
 *   leaked      as many live agents as there is no slot for: a resume will
 *               interrupt them
 *   broken      an agent in the tree whose parent is not there, or came later,
 *               or whose path is not below its parent's
 *   doubled     two agents in the tree have one path
 */
#include "doctor.h"

#include <argp.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "memory.h"
#include "text.h"

#define APPLICATION_ID 0x6d6f6f72 /* "moor" */

enum { VERSION = 2, SHOWN_MOST = 10 };

/* ---- findings ------------------------------------------------------------ */

struct finding {
    const char *name;
    const char *advice;
    const char *query; /* a row for each: its path, and a remark */
    bool if_closed;    /* only while no process has the store open */
};

#define LIVE "(edge='open' AND status IN('pending_init','running'))"
#define LIMIT                                                               \
    "ifnull((SELECT nullif(value,4294967295) FROM meta WHERE name='limit_run" \
    "ning'),-1)"

static const struct finding findings[] = {
    {"stranded", "nobody runs it: finish or close it after the next resume",
     "SELECT path,status FROM agents WHERE " LIVE " ORDER BY seq", true},
    {"leaked", "there is no slot for it: a resume will interrupt it",
     "SELECT path,status FROM agents WHERE " LIVE " AND " LIMIT ">=0"
     " ORDER BY seq LIMIT -1 OFFSET max(0," LIMIT ")", false},
    {"broken", "its parent is not there: a resume would hang it elsewhere",
     "SELECT c.path,'parent '||lower(hex(c.parent)) FROM agents c"
     " WHERE c.edge='open' AND c.parent IS NOT NULL AND NOT EXISTS"
     "(SELECT 1 FROM agents p WHERE p.id=c.parent) ORDER BY c.seq", false},
    {"broken", "its parent is younger than it is",
     "SELECT c.path,'parent '||p.path FROM agents c JOIN agents p"
     " ON p.id=c.parent WHERE c.edge='open' AND p.edge='open'"
     " AND p.seq>=c.seq ORDER BY c.seq", false},
    {"broken", "its path is not below its parent's",
     "SELECT c.path,'parent '||p.path FROM agents c JOIN agents p"
     " ON p.id=c.parent WHERE c.edge='open' AND"
     " substr(c.path,1,length(p.path)+1)<>p.path||'/' ORDER BY c.seq", false},
    {"doubled", "two agents in the tree have one path",
     "SELECT path,count(*)||' agents' FROM agents WHERE edge='open'"
     " GROUP BY path HAVING count(*)>1 ORDER BY path", false},
};

/* ---- the file ------------------------------------------------------------ */

struct patient {
    const char *path;
    sqlite3 *db;
    bool in_use; /* a process has it open */
};

static int cannot(const struct patient *patient, const char *why)
{
    fprintf(stderr, "moorage: %s: %s\n", patient->path, why);
    return EXIT_COULD_NOT;
}

static int cannot_read(const struct patient *patient)
{
    return cannot(patient, sqlite3_errmsg(patient->db));
}

static int64_t number_of(const struct patient *patient, const char *query)
{
    sqlite3_stmt *statement;
    int64_t number = -1;

    if (sqlite3_prepare_v2(patient->db, query, -1, &statement, NULL) ==
            SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW) {
        number = sqlite3_column_int64(statement, 0);
    }
    (void)sqlite3_finalize(statement);
    return number;
}

/* The lock beside it, as store.h says. */
static bool is_in_use(const char *path)
{
    char *name = sqlite3_mprintf("%s-lock", path);
    int fd = name == NULL ? -1 : open(name, O_RDONLY | O_CLOEXEC);
    bool locked = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0;

    if (fd >= 0) (void)close(fd);
    sqlite3_free(name);
    return locked;
}

static int open_patient(struct patient *patient)
{
    int64_t version;

    if (access(patient->path, R_OK) != 0) {
        return cannot(patient, "there is no such file, or it may not be read");
    }
    if (sqlite3_open_v2(patient->path, &patient->db, SQLITE_OPEN_READONLY,
                        NULL) != SQLITE_OK) {
        return cannot_read(patient);
    }
    (void)sqlite3_busy_timeout(patient->db, 5000);
    if (number_of(patient, "PRAGMA application_id") != APPLICATION_ID) {
        return cannot(patient, "not a store of moorage");
    }
    version = number_of(patient, "PRAGMA user_version");
    if (version != VERSION) {
        fprintf(stderr,
                "moorage: %s: a store of version %" PRId64 ", not %d: %s\n",
                patient->path, version, VERSION,
                version > VERSION ? "a later moorage made it"
                                  : "open it once, which brings it up to date");
        return EXIT_COULD_NOT;
    }
    patient->in_use = is_in_use(patient->path);
    return EXIT_HELD;
}

/* ---- looking ------------------------------------------------------------- */

/* Names from a store may be anything. */
static void print_text(const unsigned char *text)
{
    if (text != NULL) text_print(stdout, (const char *)text);
}

static void print_found(const struct finding *finding, sqlite3_stmt *row,
                        uint64_t nth)
{
    if (nth == 0) printf("%s: %s\n", finding->name, finding->advice);
    if (nth < SHOWN_MOST) {
        fputs("  ", stdout);
        print_text(sqlite3_column_text(row, 0));
        fputs("  ", stdout);
        print_text(sqlite3_column_text(row, 1));
        putchar('\n');
    }
}

/* How many there are; -1: they cannot be read. */
static int64_t look_for(const struct patient *patient,
                        const struct finding *finding)
{
    sqlite3_stmt *statement;
    int64_t count = 0;
    int code;

    if (sqlite3_prepare_v2(patient->db, finding->query, -1, &statement,
                           NULL) != SQLITE_OK) {
        return -1;
    }
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        print_found(finding, statement, (uint64_t)count++);
    }
    (void)sqlite3_finalize(statement);
    if (count > SHOWN_MOST) {
        printf("  and %" PRId64 " more\n", count - SHOWN_MOST);
    }
    return code == SQLITE_DONE ? count : -1;
}

static bool is_whole(const struct patient *patient)
{
    sqlite3_stmt *statement;
    bool whole = false;

    if (sqlite3_prepare_v2(patient->db, "PRAGMA quick_check(1)", -1, &statement,
                           NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW) {
        const unsigned char *text = sqlite3_column_text(statement, 0);

        whole = text != NULL && strcmp((const char *)text, "ok") == 0;
        if (!whole) {
            fputs("damaged: the file is: take a copy of before\n  ", stdout);
            print_text(text);
            putchar('\n');
        }
    }
    (void)sqlite3_finalize(statement);
    return whole;
}

static int examine(const struct patient *patient)
{
    int64_t sum = 0;

    if (!is_whole(patient)) return EXIT_BROKEN;
    for (size_t i = 0; i < sizeof findings / sizeof *findings; i++) {
        int64_t count;

        if (findings[i].if_closed && patient->in_use) continue;
        count = look_for(patient, &findings[i]);
        if (count < 0) return cannot_read(patient);
        sum += count;
    }
    printf("%s: %" PRId64 " agents in the tree, %" PRId64 " live%s: %s\n",
           patient->path,
           number_of(patient, "SELECT count(*) FROM agents WHERE edge='open'"),
           number_of(patient, "SELECT count(*) FROM agents WHERE " LIVE),
           patient->in_use ? ", open in another process" : "",
           sum == 0 ? "nothing is wrong" : "see above");
    return sum == 0 ? EXIT_HELD : EXIT_BROKEN;
}

/* ---- the command --------------------------------------------------------- */

static error_t doctor_option(int key, char *argument, struct argp_state *state)
{
    struct patient *patient = state->input;

    switch (key) {
    case ARGP_KEY_ARG:
        if (patient->path != NULL) argp_error(state, "one store at a time");
        patient->path = argument;
        break;
    case ARGP_KEY_NO_ARGS: argp_error(state, "which STORE?"); break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static const struct argp doctor_argp = {
    NULL, doctor_option, "STORE",
    "Looks for leaked slots, stranded running agents and broken edges in a "
    "store, which it only reads."
    "\vExit status: 0 nothing is wrong, 1 something is, 2 the command line is "
    "not valid, 3 it could not be read.",
    NULL, NULL, NULL,
};

int command_doctor(int argc, char **argv)
{
    struct patient patient = {0};
    int code;

    argp_parse(&doctor_argp, argc, argv, 0, NULL, &patient);
    code = open_patient(&patient);
    if (code == EXIT_HELD) code = examine(&patient);
    (void)sqlite3_close(patient.db);
    return code;
}
