// Table: see table.hpp.
#include "cli/table.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace anypage::cli {

std::string Table::line(const std::vector<std::string>& cells,
                        const std::vector<std::size_t>& widths) const {
    std::string text;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        text += columns_[i].align == Align::left ? fmt::format("  {:<{}}", cells[i], widths[i])
                                                 : fmt::format("  {:>{}}", cells[i], widths[i]);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    return text + "\n";
}

void Table::print(std::FILE* out) const {
    std::vector<std::string> titles;
    std::vector<std::size_t> widths;
    for (const Column& column : columns_) {
        titles.push_back(column.title);
        widths.push_back(column.title.size());
    }
    for (const auto& row : rows_) {
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    }
    fmt::print(out, "{}", line(titles, widths));
    for (const auto& row : rows_) fmt::print(out, "{}", line(row, widths));
}

}  // namespace anypage::cli
