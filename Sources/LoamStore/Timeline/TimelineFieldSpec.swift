import FoundationEssentials

/// A field that the events of a timeline have. Fields are only ever added, at the end; older events miss them.
public struct TimelineFieldSpec: Codable, Sendable, Equatable {
  public enum Kind: String, Codable, Sendable {
    case id, real
  }
  public var name: String
  public var kind: Kind

  public init(_ name: String, _ kind: Kind) {
    self.name = name
    self.kind = kind
  }

  /// What the absence of a value is stored as.
  var missing: UInt64 { kind == .id ? .max : UInt64(Float.nan.bitPattern) }

  func bits(_ value: EventValue?) -> UInt64? {
    switch (kind, value) {
    case (_, nil): missing
    case (.id, .id(let id)): id
    case (.real, .real(let real)): real.isNaN ? missing : UInt64(real.bitPattern)
    default: nil
    }
  }

  func value(_ bits: UInt64) -> EventValue {
    kind == .id ? .id(bits) : .real(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
  }
}

extension TableSpec {
  private static let fieldsKey = "fields"

  /// A timeline and its fields. To add a field, begin a write with a spec that has it at the end.
  public static func timeline(_ name: String, fields: [TimelineFieldSpec]) -> TableSpec {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    guard let data = try? encoder.encode(fields) else { preconditionFailure("fields always encode") }
    return TableSpec(
      TableName(.timeline, name), attributes: [fieldsKey: String(decoding: data, as: UTF8.self)])
  }

  /// Why this may not take `known`'s place: blocks name fields by position, so that none may go or change its kind.
  func missingField(of known: TableSpec) -> StoreError? {
    guard name.kind == .timeline, attributes[Self.fieldsKey] != nil, let old = try? known.timelineFields(),
      let new = try? timelineFields(), !new.starts(with: old)
    else { return nil }
    return StoreError(
      .mismatch,
      "\(name) has the fields \(old.map { "\($0.name) (\($0.kind.rawValue))" }.joined(separator: ", ")), in this order",
      hint: "Keep them and add new ones at the end, or give the timeline another name.")
  }

  /// The fields of a timeline's events.
  public func timelineFields() throws(StoreError) -> [TimelineFieldSpec] {
    guard let text = attributes[Self.fieldsKey] else { return [] }
    do { return try JSONDecoder().decode([TimelineFieldSpec].self, from: Data(text.utf8)) } catch {
      throw StoreError(.badCatalog, "\(name): its fields do not decode: \(error)")
    }
  }
}
