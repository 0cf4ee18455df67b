/*
 * Fibers, for x86-64.
 *
 * A fiber is a stack and a stack pointer.  It runs bodies in an endless
 * loop, so one that has finished is used again as it is; one that was left
 * in the middle is built anew, and whatever its stack held is forgotten.
 *
 * The switch saves what the calling convention asks a callee to save, and
 * nothing else: no signal mask, hence no system call.
 *
 * AddressSanitizer is told about each switch.
 */
#include "fibers.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "explore.h"

#if !defined(MOOR_STEP)
#error "the explorer needs the step engine: -DMOOR_STEP"
#endif
#if !defined(__x86_64__)
#error "the context switch is written for x86-64"
#endif

#if defined(__SANITIZE_ADDRESS__)
#define FIBERS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FIBERS_ASAN 1
#endif
#endif

enum { STACK_BYTES = 256 * 1024, GUARD_BYTES = 4096 };

struct fiber {
    void *pointer; /* of the stack, while it does not run */
    char *stack;
    void *fake; /* AddressSanitizer's */
    void (*body)(void);
    bool usable; /* waits in its endless loop for a body */
    struct fiber_step next;
};

static struct fiber fibers[MODEL_THREADS_MAX];
static struct fiber outside; /* the explorer itself */
static const void *outside_stack;
static size_t outside_bytes;
static int running = -1;
static unsigned live;
static fibers_again *may_again; /* NULL: not asked */

/* Pushes the callee-saved registers, exchanges stacks, pops them. */
void model_switch(void **save, void *load);
__asm__(".text\n"
        ".globl model_switch\n"
        ".hidden model_switch\n"
        ".type model_switch, @function\n"
        "model_switch:\n"
        "  pushq %rbp\n"
        "  pushq %rbx\n"
        "  pushq %r12\n"
        "  pushq %r13\n"
        "  pushq %r14\n"
        "  pushq %r15\n"
        "  movq %rsp, (%rdi)\n"
        "  movq %rsi, %rsp\n"
        "  popq %r15\n"
        "  popq %r14\n"
        "  popq %r13\n"
        "  popq %r12\n"
        "  popq %rbx\n"
        "  popq %rbp\n"
        "  ret\n"
        ".size model_switch, .-model_switch\n");

enum { SAVED_REGISTERS = 6 };

#ifdef FIBERS_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>

static void tell_leaving(struct fiber *from, const void *stack, size_t bytes)
{
    __sanitizer_start_switch_fiber(&from->fake, stack, bytes);
}

static void tell_arrived(struct fiber *at)
{
    bool from_outside = at != &outside;
    __sanitizer_finish_switch_fiber(at->fake,
                                    from_outside ? &outside_stack : NULL,
                                    from_outside ? &outside_bytes : NULL);
}

static void tell_new_stack(struct fiber *fiber)
{
    fiber->fake = NULL;
    __asan_unpoison_memory_region(fiber->stack, STACK_BYTES);
}
#else
static void tell_leaving(struct fiber *from, const void *stack, size_t bytes)
{
    (void)from;
    (void)stack;
    (void)bytes;
}

static void tell_arrived(struct fiber *at)
{
    (void)at;
}
static void tell_new_stack(struct fiber *fiber)
{
    (void)fiber;
}
#endif

static void enter(int number)
{
    struct fiber *fiber = &fibers[number];

    running = number;
    tell_leaving(&outside, fiber->stack, STACK_BYTES);
    model_switch(&outside.pointer, fiber->pointer);
    tell_arrived(&outside);
    running = -1;
}

static void leave(struct fiber *fiber)
{
    tell_leaving(fiber, outside_stack, outside_bytes);
    model_switch(&fiber->pointer, outside.pointer);
    tell_arrived(fiber);
}

/* Where a new stack begins: bodies for ever. */
static void fiber_main(void)
{
    int self = running;
    struct fiber *fiber = &fibers[self];

    tell_arrived(fiber);
    for (;;) {
        fiber->body();
        live &= ~(1u << self);
        fiber->usable = true;
        leave(fiber);
    }
}

static char *new_stack(void)
{
    char *memory = mmap(NULL, GUARD_BYTES + STACK_BYTES, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED || mprotect(memory, GUARD_BYTES, PROT_NONE)) {
        perror("a fiber's stack");
        exit(2);
    }
    return memory + GUARD_BYTES;
}

/* The picture that model_switch() leaves, with fiber_main() as the place to
 * return to; above it a null return address, which also aligns the stack as
 * after a call. */
static void build(struct fiber *fiber)
{
    if (!fiber->stack) fiber->stack = new_stack();
    tell_new_stack(fiber);

    void **top = (void **)(void *)(fiber->stack + STACK_BYTES);
    *--top = NULL;
    *--top = (void *)(uintptr_t)fiber_main;
    for (int i = 0; i < SAVED_REGISTERS; i++)
        *--top = NULL;
    fiber->pointer = top;
}

void fibers_start(void (*const bodies[])(void), int count,
                  fibers_again *again)
{
    live = (1u << count) - 1;
    may_again = NULL;
    for (int i = 0; i < count; i++) {
        if (!fibers[i].usable) build(&fibers[i]);
        fibers[i].usable = false;
        fibers[i].body = bodies[i];
        enter(i);
    }
    may_again = again;
}

unsigned fibers_live(void)
{
    return live;
}

struct fiber_step fibers_next(int fiber)
{
    return fibers[fiber].next;
}

void fibers_advance(int fiber)
{
    enter(fiber);
}

int model_self(void)
{
    return running;
}

void moor_step(const volatile void *address, moor_step_kind kind)
{
    if (running < 0) return;

    struct fiber *fiber = &fibers[running];
    fiber->next.word = (uintptr_t)address / 8;
    fiber->next.kind = kind;
    if (may_again && may_again(running)) return;
    leave(fiber);
}

void model_touch(const volatile void *address, bool is_write)
{
    moor_step(address, is_write ? MOOR_STEP_STORE : MOOR_STEP_LOAD);
}
