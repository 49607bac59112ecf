/* MinHash band hashes of texts, and hashes of their lines. include/ingest/dedup/signatures.py and lines.py say what they
 * are and hold the same in Python. Texts come as one buffer with int64 offsets (Arrow's large_binary); bytes that are
 * not UTF-8 part words. No state, no allocation: safe in threads. */

#include <stdint.h>

#if defined(__x86_64__)
#define CLONED __attribute__((target_clones("arch=skylake-avx512", "avx2", "default")))
#else
#define CLONED
#endif
#define INLINED static inline __attribute__((always_inline)) /* so that it is compiled for the caller's processor */

enum { SEPARATOR, WORD, DIGIT, SINGLE, SKIP };
enum { TABLE = 0x20000, MAX_HASHES = 1024, MAX_NGRAM = 32, BLOCK = 8 };

static const uint64_t OFFSET = 0xcbf29ce484222325u, PRIME = 0x100000001b3u; /* FNV-1a, by code points */
static const uint64_t STEP = 0x9e3779b97f4a7c15u;

INLINED uint64_t mix(uint64_t x) /* MurmurHash3's finaliser */
{
    x = (x ^ (x >> 33)) * 0xff51afd7ed558ccdu;
    x = (x ^ (x >> 33)) * 0xc4ceb9fe1a85ec53u;
    return x ^ (x >> 33);
}

INLINED int continues(const uint8_t *p, const uint8_t *end, int count)
{
    if (end - p <= count)
        return 0;
    for (int i = 1; i <= count; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    return 1;
}

/* The folded code point at p, its class in the bits above 24; moves p behind it. */
INLINED uint32_t next_folded(const uint8_t **at, const uint8_t *end, const uint32_t *table)
{
    const uint8_t *p = *at;
    uint32_t c = *p;
    if (c < 0x80) {
        *at = p + 1;
        return table[c];
    }
    if (c >= 0xc2 && c < 0xe0 && continues(p, end, 1)) {
        *at = p + 2;
        return table[(c & 0x1f) << 6 | (p[1] & 0x3f)];
    }
    if (c >= 0xe0 && c < 0xf0 && continues(p, end, 2)) {
        c = (c & 0x0f) << 12 | (uint32_t)(p[1] & 0x3f) << 6 | (p[2] & 0x3f);
        if (c >= 0x800 && (c < 0xd800 || c > 0xdfff)) {
            *at = p + 3;
            return table[c];
        }
    } else if (c >= 0xf0 && c < 0xf5 && continues(p, end, 3)) {
        c = (c & 0x07) << 18 | (uint32_t)(p[1] & 0x3f) << 12 | (uint32_t)(p[2] & 0x3f) << 6 | (p[3] & 0x3f);
        if (c >= 0x10000 && c <= 0x10ffff) {
            *at = p + 4;
            if (c < TABLE)
                return table[c];
            return c < 0x40000 ? (uint32_t)SINGLE << 24 | c : c >= 0xe0000 && c < 0xe1000 ? (uint32_t)SKIP << 24 : 0;
        }
    }
    *at = p + 1;
    return 0;
}

typedef struct {
    const uint64_t *a, *b;
    int hashes, ngram;
    int64_t words;
    int waiting;
    uint64_t last[MAX_NGRAM], block[BLOCK], minima[MAX_HASHES];
} Sketch;

INLINED void lower_minima(Sketch *s)
{
    for (int i = s->waiting; i < BLOCK; i++) /* a repeated shingle changes no minimum */
        s->block[i] = s->block[0];
    s->waiting = 0;
    const uint64_t *x = s->block;
    for (int i = 0; i < s->hashes; i++) {
        uint64_t lowest = s->minima[i], a = s->a[i], b = s->b[i];
        for (int j = 0; j < BLOCK; j++) {
            uint64_t h = a * x[j] + b;
            lowest = h < lowest ? h : lowest;
        }
        s->minima[i] = lowest;
    }
}

/* The shingle of the last `count` words. */
INLINED void add_shingle(Sketch *s, int count)
{
    uint64_t h = 0;
    for (int64_t i = s->words - count; i < s->words; i++)
        h = h * STEP + s->last[i % s->ngram];
    s->block[s->waiting++] = mix(h) >> 32;
    if (s->waiting == BLOCK)
        lower_minima(s);
}

INLINED void add_word(Sketch *s, uint64_t word)
{
    s->last[s->words++ % s->ngram] = word;
    if (s->words >= s->ngram)
        add_shingle(s, s->ngram);
}

INLINED void sketch_text(Sketch *s, const uint8_t *p, const uint8_t *end, const uint32_t *table)
{
    uint64_t h = OFFSET;
    int in_word = 0, in_number = 0;
    while (p < end) {
        uint32_t folded = next_folded(&p, end, table), c = folded & 0xffffff;
        switch (folded >> 24) {
        case SKIP:
            break;
        case WORD:
            h = (h ^ c) * PRIME;
            in_word = 1;
            in_number = 0;
            break;
        case DIGIT:
            if (!in_number)
                h = (h ^ '0') * PRIME;
            in_word = in_number = 1;
            break;
        default:
            if (in_word)
                add_word(s, h);
            if (folded >> 24 == SINGLE)
                add_word(s, (OFFSET ^ c) * PRIME);
            h = OFFSET;
            in_word = in_number = 0;
        }
    }
    if (in_word)
        add_word(s, h);
    if (s->words > 0 && s->words < s->ngram)
        add_shingle(s, (int)s->words);
    if (s->waiting)
        lower_minima(s);
}

/* out[band * texts + text]; found[text] = 0 where a text has no word. Returns 0, or -1 if the sizes are not allowed. */
CLONED int band_hashes(const uint8_t *data, const int64_t *offsets, int64_t texts, const uint32_t *table, int ngram,
                       const uint64_t *a, const uint64_t *b, int bands, int rows, uint64_t *out, uint8_t *found)
{
    if (ngram < 1 || ngram > MAX_NGRAM || bands < 1 || rows < 1 || bands > MAX_HASHES / rows)
        return -1;
    Sketch s = {.a = a, .b = b, .hashes = bands * rows, .ngram = ngram};
    for (int64_t text = 0; text < texts; text++) {
        s.words = s.waiting = 0;
        for (int i = 0; i < s.hashes; i++)
            s.minima[i] = UINT64_MAX;
        sketch_text(&s, data + offsets[text], data + offsets[text + 1], table);
        found[text] = s.words > 0;
        for (int band = 0; band < bands; band++) {
            uint64_t h = OFFSET;
            for (int row = 0; row < rows; row++)
                h = (h ^ (s.minima[band * rows + row] >> 32)) * PRIME;
            out[band * texts + text] = mix(h);
        }
    }
    return 0;
}

static inline uint64_t line_hash(const uint8_t *p, const uint8_t *end, const uint32_t *table, uint64_t seed, int64_t low,
                                 int64_t high)
{
    uint64_t h = seed;
    int64_t length = 0;
    int parted = 0;
    while (p < end) {
        uint32_t folded = next_folded(&p, end, table), kind = folded >> 24;
        if (kind == SKIP)
            continue;
        parted |= kind == SEPARATOR || kind == SINGLE;
        if (kind == SEPARATOR)
            continue;
        if (parted && length) {
            h = (h ^ ' ') * PRIME;
            length++;
        }
        h = (h ^ (folded & 0xffffff)) * PRIME;
        length++;
        parted = kind == SINGLE;
    }
    h = mix(h);
    return length < low || length > high ? 0 : h ? h : 1;
}

/* One hash per line of each text, in order; 0 for a line whose folded length is not within low..high. */
void line_hashes(const uint8_t *data, const int64_t *offsets, int64_t texts, const uint32_t *table,
                 const uint64_t *seeds, int64_t low, int64_t high, uint64_t *out)
{
    for (int64_t text = 0; text < texts; text++) {
        const uint8_t *start = data + offsets[text], *end = data + offsets[text + 1];
        for (const uint8_t *p = start; p <= end; p++)
            if (p == end || *p == '\n') {
                *out++ = line_hash(start, p, table, seeds[text], low, high);
                start = p + 1;
            }
    }
}

static inline uint32_t root_of(uint32_t *parent, uint32_t node)
{
    while (parent[node] != node)
        node = parent[node] = parent[parent[node]];
    return node;
}

/* Join the two ends of each edge; the smaller node becomes the root. Returns 0, or -1 if a node is not below `nodes`. */
int unite(uint32_t *parent, int64_t nodes, const int64_t *left, const int64_t *right, int64_t edges)
{
    for (int64_t i = 0; i < edges; i++) {
        if (left[i] < 0 || left[i] >= nodes || right[i] < 0 || right[i] >= nodes)
            return -1;
        uint32_t a = root_of(parent, (uint32_t)left[i]), b = root_of(parent, (uint32_t)right[i]);
        parent[a > b ? a : b] = a > b ? b : a;
    }
    return 0;
}
