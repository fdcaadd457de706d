// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/run-record.h"

#include "model/media/media-error.h"

namespace crsp::lab {

CommandRecord RecordOf(const CommandResult& result) {
    CommandRecord record;
    record.verb = result.verb;
    record.issued = result.issuedAt;
    record.answered = result.answeredAt;
    if (result.error) record.error = ToString(*result.error);
    record.generation = result.generation;
    record.position = result.position;
    return record;
}

}  // namespace crsp::lab
