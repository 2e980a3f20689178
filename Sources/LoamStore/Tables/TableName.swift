/// The name of a table: what kind of thing it is, and which one. Written `kind:name`, as in `ids:user`.
public struct TableName: Sendable, Hashable, Codable, Comparable, CustomStringConvertible {
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// An ID space: dictionary, counts per log, first and last seen. Written by ingest.
    case ids
    /// A feature log in row groups.
    case log
    /// Events of entities in time order.
    case timeline
    /// How often two IDs follow each other on the timeline of the same name. Written with it.
    case pairs
    /// The row keys that a log has met. Written by ingest.
    case keys
    /// Estimated counts of an ID space in one log, `SPACE/LOG`. Written by ingest.
    case sketch
    /// An embedding table, `MODEL/TABLE`. Written by that model's trainer.
    case embedding
    /// A model's blobs: dense tensors, config, metrics, position in the log.
    case model
  }
  public var kind: Kind
  public var name: String

  public init(_ kind: Kind, _ name: String) {
    self.kind = kind
    self.name = name
  }

  /// `kind:name`; `nil` where the text is not of that form.
  public init?(_ text: some StringProtocol) {
    guard let colon = text.firstIndex(of: ":"), let kind = Kind(rawValue: String(text[..<colon])) else { return nil }
    self.init(kind, String(text[text.index(after: colon)...]))
  }

  public var description: String { "\(kind.rawValue):\(name)" }
  public static func < (a: Self, b: Self) -> Bool { a.description < b.description }

  /// `[A-Za-z0-9_.-]{1,128}` without leading dot; an embedding has `MODEL/TABLE`, a sketch `SPACE/LOG`, each part by that rule.
  public static func isValid(part: some StringProtocol) -> Bool {
    (1...128).contains(part.utf8.count) && part.utf8.first != UInt8(ascii: ".")
      && part.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }

  public var isValid: Bool {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    return parts.count == (kind == .embedding || kind == .sketch ? 2 : 1) && parts.allSatisfy { Self.isValid(part: $0) }
  }
}
