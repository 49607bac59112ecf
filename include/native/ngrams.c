// Word n-grams of many texts against a set of known ones; the Python half, which must agree bit for bit, is
// include/ingest/ngrams.py. A text is UTF-8 in an Arrow buffer; bytes that are not UTF-8 separate words.
#include "ngrams_words.h"
#include "ngrams_pairs.h"

// Hashes of all n-grams of one text; at most capacity are written, all are counted.
int64_t ngrams_hash(const uint8_t *data, int64_t size, const uint32_t *table, int words, uint64_t *out,
                    int64_t capacity) {
    if (words < 1 || words > MAX_WORDS) return 0;
    uint64_t window[MAX_WORDS] = {0}, hash = 0, leaving = power(words);
    struct word word;
    int64_t at = 0, seen = 0;
    while (next_word(data, &at, size, table, &word, 0)) {
        hash = hash * NGRAM_STEP + word.hash - window[seen % words] * leaving;
        window[seen % words] = word.hash;
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
            uint64_t window[MAX_WORDS] = {0}, hash = 0;                                                              \
            struct word word;                                                                                        \
            int64_t at = offsets[row], seen = 0;                                                                     \
            int slot = 0;                                                                                            \
            while (next_word(data, &at, offsets[row + 1], table, &word, 0)) {                                        \
                hash = hash * NGRAM_STEP + word.hash - window[slot] * leaving;                                       \
                window[slot] = word.hash;                                                                            \
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
