/*
 * Loads that may be late, for the explorer's fibers.
 *
 *   message   what a store or an update put into a word; those of one word
 *             are numbered in the order in which they came
 *   view      for each word the number of the oldest message that may still
 *             be seen: a thread has one, and a message carries one
 *
 *   load      sees any message from the thread's view on; raises the view to
 *             it.  acquire: joins the message's view to the thread's.
 *             seq_cst: nothing older than the word's latest seq_cst message up
 *             to its place in the one order
 *   store     adds a message.  release: with the thread's view, else without
 *   update    sees the latest message, and passes that message's view on
 *
 * The one order of seq_cst is that in which everything was done.  Programs that
 * say so (weak_order_is_late) allow what C11 does: only what stores has its
 * place when it is done, and a load may have one as early as behind the latest
 * of which its thread knows.  How far a thread, or a message, knows the order
 * stands in a view like a word.
 *
 * Which message a load sees is a matter of dice.  In some runs most loads are
 * late, in others few: what shows only when all looks but one are late is seen
 * in the former.  The dice are thrown by the number of the run and by all that
 * was done in it so far, so a schedule that is replayed under the same number
 * (MOOR_WEAK_SEED) repeats itself.
 *
 * Memory that a thread of the run allocates is a word of its own, into which
 * that thread stores when it has it: who uses a word of that memory without a
 * view of this races with the plain code that made it, and has failed.
 *
 * What is left out: stores that come late among the stores of their word, a
 * compare-and-swap that fails by a late look, other plain data.  What runs
 * outside of the fibers sees the latest, and begins anew.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "weak.h"

int model_self(void);
void model_fail(const char *format, ...);

enum {
    THREADS = 8,
    WORDS = 2048,      /* that one run uses */
    TABLE = 2 * WORDS, /* to find them by address */
    BLOCKS = 64,       /* that one run allocates */
    NUMBERS = 8 << 20, /* in all views of one run */
    ORDER = 0,         /* in a view: of the one order of seq_cst */
};

struct message {
    uint64_t value;
    const uint16_t *view;
    uint32_t length; /* of the view; words behind it are unknown to it */
    uint16_t single; /* place of the latest seq_cst one so far; 0: none */
};

struct word {
    uintptr_t address;
    struct message *messages;
    uint32_t count, room;
    uint16_t floor; /* older ones are not seen by anybody */
};

struct block {
    uintptr_t begin, end;
    uint16_t number; /* of the message by which a thread knows of it */
};

static struct block blocks[BLOCKS];
static int blocks_count;
static struct word words[WORDS];
static uint32_t words_count;
static uint16_t table[TABLE]; /* word + 1; 0: none */
static uint16_t views[THREADS][WORDS];
static uint16_t numbers[NUMBERS];
static size_t numbers_count;
static uint16_t order_count; /* places in the one order that are taken */
bool weak_order_is_late;
static uint64_t history; /* of this run, as one number */
static uint64_t run_number;
static unsigned late_of_8; /* loads of this run that look for an older one */

static void give_up(const char *what)
{
    fprintf(stderr, "weak.c: too many %s\n", what);
    abort();
}

static uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static uint64_t first_run(void)
{
    const char *given = getenv("MOOR_WEAK_SEED");

    return given == NULL ? 1 : strtoull(given, NULL, 10);
}

static const unsigned char lateness[] = {2, 5, 2, 6, 2, 7, 4};

static void begin(void)
{
    if (words_count == ORDER + 1 && run_number != 0) return;
    run_number = run_number == 0 ? first_run() : run_number + 1;
    history = mix(run_number + 0x9E3779B97F4A7C15u);
    late_of_8 = lateness[run_number % (sizeof lateness / sizeof *lateness)];
    for (uint32_t i = 0; i < words_count; i++) {
        words[i].count = 0;
    }
    memset(table, 0, sizeof table);
    memset(views, 0, sizeof views);
    words_count = ORDER + 1;
    blocks_count = 0;
    numbers_count = 0;
    order_count = 0;
}

static uint64_t dice(int thread, uint32_t word)
{
    history =
        mix(history + 0x9E3779B97F4A7C15u + ((uint64_t)thread << 32 | word));
    return history;
}

static void add_message(struct word *word, uint64_t value, const uint16_t *view,
                        uint32_t length)
{
    if (word->count == word->room) {
        word->room = word->room == 0 ? 8 : 2 * word->room;
        word->messages =
            realloc(word->messages, word->room * sizeof *word->messages);
        if (word->messages == NULL || word->room > UINT16_MAX) {
            give_up("messages");
        }
    }
    word->messages[word->count] = (struct message){
        value, view, length,
        word->count == 0 ? 0 : word->messages[word->count - 1].single};
    word->count++;
}

static uint64_t stored(uintptr_t address)
{
    return *(const volatile uint64_t *)address;
}

static struct word *new_word(uintptr_t address, uint64_t value)
{
    struct word *word = &words[words_count];

    if (words_count == WORDS) give_up("words");
    words_count++;
    word->address = address;
    word->floor = 0;
    add_message(word, value, NULL, 0);
    return word;
}

static struct word *find_word(uintptr_t address)
{
    uint32_t at = (uint32_t)(mix(address) % TABLE);
    uint64_t value = address & 1 ? 0 : stored(address);
    struct word *word;

    while (table[at] != 0 && words[table[at] - 1].address != address) {
        at = (at + 1) % TABLE;
    }
    if (table[at] == 0) {
        word = new_word(address, value);
        table[at] = (uint16_t)words_count;
        return word;
    }
    word = &words[table[at] - 1];
    if (word->messages[word->count - 1].value != value) {
        add_message(word, value, NULL, 0); /* by plain code, as new memory is */
        word->floor = (uint16_t)(word->count - 1);
    }
    return word;
}

static uint32_t index_of(const struct word *word)
{
    return (uint32_t)(word - words);
}

/* Has the thread been told of the memory? */
static void judge_block(uintptr_t address, int thread)
{
    for (int i = 0; i < blocks_count; i++) {
        if (blocks[i].begin <= address && address < blocks[i].end &&
            views[thread][index_of(find_word(blocks[i].begin | 1))] <
                blocks[i].number) {
            model_fail("a word in memory that another thread still makes");
        }
    }
}

/* The word at an address, as it is, for a thread that uses it.  A segment that
 * is not there makes addresses that are odd. */
static struct word *word_at(uintptr_t address, int thread)
{
    if ((address & 7) != 0) model_fail("a word where none is");
    judge_block(address, thread);
    return find_word(address);
}

static bool acquires(memory_order order)
{
    return order == memory_order_acquire || order == memory_order_acq_rel ||
           order == memory_order_seq_cst;
}

static bool releases(memory_order order)
{
    return order == memory_order_release || order == memory_order_acq_rel ||
           order == memory_order_seq_cst;
}

static uint16_t more(uint16_t a, uint16_t b)
{
    return a > b ? a : b;
}

/* A thread has seen message `number`. */
static uint64_t see(struct word *word, uint16_t number, int thread,
                    memory_order order)
{
    const struct message *message = &word->messages[number];
    uint16_t *view = views[thread];

    view[index_of(word)] = more(view[index_of(word)], number);
    if (order == memory_order_seq_cst) {
        view[ORDER] = more(view[ORDER], message->single);
    }
    if (acquires(order)) {
        for (uint32_t i = 0; i < message->length; i++) {
            view[i] = more(view[i], message->view[i]);
        }
    }
    return message->value;
}

/* The view of a new message: the thread's, if it releases, and that of the
 * message that an update has taken its place from. */
static void put(struct word *word, uint64_t value, int thread,
                memory_order order, const struct message *before)
{
    uint32_t self = index_of(word);
    uint16_t number = (uint16_t)word->count;
    uint32_t old = before == NULL ? 0 : before->length;
    uint32_t length = releases(order) ? words_count : old;
    uint16_t *view = &numbers[numbers_count];

    if (numbers_count + WORDS > NUMBERS) give_up("views");
    if (order_count == UINT16_MAX) give_up("places in the one order");
    views[thread][self] = number;
    if (order == memory_order_seq_cst) views[thread][ORDER] = ++order_count;
    for (uint32_t i = 0; i < length; i++) {
        view[i] = releases(order) ? views[thread][i] : 0;
        if (i < old) view[i] = more(view[i], before->view[i]);
    }
    if (self < length) view[self] = number;
    numbers_count += length;
    add_message(word, value, view, length);
    if (order == memory_order_seq_cst) {
        word->messages[number].single = order_count;
    }
}

/* The latest seq_cst message up to a place in the one order. */
static uint16_t single_at(const struct word *word, uint16_t place)
{
    uint32_t number = word->count - 1;
    uint16_t single;

    while (number > 0 && word->messages[number].single > place) {
        number--;
    }
    single = word->messages[number].single;
    while (number > 0 && word->messages[number - 1].single == single) {
        number--; /* behind it */
    }
    return (uint16_t)number;
}

uint64_t weak_load(const volatile void *address, memory_order order)
{
    int thread = model_self();
    struct word *word;
    uint16_t oldest, number;
    uint64_t thrown;

    if (thread < 0) {
        begin();
        return stored((uintptr_t)address);
    }
    word = word_at((uintptr_t)address, thread);
    oldest = more(views[thread][index_of(word)], word->floor);
    if (order == memory_order_seq_cst) {
        oldest = more(oldest,
                      single_at(word, weak_order_is_late ? views[thread][ORDER]
                                                         : order_count));
    }
    number = (uint16_t)(word->count - 1);
    thrown = dice(thread, index_of(word));
    if (oldest < number && (thrown & 7) < late_of_8) {
        /* Half of them the oldest: so several looks agree. */
        number = (thrown & 8) != 0
                     ? oldest
                     : (uint16_t)(oldest +
                                  (thrown >> 8) % (uint64_t)(number - oldest));
    }
    return see(word, number, thread, order);
}

void weak_store(volatile void *address, uint64_t value, memory_order order)
{
    int thread = model_self();

    if (thread < 0) {
        begin();
    } else {
        struct word *word = word_at((uintptr_t)address, thread);

        dice(thread, index_of(word));
        put(word, value, thread, order, NULL);
    }
    *(volatile uint64_t *)address = value;
}

/* An update that takes place, of the latest message. */
static void update(struct word *word, uint64_t value, int thread,
                   memory_order order)
{
    uint16_t latest = (uint16_t)(word->count - 1);
    struct message before = word->messages[latest];

    dice(thread, index_of(word));
    (void)see(word, latest, thread, order);
    put(word, value, thread, order, &before);
}

uint64_t weak_update(volatile void *address, enum weak_operation operation,
                     uint64_t value, memory_order order)
{
    int thread = model_self();
    uint64_t before = stored((uintptr_t)address);
    uint64_t after = operation == WEAK_EXCHANGE ? value
                     : operation == WEAK_ADD    ? before + value
                     : operation == WEAK_OR     ? (before | value)
                                                : before - value;

    if (thread < 0) {
        begin();
    } else {
        update(word_at((uintptr_t)address, thread), after, thread, order);
    }
    *(volatile uint64_t *)address = after;
    return before;
}

bool weak_cas(volatile void *address, void *expected, uint64_t value,
              memory_order success, memory_order failure)
{
    int thread = model_self();
    uint64_t before = stored((uintptr_t)address);
    bool done = memcmp(&before, expected, sizeof before) == 0;

    if (thread < 0) {
        begin();
    } else {
        struct word *word = word_at((uintptr_t)address, thread);

        if (done) {
            update(word, value, thread, success);
        } else {
            dice(thread, index_of(word));
            (void)see(word, (uint16_t)(word->count - 1), thread, failure);
        }
    }
    memcpy(expected, &before, sizeof before);
    if (done) *(volatile uint64_t *)address = value;
    return done;
}

/* A plain access that a case made a step orders like an update: in front of
 * model_touch() by the linker (--wrap). */
void __real_model_touch(const volatile void *address, bool is_write);
void __wrap_model_touch(const volatile void *address, bool is_write);
void __wrap_model_touch(const volatile void *address, bool is_write)
{
    int thread = model_self();
    struct word *word;

    __real_model_touch(address, is_write);
    if (thread < 0) return;
    word = find_word((uintptr_t)address | 1); /* stands for no memory */
    if (is_write) {
        update(word, 0, thread, memory_order_seq_cst);
    } else {
        dice(thread, index_of(word));
        (void)see(word, (uint16_t)(word->count - 1), thread,
                  memory_order_seq_cst);
    }
}

/* Memory: what the library asks for comes here first, by the linker. */
static void *made(void *memory, size_t bytes)
{
    uintptr_t begin = (uintptr_t)memory;
    int thread = model_self();
    struct word *word;

    if (memory == NULL || thread < 0) return memory;
    if (blocks_count == BLOCKS) give_up("blocks");
    word = find_word(begin | 1);
    put(word, 0, thread, memory_order_relaxed, NULL);
    blocks[blocks_count++] =
        (struct block){begin, begin + bytes, views[thread][index_of(word)]};
    return memory;
}

void *__wrap_malloc(size_t bytes);
void *__wrap_malloc(size_t bytes)
{
    return made(malloc(bytes), bytes);
}

void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes)
{
    return made(calloc(count, bytes), count * bytes);
}

void *__wrap_aligned_alloc(size_t alignment, size_t bytes);
void *__wrap_aligned_alloc(size_t alignment, size_t bytes)
{
    return made(aligned_alloc(alignment, bytes), bytes);
}

void __wrap_free(void *memory);
void __wrap_free(void *memory)
{
    for (int i = 0; i < blocks_count && model_self() >= 0; i++) {
        if (blocks[i].begin == (uintptr_t)memory) {
            blocks[i] = blocks[--blocks_count];
        }
    }
    free(memory);
}

/* Says how to repeat what went wrong. */
static void __attribute__((destructor)) weak_say(void)
{
    if (run_number > 0) {
        printf("weak: the last run was number %llu\n",
               (unsigned long long)run_number);
    }
}
