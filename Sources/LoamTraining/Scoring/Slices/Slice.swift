/// Some rows of a log, by what they have in common.
public struct Slice: Sendable, Equatable {
  public enum Kind: String, Sendable {
    /// Rows of one value of a field.
    case value
    /// Rows whose ID the training logs name about equally often.
    case frequency
  }
  public var kind: Kind
  public var field: String
  /// The value as text, `:missing`, `:others`; or a range of counts: `0`, `4-15`, `1024-`.
  public var value: String

  /// As metrics of a version name it: `city=Berlin`, `count(user)=4-15`.
  public var name: String { kind == .value ? "\(field)=\(value)" : "count(\(field))=\(value)" }
}

/// Ranges of how often an ID occurs in the training logs, each four times as wide as the one before.
enum FrequencyBuckets {
  static let bounds: [UInt64] = [1, 4, 16, 64, 256, 1_024]

  /// 0 for a count of 0, up to `bounds.count`.
  static func index(_ count: UInt64) -> Int { bounds.firstIndex { count < $0 } ?? bounds.count }

  static func name(_ index: Int) -> String {
    if index == 0 { return "0" }
    let low = bounds[index - 1]
    return index == bounds.count ? "\(low)-" : "\(low)-\(bounds[index] - 1)"
  }
}
