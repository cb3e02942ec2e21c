// The catalogue: every entry of every file of this folder, in the order of the parts. Made once.
#include "tests/scenario/catalogue.hpp"

namespace anypage::scenario {

const Catalogue& catalogue() {
    static const Catalogue all = [] {
        Catalogue entries;
        add_published_slot_is_not_reused_while_pinned(entries);
        add_published_version_is_seen(entries);
        add_snapshot_shows_one_topology(entries);
        add_zone_frame_has_one_owner(entries);
        add_zone_loses_no_frame(entries);
        add_zone_finds_what_is_free(entries);
        add_zone_serves_handlers(entries);
        add_zone_waits_for_nobody(entries);
        add_zone_orders_contents(entries);
        add_zone_batch_is_single_frames(entries);
        add_zone_stays_above_its_mark(entries);
        add_stock_loses_no_page(entries);
        add_stock_is_empty_after_hold_and_drain(entries);
        add_stock_empty_gate_hides_nothing(entries);
        add_hotplug_strands_no_page(entries);
        return entries;
    }();
    return all;
}

}  // namespace anypage::scenario
