import Glibc

/// How old a snapshot is, and may become.
struct SnapshotAge: Sendable {
  /// Of the clock that goes on while the machine sleeps.
  private let opened: UInt64
  /// `.max`: for ever.
  private let end: UInt64
  let secondsMax: Double?

  init(secondsMax: Double?) {
    let opened = Self.now()
    (self.opened, self.secondsMax) = (opened, secondsMax)
    end = secondsMax.map { opened + UInt64(min(max($0, 0), 1e9) * 1e9) } ?? .max
  }

  var seconds: Double { Double(Self.now() - opened) / 1e9 }

  @inline(__always)
  var isOver: Bool { end != .max && Self.now() >= end }

  private static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}

extension Snapshot {
  /// Seconds since it was opened.
  public var ageSeconds: Double { age.seconds }

  /// Past its maximum age: every read of it is refused.
  public var isExpired: Bool { age.isOver }

  @inline(__always)
  func requireUsable() throws(StoreError) { if age.isOver { throw expired() } }

  @inline(never)
  private func expired() -> StoreError {
    StoreError(
      .snapshotExpired,
      "a snapshot of version \(record.version) is older than the \(age.secondsMax ?? 0) seconds that it may be used for",
      hint: "Take a new one: a SnapshotSource gives one that is young enough each time it is asked.")
  }
}
