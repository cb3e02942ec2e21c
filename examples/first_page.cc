// A page to write to, one taken in a signal handler, and a node that goes offline.
#include <anypage/anypage.hpp>

#include <csignal>
#include <cstdio>
#include <cstring>

using namespace anypage;
static allocator* pages;

int main() {
    auto made = allocator::create(*topology::synthetic("node:2 pu:1"), {.binding = binding::none});
    if (!made) return std::puts(made.error().message.c_str()), 1;
    pages = &*made;
    const Pfn page = *pages->allocate({.flags = gfp::KERNEL, .node = NodeId{0}});
    std::puts(std::strcpy(static_cast<char*>(pages->address(page)), "a page of node 0"));
    std::signal(SIGUSR1, [](int) {  // any context: no lock, no wait
        if (auto mine = pages->allocate({.flags = gfp::ATOMIC})) pages->free(*mine, Order{0});
    });
    std::raise(SIGUSR1);
    std::printf("node 1: %lu frames offline\n", pages->offline_node(NodeId{1})->offlined);
    pages->free(page, Order{0});
}
