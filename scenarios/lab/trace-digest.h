// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <sodium.h>

#include <array>
#include <cstdint>
#include <string>

#include "model/base/bytes.h"
#include "scenarios/lab/run-record.h"

namespace crsp::lab {

/// A digest over a sequence of records: 128 bits, each record's SipHash keyed with the digest of
/// those before it. Tells two runs apart; it does not resist somebody who wants two to be equal.
class TraceDigest {
  public:
    void Add(ConstByteSpan record);
    /// A record of numbers.
    void Add(std::initializer_list<std::uint64_t> numbers);
    /// Of all records so far, in hex.
    std::string Hex() const;

  private:
    std::array<unsigned char, crypto_shorthash_siphashx24_KEYBYTES> m_state{};
};

/// Adds what the record says of commands, renderings and counters.
void AddRecord(const RunRecord& record, TraceDigest& digest);

}  // namespace crsp::lab
