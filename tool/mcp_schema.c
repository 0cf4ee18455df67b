#include "mcp_schema.h"

#include <stdio.h>
#include <string.h>

#include "mcp_answers.h"
#include "memory.h"

/* ---- kinds of parameters ------------------------------------------------ */

static bool is_text(const json_t *value)
{
    return json_is_string(value);
}

static bool is_flag(const json_t *value)
{
    return json_is_boolean(value);
}

/* A number of JSON without a fraction, however it is written. */
static bool is_ms(const json_t *value)
{
    double number = json_number_value(value);

    return json_is_number(value) && number >= 0 && number <= MCP_WAIT_MAX_MS &&
           number == (double)(long)number;
}

static bool is_texts(const json_t *value)
{
    size_t count = json_array_size(value);
    bool are = count >= 1 && count <= MCP_TARGETS_MAX;

    for (size_t i = 0; are && i < count; i++) {
        are = json_is_string(json_array_get(value, i));
    }
    return are;
}

static const char *const item_keys[] = {"type", "text", "image_url", "path",
                                        "name"};
enum { ITEM_KEYS = sizeof item_keys / sizeof item_keys[0] };

static bool is_item(json_t *item)
{
    size_t known = 0;

    for (size_t i = 0; i < ITEM_KEYS; i++) {
        json_t *value = json_object_get(item, item_keys[i]);

        if (value != NULL && !json_is_string(value)) return false;
        known += value != NULL;
    }
    return json_is_object(item) && known == json_object_size(item);
}

static bool is_items(const json_t *value)
{
    size_t count = json_array_size(value);
    bool are = count >= 1;

    for (size_t i = 0; are && i < count; i++) {
        are = is_item(json_array_get(value, i));
    }
    return are;
}

static bool is_ending(const json_t *value)
{
    const char *text = json_string_value(value);

    return text != NULL &&
           (strcmp(text, "completed") == 0 || strcmp(text, "errored") == 0 ||
            strcmp(text, "shutdown") == 0);
}

static const struct kind {
    bool (*fits)(const json_t *value);
    const char *wanted;
    const char *schema;
} kinds[] = {
    [PARAM_TEXT] = {is_text, "a text", "{\"type\":\"string\"}"},
    [PARAM_FLAG] = {is_flag, "true or false", "{\"type\":\"boolean\"}"},
    [PARAM_MS] = {is_ms, "a whole number from 0 to 3600000",
                  "{\"type\":\"integer\",\"minimum\":0,\"maximum\":3600000}"},
    [PARAM_TEXTS] = {is_texts, "an array of 1 to 64 texts",
                     "{\"type\":\"array\",\"items\":{\"type\":\"string\"},"
                     "\"minItems\":1,\"maxItems\":64}"},
    [PARAM_ITEMS] =
        {is_items, "an array of objects, their values texts",
         "{\"type\":\"array\",\"minItems\":1,\"items\":{\"type\":\"object\","
         "\"properties\":{\"type\":{\"type\":\"string\"},\"text\":{\"type\":"
         "\"string\"},\"image_url\":{\"type\":\"string\"},\"path\":{\"type\":"
         "\"string\"},\"name\":{\"type\":\"string\"}},"
         "\"additionalProperties\":false}}"},
    [PARAM_ENDING] = {is_ending, "completed, errored or shutdown",
                      "{\"type\":\"string\",\"enum\":[\"completed\","
                      "\"errored\",\"shutdown\"]}"},
};

/* ---- of a whole tool ---------------------------------------------------- */

/* What every tool may answer instead: with isError. */
static const char refusal[] =
    "{\"type\":\"object\",\"properties\":{"
    "\"error\":{\"type\":\"string\"},\"message\":{\"type\":\"string\"},"
    "\"reason\":{\"type\":\"string\"},\"used\":{\"type\":\"integer\"},"
    "\"limit\":{\"type\":\"integer\"},\"would_free\":{\"type\":\"string\"},"
    "\"holders\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
    "\"properties\":{\"agent_id\":{\"type\":\"string\"},"
    "\"agent_name\":{\"type\":\"string\"},\"status\":{\"type\":\"string\"},"
    "\"age_ms\":{\"type\":\"integer\"},\"freed_by\":{\"type\":\"string\"}},"
    "\"required\":[\"agent_id\",\"agent_name\",\"status\",\"age_ms\","
    "\"freed_by\"],\"additionalProperties\":false}}},"
    "\"required\":[\"error\",\"message\"],\"additionalProperties\":false}";

static json_t *read(const char *text)
{
    return must_json(json_loads(text, 0, NULL));
}

static json_t *input_schema(const struct tool *tool)
{
    json_t *properties = must_json(json_object());
    json_t *required = must_json(json_array());

    for (size_t i = 0; i < TOOL_PARAMETERS; i++) {
        const struct parameter *parameter = &tool->parameters[i];

        if (parameter->name == NULL) break;
        json_t *schema = read(kinds[parameter->kind].schema);
        json_object_set_new(schema, "description",
                            json_string(parameter->about));
        json_object_set_new(properties, parameter->name, schema);
        if (parameter->required) {
            json_array_append_new(required, json_string(parameter->name));
        }
    }
    return json_pack("{sssososb}", "type", "object", "properties", properties,
                     "required", required, "additionalProperties", 0);
}

json_t *schema_of_tool(const struct tool *tool)
{
    return must_json(json_pack(
        "{sssssos{sss[oo]}}", "name", tool->name, "description", tool->about,
        "inputSchema", input_schema(tool), "outputSchema", "type", "object",
        "oneOf", read(tool->output), read(refusal)));
}

static const struct parameter *parameter_named(const struct tool *tool,
                                               const char *name)
{
    for (size_t i = 0; i < TOOL_PARAMETERS; i++) {
        if (tool->parameters[i].name == NULL) break;
        if (strcmp(tool->parameters[i].name, name) == 0) {
            return &tool->parameters[i];
        }
    }
    return NULL;
}

json_t *schema_objection(const struct tool *tool, const json_t *arguments)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)arguments, key, value)
    {
        const struct parameter *parameter = parameter_named(tool, key);

        if (parameter == NULL) {
            return tool_error("bad_argument", "%s takes no \"%.64s\"",
                              tool->name, key);
        }
        if (!kinds[parameter->kind].fits(value)) {
            return tool_error("bad_argument", "\"%s\" is to be %s", key,
                              kinds[parameter->kind].wanted);
        }
    }
    for (size_t i = 0; i < TOOL_PARAMETERS; i++) {
        const struct parameter *parameter = &tool->parameters[i];

        if (parameter->name != NULL && parameter->required &&
            json_object_get(arguments, parameter->name) == NULL) {
            return tool_error("bad_argument", "%s wants \"%s\"", tool->name,
                              parameter->name);
        }
    }
    return NULL;
}
