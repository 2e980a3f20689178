import Foundation
import LoamQuery
import LoamSchema
import LoamStore
import LoamTraining
import Testing

@testable import LoamImport

@Suite struct TrainableTests {
  /// A model `ctr` with a table `user` of two rows under Adagrad, whose rows decay lazily.
  private func trained() throws -> ImportStore {
    let importing = try ImportStore()
    let specs = [
      TableSpec(
        TableName(.embedding, "ctr/user"),
        columns: [
          ColumnSpec("vector", .f32, width: 2), ColumnSpec("vector.sum", .f32, width: 2), ColumnSpec("count", .u64),
          ColumnSpec("decay", .f64),
        ]), TableSpec(TableName(.model, "ctr")),
    ]
    let write = try importing.store.begin(specs)
    let table = try IDTableWriter(write, specs[0])
    for id: ID in [3, 4] {
      let row = try table.findOrInsert(id)
      try table.mutableRow(0, row).assumingMemoryBound(to: Float.self).update(repeating: 8, count: 2)
      try table.mutableRow(1, row).assumingMemoryBound(to: Float.self).update(repeating: 7, count: 2)
      try table.mutableRow(2, row).storeBytes(of: 5, as: UInt64.self)
    }
    try table.flush()
    let blobs = try BlobWriter(write, specs[1])
    let definition = ModelDefinition(
      name: "ctr", architecture: "fm", labels: ["click"], fields: [.init(name: "user", table: 0)],
      tables: [.init(space: "user", dimension: 2, hasWeight: false)])
    blobs.set("definition", try [UInt8](JSONEncoder().encode(definition)))
    blobs.set(
      "config",
      Array(
        """
        model: fm
        name: ctr
        label: click
        train: train
        optimizer: {tables: {kind: adagrad, initial_accumulator: 0.25, decay: 0.01}}
        """.utf8))
    blobs.set("decay/user", Foreign.bytes([-1.0]))
    blobs.set("tensors", Array(#"[{"name":"mlp.0.weight","shape":[2,1]},{"name":"bias","shape":[1]}]"#.utf8))
    blobs.set("tensor/mlp.0.weight", Foreign.bytes([1, 2] as [Float]))
    blobs.set("tensor/bias", Foreign.bytes([3] as [Float]))
    try blobs.flush()
    try write.publish()
    return importing
  }

  @Test func `rows of a model are set as if they had just begun, and others stay`() throws {
    let importing = try trained()
    let csv = try importing.file("a.csv", Array("3,1,2\n9,5,6\n".utf8))
    let report = try importing.take(csv, ImportOptions(table: "ctr/user", isTrainable: true))
    #expect(report.rows == 2)
    let reader = try #require(try importing.reader("ctr/user"))
    // No decay is due of what was set.
    #expect(try reader.vector(of: 3) == [1, 2])
    #expect(try reader.vector(of: 9) == [5, 6])
    #expect(try reader.vector(of: 4) == [8, 8].map { $0 * Float(exp(-1.0)) })
    for (id, sum, count) in [(ID(3), Float(0.25), UInt64(5)), (4, 7, 5), (9, 0.25, 0)] {
      var sums: [Float] = [0, 0]
      var counts: [UInt64] = [0]
      let row = try reader.table.find(id)
      try sums.withUnsafeMutableBytes { try reader.table.read("vector.sum", [row], into: $0.baseAddress!) }
      try counts.withUnsafeMutableBytes { try reader.table.read("count", [row], into: $0.baseAddress!) }
      #expect(sums == [sum, sum] && counts == [count], "\(id)")
    }
    #expect(try importing.store.verify().problems.isEmpty)
  }

  @Test func `dense tensors are set by name`() throws {
    let importing = try trained()
    let header = #"{"mlp.0.weight":{"dtype":"F16","shape":[2,1],"data_offsets":[0,4]}}"#
    let file = try importing.file(
      "d.safetensors", Foreign.safetensors(header, Foreign.bytes([0x3C00, 0xB800] as [UInt16])))
    let report = try DenseImporter(importing.store, model: "ctr").run(file)
    #expect(report.set == ["mlp.0.weight"] && report.kept == ["bias"])
    let blobs = try #require(try ModelBlobs(importing.store.snapshot(), model: "ctr"))
    #expect(try blobs.floats("tensor/mlp.0.weight", count: 2) == [1, -0.5])
    #expect(try blobs.floats("tensor/bias", count: 1) == [3])
    let before = try importing.store.versions()
    for (name, shape, code) in [
      ("mlp.0.weigth", "[2,1]", "import.unknown-tensor"), ("bias", "[2,1]", "import.mismatch"),
    ] {
      let header = "{\"\(name)\":{\"dtype\":\"F16\",\"shape\":\(shape),\"data_offsets\":[0,4]}}"
      let file = try importing.file("e.safetensors", Foreign.safetensors(header, [0, 0, 0, 0]))
      let error = #expect(throws: ImportError.self) { try DenseImporter(importing.store, model: "ctr").run(file) }
      #expect(error?.code == code)
    }
    #expect(try importing.store.versions() == before)
  }

  /// A log of users 1 to 4, who click by turns.
  private func fill(_ importing: ImportStore) throws -> Schema {
    let spec = TableSpec(TableName(.log, "train"))
    let write = try importing.store.begin([spec])
    let log = try FeatureLogWriter(write, spec)
    var group = RowGroup(rowCount: 64)
    group.columns["id/user"] = .ids(CodedIDs(distinct: [1, 2, 3, 4], codes: (0..<64).map { $0 % 4 }))
    group.columns["label/click"] = .real((0..<64).map { Float($0 % 2) })
    try log.append(group)
    try log.flush()
    try write.publish()
    return try Schema.parse(yaml: importing.store.snapshot().schemaText()!, file: "schema")
  }

  private func config(_ schema: Schema, _ fields: String, _ more: String = "") throws -> ModelConfig {
    try ModelConfig(
      yaml: """
        {model: fm, name: ctr, label: click, train: train, batch_size: 8, epochs: 2, fields: {only: [user], \(fields)},
         optimizer: {tables: {kind: adagrad, rate: 0.0001}} \(more)}
        """, file: "config", schema: schema)
  }

  @Test func `a new model begins with imported vectors, also after an interruption and whatever is imported then`()
    throws
  {
    var roots: [String] = []
    for isInterrupted in [false, true] {
      let importing = try ImportStore()
      let schema = try fill(importing)
      let csv = try importing.file("a.csv", Array("1,1,-2\n2,3,4\n9,5,6\n<unk>,0.5,0.25\n".utf8))
      let options = ImportOptions(table: "w2v/user", replaces: true, unknown: "<unk>", type: .f16)
      try importing.take(csv, options)
      let config = try self.config(schema, "dimension: 2, vectors: {user: w2v/user}")
      #expect(try ModelConfig(yaml: config.yaml, file: "again", schema: schema) == config)
      let trainer = Trainer(store: importing.store, schema: schema, config: config)
      if isInterrupted {
        #expect(try trainer.run(stopping: { true }).end == .interrupted)
        try importing.take(importing.file("b.csv", Array("1,7,7\n3,7,7\n4,7,7\n".utf8)), options)
      }
      #expect(try trainer.run().end == .epochsDone)
      let begun: [ID: [Float]] = [1: [1, -2], 2: [3, 4], .unknown: [0.5, 0.25], 3: [0, 0], 4: [0, 0]]
      for (id, expected) in begun {
        let vector = try #require(try importing.vector("ctr/user", id))
        // Sixteen steps of at most 0.0001; draws of others are as small.
        for (a, b) in zip(vector, expected) { #expect(abs(a - b) < 0.005 && a != 0, "\(id) \(vector)") }
      }
      // What no log names gets no row.
      #expect(try importing.vector("ctr/user", ID(9)) == nil)
      roots.append(try importing.store.snapshot().record.tables["embedding:ctr/user"]!.root.description)
    }
    #expect(roots[0] == roots[1])
  }

  @Test func `vectors that do not fit the model are refused before it begins`() throws {
    let importing = try ImportStore()
    let schema = try fill(importing)
    try importing.take(importing.file("a.csv", Array("1,1,2\n".utf8)), ImportOptions(table: "w2v/user"))
    let before = try importing.store.versions()
    for fields in ["dimension: 3, vectors: {user: w2v/user}", "dimension: 2, vectors: {user: w3v/user}"] {
      let config = try self.config(schema, fields)
      let error = #expect(throws: TrainingError.self) {
        _ = try Trainer(store: importing.store, schema: schema, config: config).run()
      }
      #expect(error?.code == "training.bad-config" && error?.hint != nil)
    }
    #expect(try importing.store.versions() == before)
    for (fields, more) in [
      ("vectors: {user: w2v/word}", ""), ("vectors: {word: w2v/word}", ""), ("vectors: {user: user}", ""),
      ("vectors: {user: w2v/user}", ", reinitialise: all"),
    ] {
      #expect(throws: SchemaError.self) { try config(schema, fields, more) }
    }
  }

  @Test func `no model is trained under the name of a frozen table`() throws {
    let importing = try ImportStore()
    try importing.take(importing.file("a.csv", Array("3,1,2\n".utf8)), ImportOptions(table: "ctr/user"))
    let schema = try Schema.parse(yaml: importing.store.snapshot().schemaText()!, file: "schema")
    let config = try ModelConfig(
      yaml: "{model: fm, name: ctr, label: click, train: train}", file: "config", schema: schema)
    let error = #expect(throws: TrainingError.self) {
      _ = try Trainer(store: importing.store, schema: schema, config: config).run()
    }
    #expect(error?.code == "training.model-exists")
  }

  @Test func `what does not fit the model is refused`() throws {
    let importing = try trained()
    let csv = try importing.file("a.csv", Array("3,1,2,3\n".utf8))
    for (options, code) in [
      (ImportOptions(table: "ctr/user", isTrainable: true), "import.mismatch"),
      (ImportOptions(table: "ctx/user", isTrainable: true), "import.unknown-model"),
      (ImportOptions(table: "ctr/user"), "import.table-exists"),
      (ImportOptions(table: "ctr/user", isTrainable: true, type: .f16), "import.mismatch"),
    ] {
      let error = #expect(throws: ImportError.self) { try importing.take(csv, options) }
      #expect(error?.code == code)
    }
  }
}
