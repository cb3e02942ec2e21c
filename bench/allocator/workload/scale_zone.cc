// scale_zone/MiB:N: the hot pair in a zone of N MiB, all of it online and free. Frames are numbers,
// so there is no such memory: only its metadata, which are 2.1 bits a frame, 1.1 GiB for 16 TiB.
#include "kept.hpp"
#include "workloads.hpp"

namespace anypage::bench {

void register_zone_sizes() {
    for (const unsigned log2_mib : {6, 10, 16, 20, 24}) {  // 64 MiB to 16 TiB
        const std::string row = "scale_zone/MiB:" + std::to_string(std::uint64_t{1} << log2_mib);
        const PfnRange frames{whole.first, std::uint64_t{256} << log2_mib};
        add_pair_of_kept<Ours>(row, [=] { return std::make_unique<Ours>(one_node(frames)); });
        add_pair_of_kept<OursNoStock>(
            row, [=] { return std::make_unique<OursNoStock>(one_node(frames)); });
        add_pair_of_kept<ZoneCore>(row, [=] { return std::make_unique<ZoneCore>(frames); });
    }
}

}  // namespace anypage::bench
