/* What a first opinion of every block says about its neighbours, its surroundings and the page: the input of a second
   opinion. Their order is part of the second model. */

typedef struct {
    const View *view;
    const float *chance;      /* of belonging to the main text, per block */
    double *before;           /* words times chance before a block; the sum at the end */
    double *in_node;          /* the same inside an element */
    Tallies groups, siblings; /* groups: 256 times the sum of chances as count; siblings: 16 times mass and words */
    int32_t holders[3];
    int32_t *last_good, *next_good;
    double all_words;
} Context;

static void close_context(Context *context) {
    free(context->before), free(context->in_node), free(context->last_good), free(context->next_good);
    free(context->groups.slots), free(context->siblings.slots);
}

static double mass(const Context *context, int32_t i) {
    return ((double)context->view->page->blocks[i].words + 0.5) * (double)context->chance[i];
}

static int32_t mass_holder(const Context *context, double share) {
    const Page *page = context->view->page;
    int32_t best = 0;
    for (int32_t i = 0; i < page->node_count; i++)
        if (context->in_node[i] >= share * context->in_node[0] && page->nodes[i].depth >= page->nodes[best].depth)
            best = i;
    return best;
}

static bool open_context(Context *context, const View *view, const float *chance) {
    const Page *page = view->page;
    int32_t count = page->block_count;
    memset(context, 0, sizeof *context);
    context->view = view, context->chance = chance;
    context->before = calloc((size_t)count + 1, sizeof(double));
    context->in_node = calloc((size_t)page->node_count, sizeof(double));
    context->last_good = calloc((size_t)count + 1, 4), context->next_good = calloc((size_t)count + 1, 4);
    if (!context->before || !context->in_node || !context->last_good || !context->next_good ||
        !make_tallies(&context->groups, count) || !make_tallies(&context->siblings, page->node_count))
        return false;
    int32_t last = -1;
    for (int32_t i = 0; i < count; i++) {
        double here = mass(context, i);
        context->before[i + 1] = context->before[i] + here;
        context->in_node[page->blocks[i].node] += here;
        Tally *group = tally(&context->groups, page->blocks[i].group);
        group->count += (int32_t)(256 * chance[i]);
        context->last_good[i] = last;
        if (chance[i] > 0.5f) last = i;
    }
    last = -1;
    for (int32_t i = count - 1; i >= 0; i--) {
        context->next_good[i] = last;
        if (chance[i] > 0.5f) last = i;
    }
    for (int32_t i = page->node_count - 1; i > 0; i--) {
        const Node *node = &page->nodes[i];
        context->in_node[node->parent] += context->in_node[i];
        if (!node->words) continue;
        Tally *found = tally(&context->siblings, sibling_key(node));
        found->words += (int32_t)(16 * context->in_node[i]), found->link_words += 16 * node->words + 8 * node->blocks;
    }
    context->all_words = (double)page->nodes[0].words + 0.5 * count;
    static const double shares[] = {0.5, 0.75, 0.93};
    for (int k = 0; k < 3; k++) context->holders[k] = mass_holder(context, shares[k]);
    return true;
}

static float *mass_in(const Context *context, int32_t at, float *out) {
    const Node *node = &context->view->page->nodes[at];
    F(ratio(context->in_node[at], node->words + 0.5 * node->blocks));
    F(ratio(context->in_node[at], context->in_node[0]));
    return out;
}

static float *window(const Context *context, int32_t i, int32_t size, float *out) {
    const Page *page = context->view->page;
    const int32_t *words = context->view->words_before;
    int32_t from = i - size < 0 ? 0 : i - size, to = i + 1 + size;
    if (to > page->block_count) to = page->block_count;
    F(ratio(context->before[i] - context->before[from], words[i] - words[from] + 0.5 * (i - from)));
    F(ratio(context->before[to] - context->before[i + 1], words[to] - words[i + 1] + 0.5 * (to - i - 1)));
    return out;
}

static int32_t context_row(const Context *context, int32_t i, float *row) {
    const View *view = context->view;
    const Page *page = view->page;
    const Block *block = &page->blocks[i];
    const float *chance = context->chance;
    int32_t count = page->block_count;
    double all = context->before[count];
    float *out = row;
    F(chance[i]);
    for (int k = 1; k <= 4; k++) F(i - k >= 0 ? chance[i - k] : -1), F(i + k < count ? chance[i + k] : -1);
    out = window(context, i, 3, out), out = window(context, i, 8, out), out = window(context, i, 25, out);
    int32_t at = block->node;
    for (int level = 0; level < 5; level++) {
        out = mass_in(context, at, out);
        at = page->nodes[at].parent < 0 ? 0 : page->nodes[at].parent;
    }
    out = mass_in(context, surrounding(page, block, 30), out);
    out = mass_in(context, surrounding(page, block, 150), out);
    F(ratio(tally(&context->groups, block->group)->count, 256.0 * tally(&view->groups, block->group)->count));
    at = block->node;
    for (int level = 0; level < 4; level++) {
        const Tally *found = tally(&context->siblings, sibling_key(&page->nodes[at]));
        F(ratio(found->words, found->link_words));
        at = page->nodes[at].parent < 0 ? 0 : page->nodes[at].parent;
    }
    F(ratio(all, context->all_words)), F(scale(all)), F(ratio(context->before[i], all));
    F(ratio(all - context->before[i + 1], all));
    int32_t last = context->last_good[i], next = context->next_good[i];
    F(last < 0 ? 999 : i - last), F(next < 0 ? 999 : next - i);
    F(last < 0 ? 9999 : view->words_before[i] - view->words_before[last + 1]);
    F(next < 0 ? 9999 : view->words_before[next] - view->words_before[i + 1]);
    F(view->heading[i] < 0 ? -1 : chance[view->heading[i]]);
    for (int k = 0; k < 3; k++) {
        const Node *held = &page->nodes[context->holders[k]];
        bool inside = block->node >= context->holders[k] && block->node < held->end;
        F(inside ? (float)(page->nodes[block->node].depth - held->depth) : -1);
    }
    return (int32_t)(out - row);
}
