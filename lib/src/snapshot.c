/*
 * The tree as text: one copy of it, then one function for each format.
 */
#include "moorage/snapshot.h"

#include <string.h>

#include "forest.h"
#include "out.h"

/* What an entry may be, in the order in which it is told. */
enum { TRAITS = 6 };

static const char *const trait_names[TRAITS] = {"slot",   "lent",   "fenced",
                                                "loaded", "pinned", "evicting"};

static bool has_trait(const struct forest_node *node, int trait)
{
    const bool traits[TRAITS] = {node->slot,   node->lent,   node->fenced,
                                 node->loaded, node->pinned, node->evicting};

    return traits[trait];
}

static void out_traits(struct out *out, const struct forest_node *node)
{
    for (int i = 0; i < TRAITS; i++) {
        if (has_trait(node, i)) {
            out_text(out, " ");
            out_text(out, trait_names[i]);
        }
    }
}

/* The last segment; the whole path if it hangs elsewhere.  What is above has a
 * path with which it begins. */
static const char *name_below(const struct forest_node *node)
{
    size_t length = node->above == NULL ? 0 : strlen(node->above->path);
    const char *name = node->path + length + 1;

    return node->above != NULL && strchr(name, '/') == NULL ? name : node->path;
}

/* --- TREE ----------------------------------------------------------------- */

static void out_indent(struct out *out, unsigned level)
{
    while (level-- > 0) {
        out_text(out, "  ");
    }
}

static void out_named(struct out *out, const char *name, const char *text)
{
    if (*text != '\0') {
        out_text(out, name);
        out_json(out, text);
    }
}

static void write_tree(struct out *out, const struct forest_node *node)
{
    for (; node != NULL; node = forest_next(node)) {
        out_indent(out, node->level);
        out_text(out, name_below(node));
        out_text(out, " ");
        out_text(out, moor_status_name(node->status));
        out_traits(out, node);
        out_named(out, " nickname=", node->nickname);
        out_named(out, " role=", node->role);
        out_text(out, " turn=");
        out_number(out, node->turn);
        out_text(out, "\n");
    }
}

/* --- JSON ----------------------------------------------------------------- */

static void out_member(struct out *out, const char *name, const char *text)
{
    out_text(out, name);
    if (*text == '\0') {
        out_text(out, "null");
    } else {
        out_json(out, text);
    }
}

static void out_id(struct out *out, moor_id id)
{
    static const moor_id nil = {{0}};
    char text[MOOR_ID_TEXT] = "";

    if (memcmp(&id, &nil, sizeof id) != 0) {
        moor_id_format(id, text);
    }
    out_member(out, ",\"id\":", text);
}

/* All but its children. */
static void out_object(struct out *out, const struct forest_node *node)
{
    out_member(out, "{\"path\":", node->path);
    out_member(out, ",\"status\":", moor_status_name(node->status));
    for (int i = 0; i < TRAITS; i++) {
        out_text(out, ",\"");
        out_text(out, trait_names[i]);
        out_text(out, has_trait(node, i) ? "\":true" : "\":false");
    }
    out_member(out, ",\"nickname\":", node->nickname);
    out_member(out, ",\"role\":", node->role);
    out_id(out, node->id);
    out_text(out, ",\"turn\":");
    out_number(out, node->turn);
    out_text(out, ",\"age_ms\":");
    out_number(out, node->age_ms);
    out_text(out, ",\"children\":[");
}

static void write_json(struct out *out, const struct forest_node *node)
{
    while (node != NULL) {
        const struct forest_node *next = forest_next(node);
        unsigned open = node->level + 1; /* objects that are open by now */
        unsigned stays = next == NULL ? 0 : next->level;

        out_indent(out, node->level);
        out_object(out, node);
        for (; open > stays; open--) {
            out_text(out, "]}");
        }
        out_text(out,
                 next != NULL && next->level <= node->level ? ",\n" : "\n");
        node = next;
    }
}

/* --- DOT ------------------------------------------------------------------ */

/* A node is named after its place among all; so is the edge to it. */
static void out_vertex(struct out *out, uint64_t number,
                       const struct forest_node *node)
{
    out_text(out, "  n");
    out_number(out, number);
    out_text(out, " [label=\"");
    out_label(out, node->path);
    out_text(out, "\\n");
    out_text(out, moor_status_name(node->status));
    out_traits(out, node);
    if (*node->nickname != '\0') {
        out_text(out, "\\nnickname: ");
        out_label(out, node->nickname);
    }
    if (*node->role != '\0') {
        out_text(out, "\\nrole: ");
        out_label(out, node->role);
    }
    out_text(out, "\\nturn ");
    out_number(out, node->turn);
    out_text(out, node->status == MOOR_STATUS_RESERVED ? "\", style=dashed];\n"
                                                       : "\"];\n");
}

static void out_edge(struct out *out, uint64_t from, uint64_t to)
{
    out_text(out, "  n");
    out_number(out, from);
    out_text(out, " -> n");
    out_number(out, to);
    out_text(out, ";\n");
}

static void write_dot(struct out *out, const struct forest_node *node)
{
    uint64_t above[MOOR_SEGMENTS_MAX]; /* numbers on the way down, by level */

    out_text(out, "digraph moorage {\n  node [shape=box];\n");
    for (uint64_t number = 0; node != NULL; number++) {
        above[node->level] = number;
        out_vertex(out, number, node);
        if (node->level > 0) {
            out_edge(out, above[node->level - 1], number);
        }
        node = forest_next(node);
    }
    out_text(out, "}\n");
}

/* --- the call ------------------------------------------------------------- */

moor_error moor_snapshot(moor_registry *registry, moor_snapshot_format format,
                         moor_write write, void *context)
{
    static void (*const writers[MOOR_SNAPSHOT_FORMATS])(
        struct out *, const struct forest_node *) = {write_tree, write_json,
                                                     write_dot};
    struct forest forest;
    struct out out;

    if (registry == NULL || write == NULL ||
        (unsigned)format >= MOOR_SNAPSHOT_FORMATS) {
        return MOOR_BAD_ARGUMENT;
    }
    if (!forest_grow(&forest, registry)) {
        return MOOR_NO_MEMORY;
    }
    out_begin(&out, write, context);
    writers[format](&out, forest_root(&forest));
    forest_fell(&forest);
    return out_end(&out);
}
