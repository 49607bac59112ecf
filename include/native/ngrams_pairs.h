/* What texts share with the sources that they were made from: include/validate/pairs.py in one pass per pair. */
#pragma once

#include <stdlib.h>
#include <string.h>

#include "ngrams_words.h"

#define CLASSES 0x40000u // code points that have classes; include/ingest/quality/characters.py
enum { LETTER = 1 << 2, LOWER = 1 << 3, UPPER = 1 << 4 };
enum { CAPITAL = 1, NUMERAL = 2 };                                    // kinds of words
enum { TEXT_WORDS, SOURCE_WORDS, NGRAMS, COPIED, LONG_WORDS, RELATED, NEW_RUN, COLUMNS };
#define STEM_MARK 0xA0761D6478BD642Full // keeps stems and words apart in one set

// A set of 64-bit keys; a new stamp empties it.
struct keys {
    struct { uint64_t key, stamp; } *slots;
    uint64_t mask, stamp;
};

static inline int known_key(struct keys *keys, uint64_t key, int add) {
    for (uint64_t at = key ^ key >> 29;; at++) {
        if (keys->slots[at & keys->mask].stamp != keys->stamp) {
            if (add) keys->slots[at & keys->mask].key = key, keys->slots[at & keys->mask].stamp = keys->stamp;
            return 0;
        }
        if (keys->slots[at & keys->mask].key == key) return 1;
    }
}

// Empty, with room for more than the words and stems of so many bytes: a word takes two with its separator.
static inline void empty_keys(struct keys *keys, int64_t bytes) {
    keys->stamp++;
    for (keys->mask = 63; keys->mask <= (uint64_t)bytes; keys->mask = 2 * keys->mask + 1);
}

// The last words of a text, and the hash of them all.
struct window {
    uint64_t words[MAX_WORDS], hash, leaving;
    int64_t seen;
    int size, slot;
};

// Whether there is an n-gram with this word at its end.
static inline int add_word(struct window *window, uint64_t word) {
    window->hash = window->hash * NGRAM_STEP + word - window->words[window->slot] * window->leaving;
    window->words[window->slot] = word;
    if (++window->slot == window->size) window->slot = 0;
    return ++window->seen >= window->size;
}

static int kinds_of(const uint8_t *data, int64_t first, int64_t last, const uint32_t *table, const uint16_t *classes) {
    int kinds = 0;
    for (int64_t at = first; at < last;) {
        int begins = at == first;
        uint32_t point = next_code_point(data, &at, last), class = point < CLASSES ? classes[point] : 0;
        if (begins && (class & UPPER) && !(class & LOWER)) kinds |= CAPITAL;
        if (!(class & LETTER) && fold(table, point) > TRANSPARENT) kinds |= NUMERAL;
    }
    return kinds;
}

struct texts {
    const uint8_t *data;
    const int64_t *offsets;
};

struct pair_work {
    struct keys words, ngrams; // of the source
    const uint32_t *table;
    const uint16_t *classes;
    int size;
    int64_t *out, found, capacity;
};

static int64_t read_source(struct pair_work *work, const uint8_t *data, int64_t at, int64_t end) {
    struct window window = {.size = work->size, .leaving = power(work->size)};
    struct word word;
    empty_keys(&work->words, end - at);
    empty_keys(&work->ngrams, end - at);
    while (next_word(data, &at, end, work->table, &word, 1)) {
        known_key(&work->words, word.hash, 1);
        if (word.letters >= STEM) known_key(&work->words, word.stem ^ STEM_MARK, 1);
        if (add_word(&window, word.hash)) known_key(&work->ngrams, finish(window.hash), 1);
    }
    return window.seen;
}

static void read_text(struct pair_work *work, const uint8_t *data, int64_t at, int64_t end, int64_t row,
                      int64_t *counts) {
    struct window window = {.size = work->size, .leaving = power(work->size)};
    struct word word;
    int64_t run = 0; // of long words that the source has not
    while (next_word(data, &at, end, work->table, &word, 1)) {
        if (add_word(&window, word.hash)) {
            counts[NGRAMS]++;
            counts[COPIED] += known_key(&work->ngrams, finish(window.hash), 0);
        }
        if (word.letters >= STEM) {
            int related = known_key(&work->words, word.stem ^ STEM_MARK, 0);
            counts[LONG_WORDS]++;
            counts[RELATED] += related;
            run = related ? 0 : run + 1;
            counts[NEW_RUN] = run > counts[NEW_RUN] ? run : counts[NEW_RUN];
        }
        if (known_key(&work->words, word.hash, 0)) continue;
        int kinds = kinds_of(data, word.first, word.last, work->table, work->classes);
        if (kinds && work->found++ < work->capacity) {
            int64_t *place = work->out + 4 * (work->found - 1);
            place[0] = row, place[1] = word.first, place[2] = word.last, place[3] = kinds;
        }
    }
    counts[TEXT_WORDS] = window.seen;
}

// Whether a row has the source of the row before it: so it is where a source was given to several recipes.
static int same_source(const struct texts *sources, int64_t row) {
    if (!row) return 0;
    int64_t before = sources->offsets[row - 1], at = sources->offsets[row], size = sources->offsets[row + 1] - at;
    return at - before == size && !memcmp(sources->data + before, sources->data + at, size);
}

/* Counts of each pair (zeros before), and the words of the texts with a capital or a numeral that the sources do not
   have: (row, first byte in the data, last byte, kinds), at most capacity of them. Returns how many of these there are,
   or -1 where memory is short. */
int64_t ngrams_pairs(const struct texts *texts, const struct texts *sources, int64_t rows, const uint32_t *table,
                     const uint16_t *classes, int words, int64_t *counts, int64_t *out, int64_t capacity) {
    if (words < 1 || words > MAX_WORDS) return 0;
    int64_t longest = 0;
    for (int64_t row = 0; row < rows; row++) {
        int64_t size = sources->offsets[row + 1] - sources->offsets[row];
        longest = size > longest ? size : longest;
    }
    struct pair_work work = {.table = table, .classes = classes, .size = words, .out = out, .capacity = capacity};
    empty_keys(&work.words, longest);
    work.words.slots = calloc(work.words.mask + 1, sizeof *work.words.slots);
    work.ngrams.slots = calloc(work.words.mask + 1, sizeof *work.ngrams.slots);
    int enough = work.words.slots && work.ngrams.slots;
    for (int64_t row = 0; enough && row < rows; row++, counts += COLUMNS) {
        counts[SOURCE_WORDS] = same_source(sources, row)
            ? counts[SOURCE_WORDS - COLUMNS]
            : read_source(&work, sources->data, sources->offsets[row], sources->offsets[row + 1]);
        read_text(&work, texts->data, texts->offsets[row], texts->offsets[row + 1], row, counts);
    }
    free(work.words.slots), free(work.ngrams.slots);
    return enough ? work.found : -1;
}
