// SPDX-License-Identifier: BSD-3-Clause
#include "model/crypto/ipsec-mb-aead.h"

#include "model/base/assert.h"

#ifdef CRSP_HAS_IPSEC_MB
#include <intel-ipsec-mb.h>

#include <array>

#include "model/crypto/aead-nonce.h"
#include "model/crypto/sodium.h"
#endif

namespace crsp {

#ifdef CRSP_HAS_IPSEC_MB
namespace {

/// What the library's vector loads need; its header says so to compilers that define LINUX only.
constexpr std::size_t kScheduleAlignment = 64;
constexpr std::uint64_t kNeededFeatures = IMB_FEATURE_AESNI | IMB_FEATURE_PCLMULQDQ;

/// The library's functions for this CPU. Made once and then only read, so threads may share it.
const IMB_MGR* Manager() {
    static const IMB_MGR* const manager = [] {
        IMB_MGR* made = alloc_mb_mgr(0);
        CRSP_ASSERT(made != nullptr);
        init_mb_mgr_auto(made, nullptr);
        return made;
    }();
    return manager;
}

class IpsecMbAead final : public Aead {
  public:
    explicit IpsecMbAead(const SecretKey& key) {
        IMB_AES256_GCM_PRE(Manager(), key.Bytes().data(), &m_schedule);
    }
    ~IpsecMbAead() override {
        Wipe({reinterpret_cast<std::byte*>(&m_schedule), sizeof m_schedule});
    }

    void SealDetached(std::uint64_t number, ConstByteSpan aad, ByteSpan text,
                      std::span<std::byte, kAeadTagLength> tag) const override {
        alignas(kScheduleAlignment) gcm_context_data context;
        unsigned char* data = SodiumOutput(text);
        IMB_AES256_GCM_ENC(Manager(), &m_schedule, &context, data, data, text.size(),
                           BigEndianNonce(number).data(), SodiumInput(aad), aad.size(),
                           SodiumOutput(tag), kAeadTagLength);
    }

    bool OpenDetached(std::uint64_t number, ConstByteSpan aad, ByteSpan text,
                      std::span<const std::byte, kAeadTagLength> tag) const override {
        alignas(kScheduleAlignment) gcm_context_data context;
        unsigned char* data = SodiumOutput(text);
        std::array<std::byte, kAeadTagLength> expected;
        IMB_AES256_GCM_DEC(Manager(), &m_schedule, &context, data, data, text.size(),
                           BigEndianNonce(number).data(), SodiumInput(aad), aad.size(),
                           SodiumOutput(expected), kAeadTagLength);
        const bool authentic = ConstantTimeEqual(expected, tag);
        // The library decrypts before it knows.
        if (!authentic) Wipe(text);
        Wipe(expected);  // the tag that a forger would need
        return authentic;
    }

  private:
    alignas(kScheduleAlignment) gcm_key_data m_schedule;
};

}  // namespace

bool IpsecMbRuns(CipherSuite suite) {
    return suite == CipherSuite::kAes256GcmSha256 &&
           (Manager()->features & kNeededFeatures) == kNeededFeatures;
}

std::unique_ptr<Aead> MakeIpsecMbAead(CipherSuite suite, const SecretKey& key) {
    CRSP_ASSERT(IpsecMbRuns(suite));
    return std::make_unique<IpsecMbAead>(key);
}

#else

bool IpsecMbRuns(CipherSuite) {
    return false;
}

std::unique_ptr<Aead> MakeIpsecMbAead(CipherSuite, const SecretKey&) {
    CRSP_ASSERT(false);
    return nullptr;
}

#endif

}  // namespace crsp
