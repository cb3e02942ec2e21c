// Archive: see archive.hpp.
#include "archive.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <vector>

#include "text.hpp"

namespace anypage {
namespace fs = std::filesystem;
namespace {

constexpr rlim_t file_bytes_max = rlim_t{1} << 20;
constexpr rlim_t tar_seconds_max = 30;

using argument_list = std::vector<const char*>;

/// In the child, between fork and exec: only calls that are safe there.
[[noreturn]] void become_tar(char* const* arguments, char* const* environment, const char* log) {
    const rlimit bytes{file_bytes_max, file_bytes_max};
    const rlimit seconds{tar_seconds_max, tar_seconds_max};
    const int null_fd = open("/dev/null", O_RDWR);
    const int log_fd = open(log, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (setrlimit(RLIMIT_FSIZE, &bytes) != 0 || setrlimit(RLIMIT_CPU, &seconds) != 0 ||
        null_fd < 0 || log_fd < 0 || dup2(null_fd, 0) < 0 || dup2(null_fd, 1) < 0 ||
        dup2(log_fd, 2) < 0) {
        _exit(126);
    }
    execvpe("tar", arguments, environment);
    _exit(127);
}

/// Runs tar without a shell; its exit status, or -1 when it died or could not start.
int run_tar(const argument_list& arguments, const std::string& log) {
    const char* path = getenv("PATH");
    const std::string path_setting =
        std::string("PATH=") + (path != nullptr ? path : "/usr/bin:/bin");
    // Nothing else of the environment: TAR_OPTIONS could add anything to the command line.
    std::array<char*, 3> environment{const_cast<char*>(path_setting.c_str()),
                                     const_cast<char*>("LC_ALL=C"), nullptr};
    std::vector<char*> argv;
    for (const char* argument : arguments) argv.push_back(const_cast<char*>(argument));
    argv.push_back(nullptr);

    const pid_t child = fork();
    if (child < 0) return -1;
    if (child == 0) become_tar(argv.data(), environment.data(), log.c_str());
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) return -1;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// Links could lead a reader out of the tree: they go. Directories become removable.
void disarm(const fs::path& tree) {
    std::error_code ignored;
    fs::permissions(tree, fs::perms::owner_all, fs::perm_options::add, ignored);
    fs::recursive_directory_iterator entry(tree, ignored);
    for (; !ignored && entry != fs::recursive_directory_iterator(); entry.increment(ignored)) {
        const fs::file_status status = entry->symlink_status(ignored);
        if (fs::is_directory(status)) {
            fs::permissions(entry->path(), fs::perms::owner_all, fs::perm_options::add, ignored);
        } else if (!fs::is_regular_file(status)) {
            fs::remove(entry->path(), ignored);
        }
    }
}

std::string first_line(const std::string& file) {
    std::ifstream in(file);
    std::string line;
    std::getline(in, line);
    return line.empty() ? "it did not run" : line;
}

}  // namespace

extracted_archive::extracted_archive(fs::path directory) : directory_(std::move(directory)) {}

extracted_archive::extracted_archive(extracted_archive&& other) noexcept
    : directory_(std::move(other.directory_)) {
    other.directory_.clear();
}

extracted_archive::~extracted_archive() {
    if (directory_.empty()) return;
    std::error_code ignored;
    fs::remove_all(directory_, ignored);
}

bool extracted_archive::is_archive_name(std::string_view file) {
    constexpr std::array<std::string_view, 8> endings{".tar",     ".tar.bz2", ".tar.gz", ".tar.xz",
                                                      ".tar.zst", ".tbz2",    ".tgz",    ".txz"};
    for (const std::string_view ending : endings) {
        if (file.ends_with(ending)) return true;
    }
    return false;
}

result<extracted_archive, failure> extracted_archive::open(const std::string& file) {
    std::error_code status;
    const fs::path parent = fs::temp_directory_path(status);
    std::string name = (status ? fs::path("/tmp") : parent) / "anypage-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) {
        return failure{error::unsupported,
                       concat(file, ": cannot make the directory ", name, " (",
                              std::strerror(errno), "); set TMPDIR to one that is writable")};
    }
    extracted_archive archive{fs::path(name)};
    const std::string tree = archive.tree();
    if (!fs::create_directory(tree, status)) {
        return failure{error::unsupported, concat(file, ": cannot make the directory ", tree)};
    }
    const std::string log = name + "/log";
    const std::string file_argument = "--file=" + file;
    const std::string tree_argument = "--directory=" + tree;
    // One pattern and exclusions: tar calls it an error when one of several patterns is not there.
    // force-local: a colon in a file name would name another host.
    const argument_list arguments{"tar",
                                  "--extract",
                                  "--force-local",
                                  "--no-same-owner",
                                  "--no-same-permissions",
                                  "--wildcards",
                                  "--exclude=*/system/cpu/cpu*",
                                  "--exclude=*/system/memory*",
                                  "--exclude=*/node/node*/cpu[0-9]*",
                                  "--exclude=*/node/node*/memory*",
                                  "--exclude=*/hugepages*",
                                  file_argument.c_str(),
                                  tree_argument.c_str(),
                                  "*sys/devices/system/[cn]*"};
    const int tar_status = run_tar(arguments, log);
    disarm(tree);
    if (tar_status != 0) {
        return failure{error::invalid,
                       concat(file, ": tar cannot extract sys/devices/system from it (",
                              first_line(log), "); give an archive of a sysfs tree")};
    }
    return archive;
}

}  // namespace anypage
