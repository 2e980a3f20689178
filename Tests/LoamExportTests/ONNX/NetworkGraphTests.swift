import LoamModels
import LoamQuery
import LoamSchema
import LoamTensor
import ONNXProto
import Testing

@testable import LoamExport

struct NetworkGraphTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var model: String
    var options: ModelOptions = [:]
    var tasks: [TaskShape] = [TaskShape(name: "click")]
    var hasSequence = false
    var hasDense = true
    var testDescription: String { "\(model) \(options.values.keys.sorted())" }
  }
  static let two = [TaskShape(name: "click"), TaskShape(name: "kind", kind: .classes(3))]
  static let cases: [Case] = [
    Case(model: "lr"), Case(model: "fm"), Case(model: "deepfm", options: ["hidden": [5], "batch_norm": true]),
    Case(model: "deepfm", options: ["hidden": [5], "activation": "gelu"], tasks: two),
    Case(model: "wide_deep", options: ["hidden": [5], "activation": "silu"]),
    Case(model: "dlrm", options: ["bottom": [4], "hidden": [5]]), Case(model: "dlrm", hasDense: false),
    Case(model: "dcnv2", options: ["hidden": [5]], tasks: two),
    Case(model: "dcnv2", options: ["hidden": [5], "structure": "stacked"]),
    Case(model: "dcnv2", options: ["structure": "cross", "low_rank": 3, "experts": 2]),
    Case(
      model: "finalmlp", options: ["hidden1": [6], "hidden2": [4], "heads": 2, "gate_hidden": [5], "context1": ["a"]]),
    Case(model: "masknet", options: ["hidden": [6]]),
    Case(model: "masknet", options: ["structure": "parallel", "hidden": [5], "block_width": 8]),
    Case(model: "autoint", options: ["attention_width": 6, "layer_norm": true, "hidden": [5]]),
    Case(model: "fibinet", options: ["bilinear": "all", "hidden": [5]]),
    Case(model: "fibinet", options: ["bilinear": "each", "hidden": [5]]),
    Case(model: "fibinet", options: ["hidden": [5]]), Case(model: "din", options: ["target": "b"], hasSequence: true),
    Case(model: "din", options: ["target": "b", "softmax": true], hasSequence: true),
    Case(model: "din", options: ["target": "b", "pooling": "mean"], hasSequence: true),
    Case(model: "sasrec", options: ["target": "a"], hasSequence: true),
    Case(model: "mmoe", options: ["experts": 2, "expert_hidden": [4], "gate_hidden": [3]], tasks: two),
    Case(model: "ple", options: ["layers": 2, "expert_hidden": [4]], tasks: two), Case(model: "dhen", tasks: two),
    Case(
      model: "dhen", options: ["modules": ["linear", "attention", "dcn", "dot", "mlp"], "vectors": 3, "target": "a"],
      hasSequence: true),
  ]

  static func definition(_ given: Case) throws -> (ModelDefinition, any Model) {
    let needs = ModelRegistry.model(named: given.model)!.needs
    let table = TableDefinition(space: "s", dimension: needs.vectors ? 4 : 0, hasWeight: needs.weights)
    var fields = ["a", "b", "c"].map { FieldDefinition(name: $0, table: 0) }
    if given.hasSequence { fields.append(FieldDefinition(name: "history", shape: .sequence, table: 0, length: 5)) }
    let definition = ModelDefinition(
      name: "m", architecture: given.model,
      tasks: given.tasks.map { task in
        if case .classes(let count) = task.kind {
          return TaskDefinition(label: task.name, kind: .class, classes: (0..<count).map { "\($0)" })
        }
        return TaskDefinition(label: task.name)
      }, fields: fields, tables: [table],
      dense: given.hasDense ? [DenseDefinition(name: "x", steps: [.log1p, .bucketise([1, 2])])] : [],
      options: given.options.values)
    return (definition, try definition.makeModel())
  }

  @Test(arguments: cases) func `every model becomes a graph whose nodes read only what stands before them`(
    _ given: Case
  )
    throws
  {
    let (definition, model) = try Self.definition(given)
    let graph = try ModelGraph(definition, NetworkTrace(model, definition.shape), tables: []).builder.graph
    var known = Set(graph.initializer.map(\.name) + graph.input.map(\.name))
    #expect(known.count == graph.initializer.count + graph.input.count)
    for node in graph.node {
      for input in node.input { #expect(known.contains(input), "\(node.name) reads \(input)") }
      for output in node.output { #expect(known.insert(output).inserted, "\(output) is written twice") }
    }
    for output in graph.output { #expect(known.contains(output.name)) }
    #expect(graph.output.map(\.name) == given.tasks.map(\.name))
    // The network's parameters are in the graph, all but those of a loss of training alone.
    let names = Set(graph.initializer.map(\.name))
    for parameter in model.parameters { #expect(names.contains("network/\(parameter.name)"), "\(parameter.name)") }
  }

  @Test func `the names of the models are all tried`() {
    #expect(Set(Self.cases.map(\.model)) == Set(ModelRegistry.names))
  }

  @Test func `an axis is a number or a multiple of the batch`() throws {
    let (definition, model) = try Self.definition(Case(model: "fibinet", options: ["hidden": [5]]))
    let trace = try NetworkTrace(model, definition.shape)
    #expect(try trace.axes(trace.logits.index) == [.batch(1), .fixed(1)])
    let folded = trace.tape.nodes.indices.first { (try? trace.axes($0).first) == .batch(3) }
    #expect(try trace.axes(#require(folded)) == [.batch(3), .fixed(4)])
  }

  @Test(arguments: [
    EventFields(actions: "kind", actionIDs: [1, 2]), EventFields(ages: "age"),
    EventFields(actions: "kind", actionIDs: [1, 2], ages: "age"),
  ])
  func `a model that reads the types or ages of events is refused, and told what to export instead`(
    _ events: EventFields
  ) throws {
    var (definition, _) = try Self.definition(Case(model: "dhen", options: ["target": "a"], hasSequence: true))
    definition.fields[3].events = events
    let model = try definition.makeModel()
    let error = #expect(throws: ExportError.self) {
      _ = try ModelGraph(definition, NetworkTrace(model, definition.shape), tables: [])
    }
    #expect(error?.code == "export.unsupported" && error?.message.contains("types or ages of events") == true)
    #expect(error?.hint?.contains("safetensors") == true)
  }

  @Test func `a network that computes beside its tape is refused`() throws {
    let model = try SecretiveModel(
      shape: ModelShape(
        fields: [FieldShape(name: "a", dimension: 2)], denseCount: 0, tasks: [TaskShape(name: "click")]),
      options: [:], seed: 1)
    let definition = ModelDefinition(
      name: "m", architecture: "secretive", labels: ["click"], fields: [.init(name: "a", table: 0)],
      tables: [.init(space: "s", dimension: 2, hasWeight: false)])
    let error = #expect(throws: ExportError.self) {
      _ = try ModelGraph(definition, NetworkTrace(model, definition.shape), tables: [])
    }
    #expect(error?.code == "export.unsupported")
  }
}

/// Halves its vectors in memory and gives the tape the result.
private final class SecretiveModel: Model {
  static let name = "secretive"
  static let needs = ModelNeeds(vectors: true, weights: false)
  typealias Settings = NoSettings
  let options = ModelOptions()
  let parameters: [Parameter] = []
  let buffers: [(name: String, tensor: Tensor)] = []

  init(shape: ModelShape, options: ModelOptions, seed: UInt64) throws(ModelError) {}

  func forward(_ tape: Tape, _ inputs: ModelInputs, training: Bool, step: UInt64) -> ModelOutput {
    let vectors = tape.value(of: inputs.vectors!)
    let halves = Tensor(Shape(vectors.shape[0], 2), vectors.values.map { $0 / 2 })
    return ModelOutput(logits: tape.slice(tape.input(halves), columns: 0..<1))
  }
}
