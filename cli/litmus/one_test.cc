// OneTest: see one_test.hpp.
#include "cli/litmus/one_test.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "check/litmus/axioms/judge.hpp"
#include "check/litmus/parser.hpp"
#include "host/text.hpp"

namespace anypage::cli {
namespace {

namespace fs = std::filesystem;
namespace litmus = check::litmus;

using By = OneTest::By;

constexpr std::uintmax_t file_bytes_max = 1u << 20;
/// What the machine has explored is judged, too, if that takes no more: some seconds.
constexpr std::uint64_t confirmed_candidates_max = 300'000;

std::optional<std::string> contents(const std::string& file, std::string& problem) {
    std::error_code wrong;
    const auto size = fs::file_size(file, wrong);
    if (wrong) {
        problem = concat(file, ": cannot be read (", wrong.message(), "); check its name");
        return std::nullopt;
    }
    if (size > file_bytes_max) {
        problem = concat(file, ": is larger than a litmus test can be; check its name");
        return std::nullopt;
    }
    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return std::move(text).str();
}

std::vector<std::string> without(std::vector<std::string> those, std::vector<std::string> these) {
    std::sort(those.begin(), those.end());
    std::sort(these.begin(), these.end());
    std::vector<std::string> left;
    std::set_difference(those.begin(), those.end(), these.begin(), these.end(),
                        std::back_inserter(left));
    return left;
}

void refuse(OneTest& test, const litmus::LitmusError& why) {
    test.outcome = why.unsupported() ? OneTest::Outcome::refused : OneTest::Outcome::malformed;
    test.problem = why.text();
}

void compare_with_herd(OneTest& test) {
    const std::string file = test.file + ".expected";
    if (!fs::exists(file)) return;
    const auto text = contents(file, test.problem);
    const auto fail = [&test](std::string problem) {
        test.outcome = OneTest::Outcome::malformed;
        test.problem = std::move(problem);
    };
    if (!text) return fail(test.problem);
    const auto printed = litmus::read_herd_output(file, *text);
    if (!printed) return fail(printed.error().text());
    const litmus::Observation& seen = test.observation;
    const auto found =
        std::find_if(printed->begin(), printed->end(),
                     [&seen](const litmus::Observation& one) { return one.name == seen.name; });
    if (found == printed->end()) {
        return fail(
            concat(file, ": says nothing of the test ", seen.name, "; remove or remake it"));
    }
    HerdComparison herd;
    herd.verdict = found->verdict();
    herd.missing = without(found->states, seen.states);
    herd.extra = without(seen.states, found->states);
    const bool flagged_alike =
        without(found->flags, seen.flags).empty() && without(seen.flags, found->flags).empty();
    herd.agrees = herd.verdict == seen.verdict() && herd.missing.empty() && herd.extra.empty() &&
                  flagged_alike;
    test.herd = std::move(herd);
}

void warn(OneTest& test, const litmus::LitmusWarning& what) {
    test.warnings.push_back(
        concat(test.file, ":", what.at.line, ":", what.at.column, ": ", what.message));
}

void limit(OneTest& test, const std::string& limit, const char* what) {
    test.outcome = OneTest::Outcome::limited;
    test.problem =
        concat(test.file, ": the limit of ", limit, " was hit after ", test.explored_states, what,
               "; raise --states-max or make the test smaller");
}

void explore(OneTest& test, const litmus::Program& program, const litmus::RunConfig& config) {
    const auto ran = litmus::run(test.file, program, config);
    if (!ran) return refuse(test, ran.error());
    test.observation = litmus::observe(program, ran->finals);
    test.load_buffering = !ran->load_buffering.empty();
    test.deadlocks = ran->deadlocks;
    test.astray = ran->astray.has_value();
    if (ran->astray) warn(test, *ran->astray);
    test.explored_states = ran->states;
    test.seconds = ran->seconds;
    test.outcome = OneTest::Outcome::explored;
    if (!ran->limit.empty()) limit(test, ran->limit, " states");
}

void judge(OneTest& test, const litmus::Program& program, const litmus::RunConfig& config) {
    litmus::axioms::Judged judged = litmus::axioms::judge(
        program, {.candidates_max = config.states_max, .seconds_max = config.seconds_max});
    test.observation = litmus::observe(program, judged.finals);
    test.observation.flags = std::move(judged.flags);
    test.load_buffering = judged.load_buffering;
    test.thin_air = judged.thin_air;
    test.by = By::axioms;
    test.explored_states = judged.candidates;
    test.seconds = judged.seconds;
    test.outcome = OneTest::Outcome::explored;
    if (!judged.limit.empty()) limit(test, judged.limit, " candidate executions");
}

/// Also what the machine is too small for, or has not got to the end of.
bool wants_axioms_alone(const OneTest& test, const litmus::Program& program, By by) {
    return test.outcome != OneTest::Outcome::explored || by == By::axioms ||
           litmus::axioms::has_plain_accesses(program);
}

/// The axioms' states, and how the machine's differ.
void confirm(OneTest& test, const litmus::Program& program) {
    const litmus::axioms::Judged judged =
        litmus::axioms::judge(program, {.candidates_max = confirmed_candidates_max});
    if (!judged.limit.empty() || judged.load_buffering) return;
    const litmus::Observation explored =
        std::exchange(test.observation, litmus::observe(program, judged.finals));
    test.by = By::both;
    test.machine.lacks = without(test.observation.states, explored.states);
    test.machine.adds = without(explored.states, test.observation.states);
    test.load_buffering = false;
    test.thin_air = judged.thin_air;
    test.seconds += judged.seconds;
}

void answer(OneTest& test, const litmus::Program& program, const OneTestConfig& config) {
    explore(test, program, config.run);
    if (config.run.model != check::Model::lkmm || config.by == By::machine) return;
    if (test.outcome == OneTest::Outcome::malformed) return;
    if (wants_axioms_alone(test, program, config.by)) {
        judge(test, program, config.run);
    } else {
        confirm(test, program);
    }
}

}  // namespace

OneTest run_one_test(const std::string& file, const OneTestConfig& config) {
    OneTest test;
    test.file = file;
    const auto text = contents(file, test.problem);
    if (!text) return test;
    const auto program = litmus::read_litmus(file, *text);
    if (!program) {
        refuse(test, program.error());
        return test;
    }
    test.observation.name = program->name;
    for (const litmus::LitmusWarning& each : program->warnings) warn(test, each);
    answer(test, *program, config);
    if (test.outcome == OneTest::Outcome::explored && config.compare) compare_with_herd(test);
    return test;
}

result<std::vector<std::string>, failure> litmus_files(const std::vector<std::string>& named) {
    std::vector<std::string> files;
    for (const std::string& name : named) {
        std::error_code wrong;
        if (!fs::is_directory(name, wrong)) {
            files.push_back(name);
            continue;
        }
        std::vector<std::string> below;
        for (fs::recursive_directory_iterator at(name, wrong), end; !wrong && at != end;
             at.increment(wrong)) {
            if (at->path().extension() == ".litmus") below.push_back(at->path().string());
        }
        if (wrong) {
            return failure{error::not_found, concat(name, ": cannot be listed (", wrong.message(),
                                                    "); check who may read it")};
        }
        if (below.empty()) {
            return failure{error::not_found,
                           concat(name, ": no *.litmus in or below it; name a file")};
        }
        std::sort(below.begin(), below.end());
        files.insert(files.end(), below.begin(), below.end());
    }
    return files;
}

}  // namespace anypage::cli
