// Synthetic: see synthetic.hpp.
#include "synthetic.hpp"

#include <algorithm>

#include "quantity.hpp"

namespace anypage {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_word(char c) { return is_digit(c) || is_letter(c); }

/// Reads a description from its begin; each take_ function moves on only if it finds what it names.
class description_reader {
public:
    explicit description_reader(std::string_view text) : rest_(text) {}

    std::optional<std::uint64_t> size() {
        take_attributes();  // Those of the whole machine.
        while (take_blanks(), !rest_.empty()) {
            if (!take_memory() && !take_level()) return std::nullopt;
            ++levels_;
        }
        if (levels_ == 0) return std::nullopt;
        return std::min(leaves_ * levels_, synthetic_size_max);
    }

private:
    void take_blanks() {
        while (rest_.starts_with(' ') || rest_.starts_with('\n')) rest_.remove_prefix(1);
    }

    bool take(char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }

    /// "L3", "numa"
    bool take_type() {
        if (rest_.empty() || !is_letter(rest_.front())) return false;
        while (!rest_.empty() && is_word(rest_.front())) rest_.remove_prefix(1);
        return true;
    }

    /// "(memory=8GB)"; what is in it does not multiply anything.
    bool take_attributes() {
        if (!rest_.starts_with('(')) return false;
        const std::size_t end = rest_.find_first_of("()", 1);
        if (end == rest_.npos || rest_[end] != ')') return false;
        rest_.remove_prefix(end + 1);
        return true;
    }

    /// "[numa(memory=8GB)]"
    bool take_memory() {
        const std::string_view before = rest_;
        if (take('[') && take_type()) {
            take_attributes();
            if (take(']')) return true;
        }
        rest_ = before;
        return false;
    }

    /// "core:4", "4", "numa:2(memory=8GB)"
    bool take_level() {
        if (take_type() && !take(':')) return false;
        const auto digits = static_cast<std::size_t>(
            std::find_if_not(rest_.begin(), rest_.end(), is_digit) - rest_.begin());
        // hwloc takes a leading 0 for an octal number.
        if (digits == 0 || rest_.front() == '0') return false;
        const auto count = parse_number(rest_.substr(0, digits), synthetic_size_max);
        leaves_ = std::min(leaves_ * count.value_or(synthetic_size_max), synthetic_size_max);
        rest_.remove_prefix(digits);
        take_attributes();
        return rest_.empty() || rest_.front() == ' ' || rest_.front() == '[' ||
               rest_.front() == '\n';
    }

    std::string_view rest_;
    std::uint64_t leaves_ = 1;
    std::uint64_t levels_ = 0;
};

}  // namespace

std::optional<std::uint64_t> synthetic_size(std::string_view description) {
    // hwloc reads a C string.
    if (description.find('\0') != description.npos) return std::nullopt;
    return description_reader(description).size();
}

}  // namespace anypage
