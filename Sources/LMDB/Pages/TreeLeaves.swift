/// Where the leaves of a tree lie, and from which key on each holds what there is. No leaf is read.
///
/// ```
///   older    a  b  c  d      b' is b written anew, c's last key was deleted
///   newer    a  b' d         changed: from b's first key to d's
/// ```
///
/// LMDB writes no page again that an open transaction may read. So while two transactions are open, pages of one number
/// are the same bytes in both trees, and what the trees do not share lies in leaves that only one of them has.
public struct TreeLeaves: Sendable {
  /// Ascending, each up to the next one's `low`.
  private(set) var leaves: [(low: [UInt8], page: UInt64)] = []

  /// Ranges of keys, ascending and apart, outside of which both have the same entries at the same places.
  ///
  /// - Parameter older: of the same database, for the same prefix; the transactions of both are open.
  public func changes(since older: TreeLeaves) -> [KeyRange] {
    let (own, known) = (Set(leaves.map(\.page)), Set(older.leaves.map(\.page)))
    // A key that is gone may have been in a leaf that is gone, between two that both have.
    let ranges = (ranges { !known.contains($0) } + older.ranges { !own.contains($0) }).sorted {
      $0.low.lexicographicallyPrecedes($1.low)
    }
    var apart: [KeyRange] = []
    for range in ranges {
      guard let last = apart.last, last.reaches(range.low) else {
        apart.append(range)
        continue
      }
      if let high = last.high, range.reaches(high) { apart[apart.count - 1].high = range.high }
    }
    return apart
  }

  private func ranges(where isWanted: (UInt64) -> Bool) -> [KeyRange] {
    leaves.indices.filter { isWanted(leaves[$0].page) }.map {
      KeyRange(low: leaves[$0].low, high: $0 + 1 < leaves.count ? leaves[$0 + 1].low : nil)
    }
  }
}

/// Keys from `low` up to and without `high`; `nil`: all from `low` on.
public struct KeyRange: Sendable, Equatable {
  public var low: [UInt8]
  public var high: [UInt8]?

  /// Whether the range holds `key` or ends there; not for keys below it.
  fileprivate func reaches(_ key: [UInt8]) -> Bool { high.map { !$0.lexicographicallyPrecedes(key) } ?? true }
}

extension TreeLeaves {
  /// Reads the branches of a tree on the way to keys that begin with `prefix`.
  ///
  /// `nil`: the pages are not what liblmdb writes. The transaction of the tree is open.
  init?(of record: TreeRecord, prefix: [UInt8], descriptor: Int32, pageSize: Int) {
    guard record.root != TreeRecord.noPage else { return }
    guard (1...PageWalk.depthMax).contains(record.depth) else { return nil }
    var branchesLeft = Int(clamping: record.branchPages)
    let pages = PageSource(descriptor: descriptor, pageSize: pageSize)
    func walk(_ number: UInt64, level: Int, low: [UInt8], high: [UInt8]?) -> Bool {
      // Keys with the prefix come before none that does not precede it.
      guard high.map(prefix.lexicographicallyPrecedes) ?? true, !isBeyond(low, prefix) else { return true }
      guard level < record.depth else {
        leaves.append((low, number))
        return true
      }
      branchesLeft -= 1
      guard branchesLeft >= 0, let page = pages.page(number, level: level), !page.isLeaf else { return false }
      for index in 0..<page.count {
        guard let node = page.node(index) else { return false }
        let next = index + 1 < page.count ? page.node(index + 1).map { Array($0.key) } : high
        guard walk(node.child, level: level + 1, low: index == 0 ? low : Array(node.key), high: next) else {
          return false
        }
      }
      return true
    }
    guard walk(record.root, level: 1, low: [], high: nil) else { return nil }
  }
}

/// Whether a key is above every one that begins with `prefix`.
private func isBeyond(_ key: [UInt8], _ prefix: [UInt8]) -> Bool {
  prefix.lexicographicallyPrecedes(key) && !key.starts(with: prefix)
}
