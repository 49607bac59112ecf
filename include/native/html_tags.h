/* Tags and their attributes: from bytes to elements that begin and end. */

static uint32_t name_slot(const char name[NAME_LENGTH]) {
    uint32_t hash = 2166136261u;
    for (int i = 0; i < NAME_LENGTH && name[i]; i++) hash = (hash ^ (uint8_t)name[i]) * 16777619u;
    return (hash ^ hash >> 15) & (TAG_SLOTS - 1);
}

static void index_tags(Page *page) {
    for (int tag = T_html; tag < T_custom; tag++) {
        uint32_t slot = name_slot(TAG_TABLE[tag].name);
        while (page->tag_slots[slot]) slot = (slot + 1) & (TAG_SLOTS - 1);
        page->tag_slots[slot] = (uint8_t)tag;
    }
}

/* The element named at *at, which moves behind the name. */
static uint8_t read_tag(const Page *page, const uint8_t **at, const uint8_t *stop) {
    char name[NAME_LENGTH] = {0};
    int length = 0;
    bool custom = false;
    const uint8_t *p = *at;
    for (; p < stop && !is_space(*p) && *p != '/' && *p != '>'; p++) {
        if (length < NAME_LENGTH - 1) name[length] = (char)lower(*p);
        length++;
        custom |= *p == '-';
    }
    *at = p;
    if (custom) return T_custom;
    if (length >= NAME_LENGTH) return T_none;
    for (uint32_t slot = name_slot(name); page->tag_slots[slot]; slot = (slot + 1) & (TAG_SLOTS - 1))
        if (memcmp(TAG_TABLE[page->tag_slots[slot]].name, name, NAME_LENGTH) == 0) return page->tag_slots[slot];
    return T_none;
}

/* Whether a style hides its element. */
static bool hides(const uint8_t *at, const uint8_t *end) {
    for (; end - at >= 12; at++) {
        size_t near = end - at < 20 ? (size_t)(end - at) : 20;
        if (memcmp(at, "display", 7) == 0 && memmem(at, near, "none", 4)) return true;
        if (memcmp(at, "visibility", 10) == 0 && memmem(at, near, "hidden", 6)) return true;
    }
    return false;
}

static void use_attribute(const Page *page, Attributes *found, const uint8_t *name, const uint8_t *name_end,
                          const uint8_t *value, const uint8_t *end, uint8_t tag) {
    switch (lower(*name)) {
    case 'c':
        if (same_word(name, name_end, "class")) {
            found->names |= find_cues(value, end, NAME_CUES, &page->name_index);
            found->class_hash = hash_bytes(found->class_hash, value, end);
        } else if (same_word(name, name_end, "content")) found->content = value, found->content_end = end;
        break;
    case 'i':
        if (same_word(name, name_end, "id") || same_word(name, name_end, "itemprop"))
            found->names |= find_cues(value, end, NAME_CUES, &page->name_index);
        break;
    case 'r':
        if (tag == T_link && same_word(name, name_end, "rel")) found->rel = value, found->rel_end = end;
        else if (same_word(name, name_end, "role")) {
            found->names |= find_cues(value, end, NAME_CUES, &page->name_index);
            if (same_word(value, end, "navigation")) found->names |= 1u << 5;
        }
        break;
    case 's':
        if (same_word(name, name_end, "style")) found->hidden |= hides(value, end);
        break;
    case 'h':
        if (same_word(name, name_end, "href")) found->link = true, found->href = value, found->href_end = end;
        else if (same_word(name, name_end, "hidden")) found->hidden = true;
        break;
    case 'a':
        if (same_word(name, name_end, "aria-hidden")) found->hidden |= same_word(value, end, "true");
        break;
    case 'n':
    case 'p':
        if (tag == T_meta && (same_word(name, name_end, "property") || same_word(name, name_end, "name")))
            found->property = value, found->property_end = end;
        break;
    case 't':
        if (tag == T_script && same_word(name, name_end, "type")) found->type = value, found->type_end = end;
        break;
    }
}

/* Read the attributes at `at`; returns the place behind the tag's '>', or NULL where the page ends within the tag. */
static const uint8_t *read_attributes(const Page *page, const uint8_t *at, uint8_t tag, Attributes *found) {
    const uint8_t *stop = page->stop;
    memset(found, 0, sizeof *found);
    found->class_hash = 2166136261u;
    while (true) {
        while (at < stop && (is_space(*at) || *at == '/')) at++;
        if (at == stop) return NULL;
        if (*at == '>') return at + 1;
        const uint8_t *name = at++;
        while (at < stop && !is_space(*at) && *at != '/' && *at != '>' && *at != '=') at++;
        const uint8_t *name_end = at;
        while (at < stop && is_space(*at)) at++;
        const uint8_t *value = at, *end = at;
        if (at < stop && *at == '=') {
            at++;
            while (at < stop && is_space(*at)) at++;
            if (at < stop && (*at == '"' || *at == '\'')) {
                value = at + 1, end = find_byte(value, stop, *at);
                if (end == stop) return NULL;
                at = end + 1;
            } else {
                value = at;
                while (at < stop && !is_space(*at) && *at != '>') at++;
                end = at;
            }
        }
        use_attribute(page, found, name, name_end, value, end, tag);
    }
}

static int32_t og_type(const uint8_t *at, const uint8_t *end) {
    if (same_word(at, end, "article")) return 1;
    if (same_word(at, end, "website")) return 2;
    if (memmem(at, (size_t)(end - at), "product", 7)) return 3;
    return 4;
}

static void use_meta(Page *page, const Attributes *found) {
    if (!found->property || !found->content) return;
    if (same_word(found->property, found->property_end, "og:title") && !page->og_title)
        page->og_title = found->content, page->og_title_end = found->content_end;
    if (same_word(found->property, found->property_end, "og:type"))
        page->og_type = og_type(found->content, found->content_end);
    if (same_word(found->property, found->property_end, "og:url") && !page->url)
        page->url = found->content, page->url_end = found->content_end;
    if (same_word(found->property, found->property_end, "generator"))
        page->generator = found->content, page->generator_end = found->content_end;
}

static const struct { const char *word; uint8_t bit; } DATA_TYPES[] = {
    {"NewsArticle\"", 0}, {"\"Article\"", 1}, {"BlogPosting\"", 1}, {"\"Product\"", 2}, {"FAQPage\"", 3},
    {"ForumPosting\"", 4}, {"QAPage\"", 4}, {"ItemList\"", 5}, {"CollectionPage\"", 5}, {"LocalBusiness\"", 6},
    {"Service\"", 6}, {"TechArticle\"", 7},
};

/* JSON-LD: what kind of thing the page says it is, and where its articleBody stands. */
static void use_json_ld(Page *page, const uint8_t *at, const uint8_t *end) {
    size_t length = (size_t)(end - at);
    for (size_t i = 0; i < sizeof DATA_TYPES / sizeof *DATA_TYPES; i++)
        if (memmem(at, length, DATA_TYPES[i].word, strlen(DATA_TYPES[i].word)))
            page->data_types |= 1u << DATA_TYPES[i].bit;
    while (page->article_count < 4) {
        const uint8_t *key = memmem(at, (size_t)(end - at), "\"articleBody\"", 13);
        if (!key) return;
        at = key + 13;
        while (at < end && (is_space(*at) || *at == ':')) at++;
        if (at == end || *at != '"') continue;
        const uint8_t *body = ++at;
        while (at < end && *at != '"') at += *at == '\\' && end - at > 1 ? 2 : 1;
        page->articles[page->article_count] = body, page->article_ends[page->article_count++] = at < end ? at : end;
    }
}

/* The end tag of raw text, or the page's end. */
static const uint8_t *raw_end(const uint8_t *at, const uint8_t *stop, const char *name) {
    size_t length = strlen(name);
    while ((at = find_byte(at, stop, '<')) < stop) {
        if ((size_t)(stop - at) >= length + 2 && at[1] == '/' && same_word(at + 2, at + 2 + length, name)) return at;
        at++;
    }
    return stop;
}

static const uint8_t *start_tag(Page *page, const uint8_t *at) {
    uint8_t tag = read_tag(page, &at, page->stop);
    Attributes found;
    at = read_attributes(page, at, tag, &found);
    if (!at) return page->stop;
    if (tag == T_body || tag == T_html) page->page_names |= found.names;
    if (tag == T_meta) use_meta(page, &found);
    if (tag == T_link && found.rel && found.href && same_word(found.rel, found.rel_end, "canonical"))
        page->url = found.href, page->url_end = found.href_end;
    if (TAG_TABLE[tag].flags & RAW) {
        const uint8_t *end = raw_end(at, page->stop, TAG_TABLE[tag].name);
        if (tag == T_title && !page->title && !page->skipping) page->title = at, page->title_end = end;
        if (tag == T_script && found.type && same_word(found.type, found.type_end, "application/ld+json"))
            use_json_ld(page, at, end);
        return find_byte(end, page->stop, '>') + (find_byte(end, page->stop, '>') < page->stop);
    }
    start_element(page, tag, &found);
    if (tag == T_pre && at < page->stop && *at == '\n') at++;
    return at;
}

/* A comment, declaration or instruction at '<'; returns the place behind it. */
static const uint8_t *skip_declaration(const uint8_t *at, const uint8_t *stop) {
    if (stop - at >= 4 && memcmp(at, "<!--", 4) == 0) {
        at += 4;
        if (at < stop && *at == '>') return at + 1;
        const uint8_t *end = memmem(at, (size_t)(stop - at), "-->", 3);
        return end ? end + 3 : stop;
    }
    at = find_byte(at, stop, '>');
    return at < stop ? at + 1 : stop;
}

static void read_page(Page *page) {
    const uint8_t *at = page->in, *stop = page->stop;
    while (at < stop && !page->failed) {
        const uint8_t *tag = find_byte(at, stop, '<');
        text_run(page, at, tag);
        at = tag;
        if (at == stop) break;
        uint8_t next = stop - at > 1 ? at[1] : 0;
        if (is_letter(next)) at = start_tag(page, at + 1);
        else if (next == '/' && stop - at > 2 && is_letter(at[2])) {
            at += 2;
            uint8_t name = read_tag(page, &at, stop);
            at = find_byte(at, stop, '>');
            at += at < stop;
            end_element(page, name);
        } else if (next == '!' || next == '?' || next == '/') at = skip_declaration(at, stop);
        else text_run(page, at, at + 1), at++;
    }
    end_block(page);
}
