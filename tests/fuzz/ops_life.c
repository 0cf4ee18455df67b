/*
 * Agents between commit and close, turns and limits.
 */
#include "ops.h"

/* --- life ----------------------------------------------------------------- */

void op_start(void)
{
    moor_agent agent;
    int which = take_agent(&agent);

    judge_step("start %s", path_of(which));
    judge_error(model_start(&ops.model, which),
                moor_start(ops.registry, agent));
}

void op_start_failed(void)
{
    moor_agent agent;
    int which = take_agent(&agent);

    judge_step("start_failed %s", path_of(which));
    judge_error(model_start_failed(&ops.model, which),
                moor_start_failed(ops.registry, agent));
}

void op_finish(void)
{
    static const char long_text[MODEL_TEXT - 1] = "a long result";
    static const struct {
        const char *text;
        size_t length;
    } texts[] = {{NULL, 0}, {"x", 1}, {long_text, sizeof long_text}, {"", 0}};
    moor_agent agent;
    int which = take_agent(&agent);
    moor_status status = (moor_status)input_below(&ops.input, MOOR_STATUSES);
    unsigned text = input_below(&ops.input, 4);
    moor_error want = MOOR_BAD_ARGUMENT;

    judge_step("finish %s %s, %zu bytes", path_of(which),
               moor_status_name(status), texts[text].length);
    if (status == MOOR_STATUS_COMPLETED || status == MOOR_STATUS_ERRORED ||
        status == MOOR_STATUS_SHUTDOWN) {
        want = model_finish(&ops.model, which, status, texts[text].text,
                            texts[text].length);
    }
    judge_error(want, moor_finish(ops.registry, agent, status, texts[text].text,
                                  texts[text].length));
}

void op_interrupt(void)
{
    moor_agent agent;
    int which = take_agent(&agent);

    judge_step("interrupt %s", path_of(which));
    judge_error(
        model_finish(&ops.model, which, MOOR_STATUS_INTERRUPTED, NULL, 0),
        moor_interrupt(ops.registry, agent));
}

void op_died(void)
{
    moor_agent agent;
    int which = take_agent(&agent);

    judge_step("died %s", path_of(which));
    judge_error(model_died(&ops.model, which), moor_died(ops.registry, agent));
}

void op_run_again(void)
{
    moor_agent agent;
    moor_refusal want_refusal, refusal;
    int which = take_agent(&agent);
    moor_error want, error;

    judge_step("run_again %s", path_of(which));
    want = model_run_again(&ops.model, which, &want_refusal);
    error = moor_run_again(ops.registry, agent, &refusal);
    judge_error(want, error);
    if (error == MOOR_REFUSED) {
        ops_judge_refusal(&want_refusal, &refusal);
    }
}

void op_request(void)
{
    moor_agent agent;
    int which = take_agent(&agent);
    moor_request_kind what =
        (moor_request_kind)input_below(&ops.input, MOOR_REQUESTS + 1);
    bool ok = what == MOOR_REQUEST_INTERRUPT || what == MOOR_REQUEST_SHUTDOWN;

    judge_step("request %d of %s", (int)what, path_of(which));
    judge_error(ok ? model_request(&ops.model, which, what) : MOOR_BAD_ARGUMENT,
                moor_request(ops.registry, agent, what));
}

void op_close(void)
{
    moor_agent agent;
    int which = take_agent(&agent);
    unsigned scope = input_below(&ops.input, 16) % (MOOR_CLOSE_SCOPES + 1);
    moor_closed want_closed, closed = {MOOR_STATUSES, 99};
    moor_error want, error;

    judge_step("close %s, scope %u", path_of(which), scope);
    if (which == MODEL_ROOT && input_below(&ops.input, 8) != 0) {
        scope = MOOR_CLOSE_BY_RULE; /* its tree only now and then */
    }
    want =
        model_close(&ops.model, which, (moor_close_scope)scope, &want_closed);
    error = moor_close(ops.registry, agent, (moor_close_scope)scope, &closed);
    judge_error(want, error);
    if (error == MOOR_OK || error == MOOR_STALE) {
        judge_status("previous", want_closed.previous, closed.previous);
        judge_number("closed", want_closed.closed, closed.closed);
    } else {
        judge_number("the answer, which was not to be written", 99,
                     closed.closed);
    }
}

/* --- the registry --------------------------------------------------------- */

void op_reap(void)
{
    uint64_t reaped = 99;

    judge_step("reap");
    judge_error(MOOR_OK, moor_reap(ops.registry, &reaped));
    judge_number("reaped", model_reap(&ops.model), reaped);
}

void op_set_limit(void)
{
    unsigned which = input_below(&ops.input, 9) % (MOOR_LIMITS + 1);
    uint32_t value = take_limit();

    judge_step("set_limit %s %u", moor_limit_name((moor_limit)which), value);
    judge_error(which < MOOR_LIMITS ? MOOR_OK : MOOR_BAD_ARGUMENT,
                moor_set_limit(ops.registry, (moor_limit)which, value));
    if (which < MOOR_LIMITS) {
        ops.model.limits[which] = value;
    }
}

void op_turn_begin(void)
{
    uint64_t turn = 99;

    judge_step("turn_begin");
    judge_error(MOOR_OK, moor_turn_begin(ops.registry, &turn));
    judge_number("turn", ++ops.model.counted.turn, turn);
}

void op_turn_end(void)
{
    moor_left left = (moor_left)input_below(&ops.input, MOOR_LEFTS + 1);
    moor_turn_ended want_ended, ended = {99, 99, 99};
    moor_error want = model_turn_end(&ops.model, left, &want_ended);

    judge_step("turn_end, left %d", (int)left);
    judge_error(want, moor_turn_end(ops.registry, left, &ended));
    if (want == MOOR_OK) {
        judge_number("turn", want_ended.turn, ended.turn);
        judge_number("ended", want_ended.ended, ended.ended);
        judge_number("released", want_ended.released, ended.released);
    } else {
        judge_number("the answer, which was not to be written", 99, ended.turn);
    }
}
