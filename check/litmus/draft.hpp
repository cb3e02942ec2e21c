// Draft: a program while it is being read: looks locations and registers up by name, makes those
// that are new, and remembers what is used before anything says what it is.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "program.hpp"

namespace anypage::check::litmus {

/// A process while it is being read.
class ProcessDraft {
public:
    RegisterId find_or_add(std::string_view name);
    RegisterId add_unnamed();
    /// Forgets the newest register, which nothing speaks of any more.
    void drop_newest() {
        process_.registers.pop_back();
        uses_.pop_back();
    }

    /// It has a value from now on, or at first.
    void define(RegisterId id) { uses_[id].defined = true; }
    void initialize(RegisterId id, Value value);
    bool initialized(RegisterId id) const { return uses_[id].initialized; }
    void use(RegisterId id, SourcePosition at) {
        if (uses_[id].first.line == 0) uses_[id].first = at;
    }

    /// A register that is read and that nothing ever sets.
    struct Unset {
        std::string name;
        SourcePosition at;
    };
    std::vector<Unset> unset() const;

    Process& process() { return process_; }
    SourcePosition begins_at{};  ///< of its text; line 0: there is none yet

private:
    struct Use {
        bool defined = false;
        bool initialized = false;
        SourcePosition first{};
    };
    Process process_;
    std::map<std::string, RegisterId, std::less<>> names_;
    std::vector<Use> uses_;
};

class Draft {
public:
    static constexpr std::size_t processes_max = 255;

    std::size_t find_or_add_location(std::string_view name, SourcePosition at);
    bool has_location(std::string_view name) const { return names_.contains(name); }
    Location& location(std::size_t index) { return program_.locations[index]; }
    ProcessDraft& process(std::size_t number) { return processes_[number]; }

    Program& program() { return program_; }
    /// All is read: puts the processes in, and lays the locations out.
    Program finish();

private:
    void check_processes() const;
    void check_registers();
    void collect_places();
    void collect_places(const Proposition& proposition, bool shown);
    void add_place(const Place& place, bool shown);
    bool before(const Place& one, const Place& other) const;

    Program program_;
    std::map<std::string, std::size_t, std::less<>> names_;
    std::map<std::size_t, ProcessDraft> processes_;

public:
    std::vector<Place> listed;  ///< by locations [...]
};

}  // namespace anypage::check::litmus
