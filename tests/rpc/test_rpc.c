/*
 * moorage rpc on standard input and output: requests and answers, and input
 * that nobody should send.
 */
#include <fcntl.h>

#include "served.h"

static struct wire wire;
static pid_t server;

static void begin(void)
{
    (void)signal(SIGPIPE, SIG_IGN);
    server = serve(&wire, NULL);
}

static void end(void)
{
    ends_well(server, &wire);
}

TestSuite(rpc, .init = begin, .fini = end);

/* --- requests ------------------------------------------------------------- */

Test(rpc, a_life)
{
    json_t *answer;

    says(&wire, "{\"seq\":7,\"op\":\"spawn\",\"as\":\"a\",\"name\":\"x\"}");
    answer = hears_outcome(&wire, "ok");
    cr_assert_eq(json_integer_value(json_object_get(answer, "seq")), 7);
    cr_assert_str_eq(text_in(answer, "path"), "/root/x");
    json_decref(answer);
    expects(&wire, "{\"op\":\"start\",\"agent\":\"a\"}", "ok");
    expects(&wire,
            "{\"op\":\"finish\",\"agent\":\"a\",\"status\":\"completed\"}",
            "ok");
    expects(&wire, "{\"op\":\"start\",\"agent\":\"a\"}", "wrong_status");
    expects(&wire, "{\"op\":\"close\",\"agent\":\"a\"}", "ok");
    expects(&wire, "{\"op\":\"start\",\"agent\":\"a\"}", "stale");
    expects(&wire, "{\"op\":\"check\"}", "ok");
}

Test(rpc, the_nine_rounds)
{
    for (int round = 0; round < 9; round++) {
        for (int i = 0; i < 24; i++) {
            expects(&wire, "{\"op\":\"spawn\",\"as\":\"a\"}", "ok");
            expects(&wire,
                    "{\"op\":\"finish\",\"agent\":\"a\","
                    "\"status\":\"completed\"}",
                    "ok");
        }
    }
}

/* What it says of those who hold the slots has the caller's names. */
Test(rpc, a_refusal_names_the_holders)
{
    json_t *answer;

    for (int i = 0; i < 6; i++) {
        char line[64];

        snprintf(line, sizeof line, "{\"op\":\"spawn\",\"as\":\"h%d\"}", i);
        expects(&wire, line, "ok");
    }
    says(&wire, "{\"op\":\"spawn\",\"as\":\"late\"}");
    answer = hears_outcome(&wire, "refused");
    cr_assert_str_eq(text_in(answer, "refused"), "running");
    cr_assert_eq(json_array_size(json_object_get(answer, "holders")), 6);
    cr_assert_str_eq(json_string_value(
                         json_array_get(json_object_get(answer, "holders"), 0)),
                     "h0");
    json_decref(answer);
    expects(&wire, "{\"op\":\"start\",\"agent\":\"late\"}", "not_found");
}

Test(rpc, a_label_is_defined_anew)
{
    json_t *answer;

    expects(&wire, "{\"op\":\"spawn\",\"as\":\"a\",\"name\":\"x\"}", "ok");
    expects(&wire, "{\"op\":\"spawn\",\"as\":\"a\",\"name\":\"y\"}", "ok");
    says(&wire, "{\"op\":\"lookup\",\"path\":\"/root/y\"}");
    answer = hears_outcome(&wire, "ok");
    cr_assert_str_eq(text_in(answer, "agent"), "a");
    json_decref(answer);
    expects(&wire, "{\"op\":\"reserve\",\"as\":\"a\"}", "ok");
    expects(&wire, "{\"op\":\"start\",\"agent\":\"a\"}", "invalid");
    expects(&wire, "{\"op\":\"commit\",\"ticket\":\"a\",\"as\":\"b\"}", "ok");
}

/* What is refused, or no request, leaves a label as it was. */
Test(rpc, a_label_that_is_not_defined_anew)
{
    static const char again[] = "{\"op\":\"finish\",\"agent\":\"a\"}";

    expects(&wire, "{\"op\":\"set_limit\",\"running\":1}", "ok");
    expects(&wire, "{\"op\":\"spawn\",\"as\":\"a\"}", "ok");
    expects(&wire, "{\"op\":\"reserve\",\"as\":\"a\"}", "refused");
    expects(&wire, "{\"op\":\"reserve\",\"as\":\"a\",\"expect\":\"ok\"}",
            "invalid");
    expects(&wire,
            "{\"op\":\"repeat\",\"times\":1,\"do\":[{\"op\":\"reserve\","
            "\"as\":\"a\"}]}",
            "invalid");
    expects(&wire, again, "ok");
    expects(&wire, "{\"op\":\"reserve\",\"as\":\"a\"}", "ok");
    expects(&wire, again, "invalid");
    expects(&wire, "{\"op\":\"abandon\",\"ticket\":\"a\"}", "ok");
}

/* A path is whoever has it at that time. */
Test(rpc, a_path_does_for_a_label)
{
    const char *close = "{\"op\":\"close\",\"agent\":\"/root/x\"}";

    for (int i = 0; i < 3; i++) {
        expects(&wire, "{\"op\":\"spawn\",\"name\":\"x\"}", "ok");
        expects(&wire,
                "{\"op\":\"spawn\",\"parent\":\"/root/x\",\"name\":\"y\"}",
                "ok");
        expects(&wire,
                "{\"op\":\"finish\",\"agent\":\"/root/x/y\","
                "\"status\":\"completed\"}",
                "ok");
        expects(&wire, close, "ok");
        expects(&wire, close, "not_found");
    }
}

/* Thousands of them, each used once: they are forgotten. */
Test(rpc, labels_of_those_that_are_gone)
{
    char line[64];

    expects(&wire, "{\"op\":\"spawn\",\"as\":\"stays\"}", "ok");
    for (int i = 0; i < 3000; i++) {
        snprintf(line, sizeof line, "{\"op\":\"spawn\",\"as\":\"a%d\"}", i);
        expects(&wire, line, "ok");
        snprintf(line, sizeof line, "{\"op\":\"close\",\"agent\":\"a%d\"}", i);
        expects(&wire, line, "ok");
    }
    expects(&wire, "{\"op\":\"start\",\"agent\":\"stays\"}", "ok");
    expects(&wire, "{\"op\":\"start\",\"agent\":\"a7\"}", "not_found");
}

/* --- notices -------------------------------------------------------------- */

Test(rpc, who_subscribes_is_told)
{
    json_t *notice;

    expects(&wire, "{\"op\":\"spawn\",\"as\":\"p\",\"name\":\"p\"}", "ok");
    expects(&wire, "{\"op\":\"spawn\",\"as\":\"c\",\"parent\":\"p\"}", "ok");
    expects(&wire, "{\"op\":\"subscribe\",\"of\":\"p\"}", "ok");
    expects(&wire, "{\"op\":\"subscribe\",\"of\":\"p\"}", "ok");
    expects(&wire,
            "{\"op\":\"finish\",\"agent\":\"c\",\"status\":\"completed\"}",
            "ok");
    notice = hears(&wire);
    cr_assert_str_eq(text_in(notice, "event"), "ended");
    cr_assert_str_eq(text_in(notice, "of"), "p");
    cr_assert_str_eq(text_in(notice, "agent"), "c");
    cr_assert_str_eq(text_in(notice, "status"), "completed");
    cr_assert_eq(strlen(text_in(notice, "id")), 36);
    json_decref(notice);
    expects(&wire, "{\"op\":\"unsubscribe\",\"of\":\"p\"}", "ok");
    expects(&wire, "{\"op\":\"run_again\",\"agent\":\"c\"}", "ok");
    expects(&wire,
            "{\"op\":\"finish\",\"agent\":\"c\",\"status\":\"completed\"}",
            "ok");
    expects(&wire, "{\"op\":\"check\"}", "ok");
    cr_assert(is_silent(&wire));
    expects(&wire, "{\"op\":\"subscribe\",\"of\":\"nobody\"}", "not_found");
    expects(&wire, "{\"op\":\"subscribe\",\"of\":3}", "invalid");
    expects(&wire, "{\"op\":\"subscribe\",\"off\":\"p\"}", "invalid");
}

/* One is left, and an eventfd wants another: nobody would tell it. */
Test(rpc, who_subscribes_without_a_descriptor)
{
    FILE *lines =
        popen("printf '{\"op\":\"subscribe\"}\\n{\"op\":\"list\"}\\n' |"
              " sh -c 'ulimit -n 4; exec " MOORAGE_PROGRAM " rpc'",
              "r");
    struct wire own = {-1, -1, lines};

    cr_assert_not_null(lines);
    json_decref(hears_outcome(&own, "no_memory"));
    json_decref(hears_outcome(&own, "ok"));
    cr_assert_eq(pclose(lines), 0);
}

/* --- input that nobody should send ---------------------------------------- */

static void is_invalid(const char *line, int column)
{
    json_t *answer;

    says(&wire, line);
    answer = hears_outcome(&wire, "invalid");
    cr_assert_eq(json_integer_value(json_object_get(answer, "column")), column,
                 "%s: column %d", line,
                 (int)json_integer_value(json_object_get(answer, "column")));
    cr_assert_neq(text_in(answer, "why")[0], '\0');
    json_decref(answer);
}

Test(rpc, what_is_no_request)
{
    is_invalid("{", 2);
    is_invalid("[1,2]", 1);
    is_invalid("{\"op\":\"spam\"}", 7);
    is_invalid("{\"op\":\"spawn\",\"op\":\"spawn\"}", 15);
    is_invalid("{\"op\":\"spawn\",\"name\":3}", 22);
    is_invalid("{\"op\":\"spawn\",\"nome\":\"x\"}", 15);
    is_invalid("{\"op\":\"spawn\",\"as\":\"root\"}", 20);
    is_invalid("{\"op\":\"spawn\",\"expect\":\"ok\"}", 1);
    is_invalid("{\"op\":\"repeat\",\"times\":2,\"do\":[]}", 1);
    is_invalid("{\"op\":\"restart\"}", 1);
    is_invalid("{\"op\":\"expect\",\"used\":1}", 1);
    is_invalid("{\"op\":\"exec\",\"argv\":[\"true\"]}", 1);
    is_invalid("{\"op\":\"spawn\",\"name\":\"\xff\"}", 22);
    is_invalid("{\"op\":\"spawn\",\"name\":\"\\u0000\"}", 22);
    expects(&wire, "{\"op\":\"list\"}", "ok");
}

/* Quoted, it is cut in the middle of a character; or it is none. */
Test(rpc, a_complaint_of_half_a_character)
{
    char line[128];

    snprintf(line, sizeof line, "{\"op\":\"%079d\xc3\xa9\"}", 0);
    is_invalid(line, 7);
    says(&wire, "{\"o\\\xc4\xbfsu\":1}");
    json_decref(hears_outcome(&wire, "invalid"));
    says(&wire, "{\"op\": \xc3");
    json_decref(hears_outcome(&wire, "invalid"));
    expects(&wire, "{\"op\":\"list\"}", "ok");
}

Test(rpc, a_line_that_is_too_long)
{
    enum { LONG = 100 << 20, PIECE = 1 << 16 };
    char *piece = malloc(PIECE);

    memset(piece, 'x', PIECE);
    for (int sent = 0; sent < LONG; sent += PIECE) {
        sends(&wire, piece, PIECE);
    }
    free(piece);
    says(&wire, "");
    json_decref(hears_outcome(&wire, "invalid"));
    expects(&wire, "{\"op\":\"list\"}", "ok");
}

Test(rpc, brackets_in_brackets)
{
    enum { DEEP = 200000 };
    char *line = malloc(DEEP + 1);

    memset(line, '[', DEEP);
    line[DEEP] = '\0';
    expects(&wire, line, "invalid");
    free(line);
    expects(&wire, "{\"op\":\"list\"}", "ok");
}

Test(rpc, bytes_that_are_no_text)
{
    sends(&wire, "{\"op\":\0\"list\"}\n", 15);
    json_decref(hears_outcome(&wire, "invalid"));
    says(&wire, " \t\r");
    expects(&wire, "{\"op\":\"list\"}\r", "ok");
}

/* The last line may do without its end. */
/* Nobody hears the answer, though more could be asked. */
Test(rpc, who_hears_nothing_is_not_waited_for)
{
    expects(&wire, "{\"op\":\"spawn\",\"as\":\"a\"}", "ok");
    says(&wire, "{\"op\":\"wait\",\"for\":\"all\",\"agents\":[\"a\"],"
                "\"timeout_ms\":3600000}");
    hangs_up(&wire);
    cr_assert_eq(ended(server), 0);
    server = serve(&wire, NULL);
}

Test(rpc, an_input_that_breaks_off)
{
    static const char line[] = "{\"op\":\"list\"}";

    sends(&wire, line, sizeof line - 1);
    (void)close(wire.out);
    wire.out = open("/dev/null", 1);
    json_decref(hears_outcome(&wire, "ok"));
}

/* --- settings ------------------------------------------------------------- */

Test(rpc_settings, they_are_a_header)
{
    static const char *const arguments[] = {
        "--settings", "{\"moorage\":1,\"limits\":{\"running\":1}}", NULL};
    struct wire own;
    pid_t pid = serve(&own, arguments);

    expects(&own, "{\"op\":\"spawn\"}", "ok");
    expects(&own, "{\"op\":\"spawn\"}", "refused");
    ends_well(pid, &own);
}

Test(rpc_settings, that_are_none)
{
    static const char *const wrong[][4] = {
        {"--settings", "{\"moorage\":1,\"limits\":{\"walking\":1}}", NULL},
        {"--settings", "6", NULL},
        {"--speed", "6", NULL},
        {"file", NULL}};

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct wire own;
        pid_t pid = serve(&own, wrong[i]);

        cr_assert_null(hears(&own));
        cr_assert_eq(ended(pid), 2);
        hangs_up(&own);
    }
}
