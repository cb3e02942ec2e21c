// What the threads and the handlers of the torture test do, until the scene is over.
#pragma once

#include <pthread.h>

#include <span>
#include <vector>

#include "tests/stress/torture_scene.hpp"

namespace anypage::torture {

/// A signal handler, in the middle of anything: takes a run and gives it back or leaves it.
void interrupt(Scene& scene);

/// Takes, holds, frees and passes on runs of all orders and types.
void churn(Scene& scene, unsigned seed);
/// The same by one young thread after another.
void churn_briefly(Scene& scene);
/// Pins versions of the topology, and looks whether each shows what its writer says.
void read(Scene& scene);
/// Sections come and go, and versions are published, as fast as it can.
void publish(Scene& scene);
/// A zone falls below its low mark and rises above its high one; stocks of all are drained.
void ebb_and_flow(Scene& scene);
/// The threads go from CPU to CPU, wherever they are.
void move_about(Scene& scene, std::span<const CpuId> cpus, const std::vector<pthread_t>& threads);

}  // namespace anypage::torture
