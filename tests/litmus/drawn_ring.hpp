// Drawn rings: random litmus tests of three to five processes in a ring, each of which uses what
// the one before it uses and what the next one does. That is where the orders of models differ.
#pragma once

#include <random>
#include <string>
#include <vector>

namespace anypage::check::litmus {

class DrawnRing {
public:
    /// The same test for the same number.
    explicit DrawnRing(unsigned number) : random_(number), processes_(drawn_processes()) {
        std::string bodies;
        for (unsigned p = 0; p < processes_; ++p) bodies += process(p);
        text_ = "C ring-" + std::to_string(number) + "\n{}\n" + bodies + "locations [";
        for (unsigned p = 0; p < processes_; ++p) text_ += location(p) + ";";
        text_ += seen_ + "]\nexists (x=1)\n";
    }
    const std::string& text() const { return text_; }

private:
    using Words = std::vector<std::string>;

    unsigned below(unsigned count) { return static_cast<unsigned>(random_() % count); }
    bool chance(unsigned percent) { return below(100) < percent; }
    std::string one_of(const Words& words) {
        return words[below(static_cast<unsigned>(words.size()))];
    }
    unsigned drawn_processes() { return chance(15) ? 5 : 3 + below(2); }
    std::string location(unsigned i) { return std::string(1, "xyzwv"[i % processes_]); }

    std::string process(unsigned number) {
        number_ = number;
        registers_ = 0;
        last_.clear();
        locked_ = false;
        std::string text = "P" + std::to_string(number) + "(";
        for (unsigned i = 0; i < processes_; ++i) text += "int *" + location(i) + ", ";
        text += "int *u, int *t, spinlock_t *l) {\n";
        text += line(access(location(number)));
        if (chance(12)) text += line(extra());
        text += line(between());
        if (chance(12)) text += line(extra());
        if (chance(8)) text += line(between());
        text += line(depending(location(number + 1)));
        if (locked_) text += line("spin_unlock(l);");
        return text + "}\n";
    }
    static std::string line(const std::string& statement) {
        return statement.empty() ? "" : "  " + statement + "\n";
    }

    std::string set_register(const std::string& value) {
        last_ = "r" + std::to_string(registers_++);
        seen_ += std::to_string(number_) + ":" + last_ + ";";
        return "int " + last_ + " = " + value + ";";
    }

    std::string read(const std::string& where) {
        if (chance(20)) return set_register("smp_load_acquire(" + where + ")");
        return set_register("READ_ONCE(*" + where + ")");
    }

    std::string write(const std::string& where, const std::string& depends) {
        const std::string value = std::to_string(++value_) + depends;
        if (chance(20)) return "smp_store_release(" + where + ", " + value + ");";
        return "WRITE_ONCE(*" + where + ", " + value + ");";
    }

    std::string update(const std::string& where, const std::string& depends) {
        const std::string value = std::to_string(++value_) + depends;
        const std::string order = one_of({"", "_relaxed", "_relaxed", "_acquire", "_release"});
        if (chance(50)) return set_register("xchg" + order + "(" + where + ", " + value + ")");
        if (chance(50)) {
            return set_register("atomic_add_return" + order + "(" + value + ", " + where + ")");
        }
        return set_register("cmpxchg" + order + "(" + where + ", 0, " + value + ")");
    }

    std::string access(const std::string& where, const std::string& depends = "") {
        if (chance(14)) return update(where, depends);
        if (chance(50)) return write(where, depends);
        return read(depends.empty() ? where : "(" + where + depends + ")");
    }

    /// An access that may depend on what was read last: by its value, its address or a branch.
    std::string depending(const std::string& where) {
        if (last_.empty()) return access(where);
        const std::string last = last_;
        if (chance(25)) return access(where, " + (" + last + " ^ " + last + ")");
        if (chance(15)) return "if (" + last + ") { " + write(where, "") + " }";
        if (chance(10)) return "if (" + last + " == 0) { " + write(where, "") + " }";
        return access(where);
    }

    /// Of what is in the ring or beside it.
    std::string extra() { return access(chance(50) ? location(below(processes_)) : "t"); }

    std::string between() {
        if (!last_.empty() && chance(8)) {
            return "if (" + last_ + ") { " + one_of({"smp_mb();", "smp_rmb();", "smp_wmb();"}) +
                   " }";
        }
        if (chance(12)) return set_register(one_of({"xchg(u, 1)", "atomic_inc_return(u)"}));
        if (!locked_ && chance(10)) {
            locked_ = true;
            return one_of({"spin_lock(l);", "spin_lock(l); smp_mb__after_spinlock();"});
        }
        return one_of({"", "", "smp_mb();", "smp_mb();", "smp_wmb();", "smp_rmb();"});
    }

    std::mt19937 random_;
    const unsigned processes_;
    std::string text_;
    std::string seen_;  ///< registers, as the question names them
    unsigned value_ = 0;
    // Of the process that is being drawn.
    unsigned number_ = 0;
    unsigned registers_ = 0;
    bool locked_ = false;
    std::string last_;  ///< the register that was read into last
};

}  // namespace anypage::check::litmus
