// Explored: litmus tests written in a test, and what becomes of them.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "check/litmus/parser.hpp"
#include "check/litmus/run.hpp"

namespace anypage::check::litmus {

inline Program read(std::string_view text) {
    auto program = read_litmus("test", text);
    EXPECT_TRUE(program) << program.error().text();
    return program ? *std::move(program) : Program{};
}

/// The text with `part` in the place of its one "@".
inline std::string with(std::string text, std::string_view part) {
    return text.replace(text.find('@'), 1, part);
}

inline Observation explored(std::string_view text, Model model = Model::lkmm) {
    const Program program = read(text);
    RunConfig config;
    config.model = model;
    const auto ran = run("test", program, config);
    EXPECT_TRUE(ran) << ran.error().text();
    if (!ran) return {};
    EXPECT_EQ(ran->limit, "");
    return observe(program, ran->finals);
}

inline std::string verdict(std::string_view text, Model model = Model::lkmm) {
    return to_string(explored(text, model).verdict());
}

}  // namespace anypage::check::litmus
