#include "mcp_tools.h"

#include <string.h>

#include "mcp_calls.h"
#include "mcp_schema.h"

/* ---- what tools answer -------------------------------------------------- */

#define STATUS                                                                 \
    "{\"oneOf\":[{\"type\":\"string\",\"enum\":[\"pending_init\",\"running\"," \
    "\"interrupted\",\"shutdown\",\"not_found\"]},"                            \
    "{\"type\":\"object\",\"properties\":{\"completed\":{\"type\":"            \
    "[\"string\",\"null\"]}},\"required\":[\"completed\"],"                    \
    "\"additionalProperties\":false},"                                         \
    "{\"type\":\"object\",\"properties\":{\"errored\":{\"type\":\"string\"}}," \
    "\"required\":[\"errored\"],\"additionalProperties\":false}]}"
#define OBJECT(properties, required)                   \
    "{\"type\":\"object\",\"properties\":{" properties \
    "},\"required\":[" required "],\"additionalProperties\":false}"
#define NAME "\"type\":[\"string\",\"null\"]"

static const char spawned_v1[] =
    OBJECT("\"agent_id\":{\"type\":\"string\"},\"nickname\":{" NAME "}",
           "\"agent_id\",\"nickname\"");
static const char spawned_v2[] =
    OBJECT("\"task_name\":{\"type\":\"string\"},\"nickname\":{" NAME "}",
           "\"task_name\",\"nickname\"");
static const char submitted[] =
    OBJECT("\"submission_id\":{\"type\":\"string\"}", "\"submission_id\"");
static const char status_now[] = OBJECT("\"status\":" STATUS, "\"status\"");
static const char previous[] =
    OBJECT("\"previous_status\":" STATUS, "\"previous_status\"");
static const char waited_v1[] =
    OBJECT("\"status\":{\"type\":\"object\",\"additionalProperties\":" STATUS
           "},\"timed_out\":{\"type\":\"boolean\"}",
           "\"status\",\"timed_out\"");
static const char waited_v2[] = OBJECT("\"message\":{\"type\":\"string\"},"
                                       "\"timed_out\":{\"type\":\"boolean\"}",
                                       "\"message\",\"timed_out\"");
static const char listed[] =
    OBJECT("\"agents\":{\"type\":\"array\",\"items\":" OBJECT(
               "\"agent_name\":{\"type\":\"string\"},\"agent_id\":{\"type\":"
               "\"string\"},\"agent_status\":" STATUS
               ",\"last_task_message\":{" NAME "}",
               "\"agent_name\",\"agent_id\",\"agent_status\",\"last_task_"
               "message\"") "},\"more\":{\"type\":\"integer\",\"minimum\":0}",
           "\"agents\",\"more\"");
static const char reported[] =
    OBJECT("\"previous_status\":" STATUS ",\"next_message\":{" NAME "}",
           "\"previous_status\",\"next_message\"");

/* ---- what several of them take ------------------------------------------ */

#define MODEL                                              \
    {                                                      \
        "model", PARAM_TEXT, false,                        \
            "Told to the agent's process as MOORAGE_MODEL" \
    }
#define EFFORT                                       \
    {                                                \
        "reasoning_effort", PARAM_TEXT, false,       \
            "Told to it as MOORAGE_REASONING_EFFORT" \
    }
#define TIER                                     \
    {                                            \
        "service_tier", PARAM_TEXT, false,       \
            "Told to it as MOORAGE_SERVICE_TIER" \
    }
#define ROLE                                                                \
    {                                                                       \
        "agent_type", PARAM_TEXT, false, "Role of the agent, 1 to 64 bytes" \
    }
#define ITEMS                                                                \
    {                                                                        \
        "items", PARAM_ITEMS, false, "Structured input, in place of message" \
    }
#define TARGET                                                       \
    {                                                                \
        "target", PARAM_TEXT, true, "Id, or task name, of the agent" \
    }
#define TIMEOUT                                                              \
    {                                                                        \
        "timeout_ms", PARAM_MS, false,                                       \
            "Milliseconds: 30000 if not given, 3600000 at most, 0 does not " \
            "wait"                                                           \
    }
#define PREFIX                                       \
    {                                                \
        "path_prefix", PARAM_TEXT, false,            \
            "Only agents at or below this task name" \
    }

static const char about_close[] =
    "Closes an agent and all below it: it leaves the tree, and its process is "
    "killed.  Answers the status that it had.";
static const char about_interrupt[] =
    "Ends the current run of an agent, which stays and can be given another "
    "task.  Answers the status that it had.";
static const char about_list[] =
    "Lists the agents that are not closed, with status and latest message.";
static const char about_report[] =
    "Reports how the run of an agent ended that works outside of this server. "
    "next_message is the task of the next run, if one was waiting.";
static const char about_wait[] =
    "Waits until one of the agents has reached a final status.  Answers the "
    "statuses of those that have; none when it timed out.";

#define CLOSE                                                              \
    {                                                                      \
        "close_agent", about_close, {TARGET}, previous, call_close, false, \
            false                                                          \
    }
#define INTERRUPT                                               \
    {                                                           \
        "interrupt_agent", about_interrupt, {TARGET}, previous, \
            call_interrupt, false, false                        \
    }
#define LIST                                                                 \
    {                                                                        \
        "list_agents", about_list, {PREFIX}, listed, call_list, false, false \
    }
#define REPORT                                                          \
    {                                                                   \
        "report_agent_result", about_report,                            \
            {TARGET,                                                    \
             {"status", PARAM_ENDING, false, "completed if not given"}, \
             {"result", PARAM_TEXT, false,                              \
              "What it came to, or what went wrong"}},                  \
            reported, call_report, false, true                          \
    }

/* ---- the dialects ------------------------------------------------------- */

static const struct tool tools_v1[] = {
    {"spawn_agent",
     "Starts an agent on a task.  Answers its id.  Refused when no slot is "
     "free; the refusal names who holds them.",
     {{"message", PARAM_TEXT, false, "The task"},
      ITEMS,
      ROLE,
      {"fork_context", PARAM_FLAG, false,
       "Told to the agent's process as MOORAGE_FORK, all or none"},
      MODEL,
      EFFORT,
      TIER},
     spawned_v1,
     call_spawn,
     false,
     false},
    {"send_input",
     "Gives an agent another task: at once if it is idle, or with interrupt, "
     "which ends its current run; else when its current run has ended.",
     {TARGET,
      {"message", PARAM_TEXT, false, "The task"},
      ITEMS,
      {"interrupt", PARAM_FLAG, false, "End the current run first"}},
     submitted,
     call_send_input,
     false,
     false},
    {"resume_agent",
     "Brings a closed agent back, with its id, name and status, so that it can "
     "be given another task.",
     {{"id", PARAM_TEXT, true, "Id of the agent"}},
     status_now,
     call_resume,
     false,
     false},
    {"wait_agent",
     about_wait,
     {{"targets", PARAM_TEXTS, true, "Ids, or task names, of the agents"},
      TIMEOUT},
     waited_v1,
     call_wait_for,
     false,
     false},
    {"wait",
     about_wait,
     {{"ids", PARAM_TEXTS, true, "Ids, or task names, of the agents"}, TIMEOUT},
     waited_v1,
     call_wait_for,
     true,
     false},
    CLOSE,
    INTERRUPT,
    LIST,
    REPORT,
};

static const struct tool tools_v2[] = {
    {"spawn_agent",
     "Starts an agent on a task.  Answers its task name from the root down. "
     "Refused when no slot is free; the refusal names who holds them.",
     {{"task_name", PARAM_TEXT, true,
       "Name of the agent: lower-case letters, digits and underscores"},
      {"message", PARAM_TEXT, true, "The task"},
      ROLE,
      {"fork_turns", PARAM_TEXT, false,
       "Told to the agent's process as MOORAGE_FORK"},
      MODEL,
      EFFORT,
      TIER},
     spawned_v2,
     call_spawn,
     false,
     false},
    {"send_message",
     "Leaves a message for an agent, to be read with its next task; begins no "
     "run.",
     {TARGET, {"message", PARAM_TEXT, true, "The message"}},
     submitted,
     call_send_message,
     false,
     false},
    {"followup_task",
     "Gives an agent another task: at once if it is idle, else when its "
     "current run has ended.",
     {TARGET, {"message", PARAM_TEXT, true, "The task"}},
     submitted,
     call_send_input,
     false,
     false},
    {"wait_agent",
     "Waits until any agent's run has ended since the last such wait.  Says "
     "whose; list_agents has the results.",
     {TIMEOUT},
     waited_v2,
     call_wait_for_news,
     false,
     false},
    CLOSE,
    INTERRUPT,
    LIST,
    REPORT,
};

/* ---- look-up ------------------------------------------------------------ */

static const struct tool *table(const struct mcp *mcp, size_t *count)
{
    *count = mcp->options.v2 ? sizeof tools_v2 / sizeof *tools_v2
                             : sizeof tools_v1 / sizeof *tools_v1;
    return mcp->options.v2 ? tools_v2 : tools_v1;
}

static bool is_offered(const struct mcp *mcp, const struct tool *tool)
{
    return !tool->without_exec || mcp->options.exec == NULL;
}

const struct tool *tool_named(const struct mcp *mcp, const char *name)
{
    size_t count;
    const struct tool *tools = table(mcp, &count);

    for (size_t i = 0; i < count; i++) {
        if (strcmp(tools[i].name, name) == 0 && is_offered(mcp, &tools[i])) {
            return &tools[i];
        }
    }
    return NULL;
}

json_t *tools_list(const struct mcp *mcp)
{
    size_t count;
    const struct tool *tools = table(mcp, &count);
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++) {
        if (tools[i].unlisted || !is_offered(mcp, &tools[i])) continue;
        json_array_append_new(list, schema_of_tool(&tools[i]));
    }
    return list;
}

json_t *tool_call(struct mcp *mcp, const struct tool *tool, struct call *call)
{
    json_t *objection = schema_objection(tool, call->arguments);

    return objection != NULL ? objection : tool->perform(mcp, call);
}
