// OneTest: a litmus test from its file to what became of it, beside what herd7 says where a file
// holds that.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "check/litmus/run.hpp"

namespace anypage::cli {

/// What herd7 printed for the same test, compared.
struct HerdComparison {
    check::litmus::Verdict verdict{};
    std::vector<std::string> missing;  ///< states that only herd7 has
    std::vector<std::string> extra;    ///< states that only we have
    bool agrees = false;
};

/// Where the machine shows other final states than the axioms allow.
struct MachineDifference {
    std::vector<std::string> lacks;  ///< they need load buffering, which it does not explore
    std::vector<std::string> adds;   ///< it orders less than the model does
};

struct OneTest {
    enum class Outcome {
        explored,
        limited,    ///< a limit was hit: what was seen is not all
        refused,    ///< valid, but not modelled here
        malformed,  ///< it, or what it is compared with, cannot be read or run
    };

    std::string file;
    Outcome outcome = Outcome::malformed;
    std::string problem;  ///< why not: for people
    std::vector<std::string> warnings;
    check::litmus::Observation observation;
    enum class By { machine, axioms, both };
    By by = By::machine;
    MachineDifference machine;  ///< by both: the states are those that the axioms allow
    /// lkmm, by the machine alone: final states may be missing that need load buffering.
    bool load_buffering = false;
    bool deadlocks = false;
    bool astray = false;                ///< in some execution a process follows what is no address
    bool thin_air = false;              ///< axioms: the model allows values that come from nowhere
    std::uint64_t explored_states = 0;  ///< by the axioms alone: candidate executions
    double seconds = 0;
    std::optional<HerdComparison> herd;

    /// It differs from herd7, and not in states alone that may need load buffering.
    bool is_wrong() const {
        return herd && !herd->agrees && !(load_buffering && herd->extra.empty());  // not by both
    }
};

struct OneTestConfig {
    check::litmus::RunConfig run;
    /// lkmm. Both: the axioms where they come to an end soon, with what the machine says otherwise.
    OneTest::By by = OneTest::By::both;
    bool compare = false;  ///< with FILE.expected, if there is one
};

/// Under lkmm a test with plain accesses is judged by the axioms alone, unless the machine is asked
/// for: what the model says of those it says of whole executions. So is one that is too large for
/// the machine.
OneTest run_one_test(const std::string& file, const OneTestConfig& config);

/// The files themselves, and of directories all *.litmus in and below them, sorted.
result<std::vector<std::string>, failure> litmus_files(const std::vector<std::string>& named);

}  // namespace anypage::cli
