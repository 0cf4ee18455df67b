#include "plays.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "order.h"
#include "run.h"

/* --- the play that is on -------------------------------------------------- */

static const struct model_case *cases;
static const struct play *all;

static const struct play *play; /* the one that is on */
static struct call calls[PLAY_CALLS];

static void look(struct outcome *seen)
{
    memset(seen, 0, sizeof *seen);
    for (int i = 0; i < play_calls(play); i++)
        order_look_at(&calls[i], seen->calls[i]);
    outcome_look(seen->fields);
}

/* --- outcomes that are known to be right ---------------------------------- */

static struct outcome *right;
static int right_count, right_room;

static bool is_known(const struct outcome *seen)
{
    for (int i = right_count - 1; i >= 0; i--) {
        if (!memcmp(&right[i], seen, sizeof *seen)) return true;
    }
    return false;
}

static void remember(const struct outcome *seen)
{
    if (right_count == right_room) {
        right_room = 2 * right_room + 16;
        right = realloc(right, (size_t)right_room * sizeof *right);
        if (!right) abort();
    }
    right[right_count++] = *seen;
}

/* --- the verdict ---------------------------------------------------------- */

static size_t say_calls(char *to, size_t room)
{
    size_t length = 0;

    for (int i = 0; i < play_calls(play) && length < room; i++) {
        length += (size_t)snprintf(
            to + length, room - length, " %s %s(%llu %llu %llu)",
            calls[i].operation->name, moor_error_name(calls[i].error),
            (unsigned long long)calls[i].answers[0],
            (unsigned long long)calls[i].answers[1],
            (unsigned long long)calls[i].answers[2]);
    }
    return length;
}

static void fail(const struct outcome *seen)
{
    char text[380];
    size_t length = say_calls(text, sizeof text);

    for (int i = 0; i < OUTCOME_FIELDS && length < sizeof text; i++) {
        if (seen->fields[i] == 0) continue;
        length += (size_t)snprintf(text + length, sizeof text - length,
                                   ", %s %llx", outcome_field_name(i),
                                   (unsigned long long)seen->fields[i]);
    }
    model_fail("no order gives:%s", text);
}

static void judge(void)
{
    struct outcome seen;

    look(&seen);
    world_end();
    if (is_known(&seen)) return;
    if (order_gives(play, &seen)) {
        remember(&seen);
    } else {
        fail(&seen);
    }
}

static void before(void)
{
    const struct play *now = &all[run.model - cases];

    if (now != play) right_count = 0;
    play = now;
    order_begin(play, calls);
}

static void act(int thread)
{
    for (int i = 0; i < play->length; i++)
        operation_call(&calls[thread * play->length + i]);
}

static void act_first(void)
{
    act(0);
}

static void act_second(void)
{
    act(1);
}

static void act_third(void)
{
    act(2);
}

int plays_main(const struct play *plays, int count, int argc, char **argv)
{
    struct model_case *made = calloc((size_t)count, sizeof *made);
    int status;

    if (!made) abort();
    for (int i = 0; i < count; i++) {
        made[i] = (struct model_case){
            .name = plays[i].name,
            .before = before,
            .threads = {act_first, act_second, act_third},
            .threads_count = plays[i].threads,
            .after = judge,
            .preemptions_max = plays[i].preemptions_max,
        };
    }
    all = plays;
    cases = made;
    world_warm_up();
    status = model_main(made, count, argc, argv);
    free(right);
    free(made);
    return status;
}
