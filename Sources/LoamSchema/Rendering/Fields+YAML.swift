extension RecordFormat {
  var yaml: String {
    var parts = ["kind: \(kind.rawValue)"]
    let usual = RecordFormat(kind: kind, columns: columns)
    if delimiter != usual.delimiter { parts.append("delimiter: \(YAMLScalar.text(delimiter))") }
    if !columns.isEmpty { parts.append("columns: [\(FieldRun.shortened(columns).joined(separator: ", "))]") }
    if header != usual.header { parts.append("header: \(header)") }
    if !missing.isEmpty { parts.append("missing: \(missing.yamlTexts)") }
    if trim { parts.append("trim: true") }
    return parts.count == 1 ? kind.rawValue : "{\(parts.joined(separator: ", "))}"
  }
}

extension TimeColumn {
  var yaml: String { "{column: \(YAMLScalar.text(column)), unit: \(unit.rawValue)}" }
}

extension LabelField {
  var yaml: String {
    var parts: [String] = []
    if column != name { parts.append("column: \(YAMLScalar.text(column))") }
    if kind == .real { parts.append("kind: real") }
    if kind == .class { parts.append("kind: class, classes: \(classes.yamlTexts)") }
    if !positive.isEmpty { parts.append("positive: \(positive.yamlTexts)") }
    if let threshold { parts.append("threshold: \(YAMLScalar.number(threshold))") }
    if let availableAt { parts.append("available_at: \(availableAt.yaml)") }
    let name = YAMLScalar.text(name)
    return parts.isEmpty ? name : "{name: \(name), \(parts.joined(separator: ", "))}"
  }
}

extension DenseField {
  var parts: [String] {
    var parts: [String] = []
    if column != name { parts.append("column: \(YAMLScalar.text(column))") }
    if !transforms.isEmpty { parts.append("transforms: [\(transforms.map(\.yaml).joined(separator: ", "))]") }
    return parts
  }
}

extension DenseTransform {
  var yaml: String {
    switch self {
    case .log1p: "log1p"
    case .standardise: "standardise"
    case .bucketise(let boundaries): "{bucketise: \(boundaries.yamlNumbers)}"
    case .clip(let lower, let upper): "{clip: \([lower, upper].yamlNumbers)}"
    }
  }
}

extension IDField {
  var parts: [String] {
    let usual = IDField(name: name)
    var parts: [String] = []
    if column != name { parts.append("column: \(YAMLScalar.text(column))") }
    if bucketise.isEmpty, kind != usual.kind { parts.append("kind: \(kind.rawValue)") }
    if shape != usual.shape { parts.append("shape: \(shape.rawValue)") }
    if space != name { parts.append("space: \(YAMLScalar.text(space))") }
    if separator != usual.separator { parts.append("separator: \(YAMLScalar.text(separator))") }
    if let weightSeparator { parts.append("weight_separator: \(YAMLScalar.text(weightSeparator))") }
    if maximumLength != usual.maximumLength { parts.append("maximum_length: \(maximumLength)") }
    if !bucketise.isEmpty { parts.append("bucketise: \(bucketise.yamlNumbers)") }
    if let admission {
      parts.append(
        "admission: {minimum_count: \(admission.minimumCount), epsilon: \(YAMLScalar.number(admission.epsilon)), "
          + "delta: \(YAMLScalar.number(admission.delta))}")
    }
    return parts
  }
}

extension TimelineField {
  /// A class label's value is written as its text, hence the labels.
  func yaml(labels: [LabelField]) -> String {
    var parts = ["name: \(YAMLScalar.text(name))", "entity: \(YAMLScalar.text(entity))"]
    if !when.isEmpty {
      let conditions = when.map { condition in
        let classes = labels.first { $0.name == condition.label && $0.kind == .class }?.classes
        let index = Int(condition.equals)
        let isText = classes?.indices.contains(index) ?? false
        let value = isText ? YAMLScalar.text(classes![index]) : YAMLScalar.number(Double(condition.equals))
        return "\(YAMLScalar.text(condition.label)): \(value)"
      }
      parts.append("when: {\(conditions.joined(separator: ", "))}")
    }
    if !fields.isEmpty { parts.append("fields: [\(FieldRun.shortened(fields).joined(separator: ", "))]") }
    if let pairs { parts.append("pairs: \(YAMLScalar.text(pairs))") }
    return "{\(parts.joined(separator: ", "))}"
  }
}

extension [String] {
  fileprivate var yamlTexts: String { "[\(map(YAMLScalar.text).joined(separator: ", "))]" }
}

extension [Double] {
  fileprivate var yamlNumbers: String { "[\(map(YAMLScalar.number).joined(separator: ", "))]" }
}
