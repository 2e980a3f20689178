import LoamModels
import LoamQuery
import LoamStore
import LoamTensor
import Testing

@testable import LoamTraining

@Suite struct LanePassTests {
  /// Two fields of one table and one of another, 40 rows: as single values, or as bags of one value each.
  private static func batch(bags: Bool) -> FeatureBatch {
    var batch = FeatureBatch()
    batch.rowCount = 40
    batch.labels = [(0..<40).map { $0 % 3 == 0 ? 1 : 0 }]
    batch.dense = (0..<80).map { Float($0 % 7) / 7 }
    batch.tables = [6, 5].map { count in
      var rows = FeatureBatch.Rows()
      rows.references = (0..<count).map { RowReference(shard: 0, slot: UInt32($0)) }
      return rows
    }
    batch.fields = [(0, 6), (3, 6), (1, 5)].map { first, below in
      var field = FeatureBatch.Field()
      field.codes = (0..<40).map { UInt32(($0 * $0 + first) % below) }
      if bags {
        field.offsets = (0...40).map { UInt32($0) }
        field.shares = .init(repeating: 1, count: 40)
      }
      return field
    }
    return batch
  }

  /// Vectors of 10 are picked, and multiplied by whole rows.
  @Test(arguments: ["dcnv2", "deepfm", "mmoe"], [16, 10])
  func `Rows of vectors that repeat give the sums of rows taken one by one`(
    architecture: String, dimension: Int
  ) throws {
    let definition = ModelDefinition(
      name: "m", architecture: architecture, labels: ["click"],
      fields: [("a", 0), ("b", 0), ("c", 1)].map { FieldDefinition(name: $0.0, table: $0.1) },
      tables: ["x", "y"].map { TableDefinition(space: $0, dimension: dimension, hasWeight: true) },
      dense: ["d", "e"].map { DenseDefinition(name: $0) })
    let runs = try [false, true].map { bags in
      let model = try definition.makeModel()
      let batch = Self.batch(bags: bags)
      let fetched = batch.tables.enumerated().map { table, rows in
        let fetched = FetchedRows(dimension: dimension, hasWeight: true)
        fetched.begin(rows.references.count)
        for at in 0..<rows.references.count * dimension { fetched.vectors[at] = Float((at * 37 + table) % 19 - 9) / 40 }
        for at in 0..<rows.references.count { fetched.weights[at] = Float(at) / 10 }
        return fetched
      }
      let pass = LanePass(model, definition)
      // The second lane of two: rows do not begin at the batch's first one.
      let output = pass.forward(batch, rows: 10..<40, fetched, step: 1)
      let loss = pass.backward(batch, from: output, labelCounts: [40])
      for table in 0..<2 { pass.scatter(batch, table: table, into: fetched[table]) }
      pass.tape.addGradientsToParameters()
      return [pass.tape.value(of: output.logits).values, [loss]]
        + zip(fetched, batch.tables).flatMap { fetched, rows in
          let count = rows.references.count
          return [
            Array(UnsafeBufferPointer(start: fetched.vectorSums, count: count * dimension)),
            Array(UnsafeBufferPointer(start: fetched.weightSums, count: count)),
          ]
        } + model.parameters.map { $0.gradient.values }
    }
    #expect(runs[0].count == runs[1].count && runs[0][2].contains { $0 != 0 })
    for (index, (found, expected)) in zip(runs[0], runs[1]).enumerated() {
      let largest = expected.reduce(0) { max($0, abs($1)) }
      #expect(zip(found, expected).allSatisfy { abs($0 - $1) <= 1e-5 * largest }, "number \(index)")
    }
  }
}
