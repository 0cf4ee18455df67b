/*
 * The library's calls for memory and for thread keys fail at will: in the
 * thread that says so, and nowhere else.
 *
 * A program that includes this is linked with --wrap for each of them
 * (CMakeLists.txt), so that the library's calls, and the program's own, come
 * here first.
 */
#ifndef TESTS_FAILING_H
#define TESTS_FAILING_H

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

/* Which calls fail, as a set. */
enum {
    FAILING_MALLOC = 1 << 0,
    FAILING_CALLOC = 1 << 1,
    FAILING_ALIGNED_ALLOC = 1 << 2,
    FAILING_STRDUP = 1 << 3,
    FAILING_MMAP = 1 << 4,
    FAILING_KEY_CREATE = 1 << 5,
    FAILING_SETSPECIFIC = 1 << 6,
    FAILING_HEAP = FAILING_MALLOC | FAILING_CALLOC | FAILING_ALIGNED_ALLOC |
                   FAILING_STRDUP,
    FAILING_MEMORY = FAILING_HEAP | FAILING_MMAP
};

struct failing {
    unsigned calls;   /* of these; 0: none fails */
    unsigned nth;     /* the one to fail, from 1 on; 0: none by its number */
    bool on;          /* and all that come after it */
    unsigned one_in;  /* one in so many fails, at random; 0: none so */
    uint64_t numbers; /* state of the random numbers */
    unsigned asked, failed;
};

static _Thread_local struct failing failing;
static _Thread_local long failing_mapped; /* mappings that are still there */

/* --- when ----------------------------------------------------------------- */

/* Only the nth of these calls fails. */
static inline void fail_only(unsigned calls, unsigned nth)
{
    failing = (struct failing){.calls = calls, .nth = nth};
}

/* All of them from the nth on. */
static inline void fail_from(unsigned calls, unsigned nth)
{
    failing = (struct failing){.calls = calls, .nth = nth, .on = true};
}

/* One in so many; the seed says which. */
static inline void fail_at_random(unsigned calls, unsigned one_in,
                                  uint64_t seed)
{
    failing =
        (struct failing){.calls = calls, .one_in = one_in, .numbers = seed};
}

/* None any more; `asked` and `failed` stay. */
static inline void fail_none(void)
{
    failing.calls = 0;
}

/* --- the calls ------------------------------------------------------------ */

/* splitmix64. */
static inline uint64_t failing_number(uint64_t *state)
{
    uint64_t mixed = *state += 0x9e3779b97f4a7c15U;

    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
    return mixed ^ (mixed >> 31);
}

static inline bool failing_decides(void)
{
    failing.asked++;
    if (failing.one_in != 0) {
        return failing_number(&failing.numbers) % failing.one_in == 0;
    }
    return failing.asked == failing.nth ||
           (failing.on && failing.asked > failing.nth);
}

static inline bool failing_now(unsigned call)
{
    bool fails = (failing.calls & call) != 0 && failing_decides();

    failing.failed += fails;
    return fails;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
char *__real_strdup(const char *text);
void *__real_mmap(void *at, size_t length, int protection, int flags, int file,
                  off_t offset);
int __real_munmap(void *at, size_t length);
int __real_pthread_key_create(pthread_key_t *key, void (*at_exit)(void *));
int __real_pthread_setspecific(pthread_key_t key, const void *value);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
char *__wrap_strdup(const char *text);
void *__wrap_mmap(void *at, size_t length, int protection, int flags, int file,
                  off_t offset);
int __wrap_munmap(void *at, size_t length);
int __wrap_pthread_key_create(pthread_key_t *key, void (*at_exit)(void *));
int __wrap_pthread_setspecific(pthread_key_t key, const void *value);

void *__wrap_malloc(size_t size)
{
    return failing_now(FAILING_MALLOC) ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return failing_now(FAILING_CALLOC) ? NULL : __real_calloc(count, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return failing_now(FAILING_ALIGNED_ALLOC)
               ? NULL
               : __real_aligned_alloc(alignment, size);
}

char *__wrap_strdup(const char *text)
{
    return failing_now(FAILING_STRDUP) ? NULL : __real_strdup(text);
}

void *__wrap_mmap(void *at, size_t length, int protection, int flags, int file,
                  off_t offset)
{
    if (failing_now(FAILING_MMAP)) {
        errno = ENOMEM;
        return MAP_FAILED;
    }
    failing_mapped++;
    return __real_mmap(at, length, protection, flags, file, offset);
}

int __wrap_munmap(void *at, size_t length)
{
    failing_mapped--;
    return __real_munmap(at, length);
}

int __wrap_pthread_key_create(pthread_key_t *key, void (*at_exit)(void *))
{
    return failing_now(FAILING_KEY_CREATE)
               ? EAGAIN
               : __real_pthread_key_create(key, at_exit);
}

int __wrap_pthread_setspecific(pthread_key_t key, const void *value)
{
    return failing_now(FAILING_SETSPECIFIC)
               ? ENOMEM
               : __real_pthread_setspecific(key, value);
}

#endif
