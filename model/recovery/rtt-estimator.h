// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "model/base/time.h"

namespace crsp {

/// Assumed before the first sample (RFC 9002 §6.2.2).
inline constexpr Duration kInitialRtt = milliseconds(333);
/// No timer is armed for less than this (RFC 9002 §6.1.2).
inline constexpr Duration kGranularity = milliseconds(1);

/// Round-trip time of one path, as RFC 9002 §5 estimates it (CRSP §6.2).
class RttEstimator {
  public:
    /// `latest` is the time from sending the largest newly acknowledged packet to `now`;
    /// `ackDelay` is what the peer reports, already capped at its max_ack_delay. A negative value
    /// of either counts as zero.
    void OnSample(TimePoint now, Duration latest, Duration ackDelay);

    bool HasSample() const { return m_hasSample; }
    /// When the first sample was taken; meaningless before.
    TimePoint FirstSampleAt() const { return m_firstSampleAt; }
    Duration Latest() const { return m_latest; }  ///< zero before the first sample
    /// How much of it the peer held its acknowledgement back, by what it says.
    Duration LatestAckDelay() const { return m_latestAckDelay; }
    Duration Min() const { return m_min; }  ///< zero before the first sample
    Duration Smoothed() const { return m_smoothed; }
    Duration Variance() const { return m_variance; }

    /// The probe timeout without backoff: smoothed + max(4 * variance, granularity) + `maxAckDelay`
    /// (RFC 9002 §6.2.1).
    Duration ProbeTimeout(Duration maxAckDelay) const;
    /// How long a packet may stay unacknowledged once a later one has been acknowledged
    /// (RFC 9002 §6.1.2).
    Duration LossDelay() const;

  private:
    bool m_hasSample = false;
    TimePoint m_firstSampleAt{};
    Duration m_latest{};
    Duration m_latestAckDelay{};
    Duration m_min{};
    Duration m_smoothed = kInitialRtt;
    Duration m_variance = kInitialRtt / 2;
};

}  // namespace crsp
