// The public C++ face: a page allocator with our own protocol, and memory behind it.
#include <algorithm>
#include <cstring>
#include <new>
#include <optional>
#include <string>

// The core first: its parameters carry names that the face gives to types.
#include "../alloc/validate.hpp"
#include "../host/host_memory.hpp"
#include "../host/machine_shape.hpp"
#include "../host/text.hpp"
#include "../hotplug/hotplug.hpp"
#include "../protocol/snapshot.hpp"
#include "misuse.hpp"
#include "range_topology.hpp"

#include <anypage/anypage.hpp>

namespace anypage {
namespace {

using NativeProtocol = protocol::snapshot<NativeWorld>;
using Pages = PageAllocator<NativeProtocol>;
using NativeHotplug = Hotplug<NativeProtocol>;
using Present = std::vector<std::pair<ZoneId, PfnRange>>;

failure out_of_address_space(std::size_t bytes) {
    return {error::no_memory, "cannot map " + std::to_string(bytes >> 20) +
                                  " MiB of metadata; use a smaller topology"};
}

/// Is this the zone that a node's ordinary requests prefer: Movable, or the highest below it?
bool is_main_zone(const MachineShape& shape, ZoneId zone) {
    const auto& each = shape.zones[zone.value];
    if (each.kind == ZoneIndex::movable) return true;
    const std::size_t next = zone.value + 1u;
    return next == shape.zones.size() || shape.zones[next].node != each.node ||
           shape.zones[next].kind > ZoneIndex::normal;
}

/// The topology cut down to `online_bytes`: section by section, node by node, the main zones in
/// turn, at least one section of each.
Present deal_out(const topology& machine, const OwnedShape& shape, std::uint64_t online_bytes) {
    if (online_bytes == 0) return shape.present();
    const std::uint64_t wanted = online_bytes / frame_bytes;
    Present dealt;
    std::uint64_t frames = 0;
    for (std::uint64_t round = 0; frames < wanted || round == 0; ++round) {
        const std::uint64_t before = frames;
        for (const auto& [zone, range] : shape.present()) {
            if (!is_main_zone(shape.shape(), zone)) continue;
            // The round-th section of the range; ranges need not begin at a section's edge.
            const std::uint64_t size = machine.section_frames;
            const std::uint64_t section = range.first.value / size + round;
            const Pfn first{std::max(range.first.value, section * size)};
            const Pfn end{std::min(range.end().value, (section + 1) * size)};
            if (first >= end || (frames >= wanted && round > 0)) continue;
            dealt.emplace_back(zone, PfnRange{first, end - first});
            frames += end - first;
        }
        if (frames == before) break;
    }
    return dealt;
}

}  // namespace

struct allocator::impl {
    impl(const topology& machine, const config& wanted)
        : settings(wanted),
          shape(machine),
          pages(KernelConfig{}, wanted.reclaim, wanted.checked),
          hotplug(pages, hotplug_config(machine)) {
        pages.set_fault_sink({[](void* self, Pfn pfn, Order order, const FreeOutcome& outcome) {
                                  static_cast<impl*>(self)->misused(pfn, order, outcome);
                              },
                              this});
    }
    ~impl() {
        if (metadata != nullptr) unmap_metadata(metadata, metadata_bytes);
    }
    impl(const impl&) = delete;
    impl& operator=(const impl&) = delete;

    HotplugConfig hotplug_config(const topology& machine) {
        HotplugConfig result;
        result.section_frames = machine.section_frames;
        result.watermarks = {settings.min_free_kbytes, settings.watermark_scale_factor};
        if (settings.backing == backing::host) {
            result.memory = {this,
                             [](void* self, ZoneId, PfnRange range) {
                                 auto& owner = *static_cast<impl*>(self);
                                 return owner.memory.populate(
                                     range, owner.settings.binding == binding::strict);
                             },
                             [](void* self, ZoneId, PfnRange range) {
                                 static_cast<impl*>(self)->memory.release(range);
                             }};
        }
        return result;
    }

    void carve(Arena& arena) {
        pages.carve(arena, shape.shape());
        hotplug.carve(arena);
    }

    std::size_t measure() {
        Arena arena;
        carve(arena);
        return arena.used();
    }

    std::optional<failure> map_own_metadata() {
        metadata_bytes = measure();
        metadata = map_metadata(metadata_bytes);
        if (metadata == nullptr) return out_of_address_space(metadata_bytes);
        Arena arena(metadata);
        carve(arena);
        return std::nullopt;
    }

    std::optional<failure> use_metadata(std::span<std::byte> given) {
        const std::size_t wanted = measure();
        const auto address = reinterpret_cast<std::uintptr_t>(given.data());
        if (given.size() < wanted || address % cache_line != 0) {
            return failure{error::invalid,
                           "metadata must be " + std::to_string(wanted) +
                               " zeroed bytes, aligned to 64 (metadata_size() says how many); it "
                               "is " +
                               std::to_string(given.size())};
        }
        Arena arena(given.data());
        carve(arena);
        return std::nullopt;
    }

    std::optional<failure> reserve(const topology& machine) {
        for (const topology_node& node : machine.nodes) {
            for (const zone_span& zone : node.zones) {
                if (zone.kind == ZoneIndex::device) continue;
                auto done = memory.reserve(zone.span, node.id);
                if (!done) return done.error();
            }
        }
        return std::nullopt;
    }

    std::optional<failure> boot(const Present& present) {
        if (!settings.stocks) shut_stocks();
        const auto booted = hotplug.boot(present);
        if (booted) return std::nullopt;
        std::uint64_t frames = 0;
        for (const auto& [zone, range] : present) frames += range.frames;
        return failure{booted.error(), "cannot populate " +
                                           std::to_string(frames * frame_bytes >> 20) +
                                           " MiB of memory; lower config.online_bytes"};
    }

    /// For good.
    void shut_stocks() {
        for (std::uint32_t id = 0; id < pages.machine().zone_count(); ++id) {
            pages.stocks().hold(ZoneId{id});
        }
    }

    void misused(Pfn pfn, Order order, const FreeOutcome& outcome) const {
        const MisuseText what = describe_misuse(pfn, order, outcome);
        if (settings.on_misuse == nullptr) die_of_misuse(what.text);
        settings.on_misuse(settings.misuse_context, what.text);
    }

    const config settings;
    OwnedShape shape;
    HostMemory memory;
    Pages pages;
    NativeHotplug hotplug;
    std::byte* metadata = nullptr;
    std::size_t metadata_bytes = 0;
};

namespace {

std::optional<failure> check_binding(const topology& machine, const config& settings) {
    if (settings.backing != backing::host || settings.binding != binding::strict) return {};
    for (const topology_node& node : machine.nodes) {
        if (node.zones.empty() || HostMemory::can_bind(node.id)) continue;
        return failure{error::not_found,
                       "this machine has no memory node " + std::to_string(node.id.value) +
                           " that this process may bind to (topology " + machine.source +
                           "); use config.binding = binding::none to leave memory where it falls"};
    }
    return {};
}

std::optional<failure> check_config(const config& settings) {
    if (settings.watermark_scale_factor >= 1 && settings.watermark_scale_factor <= 3000) return {};
    return failure{error::invalid, "config.watermark_scale_factor is " +
                                       std::to_string(settings.watermark_scale_factor) +
                                       "; it must be from 1 to 3000"};
}

/// Words that fit without memory to put them into.
failure no_memory_at_all() { return {error::no_memory, "out of memory"}; }

template <class Make>
result<allocator, failure> guarded(const Make& make) noexcept {
    try {
        return make();
    } catch (const std::bad_alloc&) {
        return no_memory_at_all();
    }
}

}  // namespace

result<allocator, failure> allocator::create(const topology& machine,
                                             const config& settings) noexcept {
    return guarded([&]() -> result<allocator, failure> {
        if (auto wrong = check_config(settings)) return *wrong;
        if (auto wrong = check_binding(machine, settings)) return *wrong;
        auto valid = checked(machine);
        if (!valid) return valid.error();
        allocator made(new impl(machine, settings));
        impl& self = *made.impl_;
        if (auto wrong = self.map_own_metadata()) return *wrong;
        if (settings.backing == backing::host) {
            if (auto wrong = self.reserve(machine)) return *wrong;
        }
        const Present present = deal_out(machine, self.shape, settings.online_bytes);
        if (auto wrong = self.boot(present)) return *wrong;
        made.fast_path_ = self.pages.fast_path();
        return made;
    });
}

result<allocator, failure> allocator::create(const topology& machine, std::span<const range> ranges,
                                             std::span<std::byte> metadata,
                                             const config& settings) noexcept {
    return guarded([&]() -> result<allocator, failure> {
        if (auto wrong = check_config(settings)) return *wrong;
        const auto cut = topology_of_ranges(machine, ranges);
        if (!cut) return cut.error();
        config own = settings;
        own.backing = backing::numbers;
        allocator made(new impl(*cut, own));
        impl& self = *made.impl_;
        if (auto wrong = self.use_metadata(metadata)) return *wrong;
        for (const range& each : ranges) {
            if (each.base == nullptr) continue;
            self.memory.lend({each.first, each.frames}, each.node, each.base);
        }
        if (auto wrong = self.boot(self.shape.present())) return *wrong;
        made.fast_path_ = self.pages.fast_path();
        return made;
    });
}

std::size_t allocator::metadata_size(const topology& machine,
                                     std::span<const range> ranges) noexcept {
    try {
        const auto cut = topology_of_ranges(machine, ranges);
        if (!cut) return 0;
        impl measured(*cut, config{});
        return measured.measure();
    } catch (const std::bad_alloc&) {
        return 0;
    }
}

allocator::allocator(impl* made) noexcept : impl_(made) {}
allocator::allocator(allocator&&) noexcept = default;
allocator& allocator::operator=(allocator&&) noexcept = default;
allocator::~allocator() = default;
void allocator::impl_delete::operator()(impl* gone) const noexcept { delete gone; }

result<Pfn> allocator::allocate_out_of_line(const request& wanted) noexcept {
    const auto quick = fast_path_.allocate(wanted);
    const result<Pfn> page = quick ? result<Pfn>(*quick) : impl_->pages.walk(wanted);
    if (page && wanted.flags.has(gfp::ZERO)) {
        if (void* memory = address(*page)) {
            std::memset(memory, 0, wanted.order.frames() * frame_bytes);
        }
    }
    return page;
}

result<Pfn> allocator::allocate_past_fast_path(const request& wanted) noexcept {
    return impl_->pages.walk(wanted);
}

std::size_t allocator::allocate_bulk(const request& wanted, std::span<Pfn> pages) noexcept {
    const std::size_t count = impl_->pages.allocate_bulk(wanted, pages);
    if (!wanted.flags.has(gfp::ZERO)) return count;
    for (const Pfn page : pages.first(count)) {
        if (void* memory = address(page)) std::memset(memory, 0, frame_bytes);
    }
    return count;
}

void allocator::free_out_of_line(Pfn pfn, Order order) noexcept {
    if (!fast_path_.free(pfn, order)) free_past_fast_path(pfn, order);
}

void allocator::free_past_fast_path(Pfn pfn, Order order) noexcept {
    // The core takes it on trust that there is such an order.
    const FreeOutcome outcome = order > order_max ? FreeOutcome{FreeFault::unaligned, {}}
                                                  : impl_->pages.free_past_fast_path(pfn, order);
    if (outcome.fault != FreeFault::none) impl_->misused(pfn, order, outcome);
}

void allocator::free_bulk(std::span<const Pfn> pages) noexcept {
    while (!pages.empty()) {
        pages = pages.subspan(impl_->pages.free_bulk(pages));
        if (pages.empty()) return;
        free(pages.front(), Order{0});  // says what is wrong with it
        pages = pages.subspan(1);
    }
}

void* allocator::address(Pfn pfn) const noexcept { return impl_->memory.address(pfn); }
Pfn allocator::frame(const void* address) const noexcept {
    return impl_->memory.frame(address).value_or(Pfn{~std::uint64_t{0}});
}

result<std::uint64_t> allocator::online(PfnRange frames, unsigned wait_ms) noexcept {
    return impl_->hotplug.online(frames, wait_ms);
}
result<OfflineReport> allocator::offline(PfnRange frames, unsigned wait_ms) noexcept {
    return impl_->hotplug.offline(frames, wait_ms);
}
result<OfflineReport> allocator::offline_node(NodeId node, unsigned wait_ms) noexcept {
    return impl_->hotplug.offline_node(node, wait_ms);
}
void allocator::add_notifier(Notifier& notifier) noexcept { impl_->hotplug.add_notifier(notifier); }
void allocator::remove_notifier(Notifier& notifier) noexcept {
    impl_->hotplug.remove_notifier(notifier);
}

std::size_t allocator::zone_count() const noexcept { return impl_->pages.machine().zone_count(); }

zone_stats allocator::read_zone(std::size_t index) const noexcept {
    const auto& zone = impl_->pages.machine().zones()[index];
    const bool bound =
        impl_->settings.backing == backing::host && impl_->settings.binding == binding::strict;
    return {zone.node(),
            zone.kind(),
            zone.span(),
            zone.present(),
            zone.managed(),
            zone.free_frames(),
            zone.mark(Watermark::min),
            zone.mark(Watermark::low),
            zone.mark(Watermark::high),
            bound};
}

std::vector<zone_stats> allocator::read_stats() const {
    std::vector<zone_stats> all(zone_count());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = read_zone(i);
    return all;
}

result<std::uint64_t, failure> allocator::validate() const {
    const AllocatorValidation found = anypage::validate(impl_->pages);
    if (found) return found.in_use();
    const auto& zone = impl_->pages.machine().zone(found.zone);
    const bool inside = found.problem == AllocatorValidation::Problem::zone;
    return failure{error::invalid,
                   concat("node ", zone.node().value, ", zone ", zone_name(zone.kind()), ", frame ",
                          found.where.value, ": ",
                          inside ? to_string(found.of_zone.problem) : to_string(found.problem),
                          " (expected ", found.of_zone.expected, ", found ", found.of_zone.found,
                          "); was somebody using the allocator meanwhile?")};
}

std::uint64_t allocator::section_frames() const noexcept {
    return impl_->hotplug.sections().frames();
}

}  // namespace anypage
