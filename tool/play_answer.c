/* Building the answer of one operation. */
#include "play.h"

#include "memory.h"

void answer_error(struct answer *answer, moor_error error)
{
    answer->outcome = moor_error_name(error);
}

void answer_json(struct answer *answer, const char *field, json_t *value)
{
    must_put(answer->fields, field, value);
}

void answer_number(struct answer *answer, const char *field, uint64_t number)
{
    answer_json(answer, field, json_integer((json_int_t)number));
}

void answer_text(struct answer *answer, const char *field, const char *text)
{
    bool none = text == NULL || text[0] == '\0';

    answer_json(answer, field, none ? json_null() : json_string(text));
}

json_t *limit_json(uint32_t limit)
{
    return limit == MOOR_UNLIMITED ? json_string("unlimited")
                                   : json_integer(limit);
}
