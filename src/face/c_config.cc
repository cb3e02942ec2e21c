// What a C program says, in the terms of the C++ face: see c_config.hpp.
#include "c_config.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <span>
#include <utility>

namespace anypage {
namespace {

/// Reads a config of the caller's size into one of ours (the kernel's copy_struct_from_user).
int read_config(const anypage_config* given, anypage_config& into, const Complaint& complain) {
    if (given->size < sizeof into) {
        return complain(-EINVAL, "config.size is too small; begin with ANYPAGE_CONFIG_INIT");
    }
    const auto* bytes = reinterpret_cast<const unsigned char*>(given);
    const bool more = std::any_of(bytes + sizeof into, bytes + given->size,
                                  [](unsigned char byte) { return byte != 0; });
    if (more) {
        return complain(-E2BIG,
                        "config has fields that this library does not know; use a newer library, "
                        "or leave them zero");
    }
    into = *given;
    return 0;
}

int read_ranges(const anypage_config& from, std::vector<range>& to, const Complaint& complain) {
    for (const anypage_range& each : std::span(from.ranges, from.range_count)) {
        if (each.node >= node_count_max || each.zone >= zone_index_count) {
            return complain(-EINVAL,
                            "a range has a node above 1023 or an unknown zone; use a node "
                            "of the topology and ANYPAGE_ZONE_*");
        }
        to.push_back({NodeId{static_cast<std::uint16_t>(each.node)},
                      static_cast<ZoneIndex>(each.zone), Pfn{each.first}, each.frames, each.base});
    }
    return 0;
}

int check_choices(const anypage_config& from, const Complaint& complain) {
    if (from.backing != ANYPAGE_BACKING_HOST && from.backing != ANYPAGE_BACKING_NUMBERS) {
        return complain(-EINVAL, "config.backing is unknown; use ANYPAGE_BACKING_*");
    }
    if (from.binding != ANYPAGE_BINDING_STRICT && from.binding != ANYPAGE_BINDING_NONE) {
        return complain(-EINVAL, "config.binding is unknown; use ANYPAGE_BINDING_*");
    }
    return 0;
}

config settings_of(const anypage_config& from) {
    config to;
    to.backing = static_cast<backing>(from.backing);
    to.binding = static_cast<binding>(from.binding);
    to.online_bytes = from.online_bytes;
    to.min_free_kbytes = from.min_free_kbytes;
    to.watermark_scale_factor = from.watermark_scale_factor;
    to.on_misuse = from.on_misuse;
    to.misuse_context = from.misuse_context;
    to.checked = from.checked != 0;
    to.stocks = from.no_stocks == 0;
    return to;
}

}  // namespace

int to_errno(error code) {
    switch (code) {
        case error::no_memory:
            return -ENOMEM;
        case error::invalid:
            return -EINVAL;
        case error::busy:
            return -EBUSY;
        case error::not_found:
            return -ENOENT;
        case error::vetoed:
            return -ECANCELED;
        case error::unsupported:
            break;
    }
    return -ENOTSUP;
}

int Complaint::operator()(int code, const char* what) const {
    if (text == nullptr || bytes == 0) return code;
    const std::size_t length = std::min(std::strlen(what), bytes - 1);
    std::memcpy(text, what, length);
    text[length] = '\0';
    return code;
}

int Complaint::operator()(const failure& why) const {
    return (*this)(to_errno(why.code), why.message.c_str());
}

int read_plan(const anypage_config* given, CPlan& plan, const Complaint& complain) {
    anypage_config& from = plan.given;
    if (const int wrong = given == nullptr ? 0 : read_config(given, from, complain)) return wrong;
    if (const int wrong = check_choices(from, complain)) return wrong;
    auto machine = topology::load(from.topology == nullptr ? "host" : from.topology);
    if (!machine) return complain(machine.error());
    plan.machine = *std::move(machine);
    plan.settings = settings_of(from);
    return from.ranges == nullptr ? 0 : read_ranges(from, plan.ranges, complain);
}

}  // namespace anypage
