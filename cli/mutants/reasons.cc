// Reasons: see reasons.hpp.
#include "cli/mutants/reasons.hpp"

#include <fmt/format.h>

#include <fstream>

namespace anypage::cli {

namespace {

std::string trimmed(const std::string& text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

std::string weakening_of(const check::Mutation& mutation) {
    if (mutation.what == check::Mutation::What::removed) return "removed";
    if (mutation.order == mutation.site.order) {
        return fmt::format("if it fails {} -> {}", name_of(mutation.site.failure),
                           name_of(mutation.failure));
    }
    return fmt::format("{} -> {}", name_of(mutation.site.order), name_of(mutation.order));
}

result<Reasons, failure> Reasons::read(const std::string& root) {
    Reasons reasons;
    reasons.root_ = root;
    const std::string path = root + "/tests/scenario/survivors.txt";
    std::ifstream file(path);
    if (!file) {
        return failure{
            error::not_found,
            fmt::format("{}: cannot be read; name the project's sources with --source", path)};
    }
    std::string text;
    for (unsigned number = 1; std::getline(file, text); ++number) {
        if (trimmed(text).empty() || text.starts_with('#')) continue;
        std::vector<std::string> fields;
        std::size_t at = 0;
        for (int i = 0; i < 3; ++i) {
            const auto end = text.find(" | ", at);
            if (end == std::string::npos) {
                return failure{error::invalid,
                               fmt::format("{}:{}: not FILE | SOURCE LINE | WEAKENING | REASON",
                                           path, number)};
            }
            fields.push_back(trimmed(text.substr(at, end - at)));
            at = end + 3;
        }
        reasons.lines_.push_back({fields[0], fields[1], fields[2], trimmed(text.substr(at))});
    }
    return reasons;
}

std::string Reasons::code_of(const check::Site& site) const {
    std::ifstream file(root_ + "/" + site.file);
    std::string text;
    for (unsigned line = 0; line < site.line; ++line) {
        if (!std::getline(file, text)) return {};
    }
    return trimmed(text);
}

std::string Reasons::of(const check::Mutation& mutation) const {
    const std::string code = code_of(mutation.site);
    const std::string weakening = weakening_of(mutation);
    for (const Line& line : lines_) {
        const bool weakens = line.weakening == "*" || line.weakening == weakening;
        if (line.file == mutation.site.file && line.code == code && weakens) return line.reason;
    }
    return {};
}

}  // namespace anypage::cli
