/*
 * Names: every boundary of segments, paths and texts.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "moorage/agent.h"
#include "names.h"

/* --- segments ------------------------------------------------------------- */

/* `length` times the character. */
static const char *many(char c, size_t length)
{
    static char text[2048];

    memset(text, c, length);
    text[length] = '\0';
    return text;
}

Test(names, good_segments)
{
    static const char *const good[] = {
        "a",   "z",     "0",     "9",
        "_",   "__",    "a_0",   "worker",
        "1st", "roots", "root_", "_root",
        "roo", "root0", "r00t",  "agent_18446744073709551615"};

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        cr_expect_eq(names_segment(good[i]), strlen(good[i]), "%s", good[i]);
    }
    cr_expect_eq(names_segment(many('a', 64)), 64);
}

static const char *const bad_segments[] = {
    "",         "root",      ".",    "..",   "...",   "a.b",  "/",
    "a/",       "/a",        "a/b",  "A",    "aB",    "ROOT", "Root",
    "a b",      " a",        "a ",   "a-b",  "-",     "a\n",  "\ta",
    "\xc3\xa4", "a\xc3\xa4", "\x7f", "\x80", "a\xff", "a:b",  "a,b",
    "a*",       "a@b",       "a`b",  "a{b",  "a[b",   "~",    "a\\b"};

Test(names, bad_segments)
{
    for (size_t i = 0; i < sizeof bad_segments / sizeof bad_segments[0]; i++) {
        cr_expect_eq(names_segment(bad_segments[i]), 0, "%s", bad_segments[i]);
    }
    cr_expect_eq(names_segment(many('a', 65)), 0);
    cr_expect_eq(names_segment(many('a', 1024)), 0);
}

/* Letters of lower case, digits, underscore; of 255 bytes these alone. */
Test(names, each_byte_alone)
{
    for (int byte = 1; byte < 256; byte++) {
        char text[2] = {(char)byte, '\0'};
        bool good = (byte >= 'a' && byte <= 'z') ||
                    (byte >= '0' && byte <= '9') || byte == '_';

        cr_expect_eq(names_segment(text), good ? 1 : 0, "byte %d", byte);
    }
}

/* A segment in memory of its own size, with another byte at `at`, if that is
 * within: for a sanitizer to see what is read beyond. */
static size_t judged(size_t length, size_t at, char byte)
{
    char *text = malloc(length + 1);
    size_t answer;

    cr_assert_not_null(text);
    memset(text, 'x', length);
    text[length] = '\0';
    if (at < length) text[at] = byte;
    answer = names_segment(text);
    free(text);
    return answer;
}

Test(names, each_length_with_a_bad_byte_anywhere)
{
    static const char bad[] = {'/', '`', '{', 'Z', '.', ':', '\x80', '\xdf'};

    for (size_t length = 1; length <= 80; length++) {
        size_t good = length <= 64 ? length : 0;

        cr_expect_eq(judged(length, length, 0), good, "%zu", length);
        for (size_t at = 0; at < length; at++) {
            cr_expect_eq(judged(length, at, '_'), good);
            cr_expect_eq(judged(length, at, '\0'), at <= 64 ? at : 0);
            for (size_t i = 0; i < sizeof bad; i++) {
                cr_expect_eq(judged(length, at, bad[i]), 0, "%zu of %zu", at,
                             length);
            }
        }
    }
}

/* --- paths ---------------------------------------------------------------- */

/* "/root" and `segments` more, each of `length` bytes. */
static const char *path_of(unsigned segments, size_t length)
{
    static char text[4096];
    size_t at = (size_t)sprintf(text, "/root");

    for (unsigned i = 0; i < segments; i++) {
        text[at++] = '/';
        memset(text + at, 'a', length);
        at += length;
    }
    text[at] = '\0';
    return text;
}

/* A path of exactly so many bytes. */
static const char *path_long(size_t bytes)
{
    static char text[4096];
    size_t at = strlen(path_of(15, 64));

    memcpy(text, path_of(15, 64), at);
    text[at++] = '/';
    memset(text + at, 'b', bytes - at);
    text[bytes] = '\0';
    return text;
}

static void absolute(const char *path, bool good)
{
    bool relative = good; /* must become false */

    cr_expect_eq(names_path_ok(path, NULL), good, "%.80s", path);
    cr_expect_eq(names_path_ok(path, &relative), good, "%.80s", path);
    if (good) cr_expect_not(relative);
}

Test(names, good_absolute_paths)
{
    absolute("/root", true);
    absolute("/root/a", true);
    absolute("/root/a/b_c/0", true);
    absolute("/root/roots", true);
}

Test(names, bad_absolute_paths)
{
    static const char *const bad[] = {"/",
                                      "//root",
                                      "/root/",
                                      "/root//a",
                                      "/roo",
                                      "/roots",
                                      "/root_",
                                      "/Root",
                                      "/a",
                                      "/a/root",
                                      "/root/root",
                                      "/root/a/",
                                      "/root/.",
                                      "/root/..",
                                      "/root/a/..",
                                      "/root/./a",
                                      "/root/a//b",
                                      "/root/A",
                                      "/root/a ",
                                      "/root /a",
                                      " /root",
                                      "/root\n",
                                      "/root/a\\b",
                                      "/root/root/a",
                                      "/root/a/root",
                                      "/root/\xc3\xa4"};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        absolute(bad[i], false);
    }
}

Test(names, at_most_32_segments)
{
    absolute(path_of(31, 1), true);
    absolute(path_of(32, 1), false);
    absolute(path_of(500, 1), false);
}

Test(names, at_most_64_bytes_a_segment)
{
    absolute(path_of(1, 64), true);
    absolute(path_of(1, 65), false);
    absolute(path_of(3, 64), true);
    absolute(path_of(3, 65), false);
}

Test(names, at_most_1024_bytes)
{
    cr_assert_eq(strlen(path_long(1024)), 1024);
    absolute(path_long(1023), true);
    absolute(path_long(1024), true);
    cr_assert_eq(strlen(path_long(1025)), 1025);
    absolute(path_long(1025), false);
    absolute(path_of(31, 64), false);
}

Test(names, relative_paths)
{
    static const char *const good[] = {"a", "a/b", "worker/0/_"};
    static const char *const bad[] = {"",   "root", "a/", "a//b", "./a",
                                      "..", "a/..", "A",  "a/B",  "a/root",
                                      ".",  "a b",  "a/ "};
    bool relative = false;

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        relative = false;
        cr_expect(names_path_ok(good[i], &relative), "%s", good[i]);
        cr_expect(relative);
        cr_expect_not(names_path_ok(good[i], NULL), "not absolute");
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        cr_expect_not(names_path_ok(bad[i], &relative), "%s", bad[i]);
    }
    cr_expect(names_path_ok(path_of(31, 1) + 6, &relative));
    cr_expect_not(names_path_ok(path_of(32, 1) + 6, &relative));
    cr_expect(names_path_ok(path_long(1024) + 6, &relative));
    cr_expect_not(names_path_ok(path_of(31, 64) + 6, &relative));
}

/* --- roles and nicknames -------------------------------------------------- */

Test(names, good_texts)
{
    static const char *const good[] = {"a",
                                       "Plato",
                                       "the 2nd",
                                       " ",
                                       "\n",
                                       "\x7f",
                                       "\xc2\x80",
                                       "\xdf\xbf",
                                       "\xe0\xa0\x80",
                                       "\xed\x9f\xbf",
                                       "\xee\x80\x80",
                                       "\xef\xbf\xbf",
                                       "\xf0\x90\x80\x80",
                                       "\xf4\x8f\xbf\xbf",
                                       "Ath\xc3\xa9na"};

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        cr_expect(names_text_ok(good[i], 64), "number %zu", i);
    }
}

Test(names, bad_texts)
{
    static const char *const bad[] = {
        "",                 /* empty */
        "\x80",             /* no lead */
        "a\xbf",            /* no lead */
        "\xc2",             /* cut off */
        "\xc2g",            /* cut off */
        "\xe1\x80",         /* cut off */
        "\xf1\x80\x80",     /* cut off */
        "\xc0\x80",         /* too long a form of NUL */
        "\xc1\xbf",         /* too long a form of DEL */
        "\xe0\x9f\xbf",     /* too long a form of U+07FF */
        "\xf0\x8f\xbf\xbf", /* too long a form of U+FFFF */
        "\xed\xa0\x80",     /* a surrogate */
        "\xed\xbf\xbf",     /* a surrogate */
        "\xf4\x90\x80\x80", /* beyond U+10FFFF */
        "\xf5\x80\x80\x80", /* beyond U+10FFFF */
        "\xf8\x88\x80\x80\x80",
        "\xfe",
        "\xff",
        "abc\xff"};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        cr_expect_not(names_text_ok(bad[i], 64), "number %zu", i);
    }
}

Test(names, texts_are_measured_in_bytes)
{
    char text[70] = "";

    cr_expect(names_text_ok(many('x', 64), 64));
    cr_expect_not(names_text_ok(many('x', 65), 64));
    memset(text, 'x', 63);
    memcpy(text + 62, "\xc3\xa9", 3);
    cr_expect(names_text_ok(text, 64));
    memcpy(text + 62, "x\xc3\xa9", 4);
    cr_expect_not(names_text_ok(text, 64));
}
