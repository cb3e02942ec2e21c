// The patch as it was pasted against odd_even, which was written after it: the miniature round the
// one and the real walk and slow path round the other break in the same ways, on each kernel.
#include "tests/check/patch_of_the_mail.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "cli/check/cell.hpp"

namespace anypage {
namespace {

using check::Model;
using check::Preemption;
using patch::Caller;
using Properties = std::set<std::string>;

check::Result explored(Model model, Preemption preemption, const check::Scenario& scenario) {
    check::ExploreConfig config;
    config.execution.model = model;
    config.execution.preemption = preemption;
    config.first_only = false;
    return check::explore(config, scenario);
}
Properties violated(const check::Result& result) {
    EXPECT_EQ(result.limit, "");
    Properties names;
    for (const check::Found& found : result.found) names.insert(found.violation.property);
    return names;
}

cli::CallerKind in_cells(Caller caller) {
    constexpr cli::CallerKind kinds[] = {cli::CallerKind::reclaiming, cli::CallerKind::nowait,
                                         cli::CallerKind::fifo, cli::CallerKind::hardirq};
    return kinds[static_cast<unsigned>(caller)];
}

/// What removing and adding violate: of the pasted patch, and of the cell.
void compare(Model model, Preemption preemption, unsigned cpus, Caller caller) {
    const cli::CellKey key{"odd_even", {preemption, cpus, true, 2}, in_cells(caller)};
    SCOPED_TRACE(std::string(name_of(model)) + ", " + name_of(preemption) + ", " +
                 std::to_string(cpus) + " CPUs, " + cli::name_of(key.caller));
    cli::CellSearch search;
    search.models = {model};
    for (const cli::CellPart& part : cli::explore_cell(key, search)) {
        const bool removes = part.change == cli::Change::remove;
        const Properties pasted = violated(
            explored(model, preemption, patch::request_beside_a_rebuild(caller, cpus, removes)));
        const Properties cell = violated(part.result);
        if (model == Model::sc) {
            EXPECT_EQ(pasted, cell);
        } else {
            // The miniature looks at the list less often before it kills than the real slow path.
            EXPECT_EQ(pasted.empty(), cell.empty());
            EXPECT_TRUE(std::includes(pasted.begin(), pasted.end(), cell.begin(), cell.end()));
        }
    }
}

constexpr auto callers = {Caller::reclaiming, Caller::nowait, Caller::fifo, Caller::hardirq};

TEST(PatchOfTheMail, BreaksAsItsCellsDo) {
    for (const Preemption preemption : {Preemption::none, Preemption::full, Preemption::rt}) {
        for (const unsigned cpus : {1u, 2u}) {
            for (const Caller caller : callers) compare(Model::sc, preemption, cpus, caller);
        }
    }
}

TEST(PatchOfTheMail, BreaksAsItsCellsDoUnderTheKernelsMemoryModel) {
    for (const unsigned cpus : {1u, 2u}) {
        for (const Caller caller : callers) compare(Model::lkmm, Preemption::full, cpus, caller);
    }
}

/// The zonerefs are plain on both sides, under no annotation: KCSAN would have to say so.
TEST(PatchOfTheMail, ZonerefsRaceInTheKernel) {
    const auto judged = patch::request_beside_a_rebuild(Caller::reclaiming, 2, true, true);
    EXPECT_EQ(violated(explored(Model::lkmm, Preemption::full, judged)),
              Properties{"no data race"});
}

}  // namespace
}  // namespace anypage
