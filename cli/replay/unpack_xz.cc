// The loop around the xz decoder, and its errors in words.
#include "cli/replay/unpack_xz.hpp"

#include <fmt/format.h>
#include <lzma.h>

#include <algorithm>
#include <cstring>

namespace anypage {
namespace {

// The decoder's own memory: xz -9 needs 65 MiB.
constexpr std::uint64_t decoder_bytes_max = std::uint64_t{256} << 20;
constexpr std::size_t first_step_bytes = std::size_t{1} << 20;

// Owns the decoder's memory.
struct decoder {
    lzma_stream stream = LZMA_STREAM_INIT;

    decoder() = default;
    decoder(const decoder&) = delete;
    decoder(decoder&&) = delete;
    decoder& operator=(const decoder&) = delete;
    decoder& operator=(decoder&&) = delete;
    ~decoder() { lzma_end(&stream); }
};

failure decoder_failure(lzma_ret code, std::string_view name, std::uint64_t offset) {
    constexpr std::string_view remedy = "copy or pack the file again (xz --test checks it)";
    switch (code) {
        case LZMA_MEM_ERROR:
            return {error::no_memory, fmt::format("{}: no memory to unpack xz data", name)};
        case LZMA_MEMLIMIT_ERROR:
            return {error::unsupported,
                    fmt::format("{}: unpacking needs more than {} MiB; pack it with xz -9 or less",
                                name, decoder_bytes_max >> 20)};
        case LZMA_OPTIONS_ERROR:
            return {error::unsupported,
                    fmt::format("{}: byte {}: xz options that this build does not know; pack the "
                                "file with plain xz",
                                name, offset)};
        case LZMA_BUF_ERROR:
            return {error::invalid,
                    fmt::format("{}: byte {}: xz data is truncated; {}", name, offset, remedy)};
        default:
            return {error::invalid,
                    fmt::format("{}: byte {}: xz data is corrupt; {}", name, offset, remedy)};
    }
}

}  // namespace

bool is_xz(std::span<const std::byte> bytes) {
    constexpr unsigned char magic[] = {0xfd, '7', 'z', 'X', 'Z', 0};
    return bytes.size() >= sizeof magic && std::memcmp(bytes.data(), magic, sizeof magic) == 0;
}

result<std::vector<std::byte>, failure> unpack_xz(std::span<const std::byte> bytes,
                                                  std::string_view name, std::uint64_t bytes_max) {
    decoder xz;
    lzma_stream& stream = xz.stream;
    lzma_ret code = lzma_stream_decoder(&stream, decoder_bytes_max, LZMA_CONCATENATED);
    stream.next_in = reinterpret_cast<const std::uint8_t*>(bytes.data());
    stream.avail_in = bytes.size();
    std::vector<std::byte> unpacked;
    while (code == LZMA_OK) {
        // One byte above the limit tells "as large as allowed" from "larger".
        const auto grown = std::max<std::uint64_t>(unpacked.size() * 2, first_step_bytes);
        unpacked.resize(static_cast<std::size_t>(std::min(grown, bytes_max + 1)));
        stream.next_out = reinterpret_cast<std::uint8_t*>(unpacked.data()) + stream.total_out;
        stream.avail_out = unpacked.size() - static_cast<std::size_t>(stream.total_out);
        code = lzma_code(&stream, LZMA_FINISH);
        if (stream.total_out > bytes_max) {
            return failure{error::unsupported,
                           fmt::format("{}: unpacks to more than {} MiB; record for a shorter time",
                                       name, bytes_max >> 20)};
        }
    }
    if (code != LZMA_STREAM_END) return decoder_failure(code, name, stream.total_in);
    unpacked.resize(static_cast<std::size_t>(stream.total_out));
    return unpacked;
}

}  // namespace anypage
