// The entry points that are counted: see entry_points.hpp.
#include "tests/cost/entry_points.hpp"

namespace anypage::test::entry {
namespace {

Scene& in(void* scene) { return *static_cast<Scene*>(scene); }

}  // namespace

void from_stock(void* scene) {
    Scene& s = in(scene);
    s.page = s.fast.allocate({.order = s.order}).value_or(Pfn{});
}
void to_stock(void* scene) {
    Scene& s = in(scene);
    s.fast.free(s.page, s.order);
}
void allocate(void* scene) {
    Scene& s = in(scene);
    const Request<NativeWorld> request{.order = s.order};
    auto page = s.fast.allocate(request);
    if (!page) {
        const auto walked = s.machine.pages.walk(request);
        if (walked) page = *walked;
    }
    s.page = page.value_or(Pfn{});
}
void free_page(void* scene) {
    Scene& s = in(scene);
    if (s.fast.free(s.page, s.order)) return;
    (void)s.machine.pages.free_past_fast_path(s.page, s.order);
}
void allocate_bulk(void* scene) {
    Scene& s = in(scene);
    s.machine.pages.allocate_bulk({}, s.batch);
}
void free_bulk(void* scene) {
    Scene& s = in(scene);
    (void)s.machine.pages.free_bulk(s.batch);
}
void zone_allocate(void* scene) {
    Scene& s = in(scene);
    s.page = s.zone.allocate(s.order, Migratetype::unmovable, s.cpu).value_or(Pfn{});
}
void zone_free(void* scene) {
    Scene& s = in(scene);
    (void)s.zone.free(s.page, s.order, s.cpu);
}
void zone_batch(void* scene) {
    Scene& s = in(scene);
    s.zone.allocate_batch(s.batch, Migratetype::unmovable, s.cpu);
}
void zone_free_batch(void* scene) {
    Scene& s = in(scene);
    (void)s.zone.free_batch(s.batch, s.cpu);
}
void pin(void* scene) {
    Scene& s = in(scene);
    s.version = s.published.pin();
}
void unpin(void* scene) {
    Scene& s = in(scene);
    s.published.unpin(s.version);
}

}  // namespace anypage::test::entry
