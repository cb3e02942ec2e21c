// Allocators of memory, as subjects: jemalloc, mimalloc and tcmalloc, each loaded for itself so
// that one process measures all of them, glibc's aligned_alloc, and mmap with munmap. A run is
// memory of its size, aligned to its size (but for mmap: to a page). Nobody writes to it but they.
#pragma once

#include "subject.hpp"

namespace anypage::bench {

/// A library that was loaded, or why not.
struct MallocLibrary {
    void* (*allocate)(std::size_t first, std::size_t second) = nullptr;
    void (*free)(void*) = nullptr;
    std::string missing;
};

MallocLibrary load_malloc(const char* file, const char* allocate, const char* free);

/// `Source` has a name, a library, and the order of the arguments.
template <class Source>
class MallocLike {
public:
    static constexpr const char* name = Source::name;
    static constexpr bool is_shared = true;
    static constexpr bool serves(Order) { return true; }
    static std::string missing() { return library().missing; }

    MallocLike() : library_(library()) {}

    Pfn allocate(Order order, Migratetype) {
        const std::size_t bytes = order.frames() * frame_bytes;
        // Alignment and size are the same number, so their order does not matter.
        void* memory = library_.allocate(bytes, bytes);
        if (memory == nullptr) return no_page;
        return Pfn{reinterpret_cast<std::uintptr_t>(memory)};
    }
    void free(Pfn pfn, Order) { library_.free(reinterpret_cast<void*>(pfn.value)); }

private:
    static const MallocLibrary& library() {
        static const MallocLibrary loaded = Source::load();
        return loaded;
    }

    const MallocLibrary library_;
};

struct Jemalloc {
    static constexpr const char* name = "jemalloc";
    static MallocLibrary load() { return load_malloc("libjemalloc.so.2", "aligned_alloc", "free"); }
};
struct Mimalloc {
    static constexpr const char* name = "mimalloc";
    static MallocLibrary load() {
        return load_malloc("libmimalloc.so.2", "mi_malloc_aligned", "mi_free");
    }
};
struct Tcmalloc {
    static constexpr const char* name = "tcmalloc";
    static MallocLibrary load() {
        return load_malloc("libtcmalloc_minimal.so.4", "tc_memalign", "tc_free");
    }
};
struct Glibc {
    static constexpr const char* name = "glibc";
    static MallocLibrary load();
};

struct Mmap {
    static constexpr const char* name = "mmap";
    static constexpr bool is_shared = true;
    static constexpr bool serves(Order) { return true; }
    Pfn allocate(Order order, Migratetype);
    void free(Pfn pfn, Order order);
};

}  // namespace anypage::bench
