// Fuzz: whatever the text, the TOML reader returns a checked topology or a failure with a message.
#include <cstdlib>

#include "host/topology_toml.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto machine = anypage::read_toml("fuzz", text, {});
    if (!machine) {
        if (!machine.error().message.starts_with("fuzz:")) std::abort();
    } else if (!anypage::checked(*machine)) {
        std::abort();
    }
    return 0;
}
