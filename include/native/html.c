/* A page of HTML as a sequence of blocks of text (a paragraph, heading, list item, table cell...), and what surrounds
   each of them as numbers for a model.

   One pass with a stack of open elements and the rules of HTML5 that matter for text: implied end tags, scopes, raw
   text, void elements. Any input is accepted. Time is linear in its length and memory at most a constant times it:
   the stack, the elements and the blocks are capped, searches along the stack are bounded by its cap, nothing
   recurses. Input and output are UTF-8; the text is never longer than the page. No state between calls. */

#define _GNU_SOURCE
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "html_entities.h"
#include "html_tables.h"
#include "html_text.h"
#include "html_blocks.h"
#include "html_tags.h"
#include "html_measure.h"
#include "html_rows.h"
#include "html_context.h"
#include "html_layout.h"

/* ---- for the caller ---- */

void page_free(Page *page) {
    if (!page) return;
    free(page->text), free(page->nodes), free(page->blocks), free(page);
}

/* Read a page; NULL where memory is short or the page is longer than MAX_LENGTH. */
Page *page_read(const uint8_t *in, int64_t length) {
    Page *page = length <= MAX_LENGTH ? calloc(1, sizeof(Page)) : NULL;
    if (!page) return NULL;
    page->in = in, page->stop = in + length;
    page->text_room = length + 16, page->text = malloc((size_t)page->text_room);
    page->nodes = calloc(256, sizeof(Node)), page->node_room = 256;
    if (!page->text || !page->nodes) return page_free(page), NULL;
    page->nodes[0].parent = -1, page->nodes[0].tag = T_body;
    page->node_count = page->depth = 1;
    index_tags(page);
    index_cues(&page->name_index, NAME_CUES, sizeof NAME_CUES / sizeof *NAME_CUES);
    index_cues(&page->text_index, TEXT_CUES, sizeof TEXT_CUES / sizeof *TEXT_CUES);
    index_cues(&page->address_index, ADDRESS_CUES, sizeof ADDRESS_CUES / sizeof *ADDRESS_CUES);
    read_page(page);
    Hints hints;
    if (page->failed || !read_hints(page, &hints)) return page_free(page), NULL;
    for (int32_t i = 0; i < page->block_count; i++) {
        measure_characters(page, &page->blocks[i]);
        measure_words(page, &page->blocks[i], &hints);
    }
    free(hints.body);
    sum_nodes(page);
    return page;
}

int32_t page_block_count(const Page *page) { return page->block_count; }
const char *page_text(const Page *page) { return page->text; }
int64_t page_text_length(const Page *page) { return page->length; }

/* Features of all blocks, row by row; returns their number per row. `out` may be NULL to ask for that number alone.
   -1: memory is short. */
int32_t page_rows(const Page *page, float *out) {
    View view;
    float of_page[192], row[768];
    if (!open_view(&view, page)) return close_view(&view), -1;
    int32_t of_page_count = (int32_t)(page_features(&view, of_page) - of_page), width = 0;
    for (int32_t i = 0; i < page->block_count; i++) {
        width = row_features(&view, i, of_page, of_page_count, row);
        if (!out) break;
        memcpy(out + (size_t)i * (size_t)width, row, (size_t)width * sizeof(float));
    }
    close_view(&view);
    return width;
}

/* The same for what chances of belonging to the main text, one per block, say about each block's context. */
int32_t page_context(const Page *page, const float *chance, float *out) {
    View view;
    Context context = {0};
    float row[128];
    int32_t width = -1;
    if (open_view(&view, page) && open_context(&context, &view, chance)) {
        width = 0;
        for (int32_t i = 0; i < page->block_count; i++) {
            width = context_row(&context, i, row);
            if (!out) break;
            memcpy(out + (size_t)i * (size_t)width, row, (size_t)width * sizeof(float));
        }
    }
    close_context(&context), close_view(&view);
    return width;
}
