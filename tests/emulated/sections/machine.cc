// The emulated CPU is Unicorn's. See machine.hpp.
#include "tests/emulated/sections/machine.hpp"

#include <elf.h>
#include <sys/mman.h>
#include <unicorn/unicorn.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>
#include <vector>

namespace anypage::test {

namespace {

constexpr std::uint64_t nowhere = 0x1000;  // where a call returns to
constexpr std::uint64_t image_first = 0x400000;
constexpr std::uint64_t image_bytes = 0x40000;
constexpr std::uint64_t shared_first = 0x10000000;
constexpr std::size_t page = 4096;
constexpr std::size_t shared_bytes = (sizeof(SharedMemory) + page - 1) / page * page;

/// What differs between machines.
struct Kind {
    unsigned elf_machine;
    uc_arch arch;
    uc_mode mode;
    int pc, stack, thread, first_argument, second_argument;
    int link;  ///< where a call leaves its return address; 0: on the stack
    std::uint32_t signature;
};
constexpr Kind kinds[] = {
    {EM_X86_64, UC_ARCH_X86, UC_MODE_64, UC_X86_REG_RIP, UC_X86_REG_RSP, UC_X86_REG_FS_BASE,
     UC_X86_REG_RDI, UC_X86_REG_RSI, 0, 0x53053053},
    {EM_AARCH64, UC_ARCH_ARM64, UC_MODE_ARM, UC_ARM64_REG_PC, UC_ARM64_REG_SP,
     UC_ARM64_REG_TPIDR_EL0, UC_ARM64_REG_X0, UC_ARM64_REG_X1, UC_ARM64_REG_X30, 0xd428bc00},
};

void check(uc_err error, const char* doing) {
    if (error != UC_ERR_OK) {
        throw std::runtime_error(std::string("emulator: ") + doing + ": " + uc_strerror(error));
    }
}
void demand(bool good, const char* what) {
    if (!good) throw std::runtime_error(what);
}

}  // namespace

struct Machine::Parts {
    const Kind* kind = nullptr;
    uc_engine* cpu = nullptr;
    SharedMemory* shared = nullptr;
    std::uint64_t entry = 0;
    unsigned left = 0;  ///< instructions until it stops

    /// The emulator's own way to count forgets to look in code that it has run without.
    static void on_instruction(uc_engine* cpu, std::uint64_t, std::uint32_t, void* self) {
        if (static_cast<Parts*>(self)->left-- == 0) uc_emu_stop(cpu);
    }
    /// At most so many instructions. False: the call had returned before.
    bool run(unsigned instructions) {
        const std::uint64_t pc = get(kind->pc);
        if (pc == nowhere) return false;
        left = instructions;
        check(uc_emu_start(cpu, pc, nowhere, 0, 0), "run");
        return true;
    }
    std::uint64_t get(int name) {
        std::uint64_t value = 0;
        check(uc_reg_read(cpu, name, &value), "register");
        return value;
    }
    void set(int name, std::uint64_t value) { check(uc_reg_write(cpu, name, &value), "register"); }
    template <class T>
    T read(std::uint64_t address) {
        T value;
        check(uc_mem_read(cpu, address, &value, sizeof value), "read");
        return value;
    }
    /// Where the emulated CPU sees a part of the shared memory.
    std::uint64_t address(const void* part) const {
        return shared_first + static_cast<std::uint64_t>(static_cast<const std::byte*>(part) -
                                                         reinterpret_cast<std::byte*>(shared));
    }

    void open(const std::vector<char>& image) {
        demand(image.size() >= sizeof(Elf64_Ehdr), "no image");
        Elf64_Ehdr head;
        std::memcpy(&head, image.data(), sizeof head);
        kind = std::ranges::find(kinds, unsigned{head.e_machine}, &Kind::elf_machine);
        demand(kind != std::end(kinds), "an image of no machine");
        check(uc_open(kind->arch, kind->mode, &cpu), "open");
        check(uc_mem_map(cpu, image_first, image_bytes, UC_PROT_ALL), "map image");
        for (std::size_t i = 0; i < head.e_phnum; ++i) {
            Elf64_Phdr part;
            std::memcpy(&part, image.data() + head.e_phoff + i * sizeof part, sizeof part);
            if (part.p_type != PT_LOAD) continue;
            check(uc_mem_write(cpu, part.p_vaddr, image.data() + part.p_offset, part.p_filesz),
                  "load");
        }
        entry = head.e_entry;
        uc_hook hook = 0;
        check(uc_hook_add(cpu, &hook, UC_HOOK_CODE, reinterpret_cast<void*>(&on_instruction), this,
                          1, 0),
              "hook");
    }
    void share() {
        void* const memory =
            mmap(nullptr, shared_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        demand(memory != MAP_FAILED, "no memory");
        shared = static_cast<SharedMemory*>(memory);
        check(uc_mem_map_ptr(cpu, shared_first, shared_bytes, UC_PROT_READ | UC_PROT_WRITE, memory),
              "map memory");
        *shared = {};
        set(kind->thread, address(&shared->area) - area_offset);
    }
};

Machine::Machine(const std::string& image) : parts_(std::make_unique<Parts>()) {
    std::ifstream file(image, std::ios::binary);
    parts_->open({std::istreambuf_iterator<char>(file), {}});
    parts_->share();
}

Machine::~Machine() {
    uc_close(parts_->cpu);
    munmap(parts_->shared, shared_bytes);
}

SharedMemory& Machine::memory() { return *parts_->shared; }

void Machine::begin(std::size_t call) {
    auto& stack = parts_->shared->stacks[call];
    // As after a call, on x86-64: the return address is on top.
    std::byte* const top = stack.data() + stack.size() - (parts_->kind->link == 0 ? 8 : 0);
    if (parts_->kind->link == 0) {
        std::memcpy(top, &nowhere, sizeof nowhere);
    } else {
        parts_->set(parts_->kind->link, nowhere);
    }
    parts_->set(parts_->kind->stack, parts_->address(top));
    parts_->set(parts_->kind->first_argument, parts_->address(&parts_->shared->calls[call]));
    parts_->set(parts_->kind->second_argument, parts_->address(&parts_->shared->words));
    parts_->set(parts_->kind->pc, parts_->entry);
}

bool Machine::step() { return parts_->run(1); }

void Machine::finish() {
    parts_->run(1000);
    demand(parts_->get(parts_->kind->pc) == nowhere, "a call does not return");
}

bool Machine::interrupt() {
    // As rseq_ip_fixup() of kernel/rseq.c: what is checked, and in which order.
    const std::uint64_t where = std::exchange(parts_->shared->area.rseq_cs, 0);
    if (where == 0) return false;
    const auto section = parts_->read<struct rseq_cs>(where);
    demand(where % alignof(struct rseq_cs) == 0, "a descriptor is not aligned");
    demand(section.version == 0 && section.flags == 0, "a descriptor has flags");
    demand(section.abort_ip - section.start_ip >= section.post_commit_offset,
           "an abort handler lies in its section");
    demand(parts_->read<std::uint32_t>(section.abort_ip - 4) == parts_->kind->signature,
           "an abort handler has no signature");
    const std::uint64_t pc = parts_->get(parts_->kind->pc);
    if (pc - section.start_ip >= section.post_commit_offset) return false;
    parts_->set(parts_->kind->pc, section.abort_ip);
    return true;
}

Machine::Registers Machine::save() {
    uc_context* registers = nullptr;
    check(uc_context_alloc(parts_->cpu, &registers), "context");
    Registers saved(registers, uc_context_free);
    check(uc_context_save(parts_->cpu, registers), "save");
    return saved;
}
void Machine::restore(const Registers& saved) {
    check(uc_context_restore(parts_->cpu, saved.get()), "restore");
}

}  // namespace anypage::test
