/* Memory for the tool: it is there, or the program ends with exit code 3. */
#ifndef MOORAGE_TOOL_MEMORY_H
#define MOORAGE_TOOL_MEMORY_H

#include <stddef.h>

#include <jansson.h>

/* Exit codes of the program.  Invalid: the file, or the command line. */
enum { EXIT_HELD = 0, EXIT_BROKEN = 1, EXIT_INVALID = 2, EXIT_COULD_NOT = 3 };

/* `count` zeroed objects of `size` bytes; never null. */
void *must_alloc(size_t count, size_t size);
/* Grow to `count` objects; what is new is not initialised. */
void *must_resize(void *old, size_t count, size_t size);
/* The value itself; ends the program when it is null. */
json_t *must_json(json_t *value);
/* A member of an object, which takes the value over. */
void must_put(json_t *object, const char *key, json_t *value);

#endif
