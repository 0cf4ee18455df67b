/*
 * Inputs and dictionaries from files.
 */
#include "mutate.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FILE_MOST = 1 << 20, WORD_MOST = 256 };

static void *must_have(void *memory)
{
    if (memory == NULL) {
        fputs("no memory for the corpus\n", stderr);
        exit(EXIT_FAILURE);
    }
    return memory;
}

void pool_add(struct pool *pool, const uint8_t *at, size_t size)
{
    struct bytes *added;

    pool->all =
        must_have(realloc(pool->all, (pool->count + 1) * sizeof *pool->all));
    added = &pool->all[pool->count++];
    added->at = must_have(malloc(size + 1)); /* one more: never null */
    added->size = size;
    if (size > 0) {
        memcpy(added->at, at, size);
    }
}

void pool_free(struct pool *pool)
{
    for (size_t i = 0; i < pool->count; i++) {
        free(pool->all[i].at);
    }
    free(pool->all);
    *pool = (struct pool){0};
}

static bool read_file(struct pool *pool, const char *path)
{
    FILE *stream = fopen(path, "rb");
    uint8_t *bytes;
    size_t size;
    bool whole;

    if (stream == NULL) {
        return false;
    }
    bytes = must_have(malloc(FILE_MOST));
    size = fread(bytes, 1, FILE_MOST, stream);
    whole = ferror(stream) == 0;
    if (whole) {
        pool_add(pool, bytes, size);
    }
    free(bytes);
    (void)fclose(stream);
    return whole;
}

static int not_hidden(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* In the order of names, so that a seed makes the same inputs everywhere. */
static bool read_folder(struct pool *pool, const char *path)
{
    struct dirent **entries;
    int count = scandir(path, &entries, not_hidden, alphasort);
    bool all = count >= 0;

    for (int i = 0; i < count; i++) {
        char name[4096];

        (void)snprintf(name, sizeof name, "%s/%s", path, entries[i]->d_name);
        all = all && pool_read(pool, name);
        free(entries[i]);
    }
    if (count >= 0) {
        free(entries);
    }
    return all;
}

bool pool_read(struct pool *pool, const char *path)
{
    struct stat about;

    if (stat(path, &about) != 0) {
        return false;
    }
    return S_ISDIR(about.st_mode) ? read_folder(pool, path)
                                  : read_file(pool, path);
}

/* One word: what stands between quotes, with \", \\ and \xNN. */
static size_t unquote(const char *text, uint8_t word[WORD_MOST])
{
    size_t size = 0;

    for (; *text != '\0' && *text != '"' && size < WORD_MOST; text++) {
        unsigned code;

        if (*text == '\\' && sscanf(text, "\\x%2x", &code) == 1) {
            word[size++] = (uint8_t)code;
            text += 3;
            continue;
        }
        text += *text == '\\' && text[1] != '\0';
        word[size++] = (uint8_t)*text;
    }
    return size;
}

bool pool_read_words(struct pool *pool, const char *file)
{
    FILE *stream = fopen(file, "r");
    char line[1024];
    uint8_t word[WORD_MOST];

    if (stream == NULL) {
        return false;
    }
    while (fgets(line, sizeof line, stream) != NULL) {
        const char *quote = strchr(line, '"');

        if (line[0] != '#' && quote != NULL) {
            pool_add(pool, word, unquote(quote + 1, word));
        }
    }
    (void)fclose(stream);
    return true;
}
