// Rows leave a zone and come back beside allocations and frees. A row is closed only when the sweep
// has every frame of it: then nobody holds one or gets one. Otherwise what was taken comes back,
// and is found. Nobody whom other rows can serve notices.
#include "tests/scenario/zone_scene.hpp"

namespace anypage::scenario {

namespace {

constexpr const char* strands = "offline strands no page";

struct HotplugScene {
    ZoneScene* scene = nullptr;
    PfnRange rows;
    std::array<std::uint64_t, 16> taken{};
    std::uint64_t count = 0;
    bool closed = false;
    W::Ghost<std::uint64_t> closed_for_all{0};
    W::Ghost<std::uint64_t> holders{0};  // of frames in `rows`

    Zone<W>& zone() { return scene->zone; }

    /// The steps of an offline; what it has taken it keeps, for the end.
    void take_offline(unsigned sweeps) {
        zone().isolate_range(rows);
        for (unsigned i = 0; i < sweeps && count != rows.frames; ++i) {
            count += zone().sweep_range(rows, taken.data());
        }
        if (count != rows.frames) return;
        require(holders.load_relaxed() == 0, strands,
                "A row is closed while a page of it is held.");
        zone().close_range(rows);
        closed_for_all.store_relaxed(1);
        closed = true;
    }
    void put_back() { zone().put_back_range(rows, taken.data(), count); }

    /// As ZoneScene::take, and says so to whoever closes rows.
    std::optional<Pfn> take(unsigned user, Order order) {
        const auto page = scene->take(user, order);
        if (page && rows.contains(*page)) {
            require(closed_for_all.load_relaxed() == 0, strands,
                    "A page of a closed row is handed out.");
            holders.fetch_add_relaxed(1);
        }
        return page;
    }
    void give(unsigned user) {
        if (rows.contains(scene->held[user]->pfn)) holders.fetch_add_relaxed(~std::uint64_t{0});
        scene->give(user);
    }

    /// When all have ended.
    void check() {
        if (!closed) {
            put_back();
            scene->check();
            return;
        }
        const FrameMap<W>& map = zone().map();
        for (std::uint64_t frame = 0; frame < rows.frames; ++frame) {
            const FrameIndex index = zone().index_of(rows.first + frame);
            require(!map.is_free(index) && !map.head_set(index), strands,
                    "A frame of a closed row is free.");
        }
        for (const auto& run : scene->held) {
            require(!run || !rows.contains(run->pfn), strands, "A page of a closed row is held.");
        }
        scene->check();
    }
};

HotplugScene& make_hotplug(Setup& setup, ZoneScene& scene, PfnRange rows) {
    auto& hotplug = setup.make<HotplugScene>();
    hotplug.scene = &scene;
    hotplug.rows = rows;
    setup.name(&hotplug.closed_for_all, "closed");
    setup.name(&hotplug.holders, "holders");
    return hotplug;
}
HotplugScene& make_hotplug(Setup& setup, std::uint64_t frames) {
    ZoneScene& scene = make_zone(setup, frames);
    return make_hotplug(setup, scene, scene.zone.span());
}

void take_and_give(HotplugScene& hotplug, unsigned user, Order order) {
    if (hotplug.take(user, order)) hotplug.give(user);
}

struct Beside {
    std::uint64_t frames;
    std::optional<unsigned> allocates;  ///< an order: takes, gives, takes again and keeps
    std::optional<unsigned> frees;      ///< an order: had it from the start
    unsigned sweeps = 2;
};

check::Scenario offline_beside(Beside beside) {
    return [beside](Setup& setup) {
        HotplugScene& hotplug = make_hotplug(setup, beside.frames);
        if (beside.frees) hotplug.take(1, order(*beside.frees));
        setup.thread("offline", 0, [&hotplug, beside] { hotplug.take_offline(beside.sweeps); });
        if (beside.frees) setup.thread("free", 1, [&hotplug] { hotplug.give(1); });
        if (beside.allocates) {
            setup.thread("allocate", 2, [&hotplug, wanted = order(*beside.allocates)] {
                take_and_give(hotplug, 2, wanted);
                hotplug.take(2, wanted);
            });
        }
        setup.after([&hotplug] { hotplug.check(); });
    };
}

check::Scenario offline_interrupted(ContextKind kind) {
    return [kind](Setup& setup) {
        HotplugScene& hotplug = make_hotplug(setup, 2);
        hotplug.take(1, order(0));
        setup.thread("offline", 0, [&hotplug] { hotplug.take_offline(2); });
        handler(setup, kind, [&hotplug] {
            take_and_give(hotplug, 2, order(0));
            hotplug.give(1);
            take_and_give(hotplug, 2, order(0));
        });
        setup.after([&hotplug] { hotplug.check(); });
    };
}

/// Isolated, swept and put back; the other's frames are as many as before.
check::Scenario cancelled_beside(Beside beside) {
    return [beside](Setup& setup) {
        HotplugScene& hotplug = make_hotplug(setup, beside.frames);
        if (beside.frees) hotplug.take(1, order(*beside.frees));
        setup.thread("cancelled offline", 0, [&hotplug] {
            hotplug.zone().isolate_range(hotplug.rows);
            hotplug.count += hotplug.zone().sweep_range(hotplug.rows, hotplug.taken.data());
            hotplug.put_back();
        });
        if (beside.frees) setup.thread("free", 1, [&hotplug] { hotplug.give(1); });
        if (beside.allocates) {
            setup.thread("allocate", 2, [&hotplug, wanted = order(*beside.allocates)] {
                hotplug.take(2, wanted);
            });
        }
        setup.after([&hotplug] { hotplug.scene->check(); });
    };
}

check::Scenario online_beside_allocate() {
    return [](Setup& setup) {
        HotplugScene& hotplug = make_hotplug(setup, 2);
        hotplug.take_offline(1);
        lower_hints(*hotplug.scene, order(0));
        auto& online = setup.make<W::Atomic<std::uint64_t>>(std::uint64_t{0});
        setup.name(&online, "online");
        setup.thread("online", 0, [&hotplug, &online] {
            hotplug.zone().fill_range(hotplug.rows);
            hotplug.zone().open_range(hotplug.rows);
            online.store_release(1);
        });
        setup.thread("allocate", 1, [&hotplug] { hotplug.scene->take(1, order(0)); });
        setup.thread("told", 2, [&hotplug, &online] {
            if (online.load_acquire() == 0) return;
            require(hotplug.scene->take(2, order(0)).has_value(), "no spurious failure",
                    "What has come online is free, and the request failed.");
        });
        setup.after([&hotplug] { hotplug.scene->check(); });
    };
}

/// A row that has its frames opens while somebody who found nothing lowers the hints; it has been
/// there before, so that they say that anything may be found.
check::Scenario opens_beside_lowering() {
    return [](Setup& setup) {
        ZoneScene& scene = make_zone(setup, 1, Hints::fresh);
        HotplugScene& hotplug = make_hotplug(setup, scene, scene.zone.span());
        hotplug.take_offline(1);
        hotplug.zone().fill_range(hotplug.rows);
        setup.thread("online", 0, [&hotplug] { hotplug.zone().open_range(hotplug.rows); });
        setup.thread("allocate", 1, [&scene] { scene.take(1, order(0)); });
        setup.after([&scene] { scene.check(); });
    };
}

/// A row goes and comes back while somebody asks, who may have looked when it was there before.
check::Scenario comes_back_beside_allocate() {
    return [](Setup& setup) {
        HotplugScene& hotplug = make_hotplug(setup, 1);
        setup.thread("offline, online", 0, [&hotplug] {
            hotplug.zone().isolate_range(hotplug.rows);
            hotplug.count = hotplug.zone().sweep_range(hotplug.rows, hotplug.taken.data());
            hotplug.closed = hotplug.count == hotplug.rows.frames;
            if (!hotplug.closed) return;
            hotplug.zone().close_range(hotplug.rows);
            hotplug.zone().fill_range(hotplug.rows);
            hotplug.zone().open_range(hotplug.rows);
        });
        setup.thread("allocate", 1, [&hotplug] {
            if (hotplug.scene->take(1, order(0))) hotplug.scene->give(1);
        });
        setup.after([&hotplug] {
            if (!hotplug.closed) hotplug.put_back();
            hotplug.scene->check();
        });
    };
}

/// A row goes; the other has a frame throughout.
check::Scenario other_row_serves() {
    return [](Setup& setup) {
        ZoneScene& scene = make_zone(setup, layout::row_frames + 1);
        for (unsigned value = pageblock_order.value; value-- > 0;) {
            if (scene.take(0, order(value))) scene.background += order(value).frames();
        }
        scene.held[0].reset();
        HotplugScene& hotplug = make_hotplug(setup, scene, {Pfn{layout::row_frames}, 1});
        require(scene.background == layout::row_frames - 1 && !scene.is_free(Pfn{0}),
                "the scenario is as meant", "The first row has more than one free frame.");
        setup.thread("offline", 0, [&hotplug] { hotplug.take_offline(2); });
        setup.thread("allocate", 1, [&hotplug] {
            require(hotplug.take(1, order(0)).has_value(), "no spurious failure",
                    "A row that stays had a free frame throughout.");
        });
        setup.after([&hotplug] { hotplug.check(); });
    };
}

/// Requests of another type take rows over; an isolated row stays isolated.
check::Scenario retyped_beside_isolation() {
    return [](Setup& setup) {
        ZoneScene& scene = make_zone(setup, layout::row_frames);
        HotplugScene& hotplug = make_hotplug(setup, scene, scene.zone.span());
        setup.thread("offline", 0, [&hotplug] {
            hotplug.zone().isolate_range(hotplug.rows);
            require(hotplug.zone().row_type_of(Pfn{0}) == RowType::isolate,
                    "an isolated row stays so", "A request gave an isolated row its own type.");
        });
        setup.thread("unmovable", 1, [&hotplug] {
            const auto page = hotplug.zone().allocate(order(0), Migratetype::unmovable, W::cpu());
            if (page) hotplug.scene->held[1] = ZoneScene::Run{*page, order(0)};
        });
        setup.after([&hotplug] {
            require(hotplug.zone().row_type_of(Pfn{0}) == RowType::isolate,
                    "an isolated row stays so", "A request gave an isolated row its own type.");
            hotplug.put_back();
            hotplug.scene->check();
        });
    };
}

/// A claim of two rows, one of which goes: its undoing frees into an isolated row.
check::Scenario largest_beside_isolation() {
    return [](Setup& setup) {
        ZoneScene& scene = make_zone(setup, 2 * layout::row_frames);
        HotplugScene& hotplug =
            make_hotplug(setup, scene, {Pfn{layout::row_frames}, layout::row_frames});
        setup.thread("offline", 0, [&hotplug] { hotplug.take_offline(1); });
        setup.thread("allocate", 1, [&hotplug] { hotplug.scene->take(1, order_max); });
        setup.after([&hotplug] {
            require(!hotplug.closed || !hotplug.scene->held[1], strands,
                    "A row is closed while a run that reaches into it is held.");
            hotplug.check();
        });
    };
}

}  // namespace

void add_hotplug_strands_no_page(Catalogue& catalogue) {
    const auto add = [&](const std::string& name, const check::Scenario& scenario) -> Entry& {
        catalogue.push_back(entry("hotplug." + name,
                                  "A closed row has no page that is held or found, and what is not "
                                  "closed comes back whole.",
                                  scenario));
        return catalogue.back();
    };
    add("offline_beside_allocate", offline_beside({1, 0, std::nullopt}));
    add("offline_beside_free", offline_beside({1, std::nullopt, 0}));
    add("offline_beside_free_of_a_pair", offline_beside({2, std::nullopt, 1}));
    add("offline_beside_allocate_of_a_pair", offline_beside({2, 1, std::nullopt}));
    add("offline_beside_allocate_of_two_words", offline_beside({128, 7, std::nullopt}));
    add("offline_beside_free_of_two_words", offline_beside({128, std::nullopt, 7}));
    add("offline_beside_allocate_and_free", offline_beside({2, 0, 0})).deep = true;
    for (const auto& [name, kind] : intruders()) {
        add("offline_is_interrupted_by_" + name, offline_interrupted(kind));
    }
    add("cancel_beside_allocate", cancelled_beside({2, 0, std::nullopt}));
    add("cancel_beside_free", cancelled_beside({2, std::nullopt, 0}));
    add("cancel_beside_free_of_two_words", cancelled_beside({128, std::nullopt, 7}));
    add("cancel_beside_allocate_and_free", cancelled_beside({2, 0, 0})).deep = true;
    add("online_beside_allocate", online_beside_allocate());
    add("row_opens_beside_lowering", opens_beside_lowering());
    add("row_comes_back_beside_allocate", comes_back_beside_allocate()).models = {
        check::Model::rc11};
    Entry& slower =
        add("row_comes_back_beside_allocate_in_the_kernel", comes_back_beside_allocate());
    slower.models = {check::Model::lkmm};
    slower.deep = true;
    add("other_row_serves", other_row_serves());
    add("isolated_row_is_not_retyped", retyped_beside_isolation());
    add("largest_run_beside_isolation", largest_beside_isolation()).deep = true;
}

}  // namespace anypage::scenario
