import FoundationEssentials
import LoamSchema

/// What a delta says about itself: `manifest.json`.
///
/// ```
///   DIR/manifest.json    this
///   DIR/SHA256SUMS       of the manifest and of every file, as `sha256sum --check` reads it
///   DIR/table-000.delta  changes of one table, in the order in which they are applied
/// ```
public struct DeltaManifest: Codable, Sendable, Equatable {
  public struct Version: Codable, Sendable, Equatable {
    public struct Table: Codable, Sendable, Equatable {
      public var root: Root
      public var rows: UInt64
    }
    public var version: UInt64
    public var time: Timestamp
    public var note: String
    /// Over all tables.
    public var root: Root
    public var tables: [String: Table]
  }
  public struct Table: Codable, Sendable, Equatable {
    public var spec: TableSpec
    public var file: String
    public var bytes: Int
    public var sha256: String
    public var inserted: UInt64
    public var changed: UInt64
    /// Tombstones.
    public var removed: UInt64
  }
  /// The newest format that this Loam reads and the one that it writes.
  public static let currentFormat = 1
  public static let fileName = "manifest.json"
  public static let sumsName = "SHA256SUMS"
  static let tablesMax = 10_000
  static let bytesMax = 64 << 20

  public var format: Int
  /// The ID of the store in which the versions have these numbers.
  public var lineage: String
  public var base: Version
  public var target: Version
  /// SHA-256 of the manifest of the delta that ends where this one begins; `nil` where a chain begins.
  public var previous: String?
  /// The text of the target's schema; `nil` where it has none.
  public var schema: String?
  public var metrics: [String: Double]
  /// Those that changed.
  public var tables: [Table]

  static func fileName(_ table: Int) -> String {
    let digits = String(table)
    return "table-" + String(repeating: "0", count: max(0, 3 - digits.count)) + digits + ".delta"
  }

  var encoded: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    guard let data = try? encoder.encode(self) else { preconditionFailure("a manifest always encodes") }
    return [UInt8](data) + [UInt8(ascii: "\n")]
  }

  init(_ bytes: [UInt8], place: String) throws(StoreError) {
    struct Format: Decodable { var format: Int }
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    if let found = try? decoder.decode(Format.self, from: Data(bytes)), found.format > Self.currentFormat {
      throw StoreError(
        .newerFormat, "\(place) has format \(found.format); this Loam reads formats up to \(Self.currentFormat)",
        hint: "Use a newer Loam.")
    }
    do { self = try decoder.decode(Self.self, from: Data(bytes)) } catch {
      throw StoreError(.badBlock, "\(place) is not the manifest of a delta: \(error)", hint: Delta.copyAgain)
    }
    try check(place)
  }

  init(
    lineage: String, base: Version, target: Version, previous: String?, schema: String?, metrics: [String: Double],
    tables: [Table]
  ) {
    format = Self.currentFormat
    (self.lineage, self.base, self.target, self.previous) = (lineage, base, target, previous)
    (self.schema, self.metrics, self.tables) = (schema, metrics, tables)
  }

  private func check(_ place: String) throws(StoreError) {
    func damaged(_ what: String) -> StoreError { StoreError(.badBlock, "\(place): \(what)", hint: Delta.copyAgain) }
    guard tables.count <= Self.tablesMax else { throw damaged("\(tables.count) tables") }
    guard Set(tables.map(\.spec.name)).count == tables.count else { throw damaged("a table stands in it twice") }
    for (index, table) in tables.enumerated() {
      // A name of our own: nothing outside the directory can be asked for.
      guard table.file == Self.fileName(index) else { throw damaged("file \(table.file) of \(table.spec.name)") }
      guard target.tables[table.spec.name.description] != nil else { throw damaged("\(table.spec.name) has no root") }
      for column in table.spec.columns {
        guard (1...1 << 20).contains(column.width), (1...1 << 10).contains(column.blockPages) else {
          throw damaged("\(table.spec.name) column \(column.name): width \(column.width)")
        }
      }
    }
  }
}

extension DeltaManifest.Version {
  init(_ record: VersionRecord) {
    (version, time, note, root) = (record.version, record.time, record.note, record.root)
    tables = record.tables.mapValues { Table(root: $0.root, rows: $0.rows) }
  }

  /// The tables that hold something: one without content is as one that is not there.
  var content: [String: Root] { tables.mapValues(\.root).filter { $0.value != Root() } }
}

extension VersionRecord {
  var content: [String: Root] { tables.mapValues(\.root).filter { $0.value != Root() } }
}
