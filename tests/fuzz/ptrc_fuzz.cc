// Any bytes as a PTRC1 recording, plain or packed: no crash, no growth without bound, and what the
// reader accepts can be prepared.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <utility>

#include "cli/replay/ptrc.hpp"
#include "cli/replay/unpack_xz.hpp"

namespace {

constexpr std::uint64_t unpacked_bytes_max = std::uint64_t{1} << 20;

void read(std::span<const std::byte> bytes) {
    auto raw = anypage::read_ptrc(bytes, "fuzz");
    if (!raw) return;
    const anypage::recording recorded = anypage::prepare(*std::move(raw));
    if (recorded.summary().frees > recorded.blocks()) std::abort();
    if (anypage::describe(recorded).empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = std::as_bytes(std::span(data, size));
    if (!anypage::is_xz(bytes)) {
        read(bytes);
        return 0;
    }
    const auto unpacked = anypage::unpack_xz(bytes, "fuzz", unpacked_bytes_max);
    if (unpacked) read(*unpacked);
    return 0;
}
