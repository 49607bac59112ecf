/* The quality signals of texts: include/ingest/quality/reference.py in one pass per text.
 *
 * Python is the definition; the functions here bear the same names, and what they compute is tested to be equal.
 * A text is decoded to code points and their classes (characters.py) once; all else works on these two arrays.
 * All memory is the caller's or of one call: any number of threads may call at once. */

#include "quality_words.h"

enum { SIGNALS = 36, NGRAMS = 10, SHORT_LINE = 30, MIN_LINE_WORDS = 3, MAX_WORD_LENGTH = 1000 };

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
    static const uint32_t stop_words[] = {
        WORD('t', 'h', 'e', 0), WORD('b', 'e', 0, 0),     WORD('t', 'o', 0, 0),     WORD('o', 'f', 0, 0),
        WORD('a', 'n', 'd', 0), WORD('t', 'h', 'a', 't'), WORD('h', 'a', 'v', 'e'), WORD('w', 'i', 't', 'h'),
    };
    uint32_t words = 0, letters = 0, alphabetic = 0, stop = 0, hashes = 0, dots = 0, run = 0;
    for (uint32_t i = 0; i < pieces; i++) {
        const Piece *piece = work->pieces + i;
        alphabetic += piece->letter;
        words += !piece->symbol;
        letters += piece->symbol ? 0 : piece->length;
        if (piece->length < 2 || piece->length > 4) continue;
        uint32_t word = 0;
        for (uint32_t j = 0; j < piece->length; j++) {
            uint32_t point = p[piece->start + j];
            word |= point << 8 * j | (uint32_t)(point > 'z') << 31; /* no ASCII word has the last bit */
        }
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
        if (pieces >= size && size < 5) *out = share(top_ngram(work, found, many, size), n);
        if (pieces >= size && size >= 5) *out = share(duplicate_ngrams(work, found, many, size), n);
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
    void *all[] = {work->points, work->line_points, work->kinds,  work->line_kinds,
                   work->pieces, work->suffixes,    work->ids,    work->slots};
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
int32_t quality_signals(const uint8_t *data, uint64_t size, const int64_t *offsets, int64_t n, const Tables *tables,
                        double *out) {
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
