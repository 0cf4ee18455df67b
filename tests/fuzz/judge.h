/*
 * The judge of all fuzz bodies: compares what a model says with what the
 * library answered.  Where they differ it runs the input once more and tells
 * each step, says what differed, and ends the process.
 */
#ifndef FUZZ_JUDGE_H
#define FUZZ_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "moorage/moorage.h"

/* The first call of a body; keeps a pointer to the input. */
void judge_begin(const uint8_t *data, size_t size);

/* Tell each step, of all inputs to come. */
void judge_tell(bool tell);

/* What is being done; said when something differs.  A step has a number. */
void judge_step(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* More about the step; printed only when steps are told. */
bool judge_tells(void);
void judge_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Each compares one thing of the step; `what` names it. */
void judge_number(const char *what, uint64_t model, uint64_t library);
void judge_text(const char *what, const char *model, const char *library);
void judge_error(moor_error model, moor_error library);
void judge_status(const char *what, moor_status model, moor_status library);
/* What must be so. */
void judge_that(const char *what, bool is_so);

#endif
