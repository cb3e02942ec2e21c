// The checker: every interleaving of a few contexts, under a memory model, on a kind of kernel.
//
// A scenario is a function that is called once. It makes the state that the contexts share, says
// who runs, and what must hold:
//
//   using namespace anypage::check;
//
//   struct Mail {                                      // any type; its shared words are Atomic,
//       ModelWorld::Atomic<int> data{0}, flag{0};      // or the kernel's: check_kernel.hpp
//   };
//   void flag_says_that_data_are_there(Setup& setup) {
//       Mail& mail = setup.make<Mail>();               // put back before each execution
//       setup.name(&mail.data, "data");                // what counterexamples call it
//       setup.thread("writer", 0, [&mail] {            // name, CPU, what it does
//           mail.data.store_relaxed(1);
//           mail.flag.store_release(1);
//       });
//       setup.thread("reader", 1, [&mail] {
//           if (mail.flag.load_acquire() == 0) return;
//           require(mail.data.load_relaxed() == 1, "no data is late", "the flag came first");
//       });
//       setup.after([&mail] { require(mail.flag.load_relaxed() == 1, "the flag stays", ""); });
//   }
//   int main() { return run({}, flag_says_that_data_are_there); }
//
// ExploreConfig says which memory model and which kernel, and when to give up; explore() returns
// what run() prints.
//
// Contexts: setup.thread, .fifo (priority), .handler (softirq, hardirq, NMI: once, at any instant
// or never), .signal. They may not depend on anything but the World: no clock, no addresses, no
// state outside of setup.make. A loop that waits calls ModelWorld::cpu_relax() in each round; one
// that goes round again because of what it has read has a ModelWorld::Loop. No deadlock, no
// livelock, no data race and no sleeping where it is not allowed are required without being said.
#pragma once

#include <anypage/checker/explore.hpp>
#include <anypage/checker/model_world.hpp>
#include <anypage/checker/report.hpp>
#include <cstdio>

namespace anypage::check {

/// Explores the scenario and prints the verdict and what led to it. 0: it holds, 1: it is broken,
/// 2: not everything could be looked at.
int run(const ExploreConfig& config, const Scenario& scenario, std::FILE* out = stdout);

}  // namespace anypage::check
