// scale_cpus/cpus:N: the hot pair on a machine of N CPUs, which are simulated: this machine's few
// stand for all. `ours` and `ours_no_stock` count a zone's free frames as a machine of so many CPUs
// has them count. `zone_core` has a slot of counts for each CPU, and each pair is another CPU's;
// `zone_summed` sums them up before each request as well, as a watermark demands.
#include "kept.hpp"
#include "workloads.hpp"

namespace anypage::bench {
namespace {

class ZoneOfCpus : public ZoneCore {
public:
    explicit ZoneOfCpus(unsigned cpus) : ZoneCore(whole, cpus), cpus_(cpus) {}

    Pfn allocate(Order order, Migratetype type) {
        cpu_ = {(cpu_.value + 1) % cpus_};
        return zone().allocate(order, type, cpu_).value_or(no_page);
    }
    void free(Pfn pfn, Order order) {
        if (zone().free(pfn, order, cpu_).fault != FreeFault::none) std::abort();
    }

private:
    const unsigned cpus_;
    CpuId cpu_{0};
};

struct ZoneSummed : ZoneOfCpus {
    static constexpr const char* name = "zone_summed";
    using ZoneOfCpus::ZoneOfCpus;
    Pfn allocate(Order order, Migratetype type) {
        if (!zone().watermark_ok(order, 0, ZoneIndex::normal, AllocFlags{})) return no_page;
        return ZoneOfCpus::allocate(order, type);
    }
};

}  // namespace

void register_cpu_counts() {
    for (const unsigned cpus : {1, 64, 512, 4096}) {
        const std::string row = "scale_cpus/cpus:" + std::to_string(cpus);
        add_pair_of_kept<Ours>(row,
                               [=] { return std::make_unique<Ours>(synthetic_machine(1, cpus)); });
        add_pair_of_kept<OursNoStock>(
            row, [=] { return std::make_unique<OursNoStock>(synthetic_machine(1, cpus)); });
        add_pair_of_kept<ZoneOfCpus>(row, [=] { return std::make_unique<ZoneOfCpus>(cpus); });
        add_pair_of_kept<ZoneSummed>(row, [=] { return std::make_unique<ZoneSummed>(cpus); });
    }
}

}  // namespace anypage::bench
