// The core on aarch64: threads, signal handlers and hotplug at once. For an emulator of a process,
// which has no restartable sequences; so it runs the paths without stocks, and says so.
#include <cstdio>
#include <string>

#include "tests/stress/allocator_stress.hpp"

int main() {
    using namespace anypage;
    std::printf("restartable sections: %s\n", NativeWorld::prepare_rseq() ? "yes" : "refused");
    for (const bool checked : {false, true}) {
        const std::string wrong = test::allocator_stress::run(checked, {100'000, 500});
        if (!wrong.empty()) return std::printf("checked %d:\n%s", checked, wrong.c_str()), 1;
    }
    std::puts("nobody failed, nothing is lost");
}
