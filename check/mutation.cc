// Which weaker forms an operation has: see mutation.hpp.
#include "mutation.hpp"

#include <filesystem>

namespace anypage::check {

namespace {

/// The orders that are the next weaker ones for a kind of operation.
std::vector<MemoryOrder> weaker(OpKind kind, MemoryOrder order) {
    const bool loads = kind == OpKind::load;
    switch (order) {
        case MemoryOrder::full:
        case MemoryOrder::seq_cst:
            return {loads ? MemoryOrder::acquire : MemoryOrder::acq_rel};
        case MemoryOrder::acq_rel:
            return {MemoryOrder::acquire, MemoryOrder::release};
        case MemoryOrder::acquire:
        case MemoryOrder::release:
            return {MemoryOrder::relaxed};
        case MemoryOrder::relaxed:
            return {};
    }
    return {};
}

std::vector<MemoryOrder> stronger(OpKind kind, MemoryOrder order) {
    if (order != MemoryOrder::relaxed) return {};
    if (kind == OpKind::load) return {MemoryOrder::acquire};
    if (kind == OpKind::store) return {MemoryOrder::release};
    return {MemoryOrder::acq_rel};
}

/// What a failed comparison can still have: no more than an acquire.
MemoryOrder failure_of(MemoryOrder order, MemoryOrder failure) {
    if (order == MemoryOrder::seq_cst) return failure;
    return failure == MemoryOrder::seq_cst ? MemoryOrder::acquire : failure;
}

Mutation with_orders(const Site& site, MemoryOrder order, MemoryOrder failure) {
    return {site, Mutation::What::orders, order, failure, 0, {}};
}

}  // namespace

const char* name_of(MemoryOrder order) {
    constexpr const char* names[] = {"relaxed", "acquire", "release", "acq_rel", "seq_cst", "full"};
    return names[static_cast<unsigned>(order)];
}

Site site_of(const Op& op) {
    std::string file = op.at.file_name();
    // One file may be included by several ways: a/../b is b.
    if (file.find("/../") != std::string::npos) {
        file = std::filesystem::path(file).lexically_normal().string();
    }
    // Headers are found as <anypage/core/...>, in a build tree and in a package. The build gives
    // other files without the folder that the project is in.
    constexpr struct {
        const char* shown_as;
        const char* folder;
    } headers[] = {{"include/anypage/core/", "src/"}, {"include/anypage/checker/", "check/"}};
    for (const auto& header : headers) {
        const auto at = file.rfind(header.shown_as);
        if (at == std::string::npos) continue;
        file = header.folder + file.substr(at + std::string(header.shown_as).size());
        break;
    }
    return {file, op.at.line(), op.at.column(), op.kind, op.order, op.failure, op.fence};
}

namespace {

std::string text_of(const Mutation& mutation) {
    const Site& site = mutation.site;
    const std::string place =
        site.file + ":" + std::to_string(site.line) + ":" + std::to_string(site.column);
    switch (mutation.what) {
        case Mutation::What::removed:
            return place + " removed";
        case Mutation::What::barrier_before:
            return place + " smp_mb before";
        case Mutation::What::lock_before:
            return place + " lock and unlock before";
        case Mutation::What::orders:
            break;
    }
    std::string text = place + " " + name_of(site.order) + " -> " + name_of(mutation.order);
    if (mutation.failure != site.failure) {
        text += std::string(", if it fails ") + name_of(site.failure) + " -> " +
                name_of(mutation.failure);
    }
    return text;
}

}  // namespace

std::string Mutation::text() const {
    std::string text = text_of(*this);
    for (const Mutation& each : others) text += " and " + text_of(each);
    return text;
}

std::vector<Mutation> weakenings(const Site& site) {
    if (site.kind == OpKind::fence || site.kind == OpKind::irq_save)
        return {{site, Mutation::What::removed, {}, {}, 0, {}}};
    std::vector<Mutation> all;
    for (const MemoryOrder order : weaker(site.kind, site.order)) {
        all.push_back(with_orders(site, order, failure_of(order, site.failure)));
    }
    if (site.kind == OpKind::compare_exchange && site.failure != MemoryOrder::relaxed) {
        all.push_back(with_orders(site, site.order, MemoryOrder::relaxed));
    }
    return all;
}

std::vector<Mutation> strengthenings(const Site& site, unsigned locks) {
    std::vector<Mutation> all;
    if (site.kind > OpKind::compare_exchange) return all;
    all.push_back({site, Mutation::What::barrier_before, {}, {}, 0, {}});
    for (unsigned lock = 0; lock < locks; ++lock) {
        all.push_back({site, Mutation::What::lock_before, {}, {}, lock, {}});
    }
    for (const MemoryOrder order : stronger(site.kind, site.order)) {
        all.push_back(with_orders(site, order, site.failure));
    }
    return all;
}

}  // namespace anypage::check
