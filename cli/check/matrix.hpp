// Matrix: protocols against kinds of kernels and of callers; which cells there are, and how what
// was found in them is printed.
#pragma once

#include <cstdio>
#include <vector>

#include "cli/check/outcome.hpp"

namespace anypage::cli {

/// "UP none", "SMP rt": the columns' groups.
std::string name_of(const Platform& platform);

/// Numbers a counterexample for each (protocol, property, caller), over all kernels.
class Counterexamples {
public:
    explicit Counterexamples(const std::vector<CellOutcome>& outcomes);

    struct Numbered {
        unsigned number = 0;
        const CellOutcome* cell = nullptr;
        const Broken* broken = nullptr;
        std::vector<std::string> kernels;  ///< on which it is found
    };
    const std::vector<Numbered>& all() const { return all_; }
    unsigned number_of(const CellOutcome& cell, const Broken& broken) const;

private:
    static std::string key_of(const CellOutcome& cell, const Broken& broken);
    std::vector<Numbered> all_;
    std::vector<std::string> keys_;
};

/// The tables, one a kernel.
void print_matrix(const std::vector<CellOutcome>& outcomes, const Counterexamples& numbered,
                  std::FILE* out);
/// A line for each counterexample.
void print_causes(const Counterexamples& numbered, std::FILE* out);
/// One of them, in full.
void print_counterexample(const Counterexamples::Numbered& one, std::FILE* out);
void print_matrix_json(const std::vector<CellOutcome>& outcomes, const Counterexamples& numbered,
                       std::FILE* out);

/// What a counterexample needs to happen, in words.
std::string needs(const Counterexamples::Numbered& one);
/// What is assumed in all cells, one each; empty: nothing beyond the kernel's configuration.
std::vector<std::string> assumptions_of(const Platform& platform);

}  // namespace anypage::cli
