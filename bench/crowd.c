#include "crew.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static moor_id id_of(uint64_t high, uint64_t low)
{
    moor_id id;

    memcpy(id.bytes, &high, 8);
    memcpy(id.bytes + 8, &low, 8);
    return id;
}

static void write_digits(char *to, uint64_t number)
{
    for (int i = 7; i >= 0; i--, number >>= 4) {
        to[i] = "0123456789abcdef"[number & 15];
    }
}

/* "/root/r01234567" has 15 bytes and takes "/w" and 8 digits more. */
struct rival_agent crew_name(struct worker *worker, uint64_t parent,
                             const char *parent_path, size_t length)
{
    uint64_t number = worker->next++;
    struct random random = { number };

    memcpy(worker->path, parent_path, length);
    worker->path[length] = '/';
    worker->path[length + 1] = 'w';
    write_digits(worker->path + length + 2, number);
    worker->path[length + 10] = '\0';
    return (struct rival_agent){
        .id = id_of(random_next(&random), number),
        .path = worker->path,
        .name = worker->path + length + 1,
        .length = length + 10,
        .parent = parent,
    };
}

static void enter(const struct crowd *crowd)
{
    if (crowd->rival->enter != NULL) crowd->rival->enter(crowd->books);
}

static void leave(const struct crowd *crowd)
{
    if (crowd->rival->leave != NULL) crowd->rival->leave(crowd->books);
}

static void rest(const struct crowd *crowd, uint32_t i)
{
    if (crowd->rival->rest != NULL && i % 64 == 0) {
        crowd->rival->rest(crowd->books);
    }
}

static void must(bool fine, const struct crowd *crowd, const char *what)
{
    if (fine) return;
    fprintf(stderr, "bench: %s: %s\n", crowd->rival->name, what);
    exit(1);
}

static void settle(struct crowd *crowd, uint32_t i)
{
    struct resident *resident = &crowd->residents[i];
    struct random random = { ~(uint64_t)i };

    memcpy(resident->path, "/root/r", 7);
    write_digits(resident->path + 7, i);
    resident->id = id_of(random_next(&random), i);
    const struct rival_agent agent = {
        .id = resident->id,
        .path = resident->path,
        .name = resident->path + 6,
        .length = RESIDENT_PATH,
    };
    must(crowd->rival->spawn(crowd->books, &agent, &resident->handle) ==
                 MOOR_OK &&
             crowd->rival->start(crowd->books, resident->handle),
         crowd, "a resident did not start");
}

void crowd_open(struct crowd *crowd, const struct rival *rival, uint32_t size,
                uint32_t room)
{
    *crowd = (struct crowd){
        .rival = rival,
        .books = rival->create(size + room),
        .residents = calloc(size, sizeof *crowd->residents),
        .size = size,
        .made = 1,
    };
    must(crowd->residents != NULL, crowd, "no memory");
    enter(crowd);
    for (uint32_t i = 0; i < size; i++) {
        settle(crowd, i);
        rest(crowd, i);
    }
    leave(crowd);
}

static uint64_t counts_off(const struct crowd *crowd, uint64_t expected)
{
    uint64_t used, agents;

    if (crowd->rival == &rival_nothing) return 0;
    crowd->rival->count(crowd->books, &used, &agents);
    if (used == expected && agents == expected) return 0;
    fprintf(stderr,
            "bench: %s: %llu used, %llu agents, where both should be %llu\n",
            crowd->rival->name, (unsigned long long)used,
            (unsigned long long)agents, (unsigned long long)expected);
    return 1;
}

uint64_t crowd_check(const struct crowd *crowd)
{
    enter(crowd);
    uint64_t wrong = counts_off(crowd, crowd->size);
    leave(crowd);
    return wrong;
}

uint64_t crowd_close(struct crowd *crowd)
{
    const struct rival *rival = crowd->rival;
    uint64_t wrong = 0;

    enter(crowd);
    wrong += counts_off(crowd, crowd->size);
    for (uint32_t i = 0; i < crowd->size; i++) {
        const struct resident *resident = &crowd->residents[i];
        wrong += rival->status_id(crowd->books, &resident->id) !=
                 MOOR_STATUS_RUNNING;
        wrong += !rival->finish(crowd->books, resident->handle);
        wrong += !rival->close(crowd->books, resident->handle);
        rest(crowd, i);
    }
    wrong += counts_off(crowd, 0);
    leave(crowd);
    rival->destroy(crowd->books);
    free(crowd->residents);
    return wrong;
}
