import FoundationEssentials
import LMDB
import LoamSchema

/// A version: the record that names one stamp for each table. Published by one catalog transaction, never changed.
public struct VersionRecord: Codable, Sendable, Equatable {
  public struct Table: Codable, Sendable, Equatable {
    /// Of every block the newest stamp up to this one is seen.
    public var stamp: Stamp
    public var root: Root
    public var rows: UInt64
  }
  public var version: UInt64
  public var parent: UInt64?
  public var time: Timestamp
  public var note: String
  /// A hash over the sorted (table name, table root).
  public var root: Root
  /// By table name.
  public var tables: [String: Table]
  /// For each shard the highest stamp put to it: an older copy of a shard is refused.
  public var shards: [Stamp]
  /// Which of the store's schemas the version's rows are read by; `nil` before one was set.
  public var schema: UInt64?
  /// Numbers worth keeping with the version, as `ctr/valid/auc`.
  public var metrics: [String: Double]
  /// For each shard its last transaction when this was published: a reader of an older one is older than this version.
  public var transactions: [Int]?
}

/// A sum of row hashes modulo 2^128; text form is 32 hexadecimal digits.
public struct Root: Sendable, Equatable, Codable, CustomStringConvertible {
  public var value: UInt128
  public init(_ value: UInt128 = 0) { self.value = value }

  public var description: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 32 - digits.count) + digits
  }

  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let value = UInt128(text, radix: 16) else {
      throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "not a root: \(text)"))
    }
    self.value = value
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  /// The root of a whole version. A table without content is as one that is not there.
  static func of(_ tables: [String: VersionRecord.Table]) -> Root {
    var text = ""
    for (name, table) in tables.sorted(by: { $0.key < $1.key }) where table.root != Root() {
      text += "\(name)\n\(table.root)\n"
    }
    return Root(text.withUTF8 { RowHash.of(column: "store", key: 0, payload: UnsafeRawBufferPointer($0)) })
  }
}

/// How a version is asked for.
public enum VersionReference: Sendable, Equatable, CustomStringConvertible {
  case latest
  case number(UInt64)
  /// A tag or an alias.
  case name(String)

  /// `latest`, a number, or a name.
  public init(_ text: String) {
    if text == "latest" { self = .latest } else { self = UInt64(text).map(Self.number) ?? .name(text) }
  }

  public var description: String {
    switch self {
    case .latest: "latest"
    case .number(let number): "\(number)"
    case .name(let name): name
    }
  }
}

/// A write in progress, a removal to be finished, or a hold on versions: an entry of the catalog's `writes`.
struct WriteEntry: Codable, Sendable, Equatable {
  enum Kind: String, Codable, Sendable { case write, drop, hold }
  var owner: String
  var kind: Kind
  /// Names of the tables that it leases.
  var tables: [String]
  /// Versions that it was computed from or holds: kept until it ends.
  var bases: [UInt64]
  /// For a drop: table name -> the stamp that stays; what is above it and below the drop's own goes.
  var floors: [String: Stamp]
  var abandoned: Bool
}

/// Which versions are kept besides those that somebody names: the last ones, and those of a span of time.
public struct RetentionPolicy: Codable, Sendable, Equatable {
  /// The N highest versions, at least 2.
  public var keepLast: Int
  /// Each version that was the latest at some moment of so many past seconds; 0: none for its age. So the store can be
  /// read as it was at any moment of that span.
  public var keepSeconds: Int

  public init(keepLast: Int = 10, keepSeconds: Int = 0) {
    self.keepLast = max(2, keepLast)
    self.keepSeconds = max(0, keepSeconds)
  }
}

/// Values of the catalog: JSON, so that a damaged store can be read by eye.
enum JSONCodec<Element: Codable>: Codec {
  static func withBytes<R>(of element: Element, _ body: (UnsafeRawBufferPointer) throws(LMDBError) -> R)
    throws(LMDBError) -> R
  {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    guard let bytes = try? encoder.encode(element) else { preconditionFailure("a catalog record always encodes") }
    return try BytesCodec.withBytes(of: [UInt8](bytes), body)
  }

  static func decode(_ bytes: UnsafeRawBufferPointer) -> Element? {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try? decoder.decode(Element.self, from: Data(bytes))
  }
}
