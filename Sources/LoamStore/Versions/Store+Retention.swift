import LMDB
import LoamSchema

/// Which versions stay (protocol.md, section 6).
extension Store {
  private static let (lastKey, secondsKey) = ("retention", "retention/seconds")

  func retention(_ transaction: borrowing some Transaction & ~Copyable) throws(LMDBError) -> RetentionPolicy {
    var policy = RetentionPolicy()
    if let last = try transaction.get(Self.lastKey, in: catalog.texts).flatMap({ Int($0) }) {
      policy = RetentionPolicy(keepLast: last)
    }
    if let seconds = try transaction.get(Self.secondsKey, in: catalog.texts).flatMap({ Int($0) }) {
      policy = RetentionPolicy(keepLast: policy.keepLast, keepSeconds: seconds)
    }
    return policy
  }

  func put(_ policy: RetentionPolicy, _ transaction: borrowing WriteTransaction) throws(LMDBError) {
    try transaction.put(String(policy.keepLast), at: Self.lastKey, in: catalog.texts)
    try transaction.put(String(policy.keepSeconds), at: Self.secondsKey, in: catalog.texts)
  }

  /// Deletes the records of versions that nothing keeps.
  ///
  /// - Parameter now: ages are told by the clock of whoever publishes.
  func applyRetention(_ transaction: borrowing WriteTransaction, now: Timestamp = currentTime()) throws(LMDBError) {
    var kept: Set<UInt64> = [try transaction.number("latest", catalog)]
    for (_, version) in try transaction.entries(of: catalog.tags) { kept.insert(version) }
    for (_, version) in try transaction.entries(of: catalog.aliases) { kept.insert(version) }
    for (_, entry) in try transaction.entries(of: catalog.writes) { kept.formUnion(entry.bases) }
    let numbers = try transaction.withCursor(catalog.versions) { cursor throws(LMDBError) in
      var numbers: [UInt64] = []
      var entry = try cursor.first()
      while let (key, _) = entry {
        if let number = NumberCodec.decode(key) { numbers.append(number) }
        entry = try cursor.next()
      }
      return numbers
    }
    let policy = try retention(transaction)
    kept.formUnion(numbers.suffix(policy.keepLast))
    if policy.keepSeconds > 0 {
      // What no clock can have meant keeps everything.
      let (span, isEndless) = Timestamp(policy.keepSeconds).multipliedReportingOverflow(by: 1_000_000)
      let since = isEndless ? .min : now - span
      kept.formUnion(numbers[try firstLatest(since: since, numbers, transaction)...])
    }
    for number in numbers where !kept.contains(number) { try transaction.delete(number, in: catalog.versions) }
    try removeUnusedSchemas(transaction)
  }

  /// Place of the version that was the latest at a moment. Times are taken to ascend with the numbers, so few records
  /// are read.
  private func firstLatest(
    since moment: Timestamp, _ numbers: [UInt64], _ transaction: borrowing WriteTransaction
  ) throws(LMDBError) -> Int {
    var (low, high) = (0, numbers.count)
    while low < high {
      let middle = (low + high) / 2
      let time = try transaction.get(numbers[middle], in: catalog.versions)?.time ?? .max
      if time <= moment { low = middle + 1 } else { high = middle }
    }
    return max(0, low - 1)
  }
}
