/* What html.c knows about elements, names of classes and words. */

enum { BLOCK = 1, VOID = 2, SKIP = 4, RAW = 8, CLOSES_P = 16, SCOPE = 32, QUIET = 64 };
/* BLOCK is kept on the stack and ends a run of text; SKIP hides its text; RAW holds no markup; SCOPE stops the search
   for the element that an end tag closes; QUIET begins inside a run of text without ending it. Names that are not
   listed are inline and leave no trace. */

#define TAGS(X) \
    X(none, 0) X(html, 0) X(head, 0) X(body, 0) X(title, RAW) X(script, RAW | SKIP) X(style, RAW | SKIP) \
    X(textarea, RAW | SKIP) X(iframe, RAW | SKIP) X(noembed, RAW | SKIP) X(noframes, RAW | SKIP) X(xmp, RAW | SKIP) \
    X(noscript, BLOCK | QUIET) X(template, BLOCK | SKIP | SCOPE) X(svg, BLOCK | SKIP) X(math, BLOCK) \
    X(select, BLOCK | SKIP) X(object, BLOCK | SKIP | SCOPE) X(canvas, BLOCK | SKIP) X(audio, BLOCK | SKIP) \
    X(video, BLOCK | SKIP) X(datalist, BLOCK | SKIP) X(a, 0) X(b, 0) X(strong, 0) X(time, 0) X(br, VOID) \
    X(meta, VOID) X(link, VOID) X(base, VOID) X(img, VOID) X(input, VOID) X(hr, VOID | CLOSES_P) X(embed, VOID) \
    X(source, VOID) X(track, VOID) X(wbr, VOID) X(area, VOID) X(col, VOID) X(param, VOID) X(p, BLOCK | CLOSES_P) \
    X(h1, BLOCK | CLOSES_P) X(h2, BLOCK | CLOSES_P) X(h3, BLOCK | CLOSES_P) X(h4, BLOCK | CLOSES_P) \
    X(h5, BLOCK | CLOSES_P) X(h6, BLOCK | CLOSES_P) X(ul, BLOCK | CLOSES_P) X(ol, BLOCK | CLOSES_P) \
    X(li, BLOCK | CLOSES_P) X(dl, BLOCK | CLOSES_P) X(dt, BLOCK | CLOSES_P) X(dd, BLOCK | CLOSES_P) \
    X(table, BLOCK | CLOSES_P | SCOPE) X(tbody, BLOCK) X(thead, BLOCK) X(tfoot, BLOCK) X(tr, BLOCK) \
    X(td, BLOCK | SCOPE) X(th, BLOCK | SCOPE) X(caption, BLOCK | SCOPE) X(pre, BLOCK | CLOSES_P) \
    X(blockquote, BLOCK | CLOSES_P) X(figure, BLOCK | CLOSES_P) X(figcaption, BLOCK | CLOSES_P) \
    X(div, BLOCK | CLOSES_P) X(article, BLOCK | CLOSES_P) X(section, BLOCK | CLOSES_P) X(main, BLOCK | CLOSES_P) \
    X(nav, BLOCK | CLOSES_P) X(aside, BLOCK | CLOSES_P) X(header, BLOCK | CLOSES_P) X(footer, BLOCK | CLOSES_P) \
    X(form, BLOCK | CLOSES_P) X(fieldset, BLOCK | CLOSES_P) X(legend, BLOCK) X(label, BLOCK) X(button, BLOCK) \
    X(address, BLOCK | CLOSES_P) X(details, BLOCK | CLOSES_P) X(summary, BLOCK | CLOSES_P) \
    X(dialog, BLOCK | CLOSES_P) X(menu, BLOCK | CLOSES_P) X(center, BLOCK | CLOSES_P) X(hgroup, BLOCK | CLOSES_P) \
    X(search, BLOCK | CLOSES_P) X(custom, BLOCK)

enum {
#define X(name, flags) T_##name,
    TAGS(X)
#undef X
    TAG_COUNT
};

typedef struct { char name[12]; uint8_t flags; } Tag;

static const Tag TAG_TABLE[] = {
#define X(name, flags) {#name, flags},
    TAGS(X)
#undef X
};

/* Elements that say what their content is; each is a bit that the descendants inherit. */
static const uint8_t MARKING_TAGS[] = {
    T_nav, T_aside, T_footer, T_header, T_form, T_article, T_main, T_section, T_figure, T_figcaption, T_table, T_ul,
    T_ol, T_dl, T_blockquote, T_pre, T_button, T_details, T_address, T_dialog, T_label, T_p, T_li, T_h1, T_h2,
    T_custom, T_noscript,
};

typedef struct { char word[16]; uint8_t bit; } Cue;

/* Parts of class, id, role and itemprop values, by what they say about the content. The longest at a place counts. */
static const Cue NAME_CUES[] = {
    {"content", 0}, {"article", 1}, {"story", 1}, {"post", 2}, {"entry", 2}, {"blog", 2}, {"main", 3}, {"primary", 3},
    {"body", 4}, {"text", 4}, {"prose", 4}, {"markdown", 4}, {"wysiwyg", 4}, {"rte", 4}, {"paragraph", 4},
    {"copy", 4}, {"nav", 5}, {"menu", 5}, {"breadcrumb", 5}, {"topbar", 5}, {"toolbar", 5}, {"skip", 5}, {"foot", 6},
    {"bottom", 6}, {"copyright", 6}, {"colophon", 6}, {"legal", 6}, {"contentinfo", 6}, {"head", 7}, {"header", 7},
    {"masthead", 7}, {"hero", 7}, {"top", 7}, {"side", 8}, {"sidebar", 8}, {"aside", 8}, {"rail", 8},
    {"secondary", 8}, {"widget", 8}, {"complementary", 8}, {"comment", 9}, {"disqus", 9}, {"reply", 9}, {"replies", 9},
    {"respond", 9}, {"discuss", 9}, {"related", 10}, {"recommend", 10}, {"recirc", 10}, {"more", 10}, {"similar", 10},
    {"also", 10}, {"trending", 10}, {"popular", 10}, {"latest", 10}, {"recent", 10}, {"most-read", 10}, {"share", 11},
    {"sharing", 11}, {"social", 11}, {"follow", 11}, {"facebook", 11}, {"twitter", 11}, {"sns", 11}, {"addthis", 11},
    {"advert", 12}, {"sponsor", 12}, {"promo", 12}, {"banner", 12}, {"dfp", 12}, {"taboola", 12}, {"outbrain", 12},
    {"-ad-", 12}, {"ad-slot", 12}, {"ads", 12}, {"cookie", 13}, {"consent", 13}, {"gdpr", 13}, {"privacy", 13},
    {"onetrust", 13}, {"newsletter", 14}, {"subscri", 14}, {"signup", 14}, {"sign-up", 14}, {"optin", 14},
    {"paywall", 14}, {"cta", 14}, {"author", 15}, {"byline", 15}, {"bio", 15}, {"avatar", 15}, {"profile", 15},
    {"user", 15}, {"date", 16}, {"time", 16}, {"meta", 16}, {"publish", 16}, {"tag", 17}, {"categor", 17},
    {"taxonomy", 17}, {"badge", 17}, {"caption", 18}, {"credit", 18}, {"image", 18}, {"photo", 18}, {"media", 18},
    {"gallery", 18}, {"video", 18}, {"player", 18}, {"slide", 18}, {"carousel", 18}, {"product", 19}, {"price", 19},
    {"sku", 19}, {"descri", 19}, {"spec", 19}, {"feature", 19}, {"detail", 19}, {"review", 20}, {"rating", 20},
    {"testimonial", 20}, {"card", 21}, {"tile", 21}, {"item", 21}, {"grid", 21}, {"list", 21}, {"teaser", 21},
    {"result", 21}, {"row", 21}, {"modal", 22}, {"popup", 22}, {"overlay", 22}, {"lightbox", 22}, {"dialog", 22},
    {"drawer", 22}, {"canvas", 22}, {"tooltip", 22}, {"dropdown", 22}, {"alert", 22}, {"notice", 22}, {"search", 23},
    {"filter", 23}, {"sort", 23}, {"facet", 23}, {"form", 23}, {"login", 23}, {"account", 23}, {"hidden", 24},
    {"sr-only", 24}, {"screen-reader", 24}, {"collapse", 24}, {"print", 24}, {"faq", 25}, {"accordion", 25},
    {"tab", 25}, {"panel", 25}, {"toggle", 25}, {"question", 25}, {"answer", 25}, {"forum", 26}, {"topic", 26},
    {"message", 26}, {"thread", 26}, {"toc", 27}, {"summary", 27}, {"excerpt", 27}, {"intro", 27}, {"lead", 27},
    {"dek", 27}, {"subtitle", 27}, {"standfirst", 27}, {"abstract", 27}, {"title", 28}, {"headline", 28},
    {"heading", 28}, {"pagination", 29}, {"pager", 29}, {"next", 29}, {"prev", 29}, {"cart", 30}, {"checkout", 30},
    {"basket", 30}, {"buy", 30}, {"shop", 30}, {"wishlist", 30}, {"code", 31}, {"highlight", 31}, {"docs", 31},
    {"documentation", 31}, {"api", 31}, {"reference", 31},
};

/* Parts of short texts, in lower case. */
static const Cue TEXT_CUES[] = {
    {"cookie", 0}, {"consent", 0}, {"gdpr", 0}, {"subscri", 1}, {"newsletter", 1}, {"sign up", 1}, {"inbox", 1},
    {"share", 2}, {"tweet", 2}, {"facebook", 2}, {"twitter", 2}, {"follow", 2}, {"linkedin", 2}, {"whatsapp", 2},
    {"comment", 3}, {"repl", 3}, {"related", 4}, {"recommend", 4}, {"you may", 4}, {"you might", 4}, {"more from", 4},
    {"more on", 4}, {"read next", 4}, {"also like", 4}, {"popular", 4}, {"trending", 4}, {"latest", 4}, {"recent", 4},
    {"similar", 4}, {"most read", 4}, {"customers", 4}, {"copyright", 5}, {"rights reserved", 5}, {"\xc2\xa9", 5},
    {"log in", 6}, {"login", 6}, {"sign in", 6}, {"register", 6}, {"account", 6}, {"password", 6}, {"advert", 7},
    {"sponsor", 7}, {"promo", 7}, {"by ", 8}, {"author", 8}, {"posted", 8}, {"published", 8}, {"updated", 8},
    {"written", 8}, {"editor", 8}, {"photo", 9}, {"image", 9}, {"getty", 9}, {"credit", 9}, {"picture", 9},
    {"cart", 10}, {"price", 10}, {"$", 10}, {"\xe2\x82\xac", 10}, {"\xc2\xa3", 10}, {"shipping", 10},
    {"checkout", 10}, {"in stock", 10}, {"buy", 10}, {"read more", 11}, {"learn more", 11}, {"view all", 11},
    {"see more", 11}, {"see all", 11}, {"click here", 11}, {"show more", 11}, {"load more", 11}, {"find out", 11},
    {"menu", 12}, {"home", 12}, {"search", 12}, {"contact", 12}, {"about", 12}, {"skip to", 12}, {"tags", 13},
    {"categor", 13}, {"filed under", 13}, {"topics", 13}, {"min read", 14}, {" ago", 14}, {"january", 14},
    {"february", 14}, {"march", 14}, {"april", 14}, {"june", 14}, {"july", 14}, {"august", 14}, {"september", 14},
    {"october", 14}, {"november", 14}, {"december", 14}, {"review", 15}, {"rating", 15}, {"stars", 15}, {"faq", 16},
    {"question", 16}, {"next", 17}, {"previous", 17}, {"prev", 17}, {"download", 18}, {"print", 18}, {"email", 18},
    {"e-mail", 18}, {"privacy", 19}, {"terms", 19}, {"policy", 19}, {"disclaimer", 19}, {"table of cont", 20},
    {"contents", 20}, {"in this article", 20}, {"on this page", 20}, {"jump to", 20}, {"call us", 21}, {"book ", 21},
    {"schedule", 21}, {"get started", 21}, {"free ", 21}, {"request", 21}, {"quote", 21}, {"profile", 22},
    {"joined", 22}, {"member", 22}, {"posts:", 22}, {"views", 22}, {"likes", 22}, {"upvote", 22}, {"vote", 22},
    {"description", 23}, {"specification", 23}, {"features", 23}, {"details", 23}, {"overview", 23}, {"size", 23},
};
#define TEXT_BITS 24

/* Parts of the page's own address and of the program that made it, by the kind of page they tell. */
static const Cue ADDRESS_CUES[] = {
    {"/blog", 0}, {"/news", 0}, {"/article", 0}, {"/story", 0}, {"/post", 0}, {"/20", 0}, {"wordpress", 1},
    {"/product", 2}, {"/item", 2}, {"/dp/", 2}, {"/p/", 2}, {"woocommerce", 2}, {"/shop", 3}, {"/collection", 3},
    {"/categor", 3}, {"/c/", 3}, {"/tag", 4}, {"/list", 4}, {"/search", 4}, {"/best", 4}, {"/jobs", 4}, {"/events", 4},
    {"/forum", 5}, {"forum.", 5}, {"thread", 5}, {"topic", 5}, {"/t/", 5}, {"community", 5}, {"question", 5},
    {"discuss", 5}, {"discourse", 5}, {"phpbb", 5}, {"vbulletin", 5}, {"xenforo", 5}, {"flarum", 5}, {"/comments", 5},
    {"/docs", 6}, {"docs.", 6}, {"documentation", 6}, {"reference", 6}, {"/api", 6}, {"guide", 6}, {"manual", 6},
    {"tutorial", 6}, {"wiki", 6}, {"readthedocs", 6}, {"sphinx", 6}, {"docusaurus", 6}, {"mkdocs", 6}, {"/learn", 6},
    {"/service", 7}, {"solution", 7}, {"about", 7}, {"pricing", 7}, {"/features", 7}, {"contact", 7}, {"location", 7},
};
