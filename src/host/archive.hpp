// Archive: the files of a sysfs tree out of a tar archive, in a directory of their own that goes
// away with the object. The archive is not trusted: only regular files and directories below
// sys/devices/system survive, each of them small, and the `tar` program has limits on its time.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "../base/result.hpp"

namespace anypage {

class extracted_archive {
public:
    extracted_archive(extracted_archive&& other) noexcept;
    extracted_archive& operator=(extracted_archive&&) = delete;
    ~extracted_archive();

    /// Extracts `file` (.tar, or compressed by anything that `tar` knows).
    static result<extracted_archive, failure> open(const std::string& file);

    /// What a name must end in to be taken for an archive: ".tar.bz2" and the like.
    static bool is_archive_name(std::string_view file);

    /// Where the archive's tree is.
    std::filesystem::path tree() const { return directory_ / "tree"; }

private:
    explicit extracted_archive(std::filesystem::path directory);

    std::filesystem::path directory_;  ///< empty once moved from
};

}  // namespace anypage
