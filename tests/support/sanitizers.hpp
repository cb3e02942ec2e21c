// Which sanitizer this is built with: some tests have less to do then, or another way to do it.
#pragma once

#if defined(__SANITIZE_ADDRESS__)
#define ANYPAGE_TEST_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ANYPAGE_TEST_ASAN 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define ANYPAGE_TEST_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define ANYPAGE_TEST_TSAN 1
#endif
#endif

namespace anypage::test {

#if defined(ANYPAGE_TEST_ASAN)
inline constexpr bool asan = true;
#else
inline constexpr bool asan = false;
#endif
#if defined(ANYPAGE_TEST_TSAN)
inline constexpr bool tsan = true;
#else
inline constexpr bool tsan = false;
#endif

}  // namespace anypage::test
