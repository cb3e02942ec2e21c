// The kernel's names for scenarios: paste a hunk of kernel C, and check it. State that contexts
// share is members of a structure that Setup::make makes; the hunk's functions are its members too.
//
//   #include <anypage/check_kernel.hpp>
//   using namespace anypage::check::kernel;
//
//   struct clock {
//       DEFINE_SEQLOCK(lock);
//       shared<u64> now{0, "now"};        // u64 now; in the kernel
//       void tick() {
//           unsigned long flags;
//           write_seqlock_irqsave(&lock, flags);
//           WRITE_ONCE(now, now + 1);
//           write_sequnlock_irqrestore(&lock, flags);
//       }
//   };
//
// docs/CHECKER.md has what can be pasted and what cannot.
#pragma once

#include <anypage/check.hpp>
#include <anypage/checker/kernel_names.hpp>
