import LoamSchema

extension ModelConfig {
  /// `label: click`, or `labels: [click, {name: spend, weight: 0.1}]`: one task each, of the kind that the schema says.
  mutating func readLabels(_ top: YAMLMapping, _ schema: Schema) throws(SchemaError) {
    if top.has("label"), top.has("labels") { throw top.refused("labels", "and 'label' are one key: give one of them") }
    let value = try top.required(top.has("labels") ? "labels" : "label")
    if value.isScalar {
      try addLabel(value, schema)
    } else {
      for entry in try value.list() {
        if entry.isScalar {
          try addLabel(entry, schema)
          continue
        }
        let mapping = try entry.mapping()
        try mapping.refuseUnknownKeys(allowed: ["name", "weight"])
        try addLabel(try mapping.required("name"), schema)
        if let weight = try mapping.double("weight", in: 0...1e6), weight != 1 { labelWeights[labels.last!] = weight }
      }
    }
    guard !labels.isEmpty else { throw value.refused("must name a label") }
  }

  private mutating func addLabel(_ value: YAMLValue, _ schema: Schema) throws(SchemaError) {
    let name = try value.string()
    guard schema.labels.contains(where: { $0.name == name }) else {
      throw value.unknown(name, what: "label", known: schema.labels.map(\.name))
    }
    guard !labels.contains(name) else { throw value.refused("names the label '\(name)' twice", .duplicateName) }
    labels.append(name)
  }

  var labelsYAML: String {
    let entries = labels.map { name in
      labelWeights[name].map { "{name: \(quoted(name)), weight: \($0)}" } ?? quoted(name)
    }
    return "[\(entries.joined(separator: ", "))]"
  }
}
