#include "memory.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static void no_memory(void)
{
    fputs("moorage: no memory\n", stderr);
    exit(EXIT_COULD_NOT);
}

void *must_alloc(size_t count, size_t size)
{
    /* One byte at least, so that null always means failure. */
    void *memory = calloc(count > 0 ? count : 1, size);

    if (memory == NULL) no_memory();
    return memory;
}

void *must_resize(void *old, size_t count, size_t size)
{
    void *memory = NULL;

    if (count <= SIZE_MAX / size) {
        memory = realloc(old, count > 0 ? count * size : 1);
    }
    if (memory == NULL) no_memory();
    return memory;
}

json_t *must_json(json_t *value)
{
    if (value == NULL) no_memory();
    return value;
}

void must_put(json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, must_json(value)) != 0) no_memory();
}
