/*
 * What every fuzz body has: its entry, and its input taken byte by byte.
 *
 * A body is a file with the one function below, which the driver of main.c,
 * libFuzzer and AFL++ call alike.  It judges by judge.h and keeps nothing from
 * one call to the next.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Runs one input.  Answers 0; a finding ends the process. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
    const uint8_t *at, *end;
};

static inline struct input input_of(const uint8_t *data, size_t size)
{
    return (struct input){data, size == 0 ? data : data + size};
}

static inline size_t input_left(const struct input *input)
{
    return (size_t)(input->end - input->at);
}

/* Behind the end there are zeros. */
static inline uint8_t input_byte(struct input *input)
{
    return input->at == input->end ? 0 : *input->at++;
}

/* 0 to bound - 1; `bound` is at most 256. */
static inline unsigned input_below(struct input *input, unsigned bound)
{
    return input_byte(input) % bound;
}

static inline uint32_t input_word(struct input *input)
{
    uint32_t word = 0;

    for (int i = 0; i < 4; i++) {
        word = word << 8 | input_byte(input);
    }
    return word;
}

/* A length in one byte or, from 0xff on, in two; then that many bytes as a
 * string, cut at the end of the input and at the first NUL.  Answers how many
 * there were in `text`, which has room for `room` with the NUL. */
static inline size_t input_text(struct input *input, char *text, size_t room)
{
    size_t length = input_byte(input);

    if (length == 0xff) {
        length += (size_t)input_byte(input) * 8;
    }
    length = length < input_left(input) ? length : input_left(input);
    length = length < room - 1 ? length : room - 1;
    if (length > 0) {
        memcpy(text, input->at, length);
        input->at += length;
    }
    text[length] = '\0';
    return strlen(text);
}

#endif
