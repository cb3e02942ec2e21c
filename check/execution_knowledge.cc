// What executions have found out of a scenario, as bytes. Addresses differ from process to process:
// what lies in the region goes by its offset there, locks of the program by theirs in the program.
#include "execution.hpp"

namespace anypage::check {

namespace {

const char in_program = 0;

enum class Base : std::uint8_t { region, execution, program };

const char* as_bytes(const void* address) { return static_cast<const char*>(address); }

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
        const char* const address = as_bytes(each.address);
        const bool own = address >= softirq_locks_ && address < softirq_locks_ + cpus_max;
        const Base base = region_.contains(address) ? Base::region
                          : own                     ? Base::execution
                                                    : Base::program;
        const char* const origin = base == Base::region      ? as_bytes(region_.at(0))
                                   : base == Base::execution ? softirq_locks_
                                                             : &in_program;
        out.put(static_cast<std::uint8_t>(base));
        out.put<std::int64_t>(reinterpret_cast<std::intptr_t>(address) -
                              reinterpret_cast<std::intptr_t>(origin));
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
        const char* const origin = base == Base::region      ? as_bytes(region_.at(0))
                                   : base == Base::execution ? softirq_locks_
                                                             : &in_program;
        const void* const address = reinterpret_cast<const void*>(
            reinterpret_cast<std::intptr_t>(origin) + static_cast<std::intptr_t>(offset));
        if (locks_.count(address) == 0) number_of_lock({address, false, ""});
    }
}

}  // namespace anypage::check
