/* A page to write to, one taken in a signal handler, and a node that goes offline. */
#include <anypage/anypage.h>

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static anypage_t* pages;

/* Any context: no lock, no wait. */
static void on_signal(int number) {
    (void)number;
    const int64_t mine = anypage_alloc(pages, ANYPAGE_GFP_ATOMIC, 0, ANYPAGE_NODE_LOCAL, NULL);
    if (mine >= 0) anypage_free(pages, (uint64_t)mine, 0);
}

int main(void) {
    struct anypage_config config = ANYPAGE_CONFIG_INIT;
    config.topology = "node:2 pu:1";
    config.binding = ANYPAGE_BINDING_NONE;
    char error[256];
    if (anypage_create(&pages, &config, error, sizeof error) != 0) return puts(error), 1;

    const int64_t page = anypage_alloc(pages, ANYPAGE_GFP_KERNEL, 0, 0, NULL);
    if (page < 0) return puts(strerror((int)-page)), 1;
    puts(strcpy(anypage_address(pages, (uint64_t)page), "a page of node 0"));

    signal(SIGUSR1, on_signal);
    raise(SIGUSR1);

    struct anypage_offline_report gone = {.size = sizeof gone};
    anypage_offline_node(pages, 1, 0, &gone);
    printf("node 1: %" PRIu64 " frames offline\n", gone.offlined);
    anypage_free(pages, (uint64_t)page, 0);
    anypage_destroy(pages);
    return 0;
}
