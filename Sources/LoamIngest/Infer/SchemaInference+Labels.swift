import LoamSchema

extension SchemaInference {
  static let labelWords: Set<String> = [
    "click", "clicks", "clicked", "is_click", "clk", "label", "target", "y", "conversion", "converted", "purchase",
    "purchased", "install", "visit", "like", "is_attributed",
  ]
  static let ratingWords: Set<String> = ["rating", "ratings", "stars"]
  static let yesWords: Set<String> = ["1", "+1", "yes", "y", "true", "t", "positive", "pos", "click", "clicked"]

  /// Labels by name; without one, the only column of 0 and 1; of several the file's first or last column.
  /// Failing that, a last column of two texts.
  mutating func takeLabels(_ rest: inout [ColumnProfile], _ names: inout FieldNames) {
    var taken: Set<Int> = []
    let isSigned = schema.format.kind == .libsvm || schema.format.kind == .libffm
    for profile in rest where Self.labelWords.contains(profile.word) || Self.ratingWords.contains(profile.word) {
      guard let label = Self.label(of: profile, isSigned: isSigned) else { continue }
      add(label.field, of: profile, label.reason, &names)
      taken.insert(profile.index)
    }
    if taken.isEmpty, let profile = unnamedLabel(rest), let label = Self.label(of: profile, isSigned: isSigned) {
      add(label.field, of: profile, "\(label.reason); no name says that it is the label", &names)
      taken.insert(profile.index)
    }
    rest.removeAll { taken.contains($0.index) }
    takeAvailability(&rest)
  }

  private func unnamedLabel(_ rest: [ColumnProfile]) -> ColumnProfile? {
    let candidates = rest.filter(\.isZeroOne)
    if candidates.count == 1 { return candidates[0] }
    if let likely = candidates.first(where: { $0.index == 0 || $0.index == rest.last?.index }) ?? candidates.first {
      return likely
    }
    return rest.last.flatMap { $0.distinct == 2 && !$0.isNumber && $0.present > 2 ? $0 : nil }
  }

  /// Field without its name, and the reason. `nil`: nothing to learn from the column. Signed: -1 is read as 0 anyhow.
  private static func label(of profile: ColumnProfile, isSigned: Bool) -> (field: LabelField, reason: String)? {
    var field = LabelField(name: "", column: profile.column)
    if profile.isNumber {
      if ratingWords.contains(profile.word) {
        field.threshold = (profile.minimum + 3 * profile.maximum) / 4
        if profile.maximum == 5 { field.threshold = 4 }
        return (field, "\(profile.evidence): 1 from the threshold on; is it the right one?")
      }
      if Set(profile.counts.keys).isSubset(of: ["0", "1"]) { return (field, profile.evidence) }
      if Set(profile.counts.keys).isSubset(of: ["-1", "1", "+1"]) {
        if isSigned { return (field, profile.evidence) }
        field.positive = profile.counts.keys.filter { $0 != "-1" }.sorted()
        if field.positive.isEmpty { field.positive = ["1"] }
        return (field, profile.evidence)
      }
      field.kind = .real
      return (field, profile.evidence)
    }
    guard (2...50).contains(profile.distinct) else { return nil }
    let texts = profile.counts.keys.sorted()
    guard texts.count == 2 else {
      field.kind = .class
      field.classes = texts
      return (field, "\(profile.distinct) texts in \(profile.present)")
    }
    let yes = texts.first { yesWords.contains($0.lowercased()) }
    field.positive = [yes ?? texts.min { profile.counts[$0]! < profile.counts[$1]! }!]
    let reason = yes == nil ? "the rarer of two texts means 1; does it?" : "two texts"
    return (field, reason)
  }

  private mutating func add(
    _ label: LabelField, of profile: ColumnProfile, _ reason: String, _ names: inout FieldNames
  ) {
    var label = label
    label.name = names.name(for: profile)
    schema.labels.append(label)
    notes[label.name] = reason
  }

  /// `conversion_time` beside the label `conversion` says when that label became known. Other times are left out.
  private mutating func takeAvailability(_ rest: inout [ColumnProfile]) {
    rest.removeAll { profile in
      guard schema.eventTime != nil, let unit = Self.timeUnit(of: profile) else { return false }
      let time = TimeColumn(column: profile.column, unit: unit)
      if let index = schema.labels.firstIndex(where: { profile.word.hasPrefix($0.name.lowercased()) }),
        schema.labels[index].availableAt == nil
      {
        schema.labels[index].availableAt = time
      } else {
        leftOut.append(LeftOut(column: profile.column, reason: "a second time, in \(unit.rawValue)"))
      }
      return true
    }
  }
}
