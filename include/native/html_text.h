/* Bytes, characters and the search for cues. */

/* The cues by first byte: head[byte] and next[cue] are 1 + the number of a cue, 0 at the end. */
typedef struct { uint8_t head[256], next[256]; } CueIndex;

static bool is_space(uint8_t c) { return c == ' ' || (c >= 9 && c <= 13 && c != 11); }
static uint8_t lower(uint8_t c) { return c >= 'A' && c <= 'Z' ? c | 32 : c; }
static bool is_letter(uint8_t c) { return lower(c) >= 'a' && lower(c) <= 'z'; }
static bool is_digit(uint8_t c) { return c >= '0' && c <= '9'; }

static bool same_word(const uint8_t *at, const uint8_t *end, const char *word) {
    size_t length = strlen(word);
    if ((size_t)(end - at) != length) return false;
    for (size_t i = 0; i < length; i++)
        if (lower(at[i]) != (uint8_t)word[i]) return false;
    return true;
}

static void index_cues(CueIndex *index, const Cue *cues, size_t count) {
    memset(index, 0, sizeof *index);
    for (size_t i = 0; i < count; i++) {
        uint8_t first = (uint8_t)cues[i].word[0];
        index->next[i] = index->head[first];
        index->head[first] = (uint8_t)(i + 1);
    }
}

/* Bits of the cues in [at, end). Words of up to four letters count only where a word begins ("ads" not in "heads"). */
static uint32_t find_cues(const uint8_t *at, const uint8_t *end, const Cue *cues, const CueIndex *index) {
    uint32_t bits = 0;
    for (const uint8_t *from = at; at < end; at++) {
        uint8_t cue = index->head[lower(*at)];
        if (!cue) continue;
        bool begins = at == from || !is_letter(at[-1]) || (*at != lower(*at) && at[-1] == lower(at[-1]));
        for (; cue; cue = index->next[cue - 1]) {
            const char *word = cues[cue - 1].word;
            size_t k = 1;
            while (word[k] && at + k < end && lower(at[k]) == (uint8_t)word[k]) k++;
            if (!word[k] && (k > 4 || begins)) bits |= 1u << cues[cue - 1].bit;
        }
    }
    return bits;
}

static uint32_t hash_bytes(uint32_t hash, const uint8_t *at, const uint8_t *end) {
    for (; at < end; at++) hash = (hash ^ lower(*at)) * 16777619u;
    return hash;
}

/* The first of these bytes, or the end. */
static const uint8_t *find_byte(const uint8_t *at, const uint8_t *stop, uint8_t byte) {
    const uint8_t *found = at < stop ? memchr(at, byte, (size_t)(stop - at)) : NULL;
    return found ? found : stop;
}

/* ---- characters ---- */

static int put_utf8(uint32_t c, char *out) {
    if (c < 0x80) return out[0] = (char)c, 1;
    if (c < 0x800) return out[0] = (char)(0xc0 | c >> 6), out[1] = (char)(0x80 | (c & 63)), 2;
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12), out[1] = (char)(0x80 | (c >> 6 & 63)), out[2] = (char)(0x80 | (c & 63));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18), out[1] = (char)(0x80 | (c >> 12 & 63));
    out[2] = (char)(0x80 | (c >> 6 & 63)), out[3] = (char)(0x80 | (c & 63));
    return 4;
}

/* HTML reads the numbers 128 to 159 as Windows-1252. */
static const uint16_t WINDOWS_1252[32] = {
    0x20ac, 0x81, 0x201a, 0x192, 0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0x8d, 0x17d,
    0x8f, 0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a, 0x153, 0x9d,
    0x17e, 0x178,
};

static uint32_t number_reference(const uint8_t **at, const uint8_t *stop) {
    const uint8_t *p = *at + 2;
    bool hex = p < stop && lower(*p) == 'x';
    p += hex;
    uint32_t value = 0;
    int digits = 0;
    for (; p < stop; p++, digits++) {
        uint8_t c = lower(*p);
        if (!is_digit(c) && !(hex && c >= 'a' && c <= 'f')) break;
        if (value <= 0x10ffff) value = value * (hex ? 16 : 10) + (uint32_t)(is_digit(c) ? c - '0' : c - 'a' + 10);
    }
    if (!digits) return 0;
    *at = p + (p < stop && *p == ';');
    if (value >= 128 && value < 160) return WINDOWS_1252[value - 128];
    return value == 0 || value > 0x10ffff || (value >= 0xd800 && value < 0xe000) ? 0xfffd : value;
}

/* The code of a name of this length, or 0. */
static uint32_t named(const uint8_t *name, int length) {
    int low = 0, high = (int)(sizeof ENTITIES / sizeof *ENTITIES) - 1;
    while (low <= high) {
        int middle = (low + high) / 2;
        int order = memcmp(name, ENTITIES[middle].name, (size_t)length);
        if (order == 0 && ENTITIES[middle].name[length] == 0) return ENTITIES[middle].code;
        if (order <= 0) high = middle - 1;
        else low = middle + 1;
    }
    return 0;
}

/* The character that the reference at *at ('&') stands for, and *at after it; 0 if it is none. */
static uint32_t reference(const uint8_t **at, const uint8_t *stop) {
    if (stop - *at > 2 && (*at)[1] == '#') return number_reference(at, stop);
    const uint8_t *name = *at + 1;
    int length = 0;
    while (length < 8 && stop - name > length && (is_letter(name[length]) || is_digit(name[length]))) length++;
    bool ended = stop - name > length && name[length] == ';';
    uint32_t code = ended ? named(name, length) : 0;
    if (code) return *at = name + length + 1, code;
    /* Old names (of Latin-1) need no semicolon, whatever follows them. */
    for (; length >= 2; length--) {
        code = named(name, length);
        if (code == '&' || code == '<' || code == '>' || code == '"' || (code >= 160 && code < 256))
            return *at = name + length, code;
    }
    return 0;
}
