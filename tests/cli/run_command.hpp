// Runs the command as a user does, without a shell, and keeps what it prints.
#pragma once

#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

extern char** environ;

namespace anypage::test {

struct Outcome {
    int status = -1;  ///< exit status, -1 for anything but an exit
    std::string out;
    std::string err;
};

/// A file without a name that the child writes and the test reads.
class Capture {
public:
    Capture() : file_(std::tmpfile()) {}
    Capture(const Capture&) = delete;
    Capture& operator=(const Capture&) = delete;
    ~Capture() { std::fclose(file_); }
    int fd() const { return fileno(file_); }
    std::string text() const {
        std::string all(static_cast<std::size_t>(lseek(fd(), 0, SEEK_END)), '\0');
        EXPECT_EQ(pread(fd(), all.data(), all.size(), 0), static_cast<ssize_t>(all.size()));
        return all;
    }

private:
    std::FILE* file_;
};

/// Runs the command with these arguments.
inline Outcome run_command(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), ANYPAGE_COMMAND);
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    const Capture out;
    const Capture err;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, out.fd(), 1);
    posix_spawn_file_actions_adddup2(&actions, err.fd(), 2);
    pid_t child = 0;
    EXPECT_EQ(posix_spawn(&child, argv[0], &actions, nullptr, argv.data(), environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, out.text(), err.text()};
}

/// The arguments as a user would type them, for messages.
inline std::string line_of(const std::vector<std::string>& arguments) {
    std::string line = "anypage";
    for (const std::string& argument : arguments) line += ' ' + argument;
    return line;
}

inline void expect_words(const std::string& text, std::initializer_list<const char*> words) {
    for (const char* word : words) {
        EXPECT_NE(text.find(word), std::string::npos) << '"' << word << "\" in: " << text;
    }
}

}  // namespace anypage::test
