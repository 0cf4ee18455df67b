/*
 * The whole registry against the whole model.
 */
#ifndef FUZZ_OPS_JUDGE_H
#define FUZZ_OPS_JUDGE_H

#include "judge.h"
#include "model.h"

/* Everything that can be read: counters, each handle there ever was, check. */
void ops_judge(const struct model *model, moor_registry *registry);

void ops_judge_info(const struct model *model, int which,
                    const moor_info *info);
void ops_judge_refusal(const moor_refusal *model, const moor_refusal *library);
void ops_judge_capacity(const moor_capacity *model,
                        const moor_capacity *library);

#endif
