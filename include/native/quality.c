/* The quality signals of texts: include/ingest/quality/reference.py and words.py in one pass per text.
 *
 * Python is the definition; the functions here bear the same names, and what they compute is tested to be equal.
 * A text is decoded to code points and their classes (characters.py) once; all else works on these two arrays.
 * All memory is the caller's or of one call: any number of threads may call at once. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
    SPACE = 1 << 0, LINE_END = 1 << 1, LETTER = 1 << 2, LOWER = 1 << 3, UPPER = 1 << 4, DIGIT = 1 << 5,
    SYMBOL = 1 << 6, TERMINAL = 1 << 7, PUNCTUATION = 1 << 8, AFFIX = 1 << 9, PREFIX = 1 << 10, QUOTE = 1 << 11,
    AFTER_STOP = 1 << 12, CURRENCY = 1 << 13, INFIX = 1 << 14, HOST = 1 << 15,
};
enum { CLASSES = 0x40000, MAX_PIECES = 3, SIGNALS = 36, NGRAMS = 10 };
enum { SHORT_LINE = 30, MIN_LINE_WORDS = 3, MAX_WORD_LENGTH = 1000 };

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
static inline int32_t look_up_hashed(const Lexicon *lexicon, uint64_t hash, const uint32_t *word, uint32_t length) {
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
            more = first >= 0xF0 && first < 0xF5 ? 3 : first >= 0xE0 && first < 0xF0 ? 2 : first >= 0xC2 && first < 0xE0;
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

/* ---- words.py ---- */

static Piece *emit(Piece *out, const uint32_t *points, const uint16_t *kinds, uint32_t start, uint32_t length) {
    uint32_t any = 0, all = ~0u;
    for (uint32_t i = start; i < start + length; i++) any |= kinds[i], all &= kinds[i];
    *out = (Piece){hash_points(points + start, length), start, length, (any & LETTER) != 0, (all & SYMBOL) != 0, (all & PUNCTUATION) != 0,
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

static uint32_t infix_of(const uint32_t *p, const uint16_t *k, uint32_t start, uint32_t place, uint32_t end) {
    uint32_t sign = p[place], letter = LOWER | UPPER;
    if (sign == '.' && place + 1 < end && p[place + 1] == '.') return run_of(p, place, end);
    if (k[place] & AFFIX && !(k[place] & QUOTE) && sign != ',' && sign != ':' && sign != '<' && sign != '>' && sign != '*')
        return 1;
    if (place == start || place + 1 >= end) return 0;
    uint32_t before = k[place - 1], after = k[place + 1];
    if ((sign == '+' || sign == '-' || sign == '*' || sign == '^') && before & DIGIT
        && (after & DIGIT || p[place + 1] == '-'))
        return 1;
    if (sign == '.') return before & (LOWER | QUOTE) && after & (UPPER | QUOTE);
    if (sign == ',') return before & letter && after & letter;
    if (!(before & (letter | DIGIT))) return 0;
    uint32_t longest = sign == '-' ? 3 : sign == 0x2014 ? 2 : 1;
    if (longest == 1 && sign != '~' && sign != 0x2013 && sign != ':' && sign != '<' && sign != '>' && sign != '=' && sign != '/')
        return 0;
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

static Piece *split_middle(Piece *out, const Tables *tables, const uint32_t *p, const uint16_t *k, uint32_t start, uint32_t end) {
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
static Piece *split_letters(Piece *out, const Tables *tables, const uint32_t *p, const uint16_t *k, uint32_t start, uint32_t end) {
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
        uint32_t prefix = prefix_of(p, k, start, end), suffix = suffix_of(&work->tables->units, p, k, start + prefix, end);
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

/* ---- reference.py ---- */

static double share(double part, double whole) { return whole ? part / whole : 0.0; }

/* The first place at which a key was seen since the last new stamp; this place for a new one. */
static uint32_t first_place(Work *work, uint64_t key, uint32_t place) {
    for (uint64_t at = mix(key);; at++) {
        Slot *slot = work->slots + (at & work->mask);
        if (slot->stamp != work->stamp) {
            *slot = (Slot){key, work->stamp, place};
            return place;
        }
        if (slot->key == key) return slot->place;
    }
}

static uint32_t line_of(const uint16_t *k, uint32_t start, uint32_t n) { /* str.splitlines: where the line ends */
    while (start < n && !(k[start] & LINE_END)) start++;
    return start;
}

static uint32_t next_line(const uint32_t *p, uint32_t end, uint32_t n) {
    return end + 1 < n && p[end] == '\r' && p[end + 1] == '\n' ? end + 2 : end + 1;
}

static void strip(const uint16_t *k, uint32_t *start, uint32_t *end) {
    while (*start < *end && k[*start] & SPACE) (*start)++;
    while (*start < *end && k[*end - 1] & SPACE) (*end)--;
}

static int ends_in_dots(const uint32_t *p, uint32_t start, uint32_t end) {
    return end - start >= 3 && p[end - 1] == '.' && p[end - 2] == '.' && p[end - 3] == '.';
}

#define WORD(a, b, c, d) ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)

static double *gopher(double *out, const Work *work, uint32_t n, uint32_t pieces) {
    const uint32_t *p = work->points;
    const uint16_t *k = work->kinds;
    static const uint32_t stop_words[] = {WORD('t', 'h', 'e', 0), WORD('b', 'e', 0, 0), WORD('t', 'o', 0, 0), WORD('o', 'f', 0, 0),
                                          WORD('a', 'n', 'd', 0), WORD('t', 'h', 'a', 't'), WORD('h', 'a', 'v', 'e'), WORD('w', 'i', 't', 'h')};
    uint32_t words = 0, letters = 0, alphabetic = 0, stop = 0, hashes = 0, dots = 0, run = 0;
    for (uint32_t i = 0; i < pieces; i++) {
        const Piece *piece = work->pieces + i;
        alphabetic += piece->letter;
        words += !piece->symbol;
        letters += piece->symbol ? 0 : piece->length;
        if (piece->length < 2 || piece->length > 4) continue;
        uint32_t word = 0;
        for (uint32_t j = 0; j < piece->length; j++) word |= p[piece->start + j] << 8 * j | (p[piece->start + j] > 'z') << 31;
        for (int w = 0; w < 8; w++) stop |= (uint32_t)(word == stop_words[w]) << w;
    }
    for (uint32_t i = 0; i < n; i++) hashes += p[i] == '#', dots += p[i] == 0x2026;
    for (uint32_t i = 0; i < n; i++) {
        if (p[i] != '.') continue;
        for (run = 0; i < n && p[i] == '.'; i++) run++;
        dots += run / 3;
    }
    uint32_t lines = 0, bullets = 0, ellipses = 0;
    for (uint32_t at = 0, end; at < n; at = next_line(p, end, n), lines++) {
        uint32_t start = at, stripped;
        stripped = end = line_of(k, at, n);
        strip(k, &start, &stripped);
        if (start == stripped) continue;
        bullets += p[start] == 0x2022 || p[start] == '-';
        ellipses += p[stripped - 1] == 0x2026 || ends_in_dots(p, start, stripped);
    }
    *out++ = words;
    *out++ = pieces;
    *out++ = lines;
    *out++ = share(letters, words);
    *out++ = share(hashes > dots ? hashes : dots, pieces);
    *out++ = share(alphabetic, pieces);
    *out++ = share(bullets, lines);
    *out++ = share(ellipses, lines);
    *out++ = __builtin_popcount(stop);
    return out;
}

static int seen_before(Work *work, uint32_t start, uint32_t length) {
    return first_place(work, hash_points(work->points + start, length), start) != start;
}

/* Lines between line feeds: Gopher's (without empty ones but at the ends of the text) and FineWeb's (not blank). */
static void lines_of(double *gopher_out, double *fineweb_out, Work *work, uint32_t n, uint32_t pieces) {
    const uint32_t *p = work->points;
    uint32_t all = 0, again = 0, filled = 0, terminal = 0, brief = 0, feeds = 0;
    uint64_t again_length = 0, filled_again = 0;
    work->stamp++;
    int empty = 0; /* one seen */
    for (uint32_t start = 0, end; start <= n; start = end + 1) {
        uint32_t kind = 0xFFFF;
        for (end = start; end < n && p[end] != '\n'; end++) kind &= work->kinds[end];
        feeds += end < n;
        uint32_t length = end - start;
        if (!length) {
            if (start == 0 || start == n) all++, again += empty, empty = 1;
            continue;
        }
        int repeated = seen_before(work, start, length), blank = (kind & SPACE) != 0;
        all++;
        again += repeated;
        again_length += repeated ? length : 0;
        if (blank) continue;
        filled++;
        filled_again += repeated ? length : 0;
        terminal += (work->kinds[end - 1] & TERMINAL) != 0;
        brief += length <= SHORT_LINE;
    }
    gopher_out[0] = share(again, all);
    gopher_out[1] = share(again_length, n);
    fineweb_out[0] = share(terminal, filled);
    fineweb_out[1] = share(brief, filled);
    fineweb_out[2] = share(filled_again, n - feeds);
    fineweb_out[3] = share(feeds, pieces);
}

static double *paragraphs(double *out, Work *work, uint32_t n) {
    const uint32_t *p = work->points;
    uint32_t start = 0, last = n, all = 0, again = 0;
    uint64_t again_length = 0;
    strip(work->kinds, &start, &last);
    work->stamp++;
    for (uint32_t end; start < last; start = end) {
        for (end = start; end < last && !(p[end] == '\n' && p[end + 1] == '\n'); end++);
        int repeated = seen_before(work, start, end - start);
        all++;
        again += repeated;
        again_length += repeated ? end - start : 0;
        while (end < last && p[end] == '\n') end++;
    }
    *out++ = share(again, all);
    *out++ = share(again_length, n);
    return out;
}

static uint32_t ngram_length(const Piece *pieces, uint32_t start, uint32_t size) {
    uint32_t length = 0;
    for (uint32_t i = start; i < start + size; i++) length += pieces[i].length;
    return length;
}

/* Characters of the most frequent n-gram, the first of them; `found` are the places of those that stand twice. */
static uint64_t top_ngram(const Work *work, const uint32_t *found, uint32_t n, uint32_t size) {
    uint32_t best = 0, count = 1;
    for (uint32_t j = 0; j < n; j++)
        if (work->counts[work->ids[found[j]]] > count) best = found[j], count = work->counts[work->ids[best]];
    return (uint64_t)count * (ngram_length(work->pieces, best, size) + size - 1);
}

static uint64_t duplicate_ngrams(Work *work, const uint32_t *found, uint32_t n, uint32_t size) {
    uint64_t characters = 0;
    uint32_t free = 0; /* the first place not yet counted */
    for (uint32_t j = 0; j < n; j++) {
        uint32_t *seen = work->seen + work->ids[found[j]];
        if (found[j] < free) continue;
        if (*seen == size) {
            characters += ngram_length(work->pieces, found[j], size);
            free = found[j] + size;
        }
        *seen = size;
    }
    return characters;
}

/* An n-gram can only stand twice if the two shorter ones in it do. So each size looks only at the places (`found`, in
 * order) that the last one left. ids: for each of them the place where the same n-gram first stood; counts: by id. */
static double *ngrams(double *out, Work *work, uint32_t n, uint32_t pieces) {
    uint32_t *ids = work->ids, *counts = work->counts, *found = work->found, many = 0;
    memset(counts, 0, pieces * sizeof *counts);
    memset(work->seen, 0, pieces * sizeof *work->seen);
    work->stamp++;
    for (uint32_t i = 0; i < pieces; i++) counts[ids[i] = first_place(work, work->pieces[i].hash, i)]++;
    for (uint32_t i = 0; i < pieces; i++)
        if (counts[ids[i]] > 1) found[many++] = i;
    for (uint32_t size = 2; size <= NGRAMS; size++, out++) {
        uint32_t pairs = 0, kept = 0;
        work->stamp++;
        for (uint32_t j = 0; j + 1 < many; j++) {
            uint32_t i = found[j];
            if (found[j + 1] != i + 1) continue;
            ids[i] = first_place(work, (uint64_t)ids[i] << 32 | ids[i + 1], i);
            found[pairs++] = i;
        }
        for (uint32_t j = 0; j < pairs; j++) counts[found[j]] = 0;
        for (uint32_t j = 0; j < pairs; j++) counts[ids[found[j]]]++;
        for (uint32_t j = 0; j < pairs; j++)
            if (counts[ids[found[j]]] > 1) found[kept++] = found[j];
        many = kept;
        *out = 0;
        if (pieces >= size) *out = share(size < 5 ? top_ngram(work, found, many, size) : duplicate_ngrams(work, found, many, size), n);
    }
    return out;
}

static int at_text(const uint32_t *p, uint32_t size, const char *text) { /* in any ASCII case */
    uint32_t i = 0;
    for (; text[i]; i++) {
        if (i >= size) return 0;
        uint32_t point = p[i] >= 'A' && p[i] <= 'Z' ? p[i] + 32 : p[i];
        if (point != (uint8_t)text[i]) return 0;
    }
    return 1;
}

enum { NO_CUE, LOREM, JAVASCRIPT, CURLY, POLICY };

/* Whether a text may hold a cue or the mark of a citation: a few letters of each, which compilers turn into a few
 * instructions for many places. */
__attribute__((target_clones("avx2", "default")))
static int may_have_cues(const uint8_t *text, uint64_t size) {
    uint8_t any = 0;
    for (uint64_t i = 0; i + 6 < size; i++) {
        const uint8_t *t = text + i;
        uint8_t a = t[0] | 32, c = t[2] | 32, d = t[3] | 32, e = t[4] | 32;
        any |= (a == 'l') & (c == 'r') & (d == 'e') & (e == 'm');              /* lorem */
        any |= (a == 'j') & (c == 'v') & (d == 'a') & (e == 's');              /* javascript */
        any |= (a == 'c') & (c == 'o') & (d == 'k') & (e == 'i');              /* cookie */
        any |= (a == 'p') & (c == 'i') & (d == 'v') & (e == 'a');              /* privacy */
        any |= (a == 't') & (c == 'r') & (d == 'm') & (e == 's');              /* terms */
        any |= (t[0] == '{') | (t[0] == '[') | (t[6] == '{') | (t[6] == '['); /* also in the last six places */
    }
    return any || size < 16;
}

static int judge_line(const uint32_t *p, uint32_t n) {
    int lorem = 0, script = 0, curly = 0, policy = 0;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t *at = p + i;
        uint32_t left = n - i;
        switch (*at | 32) {
            case 'l': lorem |= at_text(at, left, "lorem ipsum"); break;
            case 'j': script |= at_text(at, left, "javascript"); break;
            case '{': curly |= *at == '{'; break;
            case 't': policy |= at_text(at, left, "terms of use"); break;
            case 'p': policy |= at_text(at, left, "privacy policy"); break;
            case 'c': policy |= at_text(at, left, "cookie policy"); break;
            case 'u':
                policy |= at_text(at, left, "uses cookies") || at_text(at, left, "use cookies")
                          || at_text(at, left, "use of cookies");
        }
    }
    return lorem ? LOREM : script ? JAVASCRIPT : curly ? CURLY : policy ? POLICY : NO_CUE;
}

/* Copy a line without the marks of citations; its new length. */
static uint32_t clean_line(Work *work, uint32_t start, uint32_t end) {
    const uint32_t *p = work->points;
    uint32_t n = 0;
    for (uint32_t i = start; i < end;) {
        if (p[i] == '[') {
            uint32_t j = i + 1;
            while (j < end && p[j] >= '0' && p[j] <= '9') j++;
            if (j < end && p[j] == ']') { i = j + 1; continue; }
            if (starts_with(p + i, end - i, "[edit]")) { i += 6; continue; }
            if (starts_with(p + i, end - i, "[citation needed]")) { i += 17; continue; }
        }
        work->line_points[n] = p[i];
        work->line_kinds[n++] = work->kinds[i++];
    }
    return n;
}

static uint32_t sentences(const Piece *pieces, uint32_t n) {
    uint32_t count = 1, ended = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (pieces[i].terminal) ended = 1;
        else if (ended && !pieces[i].punctuation) count++, ended = 0;
    }
    return count;
}

static int is_line_end(uint32_t point) {
    return point == '.' || point == '?' || point == '!' || point == '"' || point == '\'';
}

static int is_too_poor(const uint16_t *k, uint32_t start, uint32_t end) {
    uint32_t words = 0, longest = 0, length = 0;
    for (uint32_t i = start; i < end; i++) {
        length = k[i] & SPACE ? 0 : length + 1;
        words += length == 1;
        longest = length > longest ? length : longest;
        if (words == MIN_LINE_WORDS && end - start <= MAX_WORD_LENGTH) return 0;
    }
    return words < MIN_LINE_WORDS || longest > MAX_WORD_LENGTH;
}

static void c4(double *out, Work *work, uint32_t n, uint32_t pieces, int cues) {
    double *unended = out + 5, *ended_out = out + 6;
    uint32_t piece = 0; /* the line's first */
    memset(out, 0, 9 * sizeof *out);
    for (uint32_t at = 0, end; at < n; at = next_line(work->points, end, n)) {
        uint32_t start = at, stop;
        stop = end = line_of(work->kinds, at, n);
        strip(work->kinds, &start, &stop);
        if (is_too_poor(work->kinds, start, stop)) continue;
        const uint32_t *line = cues ? work->line_points : work->points + start;
        uint32_t length = cues ? clean_line(work, start, stop) : stop - start;
        int ended = length && is_line_end(line[length - 1]) && !ends_in_dots(line, 0, length);
        int cue = cues ? judge_line(line, length) : NO_CUE;
        *unended += !ended;
        if (cue == NO_CUE) {
            uint32_t found;
            if (length == stop - start) { /* as it stands in the text: its pieces are known */
                while (piece < pieces && work->pieces[piece].start < start) piece++;
                uint32_t first = piece;
                while (piece < pieces && work->pieces[piece].start < stop) piece++;
                found = sentences(work->pieces + first, piece - first);
            } else {
                Piece *anew = (Piece *)work->ids;
                found = sentences(anew, split_text(anew, work, line, work->line_kinds, length));
            }
            out[0] += found;
            ended_out[0] += ended ? found : 0;
        } else {
            static const int place[] = {0, 1, 3, 2, 4};
            out[place[cue]]++;
            if (ended && (cue == LOREM || cue == CURLY)) ended_out[place[cue]]++;
        }
    }
}

static void release(Work *work) {
    void *all[] = {work->points, work->line_points, work->kinds, work->line_kinds, work->pieces, work->suffixes, work->ids, work->slots};
    for (unsigned i = 0; i < sizeof all / sizeof *all; i++) free(all[i]);
}

/* Memory for texts of up to `size` bytes (the system gives it as it is used); 0 if there is none. */
static int reserve(Work *work, uint64_t size) {
    uint64_t n = size + 2, slots = 64;
    while (slots < 2 * n) slots *= 2;
    work->points = malloc(n * sizeof *work->points);
    work->line_points = malloc(n * sizeof *work->line_points);
    work->kinds = malloc(n * sizeof *work->kinds);
    work->line_kinds = malloc(n * sizeof *work->line_kinds);
    work->pieces = malloc(n * sizeof *work->pieces);
    work->suffixes = malloc(n * sizeof *work->suffixes);
    work->ids = malloc(n * sizeof(Piece));
    work->slots = calloc(slots, sizeof *work->slots);
    if (!work->points || !work->line_points || !work->kinds || !work->line_kinds || !work->pieces || !work->suffixes
        || !work->ids || !work->slots)
        return 0;
    work->counts = work->ids + n, work->seen = work->counts + n, work->found = work->seen + n;
    return 1;
}

static void measure(double *out, Work *work, const uint8_t *text, uint64_t size) {
    uint32_t n = decode(text, size, work), pieces = split_text(work->pieces, work, work->points, work->kinds, n);
    /* There are never more lines with something in them than pieces. A small table stays in the cache. */
    for (work->mask = 63; work->mask < 2 * pieces + 2; work->mask = 2 * work->mask + 1);
    double *lines;
    *out++ = n;
    lines = out = gopher(out, work, n, pieces);
    out = ngrams(paragraphs(out + 2, work, n), work, n, pieces);
    lines_of(lines, out, work, n, pieces);
    c4(out + 4, work, n, pieces, may_have_cues(text, size));
}

/* Signals of n texts (bytes offsets[i] to offsets[i + 1] of data) to n rows of out. 0; -1 without memory; -2 if the
 * offsets are none or a text is too long. */
int32_t quality_signals(const uint8_t *data, uint64_t size, const int64_t *offsets, int64_t n, const Tables *tables, double *out) {
    uint64_t longest = 0;
    for (int64_t i = 0; i < n; i++) {
        if (offsets[i] < 0 || offsets[i + 1] < offsets[i] || (uint64_t)offsets[i + 1] > size) return -2;
        uint64_t length = (uint64_t)(offsets[i + 1] - offsets[i]);
        longest = length > longest ? length : longest;
    }
    if (longest > MAX_TEXT) return -2;
    Work work = {.tables = tables};
    int enough = reserve(&work, longest);
    for (int64_t i = 0; enough && i < n; i++)
        measure(out + i * SIGNALS, &work, data + offsets[i], (uint64_t)(offsets[i + 1] - offsets[i]));
    release(&work);
    return enough ? 0 : -1;
}
