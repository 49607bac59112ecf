/* Where each block stands in the page's structure: what its Markdown is made from. */

enum { LAYOUT_COLUMNS = 11 };

/* Per element that is a table: whether it holds data, and not a page's layout. Data has at least two rows and columns,
   no table within and only short, simple cells. */
static bool *find_data_tables(const Page *page) {
    bool *data = calloc((size_t)page->node_count, sizeof(bool));
    int32_t *rows = calloc((size_t)page->node_count, sizeof(int32_t));
    int32_t *cells = calloc((size_t)page->node_count, sizeof(int32_t));
    int32_t *table = calloc((size_t)page->node_count, sizeof(int32_t));
    if (data && rows && cells && table) {
        for (int32_t i = 1; i < page->node_count; i++) {
            const Node *node = &page->nodes[i];
            int32_t around = table[node->parent];
            table[i] = node->tag == T_table ? i : around;
            if (node->tag == T_table) data[i] = true, data[around] = false;
            else if (node->tag == T_tr) rows[around]++;
            else if (node->tag == T_td || node->tag == T_th) {
                cells[around]++;
                if (node->blocks > 4 || node->words > 120) data[around] = false;
            } else if (is_heading(node->tag)) data[around] = false;
        }
        for (int32_t i = 1; i < page->node_count; i++) data[i] = data[i] && rows[i] >= 2 && cells[i] >= 2 * rows[i] - 1;
        data[0] = false;
    } else {
        free(data), data = NULL;
    }
    free(rows), free(cells), free(table);
    return data;
}

/* Per block, LAYOUT_COLUMNS numbers: start and length of its text; words; heading's level, or 0; whether the text is
   preformatted; number of quotes around it; number of lists around it; the list item around it (0: none); the item's
   number in an ordered list, or 0; the data table, row and cell around it, as (table * 2^20 + row) * 2^20 + cell, or 0;
   the element around the one that holds the text, or around the data table.
   Returns false where memory is short. */
bool page_layout(const Page *page, int64_t *out) {
    bool *data = find_data_tables(page);
    if (!data) return false;
    for (int32_t i = 0; i < page->block_count; i++, out += LAYOUT_COLUMNS) {
        const Block *block = &page->blocks[i];
        uint8_t tag = page->nodes[block->node].tag;
        int64_t quotes = 0, lists = 0, item = 0, number = 0, table = 0, row = 0, cell = 0, pre = 0, level = 0;
        for (int32_t at = block->node; at > 0; at = page->nodes[at].parent) {
            const Node *node = &page->nodes[at];
            tag = node->tag;
            if (is_heading(tag) && !level) level = tag - T_h1 + 1;
            pre |= tag == T_pre, quotes += tag == T_blockquote, lists += tag == T_ul || tag == T_ol;
            if (tag == T_li && !item) item = at, number = page->nodes[node->parent].tag == T_ol ? node->item : 0;
            if ((tag == T_td || tag == T_th) && !cell) cell = at;
            if (tag == T_tr && !row) row = at;
            if (tag == T_table && !table && data[at]) table = at;
        }
        if (!cell || !row) table = 0;
        out[0] = block->start, out[1] = block->length, out[2] = block->words, out[3] = level, out[4] = pre;
        out[5] = quotes, out[6] = lists, out[7] = item, out[8] = number;
        out[9] = table ? table << 40 | row << 20 | cell : 0;
        out[10] = page->nodes[table ? table : block->node].parent;
    }
    free(data);
    return true;
}
