// Word n-grams of many texts against a set of known ones; the Python half, which must agree bit for bit, is
// include/ingest/ngrams.py. A text is UTF-8 in an Arrow buffer; bytes that are not UTF-8 separate words.
#include <stddef.h>
#include <stdint.h>

#define TRANSPARENT 1u        // a code point that neither belongs to a word nor ends one
#define ALONE 0x80000000u     // a letter of a script without spaces: a word of its own
#define TABLE 0x20000u        // what the fold table covers
#define CJK_END 0x40000u      // planes 2 and 3 hold ideographs only
#define WORD_START 0xCBF29CE484222325ull
#define WORD_STEP 0x9E3779B97F4A7C15ull
#define NGRAM_STEP 0xD6E8FEB86659FD93ull
#define MAX_WORDS 64

// The code point at *at, which moves behind it; 0 for a byte that begins no whole sequence.
static inline uint32_t next_code_point(const uint8_t *data, int64_t *at, int64_t end) {
    uint32_t first = data[(*at)++];
    if (first < 0x80) return first;
    int more = first >= 0xF0 && first < 0xF8 ? 3 : first >= 0xE0 && first < 0xF0 ? 2 : first >= 0xC0 && first < 0xE0 ? 1 : 0;
    if (!more || end - *at < more) return 0;
    uint32_t point = first & (0x3Fu >> more);
    for (int index = 0; index < more; index++) {
        uint32_t byte = data[*at + index];
        if ((byte & 0xC0) != 0x80) return 0;
        point = point << 6 | (byte & 0x3F);
    }
    *at += more;
    return point;
}

static inline uint32_t fold(const uint32_t *table, uint32_t point) {
    if (point < TABLE) return table[point];
    return point < CJK_END ? point | ALONE : 0;
}

static inline uint64_t end_word(uint64_t hash) { return hash ^ hash >> 32; }

// The hash of the next word from *at on, which moves behind it; 0 words left: returns 0 and *at is end.
static inline int next_word(const uint8_t *data, int64_t *at, int64_t end, const uint32_t *table, uint64_t *word) {
    uint64_t hash = WORD_START;
    int open = 0;
    while (*at < end) {
        int64_t before = *at;
        uint32_t byte = data[*at], folded;
        if (byte < 0x80) {
            (*at)++;
            folded = table[byte];
        } else {
            folded = fold(table, next_code_point(data, at, end));
        }
        if (folded == TRANSPARENT) continue;
        if (folded & ALONE) {
            if (open) {
                *at = before;
                break;
            }
            *word = end_word((hash ^ (folded & ~ALONE)) * WORD_STEP);
            return 1;
        }
        if (folded) {
            hash = (hash ^ folded) * WORD_STEP;
            open = 1;
        } else if (open) {
            break;
        }
    }
    *word = end_word(hash);
    return open;
}

static inline uint64_t power(int words) {
    uint64_t result = 1;
    for (int index = 0; index < words; index++) result *= NGRAM_STEP;
    return result;
}

static inline uint64_t finish(uint64_t hash) {
    hash = (hash ^ hash >> 31) * WORD_STEP;
    return hash ^ hash >> 29;
}

// Hashes of all n-grams of one text; at most capacity are written, all are counted.
int64_t ngrams_hash(const uint8_t *data, int64_t size, const uint32_t *table, int words, uint64_t *out,
                    int64_t capacity) {
    if (words < 1 || words > MAX_WORDS) return 0;
    uint64_t window[MAX_WORDS] = {0}, hash = 0, word, leaving = power(words);
    int64_t at = 0, seen = 0;
    while (next_word(data, &at, size, table, &word)) {
        hash = hash * NGRAM_STEP + word - window[seen % words] * leaving;
        window[seen % words] = word;
        if (++seen >= words && seen - words < capacity) out[seen - words] = finish(hash);
    }
    return seen < words ? 0 : seen - words + 1;
}

struct index {
    const uint64_t *keys;    // ascending, different
    const uint32_t *starts;  // where the keys with each value of the first bits begin; one more at the end
    const uint8_t *bitmap;   // one bit for each value of the first bitmap_bits
    int32_t start_bits, bitmap_bits;
};

static inline int64_t look_up(const struct index *known, uint64_t key) {
    uint64_t bit = key >> (64 - known->bitmap_bits);
    if (!(known->bitmap[bit >> 3] >> (bit & 7) & 1)) return -1;
    uint64_t prefix = key >> (64 - known->start_bits);
    for (uint32_t at = known->starts[prefix]; at < known->starts[prefix + 1]; at++)
        if (known->keys[at] == key) return at;
    return -1;
}

#define FIND(NAME, OFFSET)                                                                                           \
    /* Where n-grams of the texts stand in the index: (row, number of the first word, place among the keys), at */  \
    /* most capacity of them; returns how many there are in all. */                                                 \
    int64_t NAME(const uint8_t *data, const OFFSET *offsets, int64_t rows, const uint32_t *table, int words,         \
                 const struct index *known, int64_t *out, int64_t capacity) {                                        \
        if (words < 1 || words > MAX_WORDS) return 0;                                                                \
        uint64_t leaving = power(words);                                                                             \
        int64_t hits = 0;                                                                                            \
        for (int64_t row = 0; row < rows; row++) {                                                                   \
            uint64_t window[MAX_WORDS] = {0}, hash = 0, word;                                                        \
            int64_t at = offsets[row], seen = 0;                                                                     \
            int slot = 0;                                                                                            \
            while (next_word(data, &at, offsets[row + 1], table, &word)) {                                           \
                hash = hash * NGRAM_STEP + word - window[slot] * leaving;                                            \
                window[slot] = word;                                                                                 \
                if (++slot == words) slot = 0;                                                                       \
                if (++seen < words) continue;                                                                        \
                int64_t place = look_up(known, finish(hash));                                                        \
                if (place < 0) continue;                                                                             \
                if (hits < capacity) {                                                                               \
                    out[3 * hits] = row;                                                                             \
                    out[3 * hits + 1] = seen - words;                                                                \
                    out[3 * hits + 2] = place;                                                                       \
                }                                                                                                    \
                hits++;                                                                                              \
            }                                                                                                        \
        }                                                                                                            \
        return hits;                                                                                                 \
    }

FIND(ngrams_find32, int32_t)
FIND(ngrams_find64, int64_t)
