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
}
