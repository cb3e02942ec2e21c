// FrameMap: what it takes of memory.
#include "zone/frame_map.hpp"

#include <gtest/gtest.h>

#include "world/native.hpp"

namespace anypage {
namespace {

double bits_a_frame(std::uint64_t frames) {
    Arena arena;
    FrameMap<NativeWorld>().carve(arena, frames);
    return 8 * static_cast<double>(arena.used()) / static_cast<double>(frames);
}

TEST(FrameMap, TakesLittleMoreThanTwoBitsAFrame) {
    constexpr std::uint64_t frames_of_64_mib = 16384;
    for (std::uint64_t frames = frames_of_64_mib; frames <= std::uint64_t{1} << 32; frames *= 2) {
        for (const std::uint64_t more : {std::uint64_t{0}, frames / 4, frames / 2}) {
            EXPECT_LE(bits_a_frame(frames + more), 2.1) << frames + more;
        }
    }
    EXPECT_GT(bits_a_frame(frames_of_64_mib), 2);
}

}  // namespace
}  // namespace anypage
