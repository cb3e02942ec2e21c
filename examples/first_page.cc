// A page to write to, one taken in a signal handler, and a node that goes offline.
#include <anypage/anypage.hpp>

#include <csignal>
#include <cstdio>
#include <cstring>

static anypage::allocator* pages;

int main() {
    using namespace anypage;
    auto made = allocator::create(*topology::synthetic("node:2 pu:1"), {.binding = binding::none});
    if (!made) return std::fprintf(stderr, "%s\n", made.error().message.c_str()), 1;
    pages = &*made;

    const Pfn page = *pages->allocate({.flags = gfp::KERNEL, .node = NodeId{0}});
    std::strcpy(static_cast<char*>(pages->address(page)), "written to a page of node 0");
    std::puts(static_cast<char*>(pages->address(page)));

    std::signal(SIGUSR1, [](int) {  // any context: no lock, no wait
        if (auto mine = pages->allocate({.flags = gfp::ATOMIC})) pages->free(*mine, Order{0});
    });
    std::raise(SIGUSR1);
    const auto gone = pages->offline_node(NodeId{1});
    std::printf("node 1: %lu frames offline, %lu left\n", gone->offlined, gone->left);
    pages->free(page, Order{0});
}
