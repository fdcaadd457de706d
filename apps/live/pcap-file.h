// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <pcap/pcap.h>

#include <memory>
#include <string>

#include "apps/live/exit-code.h"
#include "model/base/bytes.h"
#include "model/base/result.h"
#include "model/base/time.h"

namespace crsp {

/// A capture that is written by libpcap. New files are for their owner's eyes alone.
class PcapWriter {
  public:
    /// Writes a file anew that is regular, or nothing yet; else kFailed. `linkType` is one of
    /// libpcap's DLT_ values.
    static Expected<PcapWriter, NodeError> Create(const std::string& path, int linkType);

    /// `at` is Unix time. `length` is what was on the link, `packet` what is kept of it.
    void Write(Duration at, ConstByteSpan packet, std::size_t length);
    /// False if something could not be written: a full disk.
    bool Finish();

  private:
    struct Closer {
        void operator()(pcap_t* pcap) const { pcap_close(pcap); }
        void operator()(pcap_dumper_t* dumper) const { pcap_dump_close(dumper); }
    };

    std::unique_ptr<pcap_t, Closer> m_pcap;
    std::unique_ptr<pcap_dumper_t, Closer> m_dumper;
};

/// A capture that is read by libpcap: pcap, and pcapng of one link type.
class PcapReader {
  public:
    /// kNoInput if the file cannot be read, kBadData if it is no capture.
    static Expected<PcapReader, NodeError> Open(const std::string& path);

    struct Packet {
        Duration at{};
        ConstByteSpan bytes;  ///< until the next one is read
        std::size_t length = 0;
    };
    /// False at the end; kBadData if the file breaks off or is damaged.
    Expected<bool, NodeError> Next(Packet& packet);
    int LinkType() const { return pcap_datalink(m_pcap.get()); }

  private:
    struct Closer {
        void operator()(pcap_t* pcap) const { pcap_close(pcap); }
    };

    std::string m_path;
    std::unique_ptr<pcap_t, Closer> m_pcap;
};

}  // namespace crsp
