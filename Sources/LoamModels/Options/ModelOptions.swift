import Foundation
import LoamSchema

/// The options of a model as a config states them, before the model that knows their types reads them.
///
/// ```yaml
/// hidden: [400, 400, 400]
/// dropout: 0.2
/// ```
public struct ModelOptions: Sendable, Equatable {
  public var values: [String: OptionValue]

  public init(_ values: [String: OptionValue] = [:]) { self.values = values }

  /// Options of one model, checked: unknown keys and wrong types are refused.
  func decode<Settings: ModelSettings>(_ type: Settings.Type, of model: String) throws(ModelError) -> Settings {
    let known = Settings.keys
    for key in values.keys.sorted() where !known.contains(key) {
      throw ModelError(
        .unknownOption, "\(model) has no option \(key)",
        hint: known.isEmpty ? nil : "Its options are \(known.joined(separator: ", ")).")
    }
    let complete = ModelOptions(ModelOptions(Settings()).values.merging(values) { _, given in given })
    do {
      let settings = try Self.decoder.decode(type, from: JSONEncoder().encode(complete))
      try settings.check()
      return settings
    } catch let error as ModelError {
      throw error
    } catch {
      throw ModelError(.badOption, "an option of \(model) is of another type: \(Self.explain(error))")
    }
  }

  /// All options of a model, defaults included.
  init(_ settings: some ModelSettings) {
    do {
      self = try JSONDecoder().decode(Self.self, from: Self.encoder.encode(settings))
    } catch {
      preconditionFailure("settings are plain values and always encode: \(error)")
    }
  }

  /// `batchNorm` in Swift is `batch_norm` in a config.
  private static var encoder: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return encoder
  }

  private static var decoder: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return decoder
  }

  private static func explain(_ error: any Error) -> String {
    switch error {
    case DecodingError.typeMismatch(let type, let context):
      "\(context.codingPath.map(\.stringValue).joined(separator: ".")) should be \(type)"
    case DecodingError.dataCorrupted(let context), DecodingError.valueNotFound(_, let context):
      "\(context.codingPath.map(\.stringValue).joined(separator: ".")): \(context.debugDescription)"
    default: "\(error)"
    }
  }
}

extension ModelOptions: Codable {
  public init(from decoder: any Decoder) throws {
    values = try decoder.singleValueContainer().decode([String: OptionValue].self)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(values)
  }
}

extension ModelOptions: ExpressibleByDictionaryLiteral {
  public init(dictionaryLiteral elements: (String, OptionValue)...) {
    values = Dictionary(elements) { _, last in last }
  }
}
