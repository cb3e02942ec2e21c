// Catalogue: what is checked of our own allocator. A scenario is a small state, a few contexts and
// what must hold; each is explored under each model, and under every mutant. Files are named after
// the property. The tests, `anypage check` and `anypage mutants` run the same entries.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "check/explore.hpp"

namespace anypage::scenario {

struct Entry {
    std::string name;      ///< part.property_in_words, unique
    std::string part;      ///< zone, published, snapshot, stock, hotplug, allocator
    std::string property;  ///< a sentence
    std::string assumes;   ///< of the parts below, and where that is shown; empty: nothing
    check::Scenario scenario;
    std::vector<check::Model> models{check::Model::rc11, check::Model::lkmm};
    std::vector<check::Model> deep_models{};  ///< further ones, which take longer
    std::vector<check::Preemption> preemptions{check::Preemption::full};
    bool deep = false;  ///< takes longer than a few seconds, whatever the model

    bool is_deep(check::Model model) const {
        return deep || std::find(models.begin(), models.end(), model) == models.end();
    }

    /// To be explored now.
    std::vector<check::Model> models_if(bool deep_too) const {
        std::vector<check::Model> all = models;
        if (deep_too) all.insert(all.end(), deep_models.begin(), deep_models.end());
        return all;
    }
};

using Catalogue = std::vector<Entry>;

// One function a file, named as the file is; each adds its entries.
void add_published_slot_is_not_reused_while_pinned(Catalogue& catalogue);
void add_published_version_is_seen(Catalogue& catalogue);
void add_snapshot_shows_one_topology(Catalogue& catalogue);
void add_zone_frame_has_one_owner(Catalogue& catalogue);
void add_zone_loses_no_frame(Catalogue& catalogue);
void add_zone_finds_what_is_free(Catalogue& catalogue);
void add_zone_serves_handlers(Catalogue& catalogue);
void add_zone_waits_for_nobody(Catalogue& catalogue);
void add_zone_orders_contents(Catalogue& catalogue);
void add_zone_batch_is_single_frames(Catalogue& catalogue);
void add_zone_stays_above_its_mark(Catalogue& catalogue);
void add_stock_loses_no_page(Catalogue& catalogue);
void add_stock_is_empty_after_hold_and_drain(Catalogue& catalogue);
void add_stock_empty_gate_hides_nothing(Catalogue& catalogue);
void add_hotplug_strands_no_page(Catalogue& catalogue);

/// All of them.
const Catalogue& catalogue();

}  // namespace anypage::scenario
