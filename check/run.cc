// run(): a scenario as a program of its own runs it, with its verdict for people.
#include <anypage/check.hpp>

namespace anypage::check {

namespace {

constexpr int exit_codes[] = {0, 2, 1};  // by Verdict

void print(const Found& found, std::FILE* out) {
    std::fprintf(out, "\n%s: violated\n\n", found.violation.property.c_str());
    for (const std::string& line : counterexample_lines(found.counterexample)) {
        std::fprintf(out, "  %s\n", line.c_str());
    }
    std::fprintf(out, "\n  %s\n", found.violation.cause.c_str());
}

}  // namespace

int run(const ExploreConfig& config, const Scenario& scenario, std::FILE* out) {
    const Result result = explore(config, scenario);
    std::fprintf(out, "%s under %s, preemption %s: %llu states, %llu executions",
                 name_of(result.verdict), name_of(config.execution.model),
                 name_of(config.execution.preemption),
                 static_cast<unsigned long long>(result.states),
                 static_cast<unsigned long long>(result.executions));
    if (!result.limit.empty()) std::fprintf(out, ", limited by %s", result.limit.c_str());
    std::fputs("\n", out);
    for (const Found& found : result.found) print(found, out);
    return exit_codes[static_cast<unsigned>(result.verdict)];
}

}  // namespace anypage::check
