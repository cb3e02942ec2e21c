// Table: rows of text in aligned columns, for people. Programs read --json instead.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

namespace anypage::cli {

enum class Align { left, right };

class Table {
public:
    struct Column {
        std::string title;
        Align align = Align::left;
    };

    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

    /// One cell for each column.
    void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

    /// Title line and rows, each indented by two blanks, without blanks at line ends.
    void print(std::FILE* out) const;

private:
    std::string line(const std::vector<std::string>& cells,
                     const std::vector<std::size_t>& widths) const;

    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace anypage::cli
