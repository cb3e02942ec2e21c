// Makes PTRC1 recordings in memory for tests: right by default, and wrong in any way that a test
// wants, since header and columns can be changed before they are put together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

namespace anypage {

/// One event, with the names of the columns.
struct ptrc_row {
    std::uint32_t dt_ns = 0;
    std::uint32_t pfn = 1;
    std::uint16_t tid = 0;
    std::uint8_t op = 0;
    std::uint8_t order = 0;
    std::uint8_t mt = 0;
    std::uint8_t cpu = 0;
    std::uint8_t gfp = 0;
    std::uint8_t ctx = 255;
};

class ptrc_builder {
public:
    explicit ptrc_builder(const std::vector<ptrc_row>& rows) {
        header["events"] = rows.size();
        header["base_ts_ns"] = 1000;
        header["gfp"] = {"GFP_KERNEL", "GFP_HIGHUSER_MOVABLE|__GFP_ZERO"};
        header["tid"] = nlohmann::json::parse("[[10, 10], [11, 10]]");
        header["columns"] = nlohmann::json::parse(
            R"([["dt_ns","I",4],["pfn","I",4],["tid","H",2],["op","B",1],["order","B",1],)"
            R"(["mt","B",1],["cpu","B",1],["gfp","B",1],["ctx","B",1]])");
        for (const ptrc_row& row : rows) append(row.dt_ns, 4);
        for (const ptrc_row& row : rows) append(row.pfn, 4);
        for (const ptrc_row& row : rows) append(row.tid, 2);
        for (const ptrc_row& row : rows) append(row.op, 1);
        for (const ptrc_row& row : rows) append(row.order, 1);
        for (const ptrc_row& row : rows) append(row.mt, 1);
        for (const ptrc_row& row : rows) append(row.cpu, 1);
        for (const ptrc_row& row : rows) append(row.gfp, 1);
        for (const ptrc_row& row : rows) append(row.ctx, 1);
    }

    /// The recording with the header as it now is.
    std::string build() const { return build(header.dump()); }

    /// The recording with `text` for a header.
    std::string build(const std::string& text) const {
        std::string made("PTRC1\0\0\0", 8);
        for (unsigned i = 0; i < 8; ++i) made += static_cast<char>(text.size() >> (8 * i) & 0xff);
        return made + text + columns;
    }

    nlohmann::json header;
    std::string columns;

private:
    void append(std::uint32_t value, unsigned bytes) {
        for (unsigned i = 0; i < bytes; ++i) columns += static_cast<char>(value >> (8 * i) & 0xff);
    }
};

inline std::span<const std::byte> bytes_of(const std::string& text) {
    return std::as_bytes(std::span(text));
}

}  // namespace anypage
