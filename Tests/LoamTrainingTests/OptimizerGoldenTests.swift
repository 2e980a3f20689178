import Foundation
import LoamQuery
import LoamStore
import LoamTensor
import Testing

@testable import LoamTraining

/// 1,000 steps of each optimizer against the numbers of tools/reference/optimizers.py (PyTorch, f64).
@Suite("Optimizers beside PyTorch")
struct OptimizerGoldenTests {
  static let (rows, width, rate) = (4, 5, 0.05)

  static func golden(_ name: String) throws -> [[Double]] {
    let url = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden/optimizers.json")
    let all = try JSONDecoder().decode([String: [[Double]]].self, from: Data(contentsOf: url))
    return try #require(all[name])
  }

  static func firstValue(_ row: Int, _ element: Int) -> Float {
    Float(0.6 * sin(1 + 1.3 * Double(element) + 2.1 * Double(row)))
  }

  static func isUsed(_ step: Int, _ row: Int) -> Bool { (7 * step + 3 * row) % 5 <= row }

  static func gradient(_ step: Int, _ row: Int, _ element: Int, _ weight: Float) -> Float {
    let pull = 0.1 * Double(weight) - 0.15 * Double(element - 2)
    return Float(pull + 0.8 * sin(0.37 * Double(step) + 1.1 * Double(element) + 0.5 * Double(row)))
  }

  static func config(_ name: String) -> TableOptimizerConfig {
    var config = TableOptimizerConfig(
      TableOptimizerConfig.Kind(rawValue: name.replacing("_l2", with: "").replacing("_ar", with: ""))!)
    config.rate = rate
    switch name {
    case "every_row_adam_l2", "adam_l2": config.l2 = 0.05
    case "adamw": config.decay = 0.01
    case "adam_ar": config.gapDecay = 0.2
    case "ftrl": (config.rate, config.l1, config.l2) = (0.5, 0.3, 0.1)
    default: break
    }
    return config
  }

  static func expectClose(_ found: [Float], _ expected: [Double], _ what: String) {
    for (index, (a, b)) in zip(found, expected).enumerated() {
      #expect(abs(Double(a) - b) <= 2e-4 * max(1, abs(b)), "\(what), element \(index): \(a), PyTorch \(b)")
    }
  }

  @Test(arguments: [
    "sgd", "adagrad", "rowwise_adagrad", "adam", "adam_l2", "every_row_adam", "every_row_adam_l2", "adamw", "adam_ar",
    "ftrl",
  ])
  func `Rows of a table follow it for 1,000 steps`(name: String) throws {
    let golden = try Self.golden(name)
    let planted = try PlantedStore(shards: 1)
    let config = Self.config(name)
    let definition = TableDefinition(space: "item", dimension: Self.width, hasWeight: false)
    let spec = EmbeddingLayout.spec(definition, model: "m", optimizer: config, deviation: 0, seed: 1)
    let write = try planted.store.begin([spec])
    let table = try TrainingTable(
      definition, spec, config, write: write,
      admission: Admission(write.base, space: "item", logs: [], minimum: 1), decayLog: 0)
    let rows = try (0..<Self.rows).map { try table.admit(UInt64($0)) }
    for (row, reference) in rows.enumerated() {
      let start = try table.writer.mutableRow(table.layout.vector!.index, reference).assumingMemoryBound(to: Float.self)
      for element in 0..<Self.width { start[element] = Self.firstValue(row, element) }
    }
    var weights = [Float](repeating: 0, count: Self.rows * Self.width)
    for number in 1...1_000 {
      try table.fetch(rows, vectors: &weights, weights: nil)
      let used = (0..<Self.rows).filter { Self.isUsed(number, $0) }
      var batch = FeatureBatch.Rows()
      batch.references = used.map { rows[$0] }
      batch.occurrences = used.map { _ in 1 }
      batch.starts = [0, used.count]
      let gradients = used.flatMap { row in
        (0..<Self.width).map { Self.gradient(number, row, $0, weights[row * Self.width + $0]) }
      }
      let step = TableStep(config, number: UInt64(number), rate: config.rate)
      table.beginUpdate(step)
      try gradients.withUnsafeBufferPointer { gradients in
        try table.update(shard: 0, batch, .init(vectors: gradients.baseAddress), step)
      }
      guard number % 100 == 0 else { continue }
      try table.fetch(rows, vectors: &weights, weights: nil)
      Self.expectClose(weights, golden[number / 100 - 1], "\(name), step \(number)")
    }
  }

  @Test(arguments: ["sgd", "adagrad", "every_row_adam", "every_row_adam_l2", "ftrl"])
  func `Dense weights follow it for 1,000 steps`(name: String) throws {
    let golden = try Self.golden(name)
    let table = Self.config(name)
    var config = DenseOptimizerConfig(
      DenseOptimizerConfig.Kind(rawValue: name) ?? .adam)
    (config.rate, config.l1, config.l2) = (table.rate, table.l1, table.l2)
    let count = Self.rows * Self.width
    let parameter = Parameter(
      "w", Tensor(Shape(count), (0..<count).map { Self.firstValue($0 / Self.width, $0 % Self.width) }))
    let optimizer = config.make([parameter])
    for number in 1...1_000 {
      let gradients = (0..<count).map { index in
        Self.isUsed(number, index / Self.width)
          ? Self.gradient(number, index / Self.width, index % Self.width, parameter.value.values[index]) : 0
      }
      parameter.gradient.copy(from: Tensor(parameter.gradient.shape, gradients))
      optimizer.step(rate: Float(config.rate))
      if number % 100 == 0 {
        Self.expectClose(parameter.value.values, golden[number / 100 - 1], "\(name), step \(number)")
      }
    }
  }
}
