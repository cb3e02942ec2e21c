// Fuzz: whatever the bytes, the reader of litmus tests returns a program that can be interpreted or
// an error that says where; what is printed of a program's states can be read back.
#include <cstdlib>

#include "check/litmus/observation.hpp"
#include "check/litmus/parser.hpp"

namespace {

using namespace anypage::check::litmus;

void require(bool condition) {
    if (!condition) std::abort();
}

void check(const Process& process, const std::vector<Statement>& statements);

void check(const Process& process, const Expression& expression) {
    evaluate(expression, [&](RegisterId id) { return process.registers.at(id).initial; });
}

void check(const Process& process, const Statement& one) {
    require(one.at.line != 0);
    require(one.destination < process.registers.size() || one.destination == 0);
    require(one.operation.destination.value_or(0) < process.registers.size() ||
            !one.operation.destination);
    check(process, one.expression);
    check(process, one.operation.address);
    check(process, one.operation.value);
    check(process, one.operation.expected);
    check(process, one.then_part);
    check(process, one.else_part);
}

void check(const Process& process, const std::vector<Statement>& statements) {
    for (const Statement& one : statements) check(process, one);
}

void check(const Program& program) {
    for (const Process& process : program.processes) check(process, process.body);
    for (std::size_t cell = 0; cell < program.cells(); ++cell) {
        require(!program.cell_name(cell).empty());
        (void)program.text_of(program.initial_of(cell));
    }
    FinalState state;
    for (const Place& place : program.observed) {
        state.push_back(place.process ? Program::address_of(0)
                                      : program.initial_of(program.cell_of(place)));
    }
    const std::string text = observe(program, {state, state}).text();
    const auto read = read_herd_output("fuzz", text);
    require(read && read->size() == 1 && read->front().text() == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto program = read_litmus("fuzz", text);
    if (program) {
        check(*program);
    } else {
        require(program.error().text().starts_with("fuzz:") && program.error().at.line != 0);
    }
    const auto output = read_herd_output("fuzz", text);
    require(output || !output.error().message.empty());
    return 0;
}
