// What executions have found out of a scenario, as bytes. Addresses differ from process to process:
// what lies in the region goes by its offset there, locks of the program by theirs in the program.
#include "execution.hpp"

namespace anypage::check {

namespace {

const char in_program = 0;

enum class Base : std::uint8_t { region, execution, program };

std::intptr_t number_of(const void* address) { return reinterpret_cast<std::intptr_t>(address); }

/// What addresses of this base are counted from; `own` is where an execution's locks begin.
std::intptr_t origin_of(Base base, const Region& region, const char* own) {
    if (base == Base::region) return number_of(region.at(0));
    return number_of(base == Base::execution ? own : &in_program);
}

}  // namespace

void Execution::write_knowledge(ByteWriter& out) const {
    out.put<std::uint64_t>(table_.size());
    for (const Location& each : table_) {
        out.put<std::uint64_t>(each.offset);
        out.put(each.bytes);
        out.put(each.ghost);
        out.put(each.shared);
        out.put(each.users);
        out.put(each.writers);
    }
    out.put<std::uint64_t>(lock_infos_.size());
    for (const LockInfo& each : lock_infos_) {
        const bool own = each.address >= softirq_locks_ && each.address < softirq_locks_ + cpus_max;
        const Base base = region_.contains(each.address) ? Base::region
                          : own                          ? Base::execution
                                                         : Base::program;
        out.put(static_cast<std::uint8_t>(base));
        out.put<std::int64_t>(number_of(each.address) - origin_of(base, region_, softirq_locks_));
    }
}

void Execution::learn(ByteReader& in) {
    for (std::uint64_t left = in.count(8); left > 0; --left) {
        const auto offset = in.get<std::uint64_t>();
        const auto bytes = in.get<std::uint8_t>();
        const bool ghost = in.get<bool>();
        const bool shared = in.get<bool>();
        const auto users = in.get<std::uint16_t>();
        const auto writers = in.get<std::uint16_t>();
        if (!region_.contains(region_.at(offset))) return in.fail();
        Location& location = location_at(offset, bytes, ghost);
        location.users |= users;
        location.writers |= writers;
        if (shared && !location.shared) {
            location.shared = true;
            needs_restart_ = true;
        }
        share_if_used(location);
    }
    for (std::uint64_t left = in.count(8); left > 0; --left) {
        const auto base = static_cast<Base>(in.get<std::uint8_t>());
        const auto offset = in.get<std::int64_t>();
        const auto* const address = reinterpret_cast<const void*>(
            origin_of(base, region_, softirq_locks_) + static_cast<std::intptr_t>(offset));
        if (locks_.count(address) == 0) number_of_lock({address, false, ""});
    }
}

}  // namespace anypage::check
