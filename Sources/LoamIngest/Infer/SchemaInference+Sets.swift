import LoamSchema

extension SchemaInference {
  static let sequenceWords: Set<String> = [
    "history", "hist", "seq", "sequence", "recent", "last", "viewed", "clicked", "visited", "session",
  ]
  static let setWords: Set<String> = ["genres", "genre", "tags", "categories", "keywords", "interests", "words"]

  /// A multi or sequence field where a separator stands in enough of the values; `nil` for a single value.
  static func severalValues(_ profile: ColumnProfile, kind: RecordFormat.Kind) -> IDField? {
    let isPairs = kind == .libsvm || kind == .libffm
    if kind == .libsvm, profile.word == "features" { return pairs(profile) }
    if profile.isArray { return array(profile) }
    guard !profile.isNumber else { return nil }
    if isPairs { return profile.word.hasPrefix("f") ? pairs(profile) : nil }
    let isTyped = profile.type?.hasSuffix("_seq") == true
    let isNamed = profile.isNamed(sequenceWords) || profile.isNamed(setWords)
    // RecBole separates by blanks.
    for separator in isTyped ? [" "] : ColumnProfile.separators {
      let share = Double(profile.separated[separator] ?? 0) / Double(profile.present)
      guard share >= (isNamed || isTyped ? 0.05 : 0.2) else { continue }
      let values = profile.counts.keys.flatMap { $0.split(separator: separator).map { String($0).withoutBlanksAround } }
      let isSure = isTyped || isNamed && separator != " " && separator != "," || profile.isNamed(setWords)
      guard isSure || isList(values, separator: separator) else { continue }
      var field = IDField(name: "", column: profile.column, shape: .multi, separator: separator)
      if profile.isNamed(sequenceWords) { field.shape = .sequence }
      let weighted = values.allSatisfy { isWeighted($0) }
      if weighted, field.shape == .multi { field.weightSeparator = ":" }
      let bare = weighted && field.shape == .multi ? values.map { String($0.prefix { $0 != ":" }) } : values
      if bare.allSatisfy(isPlainInteger) { field.kind = .integer }
      return field
    }
    return nil
  }

  private static func array(_ profile: ColumnProfile) -> IDField {
    let values = profile.counts.keys.flatMap { $0.split(separator: InferenceSample.arraySeparator).map(String.init) }
    return IDField(
      name: "", column: profile.column, kind: values.allSatisfy(isPlainInteger) ? .integer : .string,
      shape: profile.isNamed(sequenceWords) ? .sequence : .multi, separator: InferenceSample.arraySeparator)
  }

  private static func pairs(_ profile: ColumnProfile) -> IDField {
    IDField(
      name: "", column: profile.column, kind: .integer, shape: .multi, separator: " ", weightSeparator: ":")
  }

  /// Prose and names such as `New York` have blanks too: only what repeats, or counts, is a list.
  private static func isList(_ values: [String], separator: String) -> Bool {
    if values.allSatisfy({ isPlainInteger($0) || isWeighted($0) }) { return true }
    if separator == " " || separator == "," { return false }
    return Set(values).count * 2 <= values.count && values.allSatisfy { $0.utf8.count <= 40 }
  }

  private static func isWeighted(_ text: String) -> Bool {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    return parts.count == 2 && !parts[0].isEmpty && Double(parts[1]) != nil
  }

  private static func isPlainInteger(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (48...57).contains($0) } && UInt64(text).map { $0 <= ID.largest } == true
      && (text == "0" || text.first != "0")
  }

  /// A list whose values are mostly those of one single field names the same things: they share an ID space.
  mutating func shareSpaces(_ rest: [ColumnProfile]) {
    let byColumn = Dictionary(rest.map { ($0.column, $0) }, uniquingKeysWith: { first, _ in first })
    for index in schema.ids.indices where schema.ids[index].shape != .single {
      let field = schema.ids[index]
      guard field.weightSeparator == nil, let profile = byColumn[field.column] else { continue }
      let values = Set(profile.counts.keys.flatMap { $0.split(separator: field.separator).map(String.init) })
      var best: (share: Double, name: String) = (0.3, "")
      for other in schema.ids where other.shape == .single && other.kind == field.kind {
        guard let known = byColumn[other.column], known.distinct >= 20 else { continue }
        let share = Double(values.count { known.counts[$0] != nil }) / Double(values.count)
        if share > best.share { best = (share, other.name) }
      }
      guard !best.name.isEmpty else { continue }
      schema.ids[index].space = best.name
      notes[field.name, default: ""] += "; \(Int(best.share * 100)) % of them are values of \(best.name)"
    }
  }

  /// What a user did, where there is a time, a user and an item.
  mutating func addTimeline() {
    func single(_ names: [String]) -> String? {
      schema.ids.first { $0.shape == .single && names.contains($0.name.lowercased()) }?.name
    }
    guard schema.eventTime != nil, let user = single(["user", "user_id", "userid", "uid", "visitor_id"]),
      let item = single(["item", "item_id", "itemid", "iid", "ad_id", "movie_id", "product_id", "sid"])
    else { return }
    let label = schema.labels.first { $0.kind == .binary }
    schema.timelines = [
      TimelineField(
        name: user, entity: user, when: label.map { [.init(label: $0.name, equals: 1)] } ?? [], fields: [item])
    ]
    notes["timelines.\(user)"] = "which of a user's rows become events?"
  }
}
