// The verb `litmus`: see litmus.hpp.
#include "cli/litmus.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/litmus/one_test.hpp"
#include "host/text.hpp"

namespace anypage::cli {
namespace {

using Outcome = OneTest::Outcome;
namespace litmus = check::litmus;

struct Options {
    std::vector<std::string> named;
    std::string model = "lkmm";
    std::uint64_t states_max = litmus::RunConfig{}.states_max;
    bool axioms = false;
    bool machine = false;
    bool expect = false;
    bool json = false;
};

OneTestConfig config_of(const Options& options) {
    OneTestConfig config;
    config.run.states_max = options.states_max;
    if (options.model == "rc11") config.run.model = check::Model::rc11;
    if (options.model == "sc") config.run.model = check::Model::sc;
    if (options.axioms) config.by = OneTest::By::axioms;
    if (options.machine) config.by = OneTest::By::machine;
    config.compare = options.expect;
    return config;
}

// -- All of them together.

struct Summary {
    std::size_t tests = 0;
    std::size_t verdicts[3] = {};  ///< never, sometimes, always
    std::size_t agree = 0;
    std::size_t load_buffering = 0;  ///< the machine's states, perhaps for that reason
    std::size_t differ = 0;
    std::size_t added = 0;  ///< the machine shows what the axioms forbid
    std::size_t refused = 0;
    std::size_t malformed = 0;
    std::size_t limited = 0;

    void add(const OneTest& test) {
        ++tests;
        refused += test.outcome == Outcome::refused;
        malformed += test.outcome == Outcome::malformed;
        limited += test.outcome == Outcome::limited;
        if (test.outcome != Outcome::explored) return;
        ++verdicts[static_cast<unsigned>(test.observation.verdict())];
        const bool machine_lacks = !test.machine.lacks.empty();
        added += !test.machine.adds.empty();
        if (!test.herd) return;
        agree += test.herd->agrees && !machine_lacks;
        differ += test.is_wrong();
        load_buffering +=
            (!test.herd->agrees && !test.is_wrong()) || (test.herd->agrees && machine_lacks);
    }

    int exit_status() const {
        if (differ != 0) return exit_violated;
        if (refused != 0 || malformed != 0) return exit_wrong_use;
        return limited != 0 ? exit_limit : exit_ok;
    }

    std::string text(bool compared) const {
        std::string line = fmt::format("{} tests: {} Never, {} Sometimes, {} Always", tests,
                                       verdicts[0], verdicts[1], verdicts[2]);
        const auto add = [&line](std::size_t count, const char* what) {
            if (count != 0) line += fmt::format(", {} {}", count, what);
        };
        add(refused, "unsupported");
        add(malformed, "malformed");
        add(limited, "beyond a limit");
        add(added, "in which the machine shows what the axioms forbid");
        if (!compared) return line;
        line += fmt::format("; {} agree with herd7, {} differ", agree, differ);
        add(load_buffering, "in which the machine lacks states (load buffering)");
        return line;
    }
};

// -- For people.

void print_herd(const OneTest& test) {
    const HerdComparison& herd = *test.herd;
    if (herd.agrees) return;
    fmt::print("Expected {} {}{}\n", test.observation.name, to_string(herd.verdict),
               test.is_wrong() ? "" : " (what is missing may need load buffering)");
    for (const std::string& state : herd.missing) fmt::print("Missing {}\n", state);
    for (const std::string& state : herd.extra) fmt::print("Extra {}\n", state);
}

void print_machine(const OneTest& test) {
    const std::string& name = test.observation.name;
    if (test.load_buffering) fmt::print("Bounded {} (load buffering is not explored)\n", name);
    if (const auto& lacks = test.machine.lacks; !lacks.empty()) {
        fmt::print("Bounded {} (the machine lacks {}: load buffering is not explored)\n", name,
                   lacks.size());
        for (const std::string& state : lacks) fmt::print("Lacks {}\n", state);
    }
    if (const auto& adds = test.machine.adds; !adds.empty()) {
        fmt::print("Coarser {} (the machine shows {} that the axioms forbid)\n", name, adds.size());
        for (const std::string& state : adds) fmt::print("Adds {}\n", state);
    }
}

void print(const OneTest& test) {
    std::fflush(stdout);
    for (const std::string& each : test.warnings) {
        fmt::print(stderr, "anypage: warning: {}\n", each);
    }
    if (test.outcome == Outcome::explored) {
        fmt::print("{}", test.observation.text());
        print_machine(test);
        if (test.deadlocks) {
            fmt::print("Deadlock {} (those executions have no final state)\n",
                       test.observation.name);
        }
        if (test.astray) {
            fmt::print("Astray {} (those executions have no final state)\n", test.observation.name);
        }
        if (test.thin_air) {
            fmt::print("Thin-air {} (a value that was handed round in a ring might be any: ?1)\n",
                       test.observation.name);
        }
        if (test.herd) print_herd(test);
        fmt::print("\n");
    } else {
        fmt::print(stderr, "anypage: {}\n", test.problem);
    }
}

// -- For programs.

const char* to_string(Outcome outcome) {
    constexpr const char* names[] = {"explored", "limit", "unsupported", "malformed"};
    return names[static_cast<unsigned>(outcome)];
}

const char* to_string(OneTest::By by) {
    constexpr const char* names[] = {"machine", "axioms", "both"};
    return names[static_cast<unsigned>(by)];
}

nlohmann::json to_json(const OneTest& test) {
    const bool explored = test.outcome == Outcome::explored;
    const litmus::Observation& seen = test.observation;
    nlohmann::json herd;
    if (test.herd) {
        herd = {{"verdict", to_string(test.herd->verdict)},
                {"agrees", test.herd->agrees},
                {"missing", test.herd->missing},
                {"extra", test.herd->extra}};
    }
    return {{"file", test.file},
            {"name", seen.name},
            {"outcome", to_string(test.outcome)},
            {"problem", test.problem},
            {"warnings", test.warnings},
            {"verdict", explored ? nlohmann::json(to_string(seen.verdict())) : nlohmann::json()},
            {"ok", explored && seen.ok},
            {"condition", seen.condition},
            {"states", seen.states},
            {"positive", seen.positive},
            {"negative", seen.negative},
            {"flags", seen.flags},
            {"by", to_string(test.by)},
            {"load_buffering", test.load_buffering || !test.machine.lacks.empty()},
            {"machine_lacks", test.machine.lacks},
            {"machine_adds", test.machine.adds},
            {"deadlocks", test.deadlocks},
            {"astray", test.astray},
            {"thin_air", test.thin_air},
            {"explored_states", test.explored_states},
            {"elapsed_ns", static_cast<std::uint64_t>(test.seconds * 1e9)},
            {"herd", std::move(herd)}};
}

void print_json(const Options& options, const std::vector<OneTest>& tests, const Summary& summary) {
    nlohmann::json all = nlohmann::json::array();
    for (const OneTest& test : tests) all.push_back(to_json(test));
    const nlohmann::json printed{{"model", options.model},
                                 {"tests", std::move(all)},
                                 {"agree", summary.agree},
                                 {"differ", summary.differ},
                                 {"differ_load_buffering", summary.load_buffering},
                                 {"machine_adds", summary.added},
                                 {"unsupported", summary.refused},
                                 {"malformed", summary.malformed},
                                 {"limited", summary.limited}};
    fmt::print("{}\n", printed.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

int run(const Options& options) {
    const auto files = litmus_files(options.named);
    if (!files) return complain(files.error());
    if (options.axioms && options.model != "lkmm") {
        return complain({error::invalid, concat("--axioms: there are axioms of the kernel's model "
                                                "only; leave --model ",
                                                options.model, " out")});
    }
    if (options.axioms && options.machine) {
        return complain({error::invalid,
                         "--axioms and --machine: name one of them; without either "
                         "both are asked"});
    }
    const OneTestConfig config = config_of(options);
    Summary summary;
    std::vector<OneTest> tests;
    for (const std::string& file : *files) {
        OneTest test = run_one_test(file, config);
        summary.add(test);
        if (options.json) {
            tests.push_back(std::move(test));
        } else {
            print(test);
        }
    }
    if (options.json) {
        print_json(options, tests, summary);
    } else if (files->size() > 1) {
        fmt::print("{}\n", summary.text(options.expect));
    }
    return summary.exit_status();
}

}  // namespace

Verb add_litmus_verb(CLI::App& root) {
    CLI::App* app =
        root.add_subcommand("litmus", "Show every final state of litmus tests, as herd7 does");
    const auto options = std::make_shared<Options>();
    app->add_option("file", options->named,
                    "C litmus tests in herd7's format; of a directory, all *.litmus below it")
        ->required();
    app->add_option("--model", options->model,
                    "Memory model: lkmm (the Linux kernel's), rc11 (C++) or sc")
        ->check(CLI::IsMember({"lkmm", "rc11", "sc"}))
        ->capture_default_str();
    app->add_flag(
        "--axioms", options->axioms,
        "Judge all candidate executions by the axioms of linux-kernel.cat alone, as herd7 does");
    app->add_flag("--machine", options->machine,
                  "Explore on the machine alone, as `check` does; without either flag a test has "
                  "the axioms' states, and what the machine shows otherwise");
    app->add_flag("--expect", options->expect,
                  "Compare with what herd7 printed, where FILE.expected holds it");
    app->add_option("--states-max", options->states_max, "Give up on a test beyond so many states")
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 40))
        ->capture_default_str();
    app->add_flag("--json", options->json, "Print JSON (see docs/json.md)");
    return {app, [options] { return run(*options); }};
}

}  // namespace anypage::cli
