// Every protocol, in the order of the field.
#pragma once

#include "odd_even.hpp"
#include "raw_seqcount.hpp"
#include "reclaim_only.hpp"
#include "seqlock.hpp"
#include "seqlock_irqoff.hpp"
#include "seqlock_irqsave.hpp"
#include "snapshot.hpp"
#include "unchecked.hpp"
