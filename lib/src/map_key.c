#include "map_key.h"

static uint64_t id_hash_of(const struct hash_key *key,
                           const struct record *record)
{
    /* relaxed: the caller looks at the state word before and after. */
    return hash_id(key, moor_load_relaxed(&record->id_high),
                   moor_load_relaxed(&record->id_low));
}

static uint64_t path_hash_of(const struct hash_key *key,
                             const struct record *record)
{
    return plate_path_hash(record_plate(record), key);
}

const struct map_kind map_by_id = {id_hash_of, false};
const struct map_kind map_by_path = {path_hash_of, true};
