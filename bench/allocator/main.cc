// The allocator benchmarks: ours against baselines written for it and against mallocs, in one
// process. Begins itself again where the loader must be told to keep room for jemalloc's
// thread-local storage, which dlopen has no place for otherwise.
#include <benchmark/benchmark.h>

#include <unistd.h>

#include <cstdlib>

#include "workload/workloads.hpp"

namespace {

void make_room_for_libraries(char** arguments) {
    constexpr const char* tunables = "GLIBC_TUNABLES";
    if (std::getenv(tunables) != nullptr) return;  // ours, or somebody's who knows better
    setenv(tunables, "glibc.rtld.optional_static_tls=16384", 1);
    execv("/proc/self/exe", arguments);  // if it fails, a library may be missing; it says so
}

}  // namespace

int main(int count, char** arguments) {
    using namespace anypage::bench;
    make_room_for_libraries(arguments);
    benchmark::Initialize(&count, arguments);
    if (benchmark::ReportUnrecognizedArguments(count, arguments)) return 1;
    register_hot_pairs();
    register_batches();
    register_bulks();
    register_replacements();
    register_remote_frees();
    register_latencies();
    register_storms();
    register_pins();
    register_zone_sizes();
    register_node_counts();
    register_cpu_counts();
    register_fullnesses();
    register_recordings();
    register_fragmentation();
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
}
