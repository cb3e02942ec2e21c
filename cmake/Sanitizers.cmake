# ANYPAGE_SANITIZE: instruments everything that is compiled here. A finding ends the program.
if(ANYPAGE_SANITIZE)
    add_compile_options(
        -O1 -g1 -fno-omit-frame-pointer
        -fsanitize=${ANYPAGE_SANITIZE} -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${ANYPAGE_SANITIZE})

    # For what no fuzzer looks into: to count its branches takes a fifth of the time to compile it.
    if(ANYPAGE_SANITIZE MATCHES "fuzzer")
        set(anypage_not_fuzzed -fno-sanitize=fuzzer-no-link)
    endif()

    # Shadow memory has fixed addresses. Where the kernel spreads mappings over more than 28 bits
    # they may be taken, so programs run there without address randomization.
    set(bits_file /proc/sys/vm/mmap_rnd_bits)
    if(EXISTS ${bits_file})
        file(STRINGS ${bits_file} mmap_random_bits)
        if(mmap_random_bits GREATER 28)
            set(CMAKE_CROSSCOMPILING_EMULATOR setarch -R)
        endif()
    endif()
endif()
