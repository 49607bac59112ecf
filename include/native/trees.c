/* Sums of gradient-boosted regression trees for rows of features. */

#include <math.h>
#include <stdint.h>

/* A split sends a row whose feature is at most the threshold to `left`, any other to `right`; a negative child is the
   complement of a leaf's number. Numbers of splits and leaves count from the tree's own first one. */
typedef struct {
    const uint16_t *feature;
    const float *threshold;
    const int16_t *left, *right;
    const float *value;              /* of the leaves */
    const int32_t *splits, *leaves;  /* first split and leaf of each tree, and the ends */
    int32_t count;
} Trees;

enum { ROWS = 8 }; /* walked side by side, so that their waits for memory overlap */

static void walk(const Trees *trees, const float *rows, int64_t width, int32_t count, double *sums) {
    for (int32_t tree = 0; tree < trees->count; tree++) {
        int32_t first = trees->splits[tree];
        const uint16_t *feature = trees->feature + first;
        const float *threshold = trees->threshold + first, *value = trees->value + trees->leaves[tree];
        const int16_t *left = trees->left + first, *right = trees->right + first;
        if (trees->splits[tree + 1] == first) {
            for (int32_t i = 0; i < count; i++) sums[i] += value[0];
            continue;
        }
        for (int32_t i = 0; i < count; i++) {
            const float *row = rows + i * width;
            int16_t at = 0;
            while (at >= 0) at = row[feature[at]] <= threshold[at] ? left[at] : right[at];
            sums[i] += value[~at];
        }
    }
}

/* out[i]: the logistic function of the sum of all trees' leaves for row i. */
void trees_chance(const Trees *trees, const float *rows, int64_t count, int64_t width, float *out) {
    for (int64_t from = 0; from < count; from += ROWS) {
        double sums[ROWS] = {0};
        int32_t some = count - from < ROWS ? (int32_t)(count - from) : ROWS;
        walk(trees, rows + from * width, width, some, sums);
        for (int32_t i = 0; i < some; i++) out[from + i] = (float)(1 / (1 + exp(-sums[i])));
    }
}
