// Nothing of its own: the headers that tests/CMakeLists.txt has read before.
