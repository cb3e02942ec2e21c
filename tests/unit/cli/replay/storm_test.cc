// Storms: presets, files, and what a fault is told as.
#include "cli/replay/storm.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace anypage {
namespace {

namespace fs = std::filesystem;

storm parsed(std::string_view text) {
    auto weather = parse_storm(text, "x.toml");
    EXPECT_TRUE(weather.has_value()) << weather.error().message;
    return weather ? *std::move(weather) : storm{};
}

std::string fault_of(std::string_view text) {
    const auto weather = parse_storm(text, "x.toml");
    return weather ? "no fault" : weather.error().message;
}

std::string file_text(const fs::path& path) {
    std::ifstream file(path);
    EXPECT_TRUE(file.good()) << path;
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Storm, PresetsNameNoZones) {
    for (const char* name : {"none", "gentle", "storm"}) {
        const auto weather = load_storm(name);
        ASSERT_TRUE(weather.has_value());
        EXPECT_EQ(weather->name, name);
        EXPECT_TRUE(weather->swings.empty());
    }
    EXPECT_FALSE(load_storm("none")->moves);
    EXPECT_TRUE(load_storm("gentle")->moves);
    EXPECT_EQ(load_storm("gentle")->pause_ns, 10'000'000u);
    EXPECT_TRUE(load_storm("storm")->moves);
    EXPECT_EQ(load_storm("storm")->pause_ns, 0u);
}

TEST(Storm, AnEmptyFileIsThePresetStorm) {
    const storm weather = parsed("");
    EXPECT_EQ(weather.name, "x.toml");
    EXPECT_TRUE(weather.moves);
    EXPECT_EQ(weather.pause_ns, 0u);
    EXPECT_TRUE(weather.swings.empty());
}

TEST(Storm, KeysMeanWhatTheDocumentSays) {
    const storm weather = parsed(R"(moves = false
pause_us = 60000000
[[swing]]
nodes = "8,0-2"
zones = "movable"
sections = 4096
[[swing]]
nodes = "all"
zones = "all"
)");
    EXPECT_FALSE(weather.moves);
    EXPECT_EQ(weather.pause_ns, 60'000'000'000u);
    ASSERT_EQ(weather.swings.size(), 2u);
    const storm_swing& first = weather.swings[0];
    EXPECT_EQ(first.nodes, (std::vector<NodeId>{{0}, {1}, {2}, {8}}));
    EXPECT_EQ(first.kind, ZoneIndex::movable);
    EXPECT_EQ(first.sections, 4096u);
    EXPECT_EQ(first.line, 3u);
    const storm_swing& second = weather.swings[1];
    EXPECT_TRUE(second.nodes.empty());
    EXPECT_FALSE(second.kind.has_value());
    EXPECT_EQ(second.sections, 1u);
    EXPECT_EQ(second.line, 7u);
}

TEST(Storm, EveryKindOfZoneCanBeNamed) {
    const std::pair<const char*, ZoneIndex> kinds[] = {{"DMA", ZoneIndex::dma},
                                                       {"DMA32", ZoneIndex::dma32},
                                                       {"Normal", ZoneIndex::normal},
                                                       {"Movable", ZoneIndex::movable}};
    for (const auto& [name, kind] : kinds) {
        const storm weather = parsed("[[swing]]\nzones = \"" + std::string(name) + "\"\n");
        ASSERT_EQ(weather.swings.size(), 1u);
        EXPECT_EQ(weather.swings[0].kind, kind) << name;
    }
}

TEST(Storm, AFaultNamesFileAndLineAndTheRemedy) {
    struct Case {
        const char* text;
        const char* place;
        const char* remedy;
    };
    const Case cases[] = {
        {"a = [", "x.toml:1: ", "correct the syntax"},
        {"\n[[[", "x.toml:2: ", "correct the syntax"},
        {"pause_ms = 3", "x.toml:1: ", "did you mean \"pause_us\""},
        {"[[swings]]", "x.toml:1: ", "did you mean \"swing\""},
        {"\nmoves = 1", "x.toml:2: ", "must be true or false"},
        {"pause_us = -1", "x.toml:1: ", "it must be 0 to 60000000"},
        {"pause_us = 60000001", "x.toml:1: ", "it must be 0 to 60000000"},
        {"pause_us = \"1 s\"", "x.toml:1: ", "must be an integer"},
        {"swing = 3", "x.toml:1: ", "write [[swing]]"},
        {"swing = [3]", "x.toml:1: ", "write [[swing]]"},
        {"[[swing]]\nnode = \"1\"", "x.toml:2: ", "did you mean \"nodes\""},
        {"[[swing]]\nnodes = 1", "x.toml:2: ", "must be a text in quotes"},
        {"[[swing]]\nnodes = \"\"", "x.toml:2: ", "write \"all\" or ids below 1024"},
        {"[[swing]]\nnodes = \"1-\"", "x.toml:2: ", "write \"all\" or ids below 1024"},
        {"[[swing]]\nnodes = \"1024\"", "x.toml:2: ", "write \"all\" or ids below 1024"},
        {"[[swing]]\nzones = \"Device\"", "x.toml:2: ", "it must be one of \"DMA\""},
        {"[[swing]]\nzones = true", "x.toml:2: ", "must be a text in quotes"},
        {"[[swing]]\nsections = 0", "x.toml:2: ", "it must be 1 to 4096"},
        {"[[swing]]\nsections = 4097", "x.toml:2: ", "it must be 1 to 4096"},
        {"[[swing]]\n[[swing]]\nsections = 1.5", "x.toml:3: ", "must be an integer"},
    };
    for (const Case& each : cases) {
        const std::string fault = fault_of(each.text);
        EXPECT_TRUE(fault.starts_with(each.place)) << each.text << ": " << fault;
        EXPECT_NE(fault.find(each.remedy), std::string::npos) << each.text << ": " << fault;
    }
}

TEST(Storm, TheFirstFaultIsReported) {
    EXPECT_TRUE(fault_of("moves = 1\npause_us = -1\n").starts_with("x.toml:1: "));
}

TEST(Storm, AFileThatCannotBeReadIsToldWhatToGive) {
    for (const char* name : {"no such file", ANYPAGE_SOURCE_DIR "/data"}) {
        const auto weather = load_storm(name);
        ASSERT_FALSE(weather.has_value()) << name;
        EXPECT_EQ(weather.error().code, error::not_found);
        EXPECT_NE(weather.error().message.find("give none, gentle, storm, or a TOML file"),
                  std::string::npos);
    }
}

TEST(Storm, EveryDataFileNamesWhatSwings) {
    int count = 0;
    for (const auto& entry : fs::directory_iterator(ANYPAGE_SOURCE_DIR "/data/storms")) {
        const auto weather = load_storm(entry.path().string());
        ASSERT_TRUE(weather.has_value()) << weather.error().message;
        EXPECT_TRUE(weather->moves) << entry.path();
        EXPECT_FALSE(weather->swings.empty()) << entry.path();
        ++count;
    }
    EXPECT_GE(count, 4);
}

TEST(Storm, TheExampleOfTheDocumentIsAStorm) {
    const std::string text = file_text(ANYPAGE_SOURCE_DIR "/docs/storms.md");
    const std::size_t first = text.find("```toml\n") + 8;
    ASSERT_LT(first, text.size());
    const storm weather = parsed(text.substr(first, text.find("```", first) - first));
    EXPECT_EQ(weather.pause_ns, 500'000u);
    ASSERT_EQ(weather.swings.size(), 2u);
    EXPECT_EQ(weather.swings[0].sections, 4u);
    EXPECT_EQ(weather.swings[1].kind, ZoneIndex::movable);
}

}  // namespace
}  // namespace anypage
