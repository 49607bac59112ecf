/* What a word is: include/ingest/ngrams.py's fold_words in C. */
#pragma once

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
#define STEM 5

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

struct word {
    uint64_t hash, stem;    // of all its letters; of the first STEM
    int64_t first, last;    // bytes, the last one not included
    int letters;            // digits and others too
};

// The next word from *at on, which moves behind it; without one returns 0 and *at is end. Unless `whole`, which must be a
// constant, only the hash is set: the rest costs a third more time.
static inline __attribute__((always_inline)) int next_word(const uint8_t *data, int64_t *at, int64_t end,
                                                           const uint32_t *table, struct word *word, int whole) {
    uint64_t hash = WORD_START;
    int open = 0;
    if (whole) *word = (struct word){0};
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
        if (folded & ALONE && open) {
            *at = before;
            break;
        }
        if (folded) {
            hash = (hash ^ (folded & ~ALONE)) * WORD_STEP;
            if (whole && !open) word->first = before;
            if (whole && ++word->letters == STEM) word->stem = end_word(hash);
            if (whole) word->last = *at;
            open = 1;
            if (folded & ALONE) break;
        } else if (open) {
            break;
        }
    }
    word->hash = end_word(hash);
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
