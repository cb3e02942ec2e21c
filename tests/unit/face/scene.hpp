// Scene: a small machine for tests of the public face, and allocators over it.
#pragma once

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <initializer_list>
#include <string>

#include <anypage/anypage.hpp>

namespace anypage::test {

/// Frames in a section of small_machine().
inline constexpr std::uint64_t section = 1024;

/// Node 0 with a CPU, 16 MiB of Normal and of Movable; node 5 with 16 MiB of Normal. Sections of
/// 4 MiB.
inline topology small_machine() {
    const auto zone = [](ZoneIndex kind, std::uint64_t first) {
        const PfnRange span{Pfn{first}, 4 * section};
        return zone_span{kind, span, {span}};
    };
    topology machine;
    machine.source = "small";
    machine.section_frames = section;
    machine.nodes = {
        {NodeId{0}, {CpuId{0}}, {zone(ZoneIndex::normal, 8192), zone(ZoneIndex::movable, 12288)}},
        {NodeId{5}, {}, {zone(ZoneIndex::normal, 16384)}},
    };
    machine.distances = {10, 20, 20, 10};
    return machine;
}

inline constexpr PfnRange node5{Pfn{16384}, 4 * section};

inline config unbound() {
    config settings;
    settings.binding = binding::none;
    settings.online_bytes = 0;
    return settings;
}

inline config numbers_only() {
    config settings = unbound();
    settings.backing = backing::numbers;
    return settings;
}

/// Dies with the message where creation fails.
inline allocator make(const topology& machine, const config& settings) {
    auto made = allocator::create(machine, settings);
    if (!made) {
        std::fprintf(stderr, "%s\n", made.error().message.c_str());
        std::abort();
    }
    return *std::move(made);
}
inline allocator make(const config& settings) { return make(small_machine(), settings); }

inline void expect_words(const std::string& text, std::initializer_list<const char*> words) {
    for (const char* word : words) {
        EXPECT_NE(text.find(word), std::string::npos) << '"' << word << "\" in: " << text;
    }
}

/// A figure of /proc/self/status, in bytes.
inline std::uint64_t status_bytes(const std::string& name) {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
        std::uint64_t kib = 0;
        if (word == name + ":" && status >> kib) return kib * 1024;
    }
    return 0;
}

/// Words of misuse, one after the other.
struct Complaints {
    std::string text;

    static void note(void* self, const char* what) {
        static_cast<Complaints*>(self)->text += std::string(what) + "\n";
    }
    void listen(config& settings) {
        settings.on_misuse = note;
        settings.misuse_context = this;
    }
};

}  // namespace anypage::test
