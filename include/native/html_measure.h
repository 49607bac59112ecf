/* What a block's text consists of, and the sums of it in each element. */

enum { BODY_BITS = 1 << 17, WORD_SLOTS = 4096 };

static bool is_cjk(uint32_t c) { return (c >= 0x3040 && c < 0xa000) || (c >= 0xac00 && c < 0xd7b0); }

static bool is_word_character(uint32_t c) {
    if (c < 128) return is_letter((uint8_t)c) || is_digit((uint8_t)c);
    return c >= 0xaa && !(c >= 0x2000 && c < 0x2c00) && !(c >= 0x3000 && c < 0x3040) && !(c >= 0xff00 && c < 0xff10) &&
           c != 0xab && c != 0xbb && c != 0xbf && c != 0xb7 && c != 0xd7;
}

static bool ends_sentence(uint32_t c) {
    return c == '.' || c == '!' || c == '?' || c == 0x3002 || c == 0xff01 || c == 0xff1f;
}
static bool is_comma(uint32_t c) { return c == ',' || c == ';' || c == 0xff0c || c == 0x3001 || c == 0x60c; }

/* A class of the first or last character: 0 other, 1 lower case, 2 upper case, 3 digit, 4 end of sentence, 5 comma,
   6 colon, 7 quote or bracket, 8 beyond ASCII. */
static uint8_t kind_of(uint32_t c) {
    if (c >= 'a' && c <= 'z') return 1;
    if (c >= 'A' && c <= 'Z') return 2;
    if (c < 128 && is_digit((uint8_t)c)) return 3;
    if (ends_sentence(c)) return 4;
    if (is_comma(c)) return 5;
    if (c == ':') return 6;
    if (c == '"' || c == '\'' || c == '(' || c == ')' || (c >= 0x2018 && c <= 0x201f)) return 7;
    return c >= 128 ? 8 : 0;
}

typedef struct { uint32_t slots[WORD_SLOTS]; } WordSet; /* open addressing; full sets forget */

static void add_word(WordSet *set, uint32_t word) {
    for (int tries = 0; tries < 32; tries++) {
        uint32_t *slot = &set->slots[(word + (uint32_t)tries) & (WORD_SLOTS - 1)];
        if (*slot == word) return;
        if (!*slot) { *slot = word; return; }
    }
}

static bool has_word(const WordSet *set, uint32_t word) {
    for (int tries = 0; tries < 32; tries++) {
        uint32_t slot = set->slots[(word + (uint32_t)tries) & (WORD_SLOTS - 1)];
        if (slot == word) return true;
        if (!slot) return false;
    }
    return false;
}

static uint32_t hex_value(uint8_t digit) {
    if (is_digit(digit)) return digit - '0';
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10u : 0;
}

typedef struct {
    const uint8_t *at, *stop;
    bool json, markup;  /* escapes of JSON; character references */
} Words;

/* The next word's hash (lower case), 0 at the end. */
static uint32_t next_word(Words *words) {
    uint32_t hash = 2166136261u;
    bool inside = false;
    while (words->at < words->stop) {
        uint32_t c;
        if (words->json && *words->at == '\\' && words->stop - words->at > 1) {
            words->at += 2;
            c = ' ';
            if (words->at[-1] == 'u' && words->stop - words->at >= 4) {
                c = 0;
                for (int i = 0; i < 4; i++) {
                    uint8_t digit = lower(*words->at++);
                    c = c * 16 + hex_value(digit);
                }
            }
        } else if (words->markup && *words->at == '&') {
            c = reference(&words->at, words->stop);
            if (!c) c = *words->at++;
        } else c = character(&words->at, words->stop);
        if (!is_word_character(c)) {
            if (inside) break;
            continue;
        }
        inside = true;
        hash = (hash ^ (c < 128 ? lower((uint8_t)c) : c)) * 16777619u;
        if (is_cjk(c)) break;
    }
    return inside ? hash | 1 : 0;
}

typedef struct {
    WordSet title;
    int32_t title_words;
    uint64_t *body; /* bits of pairs of words of JSON-LD's articleBody; NULL without */
    int32_t body_words;
} Hints;

static uint32_t pair_bit(uint32_t a, uint32_t b) { return ((a * 31 + b) * 2654435761u) >> 15; }

static bool read_hints(const Page *page, Hints *hints) {
    memset(hints, 0, sizeof *hints);
    const uint8_t *at = page->og_title ? page->og_title : page->title;
    const uint8_t *end = page->og_title ? page->og_title_end : page->title_end;
    if (at) {
        Words words = {at, end - at > 1000 ? at + 1000 : end, false, true};
        for (uint32_t word; (word = next_word(&words));) add_word(&hints->title, word), hints->title_words++;
    }
    if (!page->article_count) return true;
    hints->body = calloc(BODY_BITS / 64, 8);
    if (!hints->body) return false;
    for (int i = 0; i < page->article_count; i++) {
        Words words = {page->articles[i], page->article_ends[i], true, true};
        uint32_t before = 0;
        for (uint32_t word; (word = next_word(&words)); before = word) {
            uint32_t bit = pair_bit(before, word);
            hints->body[bit >> 6] |= 1ull << (bit & 63);
            hints->body_words++;
        }
    }
    return true;
}

static void measure_words(const Page *page, Block *block, const Hints *hints) {
    const uint8_t *at = (const uint8_t *)page->text + block->start;
    Words words = {at, at + block->length, false, false};
    int32_t in_title = 0, in_body = 0, all = 0;
    uint32_t before = 0, hash = 0;
    for (uint32_t word; (word = next_word(&words)); before = word) {
        all++;
        hash = (hash + word) * 2654435761u;
        in_title += has_word(&hints->title, word);
        if (hints->body) {
            uint32_t bit = pair_bit(before, word);
            in_body += all > 1 && hints->body[bit >> 6] >> (bit & 63) & 1;
        }
    }
    block->hash = hash;
    block->title_share = all ? (float)in_title / (float)all : 0;
    block->body_share = all > 1 ? (float)in_body / (float)(all - 1) : 0;
}

static void measure_characters(const Page *page, Block *block) {
    const uint8_t *at = (const uint8_t *)page->text + block->start, *stop = at + block->length;
    bool inside = false, upper_word = false;
    int32_t word_length = 0, cjk = 0, bytes = 0;
    uint32_t c = 0, before = ' ';
    for (const uint8_t *p = at; p < stop; before = c) {
        const uint8_t *from = p;
        c = character(&p, stop);
        if (from == at) block->first = kind_of(c);
        if (c > 32) bytes += (int32_t)(p - from);
        bool word = is_word_character(c);
        if (word && !inside) block->words++, word_length = 0, upper_word = c >= 'A' && c <= 'Z';
        if (word) word_length++;
        if (!word && inside) block->long_words += word_length > 6, block->upper_words += upper_word;
        if (is_cjk(c)) cjk++;
        inside = word;
        block->letters += word;
        block->digits += c < 128 && is_digit((uint8_t)c);
        block->capitals += c >= 'A' && c <= 'Z';
        block->commas += is_comma(c);
        if ((c <= 32 || p == stop) && ends_sentence(before)) block->stops++;
        if (p == stop && ends_sentence(c)) block->stops++;
        if (c > 0x3000 && ends_sentence(c)) block->stops++;
    }
    if (inside) block->long_words += word_length > 6, block->upper_words += upper_word;
    block->last = kind_of(c);
    block->words += cjk / 2;
    block->bytes = bytes;
    block->link_words = bytes ? (int32_t)((int64_t)block->words * block->link_bytes / bytes) : 0;
    if (block->length <= 300) block->cues = find_cues(at, stop, TEXT_CUES, &page->text_index);
}

static bool is_prose(const Block *block) {
    return block->words >= 12 && block->link_words * 3 < block->words && (block->stops || block->commas);
}

/* Sums of the blocks and elements inside each element. */
static void sum_nodes(Page *page) {
    for (int32_t i = 0; i < page->block_count; i++) {
        const Block *block = &page->blocks[i];
        Node *node = &page->nodes[block->node];
        node->blocks++, node->words += block->words, node->link_words += block->link_words;
        node->commas += block->commas;
        if (is_prose(block)) node->prose_words += block->words;
    }
    for (int32_t i = page->node_count - 1; i >= 0; i--) {
        Node *node = &page->nodes[i];
        if (node->end <= i) node->end = i + 1;
        if (i == 0) break;
        Node *parent = &page->nodes[node->parent];
        parent->blocks += node->blocks, parent->words += node->words, parent->link_words += node->link_words;
        parent->commas += node->commas, parent->prose_words += node->prose_words;
        parent->images += node->images, parent->inputs += node->inputs;
        if (parent->end < node->end) parent->end = node->end;
    }
}

/* The deepest element that holds this share of the page's prose (or words, where there is no prose). */
static int32_t holder(const Page *page, float share, bool prose) {
    int32_t best = 0;
    float total = (float)(prose ? page->nodes[0].prose_words : page->nodes[0].words);
    for (int32_t i = 0; i < page->node_count; i++) {
        float here = (float)(prose ? page->nodes[i].prose_words : page->nodes[i].words);
        if (here >= share * total && page->nodes[i].depth >= page->nodes[best].depth) best = i;
    }
    return best;
}
