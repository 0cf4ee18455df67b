/*
 * Operations: does the library do what the model does?
 *
 * Goal    every call of the public headers, in any order, under every release
 *         policy and close rule, with any handle: live, stale, never known.
 *         After each one all that can be read is as the model says.
 * Method  the first bytes are the config, the others operations with their
 *         arguments; model.h is the registry once more, for one thread.
 * Limits  one thread; arguments that fuzz_names and fuzz_config vary are few.
 */
#include "ops.h"

struct ops ops;

/* What spawns and ends comes more often than what closes all. */
static ops_operation *const operations[] = {
    op_spawn,     op_spawn,      op_spawn,        op_spawn,     op_reserve,
    op_reserve,   op_commit,     op_commit,       op_abandon,   op_start,
    op_start,     op_finish,     op_finish,       op_finish,    op_interrupt,
    op_died,      op_run_again,  op_run_again,    op_run_again, op_request,
    op_close,     op_close,      op_start_failed, op_reap,      op_set_limit,
    op_set_limit, op_turn_begin, op_turn_end,     op_wait,      op_find_path,
    op_find_id,   op_list,       op_result,       op_capacity};

static void begin(void)
{
    static const char *const names[] = {"Plato", "Ada", "Zeno"};
    static const char *const role_names[] = {"Atlas", "Ada"};
    unsigned lists = input_below(&ops.input, 8);
    const moor_role role = {"explorer", role_names, lists / 4 * 2};
    moor_config config = {.nicknames = names,
                          .nicknames_count = lists % 4,
                          .roles = &role,
                          .roles_count = 1};

    config.release = (moor_release)input_below(&ops.input, MOOR_RELEASES);
    config.close_rule =
        (moor_close_rule)input_below(&ops.input, MOOR_CLOSE_RULES);
    for (int i = 0; i < MOOR_LIMITS; i++) {
        /* Most of the time there is room to begin with. */
        config.limits[i] =
            input_below(&ops.input, 4) == 0 ? take_limit() : MOOR_UNLIMITED;
    }
    judge_step("create, %s and %s, running %u resident %u depth %u children %u "
               "lifetime %u",
               moor_release_name(config.release),
               moor_close_rule_name(config.close_rule), config.limits[0],
               config.limits[1], config.limits[2], config.limits[3],
               config.limits[4]);
    judge_error(MOOR_OK, moor_create(&config, &ops.registry));
    model_begin(&ops.model, &config);
    ops.model.entries[MODEL_ROOT].bits = moor_root(ops.registry).bits;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    judge_begin(data, size);
    ops.input = input_of(data, size);
    begin();
    ops_judge(&ops.model, ops.registry);
    while (input_left(&ops.input) > 0 && ops.model.count < MODEL_ENTRIES) {
        operations[input_below(&ops.input,
                               sizeof operations / sizeof *operations)]();
        ops_judge(&ops.model, ops.registry);
    }
    moor_destroy(ops.registry);
    return 0;
}
