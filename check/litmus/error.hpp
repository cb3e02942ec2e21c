// LitmusError: why a litmus test was not read: where, what is wrong, and what to do about it.
#pragma once

#include <string>

namespace anypage::check::litmus {

struct SourcePosition {
    unsigned line = 0;
    unsigned column = 0;
};

/// What is read, but perhaps not as it was meant.
struct LitmusWarning {
    SourcePosition at;
    std::string message;
};

struct LitmusError {
    enum class Kind {
        malformed,    ///< herd7 would not read it either
        unsupported,  ///< valid, but asks for something that is not modelled here
    };

    Kind kind = Kind::malformed;
    std::string file;
    SourcePosition at;
    std::string message;

    bool unsupported() const { return kind == Kind::unsupported; }
    /// "FILE:LINE:COLUMN: message".
    std::string text() const {
        return file + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) + ": " +
               message;
    }
};

}  // namespace anypage::check::litmus
