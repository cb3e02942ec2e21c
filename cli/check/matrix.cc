// The matrix as tables and as JSON: see matrix.hpp.
#include "cli/check/matrix.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/table.hpp"

namespace anypage::cli {

namespace {

std::string count_text(std::uint64_t count) {
    if (count < 1000) return std::to_string(count);
    if (count < 1'000'000) return fmt::format("{}k", (count + 500) / 1000);
    return fmt::format("{:.1f}M", static_cast<double>(count) / 1e6);
}

std::string cell_text(const CellOutcome& cell, const Counterexamples& numbered) {
    if (!cell.broken.empty()) {
        std::string text = "BROKEN ";
        for (std::size_t i = 0; i < cell.broken.size(); ++i) {
            text +=
                fmt::format("{}#{}", i == 0 ? "" : " ", numbered.number_of(cell, cell.broken[i]));
        }
        return text;
    }
    if (!cell.limit.empty()) return "bounded (" + cell.limit + ")";
    return "holds " + count_text(std::max<std::uint64_t>(cell.states, 1));
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

/// What is not as it is by default, as it is written on the command line.
std::string options_of(const Platform& platform) {
    std::string text;
    if (!platform.hotremove) text += " --no-hotremove";
    if (platform.check_sites != 3) text += fmt::format(" --check-sites {}", platform.check_sites);
    if (platform.throttling) text += " --assume throttling";
    if (platform.reclaim_sleeps) text += " --assume reclaim-sleeps";
    return text;
}

const char* verdict_of(const CellOutcome& cell, const Broken* broken) {
    if (broken != nullptr) return "broken";
    return cell.limit.empty() ? "holds" : "bounded";
}

}  // namespace

std::string name_of(const Platform& platform) {
    return fmt::format("{} {}", platform.cpus == 1 ? "UP" : "SMP", name_of(platform.preemption));
}

std::string Counterexamples::key_of(const CellOutcome& cell, const Broken& broken) {
    return cell.key.protocol + "/" + broken.property + "/" + name_of(cell.key.caller);
}

Counterexamples::Counterexamples(const std::vector<CellOutcome>& outcomes) {
    for (const CellOutcome& cell : outcomes) {
        for (const Broken& broken : cell.broken) {
            const std::string key = key_of(cell, broken);
            const auto index = static_cast<std::size_t>(std::find(keys_.begin(), keys_.end(), key) -
                                                        keys_.begin());
            if (index == keys_.size()) {
                keys_.push_back(key);
                all_.push_back({static_cast<unsigned>(keys_.size()), &cell, &broken, {}});
            }
            auto& one = all_[index];
            one.kernels.push_back(name_of(cell.key.platform));
            // The one that is shown is the one that needs least: no stale reads, then few steps.
            const bool better = std::pair(broken.stale_reads, broken.steps) <
                                std::pair(one.broken->stale_reads, one.broken->steps);
            if (better) {
                one.cell = &cell;
                one.broken = &broken;
            }
        }
    }
}

unsigned Counterexamples::number_of(const CellOutcome& cell, const Broken& broken) const {
    const auto found = std::find(keys_.begin(), keys_.end(), key_of(cell, broken));
    return static_cast<unsigned>(found - keys_.begin()) + 1;
}

std::string needs(const Counterexamples::Numbered& one) {
    std::vector<std::string> words{"kernels: " + joined(one.kernels)};
    words.push_back(
        one.broken->stale_reads != 0
            ? fmt::format("weak memory ({} reads of something old)", one.broken->stale_reads)
            : "no weak memory");
    switch (one.cell->key.caller) {
        case CallerKind::pty:
            words.emplace_back("a console on a tty in use");
            break;
        case CallerKind::diagnostic:
            words.emplace_back(
                "a console on a tty in use and a diagnostic that prints at the wrong "
                "moment");
            break;
        case CallerKind::depot:
            words.emplace_back("instrumentation that allocates inside of the write section");
            break;
        default:
            break;
    }
    return joined(words);
}

std::vector<std::string> assumptions_of(const Platform& platform) {
    std::vector<std::string> all;
    if (!platform.hotremove) all.emplace_back("no CONFIG_MEMORY_HOTREMOVE");
    if (platform.check_sites == 2) all.emplace_back("two check sites, as in the mail");
    if (platform.throttling) all.emplace_back("real-time threads are throttled");
    if (platform.reclaim_sleeps) all.emplace_back("direct reclaim always sleeps");
    return all;
}

void print_matrix(const std::vector<CellOutcome>& outcomes, const Counterexamples& numbered,
                  std::FILE* out) {
    if (!outcomes.empty()) {
        const auto assumed = assumptions_of(outcomes.front().key.platform);
        if (!assumed.empty()) fmt::print(out, "Assumed: {}.\n\n", fmt::join(assumed, ", "));
    }
    std::vector<std::string> kernels;
    std::vector<std::string> callers;
    for (const CellOutcome& cell : outcomes) {
        const std::string kernel = name_of(cell.key.platform);
        if (std::find(kernels.begin(), kernels.end(), kernel) == kernels.end()) {
            kernels.push_back(kernel);
        }
        const std::string caller = name_of(cell.key.caller);
        if (std::find(callers.begin(), callers.end(), caller) == callers.end()) {
            callers.push_back(caller);
        }
    }
    for (const std::string& kernel : kernels) {
        std::vector<Table::Column> columns{{kernel}};
        for (const std::string& caller : callers) columns.push_back({caller});
        Table table(columns);
        for (const std::string& protocol : protocol_names()) {
            std::vector<std::string> cells{protocol};
            for (const std::string& caller : callers) {
                for (const CellOutcome& cell : outcomes) {
                    if (cell.key.protocol == protocol && name_of(cell.key.platform) == kernel &&
                        name_of(cell.key.caller) == caller) {
                        cells.push_back(cell_text(cell, numbered));
                    }
                }
            }
            if (cells.size() == columns.size()) table.add(cells);
        }
        table.print(out);
        fmt::print(out, "\n");
    }
}

void print_causes(const Counterexamples& numbered, std::FILE* out) {
    if (numbered.all().empty()) return;
    Table table({{"#", Align::right}, {"protocol"}, {"caller"}, {"violates"}, {"needs"}});
    for (const auto& one : numbered.all()) {
        table.add({std::to_string(one.number), one.cell->key.protocol,
                   name_of(one.cell->key.caller), one.broken->property, needs(one)});
    }
    table.print(out);
}

void print_counterexample(const Counterexamples::Numbered& one, std::FILE* out) {
    const CellKey& key = one.cell->key;
    fmt::print(out, "#{}  {}, {}, caller {}, {}: violates \"{}\"\n\n", one.number, key.protocol,
               name_of(key.platform), name_of(key.caller), sentence_of(one.broken->change),
               one.broken->property);
    for (const std::string& line : one.broken->lines) fmt::print(out, "  {}\n", line);
    fmt::print(out, "\n  {}\n  Needs: {}.\n", one.broken->cause, needs(one));
    fmt::print(out,
               "  Again: anypage check --protocol {} --kernel {} --cpus {} --context {}{} "
               "--change {} --model {} --schedule {}\n\n",
               key.protocol, name_of(key.platform.preemption), key.platform.cpus,
               name_of(key.caller), options_of(key.platform), name_of(one.broken->change),
               one.broken->model, one.broken->schedule);
}

void print_matrix_json(const std::vector<CellOutcome>& outcomes, const Counterexamples& numbered,
                       std::FILE* out) {
    nlohmann::json rows = nlohmann::json::array();
    for (const CellOutcome& cell : outcomes) {
        for (const std::string& property : cell_properties()) {
            const Broken* broken = cell.broken_in(property);
            nlohmann::json row{{"protocol", cell.key.protocol},
                               {"kernel", name_of(cell.key.platform.preemption)},
                               {"cpus", cell.key.platform.cpus},
                               {"context", name_of(cell.key.caller)},
                               {"property", property},
                               {"verdict", verdict_of(cell, broken)},
                               {"cause", broken != nullptr ? broken->cause : cell.limit},
                               {"states", cell.states},
                               {"seconds", cell.seconds},
                               {"assumptions", assumptions_of(cell.key.platform)},
                               {"counterexample", nullptr},
                               {"schedule", nullptr}};
            if (broken != nullptr) {
                const auto& one = numbered.all()[numbered.number_of(cell, *broken) - 1];
                row["assumptions"].push_back(needs(one));
                row["counterexample"] = broken->lines;
                row["number"] = one.number;
                row["change"] = name_of(broken->change);
                row["model"] = broken->model;
                row["schedule"] = broken->schedule;
            }
            rows.push_back(std::move(row));
        }
    }
    fmt::print(out, "{}\n", nlohmann::json{{"cells", rows}}.dump(1));
}

}  // namespace anypage::cli
