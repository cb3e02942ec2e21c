// Standard containers on pages of a node: a large vector directly, small objects through a pool.
#include <anypage/pmr.hpp>

#include <cstdio>
#include <list>
#include <string>
#include <vector>

int main() {
    using namespace anypage;
    auto made = allocator::create(*topology::synthetic("node:2 pu:1"), {.binding = binding::none});
    if (!made) return std::puts(made.error().message.c_str()), 1;

    page_resource on_node_1(*made, {.flags = gfp::KERNEL, .node = NodeId{1}});
    std::pmr::vector<int> numbers(500'000, 7, &on_node_1);
    std::pmr::unsynchronized_pool_resource pool(&on_node_1);
    std::pmr::list<std::pmr::string> words({"each in a block", "of a pool of pages"}, &pool);
    std::printf("%zu numbers from frame 0x%lx on, and %zu words\n", numbers.size(),
                made->frame(numbers.data()).value, words.size());
}
