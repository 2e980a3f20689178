/// In which order an epoch reads the rows of its logs.
///
/// ```
///   row groups       0 1 2 3 4 5 6 7 8 9        of all logs, one after the other
///   mixed            7 2 9 0 | 4 1 8 3 | 6 5    a permutation of (seed, epoch), cut into windows
///   within a window  all rows in one permutation of (seed, epoch, window)
///   batches          cut from the stream of rows; a batch may reach into the next window
/// ```
///
/// Depends on the sizes of the groups, which come from the number of rows of the logs alone, so that a log read in many
/// small pieces trains as one read at once.
public struct ReadingOrder: Sendable, Equatable {
  public struct Window: Sendable, Equatable {
    /// Indices into the groups.
    public var groups: [Int]
    /// Position of its first row in the epoch.
    public var start: Int
    public var rowCount: Int
  }
  public let windows: [Window]
  public let rowCount: Int
  private let shuffle: (seed: UInt64, epoch: UInt64)?

  /// - Parameters:
  ///   - groupRows: the rows of each group.
  ///   - windowRows: a window is closed once it has that many; it has one group at least.
  ///   - seed: `nil`: the order of the logs.
  public init(groupRows: [Int], windowRows: Int, seed: UInt64?, epoch: Int) {
    var order = Array(groupRows.indices)
    if let seed {
      var generator = SeededGenerator(seed: seed, UInt64(epoch), .max)
      generator.shuffle(&order)
      shuffle = (seed, UInt64(epoch))
    } else {
      shuffle = nil
    }
    var windows: [Window] = []
    var start = 0
    for group in order where groupRows[group] > 0 {
      if let last = windows.last, last.rowCount + groupRows[group] <= windowRows {
        windows[windows.count - 1].groups.append(group)
        windows[windows.count - 1].rowCount += groupRows[group]
      } else {
        windows.append(Window(groups: [group], start: start, rowCount: groupRows[group]))
      }
      start += groupRows[group]
    }
    self.windows = windows
    rowCount = start
  }

  /// The rows of a window in reading order, counted over its groups in their order.
  public func rows(ofWindow window: Int) -> [UInt32] {
    var rows = Array(0..<UInt32(windows[window].rowCount))
    if let shuffle {
      var generator = SeededGenerator(seed: shuffle.seed, shuffle.epoch, UInt64(window))
      generator.shuffle(&rows)
    }
    return rows
  }

  public static func == (a: Self, b: Self) -> Bool {
    a.windows == b.windows && a.shuffle?.seed == b.shuffle?.seed && a.shuffle?.epoch == b.shuffle?.epoch
  }
}
