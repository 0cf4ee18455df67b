/*
 * ConcurrencyKit's ck_epoch.c, with one look at shared data that is plain there
 * made a step.
 */
#include <ck_epoch.h>
#include <ck_stack.h>

#undef CK_STACK_FIRST
#define CK_STACK_FIRST(stack) \
    ((struct ck_stack_entry *)ck_pr_load_ptr(&(stack)->head))

#include "ck_epoch.c"
