/// The typed options of one model. Every one has a default; its name in a config is the property's in snake case.
public protocol ModelSettings: Codable, Sendable {
  init()
  /// Refuses values of the right type that mean nothing.
  func check() throws(ModelError)
}

extension ModelSettings {
  public func check() throws(ModelError) {}

  static var keys: [String] { ModelOptions(Self()).values.keys.sorted() }
}

/// The options of a model that has none.
public struct NoSettings: ModelSettings {
  public init() {}
}

/// An option that is one of a few words; a refusal lists them.
public protocol ModelChoice: RawRepresentable<String>, CaseIterable, Codable, Sendable {}

extension ModelChoice {
  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let choice = Self(rawValue: text) else {
      let name = decoder.codingPath.last { $0.intValue == nil }?.stringValue ?? "an option"
      throw ModelError(
        .badOption, "\(name) is one of \(Self.allCases.map(\.rawValue).joined(separator: ", ")), found \(text)")
    }
    self = choice
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }
}

/// Checks that several models make.
enum Check {
  static func positive(_ name: String, _ value: Int) throws(ModelError) {
    guard value > 0 else { throw ModelError(.badOption, "\(name) is positive, found \(value)") }
  }

  static func widths(_ name: String, _ widths: [Int], canBeEmpty: Bool = true) throws(ModelError) {
    guard widths.allSatisfy({ $0 > 0 }), canBeEmpty || !widths.isEmpty else {
      throw ModelError(
        .badOption, "\(name) lists positive widths\(canBeEmpty ? "" : ", one at least"), found \(widths)")
    }
  }

  static func share(_ name: String, _ value: Float) throws(ModelError) {
    guard value >= 0, value < 1 else { throw ModelError(.badOption, "\(name) is in [0, 1), found \(value)") }
  }
}
