// An exploration in a file: see checkpoint.hpp.
#include "checkpoint.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace anypage::check {

namespace {

constexpr char magic[] = "anypage exploration 1\n";

std::string contents(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

Hash hash_of(std::string_view bytes) {
    Hash hash;
    for (std::size_t at = 0; at < bytes.size(); at += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes.data() + at, std::min<std::size_t>(8, bytes.size() - at));
        hash.add(word);
    }
    return hash;
}

/// Another program, or another version, numbers places and values otherwise.
const Hash& program() {
    static const Hash hash = hash_of(contents("/proc/self/exe"));
    return hash;
}

void put(ByteWriter& out, const Hash& hash) {
    out.put(hash.a);
    out.put(hash.b);
}

bool is_next(ByteReader& in, const Hash& hash) {
    const auto a = in.get<std::uint64_t>();
    return in.get<std::uint64_t>() == hash.b && a == hash.a;
}

[[noreturn]] void refuse(const std::string& path, const char* why) {
    throw CheckpointError(path + ": " + why + "; remove it to begin anew");
}

}  // namespace

void write_checkpoint(const Explorer& explorer, const std::string& path) {
    ByteWriter body;
    explorer.write(body);
    explorer.write_states(body);
    ByteWriter head;
    put(head, program());
    head.text(explorer.identity());
    put(head, hash_of(body.bytes()));
    const std::string fresh = path + ".new";
    std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
    out << magic << head.bytes() << body.bytes();
    out.close();
    std::error_code failed;
    if (out) std::filesystem::rename(fresh, path, failed);
    if (out && !failed) return;
    std::filesystem::remove(fresh, failed);
    throw CheckpointError(path + ": cannot be written; is there such a folder, and room?");
}

void read_checkpoint(Explorer& explorer, const std::string& path) {
    if (!std::filesystem::exists(path)) return;
    const std::string bytes = contents(path);
    if (!bytes.starts_with(magic)) refuse(path, "is no exploration");
    ByteReader in(std::string_view(bytes).substr(sizeof magic - 1));
    if (!is_next(in, program())) refuse(path, "was made by another version of this program");
    if (in.text() != explorer.identity()) {
        refuse(path, "is of another scenario or configuration");
    }
    const std::size_t body = bytes.size() - in.left();
    if (!is_next(in, hash_of(std::string_view(bytes).substr(std::min(body + 16, bytes.size()))))) {
        refuse(path, "is damaged");
    }
    explorer.forget_frontier();
    explorer.join(in);
    explorer.read_states(in);
    if (in.failed() || !in.is_at_end()) refuse(path, "is damaged");
    explorer.take_up();
}

}  // namespace anypage::check
