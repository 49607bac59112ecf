/* The page while it is read: its elements, the stack of open ones, and its blocks of text. */

enum {
    MAX_DEPTH = 512,      /* Blink's bound too; deeper elements count as part of the one at the bound */
    MAX_NODES = 1 << 18,
    MAX_BLOCKS = 1 << 15, /* later text joins the last block */
    MAX_LENGTH = 1 << 26, /* of a page: sums of 16 times its words fit 32 bits */
    NAME_LENGTH = 12,
    TAG_SLOTS = 512,
};

typedef struct {
    int32_t parent, end;               /* descendants are the nodes up to end */
    uint32_t names, names_inherited;   /* bits of NAME_CUES */
    uint32_t marks;                    /* bits of MARKING_TAGS, inherited, and HIDDEN */
    uint32_t signature;                /* hash of tag and class */
    uint16_t depth;
    uint8_t tag;
    int32_t items, item;               /* list items opened inside; number among its siblings */
    int32_t images, inputs;            /* these and the following include the descendants, after the parse */
    int32_t blocks, words, link_words, prose_words, commas, children;
} Node;
#define HIDDEN (1u << 31)

typedef struct {
    int32_t node;
    int64_t start, length;
    int32_t link_bytes, bold_bytes, links, breaks, times;
    int32_t bytes, words, link_words, commas, stops, digits, capitals, upper_words, letters, long_words;
    uint32_t cues, hash, group, group_tags;
    int32_t repeat;                 /* how often the same text stood before */
    uint8_t first, last;            /* first and last byte of the text, a class of it */
    float title_share, body_share;
} Block;

typedef struct {
    const uint8_t *in, *stop;
    char *text;
    int64_t length, text_room;
    Node *nodes;
    int32_t node_count, node_room;
    Block *blocks;
    int32_t block_count, block_room;
    int32_t stack[MAX_DEPTH];
    int32_t depth, overflow, skipping, pre;
    uint32_t open[TAG_COUNT];
    int32_t link_depth, bold_depth;    /* depth + 1 of the stack where the open <a>, <b> began; 0: none */
    bool in_block, space, newline, failed;
    int32_t break_run;
    uint32_t page_names;
    const uint8_t *title, *title_end, *og_title, *og_title_end, *url, *url_end, *generator, *generator_end;
    const uint8_t *articles[4], *article_ends[4];
    int32_t article_count, og_type;
    uint32_t data_types;               /* of JSON-LD and itemtype */
    uint8_t tag_slots[TAG_SLOTS];
    CueIndex name_index, text_index, address_index;
} Page;

typedef struct {
    uint32_t names, class_hash;
    bool hidden, link;
    const uint8_t *href, *href_end, *rel, *rel_end, *property, *property_end, *content, *content_end, *type, *type_end;
} Attributes;

/* ---- blocks ---- */

static bool grow(void **array, int32_t *room, int32_t count, int32_t most, size_t size) {
    if (count < *room) return true;
    int32_t wanted = *room ? *room * 2 : 256;
    if (wanted > most) wanted = most;
    void *moved = count < wanted ? realloc(*array, (size_t)wanted * size) : NULL;
    if (!moved) return false;
    *array = moved, *room = wanted;
    return true;
}

static void end_block(Page *page) {
    page->break_run = 0;
    if (!page->in_block) return;
    Block *block = &page->blocks[page->block_count - 1];
    page->in_block = page->space = page->newline = false;
    while (page->length > block->start && is_space((uint8_t)page->text[page->length - 1])) page->length--;
    block->length = page->length - block->start;
    if (block->length == 0) page->block_count--;
}

static void start_block(Page *page) {
    page->in_block = true, page->space = false, page->newline = page->block_count == MAX_BLOCKS;
    if (page->newline) return;
    if (!grow((void **)&page->blocks, &page->block_room, page->block_count, MAX_BLOCKS, sizeof(Block))) {
        page->failed = page->failed || page->block_count == 0;
        page->in_block = page->block_count > 0;
        return;
    }
    Block *block = &page->blocks[page->block_count++];
    memset(block, 0, sizeof *block);
    block->node = page->stack[page->depth - 1], block->start = page->length;
}

static void put_space(Page *page, char space) {
    if (!page->pre) {
        page->space = true;
        return;
    }
    if (!page->in_block) start_block(page);
    if (page->in_block && page->length < page->text_room) page->text[page->length++] = space;
}

static void put_break(Page *page) {
    if (page->pre) {
        if (page->in_block && page->length < page->text_room) page->text[page->length++] = '\n';
        return;
    }
    if (++page->break_run > 1) end_block(page), page->break_run = 2;
    else page->newline = true;
}

/* One character of text that is no white space. */
static void put(Page *page, const char *bytes, int count) {
    if (!page->in_block) start_block(page);
    if (!page->in_block) return;
    Block *block = &page->blocks[page->block_count - 1];
    if (page->length + count + 1 > page->text_room) return;
    if ((page->space || page->newline) && page->length > block->start) {
        page->text[page->length++] = page->newline ? '\n' : ' ';
        block->breaks += page->newline;
    }
    page->space = page->newline = false, page->break_run = 0;
    memcpy(page->text + page->length, bytes, (size_t)count);
    page->length += count;
    if (page->link_depth) block->link_bytes += count;
    if (page->bold_depth) block->bold_bytes += count;
}

/* White space and format characters beyond ASCII: 1 for a space, 2 for nothing, 0 for text. */
static int invisible(uint32_t c) {
    if (c == 0xa0 || c == 0x2009 || c == 0x200a || c == 0x202f || c == 0x3000 || (c >= 0x2000 && c <= 0x2008)) return 1;
    return c == 0xad || c == 0x200b || c == 0x200e || c == 0x200f || c == 0xfeff || c < 32 ? 2 : 0;
}

static void put_character(Page *page, uint32_t c) {
    if (c < 128 && is_space((uint8_t)c)) {
        if (c == '\n' && page->pre) put_break(page);
        else put_space(page, c == '\t' ? '\t' : ' ');
        return;
    }
    int kind = invisible(c);
    if (kind == 1) put_space(page, ' ');
    if (kind) return;
    char bytes[4];
    put(page, bytes, put_utf8(c, bytes));
}

/* The character at p, of valid UTF-8 (a cut one at the end is taken as U+FFFD). */
static uint32_t character(const uint8_t **p, const uint8_t *stop) {
    uint8_t first = *(*p)++;
    if (first < 0x80) return first;
    int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
    uint32_t value = first & (0x3f >> more);
    for (; more; more--) {
        if (*p == stop || (**p & 0xc0) != 0x80) return 0xfffd;
        value = value << 6 | (*(*p)++ & 0x3f);
    }
    return value > 0x10ffff ? 0xfffd : value;
}

static void text_run(Page *page, const uint8_t *at, const uint8_t *stop) {
    if (page->skipping) return;
    while (at < stop) {
        uint32_t c = *at == '&' ? reference(&at, stop) : character(&at, stop);
        if (!c && at < stop) c = *at++; /* a lone '&', or NUL */
        put_character(page, c);
    }
}

/* ---- the stack of open elements ---- */

static void open_node(Page *page, uint8_t tag, const Attributes *attributes) {
    void **nodes = (void **)&page->nodes;
    if (page->depth == MAX_DEPTH || !grow(nodes, &page->node_room, page->node_count, MAX_NODES, sizeof(Node))) {
        page->overflow++;
        return;
    }
    int32_t parent = page->stack[page->depth - 1];
    Node *node = &page->nodes[page->node_count];
    memset(node, 0, sizeof *node);
    node->parent = parent, node->tag = tag, node->depth = (uint16_t)page->depth;
    node->names = attributes->names;
    node->names_inherited = page->nodes[parent].names_inherited | attributes->names;
    node->marks = page->nodes[parent].marks | (attributes->hidden ? HIDDEN : 0);
    for (size_t i = 0; i < sizeof MARKING_TAGS; i++)
        if (MARKING_TAGS[i] == tag) node->marks |= 1u << i;
    node->signature = (attributes->class_hash ^ tag) * 16777619u;
    page->nodes[parent].children++;
    if (tag == T_li) node->item = ++page->nodes[parent].items;
    page->stack[page->depth++] = page->node_count++;
    page->open[tag]++;
    if (TAG_TABLE[tag].flags & SKIP) page->skipping++;
    if (tag == T_pre) page->pre++;
}

static void pop(Page *page) {
    uint8_t tag = page->nodes[page->stack[--page->depth]].tag;
    page->open[tag]--;
    if (TAG_TABLE[tag].flags & SKIP) page->skipping--;
    if (tag == T_pre) page->pre--;
    if (page->link_depth > page->depth) page->link_depth = 0;
    if (page->bold_depth > page->depth) page->bold_depth = 0;
}

static uint8_t top_tag(const Page *page) { return page->nodes[page->stack[page->depth - 1]].tag; }

/* Close up to and with the nearest open tag, unless one of the two others or (in_scope) a scope's edge is nearer. */
static bool close_to(Page *page, uint8_t tag, uint8_t edge, uint8_t other_edge, bool in_scope) {
    if (!page->open[tag]) return false;
    for (int32_t i = page->depth - 1; i > 0; i--) {
        uint8_t open = page->nodes[page->stack[i]].tag;
        if (open == tag) {
            while (page->depth > i) pop(page);
            return true;
        }
        if (open == edge || open == other_edge || (in_scope && (TAG_TABLE[open].flags & SCOPE))) return false;
    }
    return false;
}

static bool is_heading(uint8_t tag) { return tag >= T_h1 && tag <= T_h6; }

/* HTML's elements end an <svg> or <select> that was left open. */
static void leave_foreign(Page *page) {
    if (page->overflow) return;
    close_to(page, T_svg, T_none, T_none, true);
    close_to(page, T_select, T_none, T_none, true);
}

/* Close what HTML5 closes without an end tag when this element begins. */
static void close_implied(Page *page, uint8_t tag) {
    if (TAG_TABLE[tag].flags & CLOSES_P) close_to(page, T_p, T_button, T_none, true);
    if (is_heading(tag) && is_heading(top_tag(page))) pop(page);
    if (tag == T_li) close_to(page, T_li, T_ul, T_ol, true);
    if (tag == T_dt || tag == T_dd) {
        close_to(page, T_dt, T_dl, T_none, true);
        close_to(page, T_dd, T_dl, T_none, true);
    }
    if (tag == T_td || tag == T_th) {
        close_to(page, T_td, T_table, T_tr, false);
        close_to(page, T_th, T_table, T_tr, false);
    }
    bool section = tag == T_tbody || tag == T_thead || tag == T_tfoot;
    if (tag == T_tr || section) close_to(page, T_tr, T_table, T_none, false);
    if (section) {
        close_to(page, T_tbody, T_table, T_none, false);
        close_to(page, T_thead, T_table, T_none, false);
    }
}

static void start_element(Page *page, uint8_t tag, const Attributes *attributes) {
    uint8_t flags = TAG_TABLE[tag].flags;
    if (flags & BLOCK) {
        if (flags & CLOSES_P && page->skipping) leave_foreign(page);
        if (!page->skipping && !(flags & (SKIP | QUIET))) {
            end_block(page);
            if (!page->overflow) close_implied(page, tag);
        }
        open_node(page, tag, attributes);
        return;
    }
    if (page->skipping) return;
    Node *node = &page->nodes[page->stack[page->depth - 1]];
    if (tag == T_br) put_break(page);
    else if (tag == T_hr) end_block(page);
    else if (tag == T_img) node->images++;
    else if (tag == T_input) node->inputs++;
    else if (tag == T_a) {
        page->link_depth = attributes->link ? page->depth : 0;
        if (page->in_block) page->blocks[page->block_count - 1].links++;
    } else if (tag == T_b || tag == T_strong) page->bold_depth = page->depth;
    else if (tag == T_time && page->in_block) page->blocks[page->block_count - 1].times++;
}

/* Whether the open block began in an element that is still open: a <noscript> within a paragraph does not part it. */
static bool goes_on(const Page *page) {
    if (!page->in_block) return false;
    const Node *node = &page->nodes[page->blocks[page->block_count - 1].node];
    return node->depth < page->depth;
}

static void end_element(Page *page, uint8_t tag) {
    if (tag == T_br) put_break(page);
    if (tag == T_a) page->link_depth = 0;
    if (tag == T_b || tag == T_strong) page->bold_depth = 0;
    if (tag == T_body || tag == T_html) end_block(page);
    if (!(TAG_TABLE[tag].flags & BLOCK)) return;
    if (page->overflow) {
        page->overflow--;
    } else if (is_heading(tag) && is_heading(top_tag(page))) {
        pop(page);
    } else {
        bool part_of_table = tag >= T_tbody && tag <= T_th;
        bool in_scope = !part_of_table && tag != T_table && tag != T_caption;
        close_to(page, tag, part_of_table ? T_table : T_none, T_none, in_scope);
    }
    if (!page->skipping && !(TAG_TABLE[tag].flags & SKIP) && !(tag == T_noscript && goes_on(page))) end_block(page);
}
