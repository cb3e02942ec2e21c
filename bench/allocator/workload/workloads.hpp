// The workloads of the allocator benchmarks. Each registers itself with every subject that can do
// it; an item of a workload is what its time is given for.
#pragma once

namespace anypage::bench {

void register_hot_pairs();      ///< allocate and free one run; an item is a pair
void register_batches();        ///< allocate n frames, then free them; an item is a frame
void register_bulks();          ///< all of a zone; an item is a frame
void register_replacements();   ///< random frames of a full zone; an item is a pair
void register_remote_frees();   ///< another thread frees; an item is a frame
void register_latencies();      ///< percentiles of an allocation in a full zone
void register_storms();         ///< beside memory that comes and goes; an item is a pair
void register_pins();           ///< of what is published; an item is one reading of it
void register_zone_sizes();     ///< the hot pair as zones grow; an item is a pair
void register_node_counts();    ///< as nodes are more; an item is a pair
void register_cpu_counts();     ///< as CPUs are more; an item is a pair
void register_fullnesses();     ///< as a zone fills; an item is a pair
void register_recordings();     ///< what a kernel has done; an item is an event
void register_fragmentation();  ///< what is left of huge runs: shares, not times

}  // namespace anypage::bench
