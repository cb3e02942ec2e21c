// Workers on fork and pipes: see workers.hpp.
#include "workers.hpp"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <system_error>
#include <thread>
#include <vector>

namespace anypage::check {

namespace {

struct Child {
    std::size_t job;
    pid_t pid;
    int pipe;
    std::string answer;
};

void write_all(int pipe, const std::string& text) {
    for (std::size_t at = 0; at < text.size();) {
        const ssize_t written = write(pipe, text.data() + at, text.size() - at);
        if (written <= 0) _exit(1);
        at += static_cast<std::size_t>(written);
    }
}

Child start(std::size_t job, const Workers& workers) {
    int ends[2];
    std::fflush(nullptr);
    if (pipe(ends) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
    const pid_t pid = fork();
    if (pid < 0) throw std::system_error(errno, std::generic_category(), "fork");
    if (pid == 0) {
        close(ends[0]);
        write_all(ends[1], workers.work(job));
        _exit(0);
    }
    close(ends[1]);
    return {job, pid, ends[0], {}};
}

/// False when the child has said all.
bool listen(Child& child) {
    char text[1 << 16];
    const ssize_t count = read(child.pipe, text, sizeof text);
    if (count > 0) child.answer.append(text, static_cast<std::size_t>(count));
    return count > 0;
}

}  // namespace

unsigned processes_for(unsigned asked) {
    return asked != 0 ? asked : std::max(1u, std::thread::hardware_concurrency());
}

void run_jobs(std::size_t count, const Workers& workers) {
    std::vector<Child> children;
    std::size_t next = 0;
    while (next < count || !children.empty()) {
        while (next < count && children.size() < workers.at_once) {
            children.push_back(start(next++, workers));
        }
        std::vector<pollfd> polls;
        for (const Child& child : children) polls.push_back({child.pipe, POLLIN, 0});
        if (poll(polls.data(), polls.size(), -1) < 0) continue;
        for (std::size_t i = polls.size(); i-- > 0;) {
            if (polls[i].revents == 0 || listen(children[i])) continue;
            const Child child = std::move(children[i]);
            children.erase(children.begin() + static_cast<std::ptrdiff_t>(i));
            close(child.pipe);
            int status = 0;
            waitpid(child.pid, &status, 0);
            workers.done(child.job, status == 0 ? child.answer : std::string());
        }
    }
}

}  // namespace anypage::check
