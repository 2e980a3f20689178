import LoamSchema

/// What the doctor looked at and found.
public struct Diagnosis: Sendable, Codable, Equatable {
  public internal(set) var findings: [Finding] = []
  /// Blocks whose checksum was compared, of those that the versions looked at show.
  public internal(set) var blocksChecked = 0
  public internal(set) var blocks = 0
  /// Every block of every kept version was compared, and every root computed.
  public internal(set) var isFull = false

  /// Nothing needs to be done.
  public var isHealthy: Bool { !findings.contains { $0.severity != .note } }

  /// The category of the worst finding: damage before everything else; `nil` where no finding asks for anything.
  public var category: ErrorCategory? {
    let categories = findings.sorted { $0.severity == .error && $1.severity != .error }.compactMap(\.category)
    return categories.contains(.damaged) ? .damaged : categories.first
  }

  public func findings(_ kind: Finding.Kind) -> [Finding] { findings.filter { $0.kind == kind } }
}

/// From where on the doctor speaks up.
public struct DoctorOptions: Sendable {
  /// Every block and root of every kept version, not a sample of latest's blocks.
  public var full: Bool
  /// Looks, and changes nothing.
  public var lookOnly: Bool
  /// Blocks of a shard in the sample.
  public var sampleBlocksMax: Int
  /// Share of a map that may be used.
  public var mapShareMax: Double
  /// Bytes that the disk should have left.
  public var freeBytesMin: Int
  /// Transactions that a reader may be behind.
  public var readerLagMax: Int
  /// Seconds that a reader's snapshot may be old, where that can be told.
  public var readerAgeSecondsMax: Double
  /// Share of a file that may be free pages.
  public var freeShareMax: Double

  public init(
    full: Bool = false, lookOnly: Bool = false, sampleBlocksMax: Int = 1_024, mapShareMax: Double = 0.8,
    freeBytesMin: Int = 1 << 30, readerLagMax: Int = 100, readerAgeSecondsMax: Double = 3_600,
    freeShareMax: Double = 0.5
  ) {
    self.full = full
    self.lookOnly = lookOnly
    self.sampleBlocksMax = sampleBlocksMax
    self.mapShareMax = mapShareMax
    self.freeBytesMin = freeBytesMin
    self.readerLagMax = readerLagMax
    self.readerAgeSecondsMax = readerAgeSecondsMax
    self.freeShareMax = freeShareMax
  }
}
