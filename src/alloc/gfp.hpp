// Forwards to base/gfp.hpp.
#pragma once
#include "../base/gfp.hpp"
