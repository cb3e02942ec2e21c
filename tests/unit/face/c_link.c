/* The C face, compiled as C: a page is taken, found again, and given back. */
#include <anypage/anypage.h>

int c_link_round_trip(void);

int c_link_round_trip(void) {
    struct anypage_config config = ANYPAGE_CONFIG_INIT;
    config.topology = "node:1(memory=268435456) pu:1";
    config.binding = ANYPAGE_BINDING_NONE;
    config.online_bytes = 1;
    anypage_t* pages = NULL;
    char error[128];
    if (anypage_create(&pages, &config, error, sizeof error) != 0) return 1;
    const int64_t page = anypage_alloc(pages, ANYPAGE_GFP_ATOMIC, 0, ANYPAGE_NODE_LOCAL, NULL);
    if (page < 0) return 2;
    void* memory = anypage_address(pages, (uint64_t)page);
    if (memory == NULL || anypage_frame(pages, memory) != page) return 3;
    *(char*)memory = 1;
    anypage_free(pages, (uint64_t)page, 0);
    anypage_destroy(pages);
    return 0;
}
