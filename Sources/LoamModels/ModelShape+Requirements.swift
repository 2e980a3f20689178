/// What models ask of the shapes that they are made for.
extension ModelShape {
  /// The dimension that all fields share; nil without fields.
  func commonDimension(of model: String) throws(ModelError) -> Int? {
    guard let first = fields.first else { return nil }
    for field in fields where field.dimension != first.dimension {
      throw ModelError(
        .badShape,
        "\(model) needs one dimension for all fields: \(first.name) has \(first.dimension), \(field.name) \(field.dimension)"
      )
    }
    return first.dimension
  }

  /// The dimension of the ID fields, of which there must be `count` at least.
  func requireFields(_ count: Int = 1, of model: String) throws(ModelError) -> Int {
    guard fields.count >= count, let dimension = try commonDimension(of: model) else {
      throw ModelError(
        .badShape,
        count == 1
          ? "\(model) needs ID fields"
          : "\(model) needs \(count) ID fields at least, found \(fields.map(\.name))")
    }
    return dimension
  }

  func requireOneOutput(of model: String) throws(ModelError) {
    guard outputs == 1 else {
      throw ModelError(
        .badShape, "\(model) predicts one number, found \(outputs) for the tasks \(tasks.map(\.name))")
    }
  }

  func requireInputs(of model: String) throws(ModelError) {
    guard !fields.isEmpty || denseCount > 0 else {
      throw ModelError(.badShape, "\(model) has neither ID fields nor dense features to read")
    }
  }

  func requireNoSequences(of model: String) throws(ModelError) {
    guard sequences.isEmpty else {
      throw ModelError(.badShape, "\(model) reads no sequences, found \(sequences.map(\.name))")
    }
  }

  /// The place of a field that an option names.
  func field(_ name: String, option: String, of model: String) throws(ModelError) -> Int {
    guard let place = fields.firstIndex(where: { $0.name == name }) else {
      throw ModelError(
        .badShape, "\(option) of \(model) names the field '\(name)'; its fields are \(fields.map(\.name))")
    }
    return place
  }

  /// The place of a sequence that an option names; the only one, where it names none.
  func sequence(_ name: String, option: String, of model: String) throws(ModelError) -> Int {
    if name.isEmpty, sequences.count == 1 { return 0 }
    guard let place = sequences.firstIndex(where: { $0.name == name }) else {
      throw ModelError(
        .badShape, "\(option) of \(model) names the sequence '\(name)'; its sequences are \(sequences.map(\.name))")
    }
    return place
  }

  func requireDimension(_ dimension: Int, ofSequence place: Int, of model: String) throws(ModelError) {
    let sequence = sequences[place]
    guard sequence.dimension == dimension else {
      throw ModelError(
        .badShape,
        "\(model) needs one dimension for fields and sequences: \(sequence.name) has \(sequence.dimension), the fields \(dimension)"
      )
    }
  }
}
