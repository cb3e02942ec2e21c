// Faults of TOML topologies: each names its line, what is wrong and what to do.
#include <gtest/gtest.h>

#include "host/topology_toml.hpp"

namespace anypage {
namespace {

/// A faulty text's message begins with the place and has all the words.
void expect_fault(std::string_view text, const std::string& place,
                  std::initializer_list<const char*> words) {
    const auto machine = read_toml("m.toml", text, {});
    ASSERT_FALSE(machine) << text;
    const std::string& message = machine.error().message;
    EXPECT_TRUE(message.starts_with("m.toml:" + place)) << message << "\nin: " << text;
    for (const char* word : words) {
        EXPECT_NE(message.find(word), std::string::npos) << '"' << word << "\" in: " << message;
    }
}

/// One good node, to which a test adds what it is about. Takes lines 1 and 2.
const std::string node0 = "node = [{ id = 0, memory = '1 GiB' }]\n\n";
/// Two good nodes. Takes lines 1 and 2.
const std::string node01 = "node = [{ id = 0, count = 2, memory = '1 GiB' }]\n\n";

TEST(TopologyTomlFault, SyntaxNamesTheLine) {
    expect_fault("a = 1\nb = = 2", "2: ", {"not TOML", "syntax"});
    expect_fault("[[node]]\nid = 0\nid = 1", "3: ", {"not TOML"});
    expect_fault("x = 1\ny = \xd1\x96", "2: ", {"not TOML"});
    for (const char* text : {"[[[node]]]", "[@node]", "[[=", "[ #", "x = [1, }"}) {
        expect_fault("# First.\n\na = 1\n" + std::string(text) + "\nb = 1\n", "4: ", {"not TOML"});
        expect_fault(text, "1: ", {"not TOML"});
    }
}

TEST(TopologyTomlFault, UnknownKeysNameTheNearest) {
    expect_fault(node0 + "sektion = '128 MiB'", "3: ", {"\"sektion\"", "\"section\""});
    expect_fault("[[node]]\nid = 0\nmemroy = '1 GiB'",
                 "3: ", {"\"memroy\"", "a node", "\"memory\""});
    expect_fault("[[node]]\nid = 0\n[[node.zone]]\nkind = 'DMA'\nsiz = 1", "5: ", {"\"size\""});
    expect_fault(node0 + "[distances]\n\nremot = 20", "5: ", {"\"remote\""});
    expect_fault(node01 + "[distances]\n[[distances.pair]]\nbetwen = [0, 1]",
                 "5: ", {"\"between\""});
}

TEST(TopologyTomlFault, KindsAndRangesOfValues) {
    expect_fault(node0 + "section = 1.5", "3: ", {"\"section\"", "512 MiB", "frames"});
    expect_fault(node0 + "section = '100 MiB'", "3: ", {"power of two", "2 MiB to 1 GiB"});
    expect_fault(node0 + "section = '1 MB'", "3: ", {"\"section\"", "MiB"});
    expect_fault(node0 + "movable_percent = 101",
                 "3: ", {"\"movable_percent\" is 101", "0 to 100"});
    expect_fault(node0 + "name = 3", "3: ", {"\"name\"", "quotes"});
    expect_fault("node = 3", "1: ", {"\"node\"", "[[node]]"});
    expect_fault("[node]\nid = 0", "1: ", {"[[node]]"});
    expect_fault("node = [3]", "1: ", {"[[node]]"});
    expect_fault("[[node]]\nmemory = '1 GiB'", "1: ", {"\"id\"", "0 to 1023"});
    expect_fault("[[node]]\nid = 1024", "2: ", {"\"id\" is 1024", "0 to 1023"});
    expect_fault("[[node]]\nid = -1", "2: ", {"\"id\" is -1"});
    expect_fault("[[node]]\nid = '0'", "2: ", {"\"id\"", "integer"});
    expect_fault("[[node]]\nid = 0\nmemory = '5000 B'", "3: ", {"\"memory\"", "multiple", "4096"});
    expect_fault("[[node]]\nid = 0\nmemory = '65 PiB'", "3: ", {"\"memory\"", "65 PiB", "2^44"});
    expect_fault("[[node]]\nid = 0\nmemory = 17592186044417",
                 "3: ", {"\"memory\"", "17592186044416"});
    expect_fault("[[node]]\nid = 0\ncpus = '3-1'", "3: ", {"\"3-1\"", "0-3,8"});
    expect_fault("[[node]]\nid = 0\ncpus = 3", "3: ", {"\"cpus\"", "quotes"});
}

TEST(TopologyTomlFault, NodesMustMakeSense) {
    expect_fault("", " ", {"at least one"});
    expect_fault("[[node]]\nid = 0\ncpus = '0'", " ", {"no node has memory"});
    expect_fault("[[node]]\nid = 0\nmemory = 32768\n[[node]]\nid = 0",
                 "4: ", {"node 0 is given twice"});
    expect_fault("[[node]]\nid = 0\ncpus = '0-3'\nmemory = 32768\n[[node]]\nid = 1\ncpus = '3'",
                 "5: ", {"CPU 3", "node 1", "node 0"});
    expect_fault("[[node]]\nid = 0\nmemory = 32768\nzone = []", "3: ", {"\"zone\"", "one of them"});
    expect_fault("[[node]]\nid = 0\ncpus = '0'\ncpus_each = 1", "4: ", {"\"cpus\"", "one of them"});
    expect_fault("[[node]]\nid = 0\ncount = 1025", "3: ", {"\"count\" is 1025", "1024"});
    expect_fault("[[node]]\nid = 1\ncount = 1024", "1: ", {"id 1024", "0 to 1023"});
    expect_fault("[[node]]\nid = 0\ncount = 1000\n[[node]]\nid = 0\ncount = 1000",
                 "4: ", {"more than 1024 nodes"});
    expect_fault("[[node]]\nid = 0\ncount = 1024\ncpus_each = 65", "1: ", {"65535", "cpus_each"});
    expect_fault("[[node]]\nid = 0\ncount = 2\ncpus = '0'", "4: ", {"\"cpus_each\""});
    expect_fault("[[node]]\nid = 0\ncount = 2\nzone = [{ kind = 'DMA', first = 0, size = 4096 }]",
                 "4: ", {"\"first\"", "\"size\" only"});
}

/// A node with zones, each on a line of its own from line 4 on.
std::string zones(std::initializer_list<const char*> lines) {
    std::string text = "[[node]]\nid = 0\nzone = [\n";
    for (const char* line : lines) text += std::string(line) + ",\n";
    return text + "]\n";
}

TEST(TopologyTomlFault, ZonesAreWholeSectionsOfTheirOwn) {
    expect_fault(zones({"{ size = 32768 }"}), "4: ", {"\"kind\"", "Normal"});
    expect_fault(zones({"{ kind = 'Normal' }"}), "4: ", {"\"size\"", "4 GiB"});
    expect_fault(zones({"{ kind = 'Norma', size = 1 }"}), "4: ", {"\"Norma\"", "\"Movable\""});
    expect_fault(zones({"{ kind = 'Normal', size = 32767 }"}), "4: ", {"whole sections"});
    expect_fault(zones({"{ kind = 'Normal', size = 0 }"}), "4: ", {"is empty"});
    expect_fault(zones({"{ kind = 'Normal', first = 5, size = 32768 }"}), "4: ", {"align"});
    expect_fault(zones({"{ kind = 'Normal', size = 32768 }", "{ kind = 'Normal', size = 32768 }"}),
                 "5: ", {"given twice"});
    expect_fault(zones({"{ kind = 'Normal', size = 65536 }",
                        "{ kind = 'Movable', first = 32768, size = 32768 }"}),
                 "5: ", {"node 0 zone Movable", "overlaps node 0 zone Normal", "[0, 65536)"});
    expect_fault(zones({"{ kind = 'Normal', first = '64 PiB', size = 32768 }"}), "4: ", {"2^44"});
    expect_fault(zones({"{ kind = 'Normal', size = '64 PiB' }", "{ kind = 'Device', size = 1 }"}),
                 "5: ", {"2^44"});
    expect_fault("[[node]]\nid = 0\ncount = 2\nmemory = '33 PiB'", "1: ", {"2^44"});
}

TEST(TopologyTomlFault, PresentLiesInTheZone) {
    expect_fault("[[node]]\nid = 0\nzone = [{ kind = 'Normal', size = 1, present = '8 GiB' }]",
                 "3: ", {"\"present\" is 8 GiB", "4 KiB"});
    expect_fault("[[node]]\nid = 0\nzone = [{ kind = 'Normal', size = 65536, present = 'x' }]",
                 "3: ", {"\"present\"", "512 MiB"});
    expect_fault("[[node]]\nid = 0\nzone = [{ kind = 'Normal', size = 65536, present = [] }]",
                 "3: ", {"\"first\""});
    const std::string list =
        "[[node]]\nid = 0\nzone = [{ kind = 'Normal', first = 0, "
        "size = 65536, present = [";
    expect_fault(list + "3] }]", "3: ", {"\"present\""});
    expect_fault(list + "{ first = 0 }] }]", "3: ", {"\"first\" and \"size\""});
    expect_fault(list + "{ first = 0, size = 1 }] }]", "3: ", {"present range", "whole sections"});
    expect_fault(list + "{ first = 65536, size = 32768 }] }]", "3: ", {"outside"});
}

TEST(TopologyTomlFault, DistancesAreTheKernels) {
    const std::string head = node01 + "[distances]\n";  // The next line is 4.
    expect_fault(node01 + "distances = 3", "3: ", {"[distances]"});
    expect_fault(head + "remote = 9", "4: ", {"\"remote\" is 9", "10 to 255"});
    expect_fault(head + "rule = 'star'", "4: ", {"\"star\"", "\"ring\""});
    expect_fault(head + "rule = 'groups'", "4: ", {"\"group\""});
    expect_fault(head + "step = 3", "4: ", {"\"step\"", "uniform", "remove"});
    expect_fault(head + "rule = 'ring'\nremote = 20", "5: ", {"\"remote\"", "ring"});
    expect_fault(head + "rule = 'ring'\nmatrix = [[10]]", "5: ", {"\"matrix\"", "ring"});
    expect_fault(head + "matrix = [[10, 20], [20, 10]]\nnear = 20", "5: ", {"\"near\""});
    expect_fault(head + "matrix = 3", "4: ", {"2 rows"});
    expect_fault(head + "matrix = [[10, 20]]", "4: ", {"2 rows"});
    expect_fault(head + "matrix = [[10, 20],\n[20]]", "5: ", {"row of node 1", "2 distances"});
    expect_fault(head + "matrix = [[10, 20],\n[9, 10]]", "5: ", {"from node 1 to node 0 is 9"});
    expect_fault(head + "matrix = [[10, 256], [20, 10]]", "4: ", {"256", "10 to 255"});
    expect_fault(head + "matrix = [[10, 20],\n[20, 11]]", "5: ", {"is 11", "10 from itself"});
    expect_fault(head + "symmetric = true\nmatrix = [[10, 20], [30, 10]]",
                 "4: ", {"node 0 to node 1 is 20", "back is 30", "\"symmetric\""});
    expect_fault(head + "symmetric = 1", "4: ", {"true or false"});
}

TEST(TopologyTomlFault, PairsAreOfNodesThatExist) {
    const auto pair = [](const std::string& text) {
        return node01 + "[distances]\npair = [{ " + text + " }]";
    };
    expect_fault(pair("distance = 20"), "4: ", {"between", "from"});
    expect_fault(pair("between = [0, 1], from = 0, to = 1, distance = 20"), "4: ", {"either"});
    expect_fault(pair("between = [0], distance = 20"), "4: ", {"between"});
    expect_fault(pair("between = [0, 2], distance = 20"), "4: ", {"no node 2"});
    expect_fault(pair("between = [0, 0], distance = 20"), "4: ", {"two different nodes"});
    expect_fault(pair("between = [0, 1]"), "4: ", {"\"distance\""});
    expect_fault(pair("between = [0, 1], distance = 5"), "4: ", {"\"distance\" is 5"});
    expect_fault(pair("from = 'a', to = 1, distance = 20"), "4: ", {"integer"});
}

}  // namespace
}  // namespace anypage
