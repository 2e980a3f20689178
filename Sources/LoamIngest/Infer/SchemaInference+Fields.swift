import LoamSchema

extension SchemaInference {
  /// Integers of fewer values than this name something: an hour, a position, a device type.
  static let fewDistinct = 50
  /// Integers from here on are hashes or keys.
  static let largeInteger = 1e7
  static let idWords: Set<String> = [
    "id", "user", "uid", "userid", "item", "iid", "itemid", "sid", "ad", "advertiser", "campaign", "creative", "query",
    "session", "device", "site", "app", "category", "cate", "brand", "zip", "code", "hash", "movie", "city", "country",
  ]
  static let denseWords: Set<String> = [
    "age", "price", "count", "cnt", "num", "amount", "days", "score", "propensity", "gain", "loss", "hours", "spend",
    "duration", "length", "rate", "ctr", "affinity",
  ]
  static let weightWords: Set<String> = ["weight", "sample_weight", "w"]

  mutating func takeFields(_ rest: [ColumnProfile], _ names: inout FieldNames) {
    for profile in rest {
      if schema.weight == nil, Self.weightWords.contains(profile.word), profile.isNumber, profile.minimum >= 0 {
        schema.weight = profile.column
        notes["weight"] = profile.evidence
      } else if let field = Self.severalValues(profile, kind: schema.format.kind) {
        add(field, of: profile, "\(field.shape.rawValue): values between \(field.separator.debugDescription)", &names)
      } else if Self.isFreeText(profile) {
        leftOut.append(LeftOut(column: profile.column, reason: "free text, \(profile.evidence)"))
      } else if schema.format.kind != .libffm, Self.isDense(profile) {
        let name = names.name(for: profile)
        schema.dense.append(DenseField(name: name, column: profile.column, transforms: Self.transforms(profile)))
        notes[name] = profile.evidence
      } else {
        let field = IDField(name: "", column: profile.column, kind: profile.isIntegerID ? .integer : .string)
        add(field, of: profile, profile.evidence, &names)
      }
    }
  }

  private mutating func add(_ field: IDField, of profile: ColumnProfile, _ reason: String, _ names: inout FieldNames) {
    var field = field
    field.name = names.name(for: profile)
    field.space = field.name
    schema.ids.append(field)
    notes[field.name] = reason
  }

  private static func isDense(_ profile: ColumnProfile) -> Bool {
    guard profile.isNumber, profile.type != "token" else { return false }
    guard profile.isInteger else { return true }
    if profile.hasLeadingZero || profile.isNamed(idWords) || profile.word.hasSuffix("id") { return false }
    if profile.type == "float" || profile.isNamed(denseWords) { return true }
    // With few rows, few distinct values say nothing.
    if profile.distinct <= min(fewDistinct, max(2, profile.present / 4)) { return false }
    return profile.maximum < largeInteger
  }

  private static func transforms(_ profile: ColumnProfile) -> [DenseTransform] {
    if profile.minimum >= 0, profile.maximum <= 1 { return [] }
    return profile.minimum >= -10 && profile.maximum > 100 ? [.log1p, .standardise] : [.standardise]
  }

  private static func isFreeText(_ profile: ColumnProfile) -> Bool {
    guard !profile.isNumber, profile.present >= 10 else { return false }
    let spaced = profile.separated[" "] ?? 0
    return profile.letters / profile.present > 80
      || (profile.distinct * 10 > profile.present * 9 && spaced * 2 > profile.present
        && profile.letters / profile.present > 24)
  }
}
