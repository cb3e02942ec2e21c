// Loads the malloc libraries, and calls what the system has.
#include "malloc_like.hpp"

#include <dlfcn.h>
#include <sys/mman.h>

#include <cstdlib>

namespace anypage::bench {

MallocLibrary load_malloc(const char* file, const char* allocate, const char* free) {
    MallocLibrary library;
    void* handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) {
        library.missing = dlerror();
        return library;
    }
    library.allocate = reinterpret_cast<decltype(library.allocate)>(dlsym(handle, allocate));
    library.free = reinterpret_cast<decltype(library.free)>(dlsym(handle, free));
    if (library.allocate == nullptr || library.free == nullptr) {
        library.missing = std::string(file) + " has not " + allocate + " or " + free;
    }
    return library;
}

MallocLibrary Glibc::load() {
    MallocLibrary library;
    library.allocate = std::aligned_alloc;
    library.free = std::free;
    return library;
}

Pfn Mmap::allocate(Order order, Migratetype) {
    void* memory = mmap(nullptr, order.frames() * frame_bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return no_page;
    return Pfn{reinterpret_cast<std::uintptr_t>(memory)};
}
void Mmap::free(Pfn pfn, Order order) {
    munmap(reinterpret_cast<void*>(pfn.value), order.frames() * frame_bytes);
}

}  // namespace anypage::bench
