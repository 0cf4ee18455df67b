/*
 * The tree as text: golden texts, JSON read back by a parser, DOT by dot where
 * it is installed, names that would break out of their quotes, a callback that
 * wants no more, and no memory.
 */
#include "given.h"

#include <jansson.h>
#include <stdio.h>
#include <unistd.h>

#include "failing.h"
#include "out.h"

/* --- a text that grows ---------------------------------------------------- */

enum { TEXT_MOST = 400000 };

struct taken {
    size_t length, calls, most_calls; /* 0: as many as come */
    char text[TEXT_MOST + 1];
};

static struct taken taken;

static bool take(void *context, const char *bytes, size_t length)
{
    struct taken *to = (struct taken *)context;

    to->calls++;
    cr_assert_gt(length, 0);
    cr_assert_leq(to->length + length, TEXT_MOST);
    memcpy(to->text + to->length, bytes, length);
    to->length += length;
    to->text[to->length] = '\0';
    return to->calls != to->most_calls;
}

static const char *snapshot(moor_registry *registry,
                            moor_snapshot_format format)
{
    taken = (struct taken){.length = 0};
    cr_assert_eq(moor_snapshot(registry, format, take, &taken), MOOR_OK);
    cr_assert_eq(strlen(taken.text), taken.length, "a NUL in the text");
    return taken.text;
}

/* --- golden texts --------------------------------------------------------- */

static moor_agent spawn_named(moor_registry *registry, moor_agent parent,
                              const char *name, const char *nickname,
                              const char *role)
{
    static uint8_t number = 1;
    moor_id id = {{0xab, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, number++}};
    moor_spawn_options options = {.parent = parent,
                                  .name = name,
                                  .nickname = nickname,
                                  .role = role,
                                  .id = &id};
    moor_agent agent;

    cr_assert_eq(moor_spawn(registry, &options, &agent, NULL), MOOR_OK);
    return agent;
}

/* An agent in each state that is told, a ticket, and one that was adopted where
 * another has the name of its former parent since. */
static moor_registry *orchard(void)
{
    moor_registry *registry = given_rule(MOOR_ADOPT);
    moor_agent gone = spawn_named(registry, nobody, "b", NULL, NULL);
    moor_agent a, b, c, d;

    (void)spawn_named(registry, gone, "orphan", NULL, NULL);
    cr_assert_eq(close_it(registry, gone), MOOR_OK);
    cr_assert_eq(moor_turn_begin(registry, NULL), MOOR_OK);
    b = spawn_named(registry, nobody, "b", NULL, NULL);
    a = spawn_named(registry, nobody, "a", "Ada", "explorer");
    (void)reserve_below(registry, a, "t");
    c = spawn_named(registry, b, "c", NULL, NULL);
    d = spawn_named(registry, b, "d", NULL, NULL);
    (void)spawn_named(registry, b, "q", NULL, NULL);
    bring(registry, a, MOOR_STATUS_RUNNING);
    bring(registry, c, MOOR_STATUS_COMPLETED);
    cr_assert_eq(moor_pin(registry, c), MOOR_OK);
    bring(registry, d, MOOR_STATUS_ERRORED);
    cr_assert_eq(moor_evict(registry, d, NULL), MOOR_OK);
    bring(registry, b, MOOR_STATUS_RUNNING);
    cr_assert_eq(moor_lend(registry, b), MOOR_OK);
    return registry;
}

static const char golden_tree[] =
    "/root running turn=0\n"
    "  a running slot loaded nickname=\"Ada\" role=\"explorer\" t"
    "urn=1\n"
    "    t reserved slot loaded turn=1\n"
    "  b running lent loaded turn=1\n"
    "    c completed loaded pinned turn=1\n"
    "    d errored loaded evicting turn=1\n"
    "    q pending_init slot loaded turn=1\n"
    "  /root/b/orphan pending_init slot loaded turn=0\n";

static const char golden_dot[] =
    "digraph moorage {\n"
    "  node [shape=box];\n"
    "  n0 [label=\"/root\\nrunning\\nturn 0\"];\n"
    "  n1 [label=\"/root/a\\nrunning slot loaded\\nnickname: Ada"
    "\\nrole: explorer\\nturn 1\"];\n"
    "  n0 -> n1;\n"
    "  n2 [label=\"/root/a/t\\nreserved slot loaded\\nturn 1\", s"
    "tyle=dashed];\n"
    "  n1 -> n2;\n"
    "  n3 [label=\"/root/b\\nrunning lent loaded\\nturn 1\"];\n"
    "  n0 -> n3;\n"
    "  n4 [label=\"/root/b/c\\ncompleted loaded pinned\\nturn 1\""
    "];\n"
    "  n3 -> n4;\n"
    "  n5 [label=\"/root/b/d\\nerrored loaded evicting\\nturn 1\""
    "];\n"
    "  n3 -> n5;\n"
    "  n6 [label=\"/root/b/q\\npending_init slot loaded\\nturn 1"
    "\"];\n"
    "  n3 -> n6;\n"
    "  n7 [label=\"/root/b/orphan\\npending_init slot loaded\\ntu"
    "rn 0\"];\n"
    "  n0 -> n7;\n"
    "}\n";

Test(snapshot, as_a_tree)
{
    moor_registry *registry = orchard();

    cr_assert_str_eq(snapshot(registry, MOOR_SNAPSHOT_TREE), golden_tree);
    cr_assert_str_eq(snapshot(registry, MOOR_SNAPSHOT_TREE), golden_tree);
    done(registry);
}

Test(snapshot, as_a_graph)
{
    moor_registry *registry = orchard();

    cr_assert_str_eq(snapshot(registry, MOOR_SNAPSHOT_DOT), golden_dot);
    done(registry);
}

Test(snapshot, of_nothing_but_the_root)
{
    moor_registry *registry = given();

    cr_assert_str_eq(snapshot(registry, MOOR_SNAPSHOT_TREE),
                     "/root running turn=0\n");
    cr_assert_str_eq(snapshot(registry, MOOR_SNAPSHOT_DOT),
                     "digraph moorage {\n  node [shape=box];\n"
                     "  n0 [label=\"/root\\nrunning\\nturn 0\"];\n}\n");
    done(registry);
}

/* --- JSON ----------------------------------------------------------------- */

static json_t *parsed(moor_registry *registry)
{
    json_error_t error;
    json_t *root = json_loads(snapshot(registry, MOOR_SNAPSHOT_JSON),
                              JSON_REJECT_DUPLICATES, &error);

    cr_assert_not_null(root, "%d:%d: %s", error.line, error.column, error.text);
    return root;
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text == NULL ? "" : text;
}

static bool truth_of(const json_t *object, const char *name)
{
    cr_assert(json_is_boolean(json_object_get(object, name)), "%s", name);
    return json_is_true(json_object_get(object, name));
}

/* It says what moor_find_path and moor_info_of say. */
static void same_as_info(const json_t *object, const moor_info *info)
{
    char id[MOOR_ID_TEXT];

    moor_id_format(info->id, id);
    cr_expect_str_eq(text_of(object, "status"), moor_status_name(info->status));
    cr_expect_eq(truth_of(object, "slot"), info->slot);
    cr_expect_eq(truth_of(object, "lent"), info->lent);
    cr_expect_eq(truth_of(object, "fenced"), info->fenced);
    cr_expect_eq(truth_of(object, "loaded"), info->loaded);
    cr_expect_eq(truth_of(object, "pinned"), info->pinned);
    cr_expect_eq(truth_of(object, "evicting"), info->evicting);
    cr_expect_str_eq(text_of(object, "nickname"), info->nickname);
    cr_expect_str_eq(text_of(object, "role"), info->role);
    cr_expect_eq(json_integer_value(json_object_get(object, "turn")),
                 info->turn);
    cr_expect(json_is_integer(json_object_get(object, "age_ms")));
    if (info->depth > 0) cr_expect_str_eq(text_of(object, "id"), id);
}

/* Judges an object and all within; returns how many. */
static size_t judge(moor_registry *registry, const json_t *object,
                    moor_agent parent)
{
    const char *path = text_of(object, "path");
    const char *before = "";
    moor_agent agent = at_path(registry, path);
    size_t count = 1, i;
    json_t *child;

    if (agent.bits == 0) { /* finding never finds a ticket */
        cr_expect_str_eq(text_of(object, "status"), "reserved");
        cr_expect(json_is_null(json_object_get(object, "id")));
    } else {
        moor_info info = info_of(registry, agent);

        cr_expect_eq(info.parent.bits, parent.bits, "%s", path);
        same_as_info(object, &info);
    }
    json_array_foreach(json_object_get(object, "children"), i, child)
    {
        cr_expect_gt(strcmp(text_of(child, "path"), before), 0);
        before = text_of(child, "path");
        count += judge(registry, child, agent);
    }
    return count;
}

static void expect_json(moor_registry *registry)
{
    json_t *root = parsed(registry);
    moor_stats stats = stats_of(registry);

    cr_expect_eq(judge(registry, root, nobody),
                 1 + stats.live + stats.idle + stats.tickets);
    json_decref(root);
}

/* Each on a line of its own, as far in as objects are open. */
static void expect_indents(void)
{
    size_t open = 0, most = 0;

    for (const char *at = taken.text; *at != '\0'; at++) {
        const char *end = strchr(at, '\n');

        cr_expect_eq(strspn(at, " "), 2 * open, "%.20s", at);
        open++;
        most = open > most ? open : most;
        while ((at = strstr(at, "]}")) != NULL && at < end) {
            open--;
            at++;
        }
        at = end;
    }
    cr_expect_gt(most, 2);
}

Test(snapshot, as_json)
{
    moor_registry *registry = orchard();

    expect_json(registry);
    expect_indents();
    done(registry);
}

/* More than a page, than the first room for entries, and than a piece of text;
 * as deep as a path can be. */
Test(snapshot, of_many)
{
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, MOOR_UNLIMITED);
    moor_agent deepest = nobody;

    for (int i = 0; i < MOOR_SEGMENTS_MAX - 1; i++) {
        deepest = spawn_below(registry, deepest, "d");
    }
    for (int i = 0; i < 150; i++) {
        moor_agent agent = spawn(registry);

        for (int below = 0; below < i % 3; below++) {
            (void)spawn_below(registry, agent, NULL);
        }
    }
    expect_json(registry);
    cr_assert_gt(taken.calls, 3, "in pieces");
    (void)snapshot(registry, MOOR_SNAPSHOT_DOT);
    (void)snapshot(registry, MOOR_SNAPSHOT_TREE);
    done(registry);
}

/* --- names that would break out ------------------------------------------- */

static const char hostile[] =
    "\"\\\n\x1b[31m\x7f\xc2\x9b&lt;\\\"]}\xc3\xa9\xc2\xa3\\";

static moor_registry *given_hostile(void)
{
    moor_registry *registry = given();

    (void)spawn_named(registry, nobody, "a", hostile, hostile);
    return registry;
}

Test(snapshot, hostile_names_in_json)
{
    moor_registry *registry = given_hostile();
    json_t *root = parsed(registry);
    const json_t *a = json_array_get(json_object_get(root, "children"), 0);

    cr_assert_str_eq(text_of(a, "nickname"), hostile);
    cr_assert_str_eq(text_of(a, "role"), hostile);
    json_decref(root);
    done(registry);
}

#define QUOTED \
    "\"\\\"\\\\\\u000a\\u001b[31m\\u007f\\u009b&lt;" \
    "\\\\\\\"]}\xc3\xa9\xc2\xa3\\\\\""
#define LABEL \
    "\\\"\\\\\\\\x0a\\\\x1b[31m\\\\x7f\\\\x9b&amp;lt;" \
    "\\\\\\\"]}\xc3\xa9\xc2\xa3\\\\"

Test(snapshot, hostile_names_in_text)
{
    moor_registry *registry = given_hostile();

    cr_assert_str_eq(snapshot(registry, MOOR_SNAPSHOT_TREE),
                     "/root running turn=0\n"
                     "  a pending_init slot loaded nickname=" QUOTED
                     " role=" QUOTED " turn=0\n");
    cr_assert_str_eq(snapshot(registry, MOOR_SNAPSHOT_DOT),
                     "digraph moorage {\n  node [shape=box];\n"
                     "  n0 [label=\"/root\\nrunning\\nturn 0\"];\n"
                     "  n1 [label=\"/root/a\\npending_init slot loaded"
                     "\\nnickname: " LABEL "\\nrole: " LABEL "\\nturn 0\"];\n"
                     "  n0 -> n1;\n}\n");
    done(registry);
}

/* Where Graphviz is installed.  `plain` has a line for each node and edge. */
static void expect_dot(moor_registry *registry, int nodes, int edges)
{
    FILE *dot;
    char file[] = "/tmp/moorage_dot_XXXXXX", command[100], line[2000];
    int descriptor = mkstemp(file);

    cr_assert_geq(descriptor, 0);
    (void)snapshot(registry, MOOR_SNAPSHOT_DOT);
    cr_assert_eq(write(descriptor, taken.text, taken.length), taken.length);
    close(descriptor);
    snprintf(command, sizeof command, "dot -Tplain %s 2>&1", file);
    dot = popen(command, "r");
    cr_assert_not_null(dot);
    while (fgets(line, sizeof line, dot) != NULL) {
        cr_expect_null(strstr(line, "Error:"), "%s", line);
        nodes -= strncmp(line, "node ", 5) == 0;
        edges -= strncmp(line, "edge ", 5) == 0;
    }
    cr_assert_eq(pclose(dot), 0);
    unlink(file);
    cr_assert_eq(nodes, 0);
    cr_assert_eq(edges, 0);
}

Test(snapshot, dot_reads_it)
{
    moor_registry *registry;

    if (system("dot -V > /dev/null 2>&1") != 0) {
        cr_log_info("dot is not installed: nothing was judged");
        return;
    }
    registry = orchard();
    expect_dot(registry, 8, 7);
    done(registry);
    registry = given_hostile();
    expect_dot(registry, 2, 1);
    done(registry);
}

/* --- whoever wants no more, and no memory --------------------------------- */

Test(snapshot, stops_when_the_callback_says_so)
{
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, MOOR_UNLIMITED);

    for (int i = 0; i < 300; i++) {
        (void)spawn(registry);
    }
    for (int f = 0; f < MOOR_SNAPSHOT_FORMATS; f++) {
        for (size_t calls = 1; calls <= 3; calls++) {
            taken = (struct taken){.most_calls = calls};
            cr_assert_eq(
                moor_snapshot(registry, (moor_snapshot_format)f, take, &taken),
                MOOR_STOPPED);
            cr_assert_eq(taken.calls, calls);
        }
    }
    done(registry);
    registry = given();
    taken = (struct taken){.most_calls = 1}; /* the last piece, the only one */
    cr_assert_eq(moor_snapshot(registry, MOOR_SNAPSHOT_TREE, take, &taken),
                 MOOR_STOPPED);
    done(registry);
}

/* However much there is, no piece of it is empty. */
Test(snapshot, in_whole_pieces)
{
    static char bytes[2 * OUT_ROOM];
    struct out out;

    memset(bytes, 'a', sizeof bytes);
    for (size_t pieces = 0; pieces <= 2; pieces++) {
        taken = (struct taken){.length = 0};
        out_begin(&out, take, &taken);
        out_bytes(&out, bytes, pieces * OUT_ROOM);
        cr_assert_eq(out_end(&out), MOOR_OK);
        cr_assert_eq(taken.calls, pieces);
        cr_assert_eq(taken.length, pieces * OUT_ROOM);
    }
}

Test(snapshot, no_memory_at_any_allocation)
{
    moor_registry *registry = given_policy(MOOR_ON_COMPLETION, MOOR_UNLIMITED);
    unsigned nth = 0;
    moor_error error;

    for (int i = 0; i < 100; i++) {
        (void)spawn(registry);
    }
    do {
        taken = (struct taken){.length = 0};
        fail_only(FAILING_HEAP, ++nth);
        error = moor_snapshot(registry, MOOR_SNAPSHOT_JSON, take, &taken);
        fail_none();
        cr_assert_eq(taken.length > 0, error == MOOR_OK);
        cr_assert(error == MOOR_OK || error == MOOR_NO_MEMORY);
    } while (error != MOOR_OK);
    cr_assert_gt(nth, 101, "each entry is allocated");
    expect_json(registry);
    done(registry);
}

Test(snapshot, bad_arguments)
{
    moor_registry *registry = given();

    cr_expect_eq(moor_snapshot(NULL, MOOR_SNAPSHOT_TREE, take, &taken),
                 MOOR_BAD_ARGUMENT);
    cr_expect_eq(moor_snapshot(registry, MOOR_SNAPSHOT_TREE, NULL, &taken),
                 MOOR_BAD_ARGUMENT);
    cr_expect_eq(moor_snapshot(registry, MOOR_SNAPSHOT_FORMATS, take, &taken),
                 MOOR_BAD_ARGUMENT);
    cr_expect_eq(
        moor_snapshot(registry, (moor_snapshot_format)-1, take, &taken),
        MOOR_BAD_ARGUMENT);
    done(registry);
}
