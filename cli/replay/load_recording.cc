// Files in: reading all bytes of one, telling the format, and refusing what is none.
#include "cli/replay/load_recording.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <optional>
#include <system_error>
#include <vector>

#include "cli/replay/perf_script.hpp"
#include "cli/replay/prepare.hpp"
#include "cli/replay/ptrc.hpp"
#include "cli/replay/unpack_xz.hpp"

namespace anypage {
namespace {

constexpr std::size_t first_read_bytes = std::size_t{1} << 20;
constexpr std::size_t looked_at_bytes = 4096;  // to tell text from other data

std::string_view as_text(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Formats that are recognised and not read, with the remedy; nothing for those that are.
std::optional<failure> refuse(std::string_view data, std::string_view name) {
    struct format {
        std::string_view magic;
        std::string_view message;
    };
    constexpr format formats[] = {
        {"PERFILE2", "the binary file of perf record; turn it into text: perf script -i {} > FILE"},
        {"\x1f\x8b", "packed with gzip; unpack it: gunzip {}"},
        {"\x28\xb5\x2f\xfd", "packed with zstd; unpack it: unzstd {}"},
        {"BZh", "packed with bzip2; unpack it: bunzip2 {}"},
    };
    for (const format& known : formats) {
        if (!data.starts_with(known.magic)) continue;
        return failure{
            error::unsupported,
            fmt::format("{}: is {}", name, fmt::format(fmt::runtime(known.message), name))};
    }
    if (data.substr(0, looked_at_bytes).find('\0') == data.npos) return std::nullopt;
    return failure{error::invalid,
                   fmt::format("{}: is neither text of perf script nor a PTRC1 recording; "
                               "docs/recordings.md tells how to make one",
                               name)};
}

result<raw_recording, failure> read_unpacked(std::span<const std::byte> bytes,
                                             std::string_view name) {
    if (is_ptrc(bytes)) return read_ptrc(bytes, name);
    if (auto refused = refuse(as_text(bytes), name)) return *std::move(refused);
    return read_perf_script(as_text(bytes), name);
}

class open_file {
public:
    explicit open_file(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
    open_file(const open_file&) = delete;
    open_file(open_file&&) = delete;
    open_file& operator=(const open_file&) = delete;
    open_file& operator=(open_file&&) = delete;
    ~open_file() {
        if (fd_ >= 0) ::close(fd_);
    }
    int fd() const { return fd_; }

private:
    int fd_;
};

failure system_failure(const std::string& path, int number) {
    const std::string why = std::generic_category().message(number);
    if (number == ENOENT) {
        return {error::not_found,
                fmt::format("{}: {}; give a recording, such as data/recordings/redis.ptrc.xz", path,
                            why)};
    }
    return {error::invalid, fmt::format("{}: {}; give a file that can be read", path, why)};
}

/// All of an open file. Its size is not asked for, so that a pipe will do.
result<std::vector<std::byte>, failure> read_all(int fd, const std::string& path) {
    std::vector<std::byte> bytes;
    std::size_t used = 0;
    while (true) {
        if (used == bytes.size()) bytes.resize(std::max(first_read_bytes, 2 * used));
        const ssize_t got = ::read(fd, bytes.data() + used, bytes.size() - used);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return system_failure(path, errno);
        if (got == 0) break;
        used += static_cast<std::size_t>(got);
        if (used > recording_bytes_max) {
            return failure{error::unsupported,
                           fmt::format("{}: larger than {} MiB; record for a shorter time", path,
                                       recording_bytes_max >> 20)};
        }
    }
    bytes.resize(used);
    return bytes;
}

result<recording, failure> load_open_file(const std::string& path) {
    const open_file file(path);
    if (file.fd() < 0) return system_failure(path, errno);
    struct stat status {};
    if (::fstat(file.fd(), &status) == 0 && S_ISDIR(status.st_mode)) {
        return failure{error::invalid,
                       fmt::format("{}: is a directory; give one recording in it", path)};
    }
    const auto bytes = read_all(file.fd(), path);
    if (!bytes) return bytes.error();
    return read_recording(*bytes, path);
}

}  // namespace

result<recording, failure> read_recording(std::span<const std::byte> bytes, std::string_view name) {
    if (bytes.empty()) {
        return failure{
            error::invalid,
            fmt::format("{}: is empty; docs/recordings.md tells how to make a recording", name)};
    }
    std::vector<std::byte> unpacked;
    if (is_xz(bytes)) {
        auto data = unpack_xz(bytes, name);
        if (!data) return data.error();
        unpacked = *std::move(data);
        bytes = unpacked;
    }
    auto raw = read_unpacked(bytes, name);
    if (!raw) return raw.error();
    return prepare(*std::move(raw));
}

result<recording, failure> load_recording(const std::string& path) {
    if (path == "-") {
        return failure{
            error::unsupported,
            "-: a recording is not read from standard input; give a file, or <(COMMAND)"};
    }
    try {
        return load_open_file(path);
    } catch (const std::bad_alloc&) {
        return failure{error::no_memory,
                       fmt::format("{}: no memory to hold it; record for a shorter time", path)};
    }
}

}  // namespace anypage
