/* Sums of gradient-boosted regression trees for rows of features, by QuickScorer (Lucchese et al., SIGIR 2015), for
   several rows at once: no walk from split to split, which waits for memory at each step. */

#include <math.h>
#include <stdint.h>
#include <string.h>

/* All splits of all trees by their feature, thresholds ascending. A row whose feature is above a split's threshold goes to
   the right there, so it cannot end in a leaf on the left: `keeps` has the bits of the tree's other leaves. What is left
   when all splits have spoken begins with the leaf where the row ends. */
typedef struct {
    const float *threshold;
    const int32_t *tree;
    const uint32_t *keeps;
    const int32_t *first;   /* split of each feature, and one more */
    const float *value;     /* of the leaves, 32 for each tree */
    int32_t features, count;
} Trees;

enum { LANES = 16 }; /* rows scored side by side */

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
__attribute__((target_clones("avx512f", "avx2", "default")))
#endif
static void narrow(const Trees *trees, const float *columns, uint32_t *leaves) {
    memset(leaves, 0xff, (size_t)trees->count * LANES * sizeof *leaves);
    for (int32_t feature = 0; feature < trees->features; feature++) {
        const float *values = columns + (int64_t)feature * LANES;
        float highest = values[0];
        for (int i = 1; i < LANES; i++) highest = values[i] > highest ? values[i] : highest;
        int32_t end = trees->first[feature + 1];
        for (int32_t split = trees->first[feature]; split < end && trees->threshold[split] < highest; split++) {
            uint32_t *of_tree = leaves + (int64_t)trees->tree[split] * LANES, keeps = trees->keeps[split];
            float threshold = trees->threshold[split];
            for (int i = 0; i < LANES; i++) of_tree[i] &= values[i] > threshold ? keeps : UINT32_MAX;
        }
    }
}

/* out[i]: the logistic function of the sum of all trees' leaves for row i. `columns` has room for width * LANES numbers,
   `leaves` for count * LANES. */
void trees_chance(const Trees *trees, const float *rows, int64_t count, int64_t width, float *columns, uint32_t *leaves,
                  float *out) {
    for (int64_t from = 0; from < count; from += LANES) {
        int some = count - from < LANES ? (int)(count - from) : LANES;
        for (int64_t feature = 0; feature < width; feature++)
            for (int i = 0; i < LANES; i++)
                columns[feature * LANES + i] = i < some ? rows[(from + i) * width + feature] : 0;
        narrow(trees, columns, leaves);
        double sums[LANES] = {0};
        for (int32_t tree = 0; tree < trees->count; tree++)
            for (int i = 0; i < LANES; i++) /* sixteen sums at once: none waits for its last addition */
                sums[i] += trees->value[tree * 32 + __builtin_ctz(leaves[(int64_t)tree * LANES + i])];
        for (int i = 0; i < some; i++) out[from + i] = (float)(1 / (1 + exp(-sums[i])));
    }
}
