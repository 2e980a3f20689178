import Foundation

/// JSON with sorted keys, so that the same value has the same bytes. Numbers that are not finite are "inf", "-inf", "nan".
package enum SortedJSON {
  private static let names = (positive: "inf", negative: "-inf", none: "nan")

  /// - Parameter isPretty: indented, with a line's end, for files that people read.
  package static func bytes(of value: some Encodable, isPretty: Bool = false) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if isPretty { encoder.outputFormatting.insert(.prettyPrinted) }
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: names.positive, negativeInfinity: names.negative, nan: names.none)
    guard let data = try? encoder.encode(value) else { preconditionFailure("values of our own always encode") }
    return Array(data) + (isPretty ? [UInt8(ascii: "\n")] : [])
  }

  package static func value<Value: Decodable>(_ type: Value.Type, of bytes: [UInt8]) throws -> Value {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: names.positive, negativeInfinity: names.negative, nan: names.none)
    return try decoder.decode(type, from: Data(bytes))
  }
}

/// What every manifest begins with, and a reader looks at before anything else: the rest may be of a later format.
package struct ManifestForm: Decodable {
  package var format: String
  package var formatVersion: Int

  enum CodingKeys: String, CodingKey {
    case format
    case formatVersion = "format_version"
  }

  /// `nil`: the bytes are no manifest at all.
  package init?(of bytes: [UInt8]) {
    guard let form = try? SortedJSON.value(Self.self, of: bytes) else { return nil }
    self = form
  }
}
