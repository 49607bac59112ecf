/* The numbers that describe each block to the first model. Their order is part of the model: train again after a
   change. */

enum { LEVELS = 4 }; /* elements around a block that are described one by one, its own included */

typedef struct { uint32_t key; int32_t count, words, link_words; } Tally;
typedef struct { Tally *slots; uint32_t mask; } Tallies;

static Tally *tally(const Tallies *tallies, uint32_t key) {
    key |= 1;
    uint32_t slot = key * 2654435761u;
    for (slot ^= slot >> 15;; slot++) {
        Tally *found = &tallies->slots[slot & tallies->mask];
        if (found->key == key) return found;
        if (!found->key) { found->key = key; return found; }
    }
}

static bool make_tallies(Tallies *tallies, int32_t most) {
    uint32_t size = 64;
    while (size < 2u * (uint32_t)most + 2) size *= 2;
    tallies->mask = size - 1;
    tallies->slots = calloc(size, sizeof(Tally));
    return tallies->slots != NULL;
}

/* Siblings of one tag and class count as repetitions of one thing. */
static uint32_t sibling_key(const Node *node) { return node->signature ^ (uint32_t)node->parent * 40503u; }

static int32_t ancestor(const Page *page, int32_t node, int levels) {
    while (levels-- && node > 0) node = page->nodes[node].parent;
    return node;
}

static uint32_t group_of(const Page *page, int32_t node, bool classes) {
    uint32_t hash = 17;
    for (int level = 0; level < 3; level++) {
        const Node *at = &page->nodes[node];
        hash = hash * 2654435761u + (classes ? at->signature : at->tag);
        node = at->parent < 0 ? 0 : at->parent;
    }
    return hash ^ hash >> 13;
}

typedef struct {
    const Page *page;
    Tallies texts, groups, plain_groups, siblings;
    int32_t holders[6];
    int32_t title_block, first_heading;
    int32_t *words_before;   /* per block, and the sum at the end */
    int32_t *heading;        /* per block: the last heading before it, or -1 */
} View;

static float ratio(double part, double whole) { return whole > 0 ? (float)(part / whole) : 0; }
static float scale(double count) { return (float)log1p(count > 0 ? count : 0); }

static bool tally_all(View *view) {
    const Page *page = view->page;
    int32_t count = page->block_count;
    if (!make_tallies(&view->texts, count) || !make_tallies(&view->groups, count) ||
        !make_tallies(&view->plain_groups, count) || !make_tallies(&view->siblings, page->node_count))
        return false;
    for (int32_t i = 0; i < count; i++) {
        Block *block = &page->blocks[i];
        block->group = group_of(page, block->node, true), block->group_tags = group_of(page, block->node, false);
        block->repeat = tally(&view->texts, block->hash)->count++;
        Tally *both[] = {tally(&view->groups, block->group), tally(&view->plain_groups, block->group_tags)};
        for (int k = 0; k < 2; k++)
            both[k]->count++, both[k]->words += block->words, both[k]->link_words += block->link_words;
    }
    for (int32_t i = 1; i < page->node_count; i++) {
        const Node *node = &page->nodes[i];
        if (!node->words) continue;
        Tally *found = tally(&view->siblings, sibling_key(node));
        found->count++, found->words += node->words, found->link_words += node->link_words;
    }
    return true;
}

static void find_headings(View *view) {
    const Page *page = view->page;
    float best = 0.5f;
    int32_t last = -1, words = 0;
    view->title_block = view->first_heading = -1;
    for (int32_t i = 0; i < page->block_count; i++) {
        const Block *block = &page->blocks[i];
        uint8_t tag = page->nodes[block->node].tag;
        view->words_before[i] = words, view->heading[i] = last;
        words += block->words;
        if (tag == T_h1 && view->first_heading < 0) view->first_heading = i;
        float match = block->title_share * (is_heading(tag) ? 1.3f : 1) * (tag == T_h1 ? 1.3f : 1);
        if (block->words >= 2 && block->words < 40 && match > best + 0.01f) best = match, view->title_block = i;
        bool bold = block->bold_bytes == block->bytes && block->words < 12 && !block->link_bytes;
        if (is_heading(tag) || tag == T_legend || tag == T_summary || bold) last = i;
    }
    view->words_before[page->block_count] = words;
    if (view->title_block < 0) view->title_block = view->first_heading;
}

static void close_view(View *view) {
    free(view->texts.slots), free(view->groups.slots), free(view->plain_groups.slots), free(view->siblings.slots);
    free(view->words_before), free(view->heading);
}

static bool open_view(View *view, const Page *page) {
    memset(view, 0, sizeof *view);
    view->page = page;
    view->words_before = calloc((size_t)page->block_count + 1, sizeof(int32_t));
    view->heading = calloc((size_t)page->block_count + 1, sizeof(int32_t));
    if (!view->words_before || !view->heading || !tally_all(view)) return false;
    static const float shares[] = {0.5f, 0.7f, 0.9f};
    for (int i = 0; i < 3; i++) {
        view->holders[i] = holder(page, shares[i], true);
        view->holders[i + 3] = holder(page, shares[i], false);
    }
    find_headings(view);
    return true;
}

/* ---- one row ---- */

#define F(value) (*out++ = (float)(value))

static uint8_t kind_of_tag(uint8_t tag) {
    switch (tag) {
    case T_p: return 1;
    case T_h1: return 2;
    case T_h2: return 3;
    case T_h3: return 4;
    case T_h4: case T_h5: case T_h6: return 5;
    case T_li: return 6;
    case T_td: return 7;
    case T_th: case T_caption: return 8;
    case T_dt: case T_dd: return 9;
    case T_pre: return 10;
    case T_blockquote: return 11;
    case T_figcaption: return 12;
    case T_button: return 13;
    case T_label: case T_legend: return 14;
    case T_summary: return 15;
    case T_div: case T_center: return 16;
    case T_section: case T_article: case T_main: return 17;
    case T_custom: return 18;
    default: return 0;
    }
}

static float *text_features(const Block *block, float *out) {
    double words = block->words, bytes = block->bytes ? block->bytes : 1;
    F(scale(words)), F(scale(bytes)), F(ratio(block->link_bytes, bytes)), F(block->links);
    F(ratio(block->letters, bytes)), F(ratio(block->digits, bytes)), F(ratio(block->capitals, bytes));
    F(ratio(block->upper_words, words)), F(ratio(block->long_words, words)), F(ratio(bytes, words + 1));
    F(block->commas), F(block->stops), F(ratio(block->commas + block->stops, words + 1));
    F(block->first), F(block->last), F(ratio(block->bold_bytes, bytes)), F(block->breaks), F(block->times);
    F(block->title_share), F(block->body_share);
    return out;
}

static float *bits(uint32_t mask, int count, float *out) {
    for (int i = 0; i < count; i++) F(mask >> i & 1);
    return out;
}

static float *node_features(const Page *page, int32_t at, float *out) {
    const Node *node = &page->nodes[at], *root = &page->nodes[0];
    F(ratio(node->words, root->words)), F(ratio(node->link_words, node->words));
    F(ratio(node->prose_words, node->words));
    F(scale(node->blocks)), F(ratio(node->words, node->blocks)), F(scale(node->commas));
    F(ratio(node->images, node->blocks + 1)), F(scale(node->inputs)), F(scale(node->children));
    return out;
}

/* The nearest ancestor with at least this many words beside the block's own. */
static int32_t surrounding(const Page *page, const Block *block, int32_t words) {
    int32_t at = block->node;
    while (at > 0 && page->nodes[at].words < block->words + words) at = page->nodes[at].parent;
    return at;
}

static float *place_features(const View *view, int32_t i, float *out) {
    const Page *page = view->page;
    const Block *block = &page->blocks[i];
    const Node *node = &page->nodes[block->node];
    double total = view->words_before[page->block_count];
    F(ratio(i, page->block_count)), F(ratio(view->words_before[i], total)), F(i), F(page->block_count - i);
    F(node->depth), F(kind_of_tag(node->tag)), F(kind_of_tag(page->nodes[ancestor(page, block->node, 1)].tag));
    F(view->title_block < 0 ? -999 : i - view->title_block);
    F(view->title_block < 0 ? -9999 : view->words_before[i] - view->words_before[view->title_block]);
    F(view->first_heading < 0 ? -999 : i - view->first_heading);
    for (int k = 0; k < 6; k++) {
        const Node *held = &page->nodes[view->holders[k]];
        bool inside = block->node >= view->holders[k] && block->node < held->end;
        F(inside ? (float)(node->depth - held->depth) : -1);
    }
    /* how deep block and the page's main element part */
    const Node *main = &page->nodes[view->holders[0]];
    int32_t up = 0, at = block->node;
    while (at > 0 && !(view->holders[0] >= at && view->holders[0] < page->nodes[at].end))
        at = page->nodes[at].parent, up++;
    F(up), F(main->depth - page->nodes[at].depth), F(ratio(page->nodes[at].words, total));
    return out;
}

static float *group_features(const View *view, const Block *block, float *out) {
    const Page *page = view->page;
    double total = page->nodes[0].words;
    const Tally *groups[] = {tally(&view->groups, block->group), tally(&view->plain_groups, block->group_tags)};
    for (int k = 0; k < 2; k++)
        F(scale(groups[k]->count)), F(ratio(groups[k]->words, total)), F(ratio(groups[k]->words, groups[k]->count)),
            F(ratio(groups[k]->link_words, groups[k]->words));
    F(tally(&view->texts, block->hash)->count), F(block->repeat);
    int32_t most = 0;
    const Tally *widest = NULL;
    int32_t at = block->node, widest_at = at;
    for (int level = 0; level < 7 && at > 0; level++, at = page->nodes[at].parent) {
        const Tally *found = tally(&view->siblings, sibling_key(&page->nodes[at]));
        if (found->count > most) most = found->count, widest = found, widest_at = at;
    }
    F(most), F(widest ? ratio(widest->words, most) : 0), F(widest ? ratio(widest->words, total) : 0);
    F(widest ? ratio(widest->link_words, widest->words) : 0);
    F(page->nodes[block->node].depth - page->nodes[widest_at].depth);
    return out;
}

static float *neighbour_features(const Page *page, int32_t i, float *out) {
    static const int offsets[] = {-3, -2, -1, 1, 2, 3};
    for (int k = 0; k < 6; k++) {
        int32_t at = i + offsets[k];
        bool inside = at >= 0 && at < page->block_count;
        const Block *block = inside ? &page->blocks[at] : NULL;
        F(inside ? scale(block->words) : -1), F(inside ? ratio(block->link_bytes, block->bytes) : -1);
        F(inside ? kind_of_tag(page->nodes[block->node].tag) : -1), F(inside ? block->stops : -1);
    }
    double words = 0, links = 0, stops = 0, prose = 0;
    for (int side = -1; side <= 1; side += 2) {
        words = links = stops = prose = 0;
        for (int k = 1; k <= 8; k++) {
            int32_t at = i + side * k;
            if (at < 0 || at >= page->block_count) break;
            const Block *block = &page->blocks[at];
            words += block->words, links += block->link_words, stops += block->stops;
            prose += is_prose(block) ? block->words : 0;
        }
        F(scale(words)), F(ratio(links, words)), F(stops), F(ratio(prose, words));
    }
    return out;
}

static float *heading_features(const View *view, int32_t i, float *out) {
    const Page *page = view->page;
    int32_t at = view->heading[i];
    if (at < 0) {
        F(-1), F(-1), F(-1), F(-1);
        return bits(0, TEXT_BITS, out);
    }
    const Block *heading = &page->blocks[at];
    F(i - at), F(scale(view->words_before[i] - view->words_before[at])), F(kind_of_tag(page->nodes[heading->node].tag));
    const Node *around = &page->nodes[page->nodes[heading->node].parent < 0 ? 0 : page->nodes[heading->node].parent];
    F(page->blocks[i].node < around->end);
    return bits(heading->cues, TEXT_BITS, out);
}

/* What the page's address tells: its depth, the form of its last part, cues. */
static float *address_features(const Page *page, float *out) {
    const uint8_t *at = page->url, *end = page->url_end;
    uint32_t cues = 0;
    int32_t parts = 0, hyphens = 0, digits = 0, length = 0;
    if (at) {
        const uint8_t *scheme = memmem(at, (size_t)(end - at), "://", 3);
        const uint8_t *path = find_byte(scheme ? scheme + 3 : at, end, '/');
        cues = find_cues(at, end, ADDRESS_CUES, &page->address_index);
        for (const uint8_t *p = path; p < end && *p != '?' && *p != '#'; p++) {
            if (*p == '/') { if (p + 1 < end) parts++, hyphens = digits = length = 0; }
            else length++;
            hyphens += *p == '-' || *p == '_', digits += is_digit(*p);
        }
        F(parts), F(hyphens), F(digits), F(length), F(memchr(at, '?', (size_t)(end - at)) != NULL);
    } else for (int k = 0; k < 5; k++) F(-1);
    if (page->generator) cues |= find_cues(page->generator, page->generator_end, ADDRESS_CUES, &page->address_index);
    return bits(cues, 8, out);
}

/* The share of the page's words inside elements of each name. */
static float *name_shares(const Page *page, float *out) {
    double words[64] = {0}, all = page->nodes[0].words;
    for (int32_t i = 0; i < page->block_count; i++) {
        const Node *node = &page->nodes[page->blocks[i].node];
        for (int k = 0; k < 32; k++) {
            words[k] += node->names_inherited >> k & 1 ? page->blocks[i].words : 0;
            words[k + 32] += node->marks >> k & 1 ? page->blocks[i].words : 0;
        }
    }
    for (int k = 0; k < 64; k++)
        if (k < 32 + (int)sizeof MARKING_TAGS) F(ratio(words[k], all));
    return out;
}

static float *page_features(const View *view, float *out) {
    const Page *page = view->page;
    const Node *root = &page->nodes[0];
    F(scale(root->words)), F(ratio(root->link_words, root->words)), F(ratio(root->prose_words, root->words));
    F(scale(root->blocks)), F(ratio(root->images, root->blocks + 1)), F(scale(root->inputs));
    F(page->og_type), F(page->article_count);
    for (int k = 0; k < 3; k++) {
        const Node *held = &page->nodes[view->holders[k]];
        F(ratio(held->words, root->words)), F(ratio(held->link_words, held->words));
    }
    F(ratio(view->title_block, root->blocks));
    out = bits(page->data_types, 8, out);
    /* names of <html> and <body> that tell the kind of page: post, product, forum, list */
    static const int telling[] = {1, 2, 17, 19, 21, 26, 30, 31};
    for (size_t k = 0; k < sizeof telling / sizeof *telling; k++) F(page->page_names >> telling[k] & 1);
    return name_shares(page, address_features(page, out));
}

static int32_t row_features(const View *view, int32_t i, const float *of_page, int32_t page_count, float *row) {
    const Page *page = view->page;
    const Block *block = &page->blocks[i];
    float *out = text_features(block, row);
    out = place_features(view, i, out);
    out = group_features(view, block, out);
    int32_t at = block->node;
    uint32_t near = 0;
    for (int level = 0; level < LEVELS; level++) {
        if (level) out = node_features(page, at, out);
        if (level < 3) near |= page->nodes[at].names;
        at = page->nodes[at].parent < 0 ? 0 : page->nodes[at].parent;
    }
    out = node_features(page, surrounding(page, block, 30), out);
    out = node_features(page, surrounding(page, block, 150), out);
    out = bits(near, 32, out);
    out = bits(page->nodes[block->node].names_inherited, 32, out);
    out = bits(page->nodes[block->node].marks, (int)sizeof MARKING_TAGS, out);
    F(page->nodes[block->node].marks >> 31);
    out = bits(block->cues, TEXT_BITS, out);
    out = neighbour_features(page, i, out);
    out = heading_features(view, i, out);
    memcpy(out, of_page, (size_t)page_count * sizeof(float));
    return (int32_t)(out + page_count - row);
}
