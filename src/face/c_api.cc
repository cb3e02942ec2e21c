// The public C face, over the C++ one. Nothing throws across it: what may allocate is caught and
// becomes -ENOMEM. What is for any context translates numbers on the stack and nothing else.
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <new>
#include <span>

#include "c_config.hpp"

struct anypage_allocator {
    anypage::allocator pages;
};

struct anypage_notifier {
    anypage_notify_fn* call;
    void* context;
    anypage::Notifier link;
};

namespace anypage {
namespace {

static_assert(ANYPAGE_FRAME_BYTES == frame_bytes && ANYPAGE_ORDER_MAX == order_max.value);
static_assert(ANYPAGE_NODE_MAX == node_count_max);
static_assert(ANYPAGE_GFP_DMA == gfp::DMA.bits && ANYPAGE_GFP_DMA32 == gfp::DMA32.bits);
static_assert(ANYPAGE_GFP_HIGHMEM == gfp::HIGHMEM.bits);
static_assert(ANYPAGE_GFP_MOVABLE == gfp::MOVABLE.bits);
static_assert(ANYPAGE_GFP_RECLAIMABLE == gfp::RECLAIMABLE.bits);
static_assert(ANYPAGE_GFP_ZERO == gfp::ZERO.bits && ANYPAGE_GFP_NOWARN == gfp::NOWARN.bits);
static_assert(ANYPAGE_GFP_RETRY_MAYFAIL == gfp::RETRY_MAYFAIL.bits);
static_assert(ANYPAGE_GFP_NOFAIL == gfp::NOFAIL.bits && ANYPAGE_GFP_NORETRY == gfp::NORETRY.bits);
static_assert(ANYPAGE_GFP_MEMALLOC == gfp::MEMALLOC.bits && ANYPAGE_GFP_COMP == gfp::COMP.bits);
static_assert(ANYPAGE_GFP_NOMEMALLOC == gfp::NOMEMALLOC.bits);
static_assert(ANYPAGE_GFP_THISNODE == gfp::THISNODE.bits);
static_assert(ANYPAGE_GFP_ATOMIC == gfp::ATOMIC.bits && ANYPAGE_GFP_KERNEL == gfp::KERNEL.bits);
static_assert(ANYPAGE_GFP_NOWAIT == gfp::NOWAIT.bits && ANYPAGE_GFP_NOIO == gfp::NOIO.bits);
static_assert(ANYPAGE_GFP_NOFS == gfp::NOFS.bits && ANYPAGE_GFP_USER == gfp::USER.bits);
static_assert(ANYPAGE_GFP_HIGHUSER == gfp::HIGHUSER.bits);
static_assert(ANYPAGE_GFP_HIGHUSER_MOVABLE == gfp::HIGHUSER_MOVABLE.bits);
static_assert(ANYPAGE_ZONE_DEVICE == static_cast<int>(ZoneIndex::device));
static_assert(ANYPAGE_OFFLINE == static_cast<int>(MemoryEvent::offline));
static_assert(ANYPAGE_BACKING_NUMBERS == static_cast<int>(backing::numbers));
static_assert(ANYPAGE_BINDING_NONE == static_cast<int>(binding::none));
static_assert(ANYPAGE_BLOCKERS_MAX == OfflineReport::blockers_max);

// The structures as they first were; later fields go behind, and these stay.
static_assert(sizeof(anypage_config) == 104 && sizeof(anypage_range) == 32);
static_assert(sizeof(anypage_offline_report) == 296 && sizeof(anypage_zone_stats) == 88);
static_assert(sizeof(anypage_notice) == 40);

/// Frames that bulk calls pass on at a time, by way of the stack: a handler's may be small.
constexpr std::size_t bulk_frames = 128;

/// Fills a structure of the caller's size from ours; what we do not know of it becomes zero.
template <class Struct>
int write_sized(const Struct& from, Struct* to) {
    const std::size_t size = to->size;
    if (size < sizeof(Struct)) return -EINVAL;
    *to = from;
    to->size = size;
    std::memset(reinterpret_cast<unsigned char*>(to) + sizeof(Struct), 0, size - sizeof(Struct));
    return 0;
}

result<allocator, failure> make(const CPlan& plan) {
    if (plan.given.ranges == nullptr) return allocator::create(plan.machine, plan.settings);
    const std::span metadata(static_cast<std::byte*>(plan.given.metadata),
                             plan.given.metadata_bytes);
    return allocator::create(plan.machine, plan.ranges, metadata, plan.settings);
}

int create(anypage_t** made, const anypage_config* given, const Complaint& complain) {
    CPlan plan;
    if (const int wrong = read_plan(given, plan, complain)) return wrong;
    auto pages = make(plan);
    if (!pages) return complain(pages.error());
    *made = new anypage_allocator{*std::move(pages)};
    return 0;
}

std::int64_t measure(const anypage_config* given, const Complaint& complain) {
    CPlan plan;
    if (const int wrong = read_plan(given, plan, complain)) return wrong;
    if (plan.given.ranges == nullptr) {
        return complain(-EINVAL, "config has no ranges; only those need metadata of the caller");
    }
    const std::size_t bytes = allocator::metadata_size(plan.machine, plan.ranges);
    if (bytes != 0) return static_cast<std::int64_t>(bytes);
    const auto why = make(plan);  // refuses what cannot be measured, and says why
    return why ? -EINVAL : complain(why.error());
}

constexpr const char* out_of_memory = "out of memory; use a smaller topology";

/// False for a node that no topology can have.
bool read_node(int node, NodeId& to) {
    to = node == ANYPAGE_NODE_LOCAL ? node_local : NodeId{static_cast<std::uint16_t>(node)};
    return node >= ANYPAGE_NODE_LOCAL && node < ANYPAGE_NODE_MAX;
}

bool read_request(std::uint32_t flags, unsigned order, int node, request& to) {
    to.flags = {flags};
    to.order = Order{static_cast<std::uint8_t>(order)};
    return order <= ANYPAGE_ORDER_MAX && read_node(node, to.node);
}

nodemask read_mask(const anypage_nodemask_t& from) {
    nodemask mask;
    std::copy(std::begin(from.words), std::end(from.words), mask.words.begin());
    return mask;
}

anypage_offline_report to_c(const OfflineReport& from) {
    anypage_offline_report to{};
    to.offlined = from.offlined;
    to.left = from.left;
    to.blocker_count = from.blocker_count;
    to.rebuild_pending = from.rebuild_pending ? 1 : 0;
    for (std::size_t i = 0; i < from.blockers.size(); ++i) {
        to.blockers[i] = {from.blockers[i].pfn.value, from.blockers[i].order.value, 0};
    }
    return to;
}

int report(const result<OfflineReport>& done, anypage_offline_report* to) {
    if (to != nullptr) write_sized(done ? to_c(*done) : anypage_offline_report{}, to);
    if (!done) return to_errno(done.error());
    return done->left == 0 ? 0 : -EBUSY;
}

bool is_good(const anypage_offline_report* report) {
    return report == nullptr || report->size >= sizeof *report;
}

bool call_notifier(void* context, const MemoryNotice& notice) {
    const auto& self = *static_cast<const anypage_notifier*>(context);
    const anypage_notice told{sizeof told,
                              static_cast<std::uint32_t>(notice.event),
                              notice.node.value,
                              static_cast<std::uint32_t>(notice.zone),
                              0,
                              notice.range.first.value,
                              notice.range.frames};
    return self.call(self.context, &told) == 0;
}

}  // namespace
}  // namespace anypage

using namespace anypage;

extern "C" {

int anypage_create(anypage_t** made, const anypage_config* given, char* error,
                   std::size_t error_bytes) {
    const Complaint complain{error, error_bytes};
    if (made == nullptr) return complain(-EINVAL, "nowhere to put the allocator: made is NULL");
    *made = nullptr;
    try {
        return create(made, given, complain);
    } catch (...) {
        return complain(-ENOMEM, out_of_memory);
    }
}

std::int64_t anypage_metadata_size(const anypage_config* given, char* error,
                                   std::size_t error_bytes) {
    const Complaint complain{error, error_bytes};
    try {
        return measure(given, complain);
    } catch (...) {
        return complain(-ENOMEM, out_of_memory);
    }
}

void anypage_destroy(anypage_t* pages) { delete pages; }

std::int64_t anypage_alloc(anypage_t* pages, std::uint32_t flags, unsigned order, int node,
                           const anypage_nodemask_t* allowed) {
    request wanted;
    if (pages == nullptr || !read_request(flags, order, node, wanted)) return -EINVAL;
    const nodemask mask = allowed == nullptr ? nodemask{} : read_mask(*allowed);
    if (allowed != nullptr) wanted.allowed = &mask;
    const auto page = pages->pages.allocate(wanted);
    return page ? static_cast<std::int64_t>(page->value) : to_errno(page.error());
}

std::size_t anypage_alloc_bulk(anypage_t* pages, std::uint32_t flags, int node,
                               const anypage_nodemask_t* allowed, std::uint64_t* pfns,
                               std::size_t count) {
    request wanted;
    if (pages == nullptr || pfns == nullptr || !read_request(flags, 0, node, wanted)) return 0;
    const nodemask mask = allowed == nullptr ? nodemask{} : read_mask(*allowed);
    if (allowed != nullptr) wanted.allowed = &mask;
    std::array<Pfn, bulk_frames> part;
    std::size_t done = 0;
    while (done < count) {
        const std::size_t asked = std::min(count - done, part.size());
        const std::size_t got = pages->pages.allocate_bulk(wanted, std::span(part).first(asked));
        for (std::size_t i = 0; i < got; ++i) pfns[done + i] = part[i].value;
        done += got;
        if (got < asked) break;
    }
    return done;
}

void anypage_free(anypage_t* pages, std::uint64_t pfn, unsigned order) {
    if (pages == nullptr) return;
    // An order that does not fit is as wrong as the largest that does.
    pages->pages.free(Pfn{pfn}, Order{static_cast<std::uint8_t>(std::min(order, 255u))});
}

void anypage_free_bulk(anypage_t* pages, const std::uint64_t* pfns, std::size_t count) {
    if (pages == nullptr || pfns == nullptr) return;
    std::array<Pfn, bulk_frames> part;
    while (count != 0) {
        const std::size_t size = std::min(count, part.size());
        for (std::size_t i = 0; i < size; ++i) part[i] = Pfn{pfns[i]};
        pages->pages.free_bulk(std::span(part).first(size));
        pfns += size;
        count -= size;
    }
}

void* anypage_address(const anypage_t* pages, std::uint64_t pfn) {
    return pages == nullptr ? nullptr : pages->pages.address(Pfn{pfn});
}

std::int64_t anypage_frame(const anypage_t* pages, const void* address) {
    if (pages == nullptr) return -EINVAL;
    const Pfn pfn = pages->pages.frame(address);
    return pfn == Pfn{~std::uint64_t{0}} ? -ENOENT : static_cast<std::int64_t>(pfn.value);
}

std::uint64_t anypage_section_frames(const anypage_t* pages) {
    return pages == nullptr ? 0 : pages->pages.section_frames();
}

int anypage_online(anypage_t* pages, std::uint64_t first, std::uint64_t frames, unsigned wait_ms) {
    if (pages == nullptr) return -EINVAL;
    const auto done = pages->pages.online({Pfn{first}, frames}, wait_ms);
    return done ? 0 : to_errno(done.error());
}

int anypage_offline(anypage_t* pages, std::uint64_t first, std::uint64_t frames, unsigned wait_ms,
                    anypage_offline_report* to) {
    if (pages == nullptr || !is_good(to)) return -EINVAL;
    return report(pages->pages.offline({Pfn{first}, frames}, wait_ms), to);
}

int anypage_offline_node(anypage_t* pages, int node, unsigned wait_ms, anypage_offline_report* to) {
    NodeId id;
    if (pages == nullptr || !is_good(to) || !read_node(node, id)) return -EINVAL;
    return report(pages->pages.offline_node(id, wait_ms), to);
}

int anypage_notifier_register(anypage_t* pages, anypage_notify_fn* call, void* context,
                              anypage_notifier_t** made) {
    if (pages == nullptr || call == nullptr || made == nullptr) return -EINVAL;
    *made = new (std::nothrow) anypage_notifier{call, context, {}};
    if (*made == nullptr) return -ENOMEM;
    (*made)->link = {call_notifier, *made, nullptr};
    pages->pages.add_notifier((*made)->link);
    return 0;
}

void anypage_notifier_unregister(anypage_t* pages, anypage_notifier_t* notifier) {
    if (pages == nullptr || notifier == nullptr) return;
    pages->pages.remove_notifier(notifier->link);
    delete notifier;
}

std::size_t anypage_zone_count(const anypage_t* pages) {
    return pages == nullptr ? 0 : pages->pages.zone_count();
}

int anypage_get_stats(const anypage_t* pages, std::size_t index, anypage_zone_stats* to) {
    if (pages == nullptr || to == nullptr) return -EINVAL;
    if (index >= pages->pages.zone_count()) return -ENOENT;
    const zone_stats from = pages->pages.read_zone(index);
    anypage_zone_stats stats{};
    stats.node = from.node.value;
    stats.zone = static_cast<std::uint32_t>(from.zone);
    stats.first = from.span.first.value;
    stats.frames = from.span.frames;
    stats.present = from.present;
    stats.managed = from.managed;
    stats.free = from.free;
    stats.min = from.min;
    stats.low = from.low;
    stats.high = from.high;
    stats.bound = from.bound ? 1 : 0;
    return write_sized(stats, to);
}

}  // extern "C"
