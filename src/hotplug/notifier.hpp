// Notifiers: who wants to know that memory comes and goes, and may say no to it. The kernel's six
// memory events (include/linux/memory.h). Called in thread context, in the order of registration,
// with no allocator lock held but hotplug's own; a notifier may allocate and free, but not online
// or offline.
#pragma once

#include <cstdint>

#include "../base/units.hpp"

namespace anypage {

enum class MemoryEvent : std::uint8_t {
    going_online,   ///< may be vetoed
    cancel_online,  ///< a going_online came to nothing
    online,
    going_offline,   ///< may be vetoed
    cancel_offline,  ///< a going_offline came to nothing
    offline,
};

constexpr const char* to_string(MemoryEvent event) {
    constexpr const char* names[] = {"going online",  "cancel online",  "online",
                                     "going offline", "cancel offline", "offline"};
    return names[static_cast<unsigned>(event)];
}

struct MemoryNotice {
    MemoryEvent event;
    NodeId node;
    ZoneIndex zone;
    PfnRange range;
};

/// A link in the list; stays where it is while registered. False vetoes a going_ event.
struct Notifier {
    bool (*call)(void* context, const MemoryNotice& notice) = nullptr;
    void* context = nullptr;
    Notifier* next = nullptr;
};

/// Changed and called under hotplug's lock.
class NotifierList {
public:
    void add(Notifier& notifier) {
        Notifier** end = &first_;
        while (*end != nullptr) end = &(*end)->next;
        notifier.next = nullptr;
        *end = &notifier;
    }
    void remove(Notifier& notifier) {
        for (Notifier** link = &first_; *link != nullptr; link = &(*link)->next) {
            if (*link != &notifier) continue;
            *link = notifier.next;
            return;
        }
    }
    /// False if one vetoed; those after it are not asked.
    bool tell(const MemoryNotice& notice) const {
        for (const Notifier* each = first_; each != nullptr; each = each->next) {
            if (!each->call(each->context, notice)) return false;
        }
        return true;
    }

private:
    Notifier* first_ = nullptr;
};

}  // namespace anypage
