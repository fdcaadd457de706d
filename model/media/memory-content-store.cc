// SPDX-License-Identifier: BSD-3-Clause
#include "model/media/memory-content-store.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "model/base/assert.h"

namespace crsp {
namespace {

/// The output function of SplitMix64: every bit of the result depends on every bit of `x`.
constexpr std::uint64_t Scatter(std::uint64_t x) {
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

constexpr std::size_t kWordBytes = 8;
constexpr std::size_t kPatternWords = 512;

/// What every content is made of, in blocks of this size, each masked with a word of its own: the
/// simulator fills packets by the million, and what it fills them with is not what is studied.
constexpr auto kPattern = [] {
    std::array<std::uint64_t, kPatternWords> pattern{};
    for (std::size_t i = 0; i < kPatternWords; ++i) pattern[i] = Scatter(i);
    return pattern;
}();

/// As it lies in memory.
std::uint64_t Stored(std::uint64_t word) {
    return std::endian::native == std::endian::big ? __builtin_bswap64(word) : word;
}

/// Fills the beginning of `out` with what lies in one word or one block; returns how much.
std::size_t FillSome(std::uint64_t key, std::uint64_t offset, ByteSpan out) {
    const std::uint64_t mask = Scatter(key ^ offset / (kPatternWords * kWordBytes));
    const std::size_t place = offset / kWordBytes % kPatternWords;
    const std::size_t from = offset % kWordBytes;
    if (from > 0 || out.size() < kWordBytes) {
        const std::uint64_t word = Stored(mask ^ kPattern[place]);
        const std::size_t size = std::min(kWordBytes - from, out.size());
        std::memcpy(out.data(), reinterpret_cast<const std::byte*>(&word) + from, size);
        return size;
    }
    const std::size_t words = std::min(kPatternWords - place, out.size() / kWordBytes);
    const std::uint64_t* const pattern = kPattern.data() + place;
    std::byte* const bytes = out.data();
    for (std::size_t i = 0; i < words; ++i) {
        const std::uint64_t word = Stored(mask ^ pattern[i]);
        std::memcpy(bytes + i * kWordBytes, &word, kWordBytes);
    }
    return words * kWordBytes;
}

}  // namespace

void FillGenerated(std::uint64_t seed, std::uint64_t offset, ByteSpan out) {
    const std::uint64_t key = Scatter(seed);
    while (!out.empty()) {
        const std::size_t filled = FillSome(key, offset, out);
        offset += filled;
        out = out.subspan(filled);
    }
}

/// Shares the item with the store, so it outlives a removal and can see a replacement.
class MemoryContentStore::Reader : public ContentReader {
  public:
    explicit Reader(std::shared_ptr<const Item> item)
        : m_item(std::move(item)), m_entry(m_item->entry) {}

    const CatalogueEntry& Entry() const override { return m_entry; }

    Expected<std::size_t, MediaErrorCode> Read(std::uint64_t offset, ByteSpan out) override {
        if (m_item->broken) return Fail(MediaErrorCode::kReadFailed);
        if (m_item->entry.version != m_entry.version) return Fail(MediaErrorCode::kVersionChanged);
        CRSP_ASSERT(offset <= m_entry.size && out.size() <= m_entry.size - offset);
        if (m_item->generated) {
            FillGenerated(m_item->seed, offset, out);
        } else {
            std::copy_n(m_item->bytes.begin() + static_cast<std::ptrdiff_t>(offset), out.size(),
                        out.begin());
        }
        return out.size();
    }

  private:
    std::shared_ptr<const Item> m_item;
    CatalogueEntry m_entry;
};

EntryId MemoryContentStore::AddBytes(std::string name, std::vector<std::byte> bytes) {
    Item item;
    item.entry.name = std::move(name);
    item.entry.size = bytes.size();
    item.bytes = std::move(bytes);
    return Add(std::move(item));
}

EntryId MemoryContentStore::AddGenerated(std::string name, std::uint64_t size, std::uint64_t seed) {
    Item item;
    item.entry.name = std::move(name);
    item.entry.size = size;
    item.seed = seed;
    item.generated = true;
    return Add(std::move(item));
}

EntryId MemoryContentStore::Add(Item item) {
    item.entry.id = m_nextId++;
    item.entry.version = 1;
    item.entry.name.resize(std::min(item.entry.name.size(), kMaxNameSize));
    ++m_changeCounter;
    m_items.push_back(std::make_shared<Item>(std::move(item)));
    return m_items.back()->entry.id;
}

const std::shared_ptr<MemoryContentStore::Item>* MemoryContentStore::ItemOf(EntryId entry) const {
    const auto at = std::lower_bound(
        m_items.begin(), m_items.end(), entry,
        [](const std::shared_ptr<Item>& item, EntryId id) { return item->entry.id < id; });
    return at != m_items.end() && (*at)->entry.id == entry ? &*at : nullptr;
}

void MemoryContentStore::Replace(EntryId entry, std::vector<std::byte> bytes) {
    const auto* item = ItemOf(entry);
    CRSP_ASSERT(item);
    (*item)->entry.size = bytes.size();
    ++(*item)->entry.version;
    (*item)->bytes = std::move(bytes);
    (*item)->generated = false;
    ++m_changeCounter;
}

void MemoryContentStore::Break(EntryId entry) {
    const auto* item = ItemOf(entry);
    CRSP_ASSERT(item);
    (*item)->broken = true;
}

void MemoryContentStore::Remove(EntryId entry) {
    const auto* item = ItemOf(entry);
    CRSP_ASSERT(item);
    m_items.erase(m_items.begin() + (item - m_items.data()));
    ++m_changeCounter;
}

std::vector<CatalogueEntry> MemoryContentStore::List(std::size_t start, std::size_t count) {
    std::vector<CatalogueEntry> entries;
    const std::size_t first = std::min(start, m_items.size());
    const std::size_t last = first + std::min(count, m_items.size() - first);
    for (std::size_t i = first; i < last; ++i) entries.push_back(m_items[i]->entry);
    return entries;
}

std::optional<CatalogueEntry> MemoryContentStore::Find(EntryId entry) {
    const auto* item = ItemOf(entry);
    if (!item) return std::nullopt;
    return (*item)->entry;
}

Expected<std::unique_ptr<ContentReader>, MediaErrorCode> MemoryContentStore::Open(
    EntryId entry, EntryVersion version) {
    const auto* item = ItemOf(entry);
    if (!item) return Fail(MediaErrorCode::kNoSuchEntry);
    if (version != 0 && version != (*item)->entry.version) {
        return Fail(MediaErrorCode::kVersionChanged);
    }
    return std::make_unique<Reader>(*item);
}

}  // namespace crsp
