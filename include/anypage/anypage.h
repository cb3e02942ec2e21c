/*
 * anypage: a page allocator for programs that manage memory themselves, for C (C11 and later).
 * anypage.hpp is the same for C++; docs/api.md describes both.
 *
 * Conventions. Memory is counted in frames of ANYPAGE_FRAME_BYTES; a frame is named by its number
 * (pfn); a run is 2^order frames, aligned to its own length. Functions return 0 or a count, or a
 * negative errno. A structure that begins with its size has that set by the caller to
 * sizeof(struct ...). Shorter than in the first version is -EINVAL. Longer than this library knows:
 * the rest must be zero in a structure that is read (else -E2BIG), and is zeroed in one that is
 * filled in.
 *
 * Contexts. "Any context": a thread, a signal handler, a SCHED_FIFO thread, beside whatever else;
 * takes no lock, waits for nobody. "Threads": may sleep and call malloc; not in a signal handler.
 * One allocator may be used by any number of threads at once.
 */
#ifndef ANYPAGE_ANYPAGE_H
#define ANYPAGE_ANYPAGE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct anypage_allocator anypage_t;
typedef struct anypage_notifier anypage_notifier_t;

#define ANYPAGE_FRAME_BYTES 4096
/* Orders are 0 to this one: the largest run is 4 MiB. */
#define ANYPAGE_ORDER_MAX 10
/* Node ids are below this. */
#define ANYPAGE_NODE_MAX 1024
/* As a node: the one of the CPU that asks. */
#define ANYPAGE_NODE_LOCAL (-1)

/* What a request allows (the kernel's names and values, 6.12). Combine with |. */
#define ANYPAGE_GFP_DMA 0x1u
#define ANYPAGE_GFP_HIGHMEM 0x2u
#define ANYPAGE_GFP_DMA32 0x4u
#define ANYPAGE_GFP_MOVABLE 0x8u
#define ANYPAGE_GFP_RECLAIMABLE 0x10u
#define ANYPAGE_GFP_HIGH 0x20u
#define ANYPAGE_GFP_IO 0x40u
#define ANYPAGE_GFP_FS 0x80u
#define ANYPAGE_GFP_ZERO 0x100u
#define ANYPAGE_GFP_DIRECT_RECLAIM 0x400u
#define ANYPAGE_GFP_KSWAPD_RECLAIM 0x800u
#define ANYPAGE_GFP_NOWARN 0x2000u
#define ANYPAGE_GFP_RETRY_MAYFAIL 0x4000u
#define ANYPAGE_GFP_NOFAIL 0x8000u
#define ANYPAGE_GFP_NORETRY 0x10000u
#define ANYPAGE_GFP_MEMALLOC 0x20000u
#define ANYPAGE_GFP_COMP 0x40000u
#define ANYPAGE_GFP_NOMEMALLOC 0x80000u
#define ANYPAGE_GFP_HARDWALL 0x100000u
#define ANYPAGE_GFP_THISNODE 0x200000u
#define ANYPAGE_GFP_RECLAIM (ANYPAGE_GFP_DIRECT_RECLAIM | ANYPAGE_GFP_KSWAPD_RECLAIM)
#define ANYPAGE_GFP_ATOMIC (ANYPAGE_GFP_HIGH | ANYPAGE_GFP_KSWAPD_RECLAIM)
#define ANYPAGE_GFP_KERNEL (ANYPAGE_GFP_RECLAIM | ANYPAGE_GFP_IO | ANYPAGE_GFP_FS)
#define ANYPAGE_GFP_NOWAIT (ANYPAGE_GFP_KSWAPD_RECLAIM | ANYPAGE_GFP_NOWARN)
#define ANYPAGE_GFP_NOIO ANYPAGE_GFP_RECLAIM
#define ANYPAGE_GFP_NOFS (ANYPAGE_GFP_RECLAIM | ANYPAGE_GFP_IO)
#define ANYPAGE_GFP_USER (ANYPAGE_GFP_KERNEL | ANYPAGE_GFP_HARDWALL)
#define ANYPAGE_GFP_HIGHUSER (ANYPAGE_GFP_USER | ANYPAGE_GFP_HIGHMEM)
#define ANYPAGE_GFP_HIGHUSER_MOVABLE (ANYPAGE_GFP_HIGHUSER | ANYPAGE_GFP_MOVABLE)

/* Kinds of zones. */
#define ANYPAGE_ZONE_DMA 0
#define ANYPAGE_ZONE_DMA32 1
#define ANYPAGE_ZONE_NORMAL 2
#define ANYPAGE_ZONE_MOVABLE 3
#define ANYPAGE_ZONE_DEVICE 4

/* What lies behind the frames: memory of this machine, or nothing (anypage_address is NULL). */
#define ANYPAGE_BACKING_HOST 0
#define ANYPAGE_BACKING_NUMBERS 1
/* Where memory lies: on the node that the topology says, or wherever the system likes. */
#define ANYPAGE_BINDING_STRICT 0
#define ANYPAGE_BINDING_NONE 1

/* A set of nodes: node n is bit n % 64 of word n / 64. Zeroed: none. */
typedef struct anypage_nodemask {
    uint64_t words[ANYPAGE_NODE_MAX / 64];
} anypage_nodemask_t;

/* Memory that the caller owns: whole sections of the topology, of one zone of one node. */
struct anypage_range {
    uint32_t node;   /* an id that the topology has */
    uint32_t zone;   /* ANYPAGE_ZONE_* */
    uint64_t first;  /* pfn */
    uint64_t frames; /* at least 1 */
    void* base;      /* the address of the first frame; NULL: numbers only */
};

struct anypage_config {
    size_t size;
    /* "host", a topology file, or a description such as "node:2 pu:4"; NULL: "host". */
    const char* topology;
    /* NULL: the library maps what the topology says. Else just these, all online; nothing is
       mapped, and the tables are in `metadata`: zeroed, aligned to 64, of at least
       anypage_metadata_size() bytes, and untouched by the caller until anypage_destroy(). */
    const struct anypage_range* ranges;
    size_t range_count;
    void* metadata;
    size_t metadata_bytes;
    int backing; /* ANYPAGE_BACKING_*; ignored with ranges */
    int binding; /* ANYPAGE_BINDING_*; ignored with ranges */
    /* Bytes online at the start, at least a section of each node's main zones; 0: everything. */
    uint64_t online_bytes;
    uint64_t min_free_kbytes;        /* as /proc/sys/vm; 0: computed */
    uint64_t watermark_scale_factor; /* as /proc/sys/vm: 1 to 3000 */
    /* Told of a wrong free, in the context of the free. NULL: print to stderr and abort. */
    void (*on_misuse)(void* context, const char* what);
    void* misuse_context;
    int checked; /* not 0: also look for double frees among the stocks, at once */
    /* Not 0: keep no ready frames for each CPU. Each request then goes to its zone, by an atomic
       instruction, and more huge free runs stay whole (docs/PERFORMANCE.md has what each costs). */
    int no_stocks;
};

/* What every config begins as; then set what differs. */
#define ANYPAGE_CONFIG_INIT                                                          \
    {                                                                                \
        sizeof(struct anypage_config), NULL, NULL, 0, NULL, 0, ANYPAGE_BACKING_HOST, \
            ANYPAGE_BINDING_STRICT, 67108864u, 0, 10, NULL, NULL, 0, 0               \
    }

/* Makes an allocator in *made. NULL for config: the defaults. Threads.
   On an error *made is NULL and `error` (may be NULL), of error_bytes bytes, says in a sentence
   what is wrong and what to do about it. -EINVAL: an argument; -E2BIG: a config of the future;
   -ENOENT: no such file, or node to bind to; -ENOMEM: memory or address space; -ENOTSUP: this
   machine cannot. */
int anypage_create(anypage_t** made, const struct anypage_config* config, char* error,
                   size_t error_bytes);
/* Bytes of metadata for a config with ranges, or -errno as anypage_create. Threads. */
int64_t anypage_metadata_size(const struct anypage_config* config, char* error, size_t error_bytes);
/* Gives back everything that the library has mapped, the pages in use with it. NULL: nothing
   happens. Threads; nobody may use the allocator any more, and its notifiers are unregistered. */
void anypage_destroy(anypage_t* pages);

/* A run of 2^order frames: its first pfn. `node` is where the search begins, `allowed` the nodes
   that may serve (NULL: all). Any context, unless gfp has ANYPAGE_GFP_DIRECT_RECLAIM: threads.
   -ENOMEM: each zone that the request may use was unable to serve it at some instant of the call.
   -EINVAL: NULL, an order above ANYPAGE_ORDER_MAX, a node that the topology lacks, two of
   ANYPAGE_GFP_DMA, _DMA32 and _HIGHMEM. */
int64_t anypage_alloc(anypage_t* pages, uint32_t gfp, unsigned order, int node,
                      const anypage_nodemask_t* allowed);
/* Up to `count` single frames into pfns[]; how many, 0 for wrong arguments too. Only for the first
   it tries as hard as anypage_alloc. Contexts as anypage_alloc. */
size_t anypage_alloc_bulk(anypage_t* pages, uint32_t gfp, int node,
                          const anypage_nodemask_t* allowed, uint64_t* pfns, size_t count);
/* Gives a run back, whole, or single frames. Any context; never waits, never fails: misuse goes to
   config.on_misuse and changes nothing. NULL for pages or pfns: nothing happens. */
void anypage_free(anypage_t* pages, uint64_t pfn, unsigned order);
void anypage_free_bulk(anypage_t* pages, const uint64_t* pfns, size_t count);

/* Where a frame is: NULL if it is a number only, or none of ours. Memory of the library's own can
   be touched while the frame is online. Any context. */
void* anypage_address(const anypage_t* pages, uint64_t pfn);
/* The frame at an address; -ENOENT: none of ours, -EINVAL: NULL for pages. Any context. */
int64_t anypage_frame(const anypage_t* pages, const void* address);
/* The unit of online and offline, in frames; 0 for NULL. Any context. */
uint64_t anypage_section_frames(const anypage_t* pages);

struct anypage_blocker {
    uint64_t pfn;
    uint32_t order;
    uint32_t reserved;
};
#define ANYPAGE_BLOCKERS_MAX 16

/* What an offline came to: offlined + left is the range that was asked for. */
struct anypage_offline_report {
    size_t size;
    uint64_t offlined;      /* frames */
    uint64_t left;          /* frames that stayed online */
    uint64_t blocker_count; /* pages in use where it refused; the first of them are in blockers */
    struct anypage_blocker blockers[ANYPAGE_BLOCKERS_MAX];
    uint32_t rebuild_pending; /* not 0: zonelists still show an empty zone, which is harmless */
    uint32_t reserved;
};

/* Brings the offline frames [first, first + frames) online: whole sections of one zone. Waits up to
   wait_ms for readers that hold every snapshot. Threads; onlines and offlines wait for each other.
   0, or on an error nothing has changed: -EINVAL: not whole sections of one zone, or partly online;
   -ENOMEM: no memory for it; -EBUSY: readers; -ECANCELED: a notifier said no. */
int anypage_online(anypage_t* pages, uint64_t first, uint64_t frames, unsigned wait_ms);
/* Takes online frames offline, section by section, waiting up to wait_ms at each for pages on their
   way back. Threads. `report` may be NULL. 0: all is offline; -EBUSY: something stays, see report;
   -EINVAL, -ECANCELED as anypage_online, and nothing has changed. */
int anypage_offline(anypage_t* pages, uint64_t first, uint64_t frames, unsigned wait_ms,
                    struct anypage_offline_report* report);
/* The same for every online section of a node. -ENOENT: no such node. */
int anypage_offline_node(anypage_t* pages, int node, unsigned wait_ms,
                         struct anypage_offline_report* report);

/* The kernel's memory events. */
#define ANYPAGE_GOING_ONLINE 0  /* may be vetoed */
#define ANYPAGE_CANCEL_ONLINE 1 /* a going online came to nothing */
#define ANYPAGE_ONLINE 2
#define ANYPAGE_GOING_OFFLINE 3  /* may be vetoed */
#define ANYPAGE_CANCEL_OFFLINE 4 /* a going offline came to nothing */
#define ANYPAGE_OFFLINE 5

struct anypage_notice {
    size_t size;
    uint32_t event; /* as above */
    uint32_t node;
    uint32_t zone; /* ANYPAGE_ZONE_* */
    uint32_t reserved;
    uint64_t first; /* pfn */
    uint64_t frames;
};

/* Not 0 vetoes a "going" event. Called by the thread that onlines or offlines; may allocate and
   free, but not online, offline, register or unregister. */
typedef int anypage_notify_fn(void* context, const struct anypage_notice* notice);

/* Threads; waits for an online or offline in progress. -EINVAL: NULL; -ENOMEM. */
int anypage_notifier_register(anypage_t* pages, anypage_notify_fn* call, void* context,
                              anypage_notifier_t** made);
/* After it the notifier is not called any more. NULL: nothing happens. Threads. */
void anypage_notifier_unregister(anypage_t* pages, anypage_notifier_t* notifier);

struct anypage_zone_stats {
    size_t size;
    uint32_t node;
    uint32_t zone;             /* ANYPAGE_ZONE_* */
    uint64_t first, frames;    /* all that the zone may ever have */
    uint64_t present, managed; /* frames */
    int64_t free;              /* frames, those in stocks not included */
    uint64_t min, low, high;   /* watermarks, in frames */
    uint32_t bound;            /* not 0: its memory is on its node */
    uint32_t reserved;
};

/* Zones of the topology, by node and kind, populated or not; 0 for NULL. Any context. */
size_t anypage_zone_count(const anypage_t* pages);
/* Of the zone at `index`; counts are of about now. Any context.
   -ENOENT: no such zone; -EINVAL: NULL, or too short. */
int anypage_get_stats(const anypage_t* pages, size_t index, struct anypage_zone_stats* stats);

#ifdef __cplusplus
}
#endif

#endif
