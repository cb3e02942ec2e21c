// Words for a wrong free.
#include "misuse.hpp"

#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <cstring>

namespace anypage {
namespace {

class Writer {
public:
    explicit Writer(MisuseText& to) : at_(to.text), end_(to.text + sizeof to.text - 1) {}
    ~Writer() { *at_ = '\0'; }

    Writer& operator<<(const char* text) {
        while (*text != '\0' && at_ < end_) *at_++ = *text++;
        return *this;
    }
    Writer& operator<<(Pfn pfn) { return number(pfn.value, 16, "frame 0x"); }
    Writer& operator<<(Order order) { return number(order.value, 10, "order "); }

private:
    Writer& number(std::uint64_t value, int base, const char* before) {
        *this << before;
        at_ = std::to_chars(at_, end_, value, base).ptr;
        return *this;
    }

    char* at_;
    char* end_;
};

}  // namespace

MisuseText describe_misuse(Pfn pfn, Order order, const FreeOutcome& outcome) {
    MisuseText result;
    Writer text(result);
    text << "anypage: free of " << pfn << ", " << order << ": ";
    if (order > order_max) {
        text << "there is no such order; orders are 0 to 10";
        return result;
    }
    switch (outcome.fault) {
        case FreeFault::none:
            text << "nothing is wrong";
            break;
        case FreeFault::foreign:
            text << "no such frame is online here";
            break;
        case FreeFault::unaligned:
            text << "the frame is not aligned to that order";
            break;
        case FreeFault::double_free:
            text << "it is free already";
            break;
        case FreeFault::wrong_order:
            text << "it was allocated with " << outcome.actual;
            break;
        case FreeFault::interior:
            text << "it lies inside of a run of " << outcome.actual << " that starts at "
                 << Pfn{pfn.value & ~(outcome.actual.frames() - 1)};
            break;
    }
    return result;
}

void die_of_misuse(const char* text) {
    // Nothing is left to do about a short write.
    [[maybe_unused]] auto written = write(STDERR_FILENO, text, std::strlen(text));
    written = write(STDERR_FILENO, "\n", 1);
    std::abort();
}

}  // namespace anypage
