import LoamQuery
import LoamSchema

/// `golden.safetensors`: requests, the rows of tables that they read, and the scores that the model gave.
///
/// ```
///   request:FIELD             U64 [rows]; of several values [values], with
///   request:FIELD:offsets     I64 [rows + 1]      values of row r: offsets[r] ..< offsets[r + 1]
///   request:FIELD:weights     F32 [values]
///   request:DENSE             F32 [rows], raw; NaN: missing
///   table:SPACE:ids, :rows, :weight               as in the file of the table
///   score:LABEL               F32 [rows], or [rows, classes]
/// ```
struct GoldenFile {
  static let name = "golden.safetensors"
  var requests: GoldenRequests
  var tables: [GoldenTable]
  /// One a task.
  var scores: [[Float]]

  func write(to path: String, _ definition: ModelDefinition, _ metadata: [String: String]) throws(ExportError)
    -> FileDigest
  {
    var contents: [String: [UInt8]] = [:]
    var tensors: [SafetensorsTensor] = []
    func add<Element: BitwiseCopyable>(_ name: String, _ type: SafetensorsType, _ shape: [Int], _ values: [Element]) {
      tensors.append(SafetensorsTensor(name, type, shape: shape))
      contents[name] = values.withUnsafeBytes(Array.init)
    }
    for (name, field) in requests.fields {
      add("request:\(name)", .u64, [field.ids.count], field.ids)
      if let offsets = field.offsets { add("request:\(name):offsets", .i64, [offsets.count], offsets) }
      if let weights = field.weights { add("request:\(name):weights", .f32, [weights.count], weights) }
    }
    for (name, values) in requests.dense { add("request:\(name)", .f32, [values.count], values) }
    for table in tables {
      add("table:\(table.space):ids", .u64, [table.ids.count], table.ids)
      if table.dimension > 0 { add("table:\(table.space):rows", .f32, [table.ids.count, table.dimension], table.rows) }
      if table.hasWeight { add("table:\(table.space):weight", .f32, [table.ids.count], table.weights) }
    }
    for (task, scores) in zip(definition.tasks, scores) {
      add("score:\(task.label)", .f32, task.scoreShape(requests.rowCount), scores)
    }
    var writer = try SafetensorsWriter(at: path, tensors: tensors, metadata: metadata)
    for tensor in writer.tensors {
      let content = contents[tensor.name]!
      try writer.append(content.span.bytes, to: tensor.name)
    }
    return try writer.finish()
  }

  /// - Throws: `export.damaged`: a tensor is missing or not as the definition says.
  init(at path: String, _ definition: ModelDefinition, rows: Int) throws(ExportError) {
    let file = GoldenTensors(try SafetensorsReader(at: path))
    requests = GoldenRequests(rowCount: rows)
    for field in definition.requestFields {
      var found = GoldenRequests.Field()
      if field.shape == .single {
        found.ids = try file.elements("request:\(field.name)", .u64, [rows])
      } else {
        let offsets: [Int] = try file.elements("request:\(field.name):offsets", .i64, [rows + 1])
        guard offsets[0] == 0, zip(offsets, offsets.dropFirst()).allSatisfy({ $0 <= $1 }) else {
          throw ExportError(.damaged, "\(Self.name): the offsets of \(field.name) do not ascend from 0")
        }
        found.offsets = offsets
        found.ids = try file.elements("request:\(field.name)", .u64, [offsets[rows]])
        if file.has("request:\(field.name):weights") {
          found.weights = try file.elements("request:\(field.name):weights", .f32, [offsets[rows]])
        }
      }
      requests.fields[field.name] = found
    }
    for field in definition.dense {
      requests.dense[field.name] = try file.elements("request:\(field.name)", .f32, [rows])
    }
    tables = []
    for table in definition.tables {
      let ids: [ID] = try file.elements("table:\(table.space):ids", .u64, nil)
      tables.append(
        GoldenTable(
          space: table.space, ids: ids, dimension: table.dimension,
          rows: table.dimension > 0
            ? try file.elements("table:\(table.space):rows", .f32, [ids.count, table.dimension]) : [],
          weights: table.hasWeight ? try file.elements("table:\(table.space):weight", .f32, [ids.count]) : nil))
    }
    scores = []
    for task in definition.tasks {
      scores.append(try file.elements("score:\(task.label)", .f32, task.scoreShape(rows)))
    }
  }

  init(requests: GoldenRequests, tables: [GoldenTable], scores: [[Float]]) {
    (self.requests, self.tables, self.scores) = (requests, tables, scores)
  }
}

extension TaskDefinition {
  func scoreShape(_ rows: Int) -> [Int] { kind == .class ? [rows, outputs] : [rows] }
}
