// Drawing: random litmus tests: small, with everything that orders accesses somewhere in them.
#pragma once

#include <random>
#include <string>
#include <vector>

namespace anypage::check::litmus {

class Drawing {
public:
    /// The same test for the same number. `plain`: some of its accesses have no mark.
    Drawing(unsigned number, bool plain) : random_(number), plain_(plain) {
        const unsigned processes = chance(10) ? 4 : 2 + below(2);
        locations_ = 2 + below(processes == 4 ? 3 : 2);
        locks_ = chance(15);
        std::string bodies;
        // The more, the shorter.
        const unsigned least = processes == 2 ? 2 : 1;
        const unsigned most = processes == 4 ? 2 : least + 2;
        for (unsigned p = 0; p < processes; ++p) {
            bodies += process(p, least + below(most - least + 1));
        }
        text_ = "C drawn-" + std::to_string(number) + "\n{}\n" + bodies + "locations [";
        for (unsigned i = 0; i < locations_; ++i) text_ += location(i) + ";";
        for (const std::string& each : registers_) text_ += each + ";";
        text_ += "]\nexists (x=1)\n";
    }
    const std::string& text() const { return text_; }

private:
    unsigned below(unsigned count) { return static_cast<unsigned>(random_() % count); }
    bool chance(unsigned percent) { return below(100) < percent; }
    std::string one_of(std::vector<std::string> words) {
        return words[below(static_cast<unsigned>(words.size()))];
    }
    static std::string location(unsigned i) { return std::string(1, "xyzw"[i]); }

    /// A value that depends on what was read last, and is 0.
    std::string nothing_of_last() { return "(" + last_ + " ^ " + last_ + ")"; }

    std::string process(unsigned number, unsigned accesses) {
        number_ = number;
        count_ = 0;
        held_ = false;
        last_.clear();
        std::string text = "P" + std::to_string(number) + "(";
        for (unsigned i = 0; i < locations_; ++i) text += "int *" + location(i) + ", ";
        text += "spinlock_t *l) {\n";
        bool updated = false;
        for (unsigned i = 0; i < accesses; ++i) {
            const std::string next = statement();
            if (i != 0 && chance(40)) text += "  " + fence(updated, updates_) + "\n";
            text += "  " + next + "\n";
            updated = updates_;
        }
        if (held_) text += "  spin_unlock(l);\n";
        return text + "}\n";
    }

    /// Those of atomics stand beside them: elsewhere the machine takes them for more than they are.
    std::string fence(bool behind_update, bool before_update) {
        if (behind_update && chance(30)) return "smp_mb__after_atomic();";
        if (before_update && chance(30)) return "smp_mb__before_atomic();";
        return one_of({"smp_mb();", "smp_rmb();", "smp_wmb();", "smp_rmb();", "smp_wmb();"});
    }

    std::string statement() {
        updates_ = false;
        const unsigned what = below(100);
        if (what < 38) return read();
        if (what < 72) return write();
        if (what < 92) return update();
        if (!locks_) return "smp_mb();";
        held_ = !held_;
        if (!held_) return "spin_unlock(l);";
        return chance(40) ? "spin_lock(l); smp_mb__after_spinlock();" : "spin_lock(l);";
    }

    std::string set_register(const std::string& value) {
        last_ = "r" + std::to_string(count_++);
        registers_.push_back(std::to_string(number_) + ":" + last_);
        return "int " + last_ + " = " + value + ";";
    }

    std::string read() {
        std::string from = location(below(locations_));
        if (!last_.empty() && chance(30)) from = "(" + from + " + " + nothing_of_last() + ")";
        if (plain_ && chance(40)) return set_register("*" + from);
        if (chance(25)) return set_register("smp_load_acquire(" + from + ")");
        return set_register("READ_ONCE(*" + from + ")");
    }

    std::string write() {
        const std::string to = location(below(locations_));
        std::string value = std::to_string(++value_);
        if (!last_.empty() && chance(25)) value += " + " + nothing_of_last();
        std::string text = "WRITE_ONCE(*" + to + ", " + value + ");";
        if (plain_ && chance(40)) {
            text = "*" + to + " = " + value + ";";
        } else if (chance(25)) {
            text = "smp_store_release(" + to + ", " + value + ");";
        }
        if (!last_.empty() && chance(20)) return "if (" + last_ + ") { " + text + " }";
        return text;
    }

    std::string update() {
        updates_ = true;
        const std::string of = location(below(locations_));
        const std::string value = std::to_string(++value_);
        const std::string order = one_of({"", "_relaxed", "_acquire", "_release"});
        switch (below(4)) {
            case 0:
                return set_register("xchg" + order + "(" + of + ", " + value + ")");
            case 1:
                return set_register("cmpxchg" + order + "(" + of + ", 0, " + value + ")");
            case 2:
                return set_register("atomic_fetch_add" + order + "(1, " + of + ")");
            default:
                return "atomic_inc(" + of + ");";
        }
    }

    std::mt19937 random_;
    const bool plain_;
    unsigned locations_ = 0;
    bool locks_ = false;
    unsigned value_ = 0;
    std::vector<std::string> registers_;
    std::string text_;
    // Of the process that is being drawn.
    unsigned number_ = 0;
    unsigned count_ = 0;  ///< of registers
    bool held_ = false;
    bool updates_ = false;  ///< the last statement
    std::string last_;      ///< the register that was read into last
};

}  // namespace anypage::check::litmus
