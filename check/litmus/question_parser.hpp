// StateParser and QuestionParser: the initial state of a test, and what it asks about the end.
#pragma once

#include <vector>

#include "draft.hpp"
#include "token_stream.hpp"

namespace anypage::check::litmus {

/// The initial state: `{ int x = 1; y = &x; 0:r1 = 2; int a[2] = {1, 2}; }`.
class StateParser {
public:
    StateParser(TokenStream& tokens, Draft& draft) : tokens_(tokens), draft_(draft) {}
    void read();

private:
    void read_item();
    void read_register();
    void read_location(const Token& name);
    void read_array(Location& location);
    Token read_type_and_name();
    Value read_value();
    Value read_address_at_length();
    Value read_address();

    TokenStream& tokens_;
    Draft& draft_;
    std::vector<std::size_t> described_;
};

/// `locations [...]`, `filter (...)`, and `exists (...)` or one of its kin; then the file ends.
class QuestionParser {
public:
    QuestionParser(TokenStream& tokens, Draft& draft) : tokens_(tokens), draft_(draft) {}
    void read();

private:
    void read_locations();
    void read_listed();
    void read_condition();
    Quantifier read_quantifier();
    Proposition read_any();
    Proposition read_all();
    Proposition read_implication();
    Proposition read_negation();
    Proposition read_atom();
    void read_right_side(Proposition& atom);
    bool at_register(std::size_t ahead = 0) const;
    Place read_place();
    Place read_register();
    Place read_element();

    TokenStream& tokens_;
    Draft& draft_;
    unsigned depth_ = 0;
};

/// The number in "P7"; the word must be such a name.
std::size_t process_number(const Token& word);
bool is_process_name(const Token& word);

}  // namespace anypage::check::litmus
