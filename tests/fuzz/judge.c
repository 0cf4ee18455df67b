#include "judge.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

static struct {
    const uint8_t *data;
    size_t size;
    bool tell;
    bool again; /* this is the run that tells how it came to a difference */
    unsigned steps;
    const char *format; /* of the step */
    char step[1400];
} judge;

void judge_begin(const uint8_t *data, size_t size)
{
    judge.data = data;
    judge.size = size;
    judge.steps = 0;
    judge.format = "";
    judge.step[0] = '\0';
}

void judge_tell(bool tell)
{
    judge.tell = tell;
}

bool judge_tells(void)
{
    return judge.tell;
}

void judge_step(const char *format, ...)
{
    va_list values;

    judge.steps++;
    judge.format = format;
    if (!judge.tell) {
        return; /* the second run will tell */
    }
    va_start(values, format);
    (void)vsnprintf(judge.step, sizeof judge.step, format, values);
    va_end(values);
    fprintf(stderr, "%4u  %s\n", judge.steps, judge.step);
}

void judge_note(const char *format, ...)
{
    va_list values;

    if (!judge.tell) {
        return;
    }
    va_start(values, format);
    fputs("        ", stderr);
    (void)vfprintf(stderr, format, values);
    fputc('\n', stderr);
    va_end(values);
}

/* --- what differs --------------------------------------------------------- */

static _Noreturn void differ(const char *what, const char *model,
                             const char *library)
{
    if (!judge.tell && !judge.again) {
        judge.tell = judge.again = true;
        (void)LLVMFuzzerTestOneInput(judge.data, judge.size);
        judge.tell = false;
        fputs("the second run of this input did not differ; the first:\n",
              stderr);
    }
    fprintf(stderr,
            "DIFFERS: step %u, %s: %s: the model says %s, "
            "the library says %s\n",
            judge.steps, judge.step[0] != '\0' ? judge.step : judge.format,
            what, model, library);
    abort();
}

void judge_number(const char *what, uint64_t model, uint64_t library)
{
    char texts[2][24];

    if (model == library) {
        return;
    }
    (void)snprintf(texts[0], sizeof texts[0], "%llu",
                   (unsigned long long)model);
    (void)snprintf(texts[1], sizeof texts[1], "%llu",
                   (unsigned long long)library);
    differ(what, texts[0], texts[1]);
}

void judge_text(const char *what, const char *model, const char *library)
{
    if (strcmp(model, library) != 0) {
        differ(what, model, library);
    }
}

void judge_error(moor_error model, moor_error library)
{
    judge_note("%s", moor_error_name(library));
    if (model != library) {
        differ("answer", moor_error_name(model), moor_error_name(library));
    }
}

void judge_status(const char *what, moor_status model, moor_status library)
{
    if (model != library) {
        differ(what, moor_status_name(model), moor_status_name(library));
    }
}

void judge_that(const char *what, bool is_so)
{
    if (!is_so) {
        differ(what, "it must be so", "it is not");
    }
}
