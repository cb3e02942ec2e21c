// The command: assembles the verbs, parses, runs the one that was asked for. Wrong use is exit
// status 2, whatever CLI11 would say. What the verbs do is in their own files.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <new>
#include <vector>

#include "cli/check.hpp"
#include "cli/litmus.hpp"
#include "cli/mutants.hpp"
#include "cli/replay.hpp"
#include "cli/topology.hpp"
#include "cli/verb.hpp"

namespace {

using anypage::cli::Verb;
namespace cli = anypage::cli;

std::vector<Verb> add_verbs(CLI::App& app) {
    return {cli::add_topology_verb(app), cli::add_replay_verb(app), cli::add_check_verb(app),
            cli::add_mutants_verb(app), cli::add_litmus_verb(app)};
}

int run_chosen(const std::vector<Verb>& verbs) {
    for (const Verb& verb : verbs) {
        if (verb.app->parsed()) return verb.run();
    }
    return cli::exit_wrong_use;
}

/// Output that could not be written (a full disk) must not look like a result.
int flushed(int status) {
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return status;
    std::fprintf(stderr, "anypage: cannot write to standard output; check the disk\n");
    return cli::exit_limit;
}

int run(int count, const char* const* arguments) {
    CLI::App app("The Linux zoned page allocator in user space", "anypage");
    app.set_version_flag("--version", "anypage " ANYPAGE_VERSION);
    app.require_subcommand(1);
    const std::vector<Verb> verbs = add_verbs(app);
    try {
        app.parse(count, arguments);
    } catch (const CLI::ParseError& problem) {
        return app.exit(problem) == 0 ? flushed(cli::exit_ok) : cli::exit_wrong_use;
    }
    return flushed(run_chosen(verbs));
}

}  // namespace

int main(int count, char** arguments) {
    try {
        return run(count, arguments);
    } catch (const std::bad_alloc&) {
        std::fprintf(stderr, "anypage: out of memory; describe a smaller machine\n");
        return cli::exit_limit;
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "anypage: %s\n", problem.what());
        return cli::exit_wrong_use;
    }
}
