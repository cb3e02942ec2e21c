// The emulated CPU is Unicorn's; what an instruction is, Capstone says. See emulated_cpu.hpp.
#include "tests/cost/emulated_cpu.hpp"

#include <asm/prctl.h>
#include <capstone/capstone.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unicorn/unicorn.h>
#include <unistd.h>

#include <fstream>
#include <ostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace anypage::test {

namespace {

constexpr std::size_t stack_bytes = 256 * 1024;
constexpr std::uint64_t line_bytes = 64;
constexpr std::uint64_t nowhere = 0x1000;  // where the call returns to, and the emulator stops

void check(uc_err error, const char* doing) {
    if (error != UC_ERR_OK) {
        throw std::runtime_error(std::string("emulator: ") + doing + ": " + uc_strerror(error));
    }
}

struct Region {
    std::uint64_t first = 0;
    std::uint64_t end = 0;
    std::uint32_t rights = UC_PROT_NONE;
};

/// This process's memory, but for what the kernel keeps there for itself.
std::vector<Region> memory_map() {
    std::vector<Region> regions;
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) {
        if (line.find("[v") != std::string::npos) continue;  // vvar, vdso, vsyscall
        std::istringstream fields(line);
        Region region;
        char dash = 0;
        std::string rights;
        fields >> std::hex >> region.first >> dash >> region.end >> rights;
        if (rights[0] == 'r') region.rights |= UC_PROT_READ;
        if (rights[1] == 'w') region.rights |= UC_PROT_WRITE;
        if (rights[2] == 'x') region.rights |= UC_PROT_EXEC;
        if (rights[0] == 'r') regions.push_back(region);
    }
    return regions;
}

}  // namespace

struct EmulatedCpu::Parts {
    uc_engine* cpu = nullptr;
    csh decoder = 0;
    cs_insn* decoded = nullptr;
    std::byte* stack = nullptr;
    Cost cost;

    Parts() {
        stack = static_cast<std::byte*>(
            mmap(nullptr, stack_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        check(uc_open(UC_ARCH_X86, UC_MODE_64, &cpu), "open");
        if (cs_open(CS_ARCH_X86, CS_MODE_64, &decoder) != CS_ERR_OK) {
            throw std::runtime_error("decoder: open");
        }
        cs_option(decoder, CS_OPT_DETAIL, CS_OPT_ON);
        decoded = cs_malloc(decoder);
        for (const Region& region : memory_map()) {
            check(uc_mem_map_ptr(cpu, region.first, region.end - region.first, region.rights,
                                 reinterpret_cast<void*>(region.first)),
                  "map");
        }
        std::uint64_t thread = 0;
        syscall(SYS_arch_prctl, ARCH_GET_FS, &thread);
        check(uc_reg_write(cpu, UC_X86_REG_FS_BASE, &thread), "thread register");
        watch(UC_HOOK_CODE, reinterpret_cast<void*>(&on_instruction));
        watch(UC_HOOK_MEM_READ | UC_HOOK_MEM_WRITE, reinterpret_cast<void*>(&on_access));
    }
    ~Parts() {
        cs_free(decoded, 1);
        cs_close(&decoder);
        uc_close(cpu);
        munmap(stack, stack_bytes);
    }
    Parts(const Parts&) = delete;
    Parts& operator=(const Parts&) = delete;

    void watch(int what, void* call) {
        uc_hook hook = 0;
        check(uc_hook_add(cpu, &hook, what, call, this, 1, 0), "hook");
    }

    static void on_instruction(uc_engine*, std::uint64_t address, std::uint32_t size, void* self) {
        static_cast<Parts*>(self)->count(address, size);
    }
    static void on_access(uc_engine*, uc_mem_type type, std::uint64_t address, int size,
                          std::int64_t, void* self) {
        Parts& parts = *static_cast<Parts*>(self);
        if (type == UC_MEM_WRITE) {
            ++parts.cost.stores;
            parts.note_written(address, static_cast<std::uint64_t>(size));
        } else {
            ++parts.cost.loads;
        }
    }

    void note_written(std::uint64_t address, std::uint64_t size) {
        if (address - reinterpret_cast<std::uint64_t>(stack) < stack_bytes) return;
        cost.lines.insert(address / line_bytes);
        cost.lines.insert((address + size - 1) / line_bytes);
    }

    void count(std::uint64_t address, std::size_t size) {
        ++cost.instructions;
        const auto* code = reinterpret_cast<const std::uint8_t*>(address);
        if (!cs_disasm_iter(decoder, &code, &size, &address, decoded)) return;
        for (const auto group : {CS_GRP_JUMP, CS_GRP_CALL, CS_GRP_RET}) {
            if (cs_insn_group(decoder, decoded, group)) {
                ++cost.branches;
                break;
            }
        }
        const cs_x86& x86 = decoded->detail->x86;
        const bool exchange = decoded->id == X86_INS_XCHG && (x86.operands[0].type == X86_OP_MEM ||
                                                              x86.operands[1].type == X86_OP_MEM);
        if (x86.prefix[0] == X86_PREFIX_LOCK || exchange) ++cost.atomics;
        if (decoded->id == X86_INS_MFENCE) ++cost.fences;
    }
};

EmulatedCpu::EmulatedCpu() : parts_(std::make_unique<Parts>()) {}
EmulatedCpu::~EmulatedCpu() = default;

Cost EmulatedCpu::run(void (*entry)(void*), void* argument) {
    uc_engine* const cpu = parts_->cpu;
    parts_->cost = {};
    // As after a call: the return address is on top.
    auto* const top = reinterpret_cast<std::uint64_t*>(parts_->stack + stack_bytes) - 1;
    *top = nowhere;
    const auto stack = reinterpret_cast<std::uint64_t>(top);
    const auto first = reinterpret_cast<std::uint64_t>(argument);
    check(uc_reg_write(cpu, UC_X86_REG_RSP, &stack), "stack register");
    check(uc_reg_write(cpu, UC_X86_REG_RDI, &first), "argument register");
    check(uc_emu_start(cpu, reinterpret_cast<std::uint64_t>(entry), nowhere, 0, 0), "run");
    return parts_->cost;
}

std::ostream& operator<<(std::ostream& out, const Cost& cost) {
    return out << cost.instructions << " instructions, " << cost.branches << " branches, "
               << cost.loads << " loads, " << cost.stores << " stores, " << cost.atomics
               << " atomics, " << cost.fences << " fences";
}

}  // namespace anypage::test
