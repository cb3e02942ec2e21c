// scale_nodes/nodes:N: the hot pair on a machine of N nodes of 1 GiB each. It has 1,024 CPUs,
// however many nodes share them, so that nothing but the number of nodes differs. (The zone alone
// knows of no nodes.)
#include "kept.hpp"
#include "workloads.hpp"

namespace anypage::bench {

void register_node_counts() {
    constexpr unsigned cpus = 1024;
    for (const unsigned nodes : {1, 8, 64, 256, 1024}) {
        const std::string row = "scale_nodes/nodes:" + std::to_string(nodes);
        add_pair_of_kept<Ours>(
            row, [=] { return std::make_unique<Ours>(synthetic_machine(nodes, cpus / nodes)); });
        add_pair_of_kept<OursNoStock>(row, [=] {
            return std::make_unique<OursNoStock>(synthetic_machine(nodes, cpus / nodes));
        });
    }
}

}  // namespace anypage::bench
