// Branches: what holds whichever way a process goes, and what on the way taken alone: see
// load_buffering.hpp.
#include <utility>

#include "load_buffering.hpp"

namespace anypage::check {

void LoadBuffering::enter_branch(unsigned context) {
    Context& c = contexts_[context];
    pass_failed(c);
    c.branches.push_back({c.accesses, c.before});
}

// Behind it are what was in front of it and, of what was done in it, the accesses themselves.
void LoadBuffering::leave_branch(unsigned context) {
    Context& c = contexts_[context];
    pass_failed(c);
    c.updated_for_certain = false;
    Branch branch = std::move(c.branches.back());
    c.branches.pop_back();
    std::vector<AccessSet> now;
    c.before.for_each([&](AccessSet& set) { now.push_back(std::move(set)); });
    std::size_t next = 0;
    branch.before.for_each([&](AccessSet& set) {
        const AccessSet& ended = now[next++];
        for (unsigned number = branch.accesses; number < c.accesses; ++number) {
            if (ended.has(context, number)) set.add(context, number);
        }
    });
    c.before = std::move(branch.before);
}

bool LoadBuffering::hangs_on_later(const Context& c, const Op& op) const {
    if (op.way_from == 0 && op.expected_from == 0) return false;
    AccessSet sooner = c.before.all;
    sooner |= c.before.of_writes;
    sooner |= c.before.of_location[op.location];
    sooner |= dependency(op.control_from);
    AccessSet later = dependency(op.way_from);
    later -= sooner;
    if (!later.empty()) return true;
    later = dependency(op.expected_from);
    later -= sooner;
    later -= dependency(op.address_from);
    later -= dependency(op.data_from);
    return !later.empty();
}

}  // namespace anypage::check
