/* Words for quality.c: include/ingest/quality/words.py over lexicon.py and characters.py, function by function. */

#pragma once

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
    SPACE = 1 << 0, LINE_END = 1 << 1, LETTER = 1 << 2, LOWER = 1 << 3, UPPER = 1 << 4, DIGIT = 1 << 5,
    SYMBOL = 1 << 6, TERMINAL = 1 << 7, PUNCTUATION = 1 << 8, AFFIX = 1 << 9, PREFIX = 1 << 10, QUOTE = 1 << 11,
    AFTER_STOP = 1 << 12, CURRENCY = 1 << 13, INFIX = 1 << 14, HOST = 1 << 15,
};
enum { CLASSES = 0x40000, MAX_PIECES = 3 };

/* Words with the lengths of their pieces (up to three, 0 for none), found by hash. */
typedef struct {
    const uint32_t *points;  /* the words' code points, one word behind the other */
    const uint32_t *starts;  /* n + 1 places in points */
    const uint8_t *pieces;   /* n * MAX_PIECES */
    uint16_t *slots;         /* a power of two of them: 0, or the number of a word + 1 */
    uint32_t n, mask, longest;
} Lexicon;

typedef struct {
    const uint16_t *classes; /* of each code point below CLASSES */
    Lexicon specials, units;
} Tables;

enum { MAX_TEXT = 1 << 27 }; /* bytes: lengths of pieces have 28 bits */

typedef struct {
    uint64_t hash;
    uint32_t start;
    uint32_t length : 28, letter : 1, symbol : 1, punctuation : 1, terminal : 1; /* any letter; nothing but ... */
} Piece;

typedef struct { uint64_t key; uint32_t stamp, place; } Slot;

typedef struct {
    const Tables *tables;
    uint32_t *points, *line_points;
    uint16_t *kinds, *line_kinds;
    Piece *pieces;
    uint32_t *suffixes;                   /* lengths of what is cut off a word's end */
    uint32_t *ids, *counts, *seen, *found; /* one block of memory, which the pieces of a changed line use afterwards */
    Slot *slots;
    uint32_t stamp, mask; /* of slots: a new stamp empties them */
} Work;

static inline uint64_t mix(uint64_t value) {
    value = (value ^ (value >> 32)) * 0xd6e8feb86659fd93ULL;
    return (value ^ (value >> 29)) * 0x9e3779b97f4a7c15ULL ^ (value >> 32);
}

static inline uint64_t hash_points(const uint32_t *points, uint32_t length) {
    uint64_t hash = length, pair;
    uint32_t i = 0;
    for (; i + 1 < length; i += 2) {
        memcpy(&pair, points + i, sizeof pair);
        hash = (hash ^ pair) * 0x9fb21c651e98df25ULL;
        hash ^= hash >> 32;
    }
    return mix(i < length ? (hash ^ points[i]) * 0x9fb21c651e98df25ULL : hash);
}

static int same(const uint32_t *a, const uint32_t *b, uint32_t length) { return !memcmp(a, b, length * sizeof *a); }

/* The number of a word, -1 if it is not there. */
static inline int32_t look_up_hashed(const Lexicon *lexicon, uint64_t hash, const uint32_t *word,
                                     uint32_t length) {
    for (uint64_t at = hash;; at++) {
        uint16_t found = lexicon->slots[at & lexicon->mask];
        if (!found) return -1;
        uint32_t start = lexicon->starts[found - 1], size = lexicon->starts[found] - start;
        if (size == length && same(lexicon->points + start, word, length)) return found - 1;
    }
}

static int32_t look_up(const Lexicon *lexicon, const uint32_t *word, uint32_t length) {
    if (!length || length > lexicon->longest) return -1;
    return look_up_hashed(lexicon, hash_points(word, length), word, length);
}

/* Fill the slots of a lexicon: fewer than half of them must be needed. */
void quality_index(Lexicon *lexicon) {
    for (uint32_t i = 0; i < lexicon->n; i++) {
        uint32_t start = lexicon->starts[i], length = lexicon->starts[i + 1] - start;
        uint64_t at = hash_points(lexicon->points + start, length);
        while (lexicon->slots[at & lexicon->mask]) at++;
        lexicon->slots[at & lexicon->mask] = (uint16_t)(i + 1);
    }
}

/* UTF-8 to code points; a byte that belongs to none becomes U+FFFD. */
static uint32_t decode(const uint8_t *text, uint64_t size, Work *work) {
    const uint16_t *classes = work->tables->classes;
    uint32_t n = 0;
    for (uint64_t i = 0; i < size; n++) {
        uint32_t first = text[i], point = first, more = 0;
        if (first >= 0x80) {
            more = first >= 0xF5 ? 0 : first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC2;
            point = more ? first & (0x3F >> more) : 0xFFFD;
            if (more && size - i <= more) more = 0, point = 0xFFFD;
            for (uint32_t k = 1; k <= more; k++) {
                if ((text[i + k] & 0xC0) != 0x80) { more = 0, point = 0xFFFD; break; }
                point = point << 6 | (text[i + k] & 0x3F);
            }
        }
        work->points[n] = point;
        work->kinds[n] = point < CLASSES ? classes[point] : 0;
        i += 1 + more;
    }
    return n;
}

static Piece *emit(Piece *out, const uint32_t *points, const uint16_t *kinds, uint32_t start, uint32_t length) {
    uint32_t any = 0, all = ~0u;
    for (uint32_t i = start; i < start + length; i++) any |= kinds[i], all &= kinds[i];
    *out = (Piece){hash_points(points + start, length), start, length, (any & LETTER) != 0,
                   (all & SYMBOL) != 0, (all & PUNCTUATION) != 0,
                   length == 1 && (all & TERMINAL)};
    return out + 1;
}

static int starts_with(const uint32_t *word, uint32_t size, const char *text) {
    uint32_t i = 0;
    for (; text[i]; i++)
        if (i >= size || word[i] != (uint8_t)text[i]) return 0;
    return 1;
}

static uint32_t run_of(const uint32_t *p, uint32_t place, uint32_t end) {
    uint32_t length = 1;
    while (place + length < end && p[place + length] == p[place]) length++;
    return length;
}

static uint32_t prefix_of(const uint32_t *p, const uint16_t *k, uint32_t start, uint32_t end) {
    uint32_t first = p[start];
    if (first == '.') {
        uint32_t run = run_of(p, start, end);
        return run > 1 ? run : 0;
    }
    if (first == '+') return start + 1 == end || !(k[start + 1] & DIGIT);
    if (k[start] & (AFFIX | PREFIX)) return 1;
    if (starts_with(p + start, end - start, "US$")) return 3;
    return starts_with(p + start, end - start, "C$") || starts_with(p + start, end - start, "A$") ? 2 : 0;
}

static uint32_t full_stop(const uint32_t *p, const uint16_t *k, uint32_t start, uint32_t end) {
    uint32_t run = 1, size = end - start;
    while (run < size && p[end - run - 1] == '.') run++;
    if (run > 1) return run;
    if (size < 2) return 0;
    if (k[end - 2] & AFTER_STOP) return 1;
    return size > 2 && (k[end - 2] & UPPER) && (k[end - 3] & UPPER);
}

static uint32_t suffix_of(const Lexicon *units, const uint32_t *p, const uint16_t *k, uint32_t start, uint32_t end) {
    static const char *const signs[] = {"US$", "C$", "A$"};
    static const uint32_t sizes[] = {3, 2, 2};
    if (start >= end) return 0;
    uint32_t last = p[end - 1], size = end - start, before = size > 1 ? p[end - 2] : 0;
    if (last == '.') return full_stop(p, k, start, end);
    if ((last == 's' || last == 'S') && (before == '\'' || before == 0x2019)) return 2;
    if ((last == 0x2026 && before == 0x2026) || (last == ':' && before == ')')) return 2;
    if (last == '$')
        for (int i = 0; i < 3; i++)
            if (size > sizes[i] && starts_with(p + end - sizes[i], sizes[i], signs[i]) && k[end - sizes[i] - 1] & DIGIT)
                return sizes[i];
    if (k[end - 1] & AFFIX || last == 0x2014 || last == 0x2013) return 1;
    if (size > 1 && k[end - 2] & DIGIT && (k[end - 1] & CURRENCY || last == '+')) return 1;
    for (uint32_t length = size - 1 < 4 ? size - 1 : 4; length; length--)
        if (k[end - length - 1] & DIGIT && look_up(units, p + end - length, length) >= 0) return length;
    return 0;
}

static int is_one_of(uint32_t point, const char *signs) { return point && point < 128 && strchr(signs, (int)point); }

static uint32_t infix_of(const uint32_t *p, const uint16_t *k, uint32_t start, uint32_t place, uint32_t end) {
    uint32_t sign = p[place], letter = LOWER | UPPER;
    if (sign == '.' && place + 1 < end && p[place + 1] == '.') return run_of(p, place, end);
    if (k[place] & AFFIX && !(k[place] & QUOTE) && !is_one_of(sign, ",:<>*")) return 1;
    if (place == start || place + 1 >= end) return 0;
    uint32_t before = k[place - 1], after = k[place + 1];
    if (before & DIGIT && (after & DIGIT || p[place + 1] == '-') && is_one_of(sign, "+-*^")) return 1;
    if (sign == '.') return before & (LOWER | QUOTE) && after & (UPPER | QUOTE);
    if (sign == ',') return before & letter && after & letter;
    if (!(before & (letter | DIGIT))) return 0;
    uint32_t longest = sign == '-' ? 3 : sign == 0x2014 ? 2 : 1;
    if (longest == 1 && sign != 0x2013 && !is_one_of(sign, "~:<>=/")) return 0;
    uint32_t run = longest == 1 ? 1 : run_of(p, place, place + 4 < end ? place + 4 : end);
    return run <= longest && place + run < end && k[place + run] & letter ? run : 0;
}

static int is_host(const uint32_t *p, const uint16_t *k, uint32_t start, uint32_t end) {
    uint32_t stop = start, label = start, labels = 0;
    while (stop < end && p[stop] != '/' && p[stop] != '?' && p[stop] != '#' && p[stop] != ':') stop++;
    for (uint32_t i = start; i < stop; i++) {
        if (p[i] == '.') {
            if (i == label || i - label > 64 || !(k[label] & HOST) || !(k[i - 1] & HOST)) return 0;
            label = i + 1, labels++;
        } else if (!(k[i] & HOST) && p[i] != '-' && p[i] != '_') {
            return 0;
        }
    }
    if (!labels || stop - label < 2 || stop - label > 63) return 0;
    for (uint32_t i = label; i < stop; i++)
        if (!(k[i] & LOWER)) return 0;
    if (stop == end || p[stop] != ':') return 1;
    uint32_t digits = stop + 1;
    while (digits < end && k[digits] & DIGIT) digits++;
    uint32_t many = digits - stop - 1;
    return many >= 2 && many <= 5 && (digits == end || p[digits] == '/' || p[digits] == '?' || p[digits] == '#');
}

static int is_address(const uint32_t *p, const uint16_t *k, uint32_t start, uint32_t end) {
    uint32_t dot = start, scheme = start;
    while (dot < end && p[dot] != '.') dot++;
    if (dot == end) return 0;
    while (scheme < end && p[scheme] != ':') scheme++;
    if (scheme >= start + 2 && end - scheme >= 3 && p[scheme + 1] == '/' && p[scheme + 2] == '/') {
        uint32_t i = start;
        while (i < scheme && (k[i] & (LETTER | DIGIT) || p[i] == '_' || p[i] == '+' || p[i] == '-' || p[i] == '.')) i++;
        if (i == scheme) start = scheme + 3;
    }
    if (is_host(p, k, start, end)) return 1;
    uint32_t first = 0, last = 0;
    for (uint32_t i = start + 1; i < end; i++)
        if (p[i] == '@') {
            first = first ? first : i;
            last = i;
        }
    return first && (is_host(p, k, first + 1, end) || (last != first && is_host(p, k, last + 1, end)));
}

static Piece *split_middle(Piece *out, const Tables *tables, const uint32_t *p, const uint16_t *k, uint32_t start,
                           uint32_t end) {
    if (start == end) return out;
    int32_t special = look_up(&tables->specials, p + start, end - start);
    if (special >= 0) {
        const uint8_t *lengths = tables->specials.pieces + (uint64_t)special * MAX_PIECES;
        for (int i = 0; i < MAX_PIECES && lengths[i]; start += lengths[i++]) out = emit(out, p, k, start, lengths[i]);
        return out;
    }
    uint32_t any = 0, done = start;
    for (uint32_t i = start; i < end; i++) any |= k[i];
    if (!(any & INFIX) || is_address(p, k, start, end)) return emit(out, p, k, start, end - start);
    for (uint32_t place = start; place < end;) {
        uint32_t length = k[place] & INFIX ? infix_of(p, k, start, place, end) : 0;
        if (length && place > start) {
            if (place > done) out = emit(out, p, k, done, place - done);
            out = emit(out, p, k, place, length);
            done = place + length;
        }
        place += length ? length : 1;
    }
    return done < end ? emit(out, p, k, done, end - done) : out;
}

/* Nothing is cut off letters and nothing parts them; most words are that. */
static Piece *split_letters(Piece *out, const Tables *tables, const uint32_t *p, const uint16_t *k, uint32_t start,
                            uint32_t end) {
    const Lexicon *specials = &tables->specials;
    uint32_t length = end - start;
    uint64_t hash = hash_points(p + start, length);
    if (length <= specials->longest && look_up_hashed(specials, hash, p + start, length) >= 0)
        return split_middle(out, tables, p, k, start, end);
    *out = (Piece){hash, start, length, 1, 0, 0, 0};
    return out + 1;
}

static Piece *split_word(Piece *out, Work *work, const uint32_t *p, const uint16_t *k, uint32_t start, uint32_t end) {
    const Lexicon *specials = &work->tables->specials;
    uint32_t cut = 0, left = 0;
    while (start < end && left != end - start && look_up(specials, p + start, end - start) < 0) {
        left = end - start;
        uint32_t prefix = prefix_of(p, k, start, end);
        uint32_t suffix = suffix_of(&work->tables->units, p, k, start + prefix, end);
        if (prefix && look_up(specials, p + start + prefix, end - start - prefix) >= 0) suffix = 0;
        else if (suffix && look_up(specials, p + start, end - start - suffix) >= 0) prefix = 0;
        if (prefix) out = emit(out, p, k, start, prefix);
        if (suffix) work->suffixes[cut++] = suffix;
        start += prefix, end -= suffix;
    }
    out = split_middle(out, work->tables, p, k, start, end);
    for (uint32_t at = end; cut; at += work->suffixes[cut]) {
        cut--;
        out = emit(out, p, k, at, work->suffixes[cut]);
    }
    return out;
}

/* The number of pieces of n code points. */
static uint32_t split_text(Piece *pieces, Work *work, const uint32_t *p, const uint16_t *k, uint32_t n) {
    Piece *out = pieces;
    for (uint32_t i = 0; i < n;) {
        if (k[i] & SPACE) { i++; continue; }
        uint32_t start = i, letters = LETTER, any = 0;
        for (; i < n && !(k[i] & SPACE); i++) letters &= k[i], any |= k[i];
        out = letters && !(any & (SYMBOL | PUNCTUATION)) ? split_letters(out, work->tables, p, k, start, i)
                                                         : split_word(out, work, p, k, start, i);
    }
    return (uint32_t)(out - pieces);
}
