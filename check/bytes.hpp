// Bytes: numbers and text as bytes, for another process or for a file, and back.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace anypage::check {

class ByteWriter {
public:
    template <class Number>
    void put(Number value) {
        static_assert(std::is_integral_v<Number> || std::is_floating_point_v<Number>);
        bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
    void text(std::string_view value) {
        put<std::uint64_t>(value.size());
        bytes_.append(value);
    }
    const std::string& bytes() const { return bytes_; }

private:
    std::string bytes_;
};

/// Past the end everything is 0, and failed() says so.
class ByteReader {
public:
    explicit ByteReader(std::string_view bytes) : left_(bytes) {}

    template <class Number>
    Number get() {
        static_assert(std::is_integral_v<Number> || std::is_floating_point_v<Number>);
        Number value{};
        if (left_.size() < sizeof value) {
            fail();
            return value;
        }
        std::memcpy(&value, left_.data(), sizeof value);
        left_.remove_prefix(sizeof value);
        return value;
    }
    std::string text() { return std::string(take(get<std::uint64_t>())); }
    /// How many there are of something that takes `size` bytes at the least: never more than fit.
    std::uint64_t count(std::size_t size) {
        const auto number = get<std::uint64_t>();
        if (number <= left_.size() / size) return number;
        fail();
        return 0;
    }
    void fail() {
        failed_ = true;
        left_ = {};
    }
    bool failed() const { return failed_; }
    bool is_at_end() const { return left_.empty(); }
    std::size_t left() const { return left_.size(); }

private:
    std::string_view take(std::uint64_t size) {
        if (size > left_.size()) {
            fail();
            return {};
        }
        const std::string_view value = left_.substr(0, size);
        left_.remove_prefix(size);
        return value;
    }

    std::string_view left_;
    bool failed_ = false;
};

}  // namespace anypage::check
