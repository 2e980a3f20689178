import LoamModels
import LoamQuery
import ONNXProto

/// The whole graph of a model: features of a request in, one output a label.
///
/// ```
///   network          item [batch, dimension] ─────┐
///                    item:weight [batch] ─────────┤
///                    history [batch, length, ...] ┼─ network ─ logits ─ click [batch]
///                    price [batch] ─ transforms ──┘
///
///   self-contained   item [batch] ─ search ─ row ─ vector, weight ─ as above
/// ```
/// A field's inputs have its name, with `:weight`, `:mask` or `:values` behind a colon, which no name of a schema has.
struct ModelGraph {
  let definition: ModelDefinition
  let trace: NetworkTrace
  /// Of the tables, in their order; empty for the form `network`.
  let tables: [GraphTable]
  private(set) var builder = GraphBuilder()

  init(_ definition: ModelDefinition, _ trace: NetworkTrace, tables: [GraphTable]) throws(ExportError) {
    (self.definition, self.trace, self.tables) = (definition, trace, tables)
    for table in tables {
      for tensor in table.tensors { builder.initialiser(tensor) }
    }
    let inputs = tables.isEmpty ? vectorInputs() : tableInputs()
    var network = NetworkGraph(trace, builder, inputs)
    let logits = try network.write()
    builder = network.builder
    addOutputs(logits)
  }

  var pooled: [FieldDefinition] { definition.fields.filter { $0.length == 0 } }

  /// The form `network`.
  private mutating func vectorInputs() -> NetworkGraph.Inputs {
    var inputs = NetworkGraph.Inputs()
    var (vectors, weights): ([String], [String]) = ([], [])
    for field in pooled {
      let table = definition.tables[field.table]
      if trace.inputs.vectors != nil {
        builder.input(
          field.name, .f32, [.batch, .fixed(table.dimension)], "the vector of the ID, or the mean of several")
        vectors.append(builder.unsqueeze(field.name, 1))
      }
      if trace.inputs.weights != nil {
        builder.input("\(field.name):weight", .f32, [.batch], "the weight of the ID, or the mean of several")
        weights.append(builder.unsqueeze("\(field.name):weight", 1))
      }
    }
    for field in definition.fields where field.length > 0 {
      let mask = "\(field.name):mask"
      builder.input(
        field.name, .f32, [.batch, .fixed(field.length), .fixed(definition.tables[field.table].dimension)],
        "vectors of the events, the newest one last, zeros in front of the oldest")
      builder.input(mask, .f32, [.batch, .fixed(field.length)], "1 at events, 0 in front of the oldest")
      inputs.sequences.append((field.name, mask))
    }
    return join(inputs, vectors, weights)
  }

  /// The form `self_contained`.
  private mutating func tableInputs() -> NetworkGraph.Inputs {
    var (vectors, weights): ([String], [String]) = ([], [])
    for field in pooled {
      let (vector, weight) = tables[field.table].look(up: field, &builder)
      if let vector, trace.inputs.vectors != nil { vectors.append(builder.unsqueeze(vector, 1)) }
      if let weight, trace.inputs.weights != nil { weights.append(builder.unsqueeze(weight, 1)) }
    }
    return join(NetworkGraph.Inputs(), vectors, weights)
  }

  private mutating func join(_ inputs: NetworkGraph.Inputs, _ vectors: [String], _ weights: [String])
    -> NetworkGraph.Inputs
  {
    var inputs = inputs
    if !vectors.isEmpty { inputs.vectors = builder.concat(vectors, axis: 1) }
    if !weights.isEmpty { inputs.weights = builder.concat(weights, axis: 1) }
    let dense = definition.dense.map { denseInput($0) }
    if !dense.isEmpty { inputs.dense = builder.concat(dense.map { builder.unsqueeze($0, 1) }, axis: 1) }
    return inputs
  }

  /// The raw number in, in f64 through the transforms as Loam does it; NaN, a missing number, is read as 0.
  private mutating func denseInput(_ field: DenseDefinition) -> String {
    builder.input(field.name, .f32, [.batch], "the raw number; NaN where it is missing")
    var x = builder.cast(field.name, to: .f64)
    for step in field.steps {
      switch step {
      case .log1p:
        let grown = builder.node("Log", builder.node("Add", builder.node("Abs", x), builder.double(1)))
        x = builder.node("Mul", builder.node("Sign", x), grown)
      case .shift(let mean, let scale):
        x = builder.node("Mul", builder.node("Sub", x, builder.double(mean)), builder.double(scale))
      case .bucketise(let boundaries):
        let passed = builder.node("LessOrEqual", builder.doubles(boundaries), builder.unsqueeze(x, 1))
        x = builder.node(
          "ReduceSum", builder.cast(passed, to: .f64), builder.ints([1]), with: [.int("keepdims", 0)])
      case .clip(let lower, let upper):
        x = builder.node("Min", builder.node("Max", x, builder.double(lower)), builder.double(upper))
      }
    }
    return builder.node(
      "Where", builder.node("IsNaN", field.name), builder.float(0), builder.cast(x, to: .f32))
  }

  private mutating func addOutputs(_ logits: String) {
    var begin = 0
    for task in definition.tasks {
      let columns = begin..<begin + task.outputs
      begin = columns.upperBound
      let own = builder.node(
        "Slice", logits, builder.ints([Int64(columns.lowerBound)]), builder.ints([Int64(columns.upperBound)]),
        builder.ints([1]))
      switch task.kind {
      case .class:
        _ = builder.node("Softmax", [own], with: [.int("axis", 1)], named: task.label)
        builder.output(
          task.label, [.batch, .fixed(task.outputs)],
          "probabilities of the classes \(task.classes.joined(separator: ", "))")
      case .binary:
        let probability = builder.node("Sigmoid", own)
        _ = builder.node("Reshape", [probability, builder.ints([-1])], named: task.label)
        builder.output(task.label, [.batch], "the probability")
      case .real:
        _ = builder.node("Reshape", [own, builder.ints([-1])], named: task.label)
        builder.output(task.label, [.batch], "the number")
      }
    }
  }
}
